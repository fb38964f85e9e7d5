/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pcapng - frames and what is known about them, as blocks of a pcapng file
 *
 * One section, in the byte order of this machine, as draft-ietf-opsawg-pcapng has
 * it. Blocks are appended to a buffer; who writes that to a file is not known here.
 */
#ifndef NEXP_PCAPNG_H
#define NEXP_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/netexpert.h>

/** NEXP_PCAPNG_FRAME_MAX - most bytes of a frame that Wireshark and libpcap read. */
#define NEXP_PCAPNG_FRAME_MAX	262144U

/** NEXP_PCAPNG_OPTION_MAX - most bytes of an option. */
#define NEXP_PCAPNG_OPTION_MAX	65535U

/**
 * struct nexp_pcapng - blocks on their way to a file
 * @bytes: the blocks; grows.
 * @length: bytes of them.
 * @room: bytes that @bytes has room for.
 * @failed: there was no memory for all of them: they must not be used.
 *
 * All zero is one without blocks.
 */
struct nexp_pcapng {
	uint8_t *bytes;
	size_t length;
	size_t room;
	bool failed;
};

/**
 * struct nexp_pcapng_interface - what an interface description block says
 * @name: its name, or NULL if nobody knows.
 * @mac: its address, six bytes, or NULL.
 * @filter: which of its frames are wanted, or NULL.
 * @os: what it belongs to.
 * @link_type: ARPHRD_*.
 * @from_file: its frames come from a file.
 * @snaplen: most bytes of a frame; 0: all.
 */
struct nexp_pcapng_interface {
	const char *name;
	const uint8_t *mac;
	const char *filter;
	const char *os;
	uint16_t link_type;
	bool from_file;
	uint32_t snaplen;
};

/**
 * struct nexp_pcapng_frame - what an enhanced packet block says
 * @interface: number of its interface in the section.
 * @record: its record.
 * @data: its bytes.
 * @realtime_ns: CLOCK_REALTIME of it.
 * @from_file: it comes from a file.
 */
struct nexp_pcapng_frame {
	uint32_t interface;
	const struct netexpert_record *record;
	const uint8_t *data;
	uint64_t realtime_ns;
	bool from_file;
};

/**
 * struct nexp_pcapng_statistics - what an interface statistics block says
 * @interface: number of the interface in the section.
 * @start_ns: CLOCK_REALTIME when the capture began.
 * @end_ns: and when it ended.
 * @frames: of it in the section.
 * @lost: frames lost, of all the capture.
 * @lost_at_end: of these, after the last frame of the section.
 * @causes: of @lost_at_end, a bit (1 << enum netexpert_drop) each.
 */
struct nexp_pcapng_statistics {
	uint32_t interface;
	uint64_t start_ns;
	uint64_t end_ns;
	uint64_t frames;
	uint64_t lost;
	uint64_t lost_at_end;
	uint32_t causes;
};

/**
 * nexp_pcapng_put_section() - append the header of the section
 * @blocks: to these.
 * @hardware: what the machine is, or NULL.
 * @os: its kernel.
 * @application: who writes.
 */
void nexp_pcapng_put_section(struct nexp_pcapng *blocks, const char *hardware, const char *os,
			     const char *application);

/**
 * nexp_pcapng_put_interface() - append the description of the next interface
 * @blocks: to these.
 * @interface: the interface. A link type that pcapng has no number for is said to
 *	be the first one for private use, and the description tells.
 *
 * Texts that are too long for an option are left out.
 */
void nexp_pcapng_put_interface(struct nexp_pcapng *blocks,
			       const struct nexp_pcapng_interface *interface);

/**
 * nexp_pcapng_put_frame() - append a frame
 * @blocks: to these.
 * @frame: the frame. Of one that is longer than readers read, the beginning; the
 *	comment tells.
 */
void nexp_pcapng_put_frame(struct nexp_pcapng *blocks, const struct nexp_pcapng_frame *frame);

/**
 * nexp_pcapng_put_statistics() - append the counters of an interface
 * @blocks: to these.
 * @statistics: the counters.
 */
void nexp_pcapng_put_statistics(struct nexp_pcapng *blocks,
				const struct nexp_pcapng_statistics *statistics);

/**
 * nexp_pcapng_free() - free the buffer
 * @blocks: without blocks afterwards.
 */
void nexp_pcapng_free(struct nexp_pcapng *blocks);

#endif /* NEXP_PCAPNG_H */
