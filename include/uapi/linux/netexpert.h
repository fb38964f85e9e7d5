/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * netexpert - the device ABI: sessions, pools, attachments
 *
 * Opening /dev/netexpert makes a session: the supervisor's side. A session
 * creates pools; a pool is one expert's memory, its rings and its heap.
 * POOL_OPEN answers a second kind of file, the attachment, which is all that
 * the expert's process gets, POOL_INJECT a third, which can put frames into one
 * pool. Closing a session destroys its pools. What the pages hold that they share is
 * in linux/netexpert_pages.h.
 */
#ifndef _UAPI_LINUX_NETEXPERT_H
#define _UAPI_LINUX_NETEXPERT_H

#include <linux/ioctl.h>
#include <linux/netexpert_pages.h>
#include <linux/types.h>

/**
 * DOC: ioctl contract
 *
 * For 64-bit processes: a 32-bit one could not map the windows and gets ENOTTY.
 *
 * Every argument struct starts with @size, the caller's sizeof(), and @flags.
 * A struct may grow at its tail. A caller that is older than the kernel passes
 * a smaller @size and gets that much back; one that is newer passes a larger
 * @size, whose unknown bytes must be zero. Fields named out_* are written by
 * the kernel and ignored on input; all others are input unless said otherwise.
 * Nothing is changed by a call that fails.
 *
 * What an errno means, for every ioctl of each kind of file:
 *
 * * EINVAL: @size is below the first version of the struct, or a known field
 *   has a value that can never be right (unaligned, out of range).
 * * E2BIG: @size is above what this kernel knows and the rest is not zero, or
 *   it is above 4096.
 * * EOPNOTSUPP: an unknown bit in @flags, or a reserved field that is not 0.
 * * EFAULT: the argument, or an array that it points to, is not accessible.
 * * ENOTTY: no such command on this kind of file.
 * * ENOENT: the session has no pool with this id.
 * * ESTALE: the attachment has ended; the file is a husk.
 * * EPERM: the caller's address space is not the one that called ATTACH.
 * * ENOMEM: the kernel or the memory cgroup has no memory. Never the OOM
 *   killer.
 * * EDQUOT: the pool's limit, the session's or the module's would be exceeded.
 * * EINTR: a fatal signal arrived meanwhile.
 */

/**
 * DOC: poll contract
 *
 * A session answers EPOLLIN while there is news of one of its pools: an attachment
 * ended, its heap was frozen, its last byte is back, the pool is idle. POOL_STAT
 * of that pool by its id, asked by its session, takes back what its answer knows of,
 * and nothing that came later.
 *
 * An attachment answers EPOLLIN when frames are to be read (struct
 * netexpert_ring_consumer tells how to wait), and when no frame comes any more;
 * EPOLLHUP when the expert shall finish; EPOLLHUP and EPOLLERR when it has
 * ended. Only the bound process's poll makes the kernel wake the reader.
 *
 * The other kinds of file are not to be polled.
 */

/** NETEXPERT_ABI - version of this header; told by NETEXPERT_IOC_INFO. */
#define NETEXPERT_ABI		1

/** NETEXPERT_NAME_LEN - bytes of a pool's name, its NUL included. */
#define NETEXPERT_NAME_LEN	32

/**
 * enum netexpert_drop - why a frame that was seen is in no ring
 * @NETEXPERT_DROP_RING_FULL: the reader is behind by the ring's capacity.
 * @NETEXPERT_DROP_CORRUPT: the consumer position makes no sense; delivery to
 *	this ring goes on when it does again.
 * @NETEXPERT_DROP_TOO_BIG: the record is larger than the ring's capacity, or
 *	bytes that are no frame are more than 65536.
 * @NETEXPERT_DROP_UNREADABLE: the kernel could not read the frame's bytes.
 * @NETEXPERT_DROP_NESTED: the delivery interrupted another one on its CPU
 *	(netconsole over a bridge can do that). In no ring's counters, only in
 *	the pool's.
 * @NETEXPERT_DROP_NO_PROGRAM: the pool has a filter, and in it no program for
 *	the interface's link type.
 * @NETEXPERT_NR_DROPS: number of causes this header knows.
 * @NETEXPERT_MAX_DROPS: room for causes in counters; the rest stays 0.
 */
