/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options - "name=value,name=value" from the command line
 */
#ifndef EXPERTS_OPTIONS_H
#define EXPERTS_OPTIONS_H

#include <netmon.h>

#define OPTION_LENGTH	256

/**
 * typedef option_fn - take one option
 * @options: what options_parse() was given.
 * @name: in front of the '='.
 * @value: behind it.
 *
 * Return: NULL, or what is wrong with it.
 */
typedef const char *option_fn(void *options, const char *name, const char *value);

/**
 * options_gather() - put what the user says now to what is stored
 * @key: of Configure.
 * @config: of Configure: NULL, or a text of options, which may be changed or replaced.
 *
 * An option that the user gives takes the place of the stored one of its name. Whether
 * any of it makes sense, options_parse() tells.
 *
 * Return: NULL, or what is wrong.
 */
const char *options_gather(HEXPERTKEY key, PEXPERTCONFIG *config);

/**
 * options_parse() - take all options
 * @config: of Configure or Run; NULL has none. Can hold anything.
 * @take: called for each, in order.
 * @options: for @take.
 *
 * Return: NULL, or what is wrong.
 */
const char *options_parse(const EXPERTCONFIG *config, option_fn *take, void *options);

/** options_parse_text() - the same for the text alone. */
const char *options_parse_text(const char *text, option_fn *take, void *options);

/** options_number() - FALSE if @value is no decimal number from @min to @max. */
BOOL options_number(const char *value, DWORD min, DWORD max, DWORD *number);

/** options_refuse() - say why it does not run; FALSE, for an entry point to return. */
BOOL options_refuse(HEXPERTKEY key, DWORD error, const char *why);

#endif /* EXPERTS_OPTIONS_H */
