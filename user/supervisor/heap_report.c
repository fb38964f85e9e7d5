// SPDX-License-Identifier: GPL-2.0
/*
 * heap_report - what is in an expert's heap, dead or alive
 *
 * One walk over the spans, in the order of their extents. Holes of the tables are
 * skipped: they read as unused spans and as slots that are not live.
 */
#include <errno.h>
#include <string.h>

#include "heap_tables.h"

#define SPANS_PER_READ	64
#define MOST_LOOKS	4
#define MOST_SLOTS	(NEXP_EXTENT_SIZE / NEXP_CLASS_STEP)

/**
 * struct run - a large object on the way
 * @first: its first extent.
 * @end: the extent after its last one; there is no object while the walk is not
 *	below it.
 * @span: of @first.
 * @pages: committed ones, up to here.
 */
struct run {
	uint32_t first;
	uint32_t end;
	struct nexp_span span;
	uint64_t pages;
};

/**
 * struct reader - a walk over a heap
 * @tables: of the heap.
 * @report: what was found.
 * @run: the large object that the walk is in.
 * @nr_slots: slots to look at of the SMALL extent that the walk is at; 0 if
 *	none can be live.
 * @links: of these.
 * @tags: of these; zeros if they have none.
 */
struct reader {
	struct nexp_heap_tables tables;
	struct nexp_heap_report *report;
	struct run run;
	uint32_t nr_slots;
	uint16_t links[MOST_SLOTS];
	uint8_t tags[MOST_SLOTS];
};

static void note(struct reader *reader, const struct nexp_heap_damage *damage)
{
	struct nexp_heap_report *report = reader->report;

	if (report->nr_damages < NEXP_HEAP_NR_DAMAGES)
		report->damages[report->nr_damages] = *damage;
	report->nr_damages++;
}

static uint64_t span_offset(const struct reader *reader, uint32_t extent)
{
	return nexp_heap_entry(&reader->tables, NEXP_HEAP_SPANS, extent);
}

static uint64_t extent_offset(const struct reader *reader, uint32_t extent)
{
	return reader->tables.head.objects + ((uint64_t)extent << NEXP_EXTENT_SHIFT);
}

static unsigned int extent_pages(const struct reader *reader)
{
	return NEXP_EXTENT_SIZE / reader->tables.source->page_size;
}

static void sum_add(struct nexp_heap_sum *sum, uint64_t asked, uint64_t held)
{
	sum->objects++;
	sum->asked += asked;
	sum->held += held;
}

static void keep_largest(struct nexp_heap_report *report, const struct nexp_heap_object *object)
{
	unsigned int at = report->nr_largest;

	if (at == NEXP_HEAP_NR_LARGEST) {
		if (report->largest[--at].size >= object->size)
			return;
	} else {
		report->nr_largest++;
	}
	for (; at && report->largest[at - 1].size < object->size; at--)
		report->largest[at] = report->largest[at - 1];
	report->largest[at] = *object;
}

static void count_object(struct nexp_heap_report *report, unsigned int class, uint64_t held,
			 const struct nexp_heap_object *object)
{
	sum_add(&report->all, object->size, held);
	sum_add(&report->classes[class], object->size, held);
	sum_add(&report->tags[object->tag], object->size, held);
	keep_largest(report, object);
}

/* Whether a link is of a live object, and one that can be. */
static enum nexp_heap_wrong check_link(const struct reader *reader, const struct nexp_span *span,
				       uint32_t slot, bool *is_live)
{
	uint32_t size = nexp_class_size(span->class);
	uint16_t link = reader->links[slot];

	*is_live = link & NEXP_LINK_LIVE;
	if (!*is_live)
		return NEXP_HEAP_FINE;
	if ((link & NEXP_LINK_SLACK) >= size)
		return NEXP_HEAP_BAD_LINK;
	if ((slot + 1) * size > span->pages * reader->tables.source->page_size)
		return NEXP_HEAP_BAD_PLACE;
	return NEXP_HEAP_FINE;
}

