// SPDX-License-Identifier: GPL-2.0
/*
 * Messages: byte for byte as wire.h says, and as the supervisor reads them.
 */
#include <errno.h>
#include <string.h>

#include "kselftest_harness.h"

#include "user/lib/wire.h"
#include "user/supervisor/decode.h"

FIXTURE(wire) {
	struct nexp_wire wire;
	uint8_t bytes[NEXP_WIRE_MAX + 1];
};

FIXTURE_SETUP(wire)
{
	memset(self->bytes, 0xcc, sizeof(self->bytes));
	self->wire = (struct nexp_wire) { .bytes = self->bytes };
}

FIXTURE_TEARDOWN(wire)
{
	/* Nothing was ever written behind the buffer. */
	EXPECT_EQ(0xcc, self->bytes[NEXP_WIRE_MAX]);
}

TEST_F(wire, integers_are_little_endian_and_unaligned)
{
	static const uint8_t expected[] = {
		0x45, 0x78, 0x04, 0x00, 0x17, 0x00, 0x00, 0x00,
		0x01,
		0x03, 0x02,
		0x07, 0x06, 0x05, 0x04,
		0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 0x09, 0x08,
	};

	nexp_wire_begin(&self->wire, NEXP_WIRE_DONE);
	nexp_wire_u8(&self->wire, 1);
	nexp_wire_u16(&self->wire, 0x0203);
	nexp_wire_u32(&self->wire, 0x04050607);
	nexp_wire_u64(&self->wire, 0x08090a0b0c0d0e0fULL);
	ASSERT_EQ(0, nexp_wire_end(&self->wire));
	ASSERT_EQ(sizeof(expected), self->wire.length);
	EXPECT_EQ(0, memcmp(expected, self->bytes, sizeof(expected)));
}

TEST_F(wire, strings_have_a_length_and_may_be_null)
{
	static const uint8_t expected[] = {
		0x02, 0x00, 'h', 'i', 0x00, 0x00, 0xff, 0xff,
	};

	nexp_wire_begin(&self->wire, NEXP_WIRE_FAILED);
	nexp_wire_string(&self->wire, "hi");
	nexp_wire_string(&self->wire, "");
	nexp_wire_string(&self->wire, NULL);
	ASSERT_EQ(0, nexp_wire_end(&self->wire));
	EXPECT_EQ(0, memcmp(expected, self->bytes + 8, sizeof(expected)));
}

TEST_F(wire, a_message_may_be_exactly_full)
{
	struct nexp_message message;
	const char *why;
	size_t room;

	nexp_wire_begin(&self->wire, NEXP_WIRE_FAILED);
	nexp_wire_u32(&self->wire, NEXP_FAILED_LOAD);
	room = NEXP_WIRE_MAX - self->wire.length - 2;
	nexp_wire_u16(&self->wire, (uint16_t)room);
	while (room--)
		nexp_wire_u8(&self->wire, 'x');
	ASSERT_EQ(0, nexp_wire_end(&self->wire));
	ASSERT_EQ(NEXP_WIRE_MAX, self->wire.length);
	EXPECT_EQ(0, nexp_decode(self->bytes, self->wire.length, &message, &why));
	nexp_wire_u8(&self->wire, 'x');
	EXPECT_EQ(-EMSGSIZE, nexp_wire_end(&self->wire));
}

TEST_F(wire, what_does_not_fit_is_refused_whole)
{
	static char text[NEXP_WIRE_MAX + 2];

	memset(text, 'x', sizeof(text) - 1);
	nexp_wire_begin(&self->wire, NEXP_WIRE_FAILED);
	nexp_wire_string(&self->wire, text);
	EXPECT_EQ(-EMSGSIZE, nexp_wire_end(&self->wire));

	text[NEXP_WIRE_STRING_MAX] = '\0';
	nexp_wire_begin(&self->wire, NEXP_WIRE_FAILED);
	nexp_wire_string(&self->wire, text);
	EXPECT_EQ(-EMSGSIZE, nexp_wire_end(&self->wire));

	/* A field that would fit after one that did not makes it no better. */
	nexp_wire_u8(&self->wire, 1);
	EXPECT_EQ(-EMSGSIZE, nexp_wire_end(&self->wire));

	nexp_wire_begin(&self->wire, NEXP_WIRE_DONE);
	while (!self->wire.is_full)
		nexp_wire_u64(&self->wire, 0);
	EXPECT_EQ(-EMSGSIZE, nexp_wire_end(&self->wire));

	/* And the next one is fine again. */
	nexp_wire_begin(&self->wire, NEXP_WIRE_DONE);
	EXPECT_EQ(0, nexp_wire_end(&self->wire));
}

TEST_F(wire, the_supervisor_reads_hello_done_and_failed)
{
	struct nexp_message message;
	const char *why;

	nexp_wire_begin(&self->wire, NEXP_WIRE_HELLO);
	nexp_wire_u32(&self->wire, NEXP_WIRE_VERSION);
	nexp_wire_u32(&self->wire, 0x25);
	nexp_wire_string(&self->wire, "name");
	nexp_wire_string(&self->wire, "");
	nexp_wire_string(&self->wire, NULL);
	ASSERT_EQ(0, nexp_wire_end(&self->wire));
	ASSERT_EQ(0, nexp_decode(self->bytes, self->wire.length, &message, &why));
	EXPECT_EQ(NEXP_WIRE_HELLO, message.type);
	EXPECT_EQ(0x25, message.hello.flags);
	EXPECT_EQ(4, message.hello.name.length);
	EXPECT_EQ(NULL, message.hello.description.bytes);

	nexp_wire_begin(&self->wire, NEXP_WIRE_DONE);
	nexp_wire_u32(&self->wire, (uint32_t)-5);
	nexp_wire_u64(&self->wire, 1ULL << 40);
	ASSERT_EQ(0, nexp_wire_end(&self->wire));
	ASSERT_EQ(0, nexp_decode(self->bytes, self->wire.length, &message, &why));
	EXPECT_EQ(-5, message.done.result);
	EXPECT_EQ(1ULL << 40, message.done.frames);

	nexp_wire_begin(&self->wire, NEXP_WIRE_FAILED);
	nexp_wire_u32(&self->wire, NEXP_FAILED_OPTIONS);
	nexp_wire_string(&self->wire, "no such option");
	ASSERT_EQ(0, nexp_wire_end(&self->wire));
	ASSERT_EQ(0, nexp_decode(self->bytes, self->wire.length, &message, &why));
	EXPECT_EQ(NEXP_FAILED_OPTIONS, message.failed.what);
	EXPECT_EQ(14, message.failed.text.length);
}

TEST_HARNESS_MAIN
