// SPDX-License-Identifier: GPL-2.0
/*
 * Display filters: what passes them beside tshark -Y, as texts and as lists of objects;
 * what can't be a list; and handles that stand for nothing.
 */
#include "filters.h"
#include "user/lib/hfilter.h"
#include "user/lib/judge_value.h"

#define NONE	INVALID_FRAME_NUMBER

FIXTURE(filter) {
	struct filters f;
};

FIXTURE_SETUP(filter)
{
	ASSERT_EQ(0, filters_open(&self->f));
}

FIXTURE_TEARDOWN(filter)
{
	filters_close(&self->f);
}

static DWORD forward(FIXTURE_DATA(filter) *self, HFILTER filter, char *numbers)
{
	return filters_scan(&self->f, GET_FRAME_NEXT_FORWARD, 0, filter, numbers);
}

static HFILTER text(const char *expression)
{
	return CreateFilterFromText(expression, NULL, 0);
}

/* tshark takes half a second to begin. */
TEST_F_TIMEOUT(filter, texts_pass_what_tshark_passes, 200)
{
	static const char *const texts[] = {
		"http.request", "tcp.analysis.retransmission", "_ws.malformed", "ip.fragment",
		"dns.flags.response == 1 && dns.a == 192.0.2.1", "tcp.segment.count == 3",
		"frame contains \"example\"", "dns.qry.name matches \"^EXAMPLE\"",
		"eth.src[5] == 01 and not ip", "tcp.len in {20..60}", "frame.time_relative > 0.02",
		"not tcp", "frame.number == 3",
	};
	char ours[512], theirs[512];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ASSERT_EQ(0, filters_again(&self->f));
		ASSERT_EQ(0, filters_tshark(&self->f, texts[i], theirs));
		EXPECT_NE(0, theirs[0]);
		EXPECT_EQ(FILTERS_END, forward(self, text(texts[i]), ours));
		EXPECT_STREQ(theirs, ours) {
			TH_LOG("%s", texts[i]);
		}
		/* The same with properties, which pass over the others. */
		ASSERT_EQ(0, filters_again(&self->f));
		EXPECT_EQ(FILTERS_END,
			  filters_scan(&self->f, GET_FRAME_NEXT_FORWARD, FLAGS_ATTACH_PROPERTIES,
				       text(texts[i]), ours));
		EXPECT_STREQ(theirs, ours) {
			TH_LOG("%s, with properties", texts[i]);
		}
	}
}

/* An object as it stands in a table, with names in place of handles. */
struct word {
	DWORD action;
	const char *protocol;
	const char *property;
	FILTEROBJECT object;
};

#define PROPERTY(of, called) \
	{ .action = FILTERACTION_PROPERTY, .protocol = (of), .property = (called) }
#define PROTOCOL(called)	{ .action = FILTERACTION_PROTOCOLEXIST, .protocol = (called) }
#define PLACE(of, at) \
	{ .action = FILTERACTION_DEREFPROPERTY, .protocol = (of), .object.ByteOffset = (at) }
#define VALUE(number)	{ .action = FILTERACTION_VALUE, .object.Value = (number) }
#define BOOLEAN(truth)	{ .action = FILTERACTION_BOOL, .object.Value = (truth) }
#define STRING(letters)	{ .action = FILTERACTION_STRING, .object.lpArray = (letters) }
#define ARRAY(bytes) \
	{ .action = FILTERACTION_ARRAY, .object.lpArray = (bytes), \
	  .object.ByteCount = sizeof(bytes) - 1 }
