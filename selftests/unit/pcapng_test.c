// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks of a pcapng file, taken apart again: every length, padding and option.
 */
#include <linux/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"

#include "user/host/pcapng.h"

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, FRAME = 6 };

FIXTURE(pcapng) {
	struct nexp_pcapng blocks;
	size_t at;
	const uint8_t *body;
	size_t length;
};

FIXTURE_SETUP(pcapng)
{
	memset(self, 0, sizeof(*self));
}

FIXTURE_TEARDOWN(pcapng)
{
	nexp_pcapng_free(&self->blocks);
	EXPECT_EQ(NULL, self->blocks.bytes);
}

static uint32_t word(const uint8_t *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static uint16_t half(const uint8_t *bytes)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static uint64_t number(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* The next block is of @type and whole; its body is looked at from here on. */
static void next(struct __test_metadata *const _metadata, FIXTURE_DATA(pcapng) *self,
		 uint32_t type)
{
	const uint8_t *block = self->blocks.bytes + self->at;
	uint32_t length;

	ASSERT_FALSE(self->blocks.failed);
	ASSERT_LE(self->at + 12, self->blocks.length);
	length = word(block + 4);
	ASSERT_EQ(type, word(block));
	ASSERT_EQ(0, length % 4);
	ASSERT_LE(self->at + length, self->blocks.length);
	ASSERT_EQ(length, word(block + length - 4));
	self->body = block + 8;
	self->length = length - 12;
	self->at += length;
}

/*
 * The value of the @which-th option @code, in options that begin at @from of the body
 * and fill it to its end; NULL if there is none.
 */
static const uint8_t *option(struct __test_metadata *const _metadata,
			     FIXTURE_DATA(pcapng) *self, size_t from, uint16_t code,
			     unsigned int which, uint16_t *ret_length)
{
	const uint8_t *found = NULL;
	uint16_t length = 1, i;

	for (; from < self->length; from += 4 + ((length + 3U) & ~3U)) {
		/* Nothing comes after the end. */
		EXPECT_NE(0, length);
		EXPECT_LE(from + 4, self->length);
		length = half(self->body + from + 2);
		EXPECT_LE(from + 4 + length, self->length);
		for (i = length; i % 4; i++)
			EXPECT_EQ(0, self->body[from + 4 + i]);
		if (half(self->body + from) == code && !which--) {
			found = self->body + from + 4;
			*ret_length = length;
		}
	}
	EXPECT_EQ(self->length, from);
	EXPECT_EQ(0, length);
	return found;
}

/* Whether that option is there and is @text. */
static bool is_text(struct __test_metadata *const _metadata, FIXTURE_DATA(pcapng) *self,
		    size_t from, uint16_t code, unsigned int which, const char *text)
{
	uint16_t length = 0;
	const uint8_t *value = option(_metadata, self, from, code, which, &length);

	if (value && (length != strlen(text) || memcmp(value, text, length)))
		TH_LOG("it says '%.*s'", length, value);
	return value && length == strlen(text) && !memcmp(value, text, length);
}

static bool is_none(struct __test_metadata *const _metadata, FIXTURE_DATA(pcapng) *self,
		    size_t from, uint16_t code, unsigned int which)
{
	uint16_t length;

	return !option(_metadata, self, from, code, which, &length);
}

#define IS_TEXT(from, code, which, text) \
	EXPECT_TRUE(is_text(_metadata, self, (from), (code), (which), (text)))
#define IS_NONE(from, code, which) \
	EXPECT_TRUE(is_none(_metadata, self, (from), (code), (which)))

TEST_F(pcapng, a_section_says_who_wrote_it)
{
	nexp_pcapng_put_section(&self->blocks, "a machine", "Linux 6.12", "netexpert 0.1");
	next(_metadata, self, SECTION);
	EXPECT_EQ(0x1a2b3c4d, word(self->body));
	EXPECT_EQ(1, half(self->body + 4));
	EXPECT_EQ(0, half(self->body + 6));
	EXPECT_EQ(UINT64_MAX, number(self->body + 8));
	IS_TEXT(16, 2, 0, "a machine");
	IS_TEXT(16, 3, 0, "Linux 6.12");
	IS_TEXT(16, 4, 0, "netexpert 0.1");
	EXPECT_EQ(self->blocks.length, self->at);
}

TEST_F(pcapng, what_nobody_knows_is_left_out)
{
	const struct nexp_pcapng_interface interface = { .link_type = ARPHRD_ETHER };

	nexp_pcapng_put_section(&self->blocks, NULL, "", "x");
	next(_metadata, self, SECTION);
	IS_NONE(16, 2, 0);
	IS_NONE(16, 3, 0);
	nexp_pcapng_put_interface(&self->blocks, &interface);
	next(_metadata, self, INTERFACE);
	IS_NONE(8, 2, 0);
	IS_NONE(8, 3, 0);
	IS_NONE(8, 6, 0);
	IS_NONE(8, 11, 0);
	IS_NONE(8, 12, 0);
}

TEST_F(pcapng, an_interface_is_described)
{
	static const uint8_t mac[] = { 2, 3, 4, 5, 6, 7 };
	const struct nexp_pcapng_interface interface = {
		.name = "eth0", .mac = mac, .filter = "udp port 53", .os = "Linux",
		.link_type = ARPHRD_ETHER, .snaplen = 96,
	};
	const uint8_t *value;
	uint16_t length = 0;

	nexp_pcapng_put_interface(&self->blocks, &interface);
	next(_metadata, self, INTERFACE);
	EXPECT_EQ(1, half(self->body));
	EXPECT_EQ(0, half(self->body + 2));
	EXPECT_EQ(96, word(self->body + 4));
	IS_TEXT(8, 2, 0, "eth0");
	IS_TEXT(8, 12, 0, "Linux");
	value = option(_metadata, self, 8, 6, 0, &length);
	ASSERT_NE(NULL, value);
	EXPECT_EQ(6, length);
	EXPECT_EQ(0, memcmp(mac, value, 6));
	value = option(_metadata, self, 8, 9, 0, &length);
	ASSERT_NE(NULL, value);
	EXPECT_EQ(1, length);
	EXPECT_EQ(9, *value);
	value = option(_metadata, self, 8, 11, 0, &length);
	ASSERT_NE(NULL, value);
	EXPECT_EQ(12, length);
	EXPECT_EQ(0, memcmp("\0udp port 53", value, 12));
}

/* Of what a file has, and what an interface hands out, if that is something else. */
TEST_F(pcapng, link_types_are_those_of_libpcap)
{
	static const struct { uint16_t arphrd, file, live; } types[] = {
		{ ARPHRD_ETHER, 1, 1 }, { ARPHRD_LOOPBACK, 1, 1 }, { ARPHRD_NONE, 101, 101 },
		{ ARPHRD_SIT, 101, 101 }, { ARPHRD_IP6GRE, 101, 101 }, { ARPHRD_PPP, 9, 101 },
		{ ARPHRD_CISCO, 104, 104 }, { ARPHRD_IEEE802_TR, 6, 6 },
		{ ARPHRD_FDDI, 10, 10 }, { ARPHRD_IEEE80211, 105, 105 },
		{ ARPHRD_IEEE80211_PRISM, 119, 119 }, { ARPHRD_IEEE80211_RADIOTAP, 127, 127 },
		{ ARPHRD_IEEE802154, 230, 230 }, { ARPHRD_IEEE802154_MONITOR, 195, 195 },
		{ ARPHRD_CAN, 227, 227 }, { ARPHRD_NETLINK, 253, 147 },
		{ ARPHRD_SLIP, 147, 147 }, { ARPHRD_VOID, 147, 147 },
	};
	struct nexp_pcapng_interface interface = { .name = "x" };
	uint16_t length, number;
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(types); i++) {
		interface.link_type = types[i / 2].arphrd;
		interface.from_file = i % 2;
		number = interface.from_file ? types[i / 2].file : types[i / 2].live;
		nexp_pcapng_put_interface(&self->blocks, &interface);
		next(_metadata, self, INTERFACE);
		EXPECT_EQ(number, half(self->body));
		/* One without a number says so. */
		EXPECT_EQ(number == 147, !!option(_metadata, self, 8, 3, 0, &length));
	}
}

TEST_F(pcapng, identifiers_of_can_are_in_network_byte_order)
{
	static const uint32_t data[2] = { 0x123, 2 };
	struct netexpert_record record = { .link_type = ARPHRD_CAN, .cap_len = 8, .wire_len = 8 };
	struct nexp_pcapng_frame frame = { .record = &record, .data = (const uint8_t *)data };

	nexp_pcapng_put_frame(&self->blocks, &frame);
	next(_metadata, self, FRAME);
	EXPECT_EQ(0, memcmp("\0\0\1\x23", self->body + 20, 4));
	EXPECT_EQ(2, word(self->body + 24));

	frame.from_file = true;
	nexp_pcapng_put_frame(&self->blocks, &frame);
	next(_metadata, self, FRAME);
	EXPECT_EQ(0x123, word(self->body + 20));

	/* What is too short for one. */
	frame.from_file = false;
	record.cap_len = 3;
	nexp_pcapng_put_frame(&self->blocks, &frame);
	next(_metadata, self, FRAME);
	EXPECT_EQ(0x123, word(self->body + 20));
}

TEST_F(pcapng, a_text_that_is_too_long_is_left_out)
{
	struct nexp_pcapng_interface interface = { .link_type = ARPHRD_ETHER };
	char *text = malloc(70000);
	uint16_t length = 0;

	ASSERT_NE(NULL, text);
	memset(text, 'a', 70000);
	text[65534] = '\0';
	interface.filter = text;
	interface.name = text;
	nexp_pcapng_put_interface(&self->blocks, &interface);
	next(_metadata, self, INTERFACE);
	EXPECT_NE(NULL, option(_metadata, self, 8, 11, 0, &length));
	EXPECT_EQ(65535, length);

	text[65534] = 'a';
	text[65535] = '\0';
	nexp_pcapng_put_interface(&self->blocks, &interface);
	next(_metadata, self, INTERFACE);
	IS_NONE(8, 11, 0);
	EXPECT_NE(NULL, option(_metadata, self, 8, 2, 0, &length));
	EXPECT_EQ(65535, length);

	text[65535] = 'a';
	text[65536] = '\0';
	nexp_pcapng_put_interface(&self->blocks, &interface);
	next(_metadata, self, INTERFACE);
	IS_NONE(8, 2, 0);
	free(text);
}

TEST_F(pcapng, frames_of_every_length_are_padded)
{
	uint8_t data[64];
	struct netexpert_record record = { .wire_len = 1000 };
	struct nexp_pcapng_frame frame = {
		.interface = 7, .record = &record, .data = data,
		.realtime_ns = 0x1122334455667788ULL,
	};
	uint32_t length, i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i + 1);
	for (length = 0; length <= sizeof(data); length++) {
		record.cap_len = length;
		nexp_pcapng_put_frame(&self->blocks, &frame);
		next(_metadata, self, FRAME);
		EXPECT_EQ(7, word(self->body));
		EXPECT_EQ(0x11223344, word(self->body + 4));
		EXPECT_EQ(0x55667788, word(self->body + 8));
		EXPECT_EQ(length, word(self->body + 12));
		EXPECT_EQ(1000, word(self->body + 16));
		EXPECT_EQ(0, memcmp(data, self->body + 20, length));
		for (i = length; i % 4; i++)
			EXPECT_EQ(0, self->body[20 + i]);
		IS_NONE(20 + ((length + 3) & ~3U), 1, 0);
		IS_NONE(20 + ((length + 3) & ~3U), 4, 0);
	}
	EXPECT_EQ(self->blocks.length, self->at);
}

