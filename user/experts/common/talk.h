/* SPDX-License-Identifier: GPL-2.0 */
/*
 * talk - a TCP conversation, put in order and taken apart into messages
 *
 * A message is what one side says until the other one says something, or as much of it
 * as fits into a packet. What comes again is left out; of bytes that differ then, those
 * that came first count. What comes early is held until what is missing before it comes,
 * and no longer than until
 *
 * * the other side acknowledges something behind the gap: it was there, but not captured;
 * * too much is held in this direction;
 * * there is no more memory, and nobody has taken any for longer;
 * * the conversation ends.
 *
 * Then what is missing is given up. A gap ends a message, too.
 */
#ifndef EXPERTS_TALK_H
#define EXPERTS_TALK_H

#include <netmon.h>

#include "packet.h"
#include "pieces.h"

/**
 * struct talk_counts - what there was of it
 * @conversations: one after the other, with the same ports: a SYN with another number
 *	begins another one.
 * @frames: that it came in; for the owner to count.
 * @messages: that became of it.
 * @bytes: of data in these.
 * @missing: bytes of data that should have been there, too.
 * @cut: how often there was no more memory for it.
 */
struct talk_counts {
	uint64_t conversations;
	uint64_t frames;
	uint64_t messages;
	uint64_t bytes;
	uint64_t missing;
	uint64_t cut;
};

/**
 * struct talk_side - what one side says
 * @ready: in order, to be written.
 * @held: more, behind a gap.
 * @us: time stamp of the last frame that had something of @ready.
 * @base: number of its SYN; or one before its first byte, if that was not seen.
 * @next: number of the byte that is to come next.
 * @ack: what it has got from the other side.
 * @fin: number of its FIN.
 * @window: as it said last.
 * @is_known: the numbers are.
 * @has_acked: so is @ack.
 * @has_fin: so is @fin.
 * @is_over: its FIN was written.
 */
struct talk_side {
	struct pieces ready;
	struct pieces held;
	uint64_t nr_ready;
	int64_t us;
	DWORD base;
	DWORD next;
	DWORD ack;
	DWORD fin;
	WORD window;
	BOOL is_known;
	BOOL has_acked;
	BOOL has_fin;
	BOOL is_over;
};

/**
 * struct talk - a conversation
 * @holder: of all its pieces; its store's owner is a struct talk_owner.
 * @sides: the two.
 * @counts: so far.
 * @client: which side began it, as far as was seen.
 * @was_ended: a FIN or RST was there, so there may be no more of it.
 */
struct talk {
	struct holder holder;
	struct talk_side sides[2];
	struct talk_counts counts;
	int client;
	BOOL was_ended;
};

/**
 * struct talk_owner - whose conversations they are
 * @most_held: bytes that one side may have behind a gap.
 * @message: room for PACKET_MAX_MESSAGE bytes.
 * @write: a message, or with no bytes a SYN, FIN or RST. Of @segment it sets no ports.
 */
struct talk_owner {
	DWORD most_held;
	BYTE *message;
	void (*write)(struct talk_owner *owner, const struct talk *talk, int from, int64_t us,
		      const struct segment *segment);
};

/** talk_start() - begin a conversation in zeroed memory; @from says something first. */
void talk_start(struct talk *talk, struct store *store, int from, const struct segment *segment);

/**
 * talk_take() - a segment
 * @talk: the conversation.
 * @from: which side it is from.
 * @segment: what it says.
 * @us: time stamp of its frame.
 */
void talk_take(struct talk *talk, int from, const struct segment *segment, int64_t us);

/** talk_end() - nothing more will come: write the rest, and have no memory any more. */
void talk_end(struct talk *talk);

#endif /* EXPERTS_TALK_H */
