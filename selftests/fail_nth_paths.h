/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fail_nth_paths - what fail_nth_test lets fail: each path through the module, on a
 * scene of its own; those of the library are in fail_nth_library.h
 *
 * A path answers 0, -errno, or a signal.
 */
#ifndef NEXP_SELFTESTS_FAIL_NTH_PATHS_H
#define NEXP_SELFTESTS_FAIL_NTH_PATHS_H

#include <netexpert.h>
#include <netmon.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "filters.h"

struct nexp_link;

#define PAGE		4096UL
#define NR_PAGES	16

/* How much of a scene stands before the path is run. */
enum depth {
	NOTHING,
	SESSION,
	POOL,
	OPENED,
	ATTACHED,	/* bound, nothing is mapped */
	MAPPED,
	COMMITTED,	/* the first pages of the heap; not touched yet */
	FILTERED,	/* a pool with a filter; nobody holds it */
	INJECTED,	/* the file is the injector */
	ADOPTED,	/* by the library instead; nothing is allocated */
	OBJECT,		/* and then an object */
	FULL_PAGE,	/* or a page of them */
	FREED,		/* or some that were freed: their memory is kept for later */
	HAS_FRAME,	/* or a frame */
	KEYED,		/* or what an Expert function needs */
	FROZEN,		/* an object in a heap that has lost its expert */
};

/**
 * struct scene - what a path runs on
 * @depth: what of it there is.
 * @session: the session.
 * @pool: its pool.
 * @fd: the attachment, or the injector.
 * @a: its windows.
 * @nx: the library's pool.
 * @link: of @key, to nobody.
 * @key: the library's, of @nx.
 * @object: an object of its heap.
 * @got_fd: what the path opened, or -1.
 * @map: what it mapped, or NULL.
 * @map_size: bytes of @map.
 */
struct scene {
	enum depth depth;
	int session;
	__u64 pool;
	int fd;
	struct nexp_attachment a;
	struct netexpert *nx;
	struct nexp_link *link;
	HEXPERTKEY key;
	void *object;
	int got_fd;
	void *map;
	size_t map_size;
};

static int run_session(struct scene *scene)
{
	scene->got_fd = __nexp_do_session();
	return scene->got_fd < 0 ? scene->got_fd : 0;
}

static int run_info(struct scene *scene)
{
	struct netexpert_info info;

	return __nexp_do_info(scene->session, &info);
}

/* The heap's table is too large for a slab. */
static int run_create(struct scene *scene)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.nr_rings = 2;
	args.ring_size = 2 * PAGE;
	args.heap_size = 64UL << 20;
	return __nexp_do_pool(scene->session, &args);
}

static int run_open(struct scene *scene)
{
	scene->got_fd = __nexp_do_open(scene->session, scene->pool);
	return scene->got_fd < 0 ? scene->got_fd : 0;
}

static int run_terminate(struct scene *scene)
{
	return __nexp_do_terminate(scene->session, scene->pool);
}

static int run_reclaim(struct scene *scene)
{
	return __nexp_do_reclaim(scene->session, scene->pool);
}

static int run_freeze(struct scene *scene)
{
	return __nexp_do_freeze(scene->session, scene->pool);
}

static int run_limit(struct scene *scene)
{
	return __nexp_do_limit(scene->session, scene->pool, PAGE);
}

static int run_session_limit(struct scene *scene)
{
	return __nexp_do_session_limit(scene->session, 1UL << 30);
}

/* Two link types: the second one's failure takes the first with it. */
static int run_filter(struct scene *scene)
{
	static const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12), BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct netexpert_program programs[] = {
		NEXP_PROGRAM(ARPHRD_ETHER, insns), NEXP_PROGRAM(ARPHRD_NONE, insns),
	};

	return __nexp_do_filter(scene->session, scene->pool, programs, 2, "some");
}

static int run_filter_none(struct scene *scene)
{
	return __nexp_do_filter_none(scene->session, scene->pool);
}

static int run_injector(struct scene *scene)
{
	scene->got_fd = __nexp_do_injector(scene->session, scene->pool);
	return scene->got_fd < 0 ? scene->got_fd : 0;
}

/* Bytes in one piece, and more than that. */
static const struct netexpert_inject_frame *two_pages(void)
{
	static char bytes[2 * PAGE];
	static struct netexpert_inject_frame frame;

	frame.data = (uintptr_t)bytes;
	frame.cap_len = sizeof(bytes);
	frame.wire_len = sizeof(bytes);
	return &frame;
}

static int run_inject(struct scene *scene)
{
	int ret = __nexp_do_inject(scene->fd, two_pages(), 1);

	return ret < 0 ? ret : 0;
}

static int run_judge(struct scene *scene)
{
	int ret = __nexp_do_judge(scene->fd, two_pages(), 1);

	return ret < 0 ? ret : 0;
}

static int run_view(struct scene *scene)
{
	scene->got_fd = __nexp_do_view(scene->session, scene->pool);
	return scene->got_fd < 0 ? scene->got_fd : 0;
}

static int run_read_a_view(struct scene *scene)
{
	int fd = __nexp_do_view(scene->session, scene->pool);
	unsigned char bytes[2 * PAGE];
	ssize_t done;

	if (fd < 0)
		return fd;
	done = pread(fd, bytes, sizeof(bytes), NETEXPERT_MAP_HEAP);
	if (done < 0)
		done = -errno;
	close(fd);
	/* A copy that fails after the first page ends the read there. */
	return done < 0 ? done : 0;
}

static int run_destroy(struct scene *scene)
{
	return __nexp_do_destroy(scene->session, scene->pool);
}

