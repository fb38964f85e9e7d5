// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's ring arithmetic, the very same header, in user space.
 */
#include <stdbool.h>
#include <stdint.h>

#include "kselftest_harness.h"
#include "../../kmod/ring_math.h"

#define CAPACITY	4096ULL

/* Positions are free-running: everything must hold where they wrap. */
static const __u64 starts[] = { 0, 8, 1ULL << 32, UINT64_MAX - 4095, UINT64_MAX - 7 };

#define NR_STARTS	(sizeof(starts) / sizeof(starts[0]))

TEST(consumer_between_the_positions_is_believed)
{
	size_t i;
	__u64 ahead;

	for (i = 0; i < NR_STARTS; i++)
		for (ahead = 0; ahead <= CAPACITY; ahead += 8)
			EXPECT_TRUE(nexp_ring_consumer_ok(starts[i] + CAPACITY,
							  starts[i],
							  starts[i] + ahead));
}

TEST(consumer_that_went_back_is_not)
{
	size_t i;

	for (i = 0; i < NR_STARTS; i++) {
		EXPECT_FALSE(nexp_ring_consumer_ok(starts[i] + CAPACITY,
						   starts[i], starts[i] - 8));
		EXPECT_FALSE(nexp_ring_consumer_ok(starts[i] + CAPACITY,
						   starts[i],
						   starts[i] - (1ULL << 63)));
	}
}

TEST(consumer_beyond_the_producer_is_not)
{
	size_t i;

	for (i = 0; i < NR_STARTS; i++) {
		EXPECT_FALSE(nexp_ring_consumer_ok(starts[i], starts[i],
						   starts[i] + 8));
		EXPECT_FALSE(nexp_ring_consumer_ok(starts[i] + 64, starts[i],
						   starts[i] + 72));
	}
}

TEST(consumer_off_a_boundary_is_not)
{
	__u64 off;

	for (off = 1; off < 8; off++)
		EXPECT_FALSE(nexp_ring_consumer_ok(64, 0, 8 + off));
}

TEST(free_space_and_what_is_unread_add_up)
{
	size_t i;
	__u64 unread;

	for (i = 0; i < NR_STARTS; i++)
		for (unread = 0; unread <= CAPACITY; unread += 8)
			EXPECT_EQ(CAPACITY - unread,
				  nexp_ring_free(CAPACITY, starts[i] + unread,
						 starts[i]));
}

TEST(record_size_is_the_next_boundary)
{
	__u64 len;

	for (len = 0; len < 100; len++) {
		__u64 size = nexp_record_size(80, len);

		EXPECT_EQ(0, size % 8);
		EXPECT_LE(80 + len, size);
		EXPECT_GT(80 + len + 8, size);
	}
	EXPECT_EQ((1ULL << 32) + 80, nexp_record_size(80, UINT32_MAX));
}

TEST_HARNESS_MAIN
