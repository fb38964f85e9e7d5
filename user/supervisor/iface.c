// SPDX-License-Identifier: GPL-2.0
/*
 * iface - network interfaces as the kernel tells of them, and when they change
 */
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "iface.h"

/* More than the kernel puts into one message of an answer. */
#define ANSWER_SIZE	65536

/* What is found, as it grows. */
struct found {
	struct nexp_iface *ifaces;
	unsigned int nr;
	unsigned int room;
};

int nexp_iface_check_name(const char *name, struct nexp_error *err)
{
	const char *at;

	if (!*name || strlen(name) >= IF_NAMESIZE)
		return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			"'%.64s' cannot be an interface: a name has 1 to %d letters", name,
			IF_NAMESIZE - 1);
	for (at = name; *at && *at != '/' && *at != ':' && !isspace((unsigned char)*at); at++)
		;
	if (*at || !strcmp(name, ".") || !strcmp(name, ".."))
		return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			"'%s' cannot be an interface: a name is not '.' or '..' and has neither "
			"blanks nor '/' nor ':' in it", name);
	return 0;
}

static int open_netlink(unsigned int groups, int flags)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd, code;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		code = errno;
		close(fd);
		return -code;
	}
	return fd;
}

int nexp_iface_open(void)
{
	return open_netlink(0, 0);
}

static int keep(struct found *found, const struct nexp_iface *iface)
{
	struct nexp_iface *more;

	if (found->nr == found->room) {
		found->room = found->room ? 2 * found->room : 16;
		more = reallocarray(found->ifaces, found->room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		found->ifaces = more;
	}
	found->ifaces[found->nr++] = *iface;
	return 0;
}

static bool has_xdp(struct rtattr *nest)
{
	struct rtattr *attr = RTA_DATA(nest);
	int left = (int)RTA_PAYLOAD(nest);

	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == IFLA_XDP_ATTACHED)
			return *(uint8_t *)RTA_DATA(attr) != XDP_ATTACHED_NONE;
	return false;
}

static bool is_kind(struct rtattr *nest, const char *kind)
{
	struct rtattr *attr = RTA_DATA(nest);
	int left = (int)RTA_PAYLOAD(nest);

	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == IFLA_INFO_KIND)
			return RTA_PAYLOAD(attr) > strlen(kind) &&
			       !strcmp(RTA_DATA(attr), kind);
	return false;
}

/* One interface of an answer. */
static int take(struct found *found, struct nlmsghdr *head)
{
	const struct ifinfomsg *info = NLMSG_DATA(head);
	struct rtattr *attr = IFLA_RTA(info);
	int left = (int)IFLA_PAYLOAD(head);
	struct nexp_iface iface = {
		.index = (unsigned int)info->ifi_index,
		.link_type = info->ifi_type,
		.loopback = info->ifi_flags & IFF_LOOPBACK,
		.bond = info->ifi_flags & IFF_MASTER,
		.up = info->ifi_flags & IFF_UP,
	};

	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left)) {
		if (attr->rta_type == IFLA_IFNAME)
			snprintf(iface.name, sizeof(iface.name), "%.*s",
				 (int)RTA_PAYLOAD(attr), (const char *)RTA_DATA(attr));
		else if ((attr->rta_type & NLA_TYPE_MASK) == IFLA_XDP)
			iface.xdp = has_xdp(attr);
		else if ((attr->rta_type & NLA_TYPE_MASK) == IFLA_LINKINFO)
			iface.vrf = is_kind(attr, "vrf");
	}
	return keep(found, &iface);
}

/*
 * Return: 1 if more is to come, 0 at the end of the answer, or a negative errno.
 * A list that changes meanwhile is no reason to ask again: the kernel walks it by
 * index, so what was there all the time is in it, and of the rest the watch tells.
 */
static int hear(struct found *found, int fd, char *answer)
{
	struct nlmsghdr *head = (struct nlmsghdr *)answer;
	ssize_t size;
	int ret;

	do {
		size = recv(fd, answer, ANSWER_SIZE, MSG_TRUNC);
	} while (size < 0 && errno == EINTR);
	if (size < 0)
		return -errno;
	if (size > ANSWER_SIZE)
		return -EMSGSIZE;
	for (; NLMSG_OK(head, size); head = NLMSG_NEXT(head, size)) {
		if (head->nlmsg_type == NLMSG_DONE)
			return 0;
		if (head->nlmsg_type == NLMSG_ERROR)
			return ((struct nlmsgerr *)NLMSG_DATA(head))->error;
		ret = head->nlmsg_type == RTM_NEWLINK ? take(found, head) : 0;
		if (ret || !(head->nlmsg_flags & NLM_F_MULTI))
			return ret;
	}
	return 1;
}

/* One interface by its name, or with NULL all of them. */
static int ask(int fd, const char *name, struct found *found)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg info;
		struct rtattr mask_head;
		uint32_t mask;
		struct rtattr name_head;
		char name[IF_NAMESIZE];
	} request = {
		.head = {
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | (name ? 0 : NLM_F_DUMP),
			.nlmsg_len = name ? sizeof(request) : offsetof(typeof(request), name_head),
		},
		.mask_head = { RTA_LENGTH(sizeof(request.mask)), IFLA_EXT_MASK },
		.mask = RTEXT_FILTER_SKIP_STATS,
		.name_head = { RTA_LENGTH(sizeof(request.name)), IFLA_IFNAME },
	};
	char *answer;
	int ret = 1;

	if (name)
		snprintf(request.name, sizeof(request.name), "%s", name);
	answer = malloc(ANSWER_SIZE);
	if (!answer)
		return -ENOMEM;
	if (send(fd, &request, request.head.nlmsg_len, 0) < 0)
		ret = -errno;
	while (ret > 0)
		ret = hear(found, fd, answer);
	free(answer);
	return ret;
}

int nexp_iface_find(int fd, const char *name, struct nexp_iface *ret)
{
	struct found found = { 0 };
	int code;

	code = ask(fd, name, &found);
	if (!code && found.nr == 1)
		*ret = found.ifaces[0];
	else if (!code)
		code = -ENODEV;
	free(found.ifaces);
	return code;
}

int nexp_iface_list(int fd, struct nexp_iface **ret, unsigned int *ret_nr)
{
	struct found found = { 0 };
	int code;

	code = ask(fd, NULL, &found);
	if (code) {
		free(found.ifaces);
		return code;
	}
	*ret = found.ifaces;
	*ret_nr = found.nr;
	return 0;
}

int nexp_iface_watch_open(void)
{
	return open_netlink(RTMGRP_LINK, SOCK_NONBLOCK);
}

void nexp_iface_watch_drain(int fd)
{
	char byte;
	ssize_t n;

	do {
		n = recv(fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_TRUNC);
	} while (n >= 0 || errno == ENOBUFS || errno == EINTR);
}
