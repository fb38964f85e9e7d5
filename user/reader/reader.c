// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <wsutil/wslog.h>

#include "link_type.h"
#include "reader.h"

#define NSEC_PER_SEC	1000000000LL

/** reader_complain() - say why it ends; what was said before stays. Return: -1. */
int reader_complain(struct reader *reader, const char *format, ...)
{
	va_list args;

	if (reader->complaint[0])
		return -1;
	va_start(args, format);
	vsnprintf(reader->complaint, sizeof(reader->complaint), format, args);
	va_end(args);
	return -1;
}

/* "cause: details", as far as there are any. */
static int complain_of_file(struct reader *reader, int err, char *details)
{
	const char *more = details && *details ? details : NULL;

	reader_complain(reader, "after %" PRIu64 " frames: %s%s%s", reader->frames,
			wtap_strerror(err), more ? ": " : "", more ? more : "");
	g_free(details);
	return -1;
}

/** reader_open() - Return: 0, or -1 with a complaint. */
int reader_open(struct reader *reader)
{
	char *details = NULL;
	int err = 0;

	/* Without this its debugging messages are on. */
	ws_log_init("netexpert-reader", NULL);
	wtap_init(FALSE);
	reader->file = wtap_open_offline("-", WTAP_TYPE_AUTO, &err, &details, FALSE);
	if (!reader->file)
		return complain_of_file(reader, err, details);
	wtap_rec_init(&reader->rec);
	ws_buffer_init(&reader->bytes, 2048);
	return 0;
}

/* A frame that has none gets that of the frame before it. */
static uint64_t time_of(struct reader *reader)
{
	const wtap_rec *rec = &reader->rec;

	if (rec->presence_flags & WTAP_HAS_TS)
		reader->time_ns = (uint64_t)((int64_t)rec->ts.secs * NSEC_PER_SEC +
					     rec->ts.nsecs);
	return reader->time_ns;
}

static uint32_t flags_of(const wtap_rec *rec)
{
	uint32_t flags = 0;

	if (!rec->block || wtap_block_get_uint32_option_value(rec->block, OPT_PKT_FLAGS,
							      &flags) !=
				   WTAP_OPTTYPE_SUCCESS)
		return 0;
	return PACK_FLAGS_DIRECTION(flags) == PACK_FLAGS_DIRECTION_OUTBOUND ?
		       NETEXPERT_RECORD_OUT : 0;
}

static int describe(struct reader *reader, struct netexpert_inject_frame *frame)
{
	const wtap_packet_header *head = &reader->rec.rec_header.packet_header;

	*frame = (struct netexpert_inject_frame) {
		.data = (uintptr_t)ws_buffer_start_ptr(&reader->bytes),
		.time_ns = time_of(reader),
		.cap_len = head->caplen,
		.wire_len = head->len < head->caplen ? head->caplen : head->len,
		.ifindex = 1,
		.flags = flags_of(&reader->rec),
	};
	if (reader->rec.presence_flags & WTAP_HAS_INTERFACE_ID)
		frame->ifindex = head->interface_id + 1;
	if (!nexp_link_type_of_encap(head->pkt_encap, &frame->link_type))
		return reader_complain(reader, "frame %" PRIu64 " has a link type that no "
				       "interface has (%s); editcap(1) can convert some of these, "
				       "or take them out", reader->frames + 1,
				       wtap_encap_description(head->pkt_encap));
	if (frame->cap_len > NETEXPERT_MAX_INJECT)
		return reader_complain(reader, "frame %" PRIu64 " has %u bytes; %d are the most",
				       reader->frames + 1, frame->cap_len, NETEXPERT_MAX_INJECT);
	return 0;
}

/**
 * reader_next() - read the next frame
 * @reader: open.
 * @frame: the frame; good until the next one.
 *
 * Return: 1, 0 if there is no more, or -1 with a complaint.
 */
int reader_next(struct reader *reader, struct netexpert_inject_frame *frame)
{
	char *details = NULL;
	int err = 0;

	wtap_rec_reset(&reader->rec);
	while (wtap_read(reader->file, &reader->rec, &reader->bytes, &err, &details,
			 &reader->offset)) {
		if (reader->rec.rec_type == REC_TYPE_PACKET)
			return describe(reader, frame) ? -1 : 1;
		reader->others++;
		wtap_rec_reset(&reader->rec);
	}
	return err ? complain_of_file(reader, err, details) : 0;
}
