// SPDX-License-Identifier: GPL-2.0
/*
 * response-time - how long servers take to answer
 *
 * Where Wireshark tells the time from a request to its answer (DNS, HTTP, SMB and
 * others: see enum what), that is it. On TCP ports that are asked for it is the time from
 * the last segment with data from a client to the first from the server; segments that
 * were sent again don't count. A server is an address, a port and a service.
 *
 * Rows stand below those of servers: (other) for servers that are kept and not shown,
 * (evicted) for those there was no room for (see table.h: the fewest answers go first,
 * then who has been silent longest), and (all). Their numbers add up.
 *
 * Counts are FLOAT64 columns, since the API has no 64-bit integers: they are exact up
 * to 2^53.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netmon.h>

#include "common/durations.h"
#include "common/live.h"
#include "common/options.h"
#include "common/property.h"
#include "common/table.h"

#define NAME		"response-time"

#define DEFAULT_TOP	10
#define MAX_TOP		1000
#define DEFAULT_TABLE	1024
#define MIN_TABLE	16
#define MAX_TABLE	65536
#define MAX_PORTS	64
#define MAX_CONNECTIONS	65536

struct options {
	DWORD top;
	DWORD interval;
	DWORD table;
	DWORD nr_ports;
	WORD ports[MAX_PORTS];
};

/* What is looked for in a frame: first times from request to answer, in the answer. */
enum what {
	DNS, HTTP, SMB2, SMB, LDAP, ONC_RPC, DCE_RPC, RADIUS, DIAMETER, SNMP, IMAP, MODBUS, COAP,
	ISCSI, NR_SERVICES,
	IP_SOURCE = NR_SERVICES, IP_TARGET, IPV6_SOURCE, IPV6_TARGET, ICMP, ICMPV6, UDP_SOURCE,
	UDP_TARGET, TCP_SOURCE, TCP_TARGET, LENGTH, AGAIN, NR_WHAT,
};

static const char *const names[NR_WHAT] = {
	"dns.time", "http.time", "smb2.time", "smb.time", "ldap.time", "rpc.time", "dcerpc.time",
	"radius.time", "diameter.resp_time", "snmp.time", "imap.time", "modbus.response_time",
	"coap.response_time", "iscsi.time", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "icmp",
	"icmpv6", "udp.srcport", "udp.dstport", "tcp.srcport", "tcp.dstport", "tcp.len",
	"tcp.analysis.retransmission",
};

/* The last one is none of them: a TCP port that was asked for. */
static const char *const services[NR_SERVICES + 1] = {
	"DNS", "HTTP", "SMB2", "SMB", "LDAP", "ONC RPC", "DCE RPC", "RADIUS", "Diameter", "SNMP",
	"IMAP", "Modbus", "CoAP", "iSCSI", "TCP",
};

struct end {
	BYTE address[16];	/* unused bytes are 0 */
	DWORD is_ipv6;
	DWORD port;
};

/* Entries of state.servers. */
struct server {
	struct end end;
	DWORD service;		/* index of services */
	DWORD unused;		/* 0 */
	int64_t seen_us;
	struct durations times;
};

/* Entries of state.connections, on ports that are asked for. */
struct connection {
	struct end client;
	struct end server;
	BOOL is_asked;
	int64_t asked_us;	/* when, if it is */
	int64_t seen_us;
};

/* All of a run; what it points to is Expert memory. */
struct state {
	struct options options;
	struct live live;
	LPPROPERTYINFO known[NR_WHAT];
	struct table servers;
	struct table connections;
	struct durations *evicted;
	struct durations *all;
	struct durations *other;	/* while a report is made */
	DWORD *top;
};

/* From whom a frame is and to whom, as far as it has been looked at. */
struct trip {
	struct end from;
	struct end to;
	BOOL is_tcp;
	BOOL is_again;
	DWORD length;
};

/* Options */

static const char wrong_ports[] =
	"ports must be TCP ports with + between them, at most 64: ports=80+8080";

static const char *take_ports(struct options *options, const char *value)
{
	unsigned long port;
	char *end;

	for (options->nr_ports = 0; options->nr_ports < MAX_PORTS; value = end + 1) {
		if (*value < '0' || *value > '9')
			return wrong_ports;
		port = strtoul(value, &end, 10);
		if (!port || port > 65535 || (*end && *end != '+'))
			return wrong_ports;
		options->ports[options->nr_ports++] = (WORD)port;
		if (!*end)
			return NULL;
	}
	return wrong_ports;
}

