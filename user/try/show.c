// SPDX-License-Identifier: GPL-2.0
/*
 * show - what the expert in this process says, as a run would show it
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../cli/cli.h"
#include "../cli/reporters.h"
#include "../lib/wire.h"
#include "show.h"

/* Ctrl-C and what is due need not wait for a talkative expert. */
#define MESSAGES_PER_ROUND	64

/**
 * struct nexp_show - the thread, and a run of one expert for the reporters
 * @args: as given.
 * @supervisor: the run; nothing but its context counts.
 * @expert: what is shown of it.
 * @text: for people.
 * @json: for programs.
 * @reporter: one of these.
 * @thread: who listens.
 * @shown: readable when all is shown.
 * @finished: Run has returned.
 */
struct nexp_show {
	struct nexp_show_args args;
	struct nexp_supervisor supervisor;
	struct nexp_expert expert;
	struct nexp_text_reporter text;
	struct nexp_json_reporter json;
	struct nexp_reporter *reporter;
	pthread_t thread;
	int shown;
	bool finished;
};

void nexp_show_say(const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	nexp_complain("%s", text);
}

static void tell(struct nexp_show *show, struct nexp_news *news, const struct nexp_text *text)
{
	if (text) {
		news->text = text->bytes;
		news->length = text->length;
	}
	nexp_expert_tell(&show->expert, news);
}

static void show_message(struct nexp_show *show, const struct nexp_message *message,
			 const void *bytes, size_t size)
{
	struct nexp_news news = { 0 };

	if (message->type != NEXP_WIRE_EVENT)
		nexp_expert_publish(&show->expert);
	switch (message->type) {
	case NEXP_WIRE_HELLO:
		news.kind = NEXP_NEWS_READY;
		news.hello = &message->hello;
		tell(show, &news, NULL);
		break;
	case NEXP_WIRE_STATUS:
		nexp_expert_tell_status(&show->expert, &message->status);
		break;
	case NEXP_WIRE_EVENT:
		nexp_expert_tell_event(&show->expert, &message->event, bytes, size);
		break;
	case NEXP_WIRE_DONE:
		news.kind = NEXP_NEWS_FINISHED;
		news.done = &message->done;
		show->finished = true;
		tell(show, &news, NULL);
		break;
	case NEXP_WIRE_FAILED:
		news.kind = NEXP_NEWS_FAILED;
		tell(show, &news, &message->failed.text);
		break;
	}
}

/* Return: 1 if there may be more at once, 0 if later, -1 if nothing comes any more. */
static int hear(struct nexp_show *show)
{
	uint8_t bytes[NEXP_WIRE_MAX];
	struct nexp_message message;
	const char *why;
	ssize_t size = recv(show->args.socket, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (size <= 0)
		return -1;
	/* The expert may have found its socket and written there itself. */
	if (nexp_decode(bytes, (size_t)size, &message, &why))
		nexp_complain("%s: a message that is not valid: %s", show->args.name, why);
	else
		show_message(show, &message, bytes, (size_t)size);
	return 1;
}

/* Return: whether there may be more, now or later. */
static bool hear_some(struct nexp_show *show)
{
	unsigned int i;
	int more = 1;

	for (i = 0; i < MESSAGES_PER_ROUND && more > 0; i++)
		more = hear(show);
	return more >= 0;
}

/* The second one ends the process: this thread lets it through from now on. */
static void stop(struct nexp_show *show)
{
	struct signalfd_siginfo info;
	sigset_t set;

	if (read(show->args.signals, &info, sizeof(info)) != sizeof(info))
		return;
	nexp_complain("%s: asked to finish", show->args.name);
	nexp_memfd_terminate(show->args.pool);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* Milliseconds until what was gathered is shown; -1 if there is nothing. */
static int timeout_ms(const struct nexp_show *show)
{
	uint64_t now_ns = nexp_now_ns(), due_ns = show->expert.editions.due_ns;

	if (!show->expert.editions.pending)
		return -1;
	return due_ns > now_ns ? (int)((due_ns - now_ns) / NEXP_NS_PER_MS) + 1 : 0;
}

static void *listen_to(void *arg)
{
	struct nexp_show *show = arg;
	struct pollfd fds[] = {
		{ .fd = show->args.socket, .events = POLLIN },
		{ .fd = show->args.signals, .events = POLLIN },
	};
	int nr;

	do {
		nr = poll(fds, 2, timeout_ms(show));
		if (nr > 0 && fds[1].revents)
			stop(show);
		if (!timeout_ms(show))
			nexp_expert_publish(&show->expert);
		if (show->reporter->broken)
			nexp_memfd_terminate(show->args.pool);
	} while (nr <= 0 || !fds[0].revents || hear_some(show));
	nexp_expert_publish(&show->expert);
	eventfd_write(show->shown, 1);
	return NULL;
}

static void choose_reporter(struct nexp_show *show)
{
	if (show->args.json) {
		nexp_json_reporter_init(&show->json, &show->supervisor, false);
		show->reporter = &show->json.base;
		return;
	}
	nexp_text_reporter_init(&show->text, &show->supervisor, STDOUT_FILENO, false);
	/* One thing after the other: people look at a debugger's words, too. */
	show->text.live = false;
	show->text.colour = false;
	show->reporter = &show->text.base;
}

int nexp_show_start(struct nexp_show **ret, const struct nexp_show_args *args)
{
	struct nexp_show *show = calloc(1, sizeof(*show));
	int err;

	if (!show)
		return -ENOMEM;
	show->args = *args;
	choose_reporter(show);
	show->supervisor.context.file = args->file;
	show->supervisor.context.reporter = show->reporter;
	show->supervisor.experts = &show->expert;
	show->supervisor.nr_experts = 1;
	show->expert.context = &show->supervisor.context;
	show->expert.stat.out_incarnation = 1;
	show->expert.pid = getpid();
	snprintf(show->expert.spec.name, sizeof(show->expert.spec.name), "%s", args->name);
	show->shown = eventfd(0, EFD_CLOEXEC);
	err = show->shown < 0 ? errno : pthread_create(&show->thread, NULL, listen_to, show);
	if (!err) {
		*ret = show;
		return 0;
	}
	if (show->shown >= 0)
		close(show->shown);
	free(show);
	return -err;
}

int nexp_show_fd(const struct nexp_show *show)
{
	return show->shown;
}

void nexp_show_file(struct nexp_show *show, const char *said)
{
	struct nexp_news news = { .kind = NEXP_NEWS_FILE };
	struct nexp_text text = { .bytes = said, .length = (uint32_t)strlen(said) };

	tell(show, &news, &text);
}

void nexp_show_join(struct nexp_show *show)
{
	pthread_join(show->thread, NULL);
}

bool nexp_show_free(struct nexp_show *show)
{
	const struct nexp_output *out = show->args.json ? &show->json.out : &show->text.out;
	bool ok = show->finished;

	if (out->broken && out->code != EAGAIN && out->code != EPIPE)
		nexp_complain("writing to standard output: %s", strerror(out->code));
	nexp_editions_clear(&show->expert.editions);
	close(show->shown);
	free(show);
	return ok;
}
