// SPDX-License-Identifier: GPL-2.0
/*
 * library_test - the native expert API on the kernel's own pools
 *
 * What the library does by itself is tested without a kernel, under sanitizers;
 * here is what takes two: limits, waiting, restarts, the end.
 */
#include "child.h"
#include "feed.h"

#include <netexpert.h>
#include <pthread.h>
#include <sched.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define LENGTH	100

FIXTURE(library)
{
	int session;
	__u64 pool;
	int feed;
	__u64 fed;
};

static void make_pool(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(library) *self, __u32 nr_rings)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.nr_rings = nr_rings;
	args.heap_size = 32 * MIB;
	args.heap_limit = 8 * MIB;
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	self->feed = nexp_do_load(_metadata, self->pool);
}

FIXTURE_SETUP(library)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(library)
{
	close(self->session);
}

static struct netexpert *adopt(struct __test_metadata *const _metadata,
			       FIXTURE_DATA(library) *self)
{
	struct netexpert *nx;
	int fd;

	ASSERT_TRUE(nexp_becomes((fd = __nexp_do_open(self->session, self->pool)) >= 0));
	ASSERT_EQ(0, netexpert_adopt(fd, &nx));
	return nx;
}

static void feed_frames(struct __test_metadata *const _metadata,
			FIXTURE_DATA(library) *self, int nr)
{
	while (nr--)
		ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed,
						 self->fed++, LENGTH));
}

TEST_F(library, adopts_attachments_and_nothing_else)
{
	struct netexpert *nx = NULL;
	struct netexpert_pool_info info;
	int fd, null = open("/dev/null", O_RDWR);

	make_pool(_metadata, self, 2);
	EXPECT_EQ(-ENOTTY, netexpert_adopt(null, &nx));
	EXPECT_EQ(-ENOTTY, netexpert_adopt(self->session, &nx));
	EXPECT_EQ(-EBADF, netexpert_adopt(-1, &nx));
	EXPECT_EQ(NULL, nx);
	fd = nexp_do_open(_metadata, self->session, self->pool);
	ASSERT_EQ(0, netexpert_adopt(fd, &nx));
	netexpert_pool_info(nx, &info);
	EXPECT_EQ(self->pool, info.pool_id);
	EXPECT_EQ(1, info.incarnation);
	EXPECT_EQ(2, info.nr_rings);
	EXPECT_EQ(32 * MIB, info.heap_size);
	EXPECT_EQ(-EBUSY, netexpert_adopt(fd, &nx));
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	EXPECT_EQ(-ESTALE, netexpert_adopt(fd, &nx));
}

static void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

TEST_F(library, frames_of_all_rings_come_in_the_order_of_time)
{
	struct netexpert_losses losses;
	struct netexpert_frame frame;
	struct netexpert *nx;
	int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	make_pool(_metadata, self, 2);
	nx = adopt(_metadata, self);
	for (i = 0; i < 300; i++) {
		pin_to(i / 7 % 2);
		feed_frames(_metadata, self, 1);
	}
	for (i = 0; i < 300; i++) {
		ASSERT_EQ(0, netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS));
		ASSERT_EQ(i, nexp_record_number(frame.record));
		ASSERT_EQ(i / 7 % 2, frame.ring);
		ASSERT_EQ(frame.data, nexp_bytes(frame.record));
	}
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(nx, &frame, 0));
	ASSERT_EQ(0, netexpert_losses(nx, &losses));
	EXPECT_EQ(0, losses.lost + losses.pending + losses.late);
}

#define NUMBERS		3000	/* of each sender */

/**
 * struct sender - a thread that feeds from a CPU of its own
 * @metadata: the test.
 * @feed: the program.
 * @cpu: the CPU, and which of the senders it is.
 */
struct sender {
	struct __test_metadata *metadata;
	int feed;
	int cpu;
};

static void *send_numbers(void *arg)
{
	struct sender *s = arg;
	__u64 i;

	pin_to(s->cpu);
	for (i = 0; i < NUMBERS; i++)
		nexp_do_feed_number(s->metadata, s->feed, (__u64)s->cpu << 32 | i, LENGTH);
	return NULL;
}

/*
 * The promise of netexpert_frame_batch(): what is out of order is counted, and what
 * is lost is, too. A sender's own frames never change places.
 */
