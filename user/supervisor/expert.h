/* SPDX-License-Identifier: GPL-2.0 */
/*
 * expert - one expert under supervision: its pool, its captures, its hosts
 *
 *                 HELLO                  DONE, FAILED, or we end it
 *   STARTING -------------> RUNNING ------------------> LEAVING
 *      ^ |                     |                           |
 *      | +---------------------+---------------------------+
 *      |                       | the process has ended
 *      |                       v
 *      +------------------- WAITING, if it died and may come back
 *   pool idle, pause over
 *                           SETTLING, otherwise ------> OVER
 *                                             pool idle
 *
 * Captures stay attached from before the first incarnation until SETTLING:
 * frames arrive while nobody reads, and the next incarnation finds them.
 *
 * The workers of one expert are experts of their own in all but their capture, which
 * the first of them has for all. It stays until the last one is SETTLING, and none is
 * OVER before: what belongs to one that has ended goes on being counted.
 */
#ifndef NEXP_EXPERT_H
#define NEXP_EXPERT_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/netexpert.h>

#include "capture.h"
#include "chatter.h"
#include "edition.h"
#include "filter.h"
#include "host.h"
#include "index.h"
#include "losing.h"
#include "ifaces.h"
#include "loop.h"
#include "reader.h"
#include "report.h"
#include "restart.h"
#include "session.h"
#include "tap.h"

#define NEXP_HELLO_NS	(60 * NEXP_NS_PER_SEC)	/* to load and register */
#define NEXP_LEAVE_NS	(5 * NEXP_NS_PER_SEC)	/* from DONE to the process's end */
#define NEXP_HUSK_NS	NEXP_NS_PER_SEC		/* from the attachment's end to the process's */
#define NEXP_DIE_NS	(5 * NEXP_NS_PER_SEC)	/* from SIGKILL to the process's end */
#define NEXP_SETTLE_NS	(2 * NEXP_NS_PER_SEC)	/* for the last heap to come back */

/* A post-mortem reads no more of a heap: the other experts wait meanwhile. */
#define NEXP_POSTMORTEM_BYTES	(512ULL << 20)

/** enum nexp_expert_state - see the top of this file */
enum nexp_expert_state {
	NEXP_EXPERT_STARTING,
	NEXP_EXPERT_RUNNING,
	NEXP_EXPERT_LEAVING,
	NEXP_EXPERT_WAITING,
	NEXP_EXPERT_SETTLING,
	NEXP_EXPERT_OVER,
};

/**
 * enum nexp_outcome - how it ended, from SETTLING on
 * @NEXP_OUTCOME_DONE: Run returned.
 * @NEXP_OUTCOME_STOPPED: the run ended while it was waiting to be restarted.
 * @NEXP_OUTCOME_FAILED: it could not start, died too often, or had to be ended.
 */
enum nexp_outcome {
	NEXP_OUTCOME_DONE,
	NEXP_OUTCOME_STOPPED,
	NEXP_OUTCOME_FAILED,
};

/**
 * struct nexp_expert_spec - an expert as the user names it
 * @name: its name in this run; unique.
 * @common_name: that of all workers together; @name if it is alone.
 * @nr_workers: how many workers the expert has; 1: this one is alone.
 * @worker: which of them this is, from 0. They stand one after the other.
 * @plugin: path of its plug-in; NULL for a writer.
 * @output: what a writer writes, or a plug-in that asks for it; NULL if there is none.
 *	Owned.
 * @input: the capture file that it reads in place of interfaces, or NULL; not owned.
 * @options: its options, or NULL.
 * @stored: its stored configuration, or NULL; not owned.
 * @filter: which frames it wants; NULL: all. Not owned.
 * @snaplen: most bytes of each; 0: all.
 * @count: how many of them; 0: no limit.
 * @capture: its own capture program, see nexp_own_load(); NULL: the stock one. Not
 *	owned.
 */
struct nexp_expert_spec {
	char name[NETEXPERT_NAME_LEN];
	char common_name[NETEXPERT_NAME_LEN];
	unsigned int nr_workers;
	unsigned int worker;
	char *plugin;
	struct nexp_outfile *output;
	const int *input;
	char *options;
	const struct nexp_stored *stored;
	const char *filter;
	uint32_t snaplen;
	uint64_t count;
	const char *capture;
};

