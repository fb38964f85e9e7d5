// SPDX-License-Identifier: GPL-2.0
/*
 * ring - peek, merge, release: the frame functions
 *
 * Reading works on a snapshot: copies of all producers' positions, taken after a
 * look at the clock. A frame stamped NEXP_HOLD_NS before that look was published
 * before the copies were made, so up to this horizon the snapshot is complete
 * and the oldest head of all rings is the next frame, whether other rings are
 * empty or not. Beyond the horizon the oldest head is the next frame only if
 * every ring has one. A new snapshot is taken when the old one has no more to
 * give.
 *
 * Memory accesses that cross the border to the producer (kmod/ring.c, which has
 * the same table):
 *
 *   C  load-acquire of the producer's position: the records below it are there.
 *      Pairs with the producer's store-release B.
 *   D  store-release of our position: our loads from the records below it are
 *      done. Pairs with the producer's load-acquire A; without it the kernel
 *      could overwrite a frame that is still being read.
 *   F  full barrier between waiting = 1 and the last look at the rings. Pairs
 *      with the producer's full barrier between B and E, its look at waiting;
 *      without it both could miss the other and the frame would lie there until
 *      the next one comes.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <time.h>

#include "pool.h"

#define NSEC_PER_SEC	1000000000ULL
#define NSEC_PER_MSEC	1000000ULL

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

/**
 * nexp_ring_init() - begin at the position that the consumer window holds
 * @nx: its windows are mapped.
 * @index: ring.
 * @data: the ring's window.
 */
void nexp_ring_init(struct netexpert *nx, unsigned int index, const void *data)
{
	size_t slot = (1 + (size_t)index) * NETEXPERT_SLOT_SIZE;
	struct nexp_ring *ring = &nx->rings[index];

	ring->data = data;
	ring->status = (const void *)((const char *)nx->status + slot);
	ring->consumer = (void *)((char *)nx->consumer + slot);
	ring->mask = nx->info.ring_size - 1;
	ring->position = ring->consumer->position;
	ring->produced = ring->position;
	ring->released = ring->position;
}

/**
 * nexp_reader_limit() - hand out so many frames and no more
 * @nx: nobody has taken a frame from it yet.
 * @frames: over all incarnations; what one had in hand when it ended counts once.
 */
void nexp_reader_limit(struct netexpert *nx, uint64_t frames)
{
	uint64_t released = nx->info.released;

	nx->reader.left = frames > released ? frames - released : 0;
}

static struct netexpert_reader *reader_slot(struct netexpert *nx,
					    unsigned int reader)
{
	return (void *)((char *)nx->consumer +
			(1 + nx->info.nr_rings + reader) * NETEXPERT_SLOT_SIZE);
}

/* Read by the kernel at our end only; signal order within the thread is enough. */
static void reader_mark(struct netexpert *nx, unsigned int reader,
			const struct netexpert_frame *frame)
{
	struct netexpert_reader *slot = reader_slot(nx, reader);

	__atomic_store_n(&slot->busy, 0, __ATOMIC_RELAXED);
	if (!frame)
		return;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&slot->position, frame->position, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->ring, frame->ring, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&slot->busy, 1, __ATOMIC_RELAXED);
}

static const struct netexpert_record *ring_head(const struct nexp_ring *ring)
{
	if (ring->position == ring->produced)
		return NULL;
	return (const void *)(ring->data + (ring->position & ring->mask));
}

/* The kernel's word is good, but a wrong one must not lead out of the window. */
static bool record_ok(const struct netexpert_record *record, uint64_t unread)
{
	uint32_t size = record->record_size;

	return size >= sizeof(*record) && size <= unread && size % 8 == 0 &&
	       record->cap_len <= size - sizeof(*record);
}

/*
 * A new snapshot. What is stamped up to @held_ns was seen one holding time ago,
 * so it is within the horizon whatever the clock says. Whether any ring has an
 * unread frame is in @out_any.
 */
