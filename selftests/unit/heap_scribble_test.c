// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of heaps, unmoved by one that somebody scribbled over.
 *
 * NETEXPERT_SEED repeats a run. Under the sanitizers, and each report has to add up.
 */
#include "heap_image.h"

/* Small, or most scribbles would meet nothing. */
#define HEAP_SIZE	(2 * MIB)

FIXTURE(scribbled) {
	struct picture p;
};

FIXTURE_SETUP(scribbled)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, open_heap(&self->p, HEAP_SIZE));
}

FIXTURE_TEARDOWN(scribbled)
{
	close_heap(&self->p);
}

/* A value that finds its way: small, a bound, all ones, or anything. */
static uint64_t odd_value(uint64_t *state)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 4, 5, 15, 16, 17, 40, 41, 0x7fff, 0x8000, 0xffff, 65536,
		UINT32_MAX, UINT64_MAX, 1ULL << 63,
	};
	uint32_t random = unit_random(state);

	if (random % 2)
		return values[random / 2 % (sizeof(values) / sizeof(values[0]))];
	return (uint64_t)unit_random(state) << 33 ^ unit_random(state);
}

/* Somewhere in the tables: the head now and then, spans mostly, or anywhere. */
static void scribble(struct picture *self, uint64_t tables, uint64_t *state)
{
	uint32_t random = unit_random(state), width = 1U << random % 4;
	uint64_t value = odd_value(state), at;

	random >>= 2;
	if (random % 1024 == 0)
		at = unit_random(state) % sizeof(struct nexp_heap_head);
	else if (random % 4)
		at = PAGE + unit_random(state) % (20 * sizeof(struct nexp_span));
	else
		at = PAGE + unit_random(state) % (tables - PAGE);
	at &= ~(uint64_t)(width - 1);
	memcpy(self->image.bytes + at, &value, width);
	if (unit_random(state) % 64 == 0)
		self->image.is_there[unit_random(state) % (tables / PAGE)] ^= 1;
}

static void fill(struct picture *self)
{
	static const size_t sizes[] = {
		1, 16, 60, 100, 500, 1000, 3000, 9000, 30000, 40000, 70000, 200000,
	};
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		alloc(self, sizes[i]);
}

/* Scribbles between two reports, reports of a picture, pictures. */
#define FUZZ_SCRIBBLES	8
#define FUZZ_REPORTS	64
#define FUZZ_PICTURES	4000

TEST_F_TIMEOUT(scribbled, no_scribble_unsettles_the_reader, 600)
{
	const char *given = getenv("NETEXPERT_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : unit_now_ns(), state = seed;
	uint64_t tables, damaged = 0, headless = 0;
	struct image *image = &self->p.image, good;
	unsigned int i, j, k;

	TH_LOG("NETEXPERT_SEED=0x%llx repeats this", (unsigned long long)seed);
	fill(&self->p);
	ASSERT_EQ(0, take_and_report(&self->p));
	ASSERT_EQ(12, self->p.report.all.objects);
	tables = head_of(&self->p)->objects;
	good = *image;
	good.bytes = malloc(tables);
	good.is_there = malloc(tables / PAGE);
	memcpy(good.bytes, image->bytes, tables);
	memcpy(good.is_there, image->is_there, tables / PAGE);
	for (i = 0; i < FUZZ_PICTURES; i++) {
		memcpy(image->bytes, good.bytes, tables);
		memcpy(image->is_there, good.is_there, tables / PAGE);
		for (j = 0; j < FUZZ_REPORTS; j++) {
			for (k = 0; k < FUZZ_SCRIBBLES; k++)
				scribble(&self->p, tables, &state);
			ASSERT_EQ(0, report_of(image, ALL, &self->p.report));
			ASSERT_FALSE(self->p.report.is_cut);
			ASSERT_TRUE(adds_up(&self->p.report, image->size));
			/* Each byte once, or four times where it makes no sense. */
			ASSERT_LT(image->nr_read, 5 * image->size);
			damaged += self->p.report.nr_damages > 0;
			headless += self->p.report.damages[0].wrong != NEXP_HEAP_FINE &&
				    self->p.report.damages[0].wrong < NEXP_HEAP_BAD_TOP;
		}
	}
	/* Neither harmless nor always stopped at the door. */
	EXPECT_GT(damaged, FUZZ_PICTURES * FUZZ_REPORTS / 2);
	EXPECT_LT(headless, FUZZ_PICTURES * FUZZ_REPORTS / 2);
	free(good.bytes);
	free(good.is_there);
}

TEST_HARNESS_MAIN
