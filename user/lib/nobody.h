/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nobody - a user id for a process that runs somebody else's code
 */
#ifndef NEXP_NOBODY_H
#define NEXP_NOBODY_H

#include <sys/types.h>
#include <unistd.h>

/* Above the ids of accounts, containers and systemd's dynamic users. */
#define NEXP_NOBODY_FIRST	0x6e000000U

/**
 * nexp_nobody() - a user, and group, that owns nothing
 *
 * Each process has its own, so that none of them may signal or trace another,
 * which it might if all were the same "nobody".
 *
 * Return: the id.
 */
static inline uid_t nexp_nobody(void)
{
	return NEXP_NOBODY_FIRST + (uid_t)getpid();
}

#endif /* NEXP_NOBODY_H */
