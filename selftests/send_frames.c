// SPDX-License-Identifier: GPL-2.0
/*
 * send_frames - send frames that no program here would send by itself
 *
 * send_frames INTERFACE FILE
 *
 * Each line of FILE is a frame in hexadecimal digits, blanks between them as one
 * likes; '#' begins a comment, and a frame that is short is filled up with zeros
 * to 60 bytes. Says how many were sent.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define JUMBO_FRAME_LEN	(ETH_HLEN + 9000)

static void die(const char *what, const char *why)
{
	fprintf(stderr, "send_frames: %s: %s\n", what, why);
	exit(1);
}

static int digit(const char **at)
{
	static const char digits[] = "0123456789abcdef";
	const char *found;

	while (isspace((unsigned char)**at))
		++*at;
	if (!**at || **at == '#')
		return -1;
	found = strchr(digits, tolower((unsigned char)**at));
	if (!found)
		die(*at, "no hexadecimal digit");
	++*at;
	return found - digits;
}

/* The frame of a line; its length, or 0 if there is none. */
static size_t parse(const char *line, unsigned char *frame, size_t room)
{
	size_t length = 0;
	int high, low;

	memset(frame, 0, room);
	while ((high = digit(&line)) >= 0) {
		low = digit(&line);
		if (low < 0 || length == room)
			die(line, low < 0 ? "half a byte" : "too long");
		frame[length++] = high << 4 | low;
	}
	return length && length < ETH_ZLEN ? ETH_ZLEN : length;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	unsigned char frame[JUMBO_FRAME_LEN];
	unsigned int sent = 0;
	char line[4 * JUMBO_FRAME_LEN];
	size_t length;
	FILE *file;
	int fd;

	if (argc != 3)
		die("usage", "send_frames INTERFACE FILE");
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	to.sll_ifindex = if_nametoindex(argv[1]);
	file = fopen(argv[2], "re");
	if (fd < 0 || !to.sll_ifindex || !file)
		die(!file ? argv[2] : argv[1], strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		length = parse(line, frame, sizeof(frame));
		if (!length)
			continue;
		if (sendto(fd, frame, length, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			die(line, strerror(errno));
		sent++;
	}
	printf("%u\n", sent);
	return 0;
}
