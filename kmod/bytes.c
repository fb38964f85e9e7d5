// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - what a program made itself: from its memory into a record
 *
 * Counted like a frame, so that what a ring could not take is known. No filter
 * judges it: it comes from no interface and has no link type. A program may call
 * this where it has no frame at hand, from a timer for one.
 */
#include <linux/bottom_half.h>
#include <linux/if_arp.h>
#include <linux/ktime.h>

#include "kfunc.h"
#include "limits.h"
#include "pool.h"
#include "ring_produce.h"
#include "trace.h"

static int nexp_bytes_store(struct nexp_pool *pool, struct nexp_ring *ring,
			    const void *data, u32 len)
{
	u32 cap_len = min(len, pool->snaplen);
	u64 size = nexp_record_size(sizeof(struct netexpert_record), cap_len);
	struct netexpert_record *rec;
	u64 now;

	ring->stat.seen++;
	if (len > NEXP_MAX_BYTES) {
		nexp_ring_drop(ring, NETEXPERT_DROP_TOO_BIG);
		return -ENOSPC;
	}
	rec = nexp_ring_reserve(ring, size);
	if (!rec)
		return -ENOSPC;

	/* Bytes behind the data are 0; sizes and losses are for submit. */
	*((u64 *)((void *)rec + size) - 1) = 0;
	now = ktime_get_ns();
	*rec = (struct netexpert_record){
		.flags = NETEXPERT_RECORD_BYTES,
		.link_type = ARPHRD_VOID,
		.time_ns = now,
		.stamp_us = (now - pool->created_ns) / NSEC_PER_USEC,
		.wire_len = len,
		.cap_len = cap_len,
	};
	memcpy(rec + 1, data, cap_len);

	ring->stat.delivered_bytes += cap_len;
	nexp_ring_submit(ring, rec, size);
	return 0;
}

static int nexp_bytes_store_shared(struct nexp_pool *pool, struct nexp_ring *ring,
				   const void *data, u32 len)
{
	int ret;

	spin_lock(&ring->lock);
	ret = nexp_bytes_store(pool, ring, data, len);
	spin_unlock(&ring->lock);
	return ret;
}

/* BH is off: the pool stays, and this is the CPU's only delivery but for netpoll's. */
static int nexp_bytes_deliver(struct nexp_pool *pool, const void *data, u32 len)
{
	struct nexp_ring *ring;
	int ret;

	if (this_cpu_inc_return(nexp_deliveries) > 1) {
		atomic64_inc(&pool->dropped_nested);
		trace_netexpert_drop(pool, -1, NETEXPERT_DROP_NESTED);
		ret = -EBUSY;
		goto out;
	}
	ring = pool->rings[smp_processor_id() % pool->nr_rings];
	if (ring->shared)
		ret = nexp_bytes_store_shared(pool, ring, data, len);
	else
		ret = nexp_bytes_store(pool, ring, data, len);
out:
	this_cpu_dec(nexp_deliveries);
	return ret;
}

__bpf_kfunc_start_defs();

/**
 * netexpert_bytes_deliver() - put bytes that are no frame into a pool
 * @pool_id: from NETEXPERT_IOC_POOL_CREATE.
 * @data: the bytes; the verifier has seen that they are readable.
 * @data__sz: how many, 1 to 65536. The pool's snaplen holds for them, too.
 * @flags: must be 0.
 *
 * The record has NETEXPERT_RECORD_BYTES.
 *
 * Return: 0 if they are stored. -ENOENT: no such pool (counted by the module).
 * -EINVAL: unknown flags, or no bytes at all; not counted. Else they count as a
 * frame that was seen and lost, at its cause: -ENOSPC (ring full, record too big
 * or consumer position corrupt) or -EBUSY (nested).
 */
__bpf_kfunc int netexpert_bytes_deliver(u64 pool_id, void *data, u32 data__sz,
					u32 flags)
{
	struct nexp_pool *pool;
	int ret = -ENOENT;

	if (flags || !data__sz)
		return -EINVAL;

	/* A work queue's callback has BH on; off, it holds the pool as well. */
	local_bh_disable();
	pool = nexp_pool_lookup_rcu(pool_id);
	if (pool)
		ret = nexp_bytes_deliver(pool, data, data__sz);
	else
		nexp_count_no_pool();
	local_bh_enable();
	return ret;
}

__bpf_kfunc_end_defs();
