// SPDX-License-Identifier: GPL-2.0
/*
 * error - why something failed, in words for a person
 */
#include <stdarg.h>
#include <stdio.h>

#include "error.h"

int nexp_error_set(struct nexp_error *err, enum nexp_failure kind, int code,
		   const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -code;
	err->kind = kind;
	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -code;
}
