// SPDX-License-Identifier: GPL-2.0
/*
 * wake_test - who is woken when, and who is not
 *
 * What must come is waited for with patience; what must not come is made
 * impossible by a latency bound of ten seconds, not by short sleeps.
 */
#include "child.h"
#include "feed.h"

#include <pthread.h>
#include <sys/epoll.h>

#define LENGTH		100
#define NEVER_USECS	10000000	/* the longest bound there is */
#define SOON_USECS	1000

FIXTURE(wake)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
	int feed;
};

static void make_pool(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(wake) *self, __u32 bytes, __u32 usecs)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.ring_size = 1 << 20;
	args.wake_bytes = bytes;
	args.wake_usecs = usecs;
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
	self->feed = nexp_do_load(_metadata, self->pool);
}

FIXTURE_SETUP(wake)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(wake)
{
	close(self->session);
}

/* As the header tells a reader to: the word, a full barrier, a last look. */
static bool wait_word_and_look(const struct nexp_attachment *a)
{
	nexp_consumer(a)->waiting = 1;
	__sync_synchronize();
	return nexp_produced(a, 0) != nexp_ring_consumer(a, 0)->position;
}

static __u64 wakeups(struct __test_metadata *const _metadata,
		     FIXTURE_DATA(wake) *self)
{
	return nexp_do_stat(_metadata, self->session, self->pool).out_wakeups;
}

static void feed_frames(struct __test_metadata *const _metadata,
			FIXTURE_DATA(wake) *self, int nr)
{
	while (nr--)
		ASSERT_EQ(0, nexp_do_feed_number(_metadata, self->feed, nr, LENGTH));
}

/* In a child, so that the test can be asleep in poll meanwhile. */
static void feed_from_child(struct __test_metadata *const _metadata,
			    FIXTURE_DATA(wake) *self, int nr, unsigned int after_ms)
{
	struct nexp_child child;

	if (nexp_do_fork(_metadata, &child)) {
		usleep(after_ms * 1000);
		feed_frames(_metadata, self, nr);
		nexp_child_exit();
	}
}

TEST_F(wake, lone_frame_arrives_within_the_latency_bound)
{
	make_pool(_metadata, self, 0, SOON_USECS);
	ASSERT_FALSE(wait_word_and_look(&self->a));
	feed_from_child(_metadata, self, 1, 0);
	EXPECT_NE(0, nexp_poll(self->a.fd, NEXP_PATIENCE_MS) & POLLIN);
	EXPECT_EQ(0, nexp_consumer(&self->a)->waiting);
	EXPECT_NE(NULL, nexp_peek(&self->a, 0, 0));
	EXPECT_EQ(1, wakeups(_metadata, self));
}

/* How many timers of rings expire from @from_ns on and before @until_ns. */
static int ring_timers(struct __test_metadata *const _metadata, __u64 from_ns, __u64 until_ns)
{
	FILE *timers = fopen("/proc/timer_list", "r");
	unsigned long long expires_ns;
	bool is_ours = false;
	char line[256];
	int nr = 0;

	ASSERT_NE(NULL, timers);
	while (fgets(line, sizeof(line), timers)) {
		if (is_ours && sscanf(line, " # expires at %llu", &expires_ns) == 1)
			nr += expires_ns >= from_ns && expires_ns < until_ns;
		is_ours = strstr(line, "nexp_ring_timeout");
	}
	fclose(timers);
	return nr;
}

/*
 * An emulated processor may stand still between the frame and its timer, so not for
 * how long it took: what the timer is set to, from the record's own time.
 */
TEST_F(wake, lone_frames_timer_is_set_to_the_latency_bound)
{
	static const __u32 usecs[] = { NEVER_USECS, NEVER_USECS / 4 };
	__u64 bound_ns, begin_ns;
	size_t i;

	for (i = 0; i < sizeof(usecs) / sizeof(usecs[0]); i++) {
		make_pool(_metadata, self, 0, usecs[i]);
		ASSERT_FALSE(wait_word_and_look(&self->a));
		feed_frames(_metadata, self, 1);
		bound_ns = usecs[i] * 1000ULL;
		begin_ns = nexp_peek(&self->a, 0, 0)->time_ns;
		EXPECT_EQ(1, ring_timers(_metadata, begin_ns + bound_ns,
					 begin_ns + 2 * bound_ns));
	}
}

TEST_F(wake, lone_frame_arrives_although_nobody_waited_when_it_came)
{
	make_pool(_metadata, self, 0, SOON_USECS);
	feed_frames(_metadata, self, 1);
	EXPECT_NE(0, nexp_poll(self->a.fd, NEXP_PATIENCE_MS) & POLLIN);
}

