// SPDX-License-Identifier: GPL-2.0
/*
 * inject_test - frames from a process: in order, waiting for room, none lost
 */
#include "child.h"
#include "filters.h"

#include <linux/if_arp.h>
#include <netexpert.h>
#include <pthread.h>

#define PAGE		4096UL
#define RING		(64UL << 10)
#define BEGIN_NS	1700000000000000000ULL
#define MSEC		1000000ULL
#define MANY_UNWANTED	20000000U

FIXTURE(inject)
{
	int session;
	__u64 pool;
	int injector;
};

static struct netexpert_inject_frame a_frame(const void *data, __u32 length)
{
	return (struct netexpert_inject_frame) {
		.data = (uintptr_t)data,
		.time_ns = BEGIN_NS,
		.cap_len = length,
		.wire_len = length,
		.ifindex = 1,
		.link_type = ARPHRD_ETHER,
	};
}

static void make_pool(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(inject) *self,
		      const struct netexpert_pool_create *args)
{
	self->pool = nexp_do_pool(_metadata, self->session, args);
	self->injector = __nexp_do_injector(self->session, self->pool);
	ASSERT_LE(0, self->injector);
}

FIXTURE_SETUP(inject)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	make_pool(_metadata, self, NULL);
}

FIXTURE_TEARDOWN(inject)
{
	close(self->injector);
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

static struct netexpert_pool_stat stat_of(struct __test_metadata *const _metadata,
					  FIXTURE_DATA(inject) *self)
{
	struct netexpert_pool_stat stat =
		nexp_do_stat(_metadata, self->session, self->pool);
	const struct netexpert_ring_stat *sum = &stat.out_sum;
	__u64 all = sum->filtered + sum->delivered;
	int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		all += sum->dropped[i];
	EXPECT_EQ(sum->seen, all);
	return stat;
}

static void adopt(struct __test_metadata *const _metadata,
		  FIXTURE_DATA(inject) *self, struct netexpert **nx)
{
	int fd;

	ASSERT_TRUE(nexp_becomes((fd = __nexp_do_open(self->session, self->pool)) >= 0));
	ASSERT_EQ(0, netexpert_adopt(fd, nx));
}

TEST_F(inject, a_record_says_what_the_frame_was)
{
	struct netexpert_inject_frame frames[2];
	const struct netexpert_record *record;
	struct nexp_attachment a;
	char bytes[100];
	size_t i;

	memset(bytes, 0xa5, sizeof(bytes));
	frames[0] = a_frame(bytes, 77);
	frames[0].time_ns += 1234567;
	frames[0].wire_len = 1500;
	frames[0].ifindex = 4711;
	frames[0].link_type = ARPHRD_NONE;
	frames[0].flags = NETEXPERT_RECORD_OUT;
	frames[1] = a_frame(bytes, 0);
	frames[1].time_ns -= 2001 * MSEC;
	EXPECT_EQ(2, __nexp_do_inject(self->injector, frames, 2));

	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &a);
	record = nexp_peek(&a, 0, 0);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(NETEXPERT_RECORD_OUT, record->flags);
	EXPECT_EQ(4711, record->ifindex);
	EXPECT_EQ(ARPHRD_NONE, record->link_type);
	EXPECT_EQ(77, record->cap_len);
	EXPECT_EQ(1500, record->wire_len);
	EXPECT_EQ(frames[0].time_ns, record->time_ns - a.info.out_created_ns +
				     a.info.out_realtime_ns);
	EXPECT_EQ(0, record->stamp_us);
	EXPECT_EQ(0, record->vlan_proto | record->gso_size | record->hash |
		     record->hwtime_ns | record->lost);
	EXPECT_EQ(0, memcmp(bytes, nexp_bytes(record), 77));
	for (i = 77; i < record->record_size - sizeof(*record); i++)
		EXPECT_EQ(0, nexp_bytes(record)[i]);

	/* A file's frames need not be in order, nor later than its first one. */
	record = nexp_peek(&a, 0, record->record_size);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(0, record->cap_len);
	EXPECT_EQ(frames[1].time_ns, record->time_ns - a.info.out_created_ns +
				     a.info.out_realtime_ns);
	EXPECT_EQ(-2002234, record->stamp_us);
}

