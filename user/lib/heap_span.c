// SPDX-License-Identifier: GPL-2.0
/*
 * heap_span - the spans of a thread: which one to allocate from next
 *
 * A bin allocates from its current span until that has neither a free nor a
 * fresh slot. Others with room wait in a list, the longest first: they have
 * collected most frees. A full one comes to the list when some of its slots are
 * free, because a turn costs more than a slot; before an allocation fails, each
 * one counts. A span without a live object is given up at once unless it is
 * current, so what a thread keeps for itself is one span of a class.
 *
 * Two lists of free slots: the owner frees to @local and allocates from @head,
 * which gets all of @local when it is empty. Then neither waits for what the
 * other has just stored.
 */
#include <errno.h>

#include "heap_fast.h"

/* What a bin without a current span allocates from. */
static struct nexp_span no_span = { .local = NEXP_LINK_END };

struct nexp_bin nexp_no_bin = {
	.head = NEXP_LINK_END,
	.span = &no_span,
	.current = NEXP_HEAP_NONE,
	.spans = { NEXP_HEAP_NONE, NEXP_HEAP_NONE },
};

/** nexp_bin_init() - an empty bin for slots of @class. */
void nexp_bin_init(struct nexp_bin *bin, unsigned int class)
{
	*bin = (struct nexp_bin) {
		.head = NEXP_LINK_END,
		.slot_size = nexp_classes[class].size,
		.nr_slots = nexp_classes[class].slots,
		.span = &no_span,
		.current = NEXP_HEAP_NONE,
		.spans = *nexp_no_spans(),
	};
}

static struct nexp_bin *bin_of(struct nexp_thread *thread,
			       const struct nexp_span *span)
{
	return &thread->bins[span->class + (span->tag ? NEXP_NR_CLASSES : 0)];
}

/** nexp_spans_put() - give extents of empty spans back; no lock is held. */
void nexp_spans_put(struct netexpert *nx, struct nexp_list *empty)
{
	uint32_t extent = empty->first, next;

	if (extent == NEXP_HEAP_NONE)
		return;
	pthread_mutex_lock(&nx->heap.lock);
	for (; extent != NEXP_HEAP_NONE; extent = next) {
		next = nexp_span(nx, extent)->next;
		nexp_run_put(nx, extent, 1);
	}
	pthread_mutex_unlock(&nx->heap.lock);
	*empty = *nexp_no_spans();
}

/* Free slots of a full span that are worth a turn. */
static uint32_t span_worth(const struct nexp_span *span)
{
	uint32_t worth = span->fresh / NEXP_SPAN_WORTH;

	return worth > NEXP_SPAN_WORTH ? NEXP_SPAN_WORTH : worth ? worth : 1;
}

static uint32_t span_half(const struct nexp_span *span)
{
	return (span->fresh + 1U) / 2;
}

/* Of a listed one: whether its event is that all of it is free. */
static bool span_is_hollow(const struct nexp_span *span)
{
	return span->event == span->fresh;
}

/* A listed span's next event: that it is half empty, and then empty. */
static void span_look(struct nexp_bin *bin, struct nexp_span *span, uint32_t nr_free)
{
	bool is_hollow = nr_free >= span_half(span);

	nexp_span_set_event(span, is_hollow ? span->fresh : span_half(span), nr_free);
	if (span_is_hollow(span))
		WRITE_ONCE(bin->nr_hollow, bin->nr_hollow + 1);
}

static void span_list(struct netexpert *nx, struct nexp_bin *bin, uint32_t extent,
		      uint32_t nr_free)
{
	struct nexp_span *span = nexp_span(nx, extent);

	span->place = NEXP_SPAN_LISTED;
	span_look(bin, span, nr_free);
	nexp_list_append(nx, &bin->spans, extent);
}

static void span_unlist(struct netexpert *nx, struct nexp_bin *bin, uint32_t extent)
{
	if (span_is_hollow(nexp_span(nx, extent)))
		WRITE_ONCE(bin->nr_hollow, bin->nr_hollow - 1);
	nexp_list_remove(nx, &bin->spans, extent);
}

/*
 * A listed span has no live object any more. It stops being its owner's here, while
 * that is ourselves or is visited, and not when the extent goes back: soon that is
 * another thread's, and who was the owner must not see its own name there first and
 * the other's fields then (selftests/model/reuse.pml).
 */
static void span_give_up(struct netexpert *nx, struct nexp_bin *bin, uint32_t extent,
			 struct nexp_list *empty)
{
	span_unlist(nx, bin, extent);
	/* Release: who claims by what was live here finds no mark: claim_is_settled(). */
	__atomic_store_n(&nexp_span(nx, extent)->state, 0, __ATOMIC_RELEASE);
	nexp_list_append(nx, empty, extent);
}

