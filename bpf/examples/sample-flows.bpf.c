// SPDX-License-Identifier: GPL-2.0
/*
 * sample-flows - one of so many flows, and of that one every frame
 *
 *	netexpert run -i eth0 --capture sample-flows.bpf.o=every=20 top-users
 *
 * For a link that is too fast for an expert: it sees fewer conversations, but each
 * from end to end, which a sample of frames can't give. Both directions hash to
 * one number. Another seed chooses other flows.
 *
 * A flow is a pair of addresses, a protocol and, with TCP, UDP and SCTP, a pair of
 * ports. Only the first fragment of a datagram has ports, so all fragments go
 * without: those between two hosts are one flow. What is neither IPv4 nor IPv6 on
 * Ethernet belongs to no flow and is not handed over.
 */
#include <netexpert.bpf.h>
#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

/** every - hand over one flow of so many; 0: none. */
const volatile __u32 every = 100;

/** seed - which ones. */
const volatile __u32 seed = 0;

#define MAX_TAGS	2
#define MAX_EXTENSIONS	6
#define FRAGMENT	0x3fff	/* more fragments, or an offset */

/**
 * struct flow - whose frame it is
 * @addresses: where it comes from and where it goes; of IPv4, the first word.
 * @ports: likewise; 0 if there are none.
 * @protocol: above IP.
 */
struct flow {
	__u32 addresses[2][4];
	__u16 ports[2];
	__u32 protocol;
};

static __always_inline int load(struct __sk_buff *skb, __u32 at, void *to, __u32 size)
{
	return bpf_skb_load_bytes(skb, at, to, size);
}

static __always_inline int load_ports(struct __sk_buff *skb, __u32 at, struct flow *flow)
{
	if (flow->protocol != IPPROTO_TCP && flow->protocol != IPPROTO_UDP &&
	    flow->protocol != IPPROTO_SCTP)
		return 0;
	return load(skb, at, flow->ports, sizeof(flow->ports));
}

static __always_inline int load_ipv4(struct __sk_buff *skb, __u32 at, struct flow *flow)
{
	struct iphdr ip;

	if (load(skb, at, &ip, sizeof(ip)))
		return -1;
	flow->addresses[0][0] = ip.saddr;
	flow->addresses[1][0] = ip.daddr;
	flow->protocol = ip.protocol;
	if (ip.frag_off & bpf_htons(FRAGMENT))
		return 0;
	return load_ports(skb, at + 4 * ip.ihl, flow);
}

static __always_inline int load_ipv6(struct __sk_buff *skb, __u32 at, struct flow *flow)
{
	struct ipv6hdr ip;
	__u8 next, extension[2];
	int i;

	if (load(skb, at, &ip, sizeof(ip)))
		return -1;
	__builtin_memcpy(flow->addresses[0], &ip.saddr, sizeof(ip.saddr));
	__builtin_memcpy(flow->addresses[1], &ip.daddr, sizeof(ip.daddr));
	next = ip.nexthdr;
	at += sizeof(ip);
	for (i = 0; i < MAX_EXTENSIONS; i++) {
		if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING &&
		    next != IPPROTO_DSTOPTS && next != IPPROTO_FRAGMENT)
			break;
		if (load(skb, at, extension, sizeof(extension)))
			return -1;
		if (next == IPPROTO_FRAGMENT) {
			flow->protocol = extension[0];
			return 0;
		}
		next = extension[0];
		at += 8 + 8 * extension[1];
	}
	flow->protocol = next;
	return load_ports(skb, at, flow);
}

/* Of the frame at hand. Return: 0, or -1 if it belongs to no flow. */
static __always_inline int load_flow(struct __sk_buff *skb, struct flow *flow)
{
	__u32 at = 2 * ETH_ALEN;
	__be16 type;
	int i;

	if (load(skb, at, &type, sizeof(type)))
		return -1;
	for (i = 0; i < MAX_TAGS; i++) {
		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		at += 4;
		if (load(skb, at, &type, sizeof(type)))
			return -1;
	}
	at += sizeof(type);
	if (type == bpf_htons(ETH_P_IP))
		return load_ipv4(skb, at, flow);
	if (type == bpf_htons(ETH_P_IPV6))
		return load_ipv6(skb, at, flow);
	return -1;
}

/* Every bit of a word decides about every bit of the number. */
static __always_inline __u32 mix(__u32 number, __u32 word)
{
	number = (number ^ word) * 0x85ebca6b;
	number = (number ^ number >> 13) * 0xc2b2ae35;
	return number ^ number >> 16;
}

/* One end of a flow. */
static __always_inline __u32 hash_end(const struct flow *flow, int end)
{
	__u32 number = seed;
	int i;

	for (i = 0; i < 4; i++)
		number = mix(number, flow->addresses[end][i]);
	return mix(number, flow->ports[end]);
}

/* The sum of both ends is the same seen from either of them. */
static __always_inline __u32 hash_flow(const struct flow *flow)
{
	return mix(hash_end(flow, 0) + hash_end(flow, 1), flow->protocol);
}

NETEXPERT_CAPTURE
int sample_flows(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	struct flow flow = { .protocol = 0 };

	(void)out;
	if (!load_flow(skb, &flow) && every && hash_flow(&flow) % every == 0)
		netexpert_frame_deliver(skb, pool_id, 0, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
