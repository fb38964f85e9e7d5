/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ifaces - the interfaces of a run, which come and go
 *
 * An interface that was named is captured while there is one of that name. Which
 * one that is, is settled when it is found: from then on it may be called anything.
 * When it is deleted, or moved to another network namespace, the name is waited for
 * again. 'any' is every interface of the namespace.
 *
 * Nothing is remembered of what the kernel can be asked: each time that something
 * may have changed its list is compared with ours.
 */
#ifndef NEXP_IFACES_H
#define NEXP_IFACES_H

#include <stdbool.h>

#include "error.h"
#include "iface.h"
#include "iface_stats.h"
#include "netns.h"

/** NEXP_MAX_NAMES - most interfaces that may be named. */
#define NEXP_MAX_NAMES	32

/** NEXP_MAX_IFACES - most interfaces that 'any' is. */
#define NEXP_MAX_IFACES	512

struct nexp_run;
struct nexp_supervisor;

/**
 * struct nexp_entry - an interface of a run
 * @wanted: the name on the command line; "" if it is one of 'any'.
 * @now: the interface; with index 0 there is none.
 * @held: an expert has a filter, and that takes an interface that is up.
 * @promiscuous: the socket that lets it hear everything, see promiscuous.h; -1 if there
 *	is none.
 * @counted: @then is known.
 * @then: the kernel's counters of it before it was captured.
 */
struct nexp_entry {
	char wanted[IF_NAMESIZE];
	struct nexp_iface now;
	bool held;
	int promiscuous;
	bool counted;
	struct nexp_iface_stats then;
};

/**
 * struct nexp_ifaces - the interfaces of a run
 * @netns: where they are.
 * @query: who is asked about them; -1 if nobody.
 * @watch: who says that they change; -1 if nobody.
 * @any: all that there are.
 * @promiscuous: they hear everything while they are captured.
 * @is_full: more than NEXP_MAX_IFACES are there, which was told.
 * @entries: the interfaces.
 * @nr_entries: how many.
 */
struct nexp_ifaces {
	struct nexp_netns netns;
	int query;
	int watch;
	bool any;
	bool promiscuous;
	bool is_full;
	struct nexp_entry *entries;
	unsigned int nr_entries;
};

/** NEXP_NO_IFACES - no interfaces. */
#define NEXP_NO_IFACES	{ .netns = NEXP_OWN_NETNS, .query = -1, .watch = -1 }

/**
 * nexp_ifaces_open() - find the interfaces of a run
 * @ifaces: NEXP_NO_IFACES; nexp_ifaces_close() must follow, also after a failure.
 * @run: what was asked for.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_ifaces_open(struct nexp_ifaces *ifaces, const struct nexp_run *run,
		     struct nexp_error *err);

/**
 * nexp_ifaces_begin() - attach the captures of all experts
 * @supervisor: its experts are prepared.
 * @err: why not.
 *
 * What is not there yet is told and waited for. What is there and can't be
 * captured is a failure; of 'any' only if nothing can.
 *
 * Return: 0 or a negative errno.
 */
int nexp_ifaces_begin(struct nexp_supervisor *supervisor, struct nexp_error *err);

/**
 * nexp_ifaces_look() - see what came and what went, and follow
 * @supervisor: a started run.
 * @err: why nothing can be seen any more.
 *
 * What can't be captured is told; everything else goes on.
 *
 * Return: 0 or a negative errno.
 */
int nexp_ifaces_look(struct nexp_supervisor *supervisor, struct nexp_error *err);

/**
 * nexp_ifaces_check_links() - the same if a link is at no interface any more
 * @supervisor: a started run.
 * @err: why nothing can be seen any more.
 *
 * Somebody who detaches a link at tcx is not told of by the kernel.
 *
 * Return: 0 or a negative errno.
 */
int nexp_ifaces_check_links(struct nexp_supervisor *supervisor, struct nexp_error *err);

/**
 * nexp_ifaces_end() - detach all captures
 * @supervisor: a run that nexp_ifaces_look() is not called for any more.
 */
void nexp_ifaces_end(struct nexp_supervisor *supervisor);

/**
 * nexp_ifaces_tell_stats() - tell what the kernel has counted of each meanwhile
 * @supervisor: a run that is over. Interfaces that are gone have no counters.
 */
void nexp_ifaces_tell_stats(struct nexp_supervisor *supervisor);

/**
 * nexp_ifaces_close() - forget them
 * @ifaces: the interfaces, in any state.
 */
void nexp_ifaces_close(struct nexp_ifaces *ifaces);

#endif /* NEXP_IFACES_H */
