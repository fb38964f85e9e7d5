// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert-host - one expert in a process of its own
 *
 * Started by the supervisor with the pool's attachment as fd 3 and a socket to
 * the supervisor as fd 4. Binds the attachment to this process, gives up every
 * right, loads the plug-in, hands it its stored configuration (fd 6) and its options
 * and runs it; it may have a file to write: fd 5. Or, in place of a plug-in, writes
 * frames to a file: that is fd 5, and its journal fd 6. Or calls Configure alone and
 * hands back what that has left.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netexpert.h>
#include <netmon.h>

#include "../lib/book.h"
#include "../lib/memfd.h"
#include "../lib/ring.h"
#include "guest.h"
#include "sandbox.h"
#include "writer.h"

#define ATTACHMENT_FD	3
#define SOCKET_FD	4
#define FILE_FD		5
#define JOURNAL_FD	6	/* of a writer */
#define CONFIG_FD	6	/* of a plug-in */
#define CAPTURE_FD	7
#define INDEX_FD	8
#define COPY_FD		9

/* Of a pool for Configure alone; it is no larger than that of a run by default. */
#define CONFIGURE_WINDOW	(256UL << 20)
#define CONFIGURE_LIMIT		(64UL << 20)

/**
 * enum exit_code - exit status
 * @EXIT_RUN: Run, or Configure, returned and the supervisor knows what.
 * @EXIT_GAVE_UP: Run was not called; the supervisor knows why.
 * @EXIT_USAGE: wrong arguments, or started by hand.
 * @EXIT_ALONE: the supervisor is gone.
 */
enum exit_code {
	EXIT_RUN	= 0,
	EXIT_GAVE_UP	= 1,
	EXIT_USAGE	= 2,
	EXIT_ALONE	= 3,
};

/**
 * struct host - this process
 * @file: the plug-in's path; NULL for a writer.
 * @name: the expert's name, for messages.
 * @interfaces: what the user listens to.
 * @count: how many frames it gets; 0: no limit.
 * @has_index: its frames are of a file that can be read at will.
 * @writer: what writes in place of a plug-in; without a path there is none.
 * @supervisor: its process.
 * @guest: the expert.
 * @configure: nothing but Configure is called.
 */
struct host {
	const char *file;
	const char *name;
	const char *interfaces;
	uint64_t count;
	bool has_index;
	struct nexp_writer writer;
	pid_t supervisor;
	struct nexp_guest guest;
	bool configure;
};

static void print_help(FILE *stream)
{
	fputs("usage: netexpert-host --plugin FILE --name NAME [--options TEXT]\n"
	      "                      [--config EXPERT] [--interfaces TEXT]\n"
	      "                      [--count FRAMES] [--snaplen BYTES]\n"
	      "                      [--display-filter TEXT] [--index] [--output FILE]\n"
	      "       netexpert-host --configure --plugin FILE --name NAME --options TEXT\n"
	      "                      [--config EXPERT]\n"
	      "       netexpert-host --write FILE --name NAME [--interfaces TEXT]\n"
	      "                      [--count FRAMES] [--filter TEXT] [--snaplen BYTES]\n"
	      "\n"
	      "Runs one expert for netexpert, which starts this program itself: it needs the\n"
	      "expert's attachment as file descriptor 3 and a socket to its supervisor as\n"
	      "file descriptor 4; with --output or --write, also the open FILE as 5, and with\n"
	      "--write its journal as 6; with --config, the configuration that EXPERT has stored\n"
	      "as 6; with --index, the capture file as 7, its index as 8 and the index's copy\n"
	      "as 9. With --configure it makes a pool itself, whatever 3 is.\n"
	      "To run an expert, see \"netexpert run --help\".\n"
	      "\n"
	      "exit status: 0 the expert has finished, 1 it could not be run (the supervisor\n"
	      "was told why), 2 wrong usage, 3 the supervisor is gone\n", stream);
}

