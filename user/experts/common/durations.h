/* SPDX-License-Identifier: GPL-2.0 */
/*
 * durations - how long something takes: how often, on average, and in the worst cases
 *
 * Number, sum and maximum are exact. For percentiles durations are counted in classes,
 * sixteen for each power of two, so what is said is at most 6.25 % more than it was.
 */
#ifndef EXPERTS_DURATIONS_H
#define EXPERTS_DURATIONS_H

#include <netmon.h>

/* Up to 2^36 microseconds, 19 hours; longer ones are in the last class. */
#define DURATIONS_CLASSES	(16 * 33)

/**
 * struct durations - of one kind; all 0 at first
 * @count: how many.
 * @sum_us: of all, in microseconds.
 * @max_us: the longest.
 * @classes: how many in each.
 */
struct durations {
	uint64_t count;
	uint64_t sum_us;
	uint64_t max_us;
	DWORD classes[DURATIONS_CLASSES];
};

/** durations_add() - one more. */
void durations_add(struct durations *durations, uint64_t us);

/** durations_merge() - all of @from. */
void durations_merge(struct durations *to, const struct durations *from);

/** durations_mean() - in seconds; 0 of none. */
double durations_mean(const struct durations *durations);

/** durations_percentile() - in seconds: @percent of all took at most as long; 0 of none. */
double durations_percentile(const struct durations *durations, DWORD percent);

#endif /* EXPERTS_DURATIONS_H */
