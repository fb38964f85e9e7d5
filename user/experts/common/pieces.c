// SPDX-License-Identifier: GPL-2.0
/*
 * pieces - bytes that wait for others, and the memory that all of them may take
 */
#include <string.h>

#include "pieces.h"

static void leave(struct holder *holder)
{
	struct store *store = holder->store;

	*(holder->older ? &holder->older->newer : &store->oldest) = holder->newer;
	*(holder->newer ? &holder->newer->older : &store->newest) = holder->older;
	holder->older = NULL;
	holder->newer = NULL;
}

static void join(struct holder *holder)
{
	struct store *store = holder->store;

	holder->older = store->newest;
	*(store->newest ? &store->newest->newer : &store->oldest) = holder;
	store->newest = holder;
}

void *store_alloc(struct store *store, size_t size)
{
	void *memory;

	while (!(memory = ExpertAllocMemory(store->key, size, NULL)) && store->oldest)
		store->oldest->give_up(store->oldest);
	return memory;
}

struct piece *piece_new(struct holder *holder, const BYTE *bytes, DWORD length)
{
	struct store *store = holder->store;
	size_t size = sizeof(struct piece) + length;
	struct piece *piece;

	while (store->oldest && store->used + size > store->most)
		store->oldest->give_up(store->oldest);
	piece = (struct piece *)store_alloc(store, size);
	if (!piece)
		return NULL;
	if (holder->used)
		leave(holder);
	join(holder);
	holder->used += size;
	store->used += size;
	piece->length = length;
	piece->span = length;
	memcpy(piece->bytes, bytes, length);
	return piece;
}

void piece_free(struct holder *holder, struct piece *piece)
{
	size_t size = sizeof(*piece) + piece->length;

	holder->used -= size;
	holder->store->used -= size;
	if (!holder->used)
		leave(holder);
	ExpertFreeMemory(holder->store->key, piece);
}

static void insert(struct pieces *pieces, struct piece *piece, struct piece *before)
{
	struct piece *after = before ? before->after : pieces->first;

	piece->before = before;
	piece->after = after;
	*(before ? &before->after : &pieces->first) = piece;
	*(after ? &after->before : &pieces->last) = piece;
	pieces->count++;
	pieces->bytes += piece->length;
}

/* Mostly it is the last one, or the first one that all others wait for. */
void pieces_put(struct holder *holder, struct pieces *pieces, struct piece *piece)
{
	struct piece *before = pieces->last;

	if (pieces->first && is_after(pieces->first->at, piece->at))
		before = NULL;
	while (before && is_after(before->at, piece->at))
		before = before->before;
	if (before && before->length >= piece->span &&
	    piece->at - before->at <= before->length - piece->span)
		piece_free(holder, piece);
	else
		insert(pieces, piece, before);
}

void pieces_append(struct pieces *pieces, struct piece *piece)
{
	insert(pieces, piece, pieces->last);
}

void pieces_remove(struct pieces *pieces, struct piece *piece)
{
	*(piece->before ? &piece->before->after : &pieces->first) = piece->after;
	*(piece->after ? &piece->after->before : &pieces->last) = piece->before;
	pieces->count--;
	pieces->bytes -= piece->length;
}

void pieces_clear(struct holder *holder, struct pieces *pieces)
{
	struct piece *piece;

	while ((piece = pieces->first)) {
		pieces_remove(pieces, piece);
		piece_free(holder, piece);
	}
}
