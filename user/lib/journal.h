/* SPDX-License-Identifier: GPL-2.0 */
/*
 * journal - what a writer has written so far, for who comes after it
 *
 * Shared pages that the supervisor makes and keeps, while writers come and go. A
 * writer that dies in the middle of a write leaves a torn block; here stands how far
 * the file is whole, which interfaces it describes, and which frames are in it.
 *
 * There are two sides. A batch is written on the file first, then what is true after
 * it on the side that is not current, then that side is made the current one by a
 * single store. So whenever a writer dies, the current side says what is in the
 * first @whole bytes of the file, and no more than that.
 *
 * The supervisor believes nothing of it but @whole, within the file's bounds.
 */
#ifndef NEXP_JOURNAL_H
#define NEXP_JOURNAL_H

#include <stdint.h>

#define NEXP_JOURNAL_RINGS	256
#define NEXP_JOURNAL_INTERFACES	65536

/**
 * struct nexp_journal_interface - an interface that the file describes
 * @ifindex: its index.
 * @link_type: ARPHRD_*.
 * @frames: of it in the file.
 * @lost: frames lost before those.
 */
struct nexp_journal_interface {
	uint32_t ifindex;
	uint32_t link_type;
	uint64_t frames;
	uint64_t lost;
};

/**
 * struct nexp_journal_side - what is true of a file
 * @whole: offset where its last block ends.
 * @frames: frames in it.
 * @lost: frames lost before those.
 * @begun: its section has a header.
 * @ended: its section has its last block.
 * @nr_interfaces: entries of @interfaces, in the order of their blocks.
 * @positions: of each ring, up to where its records are in the file.
 * @interfaces: the interfaces.
 */
struct nexp_journal_side {
	uint64_t whole;
	uint64_t frames;
	uint64_t lost;
	uint32_t begun;
	uint32_t ended;
	uint32_t nr_interfaces;
	uint64_t positions[NEXP_JOURNAL_RINGS];
	struct nexp_journal_interface interfaces[NEXP_JOURNAL_INTERFACES];
};

/**
 * struct nexp_journal - the shared pages; all zero is a file without a block
 * @current: the side that counts, 0 or 1.
 * @writing: not 0 from before a batch is written until it is on the current side.
 * @sides: both.
 */
struct nexp_journal {
	uint32_t current;
	uint32_t writing;
	struct nexp_journal_side sides[2];
};

#endif /* NEXP_JOURNAL_H */
