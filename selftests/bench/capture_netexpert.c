// SPDX-License-Identifier: GPL-2.0
/*
 * capture_netexpert - frames through a pool, as the supervisor and the library do
 */
#include <errno.h>
#include <net/if_arp.h>
#include <netexpert.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "capture.h"
#include "user/supervisor/capture.h"
#include "user/supervisor/session.h"
#include "user/supervisor/tap.h"

#define BATCH	64

struct capture {
	struct nexp_session session;
	struct nexp_capture links;
	struct nexp_tap tap;
	uint64_t pool_id;
	int attachment;
};

static void create_pool(struct capture *capture, const struct options *options)
{
	struct netexpert_pool_create create = {
		.size = sizeof(create),
		.nr_rings = 1,
		.ring_size = options->ring_size,
		.history_size = options->ring_size / 4,
		.heap_size = 1U << 20,
		.wake_bytes = options->wake_bytes,
		.wake_usecs = WAKE_USECS,
		.name = "bench",
	};

	if (ioctl(capture->session.fd, NETEXPERT_IOC_POOL_CREATE, &create))
		die("netexpert: POOL_CREATE: %s", strerror(errno));
	capture->pool_id = create.out_pool_id;
	capture->attachment = nexp_pool_open(&capture->session, capture->pool_id);
	if (capture->attachment < 0)
		die("netexpert: POOL_OPEN: %s", strerror(-capture->attachment));
}

/* The same program as the peer's: libpcap's, for the same interface. */
static void set_filter(const struct capture *capture, const struct options *options)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_create(options->interface, why);
	struct netexpert_program program = { .link_type = ARPHRD_ETHER };
	struct netexpert_pool_filter filter = {
		.size = sizeof(filter),
		.pool_id = capture->pool_id,
		.programs = (uintptr_t)&program,
		.nr_programs = 1,
	};
	struct bpf_program compiled;

	if (!pcap || pcap_activate(pcap) < 0 ||
	    pcap_compile(pcap, &compiled, options->filter, 1, PCAP_NETMASK_UNKNOWN))
		die("netexpert: '%s': %s", options->filter, pcap ? pcap_geterr(pcap) : why);
	program.nr_insns = (__u16)compiled.bf_len;
	program.insns = (uintptr_t)compiled.bf_insns;
	if (ioctl(capture->session.fd, NETEXPERT_IOC_POOL_FILTER, &filter))
		die("netexpert: POOL_FILTER: %s", strerror(errno));
	pcap_freecode(&compiled);
	pcap_close(pcap);
}

static int attach(struct capture *capture, const struct options *options,
		  struct nexp_error *err)
{
	struct nexp_iface iface = {
		.index = if_nametoindex(options->interface), .link_type = ARPHRD_ETHER,
	};
	unsigned int i, nr_pools = options->nr_workers ? options->nr_workers : 1;
	uint64_t pool_ids[NEXP_MAX_WORKERS];
	int ret;

	snprintf(iface.name, sizeof(iface.name), "%s", options->interface);
	/* Workers share a pool and a reader here: what is measured is the spreading. */
	for (i = 0; i < nr_pools; i++)
		pool_ids[i] = capture->pool_id;
	if (!options->is_tap) {
		ret = nexp_capture_load(&capture->links, pool_ids, nr_pools, NULL, err);
		return ret ? ret : nexp_capture_attach(&capture->links, &iface,
						       options->is_egress ? NEXP_DIRECTION_OUT :
									    NEXP_DIRECTION_IN,
						       err);
	}
	ret = nexp_tap_load(&capture->tap, 1, err);
	if (ret)
		return ret;
	nexp_tap_join(&capture->tap, capture->pool_id);
	ret = nexp_tap_attach(&capture->tap, &iface, err);
	return ret < 0 ? ret : 0;
}

static struct capture *netexpert_open(const struct options *options)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	struct nexp_error err;

	if (!capture || nexp_session_open(&capture->session, &err))
		die("netexpert: %s", err.text);
	create_pool(capture, options);
	if (options->filter)
		set_filter(capture, options);
	if (attach(capture, options, &err))
		die("netexpert: %s", err.text);
	return capture;
}

static void netexpert_read(struct capture *capture, struct share *share)
{
	struct netexpert_frame frames[BATCH];
	struct netexpert *nx;
	int i, nr;

	nr = netexpert_adopt(capture->attachment, &nx);
	if (nr)
		die("netexpert: adopting: %s", strerror(-nr));
	__atomic_store_n(&share->is_ready, 1, __ATOMIC_RELEASE);
	for (;;) {
		nr = netexpert_frame_batch(nx, frames, BATCH, -1);
		if (nr < 0)
			die("netexpert: reading: %s", strerror(-nr));
		for (i = 0; i < nr; i++)
			take(share, frames[i].data);
	}
}

static uint64_t netexpert_lost(struct capture *capture)
{
	struct netexpert_pool_stat stat;
	int err = nexp_pool_stat(&capture->session, capture->pool_id, 0, NULL, 0, &stat);

	if (err)
		die("netexpert: POOL_STAT: %s", strerror(-err));
	return nexp_stat_lost(&stat.out_sum);
}

static void netexpert_close_capture(struct capture *capture)
{
	nexp_capture_destroy(&capture->links);
	nexp_tap_destroy(&capture->tap);
	close(capture->attachment);
	nexp_session_close(&capture->session);
	free(capture);
}

const struct subject netexpert = {
	.name = "netexpert",
	.open = netexpert_open,
	.read = netexpert_read,
	.lost = netexpert_lost,
	.close = netexpert_close_capture,
};
