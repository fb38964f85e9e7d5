/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fail_nth_library - what fail_nth_test lets fail of the library: each path on
 * which it asks the kernel for something, and the reader of a dead heap
 *
 * A path answers 0, -errno, or -EBADMSG if what it then finds cannot be.
 */
#ifndef NEXP_SELFTESTS_FAIL_NTH_LIBRARY_H
#define NEXP_SELFTESTS_FAIL_NTH_LIBRARY_H

#include "fail_nth_paths.h"

#include "../user/lib/link.h"
#include "../user/supervisor/heap_view.h"

/* The rest of user/lib/key.h has names that util.h has, too. */
int nexp_key_begin(struct netexpert *nx, struct nexp_link *link,
		   const EXPERTSTARTUPINFO *startup, HEXPERTKEY *out_key);
void nexp_key_end(HEXPERTKEY handle, const void *keep);

#define SIZE		1000UL
#define LARGE		100000UL
#define SMALL		16UL	/* has the most slots */
#define SLOT		1024UL	/* a size class that divides a page */
#define LENGTH		100
#define PATTERN		0x5a
#define WAIT_MS		500	/* time to sleep and to give back, on a busy machine too */

static int alloc(struct scene *scene, size_t size)
{
	int ret = netexpert_alloc(scene->nx, size, &scene->object);

	if (!ret)
		memset(scene->object, PATTERN, size);
	return ret;
}

static bool is_all(const unsigned char *bytes, size_t size, unsigned char value)
{
	while (size && *bytes == value) {
		bytes++;
		size--;
	}
	return !size;
}

/* The first page of a span: the next object needs more of it. */
static int fill_page(struct scene *scene)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < PAGE / SLOT; i++)
		ret = alloc(scene, SLOT);
	return ret;
}

/* A run of extents, and a span whose links fill pages of their own. */
static int alloc_and_free(struct scene *scene)
{
	void *large;
	int ret = alloc(scene, LARGE);

	large = scene->object;
	if (!ret)
		ret = alloc(scene, SMALL);
	if (!ret)
		ret = netexpert_free(scene->nx, scene->object);
	if (!ret)
		ret = netexpert_free(scene->nx, large);
	scene->object = NULL;
	return ret;
}

static int inject_one(struct scene *scene)
{
	static unsigned char bytes[LENGTH];
	const struct netexpert_inject_frame frame = {
		.data = (uintptr_t)bytes,
		.cap_len = LENGTH,
		.wire_len = LENGTH,
	};
	int injector = __nexp_do_injector(scene->session, scene->pool);
	int ret;

	if (injector < 0)
		return injector;
	memset(bytes, PATTERN, LENGTH);
	ret = __nexp_do_inject(injector, &frame, 1);
	close(injector);
	return ret == 1 ? 0 : ret;
}

/*
 * As the host does before it calls an expert. The object is for the thread to know
 * this pool's heap: the host has one pool in its life, and no key of another one.
 */
static int begin_key(struct scene *scene)
{
	static const EXPERTSTARTUPINFO startup;
	int ret = nexp_link_create(-1, &scene->link);

	if (!ret)
		ret = nexp_key_begin(scene->nx, scene->link, &startup, &scene->key);
	return ret ? ret : alloc(scene, SMALL);
}

/* What stands on an attachment before a path of the library is run. */
static int set_up_library(struct scene *scene)
{
	int ret = run_adopt(scene);

	if (ret)
		return ret;
	switch (scene->depth) {
	case OBJECT:
		return alloc(scene, SIZE);
	case FULL_PAGE:
		return fill_page(scene);
	case FREED:
		return alloc_and_free(scene);
	case HAS_FRAME:
		return inject_one(scene);
	case KEYED:
		return begin_key(scene);
	case FROZEN:
		ret = alloc(scene, SIZE);
		return ret ? ret : __nexp_do_freeze(scene->session, scene->pool);
	default:
		return 0;
	}
}

static void tear_down_library(struct scene *scene)
{
	nexp_key_end(scene->key, NULL);
	nexp_link_destroy(scene->link);
	netexpert_close(scene->nx);
}

static int alloc_zeroed(struct scene *scene, size_t size)
{
	int ret = netexpert_alloc(scene->nx, size, &scene->object);

	if (ret)
		return ret;
	return is_all(scene->object, size, 0) ? 0 : -EBADMSG;
}

