// SPDX-License-Identifier: GPL-2.0
/*
 * tcp-retransmit - which TCP segments were sent again
 *
 * What Wireshark's TCP analysis finds: a segment is a retransmission, maybe a fast one
 * or a spurious one, or out of order. It is counted for its flow, which is one
 * direction of a connection, and the flows with most of them are shown. Three rows
 * stand below: (other) for all other flows that are kept, (evicted) for those that
 * there was no room for (see table.h: the fewest such segments go first, then who has
 * been silent longest), and (all). They add up exactly.
 *
 * With frames=N a second report shows the segments themselves, of those since the last
 * report the first N: which frame was sent again, and how often by then. Times are
 * kept for as many segments as flows are, and begin anew for those silent longest.
 *
 * In the headers that ICMP errors quote nothing is counted.
 *
 * Counts are FLOAT64 columns, since the API has no 64-bit integers: they are exact up
 * to 2^53.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <netmon.h>

#include "common/live.h"
#include "common/options.h"
#include "common/property.h"
#include "common/table.h"

#define NAME		"tcp-retransmit"

#define DEFAULT_TOP	10
#define MAX_TOP		1000
#define DEFAULT_TABLE	65536
#define MIN_TABLE	16
#define MAX_TABLE	16777216
#define MAX_FRAMES	1000

#define FLOWS_IDENT	1
#define FRAMES_IDENT	2
#define NO_FRAME	0xffffffffU
#define USEC_PER_SEC	1000000.0

struct options {
	DWORD top;
	DWORD interval;
	DWORD table;
	DWORD frames;
};

struct counts {
	uint64_t segments;
	uint64_t retransmitted;	/* all of them, the next two kinds too */
	uint64_t fast;
	uint64_t spurious;
	uint64_t out_of_order;
	uint64_t bytes;		/* of data in those that were retransmitted */
};

/* One direction of a connection. */
struct flow {
	BYTE source[16];	/* unused bytes are 0 */
	BYTE target[16];
	DWORD is_ipv6;
	WORD source_port;
	WORD target_port;
};

/* Entries of state.flows. */
struct flow_entry {
	struct flow flow;
	int64_t seen_us;
	struct counts counts;
};

/* Entries of state.segments, those that came again. */
struct segment_entry {
	struct flow flow;
	DWORD seq;
	DWORD times;
	int64_t seen_us;
};

/* What is looked for in a frame. */
enum what {
	IP_SOURCE, IP_TARGET, IPV6_SOURCE, IPV6_TARGET, ICMP, ICMPV6, SOURCE_PORT, TARGET_PORT,
	SEQ, LENGTH, RETRANSMISSION, FAST, SPURIOUS, OUT_OF_ORDER, RTO, RTO_FRAME,
	NR_WHAT,
};

static const char *const names[NR_WHAT] = {
	"ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "icmp", "icmpv6", "tcp.srcport", "tcp.dstport",
	"tcp.seq_raw", "tcp.len", "tcp.analysis.retransmission",
	"tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission",
	"tcp.analysis.out_of_order", "tcp.analysis.rto", "tcp.analysis.rto_frame",
};

struct segment {
	struct flow flow;
	BOOL is_there;
	DWORD found;		/* a bit for each of enum what */
	DWORD seq;
	DWORD length;
	DWORD original;		/* frame; NO_FRAME if that is not known */
	double after;		/* seconds since then */
};

/* A row of the second report. */
struct note {
	struct segment segment;
	DWORD frame;
	DWORD times;
};

/* All of a run; what it points to is Expert memory. */
struct state {
	struct options options;
	struct live live;
	LPPROPERTYINFO known[NR_WHAT];
	struct table flows;
	struct table segments;
	struct counts evicted;
	struct counts all;
	DWORD *top;		/* indexes of flows, while a report is made */
	struct note *notes;
	DWORD nr_notes;
	uint64_t nr_left_out;	/* of the notes */
};

/* Options */

