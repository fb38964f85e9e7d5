// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_getframe - ExpertGetFrame
 *
 * Rules and decisions stand in include/netmon.h.
 */
#include "dissect.h"
#include "netmon_error.h"
#include "netmon_frame.h"

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

static DWORD check_request(DWORD direction, DWORD flags, HFILTER filter,
			   const EXPERTFRAMEDESCRIPTOR *descriptor)
{
	if (direction > GET_FRAME_NEXT_BACKWARD || (flags & ~KNOWN_FLAGS) ||
	    !descriptor)
		return NMERR_INVALID_PARAMETER;
	if (filter)
		return NMERR_INVALID_HFILTER;
	/* Before a frame is taken. */
	if ((flags & FLAGS_ATTACH_PROPERTIES) && !nexp_dissect_is_there())
		return NMERR_LOAD_PARSER_FAILED;
	return NMERR_SUCCESS;
}

/* What the first frame says of the capture, and whether all are Ethernet. */
static void note_frame(struct nexp_key *key, const struct netexpert_record *record)
{
	if (!nexp_is_ethernet(record))
		key->frames.strange = true;
	if (!key->frames.count)
		key->start_ns += record->time_ns - key->nx->info.created_ns -
				 (uint64_t)record->stamp_us * 1000;
}

static DWORD get_new(struct nexp_key *key, DWORD flags, struct netexpert_frame *frame)
{
	int timeout_ms = flags & FLAGS_LIVE_TIMEOUT ? LIVE_TIMEOUT_MS : -1;
	int err;

	do {
		err = netexpert_frame_next(key->nx, frame, timeout_ms);
	} while (err == -EINTR);
	if (!err) {
		note_frame(key, frame->record);
		nexp_frames_add(&key->frames, frame);
	}
	return nexp_netmon_error(err);
}

/* The next frame behind @number, of those that are kept or else a new one. */
static DWORD get_forward(struct nexp_key *key, DWORD flags, DWORD number,
			 uint64_t *out_serial, struct netexpert_frame *frame)
{
	*out_serial = 0;
	if (number != INVALID_FRAME_NUMBER) {
		if (!nexp_frames_serial(&key->frames, number, out_serial))
			return NMERR_OUT_OF_RANGE;
		(*out_serial)++;
	}
	/* Most calls by far: nothing to look for. */
	if (*out_serial < key->frames.count &&
	    !nexp_frames_up(&key->frames, key->nx, out_serial, frame))
		return NMERR_SUCCESS;
	return get_new(key, flags, frame);
}

/* The frame before @number, of those that are kept. */
static DWORD get_backward(struct nexp_key *key, DWORD number, uint64_t *out_serial,
			  struct netexpert_frame *frame)
{
	*out_serial = key->frames.count;
	if (number != INVALID_FRAME_NUMBER &&
	    number != nexp_frames_number(key->frames.count) &&
	    !nexp_frames_serial(&key->frames, number, out_serial))
		return NMERR_OUT_OF_RANGE;
	if (!*out_serial)
		return NMERR_OUT_OF_RANGE;
	return nexp_frames_down(&key->frames, key->nx, out_serial, frame) ?
	       NMERR_FRAME_NOT_FOUND : NMERR_SUCCESS;
}

/* A frame that can't be dissected has none, and that is no failure. */
static void attach_properties(struct nexp_key *key, uint64_t serial,
			      const struct netexpert_frame *frame,
			      EXPERTFRAMEDESCRIPTOR *descriptor)
{
	/* The parsers' numbers are never the same twice in a capture. */
	uint64_t capture = (uint64_t)key->value << 32 | (uint32_t)(serial / INVALID_FRAME_NUMBER);
	const struct nexp_dissect_job job = {
		.capture = capture,
		.number = descriptor->FrameNumber + 1,
		.record = frame->record,
		.bytes = frame->data,
		.wants_properties = true,
	};
	struct nexp_attached attached;

	if (nexp_dissect_run(key->nx, NEXP_HAND_ATTACHED, &job))
		return;
	nexp_dissect_attach(descriptor->hFrame, &attached);
	descriptor->lpRecognizeDataTable = attached.protocols;
	descriptor->lpPropertyTable = attached.properties;
}

static DWORD get_frame(struct nexp_key *key, DWORD direction, DWORD flags, DWORD number,
		       EXPERTFRAMEDESCRIPTOR *descriptor)
{
	struct netexpert_frame frame;
	uint64_t serial;
	DWORD error;

	nexp_dissect_release(NEXP_HAND_ATTACHED);
	if (nexp_key_ends(key)) {
		/* Asking for another frame releases this one, even now. */
		netexpert_frame_release(key->nx);
		return NMERR_EXPERT_TERMINATE;
	}
	if (direction == GET_FRAME_NEXT_FORWARD)
		error = get_forward(key, flags, number, &serial, &frame);
	else if (direction == GET_FRAME_NEXT_BACKWARD)
		error = get_backward(key, number, &serial, &frame);
	else
		error = nexp_frame_specified(key, number, &serial, &frame);
	if (error != NMERR_SUCCESS)
		return error;

	/* Should the process die now, this is the frame it worked on. */
	netexpert_frame_mark(key->nx, 0, &frame);
	number = nexp_frames_number(serial);
	/* Relaxed: another thread's status only tells the number. */
	__atomic_store_n(&key->last, number, __ATOMIC_RELAXED);
	*descriptor = (EXPERTFRAMEDESCRIPTOR) {
		.FrameNumber = number,
		.hFrame = nexp_frame_handle(key, number),
		.pFrame = nexp_frame_tail(frame.record),
	};
	if (flags & FLAGS_ATTACH_PROPERTIES)
		attach_properties(key, serial, &frame, descriptor);
	return NMERR_SUCCESS;
}

DWORD WINAPI ExpertGetFrame(HEXPERTKEY hExpertKey, DWORD Direction,
			    DWORD RequestFlags, DWORD RequestedFrameNumber,
			    HFILTER hFilter,
			    LPEXPERTFRAMEDESCRIPTOR pEFrameDescriptor)
{
	struct nexp_key *key;
	DWORD error;

	error = nexp_key_check(hExpertKey, &key);
	if (error == NMERR_SUCCESS)
		error = check_request(Direction, RequestFlags, hFilter,
				      pEFrameDescriptor);
	if (error != NMERR_SUCCESS)
		return error;
	key = nexp_key_lock((uintptr_t)hExpertKey);
	if (!key)
		return NMERR_INVALID_EXPERT_HANDLE;
	error = get_frame(key, Direction, RequestFlags, RequestedFrameNumber,
			  pEFrameDescriptor);
	nexp_frame_unlock(key);
	return error;
}
