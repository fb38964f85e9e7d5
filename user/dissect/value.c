// SPDX-License-Identifier: GPL-2.0
/*
 * value - a field's value as the data of a property
 *
 * First the value as bytes, a number in the machine's byte order at the width of
 * the property's type. Then it is looked whether the frame has these very bytes
 * where the field is, for a number maybe the other way round.
 */
#include <string.h>

#include <epan/proto.h>
#include <wsutil/pint.h>

#include "../lib/systemtime.h"
#include "value.h"

#define MOST_BYTES	(PROP_DATA_EX - 1)
#define NSEC_PER_MSEC	1000000
#define NSEC_PER_USEC	1000
#define USEC_PER_SEC	1000000LL

/**
 * struct value - a value as bytes
 * @bytes: them; NULL for a field that has only a place.
 * @size: how many.
 * @is_number: may be the other way round in the frame.
 * @is_text: zeros may follow in the frame.
 * @room: for those that are made here.
 */
struct value {
	const void *bytes;
	size_t size;
	bool is_number;
	bool is_text;
	union {
		uint64_t number;
		double real;
		SYSTEMTIME time;
		uint8_t guid[16];
	} room;
};

static size_t width_of(BYTE type)
{
	switch (type) {
	case PROP_TYPE_BYTE:
		return 1;
	case PROP_TYPE_WORD:
		return 2;
	case PROP_TYPE_DWORD:
		return 4;
	default:
		return 8;
	}
}

/* The low bytes come first on the machines that this runs on. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "byte order");

static void set_number(struct value *value, BYTE type, uint64_t number)
{
	value->room.number = number;
	value->bytes = &value->room;
	value->size = width_of(type);
	value->is_number = true;
}

/* A field of that name that came first may be none: then there is no bit for it. */
static void set_flag(struct value *value, const PROPERTYINFO *info, bool is_on)
{
	BYTE bit = info->DataQualifier == PROP_QUAL_FLAGS ?
			   info->lpSet->lpLabeledBit->BitNumber : 0;

	set_number(value, info->DataType, is_on ? 1ULL << bit : 0);
}

static void set_time(struct value *value, const nstime_t *when)
{
	if (!nexp_systemtime(&value->room.time, when->secs,
			     (unsigned int)when->nsecs / NSEC_PER_MSEC))
		return;
	value->bytes = &value->room;
	value->size = sizeof(value->room.time);
}

static void set_real(struct value *value, double real)
{
	value->room.real = real;
	value->bytes = &value->room;
	value->size = sizeof(value->room.real);
}

static void set_guid(struct value *value, const e_guid_t *guid)
{
	uint8_t *bytes = value->room.guid;

	phton32(bytes, guid->data1);
	phton16(bytes + 4, guid->data2);
	phton16(bytes + 6, guid->data3);
	memcpy(bytes + 8, guid->data4, sizeof(guid->data4));
	value->bytes = bytes;
	value->size = sizeof(value->room.guid);
}

static void set_bytes(struct value *value, const void *bytes, size_t size)
{
	value->bytes = size ? bytes : "";
	value->size = size;
}

static void get_value(struct value *value, const field_info *info, const PROPERTYINFO *property)
{
	fvalue_t *from = (fvalue_t *)&info->value;
	const ftenum_t type = info->hfinfo->type;

	switch (type) {
	case FT_NONE:
	case FT_PROTOCOL:
		break;
	case FT_BOOLEAN:
		set_flag(value, property, fvalue_get_uinteger64(from) != 0);
		break;
	case FT_FRAMENUM:
		set_number(value, PROP_TYPE_DWORD, fvalue_get_uinteger(from) - 1U);
		break;
	case FT_IPXNET:
		set_number(value, PROP_TYPE_DWORD, fvalue_get_uinteger(from));
		break;
	case FT_ABSOLUTE_TIME:
		set_time(value, fvalue_get_time(from));
		break;
	case FT_RELATIVE_TIME:
		set_number(value, PROP_TYPE_LARGEINT,
			   (uint64_t)(fvalue_get_time(from)->secs * USEC_PER_SEC +
				      fvalue_get_time(from)->nsecs / NSEC_PER_USEC));
		break;
	case FT_FLOAT:
	case FT_DOUBLE:
		set_real(value, fvalue_get_floating(from));
		break;
	case FT_STRING:
	case FT_STRINGZ:
	case FT_STRINGZPAD:
	case FT_STRINGZTRUNC:
	case FT_UINT_STRING:
		set_bytes(value, fvalue_get_string(from), strlen(fvalue_get_string(from)));
		value->is_text = true;
		break;
	case FT_IPv4:
		value->room.number = g_htonl(from->value.ipv4.addr);
		set_bytes(value, &value->room, FT_IPv4_LEN);
		break;
	case FT_IPv6:
		set_bytes(value, from->value.ipv6.addr.bytes, FT_IPv6_LEN);
		break;
	case FT_GUID:
		set_guid(value, fvalue_get_guid(from));
		break;
	case FT_EUI64:
		value->room.number = GUINT64_TO_BE(fvalue_get_uinteger64(from));
		set_bytes(value, &value->room, FT_EUI64_LEN);
		break;
	case FT_IEEE_11073_SFLOAT:
		set_bytes(value, &from->value.sfloat_ieee_11073, sizeof(guint16));
		break;
	case FT_IEEE_11073_FLOAT:
		set_bytes(value, &from->value.float_ieee_11073, sizeof(guint32));
		break;
	default:
		if (IS_FT_UINT32(type))
			set_number(value, property->DataType, fvalue_get_uinteger(from));
		else if (IS_FT_INT32(type))
			set_number(value, property->DataType,
				   (uint64_t)(int64_t)fvalue_get_sinteger(from));
		else if (IS_FT_UINT64(type))
			set_number(value, property->DataType, fvalue_get_uinteger64(from));
		else if (IS_FT_INT64(type))
			set_number(value, property->DataType,
				   (uint64_t)fvalue_get_sinteger64(from));
		else
			set_bytes(value, from->value.bytes->data, from->value.bytes->len);
		break;
	}
}

