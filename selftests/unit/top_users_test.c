// SPDX-License-Identifier: GPL-2.0
/*
 * top-users: whose addresses it finds in a frame, its reports, its bounds.
 *
 * The expert is one file that exports only its entry points, so it is part of
 * this one: a million frames are fed to its innards, the rest goes through Run.
 */
#include <pthread.h>

#include "key.h"

#include "user/experts/top-users.c"

#define MIB	(1ULL << 20)

FIXTURE(top) {
	struct unit_key u;
	struct unit_message m;
	struct state state;
	BYTE bytes[256];
};

FIXTURE_SETUP(top)
{
	ASSERT_EQ(0, unit_key_open(&self->u, 64 * MIB, 32 * MIB));
	memset(&self->state, 0, sizeof(self->state));
	memset(self->bytes, 0, sizeof(self->bytes));
}

FIXTURE_TEARDOWN(top)
{
	unit_key_close(&self->u);
}

/* Frames */

static size_t put_u16(BYTE *bytes, size_t at, WORD value)
{
	bytes[at] = (BYTE)(value >> 8);
	bytes[at + 1] = (BYTE)value;
	return at + 2;
}

static size_t put_ethernet(BYTE *bytes, int nr_tags, WORD type)
{
	size_t at = 12;

	memcpy(bytes, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01", 12);
	while (nr_tags--) {
		at = put_u16(bytes, at, nr_tags ? 0x88a8 : 0x8100);
		at = put_u16(bytes, at, 5);
	}
	return put_u16(bytes, at, type);
}

static size_t put_ipv4(BYTE *bytes, int nr_tags, uint32_t source, uint32_t target)
{
	size_t at = put_ethernet(bytes, nr_tags, 0x0800);

	memset(bytes + at, 0, 20);
	bytes[at] = 0x45;
	put_u16(bytes, at + 12, (WORD)(source >> 16));
	put_u16(bytes, at + 14, (WORD)source);
	put_u16(bytes, at + 16, (WORD)(target >> 16));
	put_u16(bytes, at + 18, (WORD)target);
	return at + 20;
}

static size_t put_ipv6(BYTE *bytes, int nr_tags, BYTE source, BYTE target)
{
	size_t at = put_ethernet(bytes, nr_tags, 0x86dd);

	memset(bytes + at, 0, 40);
	bytes[at] = 0x60;
	bytes[at + 8] = 0xfd;
	bytes[at + 23] = source;
	bytes[at + 24] = 0xfd;
	bytes[at + 39] = target;
	return at + 40;
}

/* "source target" as the expert shows them, or "" if it finds none. */
static const char *found(const BYTE *bytes, size_t length, BOOL by_mac)
{
	static char text[2 * INET6_ADDRSTRLEN];
	char a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	/* Exactly as long as it claims, for the sanitizer to see. */
	FRAME *frame = malloc(sizeof(*frame) + length);
	struct address source, target;
	BOOL known;

	*frame = (FRAME) { .nBytesAvail = (DWORD)length, .FrameLength = (DWORD)length };
	memcpy(frame->MacFrame, bytes, length);
	known = by_mac ? mac_addresses(frame, &source, &target) :
			 network_addresses(frame, &source, &target);
	free(frame);
	if (!known)
		return "";
	address_text(&source, a, sizeof(a));
	address_text(&target, b, sizeof(b));
	snprintf(text, sizeof(text), "%s %s", a, b);
	return text;
}

TEST_F(top, addresses_are_found_behind_any_tags)
{
	BYTE *bytes = self->bytes;
	size_t length;
	int tags;

	for (tags = 0; tags <= PACKET_MAX_TAGS; tags++) {
		length = put_ipv4(bytes, tags, 0x0a000001, 0xc0000202);
		EXPECT_STREQ("10.0.0.1 192.0.2.2", found(bytes, length, FALSE));
		length = put_ipv6(bytes, tags, 1, 2);
		EXPECT_STREQ("fd00::1 fd00::2", found(bytes, length, FALSE));
		EXPECT_STREQ("02:00:00:00:00:01 02:00:00:00:00:02",
			     found(bytes, length, TRUE));
	}
	length = put_ipv4(bytes, PACKET_MAX_TAGS + 1, 1, 2);
	EXPECT_STREQ("", found(bytes, length, FALSE));
}

TEST_F(top, frames_without_addresses_have_none)
{
	BYTE *bytes = self->bytes;
	size_t length, i;

	/* Cut anywhere, it must neither be counted nor read beyond its end. */
	length = put_ipv4(bytes, 2, 1, 2);
	for (i = 0; i < length; i++)
		EXPECT_STREQ("", found(bytes, i, FALSE));
	length = put_ipv6(bytes, 1, 1, 2);
	for (i = 0; i < length; i++)
		EXPECT_STREQ("", found(bytes, i, FALSE));
	for (i = 0; i < 14; i++)
		EXPECT_STREQ("", found(bytes, i, TRUE));

	length = put_ethernet(bytes, 0, 0x0806) + 28;
	EXPECT_STREQ("", found(bytes, length, FALSE));
	length = put_ipv4(bytes, 0, 1, 2);
	bytes[14] = 0x65;
	EXPECT_STREQ("", found(bytes, length, FALSE));
	/* Headers that are too short, for themselves or for what they say of the packet. */
	bytes[14] = 0x44;
	EXPECT_STREQ("", found(bytes, length, FALSE));
	bytes[14] = 0x45;
	put_u16(bytes, 16, 10);
	EXPECT_STREQ("", found(bytes, length, FALSE));
	length = put_ipv6(bytes, 0, 1, 2);
	bytes[14] = 0x40;
	EXPECT_STREQ("", found(bytes, length, FALSE));
}

/* Options */

static PEXPERTCONFIG make_config(HEXPERTKEY key, const char *text)
{
	size_t size = sizeof(EXPERTCONFIG) + strlen(text) + 1;
	PEXPERTCONFIG config = ExpertAllocMemory(key, size, NULL);

	config->RawConfigLength = (DWORD)size;
	strcpy((char *)config->RawConfigData, text);
	return config;
}

TEST_F(top, good_options_are_taken)
{
	static const char *const good[] = {
		"", "top=1", "top=1000", "base=mac", "base=network", "interval=1",
		"interval=86400", "table=16", "table=16777216",
		"top=5,base=mac,interval=10,table=100", "top=5,", "top=5,top=6",
	};
	struct options options;
	PEXPERTCONFIG config;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		config = make_config(self->u.key, good[i]);
		EXPECT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL));
	}
	EXPECT_EQ(NULL, parse_options(make_config(self->u.key,
						  "top=5,base=mac,interval=7"),
				      &options));
	EXPECT_EQ(5, options.top);
	EXPECT_EQ(7, options.interval);
	EXPECT_EQ(DEFAULT_TABLE, options.table);
	EXPECT_TRUE(options.by_mac);
}

