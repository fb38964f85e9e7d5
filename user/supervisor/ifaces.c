// SPDX-License-Identifier: GPL-2.0
/*
 * ifaces - the interfaces of a run, which come and go
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attached.h"
#include "promiscuous.h"
#include "supervisor.h"

static void tell(struct nexp_supervisor *supervisor, enum nexp_news_kind kind,
		 const struct nexp_entry *entry, const char *text)
{
	struct nexp_reporter *reporter = supervisor->context.reporter;
	struct nexp_news news = {
		.kind = kind, .entry = entry, .text = text, .length = text ? strlen(text) : 0,
	};

	reporter->ops->news(reporter, NULL, &news);
}

static struct nexp_entry *add_entry(struct nexp_ifaces *ifaces)
{
	struct nexp_entry *entries;

	entries = reallocarray(ifaces->entries, ifaces->nr_entries + 1, sizeof(*entries));
	if (!entries)
		return NULL;
	ifaces->entries = entries;
	entries[ifaces->nr_entries] = (struct nexp_entry){ .promiscuous = -1 };
	return &entries[ifaces->nr_entries++];
}

static bool has_index(const struct nexp_ifaces *ifaces, unsigned int index)
{
	unsigned int i;

	for (i = 0; i < ifaces->nr_entries; i++)
		if (ifaces->entries[i].now.index == index)
			return true;
	return false;
}

static bool has_link_type(const struct nexp_ifaces *ifaces, uint16_t link_type)
{
	unsigned int i;

	for (i = 0; i < ifaces->nr_entries; i++)
		if (ifaces->entries[i].now.index &&
		    ifaces->entries[i].now.link_type == link_type)
			return true;
	return false;
}

static int list_failure(struct nexp_error *err, int code)
{
	return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			      "asking the kernel about network interfaces: %s", strerror(code));
}

/* Two names, or one name twice, of one interface would take its frames twice. */
static int add_name(struct nexp_ifaces *ifaces, const char *name, struct nexp_error *err)
{
	struct nexp_entry *entry = add_entry(ifaces), *other = ifaces->entries;
	int ret;

	if (!entry)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	ret = nexp_iface_check_name(name, err);
	if (ret)
		return ret;
	strcpy(entry->wanted, name);
	ret = nexp_iface_find(ifaces->query, name, &entry->now);
	if (ret && ret != -ENODEV)
		return list_failure(err, -ret);
	for (; other < entry; other++)
		if (!strcmp(other->wanted, name) ||
		    (entry->now.index && other->now.index == entry->now.index))
			return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
					      "-i %s and -i %s are one interface",
					      other->wanted, name);
	return 0;
}

static int open_sockets(struct nexp_ifaces *ifaces, struct nexp_error *err)
{
	int ret;

	ret = nexp_netns_enter(&ifaces->netns, err);
	if (ret)
		return ret;
	/* Before the list is read: what changes after that is told. */
	ifaces->watch = nexp_iface_watch_open();
	ifaces->query = nexp_iface_open();
	nexp_netns_leave(&ifaces->netns);
	if (ifaces->watch < 0 || ifaces->query < 0)
		return list_failure(err, -(ifaces->watch < 0 ? ifaces->watch : ifaces->query));
	return 0;
}

int nexp_ifaces_open(struct nexp_ifaces *ifaces, const struct nexp_run *run,
		     struct nexp_error *err)
{
	unsigned int i;
	int ret;

	ret = nexp_netns_open(&ifaces->netns, run->netns, err);
	if (!ret)
		ret = open_sockets(ifaces, err);
	ifaces->any = !run->nr_names;
	/* As tcpdump has it: those that nobody has named are left as they are. */
	ifaces->promiscuous = run->promiscuous && !ifaces->any;
	for (i = 0; i < run->nr_names && !ret; i++)
		ret = add_name(ifaces, run->names[i], err);
	return ret;
}

