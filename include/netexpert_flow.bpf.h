/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netexpert - whose frame it is: flows, for capture programs
 *
 * A flow is a pair of addresses, a protocol and, with TCP, UDP and SCTP, a pair of
 * ports: over IPv4 and IPv6, behind VLAN tags or not; the tags are no part of it.
 * Both directions hash to one number.
 *
 * Only the first fragment of a datagram has ports, so all fragments go without:
 * those of one protocol between two hosts are one flow. Whoever sends large
 * datagrams in fragments and small ones whole has two flows. ICMP has no ports, so
 * it is one flow between two hosts; an ICMP error is of the flow of who sends it,
 * not of the one that it is about. What is in a tunnel belongs to the tunnel's flow.
 *
 * What is neither IPv4 nor IPv6, or not whole enough to tell, is of a flow of two
 * Ethernet addresses and a type. A broadcast has other addresses than its answer.
 *
 * Headers are read where they are, or if that is not in one piece with
 * bpf_skb_load_bytes().
 */
#ifndef NETEXPERT_FLOW_BPF_H
#define NETEXPERT_FLOW_BPF_H

#ifndef __VMLINUX_H__
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/types.h>
#endif
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define NETEXPERT_FLOW_MAX_TAGS		2
#define NETEXPERT_FLOW_MAX_EXTENSIONS	6

/**
 * struct netexpert_flow - whose frame it is
 * @addresses: where it comes from and where it goes; of IPv4 and Ethernet, the first
 *	words, and the others are 0.
 * @ports: likewise; 0 if there are none.
 * @protocol: above IP; without IP, the type that the Ethernet header tells.
 *
 * Numbers are as in the frame, in the network's order.
 */
struct netexpert_flow {
	__u32 addresses[2][4];
	__u16 ports[2];
	__u32 protocol;
};

/* Private: @size bytes of the frame, where they are or in @buffer; or NULL. */
static __always_inline const void *__netexpert_flow_bytes(struct __sk_buff *skb, __u32 at,
							  void *buffer, __u32 size)
{
	const void *bytes = (const void *)(long)skb->data + at;

	if (bytes + size <= (const void *)(long)skb->data_end)
		return bytes;
	return bpf_skb_load_bytes(skb, at, buffer, size) ? NULL : buffer;
}

static __always_inline void __netexpert_flow_ports(struct __sk_buff *skb, __u32 at,
						   struct netexpert_flow *flow)
{
	__u16 buffer[2];
	const __u16 *ports;

	if (flow->protocol != IPPROTO_TCP && flow->protocol != IPPROTO_UDP &&
	    flow->protocol != IPPROTO_SCTP)
		return;
	ports = __netexpert_flow_bytes(skb, at, buffer, sizeof(buffer));
	if (!ports)
		return;
	flow->ports[0] = ports[0];
	flow->ports[1] = ports[1];
}

static __always_inline int __netexpert_flow_ipv4(struct __sk_buff *skb, __u32 at,
						 struct netexpert_flow *flow)
{
	const struct iphdr *ip;
	struct iphdr buffer;

	ip = __netexpert_flow_bytes(skb, at, &buffer, sizeof(buffer));
	if (!ip || ip->version != 4)
		return -1;
	flow->addresses[0][0] = ip->saddr;
	flow->addresses[1][0] = ip->daddr;
	flow->protocol = ip->protocol;
	/* More fragments, or an offset. */
	if (!(ip->frag_off & bpf_htons(0x3fff)))
		__netexpert_flow_ports(skb, at + 4 * ip->ihl, flow);
	return 0;
}

static __always_inline int __netexpert_flow_ipv6(struct __sk_buff *skb, __u32 at,
						 struct netexpert_flow *flow)
{
	const struct ipv6hdr *ip;
	struct ipv6hdr buffer;
	__u8 head[4];
	const __u8 *extension;
	int i;

	ip = __netexpert_flow_bytes(skb, at, &buffer, sizeof(buffer));
	if (!ip || ip->version != 6)
		return -1;
	__builtin_memcpy(flow->addresses[0], &ip->saddr, sizeof(ip->saddr));
	__builtin_memcpy(flow->addresses[1], &ip->daddr, sizeof(ip->daddr));
	flow->protocol = ip->nexthdr;
	at += sizeof(*ip);
	for (i = 0; i < NETEXPERT_FLOW_MAX_EXTENSIONS; i++) {
		if (flow->protocol != IPPROTO_HOPOPTS && flow->protocol != IPPROTO_ROUTING &&
		    flow->protocol != IPPROTO_DSTOPTS && flow->protocol != IPPROTO_FRAGMENT)
			break;
		extension = __netexpert_flow_bytes(skb, at, head, sizeof(head));
		if (!extension)
			return 0;
		/* A fragment that is the whole datagram is none. */
		if (flow->protocol == IPPROTO_FRAGMENT && (extension[2] || extension[3] & 0xf9)) {
			flow->protocol = extension[0];
			return 0;
		}
		at += 8 + (flow->protocol == IPPROTO_FRAGMENT ? 0 : 8 * extension[1]);
		flow->protocol = extension[0];
	}
	__netexpert_flow_ports(skb, at, flow);
	return 0;
}

