/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_VERSION_H
#define NEXP_VERSION_H

#ifndef NEXP_VERSION
#define NEXP_VERSION	"0.1"
#endif

#endif /* NEXP_VERSION_H */
