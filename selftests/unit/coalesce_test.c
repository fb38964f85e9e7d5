// SPDX-License-Identifier: GPL-2.0
/*
 * coalesce: messages out of TCP segments, in whatever order and however often they come.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "coalesce.h"

FIXTURE(coalesce) {
	struct coalesce c;
};

FIXTURE_SETUP(coalesce)
{
	ASSERT_EQ(0, coalesce_open(&self->c, 64 * MIB));
}

FIXTURE_TEARDOWN(coalesce)
{
	finish(&self->c.state);
	EXPECT_EQ(0, self->c.state.store.used);
	EXPECT_EQ(0, unit_heap_stat(self->c.u.unit.nx).objects);
	coalesce_close(&self->c);
}

#define EXPECT_WRITTEN(c, text) do {	\
	c_end(c);			\
	EXPECT_STREQ(text, c_written(c));	\
} while (0)

TEST_F(coalesce, a_message_is_what_one_says_until_the_other_does)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 99, 0, TCP_SYN, "");
	c_tcp(c, B, 499, 100, TCP_SYN | TCP_ACK, "");
	c_tcp(c, A, 100, 500, DATA, "");
	c_tcp(c, A, 100, 500, DATA, "what ");
	c_tcp(c, B, 500, 105, DATA, "");
	c_tcp(c, A, 105, 500, DATA, "time?");
	c_tcp(c, B, 500, 110, DATA, "no");
	c_tcp(c, B, 502, 110, DATA, "on");
	c_tcp(c, A, 110, 504, DATA | TCP_FIN, "bye");
	c_tcp(c, B, 504, 114, DATA | TCP_FIN, "");
	EXPECT_WRITTEN(c, "A SYN 99\nB SYN 499\nA 100 what time?\nB 500 noon\nA 110 bye\n"
		       "A FIN 113\nB FIN 504\n");
	EXPECT_EQ(1, c_counts(c)->conversations);
	EXPECT_EQ(10, c_counts(c)->frames);
	EXPECT_EQ(3, c_counts(c)->messages);
	EXPECT_EQ(17, c_counts(c)->bytes);
	EXPECT_EQ(0, c_counts(c)->missing);
	EXPECT_EQ(0, c_counts(c)->cut);
}

TEST_F(coalesce, what_comes_again_or_in_another_order_makes_no_difference)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 99, 0, TCP_SYN, "");
	c_tcp(c, A, 99, 0, TCP_SYN, "");
	c_tcp(c, A, 103, 1, DATA, "def");
	c_tcp(c, A, 109, 1, DATA, "jkl");
	c_tcp(c, A, 103, 1, DATA, "def");
	c_tcp(c, A, 102, 1, DATA, "cde");
	c_tcp(c, A, 100, 1, DATA, "abcd");
	c_tcp(c, A, 100, 1, DATA, "abc");
	/* The end of it is new. */
	c_tcp(c, A, 104, 1, DATA, "efghi");
	/* Is anybody there? */
	c_tcp(c, A, 111, 1, DATA, "?");
	c_tcp(c, A, 111, 1, DATA, "");
	EXPECT_WRITTEN(c, "A SYN 99\nA 100 abcdefghijkl\n");
	EXPECT_EQ(1, c_counts(c)->conversations);
	EXPECT_EQ(0, c_counts(c)->missing);
}

TEST_F(coalesce, of_bytes_that_differ_those_count_that_came_first)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 1, DATA, "good");
	c_tcp(c, A, 102, 1, DATA, "EVIL");
	c_tcp(c, A, 100, 1, DATA, "EVIL");
	c_tcp(c, A, 108, 1, DATA, "fine");
	c_tcp(c, A, 108, 1, DATA, "EVIL");
	c_tcp(c, A, 106, 1, DATA, "ok");
	EXPECT_WRITTEN(c, "A 100 goodILokfine\n");
}

TEST_F(coalesce, numbers_wrap)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 0xfffffffbU, 0, TCP_SYN, "");
	c_tcp(c, A, 0, 1, DATA, "efg");
	c_tcp(c, A, 3, 1, DATA | TCP_FIN, "hi");
	c_tcp(c, A, 0xfffffffcU, 1, DATA, "abcd");
	EXPECT_WRITTEN(c, "A SYN 4294967291\nA 4294967292 abcdefghi\nA FIN 5\n");
	EXPECT_EQ(0, c_counts(c)->missing);
}

