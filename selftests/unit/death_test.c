// SPDX-License-Identifier: GPL-2.0
/*
 * What is said of a death: when the kernel noticed, when the process was gone,
 * when the heap was back, in words and as JSON, with what is not known yet.
 */
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "kselftest_harness.h"
#include "user/cli/reporters.h"
#include "user/cli/words.h"
#include "user/supervisor/supervisor.h"

#define MS	1000000ULL
#define NOTICED	(5000 * MS)

static struct nexp_supervisor supervisor;
static struct nexp_buffer out;

static void make_expert(struct nexp_expert *expert)
{
	memset(expert, 0, sizeof(*expert));
	strcpy(expert->spec.name, "x");
	expert->context = &supervisor.context;
	expert->pid = 42;
	expert->gone_ns = NOTICED + 7 * MS;
	expert->stat.out_incarnation = 1;
	expert->stat.out_ended_ns = NOTICED;
	expert->stat.out_back_ns = NOTICED + 3 * MS / 2;
	expert->stat.out_back_bytes = 8192;
}

static const struct nexp_end killed = { .code = CLD_KILLED, .status = SIGKILL };
static const struct nexp_news died = { .kind = NEXP_NEWS_DIED, .end = &killed };
static const struct nexp_news back = { .kind = NEXP_NEWS_HEAP_BACK, .ns = 3 * MS / 2 };

/* The text behind the time of day, which differs from run to run. */
static const char *times_in_words(const struct nexp_expert *expert)
{
	char *times, *end;

	nexp_buffer_reset(&out);
	nexp_words_put(&out, &supervisor.context, expert, &died);
	nexp_buffer_put(&out, "", 1);
	times = strstr(out.bytes, "noticed");
	if (!times)
		return "";
	times = strchr(times, ';');
	end = times ? strchr(times, '\n') : NULL;
	if (!end)
		return "";
	*end = '\0';
	return times;
}

TEST(words_have_all_three_times)
{
	struct nexp_expert expert;

	make_expert(&expert);
	EXPECT_STREQ("; process gone after 7.000 ms; its 8192 bytes of heap back after 1.500 ms",
		     times_in_words(&expert));
	expert.stat.out_back_ns = 0;
	EXPECT_STREQ("; process gone after 7.000 ms; its 8192 bytes of heap are not back yet",
		     times_in_words(&expert));
	expert.gone_ns = 0;
	EXPECT_STREQ("; the process is still there; its 8192 bytes of heap are not back yet",
		     times_in_words(&expert));
	expert.gone_ns = NOTICED - 1;
	EXPECT_STREQ("; the process was gone before; its 8192 bytes of heap are not back yet",
		     times_in_words(&expert));
}

/* What the JSON reporter writes for one piece of news. */
static json_t *reported(const struct nexp_expert *expert, const struct nexp_news *news)
{
	struct nexp_json_reporter reporter;
	char line[4096];
	ssize_t length;
	int ends[2];

	if (pipe(ends))
		return NULL;
	nexp_json_reporter_init(&reporter, &supervisor, true);
	reporter.out.fd = ends[1];
	reporter.err.fd = ends[1];
	reporter.base.ops->news(&reporter.base, expert, news);
	length = read(ends[0], line, sizeof(line));
	close(ends[0]);
	close(ends[1]);
	return length > 0 ? json_loadb(line, length, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
}

static const json_t *value(const json_t *line, const char *key)
{
	return json_object_get(json_object_get(line, "lifecycle"), key);
}

TEST(json_has_all_three_times)
{
	const struct nexp_news *news[] = { &died, &back };
	struct nexp_expert expert;
	unsigned int i;
	json_t *line;

	make_expert(&expert);
	for (i = 0; i < 2; i++) {
		line = reported(&expert, news[i]);
		EXPECT_EQ(NOTICED, json_integer_value(value(line, "ended_monotonic_ns")));
		EXPECT_EQ(NOTICED + 7 * MS,
			  json_integer_value(value(line, "gone_monotonic_ns")));
		EXPECT_EQ(NOTICED + 3 * MS / 2,
			  json_integer_value(value(line, "back_monotonic_ns")));
		json_decref(line);
	}
	expert.gone_ns = 0;
	expert.stat.out_back_ns = 0;
	line = reported(&expert, &died);
	EXPECT_TRUE(json_is_null(value(line, "gone_monotonic_ns")));
	EXPECT_TRUE(json_is_null(value(line, "back_monotonic_ns")));
	json_decref(line);
}

TEST_HARNESS_MAIN
