// SPDX-License-Identifier: GPL-2.0
/*
 * A writer on a memfd pool: what is in its file after a full disk, a closed pipe and a
 * death in the middle of a write.
 */
#include <fcntl.h>
#include <net/if_arp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "user/host/writer.h"

#define FRAME_BYTES	100

FIXTURE(writer) {
	struct unit unit;
	struct nexp_writer writer;
	int file;
	int journal;
	struct nexp_failure failure;
	uint64_t delivered;
	bool is_open;
};

static void open_writer(struct __test_metadata *const _metadata, FIXTURE_DATA(writer) *self,
			uint64_t count)
{
	self->writer = (struct nexp_writer){
		.path = "FILE", .count = count,
		.interfaces = "lo nosuch0  an-interface-with-a-long-name a,b",
		.file = self->file, .pool = -1,
	};
	ASSERT_EQ(0, nexp_writer_open(&self->writer, dup(self->journal), &self->failure));
	self->is_open = true;
	nexp_reader_limit(self->unit.nx, count);
}

static void close_writer(FIXTURE_DATA(writer) *self)
{
	if (!self->is_open)
		return;
	munmap(self->writer.journal, sizeof(*self->writer.journal));
	close(self->writer.lookup);
	nexp_pcapng_free(&self->writer.blocks);
	self->is_open = false;
}

FIXTURE_SETUP(writer)
{
	char name[] = "/tmp/writer_test.XXXXXX";

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, unit_open(&self->unit, 1, 0, 0));
	self->file = mkstemp(name);
	ASSERT_LE(0, self->file);
	unlink(name);
	self->journal = memfd_create("journal", MFD_CLOEXEC);
	ASSERT_EQ(0, ftruncate(self->journal, sizeof(struct nexp_journal)));
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

FIXTURE_TEARDOWN(writer)
{
	close_writer(self);
	unit_close(&self->unit);
	close(self->file);
	close(self->journal);
}

/* As the supervisor does it after a death; see outfile_test. */
static void mend(struct __test_metadata *const _metadata, FIXTURE_DATA(writer) *self)
{
	const struct nexp_journal *journal = self->writer.journal;
	off_t whole = (off_t)journal->sides[journal->current].whole;

	ASSERT_EQ(0, ftruncate(self->file, whole));
	ASSERT_EQ(whole, lseek(self->file, whole, SEEK_SET));
}

/* Frames that say which one they are, of interfaces that nobody has. */
static void deliver(struct __test_metadata *const _metadata, FIXTURE_DATA(writer) *self,
		    unsigned int nr)
{
	struct netexpert_record head = {
		.link_type = ARPHRD_ETHER, .wire_len = FRAME_BYTES, .cap_len = FRAME_BYTES,
	};
	uint64_t data[FRAME_BYTES / 8 + 1] = { 0 };

	while (nr--) {
		data[0] = self->delivered;
		head.ifindex = 1000000 + (uint32_t)(self->delivered / 10);
		head.time_ns = ++self->delivered;
		ASSERT_EQ(0, nexp_memfd_deliver(self->unit.pool, 0, &head, data));
	}
}

/* The file is whole blocks; answers the numbers of its frames, one after the other. */
static uint64_t check_file(struct __test_metadata *const _metadata, FIXTURE_DATA(writer) *self,
			   unsigned int *ret_interfaces, unsigned int *ret_statistics)
{
	uint32_t head[2], trailer, id;
	uint64_t frames = 0, number;
	struct stat st;
	off_t at = 0;

	*ret_interfaces = 0;
	*ret_statistics = 0;
	fstat(self->file, &st);
	while (at < st.st_size) {
		ASSERT_EQ(sizeof(head), pread(self->file, head, sizeof(head), at));
		ASSERT_LE(at + head[1], st.st_size);
		ASSERT_EQ(4, pread(self->file, &trailer, 4, at + head[1] - 4));
		ASSERT_EQ(head[1], trailer);
		*ret_interfaces += head[0] == 1;
		*ret_statistics += head[0] == 5;
		if (head[0] == 6) {
			ASSERT_EQ(4, pread(self->file, &id, 4, at + 8));
			EXPECT_GT(*ret_interfaces, id);
			ASSERT_EQ(8, pread(self->file, &number, 8, at + 28));
			ASSERT_EQ(frames, number);
			frames++;
		}
		at += head[1];
	}
	EXPECT_EQ(st.st_size, at);
	return frames;
}

