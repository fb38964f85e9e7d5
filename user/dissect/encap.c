// SPDX-License-Identifier: GPL-2.0
/*
 * encap - an interface's link type as Wireshark's
 */
#include <errno.h>
#include <stdio.h>

#include <linux/if_arp.h>
#include <wiretap/wtap.h>

#include "dissector.h"

static const struct {
	uint16_t link_type;
	int encap;
} encaps[] = {
	{ ARPHRD_ETHER, WTAP_ENCAP_ETHERNET },
	{ ARPHRD_LOOPBACK, WTAP_ENCAP_ETHERNET },
	{ ARPHRD_NONE, WTAP_ENCAP_RAW_IP },
	{ ARPHRD_RAWIP, WTAP_ENCAP_RAW_IP },
	{ ARPHRD_TUNNEL, WTAP_ENCAP_RAW_IP },
	{ ARPHRD_TUNNEL6, WTAP_ENCAP_RAW_IP },
	{ ARPHRD_SIT, WTAP_ENCAP_RAW_IP },
	{ ARPHRD_IPGRE, WTAP_ENCAP_RAW_IP },
	{ ARPHRD_IP6GRE, WTAP_ENCAP_RAW_IP },
	{ ARPHRD_PPP, WTAP_ENCAP_PPP },
	{ ARPHRD_CISCO, WTAP_ENCAP_CHDLC },
	{ ARPHRD_IEEE802_TR, WTAP_ENCAP_TOKEN_RING },
	{ ARPHRD_FDDI, WTAP_ENCAP_FDDI },
	{ ARPHRD_IEEE80211, WTAP_ENCAP_IEEE_802_11 },
	{ ARPHRD_IEEE80211_PRISM, WTAP_ENCAP_IEEE_802_11_PRISM },
	{ ARPHRD_IEEE80211_RADIOTAP, WTAP_ENCAP_IEEE_802_11_RADIOTAP },
	{ ARPHRD_IEEE802154, WTAP_ENCAP_IEEE802_15_4 },
	{ ARPHRD_CAN, WTAP_ENCAP_SOCKETCAN },
	{ ARPHRD_NETLINK, WTAP_ENCAP_NETLINK },
};

/**
 * nexp_encap_of_link_type() - an interface's link type as Wireshark's
 * @link_type: ARPHRD_*.
 * @why: why not.
 *
 * Return: WTAP_ENCAP_*, or -EPFNOSUPPORT.
 */
int nexp_encap_of_link_type(uint16_t link_type, char *why)
{
	size_t i;

	for (i = 0; i < sizeof(encaps) / sizeof(encaps[0]); i++)
		if (encaps[i].link_type == link_type)
			return encaps[i].encap;
	snprintf(why, NEXP_WHY_SIZE,
		 "frames of interfaces of type %u (ARPHRD_* in linux/if_arp.h) cannot be dissected",
		 link_type);
	return -EPFNOSUPPORT;
}
