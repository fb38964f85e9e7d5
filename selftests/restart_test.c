// SPDX-License-Identifier: GPL-2.0
/*
 * restart_test - across incarnations no frame is missing, and seen twice is
 * only what was not released
 *
 * A frame is released when the consumer position is moved past it. Readers that
 * die here say beforehand where they stand, so the test knows which frames the
 * next one must see again.
 */
#include "child.h"
#include "feed.h"

#define LENGTH	100

FIXTURE(restart)
{
	int session;
	__u64 pool;
	int feed;
	__u64 fed;
	__u64 size;
};

FIXTURE_SETUP(restart)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.ring_size = 1 << 20;
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	self->feed = nexp_do_load(_metadata, self->pool);
	self->size = nexp_record_size(LENGTH);
}

FIXTURE_TEARDOWN(restart)
{
	close(self->session);
}

static void feed_frames(struct __test_metadata *const _metadata,
			FIXTURE_DATA(restart) *self, int nr)
{
	while (nr--)
		ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed,
						 self->fed++, LENGTH));
}

/**
 * struct life - what one incarnation does before it dies
 * @read: frames it looks at, from where it starts.
 * @in_hand: of these, the last ones that it does not release.
 */
struct life {
	__u64 read;
	__u64 in_hand;
};

/*
 * Reads, says the number of the first frame it saw, and is killed. Asserts that
 * the numbers it sees are without a gap.
 */
static __u64 live(struct __test_metadata *const _metadata,
		  FIXTURE_DATA(restart) *self, const struct life *life)
{
	struct netexpert_pool_stat stat;
	struct nexp_child child;
	__u64 first;
	int fd;

	ASSERT_TRUE(nexp_becomes((fd = __nexp_do_open(self->session, self->pool)) >= 0));
	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;
		__u64 position, i;

		nexp_do_attach(_metadata, fd, &a);
		position = nexp_ring_consumer(&a, 0)->position;
		first = position / self->size;
		for (i = 0; i < life->read; i++) {
			const struct netexpert_record *record;

			ASSERT_TRUE(nexp_becomes((record = nexp_peek(&a, 0, position))));
			ASSERT_EQ(first + i, nexp_record_number(record));
			ASSERT_EQ(0, record->lost);
			nexp_reader(&a, 0)->position = position;
			nexp_reader(&a, 0)->busy = 1;
			position += self->size;
			if (i + 1 >= life->in_hand)
				nexp_release(&a, 0, position -
					     life->in_hand * self->size);
		}
		nexp_do_say(_metadata, &child, first);
		for (;;)
			pause();
	}
	first = nexp_do_hear(_metadata, &child);
	kill(child.pid, SIGKILL);
	close(fd);
	nexp_child_end(&child);
	ASSERT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ((first + life->read - 1) * self->size, stat.out_last_position);
	return first;
}

TEST_F(restart, frame_in_hand_is_seen_again_and_no_other)
{
	const struct life life = { .read = 20, .in_hand = 1 };
	__u64 expected = 0;
	int i;

	for (i = 0; i < 8; i++) {
		feed_frames(_metadata, self, 25);
		EXPECT_EQ(expected, live(_metadata, self, &life));
		/* Nineteen are released, the twentieth was in hand. */
		expected += life.read - 1;
		feed_frames(_metadata, self, 5);
	}
}

TEST_F(restart, unreleased_rest_of_a_batch_is_seen_again)
{
	const struct life life = { .read = 20, .in_hand = 7 };
	__u64 expected = 0;
	int i;

	for (i = 0; i < 8; i++) {
		feed_frames(_metadata, self, 25);
		EXPECT_EQ(expected, live(_metadata, self, &life));
		expected += life.read - life.in_hand;
	}
}

TEST_F(restart, who_released_all_leaves_none_to_see_again)
{
	const struct life life = { .read = 20, .in_hand = 0 };
	__u64 expected = 0;
	int i;

	for (i = 0; i < 8; i++) {
		feed_frames(_metadata, self, 20);
		EXPECT_EQ(expected, live(_metadata, self, &life));
		expected += life.read;
	}
}

TEST_F(restart, attach_tells_how_many_were_released)
{
	struct life life = { .read = 20, .in_hand = 7 };
	struct nexp_attachment a;
	int fd;

	feed_frames(_metadata, self, 50);
	EXPECT_EQ(0, live(_metadata, self, &life));
	life.in_hand = 0;
	EXPECT_EQ(13, live(_metadata, self, &life));
	fd = nexp_do_open(_metadata, self->session, self->pool);
	nexp_do_attach(_metadata, fd, &a);
	EXPECT_EQ(33, a.info.out_released);
}

/* The ring is empty: nothing that could be looked at says how many there were. */
TEST_F(restart, attach_counts_in_an_empty_ring_too)
{
	const struct life life = { .read = 5000, .in_hand = 0 };
	struct nexp_attachment a;
	int fd, i;

	/* More than once round. */
	for (i = 0; i < 3; i++) {
		feed_frames(_metadata, self, 5000);
		EXPECT_EQ(i * 5000, live(_metadata, self, &life));
	}
	fd = nexp_do_open(_metadata, self->session, self->pool);
	nexp_do_attach(_metadata, fd, &a);
	EXPECT_EQ(15000, a.info.out_released);
}

TEST_F(restart, outage_without_an_expert_costs_nothing_while_the_ring_holds)
{
	const struct life life = { .read = 1000, .in_hand = 1 };
	struct netexpert_pool_stat stat;

	feed_frames(_metadata, self, 1000);
	EXPECT_EQ(0, live(_metadata, self, &life));
	feed_frames(_metadata, self, 2000);
	EXPECT_EQ(999, live(_metadata, self, &life));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(3000, stat.out_sum.delivered);
	EXPECT_EQ(3000, stat.out_sum.seen);
	EXPECT_EQ(2, stat.out_incarnation);
}

/* Longer than the ring lasts: what is kept is the oldest, the rest is counted. */
TEST_F(restart, outage_beyond_the_ring_is_counted_at_its_position)
{
	const __u64 room = (1 << 20) / self->size;
	struct netexpert_pool_stat stat;
	struct nexp_attachment a;
	__u64 i;
	int fd;

	for (i = 0; i < room + 100; i++)
		nexp_do_feed_number(_metadata, self->feed, i, LENGTH);
	fd = nexp_do_open(_metadata, self->session, self->pool);
	nexp_do_attach(_metadata, fd, &a);
	for (i = 0; i < room; i++) {
		const struct netexpert_record *record =
			nexp_peek(&a, 0, i * self->size);

		ASSERT_NE(NULL, record);
		ASSERT_EQ(i, nexp_record_number(record));
		ASSERT_EQ(0, record->lost);
	}
	EXPECT_EQ(NULL, nexp_peek(&a, 0, room * self->size));
	EXPECT_EQ(100, nexp_ring_status(&a, 0)->lost);
	nexp_release(&a, 0, room * self->size);
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 1 << 20, LENGTH));
	EXPECT_EQ(100, nexp_peek(&a, 0, room * self->size)->lost);
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(100, stat.out_sum.dropped[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(room + 1, stat.out_sum.delivered);
}

TEST_HARNESS_MAIN
