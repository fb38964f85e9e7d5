// SPDX-License-Identifier: GPL-2.0
/*
 * death - what the expert said before it died is shown before its process is gone
 *
 * In a run another process shows it. Here it is another thread, which would end with
 * the expert. Only calls that are allowed in a signal handler are made.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>

#include "death.h"

#define MOST_MS	1000

static int expert_socket;
static int shown_fd;

static void wait_for_words(void)
{
	struct pollfd shown = { .fd = shown_fd, .events = POLLIN };

	shutdown(expert_socket, SHUT_WR);
	while (poll(&shown, 1, MOST_MS) < 0 && errno == EINTR)
		;
}

/* Its disposition is the default again: the process dies of the same when this returns. */
static void on_signal(int signal)
{
	int saved = errno;

	wait_for_words();
	raise(signal);
	errno = saved;
}

void nexp_death_watch(int socket, int shown)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND }, before;
	void (*set_callback)(void (*callback)(void));
	unsigned int i;

	expert_socket = socket;
	shown_fd = shown;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &before) && before.sa_handler == SIG_DFL)
			sigaction(signals[i], &action, NULL);
	/* AddressSanitizer's, if it is here. */
	*(void **)&set_callback = dlsym(RTLD_DEFAULT, "__sanitizer_set_death_callback");
	if (set_callback)
		set_callback(wait_for_words);
}
