/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netns - the network namespace that frames are taken from
 *
 * Only a few calls depend on it, so the process goes there for them and comes
 * back: everything else, hosts among it, stays where netexpert was started.
 */
#ifndef NEXP_NETNS_H
#define NEXP_NETNS_H

#include <stdbool.h>

#include "error.h"

/**
 * struct nexp_netns - a network namespace
 * @there: the namespace; -1 means the process's own.
 * @here: the process's own; -1 if that is @there.
 * @is_lost: the way back failed: the process is in @there and must do nothing
 *	more that depends on where it is.
 *
 * Its files keep the namespace alive.
 */
struct nexp_netns {
	int there;
	int here;
	bool is_lost;
};

/** NEXP_OWN_NETNS - the process's own namespace. */
#define NEXP_OWN_NETNS	{ .there = -1, .here = -1 }

/**
 * nexp_netns_open() - find a network namespace
 * @netns: filled in; the process's own on failure.
 * @name: a name of 'ip netns', a path (it has a '/' in it), or a process's id;
 *	a name goes before an id. NULL is the process's own.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_netns_open(struct nexp_netns *netns, const char *name, struct nexp_error *err);

/**
 * nexp_netns_enter() - go there
 * @netns: the namespace.
 * @err: why not.
 *
 * The calling thread alone. nexp_netns_leave() must follow, if this succeeded,
 * before anything else is done than what it was entered for.
 *
 * Return: 0 or a negative errno.
 */
int nexp_netns_enter(struct nexp_netns *netns, struct nexp_error *err);

/**
 * nexp_netns_leave() - come back
 * @netns: the namespace. If there is no way back @is_lost is set.
 */
void nexp_netns_leave(struct nexp_netns *netns);

/**
 * nexp_netns_close() - let go of it
 * @netns: the namespace; the process's own afterwards.
 */
void nexp_netns_close(struct nexp_netns *netns);

#endif /* NEXP_NETNS_H */
