// SPDX-License-Identifier: GPL-2.0
/*
 * udp_numbers - send numbered datagrams at a steady rate
 *
 * udp_numbers ADDRESS PORT FIRST COUNT PER_SECOND [FROM]
 *
 * Each is 64 bytes and begins with its number, 64 bits in this machine's order. FROM
 * is the port that they come from; without it, it is any.
 * What nobody listens for is refused by the other side; that is ignored.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET }, from = { .sin_family = AF_INET };
	struct timespec next;
	uint64_t number, end;
	char bytes[64] = "";
	long pause_ns;
	int fd;

	if ((argc != 6 && argc != 7) || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		fprintf(stderr,
			"usage: udp_numbers ADDRESS PORT FIRST COUNT PER_SECOND [FROM]\n");
		return 2;
	}
	to.sin_port = htons(atoi(argv[2]));
	number = strtoull(argv[3], NULL, 10);
	end = number + strtoull(argv[4], NULL, 10);
	pause_ns = 1000000000L / atol(argv[5]);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	from.sin_port = htons(argc == 7 ? atoi(argv[6]) : 0);
	if (bind(fd, (struct sockaddr *)&from, sizeof(from))) {
		perror("bind");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (; number < end; number++) {
		memcpy(bytes, &number, sizeof(number));
		if (sendto(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&to,
			   sizeof(to)) != sizeof(bytes)) {
			perror("sendto");
			return 1;
		}
		next.tv_nsec += pause_ns;
		if (next.tv_nsec >= 1000000000L) {
			next.tv_nsec -= 1000000000L;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
	}
	return 0;
}
