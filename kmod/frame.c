// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - one frame: from an skb into a record
 *
 * Called with BH off from BPF programs at tc, where skb->data is at the link
 * header in both directions. The frame itself is never changed.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/sch_generic.h>

#include "filter.h"
#include "frame.h"
#include "pool.h"
#include "ring_math.h"
#include "trace.h"

/* Deliveries under way on each CPU: one, or a nested one is refused. */
static DEFINE_PER_CPU(unsigned int, nexp_deliveries);

/* A tag in the metadata stands behind the two addresses on the wire. */
#define NEXP_TAG_OFFSET	(2 * ETH_ALEN)

static bool nexp_frame_has_tag(const struct sk_buff *skb)
{
	return skb_vlan_tag_present(skb) && skb->len >= NEXP_TAG_OFFSET;
}

/* 0 if there is none, or if what stands there is a driver's own pointer. */
static ktime_t nexp_frame_hwtime(const struct sk_buff *skb)
{
	const struct skb_shared_info *shared = skb_shinfo(skb);

	if (shared->tx_flags & SKBTX_HW_TSTAMP_NETDEV)
		return 0;
	return shared->hwtstamps.hwtstamp;
}

static void nexp_frame_describe(struct netexpert_record *rec,
				const struct sk_buff *skb,
				const struct nexp_pool *pool)
{
	ktime_t hwtime = nexp_frame_hwtime(skb);
	u32 flags = skb_at_tc_ingress(skb) ? 0 : NETEXPERT_RECORD_OUT;

	memset(rec, 0, sizeof(*rec));
	rec->ifindex = skb->dev->ifindex;
	rec->link_type = skb->dev->type;
	rec->hash = skb->hash;
	if (nexp_frame_has_tag(skb)) {
		flags |= NETEXPERT_RECORD_VLAN;
		rec->vlan_tci = skb_vlan_tag_get(skb);
		rec->vlan_proto = ntohs(skb->vlan_proto);
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		flags |= NETEXPERT_RECORD_CSUM_PARTIAL;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY || skb->csum_valid)
		flags |= NETEXPERT_RECORD_CSUM_VALID;
	if (skb_is_gso(skb)) {
		flags |= NETEXPERT_RECORD_GSO;
		rec->gso_size = skb_shinfo(skb)->gso_size;
		rec->gso_segs = skb_shinfo(skb)->gso_segs;
	}
	if (hwtime) {
		flags |= NETEXPERT_RECORD_HWTIME;
		rec->hwtime_ns = ktime_to_ns(hwtime);
	}
	rec->flags = flags;
	rec->time_ns = ktime_get_ns();
	rec->stamp_us = (rec->time_ns - pool->created_ns) / NSEC_PER_USEC;
}

/* Copies @len bytes of the frame as it is or will be on the wire. */
static int nexp_frame_copy(u8 *to, const struct sk_buff *skb, u32 len)
{
	__be16 tag[2];
	u32 head, in;
	int err;

	if (likely(!nexp_frame_has_tag(skb)))
		return skb_copy_bits(skb, 0, to, len);

	tag[0] = skb->vlan_proto;
	tag[1] = htons(skb_vlan_tag_get(skb));
	head = min_t(u32, len, NEXP_TAG_OFFSET);
	err = skb_copy_bits(skb, 0, to, head);
	if (err)
		return err;
	in = min_t(u32, len - head, VLAN_HLEN);
	memcpy(to + head, tag, in);
	return skb_copy_bits(skb, head, to + head + in, len - head - in);
}

/* What the filter has kept out. */
static int nexp_frame_refuse(struct nexp_ring *ring, s64 keep)
{
	if (likely(!keep)) {
		ring->stat.filtered++;
		return -ENOMSG;
	}
	nexp_ring_drop(ring, NETEXPERT_DROP_NO_PROGRAM);
	return -EOPNOTSUPP;
}

static int nexp_frame_store(struct nexp_pool *pool, struct nexp_ring *ring,
			    const struct sk_buff *skb, s64 keep)
{
	struct netexpert_record *rec;
	u32 wire_len, cap_len;
	u64 size;
	u8 *bytes;

	ring->stat.seen++;
	if (keep <= 0)
		return nexp_frame_refuse(ring, keep);
	wire_len = skb->len + (nexp_frame_has_tag(skb) ? VLAN_HLEN : 0);
	cap_len = min3(wire_len, (u32)keep, pool->snaplen);
	size = nexp_record_size(sizeof(*rec), cap_len);
	rec = nexp_ring_reserve(ring, size);
	if (!rec)
		return -ENOSPC;

	bytes = (u8 *)(rec + 1);
	nexp_frame_describe(rec, skb, pool);
	rec->record_size = size;
	rec->wire_len = wire_len;
	rec->cap_len = cap_len;
	if (unlikely(nexp_frame_copy(bytes, skb, cap_len))) {
		nexp_ring_drop(ring, NETEXPERT_DROP_UNREADABLE);
		return -EFAULT;
	}
	/* What lay here before may be another frame: leave none of it. */
	memset(bytes + cap_len, 0, size - sizeof(*rec) - cap_len);

	ring->stat.delivered++;
	ring->stat.delivered_bytes += cap_len;
	nexp_ring_submit(ring, rec);
	return 0;
}

static int nexp_frame_store_shared(struct nexp_pool *pool,
				   struct nexp_ring *ring,
				   const struct sk_buff *skb, s64 keep)
{
	int ret;

	spin_lock(&ring->lock);
	ret = nexp_frame_store(pool, ring, skb, keep);
	spin_unlock(&ring->lock);
	return ret;
}

/* A nested delivery: no ring's counters are its own. */
static int nexp_frame_refuse_nested(struct nexp_pool *pool, s64 keep)
{
	if (!keep) {
		atomic64_inc(&pool->filtered_nested);
		return -ENOMSG;
	}
	atomic64_inc(&pool->dropped_nested);
	trace_netexpert_drop(pool, -1, NETEXPERT_DROP_NESTED);
	return -EBUSY;
}

/**
 * nexp_frame_deliver() - copy a frame into a pool
 * @pool: looked up under RCU, which is held.
 * @skb: data at the link header.
 * @snaplen: most bytes to keep, 0 for the pool's own limit.
 *
 * The filter comes first: a frame that nobody wants is no loss, and costs no
 * more than finding that out.
 *
 * Return: 0, or -ENOMSG (not wanted), -EOPNOTSUPP (no program for its link
 * type), -ENOSPC (ring full, record too big or consumer position corrupt),
 * -EFAULT (bytes not readable) or -EBUSY (nested). The frame is counted in every
 * case.
 */
int nexp_frame_deliver(struct nexp_pool *pool, struct sk_buff *skb, u32 snaplen)
{
	s64 keep = nexp_filter_run(pool, skb);
	struct nexp_ring *ring;
	int ret;

	if (snaplen && keep > snaplen)
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
	if (ring->shared)
		ret = nexp_frame_store_shared(pool, ring, skb, keep);
	else
		ret = nexp_frame_store(pool, ring, skb, keep);
out:
	this_cpu_dec(nexp_deliveries);
	return ret;
}
