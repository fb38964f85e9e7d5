// SPDX-License-Identifier: GPL-2.0
/*
 * run_options - the command line of 'netexpert run', word by word
 */
#include <getopt.h>
#include <string.h>

#include "cli.h"
#include "parse.h"
#include "run_options.h"

#define DEFAULT_RING_KIB	4096
#define MOST_RING_BYTES		((uint64_t)NEXP_MOST_RING_KIB << 10)
#define MOST_RINGS		256
#define MOST_WAKE_MS		10000
#define DEFAULT_GRACE_S		5
#define MOST_GRACE_S		3600

/* What getopt_long() answers for a word that is no option, if it takes them in order. */
#define IN_ORDER	1

enum {
	OPTION_RINGS = 256, OPTION_HISTORY, OPTION_HEAP, OPTION_POSTMORTEM, OPTION_GRACE,
	OPTION_JSON, OPTION_NETNS, OPTION_CAPTURE, OPTION_WAKE_BYTES, OPTION_WAKE_MS,
	OPTION_WORKERS, OPTION_TAP, OPTION_NO_CONFIG, OPTION_OUTPUT,
};

/* Return: 0, or the exit code after a complaint. */
static int take_number(const char *name, const char *text, uint64_t least, uint64_t most,
		       uint64_t *ret)
{
	if (!nexp_parse_number(text, least, most, ret))
		return 0;
	return nexp_usage_error("run", "%s '%s' is not a number from %llu to %llu", name, text,
				(unsigned long long)least, (unsigned long long)most);
}

static int take_size(const char *name, const char *text, uint64_t least, uint64_t most,
		     uint64_t *ret)
{
	if (!nexp_parse_size(text, least, most, ret))
		return 0;
	return nexp_usage_error("run", "%s '%s' is not a size from %llu to %llu bytes, such as "
				"512K, 64M or 2G", name, text, (unsigned long long)least,
				(unsigned long long)most);
}

static int take_iface(struct nexp_run_options *options, const char *name)
{
	if (!strcmp(name, "any")) {
		options->any = true;
		return 0;
	}
	if (options->run.nr_names == NEXP_MAX_NAMES)
		return nexp_usage_error("run", "more than %u interfaces", NEXP_MAX_NAMES);
	options->run.names[options->run.nr_names++] = name;
	return 0;
}

static int take_direction(const char *text, enum nexp_direction *ret)
{
	if (!strcmp(text, "in"))
		*ret = NEXP_DIRECTION_IN;
	else if (!strcmp(text, "out"))
		*ret = NEXP_DIRECTION_OUT;
	else if (!strcmp(text, "inout"))
		*ret = NEXP_DIRECTION_INOUT;
	else
		return nexp_usage_error("run", "-Q '%s' is none of in, out and inout", text);
	return 0;
}

/* Somebody wants to write to @path. */
static int take_stdout(struct nexp_run_options *options, const char *option, const char *path)
{
	if (strcmp(path, "-"))
		return 0;
	if (options->writes_stdout)
		return nexp_usage_error("run", "%s - and %s - both want standard output",
					options->writes_stdout, option);
	options->writes_stdout = option;
	return 0;
}

static int take_output(struct nexp_run_options *options, const char *path)
{
	if (options->next.output)
		return nexp_usage_error("run", "--output %s and --output %s both stand before one "
					"expert", options->next.output, path);
	options->next.output = path;
	options->dangling = "--output";
	return take_stdout(options, "--output", path);
}

static int take_expert(struct nexp_run_options *options, const char *text, bool is_writer)
{
	if (options->nr_choices == NEXP_MAX_EXPERTS)
		return nexp_usage_error("run", "more than %d experts", NEXP_MAX_EXPERTS);
	options->next.text = text;
	options->next.is_writer = is_writer;
	if (options->next.output && is_writer)
		return nexp_usage_error("run", "--output %s is for an expert, and -w %s is a file "
					"already", options->next.output, text);
	options->choices[options->nr_choices++] = options->next;
	/* A file of one expert, not of all behind it. */
	options->next.output = NULL;
	options->dangling = NULL;
	return is_writer ? take_stdout(options, "-w", text) : 0;
}

