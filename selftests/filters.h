/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filters - filters of a pool: short programs of classic BPF
 */
#ifndef NEXP_SELFTESTS_FILTERS_H
#define NEXP_SELFTESTS_FILTERS_H

#include <linux/filter.h>
#include <linux/if_arp.h>

#include "util.h"

/* What a packet socket's filter knows beside the bytes; of linux/filter.h. */
#define NEXP_AD(what)	(SKF_AD_OFF + SKF_AD_##what)

#define NEXP_NR_INSNS(insns)	(sizeof(insns) / sizeof((insns)[0]))

/* BPF_PROG_TEST_RUN's frames come from the loopback interface. */
#define NEXP_FEED_LINK_TYPE	ARPHRD_LOOPBACK

#define NEXP_PROGRAM(_link_type, _insns) ((struct netexpert_program){	\
	.link_type = (_link_type), .nr_insns = NEXP_NR_INSNS(_insns),	\
	.insns = (uintptr_t)(_insns) })

static inline struct netexpert_pool_filter
nexp_filter_args(__u64 pool_id, const struct netexpert_program *programs, __u32 nr,
		 const char *text)
{
	return (struct netexpert_pool_filter){
		.size = sizeof(struct netexpert_pool_filter),
		.pool_id = pool_id,
		.programs = (uintptr_t)programs,
		.nr_programs = nr,
		.text = (uintptr_t)text,
		.text_size = text ? strlen(text) + 1 : 0,
	};
}

static inline int __nexp_do_filter(int session, __u64 pool_id,
				   const struct netexpert_program *programs,
				   __u32 nr, const char *text)
{
	struct netexpert_pool_filter args =
		nexp_filter_args(pool_id, programs, nr, text);

	return __nexp_ioctl(session, NETEXPERT_IOC_POOL_FILTER, &args);
}

/* A filter of one program, for frames that are fed. */
static inline int __nexp_do_filter_feed(int session, __u64 pool_id,
					const struct sock_filter *insns, __u16 nr)
{
	struct netexpert_program program = {
		.link_type = NEXP_FEED_LINK_TYPE,
		.nr_insns = nr,
		.insns = (uintptr_t)insns,
	};

	return __nexp_do_filter(session, pool_id, &program, 1, NULL);
}

/* Every frame, and at most @keep bytes of it; none if that is 0. */
static inline int __nexp_do_filter_all(int session, __u64 pool_id, __u32 keep)
{
	const struct sock_filter insns[] = { BPF_STMT(BPF_RET | BPF_K, keep) };

	return __nexp_do_filter_feed(session, pool_id, insns, 1);
}

static inline int __nexp_do_filter_none(int session, __u64 pool_id)
{
	return __nexp_do_filter(session, pool_id, NULL, 0, NULL);
}

#endif /* NEXP_SELFTESTS_FILTERS_H */