static int run_alloc(struct scene *scene)
{
	return alloc_zeroed(scene, LARGE);
}

static int run_alloc_small(struct scene *scene)
{
	return alloc_zeroed(scene, SMALL);
}

static int run_grow(struct scene *scene)
{
	struct netexpert_heap_stat before, after;
	int ret;

	netexpert_heap_stat(scene->nx, &before);
	ret = alloc_zeroed(scene, SLOT);
	netexpert_heap_stat(scene->nx, &after);
	if (ret)
		return ret;
	return after.committed > before.committed ? 0 : -EBADMSG;
}

/* Of the scene's object; it is whole, whatever happened. */
static int resize(struct scene *scene, size_t size)
{
	size_t kept = size < SIZE ? size : SIZE, has;
	int ret = netexpert_realloc(scene->nx, scene->object, size, &scene->object);

	if (netexpert_size(scene->nx, scene->object, &has) ||
	    has != (ret ? SIZE : size) ||
	    !is_all(scene->object, ret ? SIZE : kept, PATTERN) ||
	    !is_all((unsigned char *)scene->object + kept, has - kept, ret ? PATTERN : 0))
		return -EBADMSG;
	return ret;
}

static int run_realloc(struct scene *scene)
{
	return resize(scene, 2 * LARGE);
}

static int run_realloc_small(struct scene *scene)
{
	return resize(scene, 3 * SIZE);
}

static int run_realloc_smaller(struct scene *scene)
{
	return resize(scene, SIZE / 10);
}

static int run_free(struct scene *scene)
{
	int ret = netexpert_free(scene->nx, scene->object);
	size_t size;

	if (ret)
		return ret;
	return netexpert_size(scene->nx, scene->object, &size) == -EINVAL ? 0 : -EBADMSG;
}

/* No frame comes. */
static int run_wait(struct scene *scene)
{
	struct netexpert_frame frame;
	int ret = netexpert_frame_next(scene->nx, &frame, WAIT_MS);

	if (ret == -ETIMEDOUT)
		return 0;
	return ret ? ret : -EBADMSG;
}

/*
 * Who waits keeps nothing. What the kernel did not take back must read zero all the
 * same when it is used again.
 */
static int run_give_back(struct scene *scene)
{
	struct netexpert_heap_stat stat;
	int ret = run_wait(scene);

	if (ret)
		return ret;
	if (netexpert_heap_stat(scene->nx, &stat) || stat.committed)
		return -EBADMSG;
	ret = alloc_zeroed(scene, LARGE);
	return ret ? ret : alloc_zeroed(scene, SMALL);
}

static int run_frame(struct scene *scene)
{
	struct netexpert_frame frame;
	int ret = netexpert_frame_next(scene->nx, &frame, NEXP_PATIENCE_MS);

	if (ret)
		return ret;
	if (frame.record->cap_len != LENGTH || !is_all(frame.data, LENGTH, PATTERN))
		return -EBADMSG;
	return netexpert_frame_release(scene->nx);
}

static int run_heap_stat(struct scene *scene)
{
	struct netexpert_heap_stat stat;
	int ret = netexpert_heap_stat(scene->nx, &stat);

	if (ret)
		return ret;
	return stat.objects == 1 && stat.object_bytes == SIZE ? 0 : -EBADMSG;
}

static int run_expert_alloc(struct scene *scene)
{
	DWORD error = NMERR_SUCCESS;
	void *object = ExpertAllocMemory(scene->key, SIZE, &error);

	if (error == NMERR_OUT_OF_MEMORY && !object)
		return -ENOMEM;
	if (error != NMERR_SUCCESS || !object || !is_all(object, SIZE, 0))
		return -EBADMSG;
	return 0;
}

/* As the supervisor does after a death. */
static int run_report(struct scene *scene)
{
	static struct nexp_heap_report report;
	const struct nexp_session session = { .fd = scene->session };
	const struct netexpert_pool_stat stat = {
		.pool_id = scene->pool,
		.out_heap_size = nexp_pool_args().heap_size,
	};
	int ret = nexp_heap_view(&session, &stat, UINT64_MAX, &report);

	if (ret)
		return ret;
	if (report.nr_damages || report.is_cut || report.all.objects != 1 ||
	    report.all.asked != SIZE)
		return -EBADMSG;
	return 0;
}

#endif /* NEXP_SELFTESTS_FAIL_NTH_LIBRARY_H */
