// SPDX-License-Identifier: GPL-2.0
/*
 * fail_nth_test - every path with its first, second, ... allocation or copy
 * failing, until there is none left that could
 *
 * Each variant is one path. It is run on a scene of its own again and again, and
 * each time the failure comes a step later. What may be answered is in the
 * UAPI header. A call that fails has changed nothing, and works the next time;
 * whatever happened, nothing is left in the end.
 */
#include "child.h"
#include "fail_nth.h"
#include "fail_nth_library.h"

#include <pthread.h>

/* More than any path has; a sweep that gets here does not end by itself. */
#define MAX_FAILURES	4000

FIXTURE(fail_nth)
{
	int observer;
	int fail;
	int nr_failed;
};

/**
 * struct FIXTURE_VARIANT(fail_nth) - one path
 * @depth: the scene it needs.
 * @run: the path; 0, -errno, or a signal.
 * @errnos: what it may answer; nothing if it must not fail.
 * @changes: what failed may not work the next time.
 * @tries_again: it may get by every single failure.
 * @in_thread: a new thread runs it, in which the failure happens.
 */
FIXTURE_VARIANT(fail_nth)
{
	enum depth depth;
	int (*run)(struct scene *scene);
	int errnos[4];
	bool changes;
	bool tries_again;
	bool in_thread;
};

#define PATH(_run, _depth, ...) {					\
	.depth = _depth,						\
	.run = _run,							\
	.errnos = { __VA_ARGS__ },					\
}

FIXTURE_VARIANT_ADD(fail_nth, session) PATH(run_session, NOTHING, ENOMEM, EFAULT, ENFILE);
FIXTURE_VARIANT_ADD(fail_nth, info) PATH(run_info, SESSION, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, create) PATH(run_create, SESSION, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, open) PATH(run_open, POOL, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, terminate) PATH(run_terminate, ATTACHED, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, reclaim) PATH(run_reclaim, COMMITTED, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, freeze) PATH(run_freeze, COMMITTED, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, limit) PATH(run_limit, COMMITTED, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, session_limit) PATH(run_session_limit, SESSION, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, filter) PATH(run_filter, COMMITTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, filter_again) PATH(run_filter, FILTERED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, filter_none) PATH(run_filter_none, FILTERED, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, filter_stat) PATH(run_stat, FILTERED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, injector) PATH(run_injector, POOL, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, inject) PATH(run_inject, INJECTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, judge) PATH(run_judge, INJECTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, view) PATH(run_view, COMMITTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, read_a_view) PATH(run_read_a_view, COMMITTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, destroy) PATH(run_destroy, COMMITTED, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, stat) PATH(run_stat, COMMITTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, stat_next) PATH(run_stat_next, POOL, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, close_session) PATH(run_close_session, COMMITTED);
FIXTURE_VARIANT_ADD(fail_nth, attach) PATH(run_attach, OPENED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, commit) PATH(run_commit, ATTACHED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, commit_few) PATH(run_commit_few, ATTACHED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, commit_more) PATH(run_commit_more, COMMITTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, punch) PATH(run_punch, COMMITTED, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, attachment_stat) PATH(run_attachment_stat, COMMITTED, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, map_status) PATH(run_map_status, ATTACHED, ENOMEM);
FIXTURE_VARIANT_ADD(fail_nth, map_consumer) PATH(run_map_consumer, ATTACHED, ENOMEM);
FIXTURE_VARIANT_ADD(fail_nth, map_ring) PATH(run_map_ring, ATTACHED, ENOMEM);
FIXTURE_VARIANT_ADD(fail_nth, map_heap) PATH(run_map_heap, ATTACHED, ENOMEM);
FIXTURE_VARIANT_ADD(fail_nth, fault_status) PATH(run_fault_status, MAPPED);
FIXTURE_VARIANT_ADD(fail_nth, fault_consumer) PATH(run_fault_consumer, MAPPED);
FIXTURE_VARIANT_ADD(fail_nth, fault_ring) PATH(run_fault_ring, MAPPED);
FIXTURE_VARIANT_ADD(fail_nth, fault_heap) PATH(run_fault_heap, COMMITTED);
FIXTURE_VARIANT_ADD(fail_nth, fault_in_a_call) PATH(run_fault_in_a_call, COMMITTED, EFAULT, ENOMEM);
FIXTURE_VARIANT_ADD(fail_nth, unmap_a_part) PATH(run_unmap_a_part, COMMITTED, ENOMEM);
FIXTURE_VARIANT_ADD(fail_nth, protect_a_part) PATH(run_protect_a_part, COMMITTED, ENOMEM);
FIXTURE_VARIANT_ADD(fail_nth, move) PATH(run_move, COMMITTED, ENOMEM);
FIXTURE_VARIANT_ADD(fail_nth, fork) PATH(run_fork, COMMITTED, ENOMEM, EAGAIN);
FIXTURE_VARIANT_ADD(fail_nth, access) PATH(run_access, COMMITTED, ENOMEM, EFAULT, EIO);
FIXTURE_VARIANT_ADD(fail_nth, poll_session) PATH(run_poll_session, COMMITTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, poll_attachment) PATH(run_poll_attachment, COMMITTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, epoll) PATH(run_epoll, COMMITTED, ENOMEM, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, free) PATH(run_free, OBJECT);
FIXTURE_VARIANT_ADD(fail_nth, wait) PATH(run_wait, OBJECT, EFAULT);
FIXTURE_VARIANT_ADD(fail_nth, frame) PATH(run_frame, HAS_FRAME);
FIXTURE_VARIANT_ADD(fail_nth, heap_stat) PATH(run_heap_stat, OBJECT);
FIXTURE_VARIANT_ADD(fail_nth, report) PATH(run_report, FROZEN, ENOMEM, EFAULT);

