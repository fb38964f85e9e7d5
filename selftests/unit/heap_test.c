// SPDX-License-Identifier: GPL-2.0
/*
 * The object allocator: what it promises, bad pointers, memory that runs out.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "unit.h"

#define MIB		(1ULL << 20)
#define HEAP_SIZE	(64 * MIB)
#define HEAP_LIMIT	(48 * MIB)

FIXTURE(heap) {
	struct unit unit;
	struct netexpert *nx;
};

FIXTURE_SETUP(heap)
{
	memset(&self->unit, 0, sizeof(self->unit));
	ASSERT_EQ(0, unit_open(&self->unit, 1, HEAP_SIZE, HEAP_LIMIT));
	self->nx = self->unit.nx;
}

FIXTURE_TEARDOWN(heap)
{
	unit_close(&self->unit);
}

static void *alloc(struct netexpert *nx, size_t size)
{
	void *object = NULL;

	return netexpert_alloc(nx, size, &object) ? NULL : object;
}

static size_t size_of(struct netexpert *nx, const void *object)
{
	size_t size = 0;

	return netexpert_size(nx, object, &size) ? 0 : size;
}

static bool is_filled(const void *object, uint8_t byte, size_t from, size_t to)
{
	const uint8_t *bytes = object;

	for (; from < to; from++)
		if (bytes[from] != byte)
			return false;
	return true;
}

TEST(classes_fit_and_waste_little)
{
	unsigned int class = 0;
	size_t size;
	uint64_t i;

	for (size = 1; size <= NEXP_CLASS_MAX; size++) {
		class = nexp_class_of(size);
		ASSERT_EQ(class, nexp_class_table[(size - 1) / NEXP_CLASS_STEP]);
		ASSERT_LT(class, NEXP_NR_CLASSES);
		ASSERT_GE(nexp_class_size(class), size);
		ASSERT_EQ(0, nexp_class_size(class) % 16);
		if (class)
			ASSERT_LT(nexp_class_size(class - 1), size);
		/* Its slack must fit into a link. */
		ASSERT_LE(nexp_class_size(class) - size, NEXP_LINK_SLACK);
	}
	for (class = 0; class < NEXP_NR_CLASSES; class++) {
		ASSERT_EQ(nexp_class_size(class), nexp_classes[class].size);
		ASSERT_EQ(nexp_class_slots(class), nexp_classes[class].slots);
		for (i = 0; i < NEXP_EXTENT_SIZE; i++) {
			uint64_t product = i * nexp_classes[class].reciprocal;

			ASSERT_EQ(i / nexp_class_size(class), product >> 32);
			ASSERT_EQ(i % nexp_class_size(class) == 0,
				  (uint32_t)product < nexp_classes[class].reciprocal);
		}
	}
	class--;
	EXPECT_EQ(class, nexp_class_of(NEXP_CLASS_MAX));
	EXPECT_EQ(NEXP_CLASS_MAX, nexp_class_size(class));
}

TEST_F(heap, nothing_is_committed_before_the_first_object)
{
	EXPECT_EQ(0, nexp_memfd_committed(self->unit.pool));
	EXPECT_EQ(0, unit_heap_stat(self->nx).committed);
}

TEST_F(heap, every_size_is_zeroed_aligned_and_exact)
{
	static const size_t sizes[] = {
		1, 15, 16, 17, 127, 128, 129, 1000, 4095, 4096, 8192, 8193, 32767,
		32768, 32769, 65535, 65536, 65537, 1000000, 5000000,
	};
	size_t i;
	int round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			void *object = alloc(self->nx, sizes[i]);

			ASSERT_NE(NULL, object);
			EXPECT_EQ(0, (uintptr_t)object % 16);
			EXPECT_EQ(sizes[i], size_of(self->nx, object));
			EXPECT_TRUE(is_filled(object, 0, 0, sizes[i]));
			memset(object, 0xa5, sizes[i]);
			EXPECT_EQ(0, netexpert_free(self->nx, object));
		}
	}
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
}

