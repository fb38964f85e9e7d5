// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - pools: ids, creation, end
 *
 * A pool is owned by a session and holds the rings, the heap and at most one
 * attachment. Three things can reach it: BPF programs by id under RCU, system
 * calls by a reference, and page faults through an attachment's file. Its end
 * goes through them in that order: nexp_pool_unpublish() takes the id away, a
 * grace period later no delivery is under way, nexp_pool_destroy() ends the
 * attachment, revokes every mapping and frees rings and heap. What is left is an
 * empty shell for files that a former expert still holds.
 */
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/topology.h>
#include <linux/vmalloc.h>

#include "charge.h"
#include "filter.h"
#include "pool.h"
#include "session.h"
#include "trace.h"

/* Protects the table's writers; kfuncs and look-ups read it under RCU. */
static DEFINE_MUTEX(nexp_table_lock);
struct nexp_pool __rcu *nexp_table[NEXP_MAX_POOLS];
static unsigned int nexp_nr_pools;	/* under nexp_table_lock */
static u32 nexp_next_generation;	/* under nexp_table_lock */

/*
 * Index, then a counter (so that no id comes twice), then random bits (so that
 * an old or made-up id names nothing).
 */
static u64 nexp_id_make(unsigned int index, u32 generation)
{
	return index | (u64)generation << NEXP_POOL_BITS |
	       (u64)get_random_u32() << (NEXP_POOL_BITS + 32);
}

/**
 * nexp_pool_publish() - give a pool its id
 * @pool: from nexp_pool_create().
 *
 * Return: 0, or -ENOSPC if there are as many pools as there can be.
 */
int nexp_pool_publish(struct nexp_pool *pool)
{
	unsigned int i;
	int err = -ENOSPC;

	mutex_lock(&nexp_table_lock);
	for (i = 0; i < NEXP_MAX_POOLS; i++) {
		if (rcu_access_pointer(nexp_table[i]))
			continue;
		/* Generations start at 1, so that no id is 0. */
		pool->id = nexp_id_make(i, ++nexp_next_generation);
		rcu_assign_pointer(nexp_table[i], pool);
		nexp_nr_pools++;
		trace_netexpert_pool_create(pool);
		err = 0;
		break;
	}
	mutex_unlock(&nexp_table_lock);
	return err;
}

/**
 * nexp_pool_unpublish() - take the id away
 * @pool: published, and not twice.
 *
 * The caller waits for a grace period before nexp_pool_destroy().
 */
void nexp_pool_unpublish(struct nexp_pool *pool)
{
	mutex_lock(&nexp_table_lock);
	RCU_INIT_POINTER(nexp_table[nexp_id_index(pool->id)], NULL);
	nexp_nr_pools--;
	trace_netexpert_pool_destroy(pool);
	mutex_unlock(&nexp_table_lock);
	wake_up_interruptible(&pool->inject_wait);
}

/** nexp_pool_count() - pools of all sessions. */
unsigned int nexp_pool_count(void)
{
	return READ_ONCE(nexp_nr_pools);
}

/**
 * nexp_pool_get() - pool of an id, with a reference
 * @id: from anywhere.
 *
 * Return: the pool or NULL. It may become a dead one at any time: see its lock.
 */
struct nexp_pool *nexp_pool_get(u64 id)
{
	struct nexp_pool *pool;

	rcu_read_lock();
	pool = nexp_pool_lookup_rcu(id);
	if (pool && !kref_get_unless_zero(&pool->ref))
		pool = NULL;
	rcu_read_unlock();
	return pool;
}

/**
 * nexp_pool_get_next() - first pool behind the one of an id, with a reference
 * @id: where the walk stands; 0 to begin. It need not exist any more.
 *
 * Return: the pool or NULL at the end.
 */
struct nexp_pool *nexp_pool_get_next(u64 id)
{
	struct nexp_pool *pool = NULL;
	unsigned int i;

