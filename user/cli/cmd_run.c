// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert run - run experts on the traffic of interfaces
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "parse.h"
#include "paths.h"
#include "reporters.h"
#include "text.h"

#define DEFAULT_RING_KIB	4096
#define MOST_RING_KIB		(1024 * 1024)
#define MOST_RINGS		256
#define MOST_WAKE_MS		10000
#define DEFAULT_GRACE_S		5
#define MOST_GRACE_S		3600

/* What the start line calls a link at work: 100 Mbit/s of whole frames. */
#define EXAMPLE_BYTES_PER_S	12500000
#define EXAMPLE_FRAME		1514

/**
 * struct choice - an expert as it stands on the command line
 * @text: the expert, or the file of a writer.
 * @is_writer: it is a file.
 * @filter: the last -f before it, or NULL.
 * @snaplen: the last -s before it, or 0.
 * @count: the last -c before it, or 0.
 * @capture: the last --capture before it, or NULL.
 * @workers: the last --workers before it, or 1.
 * @stored: its stored configuration, or NULL; owned.
 * @first: where its experts begin among those of the run, one for each worker.
 */
struct choice {
	const char *text;
	bool is_writer;
	const char *filter;
	uint32_t snaplen;
	uint64_t count;
	const char *capture;
	unsigned int workers;
	struct nexp_stored *stored;
	unsigned int first;
};

/**
 * struct options - the command line
 * @run: what it asks for, as far as it is known.
 * @any: -i any.
 * @choices: the experts.
 * @nr_choices: how many.
 * @next: what holds for the next expert.
 * @dangling: an option for the next expert, until one comes.
 * @inputs: -r's file, open once for each expert.
 * @nr_inputs: how many of these.
 * @writes_stdout: -w -.
 * @ring_kib: -B.
 * @no_config: --no-config.
 * @json: --json.
 * @quiet: -q.
 */
struct options {
	struct nexp_run run;
	bool any;
	struct choice choices[NEXP_MAX_EXPERTS];
	unsigned int nr_choices;
	struct choice next;
	const char *dangling;
	int inputs[NEXP_MAX_EXPERTS];
	unsigned int nr_inputs;
	bool writes_stdout;
	uint64_t ring_kib;
	bool no_config;
	bool json;
	bool quiet;
};

/* What getopt_long() answers for a word that is no option, if it takes them in order. */
#define IN_ORDER	1

