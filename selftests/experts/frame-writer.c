// SPDX-License-Identifier: GPL-2.0
/*
 * frame-writer - an expert that stores every frame it gets in a pcap file
 *
 * frame-writer=FILE; of workers each has its own, FILE#1 and so on. The time stamps
 * count from when the pool was made; who compares files looks at the bytes. When
 * nothing comes for a second its status says how many frames there are.
 */
#include <stdint.h>

#include "../pcap_file.h"
#include "common.h"
#include "keep_options.h"

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "frame-writer", "stores every frame");
}

static int write_frame(FILE *file, const FRAME *raw)
{
	struct pcap_frame head = {
		.seconds = raw->TimeStamp / 1000000,
		.fraction = raw->TimeStamp % 1000000,
		.captured = raw->nBytesAvail,
		.length = raw->FrameLength,
	};

	return fwrite(&head, sizeof(head), 1, file) == 1 &&
	       fwrite(raw->MacFrame, 1, raw->nBytesAvail, file) == raw->nBytesAvail;
}

/* Nothing came for a second: say how many there are. */
static void tell(HEXPERTKEY key, FILE *file, unsigned long stored)
{
	char text[64];

	fflush(file);
	snprintf(text, sizeof(text), "%lu frames stored", stored);
	ExpertIndicateStatus(key, EXPERTSTATUS_RUNNING, 0, text, 0);
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	struct pcap_head head = {
		.magic = PCAP_US,
		.major = 2,
		.minor = 4,
		.snaplen = 1 << 20,
		.link_type = 1,
	};
	unsigned long stored = 0, told = 0;
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD number = INVALID_FRAME_NUMBER;
	FILE *file = NULL;
	char path[256];
	DWORD err;

	(void)startup;
	(void)flags;
	(void)window;
	if (nexp_own_path(path, sizeof(path), nexp_options(config)))
		file = fopen(path, "w");
	if (!file || fwrite(&head, sizeof(head), 1, file) != 1) {
		ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, 0,
				     "the file cannot be written", 0);
		return FALSE;
	}
	setvbuf(file, NULL, _IOFBF, 1 << 20);
	ExpertIndicateStatus(key, EXPERTSTATUS_RUNNING, 0, "storing frames", 0);
	do {
		err = nexp_next_frame(key, number, &frame);
		if (!err) {
			number = frame.FrameNumber;
			if (!write_frame(file, (const FRAME *)frame.pFrame))
				break;
			stored++;
		} else if (err == NMERR_TIMEOUT && stored != told) {
			told = stored;
			tell(key, file, stored);
		}
	} while (!err || err == NMERR_TIMEOUT);
	return fclose(file) == 0 && err == NMERR_EXPERT_TERMINATE;
}
