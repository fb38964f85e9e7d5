/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wire - messages from a host to its supervisor
 *
 * One message is one datagram on a SOCK_SEQPACKET socket: struct nexp_wire_head,
 * then fields in a fixed order. Integers are little-endian and unaligned.
 * A string is a 16-bit length and that many bytes, no NUL; length 0xFFFF is a
 * NULL pointer. Nothing follows the last field. The host is not trusted: a
 * message that deviates in any way ends it (see user/supervisor/decode.c).
 */
#ifndef NEXP_WIRE_H
#define NEXP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEXP_WIRE_MAGIC		0x7845	/* "Ex" */
#define NEXP_WIRE_VERSION	1
#define NEXP_WIRE_MAX		65536	/* bytes of a message, head included */
#define NEXP_WIRE_NULL		0xFFFF	/* length of a NULL string */
#define NEXP_WIRE_STRING_MAX	0xFFFE
#define NEXP_CONFIG_MAX		61440	/* bytes of a configuration that is stored */

/**
 * enum nexp_wire_type - what a message says
 * @NEXP_WIRE_HELLO: the plug-in is loaded and registered. u32 wire version, u32
 *	EXPERT_ENUM_FLAG_*, strings name, vendor, description.
 * @NEXP_WIRE_STATUS: ExpertIndicateStatus. u32 status, u32 substatus, i32
 *	percent (-1: none given), u32 frame, string text.
 * @NEXP_WIRE_EVENT: ExpertSubmitEvent. u32 ident, u32 flags, u32 severity, 8
 *	times u16 SysTime, strings source, event name, description, machine,
 *	justification, u8 number of columns, then for each: string name, u32
 *	NMCOLUMNTYPE, value. The value is u64 for every type but: FLOAT64 and
 *	VARTIME (the 8 bytes of the double), MACADDR (6 bytes), IPXADDR (10
 *	bytes), IPADDR (4 bytes as in memory), STRING (a string). Signed types
 *	are sign-extended.
 * @NEXP_WIRE_DONE: Run returned. i32 its result, u64 frames handed out. Of a
 *	writer: the capture is over; 1, u64 frames in its file.
 * @NEXP_WIRE_CONFIGURED: Configure said TRUE, and nothing else was wanted. u32 bytes of
 *	its block, 0 if there is none, and the block. The last message.
 * @NEXP_WIRE_FAILED: the host gives up before or in place of Run. u32 what
 *	(enum nexp_wire_failure), string text for people. The last message.
 * @NEXP_WIRE_INDEX: the file's index is needed (user/lib/book_file.h). Nothing.
 */
enum nexp_wire_type {
	NEXP_WIRE_HELLO		= 1,
	NEXP_WIRE_STATUS	= 2,
	NEXP_WIRE_EVENT		= 3,
	NEXP_WIRE_DONE		= 4,
	NEXP_WIRE_FAILED	= 5,
	NEXP_WIRE_INDEX		= 6,
	NEXP_WIRE_CONFIGURED	= 7,
};

/**
 * enum nexp_wire_failure - why a host gave up; restarting does not help
 * @NEXP_FAILED_LOAD: the plug-in could not be loaded.
 * @NEXP_FAILED_ENTRY: Register or Run is missing.
 * @NEXP_FAILED_REGISTER: Register said FALSE or filled in nonsense.
 * @NEXP_FAILED_OPTIONS: the expert refused its options, or takes none.
 * @NEXP_FAILED_POOL: the attachment could not be adopted.
 * @NEXP_FAILED_SANDBOX: the process could not be confined.
 * @NEXP_FAILED_OUTPUT: a writer's file could not be written.
 */
enum nexp_wire_failure {
	NEXP_FAILED_LOAD	= 1,
	NEXP_FAILED_ENTRY	= 2,
	NEXP_FAILED_REGISTER	= 3,
	NEXP_FAILED_OPTIONS	= 4,
	NEXP_FAILED_POOL	= 5,
	NEXP_FAILED_SANDBOX	= 6,
	NEXP_FAILED_OUTPUT	= 7,
};

/**
 * struct nexp_wire_head - start of every message
 * @magic: NEXP_WIRE_MAGIC.
 * @type: enum nexp_wire_type.
 * @length: bytes of the whole message, this head included.
 */
struct nexp_wire_head {
	uint16_t magic;
	uint16_t type;
	uint32_t length;
} __attribute__((packed));

/**
 * struct nexp_wire - a message being written (user/lib/wire.c)
 * @bytes: NEXP_WIRE_MAX of them.
 * @length: bytes written so far.
 * @is_full: something did not fit; the message can't be sent.
 */
struct nexp_wire {
	uint8_t *bytes;
	size_t length;
	bool is_full;
};

void nexp_wire_begin(struct nexp_wire *wire, enum nexp_wire_type type);
void nexp_wire_u8(struct nexp_wire *wire, uint8_t value);
void nexp_wire_u16(struct nexp_wire *wire, uint16_t value);
void nexp_wire_u32(struct nexp_wire *wire, uint32_t value);
void nexp_wire_u64(struct nexp_wire *wire, uint64_t value);
void nexp_wire_bytes(struct nexp_wire *wire, const void *bytes, size_t length);
void nexp_wire_string(struct nexp_wire *wire, const char *text);
int nexp_wire_end(struct nexp_wire *wire);

#endif /* NEXP_WIRE_H */