TEST_F(inject, frames_of_all_sizes_arrive_as_they_were)
{
	static unsigned char bytes[NETEXPERT_MAX_INJECT];
	static const __u32 lengths[] = {
		1, 13, PAGE - 1, PAGE, PAGE + 1, 9018, 65535, 65536, 131073,
		NETEXPERT_MAX_INJECT - 1, NETEXPERT_MAX_INJECT,
	};
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_frame frame;
	struct netexpert *nx;
	size_t i;

	args.ring_size = 1 << 20;
	close(self->injector);
	make_pool(_metadata, self, &args);
	adopt(_metadata, self, &nx);
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 2654435761U >> 24;
	for (i = 0; i < NEXP_NR_INSNS(lengths); i++) {
		struct netexpert_inject_frame in = a_frame(bytes, lengths[i]);

		ASSERT_EQ(1, __nexp_do_inject(self->injector, &in, 1));
		ASSERT_EQ(0, netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS));
		ASSERT_EQ(lengths[i], frame.record->cap_len);
		EXPECT_EQ(0, memcmp(bytes, frame.data, lengths[i]))
			TH_LOG("%u bytes", lengths[i]);
	}
}

#define MANY	30000

struct injection {
	int fd;
	int ret;
};

/* Frames that carry their number, in batches, and then the end. */
static void *inject_many(void *arg)
{
	struct injection *injection = arg;
	struct netexpert_inject_frame frames[100];
	__u32 bytes[100][50] = {};
	__u32 number, i;

	for (number = 0; number < MANY && injection->ret >= 0; number += 100) {
		for (i = 0; i < 100; i++) {
			bytes[i][0] = number + i;
			frames[i] = a_frame(bytes[i], 4 + (number + i) % 190);
		}
		injection->ret = __nexp_do_inject(injection->fd, frames, 100);
		if (injection->ret != 100)
			break;
	}
	close(injection->fd);
	return NULL;
}

/* A hundred times what the ring holds; the reader sleeps, and so does the injector. */
TEST_F(inject, it_waits_for_room_and_loses_nothing)
{
	struct injection injection = { .fd = self->injector };
	struct netexpert_frame frames[64];
	struct netexpert_ring_stat sum;
	struct netexpert *nx;
	__u32 next = 0;
	pthread_t thread;
	int i, ret;

	adopt(_metadata, self, &nx);
	ASSERT_EQ(0, pthread_create(&thread, NULL, inject_many, &injection));
	while ((ret = netexpert_frame_batch(nx, frames, 64, NEXP_PATIENCE_MS)) > 0) {
		for (i = 0; i < ret; i++, next++) {
			ASSERT_EQ(next, *(const __u32 *)frames[i].data);
			ASSERT_EQ(4 + next % 190, frames[i].record->cap_len);
			ASSERT_EQ(0, frames[i].record->lost);
		}
	}
	ASSERT_EQ(-ENODATA, ret);
	EXPECT_EQ(MANY, next);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(100, injection.ret);
	self->injector = -1;
	sum = stat_of(_metadata, self).out_sum;
	EXPECT_EQ(MANY, sum.seen);
	EXPECT_EQ(MANY, sum.delivered);
}

/* The ring is full of less than what a reader would be woken for. */
TEST_F(inject, who_waits_for_room_wakes_the_reader)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct injection injection = {};
	struct netexpert_frame frame;
	struct netexpert *nx;
	pthread_t thread;
	__u32 nr = 0;
	int ret;

	args.ring_size = PAGE;
	args.wake_bytes = PAGE;
	args.wake_usecs = 10000000;
	close(self->injector);
	make_pool(_metadata, self, &args);
	injection.fd = self->injector;
	adopt(_metadata, self, &nx);
	ASSERT_EQ(0, pthread_create(&thread, NULL, inject_many, &injection));
	while (!(ret = netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS)))
		ASSERT_EQ(nr++, *(const __u32 *)frame.data);
	ASSERT_EQ(-ENODATA, ret);
	EXPECT_EQ(MANY, nr);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	self->injector = -1;
}

