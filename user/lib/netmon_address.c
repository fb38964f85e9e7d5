// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_address - addresses of frames
 *
 * Rules and decisions stand in include/netmon_frames.h.
 */
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <string.h>

#include <netmon_errors.h>

#include "netmon_frame.h"

#ifdef __LP64__
_Static_assert(sizeof(ADDRESS) == 16, "ADDRESS");
_Static_assert(sizeof(ADDRESS2) == 22, "ADDRESS2");
#endif

#define NO_OFFSET	((DWORD)-1)

/**
 * struct place - where an address is
 * @type: ADDRESS_TYPE_*.
 * @offset: from the start of the frame.
 * @length: bytes.
 */
struct place {
	DWORD type;
	DWORD offset;
	DWORD length;
};

/** nexp_address_size() - bytes of an address of a type; 0 if it has no form of its own. */
DWORD nexp_address_size(DWORD type)
{
	switch (type) {
	case ADDRESS_TYPE_ETHERNET:
	case ADDRESS_TYPE_TOKENRING:
	case ADDRESS_TYPE_FDDI:
		return MAC_ADDRESS_SIZE;
	case ADDRESS_TYPE_IP:
		return IP_ADDRESS_SIZE;
	case ADDRESS_TYPE_IPX:
	case ADDRESS_TYPE_XNS:
		return IPX_ADDR_SIZE;
	case ADDRESS_TYPE_VINES_IP:
		return VINES_IP_ADDRESS_SIZE;
	case ADDRESS_TYPE_IP6:
		return IP6_ADDRESS_SIZE;
	default:
		return 0;
	}
}

static DWORD word_at(const struct netexpert_frame *frame, DWORD offset)
{
	return (DWORD)frame->data[offset] << 8 | frame->data[offset + 1];
}

static bool stores(const struct netexpert_frame *frame, DWORD offset, DWORD length)
{
	return offset <= frame->record->cap_len &&
	       length <= frame->record->cap_len - offset;
}

/* Where the IP header is, if there is one; the link header says so, or there is none. */
static bool find_ip(const struct netexpert_frame *frame, DWORD *out_offset)
{
	DWORD offset = ETH_ALEN * 2, type;

	if (!nexp_is_ethernet(frame->record)) {
		*out_offset = 0;
		return frame->record->link_type == ARPHRD_NONE;
	}
	do {
		if (!stores(frame, offset, 2))
			return false;
		type = word_at(frame, offset);
		offset += type == ETH_P_8021Q || type == ETH_P_8021AD ? 4 : 2;
	} while (type == ETH_P_8021Q || type == ETH_P_8021AD);
	*out_offset = offset;
	return type == ETH_P_IP || type == ETH_P_IPV6;
}

/* The frame's address in its IP header. */
static bool find_ip_address(const struct netexpert_frame *frame, enum nexp_side side,
			    struct place *out_place)
{
	DWORD ip, source;

	if (!find_ip(frame, &ip) || !stores(frame, ip, 1))
		return false;
	switch (frame->data[ip] >> 4) {
	case 4:
		out_place->type = ADDRESS_TYPE_IP;
		source = 12;
		break;
	case 6:
		out_place->type = ADDRESS_TYPE_IP6;
		source = 8;
		break;
	default:
		return false;
	}
	out_place->length = nexp_address_size(out_place->type);
	out_place->offset = ip + source + (side == NEXP_SOURCE ? 0 : out_place->length);
	return stores(frame, out_place->offset, out_place->length);
}

static bool find_mac_address(const struct netexpert_frame *frame, enum nexp_side side,
			     struct place *out_place)
{
	*out_place = (struct place) {
		.type = ADDRESS_TYPE_ETHERNET,
		.offset = side == NEXP_SOURCE ? ETH_ALEN : 0,
		.length = ETH_ALEN,
	};
	return nexp_is_ethernet(frame->record) &&
	       stores(frame, out_place->offset, out_place->length);
}

static bool find_address(const struct netexpert_frame *frame, enum nexp_side side, DWORD type,
			 struct place *out_place)
{
	switch (type) {
	case ADDRESS_TYPE_ETHERNET:
		return find_mac_address(frame, side, out_place);
	case ADDRESS_TYPE_IP:
	case ADDRESS_TYPE_IP6:
		return find_ip_address(frame, side, out_place) && out_place->type == type;
	case ADDRESS_TYPE_ANY:
	case ADDRESS_TYPE_FIND_HIGHEST:
		return find_ip_address(frame, side, out_place) ||
		       find_mac_address(frame, side, out_place);
	default:
		return false;
	}
}

static DWORD get_offset(HFRAME handle, enum nexp_side side, DWORD type, LPDWORD length)
{
	struct netexpert_frame frame;
	struct nexp_key *key = nexp_frame_lock(handle, &frame);
	struct place place = { 0 };
	bool found;

	if (!key)
		return NO_OFFSET;
	found = find_address(&frame, side, type, &place);
	nexp_frame_unlock(key);
	if (!found)
		return NO_OFFSET;
	if (length)
		*length = place.length;
	return place.offset;
}

DWORD BHAPI GetFrameDstAddressOffset(HFRAME hFrame, DWORD AddressType,
				     LPDWORD AddressLength)
{
	return get_offset(hFrame, NEXP_DESTINATION, AddressType, AddressLength);
}