TEST_F(wake, nothing_is_readable_below_watermark_and_bound)
{
	const __u32 size = nexp_record_size(LENGTH);

	make_pool(_metadata, self, 10 * size, NEVER_USECS);
	EXPECT_EQ(0, nexp_poll(self->a.fd, 0));
	feed_frames(_metadata, self, 9);
	EXPECT_EQ(0, nexp_poll(self->a.fd, 0));
	feed_frames(_metadata, self, 1);
	EXPECT_NE(0, nexp_poll(self->a.fd, 0) & POLLIN);
	nexp_release(&self->a, 0, size);
	EXPECT_EQ(0, nexp_poll(self->a.fd, 0));
	nexp_release(&self->a, 0, 10 * size);
	EXPECT_EQ(0, nexp_poll(self->a.fd, 0));
}

TEST_F(wake, watermark_wakes_once_and_only_who_waits)
{
	const __u32 size = nexp_record_size(LENGTH);

	make_pool(_metadata, self, 10 * size, NEVER_USECS);
	ASSERT_FALSE(wait_word_and_look(&self->a));
	feed_frames(_metadata, self, 9);
	EXPECT_EQ(0, wakeups(_metadata, self));
	EXPECT_EQ(1, nexp_consumer(&self->a)->waiting);
	feed_frames(_metadata, self, 1);
	EXPECT_EQ(1, wakeups(_metadata, self));
	EXPECT_EQ(0, nexp_consumer(&self->a)->waiting);
	feed_frames(_metadata, self, 100);
	EXPECT_EQ(1, wakeups(_metadata, self))
		TH_LOG("woken although nobody waits");
}

/* Its copy of the file lets another process ask, not write the expert's word. */
TEST_F(wake, only_the_experts_own_poll_for_frames_makes_it_wait)
{
	struct nexp_child child;

	make_pool(_metadata, self, 0, NEVER_USECS);
	if (nexp_do_fork(_metadata, &child)) {
		EXPECT_EQ(0, nexp_poll(self->a.fd, 0));
		nexp_child_exit();
	}
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(0, nexp_consumer(&self->a)->waiting);
	EXPECT_FALSE(nexp_hangs_up(self->a.fd, 0));
	EXPECT_EQ(0, nexp_consumer(&self->a)->waiting);
	EXPECT_EQ(0, nexp_poll(self->a.fd, 0));
	EXPECT_EQ(1, nexp_consumer(&self->a)->waiting);
}

struct reader {
	const struct nexp_attachment *a;
	__u64 frames;
	int stop;
};

/* Sleeps, reads all there is, sleeps again. */
static void *read_all(void *arg)
{
	struct reader *r = arg;
	__u64 position = 0;

	for (;;) {
		bool stop = __atomic_load_n(&r->stop, __ATOMIC_ACQUIRE);
		const struct netexpert_record *record;

		while ((record = nexp_peek(r->a, 0, position))) {
			position += record->record_size;
			r->frames++;
			nexp_release(r->a, 0, position);
		}
		if (stop)
			return NULL;
		if (!wait_word_and_look(r->a))
			nexp_poll(r->a->fd, 20);
	}
}

TEST_F(wake, burst_wakes_far_less_often_than_it_has_frames)
{
	const __u32 size = nexp_record_size(LENGTH);
	struct reader r = { .a = &self->a };
	const int frames = 3000;
	pthread_t thread;
	__u64 woken;

	make_pool(_metadata, self, 50 * size, NEVER_USECS);
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_all, &r));
	feed_frames(_metadata, self, frames);
	__atomic_store_n(&r.stop, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	woken = wakeups(_metadata, self);
	EXPECT_EQ(frames, r.frames);
	EXPECT_GE(frames / 50, woken)
		TH_LOG("%llu wake-ups for %d frames", woken, frames);
}

/*
 * A timer of frames that are read by now goes off while the reader sleeps with
 * nothing unread: the next frame must still wake it.
 */
TEST_F(wake, stale_timer_does_not_lose_the_next_wakeup)
{
	const __u32 size = nexp_record_size(LENGTH);

	make_pool(_metadata, self, 4 * size, 100 * 1000);
	ASSERT_FALSE(wait_word_and_look(&self->a));
	feed_frames(_metadata, self, 1);		/* arms the timer */
	feed_frames(_metadata, self, 3);		/* wakes directly */
	nexp_release(&self->a, 0, 4 * size);		/* all is read */
	ASSERT_FALSE(wait_word_and_look(&self->a));
	feed_from_child(_metadata, self, 1, 300);
	EXPECT_NE(0, nexp_poll(self->a.fd, NEXP_PATIENCE_MS) & POLLIN);
}

