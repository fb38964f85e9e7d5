// SPDX-License-Identifier: GPL-2.0
/*
 * frames_diff - compare two pcap files as multisets of frames
 *
 * frames_diff ALL SOME FROM UNTIL [BOUND]
 *
 * Every frame of SOME must be in ALL, and every frame of ALL that is stamped
 * from FROM to UNTIL (seconds, with a fraction) must be in SOME: byte for byte,
 * and as often. The order in both does not matter, and neither do time stamps of
 * SOME; but with BOUND each must be within so many seconds of an equal frame's in
 * ALL, each of another one. Exits with 0 if that is so, with 1 if not, with 2 if a
 * file makes no sense.
 */
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pcap_file.h"

#define MAX_SHOWN	5

struct frame {
	const unsigned char *bytes;
	uint32_t captured;
	uint32_t length;
	double time;
};

struct file {
	const char *name;
	struct frame *frames;
	size_t nr;
};

static void die(const char *name, const char *why)
{
	fprintf(stderr, "frames_diff: %s: %s\n", name, why);
	exit(2);
}

static void load(struct file *file, const char *name)
{
	const unsigned char *bytes, *at, *end;
	struct pcap_head head;
	struct pcap_frame f;
	struct stat st;
	size_t room = 0;
	double per_second;
	int fd = open(name, O_RDONLY);

	file->name = name;
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(head))
		die(name, "not a pcap file");
	bytes = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		die(name, "cannot be mapped");
	close(fd);
	memcpy(&head, bytes, sizeof(head));
	if (head.magic != PCAP_US && head.magic != PCAP_NS)
		die(name, "not a pcap file of this machine");
	per_second = head.magic == PCAP_US ? 1000000 : 1000000000;

	at = bytes + sizeof(head);
	end = bytes + st.st_size;
	while (at < end) {
		if ((size_t)(end - at) < sizeof(f))
			die(name, "ends within a header");
		memcpy(&f, at, sizeof(f));
		at += sizeof(f);
		if ((size_t)(end - at) < f.captured)
			die(name, "ends within a frame");
		if (file->nr == room) {
			room = room ? 2 * room : 1024;
			file->frames = realloc(file->frames,
					       room * sizeof(file->frames[0]));
			if (!file->frames)
				die(name, "no memory");
		}
		file->frames[file->nr++] = (struct frame){
			at, f.captured, f.length, f.seconds + f.fraction / per_second };
		at += f.captured;
	}
}

static int compare(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	if (x->captured != y->captured)
		return x->captured < y->captured ? -1 : 1;
	return memcmp(x->bytes, y->bytes, x->captured);
}

/* Equal frames in the order of time. */
static int compare_times(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;
	int bytes = compare(a, b);

	return bytes ? bytes : (x->time > y->time) - (x->time < y->time);
}

/* Whether each of the @nr_some equal frames has one of its own among @nr_all. */
static int in_time(const struct frame *all, size_t nr_all, const struct frame *some,
		   size_t nr_some, double bound)
{
	size_t i, j = 0;

	for (i = 0; i < nr_some; i++, j++) {
		while (j < nr_all && all[j].time < some[i].time - bound)
			j++;
		if (j == nr_all || all[j].time > some[i].time + bound)
			return 0;
	}
	return 1;
}

static void show(const char *what, const struct frame *frame)
{
	uint32_t i;

	printf("%s: %u bytes, %u of them stored, time %.6f:", what, frame->length,
	       frame->captured, frame->time);
	for (i = 0; i < frame->captured && i < 96; i++)
		printf("%s%02x", i % 16 ? " " : "\n    ", frame->bytes[i]);
	printf("\n");
}

/* Frames from @i on that are equal to @frame; moves @i behind them. */
static size_t count(const struct file *file, size_t *i, const struct frame *frame,
		    double from, double until, size_t *in_window)
{
	size_t n = 0;

	while (*i < file->nr && !compare(&file->frames[*i], frame)) {
		if (in_window && file->frames[*i].time >= from &&
		    file->frames[*i].time <= until)
			++*in_window;
		++*i;
		n++;
	}
	return n;
}

int main(int argc, char **argv)
{
	struct file all = { 0 }, some = { 0 };
	size_t i = 0, j = 0, window = 0, wrong = 0;
	double from, until, bound;

	if (argc != 5 && argc != 6) {
		fprintf(stderr, "usage: frames_diff ALL SOME FROM UNTIL [BOUND]\n");
		return 2;
	}
	load(&all, argv[1]);
	load(&some, argv[2]);
	from = strtod(argv[3], NULL);
	until = strtod(argv[4], NULL);
	bound = argc == 6 ? strtod(argv[5], NULL) : HUGE_VAL;
	qsort(all.frames, all.nr, sizeof(all.frames[0]), compare_times);
	qsort(some.frames, some.nr, sizeof(some.frames[0]), compare_times);

	while (i < all.nr || j < some.nr) {
		const struct frame *frame;
		size_t in_all, in_some, in_window = 0;

		if (j == some.nr || (i < all.nr &&
				     compare(&all.frames[i], &some.frames[j]) <= 0))
			frame = &all.frames[i];
		else
			frame = &some.frames[j];
		in_all = count(&all, &i, frame, from, until, &in_window);
		in_some = count(&some, &j, frame, from, until, NULL);
		window += in_window;
		if (in_some >= in_window && in_some <= in_all &&
		    in_time(&all.frames[i - in_all], in_all, &some.frames[j - in_some], in_some,
			    bound))
			continue;
		if (wrong++ < MAX_SHOWN) {
			printf("%zu times in %s (%zu in the window), %zu times in %s\n",
			       in_all, all.name, in_window, in_some, some.name);
			show("frame", frame);
		}
	}
	printf("all=%zu window=%zu some=%zu wrong=%zu\n", all.nr, window, some.nr,
	       wrong);
	return wrong ? 1 : 0;
}
