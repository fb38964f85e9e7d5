// SPDX-License-Identifier: GPL-2.0
/*
 * memfd - a pool without the module
 *
 * The producer's side does what kmod/ring.c does, with the same barriers, for
 * one producer thread per ring. The supervisor's side is POOL_OPEN and
 * TERMINATE. One incarnation at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "memfd.h"
#include "pool.h"

#define NSEC_PER_SEC	1000000000ULL

/* A reader that never waits wakes nobody: who waits for room looks again after this. */
#define LOOK_AGAIN_NS	10000000ULL

/**
 * struct memfd_ring - the producer's side of one ring
 * @data: writable.
 * @position: where the next record goes.
 * @prev_size: size of the last record.
 * @number: of the next record.
 * @lost: frames lost since then.
 * @causes: why.
 */
struct memfd_ring {
	char *data;
	uint64_t position;
	uint32_t prev_size;
	uint32_t number;
	uint64_t lost;
	uint32_t causes;
};

/**
 * struct nexp_memfd - see memfd.h
 * @params: as given.
 * @attach: what an incarnation is told.
 * @fd: the memfd.
 * @lock: Protects @wake_fd, and who waits for @room.
 * @room: the reader has found its rings empty, or shall finish.
 * @wake_fd: write end of the present incarnation's pipe, or -1.
 * @begin_ns: time of the first injected frame.
 * @injected: there was one.
 * @status: writable.
 * @consumer: as the kernel sees it.
 * @heap_pages: a byte for each page of heap, 1 if it is committed.
 * @committed: bytes of these.
 * @rings: @params.nr_rings of them.
 */
struct nexp_memfd {
	struct nexp_memfd_params params;
	struct netexpert_attach attach;
	int fd;
	pthread_mutex_t lock;
	pthread_cond_t room;
	int wake_fd;
	uint64_t begin_ns;
	bool injected;
	char *status;
	char *consumer;
	uint8_t *heap_pages;
	uint64_t committed;
	struct memfd_ring *rings;
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static struct netexpert_ring_status *ring_status(const struct nexp_memfd *pool,
						 unsigned int ring)
{
	return (void *)(pool->status + (1 + ring) * NETEXPERT_SLOT_SIZE);
}

static struct netexpert_ring_consumer *
ring_consumer(const struct nexp_memfd *pool, unsigned int ring)
{
	return (void *)(pool->consumer + (1 + ring) * NETEXPERT_SLOT_SIZE);
}

static int memfd_commit(struct netexpert *nx, uint64_t offset, uint64_t length)
{
	struct nexp_memfd *pool = nx->private;
	size_t size = page_size();
	uint64_t i, missing = 0;

	for (i = offset / size; i < (offset + length) / size; i++)
		missing += !pool->heap_pages[i];
	if (missing * size > pool->params.heap_limit - pool->committed)
		return -EDQUOT;
	if (mprotect(nexp_heap_address(nx, offset), length,
		     PROT_READ | PROT_WRITE))
		return -errno;
	memset(&pool->heap_pages[offset / size], 1, length / size);
	pool->committed += missing * size;
	return 0;
}

static int memfd_punch(struct netexpert *nx, uint64_t offset, uint64_t length)
{
	struct nexp_memfd *pool = nx->private;
	size_t size = page_size();
	uint64_t i;

	if (mprotect(nexp_heap_address(nx, offset), length, PROT_NONE))
		return -errno;
	if (fallocate(pool->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)(NETEXPERT_MAP_HEAP + offset), (off_t)length))
		return -errno;
	for (i = offset / size; i < (offset + length) / size; i++)
		pool->committed -= pool->heap_pages[i] * size;
	memset(&pool->heap_pages[offset / size], 0, length / size);
	return 0;
}

static int memfd_wait(struct netexpert *nx, int timeout_ms)
{
	struct nexp_memfd *pool = nx->private;
	char bytes[64];
	int err;

	pthread_mutex_lock(&pool->lock);
	pthread_cond_broadcast(&pool->room);
	pthread_mutex_unlock(&pool->lock);
	err = nexp_poll_wait(nx, timeout_ms);
	/* Wake-ups only say "look": any number of them is one. */
	while (read(nx->poll_fd, bytes, sizeof(bytes)) > 0)
		;
	return err;
}

static const struct nexp_pool_ops memfd_ops = {
	.heap_prot	= PROT_NONE,
	.commit		= memfd_commit,
	.punch		= memfd_punch,
	.wait		= memfd_wait,
};

