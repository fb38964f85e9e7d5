#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# interfaces_test - interfaces that come, go, move and change their names during a
# run; 'any'; and network namespaces
#
# The expert notes numbered datagrams. Each step sends some through an interface
# that is, or is not, captured at that time, so the notes tell which were taken.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999
run=$tmp/run.json
noter="$experts/number-log.so=$tmp/numbers,$port"

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
# told ACTION INTERFACE [TIMES]: the run has said so, exactly so often.
told() {
	[ "$(json_get "$run" "lifecycle.action=interface_$1" "lifecycle.interface=$2" \
		timestamp | wc -l)" = "${3:-1}" ]
}
reason() { json_get "$run" "lifecycle.action=interface_$1" "lifecycle.interface=$2" lifecycle.reason; }
# send FIRST NUMBER: from the left to the right, over the cable.
send() { left udp_numbers $right4 $port "$1" "$2" 1000; }
noted() { [ "$(cut -d' ' -f2 "$tmp/numbers" 2>/dev/null | tail -n 1)" = "$1" ]; }
# noted_all FROM TO: each of them, once.
noted_all() {
	equal "$(cut -d' ' -f2 "$tmp/numbers" | awk -v a="$1" -v b="$2" '$1 >= a && $1 <= b' |
		sort -n | tr '\n' ' ')" "$(seq -s ' ' "$1" "$2") "
}
noted_none() { ! cut -d' ' -f2 "$tmp/numbers" | awk -v a="$1" -v b="$2" '$1 >= a && $1 <= b' | grep .; }

start() { # SIDE|here ARGUMENT...
	local side=()
	[ "$1" = here ] || side=("$1")
	rm -f "$tmp/numbers"
	spawn "$run" "${side[@]}" netexpert run --json "${@:2}" "$noter"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
}

end() {
	stop "$run_pid"
	check "the run ends well" equal "$stopped" 0
}

# What the left side has lost with its end of the cable.
cable_up() {
	left ip link add veth-l type veth peer name "${1:-veth-r}" netns nexp-right
	left ip addr add $left4/24 dev veth-l
	left ip link set veth-l up
	right ip addr add $right4/24 dev "${1:-veth-r}"
	right ip link set "${1:-veth-r}" up
	becomes 10 left ping -c1 -W1 $right4
}

net_up || give_up "the network can be set up"

# --- one interface, all that may happen to it
start right -i veth-r -Q in
send 0 20
check "frames of an interface are taken" becomes 30 noted 19

right ip link set veth-r down
check "that it is down is told" becomes 30 told down veth-r
right ip link set veth-r up
check "that it is up is told" becomes 30 told up veth-r
becomes 10 left ping -c1 -W1 $right4
send 100 20
check "after down and up they are taken" becomes 30 noted 119

right ip link set veth-r name other
check "that it is renamed is told" becomes 30 told renamed other
check "with its former name" equal \
	"$(json_get "$run" lifecycle.action=interface_renamed lifecycle.former)" veth-r
send 200 20
check "under another name they are taken" becomes 30 noted 219

left ip link del veth-l
check "that it is deleted is told" becomes 30 told gone other
check "as what it is" equal "$(reason gone other)" "it was deleted"
check "with the name that is waited for" equal \
	"$(json_get "$run" lifecycle.action=interface_gone lifecycle.wanted)" veth-r
check "no link is left" equal "$(captures)" "0 1"
cable_up
check "one of that name is captured again" becomes 30 told captured veth-r
send 300 20
check "and its frames are taken" becomes 30 noted 319

right ip link set veth-r netns 1
check "that it moves to another namespace is told" becomes 30 told gone veth-r
check "as what it is" equal "$(reason gone veth-r)" "it has moved to another network namespace"
check "it takes no link along" becomes 10 equal "$(captures)" "0 1"
ip addr add $right4/24 dev veth-r && ip link set veth-r up
becomes 10 left ping -c1 -W1 $right4
send 400 20
ip link set veth-r netns nexp-right
check "when it is back it is captured again" becomes 30 told captured veth-r 2
right ip addr add $right4/24 dev veth-r && right ip link set veth-r up
becomes 10 left ping -c1 -W1 $right4
send 500 20
check "and its frames are taken" becomes 30 noted 519