static int run_stat(struct scene *scene)
{
	struct netexpert_ring_stat rings[4];
	char text[16];
	struct netexpert_pool_stat stat = {
		.size = sizeof(stat),
		.pool_id = scene->pool,
		.rings = (uintptr_t)rings,
		.nr_rings = 4,
		.filter_text = (uintptr_t)text,
		.filter_text_size = sizeof(text),
	};

	return __nexp_ioctl(scene->session, NETEXPERT_IOC_POOL_STAT, &stat);
}

static int run_stat_next(struct scene *scene)
{
	struct netexpert_pool_stat stat = {
		.size = sizeof(stat),
		.flags = NETEXPERT_STAT_NEXT,
	};

	return __nexp_ioctl(scene->session, NETEXPERT_IOC_POOL_STAT, &stat);
}

static int run_close_session(struct scene *scene)
{
	close(scene->session);
	scene->session = -1;
	return 0;
}

static int run_attach(struct scene *scene)
{
	struct netexpert_attach attach;

	return __nexp_do_attach(scene->fd, &attach);
}

static int run_commit(struct scene *scene)
{
	return __nexp_do_commit(scene->fd, 0, NR_PAGES * PAGE);
}

/* Less than a block of pages, and so one by one. */
static int run_commit_few(struct scene *scene)
{
	return __nexp_do_commit(scene->fd, PAGE, (NR_PAGES - 2) * PAGE);
}

/* The first pages are there already. */
static int run_commit_more(struct scene *scene)
{
	return __nexp_do_commit(scene->fd, 0, 2 * NR_PAGES * PAGE);
}

static int run_punch(struct scene *scene)
{
	return __nexp_do_punch(scene->fd, PAGE, (NR_PAGES - 2) * PAGE);
}

static int run_attachment_stat(struct scene *scene)
{
	struct netexpert_pool_stat stat;

	return __nexp_do_stat(scene->fd, 0, &stat);
}

static int map(struct scene *scene, __u64 window, size_t size, int prot)
{
	scene->map = __nexp_do_map(scene->fd, window, size, prot);
	scene->map_size = size;
	if (scene->map != MAP_FAILED)
		return 0;
	scene->map = NULL;
	return -errno;
}

static int run_map_status(struct scene *scene)
{
	return map(scene, NETEXPERT_MAP_STATUS, PAGE, PROT_READ);
}

static int run_map_consumer(struct scene *scene)
{
	return map(scene, NETEXPERT_MAP_CONSUMER, PAGE, PROT_READ | PROT_WRITE);
}

static int run_map_ring(struct scene *scene)
{
	return map(scene, NETEXPERT_MAP_RING(0), 2 * PAGE, PROT_READ);
}

static int run_map_heap(struct scene *scene)
{
	return map(scene, NETEXPERT_MAP_HEAP, NR_PAGES * PAGE,
		   PROT_READ | PROT_WRITE);
}

/* A fault that finds no memory is tried again: nobody but the kernel sees it. */
static int run_fault_status(struct scene *scene)
{
	return nexp_read_fault(scene->a.status);
}

static int run_fault_consumer(struct scene *scene)
{
	return nexp_write_fault(scene->a.consumer);
}

static int run_fault_ring(struct scene *scene)
{
	return nexp_read_fault(scene->a.ring[0]);
}

static int run_fault_heap(struct scene *scene)
{
	return nexp_write_fault(scene->a.heap);
}

/* The fault of a system call is not: that has an answer for it. */
static int run_fault_in_a_call(struct scene *scene)
{
	int fd = open("/proc/thread-self/comm", O_RDONLY | O_CLOEXEC);
	ssize_t done = fd < 0 ? fd : read(fd, scene->a.heap, 1);
	int ret = done < 0 ? -errno : 0;

	close(fd);
	return ret;
}

static int run_unmap_a_part(struct scene *scene)
{
	return munmap(scene->a.heap + PAGE, PAGE) ? -errno : 0;
}

static int run_protect_a_part(struct scene *scene)
{
	return mprotect(scene->a.heap + PAGE, PAGE, PROT_READ) ? -errno : 0;
}

static int run_move(struct scene *scene)
{
	size_t size = NR_PAGES * PAGE;
	void *moved = mremap(scene->a.heap, size, size,
			     MREMAP_MAYMOVE | MREMAP_FIXED, scene->a.heap + size);

	return moved == MAP_FAILED ? -errno : 0;
}

static int run_fork(struct scene *scene)
{
	pid_t child = fork();

	(void)scene;
	if (child < 0)
		return -errno;
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	return 0;
}

/* As a debugger does. */
static int run_access(struct scene *scene)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	char byte = 1;
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (pwrite(fd, &byte, 1, (uintptr_t)scene->a.heap) != 1 ||
	    pread(fd, &byte, 1, (uintptr_t)scene->a.heap) != 1)
		ret = -errno;
	close(fd);
	return ret;
}

static int poll_once(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 1) < 0 ? -errno : 0;
}

static int run_poll_session(struct scene *scene)
{
	return poll_once(scene->session);
}

static int run_poll_attachment(struct scene *scene)
{
	return poll_once(scene->fd);
}

static int run_epoll(struct scene *scene)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int ret = 0;

	if (epoll < 0)
		return -errno;
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, scene->fd, &event) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, scene->session, &event))
		ret = -errno;
	close(epoll);
	return ret;
}

static int run_adopt(struct scene *scene)
{
	int ret = netexpert_adopt(scene->fd, &scene->nx);

	if (!ret)
		scene->fd = -1;
	return ret;
}

#endif /* NEXP_SELFTESTS_FAIL_NTH_PATHS_H */