TEST_F(coalesce, a_gap_that_was_acknowledged_is_given_up)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 1, DATA, "abc");
	c_tcp(c, A, 106, 1, DATA, "ghi");
	/* As far as the gap is no reason. */
	c_tcp(c, B, 1, 103, DATA, "");
	c_tcp(c, B, 1, 106, DATA, "");
	EXPECT_EQ(0, c_counts(c)->missing);
	c_tcp(c, B, 1, 107, DATA, "");
	EXPECT_EQ(3, c_counts(c)->missing);
	/* Too late. */
	c_tcp(c, A, 103, 1, DATA, "def");
	c_tcp(c, A, 109, 1, DATA, "jkl");
	EXPECT_WRITTEN(c, "A 100 abc\nA 106 ghijkl\n");
	EXPECT_EQ(9, c_counts(c)->bytes);
}

TEST_F(coalesce, a_gap_that_nobody_fills_is_given_up_in_the_end)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 1, DATA, "abc");
	c_tcp(c, A, 106, 1, DATA | TCP_FIN, "ghi");
	c_tcp(c, B, 1, 103, DATA | TCP_FIN, "");
	EXPECT_WRITTEN(c, "A 100 abc\nB FIN 1\nA 106 ghi\nA FIN 109\n");
	EXPECT_EQ(3, c_counts(c)->missing);
}

TEST_F(coalesce, what_is_missing_before_a_fin_is_missed)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 1, DATA, "abc");
	c_tcp(c, A, 110, 1, DATA | TCP_FIN, "");
	EXPECT_WRITTEN(c, "A 100 abc\nA FIN 110\n");
	EXPECT_EQ(7, c_counts(c)->missing);
}

TEST_F(coalesce, data_that_comes_before_its_syn)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 500, DATA, "abc");
	c_tcp(c, A, 99, 0, TCP_SYN, "");
	c_tcp(c, B, 499, 100, TCP_SYN | TCP_ACK, "");
	c_tcp(c, A, 103, 500, DATA, "def");
	EXPECT_WRITTEN(c, "A 100 abc\nB SYN 499\nA 103 def\n");
	EXPECT_EQ(1, c_counts(c)->conversations);
	EXPECT_EQ(A, conversation_at(&c->state, 0)->talk.client);
}

TEST_F(coalesce, data_in_a_syn)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 99, 0, TCP_SYN, "early");
	c_tcp(c, B, 499, 105, TCP_SYN | TCP_ACK, "");
	c_tcp(c, A, 105, 500, DATA, " bird");
	EXPECT_WRITTEN(c, "A SYN 99\nA 100 early\nB SYN 499\nA 105  bird\n");
}

TEST_F(coalesce, the_same_ports_once_more)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 99, 0, TCP_SYN, "");
	c_tcp(c, B, 499, 100, TCP_SYN | TCP_ACK, "");
	c_tcp(c, A, 100, 500, DATA, "one");
	c_tcp(c, A, 106, 500, DATA, "lost");
	/* Without an end. */
	c_tcp(c, A, 5000, 0, TCP_SYN, "");
	c_tcp(c, B, 7000, 5001, TCP_SYN | TCP_ACK, "");
	c_tcp(c, B, 7001, 5001, DATA, "welcome");
	c_tcp(c, A, 5001, 7008, DATA | TCP_FIN, "two");
	EXPECT_EQ(2, c_counts(c)->conversations);
	/* A SYN that was on its way for long. */
	c_tcp(c, A, 5000, 0, TCP_SYN, "");
	c_tcp(c, A, 5001, 7008, DATA, "two");
	c_tcp(c, A, 5005, 7008, TCP_RST, "");
	EXPECT_WRITTEN(c, "A SYN 99\nB SYN 499\nA 100 one\nA 106 lost\n"
		       "A SYN 5000\nB SYN 7000\nB 7001 welcome\nA 5001 two\nA FIN 5004\n"
		       "A RST 5005\n");
	EXPECT_EQ(2, c_counts(c)->conversations);
	EXPECT_EQ(3, c_counts(c)->missing);
}

