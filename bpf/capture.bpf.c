// SPDX-License-Identifier: GPL-2.0
/*
 * capture - hand every frame at a tcx hook to one pool
 *
 * The supervisor loads one copy of this program per expert, writes the pool's
 * id into its read-only data before that, and links it at ingress and egress
 * of each interface. Filtering, copying and counting are the kernel module's.
 * Whatever the module answers, the frame goes on as if nobody had looked.
 */
#include "netexpert.bpf.h"

/* TCX_NEXT of Linux 6.6; Debian 12's linux/bpf.h is older. */
#define NEXP_TCX_NEXT	(-1)

/** nexp_pool_id - the pool that gets the frames; set before loading. */
const volatile __u64 nexp_pool_id = 0;

SEC("tc")
int nexp_capture(struct __sk_buff *skb)
{
	/* A failure is counted by the kernel, at its cause; nothing is left to do. */
	netexpert_frame_deliver(skb, nexp_pool_id, 0, 0);
	return NEXP_TCX_NEXT;
}

char nexp_license[] SEC("license") = "GPL";
