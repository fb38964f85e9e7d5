#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# xdp_tap_test - run --tap takes what arrives before the host has it, byte for byte
# what was sent, and the host gets nothing of it; what can't be tapped is refused
#
#   nexp-left                                nexp-right
#   ping, curl, dig, send_frames ...         netexpert run --tap -i veth-r
#   veth-l, MTU 9000 ──────────────────────► veth-r, MTU 9000
#   tcpdump, which says what was sent        tcpdump, which sees nothing

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

port=5999
run=$tmp/run.json sent=$tmp/sent.pcap got=$tmp/got.pcap seen=$tmp/seen.pcap

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
told() {
	[ "$(json_get "$run" "lifecycle.action=interface_$1" timestamp | wc -l)" = "${2:-1}" ]
}
# final KEY [EXPERT]: a counter of an expert's last word.
final() { json_get "$run" event_type=stats stats.final=true ${2:+"stats.name=$2"} "stats.$1"; }
nothing_unread() { [ "$(netexpert stat --json | json_get - unread_bytes | sort -u)" = 0 ]; }
reaches() { left ping -q -c 1 -W 1 $right4; }
# What the host's IP has received.
received() { right cat /proc/net/snmp | awk '$1 == "Ip:" && $3 ~ /[0-9]/ { print $4 }'; }
promiscuity() { right ip -d link show "$1" | grep -o 'promiscuity [0-9]*'; }
has() { [ "$(tcpdump -nnr "$got" "$1" 2>/dev/null | wc -l)" -gt 0 ]; }

start() { # ARGUMENT...
	spawn "$run" right netexpert run --json "$@"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
}

end() {
	becomes 60 nothing_unread || show "$run.err"
	stop "$run_pid"
	check "the run ends well" equal "$stopped" 0
}

# adds_up [EXPERT]: the law, and that nothing was lost.
adds_up() {
	equal "$(final lost "$1")" 0 &&
		equal "$(final seen "$1")" $(($(final filtered "$1") + $(final delivered "$1")))
}

# refused STATUS PATTERN ARGUMENT...: such a run does not begin, and says why.
refused() {
	local status=$1 pattern=$2
	shift 2
	fails_with "$status" right timeout $((60 * patience)) netexpert run "$@" "$experts/frame-writer.so=$tmp/none" \
		2>"$tmp/refused"
	says "$pattern" "$tmp/refused" || return
	[ "$status" = 2 ] || equal "$(captures)" "${others:-0 0}"
}

# Nobody answers; what is sent is what programs send then.
traffic() {
	local size
	left ping -q -c 2 -i 0.1 -W 0.1 $right6 >/dev/null
	# The largest is more than the cable takes: it comes in fragments.
	for size in 0 1400 3000 4000 8900 20000; do
		left ping -q -c 1 -W 0.1 -s $size $right4 >/dev/null
	done
	left curl -s -m 1 -o /dev/null "http://$right4/"
	left dig +time=1 +tries=1 "@$right4" one.selftest.test A >/dev/null
	left udp_numbers $right4 $port 0 500 5000 &&
		left send_frames veth-l "$here/filters/frames.txt" >/dev/null
}

net_up || give_up "the network can be set up"
net_fix_neighbours
left ip link set veth-l mtu 9000
right ip link set veth-r mtu 9000
reaches >/dev/null || give_up "all is quiet and well"

echo "# $SECONDS s"
# --- what arrives is what was sent, and nobody else sees it
start_dump left veth-l "$sent" -Q out
sender=$dump
start --tap -i veth-r -B 16384 "$experts/frame-writer.so=$got"
check "it has one link and one program" equal "$(captures)" "1 1"
check "the interface hears everything" equal "$(promiscuity veth-r)" "promiscuity 1"
start_dump right veth-r "$seen" -Q in
blind=$dump
before=$(received)
from=$(date +%s.%N)
traffic || give_up "the traffic flows"
until=$(date +%s.%N)
check "a ping is not answered" fails_with 1 reaches
check "the host's IP has received nothing" equal "$(received)" "$before"
end
stop_dump "$blind" "$seen"
stop_dump "$sender" "$sent"
check "the expert got what was sent, byte for byte" \
	frames_diff "$sent" "$got" "$from" "$until"
