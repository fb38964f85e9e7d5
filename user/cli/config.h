/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config - what is stored for an expert, as the subcommands look for it
 */
#ifndef NEXP_CLI_CONFIG_H
#define NEXP_CLI_CONFIG_H

#include "../supervisor/error.h"
#include "../supervisor/stored.h"
#include "buffer.h"

/**
 * nexp_config_load() - read what is stored for an expert
 * @plugin: path of its plug-in.
 * @ret: the configuration, or NULL if there is none; freed with nexp_stored_free().
 * @err: what is wrong with it.
 *
 * Return: 0 or a negative errno.
 */
int nexp_config_load(const char *plugin, struct nexp_stored **ret, struct nexp_error *err);

/**
 * nexp_config_put() - append a configuration for people
 * @buffer: where to.
 * @block: the configuration, with its length in front.
 * @length: bytes of it.
 *
 * What is text, with a NUL at its end, is shown as text; anything else as bytes, with
 * their places in the block.
 */
void nexp_config_put(struct nexp_buffer *buffer, const uint8_t *block, size_t length);

#endif /* NEXP_CLI_CONFIG_H */
