// SPDX-License-Identifier: GPL-2.0
/*
 * pcap - a capture file of IP packets, to be written
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pcap.h"

#define MAGIC		0xa1b2c3d4U	/* microseconds */
#define LINK_RAW	101		/* IPv4 or IPv6, as its first byte says */
#define US_PER_SECOND	1000000

/* In the byte order of who writes it. */
struct file_header {
	DWORD magic;
	WORD major, minor;
	DWORD zone, accuracy;
	DWORD snaplen;
	DWORD link_type;
};

struct record {
	DWORD seconds, us;
	DWORD stored, wire;
};

#define BUFFER_SIZE	(sizeof(struct file_header) + sizeof(struct record) + PCAP_MAX_PACKET)

static void append(struct pcap *pcap, const void *bytes, size_t length)
{
	if (length)
		memcpy(pcap->buffer + pcap->used, bytes, length);
	pcap->used += length;
}

BOOL pcap_start(struct pcap *pcap, HEXPERTKEY key, int file)
{
	const struct file_header header = {
		.magic = MAGIC, .major = 2, .minor = 4, .snaplen = PCAP_MAX_PACKET,
		.link_type = LINK_RAW,
	};

	*pcap = (struct pcap) { .key = key, .file = file };
	pcap->buffer = (BYTE *)ExpertAllocMemory(key, BUFFER_SIZE, NULL);
	if (!pcap->buffer)
		return FALSE;
	append(pcap, &header, sizeof(header));
	return TRUE;
}

/* Nothing to be done if it can't be cut: it is a pipe then. */
static void cut_off(struct pcap *pcap, size_t written)
{
	off_t end = lseek(pcap->file, 0, SEEK_CUR);

	if (end < 0 || ftruncate(pcap->file, end - (off_t)written))
		return;
	lseek(pcap->file, end - (off_t)written, SEEK_SET);
}

BOOL pcap_flush(struct pcap *pcap)
{
	size_t done = 0;
	ssize_t size;

	while (!pcap->code && done < pcap->used) {
		size = write(pcap->file, pcap->buffer + done, pcap->used - done);
		if (size >= 0)
			done += (size_t)size;
		else if (errno != EINTR)
			pcap->code = errno;
	}
	if (done < pcap->used && done)
		cut_off(pcap, done);
	pcap->used = 0;
	return !pcap->code;
}

void pcap_put(struct pcap *pcap, int64_t us, const BYTE *headers, DWORD nr_headers,
	      const BYTE *bytes, DWORD length, DWORD wire)
{
	struct record record = {
		.seconds = (DWORD)(us / US_PER_SECOND),
		.us = (DWORD)(us % US_PER_SECOND),
		.wire = wire,
	};

	if (length > PCAP_MAX_PACKET - nr_headers)
		length = PCAP_MAX_PACKET - nr_headers;
	record.stored = nr_headers + length;
	if (pcap->used + sizeof(record) + record.stored > BUFFER_SIZE)
		pcap_flush(pcap);
	append(pcap, &record, sizeof(record));
	append(pcap, headers, nr_headers);
	append(pcap, bytes, length);
}

void pcap_finish(struct pcap *pcap)
{
	if (pcap->buffer)
		ExpertFreeMemory(pcap->key, pcap->buffer);
	pcap->buffer = NULL;
}
