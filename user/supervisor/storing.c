// SPDX-License-Identifier: GPL-2.0
/*
 * storing - write the configuration of an expert, one writer at a time
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stored.h"
#include "stored_file.h"

/* What an expert is told may be nobody else's business. */
#define FILE_MODE	0600
#define DIR_MODE	0700

static int complain(struct nexp_error *err, int code, const char *path, const char *what)
{
	return nexp_error_set(err, code == EACCES || code == EPERM || code == EROFS ?
			      NEXP_FAILURE_PERMISSION : NEXP_FAILURE_OTHER, code, "%s: %s", path,
			      what);
}

/* With those above it; what is there already is left as it is. */
static int make_dir(const char *dir, struct nexp_error *err)
{
	char *path = strdup(dir), *slash = path;
	int code = 0;

	if (!path)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	do {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(path, DIR_MODE) && errno != EEXIST)
			code = complain(err, errno, path, strerror(errno));
		if (slash)
			*slash = '/';
	} while (slash && !code);
	free(path);
	return code;
}

/* Somebody who may write to it could put anything there in our name. */
static int check_dir(const char *dir, struct nexp_error *err)
{
	struct stat st;

	if (stat(dir, &st))
		return complain(err, errno, dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return complain(err, ENOTDIR, dir, strerror(ENOTDIR));
	if (st.st_uid != geteuid() && st.st_uid)
		return complain(err, EPERM, dir, "it belongs to another user, so no configuration "
				"is stored there");
	if (st.st_mode & 0022)
		return complain(err, EPERM, dir, "others may write to this directory, so no "
				"configuration is stored there; 'chmod go-w' it");
	return 0;
}

static int open_new(struct nexp_storing *storing, struct nexp_error *err)
{
	struct stat st;

	storing->fd = open(storing->new_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK |
			   O_NOCTTY | O_CLOEXEC, FILE_MODE);
	if (storing->fd < 0)
		return complain(err, errno, storing->new_path, errno == ELOOP ?
				"a symbolic link stands where a file is to be made: remove it" :
				strerror(errno));
	if (fstat(storing->fd, &st))
		return complain(err, errno, storing->new_path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1 || st.st_uid != geteuid())
		return complain(err, EEXIST, storing->new_path,
				"something that is not ours stands where a file is to be made: "
				"remove it");
	return 0;
}

/* While we waited it may have become the configuration, or may have been removed. */
static bool is_current(const struct nexp_storing *storing)
{
	struct stat ours, there;

	return !fstat(storing->fd, &ours) && !lstat(storing->new_path, &there) &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

static int wait_for_turn(struct nexp_storing *storing, bool wait, struct nexp_error *err)
{
	int code;

	for (;;) {
		code = open_new(storing, err);
		if (code)
			return code;
		while (flock(storing->fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB)) {
			if (errno == EINTR)
				continue;
			return complain(err, errno, storing->new_path, errno == EWOULDBLOCK ?
					"another process is about to store this configuration" :
					strerror(errno));
		}
		if (is_current(storing))
			return 0;
		close(storing->fd);
		storing->fd = -1;
	}
}

int nexp_storing_begin(struct nexp_storing *storing, const char *dir, const char *name,
		       bool wait, struct nexp_error *err)
{
	int code;

	*storing = (struct nexp_storing){ .dir = dir, .fd = -1 };
	storing->path = nexp_stored_path(dir, name);
	if (!storing->path || asprintf(&storing->new_path, "%s.new", storing->path) < 0) {
		storing->new_path = NULL;
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	}
	code = make_dir(dir, err);
	if (!code)
		code = check_dir(dir, err);
	if (!code)
		code = wait_for_turn(storing, wait, err);
	if (code && storing->fd >= 0) {
		/* Not our turn, so it is not ours to remove either. */
		close(storing->fd);
		storing->fd = -1;
	}
	return code;
}

static int write_all(int fd, const void *bytes, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = write(fd, (const char *)bytes + done, size - done);
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

/* So that the new name is on the disk, too. */
static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return ret;
}

int nexp_storing_put(struct nexp_storing *storing, const char *expert, const void *block,
		     uint32_t length, struct nexp_error *err)
{
	struct nexp_stored_head head = { .length = htole32(length) };

	memcpy(head.magic, NEXP_STORED_MAGIC, sizeof(head.magic));
	snprintf(head.expert, sizeof(head.expert), "%s", expert);
	head.sum = htole32(nexp_stored_sum(&head, block, length));
	if (fchmod(storing->fd, FILE_MODE) || ftruncate(storing->fd, 0) ||
	    write_all(storing->fd, &head, sizeof(head)) ||
	    write_all(storing->fd, block, length) || fsync(storing->fd))
		return complain(err, errno, storing->new_path, strerror(errno));
	if (rename(storing->new_path, storing->path))
		return complain(err, errno, storing->path, strerror(errno));
	close(storing->fd);
	storing->fd = -1;
	if (sync_dir(storing->dir))
		return complain(err, errno, storing->dir, strerror(errno));
	return 0;
}

int nexp_storing_drop(struct nexp_storing *storing, struct nexp_error *err)
{
	if (unlink(storing->path))
		return errno == ENOENT ? -ENOENT :
		       complain(err, errno, storing->path, strerror(errno));
	return sync_dir(storing->dir) ? complain(err, errno, storing->dir, strerror(errno)) : 0;
}

void nexp_storing_end(struct nexp_storing *storing)
{
	if (storing->fd >= 0) {
		unlink(storing->new_path);
		close(storing->fd);
	}
	storing->fd = -1;
	free(storing->path);
	free(storing->new_path);
	storing->path = NULL;
	storing->new_path = NULL;
}
