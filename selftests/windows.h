/* SPDX-License-Identifier: GPL-2.0 */
/*
 * windows - the windows of an attachment with one ring, one after the other
 */
#ifndef NEXP_SELFTESTS_WINDOWS_H
#define NEXP_SELFTESTS_WINDOWS_H

#include "util.h"

/**
 * struct nexp_window - one of them
 * @name: for people.
 * @offset: its mmap offset.
 * @size: bytes.
 * @mapped: where it is mapped.
 * @writable: whether the expert may write it.
 */
struct nexp_window {
	const char *name;
	__u64 offset;
	size_t size;
	unsigned char *mapped;
	bool writable;
};

#define NEXP_NR_WINDOWS	4

static inline void nexp_list_windows(const struct nexp_attachment *a,
				     struct nexp_window windows[NEXP_NR_WINDOWS])
{
	windows[0] = (struct nexp_window){
		"status", NETEXPERT_MAP_STATUS, a->info.out_status_size, a->status, false,
	};
	windows[1] = (struct nexp_window){
		"consumer", NETEXPERT_MAP_CONSUMER, a->info.out_consumer_size, a->consumer, true,
	};
	windows[2] = (struct nexp_window){
		"ring", NETEXPERT_MAP_RING(0), 2 * a->info.out_ring_size, a->ring[0], false,
	};
	windows[3] = (struct nexp_window){
		"heap", NETEXPERT_MAP_HEAP, a->info.out_heap_size, a->heap, true,
	};
}

#endif /* NEXP_SELFTESTS_WINDOWS_H */
