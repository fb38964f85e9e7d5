#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scribble_test - an expert lies to the kernel while traffic flows, and harms nobody
#
# scribble_test.sh [SEED]
#
# Two scribblers, one of which is killed in the middle and comes again, fill the
# pages that they share with the kernel with lies. Beside them an expert notes the
# number of every datagram: all are there.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999 nr=6000
run=$tmp/run log=$tmp/numbers
seed=${1:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}

has_noted() { [ "$(wc -l <"$log")" -ge "$1" ]; }
is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
lie_begun() { [ "$(json_get "$run" expert.event=lying timestamp | wc -l)" = "$1" ]; }
of() { netexpert stat --json | json_get - "name=$1" "$2"; }
final() { json_get "$run" event_type=stats stats.final=true "stats.name=$1" "stats.$2"; }
has_number() { [ "$(tail -n 1 "$log" | cut -d' ' -f2)" = "$1" ]; }

net_up || give_up "the network can be set up"
net_fix_neighbours
echo "# scribble_test.sh $seed"
spawn "$run" right netexpert run --json -i veth-r -Q in -f "udp dst port $port" -B 4096 \
	"$experts/number-log.so=$log,$port" "$experts/scribbler.so=$seed" \
	"$experts/scribbler.so=$((seed + 2))"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
check "the scribblers are at work" becomes 60 lie_begun 2 || show "$run.err"

spawn "$tmp/sender" left udp_numbers $right4 $port 0 $nr 1000
sender=$spawned
becomes 60 has_noted 500 || show "$run.err" "$log"
kill -KILL "$(of scribbler pid)"
check "one that is killed comes again and goes on" becomes 60 lie_begun 3
becomes 120 is_gone "$sender"
becomes 60 has_number $((nr - 1)) || show "$run.err" "$log"
check "an expert beside them has every number, once" \
	equal "$(cut -d' ' -f2 "$log" | md5sum)" "$(seq 0 $((nr - 1)) | md5sum)"
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
check "and by the kernel's counters it has lost nothing" \
	equal "$(final number-log delivered) $(final number-log lost)" "$nr 0"

# Of the scribblers' frames each is delivered or lost for a cause that they have earned.
conserved() { # NAME
	equal $(($(final "$1" delivered) + $(final "$1" dropped.corrupt) +
		$(final "$1" dropped.ring_full))) "$nr" &&
		equal $(($(final "$1" seen) - $(final "$1" filtered))) "$nr" && test "$(final "$1" dropped.corrupt)" -gt 0
}
for name in scribbler scribbler-2; do
	check "$name has harmed itself, and all of that is counted" conserved $name
	echo "# $name: $(final $name delivered) delivered, $(final $name dropped.corrupt) corrupt, $(
		final $name dropped.ring_full) ring full"
done
