/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table - entries by their keys, as many as there is room for
 *
 * When the table is full, or the pool has no more memory for it, a new entry takes
 * the place of an old one: the least of 16 that are picked at random. So a flood of
 * new keys pushes out others of its kind, and what is not among the least of 16
 * stays. The hash is seeded, so that nobody can choose keys that share a bucket.
 */
#ifndef EXPERTS_TABLE_H
#define EXPERTS_TABLE_H

#include <netmon.h>

#include "hash.h"

/** typedef table_order - whether @a comes before @b */
typedef BOOL table_order(const void *a, const void *b);

/**
 * struct table_ops - what a table's owner says
 * @key_size: bytes of a key, all of which count. It stands first in an entry.
 * @entry_size: bytes of an entry, with its key.
 * @is_lesser: which is to go rather than another.
 * @evicted: @entry goes. NULL if that is of no interest.
 */
struct table_ops {
	size_t key_size;
	size_t entry_size;
	table_order *is_lesser;
	void (*evicted)(void *owner, const void *entry);
};

/**
 * struct table - the entries
 * @nr: how many there are.
 *
 * The rest is table.c's own.
 */
struct table {
	DWORD nr;
	HEXPERTKEY key;
	const struct table_ops *ops;
	void *owner;
	struct hash_seed hash;
	BYTE *entries;		/* the first nr of room are in use */
	DWORD *next;		/* of each, the next one in its bucket */
	DWORD *buckets;		/* first entry of each */
	DWORD nr_buckets;	/* a power of two */
	DWORD room;
	DWORD max;		/* as wanted, or less if memory ran out */
};

/**
 * table_start() - an empty one
 * @table: to be filled in.
 * @key: of Run.
 * @ops: stay.
 * @owner: for @ops.
 * @max: entries at most; not 0.
 *
 * Return: FALSE if there is no memory; there is nothing to finish then.
 */
BOOL table_start(struct table *table, HEXPERTKEY key, const struct table_ops *ops, void *owner,
		 DWORD max);

/**
 * table_find() - the entry of a key
 * @table: the table.
 * @key: padding in it must be 0.
 *
 * Return: it, until the next call; a new one is 0 behind its key.
 */
void *table_find(struct table *table, const void *key);

/** table_at() - entry @index, below table->nr. */
void *table_at(const struct table *table, DWORD index);

/**
 * table_top() - the first ones by rank
 * @table: the table.
 * @ranks_before: an order without ties.
 * @top: set to their indexes.
 * @most: of them.
 *
 * Return: how many.
 */
DWORD table_top(const struct table *table, table_order *ranks_before, DWORD *top, DWORD most);

/** table_finish() - give memory back; one that was not started, but is 0, is fine. */
void table_finish(struct table *table);

#endif /* EXPERTS_TABLE_H */
