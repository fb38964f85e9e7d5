// SPDX-License-Identifier: GPL-2.0
/*
 * my-expert - frames and bytes by EtherType; a beginning for an expert of your own
 *
 * netexpert-expert(7) goes through it. Options: interval=SECONDS between reports.
 */
#include <stdlib.h>
#include <string.h>

#include <netmon.h>

#define NR_COLUMNS	3
#define MOST_TYPES	256	/* whatever is on the wire: memory must be bounded */

struct type {
	DWORD number;		/* in network order: 0x0800 is IPv4 */
	DWORD frames;
	double bytes;		/* a column's 32 bits would be too few */
};

struct my_expert {
	HEXPERTKEY key;
	int64_t interval_us;
	PNMEVENTDATA event;	/* one row of the report; used again and again */
	struct type *types;
	DWORD nr_types, room;
	DWORD others;		/* frames of types that found no place */
};

/* Called first, without a key: only says who we are. */
BOOL Register(PEXPERTENUMINFO info)
{
	strcpy(info->szName, "my-expert");
	strcpy(info->szVendor, "me");
	strcpy(info->szDescription, "Frames and bytes by EtherType. Option: interval=SECONDS");
	info->Flags = EXPERT_ENUM_FLAG_CONFIGURABLE;
	return TRUE;
}

/* What Configure leaves for Run, and for runs to come if the user stores it. */
struct settings {
	DWORD length;		/* of all of it; every configuration begins with that */
	DWORD interval_s;
};

/* "interval=5" as it stood on the command line; 0 if it is anything else. */
static DWORD parse(const char *text)
{
	long seconds;
	char *end;

	if (!text || strncmp(text, "interval=", 9))
		return 0;
	seconds = strtol(text + 9, &end, 10);
	return *end || seconds < 1 || seconds > 86400 ? 0 : (DWORD)seconds;
}

/* Called if there are options. *config is what was stored before, or NULL. */
BOOL Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
	       DWORD flags, HWND window)
{
	DWORD interval_s = parse(ExpertGetOptions(key));
	struct settings *settings;

	(void)startup;
	(void)flags;
	(void)window;
	if (!interval_s) {
		ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, 0,
				     "the option is interval=SECONDS, 1 to 86400", 0);
		return FALSE;
	}
	settings = ExpertAllocMemory(key, sizeof(*settings), NULL);
	if (!settings)
		return FALSE;
	settings->length = sizeof(*settings);
	settings->interval_s = interval_s;
	if (*config)
		ExpertFreeMemory(key, *config);
	*config = (PEXPERTCONFIG)settings;
	return TRUE;
}

/* It may have been stored by another version of this expert. */
static int64_t interval_of(const EXPERTCONFIG *config)
{
	const struct settings *settings = (const struct settings *)config;

	return config && settings->length == sizeof(*settings) ?
	       settings->interval_s * 1000000LL : 1000000;
}

static void free_all(struct my_expert *me)
{
	if (me->types)
		ExpertFreeMemory(me->key, me->types);
	if (me->event)
		ExpertFreeMemory(me->key, me->event);
}

static BOOL prepare(struct my_expert *me)
{
	static const char *const names[NR_COLUMNS] = { "EtherType", "Frames", "Bytes" };
	int i;

	me->event = ExpertAllocMemory(me->key, sizeof(*me->event) +
				      NR_COLUMNS * sizeof(me->event->Column[0]), NULL);
	if (!me->event)
		return FALSE;
	me->event->EventIdent = 1;
	me->event->szSourceName = "my-expert";
	me->event->szEventName = "Types";
	me->event->Flags = NMEVENTFLAG_DO_NOT_DISPLAY_FIXED_COLUMNS;
	me->event->NumColumns = NR_COLUMNS;
	for (i = 0; i < NR_COLUMNS; i++)
		me->event->Column[i].szColumnName = (LPSTR)names[i];
	return TRUE;
}

/* The counters of a type; NULL if there is no place for another one. */
static struct type *find(struct my_expert *me, DWORD number)
{
	DWORD i, room;
	void *types;

