// SPDX-License-Identifier: GPL-2.0
/*
 * Stored configurations: what comes back, what is refused and left alone, and writers
 * at the same time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#include "user/lib/wire.h"
#include "user/supervisor/stored.h"
#include "user/supervisor/stored_file.h"

#define FILE_NAME	"dir/mine.conf"

FIXTURE(stored) {
	char folder[64];
	struct nexp_storing storing;
	struct nexp_stored *stored;
	struct nexp_error err;
};

FIXTURE_SETUP(stored)
{
	memset(self, 0, sizeof(*self));
	strcpy(self->folder, "/tmp/stored_test.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->folder));
	ASSERT_EQ(0, chdir(self->folder));
	umask(0);
}

FIXTURE_TEARDOWN(stored)
{
	nexp_stored_free(self->stored);
	unlink(FILE_NAME);
	rmdir(FILE_NAME);
	unlink(FILE_NAME ".new");
	unlink("dir/other");
	rmdir("dir");
	ASSERT_EQ(0, chdir("/"));
	ASSERT_EQ(0, rmdir(self->folder));
}

/* A block of @length bytes. */
static void fill(uint8_t *block, uint32_t length)
{
	memset(block, 0xa5, length);
	memcpy(block, &length, sizeof(length));
}

static int put(FIXTURE_DATA(stored) *self, const char *expert, uint32_t length)
{
	static uint8_t block[NEXP_CONFIG_MAX];
	int code;

	fill(block, length);
	code = nexp_storing_begin(&self->storing, "dir", "mine", true, &self->err);
	if (!code)
		code = nexp_storing_put(&self->storing, expert, block, length, &self->err);
	nexp_storing_end(&self->storing);
	return code;
}

static int load(FIXTURE_DATA(stored) *self)
{
	nexp_stored_free(self->stored);
	self->stored = NULL;
	return nexp_stored_load("dir", "mine", &self->stored, &self->err);
}

static ssize_t read_file(uint8_t *bytes, size_t size)
{
	int fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, size);

	close(fd);
	return n;
}

