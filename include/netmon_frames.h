/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon_frames - captures, frames and addresses; see netmon.h
 *
 * What the original leaves open is decided here for all of these functions:
 *
 * * The capture is the expert's: pExpertStartupInfo->hCapture, live or a file's. A live
 *   one's frames are those that ExpertGetFrame has handed out in this run, or has passed
 *   over because of a filter, and it grows with each new one. A frame that nobody has
 *   asked for yet has no number.
 * * A live frame can be had again while the expert's rings keep it: the one in hand, which
 *   is the last new one that was handed out, until ExpertGetFrame is asked for a new one,
 *   even if none comes in time; older ones as far as the history of the rings reaches
 *   ("netexpert run --history"). After that its handle answers as a bad handle does.
 * * A file that can be read again (not a pipe) is a closed capture: all of its frames that
 *   the user lets the expert have are there from the beginning. Who first asks for one
 *   out of turn, or how many there are, waits until the file has been gone through once.
 *   What is not in a ring is read from the file into the expert's heap, and leaves it with
 *   the next call of ExpertGetFrame. A file that can't be read to its end ends there; if
 *   there is no room for the index, it is as if it came through a pipe, and the user is
 *   told. After the expert's death the capture begins with the first frame that had not
 *   been released.
 * * A pipe's capture grows, and ends.
 * * Handles are good until Run, or Configure for its own, returns. They are numbers;
 *   making one costs nothing and none has to be given back.
 * * Pointers to frames are good until the next call of ExpertGetFrame.
 * * Any thread may call these functions. While another thread waits for a frame they
 *   wait, too. Terminate changes nothing here.
 * * Protocols in a frame are looked for in its stored bytes only.
 */
#ifndef NETMON_FRAMES_H
#define NETMON_FRAMES_H

#include <netmon_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number that no frame has. */
#define INVALID_FRAME_NUMBER	0xFFFFFFFFU

/**
 * struct FRAME - a frame as captured
 * @TimeStamp: microseconds since the start of the capture.
 * @FrameLength: bytes of the frame on the wire.
 * @nBytesAvail: bytes of it stored in @MacFrame.
 * @MacFrame: the frame from its link-layer header on.
 *
 * The capture starts when the expert's pool is made, so time goes on when the
 * expert is restarted. Frames are read-only.
 */
__extension__ typedef struct _FRAME {
	int64_t TimeStamp;
	DWORD FrameLength;
	DWORD nBytesAvail;
	BYTE MacFrame[];
} FRAME;

typedef struct _FRAME *LPFRAME;
typedef struct _FRAME *ULPFRAME;

#define MAC_TYPE_UNKNOWN	0
#define MAC_TYPE_ETHERNET	1
#define MAC_TYPE_TOKENRING	2
#define MAC_TYPE_FDDI		3
#define MAC_TYPE_ATM		4
#define MAC_TYPE_1394		5

#define ADDRESS_TYPE_ETHERNET		0
#define ADDRESS_TYPE_IP			1
#define ADDRESS_TYPE_IPX		2
#define ADDRESS_TYPE_TOKENRING		3
#define ADDRESS_TYPE_FDDI		4
#define ADDRESS_TYPE_XNS		5
#define ADDRESS_TYPE_ANY		6
#define ADDRESS_TYPE_ANY_GROUP		7
#define ADDRESS_TYPE_FIND_HIGHEST	8
#define ADDRESS_TYPE_VINES_IP		9
#define ADDRESS_TYPE_LOCAL_ONLY		10
#define ADDRESS_TYPE_ATM		11
#define ADDRESS_TYPE_1394		12
#define ADDRESS_TYPE_IP6		13

#define MAC_ADDRESS_SIZE	6
#define IP_ADDRESS_SIZE		4
#define IP6_ADDRESS_SIZE	16
#define IPX_ADDR_SIZE		10
#define VINES_IP_ADDRESS_SIZE	6

/* Flags of GetFrameSourceAddress and GetFrameDestAddress */
#define ADDRESS_FLAGS_NORMALIZE		1	/* no routing or group bit */
#define ADDRESS_FLAGS_BIT_REVERSE	2	/* the bits of each byte of a MAC address */

