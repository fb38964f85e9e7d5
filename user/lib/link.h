/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_LINK_H
#define NEXP_LINK_H

#include "wire.h"

struct netexpert;
struct nexp_link;

int nexp_link_create(int sock, struct nexp_link **out_link);
void nexp_link_destroy(struct nexp_link *link);
void nexp_link_set_pool(struct nexp_link *link, struct netexpert *nx);

struct nexp_wire *nexp_link_begin(struct nexp_link *link,
				  enum nexp_wire_type type);
int nexp_link_send(struct nexp_link *link);
bool nexp_link_is_gone(const struct nexp_link *link);

#endif /* NEXP_LINK_H */