TEST_F(writer, writes_what_was_asked_for_and_ends)
{
	unsigned int interfaces, statistics;

	deliver(_metadata, self, 50);
	open_writer(_metadata, self, 42);
	EXPECT_EQ(0, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	EXPECT_EQ(42, nexp_writer_frames(&self->writer));
	EXPECT_EQ(42, check_file(_metadata, self, &interfaces, &statistics));
	/* The one that is there by name, and those that were met. */
	EXPECT_EQ(1 + 5, interfaces);
	EXPECT_EQ(interfaces, statistics);
}

/* The disk is full in the middle of a block; then it is not. */
TEST_F(writer, a_torn_block_is_cut_off_and_the_next_writer_goes_on)
{
	struct rlimit limit;
	unsigned int interfaces, statistics;
	struct stat st;

	deliver(_metadata, self, 300);
	open_writer(_metadata, self, 300);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 42001;
	ASSERT_EQ(0, setrlimit(RLIMIT_FSIZE, &limit));
	EXPECT_EQ(-1, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	/* The first batch is in it, and part of the second one. */
	EXPECT_EQ(NEXP_FAILED_OUTPUT, self->failure.what);
	EXPECT_STREQ("writing to FILE: File too large; there are 256 frames in it, and up to "
		     "there it is whole",
		     self->failure.reason);
	fstat(self->file, &st);
	EXPECT_EQ(42001, st.st_size);
	EXPECT_EQ(1, self->writer.journal->writing);
	mend(_metadata, self);
	EXPECT_EQ(256, check_file(_metadata, self, &interfaces, &statistics));
	EXPECT_EQ(0, statistics);

	close_writer(self);
	ASSERT_EQ(0, unit_restart(&self->unit));
	open_writer(_metadata, self, 300);
	EXPECT_EQ(0, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	EXPECT_EQ(300, check_file(_metadata, self, &interfaces, &statistics));
	EXPECT_EQ(1 + 30, interfaces);
	EXPECT_EQ(interfaces, statistics);
}

/* What the journal says is in the file is not written again. */
TEST_F(writer, a_death_between_journal_and_release_doubles_nothing)
{
	unsigned int interfaces, statistics;
	struct nexp_journal *journal;

	deliver(_metadata, self, 30);
	open_writer(_metadata, self, 20);
	EXPECT_EQ(0, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	journal = self->writer.journal;
	/* As if it had died before it released them, and before it wrote the end. */
	self->unit.nx->rings[0].consumer->position = 0;
	journal->current ^= 1;
	EXPECT_EQ(0, journal->sides[journal->current].ended);
	EXPECT_EQ(20, journal->sides[journal->current].frames);
	mend(_metadata, self);
	EXPECT_EQ(20, check_file(_metadata, self, &interfaces, &statistics));
	EXPECT_EQ(0, statistics);

	close_writer(self);
	ASSERT_EQ(0, unit_restart(&self->unit));
	open_writer(_metadata, self, 30);
	EXPECT_EQ(0, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	EXPECT_EQ(30, check_file(_metadata, self, &interfaces, &statistics));
	EXPECT_EQ(30, nexp_writer_frames(&self->writer));

	/* And one that has nothing left to do does nothing. */
	close_writer(self);
	ASSERT_EQ(0, unit_restart(&self->unit));
	open_writer(_metadata, self, 30);
	EXPECT_EQ(0, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	EXPECT_EQ(30, check_file(_metadata, self, &interfaces, &statistics));
	EXPECT_EQ(interfaces, statistics);
}

TEST_F(writer, a_full_device_is_told)
{
	deliver(_metadata, self, 5);
	open_writer(_metadata, self, 5);
	self->writer.file = open("/dev/full", O_WRONLY | O_CLOEXEC);
	EXPECT_EQ(-1, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	EXPECT_STREQ("writing to FILE: No space left on device; there are 0 frames in it, and up "
		     "to there it is whole",
		     self->failure.reason);
	close(self->writer.file);
}

TEST_F(writer, a_closed_pipe_is_told)
{
	int fds[2];

	ASSERT_EQ(0, pipe2(fds, O_CLOEXEC));
	close(fds[0]);
	deliver(_metadata, self, 5);
	open_writer(_metadata, self, 5);
	self->writer.file = fds[1];
	EXPECT_EQ(-1, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	EXPECT_STREQ("who reads FILE has closed it, after 0 frames", self->failure.reason);
	/* The supervisor sees that it was not at rest. */
	EXPECT_EQ(1, self->writer.journal->writing);
	close(fds[1]);
}

/* Others may have made what we share with them so that it does not block. */
TEST_F(writer, a_file_that_does_not_block_is_waited_for)
{
	unsigned int interfaces, statistics;
	char bytes[4096];
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	ASSERT_EQ(0, pipe2(fds, O_CLOEXEC | O_NONBLOCK));
	ASSERT_EQ(4096, fcntl(fds[1], F_SETPIPE_SZ, 4096));
	deliver(_metadata, self, 250);
	open_writer(_metadata, self, 250);
	self->writer.file = fds[1];
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		close(fds[1]);
		fcntl(fds[0], F_SETFL, 0);
		while ((n = read(fds[0], bytes, sizeof(bytes))) > 0)
			if (write(self->file, bytes, (size_t)n) != n)
				_exit(1);
		_exit(n != 0);
	}
	EXPECT_EQ(0, nexp_writer_run(&self->writer, self->unit.nx, &self->failure));
	close(fds[0]);
	close(fds[1]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(250, check_file(_metadata, self, &interfaces, &statistics));
}

TEST_HARNESS_MAIN
