// SPDX-License-Identifier: GPL-2.0
/*
 * fields - Wireshark's tree of a frame as a flat list
 */
#include <epan/proto.h>

#include "fields.h"

/* More is given back after the frame. */
#define KEEP	4096

/**
 * struct walk - where we are in a tree
 * @fields: the list.
 * @frame: the buffer that is the frame itself.
 * @parent: the item that those of this level are below.
 * @level: this one.
 */
struct walk {
	struct nexp_fields *fields;
	tvbuff_t *frame;
	uint32_t parent;
	uint16_t level;
};

static void visit(proto_node *node, gpointer data);

void nexp_fields_init(struct nexp_fields *fields)
{
	*fields = (struct nexp_fields) { 0 };
}

void nexp_fields_exit(struct nexp_fields *fields)
{
	g_free(fields->field);
	nexp_fields_init(fields);
}

void nexp_fields_clear(struct nexp_fields *fields)
{
	if (fields->room > KEEP)
		nexp_fields_exit(fields);
	fields->count = 0;
}

static struct nexp_field *add(struct nexp_fields *fields)
{
	if (fields->count == fields->room) {
		fields->room = fields->room ? fields->room * 2 : 256;
		fields->field = g_renew(struct nexp_field, fields->field, fields->room);
	}
	return &fields->field[fields->count++];
}

static void visit_children(proto_node *node, struct walk *walk, uint32_t parent)
{
	struct walk below = *walk;

	below.parent = parent;
	below.level++;
	proto_tree_children_foreach(node, visit, &below);
}

static void visit(proto_node *node, gpointer data)
{
	struct walk *walk = data;
	const field_info *info = PNODE_FINFO(node);
	uint32_t here = walk->fields->count;
	struct nexp_field *field;

	/* An item that nobody asked for; so are those below. */
	if (!info)
		return;
	field = add(walk->fields);
	*field = (struct nexp_field) {
		.info = info,
		.parent = walk->level ? walk->parent : here,
		.level = walk->level,
		.in_frame = info->ds_tvb == walk->frame,
	};
	field->protocol = !walk->level || info->hfinfo->type == FT_PROTOCOL ?
			  here : walk->fields->field[walk->parent].protocol;
	if (node->first_child)
		visit_children(node, walk, here);
}

/**
 * nexp_fields_list() - list a tree
 * @fields: is empty.
 * @tree: a frame dissected with a visible tree.
 */
void nexp_fields_list(struct nexp_fields *fields, epan_dissect_t *tree)
{
	struct walk walk = {
		.fields = fields,
		.frame = tvb_get_ds_tvb(tree->tvb),
	};

	proto_tree_children_foreach(tree->tree, visit, &walk);
}

/**
 * nexp_field_text() - as Wireshark's tree shows it
 * @field: of the frame in hand.
 * @text: ITEM_LABEL_LENGTH bytes.
 */
void nexp_field_text(const struct nexp_field *field, char *text)
{
	field_info *info = (field_info *)field->info;

	if (info->rep)
		g_strlcpy(text, info->rep->representation, ITEM_LABEL_LENGTH);
	else
		proto_item_fill_label(info, text);
}