enum netexpert_drop {
	NETEXPERT_DROP_RING_FULL,
	NETEXPERT_DROP_CORRUPT,
	NETEXPERT_DROP_TOO_BIG,
	NETEXPERT_DROP_UNREADABLE,
	NETEXPERT_DROP_NESTED,
	NETEXPERT_DROP_NO_PROGRAM,
	NETEXPERT_NR_DROPS,
	NETEXPERT_MAX_DROPS = 16,
};

/**
 * enum netexpert_pool_state - where a pool's expert is in its life
 * @NETEXPERT_POOL_IDLE: nobody holds the attachment; POOL_OPEN works.
 * @NETEXPERT_POOL_OPEN: an attachment exists, no process is bound to it.
 * @NETEXPERT_POOL_ATTACHED: an expert's process is bound to it.
 * @NETEXPERT_POOL_RECLAIMING: the attachment has ended and the kernel is
 *	taking the heap back; IDLE follows by itself. Or FROZEN, if that was
 *	asked for: then no window of it is left yet to be revoked.
 * @NETEXPERT_POOL_FROZEN: the attachment has ended, its windows are revoked and
 *	its heap is kept as it was; POOL_RECLAIM gives it back.
 */
enum netexpert_pool_state {
	NETEXPERT_POOL_IDLE,
	NETEXPERT_POOL_OPEN,
	NETEXPERT_POOL_ATTACHED,
	NETEXPERT_POOL_RECLAIMING,
	NETEXPERT_POOL_FROZEN,
};

/**
 * struct netexpert_info - NETEXPERT_IOC_INFO, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @out_abi: NETEXPERT_ABI of the module.
 * @out_max_pools: most pools the module keeps at once.
 * @out_nr_pools: pools that exist now, of all sessions.
 * @out_default_rings: what nr_rings = 0 means on this machine.
 * @out_bytes: bytes of all rings, heaps and filters, of all sessions.
 * @out_max_bytes: the module's limit on @out_bytes (parameter max_mbytes).
 * @out_drops_no_pool: frames delivered to an id that names no pool.
 * @out_session_bytes: bytes of all rings, heaps and filters of this session.
 * @out_session_max_bytes: the limit on @out_session_bytes: the lowest of the
 *	session's own (NETEXPERT_IOC_SESSION_LIMIT), the parameter
 *	max_session_mbytes and the module's limit.
 */
struct netexpert_info {
	__u32 size;
	__u32 flags;
	__u32 out_abi;
	__u32 out_max_pools;
	__u32 out_nr_pools;
	__u32 out_default_rings;
	__aligned_u64 out_bytes;
	__aligned_u64 out_max_bytes;
	__aligned_u64 out_drops_no_pool;
	__aligned_u64 out_session_bytes;
	__aligned_u64 out_session_max_bytes;
};

/**
 * struct netexpert_session_limit - NETEXPERT_IOC_SESSION_LIMIT, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @max_bytes: most bytes of this session's rings, heaps and filters; 0 means no
 *	limit of its own. The parameters' limits hold in any case.
 *
 * Takes nothing away: below what there is already, POOL_CREATE, POOL_FILTER and
 * COMMIT answer EDQUOT until enough has been given back.
 */
struct netexpert_session_limit {
	__u32 size;
	__u32 flags;
	__aligned_u64 max_bytes;
};

/**
 * NETEXPERT_POOL_POSTMORTEM - the end of an attachment that a process was bound
 * to freezes the heap, for a view, until POOL_RECLAIM. Meanwhile the heap stays
 * charged and POOL_OPEN is EBUSY.
 */
