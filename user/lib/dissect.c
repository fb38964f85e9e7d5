// SPDX-License-Identifier: GPL-2.0
/*
 * dissect - the parsers' library, loaded when it is first asked for
 *
 * It lies beside this one. What it and Wireshark need to begin, the process pays
 * like any library; what the capture makes of it comes out of the pool (loan.h).
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <linux/netexpert_pages.h>

#include "dissect.h"
#include "key.h"
#include "loan.h"

#define LIBRARY		"libnetexpert-dissect.so"
#define NSEC_PER_SEC	1000000000ULL

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* All under the lock. */
static struct {
	bool has_tried;
	const struct nexp_dissect_ops *ops;
	struct nexp_dissector *dissector;
	uint64_t capture;
	uint64_t begun_with;	/* bytes of the heap that were taken */
	struct {
		bool is_busy;
		struct nexp_table *table;
	} hands[NEXP_NR_HANDS];
	HFRAME attached;	/* NULL, or what is in that hand */
} now;

/* The expert's last words about it, where its author looks. */
static void complain(const char *why)
{
	fprintf(stderr, "netexpert: no properties and display filters: %s\n", why);
}

static void *load(void)
{
	char path[PATH_MAX];
	const char *end;
	void *library;
	Dl_info here;

	if (!dladdr(&lock, &here) || !here.dli_fname)
		return NULL;
	end = strrchr(here.dli_fname, '/');
	snprintf(path, sizeof(path), "%.*s" LIBRARY,
		 end ? (int)(end + 1 - here.dli_fname) : 0, here.dli_fname);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		complain(dlerror());
	return library;
}

static const struct nexp_dissect_ops *get_ops(void)
{
	const struct nexp_dissect_ops *ops = NULL;
	char why[NEXP_WHY_SIZE];
	void *library;

	if (now.has_tried)
		return now.ops;
	now.has_tried = true;
	library = load();
	if (!library)
		return NULL;
	ops = dlsym(library, NEXP_DISSECT_OPS);
	if (!ops)
		complain(dlerror());
	else if (ops->start(why))
		complain(why);
	else
		now.ops = ops;
	return now.ops;
}

/**
 * nexp_dissect_enter() - be the one who asks the parsers
 *
 * Return: what there is to ask, until nexp_dissect_leave(); NULL if there is no live
 * key or no library, and then there is nothing to leave.
 */
const struct nexp_dissect_ops *nexp_dissect_enter(void)
{
	struct netexpert *nx = nexp_key_pool();

	if (!nx || nexp_forked(nx))
		return NULL;
	pthread_mutex_lock(&lock);
	if (!get_ops()) {
		pthread_mutex_unlock(&lock);
		return NULL;
	}
	nexp_loan_begin(nx);
	return now.ops;
}

/** nexp_dissect_table() - what is attached to a frame, or NULL; between enter and leave. */
const struct nexp_table *nexp_dissect_table(HFRAME frame)
{
	return frame && frame == now.attached ? nexp_dissect_table_in(NEXP_HAND_ATTACHED) : NULL;
}

/**
 * nexp_dissect_table_in() - the properties of a frame in hand; between enter and leave
 * @which: took a job that wants them.
 *
 * Return: as long as the frame; NULL if there is none.
 */
const struct nexp_table *nexp_dissect_table_in(enum nexp_hand which)
{
	if (now.hands[which].is_busy && !now.hands[which].table)
		now.hands[which].table = now.ops->table_make(now.dissector, which);
	return now.hands[which].table;
}

/**
 * nexp_dissect_passes() - whether a frame in hand passes; between enter and leave
 * @which: took a job with @filter; if there is no frame nothing passes.
 * @filter: the filter.
 */
bool nexp_dissect_passes(enum nexp_hand which, struct epan_dfilter *filter)
{
	return now.hands[which].is_busy && now.ops->passes(now.dissector, which, filter);
}

/** nexp_dissect_leave() - for the next one. */
void nexp_dissect_leave(void)
{
	nexp_loan_end();
	pthread_mutex_unlock(&lock);
}

static int fill_frame(struct netexpert *nx, uint32_t number,
		      const struct netexpert_record *record, const uint8_t *bytes,
		      struct nexp_dissect_frame *frame, char *why)
{
	uint64_t time_ns = record->time_ns - nx->info.created_ns + nx->info.realtime_ns;
	int encap = now.ops->encap_of_link_type(record->link_type, why);

	*frame = (struct nexp_dissect_frame) {
		.number = number,
		.encap = encap,
		.secs = (int64_t)(time_ns / NSEC_PER_SEC),
		.nsecs = (int)(time_ns % NSEC_PER_SEC),
		.wire_len = record->wire_len,
		.cap_len = record->cap_len,
		.bytes = bytes,
	};
	return encap < 0 ? encap : 0;
}

/* Of the pool's heap, by the expert too. */
static uint64_t taken(const struct netexpert *nx)
{
	return READ_ONCE(nx->heap.committed) + READ_ONCE(nx->heap.metadata);
}

