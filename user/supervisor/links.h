/* SPDX-License-Identifier: GPL-2.0 */
/*
 * links - BPF links to interfaces, which belong to this process's files
 */
#ifndef NEXP_LINKS_H
#define NEXP_LINKS_H

#include <stdbool.h>
#include <stdint.h>

struct nexp_link;

/**
 * struct nexp_links - links, of one kind or another
 * @links: the links.
 * @nr: how many.
 *
 * All zero is a valid one that is empty.
 */
struct nexp_links {
	struct nexp_link *links;
	unsigned int nr;
};

/**
 * enum nexp_link_state - what became of the links to an interface
 * @NEXP_LINK_NONE: none was made, or it was detached.
 * @NEXP_LINK_ALIVE: the interface exists and has them, in whichever namespace. A link
 *	can't tell which that is: nexp_attached_program() can.
 * @NEXP_LINK_DEAD: one is at no interface any more: it was deleted, or somebody else
 *	has detached the link.
 */
enum nexp_link_state {
	NEXP_LINK_NONE,
	NEXP_LINK_ALIVE,
	NEXP_LINK_DEAD,
};

/**
 * nexp_links_make_room() - so that the next nexp_links_add() can't fail
 * @links: the links.
 *
 * Return: 0 or -ENOMEM.
 */
int nexp_links_make_room(struct nexp_links *links);

/**
 * nexp_links_add() - keep a link
 * @links: with room for it.
 * @ifindex: its interface.
 * @fd: the link; closing it ends it. Owned from now on.
 */
void nexp_links_add(struct nexp_links *links, unsigned int ifindex, int fd);

/**
 * nexp_links_look() - see what became of the links to an interface
 * @links: the links.
 * @ifindex: the interface's index when they were made.
 * @program: the id of a program that is linked there, if they are alive.
 *
 * Return: their state.
 */
enum nexp_link_state nexp_links_look(const struct nexp_links *links, unsigned int ifindex,
				     uint32_t *program);

/**
 * nexp_links_any() - were links made to an interface?
 * @links: the links.
 * @ifindex: the interface's index when they were made.
 */
bool nexp_links_any(const struct nexp_links *links, unsigned int ifindex);

/**
 * nexp_links_lost() - is one at no interface any more?
 * @links: the links.
 */
bool nexp_links_lost(const struct nexp_links *links);

/**
 * nexp_links_detach() - end the links to one interface, or all
 * @links: the links.
 * @ifindex: the interface; 0 means all.
 */
void nexp_links_detach(struct nexp_links *links, unsigned int ifindex);

/**
 * nexp_links_free() - end them all
 * @links: the links; empty afterwards.
 */
void nexp_links_free(struct nexp_links *links);

#endif /* NEXP_LINKS_H */
