// SPDX-License-Identifier: GPL-2.0
/*
 * delay-log - an expert that notes how long each frame took to it
 *
 * delay-log=FILE. For each frame a line: microseconds from the kernel's time stamp to
 * the moment when the expert had it. It waits for frames without end, so that nothing
 * but a frame wakes it.
 */
#include <stddef.h>
#include <time.h>

#include "common.h"
#include "keep_options.h"

#include <netexpert.h>

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "delay-log", "notes how long frames take");
}

static unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	DWORD number = INVALID_FRAME_NUMBER, err;
	const struct netexpert_record *record;
	EXPERTFRAMEDESCRIPTOR frame;
	FILE *file;

	(void)startup;
	(void)flags;
	(void)window;
	file = fopen(nexp_options(config), "we");
	if (!file)
		return FALSE;
	while (!(err = ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, number, NULL, &frame))) {
		number = frame.FrameNumber;
		/* What pFrame points to is the record's tail. */
		record = (const void *)((const char *)frame.pFrame -
					offsetof(struct netexpert_record, stamp_us));
		fprintf(file, "%llu\n", (now_ns() - record->time_ns) / 1000);
		if (fflush(file))
			return FALSE;
	}
	fclose(file);
	return err == NMERR_EXPERT_TERMINATE;
}
