/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcx - of Linux 6.6; Debian 12's linux/bpf.h is older
 */
#ifndef NEXP_SELFTESTS_TCX_H
#define NEXP_SELFTESTS_TCX_H

/* enum bpf_attach_type */
#define TCX_INGRESS	46
#define TCX_EGRESS	47

/* enum tcx_action_base */
#define TCX_NEXT	(-1)
#define TCX_DROP	2

#endif /* NEXP_SELFTESTS_TCX_H */
