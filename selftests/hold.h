/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hold - one thing that keeps the module from being unloaded, and nothing else
 */
#ifndef NEXP_SELFTESTS_HOLD_H
#define NEXP_SELFTESTS_HOLD_H

#include "child.h"
#include "feed.h"

/**
 * struct nexp_hold - what is held
 * @fd: a file, or -1.
 * @window: a mapping without a file, or NULL.
 * @size: its bytes.
 */
struct nexp_hold {
	int fd;
	void *window;
	size_t size;
};

/* Closes what is no -1, and keeps errno. */
static inline void nexp_hold_close(int fd)
{
	int code = errno;

	if (fd >= 0)
		close(fd);
	errno = code;
}

static inline int nexp_hold_pool(int *session, __u64 *pool)
{
	struct netexpert_pool_create args = nexp_pool_args();
	int ret;

	*session = __nexp_do_session();
	if (*session < 0)
		return *session;
	ret = __nexp_do_pool(*session, &args);
	*pool = args.out_pool_id;
	if (ret)
		close(*session);
	return ret;
}

/* A session that has a pool. */
static inline int nexp_hold_session(struct nexp_hold *hold)
{
	__u64 pool;

	return nexp_hold_pool(&hold->fd, &pool);
}

/* A file of a pool that is gone. */
static inline int nexp_hold_file(struct nexp_hold *hold, int (*open_file)(int session, __u64 pool))
{
	__u64 pool;
	int session, ret = nexp_hold_pool(&session, &pool);

	if (ret)
		return ret;
	hold->fd = open_file(session, pool);
	close(session);
	return hold->fd < 0 ? hold->fd : 0;
}

static inline int nexp_hold_attachment(struct nexp_hold *hold)
{
	return nexp_hold_file(hold, __nexp_do_open);
}

static inline int nexp_hold_view(struct nexp_hold *hold)
{
	return nexp_hold_file(hold, __nexp_do_view);
}

/* An attachment's file whose expert is dead. */
static inline int nexp_hold_husk(struct nexp_hold *hold)
{
	struct netexpert_attach attach;
	__u64 pool;
	int session, status, ret = nexp_hold_pool(&session, &pool);
	pid_t pid;

	if (ret)
		return ret;
	hold->fd = __nexp_do_open(session, pool);
	pid = fork();
	if (pid == 0)
		_exit(__nexp_do_attach(hold->fd, &attach) ? 1 : 0);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		ret = -ECHILD;
	close(session);
	if (hold->fd < 0)
		return hold->fd;
	if (!ret && !nexp_becomes(__nexp_do_commit(hold->fd, 0, 4096) == -ESTALE))
		ret = -ETIME;
	return ret;
}

static inline int nexp_hold_window(struct nexp_hold *hold)
{
	struct netexpert_attach attach;
	__u64 pool;
	int session, fd, ret = nexp_hold_pool(&session, &pool);

	if (ret)
		return ret;
	fd = __nexp_do_open(session, pool);
	ret = fd < 0 ? fd : __nexp_do_attach(fd, &attach);
	if (!ret) {
		hold->size = attach.out_status_size;
		hold->window = __nexp_do_map(fd, NETEXPERT_MAP_STATUS, hold->size, PROT_READ);
		ret = hold->window == MAP_FAILED ? -errno : 0;
	}
	nexp_hold_close(fd);
	close(session);
	return ret;
}

/* A loaded BPF program that calls the kfunc. */
static inline int nexp_hold_program(struct nexp_hold *hold)
{
	struct nexp_feed feed = { .pool_id = 1 };

	hold->fd = __nexp_do_load(&feed);
	return hold->fd < 0 ? hold->fd : 0;
}

/**
 * nexp_hold() - hold the module in one way
 * @what: session, attachment, husk, window, view or program.
 * @hold: filled in; give it to nexp_hold_end().
 *
 * Return: 0 or -errno; -EINVAL if @what is none of these.
 */
static inline int nexp_hold(const char *what, struct nexp_hold *hold)
{
	static const struct {
		const char *name;
		int (*hold)(struct nexp_hold *hold);
	} ways[] = {
		{ "session", nexp_hold_session },	{ "attachment", nexp_hold_attachment },
		{ "husk", nexp_hold_husk },		{ "window", nexp_hold_window },
		{ "view", nexp_hold_view },		{ "program", nexp_hold_program },
	};
	size_t i;

	*hold = (struct nexp_hold){ .fd = -1 };
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(what, ways[i].name))
			return ways[i].hold(hold);
	return -EINVAL;
}

/* The last close. */
static inline void nexp_hold_end(const struct nexp_hold *hold)
{
	if (hold->window)
		munmap(hold->window, hold->size);
	if (hold->fd >= 0)
		close(hold->fd);
}

#endif /* NEXP_SELFTESTS_HOLD_H */
