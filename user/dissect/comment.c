// SPDX-License-Identifier: GPL-2.0
/*
 * comment - the comment of a capture file
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wiretap/wtap.h>
#include <wiretap/wtap_opttypes.h>

#include "dissector.h"

static int error_of(int err)
{
	/* Of the system, or wiretap's own, which are below 0. */
	if (err > 0)
		return -err;
	return err == WTAP_ERR_FILE_UNKNOWN_FORMAT ? -EPROTO : -EIO;
}

/* Only the first section's, as Wireshark shows it. */
static char *read_comment(wtap *file)
{
	wtap_block_t section = wtap_file_get_shb(file, 0);
	char *comment = NULL;

	if (!section || wtap_block_get_nth_string_option_value(section, OPT_COMMENT, 0, &comment) !=
				WTAP_OPTTYPE_SUCCESS)
		return g_strdup("");
	return g_strdup(comment);
}

/**
 * nexp_comment_read() - the comment of a capture file
 * @path: of a file of any kind that Wireshark reads.
 * @buffer: where to write it; "" if there is none. Untouched on failure.
 * @size: bytes there.
 *
 * Return: 0; -ENOSPC if it does not fit; -EPROTO if it is no capture file; -EIO or what
 * the system says if it can't be read.
 */
int nexp_comment_read(const char *path, char *buffer, size_t size)
{
	char why[NEXP_WHY_SIZE], *problem = NULL, *comment;
	int ret = nexp_dissect_start(why), err = 0;
	wtap *file;

	if (ret)
		return ret;
	/* One that can be read at random is a regular file: nobody waits for a pipe. */
	file = wtap_open_offline(path, WTAP_TYPE_AUTO, &err, &problem, TRUE);
	if (!file) {
		g_free(problem);
		return error_of(err);
	}
	comment = read_comment(file);
	wtap_close(file);
	if (strlen(comment) >= size)
		ret = -ENOSPC;
	else
		strcpy(buffer, comment);
	g_free(comment);
	return ret;
}
