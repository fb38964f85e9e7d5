// SPDX-License-Identifier: GPL-2.0
/*
 * Protocols and properties: every decision of include/netmon_properties.h, and the
 * values beside tshark's on the same frames. The parsers' library is loaded as an
 * expert's host does it.
 */
#include <linux/if_arp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "key.h"
#include "traffic.h"
#include "user/lib/dissect.h"

#define MIB		(1ULL << 20)
#define FRAME_HANDLE	((HFRAME)0x1000)

/* As traffic_all() numbers them, from 0. */
#define FRAME_SYN	1
#define FRAME_REQUEST	5
#define FRAME_ANSWER	9
#define FRAME_DNS	12
#define FRAME_BAD_DNS	13
#define FRAME_VLAN	16

FIXTURE(property) {
	struct unit_key u;
	struct traffic traffic;
	struct nexp_attached attached;
};

FIXTURE_SETUP(property)
{
	setenv("TZ", "UTC", 1);
	traffic_all(&self->traffic);
	ASSERT_EQ(0, unit_key_open(&self->u, 256 * MIB, 128 * MIB));
}

FIXTURE_TEARDOWN(property)
{
	unit_key_close(&self->u);
}

static int attach_record(FIXTURE_DATA(property) *self, unsigned int index,
			 const struct netexpert_record *record)
{
	const struct nexp_dissect_job job = {
		.capture = 1,
		.number = index + 1,
		.record = record,
		.bytes = self->traffic.frame[index].bytes,
		.wants_properties = true,
	};
	int err = nexp_dissect_run(self->u.unit.nx, NEXP_HAND_ATTACHED, &job);

	if (!err)
		nexp_dissect_attach(FRAME_HANDLE, &self->attached);
	return err;
}

static int attach(FIXTURE_DATA(property) *self, unsigned int index)
{
	const struct netexpert_pool_info *info = &self->u.unit.nx->info;
	const struct traffic_frame *frame = &self->traffic.frame[index];
	struct netexpert_record record = {
		.link_type = ARPHRD_ETHER,
		.wire_len = frame->wire_len,
		.cap_len = frame->cap_len,
		.time_ns = (uint64_t)TRAFFIC_SECS * 1000000000 + traffic_us(index) * 1000 +
			   info->created_ns - info->realtime_ns,
	};

	return attach_record(self, index, &record);
}

static int attach_up_to(FIXTURE_DATA(property) *self, unsigned int last)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i <= last && !err; i++)
		err = attach(self, i);
	return err;
}

static HPROPERTY property(const char *protocol, const char *name)
{
	return GetProperty(GetProtocolFromName((LPSTR)protocol), (LPSTR)name);
}

static LPPROPERTYINFO info_of(const char *protocol, const char *name)
{
	return GetPropertyInfo(property(protocol, name));
}

static LPPROPERTYINST find(const char *protocol, const char *name)
{
	return FindPropertyInstance(FRAME_HANDLE, property(protocol, name));
}

static const void *data_of(const PROPERTYINST *inst, size_t *size)
{
	if (inst->DataLength != PROP_DATA_EX) {
		*size = inst->DataLength;
		return inst->lpData;
	}
	*size = inst->lpPropertyInstEx->LengthEx;
	return inst->lpPropertyInstEx->Byte;
}

static uint64_t number_of(const PROPERTYINST *inst)
{
	uint64_t number = 0;
	const uint8_t *bytes;
	size_t size, i;

	bytes = data_of(inst, &size);
	for (i = 0; i < size; i++)
		number = number << 8 |
			 bytes[inst->IFlags & IFLAG_SWAPPED ? i : size - 1 - i];
	return number;
}

TEST_F(property, names_of_protocols_are_compared_ignoring_case)
{
	HPROTOCOL tcp = GetProtocolFromName((LPSTR)"TCP");

	ASSERT_NE(NULL, tcp);
	EXPECT_EQ(tcp, GetProtocolFromName((LPSTR)"tcp"));
	EXPECT_NE(NULL, GetProtocolFromName((LPSTR)"IP"));
	EXPECT_NE(tcp, GetProtocolFromName((LPSTR)"IP"));
	EXPECT_EQ(NULL, GetProtocolFromName((LPSTR)"TC"));
	EXPECT_EQ(NULL, GetProtocolFromName((LPSTR)""));
	EXPECT_EQ(NULL, GetProtocolFromName(NULL));
}

