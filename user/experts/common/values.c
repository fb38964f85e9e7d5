// SPDX-License-Identifier: GPL-2.0
/*
 * values - how often each value was there, in bounded memory
 */
#include <string.h>

#include "values.h"

#define NR_CANDIDATES	16

BOOL values_start(struct values *values, HEXPERTKEY key, DWORD most)
{
	memset(values, 0, sizeof(*values));
	values->key = key;
	values->most = most;
	values->nr_buckets = 1;
	while (values->nr_buckets < most)
		values->nr_buckets *= 2;
	if (!hash_start(&values->hash))
		return FALSE;
	values->values = (struct value **)ExpertAllocMemory(key, most * sizeof(struct value *),
							    NULL);
	values->buckets = (struct value **)ExpertAllocMemory(key, values->nr_buckets *
							     sizeof(struct value *), NULL);
	return values->values && values->buckets;
}

void values_finish(struct values *values)
{
	DWORD i;

	for (i = 0; i < values->nr; i++)
		ExpertFreeMemory(values->key, values->values[i]);
	if (values->values)
		ExpertFreeMemory(values->key, values->values);
	if (values->buckets)
		ExpertFreeMemory(values->key, values->buckets);
	memset(values, 0, sizeof(*values));
}

static struct value **bucket_of(struct values *values, const void *bytes, size_t length)
{
	return &values->buckets[hash_bytes(&values->hash, bytes, length) &
				(values->nr_buckets - 1)];
}

static void unlink_value(struct values *values, struct value *value)
{
	struct value **link = bucket_of(values, value->bytes, value->length);

	while (*link != value)
		link = &(*link)->next;
	*link = value->next;
}

static BOOL is_lesser(const struct value *a, const struct value *b)
{
	return a->count < b->count || (a->count == b->count && a->seen < b->seen);
}

/* Makes a place free, the last one. */
static void evict(struct values *values)
{
	DWORD least = hash_pick(&values->hash, values->nr), other;
	struct value *value;
	int i;

	for (i = 1; i < NR_CANDIDATES; i++) {
		other = hash_pick(&values->hash, values->nr);
		if (is_lesser(values->values[other], values->values[least]))
			least = other;
	}
	value = values->values[least];
	values->lost += value->count;
	unlink_value(values, value);
	values->values[least] = values->values[--values->nr];
	ExpertFreeMemory(values->key, value);
}

/* NULL if there is no memory, not even with another one gone. */
static struct value *new_value(struct values *values, size_t size)
{
	struct value *value;
	DWORD error;

	if (values->nr == values->most)
		evict(values);
	value = (struct value *)ExpertAllocMemory(values->key, size, &error);
	if (!value && error == NMERR_OUT_OF_MEMORY && values->nr) {
		values->most = values->nr;
		evict(values);
		value = (struct value *)ExpertAllocMemory(values->key, size, NULL);
	}
	return value;
}

static struct value *find(struct values *values, const void *bytes, size_t length)
{
	struct value **bucket = bucket_of(values, bytes, length), *value;

	for (value = *bucket; value; value = value->next)
		if (value->length == length && !memcmp(value->bytes, bytes, length))
			return value;
	value = new_value(values, sizeof(*value) + length + 1);
	if (!value)
		return NULL;
	value->length = (DWORD)length;
	memcpy(value->bytes, bytes, length);
	value->next = *bucket;
	*bucket = value;
	values->values[values->nr++] = value;
	return value;
}

void values_count(struct values *values, const void *bytes, size_t length)
{
	struct value *value = length <= VALUE_LENGTH ? find(values, bytes, length) : NULL;

	values->all++;
	if (!value) {
		values->lost++;
		return;
	}
	value->count++;
	value->seen = values->all;
}

static BOOL ranks_before(const struct value *a, const struct value *b)
{
	DWORD shorter = a->length < b->length ? a->length : b->length;
	int order;

	if (a->count != b->count)
		return a->count > b->count;
	/* Any order that does not change from one report to the next. */
	order = memcmp(a->bytes, b->bytes, shorter);
	return order ? order < 0 : a->length < b->length;
}

DWORD values_top(const struct values *values, struct value **top, DWORD most)
{
	DWORD nr = 0, i, place;

	for (i = 0; most && i < values->nr; i++) {
		struct value *value = values->values[i];

		if (nr == most) {
			if (!ranks_before(value, top[nr - 1]))
				continue;
			nr--;
		}
		for (place = nr++; place > 0 && ranks_before(value, top[place - 1]); place--)
			top[place] = top[place - 1];
		top[place] = value;
	}
	return nr;
}
