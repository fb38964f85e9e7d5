/* SPDX-License-Identifier: GPL-2.0 */
/*
 * book_file - the index of a capture file
 *
 * For each frame that an expert gets, what its record says and where its bytes are:
 * in the capture file itself, if they stand there as they are, or in a copy beside it.
 * netexpert-reader writes it when the expert first asks (user/reader/index.c), the
 * supervisor says if there will be none, the expert's host reads it (user/lib/book.c).
 */
#ifndef NEXP_BOOK_FILE_H
#define NEXP_BOOK_FILE_H

#include <stdint.h>

/**
 * enum nexp_book_state - how far it is
 * @NEXP_BOOK_OPEN: not complete.
 * @NEXP_BOOK_COMPLETE: the entries are there, and stay.
 * @NEXP_BOOK_FAILED: there will be none.
 */
enum nexp_book_state {
	NEXP_BOOK_OPEN,
	NEXP_BOOK_COMPLETE,
	NEXP_BOOK_FAILED,
};

/**
 * struct nexp_book_head - start of the index
 * @nr_frames: entries, if it is complete.
 * @begin_ns: time of the file's first frame.
 * @state: enum nexp_book_state. A futex; the rest is read after it, with acquire.
 * @__reserved: 0.
 */
struct nexp_book_head {
	uint64_t nr_frames;
	uint64_t begin_ns;
	uint32_t state;
	uint32_t __reserved;
};

/* Where the first entry is. */
#define NEXP_BOOK_ENTRIES	4096

/* In an entry's offset: of the copy. */
#define NEXP_BOOK_COPY		(1ULL << 63)

/**
 * struct nexp_book_entry - one frame
 * @offset: of its bytes.
 * @time_ns: its time of day.
 * @cap_len: bytes there.
 * @wire_len: bytes that it had.
 * @ifindex: its interface.
 * @flags: NETEXPERT_RECORD_*.
 * @link_type: ARPHRD_* of it.
 */
struct nexp_book_entry {
	uint64_t offset;
	uint64_t time_ns;
	uint32_t cap_len;
	uint32_t wire_len;
	uint32_t ifindex;
	uint16_t flags;
	uint16_t link_type;
};

#endif /* NEXP_BOOK_FILE_H */
