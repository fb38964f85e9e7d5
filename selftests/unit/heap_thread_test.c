// SPDX-License-Identifier: GPL-2.0
/*
 * The object allocator and threads: whose objects are freed by whom, and what a
 * thread leaves behind.
 */
#include <pthread.h>

#include "membarrier.h"
#include "unit.h"

#define MIB		(1ULL << 20)
#define HEAP_SIZE	(256 * MIB)
#define NR_OBJECTS	20000

FIXTURE(threads) {
	struct unit unit;
	struct netexpert *nx;
};

FIXTURE_VARIANT(threads) {
	enum refusal refusal;
};

FIXTURE_VARIANT_ADD(threads, as_they_are) { .refusal = REFUSE_NOTHING };
FIXTURE_VARIANT_ADD(threads, without_membarrier) { .refusal = REFUSE_REGISTRATION };
FIXTURE_VARIANT_ADD(threads, with_slow_membarrier) { .refusal = REFUSE_EXPEDITED };

FIXTURE_SETUP(threads)
{
	memset(&self->unit, 0, sizeof(self->unit));
	ASSERT_EQ(0, refuse(variant->refusal));
	ASSERT_EQ(0, unit_open(&self->unit, 1, HEAP_SIZE, HEAP_SIZE));
	self->nx = self->unit.nx;
}

FIXTURE_TEARDOWN(threads)
{
	unit_close(&self->unit);
}

/* One object after the other, by size and number. */
struct objects {
	struct netexpert *nx;
	size_t size;
	int nr;
	int step;
	int nr_errors;
	void *at[NR_OBJECTS];
};

static void *alloc_them(void *arg)
{
	struct objects *o = arg;
	int i;

	for (i = 0; i < o->nr; i++) {
		o->nr_errors += !!netexpert_alloc(o->nx, o->size, &o->at[i]);
		memset(o->at[i], 0xaa, o->size);
	}
	return NULL;
}

static void *free_them(void *arg)
{
	struct objects *o = arg;
	int i;

	for (i = 0; i < o->nr; i += o->step)
		o->nr_errors += !!netexpert_free(o->nx, o->at[i]);
	return NULL;
}

/* In a thread of its own, which has ended afterwards. */
static void in_thread(void *(*work)(void *arg), void *arg)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, work, arg))
		pthread_join(thread, NULL);
}

static struct objects *objects_new(struct netexpert *nx, size_t size, int nr)
{
	struct objects *o = calloc(1, sizeof(*o));

	o->nx = nx;
	o->size = size;
	o->nr = nr;
	o->step = 1;
	return o;
}

static const size_t sizes[] = { 1, 64, 500, 4096, 30000 };

TEST_F(threads, what_one_thread_allocates_another_frees)
{
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int nr = sizes[i] > 1000 ? 1000 : NR_OBJECTS;
		struct objects *o = objects_new(self->nx, sizes[i], nr);

		in_thread(alloc_them, o);
		EXPECT_EQ((uint64_t)nr, unit_heap_stat(self->nx).objects);
		in_thread(free_them, o);
		EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
		/* And once more: all of them are refused, and counted. */
		in_thread(free_them, o);
		EXPECT_EQ(nr, o->nr_errors);
		free(o);
	}
}

/* The owner lives, but never looks again. */
TEST_F(threads, memory_goes_back_although_its_owner_sleeps)
{
	struct objects *o = objects_new(self->nx, 1000, NR_OBJECTS);
	uint64_t spans = 65536;

	alloc_them(o);
	EXPECT_GT(nexp_memfd_committed(self->unit.pool), 1000ULL * NR_OBJECTS);
	/* Our own free of every other one keeps each span ours, and listed. */
	o->step = 2;
	free_them(o);
	o->at[0] = o->at[NR_OBJECTS - 1];
	memmove(o->at, o->at + 1, (NR_OBJECTS - 1) * sizeof(o->at[0]));
	in_thread(free_them, o);
	EXPECT_EQ(0, o->nr_errors);
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
	/* Not through us: the lists of this thread stay untouched. */
	pthread_mutex_lock(&self->nx->heap.lock);
	EXPECT_LE(self->nx->heap.committed - self->nx->heap.kept * 4096, 2 * spans);
	pthread_mutex_unlock(&self->nx->heap.lock);
	free(o);
}

