// SPDX-License-Identifier: GPL-2.0
/*
 * heap_block_kunit - blocks of a heap: planned, placed, split, taken
 *
 * From outside only the sum is seen. Here it shows which blocks there are, and
 * memory for large ones is missing exactly when the test wants it.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "heap_block.h"
#include "pool.h"

/* Pages of the three sizes of blocks. */
#define MIDDLE		16UL
#define LARGE		512UL

/* Three large blocks, and room at the end for no more than a middle one. */
#define NR_SLOTS	(3 * LARGE + MIDDLE + 3)
#define NR_ROUNDS	400

static struct nexp_heap heap;
/* What is committed, by the test's account. */
static DECLARE_BITMAP(model, NR_SLOTS);

static int heap_block_init(struct kunit *test)
{
	heap.nr_slots = NR_SLOTS;
	heap.pages = kunit_kcalloc(test, NR_SLOTS, sizeof(*heap.pages), GFP_KERNEL);
	bitmap_zero(model, NR_SLOTS);
	return heap.pages ? 0 : -ENOMEM;
}

/* A page as it is given out is zero; afterwards it is not. */
static void check_new(struct kunit *test, unsigned long slot)
{
	void *data = page_address(heap.pages[slot]);

	if (memchr_inv(data, 0, PAGE_SIZE))
		KUNIT_FAIL(test, "slot %lu is not zero", slot);
	memset(data, 0x5a, PAGE_SIZE);
}

/*
 * Commits all of [@first, @end). Of each size of blocks the first
 * @missing[size] cannot be had.
 */
static void commit(struct kunit *test, unsigned long first, unsigned long end,
		   const unsigned long *missing)
{
	struct nexp_blocks blocks;
	unsigned long there = bitmap_weight(model, end) - bitmap_weight(model, first);
	unsigned long i, nr;

	KUNIT_EXPECT_EQ(test, nexp_blocks_plan(&blocks, &heap, first, end, NR_SLOTS),
			end - first - there);
	nr = min(missing[2], blocks.nr[2]);
	blocks.nr[2] -= nr;
	blocks.nr[1] += nr * (LARGE / MIDDLE);
	nr = min(missing[1], blocks.nr[1]);
	blocks.nr[1] -= nr;
	blocks.nr[0] += nr * MIDDLE;
	KUNIT_ASSERT_EQ(test, nexp_blocks_alloc(&blocks, NULL), 0);
	nexp_blocks_place(&blocks, &heap, first, end);
	for (i = 0; i < NEXP_NR_BLOCK_SIZES; i++)
		KUNIT_EXPECT_TRUE(test, list_empty(&blocks.list[i]));
	for (i = first; i < end; i++) {
		KUNIT_ASSERT_NOT_NULL(test, heap.pages[i]);
		if (!test_bit(i, model))
			check_new(test, i);
	}
	bitmap_set(model, first, end - first);
}

static const unsigned long nothing_missing[NEXP_NR_BLOCK_SIZES];

static void punch(struct kunit *test, unsigned long first, unsigned long end)
{
	unsigned long i, nr;

	nexp_blocks_split_at(&heap, first);
	nexp_blocks_split_at(&heap, end);
	for (i = first; i < end; i += nr) {
		nr = 1;
		if (!heap.pages[i])
			continue;
		KUNIT_ASSERT_TRUE(test, nexp_block_take(&heap, i, false, &nr));
		KUNIT_ASSERT_LE(test, i + nr, end);
	}
	bitmap_clear(model, first, end - first);
}

static void heap_block_exit(struct kunit *test)
{
	if (heap.pages)
		punch(test, 0, NR_SLOTS);
}

/* Counts the blocks and checks that they are what they should be. */
static void count(struct kunit *test, unsigned long *nr)
{
	static const unsigned long pages[] = { 1, MIDDLE, LARGE };
	unsigned long i, j, size;

	memset(nr, 0, NEXP_NR_BLOCK_SIZES * sizeof(*nr));
	for (i = 0; i < NR_SLOTS; i += j) {
		struct page *page = heap.pages[i];

		j = 1;
		KUNIT_ASSERT_EQ(test, !!page, test_bit(i, model));
		if (!page)
			continue;
		size = page_private(page);
		KUNIT_ASSERT_LT(test, size, NEXP_NR_BLOCK_SIZES);
		KUNIT_ASSERT_TRUE(test, IS_ALIGNED(i, pages[size]));
		KUNIT_ASSERT_LE(test, i + pages[size], NR_SLOTS);
		KUNIT_ASSERT_EQ(test, page_ref_count(page), 1);
		for (j = 1; j < pages[size]; j++) {
			KUNIT_ASSERT_PTR_EQ(test, heap.pages[i + j], page + j);
			KUNIT_ASSERT_TRUE(test, test_bit(i + j, model));
		}
		nr[size]++;
	}
}

static void expect_blocks(struct kunit *test, unsigned long singles,
			  unsigned long middles, unsigned long larges)
{
	unsigned long nr[NEXP_NR_BLOCK_SIZES];

	count(test, nr);
	KUNIT_EXPECT_EQ(test, nr[0], singles);
	KUNIT_EXPECT_EQ(test, nr[1], middles);
	KUNIT_EXPECT_EQ(test, nr[2], larges);
}

