/* SPDX-License-Identifier: GPL-2.0 */
/*
 * orphans - what experts start and leave behind
 *
 * A process that an expert forks may live below its host, and ends with the
 * host's process group. If it leaves the group and its parents are gone, the
 * kernel gives it to us (we are its subreaper), and it is ended.
 */
#ifndef NEXP_ORPHANS_H
#define NEXP_ORPHANS_H

#include <sys/types.h>

/**
 * nexp_orphans_adopt() - from now on orphans come to this process
 */
void nexp_orphans_adopt(void);

/**
 * nexp_orphans_end() - end every child of this process that is no host
 * @hosts: the hosts that run; 0 for none.
 * @nr_hosts: entries of @hosts.
 */
void nexp_orphans_end(const pid_t *hosts, unsigned int nr_hosts);

#endif /* NEXP_ORPHANS_H */
