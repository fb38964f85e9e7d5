// SPDX-License-Identifier: GPL-2.0
/*
 * number-log - an expert that notes the number in every datagram to a port
 *
 * number-log=FILE,PORT[,SLEEP_US[,DIE_EVERY]]; of workers each has a file of its own,
 * FILE#1 and so on. Each UDP datagram over IPv4 to PORT begins with a 64-bit number.
 * The expert notes its process, the number and how many frames were lost since it
 * noted one before (all but those to PORT should be filtered away), in one small
 * write, which is there in full or not at all however the process ends, and only then
 * asks for the next frame. With DIE_EVERY it kills itself when it has noted every so
 * manieth number, with that frame in hand; not a second time for the same one.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "common.h"
#include "keep_options.h"

#define IP_AT		14
#define PROTO_AT	(IP_AT + 9)

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "number-log", "notes numbers of datagrams");
}

static int find_number(const BYTE *bytes, DWORD length, unsigned int port,
		       uint64_t *number)
{
	DWORD udp;

	if (length < PROTO_AT + 1 || bytes[12] != 0x08 || bytes[13] != 0x00 ||
	    bytes[PROTO_AT] != 17)
		return 0;
	udp = IP_AT + (bytes[IP_AT] & 15) * 4;
	if (length < udp + 8 + sizeof(*number) ||
	    (bytes[udp + 2] << 8 | bytes[udp + 3]) != (int)port)
		return 0;
	memcpy(number, bytes + udp + 8, sizeof(*number));
	return 1;
}

/* The number that the last incarnation noted last; UINT64_MAX if there is none. */
static uint64_t last_noted(const char *path)
{
	unsigned long long number = UINT64_MAX;
	FILE *file = fopen(path, "r");

	while (file && fscanf(file, "%*d %llu %*u", &number) == 1)
		;
	if (file)
		fclose(file);
	return number;
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	DWORD number = INVALID_FRAME_NUMBER;
	EXPERTFRAMEDESCRIPTOR frame;
	unsigned int port = 0, pause_us = 0, die_every = 0;
	char option[256] = "", path[sizeof(option)], line[64];
	EXPERTLOSSES losses = { 0 };
	uint64_t found, noted, lost;
	int fd, length;
	DWORD err;

	(void)startup;
	(void)flags;
	(void)window;
	if (sscanf(nexp_options(config), "%255[^,],%u,%u,%u", option, &port,
		   &pause_us, &die_every) < 2 ||
	    !nexp_own_path(path, sizeof(path), option))
		return FALSE;
	noted = last_noted(path);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0)
		return FALSE;
	do {
		err = nexp_next_frame(key, number, &frame);
		if (err)
			continue;
		number = frame.FrameNumber;
		if (!find_number(((const FRAME *)frame.pFrame)->MacFrame,
				 ((const FRAME *)frame.pFrame)->nBytesAvail, port,
				 &found))
			continue;
		lost = losses.Lost;
		if (ExpertGetLosses(key, &losses))
			return FALSE;
		length = snprintf(line, sizeof(line), "%d %llu %llu\n", getpid(),
				  (unsigned long long)found,
				  (unsigned long long)(losses.Lost - lost));
		if (write(fd, line, length) != length)
			return FALSE;
		if (die_every && found % die_every == die_every - 1 &&
		    found != noted)
			raise(SIGKILL);
		if (pause_us)
			usleep(pause_us);
	} while (!err || err == NMERR_TIMEOUT);
	return err == NMERR_EXPERT_TERMINATE;
}