# The newest link is the one that was made when it came back.
bpftool link detach id "$(bpftool link show | sed -n 's/^\([0-9]*\):.*/\1/p' | sort -n | tail -n 1)"
check "that somebody detaches the capture is told" becomes 30 told gone veth-r 2
check "as what it may be" equal "$(reason gone veth-r | tail -n 1)" \
	"somebody has detached the capture, or it was deleted and made anew"
check "and it is captured again" becomes 30 told captured veth-r 3
send 600 20
check "with its frames" becomes 30 noted 619
end
each_step() {
	local from
	for from in 0 100 200 300 500 600; do
		noted_all $from $((from + 19)) || return
	done
}
check "each step's frames were taken once" each_step
check "and none of another namespace's" noted_none 400 419
check "the same is said in words" says 'interface veth-r is called other now' "$run.err"

# --- an interface that appears later, and a filter that waits for it
left ip link del veth-l
start right -i later -Q in -f "udp dst port $port"
check "an interface that is not there is waited for" told waiting later
check "and that is said" says 'waiting for interface later: there is none yet' "$run.err"
check "nothing is attached" equal "$(captures)" "0 1"
cable_up later
check "when it is there and up it is captured" becomes 30 told captured later
send 600 20
check "and its frames are taken" becomes 30 noted 619
left ping -q -c 2 -i 0.1 $right4 >/dev/null
end
check "by the filter" test "$(json_get "$run" event_type=stats stats.final=true stats.filtered)" -ge 2
check "all of them" noted_all 600 619

# --- an interface that is down cannot have a filter yet
left ip link add dm0 type dummy
start left -i dm0 -f udp
check "that an interface is down is told at once" told down dm0
check "with a filter it is not captured then" equal "$(captures)" "0 1"
left ip link set dm0 up
check "but as soon as it is up" becomes 30 told captured dm0
check "and that is so" equal "$(captures)" "2 1"
end
left ip link del dm0

# --- a filter that does not fit an interface leaves it out, the others go on
refuse_one() {
	left ip link add dm0 type dummy && left ip link set dm0 up
	start left -i later0 -i dm0 -f 'ether dst 02:00:00:00:00:01'
	left ip tuntap add dev later0 mode tun && left ip link set later0 up
	check "an interface that a filter does not fit is refused" becomes 30 told refused later0
	check "with the reason" \
		says 'interface later0 is not captured: libpcap does not accept' "$run.err"
	check "the other one stays" equal "$(captures)" "2 1"
	end
	left ip link del later0
	left ip link del dm0
}
if modprobe tun 2>/dev/null; then
	refuse_one
else
	echo "# no driver for tun: no interface is refused"
fi

# --- what a VRF is handed, and hands on, passes no hook of its own, but its port's
take_vrf() {
	right ip link add vrf0 type vrf table 10 && right ip link set vrf0 up &&
		right ip link set later master vrf0 && becomes 10 left ping -c1 -W1 $right4
	start right -i vrf0 -i later -Q in
	check "that a VRF's frames are its port's is told" told vrf vrf0
	check "and which these are, too" says "interface vrf0 is a VRF, .*'ip link show vrf vrf0'" \
		"$run.err"
	check "of no other interface" equal "$(grep -c interface_vrf "$run")" 1
	send 680 20
	check "the port has its frames" becomes 30 noted 699
	end
	check "and the VRF none of them" noted_all 680 699
	right ip link del vrf0
}
if modprobe -q vrf; then
	take_vrf
else
	echo "# no driver for VRFs"
fi

# --- any
start right -i any -Q in
send 700 20
check "'any' takes frames of what there is" becomes 30 noted 719
right udp_numbers 127.0.0.1 $port 720 20 1000
check "and of loopback" becomes 30 noted 739
right ip link add v0 type veth peer name v1 netns nexp-left
right ip addr add 10.78.0.2/24 dev v0 && right ip link set v0 up
left ip addr add 10.78.0.1/24 dev v1 && left ip link set v1 up
check "what comes is captured" becomes 30 told captured v0
becomes 10 left ping -c1 -W1 10.78.0.2
left udp_numbers 10.78.0.2 $port 740 20 1000
check "and its frames are taken" becomes 30 noted 759
left ip link del v1
check "what goes is told" becomes 30 told gone v0
send 760 20
check "the others go on" becomes 30 noted 779
end
check "each frame was taken once" noted_all 700 779

