/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netexpert - the native expert API
 *
 * What an expert's process does with its attachment: read frames where the
 * kernel put them, and take memory from the pool's heap. include/netmon.h is a
 * thin layer over this.
 *
 * Functions answer 0 or a positive count, or a negative errno; they print
 * nothing. Outputs are untouched when a function fails. What an errno means
 * everywhere:
 *
 * * -EINVAL: an argument can never be right; a pointer is not an object.
 * * -EPERM: the process is a child of the one that adopted the pool (fork).
 *   Windows are not inherited: the child must not touch frames or objects.
 * * -ESTALE: the attachment has ended.
 * * -ESHUTDOWN: the supervisor asks the expert to finish.
 */
#ifndef NETEXPERT_H
#define NETEXPERT_H

#include <stddef.h>
#include <stdint.h>

#include <linux/netexpert.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct netexpert - a pool in the process that reads it
 *
 * Opaque. Heap functions may be called by any thread at any time. Frames have
 * one reader: the frame functions serialise themselves, but each of them
 * releases what an earlier call handed out, whichever thread made it. Threads
 * that want to share the work share a batch.
 */
struct netexpert;

/**
 * struct netexpert_pool_info - what is fixed while the pool is attached
 * @pool_id: names the pool.
 * @incarnation: which life of the expert this is, from 1.
 * @nr_rings: rings of the pool.
 * @ring_size: bytes of each ring.
 * @history_size: bytes of each ring that stay intact behind the reader.
 * @heap_size: address space of the heap.
 * @created_ns: CLOCK_MONOTONIC when the pool was made.
 * @realtime_ns: CLOCK_REALTIME at that moment: record.time_ns - @created_ns +
 *	@realtime_ns is a frame's time of day, without the steps of the clock.
 * @released: frames that earlier incarnations have released.
 */
struct netexpert_pool_info {
	uint64_t pool_id;
	uint32_t incarnation;
	uint32_t nr_rings;
	uint64_t ring_size;
	uint64_t history_size;
	uint64_t heap_size;
	uint64_t created_ns;
	uint64_t realtime_ns;
	uint64_t released;
};

/**
 * netexpert_adopt() - make the calling process the expert of an attachment
 * @fd: an attachment; owned by the library when this succeeds.
 * @out_nx: the pool; end it with netexpert_close().
 *
 * From here on the end of this process is the end of the attachment.
 *
 * Return: 0; -ENOTTY or -EBADF if @fd is no attachment, -EBUSY if it is bound
 * to a process, -ESTALE if it has ended, -EPROTONOSUPPORT if the module speaks
 * another ABI, -EPROTO if it says nonsense, -ENOMEM.
 */
int netexpert_adopt(int fd, struct netexpert **out_nx);

/**
 * netexpert_close() - unmap the pool and close its fd
 * @nx: NULL is fine. No thread uses it, and none that did is just ending.
 *
 * The attachment ends with the process, not with this.
 */
void netexpert_close(struct netexpert *nx);

/**
 * netexpert_pool_info() - what is fixed while the pool is attached
 * @nx: the pool.
 * @out_info: filled in.
 */
void netexpert_pool_info(const struct netexpert *nx,
			 struct netexpert_pool_info *out_info);

/**
 * netexpert_terminating() - whether the supervisor asks the expert to finish
 * @nx: the pool.
 *
 * One load of a word in a read-only page. The heap works on after it, so that
 * an expert can clean up; frames stop.
 *
 * Return: not 0 if it does.
 */
int netexpert_terminating(const struct netexpert *nx);

/**
 * struct netexpert_frame - a frame in its ring
 * @record: its header; see the UAPI header. @record->lost frames were lost just
 *	before it, for the reasons in @record->lost_causes.
 * @data: @record->cap_len bytes.
 * @position: where the record is in its ring.
 * @ring: its ring.
 *
 * @record and @data lead into the ring, read-only. They are valid until the
 * frame is released.
 */
struct netexpert_frame {
	const struct netexpert_record *record;
	const uint8_t *data;
	uint64_t position;
	uint32_t ring;
};

/**
 * netexpert_frame_next() - release what was handed out, take the next frame
 * @nx: the pool.
 * @out_frame: the frame.
 * @timeout_ms: how long to wait for one; 0 does not wait, -1 has no end.
 *
 * A batch of one: see netexpert_frame_batch().
 *
 * Return: 0, or as netexpert_frame_batch().
 */
