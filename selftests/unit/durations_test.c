// SPDX-License-Identifier: GPL-2.0
/*
 * durations: number, mean and maximum are exact, percentiles as near as is said.
 */
#include <stdlib.h>

#include "unit.h"
#include "user/experts/common/durations.h"

#define NR	20000

static int by_size(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

TEST(none_is_zero)
{
	struct durations none = { 0 };

	EXPECT_EQ(0, durations_mean(&none));
	EXPECT_EQ(0, durations_percentile(&none, 50));
	EXPECT_EQ(0, durations_percentile(&none, 100));
}

TEST(percentiles_are_as_near_as_is_said)
{
	static const DWORD percents[] = { 1, 25, 50, 95, 99, 100 };
	static uint64_t us[NR];
	static struct durations times;
	uint64_t random = 1, sum = 0;
	unsigned int i;

	for (i = 0; i < NR; i++) {
		us[i] = (((uint64_t)unit_random(&random) << 32) | unit_random(&random)) >>
			(30 + unit_random(&random) % 34);
		sum += us[i];
		durations_add(&times, us[i]);
	}
	qsort(us, NR, sizeof(us[0]), by_size);
	EXPECT_EQ(NR, times.count);
	EXPECT_EQ((double)sum / NR / 1000000, durations_mean(&times));
	for (i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		double exact = (double)us[NR * percents[i] / 100 - 1] / 1000000;
		double said = durations_percentile(&times, percents[i]);

		EXPECT_LE(exact, said);
		EXPECT_GE(exact * 1.0625, said) {
			TH_LOG("%u %%: %f, not %f", percents[i], said, exact);
		}
	}
	EXPECT_EQ((double)us[NR - 1] / 1000000, durations_percentile(&times, 100));
}

TEST(what_is_longest_of_all_has_a_place)
{
	struct durations times = { 0 };

	durations_add(&times, UINT64_MAX / 2);
	EXPECT_EQ((double)(UINT64_MAX / 2) / 1000000, durations_percentile(&times, 50));
}

TEST(two_are_as_one)
{
	struct durations one = { 0 }, other = { 0 }, both = { 0 };
	uint64_t i;

	for (i = 0; i < 1000; i++) {
		durations_add(i % 3 ? &one : &other, i * i);
		durations_add(&both, i * i);
	}
	durations_merge(&one, &other);
	EXPECT_EQ(0, memcmp(&one, &both, sizeof(both)));
}

TEST_HARNESS_MAIN
