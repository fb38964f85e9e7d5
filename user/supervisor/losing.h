/* SPDX-License-Identifier: GPL-2.0 */
/*
 * losing - when an expert begins to lose frames, and when that is over
 *
 * Losses come by thousands; people want to hear of them twice. So they are told by
 * spells: one begins with the first frame lost and is over when none was lost for
 * NEXP_LOSING_QUIET_NS.
 */
#ifndef NEXP_LOSING_H
#define NEXP_LOSING_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/netexpert.h>

#include "clock.h"

#define NEXP_LOSING_QUIET_NS	(5 * NEXP_NS_PER_SEC)

/**
 * enum nexp_losing_step - what a look at the counters shows
 * @NEXP_LOSING_NO_NEWS: all is as it was.
 * @NEXP_LOSING_BEGINS: frames are being lost.
 * @NEXP_LOSING_IS_OVER: none was lost for a while, or nothing comes any more.
 */
enum nexp_losing_step {
	NEXP_LOSING_NO_NEWS,
	NEXP_LOSING_BEGINS,
	NEXP_LOSING_IS_OVER,
};

/**
 * struct nexp_losing - the losses of one expert
 * @before: counters before the spell.
 * @lost: frames lost in all, at the last look.
 * @begin_ns: when the spell was noticed.
 * @last_ns: when more were found to be lost.
 * @is_on: there is a spell.
 *
 * All zero is an expert that never lost a frame.
 */
struct nexp_losing {
	uint64_t before[NETEXPERT_MAX_DROPS];
	uint64_t lost;
	uint64_t begin_ns;
	uint64_t last_ns;
	bool is_on;
};

/**
 * nexp_losing_look() - look at the counters
 * @losing: the losses so far.
 * @dropped: the counters, by cause.
 * @is_last: they are final.
 * @now_ns: now.
 * @ret: unless there is no news: what was lost in this spell, by cause.
 *
 * Return: what there is to tell. A spell that is noticed at the last look is only
 * over.
 */
enum nexp_losing_step nexp_losing_look(struct nexp_losing *losing, const __u64 *dropped,
				       bool is_last, uint64_t now_ns, __u64 *ret);

#endif /* NEXP_LOSING_H */
