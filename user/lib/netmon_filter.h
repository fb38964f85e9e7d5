/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon_filter - frames that are judged beside the one in hand
 */
#ifndef NEXP_NETMON_FILTER_H
#define NEXP_NETMON_FILTER_H

#include "key.h"

DWORD nexp_judge_beside(struct nexp_key *key, uint64_t serial,
			const struct netexpert_frame *frame, HFILTER handle, bool *out_passes);
void nexp_mark_last(struct nexp_key *key);

#endif /* NEXP_NETMON_FILTER_H */
