// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert - attachments: the one file an expert gets
 *
 * An attachment is bound to one address space by ATTACH and ends with it, seen
 * through the mmu notifier: exit, exec, crash and kill all come by there, and
 * copies of the file elsewhere do not keep it alive. Its file has an inode of
 * its own, so one unmap_mapping_range() revokes every window of it, wherever it
 * was moved to; no VMA is ever stored or counted.
 *
 * Lock order: bind_lock, mmap_lock, the pool's lock.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>

#include "dev.h"
#include "map.h"
#include "pool.h"
#include "trace.h"
#include "window.h"

static void nexp_attachment_free(struct kref *ref)
{
	struct nexp_attachment *att = container_of(ref, struct nexp_attachment,
						   ref);

	if (att->mm)
		mmdrop(att->mm);
	mem_cgroup_put(att->memcg);
	put_pid(att->pid);
	iput(att->inode);
	nexp_pool_put(att->pool);
	kfree(att);
}

/** nexp_attachment_put() - drop a reference. */
void nexp_attachment_put(struct nexp_attachment *att)
{
	kref_put(&att->ref, nexp_attachment_free);
}

/**
 * nexp_attachment_end() - the attachment is a husk from now on
 * @att: its pool's lock is held. Any number of times.
 *
 * Only marks and tells; the worker takes the memory back, so that a dying
 * process does not wait for it.
 */
void nexp_attachment_end(struct nexp_attachment *att)
{
	struct nexp_pool *pool = att->pool;
	bool bound = att->state == NEXP_ATT_ATTACHED;

	lockdep_assert_held(&pool->lock);
	if (att->state == NEXP_ATT_ENDED)
		return;
	att->state = NEXP_ATT_ENDED;
	if (pool->att != att)
		return;
	if (bound && pool->postmortem)
		pool->keep_heap = true;

	/* Its last words; nobody but the expert answers for them. */
	memcpy(&pool->last, pool->consumer +
	       (1 + pool->nr_rings) * NETEXPERT_SLOT_SIZE, sizeof(pool->last));
	pool->ended_ns = ktime_get_ns();
	pool->back_ns = 0;
	pool->back_bytes = (u64)pool->heap.used << PAGE_SHIFT;
	pool->reclaim_delay = 1;
	trace_netexpert_end(att);
	nexp_pool_note_change(pool);
	wake_up_poll(&pool->wait, EPOLLHUP);
	queue_delayed_work(system_unbound_wq, &pool->reclaim_work, 0);
}

/**
 * nexp_attachment_detach() - stop listening to the bound process, drop the
 *	pool's hold
 * @att: ended, its windows revoked, no longer the pool's.
 *
 * Sleeps for notifier callbacks; no lock may be held.
 */
void nexp_attachment_detach(struct nexp_attachment *att)
{
	mutex_lock(&att->bind_lock);
	if (att->registered)
		mmu_notifier_unregister(&att->notifier, att->mm);
	att->registered = false;
	mutex_unlock(&att->bind_lock);

	nexp_attachment_put(att);
}

static void nexp_attachment_mm_release(struct mmu_notifier *notifier,
				       struct mm_struct *mm)
{
	struct nexp_attachment *att =
		container_of(notifier, struct nexp_attachment, notifier);

	mutex_lock(&att->pool->lock);
	nexp_attachment_end(att);
	mutex_unlock(&att->pool->lock);
}

static const struct mmu_notifier_ops nexp_attachment_notifier_ops = {
	.release = nexp_attachment_mm_release,
};

