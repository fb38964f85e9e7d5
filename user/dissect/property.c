// SPDX-License-Identifier: GPL-2.0
/*
 * property - Wireshark's fields as properties: types, labels
 */
#include <string.h>

#include <epan/proto.h>
#include <epan/tfs.h>
#include <epan/value_string.h>

#include "protocol.h"

/* By filter name, and all of them by address. */
static GHashTable *by_name;
static GHashTable *by_handle;

static BYTE type_of_bits(int bits)
{
	if (bits <= 8)
		return PROP_TYPE_BYTE;
	if (bits <= 16)
		return PROP_TYPE_WORD;
	return bits <= 32 ? PROP_TYPE_DWORD : PROP_TYPE_LARGEINT;
}

static BYTE type_of(const header_field_info *field)
{
	switch (field->type) {
	case FT_NONE:
		return PROP_TYPE_COMMENT;
	case FT_PROTOCOL:
		return PROP_TYPE_SUMMARY;
	case FT_BOOLEAN:
		return type_of_bits(field->bitmask ? FIELD_DISPLAY(field->display) : 8);
	case FT_CHAR:
	case FT_UINT8:
	case FT_INT8:
		return PROP_TYPE_BYTE;
	case FT_UINT16:
	case FT_INT16:
		return PROP_TYPE_WORD;
	case FT_UINT24:
	case FT_UINT32:
	case FT_INT24:
	case FT_INT32:
	case FT_IPXNET:
	case FT_FRAMENUM:
		return PROP_TYPE_DWORD;
	case FT_UINT40:
	case FT_UINT48:
	case FT_UINT56:
	case FT_UINT64:
	case FT_INT40:
	case FT_INT48:
	case FT_INT56:
	case FT_INT64:
	case FT_RELATIVE_TIME:
		return PROP_TYPE_LARGEINT;
	case FT_ABSOLUTE_TIME:
		return PROP_TYPE_TIME;
	case FT_STRING:
	case FT_STRINGZ:
	case FT_STRINGZPAD:
	case FT_STRINGZTRUNC:
	case FT_UINT_STRING:
		return PROP_TYPE_STRING;
	case FT_ETHER:
		return PROP_TYPE_ETHERNET_ADDRESS;
	case FT_IPv4:
		return PROP_TYPE_IP_ADDRESS;
	case FT_IPv6:
		return PROP_TYPE_IP6_ADDRESS;
	case FT_VINES:
		return PROP_TYPE_VINES_IP_ADDRESS;
	case FT_OID:
	case FT_REL_OID:
		return PROP_TYPE_OBJECT_IDENTIFIER;
	default:
		return PROP_TYPE_RAW_DATA;
	}
}

/* Value and label at the width of the type. */
static void put_label(SET *set, BYTE type, uint64_t value, const char *label)
{
	DWORD i = set->nEntries++;
	LPSTR text = (LPSTR)label;

	switch (type) {
	case PROP_TYPE_BYTE:
		set->lpLabeledByteTable[i] = (LABELED_BYTE) { (BYTE)value, text };
		break;
	case PROP_TYPE_WORD:
		set->lpLabeledWordTable[i] = (LABELED_WORD) { (WORD)value, text };
		break;
	case PROP_TYPE_DWORD:
		set->lpLabeledDwordTable[i] = (LABELED_DWORD) { (DWORD)value, text };
		break;
	default:
		set->lpLabeledLargeIntTable[i] =
			(LABELED_LARGEINT) { (LARGE_INTEGER)value, text };
		break;
	}
}

static SET *new_set(size_t count)
{
	SET *set = g_new0(SET, 1);

	/* The widest; the others fit. */
	set->lpLabeledLargeIntTable = g_new0(LABELED_LARGEINT, count);
	return set;
}

static SET *labels_of_64(const val64_string *labels, BYTE type)
{
	const val64_string *at;
	SET *set;

	for (at = labels; at->strptr; at++)
		;
	set = new_set((size_t)(at - labels));
	for (at = labels; at->strptr; at++)
		put_label(set, type, at->value, at->strptr);
	return set;
}

static SET *labels_of(const value_string *labels, BYTE type)
{
	const value_string *at;
	SET *set;

	for (at = labels; at->strptr; at++)
		;
	set = new_set((size_t)(at - labels));
	for (at = labels; at->strptr; at++)
		put_label(set, type, at->value, at->strptr);
	return set;
}

/* Ranges, units and what a function makes of a number are no sets of values. */
static SET *labeled_set(const header_field_info *field, BYTE type)
{
	int display = field->display;

	if (!field->strings || !(IS_FT_INT(field->type) || IS_FT_UINT(field->type)) ||
	    field->type == FT_FRAMENUM || FIELD_DISPLAY(display) == BASE_CUSTOM ||
	    (display & (BASE_RANGE_STRING | BASE_UNIT_STRING | BASE_PROTOCOL_INFO)))
		return NULL;
	if (display & BASE_VAL64_STRING) {
		if (display & BASE_EXT_STRING)
			return labels_of_64(((const val64_string_ext *)field->strings)->_vs_p,
					    type);
		return labels_of_64(field->strings, type);
	}
	if (display & BASE_EXT_STRING)
		return labels_of(VALUE_STRING_EXT_VS_P((const value_string_ext *)field->strings),
				 type);
	return labels_of(field->strings, type);
}

static SET *labeled_bit(const header_field_info *field)
{
	const true_false_string *labels = field->strings ? field->strings : &tfs_true_false;
	SET *set = g_new0(SET, 1);

	set->nEntries = 1;
	set->lpLabeledBit = g_new0(LABELED_BIT, 1);
	*set->lpLabeledBit = (LABELED_BIT) {
		.BitNumber = field->bitmask ? (BYTE)__builtin_ctzll(field->bitmask) : 0,
		.LabelOff = (LPSTR)labels->false_string,
		.LabelOn = (LPSTR)labels->true_string,
	};
	return set;
}

static LPPROPERTYINFO make_property(const header_field_info *field)
{
	LPPROPERTYINFO info = g_new0(PROPERTYINFO, 1);

	info->hProperty = (HPROPERTY)info;
	info->Label = (LPSTR)field->abbrev;
	info->Comment = (LPSTR)field->name;
	info->DataType = type_of(field);
	if (field->type == FT_BOOLEAN)
		info->lpSet = labeled_bit(field);
	else
		info->lpSet = labeled_set(field, info->DataType);
	if (info->lpSet)
		info->DataQualifier = field->type == FT_BOOLEAN ? PROP_QUAL_FLAGS :
								  PROP_QUAL_LABELED_SET;
	g_hash_table_insert(by_name, info->Label, info);
	g_hash_table_add(by_handle, info);
	return info;
}

/**
 * nexp_property_of_field() - a field's property
 * @field: of fields with the same name, the first makes it.
 */
LPPROPERTYINFO nexp_property_of_field(const header_field_info *field)
{
	LPPROPERTYINFO info;

	if (!by_name) {
		by_name = g_hash_table_new(g_str_hash, g_str_equal);
		by_handle = g_hash_table_new(NULL, NULL);
	}
	info = g_hash_table_lookup(by_name, field->abbrev);
	if (info)
		return info;
	while (field->same_name_prev_id >= 0)
		field = proto_registrar_get_nth((guint)field->same_name_prev_id);
	return make_property(field);
}

LPPROPERTYINFO nexp_property_info(HPROPERTY handle)
{
	return by_handle && g_hash_table_contains(by_handle, (void *)handle) ?
		       (LPPROPERTYINFO)handle : NULL;
}