/* As they are in a frame: bytes in wire order, bits from the lowest. */
#pragma pack(push, 1)

typedef struct _IPX_ADDR {
	BYTE Subnet[4];
	BYTE Address[6];
} IPX_ADDR;

typedef struct _VINES_IP_ADDRESS {
	DWORD NetID;
	WORD SubnetID;
} VINES_IP_ADDRESS;

typedef struct _ETHERNET_SRC_ADDRESS {
	BYTE RoutingBit:1;
	BYTE LocalBit:1;
	BYTE Byte0:6;
	BYTE Reserved[5];
} ETHERNET_SRC_ADDRESS, FDDI_SRC_ADDRESS;

typedef struct _ETHERNET_DST_ADDRESS {
	BYTE GroupBit:1;
	BYTE AdminBit:1;
	BYTE Byte0:6;
	BYTE Reserved[5];
} ETHERNET_DST_ADDRESS, FDDI_DST_ADDRESS;

typedef struct _TOKENRING_SRC_ADDRESS {
	BYTE Byte0:6;
	BYTE LocalBit:1;
	BYTE RoutingBit:1;
	BYTE Byte1;
	BYTE Byte2;
	BYTE Byte3;
	BYTE Byte4;
	BYTE Byte5;
} TOKENRING_SRC_ADDRESS;

typedef struct _TOKENRING_DST_ADDRESS {
	BYTE Byte0:6;
	BYTE AdminBit:1;
	BYTE GroupBit:1;
	BYTE Byte1;
	BYTE Byte2;
	BYTE Byte3;
	BYTE Byte4;
	BYTE Byte5;
} TOKENRING_DST_ADDRESS;

#define NETMON_ADDRESS_FORMS \
	BYTE MACAddress[MAC_ADDRESS_SIZE]; \
	BYTE IPAddress[IP_ADDRESS_SIZE]; \
	BYTE IPXRawAddress[IPX_ADDR_SIZE]; \
	IPX_ADDR IPXAddress; \
	BYTE VinesIPRawAddress[VINES_IP_ADDRESS_SIZE]; \
	VINES_IP_ADDRESS VinesIPAddress; \
	ETHERNET_SRC_ADDRESS EthernetSrcAddress; \
	ETHERNET_DST_ADDRESS EthernetDstAddress; \
	TOKENRING_SRC_ADDRESS TokenringSrcAddress; \
	TOKENRING_DST_ADDRESS TokenringDstAddress; \
	FDDI_SRC_ADDRESS FddiSrcAddress; \
	FDDI_DST_ADDRESS FddiDstAddress

/* Obsolete: it has no room for IPv6, and no function here takes it. */
typedef struct _ADDRESS {
	DWORD Type;
	union {
		NETMON_ADDRESS_FORMS;
	};
	WORD Flags;
} ADDRESS, *LPADDRESS;

/**
 * struct ADDRESS2 - an address
 * @Type: ADDRESS_TYPE_*.
 * @Flags: 0; never looked at.
 *
 * Which form it has follows from @Type; the bytes are as in the frame.
 */
typedef struct _ADDRESS2 {
	DWORD Type;
	union {
		NETMON_ADDRESS_FORMS;
		BYTE IP6Address[IP6_ADDRESS_SIZE];
	};
	WORD Flags;
} ADDRESS2, *LPADDRESS2;

#undef NETMON_ADDRESS_FORMS
#pragma pack(pop)

/**
 * GetFrame() - a frame by its number
 * @hCapture: the capture.
 * @FrameNumber: as in EXPERTFRAMEDESCRIPTOR.
 *
 * Return: its handle; NULL for a bad capture or a frame that is not there (yet) or not
 * kept any more.
 */
HFRAME BHAPI GetFrame(HCAPTURE hCapture, DWORD FrameNumber);

/** GetFrameNumber() - its number; INVALID_FRAME_NUMBER for a bad handle. */
DWORD BHAPI GetFrameNumber(HFRAME hFrame);