/*
 * A span of @me's has more free slots than before; the lists are locked. @empty
 * gets it if no slot of it is live any more.
 */
static void span_freed(struct netexpert *nx, struct nexp_thread *me, uint32_t extent,
		       struct nexp_list *empty)
{
	struct nexp_span *span = nexp_span(nx, extent);
	uint32_t nr_free = nexp_span_nr_free(span);
	struct nexp_bin *bin = bin_of(me, span);

	if (span->place == NEXP_SPAN_FULL && nr_free >= span_worth(span))
		span_list(nx, bin, extent, nr_free);
	else if (span->place == NEXP_SPAN_LISTED && !span_is_hollow(span) &&
		 nr_free >= span_half(span))
		span_look(bin, span, nr_free);
	if (span->place == NEXP_SPAN_LISTED && nr_free == span->fresh)
		span_give_up(nx, bin, extent, empty);
}

/**
 * nexp_spans_list_all() - let each free slot of the calling thread count
 * @nx: the pool.
 * @me: the caller's heap.
 */
void nexp_spans_list_all(struct netexpert *nx, struct nexp_thread *me)
{
	uint32_t extent;

	nexp_lists_lock(me);
	for (extent = 0; extent < me->top; extent++) {
		struct nexp_span *span = nexp_span(nx, extent);

		if ((uint16_t)READ_ONCE(span->state) == me->id &&
		    span->place == NEXP_SPAN_FULL && nexp_span_nr_free(span))
			span_list(nx, bin_of(me, span), extent,
				  nexp_span_nr_free(span));
	}
	nexp_lists_unlock(me);
}

/**
 * nexp_span_event() - a span of ours has come to its event
 * @nx: the pool.
 * @me: its owner, private and busy; not busy afterwards.
 * @extent: the span.
 */
void nexp_span_event(struct netexpert *nx, struct nexp_thread *me, uint32_t extent)
{
	struct nexp_list empty = *nexp_no_spans();

	span_freed(nx, me, extent, &empty);
	nexp_leave(me);
	nexp_spans_put(nx, &empty);
}