TEST_F(pcapng, flags_tell_direction_checksum_and_segmentation)
{
	static const struct { uint32_t record, block; } flags[] = {
		{ 0, 1 },
		{ NETEXPERT_RECORD_OUT, 2 },
		{ NETEXPERT_RECORD_OUT | NETEXPERT_RECORD_CSUM_PARTIAL, 2 | 1 << 9 },
		{ NETEXPERT_RECORD_CSUM_VALID, 1 | 1 << 10 },
		{ NETEXPERT_RECORD_GSO, 1 | 1 << 11 },
		{ NETEXPERT_RECORD_VLAN, 1 },
	};
	struct netexpert_record record = { .cap_len = 4, .wire_len = 4 };
	struct nexp_pcapng_frame frame = { .record = &record, .data = (const uint8_t *)"1234" };
	const uint8_t *value;
	uint16_t length = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		record.flags = flags[i].record;
		nexp_pcapng_put_frame(&self->blocks, &frame);
		next(_metadata, self, FRAME);
		value = option(_metadata, self, 24, 2, 0, &length);
		ASSERT_NE(NULL, value);
		EXPECT_EQ(4, length);
		EXPECT_EQ(flags[i].block, word(value));
	}
}

TEST_F(pcapng, comments_tell_what_no_option_can)
{
	struct netexpert_record record = {
		.cap_len = 4, .wire_len = 4, .lost = 12,
		.lost_causes = 1U << NETEXPERT_DROP_RING_FULL | 1U << NETEXPERT_DROP_CORRUPT |
			       1U << 15,
		.flags = NETEXPERT_RECORD_GSO | NETEXPERT_RECORD_HWTIME,
		.gso_size = 1448, .gso_segs = 9, .hwtime_ns = 123456789012345,
	};
	struct nexp_pcapng_frame frame = { .record = &record, .data = (const uint8_t *)"1234" };
	const uint8_t *value;
	uint16_t length = 0;

	nexp_pcapng_put_frame(&self->blocks, &frame);
	next(_metadata, self, FRAME);
	IS_TEXT(24, 1, 0, "12 frames were lost just before this one: ring full, consumer position "
		"corrupt, cause 15");
	IS_TEXT(24, 1, 1, "super-frame: 9 segments of up to 1448 bytes of payload");
	IS_TEXT(24, 1, 2, "hardware time stamp: 123456789012345 ns of the device's clock");
	value = option(_metadata, self, 24, 4, 0, &length);
	ASSERT_NE(NULL, value);
	EXPECT_EQ(8, length);
	EXPECT_EQ(12, number(value));

	record = (struct netexpert_record){
		.cap_len = 4, .wire_len = 4, .lost = 1, .lost_causes = UINT32_MAX,
		.flags = NETEXPERT_RECORD_GSO, .gso_size = 1000,
	};
	nexp_pcapng_put_frame(&self->blocks, &frame);
	next(_metadata, self, FRAME);
	IS_TEXT(24, 1, 0, "1 frame was lost just before this one: ring full, consumer position "
		"corrupt, larger than the ring, bytes not readable, nested delivery, no filter "
		"program for the link type, cause 6, cause 7, cause 8, cause 9, cause 10, cause 11, "
		"cause 12, cause 13, cause 14, cause 15");
	IS_TEXT(24, 1, 1, "super-frame: an unknown number of segments of up to 1000 bytes of "
		"payload");
}

