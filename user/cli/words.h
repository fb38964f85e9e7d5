/* SPDX-License-Identifier: GPL-2.0 */
/*
 * words - news of a run as lines for people
 */
#ifndef NEXP_WORDS_H
#define NEXP_WORDS_H

#include <stdbool.h>

#include "../supervisor/supervisor.h"
#include "buffer.h"
#include "output.h"

/**
 * nexp_words_put() - append what happened as lines
 * @buffer: where to; nothing is appended for what people need not be told.
 * @context: what the experts of the run share.
 * @expert: whom it happened to; NULL for the run.
 * @news: what happened.
 *
 * Return: whether it is a problem, to be said even if quiet was asked for.
 */
bool nexp_words_put(struct nexp_buffer *buffer, const struct nexp_context *context,
		    const struct nexp_expert *expert, const struct nexp_news *news);

/**
 * nexp_words_say() - write lines, each with the program's name before it
 * @output: where to.
 * @lines: the lines.
 */
void nexp_words_say(struct nexp_output *output, const struct nexp_buffer *lines);

/**
 * nexp_words_chatter_put() - append a line that a host wrote to its output
 * @buffer: where to.
 * @expert: whose host.
 * @line: the line.
 * @length: bytes of it.
 * @nr_dropped: lines dropped before it.
 */
void nexp_words_chatter_put(struct nexp_buffer *buffer, const struct nexp_expert *expert,
			    const char *line, size_t length, uint64_t nr_dropped);

/**
 * nexp_words_problem_put() - append what an expert says is its problem
 * @buffer: where to; nothing is appended if it says no such thing.
 * @status: its status.
 */
void nexp_words_problem_put(struct nexp_buffer *buffer, const struct nexp_status *status);

/**
 * nexp_words_sum_put() - append "seen N = filtered N + delivered N + lost N"
 * @buffer: where to.
 * @sum: the counters.
 */
void nexp_words_sum_put(struct nexp_buffer *buffer, const struct netexpert_ring_stat *sum);

/**
 * nexp_words_drops_put() - append the causes of losses: "ring_full 3, corrupt 1"
 * @buffer: where to; nothing is appended if nothing was lost.
 * @sum: the counters.
 */
void nexp_words_drops_put(struct nexp_buffer *buffer, const struct netexpert_ring_stat *sum);

/**
 * nexp_status_name() - name of an expert's status
 * @status: EXPERTSTATUSENUMERATION.
 *
 * Return: a word.
 */
const char *nexp_status_name(uint32_t status);

/**
 * nexp_percent_done() - how much of its file an expert has dealt with
 * @expert: one that reads a file.
 *
 * What it says itself, unless that is 0, which those say that don't count in percent; else
 * what was read of the file and is not only in the ring.
 *
 * Return: percent; -1 if the file has no size.
 */
int nexp_percent_done(const struct nexp_expert *expert);

#endif /* NEXP_WORDS_H */
