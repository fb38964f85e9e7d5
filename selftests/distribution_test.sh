#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# distribution_test - protocols and values are distributed as tshark counts them
#
# Real programs talk; tcpdump makes a file of it while experts count it live. From the
# file and live, what they report must be what tshark says of the file, all of it.

# shellcheck disable=SC2016 # check evaluates what stands in single quotes

# shellcheck source=selftests/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=selftests/net.sh
. "$here/net.sh"

run=$tmp/run.json
all=$tmp/all.pcap

is_capturing() { json_get "$1" lifecycle.action=capturing timestamp; }

# tshark_of FILE OPTION...: with what a stranger's settings cannot change.
tshark_of() { HOME=$tmp/nobody tshark -n -r "$@" 2>"$tmp/tshark.err"; }

# Each of them becomes an expert: a number, a string, a set, a flag.
fields=(tcp.dstport dns.qry.name dns.qry.type tcp.flags.syn)
properties=("${fields[@]/#/property-distribution=interval=86400,top=1000,property=}")

# row FILE PATH=VALUE NAME: a line for each row.
row() { json_get "$1" event_type=expert "expert.columns.$2" "expert.columns.$3"; }

same() { # WANTED GOT
	[ -s "$1" ] || { echo "tshark says nothing"; cat "$tmp/tshark.err"; return 1; }
	diff "$1" "$2" | head -n 10
	cmp "$1" "$2"
}

# hierarchy FILE: "PROTOCOL FRAMES BYTES", blanks in front of what is below another.
hierarchy() {
	tshark_of "$1" -q -z io,phs |
		sed -nE 's/^( *[^ ]+) +frames:([0-9]+) bytes:([0-9]+)$/\1\t\2\t\3/p'
}

# protocols FILE: the same of the last report.
protocols() {
	local rows=(json_get "$1" event_type=expert expert.name=protocol-distribution)
	paste <("${rows[@]}" expert.columns.Protocol) <("${rows[@]}" expert.columns.Frames) \
		<("${rows[@]}" expert.columns.Bytes) |
		awk -F '\t' '$1 == "(all)" { last = now; now = ""; next } { now = now $0 "\n" } END { printf "%s", last }'
}

# refuses WORDS EXPERT: a run does, and says so.
refuses() {
	fails_with 1 timeout $((60 * patience)) netexpert run -r "$all" --heap 256M "$2" >"$run" 2>&1 ||
		{ cat "$run"; return 1; }
	says "$1" "$run"
}

# wanted NUMBER-OF-FIELD: "COUNT VALUE", counted of what tshark prints.
wanted() {
	cut -f "$1" "$tmp/fields" | tr '|' '\n' | grep . | sort | uniq -c | sed -E 's/^ +//' | sort
}

# found FILE FIELD: the same of a report.
found() {
	paste -d ' ' <(json_get "$1" event_type=expert "expert.columns.Property=$2" expert.columns.Value >"$tmp/values"
		row "$1" "Property=$2" '# of Frames' | tail -n +2) "$tmp/values" |
		sed -e 's/ true$/ 1/' -e 's/ false$/ 0/' | sort
}

finds_values() { # FILE NUMBER-OF-FIELD
	wanted "$2" >"$tmp/want"
	found "$1" "${fields[$2 - 1]}" >"$tmp/got"
	same "$tmp/want" "$tmp/got"
}