TEST_F(property, a_protocol_says_what_it_is)
{
	LPPROTOCOLINFO info = GetProtocolInfo(GetProtocolFromName((LPSTR)"tcp"));
	DWORD i, found = 0;

	ASSERT_NE(NULL, info);
	EXPECT_STREQ("tcp", (char *)info->ProtocolName);
	EXPECT_STREQ("Transmission Control Protocol", (char *)info->Comment);
	EXPECT_STREQ("", (char *)info->HelpFile);
	ASSERT_NE(NULL, info->PropertyDatabase);
	EXPECT_LT(100, info->PropertyDatabase->nProperties);
	for (i = 0; i < info->PropertyDatabase->nProperties; i++)
		found += info->PropertyDatabase->PropertyInfo[i]->hProperty ==
			 property("tcp", "tcp.dstport");
	EXPECT_EQ(1, found);
	EXPECT_EQ(info, GetProtocolInfo(GetProtocolFromName((LPSTR)"TCP")));
}

TEST_F(property, handles_that_were_never_handed_out_are_answered)
{
	HPROTOCOL tcp = GetProtocolFromName((LPSTR)"tcp");
	HPROTOCOL bad[] = {
		NULL, (HPROTOCOL)1, (HPROTOCOL)((char *)tcp + 1),
		(HPROTOCOL)((char *)tcp - 64 * MIB), (HPROTOCOL)UINTPTR_MAX, (HPROTOCOL)self,
	};
	HPROPERTY port = property("tcp", "tcp.dstport");
	size_t i;

	ASSERT_EQ(0, attach(self, FRAME_SYN));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(NULL, GetProtocolInfo(bad[i]));
		EXPECT_EQ(0, GetProperty(bad[i], (LPSTR)"tcp.dstport"));
		EXPECT_EQ((DWORD)-1, GetProtocolStartOffsetHandle(FRAME_HANDLE, bad[i]));
		EXPECT_EQ(NULL, GetPropertyInfo((HPROPERTY)bad[i]));
		EXPECT_EQ(NULL, FindPropertyInstance(FRAME_HANDLE, (HPROPERTY)bad[i]));
	}
	EXPECT_EQ(NULL, GetPropertyInfo(port + 1));
	EXPECT_EQ(0, GetProperty(tcp, NULL));
	EXPECT_EQ(0, GetProperty(tcp, (LPSTR)"ip.src"));
	EXPECT_EQ(NULL, FindPropertyInstance(NULL, port));
	EXPECT_EQ(NULL, FindPropertyInstance((HFRAME)self, port));
}

/* PROTOCOLINFO has room for 15 characters, and a name found there must be found again. */
TEST_F(property, every_enabled_protocol_is_found_by_the_name_in_its_info)
{
	LPPROTOCOLTABLE table = GetEnabledProtocols(NULL);
	DWORD i, cut = 0;

	ASSERT_NE(NULL, table);
	EXPECT_EQ(table, GetEnabledProtocols(NULL));
	EXPECT_LT(1000, table->nProtocols);
	for (i = 0; i < table->nProtocols; i++) {
		LPPROTOCOLINFO info = GetProtocolInfo(table->hProtocol[i]);
		LPSTR name = (LPSTR)info->ProtocolName;
		HPROTOCOL again = GetProtocolFromName(name);

		ASSERT_NE(NULL, again) {
			TH_LOG("%s", name);
		}
		cut += strlen(name) == 15;
		EXPECT_TRUE(again == table->hProtocol[i] || strlen(name) == 15) {
			TH_LOG("%s", name);
		}
	}
	EXPECT_LT(0, cut);
}

TEST_F(property, a_property_is_found_by_filter_name_and_else_by_title)
{
	LPPROPERTYINFO info = info_of("tcp", "TCP.DstPort");

	ASSERT_NE(NULL, info);
	EXPECT_STREQ("tcp.dstport", info->Label);
	EXPECT_STREQ("Destination Port", info->Comment);
	EXPECT_EQ(0, info->Version);
	EXPECT_EQ(info, info_of("tcp", "destination port"));
	EXPECT_EQ(NULL, info_of("udp", "tcp.dstport"));
	EXPECT_EQ(PROP_TYPE_SUMMARY, info_of("tcp", "tcp")->DataType);
}