static const char *take_option(void *to, const char *name, const char *value)
{
	struct options *options = (struct options *)to;

	if (!strcmp(name, "top"))
		return options_number(value, 1, MAX_TOP, &options->top) ?
		       NULL : "top must be a number from 1 to 1000";
	if (!strcmp(name, "interval"))
		return options_number(value, 1, LIVE_MAX_INTERVAL, &options->interval) ?
		       NULL : "interval must be seconds, from 1 to 86400";
	if (!strcmp(name, "table"))
		return options_number(value, MIN_TABLE, MAX_TABLE, &options->table) ?
		       NULL : "table must be a number from 16 to 65536";
	if (!strcmp(name, "ports"))
		return take_ports(options, value);
	return "the options are ports=, top=, interval= and table=";
}

static const char *parse_options(const EXPERTCONFIG *config, struct options *options)
{
	*options = (struct options) {
		.top = DEFAULT_TOP,
		.interval = LIVE_DEFAULT_INTERVAL,
		.table = DEFAULT_TABLE,
	};
	return options_parse(config, take_option, options);
}

/* Counting */

static BOOL is_lesser_server(const void *a, const void *b)
{
	const struct server *one = (const struct server *)a, *other = (const struct server *)b;

	return one->times.count < other->times.count ||
	       (one->times.count == other->times.count && one->seen_us < other->seen_us);
}

static void evicted_server(void *owner, const void *entry)
{
	struct state *state = (struct state *)owner;

	durations_merge(state->evicted, &((const struct server *)entry)->times);
}

static BOOL is_lesser_connection(const void *a, const void *b)
{
	return ((const struct connection *)a)->seen_us < ((const struct connection *)b)->seen_us;
}

static const struct table_ops server_ops = {
	.key_size = sizeof(struct end) + 2 * sizeof(DWORD),
	.entry_size = sizeof(struct server),
	.is_lesser = is_lesser_server,
	.evicted = evicted_server,
};

static const struct table_ops connection_ops = {
	.key_size = 2 * sizeof(struct end),
	.entry_size = sizeof(struct connection),
	.is_lesser = is_lesser_connection,
};

static void count_answer(struct state *state, const struct end *server, DWORD service,
			 uint64_t us, int64_t now_us)
{
	struct {
		struct end end;
		DWORD service;
		DWORD unused;
	} key = { *server, service, 0 };
	struct server *entry = (struct server *)table_find(&state->servers, &key);

	entry->seen_us = now_us;
	durations_add(&entry->times, us);
	durations_add(state->all, us);
}

static BOOL is_asked_for(const struct options *options, DWORD port)
{
	DWORD i;

	for (i = 0; i < options->nr_ports; i++)
		if (options->ports[i] == port)
			return TRUE;
	return FALSE;
}

static struct connection *find_connection(struct state *state, const struct end *client,
					  const struct end *server, int64_t now_us)
{
	const struct end key[2] = { *client, *server };
	struct connection *connection =
		(struct connection *)table_find(&state->connections, key);

	connection->seen_us = now_us;
	return connection;
}

/* A segment with data, the first time that it is sent. */
static void count_segment(struct state *state, const struct trip *trip, int64_t now_us)
{
	struct connection *connection;

	if (!trip->is_tcp || !trip->length || trip->is_again)
		return;
	if (is_asked_for(&state->options, trip->to.port)) {
		connection = find_connection(state, &trip->from, &trip->to, now_us);
		connection->is_asked = TRUE;
		connection->asked_us = now_us;
	} else if (is_asked_for(&state->options, trip->from.port)) {
		connection = find_connection(state, &trip->to, &trip->from, now_us);
		if (!connection->is_asked)
			return;
		connection->is_asked = FALSE;
		count_answer(state, &trip->from, NR_SERVICES,
			     now_us > connection->asked_us ?
			     (uint64_t)(now_us - connection->asked_us) : 0, now_us);
	}
}

