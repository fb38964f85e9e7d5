// SPDX-License-Identifier: GPL-2.0
/*
 * race_test - what two do at the same time
 *
 * Each test lets threads or processes run into each other a fixed number of
 * times. What must hold at the end is asserted; what must not happen meanwhile,
 * a warning or worse, is for the kernel's log to tell.
 */
#include "child.h"
#include "feed.h"
#include "racer.h"

#include <sys/time.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define LENGTH	100
#define ROUNDS	20

FIXTURE(race)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
};

FIXTURE_SETUP(race)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
}

FIXTURE_TEARDOWN(race)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/* The kernel writes into the heap for us, so that a hole is EFAULT, no signal. */
static void step_touch(struct nexp_racer *r)
{
	static int zero = -1;
	__u64 page = r->steps % 16;
	ssize_t ret;

	if (zero < 0)
		zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ret = read(zero, r->a->heap + page * PAGE, 8);
	r->wrong += ret != 8 && !(ret < 0 && errno == EFAULT);
}

TEST_F(race, faults_against_commit_and_punch)
{
	struct nexp_racer r = { .step = step_touch, .a = &self->a };
	pthread_t thread = nexp_racer_start(_metadata, &r);
	int i;

	for (i = 0; i < 2000; i++) {
		ASSERT_EQ(0, __nexp_do_commit(self->a.fd, (i % 12) * PAGE, 5 * PAGE));
		while (__nexp_do_punch(self->a.fd, (i * 5 % 12) * PAGE, 4 * PAGE))
			ASSERT_EQ(EBUSY, errno);
	}
	nexp_racer_join(_metadata, thread, &r);
	while (__nexp_do_punch(self->a.fd, 0, MIB))
		ASSERT_EQ(EBUSY, errno);
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
}

static void step_remap(struct nexp_racer *r)
{
	void *at = mmap(r->a->heap, 8 * PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_FIXED, r->a->fd,
			NETEXPERT_MAP_HEAP + (r->steps % 8) * PAGE);

	r->wrong += at != r->a->heap;
	step_touch(r);
	munmap(r->a->heap + 3 * PAGE, PAGE);
}

TEST_F(race, mapping_against_punch)
{
	struct nexp_racer r = { .step = step_remap, .a = &self->a };
	pthread_t thread = nexp_racer_start(_metadata, &r);
	int i;

	for (i = 0; i < 2000; i++) {
		ASSERT_EQ(0, __nexp_do_commit(self->a.fd, 0, 16 * PAGE));
		while (__nexp_do_punch(self->a.fd, 0, 16 * PAGE))
			ASSERT_EQ(EBUSY, errno);
	}
	nexp_racer_join(_metadata, thread, &r);
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
}

static void step_commit(struct nexp_racer *r)
{
	int ret = __nexp_do_commit(r->a->fd, (r->steps % 64) * PAGE, 8 * PAGE);

	r->wrong += ret && ret != -EDQUOT;
	ret = __nexp_do_punch(r->a->fd, ((r->steps * 7) % 64) * PAGE, 4 * PAGE);
	r->wrong += ret && ret != -EBUSY;
}

TEST_F(race, commits_never_pass_the_limit_together)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_stat stat;
	struct nexp_attachment a;
	struct nexp_racer r[2];
	pthread_t threads[2];
	int i;

	args.heap_limit = 16 * PAGE;
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &a);
	for (i = 0; i < 2; i++) {
		r[i] = (struct nexp_racer){ .step = step_commit, .a = &a, .steps = 31 * i };
		threads[i] = nexp_racer_start(_metadata, &r[i]);
	}
	for (i = 0; i < 1000; i++) {
		stat = nexp_do_stat(_metadata, self->session, self->pool);
		ASSERT_GE(16 * PAGE, stat.out_heap_bytes);
	}
	for (i = 0; i < 2; i++)
		nexp_racer_join(_metadata, threads[i], &r[i]);
	ASSERT_EQ(0, __nexp_do_punch(a.fd, 0, MIB));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(0, stat.out_heap_bytes);
	EXPECT_EQ(16 * PAGE, stat.out_heap_peak);
	EXPECT_EQ(0, __nexp_do_commit(a.fd, 0, 16 * PAGE))
		TH_LOG("what failed commits had been promised is not back");
}

