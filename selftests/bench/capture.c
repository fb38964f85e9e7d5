// SPDX-License-Identifier: GPL-2.0
/*
 * capture - what it costs to capture a frame
 *
 * capture SENDER RECEIVER
 *
 * Sends UDP frames from one end of a veth pair to the other on one processor,
 * captures them where they leave or where they arrive, and takes the time until
 * the reader has got them all, less what the same frames take when nobody
 * captures; at XDP, when a program consumes them and does nothing else. Under
 * QEMU's -icount a nanosecond is an instruction, and the numbers are the same in
 * every run.
 *
 * Time in which nothing is to be done counts for nothing: a process that runs
 * only then says how much it was.
 *
 * A line of output: case, subject, bytes of a frame, instructions a frame.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "capture.h"

#define NR_FRAMES	10000U
#define BURST		64U
#define MAX_READERS	32U
#define MAX_FRAME	1514U
/* Unread bytes at which the sender waits, well below a ring. */
#define WINDOW		(2U << 20)
/* What a ring needs beside a frame's bytes, at most. */
#define HEADER		256U

/* A bound, not a measure. */
#define PATIENCE_NS	60000000000ULL

static const struct subject nothing = { .name = "none" };

/**
 * struct measure - what is measured
 * @name: of the case.
 * @subject: how.
 * @size: bytes of a frame.
 * @nr_readers: captures, each with a reader.
 * @gets_frames: the frames pass the filter and are read.
 * @options: of each capture.
 */
struct measure {
	const char *name;
	const struct subject *subject;
	unsigned int size;
	unsigned int nr_readers;
	bool gets_frames;
	struct options options;
};

static struct share *shares;
static pid_t readers[MAX_READERS], idler;
static int wire;
static const char *sender, *receiver;
static double uncaptured[MAX_FRAME + 1], consumed[MAX_FRAME + 1];

void die(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "capture: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	kill(0, SIGTERM);
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		die("clock_gettime: %s", strerror(errno));
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Nanoseconds in which there was something to do. */
static uint64_t busy_ns(void)
{
	clockid_t idle;

	if (clock_getcpuclockid(idler, &idle))
		die("no clock of the idle process");
	return clock_ns(CLOCK_MONOTONIC) - clock_ns(idle);
}

static void begin_idler(void)
{
	const struct sched_param param = { 0 };

	idler = fork();
	if (idler < 0)
		die("fork: %s", strerror(errno));
	if (idler)
		return;
	if (sched_setscheduler(0, SCHED_IDLE, &param))
		die("sched_setscheduler: %s", strerror(errno));
	for (;;)
		__asm__ volatile("");
}

static void open_wire(void)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(sender),
	};

	wire = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (wire < 0 ||
	    bind(wire, (struct sockaddr *)&address, sizeof(address)))
		die("a socket on %s: %s", sender, strerror(errno));
}

/* To nobody: what the receiver's stack does with it is the same for all. */
static void make_frame(unsigned char *frame, unsigned int size)
{
	struct ether_header *ether = (struct ether_header *)frame;
	struct iphdr *ip = (struct iphdr *)(ether + 1);
	struct udphdr *udp = (struct udphdr *)(ip + 1);

	memset(frame, 0, size);
	memcpy(ether->ether_dhost, "\x02\0\0\0\0\x99", ETH_ALEN);
	memcpy(ether->ether_shost, "\x02\0\0\0\0\x01", ETH_ALEN);
	ether->ether_type = htons(ETHERTYPE_IP);
	*ip = (struct iphdr) {
		.version = 4,
		.ihl = 5,
		.ttl = 64,
		.protocol = IPPROTO_UDP,
		.tot_len = htons((uint16_t)(size - sizeof(*ether))),
		.saddr = htonl(0x0a000001),
		.daddr = htonl(0x0a000002),
	};
	udp->source = htons(9);
	udp->dest = htons(9);
	udp->len = htons((uint16_t)(size - sizeof(*ether) - sizeof(*ip)));
}

static uint64_t frames_of_slowest(const struct measure *m)
{
	uint64_t least = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < m->nr_readers; i++) {
		uint64_t frames = __atomic_load_n(&shares[i].frames, __ATOMIC_RELAXED);

		if (frames < least)
			least = frames;
	}
	return least;
}

/* Until every reader has got @frames of them. */
static void wait_for_readers(const struct measure *m, uint64_t frames)
{
	const struct timespec pause = { .tv_nsec = 100000 };
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + PATIENCE_NS;

	if (!m->gets_frames)
		return;
	while (frames_of_slowest(m) < frames) {
		if (clock_ns(CLOCK_MONOTONIC) > end)
			die("%s, %s, %u bytes: a reader has got %llu frames of %llu",
			    m->name, m->subject->name, m->size,
			    (unsigned long long)frames_of_slowest(m),
			    (unsigned long long)frames);
		nanosleep(&pause, NULL);
	}
}

