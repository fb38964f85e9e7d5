// SPDX-License-Identifier: GPL-2.0
/*
 * sharing_test - what others get of an expert's memory, and who counts as it
 *
 * vfork and CLONE_VM share the expert's address space, and with it the rights;
 * everybody else, a debugger of the same user apart, is a stranger. A session
 * is a right, too: who holds a copy of its file holds its pools.
 *
 *   test ── session ── pool ── attachment ──► expert (a child, or the test)
 *                                               └─ whom it shares with
 */
#include "child.h"
#include "windows.h"

#include <linux/fs.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)

FIXTURE(sharing)
{
	int session;
	__u64 pool;
	int fd;
	struct nexp_attachment a;
};

FIXTURE_SETUP(sharing)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	self->fd = nexp_do_open(_metadata, self->session, self->pool);
}

FIXTURE_TEARDOWN(sharing)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/* The test itself is the expert and has used all of its heap. */
static void be_expert(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(sharing) *self)
{
	nexp_do_attach(_metadata, self->fd, &self->a);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, MIB));
	memset(self->a.heap, 1, MIB);
}

static bool is_back(int session, __u64 pool)
{
	struct netexpert_pool_stat stat;

	return !__nexp_do_stat(session, pool, &stat) && !stat.out_heap_bytes &&
	       stat.out_state == NETEXPERT_POOL_IDLE;
}

/**
 * struct sibling - a process in the expert's address space
 * @a: the expert's attachment.
 * @socket: on which the test tells it what to do.
 */
struct sibling {
	struct nexp_attachment a;
	int socket;
};

/* Each word is a page to commit, write and punch; the answer is an errno. */
static int sibling_main(void *arg)
{
	struct sibling *s = arg;
	__u64 word;

	while (read(s->socket, &word, sizeof(word)) == sizeof(word)) {
		int ret = __nexp_do_commit(s->a.fd, word * PAGE, PAGE);

		if (!ret) {
			s->a.heap[word * PAGE] = 1;
			ret = __nexp_do_punch(s->a.fd, word * PAGE, PAGE);
		}
		word = -ret;
		if (write(s->socket, &word, sizeof(word)) != sizeof(word))
			break;
	}
	return 0;
}

/* An expert whose address space a second process shares. Answers its pid. */
static pid_t fork_expert_with_sibling(struct __test_metadata *const _metadata,
				      int fd, struct nexp_child *expert)
{
	static char stack[64 << 10] __attribute__((aligned(16)));
	static struct sibling sibling;
	pid_t pid;

	if (nexp_do_fork(_metadata, expert)) {
		nexp_do_attach(_metadata, fd, &sibling.a);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB / 2));
		memset(sibling.a.heap, 1, MIB / 2);
		sibling.socket = expert->socket;
		pid = clone(sibling_main, stack + sizeof(stack), CLONE_VM | SIGCHLD,
			    &sibling);
		ASSERT_LT(0, pid);
		nexp_do_say(_metadata, expert, pid);
		for (;;)
			pause();
	}
	return nexp_do_hear(_metadata, expert);
}

/* The address space is the expert: it ends with the last process in it. */
TEST_F(sharing, process_in_the_same_address_space_is_the_expert_too)
{
	struct nexp_child expert;
	pid_t sibling = fork_expert_with_sibling(_metadata, self->fd, &expert);

	nexp_do_say(_metadata, &expert, 200);
	EXPECT_EQ(0, nexp_do_hear(_metadata, &expert));
	kill(expert.pid, SIGKILL);
	ASSERT_EQ(expert.pid, waitpid(expert.pid, NULL, 0));
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool));
	nexp_do_say(_metadata, &expert, 201);
	EXPECT_EQ(0, nexp_do_hear(_metadata, &expert));
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool));
	kill(sibling, SIGKILL);
	EXPECT_TRUE(nexp_becomes(is_back(self->session, self->pool)));
	close(expert.socket);
}

