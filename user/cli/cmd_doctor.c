// SPDX-License-Identifier: GPL-2.0
/*
 * netexpert doctor - can this machine run experts?
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/capability.h>

#include "cli.h"
#include "json.h"
#include "paths.h"
#include "text.h"

#define LEAST_MAJOR	6
#define LEAST_MINOR	12

static const char help_text[] =
	"Usage: netexpert doctor [--json]\n"
	"\n"
	"Checks whether this machine, and this user on it, can run experts. Every line is\n"
	"OK, or FAIL with what to do, or NOTE for what may matter. Nothing is changed or\n"
	"attached: the capture program is loaded and unloaded again, and tcx is asked for\n"
	"a link on an interface that does not exist.\n"
	"\n"
	"      --json  a JSON object per check and line\n"
	"  -h, --help  this text\n"
	"\n"
	"EXIT STATUS\n"
	"   0  everything is OK\n"
	"   1  something is not\n"
	"   2  the command line makes no sense\n";

enum verdict { VERDICT_OK, VERDICT_NOTE, VERDICT_FAIL };

struct doctor {
	struct nexp_output output;
	bool json;
	unsigned int nr_failed;
};

__attribute__((format(printf, 4, 5)))
static void say(struct doctor *doctor, enum verdict verdict, const char *check, const char *fmt,
		...)
{
	static const char *const words[] = { "OK", "NOTE", "FAIL" };
	struct nexp_buffer line = { 0 };
	char text[1200];
	json_t *object;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	doctor->nr_failed += verdict == VERDICT_FAIL;
	if (doctor->json) {
		object = json_pack("{s:s,s:s}", "check", check, "verdict", words[verdict]);
		json_object_set_new(object, "text", nexp_json_text(text, strlen(text)));
		nexp_json_line(&doctor->output, object);
		return;
	}
	nexp_buffer_printf(&line, "%-4s  %-12s  %s\n", words[verdict], check, text);
	nexp_output_write(&doctor->output, line.bytes, line.length);
	nexp_buffer_free(&line);
}

/* Return: bytes read into @text, which gets a NUL; or a negative errno. */
static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		n = -errno;
	else
		text[n] = '\0';
	close(fd);
	return n;
}

static void check_kernel(struct doctor *doctor)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	if (sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
	    (major > LEAST_MAJOR || (major == LEAST_MAJOR && minor >= LEAST_MINOR)))
		say(doctor, VERDICT_OK, "kernel", "Linux %s", name.release);
	else
		say(doctor, VERDICT_FAIL, "kernel",
		    "Linux %s is older than %u.%u: boot a newer kernel (Debian 12: package "
		    "linux-image-6.12-amd64)", name.release, LEAST_MAJOR, LEAST_MINOR);
}

static bool check_module(struct doctor *doctor)
{
	if (!access("/sys/module/netexpert", F_OK)) {
		say(doctor, VERDICT_OK, "module", "netexpert is loaded");
		return true;
	}
	say(doctor, VERDICT_FAIL, "module",
	    "netexpert is not loaded: 'modprobe netexpert'; if it is not installed, build it "
	    "with 'make modules' and 'make modules_install'");
	return false;
}

static void check_btf(struct doctor *doctor, bool loaded)
{
	if (!access("/sys/kernel/btf/netexpert", F_OK))
		say(doctor, VERDICT_OK, "module BTF", "/sys/kernel/btf/netexpert is there");
	else if (!loaded)
		say(doctor, VERDICT_NOTE, "module BTF", "not checked: it takes a loaded module");
	else
		say(doctor, VERDICT_FAIL, "module BTF",
		    "/sys/kernel/btf/netexpert is missing, so BPF can't call the module: install "
		    "'dwarves' and rebuild the module against headers whose vmlinux has BTF");
}

static void check_device(struct doctor *doctor)
{
	struct nexp_session session = { .fd = -1 };
	struct nexp_error err;

	if (nexp_session_open(&session, &err)) {
		say(doctor, VERDICT_FAIL, "device", "%s", err.text);
		return;
	}
	say(doctor, VERDICT_OK, "device", "%s can be opened, ABI %u; %u of %u pools, %" PRIu64
	    " of %" PRIu64 " MiB in use", NEXP_DEVICE, session.info.out_abi,
	    session.info.out_nr_pools, session.info.out_max_pools,
	    (uint64_t)session.info.out_bytes >> 20, (uint64_t)session.info.out_max_bytes >> 20);
	nexp_session_close(&session);
}

static void check_capabilities(struct doctor *doctor)
{
	static const struct { unsigned int number; const char *name; } wanted[] = {
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN" },
		{ CAP_BPF, "CAP_BPF" },
		{ CAP_PERFMON, "CAP_PERFMON" },
		{ CAP_NET_ADMIN, "CAP_NET_ADMIN" },
	};
	char text[8192], missing[128] = "";
	unsigned long long effective;
	const char *line = NULL;
	unsigned int i;

	if (read_file("/proc/self/status", text, sizeof(text)) > 0)
		line = strstr(text, "\nCapEff:");
	if (!line || sscanf(line, "\nCapEff: %llx", &effective) != 1) {
		say(doctor, VERDICT_FAIL, "capabilities",
		    "/proc/self/status does not tell them: mount /proc");
		return;
	}
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (effective >> wanted[i].number & 1)
			continue;
		strcat(missing, *missing ? ", " : "");
		strcat(missing, wanted[i].name);
	}
	if (*missing)
		say(doctor, VERDICT_FAIL, "capabilities",
		    "missing: %s: run as root. (CAP_SYS_ADMIN is what the kernel asks for to "
		    "look up a module's functions for BPF, CAP_BPF and CAP_PERFMON to load it, "
		    "CAP_NET_ADMIN to attach it)", missing);
	else
		say(doctor, VERDICT_OK, "capabilities",
		    "CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN are there");
}

