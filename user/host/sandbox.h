/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_SANDBOX_H
#define NEXP_SANDBOX_H

#include <sys/types.h>

#include "failure.h"

int nexp_sandbox_close_files(int last_kept, struct nexp_failure *failure);
int nexp_sandbox_enter(pid_t supervisor, struct nexp_failure *failure);

#endif /* NEXP_SANDBOX_H */
