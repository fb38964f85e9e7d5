// SPDX-License-Identifier: GPL-2.0
/*
 * values_test - every scalar at its edges, ids, walks, ceilings
 *
 * Tables of one wrong value each: the call must fail with the errno beside it
 * and leave pools and bytes as they were.
 */
#include "child.h"

#include <stddef.h>
#include <sys/resource.h>

#define PAGE	4096ULL
#define MIB	(1ULL << 20)
#define GIB	(1ULL << 30)

static const struct {
	const char *what;
	size_t offset;
	__u64 value;
	int expected;
} create_values[] = {
#define V(field, value, expected) { #field " = " #value,		\
	offsetof(struct netexpert_pool_create, field), value, expected }
	V(nr_rings, 0, 0),
	V(nr_rings, 1, 0),
	V(nr_rings, 256, 0),
	V(nr_rings, 257, -EINVAL),
	V(nr_rings, 0x80000000, -EINVAL),
	V(nr_rings, UINT32_MAX, -EINVAL),
	V(snaplen, 0, 0),
	V(snaplen, 1, 0),
	V(snaplen, UINT32_MAX, 0),
	V(ring_size, 0, -EINVAL),
	V(ring_size, 1, -EINVAL),
	V(ring_size, PAGE / 2, -EINVAL),
	V(ring_size, PAGE - 1, -EINVAL),
	V(ring_size, PAGE, 0),
	V(ring_size, PAGE + 1, -EINVAL),
	V(ring_size, 2 * PAGE, 0),
	V(ring_size, 3 * PAGE, -EINVAL),
	V(ring_size, GIB + PAGE, -EINVAL),
	V(ring_size, 2 * GIB, -EINVAL),
	V(ring_size, (1ULL << 32), -EINVAL),
	V(ring_size, (1ULL << 32) + PAGE, -EINVAL),
	V(ring_size, (1ULL << 63), -EINVAL),
	V(ring_size, UINT64_MAX, -EINVAL),
	V(ring_size, 0 - PAGE, -EINVAL),
	V(history_size, 8, 0),
	V(history_size, 1, -EINVAL),
	V(history_size, 4, -EINVAL),
	V(history_size, PAGE - 4, -EINVAL),
	V(history_size, 64 * 1024 - 8, 0),
	V(history_size, 64 * 1024, -EINVAL),
	V(history_size, 64 * 1024 + 8, -EINVAL),
	V(history_size, (1ULL << 32), -EINVAL),
	V(history_size, (1ULL << 32) + 8, -EINVAL),
	V(history_size, (1ULL << 63), -EINVAL),
	V(history_size, 0ULL - 8, -EINVAL),
	V(heap_size, 0, -EINVAL),
	V(heap_size, 1, -EINVAL),
	V(heap_size, MIB - PAGE, -EINVAL),	/* below the limit */
	V(heap_size, MIB + 1, -EINVAL),
	V(heap_size, MIB + PAGE, 0),
	V(heap_size, 64 * GIB, 0),
	V(heap_size, 64 * GIB + PAGE, -EINVAL),
	V(heap_size, (1ULL << 63), -EINVAL),
	V(heap_size, 0 - PAGE, -EINVAL),
	V(heap_size, UINT64_MAX, -EINVAL),
	V(heap_limit, 0, 0),
	V(heap_limit, 1, -EINVAL),
	V(heap_limit, PAGE - 1, -EINVAL),
	V(heap_limit, PAGE, 0),
	V(heap_limit, MIB + PAGE, -EINVAL),
	V(heap_limit, (1ULL << 32), -EINVAL),
	V(heap_limit, 0 - PAGE, -EINVAL),
	V(heap_limit, UINT64_MAX, -EINVAL),
	V(wake_bytes, 1, 0),
	V(wake_bytes, 64 * 1024, 0),
	V(wake_bytes, 64 * 1024 + 1, -EINVAL),
	V(wake_bytes, UINT32_MAX, -EINVAL),
	V(wake_usecs, 1, 0),
	V(wake_usecs, 10000000, 0),
	V(wake_usecs, 10000001, -EINVAL),
	V(wake_usecs, UINT32_MAX, -EINVAL),
