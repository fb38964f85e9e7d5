// SPDX-License-Identifier: GPL-2.0
/*
 * pcapng - frames and what is known about them, as blocks of a pcapng file
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linktype.h"
#include "pcapng.h"

#define SECTION_BLOCK		0x0a0d0d0a
#define INTERFACE_BLOCK		1
#define STATISTICS_BLOCK	5
#define FRAME_BLOCK		6

#define BYTE_ORDER_MAGIC	0x1a2b3c4d
#define UNKNOWN_LENGTH		UINT64_MAX
#define NANOSECONDS		9

/* Codes of options; those below 2 are of every block. */
enum {
	OPT_END = 0, OPT_COMMENT = 1,
	SHB_HARDWARE = 2, SHB_OS = 3, SHB_USERAPPL = 4,
	IF_NAME = 2, IF_DESCRIPTION = 3, IF_MACADDR = 6, IF_TSRESOL = 9, IF_FILTER = 11,
	IF_OS = 12,
	EPB_FLAGS = 2, EPB_DROPCOUNT = 4,
	ISB_STARTTIME = 2, ISB_ENDTIME = 3, ISB_IFRECV = 4, ISB_IFDROP = 5, ISB_USRDELIV = 8,
};

/* Bits of epb_flags. */
enum {
	FLAG_IN			= 1 << 0,
	FLAG_OUT		= 1 << 1,
	FLAG_CSUM_NOT_READY	= 1 << 9,
	FLAG_CSUM_VALID		= 1 << 10,
	FLAG_SEGMENTATION	= 1 << 11,
};

static size_t padding(size_t length)
{
	return -length & 3;
}

/* Return: room for @length bytes, or NULL. */
static uint8_t *reserve(struct nexp_pcapng *blocks, size_t length)
{
	size_t room = blocks->room;
	uint8_t *bytes;

	if (blocks->failed)
		return NULL;
	if (length > room - blocks->length) {
		room = 2 * (room + length);
		bytes = realloc(blocks->bytes, room);
		if (!bytes) {
			blocks->failed = true;
			return NULL;
		}
		blocks->bytes = bytes;
		blocks->room = room;
	}
	bytes = blocks->bytes + blocks->length;
	blocks->length += length;
	return bytes;
}

/* Padded with zeros to a multiple of four. */
static void put(struct nexp_pcapng *blocks, const void *bytes, size_t length)
{
	uint8_t *to = reserve(blocks, length + padding(length));

	if (!to)
		return;
	if (length)
		memcpy(to, bytes, length);
	memset(to + length, 0, padding(length));
}

static void put_u32(struct nexp_pcapng *blocks, uint32_t value)
{
	put(blocks, &value, sizeof(value));
}

static void put_option(struct nexp_pcapng *blocks, uint16_t code, const void *bytes, size_t length)
{
	uint16_t head[2] = { code, (uint16_t)length };

	put(blocks, head, sizeof(head));
	put(blocks, bytes, length);
}

static void put_text(struct nexp_pcapng *blocks, uint16_t code, const char *text)
{
	if (text && *text && strlen(text) <= NEXP_PCAPNG_OPTION_MAX)
		put_option(blocks, code, text, strlen(text));
}

static void put_number(struct nexp_pcapng *blocks, uint16_t code, uint64_t value)
{
	put_option(blocks, code, &value, sizeof(value));
}

/* Times are two words, the high one first, whatever the byte order. */
static void put_time(struct nexp_pcapng *blocks, uint16_t code, uint64_t ns)
{
	uint32_t words[2] = { (uint32_t)(ns >> 32), (uint32_t)ns };

	put_option(blocks, code, words, sizeof(words));
}

/* Return: where the block is. */
static size_t begin(struct nexp_pcapng *blocks, uint32_t type)
{
	size_t at = blocks->length;

	put_u32(blocks, type);
	put_u32(blocks, 0);
	return at;
}

static void end(struct nexp_pcapng *blocks, size_t at)
{
	uint32_t length;

	put_option(blocks, OPT_END, NULL, 0);
	length = (uint32_t)(blocks->length - at + sizeof(length));
	put_u32(blocks, length);
	if (!blocks->failed)
		memcpy(blocks->bytes + at + sizeof(uint32_t), &length, sizeof(length));
}

