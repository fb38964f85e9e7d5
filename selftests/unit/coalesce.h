/* SPDX-License-Identifier: GPL-2.0 */
/*
 * coalesce - IP packets for the expert of that name, and the file that it writes
 *
 * The expert is one file that exports only its entry points, so it is part of a test.
 * Packets are fed to its innards without a link header, as a tunnel's are. What it has
 * written is told in words, a packet a line: who says it, A or B, SYN, FIN or RST, the
 * number, and the bytes.
 */
#ifndef NEXP_UNIT_COALESCE_H
#define NEXP_UNIT_COALESCE_H

#include <sys/mman.h>

#include "key.h"

#include "user/experts/coalesce.c"

#define MIB	(1ULL << 20)

struct coalesce {
	struct unit_key u;
	struct state state;
	int file;
	int64_t us;
	struct {
		FRAME frame;
		BYTE bytes[70000];
	} fed;
	DWORD length;		/* of what is in fed */
	char words[1 << 20];
};

static inline int coalesce_open(struct coalesce *c, uint64_t heap_limit)
{
	memset(c, 0, sizeof(*c));
	c->file = memfd_create("coalesce", MFD_CLOEXEC);
	parse_options(NULL, &c->state.options);
	return c->file < 0 ? -errno : unit_key_open(&c->u, 128 * MIB, heap_limit);
}

static inline void coalesce_close(struct coalesce *c)
{
	unit_key_close(&c->u);
	close(c->file);
}

static inline BOOL coalesce_start(struct coalesce *c)
{
	return start(&c->state, c->u.key, c->file);
}

/* Packets */

static inline void c_put(struct coalesce *c, const void *bytes, size_t length)
{
	memcpy(c->fed.bytes + c->length, bytes, length);
	c->length += (DWORD)length;
}

static inline void c_u8(struct coalesce *c, unsigned int value)
{
	BYTE byte = (BYTE)value;

	c_put(c, &byte, 1);
}

static inline void c_u16(struct coalesce *c, unsigned int value)
{
	c_u8(c, value >> 8);
	c_u8(c, value);
}

static inline void c_u32(struct coalesce *c, uint32_t value)
{
	c_u16(c, value >> 16);
	c_u16(c, value);
}

/* From 10.0.0.1 to 10.0.0.2, or back. */
static inline void c_ipv4(struct coalesce *c, int from, BYTE protocol, unsigned int id,
			  unsigned int fragment, size_t payload)
{
	c->length = 0;
	c_u16(c, 0x4500);
	c_u16(c, (unsigned int)(20 + payload));
	c_u16(c, id);
	c_u16(c, fragment);
	c_u8(c, 64);
	c_u8(c, protocol);
	c_u16(c, 0);
	c_u32(c, 0x0a000001U + (uint32_t)from);
	c_u32(c, 0x0a000002U - (uint32_t)from);
}

static inline void c_ipv6(struct coalesce *c, int from, BYTE next, size_t payload)
{
	static const BYTE prefix[15] = { 0xfd };

	c->length = 0;
	c_u32(c, 0x60000000);
	c_u16(c, (unsigned int)payload);
	c_u8(c, next);
	c_u8(c, 64);
	c_put(c, prefix, 15);
	c_u8(c, 1U + (unsigned int)from);
	c_put(c, prefix, 15);
	c_u8(c, 2U - (unsigned int)from);
}

static inline void c_tcp_header(struct coalesce *c, int from, unsigned int port, uint32_t seq,
				uint32_t ack, BYTE flags)
{
	c_u16(c, from ? 80 : port);
	c_u16(c, from ? port : 80);
	c_u32(c, seq);
	c_u32(c, ack);
	c_u16(c, 0x5000U | flags);
	c_u16(c, 1000);
	c_u32(c, 0);
}

/* Hand over what is there: so many bytes of it, of which there were so many. */
static inline void c_feed_cut(struct coalesce *c, DWORD stored, DWORD wire)
{
	EXPERTFRAMEDESCRIPTOR descriptor = { .pFrame = &c->fed.frame };

	c->fed.frame.TimeStamp = ++c->us;
	c->fed.frame.nBytesAvail = stored;
	c->fed.frame.FrameLength = wire;
	count_frame(&c->state, &descriptor);
}

static inline void c_feed(struct coalesce *c)
{
	c_feed_cut(c, c->length, c->length);
}