TEST_F(inject, what_never_fits_is_counted_and_does_not_wait)
{
	static char bytes[RING];
	struct netexpert_inject_frame frames[] = {
		a_frame(bytes, 10), a_frame(bytes, sizeof(bytes)), a_frame(bytes, 20),
	};
	struct nexp_attachment a;
	const struct netexpert_record *record;

	EXPECT_EQ(3, __nexp_do_inject(self->injector, frames, 3));
	EXPECT_EQ(1, stat_of(_metadata, self).out_sum.dropped[NETEXPERT_DROP_TOO_BIG]);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &a);
	record = nexp_peek(&a, 0, 0);
	record = nexp_peek(&a, 0, record->record_size);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(20, record->cap_len);
	EXPECT_EQ(1, record->lost);
}

TEST_F(inject, filter_and_snaplen_are_the_pools)
{
	static const struct sock_filter take_long[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 6000, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 5000),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	static char bytes[9000];
	struct netexpert_inject_frame frames[] = {
		a_frame(bytes, 5999), a_frame(bytes, 9000), a_frame(bytes, 9000),
	};
	struct netexpert_ring_stat sum;
	struct nexp_attachment a;

	frames[0].link_type = NEXP_FEED_LINK_TYPE;
	frames[1].link_type = NEXP_FEED_LINK_TYPE;
	ASSERT_EQ(0, __nexp_do_filter_feed(self->session, self->pool, take_long,
					   NEXP_NR_INSNS(take_long)));
	EXPECT_EQ(3, __nexp_do_inject(self->injector, frames, 3));
	sum = stat_of(_metadata, self).out_sum;
	EXPECT_EQ(1, sum.filtered);
	EXPECT_EQ(1, sum.delivered);
	EXPECT_EQ(1, sum.dropped[NETEXPERT_DROP_NO_PROGRAM]);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &a);
	EXPECT_EQ(5000, nexp_peek(&a, 0, 0)->cap_len);
	EXPECT_EQ(9000, nexp_peek(&a, 0, 0)->wire_len);
}

TEST_F(inject, who_asks_first_hears_what_the_filter_will_say)
{
	static const struct sock_filter take_long[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 6000, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 5000),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	static char bytes[9000];
	struct netexpert_inject_frame frames[] = {
		a_frame(bytes, 5999), a_frame(bytes, 9000), a_frame(bytes, 9000),
	};

	EXPECT_EQ(1, __nexp_do_judge(self->injector, frames, 1));
	frames[0].link_type = NEXP_FEED_LINK_TYPE;
	frames[1].link_type = NEXP_FEED_LINK_TYPE;
	ASSERT_EQ(0, __nexp_do_filter_feed(self->session, self->pool, take_long,
					   NEXP_NR_INSNS(take_long)));
	EXPECT_EQ(0, __nexp_do_judge(self->injector, &frames[0], 1));
	EXPECT_EQ(1, __nexp_do_judge(self->injector, &frames[1], 1));
	/* No program for its link type: it would be lost. */
	EXPECT_EQ(0, __nexp_do_judge(self->injector, &frames[2], 1));

	EXPECT_EQ(-EINVAL, __nexp_do_judge(self->injector, frames, 0));
	EXPECT_EQ(-EINVAL, __nexp_do_judge(self->injector, frames, 2));
	EXPECT_EQ(-EFAULT, __nexp_do_judge(self->injector, NULL, 1));
	frames[1].__reserved[1] = 1;
	EXPECT_EQ(-EOPNOTSUPP, __nexp_do_judge(self->injector, &frames[1], 1));
	frames[1].__reserved[1] = 0;
	EXPECT_EQ(0, stat_of(_metadata, self).out_sum.seen);

	ASSERT_EQ(0, __nexp_do_ref(self->session, NETEXPERT_IOC_POOL_DESTROY, self->pool));
	EXPECT_EQ(-ESTALE, __nexp_do_judge(self->injector, &frames[1], 1));
}

/* Injects one frame, of which all but the first @cap_len bytes were cut off. */
static bool is_wanted(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(inject) *self, const struct sock_filter *program,
		      __u16 nr, __u32 cap_len, __u32 wire_len)
{
	static char bytes[9000];
	struct netexpert_inject_frame frame = a_frame(bytes, cap_len);
	__u64 filtered = stat_of(_metadata, self).out_sum.filtered;

	frame.wire_len = wire_len;
	frame.link_type = NEXP_FEED_LINK_TYPE;
	EXPECT_EQ(0, __nexp_do_filter_feed(self->session, self->pool, program, nr));
	EXPECT_EQ(1, __nexp_do_inject(self->injector, &frame, 1));
	return stat_of(_metadata, self).out_sum.filtered == filtered;
}

