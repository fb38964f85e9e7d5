// SPDX-License-Identifier: GPL-2.0
/*
 * pin_test - nobody takes a reference on pages of a pool
 *
 * Plain system calls copy to and from a window like any memory. Whatever would
 * keep the pages beyond the call, or hand them to a pipe, a socket or a device,
 * is refused: memory that was punched or reclaimed must be nobody's. Each test
 * ends with a PUNCH that would be EBUSY if something were left.
 */
#include "child.h"
#include "windows.h"

#include <arpa/inet.h>
#include <linux/futex.h>
#include <linux/if_xdp.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)

/* What Linux 6.12 has and Debian's headers have not. */
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC	(1ULL << 15)
#endif
#ifndef IORING_SETUP_NO_MMAP
#define IORING_SETUP_NO_MMAP	(1U << 14)
#endif

FIXTURE(pin)
{
	int session;
	__u64 pool;
	struct nexp_attachment a;
	struct nexp_window windows[NEXP_NR_WINDOWS];
};

/* Committed at once, so that it is in the largest pieces that there are. */
FIXTURE_SETUP(pin)
{
	struct netexpert_pool_create args = nexp_pool_args();

	args.heap_size = 4 * MIB;
	args.heap_limit = 4 * MIB;
	self->session = nexp_do_session(_metadata);
	nexp_do_settle(_metadata, self->session);
	self->pool = nexp_do_pool(_metadata, self->session, &args);
	nexp_do_attach(_metadata,
		       nexp_do_open(_metadata, self->session, self->pool), &self->a);
	ASSERT_EQ(0, __nexp_do_commit(self->a.fd, 0, 4 * MIB));
	memset(self->a.heap, 7, 4 * MIB);
	nexp_list_windows(&self->a, self->windows);
	for (int i = 0; i < NEXP_NR_WINDOWS; i++)
		ASSERT_EQ(0, nexp_read_fault(self->windows[i].mapped));
}

FIXTURE_TEARDOWN(pin)
{
	close(self->session);
	nexp_do_settle(_metadata, nexp_do_session(_metadata));
}

static void expect_no_pin(struct __test_metadata *const _metadata,
			  FIXTURE_DATA(pin) *self)
{
	EXPECT_EQ(0, __nexp_do_punch(self->a.fd, 0, 4 * MIB));
	EXPECT_EQ(0, nexp_do_stat(_metadata, self->session, self->pool).out_heap_bytes);
}

TEST_F(pin, process_vm_copies_nothing)
{
	char bytes[16];
	struct iovec local = { bytes, sizeof(bytes) };
	struct nexp_window *w;

	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		struct iovec remote = { w->mapped, sizeof(bytes) };

		EXPECT_EQ(-1, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(-1, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
		EXPECT_EQ(EFAULT, errno);
	}
	expect_no_pin(_metadata, self);
}

/* Out of a pipe is a copy; into one would be a gift. */
TEST_F(pin, pages_do_not_go_into_a_pipe)
{
	struct nexp_window *w;
	int pipe_fds[2];
	char byte = 9;

	ASSERT_EQ(0, pipe2(pipe_fds, O_CLOEXEC));
	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		struct iovec iov = { w->mapped, PAGE };

		EXPECT_EQ(-1, vmsplice(pipe_fds[1], &iov, 1, 0));
		EXPECT_EQ(EFAULT, errno)
			TH_LOG("%s", w->name);
		EXPECT_EQ(-1, vmsplice(pipe_fds[1], &iov, 1, SPLICE_F_GIFT));
		EXPECT_EQ(EFAULT, errno);
		ASSERT_EQ(1, write(pipe_fds[1], &byte, 1));
		EXPECT_EQ(w->writable ? 1 : -1, vmsplice(pipe_fds[0], &iov, 1, 0));
		if (!w->writable)
			ASSERT_EQ(1, read(pipe_fds[0], &byte, 1));
	}
	EXPECT_EQ(9, self->a.heap[0]);
	EXPECT_EQ(-1, splice(self->a.fd, NULL, pipe_fds[1], NULL, PAGE, 0));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, splice(pipe_fds[0], NULL, self->a.fd, NULL, PAGE, SPLICE_F_NONBLOCK));
	EXPECT_EQ(EINVAL, errno);
	expect_no_pin(_metadata, self);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

