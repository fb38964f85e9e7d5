// SPDX-License-Identifier: GPL-2.0
/*
 * lifetime_test - what comes in between
 *
 * The end of a pool, of an expert or of a range of the heap while something else
 * is under way with it. Where a call must be caught in the act, a page that is
 * write-protected by userfaultfd holds it in its answer; elsewhere two race a
 * bounded number of times.
 */
#include "child.h"
#include "feed.h"

#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define LENGTH	100

FIXTURE(lifetime)
{
	int session;
};

FIXTURE_SETUP(lifetime)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(lifetime)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/**
 * struct held - a system call of another thread, held in its answer
 * @uffd: tells that it got there.
 * @arg: its argument, alone in a page.
 * @fd: the file.
 * @command: the ioctl.
 * @thread: makes the call.
 * @ret: what it answered, after held_release().
 */
struct held {
	int uffd;
	void *arg;
	int fd;
	unsigned long command;
	pthread_t thread;
	int ret;
};

static void held_init(struct __test_metadata *const _metadata, struct held *held)
{
	struct uffdio_api api = { .api = UFFD_API,
				  .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_WP };

	held->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	ASSERT_LE(0, held->uffd)
		TH_LOG("userfaultfd: %s", strerror(errno));
	ASSERT_EQ(0, ioctl(held->uffd, UFFDIO_API, &api));
	held->arg = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, held->arg);
	range.range.start = (uintptr_t)held->arg;
	range.range.len = PAGE;
	ASSERT_EQ(0, ioctl(held->uffd, UFFDIO_REGISTER, &range));
}

static void held_protect(struct __test_metadata *const _metadata,
			 struct held *held, bool protect)
{
	struct uffdio_writeprotect wp = {
		.range = { .start = (uintptr_t)held->arg, .len = PAGE },
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	ASSERT_EQ(0, ioctl(held->uffd, UFFDIO_WRITEPROTECT, &wp));
}

static void *held_call(void *arg)
{
	struct held *held = arg;

	held->ret = __nexp_ioctl(held->fd, held->command, held->arg);
	return NULL;
}

/* Makes the call with what is in held->arg; returns when it is about to answer. */
static void held_start(struct __test_metadata *const _metadata,
		       struct held *held, int fd, unsigned long command)
{
	struct uffd_msg msg;

