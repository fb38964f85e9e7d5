// SPDX-License-Identifier: GPL-2.0
/*
 * ring_test - what is in a record, what is lost and where, who shares a ring
 */
#include "child.h"
#include "feed.h"

#include <pthread.h>
#include <sched.h>

#include <linux/if_arp.h>

#define PAGE	4096

FIXTURE(ring)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
	int feed;
	struct nexp_frame frame;
};

/* (Re)makes the pool with other arguments and attaches the test to it. */
static void make_pool(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(ring) *self,
		      const struct netexpert_pool_create *args)
{
	self->pool = nexp_do_pool(_metadata, self->session, args);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
	self->feed = nexp_do_load(_metadata, self->pool);
}

FIXTURE_SETUP(ring)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	nexp_frame_make(&self->frame, 0);
}

FIXTURE_TEARDOWN(ring)
{
	close(self->session);
}

static struct netexpert_ring_stat sum_of(struct __test_metadata *const _metadata,
					 FIXTURE_DATA(ring) *self)
{
	return nexp_do_stat(_metadata, self->session, self->pool).out_sum;
}

static __u64 dropped(const struct netexpert_ring_stat *sum)
{
	__u64 all = 0;
	int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		all += sum->dropped[i];
	return all;
}

TEST_F(ring, record_says_what_the_frame_was)
{
	const struct netexpert_record *record;
	const __u32 length = 101;
	struct timespec before, after;
	size_t i;

	make_pool(_metadata, self, NULL);
	clock_gettime(CLOCK_MONOTONIC, &before);
	ASSERT_EQ(0, nexp_do_feed(_metadata, self->feed, &self->frame, length, 1));
	clock_gettime(CLOCK_MONOTONIC, &after);

	record = nexp_peek(&self->a, 0, 0);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(nexp_record_size(length), record->record_size);
	EXPECT_EQ(0, record->prev_size);
	EXPECT_EQ(NETEXPERT_RECORD_OUT, record->flags);
	EXPECT_EQ(1, record->ifindex);
	EXPECT_EQ(ARPHRD_LOOPBACK, record->link_type);
	EXPECT_EQ(0, record->vlan_tci);
	EXPECT_EQ(0, record->gso_size);
	EXPECT_EQ(0, record->__reserved);
	EXPECT_EQ(0, record->__reserved2);
	EXPECT_EQ(0, record->lost);
	EXPECT_EQ(0, record->lost_causes);
	EXPECT_LE(before.tv_sec * 1000000000ULL + before.tv_nsec, record->time_ns);
	EXPECT_GE(after.tv_sec * 1000000000ULL + after.tv_nsec, record->time_ns);
	EXPECT_EQ((record->time_ns - self->a.info.out_created_ns) / 1000,
		  (__u64)record->stamp_us);
	EXPECT_EQ(length, record->wire_len);
	EXPECT_EQ(length, record->cap_len);
	EXPECT_EQ(0, memcmp(nexp_bytes(record), &self->frame, length));
	for (i = length; i < record->record_size - sizeof(*record); i++)
		EXPECT_EQ(0, nexp_bytes(record)[i]);
	EXPECT_EQ(record->record_size, nexp_produced(&self->a, 0));
}

