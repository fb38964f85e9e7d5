// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_test - the kernel believes nothing that stands in the consumer window
 *
 * Frames are delivered while the test process, as a hostile expert, writes
 * whatever it likes over the only page it may write. It may harm itself; another
 * pool that gets the same frames must not lose one.
 */
#include "child.h"
#include "feed.h"

#include <pthread.h>

#define LENGTH	100

/* A pool of the hostile expert, and one of a bystander who reads nothing. */
FIXTURE(hostile)
{
	int session;
	__u64 pool;
	__u64 bystander;
	struct nexp_attachment a;
	int feed;
	int bystander_feed;
	struct nexp_frame frame;
};

FIXTURE_SETUP(hostile)
{
	struct netexpert_pool_create large = nexp_pool_args();

	large.ring_size = 16 << 20;
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	self->bystander = nexp_do_pool(_metadata, self->session, &large);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
	self->feed = nexp_do_load(_metadata, self->pool);
	self->bystander_feed = nexp_do_load(_metadata, self->bystander);
	nexp_frame_make(&self->frame, 1);
}

FIXTURE_TEARDOWN(hostile)
{
	close(self->session);
}

/* One frame to both; answers what the hostile pool said. */
static int feed_both(struct __test_metadata *const _metadata,
		     FIXTURE_DATA(hostile) *self)
{
	EXPECT_EQ(0, nexp_do_feed(_metadata, self->bystander_feed, &self->frame,
				  LENGTH, 1));
	return nexp_do_feed(_metadata, self->feed, &self->frame, LENGTH, 1);
}

static void expect_conserved(struct __test_metadata *const _metadata,
			     const struct netexpert_ring_stat *sum)
{
	__u64 dropped = 0;
	int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		dropped += sum->dropped[i];
	EXPECT_EQ(sum->seen, sum->filtered + sum->delivered + dropped);
}

static void expect_bystander_unharmed(struct __test_metadata *const _metadata,
				      FIXTURE_DATA(hostile) *self, __u64 frames)
{
	struct netexpert_pool_stat stat;

	stat = nexp_do_stat(_metadata, self->session, self->bystander);
	EXPECT_EQ(frames, stat.out_sum.seen);
	EXPECT_EQ(frames, stat.out_sum.delivered);
	expect_conserved(_metadata, &stat.out_sum);
}

TEST_F(hostile, nonsense_position_costs_its_own_frames_only)
{
	const __u64 size = nexp_record_size(LENGTH);
	const __u64 nonsense[] = {
		0, 8, size - 8, size + 1, size + 4, 3 * size, 3 * size + 8,
		1ULL << 16, 1ULL << 31, 1ULL << 32, 1ULL << 63, (1ULL << 63) + size,
		UINT64_MAX, UINT64_MAX - 7, size | 1ULL << 32, 0 - size,
	};
	struct netexpert_pool_stat stat;
	size_t i;

	/* Two records, the first released: valid is [size, 2 * size]. */
	ASSERT_EQ(0, feed_both(_metadata, self));
	nexp_release(&self->a, 0, size);
	ASSERT_EQ(0, feed_both(_metadata, self));
	for (i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		nexp_release(&self->a, 0, nonsense[i]);
		EXPECT_GT(0, feed_both(_metadata, self))
			TH_LOG("position 0x%llx", nonsense[i]);
		stat = nexp_do_stat(_metadata, self->session, self->pool);
		EXPECT_EQ(i + 1, stat.out_sum.dropped[NETEXPERT_DROP_CORRUPT])
			TH_LOG("position 0x%llx", nonsense[i]);
		EXPECT_EQ(size, stat.out_sum.consumed);
		EXPECT_EQ(2 * size, stat.out_sum.position);
	}
	EXPECT_EQ(i, nexp_ring_status(&self->a, 0)->lost);
	EXPECT_EQ(1U << NETEXPERT_DROP_CORRUPT,
		  nexp_ring_status(&self->a, 0)->lost_causes);

	nexp_release(&self->a, 0, 2 * size);
	EXPECT_EQ(0, feed_both(_metadata, self))
		TH_LOG("a position that makes sense again");
	EXPECT_EQ(i, nexp_peek(&self->a, 0, 2 * size)->lost);
	EXPECT_EQ(1U << NETEXPERT_DROP_CORRUPT,
		  nexp_peek(&self->a, 0, 2 * size)->lost_causes);
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	expect_conserved(_metadata, &stat.out_sum);
	expect_bystander_unharmed(_metadata, self, 3 + i);
}

