/* SPDX-License-Identifier: GPL-2.0 */
/*
 * property - which property is meant, and values of its instances
 */
#ifndef EXPERTS_PROPERTY_H
#define EXPERTS_PROPERTY_H

#include <netmon.h>

/**
 * property_find() - a property by names
 * @protocol: its protocol's; empty: the one whose name it begins with, or any.
 * @name: as for GetProperty().
 * @out_protocol: whose it is.
 * @why: why not, for people.
 * @size: bytes of @why.
 *
 * Return: it, or NULL.
 */
LPPROPERTYINFO property_find(const char *protocol, const char *name, HPROTOCOL *out_protocol,
			     char *why, size_t size);

/**
 * property_find_all() - several of them, by Wireshark's filter names
 * @names: which.
 * @nr: how many.
 * @out_infos: set to them.
 * @why: why not, for people.
 * @size: bytes of @why.
 *
 * Return: FALSE if one is missing.
 */
BOOL property_find_all(const char *const *names, DWORD nr, LPPROPERTYINFO *out_infos, char *why,
		       size_t size);

/** property_which() - which of @nr properties an instance is of; @nr for none. */
DWORD property_which(const LPPROPERTYINFO *infos, DWORD nr, const PROPERTYINST *inst);

/** property_address() - an IPv4 or IPv6 address, with zeros behind it. */
void property_address(const PROPERTYINST *inst, BYTE address[16]);

/** property_bytes() - the value as it is, and how long it is. */
const BYTE *property_bytes(const PROPERTYINST *inst, size_t *length);

/** property_number() - the value of a number of up to 64 bits. */
uint64_t property_number(const PROPERTYINST *inst);

/** property_label() - what a number of a labelled set is called; NULL if it has no name. */
LPCSTR property_label(const PROPERTYINFO *info, uint64_t number);

#define PROPERTY_TEXT	512

/**
 * property_text() - the value of an address or an object identifier as text
 * @inst: of such a type.
 * @text: what does not fit is cut.
 *
 * Return: FALSE if it is none, and nothing was written.
 */
BOOL property_text(const PROPERTYINST *inst, char text[PROPERTY_TEXT]);

#endif /* EXPERTS_PROPERTY_H */
