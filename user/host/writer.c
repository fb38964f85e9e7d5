// SPDX-License-Identifier: GPL-2.0
/*
 * writer - frames into a pcapng file, in place of a plug-in
 *
 * A batch is written before it is released, so what an ended writer had in hand is
 * seen again; the journal tells which of that is in the file.
 */
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../lib/version.h"
#include "writer.h"

#define BATCH		256

/* What is more than this is written before the rest of the batch is looked at. */
#define FLUSH_BYTES	(1U << 20)

#define NSEC_PER_SEC	1000000000ULL

int nexp_writer_open(struct nexp_writer *writer, int journal, struct nexp_failure *failure)
{
	struct utsname kernel;
	void *pages;

	pages = mmap(NULL, sizeof(*writer->journal), PROT_READ | PROT_WRITE, MAP_SHARED, journal,
		     0);
	close(journal);
	if (pages == MAP_FAILED)
		return nexp_fail(failure, NEXP_FAILED_OUTPUT, "mapping its journal: %s",
				 strerror(errno));
	writer->journal = pages;
	writer->lookup = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (writer->lookup < 0)
		return nexp_fail(failure, NEXP_FAILED_OUTPUT, "a socket to look for interfaces: %s",
				 strerror(errno));
	uname(&kernel);
	snprintf(writer->os, sizeof(writer->os), "%s %s", kernel.sysname, kernel.release);
	return 0;
}

static const struct nexp_journal_side *current_side(const struct nexp_writer *writer)
{
	return &writer->journal->sides[writer->journal->current & 1];
}

uint64_t nexp_writer_frames(const struct nexp_writer *writer)
{
	return current_side(writer)->frames;
}

/* The other side, to be changed while blocks are put. */
static struct nexp_journal_side *begin_batch(struct nexp_writer *writer)
{
	const struct nexp_journal_side *from = current_side(writer);
	struct nexp_journal_side *to = &writer->journal->sides[!(writer->journal->current & 1)];

	memcpy(to, from, offsetof(struct nexp_journal_side, interfaces) +
			 from->nr_interfaces * sizeof(from->interfaces[0]));
	writer->blocks.length = 0;
	return to;
}

static int write_failure(struct nexp_writer *writer, int code, struct nexp_failure *failure)
{
	unsigned long long frames = nexp_writer_frames(writer);

	if (code == EPIPE)
		return nexp_fail(failure, NEXP_FAILED_OUTPUT,
				 "who reads %s has closed it, after %llu frames", writer->path,
				 frames);
	return nexp_fail(failure, NEXP_FAILED_OUTPUT,
			 "writing to %s: %s; there are %llu frames in it, and up to there it is whole",
			 writer->path, strerror(code), frames);
}

/* What others share with us may have been made not to block. */
static void wait_for_room(int file)
{
	struct pollfd wait = { .fd = file, .events = POLLOUT };

	poll(&wait, 1, -1);
}

static int flush(struct nexp_writer *writer, struct nexp_journal_side *side,
		 struct nexp_failure *failure)
{
	size_t done = 0;
	ssize_t n;

	if (writer->blocks.failed)
		return nexp_fail(failure, NEXP_FAILED_OUTPUT, "writing to %s: out of memory",
				 writer->path);
	if (writer->blocks.length)
		__atomic_store_n(&writer->journal->writing, 1, __ATOMIC_SEQ_CST);
	while (done < writer->blocks.length) {
		n = write(writer->file, writer->blocks.bytes + done, writer->blocks.length - done);
		if (n > 0)
			done += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			wait_for_room(writer->file);
		else if (n < 0 && errno != EINTR)
			return write_failure(writer, errno, failure);
	}
	side->whole += done;
	writer->blocks.length = 0;
	return 0;
}

static int end_batch(struct nexp_writer *writer, struct nexp_journal_side *side,
		     struct nexp_failure *failure)
{
	if (flush(writer, side, failure))
		return -1;
	/* All of the side before the word that makes it count. */
	__atomic_store_n(&writer->journal->current, (uint32_t)(side - writer->journal->sides),
			 __ATOMIC_RELEASE);
	__atomic_store_n(&writer->journal->writing, 0, __ATOMIC_SEQ_CST);
	return 0;
}

