/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reuse - an extent becomes a span of another thread
 *
 * A thread knows its spans by the owner's name in their state; what it looks at next
 * must still be of that span. Three threads:
 *
 *   X	owns the span, private or shared; all of it is free, but X has not seen that.
 *	Frees an old pointer once more (nexp_slot_find() of heap_fast.h) or lists what
 *	has room (nexp_spans_list_all()), twice
 *   C	collects for X, as in collect_for() and span_find(), and puts the extent
 *   Y	takes the extent, allocates from it until it is full
 *
 * With one of these the promise is broken, and the search says so:
 *
 *   LATE_STATE		C clears the state when it puts the extent, after X goes on
 *   NO_SHARE		C does not share X before it collects
 *   NO_MEMBARRIER	nor makes X see that
 *   NO_WAIT		nor waits for the end of its section
 *   NO_LOCK		X does not lock its lists when it is shared
 */
#define NR_THREADS	3
#define X		0
#define C		1
#define Y		2

#define PRIVATE		0	/* X's words */
#define BUSY		1
#define SHARED		2
#define OWNER		3	/* the span's */
#define LINK		4
#define PLACE		5
#define NR_WORDS	6

#define NOBODY		9	/* of OWNER; of PRIVATE: none */

#define FREE		0	/* of LINK */
#define LIVE		1

#define LISTED		0	/* of PLACE */
#define FULL		1

bool locked;			/* X's lists */
bool heap_locked;
bool is_put;			/* the extent is free */

inline flushed(t, word, value)
{
	skip
}

#include "tso.pml"

/* Promise: what a thread takes for its own span is that until it looks away. */
inline is_ours()
{
	assert(mem[OWNER] == X)
}

inline slot_find()
{
	store(X, BUSY, 1);
	load(X, PRIVATE, p);
	load(X, OWNER, r);
	if
	:: p == X && r == X ->
		load(X, LINK, r);
		if
		:: r == LIVE -> is_ours()
		:: else
		fi
	:: else
	fi;
	store(X, BUSY, 0)
}

inline spans_list_all()
{
	store(X, BUSY, 1);
	load(X, PRIVATE, p);
	if
	:: p == X
	:: else ->
		store(X, BUSY, 0);
#ifndef NO_LOCK
		acquire(X, locked)
#endif
	fi;
	load(X, OWNER, r);
	if
	:: r == X ->
		load(X, PLACE, r);
		if
		:: r == FULL -> is_ours()
		:: else
		fi
	:: else
	fi;
	if
	:: p == X -> store(X, BUSY, 0)
	:: else ->
#ifndef NO_LOCK
		give_up(X, locked)
#else
		skip
#endif
	fi
}

proctype thread_x()
{
	byte r, p, rounds;

	do
	:: rounds == 2 -> break
	:: else ->
		rounds++;
		if
		:: slot_find()
		:: spans_list_all()
		fi;
		r = 0; p = 0
	od
}

/* nexp_thread_visit() */
inline visit()
{
	acquire(C, locked);
	load(C, SHARED, was_shared);
#ifndef NO_SHARE
	if
	:: was_shared
	:: else ->
		store(C, PRIVATE, NOBODY);
		barrier(C);
#ifndef NO_MEMBARRIER
		barrier(X);
#endif
#ifndef NO_WAIT
		mem[BUSY] == 0;
#endif
		store(C, SHARED, 1)
	fi
#endif
}

/* nexp_thread_depart() */
inline depart()
{
	if
	:: was_shared
	:: else ->
		store(C, SHARED, 0);
		store(C, PRIVATE, X);
		barrier(C)
	fi;
	give_up(C, locked)
}

proctype thread_c()
{
	bool was_shared;

	visit();
#ifndef LATE_STATE
	/* span_give_up() */
	store(C, OWNER, NOBODY);
#endif
	depart();
	/* nexp_spans_put() */
	acquire(C, heap_locked);
#ifdef LATE_STATE
	store(C, OWNER, NOBODY);
#endif
	is_put = true;
	give_up(C, heap_locked)
}

proctype thread_y()
{
	/* span_new() */
	is_put;
	acquire(Y, heap_locked);
	store(Y, OWNER, Y);
	give_up(Y, heap_locked);
	store(Y, LINK, LIVE);
	/* bin_seal() */
	store(Y, PLACE, FULL)
}

init
{
	atomic {
		if
		:: mem[PRIVATE] = X
		:: mem[PRIVATE] = NOBODY; mem[SHARED] = 1
		fi;
		mem[OWNER] = X;
		run store_buffer(X);
		run store_buffer(C);
		run store_buffer(Y);
		run thread_x();
		run thread_c();
		run thread_y()
	}
}
