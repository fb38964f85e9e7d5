// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - views: a pool as a file, for its supervisor
 *
 * Offsets are those of an attachment's windows. A view is read, never mapped: what
 * the reader has is a copy that no expert can change under it, and a page that is
 * being read keeps nobody from punching or reclaiming it. The file is sparse like
 * a heap: what is not committed is a hole and reads as zeros.
 *
 * Each page is copied under the pool's lock into a page of the reader's, and from
 * there to user space without it: user memory may lie in the pool itself.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/uaccess.h>

#include "pool.h"
#include "view.h"
#include "window.h"

/* Slots looked at under one hold of the pool's lock. */
#define NEXP_SEEK_BATCH		4096

/*
 * Copies up to the end of the page or of the window. Bytes, 0 beyond a window's
 * end, or -ESTALE.
 */
static int nexp_view_copy(struct nexp_pool *pool, u64 offset, size_t len,
			  void *to)
{
	size_t in = offset_in_page(offset);
	struct nexp_window window;
	struct page *page;
	int ret = -ESTALE;

	mutex_lock(&pool->lock);
	if (pool->dead)
		goto out_unlock;
	ret = 0;
	window = nexp_window_find(pool, offset);
	if (offset - window.base >= window.size)
		goto out_unlock;
	ret = min_t(size_t, len, PAGE_SIZE - in);
	page = nexp_window_page(pool, offset);
	if (page)
		memcpy_from_page(to, page, in, ret);
	else
		memset(to, 0, ret);
out_unlock:
	mutex_unlock(&pool->lock);
	return ret;
}

static ssize_t nexp_view_read(struct file *file, char __user *buf, size_t count,
			      loff_t *pos)
{
	struct nexp_pool *pool = file->private_data;
	size_t done = 0;
	void *page;
	int ret = 0;

	page = (void *)__get_free_page(NEXP_GFP);
	if (!page)
		return -ENOMEM;
	while (done < count) {
		ret = nexp_view_copy(pool, *pos, count - done, page);
		if (ret <= 0)
			break;
		if (copy_to_user(buf + done, page, ret)) {
			ret = -EFAULT;
			break;
		}
		done += ret;
		*pos += ret;
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		cond_resched();
	}
	free_page((unsigned long)page);
	return done ?: ret;
}

/*
 * First slot from @slot on that is committed (@data) or not. Under one hold of
 * the lock it looks at a batch and says by @found whether that was enough.
 */
static int nexp_view_scan(struct nexp_pool *pool, unsigned long *slot, bool data,
			  bool *found)
{
	const struct nexp_heap *heap = &pool->heap;
	unsigned long end;
	int err = 0;

	mutex_lock(&pool->lock);
	if (pool->dead) {
		err = -ESTALE;
		goto out_unlock;
	}
	end = min(*slot + NEXP_SEEK_BATCH, heap->nr_slots);
	while (*slot < end && !!heap->pages[*slot] != data)
		++*slot;
	*found = *slot < end || *slot == heap->nr_slots;
	/* The end of the window is a hole. */
	if (data && *slot == heap->nr_slots)
		err = -ENXIO;
out_unlock:
	mutex_unlock(&pool->lock);
	return err;
}

static loff_t nexp_view_seek_heap(struct nexp_pool *pool, u64 offset, bool data)
{
	unsigned long first = (offset - NETEXPERT_MAP_HEAP) >> PAGE_SHIFT;
	unsigned long slot = first;
	bool found = false;
	int err;

	while (!found) {
		err = nexp_view_scan(pool, &slot, data, &found);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return slot == first ? offset :
			       NETEXPERT_MAP_HEAP + ((u64)slot << PAGE_SHIFT);
}

static loff_t nexp_view_seek(struct nexp_pool *pool, loff_t offset, bool data)
{
	struct nexp_window window = { 0 };
	bool dead;

	mutex_lock(&pool->lock);
	dead = pool->dead;
	if (!dead)
		window = nexp_window_find(pool, offset);
	mutex_unlock(&pool->lock);
	if (dead)
		return -ESTALE;
	if (offset - window.base >= window.size)
		return -ENXIO;
	if (window.base == NETEXPERT_MAP_HEAP)
		return nexp_view_seek_heap(pool, offset, data);
	return data ? offset : window.base + window.size;
}

static loff_t nexp_view_llseek(struct file *file, loff_t offset, int whence)
{
	struct nexp_pool *pool = file->private_data;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (check_add_overflow(offset, file->f_pos, &offset))
			return -EOVERFLOW;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		if (offset < 0)
			return -ENXIO;
		offset = nexp_view_seek(pool, offset, whence == SEEK_DATA);
		if (offset < 0)
			return offset;
		break;
	default:
		return -EINVAL;
	}
	return vfs_setpos(file, offset, S64_MAX);
}

static int nexp_view_release(struct inode *inode, struct file *file)
{
	nexp_pool_put(file->private_data);
	return 0;
}

static const struct file_operations nexp_view_fops = {
	.owner = THIS_MODULE,
	.read = nexp_view_read,
	.llseek = nexp_view_llseek,
	.release = nexp_view_release,
};

/**
 * nexp_view_open() - a view of a pool
 * @pool: the caller holds a reference.
 * @fd: reserved by the caller, who gives it up if this succeeds.
 *
 * Return: 0 or what making a file can answer.
 */
int nexp_view_open(struct nexp_pool *pool, int fd)
{
	struct file *file;

	file = anon_inode_getfile("[netexpert-view]", &nexp_view_fops, pool,
				  O_RDONLY);
	if (IS_ERR(file))
		return PTR_ERR(file);
	kref_get(&pool->ref);
	file->f_mode |= FMODE_PREAD;
	fd_install(fd, file);
	return 0;
}
