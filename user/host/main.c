// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert-host - one expert in a process of its own
 *
 * Started by the supervisor with the pool's attachment as fd 3 and a socket to
 * the supervisor as fd 4. Binds the attachment to this process, gives up every
 * right, loads the plug-in, hands it its options and runs it. Or, in place of a
 * plug-in, writes frames to a file: that is fd 5, and its journal fd 6.
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

#include "../dissect/dissector.h"
#include "../lib/book.h"
#include "../lib/key.h"
#include "../lib/link.h"
#include "plugin.h"
#include "sandbox.h"
#include "writer.h"

#define ATTACHMENT_FD	3
#define SOCKET_FD	4
#define FILE_FD		5
#define JOURNAL_FD	6
#define CAPTURE_FD	7
#define INDEX_FD	8
#define COPY_FD		9

/**
 * enum exit_code - exit status
 * @EXIT_RUN: Run returned and the supervisor knows what.
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
 * @options: text for Configure, or NULL.
 * @interfaces: what the user listens to.
 * @display_filter: what the user wants to see, or NULL.
 * @count: how many frames it gets; 0: no limit.
 * @has_index: its frames are of a file that can be read at will.
 * @writer: what writes in place of a plug-in; without a path there is none.
 * @supervisor: its process.
 * @link: the socket to it.
 * @nx: the pool.
 * @plugin: the expert.
 * @startup: what the entry points are told.
 * @config: what Configure left for Run, or NULL.
 * @failure: why the host gives up.
 */
struct host {
	const char *file;
	const char *name;
	const char *options;
	const char *interfaces;
	const char *display_filter;
	uint64_t count;
	bool has_index;
	struct nexp_writer writer;
	pid_t supervisor;
	struct nexp_link *link;
	struct netexpert *nx;
	struct nexp_plugin plugin;
	EXPERTSTARTUPINFO startup;
	PEXPERTCONFIG config;
	struct nexp_failure failure;
};

