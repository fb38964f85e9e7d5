/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_tables - the tables of an expert's heap, read without trust
 *
 * For heap_report. Where the tables are stands in the heap's head, which is
 * checked before anything else is read: afterwards every entry of every extent
 * lies within the heap.
 */
#ifndef NEXP_HEAP_TABLES_H
#define NEXP_HEAP_TABLES_H

#include "heap_report.h"

/* The allowance is used up. */
#define NEXP_HEAP_CUT	(-ECANCELED)

/** enum nexp_heap_table - in the order in which they and their offsets stand */
enum nexp_heap_table {
	NEXP_HEAP_SPANS,
	NEXP_HEAP_LINKS,
	NEXP_HEAP_TAGS = NEXP_HEAP_LINKS + NEXP_NR_TIERS,
	NEXP_HEAP_NR_TABLES = NEXP_HEAP_TAGS + NEXP_NR_TIERS,
};

/**
 * struct nexp_heap_place - where a table is
 * @offset: its first byte.
 * @stride: its bytes for each extent.
 * @hole: where a hole of it begins.
 * @data: where that ends. So the end of each hole is looked for once by whom
 *	reads in ascending order.
 */
struct nexp_heap_place {
	uint64_t offset;
	uint32_t stride;
	uint64_t hole;
	uint64_t data;
};

/**
 * struct nexp_heap_tables - the tables of a heap
 * @source: the heap.
 * @left: bytes that may still be read.
 * @head: the head, a copy.
 * @places: by enum nexp_heap_table.
 */
struct nexp_heap_tables {
	const struct nexp_heap_source *source;
	uint64_t left;
	struct nexp_heap_head head;
	struct nexp_heap_place places[NEXP_HEAP_NR_TABLES];
};

/**
 * nexp_heap_tables_open() - read and check the head
 * @tables: with @source and @left; the rest is filled in.
 * @is_empty: set to whether there is no head yet, so no object.
 * @damage: filled in; without damage the tables may be read.
 *
 * Return: 0, NEXP_HEAP_CUT, or what the source answered.
 */
int nexp_heap_tables_open(struct nexp_heap_tables *tables, bool *is_empty,
			  struct nexp_heap_damage *damage);

/**
 * nexp_heap_tables_data() - the next committed byte of a table
 * @tables: opened without damage.
 * @table: the table.
 * @extent: at its entry or after it.
 * @ret: an offset; it may be behind the table.
 *
 * Return: 0, NEXP_HEAP_CUT, or what the source answered.
 */
int nexp_heap_tables_data(struct nexp_heap_tables *tables, unsigned int table, uint32_t extent,
			  uint64_t *ret);

/**
 * nexp_heap_tables_read() - read a table
 * @tables: opened without damage.
 * @table: the table.
 * @extent: from its entry on.
 * @to: the bytes; zeros for what is not committed.
 * @length: how many; not beyond the table.
 *
 * Return: 1, 0 if nothing of it is committed, NEXP_HEAP_CUT, or what the source
 * answered.
 */
int nexp_heap_tables_read(struct nexp_heap_tables *tables, unsigned int table, uint32_t extent,
			  void *to, size_t length);

/**
 * nexp_heap_tables_count() - what is committed for tables
 * @tables: opened without damage.
 * @ret: bytes; also of what was counted before it failed.
 *
 * Return: 0, NEXP_HEAP_CUT, or what the source answered.
 */
int nexp_heap_tables_count(struct nexp_heap_tables *tables, uint64_t *ret);

/** nexp_heap_entry() - where a table's entry of an extent is. */
static inline uint64_t nexp_heap_entry(const struct nexp_heap_tables *tables, unsigned int table,
				       uint32_t extent)
{
	const struct nexp_heap_place *place = &tables->places[table];

	return place->offset + (uint64_t)extent * place->stride;
}

/** nexp_heap_damaged() - fill in a damage; always true. */
static inline bool nexp_heap_damaged(struct nexp_heap_damage *damage, enum nexp_heap_wrong wrong,
				     uint64_t offset, uint64_t value)
{
	*damage = (struct nexp_heap_damage){ wrong, offset, value };
	return true;
}

#endif /* NEXP_HEAP_TABLES_H */
