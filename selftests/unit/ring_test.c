// SPDX-License-Identifier: GPL-2.0
/*
 * The frame functions: order over rings, release and restart, losses, waiting,
 * rings that hold nonsense.
 */
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define MSEC		1000000ULL
#define PATIENCE_MS	20000

FIXTURE(ring) {
	struct unit unit;
	struct netexpert *nx;
	struct nexp_memfd *pool;
};

FIXTURE_VARIANT(ring) {
	uint32_t nr_rings;
};

FIXTURE_VARIANT_ADD(ring, one) {
	.nr_rings = 1,
};

FIXTURE_VARIANT_ADD(ring, three) {
	.nr_rings = 3,
};

FIXTURE_SETUP(ring)
{
	memset(&self->unit, 0, sizeof(self->unit));
	ASSERT_EQ(0, unit_open(&self->unit, variant->nr_rings, 0, 0));
	self->nx = self->unit.nx;
	self->pool = self->unit.pool;
}

FIXTURE_TEARDOWN(ring)
{
	unit_close(&self->unit);
}

/* A frame that says which one it is. */
static int deliver(struct unit *unit, unsigned int ring, uint64_t time_ns,
		   uint64_t number)
{
	return unit_deliver(unit, ring, time_ns, &number, sizeof(number));
}

static uint64_t number_of(const struct netexpert_frame *frame)
{
	uint64_t number;

	memcpy(&number, frame->data, sizeof(number));
	return number;
}

static uint64_t consumed(struct netexpert *nx, unsigned int ring)
{
	return nx->rings[ring].consumer->position;
}

/* A window of the pool that the reader may not write. */
static void *writable(struct netexpert *nx, uint64_t offset, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, nx->map_fd,
		    (off_t)offset);
}

TEST_F(ring, what_is_not_released_can_be_had_again)
{
	struct netexpert_frame frames[3], again;
	uint64_t i;
	int err;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, deliver(&self->unit, 0, i + 1, i));
	EXPECT_EQ(-ERANGE, netexpert_frame_again(self->nx, 0, 0, &again));
	ASSERT_EQ(3, netexpert_frame_batch(self->nx, frames, 3, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, netexpert_frame_again(self->nx, 0, frames[i].position, &again));
		EXPECT_EQ(0, memcmp(&frames[i], &again, sizeof(again)));
		EXPECT_EQ(i, number_of(&again));
	}
	err = netexpert_frame_again(self->nx, 0,
				    frames[2].position + frames[2].record->record_size, &again);
	EXPECT_EQ(-ERANGE, err);
	EXPECT_EQ(-ERANGE, netexpert_frame_again(self->nx, 0, UINT64_MAX - 7, &again));
	EXPECT_EQ(-EINVAL, netexpert_frame_again(self->nx, 0, 4, &again));
	EXPECT_EQ(-EINVAL, netexpert_frame_again(self->nx, variant->nr_rings, 0, &again));
	EXPECT_EQ(-EINVAL, netexpert_frame_again(self->nx, 0, 0, NULL));
	EXPECT_EQ(-EINVAL, netexpert_frame_again(NULL, 0, 0, &again));
	EXPECT_EQ(0, consumed(self->nx, 0));
	/* It has no history: what is released is gone. */
	ASSERT_EQ(0, netexpert_frame_release(self->nx));
	EXPECT_EQ(-ERANGE, netexpert_frame_again(self->nx, 0, frames[2].position, &again));
}

TEST_F(ring, nothing_is_there)
{
	struct netexpert_frame frame;
	uint64_t begin = unit_now_ns();

	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 30));
	EXPECT_GE(unit_now_ns() - begin, 30 * MSEC);
}

