/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_KFUNC_H
#define NEXP_KFUNC_H

#include <linux/types.h>

struct __sk_buff;
struct xdp_md;

int netexpert_frame_deliver(struct __sk_buff *ctx, u64 pool_id, u32 snaplen,
			    u32 flags);
int netexpert_bytes_deliver(u64 pool_id, void *data, u32 data__sz, u32 flags);
int netexpert_xdp_deliver(struct xdp_md *ctx, u64 pool_id, u32 snaplen, u32 flags);
int nexp_kfunc_init(void);

#endif /* NEXP_KFUNC_H */
