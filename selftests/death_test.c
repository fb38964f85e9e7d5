// SPDX-License-Identifier: GPL-2.0
/*
 * death_test - however an expert ends, its memory is back and nobody else notices
 *
 *   test ── session ── pool ── attachment ──► child: attaches, takes memory, dies
 *    │  (asks only; does nothing for the clean-up)
 *    └───── session ── bystander's pool: gets frames all the time
 */
#include "child.h"
#include "feed.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)
#define LENGTH	100

FIXTURE(death)
{
	int session;
	__u64 pool;
	__u64 bystander;
	int fd;
	int feed;
	int bystander_feed;
	int fed;
	struct nexp_attachment a;
};

FIXTURE_VARIANT(death)
{
	void (*die)(struct nexp_attachment *a);
	int signal;	/* that it must die of; 0: it exits */
};

static void die_by_sigkill(struct nexp_attachment *a)
{
	(void)a;
	kill(getpid(), SIGKILL);
}

static void die_by_sigsegv(struct nexp_attachment *a)
{
	*(volatile unsigned char *)a->status = 1;	/* read-only */
}

static void die_by_sigbus(struct nexp_attachment *a)
{
	a->heap[MIB] = 1;	/* never committed */
}

static void die_by_abort(struct nexp_attachment *a)
{
	(void)a;
	abort();
}

static void die_by_exit(struct nexp_attachment *a)
{
	(void)a;
	_exit(0);
}

static void die_by_exec(struct nexp_attachment *a)
{
	/* The new program keeps the fd; it is none of its business any more. */
	fcntl(a->fd, F_SETFD, 0);
	execl("/bin/sleep", "sleep", "1000", NULL);
}

static void *die_in_thread(void *arg)
{
	(void)arg;
	raise(SIGKILL);
	return NULL;
}

static void die_in_another_thread(struct nexp_attachment *a)
{
	pthread_t thread;

	(void)a;
	pthread_create(&thread, NULL, die_in_thread, NULL);
	for (;;)
		pause();
}

static void *touch_heap(void *arg)
{
	struct nexp_attachment *a = arg;
	__u64 i;

	for (i = 0;; i += PAGE) {
		__nexp_do_commit(a->fd, i % MIB, PAGE);
		a->heap[i % MIB] = i;
		__nexp_do_punch(a->fd, (i * 7) % MIB, PAGE);
		__nexp_do_commit(a->fd, (i * 7) % MIB, PAGE);
	}
	return NULL;
}

/* One thread is in the middle of faults, commits and punches. */
static void die_at_work(struct nexp_attachment *a)
{
	pthread_t thread;

	pthread_create(&thread, NULL, touch_heap, a);
	usleep(20000);
	kill(getpid(), SIGKILL);
}

FIXTURE_VARIANT_ADD(death, by_sigkill)
{
	.die = die_by_sigkill,
	.signal = SIGKILL,
};

FIXTURE_VARIANT_ADD(death, by_sigsegv)
{
	.die = die_by_sigsegv,
	.signal = SIGSEGV,
};

FIXTURE_VARIANT_ADD(death, by_sigbus)
{
	.die = die_by_sigbus,
	.signal = SIGBUS,
};

FIXTURE_VARIANT_ADD(death, by_abort)
{
	.die = die_by_abort,
	.signal = SIGABRT,
};

FIXTURE_VARIANT_ADD(death, by_exit)
{
	.die = die_by_exit,
};

FIXTURE_VARIANT_ADD(death, by_exec)
{
	.die = die_by_exec,
};

FIXTURE_VARIANT_ADD(death, in_another_thread)
{
	.die = die_in_another_thread,
	.signal = SIGKILL,
};

FIXTURE_VARIANT_ADD(death, at_work)
{
	.die = die_at_work,
	.signal = SIGKILL,
};

FIXTURE_SETUP(death)
{
	struct netexpert_pool_create args = nexp_pool_args();

	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	args.heap_size = 2 * MIB;
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	args.ring_size = 1 << 20;
	self->bystander = nexp_do_pool(_metadata, self->session, &args);
	self->fd = nexp_do_open(_metadata, self->session, self->pool);
	self->feed = nexp_do_load(_metadata, self->pool);
	self->bystander_feed = nexp_do_load(_metadata, self->bystander);
}

FIXTURE_TEARDOWN(death)
{
	close(self->session);
}

