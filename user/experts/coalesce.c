// SPDX-License-Identifier: GPL-2.0
/*
 * coalesce - whole messages out of what was sent in several frames
 *
 * Writes a new capture file, the one of "netexpert run --output FILE". Of each TCP
 * conversation it has the messages (see talk.h), each as one packet, and SYN, FIN and RST
 * without data; of fragments the datagrams; of other IP packets themselves. All are raw
 * IP, without a link header. A message has the time stamp of the last frame that had
 * something of it, and is written when it is known to be over, so packets of different
 * conversations are not in the order of time.
 *
 * The report shows the conversations with most bytes. Below stand (other) for all others
 * that are kept; (evicted) for those that there was no room for, of 16 that are picked at
 * random the one that is over or has been silent longest; (datagrams) for fragments;
 * (passed) for packets that are in the file as they came; (left out) for frames that have
 * nothing to do with it; and (all). They add up exactly.
 *
 * Counts are FLOAT64 columns, since the API has no 64-bit integers: they are exact up
 * to 2^53.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <netmon.h>

#include "common/datagrams.h"
#include "common/live.h"
#include "common/options.h"
#include "common/packet.h"
#include "common/pcap.h"
#include "common/pieces.h"
#include "common/table.h"
#include "common/talk.h"

#define NAME		"coalesce"

#define DEFAULT_TOP	10
#define MAX_TOP		1000
#define DEFAULT_TABLE	16384
#define MIN_TABLE	16
#define MAX_TABLE	1048576
#define DEFAULT_HELD	4096
#define MAX_HELD	1048576
#define DEFAULT_MEMORY	32
#define MAX_MEMORY	65536

#define NO_OUTPUT	"it writes a capture file and was given none: put --output FILE before " \
			"it, as in 'netexpert run -i eth0 --output messages.pcap coalesce'"

struct options {
	DWORD top;
	DWORD interval;
	DWORD table;
	DWORD held;		/* KiB */
	DWORD memory;		/* MiB */
	BOOL leaves_out;	/* what there is nothing to recombine of */
};

/* Both ends of a conversation; the first one comes first in the order of bytes. */
struct ends {
	struct end {
		BYTE address[16];	/* unused bytes are 0 */
		WORD port;
	} end[2];
	DWORD is_ipv6;
};

struct conversation {
	struct talk talk;	/* first */
	struct ends ends;
};

/* Entries of state.conversations. */
struct entry {
	struct ends ends;
	int64_t seen_us;
	struct conversation *conversation;
};

/* All of a run; what it points to is Expert memory. */
struct state {
	struct talk_owner owner;	/* first */
	struct options options;
	HEXPERTKEY key;
	HCAPTURE capture;
	int64_t start_us;
	struct live live;
	struct store store;
	struct table conversations;
	struct datagrams datagrams;
	struct pcap pcap;
	struct talk_counts evicted;
	struct talk_counts recombined;	/* but for what datagrams counts */
	struct talk_counts passed;
	struct talk_counts left_out;
	DWORD *top;		/* indexes of conversations, while a report is made */
	char why[128];
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
		       NULL : "table must be a number from 16 to 1048576";
	if (!strcmp(name, "held"))
		return options_number(value, 1, MAX_HELD, &options->held) ?
		       NULL : "held must be KiB, from 1 to 1048576";
	if (!strcmp(name, "memory"))
		return options_number(value, 1, MAX_MEMORY, &options->memory) ?
		       NULL : "memory must be MiB, from 1 to 65536";
	if (strcmp(name, "other"))
		return "the options are top=, interval=, other=, held=, memory= and table=";
	options->leaves_out = !strcmp(value, "no");
	return options->leaves_out || !strcmp(value, "yes") ? NULL : "other must be yes or no";
}

static const char *parse_options(const EXPERTCONFIG *config, struct options *options)
{
	*options = (struct options) {
		.top = DEFAULT_TOP,
		.interval = LIVE_DEFAULT_INTERVAL,
		.table = DEFAULT_TABLE,
		.held = DEFAULT_HELD,
		.memory = DEFAULT_MEMORY,
	};
	return options_parse(config, take_option, options);
}

/* Counting */

static void add_counts(struct talk_counts *to, const struct talk_counts *from)
{
	to->conversations += from->conversations;
	to->frames += from->frames;
	to->messages += from->messages;
	to->bytes += from->bytes;
	to->missing += from->missing;
	to->cut += from->cut;
}

static void subtract_counts(struct talk_counts *from, const struct talk_counts *counts)
{
	from->conversations -= counts->conversations;
	from->frames -= counts->frames;
	from->messages -= counts->messages;
	from->bytes -= counts->bytes;
	from->missing -= counts->missing;
	from->cut -= counts->cut;
}

