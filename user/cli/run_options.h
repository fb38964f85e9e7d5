/* SPDX-License-Identifier: GPL-2.0 */
/*
 * run_options - the command line of 'netexpert run', word by word
 */
#ifndef NEXP_RUN_OPTIONS_H
#define NEXP_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "../supervisor/supervisor.h"

/* KiB of a ring at most. */
#define NEXP_MOST_RING_KIB	(1024 * 1024)

/**
 * struct nexp_run_choice - an expert as it stands on the command line
 * @text: the expert, or the file of a writer.
 * @is_writer: it is a file.
 * @filter: the last -f before it, or NULL.
 * @snaplen: the last -s before it, or 0.
 * @count: the last -c before it, or 0.
 * @capture: the last --capture before it, or NULL.
 * @output: the --output before it, or NULL.
 * @workers: the last --workers before it, or 1.
 * @stored: its stored configuration, or NULL; owned.
 * @first: where its experts begin among those of the run, one for each worker.
 */
struct nexp_run_choice {
	const char *text;
	bool is_writer;
	const char *filter;
	uint32_t snaplen;
	uint64_t count;
	const char *capture;
	const char *output;
	unsigned int workers;
	struct nexp_stored *stored;
	unsigned int first;
};

/**
 * struct nexp_run_options - the command line
 * @run: what it asks for, as far as it is known.
 * @any: -i any.
 * @choices: the experts.
 * @nr_choices: how many.
 * @next: what holds for the next expert.
 * @dangling: an option for the next expert, until one comes.
 * @inputs: -r's file, open once for each expert.
 * @nr_inputs: how many of these.
 * @writes_stdout: the option that wants standard output, -w or --output, or NULL.
 * @ring_kib: -B.
 * @no_config: --no-config.
 * @help: -h; the rest counts for nothing then.
 * @json: --json.
 * @quiet: -q.
 */
struct nexp_run_options {
	struct nexp_run run;
	bool any;
	struct nexp_run_choice choices[NEXP_MAX_EXPERTS];
	unsigned int nr_choices;
	struct nexp_run_choice next;
	const char *dangling;
	int inputs[NEXP_MAX_EXPERTS];
	unsigned int nr_inputs;
	const char *writes_stdout;
	uint64_t ring_kib;
	bool no_config;
	bool help;
	bool json;
	bool quiet;
};

/**
 * nexp_run_options_parse() - take the command line
 * @argc: of the subcommand.
 * @argv: its words; some of them are kept in @options.
 * @options: filled in, defaults too. Whether it makes sense as a whole is looked at
 *	elsewhere.
 *
 * Return: 0, or the exit code after a complaint.
 */
int nexp_run_options_parse(int argc, char **argv, struct nexp_run_options *options);

#endif /* NEXP_RUN_OPTIONS_H */
