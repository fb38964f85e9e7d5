// SPDX-License-Identifier: GPL-2.0
/*
 * heap_large - objects of whole extents
 *
 * Under the heap's lock, but for zeroing and copying: meanwhile the extents are
 * BODY, which no pointer from outside gets to.
 */
#include <errno.h>

#include "heap_fast.h"

static uint32_t extents_for(size_t size)
{
	return (uint32_t)((size + NEXP_EXTENT_SIZE - 1) >> NEXP_EXTENT_SHIFT);
}

static void set_kind(struct nexp_span *span, enum nexp_span_kind kind)
{
	__atomic_store_n(&span->kind, kind, __ATOMIC_RELEASE);
}

/**
 * nexp_large_alloc() - a run of extents for an object
 * @nx: the pool.
 * @size: beyond NEXP_CLASS_MAX, at most all extents.
 * @tag: 0 for none.
 * @out_err: -ENOMEM or -EDQUOT if there is none.
 *
 * Return: the object or NULL.
 */
void *nexp_large_alloc(struct netexpert *nx, size_t size, uint8_t tag, int *out_err)
{
	uint32_t nr = extents_for(size), first;
	struct nexp_span *span;

	pthread_mutex_lock(&nx->heap.lock);
	*out_err = nexp_run_take(nx, nr, &first);
	if (!*out_err) {
		*out_err = nexp_run_commit(nx, first, size);
		if (*out_err)
			nexp_run_put(nx, first, nr);
	}
	pthread_mutex_unlock(&nx->heap.lock);
	if (*out_err)
		return NULL;

	nexp_run_clear(nx, first, 0, size);
	span = nexp_span(nx, first);
	span->nr_extents = nr;
	span->tag = tag;
	WRITE_ONCE(span->size, size);
	set_kind(span, NEXP_SPAN_LARGE);
	return nexp_extent_address(nx, first);
}

/* The object's first span if there is one; the heap's lock is held. */
static struct nexp_span *large_find(const struct netexpert *nx, const void *address,
				    uint32_t *out_first)
{
	struct nexp_object obj;

	if (nexp_object_find(nx, address, &obj) || obj.kind != NEXP_SPAN_LARGE)
		return NULL;
	*out_first = obj.extent;
	return obj.span;
}

/**
 * nexp_large_claim() - be the only one who moves or frees an object
 * @nx: the pool.
 * @address: from anywhere.
 * @out_size: its size.
 *
 * Return: 0, or -EINVAL if there is no large object.
 */
int nexp_large_claim(struct netexpert *nx, const void *address, uint64_t *out_size)
{
	struct nexp_span *span;
	uint32_t first;

	pthread_mutex_lock(&nx->heap.lock);
	span = large_find(nx, address, &first);
	if (span) {
		set_kind(span, NEXP_SPAN_BODY);
		*out_size = span->size;
	}
	pthread_mutex_unlock(&nx->heap.lock);
	return span ? 0 : -EINVAL;
}

static uint32_t extent_of(const struct netexpert *nx, const void *address)
{
	return (uint32_t)(((const char *)address - nx->heap.objects) >>
			  NEXP_EXTENT_SHIFT);
}

/** nexp_large_unclaim() - a claimed object stays what it was. */
void nexp_large_unclaim(struct netexpert *nx, const void *address)
{
	set_kind(nexp_span(nx, extent_of(nx, address)), NEXP_SPAN_LARGE);
}

/** nexp_large_tag() - tag of a claimed object, 0 for none. */
uint8_t nexp_large_tag(const struct netexpert *nx, const void *address)
{
	return nexp_span(nx, extent_of(nx, address))->tag;
}

/** nexp_large_put() - free a claimed object. */
void nexp_large_put(struct netexpert *nx, const void *address)
{
	uint32_t first = extent_of(nx, address);

	pthread_mutex_lock(&nx->heap.lock);
	nexp_run_put(nx, first, nexp_span(nx, first)->nr_extents);
	pthread_mutex_unlock(&nx->heap.lock);
}

/** nexp_large_free() - free an object; -EINVAL if there is no large one. */
int nexp_large_free(struct netexpert *nx, const void *address)
{
	struct nexp_span *span;
	uint32_t first;

	pthread_mutex_lock(&nx->heap.lock);
	span = large_find(nx, address, &first);
	if (span)
		nexp_run_put(nx, first, span->nr_extents);
	pthread_mutex_unlock(&nx->heap.lock);
	return span ? 0 : -EINVAL;
}

/* Who reads the heap of somebody who died in here finds a size that fits its extents. */
static void run_set_size(struct nexp_span *span, uint32_t nr, uint64_t size)
{
	if (nr > span->nr_extents)
		WRITE_ONCE(span->nr_extents, nr);
	__atomic_store_n(&span->size, size, __ATOMIC_RELEASE);
	__atomic_store_n(&span->nr_extents, nr, __ATOMIC_RELEASE);
}

static int run_resize(struct netexpert *nx, uint32_t first, struct nexp_span *span,
		      size_t size)
{
	uint32_t nr = extents_for(size), had = span->nr_extents;
	struct nexp_span *last = nexp_span(nx, first + had - 1);
	uint64_t live = span->size;
	int err;

	if (nr > had) {
		err = nexp_run_extend(nx, first + had, nr - had);
		if (err)
			return err;
	}
	/* A shrink or an overrun may have left something behind the end. */
	if (last->dirty < last->pages)
		last->dirty = last->pages;
	err = nexp_run_commit(nx, first, size);
	if (err) {
		if (nr > had)
			nexp_run_put(nx, first + had, nr - had);
		return err;
	}
	nexp_run_clear(nx, first, live, size);
	run_set_size(span, nr, size);
	if (nr < had)
		nexp_run_put(nx, first + nr, had - nr);
	return 0;
}

/**
 * nexp_large_resize() - change an object's size where it is
 * @nx: the pool.
 * @address: from anywhere.
 * @size: at most all extents; it stays large.
 *
 * Return: 0; -EINVAL if there is no large object; -ENOMEM or -EDQUOT if the room
 * behind it is not to be had.
 */
int nexp_large_resize(struct netexpert *nx, const void *address, size_t size)
{
	struct nexp_span *span;
	uint32_t first;
	int err = -EINVAL;

	pthread_mutex_lock(&nx->heap.lock);
	span = large_find(nx, address, &first);
	if (span)
		err = run_resize(nx, first, span, size);
	pthread_mutex_unlock(&nx->heap.lock);
	return err;
}
