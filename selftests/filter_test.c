// SPDX-License-Identifier: GPL-2.0
/*
 * filter_test - which frames a pool wants: POOL_FILTER and what it does
 *
 * Frames are fed, so each test knows what every one of them must become.
 */
#include "child.h"
#include "feed.h"
#include "filters.h"

#include <linux/if_packet.h>

#define PAGE	4096UL
#define LENGTH	200

FIXTURE(filter)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
	int program;
};

FIXTURE_SETUP(filter)
{
	struct netexpert_pool_create args = nexp_pool_args();

	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	args.ring_size = 1 << 20;
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
	self->program = nexp_do_load(_metadata, self->pool);
}

FIXTURE_TEARDOWN(filter)
{
	close(self->program);
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/* Loads the low byte of the frame's number. */
#define LOAD_NUMBER	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN)
#define KEEP(bytes)	BPF_STMT(BPF_RET | BPF_K, bytes)

/* Takes frames whose number has all of the @bits, and @keep bytes of them. */
#define TAKE_BITS(bits, keep) {						\
	LOAD_NUMBER,							\
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits),			\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bits, 0, 1),		\
	KEEP(keep),							\
	KEEP(0),							\
}

static const struct sock_filter take_odd[] = TAKE_BITS(1, UINT32_MAX);

#define SET(insns) __nexp_do_filter_feed(self->session, self->pool, insns,	\
					 NEXP_NR_INSNS(insns))

#define SUM() nexp_do_sum(_metadata, self->session, self->pool)

TEST_F(filter, wanted_frames_are_delivered_and_the_others_counted)
{
	const struct netexpert_record *record;
	struct netexpert_ring_stat stat;
	int i;

	ASSERT_EQ(0, SET(take_odd));
	for (i = 0; i < 100; i++)
		EXPECT_EQ(i & 1 ? 0 : -ENOMSG,
			  nexp_do_feed_number(_metadata, self->program, i, LENGTH));
	for (i = 1; i < 100; i += 2) {
		record = nexp_next_record(&self->a);
		ASSERT_NE(NULL, record);
		EXPECT_EQ(i, nexp_record_number(record));
		EXPECT_EQ(LENGTH, record->cap_len);
		EXPECT_EQ(0, record->lost);
	}
	EXPECT_EQ(NULL, nexp_next_record(&self->a));
	stat = SUM();
	EXPECT_EQ(100, stat.seen);
	EXPECT_EQ(50, stat.filtered);
	EXPECT_EQ(50, stat.delivered);
	EXPECT_EQ(0, nexp_ring_status(&self->a, 0)->lost);
}

TEST_F(filter, its_answer_is_the_most_that_is_kept)
{
	static const struct {
		__u32 answer, kfunc, kept;
	} lengths[] = {
		{ 1, 0, 1 }, { 60, 0, 60 }, { LENGTH - 1, 0, LENGTH - 1 },
		{ LENGTH, 0, LENGTH }, { LENGTH + 1, 0, LENGTH },
		{ INT32_MAX, 0, LENGTH }, { 1U << 31, 0, LENGTH },
		{ UINT32_MAX, 0, LENGTH }, { 60, 50, 50 }, { 50, 60, 50 },
		{ UINT32_MAX, UINT32_MAX, LENGTH },
	};
	const struct netexpert_record *record;
	size_t i;

	for (i = 0; i < NEXP_NR_INSNS(lengths); i++) {
		struct nexp_feed feed = {
			.pool_id = self->pool, .snaplen = lengths[i].kfunc,
		};
		int program = nexp_do_load_feed(_metadata, &feed);

		ASSERT_EQ(0, __nexp_do_filter_all(self->session, self->pool,
						  lengths[i].answer));
		EXPECT_EQ(0, nexp_do_feed_number(_metadata, program, i, LENGTH));
		record = nexp_next_record(&self->a);
		ASSERT_NE(NULL, record);
		EXPECT_EQ(lengths[i].kept, record->cap_len)
			TH_LOG("row %zu", i);
		EXPECT_EQ(LENGTH, record->wire_len);
		close(program);
	}
}