/* One of two may open it, and one of two may attach to it. */
TEST_F(race, one_wins)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int shared = nexp_do_open(_metadata, self->session, pool);
		struct nexp_child children[2];
		int won = 0, j;

		for (j = 0; j < 2; j++) {
			if (nexp_do_fork(_metadata, &children[j])) {
				struct netexpert_attach attach;
				int ret;

				nexp_do_hear(_metadata, &children[j]);
				ret = __nexp_do_attach(shared, &attach);
				nexp_do_say(_metadata, &children[j], -ret);
				nexp_do_hear(_metadata, &children[j]);
				nexp_child_exit();
			}
		}
		for (j = 0; j < 2; j++)
			nexp_do_say(_metadata, &children[j], 0);
		for (j = 0; j < 2; j++) {
			__u64 err = nexp_do_hear(_metadata, &children[j]);

			EXPECT_TRUE(err == 0 || err == EBUSY);
			won += err == 0;
		}
		EXPECT_EQ(1, won);
		for (j = 0; j < 2; j++) {
			nexp_do_say(_metadata, &children[j], 0);
			EXPECT_EQ(0, nexp_child_end(&children[j]));
		}
		close(shared);
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	}
}

static void step_feed(struct nexp_racer *r)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct nexp_frame frame;

	nexp_frame_make(&frame, r->steps);
	opts.data_in = &frame;
	opts.data_size_in = LENGTH;
	opts.repeat = 50;
	r->wrong += !!bpf_prog_test_run_opts(r->feed, &opts);
}

static void step_poll(struct nexp_racer *r)
{
	int revents = nexp_poll(r->a->fd, 0);

	r->wrong += revents < 0;
}

static void step_walk(struct nexp_racer *r)
{
	struct netexpert_pool_stat stat = { .size = sizeof(stat) };
	int ret;

	do {
		stat.flags = NETEXPERT_STAT_NEXT;
		ret = __nexp_ioctl(r->session, NETEXPERT_IOC_POOL_STAT, &stat);
	} while (!ret);
	r->wrong += ret != -ENOENT;
}

/* Frames, polls with timers, and walks, while the pool goes away under them. */
TEST_F_TIMEOUT(race, destroy_against_everything, 120)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_info info;
	struct nexp_racer walker = { .step = step_walk };
	pthread_t walking;
	int i;

	args.wake_usecs = 100;
	walker.session = nexp_do_session(_metadata);
	walking = nexp_racer_start(_metadata, &walker);
	for (i = 0; i < ROUNDS; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, &args);
		int fd = nexp_do_open(_metadata, self->session, pool);
		struct nexp_racer feeder = { .step = step_feed };
		struct nexp_racer poller = { .step = step_poll };
		pthread_t feeding, polling;
		struct nexp_attachment a;

		nexp_do_attach(_metadata, fd, &a);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, 16 * PAGE));
		feeder.feed = nexp_do_load(_metadata, pool);
		poller.a = &a;
		feeding = nexp_racer_start(_metadata, &feeder);
		polling = nexp_racer_start(_metadata, &poller);
		ASSERT_TRUE(nexp_becomes(nexp_produced(&a, 0) > 0));
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		nexp_racer_join(_metadata, feeding, &feeder);
		nexp_racer_join(_metadata, polling, &poller);
		EXPECT_EQ(SIGBUS, nexp_read_fault(a.status));
		close(feeder.feed);
		close(fd);
	}
	nexp_racer_join(_metadata, walking, &walker);
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(1, info.out_nr_pools);
}

