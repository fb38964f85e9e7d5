// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - what BPF programs may call: the functions are in frame.c and bytes.c
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/if_packet.h>
#include <linux/skbuff.h>

#include "kfunc.h"

BTF_KFUNCS_START(nexp_kfunc_ids)
BTF_ID_FLAGS(func, netexpert_frame_deliver)
BTF_ID_FLAGS(func, netexpert_bytes_deliver)
BTF_KFUNCS_END(nexp_kfunc_ids)

static const struct btf_kfunc_id_set nexp_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &nexp_kfunc_ids,
};

/**
 * nexp_kfunc_init() - offer the kfuncs to tc programs
 *
 * Return: 0 or an errno. There is no opposite: loaded programs pin the module
 * and the kernel forgets the set with it.
 */
int nexp_kfunc_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS,
					 &nexp_kfunc_set);
}
