// SPDX-License-Identifier: GPL-2.0
/*
 * What long churn makes of a heap: how much it takes beside what lives in it.
 *
 * What is promised follows from how spans are taken. A thread takes a new one of a
 * class only if all that it has of that class are full, but for fewer slots than are
 * worth a turn (NEXP_SPAN_WORTH), so it never has more than
 *
 *	most objects that ever lived in the class at once / those slots, rounded up
 *
 * however sizes change. A span that no object lives in any more is a free extent,
 * for any class. Large objects take their extents. Threads do not see each other's
 * free slots, so with several of them a span may be half empty, and each may keep
 * NEXP_HEAP_HOARD spans that are emptier from the others, and one that it allocates
 * from. What free extents keep comes on top, for
 * NEXP_HEAP_IDLE_MS at most.
 *
 * Tables: 64 bytes for each extent below the top, two bytes for each slot. Whole
 * pages, so an extent that something lives in, or that keeps memory, may hold two
 * of the first tier and one of each other one, if it changed its tier meanwhile;
 * and there is a rest of a page at both ends of each table.
 *
 * Variables of the environment: HEAP_CHURN_SEED.
 */
#include <pthread.h>

#include "unit.h"

#define MIB		(1ULL << 20)
#define PAGE		4096ULL
#define HEAP_SIZE	(512 * MIB)
#define MAX_OBJECTS	(1U << 20)
#define SAMPLE_EACH	256

#define NR_TABLES	(1 + NEXP_NR_TIERS)
#define TABLES_OF_EXTENT	((2 + 1 + 1) * PAGE)

struct object {
	void *at;
	uint32_t size;
};

/**
 * struct churn - what the test knows of its heap
 * @unit: the pool.
 * @random: state of the numbers.
 * @nr_threads: that allocate or free.
 * @objects: those that live.
 * @nr: of these.
 * @bytes: asked for, of these.
 * @live: of each class.
 * @most: ever, of each class.
 * @most_bytes: most that was ever asked for at once.
 * @large: extents of the large ones.
 * @operations: so far.
 * @problem: the first one.
 * @peak: most that was ever committed.
 * @peak_bytes: what lived in it.
 */
struct churn {
	struct unit unit;
	uint64_t random;
	unsigned int nr_threads;
	struct object *objects;
	uint32_t nr;
	uint64_t bytes;
	uint32_t live[NEXP_NR_CLASSES];
	uint32_t most[NEXP_NR_CLASSES];
	uint64_t most_bytes;
	uint64_t large;
	uint64_t operations;
	const char *problem;
	uint64_t peak;
	uint64_t peak_bytes;
};

/* What the heap's own numbers say, at one moment. */
struct usage {
	uint64_t objects;	/* bytes in extents that are in use */
	uint64_t kept;
	uint64_t tables;
	uint64_t nr_held;	/* extents in use, and those that keep memory */
	uint64_t top;
};

static struct usage usage_of(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	struct usage usage;
	uint32_t i;

	pthread_mutex_lock(&heap->lock);
	usage = (struct usage) {
		.objects = heap->committed - heap->kept * PAGE,
		.kept = heap->kept * PAGE,
		.tables = heap->metadata,
		.top = heap->top,
	};
	for (i = 0; i < heap->top; i++) {
		const struct nexp_span *span = nexp_span(nx, i);

		usage.nr_held += span->pages || READ_ONCE(span->kind) != NEXP_SPAN_FREE;
	}
	pthread_mutex_unlock(&heap->lock);
	return usage;
}

/* Objects that live in a full span at least. */
static uint32_t full_of(const struct churn *churn, unsigned int class)
{
	uint32_t slots = nexp_class_slots(class), worth = slots / NEXP_SPAN_WORTH;

	if (churn->nr_threads > 1)
		return slots / 2 + 1;
	if (worth > NEXP_SPAN_WORTH)
		worth = NEXP_SPAN_WORTH;
	return worth ? slots - worth + 1 : slots;
}

/* Spans of a class; @only_live: when threads have given up what is empty. */
static uint64_t most_spans(const struct churn *churn, unsigned int class, bool only_live)
{
	uint32_t full = full_of(churn, class);
	uint64_t nr = (churn->most[class] + full - 1) / full;

	if (nr)
		nr += (churn->nr_threads - 1) * (NEXP_HEAP_HOARD + 1);
	return only_live && nr > churn->live[class] ? churn->live[class] : nr;
}

static uint64_t most_in_use(const struct churn *churn, bool only_live)
{
	uint64_t nr = 0;
	unsigned int i;

	for (i = 0; i < NEXP_NR_CLASSES; i++)
		nr += most_spans(churn, i, only_live);
	return (nr + churn->large) * NEXP_EXTENT_SIZE;
}

