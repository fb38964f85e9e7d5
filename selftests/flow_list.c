// SPDX-License-Identifier: GPL-2.0
/*
 * flow_list - whose frames are in a pcap file
 *
 * flow_list [-b] FILE
 *
 * A line for each frame: the way it went (0 or 1), and the flow, which is the same
 * for both ways. Frames begin with an Ethernet header, or with -b with that of IP.
 * Fragments have no ports. It is written for what a test sends and ends with 2 where
 * it cannot make sense of something.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pcap_file.h"

struct end {
	unsigned char address[16];
	unsigned int port;
};

static int word(const unsigned char *at)
{
	return at[0] << 8 | at[1];
}

static void print_end(const struct end *end)
{
	unsigned int i;

	for (i = 0; i < sizeof(end->address); i++)
		printf("%02x", end->address[i]);
	printf(".%u", end->port);
}

static int print_flow(const char *kind, int protocol, const struct end *from, const struct end *to)
{
	int way = memcmp(from, to, sizeof(*from)) > 0;

	printf("%d %s %d ", way, kind, protocol);
	print_end(way ? to : from);
	printf(" ");
	print_end(way ? from : to);
	printf("\n");
	return 0;
}

static void set_ports(const unsigned char *at, struct end *from, struct end *to)
{
	from->port = word(at);
	to->port = word(at + 2);
}

static int has_ports(int protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

static int list_ipv4(const unsigned char *at, uint32_t length)
{
	struct end from = { .port = 0 }, to = { .port = 0 };
	uint32_t head = 4 * (at[0] & 15);
	int is_fragment;

	if (length < 20 || length < head + 4)
		return -1;
	is_fragment = word(at + 6) & 0x3fff;
	memcpy(from.address, at + 12, 4);
	memcpy(to.address, at + 16, 4);
	if (has_ports(at[9]) && !is_fragment)
		set_ports(at + head, &from, &to);
	return print_flow(is_fragment ? "fragment4" : "ip4", at[9], &from, &to);
}

/* A fragment header is the only one that comes between. */
static int list_ipv6(const unsigned char *at, uint32_t length)
{
	struct end from = { .port = 0 }, to = { .port = 0 };

	if (length < 44)
		return -1;
	memcpy(from.address, at + 8, 16);
	memcpy(to.address, at + 24, 16);
	if (at[6] == IPPROTO_FRAGMENT)
		return print_flow("fragment6", at[40], &from, &to);
	if (has_ports(at[6]))
		set_ports(at + 40, &from, &to);
	return print_flow("ip6", at[6], &from, &to);
}

static int list_ip(int type, const unsigned char *at, uint32_t length)
{
	return type == 0x0800 ? list_ipv4(at, length) : list_ipv6(at, length);
}

static int list_ethernet(const unsigned char *at, uint32_t length)
{
	struct end from = { .port = 0 }, to = { .port = 0 };
	uint32_t head = 14;
	int type;

	if (length < head)
		return -1;
	type = word(at + 12);
	while ((type == 0x8100 || type == 0x88a8) && length >= head + 4) {
		type = word(at + head + 2);
		head += 4;
	}
	if (type == 0x0800 || type == 0x86dd)
		return list_ip(type, at + head, length - head);
	memcpy(to.address, at, 6);
	memcpy(from.address, at + 6, 6);
	return print_flow("ether", type, &from, &to);
}

static int list(const unsigned char *at, const unsigned char *end, int is_bare)
{
	struct pcap_frame frame;

	while ((size_t)(end - at) >= sizeof(frame)) {
		memcpy(&frame, at, sizeof(frame));
		at += sizeof(frame);
		if ((size_t)(end - at) < frame.captured || !frame.captured ||
		    (is_bare ? list_ip(at[0] >> 4 == 4 ? 0x0800 : 0x86dd, at, frame.captured) :
			       list_ethernet(at, frame.captured)))
			return -1;
		at += frame.captured;
	}
	return at == end ? 0 : -1;
}

int main(int argc, char **argv)
{
	int is_bare = argc == 3 && !strcmp(argv[1], "-b");
	const unsigned char *bytes;
	struct stat st;
	int fd;

	if (argc != 2 && !is_bare) {
		fprintf(stderr, "usage: flow_list [-b] FILE\n");
		return 2;
	}
	fd = open(argv[argc - 1], O_RDONLY);
	if (fd < 0 || fstat(fd, &st) || st.st_size < (off_t)sizeof(struct pcap_head)) {
		fprintf(stderr, "flow_list: %s: not a pcap file\n", argv[argc - 1]);
		return 2;
	}
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED ||
	    list(bytes + sizeof(struct pcap_head), bytes + st.st_size, is_bare)) {
		fflush(stdout);
		fprintf(stderr, "flow_list: %s makes no sense\n", argv[argc - 1]);
		return 2;
	}
	return 0;
}
