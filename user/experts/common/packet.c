// SPDX-License-Identifier: GPL-2.0
/*
 * packet - IP packets and TCP segments, found in frames and made anew
 */
#include <string.h>

#include "packet.h"

#define IPV4		0x0800
#define IPV6		0x86dd
#define IPV4_HEADER	20
#define IPV6_HEADER	40
#define TCP_HEADER	20
#define MORE_FRAGMENTS	0x2000
#define OFFSET_BITS	0x1fff
#define DONT_FRAGMENT	0x4000

/* What may stand between IPv6 and its payload. */
enum extension {
	HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, AUTHENTICATION = 51, DESTINATION = 60,
};

static WORD get_u16(const BYTE *bytes)
{
	return (WORD)(bytes[0] << 8 | bytes[1]);
}

static DWORD get_u32(const BYTE *bytes)
{
	return (DWORD)get_u16(bytes) << 16 | get_u16(bytes + 2);
}

static void put_u16(BYTE *bytes, DWORD value)
{
	bytes[0] = (BYTE)(value >> 8);
	bytes[1] = (BYTE)value;
}

static void put_u32(BYTE *bytes, DWORD value)
{
	put_u16(bytes, value >> 16);
	put_u16(bytes + 2, value);
}

/* 0 stands for more than there is room to say: all that was on the wire. */
static BOOL set_wire(struct packet *packet, DWORD claimed, DWORD wire)
{
	packet->wire = claimed && claimed < wire ? claimed : wire;
	if (packet->stored > packet->wire)
		packet->stored = packet->wire;
	return packet->wire >= packet->headers;
}

static BOOL parse_ipv4(struct packet *packet, DWORD wire)
{
	const BYTE *bytes = packet->bytes;
	DWORD fragment;

	packet->headers = (bytes[0] & 0xfU) * 4;
	if (packet->headers < IPV4_HEADER || packet->headers > packet->stored ||
	    !set_wire(packet, get_u16(bytes + 2), wire))
		return FALSE;
	fragment = get_u16(bytes + 6);
	packet->offset = (fragment & OFFSET_BITS) * 8;
	packet->is_last = !(fragment & MORE_FRAGMENTS);
	packet->is_fragment = packet->offset || !packet->is_last;
	packet->id = get_u16(bytes + 4);
	packet->protocol = bytes[9];
	memcpy(packet->source, bytes + 12, 4);
	memcpy(packet->target, bytes + 16, 4);
	return TRUE;
}

static BOOL is_extension(BYTE protocol)
{
	return protocol == HOP_BY_HOP || protocol == ROUTING || protocol == DESTINATION ||
	       protocol == AUTHENTICATION || protocol == FRAGMENT;
}

/* A fragment that is all of it is none. */
static void take_fragment(struct packet *packet, const BYTE *header)
{
	DWORD bits = get_u16(header + 2);

	packet->offset = bits & ~7U;
	packet->is_last = !(bits & 1);
	packet->is_fragment = packet->offset || !packet->is_last;
	packet->id = get_u32(header + 4);
}

/* Up to the payload, or as far as headers are stored. */
static void pass_extensions(struct packet *packet)
{
	DWORD at = IPV6_HEADER, next_at = 6, length;
	BYTE protocol = packet->bytes[6];

	while (is_extension(protocol) && at + 8 <= packet->stored && !packet->is_fragment) {
		const BYTE *header = packet->bytes + at;

		length = protocol == FRAGMENT ? 8 :
			 protocol == AUTHENTICATION ? (header[1] + 2U) * 4 : (header[1] + 1U) * 8;
		if (protocol == FRAGMENT)
			take_fragment(packet, header);
		if (packet->is_fragment) {
			packet->skipped = length;
		} else {
			next_at = at;
			at += length;
		}
		protocol = header[0];
	}
	packet->headers = at < packet->stored ? at : packet->stored;
	packet->next_at = next_at;
	packet->protocol = protocol;
}

static BOOL parse_ipv6(struct packet *packet, DWORD wire)
{
	const BYTE *bytes = packet->bytes;
	DWORD payload = get_u16(bytes + 4);

	packet->is_ipv6 = TRUE;
	packet->headers = IPV6_HEADER;
	if (!set_wire(packet, payload ? IPV6_HEADER + payload : 0, wire))
		return FALSE;
	memcpy(packet->source, bytes + 8, 16);
	memcpy(packet->target, bytes + 24, 16);
	pass_extensions(packet);
	return TRUE;
}

BOOL packet_parse(const BYTE *bytes, DWORD stored, DWORD wire, struct packet *packet)
{
	*packet = (struct packet) { .bytes = bytes, .stored = stored < wire ? stored : wire };
	if (packet->stored >= IPV6_HEADER && bytes[0] >> 4 == 6)
		return parse_ipv6(packet, wire);
	return packet->stored >= IPV4_HEADER && bytes[0] >> 4 == 4 && parse_ipv4(packet, wire);
}