#define POINTER(what, pointer) \
	{ .action = FILTERACTION_##what, .object.lpArray = (void *)(pointer) }
#define DO(what)	{ .action = FILTERACTION_##what }
#define MOST_WORDS	12

static const ADDRESS2 client = {
	.Type = ADDRESS_TYPE_IP, .IPAddress = { 10, 0, 0, 1 },
};

static const ADDRESS2 server = {
	.Type = ADDRESS_TYPE_IP, .IPAddress = { 10, 0, 0, 2 },
};

/* The old form, which has no room for what nobody may read. */
static const ADDRESS client_card = {
	.Type = ADDRESS_TYPE_ETHERNET, .MACAddress = { 0, 0, 0x5e, 0, 0x53, 1 },
};

static const ADDRESS2 many = {
	.Type = ADDRESS_TYPE_IP6,
	.IP6Address = { 0xff, 2, [11] = 1, [12] = 0xff, [15] = 2 },
};

static const int64_t twenty_ms = 20000;

static const SYSTEMTIME ten_ms = {
	.wYear = 2023, .wMonth = 11, .wDay = 14, .wHour = 22, .wMinute = 13, .wSecond = 20,
	.wMilliseconds = 10,
};

static const struct {
	const char *text;
	struct word words[MOST_WORDS];
} lists[] = {
	{ "tcp", { PROTOCOL("TCP") } },
	{ "!icmp", { PROTOCOL("icmp"), DO(NOT) } },
	{ "http.host", { PROPERTY("http", "http.host"), DO(PROPERTYEXIST) } },
	{ "tcp.port == 80", { PROPERTY("tcp", "tcp.port"), VALUE(80), DO(EQUAL) } },
	{ "tcp.port == 80", { VALUE(80), PROPERTY("tcp", "tcp.port"), DO(EQUALNC) } },
	{ "tcp.port != 80", { PROPERTY("tcp", "tcp.port"), VALUE(80), DO(NOTEQUAL) } },
	{ "!(tcp.port == 80)", { PROPERTY("tcp", "tcp.port"), VALUE(80), DO(EQUAL), DO(NOT) } },
	{ "udp.port > 40001", { PROPERTY("udp", "udp.port"), VALUE(40001), DO(GREATER) } },
	{ "tcp.len >= 36", { PROPERTY("tcp", "tcp.len"), VALUE(36), DO(GREATEREQUAL) } },
	{ "tcp.len < 36", { PROPERTY("tcp", "tcp.len"), VALUE(36), DO(LESS) } },
	{ "ip.len <= 48", { PROPERTY("ip", "ip.len"), VALUE(48), DO(LESSEQUALNC) } },
	{ "ip.len == 40", { PROPERTY("ip", "ip.len"), VALUE(8), DO(PLUS), VALUE(4), DO(MINUS),
			    VALUE(40), VALUE(4), DO(PLUS), DO(EQUAL) } },
	{ "tcp.srcport > tcp.dstport", { PROPERTY("tcp", "tcp.srcport"),
					 PROPERTY("tcp", "tcp.dstport"), DO(GREATER) } },
	{ "tcp.flags & 0x10 && tcp.flags & 8", { PROPERTY("tcp", "tcp.flags"), VALUE(0x18),
						 DO(AREBITSON) } },
	{ "tcp.flags && !(tcp.flags & 0x10)", { PROPERTY("tcp", "tcp.flags"), VALUE(0x10),
					  DO(AREBITSOFF) } },
	{ "tcp.flags.syn == 1", { PROPERTY("tcp", "tcp.flags.syn"), BOOLEAN(7), DO(EQUAL) } },
	{ "tcp.flags.syn == 0", { PROPERTY("tcp", "tcp.flags.syn"), BOOLEAN(1),
				  DO(NOTEQUAL) } },
	{ "frame.time_relative > 0.02", { PROPERTY("frame", "frame.time_relative"),
					  POINTER(LARGEINT, &twenty_ms), DO(GREATER) } },
	{ "frame.time > \"2023-11-14 22:13:20.010\"", { PROPERTY("frame", "frame.time"),
							POINTER(TIME, &ten_ms), DO(GREATER) } },
	{ "http.host == \"example.org\"", { PROPERTY("http", "http.host"), STRING("example.org"),
					    DO(EQUAL) } },
	{ "lower(http.host) == \"example.org\"", { PROPERTY("http", "http.host"),
						   STRING("EXAMPLE.ORG"), DO(EQUALNC) } },
	{ "dns.qry.name > \"eX\"", { PROPERTY("dns", "dns.qry.name"), STRING("eX"),
				     DO(GREATER) } },
	{ "dns.qry.name contains \"ample\"", { PROPERTY("dns", "dns.qry.name"), STRING("ample"),
					       DO(CONTAINS) } },
	{ "dns.qry.name contains \"ample\"", { PROPERTY("dns", "dns.qry.name"), STRING("AMPLE"),
					       DO(CONTAINSNC) } },
	{ "frame contains 0d:0a:0d:0a", { PROPERTY("frame", "frame"), ARRAY("\r\n\r\n"),
					  DO(CONTAINS) } },
	{ "tcp[2:2] == 00:50", { PLACE("tcp", 2), ARRAY("\0\x50"), DO(ARRAYEQUAL) } },
	{ "frame[54:4] == 47:45:54:20", { PLACE("tcp", 20), STRING("GET "), DO(EQUAL) } },
	{ "udp contains \"example\"", { PLACE("udp", 0), STRING("EXAMPLE"), DO(CONTAINSNC) } },
	{ "ip.addr == 10.0.0.1", { PROPERTY("ip", "ip.addr"), POINTER(ADDR_IP, &client),
				   DO(EQUAL) } },
	{ "ip.src != 10.0.0.1", { PROPERTY("ip", "ip.src"), POINTER(ADDRESS, &client),
				  DO(NOTEQUAL) } },
	{ "eth.src == 00:00:5e:00:53:01", { PROPERTY("eth", "eth.src"),
					    POINTER(ADDR_ETHER, &client_card), DO(EQUAL) } },
	{ "ipv6.dst == ff02::1:ff00:2", { PROPERTY("ipv6", "ipv6.dst"), POINTER(ADDR_IP6, &many),
					  DO(EQUAL) } },
	{ "ip.src == 10.0.0.1 && ip.dst == 10.0.0.2", { POINTER(ADDRESS, &client),
							POINTER(ADDRESS, &server), DO(TO) } },
	{ "ip.src == 10.0.0.2", { POINTER(ADDRESS, &client), POINTER(ADDRESS, &server),
				  DO(FROM) } },
	{ "ip.addr == 10.0.0.2", { POINTER(ADDR_IP, &server), DO(ADDRESSANY), DO(FROMTO) } },
	{ "eth.src == 00:00:5e:00:53:01", { POINTER(ADDRESS, &client_card), DO(ADDRESSANY),
					    DO(TO) } },
	{ "frame", { DO(ADDRESSANY), DO(ADDRESSANY), DO(FROMTO) } },
	{ "(dns || icmp) && ip.src == 10.0.0.1", { PROTOCOL("dns"), PROTOCOL("icmp"), DO(OR),
		PROPERTY("ip", "ip.src"), POINTER(ADDR_IP, &client), DO(EQUAL), DO(AND) } },
	{ "(tcp || http) && !(tcp && http)", { PROTOCOL("tcp"), PROTOCOL("http"), DO(XOR) } },
};

static DWORD add(HFILTER filter, const struct word *word)
{
	FILTEROBJECT object = word->object;
	HPROTOCOL protocol = GetProtocolFromName((LPSTR)word->protocol);

	object.Action = word->action;
	if (word->property)
		object.hProperty = GetProperty(protocol, (LPSTR)word->property);
	else if (word->protocol)
		object.hProtocol = protocol;
	return FilterAddObject(filter, &object);
}

static HFILTER list(struct __test_metadata *_metadata, const struct word *words)
{
	HFILTER filter = CreateFilter();

	ASSERT_NE(NULL, filter);
	for (; words->action; words++)
		ASSERT_EQ(NMERR_SUCCESS, add(filter, words)) {
			TH_LOG("action %u", words->action);
		}
	return filter;
}

TEST_F_TIMEOUT(filter, lists_pass_what_tshark_passes, 400)
{
	char ours[512], theirs[512];
	HFILTER filter, twin;
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		ASSERT_EQ(0, filters_again(&self->f));
		ASSERT_EQ(0, filters_tshark(&self->f, lists[i].text, theirs)) {
			TH_LOG("%s", lists[i].text);
		}
		EXPECT_NE(0, theirs[0]) {
			TH_LOG("%s passes nothing", lists[i].text);
		}
		filter = list(_metadata, lists[i].words);
		twin = FilterDuplicate(filter);
		EXPECT_EQ(FILTERS_END, forward(self, filter, ours));
		EXPECT_STREQ(theirs, ours) {
			TH_LOG("%s", lists[i].text);
		}
		/* A twin has all of it, and needs nothing of the first one. */
		EXPECT_EQ(NMERR_SUCCESS, DestroyFilter(filter));
		EXPECT_EQ(FILTERS_END, forward(self, twin, ours));
		EXPECT_STREQ(theirs, ours) {
			TH_LOG("the twin of %s", lists[i].text);
		}
	}
}

