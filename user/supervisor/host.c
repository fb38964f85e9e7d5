// SPDX-License-Identifier: GPL-2.0
/*
 * host - the process that one expert runs in, seen from outside
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h> /* environ */

#include "host.h"

#define HOST_ATTACHMENT_FD	3
#define HOST_SOCKET_FD		4
#define HOST_FILE_FD		5
#define HOST_JOURNAL_FD		6

/* Above the numbers that a host gets, so that no dup2() hits another's source. */
#define LOWEST_SOURCE_FD	10

enum {
	SOCKET_OURS, SOCKET_THEIRS, OUTPUT_OURS, OUTPUT_THEIRS, ATTACHMENT, NOTHING, FILE_TO_WRITE,
	JOURNAL, NR_FDS,
};

#define MOST_ARGS	20

static void close_all(int *fds)
{
	int i;

	for (i = 0; i < NR_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int move_up(int *fd)
{
	int up = fcntl(*fd, F_DUPFD_CLOEXEC, LOWEST_SOURCE_FD);

	if (up < 0)
		return -errno;
	close(*fd);
	*fd = up;
	return 0;
}

static int copy_up(int fd, int *ret)
{
	*ret = fcntl(fd, F_DUPFD_CLOEXEC, LOWEST_SOURCE_FD);
	return *ret < 0 ? -errno : 0;
}

static int open_all(int *fds, int attachment, const struct nexp_outfile *output)
{
	int i, ret;

	for (i = 0; i < NR_FDS; i++)
		fds[i] = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, &fds[SOCKET_OURS]))
		return -errno;
	if (pipe2(&fds[OUTPUT_OURS], O_CLOEXEC))
		return -errno;
	fds[NOTHING] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fds[NOTHING] < 0)
		return -errno;
	ret = copy_up(attachment, &fds[ATTACHMENT]);
	if (!ret && output)
		ret = copy_up(output->fd, &fds[FILE_TO_WRITE]);
	if (!ret && output)
		ret = copy_up(output->journal, &fds[JOURNAL]);
	if (ret)
		return ret;
	for (i = 0; i <= NOTHING; i++) {
		ret = move_up(&fds[i]);
		if (ret)
			return ret;
	}
	/* Our ends only: a pipe's two ends have flags of their own. */
	if (fcntl(fds[SOCKET_OURS], F_SETFL, O_NONBLOCK) ||
	    fcntl(fds[OUTPUT_OURS], F_SETFL, O_NONBLOCK))
		return -errno;
	return 0;
}

static int add_files(posix_spawn_file_actions_t *actions, const int *fds)
{
	static const struct { int source, target; } map[] = {
		{ NOTHING, STDIN_FILENO },
		{ OUTPUT_THEIRS, STDOUT_FILENO },
		{ OUTPUT_THEIRS, STDERR_FILENO },
		{ ATTACHMENT, HOST_ATTACHMENT_FD },
		{ SOCKET_THEIRS, HOST_SOCKET_FD },
		{ FILE_TO_WRITE, HOST_FILE_FD },
		{ JOURNAL, HOST_JOURNAL_FD },
	};
	int last = HOST_SOCKET_FD, code;
	unsigned int i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]) && fds[map[i].source] >= 0; i++) {
		last = map[i].target > HOST_SOCKET_FD ? map[i].target : HOST_SOCKET_FD;
		code = posix_spawn_file_actions_adddup2(actions, fds[map[i].source],
							map[i].target);
		if (code)
			return code;
	}
	return posix_spawn_file_actions_addclosefrom_np(actions, last + 1);
}

/* Signals as a fresh process has them: we block some and ignore others. */
static int set_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setpgroup(attr, 0);
	return posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
					POSIX_SPAWN_SETPGROUP);
}

/* Options with their values; those without one are left out. */
static void set_args(const struct nexp_host_args *args, const char **argv, char *count,
		     char *snaplen, size_t size)
{
	const char *const options[][2] = {
		{ "--plugin", args->plugin },
		{ "--write", args->output ? args->output->name : NULL },
		{ "--name", args->name },
		{ "--interfaces", args->interfaces },
		{ "--options", args->options },
		{ "--filter", args->output ? args->filter : NULL },
		{ "--count", args->count ? count : NULL },
		{ "--snaplen", args->output ? snaplen : NULL },
	};
	unsigned int i;

	snprintf(count, size, "%" PRIu64, args->count);
	snprintf(snaplen, size, "%" PRIu32, args->snaplen);
	*argv++ = "netexpert-host";
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!options[i][1])
			continue;
		*argv++ = options[i][0];
		*argv++ = options[i][1];
	}
	*argv = NULL;
}

static int spawn(const struct nexp_host_args *args, const int *fds, pid_t *ret)
{
	const char *argv[MOST_ARGS];
	char count[32], snaplen[32];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int code;

	set_args(args, argv, count, snaplen, sizeof(count));
	code = posix_spawn_file_actions_init(&actions);
	if (code)
		return -code;
	code = posix_spawnattr_init(&attr);
	if (code)
		goto out_actions;
	code = add_files(&actions, fds);
	if (!code)
		code = set_attributes(&attr);
	if (!code)
		code = posix_spawn(ret, args->program, &actions, &attr, (char *const *)argv,
				   environ);
	posix_spawnattr_destroy(&attr);
out_actions:
	posix_spawn_file_actions_destroy(&actions);
	return -code;
}

int nexp_host_spawn(struct nexp_host *host, const struct nexp_host_args *args, int attachment,
		    struct nexp_error *err)
{
	struct nexp_host new = NEXP_NO_HOST;
	int fds[NR_FDS];
	int ret;

	ret = open_all(fds, attachment, args->output);
	if (ret) {
		nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "preparing a host: %s",
			       strerror(-ret));
		goto err_close;
	}
	ret = spawn(args, fds, &new.pid);
	if (ret) {
		nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "starting '%s': %s", args->program,
			       strerror(-ret));
		goto err_close;
	}
	/* Not reaped yet, so the number still means this process. */
	new.pidfd = (int)syscall(SYS_pidfd_open, new.pid, 0);
	if (new.pidfd < 0) {
		ret = -errno;
		nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "watching a host: %s",
			       strerror(-ret));
		kill(new.pid, SIGKILL);
		waitpid(new.pid, NULL, 0);
		goto err_close;
	}
	new.socket = fds[SOCKET_OURS];
	new.output = fds[OUTPUT_OURS];
	fds[SOCKET_OURS] = -1;
	fds[OUTPUT_OURS] = -1;
	close_all(fds);
	*host = new;
	return 0;

err_close:
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