enum {
	OPTION_RINGS = 256, OPTION_HISTORY, OPTION_HEAP, OPTION_POSTMORTEM, OPTION_GRACE,
	OPTION_JSON, OPTION_NETNS, OPTION_CAPTURE, OPTION_WAKE_BYTES, OPTION_WAKE_MS,
	OPTION_WORKERS, OPTION_TAP, OPTION_NO_CONFIG,
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

static int take_iface(struct options *options, const char *name)
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

static int take_expert(struct options *options, const char *text, bool is_writer)
{
	if (options->nr_choices == NEXP_MAX_EXPERTS)
		return nexp_usage_error("run", "more than %d experts", NEXP_MAX_EXPERTS);
	options->next.text = text;
	options->next.is_writer = is_writer;
	options->choices[options->nr_choices++] = options->next;
	options->dangling = NULL;
	if (is_writer && !strcmp(text, "-"))
		options->writes_stdout = true;
	return 0;
}

static int take_option(struct options *options, int option, const char *text)
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
		return take_number("-B", text, 4, MOST_RING_KIB, &options->ring_kib);
	case OPTION_RINGS:
		code = take_number("--rings", text, 1, MOST_RINGS, &number);
		if (!code)
			pool->nr_rings = (uint32_t)number;
		return code;
	case OPTION_HISTORY:
		return take_size("--history", text, 0, (uint64_t)MOST_RING_KIB << 10,
				 &pool->history_size);
	case OPTION_WAKE_BYTES:
		code = take_size("--wake-bytes", text, 1, (uint64_t)MOST_RING_KIB << 10, &number);
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

/* @name with @suffix behind it; what there is no room for is cut off the name. */
static void set_name(char ret[NETEXPERT_NAME_LEN], const char *name, const char *suffix)
{
	snprintf(ret, NETEXPERT_NAME_LEN, "%.*s%s",
		 (int)(NETEXPERT_NAME_LEN - 1 - strlen(suffix)), name, suffix);
}

/* Two of a kind get different names, or their reports could not be told apart. */
static void make_unique(const struct nexp_run *run, char ret[NETEXPERT_NAME_LEN])
{
	char name[NETEXPERT_NAME_LEN], suffix[16];
	unsigned int i, number = 1;

	strcpy(name, ret);
	for (i = 0; i < run->nr_specs; i++) {
		if (strcmp(run->specs[i].common_name, ret))
			continue;
		snprintf(suffix, sizeof(suffix), "-%u", ++number);
		set_name(ret, name, suffix);
		/* Look at those before once more, with the new name. */
		i = (unsigned int)-1;
	}
}

/* Somebody may have called a plug-in as we call workers. */
static int check_names(const struct nexp_run *run)
{
	const struct nexp_expert_spec *spec = run->specs, *end = spec + run->nr_specs, *other;

	for (; spec < end; spec++)
		for (other = run->specs; other < spec; other++)
			if (!strcmp(other->name, spec->name))
				return nexp_usage_error("run", "both %s and %s would have "
							"something called '%s': a worker has a "
							"'#' and its number in its name; rename a "
							"plug-in or a file", other->common_name,
							spec->common_name, spec->name);
	return 0;
}

/* What is one process's affair. */
static int check_workers(const struct choice *choice)
{
	const char *what = choice->is_writer ? "a file has one writer" :
			   choice->count ? "-c counts the frames of one process" :
			   choice->capture ? "a --capture program has one pool" : NULL;

	if (choice->workers == 1 || !what)
		return 0;
	return nexp_usage_error("run", "--workers %u does not go with '%s': %s; --workers 1 "
				"before it leaves it with one process", choice->workers,
				choice->text, what);
}

/* Return: 0, or the exit code after a complaint. */
static int parse_expert(const struct choice *choice, struct nexp_expert_spec *ret)
{
	struct nexp_error err;
	int code = 0;

	if (choice->is_writer)
		nexp_writer_name(choice->text, ret);
	else
		code = nexp_expert_parse(choice->text, ret, &err);
	if (code == -EINVAL)
		return nexp_usage_error("run", "%s", err.text);
	if (code)
		return nexp_error_exit(&err);
	ret->filter = choice->filter;
	ret->snaplen = choice->snaplen;
	ret->count = choice->count;
	ret->capture = choice->capture;
	return 0;
}

/* One for each worker. */
static int add_experts(struct nexp_run *run, struct choice *choice)
{
	char name[NETEXPERT_NAME_LEN], suffix[16] = "";
	struct nexp_expert_spec *spec;
	unsigned int i;
	int code;

	if (choice->workers > NEXP_MAX_EXPERTS - run->nr_specs)
		return nexp_usage_error("run", "more than %d experts, each worker counted",
					NEXP_MAX_EXPERTS);
	choice->first = run->nr_specs;
	for (i = 0; i < choice->workers; i++) {
		spec = &run->specs[run->nr_specs];
		code = parse_expert(choice, spec);
		if (code)
			return code;
		if (!i) {
			strcpy(name, spec->name);
			make_unique(run, name);
		}
		if (choice->workers > 1)
			snprintf(suffix, sizeof(suffix), "#%u", i + 1);
		set_name(spec->name, name, suffix);
		strcpy(spec->common_name, name);
		spec->nr_workers = choice->workers;
		spec->worker = i;
		run->nr_specs++;
	}
	return 0;
}

/* Once for all workers, and for all incarnations. Nobody shall wonder where a setting is from. */
static int load_config(const struct options *options, struct choice *choice,
		       struct nexp_expert_spec *specs)
{
	struct nexp_error err;
	unsigned int i;