TEST_F(ring, snaplen_keeps_the_beginning)
{
	static const struct {
		__u32 pool;
		__u32 program;
		__u32 kept;
	} cases[] = {
		{ 0, 0, 200 }, { 0, 64, 64 }, { 64, 0, 64 }, { 64, 32, 32 },
		{ 32, 64, 32 }, { 1, 0, 1 }, { 0, 1, 1 }, { 200, 200, 200 },
		{ 199, 0, 199 }, { 201, 0, 200 }, { UINT32_MAX, UINT32_MAX, 200 },
		{ 0, 0x80000000, 200 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct netexpert_pool_create args = nexp_pool_args();
		const struct netexpert_record *record;
		struct nexp_feed feed = { .snaplen = cases[i].program };
		int program;

		args.snaplen = cases[i].pool;
		make_pool(_metadata, self, &args);
		feed.pool_id = self->pool;
		program = nexp_do_load_feed(_metadata, &feed);
		ASSERT_EQ(0, nexp_do_feed(_metadata, program, &self->frame, 200, 1));
		record = nexp_peek(&self->a, 0, 0);
		ASSERT_NE(NULL, record);
		EXPECT_EQ(200, record->wire_len);
		EXPECT_EQ(cases[i].kept, record->cap_len)
			TH_LOG("pool %u, program %u", cases[i].pool,
			       cases[i].program);
		EXPECT_EQ(nexp_record_size(cases[i].kept), record->record_size);
		EXPECT_EQ(0, memcmp(nexp_bytes(record), &self->frame,
				    cases[i].kept));
	}
}

/* The device took the tag off; the reader gets the frame as it was sent. */
TEST_F(ring, stripped_tag_is_put_back_whatever_the_snaplen)
{
	const unsigned char tag[4] = { 0x81, 0x00, 0x20 | 0x01, 0x23 };
	unsigned char expected[104];
	__u32 snaplen;

	memcpy(expected, &self->frame, 12);
	memcpy(expected + 12, tag, 4);
	memcpy(expected + 16, (char *)&self->frame + 12, 88);
	make_pool(_metadata, self, NULL);
	for (snaplen = 10; snaplen < 22; snaplen++) {
		struct nexp_feed feed = {
			.pool_id = self->pool,
			.snaplen = snaplen < 21 ? snaplen : 0,
			.vlan_tci = 0x2123,
		};
		__u32 kept = snaplen < 21 ? snaplen : sizeof(expected);
		__u64 position = nexp_produced(&self->a, 0);
		const struct netexpert_record *record;
		int program = nexp_do_load_feed(_metadata, &feed);

		ASSERT_EQ(0, nexp_do_feed(_metadata, program, &self->frame, 100, 1));
		record = nexp_peek(&self->a, 0, position);
		ASSERT_NE(NULL, record);
		EXPECT_NE(0, record->flags & NETEXPERT_RECORD_VLAN);
		EXPECT_EQ(0x2123, record->vlan_tci);
		EXPECT_EQ(0x8100, record->vlan_proto);
		EXPECT_EQ(sizeof(expected), record->wire_len);
		EXPECT_EQ(kept, record->cap_len);
		EXPECT_EQ(0, memcmp(expected, nexp_bytes(record), kept))
			TH_LOG("snaplen %u", snaplen);
		close(program);
	}
}

TEST_F(ring, super_frame_and_device_time_are_described)
{
	const struct netexpert_record *record;
	struct __sk_buff ctx = {
		.gso_segs = 3,
		.gso_size = 1000,
		.hwtstamp = 123456789,
	};

	make_pool(_metadata, self, NULL);
	ASSERT_EQ(0, nexp_do_feed_ctx(_metadata, self->feed, &self->frame, 2800, 1,
				      &ctx));
	record = nexp_peek(&self->a, 0, 0);
	ASSERT_NE(NULL, record);
	EXPECT_NE(0, record->flags & NETEXPERT_RECORD_GSO);
	EXPECT_EQ(3, record->gso_segs);
	EXPECT_EQ(1000, record->gso_size);
	EXPECT_NE(0, record->flags & NETEXPERT_RECORD_HWTIME);
	EXPECT_EQ(123456789, record->hwtime_ns);
	EXPECT_EQ(2800, record->cap_len);
}

/* Every length, many times around a small ring, no byte may be another. */
TEST_F_TIMEOUT(ring, frames_of_every_length_come_through_unchanged, 120)
{
	struct netexpert_pool_create args = nexp_pool_args();
	__u64 position = 0, number = 0;
	__u32 length, prev_size = 0;

	args.ring_size = 2 * PAGE;
	make_pool(_metadata, self, &args);
	for (length = NEXP_FEED_MIN; length <= NEXP_FEED_MAX; length++) {
		const struct netexpert_record *record;
		size_t i;

		nexp_frame_make(&self->frame, ++number);
		ASSERT_EQ(0, nexp_do_feed(_metadata, self->feed, &self->frame,
					  length, 1));
		record = nexp_peek(&self->a, 0, position);
		ASSERT_NE(NULL, record);
		ASSERT_EQ(length, record->cap_len);
		ASSERT_EQ(prev_size, record->prev_size);
		ASSERT_EQ(0, memcmp(&self->frame, nexp_bytes(record), length));
		for (i = length; i < record->record_size - sizeof(*record); i++)
			ASSERT_EQ(0, nexp_bytes(record)[i]);
		prev_size = record->record_size;
		position += record->record_size;
		ASSERT_EQ(NULL, nexp_peek(&self->a, 0, position));
		nexp_release(&self->a, 0, position);
	}
	EXPECT_EQ(number, sum_of(_metadata, self).delivered);
}

TEST_F(ring, history_stays_intact_behind_the_reader)
{
	struct netexpert_pool_create args = nexp_pool_args();
	const __u64 size = nexp_record_size(100);
	__u64 number = 0, released, position, back = 0;
	__u32 step;

	args.ring_size = 4 * PAGE;
	args.history_size = 2 * PAGE;
	make_pool(_metadata, self, &args);
	while (!nexp_do_feed_number(_metadata, self->feed, number, 100))
		number++;
	EXPECT_EQ(2 * PAGE / size, number)
		TH_LOG("the producer may fill the ring less its history");

	/* Read all of that, then fill up again: nothing read is overwritten. */
	released = number * size;
	nexp_release(&self->a, 0, released);
	while (!nexp_do_feed_number(_metadata, self->feed, number, 100))
		number++;
	EXPECT_EQ(2 * (2 * PAGE / size), number);

	position = released;
	for (number = released / size; number > 0; number--) {
		step = ((struct netexpert_record *)
			(self->a.ring[0] + (position & (args.ring_size - 1))))->prev_size;
		ASSERT_EQ(size, step);
		position -= step;
		back += step;
		EXPECT_EQ(number - 1, nexp_record_number(nexp_peek(&self->a, 0,
								   position)));
	}
	EXPECT_EQ(released, back);
}

TEST_F(ring, loss_is_told_where_it_happened)
{
	struct netexpert_pool_create args = nexp_pool_args();
	const __u64 size = nexp_record_size(100);
	const struct netexpert_record *record;
	struct netexpert_ring_stat sum;
	__u64 number = 0, capacity;
	int i;

	args.ring_size = PAGE;
	make_pool(_metadata, self, &args);
	while (!nexp_do_feed_number(_metadata, self->feed, number, 100))
		number++;
	capacity = number;
	EXPECT_EQ(PAGE / size, capacity);
	EXPECT_EQ(1, nexp_ring_status(&self->a, 0)->lost);
	for (i = 0; i < 4; i++)
		EXPECT_GT(0, nexp_do_feed_number(_metadata, self->feed, 1000, 100));
	EXPECT_EQ(5, nexp_ring_status(&self->a, 0)->lost);
	EXPECT_EQ(1U << NETEXPERT_DROP_RING_FULL,
		  nexp_ring_status(&self->a, 0)->lost_causes);

	nexp_release(&self->a, 0, size);
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 2000, 100));
	EXPECT_EQ(0, nexp_ring_status(&self->a, 0)->lost);
	EXPECT_EQ(0, nexp_ring_status(&self->a, 0)->lost_causes);
	record = nexp_peek(&self->a, 0, capacity * size);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(2000, nexp_record_number(record));
	EXPECT_EQ(5, record->lost);
	EXPECT_EQ(1U << NETEXPERT_DROP_RING_FULL, record->lost_causes);
	nexp_release(&self->a, 0, 3 * size);
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 2001, 100));
	EXPECT_EQ(0, nexp_peek(&self->a, 0, (capacity + 1) * size)->lost);

	sum = sum_of(_metadata, self);
	EXPECT_EQ(5, sum.dropped[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(capacity + 2, sum.delivered);
	EXPECT_EQ((capacity + 2) * 100, sum.delivered_bytes);
	EXPECT_EQ(capacity + 7, sum.seen);
	EXPECT_EQ((capacity + 2) * size, sum.position);
}

TEST_F(ring, counters_tell_how_far_the_reader_is_by_now)
{
	const __u64 size = nexp_record_size(100);

	make_pool(_metadata, self, NULL);
	ASSERT_EQ(0, nexp_do_feed(_metadata, self->feed, &self->frame, 100, 5));
	EXPECT_EQ(0, sum_of(_metadata, self).consumed);
	nexp_release(&self->a, 0, 3 * size);
	EXPECT_EQ(3 * size, sum_of(_metadata, self).consumed);
	nexp_release(&self->a, 0, 5 * size);
	EXPECT_EQ(5 * size, sum_of(_metadata, self).consumed);
	EXPECT_EQ(5 * size, sum_of(_metadata, self).position);
	nexp_release(&self->a, 0, 6 * size);
	EXPECT_GE(5 * size, sum_of(_metadata, self).consumed)
		TH_LOG("a word that makes no sense was believed");
}

/* A reader that is too slow by turns: what it is told adds up exactly. */
TEST_F(ring, losses_told_add_up_to_losses_counted)
{
	struct netexpert_pool_create args = nexp_pool_args();
	__u64 position = 0, lost = 0, read = 0, gaps = 0, last = 0;
	const struct netexpert_record *record;
	struct netexpert_ring_stat sum;
	__u64 number;

	args.ring_size = PAGE;
	make_pool(_metadata, self, &args);
	for (number = 1; number <= 3000; number++) {
		nexp_do_feed_number(_metadata, self->feed, number,
				    20 + number * 37 % 500);
		if (number % 64 < 40)
			continue;
		record = nexp_peek(&self->a, 0, position);
		if (!record)
			continue;
		/* The numbers missing are exactly the losses told. */
		ASSERT_EQ(record->lost, nexp_record_number(record) - last - 1);
		last = nexp_record_number(record);
		gaps += !!record->lost;
		lost += record->lost;
		read++;
		position += record->record_size;
		nexp_release(&self->a, 0, position);
	}
	while ((record = nexp_peek(&self->a, 0, position))) {
		ASSERT_EQ(record->lost, nexp_record_number(record) - last - 1);
		last = nexp_record_number(record);
		lost += record->lost;
		read++;
		position += record->record_size;
	}
	lost += nexp_ring_status(&self->a, 0)->lost;
	sum = sum_of(_metadata, self);
	EXPECT_EQ(3000, sum.seen);
	EXPECT_EQ(read, sum.delivered);
	EXPECT_EQ(lost, dropped(&sum));
	EXPECT_EQ(sum.seen, read + lost);
	EXPECT_LT(10, gaps);
}

TEST_F(ring, frame_larger_than_the_ring_has_a_cause_of_its_own)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_ring_stat sum;

	args.ring_size = PAGE;
	args.history_size = PAGE - 1024;
	make_pool(_metadata, self, &args);
	EXPECT_GT(0, nexp_do_feed_number(_metadata, self->feed, 1, 945));
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, 2, 944));
	EXPECT_EQ(1U << NETEXPERT_DROP_TOO_BIG,
		  nexp_peek(&self->a, 0, 0)->lost_causes);
	EXPECT_GT(0, nexp_do_feed_number(_metadata, self->feed, 3, 945))
		TH_LOG("full, and too big for an empty ring as well");
	sum = sum_of(_metadata, self);
	EXPECT_EQ(2, sum.dropped[NETEXPERT_DROP_TOO_BIG]);
	EXPECT_EQ(0, sum.dropped[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(3, sum.seen);
	EXPECT_EQ(1, sum.delivered);
}

TEST_F(ring, delivery_to_no_pool_is_counted_by_the_module)
{
	struct netexpert_info before, after;
	int program;

	make_pool(_metadata, self, NULL);
	before = nexp_do_info(_metadata, self->session);
	ASSERT_EQ(0, __nexp_do_destroy(self->session, self->pool));
	EXPECT_EQ(-ENOENT, nexp_do_feed(_metadata, self->feed, &self->frame, 100, 7));
	program = nexp_do_load(_metadata, 0);
	EXPECT_EQ(-ENOENT, nexp_do_feed(_metadata, program, &self->frame, 100, 1));
	program = nexp_do_load(_metadata, UINT64_MAX);
	EXPECT_EQ(-ENOENT, nexp_do_feed(_metadata, program, &self->frame, 100, 1));
	after = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(before.out_drops_no_pool + 9, after.out_drops_no_pool);
}

TEST_F(ring, unknown_kfunc_flags_are_refused)
{
	struct nexp_feed feed = {};
	int bit;

	make_pool(_metadata, self, NULL);
	feed.pool_id = self->pool;
	for (bit = 0; bit < 32; bit += 5) {
		int program;

		feed.flags = 1U << bit;
		program = nexp_do_load_feed(_metadata, &feed);
		EXPECT_EQ(-EINVAL, nexp_do_feed(_metadata, program, &self->frame,
						100, 1));
		close(program);
	}
	EXPECT_EQ(0, sum_of(_metadata, self).seen);
}

static void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

TEST_F(ring, every_cpu_has_its_own)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_stat stat = { .size = sizeof(stat) };
	struct netexpert_ring_stat rings[2];
	int cpu, i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	args.nr_rings = 2;
	make_pool(_metadata, self, &args);
	for (cpu = 0; cpu < 2; cpu++) {
		pin_to(cpu);
		for (i = 0; i < 5 + cpu; i++)
			ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed,
							 cpu * 100 + i, 60));
	}
	for (cpu = 0; cpu < 2; cpu++) {
		ASSERT_NE(NULL, nexp_peek(&self->a, cpu, 0));
		EXPECT_EQ(cpu * 100, nexp_record_number(nexp_peek(&self->a, cpu, 0)));
	}
	stat.pool_id = self->pool;
	stat.rings = (uintptr_t)rings;
	stat.nr_rings = 2;
	ASSERT_EQ(0, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_STAT, &stat));
	EXPECT_EQ(5, rings[0].delivered);
	EXPECT_EQ(6, rings[1].delivered);
	EXPECT_EQ(11, stat.out_sum.delivered);
	EXPECT_EQ(rings[0].position + rings[1].position, stat.out_sum.position);
}

