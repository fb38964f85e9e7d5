// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert-reader - a capture file's frames into one pool, or into an index
 *
 * Started by the supervisor with the file as standard input and the pool's
 * injector, or the files of the index. Capture files are other people's, and so is what
 * they make of the library that parses them: this process has no right beside those.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../host/sandbox.h"
#include "reader.h"

/* Return: 1, 0 if nobody wants more frames, or -1 with a complaint. */
static int inject(struct reader *reader, const struct netexpert_inject_frame *frame)
{
	struct netexpert_inject args = {
		.size = sizeof(args), .frames = (uintptr_t)frame, .nr_frames = 1,
	};

	while (ioctl(INJECTOR_FD, NETEXPERT_IOC_INJECT, &args) < 0) {
		if (errno == EINTR)
			continue;
		/* The pool has ended. */
		if (errno == ESTALE)
			return 0;
		return reader_complain(reader, "after %" PRIu64 " frames: handing on the next "
				       "one: %s", reader->frames, strerror(errno));
	}
	return 1;
}

static int inject_all(struct reader *reader)
{
	struct netexpert_inject_frame frame;
	int ret;

	while ((ret = reader_next(reader, &frame)) > 0) {
		ret = inject(reader, &frame);
		if (ret <= 0)
			return ret;
		reader->frames++;
	}
	if (!ret && reader->others)
		reader_complain(reader, "%" PRIu64 " records are no frames and were passed over",
				reader->others);
	return ret;
}

static int refuse_by_hand(void)
{
	fputs("netexpert-reader is started by netexpert, see \"netexpert run --help\"\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct nexp_failure failure;
	struct reader reader = { 0 };
	bool makes_index, is_filtered;
	int ret;

	if (argc != 3)
		return refuse_by_hand();
	is_filtered = !strcmp(argv[2], "index-filtered");
	makes_index = is_filtered || !strcmp(argv[2], "index");
	if (!makes_index && strcmp(argv[2], "inject") != 0)
		return refuse_by_hand();
	/* Ctrl-C is the supervisor's: it ends the pool. */
	signal(SIGINT, SIG_IGN);
	if (nexp_sandbox_close_files(is_filtered ? FILTER_FD :
				     makes_index ? COPY_FD : INJECTOR_FD, &failure) ||
	    nexp_sandbox_enter(atoi(argv[1]), &failure)) {
		fputs(failure.reason, stderr);
		return EXIT_FAILURE;
	}
	ret = reader_open(&reader);
	if (!ret)
		ret = makes_index ? index_make(&reader, is_filtered) : inject_all(&reader);
	/* The supervisor shows it beside the file's name. */
	fputs(reader.complaint, stderr);
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
