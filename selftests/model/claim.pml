/* SPDX-License-Identifier: GPL-2.0 */
/*
 * claim - one object, everybody frees it, its span changes hands
 *
 * The protocol of user/lib/heap_thread.c, with the fast path of heap_fast.h, the
 * claims of heap_small.c and the taking over of heap_span.c. Three threads:
 *
 *   A	private, owns the span; frees the object, leaves the span to nobody (if A
 *	is shared then) or ends and begins again, frees the object once more
 *   B	never private; frees the object
 *   T	private; takes the span over from A or from nobody; frees the object
 *
 * Names are those of the sources. Not in here: barriers that fail, and what follows
 * a free (collect.pml). With one of these a promise is broken, and the search says so:
 *
 *   NO_MEMBARRIER	who shares a thread does not make it see that
 *   NO_WAIT		nor waits for the end of its section
 *   NO_SECOND_LOOK	who has claimed does not look if the mark is still there
 *   NO_SHARE		who takes a span over does not share its owner before
 *   NO_RECHECK		who has claimed as the owner does not look if it still is
 *   LINK_FIRST		who claims looks at the link before it looks if it is private
 *   OWNER_FIRST	who frees looks at the owner before that
 */
#define NR_THREADS	3
#define A		0	/* threads; also of OWNER and of PRIVATE */
#define B		1
#define T		2

/* Words. PRIVATE, BUSY and SHARED: of A and of T. */
#define PRIVATE(t)	((t) / 2 * 3)
#define BUSY(t)		((t) / 2 * 3 + 1)
#define SHARED(t)	((t) / 2 * 3 + 2)
#define OWNER		6
#define LINK		7
#define NR_WORDS	8

#define NOBODY		9	/* of OWNER; of PRIVATE: none */

#define IN		1	/* of BUSY; 0 and NO_MORE: not in a section */
#define NO_MORE		2	/* the last one was plain */

#define LIVE		0	/* of LINK */
#define FREE		1
#define MARK(t)		(2 + (t))

byte nr_freed;
bool in_section[NR_THREADS];	/* it frees with plain stores, seen or not */
bool locked[NR_THREADS];

inline flushed(t, word, value)
{
	if
	:: t != B && word == BUSY(t) && value == NO_MORE -> in_section[t] = false
	:: else
	fi
}

#include "tso.pml"

/* Promise: no two frees of one object both succeed. */
inline succeed()
{
	d_step {
		nr_freed++;
		assert(nr_freed == 1)
	}
}

inline membarrier(t)
{
#ifndef NO_MEMBARRIER
	barrier(t);
	barrier(A);
	barrier(B);
	barrier(T)
#else
	barrier(t)
#endif
}

/* @o's lock is held by @t. */
inline make_shared(t, o)
{
	load(t, SHARED(o), r);
	if
	:: r -> skip
	:: else ->
		store(t, PRIVATE(o), NOBODY);
		membarrier(t);
#ifndef NO_WAIT
		/* Acquire: a load, as all are. */
		mem[BUSY(o)] != IN;
#endif
		/* Promise: no plain free is under way once a thread is shared. */
		assert(!in_section[o]);
		store(t, SHARED(o), 1)
	fi
}

inline make_private(t, o)
{
	store(t, SHARED(o), 0);
	store(t, PRIVATE(o), o);
	barrier(t)
}

inline enter(t)
{
	was_plain = false;
	if
	:: t != B -> store(t, BUSY(t), IN)
	:: else
	fi
}

inline leave(t)
{
	if
	:: t != B && was_plain -> store(t, BUSY(t), NO_MORE)
	:: t != B && !was_plain -> store(t, BUSY(t), 0)
	:: else
	fi
}

/* Are we private, and is the span ours? */
inline is_plain(t)
{
	plain = false;
	if
	:: t == B
	:: else ->
#ifdef OWNER_FIRST
		load(t, OWNER, r);
		load(t, PRIVATE(t), p);
#else
		load(t, PRIVATE(t), p);
		load(t, OWNER, r);
#endif
		if
		:: r == t && p == t -> plain = true; was_plain = true; in_section[t] = true
		:: else
		fi
	fi
}

/* Promise: a span's own list is touched by its owner only. */
inline put(t)
{
	assert(mem[OWNER] == t);
	store(t, LINK, FREE)
}

/* nexp_free_fast() */
inline free_fast(t)
{
	enter(t);
	is_plain(t);
	if
	:: plain ->
		load(t, LINK, r);
		if
		:: r == LIVE -> put(t); succeed(); done = true
		:: else
		fi
	:: else
	fi;
	leave(t)
}

/* claim_is_settled(): in @plain; the owner in @o. */
inline is_settled(t)
{
	load(t, OWNER, o);
	if
	:: o == NOBODY || o == t || o == B -> plain = true
	:: else -> load(t, SHARED(o), r); plain = r
	fi
}

