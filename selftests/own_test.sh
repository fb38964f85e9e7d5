#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# own_test - people's own capture programs: what the examples hand over, compared
# with a tcpdump on the same interface, and what is said of programs that are none
#
# All flows are told beforehand, neighbours are fixed and both captures begin before
# the traffic and end after it, so counts must be equal, not close.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

examples=$here/../build/bpf/examples
cases=$bin/own
all=$tmp/all.pcap run=$tmp/run.json said=$tmp/said
nr_each=20 every=5

is_capturing() { json_get "$run" lifecycle.action=capturing timestamp; }
final() { json_get "$run" event_type=stats stats.final=true "stats.name=$1" "stats.$2"; }
nothing_unread() { [ "$(netexpert stat --json | json_get - unread_bytes | sort -u)" = 0 ]; }

# nr_of FILE EXPRESSION
nr_of() { tcpdump -nnqtr "$1" "$2" 2>/dev/null | wc -l; }

# Flows of every kind: their clients are on the left, each with a port of its own.
few_flows() { # EACH
	left curl -sf -H 'Connection: close' -o /dev/null "http://$right4/small?[1-$1]" &&
		left curl -sf -H 'Connection: close' -o /dev/null "http://[$right6]/small?[1-$1]" &&
		left dig +time=5 -f "$tmp/names" "@$right4" >/dev/null &&
		left dig +time=5 -f "$tmp/names" "@$right6" >/dev/null || return
	left ping -q -c 3 -i 0.1 $right4 >/dev/null &&
		left ping -q -c 2 -i 0.1 -s 3000 $right4 >/dev/null &&
		left ping -q -c 3 -i 0.1 $right6 >/dev/null &&
		left ping -q -c 2 -i 0.1 -s 3000 $right6 >/dev/null
}

# flows FILE: a line for each that is in it, as an expression.
flows() {
	tcpdump -nnqtr "$1" 2>/dev/null | sed -nE \
		-e "s/^IP6? .*($left4|$left6)\.([0-9]+)[ :].*: tcp .*/(host \1 and tcp port \2)/p" \
		-e "s/^IP6? .*($left4|$left6)\.([0-9]+)[ :].*: UDP, .*/(host \1 and udp port \2)/p" \
		-e 's/^IP .*: ICMP .*/(icmp)/p' -e 's/^IP6 .*: ICMP6, .*/(icmp6)/p' | sort -u
}

# has_flows FILE EXPRESSION: all frames of $all of some flows, and no others.
has_flows() {
	tcpdump -w "$tmp/wanted.pcap" -r "$all" "$2" 2>/dev/null
	frames_diff "$tmp/wanted.pcap" "$1" "$from" "$until"
}

# counted PROTOCOL: frames in, bytes in, frames out, bytes out, by the last summary.
counted() {
	local column
	for column in 'Frames in' 'Bytes in' 'Frames out' 'Bytes out'; do
		tail -n 50 "$run" | json_get - event_type=expert expert.event=Protocols \
			"expert.columns.Protocol=$1" "expert.columns.$column" | tail -n 1
	done | paste -sd' '
}

# sent EXPRESSION: the same by tcpdump's account.
sent() {
	tcpdump -nneqtr "$all" "$1" 2>/dev/null | awk -v out="$left_mac" '
		{
			match($0, /, length [0-9]+/)
			way = $1 == out
			frames[way]++
			bytes[way] += substr($0, RSTART + 9, RLENGTH - 9)
		}
		END { print frames[0] + 0, bytes[0] + 0, frames[1] + 0, bytes[1] + 0 }'
}

counts_of() { equal "$(counted "$1")" "$(sent "$2")"; }

counts_all() {
	local protocol expression
	while IFS=: read -r protocol expression; do
		counts_of "$protocol" "$expression" || { echo "of $protocol"; return 1; }
	done <<-END
		TCP:ip proto 6
		UDP over IPv6:ip6[6] == 17
		ICMP:ip proto 1
		ethertype 0x86dd, protocol 44:ip6[6] == 44
	END
}

# refuses STATUS PATTERN CAPTURE: nothing runs, and these are the words for it.
refuses() {
	fails_with "$1" timeout $((60 * patience)) netexpert run -i lo --capture "$3" \
		"$experts/frame-writer.so=$tmp/none" >"$tmp/stdout" 2>"$said" || { cat "$said"; return 1; }
	says "$2" "$said"
}

