// SPDX-License-Identifier: GPL-2.0
/*
 * heap_class - what heap_class.h computes, as tables
 */
#include "heap_class.h"

/* Four classes up to twice @from. */
#define SIZES(class, from)						\
	[(from) / 16 ... (from) * 5 / 64 - 1] = (class),		\
	[(from) * 5 / 64 ... (from) * 6 / 64 - 1] = (class) + 1,	\
	[(from) * 6 / 64 ... (from) * 7 / 64 - 1] = (class) + 2,	\
	[(from) * 7 / 64 ... (from) / 8 - 1] = (class) + 3

const uint8_t nexp_class_table[NEXP_CLASS_MAX / NEXP_CLASS_STEP] = {
	0, 1, 2, 3, 4, 5, 6, 7,
	SIZES(8, 128), SIZES(12, 256), SIZES(16, 512), SIZES(20, 1024),
	SIZES(24, 2048), SIZES(28, 4096), SIZES(32, 8192), SIZES(36, 16384),
};

#define CLASS(bytes) {							\
	.reciprocal = ((1ULL << 32) + (bytes) - 1) / (bytes),		\
	.size = (bytes),						\
	.slots = NEXP_EXTENT_SIZE / (bytes),				\
}

const struct nexp_class nexp_classes[NEXP_NR_CLASSES] = {
	CLASS(16), CLASS(32), CLASS(48), CLASS(64),
	CLASS(80), CLASS(96), CLASS(112), CLASS(128),
	CLASS(160), CLASS(192), CLASS(224), CLASS(256),
	CLASS(320), CLASS(384), CLASS(448), CLASS(512),
	CLASS(640), CLASS(768), CLASS(896), CLASS(1024),
	CLASS(1280), CLASS(1536), CLASS(1792), CLASS(2048),
	CLASS(2560), CLASS(3072), CLASS(3584), CLASS(4096),
	CLASS(5120), CLASS(6144), CLASS(7168), CLASS(8192),
	CLASS(10240), CLASS(12288), CLASS(14336), CLASS(16384),
	CLASS(20480), CLASS(24576), CLASS(28672), CLASS(32768),
};
