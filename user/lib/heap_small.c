// SPDX-License-Identifier: GPL-2.0
/*
 * heap_small - objects in slots, off the fast path
 *
 * Whoever frees or resizes an object claims it first: its link stops being live,
 * in a private section of the owner or by compare-and-swap. Of all who try, one
 * succeeds; a claimed slot keeps its span where it is, so what follows needs no
 * lock. heap_fast.h has the usual cases.
 */
#include <errno.h>

#include "heap_fast.h"

static uint8_t *tag_of(const struct netexpert *nx, uint32_t extent,
		       unsigned int class, uint32_t slot)
{
	unsigned int tier = nexp_tier_of(class);

	return (uint8_t *)nx->heap.tables + nx->heap.layout.tags[tier] +
	       (uint64_t)extent * nexp_tier_slots(tier) + slot;
}

/**
 * nexp_small_alloc() - a slot for an object
 * @nx: the pool.
 * @me: the caller's heap.
 * @size: from 1 to NEXP_CLASS_MAX.
 * @tag: 0 for none.
 * @out_err: what the commit said if there is none.
 *
 * Return: the object or NULL.
 */
void *nexp_small_alloc(struct netexpert *nx, struct nexp_thread *me, size_t size,
		       uint8_t tag, int *out_err)
{
	unsigned int class = nexp_class_of(size);
	unsigned int index = class + (tag ? NEXP_NR_CLASSES : 0);
	struct nexp_bin *bin = &me->bins[index];
	bool is_zero = false;
	uint32_t slot;
	char *object;

	if (READ_ONCE(nx->heap.keeps_much) && me->patience >= NEXP_HEAP_PATIENCE) {
		me->patience = NEXP_HEAP_PATIENCE - 1;
		nexp_heap_tick(nx);
	}
	while (!nexp_bin_pop(bin, &slot) && !nexp_bin_fresh(bin, &slot, &is_zero)) {
		*out_err = nexp_bin_fill(nx, me, index);
		if (*out_err)
			return NULL;
	}
	if (tag)
		WRITE_ONCE(*tag_of(nx, bin->current, class, slot), tag);
	object = nexp_slot_live(bin, slot, size);
	return is_zero ? object : nexp_zero(object, size);
}

static inline int object_find(const struct netexpert *nx, const void *address,
			      struct nexp_object *obj)
{
	const struct nexp_heap *heap = &nx->heap;
	uint64_t offset = (uintptr_t)address - (uintptr_t)heap->objects;
	uint32_t inside = offset & (NEXP_EXTENT_SIZE - 1);
	const struct nexp_class *class;

	if (offset >> NEXP_EXTENT_SHIFT >=
	    __atomic_load_n(&heap->top, __ATOMIC_ACQUIRE))
		return -EINVAL;
	obj->extent = (uint32_t)(offset >> NEXP_EXTENT_SHIFT);
	obj->span = nexp_span(nx, obj->extent);
	obj->kind = __atomic_load_n(&obj->span->kind, __ATOMIC_ACQUIRE);
	if (obj->kind == NEXP_SPAN_LARGE)
		return inside ? -EINVAL : 0;
	if (obj->kind != NEXP_SPAN_SMALL)
		return -EINVAL;

	/* All from one load: the span may become one of another class. */
	obj->class = READ_ONCE(obj->span->class);
	class = &nexp_classes[obj->class];
	obj->room = class->size;
	obj->slot = (uint32_t)(inside * (uint64_t)class->reciprocal >> 32);
	if (obj->slot * obj->room != inside || obj->slot >= class->slots)
		return -EINVAL;
	obj->link = nexp_links(heap, obj->extent, class->size) + obj->slot;
	obj->value = READ_ONCE(*obj->link);
	return obj->value & NEXP_LINK_LIVE ? 0 : -EINVAL;
}

/**
 * nexp_object_find() - the one gate for pointers from outside
 * @nx: the pool.
 * @address: from anywhere.
 * @obj: what it is.
 *
 * Finds NULL, foreign, interior, unaligned, never allocated and freed ones
 * without touching what they point to. The caller is busy, or holds the heap's
 * lock. A slot can change hands right after; nexp_small_claim() settles that.
 *
 * Return: 0, or -EINVAL if there is no live object.
 */
int nexp_object_find(const struct netexpert *nx, const void *address,
		     struct nexp_object *obj)
{
	return object_find(nx, address, obj);
}

static uint16_t mark_of(const struct nexp_thread *me)
{
	return (uint16_t)(NEXP_LINK_CLAIMED | me->id);
}

