// SPDX-License-Identifier: GPL-2.0
/*
 * sandbox - what this process gives up before it loads a plug-in
 *
 * Order matters. Resource limits first. Then rights: the bounding set needs
 * CAP_SETPCAP and changing the user needs CAP_SETUID and CAP_SETGID, so the
 * capabilities themselves go last. Changing the user clears the parent-death
 * signal, so that is set after it; a supervisor that died before leaves us with
 * another parent, which is looked at after that. no_new_privs closes the door.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/nobody.h"
#include "sandbox.h"

/* Enough for an expert's own libraries and files. */
#define MAX_FILES	64

static int failed(struct nexp_failure *failure, const char *what)
{
	return nexp_fail(failure, NEXP_FAILED_SANDBOX,
			 "the host could not be confined: %s: %s", what,
			 strerror(errno));
}

/**
 * nexp_sandbox_close_files() - close what was inherited by accident
 * @last_kept: all fds above it go.
 * @failure: why it failed.
 *
 * Return: 0 or -1.
 */
int nexp_sandbox_close_files(int last_kept, struct nexp_failure *failure)
{
	if (close_range((unsigned int)last_kept + 1, ~0U, 0))
		return failed(failure, "close_range");
	return 0;
}

static int set_limit(int resource, rlim_t value)
{
	struct rlimit limit = { .rlim_cur = value, .rlim_max = value };
	struct rlimit now;

	/* Lower ones stay: raising needs a right that we may not have. */
	if (!getrlimit(resource, &now) && now.rlim_max < value)
		limit.rlim_max = now.rlim_max;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(resource, &limit);
}

/* Without CAP_SETPCAP the bounding set stays; no_new_privs makes it useless. */
static int drop_bounding_set(void)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap) && errno != EPERM)
			return -1;
	return 0;
}

static int leave_user(void)
{
	if (geteuid())
		return 0;
	if (setgroups(0, NULL) ||
	    setresgid(NEXP_NOBODY, NEXP_NOBODY, NEXP_NOBODY) ||
	    setresuid(NEXP_NOBODY, NEXP_NOBODY, NEXP_NOBODY))
		return -1;
	return 0;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -1;
	return (int)syscall(SYS_capset, &head, none);
}

static int follow_supervisor(pid_t supervisor, struct nexp_failure *failure)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return failed(failure, "PR_SET_PDEATHSIG");
	/* 0: its number means nothing in our pid namespace. */
	if (supervisor && getppid() != supervisor)
		return nexp_fail(failure, NEXP_FAILED_SANDBOX,
				 "the supervisor (process %d) is not the host's parent",
				 (int)supervisor);
	return 0;
}

/**
 * nexp_sandbox_enter() - give up what an expert does not need
 * @supervisor: whose death is ours.
 * @failure: why it failed.
 *
 * Return: 0 or -1.
 */
int nexp_sandbox_enter(pid_t supervisor, struct nexp_failure *failure)
{
	/* Frames and their secrets don't belong into a core file. */
	if (set_limit(RLIMIT_CORE, 0))
		return failed(failure, "RLIMIT_CORE");
	if (set_limit(RLIMIT_NOFILE, MAX_FILES))
		return failed(failure, "RLIMIT_NOFILE");
	if (drop_bounding_set())
		return failed(failure, "PR_CAPBSET_DROP");
	if (leave_user())
		return failed(failure, "changing to a user that owns nothing");
	if (drop_capabilities())
		return failed(failure, "capset");
	if (follow_supervisor(supervisor, failure))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return failed(failure, "PR_SET_NO_NEW_PRIVS");
	return 0;
}
