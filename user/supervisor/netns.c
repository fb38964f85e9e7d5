// SPDX-License-Identifier: GPL-2.0
/*
 * netns - the network namespace that frames are taken from
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/nsfs.h>

#include "netns.h"

/* Where 'ip netns' keeps them. */
#define NAMED	"/run/netns/"

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

static int open_failure(struct nexp_error *err, int code, const char *name)
{
	enum nexp_failure kind = code == EACCES || code == EPERM ? NEXP_FAILURE_PERMISSION :
								   NEXP_FAILURE_OTHER;

	if (code == ENOENT && !strchr(name, '/'))
		return nexp_error_set(err, kind, code,
			"no network namespace '%.64s': 'ip netns' shows those with a name; for "
			"another say a process's id, or a path such as /proc/PID/ns/net", name);
	return nexp_error_set(err, kind, code, "network namespace '%.200s': %s", name,
			      strerror(code));
}

/* Nothing is opened for writing and no terminal taken over, whatever it is. */
static int open_path(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

static int open_there(const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (strchr(name, '/'))
		return open_path(name);
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") || strlen(name) > NAME_MAX)
		return -ENOENT;
	snprintf(path, sizeof(path), NAMED "%s", name);
	fd = open_path(path);
	if (fd != -ENOENT || !is_number(name))
		return fd;
	snprintf(path, sizeof(path), "/proc/%s/ns/net", name);
	return open_path(path);
}

int nexp_netns_open(struct nexp_netns *netns, const char *name, struct nexp_error *err)
{
	int there, here;

	*netns = (struct nexp_netns)NEXP_OWN_NETNS;
	if (!name)
		return 0;
	there = open_there(name);
	if (there < 0)
		return open_failure(err, -there, name);
	if (ioctl(there, NS_GET_NSTYPE) != CLONE_NEWNET) {
		close(there);
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
				      "'%.200s' is no network namespace", name);
	}
	here = open_path("/proc/thread-self/ns/net");
	if (here < 0) {
		close(there);
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -here,
				      "finding the own network namespace: %s", strerror(-here));
	}
	netns->there = there;
	netns->here = here;
	return 0;
}

int nexp_netns_enter(struct nexp_netns *netns, struct nexp_error *err)
{
	if (netns->is_lost)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EIO,
				      "there was no way back from the network namespace");
	if (netns->there < 0 || !setns(netns->there, CLONE_NEWNET))
		return 0;
	if (errno == EPERM)
		return nexp_error_set(err, NEXP_FAILURE_PERMISSION, EPERM,
			"entering the network namespace is not permitted: it needs "
			"CAP_SYS_ADMIN; run as root");
	return nexp_error_set(err, NEXP_FAILURE_OTHER, errno,
			      "entering the network namespace: %s", strerror(errno));
}

void nexp_netns_leave(struct nexp_netns *netns)
{
	if (netns->there >= 0 && setns(netns->here, CLONE_NEWNET))
		netns->is_lost = true;
}

void nexp_netns_close(struct nexp_netns *netns)
{
	if (netns->there >= 0)
		close(netns->there);
	if (netns->here >= 0)
		close(netns->here);
	*netns = (struct nexp_netns)NEXP_OWN_NETNS;
}