TEST_F(heap, counts_what_it_holds)
{
	struct netexpert_heap_stat stat;
	void *a = alloc(self->nx, 100), *b = alloc(self->nx, 100000);

	stat = unit_heap_stat(self->nx);
	EXPECT_EQ(2, stat.objects);
	EXPECT_EQ(100100, stat.object_bytes);
	EXPECT_EQ(stat.committed + stat.metadata,
		  nexp_memfd_committed(self->unit.pool));
	EXPECT_EQ(0, netexpert_realloc(self->nx, b, 200000, &b));
	EXPECT_EQ(200100, unit_heap_stat(self->nx).object_bytes);
	EXPECT_EQ(0, netexpert_free(self->nx, a));
	EXPECT_EQ(0, netexpert_free(self->nx, b));
	EXPECT_EQ(0, unit_heap_stat(self->nx).object_bytes);
}

TEST_F(heap, arguments_are_checked)
{
	void *object = alloc(self->nx, 10), *out = self;
	size_t size;

	EXPECT_EQ(-EINVAL, netexpert_alloc(self->nx, 0, &out));
	EXPECT_EQ(-EINVAL, netexpert_alloc(self->nx, 1, NULL));
	EXPECT_EQ(-EINVAL, netexpert_alloc(NULL, 1, &out));
	EXPECT_EQ(-EINVAL, netexpert_realloc(self->nx, object, 0, &out));
	EXPECT_EQ(-EINVAL, netexpert_size(self->nx, object, NULL));
	EXPECT_EQ(-ENOMEM, netexpert_alloc(self->nx, SIZE_MAX, &out));
	EXPECT_EQ(-ENOMEM, netexpert_alloc(self->nx, SIZE_MAX / 2, &out));
	EXPECT_EQ(-ENOMEM, netexpert_alloc(self->nx, HEAP_SIZE, &out));
	EXPECT_EQ(-ENOMEM, netexpert_realloc(self->nx, object, SIZE_MAX, &out));
	/* Rounded up, these begin again at 0. */
	for (size = SIZE_MAX; size > SIZE_MAX - 40; size--)
		EXPECT_EQ(-ENOMEM, netexpert_alloc(self->nx, size, &out));
	EXPECT_EQ((void *)self, out);
	EXPECT_EQ(0, netexpert_size(self->nx, object, &size));
	EXPECT_EQ(10, size);
}

/* Sizes whose arithmetic would wrap or lose bits, on each kind of object. */
TEST_F(heap, absurd_sizes_are_refused_and_change_nothing)
{
	const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 99, SIZE_MAX - 65534,
				 1ULL << 48, (1ULL << 48) + 5, HEAP_SIZE + 1 };
	const size_t had[] = { 1, 10, NEXP_CLASS_MAX, NEXP_CLASS_MAX + 1, 100000 };
	size_t i, j, size;

	for (i = 0; i < sizeof(had) / sizeof(had[0]); i++) {
		void *object = alloc(self->nx, had[i]), *out = self;

		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			EXPECT_EQ(-ENOMEM, netexpert_realloc(self->nx, object,
							     sizes[j], &out));
			EXPECT_EQ((void *)self, out);
			EXPECT_EQ(0, netexpert_size(self->nx, object, &size));
			EXPECT_EQ(had[i], size);
		}
	}
}

static int refuse(struct __test_metadata *_metadata, struct netexpert *nx,
		  void *pointer)
{
	struct netexpert_heap_stat before = unit_heap_stat(nx), after;
	void *out = &before;
	size_t size = 77;

	EXPECT_EQ(-EINVAL, netexpert_free(nx, pointer));
	EXPECT_EQ(-EINVAL, netexpert_size(nx, pointer, &size));
	EXPECT_EQ(-EINVAL, netexpert_realloc(nx, pointer, 50, &out));
	EXPECT_EQ(77, size);
	EXPECT_EQ((void *)&before, out);
	after = unit_heap_stat(nx);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	return 0;
}

#define REFUSE(pointer)	refuse(_metadata, self->nx, (void *)(pointer))

