// SPDX-License-Identifier: GPL-2.0
/*
 * iface - network interfaces: finding them, noticing that one is gone
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "iface.h"

static int read_kind(const char *name, struct nexp_iface *ret)
{
	struct ifreq flags = { 0 }, address = { 0 };
	int fd, code = 0;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	snprintf(flags.ifr_name, sizeof(flags.ifr_name), "%s", name);
	snprintf(address.ifr_name, sizeof(address.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &flags) || ioctl(fd, SIOCGIFHWADDR, &address))
		code = errno;
	close(fd);
	ret->loopback = flags.ifr_flags & IFF_LOOPBACK;
	ret->link_type = address.ifr_hwaddr.sa_family;
	return -code;
}

int nexp_iface_find(const char *name, struct nexp_iface *ret, struct nexp_error *err)
{
	struct nexp_iface found = { 0 };
	int code;

	if (!strcmp(name, "any"))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
			"there is no interface 'any' here: name each interface with a "
			"-i of its own");
	if (strlen(name) >= sizeof(found.name))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENODEV,
			"no interface '%.64s': a name has at most %zu letters",
			name, sizeof(found.name) - 1);
	found.index = if_nametoindex(name);
	if (!found.index)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENODEV,
			"no interface '%s' in this network namespace: 'ip link' shows "
			"what there is", name);
	code = read_kind(name, &found);
	if (code)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, -code,
			"reading the kind of interface '%s': %s", name, strerror(-code));
	strcpy(found.name, name);
	*ret = found;
	return 0;
}

void nexp_iface_check(struct nexp_iface *iface)
{
	char name[IF_NAMESIZE];

	if (!iface->gone && !if_indextoname(iface->index, name))
		iface->gone = errno == ENXIO || errno == ENODEV;
}

int nexp_iface_watch_open(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd, code;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		code = errno;
		close(fd);
		return -code;
	}
	return fd;
}

void nexp_iface_watch_drain(int fd)
{
	char byte;
	ssize_t n;

	do {
		n = recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC);
	} while (n >= 0 || errno == ENOBUFS || errno == EINTR);
}
