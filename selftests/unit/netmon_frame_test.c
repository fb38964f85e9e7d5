// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that were handed out before: in both directions, by number and by handle,
 * as far as the rings keep them and no further; and captures by their handle.
 */
#include <linux/if_arp.h>
#include <pthread.h>
#include <sys/wait.h>

#include "key.h"

#define NONE		INVALID_FRAME_NUMBER
#define NR_RINGS	3
#define PATIENCE_MS	20000

/* So that a record is of 88 bytes. */
#define RECORD_SIZE	(sizeof(struct netexpert_record) + 8)

FIXTURE(frames) {
	struct unit_key u;
	HEXPERTKEY key;
	HCAPTURE capture;
	uint64_t delivered;
};

/* How many frames of each ring are kept behind the one in hand. */
FIXTURE_VARIANT(frames) {
	uint64_t kept;
};

FIXTURE_VARIANT_ADD(frames, without_history) {
	.kept = 0,
};

FIXTURE_VARIANT_ADD(frames, with_history) {
	.kept = 20,
};

FIXTURE_SETUP(frames)
{
	const struct nexp_memfd_params params = {
		.nr_rings = NR_RINGS,
		.ring_size = UNIT_RING_SIZE,
		.history_size = variant->kept * RECORD_SIZE,
	};
	EXPERTSTARTUPINFO startup;

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, unit_key_open_with(&self->u, &params));
	self->key = self->u.key;
	ASSERT_EQ(NMERR_SUCCESS, ExpertGetStartupInfo(self->key, &startup));
	self->capture = startup.hCapture;
}

FIXTURE_TEARDOWN(frames)
{
	unit_key_close(&self->u);
}

static DWORD get(HEXPERTKEY key, DWORD direction, DWORD number,
		 EXPERTFRAMEDESCRIPTOR *frame)
{
	return ExpertGetFrame(key, direction, 0, number, NULL, frame);
}

static DWORD forward(HEXPERTKEY key, DWORD number, EXPERTFRAMEDESCRIPTOR *frame)
{
	return get(key, GET_FRAME_NEXT_FORWARD, number, frame);
}

static DWORD backward(HEXPERTKEY key, DWORD number, EXPERTFRAMEDESCRIPTOR *frame)
{
	return get(key, GET_FRAME_NEXT_BACKWARD, number, frame);
}

static DWORD specified(HEXPERTKEY key, DWORD number, EXPERTFRAMEDESCRIPTOR *frame)
{
	return get(key, GET_SPECIFIED_FRAME, number, frame);
}

/* A frame of the past that says its serial, in the ring of its turn. */
static int deliver(FIXTURE_DATA(frames) *self)
{
	uint64_t serial = self->delivered++;

	return unit_deliver(&self->u.unit, (unsigned int)(serial % NR_RINGS),
			    1000000 * (serial + 1), &serial, sizeof(serial));
}

static uint64_t serial_in(ULPFRAME frame)
{
	uint64_t serial;

	memcpy(&serial, frame->MacFrame, sizeof(serial));
	return serial;
}

/* Takes @count new frames; the number of the last one, or NONE if something is wrong. */
static DWORD take(FIXTURE_DATA(frames) *self, unsigned int count)
{
	DWORD number = GetCaptureTotalFrames(self->capture) - 1;
	EXPERTFRAMEDESCRIPTOR frame;

	while (count--) {
		if (deliver(self) || forward(self->key, number, &frame) ||
		    frame.FrameNumber != number + 1 ||
		    serial_in(frame.pFrame) != frame.FrameNumber)
			return NONE;
		number++;
	}
	return number;
}

