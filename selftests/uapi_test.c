// SPDX-License-Identifier: GPL-2.0
/*
 * uapi_test - the ioctl contract: sizes, flags, reserved words, bad pointers,
 * wrong files
 *
 * Every command is first made into a call that works, then spoilt in one place.
 * A spoilt call must give the errno that the header promises and change nothing;
 * afterwards the unspoilt one must still work.
 */
#include "filters.h"

#include <stddef.h>

#define PAGE	4096UL

enum command {
	INFO,
	POOL_CREATE,
	POOL_OPEN,
	POOL_TERMINATE,
	POOL_RECLAIM,
	POOL_DESTROY,
	SESSION_LIMIT,
	POOL_LIMIT,
	POOL_FREEZE,
	POOL_VIEW,
	POOL_FILTER,
	POOL_INJECT,
	POOL_STAT,
	ATTACHMENT_STAT,
	ATTACH,
	COMMIT,
	PUNCH,
	INJECT,
	NR_COMMANDS,
};

/* @first_size: of the struct's first version, if it has grown since. */
static const struct {
	const char *name;
	unsigned long number;
	size_t size;
	__u32 known_flags;
	bool writes_back;
	bool on_attachment;
	size_t first_size;
} commands[NR_COMMANDS] = {
	[INFO] = { "INFO", NETEXPERT_IOC_INFO,
		   sizeof(struct netexpert_info), 0, true, false },
	[POOL_CREATE] = { "POOL_CREATE", NETEXPERT_IOC_POOL_CREATE,
			  sizeof(struct netexpert_pool_create),
			  NETEXPERT_POOL_POSTMORTEM, true, false },
	[POOL_OPEN] = { "POOL_OPEN", NETEXPERT_IOC_POOL_OPEN,
			sizeof(struct netexpert_pool_open), 0, true, false },
	[POOL_TERMINATE] = { "POOL_TERMINATE", NETEXPERT_IOC_POOL_TERMINATE,
			     sizeof(struct netexpert_pool_ref), 0, false, false },
	[POOL_RECLAIM] = { "POOL_RECLAIM", NETEXPERT_IOC_POOL_RECLAIM,
			   sizeof(struct netexpert_pool_ref), 0, false, false },
	[POOL_DESTROY] = { "POOL_DESTROY", NETEXPERT_IOC_POOL_DESTROY,
			   sizeof(struct netexpert_pool_ref), 0, false, false },
	[SESSION_LIMIT] = { "SESSION_LIMIT", NETEXPERT_IOC_SESSION_LIMIT,
			    sizeof(struct netexpert_session_limit), 0, false,
			    false },
	[POOL_LIMIT] = { "POOL_LIMIT", NETEXPERT_IOC_POOL_LIMIT,
			 sizeof(struct netexpert_pool_limit), 0, false, false },
	[POOL_FREEZE] = { "POOL_FREEZE", NETEXPERT_IOC_POOL_FREEZE,
			  sizeof(struct netexpert_pool_ref), 0, false, false },
	[POOL_VIEW] = { "POOL_VIEW", NETEXPERT_IOC_POOL_VIEW,
			sizeof(struct netexpert_pool_view), 0, true, false },
	[POOL_FILTER] = { "POOL_FILTER", NETEXPERT_IOC_POOL_FILTER,
			  sizeof(struct netexpert_pool_filter), 0, false, false },
	[POOL_INJECT] = { "POOL_INJECT", NETEXPERT_IOC_POOL_INJECT,
			  sizeof(struct netexpert_pool_inject), 0, true, false },
	[POOL_STAT] = { "POOL_STAT", NETEXPERT_IOC_POOL_STAT,
			sizeof(struct netexpert_pool_stat), NETEXPERT_STAT_NEXT,
			true, false, 360 },
	[ATTACHMENT_STAT] = { "POOL_STAT on an attachment", NETEXPERT_IOC_POOL_STAT,
			      sizeof(struct netexpert_pool_stat), 0, true, true, 360 },
	[ATTACH] = { "ATTACH", NETEXPERT_IOC_ATTACH,
		     sizeof(struct netexpert_attach), 0, true, true, 80 },
	[COMMIT] = { "COMMIT", NETEXPERT_IOC_COMMIT,
		     sizeof(struct netexpert_range), 0, false, true },
	[PUNCH] = { "PUNCH", NETEXPERT_IOC_PUNCH,
		    sizeof(struct netexpert_range), 0, false, true },
	[INJECT] = { "INJECT", NETEXPERT_IOC_INJECT,
		     sizeof(struct netexpert_inject), NETEXPERT_INJECT_JUDGE, false,
		     false },
};

