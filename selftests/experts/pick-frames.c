// SPDX-License-Identifier: GPL-2.0
/*
 * pick-frames - an expert that takes the frames of a capture out of turn
 *
 * pick-frames=ORDER:FILE stores them in a pcap file, in that order:
 *
 * backward	from the last to the first
 * stride	by number, each 7919 behind the one before, around the end
 * first	the last one, then from the first on, as others get them
 * forward	only that
 * die		the one in the middle, and dies with it in hand
 *
 * It says how many frames there are before it has taken one, and how many were not the
 * same by their handles, which it asks for all of them.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "../pcap_file.h"
#include "common.h"
#include "keep_options.h"

#define STRIDE	7919

/**
 * struct picker - the run
 * @key: of Run.
 * @capture: its capture.
 * @file: where frames go.
 * @total: frames that there are.
 * @stored: frames stored.
 * @wrong: frames that were another one by their handle.
 */
struct picker {
	HEXPERTKEY key;
	HCAPTURE capture;
	FILE *file;
	DWORD total;
	DWORD stored;
	DWORD wrong;
};

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "pick-frames", "takes frames out of turn");
}

static bool is_same(struct picker *p, const EXPERTFRAMEDESCRIPTOR *frame)
{
	HFRAME handle = GetFrame(p->capture, frame->FrameNumber);
	const FRAME *other = GetFrameFromFrameHandle(handle);

	return handle == frame->hFrame && GetFrameNumber(handle) == frame->FrameNumber &&
	       GetFrameLength(handle) == frame->pFrame->FrameLength && other &&
	       !memcmp(other, frame->pFrame, sizeof(*other) + frame->pFrame->nBytesAvail);
}

static void store(struct picker *p, const EXPERTFRAMEDESCRIPTOR *descriptor)
{
	const FRAME *frame = (const FRAME *)descriptor->pFrame;
	struct pcap_frame head = {
		.seconds = frame->TimeStamp / 1000000,
		.fraction = frame->TimeStamp % 1000000,
		.captured = frame->nBytesAvail,
		.length = frame->FrameLength,
	};

	p->wrong += !is_same(p, descriptor);
	p->stored += fwrite(&head, sizeof(head), 1, p->file) == 1 &&
		     (!head.captured || fwrite(frame->MacFrame, head.captured, 1, p->file) == 1);
}

static DWORD pick(struct picker *p, DWORD direction, DWORD *number)
{
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD error = ExpertGetFrame(p->key, direction, 0, *number, NULL, &frame);

	if (error == NMERR_SUCCESS) {
		*number = frame.FrameNumber;
		store(p, &frame);
	}
	return error;
}

static DWORD pick_in_order(struct picker *p, const char *order)
{
	DWORD number = INVALID_FRAME_NUMBER, error, i;

	if (!strcmp(order, "backward")) {
		do {
			error = pick(p, GET_FRAME_NEXT_BACKWARD, &number);
		} while (!error);
		return error;
	}
	if (!strcmp(order, "stride")) {
		for (i = 0, error = 0; i < p->total && !error; i++) {
			number = (DWORD)((uint64_t)(i + 1) * STRIDE % p->total);
			error = pick(p, GET_SPECIFIED_FRAME, &number);
		}
		number = p->total;
		return error ? error : pick(p, GET_SPECIFIED_FRAME, &number);
	}
	if (!strcmp(order, "die")) {
		number = p->total / 2;
		pick(p, GET_SPECIFIED_FRAME, &number);
		raise(SIGKILL);
	}
	if (!strcmp(order, "first"))
		pick(p, GET_FRAME_NEXT_BACKWARD, &number);
	number = INVALID_FRAME_NUMBER;
	do {
		error = pick(p, GET_FRAME_NEXT_FORWARD, &number);
	} while (!error);
	return error;
}

static FILE *open_file(const char *path)
{
	static const struct pcap_head head = {
		.magic = PCAP_US, .major = 2, .minor = 4, .snaplen = 1 << 20, .link_type = 1,
	};
	FILE *file = fopen(path, "w");

	if (file)
		fwrite(&head, sizeof(head), 1, file);
	return file;
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	struct picker p = { .key = key, .capture = startup->hCapture };
	char order[16], path[MAX_PATH], text[128];
	DWORD error;

	(void)flags;
	(void)window;
	if (sscanf(nexp_options(config), "%15[^:]:%259s", order, path) != 2)
		return FALSE;
	p.file = open_file(path);
	if (!p.file)
		return FALSE;
	p.total = GetCaptureTotalFrames(p.capture);
	error = pick_in_order(&p, order);
	snprintf(text, sizeof(text), "%u in all, %u stored, %u wrong, ended with %u", p.total,
		 p.stored, p.wrong, error);
	nexp_say(key, "picked", text);
	return fclose(p.file) == 0;
}
