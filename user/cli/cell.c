// SPDX-License-Identifier: GPL-2.0
/*
 * cell - values of an event as text
 */
#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "table.h"
#include "text.h"

static const char *const severities[] = {
	"info", "warning", "strong warning", "error", "severe error", "critical error",
};

const char *nexp_severity_name(uint32_t severity)
{
	return severity < sizeof(severities) / sizeof(severities[0]) ? severities[severity] :
								       "unknown severity";
}

static void put_hex(struct nexp_buffer *buffer, const uint8_t *bytes, unsigned int count,
		    const char *between)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		nexp_buffer_printf(buffer, "%s%02x", i ? between : "", bytes[i]);
}

/* Up to 2^53 a double holds every whole number. */
static bool is_exact(double value)
{
	return fabs(value) <= 9007199254740992.0;
}

bool nexp_cell_has_fraction(const struct nexp_column *column)
{
	return column->type == NEXP_COLUMN_FLOAT64 && is_exact(column->real) &&
	       column->real != floor(column->real);
}

/* Experts count in doubles where 32 bits are too few: show counts as such. */
static void put_real(struct nexp_buffer *buffer, double value, bool fraction)
{
	if (!is_exact(value))
		nexp_buffer_printf(buffer, "%g", value);
	else if (fraction || value != floor(value))
		nexp_buffer_printf(buffer, "%.2f", value);
	else
		nexp_buffer_printf(buffer, "%.0f", value);
}

/* Days since 1899-12-30, the fraction is the time of day. */
static void put_vartime(struct nexp_buffer *buffer, double days)
{
	const double unix_epoch = 25569, last_year_9999 = 2958466;
	time_t seconds;
	struct tm tm;

	if (!isfinite(days) || days < -657434 || days >= last_year_9999) {
		nexp_buffer_printf(buffer, "%g", days);
		return;
	}
	seconds = (time_t)floor((days - unix_epoch) * 86400 + 0.5);
	gmtime_r(&seconds, &tm);
	nexp_buffer_printf(buffer, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900,
			   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void nexp_cell_put(struct nexp_buffer *buffer, const struct nexp_column *column, bool fraction)
{
	switch (column->type) {
	case NEXP_COLUMN_UINT8:
	case NEXP_COLUMN_UINT16:
	case NEXP_COLUMN_UINT32:
	case NEXP_COLUMN_FRAME:
		nexp_buffer_printf(buffer, "%" PRIu64, column->number);
		break;
	case NEXP_COLUMN_SINT8:
	case NEXP_COLUMN_SINT16:
	case NEXP_COLUMN_SINT32:
		nexp_buffer_printf(buffer, "%" PRId64, (int64_t)column->number);
		break;
	case NEXP_COLUMN_FLOAT64:
		put_real(buffer, column->real, fraction);
		break;
	case NEXP_COLUMN_YESNO:
		nexp_buffer_puts(buffer, column->number ? "Yes" : "No");
		break;
	case NEXP_COLUMN_ONOFF:
		nexp_buffer_puts(buffer, column->number ? "On" : "Off");
		break;
	case NEXP_COLUMN_TRUEFALSE:
		nexp_buffer_puts(buffer, column->number ? "True" : "False");
		break;
	case NEXP_COLUMN_MACADDR:
		put_hex(buffer, column->address, 6, ":");
		break;
	case NEXP_COLUMN_IPXADDR:
		put_hex(buffer, column->address, 4, "");
		nexp_buffer_puts(buffer, ".");
		put_hex(buffer, column->address + 4, 6, "");
		break;
	case NEXP_COLUMN_IPADDR:
		nexp_buffer_printf(buffer, "%u.%u.%u.%u", column->address[0], column->address[1],
				   column->address[2], column->address[3]);
		break;
	case NEXP_COLUMN_VARTIME:
		put_vartime(buffer, column->real);
		break;
	case NEXP_COLUMN_STRING:
		nexp_text_put(buffer, column->text.bytes, column->text.length);
		break;
	}
}

void nexp_event_time_put(struct nexp_buffer *buffer, const uint16_t time[8])
{
	enum { YEAR, MONTH, DAY_OF_WEEK, DAY, HOUR, MINUTE, SECOND, MILLISECOND };
	unsigned int i, any = 0;

	for (i = 0; i < 8; i++)
		any |= time[i];
	if (!any)
		return;
	if (time[YEAR])
		nexp_buffer_printf(buffer, "%04u-%02u-%02u ", time[YEAR], time[MONTH], time[DAY]);
	else if (time[DAY])
		nexp_buffer_printf(buffer, "%u d ", time[DAY]);
	nexp_buffer_printf(buffer, "%02u:%02u:%02u", time[HOUR], time[MINUTE], time[SECOND]);
}