TEST_F(threads, a_thread_that_ends_leaves_nothing_if_it_held_nothing)
{
	struct objects *o = objects_new(self->nx, 100, 1000);
	uint64_t committed = 0;
	uint32_t nr_threads = 0;
	int i;

	for (i = 0; i < 200; i++) {
		in_thread(alloc_them, o);
		in_thread(free_them, o);
		nexp_heap_idle(self->nx);
		if (i == 3) {
			committed = nexp_memfd_committed(self->unit.pool);
			nr_threads = self->nx->heap.nr_threads;
		}
	}
	EXPECT_EQ(0, o->nr_errors);
	EXPECT_EQ(0, unit_heap_stat(self->nx).committed);
	EXPECT_EQ(committed, nexp_memfd_committed(self->unit.pool));
	EXPECT_EQ(nr_threads, self->nx->heap.nr_threads);
	free(o);
}

TEST_F(threads, what_a_thread_leaves_behind_is_used_by_others)
{
	struct objects *o = objects_new(self->nx, 100, NR_OBJECTS);
	struct objects *more = objects_new(self->nx, 100, NR_OBJECTS / 3);
	uint64_t committed;

	in_thread(alloc_them, o);
	o->step = 2;
	in_thread(free_them, o);
	committed = unit_heap_stat(self->nx).committed;
	in_thread(alloc_them, more);
	EXPECT_LE(unit_heap_stat(self->nx).committed, committed + 65536);
	EXPECT_EQ(0, o->nr_errors + more->nr_errors);
	free(more);
	free(o);
}

/*
 * Tides: all allocate more than they free, then free more than they allocate,
 * whoever allocated it. At the ebb each has many spans with room, at the flood
 * nobody has enough: they take each other's while these work on.
 */
#define NR_SEA		30000
#define NR_TIDES	6
#define NR_WAVES	60000
#define NR_SWIMMERS	3

struct sea {
	struct netexpert *nx;
	uint64_t *objects[NR_SEA];
	int nr_errors;
};

struct swimmer {
	struct sea *sea;
	uint64_t random;
};

static int wave(struct swimmer *swimmer, bool is_flood)
{
	struct sea *sea = swimmer->sea;
	uint64_t *object = NULL, **at = &sea->objects[unit_random(&swimmer->random) % NR_SEA];
	void *out;
	int err = 0;

	if (unit_random(&swimmer->random) % 8 < (is_flood ? 7 : 1)) {
		err = !!netexpert_alloc(sea->nx, 64, &out);
		if (err)
			return err;
		object = out;
		err = object[0] || object[7];
		object[0] = (uintptr_t)object;
		object[7] = ~(uintptr_t)object;
	}
	object = __atomic_exchange_n(at, object, __ATOMIC_ACQ_REL);
	if (!object)
		return err;
	err += object[0] != (uintptr_t)object || object[7] != ~(uintptr_t)object;
	return err + !!netexpert_free(sea->nx, object);
}

static void *swimmer_main(void *arg)
{
	struct swimmer *swimmer = arg;
	int i, errors = 0;

	for (i = 0; i < NR_TIDES * NR_WAVES; i++)
		errors += wave(swimmer, i / NR_WAVES % 2 == 0);
	__atomic_add_fetch(&swimmer->sea->nr_errors, errors, __ATOMIC_RELAXED);
	return NULL;
}

TEST_F_TIMEOUT(threads, spans_are_taken_from_who_has_many, 600)
{
	struct sea *sea = calloc(1, sizeof(*sea));
	struct swimmer swimmers[NR_SWIMMERS];
	pthread_t ids[NR_SWIMMERS];
	int i;

	sea->nx = self->nx;
	for (i = 0; i < NR_SWIMMERS; i++) {
		swimmers[i] = (struct swimmer) { .sea = sea, .random = (uint64_t)i };
		ASSERT_EQ(0, pthread_create(&ids[i], NULL, swimmer_main, &swimmers[i]));
	}
	for (i = 0; i < NR_SWIMMERS; i++)
		pthread_join(ids[i], NULL);
	for (i = 0; i < NR_SEA; i++)
		if (sea->objects[i])
			sea->nr_errors += !!netexpert_free(self->nx, sea->objects[i]);
	EXPECT_EQ(0, sea->nr_errors);
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
	free(sea);
}

