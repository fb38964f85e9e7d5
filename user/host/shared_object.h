/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shared_object - whether a file can be a plug-in, before the loader has it
 *
 * The loader takes what it is given: of a file that was cut it maps what is not there,
 * and dies of it; a FIFO it would wait for. And its words are for who knows ELF.
 */
#ifndef NEXP_SHARED_OBJECT_H
#define NEXP_SHARED_OBJECT_H

#include <stddef.h>

/**
 * nexp_shared_object_open() - open a file that is a shared object for this machine
 * @path: the file.
 * @why: why it is none; starts with no name.
 * @size: bytes there.
 *
 * Nothing waits for a FIFO, and no device is touched.
 *
 * Return: a file descriptor, or -1.
 */
int nexp_shared_object_open(const char *path, char *why, size_t size);

#endif /* NEXP_SHARED_OBJECT_H */
