// SPDX-License-Identifier: GPL-2.0
/*
 * What the supervisor decides by itself: when a dead expert may come back, when it
 * loses frames, what belongs to one report, how much of a host's output is passed on.
 */
#include "kselftest_harness.h"
#include "message.h"
#include "user/supervisor/chatter.h"
#include "user/supervisor/edition.h"
#include "user/supervisor/losing.h"
#include "user/supervisor/restart.h"

#define MS	NEXP_NS_PER_MS
#define SECOND	NEXP_NS_PER_SEC

TEST(pauses_double_until_the_burst_is_over)
{
	struct nexp_restart restart = { 0 };
	uint64_t now = 1000 * SECOND, pause, expected = 0;
	unsigned int i;

	for (i = 1; i < NEXP_RESTART_BURST; i++) {
		pause = nexp_restart_died(&restart, now - MS, now);
		EXPECT_EQ(expected, pause);
		expected = expected ? 2 * expected : 100 * MS;
		now += pause + MS;
	}
	EXPECT_EQ(NEXP_NEVER, nexp_restart_died(&restart, now - MS, now));
}

TEST(pauses_end_at_half_a_minute)
{
	struct nexp_restart restart = { 0 };
	uint64_t now = 1000 * SECOND, pause = 0;
	unsigned int i;

	/* Far enough apart not to be a burst, too close to be healthy. */
	for (i = 0; i < 30; i++) {
		now += 20 * SECOND + pause;
		pause = nexp_restart_died(&restart, now - 20 * SECOND, now);
		ASSERT_NE(NEXP_NEVER, pause);
	}
	EXPECT_EQ(30 * SECOND, pause);
}

