// SPDX-License-Identifier: GPL-2.0
/*
 * file - the frames of a capture file, by Wireshark's library
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wiretap/wtap.h>
#include <wsutil/wslog.h>

#include "file.h"
#include "link_type.h"

#define NSEC_PER_SEC	1000000000LL

/**
 * struct nexp_file - the file at hand
 * @wtap: of wiretap's.
 * @rec: the record at hand.
 * @bytes: its bytes.
 * @offset: where it begins.
 * @frames: frames handed on so far.
 * @others: records that are no frames.
 * @time_ns: of the last frame that had a time.
 * @said: for people, beside the file's name.
 * @said_size: bytes there.
 */
struct nexp_file {
	wtap *wtap;
	wtap_rec rec;
	Buffer bytes;
	gint64 offset;
	uint64_t frames;
	uint64_t others;
	uint64_t time_ns;
	char *said;
	size_t said_size;
};

static int give_up(struct nexp_file *file, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int give_up(struct nexp_file *file, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(file->said, file->said_size, format, args);
	va_end(args);
	return -1;
}

/* "cause: details", as far as there are any. */
static int give_up_for(struct nexp_file *file, int err, char *details)
{
	const char *more = details && *details ? details : NULL;

	give_up(file, "after %" PRIu64 " frames: %s%s%s", file->frames, wtap_strerror(err),
		more ? ": " : "", more ? more : "");
	g_free(details);
	return -1;
}

bool nexp_wiretap_has_begun;

int nexp_file_open(struct nexp_file **ret, char *said, size_t size)
{
	struct nexp_file *file = calloc(1, sizeof(*file));
	char *details = NULL;
	int err = 0;

	if (!file) {
		snprintf(said, size, "out of memory");
		return -1;
	}
	file->said = said;
	file->said_size = size;
	/* Without this its debugging messages are on. */
	ws_log_init("netexpert-reader", NULL);
	wtap_init(FALSE);
	nexp_wiretap_has_begun = true;
	file->wtap = wtap_open_offline("-", WTAP_TYPE_AUTO, &err, &details, FALSE);
	if (!file->wtap) {
		give_up_for(file, err, details);
		free(file);
		return -1;
	}
	wtap_rec_init(&file->rec);
	ws_buffer_init(&file->bytes, 2048);
	*ret = file;
	return 0;
}

/* A frame that has none gets that of the frame before it. */
static uint64_t time_of(struct nexp_file *file)
{
	const wtap_rec *rec = &file->rec;

	if (rec->presence_flags & WTAP_HAS_TS)
		file->time_ns = (uint64_t)((int64_t)rec->ts.secs * NSEC_PER_SEC +
					     rec->ts.nsecs);
	return file->time_ns;
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

static int hand_on(struct nexp_file *file, const struct nexp_file_taker *taker)
{
	const wtap_packet_header *head = &file->rec.rec_header.packet_header;
	struct netexpert_inject_frame frame = {
		.data = (uintptr_t)ws_buffer_start_ptr(&file->bytes),
		.time_ns = time_of(file),
		.cap_len = head->caplen,
		.wire_len = head->len < head->caplen ? head->caplen : head->len,
		.ifindex = 1,
		.flags = flags_of(&file->rec),
	};
	int err;

	if (file->rec.presence_flags & WTAP_HAS_INTERFACE_ID)
		frame.ifindex = head->interface_id + 1;
	if (!nexp_link_type_of_encap(head->pkt_encap, &frame.link_type))
		return give_up(file, "frame %" PRIu64 " has a link type that no interface "
			       "has (%s); editcap(1) can convert some of these, or take them out",
			       file->frames + 1, wtap_encap_description(head->pkt_encap));
	if (frame.cap_len > NETEXPERT_MAX_INJECT)
		return give_up(file, "frame %" PRIu64 " has %u bytes; %d are the most",
			       file->frames + 1, frame.cap_len, NETEXPERT_MAX_INJECT);
	err = taker->take(taker->owner, &frame);
	if (!err)
		file->frames++;
	if (err && err != -ESTALE)
		give_up(file, "after %" PRIu64 " frames: handing on the next one: %s",
			file->frames, strerror(-err));
	return err;
}

int nexp_file_read(struct nexp_file *file, const struct nexp_file_taker *taker, char *said,
		   size_t size)
{
	char *details = NULL;
	int err = 0, code;

	*said = '\0';
	file->said = said;
	file->said_size = size;
	while (wtap_read(file->wtap, &file->rec, &file->bytes, &err, &details,
			 &file->offset)) {
		code = 0;
		if (file->rec.rec_type != REC_TYPE_PACKET)
			file->others++;
		else
			code = hand_on(file, taker);
		wtap_rec_reset(&file->rec);
		if (code)
			return code == -ESTALE ? 0 : -1;
	}
	if (err)
		return give_up_for(file, err, details);
	if (file->others)
		snprintf(said, size, "%" PRIu64 " records are no frames and were passed over",
			 file->others);
	return 0;
}

uint64_t nexp_file_offset(const struct nexp_file *file)
{
	return (uint64_t)file->offset;
}

uint64_t nexp_file_frames(const struct nexp_file *file)
{
	return file->frames;
}

void nexp_file_close(struct nexp_file *file)
{
	if (!file)
		return;
	wtap_rec_cleanup(&file->rec);
	ws_buffer_free(&file->bytes);
	wtap_close(file->wtap);
	free(file);
}
