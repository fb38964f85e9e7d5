// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../lib/book_file.h"
#include "index.h"

/* A record's bytes begin not further behind its own beginning. */
#define MOST_BEFORE	128

/* After so many frames that were not found in the file, none is looked for. */
#define MOST_MISSES	16

/**
 * struct index - an index on the way
 * @file: what it is of.
 * @is_filtered: not all frames are in.
 * @head: mapped.
 * @entries: behind it.
 * @copy: the copy.
 * @copied: bytes in it.
 * @misses: frames not found in the file, one after the other.
 * @failed: what could not be done; NULL if nothing.
 * @code: the errno of that.
 * @around: room for a frame and what stands before it.
 */
struct index {
	const struct nexp_file *file;
	bool is_filtered;
	struct nexp_book_head *head;
	FILE *entries;
	FILE *copy;
	uint64_t copied;
	unsigned int misses;
	const char *failed;
	int code;
	uint8_t around[MOST_BEFORE + NETEXPERT_MAX_INJECT];
};

static int fail(struct index *index, const char *what)
{
	index->failed = what;
	index->code = errno;
	return -index->code;
}

static int fail_for_space(struct index *index)
{
	return fail(index, "the folder for temporary files (TMPDIR names another one)");
}

/* Return: whether the bytes are in the file, and where. */
static bool find(struct index *index, const void *bytes, size_t size, uint64_t *out_offset)
{
	uint64_t offset = nexp_file_offset(index->file);
	const uint8_t *found;
	ssize_t got;

	if (index->misses >= MOST_MISSES)
		return false;
	got = pread(STDIN_FILENO, index->around, size + MOST_BEFORE, (off_t)offset);
	found = got > 0 ? memmem(index->around, (size_t)got, bytes, size) : NULL;
	index->misses = found ? 0 : index->misses + 1;
	if (found)
		*out_offset = offset + (uint64_t)(found - index->around);
	return found;
}

static int copy(struct index *index, const void *bytes, size_t size, uint64_t *out_offset)
{
	*out_offset = index->copied | NEXP_BOOK_COPY;
	if (size && fwrite(bytes, size, 1, index->copy) != 1)
		return fail_for_space(index);
	index->copied += size;
	return 0;
}

static int add(struct index *index, const struct netexpert_inject_frame *frame)
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
	int err = 0;

	if (!find(index, bytes, frame->cap_len, &entry.offset))
		err = copy(index, bytes, frame->cap_len, &entry.offset);
	if (!err && fwrite(&entry, sizeof(entry), 1, index->entries) != 1)
		err = fail_for_space(index);
	if (!err)
		index->head->nr_frames++;
	return err;
}

/* Return: whether the expert gets it, or a negative errno. */
static int ask(struct index *index, const struct netexpert_inject_frame *frame)
{
	struct netexpert_inject args = {
		.size = sizeof(args), .flags = NETEXPERT_INJECT_JUDGE,
		.frames = (uintptr_t)frame, .nr_frames = 1,
	};
	int ret;

	if (!index->is_filtered)
		return 1;
	do {
		ret = ioctl(FILTER_FD, NETEXPERT_IOC_INJECT, &args);
	} while (ret < 0 && errno == EINTR);
	return ret < 0 ? fail(index, "asking the filter") : ret;
}

static int take(void *owner, const struct netexpert_inject_frame *frame)
{
	struct index *index = owner;
	int ret;

	if (!nexp_file_frames(index->file))
		index->head->begin_ns = frame->time_ns;
	ret = ask(index, frame);
	return ret > 0 ? add(index, frame) : ret;
}

static int open_index(struct index *index)
{
	index->head = mmap(NULL, NEXP_BOOK_ENTRIES, PROT_READ | PROT_WRITE, MAP_SHARED,
			   INDEX_FD, 0);
	index->entries = fdopen(INDEX_FD, "w");
	index->copy = fdopen(COPY_FD, "w");
	if (index->head == MAP_FAILED || !index->entries || !index->copy ||
	    fseeko(index->entries, NEXP_BOOK_ENTRIES, SEEK_SET))
		return fail(index, "its files");
	return 0;
}

static void complete(struct index *index)
{
	__atomic_store_n(&index->head->state, NEXP_BOOK_COMPLETE, __ATOMIC_RELEASE);
	syscall(SYS_futex, &index->head->state, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

int nexp_index_make(struct nexp_file *file, bool is_filtered, char *said, size_t size)
{
	struct index *index = calloc(1, sizeof(*index));
	const struct nexp_file_taker taker = { .take = take, .owner = index };
	int err;

	if (!index) {
		snprintf(said, size, "out of memory");
		return -1;
	}
	index->file = file;
	index->is_filtered = is_filtered;
	err = open_index(index);
	if (!err)
		nexp_file_read(file, &taker, said, size);
	if (!index->failed && (fflush(index->entries) || fflush(index->copy)))
		fail_for_space(index);
	if (index->failed) {
		snprintf(said, size, "after %" PRIu64 " frames: %s: %s", nexp_file_frames(file),
			 index->failed, strerror(index->code));
	} else {
		*said = '\0';
		complete(index);
	}
	err = index->failed ? -1 : 0;
	free(index);
	return err;
}
