// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses of frames: where they are, what they are, how they compare.
 */
#include <linux/if_arp.h>

#include "key.h"

#define NOWHERE		((DWORD)-1)

#define MACS		"\x01\x22\x33\x44\x55\x66" "\x83\xbb\xcc\xdd\xee\xff"
#define IP4		"\x45\0\0\x1c\0\0\0\0\x40\x11\0\0" "\x0a\1\2\3" "\x0a\4\5\6" "12345678"
#define IP6		"\x60\0\0\0\0\x08\x11\x40" \
			"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1" \
			"\xff\2\0\0\0\0\0\0\0\0\0\0\0\0\0\xfb" "12345678"

/* Bytes without the NUL that C puts behind them. */
#define BYTES(text)	.bytes = (text), .length = sizeof(text) - 1

/* What a frame has: offsets, NOWHERE for none. */
static const struct sample {
	const char *what;
	const char *bytes;
	uint32_t length;
	uint16_t link_type;
	DWORD mac_to;
	DWORD mac_from;
	DWORD ip_type;
	DWORD ip_to;
	DWORD ip_from;
} samples[] = {
	{ "IPv4", BYTES(MACS "\x08\0" IP4), ARPHRD_ETHER, 0, 6, ADDRESS_TYPE_IP, 30, 26 },
	{ "IPv6", BYTES(MACS "\x86\xdd" IP6), ARPHRD_ETHER, 0, 6, ADDRESS_TYPE_IP6, 38, 22 },
	{ "IPv4 behind a tag", BYTES(MACS "\x81\0\0\5" "\x08\0" IP4), ARPHRD_ETHER, 0, 6,
	  ADDRESS_TYPE_IP, 34, 30 },
	{ "IPv6 behind two tags", BYTES(MACS "\x88\xa8\0\5" "\x81\0\0\6" "\x86\xdd" IP6),
	  ARPHRD_ETHER, 0, 6, ADDRESS_TYPE_IP6, 46, 30 },
	{ "ARP", BYTES(MACS "\x08\x06" IP4), ARPHRD_ETHER, 0, 6, 0, NOWHERE, NOWHERE },
	{ "a length, no type", BYTES(MACS "\0\x20" IP4), ARPHRD_ETHER, 0, 6, 0, NOWHERE, NOWHERE },
	{ "loopback", BYTES("\0\0\0\0\0\0\0\0\0\0\0\0" "\x08\0" IP4), ARPHRD_LOOPBACK, 0, 6,
	  ADDRESS_TYPE_IP, 30, 26 },
	{ "tun, IPv4", BYTES(IP4), ARPHRD_NONE, NOWHERE, NOWHERE, ADDRESS_TYPE_IP, 16, 12 },
	{ "tun, IPv6", BYTES(IP6), ARPHRD_NONE, NOWHERE, NOWHERE, ADDRESS_TYPE_IP6, 24, 8 },
	{ "tun, neither", BYTES("\x75" "1234567890123456789012345"), ARPHRD_NONE, NOWHERE, NOWHERE,
	  0, NOWHERE, NOWHERE },
	{ "another link header", BYTES(MACS "\x08\0" IP4), ARPHRD_PPP, NOWHERE, NOWHERE, 0,
	  NOWHERE, NOWHERE },
	{ "no version of IP", BYTES(MACS "\x08\0" "\x55" "1234567890123456789"), ARPHRD_ETHER,
	  0, 6, 0, NOWHERE, NOWHERE },
	{ "cut in the second address", BYTES(MACS "\x08\0" "\x45\0\0\x1c\0\0\0\0\x40\x11\0\0"
					     "\x0a\1\2\3" "\x0a\4\5"),
	  ARPHRD_ETHER, 0, 6, ADDRESS_TYPE_IP, NOWHERE, 26 },
	{ "cut in a tag", BYTES(MACS "\x81\0\0"), ARPHRD_ETHER, 0, 6, 0, NOWHERE, NOWHERE },
	{ "cut in an address", BYTES("\x01\x22\x33\x44\x55\x66" "\x83\xbb\xcc"), ARPHRD_ETHER, 0,
	  NOWHERE, 0, NOWHERE, NOWHERE },
	{ "empty", BYTES(""), ARPHRD_ETHER, NOWHERE, NOWHERE, 0, NOWHERE, NOWHERE },
	{ "empty, tun", BYTES(""), ARPHRD_NONE, NOWHERE, NOWHERE, 0, NOWHERE, NOWHERE },
};

