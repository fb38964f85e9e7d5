// SPDX-License-Identifier: GPL-2.0
/*
 * chatter - what a host writes to its standard output and error
 */
#include "chatter.h"

static void pass_line(struct nexp_chatter *chatter, uint64_t now_ns, nexp_chatter_fn *pass,
		      void *owner)
{
	if (now_ns - chatter->period_ns >= NEXP_CHATTER_PERIOD_NS) {
		chatter->period_ns = now_ns;
		chatter->nr_lines = 0;
	}
	if (chatter->nr_lines < NEXP_CHATTER_LINES) {
		pass(owner, chatter->line, chatter->length, chatter->nr_dropped);
		chatter->nr_lines++;
		chatter->nr_dropped = 0;
	} else {
		chatter->nr_dropped++;
	}
	chatter->length = 0;
}

void nexp_chatter_feed(struct nexp_chatter *chatter, const char *bytes, size_t size,
		       uint64_t now_ns, nexp_chatter_fn *pass, void *owner)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (bytes[i] != '\n')
			chatter->line[chatter->length++] = bytes[i];
		if (bytes[i] == '\n' || chatter->length == sizeof(chatter->line))
			pass_line(chatter, now_ns, pass, owner);
	}
}

void nexp_chatter_finish(struct nexp_chatter *chatter, nexp_chatter_fn *pass, void *owner)
{
	if (chatter->length || chatter->nr_dropped)
		pass(owner, chatter->line, chatter->length, chatter->nr_dropped);
	chatter->length = 0;
	chatter->nr_dropped = 0;
}
