// SPDX-License-Identifier: GPL-2.0
/*
 * filter_place - where in an expression it is that libpcap does not go on
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "filter_place.h"

/* More words nobody types; the rest of them is not looked at. */
#define MAX_WORDS	512

/* An expression that is shown in full. */
#define SHOWN		72
#define BEFORE_PLACE	40

/*
 * What may be missing after a beginning of each kind. Numbers and addresses only:
 * nobody's name server is asked about them.
 */
static const char *const endings[] = {
	"", " 1", " ip", " = 1", " 1 = 1", " 1.1.1.1", " 1.0.0.0/8", " host 1.1.1.1",
	" 255.255.255.255", " 2:2:2:2:2:2", " 1-2", " proto 1", " mask 255.0.0.0", " ::1",
	" 1] = 1", "] = 1", " 1:1] = 1", " 0] & 1 = 1",
};

#define NR_ENDINGS	(sizeof(endings) / sizeof(endings[0]))

static bool compiles(struct pcap *handle, const char *expression)
{
	struct bpf_program program;

	if (pcap_compile(handle, &program, expression, 0, 0))
		return false;
	pcap_freecode(&program);
	return true;
}

/* Parentheses that are open at the end of @text. */
static unsigned int count_open(const char *text)
{
	unsigned int open = 0;

	for (; *text; text++) {
		open += *text == '(';
		open -= *text == ')' && open;
	}
	return open;
}

/* Whether some ending makes the first @length bytes an expression. */
static bool can_begin(struct pcap *handle, const char *expression, size_t length)
{
	char *text = malloc(2 * length + 64), *end;
	unsigned int open;
	bool can = false;
	size_t i;

	if (!text)
		return false;
	for (i = 0; i < NR_ENDINGS && !can; i++) {
		memcpy(text, expression, length);
		strcpy(text + length, endings[i]);
		end = text + strlen(text);
		open = count_open(text);
		memset(end, ')', open);
		end[open] = '\0';
		can = compiles(handle, text);
	}
	free(text);
	return can;
}

static bool is_word(char c)
{
	return c && (isalnum((unsigned char)c) || strchr("_.:-/\\", c));
}

/* Where the word that begins at @at ends. */
static size_t word_end(const char *text, size_t at)
{
	size_t end = at + 1;

	if (is_word(text[at])) {
		while (text[end] && is_word(text[end]))
			end++;
	} else if (strchr("&|<>=!", text[at])) {
		while (text[end] && end < at + 2 && strchr("&|<>=", text[end]))
			end++;
	}
	return end;
}

/* The begins of words. */
static size_t split(const char *text, size_t *words)
{
	size_t nr = 0, at = 0;

	while (nr < MAX_WORDS) {
		at += strspn(text + at, " \t\r\n");
		if (!text[at])
			break;
		words[nr++] = at;
		at = word_end(text, at);
	}
	return nr;
}

/* A message that quotes a word of the expression has said where. */
static long find_quoted(const char *expression, const char *message)
{
	const char *open = strpbrk(message, "'\""), *close, *at;
	size_t length;

	close = open ? strchr(open + 1, *open) : NULL;
	if (!close || close == open + 1)
		return -1;
	length = (size_t)(close - open) - 1;
	for (at = expression; *at; at++)
		if (!strncmp(at, open + 1, length) && !is_word(at[length]) &&
		    (at == expression || !is_word(at[-1])))
			return at - expression;
	return -1;
}

long nexp_filter_place(struct pcap *handle, const char *expression, const char *message)
{
	size_t words[MAX_WORDS], nr, low = 0, high, middle;
	long quoted = find_quoted(expression, message);

	/* Trying out would ask name servers once more, which have no answer. */
	if (quoted >= 0)
		return quoted;
	if (compiles(handle, expression))
		return -1;
	nr = split(expression, words);
	/* The first @low words can begin an expression, and @high can't. */
	high = nr + 1;
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (middle <= nr && can_begin(handle, expression,
					      word_end(expression, words[middle - 1])))
			low = middle;
		else
			high = middle;
	}
	return (long)(low < nr ? words[low] : strlen(expression));
}

static char shown(char c)
{
	return isprint((unsigned char)c) ? c : isspace((unsigned char)c) ? ' ' : '?';
}

void nexp_filter_point(char *to, size_t size, const char *expression, long place)
{
	size_t length = strlen(expression), from = 0, i, used;
	char part[SHOWN + 1];

	if (length > SHOWN && place > BEFORE_PLACE)
		from = (size_t)place - BEFORE_PLACE;
	for (i = 0; i < SHOWN && from + i < length; i++)
		part[i] = shown(expression[from + i]);
	part[i] = '\0';
	used = (size_t)snprintf(to, size, "    %s%s%s", from ? "..." : "", part,
				from + i < length ? "..." : "");
	if (place >= 0 && used < size)
		snprintf(to + used, size - used, "\n%*s^",
			 (int)((size_t)place - from + 4 + (from ? 3 : 0)), "");
}