#define NR_SAMPLES	(sizeof(samples) / sizeof(samples[0]))

FIXTURE(address) {
	struct unit_key u;
	DWORD number;
};

FIXTURE_SETUP(address)
{
	ASSERT_EQ(0, unit_key_open(&self->u, 0, 0));
	self->number = INVALID_FRAME_NUMBER;
}

FIXTURE_TEARDOWN(address)
{
	unit_key_close(&self->u);
}

/* The sample as a frame in hand; NULL if that does not work. */
static HFRAME hand_out(FIXTURE_DATA(address) *self, const struct sample *sample)
{
	struct netexpert_record head = {
		.time_ns = 1 + (uint64_t)self->number,
		.link_type = sample->link_type,
		.wire_len = sample->length,
		.cap_len = sample->length,
	};
	EXPERTFRAMEDESCRIPTOR frame;

	if (nexp_memfd_deliver(self->u.unit.pool, 0, &head, sample->bytes) ||
	    ExpertGetFrame(self->u.key, GET_FRAME_NEXT_FORWARD, 0, self->number, NULL, &frame))
		return NULL;
	self->number = frame.FrameNumber;
	return frame.hFrame;
}

static void expect_address(struct __test_metadata *_metadata, const struct sample *sample,
			   HFRAME frame, DWORD wanted, DWORD type, DWORD to, DWORD from)
{
	DWORD lengths[] = { [ADDRESS_TYPE_ETHERNET] = 6, [ADDRESS_TYPE_IP] = 4,
			    [ADDRESS_TYPE_IP6] = 16 };
	ADDRESS2 address;
	DWORD length = 99;

	TH_LOG("%s: type %u", sample->what, wanted);
	EXPECT_EQ(to, GetFrameDstAddressOffset(frame, wanted, &length));
	EXPECT_EQ(to == NOWHERE ? 99 : lengths[type], length);
	EXPECT_EQ(from, GetFrameSrcAddressOffset(frame, wanted, NULL));
	memset(&address, 0xee, sizeof(address));
	if (to == NOWHERE) {
		EXPECT_EQ(NMERR_PROTOCOL_NOT_FOUND,
			  GetFrameDestAddress(frame, &address, wanted, 0));
		EXPECT_EQ(0xeeeeeeee, address.Type);
	} else {
		EXPECT_EQ(NMERR_SUCCESS, GetFrameDestAddress(frame, &address, wanted, 0));
		EXPECT_EQ(type, address.Type);
		EXPECT_EQ(0, address.Flags);
		EXPECT_EQ(0, memcmp(address.IP6Address, sample->bytes + to, lengths[type]));
		EXPECT_TRUE(CompareFrameDestAddress(frame, &address));
		address.IP6Address[lengths[type] - 1] ^= 1;
		EXPECT_FALSE(CompareFrameDestAddress(frame, &address));
	}
	if (from == NOWHERE) {
		EXPECT_EQ(NMERR_PROTOCOL_NOT_FOUND,
			  GetFrameSourceAddress(frame, &address, wanted, 0));
	} else {
		EXPECT_EQ(NMERR_SUCCESS, GetFrameSourceAddress(frame, &address, wanted, 0));
		EXPECT_EQ(type, address.Type);
		EXPECT_EQ(0, memcmp(address.IP6Address, sample->bytes + from, lengths[type]));
		EXPECT_TRUE(CompareFrameSourceAddress(frame, &address));
		address.IP6Address[0] ^= 1;
		EXPECT_FALSE(CompareFrameSourceAddress(frame, &address));
	}
}

