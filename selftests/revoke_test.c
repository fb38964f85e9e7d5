// SPDX-License-Identifier: GPL-2.0
/*
 * revoke_test - memory that was taken back is out of reach, whatever is unmapped
 *	at that moment
 *
 * A hostile expert writes to its heap without a pause, while another of its
 * threads takes the mapping away and puts it back: an entry that one has removed
 * and not flushed yet is none that the kernel finds when it takes the page back.
 * Whoever gets the page next looks for the expert's bytes in it.
 */
#include "child.h"

#include <pthread.h>

#define PAGE	4096UL
#define NR	32	/* pages */
#define SIZE	(NR * PAGE)
#define ROUNDS	300

FIXTURE(revoke)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
	__u64 hostile;
	int hostile_fd;
};

FIXTURE_SETUP(revoke)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, NULL);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
	self->hostile = nexp_do_pool(_metadata, self->session, NULL);
	self->hostile_fd = nexp_do_open(_metadata, self->session, self->hostile);
}

FIXTURE_TEARDOWN(revoke)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

/* How the hostile expert takes its own mapping away for a moment. */
static void by_munmap(struct nexp_attachment *a)
{
	munmap(a->heap, SIZE);
	mmap(a->heap, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, a->fd,
	     NETEXPERT_MAP_HEAP);
}

static void by_madvise(struct nexp_attachment *a)
{
	madvise(a->heap, SIZE, MADV_DONTNEED);
}

static void by_mremap(struct nexp_attachment *a)
{
	static void *aside;

	if (!aside)
		aside = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mremap(a->heap, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, aside);
	mremap(aside, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, a->heap);
}

static void by_mprotect(struct nexp_attachment *a)
{
	mprotect(a->heap, SIZE, PROT_NONE);
	mprotect(a->heap, SIZE, PROT_READ | PROT_WRITE);
}

struct hostile {
	struct nexp_attachment *a;
	void (*take_away)(struct nexp_attachment *a);
};

static void *take_away_for_ever(void *arg)
{
	struct hostile *hostile = arg;

	for (;;)
		hostile->take_away(hostile->a);
	return NULL;
}

/* Goes on when all is taken, as the others do: nobody leaves in time. */
static void *give_back_for_ever(void *arg)
{
	struct nexp_attachment *a = arg;

	for (;;) {
		int ret = __nexp_do_commit(a->fd, 0, SIZE);

		if (!ret)
			ret = __nexp_do_punch(a->fd, 0, SIZE);
		if (ret && ret != -EBUSY && ret != -ESTALE)
			_exit(-ret);
	}
	return NULL;
}

static void on_fault(int signal)
{
	siglongjmp(nexp_fault_env, signal);
}

static void write_for_ever(struct nexp_attachment *a)
{
	struct sigaction act = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	static volatile unsigned int i;

	sigaction(SIGBUS, &act, NULL);
	sigaction(SIGSEGV, &act, NULL);
	sigsetjmp(nexp_fault_env, 0);
	for (;;) {
		i = (i + 1) % NR;
		memset(a->heap + i * PAGE, 0xee, PAGE);
	}
}

/* The child: does not come back. */
static void be_hostile(struct __test_metadata *const _metadata,
		       FIXTURE_DATA(revoke) *self, struct nexp_child *child,
		       void (*take_away)(struct nexp_attachment *a))
{
	struct nexp_attachment a;
	struct hostile hostile = { &a, take_away };
	pthread_t threads[2];

	nexp_do_attach(_metadata, self->hostile_fd, &a);
	ASSERT_EQ(0, pthread_create(&threads[0], NULL, give_back_for_ever, &a));
	nexp_do_say(_metadata, child, 0);
	/* The last one: a stack made later could get the heap's address. */
	ASSERT_EQ(0, pthread_create(&threads[1], NULL, take_away_for_ever, &hostile));
	write_for_ever(&a);
}

static bool all_are(const unsigned char *bytes, unsigned char value)
{
	size_t i;

	for (i = 0; i < SIZE; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

/* Gets pages as a process and as another expert, and looks for foreign bytes. */
static void expect_clean(struct __test_metadata *const _metadata,
			 FIXTURE_DATA(revoke) *self, int round)
{
	unsigned char *own = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	ASSERT_NE(MAP_FAILED, own);
	ASSERT_EQ(0, __nexp_do_commit(self->a.fd, 0, SIZE));
	ASSERT_TRUE(all_are(own, 0))
		TH_LOG("round %d", round);
	ASSERT_TRUE(all_are(self->a.heap, 0))
		TH_LOG("round %d", round);
	memset(own, 0x11, SIZE);
	memset(self->a.heap, 0x22, SIZE);
	sched_yield();
	ASSERT_TRUE(all_are(own, 0x11))
		TH_LOG("round %d", round);
	ASSERT_TRUE(all_are(self->a.heap, 0x22))
		TH_LOG("round %d", round);
	ASSERT_EQ(0, __nexp_do_punch(self->a.fd, 0, SIZE));
	ASSERT_EQ(0, munmap(own, SIZE));
}

FIXTURE_VARIANT(revoke)
{
	void (*take_away)(struct nexp_attachment *a);
};

FIXTURE_VARIANT_ADD(revoke, against_munmap)
{
	.take_away = by_munmap,
};

FIXTURE_VARIANT_ADD(revoke, against_madvise)
{
	.take_away = by_madvise,
};

FIXTURE_VARIANT_ADD(revoke, against_mremap)
{
	.take_away = by_mremap,
};

FIXTURE_VARIANT_ADD(revoke, against_mprotect)
{
	.take_away = by_mprotect,
};

TEST_F_TIMEOUT(revoke, punched_pages_are_out_of_reach, 120)
{
	struct nexp_child child;
	int round;

	if (nexp_do_fork(_metadata, &child))
		be_hostile(_metadata, self, &child, variant->take_away);
	nexp_do_hear(_metadata, &child);
	for (round = 0; round < ROUNDS; round++)
		expect_clean(_metadata, self, round);
	EXPECT_EQ(0, waitpid(child.pid, NULL, WNOHANG))
		TH_LOG("nobody wrote");
	kill(child.pid, SIGKILL);
	nexp_child_end(&child);
}

/* The process lives on and goes on writing; its memory is taken all the same. */
TEST_F_TIMEOUT(revoke, reclaimed_pages_are_out_of_reach, 120)
{
	struct nexp_child child;
	int round;

	for (round = 0; round < ROUNDS / 10; round++) {
		if (nexp_do_fork(_metadata, &child))
			be_hostile(_metadata, self, &child, variant->take_away);
		nexp_do_hear(_metadata, &child);
		ASSERT_EQ(0, __nexp_do_reclaim(self->session, self->hostile));
		expect_clean(_metadata, self, round);
		EXPECT_EQ(0, waitpid(child.pid, NULL, WNOHANG))
			TH_LOG("nobody wrote");
		kill(child.pid, SIGKILL);
		nexp_child_end(&child);
		ASSERT_TRUE(nexp_becomes(nexp_state(self->session, self->hostile) ==
					 NETEXPERT_POOL_IDLE));
		close(self->hostile_fd);
		self->hostile_fd = nexp_do_open(_metadata, self->session, self->hostile);
	}
}

TEST_HARNESS_MAIN
