/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_DEV_H
#define NEXP_DEV_H

#include <linux/stddef.h>
#include <linux/types.h>
#include <linux/netexpert.h>

struct nexp_pool;

/**
 * struct nexp_call - where an ioctl's answer goes
 * @user: the caller's struct.
 * @size: bytes of it that this module knows: the smaller of the two sizes.
 */
struct nexp_call {
	void __user *user;
	size_t size;
};

/**
 * struct nexp_ioctl - one command
 * @cmd: its number.
 * @size: sizeof() its argument struct.
 * @min_size: end of the last field of the struct's first version.
 * @fn: gets the file's object, a kernel copy of the argument and the call.
 */
struct nexp_ioctl {
	unsigned int cmd;
	size_t size;
	size_t min_size;
	int (*fn)(void *ctx, void *arg, const struct nexp_call *call);
};

#define NEXP_IOCTL(_name, _struct, _last, _fn) {			\
	.cmd = NETEXPERT_IOC_##_name,					\
	.size = sizeof(struct _struct),					\
	.min_size = offsetofend(struct _struct, _last),			\
	.fn = _fn,							\
}

long nexp_ioctl_dispatch(const struct nexp_ioctl *table, size_t nr, void *ctx,
			 unsigned int cmd, unsigned long arg);
int nexp_call_reply(const struct nexp_call *call, const void *arg);
int nexp_call_stat(const struct nexp_call *call, struct nexp_pool *pool,
		   struct netexpert_pool_stat *stat, bool acknowledge);

int nexp_dev_init(void);
void nexp_dev_exit(void);

#endif /* NEXP_DEV_H */
