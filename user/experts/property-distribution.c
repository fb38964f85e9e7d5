// SPDX-License-Identifier: GPL-2.0
/*
 * property-distribution - which values a property has
 *
 * What Network Monitor's expert of that name does: in how many frames a property is,
 * and, as its type is, the least, the largest and the mean, or how often each value is
 * there. What is different, and why:
 *
 * * Values are counted as tshark -T fields prints them, each instance of a frame; and so
 *   % of Set is of all instances, and comes to 100.
 * * Numbers have rows for their values, too, behind the row with the mean, and so have
 *   addresses. "top=0" leaves out all rows but the first.
 * * Strings are the same if all of them is.
 * * A flag is one bit here, so it need not be said which.
 *
 * The configuration is the original's block, by names: length, whether there is a bit
 * number, the bit number, protocol and property. Behind the property's NUL there may
 * be three numbers of ours: top, interval and table.
 *
 * Memory is bounded as values.h says; what was not kept is a row.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <netmon.h>

#include "common/live.h"
#include "common/options.h"
#include "common/property.h"
#include "common/values.h"

#define NAME		"property-distribution"
#define NO_PROPERTY	"say which property: property=NAME"
#define MOST_COLUMNS	8

#define DEFAULT_TOP	10
#define MAX_TOP		1000
#define DEFAULT_TABLE	65536
#define MIN_TABLE	16
#define MAX_TABLE	1048576

/* The original's, without the property's name; natural packing is the same. */
struct block {
	DWORD length;
	BOOL has_bit;
	BYTE bit;
	char protocol[16];
	char property[];
};

#define PROPERTY_OFFSET	offsetof(struct block, property)

/* Behind the property's name, not aligned. */
struct numbers {
	DWORD top;
	DWORD interval;
	DWORD table;
};

struct options {
	char protocol[OPTION_LENGTH];
	char property[OPTION_LENGTH];
	BOOL has_bit;
	DWORD bit;
	struct numbers numbers;
};

/* What is looked for. */
struct target {
	LPPROPERTYINFO info;
	char protocol[16];
	DWORD bit;
	char why[256];
};

enum kind { KIND_DEFAULT, KIND_NUMERIC, KIND_STRING, KIND_LABELED, KIND_FLAGS };

/* All of a run; the values are Expert memory. */
struct state {
	struct live live;
	struct target target;
	struct numbers numbers;
	enum kind kind;
	struct values values;
	struct value **top;
	uint64_t frames;	/* all of them */
	uint64_t with;		/* frames that have the property */
	uint64_t instances;
	uint64_t on;		/* instances whose bit is set */
	uint64_t least;
	uint64_t largest;
	uint64_t sum;
};

/* Configuration */

static const char *take_option(void *to, const char *name, const char *value)
{
	struct options *options = (struct options *)to;

	if (!strcmp(name, "protocol") || !strcmp(name, "property")) {
		snprintf(name[4] == 'o' ? options->protocol : options->property, OPTION_LENGTH,
			 "%s", value);
		return NULL;
	}
	if (!strcmp(name, "bit")) {
		options->has_bit = TRUE;
		return options_number(value, 0, 63, &options->bit) ?
		       NULL : "bit must be a number from 0 to 63";
	}
	if (!strcmp(name, "top"))
		return options_number(value, 0, MAX_TOP, &options->numbers.top) ?
		       NULL : "top must be a number from 0 to 1000";
	if (!strcmp(name, "interval"))
		return options_number(value, 1, LIVE_MAX_INTERVAL, &options->numbers.interval) ?
		       NULL : "interval must be seconds, from 1 to 86400";
	if (!strcmp(name, "table"))
		return options_number(value, MIN_TABLE, MAX_TABLE, &options->numbers.table) ?
		       NULL : "table must be a number from 16 to 1048576";
	return "the options are property=, protocol=, bit=, top=, interval= and table=";
}

/* A text does not begin with 0 or 1, and three more zeros. */
static BOOL is_block(const EXPERTCONFIG *config)
{
	return config->RawConfigLength > PROPERTY_OFFSET && config->RawConfigData[0] <= 1 &&
	       !memcmp(config->RawConfigData + 1, "\0\0", 3);
}