static __u64 random_state = 88172645463325252ULL;

static __u64 next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Half of them near the truth, where off-by-ones live. */
static __u64 random_position(__u64 consumed, __u64 produced)
{
	__u64 random = next_random();

	switch (random & 3) {
	case 0:
		return next_random();
	case 1:
		return consumed - 16 + (next_random() & 31);
	case 2:
		return produced - 16 + (next_random() & 31);
	default:
		return consumed + (next_random() & 0xffff & ~7ULL);
	}
}

TEST_F(hostile, random_positions_are_believed_only_when_they_can_be_true)
{
	const __u64 size = nexp_record_size(LENGTH);
	__u64 consumed = 0, produced = 0, corrupt = 0, full = 0, delivered = 0;
	struct netexpert_pool_stat stat;
	int i;

	for (i = 0; i < 3000; i++) {
		__u64 claimed = random_position(consumed, produced);
		int ret;

		nexp_release(&self->a, 0, claimed);
		ret = feed_both(_metadata, self);
		if (claimed % 8 || claimed - consumed > produced - consumed) {
			corrupt++;
			ASSERT_GT(0, ret)
				TH_LOG("0x%llx of 0x%llx to 0x%llx", claimed,
				       consumed, produced);
			continue;
		}
		consumed = claimed;
		if (produced + size - consumed > self->a.info.out_ring_size) {
			full++;
			ASSERT_GT(0, ret);
			continue;
		}
		ASSERT_EQ(0, ret);
		produced += size;
		delivered++;
	}
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(corrupt, stat.out_sum.dropped[NETEXPERT_DROP_CORRUPT]);
	EXPECT_EQ(full, stat.out_sum.dropped[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(delivered, stat.out_sum.delivered);
	EXPECT_EQ(produced, stat.out_sum.position);
	EXPECT_EQ(consumed, stat.out_sum.consumed);
	expect_conserved(_metadata, &stat.out_sum);
	expect_bystander_unharmed(_metadata, self, i);
	EXPECT_LT(0, corrupt);
	EXPECT_LT(0, delivered);
}

struct scribbler {
	volatile __u64 *words;
	size_t nr;
	bool stop;
};

/* The whole window, over and over, while frames come. */
static void *scribble(void *arg)
{
	struct scribbler *s = arg;
	__u64 x = 1;
	size_t i;

	while (!__atomic_load_n(&s->stop, __ATOMIC_RELAXED)) {
		for (i = 0; i < s->nr; i++) {
			x = x * 6364136223846793005ULL + 1442695040888963407ULL;
			s->words[i] = x;
		}
	}
	return NULL;
}

TEST_F_TIMEOUT(hostile, scribbling_during_delivery_harms_the_scribbler_only, 120)
{
	struct scribbler s = {
		.words = (void *)self->a.consumer,
		.nr = self->a.info.out_consumer_size / sizeof(__u64),
	};
	struct netexpert_pool_stat stat;
	const int rounds = 200, repeat = 50;
	pthread_t thread;
	__u64 position;
	int i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, scribble, &s));
	for (i = 0; i < rounds; i++) {
		EXPECT_EQ(0, nexp_do_feed(_metadata, self->bystander_feed,
					  &self->frame, LENGTH, repeat));
		nexp_do_feed(_metadata, self->feed, &self->frame, LENGTH, repeat);
		nexp_poll(self->a.fd, 0);
	}
	__atomic_store_n(&s.stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(thread, NULL));

	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(rounds * repeat, stat.out_sum.seen);
	EXPECT_LT(0, stat.out_sum.dropped[NETEXPERT_DROP_CORRUPT]);
	expect_conserved(_metadata, &stat.out_sum);
	expect_bystander_unharmed(_metadata, self, rounds * repeat);

	position = stat.out_sum.position;
	memset(self->a.consumer, 0, self->a.info.out_consumer_size);
	nexp_release(&self->a, 0, position);
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 42, LENGTH));
	ASSERT_NE(NULL, nexp_peek(&self->a, 0, position));
	EXPECT_EQ(42, nexp_record_number(nexp_peek(&self->a, 0, position)));
}

