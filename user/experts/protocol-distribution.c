// SPDX-License-Identifier: GPL-2.0
/*
 * protocol-distribution - which protocols the traffic consists of
 *
 * A tree of protocols with frames and bytes, as "tshark -z io,phs" prints it: the
 * protocols of a frame, from the outermost on, are a path down from the root, and
 * the frame counts with all its bytes at each place of the path. So a protocol that
 * is in a frame twice, in a tunnel or with two messages of its own, is below itself;
 * and where Wireshark puts something beside the protocols that is none, the parts of
 * a message ("tcp.segments") or a note ("_ws.malformed"), it has a place, too. Only
 * "frame", which every frame begins with, has none; that would be (all).
 *
 * Two rows may stand below the tree: (no parser) for frames of a link type that
 * Wireshark has no parser for, and (more) for those with protocols that there was no
 * room for: the tree has at most so many places, the first ones that were found keep
 * theirs, and of a frame with others the path is counted as far as it goes. Last
 * comes (all).
 *
 * Counts are FLOAT64 columns, since the API has no 64-bit integers: they are
 * exact up to 2^53.
 */
#include <stdio.h>
#include <string.h>

#include <netmon.h>

#include "common/live.h"
#include "common/options.h"

#define NAME		"protocol-distribution"
#define ROOT		0
#define NO_PLACE	0xffffffffU
#define MOST_INDENT	16	/* levels */
#define PATH_LENGTH	512

/* As many rows are shown of a report. */
#define MAX_TABLE	1000
#define MIN_TABLE	1

struct options {
	DWORD interval;
	DWORD table;
};

struct counts {
	uint64_t frames;
	uint64_t bytes;
};

/* Places are indexes in state.places; ROOT is none's child, so 0 is also "none". */
struct place {
	LPPROPERTYINFO what;
	DWORD parent;
	DWORD next;		/* child of the same parent */
	DWORD first_child;
	DWORD last_child;
	struct counts counts;
};

/* All of a run; @places are Expert memory. */
struct state {
	struct live live;
	struct place *places;	/* ROOT counts all frames */
	DWORD nr_places;
	DWORD room;
	LPPROPERTYINFO frame;	/* Wireshark's "frame", which every frame begins with */
	struct counts no_parser;
	struct counts more;	/* frames whose path is not complete */
};

/* Options */

static const char *take_option(void *to, const char *name, const char *value)
{
	struct options *options = (struct options *)to;

	if (!strcmp(name, "interval"))
		return options_number(value, 1, LIVE_MAX_INTERVAL, &options->interval) ?
		       NULL : "interval must be seconds, from 1 to 86400";
	if (!strcmp(name, "table"))
		return options_number(value, MIN_TABLE, MAX_TABLE, &options->table) ?
		       NULL : "table must be a number from 1 to 1000";
	return "the options are interval= and table=";
}

static const char *parse_options(const EXPERTCONFIG *config, struct options *options)
{
	*options = (struct options) {
		.interval = LIVE_DEFAULT_INTERVAL,
		.table = MAX_TABLE,
	};
	return options_parse(config, take_option, options);
}

/* Frames */

static void add(struct counts *counts, const FRAME *frame)
{
	counts->frames++;
	counts->bytes += frame->FrameLength;
}

/* The child of @parent that is @what, made if it must be; NO_PLACE if there is no room. */
static DWORD find_child(struct state *state, DWORD parent, LPPROPERTYINFO what)
{
	struct place *above = &state->places[parent];
	DWORD child;

	for (child = above->first_child; child; child = state->places[child].next)
		if (state->places[child].what == what)
			return child;
	if (state->nr_places == state->room)
		return NO_PLACE;
	child = state->nr_places++;
	state->places[child] = (struct place) { .what = what, .parent = parent };
	if (above->last_child)
		state->places[above->last_child].next = child;
	else
		above->first_child = child;
	above->last_child = child;
	return child;
}

