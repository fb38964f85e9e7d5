/* SPDX-License-Identifier: GPL-2.0 */
/*
 * frames - which frames a key has handed out, by number
 *
 * A frame's serial counts from 0 and never ends; its number is what Network Monitor's
 * API has room for, and leaves out the invalid one. Where a frame is in its ring is
 * kept for as many frames as the rings can keep at most; whether a ring does is asked
 * of the ring.
 */
#ifndef NEXP_FRAMES_H
#define NEXP_FRAMES_H

#include <stdbool.h>

#include <netexpert.h>
#include <netmon.h>

/**
 * struct nexp_place - where a frame is
 * @position: in its ring.
 * @ring: its ring.
 */
struct nexp_place {
	uint64_t position;
	uint32_t ring;
};

/**
 * struct nexp_frames - the frames of a key
 * @places: of the last @mask + 1 frames, by serial.
 * @mask: their number - 1.
 * @count: frames handed out; the serial of the next one.
 * @oldest: none before this serial is kept.
 * @strange: whether one of them was no Ethernet frame.
 */
struct nexp_frames {
	struct nexp_place *places;
	uint64_t mask;
	uint64_t count;
	uint64_t oldest;
	bool strange;
};

static inline DWORD nexp_frames_number(uint64_t serial)
{
	return (DWORD)(serial % INVALID_FRAME_NUMBER);
}

int nexp_frames_init(struct nexp_frames *frames, const struct netexpert_pool_info *info);
void nexp_frames_free(struct nexp_frames *frames);
void nexp_frames_add(struct nexp_frames *frames, const struct netexpert_frame *frame);
bool nexp_frames_serial(const struct nexp_frames *frames, DWORD number,
			uint64_t *out_serial);
int nexp_frames_get(const struct nexp_frames *frames, struct netexpert *nx,
		    uint64_t serial, struct netexpert_frame *out_frame);
int nexp_frames_up(struct nexp_frames *frames, struct netexpert *nx, uint64_t *serial,
		   struct netexpert_frame *out_frame);
int nexp_frames_down(struct nexp_frames *frames, struct netexpert *nx, uint64_t *serial,
		     struct netexpert_frame *out_frame);

#endif /* NEXP_FRAMES_H */
