// SPDX-License-Identifier: GPL-2.0
/*
 * supervisor - a run: several experts on several interfaces, from start to end
 *
 * One thread, one loop. Hosts die with the thread that started them (they ask
 * the kernel for that), links and pools with its files: a supervisor that is
 * killed leaves as little behind as one that ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "supervisor.h"

/* timeout(1) and some shells signal twice: that is one wish. */
#define SAME_WISH_NS		(NEXP_NS_PER_SEC / 2)

static void tell(struct nexp_supervisor *supervisor, const struct nexp_news *news)
{
	struct nexp_reporter *reporter = supervisor->context.reporter;

	reporter->ops->news(reporter, NULL, news);
}

static void observe_all(struct nexp_supervisor *supervisor, uint64_t now_ns)
{
	unsigned int i;

	for (i = 0; i < supervisor->nr_experts; i++)
		nexp_expert_observe(&supervisor->experts[i], now_ns);
}

/*
 * All captures first: every expert's last frame is then about as old as every
 * other's, and its counters are final when its last word comes.
 */
static void stop(struct nexp_supervisor *supervisor, const char *why)
{
	struct nexp_news news = {
		.kind = NEXP_NEWS_STOPPING, .text = why, .length = strlen(why),
	};
	uint64_t now_ns = nexp_now_ns();
	unsigned int i;

	if (supervisor->stopping)
		return;
	supervisor->stopping = true;
	supervisor->stop_ns = now_ns;
	tell(supervisor, &news);
	nexp_ifaces_end(supervisor);
	/* That takes time for each interface, and it is not the experts' time. */
	now_ns = nexp_now_ns();
	supervisor->kill_ns = now_ns + supervisor->grace_ns;
	for (i = 0; i < supervisor->nr_experts; i++)
		nexp_expert_stop(&supervisor->experts[i], now_ns);
}

static void kill_rest(struct nexp_supervisor *supervisor)
{
	static const struct nexp_news news = { .kind = NEXP_NEWS_STOP_NOW };
	uint64_t now_ns = nexp_now_ns();
	unsigned int i;

	if (supervisor->killing)
		return;
	supervisor->killing = true;
	supervisor->kill_ns = NEXP_NEVER;
	tell(supervisor, &news);
	for (i = 0; i < supervisor->nr_experts; i++)
		nexp_expert_kill(&supervisor->experts[i], "it did not finish in time", now_ns);
}

static void on_signal(void *owner)
{
	struct nexp_supervisor *supervisor = owner;
	struct signalfd_siginfo info;
	char why[64];

	while (read(supervisor->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			supervisor->resized = true;
			supervisor->tick_ns = 0;
		} else if (supervisor->stopping &&
			   nexp_now_ns() < supervisor->stop_ns + SAME_WISH_NS) {
			continue;
		} else if (!supervisor->stopping) {
			snprintf(why, sizeof(why), "SIG%s", sigabbrev_np((int)info.ssi_signo));
			stop(supervisor, why);
		} else {
			kill_rest(supervisor);
		}
	}
}

static void on_session(void *owner)
{
	observe_all(owner, nexp_now_ns());
}

static void look_at_ifaces(struct nexp_supervisor *supervisor,
			   int (*look)(struct nexp_supervisor *, struct nexp_error *))
{
	struct nexp_error err;

	if (supervisor->stopping || !look(supervisor, &err))
		return;
	supervisor->failed = true;
	stop(supervisor, err.text);
}

static void on_links(void *owner)
{
	struct nexp_supervisor *supervisor = owner;

	nexp_iface_watch_drain(supervisor->context.ifaces.watch);
	look_at_ifaces(supervisor, nexp_ifaces_look);
}

static int wait_for(struct nexp_supervisor *supervisor, int fd, struct nexp_source *source,
		    void (*ready)(void *))
{
	*source = (struct nexp_source){ .ready = ready, .owner = supervisor };
	return nexp_loop_add(supervisor->context.loop, fd, source);
}

