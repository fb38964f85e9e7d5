#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# coalesce_test - what coalesce writes is what tshark follows
#
# Real programs talk, the second time on a bad line (netem: loss, reordering, doubles).
# Where it arrives tcpdump makes a file of it while the expert writes its own live. From
# either, each side of each stream must have the very bytes that tshark finds when it
# follows the stream in tcpdump's file; and tshark must see the same requests, answers
# and datagrams in what was written. All that sends is on one processor, so that both see
# one order.

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

all=$tmp/all.pcap
out=$tmp/out.pcap
run=$tmp/run.json
live=$tmp/live.json
live_out=$tmp/live.pcap

is_capturing() { json_get "$live" lifecycle.action=capturing timestamp; }
tshark_of() { HOME=$tmp/nobody tshark -n -r "$@" 2>>"$tmp/tshark.err"; }

# All that is asked of a file, since tshark takes seconds to begin. A line for each frame.
names=(frame.time_epoch tcp.stream ip.src ipv6.src tcp.srcport tcp.payload
	tcp.analysis.flags tcp.checksum.status ip.checksum.status
	ip.flags.mf ip.frag_offset ipv6.fraghdr.offset
	http.request.method http.request.uri http.response.code http.content_length
	tls.handshake.type
	icmp.seq icmpv6.echo.sequence_number dns.txt data.data)
look_into() { # FILE
	tshark_of "$1" -o tcp.reassemble_out_of_order:TRUE -o tcp.check_checksum:TRUE \
		-o ip.check_checksum:TRUE -T fields "${names[@]/#/-e}" >"$1.fields"
}

