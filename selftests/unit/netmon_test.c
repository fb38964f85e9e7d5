// SPDX-License-Identifier: GPL-2.0
/*
 * The Expert functions for keys, memory, frames and startup information: every
 * answer that include/netmon.h names.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "key.h"

#define MIB	(1ULL << 20)

FIXTURE(netmon) {
	struct unit_key u;
	HEXPERTKEY key;
};

FIXTURE_SETUP(netmon)
{
	ASSERT_EQ(0, unit_key_open(&self->u, 16 * MIB, 4 * MIB));
	self->key = self->u.key;
}

FIXTURE_TEARDOWN(netmon)
{
	unit_key_close(&self->u);
}

static DWORD get(HEXPERTKEY key, DWORD number, EXPERTFRAMEDESCRIPTOR *frame)
{
	return ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, number, NULL, frame);
}

static void deliver(struct unit_key *u, uint64_t time_ns, const char *text)
{
	unit_deliver(&u->unit, 0, time_ns, text, (uint32_t)strlen(text));
}

TEST_F(netmon, keys_that_are_not_live_are_refused)
{
	HEXPERTKEY key = self->key;
	void *const bad[] = {
		NULL, (char *)key + 1, (char *)key + 16, (void *)self,
		(void *)UINTPTR_MAX, (void *)1,
	};
	void *block = ExpertAllocMemory(key, 10, NULL);
	EXPERTFRAMEDESCRIPTOR frame;
	EXPERTSTARTUPINFO startup;
	NMEVENTDATA event = { 0 };
	EXPERTLOSSES losses;
	DWORD error;
	int file;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error = 0;
		EXPECT_EQ(NULL, ExpertAllocMemory(bad[i], 1, &error));
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE, error);
		error = 0;
		EXPECT_EQ(NULL, ExpertReallocMemory(bad[i], block, 1, &error));
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE, error);
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE,
			  ExpertFreeMemory(bad[i], block));
		EXPECT_EQ(0, ExpertMemorySize(bad[i], block));
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE, get(bad[i], 0, &frame));
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE,
			  ExpertGetLosses(bad[i], &losses));
		EXPECT_EQ(NULL, ExpertGetOptions(bad[i]));
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE,
			  ExpertGetOutput(bad[i], &file));
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE,
			  ExpertGetStartupInfo(bad[i], &startup));
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE,
			  ExpertIndicateStatus(bad[i], EXPERTSTATUS_RUNNING, 0,
					       NULL, 0));
		EXPECT_EQ(NMERR_INVALID_EXPERT_HANDLE,
			  ExpertSubmitEvent(bad[i], &event));
	}
	EXPECT_EQ(10, ExpertMemorySize(key, block));
}

TEST_F(netmon, a_key_ends_with_its_memory_but_for_one_block)
{
	HEXPERTKEY old = self->key;
	char *kept = ExpertAllocMemory(old, 20, NULL);
	void *gone = ExpertAllocMemory(old, 20, NULL);

	EXPECT_EQ(-EBUSY, nexp_key_begin(self->u.unit.nx, self->u.link,
					 &self->u.startup, &self->u.key));
	strcpy(kept, "configuration");
	nexp_key_end(old, kept);
	EXPECT_EQ(0, ExpertMemorySize(old, kept));
	ASSERT_EQ(0, nexp_key_begin(self->u.unit.nx, self->u.link,
				    &self->u.startup, &self->u.key));
	EXPECT_NE(old, self->u.key);
	EXPECT_EQ(0, ExpertMemorySize(old, kept));
	EXPECT_EQ(20, ExpertMemorySize(self->u.key, kept));
	EXPECT_STREQ("configuration", kept);
	EXPECT_EQ(0, ExpertMemorySize(self->u.key, gone));
	EXPECT_EQ(NMERR_SUCCESS, ExpertFreeMemory(self->u.key, kept));
}

TEST_F(netmon, allocation_answers)
{
	uint8_t *block;
	DWORD error = 99;

	block = ExpertAllocMemory(self->key, 100, &error);
	ASSERT_NE(NULL, block);
	EXPECT_EQ(NMERR_SUCCESS, error);
	EXPECT_EQ(100, ExpertMemorySize(self->key, block));
	EXPECT_EQ(0, block[0] | block[99]);
	EXPECT_NE(NULL, ExpertAllocMemory(self->key, 1, NULL));

	EXPECT_EQ(NULL, ExpertAllocMemory(self->key, 0, &error));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, error);
	EXPECT_EQ(NULL, ExpertAllocMemory(self->key, 5 * MIB, &error));
	EXPECT_EQ(NMERR_OUT_OF_MEMORY, error);
	EXPECT_EQ(NULL, ExpertAllocMemory(self->key, SIZE_MAX, &error));
	EXPECT_EQ(NMERR_OUT_OF_MEMORY, error);
	EXPECT_EQ(NULL, ExpertAllocMemory(self->key, SIZE_MAX, NULL));
}

TEST_F(netmon, growth_answers)
{
	char *block, *grown, local;
	DWORD error = 99;

	block = ExpertReallocMemory(self->key, NULL, 10, &error);
	ASSERT_NE(NULL, block);
	EXPECT_EQ(NMERR_SUCCESS, error);
	strcpy(block, "123456789");
	error = 99;
	grown = ExpertReallocMemory(self->key, block, 5000, &error);
	ASSERT_NE(NULL, grown);
	EXPECT_EQ(NMERR_SUCCESS, error);
	EXPECT_STREQ("123456789", grown);
	EXPECT_EQ(0, grown[10] | grown[4999]);
	EXPECT_EQ(5000, ExpertMemorySize(self->key, grown));

	EXPECT_EQ(NULL, ExpertReallocMemory(self->key, grown, 0, &error));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, error);
	EXPECT_EQ(NULL, ExpertReallocMemory(self->key, NULL, 0, &error));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, error);
	EXPECT_EQ(NULL, ExpertReallocMemory(self->key, &local, 1, &error));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, error);
	EXPECT_EQ(NULL, ExpertReallocMemory(self->key, grown + 1, 1, &error));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, error);
	EXPECT_EQ(NULL, ExpertReallocMemory(self->key, grown, 8 * MIB, &error));
	EXPECT_EQ(NMERR_OUT_OF_MEMORY, error);
	EXPECT_EQ(5000, ExpertMemorySize(self->key, grown));
	EXPECT_STREQ("123456789", grown);
}

TEST_F(netmon, freeing_answers)
{
	char *block = ExpertAllocMemory(self->key, 100, NULL), local;

	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertFreeMemory(self->key, NULL));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertFreeMemory(self->key, &local));
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  ExpertFreeMemory(self->key, block + 16));
	EXPECT_EQ(100, ExpertMemorySize(self->key, block));
	EXPECT_EQ(NMERR_SUCCESS, ExpertFreeMemory(self->key, block));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertFreeMemory(self->key, block));
	EXPECT_EQ(0, ExpertMemorySize(self->key, block));
	EXPECT_EQ(0, ExpertMemorySize(self->key, NULL));
	EXPECT_EQ(0, ExpertMemorySize(self->key, &local));
}

TEST_F(netmon, frames_answer)
{
	EXPERTFRAMEDESCRIPTOR frame;

	deliver(&self->u, 5000000, "first");
	deliver(&self->u, 6000000, "second one");
	memset(&frame, 0xff, sizeof(frame));
	ASSERT_EQ(NMERR_SUCCESS, get(self->key, INVALID_FRAME_NUMBER, &frame));
	EXPECT_EQ(0, frame.FrameNumber);
	EXPECT_EQ(5000, frame.pFrame->TimeStamp);
	EXPECT_EQ(5, frame.pFrame->FrameLength);
	EXPECT_EQ(5, frame.pFrame->nBytesAvail);
	EXPECT_EQ(0, memcmp("first", frame.pFrame->MacFrame, 5));
	EXPECT_EQ(0, GetFrameNumber(frame.hFrame));
	EXPECT_EQ(NULL, frame.lpPropertyTable);
	EXPECT_EQ(NULL, frame.lpRecognizeDataTable);
	ASSERT_EQ(NMERR_SUCCESS, get(self->key, 0, &frame));
	EXPECT_EQ(1, frame.FrameNumber);
	EXPECT_EQ(0, memcmp("second one", frame.pFrame->MacFrame, 10));
	EXPECT_EQ(2, nexp_key_frames(self->key));
}

TEST_F(netmon, frame_requests_are_checked)
{
	EXPERTFRAMEDESCRIPTOR frame, untouched;
	HFILTER filter = (HFILTER)self;
	DWORD none = INVALID_FRAME_NUMBER;
	HEXPERTKEY key = self->key;

	memset(&frame, 0xab, sizeof(frame));
	untouched = frame;
	deliver(&self->u, 1, "a");
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  ExpertGetFrame(key, 3, 0, none, NULL, &frame));
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 4, none, NULL, &frame));
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0x40000000, none,
				 NULL, &frame));
	EXPECT_EQ(NMERR_INVALID_PARAMETER,
		  ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, none, NULL, NULL));
	EXPECT_EQ(NMERR_INVALID_HFILTER,
		  ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, none, filter,
				 &frame));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(key, 0, &frame));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(key, 0xfffffffe, &frame));
	EXPECT_EQ(0, memcmp(&frame, &untouched, sizeof(frame)));

	/* None of these took the frame. */
	EXPECT_EQ(NMERR_SUCCESS,
		  ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD,
				 FLAGS_DEFER_TO_UI_FILTER | FLAGS_LIVE_TIMEOUT,
				 none, NULL, &frame));
	EXPECT_EQ(0, frame.FrameNumber);
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(key, 1, &frame));
	EXPECT_EQ(0, frame.FrameNumber);
}

