// SPDX-License-Identifier: GPL-2.0
/*
 * api-check - an expert that tries the Expert functions on a real pool
 *
 * It reports every answer that is not the one promised, and at the end one line
 * "api-check: N checks, M failed": first that of a running expert, then that of
 * one that was asked to finish.
 */
#include <stdint.h>

#include "common.h"

#define HUGE_BLOCK	((size_t)1 << 40)
#define CHUNK		(64 << 10)
#define MAX_CHUNKS	4096

struct checker {
	HEXPERTKEY key;
	unsigned int checks;
	unsigned int failed;
};

static void check(struct checker *c, int right, const char *what, DWORD answer)
{
	char text[200];

	c->checks++;
	if (right)
		return;
	c->failed++;
	snprintf(text, sizeof(text), "%s: answered %u", what, (unsigned int)answer);
	nexp_say(c->key, "wrong answer", text);
}

#define EXPECT(c, expected, call) do {					\
	DWORD __answer = (call);					\
									\
	check(c, __answer == (expected), #call " is " #expected, __answer);	\
} while (0)

/* NULL and this error. */
#define EXPECT_NONE(c, expected, call) do {				\
	DWORD error = 0xdeadbeef;					\
	void *__block = (call);						\
									\
	check(c, !__block && error == (expected), #call " is " #expected, error); \
} while (0)

static void conclude(struct checker *c, const char *name)
{
	char text[100];

	snprintf(text, sizeof(text), "api-check: %u checks, %u failed", c->checks,
		 c->failed);
	nexp_say(c->key, name, text);
	c->checks = 0;
	c->failed = 0;
}

/* All there is, in chunks; the limit is the kernel's. */
static void check_limit(struct checker *c)
{
	static void *chunks[MAX_CHUNKS];
	HEXPERTKEY key = c->key;
	DWORD error = 0;
	unsigned int n = 0, i;

	EXPECT_NONE(c, NMERR_OUT_OF_MEMORY, ExpertAllocMemory(key, HUGE_BLOCK, &error));
	EXPECT_NONE(c, NMERR_OUT_OF_MEMORY, ExpertAllocMemory(key, SIZE_MAX, &error));
	while (n < MAX_CHUNKS) {
		chunks[n] = ExpertAllocMemory(key, CHUNK, &error);
		if (!chunks[n])
			break;
		check(c, error == NMERR_SUCCESS, "error after a success", error);
		memset(chunks[n], n, CHUNK);
		n++;
	}
	check(c, n > 0 && n < MAX_CHUNKS, "the heap has a limit", n);
	check(c, error == NMERR_OUT_OF_MEMORY, "error at the limit", error);
	if (!n)
		return;
	EXPECT_NONE(c, NMERR_OUT_OF_MEMORY,
		    ExpertReallocMemory(key, chunks[0], 2 * CHUNK + HUGE_BLOCK, &error));
	for (i = 0; i < n; i++)
		check(c, ((unsigned char *)chunks[i])[CHUNK - 1] ==
		      (unsigned char)i, "what was stored", i);
	check(c, ExpertMemorySize(key, chunks[0]) == CHUNK, "size of a block", 0);
	for (i = 0; i < n; i++)
		EXPECT(c, NMERR_SUCCESS, ExpertFreeMemory(key, chunks[i]));
	EXPECT(c, NMERR_INVALID_PARAMETER, ExpertFreeMemory(key, chunks[0]));
	chunks[0] = ExpertAllocMemory(key, CHUNK, &error);
	check(c, chunks[0] && error == NMERR_SUCCESS, "memory after the limit",
	      error);
	for (i = 0; chunks[0] && i < CHUNK; i++)
		if (((char *)chunks[0])[i])
			break;
	check(c, i == CHUNK, "memory is zero when it comes again", i);
	ExpertFreeMemory(key, chunks[0]);
}