	rcu_read_lock();
	for (i = id ? nexp_id_index(id) + 1 : 0; i < NEXP_MAX_POOLS; i++) {
		pool = rcu_dereference(nexp_table[i]);
		if (pool && kref_get_unless_zero(&pool->ref))
			break;
		pool = NULL;
	}
	rcu_read_unlock();
	return pool;
}

static void nexp_pool_release(struct kref *ref)
{
	struct nexp_pool *pool = container_of(ref, struct nexp_pool, ref);

	nexp_session_put(pool->session);
	kfree_rcu(pool, rcu);
}

/** nexp_pool_put() - drop a reference. */
void nexp_pool_put(struct nexp_pool *pool)
{
	kref_put(&pool->ref, nexp_pool_release);
}

/** nexp_pool_charge() - see nexp_charge(). */
int nexp_pool_charge(struct nexp_pool *pool, unsigned long bytes)
{
	return nexp_charge(nexp_session_account(pool->session), bytes);
}

/** nexp_pool_uncharge() - see nexp_uncharge(). */
void nexp_pool_uncharge(struct nexp_pool *pool, unsigned long bytes)
{
	nexp_uncharge(nexp_session_account(pool->session), bytes);
}

/**
 * nexp_pool_note_change() - tell the session that there is news
 * @pool: its lock is held.
 */
void nexp_pool_note_change(struct nexp_pool *pool)
{
	WRITE_ONCE(pool->news, pool->news + 1);
	nexp_session_wake(pool->session);
}

/** nexp_pool_has_news() - does the session not know yet? */
bool nexp_pool_has_news(const struct nexp_pool *pool)
{
	return READ_ONCE(pool->news) != READ_ONCE(pool->heard);
}

/**
 * nexp_pool_take_news() - the session has been told
 * @pool: whose changes.
 * @news: how many there were when the answer was made up; later ones stay news.
 */
void nexp_pool_take_news(struct nexp_pool *pool, u64 news)
{
	mutex_lock(&pool->lock);
	WRITE_ONCE(pool->heard, max(pool->heard, news));
	mutex_unlock(&pool->lock);
}

/*
 * Undo what an expert scribbled, now that it can't any more: frames of the time
 * without an expert are not to be lost for a word that makes no sense. The
 * positions are read by deliveries meanwhile, so they are not zeroed in between.
 * What the readers said they were working on stays while the pool is frozen.
 */
static void nexp_pool_clean_consumer(struct nexp_pool *pool, bool readers)
{
	size_t rings = (1 + pool->nr_rings) * NETEXPERT_SLOT_SIZE;
	u32 i;

	mutex_lock(&pool->lock);
	memset(pool->consumer, 0, NETEXPERT_SLOT_SIZE);
	for (i = 0; i < pool->nr_rings; i++)
		nexp_ring_clean_consumer(pool->rings[i]);
	if (readers)
		memset(pool->consumer + rings, 0, pool->consumer_size - rings);
	mutex_unlock(&pool->lock);
}

/* Sizes that the kernel wrote lead to the borders of records, one by one. */
static void nexp_pool_finish_records(struct nexp_pool *pool)
{
	u64 released = 0;
	u32 i;

	for (i = 0; i < pool->nr_rings; i++)
		released += nexp_ring_finish_record(pool->rings[i]);
	mutex_lock(&pool->lock);
	pool->released = released;
	mutex_unlock(&pool->lock);
	wake_up_interruptible(&pool->inject_wait);
}

static void nexp_pool_note_frozen(struct nexp_pool *pool)
{
	mutex_lock(&pool->lock);
	/* A reclaim may have come meanwhile; it has queued another pass. */
	if (pool->keep_heap && !pool->frozen) {
		pool->frozen = true;
		trace_netexpert_frozen(pool->att);
		nexp_pool_note_change(pool);
	}
	mutex_unlock(&pool->lock);
}

/* Whether the heap is back, which is told before the rings are looked at. */
static bool nexp_pool_note_back(struct nexp_pool *pool, bool force)
{
	bool back;

	mutex_lock(&pool->lock);
	back = force || !pool->heap.used;
	if (back) {
		pool->back_ns = ktime_get_ns();
		trace_netexpert_back(pool->att);
		nexp_pool_note_change(pool);
	}
	mutex_unlock(&pool->lock);
	return back;
}