/*
 * Two allocate and free their own, all at once each: the spans that one has many
 * of go to the other while it frees the last of what it has there.
 */
#define NR_BATCHES	2000
#define NR_BATCH	1024

static void *batch_main(void *arg)
{
	struct objects *o = arg;
	int i, j;

	for (i = 0; i < NR_BATCHES; i++) {
		for (j = 0; j < NR_BATCH; j++)
			o->nr_errors += !!netexpert_alloc(o->nx, o->size, &o->at[j]);
		/* An odd factor: each once, from span to span. */
		for (j = 0; j < NR_BATCH; j++)
			o->nr_errors += !!netexpert_free(o->nx,
							 o->at[j * 389 % NR_BATCH]);
	}
	return NULL;
}

TEST_F_TIMEOUT(threads, spans_are_taken_while_their_last_objects_are_freed, 600)
{
	struct objects *both = calloc(2, sizeof(*both));
	pthread_t ids[2];
	int i;

	for (i = 0; i < 2; i++) {
		both[i].nx = self->nx;
		both[i].size = 1024;
		ASSERT_EQ(0, pthread_create(&ids[i], NULL, batch_main, &both[i]));
	}
	for (i = 0; i < 2; i++)
		pthread_join(ids[i], NULL);
	EXPECT_EQ(0, both[0].nr_errors + both[1].nr_errors);
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
	free(both);
}

/* More than can have a heap of their own: they share one, and it is correct. */
#define NR_CROWD	(NEXP_NR_THREADS + 20)

struct crowd {
	struct netexpert *nx;
	pthread_barrier_t all_here;
	int nr_errors;
};

static void *crowd_main(void *arg)
{
	struct crowd *crowd = arg;
	void *objects[8] = { 0 };
	int i, errors = 0;

	for (i = 0; i < 8; i++)
		errors += !!netexpert_alloc(crowd->nx, 100, &objects[i]);
	pthread_barrier_wait(&crowd->all_here);
	for (i = 0; i < 8; i++) {
		errors += !!netexpert_free(crowd->nx, objects[i]);
		errors += netexpert_free(crowd->nx, objects[i]) == -EPERM;
	}
	__atomic_add_fetch(&crowd->nr_errors, errors, __ATOMIC_RELAXED);
	return NULL;
}

TEST_F_TIMEOUT(threads, more_threads_than_heaps, 300)
{
	struct crowd crowd = { .nx = self->nx };
	pthread_t *threads = calloc(NR_CROWD, sizeof(*threads));
	pthread_attr_t attr;
	unsigned int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	pthread_barrier_init(&crowd.all_here, NULL, NR_CROWD);
	for (i = 0; i < NR_CROWD; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], &attr, crowd_main, &crowd));
	for (i = 0; i < NR_CROWD; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQ(0, crowd.nr_errors);
	EXPECT_EQ(NEXP_NR_THREADS, self->nx->heap.nr_threads);
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
	free(threads);
}

/*
 * Two free the same objects at the same moment: each goes once. The threads meet
 * by spinning, so that they start within nanoseconds of each other.
 */
#define NR_RACES	4000
#define NR_RACED	4

struct race {
	struct netexpert *nx;
	void *objects[NR_RACED];
	_Alignas(64) int nr_started;
	_Alignas(64) int nr_ended;
	_Alignas(64) int nr_freed;
	int nr_wrong;
};

static void meet(int *count, int race)
{
	int spins = 0;

	__atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(count, __ATOMIC_SEQ_CST) < 2 * (race + 1))
		if (++spins % 2000 == 0)
			sched_yield();
}