static void print_help(FILE *stream)
{
	fputs("usage: netexpert-host --plugin FILE --name NAME [--options TEXT]\n"
	      "                      [--interfaces TEXT] [--count FRAMES] [--snaplen BYTES]\n"
	      "                      [--display-filter TEXT] [--index]\n"
	      "       netexpert-host --write FILE --name NAME [--interfaces TEXT]\n"
	      "                      [--count FRAMES] [--filter TEXT] [--snaplen BYTES]\n"
	      "\n"
	      "Runs one expert for netexpert, which starts this program itself: it needs the\n"
	      "expert's attachment as file descriptor 3 and a socket to its supervisor as\n"
	      "file descriptor 4; with --write, also the open FILE as 5 and its journal as 6,\n"
	      "with --index the capture file as 7, its index as 8 and the index's copy as 9.\n"
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
		{ "interfaces", required_argument, NULL, 'i' },
		{ "display-filter", required_argument, NULL, 'Y' },
		{ "count", required_argument, NULL, 'c' },
		{ "write", required_argument, NULL, 'w' },
		{ "filter", required_argument, NULL, 'f' },
		{ "snaplen", required_argument, NULL, 's' },
		{ "index", no_argument, NULL, 'x' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	host->interfaces = "";
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			host->file = optarg;
			break;
		case 'n':
			host->name = optarg;
			break;
		case 'o':
			host->options = optarg;
			break;
		case 'i':
			host->interfaces = optarg;
			break;
		case 'Y':
			host->display_filter = optarg;
			break;
		case 'c':
			host->count = strtoull(optarg, NULL, 10);
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
	if (optind < argc || !host->file == !host->writer.path || !host->name) {
		fprintf(stderr, "netexpert-host: %s\n",
			optind < argc ? "an argument is no option" :
			!host->name ? "--name is missing" :
				      "there must be one of --plugin and --write");
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

	/* Who made the socket pair. */
	length = sizeof(peer);
	if (!getsockopt(SOCKET_FD, SOL_SOCKET, SO_PEERCRED, &peer, &length))
		host->supervisor = peer.pid;
}

static void note_startup(struct host *host)
{
	host->startup.dwFrameNumber = INVALID_FRAME_NUMBER;
	snprintf(host->startup.szCaptureFile, sizeof(host->startup.szCaptureFile),
		 "%s", host->interfaces);
}

static int adopt(struct host *host)
{
	int err = netexpert_adopt(ATTACHMENT_FD, &host->nx);

	switch (err) {
	case 0:
		nexp_link_set_pool(host->link, host->nx);
		if (host->count)
			nexp_reader_limit(host->nx, host->count);
		return 0;
	case -ENOTTY:
	case -EINVAL:
		return nexp_fail(&host->failure, NEXP_FAILED_POOL,
				 "file descriptor %d is not an attachment",
				 ATTACHMENT_FD);
	case -EPROTONOSUPPORT:
	case -EPROTO:
		return nexp_fail(&host->failure, NEXP_FAILED_POOL,
				 "netexpert.ko and libnetexpert do not fit together (%s); use both from one build",
				 strerror(-err));
	default:
		return nexp_fail(&host->failure, NEXP_FAILED_POOL,
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
	int err = host->has_index ? nexp_book_open(host->nx, host->link, &files) : 0;

	return err ? nexp_fail(&host->failure, NEXP_FAILED_POOL, "the file's index: %s",
			       strerror(-err)) : 0;
}

/* All of this before any code of the plug-in runs. */
static int prepare_plugin(struct host *host)
{
	int fd;

	if (nexp_sandbox_close_files(host->has_index ? COPY_FD : SOCKET_FD, &host->failure))
		return -1;
	fd = open(host->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return nexp_fail(&host->failure, NEXP_FAILED_LOAD, "%s: %s",
				 host->file, strerror(errno));
	if (adopt(host) || open_book(host) ||
	    nexp_sandbox_enter(host->supervisor, &host->failure)) {
		close(fd);
		return -1;
	}
	return nexp_plugin_load(&host->plugin, host->file, fd, &host->failure);
}

static int prepare_writer(struct host *host)
{
	EXPERTENUMINFO *info = &host->plugin.info;
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
	if (nexp_sandbox_close_files(JOURNAL_FD, &host->failure) ||
	    nexp_writer_open(writer, JOURNAL_FD, &host->failure) || adopt(host))
		return -1;
	return nexp_sandbox_enter(host->supervisor, &host->failure);
}

static int check_config(struct host *host, HEXPERTKEY key, PEXPERTCONFIG config)
{
	size_t size;

	if (!config)
		return 0;
	size = ExpertMemorySize(key, config);
	if (!size)
		return nexp_fail(&host->failure, NEXP_FAILED_OPTIONS,
				 "its Configure left a configuration that is no block of Expert memory");
	if (size < sizeof(*config) || config->RawConfigLength > size ||
	    config->RawConfigLength < sizeof(*config))
		return nexp_fail(&host->failure, NEXP_FAILED_OPTIONS,
				 "its Configure left a configuration whose length is wrong");
	return 0;
}

/* The options as a configuration: a block that Configure may keep or replace. */
static int call_configure(struct host *host, HEXPERTKEY key,
			  PEXPERTCONFIG *out_config)
{
	size_t text_size = strlen(host->options) + 1;
	size_t size = sizeof(EXPERTCONFIG) + text_size;
	EXPERTSTARTUPINFO startup;
	PEXPERTCONFIG config;
	const char *reason;
	void *block;
	int err;

	err = netexpert_alloc(host->nx, size, &block);
	if (err)
		return nexp_fail(&host->failure, NEXP_FAILED_POOL,
				 "no memory for its options (%s); its limit may be too low",
				 strerror(-err));
	config = block;
	config->RawConfigLength = (DWORD)size;
	memcpy(config->RawConfigData, host->options, text_size);
	ExpertGetStartupInfo(key, &startup);
	if (!host->plugin.info.pConfigProc(key, &config, &startup, 0, NULL)) {
		reason = nexp_key_problem(key);
		return nexp_fail(&host->failure, NEXP_FAILED_OPTIONS, "%s",
				 *reason ? reason :
					   "it refused its options without a reason");
	}
	if (check_config(host, key, config))
		return -1;
	*out_config = config;
	return 0;
}

/* What the user wants to see, for experts that defer to it. */
static int set_display_filter(struct host *host, HEXPERTKEY key)
{
	char why[NEXP_WHY_SIZE];

	if (!host->display_filter)
		return 0;
	switch (nexp_key_filter(key, host->display_filter, why)) {
	case NMERR_SUCCESS:
		return 0;
	case NMERR_FILTER_INVALID_EXPRESSION:
		return nexp_fail(&host->failure, NEXP_FAILED_OPTIONS, "-Y: %s", why);
	case NMERR_LOAD_PARSER_FAILED:
		return nexp_fail(&host->failure, NEXP_FAILED_OPTIONS,
				 "-Y: there are no display filters without libnetexpert-dissect.so and libwireshark");
	default:
		return nexp_fail(&host->failure, NEXP_FAILED_POOL,
				 "-Y: no memory for the display filter; --heap may be too low");
	}
}

static int begin_key(struct host *host, HEXPERTKEY *out_key)
{
	int err = nexp_key_begin(host->nx, host->link, &host->startup, out_key);

	if (err)
		return nexp_fail(&host->failure, NEXP_FAILED_POOL, "no key: %s",
				 strerror(-err));
	return 0;
}

static int configure(struct host *host)
{
	const EXPERTENUMINFO *info = &host->plugin.info;
	HEXPERTKEY key;
	int err;

	if (!host->options)
		return 0;
	if (!(info->Flags & EXPERT_ENUM_FLAG_CONFIGURABLE))
		return nexp_fail(&host->failure, NEXP_FAILED_OPTIONS,
				 "it takes no options");
	if (begin_key(host, &key))
		return -1;
	err = call_configure(host, key, &host->config);
	nexp_key_end(key, host->config);
	return err;
}

static int say_hello(struct host *host)
{
	const EXPERTENUMINFO *info = &host->plugin.info;
	struct nexp_wire *wire;

	wire = nexp_link_begin(host->link, NEXP_WIRE_HELLO);
	nexp_wire_u32(wire, NEXP_WIRE_VERSION);
	nexp_wire_u32(wire, info->Flags);
	nexp_wire_string(wire, info->szName);
	nexp_wire_string(wire, info->szVendor);
	nexp_wire_string(wire, info->szDescription);
	return nexp_link_send(host->link);
}

static void say_done(struct host *host, BOOL result, uint64_t frames)
{
	struct nexp_wire *wire;

	wire = nexp_link_begin(host->link, NEXP_WIRE_DONE);
	nexp_wire_u32(wire, (uint32_t)result);
	nexp_wire_u64(wire, frames);
	nexp_link_send(host->link);
}

static int run_writer(struct host *host)
{
	say_hello(host);
	if (nexp_writer_run(&host->writer, host->nx, &host->failure))
		return -1;
	say_done(host, TRUE, nexp_writer_frames(&host->writer));
	return 0;
}

static int run_plugin(struct host *host)
{
	EXPERTSTARTUPINFO startup;
	uint64_t frames;
	HEXPERTKEY key;
	BOOL result;

	if (begin_key(host, &key))
		return -1;
	ExpertGetStartupInfo(key, &startup);
	say_hello(host);
	/* Wireshark takes its time to begin, and nobody waits for it. */
	if (set_display_filter(host, key)) {
		nexp_key_end(key, NULL);
		return -1;
	}
	result = host->plugin.info.pRunProc(key, host->config, &startup, 0, NULL);
	frames = nexp_key_frames(key);
	nexp_key_end(key, NULL);
	say_done(host, result, frames);
	return 0;
}

static int prepare_and_run(struct host *host)
{
	if (host->writer.path)
		return prepare_writer(host) || run_writer(host);
	return prepare_plugin(host) || configure(host) || run_plugin(host);
}

static void say_failure(struct host *host)
{
	struct nexp_wire *wire;

	wire = nexp_link_begin(host->link, NEXP_WIRE_FAILED);
	nexp_wire_u32(wire, host->failure.what);
	nexp_wire_string(wire, host->failure.reason);
	nexp_link_send(host->link);
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
	    nexp_link_create(SOCKET_FD, &host.link)) {
		fprintf(stderr, "netexpert-host: %s: out of memory\n", host.name);
		return EXIT_GAVE_UP;
	}
	/* Ctrl-C is the supervisor's: it asks through the pool. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	note_startup(&host);

	if (prepare_and_run(&host)) {
		say_failure(&host);
		code = EXIT_GAVE_UP;
	}
	if (nexp_link_is_gone(host.link)) {
		fprintf(stderr, "netexpert-host: %s: the supervisor is gone\n",
			host.name);
		code = EXIT_ALONE;
	}
	/* The pool stays mapped: threads of the plug-in may still be about. */
	return code;
}
