/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dissect - the parsers' library, loaded when it is first asked for
 *
 * One capture, one frame with properties at a time, and one that is judged beside it:
 * what is in a hand is gone with the next frame that it takes.
 */
#ifndef NEXP_DISSECT_H
#define NEXP_DISSECT_H

#include <stdint.h>

#include <netexpert.h>
#include <netmon.h>

#include "../dissect/ops.h"

/**
 * struct nexp_dissect_job - a frame to dissect
 * @capture: numbers are of; another one begins with no memory of frames.
 * @number: from 1.
 * @record: its record.
 * @bytes: stay until the hand is released.
 * @wants_properties: nexp_dissect_table_in() will be asked.
 * @filters: those that nexp_dissect_passes() will be asked about.
 * @nr_filters: how many.
 */
struct nexp_dissect_job {
	uint64_t capture;
	uint32_t number;
	const struct netexpert_record *record;
	const uint8_t *bytes;
	bool wants_properties;
	struct epan_dfilter *const *filters;
	unsigned int nr_filters;
};

/**
 * struct nexp_attached - what nexp_dissect_attach() gives
 * @properties: of the frame; NULL if there are none.
 * @protocols: of the frame; NULL if there are none.
 */
struct nexp_attached {
	LPPROPERTYTABLE properties;
	LPRECOGNIZEDATATABLE protocols;
};

const struct nexp_dissect_ops *nexp_dissect_enter(void);
const struct nexp_table *nexp_dissect_table(HFRAME frame);
const struct nexp_table *nexp_dissect_table_in(enum nexp_hand which);
bool nexp_dissect_passes(enum nexp_hand which, struct epan_dfilter *filter);
void nexp_dissect_leave(void);

bool nexp_dissect_is_there(void);
int nexp_dissect_run(struct netexpert *nx, enum nexp_hand which,
		     const struct nexp_dissect_job *job);
void nexp_dissect_attach(HFRAME frame, struct nexp_attached *out_attached);
void nexp_dissect_release(enum nexp_hand which);
void nexp_dissect_end(void);

#endif /* NEXP_DISSECT_H */
