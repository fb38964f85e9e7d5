// SPDX-License-Identifier: GPL-2.0
/*
 * device_test - captures, while their device and their pool go away
 *
 *   write() ── tap device ── tcx ingress ── program ── kfunc ── pool
 *
 * AF_PACKET's bugs of this kind: a ring is set up, a device goes down, and what
 * was taken off a list in between is put on it again (CVE-2016-8655,
 * CVE-2025-38617).
 */
#include "feed.h"
#include "racer.h"
#include "tap_device.h"
#include "tcx.h"

#define LENGTH	100
#define ROUNDS	20

FIXTURE(device)
{
	int session;
};

FIXTURE_SETUP(device)
{
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(device)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

static void step_attach_capture(struct nexp_racer *r)
{
	int link = bpf_link_create(r->feed, r->arg, TCX_INGRESS, NULL);

	if (link >= 0)
		close(link);
	else
		r->wrong += errno != ENODEV;
}

static void step_receive(struct nexp_racer *r)
{
	struct nexp_frame frame;

	nexp_frame_make(&frame, r->steps);
	/* EIO: the device is down. */
	if (write(r->arg, &frame, LENGTH) != LENGTH)
		r->wrong += errno != EIO && errno != EBADFD;
}

static void set_down(struct __test_metadata *const _metadata, int tap)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {};

	ASSERT_EQ(0, ioctl(tap, TUNGETIFF, &request));
	request.ifr_flags = 0;
	ASSERT_EQ(0, ioctl(sock, SIOCSIFFLAGS, &request));
	close(sock);
}

static void expect_conserved(struct __test_metadata *const _metadata,
			     const struct netexpert_ring_stat *sum)
{
	__u64 dropped = 0;
	int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		dropped += sum->dropped[i];
	EXPECT_EQ(sum->seen, sum->filtered + sum->delivered + dropped);
}

/*
 * Frames arrive, captures are attached and detached, while the device goes down
 * and away before the pool does, or the pool before the device.
 */
TEST_F_TIMEOUT(device, captures_come_and_go_with_device_and_pool, 120)
{
	int i;

	if (!nexp_has_tap())
		SKIP(return, "a kernel without tap devices");
	for (i = 0; i < ROUNDS; i++) {
		struct nexp_racer attacher = { .step = step_attach_capture };
		struct nexp_racer receiver = { .step = step_receive };
		__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
		int ifindex, tap = nexp_do_tap(_metadata, 0, &ifindex);
		pthread_t attaching, receiving;
		int feed = nexp_do_load(_metadata, pool);
		int lasting = bpf_link_create(feed, ifindex, TCX_INGRESS, NULL);
		struct netexpert_pool_stat stat;

		ASSERT_LE(0, lasting)
			TH_LOG("%s", strerror(errno));
		attacher.feed = nexp_do_load(_metadata, pool);
		attacher.arg = ifindex;
		receiver.arg = tap;
		attaching = nexp_racer_start(_metadata, &attacher);
		receiving = nexp_racer_start(_metadata, &receiver);
		ASSERT_TRUE(nexp_becomes(!__nexp_do_stat(self->session, pool, &stat) &&
					 stat.out_sum.seen > 10));
		if (i & 1)
			ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		set_down(_metadata, tap);
		nexp_racer_join(_metadata, receiving, &receiver);
		/* The device goes while the attacher is still at it. */
		close(tap);
		nexp_racer_join(_metadata, attaching, &attacher);
		EXPECT_LT(0, attacher.steps);
		close(lasting);
		if (!(i & 1)) {
			stat = nexp_do_stat(_metadata, self->session, pool);
			expect_conserved(_metadata, &stat.out_sum);
			ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
		}
		close(feed);
		close(attacher.feed);
	}
}

TEST_HARNESS_MAIN
