// SPDX-License-Identifier: GPL-2.0
/*
 * capture - one expert's BPF program and its links to interfaces
 */
#include <errno.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "capture.h"
#include "capture.skel.h"
#include "load.h"
#include "spread.skel.h"
#include "tcx.h"

/* An index that the kernel gives to no interface: they are positive ints. */
#define NO_SUCH_IFINDEX		0x7fffffff

#define WHAT			"the capture program"

static int open_failure(struct nexp_error *err, int code)
{
	return nexp_error_set(err, NEXP_FAILURE_OTHER, code, "opening " WHAT ": %s",
			      strerror(code));
}

static int load_stock(struct nexp_capture *capture, uint64_t pool_id,
		      const struct bpf_object_open_opts *opts, struct nexp_error *err)
{
	struct capture_bpf *skeleton = capture_bpf__open_opts(opts);
	int ret;

	if (!skeleton)
		return open_failure(err, errno);
	skeleton->rodata->nexp_pool_id = pool_id;
	ret = capture_bpf__load(skeleton);
	if (ret) {
		capture_bpf__destroy(skeleton);
		return nexp_load_failure(err, WHAT, -ret, opts->kernel_log_buf);
	}
	capture->skeleton = skeleton;
	return 0;
}

static int load_spread(struct nexp_capture *capture, const uint64_t *pool_ids,
		       unsigned int nr_pools, const struct bpf_object_open_opts *opts,
		       struct nexp_error *err)
{
	struct spread_bpf *spread = spread_bpf__open_opts(opts);
	int ret;

	if (!spread)
		return open_failure(err, errno);
	_Static_assert(sizeof(spread->rodata->nexp_pool_ids) ==
		       NEXP_MAX_WORKERS * sizeof(*pool_ids), "NEXP_MAX_WORKERS in spread.bpf.c");
	memcpy(spread->rodata->nexp_pool_ids, pool_ids, nr_pools * sizeof(*pool_ids));
	spread->rodata->nexp_nr_pools = nr_pools;
	/* Of so few bytes the kernel gives all, and no signal interrupts it. */
	if (getrandom(&spread->rodata->nexp_seed, sizeof(spread->rodata->nexp_seed), 0) < 0) {
		ret = open_failure(err, errno);
		spread_bpf__destroy(spread);
		return ret;
	}
	ret = spread_bpf__load(spread);
	if (ret) {
		spread_bpf__destroy(spread);
		return nexp_load_failure(err, WHAT, -ret, opts->kernel_log_buf);
	}
	capture->spread = spread;
	return 0;
}

int nexp_capture_load(struct nexp_capture *capture, const uint64_t *pool_ids,
		      unsigned int nr_pools, const char *own, struct nexp_error *err)
{
	char log[NEXP_LOAD_LOG_SIZE] = "";
	struct bpf_object_open_opts opts = {
		.sz = sizeof(opts),
		.kernel_log_buf = log,
		.kernel_log_size = sizeof(log),
	};
	int code;

	if (own)
		return nexp_own_load(&capture->own, own, pool_ids[0], err);
	code = nexp_load_check_files(0);
	nexp_load_listen();
	if (code)
		return nexp_load_failure(err, WHAT, code, log);
	return nr_pools == 1 ? load_stock(capture, pool_ids[0], &opts, err) :
			       load_spread(capture, pool_ids, nr_pools, &opts, err);
}

static int spread_fd(const struct spread_bpf *spread, uint16_t link_type)
{
	bool is_ether = link_type == ARPHRD_ETHER || link_type == ARPHRD_LOOPBACK;

	return bpf_program__fd(is_ether ? spread->progs.nexp_spread_ether :
					  spread->progs.nexp_spread_bare);
}

static int program_fd(const struct nexp_capture *capture, const struct nexp_iface *iface,
		      bool egress)
{
	return capture->skeleton ? bpf_program__fd(capture->skeleton->progs.nexp_capture) :
	       capture->spread ? spread_fd(capture->spread, iface->link_type) :
				 nexp_own_fd(&capture->own, egress);
}

