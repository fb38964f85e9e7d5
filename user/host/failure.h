/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_FAILURE_H
#define NEXP_FAILURE_H

#include "../lib/wire.h"

#define NEXP_REASON_SIZE	1024

/**
 * struct nexp_failure - why the host gives up
 * @what: enum nexp_wire_failure.
 * @reason: for people: what failed and what to do.
 */
struct nexp_failure {
	enum nexp_wire_failure what;
	char reason[NEXP_REASON_SIZE];
};

int nexp_fail(struct nexp_failure *failure, enum nexp_wire_failure what,
	      const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif /* NEXP_FAILURE_H */
