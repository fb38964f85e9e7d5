/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap - state of the object functions
 *
 * Tables and objects (heap_layout.h) are windows of their own with guard gaps
 * around them, tables below objects, so that no overrun of an object reaches a
 * table. Tables and extents are committed when first used.
 *
 * Every thread has a heap of its own: spans that it allocates from and frees
 * into. Extents, large objects and what is committed are everybody's, under one
 * lock. heap_thread.c says how threads keep out of each other's way.
 */
#ifndef NEXP_HEAP_H
#define NEXP_HEAP_H

#include <pthread.h>
#include <stdbool.h>

#include <netexpert.h>

#include "heap_layout.h"

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), value, __ATOMIC_RELAXED)

#define NEXP_NR_RUN_BINS	21		/* runs of 2^n extents and more */
#define NEXP_NR_THREADS		1024U		/* the first is for all beyond */
#define NEXP_NR_BINS		(2 * NEXP_NR_CLASSES)	/* without and with tags */
#define NEXP_NR_DIRECT		65U		/* sizes up to 1024 */
#define NEXP_NOT_PRIVATE	UINT16_MAX	/* no thread's id */

/* Slots that a bin makes free at once when it has none. */
#define NEXP_BIN_HANDFUL	64

/* A full span waits until one in so many of its slots is free again, or so many. */
#define NEXP_SPAN_WORTH		16

/* Memory that free extents keep for the next object, whatever happens. */
#define NEXP_HEAP_KEEP		(256U << 10)
/* What is kept beyond that goes back when nobody needed it for so long. */
#define NEXP_HEAP_KEEP_MS	10
/* How often a thread that allocates looks for that. */
#define NEXP_HEAP_PATIENCE	64
/* An expert that waits longer for a frame keeps nothing. */
#define NEXP_HEAP_IDLE_MS	20
/* Half-empty spans of a class that a thread may keep from others who need one. */
#define NEXP_HEAP_HOARD		4

/*
 * The state of a SMALL span, one word, so that a remote free and a change of the
 * owner can't miss each other: owner, first slot and number of the remote frees,
 * whether the span is in its owner's list of those that have some.
 */
#define NEXP_STATE_OWNER	0xffffULL		/* 0: nobody */
#define NEXP_STATE_HEAD_SHIFT	16
#define NEXP_STATE_HEAD		(0xffffULL << NEXP_STATE_HEAD_SHIFT)
#define NEXP_STATE_QUEUED	(1ULL << 32)
#define NEXP_STATE_COUNT_SHIFT	48
#define NEXP_STATE_NO_REMOTE	((uint64_t)NEXP_LINK_END << NEXP_STATE_HEAD_SHIFT)

/**
 * enum nexp_span_place - where a SMALL span is
 * @NEXP_SPAN_FULL: in no list: hardly a free slot that its owner knows of.
 * @NEXP_SPAN_LISTED: in a bin's list.
 * @NEXP_SPAN_CURRENT: a bin allocates from it.
 */
enum nexp_span_place {
	NEXP_SPAN_FULL,
	NEXP_SPAN_LISTED,
	NEXP_SPAN_CURRENT,
};

/* @event and @fresh of a current span: never reached. */
#define NEXP_SPAN_NO_EVENT	UINT16_MAX

/**
 * struct nexp_list - spans linked by their extents' numbers
 * @first: of a thread's bin it is read without the lock, as a hint.
 * @last: see there.
 */
struct nexp_list {
	uint32_t first;
	uint32_t last;
};

/**
 * struct nexp_bin - a thread's spans of one class
 * @head: next free slot of the current span, or NEXP_LINK_END.
 * @slot_size: of the class.
 * @links: of the current span.
 * @base: its first byte.
 * @span: its entry, or one without a free slot if there is none.
 * @current: its extent, or NEXP_HEAP_NONE.
 * @nr_slots: of a span.
 * @fresh: its next slot that was never used.
 * @limit: slots of it that are committed.
 * @is_grown: the class needed more than a span: commit whole ones.
 * @dirty: bytes from @base that need not read zero.
 * @nr_hollow: of @spans, at least half empty. Read without the lock as a hint.
 * @spans: others with room: taken from the front, put to the back.
 */
struct nexp_bin {
	uint32_t head;
	uint32_t slot_size;
	uint16_t *links;
	char *base;
	struct nexp_span *span;
	uint32_t current;
	uint16_t fresh;
	uint16_t limit;
	uint16_t nr_slots;
	bool is_grown;
	uint32_t dirty;
	uint32_t nr_hollow;
	struct nexp_list spans;
} __attribute__((aligned(64)));

