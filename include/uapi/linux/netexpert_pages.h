/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * netexpert - the device ABI: shared pages and what is in them
 *
 * Included by linux/netexpert.h, which has the calls.
 */
#ifndef _UAPI_LINUX_NETEXPERT_PAGES_H
#define _UAPI_LINUX_NETEXPERT_PAGES_H

#include <linux/types.h>

/**
 * DOC: windows
 *
 * An attachment is mapped in four kinds of window, chosen by the mmap offset.
 * All need MAP_SHARED (EINVAL) and none can be executable (EACCES), grow, or be
 * inherited by fork. Any whole pages of a window can be mapped, and more than
 * once. Mapping beyond a window is EINVAL, mapping a read-only one writable
 * EPERM. So is any mapping before ATTACH and from another address space than the
 * bound one; when the attachment has ended it is ESTALE.
 *
 * * NETEXPERT_MAP_STATUS: read-only. Slots of NETEXPERT_SLOT_SIZE bytes: slot 0
 *   is struct netexpert_status, slot 1 + n is struct netexpert_ring_status n.
 * * NETEXPERT_MAP_CONSUMER: the only shared pages that the expert writes. Slot
 *   0 is struct netexpert_consumer, slot 1 + n is struct
 *   netexpert_ring_consumer n, and after the rings come NETEXPERT_NR_READERS
 *   slots of struct netexpert_reader. The kernel believes none of it.
 * * NETEXPERT_MAP_RING(n): read-only; the records of ring n. The window is
 *   twice as long as the ring and shows it twice, so that a record at position
 *   p is contiguous at offset p & (ring_size - 1).
 * * NETEXPERT_MAP_HEAP: readable and writable where committed, SIGBUS elsewhere.
 */
#define NETEXPERT_MAP_STATUS	(0ULL << 56)
#define NETEXPERT_MAP_CONSUMER	(1ULL << 56)
#define NETEXPERT_MAP_RING(n)	((2ULL << 56) | ((__u64)(n) << 40))
#define NETEXPERT_MAP_HEAP	(3ULL << 56)

#define NETEXPERT_SLOT_SIZE	128
#define NETEXPERT_NR_READERS	16

/**
 * struct netexpert_status - slot 0 of the status window
 * @abi: NETEXPERT_ABI.
 * @terminate: not 0 when the expert shall finish.
 * @incarnation: which life of the expert this is.
 * @nr_rings: rings of the pool.
 * @heap_limit: most bytes of heap at present.
 * @complete: not 0 when no frame comes any more. Load it with acquire: what the
 *	rings hold then is all. poll answers EPOLLIN from then on.
 * @__reserved: 0.
 */
struct netexpert_status {
	__u32 abi;
	__u32 terminate;
	__u32 incarnation;
	__u32 nr_rings;
	__aligned_u64 heap_limit;
	__u32 complete;
	__u32 __reserved;
};

/**
 * struct netexpert_ring_status - slot 1 + n of the status window
 * @position: free-running byte position of ring n's producer. Load it with
 *	acquire: records below it are complete.
 * @lost: frames lost after the last record.
 * @lost_causes: their causes, a bit (1 << enum netexpert_drop) each.
 * @__reserved: 0.
 */
struct netexpert_ring_status {
	__aligned_u64 position;
	__aligned_u64 lost;
	__u32 lost_causes;
	__u32 __reserved;
};

/**
 * struct netexpert_consumer - slot 0 of the consumer window
 * @waiting: a reader sets it to 1, then (full barrier) looks at all rings once
 *	more, then sleeps in poll or epoll. The kernel clears it when it wakes
 *	the reader, and sets it when the expert's poll for EPOLLIN finds
 *	nothing.
 *	While it is 0 nobody is woken.
 * @__reserved: leave it 0.
 */
struct netexpert_consumer {
	__u32 waiting;
	__u32 __reserved;
};

/**
 * struct netexpert_ring_consumer - slot 1 + n of the consumer window
 * @position: free-running byte position below which the expert needs nothing
 *	any more. Store it with release. A multiple of 8 that never goes back
 *	and never passes the producer's.
 */
