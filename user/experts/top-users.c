// SPDX-License-Identifier: GPL-2.0
/*
 * top-users - who sends and receives most
 *
 * Counts frames and bytes for every address, of the network layer (IPv4 and
 * IPv6, behind any VLAN tags) or of Ethernet, and shows the largest by bytes. A
 * frame counts as sent for its source and as received for its destination; bytes
 * are those on the wire. The share of an address is what it sent and received,
 * of all that was sent and received, so shares add up to 100 %.
 *
 * Three rows stand below the addresses: (other) for frames without an address of
 * the wanted kind, (evicted), and (all). They add up exactly, always.
 *
 * Memory is bounded. When the table of addresses is full, or the pool has no
 * more memory for it, a new address takes the place of an old one: of 16 picked
 * at random, the one with the fewest bytes, of these the one not seen for the
 * longest time. Its counts go to (evicted), and if it comes back it starts at
 * zero. So a scan from a million addresses pushes out other scanners and small
 * talkers; who has more bytes than any of 16 random entries stays. The hash is
 * seeded, so that nobody can choose addresses that share a bucket.
 *
 * Counts are FLOAT64 columns, since the API has no 64-bit integers: they are
 * exact up to 2^53.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <netmon.h>

#include "common/live.h"
#include "common/options.h"
#include "common/packet.h"
#include "common/table.h"

#define NAME		"top-users"
#define NR_COLUMNS	6

#define DEFAULT_TOP		10
#define MAX_TOP			1000
#define DEFAULT_TABLE		65536
#define MIN_TABLE		16
#define MAX_TABLE		16777216

struct options {
	DWORD top;
	DWORD interval;
	DWORD table;
	BOOL by_mac;
};

struct counts {
	uint64_t frames_sent;
	uint64_t bytes_sent;
	uint64_t frames_received;
	uint64_t bytes_received;
};

enum kind { KIND_NONE, KIND_MAC, KIND_IPV4, KIND_IPV6 };

struct address {
	BYTE bytes[16];		/* unused ones are 0 */
	DWORD kind;
};

/* Entries of state.users. */
struct user {
	struct address address;
	int64_t seen_us;
	struct counts counts;
};

/* All of a run, in Expert memory. */
struct state {
	HEXPERTKEY key;
	struct options options;
	struct table users;
	struct counts other;	/* frames without a fitting address */
	struct counts evicted;
	struct counts all;
	DWORD *top;		/* the largest, while a report is made */
	struct live live;
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
	if (strcmp(name, "base"))
		return "the options are top=, base=, interval= and table=";
	options->by_mac = !strcmp(value, "mac");
	return options->by_mac || !strcmp(value, "network") ?
	       NULL : "base must be network or mac";
}

static const char *parse_options(const EXPERTCONFIG *config,
				 struct options *options)
{
	*options = (struct options) {
		.top = DEFAULT_TOP,
		.interval = LIVE_DEFAULT_INTERVAL,
		.table = DEFAULT_TABLE,
	};
	return options_parse(config, take_option, options);
}

/* Addresses */

static void add_counts(struct counts *to, const struct counts *from)
{
	to->frames_sent += from->frames_sent;
	to->bytes_sent += from->bytes_sent;
	to->frames_received += from->frames_received;
	to->bytes_received += from->bytes_received;
}

static uint64_t bytes_of(const struct counts *counts)
{
	return counts->bytes_sent + counts->bytes_received;
}

static BOOL is_lesser(const void *a, const void *b)
{
	const struct user *one = (const struct user *)a, *other = (const struct user *)b;
	uint64_t bytes = bytes_of(&one->counts), other_bytes = bytes_of(&other->counts);

	return bytes < other_bytes || (bytes == other_bytes && one->seen_us < other->seen_us);
}

static void evicted(void *owner, const void *entry)
{
	struct state *state = (struct state *)owner;

	add_counts(&state->evicted, &((const struct user *)entry)->counts);
}

static const struct table_ops user_ops = {
	.key_size = sizeof(struct address),
	.entry_size = sizeof(struct user),
	.is_lesser = is_lesser,
	.evicted = evicted,
};

/* Frames */

static void set_address(struct address *address, enum kind kind,
			const BYTE *bytes, size_t length)
{
	memset(address, 0, sizeof(*address));
	address->kind = kind;
	memcpy(address->bytes, bytes, length);
}

/* FALSE if the frame has no addresses of the wanted kind. */
static BOOL network_addresses(const FRAME *frame, struct address *source,
			      struct address *target)
{
	struct packet packet;
	enum kind kind;

	if (!packet_find(frame, TRUE, &packet))
		return FALSE;
	kind = packet.is_ipv6 ? KIND_IPV6 : KIND_IPV4;
	set_address(source, kind, packet.source, sizeof(packet.source));
	set_address(target, kind, packet.target, sizeof(packet.target));
	return TRUE;
}

static BOOL mac_addresses(const FRAME *frame, struct address *source, struct address *target)
{
	if (frame->nBytesAvail < 14)
		return FALSE;
	set_address(target, KIND_MAC, frame->MacFrame, 6);
	set_address(source, KIND_MAC, frame->MacFrame + 6, 6);
	return TRUE;
}

static void count(struct counts *counts, const FRAME *frame, BOOL is_sent)
{
	if (is_sent) {
		counts->frames_sent++;
		counts->bytes_sent += frame->FrameLength;
	} else {
		counts->frames_received++;
		counts->bytes_received += frame->FrameLength;
	}
}

static void count_user(struct state *state, const struct address *address,
		       const FRAME *frame, BOOL is_sent)
{
	struct user *user = (struct user *)table_find(&state->users, address);

	user->seen_us = frame->TimeStamp;
	count(&user->counts, frame, is_sent);
}