TEST_F(property, types_are_those_of_the_table)
{
	static const struct {
		const char *protocol, *name;
		BYTE type, qualifier;
	} cases[] = {
		{ "tcp", "tcp.dstport", PROP_TYPE_WORD, PROP_QUAL_NONE },
		{ "tcp", "tcp.seq", PROP_TYPE_DWORD, PROP_QUAL_NONE },
		{ "tcp", "tcp.flags.syn", PROP_TYPE_WORD, PROP_QUAL_FLAGS },
		{ "ip", "ip.ttl", PROP_TYPE_BYTE, PROP_QUAL_NONE },
		{ "ip", "ip.proto", PROP_TYPE_BYTE, PROP_QUAL_LABELED_SET },
		{ "ip", "ip.src", PROP_TYPE_IP_ADDRESS, PROP_QUAL_NONE },
		{ "ipv6", "ipv6.src", PROP_TYPE_IP6_ADDRESS, PROP_QUAL_NONE },
		{ "eth", "eth.dst", PROP_TYPE_ETHERNET_ADDRESS, PROP_QUAL_NONE },
		{ "eth", "eth.type", PROP_TYPE_WORD, PROP_QUAL_LABELED_SET },
		{ "frame", "frame.time", PROP_TYPE_TIME, PROP_QUAL_NONE },
		{ "frame", "frame.time_delta", PROP_TYPE_LARGEINT, PROP_QUAL_NONE },
		{ "frame", "frame.marked", PROP_TYPE_BYTE, PROP_QUAL_FLAGS },
		{ "tcp", "tcp.reassembled_in", PROP_TYPE_DWORD, PROP_QUAL_NONE },
		{ "http", "http.host", PROP_TYPE_STRING, PROP_QUAL_NONE },
		{ "tcp", "tcp.payload", PROP_TYPE_RAW_DATA, PROP_QUAL_NONE },
		{ "dns", "dns.flags.rcode", PROP_TYPE_WORD, PROP_QUAL_LABELED_SET },
		{ "snmp", "snmp.name", PROP_TYPE_OBJECT_IDENTIFIER, PROP_QUAL_NONE },
		{ "tcp", "tcp.analysis.flags", PROP_TYPE_COMMENT, PROP_QUAL_NONE },
	};
	LPPROPERTYINFO info;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		info = info_of(cases[i].protocol, cases[i].name);
		ASSERT_NE(NULL, info) {
			TH_LOG("%s", cases[i].name);
		}
		EXPECT_EQ(cases[i].type, info->DataType) {
			TH_LOG("%s", cases[i].name);
		}
		EXPECT_EQ(cases[i].qualifier, info->DataQualifier) {
			TH_LOG("%s", cases[i].name);
		}
		EXPECT_EQ(!cases[i].qualifier, !info->lpSet);
	}
}

TEST_F(property, value_strings_are_labels)
{
	LPSET set = info_of("ip", "ip.proto")->lpSet;
	LPSET types = info_of("eth", "eth.type")->lpSet;
	LPSET bit = info_of("tcp", "tcp.flags.syn")->lpSet;
	DWORD i, found = 0;

	for (i = 0; i < set->nEntries; i++)
		if (set->lpLabeledByteTable[i].Value == 6)
			found += !strcmp(set->lpLabeledByteTable[i].Label, "TCP");
	EXPECT_EQ(1, found);
	for (i = 0; i < types->nEntries; i++)
		if (types->lpLabeledWordTable[i].Value == 0x86dd)
			found += !strcmp(types->lpLabeledWordTable[i].Label, "IPv6");
	EXPECT_EQ(2, found);
	ASSERT_EQ(1, bit->nEntries);
	EXPECT_EQ(1, bit->lpLabeledBit->BitNumber);
	EXPECT_STREQ("Set", bit->lpLabeledBit->LabelOn);
	EXPECT_STREQ("Not set", bit->lpLabeledBit->LabelOff);
}

TEST_F(property, data_in_the_frame_are_the_frame_s)
{
	const uint8_t *bytes = self->traffic.frame[FRAME_SYN].bytes;
	LPPROPERTYINST port, seq;

	ASSERT_EQ(0, attach(self, FRAME_SYN));
	port = find("tcp", "tcp.dstport");
	ASSERT_NE(NULL, port);
	EXPECT_EQ(bytes + 36, port->lpByte);
	EXPECT_EQ(2, port->DataLength);
	EXPECT_EQ(IFLAG_SWAPPED, port->IFlags);
	EXPECT_EQ(80, number_of(port));
	EXPECT_EQ(NULL, port->szPropertyText);
	EXPECT_TRUE(port->Level == 1);
	EXPECT_EQ(bytes + 26, find("ip", "ip.src")->lpByte);
	EXPECT_EQ(4, find("ip", "ip.src")->DataLength);
	EXPECT_EQ(0, find("ip", "ip.src")->IFlags);
	EXPECT_EQ(bytes + 34, find("tcp", "tcp")->lpByte);
	EXPECT_EQ(24, find("tcp", "tcp")->DataLength);
	EXPECT_TRUE(find("tcp", "tcp.port")->Level == PROP_LEVEL_HIDDEN);

	/* Relative to the first: not what the frame says. */
	seq = find("tcp", "tcp.seq");
	ASSERT_EQ(PROP_DATA_EX, seq->DataLength);
	EXPECT_EQ(4, seq->lpPropertyInstEx->Length);
	EXPECT_EQ(4, seq->lpPropertyInstEx->LengthEx);
	EXPECT_EQ(bytes + 38, (uint8_t *)seq->lpPropertyInstEx->lpData);
	EXPECT_EQ(0, number_of(seq));
}

