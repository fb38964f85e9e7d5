/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tap - frames of a port that is there for nothing but monitoring
 *
 * Taken by the driver's own XDP, before the kernel has built an skb, and consumed:
 * the host sees none of them. An interface has one program there, so a run has one
 * for all its experts. Its links are owned by this process's files and pinned
 * nowhere: they cannot outlive it.
 */
#ifndef NEXP_TAP_H
#define NEXP_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "iface.h"
#include "links.h"

struct tap_bpf;

/**
 * struct nexp_tap - a run's program and links
 * @skeleton: the program, loaded; NULL: the run has none.
 * @nr_pools: pools that have joined, those that have left included.
 * @links: the links.
 *
 * All zero is a valid one that is empty.
 */
struct nexp_tap {
	struct tap_bpf *skeleton;
	unsigned int nr_pools;
	struct nexp_links links;
};

/**
 * nexp_tap_load() - load the program
 * @tap: an empty one; stays empty on failure.
 * @nr_pools: how many pools will join.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_tap_load(struct nexp_tap *tap, unsigned int nr_pools, struct nexp_error *err);

/**
 * nexp_tap_join() - let a pool have the frames
 * @tap: a loaded one, of which fewer pools have joined than it was loaded for.
 * @pool_id: the pool.
 */
void nexp_tap_join(struct nexp_tap *tap, uint64_t pool_id);

/**
 * nexp_tap_leave() - let it have no more
 * @tap: any.
 * @pool_id: the pool.
 *
 * Deliveries that are under way may still end.
 *
 * Return: whether it had them.
 */
bool nexp_tap_leave(struct nexp_tap *tap, uint64_t pool_id);

/**
 * nexp_tap_attach() - take the frames of an interface
 * @tap: a loaded one.
 * @iface: the interface, of the network namespace that the process is in.
 * @err: why not.
 *
 * Return: 0; 1 if its device takes VLAN tags off before anybody sees a frame; or a
 * negative errno.
 */
int nexp_tap_attach(struct nexp_tap *tap, const struct nexp_iface *iface, struct nexp_error *err);

/**
 * nexp_tap_detach() - take no more frames of one interface, or of all
 * @tap: any.
 * @ifindex: the interface; 0 means all.
 */
void nexp_tap_detach(struct nexp_tap *tap, unsigned int ifindex);

/**
 * nexp_tap_destroy() - detach and unload
 * @tap: any; empty afterwards.
 */
void nexp_tap_destroy(struct nexp_tap *tap);

#endif /* NEXP_TAP_H */
