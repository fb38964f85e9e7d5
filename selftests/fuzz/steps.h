/* SPDX-License-Identifier: GPL-2.0 */
/*
 * steps - what each step of the fuzzer's programs does
 *
 * A step never waits, is as long as its numbers say at most, and whatever it is
 * answered is fine: what must hold is looked at when a program has ended.
 */
#ifndef NEXP_FUZZ_STEPS_H
#define NEXP_FUZZ_STEPS_H

#include "worker.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>

static void fuzz_step_session(struct fuzz_worker *w, const __u32 *a)
{
	fuzz_put(&w->shared->sessions[a[0] % FUZZ_NR_SESSIONS], __nexp_do_session());
}

/* Sessions seldom: everything goes with them. */
static void fuzz_step_close(struct fuzz_worker *w, const __u32 *a)
{
	unsigned int first = (a[1] & 7) ? FUZZ_NR_SESSIONS : 0;

	fuzz_put(&w->shared->fds[first + a[0] % (FUZZ_NR_FDS - first)], -1);
}

static void fuzz_step_create(struct fuzz_worker *w, const __u32 *a)
{
	static const __u32 rings[] = { 1, 1, 1, 2, 2, 4, 0, 0, 16, 256, 257, ~0U };
	static const __u64 ring_sizes[] = { PAGE, PAGE, 4 * PAGE, 16 * PAGE, 0, PAGE + 8 };
	static const __u64 heaps[] = { MIB, MIB, MIB, 16 * PAGE, PAGE, 4 * MIB, 64 * MIB, 0, 1 };
	unsigned int slot = a[1] % FUZZ_NR_POOLS;
	struct netexpert_pool_create create = nexp_pool_args();
	int session = fuzz_session(w, a[0]);

	create.nr_rings = rings[(a[2] & 31) % (sizeof(rings) / sizeof(rings[0]))];
	create.ring_size = ring_sizes[(a[2] >> 5 & 31) %
				      (sizeof(ring_sizes) / sizeof(ring_sizes[0]))];
	create.heap_size = heaps[(a[2] >> 10 & 31) % (sizeof(heaps) / sizeof(heaps[0]))];
	/* Once in a while the largest there is; its table alone is 128 MiB. */
	if (a[3] && a[3] % 256 == 0)
		create.heap_size = 64ULL << 30;
	create.heap_limit = create.heap_size > 4 * MIB ? 4 * MIB : create.heap_size;
	if ((a[3] >> 8) % 8 == 1)
		create.heap_limit = fuzz_scalar(a[3] >> 11);
	create.flags = (a[2] >> 16) % 4 == 1 ? NETEXPERT_POOL_POSTMORTEM : 0;
	create.history_size = (a[2] >> 18) % 4 == 1 ? PAGE / 2 : 0;
	create.snaplen = (a[2] >> 20) % 4 == 1 ? a[2] >> 22 : 0;
	create.wake_usecs = (a[2] >> 24) % 4 == 1 ? 100 : 0;
	if (!fuzz_ioctl(w, session, NETEXPERT_IOC_POOL_CREATE, &create, sizeof(create),
			a[4] ?: FUZZ_PLAIN)) {
		w->shared->owners[slot] = a[0] % FUZZ_NR_SESSIONS;
		__atomic_store_n(&w->shared->pools[slot], create.out_pool_id,
				 __ATOMIC_RELAXED);
		fuzz_put(&w->shared->programs[slot], -1);
		fuzz_put(&w->shared->injectors[slot], -1);
	}
}

static void fuzz_step_open(struct fuzz_worker *w, const __u32 *a)
{
	struct netexpert_pool_open open = { .size = sizeof(open) };
	int session;

	open.pool_id = fuzz_pool(w, a[0] ?: 1 << 8 | 1 << 20, &session);
	if (!fuzz_ioctl(w, session, NETEXPERT_IOC_POOL_OPEN, &open, sizeof(open),
			a[2] ?: FUZZ_PLAIN))
		fuzz_put(&w->shared->attachments[a[1] % FUZZ_NR_ATTACHMENTS], open.out_fd);
}