/* libpcap judges a file's frames by the length that they had. */
TEST_F(inject, a_program_sees_the_length_of_the_whole_frame)
{
	static const struct {
		__u32 cap_len, wire_len, seen;
	} rows[] = {
		{ 0, 0, 0 }, { 0, 1, 1 }, { 96, 96, 96 }, { 96, 1442, 1442 },
		{ PAGE, PAGE, PAGE }, { PAGE, PAGE + 1, PAGE + 1 },
		{ PAGE + 1, PAGE + 1, PAGE + 1 }, { PAGE + 1, 9000, 9000 },
		{ 96, INT32_MAX, INT32_MAX }, { 96, UINT32_MAX, INT32_MAX },
		{ PAGE + 1, UINT32_MAX, INT32_MAX },
	};
	size_t i;

	for (i = 0; i < NEXP_NR_INSNS(rows); i++) {
		const struct sock_filter in_a[] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rows[i].seen, 0, 1),
			BPF_STMT(BPF_RET | BPF_K, 1),
			BPF_STMT(BPF_RET | BPF_K, 0),
		};
		const struct sock_filter in_x[] = {
			BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
			BPF_STMT(BPF_MISC | BPF_TXA, 0),
			in_a[1], in_a[2], in_a[3],
		};

		EXPECT_TRUE(is_wanted(_metadata, self, in_a, NEXP_NR_INSNS(in_a),
				      rows[i].cap_len, rows[i].wire_len))
			TH_LOG("A, row %zu", i);
		EXPECT_TRUE(is_wanted(_metadata, self, in_x, NEXP_NR_INSNS(in_x),
				      rows[i].cap_len, rows[i].wire_len))
			TH_LOG("X, row %zu", i);
	}
}

/* Loads of all sizes that end at every byte around the end of what was captured. */
static void load_around_the_end(struct __test_metadata *const _metadata,
				FIXTURE_DATA(inject) *self, __u32 cap_len, __u32 cut)
{
	static const __u16 sizes[] = { [1] = BPF_B, [2] = BPF_H, [4] = BPF_W };
	__u32 bytes, end;

	for (bytes = 1; bytes <= 4; bytes *= 2) {
		for (end = cap_len - 4; end <= cap_len + 4; end++) {
			const struct sock_filter program[] = {
				BPF_STMT(BPF_LD | sizes[bytes] | BPF_ABS, end - bytes),
				BPF_STMT(BPF_RET | BPF_K, 1),
			};

			EXPECT_EQ(end <= cap_len,
				  is_wanted(_metadata, self, program,
					    NEXP_NR_INSNS(program), cap_len, cap_len + cut))
				TH_LOG("%u bytes up to %u of %u captured, %u cut off",
				       bytes, end, cap_len, cut);
		}
	}
}

/* And what was cut off is not there to be loaded, wherever the rest lies. */
TEST_F(inject, a_program_loads_what_was_captured_and_no_more)
{
	static const __u32 cap_lens[] = { 8, 96, PAGE, PAGE + 2, 2 * PAGE };
	static const __u32 cuts[] = { 0, 1, 4, 9000, UINT32_MAX - 2 * PAGE };
	size_t i, j;

	for (i = 0; i < NEXP_NR_INSNS(cap_lens); i++)
		for (j = 0; j < NEXP_NR_INSNS(cuts); j++)
			load_around_the_end(_metadata, self, cap_lens[i], cuts[j]);
}

