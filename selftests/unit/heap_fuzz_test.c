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
#include <sys/mman.h>

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

/* Pointers that are no object. The last ones are sure not to be only while nobody allocates. */
enum bad {
	BAD_NULL,
	BAD_STACK,
	BAD_LIBC,
	BAD_TABLES,
	BAD_UNALIGNED,
	BAD_NOT_CANONICAL,
	BAD_BELOW,
	BAD_ABOVE,
	BAD_FORMER,
	BAD_UNUSED,
	BAD_INTERIOR,
	BAD_FRESH,
	BAD_FREED,
	BAD_FREED_BY_ANOTHER,
	NR_BAD,
};

static const char *const taken[NR_BAD] = {
	[BAD_NULL] = "NULL was taken",
	[BAD_STACK] = "a pointer to the stack was taken",
	[BAD_LIBC] = "a pointer to libc's heap was taken",
	[BAD_TABLES] = "a pointer to the tables was taken",
	[BAD_UNALIGNED] = "an unaligned pointer was taken",
	[BAD_NOT_CANONICAL] = "a pointer that can't be was taken",
	[BAD_BELOW] = "a pointer below the objects was taken",
	[BAD_ABOVE] = "a pointer above the objects was taken",
	[BAD_FORMER] = "an object of a former incarnation was taken",
	[BAD_UNUSED] = "an object in an unused extent was taken",
	[BAD_INTERIOR] = "a pointer into an object was taken",
	[BAD_FRESH] = "a slot that was never allocated was taken",
	[BAD_FREED] = "a freed object was taken",
	[BAD_FREED_BY_ANOTHER] = "an object that another thread had freed was taken",
};

struct fuzz {
	struct netexpert *nx;
	struct entry entries[NR_ENTRIES];
	const char *problem;
	void *former;		/* an object of an earlier incarnation */
	bool may_put_off;	/* others' objects may answer -EAGAIN */
	pthread_mutex_t lock;	/* of the rest */
	pthread_cond_t changed;
	unsigned int nr_workers;
	unsigned int nr_inside;	/* workers that may use the heap */
	bool is_closed;		/* one of them wants to be alone there */
	void *freed;		/* by that one: another one is to free it once more */
	pthread_barrier_t ended;
};

