// SPDX-License-Identifier: GPL-2.0
/*
 * decode - messages of a host, taken apart without trusting any byte of them
 *
 * A reader walks the bytes. The first thing that does not fit stops it: from
 * then on it hands out zeros, so that callers need to look only once, at the
 * end, and no value is used before that.
 */
#include <errno.h>
#include <string.h>

#include "../lib/wire.h"
#include "decode.h"

struct reader {
	const uint8_t *at;
	size_t left;
	const char *why;
};

static void refuse(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	r->left = 0;
}

static void take(struct reader *r, void *to, size_t size)
{
	if (r->why || size > r->left) {
		refuse(r, "it ends in the middle of a field");
		memset(to, 0, size);
		return;
	}
	memcpy(to, r->at, size);
	r->at += size;
	r->left -= size;
}

static uint64_t take_number(struct reader *r, size_t size)
{
	uint8_t bytes[8] = { 0 };
	uint64_t number = 0;
	size_t i;

	take(r, bytes, size);
	for (i = 0; i < size; i++)
		number |= (uint64_t)bytes[i] << (8 * i);
	return number;
}

static uint16_t take_u16(struct reader *r)
{
	return (uint16_t)take_number(r, 2);
}

static uint32_t take_u32(struct reader *r)
{
	return (uint32_t)take_number(r, 4);
}

static uint64_t take_u64(struct reader *r)
{
	return take_number(r, 8);
}

static double take_real(struct reader *r)
{
	uint64_t bits = take_u64(r);
	double real;

	memcpy(&real, &bits, sizeof(real));
	return real;
}

static struct nexp_text take_text(struct reader *r)
{
	struct nexp_text text = { 0 };
	uint16_t length = take_u16(r);

	if (r->why || length == NEXP_WIRE_NULL)
		return text;
	if (length > r->left) {
		refuse(r, "a string is longer than the message");
		return text;
	}
	if (memchr(r->at, '\0', length)) {
		refuse(r, "a string holds a NUL");
		return text;
	}
	text.bytes = (const char *)r->at;
	text.length = length;
	r->at += length;
	r->left -= length;
	return text;
}

static void take_column(struct reader *r, struct nexp_column *column)
{
	column->name = take_text(r);
	column->type = take_u32(r);
	switch (column->type) {
	case NEXP_COLUMN_FLOAT64:
	case NEXP_COLUMN_VARTIME:
		column->real = take_real(r);
		break;
	case NEXP_COLUMN_MACADDR:
		take(r, column->address, 6);
		break;
	case NEXP_COLUMN_IPXADDR:
		take(r, column->address, 10);
		break;
	case NEXP_COLUMN_IPADDR:
		take(r, column->address, 4);
		break;
	case NEXP_COLUMN_STRING:
		column->text = take_text(r);
		break;
	default:
		if (column->type >= NEXP_NR_COLUMN_TYPES)
			refuse(r, "a column has an unknown type");
		column->number = take_u64(r);
	}
}

static void take_event(struct reader *r, struct nexp_event *event)
{
	unsigned int i;

	event->ident = take_u32(r);
	event->flags = take_u32(r);
	event->severity = take_u32(r);
	for (i = 0; i < 8; i++)
		event->time[i] = take_u16(r);
	event->source = take_text(r);
	event->name = take_text(r);
	event->description = take_text(r);
	event->machine = take_text(r);
	event->justification = take_text(r);
	event->nr_columns = (unsigned int)take_number(r, 1);
	for (i = 0; i < event->nr_columns && !r->why; i++)
		take_column(r, &event->columns[i]);
}

static void take_hello(struct reader *r, struct nexp_hello *hello)
{
	hello->version = take_u32(r);
	if (!r->why && hello->version != NEXP_WIRE_VERSION)
		refuse(r, "the host is of another version");
	hello->flags = take_u32(r);
	hello->name = take_text(r);
	hello->vendor = take_text(r);
	hello->description = take_text(r);
}

static void take_status(struct reader *r, struct nexp_status *status)
{
	status->status = take_u32(r);
	status->substatus = take_u32(r);
	status->percent = (int32_t)take_u32(r);
	if (status->percent < -1 || status->percent > 100)
		refuse(r, "a percentage is out of range");
	status->frame = take_u32(r);
	status->text = take_text(r);
}

/* Its own length stands first in it, as the machine has numbers. */
static void take_configured(struct reader *r, struct nexp_configured *configured)
{
	uint32_t raw_length;

	configured->block = NULL;
	configured->length = take_u32(r);
	if (r->why || !configured->length)
		return;
	if (configured->length > NEXP_CONFIG_MAX || configured->length < sizeof(raw_length) ||
	    configured->length > r->left) {
		refuse(r, "a configuration has an impossible length");
		return;
	}
	memcpy(&raw_length, r->at, sizeof(raw_length));
	if (raw_length != configured->length) {
		refuse(r, "a configuration says another length of itself");
		return;
	}
	configured->block = r->at;
	r->at += configured->length;
	r->left -= configured->length;
}

static void take_body(struct reader *r, struct nexp_message *message)
{
	switch (message->type) {
	case NEXP_WIRE_HELLO:
		take_hello(r, &message->hello);
		break;
	case NEXP_WIRE_STATUS:
		take_status(r, &message->status);
		break;
	case NEXP_WIRE_EVENT:
		take_event(r, &message->event);
		break;
	case NEXP_WIRE_DONE:
		message->done.result = (int32_t)take_u32(r);
		message->done.frames = take_u64(r);
		break;
	case NEXP_WIRE_FAILED:
		message->failed.what = take_u32(r);
		message->failed.text = take_text(r);
		break;
	case NEXP_WIRE_INDEX:
		break;
	case NEXP_WIRE_CONFIGURED:
		take_configured(r, &message->configured);
		break;
	default:
		refuse(r, "its type is unknown");
	}
}

int nexp_decode(const void *bytes, size_t size, struct nexp_message *ret, const char **ret_why)
{
	struct reader r = { .at = bytes, .left = size };
	uint16_t magic;
	uint32_t length;

	magic = take_u16(&r);
	ret->type = take_u16(&r);
	length = take_u32(&r);
	if (size > NEXP_WIRE_MAX)
		refuse(&r, "it is longer than a message may be");
	else if (!r.why && magic != NEXP_WIRE_MAGIC)
		refuse(&r, "it does not start as a message does");
	else if (!r.why && length != size)
		refuse(&r, "its length is not what its head says");
	if (!r.why)
		take_body(&r, ret);
	if (!r.why && r.left)
		refuse(&r, "something follows its last field");
	*ret_why = r.why;
	return r.why ? -EBADMSG : 0;
}
