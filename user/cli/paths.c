// SPDX-License-Identifier: GPL-2.0
/*
 * paths - where experts and the host program are
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "paths.h"

#define SUFFIX	".so"

/* The program may run with more rights than its user: then the user decides nothing. */
static const char *choose_dir(const char *variable, const char *compiled_in)
{
	const char *dir = secure_getenv(variable);

	return dir && *dir ? dir : compiled_in;
}

const char *nexp_expert_dir(void)
{
	return choose_dir("NETEXPERT_EXPERTS", NEXP_EXPERTDIR);
}

char *nexp_config_dir(void)
{
	const char *own = secure_getenv("NETEXPERT_CONFIG");
	const char *base = secure_getenv("XDG_CONFIG_HOME"), *home = secure_getenv("HOME");
	char *path;
	int length;

	if (own && *own)
		return strdup(own);
	if (!geteuid())
		return strdup(NEXP_CONFDIR);
	if (base && *base == '/')
		length = asprintf(&path, "%s/netexpert", base);
	else
		length = home && *home == '/' ? asprintf(&path, "%s/.config/netexpert", home) : -1;
	return length < 0 ? NULL : path;
}

char *nexp_libexec_program(const char *name, struct nexp_error *err)
{
	char *path;

	if (asprintf(&path, "%s/%s", choose_dir("NETEXPERT_LIBEXEC", NEXP_LIBEXECDIR),
		     name) < 0) {
		nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
		return NULL;
	}
	if (!access(path, X_OK))
		return path;
	nexp_error_set(err, NEXP_FAILURE_OTHER, errno,
		       "%s: %s; NETEXPERT_LIBEXEC names the directory where %s is", path,
		       strerror(errno), name);
	free(path);
	return NULL;
}

/* A pool's name is printable ASCII without blanks. */
static void copy_name(const char *from, char *to)
{
	size_t i;

	for (i = 0; from[i] && i < NETEXPERT_NAME_LEN - 1; i++)
		to[i] = isgraph((unsigned char)from[i]) && (unsigned char)from[i] < 0x80 ?
			from[i] : '_';
	to[i] = '\0';
}

static void cut_suffix(char *name)
{
	size_t length = strlen(name);

	if (length > strlen(SUFFIX) && !strcmp(name + length - strlen(SUFFIX), SUFFIX))
		name[length - strlen(SUFFIX)] = '\0';
}

void nexp_expert_name(const char *plugin, char ret[NETEXPERT_NAME_LEN])
{
	const char *slash = strrchr(plugin, '/');

	copy_name(slash ? slash + 1 : plugin, ret);
	cut_suffix(ret);
}

static int set_plugin(const char *what, struct nexp_expert_spec *spec, struct nexp_error *err)
{
	const char *dir = nexp_expert_dir();
	bool is_path = strchr(what, '/');
	int length;

	copy_name(is_path ? strrchr(what, '/') + 1 : what, spec->name);
	cut_suffix(spec->name);
	if (!spec->name[0] || (!is_path && what[0] == '.'))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
				      "'%s' is neither the name of an expert nor the path of one",
				      what);
	if (is_path)
		length = asprintf(&spec->plugin, "%s", what);
	else
		length = asprintf(&spec->plugin, "%s/%s" SUFFIX, dir, what);
	if (length < 0) {
		spec->plugin = NULL;
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	}
	if (!access(spec->plugin, R_OK))
		return 0;
	if (errno == ENOENT && !is_path)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOENT,
			"no expert '%s' in %s: 'netexpert list' shows what there is; the path "
			"of a plug-in needs a '/'", what, dir);
	return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "plug-in %s: %s", spec->plugin,
			      strerror(errno));
}

int nexp_expert_parse(const char *text, struct nexp_expert_spec *ret, struct nexp_error *err)
{
	struct nexp_expert_spec spec = { 0 };
	const char *equals = strchrnul(text, '=');
	char *what;
	int code;

	what = strndup(text, (size_t)(equals - text));
	if (*equals)
		spec.options = strdup(equals + 1);
	if (!what || (*equals && !spec.options))
		code = nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	else
		code = set_plugin(what, &spec, err);
	free(what);
	if (code)
		nexp_expert_spec_free(&spec);
	else
		*ret = spec;
	return code;
}

void nexp_writer_name(const char *path, struct nexp_expert_spec *spec)
{
	const char *slash = strrchr(path, '/');

	copy_name(!strcmp(path, "-") ? "stdout" : slash ? slash + 1 : path, spec->name);
}

void nexp_expert_spec_free(struct nexp_expert_spec *spec)
{
	nexp_outfile_free(spec->output);
	free(spec->plugin);
	free(spec->options);
	memset(spec, 0, sizeof(*spec));
}
