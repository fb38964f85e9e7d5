// SPDX-License-Identifier: GPL-2.0
/*
 * heap - objects: layout, and what may be called from outside
 *
 * An extent serves slots of one class or is part of one large object. What is
 * known about both stands in tables that no overrun reaches (heap_layout.h). A
 * pointer from outside is checked completely before anything is written: by
 * nexp_free_fast() in the usual case, by nexp_object_find() otherwise.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "heap_fast.h"
#include "loan.h"

/* Address space without memory around each window. */
#define GUARD_SIZE	(16UL << 20)

static uint64_t page_align(const struct netexpert *nx, uint64_t bytes)
{
	return (bytes + nx->page_size - 1) / nx->page_size * nx->page_size;
}

/* Offsets for @nr_extents; all bytes that takes. */
static uint64_t layout_make(const struct netexpert *nx, uint32_t nr_extents,
			    struct nexp_heap_head *layout)
{
	uint64_t offset = nx->page_size;
	unsigned int tier;

	*layout = (struct nexp_heap_head) {
		.magic = NEXP_HEAP_MAGIC,
		.version = NEXP_HEAP_VERSION,
		.nr_extents = nr_extents,
		.spans = offset,
	};
	offset += page_align(nx, nr_extents * sizeof(struct nexp_span));
	for (tier = 0; tier < NEXP_NR_TIERS; tier++) {
		layout->links[tier] = offset;
		offset += page_align(nx, (uint64_t)nr_extents *
				     nexp_tier_slots(tier) * sizeof(uint16_t));
	}
	for (tier = 0; tier < NEXP_NR_TIERS; tier++) {
		layout->tags[tier] = offset;
		offset += page_align(nx, (uint64_t)nr_extents *
				     nexp_tier_slots(tier));
	}
	/* An extent is a block to the kernel, too. */
	layout->objects = (offset + NEXP_EXTENT_SIZE - 1) &
			  ~(uint64_t)(NEXP_EXTENT_SIZE - 1);
	return layout->objects + ((uint64_t)nr_extents << NEXP_EXTENT_SHIFT);
}

static int heap_map(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	uint64_t objects_size = nx->info.heap_size - heap->layout.objects;
	uintptr_t base, objects;

	heap->tables_size = heap->layout.objects;
	heap->reserved_size = heap->tables_size + objects_size +
			      3 * GUARD_SIZE + NEXP_EXTENT_SIZE;
	heap->reserved = mmap(NULL, heap->reserved_size, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			      -1, 0);
	if (heap->reserved == MAP_FAILED) {
		heap->reserved = NULL;
		return -errno;
	}
	base = (uintptr_t)heap->reserved + GUARD_SIZE;
	objects = (base + heap->tables_size + GUARD_SIZE + NEXP_EXTENT_SIZE - 1) &
		  ~(uintptr_t)(NEXP_EXTENT_SIZE - 1);
	heap->tables = nexp_map_window(nx, (void *)base, heap->tables_size,
				       nx->ops->heap_prot, NETEXPERT_MAP_HEAP);
	if (!heap->tables)
		return -errno;
	heap->spans = (struct nexp_span *)(heap->tables + heap->layout.spans);
	heap->objects = nexp_map_window(nx, (void *)objects, objects_size,
					nx->ops->heap_prot, NETEXPERT_MAP_HEAP +
					heap->layout.objects);
	return heap->objects ? 0 : -errno;
}

/* A heap too small for its tables and one extent has room for no object. */
static int heap_place(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	uint64_t nr = nx->info.heap_size / NEXP_EXTENT_SIZE;

	/* Down by what is too much, at least by one: few steps. */
	while (nr) {
		uint64_t all = layout_make(nx, (uint32_t)nr, &heap->layout);
		uint64_t less;

		if (all <= nx->info.heap_size)
			break;
		less = (all - nx->info.heap_size) / (2 * NEXP_EXTENT_SIZE);
		nr -= less ? less : 1;
	}
	heap->layout.nr_extents = (uint32_t)nr;
	if (!nr)
		return 0;

	heap->tables_map = calloc(heap->layout.objects / nx->page_size / 8 + 1, 1);
	if (!heap->tables_map)
		return -ENOMEM;
	return heap_map(nx);
}

/**
 * nexp_heap_init() - lay out and map the heap, commit nothing
 * @nx: under construction.
 *
 * Return: 0, -EAGAIN if the process has no pthread key left, or what mmap said.
 */
int nexp_heap_init(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	unsigned int i;
	int err;

	pthread_mutex_init(&heap->lock, NULL);
	for (i = 0; i < NEXP_NR_RUN_BINS; i++)
		heap->runs[i] = *nexp_no_spans();
	err = heap_place(nx);
	return err ? err : nexp_threads_init(nx);
}

