// SPDX-License-Identifier: GPL-2.0
/*
 * The reader of heaps: exact for a heap as the library leaves it, and for what is
 * left of one that makes no sense in places.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "heap_image.h"

#define HEAP_SIZE	(64 * MIB)

FIXTURE(heap_report) {
	struct picture p;
};

FIXTURE_SETUP(heap_report)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, open_heap(&self->p, HEAP_SIZE));
}

FIXTURE_TEARDOWN(heap_report)
{
	close_heap(&self->p);
}

static struct nexp_span *span_of(struct picture *self, uint32_t extent)
{
	return (struct nexp_span *)(self->image.bytes + head_of(self)->spans) + extent;
}

static uint32_t extent_of(struct picture *self, const void *object)
{
	const char *first = nexp_heap_address(self->nx, head_of(self)->objects);

	return (uint32_t)(((const char *)object - first) >> NEXP_EXTENT_SHIFT);
}

static uint64_t link_offset(struct picture *self, const void *object)
{
	const char *first = nexp_heap_address(self->nx, head_of(self)->objects);
	uint32_t extent = extent_of(self, object);
	unsigned int class = span_of(self, extent)->class, tier = nexp_tier_of(class);
	uint64_t inside = (uint64_t)((const char *)object - first) % NEXP_EXTENT_SIZE;

	return head_of(self)->links[tier] +
	       (extent * (uint64_t)nexp_tier_slots(tier) + inside / nexp_class_size(class)) *
	       sizeof(uint16_t);
}

static uint16_t *link_of(struct picture *self, const void *object)
{
	return (uint16_t *)(self->image.bytes + link_offset(self, object));
}

TEST_F(heap_report, an_untouched_heap_is_empty)
{
	ASSERT_EQ(0, take_and_report(&self->p));
	EXPECT_TRUE(self->p.report.is_empty);
	EXPECT_EQ(0, self->p.report.all.objects);
	EXPECT_EQ(0, self->p.report.nr_damages);
	self->p.image.size = 0;
	ASSERT_EQ(0, report_of(&self->p.image, ALL, &self->p.report));
	EXPECT_TRUE(self->p.report.is_empty);
}

TEST_F(heap_report, known_objects_are_told_exactly)
{
	struct netexpert_heap_stat stat;
	void *small[100], *page, *large, *freed;
	const struct nexp_heap_sum *sum;
	int i;

	for (i = 0; i < 100; i++)
		small[i] = alloc(&self->p, 20);
	page = alloc(&self->p, 4000);
	large = alloc(&self->p, MIB + 1);
	freed = alloc(&self->p, 300000);
	ASSERT_NE(NULL, freed);
	for (i = 0; i < 100; i += 4)
		EXPECT_EQ(0, netexpert_free(self->p.nx, small[i]));
	EXPECT_EQ(0, netexpert_free(self->p.nx, freed));

	ASSERT_EQ(0, take_and_report(&self->p));
	EXPECT_FALSE(self->p.report.is_empty);
	EXPECT_FALSE(self->p.report.is_cut);
	EXPECT_EQ(0, self->p.report.nr_damages);
	EXPECT_TRUE(adds_up(&self->p.report, HEAP_SIZE));
	EXPECT_EQ(77, self->p.report.all.objects);
	EXPECT_EQ(75 * 20 + 4000 + MIB + 1, self->p.report.all.asked);
	EXPECT_EQ(75 * 32 + 4096 + MIB + PAGE, self->p.report.all.held);
	sum = &self->p.report.classes[nexp_class_of(20)];
	EXPECT_EQ(75, sum->objects);
	EXPECT_EQ(75 * 20, sum->asked);
	EXPECT_EQ(75 * 32, sum->held);
	EXPECT_EQ(1, self->p.report.classes[nexp_class_of(4000)].objects);
	EXPECT_EQ(1, self->p.report.classes[NEXP_HEAP_LARGE_CLASS].objects);
	EXPECT_EQ(77, self->p.report.tags[0].objects);

	ASSERT_EQ(NEXP_HEAP_NR_LARGEST, self->p.report.nr_largest);
	EXPECT_EQ(MIB + 1, self->p.report.largest[0].size);
	EXPECT_EQ(large, nexp_heap_address(self->p.nx, self->p.report.largest[0].offset));
	EXPECT_EQ(4000, self->p.report.largest[1].size);
	EXPECT_EQ(page, nexp_heap_address(self->p.nx, self->p.report.largest[1].offset));
	EXPECT_EQ(20, self->p.report.largest[2].size);
	EXPECT_EQ(small[1], nexp_heap_address(self->p.nx, self->p.report.largest[2].offset));

	ASSERT_EQ(0, netexpert_heap_stat(self->p.nx, &stat));
	EXPECT_EQ(stat.committed, self->p.report.extent_bytes);
	EXPECT_EQ(stat.metadata, self->p.report.table_bytes);
	EXPECT_EQ(nexp_memfd_committed(self->p.unit.pool),
		  nexp_heap_report_bytes(&self->p.report));
}

TEST_F(heap_report, agrees_with_the_library_about_a_churned_heap)
{
	static void *objects[3000];
	static size_t sizes[3000];
	struct nexp_heap_sum wanted = { 0 };
	struct netexpert_heap_stat stat;
	uint64_t state = 4711;
	unsigned int i, which;

	for (i = 0; i < 60000; i++) {
		which = unit_random(&state) % 3000;
		if (objects[which]) {
			ASSERT_EQ(0, netexpert_free(self->p.nx, objects[which]));
			objects[which] = NULL;
		} else {
			sizes[which] = 1 + unit_random(&state) % 64;
			sizes[which] <<= unit_random(&state) % 12;
			objects[which] = alloc(&self->p, sizes[which]);
		}
	}
	for (i = 0; i < 3000; i++) {
		if (!objects[i])
			continue;
		wanted.objects++;
		wanted.asked += sizes[i];
	}
	ASSERT_EQ(0, take_and_report(&self->p));
	EXPECT_EQ(0, self->p.report.nr_damages);
	EXPECT_TRUE(adds_up(&self->p.report, HEAP_SIZE));
	EXPECT_EQ(wanted.objects, self->p.report.all.objects);
	EXPECT_EQ(wanted.asked, self->p.report.all.asked);
	ASSERT_EQ(0, netexpert_heap_stat(self->p.nx, &stat));
	EXPECT_EQ(stat.objects, self->p.report.all.objects);
	EXPECT_EQ(stat.object_bytes, self->p.report.all.asked);
	EXPECT_EQ(stat.committed, self->p.report.extent_bytes);
}

TEST_F(heap_report, objects_are_told_by_tag)
{
	alloc(&self->p, 50);
	netexpert_tag_set(7);
	alloc(&self->p, 50);
	alloc(&self->p, 70000);
	netexpert_tag_set(255);
	alloc(&self->p, 50);
	netexpert_tag_set(0);
	alloc(&self->p, 50);
	ASSERT_EQ(0, take_and_report(&self->p));
	EXPECT_EQ(0, self->p.report.nr_damages);
	EXPECT_EQ(5, self->p.report.all.objects);
	EXPECT_EQ(2, self->p.report.tags[7].objects);
	EXPECT_EQ(70050, self->p.report.tags[7].asked);
	EXPECT_EQ(1, self->p.report.tags[255].objects);
	EXPECT_EQ(50, self->p.report.tags[255].asked);
	EXPECT_EQ(2, self->p.report.tags[0].objects);
	EXPECT_EQ(7, self->p.report.largest[0].tag);
}

/* Expects one damage, and of the objects @nr of @asked bytes all the same. */
static bool is_damaged(struct picture *self, enum nexp_heap_wrong wrong,
		       uint64_t offset, uint64_t value, uint64_t nr, uint64_t asked)
{
	const struct nexp_heap_report *report = &self->report;
	const struct nexp_heap_damage *damage = &report->damages[0];

	if (report_of(&self->image, ALL, &self->report))
		return false;
	if (report->nr_damages == 1 && damage->wrong == wrong && damage->offset == offset &&
	    damage->value == value && report->all.objects == nr &&
	    report->all.asked == asked && adds_up(report, HEAP_SIZE))
		return true;
	ksft_print_msg("%llu damages, first %s at %#llx, value %#llx; %llu objects, %llu bytes\n",
		       (unsigned long long)report->nr_damages,
		       nexp_heap_wrong_name(damage->wrong),
		       (unsigned long long)damage->offset, (unsigned long long)damage->value,
		       (unsigned long long)report->all.objects,
		       (unsigned long long)report->all.asked);
	return false;
}