static void *map_shared(const struct nexp_memfd *pool, size_t size,
			uint64_t offset)
{
	void *window = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    pool->fd, (off_t)offset);

	return window == MAP_FAILED ? NULL : window;
}

static int memfd_build(struct nexp_memfd *pool)
{
	const struct nexp_memfd_params *params = &pool->params;
	struct netexpert_status *status;
	unsigned int i;

	pool->heap_pages = calloc(params->heap_size / page_size() + 1, 1);
	pool->rings = calloc(params->nr_rings, sizeof(*pool->rings));
	if (!pool->heap_pages || !pool->rings)
		return -ENOMEM;
	pool->fd = memfd_create("netexpert", MFD_CLOEXEC);
	if (pool->fd < 0)
		return -errno;
	/* Sparse: the offsets of the windows are far apart. */
	if (ftruncate(pool->fd, (off_t)(NETEXPERT_MAP_HEAP + params->heap_size)))
		return -errno;

	pool->status = map_shared(pool, pool->attach.out_status_size,
				  NETEXPERT_MAP_STATUS);
	pool->consumer = map_shared(pool, pool->attach.out_consumer_size,
				    NETEXPERT_MAP_CONSUMER);
	if (!pool->status || !pool->consumer)
		return -ENOMEM;
	for (i = 0; i < params->nr_rings; i++) {
		pool->rings[i].data = map_shared(pool, params->ring_size,
						 NETEXPERT_MAP_RING(i));
		if (!pool->rings[i].data)
			return -ENOMEM;
	}
	status = (void *)pool->status;
	status->abi = NETEXPERT_ABI;
	status->nr_rings = params->nr_rings;
	status->heap_limit = params->heap_limit;
	return 0;
}

/**
 * nexp_memfd_create() - make a pool
 * @params: what it shall be like.
 * @out_pool: the pool.
 *
 * Return: 0, or a negative errno.
 */
int nexp_memfd_create(const struct nexp_memfd_params *params,
		      struct nexp_memfd **out_pool)
{
	size_t slots = 1 + params->nr_rings + NETEXPERT_NR_READERS;
	size_t size = page_size();
	struct nexp_memfd *pool;
	int err;

	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return -ENOMEM;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->room, NULL);
	pool->params = *params;
	pool->fd = -1;
	pool->wake_fd = -1;
	pool->attach = (struct netexpert_attach) {
		.out_pool_id = 1,
		.out_nr_rings = params->nr_rings,
		.out_ring_size = params->ring_size,
		.out_history_size = params->history_size,
		.out_heap_size = params->heap_size,
		.out_status_size = (slots * NETEXPERT_SLOT_SIZE + size - 1) /
				   size * size,
		.out_consumer_size = (slots * NETEXPERT_SLOT_SIZE + size - 1) /
				     size * size,
		.out_created_ns = now_ns(CLOCK_MONOTONIC),
		.out_realtime_ns = now_ns(CLOCK_REALTIME),
	};
	err = memfd_build(pool);
	if (err) {
		nexp_memfd_destroy(pool);
		return err;
	}
	*out_pool = pool;
	return 0;
}

/** nexp_memfd_destroy() - free a pool; NULL and half-built ones too. */
void nexp_memfd_destroy(struct nexp_memfd *pool)
{
	unsigned int i;

	if (!pool)
		return;
	for (i = 0; pool->rings && i < pool->params.nr_rings; i++)
		if (pool->rings[i].data)
			munmap(pool->rings[i].data, pool->params.ring_size);
	if (pool->consumer)
		munmap(pool->consumer, pool->attach.out_consumer_size);
	if (pool->status)
		munmap(pool->status, pool->attach.out_status_size);
	if (pool->wake_fd >= 0)
		close(pool->wake_fd);
	if (pool->fd >= 0)
		close(pool->fd);
	pthread_cond_destroy(&pool->room);
	pthread_mutex_destroy(&pool->lock);
	free(pool->heap_pages);
	free(pool->rings);
	free(pool);
}

/* Records below the consumer's position: all but those from there on. */
static uint64_t count_released(const struct nexp_memfd *pool)
{
	uint64_t position, released = 0, mask = pool->params.ring_size - 1;
	const struct netexpert_record *record;
	const struct memfd_ring *r;
	unsigned int i;

	for (i = 0; i < pool->params.nr_rings; i++) {
		r = &pool->rings[i];
		released += r->number;
		position = ring_consumer(pool, i)->position;
		while (position != r->position) {
			/* Its first word does not wrap. */
			record = (const void *)(r->data + (position & mask));
			position += record->record_size;
			released--;
		}
	}
	return released;
}

