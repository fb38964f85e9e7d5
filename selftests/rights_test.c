// SPDX-License-Identifier: GPL-2.0
/*
 * rights_test - what an attachment may do, and what it may not
 *
 * The test process is the expert here: it attaches itself and then tries
 * everything that an expert must not be able to do.
 */
#include "child.h"
#include "windows.h"

#include <sys/ptrace.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)

FIXTURE(rights)
{
	int session;
	__u64 pool;
	int fd;
	struct nexp_attachment a;
};

FIXTURE_SETUP(rights)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	self->fd = nexp_do_open(_metadata, self->session, self->pool);
	nexp_do_attach(_metadata, self->fd, &self->a);
}

FIXTURE_TEARDOWN(rights)
{
	close(self->fd);
	close(self->session);
}

/* The errno with which the window cannot be mapped; 0 if it could. */
static int map_errno(int fd, __u64 offset, size_t size, int prot, int flags)
{
	void *at = mmap(NULL, size, prot, flags, fd, offset);

	if (at == MAP_FAILED)
		return errno;
	munmap(at, size);
	return 0;
}

TEST_F(rights, trusted_windows_are_never_writable)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;

	nexp_list_windows(&self->a, windows);
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		int expected = w->writable ? 0 : EPERM;

		EXPECT_EQ(expected, map_errno(self->fd, w->offset, w->size,
					      PROT_READ | PROT_WRITE, MAP_SHARED))
			TH_LOG("%s", w->name);
		EXPECT_EQ(expected, map_errno(self->fd, w->offset, w->size,
					      PROT_WRITE, MAP_SHARED))
			TH_LOG("%s, write only", w->name);
		EXPECT_EQ(0, map_errno(self->fd, w->offset, w->size, PROT_READ,
				       MAP_SHARED))
			TH_LOG("%s, read only", w->name);
		if (w->writable)
			continue;
		EXPECT_EQ(-1, mprotect(w->mapped, w->size, PROT_READ | PROT_WRITE))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EACCES, errno);
		EXPECT_EQ(-1, mprotect(w->mapped, PAGE, PROT_WRITE))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EACCES, errno);
		EXPECT_EQ(SIGSEGV, nexp_write_fault(w->mapped))
			TH_LOG("%s", w->name);
	}
}

/* Neither as the buffer of a system call nor as a debugger would. */
TEST_F(rights, trusted_windows_are_not_written_by_the_kernel_either)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;
	int zero = open("/dev/zero", O_RDONLY);
	int mem = open("/proc/self/mem", O_RDWR);

	nexp_list_windows(&self->a, windows);
	ASSERT_LE(0, zero);
	ASSERT_LE(0, mem);
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		if (w->writable)
			continue;
		EXPECT_EQ(-1, pwrite(mem, "x", 1, (uintptr_t)w->mapped))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EIO, errno);
		EXPECT_EQ(-1, read(zero, w->mapped, 8))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EFAULT, errno);
	}
}

TEST_F(rights, nothing_is_executable)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;

	nexp_list_windows(&self->a, windows);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, PAGE));
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(EACCES, map_errno(self->fd, w->offset, w->size,
					    PROT_READ | PROT_EXEC, MAP_SHARED))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EACCES, map_errno(self->fd, w->offset, w->size,
					    PROT_EXEC, MAP_SHARED))
			TH_LOG("%s, execute only", w->name);
		EXPECT_EQ(-1, mprotect(w->mapped, w->size, PROT_READ | PROT_EXEC))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EACCES, errno);
	}
}

TEST_F(rights, private_mapping_is_refused)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;

	nexp_list_windows(&self->a, windows);
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(EINVAL, map_errno(self->fd, w->offset, w->size,
					    PROT_READ, MAP_PRIVATE))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EINVAL, map_errno(self->fd, w->offset, w->size,
					    PROT_READ | PROT_WRITE, MAP_PRIVATE))
			TH_LOG("%s, writable", w->name);
	}
}