/** nexp_heap_exit() - unmap the heap; half-built ones too. */
void nexp_heap_exit(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;

	if (heap->reserved)
		munmap(heap->reserved, heap->reserved_size);
	free(heap->tables_map);
	nexp_threads_exit(nx);
	pthread_mutex_destroy(&heap->lock);
}

/** nexp_heap_address() - where an offset of the heap is mapped. */
void *nexp_heap_address(const struct netexpert *nx, uint64_t offset)
{
	const struct nexp_heap *heap = &nx->heap;

	if (offset < heap->layout.objects)
		return heap->tables + offset;
	return heap->objects + (offset - heap->layout.objects);
}

/* Before any arithmetic on a size: it may be near SIZE_MAX. */
static bool too_large(const struct netexpert *nx, size_t size)
{
	return size > (uint64_t)nx->heap.layout.nr_extents << NEXP_EXTENT_SHIFT;
}

/* Off the fast path. When memory runs out, what is kept is given up. */
static void *object_alloc(struct netexpert *nx, struct nexp_thread *me, size_t size,
			  uint8_t tag, int *out_err)
{
	void *object;
	int tries;

	*out_err = -ENOMEM;
	if (too_large(nx, size))
		return NULL;
	for (tries = 0; tries < 2; tries++) {
		if (tries) {
			nexp_spans_list_all(nx, me);
			nexp_heap_trim(nx, me);
		}
		object = size <= NEXP_CLASS_MAX ?
			 nexp_small_alloc(nx, me, size, tag, out_err) :
			 nexp_large_alloc(nx, size, tag, out_err);
		if (object)
			return object;
	}
	return NULL;
}

/**
 * nexp_alloc() - an object, whatever it takes
 * @nx: the pool.
 * @size: not 0.
 * @out_err: why there is no object.
 *
 * Return: the object or NULL.
 */
void *nexp_alloc(struct netexpert *nx, size_t size, int *out_err)
{
	struct nexp_thread *me;
	void *object;

	if (nexp_forked(nx)) {
		*out_err = -EPERM;
		return NULL;
	}
	me = nexp_thread_begin(nx);
	object = object_alloc(nx, me, size, nexp_tls.tag, out_err);
	nexp_thread_end(me);
	return object;
}

/** nexp_free() - netexpert_free(), whatever it takes. */
int nexp_free(struct netexpert *nx, const void *object)
{
	struct nexp_thread *me;
	int err;

	if (nexp_forked(nx))
		return -EPERM;
	me = nexp_thread_begin(nx);
	err = nexp_object_free(nx, me, object);
	nexp_thread_end(me);
	return err;
}

/** nexp_free_event() - what remains to be done after NEXP_FREE_EVENT. */
void nexp_free_event(struct netexpert *nx, const void *object)
{
	nexp_span_event(nx, nexp_tls.me,
			(uint32_t)(((const char *)object - nx->heap.objects) >>
				   NEXP_EXTENT_SHIFT));
}

/* Whether a move out of a slot of @room would give much memory back. */
static bool slot_fits_badly(uint32_t room, size_t size)
{
	return size <= room / 2 && room > NEXP_CLASS_STEP;
}

static bool fits_badly(const struct nexp_object *obj, size_t size)
{
	if (obj->kind == NEXP_SPAN_LARGE)
		return size <= NEXP_CLASS_MAX;
	return slot_fits_badly(obj->room, size);
}

static size_t small_size(const struct nexp_object *obj)
{
	return obj->room - (obj->value & NEXP_LINK_SLACK);
}

/* Claimed by us; live again afterwards, with another size where it is. */
static int small_resize(const struct nexp_object *obj, char *object, size_t size)
{
	size_t had = small_size(obj);

	if (size > obj->room)
		return -ENOMEM;
	if (size > had)
		memset(object + had, 0, size - had);
	__atomic_store_n(obj->link, (uint16_t)(NEXP_LINK_LIVE | (obj->room - size)),
			 __ATOMIC_RELEASE);
	return 0;
}

/* A new object with what @from has of it. */
static void *object_copy(struct netexpert *nx, struct nexp_thread *me,
			 const void *from, size_t had, size_t size, uint8_t tag,
			 int *out_err)
{
	void *to = object_alloc(nx, me, size, tag, out_err);

	if (to)
		memcpy(to, from, had < size ? had : size);
	return to;
}

