// SPDX-License-Identifier: GPL-2.0
/*
 * tap - frames of a port that is there for nothing but monitoring
 */
#include <errno.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>

#include "load.h"
#include "tap.h"
#include "tap.skel.h"

#define NR_MAPS	2

int nexp_tap_load(struct nexp_tap *tap, unsigned int nr_pools, struct nexp_error *err)
{
	static const char what[] = "the tap program";
	struct bpf_object_open_opts opts = { .sz = sizeof(opts) };
	char log[NEXP_LOAD_LOG_SIZE] = "";
	int code = nexp_load_check_files(NR_MAPS);
	struct tap_bpf *skeleton;

	nexp_load_listen();
	if (code)
		return nexp_load_failure(err, what, code, log);
	opts.kernel_log_buf = log;
	opts.kernel_log_size = sizeof(log);
	skeleton = tap_bpf__open_opts(&opts);
	if (!skeleton)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "opening %s: %s", what,
				      strerror(errno));
	skeleton->rodata->nexp_nr_pools = nr_pools;
	code = tap_bpf__load(skeleton);
	if (code) {
		tap_bpf__destroy(skeleton);
		return nexp_load_failure(err, what, -code, log);
	}
	tap->skeleton = skeleton;
	return 0;
}

void nexp_tap_join(struct nexp_tap *tap, uint64_t pool_id)
{
	__atomic_store_n(&tap->skeleton->bss->nexp_pools[tap->nr_pools++], pool_id,
			 __ATOMIC_RELAXED);
}

bool nexp_tap_leave(struct nexp_tap *tap, uint64_t pool_id)
{
	unsigned int i;

	for (i = 0; i < tap->nr_pools; i++) {
		if (tap->skeleton->bss->nexp_pools[i] != pool_id)
			continue;
		__atomic_store_n(&tap->skeleton->bss->nexp_pools[i], 0, __ATOMIC_RELAXED);
		return true;
	}
	return false;
}

static int attach_failure(struct nexp_error *err, int code, const struct nexp_iface *iface)
{
	const char *name = iface->name;

	switch (code) {
	case ENODEV:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"interface '%s' vanished before it could be attached to", name);
	case EBUSY:
	case EEXIST:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"interface '%s' has an XDP program already, and there is room for one: end "
			"who put it there, or detach it ('ip link set dev %s xdp off'; 'bpftool net "
			"show dev %s' shows it)", name, name, name);
	case EOPNOTSUPP:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"the driver of interface '%s' has no XDP of its own, or none for frames of "
			"its MTU. The kernel's generic XDP comes behind what --tap is to save: "
			"leave --tap, or lower the MTU", name);
	case EPERM:
	case EACCES:
		return nexp_error_set(err, NEXP_FAILURE_PERMISSION, code,
			"attaching to '%s' at XDP is not permitted: it needs CAP_NET_ADMIN; run as "
			"root", name);
	case EMFILE:
	case ENFILE:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"attaching to '%s' at XDP: %s; raise the limit ('ulimit -n')", name,
			strerror(code));
	default:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"the driver of interface '%s' refuses XDP: %s. Some do for a large MTU, for "
			"LRO or for too few queues; the tracepoint xdp:bpf_xdp_link_attach_failed "
			"has its own words", name, strerror(code));
	}
}

static int check(const struct nexp_iface *iface, struct nexp_error *err)
{
	if (iface->loopback)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
			"--tap is for a port that frames come in from a wire; '%s' is loopback: "
			"leave --tap", iface->name);
	/* Its driver would put the program on each port, where frames are of that. */
	if (iface->bond)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
			"interface '%s' is a bond, whose ports have the frames at XDP: name the "
			"ports, or leave --tap", iface->name);
	if (iface->link_type != ARPHRD_ETHER)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
			"--tap is for Ethernet, and interface '%s' has link type %u: leave --tap",
			iface->name, iface->link_type);
	return 0;
}

/* A device that does not say is taken at its silence. */
static bool loses_tags(const struct nexp_iface *iface)
{
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq request = { .ifr_data = (char *)&flags };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ret;

	if (fd < 0)
		return false;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", iface->name);
	ret = !ioctl(fd, SIOCETHTOOL, &request) && flags.data & ETH_FLAG_RXVLAN;
	close(fd);
	return ret;
}

int nexp_tap_attach(struct nexp_tap *tap, const struct nexp_iface *iface, struct nexp_error *err)
{
	struct bpf_link_create_opts opts = {
		.sz = sizeof(opts), .flags = XDP_FLAGS_DRV_MODE,
	};
	int ret, fd;

	ret = check(iface, err);
	if (ret)
		return ret;
	if (nexp_links_make_room(&tap->links))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	fd = bpf_link_create(bpf_program__fd(tap->skeleton->progs.nexp_tap), (int)iface->index,
			     BPF_XDP, &opts);
	if (fd < 0)
		return attach_failure(err, errno, iface);
	nexp_links_add(&tap->links, iface->index, fd);
	return loses_tags(iface);
}

void nexp_tap_detach(struct nexp_tap *tap, unsigned int ifindex)
{
	nexp_links_detach(&tap->links, ifindex);
}

void nexp_tap_destroy(struct nexp_tap *tap)
{
	nexp_links_free(&tap->links);
	tap_bpf__destroy(tap->skeleton);
	*tap = (struct nexp_tap){ 0 };
}
