/* SPDX-License-Identifier: GPL-2.0 */
/*
 * packet - IP packets and TCP segments, found in frames and made anew
 *
 * Lengths in headers are claims: none is believed beyond what the frame had on the wire.
 */
#ifndef EXPERTS_PACKET_H
#define EXPERTS_PACKET_H

#include <netmon.h>

/* Bytes before a fragment's own, and of the largest packet there can be. */
#define PACKET_MAX_HEADERS	256
#define PACKET_MAX		(65535 + PACKET_MAX_HEADERS)

/* Of IP and TCP in front of a message, and what has room behind them in either IP. */
#define PACKET_TCP_HEADERS	60
#define PACKET_MAX_MESSAGE	(65535 - 40)

#define PACKET_TCP	6

#define TCP_FIN		0x01
#define TCP_SYN		0x02
#define TCP_RST		0x04
#define TCP_PSH		0x08
#define TCP_ACK		0x10

/**
 * struct packet - an IP packet
 * @bytes: its first one.
 * @wire: how many it had on the wire, without padding.
 * @stored: how many of these there are.
 * @headers: of these, IP's: all of its headers up to @protocol's, or for a fragment those
 *	that each fragment has.
 * @skipped: bytes of headers between @headers and the payload: a fragment header.
 * @next_at: where IPv6 says what follows @headers.
 * @protocol: of the payload.
 * @is_ipv6: it is IPv6.
 * @is_fragment: the payload is a part of one.
 * @is_last: it is the last part.
 * @offset: where the part begins.
 * @id: which datagram it is a part of.
 * @source: address; what IPv4 does not use is 0.
 * @target: likewise.
 */
struct packet {
	const BYTE *bytes;
	DWORD wire;
	DWORD stored;
	DWORD headers;
	DWORD skipped;
	DWORD next_at;
	BYTE protocol;
	BOOL is_ipv6;
	BOOL is_fragment;
	BOOL is_last;
	DWORD offset;
	DWORD id;
	BYTE source[16];
	BYTE target[16];
};

/**
 * struct segment - a TCP segment
 * @seq: number of its first byte, or of SYN.
 * @ack: as in the header.
 * @window: as in the header.
 * @flags: TCP_*.
 * @source_port: as in the header.
 * @target_port: as in the header.
 * @length: bytes of data that it had.
 * @stored: how many of them are at @bytes.
 * @bytes: data.
 */
struct segment {
	DWORD seq;
	DWORD ack;
	WORD window;
	BYTE flags;
	WORD source_port;
	WORD target_port;
	DWORD length;
	DWORD stored;
	const BYTE *bytes;
};

/* VLAN tags before a packet, at most. */
#define PACKET_MAX_TAGS	8

/**
 * packet_find() - the IP packet in a frame
 * @frame: the frame.
 * @is_ethernet: it has a header of Ethernet, and maybe VLAN tags; if not, it begins with
 *	the packet.
 * @packet: filled in; points into @frame.
 *
 * Return: FALSE if there is none.
 */
BOOL packet_find(const FRAME *frame, BOOL is_ethernet, struct packet *packet);

/** packet_parse() - as packet_find(), of @stored bytes of which there were @wire. */
BOOL packet_parse(const BYTE *bytes, DWORD stored, DWORD wire, struct packet *packet);

/** packet_segment() - its TCP segment; FALSE if it has none, or not its whole header. */
BOOL packet_segment(const struct packet *packet, struct segment *segment);

/**
 * packet_whole() - headers of a recombined datagram
 * @headers: of its first fragment; made those of the whole.
 * @length: of @headers.
 * @next_at: of struct packet.
 * @protocol: of the payload.
 * @payload: bytes of it.
 */
void packet_whole(BYTE *headers, DWORD length, DWORD next_at, BYTE protocol, DWORD payload);

/**
 * packet_tcp() - headers of a segment of our own
 * @headers: PACKET_TCP_HEADERS of room.
 * @is_ipv6: which IP.
 * @source: address.
 * @target: address.
 * @segment: what it shall be: @stored of @bytes, PACKET_MAX_MESSAGE at most.
 *
 * Return: how long they are.
 */
DWORD packet_tcp(BYTE *headers, BOOL is_ipv6, const BYTE *source, const BYTE *target,
		 const struct segment *segment);

#endif /* EXPERTS_PACKET_H */
