/* SPDX-License-Identifier: GPL-2.0 */
/*
 * names - the memory of Wireshark's tables of names
 */
#ifndef NEXP_NAMES_H
#define NEXP_NAMES_H

#include <epan/epan.h>
#include <epan/wmem_scopes.h>

#define NEXP_NR_NAME_TABLES	8

/** struct nexp_names - the tables of one session */
struct nexp_names {
	wmem_map_t *table[NEXP_NR_NAME_TABLES];
};

void nexp_names_get(struct nexp_names *names);
void nexp_names_free_forgotten(const struct nexp_names *before);

#endif /* NEXP_NAMES_H */
