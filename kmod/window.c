// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - windows: what the offsets of attachments and views mean
 *
 * One map for mmap, page faults, debuggers and views, so that none of them sees
 * something else than the others.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "pool.h"
#include "window.h"

#define NEXP_WINDOW_SHIFT	56
#define NEXP_WINDOW_MASK	((1ULL << NEXP_WINDOW_SHIFT) - 1)
#define NEXP_RING_SHIFT		40

/* A window's offset must fit into vm_pgoff, and into the mmap of user space. */
static_assert(BITS_PER_LONG == 64);

/**
 * nexp_window_find() - window of an offset
 * @pool: its lock is held and it is not dead.
 * @offset: from anywhere; it may be beyond the window's end.
 *
 * Return: the window, of no size if there is none.
 */
struct nexp_window nexp_window_find(const struct nexp_pool *pool, u64 offset)
{
	u64 ring = (offset & NEXP_WINDOW_MASK) >> NEXP_RING_SHIFT;

	switch (offset & ~NEXP_WINDOW_MASK) {
	case NETEXPERT_MAP_STATUS:
		return (struct nexp_window){ NETEXPERT_MAP_STATUS,
					     pool->status_size, false };
	case NETEXPERT_MAP_CONSUMER:
		return (struct nexp_window){ NETEXPERT_MAP_CONSUMER,
					     pool->consumer_size, true };
	case NETEXPERT_MAP_RING(0):
		if (ring >= pool->nr_rings)
			break;
		return (struct nexp_window){ NETEXPERT_MAP_RING(ring),
					     2 * pool->ring_size, false };
	case NETEXPERT_MAP_HEAP:
		return (struct nexp_window){ NETEXPERT_MAP_HEAP,
					     (u64)pool->heap.nr_slots << PAGE_SHIFT,
					     true };
	}
	return (struct nexp_window){ 0 };
}

/**
 * nexp_window_page() - page behind an offset
 * @pool: its lock is held and it is not dead.
 * @offset: from anywhere.
 *
 * Return: the page, or NULL if it is in no window or not committed.
 */
struct page *nexp_window_page(struct nexp_pool *pool, u64 offset)
{
	struct nexp_window window = nexp_window_find(pool, offset);
	u64 in = offset - window.base;
	const struct nexp_ring *ring;

	if (in >= window.size)
		return NULL;
	switch (offset & ~NEXP_WINDOW_MASK) {
	case NETEXPERT_MAP_STATUS:
		return vmalloc_to_page(pool->status + in);
	case NETEXPERT_MAP_CONSUMER:
		return vmalloc_to_page(pool->consumer + in);
	case NETEXPERT_MAP_HEAP:
		return nexp_heap_page(pool, in);
	default:
		ring = pool->rings[(offset & NEXP_WINDOW_MASK) >> NEXP_RING_SHIFT];
		return ring->pages[(in & ring->mask) >> PAGE_SHIFT];
	}
}
