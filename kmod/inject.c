// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - injectors: frames from a process instead of an interface
 *
 * A file that can do one thing: put frames into one pool, through the same filter
 * and the same ring as frames of an interface, but waiting for room instead of
 * losing them. So the process that has it, and parses other people's files,
 * needs no other right. Its end is the end of the capture: no frame comes any
 * more.
 *
 * Who waits for room is woken when the reader has found its ring empty and goes
 * to sleep, or when there is another reader.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/netdevice.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <net/net_namespace.h>

#include "dev.h"
#include "inject.h"
#include "filter.h"
#include "pool.h"
#include "ring_produce.h"

/* Of a frame's bytes in one piece; the rest is in pages of its own. */
#define NEXP_INJECT_LINEAR	((u32)PAGE_SIZE)

static void nexp_inject_describe(struct netexpert_record *rec,
				 const struct nexp_pool *pool,
				 const struct netexpert_inject_frame *frame)
{
	memset(rec, 0, sizeof(*rec));
	rec->flags = frame->flags;
	rec->ifindex = frame->ifindex;
	rec->link_type = frame->link_type;
	rec->time_ns = pool->created_ns + (frame->time_ns - pool->realtime_ns);
	/* Files need not be in order. */
	rec->stamp_us = div_s64(frame->time_ns - pool->inject_begin_ns,
				NSEC_PER_USEC);
	rec->wire_len = frame->wire_len;
}

/*
 * Whether a record has to wait. What can never have room need not. The reader
 * may be asleep because there is too little for a wake-up.
 */
static bool nexp_inject_is_full(struct nexp_ring *ring, u64 size)
{
	if (size > ring->capacity)
		return false;
	if (nexp_ring_load_consumer(ring) &&
	    size <= nexp_ring_free(ring->capacity, ring->position, ring->consumed))
		return false;
	nexp_ring_hurry(ring);
	return true;
}

/*
 * A program sees the frame's length on the wire, as libpcap judges what is in a
 * file. For the time it runs, what was cut off is data in fragments that are not
 * there: it can't be loaded, like everything behind a frame's end. Offsets in an
 * skb are ints.
 */
static s64 nexp_inject_judge(const struct nexp_pool *pool, struct sk_buff *skb,
			     const struct netexpert_inject_frame *frame)
{
	u32 cut = min_t(u32, frame->wire_len, INT_MAX) - frame->cap_len;
	s64 keep;

	skb->len += cut;
	skb->data_len += cut;
	keep = nexp_filter_judge(pool, skb, frame->link_type,
				 frame->flags & NETEXPERT_RECORD_OUT);
	skb->len -= cut;
	skb->data_len -= cut;
	return keep;
}

/* As nexp_frame_store(); -EAGAIN if there is no room, and nothing was counted. */
static int nexp_inject_store(struct nexp_pool *pool, struct nexp_ring *ring,
			     struct sk_buff *skb,
			     const struct netexpert_inject_frame *frame)
{
	struct netexpert_record *rec;
	u32 cap_len;
	u64 size;
	s64 keep;

	keep = nexp_inject_judge(pool, skb, frame);
	cap_len = min3(frame->cap_len, (u32)keep, pool->snaplen);
	size = nexp_record_size(sizeof(*rec), cap_len);
	if (keep > 0 && nexp_inject_is_full(ring, size))
		return -EAGAIN;

	ring->stat.seen++;
	if (keep <= 0)
		return nexp_ring_refuse(ring, keep);
	rec = nexp_ring_reserve(ring, size);
	if (!rec)
		return -ENOSPC;
	/* The record's last word first: bytes behind the frame are 0. */
	*((u64 *)((void *)rec + size) - 1) = 0;
	if (skb_copy_bits(skb, 0, rec + 1, cap_len)) {
		nexp_ring_drop(ring, NETEXPERT_DROP_UNREADABLE);
		return -EFAULT;
	}
	nexp_inject_describe(rec, pool, frame);
	rec->cap_len = cap_len;

	ring->stat.delivered_bytes += cap_len;
	nexp_ring_submit(ring, rec, size);
	return 0;
}

/*
 * Whether a frame is dealt with: stored, or counted by its cause, or @err says
 * why neither.
 */
static bool nexp_inject_deliver(struct nexp_pool *pool, struct sk_buff *skb,
				const struct netexpert_inject_frame *frame, int *err)
{
	int ret = -EAGAIN;

	/* BH off keeps the pool, and deliveries of this CPU away. */
	local_bh_disable();
	*err = nexp_pool_lookup_rcu(pool->id) == pool ? 0 : -ESTALE;
	if (!*err) {
		struct nexp_ring *ring = pool->rings[0];

		this_cpu_inc(nexp_deliveries);
		spin_lock(&ring->lock);
		if (!pool->inject_begun)
			pool->inject_begin_ns = frame->time_ns;
		pool->inject_begun = true;
		ret = nexp_inject_store(pool, ring, skb, frame);
		spin_unlock(&ring->lock);
		this_cpu_dec(nexp_deliveries);
	}
	local_bh_enable();
	return *err || ret != -EAGAIN;
}

static int nexp_inject_check(const struct netexpert_inject_frame *frame)
{
	if (frame->flags & ~NETEXPERT_RECORD_OUT ||
	    memchr_inv(frame->__reserved, 0, sizeof(frame->__reserved)))
		return -EOPNOTSUPP;
	if (frame->cap_len > NETEXPERT_MAX_INJECT || frame->cap_len > frame->wire_len)
		return -EINVAL;
	return 0;
}

