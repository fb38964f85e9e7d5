/* SPDX-License-Identifier: GPL-2.0 */
/*
 * worker - the processes of the fuzzer, what they share and what each has
 *
 * Workers share their open files, so that each can use what another one opened,
 * and a page of memory with what was opened where. Each has an address space of
 * its own, and in it an arena for windows: nothing else is mapped, remapped or
 * unmapped, so that a worker spoils its windows and never itself.
 */
#ifndef NEXP_FUZZ_WORKER_H
#define NEXP_FUZZ_WORKER_H

#include "../feed.h"
#include "../filters.h"
#include "program.h"

#define PAGE		4096UL
#define MIB		(1UL << 20)

/* Where mmap() by itself puts nothing. */
#define FUZZ_ARENA		((unsigned char *)0x100000000000)
#define FUZZ_ARENA_PAGES	1024UL

#define FUZZ_NR_SESSIONS	2
#define FUZZ_NR_POOLS		4
#define FUZZ_NR_ATTACHMENTS	4
#define FUZZ_NR_VIEWS		2
#define FUZZ_NR_FDS		(FUZZ_NR_SESSIONS + FUZZ_NR_ATTACHMENTS + FUZZ_NR_VIEWS)

/**
 * struct fuzz_shared - what all processes see
 * @fds: files by kind; -1: none. Whoever takes one out closes it.
 * @programs: BPF programs that deliver to the pool beside them; -1: none.
 * @injectors: of the pool beside them; -1: none.
 * @pools: ids.
 * @owners: session of each, as an index, when it was made.
 * @turn: the step that may be done, when workers take turns.
 * @dead: workers that were told to die.
 * @pids: of the workers.
 * @steps: steps done.
 * @wrong: the first answer that the header does not promise, with its step.
 */
struct fuzz_shared {
	union {
		int fds[FUZZ_NR_FDS];
		struct {
			int sessions[FUZZ_NR_SESSIONS];
			int attachments[FUZZ_NR_ATTACHMENTS];
			int views[FUZZ_NR_VIEWS];
		};
	};
	int programs[FUZZ_NR_POOLS];
	int injectors[FUZZ_NR_POOLS];
	__u64 pools[FUZZ_NR_POOLS];
	unsigned int owners[FUZZ_NR_POOLS];
	__u32 turn;
	int dead[FUZZ_NR_WORKERS];
	pid_t pids[FUZZ_NR_WORKERS];
	__u64 steps;
	struct {
		int err;
		unsigned int step;
	} wrong;
};

/**
 * struct fuzz_worker - one process
 * @shared: with the others.
 * @program: what is run.
 * @who: which worker this is.
 * @step: the step that is done.
 * @is_child: a child of a worker, which ends where a worker goes on.
 * @scratch: three pages for arguments; the last cannot be accessed.
 * @zero: an endless file.
 * @file: a file in memory.
 */
struct fuzz_worker {
	struct fuzz_shared *shared;
	const struct fuzz_program *program;
	unsigned int who;
	unsigned int step;
	bool is_child;
	unsigned char *scratch;
	int zero;
	int file;
};

static const __u64 fuzz_edges[] = {
	0, 1, PAGE - 1, PAGE, PAGE + 1, 15 * PAGE, 16 * PAGE, 17 * PAGE, MIB - PAGE, MIB,
	MIB + PAGE, 4 * MIB, 1ULL << 31, (1ULL << 32) - PAGE, 1ULL << 32,
	(1ULL << 32) + PAGE, 64ULL << 30, 1ULL << 40, 1ULL << 56, (1ULL << 63) - PAGE,
	1ULL << 63, -(__u64)MIB, -(__u64)PAGE, ~0ULL,
};

/* Whole pages of the first MiB most of the time. */
static inline __u64 fuzz_scalar(__u32 a)
{
	switch (a & 15) {
	case 0:
		return fuzz_edges[(a >> 4) % (sizeof(fuzz_edges) / sizeof(fuzz_edges[0]))];
	case 1:
		return a >> 4;
	default:
		return (a >> 4) % 256 * PAGE;
	}
}

/* A run of the arena's pages. */
static inline unsigned char *fuzz_run(__u32 a, size_t *length)
{
	size_t first = a % FUZZ_ARENA_PAGES, nr = 1 + (a >> 10) % 64;

	if (nr > FUZZ_ARENA_PAGES - first)
		nr = FUZZ_ARENA_PAGES - first;
	*length = nr * PAGE;
	return FUZZ_ARENA + first * PAGE;
}

static inline int fuzz_fd(const int *slot)
{
	return __atomic_load_n(slot, __ATOMIC_RELAXED);
}

