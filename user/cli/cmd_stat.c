// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert stat - the pools of this machine and their counters
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../supervisor/attached.h"
#include "../supervisor/heap_view.h"
#include "../supervisor/iface.h"
#include "cli.h"
#include "heap_json.h"
#include "heap_words.h"
#include "json.h"
#include "parse.h"
#include "text.h"
#include "words.h"

/* Most rings that a pool can have. */
#define MAX_RINGS	256

static const char help_text[] =
	"Usage: netexpert stat [-v] [--heap] [--json] [POOL...]\n"
	"\n"
	"Shows the pools of this machine: whose they are, in which state, by which filter\n"
	"they get frames, and what became of every frame. Without POOL it shows all of\n"
	"them, which takes CAP_NET_ADMIN.\n"
	"\n"
	"  -v, --verbose  show every ring too, and, without POOL, frames that were for no\n"
	"                 pool: a program that somebody attached still names one that is gone\n"
	"      --heap     show what is in every heap: objects by size class and by tag,\n"
	"                 and the largest; takes CAP_SYS_PTRACE too\n"
	"      --json     a JSON object per pool and line, and then per interface, and with\n"
	"                 -v for the module\n"
	"  -h, --help     this text\n"
	"\n"
	"For every pool, and every ring, seen = filtered + delivered + lost, but for a\n"
	"frame that is under way right now. Lost frames are told by cause: ring_full, the\n"
	"reader is behind by a whole ring; corrupt, it wrote nonsense into its position;\n"
	"too_big, the frame is larger than a ring; unreadable, the kernel could not read\n"
	"it; nested, its delivery interrupted another one; no_program, the filter has none\n"
	"for the interface's link type. Filtered are frames that the filter did not want.\n"
	"Unread is what the reader has not released yet, record headers included.\n"
	"\n"
	"What an interface has lost before the kernel had a frame is not in these numbers.\n"
	"So the kernel's own counters of each interface that is captured are shown, too,\n"
	"under its names: they are not ours, and count since there is the interface, not\n"
	"since it is captured. That is shown without POOL, takes CAP_SYS_ADMIN, and is about\n"
	"interfaces of this network namespace only. 'netexpert run' tells at its end what\n"
	"they have grown by.\n"
	"\n"
	"What is in a heap is read from the tables that the expert's library keeps. They\n"
	"are the expert's, so nothing in them is trusted: what makes no sense is shown as\n"
	"DAMAGED, with its place in the heap, and everything else all the same. Held are\n"
	"the slots or pages of objects, which are larger than what was asked for. A living\n"
	"heap changes while it is read: its numbers may be a moment apart.\n"
	"\n"
	"EXIT STATUS\n"
	"   0  the pools were shown, or there is none\n"
	"   1  a POOL does not exist\n"
	"   2  the command line makes no sense\n"
	"  69  the kernel module or its device is missing\n"
	"  77  not permitted\n";

struct view {
	struct nexp_session session;
	struct nexp_output output;
	bool json;
	bool verbose;
	bool heap;
	bool has_report;
	int nr_programs;
	char filter[NETEXPERT_FILTER_TEXT_LEN];
	int code;
	unsigned int nr_shown;
	struct netexpert_ring_stat rings[MAX_RINGS];
	struct nexp_heap_report report;
};

static void put_text(struct nexp_buffer *text, const struct netexpert_pool_stat *stat)
{
	nexp_buffer_printf(text, "%s  pool 0x%016" PRIx64 "\n", stat->out_name,
			   (uint64_t)stat->pool_id);
	nexp_buffer_printf(text, "  %s, process %u, incarnation %u\n",
			   nexp_pool_state_name(stat->out_state), stat->out_pid,
			   stat->out_incarnation);
	nexp_buffer_puts(text, "  heap   ");
	nexp_put_size(text, stat->out_heap_bytes);
	nexp_buffer_puts(text, " of ");
	nexp_put_size(text, stat->out_heap_limit);
	nexp_buffer_puts(text, ", peak ");
	nexp_put_size(text, stat->out_heap_peak);
	nexp_buffer_printf(text, ", refused %" PRIu64 "\n", (uint64_t)stat->out_heap_refused);
	nexp_buffer_printf(text, "  rings  %u x ", stat->nr_rings);
	nexp_put_size(text, stat->out_ring_size);
	nexp_buffer_puts(text, ", unread ");
	nexp_put_size(text, stat->out_sum.position - stat->out_sum.consumed);
	nexp_buffer_printf(text, ", wake-ups %" PRIu64 "\n", (uint64_t)stat->out_wakeups);
}

static void put_filter(struct nexp_buffer *text, const struct view *view)
{
	if (view->nr_programs <= 0)
		return;
	nexp_buffer_puts(text, "  filter ");
	if (view->filter[0])
		nexp_text_put(text, view->filter, strlen(view->filter));
	else
		nexp_buffer_printf(text, "without words, for %d link types", view->nr_programs);
	nexp_buffer_puts(text, "\n");
}