#define NETEXPERT_POOL_POSTMORTEM	(1U << 0)

/**
 * struct netexpert_pool_create - NETEXPERT_IOC_POOL_CREATE, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: 0 or NETEXPERT_POOL_POSTMORTEM.
 * @nr_rings: 0, one per CPU id but not more than the module's parameter
 *	max_rings; or a number from 1 to 256. With fewer rings than CPUs, CPUs
 *	share rings.
 * @snaplen: most bytes kept of a frame; 0 keeps all of it.
 * @ring_size: bytes of each ring, a power of two from one page to 1 GiB.
 * @history_size: bytes of each ring that stay intact behind the reader; below
 *	@ring_size and a multiple of 8. The ring's capacity is the difference.
 * @heap_size: bytes of address space for the heap, whole pages, from one page
 *	to 64 GiB.
 * @heap_limit: most bytes the expert may commit; whole pages, <= @heap_size; 0
 *	means none.
 * @wake_bytes: wake a waiting reader when this much is unread in one ring; up
 *	to the capacity. 0 means a quarter of the capacity.
 * @wake_usecs: wake it in any case when the oldest unread frame is this old;
 *	up to 10 s. 0 means 5 ms.
 * @name: for people; NUL-terminated, not empty, printable ASCII, no blanks.
 * @out_pool_id: names the pool for BPF programs and for this session. Never
 *	repeated while the module is loaded, never 0.
 * @out_nr_rings: rings made.
 * @__reserved: must be 0.
 *
 * Rings are charged to the caller's memory cgroup. Errors beside the common
 * ones: ENOSPC, the module keeps out_max_pools pools already.
 */
struct netexpert_pool_create {
	__u32 size;
	__u32 flags;
	__u32 nr_rings;
	__u32 snaplen;
	__aligned_u64 ring_size;
	__aligned_u64 history_size;
	__aligned_u64 heap_size;
	__aligned_u64 heap_limit;
	__u32 wake_bytes;
	__u32 wake_usecs;
	char name[NETEXPERT_NAME_LEN];
	__aligned_u64 out_pool_id;
	__u32 out_nr_rings;
	__u32 __reserved;
};

/**
 * struct netexpert_pool_open - NETEXPERT_IOC_POOL_OPEN, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @pool_id: the pool.
 * @out_fd: the attachment, close-on-exec.
 * @__reserved: must be 0.
 *
 * Begins the pool's next incarnation: the terminate word is cleared. When the
 * one before ended, the consumer window was cleared but for the positions, which
 * are the last ones that made sense, moved up to the next record if they lay
 * inside one: reading goes on at the first frame that was not released. EBUSY:
 * there is an attachment already, or its heap is frozen or still being taken back. EMFILE
 * and ENFILE: no file descriptor is left.
 */
struct netexpert_pool_open {
	__u32 size;
	__u32 flags;
	__aligned_u64 pool_id;
	__s32 out_fd;
	__u32 __reserved;
};

/**
 * struct netexpert_pool_ref - names a pool, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @pool_id: the pool.
 *
 * NETEXPERT_IOC_POOL_TERMINATE asks the expert to finish: the terminate word in
 * the status window is set and its poll answers EPOLLHUP. Frames keep arriving.
 *
 * NETEXPERT_IOC_POOL_FREEZE ends the attachment whatever its process does: every
 * window of it is revoked. The heap is kept, for a view, until RECLAIM. It
 * returns when no mapping is left, in state FROZEN; both wait for it whatever
 * signals come, longer for a larger heap. EBUSY: the attachment has ended
 * already and its heap is being taken back; ENODATA: there is none, or no process
 * is bound to it yet.
 *
 * NETEXPERT_IOC_POOL_RECLAIM ends the attachment like FREEZE, but the heap is
 * taken back, a frozen one too. It returns when no mapping is left and what could
 * be given back at once is; the last bytes may come back later (see the state).
 * Without an attachment it does nothing.
 *
 * NETEXPERT_IOC_POOL_DESTROY is RECLAIM, and then the pool is gone: its id is
 * free for nobody and frames for it count in out_drops_no_pool.
 */
