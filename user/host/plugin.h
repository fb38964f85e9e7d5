/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_PLUGIN_H
#define NEXP_PLUGIN_H

#include <stddef.h>

#include <netmon.h>

#include "../lib/wire.h"

#define NEXP_REASON_SIZE	1024

/**
 * struct nexp_plugin - a loaded plug-in
 * @info: what it registered, and what the host adds to that.
 */
struct nexp_plugin {
	EXPERTENUMINFO info;
};

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

int nexp_plugin_load(struct nexp_plugin *plugin, const char *file, int fd,
		     struct nexp_failure *failure);

#endif /* NEXP_PLUGIN_H */
