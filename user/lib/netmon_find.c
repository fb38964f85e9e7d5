// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_find - searches among the frames that are kept
 *
 * Rules and decisions stand in include/netmon_filters.h.
 */
#include "judge.h"
#include "netmon_error.h"
#include "netmon_filter.h"
#include "netmon_frame.h"
#include "now.h"

/**
 * struct search - a search that somebody may end
 * @capture: which one's frames.
 * @filter: for @proc.
 * @proc: whom to ask; may be NULL.
 * @instance: for @proc.
 * @delta_ms: how often.
 * @next_ms: when.
 * @is_forward: not back.
 * @serial: forward, the next frame's; back, the one's behind it.
 * @is_canceled: somebody has ended it.
 */
struct search {
	HCAPTURE capture;
	HFILTER filter;
	STATUSPROC proc;
	LPVOID instance;
	DWORD delta_ms;
	uint64_t next_ms;
	bool is_forward;
	uint64_t serial;
	bool is_canceled;
};

/* The next frame that can be had. */
static DWORD next_kept(struct nexp_key *key, struct search *search,
		       struct netexpert_frame *frame, uint64_t *out_serial)
{
	struct nexp_frames *frames = &key->frames;
	int err;

	if (nexp_key_ends(key))
		return NMERR_EXPERT_TERMINATE;
	err = search->is_forward ? nexp_frames_up(frames, key->nx, &search->serial, frame) :
				   nexp_frames_down(frames, key->nx, &search->serial, frame);
	if (err)
		return err == -ERANGE ? NMERR_NO_MORE_FRAMES : nexp_netmon_error(err);
	*out_serial = search->serial;
	search->serial += search->is_forward;
	return NMERR_SUCCESS;
}

/* Between frames, when nothing is locked. Whether to go on. */
static bool goes_on(struct search *search, DWORD number)
{
	uint64_t now;

	if (!search->proc)
		return true;
	now = nexp_now_ms();
	if (now < search->next_ms)
		return true;
	search->next_ms = now + search->delta_ms;
	search->is_canceled = !search->proc(number, search->capture, search->filter,
					    search->instance);
	return !search->is_canceled;
}

static DWORD start_at(const struct nexp_key *key, struct search *search, DWORD number)
{
	search->next_ms = nexp_now_ms() + search->delta_ms;
	return nexp_frames_start(&key->frames, key->nx, number, search->is_forward,
				 &search->serial) ? NMERR_SUCCESS : NMERR_OUT_OF_RANGE;
}

/* One frame further: its number, and whether it passes. */
static DWORD try_next(struct search *search, DWORD *out_number, bool *out_passes)
{
	struct nexp_key *key = nexp_capture_lock(search->capture);
	struct netexpert_frame frame;
	uint64_t serial;
	DWORD error;

	if (!key)
		return NMERR_INVALID_HCAPTURE;
	error = next_kept(key, search, &frame, &serial);
	if (error == NMERR_SUCCESS) {
		*out_number = nexp_frames_number(serial);
		error = nexp_judge_beside(key, serial, &frame, search->filter, out_passes);
	}
	nexp_frame_unlock(key);
	return error;
}

static DWORD start_search(struct search *search, DWORD number)
{
	const HFILTER filters[NEXP_NR_FILTERS] = { search->filter };
	struct nexp_key *key;
	DWORD error;

	if (!search->filter)
		return NMERR_INVALID_HFILTER;
	key = nexp_capture_lock(search->capture);
	if (!key)
		return NMERR_INVALID_HCAPTURE;
	error = nexp_judge_check(filters, false);
	if (error == NMERR_SUCCESS)
		error = start_at(key, search, number);
	nexp_frame_unlock(key);
	return error;
}

