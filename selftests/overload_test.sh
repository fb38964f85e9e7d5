#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# overload_test - an expert stops reading for seconds under full traffic and goes on
#
# Two runs with one expert each on the same end of the cable, which takes numbered
# datagrams as fast as they come, while streams that its filter does not want fill
# it. The expert with the small rings is stopped until thousands of numbers are
# lost, and let go while more come. Where a number is missing the record behind says
# so, and the other expert has all of them.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999 filter='udp dst port 5999' nr=0
small=$tmp/small large=$tmp/large

is_capturing() { json_get "$1.json" lifecycle.action=capturing timestamp; }
# An expert is told apart by its process: both have the same name.
host_pid() { json_get "$1.json" lifecycle.action=started lifecycle.pid; }
counter() { netexpert stat --json | json_get - "pid=$(host_pid "$1")" "$2"; }
has_lost() { [ "$(counter "$small" lost)" -ge "$1" ]; }
has_number() { [ "$(tail -n 1 "$1.log" | cut -d' ' -f2)" = "$2" ]; }
# On one CPU, so that they pass one ring: what is missing is told by the next of it.
send() { # COUNT PER_SECOND
	left taskset -c 0 udp_numbers $right4 $port $nr "$1" "$2" || return
	nr=$((nr + $1))
}

start() { # NAME OPTION...
	local name=$1
	shift
	spawn "$name.json" right netexpert run --json -i veth-r -Q in "$@" -f "$filter" \
		"$experts/number-log.so=$name.log,$port"
	becomes 60 is_capturing "$name" || give_up "captures are attached" "$name.json" "$name.json.err"
}

# Every number from 0 to LAST comes, in order, or was lost as its successor says.
gaps_are_told() { # LOG LAST
	awk -v last="$2" '
		BEGIN { next_one = 0 }
		$2 - next_one != $3 {
			print $2 - next_one " are missing before " $2 ", told were " $3
			bad = 1
		}
		{ next_one = $2 + 1; lost += $3; gaps += $3 > 0 }
		END {
			if (next_one != last + 1) { print "ends with " next_one - 1; bad = 1 }
			print lost + 0 " lost in " gaps + 0 " gaps"
			exit bad
		}' "$1"
}

# What an expert saw is filtered, delivered or lost for a cause: in all and per ring.
law_holds() { # NAME SENT
	local pid ring sum what
	pid=$(host_pid "$1")
	netexpert stat -v --json >"$tmp/stat"
	of() { json_get "$tmp/stat" "pid=$pid" "$1"; }
	for ring in '' per_ring.0. per_ring.1.; do
		sum=0
		for what in filtered delivered \
			dropped.{ring_full,corrupt,too_big,unreadable,nested,no_program}; do
			sum=$((sum + $(of "$ring$what")))
		done
		equal "$sum ${ring:-in all}" "$(of "${ring}seen") ${ring:-in all}" || return
	done
	equal "$(of seen)" $(($(of per_ring.0.seen) + $(of per_ring.1.seen))) &&
		equal "$(of delivered)" "$(wc -l <"$1.log")" &&
		equal $(($(of seen) - $(of filtered))) "$2" && test "$(of filtered)" -gt 1000
}

net_up || give_up "the network can be set up"
net_fix_neighbours
serve_iperf || give_up "iperf3 answers" "$tmp/iperf.out" "$tmp/iperf.out.err"

start "$large" -B 16384 -s 64
start "$small" -B 64

send 200 1000
becomes 60 has_number "$small" 199 || give_up "numbers arrive" "$small.json.err" "$small.log"

spawn "$tmp/stream" left iperf3 -c $right4 -t 600
stream=$spawned
kill -STOP "$(host_pid "$small")"
before=$SECONDS
until has_lost 4000 && [ $((SECONDS - before)) -ge 3 ]; do
	send 2000 1000000 || break
	[ $((SECONDS - before)) -lt $((60 * patience)) ] || break
done
check "an expert that is stopped for seconds loses what its rings can't hold" has_lost 4000
kill -CONT "$(host_pid "$small")"
send 2000 2000
stop "$stream"
has_read() { equal "$(counter "$small" unread_bytes)" 0; }
becomes 60 has_read || show "$small.json.err"
send 50 200
last=$((nr - 1))
becomes 120 has_number "$small" $last || show "$small.json.err" "$small.log"
becomes 120 has_number "$large" $last || show "$large.json.err" "$large.log"

check "what is missing is what records say was lost before them, exactly" \
	gaps_are_told "$small.log" $last
gaps_are_told "$small.log" $last | sed 's/^/# /'
check "an expert beside it, with larger rings, has every number" \
	equal "$(gaps_are_told "$large.log" $last)" "0 lost in 0 gaps"
for name in small large; do
	check "with $name rings, seen is what was sent and filtered, to the frame and per ring" \
		law_holds "$tmp/$name" $nr
done
