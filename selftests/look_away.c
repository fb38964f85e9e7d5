// SPDX-License-Identifier: GPL-2.0
/*
 * look_away - debug a process and never ask how it is
 *
 * look_away PID
 *
 * Says "ready" when it does. Until standard input ends, nobody can reap the process,
 * its parent included, however dead it is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char byte;

	if (argc != 2 || ptrace(PTRACE_SEIZE, atoi(argv[1]), NULL, NULL)) {
		fprintf(stderr, "look_away: %s\n", strerror(argc == 2 ? errno : EINVAL));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
