/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_HOST_CONFIG_H
#define NEXP_HOST_CONFIG_H

#include <netexpert.h>
#include <netmon.h>

#include "failure.h"

/**
 * struct nexp_config - an expert's configuration
 * @options: what the user has said for Configure, or NULL.
 * @stored_by: the name of the expert that the stored one is of; NULL: there is none.
 * @block: for Run, or NULL; memory of the pool.
 */
struct nexp_config {
	const char *options;
	const char *stored_by;
	PEXPERTCONFIG block;
};

int nexp_config_read(struct nexp_config *config, struct netexpert *nx, int fd,
		     struct nexp_failure *failure);
int nexp_config_fits(const struct nexp_config *config, const EXPERTENUMINFO *info,
		     struct nexp_failure *failure);
int nexp_config_make(struct nexp_config *config, const EXPERTENUMINFO *info, HEXPERTKEY key,
		     struct nexp_failure *failure);

#endif /* NEXP_HOST_CONFIG_H */
