// SPDX-License-Identifier: GPL-2.0
/*
 * overrun_test - an expert that writes over all of its heap hurts only itself
 *
 * Two experts, in a process each or both in one, have objects and unread frames.
 * One of them writes to every byte of its objects' window, from one of its objects
 * up and down to where the address space ends it. The other pool's windows are
 * read through a view before and after, so by the kernel and all of them.
 */
#include "child.h"
#include "feed.h"

#include <netexpert.h>

#define PAGE		4096UL
#define MIB		(1UL << 20)
#define HEAP_SIZE	(16 * MIB)
#define HEAP_LIMIT	(4 * MIB)
#define RING_SIZE	(64UL << 10)
#define LENGTH		100
#define NR_FRAMES	20
#define NR_OBJECTS	600

enum { WRITER, VICTIM, NR_EXPERTS };

/**
 * struct expert - one of the two
 * @pool: its pool.
 * @nx: once it has adopted that.
 * @objects: each filled with a byte of its own.
 * @sizes: of these; 0 if it was freed again.
 */
struct expert {
	__u64 pool;
	struct netexpert *nx;
	unsigned char *objects[NR_OBJECTS];
	size_t sizes[NR_OBJECTS];
};

FIXTURE(overrun)
{
	int session;
	struct expert experts[NR_EXPERTS];
};

FIXTURE_SETUP(overrun)
{
	int i, nr, program;

	memset(self, 0, sizeof(*self));
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	for (i = 0; i < NR_EXPERTS; i++) {
		struct netexpert_pool_create args = nexp_pool_args();

		args.ring_size = RING_SIZE;
		args.heap_size = HEAP_SIZE;
		args.heap_limit = HEAP_LIMIT;
		self->experts[i].pool = nexp_do_pool(_metadata, self->session, &args);
		program = nexp_do_load(_metadata, self->experts[i].pool);
		for (nr = 0; nr < NR_FRAMES; nr++)
			ASSERT_EQ(0, nexp_do_feed_number(_metadata, program, nr, LENGTH));
		close(program);
	}
}

FIXTURE_TEARDOWN(overrun)
{
	close(self->session);
}

static size_t some_size(int i)
{
	return i % 50 == 49 ? 70000 : i % 10 == 9 ? 9000 + i : 1 + i * 37 % 3000;
}

/* Objects of all kinds, free room between them, and one frame in hand. */
static void expert_begin(struct __test_metadata *const _metadata,
			 FIXTURE_DATA(overrun) *self, struct expert *e)
{
	int fd = nexp_do_open(_metadata, self->session, e->pool), i;
	struct netexpert_frame frame;
	void *object;

	ASSERT_EQ(0, netexpert_adopt(fd, &e->nx));
	for (i = 0; i < NR_OBJECTS; i++) {
		e->sizes[i] = some_size(i);
		ASSERT_EQ(0, netexpert_alloc(e->nx, e->sizes[i], &object));
		e->objects[i] = memset(object, i + 1, e->sizes[i]);
	}
	for (i = 0; i < NR_OBJECTS; i += 3) {
		ASSERT_EQ(0, netexpert_free(e->nx, e->objects[i]));
		e->sizes[i] = 0;
	}
	ASSERT_EQ(0, netexpert_frame_next(e->nx, &frame, NEXP_PATIENCE_MS));
}

/* Pages written to, from @page on in steps of @step; @end: where there was none. */
static size_t write_pages(unsigned char *page, long step, unsigned char **end)
{
	size_t nr = 0;
	int signal;

	while ((signal = nexp_write_fault(page)) != SIGSEGV) {
		/* SIGBUS: of the window, but not committed. */
		if (!signal) {
			memset(page, 0xff, PAGE);
			nr++;
		}
		page += step;
	}
	*end = page;
	return nr;
}

static void expert_overruns(struct __test_metadata *const _metadata, struct expert *e)
{
	unsigned char *page, *low, *high;
	struct netexpert_heap_stat heap;
	size_t nr;

	page = (unsigned char *)((uintptr_t)e->objects[NR_OBJECTS / 2] & -PAGE);
	nr = write_pages(page, PAGE, &high);
	nr += write_pages(page - PAGE, -(long)PAGE, &low);
	ASSERT_EQ(0, netexpert_heap_stat(e->nx, &heap));
	/* Every byte that is there, and the whole window was tried. */
	EXPECT_EQ(heap.committed, nr * PAGE);
	EXPECT_LT(HEAP_SIZE / 2, (size_t)(high - low));
	EXPECT_GT(HEAP_SIZE, (size_t)(high - low));
}

/* Right answers about each object, freed ones and invented ones. */
static void expert_answers(struct __test_metadata *const _metadata, struct expert *e)
{
	struct netexpert_heap_stat heap;
	void *out;
	size_t size;
	int i;

	for (i = 0; i < NR_OBJECTS; i++) {
		unsigned char *object = e->objects[i];

		if (e->sizes[i]) {
			ASSERT_EQ(0, netexpert_size(e->nx, object, &size));
			ASSERT_EQ(e->sizes[i], size);
			ASSERT_EQ(-EINVAL, netexpert_free(e->nx, object + 1));
			ASSERT_EQ(0, netexpert_free(e->nx, object));
		}
		ASSERT_EQ(-EINVAL, netexpert_free(e->nx, object));
		ASSERT_EQ(-EINVAL, netexpert_realloc(e->nx, object, 10, &out));
	}
	ASSERT_EQ(0, netexpert_heap_stat(e->nx, &heap));
	EXPECT_EQ(0, heap.objects);
	EXPECT_EQ(0, heap.object_bytes);
	for (i = 0; i < NR_OBJECTS; i++)
		ASSERT_EQ(0, netexpert_alloc(e->nx, some_size(i), &out));
	ASSERT_EQ(0, netexpert_heap_stat(e->nx, &heap));
	EXPECT_EQ(NR_OBJECTS, heap.objects);
}