void nexp_pcapng_put_section(struct nexp_pcapng *blocks, const char *hardware, const char *os,
			     const char *application)
{
	static const uint16_t version[2] = { 1, 0 };
	static const uint64_t length = UNKNOWN_LENGTH;
	size_t at = begin(blocks, SECTION_BLOCK);

	put_u32(blocks, BYTE_ORDER_MAGIC);
	put(blocks, version, sizeof(version));
	put(blocks, &length, sizeof(length));
	put_text(blocks, SHB_HARDWARE, hardware);
	put_text(blocks, SHB_OS, os);
	put_text(blocks, SHB_USERAPPL, application);
	end(blocks, at);
}

/* Its first byte says what kind of filter: one in libpcap's language. */
static void put_filter(struct nexp_pcapng *blocks, const char *filter)
{
	size_t length = filter ? strlen(filter) : 0;
	char *text;

	if (!length || length >= NEXP_PCAPNG_OPTION_MAX)
		return;
	text = malloc(length + 1);
	if (!text) {
		blocks->failed = true;
		return;
	}
	text[0] = 0;
	memcpy(text + 1, filter, length);
	put_option(blocks, IF_FILTER, text, length + 1);
	free(text);
}

void nexp_pcapng_put_interface(struct nexp_pcapng *blocks,
			       const struct nexp_pcapng_interface *interface)
{
	static const uint8_t resolution = NANOSECONDS;
	uint16_t link[2] = {
		nexp_linktype_number(interface->link_type, interface->from_file), 0,
	};
	size_t at = begin(blocks, INTERFACE_BLOCK);
	char text[128];

	put(blocks, link, sizeof(link));
	put_u32(blocks, interface->snaplen);
	put_text(blocks, IF_NAME, interface->name);
	if (link[0] == NEXP_LINKTYPE_USER0) {
		snprintf(text, sizeof(text), "frames are as the kernel has them; their link type "
			 "is %u (ARPHRD_*), which has no number here", interface->link_type);
		put_text(blocks, IF_DESCRIPTION, text);
	}
	if (interface->mac)
		put_option(blocks, IF_MACADDR, interface->mac, 6);
	put_option(blocks, IF_TSRESOL, &resolution, sizeof(resolution));
	put_filter(blocks, interface->filter);
	put_text(blocks, IF_OS, interface->os);
	end(blocks, at);
}

/* "12 frames were lost WHERE: ring full, nested delivery" */
static void put_lost(struct nexp_pcapng *blocks, uint64_t frames, uint32_t causes,
		     const char *where)
{
	static const char *const names[NETEXPERT_NR_DROPS] = {
		[NETEXPERT_DROP_RING_FULL] = "ring full",
		[NETEXPERT_DROP_CORRUPT] = "consumer position corrupt",
		[NETEXPERT_DROP_TOO_BIG] = "larger than the ring",
		[NETEXPERT_DROP_UNREADABLE] = "bytes not readable",
		[NETEXPERT_DROP_NESTED] = "nested delivery",
		[NETEXPERT_DROP_NO_PROGRAM] = "no filter program for the link type",
	};
	const char *between = ": ";
	char text[512];
	size_t length;
	unsigned int i;

	length = (size_t)snprintf(text, sizeof(text), "%" PRIu64 " frame%s lost %s", frames,
				  frames == 1 ? " was" : "s were", where);
	for (i = 0; i < NETEXPERT_MAX_DROPS; i++) {
		if (!(causes & 1U << i))
			continue;
		if (i < NETEXPERT_NR_DROPS)
			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
						   between, names[i]);
		else
			length += (size_t)snprintf(text + length, sizeof(text) - length,
						   "%scause %u", between, i);
		between = ", ";
	}
	put_text(blocks, OPT_COMMENT, text);
}

static void put_super_frame(struct nexp_pcapng *blocks, const struct netexpert_record *record)
{
	char text[128], segments[32] = "an unknown number of";

	if (record->gso_segs)
		snprintf(segments, sizeof(segments), "%u", record->gso_segs);
	snprintf(text, sizeof(text), "super-frame: %s segments of up to %u bytes of payload",
		 segments, record->gso_size);
	put_text(blocks, OPT_COMMENT, text);
}