static void fuzz_step_ref(struct fuzz_worker *w, const __u32 *a)
{
	static const unsigned long commands[] = {
		NETEXPERT_IOC_POOL_RECLAIM, NETEXPERT_IOC_POOL_RECLAIM,
		NETEXPERT_IOC_POOL_RECLAIM, NETEXPERT_IOC_POOL_FREEZE,
		NETEXPERT_IOC_POOL_FREEZE, NETEXPERT_IOC_POOL_TERMINATE,
		NETEXPERT_IOC_POOL_DESTROY,
	};
	struct netexpert_pool_ref ref = { .size = sizeof(ref) };
	int session;

	ref.pool_id = fuzz_pool(w, a[0], &session);
	fuzz_ioctl(w, session, commands[a[1] % (sizeof(commands) / sizeof(commands[0]))],
		   &ref, sizeof(ref), a[2]);
}

static void fuzz_step_stat(struct fuzz_worker *w, const __u32 *a)
{
	struct netexpert_pool_stat stat = { .size = sizeof(stat), .nr_rings = a[3] % 300 };
	size_t length;
	int fd;

	stat.pool_id = fuzz_pool(w, a[0], &fd);
	if (a[1] & 1) {
		fd = fuzz_attachment(w, a[1] >> 1);
		stat.pool_id = 0;
	} else if (a[1] & 2) {
		stat.flags = NETEXPERT_STAT_NEXT;
	}
	if (a[3] & 1 << 16)
		stat.rings = (uintptr_t)fuzz_run(a[4], &length);
	else if (a[3] & 1 << 17)
		stat.rings = (uintptr_t)w->scratch + PAGE;
	if (a[3] & 1 << 18)
		stat.filter_text = (uintptr_t)fuzz_run(a[4], &length);
	stat.filter_text_size = a[3] >> 19;
	fuzz_ioctl(w, fd, NETEXPERT_IOC_POOL_STAT, &stat, sizeof(stat), a[2]);
}

static void fuzz_step_info(struct fuzz_worker *w, const __u32 *a)
{
	struct netexpert_info info = { .size = sizeof(info) };

	fuzz_ioctl(w, fuzz_session(w, a[0]), NETEXPERT_IOC_INFO, &info, sizeof(info), a[1]);
}

static void fuzz_step_limit(struct fuzz_worker *w, const __u32 *a)
{
	struct netexpert_session_limit all = { .size = sizeof(all) };
	struct netexpert_pool_limit one = { .size = sizeof(one) };
	int session;

	one.pool_id = fuzz_pool(w, a[0], &session);
	one.heap_limit = fuzz_scalar(a[1]);
	if (a[3] & 3) {
		fuzz_ioctl(w, session, NETEXPERT_IOC_POOL_LIMIT, &one, sizeof(one), a[2]);
		return;
	}
	all.max_bytes = (a[3] & 4) ? 0 : fuzz_scalar(a[1]);
	fuzz_ioctl(w, session, NETEXPERT_IOC_SESSION_LIMIT, &all, sizeof(all), a[2]);
}

#define FUZZ_MAX_INSNS	8

