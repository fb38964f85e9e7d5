#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# files_test - a capture file's frames: all of them, in order, as they are there
#
# A file is made by tcpdump from real traffic, then written in other formats by
# Wireshark's tools. What comes out of -w is compared with what went in, by tshark:
# bytes, lengths, times to the nanosecond, in order.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

log=$tmp/run.log

# read_file FILE ARGUMENT...: a run on a file, its words in $log.
read_file() { timeout $((120 * patience)) netexpert run -r "$@" >"$log" 2>&1; }

# frames FILE [DISPLAY-OPTION]...: a line for each frame.
frames() {
	local file=$1
	shift
	tshark -nr "$file" "$@" -T fields -e frame.number -e frame.time_epoch -e frame.len \
		-e frame.cap_len -e frame.encap_type 2>/dev/null
}

# hashes FILE: of all bytes, frame by frame.
hashes() { tshark -o frame.generate_md5_hash:TRUE -nr "$1" -T fields -e frame.md5_hash 2>/dev/null; }

same_frames() { # FILE FILE
	frames "$1" >"$tmp/1" && frames "$2" >"$tmp/2" && [ -s "$tmp/1" ] || return
	diff "$tmp/1" "$tmp/2" | head -n 5
	cmp "$tmp/1" "$tmp/2" || return
	hashes "$1" >"$tmp/1" && hashes "$2" >"$tmp/2" && cmp "$tmp/1" "$tmp/2"
}

comes_out_as_it_went_in() { # FILE ARGUMENT...
	read_file "$1" -w "$tmp/out.pcapng" "${@:2}" || { cat "$log"; return 1; }
	same_frames "$1" "$tmp/out.pcapng"
}

# refuses STATUS WORDS ARGUMENT...
refuses() {
	local status=$1 words=$2
	shift 2
	fails_with "$status" timeout 60 netexpert run "$@" >"$log" 2>&1 || { cat "$log"; return 1; }
	says "$words" "$log"
}

net_up || give_up "the network can be set up"
serve >"$tmp/serve" 2>&1 || give_up "the servers answer" "$tmp/serve" "$tmp/nginx.out.err"
all=$tmp/all.pcap
spawn "$tmp/tcpdump.out" left tcpdump -i veth-l -nn -B 65536 -s 262144 -w "$all"
tcpdump_pid=$spawned
becomes 20 grep -q 'listening on' "$tmp/tcpdump.out.err" ||
	give_up "tcpdump listens" "$tmp/tcpdump.out.err"
traffic || give_up "the traffic flows"
stop "$tcpdump_pid"
count=$(frames "$all" | wc -l)
echo "# $count frames"

check "pcap" comes_out_as_it_went_in "$all"
check "the run says what it reads" says "reading $all" "$log"
check "nothing was lost" says "seen $count = filtered 0 \+ delivered $count \+ lost 0" "$log"
editcap -F nsecpcap -t 0.000000789 "$all" "$tmp/ns.pcap" &&
	check "pcap with nanoseconds" comes_out_as_it_went_in "$tmp/ns.pcap"
editcap -F pcapng "$all" "$tmp/all.pcapng" &&
	check "pcapng" comes_out_as_it_went_in "$tmp/all.pcapng"
gzip -k "$tmp/all.pcapng" &&
	check "pcapng, compressed" comes_out_as_it_went_in "$tmp/all.pcapng.gz"
editcap -F snoop "$all" "$tmp/all.snoop" 2>/dev/null &&
	check "a file of another system" comes_out_as_it_went_in "$tmp/all.snoop"
check "a ring of 128 KiB and a file of megabytes: nobody loses anything" \
	comes_out_as_it_went_in "$all" -B 128
check "from standard input" eval 'cat "$all" | read_file - -w "$tmp/out.pcapng" &&
	same_frames "$all" "$tmp/out.pcapng"'

# More than one interface, of different kinds.
editcap -C 14 -T rawip -F pcap "$all" "$tmp/raw.pcap" 2>/dev/null
mergecap -F pcapng -w "$tmp/two.pcapng" "$all" "$tmp/raw.pcap" &&
	check "two interfaces and link types in one file" comes_out_as_it_went_in "$tmp/two.pcapng"

filter='udp port 53 or icmp6'
tcpdump -nr "$all" -w "$tmp/filtered.pcap" "$filter" 2>/dev/null
check "a filter takes what it takes for tcpdump -r" eval \
	'read_file "$all" -f "$filter" -w "$tmp/out.pcapng" &&
	same_frames_but_numbers() { frames "$1" | cut -f 2-; } &&
	cmp <(same_frames_but_numbers "$tmp/filtered.pcap") <(same_frames_but_numbers "$tmp/out.pcapng")'
