/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_json - what is in a heap, for programs
 */
#ifndef NEXP_HEAP_JSON_H
#define NEXP_HEAP_JSON_H

#include <jansson.h>

#include "../supervisor/heap_report.h"

/**
 * nexp_json_heap() - what is in a heap
 * @report: what is in it.
 * @bytes: what the kernel holds for it.
 *
 * Return: a new object.
 */
json_t *nexp_json_heap(const struct nexp_heap_report *report, uint64_t bytes);

#endif /* NEXP_HEAP_JSON_H */
