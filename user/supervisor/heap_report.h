/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_report - what is in an expert's heap, dead or alive
 *
 * Reads the tables that libnetexpert leaves in a heap (heap_layout.h). The expert
 * can write all of them, so nothing is believed: what is read is a copy, every
 * number is checked against its bounds, no list is followed, and the work is
 * bounded by what is committed and by what the caller allows. What makes no sense
 * is told and left out; the rest is reported all the same.
 */
#ifndef NEXP_HEAP_REPORT_H
#define NEXP_HEAP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/heap_layout.h"

#define NEXP_HEAP_NR_TAGS	256
#define NEXP_HEAP_NR_LARGEST	10
#define NEXP_HEAP_NR_DAMAGES	8

/* Among the classes: objects of whole extents. */
#define NEXP_HEAP_LARGE_CLASS	NEXP_NR_CLASSES

/**
 * struct nexp_heap_source - where the bytes of a heap come from
 * @owner: for the functions.
 * @size: bytes of address space.
 * @page_size: of the machine.
 * @read: copy bytes that lie within @size. 0 or a negative errno.
 * @data: the next committed byte at or after an offset within @size; @size or
 *	more if there is none. 0 or a negative errno.
 */
struct nexp_heap_source {
	void *owner;
	uint64_t size;
	uint32_t page_size;
	int (*read)(void *owner, uint64_t offset, void *to, size_t length);
	int (*data)(void *owner, uint64_t offset, uint64_t *ret);
};

/**
 * enum nexp_heap_wrong - what makes no sense
 * @NEXP_HEAP_FINE: nothing.
 * @NEXP_HEAP_BAD_MAGIC: these are not libnetexpert's tables.
 * @NEXP_HEAP_BAD_VERSION: they are of another version.
 * @NEXP_HEAP_BAD_EXTENTS: more extents than the heap has room for, or none.
 * @NEXP_HEAP_BAD_LAYOUT: a table that overlaps another one or ends outside.
 * @NEXP_HEAP_BAD_TOP: more extents used than there are.
 * @NEXP_HEAP_BAD_KIND: no kind of span.
 * @NEXP_HEAP_BAD_CLASS: no size class.
 * @NEXP_HEAP_BAD_PAGES: more pages than an extent has.
 * @NEXP_HEAP_BAD_RUN: a large object that ends outside of the heap.
 * @NEXP_HEAP_BAD_SIZE: a large object that does not fit its extents.
 * @NEXP_HEAP_BAD_BODY: something else within a large object.
 * @NEXP_HEAP_BAD_LINK: an object without a byte.
 * @NEXP_HEAP_BAD_PLACE: an object where nothing is committed.
 * @NEXP_HEAP_NR_WRONG: how many there are.
 */
enum nexp_heap_wrong {
	NEXP_HEAP_FINE,
	NEXP_HEAP_BAD_MAGIC,
	NEXP_HEAP_BAD_VERSION,
	NEXP_HEAP_BAD_EXTENTS,
	NEXP_HEAP_BAD_LAYOUT,
	NEXP_HEAP_BAD_TOP,
	NEXP_HEAP_BAD_KIND,
	NEXP_HEAP_BAD_CLASS,
	NEXP_HEAP_BAD_PAGES,
	NEXP_HEAP_BAD_RUN,
	NEXP_HEAP_BAD_SIZE,
	NEXP_HEAP_BAD_BODY,
	NEXP_HEAP_BAD_LINK,
	NEXP_HEAP_BAD_PLACE,
	NEXP_HEAP_NR_WRONG,
};

/**
 * struct nexp_heap_damage - something that makes no sense
 * @wrong: what.
 * @offset: where in the heap it stands.
 * @value: what stands there.
 */
struct nexp_heap_damage {
	enum nexp_heap_wrong wrong;
	uint64_t offset;
	uint64_t value;
};

/**
 * struct nexp_heap_sum - some objects
 * @objects: how many.
 * @asked: bytes asked for.
 * @held: bytes of their slots, or of their pages if they are large.
 */
struct nexp_heap_sum {
	uint64_t objects;
	uint64_t asked;
	uint64_t held;
};

/**
 * struct nexp_heap_object - an object
 * @offset: where it is in the heap.
 * @size: bytes asked for.
 * @tag: its tag, 0 if it has none.
 */
struct nexp_heap_object {
	uint64_t offset;
	uint64_t size;
	uint8_t tag;
};

/**
 * struct nexp_heap_report - what is in a heap
 * @all: all live objects.
 * @classes: them by size class; the last one is NEXP_HEAP_LARGE_CLASS.
 * @tags: them by tag.
 * @largest: the largest ones, largest first.
 * @nr_largest: how many of these there are.
 * @table_bytes: committed for tables.
 * @extent_bytes: committed for objects, as the tables say. What is not held by
 *	an object is free.
 * @is_empty: nothing was ever allocated.
 * @is_cut: there was more to read than allowed, so objects are missing.
 * @nr_damages: what makes no sense, counted once for an extent.
 * @damages: the first of these.
 */
struct nexp_heap_report {
	struct nexp_heap_sum all;
	struct nexp_heap_sum classes[NEXP_NR_CLASSES + 1];
	struct nexp_heap_sum tags[NEXP_HEAP_NR_TAGS];
	struct nexp_heap_object largest[NEXP_HEAP_NR_LARGEST];
	unsigned int nr_largest;
	uint64_t table_bytes;
	uint64_t extent_bytes;
	bool is_empty;
	bool is_cut;
	uint64_t nr_damages;
	struct nexp_heap_damage damages[NEXP_HEAP_NR_DAMAGES];
};

/**
 * nexp_heap_report() - read a heap
 * @source: the heap. It may change meanwhile: each extent is reported as it was at
 *	some moment, and what makes no sense is looked at again.
 * @most: most bytes to read; looking for committed pages counts as a page.
 * @ret: filled in; on failure it holds what was read until then.
 *
 * Return: 0, of a damaged heap too, or what @source answered.
 */
int nexp_heap_report(const struct nexp_heap_source *source, uint64_t most,
		     struct nexp_heap_report *ret);

/**
 * nexp_heap_wrong_name() - what makes no sense, as a word
 * @wrong: what.
 *
 * Return: a word with underscores.
 */
const char *nexp_heap_wrong_name(enum nexp_heap_wrong wrong);

/**
 * nexp_heap_wrong_text() - what makes no sense, for people
 * @wrong: what.
 *
 * Return: words that a value can follow: "a span of a kind that is none:".
 */
const char *nexp_heap_wrong_text(enum nexp_heap_wrong wrong);

/**
 * nexp_heap_report_bytes() - what the kernel should hold for it
 * @report: a report.
 *
 * Return: bytes.
 */
static inline uint64_t nexp_heap_report_bytes(const struct nexp_heap_report *report)
{
	return report->table_bytes + report->extent_bytes;
}

#endif /* NEXP_HEAP_REPORT_H */
