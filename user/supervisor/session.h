/* SPDX-License-Identifier: GPL-2.0 */
/*
 * session - the supervisor's side of /dev/netexpert
 */
#ifndef NEXP_SESSION_H
#define NEXP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/netexpert.h>

#include "error.h"

#define NEXP_DEVICE	"/dev/netexpert"

/**
 * struct nexp_session - one open of the device
 * @fd: the file; -1 when closed. Readable when one of its pools' attachments
 *	has ended or its heap is back; nexp_pool_stat() acknowledges.
 * @info: what the module said about itself when it was opened.
 */
struct nexp_session {
	int fd;
	struct netexpert_info info;
};

/**
 * struct nexp_pool_config - what a pool shall be
 * @name: for people.
 * @nr_rings: rings; 0 leaves it to the module.
 * @snaplen: most bytes kept of a frame; 0 keeps all.
 * @ring_size: bytes of each ring, a power of two.
 * @history_size: bytes of each ring kept behind the reader.
 * @heap_limit: most bytes of heap, whole pages.
 * @wake_bytes: wake the reader when a ring has so much unread; 0 leaves it to the module.
 * @wake_usecs: wake it at the latest after so long; 0 leaves it to the module.
 * @postmortem: keep the heap of an expert that has ended until it is reclaimed.
 */
struct nexp_pool_config {
	const char *name;
	uint32_t nr_rings;
	uint32_t snaplen;
	uint64_t ring_size;
	uint64_t history_size;
	uint64_t heap_limit;
	uint32_t wake_bytes;
	uint32_t wake_usecs;
	bool postmortem;
};

/**
 * nexp_session_open() - open the device and check that we speak its language
 * @session: filled in; untouched on failure.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_session_open(struct nexp_session *session, struct nexp_error *err);

/**
 * nexp_session_close() - end the session and every pool it still has
 * @session: the session; closing twice is fine.
 */
void nexp_session_close(struct nexp_session *session);

/**
 * nexp_pool_create() - make a pool
 * @session: the session that will own it.
 * @config: what it shall be.
 * @ret_id: its id.
 * @ret_rings: how many rings it has.
 * @err: why not.
 *
 * Return: 0 or a negative errno.
 */
int nexp_pool_create(const struct nexp_session *session, const struct nexp_pool_config *config,
		     uint64_t *ret_id, uint32_t *ret_rings, struct nexp_error *err);

/**
 * nexp_pool_open() - begin a pool's next incarnation
 * @session: the session.
 * @pool_id: the pool.
 *
 * Return: the attachment, close-on-exec, or a negative errno. -EBUSY: the one
 * before is not over yet.
 */
int nexp_pool_open(const struct nexp_session *session, uint64_t pool_id);

/**
 * nexp_pool_injector() - make the file that puts frames into a pool
 * @session: the pool's session.
 * @pool_id: a pool of one ring.
 *
 * Return: the injector, or a negative errno.
 */
int nexp_pool_injector(const struct nexp_session *session, uint64_t pool_id);

/**
 * nexp_pool_terminate() - ask the expert to finish
 * @session: the session.
 * @pool_id: the pool.
 *
 * Return: 0 or a negative errno.
 */
int nexp_pool_terminate(const struct nexp_session *session, uint64_t pool_id);

/**
 * nexp_pool_freeze() - end the attachment, whatever its process does; keep the heap
 * @session: the session.
 * @pool_id: the pool.
 *
 * Return: 0 when nobody can write to it any more, also if it was kept already;
 * -EBUSY if it is being taken back, -ENODATA if no process had it, or another
 * negative errno.
 */
int nexp_pool_freeze(const struct nexp_session *session, uint64_t pool_id);

/**
 * nexp_pool_view() - read a pool's memory
 * @session: the session.
 * @pool_id: the pool.
 *
 * Return: a file, read-only and close-on-exec, or a negative errno.
 */
int nexp_pool_view(const struct nexp_session *session, uint64_t pool_id);

/**
 * nexp_pool_reclaim() - take everything back, whatever the process does
 * @session: the session.
 * @pool_id: the pool.
 *
 * Return: 0 or a negative errno.
 */
int nexp_pool_reclaim(const struct nexp_session *session, uint64_t pool_id);

/**
 * nexp_pool_destroy() - end a pool
 * @session: the session.
 * @pool_id: the pool.
 *
 * Return: 0 or a negative errno.
 */
int nexp_pool_destroy(const struct nexp_session *session, uint64_t pool_id);

/**
 * nexp_pool_stat() - read a pool's state and counters
 * @session: the session.
 * @pool_id: the pool, or with NETEXPERT_STAT_NEXT the one before it.
 * @flags: 0 or NETEXPERT_STAT_NEXT.
 * @rings: per-ring counters, or NULL.
 * @nr_rings: entries of @rings.
 * @ret: the answer; untouched on failure.
 *
 * Return: 0 or a negative errno.
 */
int nexp_pool_stat(const struct nexp_session *session, uint64_t pool_id, uint32_t flags,
		   struct netexpert_ring_stat *rings, uint32_t nr_rings,
		   struct netexpert_pool_stat *ret);

/**
 * nexp_pool_filter_text() - what a pool's filter is, in words
 * @session: the session.
 * @pool_id: the pool.
 * @text: room for NETEXPERT_FILTER_TEXT_LEN bytes; empty if there are no words.
 *
 * Return: how many link types it has programs for, 0 without a filter, or a
 * negative errno.
 */
int nexp_pool_filter_text(const struct nexp_session *session, uint64_t pool_id, char *text);

/**
 * nexp_stat_lost() - frames lost, whatever the cause
 * @stat: counters of a ring, or their sum.
 *
 * Return: their number.
 */
uint64_t nexp_stat_lost(const struct netexpert_ring_stat *stat);

/**
 * nexp_drop_name() - name of a drop cause
 * @cause: enum netexpert_drop.
 *
 * Return: a word with underscores, or NULL for a cause that this program does
 * not know.
 */
const char *nexp_drop_name(unsigned int cause);

#endif /* NEXP_SESSION_H */