/* The library gives back what it keeps and tries once more. */
#define PATH_TRIES_AGAIN(_run, _depth) {				\
	.depth = _depth,						\
	.run = _run,							\
	.errnos = { ENOMEM, EFAULT },					\
	.tries_again = true,						\
}

FIXTURE_VARIANT_ADD(fail_nth, alloc) PATH_TRIES_AGAIN(run_alloc, OBJECT);
FIXTURE_VARIANT_ADD(fail_nth, alloc_first) PATH_TRIES_AGAIN(run_alloc_small, ADOPTED);
FIXTURE_VARIANT_ADD(fail_nth, alloc_small) PATH_TRIES_AGAIN(run_alloc_small, OBJECT);
FIXTURE_VARIANT_ADD(fail_nth, grow) PATH_TRIES_AGAIN(run_grow, FULL_PAGE);
FIXTURE_VARIANT_ADD(fail_nth, realloc) PATH_TRIES_AGAIN(run_realloc, OBJECT);
FIXTURE_VARIANT_ADD(fail_nth, realloc_small) PATH_TRIES_AGAIN(run_realloc_small, OBJECT);
FIXTURE_VARIANT_ADD(fail_nth, realloc_smaller) PATH_TRIES_AGAIN(run_realloc_smaller, OBJECT);
FIXTURE_VARIANT_ADD(fail_nth, expert_alloc) PATH_TRIES_AGAIN(run_expert_alloc, KEYED);

FIXTURE_VARIANT_ADD(fail_nth, alloc_in_thread) {
	.depth = OBJECT,
	.run = run_alloc_small,
	.errnos = { ENOMEM, EFAULT },
	.tries_again = true,
	.in_thread = true,
};

FIXTURE_VARIANT_ADD(fail_nth, free_in_thread) {
	.depth = OBJECT,
	.run = run_free,
	.in_thread = true,
};

/* A part of it may be back already. */
FIXTURE_VARIANT_ADD(fail_nth, give_back) {
	.depth = FREED,
	.run = run_give_back,
	.errnos = { EFAULT },
	.changes = true,
};

/* What bound the process stays bound, so the next try is another error. */
FIXTURE_VARIANT_ADD(fail_nth, adopt) {
	.depth = OPENED,
	.run = run_adopt,
	.errnos = { ENOMEM, EFAULT },
	.changes = true,
};

static void set_up(struct __test_metadata *const _metadata, enum depth depth,
		   struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->depth = depth;
	scene->session = -1;
	scene->fd = -1;
	scene->got_fd = -1;

	if (depth >= SESSION)
		scene->session = nexp_do_session(_metadata);
	if (depth >= POOL)
		scene->pool = nexp_do_pool(_metadata, scene->session, NULL);
	if (depth == FILTERED) {
		ASSERT_EQ(0, run_filter(scene));
		return;
	}
	if (depth == INJECTED) {
		scene->fd = __nexp_do_injector(scene->session, scene->pool);
		ASSERT_LE(0, scene->fd);
		return;
	}
	if (depth >= OPENED)
		scene->fd = nexp_do_open(_metadata, scene->session, scene->pool);
	if (depth >= ADOPTED) {
		ASSERT_EQ(0, set_up_library(scene));
		return;
	}
	if (depth == ATTACHED)
		ASSERT_EQ(0, run_attach(scene));
	if (depth >= MAPPED)
		nexp_do_attach(_metadata, scene->fd, &scene->a);
	if (depth >= COMMITTED)
		ASSERT_EQ(0, run_commit(scene));
}

