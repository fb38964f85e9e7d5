// SPDX-License-Identifier: GPL-2.0
/*
 * hold_keys - keep the kernel from patching its network code again and again
 *
 * The first socket that wants time stamps and the first tcx program switch code on
 * in the path of every frame, and the last ones switch it off: by writing over
 * instructions that another processor may be at. QEMU before 8.1, which is what
 * Debian 12 has, can take a breakpoint that stands there for a moment and keep it
 * for good when it emulates several processors; then the kernel dies of an int3. So
 * one of each is there, in a network namespace of its own, as long as the VM is.
 *
 * Exits with 0 when they are held, and goes on in the background.
 */
#define _GNU_SOURCE
#include <err.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "tcx.h"

#define LOOPBACK	1	/* its index in every network namespace */

static void attach(int where)
{
	static const struct bpf_insn next[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = TCX_NEXT },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int prog = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "hold_keys", "GPL", next,
				 sizeof(next) / sizeof(next[0]), NULL);

	if (prog < 0)
		err(EXIT_FAILURE, "loading a program");
	/* Without a link, which would be counted with those of captures. */
	if (bpf_prog_attach(prog, LOOPBACK, (enum bpf_attach_type)where, 0))
		err(EXIT_FAILURE, "attaching it");
}

int main(void)
{
	int on = 1, fd;

	if (unshare(CLONE_NEWNET))
		err(EXIT_FAILURE, "unshare");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof(on)))
		err(EXIT_FAILURE, "a socket with time stamps");
	attach(TCX_INGRESS);
	attach(TCX_EGRESS);
	if (daemon(1, 0))
		err(EXIT_FAILURE, "daemon");
	for (;;)
		pause();
}
