#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# promiscuous_test - interfaces that are named hear everything while they are captured,
# with nobody's help: frames that a bridge hands from port to port are taken on the bridge
#
#   nexp-left              nexp-middle               nexp-right
#   port 10.76.0.1 ──── to-l   br0   to-r ────────── port 10.76.0.2
#                              10.76.0.3

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999
run=$tmp/run.json
noter="$experts/number-log.so=$tmp/numbers,$port"

middle() { nsenter --net=/run/netns/nexp-middle "$@"; }
middle_down() { ip netns del nexp-middle 2>/dev/null; net_down; }
is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
told() { json_get "$run" "lifecycle.action=interface_$1" "lifecycle.interface=$2" timestamp; }
reason() { json_get "$run" "lifecycle.action=interface_$1" "lifecycle.interface=$2" lifecycle.reason; }
hears() { # INTERFACE HOW-MANY-WANT-THAT
	equal "$(middle ip -d link show "$1" | grep -o 'promiscuity [0-9]*')" "promiscuity $2"
}
# send ADDRESS FIRST: 20 datagrams of the left side's.
send() { left udp_numbers "$1" $port "$2" 20 1000; }
noted() { [ "$(cut -d' ' -f2 "$tmp/numbers" 2>/dev/null | tail -n 1)" = "$1" ]; }
noted_are() { equal "$(cut -d' ' -f2 "$tmp/numbers" | sort -n | tr '\n' ' ')" "$(seq -s ' ' "$1" "$2") "; }

start() { # COMMAND [ARGUMENT...]
	rm -f "$tmp/numbers"
	spawn "$run" "$@"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
}

end() {
	stop "$run_pid"
	check "the run ends well" equal "$stopped" 0
}

# Everybody knows where everybody is: nothing is flooded.
settle() {
	becomes 20 left ping -c1 -W1 10.76.0.2 && becomes 20 left ping -c1 -W1 10.76.0.3 &&
		becomes 20 right ping -c1 -W1 10.76.0.3
}

bridge_up() {
	local side
	clean_ups+=(middle_down)
	for side in left right middle; do
		ip netns add nexp-$side && $side ip link set lo up &&
			$side sysctl -qw net.ipv6.conf.default.disable_ipv6=1 || return
	done
	middle ip link add br0 type bridge || return
	middle ip link add to-l type veth peer name port netns nexp-left &&
		middle ip link add to-r type veth peer name port netns nexp-right || return
	middle ip link set to-l master br0 up && middle ip link set to-r master br0 up &&
		middle ip link set br0 up || return
	left ip addr add 10.76.0.1/24 dev port && left ip link set port up &&
		right ip addr add 10.76.0.2/24 dev port && right ip link set port up &&
		middle ip addr add 10.76.0.3/24 dev br0 || return
	settle
}

if ! modprobe -q bridge; then
	echo "1..0 # SKIP no driver for bridges"
	exit 4
fi
bridge_up || give_up "the network can be set up"
check "nobody listens to everything at first" hears br0 0

# --- alone on a bridge
start netexpert run --json --netns nexp-middle -i br0 -Q in -w "$tmp/br0.pcapng" "$noter"
check "the interface hears everything" hears br0 1
send 10.76.0.2 0
check "frames from port to port are taken" becomes 30 noted 19
middle ip link set br0 down && middle ip link set br0 up
middle ip link set br0 name bridge
check "it goes on doing so when it was down, under another name" hears bridge 1
settle
send 10.76.0.2 20
check "and its frames are taken" becomes 30 noted 39
end
check "each of them once" noted_are 0 39
check "when the run is over it is as before" hears bridge 0
middle ip link set bridge name br0

# --- one that comes later, and one that was away while the run did not look
middle ip link add dm0 type dummy
start netexpert run --json --netns nexp-middle -i later -i dm0 --workers 2 "$noter"
middle ip link set br0 name later
check "an interface that comes later hears everything" becomes 30 hears later 1
kill -s STOP "$run_pid"
middle ip link set dm0 netns nexp-left
check "in another namespace it does not" \
	equal "$(left ip -d link show dm0 | grep -o 'promiscuity [0-9]*')" "promiscuity 0"
left ip link set dm0 netns nexp-middle
kill -s CONT "$run_pid"
check "one that was away for a moment does again" becomes 30 hears dm0 1
middle ip link set later name br0
kill -s KILL "$run_pid"
check "when the run is killed they are as before" becomes 10 eval 'hears br0 0 && hears dm0 0'
check "and nothing is left of it" left_nothing

# --- who does not want it, and who can't have it
start netexpert run --json --netns nexp-middle -p -i br0 -Q in "$noter"
check "with -p it is left as it is" hears br0 0
send 10.76.0.2 0
send 10.76.0.3 100
check "what is for the machine itself is taken" becomes 30 noted 119
end
check "and nothing else" noted_are 100 119
start netexpert run --json --netns nexp-middle -i any "$noter"
check "'any' changes no interface" hears br0 0
end
start setpriv --bounding-set -net_raw netexpert run --json --netns nexp-middle -i br0 -Q in "$noter"
check "that it can't be made so is told" told not_promiscuous br0
check "and why" equal "$(reason not_promiscuous br0)" \
	"a packet socket is not permitted: it needs CAP_NET_RAW; run as root"
send 10.76.0.3 200
check "and it is captured all the same" becomes 30 noted 219
end
start netexpert run --json --netns nexp-middle --tap --no-promiscuous-mode -i to-l "$noter"
check "a tap heeds it, too: a port's bridge alone has made it so" hears to-l 1
end
check "a file is no interface" fails_with 2 netexpert run -p -r "$tmp/br0.pcapng" "$noter"
check "nothing is left" left_nothing
