// SPDX-License-Identifier: GPL-2.0
/*
 * heap_debug - every object of an expert from malloc()
 *
 * In place of user/lib/heap.c in the library that "netexpert try" runs experts on:
 * so AddressSanitizer and valgrind see each object by itself, and what is done
 * outside of it, behind its end in time, or twice. The pool's heap has no extent,
 * and what else there is about it in user/lib finds nothing to do.
 *
 * Where objects are stands in a tree of our own, not in front of them: what lies
 * in front is the tools' to watch. A pointer that is no object's ends the process
 * where it is freed, after free() has had its say: there the tools report, and
 * there a debugger stands.
 */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/heap_fast.h"

/**
 * struct object - a live object
 * @address: where it is.
 * @size: bytes asked for.
 */
struct object {
	const void *address;
	size_t size;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *objects;		/* of tsearch(3); with the rest under the lock */
static uint64_t nr_objects;
static uint64_t nr_bytes;

static int compare(const void *left, const void *right)
{
	const struct object *a = left, *b = right;

	return a->address < b->address ? -1 : a->address > b->address;
}

static struct object *find(const void *address)
{
	struct object key = { .address = address }, **node = tfind(&key, &objects, compare);

	return node ? *node : NULL;
}

/* Return: 0 or -ENOMEM. */
static int add(const void *address, size_t size)
{
	struct object *object = malloc(sizeof(*object));

	if (!object)
		return -ENOMEM;
	object->address = address;
	object->size = size;
	if (!tsearch(object, &objects, compare)) {
		free(object);
		return -ENOMEM;
	}
	nr_objects++;
	nr_bytes += size;
	return 0;
}

static void take_out(struct object *object)
{
	tdelete(object, &objects, compare);
	nr_objects--;
	nr_bytes -= object->size;
	free(object);
}

/* The same limit as of a pool, without what the pool's own tables take. */
static bool has_room(const struct netexpert *nx, size_t size)
{
	uint64_t limit = nexp_status(nx)->heap_limit;

	return nr_bytes <= limit && size <= limit - nr_bytes;
}

static _Noreturn void end_at(const char *what, const void *address)
{
	fprintf(stderr,
		"netexpert: %s %p, which is no object: it is freed already, or not Expert memory\n",
		what, address);
	fflush(stderr);
	/* Only for its report: AddressSanitizer, valgrind and glibc know more than we. */
	free((void *)address);
	abort();
}

int nexp_heap_init(struct netexpert *nx)
{
	unsigned int i;

	pthread_mutex_init(&nx->heap.lock, NULL);
	for (i = 0; i < NEXP_NR_RUN_BINS; i++)
		nx->heap.runs[i] = *nexp_no_spans();
	return nexp_threads_init(nx);
}

/* Forgets objects and does not free them: now they are leaks, for who looks for such. */
void nexp_heap_exit(struct netexpert *nx)
{
	pthread_mutex_lock(&lock);
	tdestroy(objects, free);
	objects = NULL;
	pthread_mutex_unlock(&lock);
	nexp_threads_exit(nx);
	pthread_mutex_destroy(&nx->heap.lock);
}

/* Nothing is ever committed. */
void *nexp_heap_address(const struct netexpert *nx, uint64_t offset)
{
	return nx->heap.objects + offset;
}

void *nexp_alloc(struct netexpert *nx, size_t size, int *out_err)
{
	void *address = NULL;

	if (nexp_forked(nx)) {
		*out_err = -EPERM;
		return NULL;
	}
	pthread_mutex_lock(&lock);
	*out_err = -EDQUOT;
	if (has_room(nx, size)) {
		*out_err = -ENOMEM;
		address = calloc(1, size);
		if (address && add(address, size)) {
			free(address);
			address = NULL;
		}
	}
	pthread_mutex_unlock(&lock);
	return address;
}

int nexp_free(struct netexpert *nx, const void *address)
{
	struct object *object;

	if (nexp_forked(nx))
		return -EPERM;
	if (!address)
		return -EINVAL;
	pthread_mutex_lock(&lock);
	object = find(address);
	if (object)
		take_out(object);
	pthread_mutex_unlock(&lock);
	if (!object)
		end_at("freeing", address);
	free((void *)address);
	return 0;
}

void nexp_free_event(struct netexpert *nx, const void *object)
{
	(void)nx;
	(void)object;
}

/* What an entry point leaves behind is a leak here. */
void nexp_heap_free_all(struct netexpert *nx, const void *but)
{
	(void)nx;
	(void)but;
}

int netexpert_alloc(struct netexpert *nx, size_t size, void **out_object)
{
	void *object;
	int err;

	if (!nx || !size || !out_object)
		return -EINVAL;
	object = nexp_alloc(nx, size, &err);
	if (!object)
		return err;
	*out_object = object;
	return 0;
}

/* Always moves: who still has the old address shall be found. */
int netexpert_realloc(struct netexpert *nx, void *address, size_t size, void **out_object)
{
	struct object *object;
	size_t had = 0;
	void *moved;
	int err;

	if (!nx || !address || !size || !out_object)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&lock);
	object = find(address);
	if (object)
		had = object->size;
	pthread_mutex_unlock(&lock);
	if (!object)
		end_at("resizing", address);
	moved = nexp_alloc(nx, size, &err);
	if (!moved)
		return err;
	memcpy(moved, address, had < size ? had : size);
	*out_object = moved;
	return nexp_free(nx, address);
}

int netexpert_free(struct netexpert *nx, void *object)
{
	return nx ? nexp_free(nx, object) : -EINVAL;
}

int netexpert_size(struct netexpert *nx, const void *address, size_t *out_size)
{
	struct object *object;

	if (!nx || !out_size)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&lock);
	object = find(address);
	if (object)
		*out_size = object->size;
	pthread_mutex_unlock(&lock);
	return object ? 0 : -EINVAL;
}

int netexpert_heap_stat(struct netexpert *nx, struct netexpert_heap_stat *out_stat)
{
	if (!nx || !out_stat)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&lock);
	*out_stat = (struct netexpert_heap_stat) {
		.objects = nr_objects,
		.object_bytes = nr_bytes,
	};
	pthread_mutex_unlock(&lock);
	return 0;
}