/* Windows are this process's own, so they go by hand. */
static void tear_down(struct __test_metadata *const _metadata, int observer,
		      struct scene *scene)
{
	if (scene->map)
		munmap(scene->map, scene->map_size);
	if (scene->a.status) {
		munmap(scene->a.status, scene->a.info.out_status_size);
		munmap(scene->a.consumer, scene->a.info.out_consumer_size);
		munmap(scene->a.ring[0], 2 * scene->a.info.out_ring_size);
		munmap(scene->a.heap, scene->a.info.out_heap_size);
	}
	tear_down_library(scene);
	if (scene->got_fd >= 0)
		close(scene->got_fd);
	if (scene->fd >= 0)
		close(scene->fd);
	if (scene->session >= 0)
		close(scene->session);
	nexp_do_settle(_metadata, observer);
}

/* What a call that fails must leave alone. */
struct state {
	__u64 bytes;
	__u32 nr_pools;
	__u32 incarnation;
	__u32 pool_state;
	__u64 heap_bytes;
	__u64 heap_peak;
	int next_fd;
};

static struct state look(struct __test_metadata *const _metadata, int observer,
			 const struct scene *scene)
{
	struct netexpert_info info = nexp_do_info(_metadata, observer);
	struct netexpert_pool_stat stat = {};
	struct state state;

	if (scene->pool)
		stat = nexp_do_stat(_metadata, scene->session, scene->pool);
	memset(&state, 0, sizeof(state));
	state.bytes = info.out_bytes;
	state.nr_pools = info.out_nr_pools;
	state.incarnation = stat.out_incarnation;
	state.pool_state = stat.out_state;
	state.heap_bytes = stat.out_heap_bytes;
	state.heap_peak = stat.out_heap_peak;
	state.next_fd = dup(observer);
	ASSERT_LE(0, state.next_fd);
	close(state.next_fd);
	return state;
}

static bool is_one_of(int ret, const int *errnos)
{
	size_t i;

	for (i = 0; i < 4 && errnos[i]; i++)
		if (ret == -errnos[i])
			return true;
	return false;
}

FIXTURE_SETUP(fail_nth)
{
	self->observer = nexp_do_session(_metadata);
	self->fail = nexp_fail_open();
	ASSERT_LE(0, self->fail);
	ASSERT_TRUE(nexp_fail_set_up());
	ASSERT_TRUE(nexp_fail_without_rseq());
	nexp_do_settle(_metadata, self->observer);
}

FIXTURE_TEARDOWN(fail_nth)
{
	close(self->fail);
	close(self->observer);
}

/**
 * struct attempt - a path, run once
 * @path: the path.
 * @scene: what on.
 * @nth: the failure that it shall have; 0 for none.
 * @is_armed: it could be told so.
 * @happened: that failure came.
 * @ret: what the path answered.
 */
struct attempt {
	const FIXTURE_VARIANT(fail_nth) *path;
	struct scene *scene;
	unsigned int nth;
	bool is_armed;
	bool happened;
	int ret;
};

static void attempt_run(struct attempt *attempt, int fail)
{
	attempt->is_armed = nexp_fail_arm(fail, attempt->nth);
	attempt->ret = attempt->path->run(attempt->scene);
	attempt->happened = nexp_fail_disarm(fail);
}

static void *attempt_in_thread(void *arg)
{
	struct attempt *attempt = arg;
	int fail = nexp_fail_open();

	if (fail < 0 || !nexp_fail_without_rseq())
		return NULL;
	attempt_run(attempt, fail);
	close(fail);
	return NULL;
}

static struct attempt try_path(struct __test_metadata *const _metadata, int fail,
			       const FIXTURE_VARIANT(fail_nth) *path, struct scene *scene,
			       unsigned int n)
{
	struct attempt attempt = { .path = path, .scene = scene, .nth = n };
	pthread_t thread;

	if (path->in_thread) {
		ASSERT_EQ(0, pthread_create(&thread, NULL, attempt_in_thread, &attempt));
		ASSERT_EQ(0, pthread_join(thread, NULL));
	} else {
		attempt_run(&attempt, fail);
	}
	ASSERT_TRUE(attempt.is_armed);
	return attempt;
}

