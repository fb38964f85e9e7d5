/* SPDX-License-Identifier: GPL-2.0 */
/*
 * values - how often each value was there, in bounded memory
 *
 * A value is some bytes. When there are as many as there may be, or there is no more
 * memory, a new one takes the place of an old one: of 16 picked at random, the one
 * that was there least often, of these the one not seen for the longest time. What was
 * counted of it is in @lost then, and if it comes back it starts anew. So what is
 * there more often than any of 16 random ones stays.
 */
#ifndef EXPERTS_VALUES_H
#define EXPERTS_VALUES_H

#include <netmon.h>

#include "hash.h"

/* More bytes are not kept. */
#define VALUE_LENGTH	1000

/**
 * struct value - one of them
 * @next: in its bucket.
 * @count: how often it was there.
 * @seen: when it was there last, counted in values.
 * @length: of @bytes.
 * @bytes: itself, with a NUL behind it.
 */
struct value {
	struct value *next;
	uint64_t count;
	uint64_t seen;
	DWORD length;
	BYTE bytes[];
};

/**
 * struct values - all of them
 * @key: of Run.
 * @hash: of the values.
 * @values: those that are kept, in no order.
 * @nr: how many.
 * @most: how many there may be; less if memory ran out.
 * @buckets: by hash.
 * @nr_buckets: a power of two.
 * @all: how often any was there.
 * @lost: how often those were there that are not kept.
 */
struct values {
	HEXPERTKEY key;
	struct hash_seed hash;
	struct value **values;
	DWORD nr;
	DWORD most;
	struct value **buckets;
	DWORD nr_buckets;
	uint64_t all;
	uint64_t lost;
};

/** values_start() - FALSE if there is no memory for @most of them. */
BOOL values_start(struct values *values, HEXPERTKEY key, DWORD most);

/** values_count() - @bytes were there once more. */
void values_count(struct values *values, const void *bytes, size_t length);

/**
 * values_top() - which were there most often
 * @values: all of them.
 * @top: filled in, the most frequent first.
 * @most: how many.
 *
 * Return: how many there are.
 */
DWORD values_top(const struct values *values, struct value **top, DWORD most);

/** values_finish() - give memory back; what was not started is fine. */
void values_finish(struct values *values);

#endif /* EXPERTS_VALUES_H */