TEST_F(filter, PROTOCOLSEXIST_is_one_of_them_or_more)
{
	struct { PROTOCOLTABLE table; HPROTOCOL more; } two = { .table.nProtocols = 2 };
	FILTEROBJECT object = {
		.Action = FILTERACTION_PROTOCOLSEXIST, .lpProtocolTable = &two.table,
	};
	HFILTER filter = CreateFilter(), none = CreateFilter();
	char ours[512], wanted[512];

	two.table.hProtocol[0] = GetProtocolFromName((LPSTR)"dns");
	EXPECT_EQ(NMERR_INVALID_HPROTOCOL, FilterAddObject(filter, &object));
	two.more = GetProtocolFromName((LPSTR)"arp");
	EXPECT_EQ(NMERR_SUCCESS, FilterAddObject(filter, &object));
	two.table.nProtocols = 0;
	EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(none, &object));
	object.lpProtocolTable = NULL;
	EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(none, &object));
	object.lpProtocolTable = GetEnabledProtocols(NULL);
	EXPECT_EQ(NMERR_SUCCESS, FilterAddObject(none, &object));
	EXPECT_EQ(FILTERS_END, forward(self, filter, ours));
	EXPECT_EQ(FILTERS_END, forward(self, text("dns || arp"), wanted));
	EXPECT_STREQ(wanted, ours);
	EXPECT_EQ(FILTERS_END, forward(self, none, ours));
	EXPECT_EQ(FILTERS_END, forward(self, NULL, wanted));
	EXPECT_STREQ(wanted, ours);
}