/* Binds the caller; bind_lock is held, so detach can't come in between. */
static int nexp_attachment_bind(struct nexp_attachment *att)
{
	struct nexp_pool *pool = att->pool;
	int err = 0;

	mutex_lock(&pool->lock);
	if (att->state == NEXP_ATT_ENDED)
		err = -ESTALE;
	else if (att->mm)
		err = -EBUSY;
	mutex_unlock(&pool->lock);
	if (err)
		return err;

	att->notifier.ops = &nexp_attachment_notifier_ops;
	err = mmu_notifier_register(&att->notifier, current->mm);
	/* It gives up for any signal; nothing has changed, so start over. */
	if (err == -EINTR && !fatal_signal_pending(current))
		return -ERESTARTNOINTR;
	if (err)
		return err;
	att->registered = true;
	mmgrab(current->mm);

	/*
	 * If a reclaim ended it meanwhile, detach is waiting for bind_lock and
	 * drops what is taken here.
	 */
	mutex_lock(&pool->lock);
	att->mm = current->mm;
	att->memcg = get_mem_cgroup_from_mm(current->mm);
	att->pid = get_pid(task_tgid(current));
	if (att->state == NEXP_ATT_OPEN) {
		att->state = NEXP_ATT_ATTACHED;
		trace_netexpert_attach(att);
	} else {
		err = -ESTALE;
	}
	mutex_unlock(&pool->lock);
	return err;
}

static int nexp_attachment_ioctl_attach(void *ctx, void *arg,
					const struct nexp_call *call)
{
	struct nexp_attachment *att = ctx;
	struct nexp_pool *pool = att->pool;
	struct netexpert_attach *attach = arg;
	int err;

	if (attach->flags)
		return -EOPNOTSUPP;
	attach->out_pool_id = pool->id;
	attach->out_incarnation = att->incarnation;
	attach->out_nr_rings = pool->nr_rings;
	attach->out_ring_size = pool->ring_size;
	attach->out_history_size = pool->history_size;
	attach->out_heap_size = (u64)pool->heap.nr_slots << PAGE_SHIFT;
	attach->out_status_size = pool->status_size;
	attach->out_consumer_size = pool->consumer_size;
	attach->out_created_ns = pool->created_ns;
	attach->out_realtime_ns = pool->realtime_ns;
	attach->out_released = att->released;
	err = nexp_call_reply(call, attach);
	if (err)
		return err;

	mutex_lock(&att->bind_lock);
	err = nexp_attachment_bind(att);
	mutex_unlock(&att->bind_lock);
	return err;
}

static int nexp_attachment_ioctl_commit(void *ctx, void *arg,
					const struct nexp_call *call)
{
	struct netexpert_range *range = arg;

	if (range->flags)
		return -EOPNOTSUPP;
	return nexp_heap_commit(ctx, range->offset, range->length);
}

static int nexp_attachment_ioctl_punch(void *ctx, void *arg,
				       const struct nexp_call *call)
{
	struct netexpert_range *range = arg;

	if (range->flags)
		return -EOPNOTSUPP;
	return nexp_heap_punch(ctx, range->offset, range->length);
}

static int nexp_attachment_ioctl_stat(void *ctx, void *arg,
				      const struct nexp_call *call)
{
	struct nexp_attachment *att = ctx;
	struct netexpert_pool_stat *stat = arg;
	bool ended;
	int err;

	if (stat->flags)
		return -EOPNOTSUPP;
	if (stat->pool_id)
		return -EINVAL;
	mutex_lock(&att->pool->lock);
	ended = att->state == NEXP_ATT_ENDED;
	mutex_unlock(&att->pool->lock);
	err = ended ? -ESTALE : nexp_call_stat(call, att->pool, stat, false);
	/* It died in between. */
	return err == -ENOENT ? -ESTALE : err;
}

static const struct nexp_ioctl nexp_attachment_ioctls[] = {
	NEXP_IOCTL(ATTACH, netexpert_attach, out_realtime_ns,
		   nexp_attachment_ioctl_attach),
	NEXP_IOCTL(COMMIT, netexpert_range, length,
		   nexp_attachment_ioctl_commit),
	NEXP_IOCTL(PUNCH, netexpert_range, length, nexp_attachment_ioctl_punch),
	NEXP_IOCTL(POOL_STAT, netexpert_pool_stat, out_last_busy,
		   nexp_attachment_ioctl_stat),
};

static long nexp_attachment_ioctl(struct file *file, unsigned int cmd,
				  unsigned long arg)
{
	return nexp_ioctl_dispatch(nexp_attachment_ioctls,
				   ARRAY_SIZE(nexp_attachment_ioctls),
				   file->private_data, cmd, arg);
}

