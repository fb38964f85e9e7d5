// SPDX-License-Identifier: GPL-2.0
/*
 * talk - a TCP conversation, put in order and taken apart into messages
 */
#include <string.h>

#include "talk.h"

/* Most that are held on one side, so that no place is far to find. */
#define MOST_PIECES	4096

static struct talk_owner *owner_of(const struct talk *talk)
{
	return (struct talk_owner *)talk->holder.store->owner;
}

static void write_segment(struct talk *talk, int from, int64_t us, struct segment *segment)
{
	const struct talk_side *side = &talk->sides[from];

	segment->window = side->window;
	if (side->has_acked) {
		segment->flags |= TCP_ACK;
		segment->ack = side->ack;
	}
	segment->length = segment->stored;
	owner_of(talk)->write(owner_of(talk), talk, from, us, segment);
}

/* The first bytes of those that are ready, at most so many as fit. */
static DWORD gather(struct talk *talk, struct talk_side *side, BYTE *to)
{
	DWORD length = 0, part;
	struct piece *piece;

	while ((piece = side->ready.first) && length < PACKET_MAX_MESSAGE) {
		part = piece->length - piece->done;
		if (part > PACKET_MAX_MESSAGE - length)
			part = PACKET_MAX_MESSAGE - length;
		memcpy(to + length, piece->bytes + piece->done, part);
		length += part;
		piece->done += part;
		if (piece->done < piece->length)
			break;
		pieces_remove(&side->ready, piece);
		piece_free(&talk->holder, piece);
	}
	return length;
}

static void write_message(struct talk *talk, int from)
{
	struct talk_side *side = &talk->sides[from];
	struct segment segment = {
		.flags = TCP_PSH,
		.seq = side->next - (DWORD)side->nr_ready,
		.bytes = owner_of(talk)->message,
	};

	segment.stored = gather(talk, side, owner_of(talk)->message);
	side->nr_ready -= segment.stored;
	talk->counts.messages++;
	talk->counts.bytes += segment.stored;
	write_segment(talk, from, side->us, &segment);
}

static void write_all(struct talk *talk, int from)
{
	while (talk->sides[from].nr_ready)
		write_message(talk, from);
}

/* SYN, FIN or RST; what was said is over. */
static void write_mark(struct talk *talk, int from, int64_t us, BYTE flags, DWORD seq)
{
	struct segment segment = { .flags = flags, .seq = seq };

	write_all(talk, !from);
	write_all(talk, from);
	write_segment(talk, from, us, &segment);
}

/* @count bytes, which are not there, are next. */
static void miss(struct talk *talk, int from, DWORD count)
{
	write_all(talk, from);
	talk->counts.missing += count;
	talk->sides[from].next += count;
}

/* A piece that begins where we are, or before. */
static void deliver(struct talk *talk, int from, struct piece *piece)
{
	struct talk_side *side = &talk->sides[from];
	DWORD old = side->next - piece->at, new = 0, span = piece->span, length = piece->length;

	if (old >= span) {
		piece_free(&talk->holder, piece);
		return;
	}
	write_all(talk, !from);
	if (piece->us > side->us)
		side->us = piece->us;
	if (old < length) {
		new = length - old;
		piece->done = old;
		pieces_append(&side->ready, piece);
	} else {
		piece_free(&talk->holder, piece);
	}
	side->nr_ready += new;
	side->next += new;
	if (span - old > new)
		miss(talk, from, span - old - new);
	while (side->nr_ready >= PACKET_MAX_MESSAGE)
		write_message(talk, from);
}

static void advance(struct talk *talk, int from)
{
	struct talk_side *side = &talk->sides[from];
	struct piece *piece;

	while ((piece = side->held.first) && !is_after(piece->at, side->next)) {
		pieces_remove(&side->held, piece);
		deliver(talk, from, piece);
	}
}

static void give_gap_up(struct talk *talk, int from)
{
	struct talk_side *side = &talk->sides[from];

	miss(talk, from, side->held.first->at - side->next);
	advance(talk, from);
}

static void look_for_fin(struct talk *talk, int from, int64_t us)
{
	struct talk_side *side = &talk->sides[from];

	if (!side->has_fin || side->is_over || is_after(side->fin, side->next))
		return;
	write_mark(talk, from, us, TCP_FIN, side->fin);
	side->is_over = TRUE;
}