/* No parser of the made traffic has one, so these are made by hand: 1.3.6.1.4.1.311. */
TEST(object_identifiers_are_compared_number_by_number)
{
	static const DWORD whole[] = { 1, 3, 6, 1, 4, 1, 311 }, middle[] = { 6, 1, 4 };
	static const DWORD high[] = { 2, 999 }, tail[] = { 1, 311 };
	static const DWORD cut[] = { 1, 3, 6, 1, 4, 1, 2 };
	const struct nexp_operand property = { .kind = NEXP_OID, .origin = NEXP_PROPERTY };
	const struct nexp_operand constant = { .kind = NEXP_OID, .origin = NEXP_CONSTANT };
	const struct nexp_value ber = { .bytes = "\x2b\6\1\4\1\x82\x37", .size = 7 };
	const struct nexp_value ber_high = { .bytes = "\x88\x37", .size = 2 };
	const struct nexp_value torn = { .bytes = "\x2b\6\1\4\1\x82", .size = 6 };
	const struct {
		DWORD action;
		const struct nexp_value *value;
		const DWORD *numbers;
		size_t count;
		bool holds;
	} cases[] = {
		{ FILTERACTION_EQUAL, &ber, whole, 7, true },
		{ FILTERACTION_EQUAL, &ber, whole, 6, false },
		{ FILTERACTION_EQUAL, &ber, cut, 7, false },
		{ FILTERACTION_EQUAL, &ber_high, high, 2, true },
		{ FILTERACTION_EQUAL, &torn, whole, 7, false },
		{ FILTERACTION_OID_BEGINS_WITH, &ber, whole, 1, true },
		{ FILTERACTION_OID_BEGINS_WITH, &ber, whole, 7, true },
		{ FILTERACTION_OID_BEGINS_WITH, &ber, middle, 3, false },
		{ FILTERACTION_OID_CONTAINS, &ber, middle, 3, true },
		{ FILTERACTION_OID_CONTAINS, &ber, high, 2, false },
		{ FILTERACTION_OID_CONTAINS, &ber, tail, 2, true },
		{ FILTERACTION_OID_ENDS_WITH, &ber, tail, 2, true },
		{ FILTERACTION_OID_ENDS_WITH, &ber, tail, 1, false },
		{ FILTERACTION_OID_ENDS_WITH, &ber, middle, 3, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nexp_value numbers = { .bytes = cases[i].numbers, .size = cases[i].count };

		EXPECT_EQ(cases[i].holds, nexp_values_hold((BYTE)cases[i].action, &property,
							   cases[i].value, &constant, &numbers)) {
			TH_LOG("case %zu", i);
		}
	}
}

TEST_F(filter, what_an_operator_does_not_take_is_refused)
{
	static const struct word bad[][4] = {
		{ DO(NOT) }, { DO(AND) }, { DO(PROPERTYEXIST) }, { BOOLEAN(1), DO(AND) },
		{ VALUE(1), DO(NOT) }, { VALUE(1), DO(PROPERTYEXIST) },
		{ VALUE(1), VALUE(2), DO(AND) }, { VALUE(1), STRING("1"), DO(EQUAL) },
		{ VALUE(1), POINTER(TIME, &ten_ms), DO(LESS) },
		{ BOOLEAN(1), BOOLEAN(0), DO(LESS) }, { VALUE(1), BOOLEAN(0), DO(GREATER) },
		{ STRING("a"), STRING("b"), DO(PLUS) },
		{ STRING("a"), STRING("a"), DO(ARRAYEQUAL) },
		{ PLACE("tcp", 0), PROPERTY("tcp", "tcp.payload"), DO(EQUAL) },
		{ PLACE("tcp", 0), PLACE("ip", 0), DO(EQUAL) },
		{ STRING("x"), PLACE("ip", 0), DO(CONTAINS) },
		{ VALUE(1), PROPERTY("ip", "ip.ttl"), DO(PLUS) },
		{ PROPERTY("snmp", "snmp.name"), STRING("1.3"), DO(EQUAL) },
		{ VALUE(1), POINTER(ADDRESS, &client), DO(TO) },
		{ DO(ADDRESSANY), POINTER(ADDRESS, &client), DO(EQUAL) },
		{ STRING("1"), VALUE(1), DO(AREBITSON) }, { VALUE(1), VALUE(1), DO(OID_CONTAINS) },
		{ PROTOCOL("tcp"), VALUE(1), DO(CONTAINS) },
	};
	const struct word truth = BOOLEAN(1);
	EXPERTFRAMEDESCRIPTOR frame;
	HFILTER filter;
	bool is_whole;
	size_t i, j;

	ASSERT_EQ(NMERR_SUCCESS, ExpertGetFrame(self->f.u.key, GET_FRAME_NEXT_FORWARD, 0, NONE,
						NULL, &frame));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		filter = CreateFilter();
		for (j = 0; j < 3 && bad[i][j + 1].action; j++)
			EXPECT_EQ(NMERR_SUCCESS, add(filter, &bad[i][j]));
		EXPECT_EQ(NMERR_FILTER_INVALID_EXPRESSION, add(filter, &bad[i][j])) {
			TH_LOG("list %zu", i);
		}
		/* Nothing of it is there: operands are left, one truth value, or nothing. */
		is_whole = !j || (j == 1 && bad[i][0].action == FILTERACTION_BOOL);
		EXPECT_EQ(is_whole ? NMERR_SUCCESS : NMERR_FILTER_INVALID_EXPRESSION,
			  ExpertGetFrame(self->f.u.key, GET_SPECIFIED_FRAME, 0, 0, filter,
					 &frame)) {
			TH_LOG("list %zu", i);
		}
		EXPECT_EQ(NMERR_SUCCESS, add(filter, &truth));
		EXPECT_EQ(NMERR_SUCCESS, DestroyFilter(filter));
	}
}