static int take_snapshot(struct netexpert *nx, uint64_t held_ns, bool *out_any)
{
	struct nexp_reader *reader = &nx->reader;
	uint64_t now = now_ns();
	bool any = false;
	unsigned int i;

	for (i = 0; i < nx->info.nr_rings; i++) {
		struct nexp_ring *ring = &nx->rings[i];
		uint64_t produced;

		/* Access C of the table above. */
		produced = __atomic_load_n(&ring->status->position,
					   __ATOMIC_ACQUIRE);
		if (produced - ring->position > nx->info.ring_size ||
		    produced % 8) {
			reader->broken = true;
			return -EIO;
		}
		ring->produced = produced;
		any |= produced != ring->position;
	}
	if (now > NEXP_HOLD_NS && now - NEXP_HOLD_NS > held_ns)
		held_ns = now - NEXP_HOLD_NS;
	if (held_ns > reader->horizon_ns)
		reader->horizon_ns = held_ns;
	*out_any = any;
	return 0;
}

/**
 * struct pick - where the next frames are
 * @ring: with the oldest head of the snapshot.
 * @oldest_ns: its stamp; 0 if there is none.
 * @until_ns: stamp up to which further frames of @ring come next.
 */
struct pick {
	struct nexp_ring *ring;
	uint64_t oldest_ns;
	uint64_t until_ns;
};

/* Whether the snapshot can tell which frame is next. */
static bool pick_ring(struct netexpert *nx, struct pick *pick)
{
	const struct netexpert_record *best = NULL;
	uint64_t other_ns = UINT64_MAX, known_ns = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < nx->info.nr_rings; i++) {
		const struct netexpert_record *head = ring_head(&nx->rings[i]);

		if (!head) {
			known_ns = nx->reader.horizon_ns;
		} else if (!best || head->time_ns < best->time_ns) {
			other_ns = best ? best->time_ns : UINT64_MAX;
			best = head;
			pick->ring = &nx->rings[i];
		} else if (head->time_ns < other_ns) {
			other_ns = head->time_ns;
		}
	}
	pick->oldest_ns = best ? best->time_ns : 0;
	pick->until_ns = other_ns - 1 < known_ns ? other_ns - 1 : known_ns;
	return best && best->time_ns <= known_ns;
}

static void note_frame(struct nexp_reader *reader, const struct netexpert_record *record)
{
	if (unlikely(record->lost)) {
		reader->lost += record->lost;
		reader->causes |= record->lost_causes;
	}
	if (unlikely(record->time_ns < reader->last_ns))
		reader->late++;
	else
		reader->last_ns = record->time_ns;
}

/*
 * Takes frames of the picked ring, at least one, until another ring has an older
 * one or nobody knows; -EIO if what should be the first is none.
 *
 * Works on copies of the ring: for all that the compiler knows the caller's frames
 * could be in it, and this is what every frame goes through.
 */
static int take_run(struct netexpert *nx, const struct pick *pick,
		    struct netexpert_frame *frames, unsigned int max)
{
	const uint64_t produced = pick->ring->produced, mask = pick->ring->mask;
	const uint32_t index = (uint32_t)(pick->ring - nx->rings);
	const struct netexpert_record *record = ring_head(pick->ring);
	const uint8_t *data = pick->ring->data;
	uint64_t position = pick->ring->position;
	unsigned int n = 0;

	do {
		if (!record_ok(record, produced - position)) {
			nx->reader.broken = true;
			break;
		}
		frames[n].record = record;
		frames[n].data = (const uint8_t *)(record + 1);
		frames[n].position = position;
		frames[n++].ring = index;
		position += record->record_size;
		note_frame(&nx->reader, record);
		record = (const void *)(data + (position & mask));
	} while (n < max && position != produced && record->time_ns <= pick->until_ns);
	pick->ring->position = position;
	return n ? (int)n : -EIO;
}

static void release_frames(struct netexpert *nx)
{
	unsigned int i;

	reader_mark(nx, 0, NULL);
	for (i = 0; i < nx->info.nr_rings; i++) {
		struct nexp_ring *ring = &nx->rings[i];

		if (ring->released == ring->position)
			continue;
		ring->released = ring->position;
		/* Access D of the table above. */
		__atomic_store_n(&ring->consumer->position, ring->released,
				 __ATOMIC_RELEASE);
	}
}

