// SPDX-License-Identifier: GPL-2.0
/*
 * hfilter - the table of filters
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "dissect.h"
#include "hfilter.h"
#include "key.h"
#include "netmon_error.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* All under the lock. */
static struct nexp_hfilter filters[NEXP_MAX_FILTERS];
static uintptr_t generation = 0x4846;
static uint64_t version;

void nexp_hfilters_lock(void)
{
	pthread_mutex_lock(&lock);
}

void nexp_hfilters_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

/**
 * nexp_hfilter_find() - a filter, under the lock
 * @handle: from anywhere.
 *
 * Return: it, or NULL.
 */
struct nexp_hfilter *nexp_hfilter_find(HFILTER handle)
{
	uintptr_t value = (uintptr_t)handle;
	struct nexp_hfilter *filter = &filters[value % NEXP_MAX_FILTERS];

	return value && filter->value == value ? filter : NULL;
}

/**
 * nexp_hfilter_check() - a filter that frames can be judged by, under the lock
 * @handle: from anywhere.
 * @out_filter: it.
 *
 * Return: NMERR_SUCCESS; NMERR_INVALID_HFILTER; NMERR_FILTER_INVALID_EXPRESSION if its
 * list does not leave one truth value.
 */
DWORD nexp_hfilter_check(HFILTER handle, struct nexp_hfilter **out_filter)
{
	struct nexp_hfilter *filter = nexp_hfilter_find(handle);

	if (!filter)
		return NMERR_INVALID_HFILTER;
	if (filter->nr_items &&
	    (filter->nr_waiting != 1 || filter->waiting[0].kind != NEXP_TRUTH))
		return NMERR_FILTER_INVALID_EXPRESSION;
	*out_filter = filter;
	return NMERR_SUCCESS;
}

/** nexp_hfilter_touch() - what was known of frames is not any more; under the lock. */
void nexp_hfilter_touch(struct nexp_hfilter *filter)
{
	filter->version = ++version;
}

static struct nexp_hfilter *find_unused(void)
{
	struct nexp_hfilter *filter;

	for (filter = filters; filter < filters + NEXP_MAX_FILTERS; filter++)
		if (!filter->value)
			return filter;
	return NULL;
}

static DWORD begin(struct nexp_hfilter **out_filter)
{
	struct netexpert *nx = nexp_key_pool();
	struct nexp_hfilter *filter = find_unused();

	if (!nx)
		return NMERR_INVALID_EXPERT_HANDLE;
	if (!filter)
		return NMERR_NO_HANDLES;
	generation++;
	*filter = (struct nexp_hfilter) {
		.value = generation * NEXP_MAX_FILTERS + (uintptr_t)(filter - filters),
		.nx = nx,
	};
	nexp_hfilter_touch(filter);
	*out_filter = filter;
	return NMERR_SUCCESS;
}

static void destroy(struct nexp_hfilter *filter)
{
	const struct nexp_dissect_ops *ops = filter->text ? nexp_dissect_enter() : NULL;

	if (ops) {
		ops->dfilter_free(filter->text);
		nexp_dissect_leave();
	}
	if (filter->items)
		netexpert_free(filter->nx, filter->items);
	if (filter->data)
		netexpert_free(filter->nx, filter->data);
	*filter = (struct nexp_hfilter) { 0 };
}

/* What Wireshark makes of a text. */
static DWORD compile(struct nexp_hfilter *filter, const char *text, char *why)
{
	const struct nexp_dissect_ops *ops = nexp_dissect_enter();
	char problem[NEXP_WHY_SIZE];
	int err;

	if (!ops)
		return NMERR_LOAD_PARSER_FAILED;
	err = ops->dfilter_compile(text, &filter->text, problem);
	nexp_dissect_leave();
	if (!err)
		return NMERR_SUCCESS;
	snprintf(why, NEXP_WHY_SIZE, "%s", problem);
	return NMERR_FILTER_INVALID_EXPRESSION;
}

