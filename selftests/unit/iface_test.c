// SPDX-License-Identifier: GPL-2.0
/*
 * Names of interfaces and of network namespaces, and what the kernel says of them
 * here. Needs no rights.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include <net/if_arp.h>

#include "user/supervisor/iface.h"
#include "user/supervisor/iface_stats.h"
#include "user/supervisor/netns.h"

TEST(names_that_can_be)
{
	struct nexp_error err;

	EXPECT_EQ(0, nexp_iface_check_name("lo", &err));
	EXPECT_EQ(0, nexp_iface_check_name("...", &err));
	EXPECT_EQ(0, nexp_iface_check_name("0123456789abcde", &err));
	EXPECT_EQ(0, nexp_iface_check_name("nexp-\xe9", &err));
}

TEST(names_that_cannot_be)
{
	static const char *const names[] = {
		"", ".", "..", "a/b", "a:b", "a b", "a\n", "0123456789abcdef",
	};
	struct nexp_error err;
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		EXPECT_EQ(-EINVAL, nexp_iface_check_name(names[i], &err));
		EXPECT_EQ(NEXP_FAILURE_USAGE, err.kind);
	}
}

TEST(loopback_is_found_and_listed)
{
	struct nexp_iface iface = { .index = 77 }, *list;
	unsigned int nr, i;
	int fd = nexp_iface_open();

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENODEV, nexp_iface_find(fd, "nexp-no-such", &iface));
	EXPECT_EQ(77, iface.index);
	ASSERT_EQ(0, nexp_iface_find(fd, "lo", &iface));
	EXPECT_STREQ("lo", iface.name);
	EXPECT_EQ(if_nametoindex("lo"), iface.index);
	EXPECT_EQ(ARPHRD_LOOPBACK, iface.link_type);
	EXPECT_TRUE(iface.loopback);

	ASSERT_EQ(0, nexp_iface_list(fd, &list, &nr));
	for (i = 0; i < nr && strcmp(list[i].name, "lo"); i++)
		;
	ASSERT_LT(i, nr);
	EXPECT_EQ(0, memcmp(&list[i], &iface, sizeof(iface)));
	free(list);
	close(fd);
}

TEST(counters_are_read_and_subtracted)
{
	struct nexp_iface_stats stats = { .rx_missed = 77 };
	int fd = nexp_iface_open();

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENODEV, nexp_iface_stats_read(fd, INT_MAX, &stats));
	EXPECT_EQ(77, stats.rx_missed);
	ASSERT_EQ(0, nexp_iface_stats_read(fd, if_nametoindex("lo"), &stats));
	EXPECT_EQ(0, stats.rx_missed);

	stats = (struct nexp_iface_stats){ 10, 20, 60, 30, 40, 5 };
	nexp_iface_stats_since(&stats, &(struct nexp_iface_stats){ 1, 2, 6, 3, 4, 50 });
	EXPECT_EQ(9, stats.rx_missed);
	EXPECT_EQ(18, stats.rx_over);
	EXPECT_EQ(54, stats.rx_fifo);
	EXPECT_EQ(27, stats.rx_dropped);
	EXPECT_EQ(36, stats.rx_nohandler);
	EXPECT_EQ(5, stats.tx_dropped);
	close(fd);
}

TEST(a_namespace_of_its_own)
{
	struct nexp_netns netns;
	struct nexp_error err;

	ASSERT_EQ(0, nexp_netns_open(&netns, NULL, &err));
	EXPECT_EQ(-1, netns.there);
	EXPECT_EQ(0, nexp_netns_enter(&netns, &err));
	nexp_netns_leave(&netns);
	EXPECT_FALSE(netns.is_lost);
	nexp_netns_close(&netns);

	ASSERT_EQ(0, nexp_netns_open(&netns, "/proc/self/ns/net", &err));
	EXPECT_LE(0, netns.there);
	nexp_netns_close(&netns);
	EXPECT_EQ(-1, netns.there);
}

TEST(namespaces_that_are_none)
{
	static const struct {
		const char *name;
		int code;
	} cases[] = {
		{ "", ENOENT }, { ".", ENOENT }, { "..", ENOENT }, { "nexp-no-such", ENOENT },
		{ "999999999", ENOENT }, { "/nexp-no-such", ENOENT }, { "/dev/null", EINVAL },
		{ "/proc/self/ns/mnt", EINVAL }, { "/", EINVAL },
	};
	char long_name[5000] = "";
	struct nexp_netns netns;
	struct nexp_error err;
	unsigned int i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EXPECT_EQ(-cases[i].code, nexp_netns_open(&netns, cases[i].name, &err));
		EXPECT_NE(NULL, strstr(err.text, "network namespace"));
		EXPECT_EQ(-1, netns.there);
	}
	memset(long_name, 'x', sizeof(long_name) - 1);
	EXPECT_EQ(-ENOENT, nexp_netns_open(&netns, long_name, &err));
	long_name[0] = '/';
	EXPECT_EQ(-ENAMETOOLONG, nexp_netns_open(&netns, long_name, &err));
}

TEST_HARNESS_MAIN
