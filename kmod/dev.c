// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - the device node and the ioctl contract
 *
 * Both kinds of file bring a table of commands; copying arguments in and out
 * under the rules of the UAPI header is done here, once.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "dev.h"
#include "pool.h"
#include "session.h"

/* Large enough for every argument struct; each is checked at build time. */
union nexp_arg {
	u32 size;
	struct netexpert_info info;
	struct netexpert_pool_create create;
	struct netexpert_pool_open open;
	struct netexpert_pool_ref ref;
	struct netexpert_pool_stat stat;
	struct netexpert_attach attach;
	struct netexpert_range range;
	struct netexpert_session_limit session_limit;
	struct netexpert_pool_limit pool_limit;
	struct netexpert_pool_view view;
	struct netexpert_pool_filter filter;
	struct netexpert_pool_inject pool_inject;
	struct netexpert_inject inject;
};

static const struct nexp_ioctl *
nexp_ioctl_find(const struct nexp_ioctl *table, size_t nr, unsigned int cmd)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (table[i].cmd == cmd)
			return &table[i];
	return NULL;
}

/**
 * nexp_ioctl_dispatch() - find a command, copy its argument in, run it
 * @table: the file's commands.
 * @nr: entries.
 * @ctx: the file's object.
 * @cmd: from user space.
 * @arg: from user space.
 *
 * Return: what the command says, or -ENOTTY, -EFAULT, -EINVAL or -E2BIG.
 */
long nexp_ioctl_dispatch(const struct nexp_ioctl *table, size_t nr, void *ctx,
			 unsigned int cmd, unsigned long arg)
{
	const struct nexp_ioctl *ioctl = nexp_ioctl_find(table, nr, cmd);
	struct nexp_call call = { .user = (void __user *)arg };
	union nexp_arg buf;
	u32 size;
	int err;

	if (!ioctl)
		return -ENOTTY;
	if (get_user(size, (u32 __user *)call.user))
		return -EFAULT;
	if (size < ioctl->min_size)
		return -EINVAL;
	if (size > NEXP_MAX_ARG_SIZE)
		return -E2BIG;

	memset(&buf, 0, sizeof(buf));
	err = copy_struct_from_user(&buf, ioctl->size, call.user, size);
	if (err)
		return err;
	/* It may have changed since; the checked value is the one that counts. */
	buf.size = size;
	call.size = min_t(size_t, size, ioctl->size);
	return ioctl->fn(ctx, &buf, &call);
}

/**
 * nexp_call_reply() - copy the argument back, as much as the caller knows
 * @call: the call.
 * @arg: the filled-in argument.
 *
 * Return: 0 or -EFAULT.
 */
int nexp_call_reply(const struct nexp_call *call, const void *arg)
{
	return copy_to_user(call->user, arg, call->size) ? -EFAULT : 0;
}

/* As much as was asked for and there can be. */
static int nexp_stat_arrays_alloc(struct nexp_stat_arrays *arrays,
				  const struct nexp_pool *pool,
				  const struct netexpert_pool_stat *stat)
{
	if (stat->rings)
		arrays->nr_rings = min(stat->nr_rings, pool->nr_rings);
	if (stat->filter_text)
		arrays->text_room = min_t(u32, stat->filter_text_size,
					  NETEXPERT_FILTER_TEXT_LEN);
	if (arrays->nr_rings)
		arrays->rings = kvcalloc(arrays->nr_rings,
					 sizeof(*arrays->rings), NEXP_GFP);
	if (arrays->text_room)
		arrays->text = kzalloc(arrays->text_room, NEXP_GFP);
	if ((arrays->nr_rings && !arrays->rings) ||
	    (arrays->text_room && !arrays->text))
		return -ENOMEM;
	return 0;
}

static void nexp_stat_arrays_free(struct nexp_stat_arrays *arrays)
{
	kvfree(arrays->rings);
	kfree(arrays->text);
}

