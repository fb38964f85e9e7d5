/* SPDX-License-Identifier: GPL-2.0 */
/*
 * membarrier - a process in which membarrier(2) is refused
 *
 * By a seccomp filter, as a sandbox would do it. There is no way back.
 */
#ifndef NEXP_UNIT_MEMBARRIER_H
#define NEXP_UNIT_MEMBARRIER_H

#include <errno.h>
#include <linux/filter.h>
#include <linux/membarrier.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/**
 * enum refusal - what of it is refused
 * @REFUSE_NOTHING: all is well.
 * @REFUSE_REGISTRATION: as if the kernel had no such call.
 * @REFUSE_EXPEDITED: only the fast barrier.
 * @REFUSE_BARRIERS: registration works and no barrier does.
 */
enum refusal {
	REFUSE_NOTHING,
	REFUSE_REGISTRATION,
	REFUSE_EXPEDITED,
	REFUSE_BARRIERS,
};

/* One command, or two; -errno if there can be no filter. */
static inline int membarrier_refuse(unsigned int command, unsigned int other,
				    unsigned int code)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_membarrier, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, command, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return -errno;
	return 0;
}

/* Before the pool is opened. */
static inline int refuse(enum refusal refusal)
{
	switch (refusal) {
	case REFUSE_REGISTRATION:
		return membarrier_refuse(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
					 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
					 ENOSYS);
	case REFUSE_EXPEDITED:
		return membarrier_refuse(MEMBARRIER_CMD_PRIVATE_EXPEDITED,
					 MEMBARRIER_CMD_PRIVATE_EXPEDITED, ENOMEM);
	case REFUSE_BARRIERS:
		return membarrier_refuse(MEMBARRIER_CMD_PRIVATE_EXPEDITED,
					 MEMBARRIER_CMD_GLOBAL, EPERM);
	default:
		return 0;
	}
}

#endif /* NEXP_UNIT_MEMBARRIER_H */