/*
 * One try to take everything back from an attachment that has ended: revoke
 * its windows, free what nobody refers to any more, unless that is to be kept.
 * With @force pages that something still refers to are let go too: they are free
 * when it drops them.
 */
static bool nexp_pool_reclaim_pass(struct nexp_pool *pool, bool force)
{
	struct nexp_attachment *att;
	bool keep;

	mutex_lock(&pool->lock);
	att = pool->att;
	keep = pool->keep_heap;
	if (!att || att->state != NEXP_ATT_ENDED) {
		mutex_unlock(&pool->lock);
		return true;
	}
	mutex_unlock(&pool->lock);

	/*
	 * The fault handler inserts under the pool's lock and checks the state
	 * there, so nothing is mapped any more after this. Only this function
	 * clears pool->att and it does not run twice at once.
	 */
	unmap_mapping_range(att->inode->i_mapping, 0, 0, 1);
	nexp_pool_clean_consumer(pool, !keep);
	if (keep) {
		nexp_pool_finish_records(pool);
		nexp_pool_note_frozen(pool);
		return true;
	}
	nexp_heap_take_back(pool, force);
	if (!nexp_pool_note_back(pool, force))
		return false;

	nexp_pool_finish_records(pool);
	mutex_lock(&pool->lock);
	pool->att = NULL;
	nexp_pool_note_change(pool);
	mutex_unlock(&pool->lock);
	nexp_attachment_detach(att);
	return true;
}

static void nexp_pool_reclaim_work(struct work_struct *work)
{
	struct nexp_pool *pool = container_of(to_delayed_work(work),
					      struct nexp_pool, reclaim_work);

	if (nexp_pool_reclaim_pass(pool, false))
		return;
	/* Something in the kernel holds a page for a moment longer: look again. */
	queue_delayed_work(system_unbound_wq, &pool->reclaim_work,
			   pool->reclaim_delay);
	pool->reclaim_delay = min(2 * pool->reclaim_delay, (unsigned long)HZ);
}

static int nexp_pool_check(const struct netexpert_pool_create *arg)
{
	size_t len = strnlen(arg->name, sizeof(arg->name));
	size_t i;

	if (!len || len == sizeof(arg->name))
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (arg->name[i] <= ' ' || arg->name[i] > '~')
			return -EINVAL;
	if (arg->nr_rings > NEXP_MAX_RINGS)
		return -EINVAL;
	if (!is_power_of_2(arg->ring_size) || arg->ring_size < PAGE_SIZE ||
	    arg->ring_size > NEXP_MAX_RING_SIZE)
		return -EINVAL;
	if (arg->history_size >= arg->ring_size || arg->history_size % 8)
		return -EINVAL;
	if (!arg->heap_size || !PAGE_ALIGNED(arg->heap_size) ||
	    arg->heap_size > NEXP_MAX_HEAP_SIZE)
		return -EINVAL;
	if (!PAGE_ALIGNED(arg->heap_limit) || arg->heap_limit > arg->heap_size)
		return -EINVAL;
	if (arg->wake_bytes > arg->ring_size - arg->history_size ||
	    arg->wake_usecs > NEXP_MAX_WAKE_USECS)
		return -EINVAL;
	return 0;
}

static int nexp_pool_alloc_windows(struct nexp_pool *pool)
{
	struct netexpert_status *status;

	pool->status = __vmalloc(pool->status_size, NEXP_GFP);
	pool->consumer = __vmalloc(pool->consumer_size, NEXP_GFP);
	if (!pool->status || !pool->consumer)
		return -ENOMEM;

	status = nexp_pool_status(pool);
	status->abi = NETEXPERT_ABI;
	status->nr_rings = pool->nr_rings;
	return 0;
}

