// SPDX-License-Identifier: GPL-2.0
/*
 * history_test - what went wrong in other drivers that share memory
 *
 * One row per kind of bug, with an example, and the tests that would have caught
 * it: here, or where the matter belongs.
 *
 * A stored vma is used after munmap (binder, CVE-2022-50240):
 *	fresh_mapping_at_an_old_address_gets_no_page
 * A counter of mappings goes wrong over fork and split (BPF arena, 2026):
 *	views_torn_apart_before_a_fork_reach_nothing_freed
 * Offsets wrap, scalars are not checked (BPF arena, CVE-2026-93045):
 *	ranges_at_every_edge_work_or_are_einval, ids_near_a_real_one_name_nothing;
 *	values
 * Open and close callbacks expect whole mappings (perf, CVE-2025-38563), or free
 * once for each half (privcmd, CVE-2026-31787):
 *	rights.splitting_mappings_harms_nothing, windows.munmap_gives_nothing_back
 * Entries without a reference outlive the page (io_uring, CVE-2024-0582):
 *	freed_pages_are_out_of_reach_of_old_mappings; revoke, pin
 * Two faults make one page twice, or the wrong one pays (secretmem,
 * CVE-2026-93243):
 *	threads_that_fault_the_same_page_leave_one_reference;
 *	race.commits_never_pass_the_limit_together, memory
 * An mmap offset is not checked (udmabuf, CVE-2023-2008):
 *	rights.mapping_beyond_a_window_is_refused,
 *	rights.offset_that_names_no_window_is_refused
 * The file behind is resized by somebody else (udmabuf):
 *	windows.file_has_no_contents, sharing.file_cannot_be_opened_again
 * A ring comes back between unpublish and free (AF_PACKET, CVE-2016-8655):
 *	device.captures_come_and_go_with_device_and_pool,
 *	race.destroy_against_everything, lifetime.pool_being_destroyed_cannot_be_opened
 * Pages are freed while skbs point to them (AF_PACKET, CVE-2026-80841):
 *	pin.sockets_copy_and_never_refer, pin.pages_do_not_go_into_a_pipe
 * Widths and signs in ring geometry (AF_PACKET, CVE-2017-7308):
 *	unit ring_math; values.pool_create_checks_every_scalar
 * An inspector races with set-up (binder):
 *	inspectors_against_birth_and_death
 * The last mmput is somebody else's (binder, CVE-2023-52609):
 *	last_reference_to_the_address_space_is_a_strangers
 * A mapping outlives the object, or the module (omapfb, CVE-2026-53401):
 *	unload, end.death_of_the_supervisor_takes_the_pools
 * A file is visible before the call can't fail any more (dma-heap), work runs
 * after its object is gone (BPF ringbuf):
 *	open_that_fails_shows_no_file, destroy_while_the_worker_is_at_it;
 *	uapi.answer_that_cannot_be_written_is_efault
 * A poll's wait queue goes before the file (binder, CVE-2019-2215):
 *	epoll_outlives_the_pool
 */
#include "child.h"
#include "feed.h"
#include "racer.h"

#include <linux/userfaultfd.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define LENGTH	100
#define ROUNDS	20

FIXTURE(history)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
};

FIXTURE_SETUP(history)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
}

FIXTURE_TEARDOWN(history)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

static bool is_back(int session, __u64 pool)
{
	struct netexpert_pool_stat stat;

	return !__nexp_do_stat(session, pool, &stat) && !stat.out_heap_bytes &&
	       stat.out_state == NETEXPERT_POOL_IDLE;
}

/* Page tables that go hold pages for a moment; then they are free. */
static int punch(int fd, __u64 offset, __u64 length)
{
	int ret;

	do
		ret = __nexp_do_punch(fd, offset, length);
	while (ret == -EBUSY);
	return ret;
}

