// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "frames.h"
#include "pool.h"

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
 * nexp_frames_end() - behind the last frame that there is
 * @frames: the frames.
 * @nx: their pool.
 *
 * Of a file that has a book: that can be had. It may have to wait for the index.
 *
 * Return: the serial behind it.
 */
uint64_t nexp_frames_end(const struct nexp_frames *frames, struct netexpert *nx)
{
	uint64_t all = nx->book ? nexp_book_frames(nx->book, nx) : 0;

	if (all <= frames->count)
		return frames->count;
	/* -c is over what is handed out. */
	if (all - frames->count > nx->reader.left)
		return frames->count + nx->reader.left;
	return all;
}

/* The last frame before @end that has @number. */
static bool find_number(uint64_t end, DWORD number, uint64_t *out_serial)
{
	uint64_t serial;

	if (number == INVALID_FRAME_NUMBER || !end)
		return false;
	serial = end - 1;
	serial = serial - nexp_frames_number(serial) + number;
	if (serial >= end) {
		if (serial < INVALID_FRAME_NUMBER)
			return false;
		serial -= INVALID_FRAME_NUMBER;
	}
	*out_serial = serial;
	return true;
}

/**
 * nexp_frames_serial() - of the last frame that has a number
 * @frames: the frames.
 * @nx: their pool.
 * @number: may be any.
 * @out_serial: of a frame that there is.
 *
 * Only who names a frame that was not handed out has the file's index made.
 *
 * Return: whether there is one.
 */
bool nexp_frames_serial(const struct nexp_frames *frames, struct netexpert *nx, DWORD number,
			uint64_t *out_serial)
{
	return find_number(frames->count, number, out_serial) ||
	       (nx->book && find_number(nexp_frames_end(frames, nx), number, out_serial));
}

/**
 * nexp_frames_start() - where a scan begins
 * @frames: the frames.
 * @nx: their pool.
 * @number: of the frame that it goes on from; INVALID_FRAME_NUMBER: from the start or, not
 *	forward, the end, which the number behind the last one stands for, too.
 * @is_forward: whether it goes forward.
 * @out_serial: of the first frame to look at or, not forward, of the one behind that.
 *
 * Return: whether there is such a frame.
 */
bool nexp_frames_start(const struct nexp_frames *frames, struct netexpert *nx, DWORD number,
		       bool is_forward, uint64_t *out_serial)
{
	if (number == INVALID_FRAME_NUMBER) {
		*out_serial = is_forward ? 0 : nexp_frames_end(frames, nx);
		return true;
	}
	*out_serial = frames->count;
	if (!is_forward && number == nexp_frames_number(frames->count))
		return true;
	if (nexp_frames_serial(frames, nx, number, out_serial)) {
		*out_serial += is_forward;
		return true;
	}
	*out_serial = nexp_frames_end(frames, nx);
	return !is_forward && number == nexp_frames_number(*out_serial);
}

static int get_from_ring(const struct nexp_frames *frames, struct netexpert *nx,
			 uint64_t serial, struct netexpert_frame *out_frame)
{
	const struct nexp_place *place = &frames->places[serial & frames->mask];

	if (serial < frames->oldest || serial >= frames->count)
		return -ERANGE;
	return netexpert_frame_again(nx, place->ring, place->position, out_frame);
}

static void drop_fresh(struct nexp_frames *frames, struct netexpert *nx)
{
	if (frames->fresh)
		netexpert_free(nx, frames->fresh);
	frames->fresh = NULL;
}

static void set_place_in_file(const struct netexpert *nx, uint64_t serial,
			      struct netexpert_frame *frame)
{
	frame->position = nx->info.released + serial;
	frame->ring = NETEXPERT_NO_RING;
}

static int get_from_book(struct nexp_frames *frames, struct netexpert *nx, uint64_t serial,
			 struct netexpert_frame *out_frame)
{
	int err;

	if (!nx->book || serial >= nexp_frames_end(frames, nx))
		return -ERANGE;
	drop_fresh(frames, nx);
	err = nexp_book_read(nx->book, nx, serial, &frames->fresh);
	if (err)
		return err;
	out_frame->record = &frames->fresh->record;
	out_frame->data = (const uint8_t *)(out_frame->record + 1);
	set_place_in_file(nx, serial, out_frame);
	return 0;
}