	held->fd = fd;
	held->command = command;
	held_protect(_metadata, held, true);
	ASSERT_EQ(0, pthread_create(&held->thread, NULL, held_call, held));
	ASSERT_NE(0, nexp_poll(held->uffd, NEXP_PATIENCE_MS) & POLLIN)
		TH_LOG("the call did not get as far as its answer");
	ASSERT_EQ((ssize_t)sizeof(msg), read(held->uffd, &msg, sizeof(msg)));
}

static int held_release(struct __test_metadata *const _metadata,
			struct held *held)
{
	held_protect(_metadata, held, false);
	ASSERT_EQ(0, pthread_join(held->thread, NULL));
	return held->ret;
}

/* An attachment whose heap is @bytes, and may all be used. */
static __u64 make_heap(struct __test_metadata *const _metadata, int session,
		       __u64 bytes, struct nexp_attachment *a)
{
	struct netexpert_pool_create args = nexp_pool_args();
	__u64 pool;

	args.heap_size = bytes;
	args.heap_limit = bytes;
	pool = nexp_do_pool(_metadata, session, &args);
	nexp_do_attach(_metadata, nexp_do_open(_metadata, session, pool), a);
	return pool;
}

/*
 * POOL_OPEN has found the pool, then DESTROY begins, then POOL_OPEN goes on at
 * different moments of it, with the heap still there or not any more.
 */
TEST_F_TIMEOUT(lifetime, pool_being_destroyed_cannot_be_opened, 60)
{
	const __u64 bytes = 16 * MIB;
	struct held held;
	int i;

	held_init(_metadata, &held);
	for (i = 0; i < 12; i++) {
		struct netexpert_pool_open *open = held.arg;
		struct netexpert_pool_ref ref = { .size = sizeof(ref) };
		struct held destroy = { .arg = &ref, .fd = self->session,
					.command = NETEXPERT_IOC_POOL_DESTROY };
		struct nexp_attachment a;
		__u64 end;
		int ret;

		ref.pool_id = make_heap(_metadata, self->session, bytes, &a);
		ASSERT_EQ(0, __nexp_do_commit(a.fd, 0, bytes));
		*open = (struct netexpert_pool_open){ .size = sizeof(*open) };
		open->pool_id = ref.pool_id;
		held_start(_metadata, &held, self->session, NETEXPERT_IOC_POOL_OPEN);
		ASSERT_EQ(0, pthread_create(&destroy.thread, NULL, held_call, &destroy));
		/* Asleep, it would come too late. */
		end = nexp_now_ms() + NEXP_PATIENCE_MS;
		while (!nexp_hangs_up(a.fd, 0))
			ASSERT_GT(end, nexp_now_ms());
		end = nexp_now_ms() + i;
		while (nexp_now_ms() < end)
			;
		ret = held_release(_metadata, &held);
		EXPECT_EQ(-ENOENT, ret)
			TH_LOG("%d ms after the end of the attachment", i);
		ASSERT_NE(0, ret);
		ASSERT_EQ(0, pthread_join(destroy.thread, NULL));
		ASSERT_EQ(0, destroy.ret);
		close(a.fd);
	}
}

/*
 * FREEZE while POOL_STAT is held when it has made up its answer. Answers the state
 * that this told: what came after that must be news.
 */
static __u32 freeze_behind_an_answer(struct __test_metadata *const _metadata,
				     int session, struct held *stat)
{
	const __u64 bytes = 512 * MIB;
	struct netexpert_pool_ref ref = { .size = sizeof(ref) };
	struct netexpert_pool_stat *answer = stat->arg;
	struct nexp_attachment a;
	struct held freeze = {
		.arg = &ref, .fd = session, .command = NETEXPERT_IOC_POOL_FREEZE,
	};
	__u64 i, end;

	ref.pool_id = make_heap(_metadata, session, bytes, &a);
	ASSERT_EQ(0, __nexp_do_commit(a.fd, 0, bytes));
	for (i = 0; i < bytes; i += 16 * PAGE)
		a.heap[i] = 1;
	*answer = (struct netexpert_pool_stat){ .size = sizeof(*answer) };
	answer->pool_id = ref.pool_id;

	ASSERT_EQ(0, pthread_create(&freeze.thread, NULL, held_call, &freeze));
	end = nexp_now_ms() + NEXP_PATIENCE_MS;
	while (!nexp_hangs_up(a.fd, 0))
		ASSERT_GT(end, nexp_now_ms());
	held_start(_metadata, stat, session, NETEXPERT_IOC_POOL_STAT);
	ASSERT_EQ(0, pthread_join(freeze.thread, NULL));
	ASSERT_EQ(0, freeze.ret);
	ASSERT_EQ(0, held_release(_metadata, stat));

	EXPECT_EQ(answer->out_state == NETEXPERT_POOL_FROZEN ? 0 : POLLIN,
		  nexp_poll(session, 0))
		TH_LOG("the answer was state %u", answer->out_state);
	EXPECT_EQ(NETEXPERT_POOL_FROZEN, nexp_state(session, ref.pool_id));
	EXPECT_EQ(0, nexp_poll(session, 0));
	ASSERT_EQ(0, __nexp_do_destroy(session, ref.pool_id));
	close(a.fd);
	return answer->out_state;
}

/* Revoking a large heap leaves time for that; on a slow day it takes a few tries. */
TEST_F_TIMEOUT(lifetime, news_after_the_answer_stay_news, 120)
{
	struct held held;
	int i = 0;

	held_init(_metadata, &held);
	while (freeze_behind_an_answer(_metadata, self->session, &held) !=
	       NETEXPERT_POOL_RECLAIMING)
		ASSERT_GT(20, ++i);
}

/*
 * When the last byte is back, the kernel looks at all that is unread, and only then is
 * the pool idle. Who asks in between, and otherwise only when there is news, is told.
 */
TEST_F_TIMEOUT(lifetime, a_pool_that_is_idle_is_news, 120)
{
	struct netexpert_pool_create args = nexp_pool_args();
	static const unsigned char frame[NEXP_FEED_MIN];
	struct netexpert_pool_stat stat;
	struct nexp_child child;
	bool between = false;
	__u64 pool;
	int i, fd;

	args.ring_size = 4 * MIB;
	pool = nexp_do_pool(_metadata, self->session, &args);
	nexp_do_feed(_metadata, nexp_do_load(_metadata, pool), frame, sizeof(frame), 40000);
	for (i = 0; !between; i++) {
		ASSERT_GT(100, i);
		fd = nexp_do_open(_metadata, self->session, pool);
		if (nexp_do_fork(_metadata, &child)) {
			struct nexp_attachment a;

			nexp_do_attach(_metadata, fd, &a);
			nexp_child_exit();
		}
		close(fd);
		EXPECT_EQ(0, nexp_child_end(&child));
		do {
			ASSERT_EQ(POLLIN, nexp_poll(self->session, NEXP_PATIENCE_MS));
			stat = nexp_do_stat(_metadata, self->session, pool);
			between |= stat.out_back_ns &&
				   stat.out_state == NETEXPERT_POOL_RECLAIMING;
		} while (stat.out_state != NETEXPERT_POOL_IDLE);
		EXPECT_EQ(0, nexp_poll(self->session, 0));
	}
}

/* A pool that wakes its reader for each frame, or never for its age. */
static __u64 make_eager_pool(struct __test_metadata *const _metadata, int session)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.wake_bytes = 8;
	args.wake_usecs = 10000000;
	return nexp_do_pool(_metadata, session, &args);
}

