// SPDX-License-Identifier: GPL-2.0
/*
 * heap_class - the classes of small sizes, as nexp_class_of() has them
 */
#include "heap_class.h"

const uint8_t nexp_class_table[NEXP_CLASS_TABLE / NEXP_CLASS_STEP] = {
	0, 1, 2, 3, 4, 5, 6, 7,				/* to 128 by 16 */
	8, 8, 9, 9, 10, 10, 11, 11,			/* to 256 by 32 */
	12, 12, 12, 12, 13, 13, 13, 13,			/* to 512 by 64 */
	14, 14, 14, 14, 15, 15, 15, 15,
	16, 16, 16, 16, 16, 16, 16, 16,			/* to 1024 by 128 */
	17, 17, 17, 17, 17, 17, 17, 17,
	18, 18, 18, 18, 18, 18, 18, 18,
	19, 19, 19, 19, 19, 19, 19, 19,
};
