// SPDX-License-Identifier: GPL-2.0
/*
 * view_test - a pool seen through a view, living, frozen and gone
 */
#include "child.h"
#include "feed.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define HEAP	((off_t)NETEXPERT_MAP_HEAP)

FIXTURE(view)
{
	int session;
};

FIXTURE_SETUP(view)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(view)
{
	close(self->session);
}

static __u64 make_pool(struct __test_metadata *const _metadata, int session,
		       __u32 flags)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.flags = flags;
	return nexp_do_pool(_metadata, session, &args);
}

static bool is(int session, __u64 pool, enum netexpert_pool_state state)
{
	return nexp_state(session, pool) == (int)state;
}

/* An expert that leaves a text in its heap, says so and waits to be killed. */
static void be_an_expert(struct __test_metadata *const _metadata,
			 struct nexp_child *child, int fd, const char *text)
{
	struct nexp_attachment a;

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 2 * PAGE, 2 * PAGE));
	strcpy((char *)a.heap + 3 * PAGE - 4, text);
	nexp_reader(&a, 1)->position = 4711;
	nexp_do_say(_metadata, child, 0);
	for (;;)
		pause();
}

/* Starts one on @pool and waits until the text is there. */
static void start_expert(struct __test_metadata *const _metadata,
			 struct nexp_child *child, int session, __u64 pool,
			 const char *text)
{
	int fd = nexp_do_open(_metadata, session, pool);

	if (nexp_do_fork(_metadata, child))
		be_an_expert(_metadata, child, fd, text);
	close(fd);
	nexp_do_hear(_metadata, child);
}

TEST_F(view, shows_every_window_as_the_expert_has_it)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	int view = nexp_do_view(_metadata, self->session, pool);
	int fd = nexp_do_open(_metadata, self->session, pool);
	int program = nexp_do_load(_metadata, pool);
	static unsigned char seen[256 << 10];
	struct nexp_attachment a;
	__u64 number;

	nexp_do_attach(_metadata, fd, &a);
	for (number = 1; number <= 3; number++)
		EXPECT_EQ(0, nexp_do_feed_number(_metadata, program, number, 200));
	nexp_reader(&a, 3)->position = 815;

	ASSERT_EQ((ssize_t)a.info.out_status_size,
		  pread(view, seen, sizeof(seen), NETEXPERT_MAP_STATUS));
	EXPECT_EQ(0, memcmp(seen, a.status, a.info.out_status_size));
	ASSERT_EQ((ssize_t)a.info.out_consumer_size,
		  pread(view, seen, sizeof(seen), NETEXPERT_MAP_CONSUMER));
	EXPECT_EQ(0, memcmp(seen, a.consumer, a.info.out_consumer_size));
	ASSERT_EQ(2 * (ssize_t)a.info.out_ring_size,
		  pread(view, seen, sizeof(seen), NETEXPERT_MAP_RING(0)));
	EXPECT_EQ(0, memcmp(seen, a.ring[0], 2 * a.info.out_ring_size));
	EXPECT_EQ(1, nexp_record_number((void *)seen));

	ASSERT_EQ(0, __nexp_do_commit(fd, 4 * PAGE, PAGE));
	memset(a.heap + 4 * PAGE, 'x', PAGE);
	ASSERT_EQ(2 * (ssize_t)PAGE,
		  pread(view, seen, 2 * PAGE, HEAP + 3 * PAGE + PAGE / 2));
	EXPECT_EQ(0, seen[0]);
	EXPECT_EQ(0, seen[PAGE / 2 - 1]);
	EXPECT_EQ('x', seen[PAGE / 2]);
	EXPECT_EQ('x', seen[3 * PAGE / 2 - 1]);
	EXPECT_EQ(0, seen[3 * PAGE / 2]);
	close(program);
	close(view);
}