#define HEAD(field)	offsetof(struct nexp_heap_head, field)

TEST_F(heap_report, a_head_that_makes_no_sense_is_told)
{
	struct nexp_heap_head *head = head_of(&self->p), good;
	unsigned int i;

	alloc(&self->p, 1);
	ASSERT_EQ(0, take(&self->p));
	good = *head;
	head->magic = 1;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_MAGIC, HEAD(magic), 1, 0, 0));
	EXPECT_EQ(sizeof(*head), self->p.image.nr_read);
	*head = good;
	head->version = 99;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_VERSION, HEAD(version), 99, 0, 0));
	*head = good;
	head->nr_extents = UINT32_MAX;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_EXTENTS, HEAD(nr_extents), UINT32_MAX, 0,
			       0));
	head->nr_extents = 0;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_EXTENTS, HEAD(nr_extents), 0, 0, 0));
	head->nr_extents = good.nr_extents + 1;
	ASSERT_EQ(0, report_of(&self->p.image, ALL, &self->p.report));
	EXPECT_EQ(NEXP_HEAP_BAD_LAYOUT, self->p.report.damages[0].wrong);
	for (i = 0; i < 1 + 2 * NEXP_NR_TIERS + 1; i++) {
		*head = good;
		(&head->spans)[i] = UINT64_MAX - 4095;
		EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_LAYOUT, HEAD(spans) + 8 * i,
				       UINT64_MAX - 4095, 0, 0));
		(&head->spans)[i] = 8;
		EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_LAYOUT, HEAD(spans) + 8 * i, 8, 0,
				       0));
	}
	/* What is known without it is told. */
	*head = good;
	head->top = UINT32_MAX;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_TOP, HEAD(top), UINT32_MAX, 1, 1));
	head->top = 0;
	ASSERT_EQ(0, report_of(&self->p.image, ALL, &self->p.report));
	EXPECT_EQ(0, self->p.report.nr_damages);
	EXPECT_EQ(1, self->p.report.all.objects);
}

