// SPDX-License-Identifier: GPL-2.0
/*
 * datagrams - IP packets that came in fragments, recombined
 */
#include <string.h>

#include "datagrams.h"

#define MOST_WAITING	1024
#define MOST_PIECES	2048
#define MOST_BYTES	65535	/* of an IP packet, but for the header that IPv6 begins with */
#define IPV6_HEADER	40

#define US_PER_SECOND	1000000
#define PATIENCE_US	(30LL * US_PER_SECOND)
#define AGAIN_US	US_PER_SECOND

struct key {
	BYTE source[16];
	BYTE target[16];
	DWORD id;
	WORD protocol;
	WORD is_ipv6;
};

/* One that waits. Headers are the first fragment's; until it comes there are none. */
struct waiting {
	struct holder holder;	/* first */
	struct datagrams *datagrams;
	struct pieces pieces;
	DWORD end;		/* of what is known */
	BOOL has_last;		/* so that is all */
	DWORD length;		/* of headers */
	DWORD next_at;
	BYTE protocol;
	BYTE headers[PACKET_MAX_HEADERS];
};

/* Entries of the table. */
struct entry {
	struct key key;
	int64_t us;		/* of the last fragment */
	BOOL is_known;
	struct waiting *waiting;	/* NULL if it is whole */
};

static BOOL is_lesser(const void *a, const void *b)
{
	const struct entry *one = (const struct entry *)a;
	const struct entry *other = (const struct entry *)b;

	if (!one->waiting != !other->waiting)
		return !one->waiting;
	return one->us < other->us;
}

static void give_up(struct holder *holder)
{
	struct waiting *waiting = (struct waiting *)holder;

	if (!waiting->pieces.first)
		return;
	waiting->datagrams->missing += waiting->end;
	waiting->datagrams->given_up++;
	pieces_clear(holder, &waiting->pieces);
	/* Later ones have nothing to wait for, but for their end to be noticed. */
	waiting->end = 0;
	waiting->has_last = FALSE;
	waiting->length = 0;
}

static void forget(struct datagrams *datagrams, struct entry *entry)
{
	if (!entry->waiting)
		return;
	give_up(&entry->waiting->holder);
	ExpertFreeMemory(datagrams->store->key, entry->waiting);
	entry->waiting = NULL;
}

static void evicted(void *owner, const void *entry)
{
	struct entry copy = *(const struct entry *)entry;

	forget((struct datagrams *)owner, &copy);
}

static const struct table_ops ops = {
	.key_size = sizeof(struct key),
	.entry_size = sizeof(struct entry),
	.is_lesser = is_lesser,
	.evicted = evicted,
};

BOOL datagrams_start(struct datagrams *datagrams, struct store *store)
{
	datagrams->store = store;
	datagrams->whole = (BYTE *)ExpertAllocMemory(store->key, PACKET_MAX, NULL);
	if (!datagrams->whole)
		return FALSE;
	if (table_start(&datagrams->table, store->key, &ops, datagrams, MOST_WAITING))
		return TRUE;
	datagrams_finish(datagrams);
	return FALSE;
}

/* A fragment ends on 8 bytes unless it is the last one, and none goes beyond the largest. */
BOOL datagrams_fit(const struct packet *packet)
{
	DWORD headers = packet->headers + packet->skipped, length;

	if (!packet->is_fragment || packet->stored < packet->wire || packet->wire <= headers ||
	    packet->headers > PACKET_MAX_HEADERS)
		return FALSE;
	length = packet->wire - headers;
	if (!packet->is_last && length % 8)
		return FALSE;
	return packet->offset + length <= MOST_BYTES;
}

static struct entry *find(struct datagrams *datagrams, const struct packet *packet)
{
	struct key key = {
		.id = packet->id,
		.protocol = packet->is_ipv6 ? 0 : packet->protocol,
		.is_ipv6 = !!packet->is_ipv6,
	};

	memcpy(key.source, packet->source, sizeof(key.source));
	memcpy(key.target, packet->target, sizeof(key.target));
	return (struct entry *)table_find(&datagrams->table, &key);
}

