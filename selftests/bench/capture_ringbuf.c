// SPDX-License-Identifier: GPL-2.0
/*
 * capture_ringbuf - frames through a BPF ring buffer
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../tcx.h"
#include "capture.h"
#include "ringbuf.skel.h"

struct capture {
	struct ringbuf_bpf *skeleton;
	struct ring_buffer *ring;
	int link;
	struct share *share;
};

static int on_record(void *context, void *data, size_t size)
{
	const struct capture *capture = context;

	(void)size;
	/* Behind its time, length and interface. */
	take(capture->share, (char *)data + 16);
	return 0;
}

static struct capture *ringbuf_open(const struct options *options)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	struct ringbuf_bpf *skeleton = ringbuf_bpf__open();

	if (!capture || !skeleton)
		die("ringbuf: cannot open the program");
	bpf_map__set_max_entries(skeleton->maps.ring, options->ring_size);
	skeleton->rodata->protocol = strcmp(options->filter, "udp") ? IPPROTO_TCP : IPPROTO_UDP;
	skeleton->rodata->wake_bytes = options->wake_bytes;
	if (ringbuf_bpf__load(skeleton))
		die("ringbuf: cannot load the program");
	capture->link = bpf_link_create(bpf_program__fd(skeleton->progs.ringbuf_capture),
					(int)if_nametoindex(options->interface),
					options->is_egress ? TCX_EGRESS : TCX_INGRESS,
					NULL);
	if (capture->link < 0)
		die("ringbuf: cannot attach to %s: %s", options->interface, strerror(errno));
	capture->skeleton = skeleton;
	capture->ring = ring_buffer__new(bpf_map__fd(skeleton->maps.ring), on_record,
					 capture, NULL);
	if (!capture->ring)
		die("ringbuf: cannot map the ring");
	return capture;
}

static void ringbuf_read(struct capture *capture, struct share *share)
{
	capture->share = share;
	__atomic_store_n(&share->is_ready, 1, __ATOMIC_RELEASE);
	for (;;) {
		int nr = ring_buffer__poll(capture->ring, WAKE_USECS / 1000);

		if (!nr)
			nr = ring_buffer__consume(capture->ring);
		if (nr < 0 && nr != -EINTR)
			die("ringbuf: reading: %s", strerror(-nr));
	}
}

static uint64_t ringbuf_lost(struct capture *capture)
{
	return capture->skeleton->bss->lost;
}

static void ringbuf_close(struct capture *capture)
{
	close(capture->link);
	ring_buffer__free(capture->ring);
	ringbuf_bpf__destroy(capture->skeleton);
	free(capture);
}

const struct subject ringbuf = {
	.name = "ringbuf",
	.open = ringbuf_open,
	.read = ringbuf_read,
	.lost = ringbuf_lost,
	.close = ringbuf_close,
};