static int take_option(struct nexp_run_options *options, int option, const char *text)
{
	struct nexp_pool_config *pool = &options->run.pool;
	uint64_t number;
	int code;

	switch (option) {
	case IN_ORDER:
		return take_expert(options, text, false);
	case 'w':
		return take_expert(options, text, true);
	case 'i':
		return take_iface(options, text);
	case 'f':
		options->next.filter = *text ? text : NULL;
		options->dangling = "-f";
		break;
	case 'Y':
		options->run.display_filter = *text ? text : NULL;
		break;
	case 'Q':
		return take_direction(text, &options->run.direction);
	case 's':
		code = take_number("-s", text, 0, UINT32_MAX, &number);
		if (!code)
			options->next.snaplen = (uint32_t)number;
		options->dangling = "-s";
		return code;
	case 'c':
		options->dangling = "-c";
		return take_number("-c", text, 0, UINT64_MAX, &options->next.count);
	case 'B':
		return take_number("-B", text, 4, NEXP_MOST_RING_KIB, &options->ring_kib);
	case OPTION_RINGS:
		code = take_number("--rings", text, 1, MOST_RINGS, &number);
		if (!code)
			pool->nr_rings = (uint32_t)number;
		return code;
	case OPTION_HISTORY:
		return take_size("--history", text, 0, MOST_RING_BYTES, &pool->history_size);
	case OPTION_WAKE_BYTES:
		code = take_size("--wake-bytes", text, 1, MOST_RING_BYTES, &number);
		if (!code)
			pool->wake_bytes = (uint32_t)number;
		return code;
	case OPTION_WAKE_MS:
		code = take_number("--wake-ms", text, 1, MOST_WAKE_MS, &number);
		if (!code)
			pool->wake_usecs = (uint32_t)number * 1000;
		return code;
	case OPTION_HEAP:
		return take_size("--heap", text, 4096, NEXP_MOST_HEAP, &pool->heap_limit);
	case OPTION_POSTMORTEM:
		pool->postmortem = true;
		break;
	case OPTION_GRACE:
		code = take_number("--grace", text, 0, MOST_GRACE_S, &number);
		if (!code)
			options->run.grace_ns = number * NEXP_NS_PER_SEC;
		return code;
	case 'r':
		if (options->run.file)
			return nexp_usage_error("run", "-r %s and -r %s: one file at a time; "
						"mergecap(1) makes one of several",
						options->run.file, text);
		options->run.file = text;
		break;
	case OPTION_NETNS:
		options->run.netns = text;
		break;
	case 'p':
		options->run.promiscuous = false;
		break;
	case OPTION_TAP:
		options->run.tap = true;
		break;
	case OPTION_CAPTURE:
		options->next.capture = *text ? text : NULL;
		options->dangling = "--capture";
		break;
	case OPTION_OUTPUT:
		return take_output(options, text);
	case OPTION_WORKERS:
		code = take_number("--workers", text, 1, NEXP_MAX_WORKERS, &number);
		if (!code)
			options->next.workers = (unsigned int)number;
		options->dangling = "--workers";
		return code;
	case OPTION_NO_CONFIG:
		options->no_config = true;
		break;
	case OPTION_JSON:
		options->json = true;
		break;
	case 'q':
		options->quiet = true;
		break;
	}
	return 0;
}

int nexp_run_options_parse(int argc, char **argv, struct nexp_run_options *options)
{
	static const struct option long_options[] = {
		{ "interface", required_argument, NULL, 'i' },
		{ "netns", required_argument, NULL, OPTION_NETNS },
		{ "no-promiscuous-mode", no_argument, NULL, 'p' },
		{ "tap", no_argument, NULL, OPTION_TAP },
		{ "read", required_argument, NULL, 'r' },
		{ "filter", required_argument, NULL, 'f' },
		{ "display-filter", required_argument, NULL, 'Y' },
		{ "snaplen", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ "write", required_argument, NULL, 'w' },
		{ "capture", required_argument, NULL, OPTION_CAPTURE },
		{ "output", required_argument, NULL, OPTION_OUTPUT },
		{ "workers", required_argument, NULL, OPTION_WORKERS },
		{ "ring", required_argument, NULL, 'B' },
		{ "rings", required_argument, NULL, OPTION_RINGS },
		{ "history", required_argument, NULL, OPTION_HISTORY },
		{ "wake-bytes", required_argument, NULL, OPTION_WAKE_BYTES },
		{ "wake-ms", required_argument, NULL, OPTION_WAKE_MS },
		{ "heap", required_argument, NULL, OPTION_HEAP },
		{ "postmortem", no_argument, NULL, OPTION_POSTMORTEM },
		{ "grace", required_argument, NULL, OPTION_GRACE },
		{ "no-config", no_argument, NULL, OPTION_NO_CONFIG },
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option, code = 0;

	*options = (struct nexp_run_options){
		.run = {
			.direction = NEXP_DIRECTION_INOUT,
			.promiscuous = true,
			.pool.heap_limit = NEXP_DEFAULT_HEAP,
			.grace_ns = DEFAULT_GRACE_S * NEXP_NS_PER_SEC,
		},
		.next.workers = 1,
		.ring_kib = DEFAULT_RING_KIB,
	};
	while (!code && (option = getopt_long(argc, argv, "-:i:r:f:Y:s:c:w:B:Q:pqh", long_options,
					      NULL)) != -1) {
		if (option == 'h') {
			options->help = true;
			return 0;
		}
		if (option == ':' || option == '?')
			return nexp_option_error("run", option, argv);
		code = take_option(options, option, optarg);
	}
	for (; !code && optind < argc; optind++)
		code = take_expert(options, argv[optind], false);
	return code;
}