TEST_F(address, of_frames_of_all_kinds)
{
	const DWORD never[] = {
		ADDRESS_TYPE_IPX, ADDRESS_TYPE_TOKENRING, ADDRESS_TYPE_FDDI, ADDRESS_TYPE_XNS,
		ADDRESS_TYPE_ANY_GROUP, ADDRESS_TYPE_VINES_IP, ADDRESS_TYPE_LOCAL_ONLY,
		ADDRESS_TYPE_ATM, ADDRESS_TYPE_1394,
	};
	size_t i, j;

	for (i = 0; i < NR_SAMPLES; i++) {
		const struct sample *s = &samples[i];
		HFRAME frame = hand_out(self, s);
		const DWORD other = s->ip_type == ADDRESS_TYPE_IP ? ADDRESS_TYPE_IP6 :
								    ADDRESS_TYPE_IP;

		ASSERT_NE(NULL, frame);
		expect_address(_metadata, s, frame, ADDRESS_TYPE_ETHERNET,
			       ADDRESS_TYPE_ETHERNET, s->mac_to, s->mac_from);
		expect_address(_metadata, s, frame, other, other, NOWHERE, NOWHERE);
		if (s->ip_type)
			expect_address(_metadata, s, frame, s->ip_type, s->ip_type, s->ip_to,
				       s->ip_from);
		for (j = 0; j < sizeof(never) / sizeof(never[0]); j++)
			expect_address(_metadata, s, frame, never[j], never[j], NOWHERE,
				       NOWHERE);
	}
}

TEST_F(address, the_highest_is_the_network_layers)
{
	const DWORD any[] = { ADDRESS_TYPE_ANY, ADDRESS_TYPE_FIND_HIGHEST };
	HFRAME frame;
	size_t i;

	for (i = 0; i < 2; i++) {
		frame = hand_out(self, &samples[0]);
		expect_address(_metadata, &samples[0], frame, any[i], ADDRESS_TYPE_IP, 30, 26);
		frame = hand_out(self, &samples[1]);
		expect_address(_metadata, &samples[1], frame, any[i], ADDRESS_TYPE_IP6, 38, 22);
		/* ARP */
		frame = hand_out(self, &samples[4]);
		expect_address(_metadata, &samples[4], frame, any[i], ADDRESS_TYPE_ETHERNET, 0, 6);
	}
}

TEST_F(address, requests_are_checked)
{
	HFRAME frame = hand_out(self, &samples[0]);
	ADDRESS2 address;

	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  GetFrameDestAddress(frame, NULL, ADDRESS_TYPE_IP, 0));
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  GetFrameSourceAddress(frame, &address, ADDRESS_TYPE_IP6 + 1, 0));
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  GetFrameSourceAddress(frame, &address, ADDRESS_TYPE_IP, 4));
	EXPECT_EQ(NOWHERE, GetFrameDstAddressOffset(frame, 0xffffffff, NULL));
	EXPECT_FALSE(CompareFrameDestAddress(frame, NULL));
	address.Type = ADDRESS_TYPE_ANY;
	EXPECT_FALSE(CompareFrameDestAddress(frame, &address));
	address.Type = 0xffffffff;
	EXPECT_FALSE(CompareFrameDestAddress(frame, &address));
}

