/* SPDX-License-Identifier: GPL-2.0 */
/*
 * session - what the parts of the dissector tell each other
 */
#ifndef NEXP_SESSION_H
#define NEXP_SESSION_H

#include <epan/wmem_scopes.h>

#include "dissector.h"

const struct nexp_dissect_frame *nexp_dissector_frame(const struct nexp_dissector *dissector,
						      enum nexp_hand which);
wmem_allocator_t *nexp_dissector_pool(const struct nexp_dissector *dissector,
				      enum nexp_hand which);

#endif /* NEXP_SESSION_H */
