/* SPDX-License-Identifier: GPL-2.0 */
/*
 * settle - links of a free extent go back while somebody may be looking
 *
 * heap_purge.c unpublishes an extent, waits with nexp_threads_settle() for the
 * sections of all threads and then gives its links back. A reader (whoever frees,
 * resizes or asks for a size) looks at the span, and then at a link of it, inside a
 * section. With one of these the promise is broken, and the search says so:
 *
 *   NO_MEMBARRIER	who settles does not make the readers see
 *   NO_WAIT		nor waits for the end of their sections
 *   NO_SECTION		readers do not say that they are in one
 */
#define NR_THREADS	3
#define PURGER		0

#define BUSY(t)		(t)	/* of readers */
#define KIND		0
#define NR_WORDS	3

#define SMALL		1	/* of KIND */
#define UNPUBLISHED	0

inline flushed(t, word, value)
{
	skip
}

#include "tso.pml"

/* Of what is committed; a page that is gone is a signal. */
bool links_are_there = true;

inline enter(t)
{
#ifndef NO_SECTION
	store(t, BUSY(t), 1)
#else
	skip
#endif
}

inline leave(t)
{
	store(t, BUSY(t), 0)
}

proctype reader(byte t)
{
	byte kind, rounds;

	do
	:: rounds == 2 -> break
	:: else ->
		rounds++;
		enter(t);
		load(t, KIND, kind);
		if
		:: kind == SMALL ->
			/* Promise: nobody reads what was unpublished before. */
			assert(links_are_there)
		:: else
		fi;
		leave(t)
	od
}

proctype purger()
{
	byte i;

	store(PURGER, KIND, UNPUBLISHED);
	barrier(PURGER);
#ifndef NO_MEMBARRIER
	barrier(1);
	barrier(2);
#endif
#ifndef NO_WAIT
	mem[BUSY(1)] == 0;
	mem[BUSY(2)] == 0;
#endif
	links_are_there = false
}

init
{
	atomic {
		mem[KIND] = SMALL;
		run store_buffer(0);
		run store_buffer(1);
		run store_buffer(2);
		run reader(1);
		run reader(2);
		run purger()
	}
	_nr_pr == 1 + NR_THREADS;
	assert(!links_are_there)
}
