/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host - the process that one expert runs in, seen from outside
 *
 * A host gets its attachment as fd 3, its socket as fd 4, /dev/null as input
 * and a pipe of ours as output, and nothing else of ours. Who has a file to write gets it
 * as fd 5; a writer the journal of that as fd 6, a plug-in a copy of its stored
 * configuration there; and of a file that can be read at will an expert gets that file as
 * fd 7, its index as fd 8 and the copy as fd 9. A host leads a process
 * group of its own: Ctrl-C at the terminal reaches only the supervisor, and
 * whatever the expert forks ends with it.
 */
#ifndef NEXP_HOST_H
#define NEXP_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "error.h"
#include "index.h"
#include "outfile.h"
#include "stored.h"

/**
 * struct nexp_host - a running host
 * @pid: its process, also its process group; 0 if there is none.
 * @pidfd: readable when the process has ended; -1 if there is none.
 * @socket: our end of its socket, non-blocking; -1 if closed.
 * @output: where its standard output and error arrive, non-blocking; -1 if
 *	closed.
 */
struct nexp_host {
	pid_t pid;
	int pidfd;
	int socket;
	int output;
};

/** NEXP_NO_HOST - a host that does not run. */
#define NEXP_NO_HOST	{ .pidfd = -1, .socket = -1, .output = -1 }

/**
 * struct nexp_host_args - what a host is told
 * @program: path of netexpert-host.
 * @plugin: path of the plug-in; NULL for a writer.
 * @output: what a writer writes, or the plug-in may write; NULL if there is none.
 * @name: the expert's name in this run.
 * @options: its options, or NULL.
 * @stored: its stored configuration, or NULL; for a plug-in.
 * @configure: call Configure and no more; then there need be no attachment.
 * @filter: which frames it wants, or NULL; for a writer.
 * @interfaces: names of its interfaces, with blanks between them, or of the file; NULL for a
 *	writer of a file's frames.
 * @display_filter: what the user wants to see, or NULL; for a plug-in.
 * @count: how many frames it gets; 0: no limit.
 * @snaplen: most bytes of each, 0: all.
 * @index: of the file that its frames are of, or NULL.
 */
struct nexp_host_args {
	const char *program;
	const char *plugin;
	const struct nexp_outfile *output;
	const char *name;
	const char *options;
	const struct nexp_stored *stored;
	bool configure;
	const char *filter;
	const char *interfaces;
	const char *display_filter;
	uint64_t count;
	uint32_t snaplen;
	const struct nexp_index *index;
};

/**
 * struct nexp_end - how a process ended, as waitid() tells it
 * @code: CLD_EXITED, CLD_KILLED or CLD_DUMPED.
 * @status: exit status, or signal.
 */
struct nexp_end {
	int code;
	int status;
};

/**
 * nexp_host_spawn() - start a host
 * @host: filled in; untouched on failure.
 * @args: what it is told.
 * @attachment: the attachment; stays the caller's, who should close it.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_host_spawn(struct nexp_host *host, const struct nexp_host_args *args, int attachment,
		    struct nexp_error *err);

/**
 * nexp_host_kill() - SIGKILL for the host and all that is in its group
 * @host: a host that was not reaped.
 */
void nexp_host_kill(const struct nexp_host *host);

/**
 * nexp_host_reap() - take the ended process off the table
 * @host: the host. Its group is killed first; then only @socket and @output
 *	are left of it, for what it may have said.
 * @ret: how it ended.
 *
 * Return: 0, or -EAGAIN if it has not ended.
 */
int nexp_host_reap(struct nexp_host *host, struct nexp_end *ret);

/**
 * nexp_host_close() - close what is left of a host
 * @host: a host that was reaped, or NEXP_NO_HOST.
 */
void nexp_host_close(struct nexp_host *host);

/**
 * nexp_end_describe() - how a process ended, in words
 * @end: how it ended.
 * @text: the words go here.
 * @size: bytes there.
 */
void nexp_end_describe(const struct nexp_end *end, char *text, size_t size);

#endif /* NEXP_HOST_H */
