// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert-reader - a capture file's frames into one pool, or into an index
 *
 * Started by the supervisor with the file as standard input and the pool's
 * injector, or the files of the index. Files are other people's, and so is what they
 * make of the library that parses them: this process has no right beside those.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/netexpert.h>

#include "../host/sandbox.h"
#include "file.h"
#include "index.h"

#define INJECTOR_FD	3

/**
 * struct job - what it is started for
 * @name: the argument that says so.
 * @last_fd: what it gets.
 */
static const struct job {
	const char *name;
	int last_fd;
} jobs[] = {
	{ "inject", INJECTOR_FD },
	{ "index", COPY_FD },
	{ "index-filtered", FILTER_FD },
};

/* -ESTALE: the pool has ended, its expert wants no more. */
static int inject(void *owner, const struct netexpert_inject_frame *frame)
{
	struct netexpert_inject args = {
		.size = sizeof(args), .frames = (uintptr_t)frame, .nr_frames = 1,
	};

	(void)owner;
	while (ioctl(INJECTOR_FD, NETEXPERT_IOC_INJECT, &args) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static const struct job *find_job(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 3 && i < sizeof(jobs) / sizeof(jobs[0]); i++)
		if (!strcmp(argv[2], jobs[i].name))
			return &jobs[i];
	return NULL;
}

static int do_job(const struct job *job, struct nexp_file *file, char *said, size_t size)
{
	const struct nexp_file_taker taker = { .take = inject };

	if (job->last_fd == INJECTOR_FD)
		return nexp_file_read(file, &taker, said, size);
	return nexp_index_make(file, job->last_fd == FILTER_FD, said, size);
}

int main(int argc, char **argv)
{
	const struct job *job = find_job(argc, argv);
	struct nexp_failure failure;
	struct nexp_file *file;
	char said[1024];
	int err;

	if (!job) {
		fputs("netexpert-reader is started by netexpert, see \"netexpert run --help\"\n",
		      stderr);
		return 2;
	}
	/* Ctrl-C is the supervisor's: it ends the pool. */
	signal(SIGINT, SIG_IGN);
	if (nexp_sandbox_close_files(job->last_fd, &failure) ||
	    nexp_sandbox_enter(atoi(argv[1]), &failure)) {
		fputs(failure.reason, stderr);
		return EXIT_FAILURE;
	}
	err = nexp_file_open(&file, said, sizeof(said));
	if (!err) {
		err = do_job(job, file, said, sizeof(said));
		nexp_file_close(file);
	}
	/* The supervisor shows it beside the file's name. */
	fputs(said, stderr);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
