#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# write_test - what 'netexpert run -w' writes is what tcpdump on the same interface
# writes, and tells interfaces and directions; on a full disk, and for pipes

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"
# shellcheck source=selftests/write.sh
. "$here/write.sh"

# How far time stamps of frames are apart that are unique in both files, in ms, sorted.
apart() {
	editcap -F pcapng "$1" "$1.ng" && list "$1.ng" || return
	# shellcheck disable=SC2016 # awk expands them
	awk '{ for (i = 3; i <= NF; i++) {
			if ($i ~ /^ns=/) ns = substr($i, 4)
			if ($i ~ /^hash=/) hash = $i
		} }
		FNR == 1 { file++ }
		/^frame / { n[file, hash]++; t[file, hash] = ns; seen[hash] }
		END {
			for (hash in seen)
				if (n[1, hash] == 1 && n[2, hash] == 1) {
					d = (t[1, hash] - t[2, hash]) / 1000000
					print d < 0 ? -d : d
				}
		}' "$1.ng.list" "$2.list" | sort -g
}

traffic_in_brief() {
	local host
	left ip neigh flush dev veth-l
	left ping -q -c 2 -i 0.1 ff02::1%veth-l >/dev/null || return
	for host in $right4 "[$right6]"; do
		left curl -sfo "$tmp/got" "http://$host/large" || return
	done
	for host in $right4 $right6; do
		left dig +time=5 "@$host" one.selftest.test A >"$tmp/dig.out" || return
		left ping -q -c 2 -i 0.1 -s 3000 "$host" >/dev/null || return
	done
	left iperf3 -c $right4 -n 100K -b 2M -u >/dev/null || return
	left iperf3 -c $right6 -n 200K -R >/dev/null
}

net_up || give_up "the network can be set up"
serve >"$tmp/serve" 2>&1 || give_up "the servers answer" "$tmp/serve" "$tmp/nginx.out.err"

#
# Beside tcpdump, on real traffic; and an interface without any.
#
left ip link add nexp-idle type dummy
left sysctl -qw net.ipv6.conf.nexp-idle.disable_ipv6=1
left ip link set nexp-idle up
all=$tmp/all.pcap some=$tmp/some.pcapng
start_dump left veth-l "$all" --time-stamp-precision=nano
spawn "$run" left netexpert run --json -i veth-l -i nexp-idle -B 16384 -w "$some" \
	-f 'icmp or icmp6' -s 60 -w "$tmp/ping.pcapng"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
from=$(date +%s.%N)
traffic_in_brief || give_up "the traffic flows"
until=$(date +%s.%N)
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
stop_dump "$dump" "$all"
check "the file is whole" reads "$some"
tcpdump -nr "$some" --time-stamp-precision=nano -w "$tmp/some.pcap" 2>/dev/null
check "it holds what tcpdump saw, byte for byte" \
	frames_diff "$all" "$tmp/some.pcap" "$from" "$until"
echo "# $(frames_diff "$all" "$tmp/some.pcap" "$from" "$until" | tail -n 1)"
check "all that was delivered is in it" \
	equal "$(frames "$some") $(final unread_bytes | sort -u)" \
	"$(json_get "$run" event_type=stats stats.final=true stats.name=some.pcapng stats.delivered) 0"
check "nothing was lost" equal "$(final lost | sort -u) $(add "$some" statistics lost)" "0 0"
apart "$all" "$some" >"$tmp/apart" || give_up "time stamps can be compared"
nr=$(wc -l <"$tmp/apart")
half=$(sed -n "$((nr / 2 + 1))p" "$tmp/apart")
most=$(tail -n 1 "$tmp/apart")
echo "# time stamps differ by $half ms in half of $nr frames, by $most ms at most"
# The virtual processor itself may stand still between the two.
check "time stamps are tcpdump's but for a moment" awk -v nr="$nr" -v half="$half" \
	-v most="$most" -v patience="$patience" \
	'BEGIN { exit !(nr > 100 && half < patience && most < 1000 * patience) }'
check "an interface without a frame is described, too" equal \
	"$(sed -n 's/^interface name=\([^ ]*\) link=1 snaplen=0$/\1/p' "$some.list" | tr '\n' ' ')" 'veth-l nexp-idle '
check "each has its statistics, and they add up" equal \
	"$(grep -c ^statistics "$some.list") $(add "$some" statistics delivered)" "2 $(frames "$some")"
