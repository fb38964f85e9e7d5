/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon_properties - protocols and properties, as Wireshark's parsers find them
 *
 * Included by netmon.h. A protocol is one of Wireshark's, a property one of its
 * fields, and an instance a field in the tree of a frame that ExpertGetFrame() gave
 * with FLAGS_ATTACH_PROPERTIES. What holds for all of it:
 *
 * * Names are Wireshark's filter names ("tcp", "tcp.dstport"), compared ignoring
 *   case, so "TCP" and "IP" are found. A property's Label is its filter name, its
 *   Comment what Wireshark calls it ("Destination Port").
 * * All that is pointed to belongs to the library and is read-only. Tables and
 *   instances are valid as long as the frame, protocols and properties as long as
 *   the process.
 * * The functions have no key. They answer while Configure or Run is running, and as
 *   if nothing existed otherwise, in a child of fork() too, and if libwireshark is
 *   not there. Terminate changes nothing. Any thread may call them; they wait for
 *   each other.
 * * NULL and handles that were never handed out are answered, not followed.
 *
 * Frames that are not asked for properties are not dissected, then or later. So
 * whoever wants to have messages put together, retransmissions found, or answers
 * beside their questions asks for the properties of every frame, in order; then it is
 * as in tshark.
 *
 * Wireshark takes about 32 MiB of the expert's memory for a capture, and more for each
 * frame, conversation and message. When three quarters of the heap are in use, the
 * parsers forget the frames before, as with tshark -M, and a line on stderr says at
 * which frame: what is put together from frames on both sides is missing then, numbers
 * of conversations begin again at 0, those of frames and times go on. When there is no
 * more all the same, this process ends.
 *
 * What becomes of a field:
 *
 *   Wireshark's type        DataType                    data
 *   none, text              PROP_TYPE_COMMENT           its bytes in the frame
 *   protocol                PROP_TYPE_SUMMARY           its bytes in the frame
 *   integer, 8/16/to 32/64  BYTE, WORD, DWORD, LARGEINT the number
 *   boolean                 as its field's width        its bit, in its place
 *   frame number            DWORD                       from 0, as all numbers here
 *   absolute time           TIME                        SYSTEMTIME, UTC
 *   relative time           LARGEINT                    microseconds
 *   string                  STRING                      UTF-8, no NUL at its end
 *   Ethernet, IPv4, IPv6,
 *   VINES                   ..._ADDRESS                 as in the frame
 *   object identifier       OBJECT_IDENTIFIER           BER
 *   everything else         RAW_DATA                    bytes; a double for floats
 *
 * An integer with value strings is a PROP_QUAL_LABELED_SET, a boolean
 * PROP_QUAL_FLAGS with a set of one labeled bit, everything else PROP_QUAL_NONE.
 *
 * An instance's data lie in the frame if its bytes there are the value: then
 * IFLAG_SWAPPED says that a number is big-endian. Otherwise (a few bits, computed,
 * another encoding, of a message put together from several frames) DataLength is
 * PROP_DATA_EX and lpPropertyInstEx has the value, in the machine's byte order,
 * beside the place in the frame it was taken from, if there is one. What is longer
 * than 65534 bytes is cut there.
 */
#ifndef NETMON_PROPERTIES_H
#define NETMON_PROPERTIES_H

#include <netmon_types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uintptr_t HPROPERTY;
typedef void *ULPVOID;
typedef uint8_t *ULPBYTE;
typedef int64_t LARGE_INTEGER;
typedef LARGE_INTEGER *LPLARGEINT;
/* May be misaligned. */
typedef uint16_t *ULPWORD;
typedef uint32_t *ULPDWORD;
typedef LARGE_INTEGER *ULPLARGEINT;
typedef SYSTEMTIME *ULPSYSTEMTIME;
typedef uint16_t *LPWORD;