static int nexp_pool_alloc_rings(struct nexp_pool *pool)
{
	u32 i;

	/* CPU i delivers to ring i, if there are that many. */
	for (i = 0; i < pool->nr_rings; i++) {
		int node = i < nr_cpu_ids ? cpu_to_node(i) : NUMA_NO_NODE;
		struct nexp_ring *ring;

		ring = nexp_ring_create(pool, i, node);
		if (IS_ERR(ring))
			return PTR_ERR(ring);
		pool->rings[i] = ring;
	}
	return 0;
}

/* Accepts half-built pools. No delivery, mapping or worker is left. */
static void nexp_pool_free_memory(struct nexp_pool *pool)
{
	u32 i;

	for (i = 0; i < pool->nr_rings; i++) {
		nexp_ring_destroy(pool->rings[i]);
		pool->rings[i] = NULL;
	}
	nexp_heap_exit(pool);
	nexp_filter_destroy(pool, rcu_dereference_protected(pool->filter, 1));
	RCU_INIT_POINTER(pool->filter, NULL);
	vfree(pool->status);
	vfree(pool->consumer);
	pool->status = NULL;
	pool->consumer = NULL;
	nexp_pool_uncharge(pool, pool->charged);
	pool->charged = 0;
}

static unsigned long nexp_pool_fixed_bytes(const struct nexp_pool *pool,
					   u64 heap_size)
{
	return pool->nr_rings * pool->ring_size + pool->status_size +
	       pool->consumer_size +
	       (heap_size >> PAGE_SHIFT) * sizeof(struct page *);
}

/**
 * nexp_pool_create() - make a pool; nexp_pool_publish() comes next
 * @session: owner.
 * @arg: as user space gave it; flags and reserved words are checked already.
 *
 * Return: the pool with one reference, or -EINVAL, -EDQUOT, -ENOMEM or
 * -EINTR as a pointer.
 */
struct nexp_pool *nexp_pool_create(struct nexp_session *session,
				   const struct netexpert_pool_create *arg)
{
	u32 nr_rings = arg->nr_rings ?: nexp_default_rings();
	struct nexp_pool *pool;
	unsigned long fixed;
	int err;

	err = nexp_pool_check(arg);
	if (err)
		return ERR_PTR(err);

	pool = kzalloc(struct_size(pool, rings, nr_rings), NEXP_GFP);
	if (!pool)
		return ERR_PTR(-ENOMEM);

	kref_init(&pool->ref);
	mutex_init(&pool->lock);
	mutex_init(&pool->heap.resize_lock);
	init_waitqueue_head(&pool->wait);
	init_waitqueue_head(&pool->inject_wait);
	INIT_DELAYED_WORK(&pool->reclaim_work, nexp_pool_reclaim_work);
	INIT_LIST_HEAD(&pool->session_node);
	pool->session = nexp_session_get(session);
	pool->nr_rings = nr_rings;
	pool->snaplen = arg->snaplen ?: U32_MAX;
	pool->ring_size = arg->ring_size;
	pool->history_size = arg->history_size;
	pool->wake_bytes = arg->wake_bytes ?:
			   (arg->ring_size - arg->history_size) / 4;
	pool->wake_ns = NSEC_PER_USEC * (u64)(arg->wake_usecs ?:
					      NEXP_DEFAULT_WAKE_USECS);
	pool->postmortem = arg->flags & NETEXPERT_POOL_POSTMORTEM;
	strscpy(pool->name, arg->name);
	pool->status_size = PAGE_ALIGN((1 + nr_rings) * NETEXPERT_SLOT_SIZE);
	pool->consumer_size = PAGE_ALIGN((1 + nr_rings + NETEXPERT_NR_READERS) *
					 NETEXPERT_SLOT_SIZE);
	pool->created_ns = ktime_get_ns();
	pool->realtime_ns = ktime_get_real_ns();

	fixed = nexp_pool_fixed_bytes(pool, arg->heap_size);
	err = nexp_pool_charge(pool, fixed);
	if (err)
		goto err_free;
	pool->charged = fixed;

	err = nexp_pool_alloc_windows(pool);
	if (err)
		goto err_memory;
	err = nexp_pool_alloc_rings(pool);
	if (err)
		goto err_memory;
	err = nexp_heap_init(pool, arg->heap_size, arg->heap_limit);
	if (err)
		goto err_memory;
	return pool;

err_memory:
	nexp_pool_free_memory(pool);
err_free:
	nexp_session_put(session);
	kfree(pool);
	return ERR_PTR(err);
}