/* For a fragment that comes now; NULL if it is of no use, or there is no memory. */
static struct waiting *waiting_for(struct datagrams *datagrams, struct entry *entry, int64_t us)
{
	struct waiting *waiting = entry->waiting;

	if (waiting && us - entry->us > PATIENCE_US)
		give_up(&waiting->holder);
	if (waiting)
		return waiting;
	if (entry->is_known && us - entry->us <= AGAIN_US)
		return NULL;
	waiting = (struct waiting *)store_alloc(datagrams->store, sizeof(*waiting));
	if (!waiting)
		return NULL;
	waiting->holder.store = datagrams->store;
	waiting->holder.give_up = give_up;
	waiting->datagrams = datagrams;
	entry->waiting = waiting;
	return waiting;
}

static void add(struct waiting *waiting, const struct packet *packet, struct piece *piece)
{
	DWORD end = packet->offset + piece->length;

	piece->at = packet->offset;
	if (!packet->offset && !waiting->length) {
		waiting->length = packet->headers;
		waiting->next_at = packet->next_at;
		waiting->protocol = packet->protocol;
		memcpy(waiting->headers, packet->bytes, packet->headers);
	}
	if (end > waiting->end)
		waiting->end = end;
	waiting->has_last |= packet->is_last;
	pieces_put(&waiting->holder, &waiting->pieces, piece);
}

/* Whether there is no gap. */
static BOOL is_whole(const struct waiting *waiting)
{
	const struct piece *piece;
	DWORD end = 0;

	if (!waiting->has_last || !waiting->length || waiting->pieces.bytes < waiting->end)
		return FALSE;
	for (piece = waiting->pieces.first; piece && piece->at <= end; piece = piece->after)
		if (piece->at + piece->length > end)
			end = piece->at + piece->length;
	return end == waiting->end;
}

static BOOL recombine(struct datagrams *datagrams, struct waiting *waiting, struct packet *whole)
{
	BYTE *payload = datagrams->whole + waiting->length;
	DWORD total = waiting->length + waiting->end;
	const struct piece *piece;

	if (total - (waiting->headers[0] >> 4 == 6 ? IPV6_HEADER : 0) > MOST_BYTES) {
		give_up(&waiting->holder);
		return FALSE;
	}
	/* Backwards, so that the one which begins earlier is on top. */
	for (piece = waiting->pieces.last; piece; piece = piece->before)
		memcpy(payload + piece->at, piece->bytes, piece->length);
	memcpy(datagrams->whole, waiting->headers, waiting->length);
	packet_whole(datagrams->whole, waiting->length, waiting->next_at, waiting->protocol,
		     waiting->end);
	pieces_clear(&waiting->holder, &waiting->pieces);
	datagrams->recombined++;
	return packet_parse(datagrams->whole, total, total, whole);
}

BOOL datagrams_take(struct datagrams *datagrams, const struct packet *packet, int64_t us,
		    struct packet *whole)
{
	DWORD headers = packet->headers + packet->skipped, length = packet->wire - headers;
	struct entry *entry = find(datagrams, packet);
	struct waiting *waiting = waiting_for(datagrams, entry, us);
	struct piece *piece;
	BOOL is_done;

	datagrams->fragments++;
	if (!waiting)
		return FALSE;
	entry->us = us;
	entry->is_known = TRUE;
	piece = piece_new(&waiting->holder, packet->bytes + headers, length);
	if (!piece) {
		datagrams->missing += length;
		return FALSE;
	}
	add(waiting, packet, piece);
	if (waiting->pieces.count > MOST_PIECES)
		give_up(&waiting->holder);
	if (!is_whole(waiting))
		return FALSE;
	is_done = recombine(datagrams, waiting, whole);
	forget(datagrams, entry);
	return is_done;
}

void datagrams_end(struct datagrams *datagrams)
{
	DWORD i;

	for (i = 0; i < datagrams->table.nr; i++)
		forget(datagrams, (struct entry *)table_at(&datagrams->table, i));
}

void datagrams_finish(struct datagrams *datagrams)
{
	table_finish(&datagrams->table);
	if (datagrams->whole)
		ExpertFreeMemory(datagrams->store->key, datagrams->whole);
	datagrams->whole = NULL;
}
