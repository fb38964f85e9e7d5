// SPDX-License-Identifier: GPL-2.0
/*
 * words - news of a run as lines for people
 */
#include <inttypes.h>
#include <string.h>

#include <netexpert.h>
#include <netmon.h>

#include "heap_words.h"
#include "text.h"
#include "words.h"

/* EXPERTSTATUS_PROBLEM: the expert stops, or should. */
#define STATUS_PROBLEM	3

const char *nexp_status_name(uint32_t status)
{
	static const char *const names[] = {
		"inactive", "starting", "running", "problem", "aborted", "done",
	};

	return status < sizeof(names) / sizeof(names[0]) ? names[status] : "unknown";
}

void nexp_words_sum_put(struct nexp_buffer *buffer, const struct netexpert_ring_stat *sum)
{
	nexp_buffer_printf(buffer, "seen %" PRIu64 " = filtered %" PRIu64 " + delivered %" PRIu64
			   " + lost %" PRIu64, (uint64_t)sum->seen, (uint64_t)sum->filtered,
			   (uint64_t)sum->delivered, nexp_stat_lost(sum));
}

void nexp_words_drops_put(struct nexp_buffer *buffer, const struct netexpert_ring_stat *sum)
{
	const char *between = "";
	unsigned int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++) {
		if (!sum->dropped[i])
			continue;
		nexp_buffer_puts(buffer, between);
		if (nexp_drop_name(i))
			nexp_buffer_puts(buffer, nexp_drop_name(i));
		else
			nexp_buffer_printf(buffer, "cause_%u", i);
		nexp_buffer_printf(buffer, " %" PRIu64, (uint64_t)sum->dropped[i]);
		between = ", ";
	}
}

static void put_unread(struct nexp_buffer *buffer, const struct nexp_expert *expert)
{
	const struct netexpert_pool_stat *stat = &expert->stat;

	nexp_put_size(buffer, stat->out_sum.position - stat->out_sum.consumed);
	nexp_buffer_printf(buffer, " of %u x ", expert->nr_rings);
	nexp_put_size(buffer, stat->out_ring_size);
}

static void put_wanted(struct nexp_buffer *buffer, const struct nexp_expert *expert)
{
	const struct nexp_expert_spec *spec = &expert->spec;

	if (spec->nr_workers > 1 && !spec->worker)
		nexp_buffer_printf(buffer, "%s: its flows are spread over %u workers\n",
				   spec->common_name, spec->nr_workers);
	if (spec->filter) {
		nexp_buffer_printf(buffer, "%s: only frames by the filter: ", spec->name);
		nexp_text_put(buffer, spec->filter, strlen(spec->filter));
		nexp_buffer_puts(buffer, "\n");
	}
	if (spec->capture) {
		nexp_buffer_printf(buffer, "%s: what this program hands over: ", spec->name);
		nexp_text_put(buffer, spec->capture, strlen(spec->capture));
		nexp_buffer_puts(buffer, "\n");
	}
	if (spec->snaplen)
		nexp_buffer_printf(buffer, "%s: at most %" PRIu32 " bytes of a frame\n",
				   spec->name, spec->snaplen);
	if (spec->count)
		nexp_buffer_printf(buffer, "%s: no more than %" PRIu64 " frames\n", spec->name,
				   spec->count);
}

static void put_ready(struct nexp_buffer *buffer, const struct nexp_expert *expert,
		      const struct nexp_news *news)
{
	const char *name = expert->spec.name;

	if (expert->stat.out_incarnation < 2) {
		put_wanted(buffer, expert);
		return;
	}
	nexp_buffer_printf(buffer, "%s: running again: incarnation %u, process %d\n", name,
			   expert->stat.out_incarnation, expert->pid);
	nexp_buffer_printf(buffer, "%s: nobody read for ", name);
	nexp_put_duration(buffer, news->ns);
	nexp_buffer_printf(buffer, "; frames lost meanwhile: %" PRIu64 "; waiting in the rings: ",
			   news->frames);
	put_unread(buffer, expert);
	nexp_buffer_puts(buffer, "\n");
}

