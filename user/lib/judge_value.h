/* SPDX-License-Identifier: GPL-2.0 */
/*
 * judge_value - the values of an operand in a frame, and how they compare
 */
#ifndef NEXP_JUDGE_VALUE_H
#define NEXP_JUDGE_VALUE_H

#include "judge.h"

/**
 * struct nexp_operand - an operand of which the values are asked for
 * @kind: of its values.
 * @origin: where they come from.
 * @item: the object; NULL for what an operator has left.
 * @number: a constant's, and what it left; for a property, what PLUS and MINUS add.
 */
struct nexp_operand {
	enum nexp_kind kind;
	enum nexp_origin origin;
	const struct nexp_item *item;
	int64_t number;
};

/**
 * struct nexp_value - one of its values
 * @number: of a number or a truth value.
 * @bytes: of everything else; of an OID that is a constant they are DWORDs.
 * @size: how many.
 */
struct nexp_value {
	int64_t number;
	const void *bytes;
	size_t size;
};

/**
 * struct nexp_walk - over the values of an operand
 * @filter: the filter.
 * @sight: the frame.
 * @operand: the operand.
 * @need: how many bytes of a place; 0: to the end of the frame.
 * @inst: the last instance.
 * @is_over: there is no more.
 */
struct nexp_walk {
	const struct nexp_hfilter *filter;
	const struct nexp_sight *sight;
	const struct nexp_operand *operand;
	size_t need;
	LPPROPERTYINST inst;
	bool is_over;
};

bool nexp_walk_next(struct nexp_walk *walk, struct nexp_value *out_value);
LPPROPERTYINST nexp_walk_instance(struct nexp_walk *walk, HPROPERTY property);

bool nexp_values_hold(BYTE action, const struct nexp_operand *a, const struct nexp_value *x,
		      const struct nexp_operand *b, const struct nexp_value *y);

#endif /* NEXP_JUDGE_VALUE_H */
