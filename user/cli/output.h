/* SPDX-License-Identifier: GPL-2.0 */
/*
 * output - writing to a file that may stand still
 *
 * The supervisor has one thread. If whoever reads our output stops reading, a
 * plain write() would hang, and Ctrl-C with it. This one gives up, for good,
 * once a signal that ends the run is pending.
 */
#ifndef NEXP_OUTPUT_H
#define NEXP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct nexp_output - where output goes
 * @fd: the file.
 * @broken: it takes nothing any more; what is written is dropped.
 * @code: why, a positive errno; EAGAIN if it stood still.
 */
struct nexp_output {
	int fd;
	bool broken;
	int code;
};

/**
 * nexp_output_write() - write all of it
 * @output: where to.
 * @bytes: what.
 * @length: how much.
 */
void nexp_output_write(struct nexp_output *output, const char *bytes, size_t length);

#endif /* NEXP_OUTPUT_H */