DWORD WINAPI FilterFindFrame(HFILTER hFilter, HCAPTURE hCapture, DWORD nFrame,
			     STATUSPROC StatusProc, LPVOID UIInstance, DWORD TimeDelta,
			     BOOL FilterDirection)
{
	struct search search = {
		.capture = hCapture,
		.filter = hFilter,
		.proc = StatusProc,
		.instance = UIInstance,
		.delta_ms = TimeDelta,
		.is_forward = FilterDirection,
	};
	DWORD number, error = start_search(&search, nFrame);
	bool passes = false;

	while (error == NMERR_SUCCESS) {
		error = try_next(&search, &number, &passes);
		if (error == NMERR_SUCCESS && passes)
			return number;
		if (error == NMERR_SUCCESS && !goes_on(&search, number))
			return FILTER_CANCELED;
	}
	BhSetLastError(error);
	return error == NMERR_EXPERT_TERMINATE ? FILTER_CANCELED : FILTER_NO_MORE_FRAMES;
}

/* Whether an instance's property is one of the filter's; under its lock. */
static bool is_of(const struct nexp_hfilter *filter, HPROPERTY property)
{
	uint32_t i, j;

	for (i = 0; i < filter->nr_items; i++) {
		const struct nexp_item *item = &filter->items[i];
		const HPROPERTY *protocols;

		if (item->action == FILTERACTION_PROPERTY && item->property == property)
			return true;
		if (item->action != FILTERACTION_PROTOCOLEXIST &&
		    item->action != FILTERACTION_PROTOCOLSEXIST)
			continue;
		protocols = nexp_item_data(filter, item);
		for (j = 0; j < item->size; j++)
			if (protocols[j] == property)
				return true;
	}
	return false;
}

/* The filter for instances, under its lock; a text says nothing of one alone. */
static DWORD check_instances(HFILTER handle, struct nexp_hfilter **out_filter)
{
	DWORD error = nexp_hfilter_check(handle, out_filter);

	if (error == NMERR_SUCCESS && ((*out_filter)->text || !(*out_filter)->wants_properties))
		return NMERR_FILTER_INVALID_EXPRESSION;
	return error;
}

/* After @from, which is NULL or one of this frame. */
static LPPROPERTYINST find_instance(const struct nexp_hfilter *filter, struct nexp_sight *sight,
				    LPPROPERTYINST from, bool is_forward)
{
	LPPROPERTYTABLE properties = sight->ops->table_properties(sight->table);
	LPPROPERTYINST first = properties->lpFirstPropertyInst;
	int64_t count = properties->nTotalPropertyInsts;
	int64_t at = is_forward ? -1 : count;

	if (from)
		at = from - first;
	for (at += is_forward ? 1 : -1; at >= 0 && at < count; at += is_forward ? 1 : -1) {
		if (!is_of(filter, first[at].lpPropertyInfo->hProperty))
			continue;
		sight->only = &first[at];
		if (nexp_judge(filter, sight))
			return &first[at];
	}
	return NULL;
}

static bool is_instance(const struct nexp_sight *sight, const PROPERTYINST *inst)
{
	LPPROPERTYTABLE properties = sight->ops->table_properties(sight->table);
	uintptr_t offset = (uintptr_t)inst - (uintptr_t)properties->lpFirstPropertyInst;

	return !(offset % sizeof(*inst)) &&
	       offset / sizeof(*inst) < properties->nTotalPropertyInsts;
}

/* In the frame that is attached; NULL in *inst if there is none. */
static DWORD look_in_hand(struct search *search, const struct netexpert_frame *frame,
			  LPPROPERTYINST from, LPPROPERTYINST *inst)
{
	struct nexp_sight sight = { .frame = frame, .hand = NEXP_HAND_ATTACHED };
	struct nexp_hfilter *filter;
	DWORD error;

	*inst = NULL;
	nexp_hfilters_lock();
	error = check_instances(search->filter, &filter);
	sight.ops = error == NMERR_SUCCESS ? nexp_dissect_enter() : NULL;
	if (sight.ops) {
		sight.table = nexp_dissect_table_in(NEXP_HAND_ATTACHED);
		if (sight.table && from && !is_instance(&sight, from))
			error = NMERR_INVALID_PARAMETER;
		else if (sight.table)
			*inst = find_instance(filter, &sight, from, search->is_forward);
		nexp_dissect_leave();
	}
	nexp_hfilters_unlock();
	return error;
}

