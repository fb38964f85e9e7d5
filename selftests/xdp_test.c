// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_test - frames at XDP: netexpert_xdp_deliver()
 *
 * BPF_PROG_TEST_RUN makes them, as if they came from one end of a veth pair, in one
 * buffer or in several. Filters must see there what a packet socket's would.
 */
#include "feed.h"
#include "filters.h"
#include "tap_device.h"

#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <sched.h>

#define INTERFACE	"nexp-x0"
#define MOST		40000U
/* Of Linux 5.18; Debian 12's linux/bpf.h has it, its libbpf does not ask for it. */
#define HAS_FRAGS	(1U << 5)

FIXTURE(xdp)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
	unsigned int ifindex;
	unsigned char mac[ETH_ALEN];
	unsigned char frame[MOST];
};

FIXTURE_SETUP(xdp)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct ifreq request = { .ifr_name = INTERFACE };
	int fd;
	size_t i;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, system("ip link add " INTERFACE " type veth peer name nexp-x1"));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, ioctl(fd, SIOCGIFHWADDR, &request));
	memcpy(self->mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	ASSERT_EQ(0, ioctl(fd, SIOCGIFINDEX, &request));
	self->ifindex = request.ifr_ifindex;
	close(fd);

	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	args.ring_size = 1 << 20;
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
	for (i = 0; i < MOST; i++)
		self->frame[i] = i * 7 + i / 251;
	self->frame[12] = NEXP_FEED_PROTO >> 8;
	self->frame[13] = NEXP_FEED_PROTO & 0xff;
}

FIXTURE_TEARDOWN(xdp)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/**
 * struct deliver - what a program asks the kfunc for
 * @pool_id: the pool.
 * @snaplen: 0 for the pool's own.
 * @flags: the kfunc's.
 */
struct deliver {
	__u64 pool_id;
	__u32 snaplen;
	__u32 flags;
};

/* Return: a program, or -errno. */
static int load(enum bpf_prog_type type, const struct deliver *deliver)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	int fd_array[2] = { -1, __nexp_module_btf() };
	struct bpf_insn insns[6];
	static int kfunc;
	int n = 0, fd;

	if (kfunc <= 0)
		kfunc = __nexp_find_kfunc("netexpert_xdp_deliver");
	if (kfunc < 0)
		return kfunc;
	insns[n++] = NEXP_INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, 0, 0,
			       (__u32)deliver->pool_id);
	insns[n++] = NEXP_INSN(0, 0, 0, 0, deliver->pool_id >> 32);
	insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0, deliver->snaplen);
	insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, deliver->flags);
	insns[n++] = NEXP_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 1, kfunc);
	insns[n++] = NEXP_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);

	opts.fd_array = fd_array;
	opts.prog_flags = type == BPF_PROG_TYPE_XDP ? HAS_FRAGS : 0;
	fd = bpf_prog_load(type, "nexp_deliver", "GPL", insns, n, &opts);
	if (fd < 0)
		fd = -errno;
	close(fd_array[1]);
	return fd;
}

/* Delivers the first bytes of the frame; answers what the kfunc answered. */
static int do_deliver(struct __test_metadata *const _metadata, FIXTURE_DATA(xdp) *self,
		      struct deliver deliver, __u32 length)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct xdp_md ctx = { .data_end = length, .ingress_ifindex = self->ifindex };
	static unsigned char after[MOST];
	int program = load(BPF_PROG_TYPE_XDP, &deliver);

	ASSERT_LE(0, program)
		TH_LOG("a program for XDP: %s", strerror(-program));
	opts.data_in = self->frame;
	opts.data_size_in = length;
	opts.data_out = after;
	opts.data_size_out = MOST;
	opts.ctx_in = &ctx;
	opts.ctx_size_in = sizeof(ctx);
	opts.repeat = 1;
	ASSERT_EQ(0, bpf_prog_test_run_opts(program, &opts))
		TH_LOG("%u bytes: BPF_PROG_TEST_RUN: %s", length, strerror(errno));
	close(program);
	/* The frame is left alone. */
	ASSERT_EQ(length, opts.data_size_out);
	EXPECT_EQ(0, memcmp(after, self->frame, length));
	return (int)opts.retval;
}

#define DELIVER(_length)							\
	do_deliver(_metadata, self, (struct deliver){ .pool_id = self->pool }, _length)

#define SUM() nexp_do_sum(_metadata, self->session, self->pool)

