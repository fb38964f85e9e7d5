// SPDX-License-Identifier: GPL-2.0
/*
 * heap_json - what is in a heap, for programs
 */
#include "heap_json.h"
#include "json.h"

static void set_number(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, nexp_json_number(number));
}

static void set_sum(json_t *object, const struct nexp_heap_sum *sum)
{
	set_number(object, "objects", sum->objects);
	set_number(object, "asked_bytes", sum->asked);
	set_number(object, "held_bytes", sum->held);
}

static json_t *by_class(const struct nexp_heap_report *report)
{
	json_t *array = json_array(), *object;
	unsigned int i;

	for (i = 0; i <= NEXP_HEAP_LARGE_CLASS; i++) {
		if (!report->classes[i].objects)
			continue;
		object = json_object();
		json_object_set_new(object, "slot_bytes", i == NEXP_HEAP_LARGE_CLASS ?
				    json_null() : json_integer(nexp_class_size(i)));
		set_sum(object, &report->classes[i]);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *by_tag(const struct nexp_heap_report *report)
{
	json_t *array = json_array(), *object;
	unsigned int i;

	for (i = 0; i < NEXP_HEAP_NR_TAGS; i++) {
		if (!report->tags[i].objects)
			continue;
		object = json_object();
		set_number(object, "tag", i);
		set_sum(object, &report->tags[i]);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *largest(const struct nexp_heap_report *report)
{
	json_t *array = json_array(), *object;
	unsigned int i;

	for (i = 0; i < report->nr_largest; i++) {
		object = json_object();
		set_number(object, "offset", report->largest[i].offset);
		set_number(object, "asked_bytes", report->largest[i].size);
		set_number(object, "tag", report->largest[i].tag);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *damages(const struct nexp_heap_report *report)
{
	json_t *array = json_array(), *object;
	unsigned int i;

	for (i = 0; i < report->nr_damages && i < NEXP_HEAP_NR_DAMAGES; i++) {
		object = json_object();
		json_object_set_new(object, "what",
				    json_string(nexp_heap_wrong_name(report->damages[i].wrong)));
		set_number(object, "offset", report->damages[i].offset);
		set_number(object, "value", report->damages[i].value);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *nexp_json_heap(const struct nexp_heap_report *report, uint64_t bytes)
{
	json_t *object = json_object();

	set_sum(object, &report->all);
	set_number(object, "free_bytes", report->extent_bytes - report->all.held);
	set_number(object, "table_bytes", report->table_bytes);
	set_number(object, "committed_bytes", nexp_heap_report_bytes(report));
	set_number(object, "kernel_bytes", bytes);
	json_object_set_new(object, "consistent",
			    json_boolean(nexp_heap_report_bytes(report) == bytes));
	json_object_set_new(object, "complete", json_boolean(!report->is_cut));
	set_number(object, "damages", report->nr_damages);
	json_object_set_new(object, "damage", damages(report));
	json_object_set_new(object, "by_class", by_class(report));
	json_object_set_new(object, "by_tag", by_tag(report));
	json_object_set_new(object, "largest", largest(report));
	return object;
}