static int nexp_stat_arrays_reply(const struct nexp_stat_arrays *arrays,
				  const struct netexpert_pool_stat *stat)
{
	u32 text = min(arrays->text_room, stat->filter_text_size);

	if (arrays->nr_rings &&
	    copy_to_user(u64_to_user_ptr(stat->rings), arrays->rings,
			 arrays->nr_rings * sizeof(*arrays->rings)))
		return -EFAULT;
	if (text && copy_to_user(u64_to_user_ptr(stat->filter_text),
				 arrays->text, text))
		return -EFAULT;
	return 0;
}

/**
 * nexp_call_stat() - the common part of POOL_STAT
 * @call: the call.
 * @pool: whose counters.
 * @stat: the argument, its input fields checked but for the arrays'.
 * @acknowledge: the session has taken notice of the last change.
 *
 * Return: 0, -ENOENT if the pool died meanwhile, -ENOMEM or -EFAULT.
 */
int nexp_call_stat(const struct nexp_call *call, struct nexp_pool *pool,
		   struct netexpert_pool_stat *stat, bool acknowledge)
{
	struct nexp_stat_arrays arrays = {};
	u64 news;
	int err;

	err = nexp_stat_arrays_alloc(&arrays, pool, stat);
	if (!err)
		err = nexp_pool_stat(pool, stat, &arrays, &news);
	if (!err)
		err = nexp_stat_arrays_reply(&arrays, stat);
	if (!err)
		err = nexp_call_reply(call, stat);
	if (!err && acknowledge)
		nexp_pool_take_news(pool, news);
	nexp_stat_arrays_free(&arrays);
	return err;
}

static struct miscdevice nexp_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "netexpert",
	.fops = &nexp_session_fops,
	.mode = 0660,
};

/** nexp_dev_init() - make /dev/netexpert. Return: 0 or an errno. */
int nexp_dev_init(void)
{
	/* The ABI is pinned: sizes of the first version, no holes. */
	BUILD_BUG_ON(sizeof(struct netexpert_info) != 64);
	BUILD_BUG_ON(sizeof(struct netexpert_pool_create) != 104);
	BUILD_BUG_ON(sizeof(struct netexpert_pool_open) != 24);
	BUILD_BUG_ON(sizeof(struct netexpert_pool_ref) != 16);
	BUILD_BUG_ON(sizeof(struct netexpert_ring_stat) != 176);
	BUILD_BUG_ON(offsetof(struct netexpert_pool_stat, filter_text) != 360);
	BUILD_BUG_ON(sizeof(struct netexpert_pool_stat) != 376);
	BUILD_BUG_ON(offsetof(struct netexpert_attach, out_released) != 80);
	BUILD_BUG_ON(sizeof(struct netexpert_attach) != 88);
	BUILD_BUG_ON(sizeof(struct netexpert_range) != 24);
	BUILD_BUG_ON(sizeof(struct netexpert_session_limit) != 16);
	BUILD_BUG_ON(sizeof(struct netexpert_pool_limit) != 24);
	BUILD_BUG_ON(sizeof(struct netexpert_pool_view) != 24);
	BUILD_BUG_ON(sizeof(struct netexpert_program) != 16);
	BUILD_BUG_ON(sizeof(struct netexpert_pool_filter) != 40);
	BUILD_BUG_ON(sizeof(struct netexpert_pool_inject) != 24);
	BUILD_BUG_ON(sizeof(struct netexpert_inject) != 24);
	BUILD_BUG_ON(sizeof(struct netexpert_inject_frame) != 40);
	BUILD_BUG_ON(sizeof(struct netexpert_record) != 80);
	BUILD_BUG_ON(sizeof(struct netexpert_ring_status) > NETEXPERT_SLOT_SIZE);
	BUILD_BUG_ON(sizeof(struct netexpert_reader) > NETEXPERT_SLOT_SIZE);
	BUILD_BUG_ON(2ULL * NEXP_MAX_RING_SIZE > NETEXPERT_MAP_RING(1) -
					      NETEXPERT_MAP_RING(0));

	return misc_register(&nexp_misc);
}

/** nexp_dev_exit() - remove it; no file is open any more. */
void nexp_dev_exit(void)
{
	misc_deregister(&nexp_misc);
}
