// SPDX-License-Identifier: GPL-2.0
/*
 * The merge rule at the edge: how long an empty ring holds a young frame back.
 */
#include <pthread.h>
#include <unistd.h>

#include "unit.h"

#define SEC		1000000000ULL
#define MSEC		1000000ULL
#define PATIENCE_MS	20000

FIXTURE(merge) {
	struct unit unit;
	struct netexpert *nx;
};

FIXTURE_SETUP(merge)
{
	memset(&self->unit, 0, sizeof(self->unit));
	ASSERT_EQ(0, unit_open(&self->unit, 2, 0, 0));
	self->nx = self->unit.nx;
}

FIXTURE_TEARDOWN(merge)
{
	unit_close(&self->unit);
}

static int deliver(struct unit *unit, unsigned int ring, uint64_t time_ns)
{
	return unit_deliver(unit, ring, time_ns, "", 1);
}

TEST_F(merge, a_young_frame_waits_for_the_empty_ring)
{
	/* Young for as long as this test takes, however slow the machine. */
	uint64_t now = unit_now_ns() + 1000 * SEC;
	struct netexpert_frame frame;

	deliver(&self->unit, 0, now);
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 0));
	/* This one was stamped before and is published after. */
	deliver(&self->unit, 1, now - 1000);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(1, frame.ring);
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 0));
	deliver(&self->unit, 1, now + 1000);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(0, frame.ring);
}

TEST_F(merge, an_old_frame_does_not_wait)
{
	struct netexpert_frame frame;

	deliver(&self->unit, 0, unit_now_ns() - NEXP_HOLD_NS);
	EXPECT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
}

TEST_F(merge, no_frame_waits_longer_than_the_holding_time)
{
	uint64_t begin = unit_now_ns(), ahead = begin + 7200 * SEC;
	struct netexpert_frame frame;

	/* A clock that differs from the kernel's must not stop the reader. */
	deliver(&self->unit, 0, ahead);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, PATIENCE_MS));
	EXPECT_GE(unit_now_ns() - begin, NEXP_HOLD_NS);
	EXPECT_LT(unit_now_ns() - begin, 10 * SEC);

	begin = unit_now_ns();
	deliver(&self->unit, 1, ahead + 1);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, PATIENCE_MS));
	EXPECT_GE(unit_now_ns() - begin, NEXP_HOLD_NS);
}

TEST_F(merge, a_short_timeout_is_kept_while_holding)
{
	struct netexpert_frame frame;
	uint64_t begin = unit_now_ns();

	deliver(&self->unit, 0, begin + 7200 * SEC);
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 1));
	EXPECT_GE(unit_now_ns() - begin, 1 * MSEC);
}

TEST_F(merge, a_late_frame_is_handed_out_and_counted)
{
	struct netexpert_losses losses;
	struct netexpert_frame frame;

	deliver(&self->unit, 0, 5000);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	deliver(&self->unit, 1, 4000);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(4000, frame.record->time_ns);
	deliver(&self->unit, 0, 6000);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	ASSERT_EQ(0, netexpert_losses(self->nx, &losses));
	EXPECT_EQ(1, losses.late);
	EXPECT_EQ(0, losses.lost);
}

static void *terminate(void *arg)
{
	struct unit *unit = arg;
	struct netexpert_consumer *consumer = unit->nx->consumer;

	while (!__atomic_load_n(&consumer->waiting, __ATOMIC_ACQUIRE))
		usleep(100);
	nexp_memfd_terminate(unit->pool);
	return NULL;
}

TEST_F(merge, terminate_ends_a_wait_with_both_rings_empty)
{
	struct netexpert_frame frame;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, terminate, &self->unit));
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_next(self->nx, &frame, -1));
	pthread_join(thread, NULL);
}

TEST_HARNESS_MAIN
