// SPDX-License-Identifier: GPL-2.0
/*
 * The object allocator against a shadow map, with every kind of bad pointer.
 *
 * Several threads share one map: whoever locks an entry may do anything to its
 * object, whichever thread allocated it. Variables of the environment:
 * HEAP_FUZZ_OPERATIONS, HEAP_FUZZ_SEED, HEAP_FUZZ_THREADS. With one thread a seed
 * always does the same. All of it once more where membarrier(2) is refused.
 */
#include <pthread.h>

#include "membarrier.h"
#include "unit.h"

#define MIB		(1ULL << 20)
#define HEAP_SIZE	(128 * MIB)
#define HEAP_LIMIT	(4 * MIB)	/* so that memory runs out now and then */
#define NR_ENTRIES	8192
#define NR_THREADS_MAX	16

/* An object and what is in it: @fill everywhere. */
struct entry {
	int lock;
	uint8_t fill;
	size_t size;
	uint8_t *object;
};

struct fuzz {
	struct netexpert *nx;
	/* Held for reading by all but who frees twice: then nobody allocates. */
	pthread_rwlock_t no_reuse;
	struct entry entries[NR_ENTRIES];
	uint64_t nr_refused;
	const char *problem;
	void *former;		/* an object of an earlier incarnation */
	bool may_put_off;	/* others' objects may answer -EAGAIN */
};

struct worker {
	struct fuzz *fuzz;
	uint64_t random;
	uint64_t nr_operations;
	uint64_t nr_refused;
	uint64_t nr_put_off;
};

static bool is_filled(const uint8_t *bytes, uint8_t fill, size_t from, size_t to)
{
	return from >= to || (bytes[from] == fill &&
			      !memcmp(bytes + from, bytes + from + 1, to - from - 1));
}

static size_t some_size(uint64_t *random)
{
	uint32_t kind = unit_random(random) % 1000;

	if (kind < 700)
		return unit_random(random) % 128 + 1;
	if (kind < 960)
		return unit_random(random) % 2048 + 1;
	if (kind < 997)
		return unit_random(random) % 20000 + 1;
	return unit_random(random) % 300000 + 1;
}

static const char *check(struct netexpert *nx, const struct entry *entry)
{
	size_t size = 0;

	if (netexpert_size(nx, entry->object, &size) || size != entry->size)
		return "the size is wrong";
	if (!is_filled(entry->object, entry->fill, 0, size))
		return "somebody wrote into the object";
	return NULL;
}

static const char *do_alloc(struct netexpert *nx, struct entry *entry, size_t size)
{
	void *object;
	int err = netexpert_alloc(nx, size, &object);

	if (err)
		return err == -EDQUOT || err == -ENOMEM ? NULL : "alloc: wrong error";
	entry->object = object;
	entry->size = size;
	if ((uintptr_t)object % 16)
		return "alloc: not aligned";
	return is_filled(object, 0, 0, size) ? NULL : "alloc: not zero";
}

/* Nothing has changed then; the next check() looks. */
static bool is_put_off(struct worker *worker, int err)
{
	if (err != -EAGAIN || !worker->fuzz->may_put_off)
		return false;
	worker->nr_put_off++;
	return true;
}

static const char *do_realloc(struct worker *worker, struct entry *entry, size_t size)
{
	size_t kept = size < entry->size ? size : entry->size;
	void *object;
	int err = netexpert_realloc(worker->fuzz->nx, entry->object, size, &object);

	if (err)
		return err == -EDQUOT || err == -ENOMEM || is_put_off(worker, err) ?
		       NULL : "realloc: wrong error";
	entry->object = object;
	entry->size = size;
	if (!is_filled(object, entry->fill, 0, kept))
		return "realloc: contents lost";
	return is_filled(object, 0, kept, size) ? NULL : "realloc: growth not zero";
}

static const char *do_free(struct worker *worker, struct entry *entry)
{
	int err = netexpert_free(worker->fuzz->nx, entry->object);

	if (is_put_off(worker, err))
		return check(worker->fuzz->nx, entry);
	entry->object = NULL;
	return err ? "free failed" : NULL;
}

static const char *refused(struct netexpert *nx, void *pointer)
{
	void *out;
	size_t size;

	return netexpert_free(nx, pointer) == -EINVAL &&
	       netexpert_size(nx, pointer, &size) == -EINVAL &&
	       netexpert_realloc(nx, pointer, 10, &out) == -EINVAL ?
	       NULL : "a bad pointer was taken";
}

