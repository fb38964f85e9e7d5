// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert-reader - a capture file's frames into one pool
 *
 * Started by the supervisor with the file as standard input and the pool's
 * injector as fd 3. Files are other people's, and so is what they make of the
 * library that parses them: this process has no right beside those two.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/netexpert.h>
#include <wiretap/wtap.h>
#include <wsutil/wslog.h>

#include "../host/sandbox.h"
#include "link_type.h"

#define INJECTOR_FD	3
#define NSEC_PER_SEC	1000000000LL

/**
 * struct reader - the file at hand
 * @file: of wiretap's; standard input.
 * @rec: the record at hand.
 * @bytes: its bytes.
 * @frames: frames handed on so far.
 * @others: records that are no frames.
 * @time_ns: of the last frame that had a time.
 * @gone: nobody wants more frames.
 */
struct reader {
	wtap *file;
	wtap_rec rec;
	Buffer bytes;
	uint64_t frames;
	uint64_t others;
	uint64_t time_ns;
	bool gone;
};

/* The supervisor shows what stands here beside the file's name. */
static int give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	return -1;
}

/* "cause: details", as far as there are any. */
static int give_up_for(const char *when, uint64_t frames, int err, char *details)
{
	const char *more = details && *details ? details : NULL;

	give_up("%s%" PRIu64 " frames: %s%s%s", when, frames, wtap_strerror(err),
		more ? ": " : "", more ? more : "");
	g_free(details);
	return -1;
}

static int open_file(struct reader *reader)
{
	char *details = NULL;
	int err = 0;

	/* Without this its debugging messages are on. */
	ws_log_init("netexpert-reader", NULL);
	wtap_init(FALSE);
	reader->file = wtap_open_offline("-", WTAP_TYPE_AUTO, &err, &details, FALSE);
	if (!reader->file)
		return give_up_for("after ", 0, err, details);
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

static int inject(struct reader *reader, const struct netexpert_inject_frame *frame)
{
	struct netexpert_inject args = {
		.size = sizeof(args), .frames = (uintptr_t)frame, .nr_frames = 1,
	};

	while (ioctl(INJECTOR_FD, NETEXPERT_IOC_INJECT, &args) < 0) {
		if (errno == EINTR)
			continue;
		/* The pool has ended: its expert wants no more. */
		if (errno == ESTALE) {
			reader->gone = true;
			return 0;
		}
		return give_up("after %" PRIu64 " frames: handing on the next one: %s",
			       reader->frames, strerror(errno));
	}
	return 0;
}

static int hand_on(struct reader *reader)
{
	const wtap_packet_header *head = &reader->rec.rec_header.packet_header;
	struct netexpert_inject_frame frame = {
		.data = (uintptr_t)ws_buffer_start_ptr(&reader->bytes),
		.time_ns = time_of(reader),
		.cap_len = head->caplen,
		.wire_len = head->len < head->caplen ? head->caplen : head->len,
		.ifindex = 1,
		.flags = flags_of(&reader->rec),
	};

	if (reader->rec.presence_flags & WTAP_HAS_INTERFACE_ID)
		frame.ifindex = head->interface_id + 1;
	if (!nexp_link_type_of_encap(head->pkt_encap, &frame.link_type))
		return give_up("frame %" PRIu64 " has a link type that no interface has (%s); "
			       "editcap(1) can convert some of these, or take them out",
			       reader->frames + 1,
			       wtap_encap_description(head->pkt_encap));
	if (frame.cap_len > NETEXPERT_MAX_INJECT)
		return give_up("frame %" PRIu64 " has %u bytes; %d are the most",
			       reader->frames + 1, frame.cap_len, NETEXPERT_MAX_INJECT);
	if (inject(reader, &frame))
		return -1;
	reader->frames++;
	return 0;
}

static int read_all(struct reader *reader)
{
	char *details = NULL;
	gint64 offset;
	int err = 0;

	while (!reader->gone &&
	       wtap_read(reader->file, &reader->rec, &reader->bytes, &err, &details, &offset)) {
		if (reader->rec.rec_type != REC_TYPE_PACKET)
			reader->others++;
		else if (hand_on(reader))
			return -1;
		wtap_rec_reset(&reader->rec);
	}
	if (err)
		return give_up_for("after ", reader->frames, err, details);
	if (reader->others)
		fprintf(stderr, "%" PRIu64 " records are no frames and were passed over",
			reader->others);
	return 0;
}

int main(int argc, char **argv)
{
	struct nexp_failure failure;
	struct reader reader = { 0 };

	if (argc != 2) {
		fputs("netexpert-reader is started by netexpert, see \"netexpert run --help\"\n",
		      stderr);
		return 2;
	}
	/* Ctrl-C is the supervisor's: it ends the pool. */
	signal(SIGINT, SIG_IGN);
	if (nexp_sandbox_close_files(INJECTOR_FD, &failure) ||
	    nexp_sandbox_enter(atoi(argv[1]), &failure)) {
		fputs(failure.reason, stderr);
		return EXIT_FAILURE;
	}
	if (open_file(&reader) || read_all(&reader))
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