#define PROP_TYPE_VOID			0x00
#define PROP_TYPE_SUMMARY		0x01
#define PROP_TYPE_BYTE			0x02
#define PROP_TYPE_WORD			0x03
#define PROP_TYPE_DWORD			0x04
#define PROP_TYPE_LARGEINT		0x05
#define PROP_TYPE_ADDR			0x06
#define PROP_TYPE_TIME			0x07
#define PROP_TYPE_STRING		0x08
#define PROP_TYPE_IP_ADDRESS		0x09
#define PROP_TYPE_IPX_ADDRESS		0x0A
#define PROP_TYPE_BYTESWAPPED_WORD	0x0B
#define PROP_TYPE_BYTESWAPPED_DWORD	0x0C
#define PROP_TYPE_TYPED_STRING		0x0D
#define PROP_TYPE_RAW_DATA		0x0E
#define PROP_TYPE_COMMENT		0x0F
#define PROP_TYPE_SRCFRIENDLYNAME	0x10
#define PROP_TYPE_DSTFRIENDLYNAME	0x11
#define PROP_TYPE_TOKENRING_ADDRESS	0x12
#define PROP_TYPE_FDDI_ADDRESS		0x13
#define PROP_TYPE_ETHERNET_ADDRESS	0x14
#define PROP_TYPE_OBJECT_IDENTIFIER	0x15
#define PROP_TYPE_VINES_IP_ADDRESS	0x16
#define PROP_TYPE_VAR_LEN_SMALL_INT	0x17
#define PROP_TYPE_ATM_ADDRESS		0x18
#define PROP_TYPE_1394_ADDRESS		0x19
#define PROP_TYPE_IP6_ADDRESS		0x1A

#define PROP_QUAL_NONE			0x00
#define PROP_QUAL_RANGE			0x01
#define PROP_QUAL_SET			0x02
#define PROP_QUAL_BITFIELD		0x03
#define PROP_QUAL_LABELED_SET		0x04
#define PROP_QUAL_LABELED_BITFIELD	0x08
#define PROP_QUAL_CONST			0x09
#define PROP_QUAL_FLAGS			0x0A
#define PROP_QUAL_ARRAY			0x0B

/* PROPERTYINST.IFlags */
#define IFLAG_ERROR		0x00000001
#define IFLAG_SWAPPED		0x00000002
#define IFLAG_UNICODE		0x00000004

/* PROPERTYINST.DataLength: see lpPropertyInstEx; the name is ours. */
#define PROP_DATA_EX		0xFFFF
/* PROPERTYINST.Level of what Wireshark hides; the name is ours. */
#define PROP_LEVEL_HIDDEN	15
/* RECOGNIZEDATA.nProtocolOffset of one that is not in the frame; the name is ours. */
#define PROTOCOL_ELSEWHERE	0xFFFF

typedef struct _LABELED_BYTE {
	BYTE Value;
	LPSTR Label;
} LABELED_BYTE, *LPLABELED_BYTE;

typedef struct _LABELED_WORD {
	WORD Value;
	LPSTR Label;
} LABELED_WORD, *LPLABELED_WORD;

typedef struct _LABELED_DWORD {
	DWORD Value;
	LPSTR Label;
} LABELED_DWORD, *LPLABELED_DWORD;

typedef struct _LABELED_LARGEINT {
	LARGE_INTEGER Value;
	LPSTR Label;
} LABELED_LARGEINT, *LPLABELED_LARGEINT;

typedef struct _LABELED_SYSTEMTIME {
	SYSTEMTIME Value;
	LPSTR Label;
} LABELED_SYSTEMTIME, *LPLABELED_SYSTEMTIME;

typedef struct _LABELED_BIT {
	BYTE BitNumber;
	LPSTR LabelOff;
	LPSTR LabelOn;
} LABELED_BIT, *LPLABELED_BIT;

typedef struct _RANGE {
	DWORD MinValue;
	DWORD MaxValue;
} RANGE, *LPRANGE;

