// SPDX-License-Identifier: GPL-2.0
/*
 * workers - what the workers of one expert have in common: frames
 */
#include "workers.h"

struct nexp_expert *nexp_workers_first(struct nexp_expert *expert)
{
	return expert - expert->spec.worker;
}

bool nexp_workers_want_frames(struct nexp_expert *expert)
{
	const struct nexp_expert *first = nexp_workers_first(expert);
	unsigned int i;

	for (i = 0; i < first->spec.nr_workers; i++)
		if (first[i].state < NEXP_EXPERT_SETTLING && !first[i].stopping)
			return true;
	return false;
}

int nexp_workers_load(struct nexp_expert *expert, struct nexp_error *err)
{
	struct nexp_expert *first = nexp_workers_first(expert);
	uint64_t pool_ids[NEXP_MAX_WORKERS];
	unsigned int i;

	if (expert->spec.worker + 1 < first->spec.nr_workers)
		return 0;
	for (i = 0; i < first->spec.nr_workers; i++)
		pool_ids[i] = first[i].pool_id;
	return nexp_capture_load(&first->capture, pool_ids, first->spec.nr_workers,
				 first->spec.capture, err);
}

/* Each pool has a copy of its own. */
static int set_filter(struct nexp_expert *first, struct nexp_error *err)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < first->spec.nr_workers && !ret; i++)
		ret = nexp_filter_set(&first->filter, &first->context->session, first[i].pool_id,
				      err);
	return ret;
}

int nexp_workers_add_filter(struct nexp_expert *first, const struct nexp_iface *iface,
			    struct nexp_error *err)
{
	int ret;

	if (!first->spec.filter)
		return 0;
	ret = nexp_filter_add(&first->filter, first->spec.filter, iface, err);
	if (ret <= 0)
		return ret;
	ret = set_filter(first, err);
	if (!ret)
		return 1;
	nexp_filter_forget(&first->filter, iface->link_type);
	return ret;
}

static void add_counters(struct netexpert_ring_stat *sum, const struct netexpert_ring_stat *more)
{
	unsigned int i;

	sum->seen += more->seen;
	sum->filtered += more->filtered;
	sum->delivered += more->delivered;
	sum->delivered_bytes += more->delivered_bytes;
	sum->position += more->position;
	sum->consumed += more->consumed;
	for (i = 0; i < NETEXPERT_MAX_DROPS; i++)
		sum->dropped[i] += more->dropped[i];
}

void nexp_workers_tell_over(struct nexp_expert *expert)
{
	const struct nexp_expert *first = nexp_workers_first(expert);
	struct netexpert_ring_stat sum = { 0 };
	struct nexp_news news = { .kind = NEXP_NEWS_WORKERS_OVER, .sum = &sum };
	unsigned int i;

	if (first->spec.nr_workers == 1)
		return;
	for (i = 0; i < first->spec.nr_workers; i++) {
		if (first[i].state != NEXP_EXPERT_OVER)
			return;
		add_counters(&sum, &first[i].stat.out_sum);
	}
	nexp_expert_tell(nexp_workers_first(expert), &news);
}
