// SPDX-License-Identifier: GPL-2.0
/*
 * capture_tpacket - frames through libpcap, which means TPACKET_V3
 */
#include <pcap/pcap.h>
#include <stdlib.h>

#include "capture.h"

struct capture {
	pcap_t *pcap;
};

static void on_frame(unsigned char *context, const struct pcap_pkthdr *header,
		     const unsigned char *bytes)
{
	(void)header;
	take((struct share *)context, bytes);
}

static struct capture *tpacket_open(const struct options *options)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	char why[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program program;
	pcap_t *pcap = pcap_create(options->interface, why);

	if (!capture || !pcap)
		die("tpacket: %s", why);
	pcap_set_snaplen(pcap, 65535);
	pcap_set_timeout(pcap, WAKE_USECS / 1000);
	pcap_set_buffer_size(pcap, (int)options->ring_size);
	pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
	if (pcap_activate(pcap) < 0 ||
	    pcap_setdirection(pcap, options->is_egress ? PCAP_D_OUT : PCAP_D_IN))
		die("tpacket: %s: %s", options->interface, pcap_geterr(pcap));
	if (options->filter) {
		if (pcap_compile(pcap, &program, options->filter, 1, PCAP_NETMASK_UNKNOWN) ||
		    pcap_setfilter(pcap, &program))
			die("tpacket: '%s': %s", options->filter, pcap_geterr(pcap));
		pcap_freecode(&program);
	}
	capture->pcap = pcap;
	return capture;
}

static void tpacket_read(struct capture *capture, struct share *share)
{
	__atomic_store_n(&share->is_ready, 1, __ATOMIC_RELEASE);
	for (;;)
		if (pcap_dispatch(capture->pcap, -1, on_frame, (unsigned char *)share) < 0)
			die("tpacket: reading: %s", pcap_geterr(capture->pcap));
}

static uint64_t tpacket_lost(struct capture *capture)
{
	struct pcap_stat stat;

	if (pcap_stats(capture->pcap, &stat))
		die("tpacket: %s", pcap_geterr(capture->pcap));
	return stat.ps_drop;
}

static void tpacket_close(struct capture *capture)
{
	pcap_close(capture->pcap);
	free(capture);
}

const struct subject tpacket = {
	.name = "tpacket",
	.open = tpacket_open,
	.read = tpacket_read,
	.lost = tpacket_lost,
	.close = tpacket_close,
};
