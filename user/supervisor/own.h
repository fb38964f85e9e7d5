/* SPDX-License-Identifier: GPL-2.0 */
/*
 * own - somebody's own capture program, as netexpert.bpf.h describes it
 *
 * A function in a BPF object file takes the place of one in ours (bpf/own.bpf.c),
 * which stands at tcx and answers there. Nothing in the file is believed; what the
 * program may do once it is loaded is the kernel's to say.
 */
#ifndef NEXP_OWN_H
#define NEXP_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct bpf_link;
struct bpf_object;
struct own_bpf;

/**
 * struct nexp_own - somebody's own capture program
 * @skeleton: what stands at tcx; NULL if there is none.
 * @object: the person's object.
 * @links: its function in the place of ours, for frames that arrive and that leave.
 *
 * All zero is a valid one that is empty.
 */
struct nexp_own {
	struct own_bpf *skeleton;
	struct bpf_object *object;
	struct bpf_link *links[2];
};

/**
 * nexp_own_load() - load a program for a pool
 * @own: an empty one; stays empty on failure.
 * @text: FILE or FILE=OPTION=NUMBER[,...]; see nexp_own_set_options().
 * @pool_id: the pool.
 * @err: why not, with the end of the verifier's log where it has a say.
 *
 * Return: 0 or a negative errno.
 */
int nexp_own_load(struct nexp_own *own, const char *text, uint64_t pool_id,
		  struct nexp_error *err);

/**
 * nexp_own_fd() - the program that stands at tcx
 * @own: a loaded one.
 * @egress: for frames that leave, or that arrive.
 *
 * Return: its fd.
 */
int nexp_own_fd(const struct nexp_own *own, bool egress);

/**
 * nexp_own_destroy() - unload it
 * @own: a program without links at tcx; empty afterwards.
 *
 * When this returns its timers have ended.
 */
void nexp_own_destroy(struct nexp_own *own);

struct btf;

/**
 * nexp_own_set_options() - set global integers that are const volatile
 * @btf: types of an object.
 * @bytes: its .rodata, which holds the variables' values at load; NULL: none.
 * @size: bytes of that.
 * @text: NAME=NUMBER[,NAME=NUMBER...]; numbers are decimal or, with 0x, not.
 * @err: what is wrong with @text; it lists the options that there are.
 *
 * Return: 0 or a negative errno.
 */
int nexp_own_set_options(const struct btf *btf, void *bytes, size_t size, const char *text,
			 struct nexp_error *err);

#endif /* NEXP_OWN_H */
