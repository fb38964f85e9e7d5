// SPDX-License-Identifier: GPL-2.0
/*
 * filter_race_test - filters that come and go under traffic
 */
#include "feed.h"
#include "filters.h"
#include "racer.h"

#include <sched.h>

#define LENGTH	200

FIXTURE(filter_race)
{
	int session;
};

FIXTURE_SETUP(filter_race)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(filter_race)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/*
 * Kinds of frames for two filters: both take it, the first only, the second
 * only, neither. What the first takes is cut at FIRST bytes, and the second
 * takes in turn at SECOND: so every record tells who has judged its frame.
 */
enum { BOTH, FIRST_ONLY, SECOND_ONLY, NEITHER, NR_KINDS };

#define FIRST	64
#define SECOND	128

/* Loads the low byte of the frame's number. */
#define LOAD_NUMBER	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN)
#define KEEP(bytes)	BPF_STMT(BPF_RET | BPF_K, bytes)

#define TAKE_TWO(kind, keep) {						\
	LOAD_NUMBER,							\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BOTH, 1, 0),		\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kind, 0, 1),		\
	KEEP(keep),							\
	KEEP(0),							\
}

static const struct sock_filter first[] = TAKE_TWO(FIRST_ONLY, FIRST);
static const struct sock_filter second[] = TAKE_TWO(SECOND_ONLY, SECOND);

#define SET(pool, insns) __nexp_do_filter_feed(self->session, pool, insns,	\
					       NEXP_NR_INSNS(insns))

#define REPEAT	16

/* The reader is late: what comes now would be a loss, which proves nothing. */
static bool is_half_full(const struct nexp_attachment *a)
{
	__u32 i;

	for (i = 0; i < a->info.out_nr_rings; i++)
		if (nexp_produced(a, i) - nexp_ring_consumer(a, i)->position >
		    a->info.out_ring_size / 2)
			return true;
	return false;
}

/* In each step REPEAT frames of each kind; the racer's argument counts steps. */
static void step_feed_kinds(struct nexp_racer *r)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct nexp_frame frame;
	int kind;

	if (r->a && is_half_full(r->a)) {
		sched_yield();
		return;
	}
	r->arg++;
	for (kind = 0; kind < NR_KINDS; kind++) {
		nexp_frame_make(&frame, kind);
		opts.data_in = &frame;
		opts.data_size_in = LENGTH;
		opts.repeat = REPEAT;
		r->wrong += bpf_prog_test_run_opts(r->feed, &opts) != 0;
	}
}

/*
 * Takes what is in one ring: how many of each kind and length. Others are wrong.
 */
static __u64 take_records(const struct nexp_attachment *a, __u32 ring,
			  __u64 counts[NR_KINDS][2])
{
	__u64 position = nexp_ring_consumer(a, ring)->position, wrong = 0;
	const struct netexpert_record *record;

	while ((record = nexp_peek(a, ring, position))) {
		__u64 kind = nexp_record_number(record);

		wrong += kind >= NR_KINDS || record->wire_len != LENGTH || record->lost ||
			 (record->cap_len != FIRST && record->cap_len != SECOND);
		if (kind < NR_KINDS)
			counts[kind][record->cap_len == SECOND]++;
		position += record->record_size;
		nexp_release(a, ring, position);
	}
	return wrong;
}

/*
 * Two processors deliver all the time. A frame judged by nothing would be whole,
 * or missing where both want it; one judged by half of each has a length of one
 * and a kind of the other. When a call returns, the new filter counts.
 */