/* nexp_small_claim() */
inline free_slow(t)
{
	enter(t);
#ifndef LINK_FIRST
	is_plain(t);
#endif
	load(t, LINK, r);
	if
	:: r != LIVE -> leave(t)
	:: else ->
#ifdef LINK_FIRST
		is_plain(t);
#endif
		if
		:: plain ->
			store(t, LINK, MARK(t));
			leave(t);
			succeed();
			free_claimed(t)
		:: else ->
			compare_and_swap(t, LINK, LIVE, MARK(t), plain);
			if
			:: !plain -> leave(t)
			:: else -> leave(t); claim_settle(t)
			fi
		fi
	fi
}

inline claim_settle(t)
{
	is_settled(t);
	do
	:: plain -> break
	:: else ->
		acquire(t, locked[o]);
		make_shared(t, o);
		give_up(t, locked[o]);
		is_settled(t)
	od;
	enter(t);
#ifndef NO_SECOND_LOOK
	load(t, LINK, r);
#else
	r = MARK(t);
#endif
	leave(t);
	if
	:: r == MARK(t) -> succeed(); free_claimed(t)
	:: else
	fi
}

/* nexp_small_free(): where to, settled by the state. */
inline free_claimed(t)
{
	plain = false;
	do
	:: plain -> break
	:: else ->
		load(t, OWNER, o);
		if
		:: o == NOBODY -> compare_and_swap(t, OWNER, NOBODY, t, done)
		:: o == t && t != B -> free_own(t)
		:: o != NOBODY && (o != t || t == B) -> free_remote(t)
		fi
	od
}

inline free_own(t)
{
	enter(t);
#ifndef NO_RECHECK
	is_plain(t);
#else
	load(t, PRIVATE(t), p);
	plain = (p == t);
#endif
	if
	:: plain -> put(t); leave(t)
	:: else -> leave(t); free_remote(t)
	fi
}

/* The push of a slot: fails if the owner is another one by now. */
inline free_remote(t)
{
	store(t, LINK, FREE);
	compare_and_swap(t, OWNER, o, o, plain)
}

inline free_it(t)
{
	done = false;
	/* A resize does not try the fast path, or not for long. */
	if
	:: free_fast(t)
	:: skip
	fi;
	if
	:: done
	:: else -> free_slow(t)
	fi;
	r = 0; p = 0; o = 0; plain = false; was_plain = false; done = false
}

/* bin_seal(): only what is shared. */
inline seal(t)
{
	acquire(t, locked[t]);
	load(t, PRIVATE(t), p);
	if
	:: p != t -> compare_and_swap(t, OWNER, t, NOBODY, plain)
	:: else
	fi;
	give_up(t, locked[t]);
	p = 0; plain = false
}

/* thread_ends(), and then thread_new() for another thread. */
inline end_and_begin(t)
{
	acquire(t, locked[t]);
	store(t, PRIVATE(t), NOBODY);
	store(t, SHARED(t), 1);
	give_up(t, locked[t]);
	acquire(t, locked[t]);
	make_private(t, t);
	give_up(t, locked[t])
}

/* span_find(): with nexp_thread_visit(), span_take_over(), nexp_thread_depart(). */
inline take_over(t, from)
{
	acquire(t, locked[from]);
	load(t, SHARED(from), was_shared);
#ifndef NO_SHARE
	make_shared(t, from);
#endif
	/* It may have too few, or its objects are just being freed. */
	if
	:: assert(!in_section[from]);
	   compare_and_swap(t, OWNER, from, t, plain)
	:: skip
	fi;
	if
	:: !was_shared -> make_private(t, from)
	:: else
	fi;
	give_up(t, locked[from]);
	r = 0; plain = false; was_shared = false
}

proctype thread_a()
{
	byte r, p, o;
	bool plain, was_plain, done;

	free_it(A);
	if
	:: seal(A)
	:: end_and_begin(A)
	:: skip
	fi;
	free_it(A)
}

proctype thread_b()
{
	byte r, p, o;
	bool plain, was_plain, done;

	free_it(B)
}

proctype thread_t()
{
	byte r, p, o, was_shared;
	bool plain, was_plain, done;

	if
	:: take_over(T, A)
	:: compare_and_swap(T, OWNER, NOBODY, T, plain)
	:: skip
	fi;
	free_it(T)
}

init
{
	atomic {
		mem[PRIVATE(A)] = A;
		mem[PRIVATE(T)] = T;
		mem[OWNER] = A;
		run store_buffer(A);
		run store_buffer(B);
		run store_buffer(T);
		run thread_a();
		run thread_b();
		run thread_t()
	}
	/* All have tried, so one has freed it. */
	_nr_pr == 1 + NR_THREADS;
	assert(nr_freed == 1)
}
