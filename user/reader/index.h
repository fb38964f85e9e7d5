/* SPDX-License-Identifier: GPL-2.0 */
/*
 * index - where each frame of the file is (user/lib/book_file.h)
 *
 * Whether the bytes of a frame stand in the file as they are is not deduced from its
 * format: they are looked for where the record begins, and what was found there is
 * true. What is not found (compressed files) goes into the copy.
 */
#ifndef NEXP_READER_INDEX_H
#define NEXP_READER_INDEX_H

#include <stdbool.h>

#include "file.h"

/* What the process gets; the file is its standard input. */
#define INDEX_FD	3
#define COPY_FD		4
#define FILTER_FD	5	/* an injector of a pool that knows the filter */

/**
 * nexp_index_make() - make the index of a file
 * @file: nothing was read of it.
 * @is_filtered: FILTER_FD is asked which frames are in.
 * @said: why not.
 * @size: bytes there.
 *
 * What can't be read can't be handed on either, and who does that says so: the index
 * ends there.
 *
 * Return: 0 or -1.
 */
int nexp_index_make(struct nexp_file *file, bool is_filtered, char *said, size_t size);

#endif /* NEXP_READER_INDEX_H */
