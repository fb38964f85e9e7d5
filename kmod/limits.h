/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netexpert - every ceiling of the module, each with its reason
 */
#ifndef NEXP_LIMITS_H
#define NEXP_LIMITS_H

#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/sizes.h>

/* Pools at once: an id's low bits are an index into one page-sized table. */
#define NEXP_POOL_BITS		9
#define NEXP_MAX_POOLS		BIT(NEXP_POOL_BITS)

/* Rings of a pool: status and consumer windows stay a few pages. */
#define NEXP_MAX_RINGS		256

/* One ring; the ring's window in UAPI has room for twice this. */
#define NEXP_MAX_RING_SIZE	SZ_1G

/* Address space of a heap: its page array is 1/512 of it. */
#define NEXP_MAX_HEAP_SIZE	(64ULL * SZ_1G)

/*
 * Pages of a memory cgroup that commits leave to its processes' stacks, beside the
 * page tables of the heap.
 */
#define NEXP_HEADROOM		((unsigned long)SZ_4M >> PAGE_SHIFT)

/* What a program made itself: as much as a super-frame; it is copied with BH off. */
#define NEXP_MAX_BYTES		SZ_64K

/* Above this a lone frame waits for longer than a person does. */
#define NEXP_MAX_WAKE_USECS	(10U * 1000 * 1000)
#define NEXP_DEFAULT_WAKE_USECS	(5U * 1000)

/*
 * How everything is allocated: zeroed, charged to the caller's memory cgroup,
 * and failing with an errno rather than calling the OOM killer.
 */
#define NEXP_GFP \
	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Largest ioctl struct of a caller that is newer than this module. */
#define NEXP_MAX_ARG_SIZE	SZ_4K

#endif /* NEXP_LIMITS_H */
