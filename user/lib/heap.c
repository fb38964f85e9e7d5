// SPDX-License-Identifier: GPL-2.0
/*
 * heap - objects: allocation, validated free, growth
 *
 * An extent serves slots of one class or is part of one large object. What is
 * known about both stands in tables that no overrun reaches (heap.h). Every
 * pointer from outside goes through object_find(), which answers for live
 * objects only; nothing is written before it has. One lock for all: threads will
 * get caches of their own over the same spans and links when that is measured to
 * matter.
 *
 * The tables survive a crash in a readable state: a link is marked live before
 * the pointer is handed out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pool.h"

/* Address space without memory around each window. */
#define GUARD_SIZE	(16UL << 20)

/**
 * struct object - a live object
 * @extent: its extent, or its first one.
 * @slot: SMALL: its slot.
 * @span: of @extent.
 */
struct object {
	uint32_t extent;
	uint32_t slot;
	struct nexp_span *span;
};

static uint64_t links_offset(const struct netexpert *nx, uint32_t extent,
			     unsigned int class)
{
	unsigned int tier = nexp_tier_of(class);

	return nx->heap.layout.links[tier] +
	       (uint64_t)extent * nexp_tier_slots(tier) * sizeof(uint16_t);
}

static uint16_t *links_of(const struct netexpert *nx, uint32_t extent)
{
	return (uint16_t *)(nx->heap.tables +
			    links_offset(nx, extent, nexp_span(nx, extent)->class));
}

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
	layout->objects = offset;
	return offset + ((uint64_t)nr_extents << NEXP_EXTENT_SHIFT);
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
	heap->objects = nexp_map_window(nx, (void *)objects, objects_size,
					nx->ops->heap_prot, NETEXPERT_MAP_HEAP +
					heap->layout.objects);
	return heap->objects ? 0 : -errno;
}

/**
 * nexp_heap_init() - lay out and map the heap, commit nothing
 * @nx: under construction.
 *
 * A heap too small for its tables and one extent has room for no object.
 *
 * Return: 0 or what mmap said.
 */
