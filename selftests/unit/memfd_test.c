// SPDX-License-Identifier: GPL-2.0
/*
 * memfd_test - frames of a file in a pool without the module
 */
#include <pthread.h>

#include "unit.h"

#define NR_FRAMES	2000
#define LENGTH		1000
#define BEGIN_NS	1700000000123456789ULL
#define STEP_NS		2000000ULL

FIXTURE(memfd)
{
	struct unit unit;
	pthread_t thread;
	int answer;
	uint32_t taken;
};

FIXTURE_SETUP(memfd)
{
	ASSERT_EQ(0, unit_open(&self->unit, 1, 0, 0));
}

FIXTURE_TEARDOWN(memfd)
{
	unit_close(&self->unit);
}

/* Much more than the ring has room for. */
static void *inject(void *arg)
{
	FIXTURE_DATA(memfd) *self = arg;
	static uint8_t bytes[LENGTH];
	struct netexpert_inject_frame frame = {
		.data = (uintptr_t)bytes, .cap_len = LENGTH, .wire_len = 2 * LENGTH,
		.ifindex = 3, .link_type = 1, .flags = NETEXPERT_RECORD_OUT,
	};

	while (self->taken < NR_FRAMES && !self->answer) {
		frame.time_ns = BEGIN_NS + self->taken * STEP_NS;
		memcpy(bytes, &self->taken, sizeof(self->taken));
		self->answer = nexp_memfd_inject(self->unit.pool, &frame);
		self->taken += !self->answer;
	}
	nexp_memfd_complete(self->unit.pool);
	return NULL;
}

static void read_all(struct __test_metadata *const _metadata, FIXTURE_DATA(memfd) *self,
		     int timeout_ms)
{
	struct netexpert_frame frame;
	uint32_t i = 0, number;
	int err;

	ASSERT_EQ(0, pthread_create(&self->thread, NULL, inject, self));
	do {
		err = netexpert_frame_next(self->unit.nx, &frame, timeout_ms);
		if (err)
			continue;
		memcpy(&number, frame.data, sizeof(number));
		ASSERT_EQ(i, number);
		EXPECT_EQ(i * (int64_t)STEP_NS / 1000, frame.record->stamp_us);
		EXPECT_EQ(LENGTH, frame.record->cap_len);
		EXPECT_EQ(2 * LENGTH, frame.record->wire_len);
		EXPECT_EQ(3, frame.record->ifindex);
		EXPECT_EQ(NETEXPERT_RECORD_OUT, frame.record->flags);
		EXPECT_EQ(0, frame.record->lost);
		i++;
	} while (!err || err == -ETIMEDOUT);
	EXPECT_EQ(-ENODATA, err);
	EXPECT_EQ(NR_FRAMES, i);
	ASSERT_EQ(0, pthread_join(self->thread, NULL));
	EXPECT_EQ(0, self->answer);
}

TEST_F(memfd, frames_wait_for_a_reader_that_sleeps)
{
	read_all(_metadata, self, -1);
}

TEST_F(memfd, frames_wait_for_a_reader_that_never_sleeps)
{
	read_all(_metadata, self, 0);
}

TEST_F(memfd, terminate_ends_the_wait)
{
	struct netexpert_frame frame;

	ASSERT_EQ(0, pthread_create(&self->thread, NULL, inject, self));
	ASSERT_EQ(0, netexpert_frame_next(self->unit.nx, &frame, -1));
	nexp_memfd_terminate(self->unit.pool);
	ASSERT_EQ(0, pthread_join(self->thread, NULL));
	EXPECT_EQ(-ESTALE, self->answer);
	EXPECT_GT(NR_FRAMES, self->taken);
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_next(self->unit.nx, &frame, -1));
}

/* The clocks of a file and of this machine are apart as they were when it was made. */
TEST_F(memfd, a_frame_has_its_time_of_day)
{
	struct netexpert_pool_info info;
	struct netexpert_frame frame;

	netexpert_pool_info(self->unit.nx, &info);
	ASSERT_EQ(0, pthread_create(&self->thread, NULL, inject, self));
	ASSERT_EQ(0, netexpert_frame_next(self->unit.nx, &frame, -1));
	EXPECT_EQ(BEGIN_NS, frame.record->time_ns - info.created_ns + info.realtime_ns);
	nexp_memfd_terminate(self->unit.pool);
	ASSERT_EQ(0, pthread_join(self->thread, NULL));
}

TEST_HARNESS_MAIN
