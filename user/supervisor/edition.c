// SPDX-License-Identifier: GPL-2.0
/*
 * edition - an expert's events, gathered into reports
 */
#include <stdlib.h>
#include <string.h>

#include "edition.h"

static void edition_free(struct nexp_edition *edition)
{
	struct nexp_row *row, *next;

	if (!edition)
		return;
	for (row = edition->rows; row; row = next) {
		next = row->next;
		free(row);
	}
	free(edition);
}

static struct nexp_edition *edition_new(const struct nexp_event *event)
{
	struct nexp_edition *edition = calloc(1, sizeof(*edition));

	if (!edition)
		return NULL;
	edition->ident = event->ident;
	memcpy(edition->time, event->time, sizeof(edition->time));
	edition->last = &edition->rows;
	return edition;
}

static void drop_first_row(struct nexp_edition *edition)
{
	struct nexp_row *row = edition->rows;

	edition->rows = row->next;
	if (!edition->rows)
		edition->last = &edition->rows;
	edition->nr_rows--;
	edition->nr_bytes -= row->size;
	edition->nr_hidden++;
	free(row);
}

static void limit_rows(struct nexp_edition *edition)
{
	while (edition->nr_rows > NEXP_EDITION_ROWS || edition->nr_bytes > NEXP_EDITION_BYTES)
		drop_first_row(edition);
}

int nexp_editions_fits(const struct nexp_editions *editions, const struct nexp_event *event)
{
	const struct nexp_edition *pending = editions->pending;

	return !pending || (pending->ident == event->ident &&
			    !memcmp(pending->time, event->time, sizeof(pending->time)));
}

void nexp_editions_add(struct nexp_editions *editions, const struct nexp_event *event,
		       const void *bytes, size_t size, uint64_t now_ns)
{
	struct nexp_edition *edition = editions->pending;
	struct nexp_row *row;

	if (!edition) {
		edition = edition_new(event);
		if (!edition)
			return;
		editions->pending = edition;
		editions->begun_ns = now_ns;
	}
	editions->due_ns = now_ns + NEXP_EDITION_NS;
	if (editions->due_ns > editions->begun_ns + NEXP_EDITION_MAX_NS)
		editions->due_ns = editions->begun_ns + NEXP_EDITION_MAX_NS;
	row = malloc(sizeof(*row) + size);
	if (!row) {
		edition->nr_hidden++;
		return;
	}
	row->next = NULL;
	row->size = size;
	memcpy(row->bytes, bytes, size);
	*edition->last = row;
	edition->last = &row->next;
	edition->nr_rows++;
	edition->nr_bytes += size;
	limit_rows(edition);
}

/* The report with this number, else an unused place, else the oldest report. */
static struct nexp_edition **find_place(struct nexp_editions *editions, uint32_t ident)
{
	struct nexp_edition **place = &editions->shown[0], **at;

	for (at = editions->shown; at < editions->shown + NEXP_MAX_EDITIONS; at++)
		if (*at && (*at)->ident == ident)
			return at;
	for (at = editions->shown; at < editions->shown + NEXP_MAX_EDITIONS; at++) {
		if (!*at)
			return at;
		if ((*at)->age < (*place)->age)
			place = at;
	}
	return place;
}

/* The rows of @pending become the last rows of @shown. */
static void append(struct nexp_edition *shown, struct nexp_edition *pending)
{
	if (pending->rows) {
		*shown->last = pending->rows;
		shown->last = pending->last;
		shown->nr_rows += pending->nr_rows;
		shown->nr_bytes += pending->nr_bytes;
		pending->rows = NULL;
	}
	shown->nr_hidden += pending->nr_hidden;
	edition_free(pending);
}

const struct nexp_edition *nexp_editions_publish(struct nexp_editions *editions,
						 const struct nexp_row **ret_new)
{
	struct nexp_edition *pending = editions->pending, **place;
	unsigned int nr_new, skip;
	const struct nexp_row *row;

	if (!pending)
		return NULL;
	editions->pending = NULL;
	nr_new = pending->nr_rows;
	place = find_place(editions, pending->ident);
	if (*place && (*place)->ident == pending->ident &&
	    !memcmp((*place)->time, pending->time, sizeof(pending->time))) {
		append(*place, pending);
		limit_rows(*place);
	} else {
		edition_free(*place);
		*place = pending;
	}
	(*place)->age = ++editions->nr_published;

	row = (*place)->rows;
	for (skip = (*place)->nr_rows - nr_new; skip; skip--)
		row = row->next;
	*ret_new = row;
	return *place;
}

void nexp_editions_clear(struct nexp_editions *editions)
{
	unsigned int i;

	edition_free(editions->pending);
	for (i = 0; i < NEXP_MAX_EDITIONS; i++)
		edition_free(editions->shown[i]);
	memset(editions, 0, sizeof(*editions));
}