DWORD BHAPI GetFrameSrcAddressOffset(HFRAME hFrame, DWORD AddressType,
				     LPDWORD AddressLength)
{
	return get_offset(hFrame, NEXP_SOURCE, AddressType, AddressLength);
}

static BYTE reversed(BYTE byte)
{
	BYTE turned = 0;
	unsigned int bit;

	for (bit = 0; bit < 8; bit++)
		turned |= (BYTE)((byte >> bit & 1) << (7 - bit));
	return turned;
}

/* The group bit of a destination and the routing bit of a source are the same one. */
static void apply_flags(ADDRESS2 *address, DWORD flags)
{
	unsigned int i;

	if (address->Type != ADDRESS_TYPE_ETHERNET)
		return;
	if (flags & ADDRESS_FLAGS_NORMALIZE)
		address->EthernetDstAddress.GroupBit = 0;
	if (flags & ADDRESS_FLAGS_BIT_REVERSE)
		for (i = 0; i < MAC_ADDRESS_SIZE; i++)
			address->MACAddress[i] = reversed(address->MACAddress[i]);
}

static DWORD get_address(HFRAME handle, enum nexp_side side, DWORD type, DWORD flags,
			 LPADDRESS2 ret)
{
	struct netexpert_frame frame;
	struct nexp_key *key;
	struct place place;
	bool found;

	if (!ret || type > ADDRESS_TYPE_IP6 ||
	    flags & ~(DWORD)(ADDRESS_FLAGS_NORMALIZE | ADDRESS_FLAGS_BIT_REVERSE))
		return NMERR_INVALID_PARAMETER;
	key = nexp_frame_lock(handle, &frame);
	if (!key)
		return NMERR_INVALID_HFRAME;
	found = find_address(&frame, side, type, &place);
	if (found) {
		*ret = (ADDRESS2) { .Type = place.type };
		memcpy(ret->IP6Address, frame.data + place.offset, place.length);
		apply_flags(ret, flags);
	}
	nexp_frame_unlock(key);
	return found ? NMERR_SUCCESS : NMERR_PROTOCOL_NOT_FOUND;
}

DWORD BHAPI GetFrameDestAddress(HFRAME hFrame, LPADDRESS2 lpAddress, DWORD AddressType,
				DWORD Flags)
{
	return get_address(hFrame, NEXP_DESTINATION, AddressType, Flags, lpAddress);
}

DWORD BHAPI GetFrameSourceAddress(HFRAME hFrame, LPADDRESS2 lpAddress,
				  DWORD AddressType, DWORD Flags)
{
	return get_address(hFrame, NEXP_SOURCE, AddressType, Flags, lpAddress);
}

/**
 * nexp_frame_has_address() - whether a frame comes from, or goes to, an address
 * @frame: kept where it is.
 * @side: which of the two.
 * @address: of a type that has bytes.
 */
bool nexp_frame_has_address(const struct netexpert_frame *frame, enum nexp_side side,
			    const ADDRESS2 *address)
{
	struct place place;

	return find_address(frame, side, address->Type, &place) &&
	       place.type == address->Type &&
	       !memcmp(frame->data + place.offset, address->IP6Address, place.length);
}

static BOOL compare_frame(HFRAME handle, enum nexp_side side, LPADDRESS2 address)
{
	struct netexpert_frame frame;
	struct nexp_key *key;
	bool has;

	if (!address || !nexp_address_size(address->Type))
		return FALSE;
	key = nexp_frame_lock(handle, &frame);
	if (!key)
		return FALSE;
	has = nexp_frame_has_address(&frame, side, address);
	nexp_frame_unlock(key);
	return has;
}

BOOL BHAPI CompareFrameDestAddress(HFRAME hFrame, LPADDRESS2 lpAddress)
{
	return compare_frame(hFrame, NEXP_DESTINATION, lpAddress);
}

BOOL BHAPI CompareFrameSourceAddress(HFRAME hFrame, LPADDRESS2 lpAddress)
{
	return compare_frame(hFrame, NEXP_SOURCE, lpAddress);
}

int BHAPI CompareAddresses(LPADDRESS2 lpAddress1, LPADDRESS2 lpAddress2)
{
	if (!lpAddress1 || !lpAddress2)
		return !!lpAddress1 - !!lpAddress2;
	if (lpAddress1->Type != lpAddress2->Type)
		return lpAddress1->Type < lpAddress2->Type ? -1 : 1;
	return memcmp(lpAddress1->IP6Address, lpAddress2->IP6Address,
		      nexp_address_size(lpAddress1->Type));
}

DWORD BHAPI MacTypeToAddressType(DWORD MacType)
{
	switch (MacType) {
	case MAC_TYPE_ETHERNET:
		return ADDRESS_TYPE_ETHERNET;
	case MAC_TYPE_TOKENRING:
		return ADDRESS_TYPE_TOKENRING;
	case MAC_TYPE_FDDI:
		return ADDRESS_TYPE_FDDI;
	default:
		return (DWORD)-1;
	}
}

DWORD BHAPI AddressTypeToMacType(DWORD AddressType)
{
	switch (AddressType) {
	case ADDRESS_TYPE_ETHERNET:
		return MAC_TYPE_ETHERNET;
	case ADDRESS_TYPE_TOKENRING:
		return MAC_TYPE_TOKENRING;
	case ADDRESS_TYPE_FDDI:
		return MAC_TYPE_FDDI;
	default:
		return MAC_TYPE_UNKNOWN;
	}
}
