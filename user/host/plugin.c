// SPDX-License-Identifier: GPL-2.0
/*
 * plugin - load an expert and let it register
 *
 * From dlopen() on the plug-in's code runs in this process: its constructors do
 * before any function of it is called. So the process is confined by then.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "plugin.h"
#include "shared_object.h"

/* What the loader says, without the path in front that it was given. */
static const char *after_path(const char *text, const char *path)
{
	size_t length = strlen(path);

	return strncmp(text, path, length) || strncmp(text + length, ": ", 2) ?
	       text : text + length + 2;
}

/*
 * By its path, so that debuggers show it. If the directories above it are closed
 * to the user that this process became, through the fd opened before that.
 */
static void *open_plugin(const char *file, int fd, struct nexp_failure *failure)
{
	const char *path = file;
	char by_fd[32];
	void *handle;

	if (access(file, R_OK)) {
		snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", fd);
		path = by_fd;
		if (access(path, R_OK)) {
			nexp_fail(failure, NEXP_FAILED_LOAD,
				  "%s: %s for user %d, as whom experts run; make the file readable for everybody",
				  file, strerror(errno), (int)geteuid());
			return NULL;
		}
	}
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle)
		nexp_fail(failure, NEXP_FAILED_LOAD, "%s: %s", file,
			  after_path(dlerror(), path));
	return handle;
}

static bool has_end(const char *text, size_t size)
{
	return memchr(text, '\0', size);
}

static int check_info(const EXPERTENUMINFO *info, const char *file,
		      struct nexp_failure *failure)
{
	if (!has_end(info->szName, sizeof(info->szName)) ||
	    !has_end(info->szVendor, sizeof(info->szVendor)) ||
	    !has_end(info->szDescription, sizeof(info->szDescription)))
		return nexp_fail(failure, NEXP_FAILED_REGISTER,
				 "%s: Register left a string without an end",
				 file);
	if (!info->szName[0])
		return nexp_fail(failure, NEXP_FAILED_REGISTER,
				 "%s: Register gave no name", file);
	if ((info->Flags & EXPERT_ENUM_FLAG_CONFIGURABLE) && !info->pConfigProc)
		return nexp_fail(failure, NEXP_FAILED_ENTRY,
				 "%s: it says that it can be configured but does not export Configure",
				 file);
	return 0;
}

/**
 * nexp_plugin_open() - open a plug-in, with the rights of who calls
 * @file: its path.
 * @failure: why it can't be one.
 *
 * Return: a file descriptor for nexp_plugin_load(), or -1.
 */
int nexp_plugin_open(const char *file, struct nexp_failure *failure)
{
	char why[NEXP_REASON_SIZE / 2];
	int fd = nexp_shared_object_open(file, why, sizeof(why));

	return fd >= 0 ? fd : nexp_fail(failure, NEXP_FAILED_LOAD, "%s: %s", file, why);
}

/**
 * nexp_plugin_load() - load a plug-in and let it register
 * @plugin: filled in.
 * @file: its path.
 * @fd: of nexp_plugin_open(); closed here.
 * @failure: why it failed.
 *
 * Return: 0 or -1.
 */
int nexp_plugin_load(struct nexp_plugin *plugin, const char *file, int fd,
		     struct nexp_failure *failure)
{
	EXPERTENUMINFO *info = &plugin->info;
	PEXPERTREGISTERPROC reg;
	PEXPERTCONFIGPROC config;
	PEXPERTRUNPROC run;
	void *handle;

	memset(plugin, 0, sizeof(*plugin));
	handle = open_plugin(file, fd, failure);
	close(fd);
	if (!handle)
		return -1;
	reg = (PEXPERTREGISTERPROC)dlsym(handle, EXPERTENTRY_REGISTER);
	config = (PEXPERTCONFIGPROC)dlsym(handle, EXPERTENTRY_CONFIGURE);
	run = (PEXPERTRUNPROC)dlsym(handle, EXPERTENTRY_RUN);
	if (!reg || !run)
		return nexp_fail(failure, NEXP_FAILED_ENTRY,
				 "%s: it does not export %s, so it is no expert",
				 file, reg ? EXPERTENTRY_RUN :
					     EXPERTENTRY_REGISTER);
	if (!reg(info))
		return nexp_fail(failure, NEXP_FAILED_REGISTER,
				 "%s: Register said FALSE", file);

	/* Private to the host, whatever Register wrote there. */
	info->pRegisterProc = reg;
	info->pConfigProc = config;
	info->pRunProc = run;
	info->hModule = handle;
	info->hExpert = info;
	snprintf(info->szDllName, sizeof(info->szDllName), "%s", file);
	return check_info(info, file, failure);
}