mac=$(net_mac left veth-l | tr -d :)
check "what leaves is outbound, what comes is inbound" equal "$(awk -v mac="$mac" '/^frame / {
		data = $0; sub(/.* data=/, "", data); flags = $0; sub(/.* flags=/, "", flags)
		sub(/ .*/, "", flags)
		print (substr(data, 13, 12) == mac ? "own " : "other ") substr(flags, length(flags))
	}' "$some.list" | sort -u | tr '\n' ' ')" 'other 1 own 2 '
check "super-frames have their segments in a comment" \
	says 'comment=super-frame: [0-9]+ segments of up to [0-9]+ bytes' "$some.list"
check "checksums that nobody has filled in are flagged" says ' flags=[0-9a-f]*[2367abef]0[12] ' "$some.list"
tshark -n -r "$some" -T fields -e frame.interface_name -e frame.packet_flags_direction \
	>"$tmp/tshark" 2>"$tmp/tshark.err"
check "tshark reads all of it" equal "$? $(wc -l <"$tmp/tshark")" "0 $(frames "$some")"
check "without a complaint" equal "$(grep -v '^Running as' "$tmp/tshark.err")" ''
check "and shows interface and direction" equal "$(sort -u "$tmp/tshark" | tr '\t\n' ' ,')" \
	"$(printf 'veth-l 0x0000000%d,' 1 2)"
check "a file with a filter and a snaplen is whole, too" reads "$tmp/ping.pcapng"
check "its snaplen is told" says '^interface name=veth-l link=1 snaplen=60$' "$tmp/ping.pcapng.list"
check "its frames are pings, cut" equal \
	"$(tcpdump -nr "$tmp/ping.pcapng" 'icmp or icmp6' 2>/dev/null | wc -l) $(
		grep -c '^frame .*captured=60 ' "$tmp/ping.pcapng.list")" \
	"$(frames "$tmp/ping.pcapng") $(frames "$tmp/ping.pcapng")"

net_fix_neighbours

#
# Disks and pipes.
#
disk=$tmp/disk
mkdir "$disk" && mount -t tmpfs -o size=64k,mode=1777 none "$disk"
umount_disk() { umount "$disk"; }
clean_ups+=(umount_disk)
spawn "$run" left netexpert run --json -i veth-l -Q out -f "$numbers" -w "$disk/full" \
	"$experts/number-log.so=$log.3,$port"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
send 0 1000 1000
failed() { json_get "$run" lifecycle.action=failed "lifecycle.name=$1" lifecycle.reason; }
check "a full disk ends the writer" becomes 60 failed full
check "others go on" equal "$(writer number-log state)" attached
has_number() { [ "$(tail -n 1 "$log.3" | cut -d' ' -f2)" = "$1" ]; }
becomes 60 has_number 999
stop "$run_pid"
check "it makes the run a failure" equal "$stopped" 1
check "others got all" equal "$(wc -l <"$log.3")" 1000
cp "$disk/full" "$tmp/full"
check "what is on the disk is whole" reads "$tmp/full"
nr=$(frames "$tmp/full")
check "and as many frames as was told" equal "$(failed full)" \
	"writing to $disk/full: No space left on device; there are $nr frames in it, and up to there it is whole"
check "which is not nothing" test "$nr" -gt 0
check "and the first ones" numbers_are "$tmp/full" $((nr - 1))

# A reader that does not read, and then does.
fifo=$tmp/fifo
mkfifo "$fifo"
# shellcheck disable=SC2016 # the inner shell expands it
spawn "$tmp/holder" bash -c 'exec tail -f /dev/null <"$0"' "$fifo"
holder=$spawned
spawn "$run" left netexpert run --json -i veth-l -Q out -B 64 --rings 1 -f "$numbers" -w "$fifo" \
	"$experts/number-log.so=$log.4,$port"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
send 0 1500 1000
check "a pipe that nobody reads costs its writer frames" test "$(writer fifo lost)" -gt 0
all_logged() { [ "$(wc -l <"$log.4")" = 1500 ]; }
check "and nobody else" becomes 60 all_logged
spawn "$fifo.list" pcapng_list "$fifo"
reader=$spawned
becomes 20 [ -s "$fifo.list" ]
stop "$holder" KILL
becomes 60 all_read fifo
stop "$run_pid"
check "when it is read again the run ends well" equal "$stopped" 0
check "the reader sees the end" becomes 20 is_gone "$reader"
check "what came through is whole" equal "$(cat "$fifo.list.err")" ''
check "and tells what was lost" \
	equal "$(add "$fifo" statistics lost) $(add "$fifo" statistics received)" \
	"$(json_get "$run" event_type=stats stats.final=true stats.name=fifo stats.lost) 1500"

