/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reporters - who is told what happens in a run: people, or programs
 */
#ifndef NEXP_REPORTERS_H
#define NEXP_REPORTERS_H

#include "../supervisor/supervisor.h"
#include "output.h"
#include "view.h"

/**
 * struct nexp_text_reporter - tables for people
 * @base: what the supervisor sees of it.
 * @supervisor: the run.
 * @out: standard output: reports. Standard error if a file is written to that.
 * @err: standard error: everything else.
 * @quiet: say nothing but reports and problems.
 * @live: @out is a terminal that reports are redrawn on.
 * @shared: standard error is a terminal too.
 * @colour: emphasise.
 * @view: the area they are drawn in.
 * @drawn_ns: when that was done last.
 */
struct nexp_text_reporter {
	struct nexp_reporter base;
	const struct nexp_supervisor *supervisor;
	struct nexp_output out;
	struct nexp_output err;
	bool quiet;
	bool live;
	bool shared;
	bool colour;
	struct nexp_view view;
	uint64_t drawn_ns;
};

/**
 * nexp_text_reporter_init() - make a reporter for people
 * @reporter: filled in.
 * @supervisor: the run; need not be started yet.
 * @fd: where reports go.
 * @quiet: say nothing but reports and problems.
 */
void nexp_text_reporter_init(struct nexp_text_reporter *reporter,
			     const struct nexp_supervisor *supervisor, int fd, bool quiet);

/**
 * nexp_text_reporter_fini() - leave the last reports on the terminal
 * @reporter: the reporter.
 */
void nexp_text_reporter_fini(struct nexp_text_reporter *reporter);

/**
 * struct nexp_json_reporter - JSON lines for programs
 * @base: what the supervisor sees of it.
 * @supervisor: the run.
 * @out: standard output: the lines.
 * @err: standard error: news, in words.
 * @quiet: no news but problems.
 * @stats_ns: when counters are due.
 */
struct nexp_json_reporter {
	struct nexp_reporter base;
	const struct nexp_supervisor *supervisor;
	struct nexp_output out;
	struct nexp_output err;
	bool quiet;
	uint64_t stats_ns;
};

/**
 * nexp_json_reporter_init() - make a reporter for programs
 * @reporter: filled in.
 * @supervisor: the run; need not be started yet.
 * @quiet: no news on standard error but problems.
 */
void nexp_json_reporter_init(struct nexp_json_reporter *reporter,
			     const struct nexp_supervisor *supervisor, bool quiet);

#endif /* NEXP_REPORTERS_H */
