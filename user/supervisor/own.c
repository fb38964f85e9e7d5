// SPDX-License-Identifier: GPL-2.0
/*
 * own - somebody's own capture program, as netexpert.bpf.h describes it
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "load.h"
#include "own.h"
#include "own.skel.h"

#define FUNCTION	"netexpert_capture"
#define SECTION		"freplace/" FUNCTION

/* A program of a million instructions with its types is smaller. */
#define MOST_FILE_BYTES	(32U << 20)

/* Maps are the kernel's memory, and not the expert's. */
#define MOST_MAP_BYTES	(256ULL << 20)

/* The verifier takes seconds at most, also where everything is slow. */
#define REHEARSAL_S	120

/** struct words - @text of nexp_own_load() in parts, and the file's contents */
struct words {
	char path[4096];
	const char *name;
	char what[320];
	const char *options;
	void *bytes;
	size_t size;
};

/** struct rehearsal - what became of loading it in a child */
struct rehearsal {
	int ret;
	struct nexp_error err;
};

static int split(const char *text, struct words *words, struct nexp_error *err)
{
	const char *equals = strchrnul(text, '=');
	size_t length = (size_t)(equals - text);

	words->options = *equals ? equals + 1 : NULL;
	if (!length || length >= sizeof(words->path))
		return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			"--capture '%.64s': a file's name stands before the first '='", text);
	memcpy(words->path, text, length);
	words->path[length] = '\0';
	words->name = strrchr(words->path, '/') ? strrchr(words->path, '/') + 1 : words->path;
	snprintf(words->what, sizeof(words->what), "the capture program '%.255s'", words->name);
	return 0;
}

static int no_file(const struct words *words, const char *why, int code, struct nexp_error *err)
{
	return nexp_error_set(err, NEXP_FAILURE_OTHER, code, "%s: %s", words->what, why);
}

/* Once and as a whole: what is checked is what gets loaded. */
static int read_file(struct words *words, struct nexp_error *err)
{
	int fd = open(words->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return no_file(words, strerror(errno), errno, err);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return no_file(words, "not a file", EINVAL, err);
	}
	if (!st.st_size || st.st_size > MOST_FILE_BYTES) {
		close(fd);
		return no_file(words, st.st_size ? "larger than 32 MiB" : "empty", EINVAL, err);
	}
	words->bytes = malloc((size_t)st.st_size);
	if (!words->bytes) {
		close(fd);
		return no_file(words, strerror(ENOMEM), ENOMEM, err);
	}
	do {
		n = read(fd, (char *)words->bytes + words->size, (size_t)st.st_size - words->size);
		words->size += n > 0 ? (size_t)n : 0;
	} while (n > 0 && words->size < (size_t)st.st_size);
	if (n < 0)
		no_file(words, strerror(errno), errno, err);
	close(fd);
	return n < 0 ? -EIO : 0;
}

static int open_object(struct nexp_own *own, struct words *words, char *log,
		       struct nexp_error *err)
{
	struct bpf_object_open_opts opts = {
		.sz = sizeof(opts),
		.object_name = words->name,
		.kernel_log_buf = log,
		.kernel_log_size = NEXP_LOAD_LOG_SIZE,
	};

	nexp_load_listen();
	own->object = bpf_object__open_mem(words->bytes, words->size, &opts);
	if (!own->object)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
			"%s is not what clang makes with -target bpf -O2 -g -c: %s", words->what,
			*nexp_load_said() ? nexp_load_said() : strerror(errno));
	if (!bpf_object__btf(own->object))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
			"%s has no types (BTF): compile it with -g", words->what);
	return 0;
}

static int find_program(struct nexp_own *own, const struct words *words,
			struct bpf_program **ret, struct nexp_error *err)
{
	struct bpf_program *program;

