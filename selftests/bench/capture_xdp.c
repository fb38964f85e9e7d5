// SPDX-License-Identifier: GPL-2.0
/*
 * capture_xdp - frames that XDP consumes: through an AF_XDP socket in copy mode, or
 * not at all
 *
 * The socket's reader looks by itself when it has slept: it waits for nobody, so
 * that no frame wakes it. That is as cheap as it can be, and as late.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xdp/xsk.h>

#include "capture.h"
#include "xdp.skel.h"

/* More than the sender lets be under way. */
#define NR_CHUNKS	16384U
#define CHUNK_SIZE	2048U
#define UMEM_SIZE	((size_t)NR_CHUNKS * CHUNK_SIZE)
#define BATCH		64U

struct capture {
	struct xdp_bpf *skeleton;
	int link;
	void *bytes;
	struct xsk_umem *umem;
	struct xsk_socket *socket;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons completed, received;
};

static struct capture *load(const struct options *options, bool consume)
{
	struct bpf_link_create_opts opts = {
		.sz = sizeof(opts), .flags = XDP_FLAGS_DRV_MODE,
	};
	struct capture *capture = calloc(1, sizeof(*capture));
	struct xdp_bpf *skeleton = xdp_bpf__open();

	if (!capture || !skeleton)
		die("xdp: cannot open the program");
	skeleton->rodata->protocol =
		options->filter && !strcmp(options->filter, "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
	if (xdp_bpf__load(skeleton))
		die("xdp: cannot load the program");
	capture->link = bpf_link_create(bpf_program__fd(consume ? skeleton->progs.xdp_consume :
								  skeleton->progs.xdp_capture),
					(int)if_nametoindex(options->interface), BPF_XDP, &opts);
	if (capture->link < 0)
		die("xdp: cannot attach to %s: %s", options->interface, strerror(errno));
	capture->skeleton = skeleton;
	return capture;
}

static void give_chunks(struct capture *capture)
{
	uint32_t at, i;

	if (xsk_ring_prod__reserve(&capture->fill, NR_CHUNKS, &at) != NR_CHUNKS)
		die("af_xdp: no room for chunks");
	for (i = 0; i < NR_CHUNKS; i++)
		*xsk_ring_prod__fill_addr(&capture->fill, at + i) = i * CHUNK_SIZE;
	xsk_ring_prod__submit(&capture->fill, NR_CHUNKS);
}

static void open_socket(struct capture *capture, const char *interface)
{
	const struct xsk_umem_config umem = {
		.fill_size = NR_CHUNKS,
		.comp_size = BATCH,
		.frame_size = CHUNK_SIZE,
	};
	const struct xsk_socket_config config = {
		.rx_size = NR_CHUNKS,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = XDP_COPY,
	};
	int err;

	/* Shared, because the reader is a child. */
	capture->bytes = mmap(NULL, UMEM_SIZE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (capture->bytes == MAP_FAILED)
		die("af_xdp: mmap: %s", strerror(errno));
	err = xsk_umem__create(&capture->umem, capture->bytes, UMEM_SIZE, &capture->fill,
			       &capture->completed, &umem);
	if (err)
		die("af_xdp: memory of frames: %s", strerror(-err));
	give_chunks(capture);
	err = xsk_socket__create(&capture->socket, interface, 0, capture->umem,
				 &capture->received, NULL, &config);
	if (!err)
		err = xsk_socket__update_xskmap(capture->socket,
						bpf_map__fd(capture->skeleton->maps.socket));
	if (err)
		die("af_xdp: a socket on %s: %s", interface, strerror(-err));
}

static struct capture *af_xdp_open(const struct options *options)
{
	struct capture *capture = load(options, false);

	open_socket(capture, options->interface);
	return capture;
}

static void af_xdp_read(struct capture *capture, struct share *share)
{
	const struct timespec pause = { .tv_nsec = WAKE_USECS * 1000 };
	uint32_t nr, i, from, to;

	__atomic_store_n(&share->is_ready, 1, __ATOMIC_RELEASE);
	for (;;) {
		nr = xsk_ring_cons__peek(&capture->received, BATCH, &from);
		if (!nr) {
			nanosleep(&pause, NULL);
			continue;
		}
		/* As many chunks as there are: each that is read is free again. */
		if (xsk_ring_prod__reserve(&capture->fill, nr, &to) != nr)
			die("af_xdp: no room for chunks");
		for (i = 0; i < nr; i++) {
			uint64_t addr = xsk_ring_cons__rx_desc(&capture->received, from + i)->addr;

			take(share, xsk_umem__get_data(capture->bytes, addr));
			*xsk_ring_prod__fill_addr(&capture->fill, to + i) = addr;
		}
		xsk_ring_prod__submit(&capture->fill, nr);
		xsk_ring_cons__release(&capture->received, nr);
	}
}

static uint64_t af_xdp_lost(struct capture *capture)
{
	struct xdp_statistics stat;
	socklen_t size = sizeof(stat);

	if (getsockopt(xsk_socket__fd(capture->socket), SOL_XDP, XDP_STATISTICS, &stat, &size))
		die("af_xdp: XDP_STATISTICS: %s", strerror(errno));
	return stat.rx_dropped + stat.rx_ring_full;
}

static void consume_close(struct capture *capture)
{
	close(capture->link);
	xdp_bpf__destroy(capture->skeleton);
	free(capture);
}

static void af_xdp_close(struct capture *capture)
{
	xsk_socket__delete(capture->socket);
	xsk_umem__delete(capture->umem);
	munmap(capture->bytes, UMEM_SIZE);
	consume_close(capture);
}

static struct capture *consume_open(const struct options *options)
{
	return load(options, true);
}

static void consume_read(struct capture *capture, struct share *share)
{
	(void)capture;
	__atomic_store_n(&share->is_ready, 1, __ATOMIC_RELEASE);
	for (;;)
		pause();
}

static uint64_t consume_lost(struct capture *capture)
{
	(void)capture;
	return 0;
}

const struct subject af_xdp = {
	.name = "af_xdp",
	.open = af_xdp_open,
	.read = af_xdp_read,
	.lost = af_xdp_lost,
	.close = af_xdp_close,
};

const struct subject consume = {
	.name = "none",
	.open = consume_open,
	.read = consume_read,
	.lost = consume_lost,
	.close = consume_close,
};
