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

#include "link.h"

/**
 * struct nexp_key - a live key
 * @value: the handle; 0 if the entry is unused.
 * @nx: the pool.
 * @link: the socket to the supervisor.
 * @startup: for ExpertGetStartupInfo().
 * @frame_lock: Protects @frames and @last, and is held while waiting for one.
 * @frames: handed out so far.
 * @last: number of the last one.
 * @problem: text of the last EXPERTSTATUS_PROBLEM.
 */
struct nexp_key {
	uintptr_t value;
	struct netexpert *nx;
	struct nexp_link *link;
	EXPERTSTARTUPINFO startup;
	pthread_mutex_t frame_lock;
	uint64_t frames;
	DWORD last;
	char problem[MAX_PATH];
};

int nexp_key_begin(struct netexpert *nx, struct nexp_link *link,
		   const EXPERTSTARTUPINFO *startup, HEXPERTKEY *out_key);
void nexp_key_end(HEXPERTKEY handle, const void *keep);
struct nexp_key *nexp_key_find(HEXPERTKEY handle);
DWORD nexp_key_check(HEXPERTKEY handle, struct nexp_key **out_key);
bool nexp_key_ends(const struct nexp_key *key);
uint64_t nexp_key_frames(HEXPERTKEY handle);
const char *nexp_key_problem(HEXPERTKEY handle);

#endif /* NEXP_KEY_H */