/* Now the window, now memory of our own, at one address. */
static void step_change_hands(struct nexp_racer *r)
{
	unsigned char *at = r->a->heap;
	int zero = r->arg;
	size_t i;

	if (mmap(at, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, r->a->fd,
		 NETEXPERT_MAP_HEAP) != at) {
		r->wrong++;
		return;
	}
	/* The kernel touches for us, so that a hole is no signal. */
	for (i = 0; i < 8; i++)
		if (read(zero, at + i * PAGE, 1) != 1 && errno != EFAULT)
			r->wrong++;
	if (mmap(at, 8 * PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != at) {
		r->wrong++;
		return;
	}
	memset(at, 0xaa, 8 * PAGE);
	for (i = 0; i < 8 * PAGE; i++)
		r->wrong += at[i] != 0xaa;
}

TEST_F_TIMEOUT(history, fresh_mapping_at_an_old_address_gets_no_page, 120)
{
	struct nexp_racer r = { .step = step_change_hands, .a = &self->a };
	pthread_t thread;
	int i;

	r.arg = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	thread = nexp_racer_start(_metadata, &r);
	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(0, __nexp_do_commit(self->a.fd, 0, 8 * PAGE));
		ASSERT_EQ(0, punch(self->a.fd, 0, 8 * PAGE));
	}
	nexp_racer_join(_metadata, thread, &r);
	EXPECT_LT(0, r.steps);
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
	close(r.arg);
}

TEST_F(history, views_torn_apart_before_a_fork_reach_nothing_freed)
{
	unsigned char *to = mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
				 -1, 0);
	struct nexp_child child;
	size_t i;

	ASSERT_NE(MAP_FAILED, to);
	ASSERT_EQ(0, __nexp_do_commit(self->a.fd, 0, MIB));
	memset(self->a.heap, 1, MIB);
	for (i = 0; i < MIB; i += 2 * PAGE)
		madvise(self->a.heap + i, PAGE, MADV_DOFORK);
	ASSERT_EQ(0, munmap(self->a.heap + 16 * PAGE, 8 * PAGE));
	ASSERT_EQ(to, mremap(self->a.heap + 32 * PAGE, 8 * PAGE, 8 * PAGE,
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	if (nexp_do_fork(_metadata, &child)) {
		nexp_do_hear(_metadata, &child);
		for (i = 0; i < MIB; i += PAGE)
			EXPECT_EQ(SIGSEGV, nexp_read_fault(self->a.heap + i));
		for (i = 0; i < 8; i++)
			EXPECT_EQ(SIGSEGV, nexp_read_fault(to + i * PAGE));
		nexp_child_exit();
	}
	ASSERT_EQ(0, munmap(self->a.heap, 8 * PAGE));
	ASSERT_EQ(0, punch(self->a.fd, 0, MIB));
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
	nexp_do_say(_metadata, &child, 0);
	EXPECT_EQ(0, nexp_child_end(&child));
	for (i = 0; i < 8; i++)
		EXPECT_EQ(SIGBUS, nexp_read_fault(to + i * PAGE));
}

static const __u64 edges[] = {
	0, 1, 2, 7, 8, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, MIB / 2, MIB - PAGE,
	MIB - 1, MIB, MIB + 1, MIB + PAGE, (1ULL << 31) - PAGE, 1ULL << 31,
	(1ULL << 32) - PAGE, (1ULL << 32) - 1, 1ULL << 32, (1ULL << 32) + PAGE,
	1ULL << 44, 1ULL << 52, 1ULL << 56, (1ULL << 63) - PAGE, (1ULL << 63) - 1,
	1ULL << 63, (1ULL << 63) + PAGE, -(__u64)MIB, -(__u64)PAGE, ~0ULL - 1, ~0ULL,
};

#define NR_EDGES	(sizeof(edges) / sizeof(edges[0]))

TEST_F(history, ranges_at_every_edge_work_or_are_einval)
{
	size_t i, j;

	for (i = 0; i < NR_EDGES; i++) {
		for (j = 0; j < NR_EDGES; j++) {
			__u64 offset = edges[i], length = edges[j];
			__u64 end;
			bool wraps = __builtin_add_overflow(offset, length, &end);
			bool good = length && offset % PAGE == 0 && length % PAGE == 0 &&
				    !wraps && end <= MIB;

			ASSERT_EQ(good ? 0 : -EINVAL,
				  __nexp_do_commit(self->a.fd, offset, length))
				TH_LOG("commit 0x%llx, 0x%llx", offset, length);
			EXPECT_EQ(good ? length : 0,
				  nexp_do_stat(_metadata, self->session,
					       self->pool).out_heap_bytes);
			ASSERT_EQ(good ? 0 : -EINVAL,
				  __nexp_do_punch(self->a.fd, offset, length))
				TH_LOG("punch 0x%llx, 0x%llx", offset, length);
			EXPECT_EQ(0, nexp_do_stat(_metadata, self->session,
						  self->pool).out_heap_bytes);
		}
	}
}

TEST_F(history, ids_near_a_real_one_name_nothing)
{
	__u64 drops = nexp_do_info(_metadata, self->session).out_drops_no_pool;
	struct netexpert_pool_stat stat;
	__u64 tried = 0;
	int bit;

	for (bit = -2; bit < 64; bit++) {
		__u64 id = bit < 0 ? self->pool + 2 * bit + 3 : self->pool ^ 1ULL << bit;
		int feed = nexp_do_load(_metadata, id);

		EXPECT_EQ(-ENOENT, nexp_do_feed_number(_metadata, feed, 0, LENGTH))
			TH_LOG("0x%llx beside 0x%llx", id, self->pool);
		EXPECT_EQ(-ENOENT, __nexp_do_stat(self->session, id, &stat));
		EXPECT_EQ(-ENOENT, __nexp_do_open(self->session, id));
		EXPECT_EQ(-ENOENT, __nexp_do_reclaim(self->session, id));
		EXPECT_EQ(-ENOENT, __nexp_do_destroy(self->session, id));
		close(feed);
		tried++;
	}
	EXPECT_EQ(drops + tried,
		  nexp_do_info(_metadata, self->session).out_drops_no_pool);
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(0, stat.out_sum.seen);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, stat.out_state);
}

