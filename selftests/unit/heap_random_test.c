// SPDX-License-Identifier: GPL-2.0
/*
 * The object allocator against a model of it: random operations, memory that
 * fails now and then, several threads.
 */
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>

#include "unit.h"

#define MIB		(1ULL << 20)
#define NR_SHADOWS	3000
#define NR_OPERATIONS	100000

/*
 * What the model knows of an object: its bytes are all the same. Where other
 * threads allocate too, a freed object may be theirs at once (@is_shared).
 */
struct shadow {
	uint8_t *object;
	size_t size;
	uint8_t fill;
	bool is_shared;
};

static size_t random_size(uint64_t *state)
{
	uint32_t kind = unit_random(state) % 100;

	if (kind < 60)
		return unit_random(state) % 256 + 1;
	if (kind < 90)
		return unit_random(state) % 8192 + 1;
	if (kind < 98)
		return unit_random(state) % 100000 + 1;
	return unit_random(state) % 3000000 + 1;
}

static bool is_filled(const uint8_t *bytes, uint8_t fill, size_t from, size_t to)
{
	/* Each byte is the same as the next, and one is right. */
	return from == to || (bytes[from] == fill &&
			      !memcmp(bytes + from, bytes + from + 1,
				      to - from - 1));
}

static bool shadow_holds(struct netexpert *nx, const struct shadow *shadow)
{
	size_t size = 0;

	return !netexpert_size(nx, shadow->object, &size) &&
	       size == shadow->size &&
	       is_filled(shadow->object, shadow->fill, 0, shadow->size);
}

static bool ran_out(int err)
{
	return err == -ENOMEM || err == -EDQUOT;
}

static bool step_alloc(struct netexpert *nx, struct shadow *shadow, size_t size)
{
	void *out;
	int err = netexpert_alloc(nx, size, &out);

	if (err)
		return ran_out(err);
	shadow->object = out;
	shadow->size = size;
	return (uintptr_t)out % 16 == 0 && is_filled(out, 0, 0, size);
}

static bool step_free(struct netexpert *nx, struct shadow *shadow)
{
	void *object = shadow->object;

	shadow->object = NULL;
	return !netexpert_free(nx, object) &&
	       (shadow->is_shared || netexpert_free(nx, object) == -EINVAL);
}

static bool step_realloc(struct netexpert *nx, struct shadow *shadow, size_t size)
{
	size_t kept = shadow->size < size ? shadow->size : size;
	void *out;
	int err = netexpert_realloc(nx, shadow->object, size, &out);

	if (err)
		return ran_out(err) && shadow_holds(nx, shadow);
	shadow->object = out;
	shadow->size = size;
	return is_filled(out, shadow->fill, 0, kept) &&
	       is_filled(out, 0, kept, size);
}

/* Anywhere but at its start. */
static bool step_interior(struct netexpert *nx, struct shadow *shadow, size_t offset)
{
	return offset + 1 >= shadow->size ||
	       netexpert_free(nx, shadow->object + offset + 1) == -EINVAL;
}

/* One random operation on one shadow; false if the heap and the model differ. */
static bool step(struct netexpert *nx, struct shadow *shadow, uint64_t *random)
{
	uint32_t kind = unit_random(random) % 10;
	size_t size = random_size(random);
	bool is_fine;

	if (!shadow->object)
		is_fine = step_alloc(nx, shadow, size);
	else if (!shadow_holds(nx, shadow))
		return false;
	else if (kind < 4)
		is_fine = step_free(nx, shadow);
	else if (kind < 5)
		is_fine = step_interior(nx, shadow, size);
	else
		is_fine = step_realloc(nx, shadow, size);
	if (is_fine && shadow->object) {
		shadow->fill = (uint8_t)unit_random(random);
		memset(shadow->object, shadow->fill, shadow->size);
	}
	return is_fine;
}

static bool run_steps(struct netexpert *nx, struct shadow *shadows, int nr_shadows,
		      int nr_operations, uint64_t seed)
{
	uint64_t random = seed;
	int i;

	for (i = 0; i < nr_operations; i++) {
		struct shadow *shadow =
			&shadows[unit_random(&random) % (uint32_t)nr_shadows];

		if (!step(nx, shadow, &random))
			return false;
	}
	return true;
}

