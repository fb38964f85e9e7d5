// SPDX-License-Identifier: GPL-2.0
/*
 * pool - adopt an attachment: bind it to this process, map its windows
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "book.h"
#include "pool.h"

#define MAX_RINGS	256

/* Grows in every child of fork(); see nexp_forked(). */
unsigned int nexp_fork_generation;

static pthread_once_t atfork_once = PTHREAD_ONCE_INIT;

static void note_fork(void)
{
	nexp_fork_generation++;
	nexp_thread_forget();
}

static void install_atfork(void)
{
	pthread_atfork(NULL, NULL, note_fork);
}

static int attachment_range(struct netexpert *nx, unsigned long request,
			    uint64_t offset, uint64_t length)
{
	struct netexpert_range range = {
		.size = sizeof(range),
		.offset = offset,
		.length = length,
	};

	return ioctl(nx->map_fd, request, &range) ? -errno : 0;
}

static int attachment_commit(struct netexpert *nx, uint64_t offset,
			     uint64_t length)
{
	return attachment_range(nx, NETEXPERT_IOC_COMMIT, offset, length);
}

static int attachment_punch(struct netexpert *nx, uint64_t offset,
			    uint64_t length)
{
	return attachment_range(nx, NETEXPERT_IOC_PUNCH, offset, length);
}

/**
 * nexp_poll_wait() - sleep until the pool's fd has something to say
 * @nx: the pool.
 * @timeout_ms: as in poll(2).
 *
 * Return: 0, -EINTR, or -ESTALE if nothing will ever come from it again.
 */
int nexp_poll_wait(const struct netexpert *nx, int timeout_ms)
{
	struct pollfd pfd = { .fd = nx->poll_fd, .events = POLLIN };

	if (poll(&pfd, 1, timeout_ms) < 0)
		return -errno;
	/* A hang-up is how terminate ends a wait; without it, it is the end. */
	if ((pfd.revents & (POLLHUP | POLLERR | POLLNVAL)) &&
	    !netexpert_terminating(nx))
		return -ESTALE;
	return 0;
}

static int attachment_wait(struct netexpert *nx, int timeout_ms)
{
	return nexp_poll_wait(nx, timeout_ms);
}

static const struct nexp_pool_ops attachment_ops = {
	.heap_prot	= PROT_READ | PROT_WRITE,
	.commit		= attachment_commit,
	.punch		= attachment_punch,
	.wait		= attachment_wait,
};

/**
 * nexp_map_window() - map a part of the pool
 * @nx: the pool.
 * @where: over a reservation, or NULL for anywhere.
 * @size: bytes.
 * @prot: PROT_*.
 * @offset: NETEXPERT_MAP_* and more.
 *
 * Return: the window, or NULL with errno set.
 */
void *nexp_map_window(const struct netexpert *nx, void *where, size_t size,
		      int prot, uint64_t offset)
{
	int flags = MAP_SHARED | (where ? MAP_FIXED : 0);
	void *window = mmap(where, size, prot, flags, nx->map_fd, (off_t)offset);

	if (window == MAP_FAILED)
		return NULL;
	/* What the module does by itself: a child has no window. */
	madvise(window, size, MADV_DONTFORK);
	return window;
}

