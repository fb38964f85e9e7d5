// SPDX-License-Identifier: GPL-2.0
/*
 * expert - one expert under supervision: its pool, its captures, its hosts
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <netmon.h>

#include "expert.h"
#include "heap_view.h"
#include "reading.h"
#include "workers.h"

#define TEXT_OF(number)	#number
#define DECIMAL(number)	TEXT_OF(number)
#define TOO_OFTEN	"it died " DECIMAL(NEXP_RESTART_BURST) " times within a minute"

static void on_end(void *owner);

void nexp_expert_init(struct nexp_expert *expert, struct nexp_context *context,
		      const struct nexp_expert_spec *spec)
{
	*expert = (struct nexp_expert){
		.context = context,
		.spec = *spec,
		.host = NEXP_NO_HOST,
		.reader = NEXP_NO_READER,
		.index = NEXP_NO_INDEX,
		.on_end = { .ready = on_end, .owner = expert },
		.deadline_ns = NEXP_NEVER,
		.heap_back = true,
	};
}

static int set_file_filter(struct nexp_expert *expert, struct nexp_error *err)
{
	int ret;

	if (!expert->spec.filter)
		return 0;
	ret = nexp_filter_for_files(&expert->filter, expert->spec.filter, err);
	if (ret)
		return ret;
	return nexp_filter_set(&expert->filter, &expert->context->session, expert->pool_id, err);
}

int nexp_expert_prepare(struct nexp_expert *expert, struct nexp_error *err)
{
	struct nexp_pool_config pool = expert->context->pool;
	int ret;

	pool.name = expert->spec.name;
	pool.snaplen = expert->spec.snaplen;
	/* Frames in the order of the file. */
	if (expert->context->file)
		pool.nr_rings = 1;
	ret = nexp_pool_create(&expert->context->session, &pool, &expert->pool_id,
			       &expert->nr_rings, err);
	if (ret)
		return ret;
	if (expert->context->file)
		return set_file_filter(expert, err);
	if (expert->context->tap.skeleton) {
		nexp_tap_join(&expert->context->tap, expert->pool_id);
		return 0;
	}
	return nexp_workers_load(expert, err);
}

int nexp_expert_begin(struct nexp_expert *expert, struct nexp_error *err)
{
	int ret = nexp_index_open(expert, err);

	return ret || !expert->spec.output ? ret : nexp_outfile_begin(expert->spec.output, err);
}

int nexp_expert_capture(struct nexp_expert *expert, const struct nexp_iface *iface,
			struct nexp_error *err)
{
	struct nexp_context *context = expert->context;
	struct nexp_netns *netns = &context->ifaces.netns;
	bool tapped = context->tap.skeleton;
	int ret, added;

	if (expert->spec.worker || !nexp_workers_want_frames(expert) ||
	    nexp_links_any(&expert->capture.links, iface->index))
		return 0;
	ret = nexp_netns_enter(netns, err);
	if (ret)
		return ret;
	added = nexp_workers_add_filter(expert, iface, err);
	ret = added < 0 ? added : tapped ? 0 :
	      nexp_capture_attach(&expert->capture, iface, context->direction, err);
	if (ret && added > 0)
		nexp_filter_release(&expert->filter, iface->link_type);
	nexp_netns_leave(netns);
	return ret;
}

/*
 * A delivery of the tap may still be under way, and counters are final once it is
 * over. To set the filter that there is returns after that. If there is no memory
 * for it, a frame of this moment may be missing from the expert's last counters.
 */
static void leave_tap(struct nexp_expert *expert)
{
	struct nexp_context *context = expert->context;
	struct nexp_error err;

	if (expert->pool_id && nexp_tap_leave(&context->tap, expert->pool_id))
		nexp_filter_set(&expert->filter, &context->session, expert->pool_id, &err);
}

/* No more frames for it, unless a worker beside it wants some. */
static void end_frames(struct nexp_expert *expert)
{
	if (!nexp_workers_want_frames(expert))
		nexp_capture_detach(&nexp_workers_first(expert)->capture, 0);
	leave_tap(expert);
	nexp_reading_end(expert);
	nexp_index_stop(expert);
}

/* The state alone: what follows from it is nexp_expert_observe()'s. */
static void read_stat(struct nexp_expert *expert)
{
	if (expert->pool_id)
		nexp_pool_stat(&expert->context->session, expert->pool_id, 0, NULL, 0,
			       &expert->stat);
}

