// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - one frame: from an skb into a record
 *
 * Called with BH off from BPF programs at tc, where skb->data is at the link
 * header in both directions, and by xdp.c with an skb that only describes a
 * driver's buffer: whose shared info is not filled in. @at_xdp is a constant
 * wherever it is passed on, so that neither pays for the other. The frame itself
 * is never changed.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/sch_generic.h>

#include "filter.h"
#include "frame.h"
#include "kfunc.h"
#include "pool.h"
#include "ring_produce.h"
#include "trace.h"

DEFINE_PER_CPU(unsigned int, nexp_deliveries);

/* A tag in the metadata stands behind the two addresses on the wire. */
#define NEXP_TAG_OFFSET	(2 * ETH_ALEN)

static bool nexp_frame_has_tag(const struct sk_buff *skb)
{
	return skb_vlan_tag_present(skb) && skb->len >= NEXP_TAG_OFFSET;
}

/* 0 if there is none, or if what stands there is a driver's own pointer. */
static ktime_t nexp_frame_hwtime(const struct skb_shared_info *shared)
{
	return shared->tx_flags & SKBTX_HW_TSTAMP_NETDEV ?
	       0 : shared->hwtstamps.hwtstamp;
}

static __always_inline u32 nexp_frame_flags(const struct sk_buff *skb)
{
	u32 flags = skb_at_tc_ingress(skb) ? 0 : NETEXPERT_RECORD_OUT;

	if (skb->ip_summed == CHECKSUM_PARTIAL)
		flags |= NETEXPERT_RECORD_CSUM_PARTIAL;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY || skb->csum_valid)
		flags |= NETEXPERT_RECORD_CSUM_VALID;
	return flags;
}

/* What few frames have. Answers the flags of that. */
static noinline u32 nexp_frame_describe_rest(struct netexpert_record *rec,
					     const struct sk_buff *skb, bool at_xdp)
{
	const struct skb_shared_info *shared = skb_shinfo(skb);
	u32 flags = 0;

	if (nexp_frame_has_tag(skb)) {
		flags |= NETEXPERT_RECORD_VLAN;
		rec->vlan_tci = skb_vlan_tag_get(skb);
		rec->vlan_proto = ntohs(skb->vlan_proto);
	}
	if (at_xdp)
		return flags;
	if (shared->gso_size) {
		flags |= NETEXPERT_RECORD_GSO;
		rec->gso_size = shared->gso_size;
		rec->gso_segs = shared->gso_segs;
	}
	rec->hwtime_ns = ktime_to_ns(nexp_frame_hwtime(shared));
	if (rec->hwtime_ns)
		flags |= NETEXPERT_RECORD_HWTIME;
	return flags;
}

/*
 * Each field that the caller and nexp_ring_submit() do not write: what lay here
 * before is another frame's.
 */
static __always_inline void nexp_frame_describe(struct netexpert_record *rec,
						const struct sk_buff *skb,
						const struct nexp_pool *pool,
						bool at_xdp)
{
	const struct skb_shared_info *shared = skb_shinfo(skb);
	const struct net_device *dev = skb->dev;
	u32 flags = nexp_frame_flags(skb);
	u64 now = ktime_get_ns();

	rec->ifindex = dev->ifindex;
	rec->link_type = dev->type;
	rec->vlan_tci = 0;
	rec->vlan_proto = 0;
	rec->gso_size = 0;
	rec->gso_segs = 0;
	rec->__reserved = 0;
	rec->hash = skb->hash;
	rec->__reserved2 = 0;
	rec->time_ns = now;
	rec->hwtime_ns = 0;
	rec->stamp_us = (now - pool->created_ns) / NSEC_PER_USEC;
	if (unlikely((!at_xdp && (shared->gso_size || shared->hwtstamps.hwtstamp)) ||
		     skb_vlan_tag_present(skb)))
		flags |= nexp_frame_describe_rest(rec, skb, at_xdp);
	rec->flags = flags;
}

/* The tag goes back to where it is or will be on the wire. */
static noinline int nexp_frame_copy_tagged(u8 *to, const struct sk_buff *skb,
					   u32 len)
{
	__be16 tag[2] = { skb->vlan_proto, htons(skb_vlan_tag_get(skb)) };
	u32 head = min_t(u32, len, NEXP_TAG_OFFSET);
	u32 in = min_t(u32, len - head, VLAN_HLEN);
	int err;

	err = skb_copy_bits(skb, 0, to, head);
	if (err)
		return err;
	memcpy(to + head, tag, in);
	return skb_copy_bits(skb, head, to + head + in, len - head - in);
}

/* Copies @len bytes of the frame as it is or will be on the wire. */
static __always_inline int nexp_frame_copy(u8 *to, const struct sk_buff *skb,
					   u32 len)
{
	if (unlikely(nexp_frame_has_tag(skb)))
		return nexp_frame_copy_tagged(to, skb, len);
	if (unlikely(len > skb_headlen(skb)))
		return skb_copy_bits(skb, 0, to, len);
	memcpy(to, skb->data, len);
	return 0;
}

static __always_inline int nexp_frame_store(struct nexp_pool *pool,
					    struct nexp_ring *ring,
					    const struct sk_buff *skb, s64 keep,
					    bool at_xdp)
{
	struct netexpert_record *rec;
	u32 wire_len, cap_len;
	u64 size;

	ring->stat.seen++;
	if (keep <= 0)
		return nexp_ring_refuse(ring, keep);
	wire_len = skb->len + (nexp_frame_has_tag(skb) ? VLAN_HLEN : 0);
	cap_len = min3(wire_len, (u32)keep, pool->snaplen);
	size = nexp_record_size(sizeof(*rec), cap_len);
	rec = nexp_ring_reserve(ring, size);
	if (!rec)
		return -ENOSPC;

	/* The record's last word first: bytes behind the frame are 0. */
	*((u64 *)((void *)rec + size) - 1) = 0;
	if (unlikely(nexp_frame_copy((u8 *)(rec + 1), skb, cap_len))) {
		nexp_ring_drop(ring, NETEXPERT_DROP_UNREADABLE);
		return -EFAULT;
	}
	nexp_frame_describe(rec, skb, pool, at_xdp);
	rec->wire_len = wire_len;
	rec->cap_len = cap_len;

	ring->stat.delivered_bytes += cap_len;
	nexp_ring_submit(ring, rec, size);
	return 0;
}

