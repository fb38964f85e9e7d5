// SPDX-License-Identifier: GPL-2.0
/*
 * The list of a frame's fields beside tshark's on the same frames, line by line;
 * what is refused; display filters.
 */
#include <errno.h>
#include <sys/stat.h>

#include <epan/proto.h>

#include "dissect.h"
#include "user/dissect/fields.h"

FIXTURE(dissect) {
	struct dissect d;
};

FIXTURE_SETUP(dissect)
{
	ASSERT_EQ(0, dissect_open(&self->d)) {
		TH_LOG("%s", self->d.why);
	}
}

FIXTURE_TEARDOWN(dissect)
{
	dissect_close(&self->d);
}

/* As tshark writes XML. */
static void put_text(GString *line, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			g_string_append(line, "&amp;");
			break;
		case '<':
			g_string_append(line, "&lt;");
			break;
		case '>':
			g_string_append(line, "&gt;");
			break;
		case '"':
			g_string_append(line, "&quot;");
			break;
		case '\'':
			g_string_append(line, "&#x27;");
			break;
		default:
			g_string_append_c(line, *text);
			break;
		}
	}
}

static void put_value(GString *line, const struct nexp_field *field,
		      const struct traffic_frame *frame)
{
	const field_info *info = field->info;
	const uint8_t *bytes;
	int i;

	if (field->in_frame)
		bytes = frame->bytes + info->start;
	else
		bytes = tvb_get_ptr(info->ds_tvb, info->start, info->length);
	for (i = 0; i < info->length; i++)
		g_string_append_printf(line, "%02x", bytes[i]);
}

static void put_masked(GString *line, const field_info *info)
{
	fvalue_t *value = (fvalue_t *)&info->value;
	ftenum_t type = fvalue_type_ftenum(value);

	if (IS_FT_INT32(type))
		g_string_append_printf(line, "%X", (unsigned int)fvalue_get_sinteger(value));
	else if (IS_FT_UINT32(type))
		g_string_append_printf(line, "%X", fvalue_get_uinteger(value));
	else if (IS_FT_INT64(type))
		g_string_append_printf(line, "%" PRIX64, fvalue_get_sinteger64(value));
	else
		g_string_append_printf(line, "%" PRIX64, fvalue_get_uinteger64(value));
}

static void put_shown(GString *line, const struct nexp_field *field,
		      const struct traffic_frame *frame)
{
	const field_info *info = field->info;
	const header_field_info *kind = info->hfinfo;
	char *shown;

	if (kind->type == FT_PROTOCOL)
		return;
	if (kind->type == FT_NONE) {
		g_string_append(line, "\" show=\"\" value=\"");
		return;
	}
	shown = fvalue_to_string_repr(NULL, &info->value, FTREPR_DISPLAY, kind->display);
	if (shown) {
		g_string_append(line, "\" show=\"");
		put_text(line, shown);
		wmem_free(NULL, shown);
	}
	if (info->length <= 0)
		return;
	g_string_append(line, "\" value=\"");
	if (kind->bitmask) {
		put_masked(line, info);
		g_string_append(line, "\" unmaskedvalue=\"");
	}
	put_value(line, field, frame);
}

/* As tshark -T pdml writes an item, but for the indentation. */
static void put_item(GString *line, const struct nexp_field *list, const struct nexp_field *field,
		     const struct traffic_frame *frame)
{
	const struct nexp_field *parent = &list[field->parent];
	bool is_text = !strcmp(field->info->hfinfo->abbrev, "text");
	bool is_proto = field->info->hfinfo->type == FT_PROTOCOL &&
			strcmp(field->info->hfinfo->abbrev, "_ws.expert") != 0;
	char text[ITEM_LABEL_LENGTH];
	int start = field->info->start;

	g_string_assign(line, is_proto ? "<proto name=\"" : "<field name=\"");
	if (!strcmp(field->info->hfinfo->abbrev, "data") && is_proto) {
		g_string_assign(line, "<field name=\"data\" value=\"");
		put_value(line, field, frame);
		return;
	}
	nexp_field_text(field, text);
	if (!is_text)
		put_text(line, field->info->hfinfo->abbrev);
	g_string_append(line, is_text ? "\" show=\"" : "\" showname=\"");
	put_text(line, text);
	if (field->info->flags & FI_HIDDEN)
		g_string_append(line, "\" hide=\"yes");
	if (field->level && start < parent->info->start)
		start += parent->info->start;
	g_string_append_printf(line, "\" size=\"%d\" pos=\"%d", field->info->length, start);
	if (!is_text)
		return put_shown(line, field, frame);
	if (field->info->length > 0) {
		g_string_append(line, "\" value=\"");
		put_value(line, field, frame);
	}
}

