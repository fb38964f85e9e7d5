// SPDX-License-Identifier: GPL-2.0
/*
 * memory_test - who pays for a pool, and what happens when there is no more
 *
 * Rings are charged to the memory cgroup of who creates the pool, the heap to
 * that of the expert. A cgroup that is full makes a call fail; it kills nobody.
 */
#include "cgroup.h"
#include "child.h"

#define PAGE	4096UL
#define MIB	(1UL << 20)

/* What a small process needs beside what the test takes on purpose. */
#define SLACK	(6 * MIB)

FIXTURE(memory)
{
	int session;
	struct nexp_cgroup cgroup;
};

FIXTURE_SETUP(memory)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	nexp_do_cgroup(_metadata, &self->cgroup);
}

FIXTURE_TEARDOWN(memory)
{
	close(self->session);
	nexp_cgroup_remove(&self->cgroup);
}

/* A pool whose heap may become larger than the cgroup. */
static __u64 make_pool(struct __test_metadata *const _metadata,
		       FIXTURE_DATA(memory) *self)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.heap_size = 256 * MIB;
	args.heap_limit = 256 * MIB;
	return nexp_do_pool(_metadata, self->session, &args);
}

static void set_limit(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(memory) *self, __u64 bytes)
{
	nexp_do_cgroup_set(_metadata, &self->cgroup, "memory.max", bytes);
	/* There may be no swap, and then no such file. */
	__nexp_write_file(self->cgroup.path, "memory.swap.max", "0");
}

static __u64 charged(FIXTURE_DATA(memory) *self)
{
	return nexp_cgroup_get(&self->cgroup, "memory.current", NULL);
}

static __u64 oom_kills(FIXTURE_DATA(memory) *self)
{
	return nexp_cgroup_get(&self->cgroup, "memory.events", "oom_kill");
}

static bool heap_is_back(int session, __u64 pool)
{
	struct netexpert_pool_stat stat;

	return !__nexp_do_stat(session, pool, &stat) && !stat.out_heap_bytes &&
	       stat.out_state == NETEXPERT_POOL_IDLE;
}

TEST_F(memory, heap_is_charged_to_the_expert_and_comes_back)
{
	__u64 pool = make_pool(_metadata, self);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct nexp_child child;

	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;

		nexp_do_cgroup_enter(_metadata, &self->cgroup);
		nexp_do_attach(_metadata, fd, &a);
		nexp_do_say(_metadata, &child, 0);
		nexp_do_hear(_metadata, &child);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, 32 * MIB));
		nexp_do_say(_metadata, &child, 0);
		nexp_do_hear(_metadata, &child);
		ASSERT_EQ(0, __nexp_do_punch(fd, 0, 16 * MIB));
		nexp_do_say(_metadata, &child, 0);
		for (;;)
			pause();
	}
	nexp_do_hear(_metadata, &child);
	EXPECT_GT(SLACK, charged(self));
	nexp_do_say(_metadata, &child, 0);
	nexp_do_hear(_metadata, &child);
	EXPECT_LE(32 * MIB, charged(self));
	EXPECT_GT(32 * MIB + SLACK, charged(self));
	nexp_do_say(_metadata, &child, 0);
	nexp_do_hear(_metadata, &child);
	EXPECT_TRUE(nexp_becomes(charged(self) < 16 * MIB + SLACK));
	EXPECT_LE(16 * MIB, charged(self));

	/* The cgroup is not there for the pool any more when the expert is not. */
	kill(child.pid, SIGKILL);
	EXPECT_TRUE(nexp_becomes(heap_is_back(self->session, pool)));
	EXPECT_TRUE(nexp_becomes(charged(self) < SLACK));
	nexp_child_end(&child);
}

TEST_F(memory, rings_are_charged_to_who_makes_the_pool)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct nexp_child child;

	args.nr_rings = 4;
	args.ring_size = 4 * MIB;
	if (nexp_do_fork(_metadata, &child)) {
		int session;

		nexp_do_cgroup_enter(_metadata, &self->cgroup);
		session = nexp_do_session(_metadata);
		nexp_do_pool(_metadata, session, &args);
		nexp_do_say(_metadata, &child, 0);
		nexp_do_hear(_metadata, &child);
		close(session);
		nexp_do_say(_metadata, &child, 0);
		nexp_do_hear(_metadata, &child);
		nexp_child_exit();
	}
	nexp_do_hear(_metadata, &child);
	EXPECT_LE(16 * MIB, charged(self));
	nexp_do_say(_metadata, &child, 0);
	nexp_do_hear(_metadata, &child);
	EXPECT_TRUE(nexp_becomes(charged(self) < SLACK));
	nexp_do_say(_metadata, &child, 0);
	EXPECT_EQ(0, nexp_child_end(&child));
}