static void write_file(const void *bytes, size_t size)
{
	int fd = open(FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* Is it refused with @words, and the file's name? */
static bool is_refused(FIXTURE_DATA(stored) *self, const char *words)
{
	int code = load(self);

	if (code && !self->stored && strstr(self->err.text, words) &&
	    strstr(self->err.text, FILE_NAME) && strstr(self->err.text, "--defaults"))
		return true;
	fprintf(stderr, "# %d, not '%s': %s\n", code, words, code ? self->err.text : "");
	return false;
}

TEST_F(stored, nothing_is_stored_at_first)
{
	EXPECT_EQ(0, load(self));
	EXPECT_EQ(NULL, self->stored);
	/* And nothing was made to find that out. */
	EXPECT_NE(0, access("dir", F_OK));
}

TEST_F(stored, a_block_comes_back_as_it_was)
{
	static const uint32_t lengths[] = { 4, 5, 24, 4096, NEXP_CONFIG_MAX };
	static uint8_t block[NEXP_CONFIG_MAX];
	struct stat st;
	unsigned int i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		ASSERT_EQ(0, put(self, "Mine", lengths[i]));
		ASSERT_EQ(0, load(self));
		ASSERT_EQ(lengths[i], self->stored->length);
		fill(block, lengths[i]);
		EXPECT_EQ(0, memcmp(block, self->stored->block, lengths[i]));
		EXPECT_STREQ("Mine", self->stored->expert);
		EXPECT_STREQ(FILE_NAME, self->stored->path);
	}
	/* It is its owner's, whatever the umask, and nothing is left beside it. */
	ASSERT_EQ(0, stat(FILE_NAME, &st));
	EXPECT_EQ(0600, st.st_mode & 07777);
	EXPECT_NE(0, access(FILE_NAME ".new", F_OK));
}

TEST_F(stored, a_file_that_was_cut_or_changed_anywhere_is_refused)
{
	uint8_t bytes[400];
	ssize_t size, i;

	ASSERT_EQ(0, put(self, "Mine", 24));
	size = read_file(bytes, sizeof(bytes));
	ASSERT_EQ(sizeof(struct nexp_stored_head) + 24, size);
	for (i = 0; i < size; i++) {
		write_file(bytes, (size_t)i);
		EXPECT_TRUE(is_refused(self, "it is damaged"));
	}
	for (i = 0; i < size; i++) {
		bytes[i] ^= 0x20;
		write_file(bytes, (size_t)size);
		EXPECT_TRUE(is_refused(self, i < 16 ? "no configuration of netexpert's" :
					     "it is damaged"));
		bytes[i] ^= 0x20;
	}
	bytes[size] = 0;
	write_file(bytes, (size_t)size + 1);
	EXPECT_TRUE(is_refused(self, "its length is not what it says"));
	/* It was left as it is. */
	EXPECT_EQ(size + 1, read_file(bytes, sizeof(bytes)));
}

TEST_F(stored, a_file_whose_checksum_is_right_can_still_lie)
{
	struct { struct nexp_stored_head head; uint8_t block[8]; } file;

	ASSERT_EQ(0, put(self, "Mine", 8));
	ASSERT_EQ(sizeof(file), read_file((uint8_t *)&file, sizeof(file)));
	file.block[0] = 9;
	file.head.sum = nexp_stored_sum(&file.head, file.block, sizeof(file.block));
	write_file(&file, sizeof(file));
	EXPECT_TRUE(is_refused(self, "RawConfigLength is not its length"));
	file.block[0] = 8;
	file.head.expert[0] = '\0';
	file.head.sum = nexp_stored_sum(&file.head, file.block, sizeof(file.block));
	write_file(&file, sizeof(file));
	EXPECT_TRUE(is_refused(self, "the name of its expert is none"));
	memset(file.head.expert, 'x', sizeof(file.head.expert));
	file.head.sum = nexp_stored_sum(&file.head, file.block, sizeof(file.block));
	write_file(&file, sizeof(file));
	EXPECT_TRUE(is_refused(self, "the name of its expert is none"));
}

TEST_F(stored, a_file_that_is_too_large_is_refused)
{
	ASSERT_EQ(0, put(self, "Mine", 8));
	ASSERT_EQ(0, truncate(FILE_NAME, 1L << 40));
	EXPECT_TRUE(is_refused(self, "larger than a configuration may be"));
}

TEST_F(stored, what_is_no_file_is_refused)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = FILE_NAME };
	int sock;

	ASSERT_EQ(0, put(self, "Mine", 8));
	ASSERT_EQ(0, rename(FILE_NAME, "dir/other"));
	ASSERT_EQ(0, symlink("other", FILE_NAME));
	EXPECT_TRUE(is_refused(self, "a symbolic link"));
	ASSERT_EQ(0, unlink(FILE_NAME));
	ASSERT_EQ(0, mkdir(FILE_NAME, 0700));
	EXPECT_TRUE(is_refused(self, "not a regular file"));
	ASSERT_EQ(0, rmdir(FILE_NAME));
	ASSERT_EQ(0, mkfifo(FILE_NAME, 0600));
	EXPECT_TRUE(is_refused(self, "not a regular file"));
	ASSERT_EQ(0, unlink(FILE_NAME));
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, bind(sock, (void *)&address, sizeof(address)));
	EXPECT_TRUE(is_refused(self, "not a regular file"));
	close(sock);
}

TEST_F(stored, a_file_that_others_may_change_is_refused)
{
	ASSERT_EQ(0, put(self, "Mine", 8));
	ASSERT_EQ(0, chmod(FILE_NAME, 0620));
	EXPECT_TRUE(is_refused(self, "others may write to it"));
	ASSERT_EQ(0, chmod(FILE_NAME, 0602));
	EXPECT_TRUE(is_refused(self, "others may write to it"));
	ASSERT_EQ(0, chmod(FILE_NAME, 0600));
	if (geteuid())
		return;
	ASSERT_EQ(0, chown(FILE_NAME, 65534, 65534));
	EXPECT_TRUE(is_refused(self, "it belongs to another user"));
}

TEST_F(stored, nothing_is_stored_where_others_may_write)
{
	ASSERT_EQ(0, mkdir("dir", 0777));
	EXPECT_EQ(-EPERM, put(self, "Mine", 8));
	EXPECT_NE(NULL, strstr(self->err.text, "others may write to this directory"));
	ASSERT_EQ(0, chmod("dir", 0700));
	EXPECT_EQ(0, put(self, "Mine", 8));
	ASSERT_EQ(0, symlink("elsewhere", FILE_NAME ".new"));
	EXPECT_EQ(-ELOOP, put(self, "Mine", 8));
	EXPECT_NE(0, access("dir/elsewhere", F_OK));
	ASSERT_EQ(0, unlink(FILE_NAME ".new"));
	ASSERT_EQ(0, link(FILE_NAME, FILE_NAME ".new"));
	EXPECT_EQ(-EEXIST, put(self, "Mine", 9));
	ASSERT_EQ(0, unlink(FILE_NAME ".new"));
	ASSERT_EQ(0, load(self));
	EXPECT_EQ(8, self->stored->length);
}