#undef V
};

/* Bytes of the field at @offset. */
static size_t width_of(size_t offset)
{
	return offset >= offsetof(struct netexpert_pool_create, ring_size) &&
	       offset <= offsetof(struct netexpert_pool_create, heap_limit) ? 8 : 4;
}

FIXTURE(values)
{
	int session;
};

FIXTURE_SETUP(values)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(values)
{
	close(self->session);
}

TEST_F_TIMEOUT(values, pool_create_checks_every_scalar, 120)
{
	struct netexpert_info before = nexp_do_info(_metadata, self->session);
	size_t i;

	for (i = 0; i < sizeof(create_values) / sizeof(create_values[0]); i++) {
		struct netexpert_pool_create args = nexp_pool_args();
		struct netexpert_info after;
		int ret;

		memcpy((char *)&args + create_values[i].offset,
		       &create_values[i].value, width_of(create_values[i].offset));
		ret = __nexp_do_pool(self->session, &args);
		EXPECT_EQ(create_values[i].expected, ret)
			TH_LOG("%s", create_values[i].what);
		if (!ret)
			__nexp_do_destroy(self->session, args.out_pool_id);
		EXPECT_TRUE(nexp_becomes(!__nexp_do_info(self->session, &after) &&
					 !memcmp(&before, &after, sizeof(after))))
			TH_LOG("%s: something is left", create_values[i].what);
	}
}

TEST_F(values, history_counts_against_the_watermark)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.history_size = 32 << 10;
	args.wake_bytes = (32 << 10) + 8;
	EXPECT_EQ(-EINVAL, __nexp_do_pool(self->session, &args));
	args.wake_bytes = 32 << 10;
	EXPECT_EQ(0, __nexp_do_pool(self->session, &args));
}

TEST_F(values, name_must_be_printable_and_end)
{
	static const unsigned char wrong[] = { 1, '\n', '\t', 0x1b, 0x1f, ' ',
					       0x7f, 0x80, 0xff };
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_stat stat;
	size_t i;

	memset(args.name, 'x', sizeof(args.name));
	EXPECT_EQ(-EINVAL, __nexp_do_pool(self->session, &args))
		TH_LOG("no NUL");
	for (i = 0; i < sizeof(wrong); i++) {
		args = nexp_pool_args();
		args.name[3] = wrong[i];
		EXPECT_EQ(-EINVAL, __nexp_do_pool(self->session, &args))
			TH_LOG("character 0x%02x", wrong[i]);
	}
	args = nexp_pool_args();
	args.name[0] = 0;
	EXPECT_EQ(-EINVAL, __nexp_do_pool(self->session, &args))
		TH_LOG("empty");
	args = nexp_pool_args();
	memset(args.name, '~', sizeof(args.name) - 1);
	args.name[0] = '!';
	ASSERT_EQ(0, __nexp_do_pool(self->session, &args));
	stat = nexp_do_stat(_metadata, self->session, args.out_pool_id);
	EXPECT_STREQ(args.name, stat.out_name);
}

