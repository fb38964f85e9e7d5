// SPDX-License-Identifier: GPL-2.0
/*
 * hfilter_add - what may stand behind what in a filter
 *
 * Every object is checked when it is added: where it points to, and whether the operands
 * that wait are those that it takes. So what is in a list can be evaluated as it stands.
 */
#include <string.h>

#include "dissect.h"
#include "hfilter.h"
#include "netmon_frame.h"

#define MOST_TEXT	65535

/* Between enter and leave; @error is what there is to say without parsers. */
#define ASK(error, what) ({						\
	const struct nexp_dissect_ops *ops = nexp_dissect_enter();	\
									\
	if (ops) {							\
		what;							\
		nexp_dissect_leave();					\
	} else {							\
		error = NMERR_LOAD_PARSER_FAILED;			\
	}								\
})

static enum nexp_kind kind_of_property(BYTE type)
{
	switch (type) {
	case PROP_TYPE_BYTE:
	case PROP_TYPE_WORD:
	case PROP_TYPE_DWORD:
	case PROP_TYPE_LARGEINT:
		return NEXP_NUMBER;
	case PROP_TYPE_STRING:
		return NEXP_TEXT;
	case PROP_TYPE_TIME:
		return NEXP_TIME;
	case PROP_TYPE_OBJECT_IDENTIFIER:
		return NEXP_OID;
	default:
		return NEXP_BYTES;
	}
}

static DWORD wait_for_operator(struct nexp_hfilter *filter, struct nexp_item item,
			       const void *data, size_t size, enum nexp_origin origin)
{
	DWORD error;

	if (filter->nr_waiting == NEXP_MAX_WAITING)
		return NMERR_STACK_OVERFLOW;
	error = nexp_hfilter_push(filter, item, data, size);
	if (error != NMERR_SUCCESS)
		return error;
	filter->waiting[filter->nr_waiting++] = (struct nexp_waiting) { item.kind, origin };
	return NMERR_SUCCESS;
}

static DWORD add_constant(struct nexp_hfilter *filter, struct nexp_item item, const void *data,
			  size_t size)
{
	return wait_for_operator(filter, item, data, size, NEXP_CONSTANT);
}

static DWORD add_number(struct nexp_hfilter *filter, struct nexp_item item, int64_t number)
{
	item.kind = NEXP_NUMBER;
	item.number = number;
	return add_constant(filter, item, NULL, 0);
}

static DWORD add_property(struct nexp_hfilter *filter, struct nexp_item item,
			  HPROPERTY property)
{
	LPPROPERTYINFO info = NULL;
	DWORD error = NMERR_INVALID_HPROPERTY;

	ASK(error, info = ops->property_info(property));
	if (!info)
		return error;
	item.kind = (uint8_t)kind_of_property(info->DataType);
	item.property = property;
	error = wait_for_operator(filter, item, NULL, 0, NEXP_PROPERTY);
	if (error == NMERR_SUCCESS)
		filter->wants_properties = true;
	return error;
}

static DWORD add_place(struct nexp_hfilter *filter, struct nexp_item item,
		       const FILTEROBJECT *object)
{
	LPPROTOCOLINFO info = NULL;
	DWORD error = NMERR_INVALID_HPROTOCOL;

	ASK(error, info = ops->protocol_info(object->hProtocol));
	if (!info)
		return error;
	item.kind = NEXP_BYTES;
	item.protocol = object->hProtocol;
	item.offset = object->ByteOffset;
	error = wait_for_operator(filter, item, NULL, 0, NEXP_PLACE);
	if (error == NMERR_SUCCESS)
		filter->wants_properties = true;
	return error;
}

static DWORD add_text(struct nexp_hfilter *filter, struct nexp_item item, const char *text)
{
	size_t size;

	if (!text)
		return NMERR_INVALID_PARAMETER;
	size = strnlen(text, MOST_TEXT + 1);
	if (size > MOST_TEXT)
		return NMERR_INVALID_PARAMETER;
	item.kind = NEXP_TEXT;
	item.size = (uint32_t)size;
	/* With its end, so that there is always something. */
	return add_constant(filter, item, text, size + 1);
}

