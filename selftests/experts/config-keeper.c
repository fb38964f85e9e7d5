// SPDX-License-Identifier: GPL-2.0
/*
 * config-keeper - an expert whose configuration is a block of bytes, and one that lies
 *
 * config-keeper=ACT does ACT in Configure:
 *
 *   grow		make the block 1000 bytes larger, by ExpertReallocMemory, and count
 *   keep		leave it as it is
 *   die=FILE	grow; Run kills itself once, when it could make FILE
 *   none		leave none
 *   most, huge	leave the largest block that can be stored; one byte more
 *   chatty		write a line, submit three events, grow
 *   frames		grow if the capture is at its end
 *   false, crash, hang, exit, lie, foreign	what their names say
 *
 * Run tells what it got, and whether it is a block that ExpertReallocMemory takes.
 */
#include <fcntl.h>
#include <unistd.h>

#include "common.h"

#define STEP		1000
#define MOST		61440
#define PATH_SIZE	200

struct mine {
	DWORD length;
	DWORD count;
	char die[PATH_SIZE];
	BYTE bytes[];
};

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "config-keeper", "keeps a configuration of bytes");
}

static BYTE pattern(DWORD at)
{
	return (BYTE)(at * 7 + 1);
}

static BOOL is_intact(const struct mine *mine)
{
	DWORD i;

	for (i = 0; i < mine->length - sizeof(*mine); i++)
		if (mine->bytes[i] != pattern(i))
			return FALSE;
	return TRUE;
}

static struct mine *resize(HEXPERTKEY key, PEXPERTCONFIG *config, DWORD length)
{
	struct mine *mine = (struct mine *)*config;
	DWORD i = mine ? mine->length - (DWORD)sizeof(*mine) : 0;

	if (mine && !is_intact(mine))
		return NULL;
	mine = mine ? ExpertReallocMemory(key, mine, length, NULL) :
		      ExpertAllocMemory(key, length, NULL);
	if (!mine)
		return NULL;
	for (; i < length - sizeof(*mine); i++)
		mine->bytes[i] = pattern(i);
	mine->length = length;
	mine->count++;
	*config = (PEXPERTCONFIG)mine;
	return mine;
}

static struct mine *grow_block(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	return resize(key, config, *config ? (*config)->RawConfigLength + STEP :
					     (DWORD)sizeof(struct mine) + STEP);
}

static BOOL grow(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	return grow_block(key, config) ? TRUE : FALSE;
}

static BOOL refuse(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	if (*config)
		memset(*config, 0xee, ExpertMemorySize(key, *config));
	ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, 0, "not today", 0);
	return FALSE;
}

static BOOL leave_foreign(PEXPERTCONFIG *config)
{
	static DWORD block[2] = { sizeof(block) };

	*config = (PEXPERTCONFIG)block;
	return TRUE;
}

static BOOL chat(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	int i;

	puts("a line of its own");
	fflush(stdout);
	for (i = 0; i < 3; i++)
		nexp_say(key, "configured", "nobody sees this");
	return grow(key, config);
}

static BOOL ask_for_frames(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	EXPERTFRAMEDESCRIPTOR frame;

	if (ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, 0, INVALID_FRAME_NUMBER, NULL, &frame) !=
	    NMERR_OUT_OF_RANGE)
		return FALSE;
	return grow(key, config);
}

BOOL Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
	       DWORD flags, HWND window)
{
	const char *act = ExpertGetOptions(key);
	struct mine *mine;

	(void)startup;
	(void)window;
	if (flags)
		return FALSE;
	if (!strcmp(act, "grow"))
		return grow(key, config);
	if (!strcmp(act, "keep"))
		return TRUE;
	if (!strncmp(act, "die=", 4)) {
		mine = grow_block(key, config);
		return mine && snprintf(mine->die, sizeof(mine->die), "%s", act + 4) < PATH_SIZE;
	}
	if (!strcmp(act, "none")) {
		*config = NULL;
		return TRUE;
	}
	if (!strcmp(act, "most") || !strcmp(act, "huge"))
		return resize(key, config, MOST + (*act == 'h')) ? TRUE : FALSE;
	if (!strcmp(act, "chatty"))
		return chat(key, config);
	if (!strcmp(act, "frames"))
		return ask_for_frames(key, config);
	if (!strcmp(act, "crash"))
		abort();
	if (!strcmp(act, "exit"))
		exit(0);
	while (!strcmp(act, "hang"))
		pause();
	if (!strcmp(act, "lie")) {
		mine = grow_block(key, config);
		if (mine)
			mine->length++;
		return TRUE;
	}
	if (!strcmp(act, "foreign"))
		return leave_foreign(config);
	return refuse(key, config);
}

static void tell(HEXPERTKEY key, PEXPERTCONFIG config, DWORD flags)
{
	const struct mine *mine = (const struct mine *)config;
	char text[100] = "none";

	if (mine)
		snprintf(text, sizeof(text), "%u bytes, count %u, %s, flags %u", mine->length,
			 mine->count, is_intact(mine) ? "intact" : "damaged", flags);
	nexp_say(key, "got", text);
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	struct mine *mine = (struct mine *)config;
	DWORD number = INVALID_FRAME_NUMBER, err;
	EXPERTFRAMEDESCRIPTOR frame;

	(void)startup;
	(void)window;
	tell(key, config, flags);
	if (mine && mine->die[0] && open(mine->die, O_CREAT | O_EXCL | O_CLOEXEC, 0600) >= 0) {
		memset(mine, 0xee, mine->length);
		abort();
	}
	if (mine) {
		mine = ExpertReallocMemory(key, mine, mine->length + STEP, NULL);
		nexp_say(key, "grown", mine && is_intact(mine) ? "yes" : "no");
	}
	do {
		err = nexp_next_frame(key, number, &frame);
		if (!err)
			number = frame.FrameNumber;
	} while (!err || err == NMERR_TIMEOUT);
	return TRUE;
}
