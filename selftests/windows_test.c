// SPDX-License-Identifier: GPL-2.0
/*
 * windows_test - what an expert does to its own mappings
 *
 * munmap, mremap, mprotect, madvise and their relatives, on each window and on
 * parts of it. An expert may tear its view of the pool to pieces; the pool and
 * what the kernel counts must not change by that, and what is left of the view
 * must go when memory is punched or reclaimed.
 */
#include "util.h"
#include "windows.h"

#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE		4096UL
#define MIB		(1UL << 20)
#define NR_PAGES	(MIB / PAGE)

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE	101
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE	67
#endif

FIXTURE(windows)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
	struct nexp_window windows[NEXP_NR_WINDOWS];
};

static unsigned char page_mark(size_t page)
{
	return page % 251 + 1;
}

FIXTURE_SETUP(windows)
{
	size_t page;

	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
	ASSERT_EQ(0, __nexp_do_commit(self->a.fd, 0, MIB));
	for (page = 0; page < NR_PAGES; page++)
		memset(self->a.heap + page * PAGE, page_mark(page), PAGE);
	nexp_list_windows(&self->a, self->windows);
}

FIXTURE_TEARDOWN(windows)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

static bool page_is_intact(const unsigned char *at, size_t page)
{
	size_t i;

	for (i = 0; i < PAGE; i++)
		if (at[i] != page_mark(page))
			return false;
	return true;
}

/* The heap is all there, wherever it is mapped by now. */
static void expect_heap_intact(struct __test_metadata *const _metadata,
			       FIXTURE_DATA(windows) *self)
{
	unsigned char *heap = __nexp_do_map(self->a.fd, NETEXPERT_MAP_HEAP, MIB,
					    PROT_READ);
	struct netexpert_pool_stat stat;
	size_t page;

	ASSERT_NE(MAP_FAILED, heap);
	for (page = 0; page < NR_PAGES; page++)
		ASSERT_TRUE(page_is_intact(heap + page * PAGE, page))
			TH_LOG("page %zu", page);
	ASSERT_EQ(0, munmap(heap, MIB));
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(MIB, stat.out_heap_bytes);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, stat.out_state);
}

/* Nothing keeps a page: all of them go back, now. */
static void expect_heap_free(struct __test_metadata *const _metadata,
			     FIXTURE_DATA(windows) *self)
{
	EXPECT_EQ(0, __nexp_do_punch(self->a.fd, 0, MIB));
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
}

/* First, last and middle page of a window, and all of it. */
struct part {
	unsigned char *at;
	size_t size;
};

#define NR_PARTS	4

static struct part part_of(const struct nexp_window *w, int which)
{
	switch (which) {
	case 0:
		return (struct part){ w->mapped, PAGE };
	case 1:
		return (struct part){ w->mapped + w->size - PAGE, PAGE };
	case 2:
		return (struct part){ w->mapped + w->size / PAGE / 2 * PAGE, PAGE };
	default:
		return (struct part){ w->mapped, w->size };
	}
}

/* The two-letter flags of /proc/self/smaps for the mapping at @at. */
static void vm_flags(struct __test_metadata *const _metadata, const void *at,
		     char flags[256])
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	unsigned long begin, end;
	bool found = false;
	char line[256];

	ASSERT_NE(NULL, smaps);
	flags[0] = 0;
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			found = begin <= (uintptr_t)at && (uintptr_t)at < end;
		if (found && !strncmp(line, "VmFlags:", 8))
			strcpy(flags, line + 8);
	}
	fclose(smaps);
	ASSERT_NE(0, flags[0]);
}

/* What must hold of a window whatever its owner did to it. */
static void expect_flags(struct __test_metadata *const _metadata,
			 const struct nexp_window *w)
{
	static const char *const always[] = { " sh", " io", " de", " dc", " dd", " mm" };
	static const char *const never[] = { " ex", " me", " mg", " lo", " wf", " um", " uw" };
	char flags[256];
	size_t i;

	vm_flags(_metadata, w->mapped, flags);
	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		EXPECT_NE(NULL, strstr(flags, always[i]))
			TH_LOG("%s lacks%s:%s", w->name, always[i], flags);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		EXPECT_EQ(NULL, strstr(flags, never[i]))
			TH_LOG("%s has%s:%s", w->name, never[i], flags);
	if (!w->writable)
		EXPECT_EQ(NULL, strstr(flags, " mw"))
			TH_LOG("%s:%s", w->name, flags);
}

