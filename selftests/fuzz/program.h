/* SPDX-License-Identifier: GPL-2.0 */
/*
 * program - what the fuzzer runs: steps of a few processes, as numbers and as text
 *
 * A program is made from a seed or read from a file, and can be printed so that
 * it can be read again. Its numbers mean something to the step alone: each picks
 * from what there is, so that every program can be run. Text:
 *
 *	together | in turn
 *	WHO STEP NUMBER NUMBER NUMBER NUMBER NUMBER
 *	...
 *
 * with hexadecimal numbers; lines that start with # are for people.
 */
#ifndef NEXP_FUZZ_PROGRAM_H
#define NEXP_FUZZ_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#define FUZZ_MAX_STEPS	256
#define FUZZ_NR_ARGS	5
#define FUZZ_NR_WORKERS	3

enum fuzz_op {
	FUZZ_SESSION,
	FUZZ_CLOSE,
	FUZZ_CREATE,
	FUZZ_OPEN,
	FUZZ_REF,
	FUZZ_STAT,
	FUZZ_INFO,
	FUZZ_LIMIT,
	FUZZ_FILTER,
	FUZZ_VIEW,
	FUZZ_READ_VIEW,
	FUZZ_ATTACH,
	FUZZ_RANGE,
	FUZZ_ANY_IOCTL,
	FUZZ_MMAP,
	FUZZ_MUNMAP,
	FUZZ_MREMAP,
	FUZZ_MPROTECT,
	FUZZ_MADVISE,
	FUZZ_MLOCK,
	FUZZ_TOUCH,
	FUZZ_COPY,
	FUZZ_SCRIBBLE,
	FUZZ_POLL,
	FUZZ_FEED,
	FUZZ_INJECT,
	FUZZ_FORK,
	FUZZ_LIFE,
	FUZZ_KILL,
	FUZZ_NR_OPS,
};

/* How often each comes, in parts of the sum. */
static const struct {
	const char *name;
	unsigned int weight;
} fuzz_ops[FUZZ_NR_OPS] = {
	[FUZZ_SESSION] = { "session", 1 },
	[FUZZ_CLOSE] = { "close", 2 },
	[FUZZ_CREATE] = { "create", 3 },
	[FUZZ_OPEN] = { "open", 5 },
	[FUZZ_REF] = { "ref", 4 },
	[FUZZ_STAT] = { "stat", 3 },
	[FUZZ_INFO] = { "info", 1 },
	[FUZZ_LIMIT] = { "limit", 3 },
	[FUZZ_FILTER] = { "filter", 3 },
	[FUZZ_VIEW] = { "view", 2 },
	[FUZZ_READ_VIEW] = { "read-view", 4 },
	[FUZZ_ATTACH] = { "attach", 6 },
	[FUZZ_RANGE] = { "range", 20 },
	[FUZZ_ANY_IOCTL] = { "any-ioctl", 2 },
	[FUZZ_MMAP] = { "mmap", 10 },
	[FUZZ_MUNMAP] = { "munmap", 4 },
	[FUZZ_MREMAP] = { "mremap", 5 },
	[FUZZ_MPROTECT] = { "mprotect", 3 },
	[FUZZ_MADVISE] = { "madvise", 5 },
	[FUZZ_MLOCK] = { "mlock", 1 },
	[FUZZ_TOUCH] = { "touch", 15 },
	[FUZZ_COPY] = { "copy", 6 },
	[FUZZ_SCRIBBLE] = { "scribble", 3 },
	[FUZZ_POLL] = { "poll", 3 },
	[FUZZ_FEED] = { "feed", 3 },
	[FUZZ_INJECT] = { "inject", 3 },
	[FUZZ_FORK] = { "fork", 2 },
	[FUZZ_LIFE] = { "life", 2 },
	[FUZZ_KILL] = { "kill", 1 },
};

/**
 * struct fuzz_step - one thing that one process does
 * @who: worker that does it.
 * @op: what.
 * @arg: of which and how.
 */
struct fuzz_step {
	unsigned int who;
	enum fuzz_op op;
	__u32 arg[FUZZ_NR_ARGS];
};