/* Lives on as programs do: a deeper stack, some memory of its own. */
static void need_some_memory(void)
{
	volatile char stack[128 << 10];
	char *heap = malloc(128 << 10);
	size_t i;

	for (i = 0; i < sizeof(stack); i += PAGE) {
		stack[i] = 1;
		heap[i] = 1;
	}
	free(heap);
}

TEST_F(memory, full_cgroup_is_enomem_and_the_expert_lives)
{
	__u64 pool = make_pool(_metadata, self);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct netexpert_pool_stat stat;
	struct nexp_child child;
	__u64 got;

	set_limit(_metadata, self, 32 * MIB);
	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;
		__u64 offset = 0;
		int ret;

		nexp_do_cgroup_enter(_metadata, &self->cgroup);
		nexp_do_attach(_metadata, fd, &a);
		EXPECT_EQ(-ENOMEM, __nexp_do_commit(fd, 0, 128 * MIB));
		EXPECT_EQ(SIGBUS, nexp_read_fault(a.heap));
		do {
			ret = __nexp_do_commit(fd, offset, MIB);
			offset += MIB;
		} while (!ret && offset < 256 * MIB);
		EXPECT_EQ(-ENOMEM, ret);
		EXPECT_EQ(SIGBUS, nexp_read_fault(a.heap + offset - MIB));
		need_some_memory();
		memset(a.heap, 1, offset - MIB);
		ASSERT_EQ(0, __nexp_do_punch(fd, 0, 4 * MIB));
		EXPECT_EQ(0, __nexp_do_commit(fd, 0, 2 * MIB));
		nexp_do_say(_metadata, &child, offset - MIB);
		nexp_do_hear(_metadata, &child);
		nexp_child_exit();
	}
	got = nexp_do_hear(_metadata, &child);
	EXPECT_LE(16 * MIB, got)
		TH_LOG("only %llu KiB of 32 MiB could be had", got / 1024);
	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(got - 2 * MIB, stat.out_heap_bytes);
	/* What was refused was never there. */
	EXPECT_EQ(got, stat.out_heap_peak);
	EXPECT_EQ(2, stat.out_heap_refused);
	EXPECT_EQ(0, oom_kills(self));
	nexp_do_say(_metadata, &child, 0);
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(0, oom_kills(self));
}

/* Takes @bytes of stack, page by page. */
static void __attribute__((noinline)) grow_stack(size_t bytes)
{
	volatile char page[4096];

	memset((char *)page, 1, sizeof(page));
	if (bytes > sizeof(page))
		grow_stack(bytes - sizeof(page));
	/* Not a tail call: the page is needed until here. */
	page[0] = page[1];
}

TEST_F(memory, commits_leave_room_for_the_stack)
{
	__u64 pool = make_pool(_metadata, self);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct nexp_child child;

	set_limit(_metadata, self, 64 * MIB);
	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;
		size_t step = 8 * MIB;
		__u64 offset = 0;

		nexp_do_cgroup_enter(_metadata, &self->cgroup);
		nexp_do_attach(_metadata, fd, &a);
		/* To the brim: ever smaller steps, down to a page. */
		while (step >= PAGE) {
			int ret = __nexp_do_commit(fd, offset, step);

			ASSERT_TRUE(!ret || ret == -ENOMEM)
				TH_LOG("%s", strerror(-ret));
			if (ret)
				step /= 2;
			else
				offset += step;
		}
		memset(a.heap, 1, offset);
		grow_stack(3 * MIB);
		nexp_do_say(_metadata, &child, offset);
		nexp_child_exit();
	}
	EXPECT_LE(48 * MIB, nexp_do_hear(_metadata, &child));
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(0, oom_kills(self));
}

/* A page in each of many places needs as many page tables, when it is touched. */
TEST_F(memory, commits_leave_room_for_page_tables)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct nexp_child child;
	__u64 pool;
	int fd;

	args.heap_size = 16ULL << 30;
	args.heap_limit = 64 * MIB;
	pool = nexp_do_pool(_metadata, self->session, &args);
	fd = nexp_do_open(_metadata, self->session, pool);
	set_limit(_metadata, self, 24 * MIB);
	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;
		__u64 nr = 0, i;
		int ret;

		nexp_do_cgroup_enter(_metadata, &self->cgroup);
		nexp_do_attach(_metadata, fd, &a);
		while (!(ret = __nexp_do_commit(fd, nr * 2 * MIB, PAGE)))
			nr++;
		EXPECT_EQ(-ENOMEM, ret);
		for (i = 0; i < nr; i++)
			a.heap[i * 2 * MIB] = 1;
		grow_stack(2 * MIB);
		nexp_do_say(_metadata, &child, nr * PAGE);
		nexp_child_exit();
	}
	EXPECT_LE(6 * MIB, nexp_do_hear(_metadata, &child));
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(0, oom_kills(self));
}

