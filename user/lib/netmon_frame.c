// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_frame - frames and captures by their handles
 *
 * Rules and decisions stand in include/netmon_frames.h.
 */
#include <linux/if_arp.h>

#include "netmon_error.h"
#include "netmon_frame.h"
#include "systemtime.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_USEC	1000ULL

_Static_assert(sizeof(uintptr_t) == 8, "a handle has room for a key's and a number");

/**
 * nexp_key_lock() - the entry of a live key, its frames locked
 * @value: from anywhere.
 *
 * Return: it; NULL if there is none, or in a child of fork().
 */
struct nexp_key *nexp_key_lock(uintptr_t value)
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

/** nexp_capture_lock() - the same of a capture's. */
struct nexp_key *nexp_capture_lock(HCAPTURE handle)
{
	if (low_half(handle))
		return NULL;
	return nexp_key_lock((uintptr_t)handle >> NEXP_HANDLE_SHIFT);
}

/**
 * nexp_frame_lock() - a frame, as far as it can be had
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
	key = nexp_key_lock((uintptr_t)handle >> NEXP_HANDLE_SHIFT);
	if (!key)
		return NULL;
	if (nexp_frames_serial(&key->frames, key->nx, nexp_number_of(handle), &serial) &&
	    !nexp_frames_get(&key->frames, key->nx, serial, out_frame))
		return key;
	nexp_frame_unlock(key);
	return NULL;
}

bool nexp_is_ethernet(const struct netexpert_record *record)
{
	return record->link_type == ARPHRD_ETHER || record->link_type == ARPHRD_LOOPBACK;
}

/** nexp_frame_tail() - a frame as the API has it. */
ULPFRAME nexp_frame_tail(const struct netexpert_record *record)
{
	const void *tail = &record->stamp_us;

	return (ULPFRAME)tail;
}

/** nexp_frame_error() - what nexp_frames_get() and its like answer, for the API. */
DWORD nexp_frame_error(int err)
{
	return err == -ERANGE ? NMERR_FRAME_NOT_FOUND : nexp_netmon_error(err);
}

/**
 * nexp_frame_specified() - a frame by its number
 * @key: locked.
 * @number: from anywhere.
 * @out_serial: the frame's.
 * @frame: the frame.
 *
 * Return: NMERR_SUCCESS; NMERR_OUT_OF_RANGE if there is none of that number; or as
 * nexp_frame_error().
 */
DWORD nexp_frame_specified(struct nexp_key *key, DWORD number, uint64_t *out_serial,
			   struct netexpert_frame *frame)
{
	if (!nexp_frames_serial(&key->frames, key->nx, number, out_serial))
		return NMERR_OUT_OF_RANGE;
	return nexp_frame_error(nexp_frames_get(&key->frames, key->nx, *out_serial, frame));
}

HFRAME BHAPI GetFrame(HCAPTURE hCapture, DWORD FrameNumber)
{
	struct nexp_key *key = nexp_capture_lock(hCapture);
	struct netexpert_frame frame;
	HFRAME handle = NULL;
	uint64_t serial;

	if (!key)
		return NULL;
	if (nexp_frame_specified(key, FrameNumber, &serial, &frame) == NMERR_SUCCESS)
		handle = nexp_frame_handle(key, FrameNumber);
	nexp_frame_unlock(key);
	return handle;
}

DWORD BHAPI GetFrameNumber(HFRAME hFrame)
{
	struct netexpert_frame frame;
	struct nexp_key *key = nexp_frame_lock(hFrame, &frame);

	if (!key)
		return INVALID_FRAME_NUMBER;
	nexp_frame_unlock(key);
	return nexp_number_of(hFrame);
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
	nexp_frames_keep(&key->frames, &frame);
	nexp_frame_unlock(key);
	return nexp_frame_tail(frame.record);
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
	struct nexp_key *key = nexp_capture_lock(hCapture);
	DWORD total;

	if (!key)
		return 0;
	total = (DWORD)nexp_frames_end(&key->frames, key->nx);
	pthread_mutex_unlock(&key->frame_lock);
	return total;
}

DWORD BHAPI GetCaptureMacType(HCAPTURE hCapture)
{
	struct nexp_key *key = nexp_capture_lock(hCapture);
	DWORD type;

	if (!key)
		return MAC_TYPE_UNKNOWN;
	type = key->frames.strange ? MAC_TYPE_UNKNOWN : MAC_TYPE_ETHERNET;
	pthread_mutex_unlock(&key->frame_lock);
	return type;
}

LPSYSTEMTIME BHAPI GetCaptureTimeStamp(HCAPTURE hCapture)
{
	struct nexp_key *key = nexp_capture_lock(hCapture);
	bool done;

	if (!key)
		return NULL;
	done = nexp_systemtime(&key->start, (time_t)(key->start_ns / NSEC_PER_SEC),
			       key->start_ns / NSEC_PER_MSEC % 1000);
	pthread_mutex_unlock(&key->frame_lock);
	return done ? &key->start : NULL;
}

int64_t BHAPI GetCaptureStart(HCAPTURE hCapture)
{
	struct nexp_key *key = nexp_capture_lock(hCapture);
	int64_t start;

	if (!key)
		return -1;
	start = (int64_t)(key->start_ns / NSEC_PER_USEC);
	pthread_mutex_unlock(&key->frame_lock);
	return start;
}

LPSTR BHAPI GetCaptureComment(HCAPTURE hCapture)
{
	(void)hCapture;
	return NULL;
}
