/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unit - a memfd pool, fed by hand
 */
#ifndef NEXP_UNIT_H
#define NEXP_UNIT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netexpert.h>

#include "user/lib/heap_fast.h"
#include "user/lib/memfd.h"

#include "kselftest_harness.h"

#define UNIT_RING_SIZE	65536ULL

struct unit {
	struct nexp_memfd *pool;
	struct netexpert *nx;
};

static inline int unit_open_with(struct unit *unit, const struct nexp_memfd_params *params)
{
	int err = nexp_memfd_create(params, &unit->pool);

	return err ? err : nexp_memfd_open(unit->pool, &unit->nx);
}

static inline int unit_open(struct unit *unit, uint32_t nr_rings,
			    uint64_t heap_size, uint64_t heap_limit)
{
	struct nexp_memfd_params params = {
		.nr_rings = nr_rings,
		.ring_size = UNIT_RING_SIZE,
		.heap_size = heap_size,
		.heap_limit = heap_limit,
	};

	return unit_open_with(unit, &params);
}

static inline void unit_close(struct unit *unit)
{
	netexpert_close(unit->nx);
	nexp_memfd_destroy(unit->pool);
}

/* The incarnation ends without having released anything more; the next begins. */
static inline int unit_restart(struct unit *unit)
{
	netexpert_close(unit->nx);
	unit->nx = NULL;
	return nexp_memfd_open(unit->pool, &unit->nx);
}

static inline int unit_deliver(struct unit *unit, unsigned int ring,
			       uint64_t time_ns, const void *data, uint32_t length)
{
	struct netexpert_record head = {
		.time_ns = time_ns,
		.stamp_us = (int64_t)(time_ns / 1000),
		.wire_len = length,
		.cap_len = length,
	};

	return nexp_memfd_deliver(unit->pool, ring, &head, data);
}

static inline struct netexpert_heap_stat unit_heap_stat(struct netexpert *nx)
{
	struct netexpert_heap_stat stat = { 0 };

	netexpert_heap_stat(nx, &stat);
	return stat;
}

static inline uint64_t unit_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

/*
 * So long that who looks then sees what was not needed since the last look; a tick
 * of the coarse clock is up to ten milliseconds.
 */
static inline void unit_wait_for_look(void)
{
	uint64_t end_ns = unit_now_ns() + 2 * NEXP_HEAP_KEEP_MS * 1000000ULL;

	while (unit_now_ns() < end_ns)
		;
}

/*
 * Lets what is not needed go back: two looks, each after as many allocations as a
 * look may take.
 */
static inline void unit_stir(struct netexpert *nx)
{
	unsigned int look, often;
	void *object;

	for (look = 0; look < 2; look++) {
		unit_wait_for_look();
		often = NEXP_HEAP_PATIENCE * nexp_class_slots(nexp_class_of(100));
		while (often--)
			if (!netexpert_alloc(nx, 100, &object))
				netexpert_free(nx, object);
	}
}

/* The same numbers in every run: a failure can be repeated. */
static inline uint32_t unit_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 33);
}

#endif /* NEXP_UNIT_H */
