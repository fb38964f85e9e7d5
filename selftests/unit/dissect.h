/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dissect - a dissector fed with made traffic, and tshark on the same frames
 */
#ifndef NEXP_UNIT_DISSECT_H
#define NEXP_UNIT_DISSECT_H

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wiretap/wtap.h>

#include "kselftest_harness.h"
#include "traffic.h"
#include "user/dissect/dissector.h"

/* The same for all: where the user's settings are, and which time it is. */
#define DISSECT_TSHARK	"HOME=/nonexistent WIRESHARK_CONFIG_DIR=/nonexistent TZ=UTC tshark -r "

struct dissect {
	struct nexp_dissector *dissector;
	struct traffic traffic;
	char path[64];
	char why[NEXP_WHY_SIZE];
};

static inline struct nexp_dissect_frame dissect_frame(const struct traffic *traffic,
						      unsigned int index)
{
	const struct traffic_frame *frame = &traffic->frame[index];

	return (struct nexp_dissect_frame) {
		.number = index + 1,
		.encap = WTAP_ENCAP_ETHERNET,
		.secs = TRAFFIC_SECS + (int64_t)(traffic_us(index) / 1000000),
		.nsecs = (int)(traffic_us(index) % 1000000 * 1000),
		.wire_len = frame->wire_len,
		.cap_len = frame->cap_len,
		.bytes = frame->bytes,
	};
}

static inline int dissect_open(struct dissect *d)
{
	int file;

	setenv("TZ", "UTC", 1);
	d->dissector = NULL;
	traffic_all(&d->traffic);
	strcpy(d->path, "/tmp/dissect.XXXXXX");
	file = mkstemp(d->path);
	if (file < 0 || close(file) || !traffic_write(&d->traffic, d->path))
		return -1;
	return nexp_dissector_open(&d->dissector, d->why);
}

static inline void dissect_close(struct dissect *d)
{
	nexp_dissector_close(d->dissector);
	unlink(d->path);
}

static inline int dissect_run(struct dissect *d, unsigned int index)
{
	struct nexp_dissect_frame frame = dissect_frame(&d->traffic, index);

	return nexp_dissector_run(d->dissector, NEXP_HAND_ATTACHED, &frame, true, NULL, 0,
				  d->why);
}

/* What tshark says of the file; to be closed with pclose(). */
static inline FILE *dissect_tshark(const struct dissect *d, const char *arguments)
{
	char command[1024];

	snprintf(command, sizeof(command), DISSECT_TSHARK "%s %s 2>/dev/null", d->path,
		 arguments);
	return popen(command, "r");
}

#endif /* NEXP_UNIT_DISSECT_H */