/* It may neither ask for the expert's wake-up nor take it away. */
TEST_F(lifetime, copy_of_the_file_cannot_swallow_a_wake_up)
{
	__u64 pool = make_eager_pool(_metadata, self->session);
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int feed = nexp_do_load(_metadata, pool);
	struct nexp_attachment a;
	struct nexp_child child;

	nexp_do_attach(_metadata, nexp_do_open(_metadata, self->session, pool), &a);
	if (nexp_do_fork(_metadata, &child)) {
		while (nexp_do_hear(_metadata, &child))
			nexp_do_say(_metadata, &child, nexp_poll(a.fd, 0));
		nexp_child_exit();
	}
	nexp_do_say(_metadata, &child, 1);
	EXPECT_EQ(0, nexp_do_hear(_metadata, &child) & POLLIN);
	EXPECT_EQ(0, nexp_consumer(&a)->waiting);

	/* The expert's own poll asks for it, and the first frame wakes it. */
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, a.fd, &event));
	EXPECT_EQ(1, nexp_consumer(&a)->waiting);
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, feed, 0, LENGTH));
	EXPECT_EQ(0, nexp_consumer(&a)->waiting);
	ASSERT_EQ(1, epoll_wait(epoll, &event, 1, 0));

	/* It reads the frame but keeps it, and waits for another one. */
	nexp_consumer(&a)->waiting = 1;
	nexp_do_say(_metadata, &child, 1);
	EXPECT_NE(0, nexp_do_hear(_metadata, &child) & POLLIN);
	EXPECT_EQ(1, nexp_consumer(&a)->waiting);
	ASSERT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, feed, 1, LENGTH));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0))
		TH_LOG("the second frame woke nobody");
	EXPECT_EQ(2, nexp_do_stat(_metadata, self->session, pool).out_wakeups);
	nexp_do_say(_metadata, &child, 0);
	EXPECT_EQ(0, nexp_child_end(&child));
}

/**
 * struct life - what an expert does before it dies
 * @fine: not 0: a position that it releases; then a frame comes.
 * @last: the position that it leaves.
 * @waiting: the waiting word that it leaves.
 */
struct life {
	__u64 fine;
	__u64 last;
	__u32 waiting;
};

/* An expert lives and dies. Answers the position that it began with. */
static __u64 live_and_die(struct __test_metadata *const _metadata, int session,
			  __u64 pool, const struct life *life)
{
	int fd = nexp_do_open(_metadata, session, pool);
	int feed = nexp_do_load(_metadata, pool);
	struct nexp_child child;
	__u64 begin;

	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;

		nexp_do_attach(_metadata, fd, &a);
		begin = nexp_ring_consumer(&a, 0)->position;
		EXPECT_EQ(0, nexp_consumer(&a)->waiting);
		if (life->fine) {
			nexp_release(&a, 0, life->fine);
			nexp_do_feed_number(_metadata, feed, 0, LENGTH);
		}
		nexp_release(&a, 0, life->last);
		nexp_consumer(&a)->waiting = life->waiting;
		nexp_do_say(_metadata, &child, begin);
		pause();
	}
	begin = nexp_do_hear(_metadata, &child);
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
	EXPECT_TRUE(nexp_becomes(nexp_state(session, pool) == NETEXPERT_POOL_IDLE));
	close(feed);
	close(fd);
	return begin;
}

