/* SPDX-License-Identifier: GPL-2.0 */
/*
 * workers - what the workers of one expert have in common: frames
 *
 * Each is an expert with a pool, a process and restarts of its own. One capture
 * spreads flows over their pools; the first worker has it, and the filter. An
 * expert that has no other workers is the first and only one.
 */
#ifndef NEXP_WORKERS_H
#define NEXP_WORKERS_H

#include <stdbool.h>

#include "expert.h"

/**
 * nexp_workers_first() - the worker that has the capture
 * @expert: any of them.
 *
 * Return: the first one.
 */
struct nexp_expert *nexp_workers_first(struct nexp_expert *expert);

/**
 * nexp_workers_want_frames() - is there anyone left to read frames?
 * @expert: any of them.
 *
 * Return: whether one of them has not ended and was not asked to.
 */
bool nexp_workers_want_frames(struct nexp_expert *expert);

/**
 * nexp_workers_load() - load the capture program when all pools are there
 * @expert: any of them, which has its pool; the last one is the one that counts.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_workers_load(struct nexp_expert *expert, struct nexp_error *err);

/**
 * nexp_workers_add_filter() - let all have frames of one more interface by their filter
 * @first: the first one.
 * @iface: the interface, of the network namespace that the process is in.
 * @err: why not; see nexp_filter_add().
 *
 * Return: 1 if a program was added, 0 if there is nothing to add, or a negative errno.
 */
int nexp_workers_add_filter(struct nexp_expert *first, const struct nexp_iface *iface,
			    struct nexp_error *err);

/**
 * nexp_workers_tell_over() - tell their counters' sum once the last one is over
 * @expert: one that is over. Nothing is told of one that is alone.
 */
void nexp_workers_tell_over(struct nexp_expert *expert);

#endif /* NEXP_WORKERS_H */