# --- two devices of one index and one name change places while the run looks away
exchange_down() { for netns in nexp-a nexp-b nexp-c; do ip netns del $netns 2>/dev/null; done; }
exchange_up() {
	clean_ups+=(exchange_down)
	ip netns add nexp-a && ip netns add nexp-b && ip netns add nexp-c &&
		ip link add peer-a type veth peer name port index 777 netns nexp-a &&
		ip link add peer-b type veth peer name port index 777 netns nexp-b &&
		ip addr add 10.61.0.1/24 dev peer-a && ip link set peer-a up &&
		ip addr add 10.62.0.1/24 dev peer-b && ip link set peer-b up
}
# port_up NETNS NET: the end of a cable that is there now.
port_up() {
	ip -n "$1" addr add "10.$2.0.2/24" dev port && ip -n "$1" link set port up &&
		becomes 10 ping -c1 -W1 "10.$2.0.2"
}
exchange_up || give_up "two devices of one index can be made"
port_up nexp-a 61 || give_up "the first is up"
start here --netns nexp-a -i port -Q in
udp_numbers 10.61.0.2 $port 0 20 1000
check "frames of the first are taken" becomes 30 noted 19
kill -s STOP "$run_pid"
ip -n nexp-a link set port netns nexp-c
ip -n nexp-b link set port netns nexp-a
kill -s CONT "$run_pid"
check "that it has moved is told" becomes 30 told gone port
check "as what it is" equal "$(reason gone port)" "it has moved to another network namespace"
check "the second is captured" becomes 30 told captured port
check "and it alone" becomes 10 equal "$(captures)" "1 1"
port_up nexp-c 61 || give_up "the first is up where it is now"
port_up nexp-a 62 || give_up "the second is up"
udp_numbers 10.61.0.2 $port 100 20 1000
udp_numbers 10.62.0.2 $port 200 20 1000
check "its frames are taken" becomes 30 noted 219
end
check "once" noted_all 200 219
check "and none of the first any more" noted_none 100 119

# --- another namespace, from this one, by name and by process
spawn "$tmp/sleeper" right sleep 999
sleeper=$spawned
is_there() { equal "$(readlink "/proc/$1/ns/net")" "$(readlink "/proc/$2/ns/net")"; }
becomes 10 test "/proc/$sleeper/ns/net" -ef /run/netns/nexp-right
number=800
for netns in nexp-right "$sleeper"; do
	start here --netns "$netns" -i later -Q in -f "udp dst port $port"
	send $number 20
	check "--netns $netns takes frames there" becomes 30 noted $((number + 19))
	check "the expert stays here" is_there "$(pgrep -x netexpert-host)" $$
	check "and so does the supervisor" is_there "$run_pid" $$
	number=$((number + 100))
	[ $number != 1000 ] || break
	end
done
right ip link set later down
check "what happens there is told" becomes 30 told down later
right ip link set later name elsewhere
check "a change of name too" becomes 30 told renamed elsewhere
end
check "a namespace that is none is refused" fails_with 1 netexpert run --netns nosuch -i lo "$noter"

# --- who has a container may give an interface a name that terminals obey
evil=$'\e[31mX\a'
left ip link add name "$evil" type dummy
left ip addr add 10.79.0.1/16 dev "$evil"
left ip link set "$evil" up
spawn "$tmp/evil" left netexpert run -i any -f 'ip broadcast' "$noter"
run_pid=$spawned
is_refused() { says "X.x07 is not captured: .* and '.x1b.31mX.x07' has another one" "$tmp/evil.err"; }
check "a name with an escape in it is told as text" becomes 60 is_refused
end
left timeout $((60 * patience)) netexpert run -i veth-l -i "$evil" -f 'ip broadcast' "$noter" \
	>"$tmp/evil2" 2>&1
check "and so it is where a run ends by it" says "and '.x1b.31mX.x07' has another one" "$tmp/evil2"
no_escapes() { ! grep -l "$(printf '\033\|\007')" "$tmp"/evil*; }
check "nothing of it reaches a terminal" no_escapes
check "nothing is left" left_nothing