TEST_F(heap_report, a_span_that_makes_no_sense_is_told_and_the_rest_reported)
{
	void *small = alloc(&self->p, 100), *other = alloc(&self->p, 5000);
	void *large = alloc(&self->p, 200000);
	struct nexp_span *span, good;
	uint64_t offset;

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, take(&self->p));
	span = span_of(&self->p, extent_of(&self->p, small));
	offset = (uint64_t)((uint8_t *)span - self->p.image.bytes);
	good = *span;
	span->kind = 77;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_KIND, offset, 77, 2, 205000));
	*span = good;
	span->class = NEXP_NR_CLASSES;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_CLASS, offset, NEXP_NR_CLASSES, 2, 205000));
	*span = good;
	span->pages = 17;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_PAGES, offset, 17, 2, 205000));
	span->pages = 0;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_PLACE, link_offset(&self->p, small),
			       *link_of(&self->p, small), 2, 205000));
	*span = good;
	*link_of(&self->p, small) = NEXP_LINK_LIVE | 112;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_LINK, link_offset(&self->p, small),
			       NEXP_LINK_LIVE | 112, 2, 205000));
	*link_of(&self->p, small) = NEXP_LINK_LIVE | 12;

	span = span_of(&self->p, extent_of(&self->p, large));
	offset = (uint64_t)((uint8_t *)span - self->p.image.bytes);
	good = *span;
	span->nr_extents = UINT32_MAX;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_RUN, offset, UINT32_MAX, 2, 5100));
	span->nr_extents = 0;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_RUN, offset, 0, 2, 5100));
	*span = good;
	span->size = 0;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_SIZE, offset, 0, 2, 5100));
	span->size = 4 * NEXP_EXTENT_SIZE + 1;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_SIZE, offset, 4 * NEXP_EXTENT_SIZE + 1, 2,
			       5100));
	/* Fits, but nobody committed that much. */
	span->size = 4 * NEXP_EXTENT_SIZE;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_PLACE, offset + 3 * sizeof(*span),
			       span[3].pages, 2, 5100));
	*span = good;
	span->pages = 15;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_PLACE, offset, 15, 2, 5100));
	*span = good;
	span[2].kind = NEXP_SPAN_FREE;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_BODY, offset + 2 * sizeof(*span),
			       NEXP_SPAN_FREE, 2, 5100));
	span[2].kind = NEXP_SPAN_BODY;
	span[1].pages = 17;
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_PAGES, offset + sizeof(*span), 17, 2, 5100));
	span[1].pages = 16;
	ASSERT_EQ(0, report_of(&self->p.image, ALL, &self->p.report));
	EXPECT_EQ(0, self->p.report.nr_damages);
	EXPECT_EQ(3, self->p.report.all.objects);
}

