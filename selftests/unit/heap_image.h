/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_image - copies of a heap, for the tests of its reader
 */
#ifndef NEXP_HEAP_IMAGE_H
#define NEXP_HEAP_IMAGE_H

#include "unit.h"

#include "user/supervisor/heap_view.h"

#define MIB		(1ULL << 20)
#define PAGE		4096U
#define ALL		UINT64_MAX

/**
 * struct image - a copy of a heap, to be read and scribbled over
 * @bytes: of it.
 * @size: how many.
 * @is_there: by page, whether it is committed.
 * @nr_read: bytes that were read, and a page for each look for data.
 */
struct image {
	uint8_t *bytes;
	uint64_t size;
	uint8_t *is_there;
	uint64_t nr_read;
};

static inline int image_read(void *owner, uint64_t offset, void *to, size_t length)
{
	struct image *image = owner;

	if (offset > image->size || length > image->size - offset)
		abort();
	image->nr_read += length;
	memcpy(to, image->bytes + offset, length);
	return 0;
}

static inline int image_data(void *owner, uint64_t offset, uint64_t *ret)
{
	struct image *image = owner;
	uint64_t page = offset / PAGE, nr = image->size / PAGE;

	if (offset > image->size)
		abort();
	image->nr_read += PAGE;
	if (page < nr && image->is_there[page]) {
		*ret = offset;
		return 0;
	}
	while (page < nr && !image->is_there[page])
		page++;
	*ret = page * PAGE;
	return 0;
}

static inline struct nexp_heap_source source_of(struct image *image)
{
	return (struct nexp_heap_source){
		.owner = image, .size = image->size, .page_size = PAGE,
		.read = image_read, .data = image_data,
	};
}

static inline int report_of(struct image *image, uint64_t most, struct nexp_heap_report *report)
{
	struct nexp_heap_source source = source_of(image);

	image->nr_read = 0;
	return nexp_heap_report(&source, most, report);
}

/* Everything that a report must be, whatever the heap says. */
static inline bool adds_up(const struct nexp_heap_report *report, uint64_t size)
{
	struct nexp_heap_sum classes = { 0 }, tags = { 0 };
	uint64_t last = UINT64_MAX, left = report->all.objects;
	const struct nexp_heap_object *object;
	unsigned int i;

	for (i = 0; i <= NEXP_HEAP_LARGE_CLASS; i++) {
		classes.objects += report->classes[i].objects;
		classes.asked += report->classes[i].asked;
		classes.held += report->classes[i].held;
	}
	for (i = 0; i < NEXP_HEAP_NR_TAGS; i++) {
		tags.objects += report->tags[i].objects;
		tags.asked += report->tags[i].asked;
		tags.held += report->tags[i].held;
	}
	for (i = 0; i < report->nr_largest; i++, last = object->size, left--) {
		object = &report->largest[i];
		if (!object->size || object->size > last || object->offset > size ||
		    object->size > size - object->offset)
			return false;
	}
	return !memcmp(&classes, &report->all, sizeof(classes)) &&
	       !memcmp(&tags, &report->all, sizeof(tags)) &&
	       (!left || report->nr_largest == NEXP_HEAP_NR_LARGEST) &&
	       report->all.asked <= report->all.held &&
	       report->all.held <= report->extent_bytes &&
	       nexp_heap_report_bytes(report) <= size;
}

/**
 * struct picture - a heap, a copy of it, what is reported of that
 * @unit: where the heap is.
 * @nx: that pool.
 * @image: the copy.
 * @report: of the copy.
 */
struct picture {
	struct unit unit;
	struct netexpert *nx;
	struct image image;
	struct nexp_heap_report report;
};

static inline int open_heap(struct picture *self, uint64_t size)
{
	self->image.size = size;
	self->image.bytes = calloc(1, size);
	self->image.is_there = calloc(1, size / PAGE);
	if (!self->image.bytes || !self->image.is_there)
		return -ENOMEM;
	if (unit_open(&self->unit, 1, size, size))
		return -EINVAL;
	self->nx = self->unit.nx;
	return 0;
}

static inline void close_heap(struct picture *self)
{
	free(self->image.bytes);
	free(self->image.is_there);
	unit_close(&self->unit);
}

/* Copies the heap as it is now. Of what is committed, pages that were touched. */
static inline int take(struct picture *self)
{
	struct image *image = &self->image;
	struct nexp_heap_source source;
	uint64_t page;
	int err = 0;

	nexp_heap_file(&self->nx->map_fd, image->size, &source);
	for (page = 0; page < image->size / PAGE && !err; page++) {
		uint64_t offset = page * PAGE, data;

		err = source.data(source.owner, offset, &data);
		image->is_there[page] = data == offset;
		if (!err)
			err = source.read(source.owner, offset, image->bytes + offset, PAGE);
	}
	return err;
}

static inline int take_and_report(struct picture *self)
{
	int err = take(self);

	return err ? err : report_of(&self->image, ALL, &self->report);
}

static inline void *alloc(struct picture *self, size_t size)
{
	void *object = NULL;

	return netexpert_alloc(self->nx, size, &object) ? NULL : object;
}

static inline struct nexp_heap_head *head_of(struct picture *self)
{
	return (struct nexp_heap_head *)self->image.bytes;
}

#endif /* NEXP_HEAP_IMAGE_H */
