// SPDX-License-Identifier: GPL-2.0
/*
 * What a supervisor makes of a host's messages, good ones and bad ones.
 *
 * Messages are decoded from memory of exactly their size, so that the sanitizer
 * sees every byte read beyond them. NETEXPERT_SEED repeats a fuzzing run,
 * NETEXPERT_ROUNDS makes it longer.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kselftest_harness.h"
#include "message.h"
#include "user/supervisor/decode.h"

#define DEFAULT_ROUNDS	200000

static struct message good;
static struct nexp_message decoded;

/* Decode a copy that ends where its memory ends. */
static int decode_exactly(const struct message *m, struct nexp_message *ret, uint8_t **ret_copy)
{
	const char *why = NULL;
	uint8_t *copy;
	int code;

	copy = malloc(m->size ? m->size : 1);
	memcpy(copy, m->bytes, m->size);
	code = nexp_decode(m->size ? copy : NULL, m->size, ret, &why);
	if (!code != !why)
		abort();
	*ret_copy = copy;
	return code;
}

static int decode(const struct message *m)
{
	static uint8_t *copy;

	free(copy);
	return decode_exactly(m, &decoded, &copy);
}

static bool text_is(const struct nexp_text *text, const char *wanted)
{
	return text->bytes && text->length == strlen(wanted) &&
	       !memcmp(text->bytes, wanted, text->length);
}

TEST(hello)
{
	build_hello(&good);
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(NEXP_WIRE_HELLO, decoded.type);
	EXPECT_EQ(1, decoded.hello.flags);
	EXPECT_TRUE(text_is(&decoded.hello.name, "Top Users"));
	EXPECT_TRUE(text_is(&decoded.hello.vendor, "netexpert"));
	EXPECT_EQ(NULL, decoded.hello.description.bytes);
	EXPECT_EQ(0, decoded.hello.description.length);
}

TEST(status)
{
	build_status(&good, 3, -1, "");
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(3, decoded.status.status);
	EXPECT_EQ(7, decoded.status.substatus);
	EXPECT_EQ(-1, decoded.status.percent);
	EXPECT_EQ(41, decoded.status.frame);
	EXPECT_NE(NULL, decoded.status.text.bytes);
	EXPECT_EQ(0, decoded.status.text.length);
}

TEST(event_with_every_type)
{
	const struct nexp_event *event = &decoded.event;

	build_full_event(&good);
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(3, event->ident);
	EXPECT_EQ(2, event->severity);
	EXPECT_EQ(9, event->time[6]);
	EXPECT_EQ(NULL, event->machine.bytes);
	ASSERT_EQ(16, event->nr_columns);
	EXPECT_EQ(5, event->columns[NEXP_COLUMN_UINT8].number);
	EXPECT_EQ(-5, (int64_t)event->columns[NEXP_COLUMN_SINT32].number);
	EXPECT_EQ(0.5, event->columns[NEXP_COLUMN_FLOAT64].real);
	EXPECT_EQ(0xbb, event->columns[NEXP_COLUMN_MACADDR].address[5]);
	EXPECT_EQ(0xff, event->columns[NEXP_COLUMN_IPXADDR].address[9]);
	EXPECT_EQ(192, event->columns[NEXP_COLUMN_IPADDR].address[0]);
	EXPECT_TRUE(text_is(&event->columns[NEXP_COLUMN_STRING].text, "value"));
}

TEST(done_and_failed)
{
	build_done(&good);
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(-1, decoded.done.result);
	EXPECT_EQ(1ULL << 40, decoded.done.frames);
	build_failed(&good);
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(NEXP_FAILED_OPTIONS, decoded.failed.what);
	EXPECT_TRUE(text_is(&decoded.failed.text, "no such option"));
	build_index(&good);
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(NEXP_WIRE_INDEX, decoded.type);
}

TEST(configured)
{
	build_configured(&good);
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(NEXP_WIRE_CONFIGURED, decoded.type);
	ASSERT_EQ(10, decoded.configured.length);
	EXPECT_STREQ("top=3", (const char *)decoded.configured.block + 4);

	begin(&good, NEXP_WIRE_CONFIGURED);
	put_number(&good, 0, 4);
	end(&good);
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(0, decoded.configured.length);
	EXPECT_EQ(NULL, decoded.configured.block);
}