static void check_parameters(struct checker *c, EXPERTFRAMEDESCRIPTOR *frame)
{
	HEXPERTKEY key = c->key;
	EXPERTSTARTUPINFO startup;
	int local;

	EXPECT_NONE(c, NMERR_INVALID_PARAMETER, ExpertAllocMemory(key, 0, &error));
	EXPECT_NONE(c, NMERR_INVALID_EXPERT_HANDLE,
		    ExpertAllocMemory(NULL, 100, &error));
	EXPECT_NONE(c, NMERR_INVALID_EXPERT_HANDLE,
		    ExpertAllocMemory((HEXPERTKEY)&local, 100, &error));
	EXPECT_NONE(c, NMERR_INVALID_PARAMETER,
		    ExpertReallocMemory(key, &local, 100, &error));
	EXPECT(c, NMERR_INVALID_PARAMETER, ExpertFreeMemory(key, NULL));
	EXPECT(c, NMERR_INVALID_PARAMETER, ExpertFreeMemory(key, &local));
	EXPECT(c, NMERR_INVALID_PARAMETER, ExpertFreeMemory(key, (void *)frame->pFrame));
	EXPECT(c, NMERR_INVALID_EXPERT_HANDLE, ExpertFreeMemory(NULL, &local));
	check(c, ExpertMemorySize(key, &local) == 0, "size of no block", 0);
	check(c, ExpertMemorySize(NULL, &local) == 0, "size without a key", 0);
	EXPECT(c, NMERR_INVALID_PARAMETER,
	       ExpertGetFrame(key, 77, 0, INVALID_FRAME_NUMBER, NULL, frame));
	EXPECT(c, NMERR_INVALID_PARAMETER,
	       ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0x40000000,
			      INVALID_FRAME_NUMBER, NULL, frame));
	EXPECT(c, NMERR_INVALID_PARAMETER,
	       ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, INVALID_FRAME_NUMBER,
			      NULL, NULL));
	EXPECT(c, NMERR_OUT_OF_RANGE,
	       ExpertGetFrame(key, GET_FRAME_NEXT_BACKWARD, 0, 0, NULL, frame));
	EXPECT(c, NMERR_OUT_OF_RANGE,
	       ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, 0x7fffffff, NULL,
			      frame));
	EXPECT(c, NMERR_INVALID_EXPERT_HANDLE,
	       ExpertGetFrame(NULL, GET_FRAME_NEXT_FORWARD, 0,
			      INVALID_FRAME_NUMBER, NULL, frame));
	EXPECT(c, NMERR_SUCCESS, ExpertGetStartupInfo(key, &startup));
	EXPECT(c, NMERR_INVALID_PARAMETER, ExpertGetStartupInfo(key, NULL));
	EXPECT(c, NMERR_INVALID_PARAMETER, ExpertSubmitEvent(key, NULL));
	EXPECT(c, NMERR_INVALID_PARAMETER,
	       ExpertIndicateStatus(key, (EXPERTSTATUSENUMERATION)99, 0, "", 0));
}

/* The first frame, an Ethernet one, by its handle. */
static void check_frame(struct checker *c, const EXPERTFRAMEDESCRIPTOR *frame,
			HCAPTURE capture)
{
	const FRAME *raw = (const FRAME *)frame->pFrame;
	HFRAME handle = frame->hFrame;
	ADDRESS2 to, from;
	DWORD length = 0;

	check(c, GetFrame(capture, 0) == handle, "GetFrame", 0);
	check(c, !GetFrame(capture, 1), "GetFrame of the future", 0);
	check(c, GetFrameNumber(handle) == 0, "GetFrameNumber", 0);
	check(c, GetFrameCaptureHandle(handle) == capture, "GetFrameCaptureHandle", 0);
	check(c, GetFrameFromFrameHandle(handle) == frame->pFrame, "GetFrameFromFrameHandle", 0);
	check(c, GetFrameLength(handle) == raw->FrameLength, "GetFrameLength", 0);
	check(c, GetFrameStoredLength(handle) == raw->nBytesAvail, "GetFrameStoredLength", 0);
	check(c, GetFrameTimeStamp(handle) == raw->TimeStamp, "GetFrameTimeStamp", 0);
	EXPECT(c, MAC_TYPE_ETHERNET, GetFrameMacType(handle));
	EXPECT(c, 14, GetFrameMacHeaderLength(handle));
	EXPECT(c, 0, GetFrameDstAddressOffset(handle, ADDRESS_TYPE_ETHERNET, &length));
	EXPECT(c, 6, GetFrameSrcAddressOffset(handle, ADDRESS_TYPE_ETHERNET, &length));
	EXPECT(c, 6, length);
	EXPECT(c, NMERR_SUCCESS,
	       GetFrameDestAddress(handle, &to, ADDRESS_TYPE_FIND_HIGHEST, 0));
	EXPECT(c, NMERR_SUCCESS,
	       GetFrameSourceAddress(handle, &from, ADDRESS_TYPE_FIND_HIGHEST, 0));
	check(c, CompareFrameDestAddress(handle, &to), "CompareFrameDestAddress", 0);
	check(c, CompareFrameSourceAddress(handle, &from), "CompareFrameSourceAddress", 0);
	check(c, CompareAddresses(&to, &from) != 0, "CompareAddresses", 0);
	check(c, !ModifyFrame(capture, 0, NULL, 0, 0), "ModifyFrame", 0);
	EXPECT(c, 1, GetCaptureTotalFrames(capture));
	EXPECT(c, MAC_TYPE_ETHERNET, GetCaptureMacType(capture));
	check(c, GetCaptureTimeStamp(capture)->wYear >= 2026, "GetCaptureTimeStamp", 0);
	check(c, !GetCaptureComment(capture), "GetCaptureComment", 0);
	EXPECT(c, ADDRESS_TYPE_ETHERNET, MacTypeToAddressType(MAC_TYPE_ETHERNET));
	EXPECT(c, MAC_TYPE_ETHERNET, AddressTypeToMacType(ADDRESS_TYPE_ETHERNET));
}

