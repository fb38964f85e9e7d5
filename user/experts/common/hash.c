// SPDX-License-Identifier: GPL-2.0
/*
 * hash - of what comes from the network, so that nobody can choose what collides
 */
#include <string.h>
#include <sys/random.h>

#include "hash.h"

static uint64_t rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

BOOL hash_start(struct hash_seed *seed)
{
	if (getrandom(seed->seed, sizeof(seed->seed), 0) != sizeof(seed->seed))
		return FALSE;
	seed->random = seed->seed[0] ^ rotate(seed->seed[1], 32);
	seed->random |= 1;	/* xorshift never leaves 0 */
	return TRUE;
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

uint64_t hash_bytes(const struct hash_seed *seed, const void *bytes, size_t length)
{
	uint64_t v[4] = {
		seed->seed[0] ^ 0x736f6d6570736575ULL,
		seed->seed[1] ^ 0x646f72616e646f6dULL,
		seed->seed[0] ^ 0x6c7967656e657261ULL,
		seed->seed[1] ^ 0x7465646279746573ULL,
	};
	size_t at, left;
	uint64_t word;
	int i;

	/* The last word has what is left, maybe nothing, and the length. */
	for (at = 0; at <= length; at += sizeof(word)) {
		left = length - at;
		word = left < sizeof(word) ? (uint64_t)length << 56 : 0;
		memcpy(&word, (const BYTE *)bytes + at, left < sizeof(word) ? left : sizeof(word));
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* xorshift: fast, and unpredictable enough with a secret start. */
DWORD hash_pick(struct hash_seed *seed, DWORD below)
{
	seed->random ^= seed->random << 13;
	seed->random ^= seed->random >> 7;
	seed->random ^= seed->random << 17;
	return (DWORD)((seed->random >> 32) * below >> 32);
}
