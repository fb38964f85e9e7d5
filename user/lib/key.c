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

#include "key.h"
#include "pool.h"

/* For who shall finish, whatever the pool says. */
static const uint32_t always = 1;

struct nexp_key nexp_keys[NEXP_MAX_KEYS] = {
	[0 ... NEXP_MAX_KEYS - 1] = { .ends = &always },
};

const struct nexp_key nexp_no_key = { .ends = &always };

static pthread_mutex_t keys_lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t generation = 0x4e45;	/* under keys_lock */

/** nexp_key_gone() - the supervisor is gone: the expert shall finish. */
void nexp_key_gone(struct nexp_key *key)
{
	WRITE_ONCE(key->ends, &always);
}

/**
 * nexp_key_begin() - a key for a call of Configure or Run
 * @nx: has no key now.
 * @link: the socket to the supervisor.
 * @startup: what the entry point gets; copied.
 * @out_key: the key.
 *
 * Return: 0; -EBUSY if the pool has a key; -EMFILE if the table is full.
 */
int nexp_key_begin(struct netexpert *nx, struct nexp_link *link,
		   const EXPERTSTARTUPINFO *startup, HEXPERTKEY *out_key)
{
	struct nexp_key *key = NULL;
	int err = -EMFILE;
	uintptr_t i;

	pthread_mutex_lock(&keys_lock);
	for (i = 0; i < NEXP_MAX_KEYS; i++) {
		if (nexp_keys[i].value && nexp_keys[i].nx == nx) {
			err = -EBUSY;
			goto out_unlock;
		}
		if (!nexp_keys[i].value)
			key = &nexp_keys[i];
	}
	if (!key)
		goto out_unlock;

	err = 0;
	*key = (struct nexp_key) {
		.nx = nx,
		.ends = &always,
		.link = link,
		.startup = *startup,
		.last = INVALID_FRAME_NUMBER,
	};
	pthread_mutex_init(&key->frame_lock, NULL);
	generation++;
	i = generation * NEXP_MAX_KEYS + (uintptr_t)(key - nexp_keys);
	__atomic_store_n(&key->value, i, __ATOMIC_RELEASE);
	/* After the value: see nexp_key_is(). */
	if (!nexp_link_is_gone(link))
		__atomic_store_n(&key->ends, &nexp_status(nx)->terminate,
				 __ATOMIC_RELEASE);
	*out_key = (HEXPERTKEY)i;
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
	nexp_heap_free_all(key->nx, keep);
	pthread_mutex_lock(&keys_lock);
	/* The entry must do for whoever still looks at it. */
	nexp_key_gone(key);
	__atomic_store_n(&key->value, 0, __ATOMIC_RELEASE);
	pthread_mutex_destroy(&key->frame_lock);
	pthread_mutex_unlock(&keys_lock);
}

/** nexp_key_frames() - frames handed out under a live key. */
uint64_t nexp_key_frames(HEXPERTKEY handle)
{
	const struct nexp_key *key = nexp_key_find(handle);

	return key ? key->frames : 0;
}

/** nexp_key_problem() - text of its last EXPERTSTATUS_PROBLEM, or "". */
const char *nexp_key_problem(HEXPERTKEY handle)
{
	const struct nexp_key *key = nexp_key_find(handle);

	return key ? key->problem : "";
}