static void expert_is_unhurt(struct __test_metadata *const _metadata, struct expert *e)
{
	struct netexpert_frame frame;
	size_t j;
	int i;

	for (i = 0; i < NR_OBJECTS; i++)
		for (j = 0; j < e->sizes[i]; j++)
			ASSERT_EQ((unsigned char)(i + 1), e->objects[i][j]);
	for (i = 1; i < NR_FRAMES; i++) {
		ASSERT_EQ(0, netexpert_frame_next(e->nx, &frame, NEXP_PATIENCE_MS));
		ASSERT_EQ(i, nexp_record_number(frame.record));
	}
	expert_answers(_metadata, e);
}

/**
 * struct picture - a pool as the kernel has it
 * @bytes: all windows, one after the other, zeros where nothing is committed.
 * @heap_bytes: committed.
 */
struct picture {
	unsigned char bytes[HEAP_SIZE + 2 * RING_SIZE + 16 * PAGE];
	size_t size;
	__u64 heap_bytes;
};

static void take_picture(struct __test_metadata *const _metadata, int session,
			 __u64 pool, struct picture *p)
{
	static const __u64 windows[] = {
		NETEXPERT_MAP_STATUS, NETEXPERT_MAP_CONSUMER, NETEXPERT_MAP_RING(0),
		NETEXPERT_MAP_HEAP,
	};
	int view = nexp_do_view(_metadata, session, pool);
	size_t i;

	p->size = 0;
	for (i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
		ssize_t got = pread(view, p->bytes + p->size, sizeof(p->bytes) - p->size,
				    windows[i]);

		ASSERT_LT(0, got);
		p->size += got;
	}
	/* All of the last one. */
	ASSERT_GT(sizeof(p->bytes), p->size);
	p->heap_bytes = nexp_do_stat(_metadata, session, pool).out_heap_bytes;
	close(view);
}

static void expect_same(struct __test_metadata *const _metadata,
			const struct picture *before, const struct picture *after)
{
	size_t i = 0;

	EXPECT_EQ(before->heap_bytes, after->heap_bytes);
	ASSERT_EQ(before->size, after->size);
	while (i < after->size && before->bytes[i] == after->bytes[i])
		i++;
	EXPECT_EQ(after->size, i)
		TH_LOG("byte %zu of %zu was %#x and is %#x", i, after->size,
		       before->bytes[i], after->bytes[i]);
}

static struct picture before, after;

TEST_F_TIMEOUT(overrun, of_all_of_the_heap_stays_in_its_process, 120)
{
	struct expert *writer = &self->experts[WRITER], *victim = &self->experts[VICTIM];
	struct nexp_child children[NR_EXPERTS];

	if (nexp_do_fork(_metadata, &children[VICTIM])) {
		expert_begin(_metadata, self, victim);
		nexp_do_say(_metadata, &children[VICTIM], 0);
		nexp_do_hear(_metadata, &children[VICTIM]);
		expert_is_unhurt(_metadata, victim);
		nexp_child_exit();
	}
	if (nexp_do_fork(_metadata, &children[WRITER])) {
		expert_begin(_metadata, self, writer);
		nexp_do_say(_metadata, &children[WRITER], 0);
		nexp_do_hear(_metadata, &children[WRITER]);
		expert_overruns(_metadata, writer);
		nexp_do_say(_metadata, &children[WRITER], 0);
		nexp_do_hear(_metadata, &children[WRITER]);
		expert_answers(_metadata, writer);
		nexp_child_exit();
	}
	nexp_do_hear(_metadata, &children[VICTIM]);
	nexp_do_hear(_metadata, &children[WRITER]);
	take_picture(_metadata, self->session, victim->pool, &before);
	nexp_do_say(_metadata, &children[WRITER], 0);
	nexp_do_hear(_metadata, &children[WRITER]);
	take_picture(_metadata, self->session, victim->pool, &after);
	expect_same(_metadata, &before, &after);

	nexp_do_say(_metadata, &children[WRITER], 0);
	EXPECT_EQ(0, nexp_child_end(&children[WRITER]));
	nexp_do_say(_metadata, &children[VICTIM], 0);
	EXPECT_EQ(0, nexp_child_end(&children[VICTIM]));
}

/* Nothing but address space is between the two. */
TEST_F_TIMEOUT(overrun, of_all_of_the_heap_stays_in_its_pool, 120)
{
	struct expert *writer = &self->experts[WRITER], *victim = &self->experts[VICTIM];
	static struct picture own, own_after;

	expert_begin(_metadata, self, writer);
	expert_begin(_metadata, self, victim);
	take_picture(_metadata, self->session, victim->pool, &before);
	take_picture(_metadata, self->session, writer->pool, &own);
	expert_overruns(_metadata, writer);
	take_picture(_metadata, self->session, victim->pool, &after);
	take_picture(_metadata, self->session, writer->pool, &own_after);
	expect_same(_metadata, &before, &after);
	/* The view is no mirage: of the writer's it shows what was written. */
	EXPECT_NE(0, memcmp(own.bytes, own_after.bytes, own.size));
	expert_answers(_metadata, writer);
	expert_is_unhurt(_metadata, victim);
}

TEST_HARNESS_MAIN
