/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap - where everything is
 *
 * The heap's address space is cut in two, at fixed offsets that a reader of a
 * dead heap finds in struct nexp_heap_head:
 *
 *   offset 0      struct nexp_heap_head, one page
 *                 struct nexp_span for each extent
 *                 links of tier 0, 1, 2 for each extent
 *   objects       extents of 64 KiB
 *
 * Both parts are windows of their own with guard gaps around them, tables below
 * objects, so that no overrun of an object reaches a table. Tables and extents
 * are committed when first used. Only whole pages are, so three tiers of links
 * keep small tables from taking a page each.
 */
#ifndef NEXP_HEAP_H
#define NEXP_HEAP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <netexpert.h>

#include "heap_class.h"

#define NEXP_HEAP_MAGIC		0x5048584eU	/* "NXHP" */
#define NEXP_HEAP_VERSION	1
#define NEXP_HEAP_NONE		UINT32_MAX	/* no extent */
#define NEXP_NR_TIERS		3
#define NEXP_NR_RUN_BINS	21		/* runs of 2^n extents and more */

/* Free extents keep up to this much memory for the next object. */
#define NEXP_HEAP_KEEP		(1U << 20)
/* Empty spans that a class keeps. */
#define NEXP_HEAP_KEEP_EMPTY	1U

/*
 * A link describes a slot in 16 bits. Of a live object: LIVE and the bytes of
 * the slot that were not asked for. Of a free slot: the next free one, or END.
 * A slot that was never used reads 0, which is not live either.
 */
#define NEXP_LINK_LIVE		0x8000U
#define NEXP_LINK_SLACK		0x7fffU
#define NEXP_LINK_END		0x7fffU

/**
 * enum nexp_span_kind - what an extent is part of
 * @NEXP_SPAN_UNUSED: nothing; beyond the highest extent ever used.
 * @NEXP_SPAN_FREE: a free run. The first extent has its length, the last one
 *	its first.
 * @NEXP_SPAN_SMALL: slots of one class.
 * @NEXP_SPAN_LARGE: first extent of an object of whole extents.
 * @NEXP_SPAN_BODY: another extent of it.
 */
enum nexp_span_kind {
	NEXP_SPAN_UNUSED,
	NEXP_SPAN_FREE,
	NEXP_SPAN_SMALL,
	NEXP_SPAN_LARGE,
	NEXP_SPAN_BODY,
};

/**
 * struct nexp_span - what is known about an extent
 * @kind: enum nexp_span_kind.
 * @class: SMALL: its class.
 * @pages: committed pages, from the extent's start on.
 * @stale: pages beyond @pages need not read zero when they are committed.
 * @used: SMALL: live slots.
 * @fresh: SMALL: slots from here on were never used and read zero.
 * @free: SMALL: first free slot below @fresh, or NEXP_LINK_END.
 * @nr_extents: LARGE and first of FREE: length of the run.
 * @first: last of FREE: first extent of the run.
 * @prev: SMALL with room, first of FREE: neighbours in the list.
 * @next: see @prev.
 * @size: LARGE: bytes asked for.
 */
struct nexp_span {
	uint8_t kind;
	uint8_t class;
	uint8_t pages;
	uint8_t stale;
	uint16_t used;
	uint16_t fresh;
	uint16_t free;
	uint16_t reserved;
	uint32_t nr_extents;
	uint32_t first;
	uint32_t prev;
	uint32_t next;
	uint32_t reserved2;
	uint64_t size;
	uint64_t reserved3[3];
};

_Static_assert(sizeof(struct nexp_span) == 64, "a span is a cache line");

/**
 * struct nexp_heap_head - first page of the heap, for who reads it post mortem
 * @magic: NEXP_HEAP_MAGIC.
 * @version: NEXP_HEAP_VERSION.
 * @nr_extents: extents there is room for.
 * @top: extents ever used; only these have a span.
 * @spans: offset of the spans.
 * @links: offset of each tier's links.
 * @objects: offset of the first extent.
 */
struct nexp_heap_head {
	uint32_t magic;
	uint32_t version;
	uint32_t nr_extents;
	uint32_t top;
	uint64_t spans;
	uint64_t links[NEXP_NR_TIERS];
	uint64_t objects;
};

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