TEST_F(frames, the_one_in_hand_can_be_had_again)
{
	EXPERTFRAMEDESCRIPTOR frame, again;
	DWORD last = take(self, 100);

	ASSERT_EQ(99, last);
	EXPECT_EQ(NMERR_SUCCESS, specified(self->key, last, &frame));
	EXPECT_EQ(last, frame.FrameNumber);
	EXPECT_EQ(last, serial_in(frame.pFrame));
	EXPECT_EQ(NMERR_SUCCESS, backward(self->key, NONE, &again));
	EXPECT_EQ(0, memcmp(&frame, &again, sizeof(frame)));
	EXPECT_EQ(NMERR_SUCCESS, backward(self->key, last + 1, &again));
	EXPECT_EQ(0, memcmp(&frame, &again, sizeof(frame)));
	EXPECT_EQ(NMERR_SUCCESS, forward(self->key, last - 1, &again));
	EXPECT_EQ(0, memcmp(&frame, &again, sizeof(frame)));

	/* Nothing of that has released it. */
	EXPECT_EQ(100 / NR_RINGS * RECORD_SIZE,
		  self->u.unit.nx->rings[last % NR_RINGS].consumer->position);
	EXPECT_EQ(100, GetCaptureTotalFrames(self->capture));
}

/* Who asks for a new frame is done with this one, whether one comes or not. */
TEST_F(frames, silence_releases_the_one_in_hand)
{
	EXPERTFRAMEDESCRIPTOR frame;

	ASSERT_EQ(2, take(self, 3));
	EXPECT_EQ(NMERR_TIMEOUT, ExpertGetFrame(self->key, GET_FRAME_NEXT_FORWARD,
						FLAGS_LIVE_TIMEOUT, 2, NULL, &frame));
	EXPECT_EQ(RECORD_SIZE, self->u.unit.nx->rings[2].consumer->position);
	EXPECT_EQ(variant->kept ? NMERR_SUCCESS : NMERR_FRAME_NOT_FOUND,
		  specified(self->key, 2, &frame));
	EXPECT_EQ(variant->kept ? NMERR_SUCCESS : NMERR_FRAME_NOT_FOUND,
		  backward(self->key, NONE, &frame));
}

TEST_F(frames, a_scan_back_goes_as_far_as_frames_are_kept)
{
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD number = take(self, 200);
	DWORD wanted = number, error;
	unsigned int seen = 0;

	ASSERT_EQ(199, number);
	for (number = NONE; !(error = backward(self->key, number, &frame)); seen++) {
		number = frame.FrameNumber;
		EXPECT_EQ(wanted - seen, number);
		EXPECT_EQ(number, serial_in(frame.pFrame));
		EXPECT_EQ(1000 * (number + 1), frame.pFrame->TimeStamp);
	}
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, error);
	/* The one in hand, and behind it some of each ring. */
	EXPECT_EQ(1 + NR_RINGS * variant->kept, seen);
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, specified(self->key, number - 1, &frame));
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, specified(self->key, 0, &frame));

	/* Forward again, over where it began. */
	EXPECT_EQ(0, deliver(self));
	for (; seen; seen--) {
		EXPECT_EQ(NMERR_SUCCESS, forward(self->key, number, &frame));
		EXPECT_EQ(number + 1, frame.FrameNumber);
		number = frame.FrameNumber;
		EXPECT_EQ(number, serial_in(frame.pFrame));
	}
	EXPECT_EQ(200, number);
}

TEST_F(frames, a_scan_from_the_start_begins_with_what_is_kept)
{
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD last = take(self, 150);

	ASSERT_EQ(149, last);
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, NONE, &frame));
	EXPECT_EQ(last - NR_RINGS * variant->kept, frame.FrameNumber);
	EXPECT_EQ(frame.FrameNumber, serial_in(frame.pFrame));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, 3, &frame));
	EXPECT_EQ(last - NR_RINGS * variant->kept, frame.FrameNumber);
}

