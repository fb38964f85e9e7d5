/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pool - a pool's windows in this process, whatever they are made of
 *
 * An attachment of the module and a memfd (memfd.h) have the same windows at the
 * same offsets; what differs is in struct nexp_pool_ops.
 */
#ifndef NEXP_POOL_H
#define NEXP_POOL_H

#include <pthread.h>
#include <stdbool.h>

#include <netexpert.h>

#include "heap.h"
#include "ring.h"

/**
 * struct nexp_pool_ops - what a window can't do
 * @heap_prot: how the heap's windows are mapped.
 * @commit: make a page range of the heap usable; what is new is zeroed. All of
 *	it or nothing.
 * @punch: give a page range of the heap back.
 * @wait: sleep until the pool may have a frame or shall finish; timeout as in
 *	poll(2). 0, -EINTR, or -ESTALE if neither can happen any more.
 */
struct nexp_pool_ops {
	int heap_prot;
	int (*commit)(struct netexpert *nx, uint64_t offset, uint64_t length);
	int (*punch)(struct netexpert *nx, uint64_t offset, uint64_t length);
	int (*wait)(struct netexpert *nx, int timeout_ms);
};

struct nexp_book;

/**
 * struct netexpert - see include/netexpert.h
 * @ops: Set once.
 * @private: for @ops.
 * @poll_fd: readable when a frame may be there, hung up when the expert shall
 *	finish: the attachment, or a memfd pool's pipe.
 * @map_fd: what the windows are mapped from; may be @poll_fd.
 * @page_size: of this machine.
 * @fork_generation: nexp_fork_generation when this was made; a child's differs.
 * @info: what is fixed.
 * @status: the status window.
 * @status_size: its bytes.
 * @consumer: the consumer window.
 * @consumer_size: its bytes.
 * @rings: @info.nr_rings of them.
 * @reader: state of the frame functions.
 * @heap: state of the object functions.
 * @book: the file that its frames are of, if they can be had in any order.
 */
struct netexpert {
	const struct nexp_pool_ops *ops;
	void *private;
	int poll_fd;
	int map_fd;
	size_t page_size;
	unsigned int fork_generation;
	struct netexpert_pool_info info;
	const void *status;
	size_t status_size;
	void *consumer;
	size_t consumer_size;
	struct nexp_ring *rings;
	struct nexp_reader reader;
	struct nexp_heap heap;
	struct nexp_book *book;
};

extern unsigned int nexp_fork_generation;

/* In a child of fork() nothing is mapped and the locks may be held for ever. */
static inline bool nexp_forked(const struct netexpert *nx)
{
	return nx->fork_generation != nexp_fork_generation;
}

static inline const struct netexpert_status *
nexp_status(const struct netexpert *nx)
{
	return nx->status;
}

/* netexpert_terminating() for who knows that this is no child of fork(). */
static inline bool nexp_terminating(const struct netexpert *nx)
{
	/* Relaxed: nothing is read through this word. */
	return __atomic_load_n(&nexp_status(nx)->terminate,
			       __ATOMIC_RELAXED) != 0;
}

static inline struct netexpert_consumer *nexp_consumer(const struct netexpert *nx)
{
	return nx->consumer;
}

int nexp_pool_init(struct netexpert **out_nx, const struct nexp_pool_ops *ops,
		   void *private, int poll_fd, int map_fd,
		   const struct netexpert_attach *attach);
void *nexp_map_window(const struct netexpert *nx, void *where, size_t size,
		      int prot, uint64_t offset);
int nexp_poll_wait(const struct netexpert *nx, int timeout_ms);

#endif /* NEXP_POOL_H */