static void feed_both(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(death) *self)
{
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->feed, self->fed, LENGTH));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->bystander_feed, self->fed,
					 LENGTH));
	self->fed++;
}

/* The expert: takes all the memory that it may have, writes to half of it. */
static void live_and_die(struct __test_metadata *const _metadata,
			 FIXTURE_DATA(death) *self,
			 const FIXTURE_VARIANT(death) *variant,
			 struct nexp_child *child)
{
	struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	nexp_do_attach(_metadata, self->fd, &self->a);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, MIB));
	memset(self->a.heap, 0x5a, MIB / 2);
	nexp_reader(&self->a, 0)->position = 4711;
	nexp_reader(&self->a, 0)->busy = 1;
	nexp_do_say(_metadata, child, 0);
	nexp_do_hear(_metadata, child);
	variant->die(&self->a);
	nexp_child_exit();
}

static void expect_husk(struct __test_metadata *const _metadata, int fd)
{
	struct netexpert_pool_stat stat;
	struct netexpert_attach attach;

	EXPECT_EQ(-ESTALE, __nexp_do_commit(fd, 0, PAGE));
	EXPECT_EQ(-ESTALE, __nexp_do_punch(fd, 0, PAGE));
	EXPECT_EQ(-ESTALE, __nexp_do_stat(fd, 0, &stat));
	EXPECT_EQ(-ESTALE, __nexp_do_attach(fd, &attach));
	EXPECT_EQ(MAP_FAILED, __nexp_do_map(fd, NETEXPERT_MAP_STATUS, PAGE,
					    PROT_READ));
	EXPECT_EQ(ESTALE, errno);
	EXPECT_EQ(MAP_FAILED, __nexp_do_map(fd, NETEXPERT_MAP_HEAP, PAGE,
					    PROT_READ | PROT_WRITE));
	EXPECT_EQ(ESTALE, errno);
	EXPECT_TRUE(nexp_hangs_up(fd, 0));
}

TEST_F(death, gives_everything_back_and_the_next_goes_on)
{
	struct netexpert_pool_stat stat;
	struct nexp_attachment next;
	struct nexp_child child;
	__u64 ended;
	int fd, i;

	if (nexp_do_fork(_metadata, &child))
		live_and_die(_metadata, self, variant, &child);
	nexp_do_hear(_metadata, &child);
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, stat.out_state);
	EXPECT_EQ(child.pid, (pid_t)stat.out_pid);
	EXPECT_EQ(MIB, stat.out_heap_bytes);
	feed_both(_metadata, self);
	EXPECT_EQ(0, nexp_poll(self->session, 0));

	/* Nobody waits for the process, closes the fd or asks for anything. */
	nexp_do_say(_metadata, &child, 0);
	EXPECT_NE(0, nexp_poll(self->session, NEXP_PATIENCE_MS) & POLLIN);
	feed_both(_metadata, self);
	EXPECT_TRUE(nexp_becomes(!__nexp_do_stat(self->session, self->pool, &stat) &&
				 stat.out_state == NETEXPERT_POOL_IDLE));
	EXPECT_EQ(0, stat.out_heap_bytes);
	EXPECT_EQ(0, stat.out_pid);
	EXPECT_LT(0, stat.out_ended_ns);
	EXPECT_LE(stat.out_ended_ns, stat.out_back_ns);
	EXPECT_LE(MIB, stat.out_heap_peak);
	if (variant->die != die_at_work)
		EXPECT_EQ(MIB, stat.out_back_bytes);
	EXPECT_EQ(4711, stat.out_last_position);
	EXPECT_EQ(1, stat.out_last_busy);
	ended = stat.out_ended_ns;
	TH_LOG("%llu KiB were back %llu us after the end was noticed",
	       stat.out_back_bytes / 1024,
	       (stat.out_back_ns - stat.out_ended_ns) / 1000);

	/* The test's own copy of the fd, and the one in what was exec'd. */
	expect_husk(_metadata, self->fd);
	fd = nexp_do_open(_metadata, self->session, self->pool);
	expect_husk(_metadata, self->fd);
	nexp_do_attach(_metadata, fd, &next);
	EXPECT_EQ(2, next.info.out_incarnation);
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
	for (i = 0; i < (int)MIB; i++)
		ASSERT_EQ(0, next.heap[i]);
	feed_both(_metadata, self);
	for (i = 0; i < 3; i++) {
		const struct netexpert_record *record =
			nexp_peek(&next, 0, i * nexp_record_size(LENGTH));

		ASSERT_NE(NULL, record);
		EXPECT_EQ(i, nexp_record_number(record));
		EXPECT_EQ(0, record->lost);
	}
	stat = nexp_do_stat(_metadata, self->session, self->pool);
	EXPECT_EQ(ended, stat.out_ended_ns);
	EXPECT_EQ(3, stat.out_sum.delivered);
	EXPECT_EQ(3, stat.out_sum.seen);

	stat = nexp_do_stat(_metadata, self->session, self->bystander);
	EXPECT_EQ(self->fed, stat.out_sum.delivered);
	EXPECT_EQ(self->fed, stat.out_sum.seen);

	if (variant->die == die_by_exec)
		kill(child.pid, SIGKILL);
	i = nexp_child_end(&child);
	if (variant->signal)
		EXPECT_EQ(variant->signal, WTERMSIG(i));
}