TEST_F_TIMEOUT(library, two_cpus_at_once_are_in_order_but_for_what_is_counted_late, 60)
{
	__u64 next[2] = { 0 }, got = 0, gaps = 0, late = 0, last_ns = 0;
	struct netexpert_frame frames[32];
	struct netexpert_losses losses = {};
	struct sender senders[2];
	pthread_t threads[2];
	struct netexpert *nx;
	int i, nr;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	make_pool(_metadata, self, 2);
	nx = adopt(_metadata, self);
	for (i = 0; i < 2; i++) {
		senders[i] = (struct sender){ _metadata, self->feed, i };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, send_numbers, &senders[i]));
	}
	while (got + losses.lost + losses.pending < 2 * NUMBERS) {
		nr = netexpert_frame_batch(nx, frames, 32, NEXP_PATIENCE_MS);
		ASSERT_LT(0, nr);
		for (i = 0; i < nr; i++) {
			const struct netexpert_record *record = frames[i].record;
			__u64 number = nexp_record_number(record);
			int who = number >> 32;

			ASSERT_LE(who, 1);
			ASSERT_EQ(who, frames[i].ring);
			ASSERT_EQ(next[who] + record->lost, number & UINT32_MAX);
			next[who] = (number & UINT32_MAX) + 1;
			gaps += record->lost;
			if (record->time_ns < last_ns)
				late++;
			else
				last_ns = record->time_ns;
		}
		got += nr;
		ASSERT_EQ(0, netexpert_losses(nx, &losses));
		ASSERT_EQ(late, losses.late);
		ASSERT_EQ(gaps, losses.lost);
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	ASSERT_EQ(0, netexpert_losses(nx, &losses));
	EXPECT_EQ(2 * NUMBERS, got + losses.lost + losses.pending);
	TH_LOG("%llu lost, %llu late of %d", gaps, late, 2 * NUMBERS);
}

TEST_F(library, lone_frame_ends_the_wait_and_silence_does_not)
{
	struct netexpert_frame frame;
	struct nexp_child child;
	struct netexpert *nx;
	__u64 begin;
	int i;

	make_pool(_metadata, self, 2);
	nx = adopt(_metadata, self);
	begin = nexp_now_ms();
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(nx, &frame, 50));
	EXPECT_LE(50, nexp_now_ms() - begin);
	for (i = 0; i < 5; i++) {
		if (nexp_do_fork(_metadata, &child)) {
			usleep(20000);
			feed_frames(_metadata, self, 1);
			nexp_child_exit();
		}
		begin = nexp_now_ms();
		EXPECT_EQ(0, netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS));
		EXPECT_GT(NEXP_PATIENCE_MS, nexp_now_ms() - begin);
		EXPECT_EQ(0, nexp_child_end(&child));
	}
}

/* In a child: takes a batch, and then another one, or releases, and dies. */
static __u64 live(struct __test_metadata *const _metadata,
		  FIXTURE_DATA(library) *self, unsigned int first_batch,
		  unsigned int second_batch, bool release)
{
	struct nexp_child child;
	__u64 first;

	if (nexp_do_fork(_metadata, &child)) {
		struct netexpert *nx = adopt(_metadata, self);
		struct netexpert_frame frames[32];
		unsigned int i;

		ASSERT_EQ(first_batch, netexpert_frame_batch(nx, frames, first_batch,
							     NEXP_PATIENCE_MS));
		first = nexp_record_number(frames[0].record);
		for (i = 0; i < first_batch; i++)
			ASSERT_EQ(first + i, nexp_record_number(frames[i].record));
		if (second_batch) {
			ASSERT_EQ(second_batch,
				  netexpert_frame_batch(nx, frames, second_batch,
							NEXP_PATIENCE_MS));
			ASSERT_EQ(first + first_batch,
				  nexp_record_number(frames[0].record));
		}
		if (release)
			ASSERT_EQ(0, netexpert_frame_release(nx));
		nexp_do_say(_metadata, &child, first);
		for (;;)
			pause();
	}
	first = nexp_do_hear(_metadata, &child);
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
	return first;
}

TEST_F(library, batch_in_hand_is_seen_again_and_no_other)
{
	make_pool(_metadata, self, 1);
	feed_frames(_metadata, self, 100);
	EXPECT_EQ(0, live(_metadata, self, 10, 0, false));
	EXPECT_EQ(0, live(_metadata, self, 10, 7, false));
	EXPECT_EQ(10, live(_metadata, self, 3, 4, true));
	EXPECT_EQ(17, live(_metadata, self, 1, 0, false));
	EXPECT_EQ(17, live(_metadata, self, 1, 1, false));
	EXPECT_EQ(18, live(_metadata, self, 32, 0, true));
	EXPECT_EQ(50, live(_metadata, self, 1, 0, false));
}