net_up || give_up "the network can be set up"
serve || give_up "the servers answer" "$tmp/nginx.out.err" "$tmp/dnsmasq.out.err"
# Lines of text, so that a parser has something to find in them.
seq 20000 >"$tmp/www/text"
some_traffic() {
	local host
	for host in $right4 "[$right6]"; do
		left curl -sfo /dev/null "http://$host/text" -o /dev/null "http://$host/small" || return
	done
	left curl -so /dev/null "http://$right4/none" -o /dev/null "http://$right4/none" || return
	left dig +time=5 "@$right4" one.selftest.test A two.selftest.test AAAA >/dev/null || return
	left dig +time=5 +tcp "@$right6" one.selftest.test A >/dev/null || return
	left ping -q -c 3 -i 0.1 -s 5000 $right4 >/dev/null || return
	left ping -q -c 3 -i 0.1 $right6 >/dev/null || return
	left iperf3 -c $right4 -n 300K >/dev/null && left iperf3 -u -c $right6 -n 100K >/dev/null
}
net_fix_neighbours
# Only what the programs below send: tcpdump begins before the experts do.
filter='tcp or udp or icmp or (icmp6 and ip6[40] >= 128 and ip6[40] <= 129)'
start_dump left veth-l "$all" "$filter"
# Parsers take a while to begin and their time for frames, too, and the rings must hold what
# comes meanwhile.
spawn "$tmp/live" left netexpert run --json --heap 256M -B 16384 -i veth-l -f "$filter" \
	protocol-distribution "${properties[@]}"
run_pid=$spawned
becomes 60 is_capturing "$tmp/live" || give_up "captures are attached" "$tmp/live" "$tmp/live.err"
some_traffic || give_up "the traffic flows"
stop_dump "$dump" "$all"
frames=$(tcpdump -nr "$all" 2>/dev/null | wc -l)
has_all() {
	equal "$(row "$tmp/live" "Protocol=(all)" Frames | tail -n 1)" "$frames"
}
have_read_all() {
	equal "$(netexpert stat --json | json_get - unread_bytes | sort -u)" 0
}
check "live reports come up to all frames" becomes 120 has_all
check "and the others have read all" becomes 120 have_read_all
stop "$run_pid"
check "the live run ends well" equal "$stopped" 0
check "it has lost nothing" equal \
	"$(json_get "$tmp/live" event_type=stats stats.final=true stats.lost | sort -u)" 0

check "a run on the file ends well" eval \
	'timeout $((300 * patience)) netexpert run --json --heap 256M -r "$all" protocol-distribution "${properties[@]}" >"$run"'
hierarchy "$all" >"$tmp/want"
check "there are messages of several frames in it" says 'tcp.segments' "$tmp/want"
protocols "$run" >"$tmp/got"
check "from a file: protocols are tshark's hierarchy" same "$tmp/want" "$tmp/got"
sort "$tmp/want" >"$tmp/want.sorted"
protocols "$tmp/live" | sort >"$tmp/live.sorted"
check "live: the same" same "$tmp/want.sorted" "$tmp/live.sorted"
tshark_of "$all" -T fields -E occurrence=a -E 'aggregator=|' "${fields[@]/#/-e}" >"$tmp/fields"
for i in "${!fields[@]}"; do
	check "from a file: ${fields[i]} is what tshark counts" finds_values "$run" $((i + 1))
	check "live: the same" finds_values "$tmp/live" $((i + 1))
done
port=${fields[0]}
ports() { cut -f 1 "$tmp/fields" | grep . | sort -n; }
check "a number's least, largest and mean" equal "$(for column in Min Max Mean '# of Frames'; do
	row "$run" "Property=$port" "$column" | head -n 1
done | xargs)" "$(ports | awk 'NR == 1 { least = $1 } { sum += $1 } END { print least, $1, int(sum / NR), NR }')"

# Experts report on what the user wants to see.
sees() { netexpert run --json --heap 256M -r "$all" -Y dns top-users=interval=86400 >"$run" 2>"$run.err"; }
check "a run with a display filter ends well" sees
check "an expert counts the frames that pass" equal "$(row "$run" 'Address=(all)' 'Frames sent')" \
	"$(tshark_of "$all" -Y dns | wc -l)"

check "an unknown option is told" refuses 'the options are interval= and table=' \
	protocol-distribution=top=5
check "no property is told" refuses 'say which property: property=NAME' property-distribution=top=5
check "an unknown property is told" refuses 'there is no property "no.such"' \
	property-distribution=property=no.such
check "nothing is left" left_nothing
