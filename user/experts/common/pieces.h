/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pieces - bytes that wait for others, and the memory that all of them may take
 *
 * A piece is so many bytes from a certain number on, which is 32 bits wide and wraps.
 * Pieces stand in the order of their numbers and may overlap. Whoever has some is a
 * holder. When there is no more memory, the holder that has got none for the longest
 * time gives all of its up, and so on.
 */
#ifndef EXPERTS_PIECES_H
#define EXPERTS_PIECES_H

#include <netmon.h>

/**
 * struct piece - bytes
 * @before: the one before it.
 * @after: the one after it.
 * @us: time stamp of its frame.
 * @at: number of its first byte.
 * @length: how many there are.
 * @span: how many there were; those at the end may not have been captured.
 * @done: how many are of no interest any more, from the first on.
 * @bytes: they.
 */
struct piece {
	struct piece *before;
	struct piece *after;
	int64_t us;
	DWORD at;
	DWORD length;
	DWORD span;
	DWORD done;
	BYTE bytes[];
};

/**
 * struct pieces - some of them, in order
 * @first: the first one.
 * @last: the last one.
 * @count: how many.
 * @bytes: of all.
 */
struct pieces {
	struct piece *first;
	struct piece *last;
	DWORD count;
	uint64_t bytes;
};

/**
 * struct holder - who has pieces
 * @store: where they are from.
 * @older: who has got none for longer.
 * @newer: who has got one since.
 * @used: bytes of memory that its pieces take.
 * @give_up: it must free all of them, and may take none.
 */
struct holder {
	struct store *store;
	struct holder *older;
	struct holder *newer;
	uint64_t used;
	void (*give_up)(struct holder *holder);
};

/**
 * struct store - memory for pieces
 * @key: of Run.
 * @owner: for who holds some.
 * @most: bytes at most.
 * @used: bytes that are in use.
 * @oldest: who has pieces, by when it got the last one.
 * @newest: the other end of that.
 */
struct store {
	HEXPERTKEY key;
	void *owner;
	uint64_t most;
	uint64_t used;
	struct holder *oldest;
	struct holder *newest;
};

/**
 * store_alloc() - memory that is no piece's; holders give up for it, too
 * @store: the store.
 * @size: bytes; they don't count for @most.
 *
 * Return: zeroed memory, to be given back with ExpertFreeMemory(), or NULL.
 */
void *store_alloc(struct store *store, size_t size);

/**
 * piece_new() - a piece
 * @holder: whose it will be. It may have to give up all others of its own.
 * @bytes: copied.
 * @length: how many.
 *
 * Return: the piece, in no list, or NULL if there is no memory.
 */
struct piece *piece_new(struct holder *holder, const BYTE *bytes, DWORD length);

/** piece_free() - give a piece back that is in no list. */
void piece_free(struct holder *holder, struct piece *piece);

/**
 * pieces_put() - put a piece where it belongs
 * @pieces: those of @holder.
 * @piece: in no list; freed if there is one that has all of it already.
 */
void pieces_put(struct holder *holder, struct pieces *pieces, struct piece *piece);

/** pieces_append() - put a piece at the end. */
void pieces_append(struct pieces *pieces, struct piece *piece);

/** pieces_remove() - take a piece out; it stays. */
void pieces_remove(struct pieces *pieces, struct piece *piece);

/** pieces_clear() - free all. */
void pieces_clear(struct holder *holder, struct pieces *pieces);

/** is_after() - whether @a comes after @b, which are less than 2^31 apart. */
static inline BOOL is_after(DWORD a, DWORD b)
{
	return (int32_t)(a - b) > 0;
}

#endif /* EXPERTS_PIECES_H */
