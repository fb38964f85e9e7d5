/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_words - what is in a heap, for people
 */
#ifndef NEXP_HEAP_WORDS_H
#define NEXP_HEAP_WORDS_H

#include "../supervisor/heap_report.h"
#include "buffer.h"

/**
 * nexp_heap_words_put() - append what is in a heap as a few lines
 * @buffer: where to.
 * @name: whose; every line begins with it.
 * @report: what is in it.
 * @bytes: what the kernel holds for it.
 */
void nexp_heap_words_put(struct nexp_buffer *buffer, const char *name,
			 const struct nexp_heap_report *report, uint64_t bytes);

/**
 * nexp_heap_tables_put() - append what is in a heap as tables
 * @buffer: where to.
 * @report: what is in it.
 * @bytes: what the kernel holds for it.
 */
void nexp_heap_tables_put(struct nexp_buffer *buffer, const struct nexp_heap_report *report,
			  uint64_t bytes);

#endif /* NEXP_HEAP_WORDS_H */