TEST_F(top, bad_options_are_refused_with_a_reason)
{
	char long_option[OPTION_LENGTH + 1];
	const char *const bad[] = {
		"top", "top=", "top=0", "top=1001", "top=-1", "top=1x", "top= 1",
		"top=99999999999999999999", "base=", "base=ip", "interval=0",
		"interval=86401", "table=15", "table=16777217", "colour=red", ",",
		"top=1,,base=mac", "=",
		long_option,
	};
	PEXPERTCONFIG config;
	size_t i;

	snprintf(long_option, sizeof(long_option), "top=%0*d", OPTION_LENGTH - 4, 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		config = make_config(self->u.key, bad[i]);
		EXPECT_FALSE(Configure(self->u.key, &config, NULL, 0, NULL)) {
			TH_LOG("taken: %s", bad[i]);
		}
		ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
		EXPECT_EQ(EXPERTSTATUS_PROBLEM, self->m.message.status.status);
		EXPECT_GT(self->m.message.status.text.length, 10);
		EXPECT_FALSE(Run(self->u.key, config, NULL, 0, NULL));
		ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	}
	/* A stored configuration can be anything. */
	config = make_config(self->u.key, "top=5");
	memset(config->RawConfigData, 'x', 6);
	EXPECT_FALSE(Configure(self->u.key, &config, NULL, 0, NULL));
	config->RawConfigLength = 3;
	EXPECT_FALSE(Configure(self->u.key, &config, NULL, 0, NULL));
}

