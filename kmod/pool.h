/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NEXP_POOL_H
#define NEXP_POOL_H

#include <linux/kref.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/netexpert.h>

#include "limits.h"
#include "ring.h"

struct mem_cgroup;
struct nexp_filter;
struct nexp_session;

/**
 * enum nexp_attachment_state - life of an attachment, never backwards
 * @NEXP_ATT_OPEN: no process is bound yet.
 * @NEXP_ATT_ATTACHED: bound to one address space.
 * @NEXP_ATT_ENDED: a husk; its windows are or will be revoked.
 */
enum nexp_attachment_state {
	NEXP_ATT_OPEN,
	NEXP_ATT_ATTACHED,
	NEXP_ATT_ENDED,
};

/**
 * struct nexp_attachment - one incarnation's hold on a pool
 * @ref: held by the file, and by the pool until the heap is back.
 * @pool: holds a reference.
 * @inode: the file's own inode, whose mapping holds every window of it; holds
 *	a reference so that revoking works while the file goes away.
 * @bind_lock: Serialises ATTACH against taking the notifier away. Outside
 *	mmap_lock, which mmu_notifier_register() takes.
 * @registered: @notifier is on @mm's list. Protected by @bind_lock.
 * @state: Protected by the pool's lock.
 * @incarnation: set once.
 * @released: records that earlier incarnations have released. Set once.
 * @mm: bound address space, its struct pinned; compared, never entered. Set
 *	before @state becomes ATTACHED, like the next two, and kept until the
 *	attachment is freed: a commit that is under way still uses them.
 * @memcg: what the heap is charged to; a reference or NULL.
 * @pid: the bound process, for people; a reference.
 * @notifier: tells of the end of @mm.
 */
struct nexp_attachment {
	struct kref ref;
	struct nexp_pool *pool;
	struct inode *inode;
	struct mutex bind_lock; /* outside mmap_lock; see above */
	bool registered;
	enum nexp_attachment_state state;
	u32 incarnation;
	u64 released;
	struct mm_struct *mm;
	struct mem_cgroup *memcg;
	struct pid *pid;
	struct mmu_notifier notifier;
};

/**
 * struct nexp_heap - the on-demand part of a pool
 * @resize_lock: Serialises commit and punch, so that a range is as it was when
 *	its pages have been allocated. Outside the pool's lock, which protects
 *	all below.
 * @pages: one entry per page of address space; NULL where not committed.
 * @nr_slots: entries of @pages, as long as there are any. Set once.
 * @areas: a bit for what one page table maps: the attachment has committed some
 *	of it. Punching leaves page tables, and this, alone.
 * @nr_areas: bits of it that are set.
 * @limit: most pages.
 * @used: pages held or promised to a commit that is under way.
 * @peak: most it ever was.
 * @refused: commits refused.
 */
struct nexp_heap {
	struct mutex resize_lock; /* commit and punch; outside pool->lock */
	struct page **pages;
	unsigned long nr_slots;
	unsigned long *areas;
	unsigned long nr_areas;
	unsigned long limit;
	unsigned long used;
	unsigned long peak;
	u64 refused;
};

/**
 * struct nexp_pool - one expert's memory
 * @ref: held by the session's list, by attachments and by look-ups.
 * @rcu: kfuncs look pools up under RCU.
 * @id: index in the low bits, then what makes it unique. Set once.
 * @session: owner; a reference, because a commit that is under way when the pool
 *	dies is still counted against it.
 * @session_node: in the session's list. Protected by the session's lock.
 * @name: for people. Set once.
 * @snaplen: most bytes kept of a frame. Set once.
 * @nr_rings: entries of @rings. Set once.
 * @ring_size: bytes of a ring. Set once.
 * @history_size: bytes of a ring kept behind the reader. Set once.
 * @wake_bytes: watermark. Set once.
 * @wake_ns: latency bound. Set once.
 * @postmortem: the heap is kept when an expert has died. Set once.
 * @charged: bytes counted against the module for ring pages, windows and the
 *	heap's table. Set once.
 * @created_ns: CLOCK_MONOTONIC. Set once.
 * @realtime_ns: CLOCK_REALTIME at the same moment. Set once.
 * @status: the status window; written by the kernel only.
 * @status_size: its bytes, whole pages.
 * @consumer: the consumer window; hostile.
 * @consumer_size: its bytes, whole pages.
 * @wait: readers in poll. Lives as long as any attachment file does, since
 *	these hold the pool.
 * @inject_wait: who injects, until there is room. Lives as long as an injector's
 *	file does.
 * @inject_begin_ns: time of day of the first frame that was injected. Protected by
 *	the ring's lock.
 * @inject_begun: there was one.
 * @wakeups: readers woken.
 * @dropped_nested: deliveries that interrupted another one on their CPU.
 * @filtered_nested: of frames that nobody wanted.
 * @filter: which frames are wanted; NULL: all. Written under @lock, read under
 *	RCU; gone in a dead pool.
 * @lock: Protects all below, and everything in attachments that says so. Nests
 *	inside mmap_lock (the fault handler takes it), so nothing under it may
 *	touch user memory or call mmu_notifier_(un)register().
 * @dead: being destroyed: no attachment is made any more. Then only husks hold
 *	it and rings and heap are gone.
 * @att: the attachment until its heap is back, or NULL.
 * @incarnations: attachments opened so far.
 * @released: records that these have released, but for the present one.
 * @heap: see there.
 * @reclaim_work: takes the heap back after the end of the attachment.
 * @reclaim_delay: jiffies until its next try; only the worker's after the end.
 * @keep_heap: @att has ended and its heap shall stay for views.
 * @frozen: it does, and no window is left.
 * @injected: it has or had an injector.
 * @news: changes that the session is told of, so far. Read without the lock by
 *	the session's poll, like the next one.
 * @heard: of these, how many it has asked about since.
 * @ended_ns: when the end of the last attachment was noticed.
 * @back_ns: when its last byte was back.
 * @back_bytes: what it held.
 * @last: what its first reader said it was working on. Untrusted.
 * @rings: one per CPU or shared. Set once; NULL in a dead pool.
 */