/* The three times of a death: noticed, process gone, bytes back. */
static void put_times(struct nexp_buffer *buffer, const struct nexp_expert *expert)
{
	const struct netexpert_pool_stat *stat = &expert->stat;

	nexp_buffer_printf(buffer, "%s: end noticed by the kernel at ", expert->spec.name);
	nexp_put_time(buffer, stat->out_ended_ns);
	if (!expert->gone_ns) {
		nexp_buffer_puts(buffer, "; the process is still there");
	} else if (expert->gone_ns < stat->out_ended_ns) {
		nexp_buffer_puts(buffer, "; the process was gone before");
	} else {
		nexp_buffer_puts(buffer, "; process gone after ");
		nexp_put_duration(buffer, expert->gone_ns - stat->out_ended_ns);
	}
	nexp_buffer_printf(buffer, "; its %" PRIu64 " bytes of heap ",
			   (uint64_t)stat->out_back_bytes);
	if (!stat->out_back_ns) {
		nexp_buffer_puts(buffer, "are not back yet\n");
		return;
	}
	nexp_buffer_puts(buffer, "back after ");
	nexp_put_duration(buffer, stat->out_back_ns - stat->out_ended_ns);
	nexp_buffer_puts(buffer, "\n");
}

static void put_died(struct nexp_buffer *buffer, const struct nexp_expert *expert,
		     const struct nexp_news *news)
{
	const struct netexpert_pool_stat *stat = &expert->stat;
	const char *name = expert->spec.name;
	char how[128] = "did not end";

	if (news->end)
		nexp_end_describe(news->end, how, sizeof(how));
	nexp_buffer_printf(buffer, "%s: DIED: %s (incarnation %u, process %d)\n", name, how,
			   stat->out_incarnation, expert->pid);
	if (news->text) {
		nexp_buffer_printf(buffer, "%s: ended because ", name);
		nexp_text_put(buffer, news->text, news->length);
		nexp_buffer_puts(buffer, "\n");
	}
	put_times(buffer, expert);
	if (stat->out_last_busy && stat->out_last_ring == NETEXPERT_NO_RING)
		nexp_buffer_printf(buffer, "%s: in hand it had frame %" PRIu64 " of its capture, "
				   "which it had taken out of turn\n", name,
				   (uint64_t)stat->out_last_position + 1);
	else if (stat->out_last_busy)
		nexp_buffer_printf(buffer, "%s: in hand it had the frame at position %" PRIu64
				   " of ring %u: the next incarnation sees that one again\n", name,
				   (uint64_t)stat->out_last_position, stat->out_last_ring);
	else
		nexp_buffer_printf(buffer, "%s: it had no frame in hand\n", name);
}

static void put_postmortem(struct nexp_buffer *buffer, const struct nexp_expert *expert,
			   const struct nexp_news *news)
{
	if (news->heap) {
		nexp_heap_words_put(buffer, expert->spec.name, news->heap,
				    expert->stat.out_heap_bytes);
		return;
	}
	nexp_buffer_printf(buffer, "%s: its heap could not be read: ", expert->spec.name);
	nexp_text_put_lines(buffer, news->text, news->length);
	nexp_buffer_puts(buffer, "\n");
}

static void put_losing(struct nexp_buffer *buffer, const struct nexp_expert *expert,
		       const struct nexp_news *news)
{
	bool is_over = news->kind == NEXP_NEWS_LOST;

	nexp_buffer_printf(buffer, "%s: %s %" PRIu64 " frames", expert->spec.name,
			   is_over ? "lost" : "LOSES", nexp_stat_lost(news->lost));
	if (is_over) {
		nexp_buffer_puts(buffer, " within ");
		nexp_put_duration(buffer, news->ns);
	} else {
		nexp_buffer_puts(buffer, " so far");
	}
	nexp_buffer_puts(buffer, " (");
	nexp_words_drops_put(buffer, news->lost);
	nexp_buffer_puts(buffer, is_over ? "); that is over" : "); unread: ");
	if (!is_over)
		put_unread(buffer, expert);
	nexp_buffer_puts(buffer, "\n");
}

static void put_over(struct nexp_buffer *buffer, const struct nexp_expert *expert)
{
	const struct netexpert_pool_stat *stat = &expert->stat;
	const char *name = expert->spec.name;

	nexp_buffer_printf(buffer, "%s: frames ", name);
	nexp_words_sum_put(buffer, &stat->out_sum);
	if (nexp_stat_lost(&stat->out_sum)) {
		nexp_buffer_puts(buffer, " (");
		nexp_words_drops_put(buffer, &stat->out_sum);
		nexp_buffer_puts(buffer, ")");
	}
	nexp_buffer_printf(buffer, "\n%s: delivered ", name);
	nexp_put_size(buffer, stat->out_sum.delivered_bytes);
	nexp_buffer_puts(buffer, "; unread ");
	put_unread(buffer, expert);
	nexp_buffer_puts(buffer, "; heap now ");
	nexp_put_size(buffer, stat->out_heap_bytes);
	nexp_buffer_puts(buffer, ", peak ");
	nexp_put_size(buffer, stat->out_heap_peak);
	nexp_buffer_printf(buffer, "; incarnations %u\n", stat->out_incarnation);
}

