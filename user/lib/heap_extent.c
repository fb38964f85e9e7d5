// SPDX-License-Identifier: GPL-2.0
/*
 * heap_extent - extents: runs of them, what of them is committed
 *
 * A run is some extents in a row, either free or owned by one span or object.
 * Free neighbours are always one run. Extents from the top on were never used;
 * the top only grows. Free extents keep their memory for a while: heap_purge.c.
 */
#include <errno.h>

#include "heap_fast.h"

/** nexp_links_offset() - where in the tables an extent's links are. */
uint64_t nexp_links_offset(const struct netexpert *nx, uint32_t extent,
			   unsigned int class)
{
	unsigned int tier = nexp_tier_of(class);

	return nx->heap.layout.links[tier] +
	       (uint64_t)extent * nexp_tier_slots(tier) * sizeof(uint16_t);
}

/** nexp_list_append() - @extent is in no list. */
void nexp_list_append(struct netexpert *nx, struct nexp_list *list,
		      uint32_t extent)
{
	struct nexp_span *span = nexp_span(nx, extent);

	span->prev = list->last;
	span->next = NEXP_HEAP_NONE;
	if (list->last == NEXP_HEAP_NONE)
		WRITE_ONCE(list->first, extent);
	else
		nexp_span(nx, list->last)->next = extent;
	list->last = extent;
}

/** nexp_list_prepend() - @extent is in no list. */
void nexp_list_prepend(struct netexpert *nx, struct nexp_list *list,
		       uint32_t extent)
{
	struct nexp_span *span = nexp_span(nx, extent);

	span->prev = NEXP_HEAP_NONE;
	span->next = list->first;
	if (list->first == NEXP_HEAP_NONE)
		list->last = extent;
	else
		nexp_span(nx, list->first)->prev = extent;
	WRITE_ONCE(list->first, extent);
}

/** nexp_list_remove() - @extent is in @list. */
void nexp_list_remove(struct netexpert *nx, struct nexp_list *list,
		      uint32_t extent)
{
	struct nexp_span *span = nexp_span(nx, extent);

	if (span->prev == NEXP_HEAP_NONE)
		WRITE_ONCE(list->first, span->next);
	else
		nexp_span(nx, span->prev)->next = span->next;
	if (span->next == NEXP_HEAP_NONE)
		list->last = span->prev;
	else
		nexp_span(nx, span->next)->prev = span->prev;
}

static struct nexp_list *run_bin(struct netexpert *nx, uint32_t nr)
{
	unsigned int bin = 31 - (unsigned int)__builtin_clz(nr);

	return &nx->heap.runs[bin < NEXP_NR_RUN_BINS ? bin :
			      NEXP_NR_RUN_BINS - 1];
}

static void run_insert(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	nexp_span(nx, first)->nr_extents = nr;
	nexp_span(nx, first + nr - 1)->first = first;
	/* What was used last is the most likely to have memory. */
	nexp_list_prepend(nx, run_bin(nx, nr), first);
}

static uint32_t run_remove(struct netexpert *nx, uint32_t first)
{
	uint32_t nr = nexp_span(nx, first)->nr_extents;

	nexp_list_remove(nx, run_bin(nx, nr), first);
	return nr;
}

static bool is_free(const struct netexpert *nx, uint32_t extent)
{
	return extent < nx->heap.top &&
	       READ_ONCE(nexp_span(nx, extent)->kind) == NEXP_SPAN_FREE;
}

/* A free run of at least @nr extents, or NEXP_HEAP_NONE. */
static uint32_t run_find(struct netexpert *nx, uint32_t nr)
{
	struct nexp_list *bin;
	uint32_t first;

	for (bin = run_bin(nx, nr); bin < nx->heap.runs + NEXP_NR_RUN_BINS; bin++)
		for (first = bin->first; first != NEXP_HEAP_NONE;
		     first = nexp_span(nx, first)->next)
			if (nexp_span(nx, first)->nr_extents >= nr)
				return first;
	return NEXP_HEAP_NONE;
}

