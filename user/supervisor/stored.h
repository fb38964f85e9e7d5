/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stored - the configurations of experts, each in a file of its own
 *
 * A file is a head and then the block that Configure has left, byte for byte. Who
 * writes it may be anybody: nothing in it is believed, and a file that is damaged is
 * told and left as it is. It is replaced as a whole, by rename(2), so that it is the
 * old one or the new one at any moment, whatever happens.
 *
 * Writers of one expert's file take turns. The new file, whose name is fixed, is the
 * lock: it is made for its owner only, so that nobody else can hold it. One that
 * was left behind by a crash is written anew.
 */
#ifndef NEXP_STORED_H
#define NEXP_STORED_H

#include <stdbool.h>
#include <stdint.h>

#include <netmon.h>

#include "error.h"

/**
 * struct nexp_stored - a configuration out of a file
 * @path: the file.
 * @expert: the name of its expert, as registered.
 * @length: bytes of @block, at least 4.
 * @block: the configuration.
 */
struct nexp_stored {
	char *path;
	char expert[EXPERTSTRINGLENGTH];
	uint32_t length;
	uint8_t block[];
};

/**
 * nexp_stored_load() - read what is stored for an expert
 * @dir: where configurations are; need not be there.
 * @name: what the file is called after.
 * @ret: the configuration, or NULL if there is none; freed with nexp_stored_free().
 * @err: what is wrong with the file, and what to do.
 *
 * Return: 0 or a negative errno.
 */
int nexp_stored_load(const char *dir, const char *name, struct nexp_stored **ret,
		     struct nexp_error *err);

/**
 * nexp_stored_free() - free a configuration
 * @stored: the configuration; may be NULL.
 */
void nexp_stored_free(struct nexp_stored *stored);

/**
 * struct nexp_storing - somebody's turn to write a file
 * @path: the file.
 * @new_path: the file that takes its place.
 * @dir: where both are.
 * @fd: @new_path, locked; -1 if it is nobody's turn.
 */
struct nexp_storing {
	char *path;
	char *new_path;
	const char *dir;
	int fd;
};

/**
 * nexp_storing_begin() - wait for one's turn
 * @storing: filled in, also on failure; ended by nexp_storing_end().
 * @dir: where configurations are; made if it is not there. Must outlive @storing.
 * @name: what the file is called after.
 * @wait: wait while it is somebody else's turn.
 * @err: why not.
 *
 * Return: 0; -EWOULDBLOCK without @wait; or another negative errno.
 */
int nexp_storing_begin(struct nexp_storing *storing, const char *dir, const char *name,
		       bool wait, struct nexp_error *err);

/**
 * nexp_storing_put() - put a configuration in the place of the old one
 * @storing: one's turn, which is over then.
 * @expert: the name of its expert, as registered.
 * @block: the configuration.
 * @length: bytes of it.
 * @err: why not; nothing has changed then, unless it is the directory that could not be
 *	brought to the disk.
 *
 * When this returns the configuration is on the disk.
 *
 * Return: 0 or a negative errno.
 */
int nexp_storing_put(struct nexp_storing *storing, const char *expert, const void *block,
		     uint32_t length, struct nexp_error *err);

/**
 * nexp_storing_drop() - remove the file, whatever it is
 * @storing: one's turn.
 * @err: why not.
 *
 * Return: 0, -ENOENT without @err if there is none, or another negative errno.
 */
int nexp_storing_drop(struct nexp_storing *storing, struct nexp_error *err);

/**
 * nexp_storing_end() - it is the next one's turn
 * @storing: begun, or failed to; what was not put is gone.
 */
void nexp_storing_end(struct nexp_storing *storing);

#endif /* NEXP_STORED_H */
