/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_RING_H
#define NEXP_RING_H

#include <linux/hrtimer.h>
#include <linux/mm_types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/netexpert.h>

struct nexp_pool;

/**
 * struct nexp_ring - the kernel's side of one ring
 * @lock: Serialises producers when CPUs share the ring (@shared); not taken
 *	otherwise. BH is off around it. A leaf.
 * @shared: more CPUs than rings. Set once.
 * @pool: the pool it belongs to; outlives it.
 * @index: its number in the pool. Set once.
 * @data: all pages mapped twice in a row, so that no record wraps. Set once.
 * @pages: the same pages, @nr_pages of them, for the ring's window.
 * @nr_pages: pages of the ring.
 * @mask: ring size - 1.
 * @capacity: bytes the producer may be ahead of the consumer.
 * @status: slot in the status window; written here, read by the expert.
 * @consumer: slot in the consumer window; hostile.
 * @position: the producer's position; only the producer writes it.
 * @newest: where the newest record starts, or the one that is being published;
 *	valid once @position is not 0.
 * @consumed: last consumer position that passed the check.
 * @prev_size: size of the newest record.
 * @lost_causes: causes of @lost.
 * @lost: frames lost since the newest record.
 * @aged: position up to which records have waited long enough.
 * @timer: fires when the oldest unread record has waited long enough; only
 *	armed while somebody waits.
 * @stat: counters, written by the producer only.
 */
struct nexp_ring {
	spinlock_t lock; /* among producers, BH off; a leaf */
	bool shared;
	struct nexp_pool *pool;
	unsigned int index;
	void *data;
	struct page **pages;
	unsigned int nr_pages;
	u64 mask;
	u64 capacity;
	struct netexpert_ring_status *status;
	struct netexpert_ring_consumer *consumer;

	u64 position;
	u64 newest;
	u64 consumed;
	u32 prev_size;
	u32 lost_causes;
	u64 lost;
	u64 aged;
	struct hrtimer timer;
	struct netexpert_ring_stat stat;
} ____cacheline_aligned_in_smp;

struct nexp_ring *nexp_ring_create(struct nexp_pool *pool, unsigned int index,
				   int node);
void nexp_ring_destroy(struct nexp_ring *ring);

/* Producer; BH off, one at a time. The rest of it is in ring_produce.h. */
void nexp_ring_hurry(struct nexp_ring *ring);
void nexp_ring_drop(struct nexp_ring *ring, enum netexpert_drop cause);
void nexp_ring_wake(struct nexp_ring *ring);
void nexp_ring_start_timer(struct nexp_ring *ring);

/* Any context that may sleep. */
bool nexp_ring_readable(struct nexp_ring *ring);
u64 nexp_ring_consumed(const struct nexp_ring *ring);
void nexp_ring_clean_consumer(struct nexp_ring *ring);
u64 nexp_ring_finish_record(struct nexp_ring *ring);

#endif /* NEXP_RING_H */
