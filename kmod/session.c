// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - sessions: the supervisor's side of the device
 *
 * One open of the device. It owns its pools: only it can open, terminate,
 * reclaim and destroy them, and its last close destroys them all.
 */
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>

#include "charge.h"
#include "dev.h"
#include "inject.h"
#include "filter.h"
#include "pool.h"
#include "session.h"
#include "view.h"

static unsigned int max_rings = 16;
module_param(max_rings, uint, 0644);
MODULE_PARM_DESC(max_rings,
		 "Most rings of a pool that asks for one per CPU (1 to 256, default 16)");

/**
 * struct nexp_session - one open of the device
 * @ref: held by the file and by its pools, husks included.
 * @account: what its pools take.
 * @lock: Protects @pools. Outside every pool's lock.
 * @pools: pools it owns.
 * @wait: woken when a pool has news.
 */
struct nexp_session {
	struct kref ref;
	struct nexp_account account;
	struct mutex lock; /* protects pools; outside every pool's lock */
	struct list_head pools;
	wait_queue_head_t wait;
};

static void nexp_session_free(struct kref *ref)
{
	kfree(container_of(ref, struct nexp_session, ref));
}

/** nexp_session_get() - take a reference. Return: @session. */
struct nexp_session *nexp_session_get(struct nexp_session *session)
{
	kref_get(&session->ref);
	return session;
}

/** nexp_session_put() - drop a reference. */
void nexp_session_put(struct nexp_session *session)
{
	kref_put(&session->ref, nexp_session_free);
}

/** nexp_session_account() - what its pools are counted against. */
struct nexp_account *nexp_session_account(struct nexp_session *session)
{
	return &session->account;
}

/** nexp_default_rings() - what nr_rings = 0 means. */
u32 nexp_default_rings(void)
{
	u32 most = clamp(READ_ONCE(max_rings), 1U, NEXP_MAX_RINGS);

	return min_t(u32, nr_cpu_ids, most);
}

/** nexp_session_wake() - a pool of @session has news. */
void nexp_session_wake(struct nexp_session *session)
{
	wake_up_poll(&session->wait, EPOLLIN);
}

/* An own pool, with a reference. */
static struct nexp_pool *nexp_session_pool(struct nexp_session *session, u64 id)
{
	struct nexp_pool *pool = nexp_pool_get(id);

	if (pool && pool->session != session) {
		nexp_pool_put(pool);
		pool = NULL;
	}
	return pool;
}

static int nexp_session_ioctl_info(void *ctx, void *arg,
				   const struct nexp_call *call)
{
	struct nexp_session *session = ctx;
	struct netexpert_info *info = arg;

	if (info->flags)
		return -EOPNOTSUPP;
	info->out_abi = NETEXPERT_ABI;
	info->out_max_pools = NEXP_MAX_POOLS;
	info->out_nr_pools = nexp_pool_count();
	info->out_default_rings = nexp_default_rings();
	info->out_bytes = nexp_charged();
	info->out_max_bytes = nexp_max_bytes();
	info->out_drops_no_pool = nexp_drops_no_pool();
	info->out_session_bytes = atomic_long_read(&session->account.bytes);
	info->out_session_max_bytes = nexp_account_max(&session->account);
	return nexp_call_reply(call, info);
}

static int nexp_session_ioctl_limit(void *ctx, void *arg,
				    const struct nexp_call *call)
{
	struct nexp_session *session = ctx;
	struct netexpert_session_limit *limit = arg;

	if (limit->flags)
		return -EOPNOTSUPP;
	WRITE_ONCE(session->account.max, limit->max_bytes);
	return 0;
}

