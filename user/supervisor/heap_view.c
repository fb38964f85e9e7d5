// SPDX-License-Identifier: GPL-2.0
/*
 * heap_view - the heap of a pool, read through the module's view of it
 */
#include <errno.h>
#include <unistd.h>

#include "heap_view.h"

static int file_read(void *owner, uint64_t offset, void *to, size_t length)
{
	const int *fd = owner;
	uint8_t *at = to;
	ssize_t size;

	while (length) {
		size = pread(*fd, at, length, (off_t)(NETEXPERT_MAP_HEAP + offset));
		if (size < 0)
			return -errno;
		/* The heap ends before it should. */
		if (!size)
			return -EIO;
		at += size;
		offset += (uint64_t)size;
		length -= (size_t)size;
	}
	return 0;
}

static int file_data(void *owner, uint64_t offset, uint64_t *ret)
{
	const int *fd = owner;
	off_t data;

	data = lseek(*fd, (off_t)(NETEXPERT_MAP_HEAP + offset), SEEK_DATA);
	if (data < 0 && errno != ENXIO)
		return -errno;
	*ret = data < 0 ? UINT64_MAX : (uint64_t)data - NETEXPERT_MAP_HEAP;
	return 0;
}

void nexp_heap_file(int *fd, uint64_t size, struct nexp_heap_source *ret)
{
	*ret = (struct nexp_heap_source){
		.owner = fd,
		.size = size,
		.page_size = (uint32_t)sysconf(_SC_PAGESIZE),
		.read = file_read,
		.data = file_data,
	};
}

/*
 * To whom may not look the module says that there is no such pool. Whoever sees its
 * counters knows better.
 */
static int refusal(const struct nexp_session *session, uint64_t pool_id)
{
	struct netexpert_pool_stat stat;

	return nexp_pool_stat(session, pool_id, 0, NULL, 0, &stat) ? -ESTALE : -EPERM;
}

int nexp_heap_view(const struct nexp_session *session, const struct netexpert_pool_stat *stat,
		   uint64_t most, struct nexp_heap_report *ret)
{
	int view = nexp_pool_view(session, stat->pool_id);
	struct nexp_heap_source source;
	int err;

	if (view == -ENOENT)
		return refusal(session, stat->pool_id);
	if (view < 0)
		return view;
	nexp_heap_file(&view, stat->out_heap_size, &source);
	err = nexp_heap_report(&source, most, ret);
	close(view);
	return err;
}
