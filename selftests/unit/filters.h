/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filters - a live key with made traffic, and which frames of it pass what
 */
#ifndef NEXP_UNIT_FILTERS_H
#define NEXP_UNIT_FILTERS_H

#include <linux/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "key.h"
#include "traffic.h"
#include "user/lib/dissect.h"
#include "user/lib/ring.h"

#define FILTERS_HEAP		(256ULL << 20)
/* What a scan forward answers when all have come: the expert shall get no more. */
#define FILTERS_END		NMERR_EXPERT_TERMINATE
#define FILTERS_HISTORY		(48ULL << 10)

struct filters {
	struct unit_key u;
	struct traffic traffic;
	HCAPTURE capture;
	char path[64];
};

/* All frames once more, for who has not seen one. */
static inline int filters_deliver(struct filters *f)
{
	const struct netexpert_pool_info *info = &f->u.unit.nx->info;
	EXPERTSTARTUPINFO startup;
	unsigned int i;
	int err = 0;

	if (ExpertGetStartupInfo(f->u.key, &startup) != NMERR_SUCCESS)
		return -EINVAL;
	f->capture = startup.hCapture;
	for (i = 0; i < f->traffic.count && !err; i++) {
		const struct traffic_frame *frame = &f->traffic.frame[i];
		struct netexpert_record head = {
			.link_type = ARPHRD_ETHER,
			.wire_len = frame->wire_len,
			.cap_len = frame->cap_len,
			.time_ns = (uint64_t)TRAFFIC_SECS * 1000000000 + traffic_us(i) * 1000 +
				   info->created_ns - info->realtime_ns,
			.stamp_us = (int64_t)traffic_us(i),
		};

		err = nexp_memfd_deliver(f->u.unit.pool, 0, &head, frame->bytes);
	}
	nexp_reader_limit(f->u.unit.nx, f->traffic.count);
	return err;
}

static inline int filters_open_with(struct filters *f, uint64_t ring_size, uint64_t history_size)
{
	const struct nexp_memfd_params params = {
		.nr_rings = 1,
		.ring_size = ring_size,
		.history_size = history_size,
		.heap_size = FILTERS_HEAP,
		.heap_limit = FILTERS_HEAP / 2,
	};
	int file;

	setenv("TZ", "UTC", 1);
	traffic_all(&f->traffic);
	strcpy(f->path, "/tmp/filters.XXXXXX");
	file = mkstemp(f->path);
	if (file < 0 || close(file) || !traffic_write(&f->traffic, f->path))
		return -EIO;
	return unit_key_open_with(&f->u, &params) ?: filters_deliver(f);
}

static inline int filters_open(struct filters *f)
{
	return filters_open_with(f, UNIT_RING_SIZE, FILTERS_HISTORY);
}

static inline void filters_close(struct filters *f)
{
	unit_key_close(&f->u);
	unlink(f->path);
}

/* Another run, whose parsers know nothing yet. */
static inline int filters_again(struct filters *f)
{
	nexp_key_end(f->u.key, NULL);
	return nexp_key_begin(f->u.unit.nx, f->u.link, &f->u.startup, &f->u.key) ?:
	       filters_deliver(f);
}

/* Numbers of those that pass, as tshark counts them, each with a blank after it. */
static inline DWORD filters_scan(struct filters *f, DWORD direction, DWORD flags, HFILTER filter,
				 char *numbers)
{
	EXPERTFRAMEDESCRIPTOR frame = { .FrameNumber = INVALID_FRAME_NUMBER };
	DWORD error;

	*numbers = 0;
	while (!(error = ExpertGetFrame(f->u.key, direction, flags, frame.FrameNumber, filter,
					&frame)))
		sprintf(numbers + strlen(numbers), "%u ", frame.FrameNumber + 1);
	return error;
}

/* What tshark says of them; -1 if it refuses. */
static inline int filters_tshark(const struct filters *f, const char *text, char *numbers)
{
	char command[1024], number[32];
	FILE *tshark;

	snprintf(command, sizeof(command),
		 "HOME=/nonexistent WIRESHARK_CONFIG_DIR=/nonexistent tshark -r %s -Y '%s' -T fields -e frame.number 2>/dev/null",
		 f->path, text);
	tshark = popen(command, "r");
	if (!tshark)
		return -1;
	*numbers = 0;
	while (fscanf(tshark, "%30s", number) == 1)
		sprintf(numbers + strlen(numbers), "%s ", number);
	return pclose(tshark) ? -1 : 0;
}

#endif /* NEXP_UNIT_FILTERS_H */
