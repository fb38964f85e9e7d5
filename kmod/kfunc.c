// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - what BPF programs may call
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/if_packet.h>
#include <linux/skbuff.h>

#include "frame.h"
#include "kfunc.h"
#include "pool.h"

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
	int ret = -ENOENT;

	if (flags)
		return -EINVAL;
	if (unlikely(skb->pkt_type == PACKET_LOOPBACK))
		return -ENODATA;

	/* tc and test runs have BH off; nexp_frame_deliver() rests on that. */
	rcu_read_lock();
	pool = nexp_pool_lookup_rcu(pool_id);
	if (likely(pool))
		ret = nexp_frame_deliver(pool, skb, snaplen);
	else
		nexp_count_no_pool();
	rcu_read_unlock();
	return ret;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(nexp_kfunc_ids)
BTF_ID_FLAGS(func, netexpert_frame_deliver)
BTF_KFUNCS_END(nexp_kfunc_ids)

static const struct btf_kfunc_id_set nexp_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &nexp_kfunc_ids,
};

/**
 * nexp_kfunc_init() - offer the kfuncs to tc programs
 *
 * Return: 0 or an errno. There is no opposite: loaded programs pin the module
 * and the kernel forgets the set with it.
 */
int nexp_kfunc_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS,
					 &nexp_kfunc_set);
}
