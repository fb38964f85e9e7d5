// SPDX-License-Identifier: GPL-2.0
/*
 * What the parsers take comes from the expert's pool and from nowhere else, and
 * when there is no more of it, the process ends. With the host's malloc(), so not
 * under the sanitizers.
 */
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>

#include "dissect.h"
#include "unit.h"
#include "user/lib/loan.h"

#define MIB	(1ULL << 20)

/* All of the traffic so often. */
#define ROUNDS	200

/* As the host does before it loads GLib; here it is loaded, so begin again. */
static __attribute__((constructor)) void without_slices(int argc, char **argv)
{
	if (getenv("G_SLICE") || argc < 1)
		return;
	setenv("G_SLICE", "always-malloc", 1);
	execv("/proc/self/exe", argv);
}

FIXTURE(memory) {
	struct unit unit;
	struct dissect d;
	bool lends;
};

FIXTURE_SETUP(memory)
{
	memset(&self->unit, 0, sizeof(self->unit));
	ASSERT_EQ(0, nexp_dissect_start(self->d.why));
}

FIXTURE_TEARDOWN(memory)
{
	if (self->lends)
		nexp_loan_begin(self->unit.nx);
	dissect_close(&self->d);
	if (self->lends)
		nexp_loan_end();
	unit_close(&self->unit);
}

static void open_all(struct __test_metadata *_metadata, FIXTURE_DATA(memory) *self,
		     uint64_t limit)
{
	ASSERT_EQ(0, unit_open(&self->unit, 1, 256 * MIB, limit));
	self->lends = true;
	nexp_loan_begin(self->unit.nx);
	ASSERT_EQ(0, dissect_open(&self->d));
	nexp_loan_end();
}

static bool dissect_round(FIXTURE_DATA(memory) *self, unsigned int round)
{
	const struct traffic *traffic = &self->d.traffic;
	bool passes, is_fine = true;
	unsigned int i;

	nexp_loan_begin(self->unit.nx);
	for (i = 0; i < traffic->count && is_fine; i++) {
		struct nexp_dissect_frame frame = dissect_frame(traffic, i);

		frame.number += round * traffic->count;
		frame.secs += round;
		is_fine = !nexp_dissector_run(self->d.dissector, &frame, true, NULL, &passes,
					      self->d.why);
	}
	nexp_loan_end();
	return is_fine;
}

static size_t of_glibc(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

TEST_F(memory, is_the_pool_s)
{
	uint64_t lent;
	size_t before;
	unsigned int round;
	void *own;

	open_all(_metadata, self, 128 * MIB);
	before = of_glibc();
	ASSERT_TRUE(dissect_round(self, 0));
	lent = unit_heap_stat(self->unit.nx).object_bytes;
	EXPECT_LT(MIB, lent);
	for (round = 1; round < ROUNDS; round++)
		ASSERT_TRUE(dissect_round(self, round));
	EXPECT_LT(lent + MIB / 2, unit_heap_stat(self->unit.nx).object_bytes);
	TH_LOG("the pool lent %" PRIu64 " KiB, then %" PRIu64 "; glibc %zu, then %zu",
	       lent / 1024, unit_heap_stat(self->unit.nx).object_bytes / 1024, before / 1024,
	       of_glibc() / 1024);
	EXPECT_GE(before + 65536, of_glibc());
	own = malloc(1000);
	EXPECT_FALSE(nexp_loan_holds(own));
	free(own);
}

TEST_F(memory, ends_the_process_when_there_is_no_more)
{
	const struct rlimit no_core = { 0 };
	unsigned int round = 0;
	int status = 0;
	pid_t child;

	child = fork();
	if (!child) {
		setrlimit(RLIMIT_CORE, &no_core);
		open_all(_metadata, self, 40 * MIB);
		while (dissect_round(self, round))
			round++;
		_exit(1);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGABRT, WTERMSIG(status));
	/* For the tear-down. */
	open_all(_metadata, self, 128 * MIB);
}

TEST_HARNESS_MAIN