TEST_F(netmon, silence_is_told_to_those_who_ask)
{
	uint64_t begin = unit_now_ns();
	EXPERTFRAMEDESCRIPTOR frame;

	EXPECT_EQ(NMERR_TIMEOUT,
		  ExpertGetFrame(self->key, GET_FRAME_NEXT_FORWARD,
				 FLAGS_LIVE_TIMEOUT, INVALID_FRAME_NUMBER, NULL,
				 &frame));
	EXPECT_GE(unit_now_ns() - begin, 900000000ULL);
}

TEST_F(netmon, startup_information_is_given_again)
{
	EXPERTSTARTUPINFO startup;

	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertGetStartupInfo(self->key, NULL));
	nexp_memfd_terminate(self->u.unit.pool);
	ASSERT_EQ(NMERR_SUCCESS, ExpertGetStartupInfo(self->key, &startup));
	EXPECT_STREQ("eth0 eth1", startup.szCaptureFile);
	EXPECT_EQ(INVALID_FRAME_NUMBER, startup.dwFrameNumber);
	EXPECT_EQ(0, GetCaptureTotalFrames(startup.hCapture));
	EXPECT_NE(NULL, GetCaptureTimeStamp(startup.hCapture));
}

TEST_F(netmon, losses_are_told)
{
	EXPERTLOSSES losses = { 0 };
	EXPERTFRAMEDESCRIPTOR frame;

	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertGetLosses(self->key, NULL));
	deliver(&self->u, 1000, "first");
	nexp_memfd_lose(self->u.unit.pool, 0, 4, NETEXPERT_DROP_UNREADABLE);
	deliver(&self->u, 2000, "second");
	nexp_memfd_lose(self->u.unit.pool, 0, 1, NETEXPERT_DROP_TOO_BIG);
	ASSERT_EQ(NMERR_SUCCESS, get(self->key, INVALID_FRAME_NUMBER, &frame));
	ASSERT_EQ(NMERR_SUCCESS, ExpertGetLosses(self->key, &losses));
	EXPECT_EQ(0, losses.Lost);
	EXPECT_EQ(1, losses.Pending);
	EXPECT_EQ(EXPERTLOSS_TOO_BIG, losses.Causes);
	ASSERT_EQ(NMERR_SUCCESS, get(self->key, 0, &frame));
	nexp_memfd_terminate(self->u.unit.pool);
	ASSERT_EQ(NMERR_SUCCESS, ExpertGetLosses(self->key, &losses));
	EXPECT_EQ(4, losses.Lost);
	EXPECT_EQ(1, losses.Pending);
	EXPECT_EQ(0, losses.Late);
	EXPECT_EQ(EXPERTLOSS_TOO_BIG | EXPERTLOSS_UNREADABLE, losses.Causes);
}

