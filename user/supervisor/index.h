/* SPDX-License-Identifier: GPL-2.0 */
/*
 * index - a capture file's index for one expert, and the process that makes it
 *
 * An expert that asks for frames of a file out of turn, or how many there are, needs to
 * know where each is (user/lib/book_file.h). Its host asks for that once, and then
 * netexpert-reader goes through the file, beside the one that hands frames on. If the
 * expert has a filter, only the kernel can say what passes it: that is asked of a pool
 * that is there for nothing else.
 */
#ifndef NEXP_INDEX_H
#define NEXP_INDEX_H

#include "loop.h"
#include "reader.h"
#include "session.h"

struct nexp_expert;

/**
 * struct nexp_index - an index
 * @file: the capture file, for reading at will; -1 if there is no index.
 * @index: the index.
 * @copy: frames whose bytes the capture file does not have as they are.
 * @index_view: the index, read-only.
 * @copy_view: likewise.
 * @maker: who makes it.
 * @on_end: for the maker's end.
 * @pool_id: the pool that knows the filter; 0 if there is none.
 * @was_asked_for: the host has asked for it.
 */
struct nexp_index {
	int file;
	int index;
	int copy;
	int index_view;
	int copy_view;
	struct nexp_reader maker;
	struct nexp_source on_end;
	uint64_t pool_id;
	bool was_asked_for;
};

/** NEXP_NO_INDEX - none, and nothing of it. */
#define NEXP_NO_INDEX { .file = -1, .index = -1, .copy = -1, .index_view = -1, \
			.copy_view = -1, .maker = NEXP_NO_READER }

/**
 * nexp_index_open() - make the files of an index that is still empty
 * @expert: has none. If it reads no file, or one that can be read only once, it gets
 *	none.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_index_open(struct nexp_expert *expert, struct nexp_error *err);

/**
 * nexp_index_make() - the host asks for the index
 * @expert: the expert. Hosts may ask when there can be none, and often.
 *
 * If it can't be made the host is told, and people why.
 */
void nexp_index_make(struct nexp_expert *expert);

/**
 * nexp_index_fail() - there will be no index
 * @index: its file; if it is complete, it stays. Who made it may have done anything to the
 *	file, so it is not mapped here.
 *
 * Who waits for it looks now and then (user/lib/book.c).
 *
 * Return: 0 or a negative errno.
 */
int nexp_index_fail(int index);

/**
 * nexp_index_stop() - nobody needs it any more
 * @expert: an expert, also without one. This does not wait.
 */
void nexp_index_stop(struct nexp_expert *expert);

/**
 * nexp_index_close() - let go of everything
 * @expert: an expert, also without one.
 */
void nexp_index_close(struct nexp_expert *expert);

#endif /* NEXP_INDEX_H */
