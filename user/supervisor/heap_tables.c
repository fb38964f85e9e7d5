// SPDX-License-Identifier: GPL-2.0
/*
 * heap_tables - the tables of an expert's heap, read without trust
 */
#include <errno.h>
#include <string.h>

#include "heap_tables.h"

/* Where a field of the head is in the heap. */
#define HEAD(field)	offsetof(struct nexp_heap_head, field)

static int spend(struct nexp_heap_tables *tables, uint64_t bytes)
{
	if (bytes > tables->left)
		return NEXP_HEAP_CUT;
	tables->left -= bytes;
	return 0;
}

static int read_bytes(struct nexp_heap_tables *tables, uint64_t offset, void *to, size_t length)
{
	const struct nexp_heap_source *source = tables->source;
	int err = spend(tables, length);

	return err ? err : source->read(source->owner, offset, to, length);
}

static int find_data(struct nexp_heap_tables *tables, uint64_t offset, uint64_t *ret)
{
	const struct nexp_heap_source *source = tables->source;
	int err = spend(tables, source->page_size);

	return err ? err : source->data(source->owner, offset, ret);
}

int nexp_heap_tables_data(struct nexp_heap_tables *tables, unsigned int table, uint32_t extent,
			  uint64_t *ret)
{
	uint64_t offset = nexp_heap_entry(tables, table, extent), data;
	struct nexp_heap_place *place = &tables->places[table];
	int err;

	if (offset < place->hole || offset >= place->data) {
		err = find_data(tables, offset, &data);
		if (err)
			return err;
		place->hole = offset;
		place->data = data;
	}
	*ret = place->data;
	return 0;
}

int nexp_heap_tables_read(struct nexp_heap_tables *tables, unsigned int table, uint32_t extent,
			  void *to, size_t length)
{
	uint64_t offset = nexp_heap_entry(tables, table, extent), data;
	int err;

	err = nexp_heap_tables_data(tables, table, extent, &data);
	if (err)
		return err;
	if (data >= offset + length) {
		memset(to, 0, length);
		return 0;
	}
	err = read_bytes(tables, offset, to, length);
	return err ? err : 1;
}

int nexp_heap_tables_count(struct nexp_heap_tables *tables, uint64_t *ret)
{
	uint64_t end = tables->head.objects, offset = 0;
	int err;

	for (*ret = 0; offset < end; offset += tables->source->page_size) {
		err = find_data(tables, offset, &offset);
		if (err)
			return err;
		if (offset >= end)
			break;
		*ret += tables->source->page_size;
	}
	return 0;
}

static void place(struct nexp_heap_place *place, uint64_t offset, uint32_t stride)
{
	*place = (struct nexp_heap_place){ .offset = offset, .stride = stride };
}

static void place_all(struct nexp_heap_tables *tables)
{
	struct nexp_heap_place *places = tables->places;
	const struct nexp_heap_head *head = &tables->head;
	uint32_t slots;
	unsigned int i;

	place(&places[NEXP_HEAP_SPANS], head->spans, sizeof(struct nexp_span));
	for (i = 0; i < NEXP_NR_TIERS; i++) {
		slots = nexp_tier_slots(i);
		place(&places[NEXP_HEAP_LINKS + i], head->links[i], slots * sizeof(uint16_t));
		place(&places[NEXP_HEAP_TAGS + i], head->tags[i], slots);
	}
}

/* Every table ends before the next one begins, and all is within the heap. */
static bool check_places(const struct nexp_heap_tables *tables, struct nexp_heap_damage *damage)
{
	uint64_t size = tables->source->size, at = sizeof(tables->head), offset;
	uint32_t nr = tables->head.nr_extents;
	unsigned int i;

	for (i = 0; i < NEXP_HEAP_NR_TABLES; i++) {
		offset = tables->places[i].offset;
		if (offset < at || offset > size)
			return nexp_heap_damaged(damage, NEXP_HEAP_BAD_LAYOUT,
						 HEAD(spans) + i * sizeof(offset), offset);
		at = offset + (uint64_t)nr * tables->places[i].stride;
	}
	offset = tables->head.objects;
	if (offset < at || offset > size || (uint64_t)nr << NEXP_EXTENT_SHIFT > size - offset)
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_LAYOUT, HEAD(objects), offset);
	return false;
}

static bool check_head(const struct nexp_heap_tables *tables, struct nexp_heap_damage *damage)
{
	const struct nexp_heap_head *head = &tables->head;
	uint64_t most = tables->source->size >> NEXP_EXTENT_SHIFT;

	if (head->magic != NEXP_HEAP_MAGIC)
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_MAGIC, HEAD(magic), head->magic);
	if (head->version != NEXP_HEAP_VERSION)
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_VERSION, HEAD(version),
					 head->version);
	if (!head->nr_extents || head->nr_extents > most)
		return nexp_heap_damaged(damage, NEXP_HEAP_BAD_EXTENTS, HEAD(nr_extents),
					 head->nr_extents);
	return check_places(tables, damage);
}

int nexp_heap_tables_open(struct nexp_heap_tables *tables, bool *is_empty,
			  struct nexp_heap_damage *damage)
{
	static const struct nexp_heap_head none;
	struct nexp_heap_head *head = &tables->head;
	int err;

	*damage = (struct nexp_heap_damage){ .wrong = NEXP_HEAP_FINE };
	memset(head, 0, sizeof(*head));
	if (tables->source->size >= sizeof(*head)) {
		err = read_bytes(tables, 0, head, sizeof(*head));
		if (err)
			return err;
	}
	*is_empty = !memcmp(head, &none, sizeof(none));
	place_all(tables);
	if (!*is_empty)
		check_head(tables, damage);
	return 0;
}