/**
 * nexp_memfd_open() - begin the next incarnation
 * @pool: the earlier one has been closed.
 * @out_nx: as from netexpert_adopt().
 *
 * Return: 0, or a negative errno.
 */
int nexp_memfd_open(struct nexp_memfd *pool, struct netexpert **out_nx)
{
	struct netexpert_status *status = (void *)pool->status;
	int pipe_fds[2], map_fd, err;

	if (pool->wake_fd >= 0)
		close(pool->wake_fd);
	pool->wake_fd = -1;
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	map_fd = fcntl(pool->fd, F_DUPFD_CLOEXEC, 0);
	if (map_fd < 0) {
		err = -errno;
		goto err_pipe;
	}
	if (pool->params.heap_size &&
	    fallocate(pool->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)NETEXPERT_MAP_HEAP, (off_t)pool->params.heap_size)) {
		err = -errno;
		goto err_map_fd;
	}
	memset(pool->heap_pages, 0, pool->params.heap_size / page_size());
	pool->committed = 0;
	__atomic_store_n(&status->terminate, 0, __ATOMIC_RELAXED);
	status->incarnation = ++pool->attach.out_incarnation;
	pool->attach.out_released = count_released(pool);

	err = nexp_pool_init(out_nx, &memfd_ops, pool, pipe_fds[0], map_fd,
			     &pool->attach);
	if (err)
		goto err_map_fd;
	pool->wake_fd = pipe_fds[1];
	return 0;

err_map_fd:
	close(map_fd);
err_pipe:
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return err;
}

/* A full pipe has enough wake-ups in it. */
static void poke(int wake_fd)
{
	if (write(wake_fd, "", 1) < 0)
		return;
}

static void memfd_wake(struct nexp_memfd *pool)
{
	struct netexpert_consumer *consumer = (void *)pool->consumer;

	if (!__atomic_exchange_n(&consumer->waiting, 0, __ATOMIC_RELAXED))
		return;
	pthread_mutex_lock(&pool->lock);
	if (pool->wake_fd >= 0)
		poke(pool->wake_fd);
	pthread_mutex_unlock(&pool->lock);
}

/* The ring is mapped once here, so a record may wrap. */
static void ring_write(struct nexp_memfd *pool, unsigned int ring,
		       uint64_t position, const void *data, size_t length)
{
	uint64_t at = position & (pool->params.ring_size - 1);
	size_t first = pool->params.ring_size - at;

	if (first > length)
		first = length;
	memcpy(pool->rings[ring].data + at, data, first);
	memcpy(pool->rings[ring].data, (const char *)data + first,
	       length - first);
}

/**
 * nexp_memfd_lose() - count frames as lost before the next one
 * @pool: the pool.
 * @ring: where.
 * @frames: how many.
 * @cause: why.
 */
void nexp_memfd_lose(struct nexp_memfd *pool, unsigned int ring,
		     uint64_t frames, enum netexpert_drop cause)
{
	struct netexpert_ring_status *status = ring_status(pool, ring);

	pool->rings[ring].lost += frames;
	pool->rings[ring].causes |= 1U << cause;
	__atomic_store_n(&status->lost, pool->rings[ring].lost,
			 __ATOMIC_RELAXED);
	__atomic_store_n(&status->lost_causes, pool->rings[ring].causes,
			 __ATOMIC_RELAXED);
}

/**
 * nexp_memfd_deliver() - store a frame, wake the reader
 * @pool: the pool.
 * @ring: where; one producer thread for each.
 * @head: sizes and loss fields are filled in here, the rest is taken as is.
 * @data: @head->cap_len bytes.
 *
 * Return: 0, or -ENOSPC, counted as lost.
 */
