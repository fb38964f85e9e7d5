// SPDX-License-Identifier: GPL-2.0
/*
 * hear - what an expert's host says, on its socket and on its output
 *
 * Nothing here believes the host. A message that is not understood completely
 * ends it; how much is read in one round is limited, so that a talkative host
 * does not keep the others waiting.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/wire.h"
#include "expert.h"

#define MESSAGES_PER_ROUND	64
#define OUTPUT_PER_ROUND	4096

/*
 * More than a socket holds: 416 KiB at the most (net.core.wmem_max, doubled), of
 * which the smallest message takes three quarters of a KiB.
 */
#define MESSAGES_AT_END		1024

static void close_socket(struct nexp_expert *expert)
{
	nexp_loop_remove(expert->context->loop, expert->host.socket);
	close(expert->host.socket);
	expert->host.socket = -1;
}

static void close_output(struct nexp_expert *expert)
{
	nexp_loop_remove(expert->context->loop, expert->host.output);
	close(expert->host.output);
	expert->host.output = -1;
}

static void hear_hello(struct nexp_expert *expert, const struct nexp_hello *hello)
{
	struct nexp_news news = { .kind = NEXP_NEWS_READY, .hello = hello };
	uint64_t now_ns = nexp_now_ns();

	if (expert->state != NEXP_EXPERT_STARTING)
		return;
	expert->state = NEXP_EXPERT_RUNNING;
	expert->deadline_ns = NEXP_NEVER;
	expert->was_ready = true;
	nexp_expert_observe(expert, now_ns);
	news.frames = nexp_stat_lost(&expert->stat.out_sum) - expert->lost_at_end;
	news.ns = now_ns - expert->stat.out_ended_ns;
	nexp_expert_tell(expert, &news);
}

/* The last message, one way or the other: the process has to go now. */
static void hear_farewell(struct nexp_expert *expert)
{
	close_socket(expert);
	if (expert->state == NEXP_EXPERT_LEAVING)
		return;
	expert->state = NEXP_EXPERT_LEAVING;
	expert->deadline_ns = nexp_now_ns() + NEXP_LEAVE_NS;
}

static void hear(struct nexp_expert *expert, const struct nexp_message *message,
		 const void *bytes, size_t size)
{
	if (message->type != NEXP_WIRE_EVENT)
		nexp_expert_publish(expert);
	switch (message->type) {
	case NEXP_WIRE_HELLO:
		hear_hello(expert, &message->hello);
		break;
	case NEXP_WIRE_STATUS:
		nexp_expert_tell_status(expert, &message->status);
		break;
	case NEXP_WIRE_EVENT:
		nexp_expert_tell_event(expert, &message->event, bytes, size);
		break;
	case NEXP_WIRE_DONE:
		expert->is_done = true;
		expert->done = message->done;
		hear_farewell(expert);
		break;
	case NEXP_WIRE_FAILED:
		expert->is_refused = true;
		snprintf(expert->why, sizeof(expert->why), "%.*s",
			 (int)message->failed.text.length,
			 message->failed.text.bytes ? message->failed.text.bytes : "");
		hear_farewell(expert);
		break;
	case NEXP_WIRE_INDEX:
		nexp_index_make(expert);
		break;
	}
}

/* The host closed its end without a farewell: its process should be ending. */
static void hear_silence(struct nexp_expert *expert)
{
	close_socket(expert);
	if (expert->state == NEXP_EXPERT_LEAVING)
		return;
	expert->state = NEXP_EXPERT_LEAVING;
	expert->deadline_ns = nexp_now_ns() + NEXP_HUSK_NS;
}

/* Return: whether there may be more. */
static bool read_message(struct nexp_expert *expert)
{
	uint8_t bytes[NEXP_WIRE_MAX];
	struct nexp_message message;
	char text[256];
	const char *why;
	ssize_t size;

	size = recv(expert->host.socket, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (size <= 0) {
		hear_silence(expert);
		return false;
	}
	if (size > (ssize_t)sizeof(bytes)) {
		why = "it is longer than a message may be";
	} else if (!nexp_decode(bytes, (size_t)size, &message, &why)) {
		if (message.type != NEXP_WIRE_CONFIGURED) {
			hear(expert, &message, bytes, (size_t)size);
			return expert->host.socket >= 0;
		}
		why = "nobody has asked for a configuration";
	}
	close_socket(expert);
	snprintf(text, sizeof(text), "its host sent a message that is not valid: %s", why);
	nexp_expert_kill(expert, text, nexp_now_ns());
	return false;
}

static void on_message(void *owner)
{
	struct nexp_expert *expert = owner;
	unsigned int i;

	for (i = 0; i < MESSAGES_PER_ROUND && expert->host.socket >= 0; i++)
		if (!read_message(expert))
			break;
}

static void pass_line(void *owner, const char *line, size_t length, uint64_t nr_dropped)
{
	struct nexp_expert *expert = owner;
	struct nexp_reporter *reporter = expert->context->reporter;

	reporter->ops->chatter(reporter, expert, line, length, nr_dropped);
}

/* Return: whether there may be more. */
static bool read_output(struct nexp_expert *expert)
{
	char bytes[OUTPUT_PER_ROUND];
	ssize_t size;

	size = read(expert->host.output, bytes, sizeof(bytes));
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (size <= 0) {
		close_output(expert);
		return false;
	}
	nexp_chatter_feed(&expert->chatter, bytes, (size_t)size, nexp_now_ns(), pass_line, expert);
	return true;
}

static void on_output(void *owner)
{
	struct nexp_expert *expert = owner;

	if (expert->host.output >= 0)
		read_output(expert);
}

int nexp_expert_listen(struct nexp_expert *expert)
{
	int loop = expert->context->loop;
	int ret;

	expert->on_message = (struct nexp_source){ .ready = on_message, .owner = expert };
	expert->on_output = (struct nexp_source){ .ready = on_output, .owner = expert };
	ret = nexp_loop_add(loop, expert->host.socket, &expert->on_message);
	if (!ret)
		ret = nexp_loop_add(loop, expert->host.output, &expert->on_output);
	if (!ret)
		ret = nexp_loop_add(loop, expert->host.pidfd, &expert->on_end);
	return ret;
}

void nexp_expert_hear_out(struct nexp_expert *expert)
{
	unsigned int i;

	for (i = 0; i < MESSAGES_AT_END && expert->host.socket >= 0; i++)
		if (!read_message(expert))
			break;
	/* A pipe holds 64 KiB unless the host made it larger. */
	for (i = 0; i < (1U << 20) / OUTPUT_PER_ROUND && expert->host.output >= 0; i++)
		if (!read_output(expert))
			break;
	if (expert->host.socket >= 0)
		close_socket(expert);
	if (expert->host.output >= 0)
		close_output(expert);
	nexp_chatter_finish(&expert->chatter, pass_line, expert);
	nexp_expert_publish(expert);
}