# columns FILE NAME...: in their order there, of frames that have one of them.
columns() {
	local file=$1 i at=()
	shift
	for ((i = 0; i < ${#names[@]}; i++)); do
		case " $* " in *" ${names[i]} "*) at+=($((i + 1))) ;; esac
	done
	cut -f "$(IFS=, && echo "${at[*]}")" "$file.fields" | grep '[^[:blank:]]'
}

# followed FILE: "STREAM ADDRESS:PORT BYTES", a side that says something a line.
followed() {
	local streams stream taps=()
	streams=$(columns "$1" tcp.stream | sort -n | tail -n 1)
	for ((stream = 0; stream <= streams; stream++)); do
		taps+=(-z "follow,tcp,raw,$stream")
	done
	tshark_of "$1" -q "${taps[@]}" | awk '
		/^Filter: / { stream = $NF }
		/^Node [01]: / { gsub(/[][]/, ""); node[stream, $2 + 0] = $3; next }
		/^\t?[0-9a-f]+$/ { side = /^\t/; sub(/^\t/, ""); bytes[stream, side] = bytes[stream, side] $0 }
		END { for (i in bytes) { split(i, at, SUBSEP); print at[1], node[i], bytes[i] } }' | sort
}

# written FILE: the same of what its segments have, as they stand there.
written() {
	columns "$1" tcp.stream ip.src ipv6.src tcp.srcport tcp.payload | awk -F '\t' '
		$5 != "" { side = $1 " " $2 $3 ":" $4; bytes[side] = bytes[side] $5 }
		END { for (side in bytes) print side, bytes[side] }' | sort
}

same() { # WANTED GOT
	[ -s "$1" ] || { echo "tshark finds none"; cat "$tmp/tshark.err"; return 1; }
	cmp "$1" "$2" && return
	cut -c 1-100 "$1" | diff - <(cut -c 1-100 "$2") | head -n 10
	return 1
}

same_bytes() { # FILE
	written "$1" >"$tmp/got"
	same "$tmp/followed" "$tmp/got"
}

# What tshark makes of it, in each conversation; of what was sent twice it makes it twice.
decoded() { # FILE
	columns "$1" tcp.stream http.request.method http.request.uri http.response.code \
		http.content_length | awk -F '\t' '$2 $4 != ""' | sort -u
	columns "$1" tcp.stream tls.handshake.type | awk -F '\t' '
		{ n = split($2, types, ","); for (i = 1; i <= n; i++) print $1, types[i] }' | sort -u
}

datagrams() { # FILE
	columns "$1" ip.src ipv6.src icmp.seq icmpv6.echo.sequence_number dns.txt data.data |
		awk -F '\t' '$3 $4 $5 != ""'
}

same_of() { # WHAT FILE
	"$1" "$all" >"$tmp/want"
	"$1" "$2" >"$tmp/got"
	same "$tmp/want" "$tmp/got"
}

no_fragments() { # FILE
	equal "$(columns "$1" ip.flags.mf ip.frag_offset | sort -u)" $'0\t0' &&
		equal "$(columns "$1" ipv6.fraghdr.offset)" ''
}

# Nothing that tshark can say against an order of bytes, and every sum is right.
is_in_order() { # FILE
	equal "$(columns "$1" tcp.analysis.flags)" '' &&
		equal "$(columns "$1" tcp.checksum.status | sort -u)" 1 &&
		equal "$(columns "$1" ip.checksum.status | sort -u)" 1
}

times_are_known() { # FILE
	equal "$(comm -13 <(columns "$all" frame.time_epoch | sort -u) \
		<(columns "$1" frame.time_epoch | sort -u))" ''
}

# column FILE COLUMN [ROW]: of the last report.
column() {
	json_get "$1" event_type=expert "expert.columns.Client=${3:-(all)}" "expert.columns.$2" | tail -n 1
}

counts() { # REPORT FILE
	equal "$(column "$1" Frames)" "$frames" &&
		equal "$(column "$1" Messages)" \
			"$(awk -F '\t' '$2 == "" || $6 != ""' "$2.fields" | wc -l)" &&
		equal "$(column "$1" Conversations)" "$(columns "$all" tcp.stream | sort -u | wc -l)" &&
		equal "$(column "$1" 'Missing bytes')" 0 && equal "$(column "$1" 'Cut short')" 0
}

# No connection has anything to say any more, and nothing is on the line.
is_quiet() {
	local side
	for side in left right; do
		"$side" ss -Htan | grep -Eqv '^(LISTEN|TIME-WAIT)' && return 1
		"$side" tc -s qdisc show dev "veth-${side:0:1}" | grep -q 'backlog 0b 0p' || return
	done
}

serve_tls() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=selftest.test \
		-keyout "$tmp/key.pem" -out "$tmp/cert.pem" 2>"$tmp/openssl.err" || return
	sed -e '/listen 80;/a listen 443 ssl; listen [::]:443 ssl;' \
		-e "/listen 80;/a ssl_certificate $tmp/cert.pem; ssl_certificate_key $tmp/key.pem;" \
		"$tmp/nginx.conf" >"$tmp/nginx.tls"
	stop "$spawned"
	spawn "$tmp/nginx.out" right nginx -p "$tmp/nginx" -c "$tmp/nginx.tls" -e stderr
	becomes 20 left curl -skfo /dev/null "https://$right4/small"
}

# An answer that takes three packets.
serve_long_names() {
	local text record=big.selftest.test
	text=$(printf '%0250d' 7)
	for _ in {1..14}; do
		record+=,$text
	done
	spawn "$tmp/dnsmasq.out" right dnsmasq --keep-in-foreground --conf-file=/dev/null \
		--no-resolv --no-hosts --user=root --group=root --pid-file= --bind-interfaces \
		--listen-address=$right4 --listen-address=$right6 --edns-packet-max=4096 \
		--txt-record="$record"
	becomes 20 left dig +time=1 +tries=1 +bufsize=4096 "@$right4" big.selftest.test TXT
}

serve_all() {
	serve_http && head -c 60000 "$tmp/www/large" >"$tmp/www/medium" && serve_tls &&
		serve_long_names && serve_iperf
}

good_traffic() {
	local host
	for host in $right4 "[$right6]"; do
		left curl -sfo /dev/null "http://$host/small" -o /dev/null "http://$host/medium" \
			-o /dev/null "http://$host/small" || return
		left curl -so /dev/null -d @"$tmp/www/small" "http://$host/none" || return
		left curl -skfo /dev/null "https://$host/medium" || return
	done
	for host in $right4 $right6; do
		left ping -q -c 2 -i 0.1 -s 4000 "$host" >/dev/null || return
		left dig +time=5 +bufsize=4096 +notcp "@$host" big.selftest.test TXT >/dev/null || return
	done
}

bad_traffic() {
	local host
	right tc qdisc add dev veth-r root netem delay 5ms loss 4% reorder 8% duplicate 5% || return
	for host in $right4 "[$right6]"; do
		left curl -sfo /dev/null "http://$host/medium" || return
		left curl -skfo /dev/null "https://$host/medium" || return
	done
	left taskset 1 iperf3 -c $right4 -R -n 200K >/dev/null
}

net_up || give_up "the network can be set up"
processors=$(taskset -p $$ | sed 's/.*: //')
taskset -p 1 $$ >/dev/null
serve_all || give_up "the servers answer" "$tmp/nginx.out.err" "$tmp/openssl.err"
net_fix_neighbours
# Segments as they are on a wire.
for side in left right; do
	"$side" ethtool -K "veth-${side:0:1}" tso off gso off gro off
done

start_dump left veth-l "$all" "$of_programs"
spawn "$live" left netexpert run --json -B 16384 -i veth-l -f "$of_programs" \
	--output "$live_out" coalesce
run_pid=$spawned
becomes 60 is_capturing || give_up "captures are attached" "$live" "$live.err"
good_traffic || give_up "traffic flows"
bad_traffic || give_up "it does on a bad line"
becomes 60 is_quiet || give_up "the line is quiet again"
stop_dump "$dump" "$all"
taskset -p "$processors" $$ >/dev/null
look_into "$all"
frames=$(wc -l <"$all.fields")
has_all() { equal "$(column "$live" Frames)" "$frames"; }
check "live reports come up to all frames" becomes 120 has_all
stop "$run_pid"
check "the live run ends well" equal "$stopped" 0

reads_file() {
	timeout $((120 * patience)) netexpert run --json -r "$all" --output "$out" \
		coalesce=interval=86400 >"$run" 2>"$run.err" || { cat "$run.err"; return 1; }
}
check "a run on the file ends well" reads_file
followed "$all" >"$tmp/followed"
echo "# $(wc -l <"$tmp/followed") sides, $(wc -c <"$tmp/followed") digits, $frames frames"
for file in "$out" "$live_out"; do
	what=${file##*/}
	look_into "$file"
	check "$what: Wireshark's reader finds nothing wrong" equal "$(capinfos -c "$file" 2>&1 |
		grep -ci 'cut short\|error\|damaged')" 0
	check "$what: the bytes of all sides are those that tshark follows" same_bytes "$file"
	check "$what: in order, with good checksums" is_in_order "$file"
	check "$what: the same requests, answers and handshakes" same_of decoded "$file"
	check "$what: the same datagrams" same_of datagrams "$file"
	check "$what: none of them in fragments" no_fragments "$file"
done
check "time stamps are those of frames" times_are_known "$out"
check "what is counted is what is there" counts "$run" "$out"
check "live, too" counts "$live" "$live_out"

piped() {
	netexpert run -q -r "$all" --output - coalesce 2>"$tmp/piped.err" | cat >"$tmp/piped.pcap" &&
		cmp "$tmp/piped.pcap" "$out"
}
check "into a pipe goes the same and nothing else" piped
closed_early() {
	netexpert run -r "$all" --output - coalesce 2>"$tmp/closed.err" | head -c 1000 >/dev/null
	equal "${PIPESTATUS[0]}" 1 && says 'writing to the file of --output: Broken pipe' "$tmp/closed.err"
}
check "a pipe that nobody reads is told" closed_early
refuses() { # WORDS EXPERT...
	local words=$1
	shift
	fails_with 1 netexpert run -r "$all" "$@" 2>"$tmp/err" && says "$words" "$tmp/err"
}
check "without a file it says what to do" refuses 'put --output FILE before it' coalesce
check "a wrong option is told" refuses 'other must be yes or no' --output "$tmp/x" coalesce=other=x
writes_none() {
	netexpert run -r "$all" --output "$tmp/x" top-users >"$tmp/top" 2>&1 &&
		says "it writes no file: $tmp/x is empty" "$tmp/top" && equal "$(stat -c %s "$tmp/x")" 0
}
check "who writes no file says so" writes_none

# What an incarnation has written goes when the next one begins.
# 0 before there is one.
host_pid() { netexpert stat --json | json_get - name=coalesce pid | grep -vx 0; }
is_incarnation() { json_get "$live" lifecycle.action=ready "lifecycle.incarnation=$1" timestamp; }
has_messages() { [ "$(column "$live" Messages)" -ge "$1" ]; }
messages() { tcpdump -nr "$live_out" 2>/dev/null | grep -c '\.4000: UDP'; }
send() { left udp_numbers $right4 4000 "$@"; }
spawn "$live" left netexpert run --json -f 'udp port 4000' -i veth-l --output "$live_out" coalesce
run_pid=$spawned
becomes 60 is_capturing || give_up "it is captured once more" "$live" "$live.err"
send 0 20 100
check "there is something in the file" becomes 60 has_messages 20
kill -s KILL "$(host_pid)"
check "it is started again" becomes 60 is_incarnation 2
send 20 5 100
check "and goes on" becomes 60 has_messages 5
stop "$run_pid"
# The frame in hand at the death comes twice.
begun_anew() { [ "$(messages)" = 5 ] || equal "$(messages)" 6; }
check "the file has begun anew" begun_anew

dies_into_pipe() {
	# shellcheck disable=SC2016 # the inner shell expands it
	spawn "$live" left bash -c 'netexpert run -f "udp port 4000" -i veth-l --output - coalesce | cat >/dev/null
		exit "${PIPESTATUS[0]}"'
	becomes 60 host_pid || return
	kill -s KILL "$(host_pid)"
	becomes 60 is_gone "$spawned" || return
	stop "$spawned"
	equal "$stopped" 1 && says "what it has written to standard output can't be taken back" "$live.err"
}
check "after a death nothing is started that would write to a pipe again" dies_into_pipe
check "nothing is left" left_nothing
