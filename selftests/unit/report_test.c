// SPDX-License-Identifier: GPL-2.0
/*
 * How the command shows what experts say: nothing of theirs reaches a terminal
 * unescaped, tables fit, JSON is valid; and how it reads its own command line.
 */
#include <errno.h>
#include <locale.h>
#include <sys/mman.h>
#include <unistd.h>

#include <netmon.h>

#include "kselftest_harness.h"
#include "message.h"
#include "user/cli/json.h"
#include "user/cli/parse.h"
#include "user/cli/paths.h"
#include "user/cli/table.h"
#include "user/cli/text.h"
#include "user/cli/words.h"

static struct nexp_buffer out;

static const char *escaped(const char *text, size_t length)
{
	nexp_buffer_reset(&out);
	nexp_text_put(&out, text, length);
	nexp_buffer_put(&out, "", 1);
	return out.bytes;
}

#define ESCAPED(text)	escaped(text, sizeof(text) - 1)

TEST(hostile_text_is_escaped)
{
	ASSERT_NE(NULL, setlocale(LC_CTYPE, "C.UTF-8"));
	EXPECT_STREQ("plain ~ text", ESCAPED("plain ~ text"));
	EXPECT_STREQ("\\x1b[2J", ESCAPED("\033[2J"));
	EXPECT_STREQ("a\\x0ab\\x7f", ESCAPED("a\nb\x7f"));
	/* C1: the eight-bit form of an escape sequence. */
	EXPECT_STREQ("\\xc2\\x9b[31m", ESCAPED("\xc2\x9b[31m"));
	EXPECT_STREQ("\\x9b[31m", ESCAPED("\x9b[31m"));
	EXPECT_STREQ("gr\xc3\xbc\xc3\x9f", ESCAPED("gr\xc3\xbc\xc3\x9f"));
	/* Right-to-left override, byte order mark, overlong, surrogate, cut off. */
	EXPECT_STREQ("\\xe2\\x80\\xae", ESCAPED("\xe2\x80\xae"));
	EXPECT_STREQ("\\xef\\xbb\\xbf", ESCAPED("\xef\xbb\xbf"));
	EXPECT_STREQ("\\xc0\\x9b", ESCAPED("\xc0\x9b"));
	EXPECT_STREQ("\\xed\\xa0\\x80", ESCAPED("\xed\xa0\x80"));
	EXPECT_STREQ("\\xe2\\x82", ESCAPED("\xe2\x82"));
	EXPECT_STREQ("\\xf4\\x90\\x80\\x80", ESCAPED("\xf4\x90\x80\x80"));

	setlocale(LC_CTYPE, "C");
	EXPECT_STREQ("\\xc3\\xbc", ESCAPED("\xc3\xbc"));
}

TEST(lines_stay_lines)
{
	static const char text[] = "not '\033[1m' here\n    x\n    ^\n\nend";

	nexp_buffer_reset(&out);
	nexp_text_put_lines(&out, text, sizeof(text) - 1);
	nexp_text_put_lines(&out, NULL, 0);
	nexp_buffer_put(&out, "", 1);
	EXPECT_STREQ("not '\\x1b[1m' here\n    x\n    ^\n\nend", out.bytes);
}

static const char *fitted(const char *text, unsigned int width, bool right)
{
	nexp_buffer_reset(&out);
	nexp_text_put_fit(&out, text, strlen(text), width, right);
	nexp_buffer_put(&out, "", 1);
	return out.bytes;
}

TEST(text_is_cut_and_padded)
{
	ASSERT_NE(NULL, setlocale(LC_CTYPE, "C.UTF-8"));
	EXPECT_STREQ("abc  ", fitted("abc", 5, false));
	EXPECT_STREQ("  abc", fitted("abc", 5, true));
	EXPECT_STREQ("abcde", fitted("abcde", 5, false));
	EXPECT_STREQ("abcd~", fitted("abcdef", 5, false));
	EXPECT_STREQ("\xc3\xbc\xc3\xbc~", fitted("\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", 3, false));
	/* A character of two columns does not fit into the one that is left. */
	EXPECT_STREQ("a~ ", fitted("a\xe4\xb8\xad\xe4\xb8\xad", 3, false));
	EXPECT_STREQ("", fitted("abc", 0, false));
}

static const char *sized(uint64_t size)
{
	nexp_buffer_reset(&out);
	nexp_put_size(&out, size);
	nexp_buffer_put(&out, "", 1);
	return out.bytes;
}

TEST(sizes)
{
	EXPECT_STREQ("0 B", sized(0));
	EXPECT_STREQ("1023 B", sized(1023));
	EXPECT_STREQ("1.0 KiB", sized(1024));
	EXPECT_STREQ("1.0 MiB", sized((1 << 20) - 1));
	EXPECT_STREQ("16.0 EiB", sized(UINT64_MAX));
}

