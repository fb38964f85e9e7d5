// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor ends an index that will not come; who made it may have done anything
 * to its file.
 */
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "user/lib/book_file.h"
#include "user/supervisor/index.h"

TEST(an_index_that_will_not_come)
{
	int file = memfd_create("index", 0);
	struct nexp_book_head *head;

	ASSERT_EQ(0, ftruncate(file, NEXP_BOOK_ENTRIES));
	head = mmap(NULL, NEXP_BOOK_ENTRIES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	ASSERT_NE(MAP_FAILED, head);
	EXPECT_EQ(0, nexp_index_fail(file));
	EXPECT_EQ(NEXP_BOOK_FAILED, head->state);
	/* One that is there stays. */
	head->state = NEXP_BOOK_COMPLETE;
	EXPECT_EQ(0, nexp_index_fail(file));
	EXPECT_EQ(NEXP_BOOK_COMPLETE, head->state);
	/* Whoever touched it now would die. */
	ASSERT_EQ(0, ftruncate(file, 0));
	EXPECT_EQ(0, nexp_index_fail(file));
	EXPECT_EQ(NEXP_BOOK_FAILED, head->state);
	munmap(head, NEXP_BOOK_ENTRIES);
	close(file);
	EXPECT_EQ(-EBADF, nexp_index_fail(file));
}

TEST_HARNESS_MAIN
