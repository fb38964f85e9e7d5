// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert list - which experts there are
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "inspect.h"
#include "json.h"
#include "paths.h"
#include "text.h"

#define SUFFIX	".so"

static const char help_text[] =
	"Usage: netexpert list [--json] [PLUGIN...]\n"
	"\n"
	"Shows the experts that 'netexpert run' knows by name, or asks each PLUGIN, a\n"
	"path. To find out what an expert is, its plug-in is loaded: in a process without\n"
	"rights (as root, it becomes nobody), without network, limited in time and\n"
	"memory.\n"
	"\n"
	"      --json  a JSON object per expert and line\n"
	"  -h, --help  this text\n"
	"\n"
	"Experts are looked for in the directory that NETEXPERT_EXPERTS names, else in\n"
	NEXP_EXPERTDIR "\n"
	"\n"
	"EXIT STATUS\n"
	"   0  all of them answered\n"
	"   1  one did not, or the directory can't be read\n"
	"   2  the command line makes no sense\n";

/* Return: letters of @file before its suffix, or all of them if it has none. */
static size_t name_length(const char *file)
{
	size_t length = strlen(file);

	if (length > strlen(SUFFIX) && !strcmp(file + length - strlen(SUFFIX), SUFFIX))
		length -= strlen(SUFFIX);
	return length;
}

static int is_plugin(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_name[name_length(entry->d_name)];
}

static void put(struct nexp_buffer *text, const char *string)
{
	nexp_text_put(text, string, strlen(string));
}

static void show_text(struct nexp_output *output, const char *name,
		      const struct nexp_inspection *answer)
{
	const EXPERTENUMINFO *info = &answer->info;
	struct nexp_buffer text = { 0 };

	put(&text, name);
	nexp_buffer_puts(&text, "\n    ");
	put(&text, info->szName);
	if (info->szVendor[0]) {
		nexp_buffer_puts(&text, ", by ");
		put(&text, info->szVendor);
	}
	if (info->Flags & EXPERT_ENUM_FLAG_CONFIGURABLE)
		nexp_buffer_puts(&text, "; takes options");
	nexp_buffer_puts(&text, "\n");
	if (info->szDescription[0]) {
		nexp_buffer_puts(&text, "    ");
		put(&text, info->szDescription);
		nexp_buffer_puts(&text, "\n");
	}
	nexp_output_write(output, text.bytes, text.length);
	nexp_buffer_free(&text);
}

static json_t *string(const char *text)
{
	return nexp_json_text(text, strlen(text));
}

static void show_json(struct nexp_output *output, const char *name, const char *path,
		      const struct nexp_inspection *answer)
{
	const EXPERTENUMINFO *info = &answer->info;
	json_t *object = json_object();

	json_object_set_new(object, "name", string(name));
	json_object_set_new(object, "path", string(path));
	if (answer->error[0]) {
		json_object_set_new(object, "error", string(answer->error));
	} else {
		json_object_set_new(object, "title", string(info->szName));
		json_object_set_new(object, "vendor", string(info->szVendor));
		json_object_set_new(object, "description", string(info->szDescription));
		json_object_set_new(object, "options",
				    json_boolean(info->Flags & EXPERT_ENUM_FLAG_CONFIGURABLE));
	}
	nexp_json_line(output, object);
}

/* Return: whether it answered. */
static bool show(struct nexp_output *output, const char *path, bool json)
{
	const char *file = strrchr(path, '/') + 1;
	struct nexp_inspection answer;
	struct nexp_buffer error = { 0 };
	char *host, *slash, *name;

	/* The library may stand beside the host program. */
	host = nexp_libexec_program("netexpert-host", NULL);
	slash = host ? strrchr(host, '/') : NULL;
	if (slash)
		*slash = '\0';
	nexp_inspect(path, slash ? host : NEXP_LIBEXECDIR, &answer);
	free(host);

	name = strndup(file, name_length(file));
	if (name && json) {
		show_json(output, name, path, &answer);
	} else if (name && !answer.error[0]) {
		show_text(output, name, &answer);
	} else {
		put(&error, path);
		nexp_buffer_puts(&error, ": ");
		put(&error, answer.error);
		nexp_complain("%.*s", (int)error.length, error.bytes);
		nexp_buffer_free(&error);
	}
	free(name);
	return !answer.error[0];
}

static int show_dir(struct nexp_output *output, const char *dir, bool json)
{
	struct dirent **entries;
	int nr, i, code = NEXP_EXIT_OK;
	char *path;

	nr = scandir(dir, &entries, is_plugin, alphasort);
	if (nr < 0) {
		nexp_complain("%s: %s; NETEXPERT_EXPERTS names the directory of experts", dir,
			      strerror(errno));
		return NEXP_EXIT_FAILURE;
	}
	if (!nr && !json)
		nexp_complain("there is no expert in %s", dir);
	for (i = 0; i < nr; i++) {
		if (asprintf(&path, "%s/%s", dir, entries[i]->d_name) >= 0) {
			if (!show(output, path, json))
				code = NEXP_EXIT_FAILURE;
			free(path);
		}
		free(entries[i]);
	}
	free(entries);
	return code;
}

static int show_paths(struct nexp_output *output, char **paths, int nr, bool json)
{
	int i, code = NEXP_EXIT_OK;

	for (i = 0; i < nr; i++) {
		if (!strchr(paths[i], '/'))
			return nexp_usage_error("list", "'%s' is not a path: it needs a '/'",
						paths[i]);
		if (!show(output, paths[i], json))
			code = NEXP_EXIT_FAILURE;
	}
	return code;
}

int nexp_cmd_list(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct nexp_output output = { .fd = STDOUT_FILENO };
	bool json = false;
	int option, code;

	while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = true;
			break;
		case 'h':
			return nexp_print_help(help_text);
		default:
			return nexp_option_error("list", option, argv);
		}
	}
	if (optind < argc)
		code = show_paths(&output, argv + optind, argc - optind, json);
	else
		code = show_dir(&output, nexp_expert_dir(), json);
	if (!output.broken)
		return code;
	nexp_complain("writing to standard output: %s", strerror(output.code));
	return NEXP_EXIT_FAILURE;
}
