/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pcap_file - what a pcap file of this machine consists of
 */
#ifndef NEXP_SELFTESTS_PCAP_FILE_H
#define NEXP_SELFTESTS_PCAP_FILE_H

#include <stdint.h>

/* Fractions of a second are micro- or nanoseconds. */
#define PCAP_US	0xa1b2c3d4
#define PCAP_NS	0xa1b23c4d

struct pcap_head {
	uint32_t magic;
	uint16_t major;
	uint16_t minor;
	uint32_t zone;
	uint32_t accuracy;
	uint32_t snaplen;
	uint32_t link_type;
};

struct pcap_frame {
	uint32_t seconds;
	uint32_t fraction;
	uint32_t captured;
	uint32_t length;
};

#endif /* NEXP_SELFTESTS_PCAP_FILE_H */
