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

/* Slots that its owner knows to be free: those in @local. */
static inline uint32_t nexp_span_nr_free(const struct nexp_span *span)
{
	return (uint16_t)(READ_ONCE(span->event) - READ_ONCE(span->left));
}

/* The event shall come when @nr_free becomes @event; that is @nr_free now. */
static inline void nexp_span_set_event(struct nexp_span *span, uint32_t event,
				       uint32_t nr_free)
{
	WRITE_ONCE(span->event, (uint16_t)event);
	WRITE_ONCE(span->left, (uint16_t)(event - nr_free));
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

/*
 * In a section, before anything else is looked at: a thread can become private
 * again, so what it saw before may be of the time when others worked here.
 */
static inline uint32_t nexp_private_id(const struct nexp_thread *me)
{
	/* Acquire: pairs with make_private(). */
	return __atomic_load_n(&me->private_id, __ATOMIC_ACQUIRE);
}

static inline bool nexp_is_private(const struct nexp_thread *me)
{
	return nexp_private_id(me) == me->id;
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

static inline void nexp_zero_16(char *bytes)
{
	memset(bytes, 0, 16);
}

/*
 * Zeroes an object, of which the slot is a multiple of 16: from both ends, so
 * that few sizes need a decision. Answers @object.
 */
static inline void *nexp_zero(void *object, size_t size)
{
	char *first = object, *last = first + (size - 1) / 16 * 16;

	if (size > 128)
		return memset(object, 0, size);
	nexp_zero_16(first);
	nexp_zero_16(last);
	if (size <= 32)
		return object;
	nexp_zero_16(first + 16);
	nexp_zero_16(last - 16);
	if (size <= 64)
		return object;
	nexp_zero_16(first + 32);
	nexp_zero_16(first + 48);
	nexp_zero_16(last - 32);
	nexp_zero_16(last - 48);
	return object;
}

/* All that was freed of the current span; the caller makes @head of it. */
static inline uint32_t nexp_bin_swap(const struct nexp_bin *bin)
{
	struct nexp_span *span = bin->span;
	uint32_t slot = span->local;

	if (slot != NEXP_LINK_END) {
		span->local = NEXP_LINK_END;
		WRITE_ONCE(span->left, span->event);
	}
	return slot;
}

/* The bin for objects of @size without a tag; nexp_no_bin if there is none. */
static inline struct nexp_bin *nexp_bin_for(struct nexp_thread *me, size_t size)
{
	/* Of 0, and of what wraps, 0. */
	size_t index = (size + NEXP_CLASS_STEP - 1) / NEXP_CLASS_STEP;

	if (likely(index < NEXP_NR_DIRECT))
		return me->direct[index];
	if (size > NEXP_CLASS_MAX)
		return &nexp_no_bin;
	return &me->bins[nexp_class_table[index - 1]];
}

/* A slot of the current span that was used before. */
static inline bool nexp_bin_pop(struct nexp_bin *bin, uint32_t *out_slot)
{
	uint32_t slot = bin->head;

	if (slot == NEXP_LINK_END) {
		slot = nexp_bin_swap(bin);
		if (slot == NEXP_LINK_END)
			return false;
	}
	bin->head = READ_ONCE(bin->links[slot]);
	*out_slot = slot;
	return true;
}

/*
 * A slot of the current span from the end that was not used yet; there is none at
 * @head. Whether there is one; then, whether it reads zero. What does not is
 * made free a handful at a time, so that the next ones come from @head.
 */
static inline bool nexp_bin_fresh(struct nexp_bin *bin, uint32_t *out_slot,
				  bool *out_is_zero)
{
	uint32_t slot = bin->fresh, end = slot + NEXP_BIN_HANDFUL;

	if (slot >= bin->limit)
		return false;
	*out_slot = slot;
	*out_is_zero = slot * bin->slot_size >= bin->dirty;
	if (*out_is_zero || end > bin->limit)
		end = *out_is_zero ? slot + 1 : bin->limit;
	bin->fresh = (uint16_t)end;
	if (end - slot == 1)
		return true;
	bin->head = slot + 1;
	for (slot++; slot < end - 1; slot++)
		WRITE_ONCE(bin->links[slot], (uint16_t)(slot + 1));
	WRITE_ONCE(bin->links[slot], NEXP_LINK_END);
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
static inline bool nexp_is_due(struct nexp_thread *me)
{
	return READ_ONCE(me->nx->heap.keeps_much) && !me->patience--;
}

/* nexp_bin_pop(), unless it is time to look if memory should go back. */
static inline bool nexp_bin_take(struct nexp_thread *me, struct nexp_bin *bin,
				 uint32_t *out_slot)
{
	if (bin->head == NEXP_LINK_END && nexp_is_due(me))
		return false;
	return nexp_bin_pop(bin, out_slot);
}

/**
 * nexp_alloc_fast() - a zeroed object from a slot that was used before
 * @me: the calling thread's heap.
 * @size: any.
 *
 * Return: the object; NULL if there is no such slot at hand.
 */
static inline void *nexp_alloc_fast(struct nexp_thread *me, size_t size)
{
	struct nexp_bin *bin = nexp_bin_for(me, size);
	uint32_t slot;

	if (!nexp_bin_take(me, bin, &slot))
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
	uint16_t left = (uint16_t)(span->left - 1);

	WRITE_ONCE(*link, span->local);
	span->local = (uint16_t)slot;
	WRITE_ONCE(span->left, left);
	return !left;
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
static inline bool nexp_slot_find(struct nexp_thread *me, const void *address,
				  struct nexp_slot *out)
{
	uint64_t offset = (uintptr_t)address - (uintptr_t)me->objects;
	uint32_t inside = offset & (NEXP_EXTENT_SIZE - 1);
	uint64_t extent = offset >> NEXP_EXTENT_SHIFT, product;
	struct nexp_span *span;
	uint32_t private_id;

	if (unlikely(extent >= me->top))
		return false;
	span = me->spans + extent;
	nexp_enter(me);
	private_id = nexp_private_id(me);
	if (unlikely((uint16_t)READ_ONCE(span->state) != private_id))
		goto out_leave;
	/* Ours, so it is SMALL and stays so. A rest at its end is never live. */
	out->span = span;
	out->extent = (uint32_t)extent;
	product = inside * (uint64_t)span->reciprocal;
	out->slot = (uint32_t)(product >> 32);
	out->link = span->links + out->slot;
	if (likely((uint32_t)product < span->reciprocal) &&
	    likely(READ_ONCE(*out->link) & NEXP_LINK_LIVE))
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

	if (unlikely(!nexp_slot_find(me, address, &slot)))
		return NEXP_FREE_SLOW;
	if (unlikely(nexp_slot_put(slot.span, slot.link, slot.slot)))
		return NEXP_FREE_EVENT;
	nexp_leave(me);
	return NEXP_FREE_DONE;
}

#endif /* NEXP_HEAP_FAST_H */