TEST_F(lifetime, junk_position_of_a_dead_expert_costs_no_frame)
{
	static const __u64 junk[] = { 0xdeadbeef00, 1, ~0ULL, 1ULL << 63, 64 << 10, 0 };
	const __u64 size = nexp_record_size(LENGTH);
	size_t i;
	int j;

	for (i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		struct life life = { .fine = 2 * size, .last = junk[i] };
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int feed = nexp_do_load(_metadata, pool);
		struct netexpert_pool_stat stat;

		for (j = 0; j < 3; j++)
			ASSERT_EQ(0, nexp_do_feed_number(_metadata, feed, j, LENGTH));
		EXPECT_EQ(0, live_and_die(_metadata, self->session, pool, &life));
		for (j = 0; j < 10; j++)
			EXPECT_EQ(0, nexp_do_feed_number(_metadata, feed, j, LENGTH));
		stat = nexp_do_stat(_metadata, self->session, pool);
		EXPECT_EQ(3 + 1 + 10, stat.out_sum.delivered)
			TH_LOG("position 0x%llx", junk[i]);
		EXPECT_EQ(0, stat.out_sum.dropped[NETEXPERT_DROP_CORRUPT]);
		EXPECT_EQ(2 * size, stat.out_sum.consumed);

		life = (struct life){ .last = 2 * size };
		EXPECT_EQ(2 * size, live_and_die(_metadata, self->session, pool, &life));
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	}
}

TEST_F(lifetime, waiting_word_of_a_dead_expert_wakes_nobody)
{
	__u64 pool = make_eager_pool(_metadata, self->session);
	int feed = nexp_do_load(_metadata, pool);
	struct life life = { .waiting = 1 };

	live_and_die(_metadata, self->session, pool, &life);
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, feed, 0, LENGTH));
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, pool).out_wakeups);
}

/* Also across the end of the ring, and down to its first record. */
TEST_F_TIMEOUT(lifetime, position_inside_a_record_moves_up_to_the_next, 60)
{
	static const __u32 lengths[] = { 14, 500, 61, 16, 900, 300, 15, 777, 14 };
	struct netexpert_pool_create args = nexp_pool_args();
	__u64 begin = 0, expected = 0, pool;
	int feed, round;
	size_t i, j;

	args.ring_size = PAGE;
	pool = nexp_do_pool(_metadata, self->session, &args);
	feed = nexp_do_load(_metadata, pool);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
			ASSERT_EQ(0, nexp_do_feed_number(_metadata, feed, i, lengths[i]));
		for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			__u64 size = nexp_record_size(lengths[i]);
			__u64 inside[] = { 0, 8, (size / 2) & ~7ULL, size - 8 };

			/* Moved up, it cannot go back: the last one that fits first. */
			for (j = 0; j < 2; j++) {
				struct life life = { .last = begin + inside[j ? 1 + i % 3 : 0] };

				EXPECT_EQ(expected, live_and_die(_metadata, self->session,
								 pool, &life))
					TH_LOG("round %d, record %zu", round, i);
				expected = begin + (j ? size : 0);
			}
			begin += size;
		}
	}
}

static int signals;

static void count_signal(int signal)
{
	(void)signal;
	signals++;
}

/* Without SA_RESTART, and at the worst moment: before it looks for signals. */
TEST_F(lifetime, attach_survives_signals)
{
	struct sigaction act = { .sa_handler = count_signal };
	struct held held;
	int i;

	held_init(_metadata, &held);
	ASSERT_EQ(0, sigaction(SIGUSR1, &act, NULL));
	for (i = 0; i < 5; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int fd = nexp_do_open(_metadata, self->session, pool);
		struct netexpert_attach *attach = held.arg;

		*attach = (struct netexpert_attach){ .size = sizeof(*attach) };
		held_start(_metadata, &held, fd, NETEXPERT_IOC_ATTACH);
		ASSERT_EQ(0, pthread_kill(held.thread, SIGUSR1));
		EXPECT_EQ(0, held_release(_metadata, &held));
		EXPECT_EQ(i + 1, signals);
		EXPECT_EQ(pool, attach->out_pool_id);
		EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, pool));
		EXPECT_EQ(0, __nexp_do_commit(fd, 0, PAGE));
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		close(fd);
	}
}

