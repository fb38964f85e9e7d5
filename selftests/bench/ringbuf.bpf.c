// SPDX-License-Identifier: GPL-2.0
/*
 * ringbuf - frames through a BPF ring buffer, as one would write it without us
 *
 * A header, then the bytes, of UDP frames or of TCP ones. Room is reserved in one
 * of three sizes, because the verifier wants constants. The reader is woken when
 * enough is there; its own time-out does the rest.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* TCX_NEXT of Linux 6.6; Debian 12's linux/bpf.h is older. */
#define NEXP_TCX_NEXT	(-1)

struct record {
	__u64 time_ns;
	__u32 length;
	__u32 ifindex;
	__u8 bytes[];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

const volatile __u8 protocol;
const volatile __u64 wake_bytes;
__u64 lost;

static __always_inline int store(struct __sk_buff *skb, __u32 length, const __u32 room)
{
	struct record *record = bpf_ringbuf_reserve(&ring, sizeof(*record) + room, 0);

	if (!record) {
		lost++;
		return NEXP_TCX_NEXT;
	}
	record->time_ns = bpf_ktime_get_ns();
	record->length = length;
	record->ifindex = skb->ifindex;
	bpf_skb_load_bytes(skb, 0, record->bytes, length);
	bpf_ringbuf_submit(record,
			   bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wake_bytes ?
			   BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
	return NEXP_TCX_NEXT;
}

SEC("tc")
int ringbuf_capture(struct __sk_buff *skb)
{
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *ether = (void *)(long)skb->data;
	struct iphdr *ip = (void *)(ether + 1);
	__u32 length = skb->len;

	if ((void *)(ip + 1) > end || ether->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->protocol != protocol || !length)
		return NEXP_TCX_NEXT;
	if (length <= 128)
		return store(skb, length, 128);
	if (length <= 512)
		return store(skb, length, 512);
	if (length <= 2048)
		return store(skb, length, 2048);
	lost++;
	return NEXP_TCX_NEXT;
}

char ringbuf_license[] SEC("license") = "GPL";
