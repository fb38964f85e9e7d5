// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - the on-demand heap of a pool
 *
 * A flat array of pages, one entry per page of address space. COMMIT
 * fills entries and answers with an errno when it can't; a fault only maps what
 * is there. Every page is zeroed when it is allocated and belongs to one pool
 * until it goes back to the kernel. The charge goes to the memory cgroup of the
 * bound process, whoever's context commits.
 */
#include <linux/bitmap.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "heap_block.h"
#include "pool.h"
#include "trace.h"

/* Slots looked at under one hold of the pool's lock. */
#define NEXP_FREE_BATCH		512

/*
 * Slots punched under one hold of it: a multiple of the largest block, so that
 * none lies across the end of a batch, and few enough for who is to be killed.
 */
#define NEXP_PUNCH_BATCH	(4UL << PMD_ORDER)

/* An area is what one page table maps. */
static unsigned long nexp_heap_area(unsigned long slot)
{
	return slot >> PMD_ORDER;
}

static unsigned long nexp_heap_nr_areas(const struct nexp_heap *heap)
{
	return nexp_heap_area(heap->nr_slots - 1) + 1;
}

/**
 * nexp_heap_init() - an empty heap
 * @pool: under construction.
 * @size: bytes of address space, checked.
 * @limit: most bytes, checked.
 *
 * Return: 0 or -ENOMEM.
 */
int nexp_heap_init(struct nexp_pool *pool, u64 size, u64 limit)
{
	struct nexp_heap *heap = &pool->heap;

	heap->nr_slots = size >> PAGE_SHIFT;
	heap->limit = limit >> PAGE_SHIFT;
	heap->pages = kvcalloc(heap->nr_slots, sizeof(*heap->pages), NEXP_GFP);
	heap->areas = kvcalloc(BITS_TO_LONGS(nexp_heap_nr_areas(heap)),
			       sizeof(*heap->areas), NEXP_GFP);
	if (!heap->pages || !heap->areas)
		return -ENOMEM;
	nexp_pool_status(pool)->heap_limit = limit;
	return 0;
}

/**
 * nexp_heap_set_limit() - change the limit of a heap
 * @pool: a living or dead pool.
 * @limit: bytes, from user space, unchecked.
 *
 * Return: 0, -EINVAL, or -ENOENT if the pool is dead.
 */
int nexp_heap_set_limit(struct nexp_pool *pool, u64 limit)
{
	struct nexp_heap *heap = &pool->heap;
	int err = 0;

	mutex_lock(&pool->lock);
	if (pool->dead) {
		err = -ENOENT;
	} else if (!PAGE_ALIGNED(limit) || limit >> PAGE_SHIFT > heap->nr_slots) {
		err = -EINVAL;
	} else {
		heap->limit = limit >> PAGE_SHIFT;
		WRITE_ONCE(nexp_pool_status(pool)->heap_limit, limit);
		trace_netexpert_limit(pool);
	}
	mutex_unlock(&pool->lock);
	return err;
}

/** nexp_heap_exit() - free the tables of an empty heap. */
void nexp_heap_exit(struct nexp_pool *pool)
{
	kvfree(pool->heap.pages);
	kvfree(pool->heap.areas);
	pool->heap.pages = NULL;
	pool->heap.areas = NULL;
}

/**
 * nexp_heap_page() - page at an offset
 * @pool: its lock is held.
 * @offset: within the heap.
 *
 * Return: the page or NULL if it is not committed.
 */
struct page *nexp_heap_page(struct nexp_pool *pool, u64 offset)
{
	lockdep_assert_held(&pool->lock);
	return pool->heap.pages[offset >> PAGE_SHIFT];
}

static int nexp_heap_range(const struct nexp_heap *heap, u64 offset, u64 length,
			   unsigned long *first, unsigned long *nr)
{
	u64 size = (u64)heap->nr_slots << PAGE_SHIFT;

	if (!length || !PAGE_ALIGNED(offset) || !PAGE_ALIGNED(length) ||
	    offset > size || length > size - offset)
		return -EINVAL;
	*first = offset >> PAGE_SHIFT;
	*nr = length >> PAGE_SHIFT;
	return 0;
}

static int nexp_heap_check_caller(struct nexp_attachment *att)
{
	lockdep_assert_held(&att->pool->lock);
	if (att->state == NEXP_ATT_ENDED)
		return -ESTALE;
	if (att->state != NEXP_ATT_ATTACHED || att->mm != current->mm)
		return -EPERM;
	return 0;
}

/* Notes the areas of a range, which is committed from now on. */
static void nexp_heap_note_areas(struct nexp_heap *heap, unsigned long first,
				 unsigned long nr)
{
	unsigned long i;

	for (i = nexp_heap_area(first); i <= nexp_heap_area(first + nr - 1); i++)
		if (!__test_and_set_bit(i, heap->areas))
			heap->nr_areas++;
}

