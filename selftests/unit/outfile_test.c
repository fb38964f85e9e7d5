// SPDX-License-Identifier: GPL-2.0
/*
 * The file of a writer or an expert: opened, emptied, and mended by what its journal says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "user/lib/journal.h"
#include "user/supervisor/outfile.h"

FIXTURE(outfile) {
	char folder[64];
	struct nexp_outfile *file;
	struct nexp_journal *journal;
	struct nexp_error err;
};

FIXTURE_SETUP(outfile)
{
	memset(self, 0, sizeof(*self));
	strcpy(self->folder, "/tmp/outfile_test.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->folder));
	ASSERT_EQ(0, chdir(self->folder));
}

FIXTURE_TEARDOWN(outfile)
{
	if (self->journal)
		munmap(self->journal, sizeof(*self->journal));
	nexp_outfile_free(self->file);
	unlink("file");
	rmdir(self->folder);
}

static off_t size_of(const struct nexp_outfile *file)
{
	struct stat st;

	return fstat(file->fd, &st) ? -1 : st.st_size;
}

static void open_it(struct __test_metadata *const _metadata, FIXTURE_DATA(outfile) *self)
{
	ASSERT_EQ(0, nexp_outfile_open("-w", "file", &self->file, &self->err));
	self->journal = mmap(NULL, sizeof(*self->journal), PROT_READ | PROT_WRITE, MAP_SHARED,
			     self->file->journal, 0);
	ASSERT_NE(MAP_FAILED, self->journal);
}

TEST_F(outfile, what_was_in_it_goes_when_the_run_begins)
{
	int fd = open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	struct stat st;

	ASSERT_EQ(5, write(fd, "bytes", 5));
	close(fd);
	open_it(_metadata, self);
	EXPECT_EQ(5, size_of(self->file));
	EXPECT_STREQ("file", self->file->name);
	EXPECT_TRUE(self->file->regular);
	EXPECT_EQ(0, nexp_outfile_begin(self->file, &self->err));
	EXPECT_EQ(0, size_of(self->file));
	EXPECT_EQ(0, self->journal->sides[0].whole);
	fstat(self->file->fd, &st);
	EXPECT_EQ(0644, st.st_mode & 07777);
}

TEST_F(outfile, a_new_one_is_its_owners)
{
	struct stat st;

	open_it(_metadata, self);
	fstat(self->file->fd, &st);
	EXPECT_EQ(0600, st.st_mode & 07777);
}

TEST_F(outfile, what_cannot_be_written_is_named)
{
	EXPECT_EQ(-EISDIR, nexp_outfile_open("-w", "/tmp", &self->file, &self->err));
	EXPECT_STREQ("-w /tmp: Is a directory", self->err.text);
	EXPECT_EQ(-ENOENT, nexp_outfile_open("-w", "no/where", &self->file, &self->err));
	EXPECT_STREQ("-w no/where: No such file or directory", self->err.text);
	EXPECT_EQ(-ENOENT, nexp_outfile_open("-w", "", &self->file, &self->err));
	EXPECT_EQ(NULL, self->file);
}

TEST_F(outfile, standard_output_goes_on_where_it_is)
{
	int saved = dup(STDOUT_FILENO);
	int fd = open("file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	ASSERT_EQ(5, write(fd, "bytes", 5));
	ASSERT_EQ(3, lseek(fd, 3, SEEK_SET));
	dup2(fd, STDOUT_FILENO);
	EXPECT_EQ(0, nexp_outfile_open("-w", "-", &self->file, &self->err));
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fd);
	ASSERT_NE(NULL, self->file);
	EXPECT_STREQ("standard output", self->file->name);
	EXPECT_EQ(0, nexp_outfile_begin(self->file, &self->err));
	EXPECT_EQ(3, self->file->start);
	EXPECT_EQ(3, size_of(self->file));
	ASSERT_EQ(4, write(self->file->fd, "torn", 4));
	EXPECT_EQ(0, nexp_outfile_mend(self->file, &self->err));
	EXPECT_EQ(3, size_of(self->file));
}

TEST_F(outfile, one_file_under_two_names_is_one)
{
	struct nexp_outfile *other = NULL, *null[2] = { NULL };

	open_it(_metadata, self);
	ASSERT_EQ(0, nexp_outfile_open("-w", "./file", &other, &self->err));
	EXPECT_TRUE(nexp_outfile_same(self->file, other));
	ASSERT_EQ(0, nexp_outfile_open("-w", "/dev/null", &null[0], &self->err));
	ASSERT_EQ(0, nexp_outfile_open("-w", "/dev/null", &null[1], &self->err));
	EXPECT_FALSE(nexp_outfile_same(self->file, null[0]));
	EXPECT_FALSE(nexp_outfile_same(null[0], null[1]));
	nexp_outfile_free(other);
	nexp_outfile_free(null[0]);
	nexp_outfile_free(null[1]);
}

TEST_F(outfile, what_the_current_side_vouches_for_stays)
{
	open_it(_metadata, self);
	ASSERT_EQ(0, nexp_outfile_begin(self->file, &self->err));
	ASSERT_EQ(14, write(self->file->fd, "whole blocks, ", 14));
	self->journal->sides[1].whole = 12;
	self->journal->writing = 1;
	self->journal->current = 1;
	EXPECT_EQ(0, nexp_outfile_mend(self->file, &self->err));
	EXPECT_EQ(12, size_of(self->file));
	EXPECT_EQ(12, lseek(self->file->fd, 0, SEEK_CUR));
	self->journal->current = 0;
	EXPECT_EQ(0, nexp_outfile_mend(self->file, &self->err));
	EXPECT_EQ(0, size_of(self->file));
}

/* Its process may have been taken over: a journal is a claim. */
TEST_F(outfile, a_journal_that_lies_cuts_nothing_off)
{
	static const uint64_t lies[] = { 0, 9, 101, UINT64_MAX, 1ULL << 63 };
	size_t i;

	open_it(_metadata, self);
	ASSERT_EQ(0, ftruncate(self->file->fd, 100));
	self->file->start = 10;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		self->journal->current = UINT32_MAX - 1;
		self->journal->sides[0].whole = lies[i];
		EXPECT_EQ(-EIO, nexp_outfile_mend(self->file, &self->err));
		EXPECT_EQ(100, size_of(self->file));
	}
	ASSERT_EQ(0, ftruncate(self->file->journal, 4));
	EXPECT_EQ(-EIO, nexp_outfile_mend(self->file, &self->err));
}

