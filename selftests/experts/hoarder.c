// SPDX-License-Identifier: GPL-2.0
/*
 * hoarder - an expert whose heap holds nothing but what is known
 *
 * 37 objects of 100 bytes, 5 of 5000 with tag 3 and one of 1048577 with tag 200; it
 * has freed others. Then it says "hoarded" and waits to be killed. With the option
 * "scribble" it first fills the head of its heap's tables with ones.
 */
#include "common.h"

#include <netexpert.h>

static char how[16];

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "hoarder", "keeps what it has");
}

/* The configuration would be an object too. */
BOOL Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
	       DWORD flags, HWND window)
{
	(void)startup;
	(void)flags;
	(void)window;
	(void)config;
	snprintf(how, sizeof(how), "%s", ExpertGetOptions(key));
	return TRUE;
}

static BOOL hoard(HEXPERTKEY key, BYTE tag, unsigned int nr, size_t size)
{
	void *object, *other;
	DWORD err;

	netexpert_tag_set(tag);
	while (nr--) {
		object = ExpertAllocMemory(key, size, &err);
		other = ExpertAllocMemory(key, size, &err);
		if (!object || !other || ExpertFreeMemory(key, other))
			return FALSE;
	}
	return TRUE;
}

/* Where the heap begins, there its tables do. */
static void *find_tables(void)
{
	unsigned long start, offset;
	void *found = NULL;
	char line[512];
	FILE *maps;

	maps = fopen("/proc/self/maps", "r");
	while (maps && !found && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%*x %*s %lx", &start, &offset) == 2 &&
		    offset == NETEXPERT_MAP_HEAP)
			found = (void *)start;
	if (maps)
		fclose(maps);
	return found;
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	DWORD number = INVALID_FRAME_NUMBER, err;
	EXPERTFRAMEDESCRIPTOR frame;
	void *tables;

	(void)config;
	(void)startup;
	(void)flags;
	(void)window;
	if (!hoard(key, 0, 37, 100) || !hoard(key, 3, 5, 5000) ||
	    !hoard(key, 200, 1, 1048577))
		return FALSE;
	if (!strcmp(how, "scribble")) {
		tables = find_tables();
		if (!tables)
			return FALSE;
		memset(tables, 0xff, 64);
	}
	nexp_say(key, "hoarded", "all is there");
	do {
		err = nexp_next_frame(key, number, &frame);
		if (!err)
			number = frame.FrameNumber;
	} while (!err || err == NMERR_TIMEOUT);
	return err == NMERR_EXPERT_TERMINATE;
}
