// SPDX-License-Identifier: GPL-2.0
/*
 * session - the supervisor's side of /dev/netexpert
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "session.h"

static int open_failure(struct nexp_error *err, int code)
{
	switch (code) {
	case ENOENT:
		return nexp_error_set(err, NEXP_FAILURE_UNAVAILABLE, code,
			"%s does not exist: the kernel module is not loaded; "
			"load it with 'modprobe netexpert'", NEXP_DEVICE);
	case ENXIO:
	case ENODEV:
		return nexp_error_set(err, NEXP_FAILURE_UNAVAILABLE, code,
			"%s is there but no driver answers: the kernel module was "
			"unloaded; load it with 'modprobe netexpert'", NEXP_DEVICE);
	case EACCES:
	case EPERM:
		return nexp_error_set(err, NEXP_FAILURE_PERMISSION, code,
			"%s may not be opened by this user: run as root, or as a "
			"member of the device's group", NEXP_DEVICE);
	default:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code, "opening %s: %s",
				      NEXP_DEVICE, strerror(code));
	}
}

int nexp_session_open(struct nexp_session *session, struct nexp_error *err)
{
	struct netexpert_info info = { .size = sizeof(info) };
	int fd, code;

	fd = open(NEXP_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return open_failure(err, errno);
	if (ioctl(fd, NETEXPERT_IOC_INFO, &info)) {
		code = errno;
		close(fd);
		return nexp_error_set(err, NEXP_FAILURE_UNAVAILABLE, code,
			"%s does not answer as netexpert's module does (%s): another "
			"driver's device, or a module of another version; reload the "
			"module that belongs to this program", NEXP_DEVICE, strerror(code));
	}
	if (info.out_abi != NETEXPERT_ABI) {
		close(fd);
		return nexp_error_set(err, NEXP_FAILURE_UNAVAILABLE, EPROTO,
			"the loaded module speaks ABI %u, this program %u: install both "
			"from one version and reload the module", info.out_abi, NETEXPERT_ABI);
	}
	session->fd = fd;
	session->info = info;
	return 0;
}

void nexp_session_close(struct nexp_session *session)
{
	if (session->fd >= 0)
		close(session->fd);
	session->fd = -1;
}

static int create_failure(struct nexp_error *err, int code, const struct nexp_session *session,
			  const struct nexp_pool_config *config)
{
	switch (code) {
	case EINVAL:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"pool '%s': the module refuses these sizes (ring %llu bytes, "
			"history %llu, heap %llu, %u rings)", config->name,
			(unsigned long long)config->ring_size,
			(unsigned long long)config->history_size,
			(unsigned long long)config->heap_limit, config->nr_rings);
	case ENOMEM:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"pool '%s': no memory for rings of %llu bytes each, in the "
			"machine or in this cgroup; make them smaller with -B", config->name,
			(unsigned long long)config->ring_size);
	case EDQUOT:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"pool '%s': the module keeps at most %llu MiB for all pools; make "
			"rings smaller with -B, or raise its parameter max_mbytes",
			config->name,
			(unsigned long long)session->info.out_max_bytes >> 20);
	case ENOSPC:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"pool '%s': the module keeps %u pools already, its most; "
			"'netexpert stat' shows them", config->name,
			session->info.out_max_pools);
	default:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code, "creating pool '%s': %s",
				      config->name, strerror(code));
	}
}

/*
 * Address space for a heap of @limit bytes: the library keeps a seventh of it for
 * what it knows about objects, and one object may take all of the limit.
 */
static uint64_t heap_space(uint64_t limit)
{
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), most = 64ULL << 30;
	uint64_t space = (limit + limit / 4 + page - 1) & ~(page - 1);

	return space < most ? space : most;
}

int nexp_pool_create(const struct nexp_session *session, const struct nexp_pool_config *config,
		     uint64_t *ret_id, uint32_t *ret_rings, struct nexp_error *err)
{
	struct netexpert_pool_create arg = {
		.size = sizeof(arg),
		.flags = config->postmortem ? NETEXPERT_POOL_POSTMORTEM : 0,
		.nr_rings = config->nr_rings,
		.snaplen = config->snaplen,
		.ring_size = config->ring_size,
		.history_size = config->history_size,
		.heap_size = heap_space(config->heap_limit),
		.heap_limit = config->heap_limit,
		.wake_bytes = config->wake_bytes,
		.wake_usecs = config->wake_usecs,
	};

	snprintf(arg.name, sizeof(arg.name), "%s", config->name);
	if (ioctl(session->fd, NETEXPERT_IOC_POOL_CREATE, &arg))
		return create_failure(err, errno, session, config);
	*ret_id = arg.out_pool_id;
	*ret_rings = arg.out_nr_rings;
	return 0;
}