TEST_F(heap, bad_pointers_are_refused_and_change_nothing)
{
	struct nexp_heap *heap = &self->nx->heap;
	char *small, *freed, *large, *odd, local;
	size_t i;

	REFUSE(NULL);
	REFUSE(&local);
	small = alloc(self->nx, 100);
	freed = alloc(self->nx, 100);
	large = alloc(self->nx, 300000);
	/* 160-byte slots leave a rest at the end of their extent. */
	odd = alloc(self->nx, 150);
	ASSERT_NE(NULL, odd);
	EXPECT_EQ(0, netexpert_free(self->nx, freed));

	REFUSE(NULL);
	REFUSE(&local);
	REFUSE(self->nx);
	REFUSE(heap->tables);
	REFUSE(heap->tables + heap->layout.spans);
	REFUSE(heap->objects - 1);
	REFUSE(heap->objects + HEAP_SIZE);
	REFUSE(0x8000000000000000ULL | (uintptr_t)small);
	REFUSE(0xffff800000000000ULL);
	REFUSE(UINTPTR_MAX);
	REFUSE(freed);
	REFUSE(freed + 112);	/* the next slot, never used */
	for (i = 1; i < 112; i++)
		REFUSE(small + i);
	REFUSE(large + 16);
	REFUSE(large + 65536);
	REFUSE(large + 4 * 65536);
	REFUSE(odd + 65536 / 160 * 160);

	EXPECT_EQ(0, netexpert_free(self->nx, large));
	REFUSE(large);
	EXPECT_EQ(0, netexpert_free(self->nx, small));
	REFUSE(small);
	EXPECT_EQ(0, netexpert_free(self->nx, odd));
	REFUSE(odd);
}

TEST_F(heap, double_free_never_makes_two_objects_one)
{
	void *objects[100], *again;
	int i, j;

	for (i = 0; i < 100; i++)
		objects[i] = alloc(self->nx, 48);
	for (i = 0; i < 100; i += 2)
		EXPECT_EQ(0, netexpert_free(self->nx, objects[i]));
	for (i = 0; i < 100; i += 2)
		EXPECT_EQ(-EINVAL, netexpert_free(self->nx, objects[i]));
	for (i = 0; i < 200; i++) {
		again = alloc(self->nx, 48);
		for (j = 1; j < 100; j += 2)
			ASSERT_NE(objects[j], again);
	}
}

TEST_F(heap, overruns_do_not_reach_the_tables)
{
	char *objects[64], *end;
	struct nexp_span span;
	int i;

	for (i = 0; i < 64; i++)
		objects[i] = alloc(self->nx, 1000);
	span = *nexp_span(self->nx, 0);
	/* As far as an overrun gets: to the end of what is committed, twice. */
	end = self->nx->heap.objects + 65536;
	memset(objects[0], 0xff, (size_t)(end - objects[0]));
	EXPECT_EQ(0, memcmp(&span, nexp_span(self->nx, 0), sizeof(span)));
	for (i = 0; i < 64; i++)
		EXPECT_EQ(1000, size_of(self->nx, objects[i]));
	for (i = 0; i < 64; i++)
		EXPECT_EQ(0, netexpert_free(self->nx, objects[i]));
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
	/* The tables lie below, behind a gap. */
	EXPECT_LE(self->nx->heap.tables + self->nx->heap.tables_size + 16 * MIB,
		  self->nx->heap.objects);
}

TEST_F(heap, an_overrun_of_all_of_the_heap_changes_no_table)
{
	const struct nexp_heap *heap = &self->nx->heap;
	size_t nr = 0, i, tables;
	static void *objects[1 << 16];
	char *before;

	while (nr < sizeof(objects) / sizeof(objects[0]) &&
	       !netexpert_alloc(self->nx, 1000, &objects[nr]))
		nr++;
	ASSERT_LT(HEAP_LIMIT / 2, nr * 1000);
	tables = heap->top * sizeof(struct nexp_span);
	before = malloc(tables);
	ASSERT_NE(NULL, before);
	memcpy(before, heap->spans, tables);

	/* Every byte that is there, extent by extent: the last may not be whole. */
	for (i = 0; i < heap->top; i++)
		memset(nexp_extent_address(self->nx, (uint32_t)i), 0xff,
		       nexp_span(self->nx, (uint32_t)i)->pages * self->nx->page_size);
	EXPECT_EQ(0, memcmp(before, heap->spans, tables));
	free(before);
	for (i = 0; i < nr; i++) {
		ASSERT_EQ(1000, size_of(self->nx, objects[i]));
		ASSERT_EQ(0, netexpert_free(self->nx, objects[i]));
	}
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
	/* What is handed out next reads zero all the same. */
	objects[0] = alloc(self->nx, 1000);
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, ((char *)objects[0])[i]);
}