static BOOL are_good(const struct numbers *numbers)
{
	return numbers->top <= MAX_TOP && numbers->interval >= 1 &&
	       numbers->interval <= LIVE_MAX_INTERVAL && numbers->table >= MIN_TABLE &&
	       numbers->table <= MAX_TABLE;
}

static const char *read_block(const struct block *block, struct options *options)
{
	size_t room = block->length - PROPERTY_OFFSET, length = strnlen(block->property, room);

	if (length == room || length >= OPTION_LENGTH ||
	    !memchr(block->protocol, '\0', sizeof(block->protocol)))
		return "the configuration has a name without an end";
	options->has_bit = block->has_bit;
	options->bit = block->bit;
	strcpy(options->protocol, block->protocol);
	strcpy(options->property, block->property);
	if (room - length - 1 < sizeof(options->numbers))
		return NULL;
	memcpy(&options->numbers, block->property + length + 1, sizeof(options->numbers));
	return are_good(&options->numbers) ? NULL : "the configuration has a number out of range";
}

static const char *read_config(const EXPERTCONFIG *config, struct options *options)
{
	*options = (struct options) {
		.numbers = {
			.top = DEFAULT_TOP,
			.interval = LIVE_DEFAULT_INTERVAL,
			.table = DEFAULT_TABLE,
		},
	};
	if (config && is_block(config))
		return read_block((const struct block *)config, options);
	return options_parse(config, take_option, options);
}

/* What had the focus at the start; nothing is changed if there was no such thing. */
static void read_startup(const EXPERTSTARTUPINFO *startup, struct options *options)
{
	LPPROTOCOLINFO protocol;

	if (!startup || !startup->lpPropertyInst || !startup->lpPropertyInst->lpPropertyInfo)
		return;
	protocol = GetProtocolInfo(startup->hProtocol);
	snprintf(options->protocol, sizeof(options->protocol), "%s",
		 protocol ? (char *)protocol->ProtocolName : "");
	snprintf(options->property, sizeof(options->property), "%s",
		 startup->lpPropertyInst->lpPropertyInfo->Label);
	options->has_bit = FALSE;
}

static BOOL find_bit(struct target *target, const struct options *options)
{
	const PROPERTYINFO *info = target->info;

	if (info->DataQualifier != PROP_QUAL_FLAGS) {
		if (options->has_bit)
			snprintf(target->why, sizeof(target->why),
				 "bit= is for flags, and \"%.80s\" is none", info->Label);
		return !options->has_bit;
	}
	target->bit = info->lpSet->lpLabeledBit[0].BitNumber;
	if (options->has_bit && options->bit != target->bit)
		snprintf(target->why, sizeof(target->why), "\"%.80s\" is bit %u, not %u",
			 info->Label, target->bit, options->bit);
	return !options->has_bit || options->bit == target->bit;
}

/* FALSE if there is no such thing: why says it. */
static BOOL find_target(struct target *target, const struct options *options)
{
	LPPROTOCOLINFO protocol;
	HPROTOCOL handle;

	memset(target, 0, sizeof(*target));
	if (!*options->property) {
		snprintf(target->why, sizeof(target->why), NO_PROPERTY);
		return FALSE;
	}
	target->info = property_find(options->protocol, options->property, &handle, target->why,
				     sizeof(target->why));
	if (!target->info)
		return FALSE;
	protocol = GetProtocolInfo(handle);
	snprintf(target->protocol, sizeof(target->protocol), "%s",
		 protocol ? (char *)protocol->ProtocolName : "");
	return find_bit(target, options);
}

static enum kind kind_of(const PROPERTYINFO *info)
{
	BOOL is_number = FALSE, is_text = FALSE;

