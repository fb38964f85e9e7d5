// SPDX-License-Identifier: GPL-2.0
/*
 * reader - the process that reads a capture file for one expert, seen from outside
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host.h"
#include "reader.h"
#include "spawn.h"

static int open_failure(struct nexp_error *err, int code, const char *path)
{
	enum nexp_failure kind = code == EACCES || code == EPERM ? NEXP_FAILURE_PERMISSION :
								  NEXP_FAILURE_OTHER;

	return nexp_error_set(err, kind, code, "-r %s: %s", path, strerror(code));
}

static int check_file(int fd, const char *path, bool alone, struct nexp_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return open_failure(err, errno, path);
	if (S_ISDIR(st.st_mode))
		return open_failure(err, EISDIR, path);
	if (isatty(fd))
		return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			"-r %s: that is a terminal, and what is read are capture files", path);
	if (!alone && !S_ISREG(st.st_mode))
		return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			"-r %s can be read only once, and there is more than one expert: put it "
			"into a file first", path);
	return 0;
}

int nexp_reader_open(const char *path, bool alone, int *ret, struct nexp_error *err)
{
	int fd, code;

	if (!strcmp(path, "-"))
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return open_failure(err, errno, path);
	code = check_file(fd, path, alone, err);
	if (code)
		close(fd);
	else
		*ret = fd;
	return code;
}

/* @files are what it gets, but for its output. */
static int spawn(struct nexp_reader *reader, const char *program, const char *job,
		 const int *files, unsigned int nr_files, struct nexp_error *err)
{
	char supervisor[16];
	const char *const argv[] = { "netexpert-reader", supervisor, job, NULL };
	struct nexp_reader new = NEXP_NO_READER;
	int all[NEXP_SPAWN_FILES] = { files[0] };
	int output[2], ret;

	snprintf(supervisor, sizeof(supervisor), "%d", getpid());
	if (pipe2(output, O_CLOEXEC | O_NONBLOCK))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "preparing a reader: %s",
				      strerror(errno));
	all[STDOUT_FILENO] = output[1];
	all[STDERR_FILENO] = output[1];
	memcpy(&all[STDERR_FILENO + 1], &files[1], (nr_files - 1) * sizeof(files[0]));
	ret = nexp_spawn(program, argv, all, nr_files + 2, &new.pid, &new.pidfd);
	close(output[1]);
	if (ret) {
		close(output[0]);
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "starting '%s': %s", program,
				      strerror(-ret));
	}
	new.output = output[0];
	*reader = new;
	return 0;
}

int nexp_reader_spawn(struct nexp_reader *reader, const char *program, int file,
		      int injector, struct nexp_error *err)
{
	return spawn(reader, program, "inject", (const int[]){ file, injector }, 2, err);
}

/* The position is the file's, whoever reads. */
int nexp_reader_percent(int file)
{
	off_t position = lseek(file, 0, SEEK_CUR);
	struct stat st;

	if (position < 0 || fstat(file, &st) || !S_ISREG(st.st_mode))
		return -1;
	return position < st.st_size ? (int)((double)position / (double)st.st_size * 100) : 100;
}

int nexp_indexer_spawn(struct nexp_reader *reader, const char *program,
		       const struct nexp_indexer_files *files, struct nexp_error *err)
{
	const int all[] = { files->file, files->index, files->copy, files->injector };

	/* Without a filter there is nobody to ask. */
	return spawn(reader, program, files->injector < 0 ? "index" : "index-filtered", all,
		     files->injector < 0 ? 3 : 4, err);
}

/* One line: it says one thing before it ends. */
static void read_output(const struct nexp_reader *reader, char *text, size_t size)
{
	ssize_t length = read(reader->output, text, size - 1);

	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

void nexp_reader_forget(struct nexp_reader *reader)
{
	close(reader->pidfd);
	close(reader->output);
	*reader = (struct nexp_reader)NEXP_NO_READER;
}

void nexp_reader_end(struct nexp_reader *reader)
{
	/* Too late for one that has ended: what it says of itself counts. */
	reader->unwanted = true;
	kill(reader->pid, SIGKILL);
}

bool nexp_reader_has_ended(const struct nexp_reader *reader)
{
	siginfo_t info = { 0 };

	return !waitid(P_PIDFD, (id_t)reader->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) &&
	       info.si_pid;
}

int nexp_reader_reap(struct nexp_reader *reader, char *text, size_t size)
{
	bool unwanted = reader->unwanted;
	siginfo_t info = { 0 };
	struct nexp_end end;
	size_t used;

	waitid(P_PIDFD, (id_t)reader->pidfd, &info, WEXITED);
	read_output(reader, text, size);
	nexp_reader_forget(reader);
	end = (struct nexp_end){ .code = info.si_code, .status = info.si_status };
	if ((end.code == CLD_EXITED && !end.status) ||
	    (unwanted && end.code != CLD_EXITED && end.status == SIGKILL))
		return 0;
	used = strlen(text);
	if (end.code != CLD_EXITED || !used) {
		used += (size_t)snprintf(text + used, size - used, "%sits reader was ",
					 used ? "; " : "");
		if (used < size)
			nexp_end_describe(&end, text + used, size - used);
	}
	return -EIO;
}
