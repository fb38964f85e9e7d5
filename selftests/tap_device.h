/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tap_device - a network device whose frames come from a test
 */
#ifndef NEXP_SELFTESTS_TAP_DEVICE_H
#define NEXP_SELFTESTS_TAP_DEVICE_H

#include "util.h"

#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static inline bool nexp_has_tap(void)
{
	return !access("/dev/net/tun", F_OK) || !system("modprobe -q tun 2>/dev/null");
}

/*
 * A device of our own, up; gone when the file is closed, to which each write is a
 * frame that it receives. Its index too.
 */
static inline int nexp_do_tap(struct __test_metadata *const _metadata, int flags,
			      int *ret_ifindex)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | flags);
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ASSERT_LE(0, fd);
	ASSERT_LE(0, sock);
	strcpy(request.ifr_name, "nexp%d");
	ASSERT_EQ(0, ioctl(fd, TUNSETIFF, &request));
	request.ifr_flags = IFF_UP;
	ASSERT_EQ(0, ioctl(sock, SIOCSIFFLAGS, &request));
	ASSERT_EQ(0, ioctl(sock, SIOCGIFINDEX, &request));
	*ret_ifindex = request.ifr_ifindex;
	close(sock);
	return fd;
}

#endif /* NEXP_SELFTESTS_TAP_DEVICE_H */