static int nexp_session_destroy_pool(struct nexp_session *session, u64 id)
{
	struct nexp_pool *pool = nexp_session_pool(session, id);
	bool listed;

	if (!pool)
		return -ENOENT;
	mutex_lock(&session->lock);
	listed = !list_empty(&pool->session_node);
	list_del_init(&pool->session_node);
	mutex_unlock(&session->lock);

	/* Whoever takes it off the list destroys it, and only once. */
	if (listed) {
		nexp_pool_unpublish(pool);
		synchronize_rcu();
		nexp_pool_destroy(pool);
	}
	nexp_pool_put(pool);
	return listed ? 0 : -ENOENT;
}

static int nexp_session_ioctl_create(void *ctx, void *arg,
				     const struct nexp_call *call)
{
	struct nexp_session *session = ctx;
	struct netexpert_pool_create *create = arg;
	struct nexp_pool *pool;
	int err;

	if (create->flags & ~NETEXPERT_POOL_POSTMORTEM || create->__reserved)
		return -EOPNOTSUPP;
	pool = nexp_pool_create(session, create);
	if (IS_ERR(pool))
		return PTR_ERR(pool);

	/* From here on another thread may name it, and destroy it. */
	mutex_lock(&session->lock);
	err = nexp_pool_publish(pool);
	if (!err) {
		list_add_tail(&pool->session_node, &session->pools);
		create->out_pool_id = pool->id;
		create->out_nr_rings = pool->nr_rings;
	}
	mutex_unlock(&session->lock);
	if (err) {
		nexp_pool_destroy(pool);
		return err;
	}
	err = nexp_call_reply(call, create);
	if (err)
		nexp_session_destroy_pool(session, create->out_pool_id);
	return err;
}

/*
 * Answers a new file of @pool by @open. Everything that can fail comes before the
 * file is visible; @out_fd is part of @arg.
 */
static int nexp_session_answer_fd(const struct nexp_call *call,
				  struct nexp_pool *pool, void *arg, s32 *out_fd,
				  int (*open)(struct nexp_pool *pool, int fd))
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	int err;

	if (fd < 0)
		return fd;
	*out_fd = fd;
	err = nexp_call_reply(call, arg);
	if (!err)
		err = open(pool, fd);
	if (err)
		put_unused_fd(fd);
	return err;
}

static int nexp_session_ioctl_open(void *ctx, void *arg,
				   const struct nexp_call *call)
{
	struct netexpert_pool_open *open = arg;
	struct nexp_pool *pool;
	int err;

	if (open->flags || open->__reserved)
		return -EOPNOTSUPP;
	pool = nexp_session_pool(ctx, open->pool_id);
	if (!pool)
		return -ENOENT;
	err = nexp_session_answer_fd(call, pool, open, &open->out_fd,
				     nexp_attachment_open);
	nexp_pool_put(pool);
	return err;
}

static int nexp_session_ioctl_inject(void *ctx, void *arg,
				     const struct nexp_call *call)
{
	struct netexpert_pool_inject *inject = arg;
	struct nexp_pool *pool;
	int err;

	if (inject->flags || inject->__reserved)
		return -EOPNOTSUPP;
	pool = nexp_session_pool(ctx, inject->pool_id);
	if (!pool)
		return -ENOENT;
	err = nexp_session_answer_fd(call, pool, inject, &inject->out_fd,
				     nexp_inject_open);
	nexp_pool_put(pool);
	return err;
}

static int nexp_session_ioctl_view(void *ctx, void *arg,
				   const struct nexp_call *call)
{
	struct netexpert_pool_view *view = arg;
	struct nexp_pool *pool;
	int err = -ENOENT;

	if (view->flags || view->__reserved)
		return -EOPNOTSUPP;
	pool = nexp_pool_get(view->pool_id);
	if (!pool)
		return -ENOENT;
	if (pool->session == ctx || capable(CAP_SYS_PTRACE))
		err = nexp_session_answer_fd(call, pool, view, &view->out_fd,
					     nexp_view_open);
	nexp_pool_put(pool);
	return err;
}

