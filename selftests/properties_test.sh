#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# properties_test - what an expert finds in frames is what tshark finds
#
# Real programs talk; tcpdump makes a file of it. From the file, frame for frame and in
# order, and live, as a multiset, an expert's properties must be tshark's fields:
# also those of messages that came in several frames. And its display filters pass what
# tshark's do.

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

# tshark_passes FILE EXPR
tshark_passes() {
	HOME=$tmp/nobody tshark -n -r "$1" -Y "$2" -T fields -e frame.number -e frame.len 2>"$tmp/tshark.err"
}

same() { # WANTED GOT
	[ -s "$1" ] || { echo "tshark says nothing"; cat "$tmp/tshark.err"; return 1; }
	diff "$1" "$2" | head -n 6
	cmp "$1" "$2"
}

refuses() { # STATUS WORDS COMMAND...
	local status=$1 words=$2
	shift 2
	fails_with "$status" timeout $((60 * patience)) "$@" >"$tmp/log" 2>&1 || { cat "$tmp/log"; return 1; }
	says "$words" "$tmp/log"
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
wanted='http || dns.flags.response == 1 || tcp.reassembled.length > 1000'
all=$tmp/all.pcap
start_dump left veth-l "$all" "$filter"
# Parsers take their time, and the rings must hold what comes meanwhile.
spawn "$run" left netexpert run --json --heap 256M -B 16384 -i veth-l -f "$filter" \
	-Y "$wanted" "$experts/property-log.so=$tmp/live ${fields[*]}" \
	"$experts/filter-log.so=$tmp/passed ip"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
some_traffic || give_up "the traffic flows"
stop_dump "$dump" "$all"
has_all() { [ "$(wc -l <"$tmp/live")" -ge "$(tcpdump -r "$all" 2>/dev/null | wc -l)" ]; }
check "the live expert has a line for each frame" becomes 120 has_all
tshark_passes "$all" "ip && ($wanted)" >"$tmp/want"
has_passed() { [ "$(wc -l <"$tmp/passed")" -ge "$(wc -l <"$tmp/want")" ]; }
check "the one with display filters has as many lines as tshark" becomes 120 has_passed
stop "$run_pid"
check "its run ends well" equal "$stopped" 0
check "it has lost nothing" equal \
	"$(json_get "$run" event_type=stats stats.final=true stats.name=property-log stats.lost)" 0
check "nor has the one with display filters" equal \
	"$(json_get "$run" event_type=stats stats.final=true stats.name=filter-log stats.lost)" 0
tshark_fields "$all" >"$tmp/want"
check "there are messages of several frames in it" says $'\t''[0-9]{5,}'$'\t' "$tmp/want"

check "a run on the file ends well" timeout $((300 * patience)) netexpert run --heap 256M -r "$all" \
	"$experts/property-log.so=$tmp/got ${fields[*]}"
check "from a file: each frame's properties are tshark's fields" same "$tmp/want" "$tmp/got"
sort "$tmp/want" >"$tmp/want.sorted"
sort "$tmp/live" >"$tmp/live.sorted"
check "live: the same, in whatever order frames of both directions came" \
	same "$tmp/want.sorted" "$tmp/live.sorted"

# Numbers are another matter live, so it is the lengths.
tshark_passes "$all" "ip && ($wanted)" >"$tmp/want"
cut -f 2 "$tmp/want" | sort >"$tmp/want.sorted"
cut -f 2 "$tmp/passed" | sort >"$tmp/passed.sorted"
check "live: the user's display filter and the expert's pass what tshark's do" \
	same "$tmp/want.sorted" "$tmp/passed.sorted"
check "a run on the file with both ends well" timeout $((300 * patience)) netexpert run --heap 256M \
	-r "$all" -Y "$wanted" "$experts/filter-log.so=$tmp/passed ip"
check "from a file: they pass the same frames" same "$tmp/want" "$tmp/passed"
check "a run without the user's ends well" timeout $((300 * patience)) netexpert run --heap 256M \
	-r "$all" "$experts/filter-log.so=$tmp/passed $wanted"
tshark_passes "$all" "$wanted" >"$tmp/want"
check "from a file: the expert's alone passes what tshark's does" same "$tmp/want" "$tmp/passed"
check "a display filter with a fault is told with its place, and no expert runs" \
	refuses 1 'filter-log.*-Y: display filter "tcp && no\.such == 1", character 8: ' \
	netexpert run -r "$all" -Y 'tcp && no.such == 1' "$experts/filter-log.so=$tmp/none ip"
check "it has not begun" test ! -e "$tmp/none"
check "nothing is left" left_nothing
