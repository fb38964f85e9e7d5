// SPDX-License-Identifier: GPL-2.0
/*
 * tap - hand every frame at XDP to the pools of a run, and consume it
 *
 * An interface has one program at XDP, so there is one for all experts. What an
 * expert does not get is counted at its cause by the kernel module; the frame is
 * dropped whatever the answers are, because the port is there for nothing else.
 * The link belongs to the run: when that is gone, frames go to the host again.
 */
#include "netexpert.bpf.h"

/* As many as a run has experts. */
#define NEXP_TAP_POOLS	64

/** nexp_nr_pools - entries of @nexp_pools that may be in use; set before loading. */
const volatile __u32 nexp_nr_pools = 0;

/** nexp_pools - the pools that get the frames; 0 where an expert has left. */
volatile __u64 nexp_pools[NEXP_TAP_POOLS];

extern int netexpert_xdp_deliver(struct xdp_md *xdp, __u64 pool_id, __u32 snaplen,
				 __u32 flags) __ksym;

SEC("xdp.frags")
int nexp_tap(struct xdp_md *xdp)
{
	__u64 pool_id;
	__u32 i;

	for (i = 0; i < NEXP_TAP_POOLS && i < nexp_nr_pools; i++) {
		pool_id = nexp_pools[i];
		if (pool_id)
			netexpert_xdp_deliver(xdp, pool_id, 0, 0);
	}
	return XDP_DROP;
}

char nexp_license[] SEC("license") = "GPL";
