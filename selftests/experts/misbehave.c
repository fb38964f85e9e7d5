// SPDX-License-Identifier: GPL-2.0
/*
 * misbehave - an expert that does what no expert should
 *
 * misbehave=HOW[,AFTER]: after AFTER frames (default 1) it does it. Before that
 * it takes one MiB from the pool and keeps it. See the table for HOW.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common.h"

#define SOCKET_FD	4
#define ATTACHMENT_FD	3

static void die_of(int signal)
{
	struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	raise(signal);
}

static void do_segv(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	struct rlimit no_core = { 0, 0 };

	(void)key;
	setrlimit(RLIMIT_CORE, &no_core);
	*(volatile BYTE *)frame->pFrame = 0;	/* read-only */
}

static void do_kill(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	(void)key;
	(void)frame;
	die_of(SIGKILL);
}

static void do_abort(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	(void)key;
	(void)frame;
	die_of(SIGABRT);
}

static void do_exit(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	(void)key;
	(void)frame;
	_exit(3);
}

static void do_exec(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	(void)key;
	(void)frame;
	execl("/bin/sleep", "sleep", "1000", NULL);
}

/* Leaves two processes behind, one in a group of its own, and lives on. */
static void do_fork(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	(void)key;
	(void)frame;
	if (fork() == 0)
		execl("/bin/sleep", "sleep", "1000", NULL);
	if (fork() == 0) {
		setsid();
		execl("/bin/sleep", "sleep", "1000", NULL);
	}
}

/* Never comes back, whatever it is asked. */
static void do_hang(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	sigset_t all;

	(void)key;
	(void)frame;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;)
		sleep(1000);
}

/* Says what no host says. */
static void do_garbage(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	static const char text[] = "this is not a message";

	(void)key;
	(void)frame;
	if (write(SOCKET_FD, text, sizeof(text)) < 0)
		_exit(1);
}

static void do_close(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	(void)key;
	(void)frame;
	close(ATTACHMENT_FD);
	close(SOCKET_FD);
}

/* Reports without end. */
static void do_spam(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	(void)frame;
	while (nexp_say(key, "spam", "again") == NMERR_SUCCESS)
		;
}

/* Words that would do things to a terminal. */
static void do_paint(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame)
{
	(void)frame;
	nexp_say(key, "paint\033[2J", "clear\033[2J\007 the screen\r\nand go on");
	puts("chatter\033[2J");
	fflush(stdout);
}

static const struct {
	const char *how;
	void (*act)(HEXPERTKEY key, EXPERTFRAMEDESCRIPTOR *frame);
} acts[] = {
	{ "segv", do_segv },
	{ "kill", do_kill },
	{ "abort", do_abort },
	{ "exit", do_exit },
	{ "exec", do_exec },
	{ "fork", do_fork },
	{ "hang", do_hang },
	{ "garbage", do_garbage },
	{ "close", do_close },
	{ "spam", do_spam },
	{ "paint", do_paint },
};

/* Before anybody has asked it anything. */
static void __attribute__((constructor)) begin(void)
{
	if (getenv("MISBEHAVE_EARLY") && fork() == 0) {
		setsid();
		execl("/bin/sleep", "sleep", "1000", NULL);
	}
}

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "misbehave", "does what no expert should");
}

static int find_act(const char *options, unsigned long *after)
{
	size_t length = strcspn(options, ",");
	size_t i;

	*after = options[length] ? strtoul(options + length + 1, NULL, 10) : 1;
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strlen(acts[i].how) == length &&
		    !strncmp(acts[i].how, options, length))
			return i;
	return -1;
}

BOOL Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
	       DWORD flags, HWND window)
{
	unsigned long after;

	(void)startup;
	(void)flags;
	(void)window;
	if (!nexp_keep_options(key, config))
		return FALSE;
	if (find_act(nexp_options(*config), &after) >= 0)
		return TRUE;
	ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, 0,
			     "nothing is known of such misbehaviour", 0);
	return FALSE;
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	DWORD number = INVALID_FRAME_NUMBER;
	EXPERTFRAMEDESCRIPTOR frame;
	unsigned long after, frames = 0;
	int act = find_act(nexp_options(config), &after);
	DWORD err;

	(void)startup;
	(void)flags;
	(void)window;
	if (act < 0 || !ExpertAllocMemory(key, 1 << 20, &err))
		return FALSE;
	do {
		err = nexp_next_frame(key, number, &frame);
		if (err)
			continue;
		number = frame.FrameNumber;
		if (++frames == after)
			acts[act].act(key, &frame);
	} while (!err || err == NMERR_TIMEOUT);
	nexp_say(key, "last word", "finished as asked");
	return TRUE;
}