/* Mostly a program that the kernel takes: what a filter does, and then a number. */
static void fuzz_make_program(struct sock_filter *insns, __u64 *state)
{
	static const __u32 loads[] = {
		0, 12, 14, 2000, SKF_AD_OFF + SKF_AD_VLAN_TAG, SKF_AD_OFF + SKF_AD_PKTTYPE,
		SKF_AD_OFF + SKF_AD_PAY_OFFSET, SKF_AD_OFF + SKF_AD_NLATTR, SKF_NET_OFF,
		SKF_LL_OFF, ~0U, 1U << 31,
	};
	static const __u16 codes[] = {
		BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_B | BPF_ABS,
		BPF_LD | BPF_B | BPF_IND, BPF_LDX | BPF_B | BPF_MSH,
	};
	const size_t nr_loads = sizeof(loads) / sizeof(loads[0]);
	const size_t nr_codes = sizeof(codes) / sizeof(codes[0]);
	int i;

	for (i = 0; i < FUZZ_MAX_INSNS - 2; i++) {
		insns[i].code = codes[fuzz_random(state) % nr_codes];
		insns[i].k = loads[fuzz_random(state) % nr_loads];
		insns[i].jt = 0;
		insns[i].jf = 0;
		if (fuzz_random(state) % 16 == 0)
			insns[i].code = fuzz_random(state);
	}
	insns[i++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1);
	insns[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	if (fuzz_random(state) & 1)
		insns[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, fuzz_random(state));
}

static void fuzz_step_filter(struct fuzz_worker *w, const __u32 *a)
{
	static const __u16 types[] = { NEXP_FEED_LINK_TYPE, ARPHRD_ETHER, ARPHRD_NONE };
	static const __u32 numbers[] = { 1, 1, 1, 2, 3, 0, NETEXPERT_MAX_PROGRAMS, 17, ~0U };
	struct sock_filter insns[3][FUZZ_MAX_INSNS];
	struct netexpert_program programs[NETEXPERT_MAX_PROGRAMS] = {};
	struct netexpert_pool_filter args = { .size = sizeof(args) };
	__u64 state = a[1];
	size_t length;
	int session, i;

	for (i = 0; i < 3; i++) {
		fuzz_make_program(insns[i], &state);
		programs[i] = NEXP_PROGRAM(types[fuzz_random(&state) % 8 ? i : 0], insns[i]);
		if (fuzz_random(&state) % 16 == 0)
			programs[i].nr_insns = fuzz_random(&state);
	}
	args.pool_id = fuzz_pool(w, a[0], &session);
	args.nr_programs = numbers[(a[3] & 31) % (sizeof(numbers) / sizeof(numbers[0]))];
	args.programs = args.nr_programs ? (uintptr_t)programs : 0;
	if (args.nr_programs && a[3] & 32) {
		args.text = (uintptr_t)"some words";
		args.text_size = sizeof("some words");
	}
	if ((a[3] >> 6) % 16 == 1)
		args.programs = (uintptr_t)fuzz_run(a[4], &length);
	if ((a[3] >> 10) % 16 == 1)
		programs[0].insns = (uintptr_t)fuzz_run(a[4], &length);
	if ((a[3] >> 14) % 16 == 1)
		args.text = (uintptr_t)fuzz_run(a[4], &length);
	if ((a[3] >> 18) % 16 == 1)
		args.text_size = a[4];
	fuzz_ioctl(w, session, NETEXPERT_IOC_POOL_FILTER, &args, sizeof(args), a[2]);
}

static void fuzz_step_view(struct fuzz_worker *w, const __u32 *a)
{
	struct netexpert_pool_view view = { .size = sizeof(view) };
	int session;

	view.pool_id = fuzz_pool(w, a[0], &session);
	if (!fuzz_ioctl(w, session, NETEXPERT_IOC_POOL_VIEW, &view, sizeof(view), a[2]))
		fuzz_put(&w->shared->views[a[1] % FUZZ_NR_VIEWS], view.out_fd);
}

static __u64 fuzz_offset(__u32 which, __u32 scalar)
{
	switch (which % 16) {
	case 0:
		return NETEXPERT_MAP_STATUS + fuzz_scalar(scalar);
	case 1:
	case 2:
		return NETEXPERT_MAP_CONSUMER + fuzz_scalar(scalar);
	case 3:
	case 4:
		return NETEXPERT_MAP_RING(which >> 4 & 3) + fuzz_scalar(scalar);
	case 5:
		return NETEXPERT_MAP_RING(which >> 4 & 0xffff) + fuzz_scalar(scalar);
	case 6:
		return (__u64)which << 48 | fuzz_scalar(scalar);
	default:
		return NETEXPERT_MAP_HEAP + fuzz_scalar(scalar);
	}
}

static void fuzz_step_read_view(struct fuzz_worker *w, const __u32 *a)
{
	int fd = fuzz_pick_fd(w, w->shared->views, FUZZ_NR_VIEWS, a[0]);
	__u64 offset = fuzz_offset(a[1], a[2]);
	size_t length;
	void *run = fuzz_run(a[4], &length);

	switch (a[3] % 8) {
	case 0:
		lseek(fd, offset, (a[3] >> 3) % 6);
		break;
	case 1:
		lseek(fd, offset, SEEK_DATA);
		break;
	case 2:
		lseek(fd, offset, SEEK_HOLE);
		break;
	case 3:
		if (read(fd, w->scratch, (a[3] >> 3) % (3 * PAGE)) < 0)
			return;
		break;
	case 4:
		/* Into a window, of the same pool perhaps. */
		if (pread(fd, run, length, offset) < 0)
			return;
		break;
	default:
		if (pread(fd, w->scratch, (a[3] >> 3) % (2 * PAGE), offset) < 0)
			return;
	}
}

static void fuzz_step_attach(struct fuzz_worker *w, const __u32 *a)
{
	struct netexpert_attach attach = { .size = sizeof(attach) };

	fuzz_ioctl(w, fuzz_attachment(w, a[0] ?: 1 << 16), NETEXPERT_IOC_ATTACH, &attach,
		   sizeof(attach), a[1] ?: FUZZ_PLAIN);
}

static void fuzz_step_range(struct fuzz_worker *w, const __u32 *a)
{
	struct netexpert_range range = { .size = sizeof(range) };
	unsigned long command = a[1] % 5 < 3 ? NETEXPERT_IOC_COMMIT : NETEXPERT_IOC_PUNCH;

	range.offset = fuzz_scalar(a[2] ?: 2);
	range.length = fuzz_scalar(a[3] ?: 16 << 4 | 2);
	fuzz_ioctl(w, fuzz_attachment(w, a[0] ?: 1 << 16), command, &range, sizeof(range),
		   a[4] ?: FUZZ_PLAIN);
}

/* Numbers as they come, on any file. */
static void fuzz_step_any_ioctl(struct fuzz_worker *w, const __u32 *a)
{
	union {
		__u32 size;
		__u64 words[64];
	} arg;
	__u64 state = a[2];
	size_t i;

	for (i = 0; i < 64; i++)
		arg.words[i] = fuzz_random(&state) & 1 ? fuzz_scalar(state) : 0;
	arg.words[0] = 1 + a[3] % sizeof(arg);
	fuzz_ioctl(w, fuzz_fd(&w->shared->fds[a[0] % FUZZ_NR_FDS]),
		   _IO(NETEXPERT_IOC_MAGIC, a[1] % 24), &arg, sizeof(arg), a[4]);
}

static void fuzz_step_mmap(struct fuzz_worker *w, const __u32 *a)
{
	__u64 offset = fuzz_offset(a[1] ?: 7, a[2] ?: 2) & ~(PAGE - 1);
	bool writable = offset >> 56 == 3 || offset >> 56 == 1;
	int prot = PROT_READ | (writable ? PROT_WRITE : 0);
	int flags = MAP_SHARED | MAP_FIXED;
	size_t length;
	void *at = fuzz_run(a[3] ?: 15 << 10, &length);

	if (a[4] % 8 == 1)
		prot = a[4] >> 3 & 7;
	if (a[4] % 16 == 2)
		flags = MAP_PRIVATE | MAP_FIXED;
	if (a[4] % 16 == 3)
		flags |= MAP_POPULATE | MAP_LOCKED;
	mmap(at, length, prot, flags, fuzz_attachment(w, a[0] ?: 1 << 16), offset);
}

static void fuzz_step_munmap(struct fuzz_worker *w, const __u32 *a)
{
	size_t length;
	void *at = fuzz_run(a[0], &length);

	(void)w;
	munmap(at, length);
}

static void fuzz_step_mremap(struct fuzz_worker *w, const __u32 *a)
{
	static const int flags[] = {
		0, MREMAP_MAYMOVE | MREMAP_FIXED, MREMAP_MAYMOVE | MREMAP_FIXED,
		MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
	};
	size_t from_length, to_length;
	void *from = fuzz_run(a[0], &from_length), *to = fuzz_run(a[1], &to_length);

	(void)w;
	/* The new place stays in the arena. */
	if (a[2] & 4 && from_length < to_length)
		to_length = from_length;
	mremap(from, from_length, to_length, flags[a[2] & 3], to);
}

static void fuzz_step_mprotect(struct fuzz_worker *w, const __u32 *a)
{
	size_t length;
	void *at = fuzz_run(a[0], &length);

	(void)w;
	mprotect(at, length, a[1] & 1 ? PROT_READ | PROT_WRITE : a[1] >> 1 & 7);
}

static void fuzz_step_madvise(struct fuzz_worker *w, const __u32 *a)
{
	/* HWPOISON and SOFT_OFFLINE would be for good, if they were for anything. */
	size_t length;
	void *at = fuzz_run(a[0], &length);

	(void)w;
	madvise(at, length, a[1] % 26);
}

static void fuzz_step_mlock(struct fuzz_worker *w, const __u32 *a)
{
	size_t length;
	void *at = fuzz_run(a[0], &length);

	(void)w;
	if (a[1] & 1)
		mlock(at, length);
	else
		munlock(at, length);
}

static void fuzz_touch(const __u32 *a)
{
	size_t length, i;
	volatile unsigned char *at = fuzz_run(a[0], &length);

	for (i = 0; i < length; i += PAGE) {
		unsigned char byte = at[i];

		if (a[1] & 1)
			at[i] = byte + 1;
	}
}

static void fuzz_step_touch(struct fuzz_worker *w, const __u32 *a)
{
	(void)w;
	fuzz_touch(a);
}

/* The kernel touches: holes are errors, not signals. */
static void fuzz_step_copy(struct fuzz_worker *w, const __u32 *a)
{
	size_t length;
	void *at = fuzz_run(a[0], &length);
	struct iovec remote = { at, length }, local = { w->scratch, 2 * PAGE };
	ssize_t ret = 0;

	switch (a[1] % 4) {
	case 0:
		ret = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
		break;
	case 1:
		ret = pwrite(w->file, at, length, 0);
		break;
	default:
		ret = read(w->zero, at, length);
	}
	if (ret < 0)
		return;
}

/* Words into the consumer window: anything, or nearly right. */
static void fuzz_step_scribble(struct fuzz_worker *w, const __u32 *a)
{
	volatile __u64 *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				  fuzz_attachment(w, a[0]), NETEXPERT_MAP_CONSUMER);
	__u64 state = a[1];
	int i;

	if (at == MAP_FAILED)
		return;
	for (i = 0; i < 8; i++)
		at[a[2] % 64 * 8] = (a[3] & 1) ? fuzz_random(&state) : a[3] % 1024 * 8;
	munmap((void *)at, PAGE);
}