static void send_burst(unsigned char *frame, unsigned int size)
{
	struct iovec iov = { .iov_base = frame, .iov_len = size };
	struct mmsghdr messages[BURST];
	unsigned int i;

	memset(messages, 0, sizeof(messages));
	for (i = 0; i < BURST; i++) {
		messages[i].msg_hdr.msg_iov = &iov;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	if (sendmmsg(wire, messages, BURST, 0) != BURST)
		die("sendmmsg: %s", strerror(errno));
}

/* Frames before these were @before. Answers how many there are then. */
static uint64_t send_frames(const struct measure *m, uint64_t before, unsigned int nr)
{
	unsigned char frame[MAX_FRAME];
	uint64_t window = WINDOW / (m->size + HEADER), end = before + nr;

	make_frame(frame, m->size);
	for (; before < end; before += BURST) {
		if (before > window)
			wait_for_readers(m, before - window);
		send_burst(frame, m->size);
	}
	wait_for_readers(m, before);
	return before;
}

static void begin_reader(const struct measure *m, struct capture *capture, unsigned int i)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	readers[i] = fork();
	if (readers[i] < 0)
		die("fork: %s", strerror(errno));
	if (!readers[i]) {
		m->subject->read(capture, &shares[i]);
		die("%s: the reader has come to an end", m->subject->name);
	}
	while (!__atomic_load_n(&shares[i].is_ready, __ATOMIC_ACQUIRE))
		nanosleep(&pause, NULL);
}

static void end_reader(unsigned int i)
{
	kill(readers[i], SIGKILL);
	waitpid(readers[i], NULL, 0);
}

/* Instructions of a frame: twice as many frames before, to warm up and fill rings. */
static double instructions(const struct measure *m)
{
	struct capture *captures[MAX_READERS];
	uint64_t sent, first, lost = 0;
	unsigned int i;

	memset(shares, 0, MAX_READERS * sizeof(*shares));
	for (i = 0; i < m->nr_readers; i++) {
		captures[i] = m->subject->open(&m->options);
		begin_reader(m, captures[i], i);
		if (!m->gets_frames)
			kill(readers[i], SIGSTOP);
	}
	first = send_frames(m, 0, 2 * NR_FRAMES);
	sent = busy_ns();
	first = send_frames(m, first, NR_FRAMES) - first;
	sent = busy_ns() - sent;
	for (i = 0; i < m->nr_readers; i++) {
		end_reader(i);
		lost += m->subject->lost(captures[i]);
		m->subject->close(captures[i]);
	}
	if (m->gets_frames && lost)
		die("%s, %s, %u bytes: %llu frames were lost", m->name, m->subject->name,
		    m->size, (unsigned long long)lost);
	return (double)sent / (double)first;
}

static void show(const struct measure *m, const char *name, double value)
{
	printf("%s %s %u %.1f\n", name, m->subject->name, m->size, value);
	fflush(stdout);
}

static double cost(const struct measure *m)
{
	return instructions(m) - (m->options.is_tap ? consumed : uncaptured)[m->size];
}

static struct measure measure_of(const char *name, const struct subject *subject,
				 unsigned int size, const char *filter)
{
	return (struct measure) {
		.name = name,
		.subject = subject,
		.size = size,
		.nr_readers = 1,
		.gets_frames = true,
		.options = {
			.interface = receiver,
			.filter = filter,
			.ring_size = RING_SIZE,
			.wake_bytes = WAKE_BYTES,
		},
	};
}

static void measure_uncaptured(unsigned int size)
{
	struct measure m = measure_of("uncaptured", &nothing, size, NULL);

	m.nr_readers = 0;
	m.gets_frames = false;
	uncaptured[size] = instructions(&m);
	show(&m, m.name, uncaptured[size]);
}

static const struct subject *const subjects[] = { &netexpert, &tpacket, &ringbuf };

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

/* A frame that leaves is somebody else's: a packet socket needs a clone of it. */
static void measure_egress(unsigned int size)
{
	unsigned int i;

	for (i = 0; i < NR(subjects); i++) {
		struct measure m = measure_of("deliver-out", subjects[i], size, "udp");

		m.options.interface = sender;
		m.options.is_egress = true;
		show(&m, m.name, cost(&m));
	}
}