/* A connected pair of TCP sockets, on the loopback. */
static void make_tcp(struct __test_metadata *const _metadata, int ends[2])
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t length = sizeof(at);
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT_LE(0, listening);
	ASSERT_EQ(0, bind(listening, (void *)&at, sizeof(at)));
	ASSERT_EQ(0, listen(listening, 1));
	ASSERT_EQ(0, getsockname(listening, (void *)&at, &length));
	ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, connect(ends[0], (void *)&at, sizeof(at)))
		TH_LOG("%s", strerror(errno));
	ends[1] = accept(listening, NULL, NULL);
	ASSERT_LE(0, ends[1]);
	close(listening);
}

TEST_F(pin, sockets_copy_and_never_refer)
{
	unsigned char byte = 0;
	struct nexp_window *w;
	int tcp[2], one = 1;

	make_tcp(_metadata, tcp);
	ASSERT_EQ(0, setsockopt(tcp[0], SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)));
	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(-1, send(tcp[0], w->mapped, PAGE, MSG_ZEROCOPY));
		EXPECT_EQ(EFAULT, errno)
			TH_LOG("%s", w->name);
	}
	EXPECT_EQ((ssize_t)PAGE, send(tcp[0], self->a.heap, PAGE, 0));
	self->a.heap[0] = 8;
	expect_no_pin(_metadata, self);
	EXPECT_EQ(1, recv(tcp[1], &byte, 1, MSG_WAITALL));
	EXPECT_EQ(7, byte)
		TH_LOG("what was sent changed under way");
	close(tcp[0]);
	close(tcp[1]);
}

TEST_F(pin, heap_is_no_umem)
{
	struct xdp_umem_reg umem = {
		.addr = (uintptr_t)self->a.heap,
		.len = MIB,
		.chunk_size = PAGE,
	};
	int xdp = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (xdp < 0 && errno == EAFNOSUPPORT)
		SKIP(return, "a kernel without AF_XDP");
	ASSERT_LE(0, xdp);
	EXPECT_EQ(-1, setsockopt(xdp, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)));
	EXPECT_EQ(EFAULT, errno);
	close(xdp);
	expect_no_pin(_metadata, self);
}

/* A private futex is an address, a shared one the page behind it. */
TEST_F(pin, futex_in_the_heap_is_private)
{
	__u32 *word = (void *)self->a.heap;

	*word = 1;
	EXPECT_EQ(0, syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL));
	EXPECT_EQ(-1, syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2, NULL));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(-1, syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, syscall(SYS_futex, word, FUTEX_WAIT, 2, NULL));
	EXPECT_EQ(EFAULT, errno);
	expect_no_pin(_metadata, self);
}

/* An expert cannot stall the kernel's copies, nor fill pages of its own in. */
TEST_F(pin, userfaultfd_is_refused)
{
	static const __u64 modes[] = {
		UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_WP,
		UFFDIO_REGISTER_MODE_MINOR,
	};
	static const __u64 features[] = { 0, UFFD_FEATURE_WP_ASYNC };
	struct nexp_window *w;
	size_t f, m;

	for (f = 0; f < sizeof(features) / sizeof(features[0]); f++) {
		struct uffdio_api api = { .api = UFFD_API, .features = features[f] };
		int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);

		if (uffd < 0 && errno == ENOSYS)
			SKIP(return, "a kernel without userfaultfd");
		ASSERT_LE(0, uffd);
		ASSERT_EQ(0, ioctl(uffd, UFFDIO_API, &api));
		for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
			for (m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
				struct uffdio_register reg = {
					.range = { (uintptr_t)w->mapped, w->size },
					.mode = modes[m],
				};

				EXPECT_EQ(-1, ioctl(uffd, UFFDIO_REGISTER, &reg));
				EXPECT_EQ(EINVAL, errno)
					TH_LOG("%s, mode %llu", w->name, modes[m]);
			}
		}
		close(uffd);
	}
	expect_no_pin(_metadata, self);
}

