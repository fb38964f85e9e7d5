// SPDX-License-Identifier: GPL-2.0
/*
 * property-distribution: its configuration, its rows of each kind, its bounds.
 *
 * The expert is one file that exports only its entry points, so it is part of this
 * one, and gets instances that are made by hand. Names are Wireshark's.
 */
#include "key.h"

#include "user/experts/property-distribution.c"

#define MIB		(1ULL << 20)
#define MOST_INSTS	8

FIXTURE(distribution) {
	struct unit_key u;
	struct unit_message m;
	struct state state;
	struct options options;
	PROPERTYINFO info;
	PROPERTYINST insts[MOST_INSTS];
	PROPERTYTABLE *table;
	EXPERTFRAMEDESCRIPTOR frame;
};

FIXTURE_SETUP(distribution)
{
	memset(&self->state, 0, sizeof(self->state));
	memset(&self->info, 0, sizeof(self->info));
	memset(self->insts, 0, sizeof(self->insts));
	memset(&self->frame, 0, sizeof(self->frame));
	self->table = calloc(1, sizeof(*self->table));
	self->table->lpFirstPropertyInst = self->insts;
	self->frame.lpPropertyTable = self->table;
	ASSERT_EQ(0, unit_key_open(&self->u, 256 * MIB, 128 * MIB));
	ASSERT_EQ(NULL, read_config(NULL, &self->options));
}

FIXTURE_TEARDOWN(distribution)
{
	free(self->table);
	unit_key_close(&self->u);
}

static BOOL begin(FIXTURE_DATA(distribution) *self, BYTE type, BYTE qualifier, SET *set)
{
	self->info.Label = (LPSTR)"a.b";
	self->info.DataType = type;
	self->info.DataQualifier = qualifier;
	self->info.lpSet = set;
	self->state.target.info = &self->info;
	strcpy(self->state.target.protocol, "a");
	return start(&self->state, self->u.key, &self->options);
}

/* A frame with @nr instances of @size bytes each. */
static void count(FIXTURE_DATA(distribution) *self, const void *bytes, size_t size,
		  unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		self->insts[i].lpPropertyInfo = &self->info;
		self->insts[i].lpData = (BYTE *)bytes + i * size;
		self->insts[i].DataLength = (WORD)size;
	}
	self->table->nTotalPropertyInsts = nr;
	count_frame(&self->state, &self->frame);
}

static void put_column(char *text, size_t size, const struct nexp_column *column)
{
	size_t at = strlen(text);

	if (column->type == NEXP_COLUMN_STRING)
		snprintf(text + at, size - at, " %.*s", (int)column->text.length,
			 column->text.bytes ? column->text.bytes : "");
	else if (column->type == NEXP_COLUMN_FLOAT64)
		snprintf(text + at, size - at, " %.0f", column->real);
	else
		snprintf(text + at, size - at, " %llu", (unsigned long long)column->number);
}

/* The rows of a report without protocol and property, '|' between them. */
static const char *rows(FIXTURE_DATA(distribution) *self)
{
	static char text[32768];
	unsigned int i;

	text[0] = '\0';
	show(&self->state);
	while (!unit_hear(&self->u, &self->m, 0)) {
		const struct nexp_event *event = &self->m.message.event;

		for (i = 2; i < event->nr_columns; i++)
			put_column(text, sizeof(text), &event->columns[i]);
		strcat(text, "|");
	}
	return text;
}

TEST_F(distribution, numbers_have_least_largest_mean_and_values)
{
	static const WORD numbers[] = { 80, 53, 80 };

	ASSERT_TRUE(begin(self, PROP_TYPE_WORD, PROP_QUAL_NONE, NULL));
	EXPECT_STREQ("", rows(self));
	count(self, numbers, 2, 3);
	count(self, numbers, 2, 1);
	count(self, NULL, 0, 0);
	count(self, NULL, 0, 0);
	/* Frames, of all, Max, Min, Mean; instances, of frames, value, of instances. */
	EXPECT_STREQ(" 2 50 80 53 73| 3 75 80 75| 1 25 53 25|", rows(self));
	finish(&self->state, self->u.key);
	EXPECT_EQ(0, unit_heap_stat(self->u.unit.nx).objects);
}