static DWORD add_array(struct nexp_hfilter *filter, struct nexp_item item,
		       const FILTEROBJECT *object)
{
	if (!object->lpArray || !object->ByteCount)
		return NMERR_INVALID_PARAMETER;
	item.kind = NEXP_BYTES;
	item.size = object->ByteCount;
	return add_constant(filter, item, object->lpArray, object->ByteCount);
}

static DWORD add_time(struct nexp_hfilter *filter, struct nexp_item item, const SYSTEMTIME *time)
{
	if (!time)
		return NMERR_INVALID_PARAMETER;
	item.kind = NEXP_TIME;
	item.size = sizeof(*time);
	return add_constant(filter, item, time, sizeof(*time));
}

static DWORD add_oid(struct nexp_hfilter *filter, struct nexp_item item,
		     const OBJECT_IDENTIFIER *oid)
{
	if (!oid || !oid->lpIdentifier || !oid->Length || oid->Length > NEXP_MAX_OID)
		return NMERR_INVALID_PARAMETER;
	item.kind = NEXP_OID;
	item.size = oid->Length;
	return add_constant(filter, item, oid->lpIdentifier, oid->Length * sizeof(DWORD));
}

static DWORD add_large(struct nexp_hfilter *filter, struct nexp_item item,
		       const void *misaligned)
{
	int64_t number;

	if (!misaligned)
		return NMERR_INVALID_PARAMETER;
	memcpy(&number, misaligned, sizeof(number));
	return add_number(filter, item, number);
}

/* Of an ADDRESS as of an ADDRESS2 no more is read than its type has. */
static DWORD add_address(struct nexp_hfilter *filter, struct nexp_item item,
			 const void *address, DWORD type)
{
	ADDRESS2 copy = { 0 };
	DWORD size;

	if (!address)
		return NMERR_INVALID_PARAMETER;
	memcpy(&copy.Type, address, sizeof(copy.Type));
	size = nexp_address_size(copy.Type);
	if (!size || (type != ADDRESS_TYPE_ANY && copy.Type != type))
		return NMERR_INVALID_PARAMETER;
	memcpy(copy.IP6Address, (const char *)address + offsetof(ADDRESS2, IP6Address), size);
	item.kind = NEXP_ADDRESS;
	item.size = size;
	return add_constant(filter, item, &copy, sizeof(copy));
}

static DWORD add_anybody(struct nexp_hfilter *filter, struct nexp_item item)
{
	item.kind = NEXP_ANYBODY;
	return add_constant(filter, item, NULL, 0);
}

static DWORD add_truth(struct nexp_hfilter *filter, struct nexp_item item, bool is_true)
{
	item.kind = NEXP_TRUTH;
	item.number = is_true;
	return add_constant(filter, item, NULL, 0);
}

/* A protocol is the first of its properties, and that is found at any depth. */
static DWORD property_of(HPROTOCOL protocol, HPROPERTY *out_property)
{
	LPPROTOCOLINFO info = NULL;
	DWORD error = NMERR_INVALID_HPROTOCOL;

	ASK(error, info = ops->protocol_info(protocol));
	if (!info)
		return error;
	*out_property = info->PropertyDatabase->PropertyInfo[0]->hProperty;
	return NMERR_SUCCESS;
}

static DWORD add_protocols(struct nexp_hfilter *filter, struct nexp_item item,
			   const HPROTOCOL *protocols, DWORD count)
{
	DWORD i, error = NMERR_SUCCESS;
	void *block;

	if (!protocols || !count || count > MOST_TEXT)
		return NMERR_INVALID_PARAMETER;
	if (netexpert_alloc(filter->nx, count * sizeof(HPROPERTY), &block))
		return NMERR_OUT_OF_MEMORY;
	for (i = 0; i < count && error == NMERR_SUCCESS; i++)
		error = property_of(protocols[i], &((HPROPERTY *)block)[i]);
	item.kind = NEXP_TRUTH;
	item.size = count;
	if (error == NMERR_SUCCESS)
		error = wait_for_operator(filter, item, block, count * sizeof(HPROPERTY),
					  NEXP_CONSTANT);
	if (error == NMERR_SUCCESS)
		filter->wants_properties = true;
	netexpert_free(filter->nx, block);
	return error;
}