static void check_capture(struct doctor *doctor)
{
	/* It never exists; nothing gets attached anyway. */
	static const uint64_t no_pool;
	struct nexp_capture capture = { 0 };
	struct nexp_error err;
	int ret;

	if (nexp_capture_load(&capture, &no_pool, 1, NULL, &err)) {
		say(doctor, VERDICT_FAIL, "capture", "%s", err.text);
		say(doctor, VERDICT_NOTE, "tcx", "not checked: it takes a loaded program");
		return;
	}
	say(doctor, VERDICT_OK, "capture", "the kernel takes the capture program");
	ret = nexp_capture_probe_tcx(&capture);
	if (!ret)
		say(doctor, VERDICT_OK, "tcx", "the kernel has tcx hooks");
	else if (ret == -EPERM)
		say(doctor, VERDICT_FAIL, "tcx", "attaching is not permitted: run as root");
	else
		say(doctor, VERDICT_FAIL, "tcx",
		    "the kernel has no tcx hooks (%s): it needs Linux 6.12 or later with "
		    "CONFIG_NET_XGRESS", strerror(-ret));
	nexp_capture_destroy(&capture);
}

/* Which drivers take it only attaching would tell. */
static void check_tap(struct doctor *doctor)
{
	struct nexp_tap tap = { 0 };
	struct nexp_error err;

	if (nexp_tap_load(&tap, 0, &err))
		say(doctor, VERDICT_FAIL, "tap", "%s", err.text);
	else
		say(doctor, VERDICT_OK, "tap", "the kernel takes the tap program");
	nexp_tap_destroy(&tap);
}

static void check_program(struct doctor *doctor, const char *what, const char *name)
{
	struct nexp_error err;
	char *path = nexp_libexec_program(name, &err);

	say(doctor, path ? VERDICT_OK : VERDICT_FAIL, what, "%s", path ? path : err.text);
	free(path);
}

static void check_programs(struct doctor *doctor)
{
	const char *dir = nexp_expert_dir();

	check_program(doctor, "host", "netexpert-host");
	check_program(doctor, "reader", "netexpert-reader");
	if (!access(dir, R_OK | X_OK))
		say(doctor, VERDICT_OK, "experts", "%s; 'netexpert list' shows them", dir);
	else
		say(doctor, VERDICT_FAIL, "experts",
		    "%s: %s; NETEXPERT_EXPERTS names the directory of experts", dir,
		    strerror(errno));
}

/* What keeps an unsigned module out. A loaded module needs no advice. */
static void check_lockdown(struct doctor *doctor, bool loaded)
{
	enum verdict verdict = loaded ? VERDICT_OK : VERDICT_NOTE;
	char text[256];
	ssize_t size;

	size = read_file("/sys/kernel/security/lockdown", text, sizeof(text));
	if (size > 0 && !strstr(text, "[none]")) {
		text[strcspn(text, "\n")] = '\0';
		say(doctor, verdict, "lockdown",
		    "the kernel is locked down (%s): it takes signed modules only; sign "
		    "netexpert.ko with a key that is enrolled (mokutil --import)", text);
	} else if (size > 0) {
		say(doctor, VERDICT_OK, "lockdown", "none");
	} else {
		say(doctor, VERDICT_OK, "lockdown", "this kernel has none, or does not tell");
	}
	/* Four bytes of attributes, then the value. */
	size = read_file("/sys/firmware/efi/efivars/"
			 "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", text, sizeof(text));
	if (size == 5 && text[4] == 1)
		say(doctor, verdict, "secure boot",
		    "on: unsigned modules may be refused; sign netexpert.ko with a key that is "
		    "enrolled (mokutil --import)");
	else
		say(doctor, VERDICT_OK, "secure boot", size == 5 ? "off" : "not in use");
}

static void check_all(struct doctor *doctor)
{
	bool loaded;

	check_kernel(doctor);
	loaded = check_module(doctor);
	check_btf(doctor, loaded);
	check_device(doctor);
	check_capabilities(doctor);
	check_capture(doctor);
	check_tap(doctor);
	check_programs(doctor);
	check_lockdown(doctor, loaded);
}

int nexp_cmd_doctor(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct doctor doctor = { .output = { .fd = STDOUT_FILENO } };
	int option;

	while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			doctor.json = true;
			break;
		case 'h':
			return nexp_print_help(help_text);
		default:
			return nexp_option_error("doctor", option, argv);
		}
	}
	if (optind < argc)
		return nexp_usage_error("doctor", "'%s': doctor takes no arguments", argv[optind]);
	check_all(&doctor);
	if (doctor.output.broken) {
		nexp_complain("writing to standard output: %s", strerror(doctor.output.code));
		return NEXP_EXIT_FAILURE;
	}
	return doctor.nr_failed ? NEXP_EXIT_FAILURE : NEXP_EXIT_OK;
}
