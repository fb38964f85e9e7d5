// SPDX-License-Identifier: GPL-2.0
/*
 * heap_words - what is in a heap, for people
 */
#include <inttypes.h>

#include "heap_words.h"
#include "text.h"

#define NR_TOP		3	/* classes and tags in a few lines */
#define NR_LARGEST	5	/* objects there */

static void put_objects(struct nexp_buffer *buffer, const struct nexp_heap_sum *sum)
{
	nexp_buffer_printf(buffer, "%" PRIu64 " object%s, ", sum->objects,
			   sum->objects == 1 ? "" : "s");
	nexp_put_size(buffer, sum->asked);
}

/* "3 objects, 1.0 MiB asked for, 1.1 MiB held; tables 12.0 KiB, free 60.0 KiB" */
static void put_totals(struct nexp_buffer *buffer, const struct nexp_heap_report *report,
		       uint64_t bytes)
{
	uint64_t ours = nexp_heap_report_bytes(report);

	put_objects(buffer, &report->all);
	nexp_buffer_puts(buffer, " asked for, ");
	nexp_put_size(buffer, report->all.held);
	nexp_buffer_puts(buffer, " held; tables ");
	nexp_put_size(buffer, report->table_bytes);
	nexp_buffer_puts(buffer, ", free ");
	nexp_put_size(buffer, report->extent_bytes - report->all.held);
	if (ours == bytes)
		nexp_buffer_printf(buffer, "; %" PRIu64 " bytes in all, as the kernel counts\n",
				   bytes);
	else
		nexp_buffer_printf(buffer, "; %" PRIu64 " bytes in all, but the kernel counts %"
				   PRIu64 "\n", ours, bytes);
}

static void put_damage(struct nexp_buffer *buffer, const struct nexp_heap_damage *damage)
{
	nexp_buffer_printf(buffer, "%s %" PRIu64 ", at 0x%" PRIx64 "\n",
			   nexp_heap_wrong_text(damage->wrong), damage->value, damage->offset);
}

/* The entry that holds most of those that are not taken; @nr if there is none. */
static unsigned int next_top(const struct nexp_heap_sum *sums, unsigned int nr,
			     const bool *is_taken)
{
	unsigned int i, top = nr;

	for (i = 0; i < nr; i++)
		if (!is_taken[i] && sums[i].objects &&
		    (top == nr || sums[i].held > sums[top].held))
			top = i;
	return top;
}

static void put_class(struct nexp_buffer *buffer, unsigned int class)
{
	if (class == NEXP_HEAP_LARGE_CLASS)
		nexp_buffer_puts(buffer, "large");
	else
		nexp_buffer_printf(buffer, "%u B", nexp_class_size(class));
}

static void put_tag(struct nexp_buffer *buffer, unsigned int tag)
{
	if (tag)
		nexp_buffer_printf(buffer, "tag %u", tag);
	else
		nexp_buffer_puts(buffer, "no tag");
}

/* "32 B: 75 objects, 1.5 KiB; large: 1 object, 1.0 MiB" */
static void put_top(struct nexp_buffer *buffer, const struct nexp_heap_sum *sums, unsigned int nr,
		    void (*put)(struct nexp_buffer *, unsigned int))
{
	bool is_taken[NEXP_HEAP_NR_TAGS] = { false };
	unsigned int i, top;

	for (i = 0; i < NR_TOP; i++) {
		top = next_top(sums, nr, is_taken);
		if (top == nr)
			break;
		is_taken[top] = true;
		nexp_buffer_puts(buffer, i ? "; " : "");
		put(buffer, top);
		nexp_buffer_puts(buffer, ": ");
		put_objects(buffer, &sums[top]);
	}
	nexp_buffer_puts(buffer, "\n");
}

static bool has_tags(const struct nexp_heap_report *report)
{
	return report->tags[0].objects != report->all.objects;
}