/* Page tables that have just gone hold pages for a moment longer. */
static int punch(int fd, __u64 offset, __u64 length)
{
	int ret;

	do
		ret = __nexp_do_punch(fd, offset, length);
	while (ret == -EBUSY);
	return ret;
}

/* A thread that commits and punches a range; @ret is the answer it stopped at. */
struct worker {
	int fd;
	__u64 offset;
	__u64 length;
	int stop;
	int ret;
	pthread_t thread;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	do {
		w->ret = __nexp_do_commit(w->fd, w->offset, w->length);
		if (!w->ret)
			w->ret = punch(w->fd, w->offset, w->length);
	} while (!w->ret && !__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE));
	return NULL;
}

static void start(struct __test_metadata *const _metadata, struct worker *w)
{
	ASSERT_EQ(0, pthread_create(&w->thread, NULL, work, w));
}

/* Until it is refused. */
static int await(struct __test_metadata *const _metadata, struct worker *w)
{
	ASSERT_EQ(0, pthread_join(w->thread, NULL));
	return w->ret;
}

static int stop(struct __test_metadata *const _metadata, struct worker *w)
{
	__atomic_store_n(&w->stop, 1, __ATOMIC_RELEASE);
	return await(_metadata, w);
}

TEST_F_TIMEOUT(lifetime, commit_leaves_no_hole_beside_a_punch, 60)
{
	struct worker w = { .length = MIB };
	struct nexp_attachment a;
	int i, fault = 0;

	make_heap(_metadata, self->session, 4 * MIB, &a);
	w.fd = a.fd;
	start(_metadata, &w);
	for (i = 0; i < 40 && !fault; i++) {
		ASSERT_EQ(0, __nexp_do_commit(a.fd, 0, 2 * MIB));
		fault = nexp_read_fault(a.heap + 2 * MIB - 1);
		EXPECT_EQ(0, fault)
			TH_LOG("try %d: a hole in the half that nobody punched", i);
		ASSERT_EQ(0, punch(a.fd, MIB, MIB));
	}
	EXPECT_EQ(0, stop(_metadata, &w));
}

/* Two want the same memory, and there is just enough for one of them. */
TEST_F_TIMEOUT(lifetime, commit_of_committed_memory_needs_no_room, 60)
{
	struct worker w = { .length = 2 * MIB };
	struct nexp_attachment a;
	int i;

	make_heap(_metadata, self->session, 2 * MIB, &a);
	w.fd = a.fd;
	start(_metadata, &w);
	for (i = 0; i < 40; i++) {
		ASSERT_EQ(0, __nexp_do_commit(a.fd, 0, 2 * MIB))
			TH_LOG("try %d", i);
		ASSERT_EQ(0, punch(a.fd, 0, 2 * MIB));
	}
	EXPECT_EQ(0, stop(_metadata, &w));
	EXPECT_EQ(0, __nexp_do_commit(a.fd, 0, 2 * MIB));
}

TEST_F_TIMEOUT(lifetime, commit_under_way_while_the_pool_is_destroyed, 60)
{
	const __u64 length = 16 * MIB;
	int i, j;

	for (i = 0; i < 10; i++) {
		struct worker w[2] = { { .length = length },
				       { .length = length, .offset = length } };
		struct nexp_attachment a;
		__u64 pool;

		pool = make_heap(_metadata, self->session, 2 * length, &a);
		for (j = 0; j < 2; j++) {
			w[j].fd = a.fd;
			start(_metadata, &w[j]);
		}
		/* What is promised counts, so one of them is at it. */
		ASSERT_TRUE(nexp_becomes(nexp_do_stat(_metadata, self->session,
						      pool).out_heap_bytes));
		usleep(i * 2000);
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		for (j = 0; j < 2; j++)
			EXPECT_EQ(-ESTALE, await(_metadata, &w[j]));
		EXPECT_EQ(0, nexp_do_info(_metadata, self->session).out_bytes);
		EXPECT_EQ(-ESTALE, __nexp_do_commit(a.fd, 0, PAGE));
		EXPECT_EQ(SIGBUS, nexp_read_fault(a.heap));
		close(a.fd);
	}
}

TEST_HARNESS_MAIN