static struct nexp_editions editions;
static struct nexp_message decoded;
static struct message m;

static void submit(void)
{
	const char *why;

	end(&m);
	if (nexp_decode(m.bytes, m.size, &decoded, &why))
		abort();
	nexp_editions_add(&editions, &decoded.event, m.bytes, m.size, 0);
}

static const char *rendered(unsigned int width)
{
	struct nexp_table_style style = { .width = width };
	const struct nexp_edition *edition;
	const struct nexp_row *first;

	nexp_buffer_reset(&out);
	edition = nexp_editions_publish(&editions, &first);
	nexp_table_put(&out, edition, first, "> ", &style);
	nexp_buffer_put(&out, "", 1);
	return out.bytes;
}

static void submit_user(const char *address, const char *share, uint64_t frames)
{
	begin_event(&m, 1, 0, 9, "Top users", "by bytes", 3);
	put_string_column(&m, "Address", address);
	put_string_column(&m, "Share", share);
	put_number_column(&m, "Frames", 4, frames);
	submit();
}

TEST(rows_become_a_table)
{
	submit_user("192.0.2.1", "75.0 %", 12345);
	submit_user("2001:db8::1", "5.0 %", 7);
	EXPECT_STREQ("> Top users  by bytes  00:00:09\n"
		     "Address       Share  Frames\n"
		     "192.0.2.1    75.0 %   12345\n"
		     "2001:db8::1   5.0 %       7\n"
		     "  because\n", rendered(0));
	nexp_editions_clear(&editions);
}

TEST(no_value_fits_in_every_column)
{
	submit_user("192.0.2.1", "75.0 %", 12345);
	begin_event(&m, 1, 0, 9, "Top users", "by bytes", 3);
	put_string_column(&m, "Address", "(all)");
	put_string_column(&m, "Share", NULL);
	put_string_column(&m, "Frames", NULL);
	submit();
	EXPECT_STREQ("> Top users  by bytes  00:00:09\n"
		     "Address     Share  Frames\n"
		     "192.0.2.1  75.0 %   12345\n"
		     "(all)\n"
		     "  because\n", rendered(0));
	nexp_editions_clear(&editions);
}

/* One wide cell pads its column in every row: it is cut, with a mark. */
TEST(wide_cells_do_not_multiply)
{
	static char wide[30001];
	unsigned int i;

	memset(wide, 1, sizeof(wide) - 1);
	submit_user(wide, wide, 1);
	for (i = 0; i < 500; i++)
		submit_user("x", "y", i);
	rendered(0);
	EXPECT_LT(500, out.length);
	EXPECT_GT(500 * 600, out.length);
	EXPECT_NE(NULL, memchr(out.bytes, '~', out.length));
}

TEST(a_table_fits_its_width)
{
	submit_user("a-very-long-name-of-a-host-somewhere.example.net", "75.0 %", 12345);
	EXPECT_STREQ("> Top users  by bytes  00:00:09\n"
		     "Address               Share  Frames\n"
		     "a-very-long-name-o~  75.0 %   12345\n"
		     "  because\n", rendered(35));
	nexp_editions_clear(&editions);
}

TEST(captions_are_broken_before_values_are_cut)
{
	const double half = 49.5, whole = 3;

	begin_event(&m, 1, 0, 0, "Top users", NULL, 3);
	put_string_column(&m, "Address", "192.0.2.1");
	put_string(&m, "Bytes received");
	put_number(&m, 6, 4);
	put_raw(&m, &whole, 8);
	put_string(&m, "Share %");
	put_number(&m, 6, 4);
	put_raw(&m, &half, 8);
	submit();
	begin_event(&m, 1, 0, 0, "Top users", NULL, 3);
	put_string_column(&m, "Address", "192.0.2.2");
	put_string(&m, "Bytes received");
	put_number(&m, 6, 4);
	put_raw(&m, &whole, 8);
	put_string(&m, "Share %");
	put_number(&m, 6, 4);
	put_raw(&m, &whole, 8);
	submit();
	EXPECT_STREQ("> Top users\n"
		     "              Bytes  Share\n"
		     "Address    received      %\n"
		     "192.0.2.1         3  49.50\n"
		     "192.0.2.2         3   3.00\n"
		     "  because\n", rendered(26));
	nexp_editions_clear(&editions);
}

TEST(descriptions_that_differ_are_a_column)
{
	begin_event(&m, 1, 1, 0, "Scan", "first", 1);
	put_number_column(&m, "Port", 2, 22);
	submit();
	begin_event(&m, 1, 1, 0, "Scan", "second", 1);
	put_number_column(&m, "Port", 2, 23);
	submit();
	EXPECT_STREQ("> warning: Scan\n"
		     "Port  Description\n"
		     "  22  first\n"
		     "  23  second\n"
		     "  because\n", rendered(0));
	nexp_editions_clear(&editions);
}

