/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_RING_H
#define NEXP_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/netexpert.h>

struct netexpert;

/* How long an empty ring may hide a frame: stamped, but not yet published. */
#define NEXP_HOLD_NS	2000000ULL

/**
 * struct nexp_ring - the reader's side of one ring
 * @data: the ring's window, showing it twice.
 * @status: the kernel's slot.
 * @consumer: our slot.
 * @mask: ring size - 1.
 * @position: record to hand out next.
 * @produced: copy of the producer's position; records below it are complete.
 * @released: what @consumer says.
 */
struct nexp_ring {
	const uint8_t *data;
	const struct netexpert_ring_status *status;
	struct netexpert_ring_consumer *consumer;
	uint64_t mask;
	uint64_t position;
	uint64_t produced;
	uint64_t released;
};

/**
 * struct nexp_reader - state of the frame functions
 * @lock: Protects the rings and all below. Never held while the heap's lock is.
 * @horizon_ns: every frame stamped up to here is below its ring's @produced.
 * @last_ns: stamp of the last frame handed out.
 * @lost: sum of record.lost.
 * @late: frames handed out after one with a later stamp.
 * @left: how many may still be handed out; nobody counts up to UINT64_MAX.
 * @causes: of @lost.
 * @broken: a ring held nonsense; the answer is -EIO for good.
 */
struct nexp_reader {
	pthread_mutex_t lock;
	uint64_t horizon_ns;
	uint64_t last_ns;
	uint64_t lost;
	uint64_t late;
	uint64_t left;
	uint32_t causes;
	bool broken;
};

void nexp_ring_init(struct netexpert *nx, unsigned int index, const void *data);
void nexp_reader_limit(struct netexpert *nx, uint64_t frames);

#endif /* NEXP_RING_H */
