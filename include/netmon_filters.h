/* SPDX-License-Identifier: GPL-2.0 */
/*
 * netmon_filters - display filters; see netmon.h
 *
 * A display filter says which frames ExpertGetFrame() and the functions below hand out.
 * It is a list of objects in postfix order, operands before their operator, or a text in
 * Wireshark's language (CreateFilterFromText(), ours), or both. What the original
 * leaves open is decided here:
 *
 * * An HFILTER is a number. It is good until DestroyFilter(), or until the Run or
 *   Configure during which it was made returns. Its memory is the expert's. There may be
 *   1024 at a time. NULL, and whatever stands for no filter any more, is answered.
 * * Any thread may use any filter. A frame is judged by the filter as it is then.
 * * A filter without objects passes every frame. One whose list leaves anything but one
 *   truth value is NMERR_FILTER_INVALID_EXPRESSION where it is used.
 * * Functions without an error code of their own leave it for BhGetLastError().
 *
 * An object is an operand, and what there is of it are its values:
 *
 *   PROPERTY        those of all instances in the frame
 *   DEREFPROPERTY   the frame's bytes from ByteOffset behind the start of hProtocol on (of
 *                   several in the frame, the first), if it stores as many as are compared
 *   VALUE, LARGEINT a number: Value, *lpLargeInt
 *   BOOL            whether Value is not 0
 *   STRING          text: lpArray, which ends in NUL; ByteCount is not looked at
 *   ARRAY           bytes: ByteCount of them at lpArray, at least one
 *   TIME, OID       *lpTime, *lpOID
 *   ADDRESS         *lpAddress, of its Type
 *   ADDR_ETHER, ... *lpAddress, whose Type must be this one
 *   ADDRESSANY      any address, or none, for FROM, TO and FROMTO only
 *
 * or an operator, which takes the last operands and leaves a truth value:
 *
 *   a b AND, OR, XOR; a NOT    truth values
 *   p PROPERTYEXIST            p is a PROPERTY: it has an instance
 *   PROTOCOLEXIST              takes none; the frame has hProtocol, at any depth
 *   PROTOCOLSEXIST             takes none; it has one of lpProtocolTable or more
 *   a b EQUAL, LESS, ...       one value of a compares so with one value of b; a value
 *                              may stand on either side
 *   a b NOTEQUAL               both have values and no two are equal; so Wireshark has it
 *   a b CONTAINS               the bytes or text of a value of b are in one of a
 *   a b ARRAYEQUAL             as EQUAL, and one of them is an ARRAY
 *   a b AREBITSON, AREBITSOFF  all bits of number b are set in number a, or none is
 *   a b OID_CONTAINS, OID_BEGINS_WITH, OID_ENDS_WITH
 *                              the numbers of OID b are such a part of those of a
 *   a b TO                     the frame is from address a to address b
 *   a b FROM                   it is from b to a
 *   a b FROMTO                 one of the two
 *   a b PLUS, MINUS            number a, all its values, by the number b, which is no
 *                              property. These two leave a number
 *
 * Numbers are compared as 64 bits with a sign; only those of PROP_TYPE_LARGEINT have one,
 * shorter ones have not. A number beside a truth value is one, too: not 0. Text,
 * bytes and addresses are compared byte for byte, a beginning before what is longer;
 * with the NC actions ASCII letters are the same in both cases if there is text on a
 * side. Times are compared in the order of time. An OID compares with an OID by
 * EQUAL and NOTEQUAL, with an ARRAY by its BER. What fits neither way is
 * NMERR_FILTER_INVALID_EXPRESSION when the operator is added; so is a property beside
 * DEREFPROPERTY. A property that is an address compares with ADDRESS and ADDR_*.
 * An address for FROM, TO and FROMTO is the frame's of that type (netmon_frames.h).
 *
 * A frame of a link type that Wireshark has no parser for has no protocol and no property
 * and passes no text. What a text knows across frames is of frames that were dissected,
 * as with properties: ExpertGetFrame() with a filter dissects each frame that it comes to.
 */
