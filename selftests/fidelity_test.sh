#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fidelity_test - what netexpert takes from interfaces of every kind is what tcpdump
# takes there, byte for byte and at the same time; and where it can't be, it differs
# as DESIGN.md says
#
#   nexp-left, where all is captured           nexp-right
#   veth-l   VLAN 5, service 100 / VLAN 7      veth-r     default offloads
#   off-l    the same; GRO, no TSO, no tags    off-r      no offloads
#   sum-l    no checksums                      sum-r
#   big-l    MTU 9000, frames up to 150000     big-r
#   loss-l   netem, which loses all            loss-r
#   ifb-l    on the way out around over an ifb ifb-r
#   bridge, with the port bridge-l             bridge-r
#   bond, with the port bond-l                 bond-r
#   m0 ... m19                                 n0 ... n19
#   tun, lo
#
# One run takes 'any' and sorts frames by interface and direction; beside it there
# is a tcpdump for each of those. See frames_test for what is compared, and when. A
# kernel of our own has no drivers for some; those are left out.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
# Between the time stamps of two who take the same frame, in seconds: an emulated
# processor may stand still for a while. Clocks that are mixed differ by years.
bound=$(awk "BEGIN { print 1 * $patience }")

is_capturing() { json_get "$1" lifecycle.action=capturing timestamp; }
final() { json_get "$1" event_type=stats stats.final=true "stats.$2"; }
nothing_unread() { [ "$(netexpert stat --json | json_get - unread_bytes | sort -u)" = 0 ]; }
ifindex() { left cat "/sys/class/net/$1/ifindex" 2>/dev/null || left ip -o link show "$1" | cut -d: -f1; }

# Commands for 'ip', run in one go: a process for each would take minutes.
on() { echo "${*:2}" >>"$tmp/$1.ip"; }

# wire NAME NUMBER [LEFT RIGHT]: one more cable, 10.80.NUMBER.0/24.
wire() {
	local l=${3:-$1-l} r=${4:-$1-r}
	on left "link add $l type veth peer name $r netns nexp-right"
	on left "link set $l up"
	on right "addr add 10.80.$2.2/24 dev $r"
	on right "addr add fd80:$2::2/64 dev $r nodad"
	on right "link set $r up"
}

# address DEVICE NUMBER: of the left end.
address() {
	on left "addr add 10.80.$2.1/24 dev $1"
	on left "addr add fd80:$2::1/64 dev $1 nodad"
	on left "link set $1 up"
}

# tags NAME NUMBER: VLAN 5, and VLAN 7 in service 100, over a cable.
tags() {
	local side end device
	for side in left right; do
		device=$1-${side:0:1}
		end=$([ $side = left ] && echo 1 || echo 2)
		on $side "link add link $device name $device.5 type vlan id 5"
		on $side "link add link $device name $device.s type vlan proto 802.1ad id 100"
		on $side "link add link $device.s name $device.q mtu 1496 type vlan id 7"
		on $side "addr add 10.80.$(($2 + 1)).$end/24 dev $device.5"
		on $side "addr add 10.80.$(($2 + 2)).$end/24 dev $device.q"
		on $side "link set $device.5 up"
		on $side "link set $device.s up"
		on $side "link set $device.q up"
	done
}

# What not every kernel has a driver for.
more_devices() {
	if modprobe -q 8021q; then
		tags veth 10
		tags off 20
		tagged=yes
	fi
	if modprobe -q bridge; then
		on left "link add bridge type bridge"
		wire bridge 80
		on left "link set bridge-l master bridge"
		address bridge 80
		others+=(bridge bridge-l)
	fi
	if modprobe -q bonding; then
		on left "link add bond type bond mode active-backup"
		wire bond 81
		on left "link set bond-l down"
		on left "link set bond-l master bond"
		address bond 81
		others+=(bond bond-l)
	fi
	if modprobe -q ifb numifbs=0; then
		wire ifb 42
		address ifb-l 42
		on left "link add ifb type ifb"
		on left "link set ifb up"
		around=yes
	fi
	if modprobe -q tun; then
		on left "tuntap add dev tun mode tun"
		address tun 82
		others+=(tun)
	fi
}

