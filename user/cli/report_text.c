// SPDX-License-Identifier: GPL-2.0
/*
 * report_text - what happens in a run, for people
 *
 * On a terminal the reports of all experts stand in an area that is redrawn in
 * place. News scroll away above it, and so do events without a time: no later
 * edition will ever replace them. Elsewhere every edition is printed once.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reporters.h"
#include "table.h"
#include "text.h"
#include "words.h"

#define PROGRESS_WIDTH	30

/* More redraws than this nobody can read. */
#define REDRAW_NS	(100 * NEXP_NS_PER_MS)

static struct nexp_text_reporter *text_reporter(struct nexp_reporter *base)
{
	return (struct nexp_text_reporter *)base;
}

static void check_output(struct nexp_text_reporter *reporter)
{
	reporter->base.broken = reporter->out.broken;
}

static void put_state(struct nexp_buffer *line, const struct nexp_expert *expert, uint64_t now_ns)
{
	switch (expert->state) {
	case NEXP_EXPERT_STARTING:
		nexp_buffer_puts(line, "starting");
		break;
	case NEXP_EXPERT_RUNNING:
		nexp_buffer_puts(line, "up ");
		nexp_put_clock(line, now_ns - expert->started_ns);
		break;
	case NEXP_EXPERT_LEAVING:
		nexp_buffer_puts(line, "ending");
		break;
	case NEXP_EXPERT_WAITING:
		if (now_ns < expert->restart_ns) {
			nexp_buffer_puts(line, "restarts in ");
			nexp_put_duration(line, expert->restart_ns - now_ns);
		} else {
			nexp_buffer_puts(line, "waits for its memory");
		}
		break;
	case NEXP_EXPERT_SETTLING:
	case NEXP_EXPERT_OVER:
		nexp_buffer_puts(line, expert->outcome == NEXP_OUTCOME_DONE ? "finished" :
				       expert->outcome == NEXP_OUTCOME_FAILED ? "FAILED" :
										"stopped");
		break;
	}
}

/* A container may have given its interface any name, and people a file. */
static void put_source(struct nexp_buffer *line, const char *names)
{
	struct nexp_buffer text = { 0 };
	unsigned int width;

	nexp_text_put(&text, names, strlen(names));
	width = nexp_text_width(text.bytes, text.length);
	nexp_text_put_fit(line, text.bytes, text.length, width < 20 ? width : 20, false);
	nexp_buffer_free(&text);
}

/* "top-users #1  veth0  up 00:12:05  12345 frames, 0 lost  heap 1.2 MiB" */
static void put_header(const struct nexp_text_reporter *reporter, struct nexp_buffer *block,
		       const struct nexp_expert *expert, uint64_t now_ns)
{
	const struct netexpert_ring_stat *sum = &expert->stat.out_sum;
	struct nexp_buffer line = { 0 };

	nexp_buffer_printf(&line, "%s #%u  ", expert->spec.name, expert->stat.out_incarnation);
	put_source(&line, expert->context->iface_names);
	nexp_buffer_puts(&line, "  ");
	put_state(&line, expert, now_ns);
	nexp_buffer_printf(&line, "  %" PRIu64 " frames, %" PRIu64 " lost  heap ",
			   (uint64_t)sum->delivered, nexp_stat_lost(sum));
	nexp_put_size(&line, expert->stat.out_heap_bytes);
	nexp_buffer_puts(block, reporter->colour ? "\033[7m" : "");
	nexp_text_put_fit(block, line.bytes, line.length, reporter->view.columns, false);
	nexp_buffer_puts(block, reporter->colour ? "\033[0m\n" : "\n");
	nexp_buffer_free(&line);
}

/* "[##########          ]  50% of monday.pcap" */
static void put_progress(const struct nexp_text_reporter *reporter, struct nexp_buffer *block,
			 const struct nexp_expert *expert)
{
	struct nexp_buffer line = { 0 };
	int percent, i;

	if (!expert->spec.input || expert->state != NEXP_EXPERT_RUNNING)
		return;
	percent = nexp_percent_done(expert);
	if (percent < 0)
		return;
	nexp_buffer_puts(&line, "[");
	for (i = 0; i < PROGRESS_WIDTH; i++)
		nexp_buffer_puts(&line, i * 100 < percent * PROGRESS_WIDTH ? "#" : " ");
	nexp_buffer_printf(&line, "] %3d%% of ", percent);
	put_source(&line, expert->context->file);
	nexp_text_put_fit(block, line.bytes, line.length, reporter->view.columns, false);
	nexp_buffer_puts(block, "\n");
	nexp_buffer_free(&line);
}