/* A pointer that is no object, whatever other threads do. */
static void *bad_pointer(struct fuzz *fuzz, const struct entry *entry,
			 uint64_t *random)
{
	const struct nexp_heap *heap = &fuzz->nx->heap;
	uint64_t any = ((uint64_t)unit_random(random) << 32) | unit_random(random);

	switch (unit_random(random) % 12) {
	case 0:
		return NULL;
	case 1:
		return random;				/* foreign: a stack */
	case 2:
		return fuzz;				/* foreign: libc's heap */
	case 3:
		return heap->tables + any % heap->tables_size;
	case 4:
		return heap->objects + (any % (HEAP_SIZE / 2) | 1);	/* unaligned */
	case 5:
		return (void *)(any | 1ULL << 63);	/* not canonical, or not ours */
	case 6:
		return heap->objects - 16 - any % 4096 * 16;
	case 7:
		return heap->objects + HEAP_SIZE + any % 4096 * 16;
	case 8:
		return fuzz->former;
	case 9:						/* never allocated */
		return nexp_extent_address(fuzz->nx, heap->layout.nr_extents - 1) +
		       any % 4096 * 16;
	default:					/* interior */
		if (!entry->object || entry->size < 2)
			return NULL;
		return entry->object + 1 + any % (entry->size - 1);
	}
}

/* With nobody else in the heap. */
static const char *free_twice(struct worker *worker, struct entry *entry)
{
	struct fuzz *fuzz = worker->fuzz;
	void *object = entry->object;
	const char *problem;

	pthread_rwlock_unlock(&fuzz->no_reuse);
	pthread_rwlock_wrlock(&fuzz->no_reuse);
	problem = do_free(worker, entry);
	if (!problem && !entry->object)
		problem = refused(fuzz->nx, object);
	pthread_rwlock_unlock(&fuzz->no_reuse);
	pthread_rwlock_rdlock(&fuzz->no_reuse);
	return problem;
}

static const char *operate(struct worker *worker, struct entry *entry)
{
	struct fuzz *fuzz = worker->fuzz;
	uint32_t kind = unit_random(&worker->random) % 1000;
	size_t size = some_size(&worker->random);
	const char *problem = NULL;

	if (kind < 200) {
		worker->nr_refused++;
		return refused(fuzz->nx, bad_pointer(fuzz, entry, &worker->random));
	}
	if (entry->object)
		problem = check(fuzz->nx, entry);
	if (problem)
		return problem;
	if (!entry->object) {
		problem = do_alloc(fuzz->nx, entry, size);
	} else if (kind < 300) {
		problem = do_realloc(worker, entry, size);
	} else if (kind < 302) {
		worker->nr_refused++;
		problem = free_twice(worker, entry);
	} else {
		problem = do_free(worker, entry);
	}
	if (!problem && entry->object) {
		entry->fill = (uint8_t)unit_random(&worker->random);
		memset(entry->object, entry->fill, entry->size);
	}
	return problem;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct fuzz *fuzz = worker->fuzz;
	uint64_t i;

	pthread_rwlock_rdlock(&fuzz->no_reuse);
	for (i = 0; i < worker->nr_operations; i++) {
		struct entry *entry = &fuzz->entries[unit_random(&worker->random) %
						     NR_ENTRIES];
		const char *problem;

		/* Busy entries are somebody else's. */
		if (__atomic_exchange_n(&entry->lock, 1, __ATOMIC_ACQUIRE))
			continue;
		problem = operate(worker, entry);
		__atomic_store_n(&entry->lock, 0, __ATOMIC_RELEASE);
		if (problem)
			__atomic_store_n(&fuzz->problem, problem, __ATOMIC_RELAXED);
		if (__atomic_load_n(&fuzz->problem, __ATOMIC_RELAXED))
			break;
		if (i % 64)
			continue;
		/* Let in who waits for the heap. */
		pthread_rwlock_unlock(&fuzz->no_reuse);
		pthread_rwlock_rdlock(&fuzz->no_reuse);
	}
	pthread_rwlock_unlock(&fuzz->no_reuse);
	return NULL;
}

