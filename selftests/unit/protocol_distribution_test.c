// SPDX-License-Identifier: GPL-2.0
/*
 * protocol-distribution: the tree it makes of frames, its rows, its bounds.
 *
 * The expert is one file that exports only its entry points, so it is part of this
 * one, and gets tables of properties that are made by hand: what Wireshark makes of
 * real traffic, selftests/distribution_test.sh compares.
 */
#include "key.h"

#include "user/experts/protocol-distribution.c"

#define MIB		(1ULL << 20)
#define MOST_ITEMS	64

/* A frame's items, "name" on top, "+name" below, "-name" hidden, "~name" elsewhere. */
struct items {
	EXPERTFRAMEDESCRIPTOR descriptor;
	FRAME frame;
	PROPERTYINST insts[MOST_ITEMS];
	PROPERTYTABLE *table;
	RECOGNIZEDATATABLE *protocols;
};

FIXTURE(protocols) {
	struct unit_key u;
	struct unit_message m;
	struct state state;
	struct options options;
	struct items items;
};

FIXTURE_SETUP(protocols)
{
	memset(&self->state, 0, sizeof(self->state));
	memset(&self->items, 0, sizeof(self->items));
	self->items.table = calloc(1, sizeof(PROPERTYTABLE) +
				      MOST_ITEMS * sizeof(PROPERTYINSTTABLE));
	self->items.protocols = calloc(1, sizeof(RECOGNIZEDATATABLE) +
					  MOST_ITEMS * sizeof(RECOGNIZEDATA));
	ASSERT_EQ(0, unit_key_open(&self->u, 64 * MIB, 32 * MIB));
	ASSERT_EQ(NULL, parse_options(NULL, &self->options));
}

FIXTURE_TEARDOWN(protocols)
{
	free(self->items.table);
	free(self->items.protocols);
	unit_key_close(&self->u);
}

/* One for each name; those with a dot are no protocols. */
static LPPROPERTYINFO property(const char *name)
{
	static PROPERTYINFO known[MOST_ITEMS];
	unsigned int i;

	for (i = 0; known[i].Label; i++)
		if (!strcmp(known[i].Label, name))
			return &known[i];
	known[i].Label = strdup(name);
	known[i].DataType = strchr(name, '.') ? PROP_TYPE_COMMENT : PROP_TYPE_SUMMARY;
	return &known[i];
}

static void put_item(struct items *items, const char *name)
{
	DWORD at = items->table->nTotalPropertyInsts++;
	PROPERTYINST *inst = &items->insts[at];
	BOOL is_top = *name != '+';
	char how = *name;

	if (strchr("+-~", how))
		name++;
	memset(inst, 0, sizeof(*inst));
	inst->lpPropertyInfo = property(name);
	inst->Level = how == '-' ? PROP_LEVEL_HIDDEN : how == '+';
	if (!is_top || inst->lpPropertyInfo->DataType != PROP_TYPE_SUMMARY)
		return;
	items->table->lpPropertyInstTable[items->table->nPropertyInstTables++] =
		(PROPERTYINSTTABLE) { .nPropertyInsts = 1, .nPropertyInstIndex = (WORD)at };
	items->protocols->RecognizeData[items->protocols->nRecognizeDatas++] =
		(RECOGNIZEDATA) { .nProtocolOffset = how == '~' ? PROTOCOL_ELSEWHERE : (WORD)at };
}