struct netexpert_pool_ref {
	__u32 size;
	__u32 flags;
	__aligned_u64 pool_id;
};

/**
 * struct netexpert_pool_view - NETEXPERT_IOC_POOL_VIEW, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @pool_id: the pool; of another session too with CAP_SYS_PTRACE, because this
 *	reads an expert's memory.
 * @out_fd: a read-only file, close-on-exec.
 * @__reserved: must be 0.
 *
 * The file shows the pool's windows at the offsets where an attachment has them
 * (NETEXPERT_MAP_*), whatever state the pool is in, for pread(2) and, with
 * SEEK_SET, SEEK_CUR, SEEK_DATA and SEEK_HOLE, lseek(2). It cannot be mapped: what
 * was read is the reader's own. Pages of the heap that are not committed are
 * holes and read as zeros; a read ends at its window's end, and outside of all
 * windows answers 0 bytes (SEEK_DATA and SEEK_HOLE: ENXIO). Each page is read as
 * it was at one moment. A living pool goes on changing meanwhile, and so do rings
 * in any case: a record that was read is whole if the producer's position, read
 * afterwards, is less than a ring's size beyond it. ESTALE: the pool is destroyed.
 * EMFILE and ENFILE: no file descriptor is left.
 *
 * A read answers ENOMEM, EFAULT and EINTR as an ioctl does if it has nothing to
 * answer yet, lseek EINTR, and EINVAL or EOVERFLOW for a position that no file
 * can have.
 */
struct netexpert_pool_view {
	__u32 size;
	__u32 flags;
	__aligned_u64 pool_id;
	__s32 out_fd;
	__u32 __reserved;
};

/**
 * struct netexpert_pool_limit - NETEXPERT_IOC_POOL_LIMIT, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @pool_id: the pool.
 * @heap_limit: most bytes the expert may commit from now on; whole pages, <=
 *	the pool's heap_size.
 *
 * Works at any time of a pool's life and holds for its later incarnations, too.
 * The status window tells the expert. Takes nothing away: below what is
 * committed already, COMMIT answers EDQUOT until enough has been punched.
 */
struct netexpert_pool_limit {
	__u32 size;
	__u32 flags;
	__aligned_u64 pool_id;
	__aligned_u64 heap_limit;
};

/** NETEXPERT_MAX_PROGRAMS - most programs of a filter. */
#define NETEXPERT_MAX_PROGRAMS		16

/** NETEXPERT_FILTER_TEXT_LEN - most bytes of a filter's text, its NUL included. */
#define NETEXPERT_FILTER_TEXT_LEN	1024

/**
 * struct netexpert_program - a filter's program for one link type
 * @link_type: ARPHRD_* of the interfaces whose frames it judges.
 * @nr_insns: its instructions, from 1 to 4096.
 * @__reserved: must be 0.
 * @insns: user pointer to an array of struct sock_filter: a program of classic
 *	BPF, as packet(7) takes it and pcap_compile() makes it on the handle of
 *	a live interface.
 */
struct netexpert_program {
	__u16 link_type;
	__u16 nr_insns;
	__u32 __reserved;
	__aligned_u64 insns;
};

