/* SPDX-License-Identifier: GPL-2.0 */
/*
 * show - what the expert in this process says, as a run would show it
 *
 * A thread at the other end of the expert's socket, where a run has its supervisor.
 */
#ifndef NEXP_SHOW_H
#define NEXP_SHOW_H

#include <stdbool.h>

#include "../lib/memfd.h"

struct nexp_show;

/**
 * struct nexp_show_args - what is to be shown
 * @name: the expert's name.
 * @file: the capture file's.
 * @json: as JSON lines, not for people.
 * @socket: what the expert says arrives here; not owned.
 * @signals: Ctrl-C arrives here; the first asks the expert to finish. Not owned.
 * @pool: the expert's.
 */
struct nexp_show_args {
	const char *name;
	const char *file;
	bool json;
	int socket;
	int signals;
	struct nexp_memfd *pool;
};

/**
 * nexp_show_say() - a line on standard error, as every part of netexpert writes it
 * @fmt: as for printf(), without a final newline.
 */
void nexp_show_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * nexp_show_start() - begin to listen
 * @ret: the thread.
 * @args: what is to be shown; its strings must outlive it.
 *
 * Return: 0 or a negative errno.
 */
int nexp_show_start(struct nexp_show **ret, const struct nexp_show_args *args);

/** nexp_show_fd() - a file that is readable when all is shown. */
int nexp_show_fd(const struct nexp_show *show);

/**
 * nexp_show_file() - tell what there is to be said of the file
 * @show: the thread; it has been joined.
 * @said: that.
 */
void nexp_show_file(struct nexp_show *show, const char *said);

/**
 * nexp_show_join() - wait until all is shown
 * @show: the thread. The other end of its socket is closed.
 */
void nexp_show_join(struct nexp_show *show);

/**
 * nexp_show_free() - leave nothing behind
 * @show: a thread that has been joined.
 *
 * Return: whether the expert has finished.
 */
bool nexp_show_free(struct nexp_show *show);

#endif /* NEXP_SHOW_H */
