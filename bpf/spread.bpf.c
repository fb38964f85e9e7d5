// SPDX-License-Identifier: GPL-2.0
/*
 * spread - hand the frames of each flow at a tcx hook to one of several pools
 *
 * The workers of one expert share a copy of this: which of their pools gets a frame
 * is a number made of its flow, so both directions are together and nothing need be
 * remembered. One program for interfaces whose frames are Ethernet's and one for all
 * others, because a frame does not tell.
 */
#include "netexpert.bpf.h"
#include "netexpert_flow.bpf.h"

/* TCX_NEXT of Linux 6.6; Debian 12's linux/bpf.h is older. */
#define NEXP_TCX_NEXT	(-1)

/** NEXP_MAX_WORKERS - most pools; user/supervisor/capture.h has it, too. */
#define NEXP_MAX_WORKERS	64

/** nexp_pool_ids - the pools; set before loading. */
const volatile __u64 nexp_pool_ids[NEXP_MAX_WORKERS] = { 0 };

/** nexp_nr_pools - how many; set before loading. */
const volatile __u32 nexp_nr_pools = 0;

/** nexp_seed - nobody can know beforehand where a flow goes; set before loading. */
const volatile __u32 nexp_seed = 0;

static __always_inline int nexp_spread(struct __sk_buff *skb, const struct netexpert_flow *flow)
{
	__u64 which = (__u64)netexpert_flow_hash(flow, nexp_seed) * nexp_nr_pools >> 32;

	/* Never true; the verifier wants to see it. */
	if (which >= NEXP_MAX_WORKERS)
		return NEXP_TCX_NEXT;
	/* A failure is counted by the kernel, at its cause; nothing is left to do. */
	netexpert_frame_deliver(skb, nexp_pool_ids[which], 0, 0);
	return NEXP_TCX_NEXT;
}

SEC("tc")
int nexp_spread_ether(struct __sk_buff *skb)
{
	struct netexpert_flow flow = { .protocol = 0 };

	netexpert_flow_load(skb, &flow);
	return nexp_spread(skb, &flow);
}

SEC("tc")
int nexp_spread_bare(struct __sk_buff *skb)
{
	struct netexpert_flow flow = { .protocol = 0 };

	netexpert_flow_load_bare(skb, &flow);
	return nexp_spread(skb, &flow);
}

char nexp_license[] SEC("license") = "GPL";
