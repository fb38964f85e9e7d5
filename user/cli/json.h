/* SPDX-License-Identifier: GPL-2.0 */
/*
 * json - values for JSON output
 */
#ifndef NEXP_JSON_H
#define NEXP_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/netexpert.h>

#include "../supervisor/decode.h"
#include "output.h"

struct nexp_iface_stats;

/**
 * nexp_json_text() - a string that is not trusted
 * @bytes: the string; NULL becomes null.
 * @length: its bytes; what is not UTF-8 becomes U+FFFD.
 *
 * Return: a new value.
 */
json_t *nexp_json_text(const char *bytes, size_t length);

/**
 * nexp_json_number() - an unsigned number
 * @number: the number; beyond 2^63 - 1 it becomes a string.
 *
 * Return: a new value.
 */
json_t *nexp_json_number(uint64_t number);

/**
 * nexp_json_timestamp() - now, as RFC 3339 has it, in local time with its zone
 *
 * Return: a new value.
 */
json_t *nexp_json_timestamp(void);

/**
 * nexp_json_drops() - frames lost by cause; an object of numbers
 * @stat: counters of a ring, or their sum.
 *
 * Return: a new value.
 */
json_t *nexp_json_drops(const struct netexpert_ring_stat *stat);

/**
 * nexp_json_iface_stats() - counters of an interface, the kernel's, under its names
 * @stats: the counters.
 *
 * Return: a new object.
 */
json_t *nexp_json_iface_stats(const struct nexp_iface_stats *stats);

/**
 * nexp_json_ring() - counters of a ring, or their sum
 * @stat: the counters.
 *
 * Return: a new object.
 */
json_t *nexp_json_ring(const struct netexpert_ring_stat *stat);

/**
 * nexp_json_pool() - counters of a pool
 * @stat: the counters.
 *
 * Return: a new object.
 */
json_t *nexp_json_pool(const struct netexpert_pool_stat *stat);

/**
 * nexp_json_columns() - the columns of an event; an object
 * @event: the event. A name that comes again gets its number: "name#2".
 *
 * Return: a new value.
 */
json_t *nexp_json_columns(const struct nexp_event *event);

/**
 * nexp_json_line() - write a value as a line
 * @output: where to.
 * @value: the value; released.
 */
void nexp_json_line(struct nexp_output *output, json_t *value);

/**
 * nexp_pool_state_name() - name of a pool's state
 * @state: enum netexpert_pool_state.
 *
 * Return: a word.
 */
const char *nexp_pool_state_name(uint32_t state);

#endif /* NEXP_JSON_H */
