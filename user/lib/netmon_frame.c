// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_frame - ExpertGetFrame, and frames and captures by their handles
 *
 * Rules and decisions stand in include/netmon.h and include/netmon_frames.h.
 */
#include <linux/if_arp.h>

#include "dissect.h"
#include "netmon_error.h"
#include "netmon_frame.h"
#include "systemtime.h"

/* How long FLAGS_LIVE_TIMEOUT waits. */
#define LIVE_TIMEOUT_MS	1000

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

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
_Static_assert(sizeof(uintptr_t) == 8, "a handle has room for a key's and a number");

/* The entry of a live key, locked; NULL if there is none or in a child of fork(). */
static struct nexp_key *lock_key(uintptr_t value)
{
	struct nexp_key *key;

	if (nexp_key_check((HEXPERTKEY)value, &key) != NMERR_SUCCESS)
		return NULL;
	pthread_mutex_lock(&key->frame_lock);
	/* It may have ended while we waited for the lock. */
	if (nexp_key_find((HEXPERTKEY)value) == key)
		return key;
	pthread_mutex_unlock(&key->frame_lock);
	return NULL;
}

static DWORD low_half(const void *handle)
{
	return (DWORD)(uintptr_t)handle;
}

static struct nexp_key *lock_capture(HCAPTURE handle)
{
	if (low_half(handle))
		return NULL;
	return lock_key((uintptr_t)handle >> NEXP_HANDLE_SHIFT);
}

/**
 * nexp_frame_lock() - a frame, kept where it is
 * @handle: from anywhere.
 * @out_frame: the frame, good until nexp_frame_unlock().
 *
 * Return: its key, locked; NULL if the handle stands for no frame that is kept.
 */
struct nexp_key *nexp_frame_lock(HFRAME handle, struct netexpert_frame *out_frame)
{
	struct nexp_key *key;
	uint64_t serial;

	if (!low_half(handle))
		return NULL;
	key = lock_key((uintptr_t)handle >> NEXP_HANDLE_SHIFT);
	if (!key)
		return NULL;
	if (nexp_frames_serial(&key->frames, low_half(handle) - 1, &serial) &&
	    !nexp_frames_get(&key->frames, key->nx, serial, out_frame))
		return key;
	nexp_frame_unlock(key);
	return NULL;
}

bool nexp_is_ethernet(const struct netexpert_record *record)
{
	return record->link_type == ARPHRD_ETHER || record->link_type == ARPHRD_LOOPBACK;
}

static ULPFRAME tail_of(const struct netexpert_record *record)
{
	const void *tail = &record->stamp_us;

	return (ULPFRAME)tail;
}

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

/* Frame @number itself. */
static DWORD get_specified(struct nexp_key *key, DWORD number, uint64_t *out_serial,
			   struct netexpert_frame *frame)
{
	if (!nexp_frames_serial(&key->frames, number, out_serial))
		return NMERR_OUT_OF_RANGE;
	return nexp_frames_get(&key->frames, key->nx, *out_serial, frame) ?
	       NMERR_FRAME_NOT_FOUND : NMERR_SUCCESS;
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
		error = get_specified(key, number, &serial, &frame);
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
		.pFrame = tail_of(frame.record),
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
	key = lock_key((uintptr_t)hExpertKey);
	if (!key)
		return NMERR_INVALID_EXPERT_HANDLE;
	error = get_frame(key, Direction, RequestFlags, RequestedFrameNumber,
			  pEFrameDescriptor);
	pthread_mutex_unlock(&key->frame_lock);
	return error;
}

HFRAME BHAPI GetFrame(HCAPTURE hCapture, DWORD FrameNumber)
{
	struct nexp_key *key = lock_capture(hCapture);
	struct netexpert_frame frame;
	HFRAME handle = NULL;
	uint64_t serial;

	if (!key)
		return NULL;
	if (get_specified(key, FrameNumber, &serial, &frame) == NMERR_SUCCESS)
		handle = nexp_frame_handle(key, FrameNumber);
	pthread_mutex_unlock(&key->frame_lock);
	return handle;
}