/* Rings that are read at different rates forget at different rates, too. */
TEST_F(frames, scans_leave_out_what_is_not_kept)
{
	EXPERTFRAMEDESCRIPTOR frame;
	uint64_t serial = 0, i;
	DWORD number = NONE;

	/* A frame of ring 1, and then so many of ring 0. */
	ASSERT_EQ(0, unit_deliver(&self->u.unit, 1, 1000000, &serial, sizeof(serial)));
	for (i = 0; i < 100; i++) {
		serial++;
		ASSERT_EQ(0, unit_deliver(&self->u.unit, 0, 1000000 * (i + 2), &serial,
					  sizeof(serial)));
	}
	for (i = 0; i < 101; i++) {
		ASSERT_EQ(NMERR_SUCCESS, forward(self->key, number, &frame));
		number = frame.FrameNumber;
	}
	ASSERT_EQ(100, number);
	for (i = 0; i < variant->kept; i++) {
		ASSERT_EQ(NMERR_SUCCESS, backward(self->key, number, &frame));
		EXPECT_EQ(--number, frame.FrameNumber);
	}
	if (!variant->kept) {
		EXPECT_EQ(NMERR_FRAME_NOT_FOUND, backward(self->key, number, &frame));
		return;
	}
	ASSERT_EQ(NMERR_SUCCESS, backward(self->key, number, &frame));
	EXPECT_EQ(0, frame.FrameNumber);
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, specified(self->key, 1, &frame));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, 0, &frame));
	EXPECT_EQ(number, frame.FrameNumber);
	EXPECT_EQ(NMERR_OUT_OF_RANGE, backward(self->key, 0, &frame));
}

/* The kernel may have filled the ring as soon as a frame is released. */
TEST_F(frames, what_is_kept_is_never_overwritten)
{
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD last = take(self, 2000), number = NONE, seen = 0;

	ASSERT_EQ(1999, last);
	/* Until no ring has room for one more. */
	while (self->delivered < 100000)
		deliver(self);
	while (!backward(self->key, number, &frame)) {
		number = frame.FrameNumber;
		EXPECT_EQ(number, serial_in(frame.pFrame));
		seen++;
	}
	EXPECT_EQ(1 + NR_RINGS * variant->kept, seen);
}

TEST_F(frames, requests_that_name_no_frame)
{
	EXPERTFRAMEDESCRIPTOR frame, untouched;
	const DWORD bad[] = { 1, 2, 1000, 0x7fffffff, 0xfffffffe };
	unsigned int i;

	memset(&frame, 0xab, sizeof(frame));
	untouched = frame;
	EXPECT_EQ(NMERR_OUT_OF_RANGE, backward(self->key, NONE, &frame));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, backward(self->key, 0, &frame));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, specified(self->key, 0, &frame));
	ASSERT_EQ(0, deliver(self));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, specified(self->key, 0, &frame));
	EXPECT_EQ(0, memcmp(&frame, &untouched, sizeof(frame)));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, NONE, &frame));
	frame = untouched;
	EXPECT_EQ(NMERR_OUT_OF_RANGE, specified(self->key, NONE, &frame));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, backward(self->key, 0, &frame));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_EQ(NMERR_OUT_OF_RANGE, specified(self->key, bad[i], &frame));
		EXPECT_EQ(NMERR_OUT_OF_RANGE, forward(self->key, bad[i], &frame));
		if (bad[i] == 1)
			continue;
		EXPECT_EQ(NMERR_OUT_OF_RANGE, backward(self->key, bad[i], &frame));
	}
	EXPECT_EQ(0, memcmp(&frame, &untouched, sizeof(frame)));
}

TEST_F(frames, numbers_wrap_past_the_invalid_one)
{
	struct nexp_key *key = nexp_key_find(self->key);
	EXPERTFRAMEDESCRIPTOR frame;

	/* As if so many had come and gone. */
	key->frames.count = 0xfffffffe;
	key->frames.oldest = 0xfffffffe;
	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, 0xfffffffd, &frame));
	EXPECT_EQ(0xfffffffe, frame.FrameNumber);
	EXPECT_EQ(0xfffffffe, GetFrameNumber(frame.hFrame));
	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, 0xfffffffe, &frame));
	EXPECT_EQ(0, frame.FrameNumber);
	EXPECT_EQ(1, serial_in(frame.pFrame));
	EXPECT_EQ(0, GetFrameNumber(frame.hFrame));
	if (variant->kept) {
		ASSERT_EQ(NMERR_SUCCESS, backward(self->key, 0, &frame));
		EXPECT_EQ(0xfffffffe, frame.FrameNumber);
		EXPECT_EQ(0, serial_in(frame.pFrame));
	}
	/* The one that had this number before is long gone. */
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, specified(self->key, 1, &frame));
	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, 0, &frame));
	EXPECT_EQ(1, frame.FrameNumber);
}

