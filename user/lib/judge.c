// SPDX-License-Identifier: GPL-2.0
/*
 * judge - whether a frame passes a filter
 *
 * The list was checked object by object when it was made (hfilter_add.c): the operands
 * that an operator finds are those that it takes.
 */
#include <errno.h>
#include <string.h>

#include "judge_value.h"
#include "netmon_frame.h"

/**
 * struct bench - a filter at work
 * @filter: the filter.
 * @sight: the frame.
 * @operands: that wait for an operator.
 * @count: how many.
 */
struct bench {
	const struct nexp_hfilter *filter;
	const struct nexp_sight *sight;
	struct nexp_operand operands[NEXP_MAX_WAITING];
	unsigned int count;
};

static struct nexp_walk walk_over(const struct bench *bench, const struct nexp_operand *operand,
				  size_t need)
{
	return (struct nexp_walk) {
		.filter = bench->filter,
		.sight = bench->sight,
		.operand = operand,
		.need = need,
	};
}

static bool property_exists(const struct bench *bench, HPROPERTY property)
{
	struct nexp_walk walk = walk_over(bench, NULL, 0);

	return nexp_walk_instance(&walk, property);
}

static bool one_protocol_exists(const struct bench *bench, const struct nexp_item *item)
{
	const HPROPERTY *protocols = nexp_item_data(bench->filter, item);
	uint32_t i;

	for (i = 0; i < item->size; i++)
		if (property_exists(bench, protocols[i]))
			return true;
	return false;
}

/* A place ends where what it is compared with does. */
static size_t need_of(BYTE action, const struct nexp_operand *place,
		      const struct nexp_operand *other)
{
	if (place->origin != NEXP_PLACE || action == FILTERACTION_CONTAINS ||
	    action == FILTERACTION_CONTAINSNC)
		return 0;
	return other->item->size;
}

/* Whether two values hold; whether both sides have one. */
static bool pair_holds(const struct bench *bench, BYTE action, const struct nexp_operand *a,
		       const struct nexp_operand *b, bool *out_is_there)
{
	struct nexp_walk first = walk_over(bench, a, need_of(action, a, b)), second;
	struct nexp_value x, y;

	*out_is_there = false;
	while (nexp_walk_next(&first, &x)) {
		second = walk_over(bench, b, need_of(action, b, a));
		while (nexp_walk_next(&second, &y)) {
			*out_is_there = true;
			if (nexp_values_hold(action, a, &x, b, &y))
				return true;
		}
	}
	return false;
}

static bool is_between(const struct bench *bench, const struct nexp_operand *from,
		       const struct nexp_operand *to)
{
	const struct nexp_operand *ends[] = { from, to };
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (ends[i]->kind == NEXP_ADDRESS &&
		    !nexp_frame_has_address(bench->sight->frame,
					    i ? NEXP_DESTINATION : NEXP_SOURCE,
					    nexp_item_data(bench->filter, ends[i]->item)))
			return false;
	return true;
}

static bool holds(const struct bench *bench, BYTE action, const struct nexp_operand *a,
		  const struct nexp_operand *b)
{
	bool are_there;

	switch (action) {
	case FILTERACTION_AND:
		return a->number && b->number;
	case FILTERACTION_OR:
		return a->number || b->number;
	case FILTERACTION_XOR:
		return a->number != b->number;
	case FILTERACTION_TO:
		return is_between(bench, a, b);
	case FILTERACTION_FROM:
		return is_between(bench, b, a);
	case FILTERACTION_FROMTO:
		return is_between(bench, a, b) || is_between(bench, b, a);
	case FILTERACTION_NOTEQUAL:
		return !pair_holds(bench, FILTERACTION_EQUAL, a, b, &are_there) && are_there;
	case FILTERACTION_NOTEQUALNC:
		return !pair_holds(bench, FILTERACTION_EQUALNC, a, b, &are_there) && are_there;
	default:
		return pair_holds(bench, action, a, b, &are_there);
	}
}

static struct nexp_operand truth(bool is_true)
{
	return (struct nexp_operand) { .kind = NEXP_TRUTH, .number = is_true };
}

static bool is_operand(BYTE action)
{
	switch (action) {
	case FILTERACTION_PROPERTY:
	case FILTERACTION_DEREFPROPERTY:
	case FILTERACTION_VALUE:
	case FILTERACTION_LARGEINT:
	case FILTERACTION_BOOL:
	case FILTERACTION_STRING:
	case FILTERACTION_ARRAY:
	case FILTERACTION_TIME:
	case FILTERACTION_OID:
	case FILTERACTION_ADDRESS:
	case FILTERACTION_ADDRESSANY:
	case FILTERACTION_ADDR_ETHER:
	case FILTERACTION_ADDR_TOKEN:
	case FILTERACTION_ADDR_FDDI:
	case FILTERACTION_ADDR_IPX:
	case FILTERACTION_ADDR_IP:
	case FILTERACTION_ADDR_VINES:
	case FILTERACTION_ADDR_IP6:
		return true;
	default:
		return false;
	}
}

