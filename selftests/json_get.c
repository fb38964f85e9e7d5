// SPDX-License-Identifier: GPL-2.0
/*
 * json_get - pick values out of JSON, one document after the other
 *
 * json_get FILE [PATH=VALUE]... PATH
 *
 * PATH is keys and array indices with dots between. Prints the value of the last
 * argument for every document in FILE ("-": standard input) that has all the
 * other values; "[]" after a path prints every element of an array, one per
 * line. Exits with 1 if nothing was printed, with 2 if FILE is not JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static const json_t *find(const json_t *value, const char *path, size_t length)
{
	while (value && length) {
		size_t part = 0;
		char key[128];

		while (part < length && path[part] != '.')
			part++;
		if (part >= sizeof(key))
			return NULL;
		memcpy(key, path, part);
		key[part] = 0;
		if (json_is_array(value))
			value = json_array_get(value, strtoul(key, NULL, 10));
		else
			value = json_object_get(value, key);
		path += part;
		length -= part;
		if (length) {
			path++;
			length--;
		}
	}
	return value;
}

static char *as_text(const json_t *value)
{
	if (json_is_string(value))
		return strdup(json_string_value(value));
	return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
}

static int matches(const json_t *document, const char *condition)
{
	const char *equals = strchr(condition, '=');
	const json_t *value;
	char *text;
	int same;

	if (!equals)
		return 0;
	value = find(document, condition, equals - condition);
	if (!value)
		return 0;
	text = as_text(value);
	same = text && !strcmp(text, equals + 1);
	free(text);
	return same;
}

static int print(const json_t *value)
{
	char *text = value ? as_text(value) : NULL;

	if (!text)
		return 0;
	puts(text);
	free(text);
	return 1;
}

static int print_path(const json_t *document, const char *path)
{
	size_t length = strlen(path), i;
	const json_t *value;
	json_t *element;
	int printed = 0;

	if (length < 2 || strcmp(path + length - 2, "[]"))
		return print(find(document, path, length));
	value = find(document, path, length - 2);
	json_array_foreach(value, i, element)
		printed += print(element);
	return printed;
}

int main(int argc, char **argv)
{
	json_error_t error;
	json_t *document;
	int printed = 0;
	FILE *file;

	if (argc < 3) {
		fprintf(stderr, "usage: json_get FILE [PATH=VALUE]... PATH\n");
		return 2;
	}
	file = strcmp(argv[1], "-") ? fopen(argv[1], "r") : stdin;
	if (!file) {
		perror(argv[1]);
		return 2;
	}
	for (;;) {
		int c, i, wanted = 1;

		while ((c = getc(file)) == '\n' || c == ' ')
			;
		if (c == EOF)
			break;
		ungetc(c, file);
		document = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error);
		if (!document) {
			fprintf(stderr, "%s: line %d: %s\n", argv[1], error.line,
				error.text);
			return 2;
		}
		for (i = 2; i < argc - 1; i++)
			wanted &= matches(document, argv[i]);
		if (wanted)
			printed += print_path(document, argv[argc - 1]);
		json_decref(document);
	}
	return printed ? 0 : 1;
}