static void hear_less(struct nexp_entry *entry)
{
	if (entry->promiscuous >= 0)
		close(entry->promiscuous);
	entry->promiscuous = -1;
}

void nexp_ifaces_close(struct nexp_ifaces *ifaces)
{
	unsigned int i;

	for (i = 0; i < ifaces->nr_entries; i++)
		hear_less(&ifaces->entries[i]);
	if (ifaces->watch >= 0)
		close(ifaces->watch);
	if (ifaces->query >= 0)
		close(ifaces->query);
	nexp_netns_close(&ifaces->netns);
	free(ifaces->entries);
	*ifaces = (struct nexp_ifaces)NEXP_NO_IFACES;
}

/* What the experts say of their links to an interface, and a program that is there. */
static enum nexp_link_state links_of(const struct nexp_supervisor *supervisor,
				     unsigned int index, uint32_t *program)
{
	enum nexp_link_state state, of_expert;
	unsigned int i;

	state = nexp_links_look(&supervisor->context.tap.links, index, program);
	for (i = 0; i < supervisor->nr_experts && state != NEXP_LINK_DEAD; i++) {
		of_expert = nexp_links_look(&supervisor->experts[i].capture.links, index, program);
		if (of_expert != NEXP_LINK_NONE)
			state = of_expert;
	}
	return state;
}

/*
 * Is the interface that has this index here the one that the program is linked to?
 * That one may have moved, and left its place to another with its index.
 */
static int is_here(struct nexp_netns *netns, unsigned int index, uint32_t program,
		   struct nexp_error *err)
{
	int ret = nexp_netns_enter(netns, err);

	if (ret)
		return ret;
	ret = nexp_attached_program(index, program);
	nexp_netns_leave(netns);
	return ret < 0 ? list_failure(err, -ret) : ret;
}

/* From one interface; index 0 means all. */
static void detach_all(struct nexp_supervisor *supervisor, unsigned int index)
{
	unsigned int i;

	nexp_tap_detach(&supervisor->context.tap, index);
	for (i = 0; i < supervisor->nr_experts; i++)
		nexp_capture_detach(&supervisor->experts[i].capture, index);
}

static void detach(struct nexp_supervisor *supervisor, struct nexp_entry *entry)
{
	detach_all(supervisor, entry->now.index);
	hear_less(entry);
}

void nexp_ifaces_end(struct nexp_supervisor *supervisor)
{
	struct nexp_ifaces *ifaces = &supervisor->context.ifaces;
	unsigned int i;

	detach_all(supervisor, 0);
	for (i = 0; i < ifaces->nr_entries; i++)
		hear_less(&ifaces->entries[i]);
}

static int open_promiscuous(struct nexp_netns *netns, struct nexp_error *err)
{
	int ret = nexp_netns_enter(netns, err);

	if (ret)
		return ret;
	ret = nexp_promiscuous_open(err);
	nexp_netns_leave(netns);
	return ret;
}

/*
 * Let an interface that is captured hear everything, or go on with that: one that was
 * in another namespace for a moment has forgotten it. Not to have that is told, and no
 * reason to take nothing.
 */
static void hear_all(struct nexp_supervisor *supervisor, struct nexp_entry *entry)
{
	struct nexp_ifaces *ifaces = &supervisor->context.ifaces;
	struct nexp_error why;
	int ret;

	if (!ifaces->promiscuous)
		return;
	if (entry->promiscuous < 0)
		entry->promiscuous = open_promiscuous(&ifaces->netns, &why);
	ret = entry->promiscuous < 0 ? entry->promiscuous :
	      nexp_promiscuous_want(entry->promiscuous, entry->now.index, &why);
	/* Gone again: the watch tells. */
	if (!ret || ret == -ENODEV)
		return;
	hear_less(entry);
	tell(supervisor, NEXP_NEWS_IFACE_NOT_PROMISCUOUS, entry, why.text);
}

