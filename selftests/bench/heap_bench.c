// SPDX-License-Identifier: GPL-2.0
/*
 * What an allocation and its free cost, in patterns that programs have.
 *
 * Usage: heap_bench ours|calloc [CASE...]
 *
 * ours goes through ExpertAllocMemory() and friends on a memfd pool, calloc
 * through calloc() and free() of whatever library is preloaded. A line for each
 * case: name, size, threads, nanoseconds of CPU time.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <netmon.h>

#include "user/lib/key.h"
#include "user/lib/memfd.h"

#define BATCH		1024
#define MAX_LIVE	15000
#define HEAP_SIZE	(1ULL << 30)

struct subject {
	void *(*alloc)(size_t size);
	void *(*resize)(void *object, size_t had, size_t size);
	void (*free)(void *object);
};

static HEXPERTKEY key;

static void *ours_alloc(size_t size)
{
	DWORD error;

	return ExpertAllocMemory(key, size, &error);
}

static void *ours_resize(void *object, size_t had, size_t size)
{
	DWORD error;

	(void)had;
	return ExpertReallocMemory(key, object, size, &error);
}

static void ours_free(void *object)
{
	ExpertFreeMemory(key, object);
}

static void *calloc_alloc(size_t size)
{
	return calloc(1, size);
}

/* Growth is zero-filled here, as it is with ours. */
static void *calloc_resize(void *object, size_t had, size_t size)
{
	char *moved = realloc(object, size);

	memset(moved + had, 0, size - had);
	return moved;
}

static const struct subject ours = { ours_alloc, ours_resize, ours_free };
static const struct subject callocs = { calloc_alloc, calloc_resize, free };

static void open_pool(void)
{
	struct nexp_memfd_params params = {
		.nr_rings = 1,
		.ring_size = 65536,
		.heap_size = HEAP_SIZE,
		.heap_limit = HEAP_SIZE,
	};
	static const EXPERTSTARTUPINFO startup;
	struct nexp_memfd *pool;
	struct nexp_link *link;
	struct netexpert *nx;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) ||
	    nexp_memfd_create(&params, &pool) || nexp_memfd_open(pool, &nx) ||
	    nexp_link_create(fds[0], &link) ||
	    nexp_key_begin(nx, link, &startup, &key)) {
		perror("heap_bench: cannot make a pool");
		exit(1);
	}
}

/**
 * struct run - one thread's part of a case
 * @subject: whose functions.
 * @size: of each object.
 * @operations: pairs of allocation and free; filled in by the pattern.
 * @ns: CPU time of all of them.
 * @queue: between producer and consumer.
 * @pattern: what to do.
 * @start: all threads start together.
 */
struct run {
	const struct subject *subject;
	size_t size;
	uint64_t operations;
	uint64_t ns;
	struct queue *queue;
	void (*pattern)(struct run *run);
	pthread_barrier_t *start;
};

static uint64_t cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*state >> 33);
}

static void *take(const struct run *run)
{
	volatile char *object = run->subject->alloc(run->size);

	if (!object) {
		fprintf(stderr, "heap_bench: no memory\n");
		exit(1);
	}
	*object = 1;
	return (void *)object;
}

/* So that each case takes about as long. */
static unsigned int rounds_for(const struct run *run, unsigned int rounds)
{
	return run->size > 1024 ? rounds / 8 : run->size > 256 ? rounds / 2 : rounds;
}

static void pair(struct run *run)
{
	unsigned int i;

	run->operations = rounds_for(run, 1000000);
	for (i = 0; i < run->operations; i++)
		run->subject->free(take(run));
}

enum order { LAST_FIRST, FIRST_FIRST, SHUFFLED };

static void batch(struct run *run, enum order order)
{
	unsigned int i, j, rounds = rounds_for(run, 600);
	uint64_t random = 1;
	void *objects[BATCH];
	uint16_t at[BATCH];

	for (i = 0; i < BATCH; i++)
		at[i] = (uint16_t)(order == LAST_FIRST ? BATCH - 1 - i : i);
	for (i = BATCH - 1; order == SHUFFLED && i; i--) {
		uint16_t swap = at[i];

		j = next_random(&random) % (i + 1);
		at[i] = at[j];
		at[j] = swap;
	}
	run->operations = (uint64_t)rounds * BATCH;
	while (rounds--) {
		for (i = 0; i < BATCH; i++)
			objects[i] = take(run);
		for (i = 0; i < BATCH; i++)
			run->subject->free(objects[at[i]]);
	}
}

static void lifo(struct run *run)
{
	batch(run, LAST_FIRST);
}

static void fifo(struct run *run)
{
	batch(run, FIRST_FIRST);
}

static void shuffled(struct run *run)
{
	batch(run, SHUFFLED);
}