/**
 * nexp_pool_terminate() - ask the expert to finish
 * @pool: a living or dead pool.
 */
void nexp_pool_terminate(struct nexp_pool *pool)
{
	mutex_lock(&pool->lock);
	if (!pool->dead)
		WRITE_ONCE(nexp_pool_status(pool)->terminate, 1);
	mutex_unlock(&pool->lock);
	wake_up_poll(&pool->wait, EPOLLHUP);
}

/**
 * nexp_pool_complete() - no frame comes any more
 * @pool: a living or dead pool.
 */
void nexp_pool_complete(struct nexp_pool *pool)
{
	mutex_lock(&pool->lock);
	if (!pool->dead) {
		/* Pairs with the reader's load-acquire: all frames first. */
		smp_store_release(&nexp_pool_status(pool)->complete, 1);
		nexp_ring_wake(pool->rings[0]);
	}
	mutex_unlock(&pool->lock);
}

/**
 * nexp_pool_freeze() - end the attachment and keep its heap
 * @pool: a living or dead pool.
 *
 * Return: 0 when every window of it is revoked, or what NETEXPERT_IOC_POOL_FREEZE
 * says; -ENOENT if the pool is dead.
 */
int nexp_pool_freeze(struct nexp_pool *pool)
{
	struct nexp_attachment *att;
	int err = 0;

	mutex_lock(&pool->lock);
	att = pool->att;
	if (pool->dead) {
		err = -ENOENT;
	} else if (!att || att->state == NEXP_ATT_OPEN) {
		err = -ENODATA;
	} else if (att->state == NEXP_ATT_ENDED && !pool->keep_heap) {
		err = -EBUSY;
	} else {
		pool->keep_heap = true;
		nexp_attachment_end(att);
	}
	mutex_unlock(&pool->lock);
	if (!err)
		flush_delayed_work(&pool->reclaim_work);
	return err;
}

/* The end, and nothing is kept; the pool's lock is held. */
static void nexp_pool_end(struct nexp_pool *pool)
{
	if (!pool->att)
		return;
	nexp_attachment_end(pool->att);
	if (!pool->keep_heap)
		return;
	pool->keep_heap = false;
	pool->frozen = false;
	queue_delayed_work(system_unbound_wq, &pool->reclaim_work, 0);
}

/**
 * nexp_pool_reclaim() - end the attachment, if any, and take the heap back
 * @pool: a living or dead pool.
 *
 * Returns when every window of it is revoked.
 */
void nexp_pool_reclaim(struct nexp_pool *pool)
{
	mutex_lock(&pool->lock);
	nexp_pool_end(pool);
	mutex_unlock(&pool->lock);
	flush_delayed_work(&pool->reclaim_work);
}

/**
 * nexp_pool_destroy() - free everything but the shell, and the caller's reference
 * @pool: never published, or unpublished and a grace period has passed since.
 *
 * Cannot fail. Contexts that may still be in it, and why each ends: deliveries
 * (grace period), faults and system calls of the attachment (they see ENDED
 * under the lock), system calls of the session (they see @dead under the lock:
 * it is set before the attachment goes, so no new one is made), the worker
 * (cancelled), ring timers (cancelled with the rings, and only polls that see
 * ENDED could arm them), the notifier (unregistered in the last pass).
 */
void nexp_pool_destroy(struct nexp_pool *pool)
{
	mutex_lock(&pool->lock);
	pool->dead = true;
	WRITE_ONCE(nexp_pool_status(pool)->terminate, 1);
	nexp_pool_end(pool);
	mutex_unlock(&pool->lock);

	cancel_delayed_work_sync(&pool->reclaim_work);
	nexp_pool_reclaim_pass(pool, true);

	mutex_lock(&pool->lock);
	nexp_pool_free_memory(pool);
	mutex_unlock(&pool->lock);
	nexp_pool_put(pool);
}
