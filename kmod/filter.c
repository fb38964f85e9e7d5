// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - filters: which frames a pool wants
 *
 * A filter is a set of classic BPF programs, one for each link type, that the
 * kernel has compiled. It never changes: another one takes its place under the
 * pool's lock, deliveries find it under RCU, and it is freed a grace period
 * later, so every frame is judged by one filter as a whole.
 */
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/sch_generic.h>

#include "filter.h"
#include "pool.h"
#include "trace.h"

static int nexp_filter_take_text(struct nexp_filter *filter,
				 const struct netexpert_pool_filter *arg)
{
	u32 i, size = arg->text_size;

	if (!size)
		return arg->text ? -EINVAL : 0;
	if (size > NETEXPERT_FILTER_TEXT_LEN)
		return -EINVAL;
	filter->text = kmalloc(size, NEXP_GFP);
	if (!filter->text)
		return -ENOMEM;
	if (copy_from_user(filter->text, u64_to_user_ptr(arg->text), size))
		return -EFAULT;
	for (i = 0; i < size - 1; i++)
		if (filter->text[i] < ' ' || filter->text[i] > '~')
			return -EINVAL;
	if (filter->text[i])
		return -EINVAL;
	filter->text_size = size;
	filter->charged += size;
	return 0;
}

static bool nexp_filter_has(const struct nexp_filter *filter, u16 link_type)
{
	u32 i;

	for (i = 0; i < filter->nr; i++)
		if (filter->programs[i].link_type == link_type)
			return true;
	return false;
}

static int nexp_filter_take_program(struct nexp_filter *filter,
				    const struct netexpert_program *arg)
{
	struct sock_fprog code = {
		.len = arg->nr_insns,
		.filter = u64_to_user_ptr(arg->insns),
	};
	struct bpf_prog *prog;
	int err;
	u32 i;

	if (arg->__reserved)
		return -EOPNOTSUPP;
	if (nexp_filter_has(filter, arg->link_type))
		return -EINVAL;
	/* NULL is an address like others; the kernel would call it EINVAL. */
	if (code.len && !code.filter)
		return -EFAULT;
	err = bpf_prog_create_from_user(&prog, &code, NULL, false);
	/* A kernel without interpreter, and no memory to compile to. */
	if (err == -ENOTSUPP)
		return -ENOMEM;
	if (err)
		return err;
	i = filter->nr++;
	filter->programs[i].link_type = arg->link_type;
	filter->programs[i].prog = prog;
	filter->charged += (prog->pages << PAGE_SHIFT) + prog->jited_len;
	return 0;
}

/* Accepts half-built filters. No delivery has it. */
static void nexp_filter_free(struct nexp_filter *filter)
{
	u32 i;

	for (i = 0; i < filter->nr; i++)
		bpf_prog_destroy(filter->programs[i].prog);
	kfree(filter->text);
	kfree(filter);
}

/**
 * nexp_filter_judge() - nexp_filter_run() for a frame of no interface
 * @pool: looked up with BH off, as it is still.
 * @skb: data at the link header; as it was when this returns.
 * @link_type: ARPHRD_* of the interface that it would be of.
 * @out: whether it would leave.
 *
 * Return: as nexp_filter_run().
 */
s64 nexp_filter_judge(const struct nexp_pool *pool, struct sk_buff *skb,
		      u16 link_type, bool out)
{
	const struct nexp_filter *filter =
		rcu_dereference_bh_check(pool->filter, rcu_read_lock_held());
	u32 i;

	if (!filter)
		return U32_MAX;
	for (i = 0; i < filter->nr; i++) {
		const struct bpf_prog *prog = filter->programs[i].prog;

		if (filter->programs[i].link_type == link_type)
			return out ? nexp_filter_run_out(prog, skb) :
				     bpf_prog_run(prog, skb);
	}
	return NEXP_FILTER_NO_PROGRAM;
}

/**
 * nexp_filter_create() - make a filter; nexp_filter_replace() comes next
 * @pool: whose it will be.
 * @arg: as user space gave it; flags are checked already.
 *
 * Return: the filter, NULL for none, or what NETEXPERT_IOC_POOL_FILTER says as a
 * pointer.
 */
struct nexp_filter *nexp_filter_create(struct nexp_pool *pool,
				       const struct netexpert_pool_filter *arg)
{
	struct netexpert_program programs[NETEXPERT_MAX_PROGRAMS];
	u32 i, nr = arg->nr_programs;
	struct nexp_filter *filter;
	int err;

	if (!nr)
		return arg->programs || arg->text || arg->text_size ?
			ERR_PTR(-EINVAL) : NULL;
	if (nr > NETEXPERT_MAX_PROGRAMS)
		return ERR_PTR(-EINVAL);
	if (copy_from_user(programs, u64_to_user_ptr(arg->programs),
			   nr * sizeof(programs[0])))
		return ERR_PTR(-EFAULT);

	filter = kzalloc(struct_size(filter, programs, nr), NEXP_GFP);
	if (!filter)
		return ERR_PTR(-ENOMEM);
	filter->charged = struct_size(filter, programs, nr);
	err = nexp_filter_take_text(filter, arg);
	for (i = 0; i < nr && !err; i++)
		err = nexp_filter_take_program(filter, &programs[i]);
	/* Only now it is known how much it is; it is bounded in any case. */
	if (!err)
		err = nexp_pool_charge(pool, filter->charged);
	if (!err)
		return filter;
	nexp_filter_free(filter);
	return ERR_PTR(err);
}

/**
 * nexp_filter_destroy() - free a filter that no delivery can reach any more
 * @pool: whose it is or would have been.
 * @filter: from nexp_filter_create(), or NULL.
 */
void nexp_filter_destroy(struct nexp_pool *pool, struct nexp_filter *filter)
{
	if (!filter)
		return;
	nexp_pool_uncharge(pool, filter->charged);
	nexp_filter_free(filter);
}

/**
 * nexp_filter_replace() - put a filter into the place of the present one
 * @pool: a living or dead pool.
 * @filter: from nexp_filter_create(), or NULL; the pool's from now on.
 *
 * Return: 0 when no delivery uses the former one any more; -ENOENT if the pool is
 * dead, and @filter is destroyed.
 */
int nexp_filter_replace(struct nexp_pool *pool, struct nexp_filter *filter)
{
	struct nexp_filter *old = filter;
	bool dead;

	mutex_lock(&pool->lock);
	dead = pool->dead;
	if (!dead) {
		old = rcu_replace_pointer(pool->filter, filter,
					  lockdep_is_held(&pool->lock));
		trace_netexpert_filter(pool, nexp_filter_count(filter),
				       filter ? filter->charged : 0);
	}
	mutex_unlock(&pool->lock);
	if (!dead)
		synchronize_rcu();
	nexp_filter_destroy(pool, old);
	return dead ? -ENOENT : 0;
}

/** nexp_filter_count() - programs of a filter, which may be NULL. */
u32 nexp_filter_count(const struct nexp_filter *filter)
{
	return filter ? filter->nr : 0;
}

/**
 * nexp_filter_text() - what people know a filter by
 * @filter: a filter or NULL; it stays meanwhile.
 * @to: where to copy as much as there is room for, NUL-terminated.
 * @room: bytes at @to.
 *
 * Return: bytes of the text, its NUL included; 0 if there is none.
 */
u32 nexp_filter_text(const struct nexp_filter *filter, char *to, u32 room)
{
	if (!filter || !filter->text)
		return 0;
	if (room)
		strscpy(to, filter->text, room);
	return filter->text_size;
}
