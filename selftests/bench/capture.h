/* SPDX-License-Identifier: GPL-2.0 */
/*
 * capture - what the subjects of the capture benchmark have in common
 *
 * A subject opens its capture of one interface in the process that measures, and
 * reads it in a child of its own: rings that are mapped shared go with fork().
 */
#ifndef NEXP_BENCH_CAPTURE_H
#define NEXP_BENCH_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#define RING_SIZE	(8U << 20)
/* A reader that has so much to read, or waited so long, is woken. */
#define WAKE_BYTES	(1U << 20)
#define WAKE_USECS	5000

/**
 * struct options - how a subject shall capture
 * @interface: from which.
 * @is_egress: what leaves there, or else what arrives.
 * @is_tap: at XDP, where it is consumed; only for those that can do both.
 * @filter: in tcpdump's language, or NULL for all.
 * @ring_size: bytes.
 * @wake_bytes: see WAKE_BYTES; 1 is for each frame.
 * @nr_workers: of netexpert: spread flows over so many; 0 or 1: don't.
 */
struct options {
	const char *interface;
	bool is_egress;
	bool is_tap;
	const char *filter;
	uint32_t ring_size;
	uint32_t wake_bytes;
	unsigned int nr_workers;
};

/**
 * struct share - what a reader tells
 * @frames: that it got.
 * @is_ready: it reads.
 */
struct share {
	_Alignas(64) uint64_t frames;
	uint32_t is_ready;
};

struct capture;

/**
 * struct subject - a way to capture
 * @name: as printed.
 * @open: begin to capture.
 * @read: in the child: until it is killed. Looks at the first byte of each frame.
 * @lost: frames that there was no room for, after @read is over.
 * @close: end it.
 */
struct subject {
	const char *name;
	struct capture *(*open)(const struct options *options);
	void (*read)(struct capture *capture, struct share *share);
	uint64_t (*lost)(struct capture *capture);
	void (*close)(struct capture *capture);
};

extern const struct subject netexpert, tpacket, ringbuf;
/* At XDP, where frames are consumed: by nobody, and through a socket. */
extern const struct subject consume, af_xdp;

void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* A frame that was looked at. */
static inline void take(struct share *share, const void *bytes)
{
	(void)*(const volatile char *)bytes;
	__atomic_store_n(&share->frames, share->frames + 1, __ATOMIC_RELAXED);
}

#endif /* NEXP_BENCH_CAPTURE_H */