/* What a program can ask for that an interface would have; of cut frames, too. */
TEST_F(inject, a_program_may_ask_for_what_there_is_not)
{
	static const int loads[] = {
		SKF_AD_PROTOCOL, SKF_AD_PKTTYPE, SKF_AD_IFINDEX, SKF_AD_NLATTR,
		SKF_AD_NLATTR_NEST, SKF_AD_MARK, SKF_AD_QUEUE, SKF_AD_HATYPE,
		SKF_AD_RXHASH, SKF_AD_CPU, SKF_AD_VLAN_TAG, SKF_AD_VLAN_TAG_PRESENT,
		SKF_AD_PAY_OFFSET, SKF_AD_RANDOM, SKF_AD_VLAN_TPID,
	};
	static const struct {
		__u32 cap_len, wire_len;
	} rows[] = {
		{ 0, 0 }, { 0, 1500 }, { 60, 60 }, { 60, 61 }, { 60, UINT32_MAX },
		{ 9000, 9000 }, { 9000, 9001 }, { 9000, UINT32_MAX },
	};
	size_t i, j;

	for (i = 0; i < NEXP_NR_INSNS(loads); i++) {
		const struct sock_filter program[] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 0),
			BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0),
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + loads[i]),
			BPF_STMT(BPF_RET | BPF_K, 0),
		};

		for (j = 0; j < NEXP_NR_INSNS(rows); j++)
			EXPECT_FALSE(is_wanted(_metadata, self, program,
					       NEXP_NR_INSNS(program), rows[j].cap_len,
					       rows[j].wire_len));
	}
}

TEST_F(inject, the_end_is_told_and_outlives_an_expert)
{
	struct netexpert_inject_frame in = a_frame("frame", 5);
	struct netexpert_frame frame;
	struct nexp_child child;
	struct netexpert *nx;

	EXPECT_EQ(1, __nexp_do_inject(self->injector, &in, 1));
	if (nexp_do_fork(_metadata, &child)) {
		close(self->injector);
		adopt(_metadata, self, &nx);
		EXPECT_EQ(0, netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS));
		nexp_do_say(_metadata, &child, 1);
		EXPECT_EQ(-ENODATA, netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS));
		nexp_do_say(_metadata, &child, 2);
		/* Dies with the frame released and nothing in hand. */
		_exit(0);
	}
	EXPECT_EQ(1, nexp_do_hear(_metadata, &child));
	close(self->injector);
	self->injector = -1;
	EXPECT_EQ(2, nexp_do_hear(_metadata, &child));
	EXPECT_EQ(0, nexp_child_end(&child));

	adopt(_metadata, self, &nx);
	EXPECT_EQ(-ENODATA, netexpert_frame_next(nx, &frame, 0));
	EXPECT_EQ(-EBUSY, __nexp_do_injector(self->session, self->pool));
}

/* Waits in the injector for room in a ring that nobody reads. */
static int fill(int injector)
{
	static char bytes[1000];
	struct netexpert_inject_frame frame = a_frame(bytes, sizeof(bytes));
	int ret;

	while ((ret = __nexp_do_inject(injector, &frame, 1)) == 1)
		;
	return -ret;
}

static bool is_asleep(pid_t pid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	fclose(file);
	return state == 'S';
}

static void on_alarm(int signal)
{
	(void)signal;
}

TEST_F(inject, it_is_interrupted_by_signals_and_by_the_pools_end)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct nexp_child child;
	int status;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	if (nexp_do_fork(_metadata, &child)) {
		close(self->session);
		nexp_do_say(_metadata, &child, fill(self->injector));
		_exit(fill(self->injector));
	}
	/* While frames are under way the law need not hold. */
	ASSERT_TRUE(nexp_becomes(nexp_do_stat(_metadata, self->session, self->pool)
				 .out_sum.delivered > 50 && is_asleep(child.pid)));
	ASSERT_EQ(0, kill(child.pid, SIGUSR1));
	EXPECT_EQ(EINTR, nexp_do_hear(_metadata, &child));
	ASSERT_TRUE(nexp_becomes(is_asleep(child.pid)));
	ASSERT_EQ(0, __nexp_do_destroy(self->session, self->pool));
	status = nexp_child_end(&child);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(ESTALE, WEXITSTATUS(status));
	EXPECT_EQ(ESTALE, fill(self->injector));
}