/* The places of a frame, one below the other. */
struct path {
	struct state *state;
	const FRAME *frame;
	DWORD place;
};

static void go_down(struct path *path, LPPROPERTYINFO what)
{
	if (path->place == NO_PLACE)
		return;
	path->place = find_child(path->state, path->place, what);
	add(path->place == NO_PLACE ? &path->state->more :
				      &path->state->places[path->place].counts, path->frame);
}

/*
 * Wireshark shows the parts of a message right behind the protocol that brought them,
 * but finds them when it is through with the message, and there io,phs counts them.
 */
static BOOL is_moved(LPCSTR label)
{
	static const char *const moved[] = {
		"tcp.segments", "tls.segments", "rtp.fragments", "iax2.fragments",
	};
	size_t i;

	for (i = 0; i < sizeof(moved) / sizeof(moved[0]); i++)
		if (!strcmp(label, moved[i]))
			return TRUE;
	return FALSE;
}

/*
 * An instance is on top if it is below none. A hidden one does not say how deep it
 * is, but if it begins a protocol's part of the table it is. @nr protocols were on top
 * before; one that is in the frame itself is none of a message put together.
 */
static void count_path(struct path *path, const EXPERTFRAMEDESCRIPTOR *frame)
{
	const RECOGNIZEDATATABLE *protocols = frame->lpRecognizeDataTable;
	const PROPERTYTABLE *table = frame->lpPropertyTable;
	LPPROPERTYINFO what, parts = NULL;
	DWORD at, part = 0, nr = 0;

	for (at = 0; at < table->nTotalPropertyInsts; at++) {
		const PROPERTYINST *inst = &table->lpFirstPropertyInst[at];
		BOOL begins = part < table->nPropertyInstTables &&
			      table->lpPropertyInstTable[part].nPropertyInstIndex == at;

		part += begins;
		if (inst->Level && !(begins && inst->Level == PROP_LEVEL_HIDDEN))
			continue;
		what = inst->lpPropertyInfo;
		if (parts && what->DataType == PROP_TYPE_SUMMARY &&
		    nr < protocols->nRecognizeDatas &&
		    protocols->RecognizeData[nr].nProtocolOffset != PROTOCOL_ELSEWHERE) {
			go_down(path, parts);
			parts = NULL;
		}
		nr += what->DataType == PROP_TYPE_SUMMARY;
		if (what == path->state->frame)
			continue;
		if (!parts && is_moved(what->Label))
			parts = what;
		else
			go_down(path, what);
	}
	if (parts)
		go_down(path, parts);
}

static void count_frame(void *expert, const EXPERTFRAMEDESCRIPTOR *frame)
{
	struct state *state = (struct state *)expert;
	struct path path = { .state = state, .frame = frame->pFrame, .place = ROOT };

	add(&state->places[ROOT].counts, frame->pFrame);
	if (frame->lpPropertyTable)
		count_path(&path, frame);
	else
		add(&state->no_parser, frame->pFrame);
}

/* Reports */

static void submit_row(struct state *state, const char *name, const struct counts *counts)
{
	const struct counts *all = &state->places[ROOT].counts;
	NMCOLUMNINFO *column = state->live.event->Column;

	column[0].VariantData.Value.pStringVal = name;
	column[1].VariantData.Value.Float64Val = (double)counts->frames;
	column[2].VariantData.Value.Float64Val = live_share(counts->frames, all->frames);
	column[3].VariantData.Value.Float64Val = (double)counts->bytes;
	column[4].VariantData.Value.Float64Val = live_share(counts->bytes, all->bytes);
	live_submit(&state->live);
}

/* "eth:ip:tcp", or the end of it; the text begins somewhere in @path. */
static const char *path_of(const struct state *state, DWORD place, char path[PATH_LENGTH])
{
	static const char more[] = "...";
	size_t at = PATH_LENGTH - 1, length;

	path[at] = '\0';
	for (; place != ROOT; place = state->places[place].parent) {
		const char *label = state->places[place].what->Label;

		length = strlen(label);
		if (length + 1 + strlen(more) > at) {
			at -= strlen(more);
			memcpy(path + at, more, strlen(more));
			break;
		}
		at -= length;
		memcpy(path + at, label, length);
		if (state->places[place].parent != ROOT)
			path[--at] = ':';
	}
	return path + at;
}