TEST_F(property, bits_keep_their_place_and_parts_their_value)
{
	ASSERT_EQ(0, attach(self, FRAME_SYN));
	EXPECT_EQ(2, number_of(find("tcp", "tcp.flags.syn")));
	EXPECT_EQ(0, number_of(find("tcp", "tcp.flags.ack")));
	EXPECT_EQ(4, number_of(find("ip", "ip.version")));
	EXPECT_EQ(20, number_of(find("ip", "ip.hdr_len")));
	ASSERT_EQ(0, attach(self, FRAME_VLAN));
	EXPECT_EQ(100, number_of(find("vlan", "vlan.id")));
	EXPECT_EQ(3, number_of(find("vlan", "vlan.priority")));
}

TEST_F(property, times_and_numbers_of_frames)
{
	const SYSTEMTIME *time;
	size_t size;

	ASSERT_EQ(0, attach_up_to(self, FRAME_REQUEST));
	time = data_of(find("frame", "frame.time"), &size);
	ASSERT_EQ(sizeof(*time), size);
	EXPECT_EQ(2023, time->wYear);
	EXPECT_EQ(11, time->wMonth);
	EXPECT_EQ(2, time->wDayOfWeek);
	EXPECT_EQ(14, time->wDay);
	EXPECT_EQ(22, time->wHour);
	EXPECT_EQ(13, time->wMinute);
	EXPECT_EQ(20, time->wSecond);
	EXPECT_EQ(FRAME_REQUEST * TRAFFIC_STEP_US / 1000, time->wMilliseconds);
	EXPECT_EQ(TRAFFIC_STEP_US, number_of(find("frame", "frame.time_delta")));
	/* The first segment of the request. */
	EXPECT_EQ(FRAME_REQUEST - 1, number_of(find("tcp", "tcp.segment")));
}

TEST_F(property, what_was_put_together_is_elsewhere)
{
	LPPROPERTYINST host;
	const char *text;
	size_t size;

	ASSERT_EQ(0, attach_up_to(self, FRAME_REQUEST));
	EXPECT_EQ(34, GetProtocolStartOffset(FRAME_HANDLE, (LPSTR)"TCP"));
	EXPECT_EQ((DWORD)-1, GetProtocolStartOffset(FRAME_HANDLE, (LPSTR)"http"));
	host = find("http", "http.host");
	ASSERT_NE(NULL, host);
	ASSERT_EQ(PROP_DATA_EX, host->DataLength);
	EXPECT_EQ(NULL, host->lpPropertyInstEx->lpData);
	EXPECT_EQ(0, host->lpPropertyInstEx->Length);
	text = data_of(host, &size);
	EXPECT_EQ(11, size);
	EXPECT_EQ(0, memcmp(text, "example.org", 11));
}

