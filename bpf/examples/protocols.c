// SPDX-License-Identifier: GPL-2.0
/*
 * protocols - shows what protocols.bpf.c has counted; one without the other is
 * no use
 */
#include <stdio.h>
#include <string.h>

#include <netmon.h>

#include "protocols.h"

#define NAME		"protocols"
#define NR_COLUMNS	5
#define MAX_ROWS	1024
#define USEC_PER_MSEC	1000

static const char no_summary[] =
	"a frame came in place of a summary: run it with --capture protocols.bpf.o, and without -s";

/**
 * struct state - an edition as it comes
 * @key: the expert.
 * @event: a row of the report.
 * @edition: which one.
 * @nr_rows: rows of it so far.
 * @rows: these.
 */
struct state {
	HEXPERTKEY key;
	NMEVENTDATA *event;
	__u32 edition;
	__u32 nr_rows;
	struct protocols_row rows[MAX_ROWS];
};

static const struct { __u16 ethertype; __u16 protocol; const char *name; } names[] = {
	{ 0x0806, 0, "ARP" },
	{ 0x0800, 1, "ICMP" },
	{ 0x0800, 6, "TCP" },
	{ 0x0800, 17, "UDP" },
	{ 0x86dd, 6, "TCP over IPv6" },
	{ 0x86dd, 17, "UDP over IPv6" },
	{ 0x86dd, 58, "ICMPv6" },
	{ 0, 0, "802.3" },
	{ PROTOCOLS_END, 0, "(other)" },
};

static void put_name(const struct protocols_row *row, char *text, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].ethertype != row->ethertype || names[i].protocol != row->protocol)
			continue;
		snprintf(text, size, "%s", names[i].name);
		return;
	}
	snprintf(text, size, "ethertype 0x%04x, protocol %u", row->ethertype, row->protocol);
}

static void submit(struct state *state, const struct protocols_row *row)
{
	NMCOLUMNINFO *column = state->event->Column;
	char name[64];

	put_name(row, name, sizeof(name));
	column[0].VariantData.Value.pStringVal = name;
	column[1].VariantData.Value.Float64Val = (double)row->frames[0];
	column[2].VariantData.Value.Float64Val = (double)row->bytes[0];
	column[3].VariantData.Value.Float64Val = (double)row->frames[1];
	column[4].VariantData.Value.Float64Val = (double)row->bytes[1];
	ExpertSubmitEvent(state->key, state->event);
}

/* All that belongs to one SysTime is one report. */
static void set_time(SYSTEMTIME *time, __s64 us)
{
	__s64 ms = us / USEC_PER_MSEC;

	time->wMilliseconds = (WORD)(ms % 1000);
	time->wSecond = (WORD)(ms / 1000 % 60);
	time->wMinute = (WORD)(ms / 60000 % 60);
	time->wHour = (WORD)(ms / 3600000 % 24);
	time->wDay = (WORD)(ms / 86400000);
}

static void report(struct state *state, const struct protocols_row *end, __s64 us)
{
	__u32 i;

	set_time(&state->event->SysTime, us);
	for (i = 0; i < state->nr_rows; i++)
		submit(state, &state->rows[i]);
	if (end->frames[0] || end->frames[1])
		submit(state, end);
}

/* Return: FALSE if this is no row of a summary. */
static BOOL take(struct state *state, const FRAME *frame)
{
	struct protocols_row row;

	if (frame->nBytesAvail != sizeof(row))
		return FALSE;
	memcpy(&row, frame->MacFrame, sizeof(row));
	if (row.magic != PROTOCOLS_MAGIC)
		return FALSE;
	if (row.edition != state->edition) {
		state->edition = row.edition;
		state->nr_rows = 0;
	}
	if (row.ethertype != PROTOCOLS_END) {
		if (state->nr_rows < MAX_ROWS)
			state->rows[state->nr_rows++] = row;
	} else if (row.nr_rows == state->nr_rows) {
		/* One with a row missing is not shown: the next has all of it. */
		report(state, &row, frame->TimeStamp);
	}
	return TRUE;
}

static NMEVENTDATA *make_event(HEXPERTKEY key)
{
	static const char *const captions[NR_COLUMNS] = {
		"Protocol", "Frames in", "Bytes in", "Frames out", "Bytes out",
	};
	NMEVENTDATA *event;
	DWORD i;

	event = (NMEVENTDATA *)ExpertAllocMemory(key, sizeof(*event) + NR_COLUMNS *
						 sizeof(event->Column[0]), NULL);
	if (!event)
		return NULL;
	event->EventIdent = 1;
	event->Flags = NMEVENTFLAG_EXPERT | NMEVENTFLAG_DO_NOT_DISPLAY_FIXED_COLUMNS;
	event->Severity = NMEVENT_SEVERITY_INFORMATIONAL;
	event->NumColumns = NR_COLUMNS;
	event->szSourceName = (LPSTR)NAME;
	event->szEventName = (LPSTR)"Protocols";
	for (i = 0; i < NR_COLUMNS; i++) {
		event->Column[i].szColumnName = (LPSTR)captions[i];
		event->Column[i].VariantData.Type = i ? NMCOLUMNTYPE_FLOAT64 :
							NMCOLUMNTYPE_STRING;
	}
	return event;
}

BOOL WINAPI Register(PEXPERTENUMINFO info)
{
	strcpy(info->szName, NAME);
	strcpy(info->szVendor, "netexpert");
	strcpy(info->szDescription, "Shows what the capture program protocols.bpf.o counts.");
	return TRUE;
}

BOOL WINAPI Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
		DWORD flags, HWND window)
{
	DWORD number = INVALID_FRAME_NUMBER, error;
	EXPERTFRAMEDESCRIPTOR frame;
	struct state *state;

	(void)config;
	(void)startup;
	(void)flags;
	(void)window;
	state = (struct state *)ExpertAllocMemory(key, sizeof(*state), NULL);
	if (!state)
		return FALSE;
	state->key = key;
	state->event = make_event(key);
	if (!state->event)
		return FALSE;
	ExpertIndicateStatus(key, EXPERTSTATUS_RUNNING, 0, NULL, 0);
	while (!(error = ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, number, NULL, &frame))) {
		number = frame.FrameNumber;
		if (!take(state, frame.pFrame)) {
			ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, 0, no_summary, 0);
			return FALSE;
		}
	}
	return error == NMERR_EXPERT_TERMINATE;
}
