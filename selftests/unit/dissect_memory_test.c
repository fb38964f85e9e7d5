// SPDX-License-Identifier: GPL-2.0
/*
 * What the parsers take comes from the expert's pool and from nowhere else, and
 * when there is no more of it, the process ends. With the host's malloc() and the
 * library loaded as the host does it, so not under the sanitizers.
 */
#include <inttypes.h>
#include <linux/if_arp.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "key.h"
#include "traffic.h"
#include "user/lib/loan.h"

#define MIB	(1ULL << 20)

/* All of the traffic so often. */
#define ROUNDS	200

/* More than 64 MiB have room for. */
#define CONVERSATIONS	35000

FIXTURE(memory) {
	struct unit_key u;
	struct traffic traffic;
	DWORD last;
};

FIXTURE_SETUP(memory)
{
	/* As the host does. */
	setenv("G_SLICE", "always-malloc", 1);
	traffic_all(&self->traffic);
	self->last = INVALID_FRAME_NUMBER;
}

FIXTURE_TEARDOWN(memory)
{
	unit_key_close(&self->u);
}

static DWORD dissect(FIXTURE_DATA(memory) *self, const struct traffic_frame *frame, DWORD flags)
{
	struct netexpert_record head = {
		.link_type = ARPHRD_ETHER,
		.wire_len = frame->wire_len,
		.cap_len = frame->cap_len,
		.time_ns = self->u.unit.nx->info.created_ns + (self->last + 1ULL) * 1000000,
	};
	EXPERTFRAMEDESCRIPTOR got;
	DWORD error;

	nexp_memfd_deliver(self->u.unit.pool, 0, &head, frame->bytes);
	error = ExpertGetFrame(self->u.key, GET_FRAME_NEXT_FORWARD, flags, self->last, NULL, &got);
	if (error != NMERR_SUCCESS)
		return error;
	self->last = got.FrameNumber;
	return !(flags & FLAGS_ATTACH_PROPERTIES) == !got.lpPropertyTable ?
	       NMERR_SUCCESS : NMERR_NO_ATTACHED_PROPERTIES;
}

static DWORD dissect_round(FIXTURE_DATA(memory) *self, DWORD flags)
{
	DWORD error = NMERR_SUCCESS;
	unsigned int i;

	for (i = 0; i < self->traffic.count && error == NMERR_SUCCESS; i++)
		error = dissect(self, &self->traffic.frame[i], flags);
	return error;
}

static size_t of_glibc(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

TEST_F(memory, is_the_pool_s)
{
	uint64_t first, last;
	unsigned int round;
	size_t before;
	void *own;

	ASSERT_EQ(0, unit_key_open(&self->u, 256 * MIB, 64 * MIB));
	ASSERT_EQ(NMERR_SUCCESS, dissect_round(self, FLAGS_ATTACH_PROPERTIES));
	before = of_glibc();
	first = unit_heap_stat(self->u.unit.nx).object_bytes;
	EXPECT_LT(MIB, first);
	for (round = 1; round < ROUNDS; round++)
		ASSERT_EQ(NMERR_SUCCESS, dissect_round(self, FLAGS_ATTACH_PROPERTIES));
	last = unit_heap_stat(self->u.unit.nx).object_bytes;
	TH_LOG("the pool lent %" PRIu64 " KiB, then %" PRIu64 "; glibc %zu, then %zu", first / 1024,
	       last / 1024, before / 1024, of_glibc() / 1024);
	EXPECT_LT(first + MIB / 2, last);
	EXPECT_GE(before + 65536, of_glibc());
	own = malloc(1000);
	EXPECT_FALSE(nexp_loan_holds(own));
	free(own);
}

TEST_F(memory, is_not_touched_by_who_does_not_ask)
{
	size_t before;

	ASSERT_EQ(0, unit_key_open(&self->u, 256 * MIB, 64 * MIB));
	ASSERT_EQ(NMERR_SUCCESS, dissect_round(self, 0));
	before = of_glibc();
	ASSERT_EQ(NMERR_SUCCESS, dissect_round(self, 0));
	EXPECT_EQ(0, unit_heap_stat(self->u.unit.nx).objects);
	EXPECT_GE(before + 65536, of_glibc());
	EXPECT_GT(MIB, of_glibc());
}

/* What it knows of properties stays, and it begins anew. */
TEST_F(memory, a_key_after_a_key)
{
	ASSERT_EQ(0, unit_key_open(&self->u, 256 * MIB, 128 * MIB));
	ASSERT_EQ(NMERR_SUCCESS, dissect_round(self, FLAGS_ATTACH_PROPERTIES));
	nexp_key_end(self->u.key, NULL);
	ASSERT_EQ(0, nexp_key_begin(self->u.unit.nx, self->u.link, &self->u.startup,
				    &self->u.key));
	self->last = INVALID_FRAME_NUMBER;
	ASSERT_EQ(NMERR_SUCCESS, dissect_round(self, FLAGS_ATTACH_PROPERTIES));
}

/* A conversation that nobody has seen, with one frame. */
static void make_another(struct traffic *traffic, uint32_t number)
{
	uint32_t address = htonl(TRAFFIC_CLIENT + number);

	traffic->count = 0;
	traffic_tcp(traffic, true, 80, 1000, 0, TRAFFIC_SYN, "");
	memcpy(traffic->frame[0].bytes + 26, &address, sizeof(address));
}

/* The session alone takes half of it. */
TEST_F(memory, is_let_go_before_there_is_no_more)
{
	unsigned int i;

	ASSERT_EQ(0, unit_key_open(&self->u, 256 * MIB, 64 * MIB));
	for (i = 0; i < CONVERSATIONS; i++) {
		make_another(&self->traffic, i);
		ASSERT_EQ(NMERR_SUCCESS, dissect_round(self, FLAGS_ATTACH_PROPERTIES));
	}
	EXPECT_LT(unit_heap_stat(self->u.unit.nx).committed, 60 * MIB);
}

TEST_F(memory, ends_the_process_when_there_is_no_more)
{
	const struct rlimit no_core = { 0 };
	int status = 0;
	pid_t child;

	child = fork();
	if (!child) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (!unit_key_open(&self->u, 256 * MIB, 40 * MIB))
			while (dissect_round(self, FLAGS_ATTACH_PROPERTIES) == NMERR_SUCCESS)
				;
		_exit(1);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGABRT, WTERMSIG(status));
	/* For the tear-down. */
	ASSERT_EQ(0, unit_key_open(&self->u, 16 * MIB, 8 * MIB));
}

TEST_HARNESS_MAIN
