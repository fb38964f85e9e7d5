// SPDX-License-Identifier: GPL-2.0
/*
 * heap_extent - extents: runs of them, what is committed, what goes back
 *
 * A run is some extents in a row, either free or owned by one span or object.
 * Free neighbours are always one run. Extents from the top on were never used;
 * the top only grows. Free extents keep a little memory for the next user, the
 * rest is punched at once; when a commit fails, all of it is, and every class's
 * empty spans, before it is tried again.
 */
#include <errno.h>
#include <string.h>

#include "pool.h"

/** nexp_span() - an extent's entry; committed if it is below the top. */
struct nexp_span *nexp_span(const struct netexpert *nx, uint32_t extent)
{
	const struct nexp_heap *heap = &nx->heap;

	return (struct nexp_span *)(heap->tables + heap->layout.spans) + extent;
}

/** nexp_extent_address() - first byte of an extent. */
char *nexp_extent_address(const struct netexpert *nx, uint32_t extent)
{
	return nx->heap.objects + ((uint64_t)extent << NEXP_EXTENT_SHIFT);
}

/** nexp_list_append() - @extent is in no list. */
void nexp_list_append(struct netexpert *nx, struct nexp_list *list,
		      uint32_t extent)
{
	struct nexp_span *span = nexp_span(nx, extent);

	span->prev = list->last;
	span->next = NEXP_HEAP_NONE;
	if (list->last == NEXP_HEAP_NONE)
		list->first = extent;
	else
		nexp_span(nx, list->last)->next = extent;
	list->last = extent;
}

/** nexp_list_remove() - @extent is in @list. */
void nexp_list_remove(struct netexpert *nx, struct nexp_list *list,
		      uint32_t extent)
{
	struct nexp_span *span = nexp_span(nx, extent);

	if (span->prev == NEXP_HEAP_NONE)
		list->first = span->next;
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
	nexp_list_append(nx, run_bin(nx, nr), first);
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
	       nexp_span(nx, extent)->kind == NEXP_SPAN_FREE;
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
			nx->heap.kept -= span->pages;
		span->kind = NEXP_SPAN_BODY;
	}
}

/* Splits the front off a free run. */
static void run_split(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	uint32_t have = run_remove(nx, first);

	if (have > nr)
		run_insert(nx, first + nr, have - nr);
	run_own(nx, first, nr);
}

/*
 * Entries for the next @nr extents beyond the top, or as many as there are. May
 * trim, so what was known of free runs before is not true any more.
 */
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
	heap->top = first + nr;
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

	if (first == NEXP_HEAP_NONE) {
		err = top_prepare(nx, nr);
		if (err)
			return err;
		first = run_find(nx, nr);
	}
	if (first != NEXP_HEAP_NONE) {
		run_split(nx, first, nr);
		*out_first = first;
		return 0;
	}

	first = nx->heap.top;
	if (first && is_free(nx, first - 1))
		first = nexp_span(nx, first - 1)->first;
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
	err = top_prepare(nx, extra);
	if (err)
		return err;
	if (run_extend_free(nx, next, extra))
		return 0;
	have = is_free(nx, next) ? nexp_span(nx, next)->nr_extents : 0;
	if (next + have != nx->heap.top)
		return -ENOMEM;
	return top_take(nx, next, extra);
}

static uint64_t extent_offset(const struct netexpert *nx, uint32_t extent)
{
	return nx->heap.layout.objects + ((uint64_t)extent << NEXP_EXTENT_SHIFT);
}

/* Whether an extent's memory went back. It is not known to be zero otherwise. */
static void note_punch(struct netexpert *nx, uint32_t extent, bool gone)
{
	struct nexp_span *span = nexp_span(nx, extent);

	nx->heap.stat.committed -= span->pages * (uint64_t)nx->page_size;
	span->stale = !gone;
	span->pages = 0;
}

/* Links of the smallest classes fill pages of their own, which go back too. */
static void links_punch(struct netexpert *nx, uint32_t extent)
{
	struct nexp_heap *heap = &nx->heap;
	uint64_t size = (nexp_class_slots(0) * sizeof(uint16_t));
	uint64_t offset = heap->layout.links[0] + extent * size;
	uint64_t page = offset / nx->page_size;
	uint64_t last = (offset + size) / nx->page_size;
	uint64_t count = 0;

	if (size % nx->page_size)
		return;
	for (; page < last; page++) {
		if (!(heap->tables_map[page / 8] & (1U << page % 8)))
			continue;
		heap->tables_map[page / 8] &= (uint8_t)~(1U << page % 8);
		count++;
	}
	if (!count)
		return;
	heap->stat.metadata -= count * nx->page_size;
	/* No link of a free extent is live, so a failure leaves nothing behind. */
	nx->ops->punch(nx, offset, size);
}

