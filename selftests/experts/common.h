/* SPDX-License-Identifier: GPL-2.0 */
/*
 * common - what the experts of the tests share
 */
#ifndef NEXP_SELFTESTS_COMMON_H
#define NEXP_SELFTESTS_COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netmon.h>

/* All of them take options, so that a test can tell them what to do. */
static inline BOOL nexp_register(PEXPERTENUMINFO info, const char *name,
				 const char *description)
{
	snprintf(info->szName, sizeof(info->szName), "%s", name);
	snprintf(info->szVendor, sizeof(info->szVendor), "netexpert selftests");
	snprintf(info->szDescription, sizeof(info->szDescription), "%s",
		 description);
	info->Version = 0;
	info->Flags = EXPERT_ENUM_FLAG_CONFIGURABLE;
	return TRUE;
}

/* Configure of an expert whose configuration is its options as they are. */
static inline BOOL nexp_keep_options(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	const char *text = ExpertGetOptions(key);
	size_t size = sizeof(**config) + (text ? strlen(text) : 0) + 1;

	if (!text)
		return *config ? TRUE : FALSE;
	*config = (PEXPERTCONFIG)ExpertAllocMemory(key, size, NULL);
	if (!*config)
		return FALSE;
	(*config)->RawConfigLength = (DWORD)size;
	strcpy((char *)(*config)->RawConfigData, text);
	return TRUE;
}

/* Those options; "" without any. */
static inline const char *nexp_options(const EXPERTCONFIG *config)
{
	if (!config || config->RawConfigLength <= sizeof(config->RawConfigLength))
		return "";
	return (const char *)config->RawConfigData;
}

/* Where an expert keeps a file: @path, and of a worker "#" and its number behind it. */
static inline int nexp_own_path(char *ret, size_t size, const char *path)
{
	const char *name = getenv("NETEXPERT_NAME");
	const char *number = name ? strchr(name, '#') : NULL;

	return snprintf(ret, size, "%s%s", path, number ? number : "") < (int)size;
}

/* The next frame, or why there is none; gives up waiting about once a second. */
static inline DWORD nexp_next_frame(HEXPERTKEY key, DWORD number,
				    EXPERTFRAMEDESCRIPTOR *frame)
{
	return ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD, FLAGS_LIVE_TIMEOUT,
			      number, NULL, frame);
}

/* One line in the expert's report. */
static inline DWORD nexp_say(HEXPERTKEY key, const char *name, const char *text)
{
	NMEVENTDATA event;

	memset(&event, 0, sizeof(event));
	event.EventIdent = 1;
	event.Flags = NMEVENTFLAG_EXPERT;
	event.szSourceName = (char *)"selftest";
	event.szEventName = (char *)name;
	event.szDescription = (char *)text;
	return ExpertSubmitEvent(key, &event);
}

#endif /* NEXP_SELFTESTS_COMMON_H */
