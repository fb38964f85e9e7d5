#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# api_test - the Expert functions on a real pool, and experts that misbehave
#
# Misbehaving experts die, hang, fork and talk nonsense, all beside each other and
# beside a bystander, which must get every frame. Afterwards nothing may be left
# of anybody.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
port=5999

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
happened() { json_get "$run" "lifecycle.action=$1" "lifecycle.name=$2" timestamp; }
told() { json_get "$run" event_type=expert "expert.name=$1" "expert.event=$2" expert.summary; }
final() { json_get "$run" event_type=stats stats.final=true "stats.name=$1" "stats.$2"; }

# start EXPERT...: a run on the left end of the cable.
start() {
	spawn "$run" left netexpert run --json -i veth-l "$@"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
}

net_up || give_up "the network can be set up"

some_frames() { left ping -q -c 1 -W 1 $right4; }
has_concluded() { told api-check running; }

start --heap 8M "$experts/api-check.so"
becomes 30 some_frames
becomes 60 has_concluded || show "$run" "$run.err"
check "Expert functions answer as promised while running" \
	says '^api-check: [0-9]+ checks, 0 failed' \
	<(told api-check running; told api-check 'wrong answer')
stop "$run_pid"
check "its run ends well" equal "$stopped" 0
check "Expert functions answer as promised after terminate" \
	says '^api-check: [0-9]+ checks, 0 failed' \
	<(told api-check terminated; told api-check 'wrong answer')
check "the heap stayed within its limit" \
	test "$(final api-check heap_peak_bytes)" -le $((8 << 20))
check "Ctrl-C leaves nothing behind" left_nothing

# Frames that were had before, while others come. A record of these takes 192 bytes.
walk() { # OPTION...
	start "$@" -f "udp and dst port $port" "$experts/walk-back.so=3000"
	left udp_numbers $right4 $port 0 4000 4000
	becomes 60 told walk-back walked || show "$run" "$run.err"
	stop "$run_pid"
	back=$(told walk-back walked | grep -o '[0-9]* back')
	check "$*: the run ends well" equal "$stopped" 0
	check "$*: every frame is what it was when it was new" \
		says '^3000 frames, [0-9]+ again, 0 wrong' <(told walk-back walked)
}
walk --history 0
check "without a history nothing is behind the frame in hand" equal "$back" '0 back'
walk --history 64K
check "the history is there to its last byte" test "${back% back}" -ge $((65536 / 192))

# A bystander, and one expert for each way to misbehave, called after it.
misbehave() { # HOW...
	local how misbehaving=()
	for how; do
		cp "$experts/misbehave.so" "$tmp/$how.so"
		chmod 755 "$tmp/$how.so"
		misbehaving+=("$tmp/$how.so=$how,3")
	done
	rm -f "$tmp/numbers"
	start --grace 2 "${misbehaving[@]}" "$experts/number-log.so=$tmp/numbers,$port"
	left udp_numbers $right4 $port 0 200 200
}

has_noted() { [ "$(wc -l <"$tmp/numbers")" = "$1" ]; }

end_of_misbehaviour() {
	left udp_numbers $right4 $port 200 200 200
	becomes 60 has_noted 400 || show "$run" "$run.err"
	stop "$run_pid"
}

bystander_unharmed() {
	has_noted 400 || { wc -l "$tmp/numbers"; return 1; }
	equal "$(final number-log lost)" 0 && equal "$(final number-log incarnation)" 1
}

deadly=(segv kill abort exit exec garbage close)
misbehave "${deadly[@]}"
for how in "${deadly[@]}"; do
	becomes 60 happened restart "$how" || show "$run" "$run.err"
done
end_of_misbehaviour
for how in "${deadly[@]}"; do
	check "$how: its end is told" happened died "$how"
	check "$how: it is started again" happened restart "$how"
	check "$how: it has lost no frame by it" equal "$(final "$how" lost)" 0
done
check "the bystander is unharmed by seven deaths" bystander_unharmed
check "nothing is left of them" left_nothing

misbehave fork spam hang
end_of_misbehaviour
check "fork, spam: they finish when asked to" \
	equal "$(told fork 'last word') $(told spam 'last word')" \
	"finished as asked finished as asked"
check "hang: it is killed after the time of grace" \
	json_get "$run" lifecycle.action=stop_now timestamp
check "hang: that is a failure of the run" equal "$stopped" 1
check "the bystander is unharmed by all of it" bystander_unharmed
check "nothing is left of them, and not of what was forked" left_nothing

# Words for people, with what terminals obey made visible.
spawn "$tmp/paint" left netexpert run -i veth-l "$experts/misbehave.so=paint,1"
run_pid=$spawned
is_painted() { some_frames && grep -q 'the screen' "$tmp/paint"; }
becomes 60 is_painted || show "$tmp/paint" "$tmp/paint.err"
stop "$run_pid"
no_escapes() { ! grep -l "$(printf '\033\\|\007')" "$tmp/paint" "$tmp/paint.err"; }
check "paint: an expert's words cannot steer a terminal" no_escapes
check "paint: but they are shown" says 'the screen' "$tmp/paint"
check "at the end nothing is left" left_nothing