static void churn(struct run *run)
{
	uint32_t i, nr = run->size > 1024 ? 2000 : MAX_LIVE;
	void **objects = calloc(nr, sizeof(*objects));
	uint64_t random = 1;

	for (i = 0; i < nr; i++)
		objects[i] = take(run);
	run->operations = rounds_for(run, 600000);
	run->ns = cpu_ns();
	for (i = 0; i < run->operations; i++) {
		void **object = &objects[next_random(&random) % nr];

		run->subject->free(*object);
		*object = take(run);
	}
	run->ns = cpu_ns() - run->ns;
	for (i = 0; i < nr; i++)
		run->subject->free(objects[i]);
	free(objects);
}

/* From 16 bytes, half as much again each time; an operation is a step. */
static void growth(struct run *run)
{
	unsigned int i, rounds = rounds_for(run, 60000);

	run->operations = 0;
	for (i = 0; i < rounds; i++) {
		size_t size = 16, bigger;
		void *object = run->subject->alloc(size);

		for (; size < run->size; size = bigger) {
			bigger = size + size / 2 + 8;
			if (bigger > run->size)
				bigger = run->size;
			object = run->subject->resize(object, size, bigger);
			run->operations++;
		}
		run->subject->free(object);
		run->operations++;
	}
}

#define NR_PORTIONS	4

/* Portions of a batch, so that waiting costs little beside the objects. */
struct queue {
	void *objects[NR_PORTIONS][BATCH];
	sem_t empty;
	sem_t filled;
};

static void produce(struct run *run)
{
	unsigned int i, round, rounds = rounds_for(run, 600);

	run->operations = rounds * (uint64_t)BATCH;
	for (round = 0; round < rounds; round++) {
		while (sem_wait(&run->queue->empty))
			;
		for (i = 0; i < BATCH; i++)
			run->queue->objects[round % NR_PORTIONS][i] = take(run);
		sem_post(&run->queue->filled);
	}
}

static void consume(struct run *run)
{
	unsigned int i, round, rounds = rounds_for(run, 600);

	for (round = 0; round < rounds; round++) {
		while (sem_wait(&run->queue->filled))
			;
		for (i = 0; i < BATCH; i++)
			run->subject->free(run->queue->objects[round % NR_PORTIONS][i]);
		sem_post(&run->queue->empty);
	}
}

static void *thread_main(void *arg)
{
	struct run *run = arg;
	uint64_t ns;

	pthread_barrier_wait(run->start);
	run->ns = 0;
	ns = cpu_ns();
	run->pattern(run);
	ns = cpu_ns() - ns;
	if (!run->ns)
		run->ns = ns;
	return NULL;
}

static void measure(struct run runs[2], unsigned int nr_threads)
{
	pthread_barrier_t start;
	pthread_t threads[2];
	unsigned int i;

	pthread_barrier_init(&start, NULL, nr_threads);
	for (i = 0; i < nr_threads; i++) {
		runs[i].start = &start;
		pthread_create(&threads[i], NULL, thread_main, &runs[i]);
	}
	for (i = 0; i < nr_threads; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
}

typedef void pattern_fn(struct run *run);

static const struct {
	const char *name;
	pattern_fn *patterns[2];
	unsigned int least_threads;
	unsigned int most_threads;
} cases[] = {
	{ "pair", { pair, pair }, 1, 2 },
	{ "lifo", { lifo, lifo }, 1, 2 },
	{ "fifo", { fifo, fifo }, 1, 2 },
	{ "random", { shuffled, shuffled }, 1, 2 },
	{ "churn", { churn, churn }, 1, 2 },
	{ "producer-consumer", { produce, consume }, 2, 2 },
	{ "realloc", { growth, growth }, 1, 2 },
};

static void run_case(const struct subject *subject, unsigned int which, size_t size,
		     unsigned int nr_threads)
{
	struct queue *queue = calloc(1, sizeof(*queue));
	struct run runs[2];
	uint64_t ns = 0, operations = 0;
	unsigned int i;

	sem_init(&queue->empty, 0, NR_PORTIONS);
	sem_init(&queue->filled, 0, 0);
	for (i = 0; i < nr_threads; i++)
		runs[i] = (struct run) {
			.subject = subject,
			.size = size,
			.queue = queue,
			.pattern = cases[which].patterns[i],
		};
	measure(runs, nr_threads);
	for (i = 0; i < nr_threads; i++) {
		ns += runs[i].ns;
		operations += runs[i].operations;
	}
	printf("%s %zu %u %.3f\n", cases[which].name, size, nr_threads,
	       (double)ns / (double)operations);
	free(queue);
}

static bool is_wanted(const char *name, char **parts)
{
	if (!*parts)
		return true;
	for (; *parts; parts++)
		if (!strcmp(name, *parts))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 16, 64, 256, 1024, 4096 };
	const struct subject *subject = &callocs;
	unsigned int i, size, nr;

	if (argc < 2) {
		fprintf(stderr, "usage: heap_bench ours|calloc [CASE...]\n");
		return 2;
	}
	if (!strcmp(argv[1], "ours")) {
		subject = &ours;
		open_pool();
	}
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!is_wanted(cases[i].name, argv + 2))
			continue;
		for (size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++)
			for (nr = cases[i].least_threads;
			     nr <= cases[i].most_threads; nr++)
				run_case(subject, i, sizes[size], nr);
	}
	return 0;
}