TEST_F(sharing, reclaim_takes_the_memory_of_all_who_share_it)
{
	struct nexp_child expert;
	pid_t sibling = fork_expert_with_sibling(_metadata, self->fd, &expert);

	kill(expert.pid, SIGKILL);
	ASSERT_EQ(expert.pid, waitpid(expert.pid, NULL, 0));
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	EXPECT_TRUE(nexp_becomes(is_back(self->session, self->pool)));
	nexp_do_say(_metadata, &expert, 200);
	EXPECT_EQ(ESTALE, nexp_do_hear(_metadata, &expert));
	kill(sibling, SIGKILL);
	close(expert.socket);
}

/*
 * What a child of vfork does to this test is seen here; it may neither return
 * nor fail an assertion.
 */
TEST_F(sharing, vfork_child_works_for_its_parent_and_may_exec)
{
	volatile int ret = -1;
	int status;
	pid_t pid;

	be_expert(_metadata, self);
	pid = vfork();
	if (!pid) {
		self->a.heap[0] = 2;
		ret = __nexp_do_punch(self->fd, PAGE, PAGE);
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	ASSERT_LT(0, pid);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, ret);
	EXPECT_EQ(2, self->a.heap[0]);
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap + PAGE));
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool))
		TH_LOG("the child's exec was taken for the expert's");
	EXPECT_EQ(0, __nexp_do_commit(self->fd, PAGE, PAGE));
}

TEST_F(sharing, attach_in_a_vfork_child_binds_the_parent)
{
	struct netexpert_attach attach;
	volatile int ret = -1;
	unsigned char *heap;
	pid_t pid;

	pid = vfork();
	if (!pid) {
		ret = __nexp_do_attach(self->fd, &attach);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	ASSERT_EQ(0, ret);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool));
	EXPECT_EQ(0, __nexp_do_commit(self->fd, 0, PAGE));
	heap = __nexp_do_map(self->fd, NETEXPERT_MAP_HEAP, PAGE, PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, heap);
	EXPECT_EQ(0, nexp_write_fault(heap));
}

struct slice {
	int fd;
	__u64 offset;
};

static void *punch_slice(void *arg)
{
	struct slice *slice = arg;

	return (void *)(long)__nexp_do_punch(slice->fd, slice->offset, PAGE);
}

TEST_F(sharing, threads_are_the_expert_and_their_ends_are_not_its_end)
{
	int i;

	be_expert(_metadata, self);
	for (i = 0; i < 50; i++) {
		struct slice slice = { self->fd, i * PAGE };
		pthread_t thread;
		void *ret;

		ASSERT_EQ(0, pthread_create(&thread, NULL, punch_slice, &slice));
		ASSERT_EQ(0, pthread_join(thread, &ret));
		EXPECT_EQ(NULL, ret);
	}
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool));
}

/* Pools belong to the file, not to who made them. */
TEST_F(sharing, session_in_other_hands_is_the_session)
{
	struct netexpert_info info;
	struct nexp_child stranger;
	__u64 pool, made;
	int session, other;

	if (nexp_do_fork(_metadata, &stranger)) {
		/* What fork left here would keep everything alive, too. */
		close(self->session);
		close(self->fd);
		pool = nexp_do_hear_fd(_metadata, &stranger, &session);
		ASSERT_EQ(0, __nexp_do_reclaim(session, pool));
		ASSERT_EQ(0, __nexp_do_destroy(session, pool));
		nexp_do_say(_metadata, &stranger, nexp_do_pool(_metadata, session, NULL));
		nexp_do_hear(_metadata, &stranger);
		close(session);
		nexp_do_say(_metadata, &stranger, 0);
		nexp_do_hear(_metadata, &stranger);
		nexp_child_exit();
	}
	be_expert(_metadata, self);
	nexp_do_say_fd(_metadata, &stranger, self->pool, self->session);
	made = nexp_do_hear(_metadata, &stranger);
	EXPECT_EQ(SIGBUS, nexp_read_fault(self->a.heap));
	EXPECT_EQ(-1, nexp_state(self->session, self->pool));
	EXPECT_EQ(NETEXPERT_POOL_IDLE, nexp_state(self->session, made));

	/* The last close ends it, whoever's. */
	other = nexp_do_session(_metadata);
	close(self->session);
	info = nexp_do_info(_metadata, other);
	EXPECT_EQ(1, info.out_nr_pools);
	nexp_do_say(_metadata, &stranger, 0);
	nexp_do_hear(_metadata, &stranger);
	EXPECT_TRUE(nexp_becomes(!__nexp_do_info(other, &info) && !info.out_nr_pools &&
				 !info.out_bytes));
	nexp_do_say(_metadata, &stranger, 0);
	EXPECT_EQ(0, nexp_child_end(&stranger));
	close(other);
}