/** GetFrameCaptureHandle() - the capture it is of; NULL for a bad handle. */
HCAPTURE BHAPI GetFrameCaptureHandle(HFRAME hFrame);

/** GetFrameFromFrameHandle() - the frame itself, read-only; NULL for a bad handle. */
ULPFRAME BHAPI GetFrameFromFrameHandle(HFRAME hFrame);

/** GetFrameLength() - its bytes on the wire; 0 for a bad handle. */
DWORD BHAPI GetFrameLength(HFRAME hFrame);

/** GetFrameStoredLength() - its bytes that are stored; 0 for a bad handle. */
DWORD BHAPI GetFrameStoredLength(HFRAME hFrame);

/** GetFrameTimeStamp() - microseconds since the start of the capture; -1 for a bad handle. */
int64_t BHAPI GetFrameTimeStamp(HFRAME hFrame);

/**
 * GetFrameMacType() - the kind of its link header
 * @hFrame: the frame.
 *
 * Return: MAC_TYPE_ETHERNET, also for the loopback interface; MAC_TYPE_UNKNOWN for all
 * others (tun, for example, has no link header) and a bad handle.
 */
DWORD BHAPI GetFrameMacType(HFRAME hFrame);

/** GetFrameMacHeaderLength() - 14 for Ethernet, tags not included; 0 otherwise. */
DWORD BHAPI GetFrameMacHeaderLength(HFRAME hFrame);

/**
 * GetFrameDstAddressOffset() - where its destination address is
 * @hFrame: the frame.
 * @AddressType: ADDRESS_TYPE_ETHERNET, _IP or _IP6; _ANY and _FIND_HIGHEST are the
 *	network layer's if there is one, the link layer's if not. No frame here has
 *	addresses of the other types.
 * @AddressLength: bytes of the address; may be NULL. Untouched if there is none.
 *
 * The outermost IP header counts, behind VLAN tags.
 *
 * Return: bytes from the start of the frame; (DWORD)-1 if the frame has no such address,
 * or has not stored all of it, and for a bad handle.
 */
DWORD BHAPI GetFrameDstAddressOffset(HFRAME hFrame, DWORD AddressType,
				     LPDWORD AddressLength);

/** GetFrameSrcAddressOffset() - as GetFrameDstAddressOffset(), of the source. */
DWORD BHAPI GetFrameSrcAddressOffset(HFRAME hFrame, DWORD AddressType,
				     LPDWORD AddressLength);

/**
 * GetFrameDestAddress() - its destination address
 * @hFrame: the frame.
 * @lpAddress: filled in, with the type that was found; untouched on failure.
 * @AddressType: as for GetFrameDstAddressOffset().
 * @Flags: ADDRESS_FLAGS_*; they concern MAC addresses only.
 *
 * Return: NMERR_SUCCESS; NMERR_PROTOCOL_NOT_FOUND if the frame has no such address;
 * NMERR_INVALID_HFRAME; NMERR_INVALID_PARAMETER for NULL, an unknown type or flag.
 */
DWORD BHAPI GetFrameDestAddress(HFRAME hFrame, LPADDRESS2 lpAddress, DWORD AddressType,
				DWORD Flags);

/** GetFrameSourceAddress() - as GetFrameDestAddress(), the source. */
DWORD BHAPI GetFrameSourceAddress(HFRAME hFrame, LPADDRESS2 lpAddress,
				  DWORD AddressType, DWORD Flags);

/**
 * CompareFrameDestAddress() - whether it goes to an address
 * @hFrame: the frame.
 * @lpAddress: of type ADDRESS_TYPE_ETHERNET, _IP or _IP6.
 *
 * Return: TRUE if the frame's address of that type is this one; FALSE otherwise.
 */
BOOL BHAPI CompareFrameDestAddress(HFRAME hFrame, LPADDRESS2 lpAddress);

/** CompareFrameSourceAddress() - as CompareFrameDestAddress(), whether it comes from it. */
BOOL BHAPI CompareFrameSourceAddress(HFRAME hFrame, LPADDRESS2 lpAddress);