TEST_F(filter, objects_that_are_none_are_refused)
{
	ADDRESS2 address = { .Type = ADDRESS_TYPE_ANY };
	DWORD numbers[NEXP_MAX_OID + 1] = { 1 };
	OBJECT_IDENTIFIER oid = { .Length = NEXP_MAX_OID + 1, .lpIdentifier = numbers };
	static const DWORD pointers[] = {
		FILTERACTION_STRING, FILTERACTION_ARRAY, FILTERACTION_LARGEINT, FILTERACTION_TIME,
		FILTERACTION_OID, FILTERACTION_ADDRESS, FILTERACTION_ADDR_ETHER,
		FILTERACTION_ADDR_TOKEN, FILTERACTION_ADDR_FDDI, FILTERACTION_ADDR_IPX,
		FILTERACTION_ADDR_IP, FILTERACTION_ADDR_VINES, FILTERACTION_ADDR_IP6,
		FILTERACTION_PROTOCOLSEXIST,
	};
	static const DWORD none[] = {
		FILTERACTION_INVALID, FILTERACTION_EXPRESSION, FILTERACTION_NOEVAL, 50, 96, 100,
		255, 256 + FILTERACTION_VALUE, UINT32_MAX,
	};
	HFILTER filter = CreateFilter();
	FILTEROBJECT object = { 0 };
	size_t i;

	EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(filter, NULL));
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		object.Action = none[i];
		EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(filter, &object)) {
			TH_LOG("action %u", none[i]);
		}
	}
	object.ByteCount = 1;
	for (i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		object.Action = pointers[i];
		EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(filter, &object)) {
			TH_LOG("action %u", pointers[i]);
		}
	}
	object = (FILTEROBJECT) { .Action = FILTERACTION_ARRAY, .lpArray = "x" };
	EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(filter, &object));
	object = (FILTEROBJECT) { .Action = FILTERACTION_ADDRESS, .lpAddress = &address };
	EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(filter, &object));
	address.Type = ADDRESS_TYPE_IP;
	object.Action = FILTERACTION_ADDR_ETHER;
	EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(filter, &object));
	object = (FILTEROBJECT) { .Action = FILTERACTION_OID, .lpOID = &oid };
	EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(filter, &object));
	oid.Length--;
	EXPECT_EQ(NMERR_SUCCESS, FilterAddObject(filter, &object));
	object = (FILTEROBJECT) { .Action = FILTERACTION_PROPERTY, .hProperty = (HPROPERTY)self };
	EXPECT_EQ(NMERR_INVALID_HPROPERTY, FilterAddObject(filter, &object));
	object = (FILTEROBJECT) { .Action = FILTERACTION_PROTOCOLEXIST };
	object.hProtocol = (HPROTOCOL)self;
	EXPECT_EQ(NMERR_INVALID_HPROTOCOL, FilterAddObject(filter, &object));
	object.Action = FILTERACTION_DEREFPROPERTY;
	EXPECT_EQ(NMERR_INVALID_HPROTOCOL, FilterAddObject(filter, &object));
}