TEST_F(rights, mapping_beyond_a_window_is_refused)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;

	nexp_list_windows(&self->a, windows);
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(EINVAL, map_errno(self->fd, w->offset, w->size + PAGE,
					    PROT_READ, MAP_SHARED))
			TH_LOG("%s, one page more", w->name);
		EXPECT_EQ(EINVAL, map_errno(self->fd, w->offset + w->size, PAGE,
					    PROT_READ, MAP_SHARED))
			TH_LOG("%s, behind the end", w->name);
		EXPECT_EQ(EINVAL, map_errno(self->fd, w->offset + PAGE, w->size,
					    PROT_READ, MAP_SHARED))
			TH_LOG("%s, one page on", w->name);
		EXPECT_EQ(0, map_errno(self->fd, w->offset + w->size - PAGE, PAGE,
				       PROT_READ, MAP_SHARED))
			TH_LOG("%s, the last page", w->name);
	}
}

TEST_F(rights, offset_that_names_no_window_is_refused)
{
	static const __u64 offsets[] = {
		NETEXPERT_MAP_RING(1), NETEXPERT_MAP_RING(255),
		NETEXPERT_MAP_RING(256), NETEXPERT_MAP_RING(0xffff),
		NETEXPERT_MAP_RING(0) | (1ULL << 39), 4ULL << 56, 8ULL << 56,
		0x10ULL << 56, 0x7fULL << 56, 0x80ULL << 56, 0xffULL << 56,
		NETEXPERT_MAP_HEAP | (1ULL << 40), NETEXPERT_MAP_STATUS | (1ULL << 40),
		NETEXPERT_MAP_CONSUMER | (1ULL << 55), ~0ULL << 12, 1ULL << 63,
		NETEXPERT_MAP_STATUS - PAGE, NETEXPERT_MAP_CONSUMER - PAGE,
		NETEXPERT_MAP_RING(0) - PAGE, NETEXPERT_MAP_HEAP - PAGE,
	};
	size_t i;

	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		int err = map_errno(self->fd, offsets[i], PAGE, PROT_READ,
				    MAP_SHARED);

		/* The VFS itself answers for offsets that overflow. */
		EXPECT_TRUE(err == EINVAL || err == EOVERFLOW)
			TH_LOG("offset 0x%llx: %d", offsets[i], err);
		err = map_errno(self->fd, offsets[i], 2 * MIB, PROT_READ, MAP_SHARED);
		EXPECT_TRUE(err == EINVAL || err == EOVERFLOW)
			TH_LOG("offset 0x%llx, long: %d", offsets[i], err);
	}
}

TEST_F(rights, mapping_cannot_grow)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;

	nexp_list_windows(&self->a, windows);
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(MAP_FAILED, mremap(w->mapped, w->size, w->size + PAGE,
					     MREMAP_MAYMOVE))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EFAULT, errno);
	}
}

TEST_F(rights, limit_cannot_be_passed)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_stat stat;
	struct netexpert_attach attach;
	__u64 pool;
	int fd, i;

	args.heap_limit = 4 * PAGE;
	pool = nexp_do_pool(_metadata, self->session, &args);
	fd = nexp_do_open(_metadata, self->session, pool);
	ASSERT_EQ(0, __nexp_do_attach(fd, &attach));

	EXPECT_EQ(-EDQUOT, __nexp_do_commit(fd, 0, 5 * PAGE));
	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(0, stat.out_heap_bytes)
		TH_LOG("a refused commit left pages");
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, PAGE));
	ASSERT_EQ(0, __nexp_do_commit(fd, 8 * PAGE, 3 * PAGE));
	for (i = 1; i < 8; i++)
		EXPECT_EQ(-EDQUOT, __nexp_do_commit(fd, i * PAGE, PAGE));
	EXPECT_EQ(0, __nexp_do_commit(fd, 8 * PAGE, 3 * PAGE))
		TH_LOG("what is there already costs nothing");
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(fd, 7 * PAGE, 4 * PAGE));
	ASSERT_EQ(0, __nexp_do_punch(fd, 9 * PAGE, PAGE));
	EXPECT_EQ(0, __nexp_do_commit(fd, 7 * PAGE, 1 * PAGE));
	EXPECT_EQ(-EDQUOT, __nexp_do_commit(fd, 9 * PAGE, PAGE));

	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(4 * PAGE, stat.out_heap_bytes);
	EXPECT_EQ(4 * PAGE, stat.out_heap_peak);
	EXPECT_EQ(10, stat.out_heap_refused);
	EXPECT_EQ(4 * PAGE, stat.out_heap_limit);
}