static void take(struct trip *trip, DWORD what, const PROPERTYINST *inst)
{
	switch (what) {
	case IP_SOURCE:
	case IPV6_SOURCE:
		property_address(inst, trip->from.address);
		trip->from.is_ipv6 = what == IPV6_SOURCE;
		break;
	case IP_TARGET:
	case IPV6_TARGET:
		property_address(inst, trip->to.address);
		trip->to.is_ipv6 = what == IPV6_TARGET;
		break;
	case TCP_SOURCE:
	case UDP_SOURCE:
		trip->from.port = (DWORD)property_number(inst);
		trip->is_tcp = what == TCP_SOURCE;
		trip->is_again = FALSE;
		trip->length = 0;
		break;
	case TCP_TARGET:
	case UDP_TARGET:
		trip->to.port = (DWORD)property_number(inst);
		break;
	case LENGTH:
		trip->length = (DWORD)property_number(inst);
		break;
	case AGAIN:
		trip->is_again = TRUE;
		break;
	default:
		break;
	}
}

static void count_frame(void *expert, const EXPERTFRAMEDESCRIPTOR *frame)
{
	struct state *state = (struct state *)expert;
	const PROPERTYTABLE *table = frame->lpPropertyTable;
	int64_t now_us = frame->pFrame->TimeStamp;
	struct trip trip = { 0 };
	DWORD at, what;

	for (at = 0; table && at < table->nTotalPropertyInsts; at++) {
		const PROPERTYINST *inst = &table->lpFirstPropertyInst[at];

		what = property_which(state->known, NR_WHAT, inst);
		/* An ICMP error quotes what was not answered. */
		if (what == ICMP || what == ICMPV6)
			break;
		/* In a tunnel there may be another one. */
		if (what == TCP_SOURCE || what == UDP_SOURCE)
			count_segment(state, &trip, now_us);
		if (what < NR_SERVICES)
			count_answer(state, &trip.from, what, property_number(inst), now_us);
		else
			take(&trip, what, inst);
	}
	count_segment(state, &trip, now_us);
}

/* Reports */

static const struct live_column columns[] = {
	{ "Server", NMCOLUMNTYPE_STRING },
	{ "Port", NMCOLUMNTYPE_UINT16 },
	{ "Service", NMCOLUMNTYPE_STRING },
	{ "Answers", NMCOLUMNTYPE_FLOAT64 },
	{ "Average s", NMCOLUMNTYPE_FLOAT64 },
	{ "Median s", NMCOLUMNTYPE_FLOAT64 },
	{ "95 % s", NMCOLUMNTYPE_FLOAT64 },
	{ "99 % s", NMCOLUMNTYPE_FLOAT64 },
	{ "Maximum s", NMCOLUMNTYPE_FLOAT64 },
};

#define NR_COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static NMCOLUMNVARIANT *variant(struct state *state, DWORD column)
{
	return &state->live.event->Column[column].VariantData;
}

static void submit_times(struct state *state, const struct durations *times)
{
	variant(state, 3)->Value.Float64Val = (double)times->count;
	variant(state, 4)->Value.Float64Val = durations_mean(times);
	variant(state, 5)->Value.Float64Val = durations_percentile(times, 50);
	variant(state, 6)->Value.Float64Val = durations_percentile(times, 95);
	variant(state, 7)->Value.Float64Val = durations_percentile(times, 99);
	variant(state, 8)->Value.Float64Val = durations_percentile(times, 100);
	live_submit(&state->live);
}

static void submit_sum(struct state *state, const char *name, const struct durations *times)
{
	variant(state, 0)->Value.pStringVal = name;
	variant(state, 1)->Type = NMCOLUMNTYPE_STRING;
	variant(state, 1)->Value.pStringVal = NULL;
	variant(state, 2)->Value.pStringVal = NULL;
	submit_times(state, times);
}

static void submit_server(struct state *state, const struct server *server)
{
	char text[INET6_ADDRSTRLEN];
	const struct end *end = &server->end;

	variant(state, 0)->Value.pStringVal =
		inet_ntop(end->is_ipv6 ? AF_INET6 : AF_INET, end->address, text, sizeof(text));
	variant(state, 1)->Value.Uint16Val = (WORD)end->port;
	variant(state, 2)->Value.pStringVal = services[server->service];
	submit_times(state, &server->times);
}

static BOOL ranks_before(const void *a, const void *b)
{
	const struct server *one = (const struct server *)a, *other = (const struct server *)b;

	if (one->times.count != other->times.count)
		return one->times.count > other->times.count;
	/* Any order that does not change from one report to the next. */
	return memcmp(one, other, server_ops.key_size) < 0;
}

