/* SPDX-License-Identifier: GPL-2.0 */
/*
 * traffic - frames made by hand, and a pcap file of them
 *
 * What parsers find in them is up to the parsers: lengths are right, checksums are
 * none.
 */
#ifndef NEXP_UNIT_TRAFFIC_H
#define NEXP_UNIT_TRAFFIC_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TRAFFIC_MAX_FRAMES	64
#define TRAFFIC_MAX_BYTES	1600
#define TRAFFIC_SECS		1700000000LL
#define TRAFFIC_STEP_US		1250

#define TRAFFIC_CLIENT		0x0a000001U
#define TRAFFIC_SERVER		0x0a000002U

/* Of TCP. */
#define TRAFFIC_FIN	0x01
#define TRAFFIC_SYN	0x02
#define TRAFFIC_PUSH	0x08
#define TRAFFIC_ACK	0x10

struct traffic_frame {
	uint32_t wire_len;
	uint32_t cap_len;
	uint8_t bytes[TRAFFIC_MAX_BYTES];
};

struct traffic {
	unsigned int count;
	struct traffic_frame frame[TRAFFIC_MAX_FRAMES];
};

static inline void traffic_put(struct traffic_frame *frame, const void *bytes, size_t size)
{
	memcpy(frame->bytes + frame->cap_len, bytes, size);
	frame->cap_len += (uint32_t)size;
	frame->wire_len = frame->cap_len;
}

static inline void traffic_u8(struct traffic_frame *frame, uint8_t value)
{
	traffic_put(frame, &value, sizeof(value));
}

static inline void traffic_u16(struct traffic_frame *frame, uint16_t value)
{
	value = htons(value);
	traffic_put(frame, &value, sizeof(value));
}

static inline void traffic_u32(struct traffic_frame *frame, uint32_t value)
{
	value = htonl(value);
	traffic_put(frame, &value, sizeof(value));
}

static inline void traffic_mac(struct traffic_frame *frame, uint8_t last)
{
	uint8_t mac[6] = { 0x00, 0x00, 0x5e, 0x00, 0x53, last };

	traffic_put(frame, mac, sizeof(mac));
}

static inline struct traffic_frame *traffic_ether(struct traffic *traffic, uint16_t type,
						  bool to_server)
{
	struct traffic_frame *frame = &traffic->frame[traffic->count++];

	memset(frame, 0, sizeof(*frame));
	traffic_mac(frame, to_server ? 2 : 1);
	traffic_mac(frame, to_server ? 1 : 2);
	traffic_u16(frame, type);
	return frame;
}

/* @fragment: flags and offset as in the header. */
static inline void traffic_ipv4(struct traffic_frame *frame, bool to_server, uint8_t protocol,
				uint16_t id, uint16_t fragment, uint16_t size)
{
	traffic_u8(frame, 0x45);
	traffic_u8(frame, 0x28);
	traffic_u16(frame, (uint16_t)(20 + size));
	traffic_u16(frame, id);
	traffic_u16(frame, fragment);
	traffic_u8(frame, 64);
	traffic_u8(frame, protocol);
	traffic_u16(frame, 0);
	traffic_u32(frame, to_server ? TRAFFIC_CLIENT : TRAFFIC_SERVER);
	traffic_u32(frame, to_server ? TRAFFIC_SERVER : TRAFFIC_CLIENT);
}

static inline void traffic_tcp(struct traffic *traffic, bool to_server, uint16_t port,
			       uint32_t seq, uint32_t ack, uint8_t flags, const char *text)
{
	static const uint8_t mss[4] = { 2, 4, 0x05, 0xb4 };
	struct traffic_frame *frame = traffic_ether(traffic, 0x0800, to_server);
	uint16_t options = flags & TRAFFIC_SYN ? sizeof(mss) : 0;
	size_t size = strlen(text);

	traffic_ipv4(frame, to_server, 6, (uint16_t)traffic->count, 0x4000,
		     (uint16_t)(20 + options + size));
	traffic_u16(frame, to_server ? 40000 : port);
	traffic_u16(frame, to_server ? port : 40000);
	traffic_u32(frame, seq);
	traffic_u32(frame, ack);
	traffic_u8(frame, (uint8_t)((20 + options) << 2));
	traffic_u8(frame, flags);
	traffic_u16(frame, 64240);
	traffic_u32(frame, 0);
	traffic_put(frame, mss, options);
	traffic_put(frame, text, size);
}

