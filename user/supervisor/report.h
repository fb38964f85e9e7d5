/* SPDX-License-Identifier: GPL-2.0 */
/*
 * report - what a supervisor tells the program that it is part of
 *
 * The supervisor prints nothing. It hands everything that happens to a
 * reporter, which shows it to people or writes it for machines.
 */
#ifndef NEXP_REPORT_H
#define NEXP_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode.h"
#include "edition.h"
#include "heap_report.h"
#include "host.h"

struct nexp_entry;
struct nexp_expert;
struct nexp_iface_stats;
struct nexp_reporter;
struct nexp_supervisor;

/**
 * enum nexp_news_kind - what happened
 * @NEXP_NEWS_STARTED: a host was started.
 * @NEXP_NEWS_READY: its plug-in is loaded; @hello. In a second or later
 *	incarnation @frames were lost while nobody read, which was for @ns.
 * @NEXP_NEWS_CAPTURING: every expert that did not fail before has been ready
 *	once; @expert is NULL.
 * @NEXP_NEWS_DIED: the process ended without having finished; @end. @text says
 *	why if the supervisor ended it. The kernel's times are in the pool's
 *	counters; its heap may be back already.
 * @NEXP_NEWS_POSTMORTEM: it has died and this was in its heap; @heap, or NULL if
 *	that could not be read; then @text says why.
 * @NEXP_NEWS_HEAP_BACK: its heap is back with the kernel, @ns after its end
 *	was noticed there.
 * @NEXP_NEWS_RESTART: it will be started again after @ns at the earliest.
 * @NEXP_NEWS_LOSING: it begins to lose frames: @lost so far.
 * @NEXP_NEWS_LOST: that is over, at the latest because the capture is: @lost, all of
 *	it, within @ns.
 * @NEXP_NEWS_IFACE_WAITING: there is no interface of the name that @entry wants.
 * @NEXP_NEWS_IFACE_CAPTURED: the run has begun, and now @entry is captured.
 * @NEXP_NEWS_IFACE_GONE: @entry is not captured any more; @text says why.
 * @NEXP_NEWS_IFACE_RENAMED: @entry goes on under another name; its former one is
 *	@text.
 * @NEXP_NEWS_IFACE_DOWN: @entry is down.
 * @NEXP_NEWS_IFACE_UP: it is up again.
 * @NEXP_NEWS_IFACE_REFUSED: @entry can't be captured; @text says why. This is the
 *	only one of interfaces that may be about one expert.
 * @NEXP_NEWS_IFACE_TAGS: @entry is tapped, and its device takes VLAN tags off frames.
 * @NEXP_NEWS_IFACE_XDP: @entry is captured, and an XDP program stands before that.
 * @NEXP_NEWS_IFACE_VRF: @entry is captured, and most of its frames do not pass there.
 * @NEXP_NEWS_IFACE_NOT_PROMISCUOUS: @entry is captured, and hears no more than it did
 *	before; @text says why.
 * @NEXP_NEWS_IFACE_STATS: the run is over, and meanwhile the kernel has counted
 *	@stats of @entry; @expert is NULL.
 * @NEXP_NEWS_FILE: the file's reader has ended and had to say @text.
 * @NEXP_NEWS_STOPPING: the run ends; @text says why; @expert is NULL.
 * @NEXP_NEWS_STOP_NOW: those that did not finish in time are killed; @expert is
 *	NULL.
 * @NEXP_NEWS_FINISHED: Run returned; @done. @text, if not NULL, is how the
 *	process ended after that in place of a plain exit.
 * @NEXP_NEWS_FAILED: the expert is given up; @text says why.
 * @NEXP_NEWS_OVER: nothing is left of the expert, its counters are final.
 * @NEXP_NEWS_WORKERS_OVER: that was the last worker of an expert that has several;
 *	@sum; the first one is told about.
 */