TEST_F(coalesce, the_end_of_the_last_one_with_these_ports)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, B, 400, 1, DATA, "old");
	c_tcp(c, A, 99, 0, TCP_SYN, "");
	c_tcp(c, B, 499, 100, TCP_SYN | TCP_ACK, "");
	c_tcp(c, A, 100, 500, DATA, "new");
	c_tcp(c, B, 500, 103, DATA, "answer");
	EXPECT_WRITTEN(c, "B 400 old\nA SYN 99\nB SYN 499\nA 100 new\nB 500 answer\n");
	EXPECT_EQ(2, c_counts(c)->conversations);
}

TEST_F(coalesce, a_reset_ends_messages_and_nothing_else)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 1, DATA, "abc");
	/* Somebody else may have sent it. */
	c_tcp(c, B, 77, 0, TCP_RST, "");
	c_tcp(c, A, 103, 1, DATA, "def");
	EXPECT_WRITTEN(c, "A 100 abc\nB RST 77\nA 103 def\n");
}

TEST_F(coalesce, no_message_is_larger_than_a_packet)
{
	static char text[70001];
	struct coalesce *c = &self->c;
	unsigned int i;

	memset(text, 'x', sizeof(text) - 1);
	ASSERT_TRUE(coalesce_start(c));
	for (i = 0; i < 3; i++)
		c_bytes(c, 1000, A, 100 + i * 60000, 1, DATA, text, 60000);
	c_bytes(c, 1000, B, 1, 1, DATA, text, PACKET_MAX_MESSAGE);
	EXPECT_WRITTEN(c, "A 100 [65495]\nA 65595 [65495]\nA 131090 [49010]\nB 1 [65495]\n");
	EXPECT_EQ(4, c_counts(c)->messages);
}

TEST_F(coalesce, what_was_not_captured_of_a_frame_is_missing)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_ipv4(c, A, 6, 0, 0, 30);
	c_tcp_header(c, A, 1000, 100, 1, DATA);
	c_put(c, "abcdefghij", 10);
	c_feed_cut(c, 44, 50);
	c_tcp(c, A, 110, 1, DATA, "klm");
	/* Nothing but the headers. */
	c_ipv4(c, A, 6, 0, 0, 30);
	c_tcp_header(c, A, 1000, 113, 1, DATA);
	c_feed_cut(c, 40, 50);
	c_tcp(c, A, 123, 1, DATA, "xyz");
	/* It has come again, with more of it. */
	c_tcp(c, A, 100, 1, DATA, "abcdefghij");
	EXPECT_WRITTEN(c, "A 100 abcd\nA 110 klm\nA 123 xyz\n");
	EXPECT_EQ(16, c_counts(c)->missing);
}

TEST_F(coalesce, ipv6_and_what_may_stand_before_tcp)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_ipv6(c, A, 0, 8 + 24 + 8 + 20 + 3);
	c_u32(c, 60U << 24);
	c_u32(c, 0);
	c_u32(c, 44U << 24 | 2U << 16);
	c->length += 20;
	/* A fragment that is all of it. */
	c_u32(c, 6U << 24);
	c_u32(c, 77);
	c_tcp_header(c, A, 1000, 100, 1, DATA);
	c_put(c, "abc", 3);
	c_feed(c);
	c_ipv6(c, A, 6, 23);
	c_tcp_header(c, A, 1000, 103, 1, DATA);
	c_put(c, "def", 3);
	c_feed(c);
	EXPECT_WRITTEN(c, "A 100 abcdef\n");
}

TEST_F(coalesce, tcp_is_found_behind_tags_and_without_padding)
{
	struct coalesce *c = &self->c;
	struct {
		FRAME frame;
		BYTE bytes[128];
	} f = { 0 };
	struct segment segment;
	struct packet packet;
	DWORD tags, at;

	c_ipv4(c, A, 6, 0, 0, 21);
	c_tcp_header(c, A, 1000, 100, 1, DATA);
	c_put(c, "x", 1);
	for (tags = 0; tags <= 9; tags++) {
		for (at = 12; at < 12 + 4 * tags; at += 4)
			memcpy(f.bytes + at, at == 12 ? "\x88\xa8\0\5" : "\x81\0\0\5", 4);
		memcpy(f.bytes + at, "\x08\0", 2);
		memcpy(f.bytes + at + 2, c->fed.bytes, c->length);
		f.frame.nBytesAvail = at + 2 + c->length + 10;
		f.frame.FrameLength = f.frame.nBytesAvail;
		EXPECT_EQ(tags < 9, packet_find(&f.frame, TRUE, &packet));
		if (tags == 9)
			continue;
		EXPECT_TRUE(packet_segment(&packet, &segment));
		EXPECT_EQ(1, segment.length);
		EXPECT_EQ('x', segment.bytes[0]);
		/* IPv4 does not go by IPv6's number. */
		memcpy(f.bytes + at, "\x86\xdd", 2);
		EXPECT_FALSE(packet_find(&f.frame, TRUE, &packet));
	}
}