static void put_workers_over(struct nexp_buffer *buffer, const struct nexp_expert *expert,
			     const struct nexp_news *news)
{
	nexp_buffer_printf(buffer, "%s: its %u workers together: frames ",
			   expert->spec.common_name, expert->spec.nr_workers);
	nexp_words_sum_put(buffer, news->sum);
	if (nexp_stat_lost(news->sum)) {
		nexp_buffer_puts(buffer, " (");
		nexp_words_drops_put(buffer, news->sum);
		nexp_buffer_puts(buffer, ")");
	}
	nexp_buffer_puts(buffer, "; delivered ");
	nexp_put_size(buffer, news->sum->delivered_bytes);
	nexp_buffer_puts(buffer, "\n");
}

static void put_name(struct nexp_buffer *buffer, const char *name)
{
	nexp_text_put(buffer, name, strlen(name));
}

/* Those that are there; 'any' may be very many. */
static void put_ifaces(struct nexp_buffer *buffer, const struct nexp_ifaces *ifaces)
{
	const char *between = "";
	unsigned int i;

	if (ifaces->any) {
		nexp_buffer_printf(buffer, "any (%u interfaces now)", ifaces->nr_entries);
		return;
	}
	for (i = 0; i < ifaces->nr_entries; i++) {
		if (!ifaces->entries[i].now.index)
			continue;
		nexp_buffer_puts(buffer, between);
		put_name(buffer, ifaces->entries[i].now.name);
		between = ",";
	}
	if (!*between)
		nexp_buffer_puts(buffer, "no interface yet");
}

/* What became of an interface, behind "interface NAME ". */
static void put_fate(struct nexp_buffer *buffer, const struct nexp_news *news)
{
	const struct nexp_entry *entry = news->entry;

	switch (news->kind) {
	case NEXP_NEWS_IFACE_CAPTURED:
		nexp_buffer_puts(buffer, "is there: capturing on it");
		break;
	case NEXP_NEWS_IFACE_GONE:
		nexp_buffer_puts(buffer, "is not captured any more: ");
		nexp_text_put_lines(buffer, news->text, news->length);
		if (*entry->wanted) {
			nexp_buffer_puts(buffer, "; waiting for another ");
			put_name(buffer, entry->wanted);
		}
		break;
	case NEXP_NEWS_IFACE_RENAMED:
		nexp_buffer_puts(buffer, "is called ");
		put_name(buffer, entry->now.name);
		nexp_buffer_puts(buffer, " now: capturing goes on");
		break;
	case NEXP_NEWS_IFACE_DOWN:
		nexp_buffer_puts(buffer, "is down: nothing comes from it until it is up");
		break;
	case NEXP_NEWS_IFACE_UP:
		nexp_buffer_puts(buffer, "is up");
		break;
	case NEXP_NEWS_IFACE_TAGS:
		nexp_buffer_puts(buffer, "takes VLAN tags off by itself, and the tap gets frames "
				 "without: 'ethtool -K ");
		put_name(buffer, entry->now.name);
		nexp_buffer_puts(buffer, " rxvlan off' leaves them in");
		break;
	case NEXP_NEWS_IFACE_XDP:
		nexp_buffer_puts(buffer, "has an XDP program, and frames that it drops or takes "
				 "elsewhere do not come here: 'bpftool net' shows it");
		break;
	case NEXP_NEWS_IFACE_VRF:
		nexp_buffer_puts(buffer, "is a VRF, and its frames pass its ports without passing "
				 "it: name the ports; 'ip link show vrf ");
		put_name(buffer, entry->now.name);
		nexp_buffer_puts(buffer, "' shows them");
		break;
	case NEXP_NEWS_IFACE_NOT_PROMISCUOUS:
		nexp_buffer_printf(buffer, "could not be made promiscuous, so frames for others "
				   "may be missing: %s", news->text);
		break;
	default:
		nexp_buffer_puts(buffer, "is not captured: ");
		nexp_text_put_lines(buffer, news->text, news->length);
		break;
	}
}

