// SPDX-License-Identifier: GPL-2.0
/*
 * judge_value - the values of an operand in a frame, and how they compare
 */
#include <string.h>

#include "judge_value.h"

/**
 * nexp_walk_instance() - the next instance of a property
 * @walk: the walk.
 * @property: the same every time.
 *
 * Return: it, or NULL.
 */
LPPROPERTYINST nexp_walk_instance(struct nexp_walk *walk, HPROPERTY property)
{
	const struct nexp_sight *sight = walk->sight;

	if (walk->is_over || !sight->table)
		return NULL;
	if (sight->only && sight->only->lpPropertyInfo->hProperty == property) {
		walk->is_over = true;
		return (LPPROPERTYINST)sight->only;
	}
	walk->is_over = !sight->ops->table_find(sight->table, property, &walk->inst, TRUE);
	return walk->inst;
}

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

/* One of a field that has the name, but no number, is none. */
static bool read_number(const PROPERTYINST *inst, const uint8_t *bytes, size_t size,
			int64_t *out_number)
{
	bool is_swapped = inst->DataLength != PROP_DATA_EX && inst->IFlags & IFLAG_SWAPPED;
	uint64_t number = 0;
	size_t i;

	if (!bytes || size != width_of(inst->lpPropertyInfo->DataType))
		return false;
	for (i = 0; i < size; i++)
		number = number << 8 | bytes[is_swapped ? i : size - 1 - i];
	*out_number = (int64_t)number;
	return true;
}

static bool read_instance(const struct nexp_operand *operand, const PROPERTYINST *inst,
			  struct nexp_value *value)
{
	if (inst->DataLength == PROP_DATA_EX) {
		value->bytes = inst->lpPropertyInstEx->Byte;
		value->size = inst->lpPropertyInstEx->LengthEx;
	} else {
		value->bytes = inst->lpData;
		value->size = inst->lpData ? inst->DataLength : 0;
	}
	switch (operand->kind) {
	case NEXP_NUMBER:
		if (!read_number(inst, value->bytes, value->size, &value->number))
			return false;
		value->number = (int64_t)((uint64_t)value->number + (uint64_t)operand->number);
		return true;
	case NEXP_TIME:
		return value->size == sizeof(SYSTEMTIME);
	default:
		return true;
	}
}

static bool read_place(const struct nexp_walk *walk, struct nexp_value *value)
{
	const struct nexp_item *item = walk->operand->item;
	const struct nexp_sight *sight = walk->sight;
	uint64_t start, stored = sight->frame->record->cap_len;

	if (!sight->table)
		return false;
	start = sight->ops->table_start(sight->table, item->protocol);
	if (start == UINT32_MAX || start + item->offset + walk->need > stored)
		return false;
	start += item->offset;
	value->bytes = sight->frame->data + start;
	value->size = walk->need ? walk->need : stored - start;
	return true;
}

static void read_constant(const struct nexp_walk *walk, struct nexp_value *value)
{
	const struct nexp_operand *operand = walk->operand;
	const void *data;

	value->number = operand->number;
	if (operand->kind == NEXP_NUMBER || operand->kind == NEXP_TRUTH)
		return;
	data = nexp_item_data(walk->filter, operand->item);
	value->bytes = operand->kind == NEXP_ADDRESS ? ((const ADDRESS2 *)data)->IP6Address : data;
	value->size = operand->item->size;
}

/**
 * nexp_walk_next() - the next value of an operand
 * @walk: from the first on.
 * @out_value: it.
 *
 * Return: whether there is one.
 */
bool nexp_walk_next(struct nexp_walk *walk, struct nexp_value *out_value)
{
	const struct nexp_operand *operand = walk->operand;
	const PROPERTYINST *inst;

	*out_value = (struct nexp_value) { 0 };
	if (operand->origin == NEXP_PROPERTY) {
		do {
			inst = nexp_walk_instance(walk, operand->item->property);
		} while (inst && !read_instance(operand, inst, out_value));
		return inst;
	}
	if (walk->is_over)
		return false;
	walk->is_over = true;
	if (operand->origin == NEXP_PLACE)
		return read_place(walk, out_value);
	read_constant(walk, out_value);
	return true;
}

