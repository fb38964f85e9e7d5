// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/netexpert.h>

#include "book.h"
#include "book_file.h"
#include "pool.h"

/* How often who waits for the index looks whether it shall finish. */
#define LOOK_NS		100000000L
#define NSEC_PER_USEC	1000

/**
 * nexp_book_open() - the pool's frames are of a file that can be read at will
 * @nx: the pool.
 * @link: the socket to who has the index made.
 * @files: the files; they and the link must outlive the pool.
 *
 * Return: 0 or a negative errno.
 */
int nexp_book_open(struct netexpert *nx, struct nexp_link *link,
		   const struct nexp_book_files *files)
{
	struct nexp_book *book = malloc(sizeof(*book));
	void *head;

	if (!book)
		return -ENOMEM;
	head = mmap(NULL, NEXP_BOOK_ENTRIES, PROT_READ, MAP_SHARED, files->index, 0);
	if (head == MAP_FAILED) {
		free(book);
		return -errno;
	}
	*book = (struct nexp_book) { .files = *files, .head = head, .link = link };
	nx->book = book;
	return 0;
}

/** nexp_book_close() - NULL is fine. */
void nexp_book_close(struct nexp_book *book)
{
	if (!book)
		return;
	munmap((void *)book->head, NEXP_BOOK_ENTRIES);
	free(book);
}

static uint32_t state_of(const struct nexp_book *book)
{
	return __atomic_load_n(&book->head->state, __ATOMIC_ACQUIRE);
}

/* Nobody listens: then there will be none. */
static bool ask_for_index(struct nexp_book *book)
{
	if (!book->is_asked_for) {
		nexp_link_begin(book->link, NEXP_WIRE_INDEX);
		book->is_asked_for = !nexp_link_send(book->link);
	}
	return book->is_asked_for;
}

static void wait_for_index(struct nexp_book *book, const struct netexpert *nx)
{
	static const struct timespec look = { .tv_nsec = LOOK_NS };

	while (state_of(book) == NEXP_BOOK_OPEN && !nexp_terminating(nx) &&
	       !nexp_link_is_gone(book->link) && ask_for_index(book))
		syscall(SYS_futex, &book->head->state, FUTEX_WAIT, NEXP_BOOK_OPEN, &look,
			NULL, 0);
}

/* Frames of former incarnations are not this one's. */
static uint64_t first_of(const struct netexpert *nx)
{
	return nx->info.released;
}

/**
 * nexp_book_frames() - how many frames there are from this incarnation's first one on
 * @book: the book.
 * @nx: the pool.
 *
 * Waits for the index, if it is not there yet.
 *
 * Return: that number; 0 if there is no index.
 */
uint64_t nexp_book_frames(struct nexp_book *book, struct netexpert *nx)
{
	uint64_t nr;

	wait_for_index(book, nx);
	if (state_of(book) != NEXP_BOOK_COMPLETE)
		return 0;
	nr = book->head->nr_frames;
	return nr > first_of(nx) ? nr - first_of(nx) : 0;
}

static void describe(const struct nexp_book *book, const struct netexpert *nx,
		     const struct nexp_book_entry *entry, struct netexpert_record *record)
{
	const struct netexpert_pool_info *info = &nx->info;

	*record = (struct netexpert_record) {
		.flags = entry->flags & NETEXPERT_RECORD_OUT,
		.ifindex = entry->ifindex,
		.link_type = entry->link_type,
		.time_ns = info->created_ns + (entry->time_ns - info->realtime_ns),
		.stamp_us = (int64_t)(entry->time_ns - book->head->begin_ns) / NSEC_PER_USEC,
		.wire_len = entry->wire_len,
		.cap_len = entry->cap_len,
	};
	if (book->files.snaplen && record->cap_len > book->files.snaplen)
		record->cap_len = book->files.snaplen;
}

/* All of it, or -EBADMSG: the file is not what it was. */
static int read_all(int file, void *to, size_t size, uint64_t offset)
{
	ssize_t got;

	while (size) {
		got = pread(file, to, size, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -EBADMSG;
		to = (char *)to + got;
		size -= (size_t)got;
		offset += (uint64_t)got;
	}
	return 0;
}

/**
 * nexp_book_read() - read a frame
 * @book: the book.
 * @nx: the pool.
 * @serial: the frame's; below nexp_book_frames().
 * @out_page: the frame; the caller's, to be freed with netexpert_free().
 *
 * Return: 0; -EBADMSG if index or file are not what they were; or as netexpert_alloc().
 */
int nexp_book_read(const struct nexp_book *book, struct netexpert *nx, uint64_t serial,
		   struct nexp_page **out_page)
{
	struct nexp_book_entry entry;
	struct nexp_page *page;
	void *object;
	int err;

	err = read_all(book->files.index, &entry, sizeof(entry),
		       NEXP_BOOK_ENTRIES + (first_of(nx) + serial) * sizeof(entry));
	if (err)
		return err;
	if (entry.cap_len > NETEXPERT_MAX_INJECT || entry.cap_len > entry.wire_len)
		return -EBADMSG;
	err = netexpert_alloc(nx, sizeof(*page) + entry.cap_len, &object);
	if (err)
		return err;
	page = object;
	describe(book, nx, &entry, &page->record);
	err = read_all(entry.offset & NEXP_BOOK_COPY ? book->files.copy : book->files.file,
		       page + 1, page->record.cap_len, entry.offset & ~NEXP_BOOK_COPY);
	if (err) {
		netexpert_free(nx, page);
		return err;
	}
	*out_page = page;
	return 0;
}
