// SPDX-License-Identifier: GPL-2.0
/*
 * complain - what a subcommand says on standard error, and how it ends
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "text.h"

/* Names of interfaces, files and experts are in it, and who gave them may mean ill. */
static void say(const char *prefix, const char *fmt, va_list args)
{
	struct nexp_buffer line = { 0 };
	char *text;
	int length;

	length = vasprintf(&text, fmt, args);
	if (length < 0) {
		fprintf(stderr, "%sout of memory\n", prefix);
		return;
	}
	nexp_buffer_puts(&line, prefix);
	nexp_text_put_lines(&line, text, (size_t)length);
	nexp_buffer_puts(&line, "\n");
	fwrite(line.bytes, 1, line.length, stderr);
	nexp_buffer_free(&line);
	free(text);
}

void nexp_complain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("netexpert: ", fmt, args);
	va_end(args);
}

int nexp_usage_error(const char *command, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say("netexpert: ", fmt, args);
	va_end(args);
	fprintf(stderr, "netexpert: 'netexpert %s%s--help' tells more\n", command,
		*command ? " " : "");
	return NEXP_EXIT_USAGE;
}

int nexp_option_error(const char *command, int option, char **argv)
{
	const char *word = argv[optind - 1];

	if (option == ':')
		return nexp_usage_error(command, "'%s' needs a value", word);
	/*
	 * A letter may stand among others in a word that optind has not passed
	 * yet. A long option's letter comes here only with a value it can't take.
	 */
	if (optopt > 0 && optopt < 256 && (strncmp(word, "--", 2) || !strchr(word, '=')))
		return nexp_usage_error(command, "there is no option '-%c'", optopt);
	return nexp_usage_error(command, "option '%s' is unknown, ambiguous, or used wrongly",
				word);
}

int nexp_error_exit(const struct nexp_error *err)
{
	nexp_complain("%s", err->text);
	switch (err->kind) {
	case NEXP_FAILURE_PERMISSION:
		return NEXP_EXIT_PERMISSION;
	case NEXP_FAILURE_UNAVAILABLE:
		return NEXP_EXIT_UNAVAILABLE;
	case NEXP_FAILURE_USAGE:
		return NEXP_EXIT_USAGE;
	default:
		return NEXP_EXIT_FAILURE;
	}
}

int nexp_print_help(const char *text)
{
	fputs(text, stdout);
	if (!fflush(stdout) && !ferror(stdout))
		return NEXP_EXIT_OK;
	nexp_complain("writing to standard output failed");
	return NEXP_EXIT_FAILURE;
}