/* All of the model is there, and after freeing it nothing is. */
static bool drain(struct netexpert *nx, struct shadow *shadows, int nr_shadows)
{
	int i;

	for (i = 0; i < nr_shadows; i++) {
		if (!shadows[i].object)
			continue;
		if (!shadow_holds(nx, &shadows[i]) ||
		    netexpert_free(nx, shadows[i].object))
			return false;
		shadows[i].object = NULL;
	}
	return true;
}

/* Free neighbours are one run, and the pages that free extents keep add up. */
static bool runs_are_sound(struct netexpert *nx)
{
	uint32_t extent = 0, i;
	bool after_free = false;
	uint64_t kept = 0;

	while (extent < nx->heap.top) {
		const struct nexp_span *span = nexp_span(nx, extent);
		uint32_t nr = span->kind == NEXP_SPAN_SMALL ? 1 : span->nr_extents;

		if (!nr || nr > nx->heap.top - extent)
			return false;
		if (span->kind == NEXP_SPAN_FREE) {
			if (after_free ||
			    nexp_span(nx, extent + nr - 1)->first != extent)
				return false;
			for (i = 0; i < nr; i++)
				kept += nexp_span(nx, extent + i)->pages;
		} else if (span->kind != NEXP_SPAN_SMALL &&
			   span->kind != NEXP_SPAN_LARGE) {
			return false;
		}
		after_free = span->kind == NEXP_SPAN_FREE;
		extent += nr;
	}
	return kept == nx->heap.kept;
}

static bool counts_are_sound(struct unit *unit)
{
	struct netexpert_heap_stat stat;

	netexpert_heap_stat(unit->nx, &stat);
	return !stat.objects && !stat.object_bytes &&
	       stat.committed + stat.metadata ==
	       nexp_memfd_committed(unit->pool);
}

FIXTURE(random) {
	struct unit unit;
	struct shadow *shadows;
};

FIXTURE_VARIANT(random) {
	uint64_t heap_size;
	uint64_t heap_limit;
};

FIXTURE_VARIANT_ADD(random, plenty) {
	.heap_size = 512 * MIB,
	.heap_limit = 400 * MIB,
};

FIXTURE_VARIANT_ADD(random, too_little_limit) {
	.heap_size = 512 * MIB,
	.heap_limit = 12 * MIB,
};

FIXTURE_VARIANT_ADD(random, too_little_address_space) {
	.heap_size = 16 * MIB,
	.heap_limit = 16 * MIB,
};

FIXTURE_SETUP(random)
{
	memset(&self->unit, 0, sizeof(self->unit));
	ASSERT_EQ(0, unit_open(&self->unit, 1, variant->heap_size,
			       variant->heap_limit));
	self->shadows = calloc(NR_SHADOWS, sizeof(*self->shadows));
	ASSERT_NE(NULL, self->shadows);
}

FIXTURE_TEARDOWN(random)
{
	free(self->shadows);
	unit_close(&self->unit);
}

TEST_F_TIMEOUT(random, operations_agree_with_a_model, 120)
{
	struct netexpert *nx = self->unit.nx;
	int round;

	for (round = 0; round < 10; round++) {
		ASSERT_TRUE(run_steps(nx, self->shadows, NR_SHADOWS,
				      NR_OPERATIONS / 10, 1000 + (uint64_t)round));
		ASSERT_TRUE(runs_are_sound(nx));
	}
	ASSERT_TRUE(drain(nx, self->shadows, NR_SHADOWS));
	EXPECT_TRUE(runs_are_sound(nx));
	EXPECT_TRUE(counts_are_sound(&self->unit));
}

/* The pool's own functions, with failures in between. */
static const struct nexp_pool_ops *real_ops;
static unsigned int commits_until_failure = UINT_MAX;
static unsigned int nr_failures = 2;
static unsigned int commits;
static bool punch_is_busy;