/* End the host without listening to it, and see it go. */
static void end_host(struct nexp_expert *expert)
{
	struct pollfd wait = { .fd = expert->host.pidfd, .events = POLLIN };
	struct nexp_end end;

	if (expert->host.pid) {
		nexp_host_kill(&expert->host);
		poll(&wait, 1, NEXP_DIE_NS / NEXP_NS_PER_MS);
		nexp_host_reap(&expert->host, &end);
	}
	nexp_host_close(&expert->host);
}

/* A writer asks for names of interfaces, so it is where they are. */
static int spawn_host(struct nexp_expert *expert, const struct nexp_host_args *args,
		      int attachment, struct nexp_error *err)
{
	struct nexp_netns *netns = &expert->context->ifaces.netns;
	bool is_writer = !expert->spec.plugin;
	int ret = 0;

	if (is_writer)
		ret = nexp_netns_enter(netns, err);
	if (ret)
		return ret;
	ret = nexp_host_spawn(&expert->host, args, attachment, err);
	if (is_writer)
		nexp_netns_leave(netns);
	return ret;
}

int nexp_expert_start(struct nexp_expert *expert, struct nexp_error *err)
{
	struct nexp_context *context = expert->context;
	struct nexp_host_args args = {
		.program = context->host_program,
		.plugin = expert->spec.plugin,
		.output = expert->spec.output,
		.name = expert->spec.name,
		.options = expert->spec.options,
		.stored = expert->spec.stored,
		.filter = expert->spec.filter,
		.interfaces = !expert->spec.plugin && context->file ? NULL : context->iface_names,
		.display_filter = context->display_filter,
		.count = expert->spec.count,
		.snaplen = expert->spec.snaplen,
		.index = expert->index.file < 0 ? NULL : &expert->index,
	};
	struct nexp_news news = { .kind = NEXP_NEWS_STARTED };
	int attachment, ret;

	attachment = nexp_pool_open(&context->session, expert->pool_id);
	if (attachment == -EBUSY)
		return attachment;
	if (attachment < 0)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -attachment,
				      "opening the pool of '%s': %s", expert->spec.name,
				      strerror(-attachment));
	ret = spawn_host(expert, &args, attachment, err);
	close(attachment);
	if (ret)
		return ret;
	expert->pid = expert->host.pid;
	expert->state = NEXP_EXPERT_STARTING;
	expert->started_ns = nexp_now_ns();
	expert->deadline_ns = expert->started_ns + NEXP_HELLO_NS;
	expert->killed = false;
	expert->is_done = false;
	expert->is_refused = false;
	expert->has_status = false;
	expert->why[0] = '\0';
	ret = nexp_expert_listen(expert);
	if (ret) {
		end_host(expert);
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -ret,
				      "waiting for the host of '%s': %s", expert->spec.name,
				      strerror(-ret));
	}
	read_stat(expert);
	nexp_expert_tell(expert, &news);
	return 0;
}

/* Nothing will start for it any more: let go of traffic and file, await its heap. */
static void settle(struct nexp_expert *expert, enum nexp_outcome outcome, uint64_t now_ns)
{
	expert->state = NEXP_EXPERT_SETTLING;
	end_frames(expert);
	if (expert->spec.output)
		nexp_outfile_close(expert->spec.output);
	expert->outcome = outcome;
	expert->deadline_ns = now_ns + (expert->reader.pid ? NEXP_DIE_NS : NEXP_SETTLE_NS);
}

static void fail(struct nexp_expert *expert, const char *why, uint64_t now_ns)
{
	struct nexp_news news = {
		.kind = NEXP_NEWS_FAILED, .text = why, .length = strlen(why),
	};

	settle(expert, NEXP_OUTCOME_FAILED, now_ns);
	nexp_expert_tell(expert, &news);
}

/* Run's answer alone is no verdict; FALSE after a problem is one. */
static bool gave_up(const struct nexp_expert *expert)
{
	return !expert->done.result && expert->last_status.status == EXPERTSTATUS_PROBLEM;
}