TEST_F(view, ends_where_a_window_ends)
{
	const off_t nowhere[] = {
		NETEXPERT_MAP_RING(1), NETEXPERT_MAP_RING(255),
		NETEXPERT_MAP_RING(0) + (128 << 10), HEAP + MIB, HEAP + 2 * MIB,
		HEAP + (1LL << 55), (off_t)(4ULL << 56),
	};
	__u64 pool = make_pool(_metadata, self->session, 0);
	int view = nexp_do_view(_metadata, self->session, pool);
	char seen[2 * PAGE];
	size_t i;

	EXPECT_EQ(1, pread(view, seen, sizeof(seen), HEAP + MIB - 1));
	EXPECT_EQ((ssize_t)PAGE, pread(view, seen, sizeof(seen), HEAP + MIB - PAGE));
	for (i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
		EXPECT_EQ(0, pread(view, seen, sizeof(seen), nowhere[i]))
			TH_LOG("%#llx", (unsigned long long)nowhere[i]);
		EXPECT_EQ(-1, lseek(view, nowhere[i], SEEK_DATA));
		EXPECT_EQ(ENXIO, errno);
		EXPECT_EQ(-1, lseek(view, nowhere[i], SEEK_HOLE));
		EXPECT_EQ(ENXIO, errno);
	}
	EXPECT_EQ(-1, pread(view, seen, sizeof(seen), -1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, lseek(view, -1, SEEK_DATA));
	EXPECT_EQ(-1, lseek(view, 0, SEEK_END));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, pread(view, (void *)PAGE, PAGE, HEAP));
	EXPECT_EQ(EFAULT, errno);
	close(view);
}

TEST_F(view, is_a_sparse_file)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	int view = nexp_do_view(_metadata, self->session, pool);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct nexp_attachment a;
	char byte;

	EXPECT_EQ(0, lseek(view, 0, SEEK_DATA));
	EXPECT_EQ((off_t)PAGE, lseek(view, 0, SEEK_HOLE));
	EXPECT_EQ(-1, lseek(view, HEAP, SEEK_DATA));
	EXPECT_EQ(ENXIO, errno);
	EXPECT_EQ(HEAP + 5, lseek(view, HEAP + 5, SEEK_HOLE));

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 3 * PAGE, 2 * PAGE));
	ASSERT_EQ(0, __nexp_do_commit(fd, MIB - PAGE, PAGE));
	EXPECT_EQ(HEAP + 3 * (off_t)PAGE, lseek(view, HEAP, SEEK_DATA));
	EXPECT_EQ(HEAP + 5 * (off_t)PAGE,
		  lseek(view, HEAP + 3 * PAGE + 9, SEEK_HOLE));
	EXPECT_EQ(HEAP + 4 * (off_t)PAGE + 7,
		  lseek(view, HEAP + 4 * PAGE + 7, SEEK_DATA));
	EXPECT_EQ(HEAP + (off_t)(MIB - PAGE),
		  lseek(view, HEAP + 5 * PAGE, SEEK_DATA));
	EXPECT_EQ(HEAP + (off_t)MIB, lseek(view, HEAP + MIB - 1, SEEK_HOLE));

	/* read() goes on where lseek() was. */
	a.heap[3 * PAGE] = 'a';
	a.heap[3 * PAGE + 1] = 'b';
	ASSERT_EQ(HEAP + 3 * (off_t)PAGE, lseek(view, HEAP, SEEK_DATA));
	ASSERT_EQ(1, read(view, &byte, 1));
	EXPECT_EQ('a', byte);
	ASSERT_EQ(1, read(view, &byte, 1));
	EXPECT_EQ('b', byte);
	EXPECT_EQ(HEAP + 3 * (off_t)PAGE + 1, lseek(view, -1, SEEK_CUR));
	close(view);
}

TEST_F(view, is_only_for_reading)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	int view = nexp_do_view(_metadata, self->session, pool);
	struct netexpert_pool_stat stat;

	EXPECT_EQ(-1, write(view, "x", 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED, view, HEAP));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-ENOTTY, __nexp_do_stat(view, pool, &stat));
	EXPECT_EQ(-ENOTTY, __nexp_do_commit(view, 0, PAGE));
	EXPECT_TRUE(fcntl(view, F_GETFD) & FD_CLOEXEC);
	close(view);
}

TEST_F(view, keeps_nobody_from_giving_back)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	int view = nexp_do_view(_metadata, self->session, pool);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct nexp_attachment a;
	char seen[PAGE];

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, PAGE));
	a.heap[0] = 'x';
	ASSERT_EQ((ssize_t)PAGE, pread(view, seen, PAGE, HEAP));
	EXPECT_EQ('x', seen[0]);
	EXPECT_EQ(0, __nexp_do_punch(fd, 0, PAGE));
	ASSERT_EQ((ssize_t)PAGE, pread(view, seen, PAGE, HEAP));
	EXPECT_EQ(0, seen[0]);
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
	EXPECT_TRUE(nexp_becomes(is(self->session, pool, NETEXPERT_POOL_IDLE)));
	close(view);
}