/*
 * The next tag of tshark's that is an item, without what closes it; NULL at the end
 * of the frame. Two things are of PDML's, not of the tree. A ">" is only at the end of
 * a tag, others are escaped.
 */
static char *next_item(FILE *tshark)
{
	static char *tag;
	static size_t room;
	bool is_general = false;
	char *at, *end;

	while (getdelim(&tag, &room, '>', tshark) > 0) {
		at = tag + strspn(tag, "\n ");
		if (!strcmp(at, "</packet>"))
			return NULL;
		if (!strncmp(at, "<proto name=\"geninfo\"", 21))
			is_general = true;
		else if (!strcmp(at, "</proto>"))
			is_general = false;
		if (is_general || !strcmp(at, "<proto name=\"fake-field-wrapper\">") ||
		    (strncmp(at, "<proto ", 7) != 0 && strncmp(at, "<field ", 7) != 0))
			continue;
		end = at + strlen(at) - 1;
		if (end[-1] == '/')
			end--;
		end[end[-1] == '"' ? -1 : 0] = 0;
		return at;
	}
	return NULL;
}

static void compare_frame(struct __test_metadata *_metadata, struct dissect *d,
			  unsigned int index, FILE *tshark)
{
	const struct nexp_field *list;
	GString *line = g_string_new(NULL);
	uint32_t i, count;
	char *theirs;

	list = nexp_dissector_fields(d->dissector, NEXP_HAND_ATTACHED, &count);
	EXPECT_LT(4, count);
	for (i = 0; i < count; i++) {
		theirs = next_item(tshark);
		put_item(line, list, &list[i], &d->traffic.frame[index]);
		ASSERT_NE(NULL, theirs) {
			TH_LOG("frame %u: tshark has no %s", index + 1, line->str);
		}
		ASSERT_STREQ(theirs, line->str) {
			TH_LOG("frame %u, item %u", index + 1, i);
		}
	}
	theirs = next_item(tshark);
	ASSERT_EQ(NULL, theirs) {
		TH_LOG("frame %u: only tshark has %s", index + 1, theirs);
	}
	g_string_free(line, true);
}

static void compare_all(struct __test_metadata *_metadata, struct dissect *d,
			const char *arguments)
{
	FILE *tshark = dissect_tshark(d, arguments);
	unsigned int i;

	ASSERT_NE(NULL, tshark);
	for (i = 0; i < d->traffic.count; i++) {
		ASSERT_EQ(0, dissect_run(d, i)) {
			TH_LOG("%s", d->why);
		}
		compare_frame(_metadata, d, i, tshark);
	}
	ASSERT_EQ(0, pclose(tshark));
}

TEST_F_TIMEOUT(dissect, every_field_is_tshark_s, 200)
{
	compare_all(_metadata, &self->d, "-T pdml");
}

TEST_F_TIMEOUT(dissect, the_second_time_is_tshark_s_second_pass, 200)
{
	unsigned int i;

	for (i = 0; i < self->d.traffic.count; i++)
		ASSERT_EQ(0, dissect_run(&self->d, i));
	compare_all(_metadata, &self->d, "-2 -T pdml");
}