static bool check_small(const struct reader *reader, uint32_t extent,
			const struct nexp_span *span, struct nexp_heap_damage *damage)
{
	enum nexp_heap_wrong wrong;
	uint64_t links;
	uint32_t slot;
	bool is_live;

	if (span->class >= NEXP_NR_CLASSES)
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_CLASS, span_offset(reader, extent),
					 span->class);
	links = nexp_heap_entry(&reader->tables, NEXP_HEAP_LINKS + nexp_tier_of(span->class),
				extent);
	for (slot = 0; slot < reader->nr_slots; slot++) {
		wrong = check_link(reader, span, slot, &is_live);
		if (wrong)
			return nexp_heap_damaged(damage, wrong,
						 links + slot * sizeof(reader->links[0]),
						 reader->links[slot]);
	}
	return false;
}

/* Pages that a large object of @size bytes takes of its extent number @index. */
static uint64_t large_pages(const struct reader *reader, uint64_t size, uint32_t index)
{
	uint64_t before = (uint64_t)index << NEXP_EXTENT_SHIFT;
	uint64_t page_size = reader->tables.source->page_size;

	if (size <= before)
		return 0;
	size -= before;
	if (size > NEXP_EXTENT_SIZE)
		size = NEXP_EXTENT_SIZE;
	return (size + page_size - 1) / page_size;
}

static bool check_large(const struct reader *reader, uint32_t extent,
			const struct nexp_span *span, struct nexp_heap_damage *damage)
{
	uint64_t offset = span_offset(reader, extent);

	if (!span->nr_extents || span->nr_extents > reader->tables.head.nr_extents - extent)
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_RUN, offset, span->nr_extents);
	if (!span->size || span->size > (uint64_t)span->nr_extents << NEXP_EXTENT_SHIFT)
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_SIZE, offset, span->size);
	if (span->pages < large_pages(reader, span->size, 0))
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_PLACE, offset, span->pages);
	return false;
}

static bool check_span(const struct reader *reader, uint32_t extent,
		       const struct nexp_span *span, struct nexp_heap_damage *damage)
{
	uint64_t offset = span_offset(reader, extent);

	if (span->pages > extent_pages(reader))
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_PAGES, offset, span->pages);
	switch (span->kind) {
	case NEXP_SPAN_UNUSED:
	case NEXP_SPAN_FREE:
	case NEXP_SPAN_BODY:
		return false;
	case NEXP_SPAN_SMALL:
		return check_small(reader, extent, span, damage);
	case NEXP_SPAN_LARGE:
		return check_large(reader, extent, span, damage);
	default:
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_KIND, offset, span->kind);
	}
}

/* Links and tags of a SMALL extent. */
static int load_slots(struct reader *reader, uint32_t extent, const struct nexp_span *span)
{
	unsigned int tier;
	uint32_t nr;
	int ret;

	reader->nr_slots = 0;
	if (span->kind != NEXP_SPAN_SMALL || span->class >= NEXP_NR_CLASSES)
		return 0;
	tier = nexp_tier_of(span->class);
	nr = nexp_class_slots(span->class);
	ret = nexp_heap_tables_read(&reader->tables, NEXP_HEAP_LINKS + tier, extent,
				    reader->links, nr * sizeof(reader->links[0]));
	if (ret <= 0)
		return ret;
	reader->nr_slots = nr;
	memset(reader->tags, 0, nr);
	if (span->tag)
		ret = nexp_heap_tables_read(&reader->tables, NEXP_HEAP_TAGS + tier, extent,
					    reader->tags, nr);
	return ret < 0 ? ret : 0;
}

static void count_small(struct reader *reader, uint32_t extent, const struct nexp_span *span)
{
	uint32_t size = nexp_class_size(span->class), slot;
	struct nexp_heap_object object;
	bool is_live;

	for (slot = 0; slot < reader->nr_slots; slot++) {
		if (check_link(reader, span, slot, &is_live) || !is_live)
			continue;
		object = (struct nexp_heap_object){
			.offset = extent_offset(reader, extent) + slot * size,
			.size = size - (reader->links[slot] & NEXP_LINK_SLACK),
			.tag = reader->tags[slot],
		};
		count_object(reader->report, span->class, size, &object);
	}
}

/* What the walk knows of an extent now goes into the report, but for nonsense. */
static void count_span(struct reader *reader, uint32_t extent, const struct nexp_span *span)
{
	struct nexp_heap_damage damage;

	if (span->pages <= extent_pages(reader))
		reader->report->extent_bytes += span->pages *
						(uint64_t)reader->tables.source->page_size;
	if (span->kind == NEXP_SPAN_SMALL && span->class < NEXP_NR_CLASSES &&
	    span->pages <= extent_pages(reader))
		count_small(reader, extent, span);
	else if (span->kind == NEXP_SPAN_LARGE && !check_span(reader, extent, span, &damage))
		reader->run = (struct run){
			.first = extent, .end = extent + span->nr_extents, .span = *span,
			.pages = span->pages,
		};
}

