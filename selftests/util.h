/* SPDX-License-Identifier: GPL-2.0 */
/*
 * util - the device as the tests see it
 *
 * __nexp_do_x() answers what x returned, or -errno. nexp_do_x() asserts that x
 * worked, for the tests that are about something else. Nothing here uses the
 * project's own library: what these tests say is what the UAPI header says.
 */
#ifndef NEXP_SELFTESTS_UTIL_H
#define NEXP_SELFTESTS_UTIL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/netexpert.h>

#include "kselftest_harness.h"

#define NEXP_DEVICE	"/dev/netexpert"

/*
 * Bounds are for Debian's kernel. A debug kernel takes this many times as long,
 * and says so in NETEXPERT_PATIENCE; what the harness waits for a test, which
 * only matters if it hangs, is for the slowest kernel always.
 */
#define NEXP_SLOWEST	10

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	(NEXP_SLOWEST * 30)
#undef TEST_F_TIMEOUT
#define TEST_F_TIMEOUT(fixture_name, test_name, timeout) \
	__TEST_F_IMPL(fixture_name, test_name, -1, NEXP_SLOWEST * (timeout))

static inline __u64 nexp_patience_ms(void)
{
	const char *factor = getenv("NETEXPERT_PATIENCE");

	return 20000ULL * (factor ? strtoul(factor, NULL, 10) : 1);
}

/* Long enough for an emulated machine with everything else going on. */
#define NEXP_PATIENCE_MS	nexp_patience_ms()

#define NEXP_MAX_TEST_RINGS	4

static inline __u64 nexp_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* True as soon as @condition is; false if it never was within @patience. */
#define nexp_becomes_within(condition, patience_ms) ({			\
	__u64 __deadline = nexp_now_ms() + (patience_ms);		\
	bool __became;							\
									\
	while (!(__became = !!(condition)) && nexp_now_ms() < __deadline)	\
		usleep(1000);						\
	__became;							\
})

#define nexp_becomes(condition) \
	nexp_becomes_within(condition, NEXP_PATIENCE_MS)

/* Writes @text to a file of the kernel's. */
static inline int __nexp_write_file(const char *directory, const char *file,
				    const char *text)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static inline int __nexp_ioctl(int fd, unsigned long command, void *arg)
{
	int ret = ioctl(fd, command, arg);

	return ret < 0 ? -errno : ret;
}

