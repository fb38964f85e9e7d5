/* SPDX-License-Identifier: GPL-2.0 */
/*
 * parse - numbers of the command line, taken literally or not at all
 */
#ifndef NEXP_PARSE_H
#define NEXP_PARSE_H

#include <stdint.h>

/**
 * nexp_parse_number() - a whole number
 * @text: decimal digits and nothing else.
 * @least: the smallest that will do.
 * @most: the largest.
 * @ret: the number; untouched on failure.
 *
 * Return: 0, -EINVAL if it is no number, -ERANGE if it is out of range.
 */
int nexp_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret);

/**
 * nexp_parse_size() - a number of bytes
 * @text: decimal digits, then K, M or G for units of 1024, or nothing.
 * @least: the smallest that will do.
 * @most: the largest.
 * @ret: the bytes; untouched on failure.
 *
 * Return: 0, -EINVAL if it is no size, -ERANGE if it is out of range.
 */
int nexp_parse_size(const char *text, uint64_t least, uint64_t most, uint64_t *ret);

/**
 * nexp_parse_id() - a pool's id
 * @text: hexadecimal digits after 0x, or decimal ones.
 * @ret: the id; untouched on failure.
 *
 * Return: 0 or -EINVAL.
 */
int nexp_parse_id(const char *text, uint64_t *ret);

/**
 * nexp_round_up_pow2() - the next power of two
 * @number: from 1 to 2^63.
 *
 * Return: the smallest power of two that is not below it.
 */
uint64_t nexp_round_up_pow2(uint64_t number);

#endif /* NEXP_PARSE_H */