/**
 * struct netexpert_pool_filter - NETEXPERT_IOC_POOL_FILTER, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @pool_id: the pool.
 * @programs: user pointer to an array of struct netexpert_program, each for
 *	another link type.
 * @text: user pointer to what people know the filter by, or 0: printable ASCII
 *	and blanks, NUL-terminated. POOL_STAT tells it.
 * @nr_programs: entries of @programs, up to NETEXPERT_MAX_PROGRAMS. 0 takes the
 *	filter away, and every frame is wanted again; then @programs, @text and
 *	@text_size must be 0.
 * @text_size: bytes of @text, its NUL included, up to NETEXPERT_FILTER_TEXT_LEN;
 *	0 if there is none.
 *
 * Replaces the pool's filter by another one as a whole, at any time of the pool's
 * life: each frame is judged by the one or by the other. When the call returns
 * no frame is judged by the former one any more, and all that it let through are
 * in their rings.
 *
 * A program sees the frame as a packet socket's does: its bytes from the link
 * header on, a tag that stands in the metadata only there, PACKET_OUTGOING at
 * egress. It answers how many bytes of the frame to keep at most, such a tag
 * included. 0 means that nobody wants the frame: it counts as filtered, whether
 * the ring has room or not. Frames of a link type that has no program are
 * dropped, NETEXPERT_DROP_NO_PROGRAM, because nobody knows whether they are
 * wanted.
 *
 * Charged to the caller's memory cgroup and counted against the session's and the
 * module's limits, the former filter's memory until the call returns. EINVAL: too
 * many programs, two for one link type, one that the kernel's check refuses, or a
 * text that is not as above.
 */
struct netexpert_pool_filter {
	__u32 size;
	__u32 flags;
	__aligned_u64 pool_id;
	__aligned_u64 programs;
	__aligned_u64 text;
	__u32 nr_programs;
	__u32 text_size;
};

/**
 * struct netexpert_pool_inject - NETEXPERT_IOC_POOL_INJECT, on a session
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @pool_id: the pool. It has one ring, so that frames are read in the order in
 *	which they were injected; EINVAL otherwise.
 * @out_fd: an injector, close-on-exec: a file for NETEXPERT_IOC_INJECT, and for nothing
 *	else.
 * @__reserved: must be 0.
 *
 * Frames from a process instead of an interface, a capture file's for example.
 * Closing the injector, with its last copy, completes the pool: no frame comes any
 * more, and the status window says so. EBUSY: the pool has or had one. EMFILE
 * and ENFILE: no file descriptor is left.
 */
struct netexpert_pool_inject {
	__u32 size;
	__u32 flags;
	__aligned_u64 pool_id;
	__s32 out_fd;
	__u32 __reserved;
};

/** NETEXPERT_MAX_INJECT - most bytes of a frame that is injected. */
#define NETEXPERT_MAX_INJECT		(256 * 1024)

/**
 * struct netexpert_inject_frame - a frame to be injected
 * @data: user pointer to its bytes, from the link header on, tags included.
 * @time_ns: its time of day, in ns since the epoch. The record's time is as far
 *	from it as the two clocks were when the pool was made: for a frame that is
 *	older than the machine's start it is negative, if taken for signed.
 * @cap_len: bytes at @data, up to NETEXPERT_MAX_INJECT.
 * @wire_len: bytes of the frame; not less than @cap_len. For a filter's program it
 *	is the frame's length, if less than 2 GiB; what is beyond @cap_len it can't
 *	load.
 * @ifindex: its interface, by whatever numbers the caller has.
 * @flags: 0 or NETEXPERT_RECORD_OUT.
 * @link_type: ARPHRD_* of that interface.
 * @__reserved: must be 0.
 */
struct netexpert_inject_frame {
	__aligned_u64 data;
	__aligned_u64 time_ns;
	__u32 cap_len;
	__u32 wire_len;
	__u32 ifindex;
	__u32 flags;
	__u16 link_type;
	__u16 __reserved[3];
};

/**
 * enum netexpert_inject_flag - what to do with frames
 * @NETEXPERT_INJECT_JUDGE: nothing but asking the pool's filter about one frame:
 *	answers 1 if it wants it and 0 if not. Nothing is stored, counted or waited
 *	for. EINVAL: @nr_frames is not 1.
 */
