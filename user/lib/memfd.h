/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memfd - a pool without the module
 *
 * The same windows at the same offsets, in a memfd; who makes it is its producer
 * and its supervisor at once. Nothing is isolated from anything. It is what unit
 * tests and "netexpert try" run on, and what Configure gets when only a configuration is
 * wanted.
 */
#ifndef NEXP_MEMFD_H
#define NEXP_MEMFD_H

#include <netexpert.h>

struct nexp_memfd;

/**
 * struct nexp_memfd_params - as in struct netexpert_pool_create
 * @nr_rings: from 1.
 * @ring_size: a power of two, from one page.
 * @history_size: a multiple of 8, below @ring_size.
 * @heap_size: whole pages.
 * @heap_limit: whole pages.
 */
struct nexp_memfd_params {
	uint32_t nr_rings;
	uint64_t ring_size;
	uint64_t history_size;
	uint64_t heap_size;
	uint64_t heap_limit;
};

int nexp_memfd_create(const struct nexp_memfd_params *params,
		      struct nexp_memfd **out_pool);
void nexp_memfd_destroy(struct nexp_memfd *pool);

int nexp_memfd_open(struct nexp_memfd *pool, struct netexpert **out_nx);

int nexp_memfd_deliver(struct nexp_memfd *pool, unsigned int ring,
		       const struct netexpert_record *head, const void *data);
void nexp_memfd_lose(struct nexp_memfd *pool, unsigned int ring,
		     uint64_t frames, enum netexpert_drop cause);
int nexp_memfd_inject(struct nexp_memfd *pool, const struct netexpert_inject_frame *frame);
void nexp_memfd_complete(struct nexp_memfd *pool);
void nexp_memfd_terminate(struct nexp_memfd *pool);
uint64_t nexp_memfd_committed(const struct nexp_memfd *pool);

#endif /* NEXP_MEMFD_H */