/** nexp_pending_push() - tell a span's owner of its first remote free. */
void nexp_pending_push(struct netexpert *nx, struct nexp_thread *thread,
		       uint32_t extent)
{
	struct nexp_span *span = nexp_span(nx, extent);
	uint32_t first = READ_ONCE(thread->pending);

	do {
		WRITE_ONCE(span->pending, first);
	} while (!__atomic_compare_exchange_n(&thread->pending, &first, extent, true,
					      __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

/* Moves what others have freed to the owner's own list. */
static void span_collect(struct nexp_span *span)
{
	uint64_t state = READ_ONCE(span->state);
	uint16_t *links = span->links;
	uint32_t first, last, count, i;

	/* Acquire: what was written to these objects comes before our zeros. */
	while (!__atomic_compare_exchange_n(&span->state, &state,
					    (state & NEXP_STATE_OWNER) |
					    NEXP_STATE_NO_REMOTE, true,
					    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		;
	count = (uint32_t)(state >> NEXP_STATE_COUNT_SHIFT);
	first = (state & NEXP_STATE_HEAD) >> NEXP_STATE_HEAD_SHIFT;
	for (last = first, i = 1; i < count; i++)
		last = READ_ONCE(links[last]);
	WRITE_ONCE(links[last], span->local);
	span->local = (uint16_t)first;
	WRITE_ONCE(span->left, (uint16_t)(span->left - count));
}

/**
 * nexp_pending_collect() - take over what others have freed
 * @nx: the pool.
 * @thread: whose spans; its lists are locked.
 * @is_ours: it is the caller's, or nobody's. Another thread may be allocating
 *	from its current spans, so these are left alone.
 * @empty: gets spans that have no live slot any more.
 */
void nexp_pending_collect(struct netexpert *nx, struct nexp_thread *thread,
			  bool is_ours, struct nexp_list *empty)
{
	uint32_t extent, next;

	if (READ_ONCE(thread->pending) == NEXP_HEAP_NONE)
		return;
	extent = __atomic_exchange_n(&thread->pending, NEXP_HEAP_NONE,
				     __ATOMIC_ACQUIRE);
	for (; extent != NEXP_HEAP_NONE; extent = next) {
		struct nexp_span *span = nexp_span(nx, extent);

		/* Before it can be pushed again. */
		next = READ_ONCE(span->pending);
		if (!is_ours && span->place == NEXP_SPAN_CURRENT) {
			nexp_pending_push(nx, thread, extent);
			continue;
		}
		span_collect(span);
		span_freed(nx, thread, extent, empty);
	}
}

/* How far the current span's committed pages reach. */
static void bin_set_limit(const struct netexpert *nx, struct nexp_bin *bin,
			  const struct nexp_span *span)
{
	uint64_t bytes = span->pages * nx->page_size;

	bin->limit = bytes == NEXP_EXTENT_SIZE ? bin->nr_slots :
		     (uint32_t)(bytes / bin->slot_size);
}

/** nexp_span_own() - a span is @me's from now on, who is the caller. */
void nexp_span_own(struct nexp_thread *me, uint32_t extent)
{
	if (extent >= me->top)
		me->top = extent + 1;
}

static void bin_use(const struct netexpert *nx, struct nexp_thread *me,
		    struct nexp_bin *bin, uint32_t extent)
{
	struct nexp_span *span = nexp_span(nx, extent);

	bin->current = extent;
	bin->span = span;
	bin->links = span->links;
	bin->base = nexp_extent_address(nx, extent);
	bin->fresh = span->fresh;
	bin->dirty = (uint32_t)(span->dirty * nx->page_size);
	bin_set_limit(nx, bin, span);
	span->place = NEXP_SPAN_CURRENT;
	nexp_span_set_event(span, NEXP_SPAN_NO_EVENT, nexp_span_nr_free(span));
	WRITE_ONCE(span->fresh, NEXP_SPAN_NO_EVENT);
	bin->head = nexp_bin_swap(bin);
	nexp_span_own(me, extent);
}

/* The current span has no free slot that is committed. */
static void bin_seal(const struct netexpert *nx, struct nexp_thread *me,
		     struct nexp_bin *bin)
{
	struct nexp_span *span = nexp_span(nx, bin->current);
	uint64_t state = me->id | NEXP_STATE_NO_REMOTE;

	span->place = NEXP_SPAN_FULL;
	WRITE_ONCE(span->fresh, (uint16_t)bin->fresh);
	nexp_span_set_event(span, span_worth(span), 0);
	bin->fresh = 0;
	bin->limit = 0;
	bin->current = NEXP_HEAP_NONE;
	bin->span = &no_span;
	bin->is_grown = true;
	/*
	 * Whoever frees its next object becomes its owner, and then frees the
	 * others cheaply: often that is the thread that frees them all. Fails if
	 * one was freed just now; then it stays ours. Release: the fields above.
	 */
	if (!nexp_is_private(me))
		__atomic_compare_exchange_n(&span->state, &state,
					    NEXP_STATE_NO_REMOTE, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/**
 * nexp_bin_retire() - a bin does without its current span
 * @nx: the pool.
 * @bin: of a thread whose lists are locked by its own thread.
 * @only_empty: only if no slot of it is live.
 * @empty: gets the span if no slot of it is live.
 */
void nexp_bin_retire(struct netexpert *nx, struct nexp_bin *bin, bool only_empty,
		     struct nexp_list *empty)
{
	struct nexp_span *span;
	uint32_t extent = bin->current, slot, last = NEXP_LINK_END, count = 0;
	uint32_t nr_free;

	if (extent == NEXP_HEAP_NONE)
		return;
	span = nexp_span(nx, extent);
	for (slot = bin->head; slot != NEXP_LINK_END; slot = bin->links[slot]) {
		last = slot;
		count++;
	}
	nr_free = nexp_span_nr_free(span) + count;
	if (only_empty && nr_free != bin->fresh)
		return;
	if (count) {
		WRITE_ONCE(bin->links[last], span->local);
		span->local = (uint16_t)bin->head;
	}
	WRITE_ONCE(span->fresh, (uint16_t)bin->fresh);
	bin->head = NEXP_LINK_END;
	bin->fresh = 0;
	bin->limit = 0;
	bin->current = NEXP_HEAP_NONE;
	bin->span = &no_span;
	span_list(nx, bin, extent, nr_free);
	if (nr_free == span->fresh)
		span_give_up(nx, bin, extent, empty);
}

enum next_step { STEP_READY, STEP_GROW, STEP_NEW };

/* The lists are locked. */
static enum next_step bin_next(struct netexpert *nx, struct nexp_thread *me,
			       struct nexp_bin *bin)
{
	for (;;) {
		if (bin->current == NEXP_HEAP_NONE) {
			uint32_t extent = bin->spans.first;

			if (extent == NEXP_HEAP_NONE)
				return STEP_NEW;
			span_unlist(nx, bin, extent);
			bin_use(nx, me, bin, extent);
		}
		if (bin->head == NEXP_LINK_END)
			bin->head = nexp_bin_swap(bin);
		if (bin->head != NEXP_LINK_END || bin->fresh < bin->limit)
			return STEP_READY;
		if (bin->limit < bin->nr_slots)
			return STEP_GROW;
		bin_seal(nx, me, bin);
	}
}

/*
 * How much of a span to commit: of the first one of a class a page, then four
 * times as much each time; of the next ones all.
 */
static uint64_t bin_step(const struct netexpert *nx, const struct nexp_bin *bin,
			 uint32_t pages)
{
	uint64_t bytes = (pages ? 4 * pages : 1) * (uint64_t)nx->page_size;

	if (bin->is_grown || bytes > NEXP_EXTENT_SIZE)
		return NEXP_EXTENT_SIZE;
	return bytes > bin->slot_size ? bytes : bin->slot_size;
}

static int bin_grow(struct netexpert *nx, struct nexp_bin *bin)
{
	struct nexp_span *span = nexp_span(nx, bin->current);
	int err;

	pthread_mutex_lock(&nx->heap.lock);
	err = nexp_run_commit(nx, bin->current, bin_step(nx, bin, span->pages));
	pthread_mutex_unlock(&nx->heap.lock);
	if (!err)
		bin_set_limit(nx, bin, span);
	return err;
}

static int span_commit(struct netexpert *nx, uint32_t extent, unsigned int index,
		       const struct nexp_bin *bin)
{
	unsigned int class = index % NEXP_NR_CLASSES;
	uint32_t slots = bin->nr_slots, pages = nexp_span(nx, extent)->pages;
	unsigned int tier = nexp_tier_of(class);
	int err;

	err = nexp_tables_commit(nx, nexp_links_offset(nx, extent, class),
				 slots * sizeof(uint16_t));
	if (!err && index >= NEXP_NR_CLASSES)
		err = nexp_tables_commit(nx, nx->heap.layout.tags[tier] +
					 (uint64_t)extent * nexp_tier_slots(tier),
					 slots);
	if (!err && pages * nx->page_size < bin->slot_size)
		err = nexp_run_commit(nx, extent, bin_step(nx, bin, pages));
	return err;
}

/* A span of our own, in no list yet. */
static int span_new(struct netexpert *nx, struct nexp_thread *me, unsigned int index,
		    uint32_t *out_extent)
{
	const struct nexp_bin *bin = &me->bins[index];
	struct nexp_span *span;
	uint32_t extent;
	int err;

	pthread_mutex_lock(&nx->heap.lock);
	err = nexp_run_take(nx, 1, &extent);
	if (err)
		goto out_unlock;
	err = span_commit(nx, extent, index, bin);
	if (err) {
		nexp_run_put(nx, extent, 1);
		goto out_unlock;
	}
	span = nexp_span(nx, extent);
	span->links = (uint16_t *)(nx->heap.tables +
				   nexp_links_offset(nx, extent,
						     index % NEXP_NR_CLASSES));
	span->reciprocal = nexp_classes[index % NEXP_NR_CLASSES].reciprocal;
	span->slot_size = (uint16_t)bin->slot_size;
	span->local = NEXP_LINK_END;
	nexp_span_set_event(span, NEXP_SPAN_NO_EVENT, 0);
	WRITE_ONCE(span->fresh, 0);
	WRITE_ONCE(span->class, (uint8_t)(index % NEXP_NR_CLASSES));
	span->tag = index >= NEXP_NR_CLASSES;
	WRITE_ONCE(span->state, me->id | NEXP_STATE_NO_REMOTE);
	/* Release: who sees a SMALL span sees its class and can read its links. */
	__atomic_store_n(&span->kind, NEXP_SPAN_SMALL, __ATOMIC_RELEASE);
	*out_extent = extent;
out_unlock:
	pthread_mutex_unlock(&nx->heap.lock);
	return err;
}

/*
 * Whether a thread has a span for others. One with much alive in it is left to a
 * living thread: its objects would have two who free them.
 */
static bool has_to_spare(const struct nexp_thread *thread, unsigned int index)
{
	const struct nexp_bin *bin = &thread->bins[index];

	return READ_ONCE(thread->is_used) ?
	       READ_ONCE(bin->nr_hollow) > NEXP_HEAP_HOARD :
	       READ_ONCE(bin->spans.first) != NEXP_HEAP_NONE;
}

/* One that has; its lists are locked. */
static bool span_take_over(struct netexpert *nx, struct nexp_thread *me,
			   struct nexp_thread *thread, unsigned int index,
			   uint32_t *out_extent)
{
	struct nexp_bin *bin = &thread->bins[index];
	uint64_t state = thread->id | NEXP_STATE_NO_REMOTE;
	uint32_t extent = bin->spans.first;
	struct nexp_span *span;

	if (!has_to_spare(thread, index))
		return false;
	if (bin->nr_hollow)
		while (!span_is_hollow(nexp_span(nx, extent)))
			extent = nexp_span(nx, extent)->next;
	span = nexp_span(nx, extent);
	span_unlist(nx, bin, extent);
	/*
	 * It is in no list of ours yet, and from the next line on others collect
	 * for us what the former owner frees: they leave a current span alone.
	 */
	span->place = NEXP_SPAN_CURRENT;
	/* Not if one of its objects was freed just now. */
	if (!__atomic_compare_exchange_n(&span->state, &state,
					 me->id | NEXP_STATE_NO_REMOTE, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		span_list(nx, bin, extent, nexp_span_nr_free(span));
		return false;
	}
	*out_extent = extent;
	return true;
}

/*
 * A span with room of somebody else's: of a thread that has ended, or of one that
 * has many, because it frees what others allocate. Otherwise what is freed there
 * would be out of reach for who allocates.
 */
static bool span_find(struct netexpert *nx, struct nexp_thread *me,
		      unsigned int index, uint32_t *out_extent)
{
	uint32_t i, nr = __atomic_load_n(&nx->heap.nr_threads, __ATOMIC_ACQUIRE);
	struct nexp_list empty = *nexp_no_spans();
	bool found = false, was_private;

	for (i = 0; i < nr && !found; i++) {
		struct nexp_thread *thread = &nx->heap.threads[i];

		if (thread == me ||
		    (READ_ONCE(thread->pending) == NEXP_HEAP_NONE &&
		     !has_to_spare(thread, index)))
			continue;
		if (nexp_thread_visit(thread, &was_private))
			continue;
		nexp_pending_collect(nx, thread, !READ_ONCE(thread->is_used), &empty);
		found = span_take_over(nx, me, thread, index, out_extent);
		nexp_thread_depart(thread, was_private);
	}
	nexp_spans_put(nx, &empty);
	return found;
}

/**
 * nexp_bin_turn() - let a bin have a slot of a span that the thread has
 * @nx: the pool.
 * @me: the caller's heap.
 * @bin: has none.
 *
 * What nexp_bin_fill() usually comes to.
 *
 * Return: whether there is one.
 */
bool nexp_bin_turn(struct netexpert *nx, struct nexp_thread *me, struct nexp_bin *bin)
{
	enum next_step step;

	if (READ_ONCE(bin->spans.first) == NEXP_HEAP_NONE ||
	    READ_ONCE(me->pending) != NEXP_HEAP_NONE)
		return false;
	nexp_lists_lock(me);
	step = bin_next(nx, me, bin);
	nexp_lists_unlock(me);
	return step == STEP_READY;
}

/* Until the bin has a slot or needs another span: false. */
static bool bin_fill_from_own(struct netexpert *nx, struct nexp_thread *me,
			      struct nexp_bin *bin)
{
	struct nexp_list empty = *nexp_no_spans();
	enum next_step step;

	for (;;) {
		nexp_lists_lock(me);
		nexp_pending_collect(nx, me, true, &empty);
		step = bin_next(nx, me, bin);
		nexp_lists_unlock(me);
		nexp_spans_put(nx, &empty);
		if (step != STEP_GROW)
			return step == STEP_READY;
		if (!bin_grow(nx, bin))
			return true;
		/* What can't grow is full; others may have room. */
		nexp_lists_lock(me);
		bin_seal(nx, me, bin);
		nexp_lists_unlock(me);
	}
}

/**
 * nexp_bin_fill() - let a bin have a slot
 * @nx: the pool.
 * @me: the caller's heap.
 * @index: of the bin, which has none.
 *
 * Return: 0, or what the commit said.
 */
int nexp_bin_fill(struct netexpert *nx, struct nexp_thread *me, unsigned int index)
{
	struct nexp_bin *bin = &me->bins[index];
	uint32_t extent;
	int err;

	while (!bin_fill_from_own(nx, me, bin)) {
		if (!span_find(nx, me, index, &extent)) {
			err = span_new(nx, me, index, &extent);
			if (err)
				return err;
		}
		nexp_lists_lock(me);
		bin_use(nx, me, bin, extent);
		nexp_lists_unlock(me);
	}
	return 0;
}
