// SPDX-License-Identifier: GPL-2.0
/*
 * own_options - options of somebody's own capture program
 *
 * They are its global integers that are const volatile, so the compiler has put
 * them into .rodata, and its BTF knows their names, places and types. None of that
 * is believed before it was checked.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "own.h"

#define SECTION		".rodata"

/**
 * struct options - the section that holds them
 * @btf: types of the object.
 * @section: its type; NULL if the object has none.
 * @bytes: its contents.
 * @size: bytes of it.
 */
struct options {
	const struct btf *btf;
	const struct btf_type *section;
	void *bytes;
	size_t size;
};

/* Return: the type of variable @i if it is an option, else NULL. */
static const struct btf_type *option_type(const struct options *options, unsigned int i,
					  const char **name)
{
	const struct btf_var_secinfo *place = btf_var_secinfos(options->section) + i;
	const struct btf_type *var = btf__type_by_id(options->btf, place->type), *type;
	int id;

	if (!var || !btf_is_var(var) || btf_var(var)->linkage != BTF_VAR_GLOBAL_ALLOCATED)
		return NULL;
	id = btf__resolve_type(options->btf, var->type);
	type = id < 0 ? NULL : btf__type_by_id(options->btf, (__u32)id);
	if (!type || !btf_is_int(type) || type->size > sizeof(uint64_t) ||
	    place->size != type->size || place->offset > options->size ||
	    type->size > options->size - place->offset)
		return NULL;
	*name = btf__name_by_offset(options->btf, var->name_off);
	return *name && **name ? type : NULL;
}

static unsigned int nr_variables(const struct options *options)
{
	return options->section ? btf_vlen(options->section) : 0;
}

static int unknown(const struct options *options, const char *word, struct nexp_error *err)
{
	char names[512] = "";
	const char *name;
	size_t length = 0;
	unsigned int i;

	for (i = 0; i < nr_variables(options); i++)
		if (option_type(options, i, &name) && length < sizeof(names))
			length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
						   length ? ", " : "", name);
	if (!*names)
		return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			"'%s': it has no options (global integers that are const volatile)", word);
	return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			      "'%s' is none of its options: %s", word, names);
}

/* Return: whether @text is a number that a type of this kind can hold. */
static bool parse(const char *text, const struct btf_type *type, uint64_t *ret)
{
	bool negative = *text == '-', is_signed = btf_int_encoding(type) & BTF_INT_SIGNED;
	bool is_bool = btf_int_encoding(type) & BTF_INT_BOOL;
	unsigned int bits = is_bool ? 1 : 8 * type->size;
	uint64_t most = UINT64_MAX >> (64 - bits + is_signed), number;
	const char *digits = text + negative;
	char *end;
	int base = digits[0] == '0' && digits[1] == 'x' ? 16 : 10;

	if (base == 16)
		digits += 2;
	/* strtoull() would take blanks, signs and nothing. */
	if (!*digits || strspn(digits, "0123456789abcdefABCDEF") != strlen(digits))
		return false;
	errno = 0;
	number = strtoull(digits, &end, base);
	if (errno || *end || (negative && !is_signed) || number > most + negative)
		return false;
	*ret = negative ? -number : number;
	return true;
}

static int set_option(struct options *options, const char *name, const char *value,
		      struct nexp_error *err)
{
	const struct btf_type *type = NULL;
	const char *known;
	uint64_t number;
	unsigned int i;

	for (i = 0; i < nr_variables(options); i++) {
		type = option_type(options, i, &known);
		if (type && !strcmp(known, name))
			break;
		type = NULL;
	}
	if (!type)
		return unknown(options, name, err);
	if (!parse(value, type, &number))
		return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			"%s='%s' is not a number of %s%u bits", name, value,
			btf_int_encoding(type) & BTF_INT_SIGNED ? "signed " : "",
			btf_int_encoding(type) & BTF_INT_BOOL ? 1 : 8 * type->size);
	/* Little-endian: the module is for amd64 and the like. */
	memcpy((char *)options->bytes + btf_var_secinfos(options->section)[i].offset, &number,
	       type->size);
	return 0;
}

int nexp_own_set_options(const struct btf *btf, void *bytes, size_t size, const char *text,
			 struct nexp_error *err)
{
	char *copy = strdup(text), *rest = copy, *word, *equals;
	struct options options = { .btf = btf, .bytes = bytes, .size = size };
	int id, ret = 0;

	if (!copy)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	id = bytes ? btf__find_by_name_kind(btf, SECTION, BTF_KIND_DATASEC) : -ENOENT;
	if (id > 0)
		options.section = btf__type_by_id(btf, (__u32)id);
	while (!ret && (word = strsep(&rest, ","))) {
		equals = strchr(word, '=');
		if (equals)
			*equals = '\0';
		ret = set_option(&options, word, equals ? equals + 1 : "", err);
	}
	free(copy);
	return ret;
}