/* The bytes of the frame that the field is made of; NULL if there are none. */
static const uint8_t *place_of(const struct nexp_field *field,
			       const struct nexp_dissect_frame *frame, size_t *out_size)
{
	const field_info *info = field->info;

	*out_size = 0;
	if (!field->in_frame || info->start < 0 || info->length <= 0 ||
	    (uint32_t)info->start >= frame->cap_len ||
	    (uint32_t)info->length > frame->cap_len - (uint32_t)info->start)
		return NULL;
	*out_size = (size_t)info->length;
	return frame->bytes + info->start;
}

static bool is_reverse(const uint8_t *a, const uint8_t *b, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (a[i] != b[size - 1 - i])
			return false;
	return true;
}

static bool are_zeros(const uint8_t *bytes, size_t size)
{
	while (size)
		if (bytes[--size])
			return false;
	return true;
}

/* Whether the frame has the value itself at @place; says in which byte order. */
static bool is_there(const struct value *value, const field_info *info, const uint8_t *place,
		     size_t size, DWORD *flags)
{
	if (!place || !value->bytes || FI_GET_FLAG(info, FI_GENERATED) || value->size > size)
		return false;
	if (value->size < size)
		return value->is_text && !memcmp(place, value->bytes, value->size) &&
		       are_zeros(place + value->size, size - value->size);
	if (!value->is_number || size == 1)
		return !memcmp(place, value->bytes, size);
	/* Of a number like 0 it is not to be seen. */
	if (is_reverse(place, value->bytes, size) && !FI_GET_FLAG(info, FI_LITTLE_ENDIAN)) {
		*flags |= IFLAG_SWAPPED;
		return true;
	}
	return !memcmp(place, value->bytes, size);
}

static LPPROPERTYINSTEX copy_value(const struct value *value, const uint8_t *place, size_t size,
				   wmem_allocator_t *pool)
{
	size_t most = value->size > MOST_BYTES ? MOST_BYTES : value->size;
	LPPROPERTYINSTEX copy = wmem_alloc0(pool, sizeof(*copy) + most);

	copy->Length = (WORD)(size > MOST_BYTES ? MOST_BYTES : size);
	copy->LengthEx = (WORD)most;
	copy->lpData = (ULPVOID)place;
	if (most)
		memcpy(copy->Byte, value->bytes, most);
	return copy;
}

/**
 * nexp_value_fill() - the data of an instance
 * @field: of the frame in hand.
 * @frame: that frame.
 * @pool: what is not in the frame comes from here.
 * @out_inst: has its property and flags; gets data, their length, IFLAG_SWAPPED.
 */
void nexp_value_fill(const struct nexp_field *field, const struct nexp_dissect_frame *frame,
		     wmem_allocator_t *pool, LPPROPERTYINST out_inst)
{
	struct value value = { 0 };
	const uint8_t *place;
	size_t size;

	place = place_of(field, frame, &size);
	get_value(&value, field->info, out_inst->lpPropertyInfo);
	if (!value.bytes || is_there(&value, field->info, place, size, &out_inst->IFlags)) {
		if (value.bytes)
			size = value.size;
		out_inst->lpData = (LPVOID)place;
		out_inst->DataLength = (WORD)(size > MOST_BYTES ? MOST_BYTES : size);
		return;
	}
	out_inst->lpPropertyInstEx = copy_value(&value, place, size, pool);
	out_inst->DataLength = PROP_DATA_EX;
}