TEST_F(netmon, a_file_to_write_is_the_one_that_the_user_has_named)
{
	int file = 77;

	EXPECT_EQ(NMERR_FILE_NOT_FOUND, ExpertGetOutput(self->key, &file));
	EXPECT_EQ(77, file);
	EXPECT_FALSE(nexp_key_output_asked(self->key));
	nexp_key_set_output(self->key, 5);
	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertGetOutput(self->key, NULL));
	EXPECT_FALSE(nexp_key_output_asked(self->key));
	nexp_memfd_terminate(self->u.unit.pool);
	EXPECT_EQ(NMERR_SUCCESS, ExpertGetOutput(self->key, &file));
	EXPECT_EQ(5, file);
	EXPECT_TRUE(nexp_key_output_asked(self->key));
}

TEST_F(netmon, terminate_answers)
{
	char *a = ExpertAllocMemory(self->key, 100, NULL);
	char *b = ExpertAllocMemory(self->key, 100, NULL);
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD error = 0;

	deliver(&self->u, 1, "a");
	nexp_memfd_terminate(self->u.unit.pool);
	EXPECT_EQ(NULL, ExpertAllocMemory(self->key, 1, &error));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, error);
	error = 0;
	EXPECT_EQ(NULL, ExpertReallocMemory(self->key, a, 200, &error));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, error);
	EXPECT_EQ(100, ExpertMemorySize(self->key, a));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  get(self->key, INVALID_FRAME_NUMBER, &frame));

	/* What can't be right is told first. */
	EXPECT_EQ(NULL, ExpertAllocMemory(self->key, 0, &error));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, error);
	EXPECT_EQ(NULL, ExpertReallocMemory(self->key, a + 1, 9, &error));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, error);
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, get(self->key, 7, &frame));

	/* Freeing frees, as often as there is something to free. */
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, ExpertFreeMemory(self->key, a));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertFreeMemory(self->key, a));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, ExpertFreeMemory(self->key, b));
	EXPECT_EQ(0, ExpertMemorySize(self->key, b));
}

