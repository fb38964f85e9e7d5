/* SPDX-License-Identifier: GPL-2.0 */
/*
 * child - a second process for a test, walked through its part step by step
 *
 * Parent and child take turns: each side waits for the other's word before it
 * goes on, so that no test depends on who runs first. A child dies with its
 * parent.
 */
#ifndef NEXP_SELFTESTS_CHILD_H
#define NEXP_SELFTESTS_CHILD_H

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>

#include "util.h"

/**
 * struct nexp_child - the other process, from either side
 * @pid: the child, seen from the parent; 0 in the child.
 * @socket: this side's end.
 */
struct nexp_child {
	pid_t pid;
	int socket;
};

/* True in the child, which must end with nexp_child_exit(). */
static inline bool nexp_do_fork(struct __test_metadata *const _metadata,
				struct nexp_child *child)
{
	int ends[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
	child->pid = fork();
	ASSERT_LE(0, child->pid);
	if (child->pid) {
		close(ends[1]);
		child->socket = ends[0];
		return false;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(ends[0]);
	child->socket = ends[1];
	return true;
}

/* Tells the other side @word, with an fd if that is not -1. */
static inline void nexp_do_say_fd(struct __test_metadata *const _metadata,
				  struct nexp_child *child, __u64 word, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { .iov_base = &word, .iov_len = sizeof(word) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *cmsg;

		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	ASSERT_EQ((ssize_t)sizeof(word), sendmsg(child->socket, &msg, MSG_NOSIGNAL));
}

static inline void nexp_do_say(struct __test_metadata *const _metadata,
			       struct nexp_child *child, __u64 word)
{
	nexp_do_say_fd(_metadata, child, word, -1);
}

/* Waits for the other side's word; with @fd, for an fd too. */
static inline __u64 nexp_do_hear_fd(struct __test_metadata *const _metadata,
				    struct nexp_child *child, int *fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	__u64 word = 0;
	struct iovec iov = { .iov_base = &word, .iov_len = sizeof(word) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;

	ASSERT_LT(0, nexp_poll(child->socket, NEXP_PATIENCE_MS))
		TH_LOG("the other process said nothing");
	ASSERT_EQ((ssize_t)sizeof(word),
		  recvmsg(child->socket, &msg, MSG_CMSG_CLOEXEC))
		TH_LOG("the other process is gone");
	if (fd) {
		cmsg = CMSG_FIRSTHDR(&msg);
		ASSERT_NE(NULL, cmsg);
		memcpy(fd, CMSG_DATA(cmsg), sizeof(*fd));
	}
	return word;
}

static inline __u64 nexp_do_hear(struct __test_metadata *const _metadata,
				 struct nexp_child *child)
{
	return nexp_do_hear_fd(_metadata, child, NULL);
}

/* For good: a test does this in its child. */
static inline void
nexp_do_drop_capability(struct __test_metadata *const _metadata, int capability)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	ASSERT_EQ(0, syscall(SYS_capget, &head, data));
	data[capability / 32].effective &= ~(1U << capability % 32);
	data[capability / 32].permitted &= ~(1U << capability % 32);
	ASSERT_EQ(0, syscall(SYS_capset, &head, data));
}

static inline void nexp_child_exit(void)
{
	_exit(0);
}

/* The wait status; -1 and a SIGKILL if it does not come to an end. */
static inline int nexp_child_end(struct nexp_child *child)
{
	int status = -1;

	if (!nexp_becomes(waitpid(child->pid, &status, WNOHANG) == child->pid)) {
		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
		status = -1;
	}
	close(child->socket);
	return status;
}

#endif /* NEXP_SELFTESTS_CHILD_H */
