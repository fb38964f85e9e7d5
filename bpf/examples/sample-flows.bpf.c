// SPDX-License-Identifier: GPL-2.0
/*
 * sample-flows - one of so many flows, and of that one every frame
 *
 *	netexpert run -i eth0 --capture sample-flows.bpf.o=every=20 top-users
 *
 * For a link that is too fast for an expert: it sees fewer conversations, but each
 * from end to end, which a sample of frames can't give. Another seed chooses other
 * flows. netexpert_flow.bpf.h says what a flow is; what is neither IPv4 nor IPv6 on
 * Ethernet is not handed over here.
 */
#include <netexpert.bpf.h>
#include <netexpert_flow.bpf.h>

/** every - hand over one flow of so many; 0: none. */
const volatile __u32 every = 100;

/** seed - which ones. */
const volatile __u32 seed = 0;

NETEXPERT_CAPTURE
int sample_flows(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	struct netexpert_flow flow = { .protocol = 0 };

	(void)out;
	if (!netexpert_flow_load(skb, &flow) && every &&
	    netexpert_flow_hash(&flow, seed) % every == 0)
		netexpert_frame_deliver(skb, pool_id, 0, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