/* The next record is the first @length bytes, with all of its header. */
static void check_record(struct __test_metadata *const _metadata, FIXTURE_DATA(xdp) *self,
			 __u32 length, __u32 flags)
{
	const struct netexpert_record *record = nexp_next_record(&self->a);
	struct timespec now;
	size_t i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ASSERT_NE(NULL, record)
		TH_LOG("%u bytes", length);
	EXPECT_EQ(flags, record->flags);
	EXPECT_EQ(self->ifindex, record->ifindex);
	EXPECT_EQ(ARPHRD_ETHER, record->link_type);
	EXPECT_EQ(0, record->gso_size);
	EXPECT_EQ(0, record->gso_segs);
	EXPECT_EQ(0, record->hash);
	EXPECT_EQ(0, record->hwtime_ns);
	EXPECT_EQ(0, record->lost);
	EXPECT_EQ(0, record->__reserved);
	EXPECT_EQ(0, record->__reserved2);
	EXPECT_LT(self->a.info.out_created_ns, record->time_ns);
	EXPECT_GE(now.tv_sec * 1000000000ULL + now.tv_nsec, record->time_ns);
	EXPECT_EQ(length, record->wire_len);
	EXPECT_EQ(length, record->cap_len);
	EXPECT_EQ(nexp_record_size(length), record->record_size);
	EXPECT_EQ(0, memcmp(nexp_bytes(record), self->frame, length))
		TH_LOG("%u bytes", length);
	for (i = length; i < record->record_size - sizeof(*record); i++)
		EXPECT_EQ(0, nexp_bytes(record)[i]);
}

TEST_F(xdp, frames_of_every_length_are_stored_as_they_are)
{
	static const __u32 lengths[] = {
		14, 15, 18, 60, 64, 1514, 3000, 3520, 4096, 5000, 9014, 16384, MOST
	};
	size_t i;

	for (i = 0; i < NEXP_NR_INSNS(lengths); i++) {
		ASSERT_EQ(0, DELIVER(lengths[i]));
		check_record(_metadata, self, lengths[i], 0);
	}
	EXPECT_EQ(i, SUM().delivered);
	EXPECT_EQ(i, SUM().seen);
}

static void put_tag(FIXTURE_DATA(xdp) *self, __u16 protocol, __u16 tci, __u16 inner)
{
	self->frame[12] = protocol >> 8;
	self->frame[13] = protocol & 0xff;
	self->frame[14] = tci >> 8;
	self->frame[15] = tci & 0xff;
	self->frame[16] = inner >> 8;
	self->frame[17] = inner & 0xff;
}

TEST_F(xdp, the_first_tag_stands_in_the_header_and_in_the_bytes)
{
	static const struct { __u16 protocol, tci, inner; } tags[] = {
		{ ETH_P_8021Q, 5, ETH_P_IP }, { ETH_P_8021Q, 0xffff, NEXP_FEED_PROTO },
		{ ETH_P_8021AD, 100, ETH_P_8021Q }, { ETH_P_8021Q, 7, 60 },
	};
	static const __u32 lengths[] = { 18, 64, 1518, 9018 };
	const struct netexpert_record *record;
	size_t i, j;
	__u64 at;

	for (i = 0; i < NEXP_NR_INSNS(tags); i++) {
		put_tag(self, tags[i].protocol, tags[i].tci, tags[i].inner);
		for (j = 0; j < NEXP_NR_INSNS(lengths); j++) {
			at = nexp_ring_consumer(&self->a, 0)->position;
			ASSERT_EQ(0, DELIVER(lengths[j]));
			record = nexp_peek(&self->a, 0, at);
			ASSERT_NE(NULL, record);
			EXPECT_EQ(tags[i].protocol, record->vlan_proto);
			EXPECT_EQ(tags[i].tci, record->vlan_tci);
			check_record(_metadata, self, lengths[j], NETEXPERT_RECORD_VLAN);
		}
	}
	/* A tag that is not all there is none. */
	for (i = 14; i < 18; i++) {
		ASSERT_EQ(0, DELIVER(i));
		check_record(_metadata, self, i, 0);
	}
}

/* Whether the pool's filter takes the frame if it loads @value there. */
static int takes(struct __test_metadata *const _metadata, FIXTURE_DATA(xdp) *self, __u16 size,
		 __u32 from, __u32 value, __u32 length)
{
	const struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | size | BPF_ABS, from),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct netexpert_program program = NEXP_PROGRAM(ARPHRD_ETHER, insns);

	EXPECT_EQ(0, __nexp_do_filter(self->session, self->pool, &program, 1, NULL));
	return DELIVER(length);
}

