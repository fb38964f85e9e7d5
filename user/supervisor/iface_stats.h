/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iface_stats - what the kernel counts of an interface; not ours
 *
 * What a card or its driver loses before the kernel has a frame, nobody can
 * capture: our counters know nothing of it, these do.
 */
#ifndef NEXP_IFACE_STATS_H
#define NEXP_IFACE_STATS_H

#include <stdint.h>

/**
 * struct nexp_iface_stats - counters of struct rtnl_link_stats64
 * @rx_missed: no room in the device: no capture saw these frames.
 * @rx_over: the device was overrun: no capture saw these frames.
 * @rx_fifo: likewise; some drivers count here what they have no room for.
 * @rx_dropped: dropped on the way in: by the driver or a full backlog, before any
 *	capture, or behind it because nobody wanted the protocol. The kernel makes
 *	no difference.
 * @rx_nohandler: nobody took them, on an inactive port; captures have seen them.
 * @tx_dropped: dropped on the way out, in the driver; captures have seen them.
 */
struct nexp_iface_stats {
	uint64_t rx_missed;
	uint64_t rx_over;
	uint64_t rx_fifo;
	uint64_t rx_dropped;
	uint64_t rx_nohandler;
	uint64_t tx_dropped;
};

/**
 * nexp_iface_stats_read() - read an interface's counters
 * @fd: from nexp_iface_open().
 * @index: the interface.
 * @ret: filled in; untouched on failure.
 *
 * Return: 0, -ENODEV if there is none, or another negative errno.
 */
int nexp_iface_stats_read(int fd, unsigned int index, struct nexp_iface_stats *ret);

/**
 * nexp_iface_stats_since() - what was counted since then
 * @stats: counters now; what they were at @then is taken off.
 * @then: counters of the same interface, earlier. A driver that has begun anew
 *	meanwhile counts from 0.
 */
void nexp_iface_stats_since(struct nexp_iface_stats *stats, const struct nexp_iface_stats *then);

#endif /* NEXP_IFACE_STATS_H */