struct worker {
	struct fuzz *fuzz;
	uint64_t random;
	uint64_t nr_operations;
	uint64_t nr_tried[NR_BAD];
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

static const char *refused(struct worker *worker, enum bad bad, void *pointer)
{
	struct netexpert *nx = worker->fuzz->nx;
	void *out;
	size_t size;

	worker->nr_tried[bad]++;
	return netexpert_free(nx, pointer) == -EINVAL &&
	       netexpert_size(nx, pointer, &size) == -EINVAL &&
	       netexpert_realloc(nx, pointer, 10, &out) == -EINVAL ?
	       NULL : taken[bad];
}

static void report(struct fuzz *fuzz, const char *problem)
{
	if (problem)
		__atomic_store_n(&fuzz->problem, problem, __ATOMIC_RELAXED);
}

/* Until something changes; whoever waits does what is asked for. Locked. */
static void wait_outside(struct worker *worker)
{
	struct fuzz *fuzz = worker->fuzz;

	if (!fuzz->freed) {
		pthread_cond_wait(&fuzz->changed, &fuzz->lock);
		return;
	}
	report(fuzz, refused(worker, BAD_FREED_BY_ANOTHER, fuzz->freed));
	fuzz->freed = NULL;
	pthread_cond_broadcast(&fuzz->changed);
}

static void come_in(struct worker *worker)
{
	struct fuzz *fuzz = worker->fuzz;

	pthread_mutex_lock(&fuzz->lock);
	while (fuzz->is_closed)
		wait_outside(worker);
	fuzz->nr_inside++;
	pthread_mutex_unlock(&fuzz->lock);
}

static void go_out(struct fuzz *fuzz, bool for_good)
{
	pthread_mutex_lock(&fuzz->lock);
	fuzz->nr_inside--;
	fuzz->nr_workers -= for_good;
	pthread_cond_broadcast(&fuzz->changed);
	pthread_mutex_unlock(&fuzz->lock);
}

/* With nobody else in the heap; the caller is inside before and afterwards. */
static void be_alone(struct worker *worker)
{
	struct fuzz *fuzz = worker->fuzz;

	go_out(fuzz, false);
	pthread_mutex_lock(&fuzz->lock);
	while (fuzz->is_closed)
		wait_outside(worker);
	fuzz->is_closed = true;
	while (fuzz->nr_inside)
		pthread_cond_wait(&fuzz->changed, &fuzz->lock);
	pthread_mutex_unlock(&fuzz->lock);
}

static void let_others_in(struct fuzz *fuzz)
{
	pthread_mutex_lock(&fuzz->lock);
	fuzz->is_closed = false;
	fuzz->nr_inside++;
	pthread_cond_broadcast(&fuzz->changed);
	pthread_mutex_unlock(&fuzz->lock);
}

/* By one of those who wait outside, unless all others have ended. */
static void let_another_free(struct fuzz *fuzz, void *object)
{
	pthread_mutex_lock(&fuzz->lock);
	fuzz->freed = object;
	pthread_cond_broadcast(&fuzz->changed);
	while (fuzz->freed && fuzz->nr_workers > 1)
		pthread_cond_wait(&fuzz->changed, &fuzz->lock);
	fuzz->freed = NULL;
	pthread_mutex_unlock(&fuzz->lock);
}

/* A pointer that is no object, whatever other threads do. */
static const char *try_bad_pointer(struct worker *worker, const struct entry *entry)
{
	struct fuzz *fuzz = worker->fuzz;
	const struct nexp_heap *heap = &fuzz->nx->heap;
	uint64_t *random = &worker->random;
	uint64_t any = ((uint64_t)unit_random(random) << 32) | unit_random(random);
	enum bad bad = unit_random(random) % (BAD_INTERIOR + 1);
	void *pointer = NULL;

	if (bad == BAD_INTERIOR && (!entry->object || entry->size < 2))
		bad = BAD_NULL;
	switch (bad) {
	case BAD_STACK:
		pointer = &any;
		break;
	case BAD_LIBC:
		pointer = fuzz;
		break;
	case BAD_TABLES:
		pointer = heap->tables + any % heap->tables_size;
		break;
	case BAD_UNALIGNED:
		pointer = heap->objects + (any % (HEAP_SIZE / 2) | 1);
		break;
	case BAD_NOT_CANONICAL:				/* or not ours */
		pointer = (void *)(any | 1ULL << 63);
		break;
	case BAD_BELOW:
		pointer = heap->objects - 16 - any % 4096 * 16;
		break;
	case BAD_ABOVE:
		pointer = heap->objects + HEAP_SIZE + any % 4096 * 16;
		break;
	case BAD_FORMER:
		pointer = fuzz->former;
		break;
	case BAD_UNUSED:
		pointer = nexp_extent_address(fuzz->nx, heap->layout.nr_extents - 1) +
			  any % 4096 * 16;
		break;
	case BAD_INTERIOR:
		pointer = entry->object + 1 + any % (entry->size - 1);
		break;
	default:
		break;
	}
	return refused(worker, bad, pointer);
}

/* The slots from here on were never allocated. */
static uint32_t first_fresh(const struct nexp_heap *heap, const struct nexp_span *span)
{
	const struct nexp_thread *owner;

	if (span->place != NEXP_SPAN_CURRENT)
		return span->fresh;
	owner = &heap->threads[(span->state & NEXP_STATE_OWNER) - 1];
	return owner->bins[span->class].fresh;
}

/* In a span with live objects, if there is any with a fresh slot. */
static void *fresh_slot(struct fuzz *fuzz, uint64_t *random)
{
	const struct nexp_heap *heap = &fuzz->nx->heap;
	uint32_t i, start = unit_random(random), any = unit_random(random);

	for (i = 0; i < heap->top; i++) {
		uint32_t extent = (start + i) % heap->top, fresh;
		const struct nexp_span *span = nexp_span(fuzz->nx, extent);
		const struct nexp_class *class = &nexp_classes[span->class];

		if (span->kind != NEXP_SPAN_SMALL)
			continue;
		fresh = first_fresh(heap, span);
		if (fresh < class->slots)
			return nexp_extent_address(fuzz->nx, extent) + class->size *
			       (fresh + any % (class->slots - fresh));
	}
	return NULL;
}

static const char *try_fresh(struct worker *worker)
{
	const char *problem = NULL;
	void *slot;

	be_alone(worker);
	slot = fresh_slot(worker->fuzz, &worker->random);
	if (slot)
		problem = refused(worker, BAD_FRESH, slot);
	let_others_in(worker->fuzz);
	return problem;
}

static const char *free_again(struct worker *worker, struct entry *entry)
{
	struct fuzz *fuzz = worker->fuzz;
	void *object = entry->object;
	const char *problem;

	be_alone(worker);
	problem = do_free(worker, entry);
	if (!problem && !entry->object) {
		problem = refused(worker, BAD_FREED, object);
		let_another_free(fuzz, object);
	}
	let_others_in(fuzz);
	return problem;
}

static const char *operate(struct worker *worker, struct entry *entry)
{
	struct fuzz *fuzz = worker->fuzz;
	uint32_t kind = unit_random(&worker->random) % 1000;
	size_t size = some_size(&worker->random);
	const char *problem = NULL;

	if (kind < 200)
		return try_bad_pointer(worker, entry);
	if (kind < 201)
		return try_fresh(worker);
	if (entry->object)
		problem = check(fuzz->nx, entry);
	if (problem)
		return problem;
	if (!entry->object)
		problem = do_alloc(fuzz->nx, entry, size);
	else if (kind < 300)
		problem = do_realloc(worker, entry, size);
	else if (kind < 302)
		problem = free_again(worker, entry);
	else
		problem = do_free(worker, entry);
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

	come_in(worker);
	for (i = 0; i < worker->nr_operations; i++) {
		struct entry *entry = &fuzz->entries[unit_random(&worker->random) %
						     NR_ENTRIES];
		const char *problem;

		/* Busy entries are somebody else's. */
		if (__atomic_exchange_n(&entry->lock, 1, __ATOMIC_ACQUIRE))
			continue;
		problem = operate(worker, entry);
		__atomic_store_n(&entry->lock, 0, __ATOMIC_RELEASE);
		report(fuzz, problem);
		if (__atomic_load_n(&fuzz->problem, __ATOMIC_RELAXED))
			break;
		if (i % 64)
			continue;
		/* Somebody may want to be alone. */
		go_out(fuzz, false);
		come_in(worker);
	}
	go_out(fuzz, true);
	/* A thread's end is the library's work in the heap: nobody is alone there then. */
	pthread_barrier_wait(&fuzz->ended);
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

/*
 * The next incarnation's heap lies elsewhere: in the same place an old pointer may be
 * an object again.
 */
static int restart_elsewhere(struct unit *unit, void **out_place, size_t *out_size)
{
	void *place = unit->nx->heap.reserved;

	*out_size = unit->nx->heap.reserved_size;
	netexpert_close(unit->nx);
	unit->nx = NULL;
	*out_place = mmap(place, *out_size, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			  MAP_FIXED_NOREPLACE, -1, 0);
	if (*out_place != place)
		return -errno;
	return nexp_memfd_open(unit->pool, &unit->nx);
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
	uint64_t tried[NR_BAD] = { 0 };
	uint64_t seed = variable("HEAP_FUZZ_SEED", unit_now_ns());
	unsigned int nr_threads = variable("HEAP_FUZZ_THREADS", 3), i, bad;
	struct fuzz *fuzz = calloc(1, sizeof(*fuzz));
	struct worker workers[NR_THREADS_MAX];
	pthread_t threads[NR_THREADS_MAX];
	struct netexpert_heap_stat stat;
	size_t place_size;
	void *place;

	ASSERT_LE(nr_threads, NR_THREADS_MAX);
	TH_LOG("HEAP_FUZZ_SEED=%llu HEAP_FUZZ_OPERATIONS=%llu HEAP_FUZZ_THREADS=%u",
	       (unsigned long long)seed, (unsigned long long)nr, nr_threads);
	ASSERT_EQ(0, netexpert_alloc(self->unit.nx, 100, &fuzz->former));
	ASSERT_EQ(0, restart_elsewhere(&self->unit, &place, &place_size));
	ASSERT_NE(NULL, fuzz->former);
	ASSERT_GE((uint64_t)((char *)fuzz->former - self->unit.nx->heap.objects), HEAP_SIZE);
	fuzz->nx = self->unit.nx;
	fuzz->may_put_off = variant->refusal == REFUSE_BARRIERS;
	fuzz->nr_workers = nr_threads;
	pthread_mutex_init(&fuzz->lock, NULL);
	pthread_cond_init(&fuzz->changed, NULL);
	pthread_barrier_init(&fuzz->ended, NULL, nr_threads);
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
		for (bad = 0; bad < NR_BAD; bad++) {
			tried[bad] += workers[i].nr_tried[bad];
			refused += workers[i].nr_tried[bad];
		}
		put_off += workers[i].nr_put_off;
	}
	EXPECT_EQ(NULL, fuzz->problem) {
		TH_LOG("%s", fuzz->problem);
	}
	/* Whoever finds a problem ends too soon for that. */
	for (bad = 0; bad < NR_BAD && !fuzz->problem; bad++) {
		EXPECT_EQ(bad != BAD_FREED_BY_ANOTHER || nr_threads > 1, tried[bad] > 0) {
			TH_LOG("never tried whether %s", taken[bad]);
		}
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
	munmap(place, place_size);
	free(fuzz);
}

TEST_HARNESS_MAIN
