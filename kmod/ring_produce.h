/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netexpert - reserve and submit: what each frame goes through, inline
 *
 * The letters are those of the table in ring.c.
 */
#ifndef NEXP_RING_PRODUCE_H
#define NEXP_RING_PRODUCE_H

#include <linux/percpu.h>

#include "pool.h"
#include "ring.h"
#include "ring_math.h"

/* Deliveries under way on each CPU: one, or a nested one is refused. */
DECLARE_PER_CPU(unsigned int, nexp_deliveries);

/**
 * nexp_ring_refuse() - count a frame that the filter has kept out
 * @ring: BH off, one producer at a time.
 * @keep: the filter's answer, 0 or NEXP_FILTER_NO_PROGRAM.
 *
 * Return: -ENOMSG or -EOPNOTSUPP.
 */
static inline int nexp_ring_refuse(struct nexp_ring *ring, s64 keep)
{
	if (likely(!keep)) {
		ring->stat.filtered++;
		return -ENOMSG;
	}
	nexp_ring_drop(ring, NETEXPERT_DROP_NO_PROGRAM);
	return -EOPNOTSUPP;
}

/* Takes over the consumer's word if it makes sense. */
static inline bool nexp_ring_load_consumer(struct nexp_ring *ring)
{
	/* Access A. User-written: use only this copy. */
	u64 claimed = smp_load_acquire(&ring->consumer->position);

	if (!nexp_ring_consumer_ok(ring->position, ring->consumed, claimed))
		return false;
	WRITE_ONCE(ring->consumed, claimed);
	return true;
}

/**
 * nexp_ring_reserve() - room for a record of @size bytes
 * @ring: BH off, one producer at a time.
 * @size: from nexp_record_size().
 *
 * Return: contiguous room, or NULL with the drop counted. Nothing is visible to
 * the reader before nexp_ring_submit(); a reserve without it is a discard.
 */
static inline struct netexpert_record *
nexp_ring_reserve(struct nexp_ring *ring, u64 size)
{
	if (unlikely(!nexp_ring_load_consumer(ring))) {
		nexp_ring_drop(ring, NETEXPERT_DROP_CORRUPT);
		return NULL;
	}
	if (unlikely(size > nexp_ring_free(ring->capacity, ring->position,
					   ring->consumed))) {
		nexp_ring_drop(ring, size > ring->capacity ?
			       NETEXPERT_DROP_TOO_BIG :
			       NETEXPERT_DROP_RING_FULL);
		return NULL;
	}
	return ring->data + (ring->position & ring->mask);
}

/* The record says what was lost before it. */
static inline void nexp_ring_tell_lost(struct nexp_ring *ring,
				       struct netexpert_record *rec)
{
	rec->lost = ring->lost;
	rec->lost_causes = ring->lost_causes;
	if (likely(!ring->lost))
		return;
	ring->lost = 0;
	ring->lost_causes = 0;
	WRITE_ONCE(ring->status->lost, 0);
	WRITE_ONCE(ring->status->lost_causes, 0);
}

/**
 * nexp_ring_submit() - count and publish a reserved record, wake the reader if it
 *	is time
 * @ring: BH off, one producer at a time.
 * @rec: from nexp_ring_reserve(), filled in.
 * @size: as reserved.
 */
static inline void nexp_ring_submit(struct nexp_ring *ring,
				    struct netexpert_record *rec, u32 size)
{
	struct nexp_pool *pool = ring->pool;
	u64 position = ring->position;

	rec->record_size = size;
	rec->prev_size = ring->prev_size;
	nexp_ring_tell_lost(ring, rec);
	ring->prev_size = size;
	WRITE_ONCE(ring->newest, position);
	/* Before it is counted, and that before B: see nexp_ring_survey(). */
	smp_wmb();
	ring->stat.delivered++;
	position += size;
	WRITE_ONCE(ring->position, position);

	/* Access B: the record's bytes before the position that announces it. */
	smp_store_release(&ring->status->position, position);

	/*
	 * Between B and E; pairs with the reader's full barrier F, and with the
	 * one in nexp_ring_timeout().
	 */
	smp_mb();
	if (!READ_ONCE(nexp_pool_consumer(pool)->waiting))
		return;
	if (position - ring->consumed >= pool->wake_bytes)
		nexp_ring_wake(ring);
	else if (!hrtimer_is_queued(&ring->timer))
		nexp_ring_start_timer(ring);
}

#endif /* NEXP_RING_PRODUCE_H */
