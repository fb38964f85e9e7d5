// SPDX-License-Identifier: GPL-2.0
/*
 * report_json - what happens in a run, as JSON lines in the shape of EVE
 *
 * Every line has a timestamp and an event_type, and an object of that name:
 * "expert" for an event that an expert submitted, "status" for a new status,
 * "lifecycle" for news, "stats" for counters.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <netexpert.h>

#include "heap_json.h"
#include "json.h"
#include "reporters.h"
#include "table.h"
#include "words.h"

#define STATS_NS	(10 * NEXP_NS_PER_SEC)

static struct nexp_json_reporter *json_reporter(struct nexp_reporter *base)
{
	return (struct nexp_json_reporter *)base;
}

/* An object that names the expert; @expert may be NULL. */
static json_t *about(const struct nexp_expert *expert)
{
	json_t *object = json_object();

	if (expert) {
		json_object_set_new(object, "name", json_string(expert->spec.name));
		json_object_set_new(object, "incarnation",
				    json_integer(expert->stat.out_incarnation));
	}
	return object;
}

static void write_line(struct nexp_json_reporter *reporter, const char *type, json_t *object)
{
	json_t *line = json_object();

	json_object_set_new(line, "timestamp", nexp_json_timestamp());
	json_object_set_new(line, "event_type", json_string(type));
	json_object_set_new(line, type, object);
	nexp_json_line(&reporter->out, line);
	reporter->base.broken = reporter->out.broken;
}

static void write_stats(struct nexp_json_reporter *reporter, const struct nexp_expert *expert,
			bool final)
{
	json_t *object = about(expert), *pool = nexp_json_pool(&expert->stat);

	json_object_update(object, pool);
	json_decref(pool);
	json_object_set_new(object, "final", json_boolean(final));
	write_line(reporter, "stats", object);
}

static const char *const actions[] = {
	[NEXP_NEWS_STARTED] = "started",
	[NEXP_NEWS_READY] = "ready",
	[NEXP_NEWS_CAPTURING] = "capturing",
	[NEXP_NEWS_DIED] = "died",
	[NEXP_NEWS_POSTMORTEM] = "postmortem",
	[NEXP_NEWS_HEAP_BACK] = "heap_back",
	[NEXP_NEWS_RESTART] = "restart",
	[NEXP_NEWS_LOSING] = "losing",
	[NEXP_NEWS_LOST] = "lost",
	[NEXP_NEWS_IFACE_WAITING] = "interface_waiting",
	[NEXP_NEWS_IFACE_CAPTURED] = "interface_captured",
	[NEXP_NEWS_IFACE_GONE] = "interface_gone",
	[NEXP_NEWS_IFACE_RENAMED] = "interface_renamed",
	[NEXP_NEWS_IFACE_DOWN] = "interface_down",
	[NEXP_NEWS_IFACE_UP] = "interface_up",
	[NEXP_NEWS_IFACE_REFUSED] = "interface_refused",
	[NEXP_NEWS_IFACE_TAGS] = "interface_tags",
	[NEXP_NEWS_IFACE_XDP] = "interface_xdp",
	[NEXP_NEWS_IFACE_VRF] = "interface_vrf",
	[NEXP_NEWS_IFACE_NOT_PROMISCUOUS] = "interface_not_promiscuous",
	[NEXP_NEWS_IFACE_STATS] = "interface_counters",
	[NEXP_NEWS_FILE] = "file",
	[NEXP_NEWS_STOPPING] = "stopping",
	[NEXP_NEWS_STOP_NOW] = "stop_now",
	[NEXP_NEWS_FINISHED] = "finished",
	[NEXP_NEWS_FAILED] = "failed",
	[NEXP_NEWS_OVER] = "over",
	[NEXP_NEWS_WORKERS_OVER] = "workers_over",
};

static void set_text(json_t *object, const char *key, const struct nexp_text *text)
{
	json_object_set_new(object, key, nexp_json_text(text->bytes, text->length));
}