#define TAKES(size, from, value) \
	EXPECT_EQ(0, takes(_metadata, self, size, (__u32)(from), value, length))
#define REJECTS(size, from, value) \
	EXPECT_EQ(-ENOMSG, takes(_metadata, self, size, (__u32)(from), value, length))

/* IPv4 and UDP behind an Ethernet header of @at bytes. */
static void put_udp(FIXTURE_DATA(xdp) *self, size_t at)
{
	memset(self->frame + at, 0, 28);
	self->frame[at] = 0x45;
	self->frame[at + 3] = 60;
	self->frame[at + 8] = 64;
	self->frame[at + 9] = 17;
	self->frame[at + 25] = 40;
}

static void check_ancillary(struct __test_metadata *const _metadata, FIXTURE_DATA(xdp) *self,
			    __u32 length)
{
	self->frame[12] = ETH_P_IP >> 8;
	self->frame[13] = ETH_P_IP & 0xff;
	put_udp(self, ETH_HLEN);
	TAKES(BPF_W, NEXP_AD(PROTOCOL), ETH_P_IP);
	TAKES(BPF_W, NEXP_AD(IFINDEX), self->ifindex);
	TAKES(BPF_W, NEXP_AD(HATYPE), ARPHRD_ETHER);
	TAKES(BPF_W, NEXP_AD(MARK), 0);
	TAKES(BPF_W, NEXP_AD(RXHASH), 0);
	/* The first one. */
	TAKES(BPF_W, NEXP_AD(QUEUE), 1);
	TAKES(BPF_W, NEXP_AD(VLAN_TAG_PRESENT), 0);
	TAKES(BPF_W, NEXP_AD(PAY_OFFSET), ETH_HLEN + 28);
	TAKES(BPF_H, 12, ETH_P_IP);
	TAKES(BPF_H, SKF_LL_OFF + 12, ETH_P_IP);
	TAKES(BPF_B, SKF_NET_OFF, 0x45);
	TAKES(BPF_B, length - 1, self->frame[length - 1]);
	/* What is before the frame, and behind it, nobody sees. */
	REJECTS(BPF_B, length, 0);
	REJECTS(BPF_W, length - 3, 0);
	REJECTS(BPF_B, SKF_LL_OFF - 1, 0);

	put_tag(self, ETH_P_8021Q, 5, ETH_P_IP);
	put_udp(self, ETH_HLEN + 4);
	TAKES(BPF_W, NEXP_AD(PROTOCOL), ETH_P_IP);
	TAKES(BPF_W, NEXP_AD(VLAN_TAG_PRESENT), 1);
	TAKES(BPF_W, NEXP_AD(VLAN_TAG), 5);
	TAKES(BPF_W, NEXP_AD(VLAN_TPID), ETH_P_8021Q);
	TAKES(BPF_H, 12, ETH_P_IP);
	TAKES(BPF_B, SKF_NET_OFF, 0x45);
	TAKES(BPF_B, length - 5, self->frame[length - 1]);
	REJECTS(BPF_B, length - 4, 0);
}

TEST_F(xdp, a_filter_sees_what_a_packet_sockets_would)
{
	check_ancillary(_metadata, self, 60);
	check_ancillary(_metadata, self, 9000);
}

TEST_F(xdp, whom_a_frame_is_for_is_known)
{
	__u32 length = 60;

	memcpy(self->frame, self->mac, ETH_ALEN);
	TAKES(BPF_W, NEXP_AD(PKTTYPE), PACKET_HOST);
	self->frame[5] ^= 1;
	TAKES(BPF_W, NEXP_AD(PKTTYPE), PACKET_OTHERHOST);
	self->frame[0] = 0x01;
	TAKES(BPF_W, NEXP_AD(PKTTYPE), PACKET_MULTICAST);
	memset(self->frame, 0xff, ETH_ALEN);
	TAKES(BPF_W, NEXP_AD(PKTTYPE), PACKET_BROADCAST);
	put_tag(self, ETH_P_8021Q, 5, ETH_P_IP);
	TAKES(BPF_W, NEXP_AD(PKTTYPE), PACKET_BROADCAST);
	/* Not a number of a protocol but a length. */
	self->frame[12] = 0;
	self->frame[13] = 46;
	TAKES(BPF_W, NEXP_AD(PROTOCOL), ETH_P_802_2);
}