TEST_F(values, pool_is_as_it_was_asked_for)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_stat stat;
	struct netexpert_attach attach;
	int fd;

	args.nr_rings = 3;
	args.ring_size = 8 * PAGE;
	args.history_size = PAGE;
	args.heap_size = 2 * MIB;
	args.heap_limit = PAGE;
	ASSERT_EQ(0, __nexp_do_pool(self->session, &args));
	EXPECT_EQ(3, args.out_nr_rings);

	stat = nexp_do_stat(_metadata, self->session, args.out_pool_id);
	EXPECT_EQ(args.out_pool_id, stat.pool_id);
	EXPECT_EQ(3, stat.nr_rings);
	EXPECT_EQ(NETEXPERT_POOL_IDLE, stat.out_state);
	EXPECT_EQ(0, stat.out_pid);
	EXPECT_EQ(0, stat.out_incarnation);
	EXPECT_EQ(8 * PAGE, stat.out_ring_size);
	EXPECT_EQ(PAGE, stat.out_history_size);
	EXPECT_EQ(2 * MIB, stat.out_heap_size);
	EXPECT_EQ(PAGE, stat.out_heap_limit);
	EXPECT_EQ(0, stat.out_heap_bytes);
	EXPECT_EQ(0, stat.out_sum.seen);
	EXPECT_EQ(0, stat.out_ended_ns);
	EXPECT_EQ(0, stat.out_back_ns);

	fd = nexp_do_open(_metadata, self->session, args.out_pool_id);
	EXPECT_NE(0, fcntl(fd, F_GETFD) & FD_CLOEXEC)
		TH_LOG("the attachment is not close-on-exec");
	stat = nexp_do_stat(_metadata, self->session, args.out_pool_id);
	EXPECT_EQ(NETEXPERT_POOL_OPEN, stat.out_state);
	ASSERT_EQ(0, __nexp_do_attach(fd, &attach));
	EXPECT_EQ(args.out_pool_id, attach.out_pool_id);
	EXPECT_EQ(1, attach.out_incarnation);
	EXPECT_EQ(3, attach.out_nr_rings);
	EXPECT_EQ(8 * PAGE, attach.out_ring_size);
	EXPECT_EQ(PAGE, attach.out_history_size);
	EXPECT_EQ(2 * MIB, attach.out_heap_size);
	EXPECT_LE((1 + 3) * NETEXPERT_SLOT_SIZE, attach.out_status_size);
	EXPECT_LE((1 + 3 + NETEXPERT_NR_READERS) * NETEXPERT_SLOT_SIZE,
		  attach.out_consumer_size);
	stat = nexp_do_stat(_metadata, self->session, args.out_pool_id);
	EXPECT_EQ(NETEXPERT_POOL_ATTACHED, stat.out_state);
	EXPECT_EQ(getpid(), (pid_t)stat.out_pid);
	EXPECT_EQ(1, stat.out_incarnation);
}

TEST_F(values, range_outside_the_heap_is_einval)
{
	static const struct {
		__u64 offset;
		__u64 length;
	} ranges[] = {
		{ 0, 0 }, { 0, 1 }, { 0, PAGE - 1 }, { 0, PAGE + 1 },
		{ 1, PAGE }, { PAGE / 2, PAGE }, { PAGE, 0 },
		{ 0, MIB + PAGE }, { PAGE, MIB }, { MIB, PAGE }, { MIB - PAGE, 2 * PAGE },
		{ 0, 1ULL << 32 }, { 1ULL << 32, PAGE }, { (1ULL << 32) + PAGE, PAGE },
		{ 0, (1ULL << 32) + PAGE }, { 0, 1ULL << 44 }, { 1ULL << 44, PAGE },
		{ 1ULL << 63, PAGE }, { 0, 1ULL << 63 }, { 1ULL << 63, 1ULL << 63 },
		{ 0 - PAGE, PAGE }, { 0 - PAGE, 2 * PAGE }, { PAGE, 0 - PAGE },
		{ 2 * PAGE, 0 - PAGE }, { 0, 0 - PAGE }, { UINT64_MAX, UINT64_MAX },
		{ UINT64_MAX, 1 }, { NETEXPERT_MAP_HEAP, PAGE },
	};
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct netexpert_pool_stat stat;
	struct netexpert_attach attach;
	size_t i;

	ASSERT_EQ(0, __nexp_do_attach(fd, &attach));
	ASSERT_EQ(0, __nexp_do_commit(fd, MIB - PAGE, PAGE));
	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		EXPECT_EQ(-EINVAL, __nexp_do_commit(fd, ranges[i].offset,
						    ranges[i].length))
			TH_LOG("commit 0x%llx + 0x%llx", ranges[i].offset,
			       ranges[i].length);
		EXPECT_EQ(-EINVAL, __nexp_do_punch(fd, ranges[i].offset,
						   ranges[i].length))
			TH_LOG("punch 0x%llx + 0x%llx", ranges[i].offset,
			       ranges[i].length);
	}
	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(PAGE, stat.out_heap_bytes);
	EXPECT_EQ(PAGE, stat.out_heap_peak);
	EXPECT_EQ(0, __nexp_do_commit(fd, 0, MIB));
	EXPECT_EQ(0, __nexp_do_punch(fd, 0, MIB));
	stat = nexp_do_stat(_metadata, self->session, pool);
	EXPECT_EQ(0, stat.out_heap_bytes);
	EXPECT_EQ(MIB, stat.out_heap_peak);
}