FIXTURE(end)
{
	int session;
	__u64 pool;
	int fd;
};

FIXTURE_SETUP(end)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	self->fd = nexp_do_open(_metadata, self->session, self->pool);
}

FIXTURE_TEARDOWN(end)
{
	close(self->session);
}

/* Attaches, takes memory, says so and waits to be killed. */
static void live_on(struct __test_metadata *const _metadata,
		    struct nexp_child *child, int fd)
{
	struct nexp_attachment a;

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
	memset(a.heap, 1, MIB);
	nexp_do_say(_metadata, child, (uintptr_t)a.heap);
	for (;;)
		pause();
}

static bool heap_is_back(int session, __u64 pool)
{
	struct netexpert_pool_stat stat;

	return !__nexp_do_stat(session, pool, &stat) && !stat.out_heap_bytes &&
	       stat.out_state == NETEXPERT_POOL_IDLE;
}

/* Who holds the fd or looks at the memory does not keep the dead alive. */
TEST_F(end, copies_of_the_fd_and_onlookers_delay_nothing)
{
	struct nexp_child expert, holder;
	char path[32], byte;
	__u64 address;
	int mem;

	if (nexp_do_fork(_metadata, &expert))
		live_on(_metadata, &expert, self->fd);
	address = nexp_do_hear(_metadata, &expert);
	if (nexp_do_fork(_metadata, &holder)) {
		int fd;

		nexp_do_hear_fd(_metadata, &holder, &fd);
		nexp_do_say(_metadata, &holder, 0);
		nexp_do_hear(_metadata, &holder);
		expect_husk(_metadata, fd);
		nexp_child_exit();
	}
	nexp_do_say_fd(_metadata, &holder, 0, self->fd);
	nexp_do_hear(_metadata, &holder);
	snprintf(path, sizeof(path), "/proc/%d/mem", expert.pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, mem);
	ASSERT_EQ(1, pread(mem, &byte, 1, address));

	kill(expert.pid, SIGKILL);
	EXPECT_TRUE(nexp_becomes(heap_is_back(self->session, self->pool)));
	EXPECT_GE(0, pread(mem, &byte, 1, address));
	nexp_do_say(_metadata, &holder, 0);
	EXPECT_EQ(0, nexp_child_end(&holder));
	nexp_child_end(&expert);
}

/* Attaches, fills a large heap, says so and gives all of it back. */
static void punch_for_long(struct __test_metadata *const _metadata,
			   struct nexp_child *child, int fd, __u64 size)
{
	struct nexp_attachment a;

	nexp_do_attach(_metadata, fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, size));
	memset(a.heap, 1, size);
	nexp_do_say(_metadata, child, 0);
	__nexp_do_punch(fd, 0, size);
	for (;;)
		pause();
}

/* Kills an expert in the middle of a punch. Bytes it still had, 0 if it was over. */
static __u64 kill_in_punch(struct __test_metadata *const _metadata, int session,
			   __u64 pool, __u64 size)
{
	int fd = nexp_do_open(_metadata, session, pool);
	struct netexpert_info info;
	struct nexp_child child;

	if (nexp_do_fork(_metadata, &child))
		punch_for_long(_metadata, &child, fd, size);
	nexp_do_hear(_metadata, &child);
	/* INFO takes no lock that the punch has. */
	EXPECT_TRUE(nexp_becomes(!__nexp_do_info(session, &info) &&
				 info.out_session_bytes < size));
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
	close(fd);
	EXPECT_TRUE(nexp_becomes(heap_is_back(session, pool)));
	return nexp_do_stat(_metadata, session, pool).out_back_bytes;
}