TEST_F(heap_report, a_large_object_ends_where_its_spans_do)
{
	void *large = alloc(&self->p, 200000);
	struct nexp_span *span;
	uint64_t offset;

	ASSERT_EQ(0, take(&self->p));
	span = span_of(&self->p, extent_of(&self->p, large));
	offset = (uint64_t)((uint8_t *)span - self->p.image.bytes);
	/* Its spans would go on in a hole. */
	span->nr_extents = head_of(&self->p)->nr_extents - extent_of(&self->p, large);
	EXPECT_TRUE(is_damaged(&self->p, NEXP_HEAP_BAD_BODY, offset + 4 * sizeof(*span),
			       NEXP_SPAN_UNUSED, 0, 0));
}

/* A heap whose span is nonsense when it is read for the first time. */
struct changing {
	struct image *image;
	struct nexp_span *span;
	struct nexp_span then;
};

static int changing_read(void *owner, uint64_t offset, void *to, size_t length)
{
	struct changing *changing = owner;
	uint64_t at = (uint64_t)((uint8_t *)changing->span - changing->image->bytes);
	int err = image_read(changing->image, offset, to, length);

	if (offset <= at && at < offset + length)
		*changing->span = changing->then;
	return err;
}

static int changing_data(void *owner, uint64_t offset, uint64_t *ret)
{
	struct changing *changing = owner;

	return image_data(changing->image, offset, ret);
}

TEST_F(heap_report, what_changes_while_it_is_read_is_no_damage)
{
	void *small = alloc(&self->p, 100), *large = alloc(&self->p, 200000);
	struct changing changing = { .image = &self->p.image };
	struct nexp_heap_source source = {
		.owner = &changing, .size = HEAP_SIZE, .page_size = PAGE,
		.read = changing_read, .data = changing_data,
	};

	ASSERT_EQ(0, take(&self->p));
	changing.span = span_of(&self->p, extent_of(&self->p, small));
	changing.then = *changing.span;
	changing.span->kind = 77;
	ASSERT_EQ(0, nexp_heap_report(&source, ALL, &self->p.report));
	EXPECT_EQ(0, self->p.report.nr_damages);
	EXPECT_EQ(2, self->p.report.all.objects);

	/* The large one is freed as soon as its first span was read. */
	changing.span = span_of(&self->p, extent_of(&self->p, large));
	changing.then = (struct nexp_span){ .kind = NEXP_SPAN_FREE };
	changing.span[1].kind = NEXP_SPAN_FREE;
	ASSERT_EQ(0, nexp_heap_report(&source, ALL, &self->p.report));
	EXPECT_EQ(0, self->p.report.nr_damages);
	EXPECT_EQ(1, self->p.report.all.objects);
}

