// SPDX-License-Identifier: GPL-2.0
/*
 * stress_test - everything that can come in between, all at once
 *
 *   expert (a process): commits and punches | faults | maps, splits, moves | forks
 *   supervisor (the test): reads a view | walks the pools | delivers frames |
 *	tries to unload the module, until it ends the expert in one of several ways
 *
 * A number of lives, and of steps in each, that a seed gives; it is printed, and
 * taken from NETEXPERT_SEED. How the steps fall in between each other is up to
 * the machine.
 */
#include "child.h"
#include "feed.h"
#include "racer.h"

#define PAGE		4096UL
#define HEAP		(4UL << 20)
#define NR_PAGES	(HEAP / PAGE)
#define LENGTH		100
#define LIVES		40
#define PATTERN		0x5a

static __u64 next_random(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/**
 * struct report - what the expert's process tells of itself, in shared memory
 * @steps: steps done by all of its threads.
 * @wrong: answers that cannot be.
 * @last_errno: of the last of them.
 */
struct report {
	__u64 steps;
	__u64 wrong;
	int last_errno;
};

FIXTURE(stress)
{
	int session;
	struct report *report;
	int pattern;
	__u64 seed;
};

FIXTURE_SETUP(stress)
{
	const char *seed = getenv("NETEXPERT_SEED");
	unsigned char page[PAGE];

	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->report = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->report);
	self->pattern = memfd_create("pattern", MFD_CLOEXEC);
	memset(page, PATTERN, PAGE);
	ASSERT_EQ((ssize_t)PAGE, write(self->pattern, page, PAGE));
	self->seed = seed ? strtoull(seed, NULL, 0) : nexp_now_ms() << 20 | getpid();
	TH_LOG("NETEXPERT_SEED=%llu", self->seed);
	self->seed |= 1ULL << 63;	/* xorshift never leaves 0 */
}

FIXTURE_TEARDOWN(stress)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/**
 * struct thread - one thread of the expert
 * @step: what it does over and over; it answers 0, or -errno that is fine.
 * @a: the attachment.
 * @pattern: a file with a page of it.
 * @random: its own state.
 * @report: shared.
 */
struct thread {
	int (*step)(struct thread *t);
	const struct nexp_attachment *a;
	int pattern;
	__u64 random;
	struct report *report;
};

/* 0 and errors that are fine here pass; others are told. */
static int expect_errno(struct thread *t, int ret, int fine1, int fine2)
{
	if (ret && ret != -ESTALE && ret != -fine1 && ret != -fine2) {
		t->report->last_errno = -ret;
		__atomic_add_fetch(&t->report->wrong, 1, __ATOMIC_RELAXED);
	}
	return ret;
}

static void random_range(struct thread *t, __u64 *offset, __u64 *length)
{
	*offset = next_random(&t->random) % NR_PAGES * PAGE;
	*length = (1 + next_random(&t->random) % 64) * PAGE;
	if (*length > HEAP - *offset)
		*length = HEAP - *offset;
}

static int step_commit_or_punch(struct thread *t)
{
	__u64 offset, length;

	random_range(t, &offset, &length);
	if (next_random(&t->random) & 1)
		return expect_errno(t, __nexp_do_commit(t->a->fd, offset, length),
				    EDQUOT, ENOMEM);
	return expect_errno(t, __nexp_do_punch(t->a->fd, offset, length), EBUSY, 0);
}

/* The kernel writes for us, so that a hole is an error, and no signal. */
static int step_fault(struct thread *t)
{
	struct netexpert_pool_stat stat;
	__u64 offset, length;

	random_range(t, &offset, &length);
	if (pread(t->pattern, t->a->heap + offset, PAGE, 0) < 0 && errno != EFAULT)
		return expect_errno(t, -errno, 0, 0);
	return expect_errno(t, __nexp_do_stat(t->a->fd, 0, &stat), 0, 0);
}

/* In an address range that is this thread's own. */
static int step_map(struct thread *t)
{
	unsigned char *arena = (unsigned char *)0x100000000000 + HEAP;
	__u64 offset, length;
	void *at = arena + next_random(&t->random) % NR_PAGES * PAGE;

	random_range(t, &offset, &length);
	if (mmap(at, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, t->a->fd,
		 NETEXPERT_MAP_HEAP + offset) == MAP_FAILED)
		return expect_errno(t, -errno, 0, 0);
	if (pread(t->pattern, at, PAGE, 0) < 0 && errno != EFAULT)
		return expect_errno(t, -errno, 0, 0);
	mprotect(at + length / 2, PAGE, PROT_READ);
	mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, arena + HEAP);
	munmap(at + length / 2, PAGE);
	madvise(at, length, MADV_DONTNEED);
	munmap(arena, 2 * HEAP);
	return 0;
}