static const char *take_option(void *to, const char *name, const char *value)
{
	struct options *options = (struct options *)to;

	if (!strcmp(name, "top"))
		return options_number(value, 1, MAX_TOP, &options->top) ?
		       NULL : "top must be a number from 1 to 1000";
	if (!strcmp(name, "interval"))
		return options_number(value, 1, LIVE_MAX_INTERVAL, &options->interval) ?
		       NULL : "interval must be seconds, from 1 to 86400";
	if (!strcmp(name, "table"))
		return options_number(value, MIN_TABLE, MAX_TABLE, &options->table) ?
		       NULL : "table must be a number from 16 to 16777216";
	if (!strcmp(name, "frames"))
		return options_number(value, 0, MAX_FRAMES, &options->frames) ?
		       NULL : "frames must be a number from 0 to 1000";
	return "the options are top=, frames=, interval= and table=";
}

static const char *parse_options(const EXPERTCONFIG *config, struct options *options)
{
	*options = (struct options) {
		.top = DEFAULT_TOP,
		.interval = LIVE_DEFAULT_INTERVAL,
		.table = DEFAULT_TABLE,
	};
	return options_parse(config, take_option, options);
}

/* Counting */

static BOOL has(const struct segment *segment, enum what what)
{
	return segment->found >> what & 1;
}

static BOOL is_found(const struct segment *segment)
{
	return has(segment, RETRANSMISSION) || has(segment, OUT_OF_ORDER);
}

static void add_counts(struct counts *to, const struct counts *from)
{
	to->segments += from->segments;
	to->retransmitted += from->retransmitted;
	to->fast += from->fast;
	to->spurious += from->spurious;
	to->out_of_order += from->out_of_order;
	to->bytes += from->bytes;
}

static void subtract_counts(struct counts *from, const struct counts *counts)
{
	from->segments -= counts->segments;
	from->retransmitted -= counts->retransmitted;
	from->fast -= counts->fast;
	from->spurious -= counts->spurious;
	from->out_of_order -= counts->out_of_order;
	from->bytes -= counts->bytes;
}

static uint64_t found_of(const struct counts *counts)
{
	return counts->retransmitted + counts->out_of_order;
}

static BOOL is_lesser_flow(const void *a, const void *b)
{
	const struct flow_entry *one = (const struct flow_entry *)a;
	const struct flow_entry *other = (const struct flow_entry *)b;
	uint64_t found = found_of(&one->counts), other_found = found_of(&other->counts);

	return found < other_found || (found == other_found && one->seen_us < other->seen_us);
}

static void evicted_flow(void *owner, const void *entry)
{
	struct state *state = (struct state *)owner;

	add_counts(&state->evicted, &((const struct flow_entry *)entry)->counts);
}

static BOOL is_lesser_segment(const void *a, const void *b)
{
	return ((const struct segment_entry *)a)->seen_us <
	       ((const struct segment_entry *)b)->seen_us;
}

static const struct table_ops flow_ops = {
	.key_size = sizeof(struct flow),
	.entry_size = sizeof(struct flow_entry),
	.is_lesser = is_lesser_flow,
	.evicted = evicted_flow,
};

static const struct table_ops segment_ops = {
	.key_size = sizeof(struct flow) + sizeof(DWORD),
	.entry_size = sizeof(struct segment_entry),
	.is_lesser = is_lesser_segment,
};

static DWORD count_times(struct state *state, const struct segment *segment, int64_t now_us)
{
	struct segment_entry key = { .flow = segment->flow, .seq = segment->seq }, *entry;

	entry = (struct segment_entry *)table_find(&state->segments, &key);
	entry->seen_us = now_us;
	return ++entry->times;
}

static void note(struct state *state, const struct segment *segment,
		 const EXPERTFRAMEDESCRIPTOR *frame)
{
	DWORD times = has(segment, RETRANSMISSION) ?
		      count_times(state, segment, frame->pFrame->TimeStamp) : 0;

	if (state->nr_notes == state->options.frames) {
		state->nr_left_out++;
		return;
	}
	state->notes[state->nr_notes++] = (struct note) {
		.segment = *segment, .frame = frame->FrameNumber, .times = times,
	};
}

static void count_segment(struct state *state, const struct segment *segment,
			  const EXPERTFRAMEDESCRIPTOR *frame)
{
	BOOL again = has(segment, RETRANSMISSION);
	struct counts counts = {
		.segments = 1,
		.retransmitted = again,
		.fast = has(segment, FAST),
		.spurious = has(segment, SPURIOUS),
		.out_of_order = has(segment, OUT_OF_ORDER),
		.bytes = again ? segment->length : 0,
	};
	struct flow_entry *entry;

	if (!segment->is_there)
		return;
	entry = (struct flow_entry *)table_find(&state->flows, &segment->flow);
	entry->seen_us = frame->pFrame->TimeStamp;
	add_counts(&entry->counts, &counts);
	add_counts(&state->all, &counts);
	if (is_found(segment) && state->options.frames)
		note(state, segment, frame);
}