static struct nexp_operand operand_of(const struct nexp_item *item)
{
	struct nexp_operand operand = { .kind = item->kind, .item = item };

	if (item->action == FILTERACTION_PROPERTY)
		operand.origin = NEXP_PROPERTY;
	else if (item->action == FILTERACTION_DEREFPROPERTY)
		operand.origin = NEXP_PLACE;
	else if (item->kind == NEXP_NUMBER || item->kind == NEXP_TRUTH)
		operand.number = item->number;
	return operand;
}

static void step(struct bench *bench, const struct nexp_item *item)
{
	struct nexp_operand *end = bench->operands + bench->count;

	switch (item->action) {
	case NEXP_ACTION_TEXT:
		*end = truth(nexp_dissect_passes(bench->sight->hand, bench->filter->text));
		bench->count++;
		break;
	case FILTERACTION_PROTOCOLEXIST:
	case FILTERACTION_PROTOCOLSEXIST:
		*end = truth(one_protocol_exists(bench, item));
		bench->count++;
		break;
	case FILTERACTION_PROPERTYEXIST:
		end[-1] = truth(property_exists(bench, end[-1].item->property));
		break;
	case FILTERACTION_NOT:
		end[-1] = truth(!end[-1].number);
		break;
	case FILTERACTION_PLUS:
		end[-2].number = (int64_t)((uint64_t)end[-2].number + (uint64_t)end[-1].number);
		bench->count--;
		break;
	case FILTERACTION_MINUS:
		end[-2].number = (int64_t)((uint64_t)end[-2].number - (uint64_t)end[-1].number);
		bench->count--;
		break;
	default:
		if (is_operand(item->action)) {
			*end = operand_of(item);
			bench->count++;
			break;
		}
		end[-2] = truth(holds(bench, item->action, &end[-2], &end[-1]));
		bench->count--;
		break;
	}
}

/**
 * nexp_judge() - whether a frame passes a filter
 * @filter: was checked; its lock is held.
 * @sight: the frame; between nexp_dissect_enter() and _leave() if the filter dissects.
 */
bool nexp_judge(const struct nexp_hfilter *filter, const struct nexp_sight *sight)
{
	struct bench bench = { .filter = filter, .sight = sight };
	uint32_t i;

	for (i = 0; i < filter->nr_items; i++)
		step(&bench, &filter->items[i]);
	return !bench.count || bench.operands[0].number;
}

/* Those that there are, under their lock. */
static DWORD get_filters(const HFILTER handles[NEXP_NR_FILTERS],
			 struct nexp_hfilter *filters[NEXP_NR_FILTERS], unsigned int *out_count)
{
	unsigned int i;
	DWORD error;

	*out_count = 0;
	for (i = 0; i < NEXP_NR_FILTERS; i++) {
		if (!handles[i])
			continue;
		error = nexp_hfilter_check(handles[i], &filters[*out_count]);
		if (error != NMERR_SUCCESS)
			return error;
		(*out_count)++;
	}
	return NMERR_SUCCESS;
}

/**
 * nexp_judge_check() - whether frames can be judged, before one is taken
 * @handles: the filters; NULL for none.
 * @wants_properties: they are wanted of the frames that pass.
 *
 * Return: NMERR_SUCCESS, NMERR_INVALID_HFILTER, NMERR_FILTER_INVALID_EXPRESSION,
 * NMERR_LOAD_PARSER_FAILED.
 */
DWORD nexp_judge_check(const HFILTER handles[NEXP_NR_FILTERS], bool wants_properties)
{
	struct nexp_hfilter *filters[NEXP_NR_FILTERS];
	bool dissects = wants_properties;
	unsigned int i, count;
	DWORD error;

	nexp_hfilters_lock();
	error = get_filters(handles, filters, &count);
	for (i = 0; i < count && error == NMERR_SUCCESS; i++)
		dissects |= nexp_hfilter_dissects(filters[i]);
	nexp_hfilters_unlock();
	if (error == NMERR_SUCCESS && dissects && !nexp_dissect_is_there())
		return NMERR_LOAD_PARSER_FAILED;
	return error;
}

/* What the filters, and who asks, want to know of the frame. */
static struct nexp_dissect_job job_of(const struct nexp_trial *trial,
				      struct nexp_hfilter *const *filters, unsigned int count,
				      struct epan_dfilter *texts[NEXP_NR_FILTERS])
{
	const struct nexp_key *key = trial->key;
	uint64_t round = trial->serial / INVALID_FRAME_NUMBER;
	struct nexp_dissect_job job = {
		/* The parsers' numbers are never the same twice in a capture. */
		.capture = (uint64_t)key->value << 32 | (uint32_t)round,
		.number = nexp_frames_number(trial->serial) + 1,
		.record = trial->frame->record,
		.bytes = trial->frame->data,
		.wants_properties = trial->wants_properties,
		.filters = texts,
	};
	unsigned int i;