static uint64_t most_tables(const struct usage *usage)
{
	return 2 * NR_TABLES * PAGE + usage->top * sizeof(struct nexp_span) +
	       usage->nr_held * TABLES_OF_EXTENT;
}

static void sample(struct churn *churn)
{
	struct usage usage = usage_of(churn->unit.nx);
	uint64_t all = usage.objects + usage.kept + usage.tables;

	if (usage.objects > most_in_use(churn, false))
		churn->problem = "objects take more than they may";
	if (usage.tables > most_tables(&usage))
		churn->problem = "tables take more than they may";
	if (all != nexp_memfd_committed(churn->unit.pool))
		churn->problem = "what is committed does not add up";
	if (all <= churn->peak)
		return;
	churn->peak = all;
	churn->peak_bytes = churn->bytes;
}

static void count(struct churn *churn, uint32_t size, int by)
{
	unsigned int class;

	churn->bytes += (uint64_t)(int64_t)by * size;
	if (churn->bytes > churn->most_bytes)
		churn->most_bytes = churn->bytes;
	if (size > NEXP_CLASS_MAX) {
		churn->large += (uint64_t)(int64_t)by * ((size - 1) / NEXP_EXTENT_SIZE + 1);
		return;
	}
	class = nexp_class_of(size);
	churn->live[class] += (uint32_t)by;
	if (churn->live[class] > churn->most[class])
		churn->most[class] = churn->live[class];
}

static void operated(struct churn *churn)
{
	if (!(churn->operations++ % SAMPLE_EACH))
		sample(churn);
}

static void take(struct churn *churn, uint32_t size)
{
	struct object *object = &churn->objects[churn->nr];

	if (churn->nr == MAX_OBJECTS ||
	    netexpert_alloc(churn->unit.nx, size, &object->at)) {
		churn->problem = "no memory";
		return;
	}
	object->size = size;
	churn->nr++;
	count(churn, size, 1);
	operated(churn);
}

static void give(struct churn *churn, uint32_t index)
{
	struct object *object = &churn->objects[index];

	if (netexpert_free(churn->unit.nx, object->at))
		churn->problem = "free failed";
	count(churn, object->size, -1);
	*object = churn->objects[--churn->nr];
	operated(churn);
}

static uint32_t below(struct churn *churn, uint32_t end)
{
	return unit_random(&churn->random) % end;
}

/* All from @first on but one of @nr_kept, whichever. */
static void give_but_one_of(struct churn *churn, uint32_t first, uint32_t nr_kept)
{
	uint32_t i;

	for (i = churn->nr; i-- > first;)
		if (below(churn, nr_kept))
			give(churn, i);
}

/* Each phase has larger objects than the one before, of which a few survive. */
static void growing(struct churn *churn)
{
	uint32_t size, first;

	for (size = 16; size < 200000; size += size / 3) {
		first = churn->nr;
		while (churn->bytes < 8 * MIB)
			take(churn, size);
		give_but_one_of(churn, first, 64);
	}
}

static void sawtooth(struct churn *churn)
{
	int tooth;

	for (tooth = 0; tooth < 24; tooth++) {
		while (churn->bytes < 12 * MIB)
			take(churn, below(churn, 64U << tooth % 6) + 1);
		give_but_one_of(churn, 0, 8);
	}
}

/* Half of them up to 32 bytes, then each size twice as large half as often. */
static uint32_t heavy_tail(struct churn *churn)
{
	uint32_t size = 32;

	while (size < 400000 && below(churn, 2))
		size *= 2;
	return size / 2 + below(churn, size / 2) + 1;
}

/* One of a hundred stays for ever. */
static void survivors(struct churn *churn)
{
	uint32_t nr_old = 0, i;

	for (i = 0; i < 600000; i++) {
		take(churn, heavy_tail(churn));
		if (churn->nr < 30000)
			continue;
		if (!below(churn, 100) && nr_old < 20000) {
			struct object old = churn->objects[nr_old];

			churn->objects[nr_old++] = churn->objects[churn->nr - 1];
			churn->objects[churn->nr - 1] = old;
		}
		give(churn, nr_old + below(churn, churn->nr - nr_old));
	}
}

/* A second thread that lives all the while and works when it is its turn. */
struct other {
	struct churn *churn;
	void (*work)(struct churn *churn);
	pthread_barrier_t turn;
	pthread_t thread;
};

static void *other_main(void *arg)
{
	struct other *other = arg;

	for (;;) {
		pthread_barrier_wait(&other->turn);
		if (!other->work)
			return NULL;
		other->work(other->churn);
		pthread_barrier_wait(&other->turn);
	}
}

