// SPDX-License-Identifier: GPL-2.0
/*
 * limit_test - limits that change while pools live: a pool's, a session's, the
 * module's
 *
 * A limit takes nothing away: below what is there it only refuses more, and what
 * is refused is refused whole. The memory cgroup's is memory_test's.
 */
#include "child.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define PARAMETER(name) "/sys/module/netexpert/parameters/" name

FIXTURE(limit)
{
	int session;
	__u64 pool;
	int fd;
	struct nexp_attachment a;
};

FIXTURE_SETUP(limit)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	self->fd = nexp_do_open(_metadata, self->session, self->pool);
	nexp_do_attach(_metadata, self->fd, &self->a);
}

FIXTURE_TEARDOWN(limit)
{
	close(self->fd);
	close(self->session);
}

static __u64 heap_bytes(struct __test_metadata *const _metadata,
			FIXTURE_DATA(limit) *self)
{
	return nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes;
}

TEST_F(limit, grows_and_shrinks_under_a_living_expert)
{
	struct netexpert_pool_stat stat;

	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, MIB));
	ASSERT_EQ(0, __nexp_do_punch(self->fd, 0, MIB));

	ASSERT_EQ(0, __nexp_do_limit(self->session, self->pool, 4 * PAGE));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(4 * PAGE, stat.out_heap_limit);
	EXPECT_EQ(4 * PAGE, nexp_status(&self->a)->heap_limit);
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(self->fd, 0, 5 * PAGE));
	EXPECT_EQ(0, heap_bytes(_metadata, self));
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 0, 4 * PAGE));

	ASSERT_EQ(0, __nexp_do_limit(self->session, self->pool, 5 * PAGE));
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(self->fd, 8 * PAGE, 2 * PAGE));
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 8 * PAGE, PAGE));
	EXPECT_EQ(5 * PAGE, heap_bytes(_metadata, self));
}

TEST_F(limit, below_what_is_used_nothing_is_taken_away)
{
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, 8 * PAGE));
	self->a.heap[7 * PAGE] = 42;
	ASSERT_EQ(0, __nexp_do_limit(self->session, self->pool, 4 * PAGE));
	EXPECT_EQ(8 * PAGE, heap_bytes(_metadata, self));
	EXPECT_EQ(42, self->a.heap[7 * PAGE]);

	/* What is there needs no room, what isn't has none. */
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 0, 8 * PAGE));
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(self->fd, 0, 9 * PAGE));
	ASSERT_EQ(0, __nexp_do_punch(self->fd, 0, 4 * PAGE));
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(self->fd, 0, PAGE));
	ASSERT_EQ(0, __nexp_do_punch(self->fd, 4 * PAGE, PAGE));
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 0, PAGE));
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(self->fd, PAGE, PAGE));

	/* Nothing at all is a limit, too. */
	ASSERT_EQ(0, __nexp_do_limit(self->session, self->pool, 0));
	EXPECT_EQ(4 * PAGE, heap_bytes(_metadata, self));
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(self->fd, PAGE, PAGE));
}

TEST_F(limit, holds_for_the_next_incarnation)
{
	int fd;

	ASSERT_EQ(0, __nexp_do_limit(self->session, self->pool, PAGE));
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	ASSERT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	fd = nexp_do_open(_metadata, self->session, self->pool);
	nexp_do_attach(_metadata, fd, &self->a);
	EXPECT_EQ(PAGE, nexp_status(&self->a)->heap_limit);
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(fd, 0, 2 * PAGE));
	EXPECT_EQ(0, __nexp_do_commit(fd, 0, PAGE));
}

TEST_F(limit, that_can_never_be_right_is_einval)
{
	const __u64 limits[] = {
		1, PAGE - 1, PAGE + 1, MIB + PAGE, 1ULL << 32, 1ULL << 63,
		~0ULL, ~0ULL - PAGE + 1,
	};
	struct netexpert_pool_stat stat;
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		int err = __nexp_do_limit(self->session, self->pool, limits[i]);

		EXPECT_EQ(-EINVAL, err)
			TH_LOG("%#llx", (unsigned long long)limits[i]);
	}
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(MIB, stat.out_heap_limit);
}

TEST_F(limit, only_the_pools_own_session_sets_it)
{
	int other = nexp_do_session(_metadata);

	EXPECT_EQ(-ENOENT, __nexp_do_limit(other, self->pool, 0));
	EXPECT_EQ(-ENOENT, __nexp_do_limit(self->session, self->pool ^ 1ULL << 50, 0));
	EXPECT_EQ(-ENOTTY, __nexp_do_limit(self->fd, self->pool, 2 * MIB));
	EXPECT_EQ(MIB, nexp_do_stat(_metadata, self->session,
				    self->pool).out_heap_limit);
	close(other);
}