TEST_F(pcapng, a_frame_that_no_reader_reads_is_cut_and_says_so)
{
	const uint32_t most = NEXP_PCAPNG_FRAME_MAX;
	struct netexpert_record record = { .cap_len = most, .wire_len = most };
	struct nexp_pcapng_frame frame = { .record = &record };
	uint8_t *data = calloc(1, most + 1);

	ASSERT_NE(NULL, data);
	frame.data = data;
	nexp_pcapng_put_frame(&self->blocks, &frame);
	next(_metadata, self, FRAME);
	EXPECT_EQ(most, word(self->body + 12));
	IS_NONE(20 + most, 1, 0);

	record.cap_len = most + 1;
	record.wire_len = most + 1;
	nexp_pcapng_put_frame(&self->blocks, &frame);
	next(_metadata, self, FRAME);
	EXPECT_EQ(most, word(self->body + 12));
	EXPECT_EQ(most + 1, word(self->body + 16));
	IS_TEXT(20 + most, 1, 0, "262145 bytes were captured; a file takes 262144 of a frame");
	free(data);
}

TEST_F(pcapng, statistics_tell_what_was_lost_in_all_and_at_the_end)
{
	const struct nexp_pcapng_statistics statistics = {
		.interface = 3, .start_ns = 0x100000002ULL, .end_ns = 0x300000004ULL,
		.frames = 1000, .lost = 30, .lost_at_end = 10,
		.causes = 1U << NETEXPERT_DROP_RING_FULL,
	};
	static const struct { uint16_t code; uint64_t value; } numbers[] = {
		{ 4, 1030 }, { 5, 30 }, { 8, 1000 },
	};
	const uint8_t *value;
	uint16_t length = 0;
	size_t i;

	nexp_pcapng_put_statistics(&self->blocks, &statistics);
	next(_metadata, self, STATISTICS);
	EXPECT_EQ(3, word(self->body));
	EXPECT_EQ(3, word(self->body + 4));
	EXPECT_EQ(4, word(self->body + 8));
	IS_TEXT(12, 1, 0, "10 frames were lost after the last frame: ring full");
	value = option(_metadata, self, 12, 2, 0, &length);
	ASSERT_NE(NULL, value);
	EXPECT_EQ(1, word(value));
	EXPECT_EQ(2, word(value + 4));
	value = option(_metadata, self, 12, 3, 0, &length);
	ASSERT_NE(NULL, value);
	EXPECT_EQ(3, word(value));
	EXPECT_EQ(4, word(value + 4));
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		value = option(_metadata, self, 12, numbers[i].code, 0, &length);
		ASSERT_NE(NULL, value);
		EXPECT_EQ(8, length);
		EXPECT_EQ(numbers[i].value, number(value));
	}
}

TEST_HARNESS_MAIN