TEST_F(property, protocols_and_where_they_start)
{
	LPRECOGNIZEDATATABLE protocols;
	DWORD previous = 4711;

	ASSERT_EQ(0, attach(self, FRAME_VLAN));
	protocols = self->attached.protocols;
	ASSERT_EQ(5, protocols->nRecognizeDatas);
	EXPECT_EQ(GetProtocolInfo(GetProtocolFromName((LPSTR)"frame"))->ProtocolID,
		  protocols->RecognizeData[0].ProtocolID);
	EXPECT_EQ(GetProtocolInfo(GetProtocolFromName((LPSTR)"icmp"))->ProtocolID,
		  protocols->RecognizeData[4].ProtocolID);
	EXPECT_EQ(38, protocols->RecognizeData[4].nProtocolOffset);
	EXPECT_EQ(0, GetProtocolStartOffset(FRAME_HANDLE, (LPSTR)"eth"));
	EXPECT_EQ(18, GetProtocolStartOffset(FRAME_HANDLE, (LPSTR)"ip"));
	EXPECT_EQ(18, GetProtocolStartOffsetHandle(FRAME_HANDLE,
						   GetProtocolFromName((LPSTR)"ip")));
	EXPECT_EQ((DWORD)-1, GetProtocolStartOffset(FRAME_HANDLE, (LPSTR)"tcp"));
	EXPECT_EQ((DWORD)-1, GetProtocolStartOffset(FRAME_HANDLE, NULL));
	EXPECT_EQ((DWORD)-1, GetProtocolStartOffset(NULL, (LPSTR)"eth"));
	EXPECT_EQ(NMERR_SUCCESS, GetPreviousProtocolOffsetByName(FRAME_HANDLE, 38, (LPSTR)"IP",
								 &previous));
	EXPECT_EQ(18, previous);
	previous = 4711;
	EXPECT_EQ(NMERR_PROTOCOL_NOT_FOUND,
		  GetPreviousProtocolOffsetByName(FRAME_HANDLE, 18, (LPSTR)"ip", &previous));
	EXPECT_EQ(NMERR_PROTOCOL_NOT_FOUND,
		  GetPreviousProtocolOffsetByName(FRAME_HANDLE, 38, (LPSTR)"none", &previous));
	EXPECT_EQ(NMERR_INVALID_HFRAME,
		  GetPreviousProtocolOffsetByName(NULL, 38, (LPSTR)"ip", &previous));
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  GetPreviousProtocolOffsetByName(FRAME_HANDLE, 38, NULL, &previous));
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  GetPreviousProtocolOffsetByName(FRAME_HANDLE, 38, (LPSTR)"ip", NULL));
	EXPECT_EQ(4711, previous);
}

TEST_F(property, tables_are_one_for_each_protocol)
{
	LPPROPERTYTABLE table;
	DWORD i, next = 0;

	ASSERT_EQ(0, attach(self, FRAME_VLAN));
	table = self->attached.properties;
	ASSERT_EQ(5, table->nPropertyInstTables);
	for (i = 0; i < table->nPropertyInstTables; i++) {
		EXPECT_EQ(next, table->lpPropertyInstTable[i].nPropertyInstIndex);
		EXPECT_EQ(PROP_TYPE_SUMMARY,
			  table->lpFirstPropertyInst[next].lpPropertyInfo->DataType);
		next += table->lpPropertyInstTable[i].nPropertyInsts;
	}
	EXPECT_EQ(table->nTotalPropertyInsts, next);
	EXPECT_EQ(NULL, table->lpFormatBuffer);
	EXPECT_EQ(0, table->FormatBufferLength);
}

TEST_F(property, restart_goes_on_after_its_key_both_ways)
{
	HPROPERTY port = property("tcp", "tcp.port");
	LPPROPERTYINST first, second, at = NULL;

	ASSERT_EQ(0, attach(self, FRAME_SYN));
	first = FindPropertyInstance(FRAME_HANDLE, port);
	EXPECT_EQ(first, FindPropertyInstanceRestart(FRAME_HANDLE, port, NULL, TRUE));
	at = FindPropertyInstanceRestart(FRAME_HANDLE, port, &at, TRUE);
	EXPECT_EQ(first, at);
	second = FindPropertyInstanceRestart(FRAME_HANDLE, port, &at, TRUE);
	ASSERT_NE(NULL, second);
	EXPECT_EQ(second, at);
	EXPECT_EQ(40000, number_of(first));
	EXPECT_EQ(80, number_of(second));
	at = FindPropertyInstanceRestart(FRAME_HANDLE, port, &at, TRUE);
	EXPECT_EQ(NULL, at);

	EXPECT_EQ(second, FindPropertyInstanceRestart(FRAME_HANDLE, port, &at, FALSE));
	EXPECT_EQ(first, FindPropertyInstanceRestart(FRAME_HANDLE, port, &at, FALSE));
	EXPECT_EQ(NULL, FindPropertyInstanceRestart(FRAME_HANDLE, port, &at, FALSE));
	EXPECT_EQ(second, FindPropertyInstanceRestart(FRAME_HANDLE, port, NULL, FALSE));

	at = (LPPROPERTYINST)self;
	EXPECT_EQ(NULL, FindPropertyInstanceRestart(FRAME_HANDLE, port, &at, TRUE));
	at = (LPPROPERTYINST)((char *)first + 1);
	EXPECT_EQ(NULL, FindPropertyInstanceRestart(FRAME_HANDLE, port, &at, TRUE));
}