/**
 * struct nexp_context - what all experts of a run share
 * @session: where their pools are.
 * @loop: where their files are waited for.
 * @reporter: who is told.
 * @pool: what their pools are like; name and snaplen are each one's own.
 * @direction: which frames they get.
 * @ifaces: the interfaces.
 * @tap: one capture for all experts, in place of their own.
 * @iface_names: as they stand on the command line, with blanks between them,
 *	which no name has.
 * @display_filter: what the user wants to see, or NULL; not owned.
 * @file: a capture file in place of interfaces, or NULL.
 * @reader_program: path of netexpert-reader, if there is a file.
 * @host_program: path of netexpert-host.
 */
struct nexp_context {
	struct nexp_session session;
	int loop;
	struct nexp_reporter *reporter;
	struct nexp_pool_config pool;
	enum nexp_direction direction;
	struct nexp_ifaces ifaces;
	struct nexp_tap tap;
	char iface_names[NEXP_MAX_NAMES * IF_NAMESIZE];
	const char *display_filter;
	const char *file;
	const char *reader_program;
	const char *host_program;
};

/**
 * struct nexp_expert - an expert
 * @context: what it shares with the others.
 * @spec: what it is.
 * @state: where it is in its life.
 * @outcome: how it ended.
 * @pool_id: its pool; 0 if there is none.
 * @nr_rings: rings of the pool.
 * @stat: the pool's counters when they were last read.
 * @filter: what its frames are chosen by, for the interfaces that there are; of
 *	workers, the first one's is everybody's.
 * @capture: its program and links; likewise.
 * @reader: who reads the file for it.
 * @index: of the file, if its frames can be had out of turn.
 * @host: its process.
 * @pid: the process of the present incarnation, or of the last one.
 * @on_end: for the process's end.
 * @on_read: for the reader's end.
 * @on_message: for its socket.
 * @on_output: for its output.
 * @chatter: its output on the way.
 * @started_ns: when the present incarnation was started.
 * @deadline_ns: when @state has lasted too long; NEXP_NEVER if it may last.
 * @restart: its deaths.
 * @restart_ns: in WAITING, when the pause is over.
 * @gone_ns: when the last incarnation's process was seen to have ended; 0 if it
 *	has not.
 * @lost_at_end: frames lost when the last incarnation's end was noticed.
 * @losing: what it loses, for people.
 * @heap_back: the return of the last dead incarnation's heap has been told.
 * @was_ready: an incarnation has said HELLO.
 * @read_failed: not all of the file could be read.
 * @stopping: it was asked to finish.
 * @killed: we have killed the process.
 * @is_done: DONE came; @done.
 * @done: what Run returned.
 * @is_refused: FAILED came; @why.
 * @why: why the process was ended, or why it gave up.
 * @last_status: the last status told; its text is @status_text.
 * @has_status: there is one.
 * @status_text: text of @last_status.
 * @editions: its reports.
 */
struct nexp_expert {
	struct nexp_context *context;
	struct nexp_expert_spec spec;
	enum nexp_expert_state state;
	enum nexp_outcome outcome;
	uint64_t pool_id;
	uint32_t nr_rings;
	struct netexpert_pool_stat stat;
	struct nexp_filter filter;
	struct nexp_capture capture;
	struct nexp_reader reader;
	struct nexp_index index;
	struct nexp_host host;
	pid_t pid;
	struct nexp_source on_end;
	struct nexp_source on_read;
	struct nexp_source on_message;
	struct nexp_source on_output;
	struct nexp_chatter chatter;
	uint64_t started_ns;
	uint64_t deadline_ns;
	struct nexp_restart restart;
	uint64_t restart_ns;
	uint64_t gone_ns;
	uint64_t lost_at_end;
	struct nexp_losing losing;
	bool heap_back;
	bool was_ready;
	bool read_failed;
	bool stopping;
	bool killed;
	bool is_done;
	struct nexp_done done;
	bool is_refused;
	char why[512];
	struct nexp_status last_status;
	bool has_status;
	char status_text[260];
	struct nexp_editions editions;
};

/**
 * nexp_expert_init() - an expert that has nothing yet
 * @expert: filled in; in an array if it is one of several workers.
 * @context: what it shares with the others; must outlive it.
 * @spec: what it is; its strings must outlive it.
 */
void nexp_expert_init(struct nexp_expert *expert, struct nexp_context *context,
		      const struct nexp_expert_spec *spec);

