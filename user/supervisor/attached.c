// SPDX-License-Identifier: GPL-2.0
/*
 * attached - which interfaces a capture is attached to, a run's own or anybody's
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "attached.h"
#include "tcx.h"

/* How the names of all our programs begin; see bpf/. */
#define PREFIX	"nexp_"

/* As many as the kernel takes at a hook, and one. */
#define MOST_PROGRAMS	64

static int is_ours(uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	uint32_t length = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);
	int ret = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		ret = -errno;
	close(fd);
	return ret ? ret : !strncmp(info.name, PREFIX, strlen(PREFIX));
}

/* No program has the id 0: it stands for any of ours. */
static int is_wanted(uint32_t id, uint32_t wanted)
{
	return wanted ? id == wanted : is_ours(id);
}

/* The field that libbpf 1.1 calls a file has the interface's index here. */
static int is_at(unsigned int ifindex, int hook, uint32_t wanted)
{
	uint32_t ids[MOST_PROGRAMS], nr = MOST_PROGRAMS, i;
	int ret = 0;

	if (bpf_prog_query((int)ifindex, (enum bpf_attach_type)hook, 0, NULL, ids, &nr))
		/* Nothing at all is there, or no such interface any more. */
		return errno == ENOENT || errno == ENODEV ? 0 : -errno;
	for (i = 0; i < nr && !ret; i++)
		ret = is_wanted(ids[i], wanted);
	return ret;
}

/* --tap takes no other XDP than the driver's. */
static int is_tapped(unsigned int ifindex, uint32_t wanted)
{
	uint32_t id = 0;
	int ret = bpf_xdp_query_id((int)ifindex, XDP_FLAGS_DRV_MODE, &id);

	if (ret)
		return ret == -ENODEV ? 0 : ret;
	return id ? is_wanted(id, wanted) : 0;
}

static int is_anywhere(unsigned int ifindex, uint32_t wanted)
{
	int ret = is_at(ifindex, NEXP_TCX_INGRESS, wanted);

	if (!ret)
		ret = is_at(ifindex, NEXP_TCX_EGRESS, wanted);
	return ret ? ret : is_tapped(ifindex, wanted);
}

int nexp_attached(unsigned int ifindex)
{
	return is_anywhere(ifindex, 0);
}

int nexp_attached_program(unsigned int ifindex, uint32_t id)
{
	return is_anywhere(ifindex, id);
}
