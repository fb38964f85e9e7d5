// SPDX-License-Identifier: GPL-2.0
/*
 * outfile - a file that a writer or an expert writes, opened and kept here
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/journal.h"
#include "outfile.h"

/* Frames hold what is nobody else's business. */
#define MODE	0600

static int open_failure(struct nexp_error *err, int code, const char *option, const char *path)
{
	return nexp_error_set(err, code == EACCES || code == EPERM ? NEXP_FAILURE_PERMISSION :
								      NEXP_FAILURE_OTHER,
			      code, "%s %s: %s", option, path, strerror(code));
}

static int open_file(struct nexp_outfile *file, const char *option, const char *path,
		     struct nexp_error *err)
{
	struct stat st;

	if (!strcmp(path, "-")) {
		file->name = strdup("standard output");
		file->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	} else {
		file->name = strdup(path);
		file->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, MODE);
	}
	if (!file->name)
		return open_failure(err, ENOMEM, option, path);
	if (file->fd < 0 || fstat(file->fd, &st))
		return open_failure(err, errno, option, path);
	file->regular = S_ISREG(st.st_mode);
	return 0;
}

static int open_journal(struct nexp_outfile *file, struct nexp_error *err)
{
	file->journal = memfd_create("netexpert-journal", MFD_CLOEXEC);
	if (file->journal < 0 || ftruncate(file->journal, sizeof(struct nexp_journal)))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "a journal for %s: %s",
				      file->name, strerror(errno));
	return 0;
}

int nexp_outfile_open(const char *option, const char *path, struct nexp_outfile **ret,
		      struct nexp_error *err)
{
	struct nexp_outfile *file = malloc(sizeof(*file));
	int code;

	if (!file)
		return open_failure(err, ENOMEM, option, path);
	*file = (struct nexp_outfile){ .fd = -1, .journal = -1 };
	code = open_file(file, option, path, err);
	if (!code)
		code = open_journal(file, err);
	if (!code && isatty(file->fd))
		code = nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
				      "%s %s: that is a terminal, and what is written is not for "
				      "people; name a file, or a pipe behind %s -", option, path,
				      option);
	if (code)
		nexp_outfile_free(file);
	else
		*ret = file;
	return code;
}

/* A device may well be written by several: /dev/null. */
static bool is_one_file(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino && !S_ISCHR(x->st_mode);
}

bool nexp_outfile_same(const struct nexp_outfile *a, const struct nexp_outfile *b)
{
	struct stat x, y;

	return !fstat(a->fd, &x) && !fstat(b->fd, &y) && is_one_file(&x, &y);
}

bool nexp_outfile_is(const struct nexp_outfile *file, const char *path)
{
	struct stat x, y;

	if (fstat(file->fd, &x) || (strcmp(path, "-") ? stat(path, &y) : fstat(STDIN_FILENO, &y)))
		return false;
	return is_one_file(&x, &y);
}

int nexp_outfile_begin(struct nexp_outfile *file, struct nexp_error *err)
{
	const size_t at = offsetof(struct nexp_journal, sides[0].whole);
	off_t start;

	if (!file->regular)
		return 0;
	/* Standard output may have been opened to append. */
	start = lseek(file->fd, 0, fcntl(file->fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
	if (start < 0 || ftruncate(file->fd, start))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "emptying %s: %s", file->name,
				      strerror(errno));
	file->start = (uint64_t)start;
	if (pwrite(file->journal, &file->start, sizeof(file->start), (off_t)at) < 0)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "the journal of %s: %s",
				      file->name, strerror(errno));
	return 0;
}

/* Return: whether it could be read. */
static bool read_journal(const struct nexp_outfile *file, uint32_t *ret_writing,
			 uint64_t *ret_whole)
{
	struct { uint32_t current, writing; } head;
	off_t at;

	if (pread(file->journal, &head, sizeof(head), 0) != sizeof(head))
		return false;
	at = (off_t)(offsetof(struct nexp_journal, sides) +
		     (head.current & 1) * sizeof(struct nexp_journal_side) +
		     offsetof(struct nexp_journal_side, whole));
	*ret_writing = head.writing;
	return pread(file->journal, ret_whole, sizeof(*ret_whole), at) == sizeof(*ret_whole);
}

int nexp_outfile_mend(const struct nexp_outfile *file, struct nexp_error *err)
{
	uint32_t writing;
	uint64_t whole;
	struct stat st;

	if (!read_journal(file, &writing, &whole))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EIO,
				      "the journal of %s cannot be read", file->name);
	if (!file->regular && writing)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ESPIPE,
			"it ended while it wrote to %s, and what went into a pipe can't be cut off: "
			"the last block may be torn", file->name);
	if (!file->regular)
		return 0;
	if (fstat(file->fd, &st) || whole < file->start || whole > (uint64_t)st.st_size)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EIO,
			"%s is shorter than what was written to it: somebody else has changed it",
			file->name);
	if (ftruncate(file->fd, (off_t)whole) || lseek(file->fd, (off_t)whole, SEEK_SET) < 0)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno,
			"cutting off what is not whole of %s: %s", file->name, strerror(errno));
	return 0;
}

int nexp_outfile_again(const struct nexp_outfile *file, struct nexp_error *err)
{
	if (!file->regular)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ESPIPE,
			"what it has written to %s can't be taken back: that is no regular file",
			file->name);
	if (ftruncate(file->fd, (off_t)file->start) ||
	    lseek(file->fd, (off_t)file->start, SEEK_SET) < 0)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "emptying %s: %s", file->name,
				      strerror(errno));
	return 0;
}

void nexp_outfile_close(struct nexp_outfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->journal >= 0)
		close(file->journal);
	file->fd = -1;
	file->journal = -1;
}

void nexp_outfile_free(struct nexp_outfile *file)
{
	if (!file)
		return;
	nexp_outfile_close(file);
	free(file->name);
	free(file);
}
