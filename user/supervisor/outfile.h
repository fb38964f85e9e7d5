/* SPDX-License-Identifier: GPL-2.0 */
/*
 * outfile - a file that a writer or an expert writes, opened and kept here
 *
 * Their processes have no right to open anything and may die at any moment. So the
 * file is the supervisor's. A writer has a journal (user/lib/journal.h), and after a
 * death the supervisor cuts off what that does not vouch for. Of what an expert has
 * written nothing is known: its next incarnation begins anew.
 */
#ifndef NEXP_OUTFILE_H
#define NEXP_OUTFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/**
 * struct nexp_outfile - a file to write
 * @name: what the user calls it, for messages.
 * @fd: the file.
 * @journal: its journal, if a writer writes it.
 * @start: offset where it begins: not 0 if standard output had something in it.
 * @regular: what was written can be cut off again.
 */
struct nexp_outfile {
	char *name;
	int fd;
	int journal;
	uint64_t start;
	bool regular;
};

/**
 * nexp_outfile_open() - open a file to write, or standard output
 * @option: what stands before it on the command line, for messages.
 * @path: the file; "-" is standard output.
 * @ret: the file, to be freed with nexp_outfile_free(). What is in it stays until
 *	nexp_outfile_begin().
 * @err: why not.
 *
 * Waits for a reader if it is a FIFO.
 *
 * Return: 0 or a negative errno.
 */
int nexp_outfile_open(const char *option, const char *path, struct nexp_outfile **ret,
		      struct nexp_error *err);

/**
 * nexp_outfile_same() - are these one file?
 * @a: a file.
 * @b: another one.
 *
 * Return: whether what is written to one would be found in the other.
 */
bool nexp_outfile_same(const struct nexp_outfile *a, const struct nexp_outfile *b);

/**
 * nexp_outfile_is() - is it the file of this name?
 * @file: a file.
 * @path: a name; "-" is standard input.
 *
 * Return: whether what is written to it would be read there.
 */
bool nexp_outfile_is(const struct nexp_outfile *file, const char *path);

/**
 * nexp_outfile_begin() - what was in the file goes
 * @file: an open file.
 * @err: why not.
 *
 * Standard output goes on where it is.
 *
 * Return: 0 or a negative errno.
 */
int nexp_outfile_begin(struct nexp_outfile *file, struct nexp_error *err);

/**
 * nexp_outfile_mend() - cut off a block that was not finished
 * @file: a begun file; no process writes to it now.
 * @err: why nobody can go on with it.
 *
 * Return: 0 if it ends with a whole block, or a negative errno.
 */
int nexp_outfile_mend(const struct nexp_outfile *file, struct nexp_error *err);

/**
 * nexp_outfile_again() - what an expert has written goes
 * @file: a begun file; no process writes to it now.
 * @err: why not.
 *
 * Return: 0, or a negative errno; -ESPIPE if it is no regular file, of which nothing
 * can be taken back.
 */
int nexp_outfile_again(const struct nexp_outfile *file, struct nexp_error *err);

/**
 * nexp_outfile_close() - nobody writes to it any more
 * @file: a file; only its name is left. Who reads it, if it is a pipe, sees the end.
 */
void nexp_outfile_close(struct nexp_outfile *file);

/**
 * nexp_outfile_free() - close and free
 * @file: the file; NULL is fine.
 */
void nexp_outfile_free(struct nexp_outfile *file);

#endif /* NEXP_OUTFILE_H */
