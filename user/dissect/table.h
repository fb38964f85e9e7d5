/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table - the properties of the frame in hand
 */
#ifndef NEXP_TABLE_H
#define NEXP_TABLE_H

#include <netmon.h>

#include "dissector.h"

struct nexp_table;

struct nexp_table *nexp_table_make(struct nexp_dissector *dissector, enum nexp_hand which);
LPPROPERTYTABLE nexp_table_properties(const struct nexp_table *table);
LPRECOGNIZEDATATABLE nexp_table_protocols(const struct nexp_table *table);

DWORD nexp_table_start(const struct nexp_table *table, HPROTOCOL protocol);
DWORD nexp_table_previous(const struct nexp_table *table, DWORD start, const char *name,
			  DWORD *out_previous);
LPPROPERTYINST nexp_table_find(const struct nexp_table *table, HPROPERTY property,
			       LPPROPERTYINST *key, BOOL forward);
LPSTR nexp_table_text(const struct nexp_table *table, LPPROPERTYINST inst, LPSTR buffer,
		      DWORD size);

#endif /* NEXP_TABLE_H */