static void nexp_heap_forget_areas(struct nexp_heap *heap)
{
	bitmap_zero(heap->areas, nexp_heap_nr_areas(heap));
	heap->nr_areas = 0;
}

/*
 * Most page tables that the heap can need with another range of @nr slots: two for
 * an area, since windows need not begin where page tables do, but no more than
 * pages. How many are there already is not known here.
 */
static unsigned long nexp_heap_tables(const struct nexp_heap *heap,
				      unsigned long nr)
{
	return min(heap->used,
		   2 * (heap->nr_areas + nexp_heap_area(nr - 1) + 2));
}

/* Room for the holes of a range, promised but not filled. @tables: for its headroom. */
static int nexp_heap_promise(struct nexp_attachment *att, u64 offset,
			     u64 length, struct nexp_blocks *blocks,
			     unsigned long *nr_holes, unsigned long *tables)
{
	struct nexp_heap *heap = &att->pool->heap;
	unsigned long first, nr, holes, most;
	int err;

	mutex_lock(&att->pool->lock);
	err = nexp_heap_check_caller(att);
	if (!err)
		err = nexp_heap_range(heap, offset, length, &first, &nr);
	if (err)
		goto out_unlock;
	/* The limit may have been lowered below what is used. */
	most = heap->limit - min(heap->limit, heap->used);
	holes = nexp_blocks_plan(blocks, heap, first, first + nr, most);
	if (holes > most)
		err = -EDQUOT;
	else
		err = nexp_pool_charge(att->pool, holes << PAGE_SHIFT);
	if (err) {
		heap->refused++;
		goto out_unlock;
	}
	heap->used += holes;
	*nr_holes = holes;
	*tables = nexp_heap_tables(heap, nr);
out_unlock:
	mutex_unlock(&att->pool->lock);
	return err;
}

/* Whether a memory cgroup or one above it is filled to the brim. */
static bool nexp_heap_is_brimful(struct mem_cgroup *memcg, unsigned long tables,
				 unsigned long *reserve)
{
	*reserve = 0;
	for (; memcg; memcg = parent_mem_cgroup(memcg)) {
		unsigned long max = READ_ONCE(memcg->memory.max);
		unsigned long keep = min(max / 8, NEXP_HEADROOM) + tables;

		if (page_counter_read(&memcg->memory) + keep > max)
			*reserve = max(*reserve, keep);
	}
	return *reserve;
}

/*
 * Leaves room in the memory cgroup for the stack and the page tables of its
 * processes: what they need next is not allocated with an errno at hand. What
 * fills the cgroup may be page cache, so the room is asked for, not only looked
 * at.
 */
static int nexp_heap_keep_headroom(struct mem_cgroup *memcg,
				   unsigned long tables)
{
	struct nexp_blocks blocks;
	unsigned long reserve;
	int err;

	if (!nexp_heap_is_brimful(memcg, tables, &reserve))
		return 0;
	nexp_blocks_init(&blocks, reserve);
	err = nexp_blocks_alloc(&blocks, memcg);
	nexp_blocks_free(&blocks);
	return err;
}

/* Puts the promised pages into the holes, which are the same as before. */
static int nexp_heap_fill(struct nexp_attachment *att, u64 offset, u64 length,
			  struct nexp_blocks *blocks)
{
	unsigned long first = offset >> PAGE_SHIFT, nr = length >> PAGE_SHIFT;
	struct nexp_heap *heap = &att->pool->heap;
	int err = nexp_heap_check_caller(att);

	if (err)
		return err;
	nexp_blocks_place(blocks, heap, first, first + nr);
	nexp_heap_note_areas(heap, first, nr);
	heap->peak = max(heap->peak, heap->used);
	return 0;
}

/**
 * nexp_heap_commit() - provide zeroed pages for a range
 * @att: the caller's attachment.
 * @offset: from user space, unchecked.
 * @length: from user space, unchecked.
 *
 * Allocates outside the pool's lock: promises the limit for the holes, allocates,
 * and fills them. Only the end of the attachment can come in between.
 *
 * Return: 0, or -EINVAL, -ESTALE, -EPERM, -EDQUOT, -ENOMEM, -EINTR with no page
 * added.
 */
int nexp_heap_commit(struct nexp_attachment *att, u64 offset, u64 length)
{
	struct nexp_pool *pool = att->pool;
	struct nexp_heap *heap = &pool->heap;
	struct nexp_blocks blocks;
	unsigned long promised = 0, tables;
	int err;

	if (mutex_lock_killable(&heap->resize_lock))
		return -EINTR;
	err = nexp_heap_promise(att, offset, length, &blocks, &promised, &tables);
	if (err)
		goto out_unlock;
	err = nexp_blocks_alloc(&blocks, att->memcg);
	if (!err && promised)
		err = nexp_heap_keep_headroom(att->memcg, tables);

	mutex_lock(&pool->lock);
	if (err == -ENOMEM)
		heap->refused++;
	if (!err)
		err = nexp_heap_fill(att, offset, length, &blocks);
	if (err)
		heap->used -= promised;
	mutex_unlock(&pool->lock);

	if (err) {
		nexp_blocks_free(&blocks);
		nexp_pool_uncharge(pool, promised << PAGE_SHIFT);
	}
out_unlock:
	trace_netexpert_commit(pool, offset, length,
			       err ? 0 : (u64)promised << PAGE_SHIFT, err);
	mutex_unlock(&heap->resize_lock);
	return err;
}

