// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - blocks: the heap's pages, allocated many at a time
 *
 * A commit takes its pages in blocks as large as the range allows: 2 MiB, 64 KiB
 * or one page. Large ones are taken only if they are there: nothing is reclaimed
 * or compacted for them, smaller ones do as well. A block stays whole, so that it
 * is freed as quickly as it was allocated; one of which only a part is given
 * back is split into single pages first. The private field of its first page says
 * what size it is.
 *
 * A range is planned, its blocks are allocated, then they are placed. Planning
 * and placing are done under the pool's lock, allocating is not. In between only
 * the end of the attachment can change the range, and then nothing is placed.
 */
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "heap_block.h"
#include "pool.h"

/* A page, an extent of the library's heap, what one page table maps. */
static const unsigned int nexp_block_orders[NEXP_NR_BLOCK_SIZES] = {
	0, 16 - PAGE_SHIFT, PMD_ORDER,
};

static unsigned long nexp_block_nr_pages(unsigned int size)
{
	return 1UL << nexp_block_orders[size];
}

static bool nexp_block_fits(const struct nexp_heap *heap, unsigned int size,
			    unsigned long slot, unsigned long end)
{
	unsigned long nr = nexp_block_nr_pages(size);
	unsigned long i;

	if (!IS_ALIGNED(slot, nr) || end - slot < nr)
		return false;
	for (i = slot; i < slot + nr; i++)
		if (heap->pages[i])
			return false;
	return true;
}

/* Largest size of block that has room at a hole. */
static unsigned int nexp_block_size(const struct nexp_heap *heap,
				    unsigned long slot, unsigned long end)
{
	unsigned int size = NEXP_NR_BLOCK_SIZES - 1;

	while (size && !nexp_block_fits(heap, size, slot, end))
		size--;
	return size;
}

/**
 * nexp_blocks_init() - plan single pages
 * @blocks: what to fill in.
 * @nr: how many.
 */
void nexp_blocks_init(struct nexp_blocks *blocks, unsigned long nr)
{
	unsigned int size;

	for (size = 0; size < NEXP_NR_BLOCK_SIZES; size++) {
		INIT_LIST_HEAD(&blocks->list[size]);
		blocks->nr[size] = 0;
	}
	blocks->nr[0] = nr;
}

/**
 * nexp_blocks_plan() - which blocks the holes of a range have room for
 * @blocks: what to fill in.
 * @heap: its pool's lock is held.
 * @first: the first slot.
 * @end: the slot after the last one.
 * @most: pages that may be added: where there are more holes, planning stops.
 *
 * Return: the number of holes, in pages; more than @most if that is too many.
 */
unsigned long nexp_blocks_plan(struct nexp_blocks *blocks,
			       const struct nexp_heap *heap,
			       unsigned long first, unsigned long end,
			       unsigned long most)
{
	unsigned long i = first, holes = 0;
	unsigned int size;

	nexp_blocks_init(blocks, 0);
	while (i < end && holes <= most) {
		if (heap->pages[i]) {
			i++;
			continue;
		}
		size = nexp_block_size(heap, i, end);
		blocks->nr[size]++;
		holes += nexp_block_nr_pages(size);
		i += nexp_block_nr_pages(size);
	}
	return holes;
}

static struct page *nexp_block_alloc(unsigned int size)
{
	gfp_t gfp = NEXP_GFP | __GFP_HIGHMEM;

	/* No reclaim of any kind for what single pages can do as well. */
	if (size)
		gfp = (gfp & ~__GFP_RECLAIM) | __GFP_NORETRY;
	return alloc_pages(gfp, nexp_block_orders[size]);
}

