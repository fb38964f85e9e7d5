/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_layout - what a heap looks like from outside, dead or alive
 *
 * The heap's address space is cut in two, at offsets that stand in struct
 * nexp_heap_head:
 *
 *   offset 0      struct nexp_heap_head, one page
 *                 struct nexp_span for each extent
 *                 links of tier 0, 1, 2 for each extent
 *                 tags of tier 0, 1, 2 for each extent
 *   objects       extents of 64 KiB
 *
 * A reader needs no list and no pointer: below @top, a SMALL span's class gives
 * its slots and where its links are, and a link says whether its slot is live and
 * how many bytes were asked for. What was never committed reads as zeros, which
 * is an UNUSED span, a slot that is not live, no tag. The expert can write all of
 * this, so a reader checks kind, class, slot sizes and lengths against their
 * bounds and believes nothing else.
 *
 * The order of stores keeps it readable at any moment: a slot is marked live
 * before its address is handed out, and not live before it is used again. A
 * thread that dies in between leaves at most the slot it had in hand uncounted.
 */
#ifndef NEXP_HEAP_LAYOUT_H
#define NEXP_HEAP_LAYOUT_H

#include <stdint.h>

#include "heap_class.h"

#define NEXP_HEAP_MAGIC		0x5048584eU	/* "NXHP" */
#define NEXP_HEAP_VERSION	2
#define NEXP_HEAP_NONE		UINT32_MAX	/* no extent */

/*
 * A link describes a slot in 16 bits. Of a live object: LIVE and the bytes of
 * the slot that were not asked for. Of any other slot: the next free one,
 * END, or CLAIMED and the thread that is just freeing or resizing it. A slot that
 * was never used reads 0, which is not live either.
 */
#define NEXP_LINK_LIVE		0x8000U
#define NEXP_LINK_SLACK		0x7fffU
#define NEXP_LINK_END		0x7fffU
#define NEXP_LINK_CLAIMED	0x4000U	/* above every slot's number */

/*
 * Only whole pages are committed, so three tiers of links keep the tables of
 * larger classes from taking a page for each extent. A tier has room for the
 * slots of the smallest class in it.
 */
#define NEXP_NR_TIERS		3
#define NEXP_TIER_1_SIZE	64U
#define NEXP_TIER_2_SIZE	512U

/* The tier in which the links and tags of slots of @size bytes are. */
static inline unsigned int nexp_tier_of_size(uint32_t size)
{
	return (size >= NEXP_TIER_1_SIZE) + (size >= NEXP_TIER_2_SIZE);
}

static inline unsigned int nexp_tier_of(unsigned int class)
{
	return nexp_tier_of_size(nexp_class_size(class));
}

/* Slots that a tier has room for in each extent. */
static inline uint32_t nexp_tier_slots(unsigned int tier)
{
	return NEXP_EXTENT_SIZE / (tier == 0 ? NEXP_CLASS_STEP :
				   tier == 1 ? NEXP_TIER_1_SIZE :
					       NEXP_TIER_2_SIZE);
}

/**
 * enum nexp_span_kind - what an extent is part of
 * @NEXP_SPAN_UNUSED: nothing; beyond the highest extent ever used.
 * @NEXP_SPAN_FREE: a free run. The first extent has its length, the last one
 *	its first.
 * @NEXP_SPAN_SMALL: slots of one class.
 * @NEXP_SPAN_LARGE: first extent of an object of whole extents.
 * @NEXP_SPAN_BODY: another extent of it, or one that is changing hands.
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
 * @state: SMALL: owner and remote frees (heap.h); 0 of any other kind.
 * @links: SMALL: where its links are in the process.
 * @reciprocal: SMALL: 2^32 / @slot_size, rounded up.
 * @slot_size: SMALL: bytes.
 * @local: SMALL: first slot that its owner has freed, or NEXP_LINK_END.
 * @left: SMALL: frees by its owner until that has more to do than to count.
 * @event: SMALL: what is in @left when @local is empty.
 * @fresh: SMALL: slots from here on were never used, unless it is current.
 * @kind: enum nexp_span_kind.
 * @class: SMALL: its class.
 * @pages: committed pages, from the extent's start on.
 * @dirty: pages from its start that need not read zero, committed or not.
 * @tag: LARGE: its tag, or 0. SMALL: not 0 if its slots have tags.
 * @place: SMALL: enum nexp_span_place (heap.h).
 * @nr_extents: LARGE and first of FREE: length of the run.
 * @prev: SMALL with room, first of FREE: neighbours in the list.
 * @next: see @prev.
 * @first: last of FREE: first extent of the run.
 * @pending: SMALL: next one with remote frees.
 * @size: LARGE: bytes asked for.
 */
struct nexp_span {
	uint64_t state;
	uint16_t *links;
	uint32_t reciprocal;
	uint16_t slot_size;
	uint16_t local;
	uint16_t left;
	uint16_t event;
	uint16_t fresh;
	uint8_t kind;
	uint8_t class;
	uint8_t pages;
	uint8_t dirty;
	uint8_t tag;
	uint8_t place;
	uint32_t nr_extents;
	uint32_t prev;
	uint32_t next;
	uint32_t first;
	uint32_t pending;
	uint64_t size;
};

_Static_assert(sizeof(struct nexp_span) == 64, "a span is a cache line");

/**
 * struct nexp_heap_head - first page of the heap
 * @magic: NEXP_HEAP_MAGIC.
 * @version: NEXP_HEAP_VERSION.
 * @nr_extents: extents there is room for.
 * @top: extents ever used; only these have a span.
 * @spans: offset of the spans.
 * @links: offset of each tier's links, nexp_tier_slots() of 2 bytes for an extent.
 * @tags: offset of each tier's tags, nexp_tier_slots() of 1 byte for an extent.
 * @objects: offset of the first extent.
 */
struct nexp_heap_head {
	uint32_t magic;
	uint32_t version;
	uint32_t nr_extents;
	uint32_t top;
	uint64_t spans;
	uint64_t links[NEXP_NR_TIERS];
	uint64_t tags[NEXP_NR_TIERS];
	uint64_t objects;
};

#endif /* NEXP_HEAP_LAYOUT_H */