/**
 * struct nexp_thread - a thread's heap
 * @private_id: @id while private, NEXP_NOT_PRIVATE otherwise.
 * @id: what spans call their owner. Set once.
 * @busy: its thread is in a section that others may have to wait for.
 * @top: extents from here on were never ours.
 * @patience: times that it finds much kept before it looks at the clock.
 * @is_shared: see heap_thread.c. Written under @lock.
 * @is_used: there is a thread. Written under the heap's lock. Who holds @lock
 *	finds it false only if the last one has let go of its lists and the next
 *	one has not begun with them: both take @lock in between.
 * @nx: Set once.
 * @objects: of the heap. Set once.
 * @spans: of the heap. Set once.
 * @lock: Protects the lists of @bins while shared. Outside the heap's lock;
 *	nobody holds two.
 * @pending: spans with remote frees, a stack; taken as a whole.
 * @bins: by class; then once more for objects with tags.
 * @direct: those without tags by size in steps of NEXP_CLASS_STEP, rounded up.
 *	Set once.
 */
struct nexp_thread {
	uint16_t private_id;
	uint16_t id;
	uint32_t busy;
	uint32_t top;
	struct netexpert *nx;
	char *objects;
	struct nexp_span *spans;
	uint32_t patience;
	bool is_shared;
	bool is_used;
	pthread_mutex_t lock;
	_Alignas(64) uint32_t pending;
	_Alignas(64) struct nexp_bin bins[NEXP_NR_BINS];
	struct nexp_bin *direct[NEXP_NR_DIRECT];
};

/* Never has a slot. */
extern struct nexp_bin nexp_no_bin __attribute__((visibility("hidden")));

/**
 * struct nexp_heap - state of the object functions
 * @serial: names this heap among all that this process ever had. Set once.
 * @objects: the extents' window. Set once.
 * @spans: in the tables. Set once.
 * @tables: the tables' window. Set once.
 * @top: extents ever used. Stored with release, for who reads it without @lock.
 * @keeps_much: @kept is beyond NEXP_HEAP_KEEP. Read without @lock as a hint.
 * @lock: Protects all but what is set once. A leaf.
 * @reserved: address space of both windows and the gaps. Set once.
 * @reserved_size: its bytes.
 * @tables_size: its bytes.
 * @tables_map: a bit for each committed page of it.
 * @layout: offsets; copied to the head when that is committed.
 * @runs: free runs by the logarithm of their length.
 * @kept: pages that free extents keep. Read without @lock as a hint.
 * @kept_low: fewest of them since @kept_since.
 * @kept_since: CLOCK_MONOTONIC_COARSE in ms.
 * @has_membarrier: threads can be private. Set once.
 * @key: each thread's struct nexp_thread. Set once.
 * @common_lock: held by who uses @threads[0].
 * @threads: NEXP_NR_THREADS of them. Set once.
 * @nr_threads: of these, ever used. Stored with release.
 * @committed: bytes, for netexpert_heap_stat().
 * @metadata: bytes, for netexpert_heap_stat().
 */
struct nexp_heap {
	uint64_t serial;
	char *objects;
	struct nexp_span *spans;
	char *tables;
	uint32_t top;
	bool keeps_much;
	_Alignas(64) pthread_mutex_t lock;
	void *reserved;
	size_t reserved_size;
	size_t tables_size;
	uint8_t *tables_map;
	struct nexp_heap_head layout;
	struct nexp_list runs[NEXP_NR_RUN_BINS];
	uint64_t kept;
	uint64_t kept_low;
	uint64_t kept_since;
	bool has_membarrier;
	pthread_key_t key;
	pthread_mutex_t common_lock;
	struct nexp_thread *threads;
	uint32_t nr_threads;
	uint64_t committed;
	uint64_t metadata;
};

/**
 * struct nexp_object - a live object
 * @extent: its extent, or its first one.
 * @slot: SMALL: its slot.
 * @room: SMALL: bytes of the slot.
 * @value: SMALL: its link, as it was.
 * @class: SMALL: its class.
 * @kind: SMALL or LARGE.
 * @link: SMALL: where its link is.
 * @span: of @extent.
 */
struct nexp_object {
	uint32_t extent;
	uint32_t slot;
	uint32_t room;
	uint16_t value;
	uint8_t class;
	uint8_t kind;
	uint16_t *link;
	struct nexp_span *span;
};

/**
 * struct nexp_tls - what a thread knows of its heap
 * @serial: of the pool whose heap @me is, or 0.
 * @alloc_serial: the same, or 0 if objects get a tag.
 * @key: a key of that pool's, or nexp_no_key.
 * @alloc_key: the same, or nexp_no_key if objects get a tag.
 * @me: the thread's heap there.
 * @tag: see netexpert_tag_set().
 *
 * All but @tag forget in a child of fork().
 */
struct nexp_tls {
	uint64_t serial;
	uint64_t alloc_serial;
	const struct nexp_key *key;
	const struct nexp_key *alloc_key;
	struct nexp_thread *me;
	uint8_t tag;
};

struct nexp_key;

extern __thread struct nexp_tls nexp_tls
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