/* @length is the message's, @raw_length the block's, and @size what there is. */
static int decode_configured(uint32_t length, uint32_t raw_length, size_t size)
{
	begin(&good, NEXP_WIRE_CONFIGURED);
	put_number(&good, length, 4);
	put_number(&good, raw_length, 4);
	memset(good.bytes + good.size, 'x', size);
	good.size += size - 4;
	end(&good);
	return decode(&good);
}

TEST(a_configuration_has_the_length_that_it_says)
{
	EXPECT_EQ(0, decode_configured(4, 4, 4));
	EXPECT_EQ(0, decode_configured(NEXP_CONFIG_MAX, NEXP_CONFIG_MAX, NEXP_CONFIG_MAX));
	EXPECT_EQ(-EBADMSG, decode_configured(NEXP_CONFIG_MAX + 1, NEXP_CONFIG_MAX + 1,
					      NEXP_CONFIG_MAX + 1));
	EXPECT_EQ(-EBADMSG, decode_configured(24, 23, 24));
	EXPECT_EQ(-EBADMSG, decode_configured(24, 25, 24));
	EXPECT_EQ(-EBADMSG, decode_configured(24, 24, 23));
	EXPECT_EQ(-EBADMSG, decode_configured(24, 24, 25));
	EXPECT_EQ(-EBADMSG, decode_configured(3, 3, 4));
	EXPECT_EQ(-EBADMSG, decode_configured(0, 4, 4));
	EXPECT_EQ(-EBADMSG, decode_configured(UINT32_MAX, UINT32_MAX, 4));
}

TEST(longest_message)
{
	size_t left;

	begin(&good, NEXP_WIRE_FAILED);
	put_number(&good, 1, 4);
	left = NEXP_WIRE_MAX - good.size - 2;
	put_number(&good, left, 2);
	memset(good.bytes + good.size, 'x', left);
	good.size += left;
	end(&good);
	ASSERT_EQ(NEXP_WIRE_MAX, good.size);
	EXPECT_EQ(0, decode(&good));
	EXPECT_EQ(left, decoded.failed.text.length);
	put_number(&good, 'x', 1);
	end(&good);
	EXPECT_EQ(-EBADMSG, decode(&good));
}

static void (*const builders[])(struct message *) = {
	build_hello, build_full_event, build_done, build_failed, build_index, build_configured,
};

#define NR_BUILDERS	(sizeof(builders) / sizeof(builders[0]))

TEST(every_shorter_or_longer_message_is_refused)
{
	size_t i, size, whole;

	for (i = 0; i < NR_BUILDERS; i++) {
		builders[i](&good);
		whole = good.size;
		for (size = 0; size < whole; size++) {
			good.size = size;
			if (size >= sizeof(struct nexp_wire_head))
				end(&good);
			EXPECT_EQ(-EBADMSG, decode(&good));
		}
		good.size = whole;
		put_number(&good, 0, 1);
		end(&good);
		EXPECT_EQ(-EBADMSG, decode(&good));
	}
}

TEST(head_that_lies)
{
	build_done(&good);
	good.bytes[0] ^= 1;
	EXPECT_EQ(-EBADMSG, decode(&good));
	build_done(&good);
	good.bytes[2] = 0;
	EXPECT_EQ(-EBADMSG, decode(&good));
	build_done(&good);
	good.bytes[2] = 6;
	EXPECT_EQ(-EBADMSG, decode(&good));
	build_done(&good);
	good.bytes[4]++;
	EXPECT_EQ(-EBADMSG, decode(&good));
	build_done(&good);
	good.bytes[7] = 0x80;
	EXPECT_EQ(-EBADMSG, decode(&good));
}

TEST(values_that_make_no_sense)
{
	begin(&good, NEXP_WIRE_HELLO);
	put_number(&good, NEXP_WIRE_VERSION + 1, 4);
	put_number(&good, 0, 4);
	put_string(&good, "n");
	put_string(&good, "v");
	put_string(&good, "d");
	end(&good);
	EXPECT_EQ(-EBADMSG, decode(&good));

	build_status(&good, 2, -2, NULL);
	EXPECT_EQ(-EBADMSG, decode(&good));
	build_status(&good, 2, 101, NULL);
	EXPECT_EQ(-EBADMSG, decode(&good));

	begin_event(&good, 1, 0, 0, "n", NULL, 1);
	put_number_column(&good, "c", 16, 0);
	end(&good);
	EXPECT_EQ(-EBADMSG, decode(&good));

	begin(&good, NEXP_WIRE_FAILED);
	put_number(&good, 1, 4);
	put_number(&good, 3, 2);
	put_raw(&good, "a\0b", 3);
	end(&good);
	EXPECT_EQ(-EBADMSG, decode(&good));
}

