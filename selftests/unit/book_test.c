// SPDX-License-Identifier: GPL-2.0
/*
 * A closed capture: frames by number and handle, whether the ring has had them or not,
 * and what happens when there is no index, or the file is not what it was.
 */
#include <linux/if_arp.h>
#include <pthread.h>
#include <sys/mman.h>

#include <linux/netexpert.h>

#include "key.h"
#include "user/lib/book.h"
#include "user/lib/book_file.h"

#define NONE		INVALID_FRAME_NUMBER
#define NR_FRAMES	50
#define LENGTH		600
#define HEAP		(4ULL << 20)
#define PATIENCE_MS	20000

/* Those of the second half are in the copy. */
#define FIRST_COPIED	(NR_FRAMES / 2)

FIXTURE(book) {
	struct unit_key u;
	HEXPERTKEY key;
	HCAPTURE capture;
	struct nexp_book_files files;
	struct nexp_book_head *head;
};

/* Byte @i of frame @number. */
static uint8_t byte_of(DWORD number, size_t i)
{
	return (uint8_t)(number * 31 + i * 7);
}

static void make_bytes(DWORD number, uint8_t *bytes)
{
	size_t i;

	for (i = 0; i < LENGTH; i++)
		bytes[i] = byte_of(number, i);
}

static void write_frame(struct __test_metadata *const _metadata,
			FIXTURE_DATA(book) *self, DWORD number)
{
	bool is_copied = number >= FIRST_COPIED;
	uint64_t offset = (is_copied ? number - FIRST_COPIED : number) * LENGTH;
	struct nexp_book_entry entry = {
		.offset = offset | (is_copied ? NEXP_BOOK_COPY : 0),
		.time_ns = 1000000000ULL + number * 1000,
		.cap_len = LENGTH,
		.wire_len = LENGTH + 1,
		.ifindex = 1,
		.link_type = ARPHRD_ETHER,
	};
	uint8_t bytes[LENGTH];

	make_bytes(number, bytes);
	ASSERT_EQ(LENGTH, pwrite(is_copied ? self->files.copy : self->files.file, bytes,
				 LENGTH, (off_t)offset));
	ASSERT_EQ(sizeof(entry),
		  pwrite(self->files.index, &entry, sizeof(entry),
			 (off_t)(NEXP_BOOK_ENTRIES + number * sizeof(entry))));
}

static void complete(FIXTURE_DATA(book) *self, uint64_t nr_frames)
{
	self->head->nr_frames = nr_frames;
	self->head->begin_ns = 1000000000ULL;
	__atomic_store_n(&self->head->state, NEXP_BOOK_COMPLETE, __ATOMIC_RELEASE);
}

static void deliver(struct __test_metadata *const _metadata, FIXTURE_DATA(book) *self,
		    DWORD number)
{
	struct netexpert_record head = {
		.time_ns = 1000000000ULL + number * 1000,
		.stamp_us = number,
		.wire_len = LENGTH + 1,
		.cap_len = LENGTH,
		.link_type = ARPHRD_ETHER,
	};
	uint8_t bytes[LENGTH];

	make_bytes(number, bytes);
	ASSERT_EQ(0, nexp_memfd_deliver(self->u.unit.pool, 0, &head, bytes));
}

FIXTURE_SETUP(book)
{
	const struct nexp_memfd_params params = {
		.nr_rings = 1,
		.ring_size = UNIT_RING_SIZE,
		.heap_size = HEAP,
		.heap_limit = HEAP,
	};
	EXPERTSTARTUPINFO startup;
	DWORD i;

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, unit_key_open_with(&self->u, &params));
	self->key = self->u.key;
	ASSERT_EQ(NMERR_SUCCESS, ExpertGetStartupInfo(self->key, &startup));
	self->capture = startup.hCapture;
	self->files.file = memfd_create("file", 0);
	self->files.index = memfd_create("index", 0);
	self->files.copy = memfd_create("copy", 0);
	ASSERT_EQ(0, ftruncate(self->files.index, NEXP_BOOK_ENTRIES));
	self->head = mmap(NULL, NEXP_BOOK_ENTRIES, PROT_READ | PROT_WRITE, MAP_SHARED,
			  self->files.index, 0);
	ASSERT_NE(MAP_FAILED, self->head);
	for (i = 0; i < NR_FRAMES; i++)
		write_frame(_metadata, self, i);
	ASSERT_EQ(0, nexp_book_open(self->u.unit.nx, self->u.link, &self->files));
}

