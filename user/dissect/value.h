/* SPDX-License-Identifier: GPL-2.0 */
/*
 * value - a field's value as the data of a property
 */
#ifndef NEXP_VALUE_H
#define NEXP_VALUE_H

#include "fields.h"
#include "protocol.h"

void nexp_value_fill(const struct nexp_field *field, const struct nexp_dissect_frame *frame,
		     wmem_allocator_t *pool, LPPROPERTYINST out_inst);

#endif /* NEXP_VALUE_H */