static void *small_realloc(struct netexpert *nx, struct nexp_thread *me,
			   const struct nexp_object *obj, void *object, size_t size,
			   int *out_err)
{
	void *moved;

	if (!fits_badly(obj, size)) {
		*out_err = small_resize(obj, object, size);
		if (!*out_err)
			return object;
	}
	moved = object_copy(nx, me, object, small_size(obj), size,
			    nexp_small_tag(nx, obj), out_err);
	if (moved) {
		nexp_small_free(nx, me, obj);
		return moved;
	}
	if (!small_resize(obj, object, size))
		return object;
	__atomic_store_n(obj->link, obj->value, __ATOMIC_RELEASE);
	return NULL;
}

static void *large_realloc(struct netexpert *nx, struct nexp_thread *me,
			   const struct nexp_object *obj, void *object, size_t size,
			   int *out_err)
{
	uint64_t had;
	void *moved;

	if (!fits_badly(obj, size)) {
		*out_err = nexp_large_resize(nx, object, size);
		if (!*out_err)
			return object;
		if (*out_err == -EINVAL)
			return NULL;
	}
	*out_err = nexp_large_claim(nx, object, &had);
	if (*out_err)
		return NULL;
	moved = object_copy(nx, me, object, had, size, nexp_large_tag(nx, object),
			    out_err);
	if (moved) {
		nexp_large_put(nx, object);
		return moved;
	}
	nexp_large_unclaim(nx, object);
	/* Once more: what was kept has been given up meanwhile. */
	*out_err = nexp_large_resize(nx, object, size);
	return *out_err ? NULL : object;
}

static void *object_realloc(struct netexpert *nx, struct nexp_thread *me,
			    void *object, size_t size, int *out_err)
{
	struct nexp_object obj;

	if (too_large(nx, size)) {
		nexp_enter(me);
		*out_err = nexp_object_find(nx, object, &obj) ?: -ENOMEM;
		nexp_leave(me);
		return NULL;
	}
	*out_err = nexp_small_claim(nx, me, object, &obj);
	if (*out_err)
		return NULL;
	if (obj.kind == NEXP_SPAN_LARGE)
		return large_realloc(nx, me, &obj, object, size, out_err);
	return small_realloc(nx, me, &obj, object, size, out_err);
}

static uint8_t tag_at(const struct netexpert *nx, const void *address)
{
	struct nexp_object obj;

	if (nexp_object_find(nx, address, &obj))
		return 0;
	return obj.kind == NEXP_SPAN_LARGE ? obj.span->tag : nexp_small_tag(nx, &obj);
}

/**
 * nexp_heap_free_all() - free every object
 * @nx: the pool.
 * @but: except this one; may be NULL.
 *
 * And except those that were lent (loan.h), which are not the expert's.
 */
void nexp_heap_free_all(struct netexpert *nx, const void *but)
{
	uint32_t extent, top = __atomic_load_n(&nx->heap.top, __ATOMIC_ACQUIRE);

	for (extent = 0; extent < top; extent++) {
		const struct nexp_span *span = nexp_span(nx, extent);
		char *address = nexp_extent_address(nx, extent);
		uint8_t kind = __atomic_load_n(&span->kind, __ATOMIC_ACQUIRE);
		char *end = address + NEXP_EXTENT_SIZE;
		uint32_t step = NEXP_EXTENT_SIZE;

		if (kind == NEXP_SPAN_SMALL)
			step = nexp_class_size(READ_ONCE(span->class));
		else if (kind != NEXP_SPAN_LARGE)
			continue;
		/* What is not live says so and stays as it is. */
		for (; address < end; address += step)
			if (address != but &&
			    !(span->tag && tag_at(nx, address) == NEXP_LOAN_TAG))
				nexp_free(nx, address);
	}
}

int netexpert_alloc(struct netexpert *nx, size_t size, void **out_object)
{
	void *object = NULL;
	int err;

	if (!nx || !size || !out_object)
		return -EINVAL;
	if (nexp_tls.alloc_serial == nx->heap.serial)
		object = nexp_alloc_fast(nexp_tls.me, size);
	if (!object)
		object = nexp_alloc(nx, size, &err);
	if (!object)
		return err;
	*out_object = object;
	return 0;
}

/* An object without a tag that need not read zero. */
static char *slot_at_hand(struct nexp_thread *me, size_t size)
{
	struct nexp_bin *bin;
	uint32_t slot;
	bool is_zero;

	if (nexp_tls.tag)
		return NULL;
	bin = nexp_bin_for(me, size);
	if (!nexp_bin_take(me, bin, &slot) && !nexp_bin_fresh(bin, &slot, &is_zero))
		return NULL;
	return nexp_slot_live(bin, slot, size);
}