static void finish(struct nexp_expert *expert, const struct nexp_end *end, uint64_t now_ns)
{
	struct nexp_news news = { .kind = NEXP_NEWS_FINISHED, .done = &expert->done };
	char text[128];

	if (end && (end->code != CLD_EXITED || end->status)) {
		nexp_end_describe(end, text, sizeof(text));
		news.text = text;
		news.length = strlen(text);
	}
	settle(expert, gave_up(expert) ? NEXP_OUTCOME_FAILED : NEXP_OUTCOME_DONE, now_ns);
	nexp_expert_tell(expert, &news);
}

/* Ends the attachment. With a post-mortem the heap stays until that is done. */
static void end_attachment(struct nexp_expert *expert)
{
	const struct nexp_session *session = &expert->context->session;

	if (!expert->context->pool.postmortem || nexp_pool_freeze(session, expert->pool_id))
		nexp_pool_reclaim(session, expert->pool_id);
}

static void examine(struct nexp_expert *expert)
{
	const struct nexp_session *session = &expert->context->session;
	struct nexp_news news = { .kind = NEXP_NEWS_POSTMORTEM };
	struct nexp_heap_report report;
	int ret;

	/* The kernel is about to keep it; this waits until nobody can write to it. */
	ret = nexp_pool_freeze(session, expert->pool_id);
	/* It died before it had a heap. */
	if (ret == -ENODATA)
		return;
	if (!ret) {
		read_stat(expert);
		ret = nexp_heap_view(session, &expert->stat, NEXP_POSTMORTEM_BYTES, &report);
	}
	if (ret) {
		news.text = strerror(-ret);
		news.length = strlen(news.text);
	} else {
		news.heap = &report;
	}
	nexp_expert_tell(expert, &news);
}

/*
 * Who wrote it has ended, in the middle of a write perhaps. Not one that hangs: it may
 * have the file for itself. What an expert has written stays there until the next one
 * begins. Return: whether that can be.
 */
static bool mend_output(struct nexp_expert *expert)
{
	const struct nexp_outfile *output = expert->spec.output;
	size_t length = strlen(expert->why);
	struct nexp_error err;

	if (expert->spec.plugin && output->regular)
		return true;
	if (!(expert->spec.plugin ? nexp_outfile_again(output, &err) :
				    nexp_outfile_mend(output, &err)))
		return true;
	/* What nobody reads any more need not be mended. */
	if (!expert->is_refused || output->regular)
		snprintf(expert->why + length, sizeof(expert->why) - length, "%s%s",
			 length ? "; " : "", err.text);
	return false;
}

static void die(struct nexp_expert *expert, const struct nexp_end *end, bool whole,
		uint64_t now_ns)
{
	struct nexp_news news = {
		.kind = NEXP_NEWS_DIED,
		.end = end,
		.text = expert->why[0] ? expert->why : NULL,
		.length = strlen(expert->why),
	};
	struct nexp_news restart = { .kind = NEXP_NEWS_RESTART };

	expert->lost_at_end = nexp_stat_lost(&expert->stat.out_sum);
	expert->heap_back = false;
	nexp_expert_tell(expert, &news);
	if (expert->context->pool.postmortem)
		examine(expert);
	if (expert->stopping) {
		fail(expert, expert->why[0] ? expert->why : "it died while it was finishing",
		     now_ns);
		return;
	}
	if (!whole) {
		fail(expert, expert->why, now_ns);
		return;
	}
	restart.ns = nexp_restart_died(&expert->restart, expert->started_ns, now_ns);
	if (restart.ns == NEXP_NEVER) {
		fail(expert, TOO_OFTEN, now_ns);
		return;
	}
	expert->state = NEXP_EXPERT_WAITING;
	expert->restart_ns = now_ns + restart.ns;
	expert->deadline_ns = expert->restart_ns;
	nexp_expert_tell(expert, &restart);
}

/* The process has ended, or with @end NULL will not. */
static void after_end(struct nexp_expert *expert, const struct nexp_end *end)
{
	uint64_t now_ns = nexp_now_ns();
	bool whole = true;

	expert->gone_ns = end ? now_ns : 0;
	nexp_expert_hear_out(expert);
	nexp_host_close(&expert->host);
	read_stat(expert);
	/*
	 * Somebody else may hold the address space (a sibling that left the
	 * group) or an attachment that was never bound: that ends here.
	 */
	if (expert->stat.out_state == NETEXPERT_POOL_OPEN ||
	    expert->stat.out_state == NETEXPERT_POOL_ATTACHED) {
		end_attachment(expert);
		read_stat(expert);
	}
	if (expert->spec.output && end && !expert->is_done)
		whole = mend_output(expert);
	if (expert->is_refused)
		fail(expert, expert->why, now_ns);
	else if (expert->is_done)
		finish(expert, end, now_ns);
	else
		die(expert, end, whole, now_ns);
	if (expert->context->pool.postmortem)
		nexp_pool_reclaim(&expert->context->session, expert->pool_id);
	nexp_expert_observe(expert, now_ns);
}