TEST_F(distribution, numbers_are_read_in_their_byte_order)
{
	ASSERT_TRUE(begin(self, PROP_TYPE_DWORD, PROP_QUAL_NONE, NULL));
	self->insts[0].IFlags = IFLAG_SWAPPED;
	count(self, "\xff\xff\xff\xfe", 4, 1);
	count(self, "\xff\xff\xff\xfe", 4, 1);
	/* A sum that 32 bits don't hold. */
	EXPECT_STREQ(" 2 100 4294967294 4294967294 4294967294| 2 100 4294967294 100|",
		     rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(distribution, strings_are_the_same_if_all_of_them_is)
{
	ASSERT_TRUE(begin(self, PROP_TYPE_STRING, PROP_QUAL_NONE, NULL));
	count(self, "abcd", 4, 1);
	count(self, "ab", 2, 1);
	count(self, "", 0, 1);
	count(self, "ab", 2, 1);
	EXPECT_STREQ(" 4 100| 2 50 ab 50| 1 25  25| 1 25 abcd 25|", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(distribution, addresses_are_text)
{
	ASSERT_TRUE(begin(self, PROP_TYPE_IP_ADDRESS, PROP_QUAL_NONE, NULL));
	count(self, "\x0a\0\0\1", 4, 1);
	EXPECT_STREQ(" 1 100| 1 100 10.0.0.1 100|", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(distribution, object_identifiers_are_dotted)
{
	ASSERT_TRUE(begin(self, PROP_TYPE_OBJECT_IDENTIFIER, PROP_QUAL_NONE, NULL));
	count(self, "\x2b\x06\x01\x04\x01\x82\x37", 7, 1);
	count(self, "\x88\x37\x03", 3, 1);
	EXPECT_STREQ(" 2 100| 1 50 1.3.6.1.4.1.311 50| 1 50 2.999.3 50|", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(distribution, a_set_has_labels_where_it_has_them)
{
	LABELED_BYTE labels[] = { { 1, (LPSTR)"request" }, { 2, (LPSTR)"answer" } };
	SET set = { .nEntries = 2, .lpLabeledByteTable = labels };

	ASSERT_TRUE(begin(self, PROP_TYPE_BYTE, PROP_QUAL_LABELED_SET, &set));
	count(self, "\1\2\2\7", 1, 4);
	EXPECT_STREQ(" 1 100| 2 200 2 answer 50| 1 100 1 request 25| 1 100 7  25|", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(distribution, a_flag_is_off_or_on)
{
	LABELED_BIT bit = { 1, (LPSTR)"Not set", (LPSTR)"Set" };
	SET set = { .nEntries = 1, .lpLabeledBit = &bit };

	ASSERT_TRUE(begin(self, PROP_TYPE_BYTE, PROP_QUAL_FLAGS, &set));
	self->state.target.bit = 1;
	count(self, "\2", 1, 1);
	count(self, "\0", 1, 1);
	count(self, "\2", 1, 1);
	EXPECT_STREQ(" 3 100| 1 33 1 0 Not set 33| 2 66 1 1 Set 66|", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(distribution, other_types_have_one_row)
{
	ASSERT_TRUE(begin(self, PROP_TYPE_TIME, PROP_QUAL_NONE, NULL));
	count(self, "0123456789abcdef", 16, 1);
	EXPECT_STREQ(" 1 100|", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(distribution, what_is_there_is_never_0_percent)
{
	unsigned int i;

	self->options.numbers.top = 0;
	ASSERT_TRUE(begin(self, PROP_TYPE_STRING, PROP_QUAL_NONE, NULL));
	count(self, "x", 1, 1);
	for (i = 0; i < 999; i++)
		count(self, NULL, 0, 0);
	EXPECT_STREQ(" 1 1|", rows(self));
	finish(&self->state, self->u.key);
}

TEST_F(distribution, many_values_are_bounded_and_the_frequent_stay)
{
	char text[16], longest[VALUE_LENGTH + 1] = "";
	unsigned int i;

	self->options.numbers.table = 64;
	self->options.numbers.top = 1;
	ASSERT_TRUE(begin(self, PROP_TYPE_STRING, PROP_QUAL_NONE, NULL));
	for (i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		count(self, text, strlen(text), 1);
		if (i % 10 == 0)
			count(self, "often", 5, 1);
	}
	count(self, longest, sizeof(longest), 1);
	EXPECT_EQ(64, self->state.values.nr);
	EXPECT_LT(unit_heap_stat(self->u.unit.nx).object_bytes, 16384);
	EXPECT_STREQ(" 110001 100| 10000 9 often 9| 63 1 (other values) 1|"
		     " 99938 90 (not kept) 90|", rows(self));
	finish(&self->state, self->u.key);
	EXPECT_EQ(0, unit_heap_stat(self->u.unit.nx).objects);
}

TEST_F(distribution, it_makes_do_with_the_memory_there_is)
{
	char text[16];
	unsigned int i;

	unit_key_close(&self->u);
	ASSERT_EQ(0, unit_key_open(&self->u, 16 * MIB, 2 * MIB));
	ASSERT_TRUE(begin(self, PROP_TYPE_STRING, PROP_QUAL_NONE, NULL));
	for (i = 0; i < 50000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		count(self, text, strlen(text), 1);
	}
	EXPECT_LT(100, self->state.values.nr);
	EXPECT_GT(50000, self->state.values.nr);
	EXPECT_EQ(50000, self->state.values.all);
	EXPECT_EQ(50000 - self->state.values.nr, self->state.values.lost);
	finish(&self->state, self->u.key);
}

/* Configuration */

static PEXPERTCONFIG make_config(HEXPERTKEY key, const char *text)
{
	size_t size = sizeof(EXPERTCONFIG) + strlen(text) + 1;
	PEXPERTCONFIG config = ExpertAllocMemory(key, size, NULL);

	config->RawConfigLength = (DWORD)size;
	strcpy((char *)config->RawConfigData, text);
	return config;
}

TEST_F(distribution, options_become_the_documented_block)
{
	PEXPERTCONFIG config = make_config(self->u.key, "property=tcp.flags.syn,top=7,interval=3");
	BYTE *bytes;

	ASSERT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL));
	bytes = (BYTE *)config;
	EXPECT_EQ(config->RawConfigLength, ExpertMemorySize(self->u.key, config));
	EXPECT_EQ(25 + strlen("tcp.flags.syn") + 1 + 12, config->RawConfigLength);
	EXPECT_EQ(1, bytes[4]);
	EXPECT_EQ(1, bytes[8]);
	EXPECT_STREQ("tcp", (char *)bytes + 9);
	EXPECT_STREQ("tcp.flags.syn", (char *)bytes + 25);
	ASSERT_EQ(NULL, read_config(config, &self->options));
	EXPECT_EQ(7, self->options.numbers.top);
	EXPECT_EQ(3, self->options.numbers.interval);
	/* It is good for another Configure, and without what is ours. */
	EXPECT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL));
	config->RawConfigLength -= sizeof(struct numbers);
	ASSERT_EQ(NULL, read_config(config, &self->options));
	EXPECT_EQ(DEFAULT_TOP, self->options.numbers.top);
	EXPECT_TRUE(find_target(&self->state.target, &self->options));
}

TEST_F(distribution, options_change_a_stored_block)
{
	PEXPERTCONFIG config = make_config(self->u.key, "property=tcp.flags.syn,top=7,interval=3");

	ASSERT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL));
	nexp_key_set_options(self->u.key, "top=8");
	ASSERT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL));
	ASSERT_EQ(NULL, read_config(config, &self->options));
	EXPECT_STREQ("tcp.flags.syn", self->options.property);
	EXPECT_TRUE(self->options.has_bit);
	EXPECT_EQ(8, self->options.numbers.top);
	EXPECT_EQ(3, self->options.numbers.interval);
	/* Another property has no bit and no protocol of the stored one. */
	nexp_key_set_options(self->u.key, "property=udp.port");
	ASSERT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL));
	ASSERT_EQ(NULL, read_config(config, &self->options));
	EXPECT_STREQ("udp.port", self->options.property);
	EXPECT_STREQ("udp", self->options.protocol);
	EXPECT_FALSE(self->options.has_bit);
	EXPECT_EQ(8, self->options.numbers.top);
	nexp_key_set_options(self->u.key, NULL);
}

TEST_F(distribution, names_are_found_in_several_ways)
{
	static const char *const good[] = {
		"property=tcp.dstport", "property=TCP.DSTPORT",
		"protocol=tcp,property=Destination Port",
		"protocol=TCP,property=tcp.flags.syn,bit=1", "property=tcp,top=0",
		"property=_ws.expert.message", "property=x509af.version,table=16",
	};
	PEXPERTCONFIG config;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		config = make_config(self->u.key, good[i]);
		EXPECT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL)) {
			TH_LOG("refused: %s", good[i]);
		}
	}
}

TEST_F(distribution, what_is_wrong_is_said)
{
	static const struct {
		const char *options;
		const char *words;
	} bad[] = {
		{ "", "say which property: property=NAME" },
		{ "top=5", "say which property: property=NAME" },
		{ "property=no.such",
		  "there is no property \"no.such\" (tshark -G fields lists them)" },
		{ "protocol=no,property=tcp.port",
		  "there is no protocol \"no\" (tshark -G protocols lists them)" },
		{ "protocol=tcp,property=udp.port",
		  "protocol \"tcp\" has no property \"udp.port\"" },
		{ "property=tcp.port,bit=1", "bit= is for flags, and \"tcp.port\" is none" },
		{ "property=tcp.flags.syn,bit=7", "\"tcp.flags.syn\" is bit 1, not 7" },
		{ "property=tcp.port,bit=64", "bit must be a number from 0 to 63" },
		{ "property=tcp.port,top=1001", "top must be a number from 0 to 1000" },
		{ "property=tcp.port,table=15", "table must be a number from 16 to 1048576" },
		{ "property=tcp.port,interval=0", "interval must be seconds, from 1 to 86400" },
	};
	PEXPERTCONFIG config;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		config = make_config(self->u.key, bad[i].options);
		EXPECT_FALSE(Configure(self->u.key, &config, NULL, 0, NULL));
		ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
		EXPECT_TRUE(unit_text_is(&self->m.message.status.text, bad[i].words)) {
			TH_LOG("%s: %.*s", bad[i].options,
			       (int)self->m.message.status.text.length,
			       self->m.message.status.text.bytes);
		}
	}
	EXPECT_FALSE(Run(self->u.key, NULL, NULL, 0, NULL));
}

