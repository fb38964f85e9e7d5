// SPDX-License-Identifier: GPL-2.0
/*
 * filter - which frames an expert wants, in libpcap's language
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <net/if.h> /* before linux/if_arp.h, which brings half of it */

#include <linux/if_arp.h>
#include <pcap/pcap.h>

#include "filter.h"
#include "filter_place.h"

/* Most instructions that the kernel takes; a constant of its ABI. */
#define BPF_MAXINSNS	4096

/* The handle receives what passes while it compiles; nobody reads that. */
#define HANDLE_BUFFER	65536

static int open_failure(struct nexp_error *err, int code, const struct nexp_iface *iface,
			const char *text)
{
	switch (code) {
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return nexp_error_set(err, NEXP_FAILURE_PERMISSION, EPERM,
			"compiling a filter for '%s' is not permitted: libpcap needs "
			"CAP_NET_RAW; run as root", iface->name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENETDOWN,
			"interface '%s' is down: libpcap compiles a filter for an interface "
			"that is up; 'ip link set %s up' first", iface->name, iface->name);
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENODEV,
			"interface '%s' vanished before a filter could be compiled for it",
			iface->name);
	default:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EIO,
			"compiling a filter for '%s': libpcap says: %s", iface->name,
			*text ? text : pcap_statustostr(code));
	}
}

/* Live: what it generates for savefiles knows nothing of tags in metadata. */
static int open_handle(const struct nexp_iface *iface, pcap_t **ret, struct nexp_error *err)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	pcap_t *handle;
	int code, result;

	handle = pcap_create(iface->name, text);
	if (!handle)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM,
				      "compiling a filter for '%s': libpcap says: %s",
				      iface->name, text);
	pcap_set_buffer_size(handle, HANDLE_BUFFER);
	code = pcap_activate(handle);
	if (code < 0) {
		result = open_failure(err, code, iface, pcap_geterr(handle));
		pcap_close(handle);
		return result;
	}
	switch (pcap_datalink(handle)) {
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
		pcap_close(handle);
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EOPNOTSUPP,
			"no filter can be compiled for '%s': for its link type, %u, libpcap "
			"puts a header of its own before each frame, which is not there in "
			"the kernel", iface->name, iface->link_type);
	}
	*ret = handle;
	return 0;
}

/* As tcpdump does it: 'ip broadcast' needs it, and without an address it is 0. */
static bpf_u_int32 netmask(const struct nexp_iface *iface)
{
	char text[PCAP_ERRBUF_SIZE];
	bpf_u_int32 net, mask;

	return pcap_lookupnet(iface->name, &net, &mask, text) ? 0 : mask;
}

static int refuse(struct nexp_error *err, pcap_t *handle, const char *expression,
		  const struct nexp_iface *iface)
{
	char message[PCAP_ERRBUF_SIZE], point[256];
	long place;

	strcpy(message, pcap_geterr(handle));
	place = nexp_filter_place(handle, expression, message);
	nexp_filter_point(point, sizeof(point), expression, place);
	return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
			      "libpcap does not accept this filter for '%s': %s\n%s",
			      iface->name, message, point);
}

/* What libpcap would run by itself where the kernel can't. */
static int check_program(const struct bpf_program *program, const struct nexp_iface *iface,
			 struct nexp_error *err)
{
	unsigned int i;

	if (program->bf_len > BPF_MAXINSNS)
		return nexp_error_set(err, NEXP_FAILURE_USAGE, E2BIG,
			"this filter takes %u instructions for '%s', and the kernel takes %u",
			program->bf_len, iface->name, BPF_MAXINSNS);
	for (i = 0; i < program->bf_len; i++)
		if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
		    (int32_t)program->bf_insns[i].k < 0)
			return nexp_error_set(err, NEXP_FAILURE_USAGE, EINVAL,
				"the kernel cannot run this filter for '%s': 'protochain' makes "
				"a loop of it; say which headers there may be with 'ip6 proto' "
				"or 'ip6[6]'", iface->name);
	return 0;
}

/* How much is kept is the pool's business, so acceptance is without a limit. */
static int keep(struct nexp_program *program, const struct bpf_program *compiled,
		struct nexp_error *err)
{
	size_t size = compiled->bf_len * sizeof(compiled->bf_insns[0]);
	struct bpf_insn *insns;
	unsigned int i;

	insns = malloc(size);
	if (!insns)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
	memcpy(insns, compiled->bf_insns, size);
	for (i = 0; i < compiled->bf_len; i++)
		if (insns[i].code == (BPF_RET | BPF_K) && insns[i].k)
			insns[i].k = UINT32_MAX;
	program->insns = insns;
	program->nr_insns = (uint16_t)compiled->bf_len;
	return 0;
}