TEST_F(filter, the_pools_snaplen_holds_too)
{
	struct netexpert_pool_create args = nexp_pool_args();
	struct nexp_attachment a;
	__u64 pool;
	int program;

	args.snaplen = 70;
	pool = nexp_do_pool(_metadata, self->session, &args);
	nexp_do_attach(_metadata, nexp_do_open(_metadata, self->session, pool), &a);
	program = nexp_do_load(_metadata, pool);
	ASSERT_EQ(0, __nexp_do_filter_all(self->session, pool, 80));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, program, 0, LENGTH));
	EXPECT_EQ(70, nexp_peek(&a, 0, 0)->cap_len);
	close(program);
}

/* As libpcap has it: the tag is not in the bytes, and in what is kept. */
TEST_F(filter, a_tag_in_the_metadata_is_seen_there)
{
	static const struct sock_filter tagged[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NEXP_AD(VLAN_TAG_PRESENT)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 5),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, NEXP_AD(VLAN_TAG)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NEXP_FEED_PROTO, 0, 1),
		KEEP(16),
		KEEP(0),
	};
	struct nexp_feed feed = { .pool_id = self->pool, .vlan_tci = 5 };
	static const unsigned char tag[] = { 0x81, 0x00, 0x00, 0x05 };
	int program = nexp_do_load_feed(_metadata, &feed);
	const struct netexpert_record *record;

	ASSERT_EQ(0, SET(tagged));
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 1, LENGTH));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, program, 2, LENGTH));
	record = nexp_next_record(&self->a);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(16, record->cap_len);
	EXPECT_EQ(LENGTH + 4, record->wire_len);
	EXPECT_EQ(0, memcmp(nexp_bytes(record) + 12, tag, sizeof(tag)));
	close(program);
}

/* Fed frames leave: nobody has marked them as arriving. */
TEST_F(filter, an_outgoing_frame_says_so_to_the_filter_only)
{
	static const struct sock_filter outgoing[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NEXP_AD(PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
		KEEP(UINT32_MAX),
		KEEP(0),
	};
	struct nexp_feed feed = {
		.pool_id = self->pool, .answer_pkt_type = true,
	};
	int program = nexp_do_load_feed(_metadata, &feed);
	int before, after;

	before = nexp_do_feed_number(_metadata, program, 1, LENGTH);
	ASSERT_NE(PACKET_OUTGOING, before);
	ASSERT_EQ(0, SET(outgoing));
	after = nexp_do_feed_number(_metadata, program, 2, LENGTH);
	EXPECT_EQ(before, after);
	EXPECT_EQ(2, SUM().delivered);
	close(program);
}

TEST_F(filter, a_frame_that_nobody_wants_is_no_loss_in_a_full_ring)
{
	__u64 number = 1;

	ASSERT_EQ(0, SET(take_odd));
	while (!nexp_do_feed_number(_metadata, self->program, number, NEXP_FEED_MAX))
		number += 2;
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 2, LENGTH));
	EXPECT_EQ(1, SUM().dropped[NETEXPERT_DROP_RING_FULL]);
	EXPECT_EQ(1, SUM().filtered);

	/* Nor where nothing can be stored for another reason. */
	nexp_release(&self->a, 0, 4);
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 4, LENGTH));
	EXPECT_EQ(-ENOSPC, nexp_do_feed_number(_metadata, self->program, 5, LENGTH));
	EXPECT_EQ(1, SUM().dropped[NETEXPERT_DROP_CORRUPT]);
	EXPECT_EQ(2, SUM().filtered);
	EXPECT_EQ(2, nexp_ring_status(&self->a, 0)->lost);
}

