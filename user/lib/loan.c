// SPDX-License-Identifier: GPL-2.0
/*
 * loan - memory of a pool for a library that calls malloc()
 *
 * The pool's own functions may call malloc() themselves, which must not come back
 * here: the lender is taken away meanwhile.
 */
#include <errno.h>
#include <stdlib.h>

#include "heap_fast.h"
#include "loan.h"

__thread struct netexpert *nexp_lender;
struct nexp_loan_range nexp_loan_range;

/* Of nexp_loan_range; objects that were lent are of no other. */
static struct netexpert *lender;

static __thread uint8_t tag_before;

/**
 * nexp_loan_begin() - the calling thread's malloc() takes from a pool
 * @nx: the same pool every time.
 */
void nexp_loan_begin(struct netexpert *nx)
{
	if (!lender) {
		lender = nx;
		nexp_loan_range.start = (uintptr_t)nexp_extent_address(nx, 0);
		nexp_loan_range.size = (uintptr_t)nx->heap.layout.nr_extents <<
				       NEXP_EXTENT_SHIFT;
	}
	tag_before = netexpert_tag_set(NEXP_LOAN_TAG);
	nexp_lender = nx;
}

/** nexp_loan_end() - and from glibc's heap again. */
void nexp_loan_end(void)
{
	nexp_lender = NULL;
	netexpert_tag_set(tag_before);
}

/**
 * nexp_loan_alloc() - for malloc() between begin and end
 * @size: may be 0.
 * @alignment: a power of two. Beyond 16 it takes whole extents, which are aligned.
 *
 * Return: zeroed bytes; NULL with errno set to ENOMEM.
 */
void *nexp_loan_alloc(size_t size, size_t alignment)
{
	struct netexpert *nx = nexp_lender;
	void *object = NULL;
	int err = -ENOMEM;

	if (alignment > 16 && size <= NEXP_CLASS_MAX)
		size = NEXP_CLASS_MAX + 1;
	nexp_lender = NULL;
	if (alignment <= NEXP_EXTENT_SIZE)
		err = netexpert_alloc(nx, size ? size : 1, &object);
	nexp_lender = nx;
	if (err)
		errno = ENOMEM;
	return object;
}

/**
 * nexp_loan_realloc() - for realloc() of what was lent, at any time
 * @object: what was lent; anything else ends the process.
 * @size: not 0.
 *
 * Return: as realloc().
 */
void *nexp_loan_realloc(void *object, size_t size)
{
	struct netexpert *nx = nexp_lender;
	void *moved = NULL;
	int err;

	nexp_lender = NULL;
	err = netexpert_realloc(lender, object, size, &moved);
	nexp_lender = nx;
	if (err == -EINVAL)
		abort();
	if (err)
		errno = ENOMEM;
	return moved;
}

/**
 * nexp_loan_free() - for free() of what was lent, at any time
 * @object: what was lent; anything else ends the process, as glibc does.
 *
 * In a child of fork() nothing is there to be freed.
 */
void nexp_loan_free(void *object)
{
	struct netexpert *nx = nexp_lender;
	int err, saved = errno;

	nexp_lender = NULL;
	err = netexpert_free(lender, object);
	nexp_lender = nx;
	if (err == -EINVAL)
		abort();
	errno = saved;
}