/* Evidence for the supervisor: which frame it is, not which one was last. */
TEST_F(frames, the_frame_in_hand_is_marked)
{
	const struct netexpert *nx = self->u.unit.nx;
	const struct netexpert_reader *mark = (const void *)
		((char *)nx->consumer + (1 + NR_RINGS) * NETEXPERT_SLOT_SIZE);
	EXPERTFRAMEDESCRIPTOR frame;

	ASSERT_EQ(9, take(self, 10));
	EXPECT_EQ(1, mark->busy);
	EXPECT_EQ(9 % NR_RINGS, mark->ring);
	EXPECT_EQ(3 * RECORD_SIZE, mark->position);
	if (!variant->kept)
		return;
	ASSERT_EQ(NMERR_SUCCESS, specified(self->key, 4, &frame));
	EXPECT_EQ(1, mark->busy);
	EXPECT_EQ(4 % NR_RINGS, mark->ring);
	EXPECT_EQ(1 * RECORD_SIZE, mark->position);
}

TEST_F(frames, terminate_ends_scans_back_too)
{
	EXPERTFRAMEDESCRIPTOR frame;

	ASSERT_EQ(9, take(self, 10));
	nexp_memfd_terminate(self->u.unit.pool);
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, backward(self->key, NONE, &frame));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, specified(self->key, 9, &frame));
	EXPECT_EQ(10, GetCaptureTotalFrames(self->capture));
}

TEST_F(frames, a_handle_is_the_frame_while_it_is_kept)
{
	EXPERTFRAMEDESCRIPTOR frame;
	HFRAME handle;

	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, NONE, &frame));
	handle = frame.hFrame;
	EXPECT_NE(NULL, handle);
	EXPECT_EQ(handle, GetFrame(self->capture, 0));
	EXPECT_EQ(0, GetFrameNumber(handle));
	EXPECT_EQ(self->capture, GetFrameCaptureHandle(handle));
	EXPECT_EQ(frame.pFrame, GetFrameFromFrameHandle(handle));
	EXPECT_EQ(8, GetFrameLength(handle));
	EXPECT_EQ(8, GetFrameStoredLength(handle));
	EXPECT_EQ(1000, GetFrameTimeStamp(handle));

	ASSERT_EQ(1, take(self, 1));
	EXPECT_EQ(variant->kept ? 0 : NONE, GetFrameNumber(handle));
	ASSERT_EQ(99, take(self, 98));
	EXPECT_EQ(NONE, GetFrameNumber(handle));
	EXPECT_EQ(NULL, GetFrameCaptureHandle(handle));
	EXPECT_EQ(NULL, GetFrameFromFrameHandle(handle));
	EXPECT_EQ(0, GetFrameLength(handle));
	EXPECT_EQ(0, GetFrameStoredLength(handle));
	EXPECT_EQ(-1, GetFrameTimeStamp(handle));
	EXPECT_EQ(MAC_TYPE_UNKNOWN, GetFrameMacType(handle));
	EXPECT_EQ(0, GetFrameMacHeaderLength(handle));
	EXPECT_EQ(NULL, GetFrame(self->capture, 0));
	EXPECT_NE(NULL, GetFrame(self->capture, 99));
	EXPECT_EQ(NULL, GetFrame(self->capture, 100));
	EXPECT_EQ(NULL, GetFrame(self->capture, NONE));
}

