// SPDX-License-Identifier: GPL-2.0
/*
 * malloc - glibc's, but for a thread that a pool lends to
 *
 * In place of glibc's own in the whole process, so it does next to nothing itself.
 * What grows while a pool lends moves there. Functions that are missing here
 * (valloc, pvalloc) stay glibc's and fit, since free() goes by the address.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/loan.h"

#define OURS	__attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *object, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *object);

OURS void *malloc(size_t size)
{
	return nexp_lender ? nexp_loan_alloc(size, 1) : __libc_malloc(size);
}

OURS void free(void *object)
{
	if (nexp_loan_holds(object))
		nexp_loan_free(object);
	else
		__libc_free(object);
}

OURS void *calloc(size_t count, size_t size)
{
	size_t bytes;

	if (!nexp_lender)
		return __libc_calloc(count, size);
	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	/* Is zero. */
	return nexp_loan_alloc(bytes, 1);
}

/* glibc's object, into the pool. */
static void *move(void *object, size_t size)
{
	size_t had = malloc_usable_size(object);
	void *moved;

	if (size <= had)
		return object;
	moved = nexp_loan_alloc(size, 1);
	if (!moved)
		return NULL;
	memcpy(moved, object, had);
	__libc_free(object);
	return moved;
}

OURS void *realloc(void *object, size_t size)
{
	if (!object)
		return malloc(size);
	if (!size) {
		free(object);
		return NULL;
	}
	if (nexp_loan_holds(object))
		return nexp_loan_realloc(object, size);
	return nexp_lender ? move(object, size) : __libc_realloc(object, size);
}

OURS void *memalign(size_t alignment, size_t size)
{
	return nexp_lender ? nexp_loan_alloc(size, alignment) :
			     __libc_memalign(alignment, size);
}

OURS void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

OURS int posix_memalign(void **out_object, size_t alignment, size_t size)
{
	int saved = errno, err = EINVAL;
	void *object;

	if (alignment % sizeof(void *) || !alignment || alignment & (alignment - 1))
		return err;
	object = memalign(alignment, size);
	err = object ? 0 : errno;
	errno = saved;
	if (object)
		*out_object = object;
	return err;
}
