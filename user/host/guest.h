/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest - the expert in this process, from its options to its last word
 */
#ifndef NEXP_GUEST_H
#define NEXP_GUEST_H

#include <netexpert.h>
#include <netmon.h>

#include "../lib/link.h"
#include "config.h"
#include "failure.h"
#include "plugin.h"

/**
 * struct nexp_guest - an expert and what it is run with
 * @config: what Configure gets, and what Run does.
 * @display_filter: what the user wants to see, or NULL.
 * @output: what the file is called that it may write, or NULL.
 * @output_fd: that file.
 * @link: the socket to who shows what it says.
 * @nx: its pool.
 * @plugin: the expert; of a writer what that says of itself.
 * @startup: what the entry points are told.
 * @failure: why it can't be run.
 */
struct nexp_guest {
	struct nexp_config config;
	const char *display_filter;
	const char *output;
	int output_fd;
	struct nexp_link *link;
	struct netexpert *nx;
	struct nexp_plugin plugin;
	EXPERTSTARTUPINFO startup;
	struct nexp_failure failure;
};

/**
 * nexp_guest_configure() - hand the expert its options
 * @guest: the plug-in is loaded.
 *
 * Return: 0 or -1.
 */
int nexp_guest_configure(struct nexp_guest *guest);

/**
 * nexp_guest_run() - run the expert, from its hello to the news that it is done
 * @guest: it has its options.
 *
 * Return: 0, or -1 if it could not be run.
 */
int nexp_guest_run(struct nexp_guest *guest);

/**
 * nexp_guest_say_configured() - tell what Configure has left, in place of a run
 * @guest: it has its options.
 *
 * Return: 0, or -1 if that can't be told.
 */
int nexp_guest_say_configured(struct nexp_guest *guest);

/** nexp_guest_say_hello() - it is loaded. Return: as nexp_link_send(). */
int nexp_guest_say_hello(const struct nexp_guest *guest);

/** nexp_guest_say_done() - it is done: with @result, after so many @frames. */
void nexp_guest_say_done(const struct nexp_guest *guest, BOOL result, uint64_t frames);

/** nexp_guest_say_failure() - it could not be run. */
void nexp_guest_say_failure(const struct nexp_guest *guest);

#endif /* NEXP_GUEST_H */
