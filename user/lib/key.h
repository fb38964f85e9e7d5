/* SPDX-License-Identifier: GPL-2.0 */
/*
 * key - the live keys: what an HEXPERTKEY stands for
 *
 * The host begins a key for each call of Configure and Run and ends it after.
 * Memory belongs to the key under which it was taken; since a pool has one key
 * at a time, that is all of its objects.
 */
#ifndef NEXP_KEY_H
#define NEXP_KEY_H

#include <pthread.h>

#include <netexpert.h>
#include <netmon.h>

#include "frames.h"
#include "link.h"
#include "pool.h"

#define NEXP_MAX_KEYS	16

/* The user's and the expert's. */
#define NEXP_NR_FILTERS	2

/**
 * struct nexp_passed_over - frames that a scan forward has found not to pass
 * @versions: of the filters; 0 for none.
 * @from: serial of the first.
 * @to: serial behind the last.
 */
struct nexp_passed_over {
	uint64_t versions[NEXP_NR_FILTERS];
	uint64_t from;
	uint64_t to;
};

/**
 * struct nexp_key - a live key
 * @value: the handle; 0 if the entry is unused.
 * @nx: the pool.
 * @ends: points to a word that is not 0 if the expert shall finish: the pool's
 *	terminate, or one that always says so once the supervisor is gone.
 * @link: the socket to the supervisor.
 * @startup: for ExpertGetStartupInfo().
 * @options: for ExpertGetOptions(), or NULL. Set before the expert has the key.
 * @options_asked: the expert has asked for them.
 * @ui_filter: the user's; NULL if there is none. Set before the expert has the key.
 * @frame_lock: Protects @frames, and is held while waiting for one.
 * @frames: come to so far.
 * @passed_over: by the last scan; under @frame_lock.
 * @last: number of the frame in hand, for whoever does not want to wait.
 * @start_ns: CLOCK_REALTIME when the capture started, as far as known; under @frame_lock.
 * @has_start: a frame has said when; likewise.
 * @start: what GetCaptureTimeStamp() made of it.
 * @output: the file for the expert to write, or -1. Set before the expert has the key.
 * @output_asked: it has asked for @output.
 * @problem: text of the last EXPERTSTATUS_PROBLEM.
 */
struct nexp_key {
	uintptr_t value;
	struct netexpert *nx;
	const uint32_t *ends;
	struct nexp_link *link;
	EXPERTSTARTUPINFO startup;
	const char *options;
	bool options_asked;
	HFILTER ui_filter;
	pthread_mutex_t frame_lock;
	struct nexp_frames frames;
	struct nexp_passed_over passed_over;
	DWORD last;
	uint64_t start_ns;
	bool has_start;
	SYSTEMTIME start;
	int output;
	bool output_asked;
	char problem[MAX_PATH];
};

extern struct nexp_key nexp_keys[NEXP_MAX_KEYS] __attribute__((visibility("hidden")));

/* An entry that no handle names, for nexp_tls. */
extern const struct nexp_key nexp_no_key __attribute__((visibility("hidden")));

void nexp_key_gone(struct nexp_key *key);
int nexp_key_begin(struct netexpert *nx, struct nexp_link *link,
		   const EXPERTSTARTUPINFO *startup, HEXPERTKEY *out_key);
void nexp_key_end(HEXPERTKEY handle, const void *keep);
DWORD nexp_key_filter(HEXPERTKEY handle, const char *text, char *why);
void nexp_key_set_options(HEXPERTKEY handle, const char *text);
bool nexp_key_options_asked(HEXPERTKEY handle);
void nexp_key_set_output(HEXPERTKEY handle, int file);
bool nexp_key_output_asked(HEXPERTKEY handle);
struct netexpert *nexp_key_pool(void);
HFILTER nexp_key_ui_filter(void);
uint64_t nexp_key_frames(HEXPERTKEY handle);
const char *nexp_key_problem(HEXPERTKEY handle);

/**
 * nexp_key_find() - entry of a handle
 * @handle: from anywhere.
 *
 * Return: the entry, or NULL if the handle is not live.
 */
static inline struct nexp_key *nexp_key_find(HEXPERTKEY handle)
{
	uintptr_t value = (uintptr_t)handle;
	struct nexp_key *key = &nexp_keys[value % NEXP_MAX_KEYS];

	/* Pairs with the store-release of nexp_key_begin(). */
	if (!value || __atomic_load_n(&key->value, __ATOMIC_ACQUIRE) != value)
		return NULL;
	return key;
}

/**
 * nexp_key_check() - entry of a handle, for the Expert functions
 * @handle: from anywhere.
 * @out_key: the entry.
 *
 * Return: NMERR_SUCCESS; NMERR_INVALID_EXPERT_HANDLE if the handle is not live;
 * NMERR_ACCESS_DENIED in a child of fork().
 */
static inline DWORD nexp_key_check(HEXPERTKEY handle, struct nexp_key **out_key)
{
	struct nexp_key *key = nexp_key_find(handle);

	if (!key)
		return NMERR_INVALID_EXPERT_HANDLE;
	if (nexp_forked(key->nx))
		return NMERR_ACCESS_DENIED;
	*out_key = key;
	return NMERR_SUCCESS;
}

/*
 * A capture's and a frame's handle have the key's in their upper half; the lower one
 * is 0 for a capture, or the frame's number and 1.
 */
#define NEXP_HANDLE_SHIFT	32

static inline HCAPTURE nexp_capture_of(uintptr_t value)
{
	return (HCAPTURE)(value << NEXP_HANDLE_SHIFT);
}

static inline HFRAME nexp_frame_handle(const struct nexp_key *key, DWORD number)
{
	return (HFRAME)(key->value << NEXP_HANDLE_SHIFT | (number + 1));
}

/* The number in a frame's handle. */
static inline DWORD nexp_number_of(HFRAME handle)
{
	return (DWORD)(uintptr_t)handle - 1;
}

/* Whether the expert shall finish; not after a fork(). */
static inline bool nexp_key_ends(const struct nexp_key *key)
{
	return READ_ONCE(*READ_ONCE(key->ends)) != 0;
}

/*
 * Whether @handle is this entry's and the expert need not finish. Of an entry
 * that is not live, the word at @ends says no, and so for a handle of 0.
 */
static inline bool nexp_key_is(const struct nexp_key *key, HEXPERTKEY handle)
{
	uintptr_t differs = READ_ONCE(key->value) ^ (uintptr_t)handle;

	return !(differs | READ_ONCE(*READ_ONCE(key->ends)));
}

#endif /* NEXP_KEY_H */