TEST_F(filter, lists_have_an_end)
{
	const struct word value = VALUE(1), truth = BOOLEAN(1), not = DO(NOT);
	HFILTER filter = CreateFilter();
	char numbers[512];
	unsigned int i;

	for (i = 0; i < NEXP_MAX_WAITING; i++)
		EXPECT_EQ(NMERR_SUCCESS, add(filter, &value));
	EXPECT_EQ(NMERR_STACK_OVERFLOW, add(filter, &value));
	EXPECT_EQ(NMERR_STACK_OVERFLOW, add(filter, &truth));
	DestroyFilter(filter);
	filter = CreateFilter();
	EXPECT_EQ(NMERR_SUCCESS, add(filter, &truth));
	for (i = 1; i < NEXP_MAX_ITEMS; i++)
		ASSERT_EQ(NMERR_SUCCESS, add(filter, &not));
	EXPECT_EQ(NMERR_OUT_OF_MEMORY, add(filter, &not));
	EXPECT_EQ(FILTERS_END, forward(self, filter, numbers));
	EXPECT_STREQ("1 2 3", (numbers[5] = 0, numbers));
}

TEST_F(filter, objects_are_copied_with_what_they_point_to)
{
	char host[] = "example.org", numbers[512];
	FILTEROBJECT object = {
		.Action = FILTERACTION_PROPERTY,
		.hProperty = GetProperty(GetProtocolFromName((LPSTR)"http"), (LPSTR)"http.host"),
	};
	HFILTER filter = CreateFilter();

	EXPECT_EQ(NMERR_SUCCESS, FilterAddObject(filter, &object));
	object = (FILTEROBJECT) { .Action = FILTERACTION_STRING, .lpArray = host };
	EXPECT_EQ(NMERR_SUCCESS, FilterAddObject(filter, &object));
	memset(host, 'x', sizeof(host) - 1);
	object = (FILTEROBJECT) { .Action = FILTERACTION_EQUAL };
	EXPECT_EQ(NMERR_SUCCESS, FilterAddObject(filter, &object));
	memset(&object, 0xff, sizeof(object));
	EXPECT_EQ(FILTERS_END, forward(self, filter, numbers));
	EXPECT_STREQ("6 ", numbers);
}

TEST_F(filter, a_text_with_a_fault_is_refused_in_words)
{
	char reason[512] = "untouched", small[8], many[NEXP_MAX_FILTER_TEXT + 2];

	EXPECT_EQ(NULL, CreateFilterFromText("tcp && no.such.field == 1", reason, sizeof(reason)));
	EXPECT_EQ(NMERR_FILTER_INVALID_EXPRESSION, BhGetLastError());
	EXPECT_STREQ("display filter \"tcp && no.such.field == 1\", character 8: "
		     "Left side of \"==\" expression must be a field or function, not "
		     "no.such.field.", reason);
	EXPECT_EQ(NULL, CreateFilterFromText("tcp &&", small, sizeof(small)));
	EXPECT_STREQ("display", small);
	BhSetLastError(NMERR_SUCCESS);
	EXPECT_EQ(NULL, CreateFilterFromText("", reason, sizeof(reason)));
	EXPECT_STREQ("the display filter is empty", reason);
	EXPECT_EQ(NMERR_FILTER_INVALID_EXPRESSION, BhGetLastError());
	EXPECT_EQ(NULL, CreateFilterFromText(NULL, reason, sizeof(reason)));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, BhGetLastError());
	EXPECT_STREQ("", reason);

	memset(many, '!', sizeof(many));
	memcpy(many + NEXP_MAX_FILTER_TEXT - 3, "tcp", 4);
	EXPECT_NE(NULL, CreateFilterFromText(many, NULL, 0));
	memset(many, '(', sizeof(many));
	many[NEXP_MAX_FILTER_TEXT] = 0;
	EXPECT_EQ(NULL, CreateFilterFromText(many, reason, sizeof(reason)));
	memset(many, '(', sizeof(many));
	many[NEXP_MAX_FILTER_TEXT + 1] = 0;
	EXPECT_EQ(NULL, CreateFilterFromText(many, reason, sizeof(reason)));
	EXPECT_STREQ("the display filter is longer than 8191 bytes", reason);
	EXPECT_NE(NULL, CreateFilterFromText("tcp", reason, sizeof(reason)));
	EXPECT_STREQ("", reason);
}

