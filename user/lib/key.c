// SPDX-License-Identifier: GPL-2.0
/*
 * key - the table of live keys
 *
 * A handle is a number, never a pointer: the entry's index and a generation, so
 * that a stale one names nothing. Entries are static, so a look-up with a stale
 * or made-up handle touches no freed memory.
 */
#include <errno.h>
#include <string.h>

#include "dissect.h"
#include "hfilter.h"
#include "key.h"
#include "pool.h"

/* For who shall finish, whatever the pool says. */
static const uint32_t always = 1;

struct nexp_key nexp_keys[NEXP_MAX_KEYS] = {
	[0 ... NEXP_MAX_KEYS - 1] = {
		.ends = &always,
		.frame_lock = PTHREAD_MUTEX_INITIALIZER,
	},
};

const struct nexp_key nexp_no_key = { .ends = &always };

static pthread_mutex_t keys_lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t generation = 0x4e45;	/* under keys_lock */

/** nexp_key_gone() - the supervisor is gone: the expert shall finish. */
void nexp_key_gone(struct nexp_key *key)
{
	WRITE_ONCE(key->ends, &always);
}

/*
 * An entry that no thread is left in: one that waits for a frame can outlive its key.
 * Its lock is held then; under keys_lock.
 */
static struct nexp_key *find_unused(const struct netexpert *nx, int *out_err)
{
	struct nexp_key *unused = NULL;
	unsigned int i;

	*out_err = -EMFILE;
	for (i = 0; i < NEXP_MAX_KEYS; i++) {
		struct nexp_key *key = &nexp_keys[i];

		if (key->value && key->nx == nx)
			*out_err = -EBUSY;
		else if (!key->value && !unused && !pthread_mutex_trylock(&key->frame_lock))
			unused = key;
	}
	if (*out_err != -EBUSY || !unused)
		return unused;
	pthread_mutex_unlock(&unused->frame_lock);
	return NULL;
}

/**
 * nexp_key_begin() - a key for a call of Configure or Run
 * @nx: has no key now.
 * @link: the socket to the supervisor.
 * @startup: what the entry point gets, but for its capture; copied.
 * @out_key: the key.
 *
 * Return: 0; -EBUSY if the pool has a key; -EMFILE if the table is full; -ENOMEM.
 */
int nexp_key_begin(struct netexpert *nx, struct nexp_link *link,
		   const EXPERTSTARTUPINFO *startup, HEXPERTKEY *out_key)
{
	struct nexp_key *key;
	uintptr_t value;
	int err;

	pthread_mutex_lock(&keys_lock);
	key = find_unused(nx, &err);
	if (!key)
		goto out_unlock;
	/* What a thread was still in then. */
	nexp_frames_free(&key->frames);
	err = nexp_frames_init(&key->frames, &nx->info);
	if (err)
		goto out_unlock_frames;

	generation++;
	value = generation * NEXP_MAX_KEYS + (uintptr_t)(key - nexp_keys);
	key->nx = nx;
	key->link = link;
	key->startup = *startup;
	key->startup.hCapture = nexp_capture_of(value);
	key->options = NULL;
	key->options_asked = false;
	key->ui_filter = NULL;
	key->passed_over = (struct nexp_passed_over) { .to = 0 };
	key->last = INVALID_FRAME_NUMBER;
	key->start_ns = nx->info.realtime_ns;
	key->has_start = false;
	key->output = -1;
	key->output_asked = false;
	key->problem[0] = '\0';
	__atomic_store_n(&key->value, value, __ATOMIC_RELEASE);
	/* After the value: see nexp_key_is(). */
	if (!nexp_link_is_gone(link))
		__atomic_store_n(&key->ends, &nexp_status(nx)->terminate,
				 __ATOMIC_RELEASE);
	*out_key = (HEXPERTKEY)value;
out_unlock_frames:
	pthread_mutex_unlock(&key->frame_lock);
out_unlock:
	pthread_mutex_unlock(&keys_lock);
	return err;
}

/**
 * nexp_key_end() - the entry point has returned
 * @handle: live.
 * @keep: a block that shall outlive the key, for the pool's next one; or NULL.
 *
 * All other memory of the key is released.
 */