TEST_F(filter, a_link_type_without_a_program_is_a_loss_with_its_cause)
{
	const struct netexpert_program programs[] = {
		NEXP_PROGRAM(ARPHRD_ETHER, take_odd),
		NEXP_PROGRAM(ARPHRD_NONE, take_odd),
	};
	const struct netexpert_record *record;

	ASSERT_EQ(0, __nexp_do_filter(self->session, self->pool, programs, 2, NULL));
	EXPECT_EQ(-EOPNOTSUPP,
		  nexp_do_feed_number(_metadata, self->program, 1, LENGTH));
	EXPECT_EQ(1, SUM().dropped[NETEXPERT_DROP_NO_PROGRAM]);
	EXPECT_EQ(0, SUM().filtered);
	ASSERT_EQ(0, SET(take_odd));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->program, 3, LENGTH));
	record = nexp_next_record(&self->a);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(3, nexp_record_number(record));
	EXPECT_EQ(1, record->lost);
	EXPECT_EQ(1U << NETEXPERT_DROP_NO_PROGRAM, record->lost_causes);
}

TEST_F(filter, each_link_type_has_its_own_program)
{
	static const struct sock_filter none[] = { KEEP(0) };
	static const struct sock_filter short_ones[] = { KEEP(33) };
	struct netexpert_program programs[NETEXPERT_MAX_PROGRAMS];
	__u32 i;

	for (i = 0; i < NETEXPERT_MAX_PROGRAMS; i++)
		programs[i] = NEXP_PROGRAM(1000 + i, none);
	for (i = 0; i < NETEXPERT_MAX_PROGRAMS; i++) {
		programs[i] = NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, short_ones);
		ASSERT_EQ(0, __nexp_do_filter(self->session, self->pool, programs,
					      NETEXPERT_MAX_PROGRAMS, NULL));
		EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->program, i, LENGTH));
		EXPECT_EQ(33, nexp_next_record(&self->a)->cap_len);
		programs[i] = NEXP_PROGRAM(1000 + i, none);
	}
}

TEST_F(filter, taken_away_everything_is_wanted_again)
{
	ASSERT_EQ(0, __nexp_do_filter_all(self->session, self->pool, 0));
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 1, LENGTH));
	ASSERT_EQ(0, __nexp_do_filter_none(self->session, self->pool));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->program, 2, LENGTH));
	EXPECT_EQ(LENGTH, nexp_next_record(&self->a)->cap_len);
	/* And once more, where there is none. */
	EXPECT_EQ(0, __nexp_do_filter_none(self->session, self->pool));
}

TEST_F(filter, stays_when_the_expert_goes)
{
	ASSERT_EQ(0, SET(take_odd));
	ASSERT_EQ(0, __nexp_do_freeze(self->session, self->pool));
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 2, LENGTH));
	/* Nor does it need one: the next one finds what it let through. */
	ASSERT_EQ(0, SET(take_odd));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->program, 3, LENGTH));
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->pool));
	ASSERT_TRUE(nexp_becomes(nexp_state(self->session, self->pool) ==
				 NETEXPERT_POOL_IDLE));
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 4, LENGTH));
	EXPECT_EQ(1, SUM().delivered);
	EXPECT_EQ(2, SUM().filtered);
}

static int stat_text(int fd, __u64 pool, char *text, __u32 room,
		     struct netexpert_pool_stat *stat)
{
	*stat = (struct netexpert_pool_stat){
		.size = sizeof(*stat),
		.pool_id = pool,
		.filter_text = (uintptr_t)text,
		.filter_text_size = room,
	};
	return __nexp_ioctl(fd, NETEXPERT_IOC_POOL_STAT, stat);
}