static void as_large_as_there_is_room(struct kunit *test)
{
	static const struct {
		unsigned long first, end, nr[NEXP_NR_BLOCK_SIZES];
	} ranges[] = {
		{ 0, 1, { 1, 0, 0 } },
		{ 0, MIDDLE - 1, { MIDDLE - 1, 0, 0 } },
		{ 0, MIDDLE, { 0, 1, 0 } },
		{ 1, MIDDLE + 1, { MIDDLE, 0, 0 } },
		{ 1, 2 * MIDDLE, { MIDDLE - 1, 1, 0 } },
		{ 0, LARGE - 1, { MIDDLE - 1, LARGE / MIDDLE - 1, 0 } },
		{ 0, LARGE, { 0, 0, 1 } },
		{ MIDDLE, LARGE + MIDDLE, { 0, LARGE / MIDDLE, 0 } },
		{ LARGE - 1, 2 * LARGE + 1, { 2, 0, 1 } },
		{ 0, NR_SLOTS, { 3, 1, 3 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		commit(test, ranges[i].first, ranges[i].end, nothing_missing);
		expect_blocks(test, ranges[i].nr[0], ranges[i].nr[1], ranges[i].nr[2]);
		punch(test, ranges[i].first, ranges[i].end);
		expect_blocks(test, 0, 0, 0);
	}
}

static void around_what_is_there(struct kunit *test)
{
	commit(test, 100, 101, nothing_missing);
	commit(test, LARGE, LARGE + MIDDLE, nothing_missing);
	commit(test, 0, 3 * LARGE, nothing_missing);
	expect_blocks(test, MIDDLE, 2 * LARGE / MIDDLE - 1, 1);
}

/* Too many holes are noticed, but not counted to the end. */
static void planning_stops(struct kunit *test)
{
	struct nexp_blocks blocks;

	KUNIT_EXPECT_EQ(test, nexp_blocks_plan(&blocks, &heap, 0, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, nexp_blocks_plan(&blocks, &heap, 0, 1, 1), 1);
	KUNIT_EXPECT_EQ(test, nexp_blocks_plan(&blocks, &heap, 0, NR_SLOTS, MIDDLE),
			LARGE);
	commit(test, 0, LARGE, nothing_missing);
	KUNIT_EXPECT_EQ(test, nexp_blocks_plan(&blocks, &heap, 0, LARGE, 0), 0);
}

static void smaller_ones_do_as_well(struct kunit *test)
{
	static const unsigned long missing[] = { 0, 5, 2 };

	commit(test, 0, NR_SLOTS, missing);
	expect_blocks(test, 5 * MIDDLE + 3, 2 * LARGE / MIDDLE + 1 - 5, 1);
}

static void split_only_where_it_is_cut(struct kunit *test)
{
	commit(test, 0, NR_SLOTS, nothing_missing);
	punch(test, 0, LARGE);
	expect_blocks(test, 3, 1, 2);
	punch(test, LARGE + 7, LARGE + 8);
	expect_blocks(test, LARGE - 1 + 3, 1, 1);
	punch(test, 3 * LARGE - 1, 3 * LARGE + 1);
	expect_blocks(test, 2 * (LARGE - 1) + MIDDLE - 1 + 3, 0, 0);
}

static void what_is_referred_to_stays(struct kunit *test)
{
	struct page *page;
	unsigned long nr;

	commit(test, 0, LARGE, nothing_missing);
	page = heap.pages[0];
	get_page(page);
	KUNIT_EXPECT_FALSE(test, nexp_block_take(&heap, 0, false, &nr));
	KUNIT_EXPECT_EQ(test, nr, LARGE);
	KUNIT_EXPECT_PTR_EQ(test, heap.pages[0], page);
	put_page(page);
	expect_blocks(test, 0, 0, 1);
}

/* By force it goes; the page itself when the last one drops it. */
static void but_not_by_force(struct kunit *test)
{
	struct page *page;
	unsigned long nr;

	commit(test, 0, 1, nothing_missing);
	page = heap.pages[0];
	get_page(page);
	KUNIT_EXPECT_TRUE(test, nexp_block_take(&heap, 0, true, &nr));
	KUNIT_EXPECT_NULL(test, heap.pages[0]);
	clear_bit(0, model);
	KUNIT_EXPECT_EQ(test, page_ref_count(page), 1);
	put_page(page);
}

/* Against the model, with every size missing now and then. */
static void at_random(struct kunit *test)
{
	struct rnd_state random;
	unsigned int round;

	prandom_seed_state(&random, 1);
	for (round = 0; round < NR_ROUNDS; round++) {
		unsigned long missing[] = {
			0, prandom_u32_state(&random) % (LARGE / MIDDLE),
			prandom_u32_state(&random) % 3,
		};
		unsigned long first = prandom_u32_state(&random) % NR_SLOTS;
		unsigned long nr[NEXP_NR_BLOCK_SIZES], end;

		end = first + 1 + prandom_u32_state(&random) % (NR_SLOTS - first);
		if (prandom_u32_state(&random) % 2)
			commit(test, first, end, missing);
		else
			punch(test, first, end);
		count(test, nr);
		cond_resched();
	}
}

static struct kunit_case heap_block_cases[] = {
	KUNIT_CASE(as_large_as_there_is_room),
	KUNIT_CASE(around_what_is_there),
	KUNIT_CASE(planning_stops),
	KUNIT_CASE(smaller_ones_do_as_well),
	KUNIT_CASE(split_only_where_it_is_cut),
	KUNIT_CASE(what_is_referred_to_stays),
	KUNIT_CASE(but_not_by_force),
	KUNIT_CASE_SLOW(at_random),
	{}
};

static struct kunit_suite heap_block_suite = {
	.name = "netexpert_heap_block",
	.init = heap_block_init,
	.exit = heap_block_exit,
	.test_cases = heap_block_cases,
};

kunit_test_suite(heap_block_suite);
