/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nobody - the user of a process that runs somebody else's code
 */
#ifndef NEXP_NOBODY_H
#define NEXP_NOBODY_H

/* A user, and group, that owns nothing: what the kernel shows for unmapped ids. */
#define NEXP_NOBODY	65534

#endif /* NEXP_NOBODY_H */
