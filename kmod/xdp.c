// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - one frame at XDP: from a driver's buffer into a record
 *
 * Filters are programs for skbs, and at XDP there is none yet. So the frame gets
 * one for the length of a delivery, on the stack: it owns nothing, no reference
 * is taken through it, and nobody else sees it. It is what a packet socket's
 * program would find, as far as the buffer tells:
 *
 *	data, len, frags	the buffer's; skb_shinfo() is the buffer's own, of
 *				which XDP fills in nothing but fragments
 *	dev, queue_mapping	of the queue it came through
 *	protocol, pkt_type	out of the bytes, on Ethernet
 *	vlan_tci, vlan_proto	the first tag in the bytes, which stands beside the
 *				frame as it would in the stack
 *	hash, mark		0
 *
 * Everything else is 0, too. Tags, time stamps and hashes that the hardware keeps
 * for itself can be asked for only by programs that are loaded for one device.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "frame.h"
#include "kfunc.h"
#include "pool.h"

/*
 * Bytes in fragments. Counted one by one: skb_copy_bits() then never gets past the
 * last of them, to a list of others that is not filled in.
 */
static noinline u32 nexp_xdp_frags_len(const struct xdp_buff *xdp)
{
	const struct skb_shared_info *shared = xdp_get_shared_info_from_buff(xdp);
	u32 len = 0;
	int i;

	for (i = 0; i < shared->nr_frags; i++)
		len += skb_frag_size(&shared->frags[i]);
	return len;
}

/* What the stack reads out of an Ethernet header; the frame has one. */
static __always_inline void nexp_xdp_parse(struct sk_buff *skb)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;

	skb->protocol = eth_proto_is_802_3(eth->h_proto) ? eth->h_proto :
							   htons(ETH_P_802_2);
	eth_skb_pkt_type(skb, skb->dev);
}

/*
 * The stack takes the first tag out of the bytes before anybody looks, and filters
 * rely on that: 'udp' wants a tagged frame, too. Done here, and undone.
 */
static noinline int nexp_xdp_deliver_tagged(struct nexp_pool *pool, struct sk_buff *skb,
					    u32 snaplen)
{
	struct vlan_ethhdr tagged = *(struct vlan_ethhdr *)skb->data;
	void *data = skb->data;
	int ret;

	memcpy(data + VLAN_HLEN, &tagged, 2 * ETH_ALEN);
	skb->data += VLAN_HLEN;
	skb->head += VLAN_HLEN;
	skb->tail -= VLAN_HLEN;
	skb->end -= VLAN_HLEN;
	skb->len -= VLAN_HLEN;
	__vlan_hwaccel_put_tag(skb, tagged.h_vlan_proto, ntohs(tagged.h_vlan_TCI));
	nexp_xdp_parse(skb);
	ret = nexp_frame_deliver_xdp(pool, skb, snaplen);
	memcpy(data, &tagged, VLAN_HLEN + 2 * ETH_ALEN);
	return ret;
}

static int nexp_xdp_deliver(struct nexp_pool *pool, const struct xdp_buff *xdp,
			    u32 snaplen)
{
	u32 linear = xdp->data_end - xdp->data;
	struct sk_buff skb = {
		.dev = xdp->rxq->dev,
		.head = xdp->data,
		.data = xdp->data,
		.tail = linear,
		.end = xdp_data_hard_end(xdp) - xdp->data,
		.len = linear,
		.queue_mapping = xdp->rxq->queue_index + 1,
		.network_header = xdp->rxq->dev->hard_header_len,
		.pkt_type = PACKET_HOST,
		.tc_at_ingress = 1,
	};

	if (unlikely(xdp_buff_has_frags(xdp))) {
		skb.data_len = nexp_xdp_frags_len(xdp);
		skb.len += skb.data_len;
	}
	if (likely(skb.dev->type == ARPHRD_ETHER && linear >= ETH_HLEN)) {
		nexp_xdp_parse(&skb);
		if (unlikely(eth_type_vlan(skb.protocol)) && linear >= VLAN_ETH_HLEN)
			return nexp_xdp_deliver_tagged(pool, &skb, snaplen);
	}
	return nexp_frame_deliver_xdp(pool, &skb, snaplen);
}

__bpf_kfunc_start_defs();

/**
 * netexpert_xdp_deliver() - copy the frame at hand into a pool
 * @ctx: the context of a program of type BPF_PROG_TYPE_XDP.
 * @pool_id: from NETEXPERT_IOC_POOL_CREATE.
 * @snaplen: most bytes to keep of it; 0 leaves that to the pool.
 * @flags: must be 0.
 *
 * The pool's filter judges it as at tc. The frame is left as it was, and what
 * becomes of it is the program's to say.
 *
 * Return: 0 if it is stored. -ENOENT: no such pool (counted by the module).
 * -EINVAL: unknown flags; not counted. Else see nexp_frame_deliver(); what is not
 * stored is counted in the pool.
 */
__bpf_kfunc int netexpert_xdp_deliver(struct xdp_md *ctx, u64 pool_id, u32 snaplen,
				      u32 flags)
{
	struct nexp_pool *pool;

	if (flags)
		return -EINVAL;

	/* Drivers' polls and test runs have BH off, which holds the pool, too. */
	pool = nexp_pool_lookup_rcu(pool_id);
	if (unlikely(!pool)) {
		nexp_count_no_pool();
		return -ENOENT;
	}
	return nexp_xdp_deliver(pool, (const struct xdp_buff *)ctx, snaplen);
}

__bpf_kfunc_end_defs();