TEST_F(address, flags_change_mac_addresses_only)
{
	HFRAME frame = hand_out(self, &samples[0]);
	ADDRESS2 address;

	ASSERT_EQ(NMERR_SUCCESS, GetFrameDestAddress(frame, &address, ADDRESS_TYPE_ETHERNET,
						     ADDRESS_FLAGS_NORMALIZE));
	EXPECT_EQ(0, memcmp(address.MACAddress, "\x00\x22\x33\x44\x55\x66", 6));
	ASSERT_EQ(NMERR_SUCCESS, GetFrameSourceAddress(frame, &address, ADDRESS_TYPE_ETHERNET,
						       ADDRESS_FLAGS_NORMALIZE));
	EXPECT_EQ(0, memcmp(address.MACAddress, "\x82\xbb\xcc\xdd\xee\xff", 6));
	ASSERT_EQ(NMERR_SUCCESS, GetFrameDestAddress(frame, &address, ADDRESS_TYPE_ETHERNET,
						     ADDRESS_FLAGS_BIT_REVERSE));
	EXPECT_EQ(0, memcmp(address.MACAddress, "\x80\x44\xcc\x22\xaa\x66", 6));
	ASSERT_EQ(NMERR_SUCCESS, GetFrameDestAddress(frame, &address, ADDRESS_TYPE_IP,
						     ADDRESS_FLAGS_BIT_REVERSE));
	EXPECT_EQ(0, memcmp(address.IPAddress, "\x0a\4\5\6", 4));
}

TEST(compare_addresses_orders_by_type_and_bytes)
{
	ADDRESS2 a = { .Type = ADDRESS_TYPE_IP, .IPAddress = { 10, 0, 0, 1 } };
	ADDRESS2 b = { .Type = ADDRESS_TYPE_IP, .IPAddress = { 10, 0, 0, 200 } };
	ADDRESS2 mac = { .Type = ADDRESS_TYPE_ETHERNET,
			 .MACAddress = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };

	EXPECT_EQ(0, CompareAddresses(&a, &a));
	EXPECT_GT(0, CompareAddresses(&a, &b));
	EXPECT_LT(0, CompareAddresses(&b, &a));
	EXPECT_GT(0, CompareAddresses(&mac, &a));
	EXPECT_LT(0, CompareAddresses(&a, &mac));
	EXPECT_EQ(0, CompareAddresses(NULL, NULL));
	EXPECT_GT(0, CompareAddresses(NULL, &a));
	EXPECT_LT(0, CompareAddresses(&a, NULL));
	/* What is behind an address, and its flags, are no part of it. */
	b = a;
	b.IP6Address[4] = 1;
	b.Flags = 1;
	EXPECT_EQ(0, CompareAddresses(&a, &b));
	a.Type = ADDRESS_TYPE_ANY;
	b = a;
	b.IPAddress[0] = 99;
	EXPECT_EQ(0, CompareAddresses(&a, &b));
}

TEST(types_of_macs_and_of_addresses_are_two_series)
{
	const struct {
		DWORD mac;
		DWORD address;
	} pairs[] = {
		{ MAC_TYPE_ETHERNET, ADDRESS_TYPE_ETHERNET },
		{ MAC_TYPE_TOKENRING, ADDRESS_TYPE_TOKENRING },
		{ MAC_TYPE_FDDI, ADDRESS_TYPE_FDDI },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		EXPECT_EQ(pairs[i].address, MacTypeToAddressType(pairs[i].mac));
		EXPECT_EQ(pairs[i].mac, AddressTypeToMacType(pairs[i].address));
	}
	EXPECT_EQ((DWORD)-1, MacTypeToAddressType(MAC_TYPE_UNKNOWN));
	EXPECT_EQ((DWORD)-1, MacTypeToAddressType(MAC_TYPE_ATM));
	EXPECT_EQ((DWORD)-1, MacTypeToAddressType(0xffffffff));
	EXPECT_EQ(MAC_TYPE_UNKNOWN, AddressTypeToMacType(ADDRESS_TYPE_IP));
	EXPECT_EQ(MAC_TYPE_UNKNOWN, AddressTypeToMacType(0xffffffff));
}

TEST_HARNESS_MAIN