static void expect_bad(struct __test_metadata *_metadata, HFRAME frame, HCAPTURE capture)
{
	ADDRESS2 address = { .Type = ADDRESS_TYPE_IP };
	DWORD length = 77;

	EXPECT_EQ(NULL, GetFrame(capture, 0));
	EXPECT_EQ(NONE, GetFrameNumber(frame));
	EXPECT_EQ(NULL, GetFrameCaptureHandle(frame));
	EXPECT_EQ(NULL, GetFrameFromFrameHandle(frame));
	EXPECT_EQ(0, GetFrameLength(frame));
	EXPECT_EQ(0, GetFrameStoredLength(frame));
	EXPECT_EQ(-1, GetFrameTimeStamp(frame));
	EXPECT_EQ(MAC_TYPE_UNKNOWN, GetFrameMacType(frame));
	EXPECT_EQ(0, GetFrameMacHeaderLength(frame));
	EXPECT_EQ((DWORD)-1, GetFrameDstAddressOffset(frame, ADDRESS_TYPE_ETHERNET, &length));
	EXPECT_EQ((DWORD)-1, GetFrameSrcAddressOffset(frame, ADDRESS_TYPE_ETHERNET, NULL));
	EXPECT_EQ(77, length);
	EXPECT_EQ(FALSE, CompareFrameDestAddress(frame, &address));
	EXPECT_EQ(FALSE, CompareFrameSourceAddress(frame, &address));
	EXPECT_EQ(NMERR_INVALID_HFRAME,
		  GetFrameDestAddress(frame, &address, ADDRESS_TYPE_FIND_HIGHEST, 0));
	EXPECT_EQ(NMERR_INVALID_HFRAME,
		  GetFrameSourceAddress(frame, &address, ADDRESS_TYPE_FIND_HIGHEST, 0));
	EXPECT_EQ(NULL, ModifyFrame(capture, 0, NULL, 0, 0));
	EXPECT_EQ(0, GetCaptureTotalFrames(capture));
	EXPECT_EQ(MAC_TYPE_UNKNOWN, GetCaptureMacType(capture));
	EXPECT_EQ(NULL, GetCaptureTimeStamp(capture));
	EXPECT_EQ(-1, GetCaptureStart(capture));
	EXPECT_EQ(NULL, GetCaptureComment(capture));
}

TEST_F(frames, handles_that_stand_for_nothing)
{
	EXPERTFRAMEDESCRIPTOR frame;
	uintptr_t bad[8];
	unsigned int i;

	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, NONE, &frame));
	bad[0] = 0;
	bad[1] = (uintptr_t)self->key;
	bad[2] = UINTPTR_MAX;
	bad[3] = (uintptr_t)&frame;
	bad[4] = (uintptr_t)frame.hFrame + (1UL << 32);
	bad[5] = (uintptr_t)frame.hFrame + (16UL << 32);
	bad[6] = 1;
	bad[7] = 1UL << 63;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_bad(_metadata, (HFRAME)bad[i], (HCAPTURE)bad[i]);
	/* One for the other. */
	expect_bad(_metadata, (HFRAME)self->capture, (HCAPTURE)frame.hFrame);
	/* A frame that was not handed out. */
	EXPECT_EQ(NONE, GetFrameNumber((HFRAME)((uintptr_t)frame.hFrame + 1)));
}

TEST_F(frames, handles_end_with_their_key)
{
	HCAPTURE capture = self->capture;
	EXPERTFRAMEDESCRIPTOR frame;
	EXPERTSTARTUPINFO startup;

	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, NONE, &frame));
	nexp_key_end(self->key, NULL);
	expect_bad(_metadata, frame.hFrame, capture);
	ASSERT_EQ(0, nexp_key_begin(self->u.unit.nx, self->u.link, &self->u.startup,
				    &self->u.key));
	expect_bad(_metadata, frame.hFrame, capture);

	/* Another run has numbers of its own. */
	ASSERT_EQ(NMERR_SUCCESS, ExpertGetStartupInfo(self->u.key, &startup));
	EXPECT_NE(capture, startup.hCapture);
	EXPECT_EQ(0, GetCaptureTotalFrames(startup.hCapture));
	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->u.key, NONE, &frame));
	EXPECT_EQ(0, frame.FrameNumber);
	EXPECT_EQ(1, serial_in(frame.pFrame));
}