/*
 * libbpf 1.1 does not know tcx: it passes flags on and leaves the anchor and
 * the expected revision zero, which is what we want.
 */
static int link_create(const struct nexp_capture *capture, const struct nexp_iface *iface,
		       bool egress)
{
	struct bpf_link_create_opts opts = { .sz = sizeof(opts), .flags = NEXP_TCX_BEFORE };
	int fd;

	fd = bpf_link_create(program_fd(capture, iface, egress), (int)iface->index,
			     (enum bpf_attach_type)(egress ? NEXP_TCX_EGRESS : NEXP_TCX_INGRESS),
			     &opts);
	return fd < 0 ? -errno : fd;
}

static int attach_failure(struct nexp_error *err, int code, const char *name, bool egress)
{
	const char *hook = egress ? "egress" : "ingress";

	switch (code) {
	case ENODEV:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"interface '%s' vanished before it could be attached to", name);
	case ERANGE:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"interface '%s' has as many programs at tcx %s as the kernel takes, "
			"63: detach some of them ('bpftool net show dev %s', of Linux 6.6 "
			"or later, shows them)", name, hook, name);
	case EPERM:
	case EACCES:
		return nexp_error_set(err, NEXP_FAILURE_PERMISSION, code,
			"attaching to '%s' at tcx %s is not permitted: it needs "
			"CAP_NET_ADMIN; run as root", name, hook);
	case EMFILE:
	case ENFILE:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"attaching to '%s' at tcx %s: %s; raise the limit ('ulimit -n')", name,
			hook, strerror(code));
	case EINVAL:
		return nexp_error_set(err, NEXP_FAILURE_UNAVAILABLE, code,
			"this kernel has no tcx hooks: netexpert needs Linux 6.12 or later "
			"with CONFIG_NET_XGRESS");
	default:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"attaching to '%s' at tcx %s: %s", name, hook, strerror(code));
	}
}

static int attach_one(struct nexp_capture *capture, const struct nexp_iface *iface, bool egress,
		      struct nexp_error *err)
{
	int fd;

	if (nexp_links_make_room(&capture->links))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	fd = link_create(capture, iface, egress);
	if (fd < 0)
		return attach_failure(err, -fd, iface->name, egress);
	nexp_links_add(&capture->links, iface->index, fd);
	return 0;
}

int nexp_capture_attach(struct nexp_capture *capture, const struct nexp_iface *iface,
			enum nexp_direction direction, struct nexp_error *err)
{
	bool egress = direction & NEXP_DIRECTION_OUT && !iface->loopback;
	int ret = 0;

	if (iface->loopback && !(direction & NEXP_DIRECTION_IN))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
			"-Q out has nothing to take from loopback '%s': each of its frames "
			"goes out and comes in, and is taken on its way in; leave -Q out",
			iface->name);
	if (direction & NEXP_DIRECTION_IN)
		ret = attach_one(capture, iface, false, err);
	if (!ret && egress)
		ret = attach_one(capture, iface, true, err);
	if (ret)
		nexp_capture_detach(capture, iface->index);
	return ret;
}

void nexp_capture_detach(struct nexp_capture *capture, unsigned int ifindex)
{
	nexp_links_detach(&capture->links, ifindex);
	/* Timers of its own deliver without a link, too. */
	if (!ifindex)
		nexp_own_destroy(&capture->own);
}

void nexp_capture_destroy(struct nexp_capture *capture)
{
	nexp_capture_detach(capture, 0);
	nexp_links_free(&capture->links);
	capture_bpf__destroy(capture->skeleton);
	capture->skeleton = NULL;
	spread_bpf__destroy(capture->spread);
	capture->spread = NULL;
}

int nexp_capture_probe_tcx(const struct nexp_capture *capture)
{
	const struct nexp_iface nowhere = { .index = NO_SUCH_IFINDEX };
	int fd;

	fd = link_create(capture, &nowhere, false);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	return fd == -ENODEV ? 0 : fd;
}