/* What is over goes first. */
static BOOL is_lesser(const void *a, const void *b)
{
	const struct entry *one = (const struct entry *)a;
	const struct entry *other = (const struct entry *)b;
	BOOL is_over = !one->conversation || one->conversation->talk.was_ended;
	BOOL other_is_over = !other->conversation || other->conversation->talk.was_ended;

	return is_over != other_is_over ? is_over : one->seen_us < other->seen_us;
}

static void evicted(void *owner, const void *entry)
{
	struct conversation *conversation = ((const struct entry *)entry)->conversation;
	struct state *state = (struct state *)owner;

	if (!conversation)
		return;
	talk_end(&conversation->talk);
	add_counts(&state->evicted, &conversation->talk.counts);
	ExpertFreeMemory(state->key, conversation);
}

static const struct table_ops conversation_ops = {
	.key_size = sizeof(struct ends),
	.entry_size = sizeof(struct entry),
	.is_lesser = is_lesser,
	.evicted = evicted,
};

/* Packets */

static void write_segment(struct talk_owner *owner, const struct talk *talk, int from, int64_t us,
			  const struct segment *segment)
{
	const struct ends *ends = &((const struct conversation *)talk)->ends;
	struct state *state = (struct state *)owner;
	struct segment copy = *segment;
	BYTE headers[PACKET_TCP_HEADERS];
	DWORD length;

	copy.source_port = ends->end[from].port;
	copy.target_port = ends->end[!from].port;
	length = packet_tcp(headers, (BOOL)ends->is_ipv6, ends->end[from].address,
			    ends->end[!from].address, &copy);
	pcap_put(&state->pcap, state->start_us + us, headers, length, copy.bytes, copy.stored,
		 length + copy.stored);
}

static void write_packet(struct state *state, const struct packet *packet, int64_t us,
			 struct talk_counts *counts)
{
	counts->messages++;
	counts->bytes += packet->stored;
	counts->missing += packet->wire - packet->stored;
	pcap_put(&state->pcap, state->start_us + us, packet->bytes, packet->stored, NULL, 0,
		 packet->wire);
}

static int find_ends(const struct packet *packet, const struct segment *segment,
		     struct ends *ends)
{
	struct end source = { .port = segment->source_port };
	struct end target = { .port = segment->target_port };
	int from;

	memcpy(source.address, packet->source, sizeof(source.address));
	memcpy(target.address, packet->target, sizeof(target.address));
	from = memcmp(&source, &target, sizeof(source)) > 0;
	ends->end[from] = source;
	ends->end[!from] = target;
	ends->is_ipv6 = (DWORD)packet->is_ipv6;
	return from;
}

/* NULL if there is no memory, not even after all have given up what they had. */
static struct conversation *find_conversation(struct state *state, const struct ends *ends,
					      int from, const struct segment *segment, int64_t us)
{
	struct entry *entry = (struct entry *)table_find(&state->conversations, ends);

	entry->seen_us = us;
	if (entry->conversation)
		return entry->conversation;
	entry->conversation = (struct conversation *)store_alloc(&state->store,
								 sizeof(*entry->conversation));
	if (!entry->conversation)
		return NULL;
	entry->conversation->ends = *ends;
	talk_start(&entry->conversation->talk, &state->store, from, segment);
	return entry->conversation;
}

/* @nr_frames of its own: 0 if it was recombined. */
static void take_segment(struct state *state, const struct packet *packet,
			 const struct segment *segment, int64_t us, DWORD nr_frames)
{
	struct conversation *conversation;
	struct ends ends;
	int from = find_ends(packet, segment, &ends);

	conversation = find_conversation(state, &ends, from, segment, us);
	if (!conversation) {
		state->left_out.frames += nr_frames;
		state->left_out.missing += segment->length;
		return;
	}
	conversation->talk.counts.frames += nr_frames;
	talk_take(&conversation->talk, from, segment, us);
}

static void take_fragment(struct state *state, const struct packet *fragment, int64_t us)
{
	struct segment segment;
	struct packet packet;

	if (!datagrams_take(&state->datagrams, fragment, us, &packet))
		return;
	if (packet_segment(&packet, &segment))
		take_segment(state, &packet, &segment, us, 0);
	else
		write_packet(state, &packet, us, &state->recombined);
}

/* Without a place for what it finds it has nothing to do. */
static void look_at_file(struct state *state)
{
	if (!state->pcap.code)
		return;
	snprintf(state->why, sizeof(state->why), "writing to the file of --output: %s",
		 strerror(state->pcap.code));
	live_fail(&state->live, NMERR_FILE_WRITE_ERROR, state->why);
}

