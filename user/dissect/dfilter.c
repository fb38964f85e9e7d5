// SPDX-License-Identifier: GPL-2.0
/*
 * dfilter - display filters, in Wireshark's language
 */
#include <errno.h>
#include <stdio.h>

#include <epan/dfilter/dfilter.h>

#include "dissector.h"

/**
 * nexp_dfilter_compile() - make a filter of a text
 * @text: not empty; macros are none.
 * @out_filter: it.
 * @why: why not.
 *
 * Return: 0, -EINVAL, or as nexp_dissect_start().
 */
int nexp_dfilter_compile(const char *text, struct epan_dfilter **out_filter, char *why)
{
	dfilter_loc_t at = { .col_start = -1 };
	dfilter_t *filter = NULL;
	char *problem = NULL;
	int err = nexp_dissect_start(why);

	if (err)
		return err;
	if (!dfilter_compile2(text, &filter, &problem, &at)) {
		if (at.col_start >= 0)
			snprintf(why, NEXP_WHY_SIZE, "display filter \"%s\", character %ld: %s",
				 text, at.col_start + 1, problem);
		else
			snprintf(why, NEXP_WHY_SIZE, "display filter \"%s\": %s", text, problem);
		g_free(problem);
		return -EINVAL;
	}
	/* What Wireshark makes of an empty text. */
	if (!filter) {
		snprintf(why, NEXP_WHY_SIZE, "the display filter is empty");
		return -EINVAL;
	}
	*out_filter = filter;
	return 0;
}

/** nexp_dfilter_free() - NULL is fine. */
void nexp_dfilter_free(struct epan_dfilter *filter)
{
	if (filter)
		dfilter_free(filter);
}
