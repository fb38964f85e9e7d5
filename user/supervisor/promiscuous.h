/* SPDX-License-Identifier: GPL-2.0 */
/*
 * promiscuous - interfaces that hear everything, for as long as somebody wants that
 *
 * Wished for through a packet socket's membership, which is what packet sockets of
 * others do, too: the kernel counts wishes. It ends with the socket, so nothing
 * stays behind.
 */
#ifndef NEXP_PROMISCUOUS_H
#define NEXP_PROMISCUOUS_H

#include "error.h"

/**
 * nexp_promiscuous_open() - have somebody to wish with, for one interface
 * @err: why not.
 *
 * Return: a socket for the network namespace that the process is in, which gets no
 * frames itself; or a negative errno.
 */
int nexp_promiscuous_open(struct nexp_error *err);

/**
 * nexp_promiscuous_want() - let an interface hear everything until @fd is closed
 * @fd: from nexp_promiscuous_open().
 * @ifindex: the interface; always the same one.
 * @err: why not.
 *
 * The kernel forgets the wish when the interface leaves the namespace. To say it
 * again is no harm.
 *
 * Return: 0, -ENODEV if there is none, or another negative errno.
 */
int nexp_promiscuous_want(int fd, unsigned int ifindex, struct nexp_error *err);

#endif /* NEXP_PROMISCUOUS_H */
