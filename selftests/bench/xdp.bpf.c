// SPDX-License-Identifier: GPL-2.0
/*
 * xdp - frames at XDP: consumed, or handed to an AF_XDP socket first
 *
 * The filter is written by hand, for UDP frames or for TCP ones; there is no other
 * way for frames that go to a socket there.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 1);
} socket SEC(".maps");

const volatile __u8 protocol;

SEC("xdp.frags")
int xdp_consume(struct xdp_md *xdp)
{
	(void)xdp;
	return XDP_DROP;
}

SEC("xdp")
int xdp_capture(struct xdp_md *xdp)
{
	void *end = (void *)(long)xdp->data_end;
	struct ethhdr *ether = (void *)(long)xdp->data;
	struct iphdr *ip = (void *)(ether + 1);

	if ((void *)(ip + 1) > end || ether->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->protocol != protocol)
		return XDP_DROP;
	return bpf_redirect_map(&socket, 0, XDP_DROP);
}

char xdp_license[] SEC("license") = "GPL";