/**
 * struct call - a call that works, on a pool of its own
 * @command: which.
 * @session: the file that made the pool.
 * @pool: the pool; 0 if the command needs none.
 * @fd: the file to call on.
 * @arg: the argument, with room for one that is too long.
 */
struct call {
	enum command command;
	int session;
	__u64 pool;
	int fd;
	union {
		struct {
			__u32 size;
			__u32 flags;
		};
		struct netexpert_info info;
		struct netexpert_pool_create create;
		struct netexpert_pool_open open;
		struct netexpert_pool_ref ref;
		struct netexpert_pool_stat stat;
		struct netexpert_attach attach;
		struct netexpert_range range;
		struct netexpert_session_limit session_limit;
		struct netexpert_pool_limit pool_limit;
		struct netexpert_pool_view view;
		struct netexpert_pool_filter filter;
		struct netexpert_pool_inject pool_inject;
		struct netexpert_inject inject;
		unsigned char bytes[2 * PAGE];
	} arg;
};

static size_t first_size(enum command command)
{
	return commands[command].first_size ?: commands[command].size;
}

static void prepare(struct __test_metadata *const _metadata, int session,
		    enum command command, struct call *call)
{
	static const struct sock_filter insns[] = { BPF_STMT(BPF_RET | BPF_K, 1) };
	static const struct netexpert_program program = {
		.link_type = ARPHRD_ETHER, .nr_insns = 1, .insns = (uintptr_t)insns,
	};
	struct netexpert_attach attach;

	memset(call, 0, sizeof(*call));
	call->command = command;
	call->session = session;
	call->fd = session;
	call->arg.size = commands[command].size;
	if (command != INFO && command != POOL_CREATE && command != SESSION_LIMIT)
		call->pool = nexp_do_pool(_metadata, session, NULL);
	if (commands[command].on_attachment)
		call->fd = nexp_do_open(_metadata, session, call->pool);
	if (command == INJECT)
		call->fd = __nexp_do_injector(session, call->pool);
	if (command == COMMIT || command == PUNCH)
		ASSERT_EQ(0, __nexp_do_attach(call->fd, &attach));

	/* A bound attachment stays without its file. */
	if (command == POOL_FREEZE) {
		int fd = nexp_do_open(_metadata, session, call->pool);

		ASSERT_EQ(0, __nexp_do_attach(fd, &attach));
		close(fd);
	}

	switch (command) {
	case POOL_CREATE:
		call->arg.create = nexp_pool_args();
		break;
	case POOL_OPEN:
		call->arg.open.pool_id = call->pool;
		break;
	case POOL_TERMINATE:
	case POOL_RECLAIM:
	case POOL_DESTROY:
	case POOL_FREEZE:
		call->arg.ref.pool_id = call->pool;
		break;
	case SESSION_LIMIT:
		call->arg.session_limit.max_bytes = 1ULL << 40;
		break;
	case POOL_LIMIT:
		call->arg.pool_limit.pool_id = call->pool;
		call->arg.pool_limit.heap_limit = PAGE;
		break;
	case POOL_VIEW:
		call->arg.view.pool_id = call->pool;
		break;
	case POOL_FILTER:
		call->arg.filter = nexp_filter_args(call->pool, &program, 1, NULL);
		break;
	case POOL_INJECT:
		call->arg.pool_inject.pool_id = call->pool;
		break;
	case POOL_STAT:
		call->arg.stat.pool_id = call->pool;
		break;
	case PUNCH:
		ASSERT_EQ(0, __nexp_do_commit(call->fd, 0, PAGE));
		/* fall through */
	case COMMIT:
		call->arg.range.length = PAGE;
		break;
	default:
		break;
	}
}

