// SPDX-License-Identifier: GPL-2.0
/*
 * table - an edition as lines of text
 *
 * Events are kept as the messages they came in and taken apart again here, one
 * at a time: once to find out how wide the columns are, once to write them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "text.h"

#define HIDE_SEVERITY		0x80000000U
#define HIDE_NAME		0x20000000U
#define HIDE_DESCRIPTION	0x10000000U
#define HIDE_TIME		0x04000000U

#define SEVERITY_STRONG		2	/* "strong warning": worth a colour from here on */
#define LEAST_WIDTH		8	/* a column of text is not made narrower than this */
#define GAP			2	/* blanks between columns */
#define TABLE_ROOM		(1U << 20) /* columns of all cells of a table */
#define WIDEST_CELL		256
#define LEAST_CELL		16

#define BOLD			"\033[1m"
#define RED			"\033[31m"
#define PLAIN			"\033[0m"

/*
 * How a column is shown. Its caption takes two lines, broken at a blank, where
 * the table would be too wide otherwise.
 */
struct plan {
	unsigned int width;
	bool right;
	bool shrinks;
	bool fraction;
};

/*
 * @head is the first event of the group that is being written, @event the one
 * at hand. The description is a column of its own, after the event's, if it is
 * not the same all over the group. No cell is wider than @most: @cell is what is
 * shown of @whole.
 */
struct table {
	struct nexp_buffer *out;
	const struct nexp_table_style *style;
	const char *prefix;
	struct nexp_message head;
	struct nexp_message at;
	bool one_description;
	bool one_justification;
	bool two_lines;
	unsigned int nr_plans;
	struct plan plans[NEXP_MAX_COLUMNS + 1];
	unsigned int most;
	struct nexp_buffer whole;
	struct nexp_buffer cell;
	struct nexp_buffer line;
};

static bool decode(const struct nexp_row *row, struct nexp_message *message)
{
	const char *why;

	return !nexp_decode(row->bytes, row->size, message, &why);
}

static bool same_text(const struct nexp_text *a, const struct nexp_text *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->bytes, b->bytes, a->length));
}

/* A string that is none is "no value", of whatever type the column is. */
static bool is_void(const struct nexp_column *column)
{
	return column->type == NEXP_COLUMN_STRING && !column->text.bytes;
}

static bool same_column(const struct nexp_column *a, const struct nexp_column *b)
{
	return (a->type == b->type || is_void(a) || is_void(b)) && same_text(&a->name, &b->name);
}

static bool same_shape(const struct nexp_event *a, const struct nexp_event *b)
{
	unsigned int i;

	if (a->nr_columns != b->nr_columns || a->severity != b->severity ||
	    a->flags != b->flags || !same_text(&a->name, &b->name))
		return false;
	/* Lines without columns have nothing to share. */
	if (!a->nr_columns)
		return false;
	for (i = 0; i < a->nr_columns; i++)
		if (!same_column(&a->columns[i], &b->columns[i]))
			return false;
	return true;
}

/* A number with a unit or a per cent sign perhaps: "1,204", "3.5 MiB", "12 %". */
static bool looks_like_number(const char *text, size_t length)
{
	size_t i = 0, digits = 0, letters = 0;
	bool point = false;

	if (i < length && (text[i] == '-' || text[i] == '+'))
		i++;
	for (; i < length; i++) {
		if (isdigit((unsigned char)text[i]))
			digits++;
		else if (text[i] == '.' && !point)
			point = true;
		else if (text[i] != ',' || !digits)
			break;
	}
	if (i < length && text[i] == ' ')
		i++;
	for (; i < length && (isalpha((unsigned char)text[i]) || strchr("%/", text[i])); i++)
		letters++;
	return digits && i == length && letters <= 6;
}

static void widen(struct plan *plan, const char *text, size_t length)
{
	unsigned int width = nexp_text_width(text, length);

	if (width > plan->width)
		plan->width = width;
}

/*
 * One wide cell makes every row of its column wide. So the room for a table is
 * shared out among its cells, and a longer text ends with a mark.
 */
static void share_out(struct table *table, const struct nexp_row *row,
		      const struct nexp_row *end)
{
	unsigned int cells = 0;

	for (; row != end; row = row->next)
		cells += table->nr_plans;
	table->most = cells ? TABLE_ROOM / cells : WIDEST_CELL;
	if (table->most < LEAST_CELL)
		table->most = LEAST_CELL;
	if (table->most > WIDEST_CELL)
		table->most = WIDEST_CELL;
}

static void cut_cell(struct table *table)
{
	const struct nexp_buffer *whole = &table->whole;

	nexp_buffer_reset(&table->cell);
	if (nexp_text_width(whole->bytes, whole->length) <= table->most)
		nexp_buffer_put(&table->cell, whole->bytes, whole->length);
	else
		nexp_text_put_fit(&table->cell, whole->bytes, whole->length, table->most, false);
}

