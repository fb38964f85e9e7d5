// SPDX-License-Identifier: GPL-2.0
/*
 * window_kunit - what every offset means, at each edge and anywhere
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/vmalloc.h>

#include "pool.h"
#include "window.h"

#define NR_RINGS	2
#define RING_PAGES	2
#define HEAP_PAGES	4
#define NR_OFFSETS	20000

static struct nexp_pool *pool;
static struct nexp_ring rings[NR_RINGS];
static struct page *ring_pages[NR_RINGS][2 * RING_PAGES];
static struct page *heap_pages[HEAP_PAGES];

/* The one of heap.c holds a lock against a heap that changes; this doesn't. */
struct page *nexp_heap_page(struct nexp_pool *of, u64 offset)
{
	return of->heap.pages[offset >> PAGE_SHIFT];
}

/* No page is looked into, so any will do as long as they differ. */
static int window_init(struct kunit *test)
{
	struct page *zero = ZERO_PAGE(0);
	int i, j;

	pool = kunit_kzalloc(test, struct_size(pool, rings, NR_RINGS), GFP_KERNEL);
	if (!pool)
		return -ENOMEM;
	pool->nr_rings = NR_RINGS;
	pool->ring_size = RING_PAGES << PAGE_SHIFT;
	for (i = 0; i < NR_RINGS; i++) {
		for (j = 0; j < 2 * RING_PAGES; j++)
			ring_pages[i][j] = zero + i * RING_PAGES + j % RING_PAGES;
		rings[i].pages = ring_pages[i];
		rings[i].mask = pool->ring_size - 1;
		pool->rings[i] = &rings[i];
	}
	for (i = 0; i < HEAP_PAGES; i++)
		heap_pages[i] = i == 1 ? NULL : zero + 100 + i;
	pool->heap.pages = heap_pages;
	pool->heap.nr_slots = HEAP_PAGES;
	pool->status_size = PAGE_SIZE;
	pool->consumer_size = 2 * PAGE_SIZE;
	pool->status = vzalloc(pool->status_size);
	pool->consumer = vzalloc(pool->consumer_size);
	return pool->status && pool->consumer ? 0 : -ENOMEM;
}

static void window_exit(struct kunit *test)
{
	if (!pool)
		return;
	vfree(pool->status);
	vfree(pool->consumer);
}

/**
 * struct known - a window as the UAPI header says
 * @base: its first offset.
 * @size: its bytes.
 * @writable: whether the expert may write it.
 */
struct known {
	u64 base;
	u64 size;
	bool writable;
};

static const struct known known[] = {
	{ NETEXPERT_MAP_STATUS, PAGE_SIZE, false },
	{ NETEXPERT_MAP_CONSUMER, 2 * PAGE_SIZE, true },
	{ NETEXPERT_MAP_RING(0), 2 * RING_PAGES << PAGE_SHIFT, false },
	{ NETEXPERT_MAP_RING(1), 2 * RING_PAGES << PAGE_SHIFT, false },
	{ NETEXPERT_MAP_HEAP, HEAP_PAGES << PAGE_SHIFT, true },
};

/* The page that @offset means, found the long way. */
static struct page *look_up(u64 offset)
{
	u64 in;
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		in = offset - known[i].base;
		if (in >= known[i].size)
			continue;
		in >>= PAGE_SHIFT;
		switch (i) {
		case 0:
			return vmalloc_to_page(pool->status);
		case 1:
			return vmalloc_to_page(pool->consumer + in * PAGE_SIZE);
		case 4:
			return heap_pages[in];
		default:
			return ring_pages[i - 2][in];
		}
	}
	return NULL;
}

static void windows_are_where_they_belong(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		struct nexp_window window = nexp_window_find(pool, known[i].base);

		KUNIT_EXPECT_EQ(test, window.base, known[i].base);
		KUNIT_EXPECT_EQ(test, window.size, known[i].size);
		KUNIT_EXPECT_EQ(test, window.writable, known[i].writable);
	}
	KUNIT_EXPECT_EQ(test, nexp_window_find(pool, NETEXPERT_MAP_RING(NR_RINGS)).size, 0);
	KUNIT_EXPECT_EQ(test, nexp_window_find(pool, NETEXPERT_MAP_HEAP << 1).size, 0);
}

static void pages_up_to_each_edge(struct kunit *test)
{
	unsigned int i;
	u64 in;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		for (in = 0; in <= known[i].size; in += PAGE_SIZE / 2)
			KUNIT_EXPECT_PTR_EQ(test, nexp_window_page(pool, known[i].base + in),
					    look_up(known[i].base + in));
		KUNIT_EXPECT_NULL(test, nexp_window_page(pool, known[i].base - 1));
	}
}

/* A few bits here and there: in windows, near them, and in no-man's-land. */
static void offsets_from_anywhere(struct kunit *test)
{
	struct rnd_state random;
	unsigned int i, inside = 0;

	prandom_seed_state(&random, 1);
	for (i = 0; i < NR_OFFSETS; i++) {
		u32 bits = prandom_u32_state(&random);
		u64 offset = known[bits % ARRAY_SIZE(known)].base +
			     (bits >> 8 & 0x7fff);

		if (bits & 0x80)
			offset ^= 1ULL << (prandom_u32_state(&random) % 64);
		KUNIT_EXPECT_PTR_EQ(test, nexp_window_page(pool, offset), look_up(offset));
		inside += !!look_up(offset);
	}
	KUNIT_EXPECT_GT(test, inside, NR_OFFSETS / 10);
	KUNIT_EXPECT_LT(test, inside, NR_OFFSETS * 9 / 10);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE(windows_are_where_they_belong),
	KUNIT_CASE(pages_up_to_each_edge),
	KUNIT_CASE(offsets_from_anywhere),
	{}
};

static struct kunit_suite window_suite = {
	.name = "netexpert_window",
	.init = window_init,
	.exit = window_exit,
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
