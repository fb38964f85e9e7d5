/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_SYSTEMTIME_H
#define NEXP_SYSTEMTIME_H

#include <stdbool.h>
#include <time.h>

#include <netmon_types.h>

/* Whether there is a year for it. In UTC. */
static inline bool nexp_systemtime(SYSTEMTIME *ret, time_t secs, unsigned int msecs)
{
	struct tm tm;

	if (!gmtime_r(&secs, &tm))
		return false;
	*ret = (SYSTEMTIME) {
		.wYear = (WORD)(tm.tm_year + 1900),
		.wMonth = (WORD)(tm.tm_mon + 1),
		.wDayOfWeek = (WORD)tm.tm_wday,
		.wDay = (WORD)tm.tm_mday,
		.wHour = (WORD)tm.tm_hour,
		.wMinute = (WORD)tm.tm_min,
		.wSecond = (WORD)tm.tm_sec,
		.wMilliseconds = (WORD)msecs,
	};
	return true;
}

#endif /* NEXP_SYSTEMTIME_H */
