// SPDX-License-Identifier: GPL-2.0
/*
 * shared_object - whether a file can be a plug-in, before the loader has it
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared_object.h"

/* Of this program, by the linker: what it is for, plug-ins must be for. */
extern const Elf64_Ehdr __ehdr_start;

/**
 * struct answer - why a file is no shared object
 * @why: words.
 * @size: bytes there.
 */
struct answer {
	char *why;
	size_t size;
};

static bool refuse(const struct answer *answer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool refuse(const struct answer *answer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(answer->why, answer->size, format, args);
	va_end(args);
	return false;
}

static const char *kind_of(mode_t mode)
{
	return S_ISDIR(mode) ? "a directory" : S_ISFIFO(mode) ? "a FIFO" :
	       S_ISSOCK(mode) ? "a socket" : "a device";
}

static bool check_head(const Elf64_Ehdr *head, const struct answer *answer)
{
	const Elf64_Ehdr *ours = &__ehdr_start;

	if (head->e_ident[EI_CLASS] != ours->e_ident[EI_CLASS] ||
	    head->e_ident[EI_DATA] != ours->e_ident[EI_DATA] ||
	    head->e_machine != ours->e_machine)
		return refuse(answer, "it is for another machine (ELF class %u, byte order %u, "
			      "machine %u; here it is %u, %u, %u)", head->e_ident[EI_CLASS],
			      head->e_ident[EI_DATA], head->e_machine, ours->e_ident[EI_CLASS],
			      ours->e_ident[EI_DATA], ours->e_machine);
	if (head->e_type == ET_REL)
		return refuse(answer, "it is an object file, no shared object: link it with "
			      "'gcc -shared'");
	if (head->e_type != ET_DYN)
		return refuse(answer, "it is no shared object (ELF type %u): compile it with "
			      "-fPIC and link it with 'gcc -shared'", head->e_type);
	if (head->e_phentsize != sizeof(Elf64_Phdr) || !head->e_phnum)
		return refuse(answer, "its ELF header makes no sense");
	return true;
}

static bool is_cut(const struct answer *answer, uint64_t size, uint64_t needed)
{
	return refuse(answer, "it was cut: it has %" PRIu64 " bytes, and %" PRIu64 " are the least",
		      size, needed);
}

/* All that the loader maps must be there. */
static bool check_segments(int fd, const Elf64_Ehdr *head, uint64_t size,
			   const struct answer *answer)
{
	uint64_t at = head->e_phoff, end;
	Elf64_Phdr segment;
	unsigned int i;

	for (i = 0; i < head->e_phnum; i++, at += sizeof(segment)) {
		if (__builtin_add_overflow(at, sizeof(segment), &end))
			return refuse(answer, "its ELF header makes no sense");
		if (end > size)
			return is_cut(answer, size, end);
		if (pread(fd, &segment, sizeof(segment), (off_t)at) != sizeof(segment))
			return refuse(answer, "reading it: %s", strerror(errno));
		if (segment.p_type != PT_LOAD)
			continue;
		if (__builtin_add_overflow(segment.p_offset, segment.p_filesz, &end))
			return refuse(answer, "its ELF header makes no sense");
		if (end > size)
			return is_cut(answer, size, end);
	}
	return true;
}

static bool check_file(int fd, const struct answer *answer)
{
	Elf64_Ehdr head;
	struct stat status;
	ssize_t got;

	if (fstat(fd, &status))
		return refuse(answer, "%s", strerror(errno));
	if (!S_ISREG(status.st_mode))
		return refuse(answer, "it is %s, no plug-in", kind_of(status.st_mode));
	if (!status.st_size)
		return refuse(answer, "it is empty");
	got = pread(fd, &head, sizeof(head), 0);
	if (got < 0)
		return refuse(answer, "reading it: %s", strerror(errno));
	if (got < SELFMAG || memcmp(head.e_ident, ELFMAG, SELFMAG))
		return refuse(answer, "it is no shared object: it does not begin as ELF files do");
	if (got < (ssize_t)sizeof(head))
		return is_cut(answer, (uint64_t)status.st_size, sizeof(head));
	return check_head(&head, answer) &&
	       check_segments(fd, &head, (uint64_t)status.st_size, answer);
}

int nexp_shared_object_open(const char *path, char *why, size_t size)
{
	const struct answer answer = { .why = why, .size = size };
	struct stat status;
	int fd;

	/* Opening a device may do something already. */
	if (!stat(path, &status) && !S_ISREG(status.st_mode)) {
		refuse(&answer, "it is %s, no plug-in", kind_of(status.st_mode));
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		refuse(&answer, "%s", strerror(errno));
		return -1;
	}
	if (check_file(fd, &answer))
		return fd;
	close(fd);
	return -1;
}