static void on_bus_error(int signal)
{
	siglongjmp(nexp_fault_env, signal);
}

static void *commit_and_punch(void *arg)
{
	struct nexp_attachment *a = arg;

	for (;;) {
		if (__nexp_do_commit(a->fd, 0, 16 * PAGE))
			_exit(1);
		punch(a->fd, 0, 16 * PAGE);
	}
	return NULL;
}

/* Writes to its heap without a pause while a thread gives that away. */
static void write_for_ever(struct nexp_attachment *a)
{
	struct sigaction act = { .sa_handler = on_bus_error, .sa_flags = SA_NODEFER };
	static volatile unsigned int i;
	pthread_t thread;

	sigaction(SIGBUS, &act, NULL);
	if (pthread_create(&thread, NULL, commit_and_punch, a))
		_exit(1);
	sigsetjmp(nexp_fault_env, 0);
	for (;;) {
		i = (i + 1) % 16;
		memset(a->heap + i * PAGE, 0xee, PAGE);
	}
}

static bool all_are(const unsigned char *bytes, unsigned char value, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

/* Others get the pages that it gave back: nobody may find its bytes in them. */
TEST_F_TIMEOUT(history, freed_pages_are_out_of_reach_of_old_mappings, 120)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct nexp_child child;
	int i;

	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;

		nexp_do_attach(_metadata, fd, &a);
		nexp_do_say(_metadata, &child, 0);
		write_for_ever(&a);
	}
	nexp_do_hear(_metadata, &child);
	for (i = 0; i < 300; i++) {
		unsigned char *own = mmap(NULL, 32 * PAGE, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

		ASSERT_NE(MAP_FAILED, own);
		ASSERT_TRUE(all_are(own, 0, 32 * PAGE));
		memset(own, 0x11, 32 * PAGE);
		ASSERT_EQ(0, __nexp_do_commit(self->a.fd, 0, 32 * PAGE));
		ASSERT_TRUE(all_are(self->a.heap, 0, 32 * PAGE))
			TH_LOG("round %d: another pool's bytes", i);
		memset(self->a.heap, 0x22, 32 * PAGE);
		sched_yield();
		ASSERT_TRUE(all_are(own, 0x11, 32 * PAGE))
			TH_LOG("round %d", i);
		ASSERT_TRUE(all_are(self->a.heap, 0x22, 32 * PAGE))
			TH_LOG("round %d", i);
		ASSERT_EQ(0, punch(self->a.fd, 0, 32 * PAGE));
		ASSERT_EQ(0, munmap(own, 32 * PAGE));
	}
	EXPECT_EQ(0, waitpid(child.pid, NULL, WNOHANG))
		TH_LOG("nobody wrote");
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
	EXPECT_TRUE(nexp_becomes(is_back(self->session, pool)));
}

struct twin {
	pthread_barrier_t *barrier;
	unsigned char *heap;
};

