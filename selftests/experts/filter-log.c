// SPDX-License-Identifier: GPL-2.0
/*
 * filter-log - an expert that writes down which frames pass display filters
 *
 * Options: "FILE TEXT". A line in FILE for each frame that passes the user's filter, if
 * there is one, and TEXT: its number from 1 and its length, with a tab between them.
 */
#include "common.h"
#include "keep_options.h"

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "filter-log", "writes down which frames pass display filters");
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	const char *options = nexp_options(config);
	const char *text = options + strcspn(options, " ");
	DWORD number = INVALID_FRAME_NUMBER, err;
	char path[256], reason[512];
	EXPERTFRAMEDESCRIPTOR frame;
	HFILTER filter = NULL;
	FILE *file;

	(void)startup;
	(void)flags;
	(void)window;
	snprintf(path, sizeof(path), "%.*s", (int)(text - options), options);
	text += strspn(text, " ");
	filter = CreateFilterFromText(text, reason, sizeof(reason));
	if (!filter) {
		nexp_say(key, "no filter", reason);
		return FALSE;
	}
	file = fopen(path, "we");
	if (!file)
		return FALSE;
	do {
		err = ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD,
				     FLAGS_DEFER_TO_UI_FILTER | FLAGS_LIVE_TIMEOUT, number, filter,
				     &frame);
		if (err)
			continue;
		number = frame.FrameNumber;
		fprintf(file, "%u\t%u\n", number + 1, GetFrameLength(frame.hFrame));
		if (fflush(file))
			return FALSE;
	} while (!err || err == NMERR_TIMEOUT);
	fclose(file);
	return DestroyFilter(filter) == NMERR_SUCCESS;
}
