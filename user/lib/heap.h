/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap - state of the object functions
 *
 * Tables and objects (heap_layout.h) are windows of their own with guard gaps
 * around them, tables below objects, so that no overrun of an object reaches a
 * table. Tables and extents are committed when first used.
 */
#ifndef NEXP_HEAP_H
#define NEXP_HEAP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <netexpert.h>

#include "heap_layout.h"

#define NEXP_NR_RUN_BINS	21		/* runs of 2^n extents and more */

/* Free extents keep up to this much memory for the next object. */
#define NEXP_HEAP_KEEP		(1U << 20)
/* Empty spans that a class keeps. */
#define NEXP_HEAP_KEEP_EMPTY	1U

/** struct nexp_list - spans linked by their extents' numbers */
struct nexp_list {
	uint32_t first;
	uint32_t last;
};

/**
 * struct nexp_bin - the spans of a class that have room
 * @spans: taken from the front, put to the back.
 * @nr_empty: of these, spans without a live slot.
 */
struct nexp_bin {
	struct nexp_list spans;
	uint32_t nr_empty;
};

/**
 * struct nexp_heap - state of the object functions
 * @lock: Protects all below. A leaf.
 * @reserved: address space of both windows and the gaps. Set once.
 * @reserved_size: its bytes.
 * @tables: the tables' window. Set once.
 * @tables_size: its bytes.
 * @tables_map: a bit for each committed page of it.
 * @objects: the extents' window. Set once.
 * @layout: offsets; copied to the head when that is committed.
 * @top: extents ever used.
 * @bins: by class.
 * @runs: free runs by the logarithm of their length.
 * @kept: pages that free extents keep.
 * @stat: for netexpert_heap_stat().
 */
struct nexp_heap {
	pthread_mutex_t lock;
	void *reserved;
	size_t reserved_size;
	char *tables;
	size_t tables_size;
	uint8_t *tables_map;
	char *objects;
	struct nexp_heap_head layout;
	uint32_t top;
	struct nexp_bin bins[NEXP_NR_CLASSES];
	struct nexp_list runs[NEXP_NR_RUN_BINS];
	uint64_t kept;
	struct netexpert_heap_stat stat;
};

int nexp_heap_init(struct netexpert *nx);
void nexp_heap_exit(struct netexpert *nx);
void nexp_heap_free_all(struct netexpert *nx, const void *but);
void *nexp_heap_address(const struct netexpert *nx, uint64_t offset);

/* heap_extent.c; the heap's lock is held */
struct nexp_span *nexp_span(const struct netexpert *nx, uint32_t extent);
char *nexp_extent_address(const struct netexpert *nx, uint32_t extent);
void nexp_list_append(struct netexpert *nx, struct nexp_list *list,
		      uint32_t extent);
void nexp_list_remove(struct netexpert *nx, struct nexp_list *list,
		      uint32_t extent);
int nexp_tables_commit(struct netexpert *nx, uint64_t offset, uint64_t length);
int nexp_run_take(struct netexpert *nx, uint32_t nr, uint32_t *out_first);
int nexp_run_extend(struct netexpert *nx, uint32_t next, uint32_t extra);
int nexp_run_commit(struct netexpert *nx, uint32_t first, uint64_t live,
		    uint64_t bytes);
void nexp_run_put(struct netexpert *nx, uint32_t first, uint32_t nr);

/* heap.c, for heap_extent.c */
bool nexp_heap_drop_empty(struct netexpert *nx);

#endif /* NEXP_HEAP_H */
