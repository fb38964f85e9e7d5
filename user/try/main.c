// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert-try - one expert on a capture file, in this process, for debuggers
 *
 * "netexpert try" becomes this program. No module, no supervisor and no sandbox: the
 * pool is a memfd, and the library is one whose objects come from malloc()
 * (heap_debug.c). The expert has the first thread. A second one reads the file, which
 * is standard input, and a third one shows what the expert says.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../host/guest.h"
#include "../lib/memfd.h"
#include "../reader/file.h"
#include "death.h"
#include "show.h"

#define RING_SIZE	(4ULL << 20)	/* as a run has it */
#define EXIT_USAGE	2
#define PATIENCE_S	1

/**
 * struct trial - this process
 * @plugin: the plug-in's path.
 * @name: the expert's name.
 * @file_name: the capture file's name.
 * @heap_limit: most bytes of its objects.
 * @json: show JSON lines.
 * @file: the capture file.
 * @pool: what the expert reads from.
 * @guest: the expert.
 * @sockets: the expert's end, and that of who shows what it says.
 * @signal_set: Ctrl-C and its like.
 * @signals: where they arrive.
 * @show: who shows what the expert says.
 * @reading: who reads the file.
 * @said: what there is to be said of the file.
 * @read_failed: not all of it could be read.
 * @stuck: it waits for the file, which may be a pipe, and nobody needs it any more.
 */
struct trial {
	const char *plugin;
	const char *name;
	const char *file_name;
	uint64_t heap_limit;
	bool json;
	struct nexp_file *file;
	struct nexp_memfd *pool;
	struct nexp_guest guest;
	int sockets[2];
	sigset_t signal_set;
	int signals;
	struct nexp_show *show;
	pthread_t reading;
	char said[NEXP_REASON_SIZE];
	bool read_failed;
	bool stuck;
};

/*
 * AddressSanitizer's leak checker asks. What Wireshark's library keeps for as long as
 * its process lives is no leak of the expert's.
 */
const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
	return "leak:libwireshark\nleak:libwiretap\nleak:libwsutil\nleak:libglib\n";
}

static void parse_args(struct trial *trial, int argc, char **argv)
{
	static const struct option options[] = {
		{ "plugin", required_argument, NULL, 'p' },
		{ "name", required_argument, NULL, 'n' },
		{ "options", required_argument, NULL, 'o' },
		{ "display-filter", required_argument, NULL, 'Y' },
		{ "file", required_argument, NULL, 'r' },
		{ "heap", required_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			trial->plugin = optarg;
			break;
		case 'n':
			trial->name = optarg;
			break;
		case 'o':
			trial->guest.config.options = optarg;
			break;
		case 'Y':
			trial->guest.display_filter = optarg;
			break;
		case 'r':
			trial->file_name = optarg;
			break;
		case 'h':
			trial->heap_limit = strtoull(optarg, NULL, 10);
			break;
		case 'j':
			trial->json = true;
			break;
		default:
			exit(EXIT_USAGE);
		}
	}
	if (trial->plugin && trial->name && trial->file_name && trial->heap_limit &&
	    optind == argc)
		return;
	nexp_show_say("netexpert-try is started by netexpert, see 'netexpert try --help'");
	exit(EXIT_USAGE);
}

static int prepare_process(struct trial *trial)
{
	sigset_t *set = &trial->signal_set;

	/* As an expert in a run finds it. */
	if (setenv("NETEXPERT_NAME", trial->name, 1) || setenv("G_SLICE", "always-malloc", 1))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	/* Threads inherit it. */
	pthread_sigmask(SIG_BLOCK, set, NULL);
	trial->signals = signalfd(-1, set, SFD_CLOEXEC);
	if (trial->signals < 0)
		return -errno;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, trial->sockets) ? -errno : 0;
}

