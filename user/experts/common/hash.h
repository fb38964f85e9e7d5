/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hash - of what comes from the network, so that nobody can choose what collides
 */
#ifndef EXPERTS_HASH_H
#define EXPERTS_HASH_H

#include <netmon.h>

/**
 * struct hash_seed - what nobody knows
 * @seed: of the hash.
 * @random: of the picks; changes with each.
 */
struct hash_seed {
	uint64_t seed[2];
	uint64_t random;
};

/** hash_start() - FALSE if the kernel has no random bytes. */
BOOL hash_start(struct hash_seed *seed);

/** hash_bytes() - SipHash-1-3. */
uint64_t hash_bytes(const struct hash_seed *seed, const void *bytes, size_t length);

/** hash_pick() - a number below @below. */
DWORD hash_pick(struct hash_seed *seed, DWORD below);

#endif /* EXPERTS_HASH_H */