static int read_span(struct reader *reader, uint32_t extent, struct nexp_span *span)
{
	int ret;

	ret = nexp_heap_tables_read(&reader->tables, NEXP_HEAP_SPANS, extent, span,
				    sizeof(*span));
	return ret < 0 ? ret : 0;
}

/* A living heap may be on its way from one state to the next: nonsense has to stay. */
static int look(struct reader *reader, uint32_t extent, struct nexp_span *span,
		struct nexp_heap_damage *damage)
{
	struct nexp_heap_damage found;
	unsigned int looks;
	int err;

	err = load_slots(reader, extent, span);
	for (looks = 1; !err && check_span(reader, extent, span, &found); looks++) {
		if (looks == MOST_LOOKS) {
			*damage = found;
			return 0;
		}
		err = read_span(reader, extent, span);
		if (!err)
			err = load_slots(reader, extent, span);
	}
	return err;
}

static bool check_body(const struct reader *reader, uint32_t extent,
		       const struct nexp_span *span, struct nexp_heap_damage *damage)
{
	const struct run *run = &reader->run;
	uint64_t offset = span_offset(reader, extent);

	if (span->kind != NEXP_SPAN_BODY)
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_BODY, offset, span->kind);
	if (span->pages > extent_pages(reader))
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_PAGES, offset, span->pages);
	if (span->pages < large_pages(reader, run->span.size, extent - run->first))
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_PLACE, offset, span->pages);
	return false;
}

static bool is_same_large(const struct nexp_span *a, const struct nexp_span *b)
{
	return a->kind == b->kind && a->nr_extents == b->nr_extents && a->size == b->size;
}

/* An extent behind a large object's first: without it there is no such object. */
static int look_at_run(struct reader *reader, uint32_t extent, struct nexp_span *span,
		       struct nexp_heap_damage *damage)
{
	struct nexp_heap_damage found;
	struct run *run = &reader->run;
	struct nexp_span first;
	unsigned int looks;
	int err;

	for (looks = 1; check_body(reader, extent, span, &found); looks++) {
		if (looks == MOST_LOOKS) {
			*damage = found;
			run->end = 0;
			return 0;
		}
		err = read_span(reader, run->first, &first);
		if (!err)
			err = read_span(reader, extent, span);
		/* It was freed meanwhile or is another one. */
		if (err || !is_same_large(&first, &run->span)) {
			run->end = 0;
			return err;
		}
	}
	run->pages += span->pages;
	return 0;
}

static void count_large(struct reader *reader)
{
	const struct run *run = &reader->run;
	struct nexp_heap_object object = {
		.offset = extent_offset(reader, run->first),
		.size = run->span.size,
		.tag = run->span.tag,
	};

	count_object(reader->report, NEXP_HEAP_LARGE_CLASS,
		     run->pages * reader->tables.source->page_size, &object);
}

static int walk_extent(struct reader *reader, uint32_t extent, struct nexp_span *span)
{
	struct nexp_heap_damage damage = { .wrong = NEXP_HEAP_FINE };
	struct run *run = &reader->run;
	int err = 0;

	if (extent < run->end)
		err = look_at_run(reader, extent, span, &damage);
	/* Not in a run, or no longer. */
	if (!err && extent >= run->end)
		err = look(reader, extent, span, &damage);
	if (err)
		return err;
	if (damage.wrong)
		note(reader, &damage);
	count_span(reader, extent, span);
	if (extent + 1 == run->end)
		count_large(reader);
	return 0;
}

/* Extents from @extent on whose spans are in a hole. */
static int find_unused(struct reader *reader, uint32_t extent, uint32_t *ret)
{
	uint64_t offset = span_offset(reader, extent), data, nr;
	uint32_t most = reader->tables.head.nr_extents - extent;
	int err;

	err = nexp_heap_tables_data(&reader->tables, NEXP_HEAP_SPANS, extent, &data);
	if (err)
		return err;
	nr = (data - offset) / sizeof(struct nexp_span);
	*ret = nr < most ? (uint32_t)nr : most;
	return 0;
}