TEST_F(filter, a_text_is_an_object_and_more_may_stand_behind)
{
	const struct word words[] = { PROTOCOL("http"), DO(NOT), DO(AND) };
	char ours[512], wanted[512];
	HFILTER filter = text("tcp.port == 80"), twin;
	size_t i;

	for (i = 0; i < 3; i++)
		EXPECT_EQ(NMERR_SUCCESS, add(filter, &words[i]));
	twin = FilterDuplicate(filter);
	EXPECT_EQ(FILTERS_END, forward(self, text("tcp.port == 80 && !http"), wanted));
	ASSERT_EQ(0, filters_again(&self->f));
	EXPECT_EQ(NMERR_INVALID_HFILTER, forward(self, twin, ours));
	filter = text("tcp.port == 80");
	for (i = 0; i < 3; i++)
		EXPECT_EQ(NMERR_SUCCESS, add(filter, &words[i]));
	twin = FilterDuplicate(filter);
	EXPECT_EQ(NMERR_SUCCESS, DestroyFilter(filter));
	EXPECT_EQ(FILTERS_END, forward(self, twin, ours));
	EXPECT_STREQ(wanted, ours);
	EXPECT_NE(0, ours[0]);
}

TEST_F(filter, an_empty_one_passes_every_frame)
{
	HFILTER filter = CreateFilter();
	char ours[512], wanted[512];

	EXPECT_EQ(FILTERS_END, forward(self, filter, ours));
	EXPECT_EQ(FILTERS_END, forward(self, NULL, wanted));
	EXPECT_STREQ(wanted, ours);
	EXPECT_FALSE(FilterAttachesProperties(filter));
}

TEST_F(filter, FilterAttachesProperties_says_what_costs_a_dissection)
{
	const struct word to = POINTER(ADDRESS, &client), any = DO(ADDRESSANY), does = DO(FROMTO);
	const struct word tcp = PROTOCOL("tcp"), ttl = PROPERTY("ip", "ip.ttl");
	HFILTER filter = CreateFilter(), second = CreateFilter();
	EXPERTFRAMEDESCRIPTOR frame;

	EXPECT_EQ(NMERR_SUCCESS, add(filter, &to));
	EXPECT_EQ(NMERR_SUCCESS, add(filter, &any));
	EXPECT_EQ(NMERR_SUCCESS, add(filter, &does));
	EXPECT_FALSE(FilterAttachesProperties(filter));
	ASSERT_EQ(NMERR_SUCCESS, ExpertGetFrame(self->f.u.key, GET_FRAME_NEXT_FORWARD, 0, NONE,
						filter, &frame));
	EXPECT_EQ(1, frame.FrameNumber);
	EXPECT_EQ(NMERR_SUCCESS, add(filter, &tcp));
	EXPECT_TRUE(FilterAttachesProperties(filter));
	EXPECT_EQ(NMERR_SUCCESS, add(second, &ttl));
	EXPECT_TRUE(FilterAttachesProperties(second));
	EXPECT_TRUE(FilterAttachesProperties(text("tcp")));
	EXPECT_FALSE(FilterAttachesProperties(NULL));
}

static void expect_none(struct __test_metadata *_metadata, FIXTURE_DATA(filter) *self,
			HFILTER bad, HFRAME frame)
{
	FILTEROBJECT object = { .Action = FILTERACTION_VALUE };
	EXPERTFRAMEDESCRIPTOR got;
	LPPROPERTYINST inst = NULL;

	EXPECT_EQ(NMERR_INVALID_PARAMETER, FilterAddObject(bad, &object));
	EXPECT_EQ(NMERR_INVALID_HFILTER, DestroyFilter(bad));
	EXPECT_EQ(NULL, FilterDuplicate(bad));
	EXPECT_EQ(NMERR_INVALID_HFILTER, BhGetLastError());
	BhSetLastError(NMERR_SUCCESS);
	FilterFlushBits(bad);
	EXPECT_FALSE(FilterAttachesProperties(bad));
	EXPECT_EQ((DWORD)FILTER_FAIL_WITH_ERROR, FilterFrame(frame, bad, self->f.capture));
	EXPECT_EQ(NMERR_INVALID_HFILTER, BhGetLastError());
	BhSetLastError(NMERR_SUCCESS);
	EXPECT_EQ(FILTER_NO_MORE_FRAMES, FilterFindFrame(bad, self->f.capture, NONE, NULL, NULL, 0,
							 FILTER_DIRECTION_NEXT));
	EXPECT_EQ(NMERR_INVALID_HFILTER, BhGetLastError());
	BhSetLastError(NMERR_SUCCESS);
	EXPECT_EQ(NULL, FilterFindPropertyInstance(frame, NULL, self->f.capture, bad, &inst, NULL,
						   NULL, 0, TRUE));
	EXPECT_EQ(NMERR_INVALID_HFILTER, BhGetLastError());
	EXPECT_EQ(NMERR_INVALID_HFILTER, DisableParserFilter(bad, NULL));
	EXPECT_EQ(NMERR_INVALID_HFILTER, EnableParserFilter(bad, NULL));
	SetCurrentFilter(bad);
	if (bad)
		EXPECT_EQ(NMERR_INVALID_HFILTER,
			  ExpertGetFrame(self->f.u.key, GET_SPECIFIED_FRAME, 0, 0, bad, &got));
}