devices_up() {
	local side device i
	wire off 20
	wire big 30
	wire loss 40
	wire sum 41
	for device in off:20 big:30 loss:40 sum:41; do
		address ${device%:*}-l ${device#*:}
	done
	for ((i = 0; i < 20; i++)); do
		wire m $((50 + i)) "m$i" "n$i"
		address "m$i" $((50 + i))
		many+=("m$i")
	done
	for side in left right; do
		on $side "link set big-${side:0:1} mtu 9000 gso_max_size 150000 gro_max_size 150000"
	done
	more_devices
	left ip -b "$tmp/left.ip" && right ip -b "$tmp/right.ip" || return
	left ethtool -K off-l gro on tso off txvlan off tx-vlan-stag-hw-insert off &&
		right ethtool -K off-r tx off txvlan off tx-vlan-stag-hw-insert off &&
		left ethtool -K sum-l tx off || return
	if [[ " ${others[*]} " == *' tun '* ]]; then
		spawn "$tmp/mirror" left tun_mirror tun
		becomes 20 grep -q ready "$tmp/mirror"
	fi
}

none_left() { ! kill -0 "${dumps[@]}"; }
all_say() { ! grep -L "$1" "$tmp"/dump.*.err | grep -q .; }

# dump FOLDER DEVICE.DIRECTION...: a tcpdump for each, all from one process there.
dump() {
	local what kib
	cd "$1" || return
	shift
	for what; do
		# Those twenty have little to keep.
		[[ $what == m* ]] && kib=2048 || kib=32768
		tcpdump -i "${what%.*}" -Q "${what##*.}" -nn -U --immediate-mode -B $kib \
			-s 262144 -w "dump.$what" 2>"dump.$what.err" &
	done
	jobs -p >pids
	wait
}

start_dumps() {
	local what=(veth-l.in veth-l.out off-l.in off-l.out loss-l.in loss-l.out)
	what+=("${many[@]/%/.inout}" "${others[@]/%/.inout}" lo.inout veth-l.inout big-l.inout
		sum-l.in sum-l.out)
	[ -z "$around" ] || what+=(ifb-l.in ifb-l.out)
	[ -z "$tagged" ] || what+=(veth-l.5.inout veth-l.q.inout off-l.5.in)
	export -f dump
	spawn "$tmp/starter" left bash -c 'dump "$@"' dump "$tmp" "${what[@]}"
	becomes 60 [ -s "$tmp/pids" ] || return
	mapfile -t dumps <"$tmp/pids"
	children+=("${dumps[@]}")
	becomes 300 all_say 'listening on'
}

start_runs() {
	local direction
	spawn "$run" netexpert run --json --netns nexp-left -i any -B 32768 \
		"$experts/frame-sorter.so=$tmp/got"
	runs=("$spawned")
	for direction in in out; do
		spawn "$tmp/$direction.json" netexpert run --json --netns nexp-left -i veth-l \
			-Q $direction -B 16384 "$experts/frame-writer.so=$tmp/only.$direction"
		runs+=("$spawned")
	done
	becomes 120 is_capturing "$run" && becomes 60 is_capturing "$tmp/in.json" &&
		becomes 60 is_capturing "$tmp/out.json"
}

# visit HOST: what is small and what is large, in segments and in fragments.
visit() {
	left curl -sf -m $((30 * patience)) -g -o /dev/null "http://$1/small" \
		-o "$tmp/got.page" -r 0-199999 "http://$1/large" &&
		left ping -q -c 1 -W $((10 * patience)) -s 4000 "${1//[][]/}" >/dev/null
}

# large SOURCE [-R]: a stream of it, of which tcpdump has seen a frame of 100 KB. How large
# they are is for TCP to say, which goes by what the other end has read.
large() {
	left iperf3 -c fd80:30::2 -n 3M -l 1M ${2:+"$2"} >/dev/null &&
		[ "$(frames "$tmp/dump.big-l.inout" "src host $1 and greater 100000")" -gt 0 ]
}

traffic() {
	local i
	left send_frames veth-l "$here/filters/frames.txt" >/dev/null &&
		right send_frames veth-r "$here/filters/frames.txt" >/dev/null || return
	left ping -q -c 1 -W 1 -I veth-l 224.0.0.1 >/dev/null 2>&1
	left ping -q -c 1 ff02::1%veth-l >/dev/null || return
	visit $right4 && visit "[$right6]" && visit 10.80.20.2 && visit '[fd80:20::2]' &&
		visit 10.80.41.2 && left iperf3 -c 10.80.20.2 -n 200K >/dev/null &&
		left iperf3 -c 10.80.41.2 -n 200K >/dev/null || return
	if [ -n "$tagged" ]; then
		visit 10.80.11.2 && visit 10.80.12.2 && visit 10.80.21.2 &&
			visit 10.80.22.2 || return
	fi
	# Else TCP makes its super-frames as small as a slow machine is.
	left sysctl -qw net.ipv4.tcp_min_tso_segs=14 && right sysctl -qw net.ipv4.tcp_min_tso_segs=14 &&
		becomes 120 large fd80:30::1 && becomes 120 large fd80:30::2 -R &&
		left ping -q -c 1 -s 8900 10.80.30.2 >/dev/null || return
	right ping -q -c 3 -i 0.1 -W 1 10.80.40.1 >/dev/null
	[ -z "$around" ] || left ping -q -c 3 -i 0.1 10.80.42.2 >/dev/null || return
	left ping -q -c 1 127.0.0.1 >/dev/null && left ping -q -c 1 ::1 >/dev/null || return
	for ((i = 0; i < 20; i++)); do
		left ping -q -c 1 -s 2000 "10.80.$((50 + i)).2" >/dev/null || return
	done
	[[ " ${others[*]} " != *' bridge '* ]] || visit 10.80.80.2 || return
	[[ " ${others[*]} " != *' bond '* ]] || visit 10.80.81.2 || return
	[[ " ${others[*]} " != *' tun '* ]] || left ping -q -c 2 -i 0.1 -s 3000 10.80.82.9 >/dev/null
}

# same DEVICE DIRECTION [FILE]: what was taken there is what tcpdump has, and is some.
# The times in FILE are not those of the day.
same() {
	local said file=${3:-$tmp/got.$(ifindex "$1").$2} limit=${3:+1e18}
	said=$(frames_diff "$tmp/dump.$1.$2" "$file" "$from" "$until" "${limit:-$bound}" 2>&1) ||
		{ echo "$said"; return 1; }
	[[ $said != *window=0\ * ]] || { echo "nothing was there: $said"; return 1; }
}

# records DEVICE DIRECTION PATTERN: how many match.
records() { grep -Ec "^$(ifindex "$1") $2 .*$3" "$tmp/got.records"; }
some_records() { [ "$(records "$@")" -gt 0 ]; }
no_records() { [ "$(records "$@")" = 0 ]; }
# has DEVICE DIRECTION EXPRESSION: whether such frames were taken, by their bytes.
has() { [ "$(tcpdump -nnr "$tmp/got.$(ifindex "$1").$2" "$3" 2>/dev/null | wc -l)" -gt 0 ]; }
# payload FILE: bytes that TCP carries in its frames.
payload() { tcpdump -nnqr "$1" tcp 2>/dev/null | awk '{ sum += $NF } END { print sum + 0 }'; }
frames() { tcpdump -nnr "$1" "${@:2}" 2>/dev/null | wc -l; }

# A super-frame is what it says: so many segments of that size, the last one smaller.
segments_fit() {
	! awk '$3 == "link=1" && match($0, /gso=[0-9]+\/[0-9]+/) {
		split(substr($0, RSTART + 4, RLENGTH - 4), gso, "/")
		split($4, wire, "=")
		if (wire[2] > gso[1] * gso[2] + 200 || wire[2] <= gso[1] * (gso[2] - 1))
			print
	}' "$tmp/got.records" | grep .
}
# super DEVICE LENGTH: longer frames than a link takes are super-frames and say so.
super() {
	awk -v device="$(ifindex "$1")" -v most="$2" '$1 == device { split($4, wire, "=") }
		$1 == device && wire[2] > most { many++; said += / gso=/ }
		END { print many + 0 " super-frames, " said + 0 " flagged"; exit !many || many != said }' \
		"$tmp/got.records"
}

