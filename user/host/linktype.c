// SPDX-License-Identifier: GPL-2.0
/*
 * linktype - link types of interfaces, and their numbers in capture files
 */
#include <linux/if_arp.h>

#include "linktype.h"

/*
 * A PPP device hands out plain IP, and takes it: its header comes and goes below.
 * nlmon hands out messages of netlink; a file has a header of libpcap's before each.
 */
const struct nexp_linktype nexp_linktypes[] = {
	{ ARPHRD_ETHER, 1, NEXP_LINKTYPE_ALL },
	{ ARPHRD_LOOPBACK, 1, NEXP_LINKTYPE_ALL },
	{ ARPHRD_NONE, 101, NEXP_LINKTYPE_ALL },
	{ ARPHRD_NONE, 228, NEXP_LINKTYPE_ALL }, /* IPv4 only */
	{ ARPHRD_NONE, 229, NEXP_LINKTYPE_ALL }, /* IPv6 only */
	{ ARPHRD_RAWIP, 101, NEXP_LINKTYPE_ALL },
	{ ARPHRD_TUNNEL, 101, NEXP_LINKTYPE_ALL },
	{ ARPHRD_TUNNEL6, 101, NEXP_LINKTYPE_ALL },
	{ ARPHRD_SIT, 101, NEXP_LINKTYPE_ALL },
	{ ARPHRD_IPGRE, 101, NEXP_LINKTYPE_ALL },
	{ ARPHRD_IP6GRE, 101, NEXP_LINKTYPE_ALL },
	{ ARPHRD_PPP, 9, NEXP_LINKTYPE_FILE },
	{ ARPHRD_PPP, 101, NEXP_LINKTYPE_LIVE },
	{ ARPHRD_CISCO, 104, NEXP_LINKTYPE_ALL },
	{ ARPHRD_IEEE802_TR, 6, NEXP_LINKTYPE_ALL },
	{ ARPHRD_FDDI, 10, NEXP_LINKTYPE_ALL },
	{ ARPHRD_IEEE80211, 105, NEXP_LINKTYPE_ALL },
	{ ARPHRD_IEEE80211_PRISM, 119, NEXP_LINKTYPE_ALL },
	{ ARPHRD_IEEE80211_RADIOTAP, 127, NEXP_LINKTYPE_ALL },
	{ ARPHRD_IEEE802154, 230, NEXP_LINKTYPE_ALL },
	{ ARPHRD_IEEE802154_MONITOR, 195, NEXP_LINKTYPE_ALL }, /* with its checksum */
	{ ARPHRD_CAN, 227, NEXP_LINKTYPE_ALL },
	{ ARPHRD_NETLINK, 253, NEXP_LINKTYPE_FILE },
};

const size_t nexp_nr_linktypes = sizeof(nexp_linktypes) / sizeof(nexp_linktypes[0]);

uint16_t nexp_linktype_number(uint16_t arphrd, bool from_file)
{
	size_t i;

	for (i = 0; i < nexp_nr_linktypes; i++)
		if (nexp_linktypes[i].arphrd == arphrd &&
		    nexp_linktypes[i].of != (from_file ? NEXP_LINKTYPE_LIVE : NEXP_LINKTYPE_FILE))
			return nexp_linktypes[i].number;
	return NEXP_LINKTYPE_USER0;
}