static void put_iface(struct nexp_buffer *buffer, const struct nexp_expert *expert,
		      const struct nexp_news *news)
{
	const struct nexp_entry *entry = news->entry;

	if (news->kind == NEXP_NEWS_IFACE_WAITING) {
		nexp_buffer_puts(buffer, "waiting for interface ");
		put_name(buffer, entry->wanted);
		nexp_buffer_puts(buffer, ": there is none yet; 'ip link' shows what there is\n");
		return;
	}
	if (expert)
		nexp_buffer_printf(buffer, "%s: ", expert->spec.name);
	nexp_buffer_puts(buffer, "interface ");
	put_name(buffer, news->kind == NEXP_NEWS_IFACE_RENAMED ? news->text : entry->now.name);
	nexp_buffer_puts(buffer, " ");
	put_fate(buffer, news);
	nexp_buffer_puts(buffer, "\n");
}

static const char *put_counter(struct nexp_buffer *buffer, const char *between, const char *name,
			       uint64_t number, const char *meaning)
{
	if (!number)
		return between;
	nexp_buffer_printf(buffer, "%s%s %" PRIu64 " (%s)", between, name, number, meaning);
	return ", ";
}

/* What may mean that there were frames that nobody could capture, and what does not. */
static bool put_iface_stats(struct nexp_buffer *buffer, const struct nexp_news *news)
{
	const struct nexp_iface_stats *stats = news->stats;
	const char *between = "";

	if (!(stats->rx_missed | stats->rx_over | stats->rx_fifo | stats->rx_dropped |
	      stats->rx_nohandler | stats->tx_dropped))
		return false;
	nexp_buffer_puts(buffer, "interface ");
	put_name(buffer, news->entry->now.name);
	nexp_buffer_puts(buffer, ", by the kernel's counters, which are not ours: ");
	between = put_counter(buffer, between, "rx_missed_errors", stats->rx_missed,
			      "no capture saw them");
	between = put_counter(buffer, between, "rx_over_errors", stats->rx_over,
			      "no capture saw them");
	between = put_counter(buffer, between, "rx_fifo_errors", stats->rx_fifo,
			      "no capture saw them");
	between = put_counter(buffer, between, "rx_dropped", stats->rx_dropped,
			      "a capture may have seen them or not");
	between = put_counter(buffer, between, "rx_nohandler", stats->rx_nohandler,
			      "behind the capture");
	put_counter(buffer, between, "tx_dropped", stats->tx_dropped, "behind the capture");
	nexp_buffer_puts(buffer, "\n");
	return stats->rx_missed | stats->rx_over | stats->rx_fifo;
}

static void put_news(struct nexp_buffer *buffer, const struct nexp_context *context,
		     const struct nexp_news *news)
{
	switch (news->kind) {
	case NEXP_NEWS_CAPTURING:
		if (context->file) {
			nexp_buffer_puts(buffer, "reading ");
			put_name(buffer, context->file);
			nexp_buffer_puts(buffer, "; Ctrl-C ends\n");
			break;
		}
		nexp_buffer_puts(buffer, "capturing on ");
		put_ifaces(buffer, &context->ifaces);
		nexp_buffer_printf(buffer, ", %s; Ctrl-C ends\n",
				   context->tap.skeleton ? "in; the host gets nothing of it" :
				   context->direction == NEXP_DIRECTION_IN ? "in" :
				   context->direction == NEXP_DIRECTION_OUT ? "out" :
									      "in and out");
		break;
	case NEXP_NEWS_STOPPING:
		nexp_buffer_printf(buffer, "ending (%s): experts are asked to finish\n",
				   news->text);
		break;
	case NEXP_NEWS_STOP_NOW:
		nexp_buffer_puts(buffer, "experts that have not finished are killed\n");
		break;
	default:
		break;
	}
}

