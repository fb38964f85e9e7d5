/* SPDX-License-Identifier: GPL-2.0 */
/*
 * feed - frames into a pool by the kfunc, and no network in between
 *
 * A BPF program of a few instructions hands what it is run on to one pool.
 * BPF_PROG_TEST_RUN runs it on bytes of the test's choice, any number of times,
 * in the caller's context; what the kfunc answered is the result. So a test
 * knows to the byte what must be in the ring.
 */
#ifndef NEXP_SELFTESTS_FEED_H
#define NEXP_SELFTESTS_FEED_H

#include <stddef.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include "util.h"

#define NEXP_KFUNC	"netexpert_frame_deliver"

/* An ethertype for local experiments: nothing takes these frames for IP. */
#define NEXP_FEED_PROTO	0x88b5

/* Bytes that BPF_PROG_TEST_RUN takes at least and at most, with some room. */
#define NEXP_FEED_MIN	ETH_HLEN
#define NEXP_FEED_MAX	3000

/* The module's BTF object, by name; an fd or -errno. */
static inline int __nexp_module_btf(void)
{
	__u32 id = 0;

	while (!bpf_btf_get_next_id(id, &id)) {
		struct bpf_btf_info info = {};
		char name[64] = "";
		__u32 length = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue;
		info.name = (uintptr_t)name;
		info.name_len = sizeof(name);
		if (!bpf_obj_get_info_by_fd(fd, &info, &length) &&
		    info.kernel_btf && !strcmp(name, "netexpert"))
			return fd;
		close(fd);
	}
	return -ENOENT;
}

/* A kfunc's type id in the module's BTF, or -errno. */
static inline int __nexp_find_kfunc(const char *name)
{
	struct btf *base, *module;
	int id;

	base = btf__load_vmlinux_btf();
	if (!base)
		return -errno;
	module = btf__load_module_btf("netexpert", base);
	id = module ? btf__find_by_name_kind(module, name, BTF_KIND_FUNC) : -errno;
	btf__free(module);
	btf__free(base);
	return id;
}

/* Looked up once. */
static inline int __nexp_kfunc_id(void)
{
	static int id;

	if (id <= 0)
		id = __nexp_find_kfunc(NEXP_KFUNC);
	return id;
}

#define NEXP_INSN(_code, _dst, _src, _off, _imm) ((struct bpf_insn){	\
	.code = (_code), .dst_reg = (_dst), .src_reg = (_src),		\
	.off = (_off), .imm = (_imm) })

/**
 * struct nexp_feed - what a feeding program asks the kfunc for
 * @pool_id: the pool.
 * @snaplen: 0 for the pool's own.
 * @flags: the kfunc's.
 * @vlan_tci: not 0: push this 802.1Q tag first, as a device does that strips.
 * @answer_pkt_type: the result is not the kfunc's but the frame's pkt_type
 *	after it.
 */
struct nexp_feed {
	__u64 pool_id;
	__u32 snaplen;
	__u32 flags;
	__u16 vlan_tci;
	bool answer_pkt_type;
};

static inline int __nexp_do_load(const struct nexp_feed *feed)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	struct bpf_insn insns[16];
	int fd_array[2] = { -1, -1 };
	int kfunc, fd;
	int n = 0;

	kfunc = __nexp_kfunc_id();
	if (kfunc < 0)
		return kfunc;
	fd_array[1] = __nexp_module_btf();
	if (fd_array[1] < 0)
		return fd_array[1];

	insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_6, BPF_REG_1, 0, 0);
	if (feed->vlan_tci) {
		insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_2, 0, 0,
				       __builtin_bswap16(ETH_P_8021Q));
		insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0,
				       feed->vlan_tci);
		insns[n++] = NEXP_INSN(BPF_JMP | BPF_CALL, 0, 0, 0,
				       BPF_FUNC_skb_vlan_push);
		insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1,
				       BPF_REG_6, 0, 0);
	}
	insns[n++] = NEXP_INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_2, 0, 0,
			       (__u32)feed->pool_id);
	insns[n++] = NEXP_INSN(0, 0, 0, 0, feed->pool_id >> 32);
	insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_3, 0, 0,
			       feed->snaplen);
	insns[n++] = NEXP_INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_4, 0, 0,
			       feed->flags);
	insns[n++] = NEXP_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 1, kfunc);
	if (feed->answer_pkt_type)
		insns[n++] = NEXP_INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_0, BPF_REG_6,
				       offsetof(struct __sk_buff, pkt_type), 0);
	insns[n++] = NEXP_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);

	opts.fd_array = fd_array;
	fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "nexp_feed", "GPL", insns, n,
			   &opts);
	close(fd_array[1]);
	return fd;
}