/* What pcap_compile() made of it, or why it made nothing. */
static int take(struct nexp_program *program, struct bpf_program *compiled, bool failed,
		const char *expression, pcap_t *handle, const struct nexp_iface *iface,
		struct nexp_error *err)
{
	int ret;

	program->link_type = iface->link_type;
	program->dlt = pcap_datalink(handle);
	if (failed)
		return refuse(err, handle, expression, iface);
	ret = check_program(compiled, iface, err);
	if (!ret)
		ret = keep(program, compiled, err);
	pcap_freecode(compiled);
	return ret;
}

/*
 * Without a netmask first: where libpcap wants none, the program is for interfaces
 * of all netmasks, and the names in the expression are asked for once.
 */
static int compile(struct nexp_program *program, const char *expression, pcap_t *handle,
		   const struct nexp_iface *iface, struct nexp_error *err)
{
	struct bpf_program compiled;
	bool failed;

	failed = pcap_compile(handle, &compiled, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (failed && strstr(pcap_geterr(handle), "netmask")) {
		program->by_netmask = true;
		program->netmask = netmask(iface);
		failed = pcap_compile(handle, &compiled, expression, 1, program->netmask);
	}
	return take(program, &compiled, failed, expression, handle, iface, err);
}

static int no_share(struct nexp_error *err, const struct nexp_program *program, int dlt,
		    const struct nexp_iface *iface)
{
	if (program->dlt != dlt)
		return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
			"this filter cannot be had for '%s': its frames are %s for libpcap, and "
			"those of an interface of the same link type, %u, before it are %s; run "
			"them apart", iface->name, pcap_datalink_val_to_description_or_dlt(dlt),
			iface->link_type, pcap_datalink_val_to_description_or_dlt(program->dlt));
	return nexp_error_set(err, NEXP_FAILURE_OTHER, EINVAL,
		"this filter depends on the netmask, as 'ip broadcast' does, and '%s' has "
		"another one than an interface of the same link type before it; run them apart",
		iface->name);
}

static struct nexp_program *find(struct nexp_filter *filter, uint16_t link_type)
{
	unsigned int i;

	for (i = 0; i < filter->nr_programs; i++)
		if (filter->programs[i].link_type == link_type)
			return &filter->programs[i];
	return NULL;
}

/* What the kernel keeps is ASCII, whatever the locale calls printable. */
static char printable(char c)
{
	return c >= ' ' && c <= '~' ? c : ' ';
}

static void set_text(struct nexp_filter *filter, const char *expression)
{
	static const char dots[] = "...";
	size_t i;

	for (i = 0; expression[i] && i < sizeof(filter->text) - 1; i++)
		filter->text[i] = printable(expression[i]);
	filter->text[i] = '\0';
	if (expression[i])
		strcpy(filter->text + i - strlen(dots), dots);
}

static bool fits(const struct nexp_program *program, int dlt, const struct nexp_iface *iface)
{
	return program->dlt == dlt &&
	       (!program->by_netmask || program->netmask == netmask(iface));
}

/* Room for one more program; only one that nobody has may go for it. */
static struct nexp_program *find_room(struct nexp_filter *filter)
{
	unsigned int i;

	if (filter->nr_programs < NETEXPERT_MAX_PROGRAMS)
		return &filter->programs[filter->nr_programs++];
	for (i = 0; i < filter->nr_programs; i++)
		if (filter->programs[i].unused)
			return &filter->programs[i];
	return NULL;
}

static int add_program(struct nexp_filter *filter, const char *expression, pcap_t *handle,
		       struct nexp_program *to, const struct nexp_iface *iface,
		       struct nexp_error *err)
{
	struct nexp_program program = { 0 };
	int ret;

	ret = compile(&program, expression, handle, iface, err);
	if (ret)
		return ret;
	if (!to)
		to = find_room(filter);
	if (!to) {
		free(program.insns);
		return nexp_error_set(err, NEXP_FAILURE_OTHER, E2BIG,
			"interfaces of more than %u link types cannot have a filter",
			NETEXPERT_MAX_PROGRAMS);
	}
	free(to->insns);
	*to = program;
	set_text(filter, expression);
	return 1;
}

int nexp_filter_add(struct nexp_filter *filter, const char *expression,
		    const struct nexp_iface *iface, struct nexp_error *err)
{
	struct nexp_program *same = find(filter, iface->link_type);
	pcap_t *handle;
	int ret, dlt;

	ret = open_handle(iface, &handle, err);
	if (ret)
		return ret;
	dlt = pcap_datalink(handle);
	if (same && fits(same, dlt, iface))
		same->unused = false;
	else if (same && !same->unused)
		ret = no_share(err, same, dlt, iface);
	else
		ret = add_program(filter, expression, handle, same, iface, err);
	pcap_close(handle);
	return ret;
}