TEST_F(xdp, snaplen_and_filter_cut)
{
	static const struct sock_filter forty[] = { BPF_STMT(BPF_RET | BPF_K, 40) };
	const struct netexpert_program program = NEXP_PROGRAM(ARPHRD_ETHER, forty);
	struct deliver deliver = { .pool_id = self->pool, .snaplen = 5000 };
	const struct netexpert_record *record;

	ASSERT_EQ(0, do_deliver(_metadata, self, deliver, 9000));
	record = nexp_next_record(&self->a);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(5000, record->cap_len);
	EXPECT_EQ(9000, record->wire_len);
	EXPECT_EQ(0, memcmp(nexp_bytes(record), self->frame, 5000));
	ASSERT_EQ(0, __nexp_do_filter(self->session, self->pool, &program, 1, NULL));
	ASSERT_EQ(0, do_deliver(_metadata, self, deliver, 9000));
	EXPECT_EQ(40, nexp_next_record(&self->a)->cap_len);
}

TEST_F(xdp, what_finds_no_room_is_counted)
{
	__u32 stored = 0;

	while (!DELIVER(MOST))
		stored++;
	EXPECT_EQ(stored, SUM().delivered);
	EXPECT_EQ(1, SUM().dropped[NETEXPERT_DROP_RING_FULL]);
	nexp_release(&self->a, 0, 4);
	EXPECT_EQ(-ENOSPC, DELIVER(60));
	EXPECT_EQ(1, SUM().dropped[NETEXPERT_DROP_CORRUPT]);
	EXPECT_EQ(2, nexp_ring_status(&self->a, 0)->lost);
}

TEST_F(xdp, no_program_for_the_link_type_is_a_loss)
{
	static const struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, UINT32_MAX) };
	const struct netexpert_program program = NEXP_PROGRAM(ARPHRD_NONE, all);

	ASSERT_EQ(0, __nexp_do_filter(self->session, self->pool, &program, 1, NULL));
	EXPECT_EQ(-EOPNOTSUPP, DELIVER(60));
	EXPECT_EQ(1, SUM().dropped[NETEXPERT_DROP_NO_PROGRAM]);
}

TEST_F(xdp, bad_arguments_are_refused)
{
	struct netexpert_info before = nexp_do_info(_metadata, self->session);
	struct deliver deliver = { .pool_id = self->pool, .flags = 1 };

	EXPECT_EQ(-EINVAL, do_deliver(_metadata, self, deliver, 60));
	deliver.flags = 1U << 31;
	EXPECT_EQ(-EINVAL, do_deliver(_metadata, self, deliver, 60));
	EXPECT_EQ(0, SUM().seen);
	deliver.flags = 0;
	deliver.pool_id ^= 1ULL << 40;
	EXPECT_EQ(-ENOENT, do_deliver(_metadata, self, deliver, 60));
	deliver.pool_id = 0;
	EXPECT_EQ(-ENOENT, do_deliver(_metadata, self, deliver, 60));
	EXPECT_EQ(before.out_drops_no_pool + 2,
		  nexp_do_info(_metadata, self->session).out_drops_no_pool);
}

/*
 * This driver puts a frame where the one before it was, if that was dropped: the end
 * of a long frame then is where the description of a short one's fragments would be.
 */
TEST_F(xdp, what_a_driver_has_left_behind_a_frame_is_not_read)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);
	struct deliver deliver = { .pool_id = self->pool };
	int program = load(BPF_PROG_TYPE_XDP, &deliver);
	unsigned char ones[1514];
	int i, tap, ifindex, link;

	if (!nexp_has_tap())
		SKIP(return, "a kernel without tap devices");
	/* It leaves frames to the kernel's generic XDP if it may sleep for memory. */
	tap = nexp_do_tap(_metadata, O_NONBLOCK, &ifindex);
	link = bpf_link_create(program, ifindex, BPF_XDP, &opts);
	ASSERT_LE(0, link);
	self->ifindex = ifindex;
	memset(ones, 0xff, sizeof(ones));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(sizeof(ones), write(tap, ones, sizeof(ones)));
		ASSERT_NE(NULL, nexp_next_record(&self->a));
		ASSERT_EQ(60, write(tap, self->frame, 60));
		check_record(_metadata, self, 60, 0);
	}
	EXPECT_EQ(6, SUM().delivered);
	close(link);
	close(program);
	close(tap);
}

TEST_F(xdp, programs_at_tc_cannot_call_it)
{
	struct deliver deliver = { .pool_id = self->pool };
	int program = load(BPF_PROG_TYPE_SCHED_CLS, &deliver);

	EXPECT_EQ(-EACCES, program);
}

TEST_HARNESS_MAIN