/*
 * Resizes an object of the calling thread's own in one section, where it is or
 * to a slot that is at hand. NULL if it is not that simple, and nothing changed.
 */
static void *realloc_fast(struct netexpert *nx, void *object, size_t size)
{
	struct nexp_thread *me = nexp_tls.me;
	struct nexp_slot from;
	size_t had, room;
	char *to;

	if (nexp_tls.serial != nx->heap.serial ||
	    !nexp_slot_find(me, object, &from))
		return NULL;
	room = from.span->slot_size;
	had = room - (READ_ONCE(*from.link) & NEXP_LINK_SLACK);
	if (size <= room && !slot_fits_badly((uint32_t)room, size)) {
		WRITE_ONCE(*from.link, (uint16_t)(NEXP_LINK_LIVE | (room - size)));
		to = object;
		if (size > had)
			memset(to + had, 0, size - had);
		nexp_leave(me);
		return to;
	}
	to = from.span->tag ? NULL : slot_at_hand(me, size);
	if (!to) {
		nexp_leave(me);
		return NULL;
	}
	memcpy(to, object, had < size ? had : size);
	if (size > had)
		memset(to + had, 0, size - had);
	if (nexp_slot_put(from.span, from.link, from.slot))
		nexp_span_event(nx, me, from.extent);
	else
		nexp_leave(me);
	return to;
}

int netexpert_realloc(struct netexpert *nx, void *object, size_t size,
		      void **out_object)
{
	struct nexp_thread *me;
	void *moved;
	int err;

	if (!nx || !size || !out_object)
		return -EINVAL;
	moved = realloc_fast(nx, object, size);
	if (moved) {
		*out_object = moved;
		return 0;
	}
	if (nexp_forked(nx))
		return -EPERM;
	me = nexp_thread_begin(nx);
	moved = object_realloc(nx, me, object, size, &err);
	nexp_thread_end(me);
	if (!moved)
		return err;
	*out_object = moved;
	return 0;
}

int netexpert_free(struct netexpert *nx, void *object)
{
	if (!nx)
		return -EINVAL;
	if (nexp_tls.serial != nx->heap.serial)
		return nexp_free(nx, object);
	switch (nexp_free_fast(nexp_tls.me, object)) {
	case NEXP_FREE_DONE:
		return 0;
	case NEXP_FREE_EVENT:
		nexp_free_event(nx, object);
		return 0;
	default:
		return nexp_free(nx, object);
	}
}

int netexpert_size(struct netexpert *nx, const void *object, size_t *out_size)
{
	struct nexp_thread *me;
	struct nexp_object obj;
	int err;

	if (!nx || !out_size)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	me = nexp_thread_begin(nx);
	nexp_enter(me);
	err = nexp_object_find(nx, object, &obj);
	if (!err)
		*out_size = obj.kind == NEXP_SPAN_LARGE ?
			    READ_ONCE(obj.span->size) : small_size(&obj);
	nexp_leave(me);
	nexp_thread_end(me);
	return err;
}

static void count_small(const struct netexpert *nx, uint32_t extent,
			struct netexpert_heap_stat *stat)
{
	unsigned int class = nexp_span(nx, extent)->class;
	const uint16_t *links = (uint16_t *)(nx->heap.tables +
					     nexp_links_offset(nx, extent, class));
	uint32_t i, nr = nexp_class_slots(class), size = nexp_class_size(class);

	for (i = 0; i < nr; i++) {
		uint16_t link = READ_ONCE(links[i]);

		if (!(link & NEXP_LINK_LIVE))
			continue;
		stat->objects++;
		stat->object_bytes += size - (link & NEXP_LINK_SLACK);
	}
}

int netexpert_heap_stat(struct netexpert *nx,
			struct netexpert_heap_stat *out_stat)
{
	struct netexpert_heap_stat stat = { 0 };
	uint32_t extent;

	if (!nx || !out_stat)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	/* Under the lock no extent changes its kind but large ones that come. */
	pthread_mutex_lock(&nx->heap.lock);
	for (extent = 0; extent < nx->heap.top; extent++) {
		const struct nexp_span *span = nexp_span(nx, extent);
		uint8_t kind = __atomic_load_n(&span->kind, __ATOMIC_ACQUIRE);

		if (kind == NEXP_SPAN_SMALL) {
			count_small(nx, extent, &stat);
		} else if (kind == NEXP_SPAN_LARGE) {
			stat.objects++;
			stat.object_bytes += READ_ONCE(span->size);
		}
	}
	stat.committed = nx->heap.committed;
	stat.metadata = nx->heap.metadata;
	pthread_mutex_unlock(&nx->heap.lock);
	*out_stat = stat;
	return 0;
}
