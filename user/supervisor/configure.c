// SPDX-License-Identifier: GPL-2.0
/*
 * configure - let an expert's Configure make a configuration, without a run
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "configure.h"
#include "decode.h"
#include "expert.h"
#include "host.h"
#include "orphans.h"

/**
 * struct call - a call of Configure under way
 * @host: its process.
 * @chatter: its output on the way.
 * @pass: gets its lines.
 * @owner: for @pass.
 * @ret: what came of it.
 * @has_name: HELLO came.
 * @is_over: CONFIGURED or FAILED came, or nothing more is listened to.
 * @ended: its process is reaped.
 * @end: how it ended.
 * @failed: there will be no configuration.
 * @why: why not.
 */
struct call {
	struct nexp_host host;
	struct nexp_chatter chatter;
	nexp_chatter_fn *pass;
	void *owner;
	struct nexp_configuration *ret;
	bool has_name;
	bool is_over;
	bool ended;
	struct nexp_end end;
	bool failed;
	char why[512];
};

static void __attribute__((format(printf, 2, 3))) give_up(struct call *call, const char *fmt, ...)
{
	va_list args;

	call->is_over = true;
	call->failed = true;
	va_start(args, fmt);
	vsnprintf(call->why, sizeof(call->why), fmt, args);
	va_end(args);
}

static void hear_hello(struct call *call, const struct nexp_hello *hello)
{
	char *expert = call->ret->expert;

	if (!hello->name.length || hello->name.length >= sizeof(call->ret->expert)) {
		give_up(call, "its host sent a message that is not valid: a name that is none");
		return;
	}
	memset(expert, 0, sizeof(call->ret->expert));
	memcpy(expert, hello->name.bytes, hello->name.length);
	call->has_name = true;
}

static void hear_configured(struct call *call, const struct nexp_configured *configured)
{
	if (!call->has_name) {
		give_up(call, "its host sent a configuration without a name");
		return;
	}
	call->ret->length = configured->length;
	if (configured->length)
		memcpy(call->ret->block, configured->block, configured->length);
	call->is_over = true;
}

static void hear(struct call *call, const struct nexp_message *message)
{
	switch (message->type) {
	case NEXP_WIRE_HELLO:
		hear_hello(call, &message->hello);
		break;
	case NEXP_WIRE_CONFIGURED:
		hear_configured(call, &message->configured);
		break;
	case NEXP_WIRE_FAILED:
		give_up(call, "%.*s", (int)message->failed.text.length,
			message->failed.text.bytes ? message->failed.text.bytes : "");
		break;
	case NEXP_WIRE_EVENT:
		call->ret->nr_ignored++;
		break;
	case NEXP_WIRE_STATUS:
		/* Why it refuses is in FAILED, and how far it is nobody wants to know. */
		break;
	default:
		give_up(call, "its host sent a message that belongs to a run");
	}
}

/* Return: whether there may be more. */
static bool read_message(struct call *call)
{
	uint8_t bytes[NEXP_WIRE_MAX];
	struct nexp_message message;
	const char *why;
	ssize_t size;

	size = recv(call->host.socket, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (size <= 0) {
		close(call->host.socket);
		call->host.socket = -1;
		return false;
	}
	if (size > (ssize_t)sizeof(bytes))
		give_up(call, "its host sent a message that is too long");
	else if (nexp_decode(bytes, (size_t)size, &message, &why))
		give_up(call, "its host sent a message that is not valid: %s", why);
	else
		hear(call, &message);
	return !call->is_over;
}

/* Return: whether there may be more. */
static bool read_output(struct call *call)
{
	char bytes[4096];
	ssize_t size = read(call->host.output, bytes, sizeof(bytes));

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (size <= 0) {
		close(call->host.output);
		call->host.output = -1;
		return false;
	}
	nexp_chatter_feed(&call->chatter, bytes, (size_t)size, nexp_now_ns(), call->pass,
			  call->owner);
	return true;
}

/* What it has said before it ended, and no more than its pipe and its socket hold. */
static void hear_out(struct call *call)
{
	unsigned int i;

	for (i = 0; i < 1024 && call->host.socket >= 0 && !call->is_over; i++)
		if (!read_message(call))
			break;
	for (i = 0; i < 256 && call->host.output >= 0; i++)
		if (!read_output(call))
			break;
	nexp_chatter_finish(&call->chatter, call->pass, call->owner);
}

static void await(struct call *call)
{
	uint64_t deadline_ns = nexp_now_ns() + NEXP_HELLO_NS, now_ns;
	struct pollfd fds[3] = {
		{ .fd = call->host.pidfd, .events = POLLIN },
		{ .events = POLLIN },
		{ .events = POLLIN },
	};

	while (!call->is_over && !call->ended) {
		now_ns = nexp_now_ns();
		if (now_ns >= deadline_ns) {
			give_up(call, "its Configure has not returned within 60 s");
			break;
		}
		fds[1].fd = call->host.socket;
		fds[2].fd = call->host.output;
		poll(fds, 3, (int)((deadline_ns - now_ns) / NEXP_NS_PER_MS) + 1);
		if (call->host.socket >= 0)
			read_message(call);
		if (call->host.output >= 0)
			read_output(call);
		if (fds[0].revents && !nexp_host_reap(&call->host, &call->end))
			call->ended = true;
	}
}

/* It has said what there is to say, or will not. */
static void end_host(struct call *call)
{
	struct pollfd wait = { .fd = call->host.pidfd, .events = POLLIN };

	if (!call->ended && !call->failed)
		poll(&wait, 1, NEXP_LEAVE_NS / NEXP_NS_PER_MS);
	if (!call->ended) {
		nexp_host_kill(&call->host);
		poll(&wait, 1, NEXP_DIE_NS / NEXP_NS_PER_MS);
		call->ended = !nexp_host_reap(&call->host, &call->end);
	}
	hear_out(call);
	nexp_host_close(&call->host);
}

static void tell_end(struct call *call)
{
	char text[128];

	nexp_end_describe(&call->end, text, sizeof(text));
	give_up(call, "its process ended before it had a configuration: %s", text);
}

int nexp_configure(const struct nexp_host_args *args, nexp_chatter_fn *pass, void *owner,
		   struct nexp_configuration *ret, struct nexp_error *err)
{
	struct call call = { .host = NEXP_NO_HOST, .pass = pass, .owner = owner, .ret = ret };
	struct nexp_orphans orphans = { 0 };
	int nothing, code;

	memset(ret, 0, sizeof(*ret));
	if (nexp_orphans_adopt(&orphans)) {
		nexp_orphans_free(&orphans);
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	}
	nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	code = nothing < 0 ? nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "/dev/null: %s",
					    strerror(errno)) :
			     nexp_host_spawn(&call.host, args, nothing, err);
	if (!code) {
		await(&call);
		end_host(&call);
		nexp_orphans_end(&orphans, NULL, 0);
		if (!call.is_over)
			tell_end(&call);
		if (call.failed)
			code = nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL, "%s: %s",
					      args->name, call.why);
	}
	if (nothing >= 0)
		close(nothing);
	nexp_orphans_free(&orphans);
	return code;
}
