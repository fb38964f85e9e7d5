/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decode - messages of a host, taken apart without trusting any byte of them
 *
 * Whatever a host sends is either understood completely or refused. Texts are
 * checked for their length only: they may hold control characters and invalid
 * UTF-8, so escape them before they reach a terminal.
 */
#ifndef NEXP_DECODE_H
#define NEXP_DECODE_H

#include <stddef.h>
#include <stdint.h>

#define NEXP_MAX_COLUMNS	255

/**
 * struct nexp_text - a string of a message
 * @bytes: the bytes, without a NUL among or after them; NULL for a NULL pointer.
 * @length: how many.
 */
struct nexp_text {
	const char *bytes;
	uint32_t length;
};

/**
 * enum nexp_column_type - NMCOLUMNTYPE as Network Monitor numbers it
 */
enum nexp_column_type {
	NEXP_COLUMN_UINT8,
	NEXP_COLUMN_SINT8,
	NEXP_COLUMN_UINT16,
	NEXP_COLUMN_SINT16,
	NEXP_COLUMN_UINT32,
	NEXP_COLUMN_SINT32,
	NEXP_COLUMN_FLOAT64,
	NEXP_COLUMN_FRAME,
	NEXP_COLUMN_YESNO,
	NEXP_COLUMN_ONOFF,
	NEXP_COLUMN_TRUEFALSE,
	NEXP_COLUMN_MACADDR,
	NEXP_COLUMN_IPXADDR,
	NEXP_COLUMN_IPADDR,
	NEXP_COLUMN_VARTIME,
	NEXP_COLUMN_STRING,
	NEXP_NR_COLUMN_TYPES,
};

/**
 * struct nexp_column - one column of an event
 * @name: its caption.
 * @type: enum nexp_column_type.
 * @number: value of every type that is not one of those below; signed types
 *	sign-extended.
 * @real: value of FLOAT64 and VARTIME.
 * @address: value of MACADDR (6 bytes), IPXADDR (10) and IPADDR (4).
 * @text: value of STRING.
 */
struct nexp_column {
	struct nexp_text name;
	uint32_t type;
	union {
		uint64_t number;
		double real;
		uint8_t address[10];
		struct nexp_text text;
	};
};

/**
 * struct nexp_hello - the plug-in is loaded and registered
 * @version: version of the wire format.
 * @flags: EXPERT_ENUM_FLAG_*.
 * @name: the name it registered with.
 * @vendor: who made it.
 * @description: what it does.
 */
struct nexp_hello {
	uint32_t version;
	uint32_t flags;
	struct nexp_text name;
	struct nexp_text vendor;
	struct nexp_text description;
};

/**
 * struct nexp_status - ExpertIndicateStatus
 * @status: EXPERTSTATUSENUMERATION.
 * @substatus: its SubStatus.
 * @percent: 0 to 100, or -1 for none.
 * @frame: last frame handed out.
 * @text: what the expert says about it.
 */
struct nexp_status {
	uint32_t status;
	uint32_t substatus;
	int32_t percent;
	uint32_t frame;
	struct nexp_text text;
};

/**
 * struct nexp_event - ExpertSubmitEvent
 * @ident: EventIdent.
 * @flags: NMEVENTFLAG_*.
 * @severity: NMEVENT_SEVERITY_*.
 * @time: SysTime: year, month, day of week, day, hour, minute, second, ms.
 * @source: szSourceName.
 * @name: szEventName.
 * @description: szDescription.
 * @machine: szMachine.
 * @justification: Justification.
 * @nr_columns: columns in @columns.
 * @columns: the columns.
 */
struct nexp_event {
	uint32_t ident;
	uint32_t flags;
	uint32_t severity;
	uint16_t time[8];
	struct nexp_text source;
	struct nexp_text name;
	struct nexp_text description;
	struct nexp_text machine;
	struct nexp_text justification;
	unsigned int nr_columns;
	struct nexp_column columns[NEXP_MAX_COLUMNS];
};

/**
 * struct nexp_done - Run returned
 * @result: what it returned.
 * @frames: frames handed out in this incarnation.
 */
struct nexp_done {
	int32_t result;
	uint64_t frames;
};

/**
 * struct nexp_configured - what Configure left
 * @block: its configuration; NULL if it left none.
 * @length: bytes of it, which are also its RawConfigLength.
 */
struct nexp_configured {
	const uint8_t *block;
	uint32_t length;
};

/**
 * struct nexp_failed - the host gave up before, or in place of, Run
 * @what: enum nexp_wire_failure.
 * @text: why.
 */
struct nexp_failed {
	uint32_t what;
	struct nexp_text text;
};

/**
 * struct nexp_message - a decoded message
 * @type: enum nexp_wire_type; says which member is valid.
 *
 * Texts and blocks point into the bytes that were decoded.
 */
struct nexp_message {
	unsigned int type;
	union {
		struct nexp_hello hello;
		struct nexp_status status;
		struct nexp_event event;
		struct nexp_done done;
		struct nexp_failed failed;
		struct nexp_configured configured;
	};
};

/**
 * nexp_decode() - take a message apart
 * @bytes: the message. It must not change meanwhile: not shared memory.
 * @size: its bytes.
 * @ret: the message; undefined on failure.
 * @ret_why: on failure what is wrong with it, a constant.
 *
 * Return: 0, or -EBADMSG.
 */
int nexp_decode(const void *bytes, size_t size, struct nexp_message *ret, const char **ret_why);

#endif /* NEXP_DECODE_H */