static int failing_commit(struct netexpert *nx, uint64_t offset, uint64_t length)
{
	/* Twice: once more after the heap has given up what it keeps. */
	commits++;
	if (commits >= commits_until_failure &&
	    commits - commits_until_failure < nr_failures)
		return -ENOMEM;
	return real_ops->commit(nx, offset, length);
}

static int failing_punch(struct netexpert *nx, uint64_t offset, uint64_t length)
{
	return punch_is_busy ? -EBUSY : real_ops->punch(nx, offset, length);
}

static struct nexp_pool_ops failing_ops;

static void make_fail(struct netexpert *nx)
{
	real_ops = nx->ops;
	failing_ops = *real_ops;
	failing_ops.commit = failing_commit;
	failing_ops.punch = failing_punch;
	nx->ops = &failing_ops;
}

#define NR_SEQUENCE	64

static bool sequence(struct netexpert *nx)
{
	struct shadow shadows[NR_SEQUENCE] = { 0 };

	return run_steps(nx, shadows, NR_SEQUENCE, 600, 42) && runs_are_sound(nx) &&
	       drain(nx, shadows, NR_SEQUENCE) && runs_are_sound(nx);
}

/* The n-th commit fails, for every n, until the sequence needs fewer. */
TEST_F_TIMEOUT(random, every_commit_may_fail, 120)
{
	unsigned int n = 0;
	struct unit unit;

	do {
		ASSERT_EQ(0, unit_open(&unit, 1, variant->heap_size,
				       variant->heap_limit));
		make_fail(unit.nx);
		commits = 0;
		commits_until_failure = ++n;
		ASSERT_TRUE(sequence(unit.nx));
		ASSERT_TRUE(counts_are_sound(&unit));
		unit_close(&unit);
	} while (commits >= n);
	EXPECT_GT(n, 20);
}

TEST_F(random, growth_in_place_that_fails_leaves_no_extent_behind)
{
	void *object, *out = NULL;
	size_t size = 0;

	make_fail(self->unit.nx);
	ASSERT_EQ(0, netexpert_alloc(self->unit.nx, 100000, &object));
	/* In place, elsewhere, elsewhere again, in place again. */
	commits_until_failure = commits + 1;
	nr_failures = 4;
	EXPECT_EQ(-ENOMEM, netexpert_realloc(self->unit.nx, object, 1000000, &out));
	EXPECT_TRUE(runs_are_sound(self->unit.nx));
	EXPECT_EQ(0, netexpert_size(self->unit.nx, object, &size));
	EXPECT_EQ(100000, size);
	EXPECT_EQ(0, netexpert_realloc(self->unit.nx, object, 1000000, &out));
	EXPECT_EQ(object, out);
}

TEST_F_TIMEOUT(random, memory_is_zero_although_it_did_not_go_back, 120)
{
	make_fail(self->unit.nx);
	punch_is_busy = true;
	ASSERT_TRUE(run_steps(self->unit.nx, self->shadows, NR_SHADOWS,
			      NR_OPERATIONS / 10, 7));
	ASSERT_TRUE(drain(self->unit.nx, self->shadows, NR_SHADOWS));
	EXPECT_TRUE(runs_are_sound(self->unit.nx));
}

struct worker {
	struct netexpert *nx;
	uint64_t seed;
	bool is_fine;
};

static void *work(void *arg)
{
	struct shadow shadows[300] = { 0 };
	struct worker *worker = arg;
	int i;

	for (i = 0; i < 300; i++)
		shadows[i].is_shared = true;
	worker->is_fine = run_steps(worker->nx, shadows, 300, 10000,
				    worker->seed) &&
			  drain(worker->nx, shadows, 300);
	return NULL;
}

TEST_F_TIMEOUT(random, threads_do_not_disturb_each_other, 120)
{
	struct worker workers[4];
	pthread_t threads[4];
	int i;

	for (i = 0; i < 4; i++) {
		workers[i] = (struct worker) {
			.nx = self->unit.nx,
			.seed = 50 + (uint64_t)i,
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, work, &workers[i]));
	}
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_TRUE(workers[i].is_fine);
	}
	EXPECT_TRUE(runs_are_sound(self->unit.nx));
	EXPECT_TRUE(counts_are_sound(&self->unit));
}

TEST_HARNESS_MAIN