/* Each half on its own: a memfd does not show the ring twice by itself. */
static const void *map_ring(const struct netexpert *nx, unsigned int index)
{
	size_t size = nx->info.ring_size;
	char *window;

	window = mmap(NULL, 2 * size, PROT_NONE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (window == MAP_FAILED)
		return NULL;
	if (nexp_map_window(nx, window, size, PROT_READ,
			    NETEXPERT_MAP_RING(index)) &&
	    nexp_map_window(nx, window + size, size, PROT_READ,
			    NETEXPERT_MAP_RING(index)))
		return window;
	munmap(window, 2 * size);
	return NULL;
}

/* What the library's own arithmetic relies on, whoever says it. */
static bool attach_ok(const struct netexpert_attach *attach, size_t page_size)
{
	uint64_t slots = 1 + (uint64_t)attach->out_nr_rings;

	return attach->out_nr_rings && attach->out_nr_rings <= MAX_RINGS &&
	       attach->out_ring_size >= page_size &&
	       !(attach->out_ring_size & (attach->out_ring_size - 1)) &&
	       attach->out_ring_size <= 1ULL << 30 &&
	       attach->out_heap_size <= 1ULL << 40 &&
	       attach->out_heap_size % page_size == 0 &&
	       attach->out_status_size >= slots * NETEXPERT_SLOT_SIZE &&
	       attach->out_status_size <= 1ULL << 30 &&
	       attach->out_consumer_size >= (slots + NETEXPERT_NR_READERS) *
					    NETEXPERT_SLOT_SIZE &&
	       attach->out_consumer_size <= 1ULL << 30;
}

static int map_windows(struct netexpert *nx)
{
	unsigned int i;

	nx->status = nexp_map_window(nx, NULL, nx->status_size, PROT_READ,
				     NETEXPERT_MAP_STATUS);
	nx->consumer = nexp_map_window(nx, NULL, nx->consumer_size,
				       PROT_READ | PROT_WRITE,
				       NETEXPERT_MAP_CONSUMER);
	if (!nx->status || !nx->consumer)
		return -errno;
	if (nexp_status(nx)->abi != NETEXPERT_ABI)
		return -EPROTONOSUPPORT;

	for (i = 0; i < nx->info.nr_rings; i++) {
		const void *data = map_ring(nx, i);

		if (!data)
			return -errno;
		nexp_ring_init(nx, i, data);
	}
	return nexp_heap_init(nx);
}

/* Accepts half-built pools; leaves the fds alone. */
static void pool_free(struct netexpert *nx)
{
	unsigned int i;

	nexp_heap_exit(nx);
	nexp_book_close(nx->book);
	for (i = 0; nx->rings && i < nx->info.nr_rings; i++)
		if (nx->rings[i].data)
			munmap((void *)nx->rings[i].data,
			       2 * nx->info.ring_size);
	if (nx->consumer)
		munmap(nx->consumer, nx->consumer_size);
	if (nx->status)
		munmap((void *)nx->status, nx->status_size);
	pthread_mutex_destroy(&nx->reader.lock);
	free(nx->rings);
	free(nx);
}

/**
 * nexp_pool_init() - map a pool's windows
 * @out_nx: the pool; it owns both fds when this succeeds.
 * @ops: what makes it a pool of its kind.
 * @private: for @ops.
 * @poll_fd: see struct netexpert.
 * @map_fd: see struct netexpert.
 * @attach: what it looks like.
 *
 * Return: 0, -EPROTO, -EPROTONOSUPPORT, or what mmap said.
 */
int nexp_pool_init(struct netexpert **out_nx, const struct nexp_pool_ops *ops,
		   void *private, int poll_fd, int map_fd,
		   const struct netexpert_attach *attach)
{
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	struct netexpert *nx;
	int err;

	if (!attach_ok(attach, page_size))
		return -EPROTO;
	nx = calloc(1, sizeof(*nx));
	if (!nx)
		return -ENOMEM;

	pthread_once(&atfork_once, install_atfork);
	pthread_mutex_init(&nx->reader.lock, NULL);
	nx->ops = ops;
	nx->private = private;
	nx->poll_fd = poll_fd;
	nx->map_fd = map_fd;
	nx->page_size = page_size;
	nx->fork_generation = nexp_fork_generation;
	nx->info = (struct netexpert_pool_info) {
		.pool_id = attach->out_pool_id,
		.incarnation = attach->out_incarnation,
		.nr_rings = attach->out_nr_rings,
		.ring_size = attach->out_ring_size,
		.history_size = attach->out_history_size,
		.heap_size = attach->out_heap_size,
		.created_ns = attach->out_created_ns,
		.realtime_ns = attach->out_realtime_ns,
		.released = attach->out_released,
	};
	nx->reader.left = UINT64_MAX;
	nx->status_size = attach->out_status_size;
	nx->consumer_size = attach->out_consumer_size;

	nx->rings = calloc(nx->info.nr_rings, sizeof(*nx->rings));
	err = nx->rings ? map_windows(nx) : -ENOMEM;
	if (err) {
		pool_free(nx);
		return err;
	}
	*out_nx = nx;
	return 0;
}

int netexpert_adopt(int fd, struct netexpert **out_nx)
{
	struct netexpert_attach attach = { .size = sizeof(attach) };

	if (!out_nx)
		return -EINVAL;
	if (ioctl(fd, NETEXPERT_IOC_ATTACH, &attach))
		return -errno;
	return nexp_pool_init(out_nx, &attachment_ops, NULL, fd, fd, &attach);
}

void netexpert_close(struct netexpert *nx)
{
	int poll_fd, map_fd;

	if (!nx)
		return;
	poll_fd = nx->poll_fd;
	map_fd = nx->map_fd;
	pool_free(nx);
	close(map_fd);
	if (poll_fd != map_fd)
		close(poll_fd);
}

void netexpert_pool_info(const struct netexpert *nx,
			 struct netexpert_pool_info *out_info)
{
	*out_info = nx->info;
}

int netexpert_terminating(const struct netexpert *nx)
{
	return nexp_forked(nx) || nexp_terminating(nx);
}
