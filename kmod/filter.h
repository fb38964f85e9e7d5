/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_FILTER_H
#define NEXP_FILTER_H

#include <linux/types.h>

struct netexpert_pool_filter;
struct nexp_filter;
struct nexp_pool;
struct sk_buff;

/* Instead of a number of bytes: no program for the frame's link type. */
#define NEXP_FILTER_NO_PROGRAM	(-1)

/* With BH off and RCU held. */
s64 nexp_filter_run(const struct nexp_pool *pool, struct sk_buff *skb);

/* Any context that may sleep. */
struct nexp_filter *nexp_filter_create(struct nexp_pool *pool,
				       const struct netexpert_pool_filter *arg);
void nexp_filter_destroy(struct nexp_pool *pool, struct nexp_filter *filter);
int nexp_filter_replace(struct nexp_pool *pool, struct nexp_filter *filter);
u32 nexp_filter_count(const struct nexp_filter *filter);
u32 nexp_filter_text(const struct nexp_filter *filter, char *to, u32 room);

#endif /* NEXP_FILTER_H */
