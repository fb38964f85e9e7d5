/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spawn - start a program with the files that it gets and no others
 */
#ifndef NEXP_SPAWN_H
#define NEXP_SPAWN_H

#include <sys/types.h>

/** NEXP_SPAWN_FILES - most files that a program gets. */
#define NEXP_SPAWN_FILES	10

/**
 * nexp_spawn() - start a program
 * @program: its path.
 * @argv: its arguments; NULL behind the last one.
 * @files: what its file descriptors from 0 on are; the same one may come twice.
 *	They stay the caller's.
 * @nr_files: how many; it gets no others.
 * @ret_pid: its process, the leader of a group of its own.
 * @ret_pidfd: readable when the process has ended.
 *
 * Signals are as in a fresh process.
 *
 * Return: 0 or a negative errno.
 */
int nexp_spawn(const char *program, const char *const *argv, const int *files,
	       unsigned int nr_files, pid_t *ret_pid, int *ret_pidfd);

#endif /* NEXP_SPAWN_H */
