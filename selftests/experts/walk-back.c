// SPDX-License-Identifier: GPL-2.0
/*
 * walk-back - an expert that goes back over frames, and comes forward again
 *
 * walk-back=FRAMES. Every 100 frames it scans back as far as frames are kept and
 * forward again, and compares each with what it was when it was new: its time, its
 * length, its bytes. After so many frames its report says how many were seen again,
 * how many of them were wrong, and how far back the longest scan went.
 */
#include "common.h"
#include "keep_options.h"

#define EVERY	100

/**
 * struct walker - the run
 * @key: of Run.
 * @sums: of each frame, by number.
 * @again: frames that were seen again.
 * @wrong: scans and frames that are not what they should be.
 * @farthest: frames that one scan went back over.
 */
struct walker {
	HEXPERTKEY key;
	uint64_t *sums;
	DWORD again;
	DWORD wrong;
	DWORD farthest;
};

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "walk-back", "goes back over frames");
}

static uint64_t sum_of(ULPFRAME frame)
{
	const unsigned char *byte = (const unsigned char *)frame;
	DWORD left = sizeof(*frame) + frame->nBytesAvail;
	uint64_t sum = 14695981039346656037ULL;

	for (; left; left--)
		sum = (sum ^ *byte++) * 1099511628211ULL;
	return sum;
}

static DWORD get(struct walker *w, DWORD direction, DWORD number,
		 EXPERTFRAMEDESCRIPTOR *frame)
{
	return ExpertGetFrame(w->key, direction, 0, number, NULL, frame);
}

static void see_again(struct walker *w, const EXPERTFRAMEDESCRIPTOR *frame, DWORD number)
{
	w->again++;
	if (frame->FrameNumber != number || sum_of(frame->pFrame) != w->sums[number] ||
	    GetFrameFromFrameHandle(frame->hFrame) != frame->pFrame)
		w->wrong++;
}

static void walk(struct walker *w, DWORD last)
{
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD number = last, err;

	while (!(err = get(w, GET_FRAME_NEXT_BACKWARD, number, &frame))) {
		if (frame.FrameNumber >= number) {
			w->wrong++;
			return;
		}
		number = frame.FrameNumber;
		see_again(w, &frame, number);
	}
	if (err != (number ? NMERR_FRAME_NOT_FOUND : NMERR_OUT_OF_RANGE))
		w->wrong++;
	if (last - number > w->farthest)
		w->farthest = last - number;
	while (number < last) {
		if (get(w, GET_FRAME_NEXT_FORWARD, number, &frame) ||
		    frame.FrameNumber <= number || frame.FrameNumber > last) {
			w->wrong++;
			return;
		}
		number = frame.FrameNumber;
		see_again(w, &frame, number);
	}
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	DWORD most = (DWORD)atoi(nexp_options(config)), number = INVALID_FRAME_NUMBER;
	struct walker w = { .key = key };
	EXPERTFRAMEDESCRIPTOR frame;
	char text[128];
	DWORD err;

	(void)flags;
	(void)window;
	w.sums = ExpertAllocMemory(key, (most + 1) * sizeof(*w.sums), NULL);
	if (!w.sums)
		return FALSE;
	do {
		err = nexp_next_frame(key, number, &frame);
		if (err)
			continue;
		number = frame.FrameNumber;
		w.sums[number] = sum_of(frame.pFrame);
		if (number % EVERY == EVERY - 1)
			walk(&w, number);
	} while (number + 1 != most && (!err || err == NMERR_TIMEOUT));
	if (GetCaptureTotalFrames(startup->hCapture) != number + 1)
		w.wrong++;
	snprintf(text, sizeof(text), "%u frames, %u again, %u wrong, %u back", number + 1,
		 w.again, w.wrong, w.farthest);
	nexp_say(key, "walked", text);
	return TRUE;
}
