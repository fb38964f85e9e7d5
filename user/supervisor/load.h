/* SPDX-License-Identifier: GPL-2.0 */
/*
 * load - what can go wrong when BPF programs are loaded, in words
 */
#ifndef NEXP_LOAD_H
#define NEXP_LOAD_H

#include "error.h"

/** NEXP_LOAD_LOG_SIZE - room for the verifier's log; it keeps the end of a longer one. */
#define NEXP_LOAD_LOG_SIZE	65536

/**
 * nexp_load_check_files() - whether there is room for the files that loading needs
 * @nr_maps: maps of the programs.
 *
 * libbpf takes a file that cannot be made for a feature that the kernel lacks, and
 * what it says in the end is about something else.
 *
 * Return: 0 or a positive errno.
 */
int nexp_load_check_files(unsigned int nr_maps);

/**
 * nexp_load_listen() - keep what libbpf complains of from now on, print nothing
 *
 * For the whole process: libbpf has one place for it.
 */
void nexp_load_listen(void);

/**
 * nexp_load_said() - what libbpf has complained of first since nexp_load_listen()
 *
 * Return: a line, valid until the next nexp_load_listen(); "" if it is content.
 */
const char *nexp_load_said(void);

/**
 * nexp_load_failure() - say why programs could not be loaded
 * @err: filled in.
 * @what: them, as the object of a sentence.
 * @code: positive errno.
 * @log: the verifier's log; changed. "" if it was not asked.
 *
 * Return: -@code.
 */
int nexp_load_failure(struct nexp_error *err, const char *what, int code, char *log);

#endif /* NEXP_LOAD_H */