TEST_F(library, mark_is_what_is_reported_after_death)
{
	const __u64 size = nexp_record_size(LENGTH);
	struct netexpert_pool_stat stat;
	struct nexp_child child;

	make_pool(_metadata, self, 1);
	feed_frames(_metadata, self, 10);
	EXPECT_EQ(0, live(_metadata, self, 3, 5, false));
	ASSERT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(1, stat.out_last_busy);
	EXPECT_EQ(3 * size, stat.out_last_position);

	if (nexp_do_fork(_metadata, &child)) {
		struct netexpert *nx = adopt(_metadata, self);
		struct netexpert_frame frames[5];

		ASSERT_EQ(5, netexpert_frame_batch(nx, frames, 5, 0));
		EXPECT_EQ(0, netexpert_frame_mark(nx, 0, &frames[4]));
		EXPECT_EQ(0, netexpert_frame_mark(nx, NETEXPERT_NR_READERS - 1,
						  &frames[2]));
		EXPECT_EQ(-EINVAL, netexpert_frame_mark(nx, NETEXPERT_NR_READERS,
							&frames[2]));
		nexp_do_say(_metadata, &child, 0);
		for (;;)
			pause();
	}
	nexp_do_hear(_metadata, &child);
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
	ASSERT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ((3 + 4) * size, stat.out_last_position);
}

TEST_F(library, losses_are_told_as_the_kernel_counts_them)
{
	struct netexpert_pool_stat stat;
	struct netexpert_losses losses;
	struct netexpert_frame frame;
	struct netexpert *nx;
	__u64 i, lost = 0;

	make_pool(_metadata, self, 1);
	nx = adopt(_metadata, self);
	for (i = 0; i < 500; i++)
		nexp_do_feed_number(_metadata, self->feed, i, LENGTH);
	ASSERT_EQ(0, netexpert_losses(nx, &losses));
	EXPECT_EQ(0, losses.lost);
	EXPECT_LT(0, losses.pending);
	while (!netexpert_frame_next(nx, &frame, 0))
		lost += frame.record->lost;
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, i, LENGTH));
	ASSERT_EQ(0, netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS));
	lost += frame.record->lost;
	ASSERT_EQ(0, netexpert_losses(nx, &losses));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_LT(0, lost);
	EXPECT_EQ(lost, losses.lost);
	EXPECT_EQ(0, losses.pending);
	EXPECT_EQ(lost, stat.out_sum.dropped[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(1U << NETEXPERT_DROP_RING_FULL, losses.causes);
}

TEST_F(library, terminate_ends_the_wait_for_frames_and_nothing_else)
{
	struct netexpert_frame frame;
	struct nexp_child child;
	struct netexpert *nx;
	void *object;

	make_pool(_metadata, self, 1);
	nx = adopt(_metadata, self);
	EXPECT_EQ(0, netexpert_terminating(nx));
	if (nexp_do_fork(_metadata, &child)) {
		usleep(20000);
		ASSERT_EQ(0, __nexp_do_terminate(self->session, self->pool));
		nexp_child_exit();
	}
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_next(nx, &frame, -1));
	EXPECT_NE(0, netexpert_terminating(nx));
	feed_frames(_metadata, self, 1);
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_next(nx, &frame, 0));
	EXPECT_EQ(0, netexpert_alloc(nx, 100, &object));
	EXPECT_EQ(0, netexpert_free(nx, object));
}

/*
 * As the library promises: what two looks for a frame find unneeded has gone back. They
 * see that 10 ms have passed; a tick of their clock is up to 10 ms.
 */
static void look_twice(struct __test_metadata *const _metadata, struct netexpert *nx)
{
	struct netexpert_frame frame;
	int i;

	for (i = 0; i < 2; i++) {
		usleep(20000);
		ASSERT_EQ(-ETIMEDOUT, netexpert_frame_next(nx, &frame, 0));
	}
}