__extension__ typedef struct _SET {
	DWORD nEntries;
	union {
		LPVOID lpVoidTable;
		LPBYTE lpByteTable;
		LPWORD lpWordTable;
		LPDWORD lpDwordTable;
		LPLARGEINT lpLargeIntTable;
		LPSYSTEMTIME lpSystemTimeTable;
		LPLABELED_BYTE lpLabeledByteTable;
		LPLABELED_WORD lpLabeledWordTable;
		LPLABELED_DWORD lpLabeledDwordTable;
		LPLABELED_LARGEINT lpLabeledLargeIntTable;
		LPLABELED_SYSTEMTIME lpLabeledSystemTimeTable;
		LPLABELED_BIT lpLabeledBit;
	};
} SET, *LPSET;

typedef struct _TYPED_STRING {
	BYTE StringType:7;
	BYTE fStringEx:1;
	LPSTR lpString;
	BYTE Byte[1];
} TYPED_STRING, *LPTYPED_STRING;

typedef struct _OBJECT_IDENTIFIER {
	DWORD Length;
	LPDWORD lpIdentifier;
} OBJECT_IDENTIFIER, *LPOBJECT_IDENTIFIER;

/**
 * struct PROPERTYINFO - a property
 * @hProperty: its handle.
 * @Version: 0.
 * @Label: Wireshark's filter name.
 * @Comment: what Wireshark calls it.
 * @DataType: PROP_TYPE_*.
 * @DataQualifier: PROP_QUAL_NONE, PROP_QUAL_LABELED_SET or PROP_QUAL_FLAGS.
 * @lpSet: for the last two; else NULL.
 * @FormatStringSize: 0.
 * @InstanceData: NULL; there is no format function.
 *
 * Fields of one filter name are one property, with the type of the first that
 * Wireshark has; numbers of the others are made to fit.
 */
__extension__ typedef struct _PROPERTYINFO {
	HPROPERTY hProperty;
	DWORD Version;
	LPSTR Label;
	LPSTR Comment;
	BYTE DataType;
	BYTE DataQualifier;
	union {
		LPVOID lpExtendedInfo;
		LPRANGE lpRange;
		LPSET lpSet;
		DWORD Bitmask;
		DWORD Value;
	};
	WORD FormatStringSize;
	LPVOID InstanceData;
} PROPERTYINFO, *LPPROPERTYINFO;

/**
 * struct PROPERTYINSTEX - data that are not the frame's
 * @Length: bytes at @lpData.
 * @LengthEx: bytes of the value.
 * @lpData: what it was taken from in the frame; NULL if nothing.
 * @Byte: the value.
 */
__extension__ typedef struct _PROPERTYINSTEX {
	WORD Length;
	WORD LengthEx;
	ULPVOID lpData;
	union {
		BYTE Byte[1];
		WORD Word[1];
		DWORD Dword[1];
		LARGE_INTEGER LargeInt[1];
		SYSTEMTIME SysTime[1];
		TYPED_STRING TypedString;
	};
} PROPERTYINSTEX, *LPPROPERTYINSTEX;

/**
 * struct PROPERTYINST - a property in a frame
 * @lpPropertyInfo: which one.
 * @szPropertyText: NULL; see GetPropertyText().
 * @lpData: the value in the frame, maybe misaligned.
 * @DataLength: its bytes; PROP_DATA_EX: see @lpPropertyInstEx.
 * @Level: how deep in the tree, at most 14; PROP_LEVEL_HIDDEN.
 * @HelpID: 0.
 * @IFlags: IFLAG_*. IFLAG_ERROR: Wireshark found an error there.
 */
__extension__ typedef struct _PROPERTYINST {
	LPPROPERTYINFO lpPropertyInfo;
	LPSTR szPropertyText;
	union {
		LPVOID lpData;
		ULPBYTE lpByte;
		ULPWORD lpWord;
		ULPDWORD lpDword;
		ULPLARGEINT lpLargeInt;
		ULPSYSTEMTIME lpSysTime;
		LPPROPERTYINSTEX lpPropertyInstEx;
	};
	WORD DataLength;
	WORD Level:4;
	WORD HelpID:12;
	DWORD IFlags;
} PROPERTYINST;

typedef struct _PROPERTYINSTTABLE {
	WORD nPropertyInsts;
	WORD nPropertyInstIndex;
} PROPERTYINSTTABLE, *LPPROPERTYINSTTABLE;