int netexpert_frame_next(struct netexpert *nx, struct netexpert_frame *out_frame,
			 int timeout_ms);

/**
 * netexpert_frame_batch() - release what was handed out, take what is there
 * @nx: the pool.
 * @out_frames: room for @max frames.
 * @max: not 0.
 * @timeout_ms: how long to wait for the first one; 0 does not wait, -1 has no
 *	end. It never waits for a second one.
 *
 * Frames come in the order of record.time_ns over all rings. A ring that is
 * empty may still get a frame older than the oldest one in the others, because
 * a delivery takes a moment between time stamp and publication; so with more
 * than one ring a frame is held back for two milliseconds after its time stamp,
 * unless every ring has one. A delivery that takes even longer (its CPU was
 * taken away by a hypervisor) comes out of order and is counted: see
 * netexpert_losses().
 *
 * Frames that are not released when the process ends are seen again by the
 * pool's next incarnation: the frame in hand, or the whole batch. All others
 * are seen exactly once while the rings can hold the outage.
 *
 * Return: frames taken, from 1; -ETIMEDOUT if there was none in time, -EINTR if
 * a signal arrived meanwhile, -ESHUTDOWN (also after as many frames as the expert
 * shall get), -ESTALE, -EPERM, -EINVAL; -ENODATA if all were handed out and no
 * more come, because the capture is a file's; -EIO if a ring holds what is no
 * record, for good; -ENOMEM or -EFAULT if poll(2) says so: the next call may work.
 */
int netexpert_frame_batch(struct netexpert *nx,
			  struct netexpert_frame *out_frames, unsigned int max,
			  int timeout_ms);

/**
 * netexpert_frame_rest() - release what was handed out, take what is left at the end
 * @nx: the pool.
 * @out_frames: room for @max frames.
 * @max: not 0.
 *
 * For an expert that was asked to finish and does not want to leave out the frames
 * that were captured until then. The supervisor detaches captures before it
 * asks, so the rings run empty. Never waits.
 *
 * Return: frames taken, in order as from netexpert_frame_batch(); 0 if none is left;
 * -EINVAL, also if nobody has asked the expert to finish; -EPERM, -EIO.
 */
int netexpert_frame_rest(struct netexpert *nx, struct netexpert_frame *out_frames,
			 unsigned int max);

/**
 * netexpert_frame_release() - release what was handed out, take nothing
 * @nx: the pool.
 *
 * For an expert that is done with a batch but not ready for another one.
 *
 * Return: 0 or -EPERM.
 */
int netexpert_frame_release(struct netexpert *nx);

/**
 * netexpert_frame_again() - a frame that was handed out before
 * @nx: the pool.
 * @ring: struct netexpert_frame.ring of it.
 * @position: its position there.
 * @out_frame: the frame; valid until a frame function releases something.
 *
 * A ring keeps what is not released, and struct netexpert_pool_info.history_size
 * bytes behind that. Nothing is released and nobody is marked. A position where no
 * record begins gives nonsense, within the ring.
 *
 * Return: 0; -ERANGE if the ring does not keep it any more or has not handed it out;
 * -EINVAL, -EPERM.
 */
int netexpert_frame_again(struct netexpert *nx, unsigned int ring, uint64_t position,
			  struct netexpert_frame *out_frame);

/**
 * NETEXPERT_NO_RING - struct netexpert_frame.ring of a frame that came out of a file
 *
 * Its position is how many frames of the capture were before it.
 */
#define NETEXPERT_NO_RING	UINT32_MAX

/**
 * netexpert_frame_mark() - say which frame a thread works on
 * @nx: the pool.
 * @reader: 0 to NETEXPERT_NR_READERS - 1, one for each thread.
 * @frame: a frame that was not released yet; NULL for none.
 *
 * Evidence for the supervisor if the process dies now; costs two stores. The
 * frame functions mark the first frame they hand out for reader 0 and take that
 * mark back when they release it, so only threads and batches need this.
 *
 * Return: 0, -EPERM, or -EINVAL if @reader is too large.
 */
int netexpert_frame_mark(struct netexpert *nx, unsigned int reader,
			 const struct netexpert_frame *frame);

