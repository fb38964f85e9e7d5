// SPDX-License-Identifier: GPL-2.0
/*
 * Names of interfaces, and what the kernel says of them here. Needs no rights.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include <net/if_arp.h>

#include "user/supervisor/iface.h"

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

TEST_HARNESS_MAIN