TEST_F(values, id_that_names_no_own_pool_is_enoent)
{
	static const unsigned long commands[] = {
		NETEXPERT_IOC_POOL_TERMINATE, NETEXPERT_IOC_POOL_RECLAIM,
		NETEXPERT_IOC_POOL_DESTROY,
	};
	int other = nexp_do_session(_metadata);
	__u64 foreign = nexp_do_pool(_metadata, other, NULL);
	__u64 own = nexp_do_pool(_metadata, self->session, NULL);
	__u64 dead = nexp_do_pool(_metadata, self->session, NULL);
	size_t i, j;

	ASSERT_EQ(0, __nexp_do_destroy(self->session, dead));
	{
		const __u64 ids[] = { 0, 1, UINT32_MAX, 1ULL << 32, 1ULL << 63,
				      UINT64_MAX, own ^ 1, own ^ (1ULL << 63),
				      own + 1, own & 0xffff, dead, foreign };

		for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
			for (j = 0; j < sizeof(commands) / sizeof(commands[0]); j++)
				EXPECT_EQ(-ENOENT, __nexp_do_ref(self->session,
								 commands[j], ids[i]))
					TH_LOG("id %zu, command %zu", i, j);
			EXPECT_EQ(-ENOENT, __nexp_do_open(self->session, ids[i]))
				TH_LOG("id %zu, POOL_OPEN", i);
		}
	}
	EXPECT_EQ(NETEXPERT_POOL_IDLE, nexp_state(self->session, own));
	EXPECT_EQ(NETEXPERT_POOL_IDLE, nexp_state(other, foreign));
	EXPECT_EQ(-1, nexp_state(self->session, dead));
}

static int compare_ids(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

TEST_F_TIMEOUT(values, ids_are_never_repeated, 120)
{
	enum { ROUNDS = 10, POOLS = 200, NR = ROUNDS * POOLS };
	static __u64 ids[NR];
	struct netexpert_pool_create args = nexp_pool_args();
	int i, j;

	args.ring_size = PAGE;
	for (i = 0; i < ROUNDS; i++) {
		int session = nexp_do_session(_metadata);

		for (j = 0; j < POOLS; j++)
			ids[i * POOLS + j] = nexp_do_pool(_metadata, session, &args);
		close(session);
	}
	qsort(ids, NR, sizeof(ids[0]), compare_ids);
	for (i = 1; i < NR; i++)
		ASSERT_NE(ids[i - 1], ids[i]);
}

/* Walks all pools that the session may see; answers how many. */
static int walk(struct __test_metadata *const _metadata, int session, __u64 *ids,
		int room)
{
	struct netexpert_pool_stat stat = { .size = sizeof(stat) };
	int n = 0, ret;

	for (;;) {
		stat.flags = NETEXPERT_STAT_NEXT;
		ret = __nexp_ioctl(session, NETEXPERT_IOC_POOL_STAT, &stat);
		if (ret)
			break;
		ASSERT_LT(n, room);
		ids[n++] = stat.pool_id;
	}
	EXPECT_EQ(-ENOENT, ret);
	qsort(ids, n, sizeof(ids[0]), compare_ids);
	return n;
}

TEST_F(values, walk_meets_every_pool_once)
{
	enum { NR = 20 };
	int other = nexp_do_session(_metadata);
	__u64 made[NR], met[NR];
	__u64 last = 0;
	int i;

	for (i = 0; i < NR; i++)
		made[i] = nexp_do_pool(_metadata, i & 1 ? other : self->session,
				       NULL);
	qsort(made, NR, sizeof(made[0]), compare_ids);
	ASSERT_EQ(NR, walk(_metadata, self->session, met, NR));
	EXPECT_EQ(0, memcmp(made, met, sizeof(made)));

	/* Also when the pool that was answered last is gone by now. */
	for (i = 0; i < NR; i++) {
		struct netexpert_pool_stat stat = {
			.size = sizeof(stat),
			.flags = NETEXPERT_STAT_NEXT,
			.pool_id = last,
		};

		ASSERT_EQ(0, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_STAT,
					  &stat));
		if (__nexp_do_destroy(self->session, stat.pool_id))
			ASSERT_EQ(0, __nexp_do_destroy(other, stat.pool_id));
		last = stat.pool_id;
	}
	EXPECT_EQ(0, walk(_metadata, self->session, met, NR));
}