/* Numbers of the frames that pass, each with a blank after it. */
static void numbers_that_pass(struct __test_metadata *_metadata, struct dissect *d,
			      const char *text, bool wants_fields, char *numbers)
{
	enum nexp_hand which = wants_fields ? NEXP_HAND_ATTACHED : NEXP_HAND_JUDGED;
	struct epan_dfilter *filter;
	unsigned int i;

	ASSERT_EQ(0, nexp_dfilter_compile(text, &filter, d->why)) {
		TH_LOG("%s", d->why);
	}
	*numbers = 0;
	for (i = 0; i < d->traffic.count; i++) {
		struct nexp_dissect_frame frame = dissect_frame(&d->traffic, i);

		ASSERT_EQ(0, nexp_dissector_run(d->dissector, which, &frame, wants_fields,
						&filter, 1, d->why));
		if (nexp_dissector_passes(d->dissector, which, filter))
			sprintf(numbers + strlen(numbers), "%u ", i + 1);
	}
	nexp_dfilter_free(filter);
}

static void tshark_s_numbers(struct __test_metadata *_metadata, struct dissect *d,
			     const char *text, char *numbers)
{
	char arguments[512], number[32];
	FILE *tshark;

	snprintf(arguments, sizeof(arguments), "-Y '%s' -T fields -e frame.number", text);
	tshark = dissect_tshark(d, arguments);
	ASSERT_NE(NULL, tshark);
	*numbers = 0;
	while (fscanf(tshark, "%30s", number) == 1)
		sprintf(numbers + strlen(numbers), "%s ", number);
	ASSERT_EQ(0, pclose(tshark));
}

static const char *const filters[] = {
	"http.request", "tcp.analysis.retransmission", "_ws.malformed", "ip.fragment",
	"dns.flags.response == 1 && dns.a == 192.0.2.1", "tcp.segment.count == 3",
	"frame contains \"example\"", "dns.qry.name matches \"^EXAMPLE\"",
	"eth.src[5] == 01 and not ip", "tcp.len in {20..60}", "frame.time_relative > 0.02",
	"frame.cap_len < frame.len",
};

/* tshark takes half a second to begin. */
TEST_F_TIMEOUT(dissect, filters_pass_what_tshark_passes, 200)
{
	char ours[512], theirs[512];
	size_t i;

	for (i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		/* What a response refers to is known the first time only to a new one. */
		nexp_dissector_close(self->d.dissector);
		ASSERT_EQ(0, nexp_dissector_open(&self->d.dissector, self->d.why));
		tshark_s_numbers(_metadata, &self->d, filters[i], theirs);
		EXPECT_NE(0, theirs[0]) {
			TH_LOG("%s passes nothing", filters[i]);
		}
		numbers_that_pass(_metadata, &self->d, filters[i], i % 2, ours);
		EXPECT_STREQ(theirs, ours) {
			TH_LOG("%s", filters[i]);
		}
		numbers_that_pass(_metadata, &self->d, filters[i], !(i % 2), ours);
		EXPECT_STREQ(theirs, ours) {
			TH_LOG("%s, the second time", filters[i]);
		}
	}
}

/* Both filters see the tree that they would see alone, and the other hand keeps its own. */
TEST_F(dissect, a_frame_stays_in_hand_while_others_are_judged)
{
	static const char *const texts[] = { "tcp.port == 80", "dns.flags.response == 1" };
	struct epan_dfilter *filter[2];
	const struct nexp_field *fields;
	char text[ITEM_LABEL_LENGTH];
	unsigned int i, count, passed[2] = { 0 };

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, nexp_dfilter_compile(texts[i], &filter[i], self->d.why));
	ASSERT_EQ(0, dissect_run(&self->d, 1));
	for (i = 0; i < self->d.traffic.count; i++) {
		struct nexp_dissect_frame frame = dissect_frame(&self->d.traffic, i);

		ASSERT_EQ(0, nexp_dissector_run(self->d.dissector, NEXP_HAND_JUDGED, &frame, false,
						filter, 2, self->d.why));
		passed[0] += nexp_dissector_passes(self->d.dissector, NEXP_HAND_JUDGED, filter[0]);
		passed[1] += nexp_dissector_passes(self->d.dissector, NEXP_HAND_JUDGED, filter[1]);
	}
	EXPECT_EQ(10, passed[0]);
	EXPECT_EQ(2, passed[1]);
	fields = nexp_dissector_fields(self->d.dissector, NEXP_HAND_ATTACHED, &count);
	for (i = 0; i < count; i++)
		if (!strcmp(fields[i].info->hfinfo->abbrev, "tcp.dstport"))
			break;
	ASSERT_GT(count, i);
	nexp_field_text(&fields[i], text);
	EXPECT_STREQ("Destination Port: 80", text);
	nexp_dfilter_free(filter[0]);
	nexp_dfilter_free(filter[1]);
}

