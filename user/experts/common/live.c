// SPDX-License-Identifier: GPL-2.0
/*
 * live - frames as they come, and a report that is brought up to date
 */
#include <string.h>

#include "live.h"
#include "options.h"

#define REPORT_IDENT	1
#define USEC_PER_SEC	1000000LL

BOOL live_start(struct live *live, HEXPERTKEY key, const char *source, const char *name,
		DWORD most_columns)
{
	NMEVENTDATA *event;

	memset(live, 0, sizeof(*live));
	event = (NMEVENTDATA *)ExpertAllocMemory(key, sizeof(*event) +
						 most_columns * sizeof(event->Column[0]),
						 NULL);
	if (!event)
		return FALSE;
	event->EventIdent = REPORT_IDENT;
	event->Flags = NMEVENTFLAG_EXPERT | NMEVENTFLAG_DO_NOT_DISPLAY_FIXED_COLUMNS;
	event->Severity = NMEVENT_SEVERITY_INFORMATIONAL;
	event->szSourceName = (LPSTR)source;
	event->szEventName = (LPSTR)name;
	live->key = key;
	live->event = event;
	return TRUE;
}

void live_finish(struct live *live)
{
	if (live->event)
		ExpertFreeMemory(live->key, live->event);
	live->event = NULL;
}

void live_columns(struct live *live, const struct live_column *columns, DWORD count)
{
	DWORD i;

	live->event->NumColumns = (BYTE)count;
	for (i = 0; i < count; i++) {
		live->event->Column[i].szColumnName = (LPSTR)columns[i].caption;
		live->event->Column[i].VariantData.Type = columns[i].type;
	}
}

/* A row that answers "terminate" was taken; the next frame tells again. */
void live_submit(struct live *live)
{
	ExpertSubmitEvent(live->key, live->event);
}

double live_share(uint64_t part, uint64_t all)
{
	return all ? 100.0 * (double)part / (double)all : 0;
}

static void set_time(SYSTEMTIME *time, int64_t us)
{
	int64_t seconds = us / USEC_PER_SEC;

	memset(time, 0, sizeof(*time));
	time->wDay = (WORD)(seconds / 86400);
	time->wHour = (WORD)(seconds / 3600 % 24);
	time->wMinute = (WORD)(seconds / 60 % 60);
	time->wSecond = (WORD)(seconds % 60);
	time->wMilliseconds = (WORD)(us / 1000 % 1000);
}

/* Another time than the last report's makes it a new edition. */
static void report(struct live *live)
{
	if (live->shown_us / 1000 >= live->now_us / 1000)
		live->now_us = live->shown_us + 1000;
	live->shown_us = live->now_us;
	live->due_us = live->now_us + live->interval_us;
	live->is_new = FALSE;
	set_time(&live->event->SysTime, live->now_us);
	live->ops->show(live->expert);
}

static void take(struct live *live, const EXPERTFRAMEDESCRIPTOR *frame)
{
	if (frame->pFrame->TimeStamp > live->now_us)
		live->now_us = frame->pFrame->TimeStamp;
	if (!live->due_us)
		live->due_us = live->now_us + live->interval_us;
	live->ops->count(live->expert, frame);
	live->is_new = TRUE;
}

void live_fail(struct live *live, DWORD error, const char *why)
{
	live->error = error;
	live->why = why;
}

static DWORD follow(struct live *live)
{
	DWORD number = INVALID_FRAME_NUMBER, error;
	EXPERTFRAMEDESCRIPTOR frame;

	while (!live->error) {
		error = ExpertGetFrame(live->key, GET_FRAME_NEXT_FORWARD,
				       FLAGS_LIVE_TIMEOUT | FLAGS_DEFER_TO_UI_FILTER |
				       live->ops->flags, number, NULL, &frame);
		if (error == NMERR_SUCCESS) {
			number = frame.FrameNumber;
			take(live, &frame);
		} else if (error == NMERR_TIMEOUT) {
			live->now_us += USEC_PER_SEC;
		} else {
			return error;
		}
		if (live->is_new && live->now_us >= live->due_us) {
			report(live);
			ExpertIndicateStatus(live->key, EXPERTSTATUS_RUNNING, 0, NULL, 0);
		}
	}
	return live->error;
}

BOOL live_run(struct live *live, const struct live_ops *ops, void *expert, DWORD interval)
{
	DWORD error;

	live->ops = ops;
	live->expert = expert;
	live->interval_us = interval * USEC_PER_SEC;
	ExpertIndicateStatus(live->key, EXPERTSTATUS_RUNNING, 0, NULL, 0);
	error = follow(live);
	if (error == NMERR_LOAD_PARSER_FAILED)
		return options_refuse(live->key, error, LIVE_NO_PARSERS);
	if (ops->end)
		ops->end(expert);
	report(live);
	if (live->error)
		return options_refuse(live->key, live->error, live->why);
	if (error != NMERR_EXPERT_TERMINATE && error != NMERR_OUT_OF_RANGE)
		return options_refuse(live->key, error, "frames can't be read any more");
	ExpertIndicateStatus(live->key, EXPERTSTATUS_DONE, 0, NULL, 0);
	return TRUE;
}
