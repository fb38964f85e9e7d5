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
	struct nexp_table *table;
	HFRAME frame;
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
	return frame == now.frame ? now.table : NULL;
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

/* The dissector of this capture; one may be left from the capture before. */
static int open_for(struct netexpert *nx, uint64_t capture, char *why)
{
	int err;

	if (now.dissector && now.capture == capture)
		return 0;
	if (now.dissector)
		now.ops->close(now.dissector);
	now.dissector = NULL;
	now.capture = capture;
	err = now.ops->open(&now.dissector, why);
	now.begun_with = taken(nx);
	return err;
}

/*
 * What the parsers know grows until the pool is full, and then the process would end.
 * So they forget it before, as tshark -M lets them, unless they have hardly
 * begun: Wireshark 4.0 loses 2 MiB each time.
 */
static void make_room(struct netexpert *nx, uint32_t number)
{
	uint64_t limit = nexp_status(nx)->heap_limit, all = taken(nx);

	if (all < limit - limit / 4 || all < now.begun_with + limit / 8)
		return;
	now.ops->forget(now.dissector);
	nexp_heap_idle(nx);
	now.begun_with = taken(nx);
	fprintf(stderr,
		"netexpert: the parsers' memory is full: from frame %u on they know nothing of those before; %"
		PRIu64 " of %" PRIu64 " MiB of the heap are in use now (--heap)\n",
		number - 1, now.begun_with >> 20, limit >> 20);
}

static int attach(struct netexpert *nx, uint64_t capture, uint32_t number,
		  const struct netexpert_record *record, const uint8_t *bytes, char *why)
{
	struct nexp_dissect_frame frame;
	bool passes;
	int err;

	err = fill_frame(nx, number, record, bytes, &frame, why);
	if (!err)
		err = open_for(nx, capture, why);
	if (err)
		return err;
	make_room(nx, number);
	return now.ops->run(now.dissector, &frame, true, NULL, &passes, why);
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
 * nexp_dissect_attach() - properties of a frame
 * @nx: of the live key.
 * @capture: numbers are of; another one begins with no memory of frames.
 * @frame: what the functions are given for it.
 * @number: from 1.
 * @record: its record.
 * @bytes: stay until nexp_dissect_detach().
 * @out_attached: until then.
 *
 * Return: 0; -ELIBACC if there is no library; -EPFNOSUPPORT if there is no parser for
 * the link type; -EINVAL if the record is not plausible.
 */
int nexp_dissect_attach(struct netexpert *nx, uint64_t capture, HFRAME frame, uint32_t number,
			const struct netexpert_record *record, const uint8_t *bytes,
			struct nexp_attached *out_attached)
{
	char why[NEXP_WHY_SIZE];
	int err;

	*out_attached = (struct nexp_attached) { 0 };
	if (!nexp_dissect_enter())
		return -ELIBACC;
	now.table = NULL;
	err = attach(nx, capture, number, record, bytes, why);
	if (!err) {
		now.frame = frame;
		now.table = now.ops->table_make(now.dissector);
		out_attached->properties = now.ops->table_properties(now.table);
		out_attached->protocols = now.ops->table_protocols(now.table);
	}
	nexp_dissect_leave();
	return err;
}

/** nexp_dissect_detach() - the frame goes, and what was attached to it. */
void nexp_dissect_detach(void)
{
	/* Nothing was, and the parsers may not even be there. */
	if (!READ_ONCE(now.table) || !nexp_dissect_enter())
		return;
	now.table = NULL;
	now.ops->release(now.dissector);
	nexp_dissect_leave();
}

/** nexp_dissect_end() - the capture ends with the key, which is still live. */
void nexp_dissect_end(void)
{
	if (!READ_ONCE(now.dissector) || !nexp_dissect_enter())
		return;
	now.table = NULL;
	now.ops->close(now.dissector);
	now.dissector = NULL;
	nexp_dissect_leave();
}
