/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_view - the heap of a pool, read through the module's view of it
 */
#ifndef NEXP_HEAP_VIEW_H
#define NEXP_HEAP_VIEW_H

#include "heap_report.h"
#include "session.h"

/**
 * nexp_heap_file() - a file that has a heap where an attachment has it
 * @fd: the file; must outlive @ret.
 * @size: bytes of the heap's address space.
 * @ret: filled in.
 */
void nexp_heap_file(int *fd, uint64_t size, struct nexp_heap_source *ret);

/**
 * nexp_heap_view() - report what is in a pool's heap
 * @session: the session; with CAP_SYS_PTRACE it sees the pools of others.
 * @stat: the pool.
 * @most: most bytes to read, see nexp_heap_report().
 * @ret: filled in.
 *
 * Return: 0 or a negative errno. -EPERM: not permitted; -ESTALE: the pool is gone.
 */
int nexp_heap_view(const struct nexp_session *session, const struct netexpert_pool_stat *stat,
		   uint64_t most, struct nexp_heap_report *ret);

#endif /* NEXP_HEAP_VIEW_H */