TEST_F(dissect, a_filter_with_a_fault_is_refused_with_its_place)
{
	struct epan_dfilter *filter;

	EXPECT_EQ(-EINVAL, nexp_dfilter_compile("tcp.port == ", &filter, self->d.why));
	EXPECT_EQ(-EINVAL, nexp_dfilter_compile("", &filter, self->d.why));
	EXPECT_STREQ("the display filter is empty", self->d.why);
	EXPECT_EQ(-EINVAL, nexp_dfilter_compile("tcp && no.such.field == 1", &filter,
						self->d.why));
	EXPECT_STREQ("display filter \"tcp && no.such.field == 1\", character 8: "
		     "Left side of \"==\" expression must be a field or function, not "
		     "no.such.field.", self->d.why);
	EXPECT_EQ(-EINVAL, nexp_dfilter_compile("ip.addr == \"x\"", &filter, self->d.why));
}

static int run(struct dissect *d, const struct nexp_dissect_frame *frame)
{
	return nexp_dissector_run(d->dissector, NEXP_HAND_ATTACHED, frame, true, NULL, 0, d->why);
}

TEST_F(dissect, a_link_type_without_a_parser_is_refused_by_name)
{
	struct nexp_dissect_frame frame = dissect_frame(&self->d.traffic, 0);

	EXPECT_EQ(WTAP_ENCAP_ETHERNET, nexp_encap_of_link_type(1, self->d.why));
	EXPECT_EQ(-EPFNOSUPPORT, nexp_encap_of_link_type(820, self->d.why));
	EXPECT_NE(NULL, strstr(self->d.why, "type 820"));
	frame.encap = WTAP_ENCAP_USER0;
	EXPECT_EQ(0, run(&self->d, &frame));
	frame.encap = WTAP_ENCAP_NULL;
	EXPECT_EQ(0, run(&self->d, &frame));
	frame.encap = WTAP_ENCAP_PER_PACKET;
	EXPECT_EQ(-EPFNOSUPPORT, run(&self->d, &frame));
	EXPECT_STREQ("Wireshark has no parser for the link type \"Per packet\"", self->d.why);
}

TEST_F(dissect, lengths_that_cannot_be_are_refused)
{
	struct nexp_dissect_frame frame = dissect_frame(&self->d.traffic, 0);

	frame.wire_len = frame.cap_len - 1;
	EXPECT_EQ(-EINVAL, run(&self->d, &frame));
	frame.cap_len = WTAP_MAX_PACKET_SIZE_STANDARD + 1;
	frame.wire_len = frame.cap_len;
	EXPECT_EQ(-EINVAL, run(&self->d, &frame));
}

TEST_F(dissect, frames_may_be_left_out_and_come_late)
{
	struct nexp_dissect_frame none = dissect_frame(&self->d.traffic, 0);
	unsigned int i, count;

	for (i = 0; i < self->d.traffic.count; i += 3)
		EXPECT_EQ(0, dissect_run(&self->d, i));
	for (i = self->d.traffic.count; i--; )
		EXPECT_EQ(0, dissect_run(&self->d, i));
	nexp_dissector_fields(self->d.dissector, NEXP_HAND_ATTACHED, &count);
	EXPECT_LT(10, count);
	none.number = 0;
	EXPECT_EQ(-EINVAL, run(&self->d, &none));
}

TEST_F(dissect, all_may_come_from_the_last_on)
{
	unsigned int i;

	for (i = self->d.traffic.count; i--; )
		EXPECT_EQ(0, dissect_run(&self->d, i));
	for (i = 0; i < self->d.traffic.count; i++)
		EXPECT_EQ(0, dissect_run(&self->d, i));
}