struct netexpert_ring_consumer {
	__aligned_u64 position;
};

/**
 * struct netexpert_reader - what one reader thread is working on
 * @position: position of the record in its ring.
 * @ring: its ring.
 * @busy: not 0 while the thread works on it.
 */
struct netexpert_reader {
	__aligned_u64 position;
	__u32 ring;
	__u32 busy;
};

/**
 * enum netexpert_record_flags - what is known about a frame
 * @NETEXPERT_RECORD_OUT: seen at egress; at ingress otherwise.
 * @NETEXPERT_RECORD_VLAN: a tag stood in the metadata (offload), or at XDP in the
 *	bytes; @vlan_tci and @vlan_proto hold it and the bytes have it where it belongs.
 * @NETEXPERT_RECORD_CSUM_PARTIAL: the checksum is not filled in yet.
 * @NETEXPERT_RECORD_CSUM_VALID: the checksum was verified by the device.
 * @NETEXPERT_RECORD_GSO: a super-frame; @gso_size and @gso_segs are valid.
 * @NETEXPERT_RECORD_HWTIME: @hwtime_ns is valid.
 * @NETEXPERT_RECORD_BYTES: no frame, but what a capture program made itself and
 *	delivered by netexpert_bytes_deliver(). It counts as a frame; no filter has
 *	judged it, @ifindex is 0 and @link_type is ARPHRD_VOID.
 */
enum netexpert_record_flags {
	NETEXPERT_RECORD_OUT		= 1 << 0,
	NETEXPERT_RECORD_VLAN		= 1 << 1,
	NETEXPERT_RECORD_CSUM_PARTIAL	= 1 << 2,
	NETEXPERT_RECORD_CSUM_VALID	= 1 << 3,
	NETEXPERT_RECORD_GSO		= 1 << 4,
	NETEXPERT_RECORD_HWTIME		= 1 << 5,
	NETEXPERT_RECORD_BYTES		= 1 << 6,
};

/**
 * struct netexpert_record - header of a record; the frame's bytes follow it
 * @record_size: bytes from this record to the next, a multiple of 8; bytes
 *	after the frame are 0.
 * @prev_size: @record_size of the record before this one; 0 for a ring's first.
 * @flags: enum netexpert_record_flags.
 * @ifindex: interface.
 * @link_type: ARPHRD_* of the interface.
 * @vlan_tci: tag control information of the tag, host order.
 * @vlan_proto: its ethertype, host order.
 * @gso_size: payload bytes of each segment of a super-frame.
 * @gso_segs: segments of a super-frame; 0 if the kernel has not counted them.
 * @__reserved: 0.
 * @hash: flow hash as far as the kernel knew it; 0 if not.
 * @lost_causes: causes of @lost, a bit (1 << enum netexpert_drop) each.
 * @lost: frames lost between the record before this one and this one.
 * @time_ns: CLOCK_MONOTONIC.
 * @hwtime_ns: time stamp of the device, in its own clock.
 * @stamp_us: @time_ns since the pool was made, in microseconds; of an injected
 *	frame, since the first frame that was injected.
 * @wire_len: bytes of the frame.
 * @cap_len: bytes of it stored here.
 *
 * The last four fields are the head of a FRAME as Network Monitor's API has it
 * (TimeStamp, FrameLength, nBytesAvail, MacFrame), so that an expert's pointer
 * to one leads straight into the ring.
 */
struct netexpert_record {
	__u32 record_size;
	__u32 prev_size;
	__u32 flags;
	__u32 ifindex;
	__u16 link_type;
	__u16 vlan_tci;
	__u16 vlan_proto;
	__u16 gso_size;
	__u16 gso_segs;
	__u16 __reserved;
	__u32 hash;
	__u32 __reserved2;
	__u32 lost_causes;
	__aligned_u64 lost;
	__aligned_u64 time_ns;
	__aligned_u64 hwtime_ns;
	__aligned_s64 stamp_us;
	__u32 wire_len;
	__u32 cap_len;
};

#endif /* _UAPI_LINUX_NETEXPERT_PAGES_H */