static void count_frame(void *expert, const EXPERTFRAMEDESCRIPTOR *descriptor)
{
	BOOL is_ethernet = GetFrameMacType(descriptor->hFrame) == MAC_TYPE_ETHERNET;
	struct state *state = (struct state *)expert;
	const FRAME *frame = descriptor->pFrame;
	struct segment segment;
	struct packet packet;

	/* Of a file it is known now. */
	if (!state->start_us)
		state->start_us = GetCaptureStart(state->capture);
	if (!packet_find(frame, is_ethernet, &packet)) {
		state->left_out.frames++;
	} else if (packet_segment(&packet, &segment)) {
		take_segment(state, &packet, &segment, frame->TimeStamp, 1);
	} else if (datagrams_fit(&packet)) {
		take_fragment(state, &packet, frame->TimeStamp);
	} else if (state->options.leaves_out) {
		state->left_out.frames++;
	} else {
		state->passed.frames++;
		write_packet(state, &packet, frame->TimeStamp, &state->passed);
	}
	look_at_file(state);
}

/* Reports */

enum column {
	CLIENT, CLIENT_PORT, SERVER, SERVER_PORT, CONVERSATIONS, FRAMES, MESSAGES, BYTES, MISSING,
	CUT, NR_COLUMNS,
};

static const struct live_column columns[] = {
	{ "Client", NMCOLUMNTYPE_STRING },
	{ "Client port", NMCOLUMNTYPE_UINT16 },
	{ "Server", NMCOLUMNTYPE_STRING },
	{ "Server port", NMCOLUMNTYPE_UINT16 },
	{ "Conversations", NMCOLUMNTYPE_FLOAT64 },
	{ "Frames", NMCOLUMNTYPE_FLOAT64 },
	{ "Messages", NMCOLUMNTYPE_FLOAT64 },
	{ "Bytes", NMCOLUMNTYPE_FLOAT64 },
	{ "Missing bytes", NMCOLUMNTYPE_FLOAT64 },
	{ "Cut short", NMCOLUMNTYPE_FLOAT64 },
};

static NMCOLUMNVARIANT *variant(struct state *state, DWORD column)
{
	return &state->live.event->Column[column].VariantData;
}

static void set_string(struct state *state, DWORD column, const char *text)
{
	variant(state, column)->Type = NMCOLUMNTYPE_STRING;
	variant(state, column)->Value.pStringVal = text;
}

static void submit_counts(struct state *state, const struct talk_counts *counts)
{
	variant(state, CONVERSATIONS)->Value.Float64Val = (double)counts->conversations;
	variant(state, FRAMES)->Value.Float64Val = (double)counts->frames;
	variant(state, MESSAGES)->Value.Float64Val = (double)counts->messages;
	variant(state, BYTES)->Value.Float64Val = (double)counts->bytes;
	variant(state, MISSING)->Value.Float64Val = (double)counts->missing;
	variant(state, CUT)->Value.Float64Val = (double)counts->cut;
	live_submit(&state->live);
}

/* One with nothing in it has no row. */
static void submit_sum(struct state *state, const char *name, const struct talk_counts *counts,
		       struct talk_counts *all)
{
	if (!counts->frames && !counts->messages && !counts->missing)
		return;
	add_counts(all, counts);
	set_string(state, CLIENT, name);
	set_string(state, CLIENT_PORT, NULL);
	set_string(state, SERVER, NULL);
	set_string(state, SERVER_PORT, NULL);
	submit_counts(state, counts);
}

static void submit_conversation(struct state *state, const struct conversation *conversation)
{
	const struct end *client = &conversation->ends.end[conversation->talk.client];
	const struct end *server = &conversation->ends.end[!conversation->talk.client];
	int family = conversation->ends.is_ipv6 ? AF_INET6 : AF_INET;
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];

	live_columns(&state->live, columns, NR_COLUMNS);
	set_string(state, CLIENT, inet_ntop(family, client->address, from, sizeof(from)));
	variant(state, CLIENT_PORT)->Value.Uint16Val = client->port;
	set_string(state, SERVER, inet_ntop(family, server->address, to, sizeof(to)));
	variant(state, SERVER_PORT)->Value.Uint16Val = server->port;
	submit_counts(state, &conversation->talk.counts);
}

static struct conversation *conversation_at(const struct state *state, DWORD index)
{
	return ((struct entry *)table_at(&state->conversations, index))->conversation;
}

static uint64_t bytes_of(const struct entry *entry)
{
	return entry->conversation ? entry->conversation->talk.counts.bytes : 0;
}

static BOOL ranks_before(const void *a, const void *b)
{
	const struct entry *one = (const struct entry *)a, *other = (const struct entry *)b;
	uint64_t bytes = bytes_of(one), other_bytes = bytes_of(other);

	if (bytes != other_bytes)
		return bytes > other_bytes;
	/* Any order that does not change from one report to the next. */
	return memcmp(&one->ends, &other->ends, sizeof(one->ends)) < 0;
}