/* Names are Wireshark's own. */
static bool knows_frame(struct dissect *d, unsigned int index)
{
	struct nexp_dissect_frame frame = dissect_frame(&d->traffic, index);
	struct epan_dfilter *filter;
	char text[256];
	bool passes = false;

	snprintf(text, sizeof(text),
		 "frame.number == %u && frame.time_relative == 0.%06u && "
		 "frame.time_delta == 0.%06u && eth.src_resolved contains \"_00:53\"",
		 index + 1, (unsigned int)traffic_us(index), TRAFFIC_STEP_US);
	if (nexp_dfilter_compile(text, &filter, d->why) ||
	    nexp_dissector_run(d->dissector, NEXP_HAND_JUDGED, &frame, false, &filter, 1, d->why))
		fprintf(stderr, "%s\n", d->why);
	else
		passes = nexp_dissector_passes(d->dissector, NEXP_HAND_JUDGED, filter);
	nexp_dfilter_free(filter);
	return passes;
}

TEST_F(dissect, what_is_forgotten_is_not_where_and_when_a_frame_was)
{
	unsigned int i, half = self->d.traffic.count / 2;
	char numbers[512];

	nexp_dissector_forget(self->d.dissector);
	ASSERT_EQ(0, dissect_run(&self->d, 0));
	for (i = 1; i < self->d.traffic.count; i++) {
		if (i % half == 1)
			nexp_dissector_forget(self->d.dissector);
		EXPECT_TRUE(knows_frame(&self->d, i)) {
			TH_LOG("frame %u", i + 1);
		}
	}
	nexp_dissector_forget(self->d.dissector);
	numbers_that_pass(_metadata, &self->d, "tcp.stream > 1 || tcp.analysis.reused_ports", true,
			  numbers);
	EXPECT_STREQ("", numbers);
}

TEST_F(dissect, there_is_one_at_a_time_and_the_next_knows_nothing)
{
	struct nexp_dissector *second;
	char numbers[512];
	unsigned int i;

	EXPECT_EQ(-EBUSY, nexp_dissector_open(&second, self->d.why));
	for (i = 0; i < self->d.traffic.count; i++)
		EXPECT_EQ(0, dissect_run(&self->d, i));
	nexp_dissector_close(self->d.dissector);
	ASSERT_EQ(0, nexp_dissector_open(&self->d.dissector, self->d.why));
	numbers_that_pass(_metadata, &self->d, "tcp.stream > 1 || tcp.analysis.reused_ports", true,
			  numbers);
	EXPECT_STREQ("", numbers);
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

/* Settings that change the tree, and a script that ends the process. */
TEST(a_user_s_settings_and_scripts_count_for_nothing)
{
	static const char *const folders[] = {
		".config", ".config/wireshark", ".local", ".local/lib", ".local/lib/wireshark",
		".local/lib/wireshark/plugins",
	};
	char home[] = "/tmp/dissect.home.XXXXXX", path[256], numbers[512];
	struct dissect d;
	size_t i;

	ASSERT_NE(NULL, mkdtemp(home));
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", home, folders[i]);
		ASSERT_EQ(0, mkdir(path, 0700));
	}
	write_file(path, "end.lua", "os.exit(9)\n");
	snprintf(path, sizeof(path), "%s/.config/wireshark", home);
	write_file(path, "init.lua", "os.exit(9)\n");
	write_file(path, "preferences", "tcp.desegment_tcp_streams: FALSE\n");
	write_file(path, "disabled_protos", "http\n");
	setenv("HOME", home, 1);
	setenv("WIRESHARK_CONFIG_DIR", path, 1);
	ASSERT_EQ(0, dissect_open(&d)) {
		TH_LOG("%s", d.why);
	}
	EXPECT_STREQ(home, getenv("HOME"));
	numbers_that_pass(_metadata, &d, "http.request", true, numbers);
	EXPECT_STREQ("6 ", numbers);
	dissect_close(&d);
	snprintf(path, sizeof(path), "rm -r %s", home);
	EXPECT_EQ(0, system(path));
}

TEST_HARNESS_MAIN