/**
 * struct fuzz_program - a whole one
 * @together: workers do not wait for each other; otherwise step by step.
 * @nr_steps: entries of @steps.
 * @steps: the steps.
 */
struct fuzz_program {
	bool together;
	unsigned int nr_steps;
	struct fuzz_step steps[FUZZ_MAX_STEPS];
};

/* Steele, Lea, Flood: splitmix64. */
static inline __u64 fuzz_random(__u64 *state)
{
	__u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static inline enum fuzz_op fuzz_pick_op(__u64 *state)
{
	unsigned int sum = 0, op;
	__u64 at;

	for (op = 0; op < FUZZ_NR_OPS; op++)
		sum += fuzz_ops[op].weight;
	at = fuzz_random(state) % sum;
	for (op = 0; at >= fuzz_ops[op].weight; op++)
		at -= fuzz_ops[op].weight;
	return op;
}

static inline void fuzz_add(struct fuzz_program *program, unsigned int who,
			    enum fuzz_op op, __u64 *state)
{
	struct fuzz_step *step = &program->steps[program->nr_steps++];
	int i;

	*step = (struct fuzz_step){ .who = who, .op = op };
	for (i = 0; state && i < FUZZ_NR_ARGS; i++)
		step->arg[i] = fuzz_random(state);
}

/* A session, a pool, an attachment and a heap first, or nothing would happen. */
static inline void fuzz_generate(struct fuzz_program *program, __u64 seed)
{
	static const enum fuzz_op begin[] = {
		FUZZ_SESSION, FUZZ_CREATE, FUZZ_OPEN, FUZZ_ATTACH, FUZZ_MMAP, FUZZ_RANGE,
	};
	unsigned int nr, i;

	memset(program, 0, sizeof(*program));
	program->together = fuzz_random(&seed) & 1;
	for (i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		fuzz_add(program, 0, begin[i], NULL);
	nr = 30 + fuzz_random(&seed) % (FUZZ_MAX_STEPS - 30 - program->nr_steps);
	for (i = 0; i < nr; i++) {
		unsigned int who = fuzz_random(&seed) % FUZZ_NR_WORKERS;

		fuzz_add(program, who, fuzz_pick_op(&seed), &seed);
	}
}

static inline void fuzz_print(FILE *to, const struct fuzz_program *program)
{
	unsigned int i, j;

	fprintf(to, "%s\n", program->together ? "together" : "in turn");
	for (i = 0; i < program->nr_steps; i++) {
		const struct fuzz_step *step = &program->steps[i];

		fprintf(to, "%u %s", step->who, fuzz_ops[step->op].name);
		for (j = 0; j < FUZZ_NR_ARGS; j++)
			fprintf(to, " %x", step->arg[j]);
		fprintf(to, "\n");
	}
}

static inline bool fuzz_parse_step(struct fuzz_program *program, const char *line)
{
	struct fuzz_step step = {};
	unsigned int op;
	char name[16];

	if (program->nr_steps == FUZZ_MAX_STEPS ||
	    sscanf(line, "%u %15s %x %x %x %x %x", &step.who, name, &step.arg[0],
		   &step.arg[1], &step.arg[2], &step.arg[3],
		   &step.arg[4]) != 2 + FUZZ_NR_ARGS ||
	    step.who >= FUZZ_NR_WORKERS)
		return false;
	for (op = 0; op < FUZZ_NR_OPS; op++) {
		if (strcmp(name, fuzz_ops[op].name))
			continue;
		step.op = op;
		program->steps[program->nr_steps++] = step;
		return true;
	}
	return false;
}

/* Number of the line that is wrong, or 0. */
static inline int fuzz_parse(FILE *from, struct fuzz_program *program)
{
	bool begun = false;
	char line[128];
	int number = 0;

	memset(program, 0, sizeof(*program));
	while (fgets(line, sizeof(line), from)) {
		number++;
		if (line[0] == '#')
			continue;
		if (!begun) {
			program->together = !strcmp(line, "together\n");
			if (!program->together && strcmp(line, "in turn\n"))
				return number;
			begun = true;
		} else if (!fuzz_parse_step(program, line)) {
			return number;
		}
	}
	return program->nr_steps ? 0 : number + 1;
}

#endif /* NEXP_FUZZ_PROGRAM_H */