TEST_F_TIMEOUT(filter_race, is_replaced_as_a_whole_under_traffic, 120)
{
	struct netexpert_pool_create args = nexp_pool_args();
	__u64 counts[NR_KINDS][2] = {}, fed, wrong = 0;
	struct nexp_racer racers[2];
	struct nexp_attachment a;
	struct netexpert_ring_stat sum;
	pthread_t threads[2];
	__u64 pool;
	int i, own;

	args.ring_size = 8 << 20;
	args.nr_rings = 2;
	pool = nexp_do_pool(_metadata, self->session, &args);
	nexp_do_attach(_metadata, nexp_do_open(_metadata, self->session, pool), &a);
	own = nexp_do_load(_metadata, pool);
	ASSERT_EQ(0, SET(pool, second));
	for (i = 0; i < 2; i++) {
		racers[i] = (struct nexp_racer){
			.step = step_feed_kinds, .feed = own, .a = &a,
		};
		threads[i] = nexp_racer_start(_metadata, &racers[i]);
	}
	for (i = 0; i < 200; i++) {
		bool odd = i & 1;

		ASSERT_EQ(0, odd ? SET(pool, second) : SET(pool, first));
		EXPECT_EQ(odd ? -ENOMSG : 0,
			  nexp_do_feed_number(_metadata, own, FIRST_ONLY, LENGTH));
		EXPECT_EQ(odd ? 0 : -ENOMSG,
			  nexp_do_feed_number(_metadata, own, SECOND_ONLY, LENGTH));
		wrong += take_records(&a, 0, counts);
		wrong += take_records(&a, 1, counts);
	}
	for (i = 0; i < 2; i++)
		nexp_racer_join(_metadata, threads[i], &racers[i]);
	close(own);

	fed = REPEAT * (racers[0].arg + racers[1].arg);
	wrong += take_records(&a, 0, counts);
	wrong += take_records(&a, 1, counts);
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(fed, counts[BOTH][0] + counts[BOTH][1]);
	EXPECT_LT(0, counts[BOTH][0]);
	EXPECT_LT(0, counts[BOTH][1]);
	EXPECT_LT(100, counts[FIRST_ONLY][0]);
	EXPECT_EQ(0, counts[FIRST_ONLY][1]);
	EXPECT_LT(100, counts[SECOND_ONLY][1]);
	EXPECT_EQ(0, counts[SECOND_ONLY][0]);
	EXPECT_EQ(0, counts[NEITHER][0] + counts[NEITHER][1]);
	sum = nexp_do_stat(_metadata, self->session, pool).out_sum;
	EXPECT_EQ(4 * fed + 400, sum.seen);
	EXPECT_EQ(sum.seen, sum.filtered + sum.delivered);
	TH_LOG("%llu frames, %llu taken by the first filter, %llu by the second",
	       4 * fed, counts[BOTH][0] + counts[FIRST_ONLY][0],
	       counts[BOTH][1] + counts[SECOND_ONLY][1]);
}

static void step_swap(struct nexp_racer *r)
{
	int ret = __nexp_do_filter_all(r->session, __atomic_load_n(&r->pool, __ATOMIC_RELAXED),
				       r->steps & 1);

	r->wrong += ret && ret != -ENOENT;
}

/* Whoever comes too late to a dying pool keeps nothing of it, and gives it nothing. */
TEST_F_TIMEOUT(filter_race, comes_and_goes_while_its_pool_dies, 120)
{
	struct nexp_racer swap = { .step = step_swap, .session = self->session };
	struct netexpert_pool_create args = nexp_pool_args();
	struct nexp_racer feed;
	pthread_t swapper, feeder;
	int i;

	swapper = nexp_racer_start(_metadata, &swap);
	for (i = 0; i < 60; i++) {
		__u64 pool = nexp_do_pool(_metadata, self->session, &args);
		__u64 steps = swap.steps;
		int program = nexp_do_load(_metadata, pool);

		feed = (struct nexp_racer){ .step = step_feed_kinds, .feed = program };
		feeder = nexp_racer_start(_metadata, &feed);
		__atomic_store_n(&swap.pool, pool, __ATOMIC_RELAXED);
		ASSERT_TRUE(nexp_becomes(__atomic_load_n(&swap.steps, __ATOMIC_RELAXED) >
					 steps + i % 3));
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		nexp_racer_join(_metadata, feeder, &feed);
		close(program);
	}
	nexp_racer_join(_metadata, swapper, &swap);
	EXPECT_LT(0, swap.steps);
}

TEST_HARNESS_MAIN
