/* SPDX-License-Identifier: GPL-2.0 */
/*
 * book - frames of a capture file by their numbers, in any order
 *
 * A file's frames come through the ring, one after the other. What the ring does not
 * keep, or not yet have, is read from the file itself: where it is there says the
 * file's index (book_file.h), which is made when it is first needed.
 */
#ifndef NEXP_BOOK_H
#define NEXP_BOOK_H

#include <netexpert.h>

#include "link.h"

struct nexp_book_head;

/**
 * struct nexp_book_files - what a book is made of
 * @file: the capture file.
 * @index: its index.
 * @copy: what the index calls the copy.
 * @snaplen: most bytes of a frame; 0: all.
 */
struct nexp_book_files {
	int file;
	int index;
	int copy;
	uint32_t snaplen;
};

/**
 * struct nexp_book - a file with its index
 * @files: not ours to close.
 * @head: of the index, mapped.
 * @link: the socket to who has the index made.
 * @is_asked_for: it was told to.
 */
struct nexp_book {
	struct nexp_book_files files;
	const struct nexp_book_head *head;
	struct nexp_link *link;
	bool is_asked_for;
};

/**
 * struct nexp_page - a frame that was read from the file
 * @next: one that was read before.
 * @record: made of the index; the frame's bytes are behind it.
 *
 * An object of the pool.
 */
struct nexp_page {
	struct nexp_page *next;
	struct netexpert_record record __attribute__((aligned(16)));
};

int nexp_book_open(struct netexpert *nx, struct nexp_link *link,
		   const struct nexp_book_files *files);
void nexp_book_close(struct nexp_book *book);
uint64_t nexp_book_frames(struct nexp_book *book, struct netexpert *nx);
int nexp_book_read(const struct nexp_book *book, struct netexpert *nx, uint64_t serial,
		   struct nexp_page **out_page);

#endif /* NEXP_BOOK_H */