static void race_free(struct race *race)
{
	int i, err, freed = 0, wrong = 0;

	for (i = 0; i < NR_RACED; i++) {
		err = netexpert_free(race->nx, race->objects[i]);
		freed += !err;
		wrong += err && err != -EINVAL;
	}
	__atomic_add_fetch(&race->nr_freed, freed, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&race->nr_wrong, wrong, __ATOMIC_SEQ_CST);
}

static void *racer_main(void *arg)
{
	struct race *race = arg;
	int i;

	for (i = 0; i < NR_RACES; i++) {
		meet(&race->nr_started, i);
		race_free(race);
		meet(&race->nr_ended, i);
	}
	return NULL;
}

/* The owner is private again before each race: it has to be stopped each time. */
static void be_private(void)
{
	struct nexp_thread *me = nexp_tls.me;

	pthread_mutex_lock(&me->lock);
	me->is_shared = false;
	__atomic_store_n(&me->private_id, me->id, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&me->lock);
}

FIXTURE(race) {
	struct unit unit;
	struct race race;
};

FIXTURE_VARIANT(race) {
	size_t size;
	bool be_private;
	enum refusal refusal;
};

FIXTURE_VARIANT_ADD(race, of_small_objects) { .size = 100 };
FIXTURE_VARIANT_ADD(race, without_membarrier) {
	.size = 100, .refusal = REFUSE_REGISTRATION,
};

FIXTURE_VARIANT_ADD(race, of_a_private_thread) { .size = 100, .be_private = true };
FIXTURE_VARIANT_ADD(race, of_a_span_each) { .size = 32768, .be_private = true };
FIXTURE_VARIANT_ADD(race, of_large_objects) { .size = 100000 };

FIXTURE_SETUP(race)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, refuse(variant->refusal));
	ASSERT_EQ(0, unit_open(&self->unit, 1, HEAP_SIZE, HEAP_SIZE));
	self->race.nx = self->unit.nx;
}

FIXTURE_TEARDOWN(race)
{
	unit_close(&self->unit);
}

TEST_F_TIMEOUT(race, an_object_is_freed_once_whoever_tries, 300)
{
	struct race *race = &self->race;
	pthread_t racer;
	int i, j;

	ASSERT_EQ(0, pthread_create(&racer, NULL, racer_main, race));
	for (i = 0; i < NR_RACES; i++) {
		for (j = 0; j < NR_RACED; j++)
			ASSERT_EQ(0, netexpert_alloc(race->nx, variant->size,
						     &race->objects[j]));
		if (variant->be_private)
			be_private();
		meet(&race->nr_started, i);
		race_free(race);
		meet(&race->nr_ended, i);
		ASSERT_EQ(NR_RACED * (i + 1), race->nr_freed);
	}
	pthread_join(racer, NULL);
	EXPECT_EQ(0, race->nr_wrong);
	EXPECT_EQ(0, unit_heap_stat(race->nx).objects);
}

/*
 * Registered, but no barrier works: a living thread's objects are its own. Others
 * are told so, and nothing has changed.
 */
FIXTURE(refused) {
	struct unit unit;
	struct objects *o;
};

FIXTURE_SETUP(refused)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, refuse(REFUSE_BARRIERS));
	ASSERT_EQ(0, unit_open(&self->unit, 1, HEAP_SIZE, HEAP_SIZE));
	self->o = objects_new(self->unit.nx, 100, 5000);
}

FIXTURE_TEARDOWN(refused)
{
	free(self->o);
	unit_close(&self->unit);
}

static void *put_off_them(void *arg)
{
	struct objects *o = arg;
	size_t size;
	void *out;
	int i;

	for (i = 0; i < o->nr; i++)
		o->nr_errors += netexpert_free(o->nx, o->at[i]) != -EAGAIN ||
				netexpert_realloc(o->nx, o->at[i], 5000, &out) != -EAGAIN ||
				netexpert_size(o->nx, o->at[i], &size) || size != o->size;
	return NULL;
}