static vm_fault_t nexp_attachment_fault(struct vm_fault *vmf)
{
	struct nexp_attachment *att = vmf->vma->vm_file->private_data;
	struct nexp_pool *pool = att->pool;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	/*
	 * The entries are made under the lock: a revoke that comes after the
	 * check comes after the entries, too, and finds them.
	 */
	mutex_lock(&pool->lock);
	if (att->state != NEXP_ATT_ATTACHED || att->mm != vmf->vma->vm_mm)
		goto out_unlock;
	if (!nexp_window_page(pool, (u64)vmf->pgoff << PAGE_SHIFT))
		goto out_unlock;
	ret = nexp_map_around(pool, vmf->vma, vmf->address) ? VM_FAULT_OOM :
							      VM_FAULT_NOPAGE;
out_unlock:
	mutex_unlock(&pool->lock);
	return ret;
}

/* For debuggers, which get_user_pages() turns away from these VMAs. */
static int nexp_attachment_access(struct vm_area_struct *vma,
				  unsigned long addr, void *buf, int len,
				  int write)
{
	struct nexp_attachment *att = vma->vm_file->private_data;
	struct nexp_pool *pool = att->pool;
	int done = 0;

	if (write && !(vma->vm_flags & VM_WRITE))
		return -EACCES;

	mutex_lock(&pool->lock);
	while (done < len && att->state == NEXP_ATT_ATTACHED &&
	       addr + done < vma->vm_end) {
		u64 offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) +
			     (addr + done - vma->vm_start);
		unsigned int in = offset_in_page(offset);
		int part = min_t(int, len - done, PAGE_SIZE - in);
		struct page *page = nexp_window_page(pool, offset);

		if (!page)
			break;
		if (write)
			memcpy_to_page(page, in, buf + done, part);
		else
			memcpy_from_page(buf + done, page, in, part);
		done += part;
	}
	mutex_unlock(&pool->lock);
	return done ?: -EFAULT;
}

static const struct vm_operations_struct nexp_attachment_vm_ops = {
	.fault = nexp_attachment_fault,
	.access = nexp_attachment_access,
};

static int nexp_attachment_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct nexp_attachment *att = file->private_data;
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	u64 len = vma->vm_end - vma->vm_start;
	struct nexp_pool *pool = att->pool;
	struct nexp_window window;
	vm_flags_t clear = VM_MAYEXEC;
	int err = 0;

	mutex_lock(&pool->lock);
	if (att->state == NEXP_ATT_ENDED)
		err = -ESTALE;
	else if (att->state != NEXP_ATT_ATTACHED || att->mm != current->mm)
		err = -EPERM;
	else
		window = nexp_window_find(pool, offset);
	mutex_unlock(&pool->lock);
	if (err)
		return err;

	if (vma->vm_pgoff >> (BITS_PER_LONG - PAGE_SHIFT) ||
	    offset - window.base > window.size ||
	    len > window.size - (offset - window.base))
		return -EINVAL;
	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_flags & VM_EXEC)
		return -EACCES;
	if (!window.writable) {
		if (vma->vm_flags & VM_WRITE)
			return -EPERM;
		clear |= VM_MAYWRITE;
	}

	/* VM_IO also keeps MADV_DOFORK from undoing VM_DONTCOPY. */
	vm_flags_mod(vma, VM_MIXEDMAP | VM_DONTEXPAND | VM_DONTDUMP |
		     VM_DONTCOPY | VM_IO, clear);
	vma->vm_ops = &nexp_attachment_vm_ops;
	return 0;
}

static bool nexp_attachment_readable(struct nexp_pool *pool)
{
	/* After the last frame there is something to learn at any time. */
	bool readable = READ_ONCE(nexp_pool_status(pool)->complete);
	u32 i;

	for (i = 0; i < pool->nr_rings; i++)
		readable |= nexp_ring_readable(pool->rings[i]);
	return readable;
}

