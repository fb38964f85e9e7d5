// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - run network experts on live traffic, and look after them
 */
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const struct nexp_command commands[] = {
	{ "run", "run experts on the traffic of interfaces", nexp_cmd_run },
	{ "try", "debug an expert on a capture file, without the module", nexp_cmd_try },
	{ "list", "show which experts there are", nexp_cmd_list },
	{ "config", "show, change or drop what is stored for an expert", nexp_cmd_config },
	{ "stat", "show the pools of this machine and their counters", nexp_cmd_stat },
	{ "doctor", "check whether this machine can run experts", nexp_cmd_doctor },
};

#define NR_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

static int print_overview(void)
{
	unsigned int i;

	printf("Usage: netexpert COMMAND [OPTION...]\n"
	       "\n"
	       "Runs network experts, small analysers of live traffic, each in a process and\n"
	       "a memory pool of its own that the kernel takes back when it dies.\n"
	       "\n"
	       "Commands:\n");
	for (i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
	return nexp_print_help("\n"
		"Options:\n"
		"  -h, --help     this text; after a command, the command's own\n"
		"  -V, --version  the version\n"
		"\n"
		"Example:\n"
		"  netexpert run -i eth0 top-users\n"
		"\n"
		"EXIT STATUS\n"
		"   0  all went well\n"
		"   1  something failed; standard error tells what\n"
		"   2  the command line makes no sense\n"
		"  69  the kernel module, its device or its BTF is missing\n"
		"  77  not permitted\n");
}

/*
 * A file opened as number 0, 1 or 2 would be read from or written into. What
 * stands there instead is read-only, so that writing fails as to a closed file.
 */
static void fill_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;
	unsigned int i;

	fill_standard_files();
	/* For the width of characters and the time of day; numbers stay C's. */
	setlocale(LC_CTYPE, "");
	if (!name)
		return nexp_usage_error("", "a command is missing: run, try, list, config, stat or "
					"doctor");
	if (!strcmp(name, "-h") || !strcmp(name, "--help") || !strcmp(name, "help"))
		return print_overview();
	if (!strcmp(name, "-V") || !strcmp(name, "--version"))
		return nexp_print_help("netexpert " NEXP_VERSION "\n");
	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return nexp_usage_error("", "'%s' is not a command", name);
}
