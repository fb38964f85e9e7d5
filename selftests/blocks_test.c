// SPDX-License-Identifier: GPL-2.0
/*
 * blocks_test - commit and punch are about pages, whatever they are made of
 *
 * The kernel commits in blocks of 2 MiB, 64 KiB and single pages. Nobody may be
 * able to tell: a shadow of the heap says for each page what must be in it.
 */
#include "util.h"

#define PAGE		4096UL
#define MIB		(1UL << 20)
#define HEAP		(8 * MIB)
#define NR_PAGES	(HEAP / PAGE)
#define SMALL		(64UL << 10)
#define LARGE		(2 * MIB)

#define NOTHING		UINT64_MAX	/* not committed */

FIXTURE(blocks)
{
	int session;
	__u64 pool;
	int fd;
	struct nexp_attachment a;
	__u64 shadow[NR_PAGES];	/* a page's two marks, or NOTHING */
	__u64 mark;
};

FIXTURE_SETUP(blocks)
{
	struct netexpert_pool_create args = nexp_pool_args();
	size_t i;

	args.heap_size = HEAP;
	args.heap_limit = HEAP;
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	self->fd = nexp_do_open(_metadata, self->session, self->pool);
	nexp_do_attach(_metadata, self->fd, &self->a);
	for (i = 0; i < NR_PAGES; i++)
		self->shadow[i] = NOTHING;
}

FIXTURE_TEARDOWN(blocks)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/* First and last word: a page that is not the right one has others. */
static volatile __u64 *first_word(FIXTURE_DATA(blocks) *self, size_t page)
{
	return (void *)(self->a.heap + page * PAGE);
}

static volatile __u64 *last_word(FIXTURE_DATA(blocks) *self, size_t page)
{
	return (void *)(self->a.heap + (page + 1) * PAGE - sizeof(__u64));
}

static void commit(struct __test_metadata *const _metadata,
		   FIXTURE_DATA(blocks) *self, size_t page, size_t nr)
{
	size_t i;

	ASSERT_EQ(0, __nexp_do_commit(self->fd, page * PAGE, nr * PAGE))
		TH_LOG("%zu pages at %zu", nr, page);
	for (i = page; i < page + nr; i++)
		if (self->shadow[i] == NOTHING)
			self->shadow[i] = 0;
}

static void punch(struct __test_metadata *const _metadata,
		  FIXTURE_DATA(blocks) *self, size_t page, size_t nr)
{
	size_t i;

	ASSERT_EQ(0, __nexp_do_punch(self->fd, page * PAGE, nr * PAGE))
		TH_LOG("%zu pages at %zu", nr, page);
	for (i = page; i < page + nr; i++)
		self->shadow[i] = NOTHING;
}

static void write_marks(FIXTURE_DATA(blocks) *self, size_t page, size_t nr)
{
	size_t i;

	for (i = page; i < page + nr; i++) {
		if (self->shadow[i] == NOTHING)
			continue;
		self->shadow[i] = ++self->mark;
		*first_word(self, i) = self->mark;
		*last_word(self, i) = self->mark;
	}
}

/* Every page is what the shadow says, and the counters add up. */
static void check(struct __test_metadata *const _metadata,
		  FIXTURE_DATA(blocks) *self)
{
	struct netexpert_pool_stat stat;
	size_t i, committed = 0;

	for (i = 0; i < NR_PAGES; i++) {
		if (self->shadow[i] == NOTHING) {
			ASSERT_EQ(SIGBUS, nexp_read_fault(first_word(self, i)))
				TH_LOG("page %zu", i);
			continue;
		}
		committed++;
		ASSERT_EQ(self->shadow[i], *first_word(self, i))
			TH_LOG("page %zu", i);
		ASSERT_EQ(self->shadow[i], *last_word(self, i))
			TH_LOG("page %zu", i);
	}
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	ASSERT_EQ(committed * PAGE, stat.out_heap_bytes);
}