	for (i = 0; i < count; i++) {
		job.wants_properties |= filters[i]->wants_properties;
		if (filters[i]->text)
			texts[job.nr_filters++] = filters[i]->text;
	}
	return job;
}

static bool passes_all(const struct nexp_sight *sight, struct nexp_hfilter *const *filters,
		       unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!nexp_judge(filters[i], sight))
			return false;
	return true;
}

static DWORD judge_dissected(const struct nexp_trial *trial,
			     struct nexp_hfilter *const *filters, unsigned int count,
			     bool *out_passes)
{
	struct epan_dfilter *texts[NEXP_NR_FILTERS];
	struct nexp_sight sight = { .frame = trial->frame, .hand = trial->hand };
	struct nexp_dissect_job job = job_of(trial, filters, count, texts);
	unsigned int i;

	/* Should the parsers die now, this is the frame they worked on. */
	netexpert_frame_mark(trial->key->nx, 0, trial->frame);
	/* One that can't be dissected has no properties, and that is no failure. */
	if (nexp_dissect_run(trial->key->nx, trial->hand, &job) == -ELIBACC)
		return NMERR_LOAD_PARSER_FAILED;
	sight.ops = nexp_dissect_enter();
	if (!sight.ops)
		return NMERR_LOAD_PARSER_FAILED;
	for (i = 0; i < count; i++)
		if (filters[i]->wants_properties)
			sight.table = nexp_dissect_table_in(trial->hand);
	*out_passes = passes_all(&sight, filters, count);
	nexp_dissect_leave();
	return NMERR_SUCCESS;
}

static DWORD judge_frame(const struct nexp_trial *trial, const HFILTER handles[NEXP_NR_FILTERS],
			 bool *out_passes)
{
	struct nexp_sight sight = { .frame = trial->frame };
	struct nexp_hfilter *filters[NEXP_NR_FILTERS];
	bool dissects = trial->wants_properties;
	unsigned int i, count;
	DWORD error = get_filters(handles, filters, &count);

	if (error != NMERR_SUCCESS)
		return error;
	for (i = 0; i < count; i++)
		dissects |= nexp_hfilter_dissects(filters[i]);
	if (dissects)
		return judge_dissected(trial, filters, count, out_passes);
	*out_passes = passes_all(&sight, filters, count);
	return NMERR_SUCCESS;
}

/**
 * nexp_judge_frame() - whether a frame passes filters
 * @trial: the frame. It is in the trial's hand then if it was dissected: to be released.
 * @handles: the filters, by turns; NULL for none.
 * @out_passes: all of them.
 *
 * Return: as nexp_judge_check().
 */
DWORD nexp_judge_frame(const struct nexp_trial *trial, const HFILTER handles[NEXP_NR_FILTERS],
		       bool *out_passes)
{
	DWORD error;

	nexp_hfilters_lock();
	error = judge_frame(trial, handles, out_passes);
	nexp_hfilters_unlock();
	return error;
}

static void get_versions(const HFILTER handles[NEXP_NR_FILTERS],
			 uint64_t versions[NEXP_NR_FILTERS])
{
	const struct nexp_hfilter *filter;
	unsigned int i;

	nexp_hfilters_lock();
	for (i = 0; i < NEXP_NR_FILTERS; i++) {
		filter = nexp_hfilter_find(handles[i]);
		versions[i] = filter ? filter->version : 0;
	}
	nexp_hfilters_unlock();
}

/**
 * nexp_passed_over_end() - where to go on instead of at a frame
 * @over: what was passed over.
 * @handles: the filters.
 * @serial: the frame's.
 *
 * Return: @serial, or the one behind those that are known not to pass.
 */
uint64_t nexp_passed_over_end(const struct nexp_passed_over *over,
			      const HFILTER handles[NEXP_NR_FILTERS], uint64_t serial)
{
	uint64_t versions[NEXP_NR_FILTERS];

	get_versions(handles, versions);
	if (memcmp(versions, over->versions, sizeof(versions)) || serial < over->from ||
	    serial > over->to)
		return serial;
	return over->to;
}

/** nexp_passed_over_add() - a frame does not pass. */
void nexp_passed_over_add(struct nexp_passed_over *over, const HFILTER handles[NEXP_NR_FILTERS],
			  uint64_t serial)
{
	uint64_t versions[NEXP_NR_FILTERS];

	get_versions(handles, versions);
	if (memcmp(versions, over->versions, sizeof(versions)) || serial != over->to) {
		memcpy(over->versions, versions, sizeof(versions));
		over->from = serial;
	}
	over->to = serial + 1;
}
