/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netexpert - your own capture program
 *
 * Decides in the kernel what an expert gets. It is one function:
 *
 *	#include <netexpert.bpf.h>
 *
 *	NETEXPERT_CAPTURE
 *	int every_other(struct __sk_buff *skb, __u64 pool_id, __u32 out)
 *	{
 *		if (bpf_get_prandom_u32() & 1)
 *			netexpert_frame_deliver(skb, pool_id, 0, 0);
 *		return 0;
 *	}
 *
 *	char LICENSE[] SEC("license") = "GPL";
 *
 *	clang -target bpf -mcpu=v3 -O2 -g -Wall $(pkg-config --cflags netexpert) \
 *		-idirafter /usr/include/$(gcc -dumpmachine) -c every-other.bpf.c
 *	netexpert run -i eth0 --capture every-other.bpf.o top-users
 *
 * It is called for every frame of the run's interfaces, at tcx, where the
 * netexpert program stands first. What it gets:
 *
 * @skb: the frame; skb->data is at the link header in both directions. A VLAN tag
 *	that was taken off is in skb->vlan_tci.
 * @pool_id: the expert's pool, for the functions below.
 * @out: 0 if the frame arrives, 1 if it leaves. Programs can't tell by themselves.
 *
 * What it answers is ignored: answer 0. The frame goes on in any case, and the
 * kernel refuses a function that calls a helper that changes frames, or pulls
 * their bytes together: read with bpf_skb_load_bytes(). What the kernel lets
 * every program at tc do remains: do not write through skb->data or to fields
 * of @skb.
 *
 * netexpert_flow.bpf.h tells which flow a frame belongs to.
 *
 * One such function makes a file; other programs and pinned maps are refused,
 * because they would act, or stay, outside the run. The functions it calls, maps,
 * timers and other kfuncs are its own affair; what kernel functions demand is a
 * licence like "GPL". Each expert that stands behind --capture has a copy of the
 * maps of its own, from when the run begins until its captures end.
 *
 * Integers that are 'const volatile' and global are options: after
 *
 *	const volatile __u32 every = 100;
 *
 * "--capture FILE.bpf.o=every=20" sets it, and whoever gives a wrong name is told
 * the right ones.
 */
#ifndef NETEXPERT_BPF_H
#define NETEXPERT_BPF_H

#ifndef __VMLINUX_H__
#include <linux/bpf.h>
#include <linux/types.h>
#endif
#include <bpf/bpf_helpers.h>

/** NETEXPERT_CAPTURE - stands before the function that netexpert calls. */
#define NETEXPERT_CAPTURE	SEC("freplace/netexpert_capture")

/**
 * netexpert_frame_deliver() - copy the frame at hand into a pool
 * @skb: the frame.
 * @pool_id: the pool.
 * @snaplen: most bytes to keep of it; 0 leaves that to the pool (-s).
 * @flags: 0.
 *
 * The pool's filter (-f) decides first. Only frames that were handed to this
 * function are seen: seen = filtered + delivered + lost counts no others.
 *
 * Return: 0 if it is stored. Else one of these, and the frame is counted at its
 * cause, so that nothing is left to do: -ENOMSG (the filter does not want it),
 * -EOPNOTSUPP (the filter has no program for its link type), -ENOSPC (no room, or
 * larger than the ring, or the reader's position makes no sense), -EFAULT (its
 * bytes are not readable), -EBUSY (nested), -ENOENT (no such pool). -EINVAL
 * (unknown flags) and -ENODATA (a copy of a multicast frame for the sender's own
 * machine) are not counted.
 */
extern int netexpert_frame_deliver(struct __sk_buff *skb, __u64 pool_id, __u32 snaplen,
				   __u32 flags) __ksym;

/**
 * netexpert_bytes_deliver() - put bytes that are no frame into a pool
 * @pool_id: the pool.
 * @data: the bytes: of the stack or of a map's value.
 * @data__sz: how many, 1 to 65536.
 * @flags: 0.
 *
 * The expert gets them as it gets a frame, in order, with a time stamp and with
 * NETEXPERT_RECORD_BYTES in the record's flags; what they mean is between the
 * program and the expert. Works without a frame at hand, too: from the callback
 * of a bpf_timer, so that a summary comes although no frame does.
 *
 * No filter judges them; -s cuts them. They count as a frame: seen, and delivered
 * or lost.
 *
 * Return: 0 if they are stored. -ENOSPC (no room, or too big for the ring, or for
 * this function), -EBUSY (nested), -ENOENT (no such pool), all counted. -EINVAL
 * (unknown flags, or nothing to store) is not.
 */
extern int netexpert_bytes_deliver(__u64 pool_id, void *data, __u32 data__sz,
				   __u32 flags) __ksym;

#endif /* NETEXPERT_BPF_H */