static void release(enum nexp_hand which)
{
	if (!now.hands[which].is_busy)
		return;
	now.ops->release(now.dissector, which);
	now.hands[which].is_busy = false;
	now.hands[which].table = NULL;
	if (which == NEXP_HAND_ATTACHED)
		now.attached = NULL;
}

/* The dissector of this capture; one may be left from the capture before. */
static int open_for(struct netexpert *nx, uint64_t capture, char *why)
{
	unsigned int i;
	int err;

	if (now.dissector && now.capture == capture)
		return 0;
	for (i = 0; i < NEXP_NR_HANDS; i++)
		release(i);
	if (now.dissector)
		now.ops->close(now.dissector);
	now.dissector = NULL;
	now.capture = capture;
	err = now.ops->open(&now.dissector, why);
	now.begun_with = taken(nx);
	return err;
}

static bool has_frame(void)
{
	unsigned int i;

	for (i = 0; i < NEXP_NR_HANDS; i++)
		if (now.hands[i].is_busy)
			return true;
	return false;
}

/*
 * What the parsers know grows until the pool is full, and then the process would end.
 * So they forget it before, as tshark -M lets them, unless they have hardly
 * begun: Wireshark 4.0 loses 2 MiB each time. Not while a frame is in hand, whose
 * properties would be gone.
 */
static void make_room(struct netexpert *nx, uint32_t number)
{
	uint64_t limit = nexp_status(nx)->heap_limit, all = taken(nx);

	if (all < limit - limit / 4 || all < now.begun_with + limit / 8 || has_frame())
		return;
	now.ops->forget(now.dissector);
	nexp_heap_idle(nx);
	now.begun_with = taken(nx);
	fprintf(stderr,
		"netexpert: the parsers' memory is full: from frame %u on they know nothing of those before; %"
		PRIu64 " of %" PRIu64 " MiB of the heap are in use now (--heap)\n",
		number - 1, now.begun_with >> 20, limit >> 20);
}

static int run(struct netexpert *nx, enum nexp_hand which, const struct nexp_dissect_job *job)
{
	struct nexp_dissect_frame frame;
	char why[NEXP_WHY_SIZE];
	int err;

	err = fill_frame(nx, job->number, job->record, job->bytes, &frame, why);
	if (!err)
		err = open_for(nx, job->capture, why);
	if (err)
		return err;
	make_room(nx, job->number);
	err = now.ops->run(now.dissector, which, &frame, job->wants_properties, job->filters,
			   job->nr_filters, why);
	now.hands[which].is_busy = !err;
	return err;
}

/** nexp_dissect_is_there() - whether there is a library, which is loaded then. */
bool nexp_dissect_is_there(void)
{
	if (!nexp_dissect_enter())
		return false;
	nexp_dissect_leave();
	return true;
}

/**
 * nexp_dissect_run() - take a frame and dissect it
 * @nx: of the live key.
 * @which: the hand; what it had is released.
 * @job: the frame.
 *
 * Return: 0; -ELIBACC if there is no library; -EPFNOSUPPORT if there is no parser for
 * the link type; -EINVAL if the record is not plausible.
 */
int nexp_dissect_run(struct netexpert *nx, enum nexp_hand which,
		     const struct nexp_dissect_job *job)
{
	int err;

	if (!nexp_dissect_enter())
		return -ELIBACC;
	release(which);
	err = run(nx, which, job);
	nexp_dissect_leave();
	return err;
}

/**
 * nexp_dissect_attach() - properties of the frame in NEXP_HAND_ATTACHED
 * @frame: what the functions are given for it.
 * @out_attached: until it is released.
 */
void nexp_dissect_attach(HFRAME frame, struct nexp_attached *out_attached)
{
	const struct nexp_table *table;

	*out_attached = (struct nexp_attached) { 0 };
	if (!nexp_dissect_enter())
		return;
	table = nexp_dissect_table_in(NEXP_HAND_ATTACHED);
	if (table) {
		now.attached = frame;
		out_attached->properties = now.ops->table_properties(table);
		out_attached->protocols = now.ops->table_protocols(table);
	}
	nexp_dissect_leave();
}

/** nexp_dissect_release() - a frame goes, and what was found in it. */
void nexp_dissect_release(enum nexp_hand which)
{
	/* Nothing was, and the parsers may not even be there. */
	if (!READ_ONCE(now.hands[which].is_busy) || !nexp_dissect_enter())
		return;
	release(which);
	nexp_dissect_leave();
}

/** nexp_dissect_end() - the capture ends with the key, which is still live. */
void nexp_dissect_end(void)
{
	unsigned int i;

	if (!READ_ONCE(now.dissector) || !nexp_dissect_enter())
		return;
	for (i = 0; i < NEXP_NR_HANDS; i++)
		release(i);
	now.ops->close(now.dissector);
	now.dissector = NULL;
	nexp_dissect_leave();
}