enum nexp_news_kind {
	NEXP_NEWS_STARTED,
	NEXP_NEWS_READY,
	NEXP_NEWS_CAPTURING,
	NEXP_NEWS_DIED,
	NEXP_NEWS_POSTMORTEM,
	NEXP_NEWS_HEAP_BACK,
	NEXP_NEWS_RESTART,
	NEXP_NEWS_LOSING,
	NEXP_NEWS_LOST,
	NEXP_NEWS_IFACE_WAITING,
	NEXP_NEWS_IFACE_CAPTURED,
	NEXP_NEWS_IFACE_GONE,
	NEXP_NEWS_IFACE_RENAMED,
	NEXP_NEWS_IFACE_DOWN,
	NEXP_NEWS_IFACE_UP,
	NEXP_NEWS_IFACE_REFUSED,
	NEXP_NEWS_IFACE_TAGS,
	NEXP_NEWS_IFACE_XDP,
	NEXP_NEWS_IFACE_VRF,
	NEXP_NEWS_IFACE_NOT_PROMISCUOUS,
	NEXP_NEWS_IFACE_STATS,
	NEXP_NEWS_FILE,
	NEXP_NEWS_STOPPING,
	NEXP_NEWS_STOP_NOW,
	NEXP_NEWS_FINISHED,
	NEXP_NEWS_FAILED,
	NEXP_NEWS_OVER,
	NEXP_NEWS_WORKERS_OVER,
};

/**
 * struct nexp_news - something that happened; which fields count, @kind says
 * @kind: what.
 * @text: words; of a host, so escape them.
 * @length: bytes of @text.
 * @ns: a duration.
 * @frames: a number of frames.
 * @end: how a process ended.
 * @hello: what the plug-in registered.
 * @done: what Run returned.
 * @entry: an interface.
 * @lost: frames lost in a spell of losses, by cause: its @dropped alone counts.
 * @sum: counters of all workers of an expert, added up.
 * @stats: an interface's counters, the kernel's.
 * @heap: what is in a heap; the kernel's own count of it is in the expert's
 *	counters.
 */
struct nexp_news {
	enum nexp_news_kind kind;
	const char *text;
	size_t length;
	uint64_t ns;
	uint64_t frames;
	const struct nexp_end *end;
	const struct nexp_hello *hello;
	const struct nexp_done *done;
	const struct nexp_entry *entry;
	const struct netexpert_ring_stat *lost;
	const struct netexpert_ring_stat *sum;
	const struct nexp_iface_stats *stats;
	const struct nexp_heap_report *heap;
};

/**
 * struct nexp_reporter_ops - how a reporter takes what it is told
 * @news: something happened to an expert, or with @expert NULL to the run.
 * @status: the expert's status is another than before.
 * @event: the expert submitted an event.
 * @edition: events became an edition; from @first_new on they are new in it.
 * @chatter: the expert wrote a line to its standard output or error.
 * @tick: called every second, and when @due_ns has come.
 *
 * All texts are the expert's: escape them.
 */
struct nexp_reporter_ops {
	void (*news)(struct nexp_reporter *reporter, const struct nexp_expert *expert,
		     const struct nexp_news *news);
	void (*status)(struct nexp_reporter *reporter, const struct nexp_expert *expert,
		       const struct nexp_status *status);
	void (*event)(struct nexp_reporter *reporter, const struct nexp_expert *expert,
		      const struct nexp_event *event);
	void (*edition)(struct nexp_reporter *reporter, const struct nexp_expert *expert,
			const struct nexp_edition *edition, const struct nexp_row *first_new);
	void (*chatter)(struct nexp_reporter *reporter, const struct nexp_expert *expert,
			const char *line, size_t length, uint64_t nr_dropped);
	void (*tick)(struct nexp_reporter *reporter, const struct nexp_supervisor *supervisor,
		     uint64_t now_ns);
};

/**
 * struct nexp_reporter - who is told; the base of a reporter's own struct
 * @ops: how; all of them are there.
 * @due_ns: when it wants a tick, NEXP_NEVER if it does not care.
 * @broken: its output is gone: the run shall end.
 */
struct nexp_reporter {
	const struct nexp_reporter_ops *ops;
	uint64_t due_ns;
	bool broken;
};

#endif /* NEXP_REPORT_H */