TEST_F(property, text_is_the_tree_s_and_is_cut_between_characters)
{
	LPPROPERTYINST port, flags;
	char text[240];
	DWORD size;

	ASSERT_EQ(0, attach(self, FRAME_SYN));
	port = find("tcp", "tcp.dstport");
	EXPECT_EQ(&text[0], GetPropertyText(FRAME_HANDLE, port, text, sizeof(text)));
	EXPECT_STREQ("Destination Port: 80", text);
	EXPECT_EQ(&text[0], GetPropertyText(FRAME_HANDLE, port, text, 5));
	EXPECT_STREQ("Dest", text);
	EXPECT_EQ(&text[0], GetPropertyText(FRAME_HANDLE, port, text, 1));
	EXPECT_STREQ("", text);
	EXPECT_EQ(NULL, GetPropertyText(FRAME_HANDLE, port, text, 0));
	EXPECT_EQ(NULL, GetPropertyText(FRAME_HANDLE, port, NULL, 10));
	EXPECT_EQ(NULL, GetPropertyText(FRAME_HANDLE, NULL, text, sizeof(text)));
	EXPECT_EQ(NULL, GetPropertyText(FRAME_HANDLE, port + 100000, text, sizeof(text)));
	EXPECT_EQ(NULL, GetPropertyText(NULL, port, text, sizeof(text)));

	/* Dots of two bytes each. */
	flags = find("tcp", "tcp.flags.str");
	for (size = 2; size < 40; size++) {
		EXPECT_EQ(&text[0], GetPropertyText(FRAME_HANDLE, flags, text, size));
		EXPECT_GT(size, strlen(text));
		if (strlen(text) > 11)
			EXPECT_NE((char)0xc2, text[strlen(text) - 1]);
	}
}

TEST_F(property, a_malformed_frame_has_properties_and_an_error)
{
	LPPROPERTYTABLE table;
	DWORD i, errors = 0;

	ASSERT_EQ(0, attach(self, FRAME_BAD_DNS));
	table = self->attached.properties;
	for (i = 0; i < table->nTotalPropertyInsts; i++)
		errors += !!(table->lpFirstPropertyInst[i].IFlags & IFLAG_ERROR);
	EXPECT_LT(0, errors);
	EXPECT_NE(NULL, find("_ws.malformed", "_ws.malformed"));
	EXPECT_NE(NULL, find("dns", "dns.id"));
}

/* All values of a property in all frames, each with a blank after it. */
static void our_values(struct __test_metadata *_metadata, FIXTURE_DATA(property) *self,
		       HPROPERTY which, char *values)
{
	char address[INET6_ADDRSTRLEN];
	LPPROPERTYINST inst;
	unsigned int i;
	size_t size;
	const void *data;

	*values = 0;
	for (i = 0; i < self->traffic.count; i++) {
		ASSERT_EQ(0, attach(self, i));
		inst = NULL;
		while (FindPropertyInstanceRestart(FRAME_HANDLE, which, &inst, TRUE)) {
			values += strlen(values);
			data = data_of(inst, &size);
			switch (inst->lpPropertyInfo->DataType) {
			case PROP_TYPE_STRING:
				sprintf(values, "%.*s ", (int)size, (const char *)data);
				break;
			case PROP_TYPE_IP_ADDRESS:
				sprintf(values, "%s ", inet_ntop(AF_INET, data, address,
								 sizeof(address)));
				break;
			case PROP_TYPE_IP6_ADDRESS:
				sprintf(values, "%s ", inet_ntop(AF_INET6, data, address,
								 sizeof(address)));
				break;
			default:
				sprintf(values, "%llu ", (unsigned long long)number_of(inst));
				break;
			}
		}
	}
}

static void tshark_s_values(struct __test_metadata *_metadata, FIXTURE_DATA(property) *self,
			    const char *name, char *values)
{
	char path[] = "/tmp/property.XXXXXX", command[512], word[256];
	int file = mkstemp(path);
	FILE *tshark;

	ASSERT_LE(0, file);
	close(file);
	ASSERT_TRUE(traffic_write(&self->traffic, path));
	snprintf(command, sizeof(command),
		 "HOME=/nonexistent tshark -r %s -T fields -E aggregator=/s -e %s 2>/dev/null",
		 path, name);
	tshark = popen(command, "r");
	ASSERT_NE(NULL, tshark);
	*values = 0;
	while (fscanf(tshark, "%250s", word) == 1)
		sprintf(values + strlen(values), "%s ", word);
	EXPECT_EQ(0, pclose(tshark));
	unlink(path);
}

