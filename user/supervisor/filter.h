/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filter - which frames an expert wants, in libpcap's language
 *
 * libpcap compiles an expression for one link type, and as good as tcpdump's only
 * on the handle of a live interface: it then knows which tags the kernel takes
 * out of the bytes, and what the kernel knows of a frame beside them. The kernel
 * runs what comes out.
 *
 * An interface of a link type that has a program shares it. Nothing is compiled
 * anew, because that would ask for the expression's host names again: the answer
 * may be another one, and while there is none everything stands still.
 */
#ifndef NEXP_FILTER_H
#define NEXP_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/netexpert.h>

#include "error.h"
#include "iface.h"
#include "session.h"

/**
 * struct nexp_program - an expression, compiled for one link type
 * @link_type: ARPHRD_* of the interfaces that it is for.
 * @nr_insns: how long it is.
 * @insns: an array of struct sock_filter.
 * @dlt: libpcap's name of that link type, DLT_*; by more than @link_type.
 * @by_netmask: it holds for one netmask only: `ip broadcast` does.
 * @netmask: that one.
 * @unused: no interface has it; it waits for the next one.
 */
struct nexp_program {
	uint16_t link_type;
	uint16_t nr_insns;
	void *insns;
	int dlt;
	bool by_netmask;
	uint32_t netmask;
	bool unused;
};

/**
 * struct nexp_filter - an expression, compiled for the interfaces of a run
 * @text: the expression for people: printable, on one line, and if it is very
 *	long with dots at its end.
 * @nr_programs: programs in @programs.
 * @programs: one for each link type.
 */
struct nexp_filter {
	char text[NETEXPERT_FILTER_TEXT_LEN];
	unsigned int nr_programs;
	struct nexp_program programs[NETEXPERT_MAX_PROGRAMS];
};

/**
 * nexp_filter_add() - have a program for one more interface
 * @filter: the filter, empty or of the same expression; unchanged on failure.
 * @expression: as pcap-filter(7) has it.
 * @iface: the interface, of the network namespace that the process is in.
 * @err: why not: NEXP_FAILURE_USAGE for an expression that libpcap does not
 *	accept, with its words and the place.
 *
 * Return: 1 if a program was added, which must be set; 0 if there was one
 * already; -ENETDOWN if the interface must be up for it; or another negative
 * errno.
 */
int nexp_filter_add(struct nexp_filter *filter, const char *expression,
		    const struct nexp_iface *iface, struct nexp_error *err);

/**
 * nexp_filter_for_files() - compile an expression for frames of capture files
 * @filter: empty.
 * @expression: as pcap-filter(7) has it.
 * @err: why not: what libpcap says of it for Ethernet.
 *
 * For each link type that a file can have and that knows such frames: `ether host`
 * means nothing where there is no Ethernet. As tcpdump -r has it, without what only
 * a kernel knows of a frame (`ifname`); but `outbound` are those of which the file
 * says that they left, and `inbound` all others.
 *
 * Return: 0 if there is one at least, or a negative errno.
 */
int nexp_filter_for_files(struct nexp_filter *filter, const char *expression,
			  struct nexp_error *err);

/**
 * nexp_filter_release() - no interface of a link type is left
 * @filter: the filter.
 * @link_type: its ARPHRD_*. The next one of that type has the same program, unless
 *	that is of another netmask, or must make room for another link type.
 */
void nexp_filter_release(struct nexp_filter *filter, uint16_t link_type);

/**
 * nexp_filter_forget() - drop a program that could not be set
 * @filter: the filter.
 * @link_type: its ARPHRD_*.
 */
void nexp_filter_forget(struct nexp_filter *filter, uint16_t link_type);

/**
 * nexp_filter_free() - forget what was compiled
 * @filter: a filter, also an empty one; empty afterwards.
 */
void nexp_filter_free(struct nexp_filter *filter);

/**
 * nexp_filter_set() - let a pool have frames by this filter from now on
 * @filter: the filter.
 * @session: the session.
 * @pool_id: its pool.
 * @err: why not; the filter before stays.
 *
 * Replaces the former one as a whole: each frame is judged by the one or by the
 * other, and when this returns by the new one only.
 *
 * Return: 0 or a negative errno.
 */
int nexp_filter_set(const struct nexp_filter *filter, const struct nexp_session *session,
		    uint64_t pool_id, struct nexp_error *err);

#endif /* NEXP_FILTER_H */