/* As nexp_poll() does: what epoll finds when its time is up woke nobody. */
static bool epoll_wakes(int epoll)
{
	struct epoll_event event = {};
	__u64 begin = nexp_now_ms();

	return epoll_wait(epoll, &event, 1, NEXP_PATIENCE_MS) == 1 &&
	       (event.events & EPOLLIN) &&
	       nexp_now_ms() - begin < NEXP_PATIENCE_MS;
}

TEST_F(wake, epoll_wakes_like_poll)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int i;

	make_pool(_metadata, self, 0, SOON_USECS);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->a.fd, &event));
	for (i = 0; i < 5; i++) {
		ASSERT_FALSE(wait_word_and_look(&self->a));
		feed_from_child(_metadata, self, 1, 10);
		ASSERT_TRUE(epoll_wakes(epoll))
			TH_LOG("round %d", i);
		nexp_release(&self->a, 0, nexp_produced(&self->a, 0));
		EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	}
}

TEST_F(wake, edge_triggered_epoll_misses_no_frame)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int i;

	make_pool(_metadata, self, 0, SOON_USECS);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->a.fd, &event));
	for (i = 0; i < 5; i++) {
		feed_from_child(_metadata, self, 1, 10);
		while (!wait_word_and_look(&self->a))
			ASSERT_TRUE(epoll_wakes(epoll))
				TH_LOG("round %d", i);
		nexp_release(&self->a, 0, nexp_produced(&self->a, 0));
	}
}

TEST_F(wake, terminate_hangs_up_and_frames_go_on)
{
	struct nexp_attachment next;
	struct nexp_child child;
	int fd;

	make_pool(_metadata, self, 0, NEVER_USECS);
	EXPECT_EQ(0, nexp_status(&self->a)->terminate);
	if (nexp_do_fork(_metadata, &child)) {
		ASSERT_EQ(0, __nexp_do_terminate(self->session, self->pool));
		nexp_child_exit();
	}
	EXPECT_TRUE(nexp_hangs_up(self->a.fd, NEXP_PATIENCE_MS));
	EXPECT_NE(0, nexp_status(&self->a)->terminate);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool));
	feed_frames(_metadata, self, 3);
	EXPECT_NE(NULL, nexp_peek(&self->a, 0, 0));
	EXPECT_EQ(0, __nexp_do_commit(self->a.fd, 0, 4096))
		TH_LOG("the kernel asks only; memory is the library's affair");

	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	ASSERT_TRUE(nexp_becomes((fd = __nexp_do_open(self->session, self->pool)) >= 0));
	nexp_do_attach(_metadata, fd, &next);
	EXPECT_EQ(0, nexp_status(&next)->terminate);
	EXPECT_FALSE(nexp_hangs_up(fd, 0));
}

TEST_F(wake, terminate_before_attach_is_not_forgotten)
{
	struct nexp_attachment a;
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);

	ASSERT_EQ(0, __nexp_do_terminate(self->session, pool));
	nexp_do_attach(_metadata, fd, &a);
	EXPECT_NE(0, nexp_status(&a)->terminate);
	EXPECT_TRUE(nexp_hangs_up(fd, 0));
}

TEST_F(wake, closing_the_session_hangs_up)
{
	int session = nexp_do_session(_metadata);
	__u64 pool = nexp_do_pool(_metadata, session, NULL);
	struct nexp_attachment a;
	struct nexp_child child;

	nexp_do_attach(_metadata, nexp_do_open(_metadata, session, pool), &a);
	if (nexp_do_fork(_metadata, &child)) {
		nexp_do_hear(_metadata, &child);
		close(session);
		nexp_child_exit();
	}
	close(session);
	EXPECT_EQ(0, nexp_poll(a.fd, 0))
		TH_LOG("the child still holds the session");
	nexp_do_say(_metadata, &child, 0);
	EXPECT_TRUE(nexp_hangs_up(a.fd, NEXP_PATIENCE_MS));
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(-ESTALE, __nexp_do_commit(a.fd, 0, 4096));
	EXPECT_EQ(SIGBUS, nexp_read_fault(a.ring[0]));
}

TEST_F(wake, session_hears_of_an_end_until_it_asks)
{
	struct nexp_child child;

	make_pool(_metadata, self, 0, 0);
	EXPECT_EQ(0, nexp_poll(self->session, 0));
	if (nexp_do_fork(_metadata, &child)) {
		ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
		nexp_child_exit();
	}
	EXPECT_NE(0, nexp_poll(self->session, NEXP_PATIENCE_MS) & POLLIN);
	EXPECT_EQ(0, nexp_child_end(&child));
	ASSERT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	EXPECT_EQ(0, nexp_poll(self->session, 0));
}

TEST_HARNESS_MAIN