/* Whoever waits for the end of an expert does not wait for the end of its punch. */
TEST_F(end, in_a_long_punch_is_not_put_off)
{
	struct netexpert_pool_create args = nexp_pool_args();
	__u64 pool;

	args.heap_size = 512 * MIB;
	args.heap_limit = 512 * MIB;
	pool = nexp_do_pool(_metadata, self->session, &args);
	/* The punch may be over before the signal is there; then once more. */
	EXPECT_TRUE(nexp_becomes(kill_in_punch(_metadata, self->session, pool,
					       args.heap_size)));
}

static struct nexp_child *leader_child;

static void *outlive_the_leader(void *arg)
{
	struct nexp_attachment *a = arg;
	__u64 word;

	/* Told by the test that the main thread is gone. */
	if (read(leader_child->socket, &word, sizeof(word)) < 0)
		_exit(1);
	if (__nexp_do_commit(a->fd, PAGE, PAGE))
		_exit(2);
	a->heap[PAGE] = 1;
	word = 0;
	if (write(leader_child->socket, &word, sizeof(word)) < 0)
		_exit(3);
	for (;;)
		pause();
	return NULL;
}

static bool leader_is_gone(pid_t pid)
{
	char path[32], text[512] = "", *state;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	state = strrchr(text, ')');
	return state && state[2] == 'Z';
}

TEST_F(end, exit_of_the_main_thread_alone_is_not_the_end)
{
	struct nexp_child child;

	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;
		pthread_t thread;

		nexp_do_attach(_metadata, self->fd, &a);
		leader_child = &child;
		ASSERT_EQ(0, pthread_create(&thread, NULL, outlive_the_leader, &a));
		/* The kernel's exit: libc's would wait with the stack in use. */
		syscall(SYS_exit, 0);
	}
	ASSERT_TRUE(nexp_becomes(leader_is_gone(child.pid)));
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool));
	nexp_do_say(_metadata, &child, 0);
	nexp_do_hear(_metadata, &child);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool));
	kill(child.pid, SIGKILL);
	EXPECT_TRUE(nexp_becomes(heap_is_back(self->session, self->pool)));
	nexp_child_end(&child);
}

TEST_F(end, attachment_that_nobody_bound_ends_with_its_last_close)
{
	int copy = dup(self->fd);

	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(NETEXPERT_POOL_OPEN, nexp_state(self->session, self->pool));
	EXPECT_EQ(-EBUSY, __nexp_do_open(self->session, self->pool));
	ASSERT_EQ(0, close(copy));
	EXPECT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	EXPECT_LE(0, __nexp_do_open(self->session, self->pool));
}

TEST_F(end, bound_attachment_outlives_its_fd)
{
	struct nexp_attachment a;

	nexp_do_attach(_metadata, self->fd, &a);
	ASSERT_EQ(0, __nexp_do_commit(self->fd, 0, PAGE));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, nexp_state(self->session, self->pool));
	EXPECT_EQ(0, nexp_write_fault(a.heap));
	EXPECT_EQ(-EBUSY, __nexp_do_open(self->session, self->pool));
}

/* A process that will not die loses its memory all the same. */
TEST_F(end, reclaim_needs_no_cooperation)
{
	struct nexp_child child;

	if (nexp_do_fork(_metadata, &child))
		live_on(_metadata, &child, self->fd);
	nexp_do_hear(_metadata, &child);
	ASSERT_EQ(0, kill(child.pid, SIGSTOP));
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	EXPECT_TRUE(nexp_becomes(heap_is_back(self->session, self->pool)));
	EXPECT_LE(0, __nexp_do_open(self->session, self->pool));
	expect_husk(_metadata, self->fd);
	EXPECT_EQ(0, __nexp_do_reclaim(self->session, self->pool))
		TH_LOG("RECLAIM of what nobody is bound to");
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
}

/*
 * The supervisor is killed: pools go with its session, the expert lives on as
 * nobody's, without memory.
 */