int nexp_heap_init(struct netexpert *nx)
{
	static const struct nexp_list empty = { NEXP_HEAP_NONE, NEXP_HEAP_NONE };
	struct nexp_heap *heap = &nx->heap;
	uint64_t nr = nx->info.heap_size / NEXP_EXTENT_SIZE;
	unsigned int i;

	pthread_mutex_init(&heap->lock, NULL);
	for (i = 0; i < NEXP_NR_CLASSES; i++)
		heap->bins[i].spans = empty;
	for (i = 0; i < NEXP_NR_RUN_BINS; i++)
		heap->runs[i] = empty;

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

/** nexp_heap_exit() - unmap the heap; half-built ones too. */
void nexp_heap_exit(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;

	if (heap->reserved)
		munmap(heap->reserved, heap->reserved_size);
	free(heap->tables_map);
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

static char *object_address(const struct netexpert *nx, const struct object *obj)
{
	char *address = nexp_extent_address(nx, obj->extent);

	if (obj->span->kind == NEXP_SPAN_SMALL)
		address += obj->slot * nexp_class_size(obj->span->class);
	return address;
}

static size_t object_size(const struct netexpert *nx, const struct object *obj)
{
	if (obj->span->kind == NEXP_SPAN_LARGE)
		return obj->span->size;
	return nexp_class_size(obj->span->class) -
	       (links_of(nx, obj->extent)[obj->slot] & NEXP_LINK_SLACK);
}

/*
 * The one gate for pointers from outside. Finds NULL, foreign, interior,
 * unaligned, never allocated and freed ones without touching what they point to.
 */
static int object_find(const struct netexpert *nx, const void *address,
		       struct object *obj)
{
	const struct nexp_heap *heap = &nx->heap;
	uint64_t offset = (uintptr_t)address - (uintptr_t)heap->objects;
	uint32_t inside = offset & (NEXP_EXTENT_SIZE - 1), size;

	if (offset >> NEXP_EXTENT_SHIFT >= heap->top)
		return -EINVAL;
	obj->extent = (uint32_t)(offset >> NEXP_EXTENT_SHIFT);
	obj->span = nexp_span(nx, obj->extent);
	obj->slot = 0;
	if (obj->span->kind == NEXP_SPAN_LARGE)
		return inside ? -EINVAL : 0;
	if (obj->span->kind != NEXP_SPAN_SMALL)
		return -EINVAL;

	size = nexp_class_size(obj->span->class);
	obj->slot = inside / size;
	if (inside % size || obj->slot >= nexp_class_slots(obj->span->class) ||
	    !(links_of(nx, obj->extent)[obj->slot] & NEXP_LINK_LIVE))
		return -EINVAL;
	return 0;
}

static void count_object(struct netexpert *nx, size_t size)
{
	nx->heap.stat.objects++;
	nx->heap.stat.object_bytes += size;
}

static void uncount_object(struct netexpert *nx, size_t size)
{
	nx->heap.stat.objects--;
	nx->heap.stat.object_bytes -= size;
}

/* An empty span at the back of its class's bin. */
static int span_new(struct netexpert *nx, unsigned int class)
{
	struct nexp_bin *bin = &nx->heap.bins[class];
	struct nexp_span *span;
	uint32_t extent;
	int err;

	err = nexp_run_take(nx, 1, &extent);
	if (err)
		return err;
	err = nexp_tables_commit(nx, links_offset(nx, extent, class),
				 nexp_class_slots(class) * sizeof(uint16_t));
	if (!err)
		err = nexp_run_commit(nx, extent, 0, NEXP_EXTENT_SIZE);
	if (err) {
		nexp_run_put(nx, extent, 1);
		return err;
	}
	span = nexp_span(nx, extent);
	span->kind = NEXP_SPAN_SMALL;
	span->class = (uint8_t)class;
	span->used = 0;
	span->fresh = 0;
	span->free = NEXP_LINK_END;
	nexp_list_append(nx, &bin->spans, extent);
	bin->nr_empty++;
	return 0;
}

static int small_alloc(struct netexpert *nx, size_t size, char **out_address)
{
	unsigned int class = nexp_class_of(size);
	struct nexp_bin *bin = &nx->heap.bins[class];
	struct nexp_span *span;
	uint16_t *links;
	uint32_t extent, slot;
	int err;

	if (bin->spans.first == NEXP_HEAP_NONE) {
		err = span_new(nx, class);
		if (err)
			return err;
	}
	extent = bin->spans.first;
	span = nexp_span(nx, extent);
	links = links_of(nx, extent);
	*out_address = nexp_extent_address(nx, extent);

	if (span->free != NEXP_LINK_END) {
		slot = span->free;
		*out_address += slot * nexp_class_size(class);
		memset(*out_address, 0, size);
		span->free = links[slot];
	} else {
		slot = span->fresh++;
		*out_address += slot * nexp_class_size(class);
	}
	links[slot] = (uint16_t)(NEXP_LINK_LIVE |
				 (nexp_class_size(class) - size));
	if (!span->used++)
		bin->nr_empty--;
	if (span->used == nexp_class_slots(class))
		nexp_list_remove(nx, &bin->spans, extent);
	return 0;
}

static void small_free(struct netexpert *nx, const struct object *obj)
{
	struct nexp_span *span = obj->span;
	struct nexp_bin *bin = &nx->heap.bins[span->class];

	links_of(nx, obj->extent)[obj->slot] = span->free;
	span->free = (uint16_t)obj->slot;
	if (span->used-- == nexp_class_slots(span->class))
		nexp_list_append(nx, &bin->spans, obj->extent);
	if (span->used)
		return;
	if (bin->nr_empty < NEXP_HEAP_KEEP_EMPTY) {
		bin->nr_empty++;
		return;
	}
	nexp_list_remove(nx, &bin->spans, obj->extent);
	nexp_run_put(nx, obj->extent, 1);
}

/**
 * nexp_heap_drop_empty() - free the empty spans that classes keep
 * @nx: the pool; the heap's lock is held.
 *
 * Return: whether there was one.
 */
bool nexp_heap_drop_empty(struct netexpert *nx)
{
	bool dropped = false;
	unsigned int class;

	for (class = 0; class < NEXP_NR_CLASSES; class++) {
		struct nexp_bin *bin = &nx->heap.bins[class];
		uint32_t extent = bin->spans.first, next;

		for (; bin->nr_empty && extent != NEXP_HEAP_NONE; extent = next) {
			next = nexp_span(nx, extent)->next;
			if (nexp_span(nx, extent)->used)
				continue;
			nexp_list_remove(nx, &bin->spans, extent);
			nexp_run_put(nx, extent, 1);
			bin->nr_empty--;
			dropped = true;
		}
	}
	return dropped;
}

static uint32_t extents_for(size_t size)
{
	return (uint32_t)((size + NEXP_EXTENT_SIZE - 1) >> NEXP_EXTENT_SHIFT);
}

static int large_alloc(struct netexpert *nx, size_t size, char **out_address)
{
	uint32_t nr = extents_for(size), first;
	struct nexp_span *span;
	int err;

	err = nexp_run_take(nx, nr, &first);
	if (err)
		return err;
	err = nexp_run_commit(nx, first, 0, size);
	if (err) {
		nexp_run_put(nx, first, nr);
		return err;
	}
	span = nexp_span(nx, first);
	span->kind = NEXP_SPAN_LARGE;
	span->nr_extents = nr;
	span->size = size;
	*out_address = nexp_extent_address(nx, first);
	return 0;
}

/* Changes a large object's size where it is; it stays large. */
/* Before any arithmetic on a size: it may be near SIZE_MAX. */
static bool too_large(const struct netexpert *nx, size_t size)
{
	return size > (uint64_t)nx->heap.layout.nr_extents << NEXP_EXTENT_SHIFT;
}

static int large_resize(struct netexpert *nx, const struct object *obj,
			size_t size)
{
	struct nexp_span *span = obj->span;
	uint32_t nr = extents_for(size), had = span->nr_extents;
	int err;

	if (nr > had) {
		err = nexp_run_extend(nx, obj->extent + had, nr - had);
		if (err)
			return err;
	}
	if (size > span->size) {
		err = nexp_run_commit(nx, obj->extent, span->size, size);
		if (err) {
			if (nr > had)
				nexp_run_put(nx, obj->extent + had, nr - had);
			return err;
		}
	}
	if (nr < had)
		nexp_run_put(nx, obj->extent + nr, had - nr);
	span->nr_extents = nr;
	span->size = size;
	return 0;
}

static int object_alloc(struct netexpert *nx, size_t size, char **out_address)
{
	int err;

	if (too_large(nx, size))
		return -ENOMEM;
	err = size <= NEXP_CLASS_MAX ? small_alloc(nx, size, out_address) :
				       large_alloc(nx, size, out_address);
	if (!err)
		count_object(nx, size);
	return err;
}

static void object_free(struct netexpert *nx, const struct object *obj)
{
	uncount_object(nx, object_size(nx, obj));
	if (obj->span->kind == NEXP_SPAN_SMALL)
		small_free(nx, obj);
	else
		nexp_run_put(nx, obj->extent, obj->span->nr_extents);
}

/* Changes an object's size where it is, if there is room and it fits well. */
static int object_resize(struct netexpert *nx, const struct object *obj,
			 size_t size)
{
	size_t had = object_size(nx, obj), room;

	if (obj->span->kind == NEXP_SPAN_LARGE)
		return large_resize(nx, obj, size);

	room = nexp_class_size(obj->span->class);
	if (size > room)
		return -ENOMEM;
	if (size > had)
		memset(object_address(nx, obj) + had, 0, size - had);
	links_of(nx, obj->extent)[obj->slot] =
		(uint16_t)(NEXP_LINK_LIVE | (room - size));
	return 0;
}

/* Whether a move would give much memory back. */
static bool object_fits_badly(const struct object *obj, size_t size)
{
	if (size > NEXP_CLASS_MAX)
		return false;
	return obj->span->kind == NEXP_SPAN_LARGE ||
	       (size <= nexp_class_size(obj->span->class) / 2 &&
		nexp_class_of(size) != obj->span->class);
}

static int object_move(struct netexpert *nx, const struct object *obj,
		       size_t size, char **out_address)
{
	size_t had = object_size(nx, obj);
	int err;

	err = object_alloc(nx, size, out_address);
	if (err)
		return err;
	memcpy(*out_address, object_address(nx, obj), had < size ? had : size);
	object_free(nx, obj);
	return 0;
}

static int object_realloc(struct netexpert *nx, const struct object *obj,
			  size_t size, char **out_address)
{
	size_t had = object_size(nx, obj);
	int err;

	if (too_large(nx, size))
		return -ENOMEM;
	if (object_fits_badly(obj, size) &&
	    !object_move(nx, obj, size, out_address))
		return 0;
	err = object_resize(nx, obj, size);
	if (err == -ENOMEM)
		return object_move(nx, obj, size, out_address);
	if (err)
		return err;
	nx->heap.stat.object_bytes += size - had;
	*out_address = object_address(nx, obj);
	return 0;
}

static void span_free_all(struct netexpert *nx, uint32_t extent, const void *but)
{
	struct object obj = { .extent = extent, .span = nexp_span(nx, extent) };
	uint32_t fresh = obj.span->fresh;

	/* The span itself goes with its last object. */
	for (; obj.slot < fresh && obj.span->kind == NEXP_SPAN_SMALL; obj.slot++)
		if (links_of(nx, extent)[obj.slot] & NEXP_LINK_LIVE &&
		    object_address(nx, &obj) != but)
			object_free(nx, &obj);
}

/**
 * nexp_heap_free_all() - free every object
 * @nx: the pool.
 * @but: except this one; may be NULL.
 */
void nexp_heap_free_all(struct netexpert *nx, const void *but)
{
	struct object obj = { 0 };

	pthread_mutex_lock(&nx->heap.lock);
	for (obj.extent = 0; obj.extent < nx->heap.top; obj.extent++) {
		obj.span = nexp_span(nx, obj.extent);
		if (obj.span->kind == NEXP_SPAN_SMALL)
			span_free_all(nx, obj.extent, but);
		else if (obj.span->kind == NEXP_SPAN_LARGE &&
			 object_address(nx, &obj) != but)
			object_free(nx, &obj);
	}
	pthread_mutex_unlock(&nx->heap.lock);
}

int netexpert_alloc(struct netexpert *nx, size_t size, void **out_object)
{
	char *address;
	int err;

	if (!nx || !size || !out_object)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&nx->heap.lock);
	err = object_alloc(nx, size, &address);
	pthread_mutex_unlock(&nx->heap.lock);
	if (!err)
		*out_object = address;
	return err;
}

int netexpert_realloc(struct netexpert *nx, void *object, size_t size,
		      void **out_object)
{
	struct object obj;
	char *address;
	int err;

	if (!nx || !size || !out_object)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&nx->heap.lock);
	err = object_find(nx, object, &obj);
	if (!err)
		err = object_realloc(nx, &obj, size, &address);
	pthread_mutex_unlock(&nx->heap.lock);
	if (!err)
		*out_object = address;
	return err;
}

int netexpert_free(struct netexpert *nx, void *object)
{
	struct object obj;
	int err;

	if (!nx)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&nx->heap.lock);
	err = object_find(nx, object, &obj);
	if (!err)
		object_free(nx, &obj);
	pthread_mutex_unlock(&nx->heap.lock);
	return err;
}

int netexpert_size(struct netexpert *nx, const void *object, size_t *out_size)
{
	struct object obj;
	int err;

	if (!nx || !out_size)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&nx->heap.lock);
	err = object_find(nx, object, &obj);
	if (!err)
		*out_size = object_size(nx, &obj);
	pthread_mutex_unlock(&nx->heap.lock);
	return err;
}

int netexpert_heap_stat(struct netexpert *nx,
			struct netexpert_heap_stat *out_stat)
{
	if (!nx || !out_stat)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&nx->heap.lock);
	*out_stat = nx->heap.stat;
	pthread_mutex_unlock(&nx->heap.lock);
	return 0;
}