/* As standard output may have something in it already. */
TEST_F(outfile, what_an_expert_has_written_goes_before_the_next_one)
{
	open_it(_metadata, self);
	ASSERT_EQ(6, write(self->file->fd, "before", 6));
	ASSERT_EQ(0, nexp_outfile_begin(self->file, &self->err));
	ASSERT_EQ(5, write(self->file->fd, "first", 5));
	EXPECT_EQ(0, nexp_outfile_again(self->file, &self->err));
	EXPECT_EQ(6, size_of(self->file));
	ASSERT_EQ(6, write(self->file->fd, "second", 6));
	EXPECT_EQ(12, size_of(self->file));
	self->file->regular = false;
	EXPECT_EQ(-ESPIPE, nexp_outfile_again(self->file, &self->err));
	EXPECT_NE(NULL, strstr(self->err.text, "what it has written to file can't be taken back"));
	EXPECT_EQ(12, size_of(self->file));
}

TEST_F(outfile, from_a_pipe_nothing_is_cut_off)
{
	int fds[2];

	open_it(_metadata, self);
	ASSERT_EQ(0, pipe2(fds, O_CLOEXEC));
	dup2(fds[1], self->file->fd);
	self->file->regular = false;
	EXPECT_EQ(0, nexp_outfile_begin(self->file, &self->err));
	EXPECT_EQ(0, nexp_outfile_mend(self->file, &self->err));
	self->journal->writing = 1;
	EXPECT_EQ(-ESPIPE, nexp_outfile_mend(self->file, &self->err));
	close(fds[0]);
	close(fds[1]);
}

TEST_HARNESS_MAIN
