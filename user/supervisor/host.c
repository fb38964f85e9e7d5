// SPDX-License-Identifier: GPL-2.0
/*
 * host - the process that one expert runs in, seen from outside
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "spawn.h"

enum {
	SOCKET_OURS, SOCKET_THEIRS, OUTPUT_OURS, OUTPUT_THEIRS, NOTHING, CONFIG, NR_FDS,
};

#define MOST_ARGS	24

static void close_all(int *fds)
{
	int i;

	for (i = 0; i < NR_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* A copy of its own for each host: what one does to it is nobody else's affair. */
static int open_config(const struct nexp_stored *stored, int *ret)
{
	*ret = memfd_create("netexpert-config", MFD_CLOEXEC);
	if (*ret < 0)
		return -errno;
	if (write(*ret, stored->block, stored->length) != (ssize_t)stored->length)
		return -ENOSPC;
	return 0;
}

static int open_all(const struct nexp_host_args *args, int *fds)
{
	int i;

	for (i = 0; i < NR_FDS; i++)
		fds[i] = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, &fds[SOCKET_OURS]))
		return -errno;
	if (pipe2(&fds[OUTPUT_OURS], O_CLOEXEC))
		return -errno;
	fds[NOTHING] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fds[NOTHING] < 0)
		return -errno;
	/* Our ends only: a pipe's two ends have flags of their own. */
	if (fcntl(fds[SOCKET_OURS], F_SETFL, O_NONBLOCK) ||
	    fcntl(fds[OUTPUT_OURS], F_SETFL, O_NONBLOCK))
		return -errno;
	return args->stored ? open_config(args->stored, &fds[CONFIG]) : 0;
}

/* Options with their values; those without one are left out. */
static void set_args(const struct nexp_host_args *args, const char **argv, char *count,
		     char *snaplen, size_t size)
{
	const char *output = args->output ? args->output->name : NULL;
	bool is_writer = !args->plugin;
	const char *const options[][2] = {
		{ "--plugin", args->plugin },
		{ is_writer ? "--write" : "--output", output },
		{ "--name", args->name },
		{ "--interfaces", args->interfaces },
		{ "--options", args->options },
		{ "--config", args->stored ? args->stored->expert : NULL },
		{ "--display-filter", is_writer ? NULL : args->display_filter },
		{ "--filter", is_writer ? args->filter : NULL },
		{ "--count", args->count ? count : NULL },
		{ "--snaplen", snaplen },
	};
	unsigned int i;

	snprintf(count, size, "%" PRIu64, args->count);
	snprintf(snaplen, size, "%" PRIu32, args->snaplen);
	*argv++ = "netexpert-host";
	if (args->configure)
		*argv++ = "--configure";
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!options[i][1])
			continue;
		*argv++ = options[i][0];
		*argv++ = options[i][1];
	}
	if (args->index)
		*argv++ = "--index";
	*argv = NULL;
}

static int spawn(struct nexp_host *host, const struct nexp_host_args *args, const int *fds,
		 int attachment)
{
	const struct nexp_outfile *output = args->output;
	const struct nexp_index *index = args->index;
	const int nothing = fds[NOTHING];
	const bool is_writer = !args->plugin;
	const int files[] = {
		nothing, fds[OUTPUT_THEIRS], fds[OUTPUT_THEIRS], attachment, fds[SOCKET_THEIRS],
		output ? output->fd : nothing,
		is_writer ? output->journal : args->stored ? fds[CONFIG] : nothing,
		index ? index->file : nothing, index ? index->index_view : nothing,
		index ? index->copy_view : nothing,
	};
	const unsigned int nr_files = args->index ? 10 : is_writer || args->stored ? 7 :
				      output ? 6 : 5;
	const char *argv[MOST_ARGS];
	char count[32], snaplen[32];

	set_args(args, argv, count, snaplen, sizeof(count));
	return nexp_spawn(args->program, argv, files, nr_files, &host->pid, &host->pidfd);
}

int nexp_host_spawn(struct nexp_host *host, const struct nexp_host_args *args, int attachment,
		    struct nexp_error *err)
{
	struct nexp_host new = NEXP_NO_HOST;
	int fds[NR_FDS];
	int ret;

	ret = open_all(args, fds);
	if (ret) {
		nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "preparing a host: %s",
			       strerror(-ret));
		goto out_close;
	}
	ret = spawn(&new, args, fds, attachment);
	if (ret) {
		nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "starting '%s': %s", args->program,
			       strerror(-ret));
		goto out_close;
	}
	new.socket = fds[SOCKET_OURS];
	new.output = fds[OUTPUT_OURS];
	fds[SOCKET_OURS] = -1;
	fds[OUTPUT_OURS] = -1;
	*host = new;
out_close:
	close_all(fds);
	return ret;
}

void nexp_host_kill(const struct nexp_host *host)
{
	if (!host->pid)
		return;
	/* The leader by itself too: an expert may have left the group. */
	kill(-host->pid, SIGKILL);
	kill(host->pid, SIGKILL);
}

int nexp_host_reap(struct nexp_host *host, struct nexp_end *ret)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)host->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) ||
	    !info.si_pid)
		return -EAGAIN;
	/* While the zombie is there nobody else can get its group's number. */
	kill(-host->pid, SIGKILL);
	waitid(P_PIDFD, (id_t)host->pidfd, &info, WEXITED);
	ret->code = info.si_code;
	ret->status = info.si_status;
	close(host->pidfd);
	host->pidfd = -1;
	host->pid = 0;
	return 0;
}

void nexp_host_close(struct nexp_host *host)
{
	if (host->socket >= 0)
		close(host->socket);
	if (host->output >= 0)
		close(host->output);
	host->socket = -1;
	host->output = -1;
}

void nexp_end_describe(const struct nexp_end *end, char *text, size_t size)
{
	const char *name, *what;

	if (end->code == CLD_EXITED) {
		snprintf(text, size, "exited with status %d", end->status);
		return;
	}
	name = sigabbrev_np(end->status);
	what = sigdescr_np(end->status);
	snprintf(text, size, "killed by SIG%s (%s)%s", name ? name : "?", what ? what : "?",
		 end->code == CLD_DUMPED ? ", core dumped" : "");
}