static void *terminate_when_waiting(void *arg)
{
	struct unit_key *u = arg;
	struct netexpert_consumer *consumer = u->unit.nx->consumer;

	while (!__atomic_load_n(&consumer->waiting, __ATOMIC_ACQUIRE))
		usleep(100);
	nexp_memfd_terminate(u->unit.pool);
	return NULL;
}

TEST_F(netmon, terminate_ends_the_wait_for_a_frame)
{
	EXPERTFRAMEDESCRIPTOR frame;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, terminate_when_waiting,
				    &self->u));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  get(self->key, INVALID_FRAME_NUMBER, &frame));
	pthread_join(thread, NULL);
}

TEST_F(netmon, a_ring_that_holds_nonsense_is_an_internal_error)
{
	EXPERTFRAMEDESCRIPTOR frame;

	self->u.unit.nx->reader.broken = true;
	EXPECT_EQ(NMERR_INTERNAL_EXCEPTION,
		  get(self->key, INVALID_FRAME_NUMBER, &frame));
}

TEST_F(netmon, a_forked_child_is_refused)
{
	void *block = ExpertAllocMemory(self->key, 10, NULL);
	HEXPERTKEY key = self->key;
	NMEVENTDATA event = { 0 };
	int status;
	pid_t child = fork();

	if (!child) {
		EXPERTFRAMEDESCRIPTOR frame;
		DWORD denied = NMERR_ACCESS_DENIED, error = 0;
		int bad = ExpertAllocMemory(key, 1, &error) || error != denied;

		bad |= ExpertFreeMemory(key, block) != denied;
		bad |= ExpertMemorySize(key, block) != 0;
		bad |= get(key, INVALID_FRAME_NUMBER, &frame) != denied;
		bad |= ExpertIndicateStatus(key, EXPERTSTATUS_DONE, 0, NULL,
					    0) != denied;
		bad |= ExpertSubmitEvent(key, &event) != denied;
		_exit(bad);
	}
	waitpid(child, &status, 0);
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
