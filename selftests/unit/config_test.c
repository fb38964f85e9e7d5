// SPDX-License-Identifier: GPL-2.0
/*
 * From the stored configuration and the user's options to that of Run: what Configure
 * gets, and what the host makes of what it leaves.
 */
#include <sys/mman.h>

#include "key.h"
#include "user/host/config.h"

#define MIB	(1ULL << 20)

typedef BOOL act_fn(HEXPERTKEY key, PEXPERTCONFIG *config);

/* What Configure was called with, and what it shall do. */
static struct {
	unsigned int nr_calls;
	PEXPERTCONFIG in;
	DWORD flags;
	HWND window;
	EXPERTSTARTUPINFO startup;
	act_fn *act;
} call;

static BOOL configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
		      DWORD flags, HWND window)
{
	call.nr_calls++;
	call.in = *config;
	call.flags = flags;
	call.window = window;
	call.startup = *startup;
	ExpertGetOptions(key);
	return call.act(key, config);
}

FIXTURE(config) {
	struct unit_key u;
	EXPERTENUMINFO info;
	struct nexp_config config;
	struct nexp_failure failure;
};

FIXTURE_SETUP(config)
{
	memset(&self->config, 0, sizeof(self->config));
	memset(&self->info, 0, sizeof(self->info));
	memset(&self->failure, 0, sizeof(self->failure));
	memset(&call, 0, sizeof(call));
	strcpy(self->info.szName, "Mine");
	self->info.Flags = EXPERT_ENUM_FLAG_CONFIGURABLE;
	self->info.pConfigProc = configure;
	self->config.options = "given";
	ASSERT_EQ(0, unit_key_open(&self->u, 16 * MIB, 4 * MIB));
}

FIXTURE_TEARDOWN(config)
{
	unit_key_close(&self->u);
}

/* As the host takes it in, before there is a key. */
static int store(FIXTURE_DATA(config) *self, const void *block, size_t size)
{
	int fd = memfd_create("config_test", MFD_CLOEXEC), err = -1;

	if (write(fd, block, size) == (ssize_t)size)
		err = nexp_config_read(&self->config, self->u.unit.nx, fd, &self->failure);
	close(fd);
	self->config.stored_by = "Mine";
	return err;
}

static int store_numbers(FIXTURE_DATA(config) *self)
{
	const uint32_t block[3] = { sizeof(block), 7, 8 };

	return store(self, block, sizeof(block));
}

static int make(FIXTURE_DATA(config) *self, act_fn *act)
{
	call.act = act;
	return nexp_config_make(&self->config, &self->info, self->u.key, &self->failure);
}

static bool said(const FIXTURE_DATA(config) *self, const char *words)
{
	if (strstr(self->failure.reason, words))
		return true;
	fprintf(stderr, "# not '%s': %s\n", words, self->failure.reason);
	return false;
}

static BOOL keep(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	(void)key;
	(void)config;
	return TRUE;
}

TEST_F(config, is_null_at_configure_if_nothing_is_stored)
{
	EXPECT_EQ(0, make(self, keep));
	EXPECT_EQ(1, call.nr_calls);
	EXPECT_EQ(NULL, call.in);
	EXPECT_EQ(NULL, self->config.block);
}

TEST_F(config, startup_data_never_go_before_it_as_nothing_has_the_focus)
{
	EXPECT_EQ(0, make(self, keep));
	EXPECT_EQ(0, call.flags & EXPERT_STARTUP_FLAG_USE_STARTUP_DATA_OVER_CONFIG_DATA);
	EXPECT_EQ(0, call.flags);
	EXPECT_EQ(NULL, call.window);
	EXPECT_EQ(NULL, call.startup.lpPropertyInst);
	EXPECT_EQ(NULL, call.startup.hProtocol);
	EXPECT_EQ(INVALID_FRAME_NUMBER, call.startup.dwFrameNumber);
}

TEST_F(config, that_is_stored_comes_back_and_may_stay_as_it_is)
{
	ASSERT_EQ(0, store_numbers(self));
	EXPECT_EQ(0, make(self, keep));
	ASSERT_NE(NULL, call.in);
	EXPECT_EQ(call.in, self->config.block);
	EXPECT_EQ(12, call.in->RawConfigLength);
	EXPECT_EQ(7, call.in->RawConfigData[0]);
	EXPECT_EQ(8, call.in->RawConfigData[4]);
}

static BOOL grow(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	PEXPERTCONFIG grown = ExpertReallocMemory(key, *config, 100000, NULL);

	if (!grown)
		return FALSE;
	grown->RawConfigLength = 100000;
	*config = grown;
	return TRUE;
}

