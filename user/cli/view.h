/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view - an area at the bottom of the terminal that is redrawn in place
 *
 * Lines above it scroll away as usual. A redraw is one write(): no flicker.
 */
#ifndef NEXP_VIEW_H
#define NEXP_VIEW_H

#include "buffer.h"
#include "output.h"

/**
 * struct nexp_view - the area
 * @output: the terminal.
 * @rows: rows of the terminal.
 * @columns: columns of it that lines may use.
 * @drawn: lines of the area that are on the screen.
 */
struct nexp_view {
	struct nexp_output *output;
	unsigned int rows;
	unsigned int columns;
	unsigned int drawn;
};

/**
 * nexp_view_resize() - ask the terminal for its size
 * @view: the view. If something is drawn already the screen is cleared, since
 *	a terminal may have broken lines anew.
 */
void nexp_view_resize(struct nexp_view *view);

/**
 * nexp_view_draw() - draw the area
 * @view: the view.
 * @lines: its lines, each with a newline and not wider than @columns; those
 *	that do not fit on the screen are left out.
 */
void nexp_view_draw(struct nexp_view *view, const struct nexp_buffer *lines);

/**
 * nexp_view_erase() - take the area off the screen
 * @view: the view; what is written next appears in its place.
 */
void nexp_view_erase(struct nexp_view *view);

#endif /* NEXP_VIEW_H */