int nexp_pool_open(const struct nexp_session *session, uint64_t pool_id)
{
	struct netexpert_pool_open arg = { .size = sizeof(arg), .pool_id = pool_id };

	if (ioctl(session->fd, NETEXPERT_IOC_POOL_OPEN, &arg))
		return -errno;
	return arg.out_fd;
}

int nexp_pool_injector(const struct nexp_session *session, uint64_t pool_id)
{
	struct netexpert_pool_inject arg = { .size = sizeof(arg), .pool_id = pool_id };

	return ioctl(session->fd, NETEXPERT_IOC_POOL_INJECT, &arg) ? -errno : arg.out_fd;
}

static int pool_do(const struct nexp_session *session, unsigned long request, uint64_t pool_id)
{
	struct netexpert_pool_ref arg = { .size = sizeof(arg), .pool_id = pool_id };

	return ioctl(session->fd, request, &arg) ? -errno : 0;
}

int nexp_pool_terminate(const struct nexp_session *session, uint64_t pool_id)
{
	return pool_do(session, NETEXPERT_IOC_POOL_TERMINATE, pool_id);
}

int nexp_pool_freeze(const struct nexp_session *session, uint64_t pool_id)
{
	return pool_do(session, NETEXPERT_IOC_POOL_FREEZE, pool_id);
}

int nexp_pool_view(const struct nexp_session *session, uint64_t pool_id)
{
	struct netexpert_pool_view arg = { .size = sizeof(arg), .pool_id = pool_id };

	if (ioctl(session->fd, NETEXPERT_IOC_POOL_VIEW, &arg))
		return -errno;
	return arg.out_fd;
}

int nexp_pool_reclaim(const struct nexp_session *session, uint64_t pool_id)
{
	return pool_do(session, NETEXPERT_IOC_POOL_RECLAIM, pool_id);
}

int nexp_pool_destroy(const struct nexp_session *session, uint64_t pool_id)
{
	return pool_do(session, NETEXPERT_IOC_POOL_DESTROY, pool_id);
}

int nexp_pool_stat(const struct nexp_session *session, uint64_t pool_id, uint32_t flags,
		   struct netexpert_ring_stat *rings, uint32_t nr_rings,
		   struct netexpert_pool_stat *ret)
{
	struct netexpert_pool_stat arg = {
		.size = sizeof(arg),
		.flags = flags,
		.pool_id = pool_id,
		.rings = (uintptr_t)rings,
		.nr_rings = rings ? nr_rings : 0,
	};

	if (ioctl(session->fd, NETEXPERT_IOC_POOL_STAT, &arg))
		return -errno;
	*ret = arg;
	return 0;
}

int nexp_pool_filter_text(const struct nexp_session *session, uint64_t pool_id, char *text)
{
	struct netexpert_pool_stat arg = {
		.size = sizeof(arg),
		.pool_id = pool_id,
		.filter_text = (uintptr_t)text,
		.filter_text_size = NETEXPERT_FILTER_TEXT_LEN,
	};

	text[0] = '\0';
	if (ioctl(session->fd, NETEXPERT_IOC_POOL_STAT, &arg))
		return -errno;
	return (int)arg.out_nr_programs;
}

uint64_t nexp_stat_lost(const struct netexpert_ring_stat *stat)
{
	uint64_t lost = 0;
	unsigned int i;

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		lost += stat->dropped[i];
	return lost;
}

const char *nexp_drop_name(unsigned int cause)
{
	static const char *const names[NETEXPERT_NR_DROPS] = {
		[NETEXPERT_DROP_RING_FULL] = "ring_full",
		[NETEXPERT_DROP_CORRUPT] = "corrupt",
		[NETEXPERT_DROP_TOO_BIG] = "too_big",
		[NETEXPERT_DROP_UNREADABLE] = "unreadable",
		[NETEXPERT_DROP_NESTED] = "nested",
		[NETEXPERT_DROP_NO_PROGRAM] = "no_program",
	};

	return cause < NETEXPERT_NR_DROPS ? names[cause] : NULL;
}
