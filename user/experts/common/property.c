// SPDX-License-Identifier: GPL-2.0
/*
 * property - which property is meant, and values of its instances
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "live.h"
#include "property.h"

/* What PROTOCOLINFO has of a longer name. */
#define MOST_NAME	(sizeof(((PROTOCOLINFO *)0)->ProtocolName) - 1)

/* In whichever protocol has it: "tcp.port" is tcp's, others don't begin with their own. */
static HPROPERTY find_anywhere(const char *name, HPROTOCOL *out_protocol)
{
	PROTOCOLTABLE *protocols = GetEnabledProtocols(NULL);
	size_t length = strcspn(name, ".");
	HPROPERTY property;
	char first[64];
	DWORD i;

	if (length < sizeof(first)) {
		snprintf(first, sizeof(first), "%.*s", (int)length, name);
		*out_protocol = GetProtocolFromName(first);
		property = GetProperty(*out_protocol, (LPSTR)name);
		if (property)
			return property;
	}
	for (i = 0; protocols && i < protocols->nProtocols; i++) {
		*out_protocol = protocols->hProtocol[i];
		property = GetProperty(*out_protocol, (LPSTR)name);
		if (property)
			return property;
	}
	return 0;
}

LPPROPERTYINFO property_find(const char *protocol, const char *name, HPROTOCOL *out_protocol,
			     char *why, size_t size)
{
	HPROPERTY property = 0;

	if (!GetProtocolFromName((LPSTR)"frame")) {
		snprintf(why, size, "%s", LIVE_NO_PARSERS);
		return NULL;
	}
	if (*protocol) {
		*out_protocol = GetProtocolFromName((LPSTR)protocol);
		if (!*out_protocol) {
			snprintf(why, size,
				 "there is no protocol \"%.80s\" (tshark -G protocols lists them)",
				 protocol);
			return NULL;
		}
		property = GetProperty(*out_protocol, (LPSTR)name);
	}
	/* Several protocols may have a name that was cut in common. */
	if (!*protocol || (!property && strlen(protocol) == MOST_NAME))
		property = find_anywhere(name, out_protocol);
	if (!property && *protocol)
		snprintf(why, size, "protocol \"%.80s\" has no property \"%.80s\"", protocol, name);
	else if (!property)
		snprintf(why, size, "there is no property \"%.80s\" (tshark -G fields lists them)",
			 name);
	return property ? GetPropertyInfo(property) : NULL;
}

BOOL property_find_all(const char *const *names, DWORD nr, LPPROPERTYINFO *out_infos, char *why,
		       size_t size)
{
	HPROTOCOL protocol;
	DWORD i;

	for (i = 0; i < nr; i++) {
		out_infos[i] = property_find("", names[i], &protocol, why, size);
		if (!out_infos[i])
			return FALSE;
	}
	return TRUE;
}

DWORD property_which(const LPPROPERTYINFO *infos, DWORD nr, const PROPERTYINST *inst)
{
	DWORD i;

	for (i = 0; i < nr; i++)
		if (infos[i] == inst->lpPropertyInfo)
			break;
	return i;
}

void property_address(const PROPERTYINST *inst, BYTE address[16])
{
	size_t length;
	const BYTE *bytes = property_bytes(inst, &length);

	memset(address, 0, 16);
	memcpy(address, bytes, length < 16 ? length : 16);
}

const BYTE *property_bytes(const PROPERTYINST *inst, size_t *length)
{
	if (inst->DataLength == PROP_DATA_EX) {
		*length = inst->lpPropertyInstEx->LengthEx;
		return inst->lpPropertyInstEx->Byte;
	}
	*length = inst->lpByte ? inst->DataLength : 0;
	return inst->lpByte;
}

uint64_t property_number(const PROPERTYINST *inst)
{
	BOOL is_swapped = !!(inst->IFlags & IFLAG_SWAPPED);
	uint64_t number = 0;
	const BYTE *bytes;
	size_t length, i;

	bytes = property_bytes(inst, &length);
	for (i = 0; i < length && i < sizeof(number); i++)
		number |= (uint64_t)bytes[is_swapped ? length - 1 - i : i] << 8 * i;
	return number;
}

LPCSTR property_label(const PROPERTYINFO *info, uint64_t number)
{
	const SET *set = info->lpSet;
	DWORD i;

	for (i = 0; i < set->nEntries; i++) {
		if (info->DataType == PROP_TYPE_BYTE && set->lpLabeledByteTable[i].Value == number)
			return set->lpLabeledByteTable[i].Label;
		if (info->DataType == PROP_TYPE_WORD && set->lpLabeledWordTable[i].Value == number)
			return set->lpLabeledWordTable[i].Label;
		if (info->DataType == PROP_TYPE_DWORD &&
		    set->lpLabeledDwordTable[i].Value == number)
			return set->lpLabeledDwordTable[i].Label;
		if (info->DataType == PROP_TYPE_LARGEINT &&
		    (uint64_t)set->lpLabeledLargeIntTable[i].Value == number)
			return set->lpLabeledLargeIntTable[i].Label;
	}
	return NULL;
}

/* The first number of BER has two: 40 times the first of 0, 1 and 2, and the second. */
static void oid_text(const BYTE *bytes, size_t length, char text[PROPERTY_TEXT])
{
	uint64_t number = 0, first;
	size_t i, at = 0;

	text[0] = '\0';
	for (i = 0; i < length && at < PROPERTY_TEXT; i++) {
		number = number << 7 | (bytes[i] & 0x7f);
		if (bytes[i] & 0x80)
			continue;
		first = number / 40 < 2 ? number / 40 : 2;
		if (at)
			at += (size_t)snprintf(text + at, PROPERTY_TEXT - at, ".%llu",
					       (unsigned long long)number);
		else
			at = (size_t)snprintf(text, PROPERTY_TEXT, "%llu.%llu",
					      (unsigned long long)first,
					      (unsigned long long)(number - first * 40));
		number = 0;
	}
}

BOOL property_text(const PROPERTYINST *inst, char text[PROPERTY_TEXT])
{
	const BYTE *bytes;
	size_t length;

	bytes = property_bytes(inst, &length);
	switch (inst->lpPropertyInfo->DataType) {
	case PROP_TYPE_IP_ADDRESS:
		return length == IP_ADDRESS_SIZE &&
		       inet_ntop(AF_INET, bytes, text, PROPERTY_TEXT);
	case PROP_TYPE_IP6_ADDRESS:
		return length == IP6_ADDRESS_SIZE &&
		       inet_ntop(AF_INET6, bytes, text, PROPERTY_TEXT);
	case PROP_TYPE_ETHERNET_ADDRESS:
		if (length != MAC_ADDRESS_SIZE)
			return FALSE;
		snprintf(text, PROPERTY_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1],
			 bytes[2], bytes[3], bytes[4], bytes[5]);
		return TRUE;
	case PROP_TYPE_OBJECT_IDENTIFIER:
		oid_text(bytes, length, text);
		return TRUE;
	default:
		return FALSE;
	}
}