/* Who has the session but not the attachment gets no memory by it. */
TEST_F(sharing, session_is_no_way_to_a_window)
{
	be_expert(_metadata, self);
	EXPECT_EQ(MAP_FAILED, __nexp_do_map(self->session, NETEXPERT_MAP_HEAP, PAGE,
					    PROT_READ));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-ENOTTY, __nexp_do_commit(self->session, 0, PAGE));
	EXPECT_EQ(-EBUSY, __nexp_do_open(self->session, self->pool));
}

/* The file has no name, and what stands for one opens nothing. */
TEST_F(sharing, file_cannot_be_opened_again)
{
	char path[64];

	be_expert(_metadata, self);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->fd);
	EXPECT_EQ(-1, open(path, O_RDWR));
	EXPECT_EQ(ENXIO, errno);
	EXPECT_EQ(-1, open(path, O_RDONLY));
	EXPECT_EQ(ENXIO, errno);
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 (unsigned long)self->a.heap, (unsigned long)self->a.heap + MIB);
	EXPECT_EQ(-1, open(path, O_RDWR));
	EXPECT_EQ(ENXIO, errno);
	EXPECT_EQ(-1, truncate(path, 0));
	EXPECT_EQ(1, self->a.heap[0]);
}

static void expect_file_readable(struct __test_metadata *const _metadata,
				 const char *name)
{
	char path[64], bytes[4096];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return;
	ASSERT_LE(0, fd);
	while ((got = read(fd, bytes, sizeof(bytes))) > 0)
		;
	EXPECT_EQ(0, got)
		TH_LOG("%s: %s", name, strerror(errno));
	close(fd);
}

/* Views of the address space count pages and keep none. */
TEST_F(sharing, looking_through_proc_keeps_nothing)
{
	static const char *const views[] = {
		"maps", "smaps", "smaps_rollup", "numa_maps", "status", "statm",
	};
	__u64 entries[MIB / PAGE];
	char digit;
	size_t i;
	int fd;

	be_expert(_metadata, self);
	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		expect_file_readable(_metadata, views[i]);

	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, __nexp_do_punch(self->fd, 0, PAGE));
	ASSERT_EQ((ssize_t)sizeof(entries),
		  pread(fd, entries, sizeof(entries),
			(uintptr_t)self->a.heap / PAGE * sizeof(__u64)));
	EXPECT_EQ(0, entries[0] >> 63);
	for (i = 1; i < MIB / PAGE; i++)
		ASSERT_EQ(1, entries[i] >> 63);
	close(fd);

	fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	for (digit = '1'; digit <= '5'; digit++)
		EXPECT_EQ(1, write(fd, &digit, 1));
	close(fd);
	for (i = 1; i < MIB / PAGE; i++)
		ASSERT_EQ(0, nexp_write_fault(self->a.heap + i * PAGE));
	EXPECT_EQ(0, __nexp_do_punch(self->fd, 0, MIB));
	EXPECT_TRUE(nexp_becomes(!nexp_do_stat(_metadata, self->session,
					       self->pool).out_heap_bytes));
}

