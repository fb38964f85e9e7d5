#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# files_test - a capture file's frames: all of them, in order, as they are there
#
# A file is made by tcpdump from real traffic, then written in other formats by
# Wireshark's tools. What -w makes of it must be the same: bytes, lengths, times to
# the nanosecond, in order.

# shellcheck disable=SC2016 # check evaluates what stands in single quotes

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

log=$tmp/run.log

# read_file FILE ARGUMENT...: a run on a file, its words in $log.
read_file() { timeout $((120 * patience)) netexpert run -r "$@" >"$log" 2>&1; }

# list FILE.pcapng: a line for each frame, all that matters of it; of its interface,
# whose number may be another, the link type.
list() {
	pcapng_list "$1" | awk '
		$1 == "interface" { sub(/.* link=/, "link="); link[nr++] = $1 }
		$1 == "frame" { print link[substr($2, 11)], $3, $4, $5, $8 }'
}

# want FILE: what a run on it must list, by way of Wireshark's own tools.
want() {
	editcap -F pcapng "$1" "$tmp/want.pcapng" 2>/dev/null
	list "$tmp/want.pcapng"
}

same_frames() { # FILE.pcapng WANTED-LIST
	list "$1" >"$tmp/1"
	[ -s "$tmp/1" ] || { echo "no frame in $1"; return 1; }
	diff "$2" "$tmp/1" | head -n 5
	cmp "$2" "$tmp/1"
}

comes_out_as() { # WANTED-LIST FILE ARGUMENT...
	read_file "$2" "${@:3}" -w "$tmp/out.pcapng" || { cat "$log"; return 1; }
	same_frames "$tmp/out.pcapng" "$1"
}

# refuses STATUS WORDS ARGUMENT...
refuses() {
	local status=$1 words=$2
	shift 2
	fails_with "$status" timeout 60 netexpert run "$@" >"$log" 2>&1 || { cat "$log"; return 1; }
	says "$words" "$log"
}

net_up || give_up "the network can be set up"
serve_some() { serve_http && serve_dns; }
serve_some || give_up "the servers answer" "$tmp/nginx.out.err" "$tmp/dnsmasq.out.err"
all=$tmp/all.pcap
start_dump left veth-l "$all"
some_traffic() {
	left curl -sfo /dev/null "http://$right4/large" || return
	left curl -sfo /dev/null "http://[$right6]/small" || return
	left dig +time=5 "@$right4" one.selftest.test A >/dev/null || return
	left ping -q -c 5 -i 0.1 -s 5000 "$right4" >/dev/null || return
	left ping -q -c 2 -i 0.1 "$right6" >/dev/null
}
some_traffic || give_up "the traffic flows"
stop_dump "$dump" "$all"
want "$all" >"$tmp/all.list"
count=$(wc -l <"$tmp/all.list")
echo "# $count frames"

check "pcap" comes_out_as "$tmp/all.list" "$all"
check "the run says what it reads" says "reading $all" "$log"
check "nothing was lost" says "seen $count = filtered 0 \+ delivered $count \+ lost 0" "$log"
check "what comes out is a file for Wireshark" eval \
	'equal "$(tshark -nr "$tmp/out.pcapng" 2>"$tmp/tshark.err" | wc -l)" "$count" &&
	equal "$(grep -v "^Running as user" "$tmp/tshark.err")" ""'
editcap -F nsecpcap -t 0.000000789 "$all" "$tmp/ns.pcap" && want "$tmp/ns.pcap" >"$tmp/ns.list"
check "pcap with nanoseconds" comes_out_as "$tmp/ns.list" "$tmp/ns.pcap"
check "which do matter" says '789 captured' "$tmp/ns.list"
editcap -F pcapng "$all" "$tmp/all.pcapng" && gzip -k "$tmp/all.pcapng"
check "pcapng, compressed" comes_out_as "$tmp/all.list" "$tmp/all.pcapng.gz"
check "the smallest ring and a file of megabytes: nobody loses anything" eval \
	'[ "$(stat -c %s "$all")" -gt 2000000 ] && comes_out_as "$tmp/all.list" "$all" -B 512'
# Header, record header, zeros: a frame of 256 KiB.
{
	printf '\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0'
	printf '\x01\0\0\0\0\0\0\0\0\0\x04\0\0\0\x04\0'
	head -c 262144 /dev/zero
} >"$tmp/largest.pcap"
want "$tmp/largest.pcap" >"$tmp/largest.list"
check "nor the largest frame" comes_out_as "$tmp/largest.list" "$tmp/largest.pcap" -B 512
check "which is that large" says "captured=262144 length=262144" "$tmp/largest.list"
check "from standard input to standard output" eval \
	'netexpert run -r - -w - <"$all" >"$tmp/out.pcapng" && same_frames "$tmp/out.pcapng" "$tmp/all.list"'

