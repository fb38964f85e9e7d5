/* SPDX-License-Identifier: GPL-2.0 */
/*
 * attached - which interfaces a capture of anybody's is attached to
 *
 * Asked of the kernel: a run's links belong to it alone, and say of their interface
 * no more than a number, which means something in its network namespace only.
 */
#ifndef NEXP_ATTACHED_H
#define NEXP_ATTACHED_H

/**
 * nexp_attached() - does a run capture on this interface?
 * @ifindex: an interface of the network namespace that the process is in.
 *
 * Return: 1 or 0; -EPERM without CAP_NET_ADMIN and CAP_SYS_ADMIN; or another
 * negative errno.
 */
int nexp_attached(unsigned int ifindex);

#endif /* NEXP_ATTACHED_H */
