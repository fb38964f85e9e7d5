// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "frames.h"

/**
 * nexp_frames_init() - no frame has been handed out
 * @frames: has no memory.
 * @info: the pool's.
 *
 * Memory is taken for as many of the smallest records as the history can hold; what
 * is not used is never touched.
 *
 * Return: 0 or -ENOMEM.
 */
int nexp_frames_init(struct nexp_frames *frames, const struct netexpert_pool_info *info)
{
	uint64_t most = 1 + info->nr_rings *
			    (info->history_size / sizeof(struct netexpert_record));
	uint64_t size = 1;

	while (size < most)
		size *= 2;
	*frames = (struct nexp_frames) {
		.places = calloc(size, sizeof(*frames->places)),
		.mask = size - 1,
	};
	return frames->places ? 0 : -ENOMEM;
}

void nexp_frames_free(struct nexp_frames *frames)
{
	free(frames->places);
	frames->places = NULL;
}

/** nexp_frames_add() - @frame is new and was just handed out. */
void nexp_frames_add(struct nexp_frames *frames, const struct netexpert_frame *frame)
{
	frames->places[frames->count & frames->mask] = (struct nexp_place) {
		.position = frame->position,
		.ring = frame->ring,
	};
	frames->count++;
	if (frames->count - frames->oldest > frames->mask + 1)
		frames->oldest = frames->count - frames->mask - 1;
}

/**
 * nexp_frames_serial() - of the last frame that had a number
 * @frames: the frames.
 * @number: may be any.
 * @out_serial: of a frame that was handed out.
 *
 * Return: whether there was one.
 */
bool nexp_frames_serial(const struct nexp_frames *frames, DWORD number,
			uint64_t *out_serial)
{
	uint64_t serial;

	if (number == INVALID_FRAME_NUMBER || !frames->count)
		return false;
	serial = frames->count - 1;
	serial = serial - nexp_frames_number(serial) + number;
	if (serial >= frames->count) {
		if (serial < INVALID_FRAME_NUMBER)
			return false;
		serial -= INVALID_FRAME_NUMBER;
	}
	*out_serial = serial;
	return true;
}

/**
 * nexp_frames_get() - a frame, if a ring still keeps it
 * @frames: the frames.
 * @nx: their pool.
 * @serial: of a frame that was handed out.
 * @out_frame: as from netexpert_frame_again().
 *
 * Return: 0, or -ERANGE if none keeps it.
 */
int nexp_frames_get(const struct nexp_frames *frames, struct netexpert *nx,
		    uint64_t serial, struct netexpert_frame *out_frame)
{
	const struct nexp_place *place = &frames->places[serial & frames->mask];

	if (serial < frames->oldest)
		return -ERANGE;
	return netexpert_frame_again(nx, place->ring, place->position, out_frame);
}

/* What a ring does not keep any more, it never keeps again. */
static void forget(struct nexp_frames *frames, struct netexpert *nx)
{
	struct netexpert_frame frame;

	while (frames->oldest < frames->count &&
	       nexp_frames_get(frames, nx, frames->oldest, &frame))
		frames->oldest++;
}

/**
 * nexp_frames_up() - the first frame from @serial on that is kept
 * @frames: the frames.
 * @nx: their pool.
 * @serial: where to begin; then the frame's.
 * @out_frame: the frame.
 *
 * Return: 0, or -ERANGE if there is none, with @serial that of the next new one.
 */
int nexp_frames_up(struct nexp_frames *frames, struct netexpert *nx, uint64_t *serial,
		   struct netexpert_frame *out_frame)
{
	forget(frames, nx);
	if (*serial < frames->oldest)
		*serial = frames->oldest;
	for (; *serial < frames->count; (*serial)++)
		if (!nexp_frames_get(frames, nx, *serial, out_frame))
			return 0;
	return -ERANGE;
}

/**
 * nexp_frames_down() - the last frame before @serial that is kept
 * @frames: the frames.
 * @nx: their pool.
 * @serial: up to @frames->count; then the frame's.
 * @out_frame: the frame.
 *
 * Return: 0, or -ERANGE if there is none.
 */
int nexp_frames_down(struct nexp_frames *frames, struct netexpert *nx, uint64_t *serial,
		     struct netexpert_frame *out_frame)
{
	forget(frames, nx);
	while (*serial > frames->oldest)
		if (!nexp_frames_get(frames, nx, --(*serial), out_frame))
			return 0;
	return -ERANGE;
}
