// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - the page table entries of windows
 *
 * The entries are special ones: they hold no reference, and get_user_pages(),
 * fast or slow, takes none through them. So the pool alone holds its pages, and a
 * block of them is one thing to free instead of a count for each page.
 *
 * What keeps a page from being free while it can still be reached is the order of
 * things:
 *
 * - An entry is made under the pool's lock, after the check that the attachment
 *   is current and the page is there. A page is freed after an
 *   unmap_mapping_range() that began when no entry for it could be made any
 *   more: punch holds the lock all the while, and an ended attachment stays so.
 *
 * - unmap_mapping_range() takes the entries of every mapping that is linked to
 *   the inode, and flushes. munmap() and exit unlink a mapping only after its
 *   entries are gone and, because of VM_MIXEDMAP, flushed: tlb_end_vma().
 *
 * - Another thread may have taken an entry away and not flushed yet. It has a
 *   flush pending then, unmap_mapping_range() sees that under the page table's
 *   lock, and flushes the whole address space itself: tlb_finish_mmu().
 *
 * - exit does not flush before it unlinks, but nobody runs in its address space.
 */
#include <linux/mm.h>

#include "map.h"
#include "pool.h"
#include "window.h"

/* Bytes that one fault maps: an extent of the library's heap. */
#define NEXP_FAULT_SIZE		SZ_64K

/**
 * struct nexp_map - what is being mapped
 * @pool: its lock is held.
 * @vma: where.
 */
struct nexp_map {
	struct nexp_pool *pool;
	struct vm_area_struct *vma;
};

/* Runs under the page table's lock. */
static int nexp_map_entry(pte_t *pte, unsigned long addr, void *data)
{
	const struct nexp_map *map = data;
	struct vm_area_struct *vma = map->vma;
	struct page *page;
	pte_t entry;

	if (!pte_none(ptep_get(pte)))
		return 0;
	page = nexp_window_page(map->pool, ((u64)vma->vm_pgoff << PAGE_SHIFT) +
				(addr - vma->vm_start));
	if (!page)
		return 0;
	entry = pfn_pte(page_to_pfn(page), vma->vm_page_prot);
	set_pte_at(vma->vm_mm, addr, pte, pte_mkspecial(entry));
	return 0;
}

/**
 * nexp_map_around() - map a page and what is there of its neighbours
 * @pool: its lock is held.
 * @vma: a window of its current attachment.
 * @addr: in it; the page there is committed.
 *
 * Return: 0, or -ENOMEM if there is no memory for page tables.
 */
int nexp_map_around(struct nexp_pool *pool, struct vm_area_struct *vma,
		    unsigned long addr)
{
	struct nexp_map map = { .pool = pool, .vma = vma };
	unsigned long start = ALIGN_DOWN(addr, NEXP_FAULT_SIZE);
	unsigned long end = min(start + NEXP_FAULT_SIZE, vma->vm_end);

	lockdep_assert_held(&pool->lock);
	start = max(start, vma->vm_start);
	return apply_to_page_range(vma->vm_mm, start, end - start,
				   nexp_map_entry, &map);
}