static void submit_place(struct state *state, DWORD place, DWORD level)
{
	const struct place *here = &state->places[place];
	char path[PATH_LENGTH], name[PATH_LENGTH];
	BOOL is_deep = level > MOST_INDENT;

	snprintf(name, sizeof(name), "%*s%s%s", 2 * (int)(is_deep ? MOST_INDENT : level), "",
		 is_deep ? "..." : "", here->what->Label);
	state->live.event->szDescription = (LPSTR)path_of(state, place, path);
	submit_row(state, name, &here->counts);
	state->live.event->szDescription = NULL;
}

static void show(void *expert)
{
	struct state *state = (struct state *)expert;
	DWORD place = state->places[ROOT].first_child, level = 0;

	while (place) {
		submit_place(state, place, level);
		if (state->places[place].first_child) {
			place = state->places[place].first_child;
			level++;
			continue;
		}
		while (place && !state->places[place].next) {
			place = state->places[place].parent;
			level--;
		}
		place = state->places[place].next;
	}
	if (state->no_parser.frames)
		submit_row(state, "(no parser)", &state->no_parser);
	if (state->more.frames)
		submit_row(state, "(more)", &state->more);
	submit_row(state, "(all)", &state->places[ROOT].counts);
}

/* Entry points */

static const struct live_ops ops = {
	.flags = FLAGS_ATTACH_PROPERTIES,
	.count = count_frame,
	.show = show,
};

static const struct live_column columns[] = {
	{ "Protocol", NMCOLUMNTYPE_STRING },
	{ "Frames", NMCOLUMNTYPE_FLOAT64 },
	{ "% of frames", NMCOLUMNTYPE_FLOAT64 },
	{ "Bytes", NMCOLUMNTYPE_FLOAT64 },
	{ "% of bytes", NMCOLUMNTYPE_FLOAT64 },
};

#define NR_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static BOOL start(struct state *state, HEXPERTKEY key, const struct options *options)
{
	if (!live_start(&state->live, key, NAME, "Protocols", NR_COLUMNS))
		return FALSE;
	live_columns(&state->live, columns, NR_COLUMNS);
	state->room = options->table + 1;
	state->places = (struct place *)ExpertAllocMemory(key, state->room *
							  sizeof(*state->places), NULL);
	state->nr_places = 1;
	/* NULL without parsers, which the first frame tells. */
	state->frame = GetPropertyInfo(GetProperty(GetProtocolFromName((LPSTR)"frame"),
						   (LPSTR)"frame"));
	return !!state->places;
}

static void finish(struct state *state, HEXPERTKEY key)
{
	if (state->places)
		ExpertFreeMemory(key, state->places);
	live_finish(&state->live);
}

BOOL WINAPI Register(PEXPERTENUMINFO info)
{
	strcpy(info->szName, NAME);
	strcpy(info->szVendor, "netexpert");
	strcpy(info->szDescription,
	       "Which protocols the traffic consists of, as tshark -z io,phs. Options: interval=SECONDS between "
	       "reports (1); table=N, places in the tree (1000): frames with others are counted as (more).");
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
	struct options options;
	const char *why;
	BOOL is_well;

	(void)startup;
	(void)flags;
	(void)window;
	why = parse_options(config, &options);
	if (why)
		return options_refuse(key, NMERR_INVALID_PARAMETER, why);
	is_well = start(&state, key, &options);
	if (is_well)
		is_well = live_run(&state.live, &ops, &state, options.interval);
	else
		options_refuse(key, NMERR_OUT_OF_MEMORY, "no memory to begin with");
	finish(&state, key);
	return is_well;
}