echo "# $(frames_diff "$sent" "$got" "$from" "$until" | tail -n 1)"
check "in several buffers, too" has 'greater 8900'
check "fragments, IPv6, TCP, UDP and LLDP were there" eval \
	'has "ip[6:2] & 0x1fff != 0" && has icmp6 && has tcp && has udp && has "ether proto 0x88cc"'
check "tcpdump beside it has seen nothing" equal "$(tcpdump -nnr "$seen" 2>/dev/null)" ""
check "it adds up, and nothing was lost" adds_up
check "that the device takes tags off was told" told tags
check "and how to end that" says "ethtool -K veth-r rxvlan off' leaves them in" "$run.err"
check "nothing is left" left_nothing
check "the interface is as it was" equal "$(promiscuity veth-r)" "promiscuity 0"
check "and the host gets its frames again" reaches

echo "# $SECONDS s"
# --- several experts, each with its filter, get what they would get behind the host's door
filters=('udp' 'vlan 5 and tcp' 'not vlan' 'outbound')
experts_with_filters() { # SUFFIX
	local i
	arguments=()
	for i in "${!filters[@]}"; do
		arguments+=(-f "${filters[i]}" "$experts/frame-sorter.so=$tmp/$i.$1")
	done
}
take() { # SUFFIX OPTION...
	local i
	experts_with_filters "$1"
	start "${@:2}" -i veth-r -B 1024 "${arguments[@]}"
	left send_frames veth-l "$here/filters/frames.txt" >/dev/null
	end
}
same_frames() { # NUMBER
	local one=$tmp/$1.tc two=$tmp/$1.tap
	equal "$(sort "$two.records")" "$(sort "$one.records")" || return
	[ -s "$one.records" ] || return 0
	frames_diff "$one.$index.in" "$two.$index.in" 0 1e18
}
# Nobody there says anything by himself meanwhile.
for side in left right; do
	"$side" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
done
right ip addr flush dev veth-r
right ethtool -K veth-r rxvlan off
index=$(right ip -o link show veth-r | cut -d: -f1)
take tc -Q in
take tap --tap
check "a device that leaves tags in is not complained of" told tags 0
for i in "${!filters[@]}"; do
	check "tapped through '${filters[i]}': the same frames, the same headers" same_frames "$i"
done
check "all of them were there, but for what leaves" equal \
	"$(wc -l "$tmp"/*.tap.records | awk '$1 == 0 { print $2 }')" "$tmp/3.tap.records"
check "each turns frames away" fails_with 1 grep -qx 0 <(final filtered)
check "and each adds up" equal "$(final lost | sort -u)" 0
right ip addr add $right4/24 dev veth-r
net_fix_neighbours

echo "# $SECONDS s"
# --- an expert that has enough leaves; the others go on
start --tap -i veth-r -f "udp dst port $port" -s 50 -c 100 -w "$tmp/few.pcapng" \
	-s 0 -c 0 "$experts/number-log.so=$tmp/numbers,$port"
left udp_numbers $right4 $port 0 200 5000
right netexpert stat >"$tmp/stat"
check "stat shows the interface that is tapped" says '^interface veth-r, ' "$tmp/stat"
one_is_over() { json_get "$run" lifecycle.action=over timestamp; }
check "with -c one expert ends" becomes 60 one_is_over
left udp_numbers $right4 $port 200 200 5000
has_all() { [ "$(wc -l <"$tmp/numbers")" = 400 ]; }
check "the other goes on" becomes 60 has_all
end
check "and has all" equal "$(cut -d' ' -f2 "$tmp/numbers" | sort -n | tr '\n' ' ')" "$(seq -s ' ' 0 399) "
check "the first one lost nothing" equal "$(final lost | sort -u)" 0
check "and has as many frames as it wanted" equal "$(tcpdump -nnr "$tmp/few.pcapng" 2>/dev/null | wc -l)" 100
check "cut where it wanted" equal "$(tcpdump -nnr "$tmp/few.pcapng" 'len > 50' 2>/dev/null | wc -l)" 100

echo "# $SECONDS s"
# --- a ring that is full
start --tap -i veth-r -B 4 --rings 1 -f "udp dst port $port" \
	"$experts/number-log.so=$tmp/full,$port"
