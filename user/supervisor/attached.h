/* SPDX-License-Identifier: GPL-2.0 */
/*
 * attached - which interfaces a capture is attached to, a run's own or anybody's
 *
 * Asked of the kernel: a run's links belong to it alone, and say of their interface
 * no more than a number, which means something in its network namespace only.
 */
#ifndef NEXP_ATTACHED_H
#define NEXP_ATTACHED_H

#include <stdint.h>

/**
 * nexp_attached() - does a run capture on this interface?
 * @ifindex: an interface of the network namespace that the process is in.
 *
 * Return: 1 or 0; -EPERM without CAP_NET_ADMIN and CAP_SYS_ADMIN; or another
 * negative errno.
 */
int nexp_attached(unsigned int ifindex);

/**
 * nexp_attached_program() - is a program attached to this interface?
 * @ifindex: an interface of the network namespace that the process is in.
 * @id: the program's id.
 *
 * Return: 1 or 0; -EPERM without CAP_NET_ADMIN; or another negative errno.
 */
int nexp_attached_program(unsigned int ifindex, uint32_t id);

#endif /* NEXP_ATTACHED_H */
