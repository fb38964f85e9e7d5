// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl_fuzz - random programs of ioctls and mappings against the module
 *
 * ioctl_fuzz [-s SEED] [-n NUMBER] [FILE]...
 *
 * Runs the programs in the files, then NUMBER of its own making, and looks after
 * each whether what must hold does: every answer is one that the header knows,
 * frames add up, memory that is given back is no longer counted, everything is
 * gone when all files are closed, and the module still works. The first program
 * that ends otherwise is printed, ready to be kept in corpus/, and the fuzzer
 * fails. The first program of SEED + 1 is the second one of SEED, so that
 * each can be made alone; what workers do together differs from run to run.
 */
#include "steps.h"

#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

#define FUZZ_PATIENCE_MS	(6 * NEXP_PATIENCE_MS)

static struct fuzz_shared *shared;
static int session;	/* the fuzzer's own */
static int own_fds;	/* files from here on are the workers' */

/* Few enough that workers run out of them now and then. */
#define FUZZ_NR_FILES		64

/* No step has this number. */
#define FUZZ_NO_TURN		(~0U)

/* Steps of the dead are passed over. */
static void pass_turn(const struct fuzz_program *program, unsigned int step)
{
	while (step < program->nr_steps &&
	       __atomic_load_n(&shared->dead[program->steps[step].who], __ATOMIC_RELAXED))
		step++;
	__atomic_store_n(&shared->turn, step, __ATOMIC_RELEASE);
	syscall(SYS_futex, &shared->turn, FUTEX_WAKE, FUZZ_NR_WORKERS, NULL);
}

static void wait_turn(unsigned int step)
{
	__u32 turn;

	while ((turn = __atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE)) != step)
		syscall(SYS_futex, &shared->turn, FUTEX_WAIT, turn, NULL);
}

/* Until all workers are there and know each other. */
static void wait_begin(void)
{
	while (__atomic_load_n(&shared->turn, __ATOMIC_ACQUIRE) == FUZZ_NO_TURN)
		syscall(SYS_futex, &shared->turn, FUTEX_WAIT, FUZZ_NO_TURN, NULL);
}

static void do_step(struct fuzz_worker *w)
{
	const struct fuzz_step *step = &w->program->steps[w->step];

	if (!sigsetjmp(fuzz_env, 1))
		fuzz_steps[step->op](w, step->arg);
	__atomic_add_fetch(&shared->steps, 1, __ATOMIC_RELAXED);
}

static void work(struct fuzz_worker *w)
{
	struct sigaction act = { .sa_handler = fuzz_on_fault };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGBUS, &act, NULL);
	sigaction(SIGSEGV, &act, NULL);
	wait_begin();
	for (w->step = 0; w->step < w->program->nr_steps; w->step++) {
		if (w->program->steps[w->step].who != w->who)
			continue;
		if (!w->program->together)
			wait_turn(w->step);
		do_step(w);
		if (!w->program->together)
			pass_turn(w->program, w->step + 1);
		if (__atomic_load_n(&shared->dead[w->who], __ATOMIC_RELAXED))
			raise(SIGKILL);
	}
	_exit(0);
}

/* False if a worker does not come to its end. */
static bool run(const struct fuzz_program *program)
{
	unsigned int i;

	memset(shared, 0, sizeof(*shared));
	memset(shared->fds, -1, sizeof(shared->fds));
	memset(shared->programs, -1, sizeof(shared->programs));
	memset(shared->injectors, -1, sizeof(shared->injectors));
	shared->turn = FUZZ_NO_TURN;
	for (i = 0; i < FUZZ_NR_WORKERS; i++) {
		pid_t pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);

		if (!pid) {
			fuzz_self.program = program;
			fuzz_self.who = i;
			work(&fuzz_self);
		}
		shared->pids[i] = pid;
	}
	pass_turn(program, 0);
	/* The children of those that were killed are ours now, too. */
	return nexp_becomes_within(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD,
				   FUZZ_PATIENCE_MS);
}

static bool next_pool(struct netexpert_pool_stat *stat)
{
	stat->size = sizeof(*stat);
	stat->flags = NETEXPERT_STAT_NEXT;
	return !__nexp_ioctl(session, NETEXPERT_IOC_POOL_STAT, stat);
}

