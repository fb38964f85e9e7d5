// SPDX-License-Identifier: GPL-2.0
/*
 * pcapng_list - the blocks of a pcapng file of this machine, a line each
 *
 * pcapng_list FILE
 *
 * section
 * interface name=NAME link=TYPE snaplen=BYTES
 * frame interface=N ns=TIME captured=BYTES length=BYTES flags=HEX lost=N hash=HEX
 *	data=HEX comment=TEXT...
 * statistics interface=N received=N lost=N delivered=N comment=TEXT
 *
 * The hash is of all bytes, data is the first 64. Knows nothing of how netexpert
 * writes. Exits with 1 if the file is not whole, or not as the format has it.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST	(64U << 20)

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, FRAME = 6 };

static unsigned char *block;
static uint32_t nr_interfaces;
static uint64_t tick_ns[64];

static void die(const char *why)
{
	fflush(stdout);
	fprintf(stderr, "pcapng_list: %s\n", why);
	exit(1);
}

static uint32_t word(size_t at)
{
	uint32_t value;

	memcpy(&value, block + at, sizeof(value));
	return value;
}

static uint64_t number(size_t at)
{
	uint64_t value;

	memcpy(&value, block + at, sizeof(value));
	return value;
}

/*
 * The value of the @which-th option @code from @at on, before @end; 0 if there is
 * none.
 */
static size_t option(size_t at, size_t end, unsigned int code, unsigned int which,
		     size_t *length)
{
	while (at < end) {
		unsigned int this = word(at) & 0xffff;

		*length = word(at) >> 16;
		if (at + 4 + *length > end)
			die("an option is longer than its block");
		if (this == code && !which--)
			return at + 4;
		if (!this && at + 4 != end)
			die("something comes after the last option");
		at += 4 + ((*length + 3) & ~3UL);
	}
	return 0;
}

static void put_texts(size_t at, size_t end, unsigned int code, const char *name)
{
	unsigned int i;
	size_t length, value;

	for (i = 0; (value = option(at, end, code, i, &length)); i++)
		printf(" %s=%.*s", name, (int)length, block + value);
}

static uint64_t value_of(size_t at, size_t end, unsigned int code, size_t size)
{
	size_t length, value = option(at, end, code, 0, &length);

	if (!value)
		return 0;
	if (length != size)
		die("an option has a wrong length");
	return size == 8 ? number(value) : word(value);
}

/* Ticks are a power of ten of a second, a microsecond if it is not said. */
static void note_interface(size_t end)
{
	size_t length, value = option(16, end, 9, 0, &length);
	unsigned int digits = value ? block[value] : 6;

	if (digits > 9 || nr_interfaces == sizeof(tick_ns) / sizeof(tick_ns[0]))
		die("an interface that is too much for this program");
	tick_ns[nr_interfaces] = 1;
	while (digits++ < 9)
		tick_ns[nr_interfaces] *= 10;
	nr_interfaces++;
}

static void list_frame(size_t end)
{
	uint32_t captured = word(20), i;
	uint64_t hash = 0xcbf29ce484222325ULL;
	size_t options = 28 + ((captured + 3UL) & ~3UL);

	if (options > end)
		die("a frame is longer than its block");
	if (word(8) >= nr_interfaces)
		die("a frame is of an interface that was not described");
	for (i = 0; i < captured; i++)
		hash = (hash ^ block[28 + i]) * 0x100000001b3ULL;
	printf("frame interface=%u ns=%" PRIu64 " captured=%u length=%u flags=%" PRIx64
	       " lost=%" PRIu64 " hash=%" PRIx64 " data=", word(8),
	       ((uint64_t)word(12) << 32 | word(16)) * tick_ns[word(8)], captured, word(24),
	       value_of(options, end, 2, 4), value_of(options, end, 4, 8), hash);
	for (i = 0; i < captured && i < 64; i++)
		printf("%02x", block[28 + i]);
	put_texts(options, end, 1, "comment");
}

static void list(uint32_t type, size_t end)
{
	switch (type) {
	case SECTION:
		printf("section");
		nr_interfaces = 0;
		break;
	case INTERFACE:
		printf("interface");
		put_texts(16, end, 2, "name");
		printf(" link=%u snaplen=%u", word(8) & 0xffff, word(12));
		note_interface(end);
		break;
	case FRAME:
		list_frame(end);
		break;
	case STATISTICS:
		printf("statistics interface=%u received=%" PRIu64 " lost=%" PRIu64
		       " delivered=%" PRIu64, word(8), value_of(20, end, 4, 8),
		       value_of(20, end, 5, 8), value_of(20, end, 8, 8));
		put_texts(20, end, 1, "comment");
		break;
	default:
		printf("block type=%u", type);
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	uint32_t head[2];
	FILE *file;
	size_t n;

	if (argc != 2) {
		fprintf(stderr, "usage: pcapng_list FILE\n");
		return 2;
	}
	file = fopen(argv[1], "re");
	block = malloc(MOST);
	if (!file || !block)
		die(argv[1]);
	while ((n = fread(head, 1, sizeof(head), file))) {
		if (n < sizeof(head))
			die("ends within a block's head");
		if (head[1] < 12 || head[1] % 4 || head[1] > MOST)
			die("a block has a length that cannot be");
		memcpy(block, head, sizeof(head));
		if (fread(block + 8, 1, head[1] - 8, file) != head[1] - 8)
			die("ends within a block");
		if (word(head[1] - 4) != head[1])
			die("a block has two lengths");
		list(head[0], head[1] - 4);
	}
	return 0;
}
