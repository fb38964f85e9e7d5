/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hfilter - what an HFILTER stands for
 *
 * A handle is a number, an entry of a static table and a generation, so a stale one
 * names nothing and touches no freed memory. Objects lie in the pool, as what the expert
 * allocates itself, and what Wireshark makes of a text does, too (loan.h).
 *
 * One lock for all of them: it is held while a frame is judged, never while one is
 * waited for. It nests inside a key's frame_lock; the parsers' nests inside it.
 */
#ifndef NEXP_HFILTER_H
#define NEXP_HFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netexpert.h>
#include <netmon.h>

#define NEXP_MAX_FILTERS	1024
#define NEXP_MAX_ITEMS		65535
#define NEXP_MAX_WAITING	32
#define NEXP_MAX_FILTER_TEXT	8191
#define NEXP_MAX_OID		128

/* FILTERACTION_* of a text. */
#define NEXP_ACTION_TEXT	255

/**
 * enum nexp_kind - what a value is
 * @NEXP_TRUTH: a truth value.
 * @NEXP_NUMBER: 64 bits with a sign.
 * @NEXP_TEXT: bytes that are letters.
 * @NEXP_BYTES: bytes.
 * @NEXP_ADDRESS: bytes that FROM and TO take, too.
 * @NEXP_TIME: a SYSTEMTIME.
 * @NEXP_OID: an object identifier.
 * @NEXP_ANYBODY: ADDRESSANY.
 */
enum nexp_kind {
	NEXP_TRUTH,
	NEXP_NUMBER,
	NEXP_TEXT,
	NEXP_BYTES,
	NEXP_ADDRESS,
	NEXP_TIME,
	NEXP_OID,
	NEXP_ANYBODY,
};

/**
 * enum nexp_origin - where the values of an operand come from
 * @NEXP_CONSTANT: the object itself.
 * @NEXP_PROPERTY: instances in the frame.
 * @NEXP_PLACE: the frame's bytes at a place.
 */
enum nexp_origin {
	NEXP_CONSTANT,
	NEXP_PROPERTY,
	NEXP_PLACE,
};

/**
 * struct nexp_item - an object of a filter
 * @action: FILTERACTION_*, NEXP_ACTION_TEXT.
 * @kind: of an operand.
 * @offset: of DEREFPROPERTY.
 * @size: bytes at @at; of an OID and of protocols, how many there are.
 * @number: of a number and a truth value.
 * @property: of PROPERTY.
 * @protocol: of DEREFPROPERTY.
 * @at: where in the filter's data it is: text, bytes, an ADDRESS2, a SYSTEMTIME, an
 *	OID's DWORDs, protocols as the HPROPERTYs that they are.
 */
struct nexp_item {
	uint8_t action;
	uint8_t kind;
	uint16_t offset;
	uint32_t size;
	union {
		int64_t number;
		HPROPERTY property;
		HPROTOCOL protocol;
		size_t at;
	};
};

/**
 * struct nexp_waiting - an operand that no operator has taken yet
 * @kind: enum nexp_kind.
 * @origin: enum nexp_origin.
 */
struct nexp_waiting {
	uint8_t kind;
	uint8_t origin;
};

/**
 * struct nexp_hfilter - a filter
 * @value: the handle; 0 if the entry is unused.
 * @nx: the pool that it lies in.
 * @version: another one after each change; never the same for two filters.
 * @items: the objects.
 * @nr_items: how many.
 * @room: for how many there is room.
 * @data: theirs.
 * @size: bytes of it.
 * @data_room: for how many there is room.
 * @text: what Wireshark made of the text; NULL if there is none.
 * @wants_properties: one of the objects looks at properties or protocols.
 * @is_user_s: not the expert's to change.
 * @nr_waiting: operands that are left.
 * @waiting: they.
 */
struct nexp_hfilter {
	uintptr_t value;
	struct netexpert *nx;
	uint64_t version;
	struct nexp_item *items;
	uint32_t nr_items;
	uint32_t room;
	char *data;
	size_t size;
	size_t data_room;
	struct epan_dfilter *text;
	bool wants_properties;
	bool is_user_s;
	uint32_t nr_waiting;
	struct nexp_waiting waiting[NEXP_MAX_WAITING];
};

static inline const void *nexp_item_data(const struct nexp_hfilter *filter,
					 const struct nexp_item *item)
{
	return filter->data + item->at;
}

/* Whether a frame must be dissected for it. */
static inline bool nexp_hfilter_dissects(const struct nexp_hfilter *filter)
{
	return filter->text || filter->wants_properties;
}

void nexp_hfilters_lock(void);
void nexp_hfilters_unlock(void);
struct nexp_hfilter *nexp_hfilter_find(HFILTER handle);
DWORD nexp_hfilter_check(HFILTER handle, struct nexp_hfilter **out_filter);

DWORD nexp_hfilter_create(const char *text, char *why, HFILTER *out_handle);
DWORD nexp_hfilter_duplicate(HFILTER handle, HFILTER *out_handle);
DWORD nexp_hfilter_destroy(HFILTER handle);
DWORD nexp_hfilter_add(HFILTER handle, const FILTEROBJECT *object);
void nexp_hfilter_touch(struct nexp_hfilter *filter);
void nexp_hfilter_keep(HFILTER handle);
void nexp_hfilters_end(const struct netexpert *nx);

DWORD nexp_hfilter_append(struct nexp_hfilter *filter, const FILTEROBJECT *object);
DWORD nexp_hfilter_push(struct nexp_hfilter *filter, struct nexp_item item, const void *data,
			size_t size);

#endif /* NEXP_HFILTER_H */
