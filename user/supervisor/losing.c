// SPDX-License-Identifier: GPL-2.0
/*
 * losing - when an expert begins to lose frames, and when that is over
 */
#include "losing.h"

enum nexp_losing_step nexp_losing_look(struct nexp_losing *losing, const __u64 *dropped,
				       bool is_last, uint64_t now_ns, __u64 *ret)
{
	bool was_on = losing->is_on;
	uint64_t lost = 0;
	unsigned int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		lost += dropped[i];
	if (lost != losing->lost) {
		losing->lost = lost;
		losing->last_ns = now_ns;
		losing->is_on = true;
		if (!was_on)
			losing->begin_ns = now_ns;
	}
	if (losing->is_on && (is_last || now_ns - losing->last_ns >= NEXP_LOSING_QUIET_NS))
		losing->is_on = false;
	else if (losing->is_on == was_on)
		return NEXP_LOSING_NO_NEWS;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++) {
		ret[i] = dropped[i] - losing->before[i];
		if (!losing->is_on)
			losing->before[i] = dropped[i];
	}
	return losing->is_on ? NEXP_LOSING_BEGINS : NEXP_LOSING_IS_OVER;
}
