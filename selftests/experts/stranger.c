// SPDX-License-Identifier: GPL-2.0
/*
 * stranger - an expert by somebody who has read half of the manual
 *
 * stranger=HOW[,NUMBER]: see the table. Where the library has to answer something, it
 * says "verdict", and "as promised" or what the answer was.
 *
 * Compiled with WITHOUT_register, WITHOUT_run or WITHOUT_configure it lacks that.
 * Register does what the name says that it runs under.
 */
#include <unistd.h>

#include "common.h"

#define NR_COLUMNS	255

static char how[32];
static unsigned long number;
static int static_object;
static char verdict[200];

/* The first thing that is not as promised. */
static void expect(const char *what, DWORD wanted, DWORD answer)
{
	if (answer != wanted && !*verdict)
		snprintf(verdict, sizeof(verdict), "%s: %u, not %u", what, answer, wanted);
}

static void say_verdict(HEXPERTKEY key)
{
	nexp_say(key, "verdict", *verdict ? verdict : "as promised");
}

static void do_return(HEXPERTKEY key)
{
	(void)key;
}

/* Sleeps, and does not even look whether it shall finish. */
static void do_never(HEXPERTKEY key)
{
	(void)key;
	for (;;)
		pause();
}

/* Is told to finish with each call, and goes on calling. */
static void do_deaf(HEXPERTKEY key)
{
	DWORD last = INVALID_FRAME_NUMBER;
	EXPERTFRAMEDESCRIPTOR frame;

	for (;;) {
		if (!ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, last, NULL, &frame))
			last = frame.FrameNumber;
		nexp_say(key, "deaf", "what did you say?");
	}
}

/* Small and large, at once and after something else took the place. */
static void do_twice(HEXPERTKEY key)
{
	static const SIZE_T sizes[] = { 1, 100, 5000, 40000, 3 << 20 };
	void *objects[5], *other;
	unsigned int i;

	for (i = 0; i < 5; i++)
		objects[i] = ExpertAllocMemory(key, sizes[i], NULL);
	for (i = 0; i < 5; i++) {
		expect("first free", NMERR_SUCCESS, ExpertFreeMemory(key, objects[i]));
		expect("second free", NMERR_INVALID_PARAMETER,
		       ExpertFreeMemory(key, objects[i]));
		expect("realloc", 0, !!ExpertReallocMemory(key, objects[i], 10, NULL));
	}
	other = ExpertAllocMemory(key, 100, NULL);
	expect("another's", NMERR_SUCCESS, ExpertFreeMemory(key, other));
	say_verdict(key);
}

static void do_foreign(HEXPERTKEY key)
{
	char *object = ExpertAllocMemory(key, 1000, NULL);
	char *large = ExpertAllocMemory(key, 1 << 20, NULL);
	void *mallocated = malloc(100);
	int local;
	void *const foreign[] = {
		&local, &static_object, mallocated, (void *)do_foreign, (void *)verdict, key,
		(void *)1, (void *)-1, (void *)0x8000000000000000, object + 1, object + 16,
		object - 16, object + 1000, large + 4096, large + 65536, large + (1 << 20),
	};
	unsigned int i;

	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		expect("free", NMERR_INVALID_PARAMETER, ExpertFreeMemory(key, foreign[i]));
		expect("realloc", 0, !!ExpertReallocMemory(key, foreign[i], 10, NULL));
		expect("size", 0, (DWORD)ExpertMemorySize(key, foreign[i]));
	}
	expect("its own", NMERR_SUCCESS, ExpertFreeMemory(key, object));
	expect("its own", NMERR_SUCCESS, ExpertFreeMemory(key, large));
	free(mallocated);
	say_verdict(key);
}

static void do_flood(HEXPERTKEY key)
{
	unsigned long i;

	for (i = 0; i < number; i++)
		if (nexp_say(key, "flood", "again"))
			break;
	snprintf(verdict, sizeof(verdict), "%lu events", i);
	say_verdict(key);
}

