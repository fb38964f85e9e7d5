// SPDX-License-Identifier: GPL-2.0
/*
 * response-time: what it looks for, requests and answers on a port, its options.
 *
 * The expert is one file that exports only its entry points, so it is part of this one.
 */
#include "key.h"

#include "user/experts/response-time.c"

#define MIB	(1ULL << 20)

FIXTURE(response) {
	struct unit_key u;
	struct state state;
};

FIXTURE_SETUP(response)
{
	memset(&self->state, 0, sizeof(self->state));
	ASSERT_EQ(0, unit_key_open(&self->u, 256 * MIB, 128 * MIB));
	ASSERT_EQ(NULL, parse_options(NULL, &self->state.options));
	self->state.options.nr_ports = 1;
	self->state.options.ports[0] = 80;
}

FIXTURE_TEARDOWN(response)
{
	unit_key_close(&self->u);
}

TEST_F(response, wireshark_has_all_that_it_looks_for)
{
	char why[256] = "";

	EXPECT_TRUE(property_find_all(names, NR_WHAT, self->state.known, why, sizeof(why))) {
		TH_LOG("%s", why);
	}
}

/* A segment between a client's port and the server's port 80. */
static void segment(struct state *state, DWORD client, BOOL to_server, DWORD length, BOOL is_again,
		    int64_t us)
{
	struct trip trip = { .is_tcp = TRUE, .length = length, .is_again = is_again };

	trip.from.port = to_server ? client : 80;
	trip.to.port = to_server ? 80 : client;
	count_segment(state, &trip, us);
}

TEST_F(response, from_the_last_data_to_the_first)
{
	struct state *state = &self->state;

	ASSERT_TRUE(start(state, self->u.key));
	/* Nothing was asked. */
	segment(state, 1000, FALSE, 10, FALSE, 5);
	/* In two segments, one of them twice, and others talk, too. */
	segment(state, 1000, TRUE, 10, FALSE, 100);
	segment(state, 2000, TRUE, 10, FALSE, 110);
	segment(state, 1000, TRUE, 10, FALSE, 120);
	segment(state, 1000, TRUE, 10, TRUE, 130);
	segment(state, 1000, FALSE, 0, FALSE, 140);
	EXPECT_EQ(0, state->all->count);
	segment(state, 1000, FALSE, 10, FALSE, 150);
	segment(state, 1000, FALSE, 10, FALSE, 160);
	EXPECT_EQ(1, state->all->count);
	EXPECT_EQ(30, state->all->sum_us);
	segment(state, 2000, FALSE, 10, FALSE, 210);
	EXPECT_EQ(2, state->all->count);
	EXPECT_EQ(130, state->all->sum_us);
	EXPECT_EQ(100, state->all->max_us);
	/* One server, whoever asks. */
	EXPECT_EQ(1, state->servers.nr);
	finish(state, self->u.key);
	EXPECT_EQ(0, unit_heap_stat(self->u.unit.nx).objects);
}

TEST_F(response, a_flood_of_servers_is_bounded_and_adds_up)
{
	struct state *state = &self->state;
	struct durations sum = { 0 };
	struct end server = { 0 };
	DWORD i;

	state->options.table = 64;
	ASSERT_TRUE(start(state, self->u.key));
	for (i = 0; i < 10000; i++) {
		server.port = i % 1000 + 1;
		count_answer(state, &server, DNS, i, i);
	}
	EXPECT_EQ(64, state->servers.nr);
	for (i = 0; i < state->servers.nr; i++)
		durations_merge(&sum, &((struct server *)table_at(&state->servers, i))->times);
	durations_merge(&sum, state->evicted);
	EXPECT_EQ(10000, sum.count);
	EXPECT_EQ(0, memcmp(&sum, state->all, sizeof(sum)));
	finish(state, self->u.key);
}

TEST(ports_are_numbers_with_a_plus_between)
{
	static const char *const wrong[] = {
		"", "0", "65536", "80+", "+80", "80++81", "80 ", "x", "-1", "80,81",
		"1+2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17+18+19+20+21+22+23+24+25+26+27+28+29+30+"
		"31+32+33+34+35+36+37+38+39+40+41+42+43+44+45+46+47+48+49+50+51+52+53+54+55+56+57+"
		"58+59+60+61+62+63+64+65",
	};
	struct options options = { 0 };
	unsigned int i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		EXPECT_EQ(&wrong_ports[0], take_ports(&options, wrong[i])) {
			TH_LOG("number %u", i);
		}
	EXPECT_EQ(NULL, take_ports(&options, "65535+1"));
	EXPECT_EQ(2, options.nr_ports);
	EXPECT_EQ(65535, options.ports[0]);
	EXPECT_EQ(1, options.ports[1]);
}

TEST_HARNESS_MAIN
