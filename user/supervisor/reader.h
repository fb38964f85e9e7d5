/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reader - the process that reads a capture file for one expert, seen from outside
 *
 * It gets the file as its input, the pool's injector as fd 3 and a pipe of ours
 * for what it has to say, and nothing else of ours. Each expert has one, with a
 * file of its own: none waits for another.
 */
#ifndef NEXP_READER_H
#define NEXP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "error.h"

/**
 * struct nexp_reader - a running reader
 * @pid: its process; 0 if there is none.
 * @pidfd: readable when the process has ended; -1 if there is none.
 * @output: what it says arrives here; -1 if there is none.
 * @unwanted: nobody wants its frames any more.
 */
struct nexp_reader {
	pid_t pid;
	int pidfd;
	int output;
	bool unwanted;
};

/** NEXP_NO_READER - a reader that does not run. */
#define NEXP_NO_READER	{ .pidfd = -1, .output = -1 }

/**
 * nexp_reader_open() - open a file for a reader
 * @path: the file; "-" is standard input. If it is a FIFO this waits for a writer.
 * @alone: only one reader will be there; others than plain files can be read only
 *	once.
 * @ret: the file.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_reader_open(const char *path, bool alone, int *ret, struct nexp_error *err);

/**
 * nexp_reader_spawn() - start a reader
 * @reader: filled in; untouched on failure.
 * @program: path of netexpert-reader.
 * @file: the open file; stays the caller's, who should close it.
 * @injector: a pool's; stays the caller's, who should close it.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_reader_spawn(struct nexp_reader *reader, const char *program, int file,
		      int injector, struct nexp_error *err);

/**
 * nexp_reader_percent() - how far a reader has come
 * @file: as it was given to the reader.
 *
 * Return: percent of the file's bytes; -1 if it has no size.
 */
int nexp_reader_percent(int file);

/**
 * struct nexp_indexer_files - what a reader gets that makes an index
 * @file: the file, from its start on.
 * @injector: of a pool that knows the expert's filter; -1: it has none.
 * @index: see user/lib/book_file.h.
 * @copy: empty.
 */
struct nexp_indexer_files {
	int file;
	int injector;
	int index;
	int copy;
};

/**
 * nexp_indexer_spawn() - start a reader that makes an index in place of handing frames on
 * @reader: filled in; untouched on failure.
 * @program: path of netexpert-reader.
 * @files: the files; they stay the caller's.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_indexer_spawn(struct nexp_reader *reader, const char *program,
		       const struct nexp_indexer_files *files, struct nexp_error *err);

/**
 * nexp_reader_end() - nobody wants a reader's frames any more
 * @reader: a running reader. If it has not ended by itself it is killed, and that
 *	is no failure. This does not wait for it.
 */
void nexp_reader_end(struct nexp_reader *reader);

/**
 * nexp_reader_has_ended() - can a reader be reaped?
 * @reader: a running reader.
 *
 * It can't as long as somebody else debugs it, though its pidfd is readable.
 */
bool nexp_reader_has_ended(const struct nexp_reader *reader);

/**
 * nexp_reader_reap() - take a reader off the table
 * @reader: one that has ended; none afterwards.
 * @text: what there is to be said; empty if nothing.
 * @size: bytes there.
 *
 * Return: 0, or -EIO if it could not read all there is.
 */
int nexp_reader_reap(struct nexp_reader *reader, char *text, size_t size);

/**
 * nexp_reader_forget() - give a reader up, whatever becomes of its process
 * @reader: a running reader; none afterwards.
 */
void nexp_reader_forget(struct nexp_reader *reader);

#endif /* NEXP_READER_H */
