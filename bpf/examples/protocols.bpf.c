// SPDX-License-Identifier: GPL-2.0
/*
 * protocols - counts frames where they pass, and delivers nothing but the sums
 *
 *	netexpert run -i eth0 --capture protocols.bpf.o ./protocols.so
 *
 * For who wants to know how much there is of what: no frame is copied, and the
 * expert (protocols.c) gets a few records a second however many frames there are.
 *
 * Each CPU counts for itself. A timer adds up what they have, so a summary comes
 * in time also when no frame does. It begins with the first frame.
 */
#include <netexpert.bpf.h>
#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/time.h>

#include "protocols.h"

/** period_ms - from one summary to the next. */
const volatile __u32 period_ms = 1000;

#define NSEC_PER_MSEC	1000000ULL
#define MAX_CPUS	1024
#define MAX_PROTOCOLS	1024
#define FIRST_ETHERTYPE	0x600	/* what is smaller is a length */

struct kind {
	__u16 ethertype;
	__u16 protocol;
};

struct counts {
	__u64 frames[2];
	__u64 bytes[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, MAX_PROTOCOLS);
	__type(key, struct kind);
	__type(value, struct counts);
} protocols SEC(".maps");

/* Of protocols that found no room. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counts);
} others SEC(".maps");

/**
 * struct clock - when the next summary is due
 * @timer: tells it.
 * @pool_id: who gets it.
 * @is_running: not 0 from the first frame on.
 * @edition: number of the last one.
 */
struct clock {
	struct bpf_timer timer;
	__u64 pool_id;
	__u32 is_running;
	__u32 edition;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct clock);
} clocks SEC(".maps");

static const __u32 zero;

static __always_inline void add(struct protocols_row *row, const struct counts *counts)
{
	int i;

	for (i = 0; i < 2; i++) {
		row->frames[i] += counts->frames[i];
		row->bytes[i] += counts->bytes[i];
	}
}

/**
 * struct summary - one on its way
 * @pool_id: who gets it.
 * @edition: its number.
 * @nr_rows: delivered or lost so far.
 */
struct summary {
	__u64 pool_id;
	__u32 edition;
	__u32 nr_rows;
};

static long tell_protocol(void *map, const struct kind *kind, struct counts *unused,
			  struct summary *summary)
{
	struct protocols_row row = {
		.magic = PROTOCOLS_MAGIC,
		.edition = summary->edition,
		.ethertype = kind->ethertype,
		.protocol = kind->protocol,
	};
	struct counts *counts;
	__u32 cpu;

	(void)map;
	(void)unused;
	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		counts = bpf_map_lookup_percpu_elem(&protocols, kind, cpu);
		if (!counts)
			break;
		add(&row, counts);
	}
	netexpert_bytes_deliver(summary->pool_id, &row, sizeof(row), 0);
	summary->nr_rows++;
	return 0;
}

static __always_inline void tell_end(const struct summary *summary)
{
	struct protocols_row row = {
		.magic = PROTOCOLS_MAGIC,
		.edition = summary->edition,
		.ethertype = PROTOCOLS_END,
		.nr_rows = summary->nr_rows,
	};
	struct counts *counts;
	__u32 cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		counts = bpf_map_lookup_percpu_elem(&others, &zero, cpu);
		if (!counts)
			break;
		add(&row, counts);
	}
	netexpert_bytes_deliver(summary->pool_id, &row, sizeof(row), 0);
}

static int tell_all(void *map, __u32 *key, struct clock *clock)
{
	struct summary summary = {
		.pool_id = clock->pool_id,
		.edition = ++clock->edition,
	};

	(void)map;
	(void)key;
	bpf_for_each_map_elem(&protocols, tell_protocol, &summary, 0);
	tell_end(&summary);
	bpf_timer_start(&clock->timer, period_ms * NSEC_PER_MSEC, 0);
	return 0;
}

static __always_inline void start_clock(__u64 pool_id)
{
	struct clock *clock = bpf_map_lookup_elem(&clocks, &zero);

	/* The exchange lets only the first frame through, of all CPUs. */
	if (!clock || clock->is_running || __sync_val_compare_and_swap(&clock->is_running, 0, 1))
		return;
	clock->pool_id = pool_id;
	if (!bpf_timer_init(&clock->timer, &clocks, CLOCK_MONOTONIC) &&
	    !bpf_timer_set_callback(&clock->timer, tell_all))
		bpf_timer_start(&clock->timer, period_ms * NSEC_PER_MSEC, 0);
}

static __always_inline struct kind kind_of(struct __sk_buff *skb)
{
	struct kind kind = { 0 };
	__be16 type = 0;
	__u8 protocol = 0;

	bpf_skb_load_bytes(skb, 2 * ETH_ALEN, &type, sizeof(type));
	kind.ethertype = bpf_ntohs(type);
	if (kind.ethertype < FIRST_ETHERTYPE)
		kind.ethertype = 0;
	else if (kind.ethertype == ETH_P_IP)
		bpf_skb_load_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, protocol),
				   &protocol, sizeof(protocol));
	else if (kind.ethertype == ETH_P_IPV6)
		bpf_skb_load_bytes(skb, ETH_HLEN + __builtin_offsetof(struct ipv6hdr, nexthdr),
				   &protocol, sizeof(protocol));
	kind.protocol = protocol;
	return kind;
}

static __always_inline struct counts *counts_of(const struct kind *kind)
{
	static const struct counts none;
	struct counts *counts = bpf_map_lookup_elem(&protocols, kind);

	if (counts)
		return counts;
	/* Another CPU may have been faster. */
	bpf_map_update_elem(&protocols, kind, &none, BPF_NOEXIST);
	counts = bpf_map_lookup_elem(&protocols, kind);
	return counts ? counts : bpf_map_lookup_elem(&others, &zero);
}

NETEXPERT_CAPTURE
int count_protocols(struct __sk_buff *skb, __u64 pool_id, __u32 out)
{
	struct kind kind = kind_of(skb);
	struct counts *counts = counts_of(&kind);

	start_clock(pool_id);
	if (!counts)
		return 0;
	counts->frames[out & 1]++;
	/* A tag that was taken off, or is still to come, is on the wire. */
	counts->bytes[out & 1] += skb->len + (skb->vlan_present ? 4 : 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
