/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stored_file - what a file with a stored configuration looks like
 */
#ifndef NEXP_STORED_FILE_H
#define NEXP_STORED_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <netmon.h>

#define NEXP_STORED_MAGIC	"nexp config 0001"	/* without its NUL */

/**
 * struct nexp_stored_head - before the block; integers are little-endian
 * @magic: NEXP_STORED_MAGIC.
 * @sum: CRC-32, that of zlib, of everything behind it.
 * @length: bytes of the block, which are all that follow.
 * @expert: szName that the expert has registered; zeros behind it.
 */
struct nexp_stored_head {
	char magic[16];
	uint32_t sum;
	uint32_t length;
	char expert[EXPERTSTRINGLENGTH];
};

_Static_assert(sizeof(struct nexp_stored_head) == 284, "the head of a stored configuration");

char *nexp_stored_path(const char *dir, const char *name);
uint32_t nexp_stored_sum(const struct nexp_stored_head *head, const void *block, size_t length);

#endif /* NEXP_STORED_FILE_H */
