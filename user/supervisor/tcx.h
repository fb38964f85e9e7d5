/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcx - numbers of the kernel's ABI that Debian 12's linux/bpf.h, of 6.1, has not yet
 */
#ifndef NEXP_TCX_H
#define NEXP_TCX_H

/* enum bpf_attach_type, of Linux 6.6. */
#define NEXP_TCX_INGRESS	46
#define NEXP_TCX_EGRESS		47

/* The mprog flag that, without an anchor, means "first in the chain". */
#define NEXP_TCX_BEFORE		(1U << 3)

#endif /* NEXP_TCX_H */