	if (options->no_config || choice->is_writer)
		return 0;
	if (nexp_config_load(specs[0].plugin, &choice->stored, &err))
		return nexp_error_exit(&err);
	for (i = 0; i < choice->workers; i++)
		specs[i].stored = choice->stored;
	if (choice->stored && !options->quiet)
		nexp_complain("%s: begins with what is stored in %s%s; --no-config leaves it out",
			      specs[0].common_name, choice->stored->path,
			      specs[0].options ? ", and its options change that" : "");
	return 0;
}

static bool has_plugin(const struct options *options)
{
	unsigned int i;

	for (i = 0; i < options->nr_choices; i++)
		if (!options->choices[i].is_writer)
			return true;
	return false;
}

static int find_experts(struct options *options)
{
	struct nexp_run *run = &options->run;
	unsigned int i;
	int code = 0;

	if (!options->nr_choices)
		return nexp_usage_error("run", "which EXPERT shall run? 'netexpert list' shows "
					"what there is; -w FILE writes frames to a file");
	if (options->json && options->writes_stdout)
		return nexp_usage_error("run", "--json and -w - both want standard output: write "
					"to a file");
	if (options->dangling)
		return nexp_usage_error("run", "%s holds for the experts behind it, and there is "
					"none: put it before the expert that it is for",
					options->dangling);
	if (options->run.display_filter && !has_plugin(options))
		return nexp_usage_error("run", "-Y is for experts, and -w FILE writes what -f "
					"wants: there is no other expert");
	for (i = 0; i < options->nr_choices && !code; i++) {
		code = check_workers(&options->choices[i]);
		if (!code)
			code = add_experts(run, &options->choices[i]);
		if (!code)
			code = load_config(options, &options->choices[i],
					   &run->specs[options->choices[i].first]);
	}
	return code ? code : check_names(run);
}

/* Two writers would write over each other. */
static int open_file(struct options *options, unsigned int which)
{
	const struct choice *choices = options->choices;
	struct nexp_expert_spec *specs = options->run.specs, *spec = &specs[choices[which].first];
	const char *path = choices[which].text;
	const struct nexp_outfile *other;
	struct nexp_error err;
	unsigned int i;

	if (nexp_outfile_open(path, &spec->output, &err))
		return nexp_error_exit(&err);
	if (options->run.file && nexp_outfile_is(spec->output, options->run.file))
		return nexp_usage_error("run", "-r %s and -w %s are one file",
					options->run.file, path);
	for (i = 0; i < which; i++) {
		other = specs[choices[i].first].output;
		if (other && nexp_outfile_same(other, spec->output))
			return nexp_usage_error("run", "-w %s and -w %s are one file",
						choices[i].text, path);
	}
	return 0;
}

/* What is the writer's alone ends with it, and nothing of ours gets in between. */
static int give_up_stdout(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0) {
		nexp_complain("leaving standard output to -w -: %s", strerror(errno));
		return NEXP_EXIT_FAILURE;
	}
	if (fd != STDOUT_FILENO)
		close(fd);
	return 0;
}

/* One for each expert: they read at their own pace. */
static int open_inputs(struct options *options)
{
	struct nexp_run *run = &options->run;
	struct nexp_error err;
	unsigned int i;

	for (i = 0; i < run->nr_specs; i++) {
		if (nexp_reader_open(run->file, run->nr_specs == 1, &options->inputs[i], &err))
			return nexp_error_exit(&err);
		options->nr_inputs++;
		run->specs[i].input = &options->inputs[i];
	}
	return 0;
}

/* Opening may take as long as somebody likes: signals still end us meanwhile. */
static int open_files(struct options *options)
{
	int code = options->run.file ? open_inputs(options) : 0;
	unsigned int i;

	for (i = 0; i < options->nr_choices && !code; i++)
		if (options->choices[i].is_writer)
			code = open_file(options, i);
	return code || !options->writes_stdout ? code : give_up_stdout();
}

/* A file waits for room, and what is larger than all there can be is lost. */
static int check_file_ring(const struct options *options)
{
	const struct nexp_pool_config *pool = &options->run.pool;
	uint64_t record = (sizeof(struct netexpert_record) + NETEXPERT_MAX_INJECT + 7) & ~7ULL;
	uint64_t kib = nexp_round_up_pow2((pool->history_size + record + 1023) >> 10);
	char remedy[32] = "make --history shorter";

	if (pool->ring_size - pool->history_size >= record)
		return 0;
	if (kib <= MOST_RING_KIB)
		snprintf(remedy, sizeof(remedy), "make it -B %llu", (unsigned long long)kib);
	return nexp_usage_error("run", "-r %s: a frame of %d bytes, the largest that a file may "
				"have, does not fit into a ring of %llu KiB%s: %s",
				options->run.file, NETEXPERT_MAX_INJECT,
				(unsigned long long)pool->ring_size >> 10,
				pool->history_size ? " less --history" : "", remedy);
}