/* Takes @nr extents that are in no free run any more. */
static void run_own(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	uint32_t i;

	for (i = first; i < first + nr; i++) {
		struct nexp_span *span = nexp_span(nx, i);

		if (span->kind == NEXP_SPAN_FREE)
			WRITE_ONCE(nx->heap.kept,
				   nx->heap.kept - span->pages);
		WRITE_ONCE(span->kind, NEXP_SPAN_BODY);
	}
	nexp_kept_changed(nx);
}

/* Splits the front off a free run. */
static void run_split(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	uint32_t have = run_remove(nx, first);

	if (have > nr)
		run_insert(nx, first + nr, have - nr);
	run_own(nx, first, nr);
}

/* Entries for the next @nr extents beyond the top, or as many as there are. */
static int top_prepare(struct netexpert *nx, uint32_t nr)
{
	struct nexp_heap *heap = &nx->heap;
	struct nexp_heap_head *head = (struct nexp_heap_head *)heap->tables;
	uint32_t room = heap->layout.nr_extents - heap->top;
	int err;

	err = nexp_tables_commit(nx, 0, sizeof(*head));
	if (err)
		return err;
	if (!head->magic)
		*head = heap->layout;
	return nexp_tables_commit(nx, heap->layout.spans +
				  heap->top * sizeof(struct nexp_span),
				  (nr < room ? nr : room) *
				  sizeof(struct nexp_span));
}

/* Takes @nr extents from @first, which is the top or a free run that ends there. */
static int top_take(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	struct nexp_heap *heap = &nx->heap;

	if (nr > heap->layout.nr_extents - first)
		return -ENOMEM;
	if (first != heap->top)
		run_remove(nx, first);
	/* Their entries are committed: who sees the top can read them. */
	__atomic_store_n(&heap->top, first + nr, __ATOMIC_RELEASE);
	((struct nexp_heap_head *)heap->tables)->top = heap->top;
	run_own(nx, first, nr);
	return 0;
}

/**
 * nexp_run_take() - a run of its own
 * @nx: the pool.
 * @nr: extents.
 * @out_first: the first one. All are BODY and keep what was committed.
 *
 * Return: 0, or -ENOMEM or -EDQUOT.
 */
int nexp_run_take(struct netexpert *nx, uint32_t nr, uint32_t *out_first)
{
	uint32_t first = run_find(nx, nr);
	int err;

	if (first != NEXP_HEAP_NONE) {
		run_split(nx, first, nr);
		*out_first = first;
		return 0;
	}
	first = nx->heap.top;
	if (first && is_free(nx, first - 1))
		first = nexp_span(nx, first - 1)->first;
	err = top_prepare(nx, nr);
	if (!err)
		err = top_take(nx, first, nr);
	if (err)
		return err;
	*out_first = first;
	return 0;
}

static bool run_extend_free(struct netexpert *nx, uint32_t next, uint32_t extra)
{
	if (!is_free(nx, next) || nexp_span(nx, next)->nr_extents < extra)
		return false;
	run_split(nx, next, extra);
	return true;
}

/**
 * nexp_run_extend() - the extents right behind a run
 * @nx: the pool.
 * @next: the first one.
 * @extra: how many.
 *
 * Return: 0, or -ENOMEM or -EDQUOT if they are not to be had.
 */
int nexp_run_extend(struct netexpert *nx, uint32_t next, uint32_t extra)
{
	uint32_t have;
	int err;

	if (run_extend_free(nx, next, extra))
		return 0;
	have = is_free(nx, next) ? nexp_span(nx, next)->nr_extents : 0;
	if (next + have != nx->heap.top)
		return -ENOMEM;
	err = top_prepare(nx, extra);
	return err ? err : top_take(nx, next, extra);
}

/**
 * nexp_run_put() - a run is free again
 * @nx: the pool.
 * @first: its first extent.
 * @nr: its length.
 *
 * It keeps its memory, until nexp_kept_changed() finds that too much.
 */
void nexp_run_put(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	struct nexp_heap *heap = &nx->heap;
	uint32_t i;

	for (i = first; i < first + nr; i++) {
		struct nexp_span *span = nexp_span(nx, i);

		WRITE_ONCE(heap->kept, heap->kept + span->pages);
		if (span->dirty < span->pages)
			span->dirty = span->pages;
		WRITE_ONCE(span->kind, NEXP_SPAN_FREE);
	}
	if (is_free(nx, first + nr))
		nr += run_remove(nx, first + nr);
	if (first && is_free(nx, first - 1)) {
		first = nexp_span(nx, first - 1)->first;
		nr += run_remove(nx, first);
	}
	run_insert(nx, first, nr);
	nexp_kept_changed(nx);
}