TEST_F(ring, arguments_are_checked)
{
	struct netexpert_frame frame;

	EXPECT_EQ(-EINVAL, netexpert_frame_next(NULL, &frame, 0));
	EXPECT_EQ(-EINVAL, netexpert_frame_next(self->nx, NULL, 0));
	EXPECT_EQ(-EINVAL, netexpert_frame_next(self->nx, &frame, -2));
	EXPECT_EQ(-EINVAL, netexpert_frame_batch(self->nx, &frame, 0, 0));
	EXPECT_EQ(-EINVAL, netexpert_frame_mark(self->nx, NETEXPERT_NR_READERS,
						NULL));
}

TEST_F(ring, a_frame_is_what_was_delivered)
{
	struct netexpert_record head = {
		.flags = NETEXPERT_RECORD_OUT,
		.ifindex = 7,
		.time_ns = 5000,
		.stamp_us = 5,
		.wire_len = 1500,
		.cap_len = 13,
	};
	struct netexpert_frame frame;

	ASSERT_EQ(0, nexp_memfd_deliver(self->pool, 0, &head, "hello, frame!"));
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, PATIENCE_MS));
	EXPECT_EQ(0, memcmp(frame.data, "hello, frame!", 13));
	EXPECT_EQ(7, frame.record->ifindex);
	EXPECT_EQ(NETEXPERT_RECORD_OUT, frame.record->flags);
	EXPECT_EQ(1500, frame.record->wire_len);
	EXPECT_EQ(13, frame.record->cap_len);
	EXPECT_EQ(5, frame.record->stamp_us);
	EXPECT_EQ(96, frame.record->record_size);
	EXPECT_EQ(0, frame.position);
	EXPECT_EQ(0, frame.ring);
}

TEST_F(ring, frames_come_in_the_order_of_time)
{
	struct netexpert_frame frame;
	uint64_t random = 5, time = 1000, last = 0;
	unsigned int i;

	for (i = 0; i < 700; i++) {
		time += unit_random(&random) % 3;
		ASSERT_EQ(0, deliver(&self->unit, unit_random(&random) %
				     variant->nr_rings, time, i));
	}
	for (i = 0; i < 700; i++) {
		ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
		ASSERT_GE(frame.record->time_ns, last);
		last = frame.record->time_ns;
	}
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 0));
}

TEST_F(ring, records_wrap_around)
{
	uint8_t data[3000], i8;
	struct netexpert_frame frame;
	uint64_t random = 9;
	unsigned int i;

	for (i = 0; i < 500; i++) {
		uint32_t length = unit_random(&random) % sizeof(data);

		i8 = (uint8_t)i;
		memset(data, i8, sizeof(data));
		ASSERT_EQ(0, unit_deliver(&self->unit, 0, i, data, length));
		ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
		ASSERT_EQ(length, frame.record->cap_len);
		ASSERT_EQ(0, memcmp(data, frame.data, length));
	}
	EXPECT_GT(self->nx->rings[0].position, 8 * UNIT_RING_SIZE);
}

TEST_F(ring, a_frame_is_released_by_asking_for_the_next)
{
	struct netexpert_frame frame;

	deliver(&self->unit, 0, 1, 1);
	deliver(&self->unit, 0, 2, 2);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(0, consumed(self->nx, 0));
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(88, consumed(self->nx, 0));
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(176, consumed(self->nx, 0));
}

TEST_F(ring, the_next_incarnation_sees_the_frame_in_hand_again)
{
	struct netexpert_frame frame;
	unsigned int i;

	for (i = 0; i < 10; i++)
		deliver(&self->unit, i % variant->nr_rings, i, i);
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	ASSERT_EQ(3, number_of(&frame));
	ASSERT_EQ(0, unit_restart(&self->unit));
	for (i = 3; i < 10; i++) {
		ASSERT_EQ(0, netexpert_frame_next(self->unit.nx, &frame, 0));
		EXPECT_EQ(i, number_of(&frame));
	}
	EXPECT_EQ(0, netexpert_frame_release(self->unit.nx));
	ASSERT_EQ(0, unit_restart(&self->unit));
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->unit.nx, &frame, 0));
}

