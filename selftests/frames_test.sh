#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# frames_test - an expert receives what tcpdump on the same interface sees, as a
# multiset, byte for byte, in both directions
#
# tcpdump runs from before the expert until after it. Everything that the expert
# got must be in tcpdump's file, and every frame that tcpdump stamped between
# FROM (captures are attached) and UNTIL (traffic is over) must be among what the
# expert got.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

all=$tmp/all.pcap some=$tmp/some.pcap run=$tmp/run.json

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }

# final KEY: a counter of the run's last word on its expert.
final() { json_get "$run" event_type=stats stats.final=true "stats.$1"; }

# The expert says how many frames it has stored whenever it is quiet.
stored() { json_get "$run" event_type=status status.text | sed -n 's/ frames stored$//p' | tail -n 1; }
delivered() { netexpert stat --json | json_get - name=frame-writer delivered; }
has_stored() { [ "$(stored)" -ge "$1" ]; }

# has EXPRESSION: whether such frames are among what the expert got.
has() { [ "$(tcpdump -nnr "$some" "$1" 2>/dev/null | wc -l)" -gt 0 ]; }

has_all() {
	local what
	for what in arp icmp icmp6 'udp port 53' 'tcp port 80' 'ip6 and tcp port 80' \
		'ip6 and udp' 'ip[6:2] & 0x1fff != 0' 'ip6[6] == 44' 'tcp port 5201' \
		"ether src $(net_mac left veth-l)" "ether src $(net_mac right veth-r)" \
		'greater 1600'; do
		has "$what" || { echo "no frame like: $what"; return 1; }
	done
}

net_up || give_up "the network can be set up"
serve >"$tmp/serve" 2>&1 || give_up "the servers answer" "$tmp/serve" "$tmp/nginx.out.err"

start_dump left veth-l "$all"
spawn "$run" left netexpert run --json -i veth-l -B 16384 "$experts/frame-writer.so=$some"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"

from=$(date +%s.%N)
traffic || give_up "the traffic flows"
until=$(date +%s.%N)
becomes 60 has_stored "$(delivered)" || show "$run" "$run.err"
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
stop_dump "$dump" "$all"

check "the expert got what tcpdump saw, byte for byte" \
	frames_diff "$all" "$some" "$from" "$until"
echo "# $(frames_diff "$all" "$some" "$from" "$until" | tail -n 1)"
check "traffic of every kind was there, in both directions" has_all
check "nothing was lost" equal "$(final lost)" 0
check "seen = filtered + delivered + lost" \
	equal "$(final seen)" $(($(final filtered) + $(final delivered) + $(final lost)))
check "every delivered frame was stored" equal "$(stored)" "$(final delivered)"
