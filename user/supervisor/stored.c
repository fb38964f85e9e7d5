// SPDX-License-Identifier: GPL-2.0
/*
 * stored - read the configuration that an expert has stored
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "../lib/wire.h"
#include "stored.h"
#include "stored_file.h"

char *nexp_stored_path(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s.conf", dir, name) < 0 ? NULL : path;
}

uint32_t nexp_stored_sum(const struct nexp_stored_head *head, const void *block, size_t length)
{
	const size_t skip = offsetof(struct nexp_stored_head, length);
	uLong sum = crc32(0, (const Bytef *)head + skip, (uInt)(sizeof(*head) - skip));

	return (uint32_t)crc32(sum, block, (uInt)length);
}

static int complain(struct nexp_error *err, int code, const char *path, const char *what)
{
	return nexp_error_set(err, code == EACCES || code == EPERM ? NEXP_FAILURE_PERMISSION :
								      NEXP_FAILURE_OTHER,
			      code, "the stored configuration %s: %s; it is as it was. 'netexpert "
			      "config --defaults EXPERT' drops it, 'netexpert run --no-config' "
			      "leaves it out", path, what);
}

/* What can be wrong before a byte is read. Return: NULL, or what it is. */
static const char *doubt(const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "not a regular file";
	if (st->st_uid != geteuid() && st->st_uid)
		return "it belongs to another user, who may change it";
	if (st->st_mode & 0022)
		return "others may write to it; 'chmod go-w' if nobody did";
	if (st->st_size < (off_t)(sizeof(struct nexp_stored_head) + sizeof(EXPERTCONFIG)))
		return "it is damaged: too short";
	if (st->st_size > (off_t)sizeof(struct nexp_stored_head) + NEXP_CONFIG_MAX)
		return "it is damaged: larger than a configuration may be";
	return NULL;
}

/* Return: NULL, or what is wrong. */
static const char *check(const struct nexp_stored_head *head, const void *block, size_t length)
{
	uint32_t raw_length;

	memcpy(&raw_length, block, sizeof(raw_length));
	if (memcmp(head->magic, NEXP_STORED_MAGIC, sizeof(head->magic)))
		return "it is no configuration of netexpert's";
	if (le32toh(head->length) != length)
		return "it is damaged: its length is not what it says";
	if (le32toh(head->sum) != nexp_stored_sum(head, block, length))
		return "it is damaged: its checksum is wrong";
	if (raw_length != length)
		return "it is damaged: RawConfigLength is not its length";
	if (!head->expert[0] || !memchr(head->expert, '\0', sizeof(head->expert)))
		return "it is damaged: the name of its expert is none";
	return NULL;
}

/* Return: bytes read, which may be less, or -1. */
static ssize_t read_all(int fd, void *bytes, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, (char *)bytes + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int take(int fd, size_t size, const char *path, struct nexp_stored **ret,
		struct nexp_error *err)
{
	size_t length = size - sizeof(struct nexp_stored_head);
	struct nexp_stored_head head;
	struct nexp_stored *stored;
	const char *what;
	ssize_t n;

	stored = calloc(1, sizeof(*stored) + length);
	if (!stored)
		return complain(err, ENOMEM, path, strerror(ENOMEM));
	n = read_all(fd, &head, sizeof(head));
	if (n == sizeof(head))
		n = read_all(fd, stored->block, length);
	if (n < 0)
		what = strerror(errno);
	else if (n != (ssize_t)length)
		what = "it has changed while it was read";
	else
		what = check(&head, stored->block, length);
	if (what) {
		free(stored);
		return complain(err, EINVAL, path, what);
	}
	stored->length = (uint32_t)length;
	strcpy(stored->expert, head.expert);
	*ret = stored;
	return 0;
}

static int load(const char *path, struct nexp_stored **ret, struct nexp_error *err)
{
	/* What is no file may wait for somebody at the other end. */
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *what;
	struct stat st;
	int code;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return complain(err, errno, path, errno == ELOOP ? "a symbolic link" :
			       errno == ENXIO ? "not a regular file" : strerror(errno));
	what = fstat(fd, &st) ? strerror(errno) : doubt(&st);
	code = what ? complain(err, EINVAL, path, what) :
		      take(fd, (size_t)st.st_size, path, ret, err);
	close(fd);
	return code;
}

int nexp_stored_load(const char *dir, const char *name, struct nexp_stored **ret,
		     struct nexp_error *err)
{
	char *path = nexp_stored_path(dir, name);
	int code;

	*ret = NULL;
	if (!path)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	code = load(path, ret, err);
	if (*ret)
		(*ret)->path = path;
	else
		free(path);
	return code;
}

void nexp_stored_free(struct nexp_stored *stored)
{
	if (!stored)
		return;
	free(stored->path);
	free(stored);
}