#define NUMBERS		60	/* of each producer */
#define REPEAT		200	/* times in a row that it feeds each */

/**
 * struct producer - a thread that feeds from a CPU of its own
 * @metadata: the test.
 * @cpu: the CPU; its numbers have it in their upper half.
 * @feed: the program.
 * @done: all is fed.
 */
struct producer {
	struct __test_metadata *metadata;
	__u64 cpu;
	int feed;
	bool done;
};

static void *produce(void *arg)
{
	struct producer *p = arg;
	struct nexp_frame frame;
	__u64 i;

	pin_to(p->cpu);
	for (i = 0; i < NUMBERS; i++) {
		nexp_frame_make(&frame, p->cpu << 32 | i);
		nexp_do_feed(p->metadata, p->feed, &frame, 60 + i * 5, REPEAT);
	}
	__atomic_store_n(&p->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/*
 * Two CPUs fill one ring while it is read, each as fast as it can: every frame
 * comes as often as it was fed, whole, and in the order of its CPU.
 */
TEST_F_TIMEOUT(ring, shared_ring_loses_and_mixes_nothing, 120)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_ring_stat sum;
	struct producer p[2];
	pthread_t threads[2];
	__u64 seen[2] = { 0, 0 };
	__u64 position = 0;
	int i;

	args.ring_size = 16 << 20;
	make_pool(_metadata, self, &args);
	for (i = 0; i < 2; i++) {
		p[i] = (struct producer){ _metadata, i, self->feed, false };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, produce, &p[i]));
	}
	for (;;) {
		bool done = __atomic_load_n(&p[0].done, __ATOMIC_ACQUIRE) &&
			    __atomic_load_n(&p[1].done, __ATOMIC_ACQUIRE);
		const struct netexpert_record *record;

		while ((record = nexp_peek(&self->a, 0, position))) {
			__u64 number = nexp_record_number(record);
			int who = number >> 32;

			ASSERT_LE(who, 1);
			ASSERT_EQ(seen[who] / REPEAT, number & UINT32_MAX);
			nexp_frame_make(&self->frame, number);
			ASSERT_EQ(60 + seen[who] / REPEAT * 5, record->cap_len);
			ASSERT_EQ(0, memcmp(&self->frame, nexp_bytes(record),
					    record->cap_len));
			seen[who]++;
			position += record->record_size;
			nexp_release(&self->a, 0, position);
		}
		if (done)
			break;
		sched_yield();
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(NUMBERS * REPEAT, seen[i]);
	}
	sum = sum_of(_metadata, self);
	EXPECT_EQ(2 * NUMBERS * REPEAT, sum.seen);
	EXPECT_EQ(2 * NUMBERS * REPEAT, sum.delivered);
	EXPECT_EQ(0, dropped(&sum));
}

TEST_HARNESS_MAIN
