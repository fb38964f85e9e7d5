// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_getframe - ExpertGetFrame
 *
 * Rules and decisions stand in include/netmon.h.
 */
#include "judge.h"
#include "netmon_error.h"
#include "netmon_frame.h"
#include "now.h"

/* How long FLAGS_LIVE_TIMEOUT waits. */
#define LIVE_TIMEOUT_MS	1000

#define KNOWN_FLAGS \
	(FLAGS_DEFER_TO_UI_FILTER | FLAGS_ATTACH_PROPERTIES | FLAGS_LIVE_TIMEOUT)

/* A descriptor's pFrame leads into the ring: a FRAME is a record's tail. */
_Static_assert(offsetof(struct netexpert_record, stamp_us) +
	       offsetof(FRAME, MacFrame) == sizeof(struct netexpert_record),
	       "TimeStamp");
_Static_assert(offsetof(struct netexpert_record, wire_len) ==
	       offsetof(struct netexpert_record, stamp_us) +
	       offsetof(FRAME, FrameLength), "FrameLength");
_Static_assert(offsetof(struct netexpert_record, cap_len) ==
	       offsetof(struct netexpert_record, stamp_us) +
	       offsetof(FRAME, nBytesAvail), "nBytesAvail");

/**
 * struct request - what an expert asks for
 * @flags: FLAGS_*.
 * @filters: the user's, if it defers to it, and its own; NULL for none.
 * @has_filter: there is one.
 * @deadline_ms: when FLAGS_LIVE_TIMEOUT ends the call.
 */
struct request {
	DWORD flags;
	HFILTER filters[NEXP_NR_FILTERS];
	bool has_filter;
	uint64_t deadline_ms;
};

/* Before a frame is taken. */
static DWORD check_request(const struct nexp_key *key, struct request *request, DWORD direction,
			   HFILTER filter, const EXPERTFRAMEDESCRIPTOR *descriptor)
{
	DWORD flags = request->flags;

	if (direction > GET_FRAME_NEXT_BACKWARD || (flags & ~KNOWN_FLAGS) ||
	    !descriptor)
		return NMERR_INVALID_PARAMETER;
	request->filters[0] = flags & FLAGS_DEFER_TO_UI_FILTER ? key->ui_filter : NULL;
	request->filters[1] = filter;
	request->has_filter = request->filters[0] || filter;
	if (!request->has_filter && !(flags & FLAGS_ATTACH_PROPERTIES))
		return NMERR_SUCCESS;
	return nexp_judge_check(request->filters, flags & FLAGS_ATTACH_PROPERTIES);
}

/* What the first frame says of the capture, and whether all are Ethernet. */
static void note_frame(struct nexp_key *key, const struct netexpert_record *record)
{
	if (!nexp_is_ethernet(record))
		key->frames.strange = true;
	if (!key->has_start)
		key->start_ns += record->time_ns - key->nx->info.created_ns -
				 (uint64_t)record->stamp_us * 1000;
	key->has_start = true;
}

/* How long to wait for a new frame; a call that has a filter may have waited before. */
static int wait_ms(const struct request *request)
{
	uint64_t now;

	if (!(request->flags & FLAGS_LIVE_TIMEOUT))
		return -1;
	if (!request->has_filter)
		return LIVE_TIMEOUT_MS;
	now = nexp_now_ms();
	return now < request->deadline_ms ? (int)(request->deadline_ms - now) : 0;
}

static DWORD get_new(struct nexp_key *key, const struct request *request,
		     struct netexpert_frame *frame)
{
	int err;

	do {
		err = netexpert_frame_next(key->nx, frame, wait_ms(request));
	} while (err == -EINTR);
	if (!err) {
		note_frame(key, frame->record);
		nexp_frames_add(&key->frames, frame);
	}
	return nexp_netmon_error(err);
}

/*
 * The next frame from @serial on, of those that can be had, or else a new one. In a
 * file, who has gone further than the ring stays in the file.
 */
static DWORD get_forward(struct nexp_key *key, const struct request *request, uint64_t *serial,
			 struct netexpert_frame *frame)
{
	int err;

	/* Most calls by far: nothing to look for. */
	if (*serial == key->frames.count)
		return get_new(key, request, frame);
	err = nexp_frames_up(&key->frames, key->nx, serial, frame);
	if (err != -ERANGE)
		return nexp_netmon_error(err);
	if (*serial > key->frames.count)
		return nexp_netmon_error(-ENODATA);
	*serial = key->frames.count;
	return get_new(key, request, frame);
}

/* The frame before @serial, of those that can be had. */
static DWORD get_backward(struct nexp_key *key, uint64_t *serial, struct netexpert_frame *frame)
{
	if (!*serial)
		return NMERR_OUT_OF_RANGE;
	return nexp_frame_error(nexp_frames_down(&key->frames, key->nx, serial, frame));
}

static DWORD judge(struct nexp_key *key, const struct request *request, uint64_t serial,
		   const struct netexpert_frame *frame, bool *out_passes)
{
	bool attaches = request->flags & FLAGS_ATTACH_PROPERTIES;
	const struct nexp_trial trial = {
		.key = key,
		.serial = serial,
		.frame = frame,
		.hand = attaches ? NEXP_HAND_ATTACHED : NEXP_HAND_JUDGED,
		.wants_properties = attaches,
	};
	DWORD error;

	*out_passes = true;
	if (!request->has_filter && !attaches)
		return NMERR_SUCCESS;
	error = nexp_judge_frame(&trial, request->filters, out_passes);
	if (!attaches || error != NMERR_SUCCESS || !*out_passes)
		nexp_dissect_release(trial.hand);
	return error;
}

