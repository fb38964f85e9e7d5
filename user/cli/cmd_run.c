// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert run - run experts on the traffic of interfaces
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "parse.h"
#include "paths.h"
#include "reporters.h"
#include "run_options.h"
#include "text.h"

/* What the start line calls a link at work: 100 Mbit/s of whole frames. */
#define EXAMPLE_BYTES_PER_S	12500000
#define EXAMPLE_FRAME		1514

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
static int check_workers(const struct nexp_run_choice *choice)
{
	const char *what = choice->is_writer ? "a file has one writer" :
			   choice->count ? "-c counts the frames of one process" :
			   choice->capture ? "a --capture program has one pool" :
			   choice->output ? "an --output has one who writes it" : NULL;

	if (choice->workers == 1 || !what)
		return 0;
	return nexp_usage_error("run", "--workers %u does not go with '%s': %s; --workers 1 "
				"before it leaves it with one process", choice->workers,
				choice->text, what);
}

/* Return: 0, or the exit code after a complaint. */
static int parse_expert(const struct nexp_run_choice *choice, struct nexp_expert_spec *ret)
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
static int add_experts(struct nexp_run *run, struct nexp_run_choice *choice)
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
static int load_config(const struct nexp_run_options *options, struct nexp_run_choice *choice,
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

static bool has_plugin(const struct nexp_run_options *options)
{
	unsigned int i;

	for (i = 0; i < options->nr_choices; i++)
		if (!options->choices[i].is_writer)
			return true;
	return false;
}

static int find_experts(struct nexp_run_options *options)
{
	struct nexp_run *run = &options->run;
	unsigned int i;
	int code = 0;

	if (!options->nr_choices)
		return nexp_usage_error("run", "which EXPERT shall run? 'netexpert list' shows "
					"what there is; -w FILE writes frames to a file");
	if (options->json && options->writes_stdout)
		return nexp_usage_error("run", "--json and %s - both want standard output: write "
					"to a file", options->writes_stdout);
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

static const char *option_of(const struct nexp_run_choice *choice)
{
	return choice->is_writer ? "-w" : "--output";
}

/* What it writes, or NULL. */
static const char *path_of(const struct nexp_run_choice *choice)
{
	return choice->is_writer ? choice->text : choice->output;
}

/* Two who write would write over each other. */
static int open_file(struct nexp_run_options *options, unsigned int which)
{
	const struct nexp_run_choice *choices = options->choices;
	const char *option = option_of(&choices[which]), *path = path_of(&choices[which]);
	struct nexp_expert_spec *specs = options->run.specs, *spec = &specs[choices[which].first];
	const struct nexp_outfile *other;
	struct nexp_error err;
	unsigned int i;

	if (nexp_outfile_open(option, path, &spec->output, &err))
		return nexp_error_exit(&err);
	if (options->run.file && nexp_outfile_is(spec->output, options->run.file))
		return nexp_usage_error("run", "-r %s and %s %s are one file",
					options->run.file, option, path);
	for (i = 0; i < which; i++) {
		other = specs[choices[i].first].output;
		if (other && nexp_outfile_same(other, spec->output))
			return nexp_usage_error("run", "%s %s and %s %s are one file",
						option_of(&choices[i]), path_of(&choices[i]),
						option, path);
	}
	return 0;
}

/* What is somebody's alone ends with it, and nothing of ours gets in between. */
static int give_up_stdout(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0) {
		nexp_complain("leaving standard output to who writes there: %s", strerror(errno));
		return NEXP_EXIT_FAILURE;
	}
	if (fd != STDOUT_FILENO)
		close(fd);
	return 0;
}

/* One for each expert: they read at their own pace. */
static int open_inputs(struct nexp_run_options *options)
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
static int open_files(struct nexp_run_options *options)
{
	int code = options->run.file ? open_inputs(options) : 0;
	unsigned int i;

	for (i = 0; i < options->nr_choices && !code; i++)
		if (path_of(&options->choices[i]))
			code = open_file(options, i);
	return code || !options->writes_stdout ? code : give_up_stdout();
}

/* A file waits for room, and what is larger than all there can be is lost. */
static int check_file_ring(const struct nexp_run_options *options)
{
	const struct nexp_pool_config *pool = &options->run.pool;
	uint64_t record = (sizeof(struct netexpert_record) + NETEXPERT_MAX_INJECT + 7) & ~7ULL;
	uint64_t kib = nexp_round_up_pow2((pool->history_size + record + 1023) >> 10);
	char remedy[32] = "make --history shorter";

	if (pool->ring_size - pool->history_size >= record)
		return 0;
	if (kib <= NEXP_MOST_RING_KIB)
		snprintf(remedy, sizeof(remedy), "make it -B %llu", (unsigned long long)kib);
	return nexp_usage_error("run", "-r %s: a frame of %d bytes, the largest that a file may "
				"have, does not fit into a ring of %llu KiB%s: %s",
				options->run.file, NETEXPERT_MAX_INJECT,
				(unsigned long long)pool->ring_size >> 10,
				pool->history_size ? " less --history" : "", remedy);
}

/* What is said of interfaces and means nothing for a file. */
static int settle_file(struct nexp_run_options *options)
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
static int settle_tap(const struct nexp_run_options *options)
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

static int settle_ifaces(struct nexp_run_options *options)
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

static int settle_sizes(struct nexp_run_options *options)
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

static int supervise(const struct nexp_run_options *options)
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

static int run(struct nexp_run_options *options)
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
	struct nexp_run_options options;
	unsigned int i;
	int code;

	code = nexp_run_options_parse(argc, argv, &options);
	if (!code && options.help)
		return nexp_print_help(nexp_run_help);
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