TEST_F(limit, of_a_session_counts_its_pools_and_no_others)
{
	struct netexpert_info info = nexp_do_info(_metadata, self->session);
	struct netexpert_pool_create args = nexp_pool_args();
	__u64 had = info.out_session_bytes;
	int other = nexp_do_session(_metadata);

	EXPECT_LT(args.ring_size, had);
	EXPECT_EQ(info.out_bytes, had);
	EXPECT_EQ(info.out_max_bytes, info.out_session_max_bytes);
	EXPECT_EQ(0, nexp_do_info(_metadata, other).out_session_bytes);

	ASSERT_EQ(0, __nexp_do_session_limit(self->session, had + 2 * PAGE));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(had + 2 * PAGE, info.out_session_max_bytes);
	EXPECT_EQ(-EDQUOT, __nexp_do_pool(self->session, &args));
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(self->fd, 0, 3 * PAGE));
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 0, 2 * PAGE));
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(self->fd, 2 * PAGE, PAGE));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(had + 2 * PAGE, info.out_session_bytes);

	/* Another session has room of its own. */
	EXPECT_EQ(0, __nexp_do_pool(other, &args));
	EXPECT_LT(args.ring_size, nexp_do_info(_metadata, other).out_session_bytes);
	close(other);

	/* Lowered, it takes nothing away; without, the module's holds. */
	ASSERT_EQ(0, __nexp_do_session_limit(self->session, 1));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(1, info.out_session_max_bytes);
	EXPECT_EQ(had + 2 * PAGE, info.out_session_bytes);
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 0, 2 * PAGE));
	ASSERT_EQ(0, __nexp_do_session_limit(self->session, 0));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(info.out_max_bytes, info.out_session_max_bytes);
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 2 * PAGE, PAGE));
	EXPECT_EQ(-ENOTTY, __nexp_do_session_limit(self->fd, 0));
}

TEST_F(limit, bytes_of_a_session_go_when_its_pools_go)
{
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, 16 * PAGE));
	ASSERT_EQ(0, __nexp_do_destroy(self->session, self->pool));
	EXPECT_EQ(0, nexp_do_info(_metadata, self->session).out_session_bytes);
}

static void set_parameter(struct __test_metadata *const _metadata,
			  const char *path, unsigned long value)
{
	char text[32];
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ASSERT_LE(0, fd)
		TH_LOG("%s: %s", path, strerror(errno));
	snprintf(text, sizeof(text), "%lu", value);
	ASSERT_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	close(fd);
}

TEST_F(limit, parameters_hold_for_sessions_that_are_open)
{
	struct netexpert_info info = nexp_do_info(_metadata, self->session);
	struct netexpert_pool_create args = nexp_pool_args();
	int other = nexp_do_session(_metadata);
	int err, others, of_module;

	args.ring_size = 2 * MIB;
	set_parameter(_metadata, PARAMETER("max_session_mbytes"), 1);
	err = __nexp_do_pool(self->session, &args);
	/* What a session wishes for itself does not lift it. */
	EXPECT_EQ(0, __nexp_do_session_limit(self->session, 1ULL << 40));
	info = nexp_do_info(_metadata, self->session);
	others = __nexp_do_pool(other, &args);
	set_parameter(_metadata, PARAMETER("max_session_mbytes"), 0);
	EXPECT_EQ(-EDQUOT, err);
	EXPECT_EQ(-EDQUOT, others);
	EXPECT_EQ(MIB, info.out_session_max_bytes);
	EXPECT_LT(MIB, info.out_max_bytes);

	set_parameter(_metadata, PARAMETER("max_mbytes"), 1);
	of_module = __nexp_do_pool(other, &args);
	info = nexp_do_info(_metadata, other);
	set_parameter(_metadata, PARAMETER("max_mbytes"), 0);
	EXPECT_EQ(-EDQUOT, of_module);
	EXPECT_EQ(MIB, info.out_max_bytes);
	EXPECT_EQ(MIB, info.out_session_max_bytes);
	EXPECT_EQ(0, info.out_session_bytes);

	EXPECT_EQ(0, __nexp_do_pool(other, &args));
	close(other);
}

TEST_HARNESS_MAIN