static int compare_letters(const uint8_t *a, const uint8_t *b, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		uint8_t x = a[i], y = b[i];

		/* ASCII's; others belong to characters of several bytes. */
		x += x >= 'A' && x <= 'Z' ? 'a' - 'A' : 0;
		y += y >= 'A' && y <= 'Z' ? 'a' - 'A' : 0;
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

static int compare_same(const void *a, const void *b, size_t size, bool ignores_case)
{
	if (!size)
		return 0;
	return ignores_case ? compare_letters(a, b, size) : memcmp(a, b, size);
}

static int compare_bytes(const struct nexp_value *x, const struct nexp_value *y,
			 bool ignores_case)
{
	int order = compare_same(x->bytes, y->bytes, x->size < y->size ? x->size : y->size,
				 ignores_case);

	return order ? order : (x->size > y->size) - (x->size < y->size);
}

static bool contains(const struct nexp_value *x, const struct nexp_value *y, bool ignores_case)
{
	const uint8_t *at = x->bytes;
	size_t left;

	if (!y->size)
		return true;
	if (!ignores_case)
		return x->size && memmem(x->bytes, x->size, y->bytes, y->size);
	for (left = x->size; left >= y->size; left--, at++)
		if (!compare_letters(at, y->bytes, y->size))
			return true;
	return false;
}

/* The day of the week says nothing new. */
static int compare_times(const void *a, const void *b)
{
	SYSTEMTIME x, y;
	size_t i;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	const WORD fields[][2] = {
		{ x.wYear, y.wYear }, { x.wMonth, y.wMonth }, { x.wDay, y.wDay },
		{ x.wHour, y.wHour }, { x.wMinute, y.wMinute }, { x.wSecond, y.wSecond },
		{ x.wMilliseconds, y.wMilliseconds },
	};

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i][0] != fields[i][1])
			return fields[i][0] < fields[i][1] ? -1 : 1;
	return 0;
}

/**
 * struct oid - where we are in an object identifier
 * @numbers: the next of its numbers, if it is a constant.
 * @ber: else the next of its bytes.
 * @left: how many are left of them.
 * @second: the second number, if @has_second: it shares its bytes with the first.
 * @is_first: none was read.
 * @has_second: the first was read.
 */
struct oid {
	const DWORD *numbers;
	const uint8_t *ber;
	size_t left;
	uint64_t second;
	bool is_first;
	bool has_second;
};

static struct oid oid_of(const struct nexp_operand *operand, const struct nexp_value *value)
{
	struct oid oid = { .left = value->size, .is_first = true };

	if (operand->origin == NEXP_CONSTANT)
		oid.numbers = value->bytes;
	else
		oid.ber = value->bytes;
	return oid;
}

/* Bytes that end inside a number are none. */
static bool next_group(struct oid *oid, uint64_t *out_number)
{
	uint64_t number = 0;

	while (oid->left) {
		uint8_t byte = *oid->ber++;

		oid->left--;
		number = number << 7 | (byte & 0x7f);
		if (!(byte & 0x80)) {
			*out_number = number;
			return true;
		}
	}
	return false;
}

static bool next_number(struct oid *oid, uint64_t *out_number)
{
	if (oid->numbers) {
		if (!oid->left)
			return false;
		oid->left--;
		*out_number = *oid->numbers++;
		return true;
	}
	if (oid->has_second) {
		oid->has_second = false;
		*out_number = oid->second;
		return true;
	}
	if (!next_group(oid, out_number))
		return false;
	if (oid->is_first) {
		uint64_t first = *out_number < 80 ? *out_number / 40 : 2;

		oid->second = *out_number - 40 * first;
		oid->has_second = true;
		oid->is_first = false;
		*out_number = first;
	}
	return true;
}