static void write_at(char *address)
{
	*(volatile char *)address = 1;
}

/* The sanitizer would report the signal in place of dying of it. */
static int signal_of_write(char *address)
{
	int status;
	pid_t child = fork();

	if (!child) {
		signal(SIGSEGV, SIG_DFL);
		signal(SIGBUS, SIG_DFL);
		write_at(address);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_F(heap, gaps_hold_no_memory)
{
	char *large = alloc(self->nx, 1000000);

	ASSERT_NE(NULL, large);
	EXPECT_EQ(SIGSEGV, signal_of_write(self->nx->heap.objects - 1));
	EXPECT_EQ(SIGSEGV, signal_of_write(self->nx->heap.tables - 1));
	EXPECT_EQ(SIGSEGV, signal_of_write(self->nx->heap.objects + HEAP_SIZE));
}

TEST_F(heap, growth_keeps_and_zeroes)
{
	size_t size = 1, bigger;
	uint8_t *object = alloc(self->nx, 1);
	void *moved;

	object[0] = 0x5a;
	for (; size < 10 * MIB; size = bigger) {
		bigger = size + size / 2 + 1;
		ASSERT_EQ(0, netexpert_realloc(self->nx, object, bigger, &moved));
		object = moved;
		ASSERT_EQ(bigger, size_of(self->nx, object));
		ASSERT_TRUE(is_filled(object, 0x5a, 0, size));
		ASSERT_TRUE(is_filled(object, 0, size, bigger));
		memset(object, 0x5a, bigger);
	}
	for (; size > 1; size = bigger) {
		bigger = size / 3 + 1;
		if (bigger >= size)
			break;
		ASSERT_EQ(0, netexpert_realloc(self->nx, object, bigger, &moved));
		object = moved;
		ASSERT_EQ(bigger, size_of(self->nx, object));
		ASSERT_TRUE(is_filled(object, 0x5a, 0, bigger));
	}
	/* What a shrink leaves behind is not seen by the growth after it. */
	ASSERT_EQ(0, netexpert_realloc(self->nx, object, 30000, &moved));
	ASSERT_TRUE(is_filled(moved, 0, size, 30000));
	ASSERT_EQ(0, netexpert_free(self->nx, moved));
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
}

TEST_F(heap, shrink_and_growth_in_place_zero_the_tail)
{
	static const size_t tops[] = { 16, 100, 8000, 60000, 65536, 300000 };
	size_t i;

	for (i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		size_t low = tops[i] * 3 / 4;
		void *object = alloc(self->nx, tops[i]), *same;

		memset(object, 0xee, tops[i]);
		ASSERT_EQ(0, netexpert_realloc(self->nx, object, low, &same));
		EXPECT_EQ(object, same);
		ASSERT_EQ(0, netexpert_realloc(self->nx, object, tops[i], &same));
		EXPECT_EQ(object, same);
		EXPECT_TRUE(is_filled(same, 0xee, 0, low));
		EXPECT_TRUE(is_filled(same, 0, low, tops[i]));
		EXPECT_EQ(0, netexpert_free(self->nx, same));
	}
}

TEST_F(heap, large_objects_grow_in_place_into_free_neighbours)
{
	void *a = alloc(self->nx, 100000), *b = alloc(self->nx, 100000);
	void *c = alloc(self->nx, 100000), *same;

	ASSERT_EQ(0, netexpert_free(self->nx, b));
	ASSERT_EQ(0, netexpert_realloc(self->nx, a, 250000, &same));
	EXPECT_EQ(a, same);
	/* The last one has the rest of the address space behind it. */
	ASSERT_EQ(0, netexpert_realloc(self->nx, c, 5000000, &same));
	EXPECT_EQ(c, same);
	/* The first one has not. */
	ASSERT_EQ(0, netexpert_realloc(self->nx, a, 1000000, &same));
	EXPECT_NE(a, same);
	EXPECT_EQ(1000000, size_of(self->nx, same));
}

TEST_F(heap, one_object_can_take_nearly_the_whole_limit)
{
	uint64_t tables = 2 * 65536;
	void *object;

	object = alloc(self->nx, HEAP_LIMIT - tables);
	ASSERT_NE(NULL, object);
	memset(object, 1, HEAP_LIMIT - tables);
	EXPECT_EQ(NULL, alloc(self->nx, 2 * tables));
	EXPECT_EQ(0, netexpert_free(self->nx, object));
	nexp_heap_idle(self->nx);
	EXPECT_LE(nexp_memfd_committed(self->unit.pool), tables);
	/* And again, whatever was in the way of it. */
	while (alloc(self->nx, 5000))
		;
	nexp_heap_free_all(self->nx, NULL);
	EXPECT_NE(NULL, alloc(self->nx, HEAP_LIMIT - 16 * tables));
}

TEST_F(heap, small_objects_can_take_the_whole_limit)
{
	uint64_t bytes = 0, round;
	void *out;
	int err;

	for (round = 0; round < 2; round++) {
		for (bytes = 0; !(err = netexpert_alloc(self->nx, 64, &out));)
			bytes += 64;
		EXPECT_EQ(-EDQUOT, err);
		EXPECT_GT(bytes, HEAP_LIMIT / 100 * 95);
		EXPECT_LE(nexp_memfd_committed(self->unit.pool), HEAP_LIMIT);
		nexp_heap_free_all(self->nx, NULL);
		EXPECT_EQ(0, unit_heap_stat(self->nx).objects);
	}
}

/* Spans of which too few slots are free for a turn: before it fails, these count. */
TEST_F(heap, the_last_free_slot_anywhere_is_found)
{
	void *firsts[HEAP_LIMIT / NEXP_EXTENT_SIZE] = { NULL }, *object;
	size_t i, nr = 0;

	while ((object = alloc(self->nx, 64)))
		if (!nr || ((uintptr_t)object ^ (uintptr_t)firsts[nr - 1]) >>
			   NEXP_EXTENT_SHIFT)
			firsts[nr++] = object;
	ASSERT_GT(nr, 10);
	for (i = 0; i < nr; i++)
		ASSERT_EQ(0, netexpert_free(self->nx, firsts[i]));
	for (i = 0; i < nr; i++)
		ASSERT_NE(NULL, alloc(self->nx, 64));
	EXPECT_EQ(NULL, alloc(self->nx, 64));
}

TEST_F(heap, freed_memory_goes_back)
{
	void *objects[2000];
	int i;

	for (i = 0; i < 2000; i++) {
		objects[i] = alloc(self->nx, 16000);
		ASSERT_NE(NULL, objects[i]);
	}
	EXPECT_GT(nexp_memfd_committed(self->unit.pool), 2000 * 16000ULL);
	for (i = 0; i < 2000; i++)
		ASSERT_EQ(0, netexpert_free(self->nx, objects[i]));
	unit_stir(self->nx);
	EXPECT_LE(unit_heap_stat(self->nx).committed, NEXP_HEAP_KEEP + 2 * 65536);
	EXPECT_EQ(unit_heap_stat(self->nx).committed + unit_heap_stat(self->nx).metadata,
		  nexp_memfd_committed(self->unit.pool));
}

/* What the kernel counts beyond the tables. */
static uint64_t committed(const struct unit *unit)
{
	return nexp_memfd_committed(unit->pool) - unit_heap_stat(unit->nx).metadata;
}

/* Without another allocation or free, and without a wait for a frame. */
TEST_F(heap, freed_memory_goes_back_while_frames_are_taken)
{
	struct netexpert_frame frame;
	void *object = alloc(self->nx, 32 * MIB);
	int i;

	ASSERT_NE(NULL, object);
	ASSERT_EQ(0, netexpert_free(self->nx, object));
	EXPECT_GE(committed(&self->unit), 32 * MIB);
	unit_wait_for_look();
	for (i = 0; i < 2; i++)
		ASSERT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 0));
	EXPECT_LE(committed(&self->unit), NEXP_HEAP_KEEP);
}