bool nexp_words_put(struct nexp_buffer *buffer, const struct nexp_context *context,
		    const struct nexp_expert *expert, const struct nexp_news *news)
{
	const char *name = expert ? expert->spec.name : "";

	switch (news->kind) {
	case NEXP_NEWS_STARTED:
		return false;
	case NEXP_NEWS_READY:
		put_ready(buffer, expert, news);
		return false;
	case NEXP_NEWS_DIED:
		put_died(buffer, expert, news);
		return true;
	case NEXP_NEWS_POSTMORTEM:
		put_postmortem(buffer, expert, news);
		return true;
	case NEXP_NEWS_HEAP_BACK:
		nexp_buffer_printf(buffer, "%s: all of its heap was back after ", name);
		nexp_put_duration(buffer, news->ns);
		nexp_buffer_printf(buffer, "; the kernel holds %" PRIu64 " bytes of it now\n",
				   (uint64_t)expert->stat.out_heap_bytes);
		return true;
	case NEXP_NEWS_RESTART:
		nexp_buffer_printf(buffer, "%s: restarting ", name);
		if (news->ns) {
			nexp_buffer_puts(buffer, "in ");
			nexp_put_duration(buffer, news->ns);
		} else {
			nexp_buffer_puts(buffer, "at once");
		}
		nexp_buffer_puts(buffer, "; frames keep arriving in its rings\n");
		return true;
	case NEXP_NEWS_FINISHED:
		nexp_buffer_printf(buffer, "%s: finished after %" PRIu64 " frames", name,
				   news->done->frames);
		if (news->text)
			nexp_buffer_printf(buffer, "; then its process %s", news->text);
		nexp_buffer_puts(buffer, "\n");
		return news->text;
	case NEXP_NEWS_FAILED:
		nexp_buffer_printf(buffer, "%s: FAILED: ", name);
		nexp_text_put(buffer, news->text, news->length);
		nexp_buffer_puts(buffer, "\n");
		return true;
	case NEXP_NEWS_OVER:
		put_over(buffer, expert);
		return false;
	case NEXP_NEWS_WORKERS_OVER:
		put_workers_over(buffer, expert, news);
		return false;
	case NEXP_NEWS_FILE:
		nexp_buffer_printf(buffer, "%s: reading ", name);
		put_name(buffer, context->file);
		nexp_buffer_puts(buffer, ": ");
		nexp_text_put(buffer, news->text, news->length);
		nexp_buffer_puts(buffer, "\n");
		return true;
	case NEXP_NEWS_IFACE_WAITING:
	case NEXP_NEWS_IFACE_GONE:
	case NEXP_NEWS_IFACE_DOWN:
	case NEXP_NEWS_IFACE_REFUSED:
	case NEXP_NEWS_IFACE_TAGS:
	case NEXP_NEWS_IFACE_XDP:
	case NEXP_NEWS_IFACE_VRF:
	case NEXP_NEWS_IFACE_NOT_PROMISCUOUS:
		put_iface(buffer, expert, news);
		return true;
	case NEXP_NEWS_LOSING:
	case NEXP_NEWS_LOST:
		put_losing(buffer, expert, news);
		return true;
	case NEXP_NEWS_IFACE_STATS:
		return put_iface_stats(buffer, news);
	case NEXP_NEWS_IFACE_CAPTURED:
	case NEXP_NEWS_IFACE_RENAMED:
	case NEXP_NEWS_IFACE_UP:
		put_iface(buffer, expert, news);
		return false;
	default:
		put_news(buffer, context, news);
		return news->kind == NEXP_NEWS_STOP_NOW;
	}
}

void nexp_words_say(struct nexp_output *output, const struct nexp_buffer *lines)
{
	const char *at = lines->bytes, *end = at + lines->length, *newline;
	struct nexp_buffer text = { 0 };

	while (at < end) {
		newline = memchr(at, '\n', (size_t)(end - at));
		newline = newline ? newline + 1 : end;
		nexp_buffer_puts(&text, "netexpert: ");
		nexp_buffer_put(&text, at, (size_t)(newline - at));
		at = newline;
	}
	nexp_output_write(output, text.bytes, text.length);
	nexp_buffer_free(&text);
}

void nexp_words_chatter_put(struct nexp_buffer *buffer, const struct nexp_expert *expert,
			    const char *line, size_t length, uint64_t nr_dropped)
{
	nexp_buffer_printf(buffer, "%s says: ", expert->spec.name);
	if (nr_dropped)
		nexp_buffer_printf(buffer, "(%" PRIu64 " lines left out) ", nr_dropped);
	nexp_text_put(buffer, line, length);
	nexp_buffer_puts(buffer, "\n");
}

void nexp_words_problem_put(struct nexp_buffer *buffer, const struct nexp_status *status)
{
	if (status->status != STATUS_PROBLEM)
		return;
	nexp_buffer_printf(buffer, "problem %" PRIu32 ": ", status->substatus);
	nexp_text_put(buffer, status->text.bytes, status->text.length);
	nexp_buffer_puts(buffer, "\n");
}

int nexp_percent_done(const struct nexp_expert *expert)
{
	const struct netexpert_ring_stat *sum = &expert->stat.out_sum;
	int percent;

	if (expert->has_status && expert->last_status.status == EXPERTSTATUS_RUNNING &&
	    expert->last_status.percent > 0)
		return expert->last_status.percent;
	percent = nexp_reader_percent(*expert->spec.input);
	if (percent > 0 && sum->position)
		percent = (int)(percent * ((double)sum->consumed / (double)sum->position));
	return percent;
}
