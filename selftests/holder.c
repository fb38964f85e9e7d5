// SPDX-License-Identifier: GPL-2.0
/*
 * holder - hold the module in one way, until standard input ends
 *
 * holder session|attachment|husk|window|program
 *
 * Says "ready" when it does. "husk" is an attachment's file and nothing else:
 * its session is closed and its expert dead; "window" is a mapping without a
 * file of its own; "program" is a loaded BPF program that calls the kfunc.
 */
#include "child.h"
#include "feed.h"

static int open_pool(int *session)
{
	struct netexpert_pool_create args = nexp_pool_args();

	*session = __nexp_do_session();
	if (*session < 0 || __nexp_do_pool(*session, &args))
		return -1;
	return __nexp_do_open(*session, args.out_pool_id);
}

static int hold_husk(void)
{
	struct netexpert_attach attach;
	int session, fd = open_pool(&session);
	int status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(__nexp_do_attach(fd, &attach) ? 1 : 0);
	if (fd < 0 || waitpid(pid, &status, 0) != pid || status)
		return -1;
	close(session);
	return nexp_becomes(__nexp_do_commit(fd, 0, 4096) == -ESTALE) ? 0 : -1;
}

static int hold_window(void)
{
	struct netexpert_attach attach;
	int session, fd = open_pool(&session);
	void *window;

	if (fd < 0 || __nexp_do_attach(fd, &attach))
		return -1;
	window = __nexp_do_map(fd, NETEXPERT_MAP_STATUS, attach.out_status_size,
			       PROT_READ);
	close(fd);
	close(session);
	return window == MAP_FAILED ? -1 : 0;
}

static int hold(const char *what)
{
	struct nexp_feed feed = { .pool_id = 1 };
	int session;

	if (!strcmp(what, "session"))
		return __nexp_do_session();
	if (!strcmp(what, "attachment"))
		return open_pool(&session);
	if (!strcmp(what, "husk"))
		return hold_husk();
	if (!strcmp(what, "window"))
		return hold_window();
	if (!strcmp(what, "program"))
		return __nexp_do_load(&feed);
	return -1;
}

int main(int argc, char **argv)
{
	char byte;

	if (argc != 2 || hold(argv[1]) < 0) {
		fprintf(stderr, "holder: cannot hold %s\n",
			argc == 2 ? argv[1] : "nothing");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}
