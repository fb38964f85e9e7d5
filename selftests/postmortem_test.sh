#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# postmortem_test - what was in an expert's heap is told exactly, of a living one
# and of a dead one, and afterwards the kernel has all of it back
#
# The expert says when it holds exactly what experts/hoarder.c says, and changes
# nothing any more.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
asked=$((37 * 100 + 5 * 5000 + 1048577))

told() { json_get "$run" lifecycle.action="$1" "${@:2}"; }
has_hoarded() { json_get "$run" expert.event=hoarded "expert.incarnation=$1" timestamp; }
pool() { netexpert stat --json | json_get - name=hoarder "$1"; }
heap_of_living() { netexpert stat --heap --json "$(pool pool)" | json_get - "heap.$1"; }
heap_of_dead() { told postmortem lifecycle.incarnation=1 "lifecycle.heap.$1"; }

start() { # ARGUMENT...
	spawn "$run" left netexpert run --json -i veth-l "$@"
	run_pid=$spawned
	becomes 60 has_hoarded 1 || give_up "the expert has its objects" "$run" "$run.err"
}

# holds HOW: what the hoarder holds, told by heap_of_HOW.
holds() {
	local how=heap_of_$1 large
	check "$1: every object and every byte asked for is told" \
		equal "$($how objects) $($how asked_bytes)" "43 $asked"
	check "$1: by size class" equal "$($how 'by_class[]')" "$(
		printf '{"slot_bytes":%s,"objects":%s,"asked_bytes":%s,"held_bytes":%s}\n' \
			112 37 3700 $((37 * 112)) 5120 5 25000 25600 null 1 1048577 1052672)"
	check "$1: by tag" equal "$($how 'by_tag[]')" "$(
		printf '{"tag":%s,"objects":%s,"asked_bytes":%s,"held_bytes":%s}\n' \
			0 37 3700 $((37 * 112)) 3 5 25000 25600 200 1 1048577 1052672)"
	large=$($how 'largest[]' | json_get - asked_bytes | tr '\n' ' ')
	check "$1: the largest come first" \
		equal "$large" "1048577 5000 5000 5000 5000 5000 100 100 100 100 "
	check "$1: committed is what objects hold, what is free, and tables" equal \
		"$($how committed_bytes)" \
		$(($($how held_bytes) + $($how free_bytes) + $($how table_bytes)))
	check "$1: the kernel counts the same" \
		equal "$($how consistent) $($how kernel_bytes)" "true $($how committed_bytes)"
	check "$1: nothing is damaged, nothing left out" \
		equal "$($how damages) $($how damage) $($how complete)" "0 [] true"
}

net_up || give_up "the network can be set up"

start --postmortem "$experts/hoarder.so"
holds living
check "living: the kernel's count is the pool's" equal "$(heap_of_living kernel_bytes)" \
	"$(pool heap_bytes)"
netexpert stat --heap >"$tmp/stat"
check "stat --heap shows it to people" says '43 objects, 1\.0 MiB asked for' "$tmp/stat"
check "by class" says '^ +112 B +37 +3700 +4144$' "$tmp/stat"
check "by tag" says '^ +tag 3 +5 +25000 +25600$' "$tmp/stat"
check "and the largest" says '^ +1 +1048577 +0x[0-9a-f]+  tag 200$' "$tmp/stat"
check "stat without --heap does not" fails_with 1 json_get <(netexpert stat --json) heap
check "who may not trace may not look" fails_with 77 \
	setpriv --bounding-set -sys_ptrace netexpert stat --heap
check "and it is shown the counters all the same" says '"name":"hoarder"' \
	<(setpriv --bounding-set -sys_ptrace netexpert stat --heap --json 2>/dev/null)

died_with=$(pool heap_bytes)
kill -s SEGV "$(pool pid)"
becomes 60 has_hoarded 2 || give_up "it is started again" "$run" "$run.err"
holds dead
check "dead: what it held is what the kernel says it held" equal \
	"$(heap_of_dead kernel_bytes) $(told died lifecycle.heap_held_bytes)" \
	"$died_with $died_with"
check "first the death is told, then the heap, then that it is back" equal \
	"$(json_get "$run" lifecycle.action | grep -E 'died|post|restart|back' | tr '\n' ' ')" \
	"died postmortem restart heap_back "
check "then the kernel has it back" equal "$(told heap_back lifecycle.heap_bytes)" 0
check "people are told the sums" says '^netexpert: hoarder: in its heap: 43 objects, 1\.0 MiB' \
	"$run.err"
check "and the classes" says 'most by size class: large: 1 object, 1\.0 MiB; 5120 B: 5' "$run.err"
check "and the tags" says 'most by tag: tag 200: 1 object, 1\.0 MiB; tag 3: 5 objects' "$run.err"
check "and the largest" \
	says 'largest: 1048577 bytes at 0x[0-9a-f]+ \(tag 200\), 5000 bytes' "$run.err"
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
check "an expert that finished is no case for a post-mortem" \
	equal "$(told postmortem timestamp | wc -l)" 1
check "every line of the run is JSON" json_get "$run" event_type
check "nothing is left" left_nothing

# While the supervisor stands still the kernel keeps the heap, for others to see.
start --postmortem "$experts/hoarder.so"
kill -s STOP "$run_pid"
kill -s SEGV "$(pool pid)"
is_frozen() { [ "$(pool state)" = frozen ]; }
check "a dead expert's heap is kept" becomes 60 is_frozen
check "and shown" equal "$(heap_of_living objects) $(heap_of_living consistent)" "43 true"
stop "$run_pid" KILL
check "a killed supervisor leaves nothing behind" left_nothing

start --postmortem "$experts/hoarder.so=scribble"
check "a living heap with a damaged head is called so" \
	equal "$(heap_of_living damages) $(heap_of_living damage.0.what)" "1 magic"
kill -s SEGV "$(pool pid)"
becomes 60 has_hoarded 2 || show "$run" "$run.err"
check "a dead one too" equal "$(heap_of_dead damage.0.what) $(heap_of_dead objects)" "magic 0"
check "with its place and value" \
	equal "$(heap_of_dead damage.0.offset) $(heap_of_dead damage.0.value)" "0 4294967295"
check "and the kernel's count does not agree" \
	equal "$(heap_of_dead consistent) $(heap_of_dead committed_bytes)" "false 0"
check "people are told" says 'heap is DAMAGED \(1 times\): .* 4294967295, at 0x0' "$run.err"
check "and it is started again" told ready lifecycle.incarnation=2 timestamp
stop "$run_pid"

start "$experts/hoarder.so"
kill -s SEGV "$(pool pid)"
becomes 60 has_hoarded 2 || show "$run" "$run.err"
check "without the option there is no post-mortem" fails_with 1 told postmortem timestamp
check "and the heap comes back" told heap_back timestamp
stop "$run_pid"

# One that has to be killed has died, too.
cp "$experts/misbehave.so" "$tmp/hang.so" && chmod 755 "$tmp/hang.so"
spawn "$run" left netexpert run --json --postmortem --grace 1 -i veth-l "$tmp/hang.so=hang,1"
run_pid=$spawned
is_capturing() { told capturing timestamp; }
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
seen() { [ "$(netexpert stat --json | json_get - name=hang delivered)" -gt 0 ]; }
some_frames() { left ping -q -c 1 -W 1 $right4; seen; }
becomes 30 some_frames || show "$run" "$run.err"
stop "$run_pid"
check "a heap is told of an expert that did not end and was killed" \
	equal "$(heap_of_dead largest.0.asked_bytes)" $((1 << 20))
check "at the end nothing is left" left_nothing