TEST_F(values, foreign_pools_need_cap_net_admin)
{
	__u64 foreign = nexp_do_pool(_metadata, self->session, NULL);
	struct netexpert_pool_stat stat;
	int other = nexp_do_session(_metadata);
	__u64 own = nexp_do_pool(_metadata, other, NULL);
	struct nexp_child child;
	__u64 met[2];

	EXPECT_EQ(0, __nexp_do_stat(other, foreign, &stat));
	if (nexp_do_fork(_metadata, &child)) {
		nexp_do_drop_capability(_metadata, CAP_NET_ADMIN);
		EXPECT_EQ(-ENOENT, __nexp_do_stat(other, foreign, &stat));
		EXPECT_EQ(0, __nexp_do_stat(other, own, &stat));
		EXPECT_EQ(1, walk(_metadata, other, met, 2));
		EXPECT_EQ(own, met[0]);
		nexp_child_exit();
	}
	EXPECT_EQ(0, nexp_child_end(&child));
}

TEST_F(values, stat_writes_no_more_rings_than_there_are)
{
	struct netexpert_ring_stat rings[5];
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_stat stat = { .size = sizeof(stat) };
	unsigned char *edge = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, edge);
	ASSERT_EQ(0, mprotect(edge + PAGE, PAGE, PROT_NONE));
	args.nr_rings = 3;
	stat.pool_id = nexp_do_pool(_metadata, self->session, &args);

	memset(rings, 0x5a, sizeof(rings));
	stat.rings = (uintptr_t)rings;
	stat.nr_rings = 5;
	ASSERT_EQ(0, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_STAT, &stat));
	EXPECT_EQ(3, stat.nr_rings);
	EXPECT_EQ(0, rings[2].seen);
	EXPECT_EQ(0x5a5a5a5a5a5a5a5aULL, rings[3].seen);

	memset(rings, 0x5a, sizeof(rings));
	stat.nr_rings = 2;
	ASSERT_EQ(0, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_STAT, &stat));
	EXPECT_EQ(3, stat.nr_rings);
	EXPECT_EQ(0, rings[1].seen);
	EXPECT_EQ(0x5a5a5a5a5a5a5a5aULL, rings[2].seen);

	stat.rings = (uintptr_t)(edge + PAGE - 3 * sizeof(rings[0]));
	stat.nr_rings = UINT32_MAX;
	EXPECT_EQ(0, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_STAT, &stat));
	EXPECT_EQ(3, stat.nr_rings);
	stat.rings += 8;
	stat.nr_rings = UINT32_MAX;
	EXPECT_EQ(-EFAULT, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_STAT,
					&stat));
	stat.rings = UINT64_MAX - 7;
	EXPECT_EQ(-EFAULT, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_STAT,
					&stat));
	stat.rings = 0;
	EXPECT_EQ(0, __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_STAT, &stat));
}