	switch (info->DataType) {
	case PROP_TYPE_BYTE:
	case PROP_TYPE_WORD:
	case PROP_TYPE_DWORD:
	case PROP_TYPE_BYTESWAPPED_WORD:
	case PROP_TYPE_BYTESWAPPED_DWORD:
	case PROP_TYPE_VAR_LEN_SMALL_INT:
		is_number = TRUE;
		break;
	case PROP_TYPE_LARGEINT:
		/* Times are, too, unless they have labels. */
		is_number = info->DataQualifier != PROP_QUAL_NONE;
		break;
	case PROP_TYPE_STRING:
	case PROP_TYPE_COMMENT:
	case PROP_TYPE_OBJECT_IDENTIFIER:
	case PROP_TYPE_IP_ADDRESS:
	case PROP_TYPE_IP6_ADDRESS:
	case PROP_TYPE_ETHERNET_ADDRESS:
		is_text = TRUE;
		break;
	default:
		break;
	}
	switch (info->DataQualifier) {
	case PROP_QUAL_FLAGS:
		return is_number ? KIND_FLAGS : KIND_DEFAULT;
	case PROP_QUAL_LABELED_SET:
		return is_number ? KIND_LABELED : KIND_DEFAULT;
	case PROP_QUAL_NONE:
	case PROP_QUAL_RANGE:
	case PROP_QUAL_SET:
	case PROP_QUAL_CONST:
		return is_number ? KIND_NUMERIC : is_text ? KIND_STRING : KIND_DEFAULT;
	default:
		return KIND_DEFAULT;
	}
}

/* Frames */

static void count_number(struct state *state, const PROPERTYINST *inst)
{
	uint64_t number = property_number(inst);

	if (state->kind == KIND_FLAGS) {
		state->on += number >> state->target.bit & 1;
		return;
	}
	if (!state->instances || number < state->least)
		state->least = number;
	if (!state->instances || number > state->largest)
		state->largest = number;
	state->sum += number;
	values_count(&state->values, &number, sizeof(number));
}

static void count_text(struct state *state, const EXPERTFRAMEDESCRIPTOR *frame,
		       LPPROPERTYINST inst)
{
	char text[PROPERTY_TEXT];
	const BYTE *bytes;
	size_t length;

	if (property_text(inst, text) ||
	    (inst->lpPropertyInfo->DataType == PROP_TYPE_COMMENT &&
	     GetPropertyText(frame->hFrame, inst, text, sizeof(text)))) {
		values_count(&state->values, text, strlen(text));
		return;
	}
	bytes = property_bytes(inst, &length);
	values_count(&state->values, bytes, length);
}

static void count_frame(void *expert, const EXPERTFRAMEDESCRIPTOR *frame)
{
	struct state *state = (struct state *)expert;
	const PROPERTYTABLE *table = frame->lpPropertyTable;
	uint64_t before = state->instances;
	DWORD i;

	state->frames++;
	for (i = 0; table && i < table->nTotalPropertyInsts; i++) {
		LPPROPERTYINST inst = &table->lpFirstPropertyInst[i];

		if (inst->lpPropertyInfo != state->target.info)
			continue;
		if (state->kind == KIND_STRING)
			count_text(state, frame, inst);
		else if (state->kind != KIND_DEFAULT)
			count_number(state, inst);
		state->instances++;
	}
	state->with += state->instances != before;
}

/* Reports */

/* The documented type as long as the number fits. */
static void put_count(NMCOLUMNINFO *column, const char *caption, uint64_t count)
{
	column->szColumnName = (LPSTR)caption;
	column->VariantData.Type = NMCOLUMNTYPE_UINT32;
	column->VariantData.Value.Uint32Val = (DWORD)count;
	if (count > 0xffffffffU) {
		column->VariantData.Type = NMCOLUMNTYPE_FLOAT64;
		column->VariantData.Value.Float64Val = (double)count;
	}
}

static void put_string(NMCOLUMNINFO *column, const char *caption, const char *text)
{
	column->szColumnName = (LPSTR)caption;
	column->VariantData.Type = NMCOLUMNTYPE_STRING;
	column->VariantData.Value.pStringVal = text;
}

/* Whole percents, and never 0 for what is there. */
static void put_share(NMCOLUMNINFO *column, const char *caption, uint64_t part, uint64_t all)
{
	uint64_t percent = (uint64_t)live_share(part, all);

	put_count(column, caption, part && !percent ? 1 : percent);
}