/**
 * nexp_tables_commit() - make a part of the tables usable
 * @nx: the pool.
 * @offset: in the tables.
 * @length: bytes.
 *
 * Return: 0, or what the commit said.
 */
int nexp_tables_commit(struct netexpert *nx, uint64_t offset, uint64_t length)
{
	struct nexp_heap *heap = &nx->heap;
	uint64_t page = offset / nx->page_size;
	uint64_t end = (offset + length + nx->page_size - 1) / nx->page_size;
	int err;

	for (; page < end; page++) {
		if (heap->tables_map[page / 8] & (1U << page % 8))
			continue;
		err = nx->ops->commit(nx, page * nx->page_size, nx->page_size);
		if (err)
			return err;
		heap->tables_map[page / 8] |= (uint8_t)(1U << page % 8);
		heap->metadata += nx->page_size;
	}
	return 0;
}

/* Committed pages that an extent needs for the first @bytes of a run. */
static uint32_t pages_needed(const struct netexpert *nx, uint32_t index,
			     uint64_t bytes)
{
	uint64_t before = (uint64_t)index << NEXP_EXTENT_SHIFT;

	if (bytes <= before)
		return 0;
	bytes -= before;
	if (bytes > NEXP_EXTENT_SIZE)
		bytes = NEXP_EXTENT_SIZE;
	return (uint32_t)((bytes + nx->page_size - 1) / nx->page_size);
}

/**
 * nexp_run_commit() - make the first bytes of an owned run usable
 * @nx: the pool.
 * @first: of the run.
 * @bytes: how many are needed.
 *
 * Return: 0, or what the commit said; nothing is changed then.
 */
int nexp_run_commit(struct netexpert *nx, uint32_t first, uint64_t bytes)
{
	uint32_t nr = (uint32_t)((bytes + NEXP_EXTENT_SIZE - 1) >>
				 NEXP_EXTENT_SHIFT);
	uint64_t offset, length;
	uint32_t i, lo = 0;
	int err;

	while (lo < nr && nexp_span(nx, first + lo)->pages >=
			  pages_needed(nx, lo, bytes))
		lo++;
	if (lo == nr)
		return 0;
	offset = nx->heap.layout.objects +
		 ((uint64_t)(first + lo) << NEXP_EXTENT_SHIFT);
	length = bytes - ((uint64_t)lo << NEXP_EXTENT_SHIFT);
	length = (length + nx->page_size - 1) / nx->page_size * nx->page_size;
	err = nx->ops->commit(nx, offset, length);
	if (err)
		return err;
	for (i = lo; i < nr; i++) {
		struct nexp_span *span = nexp_span(nx, first + i);
		uint32_t need = pages_needed(nx, i, bytes);

		if (span->pages >= need)
			continue;
		nx->heap.committed += (need - span->pages) *
				      (uint64_t)nx->page_size;
		span->pages = (uint8_t)need;
	}
	return 0;
}

/**
 * nexp_run_clear() - zero a part of an owned run
 * @nx: the pool.
 * @first: of the run.
 * @from: offset in it.
 * @to: offset in it; committed.
 *
 * Only what need not be zero is written to. Needs no lock.
 */
void nexp_run_clear(struct netexpert *nx, uint32_t first, uint64_t from,
		    uint64_t to)
{
	uint64_t start, end;

	for (start = from & ~(uint64_t)(NEXP_EXTENT_SIZE - 1); start < to;
	     start += NEXP_EXTENT_SIZE) {
		uint32_t extent = first + (uint32_t)(start >> NEXP_EXTENT_SHIFT);

		end = start + nexp_span(nx, extent)->dirty * nx->page_size;
		if (end > to)
			end = to;
		if (from < end)
			memset(nexp_extent_address(nx, first) + from, 0,
			       end - from);
		from = start + NEXP_EXTENT_SIZE;
	}
}
