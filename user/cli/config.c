// SPDX-License-Identifier: GPL-2.0
/*
 * config - what is stored for an expert, as the subcommands look for it
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "paths.h"
#include "text.h"

#define BYTES_PER_LINE	16

/* Without a directory nothing can have been stored. */
int nexp_config_load(const char *plugin, struct nexp_stored **ret, struct nexp_error *err)
{
	char name[NETEXPERT_NAME_LEN];
	char *dir = nexp_config_dir();
	int code = 0;

	*ret = NULL;
	nexp_expert_name(plugin, name);
	if (dir)
		code = nexp_stored_load(dir, name, ret, err);
	free(dir);
	return code;
}

/* One NUL, at its end, and before that nothing that does not print. */
static bool is_text(const char *bytes, size_t length)
{
	uint32_t character;
	size_t taken;

	if (!length || bytes[--length])
		return false;
	for (; length; bytes += taken, length -= taken) {
		taken = nexp_text_utf8(bytes, length, &character);
		if (!taken || character < ' ' || character == 0x7f)
			return false;
	}
	return true;
}

static void put_line(struct nexp_buffer *buffer, const uint8_t *block, size_t at, size_t length)
{
	size_t nr = length - at < BYTES_PER_LINE ? length - at : BYTES_PER_LINE, i;

	nexp_buffer_printf(buffer, "%08zx ", at);
	for (i = 0; i < BYTES_PER_LINE; i++) {
		if (i == BYTES_PER_LINE / 2)
			nexp_buffer_puts(buffer, " ");
		if (i < nr)
			nexp_buffer_printf(buffer, " %02x", block[at + i]);
		else
			nexp_buffer_puts(buffer, "   ");
	}
	nexp_buffer_puts(buffer, "  |");
	for (i = 0; i < nr; i++)
		nexp_buffer_fill(buffer, block[at + i] >= ' ' && block[at + i] < 0x7f ?
				 (char)block[at + i] : '.', 1);
	nexp_buffer_puts(buffer, "|\n");
}

void nexp_config_put(struct nexp_buffer *buffer, const uint8_t *block, size_t length)
{
	const char *data = (const char *)block + sizeof(EXPERTCONFIG);
	size_t size = length - sizeof(EXPERTCONFIG), at;

	if (is_text(data, size)) {
		nexp_text_put(buffer, data, size - 1);
		nexp_buffer_puts(buffer, "\n");
		return;
	}
	for (at = 0; at < length; at += BYTES_PER_LINE)
		put_line(buffer, block, at, length);
}