static void run_punch(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	uint64_t length = (uint64_t)nr << NEXP_EXTENT_SHIFT;
	bool any = false;
	uint32_t i;
	int err;

	for (i = first; i < first + nr; i++)
		any |= nexp_span(nx, i)->pages;
	if (!any)
		return;
	err = nx->ops->punch(nx, extent_offset(nx, first), length);
	for (i = first; i < first + nr; i++) {
		note_punch(nx, i, !err);
		links_punch(nx, i);
	}
}

/**
 * nexp_run_put() - a run is free again
 * @nx: the pool.
 * @first: its first extent.
 * @nr: its length.
 */
void nexp_run_put(struct netexpert *nx, uint32_t first, uint32_t nr)
{
	struct nexp_heap *heap = &nx->heap;
	uint64_t pages = 0;
	uint32_t i;

	for (i = first; i < first + nr; i++)
		pages += nexp_span(nx, i)->pages;
	if ((heap->kept + pages) * nx->page_size > NEXP_HEAP_KEEP) {
		run_punch(nx, first, nr);
		pages = 0;
	}
	heap->kept += pages;
	for (i = first; i < first + nr; i++)
		nexp_span(nx, i)->kind = NEXP_SPAN_FREE;

	if (is_free(nx, first + nr))
		nr += run_remove(nx, first + nr);
	if (first && is_free(nx, first - 1)) {
		first = nexp_span(nx, first - 1)->first;
		nr += run_remove(nx, first);
	}
	run_insert(nx, first, nr);
}

/* Gives back all that is kept for later. Whether that was anything. */
static bool heap_trim(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	bool dropped = nexp_heap_drop_empty(nx);
	unsigned int bin;
	uint32_t first;

	if (!heap->kept)
		return dropped;
	for (bin = 0; bin < NEXP_NR_RUN_BINS; bin++)
		for (first = heap->runs[bin].first; first != NEXP_HEAP_NONE;
		     first = nexp_span(nx, first)->next)
			run_punch(nx, first, nexp_span(nx, first)->nr_extents);
	heap->kept = 0;
	return true;
}

static int commit(struct netexpert *nx, uint64_t offset, uint64_t length)
{
	int err = nx->ops->commit(nx, offset, length);

	if ((err == -EDQUOT || err == -ENOMEM) && heap_trim(nx))
		err = nx->ops->commit(nx, offset, length);
	return err;
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
		err = commit(nx, page * nx->page_size, nx->page_size);
		if (err)
			return err;
		heap->tables_map[page / 8] |= (uint8_t)(1U << page % 8);
		heap->stat.metadata += nx->page_size;
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

/* Zeroes what is behind @live in the first @pages of an extent. */
static void extent_clear(struct netexpert *nx, uint32_t extent, uint32_t pages,
			 uint64_t live)
{
	size_t end = pages * nx->page_size;

	if (live < end)
		memset(nexp_extent_address(nx, extent) + live, 0, end - live);
}

/**
 * nexp_run_commit() - make the first bytes of an owned run usable
 * @nx: the pool.
 * @first: of the run.
 * @live: bytes of it that hold data; what is beyond them is zero afterwards.
 * @bytes: how many are needed.
 *
 * Return: 0, or what the commit said; nothing is changed then.
 */
int nexp_run_commit(struct netexpert *nx, uint32_t first, uint64_t live,
		    uint64_t bytes)
{
	uint32_t nr = (uint32_t)((bytes + NEXP_EXTENT_SIZE - 1) >>
				 NEXP_EXTENT_SHIFT);
	uint64_t length;
	uint32_t i, lo = nr;
	int err;

	for (i = 0; i < nr && lo == nr; i++)
		if (nexp_span(nx, first + i)->pages < pages_needed(nx, i, bytes))
			lo = i;
	if (lo < nr) {
		length = bytes - ((uint64_t)lo << NEXP_EXTENT_SHIFT);
		length = (length + nx->page_size - 1) / nx->page_size *
			 nx->page_size;
		err = commit(nx, extent_offset(nx, first + lo), length);
		if (err)
			return err;
	}
	for (i = 0; i < nr; i++) {
		struct nexp_span *span = nexp_span(nx, first + i);
		uint64_t before = (uint64_t)i << NEXP_EXTENT_SHIFT;
		uint32_t need = pages_needed(nx, i, bytes);
		uint32_t dirty = span->pages;

		if (span->pages < need) {
			nx->heap.stat.committed += (need - span->pages) *
						   (uint64_t)nx->page_size;
			span->pages = (uint8_t)need;
			if (span->stale)
				dirty = need;
		}
		extent_clear(nx, first + i, dirty < need ? dirty : need,
			     live > before ? live - before : 0);
	}
	return 0;
}
