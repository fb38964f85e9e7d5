/* SPDX-License-Identifier: GPL-2.0 */
/*
 * buffer - bytes that grow
 */
#ifndef NEXP_BUFFER_H
#define NEXP_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct nexp_buffer - bytes
 * @bytes: the bytes; NULL while there are none.
 * @length: how many.
 * @size: bytes of memory.
 * @failed: memory ran out: what came after that is missing.
 *
 * All zero is an empty buffer.
 */
struct nexp_buffer {
	char *bytes;
	size_t length;
	size_t size;
	bool failed;
};

/**
 * nexp_buffer_put() - append bytes
 * @buffer: the buffer.
 * @bytes: what to append.
 * @length: how much of it.
 */
void nexp_buffer_put(struct nexp_buffer *buffer, const void *bytes, size_t length);

/**
 * nexp_buffer_puts() - append a string
 * @buffer: the buffer.
 * @text: the string.
 */
void nexp_buffer_puts(struct nexp_buffer *buffer, const char *text);

/**
 * nexp_buffer_fill() - append one byte several times
 * @buffer: the buffer.
 * @byte: the byte.
 * @count: how often.
 */
void nexp_buffer_fill(struct nexp_buffer *buffer, char byte, size_t count);

/**
 * nexp_buffer_printf() - append formatted text
 * @buffer: the buffer.
 * @fmt: as for printf().
 */
void nexp_buffer_printf(struct nexp_buffer *buffer, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * nexp_buffer_reset() - make it empty, keep its memory
 * @buffer: the buffer.
 */
void nexp_buffer_reset(struct nexp_buffer *buffer);

/**
 * nexp_buffer_free() - make it empty, free its memory
 * @buffer: the buffer.
 */
void nexp_buffer_free(struct nexp_buffer *buffer);

#endif /* NEXP_BUFFER_H */
