/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tso - memory as x86 has it, for Promela
 *
 * Each thread has a buffer of stores that nobody else sees yet, first in, first
 * out; it sees its own. Who includes this defines NR_THREADS and NR_WORDS. The
 * buffers are emptied whenever the search likes, which is what it tries out.
 */
#define DEPTH	3

byte mem[NR_WORDS];
byte own[NR_THREADS * NR_WORDS];	/* what a thread stored last */
byte pending[NR_THREADS * NR_WORDS];	/* stores of a word in its buffer */
chan buffer[NR_THREADS] = [DEPTH] of { byte, byte };

inline load(t, word, out)
{
	d_step {
		if
		:: pending[(t) * NR_WORDS + (word)] > 0 ->
			out = own[(t) * NR_WORDS + (word)]
		:: else ->
			out = mem[word]
		fi
	}
}

inline store(t, word, value)
{
	atomic {
		buffer[t] ! word, value;
		own[(t) * NR_WORDS + (word)] = value;
		pending[(t) * NR_WORDS + (word)]++
	}
}

/* Waits until the buffer is empty: a full barrier of the thread's. */
inline barrier(t)
{
	empty(buffer[t])
}

inline compare_and_swap(t, word, old, new, out)
{
	atomic {
		empty(buffer[t]);
		out = (mem[word] == (old));
		if
		:: out -> mem[word] = new
		:: else
		fi
	}
}

inline acquire(t, lock)
{
	atomic {
		empty(buffer[t]) && !lock;
		lock = true
	}
}

inline give_up(t, lock)
{
	atomic {
		empty(buffer[t]);
		lock = false
	}
}

/* A process for each thread. flushed(): what else happens when a store is seen. */
proctype store_buffer(byte t)
{
	byte word, value;

end:	do
	:: atomic {
		buffer[t] ? word, value;
		mem[word] = value;
		pending[t * NR_WORDS + word]--;
		flushed(t, word, value);
		word = 0;
		value = 0
	}
	od
}