/**
 * struct advice - what madvise() answers
 * @name: of the advice.
 * @advice: the advice.
 * @err: its errno on a window that may be written; 0: accepted.
 * @err_trusted: the one on a read-only window.
 * @optional: a kernel may be built without it and say EINVAL.
 */
static const struct advice {
	const char *name;
	int advice;
	int err;
	int err_trusted;
	bool optional;
} advices[] = {
	{ "NORMAL", MADV_NORMAL, 0, 0, false },
	{ "RANDOM", MADV_RANDOM, 0, 0, false },
	{ "SEQUENTIAL", MADV_SEQUENTIAL, 0, 0, false },
	{ "WILLNEED", MADV_WILLNEED, 0, 0, false },
	{ "DONTNEED", MADV_DONTNEED, 0, 0, false },
	{ "DONTNEED_LOCKED", MADV_DONTNEED_LOCKED, 0, 0, false },
	{ "FREE", MADV_FREE, EINVAL, EINVAL, false },
	{ "REMOVE", MADV_REMOVE, ENODEV, EACCES, false },
	{ "COLD", MADV_COLD, 0, 0, false },
	{ "PAGEOUT", MADV_PAGEOUT, 0, 0, false },
	{ "POPULATE_READ", MADV_POPULATE_READ, EINVAL, EINVAL, false },
	{ "POPULATE_WRITE", MADV_POPULATE_WRITE, EINVAL, EINVAL, false },
	{ "DONTFORK", MADV_DONTFORK, 0, 0, false },
	{ "DOFORK", MADV_DOFORK, EINVAL, EINVAL, false },
	{ "WIPEONFORK", MADV_WIPEONFORK, EINVAL, EINVAL, false },
	{ "KEEPONFORK", MADV_KEEPONFORK, 0, 0, false },
	{ "DONTDUMP", MADV_DONTDUMP, 0, 0, false },
	{ "DODUMP", MADV_DODUMP, EINVAL, EINVAL, false },
	{ "HWPOISON", MADV_HWPOISON, EFAULT, EFAULT, true },
	{ "SOFT_OFFLINE", MADV_SOFT_OFFLINE, EFAULT, EFAULT, true },
	{ "MERGEABLE", MADV_MERGEABLE, 0, 0, true },
	{ "UNMERGEABLE", MADV_UNMERGEABLE, 0, 0, true },
	{ "HUGEPAGE", MADV_HUGEPAGE, 0, 0, true },
	{ "NOHUGEPAGE", MADV_NOHUGEPAGE, 0, 0, true },
	{ "COLLAPSE", MADV_COLLAPSE, EINVAL, EINVAL, false },
};

TEST_F(windows, madvise_changes_no_memory_whatever_the_advice)
{
	struct nexp_window *w;
	size_t i;
	int p;

	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		const struct advice *a = &advices[i];

		for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
			for (p = 0; p < NR_PARTS; p++) {
				struct part part = part_of(w, p);
				int err = w->writable ? a->err : a->err_trusted;

				/* With an entry in the page tables, and without. */
				EXPECT_EQ(0, nexp_read_fault(part.at));
				errno = 0;
				madvise(part.at, part.size, a->advice);
				EXPECT_TRUE(errno == err || (a->optional && errno == EINVAL))
					TH_LOG("%s, %s, part %d: %s", a->name, w->name, p,
					       strerror(errno));
				EXPECT_EQ(0, nexp_read_fault(part.at));
			}
			expect_flags(_metadata, w);
		}
		expect_heap_intact(_metadata, self);
	}
	expect_heap_free(_metadata, self);
}

/* Nor what one says about all memory at once, or about another process. */
TEST_F(windows, advice_for_the_whole_process_changes_no_memory_either)
{
	struct iovec iov = { self->a.heap, MIB };
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	struct nexp_window *w;

	ASSERT_LE(0, pidfd);
	EXPECT_EQ((long)MIB, syscall(SYS_process_madvise, pidfd, &iov, 1, MADV_PAGEOUT, 0));
	EXPECT_EQ((long)MIB, syscall(SYS_process_madvise, pidfd, &iov, 1, MADV_COLD, 0));
	/* EINVAL: the kernel has no KSM. */
	EXPECT_TRUE(!prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0) || errno == EINVAL);
	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++)
		expect_flags(_metadata, w);
	expect_heap_intact(_metadata, self);
	expect_heap_free(_metadata, self);
	close(pidfd);
}

