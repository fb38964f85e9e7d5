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

const char *options_parse(const EXPERTCONFIG *config, option_fn *take, void *options)
{
	const char *text, *end, *why = NULL;
	size_t size;

	if (!config)
		return NULL;
	text = (const char *)config->RawConfigData;
	size = config->RawConfigLength - sizeof(*config);
	if (config->RawConfigLength < sizeof(*config) || !memchr(text, '\0', size))
		return "the configuration is no text";
	for (; *text && !why; text = *end ? end + 1 : end) {
		end = strchr(text, ',');
		if (!end)
			end = text + strlen(text);
		why = parse_item(text, end, take, options);
	}
	return why;
}

BOOL options_refuse(HEXPERTKEY key, DWORD error, const char *why)
{
	ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, error, why, 0);
	return FALSE;
}