TEST_F(library, heap_ends_at_the_kernels_limit_and_goes_back_to_it)
{
	struct netexpert_pool_stat stat;
	struct netexpert_heap_stat heap;
	static void *objects[8 * 1024];
	struct netexpert *nx;
	size_t n = 0, i;
	int ret;

	make_pool(_metadata, self, 1);
	nx = adopt(_metadata, self);
	do {
		ret = netexpert_alloc(nx, 1024, &objects[n]);
		if (!ret)
			memset(objects[n], 1, 1024);
		n += !ret;
	} while (!ret && n < 8 * 1024);
	EXPECT_EQ(-EDQUOT, ret);
	EXPECT_LT(7 * MIB, n * 1024)
		TH_LOG("only %zu of 8192 KiB could be had", n);

	stat = nexp_do_stat(_metadata, self->session, self->pool);
	ASSERT_EQ(0, netexpert_heap_stat(nx, &heap));
	EXPECT_GE(8 * MIB, stat.out_heap_bytes);
	EXPECT_EQ(stat.out_heap_bytes, heap.committed + heap.metadata);
	EXPECT_EQ(n, heap.objects);
	EXPECT_EQ(n * 1024, heap.object_bytes);
	EXPECT_LE(1, stat.out_heap_refused);

	for (i = 0; i < n; i++)
		ASSERT_EQ(0, netexpert_free(nx, objects[i]));
	look_twice(_metadata, nx);
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_GT(MIB, stat.out_heap_bytes)
		TH_LOG("%llu KiB are still out", stat.out_heap_bytes / 1024);
	ASSERT_EQ(0, netexpert_alloc(nx, MIB, &objects[0]));
	for (i = 0; i < MIB; i++)
		ASSERT_EQ(0, ((char *)objects[0])[i]);
	EXPECT_EQ(-EDQUOT, netexpert_alloc(nx, 9 * MIB, &objects[1]));
}

struct taker {
	struct netexpert *nx;
	__u64 wrong;
};

static void *take_and_give(void *arg)
{
	struct taker *t = arg;
	void *objects[64] = { NULL };
	unsigned int i;
	int ret;

	for (i = 0; i < 5000; i++) {
		void **at = &objects[i * 31 % 64];

		if (*at) {
			t->wrong += !!netexpert_free(t->nx, *at);
			*at = NULL;
			continue;
		}
		ret = netexpert_alloc(t->nx, (i % 5) * (i % 7) * 4000 + 16, at);
		t->wrong += ret && ret != -EDQUOT;
		if (ret)
			*at = NULL;
		else
			memset(*at, i, 16);
	}
	for (i = 0; i < 64; i++)
		if (objects[i])
			t->wrong += !!netexpert_free(t->nx, objects[i]);
	return NULL;
}

TEST_F(library, threads_share_the_heap_up_to_its_limit)
{
	struct netexpert_heap_stat heap;
	pthread_t threads[4];
	struct taker t[4];
	struct netexpert *nx;
	int i;

	make_pool(_metadata, self, 1);
	nx = adopt(_metadata, self);
	for (i = 0; i < 4; i++) {
		t[i] = (struct taker){ .nx = nx };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, take_and_give, &t[i]));
	}
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(0, t[i].wrong);
	}
	ASSERT_EQ(0, netexpert_heap_stat(nx, &heap));
	EXPECT_EQ(0, heap.objects);
	EXPECT_GE(8 * MIB, nexp_do_stat(_metadata, self->session,
					self->pool).out_heap_peak);
}

TEST_F(library, child_of_fork_gets_eperm_and_no_signal)
{
	struct netexpert_heap_stat heap;
	struct netexpert_losses losses;
	struct netexpert_frame frame;
	struct nexp_child child;
	struct netexpert *nx;
	void *object, *other;

	make_pool(_metadata, self, 1);
	nx = adopt(_metadata, self);
	feed_frames(_metadata, self, 2);
	ASSERT_EQ(0, netexpert_alloc(nx, 100, &object));
	if (nexp_do_fork(_metadata, &child)) {
		EXPECT_EQ(-EPERM, netexpert_alloc(nx, 100, &other));
		EXPECT_EQ(-EPERM, netexpert_free(nx, object));
		EXPECT_EQ(-EPERM, netexpert_realloc(nx, object, 200, &other));
		EXPECT_EQ(-EPERM, netexpert_frame_next(nx, &frame, 0));
		EXPECT_EQ(-EPERM, netexpert_frame_release(nx));
		EXPECT_EQ(-EPERM, netexpert_losses(nx, &losses));
		EXPECT_EQ(-EPERM, netexpert_heap_stat(nx, &heap));
		nexp_child_exit();
	}
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(0, netexpert_free(nx, object));
	EXPECT_EQ(0, netexpert_frame_next(nx, &frame, 0));
}

TEST_HARNESS_MAIN
