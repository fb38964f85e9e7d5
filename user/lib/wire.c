// SPDX-License-Identifier: GPL-2.0
/*
 * wire - write a message, field by field
 *
 * What does not fit is noted, not written; nexp_wire_end() tells.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "wire.h"

/** nexp_wire_bytes() - append raw bytes. */
void nexp_wire_bytes(struct nexp_wire *wire, const void *bytes, size_t length)
{
	if (length > NEXP_WIRE_MAX - wire->length)
		wire->is_full = true;
	if (wire->is_full || !length)
		return;
	memcpy(wire->bytes + wire->length, bytes, length);
	wire->length += length;
}

/** nexp_wire_u8() - append an integer. */
void nexp_wire_u8(struct nexp_wire *wire, uint8_t value)
{
	nexp_wire_bytes(wire, &value, sizeof(value));
}

/** nexp_wire_u16() - append an integer. */
void nexp_wire_u16(struct nexp_wire *wire, uint16_t value)
{
	value = htole16(value);
	nexp_wire_bytes(wire, &value, sizeof(value));
}

/** nexp_wire_u32() - append an integer. */
void nexp_wire_u32(struct nexp_wire *wire, uint32_t value)
{
	value = htole32(value);
	nexp_wire_bytes(wire, &value, sizeof(value));
}

/** nexp_wire_u64() - append an integer. */
void nexp_wire_u64(struct nexp_wire *wire, uint64_t value)
{
	value = htole64(value);
	nexp_wire_bytes(wire, &value, sizeof(value));
}

/** nexp_wire_string() - append a string; NULL is one too. */
void nexp_wire_string(struct nexp_wire *wire, const char *text)
{
	size_t length;

	if (!text) {
		nexp_wire_u16(wire, NEXP_WIRE_NULL);
		return;
	}
	length = strnlen(text, NEXP_WIRE_STRING_MAX + 1);
	if (length > NEXP_WIRE_STRING_MAX) {
		wire->is_full = true;
		return;
	}
	nexp_wire_u16(wire, (uint16_t)length);
	nexp_wire_bytes(wire, text, length);
}

/**
 * nexp_wire_begin() - begin a message
 * @wire: its @bytes are set.
 * @type: what the message says.
 */
void nexp_wire_begin(struct nexp_wire *wire, enum nexp_wire_type type)
{
	wire->length = 0;
	wire->is_full = false;
	nexp_wire_u16(wire, NEXP_WIRE_MAGIC);
	nexp_wire_u16(wire, type);
	nexp_wire_u32(wire, 0);
}

/**
 * nexp_wire_end() - complete a message
 * @wire: begun, with all fields appended.
 *
 * Return: 0, or -EMSGSIZE if it does not fit into NEXP_WIRE_MAX.
 */
int nexp_wire_end(struct nexp_wire *wire)
{
	uint32_t length = htole32((uint32_t)wire->length);

	if (wire->is_full)
		return -EMSGSIZE;
	memcpy(wire->bytes + offsetof(struct nexp_wire_head, length), &length,
	       sizeof(length));
	return 0;
}