TEST_F(filter, its_text_is_told)
{
	static const char words[] = "udp port 53 and not host 10.0.0.1";
	struct netexpert_program program =
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, take_odd);
	struct netexpert_pool_stat stat;
	char text[64], longest[NETEXPERT_FILTER_TEXT_LEN];
	int other = nexp_do_session(_metadata);

	ASSERT_EQ(0, stat_text(self->session, self->pool, text, sizeof(text), &stat));
	EXPECT_EQ(0, stat.filter_text_size);
	EXPECT_EQ(0, stat.out_nr_programs);
	ASSERT_EQ(0, __nexp_do_filter(self->session, self->pool, &program, 1, words));
	memset(text, 'x', sizeof(text));
	ASSERT_EQ(0, stat_text(self->session, self->pool, text, sizeof(text), &stat));
	EXPECT_EQ(sizeof(words), stat.filter_text_size);
	EXPECT_EQ(1, stat.out_nr_programs);
	EXPECT_STREQ(words, text);
	EXPECT_EQ('x', text[sizeof(words)]);

	/* Other sessions and the expert may know, too. */
	ASSERT_EQ(0, stat_text(other, self->pool, text, sizeof(text), &stat));
	EXPECT_STREQ(words, text);
	ASSERT_EQ(0, stat_text(self->a.fd, 0, text, sizeof(text), &stat));
	EXPECT_STREQ(words, text);

	/* As much as there is room for. */
	memset(text, 'x', sizeof(text));
	ASSERT_EQ(0, stat_text(self->session, self->pool, text, 4, &stat));
	EXPECT_EQ(sizeof(words), stat.filter_text_size);
	EXPECT_EQ(0, memcmp(text, "udp\0x", 5));
	ASSERT_EQ(0, stat_text(self->session, self->pool, NULL, 4, &stat));
	EXPECT_EQ(sizeof(words), stat.filter_text_size);
	ASSERT_EQ(0, stat_text(self->session, self->pool, (char *)8, 0, &stat));
	EXPECT_EQ(-EFAULT, stat_text(self->session, self->pool, (char *)8, 4, &stat));
	ASSERT_EQ(0, stat_text(self->session, self->pool, text, UINT32_MAX, &stat));
	EXPECT_STREQ(words, text);

	memset(longest, '~', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ASSERT_EQ(0, __nexp_do_filter(self->session, self->pool, &program, 1, longest));
	ASSERT_EQ(0, stat_text(self->session, self->pool, text, sizeof(text), &stat));
	EXPECT_EQ(sizeof(longest), stat.filter_text_size);
	ASSERT_EQ(0, SET(take_odd));
	ASSERT_EQ(0, stat_text(self->session, self->pool, text, sizeof(text), &stat));
	EXPECT_EQ(0, stat.filter_text_size);
	close(other);
}

TEST_F(filter, its_bytes_are_counted_and_come_back)
{
	__u64 before = nexp_do_info(_metadata, self->session).out_bytes, with, limit;
	static struct sock_filter longest[BPF_MAXINSNS];
	struct netexpert_info info;
	size_t i;

	ASSERT_EQ(0, SET(take_odd));
	with = nexp_do_info(_metadata, self->session).out_bytes;
	EXPECT_LT(before, with);
	ASSERT_EQ(0, SET(take_odd));
	EXPECT_EQ(with, nexp_do_info(_metadata, self->session).out_bytes);

	/* The one in place and the next one are there at the same time. */
	for (i = 0; i < BPF_MAXINSNS; i++)
		longest[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_IMM, i);
	longest[BPF_MAXINSNS - 1] = (struct sock_filter)KEEP(77);
	limit = with + (with - before) - 1;
	ASSERT_EQ(0, __nexp_do_session_limit(self->session, limit));
	EXPECT_EQ(-EDQUOT, SET(take_odd));
	EXPECT_EQ(-EDQUOT, SET(longest));
	EXPECT_EQ(with, nexp_do_info(_metadata, self->session).out_bytes);
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 2, LENGTH));
	ASSERT_EQ(0, __nexp_do_session_limit(self->session, limit + 1));
	EXPECT_EQ(0, SET(take_odd));
	ASSERT_EQ(0, __nexp_do_session_limit(self->session, 0));
	EXPECT_EQ(0, SET(longest));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->program, 2, LENGTH));
	EXPECT_EQ(77, nexp_next_record(&self->a)->cap_len);

	ASSERT_EQ(0, __nexp_do_filter_none(self->session, self->pool));
	info = nexp_do_info(_metadata, self->session);
	EXPECT_EQ(before, info.out_bytes);
	EXPECT_EQ(before, info.out_session_bytes);
}