TEST(more_columns_announced_than_there_are)
{
	begin_event(&good, 1, 0, 0, "n", NULL, 255);
	put_number_column(&good, "c", 0, 0);
	end(&good);
	EXPECT_EQ(-EBADMSG, decode(&good));
}

TEST(as_many_columns_as_there_can_be)
{
	unsigned int i;

	begin_event(&good, 1, 0, 0, "n", NULL, 255);
	for (i = 0; i < 255; i++)
		put_number_column(&good, NULL, 0, i);
	end(&good);
	ASSERT_EQ(0, decode(&good));
	EXPECT_EQ(255, decoded.event.nr_columns);
	EXPECT_EQ(254, decoded.event.columns[254].number);
}

static uint64_t random_state;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void mutate(struct message *m)
{
	size_t at = next_random() % m->size, count, to;

	switch (next_random() % 6) {
	case 0:
		m->bytes[at] ^= (uint8_t)(1U << next_random() % 8);
		break;
	case 1:
		m->bytes[at] = (uint8_t)next_random();
		break;
	case 2:
		m->bytes[at] = next_random() % 2 ? 0xff : 0;
		break;
	case 3:
		m->size = at ? at : 1;
		break;
	case 4:
		/* A piece of the message again, elsewhere. */
		to = next_random() % m->size;
		count = next_random() % 32;
		if (at + count <= m->size && to + count <= m->size)
			memmove(m->bytes + to, m->bytes + at, count);
		break;
	case 5:
		for (count = next_random() % 16; count; count--)
			put_number(m, next_random(), 1);
		break;
	}
}

/* Read every byte that the decoder vouches for. */
static uint64_t read_text(const struct nexp_text *text)
{
	uint64_t sum = 0;
	uint32_t i;

	for (i = 0; i < text->length; i++)
		sum += (uint8_t)text->bytes[i];
	return sum;
}

static uint64_t read_all(const struct nexp_message *m)
{
	uint64_t sum = 0;
	unsigned int i;

	switch (m->type) {
	case NEXP_WIRE_HELLO:
		return read_text(&m->hello.name) + read_text(&m->hello.vendor) +
		       read_text(&m->hello.description);
	case NEXP_WIRE_STATUS:
		return read_text(&m->status.text);
	case NEXP_WIRE_FAILED:
		return read_text(&m->failed.text);
	case NEXP_WIRE_CONFIGURED:
		for (i = 0; i < m->configured.length; i++)
			sum += m->configured.block[i];
		return sum;
	case NEXP_WIRE_EVENT:
		for (i = 0; i < m->event.nr_columns; i++) {
			sum += read_text(&m->event.columns[i].name);
			if (m->event.columns[i].type == NEXP_COLUMN_STRING)
				sum += read_text(&m->event.columns[i].text);
		}
		return sum + read_text(&m->event.source) + read_text(&m->event.name) +
		       read_text(&m->event.description) + read_text(&m->event.machine) +
		       read_text(&m->event.justification);
	}
	return 0;
}

TEST(mutated_messages_are_understood_or_refused)
{
	const char *seed = getenv("NETEXPERT_SEED"), *rounds = getenv("NETEXPERT_ROUNDS");
	unsigned long i, nr = rounds ? strtoul(rounds, NULL, 0) : DEFAULT_ROUNDS;
	volatile uint64_t sum = 0;
	unsigned long understood = 0;
	struct message m;
	uint8_t *copy;
	int changes;

	random_state = seed ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL) * 2654435761U + 1;
	TH_LOG("NETEXPERT_SEED=0x%llx repeats this", (unsigned long long)random_state);
	for (i = 0; i < nr; i++) {
		builders[next_random() % NR_BUILDERS](&m);
		for (changes = 1 + next_random() % 4; changes; changes--)
			mutate(&m);
		/* Mostly with an honest length, or nothing else would be reached. */
		if (m.size >= sizeof(struct nexp_wire_head) && next_random() % 8)
			end(&m);
		if (!decode_exactly(&m, &decoded, &copy)) {
			sum += read_all(&decoded);
			understood++;
		}
		free(copy);
	}
	/* Both must have happened, or the fuzzer tests nothing. */
	EXPECT_NE(0, understood);
	EXPECT_NE(nr, understood);
}

TEST_HARNESS_MAIN