/* Puts a file into a slot; what was there is closed. */
static inline void fuzz_put(int *slot, int fd)
{
	int old = __atomic_exchange_n(slot, fd, __ATOMIC_RELAXED);

	if (old >= 0)
		close(old);
}

/* One of @nr files of the right kind, and sometimes any. */
static inline int fuzz_pick_fd(struct fuzz_worker *w, const int *slots, unsigned int nr,
			       __u32 a)
{
	if ((a >> 16) % 32 == 0)
		return fuzz_fd(&w->shared->fds[a % FUZZ_NR_FDS]);
	return fuzz_fd(&slots[a % nr]);
}

static inline int fuzz_session(struct fuzz_worker *w, __u32 a)
{
	return fuzz_pick_fd(w, w->shared->sessions, FUZZ_NR_SESSIONS, a);
}

static inline int fuzz_attachment(struct fuzz_worker *w, __u32 a)
{
	return fuzz_pick_fd(w, w->shared->attachments, FUZZ_NR_ATTACHMENTS, a);
}

/* A pool, and with it its session; sometimes another one, or no pool at all. */
static inline __u64 fuzz_pool(struct fuzz_worker *w, __u32 a, int *session)
{
	unsigned int slot = a % FUZZ_NR_POOLS;
	__u64 id = __atomic_load_n(&w->shared->pools[slot], __ATOMIC_RELAXED);

	*session = (a >> 8) % 16 ? fuzz_fd(&w->shared->sessions[w->shared->owners[slot]]) :
				   fuzz_session(w, a >> 12);
	return (a >> 20) % 32 ? id : id ^ 1ULL << (a >> 25) % 64;
}

/* What the header promises of ioctls, with what the VFS says of closed files. */
static inline bool fuzz_errno_is_promised(int err)
{
	static const int promised[] = {
		0, EINVAL, E2BIG, EOPNOTSUPP, EFAULT, ENOTTY, ENOENT, ESTALE, EPERM,
		ENOMEM, EDQUOT, EINTR, EBUSY, ENOSPC, EMFILE, ENFILE, ENODATA, EBADF,
	};
	size_t i;

	for (i = 0; i < sizeof(promised) / sizeof(promised[0]); i++)
		if (err == promised[i])
			return true;
	return false;
}

static inline int fuzz_ioctl_raw(struct fuzz_worker *w, int fd, unsigned long command,
				 void *at)
{
	int err = -__nexp_ioctl(fd, command, at);

	if (err > 0 && !fuzz_errno_is_promised(err) && !w->shared->wrong.err) {
		w->shared->wrong.step = w->step;
		w->shared->wrong.err = err;
	}
	return -err;
}

/* How to make a call that nothing is wrong with. */
#define FUZZ_PLAIN	(31 | 1 << 8)

/*
 * Makes a call with @arg, as @how says: mostly as it is, now and then with a
 * flag or a size that is wrong, or from a place where it cannot or should not be.
 */
static inline int fuzz_ioctl(struct fuzz_worker *w, int fd, unsigned long command,
			     void *arg, size_t size, __u32 how)
{
	static const __u32 sizes[] = { 0, 4, 8, 15, 16, 24, 4095, 4096, 4097, 1U << 31, ~0U };
	unsigned char *at = w->scratch;
	__u32 *words = arg;
	size_t length;
	int ret;

	if ((how >> 8) % 16 == 0)
		words[1] ^= 1U << (how >> 12) % 32;
	switch (how % 32) {
	case 0:
		words[0] = sizes[(how >> 5) % (sizeof(sizes) / sizeof(sizes[0]))];
		break;
	case 1:
		return fuzz_ioctl_raw(w, fd, command, NULL);
	case 2:
		return fuzz_ioctl_raw(w, fd, command, (void *)0xffff888000000000);
	case 3:
		at += 2 * PAGE - 1 - (how >> 5) % (size - 1);
		return fuzz_ioctl_raw(w, fd, command, at);
	case 4:
		return fuzz_ioctl_raw(w, fd, command, fuzz_run(how >> 5, &length));
	case 5:
	case 6:
		at = fuzz_run(how >> 5, &length);
		break;
	}
	memcpy(at, arg, size);
	ret = fuzz_ioctl_raw(w, fd, command, at);
	memcpy(arg, at, size);
	return ret;
}

static struct fuzz_worker fuzz_self;
static sigjmp_buf fuzz_env;

/* A fault ends the step, and a child. */
static inline void fuzz_on_fault(int signal)
{
	if (fuzz_self.is_child)
		_exit(0);
	siglongjmp(fuzz_env, signal);
}

#endif /* NEXP_FUZZ_WORKER_H */