static void put_interface(struct nexp_writer *writer, struct nexp_journal_side *side,
			  uint32_t ifindex, uint16_t link_type)
{
	struct ifreq name = { .ifr_ifindex = (int)ifindex }, address = { 0 };
	struct nexp_pcapng_interface interface = {
		.filter = writer->filter,
		.os = writer->os,
		.link_type = link_type,
		.from_file = !*writer->interfaces,
		.snaplen = writer->snaplen,
	};

	/* One that is gone has no name any more, and a file's are not this machine's. */
	if (*writer->interfaces && !ioctl(writer->lookup, SIOCGIFNAME, &name)) {
		interface.name = name.ifr_name;
		memcpy(address.ifr_name, name.ifr_name, sizeof(address.ifr_name));
		if (!ioctl(writer->lookup, SIOCGIFHWADDR, &address) &&
		    address.ifr_hwaddr.sa_family == ARPHRD_ETHER)
			interface.mac = (const uint8_t *)address.ifr_hwaddr.sa_data;
	}
	nexp_pcapng_put_interface(&writer->blocks, &interface);
	side->interfaces[side->nr_interfaces++] = (struct nexp_journal_interface){
		.ifindex = ifindex, .link_type = link_type,
	};
}

static bool is_interface(const struct nexp_journal_interface *interface,
			 const struct netexpert_record *record)
{
	return interface->ifindex == record->ifindex &&
	       interface->link_type == record->link_type;
}

/* Number of a frame's interface in the section; described now if it is new. */
static int find_interface(struct nexp_writer *writer, struct nexp_journal_side *side,
			  const struct netexpert_record *record, struct nexp_failure *failure)
{
	uint32_t i = side->nr_interfaces;

	if (writer->last < i && is_interface(&side->interfaces[writer->last], record))
		return 0;
	while (i && !is_interface(&side->interfaces[i - 1], record))
		i--;
	if (!i && side->nr_interfaces == NEXP_JOURNAL_INTERFACES)
		return nexp_fail(failure, NEXP_FAILED_OUTPUT,
				 "a file has room for %d interfaces, and %s has them",
				 NEXP_JOURNAL_INTERFACES, writer->path);
	if (!i) {
		put_interface(writer, side, record->ifindex, record->link_type);
		i = side->nr_interfaces;
	}
	writer->last = i - 1;
	return 0;
}

static int put_frame(struct nexp_writer *writer, struct nexp_journal_side *side,
		     const struct netexpert_frame *frame, struct nexp_failure *failure)
{
	const struct netexpert_record *record = frame->record;
	struct nexp_pcapng_frame block = {
		.record = record,
		.data = frame->data,
		.realtime_ns = record->time_ns + writer->to_realtime_ns,
		.from_file = !*writer->interfaces,
	};

	/* The writer before has died between the journal and the release. */
	if (frame->position < side->positions[frame->ring])
		return 0;
	if (find_interface(writer, side, record, failure))
		return -1;
	block.interface = writer->last;
	nexp_pcapng_put_frame(&writer->blocks, &block);

	side->interfaces[writer->last].frames++;
	side->interfaces[writer->last].lost += record->lost;
	side->frames++;
	side->lost += record->lost;
	side->positions[frame->ring] = frame->position + record->record_size;
	return writer->blocks.length < FLUSH_BYTES ? 0 : flush(writer, side, failure);
}

static int put_batch(struct nexp_writer *writer, const struct netexpert_frame *frames, int nr,
		     struct nexp_failure *failure)
{
	struct nexp_journal_side *side = begin_batch(writer);
	int i;

	for (i = 0; i < nr; i++)
		if (put_frame(writer, side, &frames[i], failure))
			return -1;
	return end_batch(writer, side, failure);
}

/* Those that are known by name, so that one without a frame is in the file too. */
static void put_interfaces(struct nexp_writer *writer, struct nexp_journal_side *side)
{
	const char *name = writer->interfaces;
	struct ifreq index, address;
	size_t length;

	for (; *name; name += length + (name[length] == ' ')) {
		length = strcspn(name, " ");
		memset(&index, 0, sizeof(index));
		if (length >= sizeof(index.ifr_name))
			continue;
		memcpy(index.ifr_name, name, length);
		address = index;
		if (ioctl(writer->lookup, SIOCGIFINDEX, &index) ||
		    ioctl(writer->lookup, SIOCGIFHWADDR, &address))
			continue;
		put_interface(writer, side, (uint32_t)index.ifr_ifindex,
			      address.ifr_hwaddr.sa_family);
	}
}

