/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reader - the file that is read, frame by frame
 */
#ifndef NEXP_READER_READER_H
#define NEXP_READER_READER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/netexpert.h>
#include <wiretap/wtap.h>

/* What the process gets; the file is its standard input. */
#define INJECTOR_FD	3	/* of who hands frames on */
#define INDEX_FD	3	/* of who makes an index */
#define COPY_FD		4
#define FILTER_FD	5	/* an injector of a pool that knows the filter */

/**
 * struct reader - the file at hand
 * @file: of wiretap's; standard input.
 * @rec: the record at hand.
 * @bytes: its bytes.
 * @offset: where it is in the file, if that were not compressed.
 * @frames: frames read and dealt with so far.
 * @others: records that are no frames.
 * @time_ns: of the last frame that had a time.
 * @complaint: why nothing more is read; "" if there is nothing to be said.
 */
struct reader {
	wtap *file;
	wtap_rec rec;
	Buffer bytes;
	gint64 offset;
	uint64_t frames;
	uint64_t others;
	uint64_t time_ns;
	char complaint[512];
};

int reader_open(struct reader *reader);
int reader_next(struct reader *reader, struct netexpert_inject_frame *frame);
int reader_complain(struct reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

int index_make(struct reader *reader, bool is_filtered);

#endif /* NEXP_READER_READER_H */