TEST_F(ring, the_next_incarnation_sees_the_whole_batch_again)
{
	struct netexpert_frame frames[4];
	unsigned int i;

	for (i = 0; i < 10; i++)
		deliver(&self->unit, i % variant->nr_rings, i, i);
	ASSERT_EQ(4, netexpert_frame_batch(self->nx, frames, 4, 0));
	ASSERT_EQ(4, netexpert_frame_batch(self->nx, frames, 4, 0));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(4 + i, number_of(&frames[i]));
	ASSERT_EQ(0, unit_restart(&self->unit));
	ASSERT_EQ(4, netexpert_frame_batch(self->unit.nx, frames, 4, 0));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(4 + i, number_of(&frames[i]));
	/* It takes what is there and does not wait for more. */
	ASSERT_EQ(2, netexpert_frame_batch(self->unit.nx, frames, 4, -1));
}

TEST_F(ring, losses_stand_where_they_happened)
{
	struct netexpert_losses losses;
	struct netexpert_frame frame;
	unsigned int stored = 0;

	while (!deliver(&self->unit, 0, stored, stored))
		stored++;
	nexp_memfd_lose(self->pool, 0, 4, NETEXPERT_DROP_UNREADABLE);
	ASSERT_EQ(0, netexpert_losses(self->nx, &losses));
	EXPECT_EQ(0, losses.lost);
	EXPECT_EQ(5, losses.pending);

	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(0, frame.record->lost);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	ASSERT_EQ(0, deliver(&self->unit, 0, stored, stored));
	while (number_of(&frame) != stored) {
		ASSERT_EQ(0, frame.record->lost);
		ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	}
	EXPECT_EQ(5, frame.record->lost);
	EXPECT_EQ(1U << NETEXPERT_DROP_RING_FULL | 1U << NETEXPERT_DROP_UNREADABLE,
		  frame.record->lost_causes);
	ASSERT_EQ(0, netexpert_losses(self->nx, &losses));
	EXPECT_EQ(5, losses.lost);
	EXPECT_EQ(0, losses.pending);
	EXPECT_EQ(frame.record->lost_causes, losses.causes);
	EXPECT_EQ(0, losses.late);
}

TEST_F(ring, the_frame_in_hand_is_marked)
{
	const struct netexpert_reader *slot;
	struct netexpert_frame frames[3];
	unsigned int i;

	slot = (const void *)((char *)self->nx->consumer + NETEXPERT_SLOT_SIZE *
			      (1 + variant->nr_rings));
	for (i = 0; i < 3; i++)
		deliver(&self->unit, variant->nr_rings - 1, i, i);
	EXPECT_EQ(0, slot->busy);
	ASSERT_EQ(3, netexpert_frame_batch(self->nx, frames, 3, 0));
	EXPECT_EQ(1, slot->busy);
	EXPECT_EQ(variant->nr_rings - 1, slot->ring);
	EXPECT_EQ(frames[0].position, slot->position);
	EXPECT_EQ(0, netexpert_frame_mark(self->nx, 0, &frames[2]));
	EXPECT_EQ(frames[2].position, slot->position);
	EXPECT_EQ(0, netexpert_frame_release(self->nx));
	EXPECT_EQ(0, slot->busy);

	slot = (const void *)((const char *)slot + 5 * NETEXPERT_SLOT_SIZE);
	EXPECT_EQ(0, netexpert_frame_mark(self->nx, 5, &frames[1]));
	EXPECT_EQ(1, slot->busy);
	EXPECT_EQ(frames[1].position, slot->position);
	EXPECT_EQ(0, netexpert_frame_mark(self->nx, 5, NULL));
	EXPECT_EQ(0, slot->busy);
}

struct helper {
	struct unit *unit;
	void (*act)(struct unit *unit);
};

/* Acts when the reader sleeps: it says so in the consumer window. */
static void *act_when_waiting(void *arg)
{
	struct helper *helper = arg;
	struct netexpert_consumer *consumer = helper->unit->nx->consumer;

	while (!__atomic_load_n(&consumer->waiting, __ATOMIC_ACQUIRE))
		usleep(100);
	helper->act(helper->unit);
	return NULL;
}