static void tell_refused(struct nexp_supervisor *supervisor, const struct nexp_entry *entry,
			 const struct nexp_expert *expert, const struct nexp_error *why)
{
	struct nexp_reporter *reporter = supervisor->context.reporter;
	struct nexp_news news = {
		.kind = NEXP_NEWS_IFACE_REFUSED,
		.entry = entry,
		.text = why->text,
		.length = strlen(why->text),
	};

	reporter->ops->news(reporter, expert, &news);
}

/* Gone again, or called otherwise: the watch tells. */
static int give_up(struct nexp_supervisor *supervisor, struct nexp_entry *entry)
{
	detach(supervisor, entry);
	entry->now.index = 0;
	entry->counted = false;
	return 0;
}

/* All experts are prepared for its frames; see join(). */
static int join_tap(struct nexp_supervisor *supervisor, struct nexp_entry *entry,
		    struct nexp_error *err)
{
	struct nexp_context *context = &supervisor->context;
	struct nexp_error why;
	int ret;

	ret = nexp_netns_enter(&context->ifaces.netns, &why);
	if (!ret) {
		ret = nexp_tap_attach(&context->tap, &entry->now, &why);
		nexp_netns_leave(&context->ifaces.netns);
	}
	if (ret == -ENODEV)
		return give_up(supervisor, entry);
	if (ret > 0)
		tell(supervisor, NEXP_NEWS_IFACE_TAGS, entry, NULL);
	if (ret >= 0)
		return (int)supervisor->nr_experts;
	if (!err) {
		tell(supervisor, NEXP_NEWS_IFACE_REFUSED, entry, why.text);
		return 0;
	}
	*err = why;
	return ret;
}

/* Return: how many experts have it, or a negative errno. See join(). */
static int join_experts(struct nexp_supervisor *supervisor, struct nexp_entry *entry,
			struct nexp_error *err)
{
	const struct nexp_context *context = &supervisor->context;
	unsigned int i, joined = 0;
	struct nexp_error why;
	int ret;

	entry->held = false;
	if (!entry->counted)
		entry->counted = !nexp_iface_stats_read(context->ifaces.query, entry->now.index,
							&entry->then);
	if (!*entry->wanted && entry->now.loopback && context->direction == NEXP_DIRECTION_OUT)
		return 0;
	for (i = 0; i < supervisor->nr_experts; i++) {
		/* The first worker has it for the others. */
		if (supervisor->experts[i].spec.worker)
			continue;
		ret = nexp_expert_capture(&supervisor->experts[i], &entry->now, &why);
		joined += !ret;
		if (ret == -ENODEV)
			return give_up(supervisor, entry);
		if (ret == -ENETDOWN)
			entry->held = true;
		else if (ret && err)
			*err = why;
		else if (ret)
			tell_refused(supervisor, entry, &supervisor->experts[i], &why);
		if (ret && ret != -ENETDOWN && err)
			return ret;
	}
	if (!context->tap.skeleton)
		return (int)joined;
	/* What one can't have nobody gets: it would count as lost for that one. */
	return joined == supervisor->nr_experts ? join_tap(supervisor, entry, err) : 0;
}

/*
 * Let every expert have an interface. Why one can't is told, or with @err ends it
 * and stands there. Return: how many experts have it, or a negative errno.
 */
static int join(struct nexp_supervisor *supervisor, struct nexp_entry *entry,
		struct nexp_error *err)
{
	int ret = join_experts(supervisor, entry, err);

	if (ret > 0)
		hear_all(supervisor, entry);
	return ret;
}

static void tell_down(struct nexp_supervisor *supervisor, const struct nexp_entry *entry)
{
	tell(supervisor, NEXP_NEWS_IFACE_DOWN, entry, NULL);
}