static void set_ready(json_t *object, const struct nexp_expert *expert,
		      const struct nexp_news *news)
{
	const struct nexp_expert_spec *spec = &expert->spec;

	json_object_set_new(object, "pid", json_integer(expert->pid));
	set_text(object, "registered_name", &news->hello->name);
	set_text(object, "vendor", &news->hello->vendor);
	set_text(object, "description", &news->hello->description);
	json_object_set_new(object, "filter", spec->filter ?
			    nexp_json_text(spec->filter, strlen(spec->filter)) : json_null());
	json_object_set_new(object, "snaplen", nexp_json_number(spec->snaplen));
	json_object_set_new(object, "count", nexp_json_number(spec->count));
	json_object_set_new(object, "file", spec->output ?
			    nexp_json_text(spec->output->name, strlen(spec->output->name)) :
			    json_null());
	json_object_set_new(object, "capture", spec->capture ?
			    nexp_json_text(spec->capture, strlen(spec->capture)) : json_null());
	json_object_set_new(object, "workers", json_integer(spec->nr_workers));
	if (expert->stat.out_incarnation < 2)
		return;
	json_object_set_new(object, "outage_ns", nexp_json_number(news->ns));
	json_object_set_new(object, "outage_lost", nexp_json_number(news->frames));
}

/* A time of CLOCK_MONOTONIC that may not have come yet. */
static void set_time(json_t *object, const char *key, uint64_t ns)
{
	json_object_set_new(object, key, ns ? nexp_json_number(ns) : json_null());
}

/* Noticed, process gone, bytes back. */
static void set_times(json_t *object, const struct nexp_expert *expert)
{
	set_time(object, "ended_monotonic_ns", expert->stat.out_ended_ns);
	set_time(object, "gone_monotonic_ns", expert->gone_ns);
	set_time(object, "back_monotonic_ns", expert->stat.out_back_ns);
}

/* Where the expert said it was; a frame out of turn has a number, from 1. */
static json_t *frame_in_hand(const struct netexpert_pool_stat *stat)
{
	uint64_t position = stat->out_last_position;

	if (stat->out_last_ring == NETEXPERT_NO_RING)
		return json_pack("{s:o}", "number", nexp_json_number(position + 1));
	return json_pack("{s:I,s:o}", "ring", (json_int_t)stat->out_last_ring, "position",
			 nexp_json_number(position));
}

static void set_died(json_t *object, const struct nexp_expert *expert,
		     const struct nexp_news *news)
{
	const struct netexpert_pool_stat *stat = &expert->stat;
	char text[160];

	json_object_set_new(object, "pid", json_integer(expert->pid));
	if (news->end) {
		nexp_end_describe(news->end, text, sizeof(text));
		json_object_set_new(object, "how", json_string(text));
		json_object_set_new(object,
				    news->end->code == CLD_EXITED ? "exit_status" : "signal",
				    json_integer(news->end->status));
	}
	set_times(object, expert);
	json_object_set_new(object, "heap_held_bytes", nexp_json_number(stat->out_back_bytes));
	if (stat->out_last_busy)
		json_object_set_new(object, "frame_in_hand", frame_in_hand(stat));
}

/* The name that it has or had, else the one that is waited for. */
static void set_iface(json_t *object, const struct nexp_news *news)
{
	const struct nexp_entry *entry = news->entry;
	const char *name = *entry->now.name ? entry->now.name : entry->wanted;

	json_object_set_new(object, "interface", nexp_json_text(name, strlen(name)));
	json_object_set_new(object, "wanted", *entry->wanted ?
			    nexp_json_text(entry->wanted, strlen(entry->wanted)) : json_null());
	json_object_set_new(object, "ifindex", entry->now.index ?
			    nexp_json_number(entry->now.index) : json_null());
}