TEST_F(filter, what_makes_no_sense_is_einval_and_changes_nothing)
{
	static const struct sock_filter falls_off[] = { LOAD_NUMBER };
	static const struct sock_filter jumps_out[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), KEEP(1),
	};
	static const struct sock_filter divides[] = {
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), KEEP(1),
	};
	static const struct sock_filter no_insn[] = { BPF_STMT(0xffff, 0), KEEP(1) };
	static const struct sock_filter no_memory[] = {
		BPF_STMT(BPF_LD | BPF_MEM, 16), KEEP(1),
	};
	static const struct sock_filter no_ancillary[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_AD_OFF + SKF_AD_MAX), KEEP(1),
	};
	static const struct sock_filter not_set[] = {
		BPF_STMT(BPF_LD | BPF_MEM, 1), BPF_STMT(BPF_RET | BPF_A, 0),
	};
	static struct sock_filter many[BPF_MAXINSNS + 1];
	const struct netexpert_program bad[] = {
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, falls_off),
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, jumps_out),
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, divides),
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, no_insn),
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, no_memory),
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, no_ancillary),
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, not_set),
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, many),
		{ NEXP_FEED_LINK_TYPE, 0, 0, (uintptr_t)take_odd },
	};
	struct netexpert_program programs[NETEXPERT_MAX_PROGRAMS + 1];
	__u64 bytes;
	size_t i;

	for (i = 0; i <= BPF_MAXINSNS; i++)
		many[i] = (struct sock_filter)KEEP(1);
	ASSERT_EQ(0, SET(take_odd));
	bytes = nexp_do_info(_metadata, self->session).out_bytes;
	for (i = 0; i < NEXP_NR_INSNS(bad); i++) {
		EXPECT_EQ(-EINVAL, __nexp_do_filter(self->session, self->pool, &bad[i],
						    1, NULL))
			TH_LOG("row %zu", i);
		/* Behind one that is fine, too. */
		programs[0] = NEXP_PROGRAM(ARPHRD_ETHER, take_odd);
		programs[1] = bad[i];
		EXPECT_EQ(-EINVAL, __nexp_do_filter(self->session, self->pool, programs,
						    2, NULL))
			TH_LOG("row %zu", i);
	}
	programs[0] = NEXP_PROGRAM(ARPHRD_ETHER, take_odd);
	programs[1] = programs[0];
	EXPECT_EQ(-EINVAL, __nexp_do_filter(self->session, self->pool, programs, 2, NULL))
		TH_LOG("one link type twice");
	for (i = 0; i <= NETEXPERT_MAX_PROGRAMS; i++)
		programs[i] = NEXP_PROGRAM(i, take_odd);
	EXPECT_EQ(-EINVAL, __nexp_do_filter(self->session, self->pool, programs,
					    NETEXPERT_MAX_PROGRAMS + 1, NULL));
	EXPECT_EQ(-EINVAL, __nexp_do_filter(self->session, self->pool, programs,
					    UINT32_MAX, NULL));
	EXPECT_EQ(-EINVAL, __nexp_do_filter(self->session, self->pool, programs, 0, NULL));
	EXPECT_EQ(-EINVAL, __nexp_do_filter(self->session, self->pool, NULL, 0, "text"));
	programs[1].__reserved = 1;
	EXPECT_EQ(-EOPNOTSUPP, __nexp_do_filter(self->session, self->pool, programs, 2,
						NULL));

	EXPECT_EQ(bytes, nexp_do_info(_metadata, self->session).out_bytes);
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 2, LENGTH));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->program, 3, LENGTH));
}

