/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_HEAP_BLOCK_H
#define NEXP_HEAP_BLOCK_H

#include <linux/list.h>

struct mem_cgroup;
struct nexp_heap;

/* Sizes of blocks; see heap_block.c. */
#define NEXP_NR_BLOCK_SIZES	3

/**
 * struct nexp_blocks - blocks for the holes of a range
 * @list: allocated and not placed yet, by size.
 * @nr: how many of each size the range has room for.
 */
struct nexp_blocks {
	struct list_head list[NEXP_NR_BLOCK_SIZES];
	unsigned long nr[NEXP_NR_BLOCK_SIZES];
};

void nexp_blocks_init(struct nexp_blocks *blocks, unsigned long nr);
unsigned long nexp_blocks_plan(struct nexp_blocks *blocks,
			       const struct nexp_heap *heap,
			       unsigned long first, unsigned long end,
			       unsigned long most);
int nexp_blocks_alloc(struct nexp_blocks *blocks, struct mem_cgroup *memcg);
void nexp_blocks_place(struct nexp_blocks *blocks, struct nexp_heap *heap,
		       unsigned long first, unsigned long end);
void nexp_blocks_split_at(struct nexp_heap *heap, unsigned long slot);
bool nexp_block_take(struct nexp_heap *heap, unsigned long slot, bool force,
		     unsigned long *nr);
void nexp_blocks_free(struct nexp_blocks *blocks);

#endif /* NEXP_HEAP_BLOCK_H */
