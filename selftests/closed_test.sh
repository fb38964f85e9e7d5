#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# closed_test - frames of a capture file out of turn: the very ones, in any order
#
# What an expert gets by number, backward or after a jump must be what stands at that
# place of the file, and of what the filter lets pass.

# shellcheck disable=SC2016 # check evaluates what stands in single quotes

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

log=$tmp/run.log
picked=$tmp/picked.pcap
stride=7919

# A line for each frame: its bytes, captured and length; times count from the start.
list() {
	editcap -F pcapng "$1" "$tmp/list.pcapng" 2>/dev/null
	pcapng_list "$tmp/list.pcapng" | awk '$1 == "frame" { print $4, $5, $8 }'
}

# pick ORDER ARGUMENT...: runs the expert; what it says is in $log, its frames in $picked.
pick() {
	rm -f "$picked"
	timeout $((120 * patience)) netexpert run "${@:2}" \
		"$experts/pick-frames.so=$1:$picked" >"$log" 2>&1 || { cat "$log"; return 1; }
}

# told TOTAL STORED ERROR
told() {
	says "$1 in all, $2 stored, 0 wrong, ended with $3" "$log"
}

same() { # WANTED-LIST
	list "$picked" >"$tmp/1"
	[ -s "$tmp/1" ] || { echo "nothing was picked"; return 1; }
	diff "$1" "$tmp/1" | head -n 5
	cmp "$1" "$tmp/1"
}

# The list of all, as pick-frames takes them.
backward() { tac "$1"; }
strided() { awk -v s=$stride '{ line[NR - 1] = $0 } END {
	for (i = 1; i <= NR; i++) print line[i * s % NR] }' "$1"; }
last_first() { tail -n 1 "$1"; cat "$1"; }

out_of_range=24

# in_order ORDER LIST ARGUMENT...
in_order() {
	local nr
	nr=$(wc -l <"$2")
	case $1 in
	backward) backward "$2" ;;
	stride) strided "$2" ;;
	first) last_first "$2" ;;
	esac >"$tmp/want"
	pick "$1" "${@:3}" && told "$nr" "$(wc -l <"$tmp/want")" $out_of_range && same "$tmp/want"
}

any_order() { in_order backward "$@" && in_order stride "$@" && in_order first "$@"; }

net_up || give_up "the network can be set up"
serve_some() { serve_http && serve_dns; }
serve_some || give_up "the servers answer" "$tmp/nginx.out.err" "$tmp/dnsmasq.out.err"
all=$tmp/all.pcap
start_dump left veth-l "$all"
some_traffic() {
	left curl -sfo /dev/null "http://$right4/large" || return
	left dig +time=5 "@$right4" one.selftest.test A >/dev/null || return
	left ping -q -c 20 -i 0.01 -s 5000 "$right4" >/dev/null || return
	left ping -q -c 2 -i 0.1 "$right6" >/dev/null
}
some_traffic || give_up "the traffic flows"
stop_dump "$dump" "$all"
list "$all" >"$tmp/all.list"
count=$(wc -l <"$tmp/all.list")
echo "# $count frames"

check "pcap, and a ring that holds a fraction of it" eval \
	'[ "$(stat -c %s "$all")" -gt 1500000 ] && any_order "$tmp/all.list" -r "$all" -B 512'
editcap -F pcapng "$all" "$tmp/all.pcapng" && gzip -k "$tmp/all.pcapng"
check "pcapng" in_order backward "$tmp/all.list" -r "$tmp/all.pcapng"
check "pcapng, compressed" in_order stride "$tmp/all.list" -r "$tmp/all.pcapng.gz"
editcap -F snoop "$all" "$tmp/all.snoop" && list "$tmp/all.snoop" >"$tmp/snoop.list"
check "snoop" in_order backward "$tmp/snoop.list" -r "$tmp/all.snoop"
editcap -F netmon2 "$all" "$tmp/all.cap" && list "$tmp/all.cap" >"$tmp/cap.list"
check "Network Monitor's own" in_order stride "$tmp/cap.list" -r "$tmp/all.cap"

filter='udp port 53 or icmp'
tcpdump -nr "$all" -w "$tmp/some.pcap" "$filter" 2>/dev/null
list "$tmp/some.pcap" >"$tmp/some.list"
check "with a filter numbers are of what it lets pass" eval \
	'[ "$(wc -l <"$tmp/some.list")" -gt 20 ] &&
	any_order "$tmp/some.list" -r "$all" -f "$filter"'
editcap -F pcap -s 60 "$all" "$tmp/short.pcap" && list "$tmp/short.pcap" >"$tmp/short.list"
check "-s cuts" in_order backward "$tmp/short.list" -r "$all" -s 60
head -n 10 "$tmp/all.list" >"$tmp/ten.list"
backward "$tmp/ten.list" >"$tmp/want"
check "-c is all that there is" eval \
	'pick backward -r "$all" -c 10 && told 10 10 $out_of_range && same "$tmp/want"'
tcpdump -nr "$all" -w "$tmp/none.pcap" 'tcp port 1' 2>/dev/null
check "a file without frames" eval 'pick first -r "$tmp/none.pcap" && told 0 0 $out_of_range'

# What can't be read is not there, and is told by who hands frames on.
head -c 100000 "$all" >"$tmp/cut.pcap"
list "$tmp/cut.pcap" 2>/dev/null >"$tmp/cut.list"
last_first "$tmp/cut.list" >"$tmp/want"
check "a file that ends too early: what is there" eval \
	'fails_with 1 pick first -r "$tmp/cut.pcap" && says "after [0-9]+ frames: " "$log" &&
	told "$(wc -l <"$tmp/cut.list")" "$(wc -l <"$tmp/want")" $out_of_range && same "$tmp/want"'

# A pipe is over when it is over.
check "what comes through a pipe grows" eval \
	'pick forward -r - < <(cat "$all") && told 0 "$count" $out_of_range && same "$tmp/all.list"'

check "no folder for the index" eval \
	'TMPDIR=$tmp/nowhere fails_with 1 pick first -r "$all" &&
	says "no file for an index in $tmp/nowhere: No such file or directory; TMPDIR names" "$log"'
full_folder() {
	mkdir -p "$tmp/small" && mount -t tmpfs -o size=64k none "$tmp/small" || return
	TMPDIR=$tmp/small netexpert run -r "$tmp/all.pcapng.gz" --output /dev/null coalesce \
		>"$tmp/in-turn" 2>&1
	TMPDIR=$tmp/small pick forward -r "$tmp/all.pcapng.gz"
	local status=$?
	umount "$tmp/small" && equal "$status" 0 && told 0 "$count" $out_of_range &&
		says "frames can't be had out of turn: after [0-9]+ frames: .*No space left on device" "$log"
}
check "no room for it: it is told, and frames come in their turn" full_folder
check "who takes them in turn needs no index" eval \
	'says "finished after $count frames" "$tmp/in-turn" && ! grep "out of turn" "$tmp/in-turn"'
check "who dies with one in hand: which it was is on record" eval \
	'fails_with 1 pick die -r "$all" &&
	says "in hand it had frame $((count / 2 + 1)) of its capture, which it had taken out of turn" "$log"'
check "nothing is left" left_nothing