struct nexp_pool {
	struct kref ref;
	struct rcu_head rcu;
	u64 id;
	struct nexp_session *session;
	struct list_head session_node;
	char name[NETEXPERT_NAME_LEN];

	u32 snaplen;
	u32 nr_rings;
	u64 ring_size;
	u64 history_size;
	u64 wake_bytes;
	u64 wake_ns;
	bool postmortem;
	unsigned long charged;
	u64 created_ns;
	u64 realtime_ns;

	void *status;
	unsigned long status_size;
	void *consumer;
	unsigned long consumer_size;
	wait_queue_head_t wait;
	wait_queue_head_t inject_wait;
	u64 inject_begin_ns;
	bool inject_begun;
	atomic64_t wakeups;
	atomic64_t dropped_nested;
	atomic64_t filtered_nested;
	struct nexp_filter __rcu *filter;

	struct mutex lock; /* protects all below; inside mmap_lock */
	bool dead;
	struct nexp_attachment *att;
	u32 incarnations;
	u64 released;
	struct nexp_heap heap;
	struct delayed_work reclaim_work;
	unsigned long reclaim_delay;
	bool keep_heap;
	bool frozen;
	bool injected;
	u64 news;
	u64 heard;
	u64 ended_ns;
	u64 back_ns;
	u64 back_bytes;
	struct netexpert_reader last;

	struct nexp_ring *rings[] __counted_by(nr_rings);
};

/* pool.c */
struct nexp_pool *nexp_pool_create(struct nexp_session *session,
				   const struct netexpert_pool_create *arg);
int nexp_pool_publish(struct nexp_pool *pool);
void nexp_pool_unpublish(struct nexp_pool *pool);
void nexp_pool_destroy(struct nexp_pool *pool);
void nexp_pool_terminate(struct nexp_pool *pool);
void nexp_pool_complete(struct nexp_pool *pool);
int nexp_pool_freeze(struct nexp_pool *pool);
void nexp_pool_reclaim(struct nexp_pool *pool);
void nexp_pool_note_change(struct nexp_pool *pool);
bool nexp_pool_has_news(const struct nexp_pool *pool);
void nexp_pool_take_news(struct nexp_pool *pool, u64 news);
void nexp_pool_put(struct nexp_pool *pool);
struct nexp_pool *nexp_pool_get(u64 id);
struct nexp_pool *nexp_pool_get_next(u64 id);
unsigned int nexp_pool_count(void);
int nexp_pool_charge(struct nexp_pool *pool, unsigned long bytes);
void nexp_pool_uncharge(struct nexp_pool *pool, unsigned long bytes);

extern struct nexp_pool __rcu *nexp_table[NEXP_MAX_POOLS];

static inline unsigned int nexp_id_index(u64 id)
{
	return id & (NEXP_MAX_POOLS - 1);
}

/**
 * nexp_pool_lookup_rcu() - pool of an id
 * @id: from anywhere.
 *
 * Return: the pool, valid while RCU is held or BH is off, or NULL.
 */
static inline struct nexp_pool *nexp_pool_lookup_rcu(u64 id)
{
	struct nexp_pool *pool;

	pool = rcu_dereference_bh_check(nexp_table[nexp_id_index(id)],
					rcu_read_lock_held());
	return pool && pool->id == id ? pool : NULL;
}

static inline struct netexpert_status *nexp_pool_status(struct nexp_pool *pool)
{
	return pool->status;
}

static inline struct netexpert_consumer *
nexp_pool_consumer(struct nexp_pool *pool)
{
	return pool->consumer;
}

/* attachment.c */
int nexp_attachment_open(struct nexp_pool *pool, int fd);
void nexp_attachment_end(struct nexp_attachment *att);
void nexp_attachment_detach(struct nexp_attachment *att);
void nexp_attachment_put(struct nexp_attachment *att);

/* heap.c */
int nexp_heap_init(struct nexp_pool *pool, u64 size, u64 limit);
void nexp_heap_exit(struct nexp_pool *pool);
int nexp_heap_set_limit(struct nexp_pool *pool, u64 limit);
int nexp_heap_commit(struct nexp_attachment *att, u64 offset, u64 length);
int nexp_heap_punch(struct nexp_attachment *att, u64 offset, u64 length);
struct page *nexp_heap_page(struct nexp_pool *pool, u64 offset);
void nexp_heap_take_back(struct nexp_pool *pool, bool force);

/**
 * struct nexp_stat_arrays - what POOL_STAT answers beside its struct
 * @rings: counters of the first rings, or NULL.
 * @nr_rings: entries.
 * @text: the filter's text, or NULL.
 * @text_room: bytes of it.
 */
struct nexp_stat_arrays {
	struct netexpert_ring_stat *rings;
	u32 nr_rings;
	char *text;
	u32 text_room;
};

/* stats.c */
void nexp_count_no_pool(void);
u64 nexp_drops_no_pool(void);
int nexp_pool_stat(struct nexp_pool *pool, struct netexpert_pool_stat *stat,
		   const struct nexp_stat_arrays *arrays, u64 *news);

#endif /* NEXP_POOL_H */