/* Frames that nobody wants never wait for room: more of them than there is time for. */
TEST_F(inject, signals_end_a_call_that_never_waits)
{
	static const struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	/* Zeros are frames, too: without bytes, of this link type. */
	const struct netexpert_program program = NEXP_PROGRAM(ARPHRD_NETROM, none);
	struct sigaction action = { .sa_handler = on_alarm };
	size_t size = MANY_UNWANTED * sizeof(struct netexpert_inject_frame);
	struct nexp_child child;
	void *frames;
	__u64 seen;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, __nexp_do_filter(self->session, self->pool, &program, 1, NULL));
	frames = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		      -1, 0);
	ASSERT_NE(MAP_FAILED, frames);
	if (nexp_do_fork(_metadata, &child)) {
		nexp_do_say(_metadata, &child,
			    __nexp_do_inject(self->injector, frames, MANY_UNWANTED));
		nexp_do_say(_metadata, &child,
			    __nexp_do_inject(self->injector, frames, MANY_UNWANTED));
		nexp_child_exit();
	}
	ASSERT_TRUE(nexp_becomes(nexp_do_stat(_metadata, self->session, self->pool)
				 .out_sum.seen > 1000));
	ASSERT_EQ(0, kill(child.pid, SIGUSR1));
	seen = nexp_do_hear(_metadata, &child);
	EXPECT_LT(1000, seen);
	EXPECT_GT(MANY_UNWANTED, seen);
	ASSERT_TRUE(nexp_becomes(nexp_do_stat(_metadata, self->session, self->pool)
				 .out_sum.seen > seen + 1000));
	ASSERT_EQ(0, kill(child.pid, SIGKILL));
	EXPECT_EQ(SIGKILL, WTERMSIG(nexp_child_end(&child)));
	EXPECT_GT(seen + MANY_UNWANTED, stat_of(_metadata, self).out_sum.seen);
}

/* What it scribbled is gone with it; who waited for room goes on. */
TEST_F(inject, an_expert_that_says_nonsense_holds_up_only_itself)
{
	struct injection injection = { .fd = self->injector };
	struct netexpert_frame frame;
	struct nexp_child child;
	struct nexp_attachment a;
	struct netexpert *nx;
	pthread_t thread;
	__u32 nr = 0;
	int ret;

	if (nexp_do_fork(_metadata, &child)) {
		close(self->injector);
		nexp_do_attach(_metadata,
			       nexp_do_open(_metadata, self->session, self->pool), &a);
		nexp_release(&a, 0, 4);
		nexp_do_say(_metadata, &child, 1);
		nexp_do_hear(_metadata, &child);
		nexp_child_exit();
	}
	EXPECT_EQ(1, nexp_do_hear(_metadata, &child));
	ASSERT_EQ(0, pthread_create(&thread, NULL, inject_many, &injection));
	nexp_do_say(_metadata, &child, 2);
	EXPECT_EQ(0, nexp_child_end(&child));
	adopt(_metadata, self, &nx);
	while (!(ret = netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS)))
		ASSERT_EQ(nr++, *(const __u32 *)frame.data);
	ASSERT_EQ(-ENODATA, ret);
	EXPECT_EQ(MANY, nr);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	self->injector = -1;
	EXPECT_EQ(MANY, stat_of(_metadata, self).out_sum.delivered);
}

/* Small ones and such that fill the ring by themselves, with their number. */
static void *inject_small_and_large(void *arg)
{
	static __u32 bytes[PAGE / 4];
	struct injection *injection = arg;
	struct netexpert_inject_frame frame;
	__u32 number;

	for (number = 0; injection->ret >= 0; number++) {
		bytes[0] = number;
		frame = a_frame(bytes, number & 1 ? PAGE - 80 : 4);
		injection->ret = __nexp_do_inject(injection->fd, &frame, 1);
	}
	return NULL;
}

/* An expert's life: releases some frames, and says how many there were up to then. */
static void read_some(struct __test_metadata *const _metadata,
		      FIXTURE_DATA(inject) *self, struct nexp_child *child, int nr,
		      __u64 released)
{
	struct netexpert_pool_info info;
	struct netexpert_frame frame;
	struct netexpert *nx;

	adopt(_metadata, self, &nx);
	netexpert_pool_info(nx, &info);
	ASSERT_EQ(released, info.released);
	while (nr--) {
		ASSERT_EQ(0, netexpert_frame_next(nx, &frame, NEXP_PATIENCE_MS));
		ASSERT_EQ(released, *(const __u32 *)frame.data);
		released++;
	}
	ASSERT_EQ(0, netexpert_frame_release(nx));
	nexp_do_say(_metadata, child, released);
	nexp_child_exit();
}

