// SPDX-License-Identifier: GPL-2.0
/*
 * bytes_test - what a program made itself: netexpert_bytes_deliver()
 *
 * The bytes are those of a map's value, from its beginning.
 */
#include "feed.h"
#include "filters.h"

#define PAGE	4096U
#define MOST	65536U
#define ROOM	(MOST + 16)

FIXTURE(bytes)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
	int map;
	unsigned char value[ROOM];
};

static void make_pool(struct __test_metadata *const _metadata, FIXTURE_DATA(bytes) *self,
		      const struct netexpert_pool_create *args)
{
	self->pool = nexp_do_pool(_metadata, self->session, args);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
}

FIXTURE_SETUP(bytes)
{
	__u32 zero = 0;
	size_t i;

	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "nexp_bytes", sizeof(zero), ROOM, 1,
				   NULL);
	ASSERT_LE(0, self->map);
	for (i = 0; i < ROOM; i++)
		self->value[i] = i * 7 + 1;
	ASSERT_EQ(0, bpf_map_update_elem(self->map, &zero, self->value, BPF_ANY));
}

FIXTURE_TEARDOWN(bytes)
{
	close(self->map);
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/**
 * struct deliver - what a program asks the kfunc for
 * @pool_id: the pool.
 * @length: bytes of the value.
 * @flags: the kfunc's.
 */
struct deliver {
	__u64 pool_id;
	__u32 length;
	__u32 flags;
};

/* Return: a program, or -errno. */
static int load(FIXTURE_DATA(bytes) *self, const struct deliver *deliver)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	int fd_array[2] = { -1, __nexp_module_btf() };
	struct bpf_insn insns[9];
	static int kfunc;
	int n = 0, fd;

	if (kfunc <= 0)
		kfunc = __nexp_find_kfunc("netexpert_bytes_deliver");
	if (kfunc < 0)
		return kfunc;
	insns[n++] = NEXP_INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, 0, 0,
			       (__u32)deliver->pool_id);
	insns[n++] = NEXP_INSN(0, 0, 0, 0, deliver->pool_id >> 32);
	insns[n++] = NEXP_INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, BPF_PSEUDO_MAP_VALUE, 0,
			       self->map);
	insns[n++] = NEXP_INSN(0, 0, 0, 0, 0);
	insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, deliver->length);
	insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, deliver->flags);
	insns[n++] = NEXP_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 1, kfunc);
	insns[n++] = NEXP_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);

	opts.fd_array = fd_array;
	fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "nexp_deliver", "GPL", insns, n, &opts);
	if (fd < 0)
		fd = -errno;
	close(fd_array[1]);
	return fd;
}

/* Delivers once; answers what the kfunc answered. */
static int do_deliver(struct __test_metadata *const _metadata, FIXTURE_DATA(bytes) *self,
		      struct deliver deliver)
{
	unsigned char frame[ETH_HLEN] = { 0 };
	int program = load(self, &deliver), answer;

	ASSERT_LE(0, program)
		TH_LOG("%u bytes, flags %x: %s", deliver.length, deliver.flags,
		       strerror(-program));
	answer = nexp_do_feed(_metadata, program, frame, sizeof(frame), 1);
	close(program);
	return answer;
}

#define DELIVER(_length)							\
	do_deliver(_metadata, self,						\
		   (struct deliver){ .pool_id = self->pool, .length = (_length) })

static struct netexpert_ring_stat sum(struct __test_metadata *const _metadata,
				      FIXTURE_DATA(bytes) *self)
{
	struct netexpert_ring_stat sum = nexp_do_stat(_metadata, self->session,
						      self->pool).out_sum;
	__u64 all = sum.filtered + sum.delivered;
	int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		all += sum.dropped[i];
	EXPECT_EQ(sum.seen, all);
	return sum;
}

TEST_F(bytes, record_says_that_it_is_no_frame)
{
	static const __u32 lengths[] = { 1, 7, 8, 9, 48, PAGE, MOST - 1, MOST };
	struct netexpert_pool_create args = nexp_pool_args();
	const struct netexpert_record *record;
	__u64 at = 0, bytes = 0;
	struct timespec now;
	size_t i, j;

	args.ring_size = 1 << 20;
	make_pool(_metadata, self, &args);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ASSERT_EQ(0, DELIVER(lengths[i]));
		clock_gettime(CLOCK_MONOTONIC, &now);
		record = nexp_peek(&self->a, 0, at);
		ASSERT_NE(NULL, record);
		EXPECT_EQ(NETEXPERT_RECORD_BYTES, record->flags);
		EXPECT_EQ(0, record->ifindex);
		EXPECT_EQ(ARPHRD_VOID, record->link_type);
		EXPECT_EQ(0, record->vlan_tci);
		EXPECT_EQ(0, record->vlan_proto);
		EXPECT_EQ(0, record->gso_size);
		EXPECT_EQ(0, record->hash);
		EXPECT_EQ(0, record->hwtime_ns);
		EXPECT_EQ(0, record->lost);
		EXPECT_EQ(0, record->__reserved);
		EXPECT_EQ(0, record->__reserved2);
		EXPECT_LT(self->a.info.out_created_ns, record->time_ns);
		EXPECT_GE(now.tv_sec * 1000000000ULL + now.tv_nsec, record->time_ns);
		EXPECT_EQ((record->time_ns - self->a.info.out_created_ns) / 1000,
			  (__u64)record->stamp_us);
		EXPECT_EQ(lengths[i], record->wire_len);
		EXPECT_EQ(lengths[i], record->cap_len);
		EXPECT_EQ(nexp_record_size(lengths[i]), record->record_size);
		EXPECT_EQ(0, memcmp(nexp_bytes(record), self->value, lengths[i]));
		for (j = lengths[i]; j < record->record_size - sizeof(*record); j++)
			EXPECT_EQ(0, nexp_bytes(record)[j]);
		at += record->record_size;
		bytes += lengths[i];
	}
	EXPECT_EQ(i, sum(_metadata, self).delivered);
	EXPECT_EQ(bytes, sum(_metadata, self).delivered_bytes);
}