static void fuzz_step_poll(struct fuzz_worker *w, const __u32 *a)
{
	struct pollfd pfd = { .events = a[1] };

	pfd.fd = fuzz_fd(&w->shared->fds[a[0] % FUZZ_NR_FDS]);
	poll(&pfd, 1, 0);
}

static void fuzz_step_feed(struct fuzz_worker *w, const __u32 *a)
{
	struct nexp_feed feed = { .snaplen = (a[3] & 7) ? 0 : a[3] >> 3 };
	unsigned int slot = a[0] % FUZZ_NR_POOLS;
	struct nexp_frame frame;

	LIBBPF_OPTS(bpf_test_run_opts, opts);

	feed.pool_id = __atomic_load_n(&w->shared->pools[slot], __ATOMIC_RELAXED);
	if (fuzz_fd(&w->shared->programs[slot]) < 0)
		fuzz_put(&w->shared->programs[slot], __nexp_do_load(&feed));
	nexp_frame_make(&frame, a[2]);
	opts.data_in = &frame;
	opts.data_size_in = NEXP_FEED_MIN + a[2] % (NEXP_FEED_MAX - NEXP_FEED_MIN);
	opts.repeat = 1 + a[1] % 32;
	bpf_prog_test_run_opts(fuzz_fd(&w->shared->programs[slot]), &opts);
}

