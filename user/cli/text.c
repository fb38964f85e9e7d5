// SPDX-License-Identifier: GPL-2.0
/*
 * text - strings of experts made fit for a terminal, and numbers for people
 */
#define _GNU_SOURCE
#include <langinfo.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "../supervisor/clock.h"
#include "text.h"

size_t nexp_text_utf8(const char *bytes, size_t length, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *at = (const uint8_t *)bytes;
	uint32_t c;
	size_t n, i;

	if (at[0] < 0x80) {
		*ret = at[0];
		return 1;
	}
	n = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
	if (at[0] < 0xc0 || at[0] >= 0xf8 || n > length)
		return 0;
	c = at[0] & (0x7fU >> n);
	for (i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	/* Overlong forms, halves of surrogate pairs, beyond Unicode. */
	if (c < least[n] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	*ret = c;
	return n;
}

/* These print nothing themselves but turn around or hide what others print. */
static bool is_mark(uint32_t c)
{
	return c == 0x61c || c == 0xad || c == 0xfeff || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

static bool is_printable(uint32_t c)
{
	if (c < 0x80)
		return c >= ' ' && c != 0x7f;
	return !is_mark(c) && wcwidth((wchar_t)c) >= 0;
}

void nexp_text_put(struct nexp_buffer *buffer, const char *bytes, size_t length)
{
	bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	size_t i, j, n;
	uint32_t c = 0;

	for (i = 0; i < length; i += n) {
		n = nexp_text_utf8(bytes + i, length - i, &c);
		if (n && is_printable(c) && (n == 1 || utf8)) {
			nexp_buffer_put(buffer, bytes + i, n);
			continue;
		}
		if (!n)
			n = 1;
		for (j = 0; j < n; j++)
			nexp_buffer_printf(buffer, "\\x%02x", (uint8_t)bytes[i + j]);
	}
}

void nexp_text_put_lines(struct nexp_buffer *buffer, const char *bytes, size_t length)
{
	const char *newline;
	size_t n;

	for (; length; bytes += n, length -= n) {
		newline = memchr(bytes, '\n', length);
		n = newline ? (size_t)(newline - bytes) : length;
		nexp_text_put(buffer, bytes, n);
		if (newline) {
			nexp_buffer_puts(buffer, "\n");
			n++;
		}
	}
}

/* Columns of the character at @bytes, and how many bytes it has. */
static unsigned int char_width(const char *bytes, size_t length, size_t *ret_bytes)
{
	uint32_t c = 0;
	size_t n = nexp_text_utf8(bytes, length, &c);
	int width = n > 1 ? wcwidth((wchar_t)c) : 1;

	*ret_bytes = n ? n : 1;
	return width < 0 ? 1 : (unsigned int)width;
}

unsigned int nexp_text_width(const char *bytes, size_t length)
{
	unsigned int width = 0;
	size_t i, n;

	for (i = 0; i < length; i += n)
		width += char_width(bytes + i, length - i, &n);
	return width;
}

void nexp_text_put_fit(struct nexp_buffer *buffer, const char *bytes, size_t length,
		       unsigned int width, bool right)
{
	unsigned int have = nexp_text_width(bytes, length), used = 0, w;
	size_t i, n;

	if (have <= width) {
		if (right)
			nexp_buffer_fill(buffer, ' ', width - have);
		nexp_buffer_put(buffer, bytes, length);
		if (!right)
			nexp_buffer_fill(buffer, ' ', width - have);
		return;
	}
	if (!width)
		return;
	for (i = 0; i < length; i += n) {
		w = char_width(bytes + i, length - i, &n);
		if (used + w > width - 1)
			break;
		nexp_buffer_put(buffer, bytes + i, n);
		used += w;
	}
	nexp_buffer_puts(buffer, "~");
	nexp_buffer_fill(buffer, ' ', width - 1 - used);
}

void nexp_put_size(struct nexp_buffer *buffer, uint64_t size)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)size / 1024;
	unsigned int i = 0;

	if (size < 1024) {
		nexp_buffer_printf(buffer, "%u B", (unsigned int)size);
		return;
	}
	/* 1023.95 would be printed as 1024.0. */
	for (; value >= 1023.95 && i < sizeof(units) / sizeof(units[0]) - 1; i++)
		value /= 1024;
	nexp_buffer_printf(buffer, "%.1f %s", value, units[i]);
}

void nexp_put_duration(struct nexp_buffer *buffer, uint64_t ns)
{
	if (ns < NEXP_NS_PER_SEC)
		nexp_buffer_printf(buffer, "%.3f ms", (double)ns / 1e6);
	else
		nexp_buffer_printf(buffer, "%.1f s", (double)ns / 1e9);
}

void nexp_put_clock(struct nexp_buffer *buffer, uint64_t ns)
{
	uint64_t seconds = ns / NEXP_NS_PER_SEC;

	nexp_buffer_printf(buffer, "%02llu:%02u:%02u", (unsigned long long)seconds / 3600,
			   (unsigned int)(seconds / 60 % 60), (unsigned int)(seconds % 60));
}

void nexp_put_time(struct nexp_buffer *buffer, uint64_t monotonic_ns)
{
	uint64_t ago_ns = nexp_now_ns() - monotonic_ns, at_ns;
	struct timespec now;
	struct tm tm;
	time_t seconds;

	clock_gettime(CLOCK_REALTIME, &now);
	at_ns = (uint64_t)now.tv_sec * NEXP_NS_PER_SEC + (uint64_t)now.tv_nsec - ago_ns;
	seconds = (time_t)(at_ns / NEXP_NS_PER_SEC);
	localtime_r(&seconds, &tm);
	nexp_buffer_printf(buffer, "%02d:%02d:%02d.%06u", tm.tm_hour, tm.tm_min, tm.tm_sec,
			   (unsigned int)(at_ns % NEXP_NS_PER_SEC / 1000));
}