static void *fault_with_the_other(void *arg)
{
	struct twin *twin = arg;
	int i;

	for (i = 0; i < 500; i++) {
		pthread_barrier_wait(twin->barrier);
		((volatile unsigned char *)twin->heap)[i % 8 * PAGE]++;
		pthread_barrier_wait(twin->barrier);
	}
	return NULL;
}

TEST_F_TIMEOUT(history, threads_that_fault_the_same_page_leave_one_reference, 120)
{
	pthread_barrier_t barrier;
	struct twin twin = { &barrier, self->a.heap };
	pthread_t threads[2];
	int i;

	ASSERT_EQ(0, pthread_barrier_init(&barrier, NULL, 3));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, fault_with_the_other, &twin));
	for (i = 0; i < 500; i++) {
		ASSERT_EQ(0, __nexp_do_commit(self->a.fd, i % 8 * PAGE, PAGE));
		pthread_barrier_wait(&barrier);
		pthread_barrier_wait(&barrier);
		EXPECT_NE(0, self->a.heap[i % 8 * PAGE]);
		ASSERT_EQ(0, __nexp_do_punch(self->a.fd, i % 8 * PAGE, PAGE))
			TH_LOG("round %d: a reference too many", i);
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
}

/* Looks at a process, which may be gone by now, around where windows are. */
static void inspect_process(pid_t pid, const void *around, int which)
{
	static const char *const views[] = { "smaps", "pagemap", "mem" };
	off_t from[] = { 0, (uintptr_t)around / PAGE * sizeof(__u64), (uintptr_t)around };
	char path[64], bytes[4096];
	int fd, i;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, views[which]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	lseek(fd, from[which], SEEK_SET);
	for (i = 0; i < 16 && read(fd, bytes, sizeof(bytes)) > 0; i++)
		;
	close(fd);
}

static void step_inspect(struct nexp_racer *r)
{
	struct netexpert_pool_stat stat = { .size = sizeof(stat) };
	int ret;

	do {
		stat.flags = NETEXPERT_STAT_NEXT;
		ret = __nexp_ioctl(r->session, NETEXPERT_IOC_POOL_STAT, &stat);
		if (ret)
			continue;
		r->wrong += stat.out_heap_bytes > stat.out_heap_limit;
		if (stat.out_pid)
			inspect_process(stat.out_pid, r->a->heap, r->steps % 3);
	} while (!ret);
	r->wrong += ret != -ENOENT;
}

TEST_F_TIMEOUT(history, inspectors_against_birth_and_death, 120)
{
	struct nexp_racer inspectors[2];
	pthread_t threads[2];
	int i;

	for (i = 0; i < 2; i++) {
		inspectors[i] = (struct nexp_racer){ .step = step_inspect, .steps = i,
						     .a = &self->a };
		inspectors[i].session = i ? nexp_do_session(_metadata) : self->session;
		threads[i] = nexp_racer_start(_metadata, &inspectors[i]);
	}
	for (i = 0; i < 2 * ROUNDS; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int fd = nexp_do_open(_metadata, self->session, pool);
		struct nexp_child child;

		if (nexp_do_fork(_metadata, &child)) {
			struct nexp_attachment a;

			nexp_do_attach(_metadata, fd, &a);
			ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
			memset(a.heap, 1, MIB);
			nexp_do_say(_metadata, &child, 0);
			for (;;)
				pause();
		}
		nexp_do_hear(_metadata, &child);
		kill(child.pid, SIGKILL);
		EXPECT_TRUE(nexp_becomes(is_back(self->session, pool)))
			TH_LOG("round %d", i);
		nexp_child_end(&child);
		close(fd);
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	}
	for (i = 0; i < 2; i++)
		nexp_racer_join(_metadata, threads[i], &inspectors[i]);
}

/* An expert with a page that nobody fills in: who reads it waits. Gives the uffd. */
static void live_with_a_trap(struct __test_metadata *const _metadata, int fd,
			     struct nexp_child *expert)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct nexp_attachment a;
	unsigned char *trap;
	int uffd;

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
	memset(a.heap, 1, MIB);
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	ASSERT_LE(0, uffd);
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_API, &api));
	trap = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, trap);
	reg.range.start = (uintptr_t)trap;
	reg.range.len = PAGE;
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_REGISTER, &reg));
	nexp_do_say_fd(_metadata, expert, (uintptr_t)trap, uffd);
	for (;;)
		pause();
}