/* Takes what the snapshot has to give; 0 if that is nothing. */
static int take_frames(struct netexpert *nx, struct netexpert_frame *frames,
		       unsigned int max, uint64_t *out_ns)
{
	struct pick pick = { .ring = NULL };
	unsigned int n = 0;
	int ret = 0;

	if (max > nx->reader.left)
		max = (unsigned int)nx->reader.left;
	while (n < max && !nx->reader.broken && pick_ring(nx, &pick)) {
		ret = take_run(nx, &pick, frames + n, max - n);
		if (ret < 0)
			break;
		n += (unsigned int)ret;
	}
	if (n) {
		reader_mark(nx, 0, &frames[0]);
		nx->reader.left -= n;
		return (int)n;
	}
	*out_ns = pick.oldest_ns;
	return ret;
}

/* Milliseconds until @deadline_ns, rounded up; -1 if there is none. */
static int remaining_ms(uint64_t deadline_ns)
{
	uint64_t now = now_ns(), ms;

	if (deadline_ns == UINT64_MAX)
		return -1;
	if (now >= deadline_ns)
		return 0;
	ms = (deadline_ns - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

/*
 * No ring has a frame: sleep until the kernel says so. The first time not for
 * long, then what the heap keeps goes back, and then for as long as it takes.
 */
static int wait_empty(struct netexpert *nx, uint64_t deadline_ns, unsigned int times)
{
	uint32_t *waiting = &nexp_consumer(nx)->waiting;
	int timeout = remaining_ms(deadline_ns);
	bool any;
	int err;

	if (!timeout)
		return -ETIMEDOUT;
	if (times == 1)
		nexp_heap_idle(nx);
	else if (!times && nexp_heap_keeps(nx) &&
		 (timeout < 0 || timeout > NEXP_HEAP_IDLE_MS))
		timeout = NEXP_HEAP_IDLE_MS;

	__atomic_store_n(waiting, 1, __ATOMIC_RELAXED);
	/* Access F of the table above. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	err = take_snapshot(nx, 0, &any);
	if (!err && !any && !netexpert_terminating(nx))
		err = nx->ops->wait(nx, timeout);
	__atomic_store_n(waiting, 0, __ATOMIC_RELAXED);
	return err;
}

/*
 * There is a frame, stamped @oldest_ns, but an empty ring may hide an older
 * one. Sleeps one holding time, not just the rest of it, so that the frames of
 * that time come in one go.
 */
static int wait_hold(uint64_t oldest_ns, uint64_t deadline_ns,
		     uint64_t *out_held_ns)
{
	struct timespec ts = { .tv_nsec = NEXP_HOLD_NS };
	uint64_t now = now_ns();

	if (now >= deadline_ns)
		return -ETIMEDOUT;
	if (deadline_ns - now < NEXP_HOLD_NS)
		ts.tv_nsec = (long)(deadline_ns - now);
	if (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL))
		return -EINTR;
	if (ts.tv_nsec == NEXP_HOLD_NS)
		*out_held_ns = oldest_ns;
	return 0;
}

/* Asked for first, a snapshot that has no frame tells that there are no more. */
static bool is_complete(const struct netexpert *nx)
{
	return __atomic_load_n(&nexp_status(nx)->complete, __ATOMIC_ACQUIRE);
}

static int frame_batch(struct netexpert *nx, struct netexpert_frame *frames,
		       unsigned int max, uint64_t deadline_ns)
{
	uint64_t oldest_ns, held_ns = 0;
	unsigned int waits = 0;
	bool any;
	int ret;

	if (nx->reader.broken)
		return -EIO;
	if (netexpert_terminating(nx) || !nx->reader.left)
		return -ESHUTDOWN;
	ret = take_frames(nx, frames, max, &oldest_ns);
	while (!ret) {
		bool complete = is_complete(nx);

		ret = take_snapshot(nx, held_ns, &any);
		if (ret)
			break;
		ret = take_frames(nx, frames, max, &oldest_ns);
		if (ret)
			break;
		if (netexpert_terminating(nx))
			return -ESHUTDOWN;
		if (complete && !any)
			return -ENODATA;
		ret = any ? wait_hold(oldest_ns, deadline_ns, &held_ns) :
			    wait_empty(nx, deadline_ns, waits++);
	}
	return ret;
}

int netexpert_frame_batch(struct netexpert *nx,
			  struct netexpert_frame *out_frames, unsigned int max,
			  int timeout_ms)
{
	uint64_t deadline_ns = UINT64_MAX;
	int ret;

	if (!nx || !out_frames || !max || timeout_ms < -1)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	if (max > INT_MAX)
		max = INT_MAX;
	if (timeout_ms >= 0)
		deadline_ns = now_ns() + (uint64_t)timeout_ms * NSEC_PER_MSEC;
	/* Who only takes frames any more need never wait for one. */
	if (unlikely(READ_ONCE(nx->heap.keeps_much)))
		nexp_heap_tick(nx);

	pthread_mutex_lock(&nx->reader.lock);
	release_frames(nx);
	ret = frame_batch(nx, out_frames, max, deadline_ns);
	pthread_mutex_unlock(&nx->reader.lock);
	return ret;
}

int netexpert_frame_next(struct netexpert *nx, struct netexpert_frame *out_frame,
			 int timeout_ms)
{
	int ret = netexpert_frame_batch(nx, out_frame, 1, timeout_ms);

	return ret < 0 ? ret : 0;
}

/* Nothing comes any more: whatever is there is all there is. */
int netexpert_frame_rest(struct netexpert *nx, struct netexpert_frame *out_frames,
			 unsigned int max)
{
	uint64_t oldest_ns;
	bool any;
	int ret;

	if (!nx || !out_frames || !max)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	if (!nexp_terminating(nx))
		return -EINVAL;
	/* What was there when the word was set is seen from here on. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (max > INT_MAX)
		max = INT_MAX;

	pthread_mutex_lock(&nx->reader.lock);
	release_frames(nx);
	ret = nx->reader.broken ? -EIO : take_snapshot(nx, UINT64_MAX, &any);
	if (!ret)
		ret = take_frames(nx, out_frames, max, &oldest_ns);
	pthread_mutex_unlock(&nx->reader.lock);
	return ret;
}

int netexpert_frame_release(struct netexpert *nx)
{
	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&nx->reader.lock);
	release_frames(nx);
	pthread_mutex_unlock(&nx->reader.lock);
	return 0;
}

int netexpert_frame_again(struct netexpert *nx, unsigned int ring, uint64_t position,
			  struct netexpert_frame *out_frame)
{
	const struct netexpert_record *record;
	const struct nexp_ring *r;
	int err = -ERANGE;

	if (!nx || !out_frame || ring >= nx->info.nr_rings || position % 8)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	r = &nx->rings[ring];
	record = (const void *)(r->data + (position & r->mask));
	pthread_mutex_lock(&nx->reader.lock);
	/* The kernel leaves the history before @released alone. */
	if (position < r->position && position + nx->info.history_size >= r->released &&
	    record_ok(record, r->position - position)) {
		*out_frame = (struct netexpert_frame) {
			.record = record,
			.data = (const uint8_t *)(record + 1),
			.position = position,
			.ring = ring,
		};
		err = 0;
	}
	pthread_mutex_unlock(&nx->reader.lock);
	return err;
}

int netexpert_frame_mark(struct netexpert *nx, unsigned int reader,
			 const struct netexpert_frame *frame)
{
	if (reader >= NETEXPERT_NR_READERS)
		return -EINVAL;
	if (nexp_forked(nx))
		return -EPERM;
	reader_mark(nx, reader, frame);
	return 0;
}

int netexpert_losses(struct netexpert *nx, struct netexpert_losses *out_losses)
{
	unsigned int i;

	if (nexp_forked(nx))
		return -EPERM;
	pthread_mutex_lock(&nx->reader.lock);
	*out_losses = (struct netexpert_losses) {
		.lost = nx->reader.lost,
		.late = nx->reader.late,
		.causes = nx->reader.causes,
	};
	for (i = 0; i < nx->info.nr_rings; i++) {
		const struct netexpert_ring_status *status = nx->rings[i].status;

		/* Relaxed: counters for people, nothing is read through them. */
		out_losses->pending +=
			__atomic_load_n(&status->lost, __ATOMIC_RELAXED);
		out_losses->causes |=
			__atomic_load_n(&status->lost_causes, __ATOMIC_RELAXED);
	}
	pthread_mutex_unlock(&nx->reader.lock);
	return 0;
}