	for (i = 0; i < me->nr_types; i++)
		if (me->types[i].number == number)
			return &me->types[i];
	if (me->nr_types == me->room) {
		room = me->room ? 2 * me->room : 8;
		if (room > MOST_TYPES)
			return NULL;
		/* What it grows by is zero. If it fails, the old one is still there. */
		types = ExpertReallocMemory(me->key, me->types, room * sizeof(*me->types), NULL);
		if (!types)
			return NULL;
		me->types = types;
		me->room = room;
	}
	me->types[me->nr_types].number = number;
	return &me->types[me->nr_types++];
}

/* Not more than nBytesAvail bytes are there, however long the frame was. */
static void count(struct my_expert *me, const FRAME *frame)
{
	const BYTE *bytes = frame->MacFrame;
	struct type *type;

	if (frame->nBytesAvail < 14) {
		me->others++;
		return;
	}
	type = find(me, (DWORD)bytes[12] << 8 | bytes[13]);
	if (!type) {
		me->others++;
		return;
	}
	type->frames++;
	type->bytes += frame->FrameLength;
}

static void set_column(PNMEVENTDATA event, int i, NMCOLUMNTYPE type)
{
	event->Column[i].VariantData.Type = type;
}

static void put_row(struct my_expert *me, const char *name, DWORD frames, double bytes)
{
	set_column(me->event, 0, NMCOLUMNTYPE_STRING);
	me->event->Column[0].VariantData.Value.pStringVal = name;
	set_column(me->event, 1, NMCOLUMNTYPE_UINT32);
	me->event->Column[1].VariantData.Value.Uint32Val = frames;
	set_column(me->event, 2, NMCOLUMNTYPE_FLOAT64);
	me->event->Column[2].VariantData.Value.Float64Val = bytes;
	ExpertSubmitEvent(me->key, me->event);
}

static void name_of(DWORD number, char name[7])
{
	static const char digits[] = "0123456789abcdef";
	int i;

	memcpy(name, "0x", 2);
	for (i = 0; i < 4; i++)
		name[2 + i] = digits[number >> (12 - 4 * i) & 15];
	name[6] = '\0';
}

/* Rows with one EventIdent and one SysTime are one report; another time, another report. */
static void report(struct my_expert *me, int64_t time_us)
{
	SYSTEMTIME *time = &me->event->SysTime;
	char name[7];
	DWORD i;

	time->wDay = (WORD)(time_us / 1000000 / 86400);
	time->wHour = (WORD)(time_us / 1000000 / 3600 % 24);
	time->wMinute = (WORD)(time_us / 1000000 / 60 % 60);
	time->wSecond = (WORD)(time_us / 1000000 % 60);
	time->wMilliseconds = (WORD)(time_us / 1000 % 1000);
	for (i = 0; i < me->nr_types; i++) {
		name_of(me->types[i].number, name);
		put_row(me, name, me->types[i].frames, me->types[i].bytes);
	}
	if (me->others)
		put_row(me, "(other)", me->others, 0);
	ExpertIndicateStatus(me->key, EXPERTSTATUS_RUNNING, 0, NULL, 0);
}

/* Until the capture is over, or we are asked to finish. */
static void follow(struct my_expert *me)
{
	DWORD number = INVALID_FRAME_NUMBER, error;
	int64_t now_us = 0, due_us = me->interval_us;
	EXPERTFRAMEDESCRIPTOR frame;

	for (;;) {
		error = ExpertGetFrame(me->key, GET_FRAME_NEXT_FORWARD, FLAGS_LIVE_TIMEOUT,
				       number, NULL, &frame);
		if (error == NMERR_TIMEOUT) {
			/* No frame for a second. */
			now_us += 1000000;
		} else if (error == NMERR_SUCCESS) {
			number = frame.FrameNumber;
			if (frame.pFrame->TimeStamp > now_us)
				now_us = frame.pFrame->TimeStamp;
			count(me, frame.pFrame);
		} else {
			break;
		}
		if (now_us >= due_us) {
			report(me, now_us);
			due_us = now_us + me->interval_us;
		}
	}
	/* The last word; it is taken though we are asked to finish. */
	report(me, now_us + 1000);
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	struct my_expert me = { .key = key, .interval_us = interval_of(config) };
	BOOL ready = prepare(&me);

	(void)startup;
	(void)flags;
	(void)window;
	if (ready)
		follow(&me);
	free_all(&me);
	return ready;
}