static void count_frame(void *expert, const EXPERTFRAMEDESCRIPTOR *descriptor)
{
	struct state *state = (struct state *)expert;
	const FRAME *frame = descriptor->pFrame;
	BOOL (*addresses_of)(const FRAME *frame, struct address *source, struct address *target) =
		state->options.by_mac ? mac_addresses : network_addresses;
	struct address source, target;

	count(&state->all, frame, TRUE);
	count(&state->all, frame, FALSE);
	if (addresses_of(frame, &source, &target)) {
		count_user(state, &source, frame, TRUE);
		count_user(state, &target, frame, FALSE);
	} else {
		count(&state->other, frame, TRUE);
		count(&state->other, frame, FALSE);
	}
}

/* Reports */

static BOOL ranks_before(const void *a, const void *b)
{
	const struct user *one = (const struct user *)a, *other = (const struct user *)b;
	uint64_t bytes = bytes_of(&one->counts), other_bytes = bytes_of(&other->counts);

	if (bytes != other_bytes)
		return bytes > other_bytes;
	/* Any order that does not change from one report to the next. */
	return memcmp(&one->address, &other->address, sizeof(one->address)) < 0;
}

static void address_text(const struct address *address, char *text, size_t size)
{
	const BYTE *b = address->bytes;

	if (address->kind == KIND_MAC)
		snprintf(text, size, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1],
			 b[2], b[3], b[4], b[5]);
	else
		inet_ntop(address->kind == KIND_IPV4 ? AF_INET : AF_INET6, b,
			  text, (socklen_t)size);
}

static void submit_row(struct state *state, const char *name,
		       const struct counts *counts)
{
	NMCOLUMNINFO *column = state->live.event->Column;

	column[0].VariantData.Value.pStringVal = name;
	column[1].VariantData.Value.Float64Val = (double)counts->frames_sent;
	column[2].VariantData.Value.Float64Val = (double)counts->bytes_sent;
	column[3].VariantData.Value.Float64Val = (double)counts->frames_received;
	column[4].VariantData.Value.Float64Val = (double)counts->bytes_received;
	column[5].VariantData.Value.Float64Val = live_share(bytes_of(counts),
							    bytes_of(&state->all));
	live_submit(&state->live);
}

static void show(void *expert)
{
	struct state *state = (struct state *)expert;
	DWORD nr_top = table_top(&state->users, ranks_before, state->top, state->options.top), i;
	char text[INET6_ADDRSTRLEN];

	for (i = 0; i < nr_top; i++) {
		const struct user *user =
			(const struct user *)table_at(&state->users, state->top[i]);

		address_text(&user->address, text, sizeof(text));
		submit_row(state, text, &user->counts);
	}
	if (state->other.frames_sent)
		submit_row(state, "(other)", &state->other);
	if (state->evicted.frames_sent || state->evicted.frames_received)
		submit_row(state, "(evicted)", &state->evicted);
	submit_row(state, "(all)", &state->all);
}

/* Entry points */

static const struct live_ops ops = { .count = count_frame, .show = show };

static const struct live_column columns[] = {
	{ "Address", NMCOLUMNTYPE_STRING },
	{ "Frames sent", NMCOLUMNTYPE_FLOAT64 },
	{ "Bytes sent", NMCOLUMNTYPE_FLOAT64 },
	{ "Frames received", NMCOLUMNTYPE_FLOAT64 },
	{ "Bytes received", NMCOLUMNTYPE_FLOAT64 },
	{ "Share %", NMCOLUMNTYPE_FLOAT64 },
};

static BOOL start(struct state *state)
{
	state->top = (DWORD *)ExpertAllocMemory(state->key, state->options.top *
						sizeof(*state->top), NULL);
	if (!state->top || !live_start(&state->live, state->key, NAME, "Top users", NR_COLUMNS))
		return FALSE;
	live_columns(&state->live, columns, NR_COLUMNS);
	return table_start(&state->users, state->key, &user_ops, state, state->options.table);
}

/* Everything but @state itself; half-built ones too. */
static void finish(struct state *state)
{
	table_finish(&state->users);
	if (state->top)
		ExpertFreeMemory(state->key, state->top);
	live_finish(&state->live);
}

BOOL WINAPI Register(PEXPERTENUMINFO info)
{
	strcpy(info->szName, NAME);
	strcpy(info->szVendor, "netexpert");
	strcpy(info->szDescription,
	       "Who sends and receives most. Options: top=N, addresses shown (10); base=network|mac (network); "
	       "interval=SECONDS between reports (1); table=N, addresses kept (65536): beyond, small ones are "
	       "summed up as (evicted).");
	info->Flags = EXPERT_ENUM_FLAG_CONFIGURABLE;
	return TRUE;
}

BOOL WINAPI Configure(HEXPERTKEY key, PEXPERTCONFIG *config,
		      PEXPERTSTARTUPINFO startup, DWORD flags, HWND window)
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

BOOL WINAPI Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
		DWORD flags, HWND window)
{
	struct options options;
	struct state *state;
	const char *why;
	BOOL is_well;
	DWORD error;

	(void)startup;
	(void)flags;
	(void)window;
	why = parse_options(config, &options);
	if (why)
		return options_refuse(key, NMERR_INVALID_PARAMETER, why);
	state = (struct state *)ExpertAllocMemory(key, sizeof(*state), &error);
	if (!state)
		return options_refuse(key, error, "no memory");
	state->key = key;
	state->options = options;
	if (!start(state)) {
		finish(state);
		ExpertFreeMemory(key, state);
		return options_refuse(key, NMERR_OUT_OF_MEMORY, "no memory to begin with");
	}

	is_well = live_run(&state->live, &ops, state, options.interval);
	finish(state);
	ExpertFreeMemory(key, state);
	return is_well;
}