many=() others=() tagged='' around=''
net_up || give_up "the network can be set up"
serve_http >"$tmp/serve" 2>&1 || give_up "nginx answers" "$tmp/nginx.out.err"
serve_iperf || give_up "iperf3 answers" "$tmp/iperf.out"
devices_up >"$tmp/devices" 2>&1 || give_up "interfaces can be set up" "$tmp/devices"
[ -n "$tagged" ] || echo "# no driver for VLANs"
echo "# beside veths: ${others[*]}"
left ping -q -c 1 10.80.40.2 >/dev/null || give_up "all is quiet and well"
left tc qdisc add dev loss-l root netem loss 100% || give_up "netem can be had"
if [ -n "$around" ]; then
	left tc qdisc add dev ifb-l clsact
	left tc filter add dev ifb-l egress matchall action mirred egress redirect dev ifb ||
		give_up "an ifb can be had"
fi

echo "# $SECONDS s: the network is there"
start_dumps || give_up "tcpdumps listen" "$tmp"/dump.*.err
echo "# $SECONDS s: tcpdumps listen"
start_runs || give_up "captures are attached" "$run" "$run.err"
echo "# $SECONDS s: captures are attached"
from=$(date +%s.%N)
traffic >"$tmp/traffic" 2>&1 || give_up "the traffic flows" "$tmp/traffic"
until=$(date +%s.%N)
echo "# $SECONDS s: traffic is over"
becomes 120 nothing_unread || give_up "the experts read all" "$run.err"
for pid in "${runs[@]}"; do
	stop "$pid"
	check "a run ends well" equal "$stopped" 0
done
becomes 120 asleep "${dumps[@]}" || give_up "tcpdumps read all"
kill -s TERM "${dumps[@]}"
becomes 120 none_left || give_up "tcpdumps end"
echo "# $SECONDS s: compare"