/* Attaches a frame, looks for an instance if it passes, and keeps it in hand if so. */
static DWORD look_in_frame(struct nexp_key *key, struct search *search, HFILTER master,
			   uint64_t serial, const struct netexpert_frame *frame,
			   LPPROPERTYINST *inst)
{
	const HFILTER filters[NEXP_NR_FILTERS] = { master };
	const struct nexp_trial trial = {
		.key = key,
		.serial = serial,
		.frame = frame,
		.hand = NEXP_HAND_ATTACHED,
		.wants_properties = true,
	};
	struct nexp_attached attached;
	bool passes = false;
	DWORD error;

	*inst = NULL;
	error = nexp_judge_frame(&trial, filters, &passes);
	if (error == NMERR_SUCCESS && passes)
		error = look_in_hand(search, frame, NULL, inst);
	if (*inst) {
		nexp_frames_keep(&key->frames, frame);
		nexp_dissect_attach(nexp_frame_handle(key, nexp_frames_number(serial)),
				    &attached);
	} else {
		nexp_dissect_release(NEXP_HAND_ATTACHED);
	}
	nexp_mark_last(key);
	return error;
}

static DWORD try_next_instance(struct search *search, HFILTER master, DWORD *out_number,
			       HFRAME *out_handle, LPPROPERTYINST *inst)
{
	struct nexp_key *key = nexp_capture_lock(search->capture);
	struct netexpert_frame frame;
	uint64_t serial;
	DWORD error;

	if (!key)
		return NMERR_INVALID_HCAPTURE;
	error = next_kept(key, search, &frame, &serial);
	if (error == NMERR_SUCCESS) {
		*out_number = nexp_frames_number(serial);
		*out_handle = nexp_frame_handle(key, *out_number);
		error = look_in_frame(key, search, master, serial, &frame, inst);
	}
	nexp_frame_unlock(key);
	return error;
}

static bool is_attached(HFRAME handle)
{
	bool is = false;

	if (nexp_dissect_enter()) {
		is = nexp_dissect_table(handle);
		nexp_dissect_leave();
	}
	return is;
}

/* The rest of the frame with the last one found, or the whole of it. */
static DWORD look_in_first(struct search *search, HFILTER master, HFRAME handle,
			   LPPROPERTYINST from, LPPROPERTYINST *inst)
{
	struct netexpert_frame frame;
	struct nexp_key *key = nexp_frame_lock(handle, &frame);
	DWORD error = NMERR_SUCCESS;

	*inst = NULL;
	if (!key)
		return NMERR_INVALID_HFRAME;
	if (search->capture != nexp_capture_of(key->value))
		error = NMERR_INVALID_HCAPTURE;
	else if (from && !is_attached(handle))
		error = NMERR_INVALID_PARAMETER;
	else
		error = start_at(key, search, nexp_number_of(handle));
	if (error == NMERR_SUCCESS && from)
		error = look_in_hand(search, &frame, from, inst);
	else if (error == NMERR_SUCCESS)
		error = look_in_frame(key, search, master,
				      search->serial - search->is_forward, &frame, inst);
	nexp_frame_unlock(key);
	return error;
}

static DWORD check_filters(HFILTER master, HFILTER instances)
{
	const HFILTER filters[NEXP_NR_FILTERS] = { master };
	struct nexp_hfilter *filter;
	DWORD error;

	nexp_hfilters_lock();
	error = check_instances(instances, &filter);
	nexp_hfilters_unlock();
	return error == NMERR_SUCCESS ? nexp_judge_check(filters, true) : error;
}