/* The next incarnation gets positions that make sense, whatever the last did. */
TEST_F(hostile, next_incarnation_starts_from_the_last_valid_position)
{
	const __u64 size = nexp_record_size(LENGTH);
	struct nexp_attachment next;
	__u64 i;
	int fd;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, i, LENGTH));
	nexp_release(&self->a, 0, size);
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 4, LENGTH));
	memset(self->a.consumer, 0xff, self->a.info.out_consumer_size);
	ASSERT_GT(0, nexp_do_feed_number(_metadata, self->feed, 5, LENGTH));

	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	ASSERT_TRUE(nexp_becomes((fd = __nexp_do_open(self->session, self->pool)) >= 0));
	nexp_do_attach(_metadata, fd, &next);
	EXPECT_EQ(size, nexp_ring_consumer(&next, 0)->position);
	EXPECT_EQ(0, nexp_consumer(&next)->waiting);
	EXPECT_EQ(0, nexp_reader(&next, 0)->busy);
	EXPECT_EQ(0, nexp_reader(&next, NETEXPERT_NR_READERS - 1)->position);
	for (i = 1; i < 5; i++) {
		ASSERT_NE(NULL, nexp_peek(&next, 0, i * size));
		EXPECT_EQ(i, nexp_record_number(nexp_peek(&next, 0, i * size)));
	}
	EXPECT_EQ(NULL, nexp_peek(&next, 0, 5 * size));
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 6, LENGTH));
	EXPECT_EQ(6, nexp_record_number(nexp_peek(&next, 0, 5 * size)));
	EXPECT_EQ(1, nexp_peek(&next, 0, 5 * size)->lost);
}

/* What it left behind must not cost the frames that come while nobody reads. */
TEST_F(hostile, frames_of_an_outage_are_not_lost_for_the_last_ones_word)
{
	const __u64 size = nexp_record_size(LENGTH);
	struct netexpert_pool_stat stat;
	struct nexp_attachment next;
	int fd;

	ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 0, LENGTH));
	memset(self->a.consumer, 0x5a, self->a.info.out_consumer_size);
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	ASSERT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 1, LENGTH));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 2, LENGTH));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(3, stat.out_sum.delivered);
	EXPECT_EQ(3, stat.out_sum.seen);
	fd = nexp_do_open(_metadata, self->session, self->pool);
	nexp_do_attach(_metadata, fd, &next);
	EXPECT_EQ(0, nexp_ring_consumer(&next, 0)->position);
	EXPECT_EQ(2, nexp_record_number(nexp_peek(&next, 0, 2 * size)));
}

/* The kernel cannot tell while it runs; who comes next must find a record. */
TEST_F(hostile, position_inside_a_record_moves_up_to_the_next_one)
{
	const __u64 size = nexp_record_size(LENGTH);
	const __u64 positions[] = { 8, size - 8, size + 8, 2 * size - 16,
				    3 * size - 8, 3 * size };
	const __u64 expected[] = { size, size, 2 * size, 2 * size, 3 * size,
				   3 * size };
	size_t i;

	for (i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int feed = nexp_do_load(_metadata, pool);
		struct nexp_attachment a, next;
		int fd, n;

		nexp_do_attach(_metadata, nexp_do_open(_metadata, self->session, pool),
			       &a);
		for (n = 0; n < 3; n++)
			ASSERT_EQ(0, nexp_do_feed_number(_metadata, feed, n, LENGTH));
		nexp_release(&a, 0, positions[i]);
		ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
		ASSERT_TRUE(nexp_becomes((fd = __nexp_do_open(self->session, pool)) >= 0));
		nexp_do_attach(_metadata, fd, &next);
		EXPECT_EQ(expected[i], nexp_ring_consumer(&next, 0)->position)
			TH_LOG("from %llu", positions[i]);
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		close(feed);
	}
}

/* What it says of its work is passed on, and nothing else is done with it. */
TEST_F(hostile, last_words_are_reported_as_said)
{
	struct netexpert_pool_stat stat;

	nexp_reader(&self->a, 0)->position = 0xfedcba9876543210ULL;
	nexp_reader(&self->a, 0)->ring = UINT32_MAX;
	nexp_reader(&self->a, 0)->busy = UINT32_MAX;
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(0xfedcba9876543210ULL, stat.out_last_position);
	EXPECT_EQ(UINT32_MAX, stat.out_last_ring);
	EXPECT_EQ(1, stat.out_last_busy);
}

TEST_HARNESS_MAIN