/* Direct I/O would let a device write into the heap; a block device does it. */
TEST_F(pin, direct_io_is_efault)
{
	int disk, flags = O_RDWR | O_DIRECT | O_CLOEXEC;
	struct nexp_window *w;

	disk = open("/dev/ram0", flags);
	if (disk < 0 && !system("modprobe -q brd rd_nr=1 rd_size=1024 2>/dev/null"))
		nexp_becomes((disk = open("/dev/ram0", flags)) >= 0);
	if (disk < 0)
		SKIP(return, "no block device in memory (brd): %s", strerror(errno));
	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		EXPECT_EQ(-1, pwrite(disk, w->mapped, PAGE, 0));
		EXPECT_EQ(EFAULT, errno)
			TH_LOG("%s", w->name);
		EXPECT_EQ(-1, pread(disk, w->mapped, PAGE, 0));
		EXPECT_EQ(EFAULT, errno)
			TH_LOG("%s", w->name);
	}
	close(disk);
	expect_no_pin(_metadata, self);
}

/**
 * struct uring - an io_uring with one request at a time, and no library
 * @fd: of it.
 * @params: what the kernel made of the wishes.
 * @rings: both rings.
 * @sqes: the requests.
 */
struct uring {
	int fd;
	struct io_uring_params params;
	unsigned char *rings;
	struct io_uring_sqe *sqes;
};

/* False if the kernel has none for us. */
static bool uring_open(struct __test_metadata *const _metadata, struct uring *u)
{
	memset(u, 0, sizeof(*u));
	u->fd = syscall(SYS_io_uring_setup, 4, &u->params);
	if (u->fd < 0 && (errno == ENOSYS || errno == EPERM))
		return false;
	ASSERT_LE(0, u->fd);
	ASSERT_NE(0, u->params.features & IORING_FEAT_SINGLE_MMAP);
	u->rings = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd,
			IORING_OFF_SQ_RING);
	ASSERT_NE(MAP_FAILED, u->rings);
	u->sqes = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd,
		       IORING_OFF_SQES);
	ASSERT_NE(MAP_FAILED, u->sqes);
	return true;
}

static __u32 *uring_word(struct uring *u, __u32 offset)
{
	return (__u32 *)(u->rings + offset);
}