/* The reader's buffer lies in the heap that it reads, and is not there yet. */
TEST_F(view, may_be_read_into_the_pool_itself)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	int view = nexp_do_view(_metadata, self->session, pool);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct nexp_attachment a;

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, 4 * PAGE));
	strcpy((char *)a.heap, "over there");
	EXPECT_EQ(2 * (ssize_t)PAGE, pread(view, a.heap + 2 * PAGE, 2 * PAGE, HEAP));
	EXPECT_STREQ("over there", (char *)a.heap + 2 * PAGE);
	close(view);
}

TEST_F(view, of_a_foreign_pool_needs_cap_sys_ptrace)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	int other = nexp_do_session(_metadata);
	struct nexp_child child;

	if (nexp_do_fork(_metadata, &child)) {
		EXPECT_LE(0, __nexp_do_view(other, pool));
		nexp_do_drop_capability(_metadata, CAP_SYS_PTRACE);
		EXPECT_EQ(-ENOENT, __nexp_do_view(other, pool));
		EXPECT_LE(0, __nexp_do_view(self->session, pool));
		nexp_child_exit();
	}
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(-ENOENT, __nexp_do_view(self->session, pool + 1));
	close(other);
}

TEST_F(view, is_stale_when_the_pool_is_destroyed)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	int view = nexp_do_view(_metadata, self->session, pool);
	char byte;

	ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	EXPECT_EQ(-1, pread(view, &byte, 1, HEAP));
	EXPECT_EQ(ESTALE, errno);
	EXPECT_EQ(-1, lseek(view, HEAP, SEEK_DATA));
	EXPECT_EQ(ESTALE, errno);
	nexp_do_settle(_metadata, self->session);
	close(view);
}

TEST_F(view, death_leaves_the_heap_of_a_postmortem_pool)
{
	__u64 pool = make_pool(_metadata, self->session, NETEXPERT_POOL_POSTMORTEM);
	struct netexpert_reader readers[2 * NETEXPERT_SLOT_SIZE /
					sizeof(struct netexpert_reader)];
	int program = nexp_do_load(_metadata, pool);
	struct netexpert_pool_stat stat;
	struct nexp_child child;
	char text[16];
	int view;

	start_expert(_metadata, &child, self->session, pool, "last words");
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
	ASSERT_TRUE(nexp_becomes(is(self->session, pool, NETEXPERT_POOL_FROZEN)));
	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(2 * PAGE, stat.out_heap_bytes);
	EXPECT_EQ(2 * PAGE, stat.out_back_bytes);
	EXPECT_EQ(0, stat.out_back_ns);
	EXPECT_LT(0, stat.out_ended_ns);
	EXPECT_EQ(-EBUSY, __nexp_do_open(self->session, pool));

	view = nexp_do_view(_metadata, self->session, pool);
	ASSERT_EQ(sizeof(text), pread(view, text, sizeof(text), HEAP + 3 * PAGE - 4));
	EXPECT_STREQ("last words", text);
	ASSERT_EQ(sizeof(readers), pread(view, readers, sizeof(readers),
					 NETEXPERT_MAP_CONSUMER +
					 2 * NETEXPERT_SLOT_SIZE));
	EXPECT_EQ(4711, readers[NETEXPERT_SLOT_SIZE / sizeof(readers[0])].position);
	close(view);

	/* Frames go on meanwhile. */
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, program, 1, 100));
	EXPECT_EQ(0, __nexp_do_freeze(self->session, pool));

	ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
	ASSERT_TRUE(nexp_becomes(is(self->session, pool, NETEXPERT_POOL_IDLE)));
	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(0, stat.out_heap_bytes);
	EXPECT_LT(stat.out_ended_ns, stat.out_back_ns);
	EXPECT_EQ(1, stat.out_sum.delivered);

	/* The next one finds nothing of it. */
	start_expert(_metadata, &child, self->session, pool, "again");
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
	EXPECT_TRUE(nexp_becomes(is(self->session, pool, NETEXPERT_POOL_FROZEN)));
	close(program);
}