static struct nexp_thread *owner_of(const struct netexpert *nx, uint64_t state)
{
	uint32_t owner = state & NEXP_STATE_OWNER;

	return owner ? &nx->heap.threads[owner - 1] : NULL;
}

/*
 * Whether a plain free by an owner could overlap with our compare-and-swap: not
 * if the owner is shared after it, or we, or nobody. Whoever becomes the owner
 * later finds our mark. @out_owner: otherwise, who must be shared.
 */
static inline bool claim_is_settled(const struct netexpert *nx,
				    const struct nexp_thread *me,
				    const struct nexp_object *obj,
				    struct nexp_thread **out_owner)
{
	*out_owner = owner_of(nx, __atomic_load_n(&obj->span->state,
						  __ATOMIC_ACQUIRE));
	return !*out_owner || *out_owner == me ||
	       __atomic_load_n(&(*out_owner)->is_shared, __ATOMIC_ACQUIRE);
}

/* Settled: who won? And was it this object? The caller is busy. */
static inline bool claim_is_ours(const struct nexp_thread *me, const struct nexp_object *obj)
{
	return __atomic_load_n(&obj->span->kind, __ATOMIC_ACQUIRE) ==
			NEXP_SPAN_SMALL &&
	       READ_ONCE(obj->span->class) == obj->class &&
	       READ_ONCE(*obj->link) == mark_of(me);
}

