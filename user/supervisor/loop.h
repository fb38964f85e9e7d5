/* SPDX-License-Identifier: GPL-2.0 */
/*
 * loop - files to wait for, and what to do when they are ready
 *
 * Everything happens on one thread. A source must outlive its last event of the
 * current round even when it was taken out meanwhile: keep sources in objects
 * that live as long as the loop, and let their functions look whether there is
 * still something to do.
 */
#ifndef NEXP_LOOP_H
#define NEXP_LOOP_H

#include <stdint.h>

/**
 * struct nexp_source - a file to wait for
 * @ready: called when it is readable, or has hung up.
 * @owner: argument of @ready.
 */
struct nexp_source {
	void (*ready)(void *owner);
	void *owner;
};

/**
 * nexp_loop_open() - make a loop
 *
 * Return: its epoll file, or a negative errno.
 */
int nexp_loop_open(void);

/**
 * nexp_loop_add() - wait for a file
 * @loop: the loop.
 * @fd: the file.
 * @source: what to do.
 *
 * Return: 0 or a negative errno.
 */
int nexp_loop_add(int loop, int fd, struct nexp_source *source);

/**
 * nexp_loop_remove() - do not wait for a file any more
 * @loop: the loop.
 * @fd: the file, still open.
 */
void nexp_loop_remove(int loop, int fd);

/**
 * nexp_loop_once() - wait for something to be ready, and do it
 * @loop: the loop.
 * @deadline_ns: when to return at the latest; NEXP_NEVER for no limit.
 *
 * Return: 0 or a negative errno.
 */
int nexp_loop_once(int loop, uint64_t deadline_ns);

#endif /* NEXP_LOOP_H */