static noinline int nexp_frame_store_shared(struct nexp_pool *pool,
					    struct nexp_ring *ring,
					    const struct sk_buff *skb, s64 keep)
{
	int ret;

	spin_lock(&ring->lock);
	ret = nexp_frame_store(pool, ring, skb, keep, false);
	spin_unlock(&ring->lock);
	return ret;
}

static noinline int nexp_frame_store_shared_xdp(struct nexp_pool *pool,
						struct nexp_ring *ring,
						const struct sk_buff *skb, s64 keep)
{
	int ret;

	spin_lock(&ring->lock);
	ret = nexp_frame_store(pool, ring, skb, keep, true);
	spin_unlock(&ring->lock);
	return ret;
}

/* A nested delivery: no ring's counters are its own. */
static noinline int nexp_frame_refuse_nested(struct nexp_pool *pool, s64 keep)
{
	if (!keep) {
		atomic64_inc(&pool->filtered_nested);
		return -ENOMSG;
	}
	atomic64_inc(&pool->dropped_nested);
	trace_netexpert_drop(pool, -1, NETEXPERT_DROP_NESTED);
	return -EBUSY;
}

/*
 * nexp_frame_deliver() - copy a frame into a pool
 * @pool: looked up with BH off, as it is still.
 * @skb: data at the link header.
 * @snaplen: most bytes to keep, 0 for the pool's own limit.
 * @at_xdp: the skb has no shared info but fragments.
 *
 * The filter comes first: a frame that nobody wants is no loss, and costs no
 * more than finding that out.
 *
 * Return: 0, or -ENOMSG (not wanted), -EOPNOTSUPP (no program for its link
 * type), -ENOSPC (ring full, record too big or consumer position corrupt),
 * -EFAULT (bytes not readable) or -EBUSY (nested). The frame is counted in every
 * case.
 */
static __always_inline int nexp_frame_deliver(struct nexp_pool *pool,
					      struct sk_buff *skb, u32 snaplen,
					      bool at_xdp)
{
	s64 keep = nexp_filter_run(pool, skb);
	struct nexp_ring *ring;
	int ret;

	if (unlikely(snaplen) && keep > snaplen)
		keep = snaplen;

	/*
	 * A ring has one producer at a time, so deliveries of a CPU may not
	 * nest. With BH off only netpoll could make them: a console message
	 * from inside a delivery, or from a hard interrupt during one, that
	 * leaves through a device whose ports have capture programs.
	 */
	if (unlikely(this_cpu_inc_return(nexp_deliveries) > 1)) {
		ret = nexp_frame_refuse_nested(pool, keep);
		goto out;
	}
	ring = pool->rings[smp_processor_id() % pool->nr_rings];
	if (unlikely(ring->shared))
		ret = at_xdp ? nexp_frame_store_shared_xdp(pool, ring, skb, keep) :
			       nexp_frame_store_shared(pool, ring, skb, keep);
	else
		ret = nexp_frame_store(pool, ring, skb, keep, at_xdp);
out:
	this_cpu_dec(nexp_deliveries);
	return ret;
}

/**
 * nexp_frame_deliver_xdp() - nexp_frame_deliver() for a frame that has no skb
 * @pool: looked up with BH off, as it is still.
 * @skb: describes it, for the length of this call. Of its shared info nothing is
 *	read but fragments, and these only if it has data_len.
 * @snaplen: as there.
 *
 * Return: as there.
 */
int nexp_frame_deliver_xdp(struct nexp_pool *pool, struct sk_buff *skb, u32 snaplen)
{
	return nexp_frame_deliver(pool, skb, snaplen, true);
}

__bpf_kfunc_start_defs();

/**
 * netexpert_frame_deliver() - copy the frame at hand into a pool
 * @ctx: the context of a program of type BPF_PROG_TYPE_SCHED_CLS.
 * @pool_id: from NETEXPERT_IOC_POOL_CREATE.
 * @snaplen: most bytes to keep of it; 0 leaves that to the pool.
 * @flags: must be 0.
 *
 * Return: 0 if it is stored. -ENOENT: no such pool (counted by the module).
 * -EINVAL: unknown flags, and -ENODATA: a copy of a multicast frame that the
 * kernel hands back to its sender's own machine, so nothing of the interface, as
 * packet sockets see it too; neither is counted. Else see nexp_frame_deliver();
 * what is not stored is counted in the pool. A program should let the frame go on
 * whatever the answer.
 */
__bpf_kfunc int netexpert_frame_deliver(struct __sk_buff *ctx, u64 pool_id,
					u32 snaplen, u32 flags)
{
	struct sk_buff *skb = (struct sk_buff *)ctx;
	struct nexp_pool *pool;

	if (flags)
		return -EINVAL;
	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return -ENODATA;

	/* tc and test runs have BH off, which holds the pool, too. */
	pool = nexp_pool_lookup_rcu(pool_id);
	if (unlikely(!pool)) {
		nexp_count_no_pool();
		return -ENOENT;
	}
	return nexp_frame_deliver(pool, skb, snaplen, false);
}

__bpf_kfunc_end_defs();