/* A delivery is under way, over what was released, whenever an expert ends. */
TEST_F(inject, what_was_released_is_known_to_the_frame_while_frames_come)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct injection injection = {};
	struct nexp_child child;
	__u64 released = 0;
	pthread_t thread;
	int i;

	args.ring_size = PAGE;
	close(self->injector);
	make_pool(_metadata, self, &args);
	injection.fd = self->injector;
	ASSERT_EQ(0, pthread_create(&thread, NULL, inject_small_and_large, &injection));
	for (i = 0; i < 100; i++) {
		if (nexp_do_fork(_metadata, &child))
			read_some(_metadata, self, &child, 1 + i % 7, released);
		released = nexp_do_hear(_metadata, &child);
		ASSERT_EQ(0, nexp_child_end(&child));
	}
	ASSERT_EQ(0, __nexp_do_destroy(self->session, self->pool));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(-ESTALE, injection.ret);
}

TEST_F(inject, bad_frames_change_nothing)
{
	static const __u64 nowhere = 1ULL << 40;
	struct netexpert_inject_frame frame = a_frame("x", 1), bad[9];
	static const int errors[] = {
		-EOPNOTSUPP, -EOPNOTSUPP, -EOPNOTSUPP, -EOPNOTSUPP, -EINVAL, -EINVAL,
		-EINVAL, -EFAULT, -EFAULT,
	};
	struct netexpert_inject_frame some[3];
	size_t i;

	for (i = 0; i < NEXP_NR_INSNS(bad); i++)
		bad[i] = frame;
	bad[0].flags = NETEXPERT_RECORD_VLAN;
	bad[1].flags = 1U << 31;
	bad[2].__reserved[0] = 1;
	bad[3].__reserved[2] = 1;
	bad[4].cap_len = 2;
	bad[5].cap_len = NETEXPERT_MAX_INJECT + 1;
	bad[5].wire_len = UINT32_MAX;
	bad[6].cap_len = UINT32_MAX;
	bad[6].wire_len = UINT32_MAX;
	bad[7].data = 0;
	bad[8].data = nowhere;
	for (i = 0; i < NEXP_NR_INSNS(bad); i++)
		EXPECT_EQ(errors[i], __nexp_do_inject(self->injector, &bad[i], 1))
			TH_LOG("row %zu", i);
	EXPECT_EQ(-EFAULT, __nexp_do_inject(self->injector, NULL, 1));
	EXPECT_EQ(-EFAULT, __nexp_do_inject(self->injector, (void *)nowhere, UINT32_MAX));
	EXPECT_EQ(0, __nexp_do_inject(self->injector, NULL, 0));
	EXPECT_EQ(0, stat_of(_metadata, self).out_sum.seen);

	/* What stands before the bad one is in. */
	some[0] = frame;
	some[1] = bad[8];
	some[2] = frame;
	EXPECT_EQ(1, __nexp_do_inject(self->injector, some, 3));
	EXPECT_EQ(-EFAULT, __nexp_do_inject(self->injector, some + 1, 2));
	EXPECT_EQ(1, stat_of(_metadata, self).out_sum.seen);
}

TEST_F(inject, a_pool_has_one_injector_and_that_does_one_thing)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct netexpert_pool_stat stat = { .size = sizeof(stat) };
	__u64 two_rings;
	int other;

	EXPECT_EQ(-EBUSY, __nexp_do_injector(self->session, self->pool));
	EXPECT_EQ(-ENOENT, __nexp_do_injector(self->session, self->pool + (1ULL << 40)));
	other = nexp_do_session(_metadata);
	EXPECT_EQ(-ENOENT, __nexp_do_injector(other, self->pool));
	close(other);
	args.nr_rings = 2;
	two_rings = nexp_do_pool(_metadata, self->session, &args);
	EXPECT_EQ(-EINVAL, __nexp_do_injector(self->session, two_rings));

	EXPECT_EQ(-ENOTTY, __nexp_ioctl(self->injector, NETEXPERT_IOC_POOL_STAT, &stat));
	EXPECT_EQ(-ENOTTY, __nexp_do_commit(self->injector, 0, PAGE));
	EXPECT_EQ(MAP_FAILED, __nexp_do_map(self->injector, NETEXPERT_MAP_STATUS, PAGE,
					    PROT_READ));
	EXPECT_EQ(EACCES, errno);
}

TEST_HARNESS_MAIN