/* Addresses stay for what is inside. */
static void begin_segment(struct segment *segment, WORD source_port)
{
	segment->flow.source_port = source_port;
	segment->is_there = TRUE;
	segment->found = 0;
	segment->original = NO_FRAME;
	segment->after = 0;
}

static void take(struct segment *segment, DWORD what, const PROPERTYINST *inst)
{
	switch (what) {
	case IP_SOURCE:
	case IPV6_SOURCE:
		property_address(inst, segment->flow.source);
		segment->flow.is_ipv6 = what == IPV6_SOURCE;
		break;
	case IP_TARGET:
	case IPV6_TARGET:
		property_address(inst, segment->flow.target);
		break;
	case SOURCE_PORT:
		begin_segment(segment, (WORD)property_number(inst));
		break;
	case TARGET_PORT:
		segment->flow.target_port = (WORD)property_number(inst);
		break;
	case SEQ:
		segment->seq = (DWORD)property_number(inst);
		break;
	case LENGTH:
		segment->length = (DWORD)property_number(inst);
		break;
	case RTO:
		segment->after = (double)property_number(inst) / USEC_PER_SEC;
		break;
	case RTO_FRAME:
		segment->original = (DWORD)property_number(inst);
		break;
	default:
		segment->found |= 1U << what;
	}
}

static void count_frame(void *expert, const EXPERTFRAMEDESCRIPTOR *frame)
{
	struct state *state = (struct state *)expert;
	const PROPERTYTABLE *table = frame->lpPropertyTable;
	struct segment segment = { 0 };
	DWORD at, what;

	for (at = 0; table && at < table->nTotalPropertyInsts; at++) {
		const PROPERTYINST *inst = &table->lpFirstPropertyInst[at];

		what = property_which(state->known, NR_WHAT, inst);
		if (what == NR_WHAT)
			continue;
		if (what == ICMP || what == ICMPV6)
			break;
		/* In a tunnel there may be another one. */
		if (what == SOURCE_PORT || what == IP_SOURCE || what == IPV6_SOURCE) {
			count_segment(state, &segment, frame);
			segment.is_there = FALSE;
		}
		take(&segment, what, inst);
	}
	count_segment(state, &segment, frame);
}

/* Reports */

/* The first ones are the same in both. */
static const struct live_column flow_columns[] = {
	{ "Source", NMCOLUMNTYPE_STRING },
	{ "Source port", NMCOLUMNTYPE_UINT16 },
	{ "Destination", NMCOLUMNTYPE_STRING },
	{ "Destination port", NMCOLUMNTYPE_UINT16 },
	{ "Segments", NMCOLUMNTYPE_FLOAT64 },
	{ "Retransmitted", NMCOLUMNTYPE_FLOAT64 },
	{ "%", NMCOLUMNTYPE_FLOAT64 },
	{ "Bytes", NMCOLUMNTYPE_FLOAT64 },
	{ "Fast", NMCOLUMNTYPE_FLOAT64 },
	{ "Spurious", NMCOLUMNTYPE_FLOAT64 },
	{ "Out of order", NMCOLUMNTYPE_FLOAT64 },
};

static const struct live_column frame_columns[] = {
	{ "Source", NMCOLUMNTYPE_STRING },
	{ "Source port", NMCOLUMNTYPE_UINT16 },
	{ "Destination", NMCOLUMNTYPE_STRING },
	{ "Destination port", NMCOLUMNTYPE_UINT16 },
	{ "Frame", NMCOLUMNTYPE_FRAME },
	{ "Kind", NMCOLUMNTYPE_STRING },
	{ "Sequence number", NMCOLUMNTYPE_UINT32 },
	{ "Time", NMCOLUMNTYPE_UINT32 },
	{ "Original frame", NMCOLUMNTYPE_FRAME },
	{ "Seconds since", NMCOLUMNTYPE_FLOAT64 },
};