/**
 * struct PROPERTYTABLE - the properties of a frame
 * @lpFormatBuffer: NULL.
 * @FormatBufferLength: 0.
 * @nTotalPropertyInsts: entries at @lpFirstPropertyInst.
 * @lpFirstPropertyInst: in the order of Wireshark's tree.
 * @nPropertyInstTables: entries of @lpPropertyInstTable: one for each protocol in
 *	the tree, as far as 255 tables and indexes of 16 bits go.
 */
__extension__ typedef struct _PROPERTYTABLE {
	LPVOID lpFormatBuffer;
	DWORD FormatBufferLength;
	DWORD nTotalPropertyInsts;
	LPPROPERTYINST lpFirstPropertyInst;
	BYTE nPropertyInstTables;
	PROPERTYINSTTABLE lpPropertyInstTable[];
} PROPERTYTABLE;

/**
 * struct RECOGNIZEDATA - a protocol in a frame
 * @ProtocolID: as in PROTOCOLINFO.
 * @nProtocolOffset: where it starts in the frame; PROTOCOL_ELSEWHERE if it is in a
 *	message put together from several frames, or beyond 65534.
 * @InstData: NULL.
 */
typedef struct _RECOGNIZEDATA {
	WORD ProtocolID;
	WORD nProtocolOffset;
	LPVOID InstData;
} RECOGNIZEDATA, *LPRECOGNIZEDATA;

/* The protocols of a frame from the outermost on, "frame" first. */
__extension__ typedef struct _RECOGNIZEDATATABLE {
	WORD nRecognizeDatas;
	RECOGNIZEDATA RecognizeData[];
} RECOGNIZEDATATABLE;

__extension__ typedef struct _PROPERTYDATABASE {
	DWORD nProperties;
	LPPROPERTYINFO PropertyInfo[];
} PROPERTYDATABASE, *LPPROPERTYDATABASE;

/**
 * struct PROTOCOLINFO - a protocol
 * @ProtocolID: the same as long as the process lives.
 * @PropertyDatabase: its properties.
 * @ProtocolName: Wireshark's filter name, cut to 15 characters.
 * @HelpFile: empty.
 * @Comment: Wireshark's long name, cut to 127 characters.
 */
typedef struct _PROTOCOLINFO {
	DWORD ProtocolID;
	LPPROPERTYDATABASE PropertyDatabase;
	BYTE ProtocolName[16];
	BYTE HelpFile[16];
	BYTE Comment[128];
} PROTOCOLINFO, *LPPROTOCOLINFO;

/* Really nProtocols entries. */
typedef struct _PROTOCOLTABLE {
	DWORD nProtocols;
	HPROTOCOL hProtocol[1];
} PROTOCOLTABLE, *LPPROTOCOLTABLE;

#define PROTOCOLTABLE_SIZE	(sizeof(PROTOCOLTABLE) - sizeof(HPROTOCOL))

/**
 * GetProtocolFromName() - a protocol by its name
 * @ProtocolName: Wireshark's filter name, or the first 15 characters of one, which
 *	is what PROTOCOLINFO has; then the first of those.
 *
 * Return: the protocol, or NULL.
 */
HPROTOCOL WINAPI GetProtocolFromName(LPSTR ProtocolName);

/**
 * GetProtocolInfo() - what there is to know of a protocol
 * @hProtocol: NULL is answered.
 *
 * Return: it, or NULL.
 */
LPPROTOCOLINFO WINAPI GetProtocolInfo(HPROTOCOL hProtocol);

/**
 * GetEnabledProtocols() - all protocols that are looked for
 * @hCapture: not looked at, they are the same for all.
 *
 * Return: the library's; nobody frees it. NULL if there are none.
 */
LPPROTOCOLTABLE WINAPI GetEnabledProtocols(HCAPTURE hCapture);

/**
 * GetFrameRecognizeData() - the protocols of a frame
 * @hFrame: with properties attached.
 *
 * Return: as EXPERTFRAMEDESCRIPTOR.lpRecognizeDataTable; NULL if nothing is attached.
 */