static void put_counters(struct nexp_buffer *text, const struct netexpert_ring_stat *ring)
{
	nexp_words_sum_put(text, ring);
	if (nexp_stat_lost(ring)) {
		nexp_buffer_puts(text, " (");
		nexp_words_drops_put(text, ring);
		nexp_buffer_puts(text, ")");
	}
	nexp_buffer_puts(text, "\n");
}

static void show_text(struct view *view, const struct netexpert_pool_stat *stat)
{
	struct nexp_buffer text = { 0 };
	unsigned int i;

	if (view->nr_shown)
		nexp_buffer_puts(&text, "\n");
	put_text(&text, stat);
	put_filter(&text, view);
	nexp_buffer_puts(&text, "  frames ");
	put_counters(&text, &stat->out_sum);
	for (i = 0; view->verbose && i < stat->nr_rings && i < MAX_RINGS; i++) {
		nexp_buffer_printf(&text, "  ring %-3u unread ", i);
		nexp_put_size(&text, view->rings[i].position - view->rings[i].consumed);
		nexp_buffer_puts(&text, ", ");
		put_counters(&text, &view->rings[i]);
	}
	if (view->has_report)
		nexp_heap_tables_put(&text, &view->report, stat->out_heap_bytes);
	nexp_output_write(&view->output, text.bytes, text.length);
	nexp_buffer_free(&text);
}

static void show_json(struct view *view, const struct netexpert_pool_stat *stat)
{
	json_t *object = json_object(), *pool = nexp_json_pool(stat), *rings;
	unsigned int i;

	json_object_set_new(object, "name", nexp_json_text(stat->out_name,
							   strlen(stat->out_name)));
	json_object_update(object, pool);
	json_decref(pool);
	json_object_set_new(object, "filter", view->filter[0] ?
			    nexp_json_text(view->filter, strlen(view->filter)) : json_null());
	json_object_set_new(object, "filter_link_types", json_integer(view->nr_programs));
	if (view->verbose) {
		rings = json_array();
		for (i = 0; i < stat->nr_rings && i < MAX_RINGS; i++)
			json_array_append_new(rings, nexp_json_ring(&view->rings[i]));
		json_object_set_new(object, "per_ring", rings);
	}
	if (view->has_report)
		json_object_set_new(object, "heap", nexp_json_heap(&view->report,
								   stat->out_heap_bytes));
	nexp_json_line(&view->output, object);
}

/* Return: 0, also after a complaint; -ESTALE if the pool is gone. */
static int read_heap(struct view *view, const struct netexpert_pool_stat *stat)
{
	int ret = nexp_heap_view(&view->session, stat, UINT64_MAX, &view->report);

	view->has_report = !ret;
	if (!ret || ret == -ESTALE)
		return ret;
	if (ret == -EPERM) {
		nexp_complain("what is in the heap of '%s' is shown to CAP_SYS_PTRACE only; "
			      "run as root", stat->out_name);
		view->code = NEXP_EXIT_PERMISSION;
	} else {
		nexp_complain("reading the heap of '%s': %s", stat->out_name, strerror(-ret));
		view->code = NEXP_EXIT_FAILURE;
	}
	return 0;
}

/* Return: 0, -ESTALE if the pool went away meanwhile, or why there are no counters. */
static int show(struct view *view, uint64_t pool_id, uint32_t flags,
		struct netexpert_pool_stat *stat)
{
	int ret;

	ret = nexp_pool_stat(&view->session, pool_id, flags, view->rings, MAX_RINGS, stat);
	if (ret)
		return ret;
	/* The module's, and still: it is copied with care, not with trust. */
	stat->out_name[sizeof(stat->out_name) - 1] = '\0';
	view->nr_programs = nexp_pool_filter_text(&view->session, stat->pool_id, view->filter);
	if (view->nr_programs < 0)
		return -ESTALE;
	if (view->heap)
		ret = read_heap(view, stat);
	if (ret)
		return ret;
	if (view->json)
		show_json(view, stat);
	else
		show_text(view, stat);
	view->nr_shown++;
	return 0;
}

static void show_iface(struct view *view, const struct nexp_iface *iface,
		       const struct nexp_iface_stats *stats)
{
	struct nexp_buffer text = { 0 };
	json_t *object;

	if (view->json) {
		object = json_object();
		json_object_set_new(object, "interface", nexp_json_text(iface->name,
									strlen(iface->name)));
		json_object_set_new(object, "ifindex", json_integer(iface->index));
		json_object_set_new(object, "not_ours", nexp_json_iface_stats(stats));
		nexp_json_line(&view->output, object);
		return;
	}
	nexp_buffer_puts(&text, "\ninterface ");
	nexp_text_put(&text, iface->name, strlen(iface->name));
	nexp_buffer_puts(&text, ", since it exists, by the kernel's counters, which are not "
			 "ours:\n");
	nexp_buffer_printf(&text, "  rx_missed_errors %" PRIu64 ", rx_over_errors %" PRIu64
			   ", rx_fifo_errors %" PRIu64 ", rx_dropped %" PRIu64
			   ", rx_nohandler %" PRIu64 ", tx_dropped %" PRIu64 "\n",
			   stats->rx_missed, stats->rx_over, stats->rx_fifo, stats->rx_dropped,
			   stats->rx_nohandler, stats->tx_dropped);
	nexp_output_write(&view->output, text.bytes, text.length);
	nexp_buffer_free(&text);
}