/**
 * nexp_expert_prepare() - make its pool, load its capture program or join the tap
 * @expert: a fresh expert; workers in their order.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_expert_prepare(struct nexp_expert *expert, struct nexp_error *err);

/**
 * nexp_expert_begin() - begin its file if it is a writer, or the index of what it reads
 * @expert: a prepared expert.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_expert_begin(struct nexp_expert *expert, struct nexp_error *err);

/**
 * nexp_expert_capture() - let it have the frames of an interface
 * @expert: a prepared expert. If it has them already, or wants none any more,
 *	nothing happens. What is done for the first worker is done for all.
 * @iface: the interface.
 * @err: why not.
 *
 * Its filter is in force before the first frame comes. In a tap that is all: what
 * is attached is everybody's.
 *
 * Return: 0, -ENODEV if the interface is not there (any more), -ENETDOWN if it must
 * be up for the filter, or another negative errno; without a change then.
 */
int nexp_expert_capture(struct nexp_expert *expert, const struct nexp_iface *iface,
			struct nexp_error *err);

/**
 * nexp_expert_read() - let it have the frames of the file
 * @expert: a prepared expert.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_expert_read(struct nexp_expert *expert, struct nexp_error *err);

/**
 * nexp_expert_start() - start its next incarnation
 * @expert: an expert whose pool is idle.
 * @err: why not.
 *
 * Return: 0, -EBUSY if the pool is not idle, or another negative errno.
 */
int nexp_expert_start(struct nexp_expert *expert, struct nexp_error *err);

/**
 * nexp_expert_observe() - read its counters and do what follows from them
 * @expert: the expert.
 * @now_ns: now.
 */
void nexp_expert_observe(struct nexp_expert *expert, uint64_t now_ns);

/**
 * nexp_expert_due() - do what has come due
 * @expert: the expert.
 * @now_ns: now.
 */
void nexp_expert_due(struct nexp_expert *expert, uint64_t now_ns);

/**
 * nexp_expert_next_ns() - when is nexp_expert_due() wanted?
 * @expert: the expert.
 *
 * Return: a time, or NEXP_NEVER.
 */
uint64_t nexp_expert_next_ns(const struct nexp_expert *expert);

/**
 * nexp_expert_stop() - ask it to finish
 * @expert: the expert; it is not restarted from now on.
 * @now_ns: now.
 */
void nexp_expert_stop(struct nexp_expert *expert, uint64_t now_ns);

/**
 * nexp_expert_kill() - end its process and take its memory back
 * @expert: the expert; nothing happens without a process.
 * @why: why, in words.
 * @now_ns: now.
 */
void nexp_expert_kill(struct nexp_expert *expert, const char *why, uint64_t now_ns);

/**
 * nexp_expert_fini() - leave nothing behind
 * @expert: the expert, in any state.
 */
void nexp_expert_fini(struct nexp_expert *expert);

/**
 * nexp_expert_listen() - begin to hear a host that was just started
 * @expert: its expert.
 *
 * Return: 0 or a negative errno.
 */
int nexp_expert_listen(struct nexp_expert *expert);

/**
 * nexp_expert_hear_out() - take what an ended host has said, then close
 * @expert: its expert.
 */
void nexp_expert_hear_out(struct nexp_expert *expert);

/**
 * nexp_expert_publish() - publish the events gathered so far
 * @expert: the expert.
 */
void nexp_expert_publish(struct nexp_expert *expert);

/**
 * nexp_expert_tell_status() - give a status to the reporter, if it is another one
 * @expert: the expert.
 * @status: what it said.
 */
void nexp_expert_tell_status(struct nexp_expert *expert, const struct nexp_status *status);

/**
 * nexp_expert_tell_event() - give an event to the reporter, and gather it
 * @expert: the expert.
 * @event: what it said.
 * @bytes: its message.
 * @size: bytes of that.
 */
void nexp_expert_tell_event(struct nexp_expert *expert, const struct nexp_event *event,
			    const void *bytes, size_t size);

/**
 * nexp_expert_tell() - give news of an expert to the reporter
 * @expert: the expert.
 * @news: what happened.
 */
static inline void nexp_expert_tell(struct nexp_expert *expert, const struct nexp_news *news)
{
	struct nexp_reporter *reporter = expert->context->reporter;

	reporter->ops->news(reporter, expert, news);
}

#endif /* NEXP_EXPERT_H */