#ifndef NETMON_FILTERS_H
#define NETMON_FILTERS_H

#include <netmon_frames.h>
#include <netmon_properties.h>
#include <netmon_types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef DWORD FILTERACTIONTYPE;
typedef DWORD VALUETYPE;
typedef SYSTEMTIME *ULPTIME;
typedef LPPROTOCOLTABLE LPPROTOCOLTABLETYPE;
typedef struct _PARSER *HPARSER;

#define FILTERACTION_INVALID		0
#define FILTERACTION_PROPERTY		1
#define FILTERACTION_VALUE		2
#define FILTERACTION_STRING		3
#define FILTERACTION_ARRAY		4
#define FILTERACTION_AND		5
#define FILTERACTION_OR			6
#define FILTERACTION_XOR		7
#define FILTERACTION_PROPERTYEXIST	8
#define FILTERACTION_CONTAINSNC		9
#define FILTERACTION_CONTAINS		10
#define FILTERACTION_NOT		11
#define FILTERACTION_EQUALNC		12
#define FILTERACTION_EQUAL		13
#define FILTERACTION_NOTEQUALNC		14
#define FILTERACTION_NOTEQUAL		15
#define FILTERACTION_GREATERNC		16
#define FILTERACTION_GREATER		17
#define FILTERACTION_LESSNC		18
#define FILTERACTION_LESS		19
#define FILTERACTION_GREATEREQUALNC	20
#define FILTERACTION_GREATEREQUAL	21
#define FILTERACTION_LESSEQUALNC	22
#define FILTERACTION_LESSEQUAL		23
#define FILTERACTION_PLUS		24
#define FILTERACTION_MINUS		25
#define FILTERACTION_ADDRESS		26
#define FILTERACTION_ADDRESSANY		27
#define FILTERACTION_FROM		28
#define FILTERACTION_TO			29
#define FILTERACTION_FROMTO		30
#define FILTERACTION_AREBITSON		31
#define FILTERACTION_AREBITSOFF		32
#define FILTERACTION_PROTOCOLSEXIST	33
#define FILTERACTION_PROTOCOLEXIST	34
#define FILTERACTION_ARRAYEQUAL		35
#define FILTERACTION_DEREFPROPERTY	36
#define FILTERACTION_LARGEINT		37
#define FILTERACTION_TIME		38
#define FILTERACTION_ADDR_ETHER		39
#define FILTERACTION_ADDR_TOKEN		40
#define FILTERACTION_ADDR_FDDI		41
#define FILTERACTION_ADDR_IPX		42
#define FILTERACTION_ADDR_IP		43
#define FILTERACTION_OID		44
#define FILTERACTION_OID_CONTAINS	45
#define FILTERACTION_OID_BEGINS_WITH	46
#define FILTERACTION_OID_ENDS_WITH	47
#define FILTERACTION_ADDR_VINES		48
#define FILTERACTION_ADDR_IP6		49
/* The original's own; no object here: INVALID, EXPRESSION and NOEVAL. */
#define FILTERACTION_EXPRESSION		97
#define FILTERACTION_BOOL		98
#define FILTERACTION_NOEVAL		99

#define FILTER_PASSED			TRUE
#define FILTER_FAILED			FALSE
#define FILTER_FAIL_WITH_ERROR		(-1)
/* Of FilterFindFrame(); the first is FILTER_FAIL_WITH_ERROR as a DWORD. */
#define FILTER_NO_MORE_FRAMES		0xFFFFFFFFU
#define FILTER_CANCELED			0xFFFFFFFEU
#define FILTER_DIRECTION_NEXT		TRUE
#define FILTER_DIRECTION_PREV		FALSE

/* How far FindNextFrame() and FindPreviousFrame() look; the name is ours. */
#define FILTER_MAX_LOOK			1000