static int nexp_session_ioctl_terminate(void *ctx, void *arg,
					const struct nexp_call *call)
{
	struct netexpert_pool_ref *ref = arg;
	struct nexp_pool *pool;

	if (ref->flags)
		return -EOPNOTSUPP;
	pool = nexp_session_pool(ctx, ref->pool_id);
	if (!pool)
		return -ENOENT;
	nexp_pool_terminate(pool);
	nexp_pool_put(pool);
	return 0;
}

static int nexp_session_ioctl_pool_limit(void *ctx, void *arg,
					 const struct nexp_call *call)
{
	struct netexpert_pool_limit *limit = arg;
	struct nexp_pool *pool;
	int err;

	if (limit->flags)
		return -EOPNOTSUPP;
	pool = nexp_session_pool(ctx, limit->pool_id);
	if (!pool)
		return -ENOENT;
	err = nexp_heap_set_limit(pool, limit->heap_limit);
	nexp_pool_put(pool);
	return err;
}

static int nexp_session_ioctl_filter(void *ctx, void *arg,
				     const struct nexp_call *call)
{
	struct netexpert_pool_filter *args = arg;
	struct nexp_filter *filter;
	struct nexp_pool *pool;
	int err;

	if (args->flags)
		return -EOPNOTSUPP;
	pool = nexp_session_pool(ctx, args->pool_id);
	if (!pool)
		return -ENOENT;
	filter = nexp_filter_create(pool, args);
	err = PTR_ERR_OR_ZERO(filter);
	if (!err)
		err = nexp_filter_replace(pool, filter);
	nexp_pool_put(pool);
	return err;
}

static int nexp_session_ioctl_freeze(void *ctx, void *arg,
				     const struct nexp_call *call)
{
	struct netexpert_pool_ref *ref = arg;
	struct nexp_pool *pool;
	int err;

	if (ref->flags)
		return -EOPNOTSUPP;
	pool = nexp_session_pool(ctx, ref->pool_id);
	if (!pool)
		return -ENOENT;
	err = nexp_pool_freeze(pool);
	nexp_pool_put(pool);
	return err;
}

static int nexp_session_ioctl_reclaim(void *ctx, void *arg,
				      const struct nexp_call *call)
{
	struct netexpert_pool_ref *ref = arg;
	struct nexp_pool *pool;

	if (ref->flags)
		return -EOPNOTSUPP;
	pool = nexp_session_pool(ctx, ref->pool_id);
	if (!pool)
		return -ENOENT;
	nexp_pool_reclaim(pool);
	nexp_pool_put(pool);
	return 0;
}

static int nexp_session_ioctl_destroy(void *ctx, void *arg,
				      const struct nexp_call *call)
{
	struct netexpert_pool_ref *ref = arg;

	if (ref->flags)
		return -EOPNOTSUPP;
	return nexp_session_destroy_pool(ctx, ref->pool_id);
}

static int nexp_session_ioctl_stat(void *ctx, void *arg,
				   const struct nexp_call *call)
{
	struct netexpert_pool_stat *stat = arg;
	bool next = stat->flags & NETEXPERT_STAT_NEXT;
	u64 id = stat->pool_id;
	int err;

	if (stat->flags & ~NETEXPERT_STAT_NEXT)
		return -EOPNOTSUPP;

	for (;;) {
		struct nexp_pool *pool = next ? nexp_pool_get_next(id) :
						nexp_pool_get(id);
		bool own;

		if (!pool)
			return -ENOENT;
		own = pool->session == ctx;
		id = pool->id;
		err = -ENOENT;
		if (own || capable(CAP_NET_ADMIN))
			err = nexp_call_stat(call, pool, stat, own && !next);
		nexp_pool_put(pool);
		/* A walk passes over what it may not see or what just died. */
		if (err != -ENOENT || !next)
			return err;
	}
}