TEST_F(blocks, commit_goes_around_what_is_there)
{
	const size_t there[] = { 0, 7, 511, 513, 512 + 16, 1024 + 511, NR_PAGES - 1 };
	size_t i;

	for (i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		commit(_metadata, self, there[i], 1);
	write_marks(self, 0, NR_PAGES);
	check(_metadata, self);
	commit(_metadata, self, 3, NR_PAGES - 5);
	check(_metadata, self);
	write_marks(self, 0, NR_PAGES);
	check(_metadata, self);
	commit(_metadata, self, 0, NR_PAGES);
	check(_metadata, self);
	EXPECT_EQ(HEAP, nexp_do_stat(_metadata, self->session,
				     self->pool).out_heap_peak);
}

TEST_F(blocks, punch_of_a_part_leaves_the_rest)
{
	const struct {
		size_t page;
		size_t nr;
	} parts[] = {
		{ 0, 1 }, { 511, 1 }, { 512 + 100, 1 }, { 512 + 511, 2 },
		{ 1024 + 16, 16 }, { 1024 + 40, 16 }, { 1024 + 511, 1 },
		{ 1536, 511 }, { 1, 510 }, { 700, 700 },
	};
	size_t i;

	commit(_metadata, self, 0, NR_PAGES);
	write_marks(self, 0, NR_PAGES);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		punch(_metadata, self, parts[i].page, parts[i].nr);
		check(_metadata, self);
	}
	commit(_metadata, self, 0, NR_PAGES);
	check(_metadata, self);
	punch(_metadata, self, 0, NR_PAGES);
	check(_metadata, self);
}

/* What was never touched has no page table entry, and goes back as well. */
TEST_F(blocks, punch_of_what_was_never_touched)
{
	commit(_metadata, self, 0, NR_PAGES);
	punch(_metadata, self, 5, NR_PAGES - 10);
	check(_metadata, self);
}

static __u64 next_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Half of the ranges are aligned as blocks are, where large ones are made. */
static void random_range(__u64 *state, size_t *page, size_t *nr)
{
	const size_t steps[] = { 1, 1, SMALL / PAGE, LARGE / PAGE };
	size_t step = steps[next_random(state) % 4];

	*page = next_random(state) % (NR_PAGES / step) * step;
	*nr = step * (1 + next_random(state) % 40);
	if (*nr > NR_PAGES - *page)
		*nr = NR_PAGES - *page;
}

TEST_F_TIMEOUT(blocks, random_ranges_against_a_shadow, 120)
{
	__u64 state = 88172645463325252ULL;
	int i;

	for (i = 0; i < 300; i++) {
		size_t page, nr;

		random_range(&state, &page, &nr);
		if (next_random(&state) % 5 < 3)
			commit(_metadata, self, page, nr);
		else
			punch(_metadata, self, page, nr);
		random_range(&state, &page, &nr);
		write_marks(self, page, nr);
		if (i % 10 == 9)
			check(_metadata, self);
	}
}

static bool is_idle(int session, __u64 pool, struct netexpert_pool_stat *stat)
{
	return !__nexp_do_stat(session, pool, stat) &&
	       stat->out_state == NETEXPERT_POOL_IDLE;
}

TEST_F(blocks, all_that_is_left_comes_back)
{
	__u64 before = nexp_do_info(_metadata, self->session).out_bytes;
	struct netexpert_pool_stat stat;

	commit(_metadata, self, 0, NR_PAGES);
	write_marks(self, 0, NR_PAGES / 2);
	punch(_metadata, self, 17, 1);
	punch(_metadata, self, NR_PAGES - 600, 300);
	ASSERT_EQ(before + HEAP - 301 * PAGE,
		  nexp_do_info(_metadata, self->session).out_bytes);
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	ASSERT_TRUE(nexp_becomes(is_idle(self->session, self->pool, &stat)));
	EXPECT_EQ(HEAP - 301 * PAGE, stat.out_back_bytes);
	EXPECT_EQ(0, stat.out_heap_bytes);
	EXPECT_EQ(before, nexp_do_info(_metadata, self->session).out_bytes);
	EXPECT_EQ(SIGBUS, nexp_read_fault(first_word(self, 0)));
	EXPECT_EQ(SIGBUS, nexp_read_fault(first_word(self, NR_PAGES - 1)));
}

TEST_HARNESS_MAIN