static void end_side(struct talk *talk, int from)
{
	struct talk_side *side = &talk->sides[from];

	while (side->held.first)
		give_gap_up(talk, from);
	write_all(talk, from);
	if (side->has_fin && is_after(side->fin, side->next))
		miss(talk, from, side->fin - side->next);
	look_for_fin(talk, from, side->us);
}

void talk_end(struct talk *talk)
{
	end_side(talk, talk->client);
	end_side(talk, !talk->client);
}

/* There is no memory any more. */
static void give_up(struct holder *holder)
{
	struct talk *talk = (struct talk *)holder;
	int from;

	talk->counts.cut++;
	for (from = 0; from < 2; from++) {
		while (talk->sides[from].held.first)
			give_gap_up(talk, from);
		write_all(talk, from);
	}
}

static void begin(struct talk *talk, int from, const struct segment *segment)
{
	BOOL is_answer = (segment->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);

	memset(talk->sides, 0, sizeof(talk->sides));
	talk->was_ended = FALSE;
	talk->client = is_answer ? !from : from;
	talk->counts.conversations++;
}

void talk_start(struct talk *talk, struct store *store, int from, const struct segment *segment)
{
	talk->holder.store = store;
	talk->holder.give_up = give_up;
	begin(talk, from, segment);
}

/* The same ports once more. A SYN that comes again has the number that it had. */
static BOOL is_another(const struct talk_side *side, const struct segment *segment)
{
	return segment->flags & TCP_SYN && side->is_known && segment->seq != side->base;
}

static void acknowledge(struct talk *talk, int from, const struct segment *segment)
{
	struct talk_side *side = &talk->sides[from], *other = &talk->sides[!from];

	if (!(segment->flags & TCP_ACK))
		return;
	while (other->held.first && is_after(segment->ack, other->held.first->at))
		give_gap_up(talk, !from);
	if (!side->has_acked || is_after(segment->ack, side->ack))
		side->ack = segment->ack;
	side->has_acked = TRUE;
}

static void learn_numbers(struct talk *talk, int from, const struct segment *segment, int64_t us)
{
	struct talk_side *side = &talk->sides[from];
	BOOL is_syn = !!(segment->flags & TCP_SYN);

	if (side->is_known)
		return;
	side->is_known = TRUE;
	side->base = is_syn ? segment->seq : segment->seq - 1;
	side->next = side->base + 1;
	if (is_syn)
		write_mark(talk, from, us, TCP_SYN, segment->seq);
}

/* Not even after all have given up what they had. */
static void lose(struct talk *talk, int from, const struct segment *segment, DWORD first)
{
	struct talk_side *side = &talk->sides[from];
	DWORD end = first + segment->length;

	if (is_after(end, side->next))
		miss(talk, from, end - side->next);
}

void talk_take(struct talk *talk, int from, const struct segment *segment, int64_t us)
{
	DWORD first = segment->seq + !!(segment->flags & TCP_SYN);
	struct talk_side *side = &talk->sides[from];
	struct piece *piece = NULL;

	/* It may take all that is here, so it comes first. */
	if (segment->length)
		piece = piece_new(&talk->holder, segment->bytes, segment->stored);
	if (is_another(side, segment)) {
		talk_end(talk);
		begin(talk, from, segment);
	}
	side->window = segment->window;
	acknowledge(talk, from, segment);
	learn_numbers(talk, from, segment, us);
	if (piece) {
		piece->at = first;
		piece->span = segment->length;
		piece->us = us;
		pieces_put(&talk->holder, &side->held, piece);
		advance(talk, from);
	} else if (segment->length) {
		lose(talk, from, segment, first);
	}
	while (side->held.count > MOST_PIECES || side->held.bytes > owner_of(talk)->most_held)
		give_gap_up(talk, from);
	if (segment->flags & TCP_FIN && !side->has_fin) {
		side->has_fin = TRUE;
		side->fin = first + segment->length;
	}
	look_for_fin(talk, from, us);
	if (segment->flags & TCP_RST)
		write_mark(talk, from, us, TCP_RST, segment->seq);
	talk->was_ended |= !!(segment->flags & (TCP_FIN | TCP_RST));
}