static void fuzz_on_alarm(int signal)
{
	(void)signal;
}

/* For as long as there is room, or until somebody looks at the clock. */
static void fuzz_inject(struct fuzz_worker *w, int injector, const __u32 *a)
{
	static const __u16 types[] = { NEXP_FEED_LINK_TYPE, ARPHRD_ETHER, ARPHRD_NONE };
	const struct itimerval soon = { { 0, 2000 }, { 0, 2000 } }, never = {};
	struct sigaction action = { .sa_handler = fuzz_on_alarm };
	struct netexpert_inject_frame frames[8];
	struct netexpert_inject args = { .size = sizeof(args), .nr_frames = 1 + a[3] % 8 };
	__u64 state = a[1];
	size_t length;
	int i;

	for (i = 0; i < 8; i++) {
		frames[i] = (struct netexpert_inject_frame){
			.data = (uintptr_t)w->scratch, .time_ns = fuzz_random(&state),
			.cap_len = fuzz_random(&state) % (2 * PAGE), .wire_len = 2 * PAGE,
			.ifindex = fuzz_random(&state), .flags = fuzz_random(&state) & 1,
			.link_type = types[fuzz_random(&state) % 3],
		};
		if (fuzz_random(&state) % 16 == 0)
			frames[i].cap_len = fuzz_random(&state);
		if (fuzz_random(&state) % 16 == 0)
			frames[i].data = (uintptr_t)fuzz_run(a[4], &length);
		if (fuzz_random(&state) % 16 == 0)
			frames[i].__reserved[fuzz_random(&state) % 3] = 1;
	}
	if (fuzz_random(&state) % 8 == 0) {
		args.flags = NETEXPERT_INJECT_JUDGE;
		args.nr_frames = fuzz_random(&state) % 8 ? 1 : args.nr_frames;
	}
	args.frames = (uintptr_t)frames;
	if ((a[3] >> 3) % 16 == 1)
		args.frames = (uintptr_t)fuzz_run(a[4], &length);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	fuzz_ioctl(w, injector, NETEXPERT_IOC_INJECT, &args, sizeof(args), a[2]);
	setitimer(ITIMER_REAL, &never, NULL);
}