static int show_captured(struct view *view, int query)
{
	struct nexp_iface_stats stats;
	struct nexp_iface *list;
	unsigned int nr, i;
	int ret;

	ret = nexp_iface_list(query, &list, &nr);
	if (ret)
		return ret;
	for (i = 0; i < nr && ret >= 0; i++) {
		ret = nexp_attached(list[i].index);
		if (ret <= 0)
			continue;
		ret = nexp_iface_stats_read(query, list[i].index, &stats);
		if (!ret)
			show_iface(view, &list[i], &stats);
		/* It is gone again. */
		if (ret == -ENODEV)
			ret = 0;
	}
	free(list);
	return ret < 0 ? ret : 0;
}

/* Of those that are captured: what may have been lost before any capture. */
static int show_ifaces(struct view *view)
{
	int query = nexp_iface_open();
	int ret = query < 0 ? query : show_captured(view, query);

	if (query >= 0)
		close(query);
	if (ret == -EPERM) {
		nexp_complain("which interfaces are captured is shown to CAP_SYS_ADMIN only");
		return view->code;
	}
	if (!ret)
		return view->code;
	nexp_complain("counters of interfaces: %s", strerror(-ret));
	return NEXP_EXIT_FAILURE;
}

/* Frames that no pool's counters can have. */
static void show_module(struct view *view)
{
	uint64_t no_pool = view->session.info.out_drops_no_pool;
	struct nexp_buffer text = { 0 };

	if (view->json) {
		nexp_json_line(&view->output, json_pack("{s:{s:o}}", "module", "no_pool",
							nexp_json_number(no_pool)));
		return;
	}
	nexp_buffer_printf(&text, "%smodule, since it was loaded: %" PRIu64
			   " frames for no pool\n", view->nr_shown ? "\n" : "", no_pool);
	nexp_output_write(&view->output, text.bytes, text.length);
	nexp_buffer_free(&text);
}

static int show_all(struct view *view)
{
	struct netexpert_pool_stat stat = { .pool_id = 0 };
	int ret;

	do {
		ret = show(view, stat.pool_id, NETEXPERT_STAT_NEXT, &stat);
	} while (!ret || ret == -ESTALE);
	if (ret == -EPERM) {
		nexp_complain("other processes' pools are shown to CAP_NET_ADMIN only; run as "
			      "root");
		return NEXP_EXIT_PERMISSION;
	}
	if (ret != -ENOENT) {
		nexp_complain("reading counters: %s", strerror(-ret));
		return NEXP_EXIT_FAILURE;
	}
	if (!view->nr_shown && view->session.info.out_nr_pools) {
		nexp_complain("there are %u pools, but other processes' are shown to "
			      "CAP_NET_ADMIN only; run as root", view->session.info.out_nr_pools);
		return NEXP_EXIT_PERMISSION;
	}
	if (view->verbose)
		show_module(view);
	if (!view->nr_shown && !view->json)
		nexp_complain("there is no pool: no expert is running");
	return view->nr_shown ? show_ifaces(view) : view->code;
}

static int show_some(struct view *view, char **ids, int nr_ids)
{
	struct netexpert_pool_stat stat;
	uint64_t id;
	int i, ret;

	for (i = 0; i < nr_ids; i++) {
		if (nexp_parse_id(ids[i], &id))
			return nexp_usage_error("stat", "'%s' is not the id of a pool", ids[i]);
		ret = show(view, id, 0, &stat);
		if (!ret)
			continue;
		if (ret == -ENOENT || ret == -ESTALE)
			nexp_complain("no pool %s that you may look at", ids[i]);
		else
			nexp_complain("pool %s: %s", ids[i], strerror(-ret));
		view->code = NEXP_EXIT_FAILURE;
	}
	return view->code;
}

int nexp_cmd_stat(int argc, char **argv)
{
	static const struct option options[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "heap", no_argument, NULL, 'H' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct view view = { .output = { .fd = STDOUT_FILENO } };
	struct nexp_error err;
	int option, code;

	while ((option = getopt_long(argc, argv, ":vh", options, NULL)) != -1) {
		switch (option) {
		case 'v':
			view.verbose = true;
			break;
		case 'H':
			view.heap = true;
			break;
		case 'j':
			view.json = true;
			break;
		case 'h':
			return nexp_print_help(help_text);
		default:
			return nexp_option_error("stat", option, argv);
		}
	}
	if (nexp_session_open(&view.session, &err))
		return nexp_error_exit(&err);
	if (optind < argc)
		code = show_some(&view, argv + optind, argc - optind);
	else
		code = show_all(&view);
	nexp_session_close(&view.session);
	if (!view.output.broken)
		return code;
	nexp_complain("writing to standard output: %s", strerror(view.output.code));
	return NEXP_EXIT_FAILURE;
}