/* Whether there was an n-th thing that could fail. */
static bool try_nth(struct __test_metadata *const _metadata,
		    FIXTURE_DATA(fail_nth) *self,
		    const FIXTURE_VARIANT(fail_nth) *path, unsigned int n)
{
	struct state before, after;
	struct attempt attempt;
	struct scene scene;
	int ret;

	set_up(_metadata, path->depth, &scene);
	before = look(_metadata, self->observer, &scene);
	attempt = try_path(_metadata, self->fail, path, &scene, n);
	ret = attempt.ret;

	if (ret) {
		self->nr_failed++;
		EXPECT_TRUE(attempt.happened)
			TH_LOG("%d, but nothing failed", ret);
		EXPECT_TRUE(is_one_of(ret, path->errnos))
			TH_LOG("failure %u is answered with %d", n, ret);
	}
	if (ret && !path->changes) {
		after = look(_metadata, self->observer, &scene);
		EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)))
			TH_LOG("failure %u, answered with %d, changed something",
			       n, ret);
		EXPECT_EQ(0, try_path(_metadata, self->fail, path, &scene, 0).ret)
			TH_LOG("after failure %u it does not work any more", n);
	}
	tear_down(_metadata, self->observer, &scene);
	return attempt.happened;
}

TEST_F_TIMEOUT(fail_nth, leaves_nothing_behind, 120)
{
	unsigned int n = 1;

	while (try_nth(_metadata, self, variant, n) && __test_passed(_metadata))
		ASSERT_GT(MAX_FAILURES, n++);
	TH_LOG("%u failures, %d of them answered with an error", n - 1,
	       self->nr_failed);
	/* A sweep in which nothing failed has tested nothing. */
	if (variant->errnos[0])
		EXPECT_LT(1, n);
	if (variant->errnos[0] && !variant->tries_again)
		EXPECT_LT(0, self->nr_failed);
}

FIXTURE(fail_nth_death)
{
	int session;
};

FIXTURE_SETUP(fail_nth_death)
{
	self->session = nexp_do_session(_metadata);
	ASSERT_TRUE(nexp_fail_set_up());
	ASSERT_TRUE(nexp_fail_without_rseq());
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(fail_nth_death)
{
	close(self->session);
}

/* Nobody can ask the dead how many there were: more than its end has. */
TEST_F_TIMEOUT(fail_nth_death, of_the_expert_is_seen_whatever_fails_in_it, 120)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	struct netexpert_pool_stat stat;
	struct nexp_attachment a;
	struct nexp_child child;
	unsigned int n;
	int fd, fail;

	for (n = 1; n <= 64; n++) {
		fd = nexp_do_open(_metadata, self->session, pool);
		if (nexp_do_fork(_metadata, &child)) {
			nexp_do_attach(_metadata, fd, &a);
			ASSERT_EQ(0, __nexp_do_commit(fd, 0, NR_PAGES * PAGE));
			memset(a.heap, 1, NR_PAGES * PAGE);
			fail = nexp_fail_open();
			ASSERT_LE(0, fail);
			ASSERT_TRUE(nexp_fail_arm(fail, n));
			nexp_child_exit();
		}
		close(fd);
		ASSERT_EQ(0, nexp_child_end(&child));
		ASSERT_TRUE(nexp_becomes(nexp_state(self->session, pool) ==
					 NETEXPERT_POOL_IDLE))
			TH_LOG("failure %u", n);
		stat = nexp_do_stat(_metadata, self->session, pool);
		EXPECT_EQ(n, stat.out_incarnation);
		EXPECT_EQ(NR_PAGES * PAGE, stat.out_back_bytes);
		EXPECT_EQ(0, stat.out_heap_bytes);
	}
}

/* One skip, not one for each path. */
static void __attribute__((constructor)) skip_without_fault_injection(void)
{
	int fail = nexp_fail_open();

	if (fail < 0) {
		printf("1..0 # SKIP a kernel without fault injection (CONFIG_FAULT_INJECTION)\n");
		exit(KSFT_SKIP);
	}
	close(fail);
}

TEST_HARNESS_MAIN