# Frames of 14 bytes less: as an interface without a link header has them.
editcap -C 14 -T rawip -F pcap "$all" "$tmp/raw.pcap" 2>/dev/null
mergecap -F pcapng -w "$tmp/two.pcapng" "$all" "$tmp/raw.pcap" && list "$tmp/two.pcapng" >"$tmp/two.list"
check "two interfaces and link types in one file" comes_out_as "$tmp/two.list" "$tmp/two.pcapng"
check "are two again" equal "$(pcapng_list "$tmp/out.pcapng" | grep -c '^interface.* link=\(1\|101\) ')" 2

# Every link type that is taken, in one file; what is in the frames does not matter.
kinds=(ether rawip ppp chdlc tr fddi ieee-802-11 ieee-802-11-radiotap wpan wpan-nofcs
	socketcan netlink)
editcap -r -F pcap "$all" "$tmp/few.pcap" 1-5
of_kinds=()
for kind in "${kinds[@]}"; do
	editcap -T "$kind" -F pcap "$tmp/few.pcap" "$tmp/$kind.pcap" 2>/dev/null
	of_kinds+=("$tmp/$kind.pcap")
done
mergecap -a -F pcapng -w "$tmp/kinds.pcapng" "${of_kinds[@]}" && list "$tmp/kinds.pcapng" >"$tmp/kinds.list"
check "there is a file of ${#kinds[@]} link types" \
	equal "$(cut -d' ' -f1 "$tmp/kinds.list" | sort -u | wc -l)" ${#kinds[@]}
check "each comes out as it is" comes_out_as "$tmp/kinds.list" "$tmp/kinds.pcapng"
encapsulations() { tshark -nr "$1" -T fields -e frame.encap_type 2>/dev/null; }
check "for Wireshark, too" \
	equal "$(encapsulations "$tmp/out.pcapng")" "$(encapsulations "$tmp/kinds.pcapng")"

filter='udp port 53 or icmp6'
tcpdump -nr "$all" -w "$tmp/some.pcap" "$filter" 2>/dev/null
want "$tmp/some.pcap" >"$tmp/some.list"
check "a filter takes what it takes for tcpdump -r" comes_out_as "$tmp/some.list" "$all" \
	-f "$filter"
check "and counts the others" says \
	"seen $count = filtered $((count - $(wc -l <"$tmp/some.list"))) " "$log"

# Of frames that were cut when they were captured.
editcap -F pcap -s 96 "$all" "$tmp/cut96.pcap"
takes_as_tcpdump() { # FILTER
	tcpdump -nr "$tmp/cut96.pcap" -w "$tmp/some.pcap" "$1" 2>/dev/null
	want "$tmp/some.pcap" >"$tmp/some.list"
	[ "$(wc -l <"$tmp/some.list")" -lt "$count" ] || { echo "all frames are wanted"; return 1; }
	comes_out_as "$tmp/some.list" "$tmp/cut96.pcap" -f "$1"
}
for filter in 'greater 1000' 'less 200' 'icmp and len > 1000' 'ether proto 0x86dd and len <= 1000' \
	'ether[95] != 7 and len > 96' 'less 96 or ether[96] != 7'; do
	check "of cut frames: $filter" takes_as_tcpdump "$filter"
done

editcap -F pcapng -s 60 "$all" "$tmp/short.pcapng" && list "$tmp/short.pcapng" >"$tmp/short.list"
check "-s cuts" comes_out_as "$tmp/short.list" "$all" -s 60
head -n 10 "$tmp/all.list" >"$tmp/ten.list"
check "-c ends it early" comes_out_as "$tmp/ten.list" "$all" -c 10

check "several experts: each gets all of it" eval \
	'comes_out_as "$tmp/all.list" "$all" "$experts/frame-writer.so=$tmp/b.pcap" &&
	frames_diff "$all" "$tmp/b.pcap" 0 9999999999'
want "$tmp/b.pcap" >"$tmp/b.list"
last_ns() { sed -n '$s/.* ns=\([0-9]*\) .*/\1/p' "$1"; }
check "time stamps count from the file's first frame" equal "$(last_ns "$tmp/b.list")" \
	$(($(last_ns "$tmp/all.list") - $(last_ns <(head -n 1 "$tmp/all.list"))))

# Its writer dies in the middle of what comes through a pipe.
dies_and_goes_on() {
	mkfifo "$tmp/fifo" && spawn "$log" netexpert run -r "$tmp/fifo" -w "$tmp/out.pcapng" || return
	local run_pid=$spawned
	exec 7>"$tmp/fifo" && head -c 2000000 "$all" >&7 || return
	becomes 60 eval '[ "$(stat -c %s "$tmp/out.pcapng")" -gt 1000000 ]' || return
	pkill -KILL -x netexpert-host || return
	tail -c +2000001 "$all" >&7 && exec 7>&- || return
	becomes 60 is_gone "$run_pid" || return
	says "DIED: killed by SIGKILL" "$log.err" && same_frames "$tmp/out.pcapng" "$tmp/all.list"
}
check "an expert that dies goes on where it was" dies_and_goes_on

# What is wrong with a file is said, with the run's status.
head -c 100000 "$all" >"$tmp/cut.pcap"
head -c 5000 /dev/urandom >"$tmp/junk"
: >"$tmp/empty"
editcap -T linux-sll -F pcap "$all" "$tmp/cooked.pcap" 2>/dev/null
check "no file" refuses 1 "-r $tmp/none: No such file" -r "$tmp/none" -w "$tmp/out.pcapng"
check "a directory" refuses 1 "-r $tmp: Is a directory" -r "$tmp" -w "$tmp/out.pcapng"
check "junk" refuses 1 "reading $tmp/junk: " -r "$tmp/junk" -w "$tmp/out.pcapng"
check "an empty file has no frame, as for Wireshark" eval \
	'read_file "$tmp/empty" -w "$tmp/out.pcapng" && says "finished after 0 frames" "$log"'
check "a file that ends too early" refuses 1 "reading $tmp/cut.pcap: after [0-9]+ frames: " \
	-r "$tmp/cut.pcap" -w "$tmp/out.pcapng"
list "$tmp/out.pcapng" >"$tmp/cut.list"
check "all before its end was handed on" eval \
	'equal "after $(wc -l <"$tmp/cut.list") frames" "$(grep -o -m 1 "after [0-9]* frames" "$log")" &&
	cmp -n "$(stat -c %s "$tmp/cut.list")" "$tmp/cut.list" "$tmp/all.list"'
check "a link type that no interface has" refuses 1 "frame 1 has a link type that no interface has" \
	-r "$tmp/cooked.pcap" -w "$tmp/out.pcapng"
check "a filter that no file can have" refuses 2 "libpcap does not accept this filter" \
	-r "$all" -f 'ifname eth0' -w "$tmp/out.pcapng"
check "reading and writing one file" refuses 2 "are one file" -r "$all" -w "$all"
check "which is as it was" equal "$(want "$all" | wc -l)" "$count"
check "a file and an interface" refuses 2 "-i is about interfaces" -r "$all" -i lo top-users
for ring in '-B 4:512' '-B 256:512' '-B 512 --history 256K:1024' '-B 1024 --history 1000K:2048' \
	'-B 1048576 --history 1048575K:shorter'; do
	# shellcheck disable=SC2086 # options and values
	check "a ring that cannot hold every frame: ${ring%:*}" \
		refuses 2 "a frame of 262144 bytes.* ${ring##*:}" -r "$all" ${ring%:*} -w "$tmp/out.pcapng"
done
check "a pipe for two" refuses 2 "can be read only once" -r - -w "$tmp/out.pcapng" -w /dev/null \
	< <(cat "$all")
check "a FIFO that nobody writes to can be given up" eval \
	'fails_with 124 timeout -s INT 3 netexpert run -r "$tmp/fifo" -w "$tmp/out.pcapng" && ! pgrep -x netexpert'
# SIGKILL is not always enough at once: here it is dead, and cannot be reaped.
outlives_its_run() {
	local run_pid reader
	spawn "$log" netexpert run -r "$tmp/fifo" -w "$tmp/out.pcapng" || return
	run_pid=$spawned
	exec 7>"$tmp/fifo" && head -c 100000 "$all" >&7 || return
	becomes 60 pgrep -x -P "$run_pid" netexpert-reade || return
	reader=$(pgrep -x -P "$run_pid" netexpert-reade)
	coproc DEBUGGER { exec look_away "$reader"; }
	read -r -t $((60 * patience)) _ <&"${DEBUGGER[0]}" || return
	stop "$run_pid"
	exec 7>&- && kill "$DEBUGGER_PID" || return
	equal "$stopped" 1 && says "process $reader does not end although it was killed" "$log.err" &&
		says "frames seen [1-9][0-9]* = " "$log.err"
}
check "a reader that cannot be had does not hold up the end, and is told" outlives_its_run
check "nothing is left" left_nothing
