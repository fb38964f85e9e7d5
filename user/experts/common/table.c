// SPDX-License-Identifier: GPL-2.0
/*
 * table - entries by their keys, as many as there is room for
 */
#include <string.h>

#include "table.h"

#define FIRST_ROOM	1024
#define NR_CANDIDATES	16
#define NONE		0xffffffffU

void *table_at(const struct table *table, DWORD index)
{
	return table->entries + index * table->ops->entry_size;
}

static DWORD *bucket_of(const struct table *table, const void *key)
{
	return &table->buckets[hash_bytes(&table->hash, key, table->ops->key_size) &
			       (table->nr_buckets - 1)];
}

static void link_entry(struct table *table, DWORD index)
{
	DWORD *bucket = bucket_of(table, table_at(table, index));

	table->next[index] = *bucket;
	*bucket = index;
}

static void unlink_entry(struct table *table, DWORD index)
{
	DWORD *link = bucket_of(table, table_at(table, index));

	while (*link != index)
		link = &table->next[*link];
	*link = table->next[index];
}

static void *alloc(const struct table *table, size_t count, size_t size)
{
	return ExpertAllocMemory(table->key, count * size, NULL);
}

static void release(const struct table *table, void *memory)
{
	if (memory)
		ExpertFreeMemory(table->key, memory);
}

/* FALSE if there is no memory, and nothing changed. */
static BOOL grow_to(struct table *table, DWORD room)
{
	DWORD nr_buckets = 1, i, *buckets, *next;
	BYTE *entries;

	while (nr_buckets < room)
		nr_buckets *= 2;
	buckets = (DWORD *)alloc(table, nr_buckets, sizeof(*buckets));
	next = (DWORD *)alloc(table, room, sizeof(*next));
	entries = (BYTE *)(buckets && next ?
			   ExpertReallocMemory(table->key, table->entries,
					       room * table->ops->entry_size, NULL) : NULL);
	if (!entries) {
		release(table, buckets);
		release(table, next);
		return FALSE;
	}
	release(table, table->buckets);
	release(table, table->next);
	table->entries = entries;
	table->room = room;
	table->next = next;
	table->buckets = buckets;
	table->nr_buckets = nr_buckets;
	memset(buckets, 0xff, nr_buckets * sizeof(*buckets));
	for (i = 0; i < table->nr; i++)
		link_entry(table, i);
	return TRUE;
}

BOOL table_start(struct table *table, HEXPERTKEY key, const struct table_ops *ops, void *owner,
		 DWORD max)
{
	memset(table, 0, sizeof(*table));
	table->key = key;
	table->ops = ops;
	table->owner = owner;
	table->max = max;
	return hash_start(&table->hash) && grow_to(table, max < FIRST_ROOM ? max : FIRST_ROOM);
}

static DWORD evict(struct table *table)
{
	DWORD least = hash_pick(&table->hash, table->nr), other;
	int i;

	for (i = 1; i < NR_CANDIDATES; i++) {
		other = hash_pick(&table->hash, table->nr);
		if (table->ops->is_lesser(table_at(table, other), table_at(table, least)))
			least = other;
	}
	if (table->ops->evicted)
		table->ops->evicted(table->owner, table_at(table, least));
	unlink_entry(table, least);
	return least;
}

static DWORD new_entry(struct table *table)
{
	DWORD room = table->room;

	if (table->nr == room && room < table->max) {
		room = room > table->max / 2 ? table->max : room * 2;
		if (!grow_to(table, room))
			table->max = table->room;
	}
	return table->nr < table->room ? table->nr++ : evict(table);
}

void *table_find(struct table *table, const void *key)
{
	DWORD index = *bucket_of(table, key);

	for (; index != NONE; index = table->next[index])
		if (!memcmp(table_at(table, index), key, table->ops->key_size))
			return table_at(table, index);
	index = new_entry(table);
	memset(table_at(table, index), 0, table->ops->entry_size);
	memcpy(table_at(table, index), key, table->ops->key_size);
	link_entry(table, index);
	return table_at(table, index);
}

DWORD table_top(const struct table *table, table_order *ranks_before, DWORD *top, DWORD most)
{
	DWORD nr = 0, i, place;

	for (i = 0; i < table->nr; i++) {
		const void *entry = table_at(table, i);

		if (nr == most) {
			if (!most || !ranks_before(entry, table_at(table, top[nr - 1])))
				continue;
			nr--;
		}
		for (place = nr++; place > 0; place--) {
			if (!ranks_before(entry, table_at(table, top[place - 1])))
				break;
			top[place] = top[place - 1];
		}
		top[place] = i;
	}
	return nr;
}

void table_finish(struct table *table)
{
	release(table, table->entries);
	release(table, table->next);
	release(table, table->buckets);
	memset(table, 0, sizeof(*table));
}
