#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# crash_test - an expert is killed again and again under steady traffic; no frame
# is missing, and at each death at most the one in hand is seen twice
#
# Numbered datagrams cross the cable. The expert notes each number, with its
# process, before it asks for the next frame. So at a death the next incarnation
# begins with the number after the last one noted, or with that one again.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999

action() { json_get "$1" "lifecycle.action=$2" timestamp; }
is_capturing() { action "$1" capturing; }
is_incarnation() { json_get "$1" lifecycle.action=ready "lifecycle.incarnation=$2" timestamp; }
host_pid() { netexpert stat --json | json_get - name=number-log pid; }
final() { json_get "$1" event_type=stats stats.final=true "stats.$2"; }
last_number() { tail -n 1 "$1" | cut -d' ' -f2; }
has_number() { [ "$(last_number "$1")" = "$2" ]; }

# Every number from 0 to LAST; only across processes may one come twice.
complete() { # LOG LAST
	awk -v last="$2" '
		NR == 1 && $2 != 0 { print "begins with " $2; bad = 1 }
		NR > 1 && $1 == pid && $2 != number + 1 {
			print "process " pid ": " $2 " after " number; bad = 1
		}
		NR > 1 && $1 != pid {
			deaths++
			twice += $2 == number
			if ($2 != number && $2 != number + 1) {
				print "process " $1 " begins with " $2 " after " number
				bad = 1
			}
		}
		{ pid = $1; number = $2 }
		END {
			if (number != last) { print "ends with " number; bad = 1 }
			print "# " deaths " deaths, " twice + 0 " frames seen twice"
			exit bad
		}' "$1"
}

kill_and_come_back() {
	local signal incarnation=1
	for signal in SEGV KILL SEGV ABRT KILL; do
		kill -s "$signal" "$(host_pid)" || return
		incarnation=$((incarnation + 1))
		becomes 60 is_incarnation "$run" $incarnation || return
	done
}

net_up || give_up "the network can be set up"
net_fix_neighbours

run=$tmp/run.json log=$tmp/numbers
spawn "$run" right netexpert run --json -i veth-r -Q in -B 8192 \
	"$experts/number-log.so=$log,$port,2000"
run_pid=$spawned
becomes 60 is_capturing "$run" || give_up "captures are attached" "$run" "$run.err"

# The sender goes on until the last incarnation has come and a while longer.
nr=3000
spawn "$tmp/sender" left udp_numbers $right4 $port 0 $nr 200
check "five deaths, five restarts" kill_and_come_back
becomes 120 has_number "$log" $((nr - 1)) || show "$run" "$run.err" "$log"
check "no number is missing, none twice but the one in hand" complete "$log" $((nr - 1))
complete "$log" $((nr - 1)) | grep '^#'
check "an incarnation lost nothing while it was away" \
	equal "$(json_get "$run" lifecycle.action=ready lifecycle.outage_lost | sort -u)" 0
check "each death gave the heap back" \
	equal "$(json_get "$run" lifecycle.action=heap_back lifecycle.heap_bytes | sort | uniq -c | tr -s ' ')" " 5 0"
# Each line: noticed, process gone, bytes back.
times() {
	local which
	for which in ended gone back; do
		json_get "$run" lifecycle.action=heap_back lifecycle.${which}_monotonic_ns \
			>"$tmp/$which"
	done
	paste "$tmp/ended" "$tmp/gone" "$tmp/back"
}
check "each death has its three times" \
	equal "$(times | awk '0 < $1 && $1 <= $2 && $1 <= $3' | wc -l)" 5
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
check "the kernel counts no loss" equal "$(final "$run" lost)" 0
check "six incarnations are counted" equal "$(final "$run" incarnation)" 6

# It kills itself three times, with the 100th, 200th and 300th frame in hand.
run=$tmp/hand.json log=$tmp/hand
spawn "$run" right netexpert run --json -i veth-r -Q in -B 1024 \
	"$experts/number-log.so=$log,$port,0,100"
run_pid=$spawned
becomes 60 is_capturing "$run" || give_up "captures are attached again" "$run" "$run.err"
left udp_numbers $right4 $port 0 350 500
becomes 60 has_number "$log" 349 || show "$run" "$run.err" "$log"
stop "$run_pid"
check "the frame in hand at a death is seen once more" \
	equal "$(complete "$log" 349)" "# 3 deaths, 3 frames seen twice"

# Too slow a reader on too small a ring: what is missing is what is counted.
run=$tmp/slow.json log=$tmp/slow
spawn "$run" right netexpert run --json -i veth-r -Q in -B 4 --rings 1 \
	"$experts/number-log.so=$log,$port,5000"
run_pid=$spawned
becomes 60 is_capturing "$run" || give_up "captures are attached again" "$run" "$run.err"
left udp_numbers $right4 $port 0 600 1000
kept_up() {
	[ $(($(netexpert stat --json | json_get - name=number-log delivered))) = \
		"$(wc -l <"$log")" ]
}
becomes 120 kept_up || show "$run" "$run.err"
stop "$run_pid"
check "a small ring loses frames of a fast sender" test "$(final "$run" lost)" -gt 0
check "what was noted and what was lost is what was sent" \
	equal $(($(wc -l <"$log") + $(final "$run" lost))) 600
check "the cause is a full ring" equal "$(final "$run" dropped.ring_full)" "$(final "$run" lost)"
check "what was noted is what was delivered" \
	equal "$(wc -l <"$log")" "$(final "$run" delivered)"
check "seen is what was sent" equal "$(final "$run" seen)" 600