static void on_end(void *owner)
{
	struct nexp_expert *expert = owner;
	int pidfd = expert->host.pidfd;
	struct nexp_end end;

	if (pidfd < 0)
		return;
	nexp_loop_remove(expert->context->loop, pidfd);
	if (nexp_host_reap(&expert->host, &end)) {
		nexp_loop_add(expert->context->loop, pidfd, &expert->on_end);
		return;
	}
	after_end(expert, &end);
}

/* SIGKILL was not enough: the process hangs inside the kernel. */
static void abandon(struct nexp_expert *expert)
{
	snprintf(expert->why, sizeof(expert->why),
		 "process %d does not end although it was killed: it hangs in the kernel",
		 expert->host.pid);
	expert->stopping = true;
	nexp_loop_remove(expert->context->loop, expert->host.pidfd);
	close(expert->host.pidfd);
	expert->host.pidfd = -1;
	expert->host.pid = 0;
	after_end(expert, NULL);
}

static void tell_heap_back(struct nexp_expert *expert)
{
	struct nexp_news news = { .kind = NEXP_NEWS_HEAP_BACK };

	if (expert->heap_back || !expert->stat.out_back_ns)
		return;
	expert->heap_back = true;
	news.ns = expert->stat.out_back_ns - expert->stat.out_ended_ns;
	nexp_expert_tell(expert, &news);
}

static void try_restart(struct nexp_expert *expert, uint64_t now_ns)
{
	bool begins_anew = expert->spec.plugin && expert->spec.output;
	struct nexp_error err;
	int ret = 0;

	if (now_ns < expert->restart_ns)
		return;
	if (begins_anew)
		ret = nexp_outfile_again(expert->spec.output, &err);
	if (!ret)
		ret = nexp_expert_start(expert, &err);
	if (ret && ret != -EBUSY)
		fail(expert, err.text, now_ns);
}

static void tell_losses(struct nexp_expert *expert, bool is_last, uint64_t now_ns)
{
	struct netexpert_ring_stat lost = { 0 };
	struct nexp_news news = { .lost = &lost };

	switch (nexp_losing_look(&expert->losing, expert->stat.out_sum.dropped, is_last, now_ns,
				 lost.dropped)) {
	case NEXP_LOSING_NO_NEWS:
		return;
	case NEXP_LOSING_BEGINS:
		news.kind = NEXP_NEWS_LOSING;
		break;
	case NEXP_LOSING_IS_OVER:
		news.kind = NEXP_NEWS_LOST;
		news.ns = expert->losing.last_ns - expert->losing.begin_ns;
		break;
	}
	nexp_expert_tell(expert, &news);
}

static void try_end(struct nexp_expert *expert, bool idle, uint64_t now_ns)
{
	struct nexp_news news = { .kind = NEXP_NEWS_OVER };

	/* Its frames still come, because of the others, and nobody reads them. */
	if (nexp_workers_want_frames(expert)) {
		expert->deadline_ns = now_ns + NEXP_SETTLE_NS;
		tell_losses(expert, false, now_ns);
		return;
	}
	/* As long as the reader is there it may hand on a frame. */
	if ((!idle || expert->reader.pid) && now_ns < expert->deadline_ns)
		return;
	if (expert->reader.pid)
		nexp_reading_abandon(expert);
	tell_losses(expert, true, now_ns);
	nexp_index_close(expert);
	nexp_pool_destroy(&expert->context->session, expert->pool_id);
	expert->pool_id = 0;
	expert->state = NEXP_EXPERT_OVER;
	expert->deadline_ns = NEXP_NEVER;
	nexp_capture_destroy(&expert->capture);
	nexp_expert_tell(expert, &news);
	nexp_workers_tell_over(expert);
}

