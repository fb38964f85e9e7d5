// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_filter - filters, and whether a frame passes one
 *
 * Rules and decisions stand in include/netmon_filters.h.
 */
#include <stdio.h>

#include "dissect.h"
#include "judge.h"
#include "netmon_filter.h"
#include "netmon_frame.h"

#ifdef __LP64__
_Static_assert(sizeof(FILTEROBJECT) == 40, "FILTEROBJECT");
#endif

static __thread DWORD last_error;

DWORD WINAPI BhGetLastError(void)
{
	return last_error;
}

DWORD WINAPI BhSetLastError(DWORD Error)
{
	last_error = Error;
	return Error;
}

/* Nobody has a key in a child of fork(), and locks may be held for ever there. */
static bool is_forked(void)
{
	const struct netexpert *nx = nexp_key_pool();

	return nx && nexp_forked(nx);
}

/* The handle, or NULL and why not. */
static HFILTER answer(HFILTER handle, DWORD error)
{
	if (error == NMERR_SUCCESS)
		return handle;
	BhSetLastError(error);
	return NULL;
}

HFILTER WINAPI CreateFilter(void)
{
	HFILTER handle = NULL;

	if (is_forked())
		return answer(NULL, NMERR_INVALID_EXPERT_HANDLE);
	return answer(handle, nexp_hfilter_create(NULL, NULL, &handle));
}

HFILTER WINAPI CreateFilterFromText(LPCSTR szText, LPSTR szReason, DWORD ReasonSize)
{
	char why[NEXP_WHY_SIZE] = "";
	HFILTER handle = NULL;
	DWORD error = NMERR_INVALID_PARAMETER;

	if (is_forked())
		error = NMERR_INVALID_EXPERT_HANDLE;
	else if (szText)
		error = nexp_hfilter_create(szText, why, &handle);
	if (szReason && ReasonSize)
		snprintf(szReason, ReasonSize, "%s",
			 error == NMERR_FILTER_INVALID_EXPRESSION ? why : "");
	return answer(handle, error);
}

DWORD WINAPI DestroyFilter(HFILTER hFilter)
{
	return is_forked() ? NMERR_INVALID_HFILTER : nexp_hfilter_destroy(hFilter);
}

HFILTER WINAPI FilterDuplicate(HFILTER hFilter)
{
	HFILTER handle = NULL;
	DWORD error = NMERR_INVALID_HFILTER;

	if (!is_forked())
		error = nexp_hfilter_duplicate(hFilter, &handle);
	return answer(handle, error);
}

DWORD WINAPI FilterAddObject(HFILTER hFilter, LPFILTEROBJECT lpFilterObject)
{
	DWORD error = NMERR_INVALID_HFILTER;

	if (!is_forked())
		error = nexp_hfilter_add(hFilter, lpFilterObject);
	/* So the original answers a bad filter here. */
	return error == NMERR_INVALID_HFILTER ? NMERR_INVALID_PARAMETER : error;
}

void WINAPI FilterFlushBits(HFILTER hFilter)
{
	struct nexp_hfilter *filter;

	if (is_forked())
		return;
	nexp_hfilters_lock();
	filter = nexp_hfilter_find(hFilter);
	if (filter)
		nexp_hfilter_touch(filter);
	nexp_hfilters_unlock();
}

BOOL WINAPI FilterAttachesProperties(HFILTER hFilter)
{
	const struct nexp_hfilter *filter;
	BOOL attaches;

	if (is_forked())
		return FALSE;
	nexp_hfilters_lock();
	filter = nexp_hfilter_find(hFilter);
	attaches = filter && nexp_hfilter_dissects(filter);
	nexp_hfilters_unlock();
	return attaches;
}

/**
 * nexp_judge_beside() - whether a frame passes, while another one is in hand
 * @key: locked.
 * @serial: the frame's.
 * @frame: the frame.
 * @handle: the filter.
 * @out_passes: set on success.
 *
 * Return: as nexp_judge_check().
 */
DWORD nexp_judge_beside(struct nexp_key *key, uint64_t serial,
			const struct netexpert_frame *frame, HFILTER handle, bool *out_passes)
{
	const HFILTER filters[NEXP_NR_FILTERS] = { handle };
	const struct nexp_trial trial = {
		.key = key,
		.serial = serial,
		.frame = frame,
		.hand = NEXP_HAND_JUDGED,
	};
	DWORD error = nexp_judge_frame(&trial, filters, out_passes);

	nexp_dissect_release(NEXP_HAND_JUDGED);
	nexp_mark_last(key);
	return error;
}

/** nexp_mark_last() - the frame that the expert works on is the last handed out again. */
void nexp_mark_last(struct nexp_key *key)
{
	struct netexpert_frame frame;
	uint64_t serial;

	if (nexp_frames_serial(&key->frames, key->nx, key->last, &serial) &&
	    !nexp_frames_place(&key->frames, key->nx, serial, &frame))
		netexpert_frame_mark(key->nx, 0, &frame);
}

static DWORD filter_frame(HFRAME handle, HFILTER filter, HCAPTURE capture, bool *out_passes)
{
	struct netexpert_frame frame;
	struct nexp_key *key;
	uint64_t serial;
	DWORD error;

	if (!filter)
		return NMERR_INVALID_HFILTER;
	key = nexp_frame_lock(handle, &frame);
	if (!key)
		return NMERR_INVALID_HFRAME;
	if (capture != nexp_capture_of(key->value))
		error = NMERR_INVALID_HCAPTURE;
	else if (!nexp_frames_serial(&key->frames, key->nx, nexp_number_of(handle), &serial))
		error = NMERR_INVALID_HFRAME;
	else
		error = nexp_judge_beside(key, serial, &frame, filter, out_passes);
	nexp_frame_unlock(key);
	return error;
}

DWORD WINAPI FilterFrame(HFRAME hFrame, HFILTER hFilter, HCAPTURE hCapture)
{
	bool passes = false;
	DWORD error = filter_frame(hFrame, hFilter, hCapture, &passes);

	if (error != NMERR_SUCCESS) {
		BhSetLastError(error);
		return (DWORD)FILTER_FAIL_WITH_ERROR;
	}
	return passes ? FILTER_PASSED : FILTER_FAILED;
}

HFILTER WINAPI GetCurrentFilter(void)
{
	return nexp_key_ui_filter();
}

void WINAPI SetCurrentFilter(HFILTER hFilter)
{
	(void)hFilter;
}

static DWORD refuse_parser(HFILTER handle)
{
	bool is_there;

	if (is_forked())
		return NMERR_INVALID_HFILTER;
	nexp_hfilters_lock();
	is_there = nexp_hfilter_find(handle);
	nexp_hfilters_unlock();
	return is_there ? NMERR_NOT_SUPPORTED : NMERR_INVALID_HFILTER;
}

DWORD WINAPI DisableParserFilter(HFILTER hFilter, HPARSER hParser)
{
	(void)hParser;
	return refuse_parser(hFilter);
}

DWORD WINAPI EnableParserFilter(HFILTER hFilter, HPARSER hParser)
{
	(void)hParser;
	return refuse_parser(hFilter);
}
