#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# many_test - many interfaces: to attach to them takes seconds, and so does to let go
#
# One of them goes before its turn has come, and one is refused: neither is the
# others' affair. And the time that experts have to finish is theirs alone.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999
many=60
run=$tmp/run.json

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
told() { json_get "$run" "lifecycle.action=interface_$1" "lifecycle.interface=$2" timestamp; }
has_begun() { [ "$(captures | cut -d' ' -f1)" -ge 10 ]; }
noted() { [ "$(cut -d' ' -f2 "$tmp/numbers" 2>/dev/null | tail -n 1)" = "$1" ]; }

net_up || give_up "the network can be set up"
# "ip broadcast" cannot mean one thing for d1 and the others: its netmask is another one.
for ((i = 0; i < many; i++)); do
	echo "link add d$i type dummy"
	echo "addr add 10.80.$i.1/$([ $i = 1 ] && echo 30 || echo 24) dev d$i"
	echo "link set d$i up"
done | right ip -batch - || give_up "there can be many interfaces"

spawn "$run" right netexpert run --json --grace 1 -i any -Q in \
	-f "udp dst port $port or ip broadcast" "$experts/number-log.so=$tmp/numbers,$port"
run_pid=$spawned
becomes 60 has_begun || give_up "captures begin" "$run" "$run.err"
# Then nothing of this is about interfaces that go at the start.
is_capturing >/dev/null && echo "# this machine attaches faster than anybody could look"
right ip link del d$((many - 1))
becomes 120 is_capturing || give_up "captures are attached" "$run" "$run.err"
check "one interface is refused, and that is told" told refused d1
left udp_numbers $right4 $port 0 20 1000
check "the others are captured although one is gone" becomes 30 noted 19
stop "$run_pid"
check "letting go of them takes nothing of the time to finish" equal "$stopped" 0
check "nobody was killed" equal "$(json_get "$run" lifecycle.action=died timestamp)" ""
check "nothing is left" left_nothing
