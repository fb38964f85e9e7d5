// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/book_file.h"
#include "expert.h"

/* Large, and for this run only: what /var/tmp is for. */
#define FOLDER	"/var/tmp"

static int open_again(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A file without a name, and what only reads it. */
static int make_file(int *file, int *view)
{
	const char *folder = secure_getenv("TMPDIR") ?: FOLDER;
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/netexpert-XXXXXX", folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	*file = mkostemp(path, O_CLOEXEC);
	if (*file < 0)
		return -errno;
	unlink(path);
	*view = open_again(*file);
	return *view < 0 ? *view : 0;
}

static int make_files(struct nexp_index *index)
{
	int ret = make_file(&index->index, &index->index_view);

	if (!ret && ftruncate(index->index, NEXP_BOOK_ENTRIES))
		ret = -errno;
	return ret ? ret : make_file(&index->copy, &index->copy_view);
}

int nexp_index_open(struct nexp_expert *expert, struct nexp_error *err)
{
	const int *input = expert->spec.input;
	struct stat st;
	int ret;

	if (!input || !expert->spec.plugin || !strcmp(expert->context->file, "-") ||
	    fstat(*input, &st) || !S_ISREG(st.st_mode))
		return 0;
	ret = make_files(&expert->index);
	if (ret)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -ret,
			"-r: no file for an index in %s: %s; TMPDIR names another folder for it",
			secure_getenv("TMPDIR") ?: FOLDER, strerror(-ret));
	ret = open_again(*input);
	if (ret < 0)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -ret, "-r %s, once more: %s",
				      expert->context->file, strerror(-ret));
	expert->index.file = ret;
	return 0;
}

static void tell_failure(struct nexp_expert *expert, const char *why)
{
	struct nexp_news news = { .kind = NEXP_NEWS_FILE };
	char text[768];

	snprintf(text, sizeof(text), "frames can't be had out of turn: %s", why);
	news.text = text;
	news.length = strlen(text);
	nexp_expert_tell(expert, &news);
}

int nexp_index_fail(int index)
{
	static const uint32_t failed = NEXP_BOOK_FAILED;
	const off_t at = offsetof(struct nexp_book_head, state);
	uint32_t state;

	if (pread(index, &state, sizeof(state), at) == sizeof(state) &&
	    state == NEXP_BOOK_COMPLETE)
		return 0;
	return pwrite(index, &failed, sizeof(failed), at) == sizeof(failed) ? 0 : -errno;
}

/* If that fails they wait in vain, until they are asked to finish. */
static void set_failed(struct nexp_expert *expert)
{
	int err = nexp_index_fail(expert->index.index);

	if (err)
		tell_failure(expert, strerror(-err));
}

static void destroy_pool(struct nexp_expert *expert)
{
	if (expert->index.pool_id)
		nexp_pool_destroy(&expert->context->session, expert->index.pool_id);
	expert->index.pool_id = 0;
}

/* The maker has ended: well if the index is complete. */
static void on_end(void *owner)
{
	struct nexp_expert *expert = owner;
	struct nexp_index *index = &expert->index;
	char text[512];
	int ret;

	if (!index->maker.pid)
		return;
	nexp_loop_remove(expert->context->loop, index->maker.pidfd);
	/* Somebody debugs it; it is reaped when all is over. */
	if (!nexp_reader_has_ended(&index->maker))
		return;
	ret = nexp_reader_reap(&index->maker, text, sizeof(text));
	destroy_pool(expert);
	set_failed(expert);
	if (ret)
		tell_failure(expert, text);
}

/* The injector of a pool that knows the filter; 0 without a filter, -1 with @err set. */
static int ask_pool(struct nexp_expert *expert, struct nexp_error *err)
{
	const struct nexp_session *session = &expert->context->session;
	struct nexp_pool_config config = expert->context->pool;
	char name[NETEXPERT_NAME_LEN];
	uint32_t nr_rings;
	int injector, ret;

	if (!expert->spec.filter)
		return 0;
	snprintf(name, sizeof(name), "%.*s-index", (int)sizeof(name) - 7,
		 expert->spec.name);
	config.name = name;
	config.nr_rings = 1;
	config.history_size = 0;
	ret = nexp_pool_create(session, &config, &expert->index.pool_id, &nr_rings, err);
	if (!ret)
		ret = nexp_filter_set(&expert->filter, session, expert->index.pool_id, err);
	if (ret)
		return -1;
	injector = nexp_pool_injector(session, expert->index.pool_id);
	if (injector >= 0)
		return injector;
	nexp_error_set(err, NEXP_FAILURE_OTHER, -injector, "an injector: %s",
		       strerror(-injector));
	return -1;
}

static int spawn(struct nexp_expert *expert, struct nexp_error *err)
{
	struct nexp_index *index = &expert->index;
	int injector = ask_pool(expert, err), file, ret;

	if (injector < 0)
		return -1;
	/* It reads from the start, whoever else is where. */
	file = open_again(index->file);
	ret = file < 0 ? nexp_error_set(err, NEXP_FAILURE_OTHER, -file, "the file: %s",
					strerror(-file)) :
	      nexp_indexer_spawn(&index->maker, expert->context->reader_program,
				 &(struct nexp_indexer_files) {
					.file = file,
					.injector = injector ?: -1,
					.index = index->index,
					.copy = index->copy,
				 }, err);
	if (file >= 0)
		close(file);
	if (injector)
		close(injector);
	return ret;
}

void nexp_index_make(struct nexp_expert *expert)
{
	struct nexp_index *index = &expert->index;
	struct nexp_error err;
	int ret;

	if (index->file < 0 || index->was_asked_for)
		return;
	index->was_asked_for = true;
	ret = expert->stopping ? -1 : spawn(expert, &err);
	if (!ret) {
		index->on_end = (struct nexp_source){ .ready = on_end, .owner = expert };
		ret = nexp_loop_add(expert->context->loop, index->maker.pidfd,
				    &index->on_end);
		if (!ret)
			return;
		nexp_error_set(&err, NEXP_FAILURE_OTHER, -ret, "waiting for it: %s",
			       strerror(-ret));
		nexp_reader_end(&index->maker);
	}
	destroy_pool(expert);
	set_failed(expert);
	if (!expert->stopping)
		tell_failure(expert, err.text);
}

void nexp_index_stop(struct nexp_expert *expert)
{
	if (expert->index.maker.pid)
		nexp_reader_end(&expert->index.maker);
}

void nexp_index_close(struct nexp_expert *expert)
{
	struct nexp_index *index = &expert->index;
	int *files[] = { &index->file, &index->index, &index->copy, &index->index_view,
			 &index->copy_view };
	struct pollfd wait = { .fd = index->maker.pidfd, .events = POLLIN };
	unsigned int i;

	if (index->maker.pid) {
		nexp_reader_end(&index->maker);
		poll(&wait, 1, NEXP_DIE_NS / NEXP_NS_PER_MS);
		nexp_loop_remove(expert->context->loop, index->maker.pidfd);
		nexp_reader_forget(&index->maker);
	}
	destroy_pool(expert);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (*files[i] >= 0)
			close(*files[i]);
		*files[i] = -1;
	}
}
