// SPDX-License-Identifier: GPL-2.0
/*
 * loop - files to wait for, and what to do when they are ready
 */
#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>

#include "clock.h"
#include "loop.h"

#define EVENTS_PER_ROUND	32

int nexp_loop_open(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int nexp_loop_add(int loop, int fd, struct nexp_source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	return epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

void nexp_loop_remove(int loop, int fd)
{
	epoll_ctl(loop, EPOLL_CTL_DEL, fd, NULL);
}

/* Rounded up, so that the deadline has come when the wait is over. */
static int timeout_ms(uint64_t deadline_ns)
{
	uint64_t now_ns = nexp_now_ns(), ms;

	if (deadline_ns == NEXP_NEVER)
		return -1;
	if (deadline_ns <= now_ns)
		return 0;
	ms = (deadline_ns - now_ns + NEXP_NS_PER_MS - 1) / NEXP_NS_PER_MS;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

int nexp_loop_once(int loop, uint64_t deadline_ns)
{
	struct epoll_event events[EVENTS_PER_ROUND];
	struct nexp_source *source;
	int n, i;

	n = epoll_wait(loop, events, EVENTS_PER_ROUND, timeout_ms(deadline_ns));
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	for (i = 0; i < n; i++) {
		source = events[i].data.ptr;
		source->ready(source->owner);
	}
	return 0;
}