FIXTURE_TEARDOWN(book)
{
	unit_key_close(&self->u);
	munmap(self->head, NEXP_BOOK_ENTRIES);
	close(self->files.file);
	close(self->files.index);
	close(self->files.copy);
}

static DWORD get(FIXTURE_DATA(book) *self, DWORD direction, DWORD number,
		 EXPERTFRAMEDESCRIPTOR *frame)
{
	return ExpertGetFrame(self->key, direction, 0, number, NULL, frame);
}

static bool is_whole(const FRAME *frame, DWORD number)
{
	size_t i;

	if (!frame || frame->nBytesAvail != LENGTH || frame->FrameLength != LENGTH + 1 ||
	    frame->TimeStamp != number)
		return false;
	for (i = 0; i < LENGTH; i++)
		if (frame->MacFrame[i] != byte_of(number, i))
			return false;
	return true;
}

static const struct netexpert_record *record_of(const EXPERTFRAMEDESCRIPTOR *frame)
{
	const char *tail = (const char *)frame->pFrame;

	return (const void *)(tail - offsetof(struct netexpert_record, stamp_us));
}

static bool is_frame(const EXPERTFRAMEDESCRIPTOR *frame, DWORD number)
{
	return frame->FrameNumber == number && is_whole(frame->pFrame, number);
}

TEST_F(book, the_last_frame_is_known_before_the_first_came)
{
	EXPERTFRAMEDESCRIPTOR frame;

	complete(self, NR_FRAMES);
	EXPECT_EQ(NR_FRAMES, GetCaptureTotalFrames(self->capture));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_BACKWARD, NONE, &frame));
	EXPECT_TRUE(is_frame(&frame, NR_FRAMES - 1));
	EXPECT_EQ(NMERR_OUT_OF_RANGE,
		  get(self, GET_FRAME_NEXT_FORWARD, NR_FRAMES - 1, &frame));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(self, GET_SPECIFIED_FRAME, NR_FRAMES, &frame));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(self, GET_SPECIFIED_FRAME, NONE, &frame));
}

TEST_F(book, any_frame_in_any_order)
{
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD i, number;

	complete(self, NR_FRAMES);
	for (i = 1; i <= NR_FRAMES; i++) {
		number = i * 17 % NR_FRAMES;
		/* That one would be the ring's, where nothing is. */
		if (!number)
			continue;
		EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, number, &frame));
		EXPECT_TRUE(is_frame(&frame, number));
	}
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, 20, &frame));
	EXPECT_TRUE(is_frame(&frame, 21));
	for (number = NR_FRAMES - 1; number; number--) {
		EXPECT_EQ(NMERR_SUCCESS,
			  get(self, GET_FRAME_NEXT_BACKWARD, number, &frame));
		EXPECT_TRUE(is_frame(&frame, number - 1));
	}
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(self, GET_FRAME_NEXT_BACKWARD, 0, &frame));
}

TEST_F(book, the_next_new_one_is_the_rings)
{
	EXPERTFRAMEDESCRIPTOR frame;

	complete(self, NR_FRAMES);
	deliver(_metadata, self, 0);
	deliver(_metadata, self, 1);
	deliver(_metadata, self, 2);
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, NONE, &frame));
	EXPECT_TRUE(is_frame(&frame, 0));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 1, &frame));
	EXPECT_TRUE(is_frame(&frame, 1));
	EXPECT_EQ(2, nexp_key_frames(self->key));
	/* Of the ring's none is kept but this one. */
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_BACKWARD, 1, &frame));
	EXPECT_TRUE(is_frame(&frame, 0));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 40, &frame));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, 1, &frame));
	EXPECT_TRUE(is_frame(&frame, 2));
	EXPECT_EQ(3, nexp_key_frames(self->key));
}

