/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iface - network interfaces: finding them, noticing that one is gone
 */
#ifndef NEXP_IFACE_H
#define NEXP_IFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/**
 * struct nexp_iface - an interface that frames are taken from
 * @name: its name when the run began.
 * @index: its index in this network namespace.
 * @link_type: ARPHRD_*: how its frames begin.
 * @loopback: it is a loopback interface.
 * @gone: it existed when the run began and does not any more.
 */
struct nexp_iface {
	char name[IF_NAMESIZE];
	unsigned int index;
	uint16_t link_type;
	bool loopback;
	bool gone;
};

/**
 * nexp_iface_find() - look an interface up
 * @name: its name.
 * @ret: filled in; untouched on failure.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_iface_find(const char *name, struct nexp_iface *ret, struct nexp_error *err);

/**
 * nexp_iface_check() - is the interface still there?
 * @iface: an interface; @gone is set once it is not. A rename does not matter.
 */
void nexp_iface_check(struct nexp_iface *iface);

/**
 * nexp_iface_watch_open() - be told when interfaces change
 *
 * Return: a file that polls readable when something about an interface of this
 * network namespace may have changed, or a negative errno.
 */
int nexp_iface_watch_open(void);

/**
 * nexp_iface_watch_drain() - swallow what a watch has to say
 * @fd: the watch. What it says is not looked at: nexp_iface_check() asks the
 *	kernel instead, so that a message lost to a full socket costs nothing.
 */
void nexp_iface_watch_drain(int fd);

#endif /* NEXP_IFACE_H */