TEST_F(bytes, snaplen_keeps_the_beginning)
{
	struct netexpert_pool_create args = nexp_pool_args();
	const struct netexpert_record *record;

	args.snaplen = 10;
	make_pool(_metadata, self, &args);
	ASSERT_EQ(0, DELIVER(100));
	record = nexp_peek(&self->a, 0, 0);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(100, record->wire_len);
	EXPECT_EQ(10, record->cap_len);
	EXPECT_EQ(0, memcmp(nexp_bytes(record), self->value, 10));
}

TEST_F(bytes, no_filter_judges_them)
{
	make_pool(_metadata, self, NULL);
	ASSERT_EQ(0, __nexp_do_filter_all(self->session, self->pool, 0));
	EXPECT_EQ(0, DELIVER(100));
	EXPECT_EQ(1, sum(_metadata, self).delivered);
}

TEST_F(bytes, what_makes_no_sense_is_refused_and_not_counted)
{
	int bit;

	make_pool(_metadata, self, NULL);
	for (bit = 0; bit < 32; bit += 5)
		EXPECT_EQ(-EINVAL, do_deliver(_metadata, self, (struct deliver){
			.pool_id = self->pool, .length = 8, .flags = 1U << bit }));
	EXPECT_EQ(-EINVAL, DELIVER(0));
	EXPECT_EQ(0, sum(_metadata, self).seen);
}

TEST_F(bytes, the_verifier_lets_nobody_read_beyond_the_end)
{
	static const __u32 lengths[] = { ROOM + 1, 1 << 20, INT32_MAX, 1U << 31, UINT32_MAX };
	size_t i;

	make_pool(_metadata, self, NULL);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct deliver deliver = { .pool_id = self->pool, .length = lengths[i] };

		EXPECT_EQ(-EACCES, load(self, &deliver));
	}
}

TEST_F(bytes, too_many_are_lost_and_counted)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.ring_size = 1 << 20;
	make_pool(_metadata, self, &args);
	EXPECT_EQ(-ENOSPC, DELIVER(MOST + 1));
	EXPECT_EQ(-ENOSPC, DELIVER(ROOM));
	EXPECT_EQ(2, sum(_metadata, self).dropped[NETEXPERT_DROP_TOO_BIG]);
	EXPECT_EQ(2, nexp_ring_status(&self->a, 0)->lost);
	EXPECT_EQ(0, DELIVER(MOST));
	EXPECT_EQ(2, nexp_peek(&self->a, 0, 0)->lost);
	EXPECT_EQ(1 << NETEXPERT_DROP_TOO_BIG, nexp_peek(&self->a, 0, 0)->lost_causes);
}

TEST_F(bytes, a_ring_that_is_too_small_or_full_or_corrupt_loses_them)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_ring_stat stat;

	args.ring_size = PAGE;
	make_pool(_metadata, self, &args);
	EXPECT_EQ(-ENOSPC, DELIVER(PAGE));
	EXPECT_EQ(0, DELIVER(PAGE - sizeof(struct netexpert_record)));
	EXPECT_EQ(-ENOSPC, DELIVER(1));
	nexp_release(&self->a, 0, 4);
	EXPECT_EQ(-ENOSPC, DELIVER(1));
	nexp_release(&self->a, 0, PAGE);
	EXPECT_EQ(0, DELIVER(1));
	stat = sum(_metadata, self);
	EXPECT_EQ(5, stat.seen);
	EXPECT_EQ(2, stat.delivered);
	EXPECT_EQ(1, stat.dropped[NETEXPERT_DROP_TOO_BIG]);
	EXPECT_EQ(1, stat.dropped[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(1, stat.dropped[NETEXPERT_DROP_CORRUPT]);
}

TEST_F(bytes, no_pool_is_counted_by_the_module)
{
	struct netexpert_info before, after;

	make_pool(_metadata, self, NULL);
	before = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(-ENOENT, do_deliver(_metadata, self, (struct deliver){
		.pool_id = self->pool ^ (1ULL << 63), .length = 8 }));
	ASSERT_EQ(0, __nexp_do_destroy(self->session, self->pool));
	EXPECT_EQ(-ENOENT, DELIVER(8));
	after = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(before.out_drops_no_pool + 2, after.out_drops_no_pool);
}

TEST_F(bytes, they_stand_among_frames_in_order)
{
	static const __u32 flags[] = {
		NETEXPERT_RECORD_OUT, NETEXPERT_RECORD_BYTES, NETEXPERT_RECORD_OUT,
	};
	const struct netexpert_record *record;
	__u64 at = 0, time_ns = 0;
	int feed;
	size_t i;

	make_pool(_metadata, self, NULL);
	feed = nexp_do_load(_metadata, self->pool);
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, feed, 1, 100));
	ASSERT_EQ(0, DELIVER(100));
	ASSERT_EQ(0, nexp_do_feed_number(_metadata, feed, 2, 100));
	close(feed);
	for (i = 0; i < 3; i++) {
		record = nexp_peek(&self->a, 0, at);
		ASSERT_NE(NULL, record);
		EXPECT_EQ(flags[i], record->flags);
		EXPECT_LE(time_ns, record->time_ns);
		time_ns = record->time_ns;
		at += record->record_size;
	}
	EXPECT_EQ(3, sum(_metadata, self).seen);
}

TEST_HARNESS_MAIN