static void parse_args(struct host *host, int argc, char **argv)
{
	static const struct option options[] = {
		{ "plugin", required_argument, NULL, 'p' },
		{ "name", required_argument, NULL, 'n' },
		{ "options", required_argument, NULL, 'o' },
		{ "config", required_argument, NULL, 'C' },
		{ "configure", no_argument, NULL, 'k' },
		{ "interfaces", required_argument, NULL, 'i' },
		{ "display-filter", required_argument, NULL, 'Y' },
		{ "count", required_argument, NULL, 'c' },
		{ "output", required_argument, NULL, 'O' },
		{ "write", required_argument, NULL, 'w' },
		{ "filter", required_argument, NULL, 'f' },
		{ "snaplen", required_argument, NULL, 's' },
		{ "index", no_argument, NULL, 'x' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	host->interfaces = "";
	host->guest.output_fd = FILE_FD;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			host->file = optarg;
			break;
		case 'n':
			host->name = optarg;
			break;
		case 'o':
			host->guest.config.options = optarg;
			break;
		case 'C':
			host->guest.config.stored_by = optarg;
			break;
		case 'k':
			host->configure = true;
			break;
		case 'i':
			host->interfaces = optarg;
			break;
		case 'Y':
			host->guest.display_filter = optarg;
			break;
		case 'c':
			host->count = strtoull(optarg, NULL, 10);
			break;
		case 'O':
			host->guest.output = optarg;
			break;
		case 'w':
			host->writer.path = optarg;
			break;
		case 'f':
			host->writer.filter = optarg;
			break;
		case 's':
			host->writer.snaplen = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'x':
			host->has_index = true;
			break;
		case 'h':
			print_help(stdout);
			exit(EXIT_SUCCESS);
		default:
			print_help(stderr);
			exit(EXIT_USAGE);
		}
	}
	if (optind < argc || !host->file == !host->writer.path || !host->name ||
	    (host->configure && !host->guest.config.options)) {
		fprintf(stderr, "netexpert-host: %s\n",
			optind < argc ? "an argument is no option" :
			!host->name ? "--name is missing" :
			!host->file == !host->writer.path ?
				      "there must be one of --plugin and --write" :
				      "--configure needs --options");
		print_help(stderr);
		exit(EXIT_USAGE);
	}
}

static void refuse_by_hand(int fd, const char *what)
{
	fprintf(stderr,
		"netexpert-host: file descriptor %d is not %s; this program is started by netexpert, see \"netexpert run --help\"\n",
		fd, what);
	exit(EXIT_USAGE);
}

static void check_fds(struct host *host)
{
	int domain = 0, type = 0;
	socklen_t length = sizeof(int);
	struct ucred peer = { 0 };

	if (getsockopt(SOCKET_FD, SOL_SOCKET, SO_DOMAIN, &domain, &length) ||
	    getsockopt(SOCKET_FD, SOL_SOCKET, SO_TYPE, &type, &length) ||
	    domain != AF_UNIX || type != SOCK_SEQPACKET)
		refuse_by_hand(SOCKET_FD, "a socket to a supervisor");
	if (fcntl(ATTACHMENT_FD, F_GETFD) < 0)
		refuse_by_hand(ATTACHMENT_FD, "an attachment");
	if (host->guest.output && fcntl(FILE_FD, F_GETFD) < 0)
		refuse_by_hand(FILE_FD, "the open --output");

	/* Who made the socket pair. */
	length = sizeof(peer);
	if (!getsockopt(SOCKET_FD, SOL_SOCKET, SO_PEERCRED, &peer, &length))
		host->supervisor = peer.pid;
}

static void note_startup(struct host *host)
{
	host->guest.startup.dwFrameNumber = INVALID_FRAME_NUMBER;
	snprintf(host->guest.startup.szCaptureFile, sizeof(host->guest.startup.szCaptureFile),
		 "%s", host->interfaces);
}

static int adopt(struct host *host)
{
	int err = netexpert_adopt(ATTACHMENT_FD, &host->guest.nx);

	switch (err) {
	case 0:
		nexp_link_set_pool(host->guest.link, host->guest.nx);
		if (host->count)
			nexp_reader_limit(host->guest.nx, host->count);
		return 0;
	case -ENOTTY:
	case -EINVAL:
		return nexp_fail(&host->guest.failure, NEXP_FAILED_POOL,
				 "file descriptor %d is not an attachment",
				 ATTACHMENT_FD);
	case -EPROTONOSUPPORT:
	case -EPROTO:
		return nexp_fail(&host->guest.failure, NEXP_FAILED_POOL,
				 "netexpert.ko and libnetexpert do not fit together (%s); use both from one build",
				 strerror(-err));
	default:
		return nexp_fail(&host->guest.failure, NEXP_FAILED_POOL,
				 "the pool could not be adopted: %s",
				 strerror(-err));
	}
}

/* Frames that the ring does not have are read from the file. */
static int open_book(struct host *host)
{
	const struct nexp_book_files files = {
		.file = CAPTURE_FD,
		.index = INDEX_FD,
		.copy = COPY_FD,
		.snaplen = host->writer.snaplen,
	};
	int err = host->has_index ? nexp_book_open(host->guest.nx, host->guest.link, &files) : 0;

	return err ? nexp_fail(&host->guest.failure, NEXP_FAILED_POOL, "the file's index: %s",
			       strerror(-err)) : 0;
}

