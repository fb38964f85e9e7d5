// SPDX-License-Identifier: GPL-2.0
/*
 * reclaim - how long memory takes to come back from a process that is killed
 *
 * reclaim ROUNDS MIB...
 *
 * In each round, for each size, one process after the other takes that much
 * memory, writes to every page of it and is killed:
 *
 *   expert       a pool's heap, committed 64 KiB at a time as the library does
 *   expert-once  the same, committed in one go
 *   anon-4k      private anonymous memory without huge pages: the measure
 *   anon-thp     the same with huge pages
 *   memfd        a file in memory
 *
 * Three times are taken, from just before kill(2): "noticed" and "back" are
 * the kernel's own (out_ended_ns, out_back_ns), "gone" is when the pidfd is
 * readable. Memory that is not a pool's is back when its process is gone, so
 * the ratio of each time is to "gone" of anon-4k, of the same size, in the same
 * run.
 *
 * A line of output: case, subject, MiB, least and median microseconds, ratio of
 * the least ones.
 */
#include <sys/syscall.h>

#include "../child.h"

#define MIB		(1UL << 20)
#define PAGE		4096UL
#define STEP		(64UL << 10)
#define MAX_ROUNDS	64
#define MAX_SIZES	8

/* A bound, not a measure: a memfd of 4 GiB on an emulated, busy machine. */
#define PATIENCE_MS	(10 * 60 * 1000)

enum { NOTICED, GONE, BACK, NR_CASES };

static const char *const case_names[NR_CASES] = { "noticed", "gone", "back" };

/**
 * struct subject - a kind of memory
 * @name: as printed.
 * @take: in the process that will be killed: take @size bytes, write to them.
 * @step: bytes of a commit; 0 if it is one. Pools only.
 * @pool: whether it is a pool's, which has all three times.
 */
struct subject {
	const char *name;
	void (*take)(const struct subject *subject, int fd, size_t size);
	size_t step;
	bool pool;
};

static void die(const char *what)
{
	fprintf(stderr, "reclaim: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void touch(volatile unsigned char *memory, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += PAGE)
		memory[i] = 1;
}

static void *map(int fd, __u64 offset, size_t size, int flags)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, offset);

	if (memory == MAP_FAILED)
		die("mmap");
	return memory;
}

static void take_heap(const struct subject *subject, int fd, size_t size)
{
	size_t step = subject->step ?: size;
	struct netexpert_attach attach;
	unsigned char *heap;
	size_t i;

	errno = -__nexp_do_attach(fd, &attach);
	if (errno)
		die("ATTACH");
	heap = map(fd, NETEXPERT_MAP_HEAP, size, MAP_SHARED);
	for (i = 0; i < size; i += step) {
		errno = -__nexp_do_commit(fd, i, step);
		if (errno)
			die("COMMIT");
		touch(heap + i, step);
	}
}

static void take_anon(const struct subject *subject, int advice, size_t size)
{
	unsigned char *memory;

	(void)subject;
	memory = map(-1, 0, size, MAP_PRIVATE | MAP_ANONYMOUS);
	if (madvise(memory, size, advice))
		die("madvise");
	touch(memory, size);
}

static void take_small(const struct subject *subject, int fd, size_t size)
{
	(void)fd;
	take_anon(subject, MADV_NOHUGEPAGE, size);
}

static void take_huge(const struct subject *subject, int fd, size_t size)
{
	(void)fd;
	take_anon(subject, MADV_HUGEPAGE, size);
}

static void take_memfd(const struct subject *subject, int fd, size_t size)
{
	(void)subject;
	fd = memfd_create("reclaim", 0);
	if (fd < 0 || ftruncate(fd, size))
		die("memfd");
	touch(map(fd, 0, size, MAP_SHARED), size);
}

static const struct subject subjects[] = {
	{ "anon-4k", take_small, 0, false },
	{ "expert", take_heap, STEP, true },
	{ "expert-once", take_heap, 0, true },
	{ "anon-thp", take_huge, 0, false },
	{ "memfd", take_memfd, 0, false },
};

#define NR_SUBJECTS	(sizeof(subjects) / sizeof(subjects[0]))

/* Nanoseconds of each round. */
static __u64 times[MAX_SIZES][NR_SUBJECTS][NR_CASES][MAX_ROUNDS];

/* A process that holds the memory; it has said so when this returns. */
static pid_t start(const struct subject *subject, int fd, size_t size)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		subject->take(subject, fd, size);
		if (write(ready[1], "", 1) != 1)
			die("write");
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1) {
		errno = ECHILD;
		die(subject->name);
	}
	close(ready[0]);
	return pid;
}

