/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keep_options - the Configure of an expert whose Run reads its options as they are
 *
 * A plug-in is one source file, so this one may define what the host looks for.
 */
#ifndef NEXP_SELFTESTS_KEEP_OPTIONS_H
#define NEXP_SELFTESTS_KEEP_OPTIONS_H

#include "common.h"

BOOL Configure(HEXPERTKEY key, PEXPERTCONFIG *config,
	       PEXPERTSTARTUPINFO startup, DWORD flags, HWND window)
{
	(void)startup;
	(void)flags;
	(void)window;
	return nexp_keep_options(key, config);
}

#endif /* NEXP_SELFTESTS_KEEP_OPTIONS_H */
