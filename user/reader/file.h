/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file - the frames of a capture file, by Wireshark's library
 *
 * One file in a process: standard input.
 */
#ifndef NEXP_FILE_H
#define NEXP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/netexpert.h>

struct nexp_file;

/* It can't be begun twice, and user/dissect may be in the same process. */
extern bool nexp_wiretap_has_begun;

/**
 * struct nexp_file_taker - who gets the frames
 * @take: takes one, which is valid during the call. 0; -ESTALE if nobody wants more,
 *	which is no failure; or another negative errno.
 * @owner: for @take.
 */
struct nexp_file_taker {
	int (*take)(void *owner, const struct netexpert_inject_frame *frame);
	void *owner;
};

/**
 * nexp_file_open() - begin to read
 * @ret: the file.
 * @said: why not.
 * @size: bytes there.
 *
 * Return: 0 or -1.
 */
int nexp_file_open(struct nexp_file **ret, char *said, size_t size);

/**
 * nexp_file_read() - hand on all frames, up to the end
 * @file: the file.
 * @taker: who gets them.
 * @said: what there is to be said of it; empty if nothing.
 * @size: bytes there.
 *
 * Return: 0, or -1 if not all could be read or handed on.
 */
int nexp_file_read(struct nexp_file *file, const struct nexp_file_taker *taker, char *said,
		   size_t size);

/**
 * nexp_file_offset() - where the record of the frame at hand begins
 * @file: the file.
 *
 * Return: that, if the file were not compressed.
 */
uint64_t nexp_file_offset(const struct nexp_file *file);

/** nexp_file_frames() - frames handed on so far. */
uint64_t nexp_file_frames(const struct nexp_file *file);

/** nexp_file_close() - end reading; NULL is fine. */
void nexp_file_close(struct nexp_file *file);

#endif /* NEXP_FILE_H */
