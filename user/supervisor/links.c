// SPDX-License-Identifier: GPL-2.0
/*
 * links - BPF links to interfaces, which belong to this process's files
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "links.h"

/**
 * struct nexp_link - a link
 * @ifindex: its interface.
 * @fd: the link.
 */
struct nexp_link {
	unsigned int ifindex;
	int fd;
};

int nexp_links_make_room(struct nexp_links *links)
{
	struct nexp_link *more = reallocarray(links->links, links->nr + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	links->links = more;
	return 0;
}

void nexp_links_add(struct nexp_links *links, unsigned int ifindex, int fd)
{
	links->links[links->nr++] = (struct nexp_link){ .ifindex = ifindex, .fd = fd };
}

/* Return: the id of its program; 0 if it is dead. */
static uint32_t program_of(const struct nexp_link *link)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);

	/* A tcx link has the index where an XDP link has it; 0 without a device. */
	if (bpf_obj_get_info_by_fd(link->fd, &info, &length) || !info.xdp.ifindex)
		return 0;
	return info.prog_id;
}

enum nexp_link_state nexp_links_look(const struct nexp_links *links, unsigned int ifindex,
				     uint32_t *program)
{
	enum nexp_link_state state = NEXP_LINK_NONE;
	uint32_t id;
	unsigned int i;

	for (i = 0; i < links->nr; i++) {
		if (links->links[i].ifindex != ifindex)
			continue;
		id = program_of(&links->links[i]);
		if (!id)
			return NEXP_LINK_DEAD;
		*program = id;
		state = NEXP_LINK_ALIVE;
	}
	return state;
}

bool nexp_links_any(const struct nexp_links *links, unsigned int ifindex)
{
	unsigned int i;

	for (i = 0; i < links->nr; i++)
		if (links->links[i].ifindex == ifindex)
			return true;
	return false;
}

bool nexp_links_lost(const struct nexp_links *links)
{
	unsigned int i;

	for (i = 0; i < links->nr; i++)
		if (!program_of(&links->links[i]))
			return true;
	return false;
}

void nexp_links_detach(struct nexp_links *links, unsigned int ifindex)
{
	struct nexp_link *link = links->links;
	unsigned int kept = 0, i;

	for (i = 0; i < links->nr; i++) {
		if (ifindex && link[i].ifindex != ifindex) {
			link[kept++] = link[i];
			continue;
		}
		/*
		 * At tcx, detaching waits in the kernel until no program runs
		 * for the link any more; closing alone may leave that to later.
		 * It fails only if the interface took the link with it.
		 */
		bpf_link_detach(link[i].fd);
		close(link[i].fd);
	}
	links->nr = kept;
}

void nexp_links_free(struct nexp_links *links)
{
	nexp_links_detach(links, 0);
	free(links->links);
	*links = (struct nexp_links){ 0 };
}