/* Those that are there. */
static void set_ifaces(json_t *object, const struct nexp_ifaces *ifaces)
{
	json_t *names = json_array();
	const char *name;
	unsigned int i;

	for (i = 0; i < ifaces->nr_entries; i++) {
		name = ifaces->entries[i].now.name;
		if (ifaces->entries[i].now.index)
			json_array_append_new(names, nexp_json_text(name, strlen(name)));
	}
	json_object_set_new(object, "interfaces", names);
}

static void set_source(json_t *object, const struct nexp_context *context)
{
	if (context->file)
		json_object_set_new(object, "file",
				    nexp_json_text(context->file, strlen(context->file)));
	else
		set_ifaces(object, &context->ifaces);
}

static void set_lost(json_t *object, const struct nexp_news *news)
{
	json_object_set_new(object, "lost", nexp_json_number(nexp_stat_lost(news->lost)));
	json_object_set_new(object, "dropped", nexp_json_drops(news->lost));
}

/* Of all workers, so neither the first one's name nor its incarnation. */
static void set_workers(json_t *object, const struct nexp_expert *expert,
			const struct nexp_news *news)
{
	json_t *sum = nexp_json_ring(news->sum);

	json_object_del(object, "incarnation");
	json_object_set_new(object, "name", json_string(expert->spec.common_name));
	json_object_set_new(object, "workers", json_integer(expert->spec.nr_workers));
	json_object_update(object, sum);
	json_decref(sum);
}

static void set_news(json_t *object, const struct nexp_expert *expert,
		     const struct nexp_news *news)
{
	switch (news->kind) {
	case NEXP_NEWS_STARTED:
		json_object_set_new(object, "pid", json_integer(expert->pid));
		break;
	case NEXP_NEWS_READY:
		set_ready(object, expert, news);
		break;
	case NEXP_NEWS_DIED:
		set_died(object, expert, news);
		break;
	case NEXP_NEWS_POSTMORTEM:
		if (news->heap)
			json_object_set_new(object, "heap",
					    nexp_json_heap(news->heap,
							   expert->stat.out_heap_bytes));
		break;
	case NEXP_NEWS_HEAP_BACK:
		set_times(object, expert);
		json_object_set_new(object, "back_after_ns", nexp_json_number(news->ns));
		json_object_set_new(object, "heap_bytes",
				    nexp_json_number(expert->stat.out_heap_bytes));
		break;
	case NEXP_NEWS_RESTART:
		json_object_set_new(object, "pause_ns", nexp_json_number(news->ns));
		break;
	case NEXP_NEWS_LOST:
		json_object_set_new(object, "within_ns", nexp_json_number(news->ns));
		set_lost(object, news);
		break;
	case NEXP_NEWS_LOSING:
		set_lost(object, news);
		break;
	case NEXP_NEWS_FINISHED:
		json_object_set_new(object, "result", json_integer(news->done->result));
		json_object_set_new(object, "frames", nexp_json_number(news->done->frames));
		break;
	case NEXP_NEWS_WORKERS_OVER:
		set_workers(object, expert, news);
		break;
	default:
		break;
	}
	if (news->entry)
		set_iface(object, news);
	if (news->stats)
		json_object_set_new(object, "not_ours", nexp_json_iface_stats(news->stats));
	if (news->text)
		json_object_set_new(object, news->kind == NEXP_NEWS_IFACE_RENAMED ?
				    "former" : "reason", nexp_json_text(news->text, news->length));
}

static void on_news(struct nexp_reporter *base, const struct nexp_expert *expert,
		    const struct nexp_news *news)
{
	struct nexp_json_reporter *reporter = json_reporter(base);
	struct nexp_buffer lines = { 0 };
	json_t *object = about(expert);
	bool problem;

	json_object_set_new(object, "action", json_string(actions[news->kind]));
	set_news(object, expert, news);
	if (news->kind == NEXP_NEWS_CAPTURING)
		set_source(object, &reporter->supervisor->context);
	write_line(reporter, "lifecycle", object);
	if (news->kind == NEXP_NEWS_OVER)
		write_stats(reporter, expert, true);

	problem = nexp_words_put(&lines, &reporter->supervisor->context, expert, news);
	if (problem || !reporter->quiet)
		nexp_words_say(&reporter->err, &lines);
	nexp_buffer_free(&lines);
}