TEST_F(refused, an_object_of_a_living_thread_is_only_its_own)
{
	struct netexpert_heap_stat before, after;

	alloc_them(self->o);
	before = unit_heap_stat(self->unit.nx);
	in_thread(put_off_them, self->o);
	EXPECT_EQ(0, self->o->nr_errors);
	after = unit_heap_stat(self->unit.nx);
	EXPECT_EQ(before.objects, after.objects);
	EXPECT_EQ(before.object_bytes, after.object_bytes);
	free_them(self->o);
	EXPECT_EQ(0, self->o->nr_errors);
	EXPECT_EQ(0, unit_heap_stat(self->unit.nx).objects);
}

TEST_F(refused, what_an_ended_thread_left_is_everybodys)
{
	in_thread(alloc_them, self->o);
	free_them(self->o);
	EXPECT_EQ(0, self->o->nr_errors);
	EXPECT_EQ(0, unit_heap_stat(self->unit.nx).objects);
}

TEST_F(refused, large_objects_are_everybodys)
{
	self->o->size = 100000;
	self->o->nr = 1000;
	alloc_them(self->o);
	in_thread(free_them, self->o);
	EXPECT_EQ(0, self->o->nr_errors);
	EXPECT_EQ(0, unit_heap_stat(self->unit.nx).objects);
}

static void *disturb(void *arg)
{
	struct race *race = arg;

	while (!__atomic_load_n(&race->nr_ended, __ATOMIC_RELAXED))
		race->nr_wrong += netexpert_free(race->nx, race->objects[0]) != -EAGAIN;
	return NULL;
}

/* While somebody tries and fails, the owner is neither told so nor slowed down. */
TEST_F_TIMEOUT(refused, the_owner_frees_while_others_fail_to, 300)
{
	struct race race = { .nx = self->unit.nx };
	pthread_t thread;
	void *object;
	int i;

	ASSERT_EQ(0, netexpert_alloc(race.nx, 100, &race.objects[0]));
	ASSERT_EQ(0, pthread_create(&thread, NULL, disturb, &race));
	for (i = 0; i < 200000; i++) {
		ASSERT_EQ(0, netexpert_alloc(race.nx, 100, &object));
		ASSERT_EQ(0, netexpert_realloc(race.nx, object, 1000, &object));
		ASSERT_EQ(0, netexpert_free(race.nx, object));
	}
	__atomic_store_n(&race.nr_ended, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, race.nr_wrong);
	EXPECT_EQ(0, netexpert_free(race.nx, race.objects[0]));
	EXPECT_EQ(0, unit_heap_stat(race.nx).objects);
}

TEST_F(threads, tags_go_with_their_objects)
{
	void *plain, *tagged, *large;
	struct nexp_object obj;

	ASSERT_EQ(0, netexpert_alloc(self->nx, 40, &plain));
	EXPECT_EQ(0, netexpert_tag_set(7));
	ASSERT_EQ(0, netexpert_alloc(self->nx, 40, &tagged));
	ASSERT_EQ(0, netexpert_alloc(self->nx, 100000, &large));
	EXPECT_EQ(7, netexpert_tag_set(0));
	ASSERT_EQ(0, nexp_object_find(self->nx, plain, &obj));
	EXPECT_EQ(0, nexp_small_tag(self->nx, &obj));
	ASSERT_EQ(0, nexp_object_find(self->nx, tagged, &obj));
	EXPECT_EQ(7, nexp_small_tag(self->nx, &obj));
	EXPECT_EQ(7, nexp_large_tag(self->nx, large));
	/* Growth keeps it, from class to class and beyond. */
	ASSERT_EQ(0, netexpert_realloc(self->nx, tagged, 4000, &tagged));
	ASSERT_EQ(0, nexp_object_find(self->nx, tagged, &obj));
	EXPECT_EQ(7, nexp_small_tag(self->nx, &obj));
	ASSERT_EQ(0, netexpert_realloc(self->nx, tagged, 200000, &tagged));
	EXPECT_EQ(7, nexp_large_tag(self->nx, tagged));
	/* Without one again. */
	ASSERT_EQ(0, netexpert_alloc(self->nx, 40, &plain));
	ASSERT_EQ(0, nexp_object_find(self->nx, plain, &obj));
	EXPECT_EQ(0, nexp_small_tag(self->nx, &obj));
}

TEST_HARNESS_MAIN
