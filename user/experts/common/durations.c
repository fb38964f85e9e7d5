// SPDX-License-Identifier: GPL-2.0
/*
 * durations - how long something takes: how often, on average, and in the worst cases
 */
#include "durations.h"

#define USEC_PER_SEC	1000000.0

/* Below 16 each number; then its highest bit, and the four behind it. */
static DWORD class_of(uint64_t us)
{
	DWORD bit, class;

	if (us < 16)
		return (DWORD)us;
	bit = 63 - (DWORD)__builtin_clzll(us);
	class = (bit - 3) * 16 + (DWORD)(us >> (bit - 4) & 15);
	return class < DURATIONS_CLASSES ? class : DURATIONS_CLASSES - 1;
}

/* The longest duration in it. */
static uint64_t end_of(DWORD class)
{
	DWORD shift;

	if (class < 16)
		return class;
	shift = class / 16 - 1;
	return ((uint64_t)(class % 16 + 17) << shift) - 1;
}

void durations_add(struct durations *durations, uint64_t us)
{
	durations->count++;
	durations->sum_us += us;
	if (us > durations->max_us)
		durations->max_us = us;
	durations->classes[class_of(us)]++;
}

void durations_merge(struct durations *to, const struct durations *from)
{
	DWORD i;

	to->count += from->count;
	to->sum_us += from->sum_us;
	if (from->max_us > to->max_us)
		to->max_us = from->max_us;
	for (i = 0; i < DURATIONS_CLASSES; i++)
		to->classes[i] += from->classes[i];
}

double durations_mean(const struct durations *durations)
{
	return durations->count ?
	       (double)durations->sum_us / (double)durations->count / USEC_PER_SEC : 0;
}

double durations_percentile(const struct durations *durations, DWORD percent)
{
	uint64_t wanted = (durations->count * percent + 99) / 100, seen = 0, us = 0;
	DWORD i;

	for (i = 0; i < DURATIONS_CLASSES && seen < wanted; i++) {
		seen += durations->classes[i];
		us = end_of(i);
	}
	/* The last class has no end. */
	if (us > durations->max_us || i == DURATIONS_CLASSES)
		us = durations->max_us;
	return (double)us / USEC_PER_SEC;
}
