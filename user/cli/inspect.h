/* SPDX-License-Identifier: GPL-2.0 */
/*
 * inspect - what a plug-in says about itself
 *
 * Loading a plug-in runs its code. So it is loaded in a child that, if we are
 * root, is nobody, has no network and can gain no rights, that is limited in
 * time and memory, and whose answer is checked like any other foreign data.
 */
#ifndef NEXP_INSPECT_H
#define NEXP_INSPECT_H

#include "../../include/netmon.h"

/**
 * struct nexp_inspection - what came out
 * @error: why nothing came out; empty if @info is valid.
 * @info: what Register filled in; its strings end.
 */
struct nexp_inspection {
	char error[512];
	EXPERTENUMINFO info;
};

/**
 * nexp_inspect() - ask a plug-in who it is
 * @plugin: its path.
 * @library_dir: where libnetexpert may be if the system does not know.
 * @ret: the answer.
 */
void nexp_inspect(const char *plugin, const char *library_dir, struct nexp_inspection *ret);

#endif /* NEXP_INSPECT_H */
