/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_FRAME_H
#define NEXP_FRAME_H

#include <linux/types.h>

struct nexp_pool;
struct sk_buff;

int nexp_frame_deliver_xdp(struct nexp_pool *pool, struct sk_buff *skb, u32 snaplen);

#endif /* NEXP_FRAME_H */