static void count(FIXTURE_DATA(protocols) *self, DWORD bytes, const char *names)
{
	struct items *items = &self->items;
	char *copy = strdup(names), *name, *rest = NULL;

	items->table->nTotalPropertyInsts = 0;
	items->table->nPropertyInstTables = 0;
	items->protocols->nRecognizeDatas = 0;
	for (name = strtok_r(copy, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		put_item(items, name);
	free(copy);
	items->table->lpFirstPropertyInst = items->insts;
	items->frame.FrameLength = bytes;
	items->descriptor.pFrame = &items->frame;
	items->descriptor.lpPropertyTable = items->table;
	items->descriptor.lpRecognizeDataTable = items->protocols;
	count_frame(&self->state, &items->descriptor);
}

/* The rows of a report, "NAME FRAMES/BYTES", with '|' between them. */
static const char *rows(FIXTURE_DATA(protocols) *self)
{
	static char text[32768];
	size_t at = 0;

	text[0] = '\0';
	self->state.live.ops = &ops;
	show(&self->state);
	while (!unit_hear(&self->u, &self->m, 0)) {
		const struct nexp_event *event = &self->m.message.event;

		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.*s %.0f/%.0f",
				       at ? "|" : "", (int)event->columns[0].text.length,
				       event->columns[0].text.bytes, event->columns[1].real,
				       event->columns[3].real);
	}
	return text;
}

TEST_F(protocols, a_frame_counts_at_each_place_of_its_path)
{
	ASSERT_TRUE(start(&self->state, self->u.key, &self->options));
	count(self, 100, "eth +eth.src ip +ip.src tcp");
	count(self, 50, "eth ip udp dns");
	count(self, 10, "arp");
	count(self, 1, "eth ip" " ip udp");
	EXPECT_STREQ("eth 3/151|  ip 3/151|    tcp 1/100|    udp 1/50|      dns 1/50|"
		     "    ip 1/1|      udp 1/1|arp 1/10|(all) 4/161", rows(self));
	finish(&self->state, self->u.key);
	EXPECT_EQ(0, unit_heap_stat(self->u.unit.nx).objects);
}

TEST_F(protocols, shares_are_of_all_frames)
{
	const struct nexp_event *event = &self->m.message.event;

	ASSERT_TRUE(start(&self->state, self->u.key, &self->options));
	count(self, 75, "eth ip");
	count(self, 25, "eth");
	show(&self->state);
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(100, event->columns[2].real);
	EXPECT_TRUE(unit_text_is(&event->description, "eth"));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(50, event->columns[2].real);
	EXPECT_EQ(75, event->columns[4].real);
	EXPECT_TRUE(unit_text_is(&event->description, "eth:ip"));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_TRUE(unit_text_is(&event->description, NULL));
	finish(&self->state, self->u.key);
}

TEST_F(protocols, what_is_hidden_or_no_protocol_counts_if_it_is_on_top)
{
	ASSERT_TRUE(start(&self->state, self->u.key, &self->options));
	count(self, 1, "eth -eth.hidden -llc +llc.x x.note");
	EXPECT_STREQ("eth 1/1|  llc 1/1|    x.note 1/1|(all) 1/1", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(protocols, parts_of_a_message_stand_behind_it)
{
	ASSERT_TRUE(start(&self->state, self->u.key, &self->options));
	count(self, 1, "tcp tcp.segments ~http ~json");
	count(self, 2, "tcp tcp.segments ~http tls");
	count(self, 4, "tcp tcp.segments");
	count(self, 8, "dcerpc dcerpc.fragments ~wmi");
	EXPECT_STREQ("tcp 3/7|  http 2/3|    json 1/1|      tcp.segments 1/1|"
		     "    tcp.segments 1/2|      tls 1/2|  tcp.segments 1/4|"
		     "dcerpc 1/8|  dcerpc.fragments 1/8|    wmi 1/8|(all) 4/15", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(protocols, without_a_parser_a_frame_is_counted)
{
	ASSERT_TRUE(start(&self->state, self->u.key, &self->options));
	count(self, 5, "eth");
	self->items.descriptor.lpPropertyTable = NULL;
	self->items.descriptor.lpRecognizeDataTable = NULL;
	count_frame(&self->state, &self->items.descriptor);
	EXPECT_STREQ("eth 1/5|(no parser) 1/5|(all) 2/10", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(protocols, what_there_is_no_room_for_is_counted_once_a_frame)
{
	self->options.table = 2;
	ASSERT_TRUE(start(&self->state, self->u.key, &self->options));
	count(self, 1, "eth ip tcp http");
	count(self, 2, "eth ip udp");
	count(self, 4, "eth ip");
	count(self, 8, "arp");
	EXPECT_STREQ("eth 3/7|  ip 3/7|(more) 3/11|(all) 4/15", rows(self));
	EXPECT_EQ(3, self->state.nr_places);
	finish(&self->state, self->u.key);
}

TEST_F(protocols, however_deep_it_is_it_can_be_shown)
{
	const struct nexp_event *event = &self->m.message.event;
	char line[64 * 8 + 1] = "";
	unsigned int i;

	for (i = 0; i < 64; i++)
		strcat(line, "chained ");
	ASSERT_TRUE(start(&self->state, self->u.key, &self->options));
	count(self, 1, line);
	show(&self->state);
	for (i = 0; i < 64; i++)
		ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_TRUE(unit_text_is(&event->columns[0].text,
				 "                                ...chained"));
	/* The end of the path, and nothing in halves. */
	ASSERT_GT(PATH_LENGTH, event->description.length);
	EXPECT_EQ(0, strncmp(event->description.bytes, "...:chained:", 12));
	finish(&self->state, self->u.key);
}

static PEXPERTCONFIG make_config(HEXPERTKEY key, const char *text)
{
	size_t size = sizeof(EXPERTCONFIG) + strlen(text) + 1;
	PEXPERTCONFIG config = ExpertAllocMemory(key, size, NULL);

	config->RawConfigLength = (DWORD)size;
	strcpy((char *)config->RawConfigData, text);
	return config;
}

TEST_F(protocols, options_are_taken_or_refused_with_a_reason)
{
	static const char *const good[] = { "", "interval=1", "table=1000,interval=86400" };
	static const char *const bad[] = {
		"interval=0", "table=0", "table=1001", "top=5", "table", "table=1,interval=x",
	};
	PEXPERTCONFIG config;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		config = make_config(self->u.key, good[i]);
		EXPECT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		config = make_config(self->u.key, bad[i]);
		EXPECT_FALSE(Configure(self->u.key, &config, NULL, 0, NULL));
		ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
		EXPECT_EQ(EXPERTSTATUS_PROBLEM, self->m.message.status.status);
		EXPECT_GT(self->m.message.status.text.length, 10);
		EXPECT_FALSE(Run(self->u.key, config, NULL, 0, NULL));
		ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	}
}

TEST_F(protocols, registers_with_strings_that_fit)
{
	EXPERTENUMINFO info;

	memset(&info, 0, sizeof(info));
	EXPECT_TRUE(Register(&info));
	EXPECT_STREQ("protocol-distribution", info.szName);
	EXPECT_LT(strlen(info.szDescription), sizeof(info.szDescription) - 1);
	EXPECT_EQ(EXPERT_ENUM_FLAG_CONFIGURABLE, info.Flags);
}

TEST_F(protocols, without_any_memory_it_says_so)
{
	unit_key_close(&self->u);
	ASSERT_EQ(0, unit_key_open(&self->u, 16 * MIB, 0));
	EXPECT_FALSE(Run(self->u.key, NULL, NULL, 0, NULL));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(EXPERTSTATUS_PROBLEM, self->m.message.status.status);
	EXPECT_EQ(NMERR_OUT_OF_MEMORY, self->m.message.status.substatus);
}

TEST_HARNESS_MAIN
