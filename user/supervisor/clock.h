/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock - monotonic time in nanoseconds, as the kernel module reports it
 */
#ifndef NEXP_CLOCK_H
#define NEXP_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NEXP_NS_PER_MS	1000000ULL
#define NEXP_NS_PER_SEC	1000000000ULL

/* Later than any deadline. */
#define NEXP_NEVER	UINT64_MAX

/** nexp_now_ns() - CLOCK_MONOTONIC now. */
static inline uint64_t nexp_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NEXP_NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

#endif /* NEXP_CLOCK_H */
