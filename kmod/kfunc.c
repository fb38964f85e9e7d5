// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - what BPF programs may call: the functions are in frame.c, bytes.c and xdp.c
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

BTF_KFUNCS_START(nexp_kfunc_xdp_ids)
BTF_ID_FLAGS(func, netexpert_xdp_deliver)
BTF_KFUNCS_END(nexp_kfunc_xdp_ids)

static const struct btf_kfunc_id_set nexp_kfunc_set = {
	.owner = THIS_MODULE,
	.set = &nexp_kfunc_ids,
};

static const struct btf_kfunc_id_set nexp_kfunc_xdp_set = {
	.owner = THIS_MODULE,
	.set = &nexp_kfunc_xdp_ids,
};

/**
 * nexp_kfunc_init() - offer the kfuncs to programs at tc and at XDP
 *
 * Return: 0 or an errno. There is no opposite: loaded programs pin the module
 * and the kernel forgets the sets with it.
 */
int nexp_kfunc_init(void)
{
	int err;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS,
					&nexp_kfunc_set);
	if (err)
		return err;
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &nexp_kfunc_xdp_set);
}