TEST_F(rights, heap_is_there_only_where_committed)
{
	size_t i;

	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap));
	EXPECT_EQ(SIGBUS, nexp_write_fault(self->a.heap + MIB - 1));
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 2 * PAGE, 2 * PAGE));
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap + 2 * PAGE - 1));
	EXPECT_EQ(0, nexp_write_fault(self->a.heap + 2 * PAGE));
	EXPECT_EQ(0, nexp_write_fault(self->a.heap + 4 * PAGE - 1));
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap + 4 * PAGE));
	for (i = 0; i < 2 * PAGE; i++)
		ASSERT_EQ(0, self->a.heap[2 * PAGE + i]);

	memset(self->a.heap + 2 * PAGE, 0xa5, 2 * PAGE);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, 8 * PAGE));
	for (i = 0; i < 2 * PAGE; i++)
		ASSERT_EQ(0xa5, self->a.heap[2 * PAGE + i])
			TH_LOG("a commit changed what was there");
	ASSERT_EQ(0, __nexp_do_punch(self->fd, 3 * PAGE, PAGE));
	EXPECT_EQ(0xa5, self->a.heap[3 * PAGE - 1]);
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap + 3 * PAGE));
	EXPECT_EQ(SIGBUS, nexp_write_fault(self->a.heap + 4 * PAGE - 1));
	EXPECT_EQ(0, nexp_read_fault(self->a.heap + 4 * PAGE));
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 3 * PAGE, PAGE));
	for (i = 0; i < PAGE; i++)
		ASSERT_EQ(0, self->a.heap[3 * PAGE + i])
			TH_LOG("punched memory came back with its old bytes");
	ASSERT_EQ(0, __nexp_do_punch(self->fd, 0, MIB))
		TH_LOG("a range with holes");
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
}

TEST_F(rights, two_mappings_show_one_memory)
{
	unsigned char *again = __nexp_do_map(self->fd, NETEXPERT_MAP_HEAP + PAGE,
					     PAGE, PROT_READ | PROT_WRITE);

	ASSERT_NE(MAP_FAILED, again);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, 2 * PAGE));
	self->a.heap[PAGE + 5] = 0x77;
	EXPECT_EQ(0x77, again[5]);
	ASSERT_EQ(0, __nexp_do_punch(self->fd, PAGE, PAGE));
	EXPECT_EQ(SIGBUS, nexp_read_fault(again));
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap + PAGE));
}

TEST_F(rights, splitting_mappings_harms_nothing)
{
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, 16 * PAGE));
	memset(self->a.heap, 1, 16 * PAGE);
	ASSERT_EQ(0, munmap(self->a.heap + 4 * PAGE, PAGE));
	ASSERT_EQ(0, mprotect(self->a.heap + 8 * PAGE, PAGE, PROT_READ));
	EXPECT_EQ(SIGSEGV, nexp_write_fault(self->a.heap + 8 * PAGE));
	ASSERT_EQ(0, __nexp_do_punch(self->fd, 0, 16 * PAGE));
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap + 3 * PAGE));
	EXPECT_EQ(SIGSEGV, nexp_read_fault(self->a.heap + 4 * PAGE));
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap + 8 * PAGE));
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap + 15 * PAGE));
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
}

