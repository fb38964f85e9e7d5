/* SPDX-License-Identifier: GPL-2.0 */
/*
 * configure - let an expert's Configure make a configuration, without a run
 *
 * It runs where experts run, in a host that is confined and not trusted, but on a pool
 * that the host makes itself: no module, no interface and no right is needed.
 */
#ifndef NEXP_CONFIGURE_H
#define NEXP_CONFIGURE_H

#include <stddef.h>
#include <stdint.h>

#include <netmon.h>

#include "../lib/wire.h"
#include "chatter.h"
#include "error.h"

struct nexp_host_args;

/**
 * struct nexp_configuration - what came of it
 * @expert: the name that the expert has registered.
 * @length: bytes of @block; 0 if Configure left no configuration.
 * @block: the configuration.
 * @nr_ignored: events that were submitted and are shown to nobody.
 */
struct nexp_configuration {
	char expert[EXPERTSTRINGLENGTH];
	uint32_t length;
	uint8_t block[NEXP_CONFIG_MAX];
	uint64_t nr_ignored;
};

/**
 * nexp_configure() - call Configure in a process of its own and wait for it
 * @args: of the host; its @options are there.
 * @pass: gets what the expert writes to its standard output and error.
 * @owner: for @pass.
 * @ret: what came of it.
 * @err: why not.
 *
 * SIGINT and SIGTERM, which end this process, end the other one, too.
 *
 * Return: 0 or a negative errno.
 */
int nexp_configure(const struct nexp_host_args *args, nexp_chatter_fn *pass, void *owner,
		   struct nexp_configuration *ret, struct nexp_error *err);

#endif /* NEXP_CONFIGURE_H */