/**
 * struct FILTEROBJECT - an operand or an operator
 * @Action: FILTERACTION_*.
 * @hProperty: of PROPERTY.
 * @Value: of VALUE and BOOL.
 * @hProtocol: of PROTOCOLEXIST and DEREFPROPERTY.
 * @lpArray: of ARRAY and STRING.
 * @lpProtocolTable: of PROTOCOLSEXIST.
 * @lpAddress: an ADDRESS2, or an ADDRESS, which has no room for IPv6.
 * @lpLargeInt: of LARGEINT; may be misaligned.
 * @lpTime: of TIME; may be misaligned.
 * @lpOID: of OID: its numbers, at most 128.
 * @ByteCount: of ARRAY.
 * @ByteOffset: of DEREFPROPERTY.
 * @pNext: not looked at.
 */
__extension__ typedef struct _FILTEROBJECT {
	FILTERACTIONTYPE Action;
	HPROPERTY hProperty;
	union {
		VALUETYPE Value;
		HPROTOCOL hProtocol;
		LPVOID lpArray;
		LPPROTOCOLTABLETYPE lpProtocolTable;
		LPVOID lpAddress;
		ULPLARGEINT lpLargeInt;
		ULPTIME lpTime;
		LPOBJECT_IDENTIFIER lpOID;
	};
	union {
		WORD ByteCount;
		WORD ByteOffset;
	};
	struct _FILTEROBJECT *pNext;
} FILTEROBJECT, *LPFILTEROBJECT, FILTEROBJECT2, *LPFILTEROBJECT2;

/* FALSE ends the search. */
typedef BOOL (WINAPI *STATUSPROC)(DWORD nFrame, HCAPTURE hCapture, HFILTER hFilter,
				  LPVOID UIInstance);

/**
 * CreateFilter() - a filter without objects
 *
 * Return: it; NULL: NMERR_NO_HANDLES, NMERR_OUT_OF_MEMORY, or NMERR_INVALID_EXPERT_HANDLE
 * if neither Configure nor Run is running, and in a child of fork().
 */
HFILTER WINAPI CreateFilter(void);

/**
 * CreateFilterFromText() - a filter from a text in Wireshark's language; ours
 * @szText: as after "tshark -Y": see wireshark-filter(4). At most 8191 bytes, and
 *	macros are none.
 * @szReason: what is wrong with it, for people, if it is refused with
 *	NMERR_FILTER_INVALID_EXPRESSION, else empty; may be NULL. Cut to fit.
 * @ReasonSize: bytes there; 512 are enough for most.
 *
 * The text is the filter's first object, a truth value, and more may be added behind it.
 *
 * Return: it; NULL: NMERR_FILTER_INVALID_EXPRESSION, NMERR_INVALID_PARAMETER for NULL,
 * NMERR_LOAD_PARSER_FAILED if libwireshark is not there, or as CreateFilter().
 */
HFILTER WINAPI CreateFilterFromText(LPCSTR szText, LPSTR szReason, DWORD ReasonSize);

/**
 * DestroyFilter() - a filter is no longer needed
 * @hFilter: the filter.
 *
 * Return: NMERR_SUCCESS, NMERR_INVALID_HFILTER; NMERR_ACCESS_DENIED for the user's.
 */
DWORD WINAPI DestroyFilter(HFILTER hFilter);

/**
 * FilterDuplicate() - another filter with the same objects
 * @hFilter: the filter, which may be the user's; the other one is the expert's.
 *
 * Return: it; NULL: NMERR_INVALID_HFILTER, or as CreateFilter().
 */
HFILTER WINAPI FilterDuplicate(HFILTER hFilter);

/**
 * FilterAddObject() - put an object at the end of the list
 * @hFilter: the filter.
 * @lpFilterObject: copied, with what it points to.
 *
 * Whatever is refused is not in the list, which is as it was.
 *
 * Return: NMERR_SUCCESS; NMERR_INVALID_PARAMETER if there is no such filter, the object
 * is NULL, its action is none, or it points to nothing or to an address of the wrong or
 * of no type; NMERR_ACCESS_DENIED for the user's; NMERR_INVALID_HPROPERTY,
 * NMERR_INVALID_HPROTOCOL; NMERR_FILTER_INVALID_EXPRESSION if the operands that an
 * operator takes are not there, or are none for it; NMERR_STACK_OVERFLOW if more than
 * 32 operands would wait for an operator; NMERR_LOAD_PARSER_FAILED;
 * NMERR_OUT_OF_MEMORY, also for more than 65535 objects.
 */
