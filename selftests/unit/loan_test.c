// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a pool lends: what malloc() and its relatives are made of in the
 * host. That they are is in dissect_memory_test.
 */
#include <sys/wait.h>

#include "key.h"
#include "user/lib/loan.h"

#define MIB	(1ULL << 20)

FIXTURE(loan) {
	struct unit_key u;
	struct netexpert *nx;
};

FIXTURE_SETUP(loan)
{
	ASSERT_EQ(0, unit_key_open(&self->u, 16 * MIB, 8 * MIB));
	self->nx = self->u.unit.nx;
}

FIXTURE_TEARDOWN(loan)
{
	unit_key_close(&self->u);
}

TEST_F(loan, only_between_begin_and_end_and_with_the_tag)
{
	uint8_t *lent;

	EXPECT_EQ(NULL, nexp_lender);
	EXPECT_FALSE(nexp_loan_holds(self));
	netexpert_tag_set(7);
	nexp_loan_begin(self->nx);
	EXPECT_EQ(self->nx, nexp_lender);
	lent = nexp_loan_alloc(100, 1);
	ASSERT_NE(NULL, lent);
	EXPECT_EQ(0, lent[0] | lent[99]);
	EXPECT_EQ(self->nx, nexp_lender);
	nexp_loan_end();
	EXPECT_EQ(NULL, nexp_lender);
	EXPECT_EQ(7, netexpert_tag_set(0));
	EXPECT_TRUE(nexp_loan_holds(lent));
	EXPECT_EQ(1, unit_heap_stat(self->nx).objects);
	nexp_loan_free(lent);
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
}

TEST_F(loan, sizes_and_alignments)
{
	size_t alignment;
	char *lent;

	nexp_loan_begin(self->nx);
	EXPECT_NE(NULL, nexp_loan_alloc(0, 1));
	for (alignment = 1; alignment <= 65536; alignment *= 2) {
		lent = nexp_loan_alloc(24, alignment);
		ASSERT_NE(NULL, lent);
		EXPECT_EQ(0, (uintptr_t)lent % alignment);
		nexp_loan_free(lent);
	}
	errno = 0;
	EXPECT_EQ(NULL, nexp_loan_alloc(24, 131072));
	EXPECT_EQ(ENOMEM, errno);
	errno = 0;
	EXPECT_EQ(NULL, nexp_loan_alloc(SIZE_MAX, 1));
	EXPECT_EQ(ENOMEM, errno);
	nexp_loan_end();
}

TEST_F(loan, growth_keeps_what_was_there_and_counts)
{
	char *lent, *more;

	nexp_loan_begin(self->nx);
	lent = nexp_loan_alloc(10, 1);
	strcpy(lent, "lent");
	nexp_loan_end();
	lent = nexp_loan_realloc(lent, 2 * MIB);
	ASSERT_NE(NULL, lent);
	EXPECT_STREQ("lent", lent);
	EXPECT_EQ(2 * MIB, unit_heap_stat(self->nx).object_bytes);
	errno = 0;
	more = nexp_loan_realloc(lent, 9 * MIB);
	EXPECT_EQ(NULL, more);
	EXPECT_EQ(ENOMEM, errno);
	EXPECT_STREQ("lent", lent);
}

TEST_F(loan, outlives_the_key_as_nothing_else_does)
{
	void *mine[2] = {
		ExpertAllocMemory(self->u.key, 40, NULL), ExpertAllocMemory(self->u.key, MIB, NULL),
	};
	char *lent[2];

	nexp_loan_begin(self->nx);
	lent[0] = nexp_loan_alloc(40, 1);
	lent[1] = nexp_loan_alloc(MIB, 1);
	nexp_loan_end();
	strcpy(lent[0], "small");
	strcpy(lent[1], "large");
	netexpert_tag_set(3);
	EXPECT_NE(NULL, ExpertAllocMemory(self->u.key, 40, NULL));
	netexpert_tag_set(0);
	nexp_key_end(self->u.key, NULL);
	EXPECT_EQ(2, unit_heap_stat(self->nx).objects);
	EXPECT_STREQ("small", lent[0]);
	EXPECT_STREQ("large", lent[1]);
	ASSERT_EQ(0, nexp_key_begin(self->nx, self->u.link, &self->u.startup, &self->u.key));
	EXPECT_EQ(0, ExpertMemorySize(self->u.key, mine[0]));
	EXPECT_EQ(0, ExpertMemorySize(self->u.key, mine[1]));
}

TEST_F(loan, freeing_twice_ends_the_process)
{
	int status = 0;
	pid_t child;

	/* Of the child's own: it may not use this one. */
	child = fork();
	if (!child) {
		struct unit unit = { 0 };
		void *lent;

		if (unit_open(&unit, 1, 16 * MIB, 8 * MIB))
			_exit(1);
		nexp_loan_begin(unit.nx);
		lent = nexp_loan_alloc(100, 1);
		nexp_loan_free(lent);
		nexp_loan_free(lent);
		_exit(2);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST_HARNESS_MAIN
