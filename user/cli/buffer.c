// SPDX-License-Identifier: GPL-2.0
/*
 * buffer - bytes that grow
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

/* Return: where @more bytes can be written, or NULL. */
static char *make_room(struct nexp_buffer *buffer, size_t more)
{
	size_t size = buffer->size ? buffer->size : 256;
	char *bytes;

	if (buffer->failed)
		return NULL;
	while (size - buffer->length < more)
		size *= 2;
	if (size != buffer->size) {
		bytes = realloc(buffer->bytes, size);
		if (!bytes) {
			buffer->failed = true;
			return NULL;
		}
		buffer->bytes = bytes;
		buffer->size = size;
	}
	return buffer->bytes + buffer->length;
}

void nexp_buffer_put(struct nexp_buffer *buffer, const void *bytes, size_t length)
{
	char *to = make_room(buffer, length);

	if (!to || !length)
		return;
	memcpy(to, bytes, length);
	buffer->length += length;
}

void nexp_buffer_puts(struct nexp_buffer *buffer, const char *text)
{
	nexp_buffer_put(buffer, text, strlen(text));
}

void nexp_buffer_fill(struct nexp_buffer *buffer, char byte, size_t count)
{
	char *to = make_room(buffer, count);

	if (!to)
		return;
	memset(to, byte, count);
	buffer->length += count;
}

void nexp_buffer_printf(struct nexp_buffer *buffer, const char *fmt, ...)
{
	va_list args;
	char *to;
	int length;

	va_start(args, fmt);
	length = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (length <= 0)
		return;
	to = make_room(buffer, (size_t)length + 1);
	if (!to)
		return;
	va_start(args, fmt);
	vsnprintf(to, (size_t)length + 1, fmt, args);
	va_end(args);
	buffer->length += (size_t)length;
}

void nexp_buffer_reset(struct nexp_buffer *buffer)
{
	buffer->length = 0;
	buffer->failed = false;
}

void nexp_buffer_free(struct nexp_buffer *buffer)
{
	free(buffer->bytes);
	memset(buffer, 0, sizeof(*buffer));
}
