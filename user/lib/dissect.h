/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dissect - the parsers' library, loaded when it is first asked for
 *
 * One capture, one frame with properties at a time: what is attached to a frame is
 * gone with the next frame that is dissected.
 */
#ifndef NEXP_DISSECT_H
#define NEXP_DISSECT_H

#include <stdint.h>

#include <netexpert.h>
#include <netmon.h>

#include "../dissect/ops.h"

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
void nexp_dissect_leave(void);

bool nexp_dissect_is_there(void);
int nexp_dissect_attach(struct netexpert *nx, uint64_t capture, HFRAME frame, uint32_t number,
			const struct netexpert_record *record, const uint8_t *bytes,
			struct nexp_attached *out_attached);
void nexp_dissect_detach(void);
void nexp_dissect_end(void);

#endif /* NEXP_DISSECT_H */