/* The configuration that comes of what is @stored, NULL for nothing, and @given. */
static const char *gather(HEXPERTKEY key, const char *stored, const char *given)
{
	PEXPERTCONFIG config = stored ? make_config(key, stored) : NULL;

	nexp_key_set_options(key, given);
	if (options_gather(key, &config))
		return "refused";
	if (!config)
		return "none";
	return config->RawConfigLength == sizeof(*config) +
	       strlen((char *)config->RawConfigData) + 1 ?
	       (char *)config->RawConfigData : "a wrong length";
}

TEST_F(top, options_take_the_place_of_stored_ones)
{
	static const struct { const char *stored, *given, *wanted; } cases[] = {
		{ NULL, NULL, "none" },
		{ NULL, "top=3", "top=3" },
		{ NULL, "", "" },
		{ "top=3", NULL, "top=3" },
		{ "top=3", "", "top=3" },
		{ "top=3", "top=4", "top=4" },
		{ "top=3,base=mac,interval=2", "base=network", "top=3,interval=2,base=network" },
		{ "top=3,base=mac", "base=network,top=4", "base=network,top=4" },
		/* A name is not the beginning of another one. */
		{ "top=3", "topless=4", "top=3,topless=4" },
		{ "topless=3", "top=4", "topless=3,top=4" },
		{ "top=3,", "base=mac", "top=3,base=mac" },
		{ ",,top=3", "base=mac", "top=3,base=mac" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		EXPECT_STREQ(cases[i].wanted,
			     gather(self->u.key, cases[i].stored, cases[i].given));
}

TEST_F(top, stored_options_that_are_no_text_are_left_alone)
{
	PEXPERTCONFIG config = make_config(self->u.key, "top=5"), before = config;

	nexp_key_set_options(self->u.key, "top=3");
	memset(config->RawConfigData, 'x', 6);
	EXPECT_STREQ("the stored configuration is no text",
		     options_gather(self->u.key, &config));
	EXPECT_EQ(before, config);
	EXPECT_EQ(sizeof(*config) + 6, ExpertMemorySize(self->u.key, config));
}

TEST_F(top, registers_with_strings_that_fit)
{
	EXPERTENUMINFO info;

	memset(&info, 0, sizeof(info));
	EXPECT_TRUE(Register(&info));
	EXPECT_STREQ("top-users", info.szName);
	EXPECT_LT(strlen(info.szDescription), sizeof(info.szDescription) - 1);
	EXPECT_EQ(EXPERT_ENUM_FLAG_CONFIGURABLE, info.Flags);
}

/* Whole runs */

struct row {
	char name[64];
	double values[NR_COLUMNS];
};

/* A running expert; its last report, and how many there were. */
struct run {
	struct unit_key *u;
	struct unit_message *m;
	PEXPERTCONFIG config;
	pthread_t thread;
	BOOL result;
	WORD time[8];
	struct row rows[MAX_TOP];
	unsigned int nr_rows;
	unsigned int nr_reports;
	unsigned int nr_running;
	DWORD last_status;
};

static void *run_expert(void *arg)
{
	struct run *run = arg;

	run->result = Run(run->u->key, run->config, NULL, 0, NULL);
	return NULL;
}

static void hear_row(struct run *run, const struct nexp_event *event)
{
	struct row *row;
	unsigned int i;

	if (!run->nr_reports || memcmp(run->time, event->time, sizeof(run->time))) {
		memcpy(run->time, event->time, sizeof(run->time));
		run->nr_reports++;
		run->nr_rows = 0;
	}
	row = &run->rows[run->nr_rows++];
	memset(row, 0, sizeof(*row));
	memcpy(row->name, event->columns[0].text.bytes,
	       event->columns[0].text.length);
	for (i = 1; i < NR_COLUMNS; i++)
		row->values[i] = event->columns[i].real;
}

static void hear_all(struct run *run)
{
	while (!unit_hear(run->u, run->m, 0)) {
		if (run->m->message.type == NEXP_WIRE_EVENT) {
			hear_row(run, &run->m->message.event);
		} else {
			run->last_status = run->m->message.status.status;
			run->nr_running += run->last_status ==
					   EXPERTSTATUS_RUNNING;
		}
	}
}

static int begin(struct run *run, struct unit_key *u, struct unit_message *m,
		 const char *options)
{
	memset(run, 0, sizeof(*run));
	run->u = u;
	run->m = m;
	run->config = options ? make_config(u->key, options) : NULL;
	return pthread_create(&run->thread, NULL, run_expert, run);
}

static void feed(struct run *run, int64_t us, const BYTE *bytes, size_t length,
		 DWORD wire_len)
{
	struct netexpert_record head = {
		.time_ns = (uint64_t)us * 1000,
		.stamp_us = us,
		.wire_len = wire_len,
		.cap_len = (uint32_t)length,
	};

	while (nexp_memfd_deliver(run->u->unit.pool, 0, &head, bytes))
		hear_all(run);
	hear_all(run);
}

/* Everything is read, then terminate: so all that was fed is counted. */
static void end(struct run *run)
{
	struct nexp_ring *ring = &run->u->unit.nx->rings[0];

	while (__atomic_load_n(&ring->consumer->position, __ATOMIC_ACQUIRE) !=
	       __atomic_load_n(&ring->status->position, __ATOMIC_ACQUIRE)) {
		hear_all(run);
		usleep(1000);
	}
	nexp_memfd_terminate(run->u->unit.pool);
	pthread_join(run->thread, NULL);
	hear_all(run);
}

static const struct row *row_of(const struct run *run, const char *name)
{
	static const struct row none = { .name = "none" };
	unsigned int i;

	for (i = 0; i < run->nr_rows; i++)
		if (!strcmp(run->rows[i].name, name))
			return &run->rows[i];
	return &none;
}

#define EXPECT_ROW(run, who, fs, bs, fr, br, share) do {		\
	const char *__who = who;					\
	const struct row *__row = row_of(run, __who);			\
									\
	EXPECT_STREQ(__who, __row->name);				\
	EXPECT_EQ(fs, __row->values[1]);				\
	EXPECT_EQ(bs, __row->values[2]);				\
	EXPECT_EQ(fr, __row->values[3]);				\
	EXPECT_EQ(br, __row->values[4]);				\
	EXPECT_EQ(share, __row->values[5]);				\
} while (0)

TEST_F(top, a_run_counts_by_network_address)
{
	BYTE *bytes = self->bytes;
	struct run run;

	ASSERT_EQ(0, begin(&run, &self->u, &self->m, NULL));
	feed(&run, 1, bytes, put_ipv4(bytes, 0, 0x0a000001, 0x0a000002), 1000);
	feed(&run, 2, bytes, put_ipv4(bytes, 2, 0x0a000002, 0x0a000001), 500);
	feed(&run, 3, bytes, put_ipv6(bytes, 1, 1, 2), 400);
	feed(&run, 4, bytes, put_ethernet(bytes, 0, 0x0806), 100);
	end(&run);

	EXPECT_TRUE(run.result);
	EXPECT_EQ(EXPERTSTATUS_DONE, run.last_status);
	EXPECT_EQ(6, run.nr_rows);
	EXPECT_ROW(&run, "10.0.0.1", 1, 1000, 1, 500, 37.5);
	EXPECT_ROW(&run, "10.0.0.2", 1, 500, 1, 1000, 37.5);
	EXPECT_ROW(&run, "fd00::1", 1, 400, 0, 0, 10);
	EXPECT_ROW(&run, "fd00::2", 0, 0, 1, 400, 10);
	EXPECT_ROW(&run, "(other)", 1, 100, 1, 100, 5);
	EXPECT_ROW(&run, "(all)", 4, 2000, 4, 2000, 100);
	EXPECT_STREQ("(all)", run.rows[5].name);
	EXPECT_STREQ("(other)", run.rows[4].name);
	/* Nothing is left in the heap. */
	EXPECT_EQ(0, unit_heap_stat(self->u.unit.nx).objects);
}

TEST_F(top, a_run_counts_by_mac_address)
{
	BYTE *bytes = self->bytes;
	struct run run;

	ASSERT_EQ(0, begin(&run, &self->u, &self->m, "base=mac"));
	feed(&run, 1, bytes, put_ipv4(bytes, 0, 1, 2), 60);
	feed(&run, 2, bytes, put_ethernet(bytes, 0, 0x0806), 40);
	feed(&run, 3, bytes, 13, 100);
	end(&run);
	EXPECT_EQ(4, run.nr_rows);
	EXPECT_ROW(&run, "02:00:00:00:00:01", 2, 100, 0, 0, 25);
	EXPECT_ROW(&run, "02:00:00:00:00:02", 0, 0, 2, 100, 25);
	EXPECT_ROW(&run, "(other)", 1, 100, 1, 100, 50);
}

TEST_F(top, the_largest_come_first_and_the_rest_is_left_out)
{
	BYTE *bytes = self->bytes;
	struct run run;
	unsigned int i;

	ASSERT_EQ(0, begin(&run, &self->u, &self->m, "top=3"));
	for (i = 1; i <= 100; i++)
		feed(&run, i, bytes, put_ipv4(bytes, 0, i, 0xff), 1000 +
		     i * 37 % 101);
	end(&run);
	ASSERT_EQ(4, run.nr_rows);
	EXPECT_STREQ("0.0.0.255", run.rows[0].name);
	EXPECT_EQ(1100, run.rows[1].values[2]);
	EXPECT_EQ(1099, run.rows[2].values[2]);
	EXPECT_EQ(100, row_of(&run, "(all)")->values[1]);
}

TEST_F(top, reports_are_live)
{
	BYTE *bytes = self->bytes;
	struct run run;
	unsigned int i;

	/* 45 frames in 4.4 seconds: reports after seconds 1 to 4, and at the end. */
	ASSERT_EQ(0, begin(&run, &self->u, &self->m, "interval=1"));
	for (i = 0; i < 45; i++)
		feed(&run, 500000 + i * 100000, bytes,
		     put_ipv4(bytes, 0, 1, 2), 100);
	end(&run);
	EXPECT_EQ(5, run.nr_reports);
	/* One when it began, one after each report but the last. */
	EXPECT_EQ(5, run.nr_running);
	EXPECT_ROW(&run, "(all)", 45, 4500, 45, 4500, 100);
	EXPECT_EQ(4, run.time[6]);
	EXPECT_EQ(900, run.time[7]);
}

TEST_F(top, silence_is_no_reason_to_keep_a_report_back)
{
	BYTE *bytes = self->bytes;
	struct run run;

	ASSERT_EQ(0, begin(&run, &self->u, &self->m, NULL));
	feed(&run, 1000, bytes, put_ipv4(bytes, 0, 1, 2), 100);
	while (!run.nr_reports) {
		usleep(10000);
		hear_all(&run);
	}
	/* Nothing new, nothing to say. */
	usleep(2500000);
	hear_all(&run);
	EXPECT_EQ(1, run.nr_reports);
	end(&run);
	EXPECT_EQ(2, run.nr_reports);
}

/* Bounds */

static void count_scan(struct state *state, BYTE *bytes, unsigned int nr)
{
	struct {
		FRAME frame;
		BYTE bytes[64];
	} f = { 0 };
	EXPERTFRAMEDESCRIPTOR descriptor = { .pFrame = &f.frame };
	unsigned int i;

	for (i = 0; i < nr; i++) {
		put_ipv4(bytes, 0, 0x20000000 + i, 0x0a000001);
		memcpy(f.frame.MacFrame, bytes, 34);
		f.frame.TimeStamp = i;
		f.frame.nBytesAvail = 34;
		f.frame.FrameLength = 60;
		count_frame(state, &descriptor);
		/* In between somebody does real work. */
		if (i % 10)
			continue;
		put_ipv4(bytes, 0, 0x0a000002, 0x0a000003 + i % 50);
		memcpy(f.frame.MacFrame, bytes, 34);
		f.frame.FrameLength = 1500;
		count_frame(state, &descriptor);
	}
}

static struct user *user_at(const struct state *state, DWORD index)
{
	return (struct user *)table_at(&state->users, index);
}

static struct counts sum_of(const struct state *state)
{
	struct counts sum = { 0 };
	DWORD i;

	for (i = 0; i < state->users.nr; i++)
		add_counts(&sum, &user_at(state, i)->counts);
	add_counts(&sum, &state->other);
	add_counts(&sum, &state->evicted);
	return sum;
}

/* Every user can be found, and nobody else. */
static BOOL table_is_sound(struct state *state)
{
	DWORD i, bucket, index, linked = 0;

	for (bucket = 0; bucket < state->users.nr_buckets; bucket++)
		for (index = state->users.buckets[bucket]; index < state->users.nr;
		     index = state->users.next[index])
			linked++;
	for (i = 0; i < state->users.nr; i++)
		if (table_find(&state->users, &user_at(state, i)->address) !=
		    user_at(state, i))
			return FALSE;
	return linked == state->users.nr;
}

TEST_F_TIMEOUT(top, a_scan_of_a_million_sources_is_bounded, 120)
{
	struct state *state = &self->state;
	struct counts sum;
	DWORD nr_top;

	state->key = self->u.key;
	state->options = (struct options) { .top = 5, .interval = 1, .table = 4096 };
	ASSERT_TRUE(start(state));
	count_scan(state, self->bytes, 1000000);
	EXPECT_EQ(4096, state->users.nr);
	EXPECT_EQ(4096, state->users.room);
	EXPECT_LT(unit_heap_stat(self->u.unit.nx).object_bytes, 4096 * 80ULL + 65536);
	sum = sum_of(state);
	EXPECT_EQ(0, memcmp(&sum, &state->all, sizeof(sum)));
	EXPECT_EQ(1100000, state->all.frames_sent);
	EXPECT_TRUE(table_is_sound(state));

	/* The two that matter are still there, with all that they did. */
	nr_top = table_top(&state->users, ranks_before, state->top, state->options.top);
	ASSERT_EQ(5, nr_top);
	EXPECT_EQ(0x01, user_at(state, state->top[1])->address.bytes[3]);
	EXPECT_EQ(1000000, user_at(state, state->top[1])->counts.frames_received);
	EXPECT_EQ(0x02, user_at(state, state->top[0])->address.bytes[3]);
	EXPECT_EQ(100000, user_at(state, state->top[0])->counts.frames_sent);
	finish(state);
	EXPECT_EQ(0, unit_heap_stat(self->u.unit.nx).objects);
}

TEST_F_TIMEOUT(top, it_makes_do_with_the_memory_there_is, 120)
{
	struct state *state = &self->state;
	struct counts sum;

	unit_key_close(&self->u);
	ASSERT_EQ(0, unit_key_open(&self->u, 16 * MIB, 1 * MIB));
	state->key = self->u.key;
	state->options = (struct options) { .top = 5, .interval = 1,
					    .table = MAX_TABLE };
	ASSERT_TRUE(start(state));
	count_scan(state, self->bytes, 200000);
	EXPECT_GE(state->users.nr, 1024);
	/* It does not ask again and again. */
	EXPECT_EQ(state->users.room, state->users.max);
	EXPECT_LE(nexp_memfd_committed(self->u.unit.pool), MIB);
	sum = sum_of(state);
	EXPECT_EQ(0, memcmp(&sum, &state->all, sizeof(sum)));
	EXPECT_TRUE(table_is_sound(state));
	finish(state);
}

TEST_F(top, without_any_memory_it_says_so)
{
	unit_key_close(&self->u);
	ASSERT_EQ(0, unit_key_open(&self->u, 16 * MIB, 0));
	EXPECT_FALSE(Run(self->u.key, NULL, NULL, 0, NULL));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(EXPERTSTATUS_PROBLEM, self->m.message.status.status);
	EXPECT_EQ(NMERR_OUT_OF_MEMORY, self->m.message.status.substatus);
}

TEST_HARNESS_MAIN