static inline void traffic_udp(struct traffic *traffic, bool to_server, uint16_t port,
			       const void *data, size_t size)
{
	struct traffic_frame *frame = traffic_ether(traffic, 0x0800, to_server);

	traffic_ipv4(frame, to_server, 17, (uint16_t)traffic->count, 0, (uint16_t)(8 + size));
	traffic_u16(frame, to_server ? 40001 : port);
	traffic_u16(frame, to_server ? port : 40001);
	traffic_u16(frame, (uint16_t)(8 + size));
	traffic_u16(frame, 0);
	traffic_put(frame, data, size);
}

/* A request in two segments, the second one sent twice; an answer in three. */
static inline void traffic_http(struct traffic *traffic)
{
	static const char head[] = "GET /index.html HTTP/1.1\r\nHost: exam";
	static const char rest[] = "ple.org\r\nUser-Agent: netexpert\r\n\r\n";
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
	static const char length[] = "Content-Length: 11\r\n\r\nhello";
	static const char end[] = " world";
	uint32_t client = 1000, server = 5000;

	traffic_tcp(traffic, true, 80, client++, 0, TRAFFIC_SYN, "");
	traffic_tcp(traffic, false, 80, server++, client, TRAFFIC_SYN | TRAFFIC_ACK, "");
	traffic_tcp(traffic, true, 80, client, server, TRAFFIC_ACK, "");
	traffic_tcp(traffic, true, 80, client, server, TRAFFIC_ACK, head);
	client += (uint32_t)strlen(head);
	traffic_tcp(traffic, true, 80, client, server, TRAFFIC_PUSH | TRAFFIC_ACK, rest);
	traffic_tcp(traffic, true, 80, client, server, TRAFFIC_PUSH | TRAFFIC_ACK, rest);
	client += (uint32_t)strlen(rest);
	traffic_tcp(traffic, false, 80, server, client, TRAFFIC_ACK, answer);
	server += (uint32_t)strlen(answer);
	traffic_tcp(traffic, false, 80, server, client, TRAFFIC_ACK, length);
	server += (uint32_t)strlen(length);
	traffic_tcp(traffic, false, 80, server, client, TRAFFIC_PUSH | TRAFFIC_ACK, end);
	server += (uint32_t)strlen(end);
	traffic_tcp(traffic, true, 80, client, server, TRAFFIC_FIN | TRAFFIC_ACK, "");
}

#define TRAFFIC_NAME	"\7example\3org"

/* A question, its answer, and an answer whose name runs past its end. */
static inline void traffic_dns(struct traffic *traffic)
{
	static const uint8_t question[] =
		"\x12\x34\x01\x00\0\1\0\0\0\0\0\0" TRAFFIC_NAME "\0\0\1\0\1";
	static const uint8_t answer[] =
		"\x12\x34\x81\x80\0\1\0\2\0\0\0\0" TRAFFIC_NAME "\0\0\1\0\1"
		"\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4\xc0\0\2\1"
		"\xc0\x0c\0\x1c\0\1\0\0\x0e\x10\0\x10\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1";
	static const uint8_t bad[] = "\x12\x35\x81\x80\0\1\0\1\0\0\0\0\x3fshort";

	traffic_udp(traffic, true, 53, question, sizeof(question) - 1);
	traffic_udp(traffic, false, 53, answer, sizeof(answer) - 1);
	traffic_udp(traffic, false, 53, bad, sizeof(bad) - 1);
}

static inline void traffic_ping(struct traffic *traffic, bool to_server, bool is_tagged)
{
	static const uint8_t data[] = "abcdefghijklmnopqrstuvwabcdefghi";
	struct traffic_frame *frame = traffic_ether(traffic, is_tagged ? 0x8100 : 0x0800,
						    to_server);

	if (is_tagged) {
		traffic_u16(frame, 0x6064);
		traffic_u16(frame, 0x0800);
	}
	traffic_ipv4(frame, to_server, 1, (uint16_t)traffic->count, 0, 8 + sizeof(data));
	traffic_u16(frame, to_server ? 0x0800 : 0);
	traffic_u16(frame, 0);
	traffic_u16(frame, 7);
	traffic_u16(frame, 1);
	traffic_put(frame, data, sizeof(data));
}

