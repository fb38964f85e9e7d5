/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap_class - which slot size an object gets
 *
 * Pure arithmetic. Sizes grow by 16 up to 128, then four steps per doubling, so
 * that a slot wastes less than a fifth of itself. Beyond NEXP_CLASS_MAX an
 * object is a run of whole extents: up to half an extent, because a 9 KiB object
 * would take seven times its size otherwise.
 */
#ifndef NEXP_HEAP_CLASS_H
#define NEXP_HEAP_CLASS_H

#include <stddef.h>
#include <stdint.h>

#define NEXP_EXTENT_SHIFT	16
#define NEXP_EXTENT_SIZE	(1U << NEXP_EXTENT_SHIFT)
#define NEXP_CLASS_STEP		16U
#define NEXP_CLASS_LINEAR	128U	/* up to here in equal steps */
#define NEXP_CLASS_LINEAR_SHIFT	7
#define NEXP_CLASS_MAX		32768U
#define NEXP_NR_LINEAR		(NEXP_CLASS_LINEAR / NEXP_CLASS_STEP)
#define NEXP_NR_CLASSES		(NEXP_NR_LINEAR + 8 * 4)

/* Class of an object of @size bytes, from 1 to NEXP_CLASS_MAX. */
static inline unsigned int nexp_class_of(size_t size)
{
	unsigned int last = (unsigned int)size - 1;
	unsigned int shift;

	if (last < NEXP_CLASS_LINEAR)
		return last / NEXP_CLASS_STEP;
	shift = 31 - (unsigned int)__builtin_clz(last);
	return NEXP_NR_LINEAR + (shift - NEXP_CLASS_LINEAR_SHIFT) * 4 +
	       ((last >> (shift - 2)) & 3);
}

/* Bytes of a slot of @class. */
static inline uint32_t nexp_class_size(unsigned int class)
{
	unsigned int shift, quarter;

	if (class < NEXP_NR_LINEAR)
		return (class + 1) * NEXP_CLASS_STEP;
	shift = NEXP_CLASS_LINEAR_SHIFT + (class - NEXP_NR_LINEAR) / 4;
	quarter = (class - NEXP_NR_LINEAR) % 4;
	return (1U << shift) + (quarter + 1) * (1U << (shift - 2));
}

/* Slots of @class in one extent. */
static inline uint32_t nexp_class_slots(unsigned int class)
{
	return NEXP_EXTENT_SIZE / nexp_class_size(class);
}

/**
 * struct nexp_class - the same from a table, for fast paths
 * @reciprocal: 2^32 / @size, rounded up: for an offset in an extent, a product
 *	with it has the number of the slot in its upper half. The lower half is
 *	less than @reciprocal if the slot begins there.
 * @size: bytes of a slot.
 * @slots: in an extent.
 */
struct nexp_class {
	uint32_t reciprocal;
	uint16_t size;
	uint16_t slots;
};

extern const struct nexp_class nexp_classes[NEXP_NR_CLASSES]
	__attribute__((visibility("hidden")));

/* Class of a size by (size - 1) / NEXP_CLASS_STEP. */
extern const uint8_t nexp_class_table[NEXP_CLASS_MAX / NEXP_CLASS_STEP]
	__attribute__((visibility("hidden")));

#endif /* NEXP_HEAP_CLASS_H */
