// SPDX-License-Identifier: GPL-2.0
/*
 * trace_test - what the tracepoints tell of a pool's life and of lost frames
 */
#include <sys/mount.h>
#include <sys/stat.h>

#include "child.h"
#include "feed.h"
#include "filters.h"

#define PAGE	4096UL

FIXTURE(trace)
{
	int session;
	char tracefs[32];
	char instance[80];
};

/* An instance of its own: other tracing is not disturbed, and not seen. */
FIXTURE_SETUP(trace)
{
	strcpy(self->tracefs, "/tmp/nexp-trace-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->tracefs));
	ASSERT_EQ(0, mount("none", self->tracefs, "tracefs", 0, NULL))
		TH_LOG("mounting tracefs: %s", strerror(errno));
	snprintf(self->instance, sizeof(self->instance), "%s/instances/nexp",
		 self->tracefs);
	ASSERT_EQ(0, mkdir(self->instance, 0700))
		TH_LOG("%s: %s", self->instance, strerror(errno));
	ASSERT_EQ(0, __nexp_write_file(self->instance, "events/netexpert/enable", "1"));
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
}

FIXTURE_TEARDOWN(trace)
{
	close(self->session);
	EXPECT_EQ(0, rmdir(self->instance));
	umount2(self->tracefs, MNT_DETACH);
	rmdir(self->tracefs);
}

/* Everything said so far, oldest first. */
static void read_trace(struct __test_metadata *const _metadata,
		       FIXTURE_DATA(trace) *self, char *text, size_t size)
{
	char path[96];
	ssize_t got;
	size_t length = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/trace", self->instance);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	while ((got = read(fd, text + length, size - 1 - length)) > 0)
		length += got;
	ASSERT_EQ(0, got);
	text[length] = '\0';
	close(fd);
}

/* Each line must follow the one before it; answers how many did. */
static size_t find_in_order(const char *text, char lines[][128], size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		text = strstr(text, lines[i]);
		if (!text)
			break;
		text += strlen(lines[i]);
	}
	return i;
}

TEST_F(trace, tells_the_life_of_a_pool_in_order)
{
	struct netexpert_pool_create args = nexp_pool_args();
	static char text[64 << 10];
	struct nexp_attachment a;
	char lines[16][128];
	size_t nr = 0, found;
	__u64 pool;
	int fd;

	args.flags = NETEXPERT_POOL_POSTMORTEM;
	pool = nexp_do_pool(_metadata, self->session, &args);
#define LINE(format, ...) snprintf(lines[nr++], sizeof(lines[0]),	\
	format, (unsigned long long)pool, ##__VA_ARGS__)
	LINE("netexpert_pool_create: pool=%#llx name=selftest nr_rings=1 "
	     "ring_size=65536 heap_limit=1048576\n");
	fd = nexp_do_open(_metadata, self->session, pool);
	LINE("netexpert_open: pool=%#llx incarnation=1 heap_bytes=0\n");
	nexp_do_attach(_metadata, fd, &a);
	LINE("netexpert_attach: pool=%#llx incarnation=1 heap_bytes=0\n");
	ASSERT_EQ(0, __nexp_do_commit(fd, 0, 4 * PAGE));
	LINE("netexpert_commit: pool=%#llx offset=0x0 length=16384 changed=16384 err=0\n");
	ASSERT_EQ(0, __nexp_do_commit(fd, 3 * PAGE, 2 * PAGE));
	LINE("netexpert_commit: pool=%#llx offset=0x3000 length=8192 changed=4096 err=0\n");
	ASSERT_EQ(0, __nexp_do_punch(fd, 0, 2 * PAGE));
	LINE("netexpert_punch: pool=%#llx offset=0x0 length=8192 changed=8192 err=0\n");
	ASSERT_EQ(0, __nexp_do_limit(self->session, pool, PAGE));
	LINE("netexpert_limit: pool=%#llx heap_limit=4096 heap_bytes=12288\n");
	ASSERT_EQ(-EDQUOT, __nexp_do_commit(fd, 0, PAGE));
	LINE("netexpert_commit: pool=%#llx offset=0x0 length=4096 changed=0 err=-122\n");
	ASSERT_EQ(0, __nexp_do_filter_all(self->session, pool, 1));
	LINE("netexpert_filter: pool=%#llx nr_programs=1 bytes=");
	ASSERT_EQ(0, __nexp_do_filter_none(self->session, pool));
	LINE("netexpert_filter: pool=%#llx nr_programs=0 bytes=0\n");
	ASSERT_EQ(0, __nexp_do_freeze(self->session, pool));
	LINE("netexpert_end: pool=%#llx incarnation=1 heap_bytes=12288\n");
	LINE("netexpert_frozen: pool=%#llx incarnation=1 heap_bytes=12288\n");
	ASSERT_EQ(0, __nexp_do_reclaim(self->session, pool));
	ASSERT_TRUE(nexp_becomes(nexp_state(self->session, pool) ==
				 NETEXPERT_POOL_IDLE));
	LINE("netexpert_back: pool=%#llx incarnation=1 heap_bytes=0\n");
	ASSERT_EQ(0, __nexp_do_destroy(self->session, pool));
	LINE("netexpert_pool_destroy: pool=%#llx incarnations=1\n");

	read_trace(_metadata, self, text, sizeof(text));
	found = find_in_order(text, lines, nr);
	EXPECT_EQ(nr, found)
		TH_LOG("missing: %sin:\n%s", lines[found], text);
}

TEST_F(trace, names_the_cause_of_each_lost_frame)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int program = nexp_do_load(_metadata, pool);
	static char text[64 << 10];
	struct nexp_frame frame;
	char line[1][128];
	int fed = 0;

	nexp_frame_make(&frame, 1);
	while (!nexp_do_feed(_metadata, program, &frame, 2000, 1))
		ASSERT_GT(64, ++fed);
	read_trace(_metadata, self, text, sizeof(text));
	snprintf(line[0], sizeof(line[0]),
		 "netexpert_drop: pool=%#llx ring=0 cause=ring_full\n",
		 (unsigned long long)pool);
	ASSERT_EQ(1, find_in_order(text, line, 1))
		TH_LOG("missing: %sin:\n%s", line[0], text);
	/* One event for one frame, and none for those that are delivered. */
	EXPECT_EQ(NULL, strstr(strstr(text, line[0]) + 1, "netexpert_drop"));
	ASSERT_EQ(0, __nexp_do_filter_all(self->session, pool, 0));
	nexp_do_feed(_metadata, program, &frame, 2000, 1);
	read_trace(_metadata, self, text, sizeof(text));
	EXPECT_EQ(NULL, strstr(strstr(text, line[0]) + 1, "netexpert_drop"))
		TH_LOG("a frame that nobody wants is called lost");
	close(program);
}

TEST_HARNESS_MAIN