/* Nothing where a string may be, in as many columns as there can be. */
static void do_nothing(HEXPERTKEY key)
{
	PNMEVENTDATA event = ExpertAllocMemory(key, sizeof(*event) + NR_COLUMNS *
					       sizeof(event->Column[0]), NULL);
	static char long_text[300];
	unsigned int i;

	if (!event)
		return;
	expect("no string", NMERR_SUCCESS, ExpertSubmitEvent(key, event));
	event->NumColumns = NR_COLUMNS;
	event->EventIdent = 2;
	for (i = 0; i < NR_COLUMNS; i++)
		event->Column[i].VariantData.Type = NMCOLUMNTYPE_STRING;
	expect("NULL columns", NMERR_SUCCESS, ExpertSubmitEvent(key, event));
	event->EventIdent = 3;
	for (i = 0; i < NR_COLUMNS; i++) {
		event->Column[i].szColumnName = (LPSTR)"c";
		event->Column[i].VariantData.Type = i % (NMCOLUMNTYPE_STRING + 1);
	}
	expect("all types", NMERR_SUCCESS, ExpertSubmitEvent(key, event));
	memset(long_text, 'x', sizeof(long_text) - 1);
	for (i = 0; i < NR_COLUMNS; i++)
		event->Column[i].szColumnName = long_text;
	expect("too much", NMERR_BUFFER_TOO_SMALL, ExpertSubmitEvent(key, event));
	event->Column[0].VariantData.Type = NMCOLUMNTYPE_STRING + 1;
	expect("a type that is none", NMERR_INVALID_PARAMETER, ExpertSubmitEvent(key, event));
	ExpertIndicateStatus(key, EXPERTSTATUS_RUNNING, 0, NULL, -5);
	expect("a status that is none", NMERR_INVALID_PARAMETER,
	       ExpertIndicateStatus(key, 77, 0, NULL, 0));
	expect("no event", NMERR_INVALID_PARAMETER, ExpertSubmitEvent(key, NULL));
	say_verdict(key);
}

/* 4294967295 names no frame, but is where scans begin. */
static void do_far(HEXPERTKEY key)
{
	EXPERTFRAMEDESCRIPTOR first, frame;

	expect("that frame", NMERR_OUT_OF_RANGE,
	       ExpertGetFrame(key, GET_SPECIFIED_FRAME, 0, 4294967295U, NULL, &frame));
	expect("the one before none", NMERR_OUT_OF_RANGE,
	       ExpertGetFrame(key, GET_FRAME_NEXT_BACKWARD, 0, 4294967295U, NULL, &frame));
	expect("the first", NMERR_SUCCESS,
	       ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, 4294967295U, NULL, &first));
	expect("that frame", NMERR_OUT_OF_RANGE,
	       ExpertGetFrame(key, GET_SPECIFIED_FRAME, 0, 4294967295U, NULL, &frame));
	expect("the last one", NMERR_OUT_OF_RANGE,
	       ExpertGetFrame(key, GET_SPECIFIED_FRAME, 0, 4294967294U, NULL, &frame));
	expect("the one so far", NMERR_SUCCESS,
	       ExpertGetFrame(key, GET_FRAME_NEXT_BACKWARD, 0, 4294967295U, NULL, &frame));
	expect("its number", first.FrameNumber, frame.FrameNumber);
	say_verdict(key);
}

static const struct {
	const char *how;
	void (*act)(HEXPERTKEY key);
} acts[] = {
	{ "return", do_return },
	{ "never", do_never },
	{ "deaf", do_deaf },
	{ "twice", do_twice },
	{ "foreign", do_foreign },
	{ "flood", do_flood },
	{ "nothing", do_nothing },
	{ "far", do_far },
};

#ifndef WITHOUT_register
BOOL Register(PEXPERTENUMINFO info)
{
	const char *name = getenv("NETEXPERT_NAME");

	nexp_register(info, "stranger", "has read half of the manual");
#ifdef WITHOUT_configure
	info->Flags = 0;
#endif
	if (!name)
		return TRUE;
	if (!strcmp(name, "endless-name"))
		memset(info->szName, 'x', sizeof(info->szName));
	else if (!strcmp(name, "endless-vendor"))
		memset(info->szVendor, 'x', sizeof(info->szVendor));
	else if (!strcmp(name, "endless-words"))
		memset(info->szDescription, 'x', sizeof(info->szDescription));
	else if (!strcmp(name, "endless-all"))
		memset(info, 0xff, sizeof(*info));
	else if (!strcmp(name, "nameless"))
		info->szName[0] = '\0';
	else if (!strcmp(name, "boastful"))
		info->Flags = EXPERT_ENUM_FLAG_CONFIGURABLE;
	return strcmp(name, "unwilling");
}
#endif

#ifndef WITHOUT_configure
BOOL Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
	       DWORD flags, HWND window)
{
	(void)config;
	(void)startup;
	(void)flags;
	(void)window;
	return sscanf(ExpertGetOptions(key), "%31[a-z],%lu", how, &number) > 0;
}
#endif

#ifndef WITHOUT_run
BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	unsigned int i;

	(void)config;
	(void)startup;
	(void)flags;
	(void)window;
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (!strcmp(acts[i].how, how))
			acts[i].act(key);
	return TRUE;
}
#endif
