// SPDX-License-Identifier: GPL-2.0
/*
 * own - hand every frame at a tcx hook to somebody's own capture program
 *
 * The supervisor puts the person's function into the place of
 * netexpert_capture(), which makes the answer at tcx ours: whatever happens in
 * there, the frame goes on. The kernel lets it take that place only if it calls
 * nothing that changes frames, because the function here does not.
 */
#include "netexpert.bpf.h"

/* TCX_NEXT of Linux 6.6; Debian 12's linux/bpf.h is older. */
#define NEXP_TCX_NEXT	(-1)

/* What packet sockets and the stock program do not see either; if_packet.h. */
#define NEXP_PACKET_LOOPBACK	5

/** nexp_pool_id - the pool of the expert; set before loading. */
const volatile __u64 nexp_pool_id = 0;

/* The barrier keeps the compiler from knowing what it answers, or needs. */
__attribute__((noinline))
int netexpert_capture(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	asm volatile("" : : "r"(skb), "r"(pool_id), "r"(out));
	return 0;
}

static __always_inline int nexp_own(struct __sk_buff *skb, __u32 out)
{
	if (skb->pkt_type != NEXP_PACKET_LOOPBACK)
		netexpert_capture(skb, nexp_pool_id, out);
	return NEXP_TCX_NEXT;
}

SEC("tc")
int nexp_own_in(struct __sk_buff *skb)
{
	return nexp_own(skb, 0);
}

SEC("tc")
int nexp_own_out(struct __sk_buff *skb)
{
	return nexp_own(skb, 1);
}

char nexp_license[] SEC("license") = "GPL";