HFRAME WINAPI FilterFindPropertyInstance(HFRAME hFrame, HFILTER hMasterFilter,
					 HCAPTURE hCapture, HFILTER hInstanceFilter,
					 LPPROPERTYINST *lpPropRestartKey,
					 STATUSPROC StatusProc, LPVOID UIInstance,
					 DWORD TimeDelta, BOOL FilterForward)
{
	struct search search = {
		.capture = hCapture,
		.filter = hInstanceFilter,
		.proc = StatusProc,
		.instance = UIInstance,
		.delta_ms = TimeDelta,
		.is_forward = FilterForward,
	};
	LPPROPERTYINST from, inst = NULL;
	HFRAME handle = hFrame;
	DWORD number, error = NMERR_INVALID_PARAMETER;

	if (!lpPropRestartKey)
		goto out_error;
	from = *lpPropRestartKey;
	*lpPropRestartKey = NULL;
	error = check_filters(hMasterFilter, hInstanceFilter);
	number = nexp_number_of(hFrame);
	if (error == NMERR_SUCCESS)
		error = look_in_first(&search, hMasterFilter, hFrame, from, &inst);
	while (error == NMERR_SUCCESS && !inst) {
		if (!goes_on(&search, number))
			goto out_error;
		error = try_next_instance(&search, hMasterFilter, &number, &handle, &inst);
	}
	*lpPropRestartKey = inst;
	if (inst)
		return handle;
out_error:
	BhSetLastError(error);
	return NULL;
}

/**
 * struct neighbour - what FindNextFrame() looks for
 * @protocol: which it must have.
 * @to: where it goes to; NULL if that does not matter.
 * @from: where it comes from; NULL if that does not matter.
 * @offset: where the protocol starts in the one that was found.
 */
struct neighbour {
	HPROTOCOL protocol;
	const ADDRESS2 *to;
	const ADDRESS2 *from;
	DWORD offset;
};

static bool has_addresses(const struct neighbour *wanted, const struct netexpert_frame *frame)
{
	return (!wanted->to || nexp_frame_has_address(frame, NEXP_DESTINATION, wanted->to)) &&
	       (!wanted->from || nexp_frame_has_address(frame, NEXP_SOURCE, wanted->from));
}

static DWORD has_protocol(struct nexp_key *key, uint64_t serial,
			  const struct netexpert_frame *frame, struct neighbour *wanted,
			  HFILTER filter, bool *out_has)
{
	const struct nexp_dissect_ops *ops;
	const HFILTER filters[NEXP_NR_FILTERS] = { filter };
	const struct nexp_trial trial = {
		.key = key,
		.serial = serial,
		.frame = frame,
		.hand = NEXP_HAND_JUDGED,
	};
	DWORD error = nexp_judge_frame(&trial, filters, out_has);

	ops = error == NMERR_SUCCESS && *out_has ? nexp_dissect_enter() : NULL;
	if (ops) {
		wanted->offset = ops->table_start(nexp_dissect_table_in(NEXP_HAND_JUDGED),
						  wanted->protocol);
		nexp_dissect_leave();
	}
	nexp_dissect_release(NEXP_HAND_JUDGED);
	nexp_mark_last(key);
	return error;
}

/* How far a search may go from @original, and not beyond @limit. */
static bool is_near(const struct search *search, uint64_t serial, uint64_t original,
		    uint64_t limit)
{
	uint64_t distance = serial > original ? serial - original : original - serial;

	return distance <= FILTER_MAX_LOOK &&
	       (search->is_forward ? serial <= limit : serial >= limit);
}