static bool frames_add_up(void)
{
	struct netexpert_pool_stat stat = {};
	int i;

	while (next_pool(&stat)) {
		__u64 sum = stat.out_sum.filtered + stat.out_sum.delivered;

		for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
			sum += stat.out_sum.dropped[i];
		if (sum != stat.out_sum.seen || stat.out_heap_bytes > stat.out_heap_size ||
		    stat.out_heap_bytes > stat.out_heap_peak)
			return false;
	}
	return true;
}

/* All experts are dead, and only sessions are open. */
static bool has_settled(void)
{
	struct netexpert_pool_stat stat = {};

	while (next_pool(&stat))
		if (stat.out_state != NETEXPERT_POOL_IDLE &&
		    stat.out_state != NETEXPERT_POOL_FROZEN)
			return false;
	return true;
}

static void close_all_but_sessions(void)
{
	struct netexpert_info info;
	int fd;

	for (fd = own_fds; fd < FUZZ_NR_FILES; fd++)
		if (__nexp_do_info(fd, &info))
			close(fd);
}

static __u64 heap_bytes(void)
{
	struct netexpert_pool_stat stat = {};
	__u64 sum = 0;

	while (next_pool(&stat))
		sum += stat.out_heap_bytes;
	return sum;
}

static __u64 all_bytes(void)
{
	struct netexpert_info info;

	return __nexp_do_info(session, &info) ? ~0ULL : info.out_bytes;
}

/* What pools count is what the module counts. */
static bool heaps_are_counted_once(void)
{
	struct netexpert_pool_stat stat = {};
	__u64 before = all_bytes(), heaps = heap_bytes();
	int fd;

	while (next_pool(&stat))
		for (fd = own_fds; fd < FUZZ_NR_FILES; fd++)
			__nexp_do_reclaim(fd, stat.pool_id);
	if (!nexp_becomes(has_settled()) || heap_bytes())
		return false;
	return all_bytes() == before - heaps;
}

/* So is what sessions count. */
static bool sessions_are_counted_once(void)
{
	struct netexpert_info info = {};
	__u64 sum = 0;
	int fd;

	/* Whatever is open: a killed worker may have forgotten one. */
	for (fd = own_fds; fd < FUZZ_NR_FILES; fd++)
		if (!__nexp_do_info(fd, &info))
			sum += info.out_session_bytes;
	return sum == all_bytes();
}

static int module_users(void)
{
	FILE *file = fopen("/sys/module/netexpert/refcnt", "re");
	int users = -1;

	if (!file || fscanf(file, "%d", &users) != 1)
		users = -1;
	if (file)
		fclose(file);
	return users;
}

static bool everything_is_gone(int users)
{
	struct netexpert_info info;

	return !__nexp_do_info(session, &info) && !info.out_nr_pools && !info.out_bytes &&
	       module_users() == users;
}

/* An expert of our own lives a short life. */
static bool still_works(void)
{
	struct netexpert_pool_create create = nexp_pool_args();
	struct netexpert_attach attach;
	unsigned char *heap;
	bool works;
	int fd;

	if (__nexp_do_pool(session, &create))
		return false;
	fd = __nexp_do_open(session, create.out_pool_id);
	if (fd < 0 || __nexp_do_attach(fd, &attach) || __nexp_do_commit(fd, 0, 16 * PAGE))
		return false;
	heap = __nexp_do_map(fd, NETEXPERT_MAP_HEAP, 16 * PAGE, PROT_READ | PROT_WRITE);
	if (heap == MAP_FAILED)
		return false;
	works = !heap[0] && !heap[16 * PAGE - 1];
	memset(heap, 1, 16 * PAGE);
	munmap(heap, 16 * PAGE);
	works = works && !__nexp_do_punch(fd, 0, 16 * PAGE);
	works = !__nexp_do_destroy(session, create.out_pool_id) && works;
	close(fd);
	return works;
}