TEST_F(filter, a_text_that_is_none_is_einval)
{
	struct netexpert_program program =
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, take_odd);
	struct netexpert_pool_filter args =
		nexp_filter_args(self->pool, &program, 1, "udp");
	const struct {
		const char *text;
		__u32 size;
		int expected;
	} texts[] = {
		{ "udp", 4, 0 }, { "udp", 3, -EINVAL }, { "udp\0", 5, -EINVAL },
		{ "", 1, 0 }, { "u\tdp", 5, -EINVAL }, { "u\ndp", 5, -EINVAL },
		{ "\x7f", 2, -EINVAL }, { "\x80", 2, -EINVAL }, { "\xff", 2, -EINVAL },
		{ "u\0p", 4, -EINVAL }, { "udp", 0, -EINVAL }, { NULL, 4, -EFAULT },
		{ "udp", NETEXPERT_FILTER_TEXT_LEN + 1, -EINVAL },
		{ "udp", UINT32_MAX, -EINVAL }, { (char *)-8L, 4, -EFAULT },
		{ NULL, 0, 0 },
	};
	size_t i;

	for (i = 0; i < NEXP_NR_INSNS(texts); i++) {
		args.text = (uintptr_t)texts[i].text;
		args.text_size = texts[i].size;
		EXPECT_EQ(texts[i].expected,
			  __nexp_ioctl(self->session, NETEXPERT_IOC_POOL_FILTER, &args))
			TH_LOG("row %zu", i);
	}
}

TEST_F(filter, arrays_that_cannot_be_read_are_efault)
{
	unsigned char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct netexpert_program programs[2] = {
		NEXP_PROGRAM(NEXP_FEED_LINK_TYPE, take_odd),
		NEXP_PROGRAM(ARPHRD_ETHER, take_odd),
	};
	const unsigned char *end = pages + PAGE;
	const __u64 places[] = {
		0, 8, UINT64_MAX - 7, 1ULL << 63, (uintptr_t)end, (uintptr_t)end - 8,
	};
	size_t i;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, mprotect(pages + PAGE, PAGE, PROT_NONE));
	ASSERT_EQ(0, SET(take_odd));
	for (i = 0; i < NEXP_NR_INSNS(places); i++) {
		EXPECT_EQ(-EFAULT, __nexp_do_filter(self->session, self->pool,
						    (void *)places[i], 2, NULL))
			TH_LOG("programs at 0x%llx", places[i]);
		programs[1].insns = places[i];
		EXPECT_EQ(-EFAULT, __nexp_do_filter(self->session, self->pool,
						    programs, 2, NULL))
			TH_LOG("instructions at 0x%llx", places[i]);
	}
	memcpy(pages + PAGE - sizeof(take_odd), take_odd, sizeof(take_odd));
	programs[1].insns = (uintptr_t)end - sizeof(take_odd);
	EXPECT_EQ(0, __nexp_do_filter(self->session, self->pool, programs, 2, NULL));
	EXPECT_EQ(-ENOMSG, nexp_do_feed_number(_metadata, self->program, 2, LENGTH));
}

TEST_F(filter, of_another_sessions_pool_is_enoent)
{
	int other = nexp_do_session(_metadata);
	__u64 dead = nexp_do_pool(_metadata, self->session, NULL);

	ASSERT_EQ(0, __nexp_do_destroy(self->session, dead));
	EXPECT_EQ(-ENOENT, __nexp_do_filter_all(other, self->pool, 0));
	EXPECT_EQ(-ENOENT, __nexp_do_filter_all(self->session, dead, 0));
	EXPECT_EQ(-ENOENT, __nexp_do_filter_all(self->session, 0, 0));
	EXPECT_EQ(0, nexp_do_feed_number(_metadata, self->program, 1, LENGTH));
	close(other);
}

TEST_HARNESS_MAIN