static int step_fork(struct thread *t)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		int ret = __nexp_do_commit(t->a->fd, 0, PAGE);

		_exit(ret == -EPERM || ret == -ESTALE ? 0 : -ret);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return expect_errno(t, -errno, EAGAIN, ENOMEM);
	expect_errno(t, -WEXITSTATUS(status), 0, 0);
	return __nexp_do_commit(t->a->fd, 0, PAGE) == -ESTALE ? -ESTALE : 0;
}

static void *live_as_thread(void *arg)
{
	struct thread *t = arg;

	while (t->step(t) != -ESTALE)
		__atomic_add_fetch(&t->report->steps, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* Ends when the attachment does, or is killed. */
static void live(struct __test_metadata *const _metadata, FIXTURE_DATA(stress) *self,
		 int fd, __u64 seed)
{
	int (*const steps[])(struct thread *t) = {
		step_commit_or_punch, step_commit_or_punch, step_fault, step_map, step_fork,
	};
	const size_t nr = sizeof(steps) / sizeof(steps[0]);
	struct thread threads[sizeof(steps) / sizeof(steps[0])];
	pthread_t ids[sizeof(steps) / sizeof(steps[0])];
	struct nexp_attachment a;
	size_t i;

	nexp_do_attach(_metadata, fd, &a);
	for (i = 0; i < nr; i++) {
		threads[i] = (struct thread){
			.step = steps[i], .a = &a, .pattern = self->pattern,
			.random = seed + i, .report = self->report,
		};
		ASSERT_EQ(0, pthread_create(&ids[i], NULL, live_as_thread, &threads[i]));
	}
	for (i = 0; i < nr; i++)
		ASSERT_EQ(0, pthread_join(ids[i], NULL));
	nexp_child_exit();
}

/* Nothing but what the expert wrote, and what nobody did, is in its heap. */
static void step_read_view(struct nexp_racer *r)
{
	off_t offset = NETEXPERT_MAP_HEAP + r->steps % NR_PAGES * PAGE;
	unsigned char page[PAGE];
	ssize_t got, i;

	got = pread(r->arg, page, sizeof(page), offset);
	r->wrong += got != (ssize_t)PAGE && errno != ESTALE;
	for (i = 0; i < got; i++)
		r->wrong += page[i] && page[i] != PATTERN;
	offset = lseek(r->arg, offset, (r->steps & 1) ? SEEK_DATA : SEEK_HOLE);
	r->wrong += offset < 0 && errno != ESTALE && errno != ENXIO;
}

static void step_walk(struct nexp_racer *r)
{
	struct netexpert_pool_stat stat = { .size = sizeof(stat) };
	int ret;

	do {
		stat.flags = NETEXPERT_STAT_NEXT;
		ret = __nexp_ioctl(r->session, NETEXPERT_IOC_POOL_STAT, &stat);
		r->wrong += !ret && stat.out_heap_bytes > stat.out_heap_limit;
	} while (!ret);
	r->wrong += ret != -ENOENT;
}

static void step_feed(struct nexp_racer *r)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct nexp_frame frame;

	nexp_frame_make(&frame, r->steps);
	opts.data_in = &frame;
	opts.data_size_in = LENGTH;
	opts.repeat = 20;
	r->wrong += !!bpf_prog_test_run_opts(r->feed, &opts);
}

/* The session holds it. */
static void step_unload(struct nexp_racer *r)
{
	r->wrong += !syscall(SYS_delete_module, "netexpert", O_NONBLOCK);
	r->wrong += errno != EWOULDBLOCK;
	usleep(1000);
}

#define NR_RACERS	4

static void start_racers(struct __test_metadata *const _metadata, int session, __u64 pool,
			 struct nexp_racer racers[NR_RACERS], pthread_t threads[NR_RACERS])
{
	void (*const steps[NR_RACERS])(struct nexp_racer *r) = {
		step_read_view, step_walk, step_feed, step_unload,
	};
	int view = nexp_do_view(_metadata, session, pool);
	int feed = nexp_do_load(_metadata, pool);
	int i;

	for (i = 0; i < NR_RACERS; i++) {
		racers[i] = (struct nexp_racer){ .step = steps[i], .session = session,
						 .feed = feed, .arg = view };
		threads[i] = nexp_racer_start(_metadata, &racers[i]);
	}
}

static bool is_idle(int session, __u64 pool)
{
	struct netexpert_pool_stat stat;

	return !__nexp_do_stat(session, pool, &stat) && !stat.out_heap_bytes &&
	       stat.out_state == NETEXPERT_POOL_IDLE;
}

/* What was frozen is the same however often it is looked at. */
static void expect_still(struct __test_metadata *const _metadata, int session, __u64 pool)
{
	static unsigned char first[HEAP], second[HEAP];
	int view = nexp_do_view(_metadata, session, pool);
	struct netexpert_pool_stat stat;

	stat = nexp_do_stat(_metadata, session, pool);
	EXPECT_EQ(NETEXPERT_POOL_FROZEN, stat.out_state);
	ASSERT_EQ((ssize_t)HEAP, pread(view, first, HEAP, NETEXPERT_MAP_HEAP));
	ASSERT_EQ((ssize_t)HEAP, pread(view, second, HEAP, NETEXPERT_MAP_HEAP));
	EXPECT_EQ(0, memcmp(first, second, HEAP));
	close(view);
}

/* Ends a life in the way that @how says. The pool may be gone with it. */
static void end_life(struct __test_metadata *const _metadata, int session, __u64 pool,
		     pid_t expert, unsigned int how)
{
	int ret;

	switch (how % 6) {
	case 0:
		kill(expert, SIGKILL);
		break;
	case 1:
		EXPECT_EQ(0, __nexp_do_reclaim(session, pool));
		break;
	case 2:
		ret = __nexp_do_freeze(session, pool);
		EXPECT_EQ(0, ret);
		expect_still(_metadata, session, pool);
		break;
	case 3:
		kill(expert, SIGKILL);
		ret = __nexp_do_freeze(session, pool);
		EXPECT_TRUE(!ret || ret == -EBUSY || ret == -ENODATA);
		break;
	case 4:
		kill(expert, SIGKILL);
		EXPECT_EQ(0, __nexp_do_reclaim(session, pool));
		break;
	default:
		EXPECT_EQ(0, __nexp_do_destroy(session, pool));
	}
}

static void expect_conserved(struct __test_metadata *const _metadata, int session,
			     __u64 pool)
{
	struct netexpert_pool_stat stat = nexp_do_stat(_metadata, session, pool);
	__u64 sum = stat.out_sum.filtered + stat.out_sum.delivered;
	int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		sum += stat.out_sum.dropped[i];
	EXPECT_EQ(stat.out_sum.seen, sum);
}

static void one_life(struct __test_metadata *const _metadata, FIXTURE_DATA(stress) *self)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct nexp_racer racers[NR_RACERS];
	pthread_t threads[NR_RACERS];
	struct nexp_child expert;
	unsigned int how = next_random(&self->seed) >> 32;
	__u64 steps = 20 + next_random(&self->seed) % 400, pool;
	int fd, i;

	args.heap_size = HEAP;
	args.heap_limit = HEAP / 2;
	args.wake_usecs = 100;
	args.flags = (how >> 8 & 1) ? NETEXPERT_POOL_POSTMORTEM : 0;
	pool = nexp_do_pool(_metadata, self->session, &args);
	fd = nexp_do_open(_metadata, self->session, pool);
	memset(self->report, 0, sizeof(*self->report));
	if (nexp_do_fork(_metadata, &expert))
		live(_metadata, self, fd, self->seed);
	start_racers(_metadata, self->session, pool, racers, threads);
	EXPECT_TRUE(nexp_becomes(__atomic_load_n(&self->report->steps, __ATOMIC_RELAXED) >
				 steps));
	for (i = 0; i < NR_RACERS; i++)
		EXPECT_TRUE(nexp_becomes(__atomic_load_n(&racers[i].steps,
							 __ATOMIC_RELAXED)));

	end_life(_metadata, self->session, pool, expert.pid, how);
	EXPECT_NE(-1, nexp_child_end(&expert));
	EXPECT_EQ(0, self->report->wrong)
		TH_LOG("an answer that cannot be: %s", strerror(self->report->last_errno));
	for (i = 0; i < NR_RACERS; i++)
		nexp_racer_join(_metadata, threads[i], &racers[i]);
	if (how % 6 != 5) {
		expect_conserved(_metadata, self->session, pool);
		ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
		EXPECT_TRUE(nexp_becomes(is_idle(self->session, pool)));
		ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	}
	close(racers[0].arg);
	close(racers[0].feed);
	close(fd);
}

TEST_F_TIMEOUT(stress, everything_at_once, 180)
{
	struct netexpert_info info;
	int i;

	for (i = 0; i < LIVES; i++)
		one_life(_metadata, self);
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(0, info.out_nr_pools);
	EXPECT_EQ(0, info.out_bytes);
}

TEST_HARNESS_MAIN