/* Frees the blocks of a range until one is in use, which @slot is then. */
static int nexp_heap_punch_slots(struct nexp_heap *heap, unsigned long *slot,
				 unsigned long end)
{
	unsigned long step;

	nexp_blocks_split_at(heap, *slot);
	nexp_blocks_split_at(heap, end);
	for (; *slot < end; *slot += step) {
		step = 1;
		if (!heap->pages[*slot])
			continue;
		if (!nexp_block_take(heap, *slot, false, &step))
			return -EBUSY;
		heap->used -= step;
	}
	return 0;
}

/* Gives back what is in front of the next boundary, or of @end. */
static int nexp_heap_punch_batch(struct nexp_attachment *att, unsigned long *slot,
				 unsigned long end, unsigned long *freed)
{
	struct nexp_heap *heap = &att->pool->heap;
	unsigned long used = 0, left = 0;
	int err;

	end = min(end, ALIGN_DOWN(*slot, NEXP_PUNCH_BATCH) + NEXP_PUNCH_BATCH);
	mutex_lock(&att->pool->lock);
	err = nexp_heap_check_caller(att);
	if (err)
		goto out_unlock;
	/* Under the lock: no fault can map a page again before it is gone. */
	unmap_mapping_range(att->inode->i_mapping, NETEXPERT_MAP_HEAP +
			    ((u64)*slot << PAGE_SHIFT),
			    (u64)(end - *slot) << PAGE_SHIFT, 1);
	used = heap->used;
	err = nexp_heap_punch_slots(heap, slot, end);
	left = heap->used;
out_unlock:
	mutex_unlock(&att->pool->lock);
	nexp_pool_uncharge(att->pool, (used - left) << PAGE_SHIFT);
	*freed += used - left;
	return err;
}

/**
 * nexp_heap_punch() - give a range back
 * @att: the caller's attachment.
 * @offset: from user space, unchecked.
 * @length: from user space, unchecked.
 *
 * In batches: a thread that is to be killed keeps its process, and so the notice
 * of its end, from going on for no longer than one of them.
 *
 * Return: 0, or -EINVAL, -ESTALE, -EPERM, -EINTR; -EBUSY if something in the kernel
 * refers to a page: it stays committed.
 */
int nexp_heap_punch(struct nexp_attachment *att, u64 offset, u64 length)
{
	struct nexp_pool *pool = att->pool;
	struct nexp_heap *heap = &pool->heap;
	unsigned long slot, nr, end, freed = 0;
	int err;

	if (mutex_lock_killable(&heap->resize_lock))
		return -EINTR;
	mutex_lock(&pool->lock);
	err = nexp_heap_check_caller(att);
	if (!err)
		err = nexp_heap_range(heap, offset, length, &slot, &nr);
	mutex_unlock(&pool->lock);
	if (err)
		goto out_unlock;

	end = slot + nr;
	while (!err && slot < end) {
		err = nexp_heap_punch_batch(att, &slot, end, &freed);
		if (!err && slot < end && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
out_unlock:
	trace_netexpert_punch(pool, offset, length, (u64)freed << PAGE_SHIFT,
			      err);
	mutex_unlock(&heap->resize_lock);
	return err;
}

/**
 * nexp_heap_take_back() - free the heap of an attachment that has ended
 * @pool: no window is mapped and nobody can commit.
 * @force: let go of pages that something still refers to. Otherwise they stay,
 *	and count, so that "back" means back.
 */
void nexp_heap_take_back(struct nexp_pool *pool, bool force)
{
	struct nexp_heap *heap = &pool->heap;
	unsigned long i = 0, end, step, freed;
	bool done;

	do {
		end = min(i + NEXP_FREE_BATCH, heap->nr_slots);
		freed = 0;
		mutex_lock(&pool->lock);
		for (; i < end; i += step) {
			step = 1;
			if (heap->pages[i] &&
			    nexp_block_take(heap, i, force, &step))
				freed += step;
		}
		heap->used -= freed;
		/* Heaps are used from the front: most of the table is empty. */
		done = !heap->used || i == heap->nr_slots;
		if (!heap->used)
			nexp_heap_forget_areas(heap);
		mutex_unlock(&pool->lock);
		nexp_pool_uncharge(pool, freed << PAGE_SHIFT);
		cond_resched();
	} while (!done);
}