TEST_F(stored, a_writer_that_died_is_in_nobodys_way)
{
	int fd;

	ASSERT_EQ(0, put(self, "Mine", 8));
	fd = open(FILE_NAME ".new", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ASSERT_EQ(4, pwrite(fd, "half", 4, 8188));
	close(fd);
	ASSERT_EQ(0, load(self));
	EXPECT_EQ(8, self->stored->length);
	ASSERT_EQ(0, put(self, "Mine", 9));
	ASSERT_EQ(0, load(self));
	EXPECT_EQ(9, self->stored->length);
}

TEST_F(stored, who_gives_up_changes_nothing)
{
	ASSERT_EQ(0, put(self, "Mine", 8));
	ASSERT_EQ(0, nexp_storing_begin(&self->storing, "dir", "mine", true, &self->err));
	nexp_storing_end(&self->storing);
	EXPECT_NE(0, access(FILE_NAME ".new", F_OK));
	ASSERT_EQ(0, load(self));
	EXPECT_EQ(8, self->stored->length);
}

TEST_F(stored, what_is_dropped_is_gone_whatever_it_was)
{
	ASSERT_EQ(0, put(self, "Mine", 8));
	write_file("junk", 4);
	ASSERT_EQ(0, nexp_storing_begin(&self->storing, "dir", "mine", true, &self->err));
	EXPECT_EQ(0, nexp_storing_drop(&self->storing, &self->err));
	EXPECT_EQ(-ENOENT, nexp_storing_drop(&self->storing, &self->err));
	nexp_storing_end(&self->storing);
	EXPECT_EQ(0, load(self));
	EXPECT_EQ(NULL, self->stored);
}

/* Reads the number in the block, and stores the next one. */
static int count_up(FIXTURE_DATA(stored) *self)
{
	uint32_t block[2] = { sizeof(block), 0 };
	int code;

	code = nexp_storing_begin(&self->storing, "dir", "mine", true, &self->err);
	if (!code)
		code = load(self);
	if (!code && self->stored)
		memcpy(&block[1], self->stored->block + 4, 4);
	block[1]++;
	if (!code)
		code = nexp_storing_put(&self->storing, "Mine", block, sizeof(block), &self->err);
	nexp_storing_end(&self->storing);
	return code;
}

TEST_F(stored, writers_at_the_same_time_lose_nothing_of_each_other)
{
	const int nr_writers = 4, times = 50;
	uint32_t number;
	int i, j, status;

	for (i = 0; i < nr_writers; i++) {
		if (fork())
			continue;
		for (j = 0; j < times; j++)
			if (count_up(self))
				_exit(1);
		_exit(0);
	}
	/* A reader finds a whole one at any time, or none yet. */
	for (i = 0; i < nr_writers;) {
		EXPECT_EQ(0, load(self));
		if (waitpid(-1, &status, WNOHANG) <= 0)
			continue;
		EXPECT_EQ(0, status);
		i++;
	}
	ASSERT_EQ(0, load(self));
	memcpy(&number, self->stored->block + 4, 4);
	EXPECT_EQ(nr_writers * times, number);
	EXPECT_NE(0, access(FILE_NAME ".new", F_OK));
}

TEST_F(stored, another_writer_can_be_told_of)
{
	struct nexp_storing other;

	ASSERT_EQ(0, nexp_storing_begin(&self->storing, "dir", "mine", true, &self->err));
	EXPECT_EQ(-EWOULDBLOCK, nexp_storing_begin(&other, "dir", "mine", false, &self->err));
	EXPECT_NE(NULL, strstr(self->err.text, "another process is about to store"));
	nexp_storing_end(&other);
	/* Who waits in vain takes nothing away. */
	EXPECT_EQ(0, access(FILE_NAME ".new", F_OK));
	nexp_storing_end(&self->storing);
	EXPECT_EQ(0, nexp_storing_begin(&other, "dir", "mine", false, &self->err));
	nexp_storing_end(&other);
}

TEST_HARNESS_MAIN