static uint64_t variable(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static uint64_t drain(struct fuzz *fuzz)
{
	uint64_t nr_wrong = 0;
	int i;

	for (i = 0; i < NR_ENTRIES; i++)
		if (fuzz->entries[i].object)
			nr_wrong += check(fuzz->nx, &fuzz->entries[i]) ||
				    netexpert_free(fuzz->nx, fuzz->entries[i].object);
	return nr_wrong;
}

FIXTURE(fuzz) {
	struct unit unit;
};

FIXTURE_VARIANT(fuzz) {
	enum refusal refusal;
};

FIXTURE_VARIANT_ADD(fuzz, as_it_is) { .refusal = REFUSE_NOTHING };
FIXTURE_VARIANT_ADD(fuzz, without_membarrier) { .refusal = REFUSE_REGISTRATION };
FIXTURE_VARIANT_ADD(fuzz, with_slow_membarrier) { .refusal = REFUSE_EXPEDITED };
FIXTURE_VARIANT_ADD(fuzz, with_failing_membarrier) { .refusal = REFUSE_BARRIERS };

FIXTURE_SETUP(fuzz)
{
	memset(&self->unit, 0, sizeof(self->unit));
	ASSERT_EQ(0, refuse(variant->refusal));
	ASSERT_EQ(0, unit_open(&self->unit, 1, HEAP_SIZE, HEAP_LIMIT));
}

FIXTURE_TEARDOWN(fuzz)
{
	unit_close(&self->unit);
}

TEST_F_TIMEOUT(fuzz, the_heap_agrees_with_a_shadow_map, 1800)
{
	uint64_t nr = variable("HEAP_FUZZ_OPERATIONS", 400000), refused = 0, put_off = 0;
	uint64_t seed = variable("HEAP_FUZZ_SEED", unit_now_ns());
	unsigned int nr_threads = variable("HEAP_FUZZ_THREADS", 3), i;
	struct fuzz *fuzz = calloc(1, sizeof(*fuzz));
	struct worker workers[NR_THREADS_MAX];
	pthread_t threads[NR_THREADS_MAX];
	struct netexpert_heap_stat stat;

	ASSERT_LE(nr_threads, NR_THREADS_MAX);
	TH_LOG("HEAP_FUZZ_SEED=%llu HEAP_FUZZ_OPERATIONS=%llu HEAP_FUZZ_THREADS=%u",
	       (unsigned long long)seed, (unsigned long long)nr, nr_threads);
	ASSERT_EQ(0, netexpert_alloc(self->unit.nx, 100, &fuzz->former));
	ASSERT_EQ(0, unit_restart(&self->unit));
	/* Where an object lies now an interior pointer would do, so not at all. */
	if ((char *)fuzz->former >= self->unit.nx->heap.objects &&
	    (char *)fuzz->former < self->unit.nx->heap.objects + HEAP_SIZE)
		fuzz->former = NULL;
	fuzz->nx = self->unit.nx;
	fuzz->may_put_off = variant->refusal == REFUSE_BARRIERS;
	pthread_rwlock_init(&fuzz->no_reuse, NULL);
	for (i = 0; i < nr_threads; i++) {
		workers[i] = (struct worker) {
			.fuzz = fuzz,
			.random = seed + i * 0x9e3779b97f4a7c15ULL,
			.nr_operations = nr / nr_threads,
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, work, &workers[i]));
	}
	for (i = 0; i < nr_threads; i++) {
		pthread_join(threads[i], NULL);
		refused += workers[i].nr_refused;
		put_off += workers[i].nr_put_off;
	}
	EXPECT_EQ(NULL, fuzz->problem) {
		TH_LOG("%s", fuzz->problem);
	}
	EXPECT_GT(refused, nr / 10);
	/* A thread's own objects go even if no barrier works. */
	EXPECT_EQ(fuzz->may_put_off && nr_threads > 1, put_off > 0);
	EXPECT_LT(put_off, nr);
	EXPECT_EQ(0, drain(fuzz));
	netexpert_heap_stat(self->unit.nx, &stat);
	EXPECT_EQ(0, stat.objects);
	EXPECT_EQ(0, stat.object_bytes);
	EXPECT_EQ(stat.committed + stat.metadata, nexp_memfd_committed(self->unit.pool));
	nexp_heap_idle(self->unit.nx);
	EXPECT_LE(nexp_memfd_committed(self->unit.pool), 2 * MIB);
	free(fuzz);
}

TEST_HARNESS_MAIN
