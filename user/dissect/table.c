// SPDX-License-Identifier: GPL-2.0
/*
 * table - the properties of the frame in hand
 *
 * An instance for each item of the list, in its order, so that one leads to the
 * other. All of it is of the frame's own memory and goes with it.
 */
#include <string.h>

#include <epan/expert.h>
#include <epan/proto.h>

#include "fields.h"
#include "protocol.h"
#include "session.h"
#include "table.h"
#include "value.h"

/* What the API's types hold. */
#define MOST_TABLES	UINT8_MAX
#define MOST_INDEX	UINT16_MAX
#define MOST_LEVEL	14

/**
 * struct nexp_table - the properties of a frame
 * @fields: the list.
 * @count: its items.
 * @properties: for the expert.
 * @protocols: for the expert.
 */
struct nexp_table {
	const struct nexp_field *fields;
	uint32_t count;
	LPPROPERTYTABLE properties;
	LPRECOGNIZEDATATABLE protocols;
};

static bool is_protocol(const struct nexp_field *field)
{
	return !field->level && field->info->hfinfo->type == FT_PROTOCOL;
}

static void make_instance(const struct nexp_field *field, const struct nexp_dissect_frame *frame,
			  wmem_allocator_t *pool, LPPROPERTYINST inst)
{
	uint32_t flags = field->info->flags;

	inst->lpPropertyInfo = nexp_property_of_field(field->info->hfinfo);
	inst->Level = field->level < MOST_LEVEL ? field->level : MOST_LEVEL;
	if (flags & FI_HIDDEN)
		inst->Level = PROP_LEVEL_HIDDEN;
	if ((flags & PI_SEVERITY_MASK) == PI_ERROR)
		inst->IFlags |= IFLAG_ERROR;
	nexp_value_fill(field, frame, pool, inst);
}

static uint32_t count_protocols(const struct nexp_table *table)
{
	uint32_t i, count = 0;

	for (i = 0; i < table->count; i++)
		count += is_protocol(&table->fields[i]);
	return count;
}

/* Items of level 0 that are no protocol belong to the one before. */
static void make_tables(const struct nexp_table *table)
{
	LPPROPERTYTABLE properties = table->properties;
	LPPROPERTYINSTTABLE part = NULL;
	uint32_t i;

	for (i = 0; i < table->count && i < MOST_INDEX; i++) {
		if (is_protocol(&table->fields[i]) || !part) {
			if (properties->nPropertyInstTables == MOST_TABLES)
				return;
			part = &properties->lpPropertyInstTable[properties->nPropertyInstTables++];
			part->nPropertyInstIndex = (WORD)i;
		}
		part->nPropertyInsts++;
	}
}

static void make_protocols(const struct nexp_table *table,
			   const struct nexp_dissect_frame *frame)
{
	LPRECOGNIZEDATATABLE protocols = table->protocols;
	uint32_t i;

	for (i = 0; i < table->count; i++) {
		const struct nexp_field *field = &table->fields[i];
		HPROTOCOL protocol = nexp_protocol_of_id(field->info->hfinfo->id);
		uint32_t start = (uint32_t)field->info->start;
		LPRECOGNIZEDATA data;

		if (!is_protocol(field) || !protocol || protocols->nRecognizeDatas == UINT16_MAX)
			continue;
		data = &protocols->RecognizeData[protocols->nRecognizeDatas++];
		data->ProtocolID = (WORD)nexp_protocol_number(protocol);
		data->nProtocolOffset = field->in_frame && start <= frame->cap_len &&
					start < PROTOCOL_ELSEWHERE ? (WORD)start :
								     PROTOCOL_ELSEWHERE;
	}
}

/**
 * nexp_table_make() - properties of the frame in hand
 * @dissector: the dissector.
 * @which: was dissected for its fields.
 *
 * Return: valid as long as the frame.
 */
struct nexp_table *nexp_table_make(struct nexp_dissector *dissector, enum nexp_hand which)
{
	const struct nexp_dissect_frame *frame = nexp_dissector_frame(dissector, which);
	wmem_allocator_t *pool = nexp_dissector_pool(dissector, which);
	struct nexp_table *table = wmem_new0(pool, struct nexp_table);
	uint32_t i, nr_protocols;