TEST(events_without_columns_are_lines)
{
	begin_event(&m, 1, 4, 0, "Alarm", "tilt \033[5m", 0);
	submit();
	begin_event(&m, 1, 0, 0, NULL, NULL, 0);
	submit();
	EXPECT_STREQ("> severe error: Alarm  tilt \\x1b[5m\n"
		     "  because\n"
		     ">\n"
		     "  because\n", rendered(0));
	nexp_editions_clear(&editions);
}

TEST(every_type_has_a_text)
{
	const char *text;

	build_full_event(&m);
	submit();
	text = rendered(0);
	EXPECT_NE(NULL, strstr(text, "c0:00:02:01:aa:bb"));
	EXPECT_NE(NULL, strstr(text, "c0000201.aabbccddeeff"));
	EXPECT_NE(NULL, strstr(text, "192.0.2.1"));
	EXPECT_NE(NULL, strstr(text, "1899-12-30 12:00:00"));
	EXPECT_NE(NULL, strstr(text, "-5"));
	EXPECT_NE(NULL, strstr(text, "value"));
	nexp_editions_clear(&editions);
}

TEST(no_width_is_too_small)
{
	unsigned int width;

	for (width = 1; width < 60; width++) {
		build_full_event(&m);
		submit();
		EXPECT_NE(NULL, rendered(width));
		nexp_editions_clear(&editions);
	}
}

TEST(json_is_valid_whatever_comes)
{
	json_t *value = nexp_json_text("a\xff\033\xc3\xbc", 5);

	EXPECT_STREQ("a\xef\xbf\xbd\033\xc3\xbc", json_string_value(value));
	json_decref(value);
	value = nexp_json_text(NULL, 0);
	EXPECT_TRUE(json_is_null(value));
	json_decref(value);
	value = nexp_json_number(UINT64_MAX);
	EXPECT_STREQ("18446744073709551615", json_string_value(value));
	json_decref(value);
}

TEST(json_columns)
{
	const char *why;
	json_t *object;

	begin_event(&m, 1, 0, 0, "n", NULL, 4);
	put_string_column(&m, "same", "first");
	put_number_column(&m, "same", 4, 5);
	put_number_column(&m, NULL, 10, 1);
	put_string_column(&m, "same", NULL);
	end(&m);
	ASSERT_EQ(0, nexp_decode(m.bytes, m.size, &decoded, &why));
	object = nexp_json_columns(&decoded.event);
	EXPECT_STREQ("first", json_string_value(json_object_get(object, "same")));
	EXPECT_EQ(5, json_integer_value(json_object_get(object, "same#2")));
	EXPECT_TRUE(json_is_true(json_object_get(object, "")));
	EXPECT_TRUE(json_is_null(json_object_get(object, "same#3")));
	EXPECT_EQ(4U, json_object_size(object));
	json_decref(object);
}

TEST(numbers_are_taken_literally)
{
	uint64_t number = 7;

	EXPECT_EQ(0, nexp_parse_number("42", 0, 100, &number));
	EXPECT_EQ(42U, number);
	EXPECT_EQ(-EINVAL, nexp_parse_number("", 0, 100, &number));
	EXPECT_EQ(-EINVAL, nexp_parse_number(" 1", 0, 100, &number));
	EXPECT_EQ(-EINVAL, nexp_parse_number("-1", 0, 100, &number));
	EXPECT_EQ(-EINVAL, nexp_parse_number("+1", 0, 100, &number));
	EXPECT_EQ(-EINVAL, nexp_parse_number("0x10", 0, 100, &number));
	EXPECT_EQ(-EINVAL, nexp_parse_number("1k", 0, 100, &number));
	EXPECT_EQ(-ERANGE, nexp_parse_number("101", 0, 100, &number));
	EXPECT_EQ(-ERANGE, nexp_parse_number("18446744073709551616", 0, 100, &number));
	EXPECT_EQ(42U, number);
}

TEST(sizes_have_units)
{
	uint64_t size = 7;

	EXPECT_EQ(0, nexp_parse_size("64M", 0, UINT64_MAX, &size));
	EXPECT_EQ(64U << 20, size);
	EXPECT_EQ(0, nexp_parse_size("512k", 0, UINT64_MAX, &size));
	EXPECT_EQ(512U << 10, size);
	EXPECT_EQ(0, nexp_parse_size("4096", 0, UINT64_MAX, &size));
	EXPECT_EQ(4096U, size);
	EXPECT_EQ(-EINVAL, nexp_parse_size("M", 0, UINT64_MAX, &size));
	EXPECT_EQ(-EINVAL, nexp_parse_size("1MB", 0, UINT64_MAX, &size));
	EXPECT_EQ(-EINVAL, nexp_parse_size("1.5G", 0, UINT64_MAX, &size));
	EXPECT_EQ(-EINVAL, nexp_parse_size("1T", 0, UINT64_MAX, &size));
	EXPECT_EQ(-ERANGE, nexp_parse_size("18014398509481984K", 0, UINT64_MAX, &size));
	EXPECT_EQ(-ERANGE, nexp_parse_size("17179869184G", 0, UINT64_MAX, &size));
	EXPECT_EQ(-ERANGE, nexp_parse_size("2G", 0, 1 << 30, &size));
}

