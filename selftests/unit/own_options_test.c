// SPDX-License-Identifier: GPL-2.0
/*
 * Options of somebody's own capture program: numbers that fit reach their place,
 * and types that lie lead nowhere else.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "kselftest_harness.h"
#include "user/supervisor/own.h"

#define ROOM	64

/* Variables of .rodata; the file's own types would have the same. */
static const struct {
	const char *name;
	unsigned int size;
	int encoding;
	int linkage;
} variables[] = {
	{ "u8", 1, 0, BTF_VAR_GLOBAL_ALLOCATED },
	{ "s8", 1, BTF_INT_SIGNED, BTF_VAR_GLOBAL_ALLOCATED },
	{ "u16", 2, 0, BTF_VAR_GLOBAL_ALLOCATED },
	{ "s16", 2, BTF_INT_SIGNED, BTF_VAR_GLOBAL_ALLOCATED },
	{ "u32", 4, 0, BTF_VAR_GLOBAL_ALLOCATED },
	{ "s32", 4, BTF_INT_SIGNED, BTF_VAR_GLOBAL_ALLOCATED },
	{ "u64", 8, 0, BTF_VAR_GLOBAL_ALLOCATED },
	{ "s64", 8, BTF_INT_SIGNED, BTF_VAR_GLOBAL_ALLOCATED },
	{ "yes", 1, BTF_INT_BOOL, BTF_VAR_GLOBAL_ALLOCATED },
	{ "hidden", 4, 0, BTF_VAR_STATIC },
	{ "wide", 16, 0, BTF_VAR_GLOBAL_ALLOCATED },
};

#define NR_VARIABLES	(sizeof(variables) / sizeof(variables[0]))

FIXTURE(options)
{
	struct btf *btf;
	int section;
	/* Exactly as large as it must be: a sanitizer watches both ends. */
	unsigned char *bytes;
	struct nexp_error err;
};

FIXTURE_SETUP(options)
{
	unsigned int at = 0;
	size_t i;

	self->bytes = calloc(1, ROOM);
	self->btf = btf__new_empty();
	ASSERT_NE(NULL, self->btf);
	for (i = 0; i < NR_VARIABLES; i++) {
		int id = btf__add_int(self->btf, variables[i].name, variables[i].size,
				      variables[i].encoding);

		id = btf__add_const(self->btf, btf__add_volatile(self->btf, id));
		ASSERT_LT(0, btf__add_var(self->btf, variables[i].name, variables[i].linkage, id));
	}
	self->section = btf__add_datasec(self->btf, ".rodata", ROOM);
	ASSERT_LT(0, self->section);
	for (i = 0; i < NR_VARIABLES; i++) {
		int id = btf__find_by_name_kind(self->btf, variables[i].name, BTF_KIND_VAR);

		ASSERT_EQ(0, btf__add_datasec_var_info(self->btf, id, at, variables[i].size));
		at += variables[i].size;
	}
	ASSERT_GE(ROOM, at);
}

FIXTURE_TEARDOWN(options)
{
	btf__free(self->btf);
	free(self->bytes);
}

static int set(FIXTURE_DATA(options) *self, const char *text)
{
	self->err.text[0] = '\0';
	return nexp_own_set_options(self->btf, self->bytes, ROOM, text, &self->err);
}

static struct btf_var_secinfo *place(FIXTURE_DATA(options) *self, unsigned int i)
{
	const struct btf_type *section = btf__type_by_id(self->btf, self->section);

	return btf_var_secinfos(section) + i;
}

TEST_F(options, numbers_that_fit_reach_their_place)
{
	static const struct { const char *text; unsigned int at, size; uint64_t is; } cases[] = {
		{ "u8=255", 0, 1, 0xff }, { "u8=0", 0, 1, 0 }, { "u8=0xfF", 0, 1, 0xff },
		{ "s8=-128", 1, 1, 0x80 }, { "s8=127", 1, 1, 0x7f }, { "s8=-0", 1, 1, 0 },
		{ "u16=65535", 2, 2, 0xffff }, { "s16=-1", 4, 2, 0xffff },
		{ "u32=4294967295", 6, 4, 0xffffffff }, { "u32=007", 6, 4, 7 },
		{ "s32=-2147483648", 10, 4, 0x80000000 }, { "s32=-0x1", 10, 4, 0xffffffff },
		{ "u64=18446744073709551615", 14, 8, UINT64_MAX },
		{ "s64=-9223372036854775808", 22, 8, 1ULL << 63 },
		{ "s64=9223372036854775807", 22, 8, INT64_MAX },
		{ "yes=1", 30, 1, 1 }, { "yes=0", 30, 1, 0 },
		{ "u8=1,u8=2", 0, 1, 2 }, { "u16=1,u8=3", 0, 1, 3 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char wanted[ROOM];

		memset(self->bytes, 0x55, ROOM);
		ASSERT_EQ(0, set(self, cases[i].text))
			TH_LOG("%s: %s", cases[i].text, self->err.text);
		EXPECT_EQ(0, memcmp(self->bytes + cases[i].at, &cases[i].is, cases[i].size))
			TH_LOG("%s", cases[i].text);
		/* Nothing beyond it, but for the row that sets another one, too. */
		if (strstr(cases[i].text, "u16=1,"))
			continue;
		memset(wanted, 0x55, ROOM);
		memcpy(wanted + cases[i].at, &cases[i].is, cases[i].size);
		if (!strchr(cases[i].text, ','))
			EXPECT_EQ(0, memcmp(self->bytes, wanted, ROOM));
	}
}

TEST_F(options, what_does_not_fit_is_told)
{
	static const char *const cases[] = {
		"u8=256", "u8=-1", "s8=128", "s8=-129", "u16=65536", "s16=32768",
		"u32=4294967296", "s32=2147483648", "s32=-2147483649",
		"u64=18446744073709551616", "s64=9223372036854775808",
		"s64=-9223372036854775809", "yes=2", "yes=-1", "u8=", "u8", "u8= 1", "u8=1 ",
		"u8=+1", "u8=--1", "u8=0x", "u8=0xg", "u8=ff", "u8=1.5", "u8=1=2", "u8=-",
	};
	unsigned char before[ROOM];
	size_t i;

	memcpy(before, self->bytes, ROOM);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_EQ(-EINVAL, set(self, cases[i])) TH_LOG("%s", cases[i]);
		EXPECT_EQ(NEXP_FAILURE_USAGE, self->err.kind);
		EXPECT_NE(NULL, strstr(self->err.text, "is not a number of"))
			TH_LOG("%s: %s", cases[i], self->err.text);
		EXPECT_EQ(0, memcmp(before, self->bytes, ROOM));
	}
}