/* The longest that it takes: the first look only finds out what is not needed. */
TEST_F(heap, memory_that_is_freed_between_two_looks_goes_back_with_the_next_one)
{
	void *object = alloc(self->nx, 32 * MIB), *other = alloc(self->nx, MIB);
	struct netexpert_frame frame;
	int i;

	ASSERT_NE(NULL, object);
	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, netexpert_free(self->nx, other));
	ASSERT_EQ(0, netexpert_free(self->nx, object));
	for (i = 0; i < 2; i++) {
		unit_wait_for_look();
		ASSERT_EQ(-ETIMEDOUT, netexpert_frame_next(self->nx, &frame, 0));
	}
	EXPECT_LE(committed(&self->unit), NEXP_HEAP_KEEP);
}

TEST_F(heap, what_is_kept_is_given_up_when_another_needs_it)
{
	size_t size;
	void *out;

	/* The span that each class allocates from. */
	for (size = 16; size <= NEXP_CLASS_MAX; size += 16) {
		void *object = alloc(self->nx, size);

		ASSERT_NE(NULL, object);
		ASSERT_EQ(0, netexpert_free(self->nx, object));
	}
	EXPECT_GE(unit_heap_stat(self->nx).committed, NEXP_NR_CLASSES * 4096ULL);
	EXPECT_EQ(0, netexpert_alloc(self->nx, HEAP_LIMIT - MIB / 4, &out));
}