static void clean_up(struct __test_metadata *const _metadata, struct call *call)
{
	if (call->fd != call->session)
		close(call->fd);
	if (call->pool)
		__nexp_do_destroy(call->session, call->pool);
	if (call->command == POOL_CREATE && call->arg.create.out_pool_id)
		__nexp_do_destroy(call->session, call->arg.create.out_pool_id);
	if (call->command == POOL_OPEN && call->arg.open.out_fd > 0)
		close(call->arg.open.out_fd);
	if (call->command == POOL_VIEW && call->arg.view.out_fd > 0)
		close(call->arg.view.out_fd);
	if (call->command == POOL_INJECT && call->arg.pool_inject.out_fd > 0)
		close(call->arg.pool_inject.out_fd);
	nexp_do_settle(_metadata, call->session);
}

static int run_at(const struct call *call, void *arg)
{
	return __nexp_ioctl(call->fd, commands[call->command].number, arg);
}

static int run(struct call *call)
{
	return run_at(call, &call->arg);
}

/* What a failed call must leave alone. */
struct state {
	struct netexpert_info info;
	struct netexpert_pool_stat stat;
	int next_fd;
};

static struct state look(struct __test_metadata *const _metadata,
			 const struct call *call)
{
	struct state state = {};

	state.info = nexp_do_info(_metadata, call->session);
	if (call->pool)
		state.stat = nexp_do_stat(_metadata, call->session, call->pool);
	state.next_fd = dup(call->session);
	ASSERT_LE(0, state.next_fd);
	close(state.next_fd);
	return state;
}

/* The spoilt argument must fail with @expected and change nothing. */
static void expect_refused(struct __test_metadata *const _metadata,
			   const struct call *call, void *arg, int expected,
			   const char *how)
{
	struct state before = look(_metadata, call);
	struct state after;

	EXPECT_EQ(expected, run_at(call, arg))
		TH_LOG("%s, %s", commands[call->command].name, how);
	after = look(_metadata, call);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)))
		TH_LOG("%s, %s: something changed", commands[call->command].name,
		       how);
}

FIXTURE(uapi)
{
	int session;
};

FIXTURE_SETUP(uapi)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(uapi)
{
	close(self->session);
}

TEST_F(uapi, abi_number_is_the_headers)
{
	struct netexpert_info info = nexp_do_info(_metadata, self->session);

	EXPECT_EQ(NETEXPERT_ABI, info.out_abi);
	EXPECT_LT(0, info.out_max_pools);
	EXPECT_LT(0, info.out_default_rings);
	EXPECT_LT(0, info.out_max_bytes);
}

TEST_F(uapi, struct_shorter_than_its_first_version_is_einval)
{
	enum command i;

	for (i = 0; i < NR_COMMANDS; i++) {
		const size_t size = first_size(i);
		const __u32 sizes[] = { 0, 1, 4, 8, size - 8, size - 1 };
		struct call call;
		size_t j;

		prepare(_metadata, self->session, i, &call);
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			if (sizes[j] >= size)
				continue;
			call.arg.size = sizes[j];
			expect_refused(_metadata, &call, &call.arg, -EINVAL,
				       "too short");
		}
		call.arg.size = size;
		EXPECT_EQ(0, run(&call))
			TH_LOG("%s", commands[i].name);
		clean_up(_metadata, &call);
	}
}

TEST_F(uapi, longer_struct_with_zeros_works)
{
	const __u32 extra[] = { 1, 8, 64 };
	enum command i;
	size_t j;

	for (i = 0; i < NR_COMMANDS; i++) {
		for (j = 0; j < sizeof(extra) / sizeof(extra[0]); j++) {
			struct call call;

			prepare(_metadata, self->session, i, &call);
			call.arg.size = commands[i].size + extra[j];
			EXPECT_EQ(0, run(&call))
				TH_LOG("%s, %u bytes more", commands[i].name,
				       extra[j]);
			clean_up(_metadata, &call);
		}
	}
}

TEST_F(uapi, longer_struct_with_junk_is_e2big)
{
	const __u32 extra[] = { 1, 8, 64 };
	enum command i;
	size_t j;

	for (i = 0; i < NR_COMMANDS; i++) {
		struct call call;

		prepare(_metadata, self->session, i, &call);
		for (j = 0; j < sizeof(extra) / sizeof(extra[0]); j++) {
			call.arg.size = commands[i].size + extra[j];
			call.arg.bytes[call.arg.size - 1] = 1;
			expect_refused(_metadata, &call, &call.arg, -E2BIG,
				       "junk at the end");
			call.arg.bytes[call.arg.size - 1] = 0;
		}
		call.arg.size = commands[i].size;
		EXPECT_EQ(0, run(&call))
			TH_LOG("%s", commands[i].name);
		clean_up(_metadata, &call);
	}
}

