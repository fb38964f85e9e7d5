/* SPDX-License-Identifier: GPL-2.0 */
/*
 * protocol - Wireshark's protocols and fields as the API's protocols and properties
 *
 * Made when they are first asked for, and kept. Handles are addresses that are
 * looked up before they are followed.
 */
#ifndef NEXP_PROTOCOL_H
#define NEXP_PROTOCOL_H

#include <stdint.h>

#include <netmon.h>

struct _header_field_info;

HPROTOCOL nexp_protocol_from_name(const char *name);
LPPROTOCOLINFO nexp_protocol_info(HPROTOCOL handle);
LPPROTOCOLTABLE nexp_protocols_enabled(void);
HPROTOCOL nexp_protocol_of_id(int id);
uint32_t nexp_protocol_number(HPROTOCOL handle);

HPROPERTY nexp_property_from_name(HPROTOCOL handle, const char *name);
LPPROPERTYINFO nexp_property_info(HPROPERTY handle);

LPPROPERTYINFO nexp_property_of_field(const struct _header_field_info *field);

#endif /* NEXP_PROTOCOL_H */