static DWORD add_text(struct nexp_hfilter *filter, const char *text, char *why)
{
	const struct nexp_item item = { .action = NEXP_ACTION_TEXT, .kind = NEXP_TRUTH };
	size_t size = strnlen(text, NEXP_MAX_FILTER_TEXT + 1) + 1;
	DWORD error;

	if (size > NEXP_MAX_FILTER_TEXT + 1) {
		snprintf(why, NEXP_WHY_SIZE, "the display filter is longer than %d bytes",
			 NEXP_MAX_FILTER_TEXT);
		return NMERR_FILTER_INVALID_EXPRESSION;
	}
	error = nexp_hfilter_push(filter, item, text, size);
	if (error != NMERR_SUCCESS)
		return error;
	filter->waiting[filter->nr_waiting++] = (struct nexp_waiting) { .kind = NEXP_TRUTH };
	return compile(filter, text, why);
}

/* Text and all, or without objects. */
static DWORD create(const char *text, char *why, struct nexp_hfilter **out_filter)
{
	DWORD error = begin(out_filter);

	if (error != NMERR_SUCCESS || !text)
		return error;
	error = add_text(*out_filter, text, why);
	if (error != NMERR_SUCCESS)
		destroy(*out_filter);
	return error;
}

/**
 * nexp_hfilter_create() - make a filter
 * @text: in Wireshark's language; NULL for none.
 * @why: NEXP_WHY_SIZE bytes; for NMERR_FILTER_INVALID_EXPRESSION, what is wrong with it.
 * @out_handle: the filter's.
 *
 * Return: as CreateFilterFromText().
 */
DWORD nexp_hfilter_create(const char *text, char *why, HFILTER *out_handle)
{
	struct nexp_hfilter *filter;
	DWORD error;

	nexp_hfilters_lock();
	error = create(text, why, &filter);
	if (error == NMERR_SUCCESS)
		*out_handle = (HFILTER)filter->value;
	nexp_hfilters_unlock();
	return error;
}

static DWORD copy_block(struct netexpert *nx, const void *from, size_t size, void **out_to)
{
	int err;

	if (!size)
		return NMERR_SUCCESS;
	err = netexpert_alloc(nx, size, out_to);
	if (!err)
		memcpy(*out_to, from, size);
	return nexp_netmon_error(err);
}

static DWORD copy(struct nexp_hfilter *to, const struct nexp_hfilter *from)
{
	char why[NEXP_WHY_SIZE];
	void *items = NULL, *data = NULL;
	DWORD error;

	error = copy_block(to->nx, from->items, from->nr_items * sizeof(*from->items), &items);
	to->items = items;
	if (error == NMERR_SUCCESS)
		error = copy_block(to->nx, from->data, from->size, &data);
	to->data = data;
	/* A text is the first object, and what Wireshark made of it can't be copied. */
	if (error == NMERR_SUCCESS && from->text)
		error = compile(to, nexp_item_data(from, &from->items[0]), why);
	if (error != NMERR_SUCCESS)
		return error;
	to->nr_items = from->nr_items;
	to->room = from->nr_items;
	to->size = from->size;
	to->data_room = from->size;
	to->wants_properties = from->wants_properties;
	to->nr_waiting = from->nr_waiting;
	memcpy(to->waiting, from->waiting, sizeof(to->waiting));
	return NMERR_SUCCESS;
}

/** nexp_hfilter_duplicate() - as FilterDuplicate(). */
DWORD nexp_hfilter_duplicate(HFILTER handle, HFILTER *out_handle)
{
	struct nexp_hfilter *filter, *new;
	DWORD error;

	nexp_hfilters_lock();
	filter = nexp_hfilter_find(handle);
	error = filter ? begin(&new) : NMERR_INVALID_HFILTER;
	if (error == NMERR_SUCCESS) {
		error = copy(new, filter);
		if (error == NMERR_SUCCESS)
			*out_handle = (HFILTER)new->value;
		else
			destroy(new);
	}
	nexp_hfilters_unlock();
	return error;
}