/* What is said of interfaces and means nothing for a file. */
static int settle_file(struct options *options)
{
	const struct nexp_run *run = &options->run;
	const char *other = options->any || run->nr_names ? "-i" : run->netns ? "--netns" :
			    run->direction != NEXP_DIRECTION_INOUT ? "-Q" :
			    run->tap ? "--tap" :
			    !run->promiscuous ? "-p" :
			    run->pool.nr_rings ? "--rings" : NULL;
	unsigned int i;

	for (i = 0; i < run->nr_specs && !other; i++)
		other = run->specs[i].capture ? "--capture" :
			run->specs[i].nr_workers > 1 ? "--workers" : NULL;
	if (other)
		return nexp_usage_error("run", "%s is about interfaces, and -r reads a file",
					other);
	return check_file_ring(options);
}

/* One program for all experts, where frames come in. */
static int settle_tap(const struct options *options)
{
	const struct nexp_run *run = &options->run;
	const char *other = NULL;
	unsigned int i;

	if (options->any)
		return nexp_usage_error("run", "--tap consumes every frame of an interface: name "
					"those that are there for nothing else, in place of 'any'");
	if (run->direction == NEXP_DIRECTION_OUT)
		return nexp_usage_error("run", "--tap takes frames where they come in, and -Q out "
					"wants those that leave: leave one of them");
	for (i = 0; i < run->nr_specs && !other; i++)
		other = run->specs[i].capture ? "--capture" :
			run->specs[i].nr_workers > 1 ? "--workers" : NULL;
	if (other)
		return nexp_usage_error("run", "%s has a program at tc, and --tap takes frames "
					"before they are there: leave one of them", other);
	return 0;
}

static int settle_ifaces(struct options *options)
{
	if (options->run.file)
		return settle_file(options);
	if (!options->run.nr_names && !options->any)
		return nexp_usage_error("run", "which interface? -i IFACE is missing; -r FILE "
					"reads a capture file");
	if (options->run.nr_names && options->any)
		return nexp_usage_error("run", "-i any means every interface: it stands alone");
	return options->run.tap ? settle_tap(options) : 0;
}

static int settle_sizes(struct options *options)
{
	struct nexp_pool_config *pool = &options->run.pool;
	uint64_t kib = nexp_round_up_pow2(options->ring_kib);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	pool->ring_size = kib << 10;
	if (pool->ring_size < page)
		pool->ring_size = page;
	if (kib != options->ring_kib && !options->quiet)
		nexp_complain("-B %llu: rings get %llu KiB, the next power of two",
			      (unsigned long long)options->ring_kib,
			      (unsigned long long)kib);
	pool->history_size &= ~7ULL;
	if (pool->history_size >= pool->ring_size)
		return nexp_usage_error("run", "--history leaves nothing of rings of %llu KiB; "
					"make them larger with -B",
					(unsigned long long)pool->ring_size >> 10);
	if (pool->wake_bytes > pool->ring_size - pool->history_size)
		return nexp_usage_error("run", "--wake-bytes %u: a ring holds %llu bytes, so that "
					"never happens", pool->wake_bytes,
					(unsigned long long)(pool->ring_size - pool->history_size));
	pool->heap_limit = (pool->heap_limit + page - 1) & ~(page - 1);
	return 0;
}

/* What is kept of a frame, by the expert that keeps the most. */
static uint64_t most_kept(const struct nexp_supervisor *supervisor)
{
	uint64_t most = 0, kept;
	unsigned int i;

	for (i = 0; i < supervisor->nr_experts; i++) {
		kept = supervisor->experts[i].spec.snaplen;
		if (!kept || kept > EXAMPLE_FRAME)
			kept = EXAMPLE_FRAME;
		if (kept > most)
			most = kept;
	}
	return most;
}

