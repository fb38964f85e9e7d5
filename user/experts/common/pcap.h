/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pcap - a capture file of IP packets, to be written
 *
 * What is written goes through a buffer. When a file takes no more, it is cut off behind
 * the last packet that it has as a whole.
 */
#ifndef EXPERTS_PCAP_H
#define EXPERTS_PCAP_H

#include <netmon.h>

/* Readers stop at larger ones. */
#define PCAP_MAX_PACKET	262144

/**
 * struct pcap - the file
 * @key: of Run.
 * @file: its descriptor.
 * @buffer: whole packets, not written yet.
 * @used: bytes of it.
 * @code: an errno, once one could not be written; nothing is after that.
 */
struct pcap {
	HEXPERTKEY key;
	int file;
	BYTE *buffer;
	size_t used;
	int code;
};

/** pcap_start() - begin one; FALSE if there is no memory. */
BOOL pcap_start(struct pcap *pcap, HEXPERTKEY key, int file);

/**
 * pcap_put() - a packet
 * @pcap: the file.
 * @us: its time, since 1970.
 * @headers: its first bytes.
 * @nr_headers: how many.
 * @bytes: those behind them.
 * @length: how many.
 * @wire: bytes of the packet in all, which may be more.
 */
void pcap_put(struct pcap *pcap, int64_t us, const BYTE *headers, DWORD nr_headers,
	      const BYTE *bytes, DWORD length, DWORD wire);

/** pcap_flush() - have all of it in the file; FALSE if it takes no more. */
BOOL pcap_flush(struct pcap *pcap);

/** pcap_finish() - give memory back; one that is 0 is fine. */
void pcap_finish(struct pcap *pcap);

#endif /* EXPERTS_PCAP_H */
