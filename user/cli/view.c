// SPDX-License-Identifier: GPL-2.0
/*
 * view - an area at the bottom of the terminal that is redrawn in place
 */
#include <string.h>
#include <sys/ioctl.h>

#include "view.h"

#define UP_LINES	"\033[%uA"	/* to the same column */
#define CLEAR_LINE	"\033[K"	/* from the cursor on */
#define CLEAR_BELOW	"\033[J"
#define CLEAR_SCREEN	"\033[H\033[2J"

#define FALLBACK_ROWS		24
#define FALLBACK_COLUMNS	80

void nexp_view_resize(struct nexp_view *view)
{
	struct winsize size = { 0 };

	ioctl(view->output->fd, TIOCGWINSZ, &size);
	view->rows = size.ws_row ? size.ws_row : FALLBACK_ROWS;
	view->columns = size.ws_col ? size.ws_col : FALLBACK_COLUMNS;
	/* A cursor in the last column behaves differently everywhere. */
	if (view->columns > 1)
		view->columns--;
	if (view->drawn)
		nexp_output_write(view->output, CLEAR_SCREEN, strlen(CLEAR_SCREEN));
	view->drawn = 0;
}

void nexp_view_draw(struct nexp_view *view, const struct nexp_buffer *lines)
{
	const char *at = lines->bytes, *end = at + lines->length, *newline;
	struct nexp_buffer screen = { 0 };
	unsigned int drawn = 0;

	if (view->drawn)
		nexp_buffer_printf(&screen, "\r" UP_LINES, view->drawn);
	/* The cursor needs the last row for itself, or the screen would scroll. */
	while (at < end && drawn + 1 < view->rows) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			break;
		nexp_buffer_put(&screen, at, (size_t)(newline - at));
		nexp_buffer_puts(&screen, CLEAR_LINE "\n");
		at = newline + 1;
		drawn++;
	}
	nexp_buffer_puts(&screen, CLEAR_BELOW);
	nexp_output_write(view->output, screen.bytes, screen.length);
	view->drawn = drawn;
	nexp_buffer_free(&screen);
}

void nexp_view_erase(struct nexp_view *view)
{
	struct nexp_buffer screen = { 0 };

	if (!view->drawn)
		return;
	nexp_buffer_printf(&screen, "\r" UP_LINES CLEAR_BELOW, view->drawn);
	nexp_output_write(view->output, screen.bytes, screen.length);
	view->drawn = 0;
	nexp_buffer_free(&screen);
}