/* How long an outage a ring can hold, for a link that people can imagine. */
static void say_sizes(const struct nexp_supervisor *supervisor)
{
	const struct nexp_pool_config *pool = &supervisor->context.pool;
	uint64_t record;
	struct nexp_buffer text = { 0 };
	double seconds;

	record = (sizeof(struct netexpert_record) + most_kept(supervisor) + 7) & ~7ULL;
	seconds = (double)(pool->ring_size - pool->history_size) / (double)record *
		  EXAMPLE_FRAME / EXAMPLE_BYTES_PER_S;
	nexp_buffer_printf(&text, "each expert has %u rings of ",
			   supervisor->experts[0].nr_rings);
	nexp_put_size(&text, pool->ring_size);
	nexp_buffer_printf(&text, ", and each holds about %.2g s at 100 Mbit/s (%u-byte frames); "
			   "heap limit ", seconds, EXAMPLE_FRAME);
	nexp_put_size(&text, pool->heap_limit);
	nexp_complain("%.*s", (int)text.length, text.bytes);
	nexp_buffer_free(&text);
}

static int supervise(const struct options *options)
{
	struct nexp_text_reporter text;
	struct nexp_json_reporter json;
	struct nexp_supervisor supervisor = { .nr_experts = 0 };
	struct nexp_reporter *reporter = options->json ? &json.base : &text.base;
	const struct nexp_output *out = options->json ? &json.out : &text.out;
	struct nexp_error err;
	int failed;

	if (options->json)
		nexp_json_reporter_init(&json, &supervisor, options->quiet);
	else
		nexp_text_reporter_init(&text, &supervisor, options->writes_stdout ?
					STDERR_FILENO : STDOUT_FILENO, options->quiet);
	if (nexp_supervisor_start(&supervisor, &options->run, reporter, &err))
		return nexp_error_exit(&err);
	if (!options->quiet && !options->run.file)
		say_sizes(&supervisor);
	failed = nexp_supervisor_run(&supervisor);
	if (!options->json)
		nexp_text_reporter_fini(&text);
	nexp_supervisor_fini(&supervisor);
	if (out->broken && out->code != EAGAIN && out->code != EPIPE)
		nexp_complain("writing to standard output: %s", strerror(out->code));
	return failed ? NEXP_EXIT_FAILURE : NEXP_EXIT_OK;
}

/* Return: 0, or the exit code after a complaint. */
static int find_program(const char *name, char **ret)
{
	struct nexp_error err;

	*ret = nexp_libexec_program(name, &err);
	return *ret ? 0 : nexp_error_exit(&err);
}

static int run(struct options *options)
{
	char *host = NULL, *reader = NULL;
	int code;

	code = settle_sizes(options);
	if (!code)
		code = find_experts(options);
	if (!code)
		code = settle_ifaces(options);
	if (!code)
		code = find_program("netexpert-host", &host);
	if (!code && options->run.file)
		code = find_program("netexpert-reader", &reader);
	options->run.host_program = host;
	options->run.reader_program = reader;
	if (!code)
		code = open_files(options);
	if (!code)
		code = supervise(options);
	free(reader);
	free(host);
	return code;
}

int nexp_cmd_run(int argc, char **argv)
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
	struct options options = {
		.run = {
			.direction = NEXP_DIRECTION_INOUT,
			.promiscuous = true,
			.pool.heap_limit = NEXP_DEFAULT_HEAP,
			.grace_ns = DEFAULT_GRACE_S * NEXP_NS_PER_SEC,
		},
		.next.workers = 1,
		.ring_kib = DEFAULT_RING_KIB,
	};
	int option, code = 0;
	unsigned int i;

	while (!code && (option = getopt_long(argc, argv, "-:i:r:f:Y:s:c:w:B:Q:pqh", long_options,
					      NULL)) != -1) {
		if (option == 'h')
			return nexp_print_help(nexp_run_help);
		if (option == ':' || option == '?')
			return nexp_option_error("run", option, argv);
		code = take_option(&options, option, optarg);
	}
	for (; !code && optind < argc; optind++)
		code = take_expert(&options, argv[optind], false);
	if (!code)
		code = run(&options);
	for (i = 0; i < options.run.nr_specs; i++)
		nexp_expert_spec_free(&options.run.specs[i]);
	for (i = 0; i < options.nr_choices; i++)
		nexp_stored_free(options.choices[i].stored);
	for (i = 0; i < options.nr_inputs; i++)
		close(options.inputs[i]);
	return code;
}