DWORD WINAPI FilterAddObject(HFILTER hFilter, LPFILTEROBJECT lpFilterObject);

/**
 * FilterFlushBits() - forget which frames it was asked about
 * @hFilter: the filter.
 *
 * All that is kept is which frames a scan of ExpertGetFrame() forward has passed over,
 * so that it need not look at them again after a timeout. Adding an object does it, too.
 */
void WINAPI FilterFlushBits(HFILTER hFilter);

/**
 * FilterFrame() - whether a frame passes
 * @hFrame: the frame, which is still kept.
 * @hFilter: the filter; not NULL.
 * @hCapture: the frame's.
 *
 * What is attached to a frame stays as it is.
 *
 * Return: FILTER_PASSED or FILTER_FAILED; (DWORD)FILTER_FAIL_WITH_ERROR:
 * NMERR_INVALID_HFRAME, NMERR_INVALID_HFILTER, NMERR_INVALID_HCAPTURE,
 * NMERR_FILTER_INVALID_EXPRESSION, NMERR_LOAD_PARSER_FAILED.
 */
DWORD WINAPI FilterFrame(HFRAME hFrame, HFILTER hFilter, HCAPTURE hCapture);

/**
 * FilterAttachesProperties() - whether frames must be dissected to be judged by it
 * @hFilter: the filter.
 *
 * Return: TRUE if it has a text, a property or a protocol: 0.1 to 1 ms a frame. FALSE if
 * it has addresses and constants only, or is none.
 */
BOOL WINAPI FilterAttachesProperties(HFILTER hFilter);

/**
 * FilterFindFrame() - the next frame that passes
 * @hFilter: the filter; not NULL.
 * @hCapture: the capture; of its frames those that are kept (netmon_frames.h). No new one
 *	is asked for.
 * @nFrame: not looked at itself. INVALID_FRAME_NUMBER stands before the first frame, or
 *	behind the last one; so does the number of frames.
 * @StatusProc: called without any lock, with the frame that was looked at last, whenever
 *	@TimeDelta has gone by; may be NULL.
 * @UIInstance: for it.
 * @TimeDelta: milliseconds.
 * @FilterDirection: FILTER_DIRECTION_NEXT or FILTER_DIRECTION_PREV.
 *
 * Return: its number; FILTER_CANCELED if @StatusProc said FALSE, or terminate came
 * (NMERR_EXPERT_TERMINATE); FILTER_NO_MORE_FRAMES: NMERR_NO_MORE_FRAMES, or
 * NMERR_OUT_OF_RANGE for a number that no frame has had, or as FilterFrame().
 */
DWORD WINAPI FilterFindFrame(HFILTER hFilter, HCAPTURE hCapture, DWORD nFrame,
			     STATUSPROC StatusProc, LPVOID UIInstance, DWORD TimeDelta,
			     BOOL FilterDirection);

/**
 * FilterFindPropertyInstance() - the next instance of a property that passes
 * @hFrame: where to begin, with this frame itself.
 * @hMasterFilter: frames must pass it; NULL if they need not.
 * @hCapture: the frame's.
 * @hInstanceFilter: an instance of one of its properties and protocols is found if the
 *	frame would pass with that instance alone.
 * @lpPropRestartKey: the last one found, in @hFrame, whose properties are still attached;
 *	NULL in it: from the start, or going back from the end. Set to the answer.
 * @StatusProc: as for FilterFindFrame().
 * @UIInstance: for it.
 * @TimeDelta: milliseconds.
 * @FilterForward: FALSE to go back.
 *
 * Looks at frames that are kept. The properties of the frame that was found are attached,
 * as with ExpertGetFrame(), and those of another one are gone, also when none was found.
 *
 * Return: the frame; NULL: NMERR_NO_MORE_FRAMES; NMERR_EXPERT_TERMINATE, or NMERR_SUCCESS
 * if @StatusProc said FALSE; NMERR_INVALID_PARAMETER if @lpPropRestartKey is NULL or has
 * no instance in it; NMERR_FILTER_INVALID_EXPRESSION, also if @hInstanceFilter has no
 * property and no protocol; or as FilterFrame().
 */
