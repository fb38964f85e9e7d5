// SPDX-License-Identifier: GPL-2.0
/*
 * heap_purge - memory goes back to the kernel
 *
 * Free extents keep NEXP_HEAP_KEEP for the next object. What is beyond that and
 * nobody needed for NEXP_HEAP_KEEP_MS goes back as soon as somebody looks: whoever
 * takes or puts an extent, and every allocation off the fast path, which an
 * allocating thread is on for at most one span's slots. An expert that waits for
 * a frame for longer than NEXP_HEAP_IDLE_MS keeps nothing, and neither does one
 * that runs out of memory.
 *
 * Links and tags of free extents go back with them, if they fill whole pages.
 */
#include <errno.h>
#include <time.h>

#include "heap_fast.h"

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Whole pages of a table that only free extents have something in. */
static void table_punch(struct netexpert *nx, uint64_t table, uint64_t stride,
			uint32_t first, uint32_t nr)
{
	struct nexp_heap *heap = &nx->heap;
	uint64_t page = (table + first * stride + nx->page_size - 1) / nx->page_size;
	uint64_t end = (table + (first + nr) * stride) / nx->page_size;
	uint64_t start = page, count = 0;

	for (; page < end; page++) {
		count += heap->tables_map[page / 8] >> page % 8 & 1;
		heap->tables_map[page / 8] &= (uint8_t)~(1U << page % 8);
	}
	if (!count)
		return;
	heap->metadata -= count * nx->page_size;
	/* No link of a free extent is live, so a failure leaves nothing behind. */
	nx->ops->punch(nx, start * nx->page_size, (end - start) * nx->page_size);
}

static void tables_punch(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	unsigned int tier;

	for (tier = 0; tier < NEXP_NR_TIERS; tier++) {
		table_punch(nx, nx->heap.layout.links[tier],
			    nexp_tier_slots(tier) * sizeof(uint16_t), first, nr);
		table_punch(nx, nx->heap.layout.tags[tier], nexp_tier_slots(tier),
			    first, nr);
	}
}

/* Whether there was something to give back. */
static bool run_punch(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	struct nexp_heap *heap = &nx->heap;
	uint64_t pages = 0;
	uint32_t i;
	int err;

	for (i = first; i < first + nr; i++)
		pages += nexp_span(nx, i)->pages;
	if (!pages)
		return false;
	err = nx->ops->punch(nx, heap->layout.objects +
			     ((uint64_t)first << NEXP_EXTENT_SHIFT),
			     (uint64_t)nr << NEXP_EXTENT_SHIFT);
	for (i = first; i < first + nr; i++) {
		struct nexp_span *span = nexp_span(nx, i);

		/* What did not go back is not zero when it is committed again. */
		span->dirty = err ? NEXP_EXTENT_SIZE / nx->page_size : 0;
		span->pages = 0;
	}
	heap->committed -= pages * nx->page_size;
	WRITE_ONCE(heap->kept, heap->kept - pages);
	return true;
}

/*
 * Gives back until at most @most pages are kept, large runs first. The heap's
 * lock is held, and the caller is not busy.
 */
static void purge(struct netexpert *nx, uint64_t most)
{
	struct nexp_heap *heap = &nx->heap;
	bool is_settled = false, has_tried = false;
	unsigned int bin = NEXP_NR_RUN_BINS;
	uint32_t first;

	while (bin-- && heap->kept > most) {
		for (first = heap->runs[bin].first;
		     first != NEXP_HEAP_NONE && heap->kept > most;
		     first = nexp_span(nx, first)->next) {
			uint32_t nr = nexp_span(nx, first)->nr_extents;

			if (!run_punch(nx, first, nr))
				continue;
			/* Somebody may still read a link of what was live. */
			if (!has_tried)
				is_settled = nexp_threads_settle(nx);
			has_tried = true;
			if (is_settled)
				tables_punch(nx, first, nr);
		}
	}
	heap->kept_low = heap->kept;
	WRITE_ONCE(heap->keeps_much, heap->kept * nx->page_size > NEXP_HEAP_KEEP);
}

/* Gives back what nobody has needed for a while. */
static void tick(struct netexpert *nx)
{
	uint64_t keep = NEXP_HEAP_KEEP / nx->page_size, now;
	struct nexp_heap *heap = &nx->heap;

	if (!heap->keeps_much)
		return;
	now = now_ms();
	if (now - heap->kept_since < NEXP_HEAP_KEEP_MS)
		return;
	if (heap->kept_low > keep)
		purge(nx, heap->kept - heap->kept_low + keep);
	heap->kept_low = heap->kept;
	heap->kept_since = now;
}

/** nexp_kept_changed() - free extents keep more or less; the lock is held. */
void nexp_kept_changed(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	bool is_much = heap->kept * nx->page_size > NEXP_HEAP_KEEP;

	if (is_much && !heap->keeps_much) {
		heap->kept_low = heap->kept;
		heap->kept_since = now_ms();
	}
	if (is_much != heap->keeps_much)
		WRITE_ONCE(heap->keeps_much, is_much);
	if (heap->kept < heap->kept_low)
		heap->kept_low = heap->kept;
	tick(nx);
}

/** nexp_heap_tick() - look whether something goes back; no lock is held. */
void nexp_heap_tick(struct netexpert *nx)
{
	pthread_mutex_lock(&nx->heap.lock);
	tick(nx);
	pthread_mutex_unlock(&nx->heap.lock);
}

/**
 * nexp_heap_trim() - give back all that is kept for later
 * @nx: the pool.
 * @me: the caller's heap; NULL if it has none.
 *
 * But for spans that other threads are allocating from.
 */
void nexp_heap_trim(struct netexpert *nx, struct nexp_thread *me)
{
	struct nexp_list empty = *nexp_no_spans();
	unsigned int i;

	if (me) {
		nexp_lists_lock(me);
		nexp_pending_collect(nx, me, true, &empty);
		for (i = 0; i < NEXP_NR_BINS; i++)
			nexp_bin_retire(nx, &me->bins[i], true, &empty);
		nexp_lists_unlock(me);
		nexp_spans_put(nx, &empty);
	}
	pthread_mutex_lock(&nx->heap.lock);
	purge(nx, 0);
	pthread_mutex_unlock(&nx->heap.lock);
}

/** nexp_heap_keeps() - whether nexp_heap_idle() has something to do; a hint. */
bool nexp_heap_keeps(const struct netexpert *nx)
{
	return READ_ONCE(nx->heap.kept) != 0;
}

/** nexp_heap_idle() - the calling thread has nothing to do for a while. */
void nexp_heap_idle(struct netexpert *nx)
{
	nexp_heap_trim(nx, pthread_getspecific(nx->heap.key));
}