	*ret = NULL;
	bpf_object__for_each_program(program, own->object) {
		if (strcmp(bpf_program__section_name(program), SECTION))
			return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
				"%s has a program '%s' in section '%s': netexpert calls one "
				"function, which NETEXPERT_CAPTURE of netexpert.bpf.h stands "
				"before, and attaches nothing else", words->what,
				bpf_program__name(program), bpf_program__section_name(program));
		if (*ret)
			return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
				"%s has two capture functions, '%s' and '%s': leave one",
				words->what, bpf_program__name(*ret), bpf_program__name(program));
		*ret = program;
	}
	if (*ret)
		return 0;
	return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
		"%s has no capture function: put NETEXPERT_CAPTURE of netexpert.bpf.h before it",
		words->what);
}

/* About what the kernel allocates at once; saturates. */
static uint64_t map_bytes(const struct bpf_map *map)
{
	uint64_t each = (uint64_t)bpf_map__key_size(map) + bpf_map__value_size(map), bytes;
	int nr_cpus = libbpf_num_possible_cpus();

	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
		each *= nr_cpus > 0 ? (uint64_t)nr_cpus : 1;
		break;
	default:
		break;
	}
	/* A ring buffer's entries are bytes. */
	return __builtin_mul_overflow(bpf_map__max_entries(map), each ? each : 1, &bytes) ?
	       UINT64_MAX : bytes;
}

static int check_maps(struct nexp_own *own, const struct words *words, unsigned int *ret_nr,
		      struct nexp_error *err)
{
	uint64_t sum = 0, bytes;
	struct bpf_map *map;

	*ret_nr = 0;
	bpf_object__for_each_map(map, own->object) {
		++*ret_nr;
		if (bpf_map__pin_path(map))
			return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
				"%s: map '%s' would be pinned and stay behind when the run is over: "
				"leave 'pinning' out", words->what, bpf_map__name(map));
		bytes = map_bytes(map);
		if (bytes > MOST_MAP_BYTES || sum + bytes > MOST_MAP_BYTES)
			return nexp_error_set(err, NEXP_FAILURE_OTHER, E2BIG,
				"%s: with map '%s' (%u entries) its maps are larger than %llu MiB: "
				"lower max_entries", words->what, bpf_map__name(map),
				bpf_map__max_entries(map), MOST_MAP_BYTES >> 20);
		sum += bytes;
	}
	return 0;
}

static int set_options(struct nexp_own *own, const struct words *words, struct nexp_error *err)
{
	struct bpf_map *map = bpf_object__find_map_by_name(own->object, ".rodata");
	struct nexp_error why;
	void *bytes = NULL;
	size_t size = 0;
	int ret;

	if (!words->options)
		return 0;
	/* Ours to change until it is loaded, whatever its type says. */
	if (map)
		bytes = (void *)bpf_map__initial_value(map, &size);
	ret = nexp_own_set_options(bpf_object__btf(own->object), bytes, size, words->options, &why);
	if (!ret)
		return 0;
	return nexp_error_set(err, why.kind, -ret, "%s: %s", words->what, why.text);
}

/* What stands at tcx; the program needs it to be loaded against. */
static int load_around(struct nexp_own *own, uint64_t pool_id, char *log, struct nexp_error *err)
{
	struct bpf_object_open_opts opts = {
		.sz = sizeof(opts),
		.kernel_log_buf = log,
		.kernel_log_size = NEXP_LOAD_LOG_SIZE,
	};
	int code;

	own->skeleton = own_bpf__open_opts(&opts);
	if (!own->skeleton)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno,
			"opening what calls a capture program: %s", strerror(errno));
	own->skeleton->rodata->nexp_pool_id = pool_id;
	code = own_bpf__load(own->skeleton);
	return code ? nexp_load_failure(err, "what calls a capture program", -code, log) : 0;
}

static int put_in_place(struct nexp_own *own, const struct words *words,
			struct bpf_program *program, struct nexp_error *err)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		own->links[i] = bpf_program__attach_freplace(program, nexp_own_fd(own, i),
							     FUNCTION);
		if (!own->links[i])
			return nexp_error_set(err, NEXP_FAILURE_OTHER, errno,
				"putting %s into its place: %s", words->what, strerror(errno));
	}
	return 0;
}

static int load(struct nexp_own *own, struct words *words, uint64_t pool_id, char *log,
		struct nexp_error *err)
{
	struct bpf_program *program;
	unsigned int nr_maps;
	int ret;