static const struct nexp_ioctl nexp_session_ioctls[] = {
	NEXP_IOCTL(INFO, netexpert_info, out_session_max_bytes,
		   nexp_session_ioctl_info),
	NEXP_IOCTL(POOL_CREATE, netexpert_pool_create, __reserved,
		   nexp_session_ioctl_create),
	NEXP_IOCTL(POOL_OPEN, netexpert_pool_open, __reserved,
		   nexp_session_ioctl_open),
	NEXP_IOCTL(POOL_TERMINATE, netexpert_pool_ref, pool_id,
		   nexp_session_ioctl_terminate),
	NEXP_IOCTL(POOL_RECLAIM, netexpert_pool_ref, pool_id,
		   nexp_session_ioctl_reclaim),
	NEXP_IOCTL(POOL_DESTROY, netexpert_pool_ref, pool_id,
		   nexp_session_ioctl_destroy),
	NEXP_IOCTL(POOL_STAT, netexpert_pool_stat, out_last_busy,
		   nexp_session_ioctl_stat),
	NEXP_IOCTL(SESSION_LIMIT, netexpert_session_limit, max_bytes,
		   nexp_session_ioctl_limit),
	NEXP_IOCTL(POOL_LIMIT, netexpert_pool_limit, heap_limit,
		   nexp_session_ioctl_pool_limit),
	NEXP_IOCTL(POOL_FREEZE, netexpert_pool_ref, pool_id,
		   nexp_session_ioctl_freeze),
	NEXP_IOCTL(POOL_VIEW, netexpert_pool_view, __reserved,
		   nexp_session_ioctl_view),
	NEXP_IOCTL(POOL_FILTER, netexpert_pool_filter, text_size,
		   nexp_session_ioctl_filter),
	NEXP_IOCTL(POOL_INJECT, netexpert_pool_inject, __reserved,
		   nexp_session_ioctl_inject),
};

static long nexp_session_ioctl(struct file *file, unsigned int cmd,
			       unsigned long arg)
{
	return nexp_ioctl_dispatch(nexp_session_ioctls,
				   ARRAY_SIZE(nexp_session_ioctls),
				   file->private_data, cmd, arg);
}

static int nexp_session_open(struct inode *inode, struct file *file)
{
	struct nexp_session *session;

	session = kzalloc(sizeof(*session), NEXP_GFP);
	if (!session)
		return -ENOMEM;
	kref_init(&session->ref);
	mutex_init(&session->lock);
	INIT_LIST_HEAD(&session->pools);
	init_waitqueue_head(&session->wait);
	file->private_data = session;
	return nonseekable_open(inode, file);
}

static __poll_t nexp_session_poll(struct file *file, poll_table *wait)
{
	struct nexp_session *session = file->private_data;
	struct nexp_pool *pool;
	__poll_t mask = 0;

	poll_wait(file, &session->wait, wait);

	mutex_lock(&session->lock);
	list_for_each_entry(pool, &session->pools, session_node)
		if (nexp_pool_has_news(pool))
			mask = EPOLLIN | EPOLLRDNORM;
	mutex_unlock(&session->lock);
	return mask;
}

static int nexp_session_release(struct inode *inode, struct file *file)
{
	struct nexp_session *session = file->private_data;
	struct nexp_pool *pool, *next;

	/* No ioctl is under way: nobody else has the list. */
	list_for_each_entry(pool, &session->pools, session_node)
		nexp_pool_unpublish(pool);
	if (!list_empty(&session->pools))
		synchronize_rcu();
	list_for_each_entry_safe(pool, next, &session->pools, session_node) {
		list_del_init(&pool->session_node);
		nexp_pool_destroy(pool);
	}
	nexp_session_put(session);
	return 0;
}

const struct file_operations nexp_session_fops = {
	.owner = THIS_MODULE,
	.open = nexp_session_open,
	.release = nexp_session_release,
	.poll = nexp_session_poll,
	.unlocked_ioctl = nexp_session_ioctl,
};