TEST_F(config, can_be_grown_by_realloc_and_what_it_grows_by_is_zero)
{
	ASSERT_EQ(0, store_numbers(self));
	ASSERT_EQ(0, make(self, grow));
	EXPECT_EQ(100000, ExpertMemorySize(self->u.key, self->config.block));
	EXPECT_EQ(7, self->config.block->RawConfigData[0]);
	EXPECT_EQ(0, self->config.block->RawConfigData[8]);
	EXPECT_EQ(0, self->config.block->RawConfigData[99995]);
}

static BOOL replace(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	if (ExpertFreeMemory(key, *config))
		return FALSE;
	*config = ExpertAllocMemory(key, 32, NULL);
	/* Less than the block may be used. */
	(*config)->RawConfigLength = 20;
	return TRUE;
}

TEST_F(config, can_be_freed_and_replaced_and_use_less_than_its_block)
{
	ASSERT_EQ(0, store_numbers(self));
	ASSERT_EQ(0, make(self, replace));
	EXPECT_EQ(20, self->config.block->RawConfigLength);
}

static BOOL leave_none(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	ExpertFreeMemory(key, *config);
	*config = NULL;
	return TRUE;
}

TEST_F(config, is_none_after_true_with_null)
{
	ASSERT_EQ(0, store_numbers(self));
	EXPECT_EQ(0, make(self, leave_none));
	EXPECT_EQ(NULL, self->config.block);
}

static BOOL refuse(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	(*config)->RawConfigLength = 1;
	*config = NULL;
	ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, 0, "not like this", 0);
	return FALSE;
}

static BOOL refuse_in_silence(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	(void)key;
	(void)config;
	return FALSE;
}

TEST_F(config, is_not_made_after_false_and_the_reason_is_told)
{
	ASSERT_EQ(0, store_numbers(self));
	EXPECT_EQ(-1, make(self, refuse));
	EXPECT_STREQ("not like this", self->failure.reason);
	EXPECT_EQ(NEXP_FAILED_OPTIONS, self->failure.what);
}

TEST_F(config, is_not_made_after_false_without_a_reason)
{
	EXPECT_EQ(-1, make(self, refuse_in_silence));
	EXPECT_STREQ("it refused its options without a reason", self->failure.reason);
}

static DWORD lie;

static BOOL lie_about_length(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	*config = ExpertAllocMemory(key, 24, NULL);
	(*config)->RawConfigLength = lie;
	return TRUE;
}

TEST_F(config, whose_length_is_not_in_its_block_is_refused)
{
	static const DWORD lies[] = { 0, 3, 25, 0x7fffffff, 0xffffffff };
	size_t i;

	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		lie = lies[i];
		EXPECT_EQ(-1, make(self, lie_about_length));
		EXPECT_TRUE(said(self, "whose length is wrong: RawConfigLength is"));
		EXPECT_TRUE(said(self, "in a block of 24 bytes"));
	}
	lie = 24;
	EXPECT_EQ(0, make(self, lie_about_length));
}

static BOOL leave_too_small(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	*config = ExpertAllocMemory(key, 3, NULL);
	return TRUE;
}

TEST_F(config, without_room_for_its_length_is_refused)
{
	EXPECT_EQ(-1, make(self, leave_too_small));
	EXPECT_TRUE(said(self, "a configuration of 3 bytes"));
}

static BOOL leave_static(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	static DWORD block[2] = { sizeof(block) };

	(void)key;
	*config = (PEXPERTCONFIG)block;
	return TRUE;
}

static BOOL leave_freed(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	*config = ExpertAllocMemory(key, 24, NULL);
	(*config)->RawConfigLength = 24;
	ExpertFreeMemory(key, *config);
	return TRUE;
}

static BOOL leave_inside(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	DWORD *block = ExpertAllocMemory(key, 64, NULL);

	block[4] = 8;
	*config = (PEXPERTCONFIG)(block + 4);
	return TRUE;
}

static BOOL leave_nonsense(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	(void)key;
	*config = (PEXPERTCONFIG)(uintptr_t)0x123456789abc;
	return TRUE;
}

TEST_F(config, that_is_no_block_of_configures_key_is_refused)
{
	act_fn *const acts[] = {
		leave_static, leave_freed, leave_inside, leave_nonsense,
	};
	size_t i;

	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		EXPECT_EQ(-1, make(self, acts[i]));
		EXPECT_TRUE(said(self, "no block of Expert memory"));
	}
}