/* Cut into pieces that overlap, in any order, some of them often. */
static void feed_shuffled(struct coalesce *c, unsigned int *seed, const BYTE *bytes, uint32_t seq)
{
	enum { LENGTH = 20000, PART = 100, NR = LENGTH / PART };
	unsigned int i, order[2 * NR], other, swap, length;

	for (i = 0; i < 2 * NR; i++)
		order[i] = i % NR;
	for (i = 2 * NR - 1; i; i--) {
		/* Most are near their place, so that some of it is in order. */
		other = rand_r(seed) % 4 ? i - (unsigned int)rand_r(seed) % (i < 10 ? i : 10) :
					   (unsigned int)rand_r(seed) % (i + 1);
		swap = order[i];
		order[i] = order[other];
		order[other] = swap;
	}
	for (i = 0; i < 2 * NR; i++) {
		length = PART + (unsigned int)rand_r(seed) % PART;
		if (order[i] * PART + length > LENGTH)
			length = LENGTH - order[i] * PART;
		c_bytes(c, 1000, A, seq + 1 + order[i] * PART, 1, DATA, bytes + order[i] * PART,
			length);
	}
}

TEST_F(coalesce, any_order_gives_the_same_bytes)
{
	struct coalesce *c = &self->c;
	unsigned int seed = 4711, round, i;
	BYTE bytes[20000], got[20000];
	uint32_t seq;
	off_t at;

	ASSERT_TRUE(coalesce_start(c));
	for (round = 0; round < 50; round++) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (BYTE)rand_r(&seed);
		seq = round ? (uint32_t)rand_r(&seed) * 2 : 0xffffffffU - 10000;
		c_tcp(c, A, seq, 0, TCP_SYN, "");
		feed_shuffled(c, &seed, bytes, seq);
		c_tcp(c, A, seq + 1 + sizeof(bytes), 1, DATA | TCP_FIN, "");
		pcap_flush(&c->state.pcap);
		/* Before the FIN. */
		at = lseek(c->file, 0, SEEK_CUR) - 16 - 40 - (off_t)sizeof(got);
		ASSERT_EQ(sizeof(got), pread(c->file, got, sizeof(got), at));
		ASSERT_EQ(0, memcmp(bytes, got, sizeof(got)));
	}
	EXPECT_EQ(50, c_counts(c)->messages);
	EXPECT_EQ(50, c_counts(c)->conversations);
	EXPECT_EQ(0, c_counts(c)->missing);
}

/* Bounds */

TEST_F(coalesce, what_is_held_in_one_direction_is_bounded)
{
	static BYTE bytes[1000];
	struct coalesce *c = &self->c;
	unsigned int i;

	c->state.options.held = 16;
	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 1, DATA, "abc");
	for (i = 1; i <= 16; i++) {
		c_bytes(c, 1000, A, 200 + 1000 * i, 1, DATA, bytes, sizeof(bytes));
		EXPECT_EQ(0, c_counts(c)->missing);
	}
	c_bytes(c, 1000, A, 200 + 1000 * i, 1, DATA, bytes, sizeof(bytes));
	EXPECT_EQ(1097, c_counts(c)->missing);
	EXPECT_WRITTEN(c, "A 100 abc\nA 1200 [17000]\n");
	EXPECT_EQ(0, c_counts(c)->cut);
}

TEST_F(coalesce, so_is_how_many_pieces_that_may_be)
{
	struct coalesce *c = &self->c;
	unsigned int i;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 1, DATA, "a");
	for (i = 0; i < 10000; i++)
		c_tcp(c, A, 30000 - 2 * i, 1, DATA, "x");
	EXPECT_EQ(4096, conversation_at(&c->state, 0)->talk.sides[0].held.count);
	c_end(c);
	EXPECT_EQ(0, c->state.store.used);
}

