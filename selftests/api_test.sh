#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# api_test - the Expert functions on a real pool, and experts that misbehave
#
# Misbehaving experts die, hang, fork and talk nonsense beside a bystander, which
# must get every frame. Afterwards nothing may be left of anybody.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
port=5999

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
happened() { json_get "$run" "lifecycle.action=$1" "lifecycle.name=${2:-misbehave}" timestamp; }
reason() { json_get "$run" "lifecycle.action=$1" lifecycle.name=misbehave lifecycle.reason; }
summary() { json_get "$run" event_type=expert "expert.event=$1" expert.summary; }
final() { json_get "$run" event_type=stats stats.final=true "stats.name=$1" "stats.$2"; }
some_frames() { left ping -q -c 3 -i 0.1 $right4; }

# start EXPERT...: a run on the left end of the cable.
start() {
	spawn "$run" left netexpert run --json -i veth-l "$@"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
}

nothing_left() {
	[ -z "$(bpftool link show | grep tcx)" ] || { bpftool link show; return 1; }
	[ -z "$(netexpert stat --json)" ] || { netexpert stat; return 1; }
	! pgrep -x -l 'netexpert-host|sleep' || return 1
}

left_nothing() { becomes 10 nothing_left || nothing_left; }

net_up || give_up "the network can be set up"

start --heap 8M "$experts/api-check.so"
becomes 30 some_frames
becomes 60 summary running || show "$run" "$run.err"
check "Expert functions answer as promised while running" \
	says '^api-check: [0-9]+ checks, 0 failed' <(summary running; summary 'wrong answer')
stop "$run_pid"
check "its run ends well" equal "$stopped" 0
check "Expert functions answer as promised after terminate" \
	says '^api-check: [0-9]+ checks, 0 failed' <(summary terminated; summary 'wrong answer')
check "the heap stayed within its limit" test "$(final api-check heap_peak_bytes)" -le $((8 << 20))
check "Ctrl-C leaves nothing behind" left_nothing

# misbehave HOW UNTIL...: with a bystander, until something happened.
misbehave() {
	local how=$1
	shift
	rm -f "$tmp/numbers"
	start --grace 2 "$experts/misbehave.so=$how,3" \
		"$experts/number-log.so=$tmp/numbers,$port"
	left udp_numbers $right4 $port 0 100 200
	becomes 60 "$@" || show "$run" "$run.err"
	left udp_numbers $right4 $port 100 100 200
	becomes 60 all_noted
	stop "$run_pid"
}

all_noted() { [ "$(wc -l <"$tmp/numbers")" = 200 ]; }

bystander_unharmed() {
	all_noted || { wc -l "$tmp/numbers"; return 1; }
	equal "$(final number-log lost)" 0 && equal "$(final number-log incarnation)" 1
}

for how in segv kill abort exit exec; do
	misbehave $how happened restart
	check "$how: it is restarted" happened restart
	check "$how: it has lost no frame by it" equal "$(final misbehave lost)" 0
	check "$how: the bystander is unharmed" bystander_unharmed
	check "$how: nothing is left" left_nothing
done

misbehave garbage happened died
check "garbage: its supervisor ends it" happened died
check "garbage: the bystander is unharmed" bystander_unharmed
check "garbage: nothing is left" left_nothing

misbehave close happened died
check "close: closing its files ends it" happened died
check "close: the bystander is unharmed" bystander_unharmed
check "close: nothing is left" left_nothing

misbehave fork true
check "fork: the run ends well" equal "$stopped" 0
check "fork: the bystander is unharmed" bystander_unharmed
check "fork: what it forked is gone too" left_nothing

misbehave hang true
check "hang: who does not finish is a failure of the run" equal "$stopped" 1
check "hang: it is killed after the time of grace" happened stop_now ''
check "hang: the bystander is unharmed" bystander_unharmed
check "hang: nothing is left" left_nothing

misbehave spam true
check "spam: the run ends well" equal "$stopped" 0
check "spam: its last word came through" \
	equal "$(summary 'last word')" "finished as asked"
check "spam: the bystander is unharmed" bystander_unharmed

# Words for people, with what terminals obey made visible.
spawn "$tmp/paint" left netexpert run -i veth-l "$experts/misbehave.so=paint,1"
run_pid=$spawned
becomes 30 grep -q capturing "$tmp/paint.err"
becomes 60 some_frames
becomes 60 grep -q 'the screen' "$tmp/paint"
stop "$run_pid"
no_escapes() { ! grep -l "$(printf '\033\\|\007')" "$tmp/paint" "$tmp/paint.err"; }
check "paint: an expert's words cannot steer a terminal" no_escapes
check "paint: but they are shown" says 'the screen' "$tmp/paint"
check "at the end nothing is left" left_nothing
