// SPDX-License-Identifier: GPL-2.0
/*
 * race_kunit - that this kernel tells of a data race in a module
 *
 * Its silence is worth nothing otherwise. Two threads race on purpose until it does;
 * who reads the log passes over races that the module itself has no part in.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <trace/events/printk.h>

#define NR_RACERS	2
#define BOUND_SECONDS	120

static u64 raced_for;
static bool is_told;

static void look(void *unused, const char *text, size_t length)
{
	if (strnstr(text, "KCSAN", length) && strnstr(text, "race_on_purpose", length))
		WRITE_ONCE(is_told, true);
}

static noinline int race_on_purpose(void *unused)
{
	while (!kthread_should_stop()) {
		raced_for++;
		cond_resched();
	}
	return 0;
}

static void a_race_is_told(struct kunit *test)
{
	unsigned long end = jiffies + BOUND_SECONDS * HZ;
	struct task_struct *racers[NR_RACERS];
	unsigned int i;

	if (!IS_ENABLED(CONFIG_KCSAN))
		kunit_skip(test, "a kernel that looks for no races");
	KUNIT_ASSERT_EQ(test, register_trace_console(look, NULL), 0);
	for (i = 0; i < NR_RACERS; i++)
		racers[i] = kthread_run(race_on_purpose, NULL, "racer/%u", i);
	while (!READ_ONCE(is_told) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(HZ / 10);
	for (i = 0; i < NR_RACERS; i++) {
		KUNIT_EXPECT_NOT_ERR_OR_NULL(test, racers[i]);
		if (!IS_ERR(racers[i]))
			kthread_stop(racers[i]);
	}
	unregister_trace_console(look, NULL);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_TRUE(test, is_told);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_race_is_told),
	{}
};

static struct kunit_suite suite = {
	.name = "netexpert_race",
	.test_cases = cases,
};

kunit_test_suite(suite);