TEST_F(coalesce, what_comes_early_often_is_held_once)
{
	struct coalesce *c = &self->c;
	unsigned int i;

	ASSERT_TRUE(coalesce_start(c));
	c_tcp(c, A, 100, 1, DATA, "abc");
	for (i = 0; i < 100; i++)
		c_tcp(c, A, 106, 1, DATA, "ghi");
	EXPECT_EQ(1, conversation_at(&c->state, 0)->talk.sides[0].held.count);
	c_end(c);
}

/* Each says something that is not over, and something behind a gap. */
static void talk_in_many(struct coalesce *c, unsigned int nr, unsigned int length)
{
	static BYTE bytes[60000];
	unsigned int i;

	for (i = 1; i <= nr; i++) {
		c_bytes(c, i, A, 100, 1, DATA, bytes, length);
		c_bytes(c, i, A, 200 + length, 1, DATA, bytes, length);
		if (c->state.store.used > c->state.store.most)
			abort();
	}
}

TEST_F(coalesce, memory_is_bounded_and_the_longest_silent_are_cut)
{
	struct coalesce *c = &self->c;
	struct talk_counts all;

	c->state.options.memory = 1;
	ASSERT_TRUE(coalesce_start(c));
	talk_in_many(c, 1000, 1000);
	EXPECT_GT(c->state.store.used, MIB - 3000);
	EXPECT_EQ(1, conversation_at(&c->state, 0)->talk.counts.cut);
	EXPECT_EQ(0, conversation_at(&c->state, 999)->talk.counts.cut);
	c_end(c);
	all = c_all(c);
	EXPECT_EQ(2000, all.frames);
	EXPECT_EQ(2000, all.messages);
	EXPECT_EQ(2000000, all.bytes);
	EXPECT_EQ(100000, all.missing);
	EXPECT_EQ(0, c->state.store.used);
}

/* The limit of the heap is reached first. */
TEST(without_memory_nothing_breaks)
{
	struct coalesce *c = calloc(1, sizeof(*c));
	struct talk_counts all;

	ASSERT_EQ(0, coalesce_open(c, 4 * MIB));
	ASSERT_TRUE(coalesce_start(c));
	talk_in_many(c, 3000, 3000);
	c_end(c);
	all = c_all(c);
	EXPECT_EQ(6000, all.frames);
	EXPECT_EQ(18000000, all.bytes);
	EXPECT_EQ(300000, all.missing);
	EXPECT_GT(all.cut, 100);
	finish(&c->state);
	coalesce_close(c);
	free(c);
}

TEST_F(coalesce, conversations_are_bounded_and_add_up)
{
	struct coalesce *c = &self->c;
	struct talk_counts all;

	c->state.options.table = 64;
	ASSERT_TRUE(coalesce_start(c));
	talk_in_many(c, 5000, 50);
	EXPECT_EQ(64, c->state.conversations.nr);
	EXPECT_EQ(5000 - 64, c->state.evicted.conversations);
	c_end(c);
	all = c_all(c);
	EXPECT_EQ(5000, all.conversations);
	EXPECT_EQ(10000, all.frames);
	EXPECT_EQ(10000, all.messages);
	EXPECT_EQ(500000, all.bytes);
	EXPECT_EQ(500000, all.missing);
}

TEST_F(coalesce, what_is_over_makes_room_first)
{
	struct coalesce *c = &self->c;
	struct entry silent, over;

	ASSERT_TRUE(coalesce_start(c));
	c_bytes(c, 1, A, 100, 1, DATA, "abc", 3);
	c_bytes(c, 2, A, 100, 1, DATA | TCP_FIN, "", 0);
	silent = *(struct entry *)table_at(&c->state.conversations, 0);
	over = *(struct entry *)table_at(&c->state.conversations, 1);
	EXPECT_LT(silent.seen_us, over.seen_us);
	EXPECT_TRUE(is_lesser(&over, &silent));
	EXPECT_FALSE(is_lesser(&silent, &over));
	over.seen_us++;
	EXPECT_TRUE(is_lesser(table_at(&c->state.conversations, 1), &over));
	c_end(c);
}

/* What is no TCP */

