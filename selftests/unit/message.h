/* SPDX-License-Identifier: GPL-2.0 */
/*
 * message - build messages of a host by hand, independently of the library
 *
 * Texts are given with their length, so that they may hold anything.
 */
#ifndef NEXP_MESSAGE_H
#define NEXP_MESSAGE_H

#include <stdint.h>
#include <string.h>

#include "user/lib/wire.h"

struct message {
	size_t size;
	uint8_t bytes[NEXP_WIRE_MAX + 64];
};

static inline void put_number(struct message *m, uint64_t number, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		m->bytes[m->size++] = (uint8_t)(number >> (8 * i));
}

static inline void put_raw(struct message *m, const void *bytes, size_t size)
{
	memcpy(m->bytes + m->size, bytes, size);
	m->size += size;
}

static inline void put_string(struct message *m, const char *text)
{
	put_number(m, text ? strlen(text) : NEXP_WIRE_NULL, 2);
	if (text)
		put_raw(m, text, strlen(text));
}

static inline void begin(struct message *m, unsigned int type)
{
	m->size = 0;
	put_number(m, NEXP_WIRE_MAGIC, 2);
	put_number(m, type, 2);
	put_number(m, 0, 4);
}

static inline void end(struct message *m)
{
	size_t size = m->size;

	m->size = 4;
	put_number(m, size, 4);
	m->size = size;
}

static inline void build_hello(struct message *m)
{
	begin(m, NEXP_WIRE_HELLO);
	put_number(m, NEXP_WIRE_VERSION, 4);
	put_number(m, 1, 4);
	put_string(m, "Top Users");
	put_string(m, "netexpert");
	put_string(m, NULL);
	end(m);
}

static inline void build_status(struct message *m, uint32_t status, int32_t percent,
				const char *text)
{
	begin(m, NEXP_WIRE_STATUS);
	put_number(m, status, 4);
	put_number(m, 7, 4);
	put_number(m, (uint32_t)percent, 4);
	put_number(m, 41, 4);
	put_string(m, text);
	end(m);
}

/* An event up to its number of columns. @second tells editions apart. */
static inline void begin_event(struct message *m, uint32_t ident, uint32_t severity,
			       uint16_t second, const char *name, const char *description,
			       uint8_t nr_columns)
{
	unsigned int i;

	begin(m, NEXP_WIRE_EVENT);
	put_number(m, ident, 4);
	put_number(m, 1, 4);
	put_number(m, severity, 4);
	for (i = 0; i < 8; i++)
		put_number(m, i == 6 ? second : 0, 2);
	put_string(m, "source");
	put_string(m, name);
	put_string(m, description);
	put_string(m, NULL);
	put_string(m, "because");
	put_number(m, nr_columns, 1);
}

static inline void put_string_column(struct message *m, const char *name, const char *value)
{
	put_string(m, name);
	put_number(m, 15, 4);
	put_string(m, value);
}

static inline void put_number_column(struct message *m, const char *name, uint32_t type,
				     uint64_t value)
{
	put_string(m, name);
	put_number(m, type, 4);
	put_number(m, value, 8);
}

/* One column of every type there is. */
static inline void build_full_event(struct message *m)
{
	static const uint8_t address[10] = { 192, 0, 2, 1, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	const double half = 0.5;
	uint32_t type;

	begin_event(m, 3, 2, 9, "name", "description", 16);
	for (type = 0; type < 16; type++) {
		put_string(m, "column");
		put_number(m, type, 4);
		switch (type) {
		case 6:
		case 14:
			put_raw(m, &half, 8);
			break;
		case 11:
			put_raw(m, address, 6);
			break;
		case 12:
			put_raw(m, address, 10);
			break;
		case 13:
			put_raw(m, address, 4);
			break;
		case 15:
			put_string(m, "value");
			break;
		default:
			put_number(m, type % 2 ? (uint64_t)-5 : 5, 8);
		}
	}
	end(m);
}

static inline void build_done(struct message *m)
{
	begin(m, NEXP_WIRE_DONE);
	put_number(m, (uint32_t)-1, 4);
	put_number(m, 1ULL << 40, 8);
	end(m);
}

static inline void build_failed(struct message *m)
{
	begin(m, NEXP_WIRE_FAILED);
	put_number(m, NEXP_FAILED_OPTIONS, 4);
	put_string(m, "no such option");
	end(m);
}

static inline void build_index(struct message *m)
{
	begin(m, NEXP_WIRE_INDEX);
	end(m);
}

/* Its length, told twice: in the message and by the block itself. */
static inline void build_configured(struct message *m)
{
	begin(m, NEXP_WIRE_CONFIGURED);
	put_number(m, 10, 4);
	put_number(m, 10, 4);
	put_raw(m, "top=3", 6);
	end(m);
}

#endif /* NEXP_MESSAGE_H */
