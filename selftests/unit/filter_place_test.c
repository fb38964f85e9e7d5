// SPDX-License-Identifier: GPL-2.0
/*
 * Where in a filter libpcap's mistake is, and how it is shown.
 */
#include <pcap/pcap.h>
#include <string.h>

#include "kselftest_harness.h"
#include "user/supervisor/filter_place.h"

/* @mark is below the place; blanks are part of it. "" stands for no place. */
static const struct {
	const char *expression;
	const char *mark;
} mistakes[] = {
	{ "udp prot 53",			"    ^" },
	{ "udp port 53 and tcp prot 80",	"                    ^" },
	{ "udp port",				"        ^" },
	{ "udp port 53 and",			"               ^" },
	{ "foo bar",				"^" },
	{ "(udp or tcp",			"           ^" },
	{ "udp or tcp)",			"          ^" },
	{ ")",					"^" },
	{ "and udp",				"^" },
	{ "udp and or tcp",			"        ^" },
	{ "tcp[tcpflags] & tcp-syn",		"                       ^" },
	{ "tcp[tcpflags & tcp-syn != 0",	"                       ^" },
	{ "tcp[2:3] = 1",			"    ^" },
	{ "tcp port 70000",			"         ^" },
	{ "port http and port nosuchservice",	"                   ^" },
	{ "ip proto nosuch and tcp",		"         ^" },
	{ "not (udp port 53 or port host 2)",	"                         ^" },
	{ "less than 100",			"     ^" },
	{ "net 10.0.0.1/8",			"    ^" },
	{ "ether host 1:2:3",			"           ^" },
	{ "ip6 and udp port 53 @ 3",		"                    ^" },
	{ "vlan 5000",				"     ^" },
	{ "udp && tcp || icmp &&& arp",		"                     ^" },
	{ "host 10.0.0.256",			"     ^" },
	{ "ip[6:2 & 0x1fff != 0",		"       ^" },
	{ "tcp and udp",			"" },
};

TEST(the_mark_is_below_the_word_that_cannot_follow)
{
	pcap_t *handle = pcap_open_dead(DLT_EN10MB, 262144);
	struct bpf_program program;
	char point[256];
	size_t i;

	ASSERT_NE(NULL, handle);
	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const char *expression = mistakes[i].expression, *mark;
		char message[PCAP_ERRBUF_SIZE];
		long place;

		ASSERT_NE(0, pcap_compile(handle, &program, expression, 1, 0))
			TH_LOG("'%s' is no mistake", expression);
		strcpy(message, pcap_geterr(handle));
		place = nexp_filter_place(handle, expression, message);
		nexp_filter_point(point, sizeof(point), expression, place);
		EXPECT_EQ(0, strncmp(point, "    ", 4));
		EXPECT_EQ(0, strncmp(point + 4, expression, strlen(expression)));
		mark = strchr(point, '\n');
		EXPECT_STREQ(mistakes[i].mark, mark ? mark + 5 : "")
			TH_LOG("%s\n%s", message, point);
	}
	pcap_close(handle);
}

/* Without a handle: it would be used to ask name servers again. */
TEST(a_word_that_the_message_names_is_the_place)
{
	EXPECT_EQ(5, nexp_filter_place(NULL, "host nosuch.example",
				       "unknown host 'nosuch.example'"));
	EXPECT_EQ(16, nexp_filter_place(NULL, "host xa or host a and udp",
					"unknown host 'a'"));
}

TEST(of_a_long_expression_the_part_around_the_place_is_shown)
{
	char expression[2000], point[256];
	size_t i;

	for (i = 0; i + 10 < sizeof(expression); i += 10)
		memcpy(expression + i, "udp or\ttcp", 10);
	expression[i] = '\0';
	memcpy(expression + 1000, "HERE", 4);
	nexp_filter_point(point, sizeof(point), expression, 1000);
	EXPECT_EQ(NULL, strchr(point, '\t'));
	EXPECT_EQ(0, strncmp(point, "    ...", 7));
	ASSERT_NE(NULL, strchr(point, '\n'));
	EXPECT_EQ(strstr(point, "HERE") - point, strlen(strchr(point, '\n') + 1) - 1);
	nexp_filter_point(point, sizeof(point), expression, 3);
	EXPECT_EQ(0, strncmp(point, "    udp", 7));
	EXPECT_STREQ("\n       ^", strchr(point, '\n'));
	nexp_filter_point(point, sizeof(point), expression, -1);
	EXPECT_EQ(NULL, strchr(point, '\n'));
	/* Where there is no room for it, the mark is missing and nothing else. */
	nexp_filter_point(point, 20, expression, 3);
	EXPECT_EQ(19, strlen(point));
}

/* Every beginning of sound expressions can go on: the place is its end. */
TEST(what_is_only_unfinished_is_marked_at_its_end)
{
	static const char *const sound[] = {
		"(udp or tcp) and ( not host 1.2.3.4 )",
		"tcp [ tcpflags ] & tcp-syn != 0",
		"ether proto 0x88cc or ( vlan 5 and ip6 proto 6 )",
		"src net 10.0.0.0 mask 255.0.0.0 and dst portrange 1-1024",
		"( ip [ 6 : 2 ] & 0x1fff ) != 0",
		"len > 100 and ip6 host fe80::1",
	};
	pcap_t *handle = pcap_open_dead(DLT_EN10MB, 262144);
	struct bpf_program program;
	char text[128];
	size_t i, j;

	for (i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
		ASSERT_EQ(0, pcap_compile(handle, &program, sound[i], 1, 0))
			TH_LOG("%s: %s", sound[i], pcap_geterr(handle));
		pcap_freecode(&program);
		for (j = 1; sound[i][j]; j++) {
			if (sound[i][j] != ' ')
				continue;
			memcpy(text, sound[i], j);
			text[j] = '\0';
			if (!pcap_compile(handle, &program, text, 1, 0)) {
				pcap_freecode(&program);
				continue;
			}
			EXPECT_EQ(j, nexp_filter_place(handle, text, "syntax error"))
				TH_LOG("%s", text);
		}
	}
	pcap_close(handle);
}

TEST_HARNESS_MAIN