#define NR_COLUMNS(columns)	(sizeof(columns) / sizeof((columns)[0]))

static NMCOLUMNVARIANT *variant(struct state *state, DWORD column)
{
	return &state->live.event->Column[column].VariantData;
}

static void set_string(struct state *state, DWORD column, const char *text)
{
	variant(state, column)->Type = NMCOLUMNTYPE_STRING;
	variant(state, column)->Value.pStringVal = text;
}

static void set_number(struct state *state, DWORD column, uint64_t number)
{
	variant(state, column)->Value.Float64Val = (double)number;
}

static void submit_counts(struct state *state, const struct counts *counts)
{
	set_number(state, 4, counts->segments);
	set_number(state, 5, counts->retransmitted);
	variant(state, 6)->Value.Float64Val = live_share(counts->retransmitted, counts->segments);
	set_number(state, 7, counts->bytes);
	set_number(state, 8, counts->fast);
	set_number(state, 9, counts->spurious);
	set_number(state, 10, counts->out_of_order);
	live_submit(&state->live);
}

static void submit_sum(struct state *state, const char *name, const struct counts *counts)
{
	set_string(state, 0, name);
	set_string(state, 1, NULL);
	set_string(state, 2, NULL);
	set_string(state, 3, NULL);
	submit_counts(state, counts);
}

static void set_flow(struct state *state, const struct flow *flow, char source[INET6_ADDRSTRLEN],
		     char target[INET6_ADDRSTRLEN])
{
	int family = flow->is_ipv6 ? AF_INET6 : AF_INET;

	set_string(state, 0, inet_ntop(family, flow->source, source, INET6_ADDRSTRLEN));
	variant(state, 1)->Value.Uint16Val = flow->source_port;
	set_string(state, 2, inet_ntop(family, flow->target, target, INET6_ADDRSTRLEN));
	variant(state, 3)->Value.Uint16Val = flow->target_port;
}

static BOOL ranks_before(const void *a, const void *b)
{
	const struct flow_entry *one = (const struct flow_entry *)a;
	const struct flow_entry *other = (const struct flow_entry *)b;
	uint64_t found = found_of(&one->counts), other_found = found_of(&other->counts);

	if (found != other_found)
		return found > other_found;
	/* Any order that does not change from one report to the next. */
	return memcmp(&one->flow, &other->flow, sizeof(one->flow)) < 0;
}

static void show_flows(struct state *state)
{
	DWORD nr_top = table_top(&state->flows, ranks_before, state->top, state->options.top), i;
	char source[INET6_ADDRSTRLEN], target[INET6_ADDRSTRLEN];
	struct counts other = { 0 };

	state->live.event->EventIdent = FLOWS_IDENT;
	state->live.event->szEventName = (LPSTR)"TCP flows";
	live_columns(&state->live, flow_columns, NR_COLUMNS(flow_columns));
	for (i = 0; i < state->flows.nr; i++)
		add_counts(&other, &((struct flow_entry *)table_at(&state->flows, i))->counts);
	for (i = 0; i < nr_top; i++) {
		const struct flow_entry *entry =
			(const struct flow_entry *)table_at(&state->flows, state->top[i]);

		if (!found_of(&entry->counts))
			break;
		set_flow(state, &entry->flow, source, target);
		submit_counts(state, &entry->counts);
		subtract_counts(&other, &entry->counts);
	}
	if (other.segments)
		submit_sum(state, "(other)", &other);
	if (state->evicted.segments)
		submit_sum(state, "(evicted)", &state->evicted);
	submit_sum(state, "(all)", &state->all);
}

static const char *kind_of(const struct segment *segment)
{
	if (has(segment, SPURIOUS))
		return "spurious";
	if (has(segment, FAST))
		return "fast";
	return has(segment, RETRANSMISSION) ? "retransmission" : "out of order";
}

