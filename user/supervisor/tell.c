// SPDX-License-Identifier: GPL-2.0
/*
 * tell - what an expert says, to the reporter
 *
 * Of an expert that is supervised, or of one in this very process (user/try).
 */
#include <string.h>

#include "expert.h"

void nexp_expert_publish(struct nexp_expert *expert)
{
	struct nexp_reporter *reporter = expert->context->reporter;
	const struct nexp_edition *edition;
	const struct nexp_row *first_new;

	edition = nexp_editions_publish(&expert->editions, &first_new);
	if (edition)
		reporter->ops->edition(reporter, expert, edition, first_new);
}

/* Experts repeat themselves; only what changed is told. */
void nexp_expert_tell_status(struct nexp_expert *expert, const struct nexp_status *status)
{
	struct nexp_reporter *reporter = expert->context->reporter;
	struct nexp_status *last = &expert->last_status;
	uint32_t length = status->text.length;

	if (length >= sizeof(expert->status_text))
		length = sizeof(expert->status_text) - 1;
	if (expert->has_status && last->status == status->status &&
	    last->substatus == status->substatus && last->percent == status->percent &&
	    last->text.length == length &&
	    (!length || !memcmp(expert->status_text, status->text.bytes, length)))
		return;
	*last = *status;
	last->text.bytes = expert->status_text;
	last->text.length = length;
	if (length)
		memcpy(expert->status_text, status->text.bytes, length);
	expert->has_status = true;
	reporter->ops->status(reporter, expert, last);
}

void nexp_expert_tell_event(struct nexp_expert *expert, const struct nexp_event *event,
			    const void *bytes, size_t size)
{
	struct nexp_reporter *reporter = expert->context->reporter;

	if (!nexp_editions_fits(&expert->editions, event))
		nexp_expert_publish(expert);
	nexp_editions_add(&expert->editions, event, bytes, size, nexp_now_ns());
	reporter->ops->event(reporter, expert, event);
}
