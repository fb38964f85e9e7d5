// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_property - the functions for protocols and properties, and for comments of files
 *
 * A thin layer: what there is to know, the parsers' library knows. Rules and
 * decisions stand in include/netmon_properties.h.
 */
#include <errno.h>

#include "dissect.h"

#ifdef __LP64__
_Static_assert(sizeof(PROPERTYINST) == 32, "PROPERTYINST");
_Static_assert(sizeof(PROPERTYINFO) == 64, "PROPERTYINFO");
_Static_assert(sizeof(RECOGNIZEDATA) == 16, "RECOGNIZEDATA");
_Static_assert(offsetof(RECOGNIZEDATATABLE, RecognizeData) == 8, "RECOGNIZEDATATABLE");
_Static_assert(offsetof(PROPERTYTABLE, lpFirstPropertyInst) == 16, "PROPERTYTABLE");
_Static_assert(offsetof(PROPERTYTABLE, lpPropertyInstTable) == 26, "PROPERTYTABLE");
_Static_assert(sizeof(PROPERTYINSTTABLE) == 4, "PROPERTYINSTTABLE");
_Static_assert(offsetof(PROPERTYINSTEX, lpData) == 8, "PROPERTYINSTEX");
_Static_assert(offsetof(PROPERTYINSTEX, Byte) == 16, "PROPERTYINSTEX");
_Static_assert(sizeof(PROTOCOLINFO) == 176, "PROTOCOLINFO");
_Static_assert(sizeof(PROTOCOLTABLE) == 16, "PROTOCOLTABLE");
_Static_assert(sizeof(SET) == 16, "SET");
_Static_assert(sizeof(LABELED_BIT) == 24, "LABELED_BIT");
#endif

/* Between enter and leave; a result of nothing if there is nothing to ask. */
#define ASK(result, nothing, what) ({					\
	const struct nexp_dissect_ops *ops = nexp_dissect_enter();	\
	result answer_ = nothing;					\
									\
	if (ops) {							\
		answer_ = (what);					\
		nexp_dissect_leave();					\
	}								\
	answer_;							\
})

HPROTOCOL WINAPI GetProtocolFromName(LPSTR ProtocolName)
{
	return ASK(HPROTOCOL, NULL, ops->protocol_from_name(ProtocolName));
}

LPPROTOCOLINFO WINAPI GetProtocolInfo(HPROTOCOL hProtocol)
{
	return ASK(LPPROTOCOLINFO, NULL, ops->protocol_info(hProtocol));
}

LPPROTOCOLTABLE WINAPI GetEnabledProtocols(HCAPTURE hCapture)
{
	(void)hCapture;
	return ASK(LPPROTOCOLTABLE, NULL, ops->protocols_enabled());
}

HPROPERTY WINAPI GetProperty(HPROTOCOL hProtocol, LPSTR PropertyName)
{
	return ASK(HPROPERTY, 0, ops->property_from_name(hProtocol, PropertyName));
}

LPPROPERTYINFO WINAPI GetPropertyInfo(HPROPERTY hProperty)
{
	return ASK(LPPROPERTYINFO, NULL, ops->property_info(hProperty));
}

static DWORD comment_error(int err)
{
	switch (err) {
	case 0:
		return NMERR_SUCCESS;
	case -ENOENT:
	case -ENOTDIR:
		return NMERR_FILE_NOT_FOUND;
	case -EPROTO:
		return NMERR_INVALID_FILE_FORMAT;
	case -ENOSPC:
		return NMERR_BUFFER_TOO_SMALL;
	default:
		return NMERR_FILE_READ_ERROR;
	}
}

DWORD BHAPI GetCaptureCommentFromFilename(LPSTR lpFilename, LPSTR lpComment, DWORD BufferSize)
{
	if (!lpFilename || !lpComment || !BufferSize)
		return NMERR_INVALID_PARAMETER;
	return ASK(DWORD, NMERR_LOAD_PARSER_FAILED,
		   comment_error(ops->comment_read(lpFilename, lpComment, BufferSize)));
}

/* The same for what a frame must have. */
#define ASK_FRAME(hframe, result, nothing, what) ({			\
	const struct nexp_dissect_ops *ops = nexp_dissect_enter();	\
	const struct nexp_table *table;					\
	result answer_ = nothing;					\
									\
	if (ops) {							\
		table = nexp_dissect_table(hframe);			\
		if (table)						\
			answer_ = (what);				\
		nexp_dissect_leave();					\
	}								\
	answer_;							\
})

LPRECOGNIZEDATATABLE WINAPI GetFrameRecognizeData(HFRAME hFrame)
{
	return ASK_FRAME(hFrame, LPRECOGNIZEDATATABLE, NULL, ops->table_protocols(table));
}

DWORD WINAPI GetProtocolStartOffsetHandle(HFRAME hFrame, HPROTOCOL hProtocol)
{
	return ASK_FRAME(hFrame, DWORD, (DWORD)-1, ops->table_start(table, hProtocol));
}

DWORD WINAPI GetProtocolStartOffset(HFRAME hFrame, LPSTR ProtocolName)
{
	return ASK_FRAME(hFrame, DWORD, (DWORD)-1,
			 ops->table_start(table, ops->protocol_from_name(ProtocolName)));
}

DWORD WINAPI GetPreviousProtocolOffsetByName(HFRAME hFrame, DWORD dwStartOffset,
					     LPSTR szProtocolName,
					     DWORD *pdwPreviousOffset)
{
	if (!szProtocolName || !pdwPreviousOffset)
		return NMERR_INVALID_PARAMETER;
	return ASK_FRAME(hFrame, DWORD, NMERR_INVALID_HFRAME,
			 ops->table_previous(table, dwStartOffset, szProtocolName,
					     pdwPreviousOffset));
}

LPPROPERTYINST WINAPI FindPropertyInstance(HFRAME hFrame, HPROPERTY hProperty)
{
	return ASK_FRAME(hFrame, LPPROPERTYINST, NULL,
			 ops->table_find(table, hProperty, NULL, TRUE));
}

LPPROPERTYINST WINAPI FindPropertyInstanceRestart(HFRAME hFrame, HPROPERTY hProperty,
						  LPPROPERTYINST *lpRestartKey,
						  BOOL DirForward)
{
	return ASK_FRAME(hFrame, LPPROPERTYINST, NULL,
			 ops->table_find(table, hProperty, lpRestartKey, DirForward));
}

LPSTR WINAPI GetPropertyText(HFRAME hFrame, LPPROPERTYINST lpPI, LPSTR szBuffer,
			     DWORD BufferSize)
{
	return ASK_FRAME(hFrame, LPSTR, NULL,
			 ops->table_text(table, lpPI, szBuffer, BufferSize));
}
