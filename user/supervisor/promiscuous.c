// SPDX-License-Identifier: GPL-2.0
/*
 * promiscuous - interfaces that hear everything, for as long as somebody wants that
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_packet.h>

#include "promiscuous.h"

int nexp_promiscuous_open(struct nexp_error *err)
{
	/* Of no protocol: it gets no frames. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		return fd;
	if (errno == EPERM)
		return nexp_error_set(err, NEXP_FAILURE_PERMISSION, EPERM,
			"a packet socket is not permitted: it needs CAP_NET_RAW; run as root");
	return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "a packet socket: %s",
			      strerror(errno));
}

int nexp_promiscuous_want(int fd, unsigned int ifindex, struct nexp_error *err)
{
	struct packet_mreq request = {
		.mr_ifindex = (int)ifindex, .mr_type = PACKET_MR_PROMISC,
	};

	if (!setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)))
		return 0;
	return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "%s", strerror(errno));
}