/* The frames of a locked key, until one is what is wanted. */
static DWORD find_neighbour(struct nexp_key *key, struct search *search,
			    struct neighbour *wanted, DWORD original, DWORD limit,
			    HFRAME *out_handle)
{
	uint64_t first, last, serial;
	struct netexpert_frame frame;
	bool has = false;
	DWORD error;

	if (!nexp_frames_serial(&key->frames, key->nx, original, &first))
		return NMERR_OUT_OF_RANGE;
	if (!nexp_frames_serial(&key->frames, key->nx, limit, &last))
		last = search->is_forward ? nexp_frames_end(&key->frames, key->nx) : 0;
	do {
		error = next_kept(key, search, &frame, &serial);
		if (error == NMERR_NO_MORE_FRAMES ||
		    (error == NMERR_SUCCESS && !is_near(search, serial, first, last)))
			return NMERR_FRAME_NOT_FOUND;
		if (error == NMERR_SUCCESS && has_addresses(wanted, &frame))
			error = has_protocol(key, serial, &frame, wanted, search->filter, &has);
	} while (error == NMERR_SUCCESS && !has);
	if (error == NMERR_SUCCESS)
		*out_handle = nexp_frame_handle(key, nexp_frames_number(serial));
	return error;
}

static DWORD find_from(HFRAME handle, struct search *search, struct neighbour *wanted,
		       DWORD original, DWORD limit, HFRAME *out_handle)
{
	struct netexpert_frame frame;
	struct nexp_key *key = nexp_frame_lock(handle, &frame);
	DWORD error;

	if (!key)
		return NMERR_INVALID_HFRAME;
	error = start_at(key, search, nexp_number_of(handle));
	if (error == NMERR_SUCCESS)
		error = find_neighbour(key, search, wanted, original, limit, out_handle);
	nexp_frame_unlock(key);
	return error;
}

/* A filter for a protocol, until the search is over. */
static DWORD filter_for(const char *name, struct neighbour *wanted, HFILTER *out_filter)
{
	FILTEROBJECT object = { .Action = FILTERACTION_PROTOCOLEXIST };
	DWORD error;

	if (!nexp_dissect_is_there())
		return NMERR_LOAD_PARSER_FAILED;
	wanted->protocol = GetProtocolFromName((LPSTR)name);
	if (!wanted->protocol)
		return NMERR_PROTOCOL_NOT_FOUND;
	error = nexp_hfilter_create(NULL, NULL, out_filter);
	if (error != NMERR_SUCCESS)
		return error;
	object.hProtocol = wanted->protocol;
	error = nexp_hfilter_add(*out_filter, &object);
	if (error != NMERR_SUCCESS)
		nexp_hfilter_destroy(*out_filter);
	return error;
}

static HFRAME find_frame(HFRAME handle, const char *name, struct neighbour *wanted,
			 LPWORD offset, DWORD original, DWORD limit, bool is_forward)
{
	struct search search = { .is_forward = is_forward };
	HFRAME found = NULL;
	DWORD error = filter_for(name, wanted, &search.filter);

	if (error == NMERR_SUCCESS) {
		error = find_from(handle, &search, wanted, original, limit, &found);
		nexp_hfilter_destroy(search.filter);
	}
	if (error != NMERR_SUCCESS) {
		BhSetLastError(error);
		return NULL;
	}
	if (offset)
		*offset = (WORD)wanted->offset;
	return found;
}

HFRAME WINAPI FindNextFrame(HFRAME hCurrentFrame, LPSTR ProtocolName,
			    LPADDRESS2 lpDestAddress, LPADDRESS2 lpSrcAddress,
			    LPWORD ProtocolOffset, DWORD OriginalFrameNumber,
			    DWORD nHighestFrame)
{
	struct neighbour wanted = { .to = lpDestAddress, .from = lpSrcAddress };

	return find_frame(hCurrentFrame, ProtocolName, &wanted, ProtocolOffset,
			  OriginalFrameNumber, nHighestFrame, true);
}

HFRAME WINAPI FindPreviousFrame(HFRAME hCurrentFrame, LPSTR ProtocolName,
				LPADDRESS2 lpDestAddress, LPADDRESS2 lpSrcAddress,
				LPWORD ProtocolOffset, DWORD OriginalFrameNumber,
				DWORD nLowestFrame)
{
	struct neighbour wanted = { .to = lpDestAddress, .from = lpSrcAddress };

	return find_frame(hCurrentFrame, ProtocolName, &wanted, ProtocolOffset,
			  OriginalFrameNumber, nLowestFrame, false);
}
