// SPDX-License-Identifier: GPL-2.0
/*
 * json - values for JSON output
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../supervisor/iface_stats.h"
#include "../supervisor/session.h"
#include "json.h"
#include "table.h"
#include "text.h"

#define REPLACEMENT	"\xef\xbf\xbd"	/* U+FFFD */

json_t *nexp_json_text(const char *bytes, size_t length)
{
	struct nexp_buffer buffer = { 0 };
	json_t *value;
	uint32_t c;
	size_t i, n;

	if (!bytes)
		return json_null();
	for (i = 0; i < length; i += n) {
		n = nexp_text_utf8(bytes + i, length - i, &c);
		if (n)
			nexp_buffer_put(&buffer, bytes + i, n);
		else
			nexp_buffer_puts(&buffer, REPLACEMENT);
		if (!n)
			n = 1;
	}
	value = json_stringn(buffer.bytes ? buffer.bytes : "", buffer.length);
	nexp_buffer_free(&buffer);
	return value;
}

json_t *nexp_json_number(uint64_t number)
{
	char text[24];

	if (number <= INT64_MAX)
		return json_integer((json_int_t)number);
	snprintf(text, sizeof(text), "%" PRIu64, number);
	return json_string(text);
}

json_t *nexp_json_timestamp(void)
{
	char date[32], zone[8], text[64];
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	/* "+hhmm" becomes "+hh:mm". */
	snprintf(text, sizeof(text), "%s.%06ld%.3s:%s", date, now.tv_nsec / 1000, zone, zone + 3);
	return json_string(text);
}

json_t *nexp_json_drops(const struct netexpert_ring_stat *stat)
{
	json_t *drops = json_object();
	unsigned int i;
	char name[16];

	for (i = 0; i < NETEXPERT_MAX_DROPS; i++) {
		if (nexp_drop_name(i)) {
			json_object_set_new(drops, nexp_drop_name(i),
					    nexp_json_number(stat->dropped[i]));
		} else if (stat->dropped[i]) {
			snprintf(name, sizeof(name), "cause_%u", i);
			json_object_set_new(drops, name, nexp_json_number(stat->dropped[i]));
		}
	}
	return drops;
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, nexp_json_number(number));
}

json_t *nexp_json_iface_stats(const struct nexp_iface_stats *stats)
{
	json_t *object = json_object();

	set_number(object, "rx_missed_errors", stats->rx_missed);
	set_number(object, "rx_over_errors", stats->rx_over);
	set_number(object, "rx_fifo_errors", stats->rx_fifo);
	set_number(object, "rx_dropped", stats->rx_dropped);
	set_number(object, "rx_nohandler", stats->rx_nohandler);
	set_number(object, "tx_dropped", stats->tx_dropped);
	return object;
}

json_t *nexp_json_ring(const struct netexpert_ring_stat *stat)
{
	json_t *object = json_object();

	set_number(object, "seen", stat->seen);
	set_number(object, "filtered", stat->filtered);
	set_number(object, "delivered", stat->delivered);
	set_number(object, "delivered_bytes", stat->delivered_bytes);
	set_number(object, "lost", nexp_stat_lost(stat));
	json_object_set_new(object, "dropped", nexp_json_drops(stat));
	set_number(object, "unread_bytes", stat->position - stat->consumed);
	return object;
}

json_t *nexp_json_pool(const struct netexpert_pool_stat *stat)
{
	json_t *object = nexp_json_ring(&stat->out_sum);
	char id[24];

	snprintf(id, sizeof(id), "0x%016" PRIx64, (uint64_t)stat->pool_id);
	json_object_set_new(object, "pool", json_string(id));
	json_object_set_new(object, "state", json_string(nexp_pool_state_name(stat->out_state)));
	set_number(object, "pid", stat->out_pid);
	set_number(object, "incarnation", stat->out_incarnation);
	set_number(object, "rings", stat->nr_rings);
	set_number(object, "ring_bytes", stat->out_ring_size);
	set_number(object, "history_bytes", stat->out_history_size);
	set_number(object, "heap_bytes", stat->out_heap_bytes);
	set_number(object, "heap_peak_bytes", stat->out_heap_peak);
	set_number(object, "heap_limit_bytes", stat->out_heap_limit);
	set_number(object, "heap_refused", stat->out_heap_refused);
	set_number(object, "wakeups", stat->out_wakeups);
	set_number(object, "ended_ns", stat->out_ended_ns);
	set_number(object, "back_ns", stat->out_back_ns);
	set_number(object, "back_bytes", stat->out_back_bytes);
	return object;
}