check "tcpdumps lost nothing" all_say '^0 packets dropped by kernel'
for file in "$run" "$tmp/in.json" "$tmp/out.json"; do
	check "nothing was lost" equal "$(final "$file" lost)" 0
done
check "veth, in: the same" same veth-l in
check "veth, out: the same" same veth-l out
check "veth, both: the same" same veth-l inout
check "with -Q in: the same" same veth-l in "$tmp/only.in"
check "with -Q out: the same" same veth-l out "$tmp/only.out"
for device in "${others[@]}" lo; do
	check "$device: the same" same "$device" inout
done
same_many() {
	local device
	for device in "${many[@]}"; do
		same "$device" inout || { echo "$device"; return 1; }
	done
}
check "twenty interfaces at once: the same" same_many
check "without offloads, in: the same" same off-l in
check "without checksums, in: the same" same sum-l in
check "behind netem, in: the same" same loss-l in
# Whatever it is told, tcpdump keeps about 64 KiB of a frame.
for file in "dump.big-l.inout" "got.$(ifindex big-l).inout"; do
	editcap -F nsecpcap -s 65535 "$tmp/$file" "$tmp/cut" && mv "$tmp/cut" "$tmp/$file"
done
check "big-l, the first 65535 bytes: the same" same big-l inout

check "no frame was cut" equal "$(awk '{ sub("wire", "cap", $4) } $4 != $5' "$tmp/got.records")" ""
check "every frame has its time" equal "$(grep -c notime "$tmp/got.records")" 0
check "loopback is taken once" no_records lo out ''
for direction in in out; do
	check "LLDP, $direction" has veth-l $direction 'ether proto 0x88cc'
	check "an unknown ethertype, $direction" has veth-l $direction 'ether proto 0x88b5'
	check "ARP, $direction" has veth-l $direction arp
	check "smallest frames, $direction" some_records veth-l $direction ' wire=60 '
	check "fragments, $direction" has veth-l $direction 'ip[6:2] & 0x1fff != 0'
	check "fragments of IPv6, $direction" has veth-l $direction 'ip6[6] == 44'
	check "multicast, $direction" has veth-l $direction 'ether multicast'
	check "whole jumbo frames, $direction" some_records big-l $direction ' wire=89[0-9][0-9] '
	check "super-frames above 64 KiB, $direction" some_records big-l $direction ' wire=1[0-9]{5} .* gso='
	check "checksums left to hardware, $direction" some_records veth-l $direction partial
done
check "veth's super-frames say what they are" super veth-l 1522
check "those of GRO, too" super off-l 1522
check "and those above 64 KiB" super big-l 9022
check "super-frames are as many segments as they say" segments_fit

if [ -n "$tagged" ]; then
	for device in veth-l off-l; do
		for direction in in out; do
			check "$device, a tag beside the frame, $direction" \
				some_records $device $direction ' vlan=8100/5( |$)'
			check "$device, a service tag beside the frame, $direction" \
				some_records $device $direction ' vlan=88a8/100( |$)'
			check "$device, the tag in the bytes, $direction" has $device $direction 'vlan 5 and tcp'
			check "$device, both tags in the bytes, $direction" \
				has $device $direction 'vlan 100 and vlan 7 and tcp'
		done
	done
	check "VLAN 5: the same" same veth-l.5 inout
	check "VLAN 7 in service 100: the same" same veth-l.q inout
	check "VLAN 5 without offloads, in: the same" same off-l.5 in
fi
if [[ " ${others[*]} " == *' tun '* ]]; then
	check "tun has no link header" some_records tun in 'link=65534 '
fi

# What differs is what DESIGN.md says.
mine=$tmp/got.$(ifindex off-l).out theirs=$tmp/dump.off-l.out
check "without offloads, out: before segmentation" \
	test "$(frames "$mine" tcp)" -lt "$(frames "$theirs" tcp)"
check "the same bytes of TCP" equal "$(payload "$mine")" "$(payload "$theirs")"
check "before checksums, which is said" some_records sum-l out partial
check "tcpdump sees them behind that" \
	equal "$(tcpdump -nnvvr "$tmp/dump.sum-l.out" tcp 2>/dev/null | grep -c incorrect)" 0
check "netem loses what was taken before it" some_records loss-l out ''
check "so tcpdump does not see it" equal "$(frames "$tmp/dump.loss-l.out")" 0
if [ -n "$around" ]; then
	mine=$tmp/got.$(ifindex ifb-l).out theirs=$tmp/dump.ifb-l.out
	check "over an ifb, in: the same" same ifb-l in
	check "over an ifb, out: some" test "$(frames "$theirs" icmp)" -ge 3
	check "each is taken before it goes around and when it comes back" \
		equal "$(frames "$mine" icmp)" $((2 * $(frames "$theirs" icmp)))
fi
check "nothing is left" left_nothing
