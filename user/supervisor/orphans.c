// SPDX-License-Identifier: GPL-2.0
/*
 * orphans - what experts start and leave behind
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orphans.h"

/* An orphan that is ended may leave orphans of its own. */
#define MOST_PASSES	16
#define PATIENCE_MS	200

/* One thread only: all children are its. Return: NULL if there is no /proc. */
static FILE *open_children(void)
{
	return fopen("/proc/thread-self/children", "re");
}

int nexp_orphans_adopt(struct nexp_orphans *orphans)
{
	FILE *children = open_children();
	pid_t *others, pid;
	int code = 0;

	while (children && fscanf(children, "%d", &pid) == 1) {
		others = reallocarray(orphans->others, orphans->nr_others + 1, sizeof(*others));
		if (!others) {
			code = -ENOMEM;
			break;
		}
		others[orphans->nr_others++] = pid;
		orphans->others = others;
	}
	if (children)
		fclose(children);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	return code;
}

static bool is_among(pid_t pid, const pid_t *pids, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/*
 * Nobody else reaps our children, so the number means this process throughout.
 * Return: whether it is gone.
 */
static bool end_child(pid_t pid)
{
	struct pollfd wait = { .events = POLLIN };

	kill(pid, SIGKILL);
	wait.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (wait.fd >= 0) {
		poll(&wait, 1, PATIENCE_MS);
		close(wait.fd);
	}
	return waitpid(pid, NULL, WNOHANG) == pid;
}

/* Return: whether one went. The list may skip some while others go. */
static bool end_some(const struct nexp_orphans *orphans, const pid_t *ours,
		     unsigned int nr_ours)
{
	FILE *children = open_children();
	bool any = false;
	pid_t pid;

	while (children && fscanf(children, "%d", &pid) == 1)
		if (!is_among(pid, ours, nr_ours) &&
		    !is_among(pid, orphans->others, orphans->nr_others))
			any |= end_child(pid);
	if (children)
		fclose(children);
	return any;
}

void nexp_orphans_end(const struct nexp_orphans *orphans, const pid_t *ours,
		      unsigned int nr_ours)
{
	unsigned int i;

	for (i = 0; i < MOST_PASSES; i++)
		if (!end_some(orphans, ours, nr_ours))
			return;
}

void nexp_orphans_free(struct nexp_orphans *orphans)
{
	free(orphans->others);
	*orphans = (struct nexp_orphans){ 0 };
}