TEST_F(options, others_are_not_known)
{
	static const char *const cases[] = {
		"x=1", "", ",", "=1", "hidden=1", "wide=1", "U8=1", "u8 =1", "u8=1,", "u8=1,,u16=1",
		"\x1b[31m=1", ".rodata=1",
	};
	static const char all[] =
		"is none of its options: u8, s8, u16, s16, u32, s32, u64, s64, yes";
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_EQ(-EINVAL, set(self, cases[i])) TH_LOG("%s", cases[i]);
		EXPECT_NE(NULL, strstr(self->err.text, all))
			TH_LOG("%s: %s", cases[i], self->err.text);
	}
}

TEST_F(options, a_file_without_any_says_so)
{
	struct btf *empty = btf__new_empty();

	EXPECT_EQ(-EINVAL, nexp_own_set_options(self->btf, NULL, 0, "u8=1", &self->err));
	EXPECT_NE(NULL, strstr(self->err.text, "has no options"));
	EXPECT_EQ(-EINVAL, nexp_own_set_options(empty, self->bytes, ROOM, "u8=1", &self->err));
	EXPECT_NE(NULL, strstr(self->err.text, "has no options"));
	btf__free(empty);
}

/* A section that is smaller than its types say, places beyond it, other sizes. */
TEST_F(options, types_that_lie_lead_nowhere_else)
{
	static const unsigned int sizes[] = { 0, 1, 4, 7, 16, 1U << 31, UINT32_MAX };
	static const unsigned int offsets[] = {
		ROOM - 7, ROOM, ROOM + 1, 1U << 31, UINT32_MAX - 7, UINT32_MAX,
	};
	const unsigned int u64 = 6;
	struct btf_var_secinfo sane = *place(self, u64);
	size_t i;

	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		place(self, u64)->offset = offsets[i];
		EXPECT_EQ(-EINVAL, set(self, "u64=1"));
		*place(self, u64) = sane;
	}
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		place(self, u64)->size = sizes[i];
		EXPECT_EQ(-EINVAL, set(self, "u64=1"));
		*place(self, u64) = sane;
	}
	place(self, u64)->offset = ROOM - 8;
	EXPECT_EQ(0, set(self, "u64=1"));
	place(self, u64)->type = UINT32_MAX;
	EXPECT_EQ(-EINVAL, set(self, "u64=1"));
	/* A type that is no variable: the section itself. */
	place(self, u64)->type = self->section;
	EXPECT_EQ(-EINVAL, set(self, "u64=1"));
	EXPECT_EQ(-EINVAL, nexp_own_set_options(self->btf, self->bytes, 0, "u8=1", &self->err));
}

/* More names than there is room for in a message. */
TEST(many_names_are_cut)
{
	struct btf *btf = btf__new_empty();
	unsigned char bytes[1000] = { 0 };
	struct nexp_error err;
	char name[128];
	int section, id, ints = btf__add_int(btf, "int", 4, 0), i;

	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "a_name_that_is_rather_long_and_has_a_number_%d", i);
		id = btf__add_var(btf, name, BTF_VAR_GLOBAL_ALLOCATED, ints);
		ASSERT_LT(0, id);
	}
	section = btf__add_datasec(btf, ".rodata", sizeof(bytes));
	ASSERT_LT(0, section);
	for (i = 0; i < 200; i++)
		ASSERT_EQ(0, btf__add_datasec_var_info(btf, ints + 1 + i, 4 * i, 4));
	EXPECT_EQ(-EINVAL, nexp_own_set_options(btf, bytes, sizeof(bytes), "x=1", &err));
	EXPECT_GT(sizeof(err.text) - 1, strlen(err.text));
	strcat(name, "=5");
	EXPECT_EQ(0, nexp_own_set_options(btf, bytes, sizeof(bytes), name, &err));
	EXPECT_EQ(5, bytes[4 * 199]);
	btf__free(btf);
}

TEST_HARNESS_MAIN
