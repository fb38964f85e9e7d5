// SPDX-License-Identifier: GPL-2.0
/*
 * memory-bugs - an expert with the bugs that a debugger's tools are there to find
 *
 * memory-bugs=HOW: see the table. Each is done with an object of 100 bytes, when the
 * first frame has come.
 */
#include "common.h"

static char how[32];
static volatile char seen;
static volatile char *volatile nowhere = (char *)8;

static void do_nothing(HEXPERTKEY key, char *object)
{
	ExpertFreeMemory(key, object);
}

static void do_overrun(HEXPERTKEY key, char *object)
{
	((volatile char *)object)[100] = 1;
	ExpertFreeMemory(key, object);
}

static void do_underrun(HEXPERTKEY key, char *object)
{
	((volatile char *)object)[-1] = 1;
	ExpertFreeMemory(key, object);
}

static void do_late(HEXPERTKEY key, char *object)
{
	ExpertFreeMemory(key, object);
	seen = ((volatile char *)object)[50];
}

/* Resizing has moved it. */
static void do_stale(HEXPERTKEY key, char *object)
{
	char *moved = ExpertReallocMemory(key, object, 10, NULL);

	seen = ((volatile char *)object)[5];
	ExpertFreeMemory(key, moved);
}

static void do_twice(HEXPERTKEY key, char *object)
{
	ExpertFreeMemory(key, object);
	ExpertFreeMemory(key, object);
}

static void do_foreign(HEXPERTKEY key, char *object)
{
	ExpertFreeMemory(key, object + 8);
}

static void do_leak(HEXPERTKEY key, char *object)
{
	(void)key;
	seen = *object;
}

static void do_crash(HEXPERTKEY key, char *object)
{
	nexp_say(key, "said", "before it crashed");
	ExpertFreeMemory(key, object);
	*nowhere = 1;
}

/* No bug: it says that it has one frame, and takes all others. */
static void do_wait(HEXPERTKEY key, char *object)
{
	EXPERTFRAMEDESCRIPTOR frame = { .FrameNumber = 0 };
	DWORD err;

	ExpertFreeMemory(key, object);
	nexp_say(key, "wait", "has a frame");
	do {
		err = nexp_next_frame(key, frame.FrameNumber, &frame);
	} while (!err || err == NMERR_TIMEOUT);
}

static const struct {
	const char *how;
	void (*act)(HEXPERTKEY key, char *object);
} acts[] = {
	{ "nothing", do_nothing },
	{ "overrun", do_overrun },
	{ "underrun", do_underrun },
	{ "late", do_late },
	{ "stale", do_stale },
	{ "twice", do_twice },
	{ "foreign", do_foreign },
	{ "leak", do_leak },
	{ "crash", do_crash },
	{ "wait", do_wait },
};

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "memory-bugs", "has bugs");
}

BOOL Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
	       DWORD flags, HWND window)
{
	(void)config;
	(void)startup;
	(void)flags;
	(void)window;
	snprintf(how, sizeof(how), "%s", ExpertGetOptions(key));
	return TRUE;
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	EXPERTFRAMEDESCRIPTOR frame;
	unsigned int i;
	char *object;

	(void)config;
	(void)startup;
	(void)flags;
	(void)window;
	if (nexp_next_frame(key, INVALID_FRAME_NUMBER, &frame))
		return FALSE;
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].how, how))
			continue;
		object = ExpertAllocMemory(key, 100, NULL);
		if (!object)
			return FALSE;
		acts[i].act(key, object);
	}
	return TRUE;
}