TEST_F(config, is_adopted_before_configures_key_dies_and_belongs_to_runs)
{
	HEXPERTKEY old = self->u.key;
	PEXPERTCONFIG block;
	void *other;

	ASSERT_EQ(0, store_numbers(self));
	other = ExpertAllocMemory(old, 5000, NULL);
	ASSERT_EQ(0, make(self, grow));
	nexp_key_end(old, self->config.block);
	ASSERT_EQ(0, nexp_key_begin(self->u.unit.nx, self->u.link, &self->u.startup,
				    &self->u.key));
	EXPECT_NE(old, self->u.key);
	EXPECT_EQ(100000, ExpertMemorySize(self->u.key, self->config.block));
	EXPECT_EQ(0, ExpertMemorySize(self->u.key, other));
	EXPECT_EQ(NULL, ExpertReallocMemory(old, self->config.block, 10, NULL));
	block = ExpertReallocMemory(self->u.key, self->config.block, 200000, NULL);
	ASSERT_NE(NULL, block);
	EXPECT_EQ(7, block->RawConfigData[0]);
	EXPECT_EQ(NMERR_SUCCESS, ExpertFreeMemory(self->u.key, block));
}

static const char *seen;

static BOOL look_at_options(HEXPERTKEY key, PEXPERTCONFIG *config)
{
	(void)config;
	seen = ExpertGetOptions(key);
	return TRUE;
}

TEST_F(config, options_are_the_text_on_the_command_line_and_not_the_block)
{
	ASSERT_EQ(0, store_numbers(self));
	EXPECT_EQ(0, make(self, look_at_options));
	EXPECT_STREQ("given", seen);
	self->config.options = "";
	EXPECT_EQ(0, make(self, look_at_options));
	EXPECT_STREQ("", seen);
}

TEST_F(config, options_are_not_there_with_runs_key)
{
	EXPECT_EQ(0, make(self, look_at_options));
	nexp_key_end(self->u.key, NULL);
	EXPECT_EQ(NULL, ExpertGetOptions(self->u.key));
	ASSERT_EQ(0, nexp_key_begin(self->u.unit.nx, self->u.link, &self->u.startup,
				    &self->u.key));
	EXPECT_EQ(NULL, ExpertGetOptions(self->u.key));
}

static BOOL take_no_notice(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
			   DWORD flags, HWND window)
{
	(void)key;
	(void)config;
	(void)startup;
	(void)flags;
	(void)window;
	return TRUE;
}

TEST_F(config, options_that_nobody_asks_for_are_refused)
{
	self->info.pConfigProc = take_no_notice;
	EXPECT_EQ(-1, make(self, keep));
	EXPECT_TRUE(said(self, "it has not called ExpertGetOptions"));
}

TEST_F(config, of_another_expert_is_refused)
{
	ASSERT_EQ(0, store_numbers(self));
	EXPECT_EQ(0, nexp_config_fits(&self->config, &self->info, &self->failure));
	self->config.stored_by = "mine";
	EXPECT_EQ(-1, nexp_config_fits(&self->config, &self->info, &self->failure));
	EXPECT_TRUE(said(self, "is one of 'mine', and this is 'Mine'"));
}

TEST_F(config, of_an_expert_that_takes_none_is_refused)
{
	self->info.Flags = 0;
	EXPECT_EQ(-1, nexp_config_fits(&self->config, &self->info, &self->failure));
	EXPECT_TRUE(said(self, "it takes no options"));
	self->config.options = NULL;
	EXPECT_EQ(0, nexp_config_fits(&self->config, &self->info, &self->failure));
	ASSERT_EQ(0, store_numbers(self));
	EXPECT_EQ(-1, nexp_config_fits(&self->config, &self->info, &self->failure));
	EXPECT_TRUE(said(self, "it takes none any more"));
}

TEST_F(config, file_of_a_length_that_it_cannot_have_is_refused)
{
	static char bytes[NEXP_CONFIG_MAX + 1];

	EXPECT_EQ(-1, store(self, bytes, 3));
	EXPECT_EQ(-1, store(self, bytes, sizeof(bytes)));
	EXPECT_EQ(NULL, self->config.block);
	EXPECT_EQ(0, store(self, bytes, sizeof(bytes) - 1));
}

TEST_F(config, alone_has_a_capture_that_is_at_its_end)
{
	EXPERTFRAMEDESCRIPTOR frame;

	nexp_memfd_complete(self->u.unit.pool);
	EXPECT_EQ(NMERR_OUT_OF_RANGE, ExpertGetFrame(self->u.key, GET_FRAME_NEXT_FORWARD, 0,
						     INVALID_FRAME_NUMBER, NULL, &frame));
	EXPECT_EQ(0, GetCaptureTotalFrames(nexp_capture_of((uintptr_t)self->u.key)));
}

TEST_HARNESS_MAIN
