/* SPDX-License-Identifier: GPL-2.0 */
/*
 * edition - an expert's events, gathered into reports
 *
 * An expert submits a report as several events, one per line. An *edition* is
 * all events with one EventIdent and one SysTime; an event with another SysTime
 * begins the next edition, which replaces the one before. An edition is
 * published when something else arrives, NEXP_EDITION_NS after its last event,
 * or NEXP_EDITION_MAX_NS after its first. Events that arrive for it later are
 * added to it.
 *
 * A hostile expert can't fill our memory: editions, their events and their
 * bytes are limited, the newest are kept and the rest is counted.
 */
#ifndef NEXP_EDITION_H
#define NEXP_EDITION_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "decode.h"

#define NEXP_EDITION_NS		(100 * NEXP_NS_PER_MS)
#define NEXP_EDITION_MAX_NS	NEXP_NS_PER_SEC
#define NEXP_EDITION_ROWS	1024
#define NEXP_EDITION_BYTES	(1U << 20)
#define NEXP_MAX_EDITIONS	8

/**
 * struct nexp_row - one event of an edition
 * @next: the one after it.
 * @size: bytes of the message.
 * @bytes: the message as it arrived; nexp_decode() takes it apart again.
 */
struct nexp_row {
	struct nexp_row *next;
	size_t size;
	uint8_t bytes[];
};

/**
 * struct nexp_edition - one state of one report
 * @ident: EventIdent of its events.
 * @time: SysTime of its events.
 * @rows: its events, oldest first.
 * @last: where the next one is linked.
 * @nr_rows: how many.
 * @nr_bytes: bytes of their messages.
 * @nr_hidden: events that were not kept.
 * @age: publications of this expert until this one; the lowest is the oldest.
 */
struct nexp_edition {
	uint32_t ident;
	uint16_t time[8];
	struct nexp_row *rows;
	struct nexp_row **last;
	unsigned int nr_rows;
	size_t nr_bytes;
	uint64_t nr_hidden;
	uint64_t age;
};

/**
 * struct nexp_editions - all reports of one expert
 * @pending: the edition that is being gathered; NULL if none.
 * @begun_ns: when its first event came.
 * @due_ns: when it is published at the latest.
 * @shown: the published ones, each of another EventIdent; NULL where unused.
 * @nr_published: publications so far.
 *
 * All zero is an expert that has said nothing.
 */
struct nexp_editions {
	struct nexp_edition *pending;
	uint64_t begun_ns;
	uint64_t due_ns;
	struct nexp_edition *shown[NEXP_MAX_EDITIONS];
	uint64_t nr_published;
};

/**
 * nexp_editions_fits() - does an event belong to the edition being gathered?
 * @editions: the expert's reports.
 * @event: the event.
 *
 * Return: 1 if it does, 0 if @pending must be published first.
 */
int nexp_editions_fits(const struct nexp_editions *editions, const struct nexp_event *event);

/**
 * nexp_editions_add() - add an event to the edition being gathered
 * @editions: the expert's reports.
 * @event: the event; fits.
 * @bytes: its message.
 * @size: bytes of that.
 * @now_ns: now.
 *
 * Without memory the event is counted as hidden, or forgotten.
 */
void nexp_editions_add(struct nexp_editions *editions, const struct nexp_event *event,
		       const void *bytes, size_t size, uint64_t now_ns);

/**
 * nexp_editions_publish() - publish what was gathered
 * @editions: the expert's reports.
 * @ret_new: the first row that was not published before.
 *
 * Return: the edition, or NULL if nothing was gathered. It stays valid until
 * the next call that changes @editions.
 */
const struct nexp_edition *nexp_editions_publish(struct nexp_editions *editions,
						 const struct nexp_row **ret_new);

/**
 * nexp_editions_clear() - forget everything
 * @editions: the expert's reports; empty afterwards.
 */
void nexp_editions_clear(struct nexp_editions *editions);

#endif /* NEXP_EDITION_H */
