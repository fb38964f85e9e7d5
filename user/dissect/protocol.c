// SPDX-License-Identifier: GPL-2.0
/*
 * protocol - Wireshark's protocols, and finding their properties
 */
#include <stdio.h>
#include <string.h>

#include <epan/proto.h>

#include "dissector.h"
#include "protocol.h"

/**
 * struct _PROTOCOL - what an HPROTOCOL points to
 * @info: for GetProtocolInfo(); no database before that.
 * @id: Wireshark's.
 * @name: the whole filter name.
 */
struct _PROTOCOL {
	PROTOCOLINFO info;
	int id;
	const char *name;
};

/* In Wireshark's order. */
static struct _PROTOCOL *protocols;
static uint32_t nr_protocols;
static GHashTable *by_id;

static void make_protocol(struct _PROTOCOL *protocol, uint32_t number, int id)
{
	PROTOCOLINFO *info = &protocol->info;

	protocol->id = id;
	protocol->name = proto_get_protocol_filter_name(id);
	info->ProtocolID = number;
	snprintf((char *)info->ProtocolName, sizeof(info->ProtocolName), "%s", protocol->name);
	snprintf((char *)info->Comment, sizeof(info->Comment), "%s",
		 proto_get_protocol_long_name(find_protocol_by_id(id)));
}

static uint32_t count_ids(void)
{
	uint32_t count = 0;
	void *at;
	int id;

	for (id = proto_get_first_protocol(&at); id >= 0; id = proto_get_next_protocol(&at))
		count++;
	return count;
}

/* Whether there are any. Those of one filter name are one protocol, the first. */
static bool make_protocols(void)
{
	char why[NEXP_WHY_SIZE];
	GHashTable *by_name;
	void *at;
	int id;

	if (protocols)
		return true;
	if (nexp_dissect_start(why))
		return false;
	by_id = g_hash_table_new(NULL, NULL);
	by_name = g_hash_table_new(g_str_hash, g_str_equal);
	protocols = g_new0(struct _PROTOCOL, count_ids());
	for (id = proto_get_first_protocol(&at); id >= 0; id = proto_get_next_protocol(&at)) {
		const char *name = proto_get_protocol_filter_name(id);
		struct _PROTOCOL *protocol = g_hash_table_lookup(by_name, name);

		if (!protocol) {
			protocol = &protocols[nr_protocols];
			make_protocol(protocol, nr_protocols++, id);
			g_hash_table_insert(by_name, (void *)name, protocol);
		}
		g_hash_table_insert(by_id, GINT_TO_POINTER(id), protocol);
	}
	g_hash_table_destroy(by_name);
	return true;
}

static struct _PROTOCOL *find(HPROTOCOL handle)
{
	uintptr_t offset = (uintptr_t)handle - (uintptr_t)protocols;

	if (!protocols || offset % sizeof(*protocols) ||
	    offset / sizeof(*protocols) >= nr_protocols)
		return NULL;
	return handle;
}

HPROTOCOL nexp_protocol_of_id(int id)
{
	return make_protocols() ? g_hash_table_lookup(by_id, GINT_TO_POINTER(id)) : NULL;
}

uint32_t nexp_protocol_number(HPROTOCOL handle)
{
	return handle->info.ProtocolID;
}

HPROTOCOL nexp_protocol_from_name(const char *name)
{
	const size_t most = sizeof(protocols->info.ProtocolName) - 1;
	uint32_t i;

	if (!name || !make_protocols())
		return NULL;
	for (i = 0; i < nr_protocols; i++)
		if (!g_ascii_strcasecmp(protocols[i].name, name))
			return &protocols[i];
	if (strlen(name) != most)
		return NULL;
	for (i = 0; i < nr_protocols; i++)
		if (!g_ascii_strncasecmp(protocols[i].name, name, most))
			return &protocols[i];
	return NULL;
}

/* Some protocols (RADIUS, Diameter) have fields only from when one is asked for. */
static void register_late_fields(const struct _PROTOCOL *protocol)
{
	char *any = g_strconcat(protocol->name, ".", NULL);

	proto_registrar_get_byname(any);
	g_free(any);
}

/* The protocol itself is its first property, its fields the others. */
static void make_database(struct _PROTOCOL *protocol)
{
	GPtrArray *properties = g_ptr_array_new();
	header_field_info *field = proto_registrar_get_nth((guint)protocol->id);
	GHashTable *seen = g_hash_table_new(NULL, NULL);
	PROPERTYDATABASE *database;
	void *at;

	register_late_fields(protocol);
	g_ptr_array_add(properties, nexp_property_of_field(field));
	for (field = proto_get_first_protocol_field(protocol->id, &at); field;
	     field = proto_get_next_protocol_field(protocol->id, &at)) {
		LPPROPERTYINFO property = nexp_property_of_field(field);

		if (g_hash_table_add(seen, property))
			g_ptr_array_add(properties, property);
	}
	database = g_malloc(sizeof(*database) + properties->len * sizeof(LPPROPERTYINFO));
	database->nProperties = properties->len;
	memcpy(database->PropertyInfo, properties->pdata,
	       properties->len * sizeof(LPPROPERTYINFO));
	protocol->info.PropertyDatabase = database;
	g_hash_table_destroy(seen);
	g_ptr_array_free(properties, TRUE);
}

LPPROTOCOLINFO nexp_protocol_info(HPROTOCOL handle)
{
	struct _PROTOCOL *protocol = find(handle);

	if (!protocol)
		return NULL;
	if (!protocol->info.PropertyDatabase)
		make_database(protocol);
	return &protocol->info;
}

LPPROTOCOLTABLE nexp_protocols_enabled(void)
{
	static PROTOCOLTABLE *table;
	uint32_t i;

	if (table || !make_protocols())
		return table;
	table = g_malloc(PROTOCOLTABLE_SIZE + nr_protocols * sizeof(HPROTOCOL));
	table->nProtocols = 0;
	for (i = 0; i < nr_protocols; i++)
		if (proto_is_protocol_enabled(find_protocol_by_id(protocols[i].id)))
			table->hProtocol[table->nProtocols++] = &protocols[i];
	return table;
}

HPROPERTY nexp_property_from_name(HPROTOCOL handle, const char *name)
{
	struct _PROTOCOL *protocol = find(handle);
	header_field_info *field, *by_title = NULL;
	void *at;

	if (!protocol || !name)
		return 0;
	if (!g_ascii_strcasecmp(protocol->name, name)) {
		field = proto_registrar_get_nth((guint)protocol->id);
		return nexp_property_of_field(field)->hProperty;
	}
	register_late_fields(protocol);
	for (field = proto_get_first_protocol_field(protocol->id, &at); field;
	     field = proto_get_next_protocol_field(protocol->id, &at)) {
		if (!g_ascii_strcasecmp(field->abbrev, name))
			return nexp_property_of_field(field)->hProperty;
		if (!by_title && !g_ascii_strcasecmp(field->name, name))
			by_title = field;
	}
	return by_title ? nexp_property_of_field(by_title)->hProperty : 0;
}