	ret = read_file(words, err);
	if (!ret)
		ret = open_object(own, words, log, err);
	if (!ret)
		ret = find_program(own, words, &program, err);
	if (!ret)
		ret = check_maps(own, words, &nr_maps, err);
	if (!ret)
		ret = set_options(own, words, err);
	if (ret)
		return ret;
	ret = nexp_load_check_files(nr_maps);
	if (ret)
		return nexp_load_failure(err, words->what, ret, log);
	ret = load_around(own, pool_id, log, err);
	if (ret)
		return ret;
	log[0] = '\0';
	nexp_load_listen();
	bpf_program__set_autoload(program, true);
	ret = bpf_program__set_attach_target(program, nexp_own_fd(own, false), FUNCTION);
	if (!ret)
		ret = bpf_object__load(own->object);
	if (ret)
		return nexp_load_failure(err, words->what, -ret, log);
	return put_in_place(own, words, program, err);
}

/* Names and words out of the file go to a terminal. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\n' && *text != '\t') || *text == 0x7f)
			*text = '?';
}

static int load_once(struct nexp_own *own, const char *text, uint64_t pool_id,
		     struct nexp_error *err)
{
	char log[NEXP_LOAD_LOG_SIZE] = "";
	struct words words = { .size = 0 };
	int ret;

	ret = split(text, &words, err);
	if (!ret)
		ret = load(own, &words, pool_id, log, err);
	free(words.bytes);
	if (ret)
		nexp_own_destroy(own);
	return ret;
}

static void on_crash(int signal)
{
	_exit(signal);
}

/* A handler, because the kernel logs of programs that have none. */
static void rehearse(const char *text, uint64_t pool_id, struct rehearsal *rehearsal)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM };
	struct nexp_own own = { 0 };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	unsigned int i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_crash);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* libc says there what it finds wrong with the heap. */
	dup2(null, STDERR_FILENO);
	alarm(REHEARSAL_S);
	rehearsal->ret = load_once(&own, text, pool_id, &rehearsal->err);
	_exit(0);
}

/*
 * Debian 12's libbpf crashes on one damaged file in a hundred: it does so in a child
 * first. What was loaded there is gone with it.
 */
static int try_in_child(const char *text, uint64_t pool_id, struct nexp_error *err)
{
	struct rehearsal *rehearsal;
	int status = 0, crash, ret;
	pid_t child;

	rehearsal = mmap(NULL, sizeof(*rehearsal), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rehearsal == MAP_FAILED)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "out of memory");
	child = fork();
	if (!child)
		rehearse(text, pool_id, rehearsal);
	if (child < 0) {
		ret = nexp_error_set(err, NEXP_FAILURE_OTHER, errno, "starting a process: %s",
				     strerror(errno));
	} else if (waitpid(child, &status, 0) != child || status) {
		crash = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
		ret = nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL, "--capture '%.256s': libbpf "
				     "cannot cope with this file (%s): it is damaged", text,
				     strsignal(crash));
	} else {
		ret = rehearsal->ret;
		if (ret)
			*err = rehearsal->err;
	}
	munmap(rehearsal, sizeof(*rehearsal));
	return ret;
}

int nexp_own_load(struct nexp_own *own, const char *text, uint64_t pool_id,
		  struct nexp_error *err)
{
	int ret;

	ret = try_in_child(text, pool_id, err);
	if (!ret)
		ret = load_once(own, text, pool_id, err);
	if (ret)
		make_printable(err->text);
	return ret;
}

int nexp_own_fd(const struct nexp_own *own, bool egress)
{
	const struct bpf_program *program = egress ? own->skeleton->progs.nexp_own_out :
						     own->skeleton->progs.nexp_own_in;

	return bpf_program__fd(program);
}

void nexp_own_destroy(struct nexp_own *own)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		bpf_link__destroy(own->links[i]);
	/* The last file of a map ends its timers, and waits for them. */
	bpf_object__close(own->object);
	own_bpf__destroy(own->skeleton);
	*own = (struct nexp_own){ 0 };
}
