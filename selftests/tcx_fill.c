// SPDX-License-Identifier: GPL-2.0
/*
 * tcx_fill - somebody else's programs at an interface's tcx ingress
 *
 * tcx_fill IFACE NUMBER next|drop
 *
 * Attaches NUMBER programs that let every frame go on or drop it, says "ready",
 * and holds them until standard input ends.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "tcx.h"

int main(int argc, char **argv)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	unsigned int ifindex;
	int program, i;
	char byte;

	if (argc != 4) {
		fprintf(stderr, "usage: tcx_fill IFACE NUMBER next|drop\n");
		return 2;
	}
	ifindex = if_nametoindex(argv[1]);
	for (i = 0; i < atoi(argv[2]); i++) {
		insns[0].imm = strcmp(argv[3], "drop") ? TCX_NEXT : TCX_DROP;
		program = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "nexp_other", "GPL",
					insns, 2, NULL);
		if (program < 0 || bpf_link_create(program, ifindex, TCX_INGRESS,
						   NULL) < 0) {
			perror("tcx_fill");
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