/* A large file without blocks that the build has left beside this program. */
static int open_sparse(struct __test_metadata *const _metadata)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 8);
	int fd;

	ASSERT_LT(0, length);
	path[length] = '\0';
	strcpy(strrchr(path, '/') + 1, "sparse");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd)
		TH_LOG("%s: %s", path, strerror(errno));
	return fd;
}

/* Page cache fills every cgroup; it makes room for a commit. */
TEST_F(memory, page_cache_does_not_count_as_full)
{
	__u64 pool = make_pool(_metadata, self);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct nexp_child child;

	set_limit(_metadata, self, 64 * MIB);
	if (nexp_do_fork(_metadata, &child)) {
		static char block[MIB];
		struct nexp_attachment a;
		int file;

		nexp_do_cgroup_enter(_metadata, &self->cgroup);
		nexp_do_attach(_metadata, fd, &a);
		file = open_sparse(_metadata);
		while (read(file, block, sizeof(block)) == sizeof(block))
			;
		EXPECT_LE(60 * MIB, charged(self));
		EXPECT_EQ(0, __nexp_do_commit(fd, 0, 48 * MIB));
		nexp_child_exit();
	}
	EXPECT_EQ(0, nexp_child_end(&child));
}

TEST_F(memory, full_cgroup_makes_pool_create_fail)
{
	static const struct {
		const char *what;
		__u32 nr_rings;
		__u64 ring_size;
		__u64 heap_size;
	} cases[] = {
		{ "rings", 1, 64 * MIB, MIB },
		{ "many rings", 256, MIB, MIB },
		{ "the table of a large heap", 1, PAGE, 64ULL << 30 },
	};
	struct netexpert_info info;
	size_t i;

	set_limit(_metadata, self, 32 * MIB);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct netexpert_pool_create args = nexp_pool_args();
		struct nexp_child child;
		int status;

		args.nr_rings = cases[i].nr_rings;
		args.ring_size = cases[i].ring_size;
		args.heap_size = cases[i].heap_size;
		if (nexp_do_fork(_metadata, &child)) {
			nexp_do_cgroup_enter(_metadata, &self->cgroup);
			EXPECT_EQ(-ENOMEM, __nexp_do_pool(self->session, &args))
				TH_LOG("%s", cases[i].what);
			nexp_child_exit();
		}
		status = nexp_child_end(&child);
		EXPECT_EQ(0, status)
			TH_LOG("%s: killed by signal %d", cases[i].what,
			       WTERMSIG(status));
		info = nexp_do_info(_metadata, self->session);
		EXPECT_EQ(0, info.out_nr_pools);
		EXPECT_EQ(0, info.out_bytes);
	}
	EXPECT_EQ(0, oom_kills(self));
}

/* Its own memory, not the pool's, is what an expert is killed for. */
TEST_F(memory, oom_kill_is_a_death_like_any_other)
{
	__u64 pool = make_pool(_metadata, self);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct netexpert_pool_stat stat;
	struct nexp_child child;
	int status;

	set_limit(_metadata, self, 32 * MIB);
	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;

		nexp_do_cgroup_enter(_metadata, &self->cgroup);
		nexp_do_attach(_metadata, fd, &a);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, 16 * MIB));
		memset(a.heap, 1, 16 * MIB);
		nexp_do_say(_metadata, &child, 0);
		nexp_do_hear(_metadata, &child);
		for (;;)
			memset(malloc(MIB), 1, MIB);
	}
	nexp_do_hear(_metadata, &child);
	nexp_do_say(_metadata, &child, 0);
	status = nexp_child_end(&child);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	EXPECT_LE(1, oom_kills(self));
	EXPECT_TRUE(nexp_becomes(heap_is_back(self->session, pool)));
	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(16 * MIB, stat.out_back_bytes);
	EXPECT_TRUE(nexp_becomes(charged(self) < SLACK));
	EXPECT_LE(0, __nexp_do_open(self->session, pool));
}

TEST_HARNESS_MAIN
