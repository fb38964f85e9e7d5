// SPDX-License-Identifier: GPL-2.0
/*
 * scribbler - an expert that fills the page it shares with the kernel with lies
 *
 * scribbler=SEED. Again and again it writes what a fuzzer can think of over its
 * consumer window: positions near the true ones, powers of two, random bytes of
 * every length at every place, the whole window full of one value; and it asks the
 * kernel to look. Now and then it asks for a frame, to hear whether it shall finish.
 * The same SEED makes the same lies, but for what they are derived from: where the
 * producer is.
 */
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common.h"
#include "keep_options.h"

#include <netexpert.h>

#define ATTACHMENT_FD	3

/**
 * struct scribbler - what it writes on
 * @status: the status window, to aim by.
 * @page: the consumer window.
 * @size: bytes of it.
 * @nr_rings: rings of the pool.
 * @random: state of the generator; not 0.
 */
struct scribbler {
	const BYTE *status;
	BYTE *page;
	size_t size;
	unsigned int nr_rings;
	uint64_t random;
};

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "scribbler", "lies to the kernel");
}

/* Windows may be mapped more than once: these are its own beside the library's. */
static BOOL map_windows(struct scribbler *s)
{
	const size_t page = 4096;
	const struct netexpert_status *status;

	status = mmap(NULL, page, PROT_READ, MAP_SHARED, ATTACHMENT_FD, NETEXPERT_MAP_STATUS);
	if (status == MAP_FAILED)
		return FALSE;
	s->status = (const BYTE *)status;
	s->nr_rings = status->nr_rings;
	s->size = (1 + s->nr_rings + NETEXPERT_NR_READERS) * NETEXPERT_SLOT_SIZE;
	s->size = (s->size + page - 1) / page * page;
	s->page = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_SHARED, ATTACHMENT_FD,
		       NETEXPERT_MAP_CONSUMER);
	return s->page != MAP_FAILED && s->nr_rings <= page / NETEXPERT_SLOT_SIZE - 1;
}

static uint64_t next_random(struct scribbler *s)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random;
}

/* Half of them near the truth, where mistakes by one live. */
static uint64_t some_value(struct scribbler *s)
{
	unsigned int ring = next_random(s) % s->nr_rings;
	const struct netexpert_ring_status *status = (const void *)
		(s->status + (1 + ring) * NETEXPERT_SLOT_SIZE);
	uint64_t produced = __atomic_load_n(&status->position, __ATOMIC_RELAXED);
	uint64_t random = next_random(s);

	switch (random >> 60) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX - (random & 15);
	case 2:
		return 1ULL << (random & 63);
	case 3:
		return (1ULL << (random & 63)) - 1;
	case 4:
		return (random & 255) * 0x0101010101010101ULL;
	case 5:
	case 6:
		return random;
	case 7:
		return random & UINT32_MAX;
	case 8:
	case 9:
		return produced;
	case 10:
		return produced - (random & 0xfffff8);
	case 11:
		return produced + (random & 0xfffff8);
	default:
		return produced - 32 + (random & 63);
	}
}

static void scribble(struct scribbler *s)
{
	uint64_t value = some_value(s), random = next_random(s);
	uint64_t *words = (uint64_t *)s->page;
	size_t length = 1 + random % 64, i;

	switch (random >> 61) {
	case 0:		/* everywhere the same */
		for (i = 0; i < s->size / sizeof(*words); i++)
			__atomic_store_n(&words[i], value, __ATOMIC_RELAXED);
		break;
	case 1:		/* bytes, wherever they fall */
		for (i = next_random(s) % s->size; i < s->size && length--; i++)
			__atomic_store_n(&s->page[i], (BYTE)next_random(s), __ATOMIC_RELAXED);
		break;
	case 2:		/* the word that decides who is woken */
		__atomic_store_n(words, value, __ATOMIC_RELAXED);
		break;
	default:	/* a position */
		i = 1 + next_random(s) % s->nr_rings;
		__atomic_store_n(&words[i * NETEXPERT_SLOT_SIZE / sizeof(*words)], value,
				 __ATOMIC_RELAXED);
	}
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	struct scribbler s = { .random = strtoull(nexp_options(config), NULL, 10) | 1 };
	struct pollfd look = { .fd = ATTACHMENT_FD, .events = POLLIN };
	EXPERTFRAMEDESCRIPTOR frame;
	unsigned int i;
	DWORD err;

	(void)startup;
	(void)flags;
	(void)window;
	if (!map_windows(&s))
		return FALSE;
	nexp_say(key, "lying", "to whom it may concern");
	/* That its own ring holds nonsense is what it has earned. */
	do {
		for (i = 0; i < 20000; i++) {
			scribble(&s);
			if (i % 64 == 0)
				poll(&look, 1, 0);
		}
		err = nexp_next_frame(key, INVALID_FRAME_NUMBER, &frame);
	} while (err != NMERR_EXPERT_TERMINATE);
	return TRUE;
}