LPRECOGNIZEDATATABLE WINAPI GetFrameRecognizeData(HFRAME hFrame);

/**
 * GetProtocolStartOffsetHandle() - where a protocol starts in a frame
 * @hFrame: with properties attached.
 * @hProtocol: of several in the frame, the first.
 *
 * Return: bytes from the start of the frame, or (DWORD)-1 if it is not there, or
 * elsewhere.
 */
DWORD WINAPI GetProtocolStartOffsetHandle(HFRAME hFrame, HPROTOCOL hProtocol);

/**
 * GetProtocolStartOffset() - the same by name
 * @hFrame: with properties attached.
 * @ProtocolName: as for GetProtocolFromName().
 *
 * Return: as GetProtocolStartOffsetHandle(); 0 is the first protocol.
 */
DWORD WINAPI GetProtocolStartOffset(HFRAME hFrame, LPSTR ProtocolName);

/**
 * GetPreviousProtocolOffsetByName() - where a protocol starts before some place
 * @hFrame: with properties attached.
 * @dwStartOffset: it starts before that.
 * @szProtocolName: as for GetProtocolFromName().
 * @pdwPreviousOffset: set on success: the last such.
 *
 * Return: NMERR_SUCCESS; NMERR_PROTOCOL_NOT_FOUND; NMERR_INVALID_HFRAME if nothing is
 * attached to the frame; NMERR_INVALID_PARAMETER for NULL.
 */
DWORD WINAPI GetPreviousProtocolOffsetByName(HFRAME hFrame, DWORD dwStartOffset,
					     LPSTR szProtocolName,
					     DWORD *pdwPreviousOffset);

/**
 * GetProperty() - a property by its name
 * @hProtocol: whose it is.
 * @PropertyName: Wireshark's filter name ("tcp.dstport"), or else what Wireshark
 *	calls it ("Destination Port"), then the first of those.
 *
 * Return: the property, or 0.
 */
HPROPERTY WINAPI GetProperty(HPROTOCOL hProtocol, LPSTR PropertyName);

/**
 * GetPropertyInfo() - the definition of a property
 * @hProperty: 0 is answered.
 *
 * Return: it, or NULL.
 */
LPPROPERTYINFO WINAPI GetPropertyInfo(HPROPERTY hProperty);

/**
 * FindPropertyInstance() - the first instance of a property in a frame
 * @hFrame: with properties attached.
 * @hProperty: which.
 *
 * Return: it, or NULL.
 */
LPPROPERTYINST WINAPI FindPropertyInstance(HFRAME hFrame, HPROPERTY hProperty);

/**
 * FindPropertyInstanceRestart() - the next instance of a property in a frame
 * @hFrame: with properties attached.
 * @hProperty: which.
 * @lpRestartKey: where the last one was. NULL, or NULL in it: from the start, or
 *	with DirForward FALSE from the end. Read first, then set to the answer, so
 *	that it may be the variable that the answer is assigned to.
 * @DirForward: FALSE to go back.
 *
 * Return: it; NULL if there is no more, or what is in @lpRestartKey is no instance of
 * this frame.
 */
LPPROPERTYINST WINAPI FindPropertyInstanceRestart(HFRAME hFrame, HPROPERTY hProperty,
						  LPPROPERTYINST *lpRestartKey,
						  BOOL DirForward);

/**
 * GetPropertyText() - an instance as Wireshark's tree shows it
 * @hFrame: with properties attached.
 * @lpPI: an instance of it.
 * @szBuffer: where to write it.
 * @BufferSize: bytes there; what does not fit is cut, never inside a character.
 *	240 are always enough.
 *
 * Return: @szBuffer; NULL for anything that is not so, and nothing was written.
 */
LPSTR WINAPI GetPropertyText(HFRAME hFrame, LPPROPERTYINST lpPI, LPSTR szBuffer,
			     DWORD BufferSize);

#ifdef __cplusplus
}
#endif

#endif /* NETMON_PROPERTIES_H */
