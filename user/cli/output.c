// SPDX-License-Identifier: GPL-2.0
/*
 * output - writing to a file that may stand still
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "output.h"

#define LOOK_AT_SIGNALS_MS	200

static bool must_end(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1 ||
	       sigismember(&set, SIGHUP) == 1;
}

static void give_up(struct nexp_output *output, int code)
{
	output->broken = true;
	output->code = code;
}

/* Return: whether a write of PIPE_BUF bytes would not hang. */
static bool wait_for_room(struct nexp_output *output)
{
	struct pollfd wait = { .fd = output->fd, .events = POLLOUT };

	while (poll(&wait, 1, LOOK_AT_SIGNALS_MS) <= 0) {
		if (must_end()) {
			give_up(output, EAGAIN);
			return false;
		}
	}
	return true;
}

void nexp_output_write(struct nexp_output *output, const char *bytes, size_t length)
{
	ssize_t n;

	while (length && !output->broken) {
		if (!wait_for_room(output))
			return;
		n = write(output->fd, bytes, length < PIPE_BUF ? length : PIPE_BUF);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			give_up(output, errno);
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		}
	}
}