/**
 * CompareAddresses() - an order of addresses
 * @lpAddress1: NULL comes before all.
 * @lpAddress2: NULL comes before all.
 *
 * By type first, by its number; then byte for byte. Types without a form of their own,
 * such as ADDRESS_TYPE_ANY, have no bytes.
 *
 * Return: below 0, 0, or above 0, as memcmp(3).
 */
int BHAPI CompareAddresses(LPADDRESS2 lpAddress1, LPADDRESS2 lpAddress2);

/**
 * ModifyFrame() - would put another frame in the place of one
 *
 * Frames are read-only here, since they are what was captured.
 *
 * Return: NULL.
 */
HFRAME BHAPI ModifyFrame(HCAPTURE hCapture, DWORD FrameNumber, LPBYTE FrameData,
			 DWORD FrameLength, int64_t TimeStamp);

/**
 * GetCaptureTotalFrames() - how many frames the capture has now
 * @hCapture: the capture.
 *
 * Return: all of a closed capture; else those that ExpertGetFrame has handed out or passed
 * over in this run; modulo 2^32; 0 for a bad capture.
 */
DWORD BHAPI GetCaptureTotalFrames(HCAPTURE hCapture);

/**
 * GetCaptureMacType() - the kind of link header of its frames
 * @hCapture: the capture.
 *
 * Return: MAC_TYPE_ETHERNET; MAC_TYPE_UNKNOWN once a frame of another kind was handed
 * out, and for a bad capture. One capture can have frames of several kinds, so ask
 * GetFrameMacType().
 */
DWORD BHAPI GetCaptureMacType(HCAPTURE hCapture);

/**
 * GetCaptureTimeStamp() - the time of day when the capture started, in UTC
 * @hCapture: the capture.
 *
 * Of a file that is when its first frame was captured, known as soon as a frame was
 * handed out; before that it is when the pool was made, as for live traffic.
 *
 * Return: read-only and good as long as @hCapture; NULL for a bad capture, or a file's
 * whose time is none.
 */
LPSYSTEMTIME BHAPI GetCaptureTimeStamp(HCAPTURE hCapture);

/**
 * GetCaptureStart() - the same, to the microsecond; ours
 * @hCapture: the capture.
 *
 * GetCaptureTimeStamp() has milliseconds, and who writes frames to a file has more to tell.
 *
 * Return: microseconds since 1970, UTC; with FRAME.TimeStamp added, the time of a frame.
 * -1 for a bad capture.
 */
int64_t BHAPI GetCaptureStart(HCAPTURE hCapture);

/** GetCaptureComment() - NULL: a capture that is not finished has no comment. */
LPSTR BHAPI GetCaptureComment(HCAPTURE hCapture);

/**
 * GetCaptureCommentFromFilename() - the comment of a capture file
 * @lpFilename: of any kind that Wireshark reads; a regular file.
 * @lpComment: set to it, in UTF-8, on success; empty if there is none. Of several
 *	sections or comments the first.
 * @BufferSize: bytes there, with the NUL.
 *
 * Return: NMERR_SUCCESS, also if there is none; NMERR_FILE_NOT_FOUND,
 * NMERR_FILE_READ_ERROR, NMERR_INVALID_FILE_FORMAT; NMERR_BUFFER_TOO_SMALL;
 * NMERR_INVALID_PARAMETER for NULL or 0; NMERR_LOAD_PARSER_FAILED if neither Configure
 * nor Run is running, or libwireshark is not there.
 */
DWORD BHAPI GetCaptureCommentFromFilename(LPSTR lpFilename, LPSTR lpComment,
					  DWORD BufferSize);

/** MacTypeToAddressType() - of Ethernet, token ring and FDDI; (DWORD)-1 of others. */
DWORD BHAPI MacTypeToAddressType(DWORD MacType);

/** AddressTypeToMacType() - the other way round; MAC_TYPE_UNKNOWN of others. */
DWORD BHAPI AddressTypeToMacType(DWORD AddressType);

#ifdef __cplusplus
}
#endif

#endif /* NETMON_FRAMES_H */