TEST_F(distribution, a_block_can_be_anything)
{
	PEXPERTCONFIG config = make_config(self->u.key, "property=tcp.port");
	BOOL is_taken;
	BYTE *bytes;
	DWORD size;

	ASSERT_TRUE(Configure(self->u.key, &config, NULL, 0, NULL));
	bytes = (BYTE *)config;
	/* Cut anywhere; the number of ours is all there or not looked at. */
	for (size = config->RawConfigLength; size > 0; size--) {
		config->RawConfigLength = size;
		is_taken = !read_config(config, &self->options) &&
			   find_target(&self->state.target, &self->options);
		EXPECT_EQ(size >= 25 + strlen("tcp.port") + 1, is_taken) {
			TH_LOG("%u bytes", size);
		}
	}
	config->RawConfigLength = 25 + 9 + 12;
	memset(bytes + 25 + 9, 0xff, 12);
	EXPECT_NE(NULL, read_config(config, &self->options));
	memset(bytes + 9, 'x', 16);
	EXPECT_NE(NULL, read_config(config, &self->options));
}

TEST_F(distribution, what_has_the_focus_is_taken)
{
	PROPERTYINST inst = { .lpPropertyInfo = &self->info };
	EXPERTSTARTUPINFO startup = { .lpPropertyInst = &inst };
	PEXPERTCONFIG config = NULL;

	self->info.Label = (LPSTR)"udp.port";
	ASSERT_TRUE(Configure(self->u.key, &config, &startup, 0, NULL));
	EXPECT_STREQ("udp.port", (char *)config + 25);
	config = make_config(self->u.key, "property=tcp.port");
	ASSERT_TRUE(Configure(self->u.key, &config, &startup, 0, NULL));
	EXPECT_STREQ("tcp.port", (char *)config + 25);
	ASSERT_TRUE(Configure(self->u.key, &config, &startup,
			      EXPERT_STARTUP_FLAG_USE_STARTUP_DATA_OVER_CONFIG_DATA, NULL));
	EXPECT_STREQ("udp.port", (char *)config + 25);
}

TEST_F(distribution, registers_with_strings_that_fit)
{
	EXPERTENUMINFO info;

	memset(&info, 0, sizeof(info));
	EXPECT_TRUE(Register(&info));
	EXPECT_STREQ("property-distribution", info.szName);
	EXPECT_LT(strlen(info.szDescription), sizeof(info.szDescription) - 1);
	EXPECT_EQ(0x23, info.Flags);
}

TEST_HARNESS_MAIN