/* Everything says so now; freeing frees and the last words are taken. */
static void check_terminated(struct checker *c, void *block,
			     EXPERTFRAMEDESCRIPTOR *frame)
{
	HEXPERTKEY key = c->key;
	EXPERTSTARTUPINFO startup;

	EXPECT_NONE(c, NMERR_EXPERT_TERMINATE, ExpertAllocMemory(key, 100, &error));
	EXPECT_NONE(c, NMERR_EXPERT_TERMINATE,
		    ExpertReallocMemory(key, block, 5000, &error));
	EXPECT(c, NMERR_EXPERT_TERMINATE,
	       nexp_next_frame(key, INVALID_FRAME_NUMBER, frame));
	EXPECT(c, NMERR_EXPERT_TERMINATE,
	       ExpertIndicateStatus(key, EXPERTSTATUS_RUNNING, 0, "", 0));
	EXPECT(c, NMERR_EXPERT_TERMINATE, nexp_say(key, "still here", "a last word"));
	EXPECT(c, NMERR_SUCCESS, ExpertGetStartupInfo(key, &startup));
	check(c, ExpertMemorySize(key, block) == 1000, "size at the end", 0);
	EXPECT(c, NMERR_EXPERT_TERMINATE, ExpertFreeMemory(key, block));
	EXPECT(c, NMERR_INVALID_PARAMETER, ExpertFreeMemory(key, block));
	check(c, ExpertMemorySize(key, block) == 0, "size of what was freed", 0);
}

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "api-check", "tries the Expert functions");
}

BOOL Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
	       DWORD flags, HWND window)
{
	(void)key;
	(void)config;
	(void)startup;
	(void)flags;
	(void)window;
	return TRUE;
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	struct checker c = { .key = key };
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD number = INVALID_FRAME_NUMBER;
	DWORD err;
	void *block;

	(void)config;
	(void)flags;
	(void)window;
	do {
		err = nexp_next_frame(key, number, &frame);
	} while (err == NMERR_TIMEOUT);
	if (err)
		return FALSE;
	check_frame(&c, &frame, startup->hCapture);
	check_parameters(&c, &frame);
	check_limit(&c);
	block = ExpertAllocMemory(key, 1000, &err);
	conclude(&c, "running");
	ExpertIndicateStatus(key, EXPERTSTATUS_RUNNING, 0, "checked", 0);
	do {
		err = nexp_next_frame(key, number, &frame);
		if (!err)
			number = frame.FrameNumber;
	} while (!err || err == NMERR_TIMEOUT);
	check(&c, err == NMERR_EXPERT_TERMINATE, "the end of frames", err);
	check_terminated(&c, block, &frame);
	conclude(&c, "terminated");
	return TRUE;
}
