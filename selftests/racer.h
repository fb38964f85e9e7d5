/* SPDX-License-Identifier: GPL-2.0 */
/*
 * racer - a thread of a test that does one thing over and over
 */
#ifndef NEXP_SELFTESTS_RACER_H
#define NEXP_SELFTESTS_RACER_H

#include <pthread.h>

#include "util.h"

/**
 * struct nexp_racer - a thread that does one thing until it is told to stop
 * @step: the thing.
 * @a: where.
 * @session: of whom.
 * @pool: which.
 * @feed: a program for it.
 * @arg: what else the step needs.
 * @stop: not 0 when it shall stop.
 * @steps: how often it did.
 * @wrong: how often the answer was one that cannot be.
 */
struct nexp_racer {
	void (*step)(struct nexp_racer *r);
	struct nexp_attachment *a;
	int session;
	__u64 pool;
	int feed;
	long arg;
	int stop;
	__u64 steps;
	__u64 wrong;
};

static inline void *nexp_race(void *arg)
{
	struct nexp_racer *r = arg;

	while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE)) {
		r->step(r);
		r->steps++;
	}
	return NULL;
}

static inline pthread_t nexp_racer_start(struct __test_metadata *const _metadata,
					 struct nexp_racer *r)
{
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, nexp_race, r));
	return thread;
}

static inline void nexp_racer_join(struct __test_metadata *const _metadata,
				   pthread_t thread, struct nexp_racer *r)
{
	__atomic_store_n(&r->stop, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, r->wrong);
}

#endif /* NEXP_SELFTESTS_RACER_H */