HFRAME WINAPI FilterFindPropertyInstance(HFRAME hFrame, HFILTER hMasterFilter,
					 HCAPTURE hCapture, HFILTER hInstanceFilter,
					 LPPROPERTYINST *lpPropRestartKey,
					 STATUSPROC StatusProc, LPVOID UIInstance,
					 DWORD TimeDelta, BOOL FilterForward);

/**
 * FindNextFrame() - the next frame with a protocol and addresses
 * @hCurrentFrame: not looked at itself.
 * @ProtocolName: as for GetProtocolFromName().
 * @lpDestAddress: where it goes to, as for CompareFrameDestAddress(); NULL if that does
 *	not matter.
 * @lpSrcAddress: where it comes from; NULL if that does not matter.
 * @ProtocolOffset: set if one is found to where the protocol starts, or to
 *	PROTOCOL_ELSEWHERE; may be NULL.
 * @OriginalFrameNumber: at most FILTER_MAX_LOOK frames away from it.
 * @nHighestFrame: and not behind this one, if there is such a frame.
 *
 * Looks at frames that are kept.
 *
 * Return: the frame; NULL: NMERR_FRAME_NOT_FOUND, NMERR_INVALID_HFRAME,
 * NMERR_PROTOCOL_NOT_FOUND, NMERR_OUT_OF_RANGE if there is no @OriginalFrameNumber,
 * NMERR_EXPERT_TERMINATE, NMERR_LOAD_PARSER_FAILED.
 */
HFRAME WINAPI FindNextFrame(HFRAME hCurrentFrame, LPSTR ProtocolName,
			    LPADDRESS2 lpDestAddress, LPADDRESS2 lpSrcAddress,
			    LPWORD ProtocolOffset, DWORD OriginalFrameNumber,
			    DWORD nHighestFrame);

/** FindPreviousFrame() - as FindNextFrame(), back, and not before @nLowestFrame. */
HFRAME WINAPI FindPreviousFrame(HFRAME hCurrentFrame, LPSTR ProtocolName,
				LPADDRESS2 lpDestAddress, LPADDRESS2 lpSrcAddress,
				LPWORD ProtocolOffset, DWORD OriginalFrameNumber,
				DWORD nLowestFrame);

/**
 * GetCurrentFilter() - the user's display filter
 *
 * The one that FLAGS_DEFER_TO_UI_FILTER is about: "netexpert run -Y". It is there in Run,
 * not in Configure, and can be used and duplicated, not changed.
 *
 * Return: it; NULL if there is none.
 */
HFILTER WINAPI GetCurrentFilter(void);

/** SetCurrentFilter() - nothing: which frames the user wants to see is the user's. */
void WINAPI SetCurrentFilter(HFILTER hFilter);

/**
 * DisableParserFilter() - would leave a parser's objects out of a filter
 * @hFilter: the filter.
 * @hParser: parsers are Wireshark's, and none has a handle.
 *
 * Return: NMERR_NOT_SUPPORTED; NMERR_INVALID_HFILTER.
 */
DWORD WINAPI DisableParserFilter(HFILTER hFilter, HPARSER hParser);

/** EnableParserFilter() - would take them in again; as DisableParserFilter(). */
DWORD WINAPI EnableParserFilter(HFILTER hFilter, HPARSER hParser);

/**
 * BhGetLastError() - why the calling thread's last such function failed
 *
 * Return: NMERR_*; NMERR_SUCCESS if none has, or as BhSetLastError() has set it. A
 * function that does not fail leaves it as it is.
 */
DWORD WINAPI BhGetLastError(void);

/** BhSetLastError() - set it; the answer is @Error, to be handed on. */
DWORD WINAPI BhSetLastError(DWORD Error);

#ifdef __cplusplus
}
#endif

#endif /* NETMON_FILTERS_H */