static void put_comments(struct nexp_pcapng *blocks, const struct netexpert_record *record,
			 uint32_t length)
{
	char text[128];

	if (record->lost)
		put_lost(blocks, record->lost, record->lost_causes, "just before this one");
	if (record->flags & NETEXPERT_RECORD_GSO)
		put_super_frame(blocks, record);
	if (record->flags & NETEXPERT_RECORD_HWTIME) {
		snprintf(text, sizeof(text), "hardware time stamp: %" PRIu64
			 " ns of the device's clock", (uint64_t)record->hwtime_ns);
		put_text(blocks, OPT_COMMENT, text);
	}
	if (length < record->cap_len) {
		snprintf(text, sizeof(text), "%u bytes were captured; a file takes %u of a frame",
			 record->cap_len, length);
		put_text(blocks, OPT_COMMENT, text);
	}
}

static uint32_t frame_flags(const struct netexpert_record *record)
{
	uint32_t flags = record->flags & NETEXPERT_RECORD_OUT ? FLAG_OUT : FLAG_IN;

	if (record->flags & NETEXPERT_RECORD_CSUM_PARTIAL)
		flags |= FLAG_CSUM_NOT_READY;
	if (record->flags & NETEXPERT_RECORD_CSUM_VALID)
		flags |= FLAG_CSUM_VALID;
	if (record->flags & NETEXPERT_RECORD_GSO)
		flags |= FLAG_SEGMENTATION;
	return flags;
}

/* The kernel has a CAN's identifier in this machine's byte order, files in the network's. */
static void turn_can_id(struct nexp_pcapng *blocks, size_t at, uint32_t length)
{
	uint32_t id;

	if (blocks->failed || length < sizeof(id))
		return;
	memcpy(&id, blocks->bytes + at, sizeof(id));
	id = htonl(id);
	memcpy(blocks->bytes + at, &id, sizeof(id));
}

void nexp_pcapng_put_frame(struct nexp_pcapng *blocks, const struct nexp_pcapng_frame *frame)
{
	const struct netexpert_record *record = frame->record;
	uint32_t length = record->cap_len < NEXP_PCAPNG_FRAME_MAX ?
			  record->cap_len : NEXP_PCAPNG_FRAME_MAX;
	uint32_t head[5] = {
		frame->interface, (uint32_t)(frame->realtime_ns >> 32),
		(uint32_t)frame->realtime_ns, length, record->wire_len,
	};
	uint32_t flags = frame_flags(record);
	size_t at = begin(blocks, FRAME_BLOCK), data_at;

	put(blocks, head, sizeof(head));
	data_at = blocks->length;
	put(blocks, frame->data, length);
	if (record->link_type == ARPHRD_CAN && !frame->from_file)
		turn_can_id(blocks, data_at, length);
	put_comments(blocks, record, length);
	put_option(blocks, EPB_FLAGS, &flags, sizeof(flags));
	if (record->lost)
		put_number(blocks, EPB_DROPCOUNT, record->lost);
	end(blocks, at);
}

void nexp_pcapng_put_statistics(struct nexp_pcapng *blocks,
				const struct nexp_pcapng_statistics *statistics)
{
	size_t at = begin(blocks, STATISTICS_BLOCK);

	put_u32(blocks, statistics->interface);
	put_u32(blocks, (uint32_t)(statistics->end_ns >> 32));
	put_u32(blocks, (uint32_t)statistics->end_ns);
	if (statistics->lost_at_end)
		put_lost(blocks, statistics->lost_at_end, statistics->causes,
			 "after the last frame");
	put_time(blocks, ISB_STARTTIME, statistics->start_ns);
	put_time(blocks, ISB_ENDTIME, statistics->end_ns);
	put_number(blocks, ISB_IFRECV, statistics->frames + statistics->lost);
	put_number(blocks, ISB_IFDROP, statistics->lost);
	put_number(blocks, ISB_USRDELIV, statistics->frames);
	end(blocks, at);
}

void nexp_pcapng_free(struct nexp_pcapng *blocks)
{
	free(blocks->bytes);
	*blocks = (struct nexp_pcapng){ 0 };
}
