/* SPDX-License-Identifier: GPL-2.0 */
/*
 * judge - whether a frame passes a filter
 */
#ifndef NEXP_JUDGE_H
#define NEXP_JUDGE_H

#include "dissect.h"
#include "hfilter.h"
#include "key.h"

/**
 * struct nexp_sight - what there is to see of a frame
 * @frame: the frame.
 * @hand: where it was dissected, if the filter wants that.
 * @ops: to ask the parsers; NULL if it was not dissected.
 * @table: its properties; NULL if it has none.
 * @only: of this instance's property no other one counts; NULL: all count.
 */
struct nexp_sight {
	const struct netexpert_frame *frame;
	enum nexp_hand hand;
	const struct nexp_dissect_ops *ops;
	const struct nexp_table *table;
	const PROPERTYINST *only;
};

/**
 * struct nexp_trial - a frame and who asks
 * @key: locked.
 * @serial: the frame's.
 * @frame: the frame.
 * @hand: what takes it if it must be dissected.
 * @wants_properties: whoever asks does, if it passes: then it is still in hand.
 */
struct nexp_trial {
	struct nexp_key *key;
	uint64_t serial;
	const struct netexpert_frame *frame;
	enum nexp_hand hand;
	bool wants_properties;
};

bool nexp_judge(const struct nexp_hfilter *filter, const struct nexp_sight *sight);
DWORD nexp_judge_check(const HFILTER handles[NEXP_NR_FILTERS], bool wants_properties);
DWORD nexp_judge_frame(const struct nexp_trial *trial, const HFILTER handles[NEXP_NR_FILTERS],
		       bool *out_passes);

uint64_t nexp_passed_over_end(const struct nexp_passed_over *over,
			      const HFILTER handles[NEXP_NR_FILTERS], uint64_t serial);
void nexp_passed_over_add(struct nexp_passed_over *over, const HFILTER handles[NEXP_NR_FILTERS],
			  uint64_t serial);

#endif /* NEXP_JUDGE_H */