static int open_files(struct nexp_supervisor *supervisor, struct nexp_error *err)
{
	struct nexp_context *context = &supervisor->context;
	struct sigaction hangup;
	sigset_t set;
	int ret;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGWINCH);
	/* A blocked signal arrives even if it is ignored: nohup would not work. */
	if (sigaction(SIGHUP, NULL, &hangup) || hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);

	context->loop = nexp_loop_open();
	if (context->loop < 0) {
		ret = context->loop;
		goto err_tell;
	}
	supervisor->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (supervisor->signals < 0) {
		ret = -errno;
		goto err_tell;
	}
	ret = wait_for(supervisor, supervisor->signals, &supervisor->on_signal, on_signal);
	if (!ret && !context->file)
		ret = wait_for(supervisor, context->ifaces.watch, &supervisor->on_links,
			       on_links);
	if (!ret)
		ret = wait_for(supervisor, context->session.fd, &supervisor->on_session,
			       on_session);
	if (!ret)
		return 0;
err_tell:
	return nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "preparing to wait for events: %s",
			      strerror(-ret));
}

/* A link is a file: many experts on many interfaces need more than is usual. */
static void allow_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static void fill_context(struct nexp_context *context, const struct nexp_run *run,
			 struct nexp_reporter *reporter)
{
	size_t used = 0;
	unsigned int i;

	context->reporter = reporter;
	context->pool = run->pool;
	context->direction = run->direction;
	context->host_program = run->host_program;
	context->display_filter = run->display_filter;
	context->file = run->file;
	context->reader_program = run->reader_program;
	snprintf(context->iface_names, sizeof(context->iface_names), "%s",
		 run->file ? run->file : "any");
	for (i = 0; i < run->nr_names; i++)
		used += (size_t)snprintf(context->iface_names + used,
					 sizeof(context->iface_names) - used, "%s%s",
					 i ? " " : "", run->names[i]);
}

static int start_experts(struct nexp_supervisor *supervisor, bool tap, struct nexp_error *err)
{
	struct nexp_expert *experts = supervisor->experts;
	unsigned int i;
	int ret = 0;

	if (tap)
		ret = nexp_tap_load(&supervisor->context.tap, supervisor->nr_experts, err);
	for (i = 0; i < supervisor->nr_experts && !ret; i++)
		ret = nexp_expert_prepare(&experts[i], err);
	if (!ret && !supervisor->context.file)
		ret = nexp_ifaces_begin(supervisor, err);
	for (i = 0; i < supervisor->nr_experts && !ret && supervisor->context.file; i++)
		ret = nexp_expert_read(&experts[i], err);
	/* Nothing can be refused any more: what was in the files may go. */
	for (i = 0; i < supervisor->nr_experts && !ret; i++)
		ret = nexp_expert_begin(&experts[i], err);
	for (i = 0; i < supervisor->nr_experts && !ret; i++)
		ret = nexp_expert_start(&experts[i], err);
	return ret;
}

int nexp_supervisor_start(struct nexp_supervisor *supervisor, const struct nexp_run *run,
			  struct nexp_reporter *reporter, struct nexp_error *err)
{
	unsigned int i;
	int ret;

	*supervisor = (struct nexp_supervisor){
		.context = {
			.session = { .fd = -1 }, .loop = -1, .ifaces = NEXP_NO_IFACES,
		},
		.signals = -1,
		.grace_ns = run->grace_ns, .kill_ns = NEXP_NEVER,
	};
	allow_files();
	ret = nexp_orphans_adopt(&supervisor->orphans);
	if (ret) {
		nexp_orphans_free(&supervisor->orphans);
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "out of memory");
	}
	if (!run->file)
		ret = nexp_ifaces_open(&supervisor->context.ifaces, run, err);
	if (ret)
		goto err_fini;
	fill_context(&supervisor->context, run, reporter);
	ret = nexp_session_open(&supervisor->context.session, err);
	if (ret)
		goto err_fini;
	supervisor->experts = calloc(run->nr_specs, sizeof(*supervisor->experts));
	if (!supervisor->experts) {
		ret = nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
		goto err_fini;
	}
	for (i = 0; i < run->nr_specs; i++)
		nexp_expert_init(&supervisor->experts[i], &supervisor->context, &run->specs[i]);
	supervisor->nr_experts = run->nr_specs;
	ret = open_files(supervisor, err);
	if (!ret)
		ret = start_experts(supervisor, run->tap, err);
	if (!ret)
		return 0;
err_fini:
	nexp_supervisor_fini(supervisor);
	return ret;
}