TEST_F(windows, munmap_gives_nothing_back_and_takes_nothing_else_away)
{
	struct nexp_window *w;
	int p;

	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		for (p = 0; p < NR_PARTS; p++) {
			struct part part = part_of(w, p);

			ASSERT_EQ(0, munmap(part.at, part.size));
			EXPECT_EQ(SIGSEGV, nexp_read_fault(part.at))
				TH_LOG("%s, part %d", w->name, p);
			if (part.size == PAGE && w->size > 4 * PAGE)
				EXPECT_EQ(0, nexp_read_fault(w->mapped + PAGE))
					TH_LOG("%s, beside part %d", w->name, p);
		}
		expect_heap_intact(_metadata, self);
	}
	expect_heap_free(_metadata, self);
	EXPECT_EQ(0, __nexp_do_commit(self->a.fd, 0, PAGE));
}

TEST_F(windows, mremap_moves_any_part_and_punch_finds_it)
{
	unsigned char *to = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
				 -1, 0);
	unsigned char *first = to, *last = to + PAGE, *middle = to + 2 * PAGE;
	int p;

	ASSERT_NE(MAP_FAILED, to);
	for (p = 0; p < 3; p++)
		ASSERT_EQ(to + p * PAGE,
			  mremap(part_of(&self->windows[3], p).at, PAGE, PAGE,
				 MREMAP_MAYMOVE | MREMAP_FIXED, to + p * PAGE))
			TH_LOG("%s", strerror(errno));
	EXPECT_EQ(SIGSEGV, nexp_read_fault(self->a.heap));
	EXPECT_EQ(SIGSEGV, nexp_read_fault(self->a.heap + MIB - 1));
	EXPECT_EQ(SIGSEGV, nexp_read_fault(self->a.heap + MIB / 2));
	EXPECT_TRUE(page_is_intact(first, 0));
	EXPECT_TRUE(page_is_intact(middle, NR_PAGES / 2));
	EXPECT_TRUE(page_is_intact(last, NR_PAGES - 1));
	expect_heap_intact(_metadata, self);

	expect_heap_free(_metadata, self);
	EXPECT_EQ(SIGBUS, nexp_read_fault(first));
	EXPECT_EQ(SIGBUS, nexp_write_fault(middle));
	EXPECT_EQ(SIGBUS, nexp_read_fault(last));
	ASSERT_EQ(0, __nexp_do_commit(self->a.fd, MIB / 2, PAGE));
	EXPECT_EQ(SIGBUS, nexp_read_fault(first));
	EXPECT_EQ(0, nexp_write_fault(middle));
	EXPECT_EQ(0, middle[0]);
}