/* tshark takes half a second to begin. */
TEST_F_TIMEOUT(property, values_are_tshark_s, 200)
{
	static const char *const names[][2] = {
		{ "tcp", "tcp.port" }, { "tcp", "tcp.len" }, { "tcp", "tcp.seq" },
		{ "tcp", "tcp.stream" }, { "ip", "ip.addr" }, { "ip", "ip.ttl" },
		{ "ip", "ip.len" }, { "ipv6", "ipv6.dst" }, { "dns", "dns.qry.name" },
		{ "dns", "dns.count.answers" }, { "dns", "dns.a" }, { "dns", "dns.resp.ttl" },
		{ "http", "http.host" }, { "http", "http.response.code" },
		{ "frame", "frame.cap_len" }, { "icmp", "icmp.type" }, { "vlan", "vlan.id" },
	};
	char ours[4096], theirs[4096];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		HPROPERTY which = property(names[i][0], names[i][1]);

		ASSERT_NE(0, which);
		our_values(_metadata, self, which, ours);
		tshark_s_values(_metadata, self, names[i][1], theirs);
		EXPECT_NE(0, theirs[0]);
		EXPECT_STREQ(theirs, ours) {
			TH_LOG("%s", names[i][1]);
		}
	}
}

TEST_F(property, refused_frames_leave_nothing_attached)
{
	struct netexpert_record record = { .link_type = 820, .wire_len = 60, .cap_len = 60 };
	HPROPERTY port = property("tcp", "tcp.port");

	ASSERT_EQ(0, attach(self, FRAME_SYN));
	EXPECT_EQ(-EPFNOSUPPORT, attach_record(self, FRAME_SYN + 1, &record));
	EXPECT_EQ(NULL, FindPropertyInstance(FRAME_HANDLE, port));
	ASSERT_EQ(0, attach(self, FRAME_SYN));
	EXPECT_NE(NULL, FindPropertyInstance(FRAME_HANDLE, port));
	nexp_dissect_release(NEXP_HAND_ATTACHED);
	EXPECT_EQ(NULL, FindPropertyInstance(FRAME_HANDLE, port));
}

static void deliver(FIXTURE_DATA(property) *self, unsigned int index, uint16_t link_type)
{
	const struct traffic_frame *frame = &self->traffic.frame[index];
	struct netexpert_record head = {
		.link_type = link_type,
		.wire_len = frame->wire_len,
		.cap_len = frame->cap_len,
		.time_ns = self->u.unit.nx->info.created_ns + traffic_us(index) * 1000,
		.stamp_us = (int64_t)traffic_us(index),
	};

	nexp_memfd_deliver(self->u.unit.pool, 0, &head, frame->bytes);
}

static DWORD get(FIXTURE_DATA(property) *self, DWORD direction, DWORD flags, DWORD number,
		 EXPERTFRAMEDESCRIPTOR *frame)
{
	return ExpertGetFrame(self->u.key, direction, flags, number, NULL, frame);
}

TEST_F(property, ExpertGetFrame_attaches_when_it_is_asked)
{
	HPROPERTY host = property("http", "http.host");
	EXPERTFRAMEDESCRIPTOR frame = { .FrameNumber = INVALID_FRAME_NUMBER };
	LPPROPERTYINST inst;
	unsigned int i;

	for (i = 0; i <= FRAME_REQUEST; i++) {
		deliver(self, i, ARPHRD_ETHER);
		ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_ATTACH_PROPERTIES,
					     frame.FrameNumber, &frame));
		ASSERT_NE(NULL, frame.lpPropertyTable);
		ASSERT_NE(NULL, frame.lpRecognizeDataTable);
		EXPECT_EQ(frame.lpRecognizeDataTable, GetFrameRecognizeData(frame.hFrame));
		inst = FindPropertyInstance(frame.hFrame, property("frame", "frame.number"));
		ASSERT_NE(NULL, inst);
		EXPECT_EQ(i + 1, number_of(inst));
	}
	/* In two segments. */
	EXPECT_NE(NULL, FindPropertyInstance(frame.hFrame, host));
	EXPECT_EQ(NULL, FindPropertyInstance((HFRAME)((char *)frame.hFrame - 1), host));

	/* Once more without, and then with: what was attached is gone, what is known is not. */
	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 0, FRAME_REQUEST, &frame));
	EXPECT_EQ(NULL, frame.lpPropertyTable);
	EXPECT_EQ(NULL, frame.lpRecognizeDataTable);
	EXPECT_EQ(NULL, GetFrameRecognizeData(frame.hFrame));
	EXPECT_EQ(NULL, FindPropertyInstance(frame.hFrame, host));
	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, FLAGS_ATTACH_PROPERTIES,
				     FRAME_REQUEST, &frame));
	EXPECT_NE(NULL, FindPropertyInstance(frame.hFrame, host));
}