/*
 * Somebody who reads the expert's memory is held in the middle of it, so that
 * the address space lives on with it, and ends in its hands. RECLAIM does not
 * wait for that.
 */
static void end_by_a_stranger(struct __test_metadata *const _metadata,
			      FIXTURE_DATA(history) *self, bool reclaim)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct nexp_child expert, stranger;
	__u64 trap;
	int uffd;

	if (nexp_do_fork(_metadata, &expert))
		live_with_a_trap(_metadata, fd, &expert);
	trap = nexp_do_hear_fd(_metadata, &expert, &uffd);
	if (nexp_do_fork(_metadata, &stranger)) {
		char byte;
		struct iovec local = { &byte, 1 };
		struct iovec remote = { (void *)trap, 1 };

		close(uffd);
		process_vm_readv(expert.pid, &local, 1, &remote, 1, 0);
		nexp_child_exit();
	}
	ASSERT_NE(0, nexp_poll(uffd, NEXP_PATIENCE_MS) & POLLIN);
	kill(expert.pid, SIGKILL);
	nexp_child_end(&expert);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, pool))
		TH_LOG("nobody held the address space, so this says nothing");
	if (reclaim) {
		ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
		EXPECT_TRUE(nexp_becomes(is_back(self->session, pool)));
	}
	close(uffd);
	EXPECT_EQ(0, nexp_child_end(&stranger));
	EXPECT_TRUE(nexp_becomes(is_back(self->session, pool)));
	EXPECT_LE(0, __nexp_do_open(self->session, pool));
	ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	close(fd);
}

TEST_F(history, last_reference_to_the_address_space_is_a_strangers)
{
	end_by_a_stranger(_metadata, self, false);
	end_by_a_stranger(_metadata, self, true);
}

/* Where the next file would be is known, and nothing is there. */
TEST_F(history, open_that_fails_shows_no_file)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	struct netexpert_pool_open *open;
	int next = dup(self->session);

	close(next);
	open = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, open);
	*open = (struct netexpert_pool_open){ .size = sizeof(*open), .pool_id = pool };
	ASSERT_EQ(0, mprotect(open, PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_OPEN, open));
	EXPECT_EQ(-1, fcntl(next, F_GETFD));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(NETEXPERT_POOL_IDLE, nexp_state(self->session, pool));
	EXPECT_EQ(-EBUSY, __nexp_do_open(self->session, self->pool));
	EXPECT_EQ(next, __nexp_do_open(self->session, pool));
}

TEST_F_TIMEOUT(history, destroy_while_the_worker_is_at_it, 120)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int fd = nexp_do_open(_metadata, self->session, pool);
		struct nexp_child child;

		if (nexp_do_fork(_metadata, &child)) {
			struct nexp_attachment a;

			nexp_do_attach(_metadata, fd, &a);
			ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
			memset(a.heap, 1, MIB);
			nexp_do_say(_metadata, &child, 0);
			for (;;)
				pause();
		}
		nexp_do_hear(_metadata, &child);
		kill(child.pid, SIGKILL);
		/* Before, at and after the moment that the end is noticed. */
		if (i % 3)
			nexp_hangs_up(fd, i % 3 == 1 ? 1 : NEXP_PATIENCE_MS);
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		nexp_child_end(&child);
		close(fd);
	}
	EXPECT_EQ(1, nexp_do_info(_metadata, self->session).out_nr_pools);
}

TEST_F(history, epoll_outlives_the_pool)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int session = nexp_do_session(_metadata);
	int fd = nexp_do_open(_metadata, session, nexp_do_pool(_metadata, session, NULL));
	struct nexp_attachment a;

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, session, &event));
	ASSERT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	close(session);
	ASSERT_EQ(1, epoll_wait(epoll, &event, 1, NEXP_PATIENCE_MS));
	EXPECT_NE(0, event.events & EPOLLHUP);
	/* The queue is the dead pool's; it goes with the file, and with epoll's. */
	close(fd);
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, NEXP_PATIENCE_MS))
		TH_LOG("the windows hold the file open");
	munmap(a.heap, a.info.out_heap_size);
	munmap(a.ring[0], 2 * a.info.out_ring_size);
	munmap(a.consumer, a.info.out_consumer_size);
	munmap(a.status, a.info.out_status_size);
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	close(epoll);
}

TEST_HARNESS_MAIN