/* Blocks of one size; what cannot be had is planned as smaller ones. */
static int nexp_blocks_alloc_size(struct nexp_blocks *blocks, unsigned int size)
{
	while (blocks->nr[size]) {
		struct page *page = nexp_block_alloc(size);

		if (!page) {
			if (!size)
				return -ENOMEM;
			blocks->nr[size - 1] += blocks->nr[size] *
						nexp_block_nr_pages(size) /
						nexp_block_nr_pages(size - 1);
			blocks->nr[size] = 0;
			return 0;
		}
		list_add_tail(&page->lru, &blocks->list[size]);
		blocks->nr[size]--;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * nexp_blocks_alloc() - allocate what was planned, or smaller blocks for it
 * @blocks: planned; nexp_blocks_free() takes it even if this fails.
 * @memcg: whom to charge.
 *
 * Return: 0, -ENOMEM or -EINTR.
 */
int nexp_blocks_alloc(struct nexp_blocks *blocks, struct mem_cgroup *memcg)
{
	struct mem_cgroup *old = set_active_memcg(memcg);
	unsigned int size = NEXP_NR_BLOCK_SIZES;
	int err = 0;

	while (!err && size--)
		err = nexp_blocks_alloc_size(blocks, size);
	set_active_memcg(old);
	return err;
}

/**
 * nexp_blocks_place() - put blocks into the holes they were planned for
 * @blocks: planned for this range and allocated; empty afterwards.
 * @heap: its pool's lock is held; the range is as it was.
 * @first: the first slot.
 * @end: the slot after the last one.
 *
 * A hole for which there is no block of its size is filled with smaller ones:
 * as many of them were allocated instead.
 */
void nexp_blocks_place(struct nexp_blocks *blocks, struct nexp_heap *heap,
		       unsigned long first, unsigned long end)
{
	unsigned long i = first, j;

	while (i < end) {
		unsigned int size;
		struct page *page;

		if (heap->pages[i]) {
			i++;
			continue;
		}
		size = nexp_block_size(heap, i, end);
		while (list_empty(&blocks->list[size]))
			size--;
		page = list_first_entry(&blocks->list[size], struct page, lru);
		list_del(&page->lru);
		set_page_private(page, size);
		for (j = 0; j < nexp_block_nr_pages(size); j++)
			heap->pages[i++] = page + j;
	}
}

/* Size of the block that a filled slot is in; @slot becomes its first one. */
static unsigned int nexp_block_find(const struct nexp_heap *heap,
				    unsigned long *slot)
{
	unsigned int size = NEXP_NR_BLOCK_SIZES;

	/* Blocks are aligned, so each size leaves one slot to look at. */
	while (--size) {
		unsigned long first = ALIGN_DOWN(*slot, nexp_block_nr_pages(size));
		struct page *page = heap->pages[first];

		if (page && page_private(page) == size) {
			*slot = first;
			break;
		}
	}
	return size;
}

/**
 * nexp_blocks_split_at() - make sure that no block lies across a boundary
 * @heap: its pool's lock is held.
 * @slot: the boundary is in front of it; may be the end of the heap.
 */
void nexp_blocks_split_at(struct nexp_heap *heap, unsigned long slot)
{
	unsigned long i, first = slot;
	unsigned int size;

	if (slot == heap->nr_slots || !heap->pages[slot])
		return;
	size = nexp_block_find(heap, &first);
	if (first == slot)
		return;
	split_page(heap->pages[first], nexp_block_orders[size]);
	for (i = first; i < first + nexp_block_nr_pages(size); i++)
		set_page_private(heap->pages[i], 0);
}

/**
 * nexp_block_take() - free the block that begins at a slot
 * @heap: its pool's lock is held. Nothing of the block is mapped.
 * @slot: where it begins.
 * @force: let go of it even if something refers to it.
 * @nr: its pages.
 *
 * Return: whether it is gone; not if something refers to it.
 */
bool nexp_block_take(struct nexp_heap *heap, unsigned long slot, bool force,
		     unsigned long *nr)
{
	struct page *page = heap->pages[slot];
	unsigned int size = page_private(page);

	*nr = nexp_block_nr_pages(size);
	if (!force && page_ref_count(page) != 1)
		return false;
	memset(&heap->pages[slot], 0, *nr * sizeof(page));
	__free_pages(page, nexp_block_orders[size]);
	return true;
}

/** nexp_blocks_free() - free what was not placed. */
void nexp_blocks_free(struct nexp_blocks *blocks)
{
	unsigned int size;

	for (size = 0; size < NEXP_NR_BLOCK_SIZES; size++) {
		struct page *page, *next;

		list_for_each_entry_safe(page, next, &blocks->list[size], lru) {
			list_del(&page->lru);
			__free_pages(page, nexp_block_orders[size]);
		}
	}
}
