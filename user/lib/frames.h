/* SPDX-License-Identifier: GPL-2.0 */
/*
 * frames - which frames a key has handed out, by number
 *
 * A frame's serial counts from 0 and never ends; its number is what Network Monitor's
 * API has room for, and leaves out the invalid one. Where a frame is in its ring is
 * kept for as many frames as the rings can keep at most; whether a ring does is asked
 * of the ring. What none keeps comes out of the file, if the capture is one that has a
 * book: then serials go up to its end, handed out or not.
 */
#ifndef NEXP_FRAMES_H
#define NEXP_FRAMES_H

#include <stdbool.h>

#include <netexpert.h>
#include <netmon.h>

#include "book.h"

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
 * @fresh: the last one that came out of the file, until the next one does.
 * @kept: those that somebody has a pointer to.
 */
struct nexp_frames {
	struct nexp_place *places;
	uint64_t mask;
	uint64_t count;
	uint64_t oldest;
	bool strange;
	struct nexp_page *fresh;
	struct nexp_page *kept;
};

static inline DWORD nexp_frames_number(uint64_t serial)
{
	return (DWORD)(serial % INVALID_FRAME_NUMBER);
}

int nexp_frames_init(struct nexp_frames *frames, const struct netexpert_pool_info *info);
void nexp_frames_free(struct nexp_frames *frames);
void nexp_frames_add(struct nexp_frames *frames, const struct netexpert_frame *frame);
uint64_t nexp_frames_end(const struct nexp_frames *frames, struct netexpert *nx);
bool nexp_frames_serial(const struct nexp_frames *frames, struct netexpert *nx, DWORD number,
			uint64_t *out_serial);
bool nexp_frames_start(const struct nexp_frames *frames, struct netexpert *nx, DWORD number,
		       bool is_forward, uint64_t *out_serial);
int nexp_frames_place(const struct nexp_frames *frames, struct netexpert *nx,
		      uint64_t serial, struct netexpert_frame *out_frame);
int nexp_frames_get(struct nexp_frames *frames, struct netexpert *nx, uint64_t serial,
		    struct netexpert_frame *out_frame);
int nexp_frames_up(struct nexp_frames *frames, struct netexpert *nx, uint64_t *serial,
		   struct netexpert_frame *out_frame);
int nexp_frames_down(struct nexp_frames *frames, struct netexpert *nx, uint64_t *serial,
		     struct netexpert_frame *out_frame);
void nexp_frames_keep(struct nexp_frames *frames, const struct netexpert_frame *frame);
void nexp_frames_release(struct nexp_frames *frames, struct netexpert *nx);

#endif /* NEXP_FRAMES_H */