static BOOL is_tag(WORD type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

BOOL packet_find(const FRAME *frame, BOOL is_ethernet, struct packet *packet)
{
	DWORD stored = frame->nBytesAvail, wire = frame->FrameLength, at = 12;
	const BYTE *bytes = frame->MacFrame;
	WORD type;
	int tags;

	if (!is_ethernet)
		return packet_parse(bytes, stored, wire, packet);
	for (tags = 0; tags < PACKET_MAX_TAGS && at + 2 <= stored; tags++) {
		if (!is_tag(get_u16(bytes + at)))
			break;
		at += 4;
	}
	if (at + 2 > stored || stored > wire)
		return FALSE;
	type = get_u16(bytes + at);
	at += 2;
	if ((type != IPV4 && type != IPV6) ||
	    !packet_parse(bytes + at, stored - at, wire - at, packet))
		return FALSE;
	/* Both may go by the number of the older one. */
	return type == IPV4 || packet->is_ipv6;
}

BOOL packet_segment(const struct packet *packet, struct segment *segment)
{
	const BYTE *bytes = packet->bytes + packet->headers;
	DWORD stored = packet->stored - packet->headers, header;

	if (packet->protocol != PACKET_TCP || packet->is_fragment || stored < TCP_HEADER)
		return FALSE;
	header = (bytes[12] >> 4) * 4U;
	if (header < TCP_HEADER || header > packet->wire - packet->headers)
		return FALSE;
	*segment = (struct segment) {
		.source_port = get_u16(bytes),
		.target_port = get_u16(bytes + 2),
		.seq = get_u32(bytes + 4),
		.ack = get_u32(bytes + 8),
		.flags = bytes[13],
		.window = get_u16(bytes + 14),
		.length = packet->wire - packet->headers - header,
		.stored = stored > header ? stored - header : 0,
		.bytes = bytes + header,
	};
	return TRUE;
}

/* Ones' complement sum, not folded; all parts but the last must be even. */
static uint64_t add_words(uint64_t sum, const BYTE *bytes, size_t length)
{
	size_t i;

	for (i = 0; i + 2 <= length; i += 2)
		sum += get_u16(bytes + i);
	return length % 2 ? sum + (uint64_t)(bytes[length - 1] << 8) : sum;
}

static WORD checksum(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (WORD)~sum;
}

static void seal_ipv4(BYTE *headers, DWORD length, DWORD total)
{
	put_u16(headers + 2, total);
	put_u16(headers + 10, 0);
	put_u16(headers + 10, checksum(add_words(0, headers, length)));
}

void packet_whole(BYTE *headers, DWORD length, DWORD next_at, BYTE protocol, DWORD payload)
{
	if (headers[0] >> 4 == 6) {
		headers[next_at] = protocol;
		put_u16(headers + 4, length - IPV6_HEADER + payload);
		return;
	}
	put_u16(headers + 6, 0);
	seal_ipv4(headers, length, length + payload);
}

static DWORD put_ip(BYTE *headers, BOOL is_ipv6, const BYTE *source, const BYTE *target,
		    DWORD payload)
{
	DWORD length = is_ipv6 ? IPV6_HEADER : IPV4_HEADER;

	memset(headers, 0, PACKET_TCP_HEADERS);
	if (is_ipv6) {
		headers[0] = 0x60;
		put_u16(headers + 4, payload);
		headers[6] = PACKET_TCP;
		headers[7] = 64;
		memcpy(headers + 8, source, 16);
		memcpy(headers + 24, target, 16);
		return length;
	}
	headers[0] = 0x45;
	put_u16(headers + 6, DONT_FRAGMENT);
	headers[8] = 64;
	headers[9] = PACKET_TCP;
	memcpy(headers + 12, source, 4);
	memcpy(headers + 16, target, 4);
	seal_ipv4(headers, length, length + payload);
	return length;
}

DWORD packet_tcp(BYTE *headers, BOOL is_ipv6, const BYTE *source, const BYTE *target,
		 const struct segment *segment)
{
	DWORD payload = TCP_HEADER + segment->stored;
	DWORD length = put_ip(headers, is_ipv6, source, target, payload);
	BYTE *tcp = headers + length;
	uint64_t sum;

	put_u16(tcp, segment->source_port);
	put_u16(tcp + 2, segment->target_port);
	put_u32(tcp + 4, segment->seq);
	put_u32(tcp + 8, segment->ack);
	tcp[12] = TCP_HEADER / 4 << 4;
	tcp[13] = segment->flags;
	put_u16(tcp + 14, segment->window);
	/* What IPv4 and IPv6 put in front of it are the same words in the sum. */
	sum = add_words(payload + PACKET_TCP, source, 16);
	sum = add_words(sum, target, 16);
	sum = add_words(sum, tcp, TCP_HEADER);
	put_u16(tcp + 16, checksum(add_words(sum, segment->bytes, segment->stored)));
	return length + TCP_HEADER;
}