TEST_F(uapi, absurd_size_is_e2big_whatever_follows)
{
	const __u32 sizes[] = { PAGE + 1, 1U << 20, 1U << 31, UINT32_MAX };
	enum command i;
	size_t j;

	for (i = 0; i < NR_COMMANDS; i++) {
		struct call call;

		prepare(_metadata, self->session, i, &call);
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			call.arg.size = sizes[j];
			expect_refused(_metadata, &call, &call.arg, -E2BIG,
				       "absurd size");
		}
		clean_up(_metadata, &call);
	}
}

/* A struct that grows must not change the number of its command. */
TEST_F(uapi, numbers_do_not_contain_sizes)
{
	enum command i;

	for (i = 0; i < NR_COMMANDS; i++) {
		unsigned long number = commands[i].number;
		struct call call;

		EXPECT_EQ(0, _IOC_SIZE(number))
			TH_LOG("%s", commands[i].name);
		prepare(_metadata, self->session, i, &call);
		EXPECT_EQ(-ENOTTY, __nexp_ioctl(call.fd, number |
						commands[i].size << _IOC_SIZESHIFT,
						&call.arg))
			TH_LOG("%s", commands[i].name);
		clean_up(_metadata, &call);
	}
}

TEST_F(uapi, unknown_flag_is_eopnotsupp)
{
	enum command i;
	int bit;

	for (i = 0; i < NR_COMMANDS; i++) {
		struct call call;

		prepare(_metadata, self->session, i, &call);
		for (bit = 0; bit < 32; bit++) {
			if (commands[i].known_flags & (1U << bit))
				continue;
			call.arg.flags = 1U << bit;
			expect_refused(_metadata, &call, &call.arg, -EOPNOTSUPP,
				       "unknown flag");
		}
		call.arg.flags = 0;
		EXPECT_EQ(0, run(&call))
			TH_LOG("%s", commands[i].name);
		clean_up(_metadata, &call);
	}
}

TEST_F(uapi, reserved_word_is_eopnotsupp)
{
	static const struct {
		enum command command;
		size_t offset;
	} words[] = {
		{ POOL_CREATE, offsetof(struct netexpert_pool_create, __reserved) },
		{ POOL_OPEN, offsetof(struct netexpert_pool_open, __reserved) },
		{ POOL_VIEW, offsetof(struct netexpert_pool_view, __reserved) },
		{ POOL_INJECT, offsetof(struct netexpert_pool_inject, __reserved) },
		{ INJECT, offsetof(struct netexpert_inject, __reserved) },
	};
	const __u32 values[] = { 1, 0x80000000, UINT32_MAX };
	struct call call;
	size_t i, j;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		prepare(_metadata, self->session, words[i].command, &call);
		for (j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			memcpy(call.arg.bytes + words[i].offset, &values[j],
			       sizeof(values[j]));
			expect_refused(_metadata, &call, &call.arg, -EOPNOTSUPP,
				       "reserved");
		}
		clean_up(_metadata, &call);
	}
}

TEST_F(uapi, argument_that_cannot_be_read_is_efault)
{
	unsigned char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	enum command i;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, mprotect(pages + PAGE, PAGE, PROT_NONE));
	for (i = 0; i < NR_COMMANDS; i++) {
		unsigned char *cut;
		struct call call;

		prepare(_metadata, self->session, i, &call);
		expect_refused(_metadata, &call, NULL, -EFAULT, "NULL");
		expect_refused(_metadata, &call, (void *)-8L, -EFAULT, "-8");
		expect_refused(_metadata, &call, (void *)(1UL << 63), -EFAULT,
			       "a kernel address");
		expect_refused(_metadata, &call, pages + PAGE, -EFAULT,
			       "PROT_NONE");
		cut = pages + PAGE - commands[i].size + 1;
		memcpy(cut, &call.arg, commands[i].size - 1);
		expect_refused(_metadata, &call, cut, -EFAULT,
			       "the last byte is missing");
		memcpy(cut - 1, &call.arg, commands[i].size);
		EXPECT_EQ(0, run_at(&call, cut - 1))
			TH_LOG("%s at the end of a mapping", commands[i].name);
		memcpy(&call.arg, cut - 1, commands[i].size);
		clean_up(_metadata, &call);
	}
}

