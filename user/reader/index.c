// SPDX-License-Identifier: GPL-2.0
/*
 * index - where each frame of the file is (user/lib/book_file.h)
 *
 * Whether the bytes of a frame stand in the file as they are is not deduced from its
 * format: they are looked for where the record begins, and what was found there is
 * true. What is not found (compressed files) goes into the copy.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/book_file.h"
#include "reader.h"

/* A record's bytes begin not further behind its own beginning. */
#define MOST_BEFORE	128

/* After so many frames that were not found in the file, none is looked for. */
#define MOST_MISSES	16

/**
 * struct index - an index on the way
 * @head: mapped.
 * @entries: behind it.
 * @copy: the copy.
 * @copied: bytes in it.
 * @misses: frames not found in the file, one after the other.
 * @around: room for a frame and what stands before it.
 */
struct index {
	struct nexp_book_head *head;
	FILE *entries;
	FILE *copy;
	uint64_t copied;
	unsigned int misses;
	uint8_t around[MOST_BEFORE + NETEXPERT_MAX_INJECT];
};

static int open_index(struct reader *reader, struct index *index)
{
	index->head = mmap(NULL, NEXP_BOOK_ENTRIES, PROT_READ | PROT_WRITE, MAP_SHARED,
			   INDEX_FD, 0);
	index->entries = fdopen(INDEX_FD, "w");
	index->copy = fdopen(COPY_FD, "w");
	if (index->head == MAP_FAILED || !index->entries || !index->copy ||
	    fseeko(index->entries, NEXP_BOOK_ENTRIES, SEEK_SET))
		return reader_complain(reader, "its index: %s", strerror(errno));
	return 0;
}

static int complain_of_space(struct reader *reader)
{
	return reader_complain(reader, "after %" PRIu64 " frames: the folder for temporary files: "
			       "%s; TMPDIR names another one", reader->frames, strerror(errno));
}

/* Return: whether the bytes are in the file, and where. */
static bool find(struct reader *reader, struct index *index, const void *bytes, size_t size,
		 uint64_t *out_offset)
{
	const uint8_t *found;
	ssize_t got;

	if (index->misses >= MOST_MISSES)
		return false;
	got = pread(STDIN_FILENO, index->around, size + MOST_BEFORE, reader->offset);
	found = got > 0 ? memmem(index->around, (size_t)got, bytes, size) : NULL;
	index->misses = found ? 0 : index->misses + 1;
	if (found)
		*out_offset = (uint64_t)reader->offset + (uint64_t)(found - index->around);
	return found;
}

static int copy(struct reader *reader, struct index *index, const void *bytes, size_t size,
		uint64_t *out_offset)
{
	*out_offset = index->copied | NEXP_BOOK_COPY;
	if (size && fwrite(bytes, size, 1, index->copy) != 1)
		return complain_of_space(reader);
	index->copied += size;
	return 0;
}

static int add(struct reader *reader, struct index *index,
	       const struct netexpert_inject_frame *frame)
{
	const void *bytes = (const void *)(uintptr_t)frame->data;
	struct nexp_book_entry entry = {
		.time_ns = frame->time_ns,
		.cap_len = frame->cap_len,
		.wire_len = frame->wire_len,
		.ifindex = frame->ifindex,
		.flags = (uint16_t)frame->flags,
		.link_type = frame->link_type,
	};

	if (!find(reader, index, bytes, frame->cap_len, &entry.offset) &&
	    copy(reader, index, bytes, frame->cap_len, &entry.offset))
		return -1;
	if (fwrite(&entry, sizeof(entry), 1, index->entries) != 1)
		return complain_of_space(reader);
	index->head->nr_frames++;
	return 0;
}

/* Return: whether the expert gets it, or -1 with a complaint. */
static int ask(struct reader *reader, const struct netexpert_inject_frame *frame)
{
	struct netexpert_inject args = {
		.size = sizeof(args), .flags = NETEXPERT_INJECT_JUDGE,
		.frames = (uintptr_t)frame, .nr_frames = 1,
	};
	int ret;

	do {
		ret = ioctl(FILTER_FD, NETEXPERT_IOC_INJECT, &args);
	} while (ret < 0 && errno == EINTR);
	return ret >= 0 ? ret : reader_complain(reader, "after %" PRIu64 " frames: asking the "
						"filter: %s", reader->frames, strerror(errno));
}

static int add_all(struct reader *reader, struct index *index, bool is_filtered)
{
	struct netexpert_inject_frame frame;
	int ret;

	while ((ret = reader_next(reader, &frame)) > 0) {
		if (!reader->frames)
			index->head->begin_ns = frame.time_ns;
		ret = is_filtered ? ask(reader, &frame) : 1;
		if (ret < 0 || (ret && add(reader, index, &frame)))
			return -1;
		reader->frames++;
	}
	return 0;
}

/**
 * index_make() - make the index of a file
 * @reader: open, nothing was read.
 * @is_filtered: a filter decides which frames are in.
 *
 * What can't be read can't be handed on either, and that is said by who does that; so
 * the index ends there.
 *
 * Return: 0, or -1 with a complaint.
 */
int index_make(struct reader *reader, bool is_filtered)
{
	struct index *index = calloc(1, sizeof(*index));

	if (!index)
		return reader_complain(reader, "its index: out of memory");
	if (open_index(reader, index) || add_all(reader, index, is_filtered))
		return -1;
	if (fflush(index->entries) || fflush(index->copy))
		return complain_of_space(reader);
	reader->complaint[0] = '\0';
	__atomic_store_n(&index->head->state, NEXP_BOOK_COMPLETE, __ATOMIC_RELEASE);
	syscall(SYS_futex, &index->head->state, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
	free(index);
	return 0;
}