host=$(json_get "$run" lifecycle.action=started lifecycle.pid)
kill -STOP "$host"
left udp_numbers $right4 $port 0 300 5000
kill -CONT "$host"
becomes 60 nothing_unread
left udp_numbers $right4 $port 300 1 1000
last_is_there() { [ "$(cut -d' ' -f2 "$tmp/full" | tail -n 1)" = 300 ]; }
check "after a full ring it goes on" becomes 60 last_is_there
end
check "every number was delivered or lost because the ring was full" equal \
	$(($(final delivered) + $(final dropped.ring_full))) 301
check "some were" test "$(final lost)" -gt 100 -a "$(final delivered)" -gt 10
check "and each is told where it is missing" equal \
	"$(awk '{ n += 1 + $3 } END { print n }' "$tmp/full")" 301

echo "# $SECONDS s"
# --- an interface that goes and comes, and a run that is killed
start --tap -i veth-r "$experts/number-log.so=$tmp/again,$port"
left ip link del veth-l
check "that it is deleted is told" becomes 30 told gone
check "no link is left" equal "$(captures)" "0 1"
left ip link add veth-l type veth peer name veth-r netns nexp-right
left ip addr add $left4/24 dev veth-l
left ip link set veth-l up
right ip addr add $right4/24 dev veth-r
right ip link set veth-r up
check "one of that name is tapped again" becomes 30 told captured
net_fix_neighbours
left udp_numbers $right4 $port 0 50 1000
has_fifty() { [ "$(wc -l <"$tmp/again")" = 50 ]; }
check "and its frames are taken" becomes 30 has_fifty
check "so the host has none" fails_with 1 reaches
others="1 1"
check "another tap is refused there" \
	refused 1 "'veth-r' has an XDP program already" --tap -i veth-r
check "and takes nothing away" equal "$(captures)" "1 1"
others=
tap=$run_pid run=$tmp/beside.json
start -i veth-r "$experts/frame-writer.so=$tmp/none"
check "a run without --tap is told that it is behind that" told xdp
check "in words" says 'interface veth-r has an XDP program, and frames that it drops' "$run.err"
stop "$run_pid"
start -Q out -i veth-r "$experts/frame-writer.so=$tmp/none"
check "but for what leaves nothing is before it" told xdp 0
stop "$run_pid"
run_pid=$tap run=$tmp/run.json
stop "$run_pid" KILL
check "a run that is killed leaves nothing" left_nothing
check "not even that the interface hears everything" \
	equal "$(promiscuity veth-r)" "promiscuity 0"
check "and the host gets its frames again" becomes 10 reaches

echo "# $SECONDS s"
# --- what can't be tapped
check "what leaves is refused" refused 2 'wants those that leave' --tap -Q out -i veth-r
check "any is refused" refused 2 "in place of 'any'" --tap -i any
check "a program for tc is refused" refused 2 '--capture has a program at tc' --tap -i veth-r \
	--capture "$bin/own/verdict.bpf.o"
check "and workers have one" refused 2 '--workers has a program at tc' --tap -i veth-r --workers 2
check "a file is refused" refused 2 '--tap is about interfaces' --tap -r "$sent"
check "loopback is refused" refused 1 "'lo' is loopback" --tap -i lo
right ip link add dm0 type dummy
check "a driver without XDP is refused" \
	refused 1 "driver of interface 'dm0' has no XDP of its own" --tap -i dm0
if modprobe -q bonding; then
	right ip link add bond0 type bond
	check "a bond is refused" refused 1 "'bond0' is a bond" --tap -i bond0
fi
# A veth wants a queue for each that its peer sends to.
few_queues() {
	right ip link add name many numtxqueues 4 numrxqueues 4 type veth \
		peer name few numtxqueues 1 numrxqueues 1
}
few_queues || give_up "there is an interface with few queues"
check "what the driver refuses is refused with its reason" \
	refused 1 "driver of interface 'few' refuses XDP: No space left on device" --tap -i few
right ip link del few
start --tap -i veth-r -i few "$experts/number-log.so=$tmp/later,$port"
few_queues
check "so is one that comes later" becomes 30 told refused
right ethtool -L many tx 1
right ip link set few up
check "and taken when it comes up and can be" becomes 30 told captured
stop "$run_pid"
if modprobe -q tun; then
	right ip tuntap add dev tun0 mode tun
	check "what is no Ethernet is refused" refused 1 'link type 65534' --tap -i tun0
fi
check "nothing is left" left_nothing
