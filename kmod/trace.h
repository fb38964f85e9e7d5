/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netexpert - tracepoints: the life of pools, their memory, lost frames
 *
 * Whatever changes a counter of memory or loses a frame can be watched as
 * netexpert:* with trace-cmd, perf or BPF. A delivered frame has none: it is what
 * must cost nothing.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM netexpert

#if !defined(NEXP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define NEXP_TRACE_H

#include <linux/tracepoint.h>

#include "pool.h"

TRACE_DEFINE_ENUM(NETEXPERT_DROP_RING_FULL);
TRACE_DEFINE_ENUM(NETEXPERT_DROP_CORRUPT);
TRACE_DEFINE_ENUM(NETEXPERT_DROP_TOO_BIG);
TRACE_DEFINE_ENUM(NETEXPERT_DROP_UNREADABLE);
TRACE_DEFINE_ENUM(NETEXPERT_DROP_NESTED);
TRACE_DEFINE_ENUM(NETEXPERT_DROP_NO_PROGRAM);

#define nexp_show_drop(cause) __print_symbolic(cause,			\
	{ NETEXPERT_DROP_RING_FULL,	"ring_full" },			\
	{ NETEXPERT_DROP_CORRUPT,	"corrupt" },			\
	{ NETEXPERT_DROP_TOO_BIG,	"too_big" },			\
	{ NETEXPERT_DROP_UNREADABLE,	"unreadable" },			\
	{ NETEXPERT_DROP_NESTED,	"nested" },			\
	{ NETEXPERT_DROP_NO_PROGRAM,	"no_program" })

TRACE_EVENT(netexpert_pool_create,
	TP_PROTO(const struct nexp_pool *pool),
	TP_ARGS(pool),
	TP_STRUCT__entry(
		__field(u64, pool)
		__string(name, pool->name)
		__field(u32, nr_rings)
		__field(u64, ring_size)
		__field(u64, heap_limit)
	),
	TP_fast_assign(
		__entry->pool = pool->id;
		__assign_str(name);
		__entry->nr_rings = pool->nr_rings;
		__entry->ring_size = pool->ring_size;
		__entry->heap_limit = (u64)pool->heap.limit << PAGE_SHIFT;
	),
	TP_printk("pool=%#llx name=%s nr_rings=%u ring_size=%llu heap_limit=%llu",
		  __entry->pool, __get_str(name), __entry->nr_rings,
		  __entry->ring_size, __entry->heap_limit)
);

TRACE_EVENT(netexpert_pool_destroy,
	TP_PROTO(const struct nexp_pool *pool),
	TP_ARGS(pool),
	TP_STRUCT__entry(
		__field(u64, pool)
		__field(u32, incarnations)
	),
	TP_fast_assign(
		__entry->pool = pool->id;
		__entry->incarnations = pool->incarnations;
	),
	TP_printk("pool=%#llx incarnations=%u", __entry->pool,
		  __entry->incarnations)
);

DECLARE_EVENT_CLASS(netexpert_attachment,
	TP_PROTO(const struct nexp_attachment *att),
	TP_ARGS(att),
	TP_STRUCT__entry(
		__field(u64, pool)
		__field(u32, incarnation)
		__field(u64, heap_bytes)
	),
	TP_fast_assign(
		__entry->pool = att->pool->id;
		__entry->incarnation = att->incarnation;
		__entry->heap_bytes = (u64)att->pool->heap.used << PAGE_SHIFT;
	),
	TP_printk("pool=%#llx incarnation=%u heap_bytes=%llu", __entry->pool,
		  __entry->incarnation, __entry->heap_bytes)
);

#define NEXP_ATTACHMENT_EVENT(name)					\
	DEFINE_EVENT(netexpert_attachment, name,			\
		TP_PROTO(const struct nexp_attachment *att),		\
		TP_ARGS(att))

/* POOL_OPEN; ATTACH, in the expert's process; its end is noticed. */
NEXP_ATTACHMENT_EVENT(netexpert_open);
NEXP_ATTACHMENT_EVENT(netexpert_attach);
NEXP_ATTACHMENT_EVENT(netexpert_end);
/* No window is left and the heap is kept; or its last byte is back. */
NEXP_ATTACHMENT_EVENT(netexpert_frozen);
NEXP_ATTACHMENT_EVENT(netexpert_back);

DECLARE_EVENT_CLASS(netexpert_range,
	TP_PROTO(const struct nexp_pool *pool, u64 offset, u64 length,
		 u64 changed, int err),
	TP_ARGS(pool, offset, length, changed, err),
	TP_STRUCT__entry(
		__field(u64, pool)
		__field(u64, offset)
		__field(u64, length)
		__field(u64, changed)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->pool = pool->id;
		__entry->offset = offset;
		__entry->length = length;
		__entry->changed = changed;
		__entry->err = err;
	),
	TP_printk("pool=%#llx offset=%#llx length=%llu changed=%llu err=%d",
		  __entry->pool, __entry->offset, __entry->length,
		  __entry->changed, __entry->err)
);

/* @changed: bytes of the range that came or went; refusals have an @err. */
DEFINE_EVENT(netexpert_range, netexpert_commit,
	TP_PROTO(const struct nexp_pool *pool, u64 offset, u64 length,
		 u64 changed, int err),
	TP_ARGS(pool, offset, length, changed, err));
DEFINE_EVENT(netexpert_range, netexpert_punch,
	TP_PROTO(const struct nexp_pool *pool, u64 offset, u64 length,
		 u64 changed, int err),
	TP_ARGS(pool, offset, length, changed, err));

TRACE_EVENT(netexpert_limit,
	TP_PROTO(const struct nexp_pool *pool),
	TP_ARGS(pool),
	TP_STRUCT__entry(
		__field(u64, pool)
		__field(u64, heap_limit)
		__field(u64, heap_bytes)
	),
	TP_fast_assign(
		__entry->pool = pool->id;
		__entry->heap_limit = (u64)pool->heap.limit << PAGE_SHIFT;
		__entry->heap_bytes = (u64)pool->heap.used << PAGE_SHIFT;
	),
	TP_printk("pool=%#llx heap_limit=%llu heap_bytes=%llu", __entry->pool,
		  __entry->heap_limit, __entry->heap_bytes)
);

TRACE_EVENT(netexpert_filter,
	TP_PROTO(const struct nexp_pool *pool, u32 nr_programs,
		 unsigned long bytes),
	TP_ARGS(pool, nr_programs, bytes),
	TP_STRUCT__entry(
		__field(u64, pool)
		__field(u32, nr_programs)
		__field(unsigned long, bytes)
	),
	TP_fast_assign(
		__entry->pool = pool->id;
		__entry->nr_programs = nr_programs;
		__entry->bytes = bytes;
	),
	TP_printk("pool=%#llx nr_programs=%u bytes=%lu", __entry->pool,
		  __entry->nr_programs, __entry->bytes)
);

/* @ring is -1 where the frame belongs to no ring. */
TRACE_EVENT(netexpert_drop,
	TP_PROTO(const struct nexp_pool *pool, int ring,
		 enum netexpert_drop cause),
	TP_ARGS(pool, ring, cause),
	TP_STRUCT__entry(
		__field(u64, pool)
		__field(int, ring)
		__field(int, cause)
	),
	TP_fast_assign(
		__entry->pool = pool->id;
		__entry->ring = ring;
		__entry->cause = cause;
	),
	TP_printk("pool=%#llx ring=%d cause=%s", __entry->pool, __entry->ring,
		  nexp_show_drop(__entry->cause))
);

#endif /* NEXP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