static BOOL is_shown(const struct state *state, DWORD nr_top, DWORD index)
{
	DWORD i;

	for (i = 0; i < nr_top; i++)
		if (state->top[i] == index)
			return TRUE;
	return FALSE;
}

static void show(void *expert)
{
	struct state *state = (struct state *)expert;
	DWORD nr_top = table_top(&state->servers, ranks_before, state->top, state->options.top), i;

	live_columns(&state->live, columns, NR_COLUMNS);
	memset(state->other, 0, sizeof(*state->other));
	for (i = 0; i < nr_top; i++)
		submit_server(state, (const struct server *)table_at(&state->servers,
								     state->top[i]));
	for (i = 0; i < state->servers.nr; i++)
		if (!is_shown(state, nr_top, i))
			durations_merge(state->other, &((const struct server *)
							table_at(&state->servers, i))->times);
	if (state->other->count)
		submit_sum(state, "(other)", state->other);
	if (state->evicted->count)
		submit_sum(state, "(evicted)", state->evicted);
	submit_sum(state, "(all)", state->all);
}

/* Entry points */

static const struct live_ops ops = {
	.flags = FLAGS_ATTACH_PROPERTIES,
	.count = count_frame,
	.show = show,
};

static struct durations *new_durations(HEXPERTKEY key)
{
	return (struct durations *)ExpertAllocMemory(key, sizeof(struct durations), NULL);
}

static BOOL start(struct state *state, HEXPERTKEY key)
{
	if (!live_start(&state->live, key, NAME, "Response times", NR_COLUMNS))
		return FALSE;
	state->evicted = new_durations(key);
	state->all = new_durations(key);
	state->other = new_durations(key);
	state->top = (DWORD *)ExpertAllocMemory(key, state->options.top * sizeof(*state->top),
						NULL);
	return state->evicted && state->all && state->other && state->top &&
	       table_start(&state->servers, key, &server_ops, state, state->options.table) &&
	       table_start(&state->connections, key, &connection_ops, state, MAX_CONNECTIONS);
}

static void finish(struct state *state, HEXPERTKEY key)
{
	void *const blocks[] = { state->evicted, state->all, state->other, state->top };
	size_t i;

	table_finish(&state->servers);
	table_finish(&state->connections);
	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (blocks[i])
			ExpertFreeMemory(key, blocks[i]);
	live_finish(&state->live);
}

BOOL WINAPI Register(PEXPERTENUMINFO info)
{
	strcpy(info->szName, NAME);
	strcpy(info->szVendor, "netexpert");
	strcpy(info->szDescription,
	       "How long servers take to answer. Options: ports=N+N, TCP ports where data are requests and answers; "
	       "top=N, servers shown (10); interval=SECONDS between reports (1); table=N, servers kept (1024).");
	info->Flags = EXPERT_ENUM_FLAG_CONFIGURABLE;
	return TRUE;
}

BOOL WINAPI Configure(HEXPERTKEY key, PEXPERTCONFIG *config, PEXPERTSTARTUPINFO startup,
		      DWORD flags, HWND window)
{
	struct options options;
	const char *why;

	(void)startup;
	(void)flags;
	(void)window;
	why = options_gather(key, config);
	if (!why)
		why = parse_options(*config, &options);
	return why ? options_refuse(key, NMERR_INVALID_PARAMETER, why) : TRUE;
}

BOOL WINAPI Run(HEXPERTKEY key, PEXPERTCONFIG config, PEXPERTSTARTUPINFO startup, DWORD flags,
		HWND window)
{
	struct state state = { 0 };
	const char *wrong;
	char why[256];
	BOOL is_well;

	(void)startup;
	(void)flags;
	(void)window;
	wrong = parse_options(config, &state.options);
	if (wrong)
		return options_refuse(key, NMERR_INVALID_PARAMETER, wrong);
	if (!property_find_all(names, NR_WHAT, state.known, why, sizeof(why)))
		return options_refuse(key, NMERR_LOAD_PARSER_FAILED, why);
	is_well = start(&state, key);
	if (is_well)
		is_well = live_run(&state.live, &ops, &state, state.options.interval);
	else
		options_refuse(key, NMERR_OUT_OF_MEMORY, "no memory to begin with");
	finish(&state, key);
	return is_well;
}