static void end_orphans(const struct nexp_supervisor *supervisor)
{
	pid_t ours[3 * NEXP_MAX_EXPERTS];
	unsigned int i, nr = 0;

	for (i = 0; i < supervisor->nr_experts; i++) {
		ours[nr++] = supervisor->experts[i].pid;
		ours[nr++] = supervisor->experts[i].reader.pid;
		ours[nr++] = supervisor->experts[i].index.maker.pid;
	}
	nexp_orphans_end(&supervisor->orphans, ours, nr);
}

static bool all_over(const struct nexp_supervisor *supervisor)
{
	unsigned int i;

	for (i = 0; i < supervisor->nr_experts; i++)
		if (supervisor->experts[i].state != NEXP_EXPERT_OVER)
			return false;
	return true;
}

static uint64_t next_ns(const struct nexp_supervisor *supervisor)
{
	uint64_t next = supervisor->tick_ns, at;
	unsigned int i;

	if (supervisor->kill_ns < next)
		next = supervisor->kill_ns;
	if (supervisor->context.reporter->due_ns < next)
		next = supervisor->context.reporter->due_ns;
	for (i = 0; i < supervisor->nr_experts; i++) {
		at = nexp_expert_next_ns(&supervisor->experts[i]);
		if (at < next)
			next = at;
	}
	return next;
}

static void tell_capturing(struct nexp_supervisor *supervisor)
{
	static const struct nexp_news news = { .kind = NEXP_NEWS_CAPTURING };
	const struct nexp_expert *expert;
	unsigned int i;
	bool any = false;

	if (supervisor->told_capturing || supervisor->stopping)
		return;
	for (i = 0; i < supervisor->nr_experts; i++) {
		expert = &supervisor->experts[i];
		any |= expert->was_ready;
		if (!expert->was_ready && expert->state < NEXP_EXPERT_SETTLING)
			return;
	}
	if (!any)
		return;
	supervisor->told_capturing = true;
	tell(supervisor, &news);
}

static void do_due(struct nexp_supervisor *supervisor)
{
	struct nexp_reporter *reporter = supervisor->context.reporter;
	uint64_t now_ns = nexp_now_ns();
	unsigned int i;

	for (i = 0; i < supervisor->nr_experts; i++)
		nexp_expert_due(&supervisor->experts[i], now_ns);
	if (now_ns >= supervisor->kill_ns)
		kill_rest(supervisor);
	tell_capturing(supervisor);
	if (now_ns >= supervisor->tick_ns) {
		supervisor->tick_ns = now_ns + NEXP_TICK_NS;
		observe_all(supervisor, now_ns);
		end_orphans(supervisor);
		look_at_ifaces(supervisor, nexp_ifaces_check_links);
		reporter->ops->tick(reporter, supervisor, now_ns);
		supervisor->resized = false;
	} else if (now_ns >= reporter->due_ns) {
		reporter->ops->tick(reporter, supervisor, now_ns);
	}
	if (reporter->broken && !supervisor->stopping) {
		supervisor->failed = true;
		stop(supervisor, "the output is closed");
	}
}

int nexp_supervisor_run(struct nexp_supervisor *supervisor)
{
	unsigned int i;
	int ret;

	while (!all_over(supervisor)) {
		ret = nexp_loop_once(supervisor->context.loop, next_ns(supervisor));
		if (ret)
			return 1;
		do_due(supervisor);
	}
	nexp_ifaces_tell_stats(supervisor);
	for (i = 0; i < supervisor->nr_experts; i++)
		if (supervisor->experts[i].outcome == NEXP_OUTCOME_FAILED ||
		    supervisor->experts[i].read_failed)
			supervisor->failed = true;
	return supervisor->failed;
}

void nexp_supervisor_fini(struct nexp_supervisor *supervisor)
{
	unsigned int i;

	nexp_tap_destroy(&supervisor->context.tap);
	for (i = 0; i < supervisor->nr_experts; i++)
		nexp_expert_fini(&supervisor->experts[i]);
	end_orphans(supervisor);
	nexp_orphans_free(&supervisor->orphans);
	free(supervisor->experts);
	supervisor->experts = NULL;
	supervisor->nr_experts = 0;
	if (supervisor->signals >= 0)
		close(supervisor->signals);
	if (supervisor->context.loop >= 0)
		close(supervisor->context.loop);
	supervisor->signals = -1;
	supervisor->context.loop = -1;
	nexp_ifaces_close(&supervisor->context.ifaces);
	nexp_session_close(&supervisor->context.session);
}
