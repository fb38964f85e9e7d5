// SPDX-License-Identifier: GPL-2.0
/*
 * options - "name=value,name=value" from the command line
 */
#include <stdlib.h>
#include <string.h>

#include "options.h"

BOOL options_number(const char *value, DWORD min, DWORD max, DWORD *number)
{
	unsigned long parsed;
	char *end;

	if (*value < '0' || *value > '9')
		return FALSE;
	parsed = strtoul(value, &end, 10);
	if (*end || parsed < min || parsed > max)
		return FALSE;
	*number = (DWORD)parsed;
	return TRUE;
}

/* Takes the option from @text to @end. */
static const char *parse_item(const char *text, const char *end, option_fn *take,
			      void *options)
{
	size_t length = (size_t)(end - text);
	char item[OPTION_LENGTH], *value;

	if (length >= sizeof(item))
		return "an option is too long";
	memcpy(item, text, length);
	item[length] = '\0';
	value = strchr(item, '=');
	if (!value)
		return "an option is written name=value";
	*value++ = '\0';
	return take(options, item, value);
}

/* Of a configuration that can be anything; NULL if it is no text. */
static const char *text_of(const EXPERTCONFIG *config)
{
	const char *text = (const char *)config->RawConfigData;
	size_t size = config->RawConfigLength - sizeof(*config);

	return config->RawConfigLength >= sizeof(*config) && memchr(text, '\0', size) ?
	       text : NULL;
}

/* The end of the option that @text begins with. */
static const char *end_of(const char *text)
{
	const char *comma = strchr(text, ',');

	return comma ? comma : text + strlen(text);
}

const char *options_parse_text(const char *text, option_fn *take, void *options)
{
	const char *end, *why = NULL;

	for (; *text && !why; text = *end ? end + 1 : end) {
		end = end_of(text);
		why = parse_item(text, end, take, options);
	}
	return why;
}

const char *options_parse(const EXPERTCONFIG *config, option_fn *take, void *options)
{
	const char *text;

	if (!config)
		return NULL;
	text = text_of(config);
	return text ? options_parse_text(text, take, options) : "the configuration is no text";
}

/* Has @text an option of the name that @item, up to @end, begins with? */
static BOOL is_given(const char *text, const char *item, const char *end)
{
	const char *equals = (const char *)memchr(item, '=', (size_t)(end - item)), *next;
	size_t length = equals ? (size_t)(equals - item) + 1 : (size_t)(end - item);

	for (; *text; text = *next ? next + 1 : next) {
		next = end_of(text);
		if ((size_t)(next - text) >= length && !memcmp(text, item, length))
			return TRUE;
	}
	return FALSE;
}

/* Options of @stored that @given has not, each with a comma, and then @given. */
static void join(char *to, const char *stored, const char *given)
{
	const char *end;
	char *start = to;

	for (; *stored; stored = *end ? end + 1 : end) {
		end = end_of(stored);
		if (is_given(given, stored, end))
			continue;
		memcpy(to, stored, (size_t)(end - stored));
		to += end - stored;
		*to++ = ',';
	}
	if (!*given && to > start)
		to--;
	strcpy(to, given);
}

const char *options_gather(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	const char *given = ExpertGetOptions(key), *stored = *config ? text_of(*config) : "";
	PEXPERTCONFIG block;
	size_t size;

	if (!stored)
		return "the stored configuration is no text";
	if (!given)
		return NULL;
	size = sizeof(*block) + strlen(stored) + 1 + strlen(given) + 1;
	block = (PEXPERTCONFIG)ExpertAllocMemory(key, size, NULL);
	if (!block)
		return "no memory for the configuration";
	join((char *)block->RawConfigData, stored, given);
	block->RawConfigLength = (DWORD)(sizeof(*block) +
					 strlen((char *)block->RawConfigData) + 1);
	if (*config)
		ExpertFreeMemory(key, *config);
	*config = block;
	return NULL;
}

BOOL options_refuse(HEXPERTKEY key, DWORD error, const char *why)
{
	ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, error, why, 0);
	return FALSE;
}