static void read_hardware(char *text, size_t size)
{
	FILE *info = fopen("/proc/cpuinfo", "re");
	char line[256];

	text[0] = '\0';
	while (info && !*text && fgets(line, sizeof(line), info)) {
		char *value = strstr(line, ": ");

		if (strncmp(line, "model name", strlen("model name")) || !value)
			continue;
		value[strcspn(value, "\n")] = '\0';
		snprintf(text, size, "%s", value + strlen(": "));
	}
	if (info)
		fclose(info);
}

static int begin_file(struct nexp_writer *writer, struct nexp_failure *failure)
{
	struct nexp_journal_side *side;
	char hardware[128];

	if (current_side(writer)->begun)
		return 0;
	side = begin_batch(writer);
	read_hardware(hardware, sizeof(hardware));
	nexp_pcapng_put_section(&writer->blocks, hardware, writer->os, "netexpert " NEXP_VERSION);
	put_interfaces(writer, side);
	side->begun = 1;
	return end_batch(writer, side, failure);
}

/*
 * What was lost after the last frame: whatever the kernel has counted and no frame
 * has told. After as many frames as the file shall get nothing is missing from it.
 */
static int count_rest(const struct nexp_writer *writer, const struct nexp_journal_side *side,
		      struct nexp_pcapng_statistics *statistics)
{
	struct netexpert_pool_stat stat = { .size = sizeof(stat) };
	uint64_t lost = 0;
	unsigned int i;

	if (writer->count && side->frames >= writer->count)
		return 0;
	if (ioctl(writer->pool, NETEXPERT_IOC_POOL_STAT, &stat))
		return -errno;
	for (i = 0; i < NETEXPERT_MAX_DROPS; i++) {
		lost += stat.out_sum.dropped[i];
		if (stat.out_sum.dropped[i])
			statistics->causes |= 1U << i;
	}
	statistics->lost_at_end = lost - side->lost;
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

/* The kernel counts losses by ring: those at the end are the first interface's. */
static int end_file(struct nexp_writer *writer, struct nexp_failure *failure)
{
	struct nexp_journal_side *side = begin_batch(writer);
	struct nexp_pcapng_statistics statistics = {
		.start_ns = writer->start_ns,
		.end_ns = now_ns() + writer->to_realtime_ns,
	};
	int err = count_rest(writer, side, &statistics);

	if (err)
		return nexp_fail(failure, NEXP_FAILED_OUTPUT, "counting what was lost: %s",
				 strerror(-err));
	if (!side->nr_interfaces && statistics.lost_at_end)
		put_interface(writer, side, 0, ARPHRD_ETHER);
	for (; statistics.interface < side->nr_interfaces; statistics.interface++) {
		const struct nexp_journal_interface *one =
			&side->interfaces[statistics.interface];

		statistics.frames = one->frames;
		statistics.lost = one->lost + statistics.lost_at_end;
		nexp_pcapng_put_statistics(&writer->blocks, &statistics);
		statistics.lost_at_end = 0;
	}
	side->ended = 1;
	return end_batch(writer, side, failure);
}

/* Return: frames, 0 at the end, or a negative errno. */
static int take_frames(struct netexpert *nx, struct netexpert_frame *frames)
{
	int ret;

	do {
		ret = netexpert_frame_batch(nx, frames, BATCH, -1);
	} while (ret == -EINTR);
	if (ret == -ENODATA)
		return 0;
	if (ret != -ESHUTDOWN)
		return ret;
	return netexpert_terminating(nx) ? netexpert_frame_rest(nx, frames, BATCH) : 0;
}

int nexp_writer_run(struct nexp_writer *writer, struct netexpert *nx,
		    struct nexp_failure *failure)
{
	struct netexpert_frame frames[BATCH];
	struct netexpert_pool_info info;
	int nr;

	netexpert_pool_info(nx, &info);
	writer->to_realtime_ns = info.realtime_ns - info.created_ns;
	writer->start_ns = info.realtime_ns;
	if (begin_file(writer, failure))
		return -1;
	while ((nr = take_frames(nx, frames)) > 0)
		if (put_batch(writer, frames, nr, failure))
			return -1;
	if (nr < 0)
		return nexp_fail(failure, NEXP_FAILED_POOL, "taking frames: %s", strerror(-nr));
	return current_side(writer)->ended ? 0 : end_file(writer, failure);
}