/* The largest ones; the sums of them and of all others. */
static void show_conversations(struct state *state, struct talk_counts *all,
			       struct talk_counts *other)
{
	DWORD nr_top = table_top(&state->conversations, ranks_before, state->top,
				 state->options.top), i;
	const struct conversation *conversation;

	for (i = 0; i < state->conversations.nr; i++) {
		conversation = conversation_at(state, i);
		if (conversation)
			add_counts(other, &conversation->talk.counts);
	}
	for (i = 0; i < nr_top; i++) {
		conversation = conversation_at(state, state->top[i]);
		if (!conversation)
			continue;
		submit_conversation(state, conversation);
		subtract_counts(other, &conversation->talk.counts);
		add_counts(all, &conversation->talk.counts);
	}
}

static void show(void *expert)
{
	struct talk_counts all = { 0 }, other = { 0 }, datagrams;
	struct state *state = (struct state *)expert;

	pcap_flush(&state->pcap);
	look_at_file(state);
	datagrams = state->recombined;
	datagrams.frames = state->datagrams.fragments;
	datagrams.missing += state->datagrams.missing;
	show_conversations(state, &all, &other);
	submit_sum(state, "(other)", &other, &all);
	submit_sum(state, "(evicted)", &state->evicted, &all);
	submit_sum(state, "(datagrams)", &datagrams, &all);
	submit_sum(state, "(passed)", &state->passed, &all);
	submit_sum(state, "(left out)", &state->left_out, &all);
	datagrams = all;
	submit_sum(state, "(all)", &datagrams, &all);
}

static void end(void *expert)
{
	struct state *state = (struct state *)expert;
	struct conversation *conversation;
	DWORD i;

	for (i = 0; i < state->conversations.nr; i++) {
		conversation = conversation_at(state, i);
		if (conversation)
			talk_end(&conversation->talk);
	}
	datagrams_end(&state->datagrams);
}

/* Entry points */

static const struct live_ops ops = { .count = count_frame, .show = show, .end = end };

static BOOL start(struct state *state, HEXPERTKEY key, int file)
{
	EXPERTSTARTUPINFO startup;

	state->key = key;
	if (ExpertGetStartupInfo(key, &startup) != NMERR_SUCCESS)
		return FALSE;
	state->capture = startup.hCapture;
	state->owner.write = write_segment;
	state->owner.most_held = state->options.held << 10;
	state->store.key = key;
	state->store.owner = &state->owner;
	state->store.most = (uint64_t)state->options.memory << 20;
	if (!live_start(&state->live, key, NAME, "Messages", NR_COLUMNS))
		return FALSE;
	live_columns(&state->live, columns, NR_COLUMNS);
	state->top = (DWORD *)ExpertAllocMemory(key, state->options.top * sizeof(*state->top),
						NULL);
	state->owner.message = (BYTE *)ExpertAllocMemory(key, PACKET_MAX_MESSAGE, NULL);
	return state->top && state->owner.message && pcap_start(&state->pcap, key, file) &&
	       datagrams_start(&state->datagrams, &state->store) &&
	       table_start(&state->conversations, key, &conversation_ops, state,
			   state->options.table);
}

static void finish(struct state *state)
{
	struct conversation *conversation;
	DWORD i;

	for (i = 0; i < state->conversations.nr; i++) {
		conversation = conversation_at(state, i);
		if (conversation)
			ExpertFreeMemory(state->key, conversation);
	}
	table_finish(&state->conversations);
	datagrams_finish(&state->datagrams);
	pcap_finish(&state->pcap);
	if (state->owner.message)
		ExpertFreeMemory(state->key, state->owner.message);
	if (state->top)
		ExpertFreeMemory(state->key, state->top);
	live_finish(&state->live);
}

BOOL WINAPI Register(PEXPERTENUMINFO info)
{
	strcpy(info->szName, NAME);
	strcpy(info->szVendor, "netexpert");
	strcpy(info->szDescription,
	       "Recombines messages that were sent in several frames, in the file of --output. Options: "
	       "other=yes|no, other IP packets, too (yes); top=N conversations shown (10); interval=SECONDS (1); "
	       "table=N, held=KIB, memory=MIB: bounds, see coalesce(7).");
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
	BOOL is_well;
	int file;

	(void)startup;
	(void)flags;
	(void)window;
	wrong = parse_options(config, &state.options);
	if (wrong)
		return options_refuse(key, NMERR_INVALID_PARAMETER, wrong);
	if (ExpertGetOutput(key, &file) != NMERR_SUCCESS)
		return options_refuse(key, NMERR_FILE_NOT_FOUND, NO_OUTPUT);
	is_well = start(&state, key, file);
	if (is_well)
		is_well = live_run(&state.live, &ops, &state, state.options.interval);
	else
		options_refuse(key, NMERR_OUT_OF_MEMORY, "no memory to begin with");
	finish(&state);
	return is_well;
}
