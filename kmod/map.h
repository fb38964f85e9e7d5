/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_MAP_H
#define NEXP_MAP_H

struct nexp_pool;
struct vm_area_struct;

int nexp_map_around(struct nexp_pool *pool, struct vm_area_struct *vma,
		    unsigned long addr);

#endif /* NEXP_MAP_H */
