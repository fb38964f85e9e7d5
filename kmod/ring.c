// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - one ring: pages, wake-ups; ring_produce.h has reserve and submit
 *
 * A ring has one producer at a time: a delivery with BH off on the ring's CPU,
 * or under the ring's lock where CPUs share it. Its consumer is a process that
 * is not trusted: it sees the records read-only and says in its own page how far
 * it got. That word is loaded once, checked, and only the copy is used.
 *
 * Memory accesses that cross the border, and their partners in the library
 * (user/lib/ring.c):
 *
 *   producer (ring_produce.h)            consumer (library)
 *   A  load_acquire(consumer.position)   D  store_release(consumer.position)
 *      write the record                     load_acquire(status.position)  C
 *   B  store_release(status.position)       read the record
 *      smp_mb()                             consumer.waiting = 1
 *   E  load(consumer.waiting)               full barrier, then look again  F
 *
 * F stands in the library and in poll (attachment.c), which sets the word, too,
 * whenever it answers that there is nothing.
 *
 * A pairs with D: the record's old bytes are not overwritten before the reader
 * is done with them. B pairs with C: the record's bytes are there before the
 * position that announces them. E and F are a store-load pair on both sides:
 * either the producer sees that somebody waits, or the reader sees the record;
 * without both barriers a lone frame could sleep with its reader.
 */
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/vmalloc.h>

#include "pool.h"
#include "ring.h"
#include "ring_math.h"
#include "trace.h"

/** nexp_ring_wake() - wake the pool's readers. */
void nexp_ring_wake(struct nexp_ring *ring)
{
	struct nexp_pool *pool = ring->pool;

	/* Cleared first: a reader that sets it again meanwhile is woken again. */
	xchg(&nexp_pool_consumer(pool)->waiting, 0);
	atomic64_inc(&pool->wakeups);
	wake_up_interruptible_poll(&pool->wait, EPOLLIN | EPOLLRDNORM);
}

static enum hrtimer_restart nexp_ring_timeout(struct hrtimer *timer)
{
	struct nexp_ring *ring = container_of(timer, struct nexp_ring, timer);
	u64 produced;

	/*
	 * The timer is off the queue. Pairs with the barriers before
	 * hrtimer_is_queued(): whoever still saw it queued after its record was
	 * published relies on that record being seen here.
	 */
	smp_mb();
	produced = READ_ONCE(ring->position);

	/* The reader may have come by itself since the timer was armed. */
	if (READ_ONCE(ring->consumer->position) == produced)
		return HRTIMER_NORESTART;
	WRITE_ONCE(ring->aged, produced);
	nexp_ring_wake(ring);
	return HRTIMER_NORESTART;
}

/** nexp_ring_start_timer() - wake the readers one latency bound from now. */
void nexp_ring_start_timer(struct nexp_ring *ring)
{
	hrtimer_start(&ring->timer, ns_to_ktime(ring->pool->wake_ns),
		      HRTIMER_MODE_REL_SOFT);
}

