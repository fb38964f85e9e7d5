// SPDX-License-Identifier: GPL-2.0
/*
 * load - what can go wrong when BPF programs are loaded, in words
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "load.h"

/*
 * More than libbpf has open at once while it loads a program, beside one for each
 * module that has types and one for each map.
 */
#define LOAD_FILES		12

#define VERIFIER_TAIL_SIZE	500

#define OTHER_ARGUMENTS	\
	"its arguments are not those of a capture program; see netexpert.bpf.h"

/* What the verifier says, and what it means for the one who wrote the program. */
static const struct { const char *said; const char *means; } meanings[] = {
	{ "changes packet data",
	  "it calls a helper that may change frames (bpf_skb_pull_data() and "
	  "bpf_skb_store_bytes() are such); read with bpf_skb_load_bytes()" },
	{ "from non-GPL compatible program",
	  "its licence is missing or none that goes with the GPL: char LICENSE[] "
	  "SEC(\"license\") = \"GPL\"" },
	{ "args while", OTHER_ARGUMENTS },
	{ "type mismatch", OTHER_ARGUMENTS },
	{ "doesn't match", OTHER_ARGUMENTS },
	{ "is not allowed", "it calls a function of the kernel that is not for programs at tc" },
	{ "infinite loop", "it has a loop without an end that the kernel can see" },
	{ "too large", "the kernel gives up on following it: it is too long, or loops too often" },
	{ "invalid access to packet",
	  "it reads bytes of a frame without a check that they are there" },
	{ "invalid mem access 'map_value_or_null'",
	  "it uses what a map answers without a check that there is something" },
};

/* The same for what libbpf says. */
static const char missing[] = "not found in kernel or module BTFs";

static char first_words[512];

static int hear(enum libbpf_print_level level, const char *fmt, va_list args)
{
	static const char prefix[] = "libbpf: ";
	size_t length;

	if (level != LIBBPF_WARN || first_words[0])
		return 0;
	vsnprintf(first_words, sizeof(first_words), fmt, args);
	if (!strncmp(first_words, prefix, strlen(prefix)))
		memmove(first_words, first_words + strlen(prefix),
			strlen(first_words + strlen(prefix)) + 1);
	length = strlen(first_words);
	while (length && first_words[length - 1] == '\n')
		first_words[--length] = '\0';
	return 0;
}

void nexp_load_listen(void)
{
	first_words[0] = '\0';
	libbpf_set_print(hear);
}

const char *nexp_load_said(void)
{
	return first_words;
}

static unsigned int count_files(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned int nr = 0;

	while (dir && readdir(dir))
		nr++;
	if (dir)
		closedir(dir);
	return nr;
}

int nexp_load_check_files(unsigned int nr_maps)
{
	unsigned int nr = 0, nr_needed = LOAD_FILES + nr_maps + count_files("/sys/kernel/btf");
	int *fds = calloc(nr_needed, sizeof(*fds));
	int code = fds ? 0 : ENOMEM;

	while (!code && nr < nr_needed) {
		fds[nr] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fds[nr] < 0)
			code = errno;
		else
			nr++;
	}
	while (nr)
		close(fds[--nr]);
	free(fds);
	return code;
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

/* The last lines of the log, where the verifier says what it did not like. */
static const char *log_tail(char *log)
{
	char *stats = strstr(log, "processed ");
	size_t length;
	char *line;

	/* Statistics end the log; they explain nothing. */
	if (stats && (stats == log || stats[-1] == '\n'))
		*stats = '\0';
	length = strlen(log);
	while (length && log[length - 1] == '\n')
		log[--length] = '\0';
	if (length <= VERIFIER_TAIL_SIZE)
		return log;
	line = strchr(log + length - VERIFIER_TAIL_SIZE, '\n');
	return line ? line + 1 : log + length - VERIFIER_TAIL_SIZE;
}

static int refusal(struct nexp_error *err, const char *what, int code, char *log)
{
	const char *tail = log_tail(log);
	unsigned int i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strstr(tail, meanings[i].said))
			return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
				"the kernel's verifier refuses %s: %s. It ends with:\n%s", what,
				meanings[i].means, tail);
	return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			      "the kernel's verifier refuses %s. It ends with:\n%s", what, tail);
}

int nexp_load_failure(struct nexp_error *err, const char *what, int code, char *log)
{
	const char *said = nexp_load_said();

	if ((code == EPERM || code == EACCES) && !*log)
		return nexp_error_set(err, NEXP_FAILURE_PERMISSION, code,
			"loading %s is not permitted: it needs CAP_SYS_ADMIN (to find the "
			"module's kernel function), CAP_BPF and CAP_NET_ADMIN; run as root",
			what);
	if (code == EMFILE || code == ENFILE)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"loading %s: %s; raise the limit ('ulimit -n')", what, strerror(code));
	if (!exists("/sys/module/netexpert"))
		return nexp_error_set(err, NEXP_FAILURE_UNAVAILABLE, code,
			"the kernel module is not loaded; load it with 'modprobe netexpert'");
	if (!exists("/sys/kernel/btf/netexpert"))
		return nexp_error_set(err, NEXP_FAILURE_UNAVAILABLE, code,
			"the loaded kernel module offers no kernel function to BPF: it was "
			"built without BTF (/sys/kernel/btf/netexpert is missing). Install "
			"'dwarves', rebuild the module against headers that have a vmlinux "
			"with BTF, and reload it");
	if (*log)
		return refusal(err, what, code, log);
	if (strstr(said, missing))
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"loading %s: it calls what neither this kernel nor the module has: %s",
			what, said);
	if (*said)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code, "loading %s: %s", what, said);
	return nexp_error_set(err, NEXP_FAILURE_OTHER, code, "loading %s: %s", what,
			      strerror(code));
}