net_up || give_up "the network can be set up"
net_fix_neighbours
left ip neigh flush dev veth-l && right ip neigh flush dev veth-r
left_mac=$(net_mac left veth-l) right_mac=$(net_mac right veth-r)
{ serve_http && serve_dns; } >"$tmp/serve" 2>&1 ||
	give_up "the servers answer" "$tmp/serve" "$tmp/nginx.out.err"
[ "$patience" = 1 ] || nr_each=10
for ((i = 0; i < nr_each; i++)); do
	echo "name$i.selftest.test A"
done >"$tmp/names"

# Both captures stand before the first frame, and see the last one.
start_dump left veth-l "$all"
writer=$experts/frame-writer.so
spawn "$run" left netexpert run --json -i veth-l -B 8192 \
	--capture "$examples/sample-flows.bpf.o=every=$every" "$writer=$tmp/some.pcap" \
	--capture "$examples/sample-flows.bpf.o=every=$every,seed=0x77" "$writer=$tmp/seed.pcap" \
	-f tcp --capture "$examples/sample-flows.bpf.o=every=1" "$writer=$tmp/tcp.pcap" \
	-f '' --capture "$examples/protocols.bpf.o" "$examples/protocols.so" \
	--capture '' "$writer=$tmp/stock.pcap"
run_pid=$spawned
becomes 120 is_capturing || give_up "captures are attached" "$run" "$run.err"
check "a program for each stock capture, three for each other one" equal "$(captures)" "10 13"
echo "# $SECONDS s: all capture"
from=$(date +%s.%N)
few_flows $nr_each || give_up "the traffic flows"
until=$(date +%s.%N)
echo "# $SECONDS s: traffic is over"
becomes 20 counts_of "ethertype 0x86dd, protocol 44" "ip6[6] == 44" || echo "# the last summary is late"
check "a summary of all of it comes, although no frame does" counts_all
becomes 60 nothing_unread
stop "$run_pid"
check "the run ends well" equal "$stopped" 0
echo "# $SECONDS s: compare"
stop_dump "$dump" "$all"