static void put_problem(const struct nexp_text_reporter *reporter, struct nexp_buffer *block,
			const struct nexp_expert *expert)
{
	struct nexp_buffer line = { 0 };

	if (expert->has_status)
		nexp_words_problem_put(&line, &expert->last_status);
	if (line.length) {
		nexp_text_put_fit(block, line.bytes, line.length - 1, reporter->view.columns,
				  false);
		nexp_buffer_puts(block, "\n");
	}
	nexp_buffer_free(&line);
}

static bool is_timeless(const struct nexp_edition *edition)
{
	static const uint16_t none[8];

	return !memcmp(edition->time, none, sizeof(none));
}

static void put_block(const struct nexp_text_reporter *reporter, struct nexp_buffer *block,
		      const struct nexp_expert *expert, uint64_t now_ns)
{
	struct nexp_table_style style = {
		.width = reporter->view.columns, .colour = reporter->colour,
	};
	const struct nexp_edition *edition;
	unsigned int i;

	put_header(reporter, block, expert, now_ns);
	put_progress(reporter, block, expert);
	put_problem(reporter, block, expert);
	for (i = 0; i < NEXP_MAX_EDITIONS; i++) {
		edition = expert->editions.shown[i];
		if (edition && !is_timeless(edition))
			nexp_table_put(block, edition, edition->rows, "", &style);
	}
}

static unsigned int count_lines(const struct nexp_buffer *block)
{
	unsigned int lines = 0;
	size_t i;

	for (i = 0; i < block->length; i++)
		lines += block->bytes[i] == '\n';
	return lines;
}

/*
 * Share @rows among blocks: whoever needs less than an equal share gets what it
 * needs, and the others share what that leaves.
 */
static void share_rows(const unsigned int *needs, unsigned int *shares, unsigned int nr,
		       unsigned int rows)
{
	unsigned int left = nr, i, share;
	bool again = true;

	memset(shares, 0, nr * sizeof(*shares));
	while (again && left) {
		again = false;
		share = rows / left;
		for (i = 0; i < nr; i++) {
			if (shares[i] || needs[i] > share)
				continue;
			shares[i] = needs[i];
			rows -= needs[i];
			left--;
			again = true;
		}
	}
	for (i = 0; i < nr; i++) {
		if (shares[i])
			continue;
		shares[i] = rows / left;
		rows -= shares[i];
		left--;
	}
}

static void put_clipped(struct nexp_buffer *screen, const struct nexp_buffer *block,
			unsigned int lines, unsigned int rows)
{
	const char *at = block->bytes, *end = at + block->length;
	unsigned int i;

	if (lines <= rows) {
		nexp_buffer_put(screen, at, block->length);
		return;
	}
	if (!rows)
		return;
	for (i = 0; i + 1 < rows; i++)
		at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
	nexp_buffer_put(screen, block->bytes, (size_t)(at - block->bytes));
	nexp_buffer_printf(screen, "... %u more lines\n", lines - i);
}

static void draw(struct nexp_text_reporter *reporter, unsigned int rows)
{
	const struct nexp_supervisor *supervisor = reporter->supervisor;
	struct nexp_buffer blocks[NEXP_MAX_EXPERTS] = { 0 }, screen = { 0 };
	unsigned int needs[NEXP_MAX_EXPERTS], shares[NEXP_MAX_EXPERTS], i;
	uint64_t now_ns = nexp_now_ns();

	for (i = 0; i < supervisor->nr_experts; i++) {
		put_block(reporter, &blocks[i], &supervisor->experts[i], now_ns);
		needs[i] = count_lines(&blocks[i]);
	}
	share_rows(needs, shares, supervisor->nr_experts, rows);
	for (i = 0; i < supervisor->nr_experts; i++) {
		put_clipped(&screen, &blocks[i], needs[i], shares[i]);
		nexp_buffer_free(&blocks[i]);
	}
	nexp_view_draw(&reporter->view, &screen);
	nexp_buffer_free(&screen);
	reporter->drawn_ns = now_ns;
	reporter->base.due_ns = NEXP_NEVER;
}

static void redraw(struct nexp_text_reporter *reporter)
{
	draw(reporter, reporter->view.rows - 1);
	check_output(reporter);
}

/* Soon, but not more often than can be read. */
static void redraw_soon(struct nexp_text_reporter *reporter)
{
	uint64_t due_ns = reporter->drawn_ns + REDRAW_NS;

	if (nexp_now_ns() >= due_ns)
		redraw(reporter);
	else
		reporter->base.due_ns = due_ns;
}

static void say(struct nexp_text_reporter *reporter, const struct nexp_buffer *lines)
{
	bool above = reporter->live && reporter->shared;

	if (!lines->length)
		return;
	if (above)
		nexp_view_erase(&reporter->view);
	nexp_words_say(&reporter->err, lines);
	if (above)
		redraw(reporter);
}

