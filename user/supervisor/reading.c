// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "expert.h"
#include "reading.h"

/* If it can't be reaped yet, this would come for ever: the next tick looks again. */
static void on_read(void *owner)
{
	struct nexp_expert *expert = owner;

	if (expert->reader.pid)
		nexp_loop_remove(expert->context->loop, expert->reader.pidfd);
	nexp_expert_observe(expert, nexp_now_ns());
}

int nexp_expert_read(struct nexp_expert *expert, struct nexp_error *err)
{
	struct nexp_context *context = expert->context;
	int injector, ret;

	injector = nexp_pool_injector(&context->session, expert->pool_id);
	if (injector < 0)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -injector,
				      "an injector for the pool of '%s': %s", expert->spec.name,
				      strerror(-injector));
	ret = nexp_reader_spawn(&expert->reader, context->reader_program, *expert->spec.input,
				injector, err);
	close(injector);
	if (ret)
		return ret;
	expert->on_read = (struct nexp_source){ .ready = on_read, .owner = expert };
	ret = nexp_loop_add(context->loop, expert->reader.pidfd, &expert->on_read);
	if (ret)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -ret,
				      "waiting for the reader of '%s': %s", expert->spec.name,
				      strerror(-ret));
	return 0;
}

static void tell_of_reader(struct nexp_expert *expert, const char *text)
{
	struct nexp_news news = {
		.kind = NEXP_NEWS_FILE, .text = text, .length = strlen(text),
	};

	if (news.length)
		nexp_expert_tell(expert, &news);
}

void nexp_reading_look(struct nexp_expert *expert)
{
	char text[512];

	if (!expert->reader.pid || !nexp_reader_has_ended(&expert->reader))
		return;
	nexp_loop_remove(expert->context->loop, expert->reader.pidfd);
	if (nexp_reader_reap(&expert->reader, text, sizeof(text)))
		expert->read_failed = true;
	tell_of_reader(expert, text);
}

void nexp_reading_end(struct nexp_expert *expert)
{
	if (expert->reader.pid)
		nexp_reader_end(&expert->reader);
	nexp_reading_look(expert);
}

void nexp_reading_abandon(struct nexp_expert *expert)
{
	char text[128];

	snprintf(text, sizeof(text), "process %d does not end although it was killed: it hangs "
		 "in the kernel, or somebody debugs it", expert->reader.pid);
	nexp_loop_remove(expert->context->loop, expert->reader.pidfd);
	nexp_reader_forget(&expert->reader);
	expert->read_failed = true;
	tell_of_reader(expert, text);
}

void nexp_reading_fini(struct nexp_expert *expert)
{
	struct pollfd wait = { .fd = expert->reader.pidfd, .events = POLLIN };

	if (!expert->reader.pid)
		return;
	nexp_reader_end(&expert->reader);
	poll(&wait, 1, NEXP_DIE_NS / NEXP_NS_PER_MS);
	nexp_reader_forget(&expert->reader);
}
