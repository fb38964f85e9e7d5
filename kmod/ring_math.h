/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netexpert - position, space and size arithmetic of a ring
 *
 * Pure: everything comes in as an argument, so that the same lines are compiled
 * into the module and into a test program. Positions are free-running byte
 * counters and differences are taken modulo 2^64.
 */
#ifndef NEXP_RING_MATH_H
#define NEXP_RING_MATH_H

#include <linux/types.h>

/* Records start at multiples of this. */
#define NEXP_RECORD_ALIGN	8

/*
 * A consumer position is believed when it lies between the last one believed
 * and the producer's, on a record boundary's alignment. One comparison covers
 * "went back" too: the difference wraps to a huge number then.
 */
static inline bool nexp_ring_consumer_ok(__u64 produced, __u64 consumed,
					 __u64 claimed)
{
	return claimed - consumed <= produced - consumed &&
	       claimed % NEXP_RECORD_ALIGN == 0;
}

/* Bytes that may still be written; @capacity is the ring less its history. */
static inline __u64 nexp_ring_free(__u64 capacity, __u64 produced,
				   __u64 consumed)
{
	return capacity - (produced - consumed);
}

/* Bytes of a record with @cap_len bytes of frame behind a header of @head. */
static inline __u64 nexp_record_size(__u64 head, __u64 cap_len)
{
	return (head + cap_len + NEXP_RECORD_ALIGN - 1) &
	       ~(__u64)(NEXP_RECORD_ALIGN - 1);
}

#endif /* NEXP_RING_MATH_H */
