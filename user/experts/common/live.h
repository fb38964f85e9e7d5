/* SPDX-License-Identifier: GPL-2.0 */
/*
 * live - frames as they come, and a report that is brought up to date
 *
 * A report is made every so many seconds of the capture's time if something was
 * counted since the last one, and a last one at the end. Silence does not keep one
 * back.
 */
#ifndef EXPERTS_LIVE_H
#define EXPERTS_LIVE_H

#include <netmon.h>

#define LIVE_DEFAULT_INTERVAL	1
#define LIVE_MAX_INTERVAL	86400

/* Why there are no properties. */
#define LIVE_NO_PARSERS	"Wireshark's parsers can't be loaded: is libwireshark16 installed?"

/**
 * struct live_ops - what an expert does
 * @flags: for ExpertGetFrame, beside FLAGS_LIVE_TIMEOUT and FLAGS_DEFER_TO_UI_FILTER.
 * @count: count a frame.
 * @show: submit the rows of a report.
 * @end: no more frames come; before the last report. NULL if that changes nothing.
 */
struct live_ops {
	DWORD flags;
	void (*count)(void *expert, const EXPERTFRAMEDESCRIPTOR *frame);
	void (*show)(void *expert);
	void (*end)(void *expert);
};

/**
 * struct live_column - a column of a report
 * @caption: its name.
 * @type: NMCOLUMNTYPE_*.
 */
struct live_column {
	const char *caption;
	NMCOLUMNTYPE type;
};

/**
 * struct live - a run
 * @key: of Run.
 * @event: a row, to be filled in and submitted.
 *
 * The rest is live.c's own.
 */
struct live {
	HEXPERTKEY key;
	NMEVENTDATA *event;
	const struct live_ops *ops;
	void *expert;
	int64_t interval_us;
	int64_t now_us;		/* of the last frame, and silence after it */
	int64_t due_us;		/* of the next report */
	int64_t shown_us;	/* of the last one */
	BOOL is_new;		/* something was counted since then */
	DWORD error;		/* why it can't go on, and in words */
	const char *why;
};

/**
 * live_start() - get ready
 * @live: to be filled in.
 * @key: of Run.
 * @source: name of the expert.
 * @name: name of the report.
 * @most_columns: that live_columns() will be given.
 *
 * Return: FALSE if there is no memory.
 */
BOOL live_start(struct live *live, HEXPERTKEY key, const char *source, const char *name,
		DWORD most_columns);

/** live_columns() - which columns the rows that follow have. */
void live_columns(struct live *live, const struct live_column *columns, DWORD count);

/** live_submit() - the row is ready. */
void live_submit(struct live *live);

/**
 * live_run() - count until there are no more frames, or the user wants no more
 * @live: was started.
 * @ops: what to do.
 * @expert: for @ops.
 * @interval: seconds from report to report.
 *
 * Says how it went.
 *
 * Return: for Run to return.
 */
BOOL live_run(struct live *live, const struct live_ops *ops, void *expert, DWORD interval);

/**
 * live_fail() - it can't go on: the run ends with a last report and this
 * @live: is run.
 * @error: NMERR_*.
 * @why: in words; stays.
 */
void live_fail(struct live *live, DWORD error, const char *why);

/** live_finish() - give memory back; one that was not started is fine. */
void live_finish(struct live *live);

/** live_share() - @part of @all in percent. */
double live_share(uint64_t part, uint64_t all);

#endif /* EXPERTS_LIVE_H */