/* Whether @oid goes on with @part, and what is behind that. */
static bool goes_on(struct oid oid, struct oid part, struct oid *out_rest)
{
	uint64_t x, y;

	while (next_number(&part, &y))
		if (!next_number(&oid, &x) || x != y)
			return false;
	*out_rest = oid;
	return true;
}

static bool is_at_end(struct oid oid)
{
	uint64_t number;

	return !next_number(&oid, &number);
}

static bool oid_holds(BYTE action, struct oid oid, struct oid part)
{
	bool only_start = action != FILTERACTION_OID_CONTAINS &&
			  action != FILTERACTION_OID_ENDS_WITH;
	bool to_end = action != FILTERACTION_OID_CONTAINS &&
		      action != FILTERACTION_OID_BEGINS_WITH;
	uint64_t number;
	struct oid rest;

	do {
		if (goes_on(oid, part, &rest) && (!to_end || is_at_end(rest)))
			return true;
	} while (!only_start && next_number(&oid, &number));
	return false;
}

/* Below 0, 0, above 0. */
static int compare(const struct nexp_operand *a, const struct nexp_value *x,
		   const struct nexp_operand *b, const struct nexp_value *y, bool ignores_case)
{
	if (a->kind == NEXP_TRUTH || b->kind == NEXP_TRUTH)
		return !!x->number - !!y->number;
	if (a->kind == NEXP_NUMBER)
		return (x->number > y->number) - (x->number < y->number);
	if (a->kind == NEXP_TIME)
		return compare_times(x->bytes, y->bytes);
	if (a->kind == NEXP_OID && b->kind == NEXP_OID)
		return !oid_holds(FILTERACTION_EQUAL, oid_of(a, x), oid_of(b, y));
	return compare_bytes(x, y, ignores_case &&
			     (a->kind == NEXP_TEXT || b->kind == NEXP_TEXT));
}

static bool bits_hold(BYTE action, int64_t number, int64_t bits)
{
	return action == FILTERACTION_AREBITSON ? (number & bits) == bits : !(number & bits);
}

/**
 * nexp_values_hold() - whether two values are as an action wants them
 * @action: one that compares two operands; NOTEQUAL is asked as EQUAL.
 * @a: whose value @x is.
 * @x: the first.
 * @b: whose value @y is.
 * @y: the second.
 */
bool nexp_values_hold(BYTE action, const struct nexp_operand *a, const struct nexp_value *x,
		      const struct nexp_operand *b, const struct nexp_value *y)
{
	bool has_text = a->kind == NEXP_TEXT || b->kind == NEXP_TEXT;

	switch (action) {
	case FILTERACTION_CONTAINS:
		return contains(x, y, false);
	case FILTERACTION_CONTAINSNC:
		return contains(x, y, has_text);
	case FILTERACTION_AREBITSON:
	case FILTERACTION_AREBITSOFF:
		return bits_hold(action, x->number, y->number);
	case FILTERACTION_OID_CONTAINS:
	case FILTERACTION_OID_BEGINS_WITH:
	case FILTERACTION_OID_ENDS_WITH:
		return oid_holds(action, oid_of(a, x), oid_of(b, y));
	case FILTERACTION_GREATER:
		return compare(a, x, b, y, false) > 0;
	case FILTERACTION_GREATERNC:
		return compare(a, x, b, y, true) > 0;
	case FILTERACTION_LESS:
		return compare(a, x, b, y, false) < 0;
	case FILTERACTION_LESSNC:
		return compare(a, x, b, y, true) < 0;
	case FILTERACTION_GREATEREQUAL:
		return compare(a, x, b, y, false) >= 0;
	case FILTERACTION_GREATEREQUALNC:
		return compare(a, x, b, y, true) >= 0;
	case FILTERACTION_LESSEQUAL:
		return compare(a, x, b, y, false) <= 0;
	case FILTERACTION_LESSEQUALNC:
		return compare(a, x, b, y, true) <= 0;
	case FILTERACTION_EQUALNC:
		return !compare(a, x, b, y, true);
	default:
		return !compare(a, x, b, y, false);
	}
}