int nexp_heap_init(struct netexpert *nx);
void nexp_heap_exit(struct netexpert *nx);
void *nexp_heap_address(const struct netexpert *nx, uint64_t offset);
void *nexp_alloc(struct netexpert *nx, size_t size, int *out_err);
int nexp_free(struct netexpert *nx, const void *object);
int nexp_object_free(struct netexpert *nx, struct nexp_thread *me,
		     const void *address);
void nexp_free_event(struct netexpert *nx, const void *object);
void nexp_heap_free_all(struct netexpert *nx, const void *but);

/* heap_thread.c */
int nexp_threads_init(struct netexpert *nx);
void nexp_threads_exit(struct netexpert *nx);
struct nexp_thread *nexp_thread_begin(struct netexpert *nx);
void nexp_thread_end(struct nexp_thread *me);
void nexp_thread_forget(void);
void nexp_thread_remember(const struct nexp_key *key);
int nexp_thread_share(struct nexp_thread *thread);
int nexp_thread_visit(struct nexp_thread *thread, bool *out_was_private);
void nexp_thread_depart(struct nexp_thread *thread, bool was_private);
bool nexp_threads_settle(struct netexpert *nx);

/* heap_span.c */
void nexp_bin_init(struct nexp_bin *bin, unsigned int class);
void nexp_spans_list_all(struct netexpert *nx, struct nexp_thread *me);
void nexp_span_own(struct nexp_thread *me, uint32_t extent);
bool nexp_bin_turn(struct netexpert *nx, struct nexp_thread *me, struct nexp_bin *bin);
int nexp_bin_fill(struct netexpert *nx, struct nexp_thread *me, unsigned int index);
void nexp_bin_retire(struct netexpert *nx, struct nexp_bin *bin, bool only_empty,
		     struct nexp_list *empty);
void nexp_span_event(struct netexpert *nx, struct nexp_thread *me, uint32_t extent);
void nexp_spans_put(struct netexpert *nx, struct nexp_list *empty);
void nexp_pending_push(struct netexpert *nx, struct nexp_thread *thread,
		       uint32_t extent);
void nexp_pending_collect(struct netexpert *nx, struct nexp_thread *thread,
			  bool is_ours, struct nexp_list *empty);

/* heap_small.c */
void *nexp_small_alloc(struct netexpert *nx, struct nexp_thread *me, size_t size,
		       uint8_t tag, int *out_err);
int nexp_object_find(const struct netexpert *nx, const void *address,
		     struct nexp_object *obj);
int nexp_small_claim(struct netexpert *nx, struct nexp_thread *me,
		     const void *address, struct nexp_object *obj);
void nexp_small_free(struct netexpert *nx, struct nexp_thread *me,
		     const struct nexp_object *obj);
uint8_t nexp_small_tag(const struct netexpert *nx, const struct nexp_object *obj);

/* heap_large.c */
void *nexp_large_alloc(struct netexpert *nx, size_t size, uint8_t tag, int *out_err);
int nexp_large_free(struct netexpert *nx, const void *address);
int nexp_large_claim(struct netexpert *nx, const void *address, uint64_t *out_size);
void nexp_large_unclaim(struct netexpert *nx, const void *address);
uint8_t nexp_large_tag(const struct netexpert *nx, const void *address);
void nexp_large_put(struct netexpert *nx, const void *address);
int nexp_large_resize(struct netexpert *nx, const void *address, size_t size);

/* heap_extent.c; the heap's lock is held */
uint64_t nexp_links_offset(const struct netexpert *nx, uint32_t extent,
			   unsigned int class);
void nexp_list_append(struct netexpert *nx, struct nexp_list *list,
		      uint32_t extent);
void nexp_list_prepend(struct netexpert *nx, struct nexp_list *list,
		       uint32_t extent);
void nexp_list_remove(struct netexpert *nx, struct nexp_list *list,
		      uint32_t extent);
int nexp_tables_commit(struct netexpert *nx, uint64_t offset, uint64_t length);
int nexp_run_take(struct netexpert *nx, uint32_t nr, uint32_t *out_first);
int nexp_run_extend(struct netexpert *nx, uint32_t next, uint32_t extra);
int nexp_run_commit(struct netexpert *nx, uint32_t first, uint64_t bytes);
void nexp_run_clear(struct netexpert *nx, uint32_t first, uint64_t from,
		    uint64_t to);
void nexp_run_put(struct netexpert *nx, uint32_t first, uint32_t nr);

/* heap_purge.c */
void nexp_heap_tick(struct netexpert *nx);
void nexp_heap_idle(struct netexpert *nx);
bool nexp_heap_keeps(const struct netexpert *nx);
void nexp_heap_trim(struct netexpert *nx, struct nexp_thread *me);
void nexp_kept_changed(struct netexpert *nx);

#endif /* NEXP_HEAP_H */