/* What frames of a file can be like, as the reader has it, and libpcap's name for it. */
static const struct {
	uint16_t link_type;
	int dlt;
} file_types[] = {
	{ ARPHRD_ETHER, DLT_EN10MB },
	{ ARPHRD_NONE, DLT_RAW },
	{ ARPHRD_PPP, DLT_PPP },
	{ ARPHRD_CISCO, DLT_C_HDLC },
	{ ARPHRD_IEEE802_TR, DLT_IEEE802 },
	{ ARPHRD_FDDI, DLT_FDDI },
	{ ARPHRD_IEEE80211, DLT_IEEE802_11 },
	{ ARPHRD_IEEE80211_PRISM, DLT_PRISM_HEADER },
	{ ARPHRD_IEEE80211_RADIOTAP, DLT_IEEE802_11_RADIO },
	{ ARPHRD_IEEE802154, DLT_IEEE802_15_4_NOFCS },
	{ ARPHRD_IEEE802154_MONITOR, DLT_IEEE802_15_4_WITHFCS },
	{ ARPHRD_CAN, DLT_CAN_SOCKETCAN },
	{ ARPHRD_NETLINK, DLT_NETLINK },
};

int nexp_filter_for_files(struct nexp_filter *filter, const char *expression,
			  struct nexp_error *err)
{
	struct nexp_iface kind = { .name = "Ethernet" };
	struct bpf_program compiled;
	struct nexp_error other;
	int ret, first = 0;
	unsigned int i;
	pcap_t *handle;

	set_text(filter, expression);
	for (i = 0; i < sizeof(file_types) / sizeof(file_types[0]); i++) {
		handle = pcap_open_dead(file_types[i].dlt, NETEXPERT_MAX_INJECT);
		if (!handle)
			return nexp_error_set(err, NEXP_FAILURE_OTHER, ENOMEM, "out of memory");
		kind.link_type = file_types[i].link_type;
		ret = take(&filter->programs[filter->nr_programs], &compiled,
			   pcap_compile(handle, &compiled, expression, 1, 0), expression, handle,
			   &kind, i ? &other : err);
		pcap_close(handle);
		filter->nr_programs += !ret;
		first = i ? first : ret;
	}
	return filter->nr_programs ? 0 : first;
}

void nexp_filter_release(struct nexp_filter *filter, uint16_t link_type)
{
	struct nexp_program *program = find(filter, link_type);

	if (program)
		program->unused = true;
}

void nexp_filter_forget(struct nexp_filter *filter, uint16_t link_type)
{
	struct nexp_program *program = find(filter, link_type);

	if (!program)
		return;
	free(program->insns);
	*program = filter->programs[--filter->nr_programs];
	filter->programs[filter->nr_programs] = (struct nexp_program){ 0 };
}

void nexp_filter_free(struct nexp_filter *filter)
{
	unsigned int i;

	for (i = 0; i < filter->nr_programs; i++)
		free(filter->programs[i].insns);
	memset(filter, 0, sizeof(*filter));
}

static int set_failure(struct nexp_error *err, int code, const struct nexp_filter *filter)
{
	switch (code) {
	case EDQUOT:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
			"the filter '%.200s' would exceed the module's limit of memory for all "
			"pools, its parameter max_mbytes", filter->text);
	default:
		return nexp_error_set(err, NEXP_FAILURE_OTHER, code,
				      "setting the filter '%.200s': %s", filter->text,
				      strerror(code));
	}
}

int nexp_filter_set(const struct nexp_filter *filter, const struct nexp_session *session,
		    uint64_t pool_id, struct nexp_error *err)
{
	struct netexpert_program programs[NETEXPERT_MAX_PROGRAMS] = { 0 };
	struct netexpert_pool_filter args = { .size = sizeof(args), .pool_id = pool_id };
	unsigned int i;

	for (i = 0; i < filter->nr_programs; i++) {
		programs[i].link_type = filter->programs[i].link_type;
		programs[i].nr_insns = filter->programs[i].nr_insns;
		programs[i].insns = (uintptr_t)filter->programs[i].insns;
	}
	if (filter->nr_programs) {
		args.programs = (uintptr_t)programs;
		args.nr_programs = filter->nr_programs;
		args.text = (uintptr_t)filter->text;
		args.text_size = (uint32_t)strlen(filter->text) + 1;
	}
	if (ioctl(session->fd, NETEXPERT_IOC_POOL_FILTER, &args))
		return set_failure(err, errno, filter);
	return 0;
}
