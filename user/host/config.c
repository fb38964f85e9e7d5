// SPDX-License-Identifier: GPL-2.0
/*
 * config - from the stored configuration and the user's options to that of Run
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/key.h"
#include "../lib/wire.h"
#include "config.h"

#define WHAT_TO_DO \
	"\"netexpert config --defaults\" drops it, \"netexpert run --no-config\" leaves it out"

/**
 * nexp_config_read() - take the stored configuration into the pool
 * @config: its @block is set.
 * @nx: the pool.
 * @fd: a file with the block alone, which the supervisor has checked; stays open.
 * @failure: why it failed.
 *
 * A block of its own for each incarnation, which Realloc and Free accept like any other.
 *
 * Return: 0 or -1.
 */
int nexp_config_read(struct nexp_config *config, struct netexpert *nx, int fd,
		     struct nexp_failure *failure)
{
	struct stat st;
	void *block;
	int err;

	if (fstat(fd, &st) || st.st_size < (off_t)sizeof(EXPERTCONFIG) ||
	    st.st_size > NEXP_CONFIG_MAX)
		return nexp_fail(failure, NEXP_FAILED_POOL,
				 "file descriptor %d is no configuration", fd);
	err = netexpert_alloc(nx, (size_t)st.st_size, &block);
	if (err)
		return nexp_fail(failure, NEXP_FAILED_POOL,
				 "no memory for its configuration (%s); its limit may be too low",
				 strerror(-err));
	if (pread(fd, block, (size_t)st.st_size, 0) != st.st_size)
		return nexp_fail(failure, NEXP_FAILED_POOL,
				 "its configuration could not be read: %s", strerror(errno));
	config->block = block;
	return 0;
}

/**
 * nexp_config_fits() - may this expert have this configuration?
 * @config: what there is.
 * @info: the expert.
 * @failure: why not.
 *
 * Return: 0 or -1.
 */
int nexp_config_fits(const struct nexp_config *config, const EXPERTENUMINFO *info,
		     struct nexp_failure *failure)
{
	if (config->stored_by && strcmp(config->stored_by, info->szName))
		return nexp_fail(failure, NEXP_FAILED_OPTIONS,
				 "the stored configuration is one of '%s', and this is '%s'; "
				 WHAT_TO_DO, config->stored_by, info->szName);
	if (info->Flags & EXPERT_ENUM_FLAG_CONFIGURABLE)
		return 0;
	if (config->options)
		return nexp_fail(failure, NEXP_FAILED_OPTIONS, "it takes no options");
	if (config->stored_by)
		return nexp_fail(failure, NEXP_FAILED_OPTIONS,
				 "there is a stored configuration, and it takes none any more; "
				 WHAT_TO_DO);
	return 0;
}

static int check_block(PEXPERTCONFIG block, HEXPERTKEY key, struct nexp_failure *failure)
{
	size_t size;

	if (!block)
		return 0;
	size = ExpertMemorySize(key, block);
	if (!size)
		return nexp_fail(failure, NEXP_FAILED_OPTIONS,
				 "its Configure left a configuration that is no block of Expert memory");
	if (size < sizeof(*block))
		return nexp_fail(failure, NEXP_FAILED_OPTIONS,
				 "its Configure left a configuration of %zu bytes, in which there is no room for its length",
				 size);
	if (block->RawConfigLength > size || block->RawConfigLength < sizeof(*block))
		return nexp_fail(failure, NEXP_FAILED_OPTIONS,
				 "its Configure left a configuration whose length is wrong: RawConfigLength is %u in a block of %zu bytes",
				 block->RawConfigLength, size);
	return 0;
}

/**
 * nexp_config_make() - let Configure make a configuration
 * @config: what there is; @block becomes Configure's.
 * @info: the expert.
 * @key: Configure's.
 * @failure: why it failed.
 *
 * Return: 0 or -1.
 */
int nexp_config_make(struct nexp_config *config, const EXPERTENUMINFO *info, HEXPERTKEY key,
		     struct nexp_failure *failure)
{
	PEXPERTCONFIG block = config->block;
	EXPERTSTARTUPINFO startup;
	const char *reason;

	nexp_key_set_options(key, config->options);
	ExpertGetStartupInfo(key, &startup);
	if (!info->pConfigProc(key, &block, &startup, 0, NULL)) {
		reason = nexp_key_problem(key);
		return nexp_fail(failure, NEXP_FAILED_OPTIONS, "%s",
				 *reason ? reason :
					   "it refused its options without a reason");
	}
	/* Nobody shall believe that they had an effect. */
	if (!nexp_key_options_asked(key))
		return nexp_fail(failure, NEXP_FAILED_OPTIONS,
				 "its Configure takes no options as text: it has not called ExpertGetOptions");
	if (check_block(block, key, failure))
		return -1;
	config->block = block;
	return 0;
}