/* An expert that says where its windows are and does nothing. */
static void fork_expert(struct __test_metadata *const _metadata, int fd,
			struct nexp_child *expert)
{
	if (nexp_do_fork(_metadata, expert)) {
		struct nexp_attachment a;
		struct nexp_window windows[NEXP_NR_WINDOWS];
		int i;

		nexp_do_attach(_metadata, fd, &a);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
		memset(a.heap, 1, MIB);
		nexp_list_windows(&a, windows);
		for (i = 0; i < NEXP_NR_WINDOWS; i++)
			nexp_do_say(_metadata, expert, (uintptr_t)windows[i].mapped);
		for (;;)
			pause();
	}
}

/* A debugger has the rights of the process that it debugs, not more. */
TEST_F(sharing, debugger_writes_what_the_expert_may_write)
{
	static const bool writable[NEXP_NR_WINDOWS] = { false, true, false, true };
	__u64 at[NEXP_NR_WINDOWS];
	struct nexp_child expert;
	int i, status;

	fork_expert(_metadata, self->fd, &expert);
	for (i = 0; i < NEXP_NR_WINDOWS; i++)
		at[i] = nexp_do_hear(_metadata, &expert);
	ASSERT_EQ(0, ptrace(PTRACE_ATTACH, expert.pid, 0, 0));
	ASSERT_EQ(expert.pid, waitpid(expert.pid, &status, 0));
	for (i = 0; i < NEXP_NR_WINDOWS; i++) {
		errno = 0;
		ptrace(PTRACE_PEEKDATA, expert.pid, at[i], 0);
		EXPECT_EQ(0, errno);
		errno = 0;
		ptrace(PTRACE_POKEDATA, expert.pid, at[i], 0x4242424242424242);
		EXPECT_EQ(writable[i] ? 0 : EIO, errno)
			TH_LOG("window %d", i);
	}
	/* A stopped tracee is reclaimed like any other, and read no longer. */
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	EXPECT_TRUE(nexp_becomes(is_back(self->session, self->pool)));
	for (i = 0; i < NEXP_NR_WINDOWS; i++) {
		errno = 0;
		ptrace(PTRACE_PEEKDATA, expert.pid, at[i], 0);
		EXPECT_EQ(EIO, errno);
	}
	kill(expert.pid, SIGKILL);
	nexp_child_end(&expert);
}

TEST_F(sharing, another_process_copies_nothing_out_or_in)
{
	struct nexp_child expert;
	char bytes[16];
	int i;

	fork_expert(_metadata, self->fd, &expert);
	for (i = 0; i < NEXP_NR_WINDOWS; i++) {
		__u64 at = nexp_do_hear(_metadata, &expert);
		struct iovec local = { bytes, sizeof(bytes) };
		struct iovec remote = { (void *)at, sizeof(bytes) };

		EXPECT_EQ(-1, process_vm_readv(expert.pid, &local, 1, &remote, 1, 0));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(-1, process_vm_writev(expert.pid, &local, 1, &remote, 1, 0));
		EXPECT_EQ(EFAULT, errno);
	}
	kill(expert.pid, SIGKILL);
	EXPECT_TRUE(nexp_becomes(is_back(self->session, self->pool)));
	nexp_child_end(&expert);
}

#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"