static void deliver_old(struct unit *unit)
{
	deliver(unit, 0, 1, 1);
}

static void terminate(struct unit *unit)
{
	nexp_memfd_terminate(unit->pool);
}

static int wait_for(struct unit *unit, void (*act)(struct unit *unit))
{
	struct helper helper = { .unit = unit, .act = act };
	struct netexpert_frame frame;
	pthread_t thread;
	int ret;

	if (pthread_create(&thread, NULL, act_when_waiting, &helper))
		return -ENOMEM;
	ret = netexpert_frame_next(unit->nx, &frame, -1);
	pthread_join(thread, NULL);
	return ret;
}

TEST_F(ring, a_frame_wakes_the_reader)
{
	struct netexpert_consumer *consumer = self->nx->consumer;

	EXPECT_EQ(0, wait_for(&self->unit, deliver_old));
	EXPECT_EQ(0, consumer->waiting);
	EXPECT_EQ(0, wait_for(&self->unit, deliver_old));
}

TEST_F(ring, terminate_wakes_the_reader)
{
	EXPECT_EQ(-ESHUTDOWN, wait_for(&self->unit, terminate));
	EXPECT_TRUE(netexpert_terminating(self->nx));
}

TEST_F(ring, terminate_stops_frames_and_releases)
{
	struct netexpert_frame frame;

	deliver(&self->unit, 0, 1, 1);
	deliver(&self->unit, 0, 2, 2);
	ASSERT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
	nexp_memfd_terminate(self->pool);
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_next(self->nx, &frame, -1));
	/* The first was released, the second is for the next incarnation. */
	ASSERT_EQ(0, unit_restart(&self->unit));
	EXPECT_FALSE(netexpert_terminating(self->unit.nx));
	ASSERT_EQ(0, netexpert_frame_next(self->unit.nx, &frame, 0));
	EXPECT_EQ(2, number_of(&frame));
}

static void ignore(int signal)
{
	(void)signal;
}

TEST_F(ring, a_signal_ends_the_wait)
{
	struct sigaction action = { .sa_handler = ignore };
	struct itimerval timer = { .it_value.tv_usec = 20000 };
	struct netexpert_frame frame;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	EXPECT_EQ(-EINTR, netexpert_frame_next(self->nx, &frame, PATIENCE_MS));
}

TEST_F(ring, a_forked_child_is_refused)
{
	struct netexpert_losses losses;
	struct netexpert_frame frame;
	int status;
	pid_t child;

	deliver(&self->unit, 0, 1, 1);
	child = fork();
	if (!child)
		_exit(netexpert_frame_next(self->nx, &frame, 0) != -EPERM ||
		      netexpert_frame_release(self->nx) != -EPERM ||
		      netexpert_frame_mark(self->nx, 0, NULL) != -EPERM ||
		      netexpert_losses(self->nx, &losses) != -EPERM);
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, netexpert_frame_next(self->nx, &frame, 0));
}

/* What a kernel would never write. @value goes over 4 bytes at @field. */
static void spoil(struct netexpert *nx, size_t field, uint32_t value)
{
	char *data = writable(nx, NETEXPERT_MAP_RING(0), UNIT_RING_SIZE);

	memcpy(data + field, &value, sizeof(value));
	munmap(data, UNIT_RING_SIZE);
}