static inline void traffic_arp(struct traffic *traffic)
{
	struct traffic_frame *frame = traffic_ether(traffic, 0x0806, true);

	traffic_u16(frame, 1);
	traffic_u16(frame, 0x0800);
	traffic_u16(frame, 0x0604);
	traffic_u16(frame, 1);
	traffic_mac(frame, 1);
	traffic_u32(frame, TRAFFIC_CLIENT);
	traffic_mac(frame, 0);
	traffic_u32(frame, TRAFFIC_SERVER);
}

/* One datagram in two IPv4 fragments, the first of which is @first bytes long. */
static inline void traffic_fragments(struct traffic *traffic, uint16_t first)
{
	struct traffic_frame *frame = traffic_ether(traffic, 0x0800, true);
	uint16_t i, size = (uint16_t)(first + 100);

	traffic_ipv4(frame, true, 17, 4711, 0x2000, first);
	traffic_u16(frame, 40002);
	traffic_u16(frame, 9999);
	traffic_u16(frame, size);
	traffic_u16(frame, 0);
	for (i = 8; i < size; i++) {
		if (i == first) {
			frame = traffic_ether(traffic, 0x0800, true);
			traffic_ipv4(frame, true, 17, 4711, first / 8, 100);
		}
		traffic_u8(frame, (uint8_t)i);
	}
}

static inline void traffic_ipv6(struct traffic *traffic)
{
	static const uint8_t from[16] = { 0xfe, 0x80, [15] = 1 };
	static const uint8_t to[16] = { 0xff, 0x02, [11] = 1, [12] = 0xff, [15] = 2 };
	static const uint8_t target[16] = { 0xfe, 0x80, [15] = 2 };
	struct traffic_frame *frame = traffic_ether(traffic, 0x86dd, true);

	traffic_u32(frame, 0x60012345);
	traffic_u16(frame, 32);
	traffic_u16(frame, 0x3aff);
	traffic_put(frame, from, sizeof(from));
	traffic_put(frame, to, sizeof(to));
	traffic_u16(frame, 0x8700);
	traffic_u16(frame, 0);
	traffic_u32(frame, 0);
	traffic_put(frame, target, sizeof(target));
	traffic_u16(frame, 0x0101);
	traffic_mac(frame, 1);
}

static inline void traffic_all(struct traffic *traffic)
{
	traffic->count = 0;
	traffic_arp(traffic);
	traffic_http(traffic);
	traffic_dns(traffic);
	traffic_ping(traffic, true, false);
	traffic_ping(traffic, false, false);
	traffic_ping(traffic, true, true);
	traffic_fragments(traffic, 1000);
	traffic_ipv6(traffic);
	/* Cut off inside the header of TCP. */
	traffic_tcp(traffic, true, 443, 1, 1, TRAFFIC_ACK, "what was not captured");
	traffic->frame[traffic->count - 1].cap_len = 44;
}

static inline uint64_t traffic_us(unsigned int index)
{
	return (uint64_t)index * TRAFFIC_STEP_US;
}

/* Whether it was written. */
static inline bool traffic_write(const struct traffic *traffic, const char *path)
{
	const uint32_t head[6] = { 0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1 };
	FILE *file = fopen(path, "w");
	unsigned int i;

	if (!file)
		return false;
	fwrite(head, sizeof(head), 1, file);
	for (i = 0; i < traffic->count; i++) {
		const struct traffic_frame *frame = &traffic->frame[i];
		uint32_t record[4] = {
			(uint32_t)(TRAFFIC_SECS + (int64_t)(traffic_us(i) / 1000000)),
			(uint32_t)(traffic_us(i) % 1000000), frame->cap_len, frame->wire_len,
		};

		fwrite(record, sizeof(record), 1, file);
		fwrite(frame->bytes, frame->cap_len, 1, file);
	}
	return !fclose(file);
}

#endif /* NEXP_UNIT_TRAFFIC_H */
