/* SPDX-License-Identifier: GPL-2.0 */
/*
 * datagrams - IP packets that came in fragments, recombined
 *
 * A datagram that nothing has come of for 30 seconds is given up, as are some when too
 * many wait or there is no more memory: those that have been silent longest. Of bytes
 * that two fragments have, those count that are in the one which begins earlier. A
 * fragment that comes again within a second after its datagram was whole is passed over.
 */
#ifndef EXPERTS_DATAGRAMS_H
#define EXPERTS_DATAGRAMS_H

#include <netmon.h>

#include "packet.h"
#include "pieces.h"
#include "table.h"

/**
 * struct datagrams - those that wait, and what became of all
 * @table: of those that wait, and of some that are whole.
 * @store: memory for their fragments.
 * @whole: PACKET_MAX bytes, for one that is.
 * @fragments: taken.
 * @recombined: datagrams.
 * @missing: bytes up to the last one known of datagrams that were given up.
 * @given_up: datagrams.
 */
struct datagrams {
	struct table table;
	struct store *store;
	BYTE *whole;
	uint64_t fragments;
	uint64_t recombined;
	uint64_t missing;
	uint64_t given_up;
};

/** datagrams_start() - FALSE if there is no memory; there is nothing to finish then. */
BOOL datagrams_start(struct datagrams *datagrams, struct store *store);

/** datagrams_fit() - whether it is a fragment that can be recombined, and whole itself. */
BOOL datagrams_fit(const struct packet *packet);

/**
 * datagrams_take() - a fragment
 * @datagrams: the others.
 * @packet: one that datagrams_fit().
 * @us: time stamp of its frame.
 * @whole: filled in if this was the last one; points into @datagrams, until the next call.
 *
 * Return: whether it was.
 */
BOOL datagrams_take(struct datagrams *datagrams, const struct packet *packet, int64_t us,
		    struct packet *whole);

/** datagrams_end() - give all up that wait, and have no memory of the store any more. */
void datagrams_end(struct datagrams *datagrams);

/** datagrams_finish() - give memory back after that; one that is 0 is fine. */
void datagrams_finish(struct datagrams *datagrams);

#endif /* EXPERTS_DATAGRAMS_H */
