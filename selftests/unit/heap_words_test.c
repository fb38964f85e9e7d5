// SPDX-License-Identifier: GPL-2.0
/*
 * What is in a heap, as words and as JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"

#include "user/cli/heap_json.h"
#include "user/cli/heap_words.h"

#define LARGE	NEXP_HEAP_LARGE_CLASS

/* Two objects of 20 bytes, one of them with tag 9, and one of 2 MiB with tag 3. */
static struct nexp_heap_report three_objects(void)
{
	return (struct nexp_heap_report){
		.all = { 3, 2097192, 2097216 },
		.classes = { [1] = { 2, 40, 64 }, [LARGE] = { 1, 2097152, 2097152 } },
		.tags = { [0] = { 1, 20, 32 }, [3] = { 1, 2097152, 2097152 },
			  [9] = { 1, 20, 32 } },
		.largest = { { 0x20000, 2097152, 3 }, { 0x10000, 20, 0 }, { 0x10020, 20, 9 } },
		.nr_largest = 3,
		.table_bytes = 12288,
		.extent_bytes = 2097152 + 4096,
	};
}

static char *words(const struct nexp_heap_report *report, uint64_t bytes)
{
	struct nexp_buffer buffer = { 0 };

	nexp_heap_words_put(&buffer, "x", report, bytes);
	nexp_buffer_put(&buffer, "", 1);
	return buffer.bytes;
}

static char *tables(const struct nexp_heap_report *report, uint64_t bytes)
{
	struct nexp_buffer buffer = { 0 };

	nexp_heap_tables_put(&buffer, report, bytes);
	nexp_buffer_put(&buffer, "", 1);
	return buffer.bytes;
}

TEST(a_few_lines_name_what_holds_most)
{
	struct nexp_heap_report report = three_objects();
	char *text = words(&report, 2113536);

	EXPECT_STREQ("x: in its heap: 3 objects, 2.0 MiB asked for, 2.0 MiB held; tables 12.0 "
		     "KiB, free 3.9 KiB; 2113536 bytes in all, as the kernel counts\n"
		     "x: most by size class: large: 1 object, 2.0 MiB; 32 B: 2 objects, 40 B\n"
		     "x: most by tag: tag 3: 1 object, 2.0 MiB; no tag: 1 object, 20 B; tag 9: 1 "
		     "object, 20 B\n"
		     "x: largest: 2097152 bytes at 0x20000 (tag 3), 20 bytes at 0x10000, 20 bytes "
		     "at 0x10020 (tag 9)\n", text);
	free(text);
}

TEST(what_is_wrong_is_said)
{
	struct nexp_heap_report report = {
		.is_cut = true,
		.table_bytes = 4096,
		.nr_damages = 2,
		.damages = { { NEXP_HEAP_BAD_KIND, 0x1040, 77 }, { NEXP_HEAP_BAD_TOP, 12, 9 } },
	};
	char *text = words(&report, 8192);

	EXPECT_STREQ("x: in its heap: 0 objects, 0 B asked for, 0 B held; tables 4.0 KiB, free 0 B"
		     "; 4096 bytes in all, but the kernel counts 8192\n"
		     "x: its heap has too many tables to read them all: objects are missing here\n"
		     "x: its heap is DAMAGED (2 times): a span of no kind that there is: 77, at "
		     "0x1040\n", text);
	free(text);
}

TEST(tables_list_everything)
{
	struct nexp_heap_report report = three_objects();
	char *text;
	unsigned int i;

	report.nr_damages = NEXP_HEAP_NR_DAMAGES + 5;
	for (i = 0; i < NEXP_HEAP_NR_DAMAGES; i++)
		report.damages[i].wrong = NEXP_HEAP_BAD_LINK;
	text = tables(&report, 0);
	EXPECT_NE(NULL, strstr(text, "but the kernel counts 0\n"));
	EXPECT_NE(NULL, strstr(text, "  DAMAGED an object without a byte: link 0, at 0x0\n"));
	EXPECT_NE(NULL, strstr(text, "  DAMAGED 5 times more\n"));
	EXPECT_NE(NULL, strstr(text, "          32 B            2               40"
				     "               64\n"));
	EXPECT_NE(NULL, strstr(text, "         tag 9            1               20"
				     "               32\n"));
	EXPECT_NE(NULL, strstr(text, "             1          2097152          0x20000  tag 3\n"));
	free(text);

	/* Without tags there is no table of them. */
	memset(report.tags, 0, sizeof(report.tags));
	report.tags[0] = report.all;
	text = tables(&report, 0);
	EXPECT_EQ(NULL, strstr(text, "tag  "));
	free(text);
}

static uint64_t number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

TEST(json_has_all_of_it)
{
	struct nexp_heap_report report = three_objects();
	json_t *object = nexp_json_heap(&report, 2113536), *array;

	EXPECT_EQ(3, number(object, "objects"));
	EXPECT_EQ(2097192, number(object, "asked_bytes"));
	EXPECT_EQ(2097216, number(object, "held_bytes"));
	EXPECT_EQ(4032, number(object, "free_bytes"));
	EXPECT_EQ(12288, number(object, "table_bytes"));
	EXPECT_EQ(2113536, number(object, "committed_bytes"));
	EXPECT_TRUE(json_is_true(json_object_get(object, "consistent")));
	EXPECT_TRUE(json_is_true(json_object_get(object, "complete")));
	array = json_object_get(object, "by_class");
	ASSERT_EQ(2, json_array_size(array));
	EXPECT_EQ(32, number(json_array_get(array, 0), "slot_bytes"));
	EXPECT_TRUE(json_is_null(json_object_get(json_array_get(array, 1), "slot_bytes")));
	array = json_object_get(object, "by_tag");
	ASSERT_EQ(3, json_array_size(array));
	EXPECT_EQ(9, number(json_array_get(array, 2), "tag"));
	array = json_object_get(object, "largest");
	ASSERT_EQ(3, json_array_size(array));
	EXPECT_EQ(0x20000, number(json_array_get(array, 0), "offset"));
	EXPECT_EQ(3, number(json_array_get(array, 0), "tag"));
	json_decref(object);

	report.is_cut = true;
	report.nr_damages = 100;
	object = nexp_json_heap(&report, 1);
	EXPECT_TRUE(json_is_false(json_object_get(object, "consistent")));
	EXPECT_TRUE(json_is_false(json_object_get(object, "complete")));
	EXPECT_EQ(100, number(object, "damages"));
	EXPECT_EQ(NEXP_HEAP_NR_DAMAGES, json_array_size(json_object_get(object, "damage")));
	json_decref(object);
}

TEST_HARNESS_MAIN
