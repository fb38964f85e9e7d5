// SPDX-License-Identifier: GPL-2.0
/*
 * spawn - start a program with the files that it gets and no others
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h> /* environ */

#include "spawn.h"

static void close_all(const int *files, unsigned int nr)
{
	while (nr--)
		close(files[nr]);
}

/* Above the numbers that the program gets, so that no dup2() hits another's source. */
static int copy_up(int *to, const int *files, unsigned int nr)
{
	unsigned int i;
	int code;

	for (i = 0; i < nr; i++) {
		to[i] = fcntl(files[i], F_DUPFD_CLOEXEC, NEXP_SPAWN_FILES);
		if (to[i] >= 0)
			continue;
		code = errno;
		close_all(to, i);
		return -code;
	}
	return 0;
}

static int add_files(posix_spawn_file_actions_t *actions, const int *files, unsigned int nr)
{
	unsigned int i;
	int code;

	for (i = 0; i < nr; i++) {
		code = posix_spawn_file_actions_adddup2(actions, files[i], (int)i);
		if (code)
			return code;
	}
	return posix_spawn_file_actions_addclosefrom_np(actions, (int)nr);
}

/* We block some signals and ignore others. */
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

static int spawn(const char *program, const char *const *argv, const int *files,
		 unsigned int nr_files, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int code;

	code = posix_spawn_file_actions_init(&actions);
	if (code)
		return -code;
	code = posix_spawnattr_init(&attr);
	if (code)
		goto out_actions;
	code = add_files(&actions, files, nr_files);
	if (!code)
		code = set_attributes(&attr);
	if (!code)
		code = posix_spawn(ret, program, &actions, &attr, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attr);
out_actions:
	posix_spawn_file_actions_destroy(&actions);
	return -code;
}

int nexp_spawn(const char *program, const char *const *argv, const int *files,
	       unsigned int nr_files, pid_t *ret_pid, int *ret_pidfd)
{
	int copies[NEXP_SPAWN_FILES] = { 0 };
	int ret, pidfd;
	pid_t pid;

	ret = copy_up(copies, files, nr_files);
	if (ret)
		return ret;
	ret = spawn(program, argv, copies, nr_files, &pid);
	close_all(copies, nr_files);
	if (ret)
		return ret;
	/* Not reaped yet, so the number still means this process. */
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0) {
		ret = -errno;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return ret;
	}
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}
