// SPDX-License-Identifier: GPL-2.0
/*
 * charge_kunit - limits at their edges, and two who charge at once
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>

/* For its parameters, which nothing outside can set. */
#include "charge.c"

#define MIB		SZ_1M
#define NR_WORKERS	2
#define NR_CHARGES	20000

/* Far more than that takes on the slowest of machines. */
#define PATIENCE	(300 * HZ)

static struct nexp_account account;

static int charge_init(struct kunit *test)
{
	account = (struct nexp_account){};
	max_mbytes = 4;
	max_session_mbytes = 0;
	return 0;
}

static void charge_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nexp_charged(), 0);
}

static long charged(void)
{
	return atomic_long_read(&account.bytes);
}

static void fits_to_the_byte(struct kunit *test)
{
	account.max = MIB;
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, MIB - 1), 0);
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, 2), -EDQUOT);
	KUNIT_EXPECT_EQ(test, charged(), MIB - 1);
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, 1), 0);
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, charged(), MIB);
	KUNIT_EXPECT_EQ(test, nexp_charged(), MIB);
	nexp_uncharge(&account, MIB);
	KUNIT_EXPECT_EQ(test, charged(), 0);
}

/* What the module refuses is not the session's either. */
static void refused_by_the_module(struct kunit *test)
{
	struct nexp_account other = {};

	KUNIT_EXPECT_EQ(test, nexp_charge(&other, 3 * MIB), 0);
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, MIB + 1), -EDQUOT);
	KUNIT_EXPECT_EQ(test, charged(), 0);
	KUNIT_EXPECT_EQ(test, nexp_charged(), 3 * MIB);
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, MIB), 0);
	nexp_uncharge(&account, MIB);
	nexp_uncharge(&other, 3 * MIB);
}

static void lowered_below_what_is(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, 2 * MIB), 0);
	account.max = MIB;
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, 0), 0);
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, 1), -EDQUOT);
	nexp_uncharge(&account, MIB);
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, 1), -EDQUOT);
	nexp_uncharge(&account, 1);
	KUNIT_EXPECT_EQ(test, nexp_charge(&account, 1), 0);
	nexp_uncharge(&account, MIB);
}

/* Sums of hostile sizes come nowhere near the limit by wrapping. */
static void sums_do_not_wrap(struct kunit *test)
{
	static const unsigned long sizes[] = {
		ULONG_MAX, ULONG_MAX - MIB, ULONG_MAX - MIB + 1,
		LONG_MAX, (unsigned long)LONG_MAX + 1,
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, nexp_charge(&account, MIB), 0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		KUNIT_EXPECT_EQ(test, nexp_charge(&account, sizes[i]), -EDQUOT);
	KUNIT_EXPECT_EQ(test, charged(), MIB);
	nexp_uncharge(&account, MIB);
}

static void the_lowest_limit_counts(struct kunit *test)
{
	max_session_mbytes = 3;
	KUNIT_EXPECT_EQ(test, nexp_account_max(&account), 3 * MIB);
	account.max = 2 * MIB;
	KUNIT_EXPECT_EQ(test, nexp_account_max(&account), 2 * MIB);
	max_mbytes = 1;
	KUNIT_EXPECT_EQ(test, nexp_account_max(&account), MIB);
	account.max = 5 * MIB;
	max_mbytes = 4;
	KUNIT_EXPECT_EQ(test, nexp_account_max(&account), 3 * MIB);
	max_session_mbytes = 6;
	KUNIT_EXPECT_EQ(test, nexp_account_max(&account), 4 * MIB);
}

static void parameters_do_not_wrap(struct kunit *test)
{
	max_mbytes = ULONG_MAX;
	KUNIT_EXPECT_EQ(test, nexp_max_bytes(), ULONG_MAX & ~(MIB - 1UL));
	max_session_mbytes = (ULONG_MAX >> 20) + 1;
	KUNIT_EXPECT_EQ(test, nexp_account_max(&account), ULONG_MAX & ~(MIB - 1UL));
	max_mbytes = 0;
	KUNIT_EXPECT_EQ(test, nexp_max_bytes(), totalram_pages() / 2 << PAGE_SHIFT);
}

/**
 * struct worker - somebody who charges and gives back
 * @task: its thread, with a reference.
 * @done: it has nothing more to do.
 * @granted: charges that it got.
 * @beyond: times that more was charged than may be.
 */
struct worker {
	struct task_struct *task;
	struct completion done;
	unsigned int granted;
	unsigned int beyond;
};

/* Of its size one fits and two do not, so that each is in the other's way. */
static int work(void *data)
{
	unsigned long bytes = MIB / 2 + 1, deadline = jiffies + PATIENCE;
	struct worker *worker = data;

	while (worker->granted < NR_CHARGES && time_before(jiffies, deadline)) {
		if (nexp_charge(&account, bytes)) {
			cond_resched();
			continue;
		}
		worker->granted++;
		if (charged() > MIB || nexp_charged() > MIB)
			worker->beyond++;
		nexp_uncharge(&account, bytes);
	}
	complete(&worker->done);
	return 0;
}

/* The session's count falls before the module's, so either may refuse. */
static void two_at_once(struct kunit *test)
{
	struct worker workers[NR_WORKERS] = {};
	int i;

	max_mbytes = 1;
	for (i = 0; i < NR_WORKERS; i++) {
		init_completion(&workers[i].done);
		workers[i].task = kthread_create(work, &workers[i], "nexp-charge");
		if (IS_ERR(workers[i].task))
			continue;
		get_task_struct(workers[i].task);
		wake_up_process(workers[i].task);
	}
	for (i = 0; i < NR_WORKERS; i++) {
		if (!IS_ERR(workers[i].task)) {
			wait_for_completion(&workers[i].done);
			/* Its code is this module's: until it is gone. */
			kthread_stop_put(workers[i].task);
		}
		KUNIT_EXPECT_EQ(test, workers[i].granted, NR_CHARGES);
		KUNIT_EXPECT_EQ(test, workers[i].beyond, 0);
	}
	KUNIT_EXPECT_EQ(test, charged(), 0);
}

static struct kunit_case charge_cases[] = {
	KUNIT_CASE(fits_to_the_byte),
	KUNIT_CASE(refused_by_the_module),
	KUNIT_CASE(lowered_below_what_is),
	KUNIT_CASE(sums_do_not_wrap),
	KUNIT_CASE(the_lowest_limit_counts),
	KUNIT_CASE(parameters_do_not_wrap),
	KUNIT_CASE(two_at_once),
	{}
};

static struct kunit_suite charge_suite = {
	.name = "netexpert_charge",
	.init = charge_init,
	.exit = charge_exit,
	.test_cases = charge_cases,
};

kunit_test_suite(charge_suite);
