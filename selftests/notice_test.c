// SPDX-License-Identifier: GPL-2.0
/*
 * notice_test - the end of an expert is noticed at once, whatever its pool's size
 *
 * How soon that is in microseconds is up to the machine. So the time from kill(2) to
 * the notice is compared, for a small heap and a large one, and what it takes the
 * process to unmap the large one and be gone is the measure: a notice that had to
 * wait for that comes too late.
 */
#include "child.h"

#define PAGE		4096UL
#define MIB		(1UL << 20)
#define SMALL		(16 * MIB)
#define LARGE		(512 * MIB)
#define ROUNDS		2
#define MAX_ROUNDS	10

FIXTURE(notice)
{
	int session;
};

FIXTURE_SETUP(notice)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(notice)
{
	close(self->session);
}

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Touches all of a heap, says so and waits to be killed. */
static void live(struct __test_metadata *const _metadata, struct nexp_child *child, int fd,
		 __u64 size)
{
	struct nexp_attachment a;
	__u64 i;

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, size));
	for (i = 0; i < size; i += PAGE)
		a.heap[i] = 1;
	nexp_do_say(_metadata, child, 0);
	for (;;)
		pause();
}

static __u64 make_pool(struct __test_metadata *const _metadata, int session, __u64 size)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.heap_size = size;
	args.heap_limit = size;
	return nexp_do_pool(_metadata, session, &args);
}

static void take_least(__u64 *least, __u64 ns)
{
	if (ns < *least)
		*least = ns;
}

/**
 * struct times - the least since kill(2), in nanoseconds
 * @noticed: when the kernel has noted the end.
 * @gone: when the process had no memory any more, and was gone.
 */
struct times {
	__u64 noticed;
	__u64 gone;
};

static void kill_one(struct __test_metadata *const _metadata, int session, __u64 pool,
		     __u64 size, struct times *least)
{
	int fd = nexp_do_open(_metadata, session, pool);
	struct netexpert_pool_stat stat;
	struct nexp_child child;
	__u64 begin;

	if (nexp_do_fork(_metadata, &child))
		live(_metadata, &child, fd, size);
	close(fd);
	nexp_do_hear(_metadata, &child);

	begin = now_ns();
	ASSERT_EQ(0, kill(child.pid, SIGKILL));
	nexp_child_end(&child);
	take_least(&least->gone, now_ns() - begin);
	ASSERT_TRUE(nexp_becomes(!__nexp_do_stat(session, pool, &stat) &&
				 stat.out_state == NETEXPERT_POOL_IDLE && !stat.out_heap_bytes));
	ASSERT_LT(begin, stat.out_ended_ns);
	take_least(&least->noticed, stat.out_ended_ns - begin);
}

/*
 * A large heap is unmapped for nearly all of the time until its process is gone. If
 * the notice came after that, it would take as long, and a 32nd of it for a small one.
 */
static bool is_at_once(const struct times *small, const struct times *large)
{
	return large->noticed < 2 * small->noticed + large->gone / 8;
}

TEST_F_TIMEOUT(notice, does_not_wait_for_the_memory, 120)
{
	__u64 small_pool = make_pool(_metadata, self->session, SMALL);
	__u64 large_pool = make_pool(_metadata, self->session, LARGE);
	struct times small = { UINT64_MAX, UINT64_MAX }, large = small;
	int i;

	/* A busy machine can be late, but not each time. */
	for (i = 0; i < MAX_ROUNDS; i++) {
		kill_one(_metadata, self->session, small_pool, SMALL, &small);
		kill_one(_metadata, self->session, large_pool, LARGE, &large);
		if (i >= ROUNDS - 1 && is_at_once(&small, &large))
			break;
	}
	TH_LOG("%lu MiB: noticed after %llu us, gone after %llu us", SMALL / MIB,
	       small.noticed / 1000, small.gone / 1000);
	TH_LOG("%lu MiB: noticed after %llu us, gone after %llu us", LARGE / MIB,
	       large.noticed / 1000, large.gone / 1000);
	EXPECT_TRUE(is_at_once(&small, &large));
}

TEST_HARNESS_MAIN