TEST_F(view, attachment_that_nobody_bound_leaves_nothing_to_keep)
{
	__u64 pool = make_pool(_metadata, self->session, NETEXPERT_POOL_POSTMORTEM);
	int fd = nexp_do_open(_metadata, self->session, pool);

	EXPECT_EQ(-ENODATA, __nexp_do_freeze(self->session, pool));
	EXPECT_EQ(NETEXPERT_POOL_OPEN, nexp_state(self->session, pool));
	close(fd);
	EXPECT_TRUE(nexp_becomes(is(self->session, pool, NETEXPERT_POOL_IDLE)));
	EXPECT_EQ(-ENODATA, __nexp_do_freeze(self->session, pool));
}

TEST_F(view, freeze_takes_the_heap_from_a_living_expert)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	struct nexp_child child;
	char text[16];
	int status, view;

	start_expert(_metadata, &child, self->session, pool, "caught");
	ASSERT_EQ(0, __nexp_do_freeze(self->session, pool));
	EXPECT_EQ(NETEXPERT_POOL_FROZEN, nexp_state(self->session, pool));
	EXPECT_EQ(0, waitpid(child.pid, NULL, WNOHANG));
	view = nexp_do_view(_metadata, self->session, pool);
	ASSERT_EQ(sizeof(text), pread(view, text, sizeof(text), HEAP + 3 * PAGE - 4));
	EXPECT_STREQ("caught", text);
	close(view);
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
	EXPECT_TRUE(nexp_becomes(is(self->session, pool, NETEXPERT_POOL_IDLE)));
	kill(child.pid, SIGKILL);
	status = nexp_child_end(&child);
	EXPECT_TRUE(WIFSIGNALED(status));
}

TEST_F(view, frozen_heap_is_the_experts_no_more)
{
	__u64 pool = make_pool(_metadata, self->session, 0);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct netexpert_pool_stat stat;
	struct nexp_attachment a;

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, PAGE));
	a.heap[0] = 1;
	ASSERT_EQ(0, __nexp_do_freeze(self->session, pool));
	EXPECT_EQ(SIGBUS, nexp_read_fault(a.heap));
	EXPECT_EQ(SIGBUS, nexp_write_fault(a.consumer));
	EXPECT_EQ(-ESTALE, __nexp_do_commit(fd, 0, PAGE));
	EXPECT_EQ(-ESTALE, __nexp_do_punch(fd, 0, PAGE));
	EXPECT_EQ(-ESTALE, __nexp_do_stat(fd, 0, &stat));
	EXPECT_EQ(MAP_FAILED, __nexp_do_map(fd, NETEXPERT_MAP_HEAP, PAGE, PROT_READ));
	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(PAGE, stat.out_heap_bytes);
	close(fd);
	EXPECT_EQ(NETEXPERT_POOL_FROZEN, nexp_state(self->session, pool));
}

TEST_F(view, frozen_heap_goes_with_its_pool_and_its_session)
{
	int session = nexp_do_session(_metadata);
	__u64 first = make_pool(_metadata, session, NETEXPERT_POOL_POSTMORTEM);
	__u64 second = make_pool(_metadata, session, NETEXPERT_POOL_POSTMORTEM);
	struct nexp_child child;
	__u64 pools[] = { first, second };
	size_t i;

	for (i = 0; i < 2; i++) {
		start_expert(_metadata, &child, session, pools[i], "kept");
		kill(child.pid, SIGKILL);
		nexp_child_end(&child);
		ASSERT_TRUE(nexp_becomes(is(session, pools[i],
					    NETEXPERT_POOL_FROZEN)));
	}
	ASSERT_EQ(0, __nexp_do_destroy(session, first));
	close(session);
	nexp_do_settle(_metadata, self->session);
}

TEST_F(view, news_of_a_frozen_pool_wake_the_session)
{
	__u64 pool = make_pool(_metadata, self->session, NETEXPERT_POOL_POSTMORTEM);
	struct nexp_child child;

	start_expert(_metadata, &child, self->session, pool, "");
	nexp_do_stat(_metadata, self->session, pool);
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
	/* It is asked only when there is news: of the end first, perhaps. */
	do {
		ASSERT_EQ(POLLIN, nexp_poll(self->session, NEXP_PATIENCE_MS));
	} while (!is(self->session, pool, NETEXPERT_POOL_FROZEN));
	EXPECT_EQ(0, nexp_poll(self->session, 0));
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
	do {
		ASSERT_EQ(POLLIN, nexp_poll(self->session, NEXP_PATIENCE_MS));
	} while (!is(self->session, pool, NETEXPERT_POOL_IDLE));
	EXPECT_EQ(0, nexp_poll(self->session, 0));
}

TEST_HARNESS_MAIN
