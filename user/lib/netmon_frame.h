/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon_frame - frames by their handles, for who needs more of them
 */
#ifndef NEXP_NETMON_FRAME_H
#define NEXP_NETMON_FRAME_H

#include "key.h"

/* Which of a frame's addresses. */
enum nexp_side {
	NEXP_SOURCE,
	NEXP_DESTINATION,
};

struct nexp_key *nexp_key_lock(uintptr_t value);
struct nexp_key *nexp_capture_lock(HCAPTURE handle);
struct nexp_key *nexp_frame_lock(HFRAME handle, struct netexpert_frame *out_frame);
DWORD nexp_frame_error(int err);
DWORD nexp_frame_specified(struct nexp_key *key, DWORD number, uint64_t *out_serial,
			   struct netexpert_frame *frame);
bool nexp_is_ethernet(const struct netexpert_record *record);
ULPFRAME nexp_frame_tail(const struct netexpert_record *record);

DWORD nexp_address_size(DWORD type);
bool nexp_frame_has_address(const struct netexpert_frame *frame, enum nexp_side side,
			    const ADDRESS2 *address);

static inline void nexp_frame_unlock(struct nexp_key *key)
{
	pthread_mutex_unlock(&key->frame_lock);
}

#endif /* NEXP_NETMON_FRAME_H */
