/* SPDX-License-Identifier: GPL-2.0 */
/*
 * orphans - what experts start and leave behind
 *
 * A process that an expert forks may live below its host, and ends with the
 * host's process group. If it leaves the group and its parents are gone, the
 * kernel gives it to us (we are its subreaper), and it is ended. Children that
 * this process had before it was netexpert, of a shell that called exec, are not
 * an expert's and are let live.
 */
#ifndef NEXP_ORPHANS_H
#define NEXP_ORPHANS_H

#include <sys/types.h>

/**
 * struct nexp_orphans - which children of this process are none
 * @others: children from before; not reaped, so nobody else gets their numbers.
 * @nr_others: entries of @others.
 */
struct nexp_orphans {
	pid_t *others;
	unsigned int nr_others;
};

/**
 * nexp_orphans_adopt() - from now on orphans come to this process
 * @orphans: zero; is told the children that there are. nexp_orphans_free() it.
 *
 * Return: 0 or -ENOMEM.
 */
int nexp_orphans_adopt(struct nexp_orphans *orphans);

/**
 * nexp_orphans_end() - end every child that came since and is none of ours
 * @orphans: from nexp_orphans_adopt().
 * @ours: hosts and readers that run; 0 for none.
 * @nr_ours: entries of @ours.
 */
void nexp_orphans_end(const struct nexp_orphans *orphans, const pid_t *ours,
		      unsigned int nr_ours);

/**
 * nexp_orphans_free() - forget them
 * @orphans: zero is fine.
 */
void nexp_orphans_free(struct nexp_orphans *orphans);

#endif /* NEXP_ORPHANS_H */