DWORD BHAPI GetFrameNumber(HFRAME hFrame)
{
	struct netexpert_frame frame;
	struct nexp_key *key = nexp_frame_lock(hFrame, &frame);

	if (!key)
		return INVALID_FRAME_NUMBER;
	nexp_frame_unlock(key);
	return low_half(hFrame) - 1;
}

HCAPTURE BHAPI GetFrameCaptureHandle(HFRAME hFrame)
{
	struct netexpert_frame frame;
	struct nexp_key *key = nexp_frame_lock(hFrame, &frame);

	if (!key)
		return NULL;
	nexp_frame_unlock(key);
	return nexp_capture_of((uintptr_t)hFrame >> NEXP_HANDLE_SHIFT);
}

ULPFRAME BHAPI GetFrameFromFrameHandle(HFRAME hFrame)
{
	struct netexpert_frame frame;
	struct nexp_key *key = nexp_frame_lock(hFrame, &frame);

	if (!key)
		return NULL;
	nexp_frame_unlock(key);
	return tail_of(frame.record);
}

/* A frame's record, copied; all zero for a bad handle. */
static struct netexpert_record record_of(HFRAME handle, bool *out_found)
{
	struct netexpert_record record = { 0 };
	struct netexpert_frame frame;
	struct nexp_key *key = nexp_frame_lock(handle, &frame);

	*out_found = key;
	if (key) {
		record = *frame.record;
		nexp_frame_unlock(key);
	}
	return record;
}

DWORD BHAPI GetFrameLength(HFRAME hFrame)
{
	bool found;

	return record_of(hFrame, &found).wire_len;
}

DWORD BHAPI GetFrameStoredLength(HFRAME hFrame)
{
	bool found;

	return record_of(hFrame, &found).cap_len;
}

int64_t BHAPI GetFrameTimeStamp(HFRAME hFrame)
{
	bool found;
	struct netexpert_record record = record_of(hFrame, &found);

	return found ? record.stamp_us : -1;
}

DWORD BHAPI GetFrameMacType(HFRAME hFrame)
{
	bool found;
	struct netexpert_record record = record_of(hFrame, &found);

	return found && nexp_is_ethernet(&record) ? MAC_TYPE_ETHERNET : MAC_TYPE_UNKNOWN;
}

DWORD BHAPI GetFrameMacHeaderLength(HFRAME hFrame)
{
	return GetFrameMacType(hFrame) == MAC_TYPE_ETHERNET ? 14 : 0;
}

HFRAME BHAPI ModifyFrame(HCAPTURE hCapture, DWORD FrameNumber, LPBYTE FrameData,
			 DWORD FrameLength, int64_t TimeStamp)
{
	(void)hCapture;
	(void)FrameNumber;
	(void)FrameData;
	(void)FrameLength;
	(void)TimeStamp;
	return NULL;
}

DWORD BHAPI GetCaptureTotalFrames(HCAPTURE hCapture)
{
	struct nexp_key *key = lock_capture(hCapture);
	DWORD total;

	if (!key)
		return 0;
	total = (DWORD)key->frames.count;
	pthread_mutex_unlock(&key->frame_lock);
	return total;
}

DWORD BHAPI GetCaptureMacType(HCAPTURE hCapture)
{
	struct nexp_key *key = lock_capture(hCapture);
	DWORD type;

	if (!key)
		return MAC_TYPE_UNKNOWN;
	type = key->frames.strange ? MAC_TYPE_UNKNOWN : MAC_TYPE_ETHERNET;
	pthread_mutex_unlock(&key->frame_lock);
	return type;
}

LPSYSTEMTIME BHAPI GetCaptureTimeStamp(HCAPTURE hCapture)
{
	struct nexp_key *key = lock_capture(hCapture);
	bool done;

	if (!key)
		return NULL;
	done = nexp_systemtime(&key->start, (time_t)(key->start_ns / NSEC_PER_SEC),
			       key->start_ns / NSEC_PER_MSEC % 1000);
	pthread_mutex_unlock(&key->frame_lock);
	return done ? &key->start : NULL;
}

LPSTR BHAPI GetCaptureComment(HCAPTURE hCapture)
{
	(void)hCapture;
	return NULL;
}