/* The file has a number of its own by now; an expert's input is empty. */
static int empty_input(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static int prepare_pool(struct trial *trial)
{
	struct nexp_memfd_params params = {
		.nr_rings = 1, .ring_size = RING_SIZE, .heap_limit = trial->heap_limit,
	};
	struct nexp_guest *guest = &trial->guest;
	int err = nexp_memfd_create(&params, &trial->pool);

	if (!err)
		err = nexp_memfd_open(trial->pool, &guest->nx);
	if (!err)
		err = nexp_link_create(trial->sockets[0], &guest->link);
	if (!err)
		nexp_link_set_pool(guest->link, guest->nx);
	return err;
}

static int prepare(struct trial *trial)
{
	struct nexp_show_args show = { .name = trial->name, .file = trial->file_name };
	int err;

	if (nexp_file_open(&trial->file, trial->said, sizeof(trial->said))) {
		nexp_show_say("%s: %s", trial->file_name, trial->said);
		return -1;
	}
	err = empty_input();
	if (!err)
		err = prepare_process(trial);
	if (!err)
		err = prepare_pool(trial);
	if (!err) {
		show.json = trial->json;
		show.socket = trial->sockets[1];
		show.signals = trial->signals;
		show.pool = trial->pool;
		err = nexp_show_start(&trial->show, &show);
	}
	if (err)
		nexp_show_say("preparing a pool: %s", strerror(-err));
	return err;
}

static int take(void *owner, const struct netexpert_inject_frame *frame)
{
	struct trial *trial = owner;

	return nexp_memfd_inject(trial->pool, frame);
}

static void *read_file(void *arg)
{
	struct trial *trial = arg;
	const struct nexp_file_taker taker = { .take = take, .owner = trial };

	trial->read_failed = nexp_file_read(trial->file, &taker, trial->said,
					    sizeof(trial->said));
	nexp_memfd_complete(trial->pool);
	return NULL;
}

static int load(struct trial *trial)
{
	struct nexp_failure *failure = &trial->guest.failure;
	int fd = nexp_plugin_open(trial->plugin, failure);

	if (fd < 0)
		return -1;
	return nexp_plugin_load(&trial->guest.plugin, trial->plugin, fd, failure);
}

/* A block that nobody but us can give back, unless the expert did. */
static void give_back(struct netexpert *nx, void *block)
{
	size_t size;

	if (block && !netexpert_size(nx, block, &size))
		netexpert_free(nx, block);
}

static void tell_leaks(struct trial *trial)
{
	struct netexpert_heap_stat stat;

	give_back(trial->guest.nx, trial->guest.config.block);
	if (!netexpert_heap_stat(trial->guest.nx, &stat) && stat.objects)
		nexp_show_say("%s: objects that it has not freed: %" PRIu64 ", bytes of them: %"
			      PRIu64 "; a run frees them when Run returns", trial->name,
			      stat.objects, stat.object_bytes);
}

/* Return: whether the expert has finished, and the file was read as far as it wanted. */
static bool run(struct trial *trial)
{
	struct nexp_guest *guest = &trial->guest;
	struct timespec until;
	int err;

	snprintf(guest->startup.szCaptureFile, sizeof(guest->startup.szCaptureFile), "%s",
		 trial->file_name);
	guest->startup.dwFrameNumber = INVALID_FRAME_NUMBER;
	if (load(trial) || nexp_guest_configure(guest)) {
		nexp_guest_say_failure(guest);
		return false;
	}
	err = pthread_create(&trial->reading, NULL, read_file, trial);
	if (err) {
		nexp_show_say("starting a thread: %s", strerror(err));
		return false;
	}
	err = nexp_guest_run(guest);
	if (err)
		nexp_guest_say_failure(guest);
	/* It wants no more of the file. */
	nexp_memfd_terminate(trial->pool);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	trial->stuck = pthread_timedjoin_np(trial->reading, NULL, &until);
	return !err && (trial->stuck || !trial->read_failed);
}

/*
 * Leaks are looked for now, if AddressSanitizer is here, and destructors are left out:
 * of the libraries that Wireshark's brings along, some never return under it.
 */
static _Noreturn void leave(int code)
{
	void (*look_for_leaks)(void);

	*(void **)&look_for_leaks = dlsym(RTLD_DEFAULT, "__lsan_do_leak_check");
	fflush(NULL);
	if (look_for_leaks)
		look_for_leaks();
	_exit(code);
}

int main(int argc, char **argv)
{
	struct trial trial = { .sockets = { -1, -1 } };
	bool ok;

	parse_args(&trial, argc, argv);
	if (prepare(&trial))
		return EXIT_FAILURE;
	nexp_death_watch(trial.sockets[0], nexp_show_fd(trial.show));
	ok = run(&trial);
	shutdown(trial.sockets[0], SHUT_WR);
	nexp_show_join(trial.show);
	/* Nobody is there any more who would ask the expert to finish. */
	pthread_sigmask(SIG_UNBLOCK, &trial.signal_set, NULL);
	if (!trial.stuck && *trial.said)
		nexp_show_file(trial.show, trial.said);
	tell_leaks(&trial);
	ok &= nexp_show_free(trial.show);
	/* From here on nothing leads to what the expert has not freed. */
	nexp_link_destroy(trial.guest.link);
	netexpert_close(trial.guest.nx);
	if (!trial.stuck) {
		nexp_memfd_destroy(trial.pool);
		nexp_file_close(trial.file);
	}
	leave(ok ? EXIT_SUCCESS : EXIT_FAILURE);
}
