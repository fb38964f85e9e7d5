/* SPDX-License-Identifier: GPL-2.0 */
/*
 * key - a memfd pool with a live key, and the supervisor's end of its socket
 */
#ifndef NEXP_UNIT_KEY_H
#define NEXP_UNIT_KEY_H

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"
#include "user/lib/key.h"
#include "user/supervisor/decode.h"

struct unit_key {
	struct unit unit;
	struct nexp_link *link;
	int ours;
	int theirs;
	EXPERTSTARTUPINFO startup;
	HEXPERTKEY key;
};

/* A message of the expert; its texts point into @bytes. */
struct unit_message {
	struct nexp_message message;
	uint8_t bytes[NEXP_WIRE_MAX];
};

static inline int unit_key_open_with(struct unit_key *u,
				     const struct nexp_memfd_params *params)
{
	int fds[2];

	memset(u, 0, sizeof(*u));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds))
		return -errno;
	u->ours = fds[0];
	u->theirs = fds[1];
	u->startup.dwFrameNumber = INVALID_FRAME_NUMBER;
	strcpy(u->startup.szCaptureFile, "eth0 eth1");
	return unit_open_with(&u->unit, params) ?:
	       nexp_link_create(u->theirs, &u->link) ?:
	       (nexp_link_set_pool(u->link, u->unit.nx), 0) ?:
	       nexp_key_begin(u->unit.nx, u->link, &u->startup, &u->key);
}

static inline int unit_key_open(struct unit_key *u, uint64_t heap_size,
				uint64_t heap_limit)
{
	struct nexp_memfd_params params = {
		.nr_rings = 1,
		.ring_size = UNIT_RING_SIZE,
		.heap_size = heap_size,
		.heap_limit = heap_limit,
	};

	return unit_key_open_with(u, &params);
}

static inline void unit_key_close(struct unit_key *u)
{
	nexp_key_end(u->key, NULL);
	nexp_link_destroy(u->link);
	unit_close(&u->unit);
	if (u->ours >= 0)
		close(u->ours);
	close(u->theirs);
}

/* The next message; -EAGAIN if there is none within @timeout_ms. */
static inline int unit_hear(struct unit_key *u, struct unit_message *m,
			    int timeout_ms)
{
	struct pollfd pfd = { .fd = u->ours, .events = POLLIN };
	const char *why;
	ssize_t size;

	if (poll(&pfd, 1, timeout_ms) <= 0)
		return -EAGAIN;
	size = recv(u->ours, m->bytes, sizeof(m->bytes), MSG_DONTWAIT);
	if (size < 0)
		return -errno;
	return nexp_decode(m->bytes, (size_t)size, &m->message, &why);
}

static inline bool unit_text_is(const struct nexp_text *text, const char *is)
{
	if (!is || !text->bytes)
		return !is && !text->bytes;
	return text->length == strlen(is) &&
	       !memcmp(text->bytes, is, text->length);
}

#endif /* NEXP_UNIT_KEY_H */
