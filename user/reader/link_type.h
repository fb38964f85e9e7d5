/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_LINK_TYPE_H
#define NEXP_LINK_TYPE_H

#include <stdbool.h>
#include <stdint.h>

bool nexp_link_type_of_encap(int encap, uint16_t *out_link_type);

#endif /* NEXP_LINK_TYPE_H */