static inline void c_bytes(struct coalesce *c, unsigned int port, int from, uint32_t seq,
			   uint32_t ack, BYTE flags, const void *bytes, size_t length)
{
	c_ipv4(c, from, 6, 0, 0, 20 + length);
	c_tcp_header(c, from, port, seq, ack, flags);
	c_put(c, bytes, length);
	c_feed(c);
}

/* A segment of the conversation between A's port 1000 and B's port 80. */
static inline void c_tcp(struct coalesce *c, int from, uint32_t seq, uint32_t ack, BYTE flags,
			 const char *text)
{
	c_bytes(c, 1000, from, seq, ack, flags, text, strlen(text));
}

#define A	0
#define B	1
#define DATA	TCP_ACK

/* What was written */

static inline void c_end(struct coalesce *c)
{
	end(&c->state);
	pcap_flush(&c->state.pcap);
}

static inline uint32_t c_get(const BYTE *bytes, int size)
{
	uint32_t value = 0;

	while (size--)
		value = value << 8 | *bytes++;
	return value;
}

/* Ones' complement, as RFC 1071 has it: 0 if there is nothing wrong. */
static inline unsigned int c_sum(unsigned int sum, const BYTE *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		sum += i % 2 ? bytes[i] : (unsigned int)bytes[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static inline char *c_tell_tcp(char *to, const BYTE *ip, size_t header, size_t length)
{
	const BYTE *tcp = ip + header;
	size_t data = length - header - 20;
	BYTE flags = tcp[13];
	unsigned int sum;

	sum = c_sum((unsigned int)(length - header) + 6, ip + (header == 20 ? 12 : 8),
		    header == 20 ? 8 : 32);
	sum = c_sum(sum, tcp, length - header);
	to += sprintf(to, "%s%s", c_get(tcp, 2) == 80 ? "B" : "A", sum == 0xffff ? "" : " BAD SUM");
	to += sprintf(to, "%s%s%s %u", flags & TCP_SYN ? " SYN" : "", flags & TCP_FIN ? " FIN" : "",
		      flags & TCP_RST ? " RST" : "", c_get(tcp + 4, 4));
	if (data > 80)
		return to + sprintf(to, " [%zu]", data);
	return to + sprintf(to, "%s%.*s", data ? " " : "", (int)data, (const char *)tcp + 20);
}

static inline char *c_tell(char *to, const BYTE *packet, size_t stored, size_t wire)
{
	size_t header = packet[0] >> 4 == 6 ? 40 : (packet[0] & 15) * 4U;
	size_t total = header == 40 ? 40 + c_get(packet + 4, 2) : c_get(packet + 2, 2);

	if (total != wire)
		to += sprintf(to, "(%zu of %zu) ", wire, total);
	if (header < 40 && c_sum(0, packet, header) != 0xffff)
		to += sprintf(to, "BAD HEADER SUM ");
	if (packet[header == 40 ? 6 : 9] == 6 && stored == wire)
		to = c_tell_tcp(to, packet, header, stored);
	else
		to += sprintf(to, "IP %zu %u", stored, c_sum(0, packet + header, stored - header));
	return to + sprintf(to, "\n");
}

/* All packets of the file; it must end with a whole one. */
static inline const char *c_written(struct coalesce *c)
{
	size_t size = (size_t)lseek(c->file, 0, SEEK_END), at = 24;
	BYTE *bytes = malloc(size + 1);
	char *to = c->words;
	uint32_t record[4];

	*to = '\0';
	if (pread(c->file, bytes, size, 0) != (ssize_t)size || size < 24)
		to += sprintf(to, "no file");
	for (; at + sizeof(record) <= size; at += sizeof(record) + record[2]) {
		memcpy(record, bytes + at, sizeof(record));
		to = c_tell(to, bytes + at + sizeof(record), record[2], record[3]);
	}
	if (at != size)
		sprintf(to, "torn");
	free(bytes);
	return c->words;
}

static inline const struct talk_counts *c_counts(const struct coalesce *c)
{
	return &conversation_at(&c->state, 0)->talk.counts;
}

/* Of all that it has seen. */
static inline struct talk_counts c_all(const struct coalesce *c)
{
	struct talk_counts all = { .frames = c->state.datagrams.fragments };
	DWORD i;

	for (i = 0; i < c->state.conversations.nr; i++)
		if (conversation_at(&c->state, i))
			add_counts(&all, &conversation_at(&c->state, i)->talk.counts);
	add_counts(&all, &c->state.evicted);
	add_counts(&all, &c->state.recombined);
	add_counts(&all, &c->state.passed);
	add_counts(&all, &c->state.left_out);
	return all;
}

#endif /* NEXP_UNIT_COALESCE_H */
