// SPDX-License-Identifier: GPL-2.0
/*
 * start - libwireshark is made ready, once in a process
 *
 * With its defaults and what the system's administrator has set (plug-ins of the
 * package, files in its data folder), and nothing of a user's: the personal
 * folders are ones that don't exist. Names are not looked up in the network;
 * that is a default.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <epan/epan.h>
#include <epan/prefs.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/report_message.h>
#include <wsutil/wslog.h>

#include "dissector.h"

#define NOWHERE	"/nonexistent"

static void report(const char *format, va_list args)
{
	fputs("netexpert: wireshark: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

static void report_open(const char *file, int err, gboolean is_for_writing)
{
	fprintf(stderr, "netexpert: wireshark: %s: opening it to %s: %s\n", file,
		is_for_writing ? "write" : "read", wtap_strerror(err));
}

static void report_read(const char *file, int err)
{
	fprintf(stderr, "netexpert: wireshark: %s: reading it: %s\n", file,
		wtap_strerror(err));
}

/* The others are about writing files and about captures, which it does not do here. */
static const struct report_message_routines reports = {
	.vreport_failure = report,
	.vreport_warning = report,
	.report_open_failure = report_open,
	.report_read_failure = report_read,
};

/*
 * GLib keeps what it finds first. The home folder is asked for plug-ins and
 * scripts, which WIRESHARK_CONFIG_DIR and set_persconffile_dir() don't move.
 */
static int leave_home(void)
{
	const char *home = getenv("HOME");
	char *old = home ? strdup(home) : NULL;
	int err = 0;

	if ((home && !old) || setenv("HOME", NOWHERE, 1)) {
		free(old);
		return -ENOMEM;
	}
	g_get_home_dir();
	g_get_user_config_dir();
	g_get_user_data_dir();
	if (old ? setenv("HOME", old, 1) : unsetenv("HOME"))
		err = -ENOMEM;
	free(old);
	return err;
}

static int start(char *why)
{
	/* Of who reads a file in the same process (user/reader/file.h), if somebody does. */
	const bool *has_begun;
	char *problem;

	/* Without this its debugging messages are on. */
	ws_log_init("netexpert", NULL);
	if (leave_home()) {
		snprintf(why, NEXP_WHY_SIZE, "out of memory");
		return -ENOMEM;
	}
	set_persconffile_dir(NOWHERE);
	init_process_policies();
	problem = configuration_init("netexpert", NULL);
	if (problem) {
		snprintf(why, NEXP_WHY_SIZE, "libwireshark does not find its files: %s", problem);
		g_free(problem);
		return -EIO;
	}
	init_report_message("netexpert", &reports);
	has_begun = dlsym(RTLD_DEFAULT, "nexp_wiretap_has_begun");
	if (!has_begun || !*has_begun)
		wtap_init(FALSE);
	if (!epan_init(NULL, NULL, TRUE)) {
		snprintf(why, NEXP_WHY_SIZE, "libwireshark cannot be initialised");
		return -EIO;
	}
	epan_load_settings();
	prefs_apply_all();
	return 0;
}

/**
 * nexp_dissect_start() - make libwireshark ready
 * @why: why not.
 *
 * Does nothing but the first time. Takes 0.1 s and is never undone: libwireshark
 * cannot begin twice.
 *
 * Return: 0, -EIO or -ENOMEM.
 */
int nexp_dissect_start(char *why)
{
	static bool has_begun;
	static int err;

	if (!has_begun)
		err = start(why);
	else if (err)
		snprintf(why, NEXP_WHY_SIZE, "libwireshark could not be initialised before");
	has_begun = true;
	return err;
}
