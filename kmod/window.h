/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_WINDOW_H
#define NEXP_WINDOW_H

#include <linux/types.h>

struct nexp_pool;
struct page;

/**
 * struct nexp_window - what an offset of an attachment or a view means
 * @base: the window's first offset.
 * @size: its bytes; 0 if there is no such window.
 * @writable: whether the expert may write it.
 */
struct nexp_window {
	u64 base;
	u64 size;
	bool writable;
};

struct nexp_window nexp_window_find(const struct nexp_pool *pool, u64 offset);
struct page *nexp_window_page(struct nexp_pool *pool, u64 offset);

#endif /* NEXP_WINDOW_H */