mapfile -t there < <(flows "$all")
mapfile -t chosen < <(flows "$tmp/some.pcap")
mapfile -t seeded < <(flows "$tmp/seed.pcap")
either() { printf '%s or ' "$@" | sed 's/ or $//'; }
echo "# ${#there[@]} flows, ${#chosen[@]} chosen, ${#seeded[@]} by another seed"
check "there are flows enough to choose from" test ${#there[@]} -ge $((4 * nr_each))
check "about one in $every is chosen" \
	test ${#chosen[@]} -ge $((${#there[@]} / every / 6)) -a ${#chosen[@]} -le $((${#there[@]} * 3 / every))
check "all frames of the chosen flows are there, byte for byte, and no others" \
	has_flows "$tmp/some.pcap" "$(either "${chosen[@]}")"
check "in both directions" \
	test "$(nr_of "$tmp/some.pcap" "ether src $left_mac")" -gt 0 -a "$(nr_of "$tmp/some.pcap" "ether src $right_mac")" -gt 0
check "another seed chooses others" test "${chosen[*]}" != "${seeded[*]}"
check "and all of those" has_flows "$tmp/seed.pcap" "$(either "${seeded[@]}")"
check "a filter holds for what a program hands over" has_flows "$tmp/tcp.pcap" tcp
check "the stock program takes all, beside the others" has_flows "$tmp/stock.pcap" ''
check "frames that are not handed over are not seen" equal "$(final frame-writer seen)" \
	"$(nr_of "$tmp/some.pcap" '')"
check "nothing was lost" equal "$(json_get "$run" event_type=stats stats.lost | sort -u)" 0
check "nothing is left" left_nothing

# What a program answers, and what it hands over twice.
spawn "$run" left netexpert run --json -i veth-l \
	--capture "$cases/verdict.bpf.o" "$writer=$tmp/verdict.pcap" \
	--capture "$cases/twice.bpf.o" "$writer=$tmp/twice.pcap" \
	--capture "$cases/types.bpf.o=u8=255,s8=-128,u16=0xffff,s16=-1,s32=-2147483648,u64=18446744073709551615,s64=-9223372036854775808,yes=0" \
	"$writer=$tmp/types.pcap"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
check "a program that answers 'drop' drops nothing" left ping -q -c 5 -i 0.1 -W 1 $right4
becomes 60 nothing_unread
stop "$run_pid"
check "it got its frames" equal "$(nr_of "$tmp/verdict.pcap" icmp)" 10
check "who delivers twice gets it twice, the second time cut" \
	equal "$(nr_of "$tmp/twice.pcap" 'ether proto 0x0800')" 20
check "numbers reach the options of every type" equal \
	"$(tail -c 64 "$tmp/types.pcap" | od -An -v -t d8 -w8 | tr -d ' ' | tr '\n' ' ')" \
	"255 -128 65535 -1 -2147483648 -1 -9223372036854775808 0 "

# As killed as a supervisor can be, it leaves nothing, no timer either.
spawn "$run" netexpert run --json -i lo --capture "$examples/protocols.bpf.o=period_ms=1" \
	"$examples/protocols.so"
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$run" "$run.err"
ping -q -c 3 -i 0.1 127.0.0.1 >/dev/null
check "its timer delivers" becomes 20 json_get "$run" event_type=expert expert.event
stop "$run_pid" KILL
check "a killed supervisor leaves nothing behind" left_nothing

check "a value that is none is a usage error" refuses 2 "every='x' is not a number" \
	"$examples/sample-flows.bpf.o=every=x"
check "an option that it has not is a usage error, and it names those that it has" \
	refuses 2 "'x' is none of its options: every, seed" "$examples/sample-flows.bpf.o=x=1"
check "options without a file are a usage error" refuses 2 "name stands before" "=every=1"
check "--capture behind the last expert is a usage error" fails_with 2 \
	netexpert run -i lo top-users --capture "$cases/verdict.bpf.o"

while IFS=: read -r name words; do
	check "$name.bpf.o is refused: $words" refuses 1 "$words" "$cases/$name.bpf.o"
done <<-END
	arguments:its arguments are not those of a capture program
	changes:calls a helper that may change frames
	endless:loop without an end
	unchecked:reads bytes of a frame without a check
	unknown:calls what neither .* has: .*netexpert_frobnicate
	proprietary:licence is missing or none that goes with the GPL
	two:two capture functions, 'capture' and 'capture_too'
	stowaway:a program 'stowaway' in section 'kprobe/do_exit'
	pinned:map 'numbers' would be pinned
	huge:larger than 256 MiB
	nothing:no capture function
	untyped:with -target bpf -O2 -g -c: .*BTF
END
check "the verifier's own words follow" refuses 1 '^R1 offset is outside of the packet' "$cases/unchecked.bpf.o"
head -c 3000 "$cases/verdict.bpf.o" >"$tmp/half.bpf.o"
check "half a file is refused" refuses 1 'not what clang makes' "$tmp/half.bpf.o"
# A variable of a type that is far beyond the last one: Debian 12's libbpf crashes on it.
cp "$cases/types.bpf.o" "$tmp/damaged.bpf.o"
btf=$(readelf -SW "$tmp/damaged.bpf.o" | sed -nE 's/.* \.BTF +PROGBITS +[0-9a-f]+ ([0-9a-f]+) .*/\1/p')
at=$(LC_ALL=C grep -obUaP '\x01\x00\x00\x0f' "$tmp/damaged.bpf.o" | cut -d: -f1 |
	awk -v from=$((16#$btf)) '$1 > from' | sed -n 2p)
printf '\377' | dd of="$tmp/damaged.bpf.o" bs=1 seek=$((at + 10)) conv=notrunc status=none
check "a file that makes libbpf crash is refused" refuses 1 'libbpf cannot cope' \
	"$tmp/damaged.bpf.o"
check "another machine's program is refused" refuses 1 'not what clang makes' "$bin/captures"
: >"$tmp/empty.bpf.o"
check "an empty file is refused" refuses 1 'empty' "$tmp/empty.bpf.o"
mkfifo "$tmp/fifo"
check "a pipe is refused, not waited for" refuses 1 'not a file' "$tmp/fifo"
check "a folder is refused" refuses 1 'not a file' "$tmp"
truncate -s 33M "$tmp/large.bpf.o"
check "a file without end is refused" refuses 1 'larger than 32 MiB' "$tmp/large.bpf.o"
check "a file that is not there is named" refuses 1 "'nowhere.bpf.o': No such file" "$tmp/nowhere.bpf.o"
cp "$cases/nothing.bpf.o" "$tmp/"$'a\e[31mname'
check "names say nothing to a terminal" refuses 1 "'a\?\[31mname' has no" "$tmp/"$'a\e[31mname'
few_files() { (ulimit -n "$1" && refuses 1 'Too many open files' "$examples/protocols.bpf.o"); }
for files in 20 24 28; do
	check "a limit of $files files is told" few_files $files
done
check "nothing is left of what failed" left_nothing