TEST_F(coalesce, other_packets_pass_and_other_frames_are_left_out)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	/* Padding is no part of it. */
	c_ipv4(c, A, 17, 0, 0, 12);
	packet_whole(c->fed.bytes, 20, 0, 0, 12);
	c_put(c, "\0\1\0\2\0\14\0\0data.......", 19);
	c_feed(c);
	/* Only a part was captured. */
	c_feed_cut(c, 24, 39);
	memset(c->fed.bytes, 0xff, 60);
	c_feed_cut(c, 60, 60);
	EXPECT_WRITTEN(c, "IP 32 55505\nIP 24 3\n");
	EXPECT_EQ(2, c->state.passed.frames);
	EXPECT_EQ(56, c->state.passed.bytes);
	EXPECT_EQ(8, c->state.passed.missing);
	EXPECT_EQ(1, c->state.left_out.frames);
}

TEST_F(coalesce, other_packets_can_be_left_out)
{
	struct coalesce *c = &self->c;

	c->state.options.leaves_out = TRUE;
	ASSERT_TRUE(coalesce_start(c));
	c_ipv4(c, A, 17, 0, 0, 8);
	c->length += 8;
	c_feed(c);
	EXPECT_WRITTEN(c, "");
	EXPECT_EQ(1, c->state.left_out.frames);
}

/* Whatever stands in headers: as long as it claims, or shorter, for the sanitizer to see. */
TEST_F(coalesce, headers_can_hold_anything)
{
	struct coalesce *c = &self->c;
	unsigned int seed = 1, i, j, length;
	FRAME *frame;
	EXPERTFRAMEDESCRIPTOR descriptor;

	ASSERT_TRUE(coalesce_start(c));
	for (i = 0; i < 200000; i++) {
		if (i % 2)
			c_ipv6(c, A, i % 4 == 1 ? 6 : (BYTE)rand_r(&seed), rand_r(&seed) % 100U);
		else
			c_ipv4(c, A, 6, 0, rand_r(&seed) % 8 ? 0 : (unsigned int)rand_r(&seed),
			       20 + rand_r(&seed) % 40U);
		c_tcp_header(c, A, 1000, (uint32_t)rand_r(&seed) * 2, (uint32_t)rand_r(&seed) * 2,
			     (BYTE)rand_r(&seed));
		c->length += 20;
		for (j = 0; j < 3; j++)
			c->fed.bytes[rand_r(&seed) % c->length] = (BYTE)rand_r(&seed);
		length = rand_r(&seed) % (c->length + 1);
		frame = malloc(sizeof(*frame) + length);
		*frame = (FRAME) {
			.TimeStamp = i, .nBytesAvail = length, .FrameLength = c->length,
		};
		memcpy(frame->MacFrame, c->fed.bytes, length);
		descriptor = (EXPERTFRAMEDESCRIPTOR) { .pFrame = frame };
		count_frame(&c->state, &descriptor);
		free(frame);
	}
	EXPECT_LE(c->state.store.used, c->state.store.most);
	c_end(c);
	EXPECT_EQ(200000, c_all(c).frames);
	EXPECT_EQ(0, c->state.pcap.code);
}

/* The file */

TEST_F(coalesce, a_full_disk_leaves_whole_packets)
{
	struct rlimit limit = { .rlim_cur = 1000000, .rlim_max = RLIM_INFINITY };
	static BYTE bytes[60000];
	struct coalesce *c = &self->c;
	unsigned int i;

	signal(SIGXFSZ, SIG_IGN);
	ASSERT_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
	ASSERT_TRUE(coalesce_start(c));
	for (i = 0; i < 40 && !c->state.live.error; i++)
		c_bytes(c, 1000, A, 100 + i * 60000, 1, DATA, bytes, 60000);
	EXPECT_GT(40, i);
	EXPECT_EQ(NMERR_FILE_WRITE_ERROR, c->state.live.error);
	EXPECT_STREQ("writing to the file of --output: File too large", c->state.live.why);
	c_end(c);
	EXPECT_EQ(NULL, strstr(c_written(c), "torn"));
	EXPECT_GT(strlen(c->words), 100);
}

TEST_F(coalesce, time_stamps_are_those_of_the_last_frame)
{
	struct coalesce *c = &self->c;
	uint32_t record[4];

	ASSERT_TRUE(coalesce_start(c));
	c->state.start_us = 1700000000999998LL;
	c_tcp(c, A, 100, 1, DATA, "abc");
	c_tcp(c, A, 106, 1, DATA, "ghi");
	c_tcp(c, A, 103, 1, DATA, "def");
	c_tcp(c, A, 103, 1, DATA, "def");
	c_end(c);
	ASSERT_EQ(sizeof(record), pread(c->file, record, sizeof(record), 24));
	EXPECT_EQ(1700000001, record[0]);
	EXPECT_EQ(1, record[1]);
}

