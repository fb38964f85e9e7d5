#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# properties_test - what an expert finds in frames is what tshark finds
#
# Real programs talk; tcpdump makes a file of it. From the file, frame for frame and in
# order, and live, as a multiset, an expert's properties must be tshark's fields:
# also those of messages that came in several frames.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
fields=(eth.src ip.src ip.ttl ip.flags.df ipv6.dst tcp.srcport tcp.seq tcp.flags.syn tcp.len
	tcp.reassembled.length udp.dstport dns.qry.name dns.a dns.aaaa http.request.uri
	http.response.code icmp.seq icmp.type)

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }

# tshark_fields FILE: with what a stranger's settings cannot change.
tshark_fields() {
	HOME=$tmp/nobody tshark -n -r "$1" -T fields -E occurrence=f "${fields[@]/#/-e}" 2>"$tmp/tshark.err"
}

same() { # WANTED GOT
	[ -s "$1" ] || { echo "tshark says nothing"; cat "$tmp/tshark.err"; return 1; }
	diff "$1" "$2" | head -n 6
	cmp "$1" "$2"
}

net_up || give_up "the network can be set up"
serve_some() { serve_http && serve_dns; }
serve_some || give_up "the servers answer" "$tmp/nginx.out.err" "$tmp/dnsmasq.out.err"
some_traffic() {
	left curl -sfo /dev/null "http://$right4/small" -o /dev/null "http://$right4/large" || return
	left curl -so /dev/null "http://[$right6]/none" || return
	left dig +time=5 "@$right4" one.selftest.test A two.selftest.test AAAA >/dev/null || return
	left ping -q -c 3 -i 0.1 "$right4" >/dev/null
}

net_fix_neighbours
filter='tcp or udp or icmp'
all=$tmp/all.pcap
start_dump left veth-l "$all" "$filter"
# Parsers take their time, and the rings must hold what comes meanwhile.
spawn "$run" left netexpert run --json --heap 256M -B 16384 -i veth-l -f "$filter" \
	"$experts/property-log.so=$tmp/live ${fields[*]}"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
some_traffic || give_up "the traffic flows"
stop_dump "$dump" "$all"
has_all() { [ "$(wc -l <"$tmp/live")" -ge "$(tcpdump -r "$all" 2>/dev/null | wc -l)" ]; }
check "the live expert has a line for each frame" becomes 120 has_all
stop "$run_pid"
check "its run ends well" equal "$stopped" 0
check "it has lost nothing" equal \
	"$(json_get "$run" event_type=stats stats.final=true stats.lost)" 0
tshark_fields "$all" >"$tmp/want"
check "there are messages of several frames in it" says $'\t''[0-9]{5,}'$'\t' "$tmp/want"

check "a run on the file ends well" timeout $((300 * patience)) netexpert run --heap 256M -r "$all" \
	"$experts/property-log.so=$tmp/got ${fields[*]}"
check "from a file: each frame's properties are tshark's fields" same "$tmp/want" "$tmp/got"
sort "$tmp/want" >"$tmp/want.sorted"
sort "$tmp/live" >"$tmp/live.sorted"
check "live: the same, in whatever order frames of both directions came" \
	same "$tmp/want.sorted" "$tmp/live.sorted"
check "nothing is left" left_nothing