enum netexpert_inject_flag {
	NETEXPERT_INJECT_JUDGE	= 1U << 0,
};

/**
 * struct netexpert_inject - NETEXPERT_IOC_INJECT, on an injector
 * @size: sizeof() of the caller's struct.
 * @flags: 0 or NETEXPERT_INJECT_JUDGE.
 * @frames: user pointer to an array of struct netexpert_inject_frame.
 * @nr_frames: its entries.
 * @__reserved: must be 0.
 *
 * Puts frames into the pool's ring, in their order, as if they came from an
 * interface: filter, snaplen and counters are the pool's. It waits for room
 * where a frame of an interface would be lost, with an expert or without; what
 * is larger than the ring's capacity is lost (too big). Answers how many frames
 * are dealt with, which is less than @nr_frames if something was wrong with the
 * next one, which the next call tells, or if a signal arrived: that ends the call
 * behind the frame at hand, or without it if it waits for room. EINTR: a signal
 * arrived while the first frame was waiting. ESTALE: the pool is gone. EINVAL: a
 * length is not as above. EOPNOTSUPP: an unknown bit in a frame's flags.
 */
struct netexpert_inject {
	__u32 size;
	__u32 flags;
	__aligned_u64 frames;
	__u32 nr_frames;
	__u32 __reserved;
};

/**
 * struct netexpert_ring_stat - counters of one ring
 * @seen: frames that a capture program or an injector delivered to this ring.
 * @filtered: of these, frames that the pool's filter did not want.
 * @delivered: frames stored.
 * @delivered_bytes: captured bytes of these, headers not counted.
 * @dropped: frames lost, by enum netexpert_drop.
 * @position: free-running position of the producer, in bytes.
 * @consumed: the last consumer position that made sense.
 *
 * seen = filtered + delivered + sum of dropped: exactly, once captures are
 * detached and a grace period has passed; before that a frame may be under way.
 */
struct netexpert_ring_stat {
	__aligned_u64 seen;
	__aligned_u64 filtered;
	__aligned_u64 delivered;
	__aligned_u64 delivered_bytes;
	__aligned_u64 dropped[NETEXPERT_MAX_DROPS];
	__aligned_u64 position;
	__aligned_u64 consumed;
};

/** NETEXPERT_STAT_NEXT - answer for the first pool after @pool_id instead. */
#define NETEXPERT_STAT_NEXT	(1U << 0)

/**
 * struct netexpert_pool_stat - NETEXPERT_IOC_POOL_STAT, on both kinds of file
 * @size: sizeof() of the caller's struct.
 * @flags: 0 or NETEXPERT_STAT_NEXT.
 * @pool_id: in and out. On an attachment it must be 0 and is filled in, and
 *	@flags must be 0.
 * @rings: user pointer to an array of struct netexpert_ring_stat, or 0.
 * @nr_rings: in, entries in that array; out, rings of the pool. Entries beyond
 *	the pool's rings are left alone.
 * @out_state: enum netexpert_pool_state.
 * @out_pid: process that called ATTACH, as the caller's pid namespace sees it;
 *	0 if none. For people: where processes share an address space (vfork),
 *	it may have ended before the attachment.
 * @out_incarnation: how often the pool was opened.
 * @out_name: the pool's name.
 * @out_ring_size: bytes of each ring.
 * @out_history_size: bytes of each ring kept behind the reader.
 * @out_heap_size: address space of the heap.
 * @out_heap_limit: most bytes of heap.
 * @out_heap_bytes: bytes of heap that the kernel holds for the pool now, the
 *	ones being taken back included, and those that a COMMIT is about to add.
 * @out_heap_peak: most that was ever committed, over all incarnations.
 * @out_heap_refused: commits refused for the limit or for lack of memory.
 * @out_wakeups: times a waiting reader was woken.
 * @out_sum: the counters of all rings added up; position and consumed too.
 * @out_created_ns: CLOCK_MONOTONIC when the pool was made.
 * @out_ended_ns: CLOCK_MONOTONIC when the end of the last attachment was
 *	noticed, which a COMMIT that was under way may have put off; 0 if none
 *	has ended yet.
 * @out_back_ns: CLOCK_MONOTONIC when the last byte of its heap was back; 0
 *	while bytes are still out or none has ended yet.
 * @out_back_bytes: bytes of heap it held when it ended.
 * @out_last_position: what the expert's first reader said it was working on
 *	when the attachment ended: the record's position. Untrusted.
 * @out_last_ring: the ring of that record.
 * @out_last_busy: 1 if it said that it was working on one.
 * @filter_text: user pointer to room for the text of the pool's filter, or 0.
 * @filter_text_size: in, bytes of that room; out, bytes of the text, its NUL
 *	included, or 0 if there is none. As much of it is told as there is room
 *	for, NUL-terminated.
 * @out_nr_programs: programs of the pool's filter; 0 if it has none.
 *
 * A session may ask about its own pools; about all others too with
 * CAP_NET_ADMIN. ENOENT ends a walk with NETEXPERT_STAT_NEXT, which starts
 * at @pool_id 0.
 */
