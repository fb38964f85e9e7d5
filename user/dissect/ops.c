// SPDX-License-Identifier: GPL-2.0
/*
 * ops - what libnetexpert asks of libnetexpert-dissect
 */
#include "ops.h"

const struct nexp_dissect_ops nexp_dissect_ops = {
	.start = nexp_dissect_start,
	.open = nexp_dissector_open,
	.close = nexp_dissector_close,
	.forget = nexp_dissector_forget,
	.run = nexp_dissector_run,
	.passes = nexp_dissector_passes,
	.release = nexp_dissector_release,
	.dfilter_compile = nexp_dfilter_compile,
	.dfilter_free = nexp_dfilter_free,
	.comment_read = nexp_comment_read,
	.encap_of_link_type = nexp_encap_of_link_type,
	.table_make = nexp_table_make,
	.table_properties = nexp_table_properties,
	.table_protocols = nexp_table_protocols,
	.table_start = nexp_table_start,
	.table_previous = nexp_table_previous,
	.table_find = nexp_table_find,
	.table_text = nexp_table_text,
	.protocol_from_name = nexp_protocol_from_name,
	.protocol_info = nexp_protocol_info,
	.protocols_enabled = nexp_protocols_enabled,
	.property_from_name = nexp_property_from_name,
	.property_info = nexp_property_info,
};