static __always_inline int __netexpert_flow_ip(struct __sk_buff *skb, __u32 at, __be16 type,
					       struct netexpert_flow *flow)
{
	if (type == bpf_htons(ETH_P_IP))
		return __netexpert_flow_ipv4(skb, at, flow);
	if (type == bpf_htons(ETH_P_IPV6))
		return __netexpert_flow_ipv6(skb, at, flow);
	return -1;
}

/**
 * netexpert_flow_load() - whose frame is it, where frames are Ethernet's?
 * @skb: the frame.
 * @flow: filled in; must be all zero.
 *
 * Return: 0, or -1 if it is neither IPv4 nor IPv6, which @flow tells as far as there
 * is an Ethernet header.
 */
static __always_inline int netexpert_flow_load(struct __sk_buff *skb, struct netexpert_flow *flow)
{
	__u32 at = sizeof(struct ethhdr);
	const struct ethhdr *eth;
	struct ethhdr buffer;
	const __be16 *inner;
	__be16 type, word;
	int i;

	eth = __netexpert_flow_bytes(skb, 0, &buffer, sizeof(buffer));
	if (!eth)
		return -1;
	type = eth->h_proto;
	for (i = 0; i < NETEXPERT_FLOW_MAX_TAGS; i++) {
		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		inner = __netexpert_flow_bytes(skb, at + 2, &word, sizeof(word));
		if (!inner)
			break;
		type = *inner;
		at += 4;
	}
	if (!__netexpert_flow_ip(skb, at, type, flow))
		return 0;
	__builtin_memcpy(flow->addresses[0], eth->h_source, ETH_ALEN);
	__builtin_memcpy(flow->addresses[1], eth->h_dest, ETH_ALEN);
	flow->protocol = type;
	return -1;
}

/**
 * netexpert_flow_load_bare() - whose frame is it, where they are not Ethernet's?
 * @skb: the frame: of a tunnel, say, that begins with the header of IP.
 * @flow: filled in; must be all zero.
 *
 * Return: 0, or -1 if it is neither IPv4 nor IPv6; then @flow has the type alone.
 */
static __always_inline int netexpert_flow_load_bare(struct __sk_buff *skb,
						    struct netexpert_flow *flow)
{
	__be16 type = (__be16)skb->protocol;

	if (!__netexpert_flow_ip(skb, 0, type, flow))
		return 0;
	flow->protocol = type;
	return -1;
}

/* Private: every bit of a word decides about every bit of the number. */
static __always_inline __u32 __netexpert_flow_mix(__u32 number, __u32 word)
{
	number = (number ^ word) * 0x85ebca6b;
	number = (number ^ number >> 13) * 0xc2b2ae35;
	return number ^ number >> 16;
}

static __always_inline __u32 __netexpert_flow_end(const struct netexpert_flow *flow, int end,
						  __u32 seed)
{
	const __u32 *words = flow->addresses[end];
	__u32 number = __netexpert_flow_mix(seed, words[0]);

	if (words[1] | words[2] | words[3]) {
		number = __netexpert_flow_mix(number, words[1]);
		number = __netexpert_flow_mix(number, words[2]);
		number = __netexpert_flow_mix(number, words[3]);
	}
	return __netexpert_flow_mix(number, flow->ports[end]);
}

/**
 * netexpert_flow_hash() - a number for a flow, the same in both directions
 * @flow: the flow.
 * @seed: another one gives other numbers.
 *
 * Return: the number; all 32 bits are as good as each other.
 */
static __always_inline __u32 netexpert_flow_hash(const struct netexpert_flow *flow, __u32 seed)
{
	/* The sum of both ends is the same seen from either of them. */
	return __netexpert_flow_mix(__netexpert_flow_end(flow, 0, seed) +
				    __netexpert_flow_end(flow, 1, seed), flow->protocol);
}

#endif /* NETEXPERT_FLOW_BPF_H */