TEST_F(windows, mremap_shrinks_for_good)
{
	struct nexp_window *w;

	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		if (w->size == PAGE)
			continue;
		ASSERT_EQ(w->mapped, mremap(w->mapped, w->size, PAGE, 0));
		EXPECT_EQ(0, nexp_read_fault(w->mapped));
		EXPECT_EQ(SIGSEGV, nexp_read_fault(w->mapped + PAGE))
			TH_LOG("%s", w->name);
		EXPECT_EQ(MAP_FAILED, mremap(w->mapped, PAGE, 2 * PAGE, 0));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(MAP_FAILED, mremap(w->mapped, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
		EXPECT_EQ(EFAULT, errno);
	}
	expect_heap_intact(_metadata, self);
	expect_heap_free(_metadata, self);
}

TEST_F(windows, mremap_makes_no_second_copy)
{
	struct nexp_window *w;

	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(MAP_FAILED, mremap(w->mapped, w->size, w->size,
					     MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
		EXPECT_EQ(EINVAL, errno)
			TH_LOG("%s", w->name);
		/* Length 0: a second mapping of the same, which is growth. */
		EXPECT_EQ(MAP_FAILED, mremap(w->mapped, 0, w->size, MREMAP_MAYMOVE));
		EXPECT_EQ(EFAULT, errno)
			TH_LOG("%s", w->name);
		EXPECT_EQ(0, nexp_read_fault(w->mapped));
	}
	expect_heap_intact(_metadata, self);
}

/* The place changes hands, the rights stay with the window. */
TEST_F(windows, mremap_over_another_window_replaces_the_view_only)
{
	const struct nexp_window *from, *to;

	for (from = self->windows; from < self->windows + NEXP_NR_WINDOWS; from++) {
		for (to = self->windows; to < self->windows + NEXP_NR_WINDOWS; to++) {
			int prot = PROT_READ | (from->writable ? PROT_WRITE : 0);
			unsigned char *moving, *under;

			if (from == to)
				continue;
			moving = __nexp_do_map(self->a.fd, from->offset, PAGE, prot);
			under = __nexp_do_map(self->a.fd, to->offset, PAGE, PROT_READ);
			ASSERT_NE(MAP_FAILED, moving);
			ASSERT_NE(MAP_FAILED, under);
			ASSERT_EQ(0, nexp_read_fault(under));
			ASSERT_EQ(under, mremap(moving, PAGE, PAGE,
						MREMAP_MAYMOVE | MREMAP_FIXED, under));
			EXPECT_EQ(from->writable ? 0 : SIGSEGV, nexp_write_fault(under))
				TH_LOG("%s over %s", from->name, to->name);
			EXPECT_EQ(0, memcmp(under, from->mapped, PAGE));
			ASSERT_EQ(0, munmap(under, PAGE));
		}
	}
	EXPECT_EQ(NETEXPERT_ABI, nexp_status(&self->a)->abi);
	expect_heap_intact(_metadata, self);
	expect_heap_free(_metadata, self);
}

/* Other memory where a window was is none of ours. */
TEST_F(windows, what_is_mapped_over_a_window_is_left_alone)
{
	unsigned char *own = self->a.heap + 4 * PAGE;
	size_t i;

	ASSERT_EQ(own, mmap(own, 4 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
	memset(own, 0xee, 4 * PAGE);
	expect_heap_intact(_metadata, self);
	expect_heap_free(_metadata, self);
	ASSERT_EQ(0, __nexp_do_commit(self->a.fd, 0, MIB));
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	for (i = 0; i < 4 * PAGE; i++)
		ASSERT_EQ(0xee, own[i]);
	EXPECT_EQ(SIGBUS, nexp_read_fault(own - 1));
	EXPECT_EQ(SIGBUS, nexp_read_fault(own + 4 * PAGE));
}

static long remap_pages(void *at, __u64 offset)
{
	return syscall(SYS_remap_file_pages, at, PAGE, 0, offset / PAGE, 0);
}

/* It is an mmap with the old mapping's rights, and is checked like one. */
TEST_F(windows, remap_file_pages_obeys_the_windows)
{
	ASSERT_EQ(0, remap_pages(self->a.heap, NETEXPERT_MAP_HEAP + 9 * PAGE));
	EXPECT_TRUE(page_is_intact(self->a.heap, 9));
	EXPECT_EQ(-1, remap_pages(self->a.heap, NETEXPERT_MAP_HEAP + MIB));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, remap_pages(self->a.heap + PAGE, NETEXPERT_MAP_STATUS));
	EXPECT_EQ(EPERM, errno)
		TH_LOG("a writable view of the status window");
	EXPECT_EQ(NETEXPERT_ABI, nexp_status(&self->a)->abi);
	expect_heap_intact(_metadata, self);
	expect_heap_free(_metadata, self);
	EXPECT_NE(0, nexp_read_fault(self->a.heap));
}

static ssize_t zero_by_kernel(void *at)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	ssize_t ret = read(zero, at, 1);

	ret = ret < 0 ? -errno : ret;
	close(zero);
	return ret;
}

TEST_F(windows, mprotect_takes_rights_away_and_gives_them_back)
{
	struct nexp_window *w;
	int p;

	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		int prot = PROT_READ | (w->writable ? PROT_WRITE : 0);

		for (p = 0; p < NR_PARTS; p++) {
			struct part part = part_of(w, p);

			ASSERT_EQ(0, mprotect(part.at, part.size, PROT_NONE));
			EXPECT_EQ(SIGSEGV, nexp_read_fault(part.at));
			EXPECT_EQ(-EFAULT, zero_by_kernel(part.at));
			ASSERT_EQ(0, mprotect(part.at, part.size, PROT_READ));
			EXPECT_EQ(0, nexp_read_fault(part.at));
			EXPECT_EQ(SIGSEGV, nexp_write_fault(part.at));
			EXPECT_EQ(-EFAULT, zero_by_kernel(part.at));
			ASSERT_EQ(0, mprotect(part.at, part.size, prot));
			EXPECT_EQ(w->writable ? 0 : SIGSEGV, nexp_write_fault(part.at))
				TH_LOG("%s, part %d", w->name, p);
		}
	}
	expect_heap_intact(_metadata, self);
	expect_heap_free(_metadata, self);
}

TEST_F(windows, protection_key_binds_the_expert_alone)
{
	int key = pkey_alloc(0, PKEY_DISABLE_ACCESS);
	struct netexpert_range *range = (void *)self->a.heap;

	if (key < 0)
		SKIP(return, "no protection keys: %s", strerror(errno));
	*range = (struct netexpert_range){ .size = sizeof(*range), .length = PAGE };
	ASSERT_EQ(0, pkey_mprotect(self->a.heap, MIB, PROT_READ | PROT_WRITE, key));
	EXPECT_EQ(SIGSEGV, nexp_read_fault(self->a.heap));
	EXPECT_EQ(-EFAULT, zero_by_kernel(self->a.heap));
	EXPECT_EQ(-EFAULT, __nexp_ioctl(self->a.fd, NETEXPERT_IOC_COMMIT, range));
	EXPECT_EQ(0, __nexp_do_punch(self->a.fd, MIB - PAGE, PAGE));
	ASSERT_EQ(0, pkey_set(key, 0));
	EXPECT_EQ(0, __nexp_ioctl(self->a.fd, NETEXPERT_IOC_COMMIT, range));
	EXPECT_TRUE(page_is_intact(self->a.heap + PAGE, 1));
	expect_heap_free(_metadata, self);
	EXPECT_EQ(-1, pkey_mprotect(self->a.status, PAGE, PROT_READ | PROT_WRITE, key));
	EXPECT_EQ(EACCES, errno);
	ASSERT_EQ(0, pkey_free(key));
}

static long locked_kib(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[128];
	long kib = -1;

	while (status && fgets(line, sizeof(line), status))
		sscanf(line, "VmLck: %ld", &kib);
	if (status)
		fclose(status);
	return kib;
}

/* The pool is never swapped, so there is nothing to lock and nothing to count. */
TEST_F(windows, mlock_is_accepted_and_ignored)
{
	struct nexp_window *w;
	unsigned char *more;

	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(0, mlock(w->mapped, w->size))
			TH_LOG("%s", w->name);
		expect_flags(_metadata, w);
	}
	EXPECT_EQ(0, locked_kib());
	ASSERT_EQ(0, __nexp_do_punch(self->a.fd, 0, PAGE));
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	more = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_LOCKED | MAP_POPULATE, self->a.fd, NETEXPERT_MAP_HEAP);
	ASSERT_NE(MAP_FAILED, more);
	EXPECT_EQ(SIGBUS, nexp_read_fault(more));
	EXPECT_TRUE(page_is_intact(more + PAGE, 1));
	EXPECT_EQ(0, munlock(more, MIB));
	ASSERT_EQ(0, munlockall());
	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++)
		expect_flags(_metadata, w);
	expect_heap_free(_metadata, self);
}

