/* SPDX-License-Identifier: GPL-2.0 */
/*
 * paths - where experts and the host program are
 */
#ifndef NEXP_PATHS_H
#define NEXP_PATHS_H

#include "../supervisor/supervisor.h"

#ifndef NEXP_LIBEXECDIR
#define NEXP_LIBEXECDIR	"/usr/libexec/netexpert"
#endif

#ifndef NEXP_CONFDIR
#define NEXP_CONFDIR	"/etc/netexpert"
#endif

#ifndef NEXP_EXPERTDIR
#define NEXP_EXPERTDIR	NEXP_LIBEXECDIR "/experts"
#endif

/**
 * nexp_expert_dir() - the directory of experts
 *
 * Return: NETEXPERT_EXPERTS from the environment, else what was compiled in.
 */
const char *nexp_expert_dir(void);

/**
 * nexp_config_dir() - the directory of stored configurations
 *
 * NETEXPERT_CONFIG from the environment; else root's is NEXP_CONFDIR, and another
 * user's netexpert in the directory that XDG_CONFIG_HOME names, or in ~/.config.
 *
 * Return: the directory, to be freed; NULL if none of these is set or memory is out.
 */
char *nexp_config_dir(void);

/**
 * nexp_libexec_program() - path of a program that only netexpert starts
 * @name: netexpert-host, netexpert-reader or netexpert-try.
 * @err: why it can't be used.
 *
 * NETEXPERT_LIBEXEC in the environment names its directory, else the one that
 * was compiled in is used.
 *
 * Return: the path, to be freed, or NULL.
 */
char *nexp_libexec_program(const char *name, struct nexp_error *err);

/**
 * nexp_expert_parse() - EXPERT[=OPTIONS] as a user writes it
 * @text: a name in the directory of experts, or a path, which holds a '/'.
 *	What follows the first '=' are options.
 * @ret: filled in; freed with nexp_expert_spec_free().
 * @err: why not.
 *
 * Return: 0 or a negative errno; -EINVAL if it can't be a name or a path.
 */
int nexp_expert_parse(const char *text, struct nexp_expert_spec *ret, struct nexp_error *err);

/**
 * nexp_expert_name() - what an expert is called if nobody else in the run is
 * @plugin: path of its plug-in.
 * @ret: the name; its configuration has it, too.
 */
void nexp_expert_name(const char *plugin, char ret[NETEXPERT_NAME_LEN]);

/**
 * nexp_writer_name() - name a writer after its file
 * @path: the file as the user writes it; "-" is standard output.
 * @spec: its name is filled in.
 */
void nexp_writer_name(const char *path, struct nexp_expert_spec *spec);

/**
 * nexp_expert_spec_free() - free the strings of a spec, close its file
 * @spec: the spec.
 */
void nexp_expert_spec_free(struct nexp_expert_spec *spec);

#endif /* NEXP_PATHS_H */
