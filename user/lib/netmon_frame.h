/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_NETMON_FRAME_H
#define NEXP_NETMON_FRAME_H

#include "key.h"

struct nexp_key *nexp_frame_lock(HFRAME handle, struct netexpert_frame *out_frame);
bool nexp_is_ethernet(const struct netexpert_record *record);

static inline void nexp_frame_unlock(struct nexp_key *key)
{
	pthread_mutex_unlock(&key->frame_lock);
}

#endif /* NEXP_NETMON_FRAME_H */