/* Opens the pool, binds it to the test and takes a page, as long as it exists. */
static void step_open(struct nexp_racer *r)
{
	int fd = __nexp_do_open(r->session, r->pool);
	struct netexpert_attach attach;

	if (fd < 0) {
		r->wrong += fd != -EBUSY && fd != -ENOENT;
		return;
	}
	if (!__nexp_do_attach(fd, &attach))
		__nexp_do_commit(fd, 0, PAGE);
	close(fd);
}

static void step_reclaim(struct nexp_racer *r)
{
	int ret = __nexp_do_reclaim(r->session, r->pool);

	r->wrong += ret && ret != -ENOENT;
}

/* No incarnation may begin on a pool that goes away. */
TEST_F_TIMEOUT(race, destroy_against_open_and_reclaim, 120)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		struct nexp_racer opener = { .step = step_open };
		struct nexp_racer reclaimer = { .step = step_reclaim };
		struct netexpert_pool_stat stat;
		pthread_t opening, reclaiming;

		opener.session = self->session;
		opener.pool = pool;
		reclaimer.session = self->session;
		reclaimer.pool = pool;
		opening = nexp_racer_start(_metadata, &opener);
		reclaiming = nexp_racer_start(_metadata, &reclaimer);
		ASSERT_TRUE(nexp_becomes(!__nexp_do_stat(self->session, pool, &stat) &&
					 stat.out_incarnation > 2));
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		nexp_racer_join(_metadata, opening, &opener);
		nexp_racer_join(_metadata, reclaiming, &reclaimer);
	}
	ASSERT_EQ(0, __nexp_do_destroy(self->session, self->pool));
	nexp_do_settle(_metadata, self->session);
}

static void on_alarm(int signal)
{
	(void)signal;
}

TEST_F(race, signals_do_not_make_attach_fail)
{
	const struct itimerval often = { { 0, 500 }, { 0, 500 } };
	const struct itimerval never = { };
	struct sigaction act = { .sa_handler = on_alarm };
	int i;

	sigaction(SIGALRM, &act, NULL);
	for (i = 0; i < 2 * ROUNDS; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int fd = nexp_do_open(_metadata, self->session, pool);
		struct netexpert_attach attach;

		setitimer(ITIMER_REAL, &often, NULL);
		EXPECT_EQ(0, __nexp_do_attach(fd, &attach));
		EXPECT_EQ(0, __nexp_do_commit(fd, 0, MIB));
		EXPECT_EQ(0, __nexp_do_punch(fd, 0, MIB));
		setitimer(ITIMER_REAL, &never, NULL);
		close(fd);
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	}
}

/* The expert is at work in its heap when its memory is taken from it. */
TEST_F_TIMEOUT(race, reclaim_against_an_expert_at_work, 120)
{
	int i;

	ASSERT_EQ(0, __nexp_do_destroy(self->session, self->pool));
	for (i = 0; i < ROUNDS; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int fd = nexp_do_open(_metadata, self->session, pool);
		struct nexp_child child;
		int status;

		if (nexp_do_fork(_metadata, &child)) {
			struct nexp_attachment a;
			__u64 at;

			nexp_do_attach(_metadata, fd, &a);
			nexp_do_say(_metadata, &child, 0);
			for (at = 0;; at = (at + PAGE) % MIB) {
				__nexp_do_commit(fd, at, PAGE);
				a.heap[at] = 1;	/* SIGBUS in the end */
				__nexp_do_punch(fd, (at + MIB / 2) % MIB, PAGE);
			}
		}
		nexp_do_hear(_metadata, &child);
		if (i & 1)
			kill(child.pid, SIGKILL);
		ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
		status = nexp_child_end(&child);
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_TRUE(nexp_becomes(nexp_state(self->session, pool) ==
					 NETEXPERT_POOL_IDLE));
		EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, pool).out_heap_bytes);
		close(fd);
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	}
}

TEST_HARNESS_MAIN