TEST_F(property, a_link_type_without_a_parser_has_no_properties)
{
	EXPERTFRAMEDESCRIPTOR frame;

	deliver(self, FRAME_SYN, 820);
	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_ATTACH_PROPERTIES,
				     INVALID_FRAME_NUMBER, &frame));
	EXPECT_EQ(0, frame.FrameNumber);
	EXPECT_EQ(NULL, frame.lpPropertyTable);
	EXPECT_EQ(NULL, frame.lpRecognizeDataTable);
	EXPECT_EQ(NULL, GetFrameRecognizeData(frame.hFrame));
}

/* @size bytes at @path. */
static void put_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	if (file) {
		fwrite(bytes, size, 1, file);
		fclose(file);
	}
}

TEST_F(property, GetCaptureCommentFromFilename_reads_pcapng_and_says_what_is_wrong)
{
	static const struct {
		uint32_t type, length, magic, version;
		int64_t section;
		uint16_t option, size;
		char comment[12];
		uint32_t end, again;
	} section = {
		0x0a0d0d0a, sizeof(section), 0x1a2b3c4d, 1, -1, 1, 11, "Monday's \xc3\xbc", 0,
		sizeof(section),
	};
	char folder[] = "/tmp/comment.XXXXXX", path[64], text[12];

	ASSERT_EQ(48, sizeof(section));
	ASSERT_NE(NULL, mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	EXPECT_EQ(NMERR_FILE_NOT_FOUND, GetCaptureCommentFromFilename(path, text, sizeof(text)));
	put_file(path, &section, sizeof(section));
	EXPECT_EQ(NMERR_SUCCESS, GetCaptureCommentFromFilename(path, text, sizeof(text)));
	EXPECT_STREQ("Monday's \xc3\xbc", text);
	strcpy(text, "untouched");
	EXPECT_EQ(NMERR_BUFFER_TOO_SMALL, GetCaptureCommentFromFilename(path, text, 11));
	put_file(path, &section, 44);
	EXPECT_EQ(NMERR_FILE_READ_ERROR, GetCaptureCommentFromFilename(path, text, sizeof(text)));
	put_file(path, "no capture file at all, but long enough to be one", 49);
	EXPECT_EQ(NMERR_INVALID_FILE_FORMAT,
		  GetCaptureCommentFromFilename(path, text, sizeof(text)));
	EXPECT_EQ(NMERR_FILE_READ_ERROR, GetCaptureCommentFromFilename(folder, text, sizeof(text)));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, GetCaptureCommentFromFilename(NULL, text, sizeof(text)));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, GetCaptureCommentFromFilename(path, NULL, 12));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, GetCaptureCommentFromFilename(path, text, 0));
	unlink(path);
	/* Nobody would ever write to it. */
	ASSERT_EQ(0, mkfifo(path, 0600));
	EXPECT_EQ(NMERR_FILE_READ_ERROR, GetCaptureCommentFromFilename(path, text, sizeof(text)));
	EXPECT_STREQ("untouched", text);
	unlink(path);
	ASSERT_TRUE(traffic_write(&self->traffic, path));
	EXPECT_EQ(NMERR_SUCCESS, GetCaptureCommentFromFilename(path, text, sizeof(text)));
	EXPECT_STREQ("", text);
	unlink(path);
	rmdir(folder);
}

TEST_F(property, in_a_child_of_fork_there_is_nothing)
{
	int status = 0;
	pid_t child;

	ASSERT_EQ(0, attach(self, FRAME_SYN));
	child = fork();
	if (!child)
		_exit(GetProtocolFromName((LPSTR)"tcp") || GetEnabledProtocols(NULL) ||
		      find("tcp", "tcp.port") || GetFrameRecognizeData(FRAME_HANDLE));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(property, without_a_live_key_there_is_nothing)
{
	HPROTOCOL tcp = GetProtocolFromName((LPSTR)"tcp");

	ASSERT_EQ(0, attach(self, FRAME_SYN));
	nexp_key_end(self->u.key, NULL);
	EXPECT_EQ(NULL, GetProtocolFromName((LPSTR)"tcp"));
	EXPECT_EQ(NULL, GetProtocolInfo(tcp));
	EXPECT_EQ(NULL, GetEnabledProtocols(NULL));
	EXPECT_EQ(NULL, find("tcp", "tcp.port"));
	/* The next one finds the same protocols and begins a capture of its own. */
	ASSERT_EQ(0, nexp_key_begin(self->u.unit.nx, self->u.link, &self->u.startup,
				    &self->u.key));
	EXPECT_EQ(tcp, GetProtocolFromName((LPSTR)"tcp"));
	ASSERT_EQ(0, attach(self, 0));
}

TEST_HARNESS_MAIN
