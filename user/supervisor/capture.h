/* SPDX-License-Identifier: GPL-2.0 */
/*
 * capture - one expert's BPF program and its links to interfaces
 *
 * One program per expert, since the pool's id is a constant in it, or one that
 * spreads flows over the pools of its workers, or the two around one of somebody's
 * own; and one link per interface and direction. Links are owned by this process's
 * files and pinned nowhere: they cannot outlive it.
 */
#ifndef NEXP_CAPTURE_H
#define NEXP_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "iface.h"
#include "links.h"
#include "own.h"

/**
 * enum nexp_direction - which frames are wanted, as tcpdump's -Q says it
 * @NEXP_DIRECTION_IN: those that arrive.
 * @NEXP_DIRECTION_OUT: those that leave.
 * @NEXP_DIRECTION_INOUT: both.
 */
enum nexp_direction {
	NEXP_DIRECTION_IN	= 1,
	NEXP_DIRECTION_OUT	= 2,
	NEXP_DIRECTION_INOUT	= 3,
};

/** NEXP_MAX_WORKERS - most workers of one expert; bpf/spread.bpf.c has it, too. */
#define NEXP_MAX_WORKERS	64

struct capture_bpf;
struct spread_bpf;

/**
 * struct nexp_capture - an expert's program and links
 * @skeleton: the stock program, loaded; NULL if it is not in use.
 * @spread: the one for several workers; NULL if it is not in use.
 * @own: somebody's own program; empty if it is not in use.
 * @links: the links.
 *
 * All zero is a valid capture that captures nothing.
 */
struct nexp_capture {
	struct capture_bpf *skeleton;
	struct spread_bpf *spread;
	struct nexp_own own;
	struct nexp_links links;
};

/**
 * nexp_capture_load() - load the program for a pool, or for those of workers
 * @capture: an empty capture; stays empty on failure.
 * @pool_ids: the pools.
 * @nr_pools: how many, 1 to NEXP_MAX_WORKERS; 1 with a program of somebody's own.
 * @own: somebody's own program, see nexp_own_load(); NULL: the stock program.
 * @err: why not, with the end of the verifier's log where it has a say.
 *
 * Return: 0 or a negative errno.
 */
int nexp_capture_load(struct nexp_capture *capture, const uint64_t *pool_ids,
		      unsigned int nr_pools, const char *own, struct nexp_error *err);

/**
 * nexp_capture_attach() - take frames from an interface
 * @capture: a loaded capture.
 * @iface: the interface, of the network namespace that the process is in. On a
 *	loopback interface every frame passes both hooks: it is taken on its way
 *	in only.
 * @direction: which frames.
 * @err: why not.
 *
 * Frames go to the pool when this returns. After a failure no link is left.
 *
 * Return: 0 or a negative errno.
 */
int nexp_capture_attach(struct nexp_capture *capture, const struct nexp_iface *iface,
			enum nexp_direction direction, struct nexp_error *err);

/**
 * nexp_capture_detach() - take no more frames from one interface, or from all
 * @capture: the capture.
 * @ifindex: the interface; 0 means all.
 *
 * When this returns no program is running for these links any more. With all, a
 * program of somebody's own is unloaded and its timers have ended: nothing can be
 * attached after that.
 */
void nexp_capture_detach(struct nexp_capture *capture, unsigned int ifindex);

/**
 * nexp_capture_destroy() - detach and unload
 * @capture: the capture; empty afterwards.
 */
void nexp_capture_destroy(struct nexp_capture *capture);

/**
 * nexp_capture_probe_tcx() - does this kernel have tcx?
 * @capture: a loaded capture.
 *
 * Asks for a link on an interface that cannot exist, so nothing is attached.
 *
 * Return: 0 or a negative errno.
 */
int nexp_capture_probe_tcx(const struct nexp_capture *capture);

#endif /* NEXP_CAPTURE_H */