struct netexpert_pool_stat {
	__u32 size;
	__u32 flags;
	__aligned_u64 pool_id;
	__aligned_u64 rings;
	__u32 nr_rings;
	__u32 out_state;
	__u32 out_pid;
	__u32 out_incarnation;
	char out_name[NETEXPERT_NAME_LEN];
	__aligned_u64 out_ring_size;
	__aligned_u64 out_history_size;
	__aligned_u64 out_heap_size;
	__aligned_u64 out_heap_limit;
	__aligned_u64 out_heap_bytes;
	__aligned_u64 out_heap_peak;
	__aligned_u64 out_heap_refused;
	__aligned_u64 out_wakeups;
	struct netexpert_ring_stat out_sum;
	__aligned_u64 out_created_ns;
	__aligned_u64 out_ended_ns;
	__aligned_u64 out_back_ns;
	__aligned_u64 out_back_bytes;
	__aligned_u64 out_last_position;
	__u32 out_last_ring;
	__u32 out_last_busy;
	__aligned_u64 filter_text;
	__u32 filter_text_size;
	__u32 out_nr_programs;
};

/**
 * struct netexpert_attach - NETEXPERT_IOC_ATTACH, on an attachment
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @out_pool_id: the pool.
 * @out_incarnation: which life of the expert this is, from 1.
 * @out_nr_rings: rings of the pool.
 * @out_ring_size: bytes of each ring.
 * @out_history_size: bytes of each ring kept behind the reader.
 * @out_heap_size: address space of the heap.
 * @out_status_size: bytes of the status window.
 * @out_consumer_size: bytes of the consumer window.
 * @out_created_ns: CLOCK_MONOTONIC when the pool was made; frame.stamp_us
 *	counts from here.
 * @out_realtime_ns: CLOCK_REALTIME at that moment.
 * @out_released: frames that earlier incarnations have released, in all rings: the
 *	kernel has counted the records below the positions that they left.
 *
 * Binds the calling process's address space and memory cgroup to the
 * attachment. From then on mmap, commit and punch from any other address space
 * are EPERM, and the end of this one (exit, exec, crash, kill) is the expert's
 * death. EBUSY: bound already.
 */
struct netexpert_attach {
	__u32 size;
	__u32 flags;
	__aligned_u64 out_pool_id;
	__u32 out_incarnation;
	__u32 out_nr_rings;
	__aligned_u64 out_ring_size;
	__aligned_u64 out_history_size;
	__aligned_u64 out_heap_size;
	__aligned_u64 out_status_size;
	__aligned_u64 out_consumer_size;
	__aligned_u64 out_created_ns;
	__aligned_u64 out_realtime_ns;
	__aligned_u64 out_released;
};

