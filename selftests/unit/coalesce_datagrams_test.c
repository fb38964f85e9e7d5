// SPDX-License-Identifier: GPL-2.0
/*
 * coalesce: datagrams out of fragments.
 */
#include "coalesce.h"

FIXTURE(datagrams) {
	struct coalesce c;
};

FIXTURE_SETUP(datagrams)
{
	ASSERT_EQ(0, coalesce_open(&self->c, 64 * MIB));
}

FIXTURE_TEARDOWN(datagrams)
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

#define MORE	0x2000U

/* Of UDP; @fragment: flags and offset as in the header. */
static void fragment(struct coalesce *c, unsigned int id, unsigned int bits, const void *bytes,
		     size_t length)
{
	c_ipv4(c, A, 17, id, bits, length);
	c_put(c, bytes, length);
	c_feed(c);
}

static void fragment6(struct coalesce *c, uint32_t id, unsigned int bits, const void *bytes,
		      size_t length)
{
	c_ipv6(c, A, 44, 8 + length);
	c_u16(c, 17U << 8);
	c_u16(c, bits);
	c_u32(c, id);
	c_put(c, bytes, length);
	c_feed(c);
}

/* The last packet in the file, behind its IP header. */
static BOOL ends_with(struct coalesce *c, const void *bytes, size_t length)
{
	BYTE got[65536];

	pcap_flush(&c->state.pcap);
	return pread(c->file, got, length, lseek(c->file, 0, SEEK_END) - (off_t)length) ==
	       (ssize_t)length && !memcmp(got, bytes, length);
}

TEST_F(datagrams, fragments_in_any_order)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	fragment(c, 1, 2, "ghijklmnop", 10);
	fragment(c, 1, MORE | 1, "89abcdef", 8);
	fragment(c, 2, MORE, "another.", 8);
	fragment(c, 1, MORE | 1, "89abcdef", 8);
	EXPECT_EQ(0, c->state.datagrams.recombined);
	fragment(c, 1, MORE, "01234567", 8);
	EXPECT_TRUE(ends_with(c, "0123456789abcdefghijklmnop", 26));
	/* Twice, and of no use. */
	fragment(c, 1, MORE, "01234567", 8);
	EXPECT_EQ(1, c->state.recombined.messages);
	EXPECT_EQ(46, c->state.recombined.bytes);
	EXPECT_EQ(6, c->state.datagrams.fragments);
	c_end(c);
	EXPECT_EQ(1, c->state.datagrams.given_up);
	EXPECT_EQ(8, c->state.datagrams.missing);
	EXPECT_EQ(0, strncmp("IP 46 ", c_written(c), 6));
}

TEST_F(datagrams, fragments_of_ipv6)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	fragment6(c, 1U << 20, 8, "89abc", 5);
	fragment6(c, 1U << 20, 1, "01234567", 8);
	EXPECT_TRUE(ends_with(c, "0123456789abc", 13));
	EXPECT_EQ(53, c->state.recombined.bytes);
	EXPECT_EQ(0, strncmp("IP 53 ", c_written(c), 6));
}

TEST_F(datagrams, of_bytes_that_two_have_the_earlier_fragment_s_count)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	fragment(c, 1, MORE | 1, "EVILEVIL", 8);
	fragment(c, 1, 2, "ijkl", 4);
	fragment(c, 1, MORE, "0123456789abcdef", 16);
	EXPECT_TRUE(ends_with(c, "0123456789abcdefijkl", 20));
	EXPECT_EQ(1, c->state.recombined.messages);
}

TEST_F(datagrams, tcp_in_fragments_is_a_conversation_s)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_ipv4(c, A, 6, 7, 3, 4);
	c_put(c, "efgh", 4);
	c_feed(c);
	c_ipv4(c, A, 6, 7, MORE, 24);
	c_tcp_header(c, A, 1000, 100, 1, DATA);
	c_put(c, "abcd", 4);
	c_feed(c);
	c_tcp(c, A, 108, 1, DATA, "ijkl");
	EXPECT_WRITTEN(c, "A 100 abcdefghijkl\n");
	EXPECT_EQ(3, c_all(c).frames);
	EXPECT_EQ(0, c->state.datagrams.missing);
}

TEST_F(datagrams, what_can_be_no_part_of_one_passes)
{
	static const BYTE bytes[2000];
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	/* Beyond the largest there can be, of no length, with an end that nothing can follow. */
	fragment(c, 1, 0x1fff, bytes, 1000);
	fragment(c, 1, MORE | 1, bytes, 0);
	fragment(c, 1, MORE, bytes, 12);
	fragment6(c, 1, 0xfff8, bytes, 16);
	/* Not all of it was captured. */
	c_ipv4(c, A, 17, 1, MORE, 16);
	c->length += 16;
	c_feed_cut(c, 30, 36);
	c_end(c);
	EXPECT_EQ(5, c->state.passed.frames);
	EXPECT_EQ(5, c->state.passed.messages);
	EXPECT_EQ(0, c->state.datagrams.fragments);
	EXPECT_EQ(0, c->state.datagrams.table.nr);
}