/* A tap is one itself. */
static void tell_xdp(struct nexp_supervisor *supervisor, const struct nexp_entry *entry)
{
	const struct nexp_context *context = &supervisor->context;

	if (entry->now.xdp && context->direction != NEXP_DIRECTION_OUT && !context->tap.skeleton)
		tell(supervisor, NEXP_NEWS_IFACE_XDP, entry, NULL);
}

/* 'any' has its ports as well. */
static void tell_vrf(struct nexp_supervisor *supervisor, const struct nexp_entry *entry)
{
	if (*entry->wanted && entry->now.vrf)
		tell(supervisor, NEXP_NEWS_IFACE_VRF, entry, NULL);
}

/* An interface that came. */
static void welcome(struct nexp_supervisor *supervisor, struct nexp_entry *entry)
{
	if (join(supervisor, entry, NULL))
		tell(supervisor, NEXP_NEWS_IFACE_CAPTURED, entry, NULL);
	if (entry->now.index && *entry->wanted && !entry->now.up)
		tell_down(supervisor, entry);
	if (entry->now.index) {
		tell_xdp(supervisor, entry);
		tell_vrf(supervisor, entry);
	}
}

/* What comes later of that type may need another filter program than those that went. */
static void release_filters(struct nexp_supervisor *supervisor, uint16_t link_type)
{
	unsigned int i;

	if (has_link_type(&supervisor->context.ifaces, link_type))
		return;
	for (i = 0; i < supervisor->nr_experts; i++)
		nexp_filter_release(&supervisor->experts[i].filter, link_type);
}

/* An interface that went, or its links did: no frames from it any more, wherever it is. */
static void let_go(struct nexp_supervisor *supervisor, struct nexp_entry *entry,
		   enum nexp_link_state links, bool has_successor)
{
	detach(supervisor, entry);
	tell(supervisor, NEXP_NEWS_IFACE_GONE, entry,
	     links == NEXP_LINK_ALIVE ? "it has moved to another network namespace" :
	     links == NEXP_LINK_NONE ? "it is gone" :
	     has_successor ? "somebody has detached the capture, or it was deleted and made anew" :
	     "it was deleted");
	entry->now.index = 0;
	entry->counted = false;
	release_filters(supervisor, entry->now.link_type);
}

static const struct nexp_iface *find(const struct nexp_iface *list, unsigned int nr,
				     unsigned int index)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (list[i].index == index)
			return &list[i];
	return NULL;
}

/*
 * An interface that is what it was, but for its name and whether it is up. Somebody
 * who took it down may have changed what stood in the way of a capture.
 */
static void follow(struct nexp_supervisor *supervisor, struct nexp_entry *entry,
		   const struct nexp_iface *now, bool has_links)
{
	struct nexp_iface before = entry->now;
	bool is_wanting = entry->held || (!before.up && !has_links);

	entry->now = *now;
	if (strcmp(before.name, now->name))
		tell(supervisor, NEXP_NEWS_IFACE_RENAMED, entry, before.name);
	if (before.up && !now->up)
		tell_down(supervisor, entry);
	else if (!before.up && now->up)
		tell(supervisor, NEXP_NEWS_IFACE_UP, entry, NULL);
	if (!before.xdp && now->xdp)
		tell_xdp(supervisor, entry);
	if (entry->promiscuous >= 0)
		hear_all(supervisor, entry);
	if (is_wanting && now->up && join(supervisor, entry, NULL))
		tell(supervisor, NEXP_NEWS_IFACE_CAPTURED, entry, NULL);
}

/*
 * An interface of this index may be another one than before; and one whose frames
 * begin otherwise now (tun can do that) needs another program. Return: 0 or a
 * negative errno.
 */