/*
 * The expert is about to sleep: see to it that it is waited for, even if a
 * wake-up for something that it read meanwhile has just cleared the word. Only
 * a wake-up clears it. Other processes with a copy of the file may ask, but the
 * word is the expert's.
 */
static bool nexp_attachment_readable_or_wait(struct nexp_attachment *att)
{
	struct nexp_pool *pool = att->pool;

	if (nexp_attachment_readable(pool))
		return true;
	if (att->mm != current->mm)
		return false;
	WRITE_ONCE(nexp_pool_consumer(pool)->waiting, 1);
	smp_mb(); /* F: pairs with the one in nexp_ring_submit() */
	if (nexp_attachment_readable(pool))
		return true;
	wake_up_interruptible(&pool->inject_wait);
	return false;
}

static __poll_t nexp_attachment_poll(struct file *file, poll_table *wait)
{
	struct nexp_attachment *att = file->private_data;
	struct nexp_pool *pool = att->pool;
	__poll_t mask = 0;

	poll_wait(file, &pool->wait, wait);

	mutex_lock(&pool->lock);
	if (att->state == NEXP_ATT_ENDED) {
		mask = EPOLLHUP | EPOLLERR;
		goto out_unlock;
	}
	if (nexp_pool_status(pool)->terminate)
		mask = EPOLLHUP;
	if (poll_requested_events(wait) & (EPOLLIN | EPOLLRDNORM) &&
	    nexp_attachment_readable_or_wait(att))
		mask |= EPOLLIN | EPOLLRDNORM;
out_unlock:
	mutex_unlock(&pool->lock);
	return mask;
}

static int nexp_attachment_release(struct inode *inode, struct file *file)
{
	struct nexp_attachment *att = file->private_data;

	/* A bound one ends with its process, not with its file. */
	mutex_lock(&att->pool->lock);
	if (att->state == NEXP_ATT_OPEN)
		nexp_attachment_end(att);
	mutex_unlock(&att->pool->lock);
	nexp_attachment_put(att);
	return 0;
}

static const struct file_operations nexp_attachment_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = nexp_attachment_ioctl,
	.mmap = nexp_attachment_mmap,
	.poll = nexp_attachment_poll,
	.release = nexp_attachment_release,
};

/* The pool's next incarnation begins where the last one stopped. */
static int nexp_attachment_adopt(struct nexp_attachment *att)
{
	struct nexp_pool *pool = att->pool;
	struct netexpert_status *status;

	if (pool->dead)
		return -ENOENT;
	if (pool->att)
		return -EBUSY;

	kref_get(&att->ref);
	pool->att = att;
	att->incarnation = ++pool->incarnations;
	att->released = pool->released;

	status = nexp_pool_status(pool);
	WRITE_ONCE(status->terminate, 0);
	WRITE_ONCE(status->incarnation, att->incarnation);
	trace_netexpert_open(att);
	return 0;
}

/**
 * nexp_attachment_open() - begin an incarnation
 * @pool: the caller holds a reference.
 * @fd: reserved by the caller, who gives it up if this succeeds.
 *
 * Return: 0, -EBUSY (see NETEXPERT_IOC_POOL_OPEN), -ENOENT, -ENOMEM, or what
 * making a file can answer.
 */
int nexp_attachment_open(struct nexp_pool *pool, int fd)
{
	struct nexp_attachment *att;
	struct file *file;
	int err;

	att = kzalloc(sizeof(*att), NEXP_GFP);
	if (!att)
		return -ENOMEM;
	kref_init(&att->ref);
	mutex_init(&att->bind_lock);
	kref_get(&pool->ref);
	att->pool = pool;

	file = anon_inode_create_getfile("[netexpert]", &nexp_attachment_fops,
					 att, O_RDWR, NULL);
	if (IS_ERR(file)) {
		nexp_attachment_put(att);
		return PTR_ERR(file);
	}
	att->inode = file_inode(file);
	ihold(att->inode);

	mutex_lock(&pool->lock);
	err = nexp_attachment_adopt(att);
	mutex_unlock(&pool->lock);
	if (err) {
		fput(file);
		return err;
	}
	fd_install(fd, file);
	return 0;
}
