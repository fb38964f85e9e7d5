// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - counters and their read-out
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pid_namespace.h>

#include "filter.h"
#include "pool.h"

static DEFINE_PER_CPU(u64, nexp_no_pool);

/** nexp_count_no_pool() - a frame went to an id that names no pool; BH off. */
void nexp_count_no_pool(void)
{
	this_cpu_inc(nexp_no_pool);
}

/** nexp_drops_no_pool() - sum of these. */
u64 nexp_drops_no_pool(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(nexp_no_pool, cpu));
	return sum;
}

/* The producer may be at it: each counter is whole, the set is a moment old. */
static void nexp_ring_stat_read(const struct nexp_ring *ring,
				struct netexpert_ring_stat *to)
{
	const struct netexpert_ring_stat *from = &ring->stat;
	unsigned int i;

	to->seen = READ_ONCE(from->seen);
	to->filtered = READ_ONCE(from->filtered);
	to->delivered = READ_ONCE(from->delivered);
	to->delivered_bytes = READ_ONCE(from->delivered_bytes);
	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		to->dropped[i] = READ_ONCE(from->dropped[i]);
	to->position = READ_ONCE(ring->position);
	to->consumed = nexp_ring_consumed(ring);
}

static void nexp_ring_stat_add(struct netexpert_ring_stat *sum,
			       const struct netexpert_ring_stat *one)
{
	unsigned int i;

	sum->seen += one->seen;
	sum->filtered += one->filtered;
	sum->delivered += one->delivered;
	sum->delivered_bytes += one->delivered_bytes;
	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		sum->dropped[i] += one->dropped[i];
	sum->position += one->position;
	sum->consumed += one->consumed;
}

static void nexp_pool_stat_rings(struct nexp_pool *pool,
				 struct netexpert_pool_stat *stat,
				 struct netexpert_ring_stat *rings, u32 nr)
{
	u64 filtered = atomic64_read(&pool->filtered_nested);
	u64 dropped = atomic64_read(&pool->dropped_nested);
	struct netexpert_ring_stat one;
	u32 i;

	memset(&stat->out_sum, 0, sizeof(stat->out_sum));
	for (i = 0; i < pool->nr_rings; i++) {
		nexp_ring_stat_read(pool->rings[i], &one);
		nexp_ring_stat_add(&stat->out_sum, &one);
		if (i < nr)
			rings[i] = one;
	}
	stat->out_sum.seen += filtered + dropped;
	stat->out_sum.filtered += filtered;
	stat->out_sum.dropped[NETEXPERT_DROP_NESTED] += dropped;
}

static void nexp_pool_stat_filter(const struct nexp_pool *pool,
				  struct netexpert_pool_stat *stat, char *text,
				  u32 room)
{
	const struct nexp_filter *filter;

	filter = rcu_dereference_protected(pool->filter,
					   lockdep_is_held(&pool->lock));
	stat->out_nr_programs = nexp_filter_count(filter);
	stat->filter_text_size = nexp_filter_text(filter, text, room);
}

static void nexp_pool_stat_attachment(const struct nexp_pool *pool,
				      struct netexpert_pool_stat *stat)
{
	const struct nexp_attachment *att = pool->att;

	stat->out_pid = 0;
	if (!att) {
		stat->out_state = NETEXPERT_POOL_IDLE;
		return;
	}
	switch (att->state) {
	case NEXP_ATT_OPEN:
		stat->out_state = NETEXPERT_POOL_OPEN;
		break;
	case NEXP_ATT_ATTACHED:
		stat->out_state = NETEXPERT_POOL_ATTACHED;
		stat->out_pid = pid_nr_ns(att->pid,
					  task_active_pid_ns(current));
		break;
	case NEXP_ATT_ENDED:
		stat->out_state = pool->frozen ? NETEXPERT_POOL_FROZEN :
						 NETEXPERT_POOL_RECLAIMING;
		break;
	}
}

/**
 * nexp_pool_stat() - fill in what POOL_STAT answers
 * @pool: the caller holds a reference.
 * @stat: the argument.
 * @arrays: what they point to is filled in.
 * @news: how many changes the answer knows of; see nexp_pool_take_news().
 *
 * Return: 0 or -ENOENT if the pool is dead.
 */
int nexp_pool_stat(struct nexp_pool *pool, struct netexpert_pool_stat *stat,
		   const struct nexp_stat_arrays *arrays, u64 *news)
{
	const struct nexp_heap *heap = &pool->heap;

	mutex_lock(&pool->lock);
	if (pool->dead) {
		mutex_unlock(&pool->lock);
		return -ENOENT;
	}
	nexp_pool_stat_attachment(pool, stat);
	nexp_pool_stat_rings(pool, stat, arrays->rings, arrays->nr_rings);
	nexp_pool_stat_filter(pool, stat, arrays->text, arrays->text_room);
	stat->pool_id = pool->id;
	stat->nr_rings = pool->nr_rings;
	stat->out_incarnation = pool->incarnations;
	strscpy_pad(stat->out_name, pool->name);
	stat->out_ring_size = pool->ring_size;
	stat->out_history_size = pool->history_size;
	stat->out_heap_size = (u64)heap->nr_slots << PAGE_SHIFT;
	stat->out_heap_limit = (u64)heap->limit << PAGE_SHIFT;
	stat->out_heap_bytes = (u64)heap->used << PAGE_SHIFT;
	stat->out_heap_peak = (u64)heap->peak << PAGE_SHIFT;
	stat->out_heap_refused = heap->refused;
	stat->out_wakeups = atomic64_read(&pool->wakeups);
	stat->out_created_ns = pool->created_ns;
	stat->out_ended_ns = pool->ended_ns;
	stat->out_back_ns = pool->back_ns;
	stat->out_back_bytes = pool->back_bytes;
	stat->out_last_position = pool->last.position;
	stat->out_last_ring = pool->last.ring;
	stat->out_last_busy = !!pool->last.busy;
	*news = pool->news;
	mutex_unlock(&pool->lock);
	return 0;
}
