// SPDX-License-Identifier: GPL-2.0
/*
 * netmon_event - the Expert functions: status and events
 *
 * Both are written to the wire during the call, which is the deep copy that
 * callers rely on.
 */
#include <errno.h>
#include <string.h>

#include "key.h"

static DWORD answer(struct nexp_key *key, int err)
{
	switch (err) {
	case 0:
		return nexp_key_ends(key) ? NMERR_EXPERT_TERMINATE :
					    NMERR_SUCCESS;
	case -EMSGSIZE:
		return NMERR_BUFFER_TOO_SMALL;
	case -EPIPE:
		nexp_key_gone(key);
		return NMERR_EXPERT_TERMINATE;
	default:
		return NMERR_EXPERT_TERMINATE;
	}
}

DWORD WINAPI ExpertIndicateStatus(HEXPERTKEY hExpertKey,
				  EXPERTSTATUSENUMERATION Status,
				  DWORD SubStatus, const char *szText,
				  LONG PercentDone)
{
	char text[EXPERTSTRINGLENGTH];
	struct nexp_wire *wire;
	struct nexp_key *key;
	size_t length;
	DWORD error;

	error = nexp_key_check(hExpertKey, &key);
	if (error != NMERR_SUCCESS)
		return error;
	if ((DWORD)Status > EXPERTSTATUS_DONE)
		return NMERR_INVALID_PARAMETER;
	if (PercentDone > 99)
		PercentDone = -1;
	else if (PercentDone < 0)
		PercentDone = 0;
	length = szText ? strnlen(szText, sizeof(text) - 1) : 0;
	if (length)
		memcpy(text, szText, length);
	text[length] = '\0';

	/* The link's lock also keeps two threads from mixing their texts. */
	wire = nexp_link_begin(key->link, NEXP_WIRE_STATUS);
	if (Status == EXPERTSTATUS_PROBLEM)
		memcpy(key->problem, text, length + 1);
	nexp_wire_u32(wire, Status);
	nexp_wire_u32(wire, SubStatus);
	nexp_wire_u32(wire, (uint32_t)PercentDone);
	nexp_wire_u32(wire, __atomic_load_n(&key->last, __ATOMIC_RELAXED));
	nexp_wire_string(wire, szText ? text : NULL);
	return answer(key, nexp_link_send(key->link));
}

static void put_signed(struct nexp_wire *wire, int64_t value)
{
	nexp_wire_u64(wire, (uint64_t)value);
}

static void put_real(struct nexp_wire *wire, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	nexp_wire_u64(wire, bits);
}

static void put_value(struct nexp_wire *wire, const NMCOLUMNVARIANT *variant)
{
	switch (variant->Type) {
	case NMCOLUMNTYPE_UINT8:
		nexp_wire_u64(wire, variant->Value.Uint8Val);
		break;
	case NMCOLUMNTYPE_SINT8:
		put_signed(wire, variant->Value.Sint8Val);
		break;
	case NMCOLUMNTYPE_UINT16:
		nexp_wire_u64(wire, variant->Value.Uint16Val);
		break;
	case NMCOLUMNTYPE_SINT16:
		put_signed(wire, variant->Value.Sint16Val);
		break;
	case NMCOLUMNTYPE_UINT32:
		nexp_wire_u64(wire, variant->Value.Uint32Val);
		break;
	case NMCOLUMNTYPE_SINT32:
		put_signed(wire, variant->Value.Sint32Val);
		break;
	case NMCOLUMNTYPE_FRAME:
		nexp_wire_u64(wire, variant->Value.FrameVal);
		break;
	case NMCOLUMNTYPE_YESNO:
		put_signed(wire, variant->Value.YesNoVal);
		break;
	case NMCOLUMNTYPE_ONOFF:
		put_signed(wire, variant->Value.OnOffVal);
		break;
	case NMCOLUMNTYPE_TRUEFALSE:
		put_signed(wire, variant->Value.TrueFalseVal);
		break;
	case NMCOLUMNTYPE_FLOAT64:
		put_real(wire, variant->Value.Float64Val);
		break;
	case NMCOLUMNTYPE_VARTIME:
		put_real(wire, variant->Value.VarTimeVal);
		break;
	case NMCOLUMNTYPE_MACADDR:
		nexp_wire_bytes(wire, variant->Value.MACAddrVal, 6);
		break;
	case NMCOLUMNTYPE_IPXADDR:
		nexp_wire_bytes(wire, &variant->Value.IPXAddrVal, 10);
		break;
	case NMCOLUMNTYPE_IPADDR:
		nexp_wire_bytes(wire, &variant->Value.IPAddrVal, 4);
		break;
	case NMCOLUMNTYPE_STRING:
		nexp_wire_string(wire, variant->Value.pStringVal);
		break;
	}
}

static void put_event(struct nexp_wire *wire, const NMEVENTDATA *event)
{
	const SYSTEMTIME *time = &event->SysTime;
	const WORD fields[8] = {
		time->wYear, time->wMonth, time->wDayOfWeek, time->wDay,
		time->wHour, time->wMinute, time->wSecond, time->wMilliseconds,
	};
	unsigned int i;

	nexp_wire_u32(wire, event->EventIdent);
	nexp_wire_u32(wire, event->Flags);
	nexp_wire_u32(wire, event->Severity);
	for (i = 0; i < 8; i++)
		nexp_wire_u16(wire, fields[i]);
	nexp_wire_string(wire, event->szSourceName);
	nexp_wire_string(wire, event->szEventName);
	nexp_wire_string(wire, event->szDescription);
	nexp_wire_string(wire, event->szMachine);
	nexp_wire_string(wire, event->Justification);
	nexp_wire_u8(wire, event->NumColumns);
	for (i = 0; i < event->NumColumns; i++) {
		nexp_wire_string(wire, event->Column[i].szColumnName);
		nexp_wire_u32(wire, event->Column[i].VariantData.Type);
		put_value(wire, &event->Column[i].VariantData);
	}
}

static DWORD check_event(const NMEVENTDATA *event)
{
	unsigned int i;

	if (!event)
		return NMERR_INVALID_PARAMETER;
	if (event->Version)
		return NMERR_BAD_VERSION;
	for (i = 0; i < event->NumColumns; i++)
		if ((DWORD)event->Column[i].VariantData.Type >
		    NMCOLUMNTYPE_STRING)
			return NMERR_INVALID_PARAMETER;
	return NMERR_SUCCESS;
}

DWORD WINAPI ExpertSubmitEvent(HEXPERTKEY hExpertKey, PNMEVENTDATA pExpertEvent)
{
	struct nexp_key *key;
	DWORD error;

	error = nexp_key_check(hExpertKey, &key);
	if (error == NMERR_SUCCESS)
		error = check_event(pExpertEvent);
	if (error != NMERR_SUCCESS)
		return error;
	put_event(nexp_link_begin(key->link, NEXP_WIRE_EVENT), pExpertEvent);
	return answer(key, nexp_link_send(key->link));
}
