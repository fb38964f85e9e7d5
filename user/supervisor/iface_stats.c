// SPDX-License-Identifier: GPL-2.0
/*
 * iface_stats - what the kernel counts of an interface; not ours
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "iface_stats.h"

static int take(const struct nlmsghdr *head, struct nexp_iface_stats *ret)
{
	const struct if_stats_msg *info = NLMSG_DATA(head);
	const struct rtattr *attr = (const void *)((const char *)info +
						   NLMSG_ALIGN(sizeof(*info)));
	int left = (int)NLMSG_PAYLOAD(head, sizeof(*info));
	struct rtnl_link_stats64 stats = { 0 };
	size_t size;

	while (RTA_OK(attr, left) && attr->rta_type != IFLA_STATS_LINK_64)
		attr = RTA_NEXT(attr, left);
	if (!RTA_OK(attr, left))
		return -EPROTO;
	/* Kernels append to it. */
	size = RTA_PAYLOAD(attr);
	memcpy(&stats, RTA_DATA(attr), size < sizeof(stats) ? size : sizeof(stats));
	*ret = (struct nexp_iface_stats){
		.rx_missed = stats.rx_missed_errors,
		.rx_over = stats.rx_over_errors,
		.rx_fifo = stats.rx_fifo_errors,
		.rx_dropped = stats.rx_dropped,
		.rx_nohandler = stats.rx_nohandler,
		.tx_dropped = stats.tx_dropped,
	};
	return 0;
}

int nexp_iface_stats_read(int fd, unsigned int index, struct nexp_iface_stats *ret)
{
	struct {
		struct nlmsghdr head;
		struct if_stats_msg info;
	} request = {
		.head = {
			.nlmsg_type = RTM_GETSTATS,
			.nlmsg_flags = NLM_F_REQUEST,
			.nlmsg_len = sizeof(request),
		},
		.info = {
			.ifindex = index,
			.filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64),
		},
	};
	char answer[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *head = (const void *)answer;
	ssize_t size;

	if (send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	do {
		size = recv(fd, answer, sizeof(answer), MSG_TRUNC);
	} while (size < 0 && errno == EINTR);
	if (size < 0)
		return -errno;
	if (size > (ssize_t)sizeof(answer))
		return -EMSGSIZE;
	if (!NLMSG_OK(head, size))
		return -EPROTO;
	if (head->nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(head))->error;
	return head->nlmsg_type == RTM_NEWSTATS ? take(head, ret) : -EPROTO;
}

static void since(uint64_t *now, uint64_t then)
{
	if (*now >= then)
		*now -= then;
}

void nexp_iface_stats_since(struct nexp_iface_stats *stats, const struct nexp_iface_stats *then)
{
	since(&stats->rx_missed, then->rx_missed);
	since(&stats->rx_over, then->rx_over);
	since(&stats->rx_fifo, then->rx_fifo);
	since(&stats->rx_dropped, then->rx_dropped);
	since(&stats->rx_nohandler, then->rx_nohandler);
	since(&stats->tx_dropped, then->tx_dropped);
}
