/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cli - the netexpert command: its subcommands and exit codes
 */
#ifndef NEXP_CLI_H
#define NEXP_CLI_H

#include "../lib/version.h"
#include "../supervisor/error.h"

/**
 * enum nexp_exit - exit codes of every subcommand
 * @NEXP_EXIT_OK: all went well.
 * @NEXP_EXIT_FAILURE: something failed; it was said on standard error.
 * @NEXP_EXIT_USAGE: the command line makes no sense.
 * @NEXP_EXIT_UNAVAILABLE: module, device or BTF is missing (EX_UNAVAILABLE).
 * @NEXP_EXIT_PERMISSION: not permitted (EX_NOPERM).
 */
enum nexp_exit {
	NEXP_EXIT_OK		= 0,
	NEXP_EXIT_FAILURE	= 1,
	NEXP_EXIT_USAGE		= 2,
	NEXP_EXIT_UNAVAILABLE	= 69,
	NEXP_EXIT_PERMISSION	= 77,
};

/**
 * struct nexp_command - a subcommand
 * @name: its name.
 * @summary: what it does, for the list of commands.
 * @run: does it; argv[0] is @name. Returns the exit code.
 */
struct nexp_command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

/* Bytes of an expert's heap, by default and at most. */
#define NEXP_DEFAULT_HEAP	(64ULL << 20)
#define NEXP_MOST_HEAP		(64ULL << 30)

/** nexp_run_help - what 'netexpert run --help' says. */
extern const char nexp_run_help[];

int nexp_cmd_run(int argc, char **argv);
int nexp_cmd_list(int argc, char **argv);
int nexp_cmd_try(int argc, char **argv);
int nexp_cmd_config(int argc, char **argv);
int nexp_cmd_stat(int argc, char **argv);
int nexp_cmd_doctor(int argc, char **argv);

/**
 * nexp_complain() - say on standard error what is wrong
 * @fmt: as for printf(), without a final newline.
 */
void nexp_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * nexp_usage_error() - say what is wrong with the command line
 * @command: the subcommand, whose --help is pointed to.
 * @fmt: as for printf(), without a final newline.
 *
 * Return: NEXP_EXIT_USAGE.
 */
int nexp_usage_error(const char *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * nexp_option_error() - say what getopt_long() did not understand
 * @command: the subcommand.
 * @option: what getopt_long() returned: ':' or '?'. It needs an option string
 *	that starts with ':', so that it is silent itself.
 * @argv: the command line.
 *
 * Return: NEXP_EXIT_USAGE.
 */
int nexp_option_error(const char *command, int option, char **argv);

/**
 * nexp_error_exit() - say what failed
 * @err: the failure.
 *
 * Return: the exit code for it.
 */
int nexp_error_exit(const struct nexp_error *err);

/**
 * nexp_print_help() - print a help text
 * @text: the text.
 *
 * Return: NEXP_EXIT_OK, or NEXP_EXIT_FAILURE if it could not be written.
 */
int nexp_print_help(const char *text);

#endif /* NEXP_CLI_H */