/**
 * nexp_frames_get() - a frame, if a ring still keeps it or the file has it
 * @frames: the frames.
 * @nx: their pool.
 * @serial: any.
 * @out_frame: as from netexpert_frame_again(); what comes out of the file is there until
 *	the next one does, or for longer if it is kept.
 *
 * Return: 0; -ERANGE if it can't be had any more; -EBADMSG if the file is not what it was;
 * what netexpert_alloc() answers.
 */
int nexp_frames_get(struct nexp_frames *frames, struct netexpert *nx, uint64_t serial,
		    struct netexpert_frame *out_frame)
{
	int err = get_from_ring(frames, nx, serial, out_frame);

	return err == -ERANGE ? get_from_book(frames, nx, serial, out_frame) : err;
}

/**
 * nexp_frames_place() - only where a frame is
 * @frames: the frames.
 * @nx: their pool.
 * @serial: any.
 * @out_frame: its ring and position, for netexpert_frame_mark().
 *
 * Return: 0 or -ERANGE.
 */
int nexp_frames_place(const struct nexp_frames *frames, struct netexpert *nx,
		      uint64_t serial, struct netexpert_frame *out_frame)
{
	int err = get_from_ring(frames, nx, serial, out_frame);

	if (err != -ERANGE || !nx->book || serial >= nexp_frames_end(frames, nx))
		return err;
	set_place_in_file(nx, serial, out_frame);
	return 0;
}

/* What a ring does not keep any more, it never keeps again. */
static void forget(struct nexp_frames *frames, struct netexpert *nx)
{
	struct netexpert_frame frame;

	while (frames->oldest < frames->count &&
	       get_from_ring(frames, nx, frames->oldest, &frame))
		frames->oldest++;
}

/**
 * nexp_frames_up() - the first frame from @serial on that can be had
 * @frames: the frames.
 * @nx: their pool.
 * @serial: where to begin; then the frame's.
 * @out_frame: the frame.
 *
 * Return: 0; -ERANGE if there is none, with @serial that of the next new one; or as
 * nexp_frames_get().
 */
int nexp_frames_up(struct nexp_frames *frames, struct netexpert *nx, uint64_t *serial,
		   struct netexpert_frame *out_frame)
{
	int err;

	forget(frames, nx);
	if (!nx->book && *serial < frames->oldest)
		*serial = frames->oldest;
	for (; *serial < frames->count || *serial < nexp_frames_end(frames, nx); (*serial)++) {
		err = nexp_frames_get(frames, nx, *serial, out_frame);
		if (err != -ERANGE)
			return err;
	}
	return -ERANGE;
}

/**
 * nexp_frames_down() - the last frame before @serial that can be had
 * @frames: the frames.
 * @nx: their pool.
 * @serial: up to nexp_frames_end(); then the frame's.
 * @out_frame: the frame.
 *
 * Return: 0; -ERANGE if there is none; or as nexp_frames_get().
 */
int nexp_frames_down(struct nexp_frames *frames, struct netexpert *nx, uint64_t *serial,
		     struct netexpert_frame *out_frame)
{
	uint64_t first;
	int err;

	forget(frames, nx);
	first = nx->book ? 0 : frames->oldest;
	while (*serial > first) {
		err = nexp_frames_get(frames, nx, --(*serial), out_frame);
		if (err != -ERANGE)
			return err;
	}
	return -ERANGE;
}

/** nexp_frames_keep() - somebody gets a pointer to @frame: until nexp_frames_release(). */
void nexp_frames_keep(struct nexp_frames *frames, const struct netexpert_frame *frame)
{
	struct nexp_page *page = frames->fresh;

	if (!page || frame->record != &page->record)
		return;
	page->next = frames->kept;
	frames->kept = page;
	frames->fresh = NULL;
}

/** nexp_frames_release() - nobody has pointers to frames any more */
void nexp_frames_release(struct nexp_frames *frames, struct netexpert *nx)
{
	struct nexp_page *page;

	drop_fresh(frames, nx);
	while ((page = frames->kept)) {
		frames->kept = page->next;
		netexpert_free(nx, page);
	}
}