	table->fields = nexp_dissector_fields(dissector, which, &table->count);
	nr_protocols = count_protocols(table);
	/* One more for items in front of the first protocol. */
	table->properties = wmem_alloc0(pool, sizeof(PROPERTYTABLE) +
					(nr_protocols + 1) * sizeof(PROPERTYINSTTABLE));
	table->protocols = wmem_alloc0(pool, sizeof(RECOGNIZEDATATABLE) +
				       nr_protocols * sizeof(RECOGNIZEDATA));
	table->properties->nTotalPropertyInsts = table->count;
	table->properties->lpFirstPropertyInst =
		wmem_alloc0_array(pool, PROPERTYINST, table->count);
	for (i = 0; i < table->count; i++)
		make_instance(&table->fields[i], frame, pool,
			      &table->properties->lpFirstPropertyInst[i]);
	make_tables(table);
	make_protocols(table, frame);
	return table;
}

LPPROPERTYTABLE nexp_table_properties(const struct nexp_table *table)
{
	return table->properties;
}

LPRECOGNIZEDATATABLE nexp_table_protocols(const struct nexp_table *table)
{
	return table->protocols;
}

DWORD nexp_table_start(const struct nexp_table *table, HPROTOCOL protocol)
{
	const RECOGNIZEDATATABLE *protocols = table->protocols;
	LPPROTOCOLINFO info = nexp_protocol_info(protocol);
	WORD i;

	if (!info)
		return (DWORD)-1;
	for (i = 0; i < protocols->nRecognizeDatas; i++)
		if (protocols->RecognizeData[i].ProtocolID == info->ProtocolID &&
		    protocols->RecognizeData[i].nProtocolOffset != PROTOCOL_ELSEWHERE)
			return protocols->RecognizeData[i].nProtocolOffset;
	return (DWORD)-1;
}

DWORD nexp_table_previous(const struct nexp_table *table, DWORD start, const char *name,
			  DWORD *out_previous)
{
	LPPROTOCOLINFO info = nexp_protocol_info(nexp_protocol_from_name(name));
	const RECOGNIZEDATATABLE *protocols = table->protocols;
	DWORD last = (DWORD)-1;
	WORD i;

	for (i = 0; info && i < protocols->nRecognizeDatas; i++) {
		DWORD at = protocols->RecognizeData[i].nProtocolOffset;

		if (protocols->RecognizeData[i].ProtocolID == info->ProtocolID &&
		    at != PROTOCOL_ELSEWHERE && at < start &&
		    (last == (DWORD)-1 || at >= last))
			last = at;
	}
	if (last == (DWORD)-1)
		return NMERR_PROTOCOL_NOT_FOUND;
	*out_previous = last;
	return NMERR_SUCCESS;
}

/* Where in the table an instance is; -1 if it is none. */
static int64_t index_of(const struct nexp_table *table, const PROPERTYINST *inst)
{
	uintptr_t offset = (uintptr_t)inst - (uintptr_t)table->properties->lpFirstPropertyInst;

	if (offset % sizeof(*inst) || offset / sizeof(*inst) >= table->count)
		return -1;
	return (int64_t)(offset / sizeof(*inst));
}

LPPROPERTYINST nexp_table_find(const struct nexp_table *table, HPROPERTY property,
			       LPPROPERTYINST *key, BOOL forward)
{
	LPPROPERTYINST insts = table->properties->lpFirstPropertyInst, found = NULL;
	int64_t at = forward ? -1 : (int64_t)table->count;

	if (key && *key) {
		at = index_of(table, *key);
		if (at < 0)
			goto out_answer;
	}
	for (at += forward ? 1 : -1; at >= 0 && at < table->count; at += forward ? 1 : -1) {
		if (insts[at].lpPropertyInfo->hProperty == property) {
			found = &insts[at];
			break;
		}
	}
out_answer:
	if (key)
		*key = found;
	return found;
}

LPSTR nexp_table_text(const struct nexp_table *table, LPPROPERTYINST inst, LPSTR buffer,
		      DWORD size)
{
	int64_t at = index_of(table, inst);
	char text[ITEM_LABEL_LENGTH];
	size_t length;

	if (at < 0 || !buffer || !size)
		return NULL;
	nexp_field_text(&table->fields[at], text);
	length = strlen(text);
	if (length >= size) {
		length = size - 1;
		/* Not between the bytes of a character. */
		while (length && (text[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(buffer, text, length);
	buffer[length] = 0;
	return buffer;
}
