/* SPDX-License-Identifier: GPL-2.0 */
/*
 * linktype - link types of interfaces, and their numbers in capture files
 *
 * Only where the bytes are the same: a header that a capture program or another
 * system has made up ("cooked", BSD loopback) is of no interface here.
 */
#ifndef NEXP_LINKTYPE_H
#define NEXP_LINKTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** NEXP_LINKTYPE_USER0 - LINKTYPE_USER0, for what has no number of its own. */
#define NEXP_LINKTYPE_USER0	147

/**
 * struct nexp_linktype - one of each
 * @arphrd: ARPHRD_*.
 * @number: LINKTYPE_*, https://www.tcpdump.org/linktypes.html.
 * @of: which frames it holds for, where an interface of that type hands out others
 *	than a file has.
 */
struct nexp_linktype {
	uint16_t arphrd;
	uint16_t number;
	enum { NEXP_LINKTYPE_ALL, NEXP_LINKTYPE_FILE, NEXP_LINKTYPE_LIVE } of;
};

/** nexp_linktypes - all that are known; the first one that fits counts. */
extern const struct nexp_linktype nexp_linktypes[];

/** nexp_nr_linktypes - entries of nexp_linktypes. */
extern const size_t nexp_nr_linktypes;

/**
 * nexp_linktype_number() - number of an interface's link type in a file
 * @arphrd: ARPHRD_*.
 * @from_file: its frames come from a file, not from an interface.
 *
 * Return: LINKTYPE_*; NEXP_LINKTYPE_USER0 if it has none.
 */
uint16_t nexp_linktype_number(uint16_t arphrd, bool from_file);

#endif /* NEXP_LINKTYPE_H */