TEST_F(book, pointers_are_good_until_the_next_frame_is_asked_for)
{
	const FRAME *frames[NR_FRAMES];
	uint64_t used, kept;
	DWORD i;

	complete(self, NR_FRAMES);
	for (i = 0; i < NR_FRAMES; i++)
		frames[i] = GetFrameFromFrameHandle(GetFrame(self->capture, i));
	for (i = 0; i < NR_FRAMES; i++)
		EXPECT_TRUE(is_whole(frames[i], i));
	kept = unit_heap_stat(self->u.unit.nx).objects;
	/* Who only asks about frames keeps none. */
	for (i = 0; i < NR_FRAMES; i++)
		EXPECT_EQ(LENGTH + 1, GetFrameLength(GetFrame(self->capture, i)));
	EXPECT_GE(kept + 1, unit_heap_stat(self->u.unit.nx).objects);
	ExpertGetFrame(self->key, GET_SPECIFIED_FRAME, 0, NR_FRAMES, NULL,
		       &(EXPERTFRAMEDESCRIPTOR) { 0 });
	used = unit_heap_stat(self->u.unit.nx).objects;
	EXPECT_EQ(0, used);
}

TEST_F(book, a_full_heap_is_told)
{
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD i;

	complete(self, NR_FRAMES);
	for (i = 0; GetFrameFromFrameHandle(GetFrame(self->capture, i % NR_FRAMES)); i++)
		ASSERT_GT(HEAP / LENGTH, i);
	EXPECT_LT(HEAP / LENGTH / 2, i);
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 7, &frame));
	EXPECT_TRUE(is_frame(&frame, 7));
	while (ExpertAllocMemory(self->key, LENGTH, NULL))
		;
	/* What the frame in hand had is the next one's. */
	while (ExpertAllocMemory(self->key, 1, NULL))
		;
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 8, &frame));
	EXPECT_TRUE(is_frame(&frame, 8));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(self, GET_SPECIFIED_FRAME, NR_FRAMES, &frame));
	while (ExpertAllocMemory(self->key, LENGTH, NULL))
		;
	EXPECT_EQ(NMERR_OUT_OF_MEMORY, get(self, GET_SPECIFIED_FRAME, 8, &frame));
	EXPECT_EQ(NMERR_OUT_OF_MEMORY, get(self, GET_FRAME_NEXT_BACKWARD, NONE, &frame));
	EXPECT_EQ(NULL, GetFrame(self->capture, 8));
}

TEST_F(book, a_file_that_was_cut_is_told)
{
	EXPERTFRAMEDESCRIPTOR frame;

	complete(self, NR_FRAMES);
	ASSERT_EQ(0, ftruncate(self->files.file, 10 * LENGTH + 5));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 9, &frame));
	EXPECT_EQ(NMERR_FILE_READ_ERROR, get(self, GET_SPECIFIED_FRAME, 10, &frame));
	EXPECT_EQ(NMERR_FILE_READ_ERROR, get(self, GET_FRAME_NEXT_FORWARD, 9, &frame));
	EXPECT_EQ(NULL, GetFrame(self->capture, 10));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, FIRST_COPIED, &frame));
}

TEST_F(book, an_index_of_nonsense_is_told)
{
	static const struct nexp_book_entry entries[] = {
		{ .offset = ~0ULL, .cap_len = 1, .wire_len = 1 },
		{ .offset = 1ULL << 62, .cap_len = 1, .wire_len = 1 },
		{ .cap_len = 10, .wire_len = 9 },
		{ .cap_len = NETEXPERT_MAX_INJECT + 1, .wire_len = UINT32_MAX },
	};
	struct nexp_book_entry entry = { .flags = 0xffff };
	EXPERTFRAMEDESCRIPTOR frame;
	size_t i;

	/* So that it is not the file's end that is in the way. */
	ASSERT_EQ(0, ftruncate(self->files.file, 2 * NETEXPERT_MAX_INJECT));
	complete(self, NR_FRAMES);
	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		pwrite(self->files.index, &entries[i], sizeof(entry),
		       NEXP_BOOK_ENTRIES + sizeof(entry));
		EXPECT_EQ(NMERR_FILE_READ_ERROR, get(self, GET_SPECIFIED_FRAME, 1, &frame))
			TH_LOG("row %zu", i);
		EXPECT_EQ(NULL, GetFrame(self->capture, 1));
	}
	pwrite(self->files.index, &entry, sizeof(entry), NEXP_BOOK_ENTRIES + sizeof(entry));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 1, &frame));
	EXPECT_EQ(NETEXPERT_RECORD_OUT, record_of(&frame)->flags);

	complete(self, 1ULL << 40);
	EXPECT_EQ(NMERR_FILE_READ_ERROR, get(self, GET_FRAME_NEXT_BACKWARD, NONE, &frame));
}