TEST(ids_and_powers)
{
	uint64_t id = 0;

	EXPECT_EQ(0, nexp_parse_id("0xdeadbeef00000001", &id));
	EXPECT_EQ(0xdeadbeef00000001, id);
	EXPECT_EQ(0, nexp_parse_id("17", &id));
	EXPECT_EQ(17U, id);
	EXPECT_EQ(-EINVAL, nexp_parse_id("0x", &id));
	EXPECT_EQ(-EINVAL, nexp_parse_id("-1", &id));
	EXPECT_EQ(-EINVAL, nexp_parse_id("beef", &id));
	EXPECT_EQ(-EINVAL, nexp_parse_id("0x10000000000000000", &id));
	EXPECT_EQ(1U, nexp_round_up_pow2(1));
	EXPECT_EQ(8U, nexp_round_up_pow2(5));
	EXPECT_EQ(1ULL << 63, nexp_round_up_pow2((1ULL << 62) + 1));
}

TEST(experts_as_users_name_them)
{
	char path[] = "/tmp/nexp-XXXXXX/ugly name.so";
	struct nexp_expert_spec spec;
	struct nexp_error err;
	char *slash = strrchr(path, '/');
	FILE *file;

	*slash = '\0';
	ASSERT_NE(NULL, mkdtemp(path));
	EXPECT_EQ(0, setenv("NETEXPERT_EXPERTS", path, 1));
	*slash = '/';
	file = fopen(path, "w");
	ASSERT_NE(NULL, file);
	fclose(file);

	ASSERT_EQ(0, nexp_expert_parse("ugly name=n=3,x", &spec, &err));
	EXPECT_STREQ("ugly_name", spec.name);
	EXPECT_STREQ(path, spec.plugin);
	EXPECT_STREQ("n=3,x", spec.options);
	nexp_expert_spec_free(&spec);
	ASSERT_EQ(0, nexp_expert_parse(path, &spec, &err));
	EXPECT_STREQ("ugly_name", spec.name);
	EXPECT_EQ(NULL, spec.options);
	nexp_expert_spec_free(&spec);

	EXPECT_EQ(-ENOENT, nexp_expert_parse("other", &spec, &err));
	EXPECT_NE(NULL, strstr(err.text, "netexpert list"));
	EXPECT_EQ(-EINVAL, nexp_expert_parse("", &spec, &err));
	EXPECT_EQ(-EINVAL, nexp_expert_parse("=options", &spec, &err));
	EXPECT_EQ(-EINVAL, nexp_expert_parse("/tmp/", &spec, &err));
	EXPECT_EQ(-EINVAL, nexp_expert_parse("..", &spec, &err));
	unlink(path);
	*slash = '\0';
	rmdir(path);
}

TEST(percent_of_a_file)
{
	int file = memfd_create("file", 0), pipes[2];
	struct nexp_expert expert = { .spec.input = &file };

	ASSERT_EQ(0, ftruncate(file, 1000));
	EXPECT_EQ(0, nexp_percent_done(&expert));
	lseek(file, 500, SEEK_SET);
	EXPECT_EQ(50, nexp_percent_done(&expert));
	/* Half of that is in the ring. */
	expert.stat.out_sum.position = 4096;
	expert.stat.out_sum.consumed = 2048;
	EXPECT_EQ(25, nexp_percent_done(&expert));
	/* It has begun, and counts nothing. */
	expert.has_status = true;
	expert.last_status.status = EXPERTSTATUS_RUNNING;
	EXPECT_EQ(25, nexp_percent_done(&expert));
	expert.last_status.percent = 70;
	EXPECT_EQ(70, nexp_percent_done(&expert));
	expert.last_status.status = EXPERTSTATUS_PROBLEM;
	EXPECT_EQ(25, nexp_percent_done(&expert));
	expert.stat.out_sum.consumed = 4096;
	lseek(file, 2000, SEEK_SET);
	EXPECT_EQ(100, nexp_percent_done(&expert));
	close(file);
	ASSERT_EQ(0, pipe(pipes));
	expert.spec.input = &pipes[0];
	EXPECT_EQ(-1, nexp_percent_done(&expert));
	close(pipes[0]);
	close(pipes[1]);
}

TEST_HARNESS_MAIN