# shellcheck disable=SC2016 # the inner shell expands it
spawn "$tmp/piped" left bash -c 'netexpert run -q -i veth-l -Q out -f "$0" -c 20 -w - "$1" | pcapng_list /dev/stdin' \
	"$numbers" "$experts/number-log.so=$log.5,$port"
piped=$spawned
is_attached() { [ "$(writer stdout state) $(writer number-log state)" = 'attached attached' ]; }
becomes 60 is_attached || give_up "captures are attached" "$tmp/piped.err"
send 0 30 500
becomes 60 is_gone "$piped" || show "$tmp/piped" "$tmp/piped.err"
mv "$tmp/piped" "$tmp/piped.list"
check "-w - is a stream of frames and nothing else" numbers_are "$tmp/piped" 19

closed() { # the reader goes after the first bytes
	netexpert run -i lo -w - 2>"$tmp/closed.err" | head -c 100 >/dev/null
	echo "${PIPESTATUS[0]}" >"$tmp/closed"
}
ping -q -c 100 -i 0.2 127.0.0.1 >/dev/null &
pinger=$!
closed
kill "$pinger"
check "a closed pipe ends a run" equal "$(<"$tmp/closed")" 1
check "and is told" says 'stdout: FAILED: who reads standard output has closed it, after [0-9]+ frames' \
	"$tmp/closed.err"

#
# Link types that are not Ethernet.
#
raw_ip() {
	left ip tuntap add dev nexp-tun mode tun && left ip link set nexp-tun up
	spawn "$run" left netexpert run --json -i nexp-tun -w "$tmp/tun.pcapng"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
	stop "$run_pid"
	list "$tmp/tun.pcapng"
	check "a tunnel without a link header has frames of raw IP" \
		says '^interface name=nexp-tun link=101 ' "$tmp/tun.pcapng.list"
	left ip link del nexp-tun
}
if modprobe tun 2>/dev/null; then
	raw_ip
else
	echo "# no driver for tun"
fi

# The kernel has the identifier in the machine's byte order.
socket_can() {
	left ip link add nexp-can type vcan && left ip link set nexp-can up
	echo "23010000 02000000 aabb000000000000" >"$tmp/can"
	spawn "$run" left netexpert run --json -i nexp-can -Q out -w "$tmp/can.pcapng"
	run_pid=$spawned
	becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
	left send_frames nexp-can "$tmp/can" >/dev/null
	stop "$run_pid"
	list "$tmp/can.pcapng"
	check "a CAN is SocketCAN" says '^interface name=nexp-can link=227 ' "$tmp/can.pcapng.list"
	check "as Wireshark reads it" \
		equal "$(tshark -nr "$tmp/can.pcapng" -T fields -e can.id -e can.len 2>/dev/null)" "$(printf '291\t2')"
	left ip link del nexp-can
}
if modprobe vcan 2>/dev/null; then
	socket_can
else
	echo "# no driver for vcan"
fi

#
# What makes no sense.
#
# refuses STATUS PATTERN ARGUMENT...
refuses() {
	fails_with "$1" timeout $((60 * patience)) netexpert run -i lo "${@:3}" \
		>"$tmp/stdout" 2>"$tmp/stderr" || return
	says "$2" "$tmp/stderr"
}
check "a directory is no file" refuses 1 "-w $tmp: Is a directory" -w "$tmp"
check "nor is one in a folder that is not there" refuses 1 'No such file' -w "$tmp/no/where"
check "one file for two writers is refused" refuses 2 'are one file' -w "$tmp/x" -w "$tmp/./x"
check "--json and -w - are refused" refuses 2 'both want standard output' --json -w -
check "-c must be a number" refuses 2 "-c 'x' is not a number" -c x -w "$tmp/x"
check "-c behind the last expert is refused" refuses 2 'holds for the experts behind it' -w "$tmp/x" -c 1
check "a terminal is refused" says 'that is a terminal' \
	<(script -qec 'netexpert run -i lo -w -' /dev/null </dev/null 2>&1)
echo old >"$tmp/old"
check "a run that cannot begin leaves the file as it was" refuses 2 'syntax error' \
	-w "$tmp/old" -f 'udp prot' top-users
check "as it was" equal "$(<"$tmp/old")" old

check_wireshark_reads
check "nothing is left" left_nothing