static void measure_deliveries(void)
{
	static const unsigned int sizes[] = { 64, 512, 1500 };
	unsigned int i, j;

	for (i = 0; i < NR(sizes); i++) {
		measure_uncaptured(sizes[i]);
		for (j = 0; j < NR(subjects); j++) {
			struct measure m = measure_of("deliver", subjects[j], sizes[i],
						      "udp");

			show(&m, m.name, cost(&m));
		}
		for (j = 0; j < 2; j++) {
			struct measure m = measure_of("unfiltered", subjects[j], sizes[i],
						      NULL);

			show(&m, m.name, cost(&m));
		}
		measure_egress(sizes[i]);
	}
}

static void measure_the_unwanted(void)
{
	unsigned int i;

	for (i = 0; i < NR(subjects); i++) {
		struct measure m = measure_of("reject", subjects[i], 64, "tcp");

		m.gets_frames = false;
		show(&m, m.name, cost(&m));
		m.name = "reject-out";
		m.options.interface = sender;
		m.options.is_egress = true;
		show(&m, m.name, cost(&m));
	}
	for (i = 0; i < NR(subjects); i++) {
		struct measure m = measure_of("full", subjects[i], 64, "udp");

		m.gets_frames = false;
		m.options.ring_size = 1U << 20;
		m.options.wake_bytes = 1U << 16;
		show(&m, m.name, cost(&m));
	}
}

static void measure_consumed(unsigned int size)
{
	struct measure m = measure_of("consumed", &consume, size, NULL);

	m.gets_frames = false;
	consumed[size] = instructions(&m);
	show(&m, m.name, consumed[size]);
}

/* Where frames are consumed before the kernel has them, beside whoever can do so. */
static void measure_taps(void)
{
	static const struct subject *const tappers[] = { &netexpert, &af_xdp };
	static const unsigned int sizes[] = { 64, 512, 1500 };
	unsigned int i, j;

	for (i = 0; i < NR(sizes); i++) {
		measure_consumed(sizes[i]);
		for (j = 0; j < NR(tappers); j++) {
			struct measure m = measure_of("tap", tappers[j], sizes[i], "udp");

			m.options.is_tap = true;
			show(&m, m.name, cost(&m));
		}
	}
	for (j = 0; j < NR(tappers); j++) {
		struct measure m = measure_of("tap-reject", tappers[j], 64, "tcp");

		m.options.is_tap = true;
		m.gets_frames = false;
		show(&m, m.name, cost(&m));
		m.name = "tap-full";
		m.options.filter = "udp";
		m.options.ring_size = 1U << 20;
		m.options.wake_bytes = 1U << 16;
		show(&m, m.name, cost(&m));
	}
}

static void measure_experts(const char *name, const char *filter)
{
	struct measure m = measure_of(name, &netexpert, 64, filter);
	unsigned int nr;
	char label[64];

	m.gets_frames = !strcmp(filter, "udp");
	for (nr = 1; nr <= MAX_READERS; nr *= 2) {
		m.nr_readers = nr;
		snprintf(label, sizeof(label), "%s-%u", name, nr);
		show(&m, label, cost(&m));
	}
}

/* One expert as before, but its flows are spread over workers. */
static void measure_workers(void)
{
	struct measure m = measure_of("workers", &netexpert, 64, "udp");

	m.options.nr_workers = 4;
	show(&m, m.name, cost(&m));
	m.name = "workers-reject";
	m.options.filter = "tcp";
	m.gets_frames = false;
	show(&m, m.name, cost(&m));
}

static void measure_wake_ups(void)
{
	static const unsigned int bytes[] = { 1, 1024, 4096, 16384, 65536, 262144, 1048576 };
	unsigned int i;
	char label[64];

	for (i = 0; i < NR(bytes); i++) {
		struct measure m = measure_of("wake", &netexpert, 64, "udp");

		m.options.wake_bytes = bytes[i];
		snprintf(label, sizeof(label), "%s-%u", m.name, bytes[i]);
		show(&m, label, cost(&m));
	}
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: capture SENDER RECEIVER\n");
		return 2;
	}
	signal(SIGTERM, SIG_DFL);
	setpgid(0, 0);
	receiver = argv[2];
	shares = mmap(NULL, MAX_READERS * sizeof(*shares), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shares == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	sender = argv[1];
	open_wire();
	begin_idler();
	measure_deliveries();
	measure_the_unwanted();
	measure_taps();
	measure_experts("experts", "udp");
	measure_experts("experts-reject", "tcp");
	measure_workers();
	measure_wake_ups();
	kill(idler, SIGKILL);
	waitpid(idler, NULL, 0);
	return 0;
}