static void put_largest(struct nexp_buffer *buffer, const struct nexp_heap_report *report)
{
	const struct nexp_heap_object *object = report->largest;
	unsigned int i;

	for (i = 0; i < report->nr_largest && i < NR_LARGEST; i++, object++) {
		nexp_buffer_printf(buffer, "%s%" PRIu64 " bytes at 0x%" PRIx64, i ? ", " : "",
				   object->size, object->offset);
		if (object->tag)
			nexp_buffer_printf(buffer, " (tag %u)", object->tag);
	}
	nexp_buffer_puts(buffer, "\n");
}

_Static_assert(NEXP_HEAP_LARGE_CLASS < NEXP_HEAP_NR_TAGS, "put_top() has room for classes");

void nexp_heap_words_put(struct nexp_buffer *buffer, const char *name,
			 const struct nexp_heap_report *report, uint64_t bytes)
{
	nexp_buffer_printf(buffer, "%s: in its heap: ", name);
	put_totals(buffer, report, bytes);
	if (report->is_cut)
		nexp_buffer_printf(buffer, "%s: its heap has too many tables to read them all: "
				   "objects are missing here\n", name);
	if (report->nr_damages) {
		nexp_buffer_printf(buffer, "%s: its heap is DAMAGED (%" PRIu64 " times): ", name,
				   report->nr_damages);
		put_damage(buffer, &report->damages[0]);
	}
	if (!report->all.objects)
		return;
	nexp_buffer_printf(buffer, "%s: most by size class: ", name);
	put_top(buffer, report->classes, NEXP_HEAP_LARGE_CLASS + 1, put_class);
	if (has_tags(report)) {
		nexp_buffer_printf(buffer, "%s: most by tag: ", name);
		put_top(buffer, report->tags, NEXP_HEAP_NR_TAGS, put_tag);
	}
	nexp_buffer_printf(buffer, "%s: largest: ", name);
	put_largest(buffer, report);
}

static void put_rows(struct nexp_buffer *buffer, const char *title,
		     const struct nexp_heap_sum *sums, unsigned int nr,
		     void (*put)(struct nexp_buffer *, unsigned int))
{
	struct nexp_buffer cell = { 0 };
	unsigned int i;

	nexp_buffer_printf(buffer, "    %10s %12s %16s %16s\n", title, "objects", "asked for",
			   "held");
	for (i = 0; i < nr; i++) {
		if (!sums[i].objects)
			continue;
		nexp_buffer_reset(&cell);
		put(&cell, i);
		nexp_buffer_puts(buffer, "    ");
		nexp_text_put_fit(buffer, cell.bytes, cell.length, 10, true);
		nexp_buffer_printf(buffer, " %12" PRIu64 " %16" PRIu64 " %16" PRIu64 "\n",
				   sums[i].objects, sums[i].asked, sums[i].held);
	}
	nexp_buffer_free(&cell);
}

void nexp_heap_tables_put(struct nexp_buffer *buffer, const struct nexp_heap_report *report,
			  uint64_t bytes)
{
	const struct nexp_heap_object *object = report->largest;
	unsigned int i;

	nexp_buffer_puts(buffer, "  in it  ");
	put_totals(buffer, report, bytes);
	for (i = 0; i < report->nr_damages && i < NEXP_HEAP_NR_DAMAGES; i++) {
		nexp_buffer_puts(buffer, "  DAMAGED ");
		put_damage(buffer, &report->damages[i]);
	}
	if (i < report->nr_damages)
		nexp_buffer_printf(buffer, "  DAMAGED %" PRIu64 " times more\n",
				   report->nr_damages - i);
	if (!report->all.objects)
		return;
	put_rows(buffer, "class", report->classes, NEXP_HEAP_LARGE_CLASS + 1, put_class);
	if (has_tags(report))
		put_rows(buffer, "tag", report->tags, NEXP_HEAP_NR_TAGS, put_tag);
	nexp_buffer_printf(buffer, "    %10s %16s %16s\n", "largest", "asked for", "at");
	for (i = 0; i < report->nr_largest; i++, object++) {
		nexp_buffer_printf(buffer, "    %10u %16" PRIu64 " %#16" PRIx64, i + 1,
				   object->size, object->offset);
		if (object->tag)
			nexp_buffer_printf(buffer, "  tag %u", object->tag);
		nexp_buffer_puts(buffer, "\n");
	}
}