/* The columns that all rows have. Return: the next one. */
static NMCOLUMNINFO *begin_row(struct state *state, uint64_t count)
{
	NMCOLUMNINFO *column = state->live.event->Column;

	put_string(column++, "Protocol", state->target.protocol);
	put_string(column++, "Property", state->target.info->Label);
	put_count(column++, "# of Frames", count);
	put_share(column++, "% of Frames", count, state->frames);
	return column;
}

static void end_row(struct state *state, const NMCOLUMNINFO *column)
{
	state->live.event->NumColumns = (BYTE)(column - state->live.event->Column);
	live_submit(&state->live);
}

static void show_summary(struct state *state)
{
	NMCOLUMNINFO *column = begin_row(state, state->with);

	if (state->kind == KIND_NUMERIC) {
		put_count(column++, "Max", state->largest);
		put_count(column++, "Min", state->least);
		put_count(column++, "Mean", state->sum / state->instances);
	}
	end_row(state, column);
}

static void show_bit(struct state *state, BOOL is_on, uint64_t count)
{
	const LABELED_BIT *bit = state->target.info->lpSet->lpLabeledBit;
	NMCOLUMNINFO *column = begin_row(state, count);

	put_count(column++, "Bit Number", state->target.bit);
	column->szColumnName = (LPSTR)"Value";
	column->VariantData.Type = NMCOLUMNTYPE_ONOFF;
	column++->VariantData.Value.OnOffVal = is_on;
	put_string(column++, "Label", is_on ? bit->LabelOn : bit->LabelOff);
	put_share(column++, "% of Set", count, state->instances);
	end_row(state, column);
}

/* What is no value of its own. */
static void show_rest(struct state *state, const char *name, uint64_t count)
{
	NMCOLUMNINFO *column;

	if (!count)
		return;
	column = begin_row(state, count);
	put_string(column++, "Value", name);
	put_share(column++, "% of Set", count, state->instances);
	end_row(state, column);
}

static void show_value(struct state *state, const struct value *value)
{
	NMCOLUMNINFO *column = begin_row(state, value->count);
	uint64_t number;

	if (state->kind == KIND_STRING) {
		put_string(column++, "Value", (const char *)value->bytes);
	} else {
		memcpy(&number, value->bytes, sizeof(number));
		put_count(column++, "Value", number);
		if (state->kind == KIND_LABELED)
			put_string(column++, "Label", property_label(state->target.info, number));
	}
	put_share(column++, "% of Set", value->count, state->instances);
	end_row(state, column);
}

static void show(void *expert)
{
	struct state *state = (struct state *)expert;
	uint64_t others = state->values.all - state->values.lost;
	DWORD nr, i;

	if (!state->with)
		return;
	show_summary(state);
	if (!state->numbers.top)
		return;
	if (state->kind == KIND_FLAGS) {
		show_bit(state, FALSE, state->instances - state->on);
		show_bit(state, TRUE, state->on);
		return;
	}
	nr = values_top(&state->values, state->top, state->numbers.top);
	for (i = 0; i < nr; i++) {
		show_value(state, state->top[i]);
		others -= state->top[i]->count;
	}
	show_rest(state, "(other values)", others);
	show_rest(state, "(not kept)", state->values.lost);
}

/* Entry points */

static const struct live_ops ops = {
	.flags = FLAGS_ATTACH_PROPERTIES | FLAGS_DEFER_TO_UI_FILTER,
	.count = count_frame,
	.show = show,
};

static BOOL start(struct state *state, HEXPERTKEY key, const struct options *options)
{
	state->numbers = options->numbers;
	state->kind = kind_of(state->target.info);
	state->top = (struct value **)ExpertAllocMemory(key, (state->numbers.top + 1) *
							sizeof(struct value *), NULL);
	return state->top && live_start(&state->live, key, NAME, "Values", MOST_COLUMNS) &&
	       values_start(&state->values, key, state->numbers.table);
}

static void finish(struct state *state, HEXPERTKEY key)
{
	if (state->top)
		ExpertFreeMemory(key, state->top);
	values_finish(&state->values);
	live_finish(&state->live);
}