static void other_begins(struct other *other, struct churn *churn)
{
	*other = (struct other) { .churn = churn };
	churn->nr_threads = 2;
	pthread_barrier_init(&other->turn, NULL, 2);
	if (pthread_create(&other->thread, NULL, other_main, other))
		churn->problem = "no thread";
}

static void let_other(struct other *other, void (*work)(struct churn *churn))
{
	other->work = work;
	pthread_barrier_wait(&other->turn);
	pthread_barrier_wait(&other->turn);
}

static void be_idle(struct churn *churn)
{
	nexp_heap_idle(churn->unit.nx);
}

static void other_ends(struct other *other)
{
	let_other(other, be_idle);
	other->work = NULL;
	pthread_barrier_wait(&other->turn);
	pthread_join(other->thread, NULL);
	pthread_barrier_destroy(&other->turn);
}

static void give_most(struct churn *churn)
{
	give_but_one_of(churn, churn->nr < 40000 ? 0 : churn->nr - 40000, 512);
}

/* One only allocates, the other only frees, and leaves one in each span or two. */
static void handed_over(struct churn *churn)
{
	struct other other;
	int round, i;

	other_begins(&other, churn);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < 40000; i++)
			take(churn, 64);
		let_other(&other, give_most);
	}
	other_ends(&other);
}

static void half_of_a_tooth(struct churn *churn)
{
	while (churn->bytes < 8 * MIB)
		take(churn, below(churn, 300) + 1);
	give_but_one_of(churn, 0, 16);
}

/* What one leaves, the other one goes on with, and the other way round. */
static void in_turns(struct churn *churn)
{
	struct other other;
	int round;

	other_begins(&other, churn);
	for (round = 0; round < 12; round++) {
		half_of_a_tooth(churn);
		let_other(&other, half_of_a_tooth);
	}
	other_ends(&other);
}

FIXTURE(churn) {
	struct churn churn;
};

FIXTURE_VARIANT(churn) {
	void (*adversary)(struct churn *churn);
};

FIXTURE_VARIANT_ADD(churn, of_growing_sizes) { .adversary = growing };
FIXTURE_VARIANT_ADD(churn, like_a_saw) { .adversary = sawtooth };
FIXTURE_VARIANT_ADD(churn, with_survivors) { .adversary = survivors };
FIXTURE_VARIANT_ADD(churn, handed_over) { .adversary = handed_over };
FIXTURE_VARIANT_ADD(churn, in_turns) { .adversary = in_turns };

FIXTURE_SETUP(churn)
{
	const char *seed = getenv("HEAP_CHURN_SEED");

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, unit_open(&self->churn.unit, 1, HEAP_SIZE, HEAP_SIZE));
	self->churn.random = seed ? strtoull(seed, NULL, 0) : 1;
	self->churn.nr_threads = 1;
	self->churn.objects = calloc(MAX_OBJECTS, sizeof(*self->churn.objects));
	ASSERT_NE(NULL, self->churn.objects);
}

FIXTURE_TEARDOWN(churn)
{
	unit_close(&self->churn.unit);
	free(self->churn.objects);
}

static void tell(struct __test_metadata *_metadata, const char *when,
		 uint64_t committed, uint64_t bytes)
{
	TH_LOG("%s: %llu KiB for %llu KiB", when, (unsigned long long)committed / 1024,
	       (unsigned long long)bytes / 1024);
}

TEST_F_TIMEOUT(churn, takes_no_more_than_its_objects_may, 600)
{
	struct churn *churn = &self->churn;
	struct usage usage;

	variant->adversary(churn);
	ASSERT_EQ(NULL, churn->problem) {
		TH_LOG("%s", churn->problem);
	}
	tell(_metadata, "at the peak", churn->peak, churn->peak_bytes);
	tell(_metadata, "by classes", most_in_use(churn, false), churn->most_bytes);

	unit_stir(churn->unit.nx);
	EXPECT_LE(usage_of(churn->unit.nx).kept, NEXP_HEAP_KEEP);
	nexp_heap_idle(churn->unit.nx);
	usage = usage_of(churn->unit.nx);
	tell(_metadata, "at the end", usage.objects + usage.tables, churn->bytes);
	EXPECT_EQ(0, usage.kept);
	EXPECT_LE(usage.objects, most_in_use(churn, true));
	EXPECT_LE(usage.tables, most_tables(&usage));

	while (churn->nr)
		give(churn, churn->nr - 1);
	nexp_heap_idle(churn->unit.nx);
	usage = usage_of(churn->unit.nx);
	EXPECT_EQ(0, usage.objects + usage.kept);
	EXPECT_LE(usage.tables, most_tables(&usage));
	EXPECT_EQ(NULL, churn->problem);
}

TEST_HARNESS_MAIN
