// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert try - run one expert on a file in one process, for debuggers
 *
 * Finds out what is meant and becomes netexpert-try, so that whatever watches this
 * process then watches the expert.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "parse.h"
#include "paths.h"

#define MOST_ARGS	16

static const char help_text[] =
	"Usage: netexpert try [OPTION...] FILE EXPERT[=OPTIONS]\n"
	"\n"
	"Runs one EXPERT on a capture FILE in this very process, for debugging it: without\n"
	"the kernel module, without rights, and without the walls around it. It sees what\n"
	"'netexpert run -r FILE' would let it see of a file that comes through a pipe: the\n"
	"frames in their turn; and what it reports is shown likewise.\n"
	"Each object of Expert memory comes from malloc(), so that tools see it by itself:\n"
	"\n"
	"  gdb --args netexpert try FILE ./my-expert.so\n"
	"  valgrind --trace-children=yes netexpert try FILE ./my-expert.so\n"
	"  LD_PRELOAD=$(gcc -print-file-name=libasan.so) netexpert try FILE ./my-expert.so\n"
	"\n"
	"The last one is for a plug-in that was compiled with -fsanitize=address. A pointer\n"
	"that is freed or resized and is no object, which a run refuses, ends the process\n"
	"there; what the expert has not freed in the end is a leak. netexpert-expert(7)\n"
	"shows how to write an expert, and all of this at work.\n"
	"\n"
	"EXPERT is a name that 'netexpert list' shows, or the path of a plug-in, with a\n"
	"'/' in it. FILE is of any kind that Wireshark reads; '-' is standard input.\n"
	"\n"
	"Options:\n"
	"  -Y, --display-filter EXPR\n"
	"                         which frames you want to see, as for 'netexpert run'\n"
	"      --heap SIZE        most bytes of its objects (default 64M)\n"
	"      --json             write JSON lines, as 'netexpert run' does\n"
	"  -h, --help             this text\n"
	"\n"
	"Ctrl-C asks the expert to finish; a second one ends the process.\n"
	"\n"
	"EXIT STATUS\n"
	"   0  Run has returned, and nothing was wrong with the file\n"
	"   1  something failed; standard error tells what\n"
	"   2  the command line makes no sense\n"
	"  A signal, or a tool's exit status, is the expert's.\n";

/**
 * struct options - the command line
 * @display_filter: -Y, or NULL.
 * @heap_limit: --heap.
 * @json: --json.
 * @file: FILE.
 * @spec: EXPERT.
 */
struct options {
	const char *display_filter;
	uint64_t heap_limit;
	bool json;
	const char *file;
	struct nexp_expert_spec spec;
};

/* Return: only if that fails, the exit code after a complaint. */
static int become(const struct options *options, const char *program)
{
	const struct nexp_expert_spec *spec = &options->spec;
	const char *argv[MOST_ARGS], **arg = argv;
	char heap[32];

	snprintf(heap, sizeof(heap), "%" PRIu64, options->heap_limit);
	*arg++ = "netexpert-try";
	*arg++ = "--plugin";
	*arg++ = spec->plugin;
	*arg++ = "--name";
	*arg++ = spec->name;
	*arg++ = "--file";
	*arg++ = options->file;
	*arg++ = "--heap";
	*arg++ = heap;
	if (spec->options) {
		*arg++ = "--options";
		*arg++ = spec->options;
	}
	if (options->display_filter) {
		*arg++ = "--display-filter";
		*arg++ = options->display_filter;
	}
	if (options->json)
		*arg++ = "--json";
	*arg = NULL;
	execv(program, (char **)argv);
	nexp_complain("starting '%s': %s", program, strerror(errno));
	return NEXP_EXIT_FAILURE;
}

/* It is the program's standard input. */
static int open_input(const char *file, struct nexp_error *err)
{
	int fd, code = nexp_reader_open(file, true, &fd, err);

	if (code)
		return code;
	if (dup2(fd, STDIN_FILENO) < 0)
		code = nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "%s: %s", file,
				      strerror(errno));
	close(fd);
	return code;
}

static int try(struct options *options, const char *expert)
{
	struct nexp_error err;
	char *program;
	int code;

	code = nexp_expert_parse(expert, &options->spec, &err);
	if (code == -EINVAL)
		return nexp_usage_error("try", "%s", err.text);
	if (code)
		return nexp_error_exit(&err);
	program = nexp_libexec_program("netexpert-try", &err);
	if (program && !open_input(options->file, &err))
		code = become(options, program);
	else
		code = nexp_error_exit(&err);
	free(program);
	nexp_expert_spec_free(&options->spec);
	return code;
}

int nexp_cmd_try(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "display-filter", required_argument, NULL, 'Y' },
		{ "heap", required_argument, NULL, 'H' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options options = { .heap_limit = NEXP_DEFAULT_HEAP };
	int option;

	while ((option = getopt_long(argc, argv, ":Y:h", long_options, NULL)) != -1) {
		switch (option) {
		case 'Y':
			options.display_filter = *optarg ? optarg : NULL;
			break;
		case 'H':
			if (nexp_parse_size(optarg, 4096, NEXP_MOST_HEAP, &options.heap_limit))
				return nexp_usage_error("try", "--heap '%s' is not a size such as "
							"512K, 64M or 2G", optarg);
			break;
		case 'j':
			options.json = true;
			break;
		case 'h':
			return nexp_print_help(help_text);
		default:
			return nexp_option_error("try", option, argv);
		}
	}
	if (argc - optind != 2)
		return nexp_usage_error("try", argc - optind < 2 ?
					"a FILE and an EXPERT are needed" :
					"there is one FILE, and one EXPERT");
	options.file = argv[optind];
	return try(&options, argv[optind + 1]);
}