TEST_F(heap_report, what_the_source_answers_is_passed_on)
{
	struct nexp_heap_source source;
	int closed = -1;

	nexp_heap_file(&closed, HEAP_SIZE, &source);
	EXPECT_EQ(-EBADF, nexp_heap_report(&source, ALL, &self->p.report));
	/* A file that ends before the heap does. */
	alloc(&self->p, 200000);
	nexp_heap_file(&self->p.nx->map_fd, HEAP_SIZE, &source);
	EXPECT_EQ(0, nexp_heap_report(&source, ALL, &self->p.report));
	EXPECT_EQ(1, self->p.report.all.objects);
	closed = memfd_create("short", 0);
	nexp_heap_file(&closed, HEAP_SIZE, &source);
	EXPECT_EQ(-EIO, nexp_heap_report(&source, ALL, &self->p.report));
	close(closed);
}

TEST_F(heap_report, reads_no_more_than_it_may)
{
	uint64_t all, most;
	int i;

	for (i = 0; i < 3000; i++)
		ASSERT_NE(NULL, alloc(&self->p, 100));
	ASSERT_EQ(0, take_and_report(&self->p));
	all = self->p.image.nr_read;
	for (most = 0; most < all; most += 512) {
		ASSERT_EQ(0, report_of(&self->p.image, most, &self->p.report));
		ASSERT_TRUE(self->p.report.is_cut);
		ASSERT_LE(self->p.image.nr_read, most);
		ASSERT_LE(self->p.report.all.objects, 3000);
		ASSERT_TRUE(adds_up(&self->p.report, HEAP_SIZE));
	}
	ASSERT_EQ(0, report_of(&self->p.image, all, &self->p.report));
	EXPECT_FALSE(self->p.report.is_cut);
	EXPECT_EQ(3000, self->p.report.all.objects);
}

/* 64 GiB that claim to be full, of which nothing but the head and a page is there. */
#define HUGE_SIZE	(64ULL << 30)

struct huge {
	struct nexp_heap_head head;
	struct nexp_span spans[PAGE / sizeof(struct nexp_span)];
	uint64_t nr_calls;
};

static int huge_read(void *owner, uint64_t offset, void *to, size_t length)
{
	struct huge *huge = owner;

	huge->nr_calls++;
	memset(to, 0, length);
	if (!offset)
		memcpy(to, &huge->head, sizeof(huge->head));
	else if (offset == huge->head.spans && length <= sizeof(huge->spans))
		memcpy(to, huge->spans, length);
	return 0;
}

static int huge_data(void *owner, uint64_t offset, uint64_t *ret)
{
	struct huge *huge = owner;

	huge->nr_calls++;
	*ret = offset < 2 * PAGE ? offset : HUGE_SIZE;
	return 0;
}

TEST(a_large_claim_costs_nothing)
{
	struct huge huge = { .head = {
		.magic = NEXP_HEAP_MAGIC, .version = NEXP_HEAP_VERSION,
		.nr_extents = (uint32_t)(HUGE_SIZE / 2 / NEXP_EXTENT_SIZE),
		.top = UINT32_MAX, .spans = PAGE, .objects = HUGE_SIZE / 2,
	} };
	struct nexp_heap_source source = {
		.owner = &huge, .size = HUGE_SIZE, .page_size = PAGE,
		.read = huge_read, .data = huge_data,
	};
	uint64_t at = huge.head.spans + huge.head.nr_extents * sizeof(struct nexp_span);
	struct nexp_heap_report report;
	unsigned int i;

	for (i = 0; i < NEXP_NR_TIERS; i++) {
		huge.head.links[i] = at;
		at += huge.head.nr_extents * nexp_tier_slots(i) * sizeof(uint16_t);
	}
	for (i = 0; i < NEXP_NR_TIERS; i++) {
		huge.head.tags[i] = at;
		at += huge.head.nr_extents * nexp_tier_slots(i);
	}
	for (i = 0; i < PAGE / sizeof(struct nexp_span); i++)
		huge.spans[i] = (struct nexp_span){ .kind = NEXP_SPAN_SMALL, .pages = 16 };
	ASSERT_EQ(0, nexp_heap_report(&source, ALL, &report));
	EXPECT_EQ(1, report.nr_damages);
	EXPECT_EQ(NEXP_HEAP_BAD_TOP, report.damages[0].wrong);
	EXPECT_EQ(0, report.all.objects);
	EXPECT_EQ(64 * NEXP_EXTENT_SIZE, report.extent_bytes);
	EXPECT_EQ(2 * PAGE, report.table_bytes);
	EXPECT_LT(huge.nr_calls, 20);
}