/* No fd, no pool and no binding may be left when nobody can be told of it. */
TEST_F(uapi, answer_that_cannot_be_written_is_efault)
{
	unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	enum command i;

	ASSERT_NE(MAP_FAILED, page);
	for (i = 0; i < NR_COMMANDS; i++) {
		struct call call;

		if (!commands[i].writes_back)
			continue;
		prepare(_metadata, self->session, i, &call);
		memcpy(page, &call.arg, commands[i].size);
		ASSERT_EQ(0, mprotect(page, PAGE, PROT_READ));
		expect_refused(_metadata, &call, page, -EFAULT, "read-only");
		ASSERT_EQ(0, mprotect(page, PAGE, PROT_READ | PROT_WRITE));
		EXPECT_EQ(0, run(&call))
			TH_LOG("%s after EFAULT", commands[i].name);
		clean_up(_metadata, &call);
	}
}

TEST_F(uapi, read_only_argument_does_where_nothing_is_answered)
{
	unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	enum command i;

	ASSERT_NE(MAP_FAILED, page);
	for (i = 0; i < NR_COMMANDS; i++) {
		struct call call;

		if (commands[i].writes_back)
			continue;
		prepare(_metadata, self->session, i, &call);
		memcpy(page, &call.arg, commands[i].size);
		ASSERT_EQ(0, mprotect(page, PAGE, PROT_READ));
		EXPECT_EQ(0, run_at(&call, page))
			TH_LOG("%s", commands[i].name);
		ASSERT_EQ(0, mprotect(page, PAGE, PROT_READ | PROT_WRITE));
		clean_up(_metadata, &call);
	}
}

TEST_F(uapi, command_on_the_wrong_file_is_enotty)
{
	int pipes[2];
	enum command i;

	ASSERT_EQ(0, pipe(pipes));
	for (i = 0; i < NR_COMMANDS; i++) {
		struct call call;
		__u64 pool = 0;
		int other = self->session;

		if (i == POOL_STAT || i == ATTACHMENT_STAT)
			continue;
		prepare(_metadata, self->session, i, &call);
		if (!commands[i].on_attachment) {
			pool = nexp_do_pool(_metadata, self->session, NULL);
			other = nexp_do_open(_metadata, self->session, pool);
		}
		EXPECT_EQ(-ENOTTY, __nexp_ioctl(other, commands[i].number, &call.arg))
			TH_LOG("%s on the other kind of file", commands[i].name);
		EXPECT_EQ(-ENOTTY, __nexp_ioctl(pipes[0], commands[i].number,
						&call.arg))
			TH_LOG("%s on a pipe", commands[i].name);
		if (pool) {
			close(other);
			__nexp_do_destroy(self->session, pool);
		}
		EXPECT_EQ(0, run(&call))
			TH_LOG("%s on the right file", commands[i].name);
		clean_up(_metadata, &call);
	}
}

TEST_F(uapi, unknown_command_is_enotty)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int attachment = nexp_do_open(_metadata, self->session, pool);
	unsigned char arg[PAGE] = { PAGE & 0xff, PAGE >> 8 };
	unsigned int nr;

	for (nr = 0; nr < 256; nr++) {
		unsigned long number = _IO(NETEXPERT_IOC_MAGIC, nr);

		if (nr > _IOC_NR(NETEXPERT_IOC_POOL_INJECT))
			EXPECT_EQ(-ENOTTY, __nexp_ioctl(self->session, number, arg))
				TH_LOG("0x%02x on a session", nr);
		if (nr != _IOC_NR(NETEXPERT_IOC_POOL_STAT) &&
		    (nr < _IOC_NR(NETEXPERT_IOC_ATTACH) ||
		     nr > _IOC_NR(NETEXPERT_IOC_PUNCH)))
			EXPECT_EQ(-ENOTTY, __nexp_ioctl(attachment, number, arg))
				TH_LOG("0x%02x on an attachment", nr);
	}
	EXPECT_EQ(-ENOTTY, __nexp_ioctl(self->session,
					_IO(NETEXPERT_IOC_MAGIC + 1, 0), arg));
	EXPECT_EQ(-ENOTTY, __nexp_ioctl(attachment,
					_IO(NETEXPERT_IOC_MAGIC + 1, 0x10), arg));
}