void nexp_expert_observe(struct nexp_expert *expert, uint64_t now_ns)
{
	bool idle;

	nexp_reading_look(expert);
	read_stat(expert);
	if (expert->state < NEXP_EXPERT_SETTLING)
		tell_losses(expert, false, now_ns);
	idle = expert->stat.out_state == NETEXPERT_POOL_IDLE;
	switch (expert->state) {
	case NEXP_EXPERT_STARTING:
	case NEXP_EXPERT_RUNNING:
		/*
		 * The attachment has ended and the process has not: mostly it
		 * is about to, but it may have called exec.
		 */
		if (idle || expert->stat.out_state == NETEXPERT_POOL_RECLAIMING ||
		    expert->stat.out_state == NETEXPERT_POOL_FROZEN) {
			expert->state = NEXP_EXPERT_LEAVING;
			expert->deadline_ns = now_ns + NEXP_HUSK_NS;
		}
		break;
	case NEXP_EXPERT_WAITING:
		tell_heap_back(expert);
		if (idle)
			try_restart(expert, now_ns);
		break;
	case NEXP_EXPERT_SETTLING:
		tell_heap_back(expert);
		try_end(expert, idle, now_ns);
		break;
	case NEXP_EXPERT_LEAVING:
	case NEXP_EXPERT_OVER:
		break;
	}
}

void nexp_expert_due(struct nexp_expert *expert, uint64_t now_ns)
{
	if (expert->editions.pending && now_ns >= expert->editions.due_ns)
		nexp_expert_publish(expert);
	if (now_ns < expert->deadline_ns)
		return;
	switch (expert->state) {
	case NEXP_EXPERT_STARTING:
		nexp_expert_kill(expert, "it did not register within a minute", now_ns);
		break;
	case NEXP_EXPERT_LEAVING:
		if (expert->killed)
			abandon(expert);
		else if (expert->is_done || expert->is_refused)
			nexp_expert_kill(expert, "its process did not end by itself", now_ns);
		else
			nexp_expert_kill(expert, "it gave up its pool or its socket, but its "
					 "process went on", now_ns);
		break;
	case NEXP_EXPERT_WAITING:
		/* If the pool is not idle yet, the session's file will say when. */
		expert->deadline_ns = NEXP_NEVER;
		nexp_expert_observe(expert, now_ns);
		break;
	case NEXP_EXPERT_SETTLING:
		nexp_expert_observe(expert, now_ns);
		break;
	case NEXP_EXPERT_RUNNING:
	case NEXP_EXPERT_OVER:
		break;
	}
}

uint64_t nexp_expert_next_ns(const struct nexp_expert *expert)
{
	uint64_t next_ns = expert->deadline_ns;

	if (expert->editions.pending && expert->editions.due_ns < next_ns)
		next_ns = expert->editions.due_ns;
	return next_ns;
}

void nexp_expert_stop(struct nexp_expert *expert, uint64_t now_ns)
{
	expert->stopping = true;
	end_frames(expert);
	switch (expert->state) {
	case NEXP_EXPERT_STARTING:
	case NEXP_EXPERT_RUNNING:
	case NEXP_EXPERT_LEAVING:
		nexp_pool_terminate(&expert->context->session, expert->pool_id);
		break;
	case NEXP_EXPERT_WAITING:
		settle(expert, NEXP_OUTCOME_STOPPED, now_ns);
		nexp_expert_observe(expert, now_ns);
		break;
	case NEXP_EXPERT_SETTLING:
	case NEXP_EXPERT_OVER:
		break;
	}
}

void nexp_expert_kill(struct nexp_expert *expert, const char *why, uint64_t now_ns)
{
	if (!expert->host.pid || expert->killed)
		return;
	if (!expert->is_refused)
		snprintf(expert->why, sizeof(expert->why), "%s", why);
	expert->killed = true;
	expert->state = NEXP_EXPERT_LEAVING;
	expert->deadline_ns = now_ns + NEXP_DIE_NS;
	nexp_host_kill(&expert->host);
	end_attachment(expert);
}

void nexp_expert_fini(struct nexp_expert *expert)
{
	nexp_reading_fini(expert);
	nexp_index_close(expert);
	nexp_capture_destroy(&expert->capture);
	end_host(expert);
	if (expert->pool_id)
		nexp_pool_destroy(&expert->context->session, expert->pool_id);
	expert->pool_id = 0;
	nexp_filter_free(&expert->filter);
	nexp_editions_clear(&expert->editions);
}