/* The frame's bytes as filters want them. */
static struct sk_buff *nexp_inject_copy(const struct netexpert_inject_frame *frame)
{
	u32 len = frame->cap_len, linear = min(len, NEXP_INJECT_LINEAR);
	struct iov_iter from;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(linear, len - linear, PAGE_ALLOC_COSTLY_ORDER,
				   &err, NEXP_GFP);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	skb_put(skb, linear);
	skb->data_len = len - linear;
	skb->len += len - linear;
	skb_reset_mac_header(skb);
	/* For programs that ask for it: any interface will do. */
	skb->dev = init_net.loopback_dev;

	err = import_ubuf(ITER_SOURCE, u64_to_user_ptr(frame->data), len, &from);
	if (!err)
		err = skb_copy_datagram_from_iter(skb, 0, &from, len);
	if (err) {
		kfree_skb(skb);
		return ERR_PTR(err);
	}
	return skb;
}

/* A frame that can be dealt with, and its bytes. */
static struct sk_buff *nexp_inject_take(struct netexpert_inject_frame *frame,
					const void __user *user)
{
	int err;

	if (copy_from_user(frame, user, sizeof(*frame)))
		return ERR_PTR(-EFAULT);
	err = nexp_inject_check(frame);
	return err ? ERR_PTR(err) : nexp_inject_copy(frame);
}

static int nexp_inject_frame(struct nexp_pool *pool, const void __user *user)
{
	struct netexpert_inject_frame frame;
	struct sk_buff *skb;
	int err;

	skb = nexp_inject_take(&frame, user);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	if (wait_event_interruptible(pool->inject_wait,
				     nexp_inject_deliver(pool, skb, &frame, &err)))
		err = -EINTR;
	consume_skb(skb);
	return err;
}

/* Whether the pool would store a frame, if there were room. */
static int nexp_inject_ask(const struct nexp_pool *pool, const void __user *user)
{
	struct netexpert_inject_frame frame;
	struct sk_buff *skb;
	int ret = -ESTALE;

	skb = nexp_inject_take(&frame, user);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	local_bh_disable();
	if (nexp_pool_lookup_rcu(pool->id) == pool)
		ret = nexp_inject_judge(pool, skb, &frame) > 0;
	local_bh_enable();
	consume_skb(skb);
	return ret;
}

static int nexp_inject_ioctl_inject(void *ctx, void *arg, const struct nexp_call *call)
{
	struct netexpert_inject *args = arg;
	struct netexpert_inject_frame __user *user = u64_to_user_ptr(args->frames);
	int nr = min_t(u32, args->nr_frames, INT_MAX);
	int err, i;

	if (args->flags & ~NETEXPERT_INJECT_JUDGE || args->__reserved)
		return -EOPNOTSUPP;
	if (args->flags)
		return nr == 1 ? nexp_inject_ask(ctx, user) : -EINVAL;
	for (i = 0; i < nr; i++) {
		err = nexp_inject_frame(ctx, user + i);
		/* Frames that are in are told now, and this when it comes again. */
		if (err)
			return i ?: err;
		/* One that nobody wants waits for nothing, and there may be many. */
		if (signal_pending(current))
			return i + 1;
		cond_resched();
	}
	return nr;
}

static const struct nexp_ioctl nexp_inject_ioctls[] = {
	NEXP_IOCTL(INJECT, netexpert_inject, __reserved, nexp_inject_ioctl_inject),
};

static long nexp_inject_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return nexp_ioctl_dispatch(nexp_inject_ioctls, ARRAY_SIZE(nexp_inject_ioctls),
				   file->private_data, cmd, arg);
}

static int nexp_inject_release(struct inode *inode, struct file *file)
{
	struct nexp_pool *pool = file->private_data;

	nexp_pool_complete(pool);
	nexp_pool_put(pool);
	return 0;
}

static const struct file_operations nexp_inject_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = nexp_inject_ioctl,
	.release = nexp_inject_release,
};

/* A pool has one injector: after its end there is nothing to wait for. */
static int nexp_inject_claim(struct nexp_pool *pool)
{
	int err = 0;

	mutex_lock(&pool->lock);
	if (pool->dead)
		err = -ENOENT;
	else if (pool->injected)
		err = -EBUSY;
	pool->injected = true;
	mutex_unlock(&pool->lock);
	return err;
}

static void nexp_inject_disclaim(struct nexp_pool *pool)
{
	mutex_lock(&pool->lock);
	pool->injected = false;
	mutex_unlock(&pool->lock);
}

/**
 * nexp_inject_open() - make a pool's injector
 * @pool: the caller holds a reference.
 * @fd: reserved by the caller, who gives it up if this succeeds.
 *
 * Return: 0, -EBUSY or -EINVAL (see NETEXPERT_IOC_POOL_INJECT), -ENOENT, or what
 * making a file can answer.
 */
int nexp_inject_open(struct nexp_pool *pool, int fd)
{
	struct file *file;
	int err;

	if (pool->nr_rings != 1)
		return -EINVAL;
	err = nexp_inject_claim(pool);
	if (err)
		return err;
	file = anon_inode_getfile("[netexpert-injector]", &nexp_inject_fops, pool,
				  O_WRONLY);
	if (IS_ERR(file)) {
		nexp_inject_disclaim(pool);
		return PTR_ERR(file);
	}
	kref_get(&pool->ref);
	fd_install(fd, file);
	return 0;
}
