/* SPDX-License-Identifier: GPL-2.0 */
/*
 * chatter - what a host writes to its standard output and error
 *
 * An expert should report through the API, but libraries and assertions write
 * where they like. Their lines are passed on one by one, cut to a length and
 * limited in number: an expert can neither flood nor garble our output.
 */
#ifndef NEXP_CHATTER_H
#define NEXP_CHATTER_H

#include <stddef.h>
#include <stdint.h>

#include "clock.h"

#define NEXP_CHATTER_LINE	400
#define NEXP_CHATTER_LINES	50
#define NEXP_CHATTER_PERIOD_NS	(10 * NEXP_NS_PER_SEC)

/**
 * struct nexp_chatter - output on its way
 * @line: the line that is not complete yet.
 * @length: bytes of it.
 * @period_ns: when the present period began.
 * @nr_lines: lines passed on in it.
 * @nr_dropped: lines dropped since the last one that was passed on.
 *
 * All zero is a host that has written nothing.
 */
struct nexp_chatter {
	char line[NEXP_CHATTER_LINE];
	size_t length;
	uint64_t period_ns;
	unsigned int nr_lines;
	uint64_t nr_dropped;
};

/**
 * typedef nexp_chatter_fn - takes a line
 * @owner: as given to nexp_chatter_feed().
 * @line: the line, without its end; may hold any byte.
 * @length: bytes of it.
 * @nr_dropped: lines dropped before it.
 */
typedef void nexp_chatter_fn(void *owner, const char *line, size_t length, uint64_t nr_dropped);

/**
 * nexp_chatter_feed() - take bytes, pass complete lines on
 * @chatter: the output.
 * @bytes: what was read.
 * @size: bytes of it.
 * @now_ns: now.
 * @pass: gets the lines.
 * @owner: its argument.
 */
void nexp_chatter_feed(struct nexp_chatter *chatter, const char *bytes, size_t size,
		       uint64_t now_ns, nexp_chatter_fn *pass, void *owner);

/**
 * nexp_chatter_finish() - pass on what is left, as a line
 * @chatter: the output; empty afterwards.
 * @pass: gets the line.
 * @owner: its argument.
 */
void nexp_chatter_finish(struct nexp_chatter *chatter, nexp_chatter_fn *pass, void *owner);

#endif /* NEXP_CHATTER_H */
