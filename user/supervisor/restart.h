/* SPDX-License-Identifier: GPL-2.0 */
/*
 * restart - when a dead expert may come back
 *
 * The first death is followed by a restart at once. After that the pause
 * doubles from NEXP_RESTART_FIRST_NS to NEXP_RESTART_MAX_NS, and begins anew
 * after an incarnation that lived for NEXP_RESTART_HEALTHY_NS. An expert that
 * dies NEXP_RESTART_BURST times within NEXP_RESTART_WINDOW_NS has failed.
 */
#ifndef NEXP_RESTART_H
#define NEXP_RESTART_H

#include <stdint.h>

#include "clock.h"

#define NEXP_RESTART_FIRST_NS	(100 * NEXP_NS_PER_MS)
#define NEXP_RESTART_MAX_NS	(30 * NEXP_NS_PER_SEC)
#define NEXP_RESTART_HEALTHY_NS	(60 * NEXP_NS_PER_SEC)
#define NEXP_RESTART_WINDOW_NS	(60 * NEXP_NS_PER_SEC)
#define NEXP_RESTART_BURST	10

/**
 * struct nexp_restart - the deaths of one expert
 * @nr_deaths: all of them.
 * @pause_ns: the pause after the next death.
 * @deaths: when the last ones happened, at index number % NEXP_RESTART_BURST.
 *
 * All zero is an expert that never died.
 */
struct nexp_restart {
	uint64_t nr_deaths;
	uint64_t pause_ns;
	uint64_t deaths[NEXP_RESTART_BURST];
};

/**
 * nexp_restart_died() - count a death and decide
 * @restart: the deaths so far.
 * @started_ns: when the incarnation that died had started.
 * @now_ns: now.
 *
 * Return: how many nanoseconds to wait before the next incarnation, or
 * NEXP_NEVER: it died too often.
 */
uint64_t nexp_restart_died(struct nexp_restart *restart, uint64_t started_ns, uint64_t now_ns);

#endif /* NEXP_RESTART_H */