static inline int __nexp_do_session(void)
{
	int fd = open(NEXP_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static inline int nexp_do_session(struct __test_metadata *const _metadata)
{
	int fd = __nexp_do_session();

	ASSERT_LE(0, fd)
		TH_LOG("%s: %s; load the module and be root", NEXP_DEVICE,
		       strerror(-fd));
	return fd;
}

static inline int __nexp_do_info(int session, struct netexpert_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return __nexp_ioctl(session, NETEXPERT_IOC_INFO, info);
}

static inline struct netexpert_info
nexp_do_info(struct __test_metadata *const _metadata, int session)
{
	struct netexpert_info info;

	ASSERT_EQ(0, __nexp_do_info(session, &info));
	return info;
}

/* Waits until no pool is left of the test before. */
static inline void nexp_do_settle(struct __test_metadata *const _metadata,
				  int session)
{
	struct netexpert_info info;

	EXPECT_TRUE(nexp_becomes(!__nexp_do_info(session, &info) &&
				 !info.out_nr_pools && !info.out_bytes))
		TH_LOG("%u pools and %llu bytes are still there",
		       info.out_nr_pools, (unsigned long long)info.out_bytes);
}

/* A small pool: one ring of 64 KiB, a heap of 1 MiB that may all be used. */
static inline struct netexpert_pool_create nexp_pool_args(void)
{
	return (struct netexpert_pool_create){
		.size = sizeof(struct netexpert_pool_create),
		.nr_rings = 1,
		.ring_size = 64 << 10,
		.heap_size = 1 << 20,
		.heap_limit = 1 << 20,
		.name = "selftest",
	};
}

static inline int __nexp_do_pool(int session, struct netexpert_pool_create *args)
{
	return __nexp_ioctl(session, NETEXPERT_IOC_POOL_CREATE, args);
}

/* @args NULL: the small pool. Answers its id. */
static inline __u64 nexp_do_pool(struct __test_metadata *const _metadata,
				 int session,
				 const struct netexpert_pool_create *args)
{
	struct netexpert_pool_create create = args ? *args : nexp_pool_args();

	ASSERT_EQ(0, __nexp_do_pool(session, &create));
	ASSERT_NE(0, create.out_pool_id);
	return create.out_pool_id;
}

static inline int __nexp_do_open(int session, __u64 pool_id)
{
	struct netexpert_pool_open open = {
		.size = sizeof(open),
		.pool_id = pool_id,
	};
	int ret = __nexp_ioctl(session, NETEXPERT_IOC_POOL_OPEN, &open);

	return ret < 0 ? ret : open.out_fd;
}

static inline int nexp_do_open(struct __test_metadata *const _metadata,
			       int session, __u64 pool_id)
{
	int fd = __nexp_do_open(session, pool_id);

	ASSERT_LE(0, fd)
		TH_LOG("POOL_OPEN: %s", strerror(-fd));
	return fd;
}

static inline int __nexp_do_ref(int session, unsigned long command, __u64 pool_id)
{
	struct netexpert_pool_ref ref = {
		.size = sizeof(ref),
		.pool_id = pool_id,
	};

	return __nexp_ioctl(session, command, &ref);
}

static inline int __nexp_do_terminate(int session, __u64 pool_id)
{
	return __nexp_do_ref(session, NETEXPERT_IOC_POOL_TERMINATE, pool_id);
}

static inline int __nexp_do_reclaim(int session, __u64 pool_id)
{
	return __nexp_do_ref(session, NETEXPERT_IOC_POOL_RECLAIM, pool_id);
}

static inline int __nexp_do_freeze(int session, __u64 pool_id)
{
	return __nexp_do_ref(session, NETEXPERT_IOC_POOL_FREEZE, pool_id);
}

static inline int __nexp_do_limit(int session, __u64 pool_id, __u64 heap_limit)
{
	struct netexpert_pool_limit limit = {
		.size = sizeof(limit),
		.pool_id = pool_id,
		.heap_limit = heap_limit,
	};

	return __nexp_ioctl(session, NETEXPERT_IOC_POOL_LIMIT, &limit);
}

static inline int __nexp_do_session_limit(int session, __u64 max_bytes)
{
	struct netexpert_session_limit limit = {
		.size = sizeof(limit),
		.max_bytes = max_bytes,
	};

	return __nexp_ioctl(session, NETEXPERT_IOC_SESSION_LIMIT, &limit);
}

static inline int __nexp_do_injector(int session, __u64 pool_id)
{
	struct netexpert_pool_inject args = {
		.size = sizeof(args),
		.pool_id = pool_id,
	};
	int ret = __nexp_ioctl(session, NETEXPERT_IOC_POOL_INJECT, &args);

	return ret < 0 ? ret : args.out_fd;
}

/* Answers how many frames are in. */
static inline int __nexp_do_inject(int injector,
				   const struct netexpert_inject_frame *frames,
				   __u32 nr)
{
	struct netexpert_inject args = {
		.size = sizeof(args),
		.frames = (uintptr_t)frames,
		.nr_frames = nr,
	};

	return __nexp_ioctl(injector, NETEXPERT_IOC_INJECT, &args);
}

/* Whether the pool's filter wants a frame; @nr has to be 1. */
static inline int __nexp_do_judge(int injector,
				  const struct netexpert_inject_frame *frames, __u32 nr)
{
	struct netexpert_inject args = {
		.size = sizeof(args),
		.flags = NETEXPERT_INJECT_JUDGE,
		.frames = (uintptr_t)frames,
		.nr_frames = nr,
	};

	return __nexp_ioctl(injector, NETEXPERT_IOC_INJECT, &args);
}

static inline int __nexp_do_view(int session, __u64 pool_id)
{
	struct netexpert_pool_view view = {
		.size = sizeof(view),
		.pool_id = pool_id,
	};
	int ret = __nexp_ioctl(session, NETEXPERT_IOC_POOL_VIEW, &view);

	return ret < 0 ? ret : view.out_fd;
}

static inline int nexp_do_view(struct __test_metadata *const _metadata,
			       int session, __u64 pool_id)
{
	int fd = __nexp_do_view(session, pool_id);

	ASSERT_LE(0, fd)
		TH_LOG("POOL_VIEW: %s", strerror(-fd));
	return fd;
}

static inline int __nexp_do_destroy(int session, __u64 pool_id)
{
	return __nexp_do_ref(session, NETEXPERT_IOC_POOL_DESTROY, pool_id);
}

/* @pool_id is 0 on an attachment. */
static inline int __nexp_do_stat(int fd, __u64 pool_id,
				 struct netexpert_pool_stat *stat)
{
	memset(stat, 0, sizeof(*stat));
	stat->size = sizeof(*stat);
	stat->pool_id = pool_id;
	return __nexp_ioctl(fd, NETEXPERT_IOC_POOL_STAT, stat);
}

static inline struct netexpert_pool_stat
nexp_do_stat(struct __test_metadata *const _metadata, int fd, __u64 pool_id)
{
	struct netexpert_pool_stat stat;

	ASSERT_EQ(0, __nexp_do_stat(fd, pool_id, &stat));
	return stat;
}

/* -1 when the pool is not there: no state has that number. */
static inline int nexp_state(int session, __u64 pool_id)
{
	struct netexpert_pool_stat stat;

	if (__nexp_do_stat(session, pool_id, &stat))
		return -1;
	return stat.out_state;
}

static inline int __nexp_do_range(int fd, unsigned long command, __u64 offset,
				  __u64 length)
{
	struct netexpert_range range = {
		.size = sizeof(range),
		.offset = offset,
		.length = length,
	};

	return __nexp_ioctl(fd, command, &range);
}

static inline int __nexp_do_commit(int fd, __u64 offset, __u64 length)
{
	return __nexp_do_range(fd, NETEXPERT_IOC_COMMIT, offset, length);
}

static inline int __nexp_do_punch(int fd, __u64 offset, __u64 length)
{
	return __nexp_do_range(fd, NETEXPERT_IOC_PUNCH, offset, length);
}

static inline int __nexp_do_attach(int fd, struct netexpert_attach *attach)
{
	memset(attach, 0, sizeof(*attach));
	attach->size = sizeof(*attach);
	return __nexp_ioctl(fd, NETEXPERT_IOC_ATTACH, attach);
}

/* Answers the address, or MAP_FAILED with errno. */
static inline void *__nexp_do_map(int fd, __u64 window, size_t length, int prot)
{
	return mmap(NULL, length, prot, MAP_SHARED, fd, window);
}

/**
 * struct nexp_attachment - an attachment with all of its windows mapped
 * @fd: the file; not owned.
 * @info: what ATTACH said.
 * @status: the status window.
 * @consumer: the consumer window.
 * @ring: the doubled data windows of the first rings.
 * @heap: the heap.
 */
struct nexp_attachment {
	int fd;
	struct netexpert_attach info;
	unsigned char *status;
	unsigned char *consumer;
	unsigned char *ring[NEXP_MAX_TEST_RINGS];
	unsigned char *heap;
};

static inline void nexp_do_attach(struct __test_metadata *const _metadata,
				  int fd, struct nexp_attachment *a)
{
	__u32 i;

	memset(a, 0, sizeof(*a));
	a->fd = fd;
	ASSERT_EQ(0, __nexp_do_attach(fd, &a->info));
	a->status = __nexp_do_map(fd, NETEXPERT_MAP_STATUS,
				  a->info.out_status_size, PROT_READ);
	ASSERT_NE(MAP_FAILED, a->status);
	a->consumer = __nexp_do_map(fd, NETEXPERT_MAP_CONSUMER,
				    a->info.out_consumer_size,
				    PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, a->consumer);
	for (i = 0; i < a->info.out_nr_rings && i < NEXP_MAX_TEST_RINGS; i++) {
		a->ring[i] = __nexp_do_map(fd, NETEXPERT_MAP_RING(i),
					   2 * a->info.out_ring_size, PROT_READ);
		ASSERT_NE(MAP_FAILED, a->ring[i]);
	}
	a->heap = __nexp_do_map(fd, NETEXPERT_MAP_HEAP, a->info.out_heap_size,
				PROT_READ | PROT_WRITE);
	ASSERT_NE(MAP_FAILED, a->heap);
}

static inline volatile struct netexpert_status *
nexp_status(const struct nexp_attachment *a)
{
	return (void *)a->status;
}

static inline volatile struct netexpert_ring_status *
nexp_ring_status(const struct nexp_attachment *a, __u32 ring)
{
	return (void *)(a->status + (1 + ring) * NETEXPERT_SLOT_SIZE);
}

static inline volatile struct netexpert_consumer *
nexp_consumer(const struct nexp_attachment *a)
{
	return (void *)a->consumer;
}

static inline volatile struct netexpert_ring_consumer *
nexp_ring_consumer(const struct nexp_attachment *a, __u32 ring)
{
	return (void *)(a->consumer + (1 + ring) * NETEXPERT_SLOT_SIZE);
}

static inline volatile struct netexpert_reader *
nexp_reader(const struct nexp_attachment *a, __u32 reader)
{
	return (void *)(a->consumer +
			(1 + a->info.out_nr_rings + reader) * NETEXPERT_SLOT_SIZE);
}

static inline __u64 nexp_produced(const struct nexp_attachment *a, __u32 ring)
{
	return __atomic_load_n(&nexp_ring_status(a, ring)->position,
			       __ATOMIC_ACQUIRE);
}

static inline void nexp_release(const struct nexp_attachment *a, __u32 ring,
				__u64 position)
{
	__atomic_store_n(&nexp_ring_consumer(a, ring)->position, position,
			 __ATOMIC_RELEASE);
}

/* The record at @position, or NULL when it is not written yet. */
static inline const struct netexpert_record *
nexp_peek(const struct nexp_attachment *a, __u32 ring, __u64 position)
{
	if (position == nexp_produced(a, ring))
		return NULL;
	return (const void *)(a->ring[ring] +
			      (position & (a->info.out_ring_size - 1)));
}

/* The next record of ring 0, which is released with the one before it. */
static inline const struct netexpert_record *nexp_next_record(struct nexp_attachment *a)
{
	__u64 position = nexp_ring_consumer(a, 0)->position;
	const struct netexpert_record *record = nexp_peek(a, 0, position);

	if (record)
		nexp_release(a, 0, position + record->record_size);
	return record;
}

/* A pool's counters, which add up. */
static inline struct netexpert_ring_stat
nexp_do_sum(struct __test_metadata *const _metadata, int session, __u64 pool)
{
	struct netexpert_ring_stat sum = nexp_do_stat(_metadata, session, pool).out_sum;
	__u64 all = sum.filtered + sum.delivered;
	int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		all += sum.dropped[i];
	EXPECT_EQ(sum.seen, all);
	return sum;
}

static inline const unsigned char *
nexp_bytes(const struct netexpert_record *record)
{
	return (const unsigned char *)(record + 1);
}

static sigjmp_buf nexp_fault_env;

static inline void nexp_fault_handler(int signal)
{
	siglongjmp(nexp_fault_env, signal);
}

/* Touches one byte. 0, or the signal that it cost. */
static inline int __nexp_touch(volatile unsigned char *byte, bool write)
{
	struct sigaction act = { .sa_handler = nexp_fault_handler };
	struct sigaction old_bus, old_segv;
	int got;

	sigaction(SIGBUS, &act, &old_bus);
	sigaction(SIGSEGV, &act, &old_segv);
	got = sigsetjmp(nexp_fault_env, 1);
	if (!got) {
		unsigned char seen = *byte;

		if (write)
			*byte = seen;
	}
	sigaction(SIGBUS, &old_bus, NULL);
	sigaction(SIGSEGV, &old_segv, NULL);
	return got;
}

static inline int nexp_read_fault(const volatile void *byte)
{
	return __nexp_touch((volatile unsigned char *)byte, false);
}

static inline int nexp_write_fault(volatile void *byte)
{
	return __nexp_touch(byte, true);
}

/*
 * poll looks once more when its time is up: what it sees then has woken nobody
 * and does not count.
 */
static inline int __nexp_poll(int fd, short events, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	__u64 begin = nexp_now_ms();
	int ret = poll(&pfd, 1, timeout_ms);

	if (ret < 0)
		return -errno;
	if (timeout_ms && nexp_now_ms() - begin >= (__u64)timeout_ms)
		return 0;
	return ret ? pfd.revents : 0;
}

/* What poll says right now, or within @timeout_ms. -errno on failure. */
static inline int nexp_poll(int fd, int timeout_ms)
{
	return __nexp_poll(fd, POLLIN, timeout_ms);
}

/* Whether @fd hangs up within @timeout_ms, with frames unread or not. */
static inline bool nexp_hangs_up(int fd, int timeout_ms)
{
	int ret = __nexp_poll(fd, 0, timeout_ms);

	return ret > 0 && (ret & POLLHUP);
}

#endif /* NEXP_SELFTESTS_UTIL_H */