TEST_F(heap, a_key_can_end_with_one_block_kept)
{
	char *small = alloc(self->nx, 40), *large = alloc(self->nx, 400000);
	int i;

	for (i = 1; i < 5000; i++)
		ASSERT_NE(NULL, alloc(self->nx, (size_t)i * 7 % 3000 + 1));
	strcpy(small, "kept");
	nexp_heap_free_all(self->nx, small);
	EXPECT_EQ(1, unit_heap_stat(self->nx).objects);
	EXPECT_EQ(40, size_of(self->nx, small));
	EXPECT_STREQ("kept", small);
	EXPECT_EQ(0, size_of(self->nx, large));
	nexp_heap_free_all(self->nx, NULL);
	EXPECT_EQ(0, unit_heap_stat(self->nx).objects);

	large = alloc(self->nx, 400000);
	alloc(self->nx, 400000);
	nexp_heap_free_all(self->nx, large);
	EXPECT_EQ(1, unit_heap_stat(self->nx).objects);
	EXPECT_EQ(400000, size_of(self->nx, large));
}

TEST_F(heap, a_dead_heap_can_be_read)
{
	const struct nexp_heap_head *head;
	uint32_t extent, slot, live = 0;

	alloc(self->nx, 100000);
	alloc(self->nx, 100);
	alloc(self->nx, 100);
	head = nexp_heap_address(self->nx, 0);
	EXPECT_EQ(NEXP_HEAP_MAGIC, head->magic);
	EXPECT_EQ(NEXP_HEAP_VERSION, head->version);
	for (extent = 0; extent < head->top; extent++) {
		const struct nexp_span *span = nexp_heap_address(self->nx,
			head->spans + extent * sizeof(*span));
		uint64_t offset = nexp_links_offset(self->nx, extent, span->class);
		const uint16_t *links = nexp_heap_address(self->nx, offset);

		live += span->kind == NEXP_SPAN_LARGE;
		if (span->kind != NEXP_SPAN_SMALL)
			continue;
		for (slot = 0; slot < nexp_class_slots(span->class); slot++)
			live += links[slot] >> 15;
	}
	EXPECT_EQ(3, live);
}

TEST_F(heap, a_forked_child_is_refused)
{
	void *object = alloc(self->nx, 100), *out;
	int status;
	pid_t child = fork();

	if (!child) {
		size_t size;
		int bad = 0;

		bad |= netexpert_alloc(self->nx, 1, &out) != -EPERM;
		bad |= netexpert_free(self->nx, object) != -EPERM;
		bad |= netexpert_size(self->nx, object, &size) != -EPERM;
		bad |= netexpert_realloc(self->nx, object, 9, &out) != -EPERM;
		bad |= !netexpert_terminating(self->nx);
		_exit(bad);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(100, size_of(self->nx, object));
}

TEST(heaps_too_small_for_anything_answer_so)
{
	static const uint64_t sizes[] = { 0, 4096, 65536, 69632, 131072 };
	struct unit unit = { 0 };
	void *out;
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ASSERT_EQ(0, unit_open(&unit, 1, sizes[i], 0));
		EXPECT_NE(0, netexpert_alloc(unit.nx, 1, &out));
		EXPECT_EQ(-EINVAL, netexpert_free(unit.nx, &unit));
		unit_close(&unit);
	}
}

TEST_HARNESS_MAIN