static int nexp_ring_alloc_pages(struct nexp_ring *ring, int node)
{
	struct page **twice;
	unsigned int i;

	/* Twice the entries: the second half repeats the first for vmap(). */
	twice = kvcalloc(2 * ring->nr_pages, sizeof(*twice), NEXP_GFP);
	if (!twice)
		return -ENOMEM;
	ring->pages = twice;

	for (i = 0; i < ring->nr_pages; i++) {
		struct page *page = alloc_pages_node(node, NEXP_GFP, 0);

		if (!page)
			return -ENOMEM;
		twice[i] = page;
		twice[ring->nr_pages + i] = page;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	ring->data = vmap(twice, 2 * ring->nr_pages, VM_MAP, PAGE_KERNEL);
	return ring->data ? 0 : -ENOMEM;
}

/**
 * nexp_ring_create() - make ring @index of @pool
 * @pool: its windows exist already.
 * @index: slot in the windows.
 * @node: where the pages shall be.
 *
 * Return: the ring, or -ENOMEM or -EINTR as a pointer.
 */
struct nexp_ring *nexp_ring_create(struct nexp_pool *pool, unsigned int index,
				   int node)
{
	size_t slot = (1 + index) * NETEXPERT_SLOT_SIZE;
	struct nexp_ring *ring;
	int err;

	ring = kzalloc_node(sizeof(*ring), NEXP_GFP, node);
	if (!ring)
		return ERR_PTR(-ENOMEM);

	spin_lock_init(&ring->lock);
	hrtimer_init(&ring->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	ring->timer.function = nexp_ring_timeout;
	ring->pool = pool;
	ring->index = index;
	ring->shared = pool->nr_rings < nr_cpu_ids;
	ring->nr_pages = pool->ring_size >> PAGE_SHIFT;
	ring->mask = pool->ring_size - 1;
	ring->capacity = pool->ring_size - pool->history_size;
	ring->status = pool->status + slot;
	ring->consumer = pool->consumer + slot;

	err = nexp_ring_alloc_pages(ring, node);
	if (err) {
		nexp_ring_destroy(ring);
		return ERR_PTR(err);
	}
	return ring;
}

/**
 * nexp_ring_destroy() - free a ring that no producer can reach any more
 * @ring: NULL and half-built rings are fine.
 *
 * Page tables may still hold pages; they go with their last reference.
 */
void nexp_ring_destroy(struct nexp_ring *ring)
{
	unsigned int i;

	if (!ring)
		return;
	hrtimer_cancel(&ring->timer);
	vunmap(ring->data);
	for (i = 0; ring->pages && i < ring->nr_pages && ring->pages[i]; i++)
		put_page(ring->pages[i]);
	kvfree(ring->pages);
	kfree(ring);
}

/**
 * nexp_ring_drop() - count a frame that is not stored
 * @ring: BH off, one producer at a time.
 * @cause: why.
 */
void nexp_ring_drop(struct nexp_ring *ring, enum netexpert_drop cause)
{
	ring->stat.dropped[cause]++;
	ring->lost++;
	ring->lost_causes |= BIT(cause);
	WRITE_ONCE(ring->status->lost_causes, ring->lost_causes);
	WRITE_ONCE(ring->status->lost, ring->lost);
	trace_netexpert_drop(ring->pool, ring->index, cause);
}

/**
 * nexp_ring_hurry() - let readers come for what there is, however little
 * @ring: BH off, one producer at a time.
 */
void nexp_ring_hurry(struct nexp_ring *ring)
{
	WRITE_ONCE(ring->aged, ring->position);
	smp_mb(); /* pairs with F, in case the reader is about to sleep */
	if (READ_ONCE(nexp_pool_consumer(ring->pool)->waiting))
		nexp_ring_wake(ring);
}

/**
 * nexp_ring_readable() - whether poll shall report this ring
 * @ring: the pool's lock is held.
 *
 * By the same rule as wake-ups: enough is unread, or it has waited long enough.
 * If it has not yet, the timer will tell.
 */
bool nexp_ring_readable(struct nexp_ring *ring)
{
	u64 produced = READ_ONCE(ring->position);
	u64 claimed = READ_ONCE(ring->consumer->position);
	u64 unread = produced - claimed;

	/* A word that makes no sense only hurts its own reader's poll. */
	if (!unread)
		return false;
	if (unread >= ring->pool->wake_bytes ||
	    (s64)(READ_ONCE(ring->aged) - claimed) > 0)
		return true;
	smp_mb(); /* pairs with the one in nexp_ring_timeout() */
	if (!hrtimer_is_queued(&ring->timer))
		nexp_ring_start_timer(ring);
	return false;
}

/**
 * nexp_ring_consumed() - how far the reader has got
 * @ring: the pool's lock is held.
 *
 * Return: the consumer's word if it makes sense, else the last one that did.
 * Deliveries take the word over only when they come by; this looks now.
 */
u64 nexp_ring_consumed(const struct nexp_ring *ring)
{
	/* Access B's partner: what stands below the position is complete. */
	u64 produced = smp_load_acquire(&ring->status->position);
	u64 claimed = READ_ONCE(ring->consumer->position);
	u64 consumed = READ_ONCE(ring->consumed);

	return nexp_ring_consumer_ok(produced, consumed, claimed) ?
		claimed : consumed;
}

static const struct netexpert_record *nexp_ring_record(struct nexp_ring *ring,
						       u64 position)
{
	return ring->data + (position & ring->mask);
}

/*
 * Up to where records are published, how many there are below it, and where the
 * last of them starts. If a submit that is under way has counted its record
 * already, @newest is no longer below the position.
 */
static u64 nexp_ring_survey(const struct nexp_ring *ring, u64 *ret_records,
			    u64 *ret_newest)
{
	u64 produced;

	*ret_records = 0;
	*ret_newest = 0;
	/* Access B's partner. */
	while ((produced = smp_load_acquire(&ring->status->position))) {
		*ret_records = READ_ONCE(ring->stat.delivered);
		/* Pairs with smp_wmb() in nexp_ring_submit(). */
		smp_rmb();
		*ret_newest = READ_ONCE(ring->newest);
		if (*ret_newest < produced)
			break;
		cpu_relax();
	}
	return produced;
}

/*
 * The first start of a record at or above @claimed, and how many records are below
 * it. Walks back from the newest record by sizes that the kernel wrote. Looks at
 * no record that is released, because a delivery may be overwriting it; those at or
 * above @claimed stay.
 */
static u64 nexp_ring_boundary(struct nexp_ring *ring, u64 claimed, u64 *ret_below)
{
	u64 boundary, newest, size;

	boundary = nexp_ring_survey(ring, ret_below, &newest);
	size = boundary - newest;
	while (boundary != claimed && boundary - claimed >= size) {
		boundary -= size;
		--*ret_below;
		size = nexp_ring_record(ring, boundary)->prev_size;
		cond_resched();
	}
	return boundary;
}

/**
 * nexp_ring_clean_consumer() - undo what was scribbled over the ring's slot
 * @ring: the pool's lock is held and no reader can write its slot.
 *
 * The reader's last word counts once more if it makes sense, else the last one
 * that did. Deliveries take it as the reader's.
 */
void nexp_ring_clean_consumer(struct nexp_ring *ring)
{
	struct netexpert_ring_consumer *consumer = ring->consumer;

	WRITE_ONCE(consumer->position, nexp_ring_consumed(ring));
	memset(consumer + 1, 0, NETEXPERT_SLOT_SIZE - sizeof(*consumer));
}

/**
 * nexp_ring_finish_record() - where the next incarnation begins to read
 * @ring: its slot was cleaned, and nobody else writes it.
 *
 * A word inside a record counts as having released that record. Looks at all
 * that is unread, so it is not done under a lock, nor before the heap is back.
 *
 * Return: how many records have been released.
 */
u64 nexp_ring_finish_record(struct nexp_ring *ring)
{
	u64 boundary, released;

	boundary = nexp_ring_boundary(ring, nexp_ring_consumed(ring), &released);
	WRITE_ONCE(ring->consumer->position, boundary);
	return released;
}
