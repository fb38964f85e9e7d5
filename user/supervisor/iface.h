/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iface - network interfaces as the kernel tells of them, and when they change
 *
 * Everything is asked through a socket of rtnetlink, which belongs to the network
 * namespace that it was opened in, wherever the process is later.
 */
#ifndef NEXP_IFACE_H
#define NEXP_IFACE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/**
 * struct nexp_iface - an interface, as it was when the kernel was asked
 * @name: its name.
 * @index: its index in its network namespace; 0 means none.
 * @link_type: ARPHRD_*: how its frames begin.
 * @loopback: it is a loopback interface.
 * @bond: its frames come through others, which are its ports.
 * @up: it was set up.
 * @xdp: it has an XDP program.
 * @vrf: it is a VRF, whose frames are those of its ports.
 */
struct nexp_iface {
	char name[IF_NAMESIZE];
	unsigned int index;
	uint16_t link_type;
	bool loopback;
	bool bond;
	bool up;
	bool xdp;
	bool vrf;
};

/**
 * nexp_iface_check_name() - could an interface be called so?
 * @name: the name.
 * @err: why not.
 *
 * Return: 0 or -EINVAL.
 */
int nexp_iface_check_name(const char *name, struct nexp_error *err);

/**
 * nexp_iface_open() - have somebody to ask
 *
 * Return: a socket for this network namespace, or a negative errno.
 */
int nexp_iface_open(void);

/**
 * nexp_iface_find() - look an interface up
 * @fd: from nexp_iface_open().
 * @name: its name, or another one that it has.
 * @ret: filled in; untouched on failure.
 *
 * Return: 0, -ENODEV if there is none, or another negative errno.
 */
int nexp_iface_find(int fd, const char *name, struct nexp_iface *ret);

/**
 * nexp_iface_list() - all interfaces of the namespace
 * @fd: from nexp_iface_open().
 * @ret: an array, by ascending index, for the caller to free.
 * @ret_nr: how many.
 *
 * Return: 0 or a negative errno.
 */
int nexp_iface_list(int fd, struct nexp_iface **ret, unsigned int *ret_nr);

/**
 * nexp_iface_watch_open() - be told when interfaces change
 *
 * Return: a file that polls readable when something about an interface of this
 * network namespace may have changed, or a negative errno.
 */
int nexp_iface_watch_open(void);

/**
 * nexp_iface_watch_drain() - swallow what a watch has to say
 * @fd: the watch. What it says is not looked at: the kernel is asked instead, so
 *	that a message lost to a full socket costs nothing.
 */
void nexp_iface_watch_drain(int fd);

#endif /* NEXP_IFACE_H */
