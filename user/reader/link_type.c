// SPDX-License-Identifier: GPL-2.0
/*
 * link_type - what an interface with frames like a file's would be
 *
 * Only where the bytes are the same: a header that a capture program or another
 * system has made up ("cooked", BSD loopback) has no interface here.
 */
#include <stddef.h>

#include <linux/if_arp.h>
#include <wiretap/wtap.h>

#include "link_type.h"

static const struct {
	int encap;
	uint16_t link_type;
} link_types[] = {
	{ WTAP_ENCAP_ETHERNET, ARPHRD_ETHER },
	{ WTAP_ENCAP_RAW_IP, ARPHRD_NONE },
	{ WTAP_ENCAP_RAW_IP4, ARPHRD_NONE },
	{ WTAP_ENCAP_RAW_IP6, ARPHRD_NONE },
	{ WTAP_ENCAP_PPP, ARPHRD_PPP },
	{ WTAP_ENCAP_CHDLC, ARPHRD_CISCO },
	{ WTAP_ENCAP_TOKEN_RING, ARPHRD_IEEE802_TR },
	{ WTAP_ENCAP_FDDI, ARPHRD_FDDI },
	{ WTAP_ENCAP_IEEE_802_11, ARPHRD_IEEE80211 },
	{ WTAP_ENCAP_IEEE_802_11_PRISM, ARPHRD_IEEE80211_PRISM },
	{ WTAP_ENCAP_IEEE_802_11_RADIOTAP, ARPHRD_IEEE80211_RADIOTAP },
	{ WTAP_ENCAP_IEEE802_15_4, ARPHRD_IEEE802154 },
	{ WTAP_ENCAP_SOCKETCAN, ARPHRD_CAN },
	{ WTAP_ENCAP_NETLINK, ARPHRD_NETLINK },
};

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

	for (i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++) {
		if (link_types[i].encap != encap)
			continue;
		*out_link_type = link_types[i].link_type;
		return true;
	}
	return false;
}