const char *nexp_pool_state_name(uint32_t state)
{
	static const char *const names[] = {
		[NETEXPERT_POOL_IDLE] = "idle",
		[NETEXPERT_POOL_OPEN] = "open",
		[NETEXPERT_POOL_ATTACHED] = "attached",
		[NETEXPERT_POOL_RECLAIMING] = "reclaiming",
		[NETEXPERT_POOL_FROZEN] = "frozen",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

/* Up to 2^53 a double is a count as often as not: 64, not 64.0. */
static json_t *real_value(double value)
{
	if (!isfinite(value))
		return json_null();
	if (fabs(value) <= 9007199254740992.0 && value == floor(value))
		return json_integer((json_int_t)value);
	return json_real(value);
}

static json_t *column_value(const struct nexp_column *column)
{
	struct nexp_buffer cell = { 0 };
	json_t *value;

	switch (column->type) {
	case NEXP_COLUMN_UINT8:
	case NEXP_COLUMN_UINT16:
	case NEXP_COLUMN_UINT32:
	case NEXP_COLUMN_FRAME:
		return nexp_json_number(column->number);
	case NEXP_COLUMN_SINT8:
	case NEXP_COLUMN_SINT16:
	case NEXP_COLUMN_SINT32:
		return json_integer((json_int_t)column->number);
	case NEXP_COLUMN_FLOAT64:
		return real_value(column->real);
	case NEXP_COLUMN_YESNO:
	case NEXP_COLUMN_ONOFF:
	case NEXP_COLUMN_TRUEFALSE:
		return json_boolean(column->number != 0);
	case NEXP_COLUMN_STRING:
		return nexp_json_text(column->text.bytes, column->text.length);
	}
	/* Addresses and times as people write them. */
	nexp_cell_put(&cell, column, false);
	value = json_stringn(cell.bytes ? cell.bytes : "", cell.length);
	nexp_buffer_free(&cell);
	return value;
}

/* A key that is not in @object yet, made of a column's name. */
static void put_key(struct nexp_buffer *key, const json_t *object, const struct nexp_text *name)
{
	json_t *text = nexp_json_text(name->bytes ? name->bytes : "", name->length);
	unsigned int i;

	for (i = 1;; i++) {
		nexp_buffer_reset(key);
		nexp_buffer_puts(key, json_string_value(text) ? json_string_value(text) : "");
		if (i > 1)
			nexp_buffer_printf(key, "#%u", i);
		nexp_buffer_put(key, "", 1);
		if (key->failed || !json_object_get(object, key->bytes))
			break;
	}
	json_decref(text);
}

json_t *nexp_json_columns(const struct nexp_event *event)
{
	json_t *object = json_object();
	struct nexp_buffer key = { 0 };
	unsigned int i;

	for (i = 0; i < event->nr_columns; i++) {
		put_key(&key, object, &event->columns[i].name);
		if (!key.failed)
			json_object_set_new(object, key.bytes, column_value(&event->columns[i]));
	}
	nexp_buffer_free(&key);
	return object;
}

void nexp_json_line(struct nexp_output *output, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	if (text) {
		/* One write for the line and its end: readers may be line by line. */
		size_t length = strlen(text);

		text[length] = '\n';
		nexp_output_write(output, text, length + 1);
	}
	free(text);
	json_decref(value);
}