TEST(every_wrong_has_its_words)
{
	unsigned int i, j;

	for (i = 0; i < NEXP_HEAP_NR_WRONG; i++) {
		ASSERT_NE(NULL, nexp_heap_wrong_name(i));
		ASSERT_NE(NULL, nexp_heap_wrong_text(i));
		for (j = 0; j < i; j++)
			ASSERT_STRNE(nexp_heap_wrong_name(j), nexp_heap_wrong_name(i));
	}
	EXPECT_STREQ("unknown", nexp_heap_wrong_name(NEXP_HEAP_NR_WRONG));
}

#define CHURNED	60

/* A thread of an expert that never rests, until it is told to. */
struct churner {
	struct netexpert *nx;
	uint64_t state;
	bool stop;
	unsigned int nr_failed;
};

static size_t some_size(struct churner *churner)
{
	return (1 + unit_random(&churner->state) % 64) << unit_random(&churner->state) % 12;
}

static void churn_once(struct churner *churner, void **object)
{
	int err;

	if (!*object) {
		netexpert_tag_set((uint8_t)unit_random(&churner->state));
		err = netexpert_alloc(churner->nx, some_size(churner), object);
	} else if (unit_random(&churner->state) % 2) {
		err = netexpert_realloc(churner->nx, *object, some_size(churner), object);
	} else {
		err = netexpert_free(churner->nx, *object);
		*object = NULL;
	}
	churner->nr_failed += err != 0;
}

static void *churn(void *arg)
{
	struct churner *churner = arg;
	void *objects[CHURNED] = { NULL };
	unsigned int i;

	while (!__atomic_load_n(&churner->stop, __ATOMIC_RELAXED))
		churn_once(churner, &objects[unit_random(&churner->state) % CHURNED]);
	for (i = 0; i < CHURNED; i++)
		if (objects[i])
			churner->nr_failed += netexpert_free(churner->nx, objects[i]) != 0;
	return NULL;
}

TEST_F_TIMEOUT(heap_report, a_living_heap_is_not_damaged, 600)
{
	struct churner churners[2] = {
		{ .nx = self->p.nx, .state = 1 }, { .nx = self->p.nx, .state = 2 },
	};
	struct nexp_heap_source source;
	pthread_t threads[2];
	unsigned int i;

	nexp_heap_file(&self->p.nx->map_fd, HEAP_SIZE, &source);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, churn, &churners[i]));
	do {
		ASSERT_EQ(0, nexp_heap_report(&source, ALL, &self->p.report));
	} while (!self->p.report.all.objects);
	for (i = 0; i < 500; i++) {
		EXPECT_EQ(0, nexp_heap_report(&source, ALL, &self->p.report));
		EXPECT_TRUE(adds_up(&self->p.report, HEAP_SIZE));
		/* One that moves may be seen where it was and where it is. */
		EXPECT_LE(self->p.report.all.objects, 4 * CHURNED);
		EXPECT_EQ(0, self->p.report.nr_damages)
			TH_LOG("%s at %#llx: %llu",
			       nexp_heap_wrong_name(self->p.report.damages[0].wrong),
			       (unsigned long long)self->p.report.damages[0].offset,
			       (unsigned long long)self->p.report.damages[0].value);
	}
	for (i = 0; i < 2; i++) {
		__atomic_store_n(&churners[i].stop, true, __ATOMIC_RELAXED);
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(0, churners[i].nr_failed);
	}
	EXPECT_EQ(0, nexp_heap_report(&source, ALL, &self->p.report));
	EXPECT_EQ(0, self->p.report.all.objects);
}

TEST_HARNESS_MAIN