TEST_F(rights, one_attachment_and_one_process_at_a_time)
{
	struct netexpert_attach attach;
	struct nexp_child child;

	EXPECT_EQ(-EBUSY, __nexp_do_open(self->session, self->pool));
	EXPECT_EQ(-EBUSY, __nexp_do_attach(self->fd, &attach));
	if (nexp_do_fork(_metadata, &child)) {
		EXPECT_EQ(-EBUSY, __nexp_do_attach(self->fd, &attach));
		nexp_child_exit();
	}
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 0, PAGE))
		TH_LOG("the refused ATTACH of another process harmed the binding");
}

TEST_F(rights, nothing_works_before_attach)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);

	EXPECT_EQ(EPERM, map_errno(fd, NETEXPERT_MAP_STATUS, PAGE, PROT_READ,
				   MAP_SHARED));
	EXPECT_EQ(EPERM, map_errno(fd, NETEXPERT_MAP_HEAP, PAGE,
				   PROT_READ | PROT_WRITE, MAP_SHARED));
	EXPECT_EQ(-EPERM, __nexp_do_commit(fd, 0, PAGE));
	EXPECT_EQ(-EPERM, __nexp_do_punch(fd, 0, PAGE));
}

/* A forked child, or who is sent the fd, is another address space. */
TEST_F(rights, another_process_gets_nothing_through_the_fd)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;
	struct netexpert_pool_stat stat;
	struct nexp_child child;
	int fd;

	nexp_list_windows(&self->a, windows);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, PAGE));
	if (nexp_do_fork(_metadata, &child)) {
		close(self->fd);
		nexp_do_hear_fd(_metadata, &child, &fd);
		for (w = windows; w < windows + NEXP_NR_WINDOWS; w++)
			EXPECT_EQ(EPERM, map_errno(fd, w->offset, w->size,
						   PROT_READ, MAP_SHARED))
				TH_LOG("%s", w->name);
		EXPECT_EQ(-EPERM, __nexp_do_commit(fd, 0, PAGE));
		EXPECT_EQ(-EPERM, __nexp_do_commit(fd, PAGE, PAGE));
		EXPECT_EQ(-EPERM, __nexp_do_punch(fd, 0, PAGE));
		nexp_child_exit();
	}
	nexp_do_say_fd(_metadata, &child, 0, self->fd);
	EXPECT_EQ(0, nexp_child_end(&child));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(PAGE, stat.out_heap_bytes);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, stat.out_state);
}

TEST_F(rights, fork_inherits_no_window)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;
	struct nexp_child child;

	nexp_list_windows(&self->a, windows);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, MIB));
	memset(self->a.heap, 1, MIB);
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(-1, madvise(w->mapped, w->size, MADV_DOFORK))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EINVAL, errno);
	}
	if (nexp_do_fork(_metadata, &child)) {
		for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
			EXPECT_EQ(SIGSEGV, nexp_read_fault(w->mapped))
				TH_LOG("%s", w->name);
			EXPECT_EQ(SIGSEGV, nexp_read_fault(w->mapped + w->size - 1))
				TH_LOG("%s", w->name);
		}
		nexp_child_exit();
	}
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(1, self->a.heap[MIB - 1]);
}

TEST_F(rights, windows_stay_out_of_core_dumps)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;

	nexp_list_windows(&self->a, windows);
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(-1, madvise(w->mapped, w->size, MADV_DODUMP))
			TH_LOG("%s", w->name);
		EXPECT_EQ(EINVAL, errno);
	}
}