static inline int nexp_do_load_feed(struct __test_metadata *const _metadata,
				    const struct nexp_feed *feed)
{
	int fd = __nexp_do_load(feed);

	ASSERT_LE(0, fd)
		TH_LOG("loading a program that calls %s(): %s", NEXP_KFUNC,
		       strerror(-fd));
	return fd;
}

static inline int nexp_do_load(struct __test_metadata *const _metadata,
			       __u64 pool_id)
{
	struct nexp_feed feed = { .pool_id = pool_id };

	return nexp_do_load_feed(_metadata, &feed);
}

/*
 * Runs @program on @frame @repeat times, as if it came with what @ctx says.
 * Answers what the kfunc answered the last time; asserts that it was run.
 */
static inline int nexp_do_feed_ctx(struct __test_metadata *const _metadata,
				   int program, const void *frame, __u32 length,
				   __u32 repeat, struct __sk_buff *ctx)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct __sk_buff ctx_out;

	opts.data_in = frame;
	opts.data_size_in = length;
	opts.repeat = repeat;
	if (ctx) {
		opts.ctx_in = ctx;
		opts.ctx_size_in = sizeof(*ctx);
		opts.ctx_out = &ctx_out;
		opts.ctx_size_out = sizeof(ctx_out);
	}
	ASSERT_EQ(0, bpf_prog_test_run_opts(program, &opts))
		TH_LOG("BPF_PROG_TEST_RUN: %s", strerror(errno));
	return (int)opts.retval;
}

static inline int nexp_do_feed(struct __test_metadata *const _metadata,
			       int program, const void *frame, __u32 length,
			       __u32 repeat)
{
	return nexp_do_feed_ctx(_metadata, program, frame, length, repeat, NULL);
}

/**
 * struct nexp_frame - a frame that can be told from every other
 * @eth: says that it is an experiment.
 * @number: which one it is.
 * @rest: filled with a pattern that depends on the number.
 */
struct nexp_frame {
	struct ethhdr eth;
	__u64 number;
	unsigned char rest[NEXP_FEED_MAX - sizeof(struct ethhdr) - sizeof(__u64)];
} __attribute__((packed));

static inline void nexp_frame_make(struct nexp_frame *frame, __u64 number)
{
	size_t i;

	memset(&frame->eth, 0x02, sizeof(frame->eth));
	frame->eth.h_proto = __builtin_bswap16(NEXP_FEED_PROTO);
	frame->number = number;
	for (i = 0; i < sizeof(frame->rest); i++)
		frame->rest[i] = number * 31 + i * 7 + 1;
}

/* One frame with this number; answers what the kfunc said. */
static inline int nexp_do_feed_number(struct __test_metadata *const _metadata,
				      int program, __u64 number, __u32 length)
{
	struct nexp_frame frame;

	nexp_frame_make(&frame, number);
	return nexp_do_feed(_metadata, program, &frame, length, 1);
}

/* The number of the frame in @record. */
static inline __u64 nexp_record_number(const struct netexpert_record *record)
{
	__u64 number;

	memcpy(&number, nexp_bytes(record) + ETH_HLEN, sizeof(number));
	return number;
}

/* Bytes that a frame of @length takes in a ring. */
static inline __u64 nexp_record_size(__u32 length)
{
	return (sizeof(struct netexpert_record) + length + 7) & ~7ULL;
}

#endif /* NEXP_SELFTESTS_FEED_H */