static void fuzz_step_inject(struct fuzz_worker *w, const __u32 *a)
{
	int *injector = &w->shared->injectors[a[0] % FUZZ_NR_POOLS];
	struct netexpert_pool_inject args = { .size = sizeof(args) };
	int session;

	args.pool_id = fuzz_pool(w, a[0], &session);
	if (fuzz_fd(injector) < 0) {
		if (!fuzz_ioctl(w, session, NETEXPERT_IOC_POOL_INJECT, &args,
				sizeof(args), a[2]))
			fuzz_put(injector, args.out_fd);
	} else if ((a[3] >> 7) % 8 == 0) {
		fuzz_put(injector, -1);
	} else {
		fuzz_inject(w, fuzz_fd(injector), a);
	}
}

static void fuzz_wait(pid_t pid)
{
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* A child with a copy of everything tries what it may not. */
static void fuzz_step_fork(struct fuzz_worker *w, const __u32 *a)
{
	pid_t pid = fork();

	if (!pid) {
		w->is_child = true;
		__nexp_do_commit(fuzz_attachment(w, a[1]), 0, PAGE);
		fuzz_touch(a + 2);
		_exit(0);
	}
	fuzz_wait(pid);
}

static void fuzz_end(__u32 how)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	switch (how % 8) {
	case 0:
		execl("/bin/true", "true", NULL);
		break;
	case 1:
	case 2:
	case 3:
		raise(SIGKILL);
		break;
	case 4:
	case 5:
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		break;
	}
	_exit(0);
}