static void on_news(struct nexp_reporter *base, const struct nexp_expert *expert,
		    const struct nexp_news *news)
{
	struct nexp_text_reporter *reporter = text_reporter(base);
	struct nexp_buffer lines = { 0 };
	bool problem;

	problem = nexp_words_put(&lines, &reporter->supervisor->context, expert, news);
	if (problem || !reporter->quiet)
		say(reporter, &lines);
	nexp_buffer_free(&lines);
}

static void on_status(struct nexp_reporter *base, const struct nexp_expert *expert,
		      const struct nexp_status *status)
{
	struct nexp_text_reporter *reporter = text_reporter(base);
	struct nexp_buffer lines = { 0 }, problem = { 0 };

	nexp_words_problem_put(&problem, status);
	if (problem.length) {
		nexp_buffer_printf(&lines, "%s: ", expert->spec.name);
		nexp_buffer_put(&lines, problem.bytes, problem.length);
		say(reporter, &lines);
	}
	nexp_buffer_free(&problem);
	nexp_buffer_free(&lines);
}

static void on_event(struct nexp_reporter *base, const struct nexp_expert *expert,
		     const struct nexp_event *event)
{
	(void)base;
	(void)expert;
	(void)event;
}

static void print(struct nexp_text_reporter *reporter, const struct nexp_expert *expert,
		  const struct nexp_edition *edition, const struct nexp_row *row)
{
	struct nexp_table_style style = {
		.width = reporter->live ? reporter->view.columns : 0,
		.colour = reporter->colour,
	};
	struct nexp_buffer block = { 0 }, prefix = { 0 };

	nexp_put_time(&prefix, nexp_now_ns());
	/* Seconds are enough here. */
	prefix.length = strlen("00:00:00");
	nexp_buffer_printf(&prefix, " %s: ", expert->spec.name);
	if (!prefix.failed)
		nexp_table_put(&block, edition, row, prefix.bytes, &style);
	nexp_output_write(&reporter->out, block.bytes, block.length);
	nexp_buffer_free(&prefix);
	nexp_buffer_free(&block);
}

static void on_edition(struct nexp_reporter *base, const struct nexp_expert *expert,
		       const struct nexp_edition *edition, const struct nexp_row *first_new)
{
	struct nexp_text_reporter *reporter = text_reporter(base);

	if (reporter->out.broken)
		return;
	if (!reporter->live) {
		print(reporter, expert, edition, first_new);
	} else if (is_timeless(edition)) {
		nexp_view_erase(&reporter->view);
		print(reporter, expert, edition, first_new);
		redraw_soon(reporter);
	} else {
		redraw_soon(reporter);
	}
	check_output(reporter);
}

static void on_chatter(struct nexp_reporter *base, const struct nexp_expert *expert,
		       const char *line, size_t length, uint64_t nr_dropped)
{
	struct nexp_text_reporter *reporter = text_reporter(base);
	struct nexp_buffer lines = { 0 };

	nexp_words_chatter_put(&lines, expert, line, length, nr_dropped);
	say(reporter, &lines);
	nexp_buffer_free(&lines);
}

static void on_tick(struct nexp_reporter *base, const struct nexp_supervisor *supervisor,
		    uint64_t now_ns)
{
	struct nexp_text_reporter *reporter = text_reporter(base);

	(void)now_ns;
	if (!reporter->live)
		return;
	if (supervisor->resized)
		nexp_view_resize(&reporter->view);
	redraw(reporter);
}

static const struct nexp_reporter_ops text_ops = {
	.news = on_news,
	.status = on_status,
	.event = on_event,
	.edition = on_edition,
	.chatter = on_chatter,
	.tick = on_tick,
};

void nexp_text_reporter_init(struct nexp_text_reporter *reporter,
			     const struct nexp_supervisor *supervisor, int fd, bool quiet)
{
	const char *terminal = getenv("TERM"), *no_colour = getenv("NO_COLOR");

	*reporter = (struct nexp_text_reporter){
		.base = { .ops = &text_ops, .due_ns = NEXP_NEVER },
		.supervisor = supervisor,
		.out = { .fd = fd },
		.err = { .fd = STDERR_FILENO },
		.quiet = quiet,
	};
	reporter->live = isatty(fd) && terminal && strcmp(terminal, "dumb");
	reporter->shared = isatty(STDERR_FILENO);
	reporter->colour = reporter->live && !(no_colour && *no_colour);
	reporter->view.output = &reporter->out;
	nexp_view_resize(&reporter->view);
}

void nexp_text_reporter_fini(struct nexp_text_reporter *reporter)
{
	if (!reporter->live)
		return;
	nexp_view_erase(&reporter->view);
	/* Nothing is drawn over it any more: it may be as long as it is. */
	reporter->view.rows = UINT32_MAX;
	draw(reporter, UINT32_MAX);
}
