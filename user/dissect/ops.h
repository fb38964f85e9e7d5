/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops - what libnetexpert asks of libnetexpert-dissect
 *
 * The one symbol that it looks up after dlopen(). None of it may be called by two
 * threads at a time.
 */
#ifndef NEXP_DISSECT_OPS_H
#define NEXP_DISSECT_OPS_H

#include "dissector.h"
#include "protocol.h"
#include "table.h"

#define NEXP_DISSECT_OPS	"nexp_dissect_ops"

/**
 * struct nexp_dissect_ops - what there is
 *
 * Each is the function of that name: nexp_dissect_start(), the nexp_dissector_*()
 * and nexp_dfilter_*(), nexp_comment_read(), nexp_encap_of_link_type(),
 * nexp_table_*(), and those of protocol.h.
 */
struct nexp_dissect_ops {
	int (*start)(char *why);
	int (*open)(struct nexp_dissector **out_dissector, char *why);
	void (*close)(struct nexp_dissector *dissector);
	void (*forget)(struct nexp_dissector *dissector);
	int (*run)(struct nexp_dissector *dissector, enum nexp_hand which,
		   const struct nexp_dissect_frame *frame, bool wants_fields,
		   struct epan_dfilter *const *filters, unsigned int nr_filters, char *why);
	bool (*passes)(struct nexp_dissector *dissector, enum nexp_hand which,
		       struct epan_dfilter *filter);
	void (*release)(struct nexp_dissector *dissector, enum nexp_hand which);
	int (*dfilter_compile)(const char *text, struct epan_dfilter **out_filter, char *why);
	void (*dfilter_free)(struct epan_dfilter *filter);
	int (*comment_read)(const char *path, char *buffer, size_t size);
	int (*encap_of_link_type)(uint16_t link_type, char *why);

	struct nexp_table *(*table_make)(struct nexp_dissector *dissector, enum nexp_hand which);
	LPPROPERTYTABLE (*table_properties)(const struct nexp_table *table);
	LPRECOGNIZEDATATABLE (*table_protocols)(const struct nexp_table *table);
	DWORD (*table_start)(const struct nexp_table *table, HPROTOCOL protocol);
	DWORD (*table_previous)(const struct nexp_table *table, DWORD start, const char *name,
				DWORD *out_previous);
	LPPROPERTYINST (*table_find)(const struct nexp_table *table, HPROPERTY property,
				     LPPROPERTYINST *key, BOOL forward);
	LPSTR (*table_text)(const struct nexp_table *table, LPPROPERTYINST inst, LPSTR buffer,
			    DWORD size);

	HPROTOCOL (*protocol_from_name)(const char *name);
	LPPROTOCOLINFO (*protocol_info)(HPROTOCOL handle);
	LPPROTOCOLTABLE (*protocols_enabled)(void);
	HPROPERTY (*property_from_name)(HPROTOCOL handle, const char *name);
	LPPROPERTYINFO (*property_info)(HPROPERTY handle);
};

extern const struct nexp_dissect_ops nexp_dissect_ops;

#endif /* NEXP_DISSECT_OPS_H */