static int walk_some(struct reader *reader, uint32_t extent, uint32_t nr)
{
	struct nexp_span spans[SPANS_PER_READ];
	uint32_t i;
	int ret;

	ret = nexp_heap_tables_read(&reader->tables, NEXP_HEAP_SPANS, extent, spans,
				    nr * sizeof(spans[0]));
	for (i = 0; i < nr && ret >= 0; i++)
		ret = walk_extent(reader, extent + i, &spans[i]);
	return ret < 0 ? ret : 0;
}

static int walk(struct reader *reader)
{
	uint32_t extent = 0, nr = reader->tables.head.nr_extents, count, unused;
	int err;

	while (extent < nr) {
		err = find_unused(reader, extent, &unused);
		if (err)
			return err;
		/* A large object must not have any. */
		if (unused && extent >= reader->run.end) {
			extent += unused;
			continue;
		}
		count = nr - extent < SPANS_PER_READ ? nr - extent : SPANS_PER_READ;
		err = walk_some(reader, extent, count);
		if (err)
			return err;
		extent += count;
	}
	return 0;
}

static int read_heap(struct reader *reader)
{
	struct nexp_heap_report *report = reader->report;
	const struct nexp_heap_head *head = &reader->tables.head;
	struct nexp_heap_damage damage;
	int err;

	err = nexp_heap_tables_open(&reader->tables, &report->is_empty, &damage);
	if (err || report->is_empty)
		return err;
	if (damage.wrong) {
		note(reader, &damage);
		return 0;
	}
	/* Nothing depends on it: what nobody used yet reads as zeros. */
	if (head->top > head->nr_extents) {
		nexp_heap_damaged(&damage, NEXP_HEAP_BAD_TOP,
				  offsetof(struct nexp_heap_head, top), head->top);
		note(reader, &damage);
	}
	err = walk(reader);
	if (!err)
		err = nexp_heap_tables_count(&reader->tables, &report->table_bytes);
	return err;
}

int nexp_heap_report(const struct nexp_heap_source *source, uint64_t most,
		     struct nexp_heap_report *ret)
{
	struct reader reader = {
		.tables = { .source = source, .left = most }, .report = ret,
	};
	int err;

	memset(ret, 0, sizeof(*ret));
	err = read_heap(&reader);
	ret->is_cut = err == NEXP_HEAP_CUT;
	return ret->is_cut ? 0 : err;
}

static const struct {
	const char *name;
	const char *text;
} wrongs[NEXP_HEAP_NR_WRONG] = {
	[NEXP_HEAP_FINE] = { "fine", "nothing is wrong:" },
	[NEXP_HEAP_BAD_MAGIC] = { "magic", "the tables are not those of libnetexpert: magic" },
	[NEXP_HEAP_BAD_VERSION] = { "version", "the tables are of another version:" },
	[NEXP_HEAP_BAD_EXTENTS] = { "extents", "there can't be that many extents:" },
	[NEXP_HEAP_BAD_LAYOUT] = { "layout", "a table can't be where the head says:" },
	[NEXP_HEAP_BAD_TOP] = { "top", "more extents are used than there are:" },
	[NEXP_HEAP_BAD_KIND] = { "kind", "a span of no kind that there is:" },
	[NEXP_HEAP_BAD_CLASS] = { "class", "a span of no size class that there is:" },
	[NEXP_HEAP_BAD_PAGES] = { "pages", "an extent of more pages than it has room for:" },
	[NEXP_HEAP_BAD_RUN] = { "run", "a large object can't have that many extents:" },
	[NEXP_HEAP_BAD_SIZE] = { "size", "a large object does not fit its extents:" },
	[NEXP_HEAP_BAD_BODY] = { "body", "a span within a large object is of another kind:" },
	[NEXP_HEAP_BAD_LINK] = { "link", "an object without a byte: link" },
	[NEXP_HEAP_BAD_PLACE] = { "place", "an object where nothing is committed:" },
};

const char *nexp_heap_wrong_name(enum nexp_heap_wrong wrong)
{
	return wrong < NEXP_HEAP_NR_WRONG ? wrongs[wrong].name : "unknown";
}

const char *nexp_heap_wrong_text(enum nexp_heap_wrong wrong)
{
	return wrong < NEXP_HEAP_NR_WRONG ? wrongs[wrong].text : "something unknown is wrong:";
}
