/* SPDX-License-Identifier: GPL-2.0 */
/*
 * collect - the last free of a span finds its way to the extents
 *
 * Three threads free the last objects of a span whose owner is shared: free_remote()
 * and collect_for() of heap_small.c. The owner collects once at any time, as it
 * does when it allocates, and never again. Whoever comes last has to notice that
 * nothing is alive any more, although the count of what was collected (@nr_free) is
 * looked at without the lock. With one of these the promise is broken, and the search
 * says so:
 *
 *   NO_FIRST_LOOK	who is the first after a collect does not take the lock
 *   HINT_ONLY		who takes it believes what it saw before
 */
#define NR_THREADS	4
#define OWNER		0
#define NR_SLOTS	3

/* The state of a span is one word, changed by compare-and-swap. */
#define COUNT		0
#define QUEUED		1
#define PENDING		2	/* the owner's list has the span */
#define NR_FREE		3
#define NR_WORDS	4

bool locked;
byte nr_given_back;

inline flushed(t, word, value)
{
	skip
}

#include "tso.pml"

inline is_all_free(t, out)
{
	load(t, COUNT, count);
	load(t, NR_FREE, nr_free);
	out = (count + nr_free == NR_SLOTS)
}

/* nexp_pending_collect() and span_freed(); the lock is held. */
inline pending_collect(t)
{
	/* Exchange: what the list has, and an empty one. */
	atomic {
		empty(buffer[t]);
		count = mem[PENDING];
		mem[PENDING] = 0
	}
	if
	:: count ->
		/* span_collect() */
		atomic {
			empty(buffer[t]);
			count = mem[COUNT];
			mem[COUNT] = 0;
			mem[QUEUED] = 0
		}
		load(t, NR_FREE, nr_free);
		store(t, NR_FREE, nr_free + count);
		if
		:: nr_free + count == NR_SLOTS ->
			nr_given_back++;
			/* Promise: once. */
			assert(nr_given_back == 1)
		:: else
		fi
	:: else
	fi
}

proctype free_remote(byte t)
{
	byte count, nr_free;
	bool is_first, is_last;

	/* The push, and what was seen of the state then. */
	atomic {
		empty(buffer[t]);
		is_first = !mem[QUEUED];
		mem[QUEUED] = 1;
		mem[COUNT] = mem[COUNT] + 1;
		count = mem[COUNT]
	}
	if
	:: is_first -> atomic { empty(buffer[t]); mem[PENDING] = 1 }
	:: else
	fi;
	load(t, NR_FREE, nr_free);
	is_last = (count + nr_free == NR_SLOTS);
	if
#ifndef NO_FIRST_LOOK
	:: is_first || is_last ->
#else
	:: is_last ->
#endif
		/* collect_for() */
		acquire(t, locked);
#ifndef HINT_ONLY
		is_all_free(t, is_last);
#endif
		if
		:: is_last -> pending_collect(t)
		:: else
		fi;
		give_up(t, locked)
	:: else
	fi
}

proctype owner_collects()
{
	byte count, nr_free;

	acquire(OWNER, locked);
	pending_collect(OWNER);
	give_up(OWNER, locked)
}

init
{
	byte t;

	atomic {
		for (t : 0 .. NR_THREADS - 1) {
			run store_buffer(t)
		}
		run owner_collects();
		for (t : 1 .. NR_THREADS - 1) {
			run free_remote(t)
		}
	}
	_nr_pr == 1 + NR_THREADS;
	/* Promise: what nothing lives in goes back, though its owner sleeps. */
	assert(nr_given_back == 1)
}
