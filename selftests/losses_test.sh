#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# losses_test - what a run tells of losses: its experts' while it runs, and at the end
# what the kernel has counted of the interface itself

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999
run=$tmp/run log=$tmp/numbers

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
told() { json_get "$run" "lifecycle.action=$1" "lifecycle.$2"; }
final() { json_get "$run" event_type=stats stats.final=true "stats.$1"; }
counter() { json_get "$run" lifecycle.action=interface_counters lifecycle.interface=veth-r \
	"lifecycle.not_ours.$1"; }
has_dropped() {
	[ "$(right ip -j -s link show veth-r | json_get - 0.stats64.rx.dropped)" -ge "$1" ]
}
has_number() { [ "$(tail -n 1 "$log" | cut -d' ' -f2)" = "$1" ]; }

net_up || give_up "the network can be set up"
net_fix_neighbours
start_run() {
	spawn "$run" right netexpert run --json -i veth-r -Q in -B 4 --rings 1 \
		-f "udp dst port $port" "$experts/number-log.so=$log,$port"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
}

start_run
host=$(told started pid)
kill -STOP "$host"
left udp_numbers $right4 $port 0 500 1000
check "losses are told while they happen" becomes 30 told losing lost
kill -CONT "$host"
check "and when they are over" becomes 60 told lost lost
left udp_numbers $right4 $port 500 1 100
becomes 60 has_number 500 || show "$run.err" "$log"
check "each once, however many there were" \
	equal "$(told losing lost | wc -l) $(told lost lost | wc -l)" "1 1"
# Nobody here takes such frames, so the kernel counts them as dropped.
for _ in 1 2 3 4 5 6 7; do echo "ffffffffffff 020000000001 88b5"; done >"$tmp/frames"
left send_frames veth-l "$tmp/frames" >/dev/null
becomes 30 has_dropped 7 || show "$run.err"
right netexpert stat >"$tmp/stat"
right netexpert stat --json >"$tmp/stat.json"
check "stat shows the interface's own counters as well" equal \
	"$(json_get "$tmp/stat.json" interface=veth-r not_ours.rx_dropped)" \
	"$(right ip -j -s link show veth-r | json_get - 0.stats64.rx.dropped)"
check "as not ours, too" says '^interface veth-r, .*not ours:$' "$tmp/stat"
check "and of no other interface" equal "$(grep -c '^interface ' "$tmp/stat")" 1
check "nor where nothing is captured" fails_with 1 grep '"interface"' <(left netexpert stat --json)
stop "$run_pid"
check "what was told is what was lost, by cause" \
	equal "$(told lost lost) $(told lost dropped.ring_full)" "$(final lost) $(final dropped.ring_full)"
check "in words, too" says 'LOSES [0-9]+ frames so far \(ring_full [0-9]+\)' "$run.err"
check "with the sum at the end" says "lost $(final lost) frames within .*that is over" "$run.err"
check "the interface's own counters are told, and what they have grown by" \
	equal "$(counter rx_dropped) $(counter rx_missed_errors) $(counter tx_dropped)" "7 0 0"
check "as not ours" says 'veth-r, by the kernel.s counters, which are not ours: rx_dropped 7' "$run.err"

# A run that ends while frames are being lost says so as well.
start_run
kill -STOP "$(told started pid)"
left udp_numbers $right4 $port 0 500 1000
stop "$run_pid"
check "losses at the very end are told before the sums" equal "$(told lost lost)" "$(final lost)"
check "counters of another run are not counted again" equal "$(counter rx_dropped)" 0