static void on_status(struct nexp_reporter *base, const struct nexp_expert *expert,
		      const struct nexp_status *status)
{
	json_t *object = about(expert);

	json_object_set_new(object, "status", json_string(nexp_status_name(status->status)));
	json_object_set_new(object, "substatus", nexp_json_number(status->substatus));
	json_object_set_new(object, "percent", status->percent < 0 ? json_null() :
						       json_integer(status->percent));
	json_object_set_new(object, "frame", nexp_json_number(status->frame));
	set_text(object, "text", &status->text);
	write_line(json_reporter(base), "status", object);
}

/* Wireshark's names for how grave it is. */
static const char *grade(uint32_t severity)
{
	return severity == 0 ? "note" : severity <= 2 ? "warn" : "error";
}

static void on_event(struct nexp_reporter *base, const struct nexp_expert *expert,
		     const struct nexp_event *event)
{
	json_t *object = about(expert);
	struct nexp_buffer time = { 0 };

	json_object_set_new(object, "severity", json_string(grade(event->severity)));
	json_object_set_new(object, "severity_code", nexp_json_number(event->severity));
	json_object_set_new(object, "ident", nexp_json_number(event->ident));
	set_text(object, "source", &event->source);
	set_text(object, "event", &event->name);
	set_text(object, "summary", &event->description);
	set_text(object, "justification", &event->justification);
	if (event->machine.bytes)
		set_text(object, "machine", &event->machine);
	nexp_event_time_put(&time, event->time);
	if (time.length)
		json_object_set_new(object, "event_time", json_stringn(time.bytes, time.length));
	nexp_buffer_free(&time);
	json_object_set_new(object, "columns", nexp_json_columns(event));
	write_line(json_reporter(base), "expert", object);
}

static void on_edition(struct nexp_reporter *base, const struct nexp_expert *expert,
		       const struct nexp_edition *edition, const struct nexp_row *first_new)
{
	(void)base;
	(void)expert;
	(void)edition;
	(void)first_new;
}

static void on_chatter(struct nexp_reporter *base, const struct nexp_expert *expert,
		       const char *line, size_t length, uint64_t nr_dropped)
{
	json_t *object = about(expert);

	json_object_set_new(object, "action", json_string("output"));
	json_object_set_new(object, "text", nexp_json_text(line, length));
	json_object_set_new(object, "left_out", nexp_json_number(nr_dropped));
	write_line(json_reporter(base), "lifecycle", object);
}

static void on_tick(struct nexp_reporter *base, const struct nexp_supervisor *supervisor,
		    uint64_t now_ns)
{
	struct nexp_json_reporter *reporter = json_reporter(base);
	unsigned int i;

	if (now_ns < reporter->stats_ns)
		return;
	reporter->stats_ns = now_ns + STATS_NS;
	for (i = 0; i < supervisor->nr_experts; i++)
		if (supervisor->experts[i].state != NEXP_EXPERT_OVER)
			write_stats(reporter, &supervisor->experts[i], false);
}

static const struct nexp_reporter_ops json_ops = {
	.news = on_news,
	.status = on_status,
	.event = on_event,
	.edition = on_edition,
	.chatter = on_chatter,
	.tick = on_tick,
};

void nexp_json_reporter_init(struct nexp_json_reporter *reporter,
			     const struct nexp_supervisor *supervisor, bool quiet)
{
	*reporter = (struct nexp_json_reporter){
		.base = { .ops = &json_ops, .due_ns = NEXP_NEVER },
		.supervisor = supervisor,
		.out = { .fd = STDOUT_FILENO },
		.err = { .fd = STDERR_FILENO },
		.quiet = quiet,
		.stats_ns = nexp_now_ns() + STATS_NS,
	};
}