BOOL WINAPI Register(PEXPERTENUMINFO info)
{
	strcpy(info->szName, NAME);
	strcpy(info->szVendor, "netexpert");
	strcpy(info->szDescription,
	       "Which values a property has, as tshark -T fields. Options: property=NAME, Wireshark's (tcp.dstport); "
	       "protocol=NAME; bit=N; top=N, values shown (10); interval=SECONDS (1); table=N, values kept (65536): "
	       "rare ones beyond are (not kept).");
	info->Flags = EXPERT_ENUM_FLAG_CONFIGURABLE | EXPERT_ENUM_FLAG_VIEWER_PRIVATE |
		      EXPERT_ENUM_FLAG_ADD_ME_TO_RMC_IN_DETAIL;
	return TRUE;
}

/* A block that stays good: by names. */
static PEXPERTCONFIG make_block(HEXPERTKEY key, const struct target *target,
				const struct options *options)
{
	size_t length = strlen(target->info->Label) + 1;
	size_t size = PROPERTY_OFFSET + length + sizeof(options->numbers);
	struct block *block = (struct block *)ExpertAllocMemory(key, size, NULL);

	if (!block)
		return NULL;
	block->length = (DWORD)size;
	block->has_bit = target->info->DataQualifier == PROP_QUAL_FLAGS;
	block->bit = (BYTE)target->bit;
	strcpy(block->protocol, target->protocol);
	memcpy(block->property, target->info->Label, length);
	memcpy(block->property + length, &options->numbers, sizeof(options->numbers));
	return (PEXPERTCONFIG)block;
}

/* A property that is given is another one, so what is said of the stored one falls. */
static const char *read_given(const char *given, struct options *options)
{
	struct options own = { .numbers = options->numbers };
	const char *why = options_parse_text(given, take_option, &own);

	if (own.property[0]) {
		*options = own;
		return why;
	}
	options->numbers = own.numbers;
	if (own.protocol[0])
		strcpy(options->protocol, own.protocol);
	if (own.has_bit) {
		options->has_bit = TRUE;
		options->bit = own.bit;
	}
	return why;
}

/*
 * Of what Configure and Run are given; says why if there is nothing to look for. What
 * the user says now, @given, comes before everything else.
 */
static BOOL understand(HEXPERTKEY key, const EXPERTCONFIG *config, const char *given,
		       const EXPERTSTARTUPINFO *startup, DWORD flags, struct options *options,
		       struct target *target)
{
	const char *why = read_config(config, options);

	if (!why && (!config || (flags & EXPERT_STARTUP_FLAG_USE_STARTUP_DATA_OVER_CONFIG_DATA)))
		read_startup(startup, options);
	if (!why && given)
		why = read_given(given, options);
	if (why)
		return options_refuse(key, NMERR_INVALID_PARAMETER, why);
	return find_target(target, options) ||
	       options_refuse(key, NMERR_PROPERTY_NOT_FOUND, target->why);
}

BOOL WINAPI Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
		      DWORD flags, HWND window)
{
	struct options options;
	struct target target;
	PEXPERTCONFIG block;

	(void)window;
	if (!understand(key, *config, ExpertGetOptions(key), startup, flags, &options, &target))
		return FALSE;
	block = make_block(key, &target, &options);
	if (!block)
		return options_refuse(key, NMERR_OUT_OF_MEMORY, "no memory for the configuration");
	if (*config)
		ExpertFreeMemory(key, *config);
	*config = block;
	return TRUE;
}

BOOL WINAPI Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup, DWORD flags,
		HWND window)
{
	struct state state = { 0 };
	struct options options;
	BOOL is_well;

	(void)window;
	if (!understand(key, config, NULL, startup, flags, &options, &state.target))
		return FALSE;
	is_well = start(&state, key, &options);
	if (is_well)
		is_well = live_run(&state.live, &ops, &state, options.numbers.interval);
	else
		options_refuse(key, NMERR_OUT_OF_MEMORY, "no memory to begin with");
	finish(&state, key);
	return is_well;
}