static int compare(struct nexp_supervisor *supervisor, struct nexp_entry *entry,
		   const struct nexp_iface *now, struct nexp_error *err)
{
	uint16_t link_type = entry->now.link_type;
	enum nexp_link_state links;
	uint32_t program;
	int here = 1;

	links = links_of(supervisor, entry->now.index, &program);
	if (now && links == NEXP_LINK_ALIVE)
		here = is_here(&supervisor->context.ifaces.netns, now->index, program, err);
	if (here < 0)
		return here;
	/* Or it was deleted just now. */
	if (!here)
		links = links_of(supervisor, entry->now.index, &program);
	if (!now || !here || links == NEXP_LINK_DEAD) {
		let_go(supervisor, entry, links, now);
	} else if (now->link_type == entry->now.link_type) {
		follow(supervisor, entry, now, links != NEXP_LINK_NONE);
	} else {
		detach(supervisor, entry);
		entry->now = *now;
		release_filters(supervisor, link_type);
		welcome(supervisor, entry);
	}
	return 0;
}

static int await_names(struct nexp_supervisor *supervisor, struct nexp_error *err)
{
	struct nexp_ifaces *ifaces = &supervisor->context.ifaces;
	struct nexp_entry *entry = ifaces->entries, *end = entry + ifaces->nr_entries;
	struct nexp_iface iface;
	int ret;

	for (; entry < end; entry++) {
		if (entry->now.index)
			continue;
		ret = nexp_iface_find(ifaces->query, entry->wanted, &iface);
		if (ret && ret != -ENODEV)
			return list_failure(err, -ret);
		if (ret || has_index(ifaces, iface.index))
			continue;
		entry->now = iface;
		welcome(supervisor, entry);
	}
	return 0;
}

/* Entries of interfaces that went; 'any' has no names to wait for. */
static void forget_gone(struct nexp_ifaces *ifaces)
{
	unsigned int i, kept = 0;

	for (i = 0; i < ifaces->nr_entries; i++)
		if (ifaces->entries[i].now.index)
			ifaces->entries[kept++] = ifaces->entries[i];
	ifaces->nr_entries = kept;
}

static struct nexp_entry *add_found(struct nexp_supervisor *supervisor,
				    const struct nexp_iface *iface)
{
	struct nexp_ifaces *ifaces = &supervisor->context.ifaces;
	struct nexp_entry *entry, full = { .now = *iface };

	if (has_index(ifaces, iface->index))
		return NULL;
	if (ifaces->nr_entries < NEXP_MAX_IFACES) {
		entry = add_entry(ifaces);
		if (entry)
			entry->now = *iface;
		else
			tell(supervisor, NEXP_NEWS_IFACE_REFUSED, &full, "out of memory");
		return entry;
	}
	if (!ifaces->is_full)
		tell(supervisor, NEXP_NEWS_IFACE_REFUSED, &full,
		     "'any' has as many interfaces as it can");
	ifaces->is_full = true;
	return NULL;
}

static void await_any(struct nexp_supervisor *supervisor, const struct nexp_iface *list,
		      unsigned int nr)
{
	struct nexp_entry *entry;
	unsigned int i;

	forget_gone(&supervisor->context.ifaces);
	for (i = 0; i < nr; i++) {
		entry = add_found(supervisor, &list[i]);
		if (entry)
			welcome(supervisor, entry);
	}
}

static int check_way_back(const struct nexp_ifaces *ifaces, struct nexp_error *err)
{
	if (!ifaces->netns.is_lost)
		return 0;
	return nexp_error_set(err, NEXP_FAILURE_OTHER, EIO,
			      "there is no way back from the network namespace");
}

int nexp_ifaces_look(struct nexp_supervisor *supervisor, struct nexp_error *err)
{
	struct nexp_ifaces *ifaces = &supervisor->context.ifaces;
	struct nexp_entry *entry;
	struct nexp_iface *list;
	unsigned int nr, i;
	int ret;

	ret = nexp_iface_list(ifaces->query, &list, &nr);
	if (ret)
		return list_failure(err, -ret);
	for (i = 0; i < ifaces->nr_entries && !ret; i++) {
		entry = &ifaces->entries[i];
		if (entry->now.index)
			ret = compare(supervisor, entry, find(list, nr, entry->now.index), err);
	}
	if (!ret && ifaces->any)
		await_any(supervisor, list, nr);
	else if (!ret)
		ret = await_names(supervisor, err);
	free(list);
	return ret ? ret : check_way_back(ifaces, err);
}