TEST_F(rights, reclaim_revokes_every_window_wherever_it_moved)
{
	struct nexp_window windows[NEXP_NR_WINDOWS], *w;
	unsigned char *moved[NEXP_NR_WINDOWS];

	nexp_list_windows(&self->a, windows);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, MIB));
	memset(self->a.heap, 1, MIB);
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		void *target = mmap(NULL, w->size, PROT_NONE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		ASSERT_NE(MAP_FAILED, target);
		ASSERT_EQ(0, nexp_read_fault(w->mapped));
		moved[w - windows] = mremap(w->mapped, w->size, w->size,
					    MREMAP_MAYMOVE | MREMAP_FIXED, target);
		ASSERT_EQ(target, moved[w - windows])
			TH_LOG("%s: %s", w->name, strerror(errno));
		EXPECT_EQ(0, nexp_read_fault(target));
	}
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	for (w = windows; w < windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(SIGBUS, nexp_read_fault(moved[w - windows]))
			TH_LOG("%s", w->name);
		EXPECT_EQ(SIGBUS, nexp_read_fault(moved[w - windows] + w->size - 1))
			TH_LOG("%s, its end", w->name);
		if (w->writable)
			EXPECT_EQ(SIGBUS, nexp_write_fault(moved[w - windows]))
				TH_LOG("%s", w->name);
	}
	EXPECT_EQ(-ESTALE, __nexp_do_commit(self->fd, 0, PAGE));
	EXPECT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
}

TEST_F(rights, windows_of_the_last_incarnation_do_not_reach_the_next)
{
	struct nexp_attachment next;
	int fd;

	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, PAGE));
	self->a.heap[0] = 0x5a;
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	ASSERT_TRUE(nexp_becomes((fd = __nexp_do_open(self->session, self->pool)) >= 0));
	nexp_do_attach(_metadata, fd, &next);
	EXPECT_EQ(2, next.info.out_incarnation);
	EXPECT_EQ(SIGBUS, nexp_read_fault(next.heap));
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, PAGE));
	EXPECT_EQ(0, next.heap[0])
		TH_LOG("the last incarnation's bytes are still there");
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap));
	EXPECT_EQ(SIGBUS, nexp_write_fault(self->a.consumer));
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.status));
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.ring[0]));
	EXPECT_EQ(2, nexp_status(&next)->incarnation);
}

TEST_F(rights, debugger_can_read_and_write_the_heap)
{
	static const char text[] = "what the expert had in hand";
	struct nexp_child child;
	char seen[sizeof(text)];
	char path[32];
	__u64 address;
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);
	int mem, status;
	long word;

	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;

		nexp_do_attach(_metadata, fd, &a);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, PAGE));
		memcpy(a.heap + 100, text, sizeof(text));
		nexp_do_say(_metadata, &child, (uintptr_t)a.heap);
		nexp_do_hear(_metadata, &child);
		EXPECT_EQ('W', a.heap[100]);
		nexp_child_exit();
	}
	address = nexp_do_hear(_metadata, &child);
	snprintf(path, sizeof(path), "/proc/%d/mem", child.pid);
	mem = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, mem);
	EXPECT_EQ((ssize_t)sizeof(seen),
		  pread(mem, seen, sizeof(seen), address + 100));
	EXPECT_STREQ(text, seen);
	EXPECT_EQ(1, pwrite(mem, "W", 1, address + 100));
	EXPECT_EQ(-1, pread(mem, seen, 8, address + PAGE))
		TH_LOG("a page that is not committed");

	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, child.pid, 0, 0));
	ASSERT_EQ(child.pid, waitpid(child.pid, &status, 0));
	errno = 0;
	word = ptrace(PTRACE_PEEKDATA, child.pid, address + 100, 0);
	EXPECT_EQ(0, errno);
	EXPECT_EQ(0, memcmp(&word, "What the", 8));
	ASSERT_EQ(0, ptrace(PTRACE_DETACH, child.pid, 0, 0));
	close(mem);
	nexp_do_say(_metadata, &child, 0);
	EXPECT_EQ(0, nexp_child_end(&child));
}

TEST_HARNESS_MAIN