static int uring_submit(struct uring *u, const struct io_uring_sqe *sqe, __u32 wait_for)
{
	__u32 tail = *uring_word(u, u->params.sq_off.tail);
	__u32 slot = tail & (u->params.sq_entries - 1);

	u->sqes[slot] = *sqe;
	uring_word(u, u->params.sq_off.array)[slot] = slot;
	__atomic_store_n(uring_word(u, u->params.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, u->fd, 1, wait_for,
		       wait_for ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
}

/* Submits and waits. Answers the result. */
static int uring_do(struct __test_metadata *const _metadata, struct uring *u,
		    const struct io_uring_sqe *sqe)
{
	__u32 head = *uring_word(u, u->params.cq_off.head);
	struct io_uring_cqe *cqes = (void *)(u->rings + u->params.cq_off.cqes);
	int res;

	ASSERT_EQ(1, uring_submit(u, sqe, 1));
	ASSERT_NE(head, __atomic_load_n(uring_word(u, u->params.cq_off.tail),
					__ATOMIC_ACQUIRE));
	res = cqes[head & (u->params.cq_entries - 1)].res;
	__atomic_store_n(uring_word(u, u->params.cq_off.head), head + 1, __ATOMIC_RELEASE);
	return res;
}

static struct io_uring_sqe uring_rw(__u8 opcode, int fd, void *at, __u32 length)
{
	return (struct io_uring_sqe){
		.opcode = opcode,
		.fd = fd,
		.addr = (uintptr_t)at,
		.len = length,
		.off = -1,
	};
}

TEST_F(pin, io_uring_registers_no_window)
{
	struct nexp_window *w;
	struct uring u;

	if (!uring_open(_metadata, &u))
		SKIP(return, "no io_uring: %s", strerror(errno));
	for (w = self->windows; w < self->windows + NEXP_NR_WINDOWS; w++) {
		struct iovec iov = { w->mapped, w->size };
		struct io_uring_params params = { .flags = IORING_SETUP_NO_MMAP };

		EXPECT_EQ(-1, syscall(SYS_io_uring_register, u.fd,
				      IORING_REGISTER_BUFFERS, &iov, 1));
		EXPECT_EQ(EFAULT, errno)
			TH_LOG("%s", w->name);
		/* The rings themselves in it; older headers call user_addr so. */
		params.sq_off.resv2 = (uintptr_t)w->mapped;
		params.cq_off.resv2 = (uintptr_t)w->mapped;
		EXPECT_EQ(-1, syscall(SYS_io_uring_setup, 4, &params));
		EXPECT_TRUE(errno == EFAULT || errno == EINVAL)
			TH_LOG("%s: %s", w->name, strerror(errno));
	}
	close(u.fd);
	expect_no_pin(_metadata, self);
}

/* At once, or by a worker of the kernel's: copied like by read(2) and write(2). */
TEST_F(pin, io_uring_reads_and_writes_like_a_system_call)
{
	static const __u8 how[] = { 0, IOSQE_ASYNC };
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int file = memfd_create("nexp", MFD_CLOEXEC);
	unsigned char byte = 0;
	struct uring u;
	size_t i;

	ASSERT_LE(0, zero);
	ASSERT_LE(0, file);
	if (!uring_open(_metadata, &u))
		SKIP(return, "no io_uring: %s", strerror(errno));
	ASSERT_EQ(0, __nexp_do_punch(self->a.fd, MIB, PAGE));
	for (i = 0; i < sizeof(how); i++) {
		struct io_uring_sqe sqe;

		sqe = uring_rw(IORING_OP_WRITE, file, self->a.heap, PAGE);
		sqe.flags = how[i];
		EXPECT_EQ((int)PAGE, uring_do(_metadata, &u, &sqe));
		sqe = uring_rw(IORING_OP_READ, zero, self->a.heap + PAGE, 8);
		sqe.flags = how[i];
		EXPECT_EQ(8, uring_do(_metadata, &u, &sqe));
		sqe.addr = (uintptr_t)self->a.heap + MIB;
		EXPECT_EQ(-EFAULT, uring_do(_metadata, &u, &sqe))
			TH_LOG("what is not committed");
		sqe.addr = (uintptr_t)self->a.status;
		EXPECT_EQ(-EFAULT, uring_do(_metadata, &u, &sqe))
			TH_LOG("what is read-only");
	}
	EXPECT_EQ(1, pread(file, &byte, 1, 0));
	EXPECT_EQ(7, byte);
	EXPECT_EQ(0, self->a.heap[PAGE]);
	close(u.fd);
	expect_no_pin(_metadata, self);
}

/* A read that never ends is under way into the heap when the expert is killed. */
TEST_F(pin, request_under_way_does_not_delay_a_death)
{
	__u64 pool = nexp_do_pool(_metadata, self->session, NULL);
	int fd = nexp_do_open(_metadata, self->session, pool);
	struct netexpert_pool_stat stat;
	struct nexp_child child;
	int pipe_fds[2];

	ASSERT_EQ(0, pipe(pipe_fds));
	if (nexp_do_fork(_metadata, &child)) {
		struct nexp_attachment a;
		struct io_uring_sqe sqe;
		struct uring u;

		nexp_do_attach(_metadata, fd, &a);
		ASSERT_EQ(0, __nexp_do_commit(fd, 0, MIB));
		memset(a.heap, 1, MIB);
		if (uring_open(_metadata, &u)) {
			sqe = uring_rw(IORING_OP_READ, pipe_fds[0], a.heap, PAGE);
			sqe.flags = IOSQE_ASYNC;
			ASSERT_EQ(1, uring_submit(&u, &sqe, 0));
			nexp_do_say(_metadata, &child, 1);
		} else {
			nexp_do_say(_metadata, &child, 0);
		}
		for (;;)
			pause();
	}
	if (!nexp_do_hear(_metadata, &child)) {
		kill(child.pid, SIGKILL);
		nexp_child_end(&child);
		SKIP(return, "no io_uring");
	}
	kill(child.pid, SIGKILL);
	EXPECT_TRUE(nexp_becomes(!__nexp_do_stat(self->session, pool, &stat) &&
				 stat.out_state == NETEXPERT_POOL_IDLE));
	EXPECT_EQ(0, stat.out_heap_bytes);
	nexp_child_end(&child);
}

TEST_HARNESS_MAIN