/* Until a frame passes. What was passed over forward need not be looked at again. */
static DWORD scan(struct nexp_key *key, const struct request *request, DWORD direction,
		  uint64_t *serial, struct netexpert_frame *frame)
{
	bool is_forward = direction == GET_FRAME_NEXT_FORWARD, passes;
	DWORD error;

	if (is_forward && request->has_filter)
		*serial = nexp_passed_over_end(&key->passed_over, request->filters, *serial);
	for (;;) {
		error = is_forward ? get_forward(key, request, serial, frame) :
				     get_backward(key, serial, frame);
		if (error != NMERR_SUCCESS)
			return error;
		error = judge(key, request, *serial, frame, &passes);
		if (error != NMERR_SUCCESS || passes)
			return error;
		if (is_forward)
			nexp_passed_over_add(&key->passed_over, request->filters, (*serial)++);
		if (nexp_key_ends(key))
			return NMERR_EXPERT_TERMINATE;
		if (is_forward && !wait_ms(request))
			return NMERR_TIMEOUT;
	}
}

static DWORD get_specified(struct nexp_key *key, const struct request *request, DWORD number,
			   uint64_t *out_serial, struct netexpert_frame *frame)
{
	bool passes;
	DWORD error;

	/* In a file there is one that comes next, and that is the ring's. */
	if (nexp_frames_serial(&key->frames, key->nx, number, out_serial) &&
	    *out_serial == key->frames.count)
		error = get_new(key, request, frame);
	else
		error = nexp_frame_specified(key, number, out_serial, frame);

	if (error == NMERR_SUCCESS)
		error = judge(key, request, *out_serial, frame, &passes);
	if (error != NMERR_SUCCESS)
		return error;
	return passes ? NMERR_SUCCESS : NMERR_FRAME_FAILED_FILTER;
}

static void fill(struct nexp_key *key, const struct request *request, uint64_t serial,
		 const struct netexpert_frame *frame, EXPERTFRAMEDESCRIPTOR *descriptor)
{
	DWORD number = nexp_frames_number(serial);
	struct nexp_attached attached = { 0 };
	HFRAME handle = nexp_frame_handle(key, number);

	note_frame(key, frame->record);
	nexp_frames_keep(&key->frames, frame);
	/* Should the process die now, this is the frame it worked on. */
	netexpert_frame_mark(key->nx, 0, frame);
	/* Relaxed: another thread's status only tells the number. */
	__atomic_store_n(&key->last, number, __ATOMIC_RELAXED);
	if (request->flags & FLAGS_ATTACH_PROPERTIES)
		nexp_dissect_attach(handle, &attached);
	*descriptor = (EXPERTFRAMEDESCRIPTOR) {
		.FrameNumber = number,
		.hFrame = handle,
		.pFrame = nexp_frame_tail(frame->record),
		.lpRecognizeDataTable = attached.protocols,
		.lpPropertyTable = attached.properties,
	};
}

static DWORD get_frame(struct nexp_key *key, const struct request *request, DWORD direction,
		       DWORD number, EXPERTFRAMEDESCRIPTOR *descriptor)
{
	struct netexpert_frame frame;
	uint64_t serial;
	DWORD error;

	nexp_dissect_release(NEXP_HAND_ATTACHED);
	nexp_frames_release(&key->frames, key->nx);
	if (nexp_key_ends(key)) {
		/* Asking for another frame releases this one, even now. */
		netexpert_frame_release(key->nx);
		return NMERR_EXPERT_TERMINATE;
	}
	if (direction == GET_SPECIFIED_FRAME) {
		error = get_specified(key, request, number, &serial, &frame);
	} else {
		error = NMERR_OUT_OF_RANGE;
		if (nexp_frames_start(&key->frames, key->nx, number,
				      direction == GET_FRAME_NEXT_FORWARD, &serial))
			error = scan(key, request, direction, &serial, &frame);
	}
	if (error == NMERR_SUCCESS)
		fill(key, request, serial, &frame, descriptor);
	return error;
}

DWORD WINAPI ExpertGetFrame(HEXPERTKEY hExpertKey, DWORD Direction,
			    DWORD RequestFlags, DWORD RequestedFrameNumber,
			    HFILTER hFilter,
			    LPEXPERTFRAMEDESCRIPTOR pEFrameDescriptor)
{
	struct request request = { .flags = RequestFlags };
	struct nexp_key *key;
	DWORD error;

	error = nexp_key_check(hExpertKey, &key);
	if (error == NMERR_SUCCESS)
		error = check_request(key, &request, Direction, hFilter, pEFrameDescriptor);
	if (error != NMERR_SUCCESS)
		return error;
	key = nexp_key_lock((uintptr_t)hExpertKey);
	if (!key)
		return NMERR_INVALID_EXPERT_HANDLE;
	/* Another thread may have waited for a frame before us. */
	if (request.has_filter && RequestFlags & FLAGS_LIVE_TIMEOUT)
		request.deadline_ms = nexp_now_ms() + LIVE_TIMEOUT_MS;
	error = get_frame(key, &request, Direction, RequestedFrameNumber, pEFrameDescriptor);
	nexp_frame_unlock(key);
	return error;
}
