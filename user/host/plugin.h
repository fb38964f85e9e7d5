/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_PLUGIN_H
#define NEXP_PLUGIN_H

#include <stddef.h>

#include <netmon.h>

#include "failure.h"

/**
 * struct nexp_plugin - a loaded plug-in
 * @info: what it registered, and what the host adds to that.
 */
struct nexp_plugin {
	EXPERTENUMINFO info;
};

int nexp_plugin_open(const char *file, struct nexp_failure *failure);
int nexp_plugin_load(struct nexp_plugin *plugin, const char *file, int fd,
		     struct nexp_failure *failure);

#endif /* NEXP_PLUGIN_H */
