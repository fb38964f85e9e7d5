// SPDX-License-Identifier: GPL-2.0
/*
 * parse - numbers of the command line, taken literally or not at all
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"

/* Return: what follows the digits, or NULL if there are none. */
static const char *take_digits(const char *text, uint64_t *ret)
{
	char *end;

	/* strtoull() takes blanks and signs, we do not. */
	if (!isdigit((unsigned char)*text))
		return NULL;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	if (errno == ERANGE)
		*ret = UINT64_MAX;
	return end;
}

int nexp_parse_number(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
	uint64_t number = 0;
	const char *rest = take_digits(text, &number);

	if (!rest || *rest)
		return -EINVAL;
	if (number < least || number > most)
		return -ERANGE;
	*ret = number;
	return 0;
}

int nexp_parse_size(const char *text, uint64_t least, uint64_t most, uint64_t *ret)
{
	static const char units[] = "KMG";
	uint64_t number = 0;
	const char *rest = take_digits(text, &number), *unit;
	unsigned int shift = 0;

	if (!rest)
		return -EINVAL;
	if (*rest) {
		unit = strchr(units, toupper((unsigned char)*rest));
		if (!unit || rest[1])
			return -EINVAL;
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	if (number > UINT64_MAX >> shift)
		return -ERANGE;
	number <<= shift;
	if (number < least || number > most)
		return -ERANGE;
	*ret = number;
	return 0;
}

int nexp_parse_id(const char *text, uint64_t *ret)
{
	unsigned long long id;
	char *end;
	int base = 10;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		text += 2;
		base = 16;
	}
	if (!isxdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	id = strtoull(text, &end, base);
	if (errno || *end || end == text)
		return -EINVAL;
	*ret = id;
	return 0;
}

uint64_t nexp_round_up_pow2(uint64_t number)
{
	uint64_t power = 1;

	while (power < number)
		power <<= 1;
	return power;
}