void nexp_key_end(HEXPERTKEY handle, const void *keep)
{
	struct nexp_key *key = nexp_key_find(handle);

	if (!key)
		return;
	nexp_hfilters_end(key->nx);
	nexp_dissect_end();
	nexp_heap_free_all(key->nx, keep);
	pthread_mutex_lock(&keys_lock);
	/* The entry must do for whoever still looks at it. */
	nexp_key_gone(key);
	__atomic_store_n(&key->value, 0, __ATOMIC_RELEASE);
	if (!pthread_mutex_trylock(&key->frame_lock)) {
		nexp_frames_free(&key->frames);
		pthread_mutex_unlock(&key->frame_lock);
	}
	pthread_mutex_unlock(&keys_lock);
}

/**
 * nexp_key_filter() - the user has a display filter
 * @handle: live; nobody has it yet.
 * @text: in Wireshark's language.
 * @why: NEXP_WHY_SIZE bytes; for NMERR_FILTER_INVALID_EXPRESSION, what is wrong with it.
 *
 * Return: as CreateFilterFromText().
 */
DWORD nexp_key_filter(HEXPERTKEY handle, const char *text, char *why)
{
	struct nexp_key *key = nexp_key_find(handle);
	DWORD error = nexp_hfilter_create(text, why, &key->ui_filter);

	if (error == NMERR_SUCCESS)
		nexp_hfilter_keep(key->ui_filter);
	return error;
}

/**
 * nexp_key_set_options() - the user has said something for Configure
 * @handle: live; nobody has it yet.
 * @text: it; must outlive the key.
 */
void nexp_key_set_options(HEXPERTKEY handle, const char *text)
{
	struct nexp_key *key = nexp_key_find(handle);

	if (key)
		key->options = text;
}

/** nexp_key_options_asked() - has ExpertGetOptions() been called with a live key? */
bool nexp_key_options_asked(HEXPERTKEY handle)
{
	const struct nexp_key *key = nexp_key_find(handle);

	return key && READ_ONCE(key->options_asked);
}

/**
 * nexp_key_set_output() - there is a file for the expert to write
 * @handle: live; nobody has it yet.
 * @file: stays the caller's.
 */
void nexp_key_set_output(HEXPERTKEY handle, int file)
{
	struct nexp_key *key = nexp_key_find(handle);

	if (key)
		key->output = file;
}

/** nexp_key_output_asked() - has ExpertGetOutput() been called with a live key? */
bool nexp_key_output_asked(HEXPERTKEY handle)
{
	const struct nexp_key *key = nexp_key_find(handle);

	return key && READ_ONCE(key->output_asked);
}

/** nexp_key_ui_filter() - the user's display filter, or NULL; a host has one key at a time */
HFILTER nexp_key_ui_filter(void)
{
	unsigned int i;

	for (i = 0; i < NEXP_MAX_KEYS; i++)
		/* Pairs with the store-release of nexp_key_begin(). */
		if (__atomic_load_n(&nexp_keys[i].value, __ATOMIC_ACQUIRE))
			return nexp_keys[i].ui_filter;
	return NULL;
}

/**
 * nexp_key_pool() - the pool of a live key, or NULL; a host has one at a time
 *
 * Takes no lock, which might be held for ever in a child of fork().
 */
struct netexpert *nexp_key_pool(void)
{
	unsigned int i;

	for (i = 0; i < NEXP_MAX_KEYS; i++)
		/* Pairs with the store-release of nexp_key_begin(). */
		if (__atomic_load_n(&nexp_keys[i].value, __ATOMIC_ACQUIRE))
			return nexp_keys[i].nx;
	return NULL;
}

/** nexp_key_frames() - frames handed out under a live key. */
uint64_t nexp_key_frames(HEXPERTKEY handle)
{
	const struct nexp_key *key = nexp_key_find(handle);

	return key ? key->frames.count : 0;
}

/** nexp_key_problem() - text of its last EXPERTSTATUS_PROBLEM, or "". */
const char *nexp_key_problem(HEXPERTKEY handle)
{
	const struct nexp_key *key = nexp_key_find(handle);

	return key ? key->problem : "";
}