TEST_F(frames, a_child_of_fork_gets_nothing)
{
	EXPERTFRAMEDESCRIPTOR frame;
	int status;
	pid_t pid;

	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, NONE, &frame));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(GetFrameNumber(frame.hFrame) == NONE &&
		      !GetFrame(self->capture, 0) &&
		      !GetCaptureTotalFrames(self->capture) ? 0 : 1);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(0, GetFrameNumber(frame.hFrame));
}

static void *wait_for_frame(void *key)
{
	EXPERTFRAMEDESCRIPTOR frame;

	return (void *)(uintptr_t)forward(key, NONE, &frame);
}

/* A thread can wait for a frame longer than its key lives. */
TEST_F(frames, a_key_ends_while_a_thread_waits)
{
	struct nexp_key *key = nexp_key_find(self->key);
	struct netexpert_consumer *consumer = nexp_consumer(self->u.unit.nx);
	uint64_t end_ns = unit_now_ns() + PATIENCE_MS * 1000000ULL;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_for_frame, self->key));
	while (!__atomic_load_n(&consumer->waiting, __ATOMIC_RELAXED) &&
	       unit_now_ns() < end_ns)
		;
	EXPECT_EQ(1, consumer->waiting);
	nexp_key_end(self->key, NULL);
	ASSERT_EQ(0, nexp_key_begin(self->u.unit.nx, self->u.link, &self->u.startup,
				    &self->u.key));
	/* Its entry is left alone. */
	EXPECT_NE(key, nexp_key_find(self->u.key));
	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(1, key->frames.count);
	nexp_frames_free(&key->frames);
}

struct waiter {
	HEXPERTKEY key;
	pid_t tid;
	DWORD error;
};

static void *wait_for_turn(void *arg)
{
	struct waiter *waiter = arg;
	EXPERTFRAMEDESCRIPTOR frame;

	__atomic_store_n(&waiter->tid, gettid(), __ATOMIC_RELEASE);
	waiter->error = forward(waiter->key, NONE, &frame);
	return NULL;
}

/* Whether thread @tid sleeps: there is a place for that in its one call only. */
static bool is_asleep(pid_t tid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state == 'S';
}

/* So can one that waits for the first one's turn to end; it gets nothing then. */
TEST_F(frames, a_key_ends_while_a_thread_waits_for_another)
{
	struct netexpert_consumer *consumer = nexp_consumer(self->u.unit.nx);
	uint64_t end_ns = unit_now_ns() + PATIENCE_MS * 1000000ULL;
	struct nexp_key *key = nexp_key_find(self->key);
	struct waiter second = { .key = self->key };
	pthread_t threads[2];

	ASSERT_EQ(0, pthread_create(&threads[0], NULL, wait_for_frame, self->key));
	while (!__atomic_load_n(&consumer->waiting, __ATOMIC_RELAXED) &&
	       unit_now_ns() < end_ns)
		;
	ASSERT_EQ(0, pthread_create(&threads[1], NULL, wait_for_turn, &second));
	while ((!__atomic_load_n(&second.tid, __ATOMIC_ACQUIRE) || !is_asleep(second.tid)) &&
	       unit_now_ns() < end_ns)
		;
	EXPECT_TRUE(is_asleep(second.tid));
	nexp_key_end(self->key, NULL);
	ASSERT_EQ(0, deliver(self));
	ASSERT_EQ(0, pthread_join(threads[0], NULL));
	ASSERT_EQ(0, pthread_join(threads[1], NULL));
	EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE, second.error);
	nexp_frames_free(&key->frames);
	ASSERT_EQ(0, nexp_key_begin(self->u.unit.nx, self->u.link, &self->u.startup,
				    &self->u.key));
}

