/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_LINK_H
#define NEXP_LINK_H

#include <pthread.h>
#include <stdbool.h>

#include "wire.h"

struct netexpert;

/**
 * struct nexp_link - the socket to the supervisor
 * @lock: Protects all below. Held from nexp_link_begin() to nexp_link_send().
 * @sock: not ours to close.
 * @nx: tells of terminate; NULL until the pool is there.
 * @wire: the message being written, in @bytes.
 * @is_gone: nobody is at the other end.
 * @is_stuck: the supervisor did not take the last word in time.
 */
struct nexp_link {
	pthread_mutex_t lock;
	int sock;
	struct netexpert *nx;
	struct nexp_wire wire;
	bool is_gone;
	bool is_stuck;
	uint8_t bytes[NEXP_WIRE_MAX];
};

int nexp_link_create(int sock, struct nexp_link **out_link);
void nexp_link_destroy(struct nexp_link *link);
void nexp_link_set_pool(struct nexp_link *link, struct netexpert *nx);

struct nexp_wire *nexp_link_begin(struct nexp_link *link,
				  enum nexp_wire_type type);
int nexp_link_send(struct nexp_link *link);

/* Whether nobody is at the other end any more. */
static inline bool nexp_link_is_gone(const struct nexp_link *link)
{
	return __atomic_load_n(&link->is_gone, __ATOMIC_RELAXED);
}

#endif /* NEXP_LINK_H */