TEST_F(end, death_of_the_supervisor_takes_the_pools)
{
	struct netexpert_info before = nexp_do_info(_metadata, self->session);
	struct nexp_child supervisor, expert;
	struct netexpert_info info;
	int feed, fd;
	__u64 pool;

	if (nexp_do_fork(_metadata, &supervisor)) {
		int session = nexp_do_session(_metadata);

		pool = nexp_do_pool(_metadata, session, NULL);
		fd = nexp_do_open(_metadata, session, pool);
		nexp_do_say_fd(_metadata, &supervisor, pool, fd);
		for (;;)
			pause();
	}
	pool = nexp_do_hear_fd(_metadata, &supervisor, &fd);
	if (nexp_do_fork(_metadata, &expert)) {
		struct nexp_attachment a;

		nexp_do_attach(_metadata, fd, &a);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
		memset(a.heap, 1, MIB);
		nexp_do_say(_metadata, &expert, 0);
		EXPECT_TRUE(nexp_hangs_up(fd, NEXP_PATIENCE_MS));
		expect_husk(_metadata, fd);
		/* The end is told first, then the windows go. */
		EXPECT_TRUE(nexp_becomes(nexp_read_fault(a.heap) == SIGBUS));
		EXPECT_TRUE(nexp_becomes(nexp_read_fault(a.ring[0]) == SIGBUS));
		EXPECT_TRUE(nexp_becomes(nexp_write_fault(a.consumer) == SIGBUS));
		nexp_do_say(_metadata, &expert, 0);
		nexp_do_hear(_metadata, &expert);
		nexp_child_exit();
	}
	nexp_do_hear(_metadata, &expert);
	feed = nexp_do_load(_metadata, pool);
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, feed, 1, LENGTH));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(before.out_nr_pools + 1, info.out_nr_pools);
	EXPECT_LT(before.out_bytes + MIB, info.out_bytes);

	kill(supervisor.pid, SIGKILL);
	nexp_do_hear(_metadata, &expert);
	EXPECT_TRUE(nexp_becomes(!__nexp_do_info(self->session, &info) &&
				 info.out_nr_pools == before.out_nr_pools &&
				 info.out_bytes == before.out_bytes));
	EXPECT_EQ(-ENOENT, nexp_do_feed_number(_metadata, feed, 2, LENGTH));
	expect_husk(_metadata, fd);
	nexp_do_say(_metadata, &expert, 0);
	EXPECT_EQ(0, nexp_child_end(&expert));
	nexp_child_end(&supervisor);
}

struct feeder {
	struct __test_metadata *metadata;
	int feed[2];
	__u64 fed;
	int stop;
};

static void *keep_feeding(void *arg)
{
	struct feeder *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		nexp_do_feed_number(f->metadata, f->feed[0], f->fed, LENGTH);
		nexp_do_feed_number(f->metadata, f->feed[1], f->fed, LENGTH);
		f->fed++;
		usleep(200);
	}
	return NULL;
}

/* One death after the other while frames come without a pause. */
TEST_F_TIMEOUT(end, many_deaths_under_load_lose_and_leak_nothing, 120)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_stat stat;
	struct feeder f = { .metadata = _metadata };
	const int rounds = 30;
	pthread_t thread;
	__u64 pool[2];
	int i;

	args.ring_size = 32 << 20;
	for (i = 0; i < 2; i++) {
		pool[i] = nexp_do_pool(_metadata, self->session, &args);
		f.feed[i] = nexp_do_load(_metadata, pool[i]);
	}
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_feeding, &f));
	for (i = 0; i < rounds; i++) {
		int fd = nexp_do_open(_metadata, self->session, pool[0]);
		struct nexp_child child;

		if (nexp_do_fork(_metadata, &child))
			live_on(_metadata, &child, fd);
		nexp_do_hear(_metadata, &child);
		kill(child.pid, SIGKILL);
		ASSERT_TRUE(nexp_becomes(heap_is_back(self->session, pool[0])))
			TH_LOG("round %d", i);
		close(fd);
		nexp_child_end(&child);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_LT(0, f.fed);
	for (i = 0; i < 2; i++) {
		stat = nexp_do_stat(_metadata, self->session, pool[i]);
		EXPECT_EQ(f.fed, stat.out_sum.seen);
		EXPECT_EQ(f.fed, stat.out_sum.delivered);
	}
}

TEST_HARNESS_MAIN
