/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_VIEW_H
#define NEXP_VIEW_H

struct nexp_pool;

int nexp_view_open(struct nexp_pool *pool, int fd);

#endif /* NEXP_VIEW_H */