/**
 * struct netexpert_range - part of the heap, on an attachment
 * @size: sizeof() of the caller's struct.
 * @flags: must be 0.
 * @offset: first byte, from the start of the heap; whole pages.
 * @length: bytes, whole pages, not 0.
 *
 * NETEXPERT_IOC_COMMIT provides zeroed memory for the range; what is there
 * already stays. All of the range or, on error, no new page of it. ENOMEM comes
 * while the memory cgroup still has a little room: an eighth of memory.max, but
 * not more than 4 MiB, is left to the process, whose next stack page would meet
 * the OOM killer otherwise, and room for the page tables of one mapping of the
 * heap: two pages for each 2 MiB of it that something was committed in, but no
 * more than are committed.
 *
 * NETEXPERT_IOC_PUNCH gives the range back; it reads as never committed, so
 * touching it is SIGBUS until it is committed again. EBUSY: a page of it is in
 * use by another part of the kernel right now; pages before it are gone, so
 * try again. EINTR and ESTALE can come in the middle, too.
 */
struct netexpert_range {
	__u32 size;
	__u32 flags;
	__aligned_u64 offset;
	__aligned_u64 length;
};

/*
 * The numbers carry no size, so that they stay when a struct grows; its @size
 * says which version is meant. POOL_TERMINATE, FREEZE, RECLAIM and DESTROY take
 * struct netexpert_pool_ref, COMMIT and PUNCH struct netexpert_range, the others the
 * struct of their name.
 */
#define NETEXPERT_IOC_MAGIC		0xEE
#define NETEXPERT_IOC_INFO		_IO(NETEXPERT_IOC_MAGIC, 0x00)
#define NETEXPERT_IOC_POOL_CREATE	_IO(NETEXPERT_IOC_MAGIC, 0x01)
#define NETEXPERT_IOC_POOL_OPEN		_IO(NETEXPERT_IOC_MAGIC, 0x02)
#define NETEXPERT_IOC_POOL_TERMINATE	_IO(NETEXPERT_IOC_MAGIC, 0x03)
#define NETEXPERT_IOC_POOL_RECLAIM	_IO(NETEXPERT_IOC_MAGIC, 0x04)
#define NETEXPERT_IOC_POOL_DESTROY	_IO(NETEXPERT_IOC_MAGIC, 0x05)
#define NETEXPERT_IOC_POOL_STAT		_IO(NETEXPERT_IOC_MAGIC, 0x06)
#define NETEXPERT_IOC_SESSION_LIMIT	_IO(NETEXPERT_IOC_MAGIC, 0x07)
#define NETEXPERT_IOC_POOL_LIMIT	_IO(NETEXPERT_IOC_MAGIC, 0x08)
#define NETEXPERT_IOC_POOL_FREEZE	_IO(NETEXPERT_IOC_MAGIC, 0x09)
#define NETEXPERT_IOC_POOL_VIEW		_IO(NETEXPERT_IOC_MAGIC, 0x0a)
#define NETEXPERT_IOC_POOL_FILTER	_IO(NETEXPERT_IOC_MAGIC, 0x0b)
#define NETEXPERT_IOC_POOL_INJECT	_IO(NETEXPERT_IOC_MAGIC, 0x0c)
#define NETEXPERT_IOC_ATTACH		_IO(NETEXPERT_IOC_MAGIC, 0x10)
#define NETEXPERT_IOC_COMMIT		_IO(NETEXPERT_IOC_MAGIC, 0x11)
#define NETEXPERT_IOC_PUNCH		_IO(NETEXPERT_IOC_MAGIC, 0x12)
#define NETEXPERT_IOC_INJECT		_IO(NETEXPERT_IOC_MAGIC, 0x20)

#endif /* _UAPI_LINUX_NETEXPERT_H */
