// SPDX-License-Identifier: GPL-2.0
/*
 * captures - how many links at tcx and XDP there are, and programs of captures
 *
 * Prints "LINKS PROGRAMS". Debian 12's bpftool does not know tcx links.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#define LINK_TYPE_TCX	11	/* of Linux 6.6; the header is older */

/* The stock program's name, and how others of ours begin. */
#define CAPTURE		"nexp_capture"
#define OWN		"nexp_own_"
#define SPREAD		"nexp_spread_"
#define TAP		"nexp_tap"

static unsigned int count_links(void)
{
	unsigned int links = 0;
	__u32 id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = {};
		__u32 length = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &length) &&
		    (info.type == LINK_TYPE_TCX || info.type == BPF_LINK_TYPE_XDP))
			links++;
		close(fd);
	}
	return links;
}

static unsigned int count_programs(void)
{
	unsigned int programs = 0;
	__u32 id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = {};
		__u32 length = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0)
			continue;
		/* People's own have any name; nobody else here replaces functions. */
		if (!bpf_obj_get_info_by_fd(fd, &info, &length) &&
		    (!strcmp(info.name, CAPTURE) || !strcmp(info.name, TAP) ||
		     !strncmp(info.name, OWN, strlen(OWN)) ||
		     !strncmp(info.name, SPREAD, strlen(SPREAD)) ||
		     info.type == BPF_PROG_TYPE_EXT))
			programs++;
		close(fd);
	}
	return programs;
}

int main(void)
{
	printf("%u %u\n", count_links(), count_programs());
	return 0;
}