TEST_F(ring, records_that_lead_astray_are_refused)
{
	static const struct { size_t field; uint32_t value; } lies[] = {
		{ offsetof(struct netexpert_record, record_size), 0 },
		{ offsetof(struct netexpert_record, record_size), 72 },
		{ offsetof(struct netexpert_record, record_size), 92 },
		{ offsetof(struct netexpert_record, record_size), 184 },
		{ offsetof(struct netexpert_record, record_size), 0xfffffff8 },
		{ offsetof(struct netexpert_record, cap_len), 9 },
		{ offsetof(struct netexpert_record, cap_len), 0xffffffff },
	};
	struct netexpert_frame frame;
	size_t i;

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct unit unit = { 0 };

		ASSERT_EQ(0, unit_open(&unit, variant->nr_rings, 0, 0));
		deliver(&unit, 0, 1, 1);
		deliver(&unit, 0, 2, 2);
		spoil(unit.nx, lies[i].field, lies[i].value);
		EXPECT_EQ(-EIO, netexpert_frame_next(unit.nx, &frame, 0));
		EXPECT_EQ(-EIO, netexpert_frame_next(unit.nx, &frame, -1));
		unit_close(&unit);
	}
}

TEST_F(ring, positions_that_lead_astray_are_refused)
{
	static const uint64_t lies[] = {
		4, UNIT_RING_SIZE + 8, (uint64_t)-8, 1ULL << 63,
	};
	struct netexpert_ring_status *status;
	struct netexpert_frame frame;
	size_t i;
	char *window;

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct unit unit = { 0 };

		ASSERT_EQ(0, unit_open(&unit, variant->nr_rings, 0, 0));
		window = writable(unit.nx, NETEXPERT_MAP_STATUS, 4096);
		status = (void *)(window + NETEXPERT_SLOT_SIZE);
		status->position = lies[i];
		EXPECT_EQ(-EIO, netexpert_frame_next(unit.nx, &frame, -1));
		munmap(window, 4096);
		unit_close(&unit);
	}
}

TEST_F(ring, a_record_larger_than_the_ring_is_refused)
{
	struct netexpert_ring_status *status;
	struct netexpert_frame frame;
	char *window;

	deliver(&self->unit, 0, 1, 1);
	spoil(self->nx, offsetof(struct netexpert_record, record_size),
	      4 * UNIT_RING_SIZE);
	spoil(self->nx, offsetof(struct netexpert_record, cap_len),
	      3 * UNIT_RING_SIZE);
	window = writable(self->nx, NETEXPERT_MAP_STATUS, 4096);
	status = (void *)(window + NETEXPERT_SLOT_SIZE);
	status->position = 4 * UNIT_RING_SIZE;
	EXPECT_EQ(-EIO, netexpert_frame_next(self->nx, &frame, -1));
	munmap(window, 4096);
}

struct producer {
	struct unit *unit;
	unsigned int ring;
	uint64_t nr;
};

/* Numbers go up in each ring; a full ring is tried again. */
static void *produce(void *arg)
{
	struct producer *producer = arg;
	uint64_t i;

	for (i = 0; i < producer->nr; i++)
		while (deliver(producer->unit, producer->ring, unit_now_ns(), i))
			sched_yield();
	return NULL;
}

TEST_F_TIMEOUT(ring, nothing_is_missing_or_seen_twice_under_load, 120)
{
	struct producer producers[3];
	pthread_t threads[3];
	uint64_t next[3] = { 0 }, seen = 0, nr = 20000;
	struct netexpert_frame frames[32];
	unsigned int i;

	for (i = 0; i < variant->nr_rings; i++) {
		producers[i] = (struct producer) {
			.unit = &self->unit, .ring = i, .nr = nr,
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, produce,
					    &producers[i]));
	}
	while (seen < nr * variant->nr_rings) {
		int got = netexpert_frame_batch(self->nx, frames, 32, PATIENCE_MS);
		int j;

		ASSERT_GT(got, 0);
		for (j = 0; j < got; j++) {
			ASSERT_EQ(next[frames[j].ring],
				  number_of(&frames[j]));
			next[frames[j].ring]++;
		}
		seen += (uint64_t)got;
	}
	for (i = 0; i < variant->nr_rings; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frames[0], 0));
}

