/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table - an edition as lines of text
 *
 * Consecutive events with the same name and the same columns become one table
 * under one caption. Events without columns become a line each.
 */
#ifndef NEXP_TABLE_H
#define NEXP_TABLE_H

#include "../supervisor/edition.h"
#include "buffer.h"

/**
 * struct nexp_table_style - how tables look
 * @width: columns of the terminal; 0 means no limit.
 * @colour: emphasise captions, and what is worse than a warning.
 */
struct nexp_table_style {
	unsigned int width;
	bool colour;
};

/**
 * nexp_table_put() - append rows of an edition as lines
 * @buffer: where to; every line ends with a newline.
 * @edition: the edition.
 * @row: the first row to show, until the edition's last.
 * @prefix: goes before each caption.
 * @style: how it looks.
 */
void nexp_table_put(struct nexp_buffer *buffer, const struct nexp_edition *edition,
		    const struct nexp_row *row, const char *prefix,
		    const struct nexp_table_style *style);

/**
 * nexp_cell_put() - append the value of a column as text
 * @buffer: where to.
 * @column: the column.
 * @fraction: a FLOAT64 gets two decimals even if it is a whole number.
 */
void nexp_cell_put(struct nexp_buffer *buffer, const struct nexp_column *column, bool fraction);

/**
 * nexp_cell_has_fraction() - is the value a FLOAT64 and no whole number?
 * @column: the column.
 *
 * Return: whether it is.
 */
bool nexp_cell_has_fraction(const struct nexp_column *column);

/**
 * nexp_event_time_put() - append the time that an event carries
 * @buffer: where to; nothing is appended if it carries none.
 * @time: its SysTime: an offset from the start of the capture, or a date.
 */
void nexp_event_time_put(struct nexp_buffer *buffer, const uint16_t time[8]);

/**
 * nexp_severity_name() - name of a severity
 * @severity: NMEVENT_SEVERITY_*.
 *
 * Return: a word or two.
 */
const char *nexp_severity_name(uint32_t severity);

#endif /* NEXP_TABLE_H */
