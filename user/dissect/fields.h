/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fields - Wireshark's tree of a frame as a flat list
 */
#ifndef NEXP_FIELDS_H
#define NEXP_FIELDS_H

#include <epan/epan_dissect.h>

#include "dissector.h"

/**
 * struct nexp_fields - a list that keeps its memory
 * @field: the items.
 * @count: how many.
 * @room: how many there is room for.
 */
struct nexp_fields {
	struct nexp_field *field;
	uint32_t count;
	uint32_t room;
};

void nexp_fields_init(struct nexp_fields *fields);
void nexp_fields_exit(struct nexp_fields *fields);
void nexp_fields_clear(struct nexp_fields *fields);
void nexp_fields_list(struct nexp_fields *fields, epan_dissect_t *tree);

void nexp_field_text(const struct nexp_field *field, char *text);

#endif /* NEXP_FIELDS_H */
