// SPDX-License-Identifier: GPL-2.0
/*
 * inspect - what a plug-in says about itself
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../host/shared_object.h"
#include "../lib/nobody.h"
#include "../supervisor/orphans.h"
#include "inspect.h"

#define PATIENCE_MS	10000
#define MAX_CPU_SECONDS	5
#define MAX_MEMORY	(1UL << 30)
#define ANSWER_FD	3
#define PLUGIN_FD	4

static void limit(int what, rlim_t most)
{
	struct rlimit rlimit = { .rlim_cur = most, .rlim_max = most };

	setrlimit(what, &rlimit);
}

/* Return: whether the child may go on. */
static bool drop_rights(void)
{
	limit(RLIMIT_CPU, MAX_CPU_SECONDS);
	limit(RLIMIT_AS, MAX_MEMORY);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return false;
	if (!geteuid()) {
		/* A kernel without network namespaces is no reason to stop. */
		unshare(CLONE_NEWNET);
		if (setgroups(0, NULL) ||
		    setresgid(NEXP_NOBODY, NEXP_NOBODY, NEXP_NOBODY) ||
		    setresuid(NEXP_NOBODY, NEXP_NOBODY, NEXP_NOBODY))
			return false;
	}
	/* Last: a change of user takes it back. */
	return !prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static bool keep_only(int answer, int plugin)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Out of the way of the numbers that they shall have. */
	answer = fcntl(answer, F_DUPFD, PLUGIN_FD + 1);
	plugin = fcntl(plugin, F_DUPFD, PLUGIN_FD + 1);
	if (nothing < 0 || answer < 0 || plugin < 0 || dup2(answer, ANSWER_FD) < 0 ||
	    dup2(plugin, PLUGIN_FD) < 0)
		return false;
	if (dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0 ||
	    dup2(nothing, STDERR_FILENO) < 0)
		return false;
	return !close_range(PLUGIN_FD + 1, ~0U, 0);
}

/* What the loader says, without the path in front that our caller says anyway. */
static const char *after_path(const char *text, const char *path)
{
	size_t length = strlen(path);

	return strncmp(text, path, length) || strncmp(text + length, ": ", 2) ?
	       text : text + length + 2;
}

/* By its fd: the directories above it may be closed to the user that we are. */
static void ask(struct nexp_inspection *answer)
{
	char plugin[32];
	PEXPERTREGISTERPROC entry;
	void *handle;

	snprintf(plugin, sizeof(plugin), "/proc/self/fd/%d", PLUGIN_FD);
	handle = dlopen(plugin, RTLD_LAZY | RTLD_LOCAL);
	if (!handle) {
		snprintf(answer->error, sizeof(answer->error), "%s",
			 after_path(dlerror(), plugin));
		return;
	}
	*(void **)&entry = dlsym(handle, EXPERTENTRY_REGISTER);
	if (!entry)
		strcpy(answer->error, "it has no entry point Register");
	else if (!dlsym(handle, EXPERTENTRY_RUN))
		strcpy(answer->error, "it has no entry point Run");
	else if (!entry(&answer->info))
		strcpy(answer->error, "its Register refused");
}

static void be_child(const char *plugin, const char *library_dir, int answer_fd)
{
	struct nexp_inspection answer = { 0 };
	char library[4096];
	int plugin_fd;

	plugin_fd = nexp_shared_object_open(plugin, answer.error, sizeof(answer.error));
	/* Ours; the system's search may not know it if it was not installed. */
	snprintf(library, sizeof(library), "%s/libnetexpert.so.0", library_dir);
	dlopen(library, RTLD_NOW | RTLD_GLOBAL);

	if (!keep_only(answer_fd, plugin_fd < 0 ? answer_fd : plugin_fd) || !drop_rights())
		strcpy(answer.error, "rights could not be dropped before it was loaded");
	else if (!answer.error[0])
		ask(&answer);
	if (write(ANSWER_FD, &answer, sizeof(answer)) != sizeof(answer))
		_exit(1);
	_exit(0);
}

static bool has_end(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static void check(struct nexp_inspection *answer, ssize_t size)
{
	if (size != sizeof(*answer)) {
		strcpy(answer->error, size ? "it gave no answer" :
					     "it died, or took too long, when it was loaded");
		return;
	}
	answer->error[sizeof(answer->error) - 1] = '\0';
	if (answer->error[0])
		return;
	if (!has_end(answer->info.szName, sizeof(answer->info.szName)) ||
	    !has_end(answer->info.szVendor, sizeof(answer->info.szVendor)) ||
	    !has_end(answer->info.szDescription, sizeof(answer->info.szDescription)))
		strcpy(answer->error, "its Register filled in strings without an end");
	else if (!answer->info.szName[0])
		strcpy(answer->error, "its Register filled in no name");
}

void nexp_inspect(const char *plugin, const char *library_dir, struct nexp_inspection *ret)
{
	struct pollfd wait = { .events = POLLIN };
	struct nexp_orphans orphans = { 0 };
	ssize_t size = 0;
	pid_t child;
	int fds[2];

	memset(ret, 0, sizeof(*ret));
	if (nexp_orphans_adopt(&orphans)) {
		strcpy(ret->error, "out of memory");
		goto out_free;
	}
	if (pipe2(fds, O_CLOEXEC)) {
		snprintf(ret->error, sizeof(ret->error), "a pipe: %s", strerror(errno));
		goto out_free;
	}
	child = fork();
	if (!child)
		be_child(plugin, library_dir, fds[1]);
	close(fds[1]);
	if (child < 0) {
		snprintf(ret->error, sizeof(ret->error), "a child: %s", strerror(errno));
		close(fds[0]);
		goto out_free;
	}
	wait.fd = fds[0];
	/* The answer is smaller than PIPE_BUF: it comes at once or not at all. */
	if (poll(&wait, 1, PATIENCE_MS) > 0)
		size = read(fds[0], ret, sizeof(*ret));
	close(fds[0]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	nexp_orphans_end(&orphans, NULL, 0);
	check(ret, size);
out_free:
	nexp_orphans_free(&orphans);
}