int nexp_memfd_deliver(struct nexp_memfd *pool, unsigned int ring,
		       const struct netexpert_record *head, const void *data)
{
	static const char zeros[8];
	struct netexpert_ring_status *status = ring_status(pool, ring);
	struct memfd_ring *r = &pool->rings[ring];
	struct netexpert_record record = *head;
	size_t bytes = sizeof(record) + head->cap_len;
	uint64_t consumed;

	/* Access A of user/lib/ring.c. */
	consumed = __atomic_load_n(&ring_consumer(pool, ring)->position,
				   __ATOMIC_ACQUIRE);
	record.record_size = (uint32_t)((bytes + 7) & ~7ULL);
	if (r->position - consumed + record.record_size >
	    pool->params.ring_size - pool->params.history_size) {
		nexp_memfd_lose(pool, ring, 1, NETEXPERT_DROP_RING_FULL);
		return -ENOSPC;
	}
	record.prev_size = r->prev_size;
	r->number++;
	record.lost = r->lost;
	record.lost_causes = r->causes;
	r->lost = 0;
	r->causes = 0;
	r->prev_size = record.record_size;
	__atomic_store_n(&status->lost, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&status->lost_causes, 0, __ATOMIC_RELAXED);

	ring_write(pool, ring, r->position, &record, sizeof(record));
	ring_write(pool, ring, r->position + sizeof(record), data,
		   head->cap_len);
	ring_write(pool, ring, r->position + bytes, zeros,
		   record.record_size - bytes);
	r->position += record.record_size;
	/* Access B. */
	__atomic_store_n(&status->position, r->position, __ATOMIC_RELEASE);
	/* Between B and E; pairs with F. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memfd_wake(pool);
	return 0;
}

static bool has_room(const struct nexp_memfd *pool, uint32_t cap_len)
{
	uint64_t consumed, size = (sizeof(struct netexpert_record) + cap_len + 7) & ~7ULL;

	/* Access A. */
	consumed = __atomic_load_n(&ring_consumer(pool, 0)->position, __ATOMIC_ACQUIRE);
	return pool->rings[0].position - consumed + size <=
	       pool->params.ring_size - pool->params.history_size;
}

/* Return: 0, or -ESTALE if the expert shall finish. */
static int wait_for_room(struct nexp_memfd *pool, uint32_t cap_len)
{
	const struct netexpert_status *status = (const void *)pool->status;
	struct timespec until;
	uint64_t until_ns;
	bool ends;

	pthread_mutex_lock(&pool->lock);
	while (!(ends = __atomic_load_n(&status->terminate, __ATOMIC_RELAXED)) &&
	       !has_room(pool, cap_len)) {
		until_ns = now_ns(CLOCK_REALTIME) + LOOK_AGAIN_NS;
		until.tv_sec = (time_t)(until_ns / NSEC_PER_SEC);
		until.tv_nsec = (long)(until_ns % NSEC_PER_SEC);
		pthread_cond_timedwait(&pool->room, &pool->lock, &until);
	}
	pthread_mutex_unlock(&pool->lock);
	return ends ? -ESTALE : 0;
}

/**
 * nexp_memfd_inject() - store a frame of a file in ring 0, when there is room
 * @pool: the pool.
 * @frame: as for NETEXPERT_IOC_INJECT, and not larger than the ring can hold.
 *
 * Return: 0, or -ESTALE if the expert shall finish.
 */
int nexp_memfd_inject(struct nexp_memfd *pool, const struct netexpert_inject_frame *frame)
{
	struct netexpert_record record = {
		.flags = frame->flags,
		.ifindex = frame->ifindex,
		.link_type = frame->link_type,
		.time_ns = pool->attach.out_created_ns +
			   (frame->time_ns - pool->attach.out_realtime_ns),
		.wire_len = frame->wire_len,
		.cap_len = frame->cap_len,
	};

	if (wait_for_room(pool, frame->cap_len))
		return -ESTALE;
	if (!pool->injected)
		pool->begin_ns = frame->time_ns;
	pool->injected = true;
	/* Files need not be in order. */
	record.stamp_us = (int64_t)(frame->time_ns - pool->begin_ns) / 1000;
	return nexp_memfd_deliver(pool, 0, &record, (const void *)(uintptr_t)frame->data);
}

/**
 * nexp_memfd_complete() - no frame comes any more
 * @pool: the pool.
 */
void nexp_memfd_complete(struct nexp_memfd *pool)
{
	struct netexpert_status *status = (void *)pool->status;

	/* Pairs with the reader's load-acquire: all records are there by then. */
	__atomic_store_n(&status->complete, 1, __ATOMIC_RELEASE);
	/* Pairs with F of user/lib/ring.c. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memfd_wake(pool);
}

/**
 * nexp_memfd_terminate() - ask the expert to finish
 * @pool: the pool; by any thread.
 */
void nexp_memfd_terminate(struct nexp_memfd *pool)
{
	struct netexpert_status *status = (void *)pool->status;

	__atomic_store_n(&status->terminate, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&pool->lock);
	/* A reader that did not see the word sees the hang-up. */
	if (pool->wake_fd >= 0)
		close(pool->wake_fd);
	pool->wake_fd = -1;
	pthread_cond_broadcast(&pool->room);
	pthread_mutex_unlock(&pool->lock);
}

/** nexp_memfd_committed() - bytes of heap, as the kernel would count them. */
uint64_t nexp_memfd_committed(const struct nexp_memfd *pool)
{
	return pool->committed;
}
