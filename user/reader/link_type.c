// SPDX-License-Identifier: GPL-2.0
/*
 * link_type - what an interface with frames like a file's would be
 */
#include <stddef.h>

#include <wiretap/pcap-encap.h>

#include "../host/linktype.h"
#include "link_type.h"

/**
 * nexp_link_type_of_encap() - wiretap's link type as an interface's
 * @encap: WTAP_ENCAP_*.
 * @out_link_type: ARPHRD_*, if there is one.
 *
 * Return: whether there is one.
 */
bool nexp_link_type_of_encap(int encap, uint16_t *out_link_type)
{
	size_t i;

	for (i = 0; i < nexp_nr_linktypes; i++) {
		if (nexp_linktypes[i].of == NEXP_LINKTYPE_LIVE ||
		    wtap_pcap_encap_to_wtap_encap(nexp_linktypes[i].number) != encap)
			continue;
		*out_link_type = nexp_linktypes[i].arphrd;
		return true;
	}
	return false;
}
