/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_fast - the short functions of the heap, inline
 */
#ifndef NEXP_HEAP_FAST_H
#define NEXP_HEAP_FAST_H

#include <string.h>

#include "pool.h"

/* An extent's entry; committed if it is below the top. */
static inline struct nexp_span *nexp_span(const struct netexpert *nx, uint32_t extent)
{
	return nx->heap.spans + extent;
}

/* First byte of an extent. */
static inline char *nexp_extent_address(const struct netexpert *nx, uint32_t extent)
{
	return nx->heap.objects + ((uint64_t)extent << NEXP_EXTENT_SHIFT);
}

static inline const struct nexp_list *nexp_no_spans(void)
{
	static const struct nexp_list none = { NEXP_HEAP_NONE, NEXP_HEAP_NONE };

	return &none;
}

/* The sections that nexp_thread_share() and nexp_threads_settle() wait for. */
static inline void nexp_enter(struct nexp_thread *me)
{
	WRITE_ONCE(me->busy, 1);
	/* What follows is loaded after it: pairs with their membarrier(). */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void nexp_leave(struct nexp_thread *me)
{
	__atomic_store_n(&me->busy, 0, __ATOMIC_RELEASE);
}

static inline bool nexp_is_private(const struct nexp_thread *me)
{
	return READ_ONCE(me->private_id) == me->id;
}

/* Protects the lists of our bins: nothing but a word while we are private. */
static inline void nexp_lists_lock(struct nexp_thread *me)
{
	nexp_enter(me);
	if (nexp_is_private(me))
		return;
	nexp_leave(me);
	pthread_mutex_lock(&me->lock);
}

static inline void nexp_lists_unlock(struct nexp_thread *me)
{
	if (READ_ONCE(me->busy))
		nexp_leave(me);
	else
		pthread_mutex_unlock(&me->lock);
}

/* Zeroes an object, of which the slot is a multiple of 16. Answers @object. */
static inline void *nexp_zero(void *object, size_t size)
{
	char *bytes = object;

	if (size > 64)
		return memset(object, 0, size);
	memset(bytes, 0, 16);
	if (size > 16)
		memset(bytes + 16, 0, 16);
	if (size > 32)
		memset(bytes + 32, 0, 16);
	if (size > 48)
		memset(bytes + 48, 0, 16);
	return object;
}

/* All free slots of the current span go to @head. Whether there was one. */
static inline bool nexp_bin_swap(struct nexp_bin *bin)
{
	struct nexp_span *span = bin->span;

	if (span->local == NEXP_LINK_END)
		return false;
	bin->head = span->local;
	span->local = NEXP_LINK_END;
	WRITE_ONCE(span->nr_free, 0);
	return true;
}

/* A slot of the current span, not live yet. @out_is_zero: it reads zero. */
static inline bool nexp_bin_take(struct nexp_bin *bin, uint32_t *out_slot,
				 bool *out_is_zero)
{
	uint32_t slot = bin->head;

	if (slot != NEXP_LINK_END || nexp_bin_swap(bin)) {
		slot = bin->head;
		bin->head = READ_ONCE(bin->links[slot]);
		*out_is_zero = false;
	} else if (bin->fresh < bin->limit) {
		slot = bin->fresh++;
		*out_is_zero = slot * bin->slot_size >= bin->dirty;
	} else {
		return false;
	}
	*out_slot = slot;
	return true;
}

/* Whether nexp_alloc_fast() may do; never in a child of fork(). */
static inline bool nexp_alloc_is_easy(const struct netexpert *nx)
{
	return nexp_tls.alloc_serial == nx->heap.serial;
}

/**
 * nexp_alloc_fast() - an object from what the thread has at hand
 * @nx: the pool.
 * @size: of the object.
 * @out_is_zero: whether it reads zero, or nexp_zero() has to follow.
 *
 * Return: the object; NULL if it is not that simple, and nothing has changed.
 */
static inline void *nexp_alloc_fast(struct netexpert *nx, size_t size,
				    bool *out_is_zero)
{
	const struct nexp_heap *heap = &nx->heap;
	struct nexp_thread *me = nexp_tls.me;
	struct nexp_bin *bin;
	uint32_t slot;

	if (!nexp_alloc_is_easy(nx) || size - 1 >= NEXP_CLASS_MAX)
		return NULL;
	bin = &me->bins[nexp_class_fast(size)];
	if ((bin->head == NEXP_LINK_END && READ_ONCE(heap->keeps_much) &&
	     !me->patience--) || !nexp_bin_take(bin, &slot, out_is_zero))
		return NULL;
	/* Live before the address is known to anyone. */
	WRITE_ONCE(bin->links[slot],
		   (uint16_t)(NEXP_LINK_LIVE | (bin->slot_size - size)));
	return bin->base + slot * bin->slot_size;
}

/*
 * A slot goes to the owner's list. Its link stops being live before anything
 * else, for who reads the heap of a thread that dies right here. Whether the
 * span has come to its event: then nexp_span_event() is due.
 */
static inline bool nexp_slot_put(struct nexp_span *span, uint16_t *link, uint32_t slot)
{
	uint16_t nr_free = (uint16_t)(span->nr_free + 1);

	WRITE_ONCE(*link, span->local);
	span->local = (uint16_t)slot;
	WRITE_ONCE(span->nr_free, nr_free);
	return nr_free == span->event;
}

enum nexp_free_step {
	NEXP_FREE_DONE,
	NEXP_FREE_EVENT,
	NEXP_FREE_SLOW,
};

/**
 * nexp_free_fast() - free an object of the calling thread's own, while private
 * @nx: the pool.
 * @address: from anywhere.
 *
 * Checks it as completely as nexp_object_find() does.
 *
 * Return: NEXP_FREE_DONE; NEXP_FREE_EVENT if nexp_free_event() is due for it;
 * NEXP_FREE_SLOW if it is not that simple, or no object, and nothing has changed.
 */
static inline enum nexp_free_step nexp_free_fast(struct netexpert *nx,
						 const void *address)
{
	const struct nexp_heap *heap = &nx->heap;
	uint64_t offset = (uintptr_t)address - (uintptr_t)heap->objects;
	uint32_t inside = offset & (NEXP_EXTENT_SIZE - 1), slot;
	uint64_t extent = offset >> NEXP_EXTENT_SHIFT;
	struct nexp_thread *me = nexp_tls.me;
	struct nexp_span *span;
	uint16_t *link;

	if (nexp_tls.serial != heap->serial ||
	    extent >= __atomic_load_n(&heap->top, __ATOMIC_ACQUIRE))
		return NEXP_FREE_SLOW;
	span = heap->spans + extent;
	nexp_enter(me);
	if ((READ_ONCE(span->state) & NEXP_STATE_OWNER) !=
	    READ_ONCE(me->private_id))
		goto out_leave;
	/* Ours, so it is SMALL and stays so. A rest at its end is never live. */
	slot = (uint32_t)(inside * (uint64_t)span->reciprocal >> 32);
	link = (uint16_t *)(heap->tables + span->links) + slot;
	if (slot * span->slot_size != inside ||
	    !(READ_ONCE(*link) & NEXP_LINK_LIVE))
		goto out_leave;
	if (__builtin_expect(nexp_slot_put(span, link, slot), 0))
		return NEXP_FREE_EVENT;
	nexp_leave(me);
	return NEXP_FREE_DONE;

out_leave:
	nexp_leave(me);
	return NEXP_FREE_SLOW;
}

#endif /* NEXP_HEAP_FAST_H */
