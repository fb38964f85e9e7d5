// SPDX-License-Identifier: GPL-2.0
/*
 * tun_mirror - the far end of a tun interface: sends back what comes
 *
 * tun_mirror IFACE
 *
 * Each IPv4 packet goes back with its two addresses exchanged, which no checksum
 * notices: so 'ping' of any address behind the interface is answered, by the
 * answers of this machine itself. Says "ready"; ends when it is killed.
 */
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	unsigned char packet[65536], address[4];
	ssize_t length;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: tun_mirror IFACE\n");
		return 2;
	}
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", argv[1]);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) {
		perror("tun_mirror");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while ((length = read(fd, packet, sizeof(packet))) > 0) {
		if (length < 20 || packet[0] >> 4 != 4)
			continue;
		memcpy(address, packet + 12, 4);
		memcpy(packet + 12, packet + 16, 4);
		memcpy(packet + 16, address, 4);
		if (write(fd, packet, length) != length)
			perror("tun_mirror");
	}
	return 0;
}