static int claim_settle(struct netexpert *nx, struct nexp_thread *me,
			const struct nexp_object *obj, struct nexp_thread *owner)
{
	uint16_t mark = mark_of(me);
	bool is_ours;

	do {
		if (!nexp_thread_share(owner))
			continue;
		/* No membarrier(2) any more, so nothing is certain: as it was. */
		__atomic_compare_exchange_n(obj->link, &mark, obj->value, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
		return -EAGAIN;
	} while (!claim_is_settled(nx, me, obj, &owner));
	nexp_enter(me);
	is_ours = claim_is_ours(me, obj);
	nexp_leave(me);
	return is_ours ? 0 : -EINVAL;
}

/* By compare-and-swap; the caller is busy, and is not afterwards. */
static inline int claim_shared(struct netexpert *nx, struct nexp_thread *me,
			       struct nexp_object *obj)
{
	struct nexp_thread *owner;
	bool is_ours;

	/* Fails with a live value if somebody has just resized the object. */
	while (!__atomic_compare_exchange_n(obj->link, &obj->value, mark_of(me), false,
					    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
		if (obj->value & NEXP_LINK_LIVE)
			continue;
		nexp_leave(me);
		return -EINVAL;
	}
	if (claim_is_settled(nx, me, obj, &owner)) {
		is_ours = claim_is_ours(me, obj);
		nexp_leave(me);
		return is_ours ? 0 : -EINVAL;
	}
	nexp_leave(me);
	return claim_settle(nx, me, obj, owner);
}

static inline int small_claim(struct netexpert *nx, struct nexp_thread *me,
			      const void *address, struct nexp_object *obj)
{
	bool is_private;
	int err;

	nexp_enter(me);
	/* Before the rest is looked at: see there. */
	is_private = nexp_is_private(me);
	err = object_find(nx, address, obj);
	if (err || obj->kind == NEXP_SPAN_LARGE) {
		nexp_leave(me);
		return err;
	}
	if (is_private &&
	    (READ_ONCE(obj->span->state) & NEXP_STATE_OWNER) == me->id) {
		WRITE_ONCE(*obj->link, mark_of(me));
		nexp_leave(me);
		return 0;
	}
	return claim_shared(nx, me, obj);
}

/**
 * nexp_small_claim() - be the only one who frees or resizes an object
 * @nx: the pool.
 * @me: the caller's heap.
 * @address: from anywhere.
 * @obj: what it is. Claimed if it is SMALL.
 *
 * Return: 0, -EINVAL if there is no live object, -EAGAIN if another thread owns
 * it and membarrier(2) fails; nothing has changed then.
 */
int nexp_small_claim(struct netexpert *nx, struct nexp_thread *me,
		     const void *address, struct nexp_object *obj)
{
	return small_claim(nx, me, address, obj);
}

/* As the owner, private. False if that is not so any more. */
static bool free_own(struct netexpert *nx, struct nexp_thread *me,
		     const struct nexp_object *obj)
{
	bool is_ours;

	nexp_enter(me);
	is_ours = nexp_is_private(me) &&
		  (READ_ONCE(obj->span->state) & NEXP_STATE_OWNER) == me->id;
	if (is_ours && nexp_slot_put(obj->span, obj->link, obj->slot))
		nexp_span_event(nx, me, obj->extent);
	else
		nexp_leave(me);
	return is_ours;
}

/* Of a span of nobody's current ones; 0 can't be, so it says "never" for those. */
static bool all_is_free(const struct nexp_span *span, uint64_t state)
{
	return (uint32_t)(state >> NEXP_STATE_COUNT_SHIFT) ==
	       (uint32_t)(READ_ONCE(span->fresh) - nexp_span_nr_free(span));
}

/*
 * If no slot of the span is live any more, does its owner's work, who may never
 * look again.
 */
static void collect_for(struct netexpert *nx, struct nexp_thread *owner,
			const struct nexp_span *span)
{
	struct nexp_list empty = *nexp_no_spans();
	bool was_private;

	/* It may be private again, if somebody else has visited it meanwhile. */
	if (nexp_thread_visit(owner, &was_private))
		return;
	if (all_is_free(span, READ_ONCE(span->state)))
		nexp_pending_collect(nx, owner, false, &empty);
	nexp_thread_depart(owner, was_private);
	nexp_spans_put(nx, &empty);
}

/* To the span's remote list; @state is what was seen of it. */
static inline bool free_remote(struct netexpert *nx, const struct nexp_object *obj,
			       uint64_t state)
{
	uint64_t count = (state >> NEXP_STATE_COUNT_SHIFT) + 1;
	uint64_t new = (count << NEXP_STATE_COUNT_SHIFT) | NEXP_STATE_QUEUED |
		       ((uint64_t)obj->slot << NEXP_STATE_HEAD_SHIFT) |
		       (state & NEXP_STATE_OWNER);
	struct nexp_thread *owner = owner_of(nx, state);
	struct nexp_span *span = obj->span;
	bool is_first = !(state & NEXP_STATE_QUEUED);

	WRITE_ONCE(*obj->link, (uint16_t)((state & NEXP_STATE_HEAD) >>
					  NEXP_STATE_HEAD_SHIFT));
	/* Full barrier: all_is_free() is judged by what is there after the push. */
	if (!__atomic_compare_exchange_n(&span->state, &state, new, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return false;
	if (is_first)
		nexp_pending_push(nx, owner, obj->extent);
	/*
	 * Without the lock only a hint: a collect that is under way has taken the
	 * list, but not added it up yet. So the first one after it looks with
	 * the lock, and sees who came before that.
	 */
	if (is_first || all_is_free(span, new))
		collect_for(nx, owner, span);
	return true;
}

static inline void small_free(struct netexpert *nx, struct nexp_thread *me,
			      const struct nexp_object *obj)
{
	bool is_done = false;

	while (!is_done) {
		uint64_t state = __atomic_load_n(&obj->span->state,
						 __ATOMIC_ACQUIRE);
		uint32_t owner = state & NEXP_STATE_OWNER;

		if (!owner) {
			/* A full span of nobody's: now it is ours. */
			if (__atomic_compare_exchange_n(&obj->span->state, &state,
							me->id | NEXP_STATE_NO_REMOTE,
							false, __ATOMIC_ACQUIRE,
							__ATOMIC_RELAXED))
				nexp_span_own(me, obj->extent);
		} else if (owner == me->id && nexp_is_private(me)) {
			is_done = free_own(nx, me, obj);
		} else {
			is_done = free_remote(nx, obj, state);
		}
	}
}

/**
 * nexp_small_free() - free a claimed object
 * @nx: the pool.
 * @me: the caller's heap.
 * @obj: SMALL and claimed by @me.
 */
void nexp_small_free(struct netexpert *nx, struct nexp_thread *me,
		     const struct nexp_object *obj)
{
	small_free(nx, me, obj);
}

/** nexp_object_free() - netexpert_free() with the caller's heap. */
int nexp_object_free(struct netexpert *nx, struct nexp_thread *me,
		     const void *address)
{
	struct nexp_object obj;
	int err = small_claim(nx, me, address, &obj);

	if (err)
		return err;
	if (obj.kind == NEXP_SPAN_LARGE)
		return nexp_large_free(nx, address);
	small_free(nx, me, &obj);
	return 0;
}

/** nexp_small_tag() - tag of a claimed object, 0 for none. */
uint8_t nexp_small_tag(const struct netexpert *nx, const struct nexp_object *obj)
{
	return obj->span->tag ? READ_ONCE(*tag_of(nx, obj->extent, obj->class,
						  obj->slot)) : 0;
}
