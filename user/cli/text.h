/* SPDX-License-Identifier: GPL-2.0 */
/*
 * text - strings of experts made fit for a terminal, and numbers for people
 *
 * An expert's strings may hold escape sequences, control characters, text
 * direction marks, anything. Through nexp_text_put() only what the terminal
 * prints comes out as it is; every other byte becomes \xNN.
 */
#ifndef NEXP_TEXT_H
#define NEXP_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

/**
 * nexp_text_utf8() - take one character of UTF-8
 * @bytes: where it starts.
 * @length: bytes there are, at least 1.
 * @ret: the character.
 *
 * Return: bytes it has, 0 if they are not valid UTF-8.
 */
size_t nexp_text_utf8(const char *bytes, size_t length, uint32_t *ret);

/**
 * nexp_text_put() - append a string that is not trusted
 * @buffer: where to.
 * @bytes: the string; may be NULL with @length 0.
 * @length: its bytes.
 *
 * Characters beyond ASCII come through if the locale is UTF-8.
 */
void nexp_text_put(struct nexp_buffer *buffer, const char *bytes, size_t length);

/**
 * nexp_text_put_lines() - append several lines that are not trusted
 * @buffer: where to.
 * @bytes: the lines; may be NULL with @length 0.
 * @length: their bytes.
 *
 * As nexp_text_put(), but newlines stay what they are.
 */
void nexp_text_put_lines(struct nexp_buffer *buffer, const char *bytes, size_t length);

/**
 * nexp_text_width() - columns that text takes on a terminal
 * @bytes: text that came out of nexp_text_put().
 * @length: its bytes.
 *
 * Return: columns.
 */
unsigned int nexp_text_width(const char *bytes, size_t length);

/**
 * nexp_text_put_fit() - append text cut or padded to a width
 * @buffer: where to.
 * @bytes: text that came out of nexp_text_put().
 * @length: its bytes.
 * @width: columns wanted; text that is cut ends with a mark.
 * @right: pad on the left.
 */
void nexp_text_put_fit(struct nexp_buffer *buffer, const char *bytes, size_t length,
		       unsigned int width, bool right);

/**
 * nexp_put_size() - append a number of bytes for people: "12.3 MiB"
 * @buffer: where to.
 * @size: bytes.
 */
void nexp_put_size(struct nexp_buffer *buffer, uint64_t size);

/**
 * nexp_put_duration() - append a duration for people: "1.204 ms", "12.3 s"
 * @buffer: where to.
 * @ns: nanoseconds.
 */
void nexp_put_duration(struct nexp_buffer *buffer, uint64_t ns);

/**
 * nexp_put_clock() - append a duration as hours, minutes, seconds
 * @buffer: where to.
 * @ns: nanoseconds.
 */
void nexp_put_clock(struct nexp_buffer *buffer, uint64_t ns);

/**
 * nexp_put_time() - append the time of day of a moment
 * @buffer: where to.
 * @monotonic_ns: the moment, CLOCK_MONOTONIC.
 */
void nexp_put_time(struct nexp_buffer *buffer, uint64_t monotonic_ns);

#endif /* NEXP_TEXT_H */
