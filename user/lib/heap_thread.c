// SPDX-License-Identifier: GPL-2.0
/*
 * heap_thread - whose heap is whose, and who must wait for whom
 *
 * A span belongs to a thread, or to nobody while it is full of objects that
 * another thread may free. A thread is *private* until somebody else frees an
 * object of its spans: it frees with plain loads and stores, inside a section
 * marked by @busy. Then it is *shared*: everybody, the owner too, frees its
 * objects by a compare-and-swap on the link and pushes them to the span's remote
 * list; the owner allocates as before.
 *
 *	owner, private			another thread
 *	A  busy = 1			C  private_id = none
 *	   (compiler barrier)		   membarrier()
 *	B  load private_id, link	D  load_acquire(busy), until it is 0
 *	   store link			   is_shared = true
 *	   store_release(busy) = 0
 *
 * After the membarrier either B sees C, or D sees A and waits for the end of the
 * section. So once a thread is shared no plain free of it is under way, and two
 * frees of one object can't both succeed, whoever makes them. A section never
 * blocks: no lock, no system call.
 *
 * nexp_threads_settle() waits for the sections of all threads in the same way:
 * what was unpublished before it is read by nobody after it.
 *
 * A thread that ends leaves its heap, shared, to the next one that begins;
 * meanwhile others take its spans when they need some (nexp_bin_fill()). They also
 * take some of a living one that has many: that is shared meanwhile, and private
 * again afterwards if it was. A claim that found it shared was made before it is
 * private again, so a plain free after that finds the mark.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "heap_fast.h"
#include "key.h"

__thread struct nexp_tls nexp_tls = {
	.key = &nexp_no_key,
	.alloc_key = &nexp_no_key,
};

static int barrier_of(int command)
{
	return syscall(__NR_membarrier, command, 0, 0) ? -errno : 0;
}

/* A full barrier in every running thread of this process. */
static int barrier_everywhere(void)
{
	int err;

	/* The expedited one may lack memory for a moment; the other needs none. */
	err = barrier_of(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	return err ? barrier_of(MEMBARRIER_CMD_GLOBAL) : 0;
}

static void wait_until_idle(const struct nexp_thread *thread)
{
	while (__atomic_load_n(&thread->busy, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void thread_ends(void *arg)
{
	struct nexp_thread *me = arg;
	struct netexpert *nx = me->nx;
	struct nexp_list empty = *nexp_no_spans();
	unsigned int i;

	/* In a child of fork() the pool is somebody else's. */
	if (nexp_forked(nx))
		return;
	nexp_thread_forget();

	pthread_mutex_lock(&me->lock);
	/* Our own sections have all ended. */
	WRITE_ONCE(me->private_id, NEXP_NOT_PRIVATE);
	WRITE_ONCE(me->is_shared, true);
	nexp_pending_collect(nx, me, true, &empty);
	for (i = 0; i < NEXP_NR_BINS; i++)
		nexp_bin_retire(nx, &me->bins[i], false, &empty);
	pthread_mutex_unlock(&me->lock);
	nexp_spans_put(nx, &empty);

	pthread_mutex_lock(&nx->heap.lock);
	WRITE_ONCE(me->is_used, false);
	pthread_mutex_unlock(&nx->heap.lock);
}

static void thread_init(struct netexpert *nx, struct nexp_thread *thread)
{
	unsigned int i;

	pthread_mutex_init(&thread->lock, NULL);
	thread->id = (uint16_t)(thread - nx->heap.threads + 1);
	thread->private_id = NEXP_NOT_PRIVATE;
	thread->is_shared = true;
	thread->nx = nx;
	thread->objects = nx->heap.objects;
	thread->spans = nx->heap.spans;
	thread->pending = NEXP_HEAP_NONE;
	for (i = 0; i < NEXP_NR_BINS; i++)
		nexp_bin_init(&thread->bins[i], i % NEXP_NR_CLASSES);
	thread->direct[0] = &nexp_no_bin;
	for (i = 1; i < NEXP_NR_DIRECT; i++)
		thread->direct[i] = &thread->bins[nexp_class_table[i - 1]];
}

/**
 * nexp_threads_init() - room for threads' heaps
 * @nx: under construction.
 *
 * Return: 0, -ENOMEM, or -EAGAIN if the process has no pthread key left.
 */
int nexp_threads_init(struct netexpert *nx)
{
	static uint64_t serials;
	struct nexp_heap *heap = &nx->heap;
	int err;

	err = pthread_key_create(&heap->key, thread_ends);
	if (err)
		return -err;
	/* Private and never touched until a thread begins. */
	heap->threads = mmap(NULL, NEXP_NR_THREADS * sizeof(*heap->threads),
			     PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (heap->threads == MAP_FAILED) {
		heap->threads = NULL;
		pthread_key_delete(heap->key);
		return -ENOMEM;
	}
	pthread_mutex_init(&heap->common_lock, NULL);
	thread_init(nx, &heap->threads[0]);
	heap->threads[0].is_used = true;
	heap->nr_threads = 1;
	heap->serial = __atomic_add_fetch(&serials, 1, __ATOMIC_RELAXED);
	/* Without it nobody is ever private: correct, but slower. */
	heap->has_membarrier =
		!barrier_of(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
	return 0;
}

/** nexp_threads_exit() - no thread uses the pool any more, or is ending. */
void nexp_threads_exit(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	uint32_t i;

	if (!heap->threads)
		return;
	pthread_key_delete(heap->key);
	for (i = 0; i < heap->nr_threads; i++)
		pthread_mutex_destroy(&heap->threads[i].lock);
	pthread_mutex_destroy(&heap->common_lock);
	munmap(heap->threads, NEXP_NR_THREADS * sizeof(*heap->threads));
}

/* A heap that no thread has; NULL if there is none. The heap's lock is held. */
static struct nexp_thread *thread_take(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	struct nexp_thread *thread;
	uint32_t i;

	for (i = 1; i < heap->nr_threads; i++)
		if (!heap->threads[i].is_used)
			break;
	if (i == NEXP_NR_THREADS)
		return NULL;
	thread = &heap->threads[i];
	if (i == heap->nr_threads) {
		thread_init(nx, thread);
		__atomic_store_n(&heap->nr_threads, i + 1, __ATOMIC_RELEASE);
	}
	WRITE_ONCE(thread->is_used, true);
	return thread;
}

/* Its lock is held. */
static void make_private(struct nexp_thread *thread)
{
	WRITE_ONCE(thread->is_shared, false);
	/* Whoever sees is_shared after its claim made it before this. */
	__atomic_store_n(&thread->private_id, thread->id, __ATOMIC_SEQ_CST);
}

static struct nexp_thread *thread_new(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	struct nexp_thread *me;

	pthread_mutex_lock(&heap->lock);
	me = thread_take(nx);
	if (me && pthread_setspecific(heap->key, me)) {
		WRITE_ONCE(me->is_used, false);
		me = NULL;
	}
	pthread_mutex_unlock(&heap->lock);
	if (!me || !heap->has_membarrier)
		return me;

	pthread_mutex_lock(&me->lock);
	make_private(me);
	pthread_mutex_unlock(&me->lock);
	return me;
}

/**
 * nexp_thread_begin() - the calling thread's heap
 * @nx: the pool.
 *
 * Threads that can't have one share one.
 *
 * Return: the heap; nexp_thread_end() when it is not needed any more.
 */
struct nexp_thread *nexp_thread_begin(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	struct nexp_thread *me;

	if (nexp_tls.serial == heap->serial)
		return nexp_tls.me;
	me = pthread_getspecific(heap->key);
	if (!me)
		me = thread_new(nx);
	if (!me) {
		pthread_mutex_lock(&heap->common_lock);
		return &heap->threads[0];
	}
	nexp_tls.me = me;
	nexp_tls.serial = heap->serial;
	nexp_tls.alloc_serial = nexp_tls.tag ? 0 : heap->serial;
	nexp_tls.key = &nexp_no_key;
	nexp_tls.alloc_key = &nexp_no_key;
	return me;
}

/** nexp_thread_end() - @me is from nexp_thread_begin(). */
void nexp_thread_end(struct nexp_thread *me)
{
	if (me == me->nx->heap.threads)
		pthread_mutex_unlock(&me->nx->heap.common_lock);
}

/** nexp_thread_forget() - the calling thread's next call looks for its heap. */
void nexp_thread_forget(void)
{
	nexp_tls.serial = 0;
	nexp_tls.alloc_serial = 0;
	nexp_tls.key = &nexp_no_key;
	nexp_tls.alloc_key = &nexp_no_key;
}

/** nexp_thread_remember() - the calling thread uses the heap under @key. */
void nexp_thread_remember(const struct nexp_key *key)
{
	if (nexp_tls.key == key || nexp_tls.serial != key->nx->heap.serial)
		return;
	nexp_tls.key = key;
	nexp_tls.alloc_key = nexp_tls.tag ? &nexp_no_key : key;
}

/* Its lock is held. */
static int make_shared(struct nexp_thread *thread)
{
	int err;

	if (thread->is_shared)
		return 0;
	WRITE_ONCE(thread->private_id, NEXP_NOT_PRIVATE);
	err = barrier_everywhere();
	if (err) {
		WRITE_ONCE(thread->private_id, thread->id);
		return err;
	}
	wait_until_idle(thread);
	__atomic_store_n(&thread->is_shared, true, __ATOMIC_RELEASE);
	return 0;
}

/**
 * nexp_thread_share() - let a thread free by compare-and-swap from now on
 * @thread: not the caller's; the caller is not busy and holds no lock.
 *
 * Return: 0, or what membarrier(2) said.
 */
int nexp_thread_share(struct nexp_thread *thread)
{
	int err;

	pthread_mutex_lock(&thread->lock);
	err = make_shared(thread);
	pthread_mutex_unlock(&thread->lock);
	return err;
}

/**
 * nexp_thread_visit() - lock a thread's lists, private or not
 * @thread: not the caller's; the caller is not busy and holds no lock.
 * @out_was_private: for nexp_thread_depart().
 *
 * Return: 0, or what membarrier(2) said: then nothing is locked.
 */
int nexp_thread_visit(struct nexp_thread *thread, bool *out_was_private)
{
	int err;

	pthread_mutex_lock(&thread->lock);
	*out_was_private = !thread->is_shared;
	err = make_shared(thread);
	if (err)
		pthread_mutex_unlock(&thread->lock);
	return err;
}

/** nexp_thread_depart() - after nexp_thread_visit(): as it was. */
void nexp_thread_depart(struct nexp_thread *thread, bool was_private)
{
	if (was_private)
		make_private(thread);
	pthread_mutex_unlock(&thread->lock);
}

/**
 * nexp_threads_settle() - wait for the sections of all threads
 * @nx: the pool; the heap's lock is held and the caller is not busy.
 *
 * Return: whether that was possible.
 */
bool nexp_threads_settle(struct netexpert *nx)
{
	struct nexp_heap *heap = &nx->heap;
	uint32_t i;

	if (!heap->has_membarrier || barrier_everywhere())
		return false;
	for (i = 0; i < heap->nr_threads; i++)
		wait_until_idle(&heap->threads[i]);
	return true;
}

uint8_t netexpert_tag_set(uint8_t tag)
{
	uint8_t had = nexp_tls.tag;

	nexp_tls.tag = tag;
	nexp_tls.alloc_serial = tag ? 0 : nexp_tls.serial;
	nexp_tls.alloc_key = tag ? &nexp_no_key : nexp_tls.key;
	return had;
}
