/* SPDX-License-Identifier: GPL-2.0 */
/*
 * filter_place - where in an expression it is that libpcap does not go on
 *
 * libpcap says what is wrong, mostly "syntax error", and not where. It reads from
 * left to right and stops at the first word that can't follow those before it: so
 * the place is behind the longest beginning that some ending makes whole.
 */
#ifndef NEXP_FILTER_PLACE_H
#define NEXP_FILTER_PLACE_H

#include <stddef.h>

struct pcap;

/**
 * nexp_filter_place() - the place of the mistake
 * @handle: what the expression was compiled for.
 * @expression: one that libpcap does not accept.
 * @message: what it says about it.
 *
 * Return: the offset of a word, or of the end if something is missing there; -1 if
 * it is in no single place.
 */
long nexp_filter_place(struct pcap *handle, const char *expression, const char *message);

/**
 * nexp_filter_point() - show an expression with a mark below a place
 * @to: filled in: two lines, no final newline; of a long expression the part
 *	around the place.
 * @size: bytes of @to.
 * @expression: the expression.
 * @place: from nexp_filter_place(); without one there is no second line.
 */
void nexp_filter_point(char *to, size_t size, const char *expression, long place);

#endif /* NEXP_FILTER_PLACE_H */
