#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# cpus_test - processors that come and go, and more of them than rings
#
# Numbered datagrams come from both processors at once, each with a range of numbers
# of its own, while the second one is taken away and comes back. One expert has a ring
# per processor, one has a single ring that they share: both have every number, and
# counters add up.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999 nr=6000 rate=600
cpu1=/sys/devices/system/cpu/cpu1/online
own=$tmp/own shared=$tmp/shared

cpu1_back() { echo 1 >$cpu1; }
has_all() { [ "$(wc -l <"$1")" = "$((2 * nr))" ]; }
is_capturing() { json_get "$1" lifecycle.action=capturing timestamp; }
final() { json_get "$1" event_type=stats stats.final=true "stats.$2"; }
stat_of() { netexpert stat -v --json | json_get - "pid=$(json_get "$1" lifecycle.action=started lifecycle.pid)" "$2"; }

start() { # NAME OPTION...
	local name=$1
	shift
	spawn "$name.json" right netexpert run --json -i veth-r -Q in "$@" -f "udp dst port $port" \
		"$experts/number-log.so=$name,$port"
	becomes 60 is_capturing "$name.json" ||
		give_up "captures are attached" "$name.json" "$name.json.err"
}

# A sender whose processor goes is moved to another; it has to be sent back.
off_and_on() {
	rounds=0
	while kill -0 "$second" 2>/dev/null; do
		echo 0 >$cpu1 && left ping -q -c 2 -i 0.2 -W 5 $right4 &&
			echo 1 >$cpu1 || return
		taskset -p -c 1 "$second"
		left ping -q -c 2 -i 0.2 -W 5 $right4 || return
		rounds=$((rounds + 1))
	done
	test $rounds -ge 2
}

# Each number once and nothing lost, in whatever order: a sender that is moved may
# overtake what it has sent.
complete() { # LOG
	equal "$(cut -d' ' -f2 "$1" | sort -n | md5sum)" \
		"$({ seq 0 $((nr - 1)); seq 1000000 $((1000000 + nr - 1)); } | md5sum)" &&
		equal "$(cut -d' ' -f3 "$1" | sort -u)" 0
}

if [ ! -w $cpu1 ]; then
	echo "1..0 # SKIP needs a second processor that can go"
	exit 0
fi
net_up || give_up "the network can be set up"
net_fix_neighbours
clean_ups+=(cpu1_back)

start "$own" -B 1024 --rings 2
own_run=$spawned
start "$shared" -B 1024 --rings 1
shared_run=$spawned

spawn "$tmp/first" left taskset -c 0 udp_numbers $right4 $port 0 $nr $rate
spawn "$tmp/second" left taskset -c 1 udp_numbers $right4 $port 1000000 $nr $rate
second=$spawned
from_second() { cut -d' ' -f2 "$own" | grep -q '^1......$'; }
becomes 60 from_second || give_up "both senders send" "$tmp/second.err"
check "a processor goes away and comes back under traffic" off_and_on
echo "# $rounds times"
for name in "$own" "$shared"; do
	becomes 60 has_all "$name" || show "$name" "$name.json.err"
done
check "with a ring for each, every number is there, once" complete "$own"
check "with one ring for both, too" complete "$shared"
check "both rings had frames" \
	test "$(stat_of "$own.json" per_ring.0.delivered)" -gt 0 -a \
	"$(stat_of "$own.json" per_ring.1.delivered)" -gt 0
check "the sum is that of the rings" equal "$(stat_of "$own.json" delivered)" \
	$(($(stat_of "$own.json" per_ring.0.delivered) + $(stat_of "$own.json" per_ring.1.delivered)))
stop "$own_run"
stop "$shared_run"
for name in "$own" "$shared"; do
	check "nothing is lost with ${name##*/} rings, by the kernel's counters" \
		equal "$(final "$name.json" delivered) $(final "$name.json" lost)" "$((2 * nr)) 0"
done

# What an expert takes is bounded however many processors a machine has.
start "$tmp/many" -B 4
many=$(stat_of "$tmp/many.json" rings)
stop "$spawned"
old=$(cat /sys/module/netexpert/parameters/max_rings)
echo 1 >/sys/module/netexpert/parameters/max_rings
start "$tmp/few" -B 4
few=$(stat_of "$tmp/few.json" rings)
stop "$spawned"
echo "$old" >/sys/module/netexpert/parameters/max_rings
check "there are as many rings as processors, and no more than max_rings" \
	equal "$many $few" "$(nproc) 1"
check "which is 16 if nobody says otherwise" equal "$old" 16