/* Where memory is was decided when it was committed. */
TEST_F(windows, memory_policy_moves_nothing)
{
	void *pages[] = { self->a.heap, self->a.heap + PAGE };
	int nodes[] = { 0, 0 }, status[] = { 1, 1 };
	unsigned long all = 1;

	if (syscall(SYS_set_mempolicy, MPOL_PREFERRED, &all, 2) && errno == ENOSYS)
		SKIP(return, "a kernel without NUMA");
	EXPECT_EQ(0, syscall(SYS_mbind, self->a.heap, MIB, MPOL_BIND, &all, 2, 0));
	EXPECT_EQ(0, syscall(SYS_mbind, self->a.heap, MIB, MPOL_BIND, &all, 2, MPOL_MF_MOVE));
	EXPECT_EQ(0, syscall(SYS_mbind, self->a.heap, PAGE, MPOL_INTERLEAVE, &all, 2,
			     MPOL_MF_MOVE_ALL));
	EXPECT_EQ(0, syscall(SYS_move_pages, 0, 2, pages, nodes, status, MPOL_MF_MOVE));
	EXPECT_EQ(-EFAULT, status[0]);
	EXPECT_EQ(-EFAULT, status[1]);
	EXPECT_EQ(0, syscall(SYS_migrate_pages, 0, 2, &all, &all));
	expect_heap_intact(_metadata, self);
	expect_heap_free(_metadata, self);
	EXPECT_EQ(0, __nexp_do_commit(self->a.fd, 0, MIB))
		TH_LOG("a policy made a commit fail");
	EXPECT_EQ(0, nexp_write_fault(self->a.heap));
}

/* Each view on its own, and the file's own calls. */
TEST_F(windows, file_has_no_contents)
{
	char byte = 1;

	EXPECT_EQ(-1, read(self->a.fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, write(self->a.fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, ftruncate(self->a.fd, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, fallocate(self->a.fd, 3, 0, PAGE));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-1, lseek(self->a.fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(0, posix_fadvise(self->a.fd, 0, 0, POSIX_FADV_DONTNEED));
	EXPECT_EQ(0, msync(self->a.heap, MIB, MS_ASYNC));
	expect_heap_intact(_metadata, self);
	expect_heap_free(_metadata, self);
}

TEST_HARNESS_MAIN
