/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cgroup - a memory cgroup for a test, and what it says
 *
 * The cgroup2 hierarchy is mounted once more at a place of the test's own, so
 * that nothing is asked of the machine's set-up.
 */
#ifndef NEXP_SELFTESTS_CGROUP_H
#define NEXP_SELFTESTS_CGROUP_H

#include <sys/mount.h>
#include <sys/stat.h>

#include "util.h"

/**
 * struct nexp_cgroup - one cgroup with the memory controller
 * @root: where the hierarchy is mounted.
 * @path: the cgroup.
 */
struct nexp_cgroup {
	char root[32];
	char path[64];
};

static inline void nexp_do_cgroup_set(struct __test_metadata *const _metadata,
				      const struct nexp_cgroup *cgroup,
				      const char *file, __u64 value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	ASSERT_EQ(0, __nexp_write_file(cgroup->path, file, text))
		TH_LOG("%s", file);
}

static inline void nexp_do_cgroup(struct __test_metadata *const _metadata,
				  struct nexp_cgroup *cgroup)
{
	strcpy(cgroup->root, "/tmp/nexp-cgroup-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(cgroup->root));
	ASSERT_EQ(0, mount("none", cgroup->root, "cgroup2", 0, NULL))
		TH_LOG("mounting cgroup2: %s", strerror(errno));
	ASSERT_EQ(0, __nexp_write_file(cgroup->root, "cgroup.subtree_control",
				       "+memory"));
	snprintf(cgroup->path, sizeof(cgroup->path), "%s/nexp-%d", cgroup->root,
		 getpid());
	ASSERT_EQ(0, mkdir(cgroup->path, 0755));
}

static inline void nexp_cgroup_remove(struct nexp_cgroup *cgroup)
{
	nexp_becomes_within(!rmdir(cgroup->path), 2000);
	umount2(cgroup->root, MNT_DETACH);
	rmdir(cgroup->root);
}

/* Moves the calling process into it. */
static inline void nexp_do_cgroup_enter(struct __test_metadata *const _metadata,
					const struct nexp_cgroup *cgroup)
{
	ASSERT_EQ(0, __nexp_write_file(cgroup->path, "cgroup.procs", "0"));
}

/* The number in @file, on the line that starts with @key if that is given. */
static inline __u64 nexp_cgroup_get(const struct nexp_cgroup *cgroup,
				    const char *file, const char *key)
{
	unsigned long long value = 0;
	char path[128], line[256];
	FILE *stream;

	snprintf(path, sizeof(path), "%s/%s", cgroup->path, file);
	stream = fopen(path, "re");
	if (!stream)
		return ~0ULL;
	while (fgets(line, sizeof(line), stream)) {
		size_t length = key ? strlen(key) : 0;

		if (key && (strncmp(line, key, length) || line[length] != ' '))
			continue;
		value = strtoull(line + length, NULL, 10);
		break;
	}
	fclose(stream);
	return value;
}

#endif /* NEXP_SELFTESTS_CGROUP_H */
