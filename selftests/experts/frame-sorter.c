// SPDX-License-Identifier: GPL-2.0
/*
 * frame-sorter - an expert that stores frames by interface and direction
 *
 * frame-sorter=PREFIX. Frames of the interface with index N go to the pcap files
 * PREFIX.N.in, PREFIX.N.out and, both, PREFIX.N.inout, with the time of day in
 * nanoseconds. In PREFIX.records there is a line for each of them: what its record
 * says beside the bytes.
 */
#include <linux/if_arp.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <linux/netexpert.h>

#include "../pcap_file.h"
#include "common.h"
#include "keep_options.h"

#define DLT_EN10MB	1
#define DLT_RAW		101

struct sorter {
	const char *prefix;
	uint64_t offset_ns;
	FILE *records;
};

BOOL Register(PEXPERTENUMINFO info)
{
	return nexp_register(info, "frame-sorter", "stores frames by interface");
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Opened for each frame: an expert may have few files open at once. */
static FILE *open_file(const struct sorter *sorter, const struct netexpert_record *rec,
		       const char *direction)
{
	struct pcap_head head = {
		.magic = PCAP_NS,
		.major = 2,
		.minor = 4,
		.snaplen = 1 << 20,
		.link_type = rec->link_type == ARPHRD_NONE ? DLT_RAW : DLT_EN10MB,
	};
	char name[256];
	FILE *file;

	snprintf(name, sizeof(name), "%s.%u.%s", sorter->prefix, rec->ifindex, direction);
	file = fopen(name, "a");
	if (file && !ftell(file))
		fwrite(&head, sizeof(head), 1, file);
	return file;
}

static int write_frame(const struct sorter *sorter, const struct netexpert_record *rec,
		       const char *direction)
{
	uint64_t time_ns = rec->time_ns + sorter->offset_ns;
	struct pcap_frame head = {
		.seconds = time_ns / 1000000000,
		.fraction = time_ns % 1000000000,
		.captured = rec->cap_len,
		.length = rec->wire_len,
	};
	FILE *file = open_file(sorter, rec, direction);

	if (!file)
		return 0;
	fwrite(&head, sizeof(head), 1, file);
	fwrite(rec + 1, 1, rec->cap_len, file);
	return !ferror(file) & !fclose(file);
}

static int take(struct sorter *sorter, const struct netexpert_record *rec)
{
	const char *direction = rec->flags & NETEXPERT_RECORD_OUT ? "out" : "in";

	fprintf(sorter->records, "%u %s link=%u wire=%u cap=%u", rec->ifindex, direction,
		rec->link_type, rec->wire_len, rec->cap_len);
	if (rec->flags & NETEXPERT_RECORD_VLAN)
		fprintf(sorter->records, " vlan=%04x/%u", rec->vlan_proto, rec->vlan_tci);
	if (rec->flags & NETEXPERT_RECORD_GSO)
		fprintf(sorter->records, " gso=%u/%u", rec->gso_size, rec->gso_segs);
	if (rec->flags & NETEXPERT_RECORD_CSUM_PARTIAL)
		fprintf(sorter->records, " partial");
	if (rec->flags & NETEXPERT_RECORD_HWTIME)
		fprintf(sorter->records, " hwtime");
	fprintf(sorter->records, rec->time_ns ? "\n" : " notime\n");
	return write_frame(sorter, rec, direction) && write_frame(sorter, rec, "inout");
}

static void complain(HEXPERTKEY key)
{
	ExpertIndicateStatus(key, EXPERTSTATUS_PROBLEM, 0, "a file cannot be written", 0);
}

BOOL Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup,
	 DWORD flags, HWND window)
{
	struct sorter sorter;
	EXPERTFRAMEDESCRIPTOR frame;
	DWORD number = INVALID_FRAME_NUMBER;
	char name[256];
	DWORD err;

	(void)startup;
	(void)flags;
	(void)window;
	sorter.prefix = nexp_options(config);
	sorter.offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
	snprintf(name, sizeof(name), "%s.records", sorter.prefix);
	sorter.records = fopen(name, "w");
	if (!sorter.records) {
		complain(key);
		return FALSE;
	}
	do {
		err = nexp_next_frame(key, number, &frame);
		if (err)
			continue;
		number = frame.FrameNumber;
		/* A FRAME is the end of its record's header. */
		if (!take(&sorter, (const void *)((const char *)frame.pFrame -
				offsetof(struct netexpert_record, stamp_us))))
			break;
	} while (!err || err == NMERR_TIMEOUT);
	if (!err || fclose(sorter.records))
		complain(key);
	return err == NMERR_EXPERT_TERMINATE;
}
