/* SPDX-License-Identifier: GPL-2.0 */
/*
 * protocols - what the capture program tells the expert
 *
 * An edition is a row for each protocol, then the end. Counts are sums since the
 * beginning, so an edition that is lost costs nothing but time.
 */
#ifndef PROTOCOLS_H
#define PROTOCOLS_H

#include <linux/types.h>

/** PROTOCOLS_MAGIC - how the expert knows what it gets. */
#define PROTOCOLS_MAGIC		0x50524f54

/** PROTOCOLS_END - in place of an ethertype. No frame has it: it is a length. */
#define PROTOCOLS_END		1

/**
 * struct protocols_row - a record of netexpert_bytes_deliver()
 * @magic: PROTOCOLS_MAGIC.
 * @edition: which one; the same in all rows of it.
 * @ethertype: of the frames, 0 for those with a length in its place, or
 *	PROTOCOLS_END.
 * @protocol: above IPv4 or IPv6, else 0.
 * @nr_rows: in the last row, how many came before it.
 * @frames: that arrived, and that left. In the last row: of protocols that the
 *	table had no more room for.
 * @bytes: of these frames on the wire.
 */
struct protocols_row {
	__u32 magic;
	__u32 edition;
	__u16 ethertype;
	__u16 protocol;
	__u32 nr_rows;
	__u64 frames[2];
	__u64 bytes[2];
};

#endif /* PROTOCOLS_H */
