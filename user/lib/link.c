// SPDX-License-Identifier: GPL-2.0
/*
 * link - the socket to the supervisor, and how long to wait for it
 *
 * A supervisor that does not read holds the expert up: events are not dropped.
 * Two things end the wait. A supervisor that is gone closes the socket. One that
 * asks the expert to finish gets the last word if it takes it within GRACE_MS;
 * after that nothing waits any more.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "link.h"
#include "now.h"
#include "pool.h"

#define GRACE_MS	1000

/**
 * nexp_link_create() - a link over a socket
 * @sock: SOCK_SEQPACKET; stays the caller's.
 * @out_link: the link.
 *
 * Return: 0 or -ENOMEM.
 */
int nexp_link_create(int sock, struct nexp_link **out_link)
{
	struct nexp_link *link = calloc(1, sizeof(*link));

	if (!link)
		return -ENOMEM;
	pthread_mutex_init(&link->lock, NULL);
	link->sock = sock;
	link->wire.bytes = link->bytes;
	*out_link = link;
	return 0;
}

/** nexp_link_destroy() - free a link; NULL is fine. */
void nexp_link_destroy(struct nexp_link *link)
{
	if (!link)
		return;
	pthread_mutex_destroy(&link->lock);
	free(link);
}

/** nexp_link_set_pool() - let terminate of @nx end waits. */
void nexp_link_set_pool(struct nexp_link *link, struct netexpert *nx)
{
	link->nx = nx;
}

/**
 * nexp_link_begin() - begin a message
 * @link: locked until nexp_link_send().
 * @type: what the message says.
 *
 * Return: where to append its fields.
 */
struct nexp_wire *nexp_link_begin(struct nexp_link *link,
				  enum nexp_wire_type type)
{
	pthread_mutex_lock(&link->lock);
	nexp_wire_begin(&link->wire, type);
	return &link->wire;
}

/* Sleeps until there may be room; says whether the expert shall finish. */
static bool wait_for_room(struct nexp_link *link, int timeout_ms)
{
	struct pollfd fds[2] = {
		{ .fd = link->sock, .events = POLLOUT },
		{ .fd = -1 },
	};

	/* Without events: only its hang-up counts, and not for ever. */
	if (link->nx && timeout_ms < 0)
		fds[1].fd = link->nx->poll_fd;
	poll(fds, 2, timeout_ms);
	return fds[1].revents || (link->nx && netexpert_terminating(link->nx));
}

static int send_message(struct nexp_link *link)
{
	bool ending = link->nx && netexpert_terminating(link->nx);
	uint64_t deadline = 0, now;
	int timeout_ms = -1;

	for (;;) {
		if (send(link->sock, link->bytes, link->wire.length,
			 MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
			__atomic_store_n(&link->is_gone, true,
					 __ATOMIC_RELAXED);
			return -EPIPE;
		}
		if (ending) {
			now = nexp_now_ms();
			if (!deadline)
				deadline = now + GRACE_MS;
			if (now >= deadline || link->is_stuck) {
				link->is_stuck = true;
				return -ESHUTDOWN;
			}
			timeout_ms = (int)(deadline - now);
		}
		ending |= wait_for_room(link, timeout_ms);
	}
}

/**
 * nexp_link_send() - complete a message and send it
 * @link: from nexp_link_begin(); unlocked again.
 *
 * Return: 0; -EMSGSIZE if the message is too long; -EPIPE if the supervisor is
 * gone; -ESHUTDOWN if it asks the expert to finish and does not read.
 */
int nexp_link_send(struct nexp_link *link)
{
	int err = nexp_wire_end(&link->wire);

	if (!err)
		err = send_message(link);
	pthread_mutex_unlock(&link->lock);
	return err;
}
