/* SPDX-License-Identifier: GPL-2.0 */
/*
 * loan - memory of a pool for a library that calls malloc()
 *
 * What Wireshark's parsers keep grows with the traffic, so it has to count against
 * the expert. While a thread is between nexp_loan_begin() and nexp_loan_end(), the
 * host's malloc() (user/host/malloc.c) takes from the pool; free() and realloc()
 * tell by the address. A library that finds nothing there ends its process.
 *
 * Objects carry a tag of their own, and outlive the key: the library's state does.
 */
#ifndef NEXP_LOAN_H
#define NEXP_LOAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netexpert.h>

/* Of what was lent. */
#define NEXP_LOAN_TAG	255

/* Whose heap the calling thread's malloc() takes from; NULL for glibc's. */
extern __thread struct netexpert *nexp_lender __attribute__((tls_model("initial-exec")));

/* Where objects of the pool are. Set once; none before. */
extern struct nexp_loan_range {
	uintptr_t start;
	uintptr_t size;
} nexp_loan_range;

static inline bool nexp_loan_holds(const void *address)
{
	return (uintptr_t)address - nexp_loan_range.start < nexp_loan_range.size;
}

void nexp_loan_begin(struct netexpert *nx);
void nexp_loan_end(void);

void *nexp_loan_alloc(size_t size, size_t alignment);
void *nexp_loan_realloc(void *object, size_t size);
void nexp_loan_free(void *object);

#endif /* NEXP_LOAN_H */