int nexp_ifaces_check_links(struct nexp_supervisor *supervisor, struct nexp_error *err)
{
	bool lost = nexp_links_lost(&supervisor->context.tap.links);
	unsigned int i;

	for (i = 0; i < supervisor->nr_experts && !lost; i++)
		lost = nexp_links_lost(&supervisor->experts[i].capture.links);
	return lost ? nexp_ifaces_look(supervisor, err) : 0;
}

static int begin_names(struct nexp_supervisor *supervisor, struct nexp_error *err)
{
	struct nexp_ifaces *ifaces = &supervisor->context.ifaces;
	struct nexp_entry *entry = ifaces->entries, *end = entry + ifaces->nr_entries;
	int ret;

	for (; entry < end; entry++) {
		if (entry->now.index) {
			ret = join(supervisor, entry, err);
			if (ret < 0)
				return ret;
		}
		if (!entry->now.index)
			tell(supervisor, NEXP_NEWS_IFACE_WAITING, entry, NULL);
		else if (!entry->now.up)
			tell_down(supervisor, entry);
		if (entry->now.index) {
			tell_xdp(supervisor, entry);
			tell_vrf(supervisor, entry);
		}
	}
	return 0;
}

/* Once in silence, because nothing would be gained if nobody could have anything. */
static int begin_any(struct nexp_supervisor *supervisor, struct nexp_error *err)
{
	struct nexp_ifaces *ifaces = &supervisor->context.ifaces;
	struct nexp_iface *list;
	struct nexp_error why;
	unsigned int nr, i;
	int ret, joined = 0, failure = 0;

	ret = nexp_iface_list(ifaces->query, &list, &nr);
	if (ret)
		return list_failure(err, -ret);
	for (i = 0; i < nr; i++)
		add_found(supervisor, &list[i]);
	free(list);
	for (i = 0; i < ifaces->nr_entries; i++) {
		ret = join(supervisor, &ifaces->entries[i], failure ? &why : err);
		joined |= ret > 0;
		if (ret < 0 && !failure)
			failure = ret;
	}
	if (failure && !joined)
		return failure;
	for (i = 0; i < ifaces->nr_entries; i++) {
		struct nexp_entry *entry = &ifaces->entries[i];

		/* Not one that was gone before it was captured. */
		if (failure && entry->now.index)
			join(supervisor, entry, NULL);
		if (entry->now.index)
			tell_xdp(supervisor, entry);
	}
	return 0;
}

int nexp_ifaces_begin(struct nexp_supervisor *supervisor, struct nexp_error *err)
{
	int ret;

	ret = supervisor->context.ifaces.any ? begin_any(supervisor, err) :
					       begin_names(supervisor, err);
	return ret ? ret : check_way_back(&supervisor->context.ifaces, err);
}

void nexp_ifaces_tell_stats(struct nexp_supervisor *supervisor)
{
	const struct nexp_ifaces *ifaces = &supervisor->context.ifaces;
	struct nexp_reporter *reporter = supervisor->context.reporter;
	struct nexp_iface_stats stats;
	const struct nexp_entry *entry;
	struct nexp_news news;
	unsigned int i;

	for (i = 0; i < ifaces->nr_entries; i++) {
		entry = &ifaces->entries[i];
		if (!entry->now.index || !entry->counted ||
		    nexp_iface_stats_read(ifaces->query, entry->now.index, &stats))
			continue;
		nexp_iface_stats_since(&stats, &entry->then);
		news = (struct nexp_news){
			.kind = NEXP_NEWS_IFACE_STATS, .entry = entry, .stats = &stats,
		};
		reporter->ops->news(reporter, NULL, &news);
	}
}