/**
 * struct netexpert_losses - what the frames handed out so far say was lost
 * @lost: frames lost before frames that were handed out: the sum of record.lost.
 * @pending: frames lost behind the last one handed out, as far as known now;
 *	they will be in @lost with the next frame.
 * @late: frames handed out after one with a later time stamp.
 * @causes: of @lost and @pending, a bit (1 << enum netexpert_drop) each.
 */
struct netexpert_losses {
	uint64_t lost;
	uint64_t pending;
	uint64_t late;
	uint32_t causes;
};

/**
 * netexpert_losses() - what was lost in this incarnation
 * @nx: the pool.
 * @out_losses: filled in. A snapshot: the kernel may be counting.
 *
 * Return: 0 or -EPERM.
 */
int netexpert_losses(struct netexpert *nx, struct netexpert_losses *out_losses);

/**
 * netexpert_alloc() - an object from the pool's heap
 * @nx: the pool.
 * @size: bytes; not 0.
 * @out_object: @size zeroed bytes, aligned to 16.
 *
 * Return: 0, -EINVAL, -EPERM; -EDQUOT if the pool's limit would be exceeded,
 * -ENOMEM if the kernel has no memory or the heap no room for it.
 */
int netexpert_alloc(struct netexpert *nx, size_t size, void **out_object);

/**
 * netexpert_realloc() - change an object's size
 * @nx: the pool.
 * @object: a live object.
 * @size: bytes; not 0.
 * @out_object: where it is now; may be @object. Bytes up to the smaller of both
 *	sizes are kept, bytes beyond the old size are zero.
 *
 * Return: 0, or as netexpert_alloc(), -EINVAL if @object is no live object, -EAGAIN
 * as netexpert_free(). The object is unchanged then.
 */
int netexpert_realloc(struct netexpert *nx, void *object, size_t size,
		      void **out_object);

/**
 * netexpert_free() - give an object back
 * @nx: the pool.
 * @object: a live object.
 *
 * Return: 0, -EPERM; -EINVAL if @object is not the address of a live object
 * (NULL, foreign, inside one, freed already, by whichever thread), and nothing was
 * changed; -EAGAIN likewise, if another thread allocated it and membarrier(2) fails.
 */
int netexpert_free(struct netexpert *nx, void *object);

/**
 * netexpert_size() - an object's size as it was asked for
 * @nx: the pool.
 * @object: a live object.
 * @out_size: bytes.
 *
 * Return: 0, -EPERM, or -EINVAL if @object is no live object.
 */
int netexpert_size(struct netexpert *nx, const void *object, size_t *out_size);

/**
 * netexpert_tag_set() - say what the calling thread allocates for
 * @tag: from 1 to 254; 0 for nothing in particular, which every thread begins
 *	with. 255 is what Wireshark's parsers take (FLAGS_ATTACH_PROPERTIES): its
 *	objects are not released at the end of Run.
 *
 * Objects that the thread allocates from now on carry the tag, from whatever pool
 * and through whichever API; growth keeps it. It costs memory and time only when
 * it is used. A reader of the heap, of a dead one too, can sum up by tag.
 *
 * Return: the tag before.
 */
uint8_t netexpert_tag_set(uint8_t tag);

/**
 * struct netexpert_heap_stat - what the library knows of the heap
 * @objects: live objects.
 * @object_bytes: bytes asked for, of these.
 * @committed: bytes committed for objects.
 * @metadata: bytes committed for the library's own tables, which count against
 *	the pool's limit too: 2 bytes for each slot and 1 for its tag if there is
 *	one, rounded up to pages, and 64 for each 64 KiB. Address space for them
 *	takes a fifth of the heap's.
 */
struct netexpert_heap_stat {
	uint64_t objects;
	uint64_t object_bytes;
	uint64_t committed;
	uint64_t metadata;
};

/**
 * netexpert_heap_stat() - what the library knows of the heap
 * @nx: the pool.
 * @out_stat: filled in. Exact for all calls that have returned; it looks at every
 *	object, so it is not for the fast path.
 *
 * Return: 0 or -EPERM.
 */
int netexpert_heap_stat(struct netexpert *nx,
			struct netexpert_heap_stat *out_stat);

#ifdef __cplusplus
}
#endif

#endif /* NETEXPERT_H */