/* Entry points */

static PEXPERTCONFIG make_config(HEXPERTKEY key, const char *text)
{
	size_t size = sizeof(EXPERTCONFIG) + strlen(text) + 1;
	PEXPERTCONFIG config = ExpertAllocMemory(key, size, NULL);

	config->RawConfigLength = (DWORD)size;
	strcpy((char *)config->RawConfigData, text);
	return config;
}

static BOOL takes(HEXPERTKEY key, const char *text)
{
	PEXPERTCONFIG config = make_config(key, text);
	BOOL is_good = Configure(key, &config, NULL, 0, NULL);

	ExpertFreeMemory(key, config);
	return is_good;
}

TEST_F(coalesce, options_are_taken_or_refused)
{
	static const char *const good[] = {
		"", "top=1000", "interval=86400", "table=16", "held=1", "memory=65536", "other=yes",
		"other=no", "top=3,held=64,memory=1,other=no",
	};
	static const char *const bad[] = {
		"top=0", "top=1001", "interval=0", "table=15", "table=1048577", "held=0",
		"held=1048577", "memory=0", "memory=65537", "other=", "other=maybe", "colour=red",
	};
	HEXPERTKEY key = self->c.u.key;
	EXPERTENUMINFO info = { 0 };
	unsigned int i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		EXPECT_TRUE(takes(key, good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_FALSE(takes(key, bad[i]));
	EXPECT_TRUE(Register(&info));
	EXPECT_STREQ("coalesce", info.szName);
	EXPECT_LT(strlen(info.szDescription), sizeof(info.szDescription) - 1);
}

static BOOL hear_problem(struct coalesce *c, struct unit_message *m)
{
	while (!unit_hear(&c->u, m, 0))
		if (m->message.type == NEXP_WIRE_STATUS &&
		    m->message.status.status == EXPERTSTATUS_PROBLEM)
			return TRUE;
	return FALSE;
}

TEST_F(coalesce, without_a_file_it_says_what_to_do)
{
	struct coalesce *c = &self->c;
	struct unit_message m;

	EXPECT_FALSE(Run(c->u.key, NULL, NULL, 0, NULL));
	ASSERT_TRUE(hear_problem(c, &m));
	EXPECT_TRUE(unit_text_is(&m.message.status.text, NO_OUTPUT));
}

static void *run_expert(void *arg)
{
	struct coalesce *c = arg;

	return Run(c->u.key, NULL, NULL, 0, NULL) ? arg : NULL;
}

/* By the API alone; the frame in hand is not the last one any more when it is terminated. */
TEST_F(coalesce, a_whole_run)
{
	struct coalesce *c = &self->c;
	struct netexpert_record head = { .time_ns = 1000, .stamp_us = 1 };
	struct nexp_ring *ring = &c->u.unit.nx->rings[0];
	struct unit_message m;
	pthread_t thread;
	void *result;
	int i;

	nexp_key_set_output(c->u.key, c->file);
	ASSERT_EQ(0, pthread_create(&thread, NULL, run_expert, c));
	for (i = 0; i < 2; i++) {
		c_ipv4(c, A, 6, 0, 0, 23);
		c_tcp_header(c, A, 1000, 100 + 3 * (unsigned int)i, 1, DATA);
		c_put(c, i ? "def" : "abc", 3);
		head.cap_len = c->length;
		head.wire_len = c->length;
		ASSERT_EQ(0, nexp_memfd_deliver(c->u.unit.pool, 0, &head, c->fed.bytes));
	}
	while (__atomic_load_n(&ring->consumer->position, __ATOMIC_ACQUIRE) !=
	       __atomic_load_n(&ring->status->position, __ATOMIC_ACQUIRE))
		usleep(1000);
	nexp_memfd_terminate(c->u.unit.pool);
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ((void *)c, result);
	EXPECT_STREQ("A 100 abcdef\n", c_written(c));
	EXPECT_FALSE(hear_problem(c, &m));
}

TEST_HARNESS_MAIN