TEST_F(filter, handles_that_stand_for_nothing)
{
	HFILTER filter = CreateFilter(), old = CreateFilter();
	EXPERTFRAMEDESCRIPTOR frame;
	uintptr_t bad[8];
	size_t i;

	ASSERT_EQ(NMERR_SUCCESS, ExpertGetFrame(self->f.u.key, GET_FRAME_NEXT_FORWARD, 0, NONE,
						filter, &frame));
	EXPECT_EQ(NMERR_SUCCESS, DestroyFilter(old));
	bad[0] = 0;
	bad[1] = (uintptr_t)old;
	bad[2] = UINTPTR_MAX;
	bad[3] = (uintptr_t)self;
	bad[4] = (uintptr_t)filter + 1;
	bad[5] = (uintptr_t)filter + NEXP_MAX_FILTERS;
	bad[6] = 1;
	bad[7] = (uintptr_t)frame.hFrame;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_none(_metadata, self, (HFILTER)bad[i], frame.hFrame);
	/* The next one in its place is another one. */
	EXPECT_NE(old, CreateFilter());
	expect_none(_metadata, self, old, frame.hFrame);
	EXPECT_EQ(NMERR_NOT_SUPPORTED, DisableParserFilter(filter, NULL));
	EXPECT_EQ(NMERR_NOT_SUPPORTED, EnableParserFilter(filter, (HPARSER)self));
}

TEST_F(filter, filters_end_with_their_key_and_leave_nothing)
{
	const struct word string = STRING("some bytes");
	struct netexpert_heap_stat before, after;
	HFILTER filter, first = text("tcp");
	unsigned int i;

	before = unit_heap_stat(self->f.u.unit.nx);
	for (i = 0; i < 100; i++) {
		filter = text("udp.port == 53 || tcp.port == 53");
		EXPECT_EQ(NMERR_SUCCESS, add(filter, &string));
		EXPECT_EQ(NMERR_SUCCESS, DestroyFilter(filter));
	}
	after = unit_heap_stat(self->f.u.unit.nx);
	EXPECT_GE(before.objects + 10, after.objects);
	for (i = 0; i < NEXP_MAX_FILTERS - 1; i++) {
		filter = CreateFilter();
		ASSERT_NE(NULL, filter);
	}
	EXPECT_EQ(NULL, CreateFilter());
	EXPECT_EQ(NMERR_NO_HANDLES, BhGetLastError());
	EXPECT_EQ(NULL, FilterDuplicate(first));
	EXPECT_EQ(NMERR_NO_HANDLES, BhGetLastError());
	nexp_key_end(self->f.u.key, NULL);
	EXPECT_EQ(NMERR_INVALID_HFILTER, DestroyFilter(first));
	EXPECT_EQ(NULL, CreateFilter());
	EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE, BhGetLastError());
	EXPECT_EQ(NULL, text("tcp"));
	EXPECT_EQ(NULL, GetCurrentFilter());
	ASSERT_EQ(0, nexp_key_begin(self->f.u.unit.nx, self->f.u.link, &self->f.u.startup,
				    &self->f.u.key));
	EXPECT_EQ(NMERR_INVALID_HFILTER, DestroyFilter(first));
	EXPECT_NE(NULL, CreateFilter());
}

TEST_F(filter, in_a_child_of_fork_there_is_none)
{
	HFILTER filter = CreateFilter();
	FILTEROBJECT object = { .Action = FILTERACTION_VALUE };
	int status = 0;
	pid_t child = fork();

	if (!child) {
		FilterFlushBits(filter);
		_exit(CreateFilter() || text("tcp") || FilterDuplicate(filter) ||
		      FilterAddObject(filter, &object) != NMERR_INVALID_PARAMETER ||
		      DestroyFilter(filter) != NMERR_INVALID_HFILTER ||
		      FilterAttachesProperties(filter));
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(NMERR_SUCCESS, DestroyFilter(filter));
}

TEST_HARNESS_MAIN