static void set_core_pattern(struct __test_metadata *const _metadata,
			     const char *pattern)
{
	int fd = open(CORE_PATTERN, O_WRONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	ASSERT_EQ((ssize_t)strlen(pattern), write(fd, pattern, strlen(pattern)));
	close(fd);
}

static void get_core_pattern(struct __test_metadata *const _metadata,
			     char *pattern, size_t size)
{
	int fd = open(CORE_PATTERN, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, pattern, size - 1);

	ASSERT_LT(0, got);
	pattern[got] = 0;
	close(fd);
}

/* What is in the heap and what is beside it can be told apart in a file. */
#define HEAP_MARK	0xa5
#define OWN_MARK	0x5a
#define MARK_BYTES	64

static volatile unsigned char own_mark[MARK_BYTES];

static bool has_run_of(FILE *file, unsigned char mark)
{
	int byte, run = 0;

	rewind(file);
	while ((byte = getc(file)) != EOF) {
		run = byte == mark ? run + 1 : 0;
		if (run == MARK_BYTES)
			return true;
	}
	return false;
}

/* A process that asks for every kind of mapping in its core. */
static void dump_everything(struct __test_metadata *const _metadata)
{
	struct rlimit any = { RLIM_INFINITY, RLIM_INFINITY };
	int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	ASSERT_EQ(0, setrlimit(RLIMIT_CORE, &any));
	ASSERT_EQ(5, write(fd, "0x1ff", 5));
	close(fd);
}

static void fork_dumper(struct __test_metadata *const _metadata, int fd,
			struct nexp_child *expert)
{
	if (nexp_do_fork(_metadata, expert)) {
		struct nexp_attachment a;
		int i;

		dump_everything(_metadata);
		nexp_do_attach(_metadata, fd, &a);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
		memset(a.heap, HEAP_MARK, MIB);
		memset(a.consumer, HEAP_MARK, a.info.out_consumer_size);
		for (i = 0; i < MARK_BYTES; i++)
			own_mark[i] = OWN_MARK;
		nexp_do_say(_metadata, expert, 0);
		nexp_do_hear(_metadata, expert);
		/* Not abort(): what libc does before it is none of ours. */
		syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGQUIT);
		for (;;)
			pause();
	}
}

TEST_F(sharing, core_dump_has_everything_but_the_windows)
{
	char folder[] = "/tmp/nexp-core-XXXXXX", path[64], before[256];
	struct nexp_child expert;
	FILE *core;
	int status;

	ASSERT_NE(NULL, mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/core", folder);
	get_core_pattern(_metadata, before, sizeof(before));
	fork_dumper(_metadata, self->fd, &expert);
	nexp_do_hear(_metadata, &expert);
	set_core_pattern(_metadata, path);
	nexp_do_say(_metadata, &expert, 0);
	status = nexp_child_end(&expert);
	set_core_pattern(_metadata, before);
	EXPECT_TRUE(WIFSIGNALED(status) && WCOREDUMP(status));
	EXPECT_TRUE(nexp_becomes(is_back(self->session, self->pool)));

	core = fopen(path, "re");
	ASSERT_NE(NULL, core)
		TH_LOG("%s: %s", path, strerror(errno));
	EXPECT_TRUE(has_run_of(core, OWN_MARK))
		TH_LOG("other memory is not in it either, so this says nothing");
	EXPECT_FALSE(has_run_of(core, HEAP_MARK));
	fclose(core);
	unlink(path);
	rmdir(folder);
}

static bool is_dumping(pid_t pid)
{
	char path[64], text[1024] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return strstr(text, "CoreDumping:\t1");
}

/*
 * The dump goes into a pipe that nobody reads: it never ends. Until it does,
 * the address space lives, and so does the attachment; but who wants the memory
 * now can have it.
 */
TEST_F(sharing, reclaim_does_not_wait_for_a_core_dump)
{
	struct netexpert_pool_stat stat;
	struct nexp_child expert;
	char before[256];
	int status;

	get_core_pattern(_metadata, before, sizeof(before));
	fork_dumper(_metadata, self->fd, &expert);
	nexp_do_hear(_metadata, &expert);
	set_core_pattern(_metadata, "|/usr/bin/tail --pid=%P -f /dev/null");
	nexp_do_say(_metadata, &expert, 0);
	EXPECT_TRUE(nexp_becomes(is_dumping(expert.pid)));
	set_core_pattern(_metadata, before);
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, stat.out_state);
	EXPECT_EQ(MIB, stat.out_heap_bytes);

	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	EXPECT_TRUE(nexp_becomes(is_back(self->session, self->pool)));
	EXPECT_EQ(0, waitpid(expert.pid, &status, WNOHANG))
		TH_LOG("the dump was over, so this says nothing");
	kill(expert.pid, SIGKILL);
	nexp_child_end(&expert);
}

TEST_HARNESS_MAIN
