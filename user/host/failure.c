// SPDX-License-Identifier: GPL-2.0
/*
 * failure - why a process that the supervisor started gives up
 */
#include <stdarg.h>
#include <stdio.h>

#include "failure.h"

/**
 * nexp_fail() - note why the host gives up
 * @failure: filled in.
 * @what: for the supervisor.
 * @format: for people.
 *
 * Return: -1.
 */
int nexp_fail(struct nexp_failure *failure, enum nexp_wire_failure what,
	      const char *format, ...)
{
	va_list args;

	failure->what = what;
	va_start(args, format);
	vsnprintf(failure->reason, sizeof(failure->reason), format, args);
	va_end(args);
	return -1;
}