static void wait_for(int fd, short events, const char *what)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	if (poll(&pfd, 1, PATIENCE_MS) != 1) {
		errno = ETIME;
		die(what);
	}
}

/* Kills it. Answers when that began; @gone_ns is how long it took to end. */
static __u64 end(pid_t pid, __u64 *gone_ns)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	__u64 begin;

	if (pidfd < 0)
		die("pidfd_open");
	begin = now_ns();
	if (kill(pid, SIGKILL))
		die("kill");
	wait_for(pidfd, POLLIN, "the end of a process");
	*gone_ns = now_ns() - begin;
	close(pidfd);
	waitpid(pid, NULL, 0);
	return begin;
}

static __u64 open_pool(int session, size_t size, int *fd)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.heap_size = size;
	args.heap_limit = size;
	errno = -__nexp_do_pool(session, &args);
	if (errno)
		die("POOL_CREATE");
	*fd = __nexp_do_open(session, args.out_pool_id);
	if (*fd < 0)
		die("POOL_OPEN");
	return args.out_pool_id;
}

static void measure_pool(const struct subject *subject, size_t size,
			 __u64 times[NR_CASES][MAX_ROUNDS], int round)
{
	struct netexpert_pool_stat stat = { 0 };
	int session = __nexp_do_session();
	__u64 pool, begin;
	pid_t pid;
	int fd;

	if (session < 0)
		die(NEXP_DEVICE);
	pool = open_pool(session, size, &fd);
	pid = start(subject, fd, size);
	begin = end(pid, &times[GONE][round]);
	while (!stat.out_back_ns) {
		wait_for(session, POLLIN, "news of the pool");
		errno = -__nexp_do_stat(session, pool, &stat);
		if (errno)
			die("POOL_STAT");
	}
	if (stat.out_back_bytes != size || stat.out_heap_bytes) {
		errno = EBADMSG;
		die("what came back");
	}
	times[NOTICED][round] = stat.out_ended_ns - begin;
	times[BACK][round] = stat.out_back_ns - begin;
	close(fd);
	close(session);
}

static void measure(const struct subject *subject, size_t size,
		    __u64 times[NR_CASES][MAX_ROUNDS], int round)
{
	if (subject->pool)
		measure_pool(subject, size, times, round);
	else
		end(start(subject, -1, size), &times[GONE][round]);
}

static int compare(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return (x > y) - (x < y);
}

static void print(size_t mib, __u64 all[NR_SUBJECTS][NR_CASES][MAX_ROUNDS],
		  int rounds)
{
	__u64 measure_ns;
	size_t s;
	int c;

	for (s = 0; s < NR_SUBJECTS; s++)
		for (c = 0; c < NR_CASES; c++)
			qsort(all[s][c], rounds, sizeof(all[s][c][0]), compare);

	measure_ns = all[0][GONE][0];	/* anon-4k */
	for (s = 0; s < NR_SUBJECTS; s++) {
		for (c = 0; c < NR_CASES; c++) {
			if (c != GONE && !subjects[s].pool)
				continue;
			printf("%s %s %zu %.1f %.1f %.4f\n", case_names[c],
			       subjects[s].name, mib, all[s][c][0] / 1e3,
			       all[s][c][rounds / 2] / 1e3,
			       (double)all[s][c][0] / measure_ns);
		}
	}
}

static unsigned long number(const char *text, unsigned long max)
{
	char *rest;
	unsigned long value = strtoul(text, &rest, 10);

	if (*rest || !value || value > max) {
		errno = EINVAL;
		die(text);
	}
	return value;
}

int main(int argc, char **argv)
{
	size_t mib[MAX_SIZES], s;
	int rounds, round, size;

	if (argc < 3 || argc - 2 > MAX_SIZES) {
		fprintf(stderr, "usage: reclaim ROUNDS MIB...\n");
		return 2;
	}
	rounds = number(argv[1], MAX_ROUNDS);
	for (size = 0; size < argc - 2; size++)
		mib[size] = number(argv[2 + size], 1 << 20);

	/* Interleaved, so that what else the machine does hits all alike. */
	for (round = 0; round < rounds; round++)
		for (size = 0; size < argc - 2; size++)
			for (s = 0; s < NR_SUBJECTS; s++)
				measure(&subjects[s], mib[size] * MIB,
					times[size][s], round);
	for (size = 0; size < argc - 2; size++)
		print(mib[size], times[size], rounds);
	return 0;
}
