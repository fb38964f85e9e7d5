/* SPDX-License-Identifier: GPL-2.0 */
/*
 * supervisor - a run: several experts on several interfaces, from start to end
 */
#ifndef NEXP_SUPERVISOR_H
#define NEXP_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>

#include "expert.h"
#include "orphans.h"

/** NEXP_MAX_EXPERTS - most experts of one run; tcx takes fewer programs per hook. */
#define NEXP_MAX_EXPERTS	64

/** NEXP_TICK_NS - how often counters are read for the reporter. */
#define NEXP_TICK_NS		NEXP_NS_PER_SEC

/**
 * struct nexp_run - what a run shall be
 * @names: the interfaces.
 * @nr_names: how many; 0 means every interface, now and later.
 * @netns: where they are, see nexp_netns_open(); NULL: here.
 * @specs: the experts.
 * @nr_specs: how many.
 * @direction: which frames.
 * @tap: take frames before the host has them; see tap.h.
 * @promiscuous: interfaces that were named hear everything meanwhile.
 * @pool: what each pool is like; name and snaplen are left out.
 * @display_filter: what the user wants to see, for experts that defer to it; NULL: all.
 * @file: the capture file to be read in place of interfaces; NULL if none.
 * @reader_program: path of netexpert-reader, if there is a file.
 * @host_program: path of netexpert-host.
 * @grace_ns: how long experts may take to finish.
 */
struct nexp_run {
	const char *names[NEXP_MAX_NAMES];
	unsigned int nr_names;
	const char *netns;
	struct nexp_expert_spec specs[NEXP_MAX_EXPERTS];
	unsigned int nr_specs;
	enum nexp_direction direction;
	bool tap;
	bool promiscuous;
	struct nexp_pool_config pool;
	const char *display_filter;
	const char *file;
	const char *reader_program;
	const char *host_program;
	uint64_t grace_ns;
};

/**
 * struct nexp_supervisor - a run under way
 * @context: what the experts share.
 * @experts: the experts.
 * @nr_experts: how many.
 * @signals: signalfd for SIGINT, SIGTERM, SIGHUP and SIGWINCH; -1 if none.
 * @on_signal: for @signals.
 * @on_session: for the session.
 * @on_links: for interfaces that come and go.
 * @orphans: what experts left behind.
 * @grace_ns: how long experts may take to finish.
 * @tick_ns: when the next tick is due.
 * @stopping: the experts were asked to finish.
 * @killing: those that did not were killed.
 * @stop_ns: when they were asked.
 * @kill_ns: when the killing is due.
 * @told_capturing: NEXP_NEWS_CAPTURING was told.
 * @failed: something happened that makes the run a failure.
 * @resized: the terminal has another size since the reporter last looked.
 */
struct nexp_supervisor {
	struct nexp_context context;
	struct nexp_expert *experts;
	unsigned int nr_experts;
	int signals;
	struct nexp_source on_signal;
	struct nexp_source on_session;
	struct nexp_source on_links;
	struct nexp_orphans orphans;
	uint64_t grace_ns;
	uint64_t tick_ns;
	bool stopping;
	bool killing;
	uint64_t stop_ns;
	uint64_t kill_ns;
	bool told_capturing;
	bool failed;
	bool resized;
};

/**
 * nexp_supervisor_start() - make pools, attach captures, start hosts
 * @supervisor: filled in; its address must not change afterwards.
 * @run: what the run shall be; must outlive it.
 * @reporter: who is told; must outlive it.
 * @err: why not.
 *
 * All of it or nothing. SIGINT, SIGTERM, SIGHUP and SIGWINCH are blocked from
 * here on and arrive through nexp_supervisor_run() instead.
 *
 * Return: 0 or a negative errno.
 */
int nexp_supervisor_start(struct nexp_supervisor *supervisor, const struct nexp_run *run,
			  struct nexp_reporter *reporter, struct nexp_error *err);

/**
 * nexp_supervisor_run() - supervise until every expert is over
 * @supervisor: a started run.
 *
 * Return: 0 if every expert did as it was asked, 1 if one failed.
 */
int nexp_supervisor_run(struct nexp_supervisor *supervisor);

/**
 * nexp_supervisor_fini() - leave nothing behind: no link, no pool, no process
 * @supervisor: a run, also one that did not start.
 */
void nexp_supervisor_fini(struct nexp_supervisor *supervisor);

#endif /* NEXP_SUPERVISOR_H */
