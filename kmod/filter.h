/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_FILTER_H
#define NEXP_FILTER_H

#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/netdevice.h>
#include <net/sch_generic.h>

#include "pool.h"

/* Instead of a number of bytes: no program for the frame's link type. */
#define NEXP_FILTER_NO_PROGRAM	(-1)

/**
 * struct nexp_filter - which frames a pool wants; nothing in it changes
 * @charged: bytes counted against the session and the module.
 * @text: what people know it by, or NULL.
 * @text_size: bytes of @text, its NUL included.
 * @nr: entries of @programs.
 * @programs: at most one for each link type.
 */
struct nexp_filter {
	unsigned long charged;
	char *text;
	u32 text_size;
	u32 nr;
	struct {
		u16 link_type;
		struct bpf_prog *prog;
	} programs[] __counted_by(nr);
};

/* A packet socket's program sees a clone that says so; ours sees the frame. */
static inline u32 nexp_filter_run_out(const struct bpf_prog *prog,
				      struct sk_buff *skb)
{
	u8 type = skb->pkt_type;
	u32 keep;

	skb->pkt_type = PACKET_OUTGOING;
	keep = bpf_prog_run(prog, skb);
	skb->pkt_type = type;
	return keep;
}

/**
 * nexp_filter_run() - does the pool want this frame?
 * @pool: looked up with BH off, as it is still.
 * @skb: data at the link header; as it was when this returns.
 *
 * Return: most bytes to keep of it; 0 if it is not wanted, or
 * NEXP_FILTER_NO_PROGRAM.
 */
static __always_inline s64 nexp_filter_run(const struct nexp_pool *pool,
					   struct sk_buff *skb)
{
	const struct nexp_filter *filter =
		rcu_dereference_bh_check(pool->filter, rcu_read_lock_held());
	u16 link_type = skb->dev->type;
	u32 i;

	if (!filter)
		return U32_MAX;
	for (i = 0; i < filter->nr; i++) {
		if (filter->programs[i].link_type != link_type)
			continue;
		if (!skb_at_tc_ingress(skb))
			return nexp_filter_run_out(filter->programs[i].prog, skb);
		return bpf_prog_run(filter->programs[i].prog, skb);
	}
	return NEXP_FILTER_NO_PROGRAM;
}

/* BH off. */
s64 nexp_filter_judge(const struct nexp_pool *pool, struct sk_buff *skb,
		      u16 link_type, bool out);

/* Any context that may sleep. */
struct nexp_filter *nexp_filter_create(struct nexp_pool *pool,
				       const struct netexpert_pool_filter *arg);
void nexp_filter_destroy(struct nexp_pool *pool, struct nexp_filter *filter);
int nexp_filter_replace(struct nexp_pool *pool, struct nexp_filter *filter);
u32 nexp_filter_count(const struct nexp_filter *filter);
u32 nexp_filter_text(const struct nexp_filter *filter, char *to, u32 room);

#endif /* NEXP_FILTER_H */
