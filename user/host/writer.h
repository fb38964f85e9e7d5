/* SPDX-License-Identifier: GPL-2.0 */
/*
 * writer - frames into a pcapng file, in place of a plug-in
 *
 * The supervisor has opened the file and keeps the journal (user/lib/journal.h);
 * the writer parses nothing and needs no right.
 */
#ifndef NEXP_WRITER_H
#define NEXP_WRITER_H

#include <stdint.h>

#include <netexpert.h>

#include "../lib/journal.h"
#include "pcapng.h"
#include "plugin.h"

/**
 * struct nexp_writer - a writer
 * @path: what the user calls the file.
 * @interfaces: names of interfaces to describe at once, with blanks between them; "" if the
 *	frames are not of this machine.
 * @filter: which frames are wanted, for the file; NULL: all.
 * @snaplen: most bytes of a frame, for the file; 0: all.
 * @count: how many frames the file gets; 0: no limit.
 * @file: the file.
 * @pool: the attachment, for its counters.
 * @lookup: a socket to ask about interfaces.
 * @journal: the journal.
 * @blocks: what is not written yet.
 * @os: name and release of the kernel.
 * @to_realtime_ns: what a frame's time misses to CLOCK_REALTIME.
 * @start_ns: CLOCK_REALTIME when the pool was made.
 * @last: number of the interface that was looked for last.
 */
struct nexp_writer {
	const char *path;
	const char *interfaces;
	const char *filter;
	uint32_t snaplen;
	uint64_t count;
	int file;
	int pool;
	int lookup;
	struct nexp_journal *journal;
	struct nexp_pcapng blocks;
	char os[160];
	uint64_t to_realtime_ns;
	uint64_t start_ns;
	uint32_t last;
};

/**
 * nexp_writer_open() - take over the journal, before rights are given up
 * @writer: its first seven fields are set.
 * @journal: the journal's file; closed in any case.
 * @failure: why not.
 *
 * Return: 0 or -1.
 */
int nexp_writer_open(struct nexp_writer *writer, int journal, struct nexp_failure *failure);

/**
 * nexp_writer_run() - write until the end of the capture
 * @writer: an open one.
 * @nx: the pool.
 * @failure: why it ended before.
 *
 * Goes on where the writer before it stopped: frames that are in the file already
 * are passed over.
 *
 * Return: 0 or -1.
 */
int nexp_writer_run(struct nexp_writer *writer, struct netexpert *nx,
		    struct nexp_failure *failure);

/**
 * nexp_writer_frames() - how many frames are in the file
 * @writer: an open one.
 *
 * Return: a number of frames.
 */
uint64_t nexp_writer_frames(const struct nexp_writer *writer);

#endif /* NEXP_WRITER_H */