/* A whole expert, from ATTACH to its end. */
static void fuzz_step_life(struct fuzz_worker *w, const __u32 *a)
{
	pid_t pid = fork();

	if (!pid) {
		int fd = fuzz_attachment(w, a[0]);
		struct netexpert_attach attach;
		size_t length = (1 + a[1] % 64) * PAGE;

		w->is_child = true;
		if (!__nexp_do_attach(fd, &attach) && !__nexp_do_commit(fd, 0, length) &&
		    mmap(FUZZ_ARENA, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 fd, NETEXPERT_MAP_HEAP) == FUZZ_ARENA)
			memset(FUZZ_ARENA, 1, length);
		fuzz_end(a[2]);
	}
	fuzz_wait(pid);
}

static void fuzz_step_kill(struct fuzz_worker *w, const __u32 *a)
{
	unsigned int whom = a[0] % FUZZ_NR_WORKERS;

	/* Worker 0 goes on, or programs would be short. */
	if (!whom || __atomic_exchange_n(&w->shared->dead[whom], 1, __ATOMIC_RELAXED))
		return;
	if (whom != w->who)
		kill(w->shared->pids[whom], SIGKILL);
}

static void (*const fuzz_steps[FUZZ_NR_OPS])(struct fuzz_worker *w, const __u32 *a) = {
	[FUZZ_SESSION] = fuzz_step_session,
	[FUZZ_CLOSE] = fuzz_step_close,
	[FUZZ_CREATE] = fuzz_step_create,
	[FUZZ_OPEN] = fuzz_step_open,
	[FUZZ_REF] = fuzz_step_ref,
	[FUZZ_STAT] = fuzz_step_stat,
	[FUZZ_INFO] = fuzz_step_info,
	[FUZZ_LIMIT] = fuzz_step_limit,
	[FUZZ_FILTER] = fuzz_step_filter,
	[FUZZ_VIEW] = fuzz_step_view,
	[FUZZ_READ_VIEW] = fuzz_step_read_view,
	[FUZZ_ATTACH] = fuzz_step_attach,
	[FUZZ_RANGE] = fuzz_step_range,
	[FUZZ_ANY_IOCTL] = fuzz_step_any_ioctl,
	[FUZZ_MMAP] = fuzz_step_mmap,
	[FUZZ_MUNMAP] = fuzz_step_munmap,
	[FUZZ_MREMAP] = fuzz_step_mremap,
	[FUZZ_MPROTECT] = fuzz_step_mprotect,
	[FUZZ_MADVISE] = fuzz_step_madvise,
	[FUZZ_MLOCK] = fuzz_step_mlock,
	[FUZZ_TOUCH] = fuzz_step_touch,
	[FUZZ_COPY] = fuzz_step_copy,
	[FUZZ_SCRIBBLE] = fuzz_step_scribble,
	[FUZZ_POLL] = fuzz_step_poll,
	[FUZZ_FEED] = fuzz_step_feed,
	[FUZZ_INJECT] = fuzz_step_inject,
	[FUZZ_FORK] = fuzz_step_fork,
	[FUZZ_LIFE] = fuzz_step_life,
	[FUZZ_KILL] = fuzz_step_kill,
};

#endif /* NEXP_FUZZ_STEPS_H */