/* Each for itself is small enough. */
TEST_F(datagrams, one_that_would_be_too_large_is_given_up)
{
	static BYTE bytes[65536];
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	c_ipv6(c, A, 60, 200 + 8 + 65000);
	c_u16(c, 44U << 8 | 24);
	c->length += 198;
	c_u16(c, 17U << 8);
	c_u16(c, 1);
	c_u32(c, 9);
	c_put(c, bytes, 65000);
	c_feed(c);
	fragment6(c, 9, 65000, bytes, 535);
	c_end(c);
	EXPECT_EQ(0, c->state.recombined.messages);
	EXPECT_EQ(1, c->state.datagrams.given_up);
	EXPECT_EQ(65535, c->state.datagrams.missing);
	EXPECT_STREQ("", c_written(c));
}

TEST_F(datagrams, the_largest_there_can_be)
{
	static BYTE bytes[65536];
	struct coalesce *c = &self->c;
	unsigned int seed = 3, i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (BYTE)rand_r(&seed);
	ASSERT_TRUE(coalesce_start(c));
	for (i = 0; i < 65000; i += 1000)
		fragment(c, 1, MORE | i / 8, bytes + i, 1000);
	fragment(c, 1, 65000 / 8, bytes + 65000, 65515 - 65000);
	EXPECT_TRUE(ends_with(c, bytes, 65515));
	EXPECT_EQ(65535, c->state.recombined.bytes);
}

TEST_F(datagrams, an_old_one_is_given_up_and_its_number_is_free)
{
	struct coalesce *c = &self->c;

	ASSERT_TRUE(coalesce_start(c));
	fragment(c, 1, MORE, "old.old.", 8);
	c->us += 31000000;
	fragment(c, 1, 1, "new", 3);
	fragment(c, 1, MORE, "new.new.", 8);
	EXPECT_TRUE(ends_with(c, "new.new.new", 11));
	EXPECT_EQ(8, c->state.datagrams.missing);
	/* Long enough after it was whole. */
	c->us += 2000000;
	fragment(c, 1, MORE, "next....", 8);
	fragment(c, 1, 1, "one", 3);
	EXPECT_TRUE(ends_with(c, "next....one", 11));
	EXPECT_EQ(2, c->state.datagrams.recombined);
}

TEST_F(datagrams, those_that_wait_are_bounded)
{
	static const BYTE bytes[1000];
	struct coalesce *c = &self->c;
	unsigned int i;

	c->state.options.memory = 1;
	ASSERT_TRUE(coalesce_start(c));
	for (i = 0; i < 5000; i++)
		fragment6(c, i, 1, bytes, 1000);
	EXPECT_LE(c->state.store.used, MIB);
	EXPECT_EQ(1024, c->state.datagrams.table.nr);
	c_end(c);
	EXPECT_EQ(5000, c->state.datagrams.given_up);
	EXPECT_EQ(5000000, c->state.datagrams.missing);
	EXPECT_EQ(0, c->state.store.used);
}

TEST_F(datagrams, so_are_the_fragments_of_one)
{
	struct coalesce *c = &self->c;
	unsigned int i;

	ASSERT_TRUE(coalesce_start(c));
	for (i = 0; i < 8000; i++)
		fragment(c, 1, MORE | i, "01234567", 8);
	EXPECT_EQ(3, c->state.datagrams.given_up);
	c_end(c);
	EXPECT_EQ(8000, c_all(c).frames);
}

/* Any headers, with little that differs, so that some of it fits. */
TEST_F(datagrams, fragments_can_hold_anything)
{
	static BYTE bytes[4096];
	struct coalesce *c = &self->c;
	unsigned int seed = 5, i;

	c->state.options.memory = 1;
	ASSERT_TRUE(coalesce_start(c));
	for (i = 0; i < 100000; i++) {
		unsigned int at = (unsigned int)rand_r(&seed) % 16;
		unsigned int length = (unsigned int)rand_r(&seed) % 48;

		if (i % 2)
			fragment(c, at % 2, (rand_r(&seed) % 4 ? MORE : 0) | at, bytes, length);
		else
			fragment6(c, at % 2, at << 3 | !!(rand_r(&seed) % 4), bytes, length);
		c->us += 100000;
	}
	c_end(c);
	EXPECT_EQ(100000, c_all(c).frames);
	EXPECT_GT(c->state.datagrams.recombined, 100);
}

TEST_HARNESS_MAIN