static void fill_cell(struct table *table, const struct nexp_event *event, unsigned int i)
{
	nexp_buffer_reset(&table->whole);
	if (i < event->nr_columns)
		nexp_cell_put(&table->whole, &event->columns[i], table->plans[i].fraction);
	else
		nexp_text_put(&table->whole, event->description.bytes, event->description.length);
	cut_cell(table);
}

static void fill_caption(struct table *table, unsigned int i)
{
	const struct nexp_event *head = &table->head.event;

	nexp_buffer_reset(&table->whole);
	if (i < head->nr_columns)
		nexp_text_put(&table->whole, head->columns[i].name.bytes,
			      head->columns[i].name.length);
	else
		nexp_buffer_puts(&table->whole, "Description");
	cut_cell(table);
}

/* Bytes of the caption's first line: to the blank nearest its middle, or all. */
static size_t first_line(const struct table *table)
{
	size_t length = table->cell.length, best = length, i, at, longer, least = length;

	for (i = 1; table->two_lines && i + 1 < length; i++) {
		if (table->cell.bytes[i] != ' ')
			continue;
		at = length - i - 1;
		longer = at > i ? at : i;
		if (longer < least) {
			least = longer;
			best = i;
		}
	}
	return best;
}

static void plan_captions(struct table *table)
{
	struct plan *plan;
	unsigned int i;
	size_t first;

	for (i = 0; i < table->nr_plans; i++) {
		plan = &table->plans[i];
		fill_caption(table, i);
		first = first_line(table);
		widen(plan, table->cell.bytes, first);
		if (first < table->cell.length)
			widen(plan, table->cell.bytes + first + 1, table->cell.length - first - 1);
	}
}

static void plan_types(struct table *table, const struct nexp_row *row,
		       const struct nexp_row *end)
{
	const struct nexp_event *head = &table->head.event;
	unsigned int i;

	table->nr_plans = head->nr_columns + !table->one_description;
	for (i = 0; i < table->nr_plans; i++)
		table->plans[i] = (struct plan){
			.right = i < head->nr_columns,
			.shrinks = i >= head->nr_columns ||
				   head->columns[i].type == NEXP_COLUMN_STRING,
		};
	for (; row != end && decode(row, &table->at); row = row->next)
		for (i = 0; i < head->nr_columns; i++)
			table->plans[i].fraction |=
				nexp_cell_has_fraction(&table->at.event.columns[i]);
}

static void plan_values(struct table *table, const struct nexp_row *row,
			const struct nexp_row *end)
{
	unsigned int i;

	for (; row != end && decode(row, &table->at); row = row->next) {
		for (i = 0; i < table->nr_plans; i++) {
			fill_cell(table, &table->at.event, i);
			widen(&table->plans[i], table->cell.bytes, table->cell.length);
			if (table->cell.length &&
			    !looks_like_number(table->cell.bytes, table->cell.length))
				table->plans[i].right = false;
		}
	}
}

static unsigned int total_width(const struct table *table)
{
	unsigned int width = 0, i;

	for (i = 0; i < table->nr_plans; i++)
		width += table->plans[i].width + (i ? GAP : 0);
	return width;
}

static bool too_wide(const struct table *table)
{
	return table->style->width && total_width(table) > table->style->width;
}

/* Take what is too much from the widest column of text, again and again. */
static void shrink(struct table *table)
{
	struct plan *widest;
	unsigned int i;

	while (too_wide(table)) {
		widest = NULL;
		for (i = 0; i < table->nr_plans; i++)
			if (table->plans[i].shrinks && !table->plans[i].right &&
			    (!widest || table->plans[i].width > widest->width))
				widest = &table->plans[i];
		if (!widest || widest->width <= LEAST_WIDTH)
			return;
		widest->width--;
	}
}

/* The line that was built, cut to the terminal, in a colour if there is one. */
static void put_line(struct table *table, const char *colour)
{
	unsigned int width = nexp_text_width(table->line.bytes, table->line.length);
	size_t length = table->line.length;

	while (length && table->line.bytes[length - 1] == ' ')
		length--;
	if (!table->style->colour)
		colour = NULL;
	if (colour)
		nexp_buffer_puts(table->out, colour);
	if (table->style->width && width > table->style->width)
		nexp_text_put_fit(table->out, table->line.bytes, table->line.length,
				  table->style->width, false);
	else
		nexp_buffer_put(table->out, table->line.bytes, length);
	if (colour)
		nexp_buffer_puts(table->out, PLAIN);
	nexp_buffer_puts(table->out, "\n");
	nexp_buffer_reset(&table->line);
}