static bool has_bytes(const struct nexp_waiting *operand)
{
	return operand->kind == NEXP_TEXT || operand->kind == NEXP_BYTES ||
	       operand->kind == NEXP_ADDRESS;
}

static bool is_number(const struct nexp_waiting *operand)
{
	return operand->kind == NEXP_NUMBER || operand->kind == NEXP_TRUTH;
}

/* Bytes at a place have an end only if the other side has one. */
static bool have_ends(const struct nexp_waiting *a, const struct nexp_waiting *b)
{
	return (a->origin != NEXP_PLACE || b->origin == NEXP_CONSTANT) &&
	       (b->origin != NEXP_PLACE || a->origin == NEXP_CONSTANT);
}

/* The BER of an OID's instance; an OID that is a constant has none. */
static bool is_ber(const struct nexp_waiting *a, const struct nexp_waiting *b)
{
	return a->kind == NEXP_OID && a->origin == NEXP_PROPERTY && b->kind == NEXP_BYTES &&
	       b->origin == NEXP_CONSTANT;
}

static bool can_equal(const struct nexp_waiting *a, const struct nexp_waiting *b)
{
	if (is_number(a))
		return is_number(b);
	if (has_bytes(a) && has_bytes(b))
		return have_ends(a, b);
	return is_ber(a, b) || is_ber(b, a) ||
	       (a->kind == b->kind && (a->kind == NEXP_TIME || a->kind == NEXP_OID));
}

static bool can_order(const struct nexp_waiting *a, const struct nexp_waiting *b)
{
	return can_equal(a, b) && a->kind != NEXP_OID && b->kind != NEXP_OID &&
	       a->kind != NEXP_TRUTH && b->kind != NEXP_TRUTH;
}

static bool is_address(const struct nexp_waiting *operand)
{
	return operand->kind == NEXP_ADDRESS || operand->kind == NEXP_ANYBODY;
}

static bool takes_two(BYTE action, const struct nexp_waiting *a, const struct nexp_waiting *b)
{
	switch (action) {
	case FILTERACTION_AND:
	case FILTERACTION_OR:
	case FILTERACTION_XOR:
		return a->kind == NEXP_TRUTH && b->kind == NEXP_TRUTH;
	case FILTERACTION_EQUALNC:
	case FILTERACTION_EQUAL:
	case FILTERACTION_NOTEQUALNC:
	case FILTERACTION_NOTEQUAL:
		return can_equal(a, b);
	case FILTERACTION_CONTAINSNC:
	case FILTERACTION_CONTAINS:
		return has_bytes(a) && has_bytes(b) && b->origin != NEXP_PLACE;
	case FILTERACTION_FROM:
	case FILTERACTION_TO:
	case FILTERACTION_FROMTO:
		return is_address(a) && is_address(b);
	case FILTERACTION_AREBITSON:
	case FILTERACTION_AREBITSOFF:
		return a->kind == NEXP_NUMBER && b->kind == NEXP_NUMBER;
	case FILTERACTION_PLUS:
	case FILTERACTION_MINUS:
		return a->kind == NEXP_NUMBER && b->kind == NEXP_NUMBER &&
		       b->origin == NEXP_CONSTANT;
	case FILTERACTION_ARRAYEQUAL:
		return can_equal(a, b) &&
		       ((a->kind == NEXP_BYTES && a->origin == NEXP_CONSTANT) ||
			(b->kind == NEXP_BYTES && b->origin == NEXP_CONSTANT));
	case FILTERACTION_OID_CONTAINS:
	case FILTERACTION_OID_BEGINS_WITH:
	case FILTERACTION_OID_ENDS_WITH:
		return a->kind == NEXP_OID && b->kind == NEXP_OID;
	default:
		return can_order(a, b);
	}
}