TEST_F(frames, kinds_of_link_headers)
{
	const struct {
		uint16_t link_type;
		DWORD type;
		DWORD length;
		DWORD capture;
	} kinds[] = {
		{ ARPHRD_ETHER, MAC_TYPE_ETHERNET, 14, MAC_TYPE_ETHERNET },
		{ ARPHRD_LOOPBACK, MAC_TYPE_ETHERNET, 14, MAC_TYPE_ETHERNET },
		{ ARPHRD_NONE, MAC_TYPE_UNKNOWN, 0, MAC_TYPE_UNKNOWN },
		{ ARPHRD_ETHER, MAC_TYPE_ETHERNET, 14, MAC_TYPE_UNKNOWN },
		{ ARPHRD_PPP, MAC_TYPE_UNKNOWN, 0, MAC_TYPE_UNKNOWN },
	};
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD i;

	EXPECT_EQ(MAC_TYPE_ETHERNET, GetCaptureMacType(self->capture));
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct netexpert_record head = {
			.time_ns = 1000000 * (i + 1),
			.link_type = kinds[i].link_type,
			.wire_len = 4000,
			.cap_len = 8,
		};

		ASSERT_EQ(0, nexp_memfd_deliver(self->u.unit.pool, 0, &head, "12345678"));
		ASSERT_EQ(NMERR_SUCCESS, forward(self->key, i - 1, &frame));
		EXPECT_EQ(kinds[i].type, GetFrameMacType(frame.hFrame));
		EXPECT_EQ(kinds[i].length, GetFrameMacHeaderLength(frame.hFrame));
		EXPECT_EQ(kinds[i].capture, GetCaptureMacType(self->capture));
		EXPECT_EQ(4000, GetFrameLength(frame.hFrame));
		EXPECT_EQ(8, GetFrameStoredLength(frame.hFrame));
	}
}

TEST_F(frames, when_the_capture_started)
{
	/* 2026-11-29 08:15:42.123456789 UTC, a Sunday, five seconds into it. */
	const uint64_t day_ns = 1795940142123456789ULL;
	struct netexpert_pool_info *info = &self->u.unit.nx->info;
	struct netexpert_record head = {
		.time_ns = info->created_ns + (day_ns - info->realtime_ns),
		.stamp_us = 5000000,
	};
	LPSYSTEMTIME start = GetCaptureTimeStamp(self->capture);
	time_t pool_s = (time_t)(info->realtime_ns / 1000000000);
	EXPERTFRAMEDESCRIPTOR frame;
	struct tm tm;

	ASSERT_NE(NULL, start);
	EXPECT_EQ((int64_t)(info->realtime_ns / 1000), GetCaptureStart(self->capture));
	gmtime_r(&pool_s, &tm);
	EXPECT_EQ(tm.tm_year + 1900, start->wYear);
	EXPECT_EQ(tm.tm_min, start->wMinute);
	ASSERT_EQ(0, nexp_memfd_deliver(self->u.unit.pool, 0, &head, ""));
	ASSERT_EQ(NMERR_SUCCESS, forward(self->key, NONE, &frame));
	EXPECT_EQ(start, GetCaptureTimeStamp(self->capture));
	EXPECT_EQ((int64_t)(day_ns / 1000), GetCaptureStart(self->capture) + 5000000);
	EXPECT_EQ(2026, start->wYear);
	EXPECT_EQ(11, start->wMonth);
	EXPECT_EQ(0, start->wDayOfWeek);
	EXPECT_EQ(29, start->wDay);
	EXPECT_EQ(8, start->wHour);
	EXPECT_EQ(15, start->wMinute);
	EXPECT_EQ(37, start->wSecond);
	EXPECT_EQ(123, start->wMilliseconds);
}

TEST_HARNESS_MAIN