/* No frame ever comes: who asks for one is at the end of the capture. */
static int make_pool(struct host *host)
{
	const struct nexp_memfd_params params = {
		.nr_rings = 1,
		.ring_size = (uint64_t)sysconf(_SC_PAGESIZE),
		.heap_size = CONFIGURE_WINDOW,
		.heap_limit = CONFIGURE_LIMIT,
	};
	struct nexp_memfd *pool;
	int err = nexp_memfd_create(&params, &pool);

	if (!err) {
		nexp_memfd_complete(pool);
		err = nexp_memfd_open(pool, &host->guest.nx);
	}
	if (err)
		return nexp_fail(&host->guest.failure, NEXP_FAILED_POOL,
				 "a pool for Configure: %s", strerror(-err));
	nexp_link_set_pool(host->guest.link, host->guest.nx);
	return 0;
}

static int take_config(struct host *host)
{
	struct nexp_guest *guest = &host->guest;
	int err = 0;

	if (guest->config.stored_by) {
		err = nexp_config_read(&guest->config, guest->nx, CONFIG_FD, &guest->failure);
		close(CONFIG_FD);
	}
	return err;
}

static int last_fd(const struct host *host)
{
	return host->has_index ? COPY_FD : host->guest.config.stored_by ? CONFIG_FD :
	       host->guest.output ? FILE_FD : SOCKET_FD;
}

/* All of this before any code of the plug-in runs. */
static int prepare_plugin(struct host *host)
{
	int fd;

	/* A limit on sizes is like a full disk: an error, not a death. */
	if (host->guest.output)
		signal(SIGXFSZ, SIG_IGN);
	if (nexp_sandbox_close_files(last_fd(host), &host->guest.failure))
		return -1;
	fd = nexp_plugin_open(host->file, &host->guest.failure);
	if (fd < 0)
		return -1;
	if ((host->configure ? make_pool(host) : adopt(host)) || take_config(host) ||
	    open_book(host) || nexp_sandbox_enter(host->supervisor, &host->guest.failure)) {
		close(fd);
		return -1;
	}
	return nexp_plugin_load(&host->guest.plugin, host->file, fd, &host->guest.failure);
}

static int prepare_writer(struct host *host)
{
	EXPERTENUMINFO *info = &host->guest.plugin.info;
	struct nexp_writer *writer = &host->writer;

	strcpy(info->szName, "writer");
	strcpy(info->szVendor, "netexpert");
	strcpy(info->szDescription, "Writes frames to a pcapng file.");
	/* As a full disk: an error, not a death. */
	signal(SIGXFSZ, SIG_IGN);
	writer->interfaces = host->interfaces;
	writer->count = host->count;
	writer->file = FILE_FD;
	writer->pool = ATTACHMENT_FD;
	if (nexp_sandbox_close_files(JOURNAL_FD, &host->guest.failure) ||
	    nexp_writer_open(writer, JOURNAL_FD, &host->guest.failure) || adopt(host))
		return -1;
	return nexp_sandbox_enter(host->supervisor, &host->guest.failure);
}

static int run_writer(struct host *host)
{
	nexp_guest_say_hello(&host->guest);
	if (nexp_writer_run(&host->writer, host->guest.nx, &host->guest.failure))
		return -1;
	nexp_guest_say_done(&host->guest, TRUE, nexp_writer_frames(&host->writer));
	return 0;
}

static int prepare_and_run(struct host *host)
{
	if (host->writer.path)
		return prepare_writer(host) || run_writer(host);
	if (prepare_plugin(host) || nexp_guest_configure(&host->guest))
		return -1;
	return host->configure ? nexp_guest_say_configured(&host->guest) :
				 nexp_guest_run(&host->guest);
}

int main(int argc, char **argv)
{
	struct host host = { 0 };
	int code = EXIT_RUN;

	parse_args(&host, argc, argv);
	check_fds(&host);
	/*
	 * The name is for an expert that has files of its own and several workers.
	 * Should Wireshark's parsers come: no hoards, malloc() counts (malloc.c).
	 */
	if (setenv("NETEXPERT_NAME", host.name, 1) || setenv("G_SLICE", "always-malloc", 1) ||
	    nexp_link_create(SOCKET_FD, &host.guest.link)) {
		fprintf(stderr, "netexpert-host: %s: out of memory\n", host.name);
		return EXIT_GAVE_UP;
	}
	/* Ctrl-C is the supervisor's: it asks through the pool. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	note_startup(&host);

	if (prepare_and_run(&host)) {
		nexp_guest_say_failure(&host.guest);
		code = EXIT_GAVE_UP;
	}
	if (nexp_link_is_gone(host.guest.link)) {
		fprintf(stderr, "netexpert-host: %s: the supervisor is gone\n",
			host.name);
		code = EXIT_ALONE;
	}
	/* The pool stays mapped: threads of the plug-in may still be about. */
	return code;
}
