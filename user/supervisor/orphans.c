// SPDX-License-Identifier: GPL-2.0
/*
 * orphans - what experts start and leave behind
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "orphans.h"

/* An orphan that is ended may leave orphans of its own. */
#define MOST_PASSES	16
#define PATIENCE_MS	200

void nexp_orphans_adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

static bool is_host(pid_t pid, const pid_t *hosts, unsigned int nr_hosts)
{
	unsigned int i;

	for (i = 0; i < nr_hosts; i++)
		if (hosts[i] == pid)
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

/* Return: whether one went. More than fit into the buffer wait their turn. */
static bool end_some(const pid_t *hosts, unsigned int nr_hosts)
{
	char list[4096], *at = list, *end;
	bool any = false;
	ssize_t size;
	pid_t pid;
	int fd;

	/* One thread only: all children are its. */
	fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size = read(fd, list, sizeof(list) - 1);
	close(fd);
	if (size <= 0)
		return false;
	list[size] = '\0';
	for (;;) {
		pid = (pid_t)strtol(at, &end, 10);
		/* Without a blank behind it the number may be cut. */
		if (end == at || *end != ' ')
			return any;
		at = end;
		if (!is_host(pid, hosts, nr_hosts))
			any |= end_child(pid);
	}
}

void nexp_orphans_end(const pid_t *hosts, unsigned int nr_hosts)
{
	unsigned int i;

	for (i = 0; i < MOST_PASSES; i++)
		if (!end_some(hosts, nr_hosts))
			return;
}