TEST_F(ring, a_limit_ends_the_capture)
{
	struct netexpert_frame frames[4];
	uint64_t i;

	nexp_reader_limit(self->nx, 5);
	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, deliver(&self->unit, i % variant->nr_rings, 1000 + i, i));
	EXPECT_EQ(4, netexpert_frame_batch(self->nx, frames, 4, PATIENCE_MS));
	EXPECT_EQ(1, netexpert_frame_batch(self->nx, frames, 4, PATIENCE_MS));
	EXPECT_EQ(4, number_of(&frames[0]));
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_batch(self->nx, frames, 4, -1));
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_next(self->nx, frames, -1));
	EXPECT_FALSE(netexpert_terminating(self->nx));

	/* Asked to finish, it does not get the rest either. */
	nexp_memfd_terminate(self->pool);
	EXPECT_EQ(0, netexpert_frame_rest(self->nx, frames, 4));
}

/* What was in hand when an incarnation ended is seen again and counts once. */
TEST_F(ring, a_limit_holds_over_all_incarnations)
{
	struct netexpert_pool_info info;
	struct netexpert_frame frames[4];
	uint64_t i;

	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, deliver(&self->unit, i % variant->nr_rings, 1000 + i, i));
	netexpert_pool_info(self->nx, &info);
	EXPECT_EQ(0, info.released);
	nexp_reader_limit(self->nx, 9);
	ASSERT_EQ(4, netexpert_frame_batch(self->nx, frames, 4, PATIENCE_MS));
	ASSERT_EQ(2, netexpert_frame_batch(self->nx, frames, 2, PATIENCE_MS));

	ASSERT_EQ(0, unit_restart(&self->unit));
	self->nx = self->unit.nx;
	netexpert_pool_info(self->nx, &info);
	EXPECT_EQ(4, info.released);
	nexp_reader_limit(self->nx, 9);
	ASSERT_EQ(4, netexpert_frame_batch(self->nx, frames, 4, PATIENCE_MS));
	EXPECT_EQ(4, number_of(&frames[0]));
	ASSERT_EQ(1, netexpert_frame_batch(self->nx, frames, 4, PATIENCE_MS));
	EXPECT_EQ(8, number_of(&frames[0]));
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_batch(self->nx, frames, 4, -1));

	ASSERT_EQ(0, unit_restart(&self->unit));
	self->nx = self->unit.nx;
	netexpert_pool_info(self->nx, &info);
	EXPECT_EQ(9, info.released);
	nexp_reader_limit(self->nx, 9);
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_batch(self->nx, frames, 4, -1));
}

TEST_F(ring, what_is_left_at_the_end_can_be_taken)
{
	struct netexpert_frame frames[4];
	uint64_t i, now_ns = unit_now_ns() + 1000 * MSEC;

	EXPECT_EQ(-EINVAL, netexpert_frame_rest(self->nx, frames, 4));
	/* In the first ring alone, and of a time that is not over. */
	for (i = 0; i < 6; i++)
		ASSERT_EQ(0, deliver(&self->unit, 0, now_ns + i, i));
	nexp_memfd_terminate(self->pool);
	EXPECT_EQ(-EINVAL, netexpert_frame_rest(NULL, frames, 4));
	EXPECT_EQ(-EINVAL, netexpert_frame_rest(self->nx, NULL, 4));
	EXPECT_EQ(-EINVAL, netexpert_frame_rest(self->nx, frames, 0));
	EXPECT_EQ(-ESHUTDOWN, netexpert_frame_batch(self->nx, frames, 4, 0));
	ASSERT_EQ(4, netexpert_frame_rest(self->nx, frames, 4));
	EXPECT_EQ(0, number_of(&frames[0]));
	ASSERT_EQ(2, netexpert_frame_rest(self->nx, frames, 4));
	EXPECT_EQ(5, number_of(&frames[1]));
	EXPECT_EQ(0, netexpert_frame_rest(self->nx, frames, 4));
	EXPECT_EQ(0, netexpert_frame_rest(self->nx, frames, 4));
}

TEST_HARNESS_MAIN