TEST_F(book, snaplen_and_count_hold_here_too)
{
	EXPERTFRAMEDESCRIPTOR frame;

	complete(self, NR_FRAMES);
	self->u.unit.nx->book->files.snaplen = 20;
	nexp_reader_limit(self->u.unit.nx, 10);
	EXPECT_EQ(10, GetCaptureTotalFrames(self->capture));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_BACKWARD, NONE, &frame));
	EXPECT_EQ(9, frame.FrameNumber);
	EXPECT_EQ(20, frame.pFrame->nBytesAvail);
	EXPECT_EQ(LENGTH + 1, frame.pFrame->FrameLength);
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(self, GET_SPECIFIED_FRAME, 10, &frame));
}

TEST_F(book, without_an_index_the_capture_grows)
{
	EXPERTFRAMEDESCRIPTOR frame;

	__atomic_store_n(&self->head->state, NEXP_BOOK_FAILED, __ATOMIC_RELEASE);
	deliver(_metadata, self, 0);
	EXPECT_EQ(0, GetCaptureTotalFrames(self->capture));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(self, GET_FRAME_NEXT_BACKWARD, NONE, &frame));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, NONE, &frame));
	EXPECT_EQ(1, GetCaptureTotalFrames(self->capture));
}

struct asker {
	HCAPTURE capture;
	DWORD total;
};

static void *ask_total(void *arg)
{
	struct asker *asker = arg;

	asker->total = GetCaptureTotalFrames(asker->capture);
	return NULL;
}

TEST_F(book, who_asks_first_has_it_made_and_waits)
{
	struct asker asker = { .capture = self->capture };
	struct unit_message m;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, ask_total, &asker));
	ASSERT_EQ(0, unit_hear(&self->u, &m, PATIENCE_MS));
	EXPECT_EQ(NEXP_WIRE_INDEX, m.message.type);
	complete(self, 7);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(7, asker.total);
	/* Once is enough. */
	EXPECT_EQ(-EAGAIN, unit_hear(&self->u, &m, 0));
}

TEST_F(book, who_shall_finish_does_not_wait)
{
	struct asker asker = { .capture = self->capture };
	struct unit_message m;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, ask_total, &asker));
	ASSERT_EQ(0, unit_hear(&self->u, &m, PATIENCE_MS));
	nexp_memfd_terminate(self->u.unit.pool);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, asker.total);
}

TEST_F(book, who_takes_frames_in_turn_has_none_made)
{
	EXPERTFRAMEDESCRIPTOR frame;
	struct unit_message m;
	DWORD i;

	for (i = 0; i < 10; i++)
		deliver(_metadata, self, i);
	for (i = 0; i < 10; i++) {
		EXPECT_EQ(NMERR_SUCCESS,
			  get(self, GET_FRAME_NEXT_FORWARD, i ? i - 1 : NONE, &frame));
		EXPECT_TRUE(is_frame(&frame, i));
		/* That is to have it in one's hand, not to go to it. */
		EXPECT_EQ(frame.hFrame, GetFrame(self->capture, i));
		EXPECT_EQ(frame.pFrame, GetFrameFromFrameHandle(frame.hFrame));
		EXPECT_EQ(MAC_TYPE_ETHERNET, GetFrameMacType(frame.hFrame));
		EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, i, &frame));
	}
	EXPECT_EQ(-EAGAIN, unit_hear(&self->u, &m, 0));
}

TEST_F(book, a_new_incarnation_begins_behind_what_was_released)
{
	EXPERTFRAMEDESCRIPTOR frame;

	complete(self, NR_FRAMES);
	self->u.unit.nx->info.released = 30;
	EXPECT_EQ(NR_FRAMES - 30, GetCaptureTotalFrames(self->capture));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 5, &frame));
	EXPECT_EQ(5, frame.FrameNumber);
	EXPECT_TRUE(is_whole(frame.pFrame, 35));
}

TEST_HARNESS_MAIN