/* One that the expert may change. */
static DWORD find_own(HFILTER handle, struct nexp_hfilter **out_filter)
{
	*out_filter = nexp_hfilter_find(handle);
	if (!*out_filter)
		return NMERR_INVALID_HFILTER;
	return (*out_filter)->is_user_s ? NMERR_ACCESS_DENIED : NMERR_SUCCESS;
}

/** nexp_hfilter_destroy() - as DestroyFilter(). */
DWORD nexp_hfilter_destroy(HFILTER handle)
{
	struct nexp_hfilter *filter;
	DWORD error;

	nexp_hfilters_lock();
	error = find_own(handle, &filter);
	if (error == NMERR_SUCCESS)
		destroy(filter);
	nexp_hfilters_unlock();
	return error;
}

/** nexp_hfilter_add() - as FilterAddObject(). */
DWORD nexp_hfilter_add(HFILTER handle, const FILTEROBJECT *object)
{
	struct nexp_hfilter *filter;
	DWORD error;

	nexp_hfilters_lock();
	error = find_own(handle, &filter);
	if (error == NMERR_SUCCESS)
		error = nexp_hfilter_append(filter, object);
	if (error == NMERR_SUCCESS)
		nexp_hfilter_touch(filter);
	nexp_hfilters_unlock();
	return error;
}

/** nexp_hfilter_keep() - it is the user's, and the expert can't change it any more. */
void nexp_hfilter_keep(HFILTER handle)
{
	nexp_hfilters_lock();
	nexp_hfilter_find(handle)->is_user_s = true;
	nexp_hfilters_unlock();
}

/**
 * nexp_hfilters_end() - the key ends, which is still live
 * @nx: its pool, whose filters go.
 */
void nexp_hfilters_end(const struct netexpert *nx)
{
	struct nexp_hfilter *filter;

	nexp_hfilters_lock();
	for (filter = filters; filter < filters + NEXP_MAX_FILTERS; filter++)
		if (filter->value && filter->nx == nx)
			destroy(filter);
	nexp_hfilters_unlock();
}

/* Room for @size bytes in a block that grows; the block is as it was if there is none. */
static DWORD make_room(struct netexpert *nx, void **block, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 256;
	int err;

	if (size <= *room)
		return NMERR_SUCCESS;
	if (more < size)
		more = size;
	err = *block ? netexpert_realloc(nx, *block, more, block) :
		       netexpert_alloc(nx, more, block);
	if (!err)
		*room = more;
	return nexp_netmon_error(err);
}

/**
 * nexp_hfilter_push() - put an object at the end; under the lock
 * @filter: the filter.
 * @item: the object; its place in the data is set here if it has any.
 * @data: its data; copied.
 * @size: bytes of it.
 *
 * Return: NMERR_SUCCESS, or NMERR_OUT_OF_MEMORY and nothing has changed.
 */
DWORD nexp_hfilter_push(struct nexp_hfilter *filter, struct nexp_item item, const void *data,
			size_t size)
{
	size_t at = (filter->size + 7) & ~(size_t)7, room = filter->room * sizeof(item);
	void *items = filter->items, *bytes = filter->data;
	DWORD error;

	if (filter->nr_items == NEXP_MAX_ITEMS)
		return NMERR_OUT_OF_MEMORY;
	error = make_room(filter->nx, &items, &room, (filter->nr_items + 1) * sizeof(item));
	filter->items = items;
	filter->room = (uint32_t)(room / sizeof(item));
	if (error != NMERR_SUCCESS)
		return error;
	if (size) {
		error = make_room(filter->nx, &bytes, &filter->data_room, at + size);
		filter->data = bytes;
		if (error != NMERR_SUCCESS)
			return error;
		memcpy(filter->data + at, data, size);
		filter->size = at + size;
		item.at = at;
	}
	filter->items[filter->nr_items++] = item;
	return NMERR_SUCCESS;
}