TEST_F(uapi, older_caller_gets_back_no_more_than_it_has_room_for)
{
	enum command i;

	for (i = 0; i < NR_COMMANDS; i++) {
		struct call call;
		size_t j;

		prepare(_metadata, self->session, i, &call);
		call.arg.size = first_size(i);
		memset(call.arg.bytes + call.arg.size, 0x5a, PAGE);
		EXPECT_EQ(0, run(&call));
		for (j = 0; j < PAGE; j++)
			if (call.arg.bytes[first_size(i) + j] != 0x5a)
				break;
		EXPECT_EQ(PAGE, j)
			TH_LOG("%s wrote behind its struct", commands[i].name);
		clean_up(_metadata, &call);
	}
}

/* A 32-bit program's call: int $0x80 with addresses below 4 GiB. */
static int compat_ioctl(int fd, unsigned int number, void *arg)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "a" (54L), "b" ((long)fd), "c" ((long)number), "d" (arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

TEST_F(uapi, a_32_bit_caller_is_turned_away)
{
	struct call *call = mmap(NULL, sizeof(*call), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	enum command i;

	ASSERT_NE(MAP_FAILED, call);
	for (i = 0; i < NR_COMMANDS; i++) {
		prepare(_metadata, self->session, i, call);
		EXPECT_EQ(-ENOTTY, compat_ioctl(call->fd, commands[i].number, &call->arg))
			TH_LOG("%s", commands[i].name);
		clean_up(_metadata, call);
	}
}

/* The argument lies in the heap, in a page that is committed but not mapped. */
TEST_F(uapi, argument_may_lie_in_the_pools_own_heap)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct netexpert_ring_stat *rings;
	struct netexpert_pool_stat *stat;
	struct netexpert_range *range;
	struct nexp_attachment a;
	size_t i;

	nexp_do_attach(_metadata, fd, &a);
	for (i = 0; i < 3; i++) {
		const unsigned long number = i == 2 ? NETEXPERT_IOC_PUNCH :
						      NETEXPERT_IOC_COMMIT;

		ASSERT_EQ(0, __nexp_do_commit(fd, 0, PAGE));
		range = (void *)a.heap;
		*range = (struct netexpert_range){
			.size = sizeof(*range),
			.offset = i ? 0 : PAGE,
			.length = PAGE,
		};
		ASSERT_EQ(0, munmap(a.heap, a.info.out_heap_size));
		a.heap = __nexp_do_map(fd, NETEXPERT_MAP_HEAP,
				       a.info.out_heap_size,
				       PROT_READ | PROT_WRITE);
		ASSERT_NE(MAP_FAILED, a.heap);
		EXPECT_EQ(0, __nexp_ioctl(fd, number, a.heap));
	}
	EXPECT_EQ(SIGBUS, nexp_read_fault(a.heap))
		TH_LOG("PUNCH of the page that its argument is in");

	ASSERT_EQ(0, __nexp_do_commit(fd, 0, 2 * PAGE));
	stat = (void *)a.heap;
	rings = (void *)(a.heap + PAGE);
	stat->size = sizeof(*stat);
	stat->rings = (uintptr_t)rings;
	stat->nr_rings = 1;
	ASSERT_EQ(0, munmap(a.heap, a.info.out_heap_size));
	a.heap = __nexp_do_map(fd, NETEXPERT_MAP_HEAP, a.info.out_heap_size,
			       PROT_READ | PROT_WRITE);
	ASSERT_EQ((void *)stat, (void *)a.heap)
		TH_LOG("the heap was expected where it had been");
	EXPECT_EQ(0, __nexp_ioctl(fd, NETEXPERT_IOC_POOL_STAT, stat));
	EXPECT_EQ(pool, stat->pool_id);
	EXPECT_EQ(2 * PAGE, stat->out_heap_bytes);

	EXPECT_EQ(-EFAULT, __nexp_ioctl(fd, NETEXPERT_IOC_POOL_STAT,
					a.heap + 8 * PAGE))
		TH_LOG("an argument in heap that is not committed");
}

TEST_HARNESS_MAIN