check "and counts the others" says \
	"seen $count = filtered $((count - $(frames "$tmp/filtered.pcap" | wc -l))) " "$log"
check "-s cuts, and says how long frames were" eval \
	'read_file "$all" -s 60 -w "$tmp/out.pcapng" &&
	equal "$(frames "$tmp/out.pcapng" | cut -f 3 | md5sum)" "$(frames "$all" | cut -f 3 | md5sum)" &&
	equal "$(frames "$tmp/out.pcapng" | cut -f 4 | sort -n | tail -n 1)" 60'
check "-c ends it early" eval 'read_file "$all" -c 10 -w "$tmp/out.pcapng" &&
	equal "$(frames "$tmp/out.pcapng" | wc -l)" 10'

check "several experts: each gets all of it" eval \
	'read_file "$all" -w "$tmp/a.pcapng" "$experts/frame-writer.so=$tmp/b.pcap" &&
	same_frames "$all" "$tmp/a.pcapng" && frames_diff "$all" "$tmp/b.pcap" 0 9999999999'
check "time stamps count from the file's first frame" equal \
	"$(tshark -nr "$tmp/b.pcap" -t r -T fields -e frame.time_relative 2>/dev/null | tail -n 1 | cut -c 1-9)" \
	"$(tshark -nr "$all" -T fields -e frame.time_relative 2>/dev/null | tail -n 1 | cut -c 1-9)"

# The writer dies in the middle: what it had not released comes again, at most that.
check "an expert that dies goes on where it was" eval '
	mkfifo "$tmp/fifo" && spawn "$log" netexpert run -r "$tmp/fifo" -w "$tmp/out.pcapng" &&
	run_pid=$spawned && exec 7>"$tmp/fifo" && head -c 2000000 "$all" >&7 &&
	becomes 60 eval "[ \"\$(stat -c %s $tmp/out.pcapng)\" -gt 1000000 ]" &&
	pkill -KILL -x netexpert-host && tail -c +2000001 "$all" >&7 && exec 7>&- &&
	becomes 60 is_gone "$run_pid" && hashes "$all" >"$tmp/1" && hashes "$tmp/out.pcapng" >"$tmp/2" &&
	says "DIED: killed by SIGKILL" "$log.err" &&
	equal "$(comm -3 <(sort -u "$tmp/1") <(sort -u "$tmp/2") | wc -l)" 0 &&
	[ "$(wc -l <"$tmp/2")" -le $((count + 1024)) ]'

# What is wrong with a file is said, with the run's status.
head -c 100000 "$all" >"$tmp/cut.pcap"
head -c 5000 /dev/urandom >"$tmp/junk"
: >"$tmp/empty"
editcap -T linux-sll -F pcap "$all" "$tmp/cooked.pcap" 2>/dev/null
check "no file" refuses 1 "-r $tmp/none: No such file" -r "$tmp/none" -w "$tmp/out.pcapng"
check "a directory" refuses 1 "-r $tmp: Is a directory" -r "$tmp" -w "$tmp/out.pcapng"
check "junk" refuses 1 "reading $tmp/junk: " -r "$tmp/junk" -w "$tmp/out.pcapng"
check "an empty file" refuses 1 "reading $tmp/empty: " -r "$tmp/empty" -w "$tmp/out.pcapng"
check "a file that ends too early" refuses 1 "reading $tmp/cut.pcap: after [0-9]+ frames: " \
	-r "$tmp/cut.pcap" -w "$tmp/out.pcapng"
check "and all before its end was handed on" same_frames "$tmp/cut.pcap" "$tmp/out.pcapng"
check "a link type that no interface has" refuses 1 "frame 1 has a link type that no interface has" \
	-r "$tmp/cooked.pcap" -w "$tmp/out.pcapng"
check "a filter that no file can have" refuses 2 "libpcap does not accept this filter" \
	-r "$all" -f 'inbound' -w "$tmp/out.pcapng"
check "reading and writing one file" refuses 2 "are one file" -r "$all" -w "$all"
check "which is as it was" equal "$(frames "$all" | wc -l)" "$count"
check "a file and an interface" refuses 2 "-i is about interfaces" -r "$all" -i lo top-users
check "standard input for two" refuses 2 "can be read only once" -r - top-users top-users
check "nothing is left" left_nothing