/* NULL, or what is wrong. */
static const char *try(const struct fuzz_program *program, int users)
{
	if (!run(program))
		return "a worker hangs";
	if (shared->wrong.err)
		return "an answer is not one of the header's";
	close_all_but_sessions();
	if (!nexp_becomes(has_settled()))
		return "a pool does not come to rest";
	if (!frames_add_up())
		return "counters of a pool do not add up";
	if (!sessions_are_counted_once())
		return "the sessions' bytes are not the module's";
	if (!heaps_are_counted_once())
		return "bytes that came back are counted, or the other way round";
	syscall(SYS_close_range, own_fds, ~0U, 0);
	if (!nexp_becomes(everything_is_gone(users)))
		return "something is left";
	return still_works() ? NULL : "it does not work any more";
}

/* The kernel's log tells what ran if the kernel does not come back. */
static void announce(const char *what, __u64 number)
{
	int kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char line[128];

	snprintf(line, sizeof(line), "ioctl_fuzz: %s %llu\n", what, number);
	if (kmsg < 0 || write(kmsg, line, strlen(line)) < 0)
		perror("ioctl_fuzz: /dev/kmsg");
	close(kmsg);
}

static bool fine(const struct fuzz_program *program, int users, const char *what,
		 __u64 number)
{
	const char *wrong;

	announce(what, number);
	wrong = try(program, users);
	if (!wrong)
		return true;
	printf("# %s %llu: %s\n", what, number, wrong);
	if (shared->wrong.err)
		printf("# step %u: %s\n", shared->wrong.step, strerror(shared->wrong.err));
	fuzz_print(stdout, program);
	return false;
}

static bool replay(const char *path, int users)
{
	static struct fuzz_program program;
	FILE *file = fopen(path, "re");
	int line;

	if (!file) {
		fprintf(stderr, "ioctl_fuzz: %s: %s\n", path, strerror(errno));
		return false;
	}
	line = fuzz_parse(file, &program);
	fclose(file);
	if (line) {
		fprintf(stderr, "ioctl_fuzz: %s:%d: no step of a program\n", path, line);
		return false;
	}
	return fine(&program, users, path, 0);
}

static bool set_up(void)
{
	const struct rlimit files = { FUZZ_NR_FILES, FUZZ_NR_FILES };

	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fuzz_self.shared = shared;
	fuzz_self.scratch = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fuzz_self.zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	fuzz_self.file = memfd_create("ioctl_fuzz", MFD_CLOEXEC);
	session = __nexp_do_session();
	own_fds = dup(session);
	close(own_fds);
	return shared != MAP_FAILED && fuzz_self.scratch != MAP_FAILED &&
	       !mprotect(fuzz_self.scratch + 2 * PAGE, PAGE, PROT_NONE) &&
	       fuzz_self.zero >= 0 && fuzz_self.file >= 0 && session >= 0 &&
	       __nexp_kfunc_id() > 0 && own_fds > session &&
	       !setrlimit(RLIMIT_NOFILE, &files) && !prctl(PR_SET_CHILD_SUBREAPER, 1);
}

int main(int argc, char **argv)
{
	static struct fuzz_program program;
	unsigned long long seed = 0, number = 1, i;
	int option, users;

	seed = time(NULL) * 1000003ULL ^ getpid();
	while ((option = getopt(argc, argv, "s:n:")) != -1) {
		if (option == 's') {
			seed = strtoull(optarg, NULL, 0);
		} else if (option == 'n') {
			number = strtoull(optarg, NULL, 0);
		} else {
			fprintf(stderr, "usage: ioctl_fuzz [-s SEED] [-n NUMBER] [FILE]...\n");
			return 2;
		}
	}
	if (!set_up()) {
		fprintf(stderr, "ioctl_fuzz: cannot set up: %s\n", strerror(errno));
		return 1;
	}
	users = module_users();
	for (; optind < argc; optind++)
		if (!replay(argv[optind], users))
			return 1;
	printf("# ioctl_fuzz -s %llu -n %llu\n", seed, number);
	fflush(stdout);
	for (i = 0; i < number; i++) {
		__u64 state = seed + i;

		fuzz_generate(&program, fuzz_random(&state));
		if (!fine(&program, users, "seed", seed + i))
			return 1;
	}
	return 0;
}
