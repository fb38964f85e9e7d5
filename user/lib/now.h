/* SPDX-License-Identifier: GPL-2.0 */
/*
 * now - the time, for waiting
 */
#ifndef NEXP_NOW_H
#define NEXP_NOW_H

#include <stdint.h>
#include <time.h>

/** nexp_now_ms() - milliseconds of CLOCK_MONOTONIC */
static inline uint64_t nexp_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#endif /* NEXP_NOW_H */
