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

/* Links of an extent with slots of @size bytes. */
static inline uint16_t *nexp_links(const struct nexp_heap *heap, uint32_t extent,
				   uint32_t size)
{
	unsigned int tier = nexp_tier_of_size(size);

	return (uint16_t *)(heap->tables + heap->layout.links[tier]) +
	       (uint64_t)extent * nexp_tier_slots(tier);
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

/* The bin for objects of @size, from 1 to NEXP_CLASS_MAX, without a tag. */
static inline struct nexp_bin *nexp_bin_for(struct nexp_thread *me, size_t size)
{
	return &me->bins[nexp_class_table[(size - 1) / NEXP_CLASS_STEP]];
}

/* A slot of the current span that was used before. */
static inline bool nexp_bin_pop(struct nexp_bin *bin, uint32_t *out_slot)
{
	if (bin->head == NEXP_LINK_END && !nexp_bin_swap(bin))
		return false;
	*out_slot = bin->head;
	bin->head = READ_ONCE(bin->links[*out_slot]);
	return true;
}

/* One that was not. Whether there is one; then, whether it reads zero. */
static inline bool nexp_bin_fresh(struct nexp_bin *bin, uint32_t *out_slot,
				  bool *out_is_zero)
{
	if (bin->fresh >= bin->limit)
		return false;
	*out_slot = bin->fresh++;
	*out_is_zero = *out_slot * bin->slot_size >= bin->dirty;
	return true;
}

/* Live before the address is known to anyone. */
static inline void *nexp_slot_live(struct nexp_bin *bin, uint32_t slot, size_t size)
{
	WRITE_ONCE(bin->links[slot],
		   (uint16_t)(NEXP_LINK_LIVE | (bin->slot_size - size)));
	return bin->base + slot * bin->slot_size;
}

/* Whether it is time to look if memory should go back. */
static inline bool nexp_is_due(struct nexp_thread *me, const struct nexp_bin *bin)
{
	return bin->head == NEXP_LINK_END &&
	       READ_ONCE(me->nx->heap.keeps_much) && !me->patience--;
}

/**
 * nexp_alloc_fast() - a zeroed object from a slot that was used before
 * @me: the calling thread's heap.
 * @size: from 1 to NEXP_CLASS_MAX.
 *
 * Return: the object; NULL if there is no such slot at hand.
 */
static inline void *nexp_alloc_fast(struct nexp_thread *me, size_t size)
{
	struct nexp_bin *bin = nexp_bin_for(me, size);
	uint32_t slot;

	if (nexp_is_due(me, bin) || !nexp_bin_pop(bin, &slot))
		return NULL;
	return nexp_zero(nexp_slot_live(bin, slot, size), size);
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

/**
 * struct nexp_slot - a live object of the calling thread's
 * @span: its span.
 * @link: its link.
 * @slot: its slot.
 * @extent: its extent.
 */
struct nexp_slot {
	struct nexp_span *span;
	uint16_t *link;
	uint32_t slot;
	uint32_t extent;
};

/*
 * Finds an object of the calling thread's own, while that is private; checks as
 * completely as nexp_object_find() does. If there is one, the caller is busy.
 */
static inline bool nexp_slot_find(const struct nexp_heap *heap, struct nexp_thread *me,
				  const void *address, struct nexp_slot *out)
{
	uint64_t offset = (uintptr_t)address - (uintptr_t)heap->objects;
	uint32_t inside = offset & (NEXP_EXTENT_SIZE - 1);
	uint64_t extent = offset >> NEXP_EXTENT_SHIFT;
	struct nexp_span *span;

	if (extent >= __atomic_load_n(&heap->top, __ATOMIC_ACQUIRE))
		return false;
	span = heap->spans + extent;
	nexp_enter(me);
	if ((READ_ONCE(span->state) & NEXP_STATE_OWNER) !=
	    READ_ONCE(me->private_id))
		goto out_leave;
	/* Ours, so it is SMALL and stays so. A rest at its end is never live. */
	out->span = span;
	out->extent = (uint32_t)extent;
	out->slot = (uint32_t)(inside * (uint64_t)span->reciprocal >> 32);
	out->link = span->links + out->slot;
	if (out->slot * span->slot_size == inside &&
	    (READ_ONCE(*out->link) & NEXP_LINK_LIVE))
		return true;
out_leave:
	nexp_leave(me);
	return false;
}

enum nexp_free_step {
	NEXP_FREE_DONE,
	NEXP_FREE_EVENT,
	NEXP_FREE_SLOW,
};

/**
 * nexp_free_fast() - free an object of the calling thread's own
 * @me: the calling thread's heap.
 * @address: from anywhere.
 *
 * Return: NEXP_FREE_DONE; NEXP_FREE_EVENT if nexp_free_event() is due for it;
 * NEXP_FREE_SLOW if it is not that simple, or no object, and nothing has changed.
 */
static inline enum nexp_free_step nexp_free_fast(struct nexp_thread *me,
						 const void *address)
{
	struct nexp_slot slot;

	if (!nexp_slot_find(&me->nx->heap, me, address, &slot))
		return NEXP_FREE_SLOW;
	if (__builtin_expect(nexp_slot_put(slot.span, slot.link, slot.slot), 0))
		return NEXP_FREE_EVENT;
	nexp_leave(me);
	return NEXP_FREE_DONE;
}

#endif /* NEXP_HEAP_FAST_H */
