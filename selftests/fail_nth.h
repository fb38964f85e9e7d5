/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fail_nth - let the n-th allocation or copy of this thread fail
 *
 * Only kernels with fault injection can: the ones that check-debug builds.
 */
#ifndef NEXP_SELFTESTS_FAIL_NTH_H
#define NEXP_SELFTESTS_FAIL_NTH_H

#include <sys/rseq.h>
#include <sys/syscall.h>

#include "util.h"

#define NEXP_FAIL_DEBUGFS	"/sys/kernel/debug/"

/*
 * Everything may fail: allocations that could have waited, and pages of any
 * order and zone. And nothing is said about it in the kernel's log.
 */
static inline bool nexp_fail_set_up(void)
{
	static const char *const settings[][2] = {
		{ NEXP_FAIL_DEBUGFS "failslab/ignore-gfp-wait", "N" },
		{ NEXP_FAIL_DEBUGFS "failslab/verbose", "0" },
		{ NEXP_FAIL_DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N" },
		{ NEXP_FAIL_DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ NEXP_FAIL_DEBUGFS "fail_page_alloc/min-order", "0" },
		{ NEXP_FAIL_DEBUGFS "fail_page_alloc/verbose", "0" },
		{ NEXP_FAIL_DEBUGFS "fail_usercopy/verbose", "0" },
	};
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		int fd = open(settings[i][0], O_WRONLY | O_CLOEXEC);
		ssize_t done = fd < 0 ? -1 : write(fd, settings[i][1], 1);

		close(fd);
		if (done != 1)
			return false;
	}
	return true;
}

/*
 * The kernel notes in the thread's rseq area which processor it is on, whenever that
 * may have changed, and where it can't it kills the process. A page for that area can
 * fail like any other, but right after a fork only: and then whether it does is a
 * matter of who was preempted when. So this thread does without, and as glibc has
 * it, so do the threads that it makes.
 */
static inline bool nexp_fail_without_rseq(void)
{
	volatile struct rseq *rseq =
		(void *)((char *)__builtin_thread_pointer() + __rseq_offset);

	/* No processor: it is not registered. */
	if (!__rseq_size || (int)rseq->cpu_id < 0)
		return true;
	/* The length that glibc registers, whatever part of it has a use. */
	return !syscall(SYS_rseq, rseq, 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
}

/* The thread's own switch, or -1 where the kernel has none. */
static inline int nexp_fail_open(void)
{
	return open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

/* From now on @n counts down, and what it reaches 0 at fails. */
static inline bool nexp_fail_arm(int fail, unsigned int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", n);

	return pwrite(fail, text, length, 0) == length;
}

/*
 * Whether the failure has happened; none will after this. The copies in here are
 * some that can fail, too: then it had not happened yet.
 */
static inline bool nexp_fail_disarm(int fail)
{
	char left[16] = "";
	bool happened;

	happened = pread(fail, left, sizeof(left) - 1, 0) > 0 &&
		   !strcmp(left, "0\n");
	/* Fails at most once: a failure that happened is over. */
	while (pwrite(fail, "0", 1, 0) != 1 && errno == EFAULT)
		;
	return happened;
}

#endif /* NEXP_SELFTESTS_FAIL_NTH_H */