static void put_group_caption(struct table *table)
{
	const struct nexp_event *head = &table->head.event;
	bool severe = head->severity && !(head->flags & HIDE_SEVERITY);
	size_t before;

	nexp_buffer_puts(&table->line, table->prefix);
	before = table->line.length;
	if (severe)
		nexp_buffer_printf(&table->line, "%s: ", nexp_severity_name(head->severity));
	if (!(head->flags & HIDE_NAME))
		nexp_text_put(&table->line, head->name.bytes, head->name.length);
	if (table->one_description && head->description.length &&
	    !(head->flags & HIDE_DESCRIPTION)) {
		if (table->line.length != before)
			nexp_buffer_puts(&table->line, "  ");
		nexp_text_put(&table->line, head->description.bytes, head->description.length);
	}
	if (!(head->flags & HIDE_TIME)) {
		if (table->line.length != before)
			nexp_buffer_puts(&table->line, "  ");
		nexp_event_time_put(&table->line, head->time);
	}
	if (table->line.length)
		put_line(table, severe && head->severity >= SEVERITY_STRONG ? RED : BOLD);
}

/* The text in @cell from @from to @to, as the next cell of the line. */
static void put_cell(struct table *table, unsigned int i, size_t from, size_t to)
{
	if (i)
		nexp_buffer_fill(&table->line, ' ', GAP);
	nexp_text_put_fit(&table->line, table->cell.bytes + from, to - from,
			  table->plans[i].width, table->plans[i].right);
}

static void put_row(struct table *table, const struct nexp_event *event)
{
	unsigned int i;

	for (i = 0; i < table->nr_plans; i++) {
		fill_cell(table, event, i);
		put_cell(table, i, 0, table->cell.length);
	}
	put_line(table, NULL);
}

/* Captions of one line stand in the lower of two. */
static void put_captions(struct table *table, bool upper)
{
	bool any = false;
	unsigned int i;
	size_t first;

	for (i = 0; i < table->nr_plans; i++) {
		fill_caption(table, i);
		first = first_line(table);
		any |= first < table->cell.length;
		if (upper)
			put_cell(table, i, 0, first < table->cell.length ? first : 0);
		else
			put_cell(table, i, first < table->cell.length ? first + 1 : 0,
				 table->cell.length);
	}
	if (any || !upper)
		put_line(table, NULL);
	nexp_buffer_reset(&table->line);
}

static void put_columns(struct table *table, const struct nexp_row *first,
			const struct nexp_row *end)
{
	const struct nexp_row *row;

	table->two_lines = false;
	plan_types(table, first, end);
	share_out(table, first, end);
	plan_captions(table);
	plan_values(table, first, end);
	if (too_wide(table)) {
		table->two_lines = true;
		plan_types(table, first, end);
		plan_captions(table);
		plan_values(table, first, end);
		shrink(table);
		put_captions(table, true);
	}
	put_captions(table, false);
	for (row = first; row != end && decode(row, &table->at); row = row->next)
		put_row(table, &table->at.event);
}

/* The expert's explanation, which may have several lines of its own. */
static void put_justification(struct table *table)
{
	const struct nexp_text *text = &table->head.event.justification;
	const char *at = text->bytes, *end = at + text->length, *newline;

	while (at < end) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			newline = end;
		nexp_buffer_puts(&table->line, "  ");
		nexp_text_put(&table->line, at, (size_t)(newline - at));
		put_line(table, NULL);
		at = newline + 1;
	}
}

/* Return: the first row that does not belong to the group of @first. */
static const struct nexp_row *measure_group(struct table *table, const struct nexp_row *first)
{
	const struct nexp_event *head = &table->head.event, *event = &table->at.event;
	const struct nexp_row *row;

	table->one_description = true;
	table->one_justification = true;
	for (row = first->next; row; row = row->next) {
		if (!decode(row, &table->at) || !same_shape(head, event))
			break;
		if (!same_text(&head->description, &event->description))
			table->one_description = false;
		if (!same_text(&head->justification, &event->justification))
			table->one_justification = false;
	}
	if (head->flags & HIDE_DESCRIPTION)
		table->one_description = true;
	return row;
}

static const struct nexp_row *put_group(struct table *table, const struct nexp_row *first)
{
	const struct nexp_row *end = measure_group(table, first);

	put_group_caption(table);
	if (table->head.event.nr_columns)
		put_columns(table, first, end);
	if (table->one_justification && table->head.event.justification.length)
		put_justification(table);
	return end;
}

void nexp_table_put(struct nexp_buffer *buffer, const struct nexp_edition *edition,
		    const struct nexp_row *row, const char *prefix,
		    const struct nexp_table_style *style)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table) {
		buffer->failed = true;
		return;
	}
	table->out = buffer;
	table->style = style;
	table->prefix = prefix;
	while (row && decode(row, &table->head))
		row = put_group(table, row);
	if (edition->nr_hidden)
		nexp_buffer_printf(buffer, "(%llu more events were not kept)\n",
				   (unsigned long long)edition->nr_hidden);
	nexp_buffer_free(&table->whole);
	nexp_buffer_free(&table->cell);
	nexp_buffer_free(&table->line);
	free(table);
}
