// SPDX-License-Identifier: GPL-2.0
/*
 * restart - when a dead expert may come back
 */
#include "restart.h"

uint64_t nexp_restart_died(struct nexp_restart *restart, uint64_t started_ns, uint64_t now_ns)
{
	uint64_t *slot = &restart->deaths[restart->nr_deaths % NEXP_RESTART_BURST];
	uint64_t pause;

	if (now_ns - started_ns >= NEXP_RESTART_HEALTHY_NS)
		restart->pause_ns = 0;
	pause = restart->pause_ns;
	restart->pause_ns = pause ? 2 * pause : NEXP_RESTART_FIRST_NS;
	if (restart->pause_ns > NEXP_RESTART_MAX_NS)
		restart->pause_ns = NEXP_RESTART_MAX_NS;

	*slot = now_ns;
	restart->nr_deaths++;
	if (restart->nr_deaths < NEXP_RESTART_BURST)
		return pause;
	/* The slot after the newest holds the oldest of the last ten. */
	slot = &restart->deaths[restart->nr_deaths % NEXP_RESTART_BURST];
	return now_ns - *slot < NEXP_RESTART_WINDOW_NS ? NEXP_NEVER : pause;
}