static void submit_note(struct state *state, const struct note *note)
{
	char source[INET6_ADDRSTRLEN], target[INET6_ADDRSTRLEN];

	live_columns(&state->live, frame_columns, NR_COLUMNS(frame_columns));
	set_flow(state, &note->segment.flow, source, target);
	variant(state, 4)->Value.FrameVal = note->frame;
	set_string(state, 5, kind_of(&note->segment));
	variant(state, 6)->Value.Uint32Val = note->segment.seq;
	variant(state, 7)->Value.Uint32Val = note->times;
	variant(state, 8)->Value.FrameVal = note->segment.original;
	variant(state, 9)->Value.Float64Val = note->segment.after;
	if (!note->times)
		set_string(state, 7, NULL);
	if (note->segment.original == NO_FRAME) {
		set_string(state, 8, NULL);
		set_string(state, 9, NULL);
	}
	live_submit(&state->live);
}

static void submit_left_out(struct state *state)
{
	char text[32];
	DWORD i;

	snprintf(text, sizeof(text), "%" PRIu64 " more", state->nr_left_out);
	for (i = 0; i < NR_COLUMNS(frame_columns); i++)
		set_string(state, i, NULL);
	set_string(state, 0, "(more)");
	set_string(state, 5, text);
	live_submit(&state->live);
}

static void show_frames(struct state *state)
{
	DWORD i;

	state->live.event->EventIdent = FRAMES_IDENT;
	state->live.event->szEventName = (LPSTR)"TCP segments sent again";
	for (i = 0; i < state->nr_notes; i++)
		submit_note(state, &state->notes[i]);
	if (state->nr_left_out)
		submit_left_out(state);
	state->nr_notes = 0;
	state->nr_left_out = 0;
}

static void show(void *expert)
{
	struct state *state = (struct state *)expert;

	show_flows(state);
	show_frames(state);
}

/* Entry points */

static const struct live_ops ops = {
	.flags = FLAGS_ATTACH_PROPERTIES,
	.count = count_frame,
	.show = show,
};

static BOOL start(struct state *state, HEXPERTKEY key)
{
	DWORD table = state->options.table;

	if (!live_start(&state->live, key, NAME, "", NR_COLUMNS(flow_columns)))
		return FALSE;
	state->top = (DWORD *)ExpertAllocMemory(key, state->options.top * sizeof(*state->top),
						NULL);
	state->notes = (struct note *)ExpertAllocMemory(key, (state->options.frames + 1) *
							sizeof(*state->notes), NULL);
	return state->top && state->notes &&
	       table_start(&state->flows, key, &flow_ops, state, table) &&
	       table_start(&state->segments, key, &segment_ops, state, table);
}

static void finish(struct state *state, HEXPERTKEY key)
{
	table_finish(&state->flows);
	table_finish(&state->segments);
	if (state->top)
		ExpertFreeMemory(key, state->top);
	if (state->notes)
		ExpertFreeMemory(key, state->notes);
	live_finish(&state->live);
}

BOOL WINAPI Register(PEXPERTENUMINFO info)
{
	strcpy(info->szName, NAME);
	strcpy(info->szVendor, "netexpert");
	strcpy(info->szDescription,
	       "Which TCP segments were sent again. Options: top=N, flows shown (10); frames=N, of these segments "
	       "the first N of each report are shown (0); interval=SECONDS between reports (1); table=N, flows kept "
	       "(65536).");
	info->Flags = EXPERT_ENUM_FLAG_CONFIGURABLE;
	return TRUE;
}

BOOL WINAPI Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
		      DWORD flags, HWND window)
{
	struct options options;
	const char *why;

	(void)startup;
	(void)flags;
	(void)window;
	why = options_gather(key, config);
	if (!why)
		why = parse_options(*config, &options);
	return why ? options_refuse(key, NMERR_INVALID_PARAMETER, why) : TRUE;
}

BOOL WINAPI Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup, DWORD flags,
		HWND window)
{
	struct state state = { 0 };
	const char *wrong;
	char why[256];
	BOOL is_well;

	(void)startup;
	(void)flags;
	(void)window;
	wrong = parse_options(config, &state.options);
	if (wrong)
		return options_refuse(key, NMERR_INVALID_PARAMETER, wrong);
	if (!property_find_all(names, NR_WHAT, state.known, why, sizeof(why)))
		return options_refuse(key, NMERR_LOAD_PARSER_FAILED, why);
	is_well = start(&state, key);
	if (is_well)
		is_well = live_run(&state.live, &ops, &state, state.options.interval);
	else
		options_refuse(key, NMERR_OUT_OF_MEMORY, "no memory to begin with");
	finish(&state, key);
	return is_well;
}
