/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_INJECT_H
#define NEXP_INJECT_H

struct nexp_pool;

int nexp_inject_open(struct nexp_pool *pool, int fd);

#endif /* NEXP_INJECT_H */
