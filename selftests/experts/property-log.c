// SPDX-License-Identifier: GPL-2.0
/*
 * property-log - an expert that notes properties of frames
 *
 * property-log=FILE NAME..., with blanks between them. For each frame there is a line
 * in FILE with the first instance of each property, by Wireshark's filter names, and
 * tabs between them: what "tshark -T fields -E occurrence=f" prints for numbers,
 * addresses and strings.
 */
#include <arpa/inet.h>
#include <stdint.h>

#include "common.h"
#include "keep_options.h"

#define MOST	32

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "property-log", "notes properties of frames");
}

/* Of "tcp.dstport" the protocol is "tcp". */
static HPROPERTY find_property(char *name)
{
	char protocol[64];

	snprintf(protocol, sizeof(protocol), "%.*s", (int)strcspn(name, "."), name);
	return GetProperty(GetProtocolFromName(protocol), name);
}

static uint64_t number_of(const BYTE *bytes, unsigned int length, int is_swapped)
{
	uint64_t number = 0;
	unsigned int i;

	for (i = 0; i < length && i < sizeof(number); i++)
		number |= (uint64_t)bytes[is_swapped ? length - 1 - i : i] << 8 * i;
	return number;
}

static void put_value(FILE *file, const PROPERTYINST *inst)
{
	const BYTE *bytes = inst->lpByte;
	unsigned int length = inst->DataLength, i;
	char text[INET6_ADDRSTRLEN] = "";
	uint64_t number;

	if (length == PROP_DATA_EX) {
		bytes = inst->lpPropertyInstEx->Byte;
		length = inst->lpPropertyInstEx->LengthEx;
	}
	switch (inst->lpPropertyInfo->DataType) {
	case PROP_TYPE_BYTE:
	case PROP_TYPE_WORD:
	case PROP_TYPE_DWORD:
	case PROP_TYPE_LARGEINT:
		number = number_of(bytes, length, !!(inst->IFlags & IFLAG_SWAPPED));
		/* A flag is its bit in its place. */
		if (inst->lpPropertyInfo->DataQualifier == PROP_QUAL_FLAGS)
			number = !!number;
		fprintf(file, "%llu", (unsigned long long)number);
		break;
	case PROP_TYPE_IP_ADDRESS:
		fputs(inet_ntop(AF_INET, bytes, text, sizeof(text)), file);
		break;
	case PROP_TYPE_IP6_ADDRESS:
		fputs(inet_ntop(AF_INET6, bytes, text, sizeof(text)), file);
		break;
	case PROP_TYPE_ETHERNET_ADDRESS:
		for (i = 0; i < length; i++)
			fprintf(file, "%s%02x", i ? ":" : "", bytes[i]);
		break;
	case PROP_TYPE_STRING:
		fwrite(bytes, 1, length, file);
		break;
	default:
		fprintf(file, "type %u", inst->lpPropertyInfo->DataType);
	}
}

/* The options' names in @properties; 0 and a word about it if one is unknown. */
static unsigned int find_properties(HEXPERTKEY key, char *names, HPROPERTY *properties)
{
	unsigned int nr = 0;
	char *name, *rest = NULL;

	for (name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		properties[nr] = find_property(name);
		if (!properties[nr] || ++nr == MOST) {
			nexp_say(key, "no such property", name);
			return 0;
		}
	}
	return nr;
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	const char *options = nexp_options(config);
	HPROPERTY properties[MOST];
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD number = INVALID_FRAME_NUMBER, err;
	unsigned int nr, i;
	char path[256], *names;
	LPPROPERTYINST inst;
	FILE *file;

	(void)startup;
	(void)flags;
	(void)window;
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(options, " "), options);
	names = strdup(options + strlen(path));
	file = fopen(path, "we");
	nr = names ? find_properties(key, names, properties) : 0;
	if (!file || !nr)
		return FALSE;
	do {
		err = ExpertGetFrame(key, GET_FRAME_NEXT_FORWARD,
				     FLAGS_ATTACH_PROPERTIES | FLAGS_LIVE_TIMEOUT, number,
				     NULL, &frame);
		if (err)
			continue;
		number = frame.FrameNumber;
		for (i = 0; i < nr; i++) {
			inst = FindPropertyInstance(frame.hFrame, properties[i]);
			if (i)
				fputc('\t', file);
			if (inst)
				put_value(file, inst);
		}
		fputc('\n', file);
		if (fflush(file))
			return FALSE;
	} while (!err || err == NMERR_TIMEOUT);
	free(names);
	fclose(file);
	return TRUE;
}