TEST(losses_are_told_when_they_begin_and_when_they_are_over)
{
	__u64 dropped[NETEXPERT_MAX_DROPS] = { 0 }, told[NETEXPERT_MAX_DROPS] = { 0 };
	struct nexp_losing losing = { 0 };
	uint64_t now = 1000 * SECOND;
	unsigned int i;

	EXPECT_EQ(NEXP_LOSING_NO_NEWS, nexp_losing_look(&losing, dropped, false, now, told));
	dropped[NETEXPERT_DROP_RING_FULL] = 10;
	EXPECT_EQ(NEXP_LOSING_BEGINS, nexp_losing_look(&losing, dropped, false, now, told));
	EXPECT_EQ(10, told[NETEXPERT_DROP_RING_FULL]);
	/* However long it lasts, that was it, as long as there is no pause in it. */
	for (i = 0; i < 100; i++) {
		now += NEXP_LOSING_QUIET_NS - 1;
		dropped[NETEXPERT_DROP_CORRUPT]++;
		EXPECT_EQ(NEXP_LOSING_NO_NEWS,
			  nexp_losing_look(&losing, dropped, false, now, told));
	}
	now += NEXP_LOSING_QUIET_NS - 1;
	EXPECT_EQ(NEXP_LOSING_NO_NEWS, nexp_losing_look(&losing, dropped, false, now, told));
	EXPECT_EQ(NEXP_LOSING_IS_OVER, nexp_losing_look(&losing, dropped, false, ++now, told));
	EXPECT_EQ(10, told[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(100, told[NETEXPERT_DROP_CORRUPT]);
	EXPECT_EQ(NEXP_LOSING_NO_NEWS, nexp_losing_look(&losing, dropped, true, now, told));

	/* The next spell tells its own losses only. */
	dropped[NETEXPERT_DROP_RING_FULL]++;
	EXPECT_EQ(NEXP_LOSING_BEGINS, nexp_losing_look(&losing, dropped, false, now, told));
	EXPECT_EQ(1, told[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(0, told[NETEXPERT_DROP_CORRUPT]);
	EXPECT_EQ(NEXP_LOSING_IS_OVER, nexp_losing_look(&losing, dropped, true, now, told));
	dropped[NETEXPERT_DROP_RING_FULL]++;
	EXPECT_EQ(NEXP_LOSING_IS_OVER, nexp_losing_look(&losing, dropped, true, now, told));
	EXPECT_EQ(1, told[NETEXPERT_DROP_RING_FULL]);
}

TEST(a_healthy_minute_forgives)
{
	struct nexp_restart restart = { 0 };
	uint64_t now = 1000 * SECOND;

	EXPECT_EQ(0, nexp_restart_died(&restart, now - MS, now));
	EXPECT_EQ(100 * MS, nexp_restart_died(&restart, now, now + MS));
	now += 100 * SECOND;
	EXPECT_EQ(0, nexp_restart_died(&restart, now - 60 * SECOND, now));
	EXPECT_EQ(100 * MS, nexp_restart_died(&restart, now, now + MS));
}

TEST(ten_deaths_in_more_than_a_minute_are_no_burst)
{
	struct nexp_restart restart = { 0 };
	uint64_t now = 1000 * SECOND;
	unsigned int i;

	for (i = 0; i < 3 * NEXP_RESTART_BURST; i++) {
		EXPECT_NE(NEXP_NEVER, nexp_restart_died(&restart, now - MS, now));
		now += 7 * SECOND;
	}
}

static struct nexp_editions editions;
static struct nexp_message decoded;
static struct message m;

static void submit(uint32_t ident, uint16_t second, const char *description, uint64_t now_ns)
{
	const char *why;

	begin_event(&m, ident, 0, second, "report", description, 0);
	end(&m);
	if (nexp_decode(m.bytes, m.size, &decoded, &why))
		abort();
	nexp_editions_add(&editions, &decoded.event, m.bytes, m.size, now_ns);
}

static int fits(uint32_t ident, uint16_t second)
{
	struct nexp_event event = { .ident = ident, .time = { [6] = second } };

	return nexp_editions_fits(&editions, &event);
}

static unsigned int count(const struct nexp_row *row)
{
	unsigned int n = 0;

	for (; row; row = row->next)
		n++;
	return n;
}

TEST(an_edition_is_one_ident_and_one_time)
{
	const struct nexp_edition *edition;
	const struct nexp_row *first;

	EXPECT_EQ(NULL, nexp_editions_publish(&editions, &first));
	EXPECT_TRUE(fits(1, 5));
	submit(1, 5, "a", 0);
	submit(1, 5, "b", 10 * MS);
	EXPECT_EQ(110 * MS, editions.due_ns);
	EXPECT_TRUE(fits(1, 5));
	EXPECT_FALSE(fits(1, 6));
	EXPECT_FALSE(fits(2, 5));

	edition = nexp_editions_publish(&editions, &first);
	ASSERT_NE(NULL, edition);
	EXPECT_EQ(2U, edition->nr_rows);
	EXPECT_EQ(edition->rows, first);
	EXPECT_EQ(NULL, editions.pending);

	/* The next edition replaces it. */
	submit(1, 6, "c", 0);
	edition = nexp_editions_publish(&editions, &first);
	EXPECT_EQ(1U, edition->nr_rows);
	EXPECT_EQ(edition, editions.shown[0]);
	EXPECT_EQ(NULL, editions.shown[1]);
	nexp_editions_clear(&editions);
}

TEST(late_events_are_added)
{
	const struct nexp_edition *edition;
	const struct nexp_row *first;

	submit(1, 0, "a", 0);
	nexp_editions_publish(&editions, &first);
	submit(1, 0, "b", 0);
	submit(1, 0, "c", 0);
	edition = nexp_editions_publish(&editions, &first);
	EXPECT_EQ(3U, edition->nr_rows);
	EXPECT_EQ(3U, count(edition->rows));
	EXPECT_EQ(2U, count(first));
	nexp_editions_clear(&editions);
}

TEST(an_edition_is_published_within_a_second)
{
	const struct nexp_row *first;
	uint64_t now;

	for (now = 0; now < 2 * SECOND; now += 50 * MS)
		submit(1, 0, "a", now);
	EXPECT_EQ(SECOND, editions.due_ns);
	nexp_editions_publish(&editions, &first);
	nexp_editions_clear(&editions);
}

TEST(a_flood_is_limited_and_counted)
{
	const struct nexp_edition *edition;
	const struct nexp_row *first;
	char text[40000];
	unsigned int i;

	for (i = 0; i < 5000; i++)
		submit(1, 0, "a", 0);
	edition = nexp_editions_publish(&editions, &first);
	EXPECT_EQ(NEXP_EDITION_ROWS, edition->nr_rows);
	EXPECT_EQ(NEXP_EDITION_ROWS, count(first));
	EXPECT_EQ(5000U - NEXP_EDITION_ROWS, edition->nr_hidden);
	/* Additions push the oldest out. */
	submit(1, 0, "b", 0);
	edition = nexp_editions_publish(&editions, &first);
	EXPECT_EQ(NEXP_EDITION_ROWS, edition->nr_rows);
	EXPECT_EQ(1U, count(first));

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < 100; i++)
		submit(2, 0, text, 0);
	edition = nexp_editions_publish(&editions, &first);
	EXPECT_LE(edition->nr_bytes, NEXP_EDITION_BYTES);
	EXPECT_EQ(100U, edition->nr_rows + edition->nr_hidden);
	nexp_editions_clear(&editions);
}

TEST(the_oldest_report_makes_room)
{
	const struct nexp_row *first;
	unsigned int i, seen = 0;

	for (i = 0; i < NEXP_MAX_EDITIONS; i++) {
		submit(i, 0, "a", 0);
		nexp_editions_publish(&editions, &first);
	}
	/* Number 0 is young again, so that number 1 has to go. */
	submit(0, 1, "a", 0);
	nexp_editions_publish(&editions, &first);
	submit(100, 0, "a", 0);
	nexp_editions_publish(&editions, &first);
	for (i = 0; i < NEXP_MAX_EDITIONS; i++) {
		EXPECT_NE(1U, editions.shown[i]->ident);
		seen += editions.shown[i]->ident == 0 || editions.shown[i]->ident == 100;
	}
	EXPECT_EQ(2U, seen);
	nexp_editions_clear(&editions);
}

struct heard {
	unsigned int lines;
	uint64_t dropped;
	char last[NEXP_CHATTER_LINE + 1];
};

static void hear(void *owner, const char *line, size_t length, uint64_t nr_dropped)
{
	struct heard *heard = owner;

	heard->lines++;
	heard->dropped += nr_dropped;
	memcpy(heard->last, line, length);
	heard->last[length] = '\0';
}

TEST(output_comes_line_by_line)
{
	struct nexp_chatter chatter = { 0 };
	struct heard heard = { 0 };

	nexp_chatter_feed(&chatter, "one\ntw", 6, 0, hear, &heard);
	EXPECT_EQ(1U, heard.lines);
	EXPECT_STREQ("one", heard.last);
	nexp_chatter_feed(&chatter, "o\n\nrest", 7, 0, hear, &heard);
	EXPECT_EQ(3U, heard.lines);
	nexp_chatter_finish(&chatter, hear, &heard);
	EXPECT_EQ(4U, heard.lines);
	EXPECT_STREQ("rest", heard.last);
	nexp_chatter_finish(&chatter, hear, &heard);
	EXPECT_EQ(4U, heard.lines);
}

TEST(output_is_limited)
{
	struct nexp_chatter chatter = { 0 };
	struct heard heard = { 0 };
	char flood[10 * NEXP_CHATTER_LINE];
	unsigned int i;

	memset(flood, 'x', sizeof(flood));
	for (i = 0; i < 100; i++)
		nexp_chatter_feed(&chatter, flood, sizeof(flood), 0, hear, &heard);
	EXPECT_EQ(NEXP_CHATTER_LINES, heard.lines);
	EXPECT_EQ(0U, heard.dropped);
	nexp_chatter_feed(&chatter, "again\n", 6, NEXP_CHATTER_PERIOD_NS, hear, &heard);
	EXPECT_EQ(NEXP_CHATTER_LINES + 1U, heard.lines);
	EXPECT_EQ(1000U - NEXP_CHATTER_LINES, heard.dropped);
	EXPECT_STREQ("again", heard.last);
}

TEST_HARNESS_MAIN