static DWORD add_operator(struct nexp_hfilter *filter, struct nexp_item item)
{
	struct nexp_waiting *end = filter->waiting + filter->nr_waiting;
	struct nexp_waiting left = { .kind = NEXP_TRUTH, .origin = NEXP_CONSTANT };
	bool is_one = item.action == FILTERACTION_NOT || item.action == FILTERACTION_PROPERTYEXIST;
	uint32_t takes = is_one ? 1 : 2;
	bool fits;
	DWORD error;

	if (filter->nr_waiting < takes)
		return NMERR_FILTER_INVALID_EXPRESSION;
	if (item.action == FILTERACTION_NOT)
		fits = end[-1].kind == NEXP_TRUTH;
	else if (item.action == FILTERACTION_PROPERTYEXIST)
		fits = end[-1].origin == NEXP_PROPERTY;
	else
		fits = takes_two(item.action, &end[-2], &end[-1]);
	if (!fits)
		return NMERR_FILTER_INVALID_EXPRESSION;
	error = nexp_hfilter_push(filter, item, NULL, 0);
	if (error != NMERR_SUCCESS)
		return error;
	if (item.action == FILTERACTION_PLUS || item.action == FILTERACTION_MINUS)
		left = end[-2];
	filter->nr_waiting -= takes;
	filter->waiting[filter->nr_waiting++] = left;
	return NMERR_SUCCESS;
}

/**
 * nexp_hfilter_append() - an object from outside; under the lock
 * @filter: the filter.
 * @object: NULL, too.
 *
 * Return: as FilterAddObject(); nothing has changed if it is not NMERR_SUCCESS.
 */
DWORD nexp_hfilter_append(struct nexp_hfilter *filter, const FILTEROBJECT *object)
{
	struct nexp_item item = { 0 };

	if (!object || object->Action > FILTERACTION_BOOL)
		return NMERR_INVALID_PARAMETER;
	item.action = (uint8_t)object->Action;
	switch (item.action) {
	case FILTERACTION_INVALID:
		return NMERR_INVALID_PARAMETER;
	case FILTERACTION_PROPERTY:
		return add_property(filter, item, object->hProperty);
	case FILTERACTION_DEREFPROPERTY:
		return add_place(filter, item, object);
	case FILTERACTION_VALUE:
		return add_number(filter, item, object->Value);
	case FILTERACTION_LARGEINT:
		return add_large(filter, item, object->lpLargeInt);
	case FILTERACTION_BOOL:
		return add_truth(filter, item, object->Value);
	case FILTERACTION_STRING:
		return add_text(filter, item, object->lpArray);
	case FILTERACTION_ARRAY:
		return add_array(filter, item, object);
	case FILTERACTION_TIME:
		return add_time(filter, item, object->lpTime);
	case FILTERACTION_OID:
		return add_oid(filter, item, object->lpOID);
	case FILTERACTION_ADDRESS:
		return add_address(filter, item, object->lpAddress, ADDRESS_TYPE_ANY);
	case FILTERACTION_ADDRESSANY:
		return add_anybody(filter, item);
	case FILTERACTION_ADDR_ETHER:
		return add_address(filter, item, object->lpAddress, ADDRESS_TYPE_ETHERNET);
	case FILTERACTION_ADDR_TOKEN:
		return add_address(filter, item, object->lpAddress, ADDRESS_TYPE_TOKENRING);
	case FILTERACTION_ADDR_FDDI:
		return add_address(filter, item, object->lpAddress, ADDRESS_TYPE_FDDI);
	case FILTERACTION_ADDR_IPX:
		return add_address(filter, item, object->lpAddress, ADDRESS_TYPE_IPX);
	case FILTERACTION_ADDR_IP:
		return add_address(filter, item, object->lpAddress, ADDRESS_TYPE_IP);
	case FILTERACTION_ADDR_VINES:
		return add_address(filter, item, object->lpAddress, ADDRESS_TYPE_VINES_IP);
	case FILTERACTION_ADDR_IP6:
		return add_address(filter, item, object->lpAddress, ADDRESS_TYPE_IP6);
	case FILTERACTION_PROTOCOLEXIST:
		return add_protocols(filter, item, &object->hProtocol, 1);
	case FILTERACTION_PROTOCOLSEXIST:
		if (!object->lpProtocolTable)
			return NMERR_INVALID_PARAMETER;
		return add_protocols(filter, item, object->lpProtocolTable->hProtocol,
				     object->lpProtocolTable->nProtocols);
	default:
		if (item.action > FILTERACTION_ADDR_IP6)
			return NMERR_INVALID_PARAMETER;
		return add_operator(filter, item);
	}
}