TEST_F(values, attachment_tells_of_its_own_pool_only)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	__u64 other = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct netexpert_pool_stat stat;

	EXPECT_EQ(0, __nexp_do_stat(fd, 0, &stat));
	EXPECT_EQ(pool, stat.pool_id);
	EXPECT_EQ(-EINVAL, __nexp_do_stat(fd, other, &stat));
	EXPECT_EQ(-EINVAL, __nexp_do_stat(fd, UINT64_MAX, &stat));
	memset(&stat, 0, sizeof(stat));
	stat.size = sizeof(stat);
	stat.flags = NETEXPERT_STAT_NEXT;
	EXPECT_EQ(-EOPNOTSUPP, __nexp_ioctl(fd, NETEXPERT_IOC_POOL_STAT, &stat));
}

TEST_F(values, no_file_descriptor_left_is_emfile)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	struct rlimit limit = { 0, 0 };
	struct nexp_child child;

	if (nexp_do_fork(_metadata, &child)) {
		ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
		EXPECT_EQ(-EMFILE, __nexp_do_open(self->session, pool));
		nexp_child_exit();
	}
	EXPECT_EQ(0, nexp_child_end(&child));
	EXPECT_EQ(NETEXPERT_POOL_IDLE, nexp_state(self->session, pool));
	EXPECT_LE(0, __nexp_do_open(self->session, pool));
}

TEST_F_TIMEOUT(values, too_many_pools_is_enospc, 120)
{
	struct netexpert_info info = nexp_do_info(_metadata, self->session);
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_create one_more;
	__u64 last = 0;
	__u32 made = 0;
	int ret;

	args.ring_size = PAGE;
	args.heap_size = PAGE;
	args.heap_limit = 0;
	for (;;) {
		one_more = args;
		ret = __nexp_do_pool(self->session, &one_more);
		if (ret)
			break;
		last = one_more.out_pool_id;
		made++;
		ASSERT_LE(made, info.out_max_pools);
	}
	EXPECT_EQ(-ENOSPC, ret);
	EXPECT_EQ(info.out_max_pools, made);
	ASSERT_EQ(0, __nexp_do_destroy(self->session, last));
	EXPECT_TRUE(nexp_becomes(!__nexp_do_pool(self->session, &args)))
		TH_LOG("the place of a destroyed pool is not free again");
}

TEST_F(values, more_bytes_than_the_module_may_have_is_edquot)
{
	struct netexpert_info info = nexp_do_info(_metadata, self->session);
	struct netexpert_pool_create args = nexp_pool_args();

	args.nr_rings = 256;
	args.ring_size = GIB;
	ASSERT_LT(info.out_max_bytes, args.nr_rings * args.ring_size);
	EXPECT_EQ(-EDQUOT, __nexp_do_pool(self->session, &args));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(0, info.out_nr_pools);
	EXPECT_EQ(0, info.out_bytes);
}

TEST_F(values, bytes_are_accounted_for)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_attach attach;
	struct netexpert_info info;
	__u64 rings;
	int fd;

	args.nr_rings = 4;
	args.out_pool_id = nexp_do_pool(_metadata, self->session, &args);
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(1, info.out_nr_pools);
	EXPECT_LE(4 * args.ring_size, info.out_bytes);
	rings = info.out_bytes;
	fd = nexp_do_open(_metadata, self->session, args.out_pool_id);
	ASSERT_EQ(0, __nexp_do_attach(fd, &attach));
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB / 2));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(rings + MIB / 2, info.out_bytes);
	ASSERT_EQ(0, __nexp_do_punch(fd, 0, MIB / 4));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(rings + MIB / 4, info.out_bytes);
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, args.out_pool_id));
	EXPECT_TRUE(nexp_becomes(!__nexp_do_info(self->session, &info) &&
				 info.out_bytes == rings));
}

TEST_HARNESS_MAIN
